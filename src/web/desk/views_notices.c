/*
 * /desk/people/{id}/notices: the notice of rights (42 CFR 2.22) in the person's language, to read
 * and to print; that it was offered, with their signature or the reason why there is none; and when
 * it was offered before. Threads: all state is the request's.
 */
#include "web/desk/about.h"

static const struct desk_field fields[] = {
    {.name = "version", .label = "notices.version", .kind = DESK_HIDDEN},
    {.name = "language", .label = "notices.language", .kind = DESK_HIDDEN},
    {.name = "how", .label = "notices.how", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "signer", .label = "notices.signer", .help = "notices.signer_help", .kind = DESK_TEXT},
    {.name = "reason", .label = "notices.reason", .help = "notices.reason_help", .kind = DESK_TEXT},
};
static const struct desk_mapping mappings[] = {{"error.notice.reason", "reason"},
                                               {"error.notice.version", "how"},
                                               {"error.signature.name", "signer"},
                                               {NULL, NULL}};
static const char *const hows[] = {"given", "declined", "unable"};
enum { HOWS = sizeof hows / sizeof *hows };

struct offering {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct desk_form *form;
  struct notice notice;
  struct notice_given *rows;
  size_t count;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct offering *offering = context;
  struct web_request *request = offering->request;
  return desk_about_open(transaction, request, "consent", "read", &offering->about, error) &&
         notice_list(transaction, &offering->about.access, request->arena, &offering->rows,
                     &offering->count, error);
}

/* --- The words ------------------------------------------------------------------------------- */

/* Answers the block's list of items. */
static struct value *add_block(struct web_request *request, struct value *blocks,
                               struct text heading, struct text text, bool has_items)
{
  struct value *block = value_object(request->arena), *items = value_list(request->arena);
  view_set_text(request, block, "heading", heading);
  view_set_text(request, block, "text", text);
  view_set_flag(request, block, "has_items", has_items);
  value_set(block, "items", items);
  value_add(blocks, block);
  return items;
}

/* Headings, paragraphs and lists of a notice; nothing else of Markdown stands in one. */
static struct value *fill_words(struct web_request *request, struct text rest)
{
  struct value *blocks = value_list(request->arena), *items = NULL;
  struct text line;
  while (text_split_next(&rest, '\n', &line)) {
    line = text_trim(line);
    if (text_starts_with(line, TEXT("- "))) {
      if (!items) items = add_block(request, blocks, TEXT(""), TEXT(""), true);
      value_add(items, value_text(request->arena, text_slice(line, 2, line.length)));
      continue;
    }
    items = NULL;
    if (text_starts_with(line, TEXT("## ")))
      add_block(request, blocks, text_slice(line, 3, line.length), TEXT(""), false);
    else if (line.length) add_block(request, blocks, TEXT(""), line, false);
  }
  return blocks;
}

static struct text how_label(const struct web_request *request, struct text how)
{
  struct text key = text_format(request->arena, "notices.how.%.*s", TEXT_PRINT(how));
  return view_text(request, text_c(request->arena, key));
}

static void offer(struct offering *offering)
{
  struct web_request *request = offering->request;
  struct desk_choice *choices = arena_allocate_array(request->arena, HOWS, sizeof *choices);
  for (size_t i = 0; i < HOWS; i++)
    choices[i] = (struct desk_choice){text_from(hows[i]), how_label(request, text_from(hows[i]))};
  desk_form_choices(offering->form, "how", choices, HOWS);
}

static struct value *fill_rows(const struct offering *offering)
{
  struct web_request *request = offering->request;
  struct value *rows = value_list(request->arena);
  for (size_t i = 0; i < offering->count; i++) {
    const struct notice_given *given = &offering->rows[i];
    struct value *row = value_object(request->arena);
    value_set(row, "at", desk_time(request, given->at));
    view_set_text(request, row, "version", given->version);
    view_set_text(request, row, "language",
                  view_text(request, text_equal(given->language, TEXT("es")) ? "consents.spanish"
                                                                             : "consents.english"));
    view_set_text(request, row, "how", how_label(request, given->how));
    view_set_text(request, row, "why",
                  given->signature_id.length ? view_text(request, "notices.has_signature")
                                             : given->reason);
    value_add(rows, row);
  }
  return rows;
}

static bool show(struct offering *offering, struct web_view *view)
{
  struct web_request *request = offering->request;
  const struct notice *notice = &offering->notice;
  bool is_spanish = text_equal(notice->language, TEXT("es"));
  if (!view->page) view->page = value_object(request->arena);
  desk_about_fill(&offering->about, view->page);
  value_set(view->page, "words", fill_words(request, notice->body));
  value_set(view->page, "rows", fill_rows(offering));
  view_set_flag(request, view->page, "has_rows", offering->count > 0);
  view_set_text(request, view->page, "notice_title", notice->title);
  view_set_text(request, view->page, "notice_version", notice->version);
  view_set_text(request, view->page, "notice_language", notice->language);
  view_set_text(request, view->page, "other", is_spanish ? TEXT("en") : TEXT("es"));
  view_set_text(request, view->page, "other_label",
                view_text(request, is_spanish ? "consents.english" : "consents.spanish"));
  view_set_flag(request, view->page, "is_unsigned", notice->is_unsigned);
  view_set_flag(request, view->page, "may_write", desk_may(request, "consent", "write"));
  return desk_form_show(offering->form, view, "desk/notices");
}

/* --- Giving ---------------------------------------------------------------------------------- */

/* Keep the signature, when there is one, and that the notice was offered. */
static bool keep(struct store_transaction *transaction, void *context, struct error *error)
{
  struct offering *offering = context;
  struct web_request *request = offering->request;
  const struct notice *notice = &offering->notice;
  struct text signer = desk_form_get(offering->form, "signer");
  struct notice_given given = {.version = desk_form_get(offering->form, "version"),
                               .language = notice->language,
                               .how = desk_form_get(offering->form, "how"),
                               .reason = desk_form_get(offering->form, "reason")};
  struct signature signature = {.method = SIGNATURE_TYPED,
                                .signer = signer,
                                .role = TEXT("patient"),
                                .signed_bytes = text_format(request->arena, "# %.*s\n\n%.*s\n",
                                                            TEXT_PRINT(notice->title),
                                                            TEXT_PRINT(notice->body))};
  if (!desk_about_open(transaction, request, "consent", "write", &offering->about, error))
    return false;
  if (signer.length &&
      !signature_create(transaction, &offering->about.access, &signature, request->arena, error))
    return false;
  given.signature_id = signature.id;
  if (!notice_record(transaction, &offering->about.access, &given, request->arena, error))
    return false;
  desk_redirect(request, offering->view, "%.*s", TEXT_PRINT(request->path));
  return true;
}

static bool view_notices(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct offering offering = {.request = request, .view = view, .form = &form};
  struct text language = web_parameter_get(request, "language");
  if (!desk_read(request, load, &offering, error)) return false;
  if (text_is_empty(language)) language = offering.about.person.language;
  if (!notice_current(request->application->privacy, language, request->now, &offering.notice,
                      error))
    return false;
  DESK_FORM_INIT(&form, request, fields);
  offer(&offering);
  if (request->method == WEB_GET) {
    desk_form_set(&form, "version", offering.notice.version);
    desk_form_set(&form, "language", offering.notice.language);
    return show(&offering, view);
  }
  if (!desk_form_read(&form)) return show(&offering, view);
  if (desk_write(request, view, keep, &offering, error)) return true;
  return desk_form_take(&form, error, mappings) && show(&offering, view);
}

const struct web_route desk_notice_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/notices",
                                                .handler = view_notices,
                                                .guard = "consent",
                                                .get_act = "read",
                                                .post_act = "write"},
                                               {.pattern = NULL}};
