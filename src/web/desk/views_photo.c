/*
 * /desk/people/{id}/photo: the picture of the banner, to staff of the program by their role; and
 * putting another in its place. Its bytes are never interpreted.
 */
#include "web/desk/people.h"

struct photo {
  struct web_request *request;
  struct web_view *view;
  struct text type, bytes;
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

static bool save_photo(struct store_transaction *transaction, void *context, struct error *error)
{
  struct photo *photo = context;
  struct access access;
  if (!people_access(transaction, photo->request, "person", "write", photo->request->captured,
                     &access, error))
    return false;
  if (photo->bytes.length == 0) /* nothing chosen: the one that stands stays */
    return error_set(error, ERROR_REFUSED, "error.care.photo", "", "no picture was chosen");
  if (!person_photo_save(transaction, &access, photo->request->arena, photo->request->captured,
                         photo->bytes, error))
    return false;
  desk_redirect(photo->request, photo->view, "/desk/people/%.*s",
                TEXT_PRINT(photo->request->captured));
  return true;
}

static bool view_photo(struct web_request *request, struct web_view *view, struct error *error)
{
  struct photo photo = {.request = request, .view = view};
  if (request->method == WEB_POST) {
    photo.bytes = web_file_get(request, "photo");
    return desk_write(request, view, save_photo, &photo, error);
  }
  if (!desk_read(request, load_photo, &photo, error)) return false;
  view->content_type = text_equal(photo.type, TEXT("image/png")) ? "image/png" : "image/jpeg";
  view->raw = photo.bytes;
  return true;
}

const struct web_route desk_photo_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/people/{id}/photo",
                                               .handler = view_photo,
                                               .guard = "person",
                                               .get_act = "read",
                                               .post_act = "write",
                                               .body_limit = LIMIT_PHOTO + LIMIT_HTTP_BODY_FORM,
                                               .flags = WEB_FILES},
                                              {.pattern = NULL}};
