/*
 * /desk/people/{id}/photo: the picture of the banner, to staff of the program by their role; and
 * putting another in its place or taking it away, from the person's page or from their intake. What
 * is kept is the picture alone (care/picture.h). Threads: all state is the request's.
 */
#include "web/desk/people.h"

struct photo {
  struct web_request *request;
  struct web_view *view;
  struct text type, bytes;
  struct person_photo made;
  bool is_away; /* it is taken away, and none put in its place */
};

static bool load_photo(struct store_transaction *transaction, void *context, struct error *error)
{
  struct photo *photo = context;
  struct access access;
  return people_access(transaction, photo->request, "person", "read", photo->request->captured,
                       &access, error) &&
         person_photo_load(transaction, &access, photo->request->arena, photo->request->captured,
                           &photo->type, &photo->bytes, error);
}

/* --- Another -------------------------------------------------------------------------------- */

/* The page whose form it was: the intake's item, else the person. */
static struct text origin(const struct web_request *request)
{
  struct text to = web_parameter_get(request, "to");
  struct text here =
      text_format(request->arena, "/desk/people/%.*s", TEXT_PRINT(request->captured));
  return text_starts_with(to, here) && desk_path_is_ours(to) ? to : here;
}

static bool save_photo(struct store_transaction *transaction, void *context, struct error *error)
{
  struct photo *photo = context;
  struct web_request *request = photo->request;
  struct access access;
  if (!people_access(transaction, request, "person", "write", request->captured, &access, error) ||
      !person_photo_save(transaction, &access, request->arena, request->captured,
                         photo->is_away ? NULL : &photo->made, error))
    return false;
  desk_redirect(request, photo->view, "%.*s", TEXT_PRINT(origin(request)));
  return true;
}

/* A phone's form has two fields: one opens the camera, one lets choose. */
static struct text chosen(const struct web_request *request)
{
  struct text taken = web_file_get(request, "camera");
  return taken.length ? taken : web_file_get(request, "photo");
}

static bool load_person(struct store_transaction *transaction, void *context, struct error *error)
{
  struct photo *photo = context;
  struct web_request *request = photo->request;
  struct access access;
  struct person person;
  return people_access(transaction, request, "person", "write", request->captured, &access,
                       error) &&
         people_fill(transaction, request, &access, request->captured, "", photo->view, &person,
                     error);
}

/* The form again, with what is wrong, to whoever may change the photo. */
static bool show_refused(struct photo *photo, struct error *error)
{
  struct web_request *request = photo->request;
  struct text problem = view_text(request, error->person);
  int status = error->kind == ERROR_TOO_LARGE ? 413 : 400;
  error_clear(error);
  if (!desk_read(request, load_person, photo, error)) return false;
  if (photo->view->redirect.length) return true;
  view_set_text(request, photo->view->page, "photo_to", origin(request));
  view_set_text(request, photo->view->page, "photo_problem", problem);
  photo->view->template_name = "desk/photo";
  photo->view->status = status;
  return true;
}

static bool view_photo(struct web_request *request, struct web_view *view, struct error *error)
{
  struct photo photo = {.request = request, .view = view};
  if (request->method == WEB_POST) {
    photo.is_away = text_equal(web_parameter_get(request, "act"), TEXT("remove"));
    if (!photo.is_away && !person_photo_make(request->arena, chosen(request), &photo.made, error))
      return show_refused(&photo, error);
    return desk_write(request, view, save_photo, &photo, error);
  }
  if (!desk_read(request, load_photo, &photo, error)) return false;
  view->content_type = file_form_type(file_form_of(photo.bytes));
  view->raw = photo.bytes;
  return true;
}

const struct web_route desk_photo_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/people/{id}/photo",
                                               .handler = view_photo,
                                               .guard = "person",
                                               .get_act = "read",
                                               .post_act = "write",
                                               .body_limit = LIMIT_FILE + LIMIT_HTTP_BODY_FORM,
                                               .flags = WEB_FILES},
                                              {.pattern = NULL}};
