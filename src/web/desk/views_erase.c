/*
 * /desk/people/{id}/erase: what erasing does, until when the record must be kept, and the order to
 * erase, which asks for a word to be typed and for proof. Carried out by a clock (care/erase.h).
 */
#include "web/desk/people.h"

static const struct desk_field fields[] = {
    {.name = "word",
     .label = "erase.word_label",
     .help = "erase.word_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_SHORT},
};
static const struct desk_mapping mappings[] = {{"error.care.erase.open", NULL},
                                               {"error.care.erase.retention", NULL},
                                               {"error.care.stale", NULL},
                                               {NULL, NULL}};

struct erasing {
  struct web_request *request;
  struct web_view *view;
  struct person person;
  struct retention retention;
  int64_t version;
};

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct erasing *erasing = context;
  struct web_request *request = erasing->request;
  struct access access;
  struct text id = request->captured;
  if (!people_access(transaction, request, "person", "erase", id, &access, error) ||
      !people_fill(transaction, request, &access, id, "erase", erasing->view, &erasing->person,
                   error))
    return false;
  return erasing->view->redirect.length || erasing->person.erase_at ||
         person_retention(transaction, request->application->records, &access, request->arena, id,
                          &erasing->retention, error);
}

static bool order(struct store_transaction *transaction, void *context, struct error *error)
{
  struct erasing *erasing = context;
  struct web_request *request = erasing->request;
  struct access access;
  if (!people_access(transaction, request, "person", "erase", request->captured, &access, error) ||
      !person_erase(transaction, request->application->records, &access, request->arena,
                    request->captured, erasing->version, error))
    return false;
  desk_redirect(request, erasing->view, "/desk/people/%.*s/erase", TEXT_PRINT(request->captured));
  return true;
}

static void fill(const struct erasing *erasing)
{
  struct web_request *request = erasing->request;
  struct value *page = erasing->view->page;
  const struct retention *retention = &erasing->retention;
  bool is_erased = erasing->person.erase_at != 0;
  bool is_early = retention->until.length && text_compare(retention->today, retention->until) <= 0;
  view_set_flag(request, page, "erased", is_erased);
  view_set_flag(request, page, "open_stay", !is_erased && retention->is_open);
  view_set_text(request, page, "until",
                !is_erased && is_early ? view_date(request, retention->until) : TEXT(""));
  view_set_text(request, page, "rule", is_early ? retention->source : TEXT(""));
  view_set_flag(request, page, "may_erase", !is_erased && !retention->is_open && !is_early);
}

static bool view_erase(struct web_request *request, struct web_view *view, struct error *error)
{
  struct erasing erasing = {.request = request, .view = view};
  struct desk_form form;
  if (!desk_read(request, load, &erasing, error)) return false;
  if (view->redirect.length) return true;
  fill(&erasing);
  DESK_FORM_INIT(&form, request, fields);
  desk_form_set_version(&form, erasing.person.version);
  if (request->method == WEB_GET || !desk_form_read(&form))
    return desk_form_show(&form, view, "desk/person_erase");
  if (!text_equal(desk_form_get(&form, "word"), view_text(request, "erase.word"))) {
    desk_form_refuse(&form, "word", "erase.word_wrong");
    return desk_form_show(&form, view, "desk/person_erase");
  }
  erasing.version = desk_form_version(&form);
  if (desk_write(request, view, order, &erasing, error)) return true;
  return desk_form_take(&form, error, mappings) && desk_form_show(&form, view, "desk/person_erase");
}

const struct web_route desk_erase_routes[] = {{.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/people/{id}/erase",
                                               .handler = view_erase,
                                               .guard = "person",
                                               .get_act = "erase",
                                               .post_act = "erase"},
                                              {.pattern = NULL}};
