/*
 * /desk/settings/packing: a program's own lines of its packing list, and which of ours it says, in
 * which order. /desk/settings/welcome: what
 * its welcome sheet says in its own words. Both in English and Spanish. Threads: all state is the
 * request's.
 */
#include "web/desk/people.h"
#include "web/packing_sheet.h"

static bool open_program(struct store_transaction *transaction, const struct web_request *request,
                         const char *act, struct access *out, struct error *error)
{
  if (!request->application->intakes)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no intakes are kept here");
  return access_open_list(transaction, request->application->privacy, request->actor, "program",
                          act, request->now, out, error);
}

/* --- Packing --------------------------------------------------------------------------------- */

static const struct desk_field line_fields[] = {
    {.name = "side", .label = "packing.side", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "kind", .label = "packing.kind", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "english",
     .label = "packing.english",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_PACKING_WORDS},
    {.name = "spanish",
     .label = "packing.spanish",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = LIMIT_PACKING_WORDS},
};
static const struct desk_mapping line_mappings[] = {
    {"error.packing.medicine", "side"}, {"error.packing.words", "spanish"},
    {"error.care.text", "english"},     {"error.packing.keep", NULL},
    {"error.care.code", NULL},          {NULL, NULL}};

struct packing {
  struct web_request *request;
  struct web_view *view;
  struct program program;
  struct packing_said said;
  struct packing_line line; /* what the form says */
  struct text id;           /* of our own lines which is taken back, or "" */
  struct text item, act;    /* of our lines which, and what: hide, say, up, down; or "" */
};

static bool load_lines(struct store_transaction *transaction, void *context, struct error *error)
{
  struct packing *packing = context;
  struct web_request *request = packing->request;
  struct access access;
  return open_program(transaction, request, "read", &access, error) &&
         program_load(transaction, &access, request->arena, &packing->program, error) &&
         packing_said_load(transaction, request->arena, access.program_id, &packing->said, error);
}

static bool is_choice(struct text act)
{
  static const char *const acts[] = {"hide", "say", "up", "down"};
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    if (text_equal(act, text_from(acts[i]))) return true;
  return false;
}

/* One of our lines: left out, said again, or a place up or down. */
static bool choose_item(struct store_transaction *transaction, const struct packing *packing,
                        const struct access *access, struct error *error)
{
  struct web_request *request = packing->request;
  const struct intakes *intakes = request->application->intakes;
  bool is_up = text_equal(packing->act, TEXT("up"));
  if (is_up || text_equal(packing->act, TEXT("down")))
    return packing_item_move(transaction, intakes, access, request->arena, packing->program.kind,
                             packing->item, is_up, error);
  return packing_item_hide(transaction, intakes, access, packing->item,
                           text_equal(packing->act, TEXT("hide")), error);
}

static bool save_line(struct store_transaction *transaction, void *context, struct error *error)
{
  struct packing *packing = context;
  struct web_request *request = packing->request;
  struct packing_line made = packing->line;
  struct access access;
  if (!open_program(transaction, request, "write", &access, error)) return false;
  if (is_choice(packing->act)) {
    desk_redirect(request, packing->view, "/desk/settings/packing");
    packing->view->redirect =
        text_format(request->arena, "%.*s#ours", TEXT_PRINT(packing->view->redirect));
    return choose_item(transaction, packing, &access, error);
  }
  bool is_done = packing->id.length
                     ? packing_line_end(transaction, &access, packing->id, error)
                     : packing_line_add(transaction, &access, request->arena, &made, error);
  if (is_done) desk_redirect(request, packing->view, "/desk/settings/packing");
  return is_done;
}

static void offer(struct desk_form *form)
{
  static const char *const codes[] = {"bring", "leave", "medicine", "paper", "thing"};
  struct web_request *request = form->request;
  struct desk_choice *choices = arena_allocate_array(request->arena, 5, sizeof *choices);
  for (size_t i = 0; i < 5; i++) {
    struct text key =
        text_format(request->arena, "packing.%s.%s", i < 2 ? "side" : "kind", codes[i]);
    choices[i] =
        (struct desk_choice){text_from(codes[i]), view_text(request, text_c(request->arena, key))};
  }
  desk_form_choices(form, "side", choices, 2);
  desk_form_choices(form, "kind", choices + 2, 3);
}

/* Our lines, group by group, as they are said; with those that are left out. */
static void fill_ours(const struct packing *packing, struct value *page)
{
  static const char *const kinds[] = {"medicine", "paper", "thing", ""};
  const struct web_request *request = packing->request;
  const struct intake_rules *rules = intakes_rules(request->application->intakes);
  const struct packing_said *said = &packing->said;
  const struct packing_item **ours =
      arena_allocate_array(request->arena, packing_items_count(rules) + 1, sizeof *ours);
  struct value *list = value_list(request->arena);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    size_t count = packing_order(rules, packing->program.kind, text_from(kinds[k]), said->choices,
                                 said->choice_count, true, ours);
    struct text key =
        text_format(request->arena, "packing.kind.%s", *kinds[k] ? kinds[k] : "leave");
    for (size_t i = 0; i < count; i++) {
      struct value *item = value_object(request->arena);
      struct text words =
          text_format(request->arena, "packing-list.%.*s", TEXT_PRINT(ours[i]->code));
      view_set_text(request, item, "item", ours[i]->code);
      view_set_text(request, item, "label", view_text(request, text_c(request->arena, words)));
      view_set_text(request, item, "group", view_text(request, text_c(request->arena, key)));
      view_set_flag(request, item, "is_hidden",
                    packing_is_hidden(said->choices, said->choice_count, ours[i]->code));
      view_set_flag(request, item, "may_hide", !text_equal(ours[i]->kind, TEXT("medicine")));
      view_set_flag(request, item, "may_up", i > 0);
      view_set_flag(request, item, "may_down", i + 1 < count);
      value_add(list, item);
    }
  }
  value_set(page, "ours", list);
}

static bool show_lines(const struct packing *packing, const struct desk_form *form)
{
  const struct web_request *request = packing->request;
  struct value *page = packing->view->page = value_object(request->arena);
  struct value *lines = value_list(request->arena);
  for (size_t i = 0; i < packing->said.line_count; i++) {
    const struct packing_line *line = &packing->said.lines[i];
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "line", line->id);
    view_set_text(
        request, item, "side",
        view_text(request, line->is_brought ? "packing.side.bring" : "packing.side.leave"));
    view_set_text(request, item, "english", line->words[0]);
    view_set_text(request, item, "spanish", line->words[1]);
    value_add(lines, item);
  }
  value_set(page, "lines", lines);
  view_set_flag(request, page, "any", packing->said.line_count > 0);
  fill_ours(packing, page);
  view_set_text(request, page, "program_id", packing->program.id);
  packing_sheet_fill(request, packing->program.kind, &packing->said, page);
  return desk_form_show(form, packing->view, "desk/settings_packing");
}

static bool view_lines(struct web_request *request, struct web_view *view, struct error *error)
{
  struct packing packing = {.request = request, .view = view};
  struct desk_form form;
  if (!desk_read(request, load_lines, &packing, error)) return false;
  DESK_FORM_INIT(&form, request, line_fields);
  offer(&form);
  desk_form_set(&form, "side", TEXT("bring"));
  desk_form_set(&form, "kind", TEXT("thing"));
  if (request->method == WEB_GET) return show_lines(&packing, &form);
  packing.act = web_parameter_get(request, "act");
  packing.id = TEXT("");
  if (is_choice(packing.act)) {
    packing.item = web_parameter_get(request, "item");
  } else if (text_equal(packing.act, TEXT("end"))) {
    packing.id = web_parameter_get(request, "line");
    if (!uuid_is_valid(packing.id))
      return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such line");
  } else {
    if (!desk_form_read(&form)) return show_lines(&packing, &form);
    packing.line = (struct packing_line){
        .is_brought = text_equal(desk_form_get(&form, "side"), TEXT("bring")),
        .kind = desk_form_get(&form, "kind"),
        .words = {desk_form_get(&form, "english"), desk_form_get(&form, "spanish")}};
  }
  if (desk_write(request, view, save_line, &packing, error)) return true;
  return desk_form_take(&form, error, line_mappings) && show_lines(&packing, &form);
}

/* --- The welcome ----------------------------------------------------------------------------- */

static const struct desk_field part_fields[] = {
    {.name = "part", .label = "welcome.settings", .kind = DESK_HIDDEN},
    {.name = "english",
     .label = "packing.english",
     .help = "welcome.words_help",
     .kind = DESK_LINES,
     .longest = LIMIT_WELCOME_WORDS},
    {.name = "spanish",
     .label = "packing.spanish",
     .help = "welcome.words_help",
     .kind = DESK_LINES,
     .longest = LIMIT_WELCOME_WORDS},
};
static const struct desk_mapping part_mappings[] = {
    {"error.packing.words", "spanish"}, {"error.care.text", "english"}, {NULL, NULL}};

struct welcome {
  struct web_request *request;
  struct web_view *view;
  struct program program;
  struct welcome_words *all;
  size_t count;
  const struct welcome_part *part; /* that is being written, or NULL */
  struct welcome_words words;
};

static bool load_words(struct store_transaction *transaction, void *context, struct error *error)
{
  struct welcome *welcome = context;
  struct web_request *request = welcome->request;
  struct access access;
  return open_program(transaction, request, "read", &access, error) &&
         program_load(transaction, &access, request->arena, &welcome->program, error) &&
         welcome_words_list(transaction, request->arena, access.program_id, &welcome->all,
                            &welcome->count, error);
}

static bool save_words(struct store_transaction *transaction, void *context, struct error *error)
{
  struct welcome *welcome = context;
  struct web_request *request = welcome->request;
  struct access access;
  if (!open_program(transaction, request, "write", &access, error) ||
      !welcome_words_save(transaction, request->application->intakes, &access, &welcome->words,
                          error))
    return false;
  desk_redirect(request, welcome->view, "/desk/settings/welcome");
  return true;
}

/* What the program says of a part now; version 0 when it says nothing. */
static struct welcome_words words_of(const struct welcome *welcome, struct text part)
{
  for (size_t i = 0; i < welcome->count; i++)
    if (text_equal(welcome->all[i].part, part)) return welcome->all[i];
  return (struct welcome_words){.part = part, .words = {TEXT(""), TEXT("")}};
}

static struct text ours(const struct web_request *request, struct text part, const char *after,
                        size_t language)
{
  struct text key = text_format(request->arena, "welcome-parts.%.*s%s", TEXT_PRINT(part), after);
  return catalog_text(request->application->catalog, language, text_c(request->arena, key));
}

static void fill_parts(const struct welcome *welcome)
{
  const struct web_request *request = welcome->request;
  const struct intake_rules *rules = intakes_rules(request->application->intakes);
  struct value *list = value_list(request->arena), *page = welcome->view->page;
  for (size_t i = 0; i < welcome_parts_count(rules); i++) {
    const struct welcome_part *part = welcome_parts_get(rules, i);
    if (!coverage_words_have(&part->programs, welcome->program.kind)) continue;
    struct welcome_words said = words_of(welcome, part->code);
    bool is_own = said.words[0].length > 0;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "part", part->code);
    view_set_text(request, item, "title", ours(request, part->code, "", request->language));
    view_set_text(request, item, "words",
                  is_own ? packing_own(request, said.words)
                         : ours(request, part->code, ".words", request->language));
    view_set_flag(request, item, "is_own", is_own);
    value_add(list, item);
  }
  value_set(page, "parts", list);
}

static void put_words(struct desk_form *form, const struct welcome_words *words)
{
  desk_form_set(form, "part", words->part);
  desk_form_set(form, "english", words->words[0]);
  desk_form_set(form, "spanish", words->words[1]);
  desk_form_set_version(form, words->version);
}

static bool show_words(const struct welcome *welcome, const struct desk_form *form)
{
  const struct web_request *request = welcome->request;
  welcome->view->page = value_object(request->arena);
  fill_parts(welcome);
  view_set_text(request, welcome->view->page, "part",
                welcome->part ? welcome->part->code : TEXT(""));
  view_set_text(request, welcome->view->page, "part_title",
                welcome->part ? ours(request, welcome->part->code, "", request->language)
                              : TEXT(""));
  return desk_form_show(form, welcome->view, "desk/settings_welcome");
}

static bool view_words(struct web_request *request, struct web_view *view, struct error *error)
{
  struct welcome welcome = {.request = request, .view = view};
  struct desk_form form, now;
  if (!desk_read(request, load_words, &welcome, error)) return false;
  struct text part = web_parameter_get(request, "part");
  welcome.part = welcome_parts_find(intakes_rules(request->application->intakes), part);
  if (!welcome.part && (part.length || request->method == WEB_POST))
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such part of a welcome");
  DESK_FORM_INIT(&form, request, part_fields);
  struct welcome_words stands = words_of(&welcome, part);
  if (request->method == WEB_GET) {
    if (stands.version == 0 || stands.words[0].length == 0)
      for (size_t i = 0; welcome.part && i < 2 && i < request->application->language_count; i++)
        stands.words[i] = ours(request, part, ".words", i); /* ours, to begin with */
    put_words(&form, &stands);
    return show_words(&welcome, &form);
  }
  if (!desk_form_read(&form)) return show_words(&welcome, &form);
  welcome.words = (struct welcome_words){
      .part = part,
      .words = {desk_form_get(&form, "english"), desk_form_get(&form, "spanish")},
      .version = desk_form_version(&form)};
  if (desk_write(request, view, save_words, &welcome, error)) return true;
  if (error->kind != ERROR_CONFLICT)
    return desk_form_take(&form, error, part_mappings) && show_words(&welcome, &form);
  error_clear(error);
  if (!desk_read(request, load_words, &welcome, error)) return false;
  stands = words_of(&welcome, part);
  DESK_FORM_INIT(&now, request, part_fields);
  put_words(&now, &stands);
  desk_form_conflict(&form, &now);
  show_words(&welcome, &form);
  view->status = 409;
  return true;
}

const struct web_route desk_handout_settings_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                          .pattern = "/desk/settings/packing",
                                                          .handler = view_lines,
                                                          .guard = "program",
                                                          .get_act = "write",
                                                          .post_act = "write"},
                                                         {.methods = WEB_GET | WEB_POST,
                                                          .pattern = "/desk/settings/welcome",
                                                          .handler = view_words,
                                                          .guard = "program",
                                                          .get_act = "write",
                                                          .post_act = "write",
                                                          .flags = WEB_LINES},
                                                         {.pattern = NULL}};
