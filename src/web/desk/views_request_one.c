/*
 * /desk/requests/{id}: one request: for whom, what for, by when it is answered, what was done, and
 * every act on it. Each form of the page carries the version that the page was made from. Threads:
 * all state is the request's.
 */
#include "web/desk/request_page.h"

/* --- Acts ------------------------------------------------------------------------------------ */

static bool accept(struct store_transaction *transaction, struct request_page *page,
                   const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  struct request_answer answer = {.is_accepted = true, .reason = TEXT(""), .words = TEXT("")};
  return request_answer(transaction, request->application->requests, access, request->arena,
                        request->captured, &answer, page->version, error);
}

static bool decline(struct store_transaction *transaction, struct request_page *page,
                    const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  const struct desk_form *form = &page->forms[FORM_DECLINE];
  struct request_answer answer = {.reason = desk_form_get(form, "reason"),
                                  .words = desk_form_get(form, "decline_words")};
  return request_answer(transaction, request->application->requests, access, request->arena,
                        request->captured, &answer, page->version, error);
}

static bool assign(struct store_transaction *transaction, struct request_page *page,
                   const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  return request_assign(transaction, request->application->requests, access, request->arena,
                        request->captured, desk_form_get(&page->forms[FORM_ASSIGN], "assigned"),
                        page->version, error);
}

static bool save_facts(struct store_transaction *transaction, struct request_page *page,
                       const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  const struct desk_form *form = &page->forms[FORM_FACTS];
  struct request_facts facts = {
      .urgency = desk_form_get(form, "urgency"),
      .level_of_care = desk_form_get(form, "level_of_care"),
      .pregnant = desk_form_number(form, "pregnant", REQUEST_UNKNOWN),
      .injecting = desk_form_number(form, "injecting", REQUEST_UNKNOWN),
  };
  return request_save_facts(transaction, request->application->requests, access, request->arena,
                            request->captured, &facts, page->version, error);
}

static bool end(struct store_transaction *transaction, struct request_page *page,
                const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  const struct desk_form *form = &page->forms[FORM_END];
  return waitlist_end(transaction, request->application->requests, access, request->arena,
                      request->captured, desk_form_get(form, "outcome"),
                      desk_form_get(form, "end_words"), page->version, error);
}

static bool revoke_links(struct store_transaction *transaction, struct request_page *page,
                         const struct access *access, struct error *error)
{
  const struct web_request *request = page->request;
  return request_link_revoke(transaction, access, request->arena, request->captured, error);
}

static const struct desk_mapping decline_mappings[] = {{"error.request.reason", "reason"},
                                                       {NULL, NULL}};
static const struct desk_mapping assign_mappings[] = {{"error.request.assigned", "assigned"},
                                                      {NULL, NULL}};
static const struct desk_mapping facts_mappings[] = {{"error.request.level", "level_of_care"},
                                                     {NULL, NULL}};
static const struct desk_mapping end_mappings[] = {{"error.request.attempts", "outcome"},
                                                   {NULL, NULL}};

static const struct act {
  const char *name;
  bool (*run)(struct store_transaction *transaction, struct request_page *page,
              const struct access *access, struct error *error);
  enum request_form form; /* that says what was refused */
  bool has_fields;
  const struct desk_mapping *mappings;
} acts[] = {
    {"accept", accept, FORM_DECLINE, false, NULL},
    {"decline", decline, FORM_DECLINE, true, decline_mappings},
    {"assign", assign, FORM_ASSIGN, true, assign_mappings},
    {"facts", save_facts, FORM_FACTS, true, facts_mappings},
    {"end", end, FORM_END, true, end_mappings},
    {"call", request_calls_log, FORM_CALL, true, NULL},
    {"callback", request_calls_ask, FORM_CALLBACK, true, NULL},
    {"unlink", revoke_links, FORM_NONE, false, NULL},
};

static const struct act *find_act(struct text name)
{
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    if (text_equal(name, text_from(acts[i].name))) return &acts[i];
  return NULL;
}

struct acting {
  struct request_page *page;
  const struct act *act;
};

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct acting *acting = context;
  struct request_page *page = acting->page;
  struct web_request *request = page->request;
  struct access access;
  if (!requests_access(transaction, request, "write", request->captured, &access, error) ||
      !acting->act->run(transaction, page, &access, error))
    return false;
  desk_redirect(request, page->view, "/desk/requests/%.*s", TEXT_PRINT(request->captured));
  return true;
}

/* --- A private link -------------------------------------------------------------------------- */

static bool make_link(struct store_transaction *transaction, void *context, struct error *error)
{
  struct request_page *page = context;
  struct web_request *request = page->request;
  struct access access;
  return requests_access(transaction, request, "write", request->captured, &access, error) &&
         request_link_make(transaction, request->application->requests, &access, request->arena,
                           request->captured, &page->token, error);
}

/* The token is told once, on the page behind this act. */
static bool tell_link(struct web_request *request, struct web_view *view, void *context,
                      struct error *error)
{
  struct request_page *page = context;
  if (!store_write(request->application->store, make_link, page, error)) return false;
  view->once = page->token;
  desk_redirect(request, view, "/desk/requests/%.*s", TEXT_PRINT(request->captured));
  return true;
}

/* --- The page -------------------------------------------------------------------------------- */

/* Somebody was faster: what stands now beside what was typed. */
static bool show_conflict(struct request_page *page, enum request_form which, struct error *error)
{
  struct request_page now = {.request = page->request, .view = page->view};
  error_clear(error);
  if (!desk_read(page->request, request_page_load, &now, error)) return false;
  request_page_begin(&now);
  now.failed = which;
  struct desk_form stands = now.forms[which];
  now.forms[which] = page->forms[which];
  desk_form_conflict(&now.forms[which], &stands);
  request_page_show(&now);
  page->view->status = 409;
  return true;
}

static bool view_one(struct web_request *request, struct web_view *view, struct error *error)
{
  struct request_page page = {.request = request, .view = view, .failed = FORM_NONE};
  struct acting acting = {&page, find_act(web_parameter_get(request, "act"))};
  if (!desk_read(request, request_page_load, &page, error)) return false;
  request_page_begin(&page);
  if (request->method == WEB_GET)
    return desk_once(request, &page.token, error) && request_page_show(&page);
  if (text_equal(web_parameter_get(request, "act"), TEXT("link")))
    return desk_act(request, view, tell_link, &page, error);
  if (!acting.act)
    return error_set(error, ERROR_REFUSED, "error.400.text", "", "request: no such act");
  enum request_form which = acting.act->form;
  if (which == FORM_NONE) return desk_write(request, view, run, &acting, error);
  struct desk_form *form = &page.forms[which];
  page.failed = which;
  if (acting.act->has_fields && (!desk_form_read(form) || !request_calls_check(&page, which)))
    return request_page_show(&page);
  if (!text_read_integer(web_parameter_get(request, "version"), &page.version)) page.version = -1;
  if (desk_write(request, view, run, &acting, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(&page, which, error);
  return desk_form_take(form, error, acting.act->mappings) && request_page_show(&page);
}

const struct web_route desk_request_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/requests/{id}",
                                                 .handler = view_one,
                                                 .guard = "request",
                                                 .get_act = "read",
                                                 .post_act = "write",
                                                 .flags = WEB_LINES},
                                                {.pattern = NULL}};
