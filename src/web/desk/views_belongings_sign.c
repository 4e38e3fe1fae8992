/*
 * /desk/people/{id}/belongings/sign: the person and a staff member sign the list of belongings,
 * each with a typed name or a line drawn on a pad. …/sheet, and /me/belongings/sheet: the list on
 * paper: as it was signed, with both signatures; unsigned, with lines to sign on; with `return`, a
 * receipt of what was given back. What is signed is what was shown: the form carries the list's
 * revision. Threads: all state is the request's.
 */
#include "web/desk/belongings.h"

struct text desk_signer_role(const struct web_request *request, struct text role)
{
  static const struct {
    const char *role, *key;
  } roles[] = {{"patient", "consents.by_patient"},
               {"personal-representative", "consents.by_representative"},
               {"staff", "belongings.by_staff"}};
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
    if (text_equal(role, text_from(roles[i].role))) return view_text(request, roles[i].key);
  return role;
}

size_t desk_things_language(const struct web_request *request, struct text person_language)
{
  const struct catalog *catalog = request->application->catalog;
  size_t language = request->language;
  if (!catalog_language_find(catalog, web_parameter_get(request, "language"), &language) &&
      !catalog_language_find(catalog, person_language, &language))
    language = request->language;
  return language;
}

static struct value *fill_lines(const struct web_request *request, struct text words)
{
  struct value *list = value_list(request->arena);
  struct text line;
  while (text_split_next(&words, '\n', &line))
    if (!text_is_empty(text_trim(line))) value_add(list, value_text(request->arena, line));
  return list;
}

void desk_things_fill_words(const struct web_request *request, struct text words,
                            struct value *page)
{
  struct value *lines = fill_lines(request, words), *things = value_list(request->arena);
  size_t count = value_count(lines);
  for (size_t i = 1; i + 1 < count; i++) value_add(things, value_item(lines, i));
  view_set_text(request, page, "words_title",
                count ? value_text_get(value_item(lines, 0)) : TEXT(""));
  view_set_text(request, page, "words_end",
                count > 1 ? value_text_get(value_item(lines, count - 1)) : TEXT(""));
  value_set(page, "words", things);
}

/* --- Signing --------------------------------------------------------------------------------- */

static const struct desk_field fields[] = {
    {.name = "intake", .label = "belongings.title", .kind = DESK_HIDDEN},
    {.name = "language", .label = "consents.language", .kind = DESK_HIDDEN},
    {.name = "signed_by",
     .label = "consents.signed_by",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "signer",
     .label = "consents.signer",
     .help = "consents.signer_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED},
    {.name = "authority",
     .label = "consents.authority",
     .help = "belongings.authority_help",
     .kind = DESK_TEXT},
};
static const struct desk_mapping mappings[] = {
    {"error.signature.name", "signer"}, {"error.signature.authority", "authority"},
    {"error.signature.large", NULL},    {"error.signature.image", NULL},
    {"error.signature.missing", NULL},  {"error.belongings.both", NULL},
    {"error.belongings.changed", NULL}, {NULL, NULL}};

struct signing {
  struct desk_things things;
  struct desk_form *form;
  struct belongings_inventory list;
  size_t language;
};

static bool load_signing(struct store_transaction *transaction, void *context, struct error *error)
{
  struct signing *signing = context;
  struct desk_things *things = &signing->things;
  struct web_request *request = things->request;
  if (!desk_things_load(transaction, things, "write", error)) return false;
  if (!things->intake)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no intake has begun");
  signing->language = desk_things_language(request, things->about.person.language);
  return belongings_inventory_load(
      transaction, request->application->intakes, &things->about.access, request->arena,
      things->intake->id, catalog_language(request->application->catalog, signing->language),
      &signing->list, error);
}

struct signature desk_things_signature(const struct web_request *request, struct text signer,
                                       struct text role, const char *drawn)
{
  struct text strokes = web_parameter_get(request, drawn);
  return (struct signature){.method = strokes.length ? SIGNATURE_DRAWN : SIGNATURE_TYPED,
                            .signer = signer,
                            .role = role,
                            .image = strokes};
}

void desk_things_fill_pads(const struct web_request *request, bool keeps, struct value *page)
{
  view_set_text(request, page, "drawn", keeps ? web_parameter_get(request, "drawn") : TEXT(""));
  view_set_text(request, page, "drawn_staff",
                keeps ? web_parameter_get(request, "drawn_staff") : TEXT(""));
  view_set_text(request, page, "staff", request->actor->name);
  view_set_text(request, page, "pad_script",
                value_text_get(value_get(request->application->assets, TEXT("pad.js"))));
}

struct desk_choice *desk_things_signers(struct web_request *request)
{
  struct desk_choice *signers = arena_allocate_array(request->arena, 2, sizeof *signers);
  signers[0] = (struct desk_choice){TEXT("patient"), view_text(request, "consents.by_patient")};
  signers[1] = (struct desk_choice){TEXT("personal-representative"),
                                    view_text(request, "consents.by_representative")};
  return signers;
}

static bool sign(struct store_transaction *transaction, void *context, struct error *error)
{
  struct signing *signing = context;
  struct desk_things *things = &signing->things;
  struct web_request *request = things->request;
  struct belongings_signing made = {
      .revision = desk_form_version(signing->form),
      .language = desk_form_get(signing->form, "language"),
      .person = desk_things_signature(request, desk_form_get(signing->form, "signer"),
                                      desk_form_get(signing->form, "signed_by"), "drawn"),
      .staff = desk_things_signature(request, request->actor->name, TEXT("staff"), "drawn_staff")};
  made.person.authority = desk_form_get(signing->form, "authority");
  if (!desk_about_open(transaction, request, "belongings", "write", &things->about, error) ||
      !belongings_sign(transaction, request->application->intakes, &things->about.access,
                       request->arena, things->intake->id, &made, error))
    return false;
  desk_redirect(request, things->view, "/desk/people/%.*s/belongings/sheet?intake=%.*s",
                TEXT_PRINT(request->captured), TEXT_PRINT(things->intake->id));
  return true;
}

static bool show_signing(struct signing *signing, bool keeps)
{
  struct desk_things *things = &signing->things;
  struct web_request *request = things->request;
  desk_things_fill(things);
  struct value *page = things->view->page;
  desk_things_fill_words(request, signing->list.words, page);
  view_set_text(request, page, "words_language", signing->list.language);
  view_set_flag(request, page, "is_empty", signing->list.words.length == 0);
  desk_things_fill_pads(request, keeps, page);
  desk_form_set_version(signing->form, signing->list.revision);
  return desk_form_show(signing->form, things->view, "desk/belongings_sign");
}

static bool view_sign(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct signing signing = {.things = {.request = request, .view = view}, .form = &form};
  if (!desk_read(request, load_signing, &signing, error)) return false;
  DESK_FORM_INIT(&form, request, fields);
  desk_form_choices(&form, "signed_by", desk_things_signers(request), 2);
  if (request->method == WEB_GET) {
    desk_form_set(&form, "intake", signing.things.intake->id);
    desk_form_set(&form, "language", signing.list.language);
    desk_form_set(&form, "signed_by", TEXT("patient"));
    return show_signing(&signing, true);
  }
  if (!desk_form_read(&form)) return show_signing(&signing, true);
  if (desk_write(request, view, sign, &signing, error)) return true;
  bool has_changed = error->kind == ERROR_CONFLICT;
  if (!desk_form_take(&form, error, mappings)) return false;
  error_clear(error);
  if (has_changed && !desk_read(request, load_signing, &signing, error)) return false;
  show_signing(&signing, !has_changed);
  if (has_changed) view->status = 409;
  return true;
}

/* --- On paper -------------------------------------------------------------------------------- */

/* A receipt, under the record as it stands now, or as it was when it was signed. */
static bool load_receipt(struct store_transaction *transaction, struct desk_things *things,
                         struct text id, struct error *error)
{
  struct access *accesses;
  size_t count;
  if (!desk_about_members(transaction, &things->about, &accesses, &count, error)) return false;
  for (size_t i = 0; i < count; i++) {
    struct belongings_return receipt;
    if (belongings_return_load(transaction, &accesses[i], things->request->arena,
                               things->intake->id, id, &receipt, error)) {
      things->signing = (struct belongings_signing){.id = receipt.id,
                                                    .language = receipt.language,
                                                    .person = receipt.person,
                                                    .staff = receipt.staff,
                                                    .at = receipt.at};
      things->is_signed = things->is_current = true;
      return true;
    }
    if (error->kind != ERROR_NOT_FOUND || i + 1 == count) return false;
    error_clear(error);
  }
  return false;
}

static bool load_sheet(struct store_transaction *transaction, void *context, struct error *error)
{
  struct signing *sheet = context;
  struct desk_things *things = &sheet->things;
  struct web_request *request = things->request;
  if (!desk_things_load(transaction, things, "read", error)) return false;
  if (!things->intake)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no intake has begun");
  sheet->language = desk_things_language(request, things->about.person.language);
  struct text receipt = web_parameter_get(request, "return");
  if (receipt.length && !load_receipt(transaction, things, receipt, error)) return false;
  if (!things->is_signed)
    return belongings_inventory_load(
        transaction, request->application->intakes, &things->about.access, request->arena,
        things->intake->id, catalog_language(request->application->catalog, sheet->language),
        &sheet->list, error);
  sheet->list = (struct belongings_inventory){.words = things->signing.person.signed_bytes,
                                              .language = things->signing.language,
                                              .revision = things->signing.revision};
  (void)catalog_language_find(request->application->catalog, sheet->list.language,
                              &sheet->language);
  return true;
}

static void fill_signature(const struct web_request *in, const struct signature *signature,
                           struct value *list)
{
  struct value *out = value_object(in->arena), *lines = value_list(in->arena);
  const struct text *strokes;
  size_t count = 0;
  bool is_lines = signature->method == SIGNATURE_DRAWN &&
                  signature_strokes_read(in->arena, signature->image, &strokes, &count);
  struct text key = text_format(in->arena, "consents.method.%.*s",
                                TEXT_PRINT(signature_method_name(signature->method)));
  for (size_t i = 0; is_lines && i < count; i++)
    value_add(lines, value_text(in->arena, strokes[i]));
  value_set(out, "lines", lines);
  view_set_flag(in, out, "is_drawn", is_lines);
  view_set_text(in, out, "signer", signature->signer);
  view_set_text(in, out, "authority", signature->authority);
  view_set_text(in, out, "role", desk_signer_role(in, signature->role));
  view_set_text(in, out, "method", view_text(in, text_c(in->arena, key)));
  view_set_text(in, out, "hash", text_copy(in->arena, text_from(signature->sha256)));
  value_set(out, "at", desk_time(in, signature->at));
  value_add(list, out);
}

/* Where each thing went, for those that were on the list: beneath what was signed. */
static struct value *fill_places(const struct web_request *in, const struct desk_things *things)
{
  struct value *list = value_list(in->arena);
  for (size_t i = 0; i < things->row_count; i++) {
    const struct belonging *row = &things->rows[i];
    if (row->error_at) continue;
    struct value *item = value_object(in->arena);
    view_set_text(in, item, "thing", row->thing);
    view_set_text(in, item, "quantity", view_count(in->arena, row->quantity));
    view_set_text(in, item, "state", desk_things_word(in, "belongings-states", row->state, ""));
    value_add(list, item);
  }
  return list;
}

/* The sheet's own words, in its language, whatever the page around it speaks. */
static void fill_labels(const struct web_request *in, struct value *page)
{
  static const char *const names[] = {
      "name",      "birth",    "program",    "signatures", "role",      "signed",  "how",
      "on_behalf", "unsigned", "line_name",  "line_date",  "places",    "thing",   "quantity",
      "state",     "changed",  "given_back", "hash",       "by_person", "by_staff"};
  struct value *words = value_object(in->arena);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct text key = text_format(in->arena, "belongings.sheet.%s", names[i]);
    view_set_text(in, words, names[i], view_text(in, text_c(in->arena, key)));
  }
  value_set(page, "label", words);
}

static bool view_sheet(struct web_request *request, struct web_view *view, struct error *error)
{
  struct signing sheet = {.things = {.request = request, .view = view}};
  struct desk_things *things = &sheet.things;
  if (!desk_read(request, load_sheet, &sheet, error)) return false;
  struct web_request in = *request;
  in.language = sheet.language;
  struct value *signatures = value_list(request->arena);
  const struct person *person = &things->about.person;
  desk_things_fill(things);
  struct value *page = view->page;
  desk_things_fill_words(request, sheet.list.words, page);
  fill_labels(&in, page);
  if (things->is_signed) {
    fill_signature(&in, &things->signing.person, signatures);
    fill_signature(&in, &things->signing.staff, signatures);
  }
  struct text birth = person->identity.birth_date;
  view_set_text(request, page, "whose", person_full_name(request->arena, &person->identity));
  view_set_text(request, page, "birth", birth.length ? view_date(&in, birth) : TEXT(""));
  view_set_text(request, page, "program", desk_program_name(request, request->actor->program_id));
  view_set_text(request, page, "words_language", sheet.list.language);
  view_set_flag(request, page, "is_empty", sheet.list.words.length == 0);
  view_set_flag(request, page, "is_receipt", web_parameter_has(request, "return"));
  value_set(page, "signatures", signatures);
  value_set(page, "places", fill_places(&in, things));
  view->template_name = "desk/belongings_sheet";
  return true;
}

const struct web_route desk_belongings_sign_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/belongings/sign",
     .handler = view_sign,
     .body_limit = 2 * LIMIT_SIGNATURE_DRAWN + LIMIT_HTTP_BODY_FORM,
     .guard = "belongings",
     .get_act = "write",
     .post_act = "write"},
    {.methods = WEB_GET,
     .pattern = "/desk/people/{id}/belongings/sheet",
     .handler = view_sheet,
     .guard = "belongings",
     .get_act = "read"},
    {.methods = WEB_GET,
     .pattern = "/me/belongings/sheet",
     .handler = view_sheet,
     .guard = "belongings",
     .get_act = "read"},
    {.pattern = NULL}};
