/*
 * /desk/people/{id}/account: the person's own account for /me: made here, with a code on a slip
 * that is handed over; given a new code; ended. Records that were joined to this one may have
 * brought an account of theirs. Threads: all state is the request's.
 */
#include "web/desk/people.h"

enum { ACCOUNTS_MOST = 8 };

struct page {
  struct web_request *request;
  struct web_view *view;
  struct person person;
  struct account accounts[ACCOUNTS_MOST];
  size_t count;
  bool is_there; /* an account of this very record */
};

/* --- Reading --------------------------------------------------------------------------------- */

static bool add_account(struct store_transaction *transaction, struct page *page,
                        struct text person_id, bool *is_there, struct error *error)
{
  struct web_request *request = page->request;
  if (page->count == ACCOUNTS_MOST) return true;
  if (!account_own_find(transaction, request->arena, request->actor->program_id, person_id,
                        &page->accounts[page->count], is_there, error))
    return false;
  page->count += *is_there;
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct page *page = context;
  struct web_request *request = page->request;
  struct text id = request->captured;
  struct person *merged;
  struct access access, person;
  size_t count;
  bool is_there = false;
  page->count = 0;
  page->is_there = false;
  if (!people_access(transaction, request, "own-account", "read", id, &access, error) ||
      !people_fill(transaction, request, &access, id, "", page->view, &page->person, error))
    return false;
  if (page->view->redirect.length) return true;
  if (!add_account(transaction, page, id, &page->is_there, error) ||
      !people_access(transaction, request, "person", "read", id, &person, error) ||
      !person_merged_list(transaction, &person, request->arena, id, &merged, &count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!add_account(transaction, page, merged[i].id, &is_there, error)) return false;
  return true;
}

/* --- Showing --------------------------------------------------------------------------------- */

static struct value *fill_account(const struct page *page, const struct account *account)
{
  const struct web_request *request = page->request;
  struct value *item = value_object(request->arena);
  const char *state = account->is_disabled            ? "ownaccount.ended"
                      : account->must_change_password ? "ownaccount.waiting"
                                                      : "ownaccount.active";
  view_set_text(request, item, "account_id", account->id);
  value_set(item, "account_version", value_integer(request->arena, account->version));
  view_set_text(request, item, "sign_in_name", account->sign_in_name);
  view_set_text(request, item, "state", view_text(request, state));
  view_set_flag(request, item, "ended", account->is_disabled);
  view_set_flag(request, item, "merged", !text_equal(account->person_id, page->person.id));
  value_set(item, "last",
            account->last_sign_in_at ? desk_time(request, account->last_sign_in_at)
                                     : value_null(request->arena));
  return item;
}

/* "name code" of the act a moment ago, for the slip. */
static bool fill_slip(const struct page *page, struct error *error)
{
  struct web_request *request = page->request;
  struct text once, name = TEXT("");
  if (!desk_once(request, &once, error)) return false;
  (void)text_word_next(&once, &name);
  view_set_text(request, page->view->page, "slip_name", name);
  view_set_text(request, page->view->page, "slip_code", text_trim(once));
  view_set_text(request, page->view->page, "slip_address",
                text_format(request->arena, "%s%.*s/me",
                            request->is_secure ? "https://" : "http://",
                            TEXT_PRINT(request->host)));
  return true;
}

static bool show(struct page *page, const char *problem, struct error *error)
{
  const struct web_request *request = page->request;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < page->count; i++) value_add(list, fill_account(page, &page->accounts[i]));
  value_set(page->view->page, "accounts", list);
  view_set_flag(request, page->view->page, "is_there", page->is_there);
  view_set_flag(request, page->view->page, "may_write",
                desk_may(request, "own-account", "write") && page->person.erase_at == 0);
  view_set_text(request, page->view->page, "problem",
                problem ? view_text(request, problem) : TEXT(""));
  if (problem) page->view->status = 400;
  page->view->template_name = "desk/person_account";
  return fill_slip(page, error);
}

/* --- Changing -------------------------------------------------------------------------------- */

struct account_act {
  struct web_request *request;
  struct account_own made;
  struct text act, account_id, name; /* name: to sign in with */
  int64_t version;
};

/* The account's own person, who is this one or was joined to it. */
static bool open_account(struct store_transaction *transaction, struct account_act *act,
                         struct access *access, struct error *error)
{
  struct web_request *request = act->request;
  struct text person_id = request->captured, standing = request->captured;
  struct account account;
  if (act->account_id.length) {
    if (!account_load(transaction, request->arena, act->account_id, &account, error) ||
        !person_standing(transaction, request->arena, request->actor->program_id, account.person_id,
                         &standing, error))
      return false;
    person_id = account.person_id;
    act->name = account.sign_in_name;
  }
  if (!text_equal(standing, request->captured) || !person_id.length)
    return error_set(error, ERROR_NOT_FOUND, "error.account.unknown", "", "not of this person");
  return people_access(transaction, request, "own-account", "write", person_id, access, error);
}

static bool change(struct store_transaction *transaction, void *context, struct error *error)
{
  struct account_act *act = context;
  struct arena *arena = act->request->arena;
  struct access access;
  struct person person;
  if (!open_account(transaction, act, &access, error) ||
      !person_load(transaction, &access, arena, access.person_id, &person, error))
    return false;
  if (person.erase_at)
    return error_set(error, ERROR_REFUSED, "person.erased", "", "the person is erased");
  if (text_equal(act->act, TEXT("end")))
    return account_own_end(transaction, &access, arena, act->account_id, act->version, error);
  return act->account_id.length
             ? account_own_renew(transaction, &access, arena, act->account_id, act->version,
                                 &act->made, error)
             : account_own_create(transaction, &access, arena, &act->made, error);
}

static bool do_change(struct web_request *request, struct web_view *view, void *context,
                      struct error *error)
{
  struct account_act *act = context;
  struct privacy *privacy = request->application->privacy;
  bool is_end = text_equal(act->act, TEXT("end"));
  if (!is_end && !account_own_begin(privacy, request->arena, request->now, &act->made, error))
    return false;
  act->name = act->made.sign_in_name;
  if (!store_write(request->application->store, change, act, error)) return false;
  desk_redirect(request, view, "%.*s", TEXT_PRINT(request->path));
  if (!is_end)
    view->once =
        text_format(request->arena, "%.*s %.*s", TEXT_PRINT(act->name), TEXT_PRINT(act->made.code));
  return true;
}

static bool view_account(struct web_request *request, struct web_view *view, struct error *error)
{
  struct page page = {.request = request, .view = view};
  struct account_act act = {.request = request,
                            .act = web_parameter_get(request, "act"),
                            .account_id = web_parameter_get(request, "account_id")};
  if (!desk_read(request, load, &page, error)) return false;
  if (view->redirect.length) return true;
  if (request->method == WEB_GET) return show(&page, NULL, error);
  if (!text_read_integer(web_parameter_get(request, "account_version"), &act.version))
    act.version = -1;
  if (desk_act(request, view, do_change, &act, error)) return true;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_CONFLICT) return false;
  const char *problem = error->person;
  error_clear(error);
  return show(&page, problem, error);
}

const struct web_route desk_account_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/people/{id}/account",
                                                 .handler = view_account,
                                                 .guard = "own-account",
                                                 .get_act = "read",
                                                 .post_act = "write"},
                                                {.pattern = NULL}};
