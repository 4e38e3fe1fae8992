/*
 * /me: a person's own pages: the start, and the way to sign in. What is on them is views_record.c
 * and views_consents.c. Threads: all state is the request's.
 */
#include "web/desk/desk_private.h"

static bool view_mine(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "is_family", request->actor->kind == ACTOR_FAMILY);
  view_set_flag(request, view->page, "has_belongings", request->application->intakes != NULL);
  view->template_name = "desk/mine";
  return true;
}

/* One door signs everybody in. */
static bool view_sign_in(struct web_request *request, struct web_view *view, struct error *error)
{
  (void)error;
  struct text to = web_parameter_get(request, "to");
  if (!text_starts_with(to, TEXT("/me")) || !desk_path_is_ours(to)) to = TEXT("/me");
  desk_redirect(request, view, "%.*s",
                TEXT_PRINT(desk_path_to(request->arena, "/desk/sign-in", to)));
  return true;
}

const struct web_route desk_mine_routes[] = {
    {.methods = WEB_GET,
     .pattern = "/me",
     .handler = view_mine,
     .guard = "session",
     .get_act = "read"},
    {.methods = WEB_GET, .pattern = "/me/sign-in", .handler = view_sign_in, .flags = WEB_OPEN},
    {.pattern = NULL}};
