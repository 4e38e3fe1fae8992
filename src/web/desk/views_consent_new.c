/*
 * /desk/people/{id}/consent: a new one, in two steps on one page: what it says, then its words with
 * the signature: a typed name, a line drawn on the pad, or a scan of the signed paper. What is
 * signed is what was shown: the form carries the hash of the words, and asks again when they
 * changed. Threads: all state is the request's.
 */

#include "web/desk/about.h"

static const struct desk_field fields[] = {
    {.name = "kind", .label = "consents.kind", .kind = DESK_HIDDEN},
    {.name = "language", .label = "consents.language", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "disclosers",
     .label = "consents.disclosers",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS},
    {.name = "description",
     .label = "consents.description",
     .help = "consents.description_help",
     .kind = DESK_LINES},
    {.name = "documents",
     .label = "consents.documents",
     .help = "consents.documents_help",
     .kind = DESK_CHOICES},
    {.name = "labels",
     .label = "consents.labels",
     .help = "consents.labels_help",
     .kind = DESK_CHOICES},
    {.name = "classes",
     .label = "consents.classes",
     .help = "consents.classes_help",
     .kind = DESK_CHOICES},
    {.name = "recipients", .label = "consents.recipient", .kind = DESK_TEXT},
    {.name = "addresses", .label = "consents.address", .kind = DESK_TEXT},
    {.name = "covered", .label = "consents.covered", .kind = DESK_YES},
    {.name = "participants",
     .label = "consents.participants",
     .help = "consents.participants_help",
     .kind = DESK_TEXT},
    {.name = "purpose_codes", .label = "consents.purposes", .kind = DESK_CHOICES},
    {.name = "purpose",
     .label = "consents.purpose",
     .help = "consents.purpose_help",
     .kind = DESK_TEXT},
    {.name = "expiration", .label = "consents.expires_on", .kind = DESK_DATE},
    {.name = "expires_event",
     .label = "consents.expires_event",
     .help = "consents.expires_event_help",
     .kind = DESK_TEXT},
    {.name = "no_end", .label = "consents.no_end", .kind = DESK_YES},
    {.name = "revocable_from",
     .label = "consents.revocable_from",
     .help = "consents.revocable_from_help",
     .kind = DESK_DATE},
    {.name = "signed_by",
     .label = "consents.signed_by",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "authority", .label = "consents.authority", .kind = DESK_TEXT},
};
static const struct desk_field sign_fields[] = {
    {.name = "signer",
     .label = "consents.signer",
     .help = "consents.signer_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED},
};
static const struct desk_mapping sign_mappings[] = {
    {"error.signature.name", "signer"}, {"error.signature.large", NULL},
    {"error.signature.image", NULL},    {"error.signature.missing", NULL},
    {"error.signature.one", NULL},      {NULL, NULL}};

/* A consent being written. */
struct writing {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  const struct consent_kind *kind;
  struct desk_form *form;
  struct consent consent;
  struct text words;
  char hash[HASH_TEXT];
};

static const struct desk_choice *choices_of(struct web_request *request, const char *which,
                                            const struct consent_kind *kind, size_t *count)
{
  const struct privacy *privacy = request->application->privacy;
  const struct consent_rules *rules = privacy->consent_rules;
  size_t language = request->language, most = labels_field_count(privacy->labels);
  struct desk_choice *out = arena_allocate_array(request->arena, most + 64, sizeof *out);
  *count = 0;
  if (which[0] == 'p') {
    for (size_t i = 0; i < rules->purpose_count; i++)
      if (consent_words_have(&kind->purposes, rules->purposes[i].code))
        out[(*count)++] =
            (struct desk_choice){rules->purposes[i].code, rules->purposes[i].label[language]};
  } else if (which[0] == 'c') {
    for (size_t i = 0; i < rules->class_count; i++)
      if (consent_words_have(&kind->classes, rules->classes[i].name))
        out[(*count)++] =
            (struct desk_choice){rules->classes[i].name, rules->classes[i].label[language]};
  } else if (which[0] == 'l') {
    for (size_t i = 0; i < rules->sensitivity_count; i++) {
      const struct sensitivity *label = &rules->sensitivities[i];
      bool is_right =
          consent_words_have(&kind->labels, label->name) && label->cover == COVERED_BY_NAME;
      if (is_right) out[(*count)++] = (struct desk_choice){label->name, label->label[language]};
    }
  } else {
    for (size_t i = 0; i < most; i++) {
      struct text name = labels_field(privacy->labels, i)->document;
      if (*count && text_equal(out[*count - 1].value, name)) continue;
      struct text key = text_format(request->arena, "document.%.*s", TEXT_PRINT(name));
      out[(*count)++] = (struct desk_choice){name, view_text(request, text_c(request->arena, key))};
    }
  }
  return out;
}

static void offer(struct writing *writing)
{
  struct web_request *request = writing->request;
  static const char *const lists[] = {"purpose_codes", "classes", "labels", "documents"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    size_t count;
    const struct desk_choice *choices = choices_of(request, lists[i], writing->kind, &count);
    desk_form_choices(writing->form, lists[i], choices, count);
  }
  struct desk_choice *languages = arena_allocate_array(request->arena, 2, sizeof *languages);
  languages[0] = (struct desk_choice){TEXT("en"), view_text(request, "consents.english")};
  languages[1] = (struct desk_choice){TEXT("es"), view_text(request, "consents.spanish")};
  desk_form_choices(writing->form, "language", languages, 2);
  struct desk_choice *signers = arena_allocate_array(request->arena, 2, sizeof *signers);
  signers[0] = (struct desk_choice){TEXT("patient"), view_text(request, "consents.by_patient")};
  signers[1] = (struct desk_choice){TEXT("personal-representative"),
                                    view_text(request, "consents.by_representative")};
  desk_form_choices(writing->form, "signed_by", signers, 2);
}

/* The recipients of the form: classes that are ticked, and one by name. */
static void read_recipients(struct writing *writing)
{
  struct desk_form *form = writing->form;
  const struct text *classes;
  size_t count = desk_form_all(form, "classes", &classes), at = 0;
  struct consent_recipient *out =
      arena_allocate_array(writing->request->arena, count + 1, sizeof *out);
  bool is_covered = desk_form_has(form, "covered", TEXT("1"));
  for (size_t i = 0; i < count; i++)
    out[at++] =
        (struct consent_recipient){.class_name = classes[i], .is_covered_entity = is_covered};
  if (!text_is_empty(desk_form_get(form, "recipients")))
    out[at++] = (struct consent_recipient){
        .name = desk_form_get(form, "recipients"),
        .address = desk_form_get(form, "addresses"),
        .is_covered_entity = is_covered,
        .is_intermediary = text_equal(writing->kind->name, TEXT("intermediary")),
        .participants = desk_form_get(form, "participants")};
  writing->consent.recipients = out;
  writing->consent.recipient_count = at;
}

static struct text statement(const struct writing *writing, const char *name, size_t language)
{
  const struct consent_statement *found = consent_statement_find(
      writing->request->application->privacy->consent_rules, text_from(name), writing->kind->name);
  return found ? found->words[language] : TEXT("");
}

static void read_consent(struct writing *writing)
{
  struct web_request *request = writing->request;
  struct desk_form *form = writing->form;
  struct consent *consent = &writing->consent;
  const struct consent_form *words =
      consent_form_current(request->application->privacy->consent_rules, request->now);
  struct text *disclosers = arena_allocate(request->arena, sizeof *disclosers);
  *disclosers = desk_form_get(form, "disclosers");
  size_t language = consent_language(desk_form_get(form, "language"));
  *consent = (struct consent){
      .person_id = writing->about.person.id,
      .kind = writing->kind->name,
      .patient_name = person_full_name(request->arena, &writing->about.person.identity),
      .disclosers = disclosers,
      .discloser_count = 1,
      .description = desk_form_get(form, "description"),
      .purpose = desk_form_get(form, "purpose"),
      .right_to_revoke = statement(writing, "right_to_revoke", language),
      .how_to_revoke = statement(writing, "how_to_revoke", language),
      .consequences_of_refusing = statement(writing, "consequences_of_refusing", language),
      .says_may_be_redisclosed = true,
      .expires_on = desk_form_get(form, "expiration"),
      .expires_event = desk_form_has(form, "no_end", TEXT("1"))
                           ? TEXT("none")
                           : desk_form_get(form, "expires_event"),
      .revocable_from = desk_form_get(form, "revocable_from"),
      .signed_by = desk_form_get(form, "signed_by"),
      .authority = desk_form_get(form, "authority"),
      .language = desk_form_get(form, "language"),
      .form_version = words ? words->version : TEXT(""),
      .signed_at = request->now};
  consent->label_count = desk_form_all(form, "labels", &consent->labels);
  consent->document_count = desk_form_all(form, "documents", &consent->documents);
  consent->purpose_code_count = desk_form_all(form, "purpose_codes", &consent->purpose_codes);
  read_recipients(writing);
}

/* Put each problem to its field; those of elements without a field of their own to the form. */
static bool check(struct writing *writing)
{
  struct web_request *request = writing->request;
  struct consent_problem *problems;
  size_t count = consent_check(request->application->privacy, request->arena, &writing->consent,
                               request->now, &problems);
  bool is_whole = true;
  for (size_t i = 0; i < count; i++) {
    struct text field = text_from(problems[i].field);
    if (text_equal(field, TEXT("signature"))) continue; /* comes with the words */
    const char *name = NULL;
    for (size_t j = 0; j < sizeof fields / sizeof *fields; j++)
      if (text_equal(field, text_from(fields[j].name))) name = fields[j].name;
    desk_form_refuse(writing->form, name, problems[i].message);
    is_whole = false;
  }
  if (is_whole && consent_end(&writing->consent) <= request->now) {
    desk_form_refuse(writing->form, "expiration", "error.consent.over"); /* before it is shown */
    return false;
  }
  return is_whole;
}

static bool open_writing(struct store_transaction *transaction, void *context, struct error *error)
{
  struct writing *writing = context;
  return desk_about_open(transaction, writing->request, "consent", "write", &writing->about, error);
}

static bool keep(struct store_transaction *transaction, void *context, struct error *error)
{
  struct writing *writing = context;
  struct web_request *request = writing->request;
  struct text scan = web_file_get(request, "scan"), drawn = web_parameter_get(request, "drawn");
  if (scan.length && drawn.length)
    return error_set(error, ERROR_REFUSED, "error.signature.one", "", "two signatures at once");
  struct signature signature = {.method = scan.length    ? SIGNATURE_SCANNED
                                          : drawn.length ? SIGNATURE_DRAWN
                                                         : SIGNATURE_TYPED,
                                .signer = web_parameter_get(request, "signer"),
                                .role = writing->consent.signed_by,
                                .authority = writing->consent.authority,
                                .image = scan.length ? scan : drawn,
                                .signed_bytes = writing->words};
  struct consent consent = writing->consent;
  if (!open_writing(transaction, context, error) ||
      !signature_create(transaction, &writing->about.access, &signature, request->arena, error))
    return false;
  consent.signature_id = signature.id;
  if (!consent_create(transaction, &writing->about.access, &consent, request->arena, error))
    return false;
  desk_redirect(request, writing->view, "/desk/people/%.*s/consents",
                TEXT_PRINT(writing->about.person.id));
  return true;
}

static bool show_form(struct writing *writing)
{
  struct web_request *request = writing->request;
  struct web_view *view = writing->view;
  if (!view->page) view->page = value_object(request->arena);
  desk_about_fill(&writing->about, view->page);
  view_set_text(request, view->page, "kind_label", writing->kind->label[request->language]);
  view_set_text(request, view->page, "kind_hint", writing->kind->hint[request->language]);
  return desk_form_show(writing->form, view, "desk/consent_new");
}

/* The words, with the signature beneath. `refused`: what came of signing them, or NULL. */
static bool show_words(struct writing *writing, const struct error *refused)
{
  struct web_request *request = writing->request;
  struct web_view *view = writing->view;
  struct desk_form sign;
  struct value *lines = value_list(request->arena);
  struct text rest = writing->words, line;
  view->page = value_object(request->arena);
  while (text_split_next(&rest, '\n', &line)) {
    while (text_starts_with(line, TEXT("#"))) line = text_trim(text_slice(line, 1, line.length));
    if (!text_is_empty(text_trim(line))) value_add(lines, value_text(request->arena, line));
  }
  value_set(view->page, "words", lines);
  view_set_text(request, view->page, "words_hash",
                text_copy(request->arena, text_from(writing->hash)));
  view_set_text(request, view->page, "words_language", writing->consent.language);
  view_set_text(request, view->page, "drawn", web_parameter_get(request, "drawn"));
  view_set_text(request, view->page, "pad_script",
                value_text_get(value_get(request->application->assets, TEXT("pad.js"))));
  DESK_FORM_INIT(&sign, request, sign_fields);
  desk_form_set(&sign, "signer", web_parameter_get(request, "signer"));
  if (refused && !desk_form_take(&sign, refused, sign_mappings)) return false;
  desk_form_fill(&sign, view->page, "sign");
  bool is_shown = show_form(writing);
  if (refused) view->status = 400;
  return is_shown;
}

static bool view_kinds(struct web_request *request, struct writing *writing)
{
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  struct value *kinds = value_list(request->arena);
  writing->view->page = value_object(request->arena);
  for (size_t i = 0; i < rules->kind_count; i++) {
    struct value *kind = value_object(request->arena);
    view_set_text(request, kind, "name", rules->kinds[i].name);
    view_set_text(request, kind, "label", rules->kinds[i].label[request->language]);
    view_set_text(request, kind, "hint", rules->kinds[i].hint[request->language]);
    value_add(kinds, kind);
  }
  value_set(writing->view->page, "kinds", kinds);
  desk_about_fill(&writing->about, writing->view->page);
  writing->view->template_name = "desk/consent_kinds";
  return true;
}

static bool view_new(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct writing writing = {.request = request, .view = view, .form = &form};
  if (!desk_read(request, open_writing, &writing, error)) return false;
  writing.kind = consent_kind_find(request->application->privacy->consent_rules,
                                   web_parameter_get(request, "kind"));
  if (!writing.kind) return view_kinds(request, &writing);
  DESK_FORM_INIT(&form, request, fields);
  offer(&writing);
  if (request->method == WEB_GET) {
    desk_form_set(&form, "kind", writing.kind->name);
    desk_form_set(&form, "language", writing.about.person.language);
    desk_form_set(&form, "disclosers", desk_program_name(request, request->actor->program_id));
    desk_form_set(&form, "signed_by", TEXT("patient"));
    return show_form(&writing);
  }
  bool is_read = desk_form_read(&form);
  read_consent(&writing);
  if (!check(&writing) || !is_read) return show_form(&writing);
  if (!consent_render(request->application->privacy, request->arena, &writing.consent,
                      writing.consent.language, &writing.words, error))
    return false;
  hash_sha256(writing.words, writing.hash);
  bool were_shown = text_equal(web_parameter_get(request, "words"), text_from(writing.hash));
  if (!were_shown) return show_words(&writing, NULL);
  if (desk_write(request, view, keep, &writing, error)) return true;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_TOO_LARGE) return false;
  struct error refused = *error;
  if (!show_words(&writing, &refused)) return false;
  error_clear(error);
  return true;
}

const struct web_route desk_consent_new_routes[] = {
    {.methods = WEB_GET | WEB_POST,
     .pattern = "/desk/people/{id}/consent",
     .handler = view_new,
     .body_limit = LIMIT_SIGNATURE_SCAN + LIMIT_SIGNATURE_DRAWN + LIMIT_HTTP_BODY_FORM,
     .guard = "consent",
     .get_act = "write",
     .post_act = "write",
     .flags = WEB_LINES | WEB_FILES},
    {.pattern = NULL}};
