/*
 * /desk/people/{id}/share: make a disclosure: by what right (a consent, or another basis of
 * knowledge/disclosure-bases.csv with what it asks for), to whom, why, which parts; a look at what
 * would leave and why each thing is kept back; then it leaves, through disclose().
 * /desk/people/{id}/emergency/share is the same for who opened the record in an emergency (42 CFR
 * 2.51), and …/copy hands out what left. Threads: all state is the request's.
 */
#include "web/desk/leave.h"

static const struct desk_field first_fields[] = {
    {.name = "basis", .label = "share.basis", .kind = DESK_HIDDEN},
    {.name = "recipient",
     .label = "share.recipient",
     .help = "share.recipient_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS},
};
static const struct desk_field class_field = {
    .name = "class", .label = "share.class", .help = "share.class_help", .kind = DESK_CHOICE};
static const struct desk_field ends_field = {
    .name = "ends_on", .label = "share.ends_on", .help = "share.ends_on_help", .kind = DESK_DATE};
static const struct desk_field last_fields[] = {
    {.name = "purpose", .label = "share.purpose", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "parts", .label = "share.parts", .kind = DESK_CHOICES, .flags = DESK_REQUIRED},
    {.name = "language", .label = "share.language", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
};
static const struct desk_mapping mappings[] = {{"error.disclose.recipient", "recipient"},
                                               {"error.disclose.purpose", "purpose"},
                                               {"error.disclose.evidence", NULL},
                                               {"error.disclose.role", NULL},
                                               {"error.disclose.basis", NULL},
                                               {"error.disclose.not-in-force", NULL},
                                               {NULL, NULL}};

struct sharing {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct desk_form *form;
  const struct disclosure_basis *basis;
  struct disclose_request wanted;
  struct disclose_preview preview;
  struct disclosed disclosed;
};

static bool is_emergency(const struct web_request *request)
{
  return text_ends_with(request->path, TEXT("/emergency/share"));
}

/* Is its evidence words of a form, rather than an emergency access? */
static bool has_evidence(const struct disclosure_basis *basis)
{
  return basis->evidence.count > 0 && !text_equal(basis->name, TEXT("emergency"));
}

static bool open_sharing(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sharing *sharing = context;
  struct web_request *request = sharing->request;
  if (is_emergency(request))
    return desk_about_open(transaction, request, "emergency", "open", &sharing->about, error);
  return desk_about_open(transaction, request, "disclosure", "write", &sharing->about, error);
}

/* --- Which basis ----------------------------------------------------------------------------- */

/* May this basis be chosen here, by this actor, today? */
static bool is_offered(const struct web_request *request, const struct disclosure_basis *basis)
{
  bool may = false;
  if (basis->is_to_person || basis->cover == BASIS_NOTHING ||
      !consent_term_holds(&basis->term, request->now) ||
      text_equal(basis->name, TEXT("emergency")) != is_emergency(request))
    return false;
  for (size_t i = 0; i < request->actor->role_count; i++)
    may = may || consent_words_have(&basis->roles, request->actor->roles[i]);
  return may;
}

/* The one that is asked for, else the first; NULL when none may be chosen. */
static const struct disclosure_basis *chosen(const struct web_request *request)
{
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  struct text name = web_parameter_get(request, "basis");
  const struct disclosure_basis *first = NULL;
  for (size_t i = 0; i < rules->basis_count; i++) {
    if (!is_offered(request, &rules->bases[i])) continue;
    if (text_equal(rules->bases[i].name, name)) return &rules->bases[i];
    if (!first) first = &rules->bases[i];
  }
  return text_is_empty(name) ? first : NULL;
}

static struct value *fill_bases(const struct sharing *sharing)
{
  struct web_request *request = sharing->request;
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < rules->basis_count; i++) {
    const struct disclosure_basis *basis = &rules->bases[i];
    if (!is_offered(request, basis)) continue;
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "name", basis->name);
    view_set_text(request, item, "label", basis->label[request->language]);
    view_set_text(request, item, "hint", basis->hint[request->language]);
    view_set_flag(request, item, "current", basis == sharing->basis);
    value_add(list, item);
  }
  return list;
}

/* --- The form -------------------------------------------------------------------------------- */

/* Its fields, with one for each thing that the basis asks for. */
static void declare(struct sharing *sharing)
{
  struct web_request *request = sharing->request;
  const struct disclosure_basis *basis = sharing->basis;
  size_t first = sizeof first_fields / sizeof *first_fields, count = 0;
  size_t last = sizeof last_fields / sizeof *last_fields;
  struct desk_field *fields = arena_allocate_array(
      request->arena, first + last + basis->evidence.count + 2, sizeof *fields);
  for (size_t i = 0; i < first; i++) fields[count++] = first_fields[i];
  if (basis->cover != BASIS_CONSENT) fields[count - 1].help = NULL; /* no consent names them */
  if (basis->cover == BASIS_CONSENT) fields[count++] = class_field;
  for (size_t i = 0; has_evidence(basis) && i < basis->evidence.count; i++) {
    struct text name = basis->evidence.at[i];
    const char *field =
        text_c(request->arena, text_format(request->arena, "evidence_%.*s", TEXT_PRINT(name)));
    const char *label =
        text_c(request->arena, text_format(request->arena, "evidence.%.*s", TEXT_PRINT(name)));
    fields[count++] = (struct desk_field){
        .name = field, .label = label, .kind = DESK_LINES, .flags = DESK_REQUIRED, .longest = 2000};
  }
  if (has_evidence(basis)) fields[count++] = ends_field;
  for (size_t i = 0; i < last; i++) fields[count++] = last_fields[i];
  desk_form_init(sharing->form, request, fields, count);
}

static void offer(struct sharing *sharing)
{
  static const char *const parts[] = {"person", "episode", "delivered-day", "delivered-service",
                                      "fact"};
  enum { PARTS = sizeof parts / sizeof *parts };
  struct web_request *request = sharing->request;
  const struct disclosure_basis *basis = sharing->basis;
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  size_t language = request->language, count = 0, part_count = 0;
  struct desk_choice *purposes =
      arena_allocate_array(request->arena, rules->purpose_count + 1, sizeof *purposes);
  struct desk_choice *classes =
      arena_allocate_array(request->arena, rules->class_count + 1, sizeof *classes);
  struct desk_choice *documents = arena_allocate_array(request->arena, PARTS, sizeof *documents);
  struct desk_choice *languages = arena_allocate_array(request->arena, 2, sizeof *languages);
  for (size_t i = 0; i < rules->purpose_count; i++)
    if (consent_words_have(&basis->purposes, rules->purposes[i].code))
      purposes[count++] =
          (struct desk_choice){rules->purposes[i].code, rules->purposes[i].label[language]};
  desk_form_choices(sharing->form, "purpose", purposes, count);
  for (size_t i = 0; i < rules->class_count; i++)
    classes[i] = (struct desk_choice){rules->classes[i].name, rules->classes[i].label[language]};
  if (basis->cover == BASIS_CONSENT)
    desk_form_choices(sharing->form, "class", classes, rules->class_count);
  for (size_t i = 0; i < PARTS; i++) {
    struct text key = text_format(request->arena, "document.%s", parts[i]);
    if (consent_words_have(&basis->documents, text_from(parts[i])))
      documents[part_count++] = (struct desk_choice){
          text_from(parts[i]), view_text(request, text_c(request->arena, key))};
  }
  desk_form_choices(sharing->form, "parts", documents, part_count);
  languages[0] = (struct desk_choice){TEXT("en"), view_text(request, "consents.english")};
  languages[1] = (struct desk_choice){TEXT("es"), view_text(request, "consents.spanish")};
  desk_form_choices(sharing->form, "language", languages, 2);
  if (count == 1) desk_form_set(sharing->form, "purpose", purposes[0].value);
}

/* --- Looking and leaving --------------------------------------------------------------------- */

/* What is asked for, with the parts that were ticked of the record. */
static bool read_wanted(struct store_transaction *transaction, struct sharing *sharing,
                        struct error *error)
{
  struct desk_form *form = sharing->form;
  const struct value *record, *item;
  struct value *content = value_object(sharing->request->arena);
  struct text name;
  if (!open_sharing(transaction, sharing, error) ||
      !desk_about_record(transaction, &sharing->about, &record, error))
    return false;
  for (size_t i = 0; value_member(record, i, &name, &item); i++)
    if (desk_form_has(form, "parts", name)) value_append(content, name, item);
  bool is_consent = sharing->basis->cover == BASIS_CONSENT;
  sharing->wanted = (struct disclose_request){
      .document = TEXT("record"),
      .content = content,
      .person_id = sharing->about.person.id,
      .recipient = {.name = desk_form_get(form, "recipient"),
                    .class_name = is_consent ? desk_form_get(form, "class") : TEXT("")},
      .purpose_code = desk_form_get(form, "purpose"),
      .basis = sharing->basis->name,
      .language = desk_form_get(form, "language")};
  return true;
}

static bool look(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sharing *sharing = context;
  struct web_request *request = sharing->request;
  struct consent *consents = NULL;
  size_t count = 0;
  if (!read_wanted(transaction, sharing, error) ||
      (sharing->basis->cover == BASIS_CONSENT &&
       !consent_list(transaction, &sharing->about.access, request->arena, &consents, &count,
                     error)))
    return false;
  const char *wrong = disclose_basis_check(request->application->privacy, request->actor,
                                           &sharing->wanted, request->now);
  if (wrong) return error_set(error, ERROR_REFUSED, wrong, "", "the basis does not allow it");
  disclose_preview(request->application->privacy, request->arena, consents, count, &sharing->wanted,
                   request->now, &sharing->preview);
  return true;
}

/* Keep what the basis asks for, or find the emergency access. */
static bool take_evidence(struct store_transaction *transaction, struct sharing *sharing,
                          struct error *error)
{
  struct web_request *request = sharing->request;
  const struct consent_words *names = &sharing->basis->evidence;
  struct text *id = &sharing->wanted.evidence_id;
  *id = TEXT("");
  if (is_emergency(request))
    return emergency_find_open(transaction, request->actor, sharing->about.person.id, request->now,
                               request->arena, id, error);
  if (!has_evidence(sharing->basis)) return true;
  struct disclosure_fact *facts = arena_allocate_array(request->arena, names->count, sizeof *facts);
  for (size_t i = 0; i < names->count; i++)
    facts[i] = (struct disclosure_fact){
        names->at[i],
        desk_form_get(sharing->form,
                      text_c(request->arena, text_format(request->arena, "evidence_%.*s",
                                                         TEXT_PRINT(names->at[i]))))};
  return disclosure_evidence_create(transaction, &sharing->about.access, request->arena,
                                    sharing->basis->name, facts, names->count,
                                    desk_form_get(sharing->form, "ends_on"), id, error);
}

static bool send_out(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sharing *sharing = context;
  struct web_request *request = sharing->request;
  if (!read_wanted(transaction, sharing, error) || !take_evidence(transaction, sharing, error))
    return false;
  if (disclose(transaction, &sharing->about.access, request->arena, &sharing->wanted,
               &sharing->disclosed, error))
    return desk_leave_keep(transaction, &sharing->about, sharing->view, &sharing->disclosed,
                           sharing->wanted.language, error);
  if (error->kind == ERROR_FORBIDDEN) disclose_deny(request->actor, &sharing->about.access);
  return false;
}

/* --- The page -------------------------------------------------------------------------------- */

static struct value *fill_shown(struct web_request *request, const struct disclose_shown *shown)
{
  struct value *row = value_object(request->arena);
  struct text document = text_format(request->arena, "document.%.*s", TEXT_PRINT(shown->document));
  struct text title = catalog_find(request->application->catalog, request->language, document);
  view_set_text(request, row, "document", title.at ? title : shown->document);
  view_set_text(request, row, "field", desk_field_label(request, shown->path));
  view_set_text(request, row, "why", view_text(request, disclose_why_key(shown->why)));
  view_set_text(request, row, "times", view_count(request->arena, (int64_t)shown->times));
  view_set_flag(request, row, "leaves", shown->why == WHY_GIVEN);
  return row;
}

static bool show(struct sharing *sharing, struct web_view *view)
{
  struct web_request *request = sharing->request;
  const struct disclosure_basis *basis = sharing->basis;
  struct value *rows = value_list(request->arena), *page = value_object(request->arena);
  view->page = page;
  desk_about_fill(&sharing->about, page);
  for (size_t i = 0; i < sharing->preview.shown_count; i++)
    value_add(rows, fill_shown(request, &sharing->preview.shown[i]));
  value_set(page, "rows", rows);
  value_set(page, "bases", fill_bases(sharing));
  view_set_text(request, page, "action", request->path);
  view_set_text(request, page, "basis_label", basis->label[request->language]);
  view_set_text(request, page, "basis_hint", basis->hint[request->language]);
  view_set_text(request, page, "basis_source", basis->source);
  view_set_flag(request, page, "by_consent", basis->cover == BASIS_CONSENT);
  view_set_flag(request, page, "has_rows", sharing->preview.shown_count > 0);
  view_set_flag(request, page, "may_leave", sharing->preview.content != NULL);
  return desk_form_show(sharing->form, view, "desk/share");
}

/* What a room refused comes back with the form; everything else is handed on. */
static bool show_refusal(struct sharing *sharing, struct web_view *view, struct error *error)
{
  if (error->kind == ERROR_REFUSED && desk_form_take(sharing->form, error, mappings)) {
    error_clear(error);
    return desk_read(sharing->request, open_sharing, sharing, error) && show(sharing, view);
  }
  return false;
}

static bool view_share(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct sharing sharing = {
      .request = request, .view = view, .form = &form, .basis = chosen(request)};
  if (!sharing.basis)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such basis for this role");
  declare(&sharing);
  offer(&sharing);
  desk_form_set(&form, "basis", sharing.basis->name);
  desk_form_set(&form, "language", request->application->languages[request->language]);
  bool is_read = request->method == WEB_POST && desk_form_read(&form);
  if (!is_read) {
    if (!desk_read(request, open_sharing, &sharing, error)) return false;
    return show(&sharing, view);
  }
  if (text_equal(web_parameter_get(request, "act"), TEXT("leave")))
    return desk_write(request, view, send_out, &sharing, error) ||
           show_refusal(&sharing, view, error);
  if (!desk_read(request, look, &sharing, error)) return show_refusal(&sharing, view, error);
  return show(&sharing, view);
}

static bool view_emergency_copy(struct web_request *request, struct web_view *view,
                                struct error *error)
{
  return desk_leave(request, view, "emergency", "open", error);
}

const struct web_route desk_share_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/people/{id}/share",
                                               .handler = view_share,
                                               .guard = "disclosure",
                                               .get_act = "write",
                                               .post_act = "write",
                                               .flags = WEB_LINES},
                                              {.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/people/{id}/emergency/share",
                                               .handler = view_share,
                                               .guard = "emergency",
                                               .get_act = "open",
                                               .post_act = "open",
                                               .flags = WEB_LINES},
                                              {.methods = WEB_GET,
                                               .pattern = "/desk/people/{id}/emergency/copy",
                                               .handler = view_emergency_copy,
                                               .guard = "emergency",
                                               .get_act = "open"},
                                              {.pattern = NULL}};
