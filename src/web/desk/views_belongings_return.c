/*
 * /desk/people/{id}/belongings/return: giving back what is left, in two steps: what is given back
 * and to whom; then the receipt in the person's language, which both sign with a typed name or a
 * line drawn on a pad. Nobody has to sign: then it says why, and there is no second step. What is
 * signed is what was shown: the form carries the things as they were, and the receipt's hash.
 * Threads: all state is the request's.
 */

#include "web/desk/belongings.h"

/* Who signs is asked in the second step, and needed there. */
#define FIELDS(flags_of_signer)                                                                    \
  {                                                                                                \
    {.name = "intake", .label = "belongings.title", .kind = DESK_HIDDEN},                          \
        {.name = "things",                                                                         \
         .label = "belongings.return_things",                                                      \
         .kind = DESK_CHOICES,                                                                     \
         .flags = DESK_REQUIRED},                                                                  \
        {.name = "words",                                                                          \
         .label = "belongings.return_to",                                                          \
         .help = "belongings.return_to_help",                                                      \
         .kind = DESK_TEXT,                                                                        \
         .flags = DESK_REQUIRED},                                                                  \
        {.name = "signed_by",                                                                      \
         .label = "belongings.return_signs",                                                       \
         .kind = DESK_CHOICE,                                                                      \
         .flags = DESK_REQUIRED},                                                                  \
        {.name = "why",                                                                            \
         .label = "belongings.return_why",                                                         \
         .help = "belongings.return_why_help",                                                     \
         .kind = DESK_CHOICE},                                                                     \
        {.name = "signer",                                                                         \
         .label = "consents.signer",                                                               \
         .help = "consents.signer_help",                                                           \
         .kind = DESK_TEXT,                                                                        \
         .flags = (flags_of_signer)},                                                              \
        {.name = "authority",                                                                      \
         .label = "consents.authority",                                                            \
         .help = "belongings.authority_help",                                                      \
         .kind = DESK_TEXT},                                                                       \
  }
static const struct desk_field fields[] = FIELDS(0), signing_fields[] = FIELDS(DESK_REQUIRED);
static const struct desk_mapping mappings[] = {{"error.intake.stale", "things"},
                                               {"error.belongings.state", "things"},
                                               {"error.belongings.missing", "things"},
                                               {"error.belongings.none", "things"},
                                               {"error.care.text", "words"},
                                               {"error.care.long", "words"},
                                               {"error.belongings.unsigned", "why"},
                                               {"error.signature.name", "signer"},
                                               {"error.signature.authority", "authority"},
                                               {"error.signature.large", NULL},
                                               {"error.signature.image", NULL},
                                               {"error.signature.missing", NULL},
                                               {"error.belongings.both", NULL},
                                               {"error.belongings.changed", NULL},
                                               {NULL, NULL}};

struct returning {
  struct desk_things things;
  struct desk_form *form;
  struct text language; /* of the receipt */
  struct text receipt;
  bool is_signing; /* the second step */
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct returning *returning = context;
  return desk_things_load(transaction, &returning->things, "write", error);
}

/* A thing as it was shown: its id and version. */
static struct text as_shown(const struct web_request *request, const struct belonging *row)
{
  return text_format(request->arena, "%.*s.%lld", TEXT_PRINT(row->id), (long long)row->version);
}

static bool read_shown(struct text shown, struct belongings_shown *out)
{
  size_t dot = 0;
  while (dot < shown.length && shown.at[dot] != '.') dot++;
  out->id = text_slice(shown, 0, dot);
  return dot < shown.length &&
         text_read_integer(text_slice(shown, dot + 1, shown.length), &out->version);
}

static bool may_return(const struct web_request *request, const struct belonging *row)
{
  const struct belongings_state *state =
      belongings_states_find(intakes_rules(request->application->intakes), row->state);
  return row->error_at == 0 && state && coverage_words_have(&state->next, TEXT("returned"));
}

/* What the form says, with the things as they were shown. */
static struct belongings_return read_given(const struct returning *returning)
{
  struct web_request *request = returning->things.request;
  const struct text *shown;
  size_t count = desk_form_all(returning->form, "things", &shown);
  struct belongings_shown *things = arena_allocate_array(request->arena, count + 1, sizeof *things);
  for (size_t i = 0; i < count; i++)
    if (!read_shown(shown[i], &things[i])) things[i] = (struct belongings_shown){TEXT(""), 0};
  return (struct belongings_return){.things = things,
                                    .count = count,
                                    .words = desk_form_get(returning->form, "words"),
                                    .language = returning->language,
                                    .reason = TEXT("")};
}

static bool load_receipt(struct store_transaction *transaction, void *context, struct error *error)
{
  struct returning *returning = context;
  struct desk_things *things = &returning->things;
  struct web_request *request = things->request;
  const struct belongings_return given = read_given(returning);
  return desk_about_open(transaction, request, "belongings", "write", &things->about, error) &&
         belongings_receipt_load(transaction, request->application->intakes, &things->about.access,
                                 request->arena, things->intake->id, &given, &returning->receipt,
                                 error);
}

static bool is_nobody(const struct returning *returning)
{
  return text_equal(desk_form_get(returning->form, "signed_by"), TEXT("nobody"));
}

static bool give_back(struct store_transaction *transaction, void *context, struct error *error)
{
  struct returning *returning = context;
  struct desk_things *things = &returning->things;
  struct web_request *request = things->request;
  struct desk_form *form = returning->form;
  struct belongings_return given = read_given(returning);
  if (is_nobody(returning)) {
    given.reason = desk_form_get(form, "why");
  } else {
    given.sha256 = web_parameter_get(request, "receipt");
    given.person = desk_things_signature(request, desk_form_get(form, "signer"),
                                         desk_form_get(form, "signed_by"), "drawn");
    given.person.authority = desk_form_get(form, "authority");
    given.staff =
        desk_things_signature(request, request->actor->name, TEXT("staff"), "drawn_staff");
  }
  if (!desk_about_open(transaction, request, "belongings", "write", &things->about, error) ||
      !belongings_give_back(transaction, request->application->intakes, &things->about.access,
                            request->arena, things->intake->id, &given, error))
    return false;
  if (given.reason.length)
    desk_redirect(request, things->view, "/desk/people/%.*s/belongings?intake=%.*s",
                  TEXT_PRINT(request->captured), TEXT_PRINT(things->intake->id));
  else
    desk_redirect(
        request, things->view, "/desk/people/%.*s/belongings/sheet?intake=%.*s&return=%.*s",
        TEXT_PRINT(request->captured), TEXT_PRINT(things->intake->id), TEXT_PRINT(given.id));
  return true;
}

/* What can be given back now; `sent`: and what a form that is sent again names, of which
 * desk_write() and the room judge. Answers how many there are now. */
static size_t offer_return(struct desk_form *form, const struct desk_things *things, bool sent)
{
  struct web_request *request = form->request;
  const struct text *values = NULL;
  size_t sent_count = sent ? web_parameter_all(request, "things", &values) : 0, count = 0;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, things->row_count + sent_count + 1, sizeof *choices);
  for (size_t i = 0; i < things->row_count; i++) {
    const struct belonging *row = &things->rows[i];
    if (!may_return(request, row)) continue;
    choices[count++] = (struct desk_choice){
        as_shown(request, row), text_format(request->arena, "%.*s (%lld)", TEXT_PRINT(row->thing),
                                            (long long)row->quantity)};
  }
  size_t used = count;
  for (size_t i = 0; i < sent_count; i++) {
    struct belongings_shown move;
    bool is_known = false;
    for (size_t k = 0; k < things->row_count && read_shown(values[i], &move); k++)
      is_known = is_known || text_equal(things->rows[k].id, move.id);
    if (is_known) choices[used++] = (struct desk_choice){values[i], TEXT("")};
  }
  desk_form_choices(form, "things", choices, used);
  return count;
}

static void offer_signing(struct desk_form *form)
{
  struct web_request *request = form->request;
  const struct intake_rules *rules = intakes_rules(request->application->intakes);
  size_t count = belongings_unsigned_count(rules);
  struct desk_choice *signers = arena_allocate_array(request->arena, 3, sizeof *signers);
  struct desk_choice *whys = arena_allocate_array(request->arena, count + 1, sizeof *whys);
  const struct desk_choice *two = desk_things_signers(request);
  signers[0] = two[0];
  signers[1] = two[1];
  signers[2] = (struct desk_choice){TEXT("nobody"), view_text(request, "belongings.return_nobody")};
  for (size_t i = 0; i < count; i++) {
    struct text code = belongings_unsigned_get(rules, i);
    whys[i] =
        (struct desk_choice){code, desk_things_word(request, "belongings-unsigned", code, "")};
  }
  desk_form_choices(form, "signed_by", signers, 3);
  desk_form_choices(form, "why", whys, count);
}

/* --- The pages ------------------------------------------------------------------------------- */

static void keep(const struct web_request *request, struct value *list, const char *name,
                 struct text value)
{
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "name", text_from(name));
  view_set_text(request, item, "value", value);
  value_add(list, item);
}

/* The first step's fields, and the receipt's hash, carried along by the second. */
static void fill_kept(const struct returning *returning, struct value *page)
{
  struct web_request *request = returning->things.request;
  struct value *list = value_list(request->arena);
  const struct text *shown;
  char hash[HASH_TEXT];
  size_t count = desk_form_all(returning->form, "things", &shown);
  for (size_t i = 0; i < count; i++) keep(request, list, "things", shown[i]);
  keep(request, list, "words", desk_form_get(returning->form, "words"));
  keep(request, list, "signed_by", desk_form_get(returning->form, "signed_by"));
  keep(request, list, "language", returning->language);
  hash_sha256(returning->receipt, hash);
  keep(request, list, "receipt", text_copy(request->arena, text_from(hash)));
  value_set(page, "kept", list);
}

static bool show(struct returning *returning, size_t count)
{
  struct desk_things *things = &returning->things;
  struct web_request *request = things->request;
  desk_things_fill(things);
  struct value *page = things->view->page;
  view_set_flag(request, page, "any_return", count > 0);
  view_set_flag(request, page, "is_signing", returning->is_signing);
  if (returning->is_signing) {
    returning->form->fields = signing_fields; /* the same, in the same order */
    desk_things_fill_words(request, returning->receipt, page);
    view_set_text(request, page, "words_language", returning->language);
    desk_things_fill_pads(request, true, page);
    fill_kept(returning, page);
  }
  return desk_form_show(returning->form, things->view,
                        returning->is_signing ? "desk/belongings_return_sign"
                                              : "desk/belongings_return");
}

/* Refused: the first step again, with what is there now; of a signature alone, the second. */
static bool show_refusal(struct returning *returning, struct error *error)
{
  struct web_request *request = returning->things.request;
  bool is_signature =
      error->person && text_starts_with(text_from(error->person), TEXT("error.signature."));
  bool has_changed = error->kind == ERROR_CONFLICT;
  if (!desk_form_take(returning->form, error, mappings)) return false;
  error_clear(error);
  if (!desk_read(request, load, &returning->things, error)) return false;
  returning->is_signing = is_signature && desk_read(request, load_receipt, returning, error);
  error_clear(error);
  size_t count = offer_return(returning->form, &returning->things, returning->is_signing);
  (void)show(returning, count);
  if (has_changed) returning->things.view->status = 409;
  return true;
}

static bool answer(struct returning *returning, size_t count, struct error *error)
{
  struct desk_things *things = &returning->things;
  struct web_request *request = things->request;
  bool signs = text_equal(web_parameter_get(request, "act"), TEXT("sign"));
  if (signs) returning->form->fields = signing_fields;
  if (!desk_form_read(returning->form)) {
    returning->is_signing = signs && desk_read(request, load_receipt, returning, error);
    error_clear(error);
    return show(returning, count);
  }
  if (is_nobody(returning)) {
    if (desk_form_get(returning->form, "why").length == 0) {
      desk_form_refuse(returning->form, "why", "error.belongings.unsigned");
      return show(returning, count);
    }
    return desk_write(request, things->view, give_back, returning, error) ||
           show_refusal(returning, error);
  }
  if (signs)
    return desk_write(request, things->view, give_back, returning, error) ||
           show_refusal(returning, error);
  if (!desk_read(request, load_receipt, returning, error)) return show_refusal(returning, error);
  returning->is_signing = true;
  return show(returning, count);
}

static bool view_return(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct returning returning = {
      .things = {.request = request, .view = view}, .form = &form, .receipt = TEXT("")};
  struct desk_things *things = &returning.things;
  if (!desk_read(request, load, &returning, error)) return false;
  if (!things->intake)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no intake has begun");
  returning.language = catalog_language(
      request->application->catalog, desk_things_language(request, things->about.person.language));
  DESK_FORM_INIT(&form, request, fields);
  offer_signing(&form);
  size_t count = offer_return(&form, things, request->method == WEB_POST);
  if (request->method == WEB_POST) return answer(&returning, count, error);
  desk_form_set(&form, "intake", things->intake->id);
  desk_form_set(&form, "signed_by", TEXT("patient"));
  for (size_t i = 0; i < things->row_count; i++)
    if (may_return(request, &things->rows[i]))
      desk_form_set(&form, "things", as_shown(request, &things->rows[i]));
  return show(&returning, count);
}

const struct web_route desk_belongings_return_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/belongings/return",
     .handler = view_return,
     .body_limit = 2 * LIMIT_SIGNATURE_DRAWN + LIMIT_HTTP_BODY_FORM,
     .guard = "belongings",
     .get_act = "write",
     .post_act = "write"},
    {.pattern = NULL}};
