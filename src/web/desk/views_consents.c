/*
 * /desk/people/{id}/consents and /me/consents: the consents of a person, of records that were
 * joined to theirs too, and taking one back. …/consents/end: the event came that ends one. A new
 * one is views_consent_new.c, one to print views_consent_paper.c. Threads: all state is the
 * request's.
 */
#include "web/desk/consents.h"

/* --- The list -------------------------------------------------------------------------------- */

struct listing {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct consent *consents;
  size_t count;
};

static bool load_list(struct store_transaction *transaction, void *context, struct error *error)
{
  struct listing *listing = context;
  struct web_request *request = listing->request;
  struct access *accesses;
  size_t members;
  if (!desk_about_open(transaction, request, "consent", "read", &listing->about, error) ||
      !desk_about_members(transaction, &listing->about, &accesses, &members, error))
    return false;
  struct consent *all =
      arena_allocate_array(request->arena, members * LIMIT_CONSENTS + 1, sizeof *all);
  listing->count = 0;
  for (size_t i = 0; i < members; i++) {
    struct consent *consents;
    size_t count;
    if (!consent_list(transaction, &accesses[i], request->arena, &consents, &count, error))
      return false;
    for (size_t j = 0; j < count; j++) all[listing->count++] = consents[j];
  }
  listing->consents = all;
  return true;
}

const char *desk_consent_state(const struct web_request *request, const struct consent *consent)
{
  if (consent->revoked_at) return "consents.state.revoked";
  if (consent->ended_at || consent_end(consent) <= request->now) return "consents.state.ended";
  return consent_is_active(request->application->privacy, consent, request->now)
             ? "consents.state.active"
             : "consents.state.unusable";
}

static struct text recipients_of(const struct web_request *request, const struct consent *consent)
{
  const struct consent_rules *rules = request->application->privacy->consent_rules;
  struct text all = TEXT("");
  for (size_t i = 0; i < consent->recipient_count; i++) {
    const struct recipient_class *class =
        recipient_class_find(rules, consent->recipients[i].class_name);
    struct text name = class ? class->label[request->language] : consent->recipients[i].name;
    all = i ? text_format(request->arena, "%.*s; %.*s", TEXT_PRINT(all), TEXT_PRINT(name)) : name;
  }
  return all;
}

struct text desk_consent_closed(const struct web_request *request, const struct consent *consent)
{
  struct value *at = NULL;
  if (consent->revoked_at) {
    at = desk_time(request, consent->revoked_at);
    return VIEW_FORMAT(request,
                       text_equal(consent->revoked_how, TEXT("oral")) ? "consents.closed.oral"
                                                                      : "consents.closed.written",
                       {"at", value_text_get(value_get(at, TEXT("shown")))});
  }
  if (!consent->ended_at) return TEXT("");
  at = desk_time(request, consent->ended_at);
  return VIEW_FORMAT(request, "consents.closed.event",
                     {"on", view_date(request, consent->ending_on)}, {"who", consent->ending_who},
                     {"at", value_text_get(value_get(at, TEXT("shown")))});
}

static struct value *fill_consent(const struct web_request *request, const struct consent *consent,
                                  struct text person_id)
{
  const struct consent_kind *kind =
      consent_kind_find(request->application->privacy->consent_rules, consent->kind);
  struct value *out = value_object(request->arena);
  struct text end = consent->expires_on.length ? view_date(request, consent->expires_on)
                    : text_equal(consent->expires_event, TEXT("none"))
                        ? view_text(request, "consent.end.none")
                        : consent->expires_event;
  bool may_revoke =
      !consent->revoked_at && !consent->ended_at && desk_may(request, "consent", "revoke");
  bool has_event =
      consent->expires_event.length && !text_equal(consent->expires_event, TEXT("none"));
  bool is_joined = !text_equal(consent->person_id, person_id);
  view_set_flag(request, out, "may_end", may_revoke && has_event && !desk_is_own(request));
  view_set_flag(request, out, "is_joined", is_joined);
  view_set_flag(request, out, "may_family",
                !is_joined && !desk_is_own(request) && desk_may(request, "own-account", "read") &&
                    family_consent_fits(request->application->privacy, consent, request->now));
  view_set_text(request, out, "record", consent->person_id);
  view_set_text(request, out, "closed", desk_consent_closed(request, consent));
  view_set_text(request, out, "id", consent->id);
  view_set_text(request, out, "kind", kind ? kind->label[request->language] : consent->kind);
  view_set_text(request, out, "what", consent->description);
  view_set_text(request, out, "recipients", recipients_of(request, consent));
  view_set_text(request, out, "purpose", consent->purpose);
  view_set_text(request, out, "ends", end);
  view_set_text(request, out, "state", view_text(request, desk_consent_state(request, consent)));
  value_set(out, "signed", desk_time(request, consent->signed_at));
  view_set_flag(request, out, "may_revoke", may_revoke);
  view_set_flag(request, out, "may_oral", may_revoke && kind && kind->revoke_orally);
  value_set(out, "version", value_integer(request->arena, consent->version));
  return out;
}

static bool revoke(struct store_transaction *transaction, void *context, struct error *error)
{
  struct listing *listing = context;
  struct web_request *request = listing->request;
  int64_t version = 0;
  struct text how = web_parameter_get(request, "how");
  text_read_integer(web_parameter_get(request, "version"), &version);
  if (desk_is_own(request)) how = TEXT("written"); /* typed on one's own page */
  struct access access;
  if (!desk_about_open(transaction, request, "consent", "revoke", &listing->about, error) ||
      !desk_about_member(transaction, &listing->about, &access, error) ||
      !consent_revoke(transaction, &access, web_parameter_get(request, "consent"), how, version,
                      error))
    return false;
  desk_redirect(request, listing->view, "%.*s", TEXT_PRINT(request->path));
  return true;
}

static bool view_consents(struct web_request *request, struct web_view *view, struct error *error)
{
  struct listing listing = {.request = request, .view = view};
  if (request->method == WEB_POST) return desk_write(request, view, revoke, &listing, error);
  if (!desk_read(request, load_list, &listing, error)) return false;
  struct value *rows = value_list(request->arena);
  for (size_t i = 0; i < listing.count; i++)
    value_add(rows, fill_consent(request, &listing.consents[i], listing.about.person.id));
  view->page = value_object(request->arena);
  view->template_name = "desk/consents";
  desk_about_fill(&listing.about, view->page);
  value_set(view->page, "rows", rows);
  view_set_flag(request, view->page, "has_rows", listing.count > 0);
  view_set_flag(request, view->page, "may_write",
                !desk_is_own(request) && desk_may(request, "consent", "write"));
  return true;
}

/* --- Its event came -------------------------------------------------------------------------- */

static const struct desk_field end_fields[] = {
    {.name = "consent", .label = "consents.title", .kind = DESK_HIDDEN},
    {.name = "record", .label = "consents.title", .kind = DESK_HIDDEN},
    {.name = "who",
     .label = "consents.ending_who",
     .help = "consents.ending_who_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS},
    {.name = "on", .label = "consents.ending_on", .kind = DESK_DATE, .flags = DESK_REQUIRED},
};
static const struct desk_mapping end_mappings[] = {{"error.consent.ending-who", "who"},
                                                   {"error.consent.ending-on", "on"},
                                                   {"error.consent.no-event", NULL},
                                                   {NULL, NULL}};

struct ending {
  struct web_request *request;
  struct web_view *view;
  struct desk_form *form;
  struct desk_about about;
  struct consent consent;
};

static bool load_ending(struct store_transaction *transaction, void *context, struct error *error)
{
  struct ending *ending = context;
  struct web_request *request = ending->request;
  struct access access;
  return desk_about_open(transaction, request, "consent", "revoke", &ending->about, error) &&
         desk_about_member(transaction, &ending->about, &access, error) &&
         consent_load(transaction, &access, request->arena, web_parameter_get(request, "consent"),
                      &ending->consent, error);
}

static bool end_it(struct store_transaction *transaction, void *context, struct error *error)
{
  struct ending *ending = context;
  struct web_request *request = ending->request;
  struct access access;
  struct consent_ending said = {desk_form_get(ending->form, "who"),
                                desk_form_get(ending->form, "on")};
  if (!desk_about_open(transaction, request, "consent", "revoke", &ending->about, error) ||
      !desk_about_member(transaction, &ending->about, &access, error) ||
      !consent_end_by_event(transaction, &access, desk_form_get(ending->form, "consent"),
                            desk_form_version(ending->form), &said, error))
    return false;
  desk_redirect(request, ending->view, "/desk/people/%.*s/consents",
                TEXT_PRINT(ending->about.person.id));
  return true;
}

static bool view_end(struct web_request *request, struct web_view *view, struct error *error)
{
  struct desk_form form;
  struct ending ending = {.request = request, .view = view, .form = &form};
  DESK_FORM_INIT(&form, request, end_fields);
  if (request->method == WEB_POST && desk_form_read(&form)) {
    if (desk_write(request, view, end_it, &ending, error)) return true;
    if (error->kind != ERROR_REFUSED || !desk_form_take(&form, error, end_mappings)) return false;
    error_clear(error);
  }
  if (!desk_read(request, load_ending, &ending, error)) return false;
  view->page = value_object(request->arena);
  desk_about_fill(&ending.about, view->page);
  value_set(view->page, "consent", fill_consent(request, &ending.consent, ending.about.person.id));
  if (request->method == WEB_GET) {
    desk_form_set(&form, "consent", ending.consent.id);
    desk_form_set(&form, "record", ending.consent.person_id);
    desk_form_set_version(&form, ending.consent.version);
  }
  return desk_form_show(&form, view, "desk/consent_end");
}

const struct web_route desk_consent_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/people/{id}/consents",
                                                 .handler = view_consents,
                                                 .guard = "consent",
                                                 .get_act = "read",
                                                 .post_act = "revoke"},
                                                {.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/me/consents",
                                                 .handler = view_consents,
                                                 .guard = "consent",
                                                 .get_act = "read",
                                                 .post_act = "revoke"},
                                                {.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/people/{id}/consents/end",
                                                 .handler = view_end,
                                                 .guard = "consent",
                                                 .get_act = "revoke",
                                                 .post_act = "revoke"},
                                                {.pattern = NULL}};
