/*
 * /me/shared: what a consent lets a member of the family see, now: each look is a disclosure, kept
 * as it left, and is shown while the consent holds. /desk/people/{id}/consents/family: their
 * sign-in, made, given a new code, ended. Threads: all state is the request's.
 */
#include "web/desk/leave.h"

/* --- What is shared -------------------------------------------------------------------------- */

struct shared {
  struct web_request *request;
  struct web_view *view;
  struct access access;
  struct consent consent;
  struct disclosure made;
  struct disclosure_copy copy;
  bool holds, has_copy;
};

static bool open_shared(struct store_transaction *transaction, struct shared *shared,
                        struct error *error)
{
  struct web_request *request = shared->request;
  struct role_subject subject = {.person_id = request->actor->person_id, .is_own = true};
  if (!access_open(transaction, request->application->privacy, request->actor, "shared-record",
                   "read", &subject, TEXT(""), request->now, &shared->access, error))
    return false;
  if (family_consent_load(transaction, &shared->access, request->arena, &shared->consent,
                          &shared->holds, error))
    return true;
  if (error->kind == ERROR_FORBIDDEN) disclose_deny(request->actor, &shared->access);
  return false;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct shared *shared = context;
  struct web_request *request = shared->request;
  struct text number = web_parameter_get(request, "number");
  shared->has_copy = false;
  if (!open_shared(transaction, shared, error)) return false;
  if (!shared->holds || text_is_empty(number)) return true;
  shared->has_copy = true;
  return disclosure_load(transaction, &shared->access, request->arena, number, &shared->made,
                         error) &&
         disclosure_copy_load(transaction, &shared->access, request->arena, &shared->made,
                              TEXT("json"), &shared->copy, error);
}

/* The program gathers the record; disclose() takes away what the consent does not cover. */
static bool share(struct store_transaction *transaction, void *context, struct error *error)
{
  struct shared *shared = context;
  struct web_request *request = shared->request, gathering = *request;
  struct actor program = actor_system(request->actor->program_id);
  struct text language = request->application->languages[request->language];
  struct desk_about about;
  struct disclosed left;
  const struct value *record;
  program.person_id = request->actor->person_id;
  gathering.actor = &program;
  if (!open_shared(transaction, shared, error) ||
      !desk_about_open(transaction, &gathering, "person", "read", &about, error) ||
      !desk_about_record(transaction, &about, &record, error))
    return false;
  about.request = request;
  about.access = shared->access;
  if (!family_disclose(transaction, &shared->access, request->arena, record, language, &left,
                       error)) {
    if (error->kind == ERROR_FORBIDDEN) disclose_deny(request->actor, &shared->access);
    return false;
  }
  if (!desk_leave_keep(transaction, &about, shared->view, &left, language, error)) return false;
  desk_redirect(request, shared->view, "/me/shared?number=%.*s", TEXT_PRINT(left.disclosure_id));
  return true;
}

static bool view_shared(struct web_request *request, struct web_view *view, struct error *error)
{
  struct shared shared = {.request = request, .view = view};
  if (request->method == WEB_POST) return desk_write(request, view, share, &shared, error);
  if (!desk_read(request, load, &shared, error)) return false;
  view->page = value_object(request->arena);
  view->template_name = "desk/family";
  view_set_flag(request, view->page, "holds", shared.holds);
  view_set_flag(request, view->page, "has_copy", shared.has_copy);
  view_set_text(request, view->page, "what", shared.holds ? shared.consent.description : TEXT(""));
  if (!shared.has_copy) return true;
  value_set(view->page, "made", desk_time(request, shared.made.at));
  return desk_leave_fill(request, shared.copy.bytes, view->page, error);
}

/* --- Their sign-in --------------------------------------------------------------------------- */

struct signing_in {
  struct web_request *request;
  struct web_view *view;
  struct desk_about about;
  struct consent consent;
  struct account account;
  struct account_own made;
  struct text consent_id, name, code; /* name and code: for the slip, once */
  bool is_there;
};

static bool load_account(struct store_transaction *transaction, void *context, struct error *error)
{
  struct signing_in *signing = context;
  struct web_request *request = signing->request;
  struct desk_about *about = &signing->about;
  return desk_about_open(transaction, request, "consent", "read", about, error) &&
         consent_load(transaction, &about->access, request->arena, signing->consent_id,
                      &signing->consent, error) &&
         family_account_find(transaction, request->arena, about->access.program_id,
                             signing->consent.id, &signing->account, &signing->is_there, error);
}

static bool change(struct store_transaction *transaction, void *context, struct error *error)
{
  struct signing_in *signing = context;
  struct web_request *request = signing->request;
  struct arena *arena = request->arena;
  const struct account *account = &signing->account;
  struct access access;
  bool is_end = text_equal(web_parameter_get(request, "act"), TEXT("end"));
  if (!load_account(transaction, context, error) ||
      !people_access(transaction, request, "own-account", "write", signing->about.person.id,
                     &access, error))
    return false;
  signing->name = signing->is_there ? account->sign_in_name : signing->made.sign_in_name;
  if (!signing->is_there && is_end)
    return error_set(error, ERROR_NOT_FOUND, "error.account.unknown", "", "there is none");
  if (is_end)
    return account_own_end(transaction, &access, arena, account->id, account->version, error);
  if (!family_consent_fits(request->application->privacy, &signing->consent, request->now))
    return error_set(error, ERROR_REFUSED, "error.family.consent", "", "the consent does not fit");
  return signing->is_there ? account_own_renew(transaction, &access, arena, account->id,
                                               account->version, &signing->made, error)
                           : family_account_create(transaction, &access, arena, signing->consent.id,
                                                   &signing->made, error);
}

static bool do_change(struct web_request *request, struct web_view *view, void *context,
                      struct error *error)
{
  struct signing_in *signing = context;
  bool is_end = text_equal(web_parameter_get(request, "act"), TEXT("end"));
  if (!is_end && !account_own_begin(request->application->privacy, request->arena, request->now,
                                    &signing->made, error))
    return false;
  if (!store_write(request->application->store, change, signing, error)) return false;
  desk_redirect(request, view, "/desk/people/%.*s/consents/family",
                TEXT_PRINT(signing->about.person.id));
  if (!is_end)
    view->once = text_format(request->arena, "%.*s %.*s %.*s", TEXT_PRINT(signing->consent.id),
                             TEXT_PRINT(signing->name), TEXT_PRINT(signing->made.code));
  return true;
}

static bool show_account(struct signing_in *signing, const char *problem)
{
  struct web_request *request = signing->request;
  struct web_view *view = signing->view;
  const struct account *account = &signing->account;
  struct value *page = view->page = value_object(request->arena);
  const char *state = account->is_disabled            ? "ownaccount.ended"
                      : account->must_change_password ? "ownaccount.waiting"
                                                      : "ownaccount.active";
  desk_about_fill(&signing->about, page);
  view->template_name = "desk/family_account";
  view_set_text(request, page, "consent", signing->consent.id);
  view_set_text(request, page, "recipient",
                signing->consent.recipient_count ? signing->consent.recipients[0].name : TEXT(""));
  view_set_text(request, page, "what", signing->consent.description);
  view_set_flag(
      request, page, "holds",
      family_consent_fits(request->application->privacy, &signing->consent, request->now));
  view_set_flag(request, page, "is_there", signing->is_there);
  view_set_flag(request, page, "is_open", signing->is_there && !account->is_disabled);
  view_set_text(request, page, "account_state",
                signing->is_there ? view_text(request, state) : TEXT(""));
  view_set_text(request, page, "sign_in_name",
                signing->is_there ? account->sign_in_name : TEXT(""));
  view_set_flag(request, page, "may_write", desk_may(request, "own-account", "write"));
  view_set_text(request, page, "slip_name", signing->name);
  view_set_text(request, page, "slip_code", signing->code);
  view_set_text(request, page, "slip_address",
                text_format(request->arena, "%s%.*s/me",
                            request->is_secure ? "https://" : "http://",
                            TEXT_PRINT(request->host)));
  view_set_text(request, page, "problem", problem ? view_text(request, problem) : TEXT(""));
  if (problem) view->status = 400;
  return true;
}

static bool view_account(struct web_request *request, struct web_view *view, struct error *error)
{
  struct signing_in signing = {.request = request,
                               .view = view,
                               .consent_id = web_parameter_get(request, "consent"),
                               .name = TEXT(""),
                               .code = TEXT("")};
  struct text once, first;
  const char *problem = NULL;
  if (request->method == WEB_POST) {
    if (desk_act(request, view, do_change, &signing, error)) return true;
    if (error->kind != ERROR_REFUSED && error->kind != ERROR_CONFLICT) return false;
    problem = error->person;
    error_clear(error);
    signing.name = TEXT("");
  } else {
    if (!desk_once(request, &once, error)) return false;
    if (text_word_next(&once, &first)) { /* of the act a moment ago, for the slip */
      signing.consent_id = first;
      (void)text_word_next(&once, &signing.name);
      signing.code = text_trim(once);
    }
  }
  return desk_read(request, load_account, &signing, error) && show_account(&signing, problem);
}

const struct web_route desk_family_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                .pattern = "/me/shared",
                                                .handler = view_shared,
                                                .guard = "shared-record",
                                                .get_act = "read",
                                                .post_act = "read"},
                                               {.methods = WEB_GET | WEB_POST,
                                                .pattern = "/desk/people/{id}/consents/family",
                                                .handler = view_account,
                                                .guard = "own-account",
                                                .get_act = "read",
                                                .post_act = "write"},
                                               {.pattern = NULL}};
