/*
 * /desk/people/{id}/merge: two records of one person: find the other, see both side by side with
 * what speaks for and against it, join them, take it back. /desk/duplicates: what is suggested.
 * Searching is a POST; an address holds ids alone.
 */
#include "web/desk/people.h"

enum { SHOWN_AT_ONCE = 25 };

struct joining {
  struct web_request *request;
  struct web_view *view;
  struct person person, other;
  struct text with, typed;
  struct person_hit *hits;
  struct person *merged;
  size_t hit_count, merged_count;
  bool has_other, more;
};

/* --- Reading --------------------------------------------------------------------------------- */

static bool find(struct store_transaction *transaction, struct joining *joining,
                 struct error *error)
{
  struct web_request *request = joining->request;
  struct access access;
  return access_open_list(transaction, request->application->privacy, request->actor, "person",
                          "search", request->now, &access, error) &&
         person_search(transaction, &access, request->arena,
                       people_typed(request->application->catalog, request->arena, joining->typed),
                       SHOWN_AT_ONCE, &joining->hits, &joining->hit_count, &joining->more, error);
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct joining *joining = context;
  struct web_request *request = joining->request;
  struct text id = request->captured;
  struct access access, other;
  joining->has_other = false;
  if (!people_access(transaction, request, "person", "read", id, &access, error) ||
      !people_fill(transaction, request, &access, id, "merge", joining->view, &joining->person,
                   error))
    return false;
  if (joining->view->redirect.length) return true;
  if (!person_merged_list(transaction, &access, request->arena, id, &joining->merged,
                          &joining->merged_count, error) ||
      (joining->typed.length && !find(transaction, joining, error)))
    return false;
  if (!uuid_is_valid(joining->with) || text_equal(joining->with, id)) return true;
  joining->has_other = true;
  return people_access(transaction, request, "person", "read", joining->with, &other, error) &&
         person_load(transaction, &other, request->arena, joining->with, &joining->other, error);
}

/* --- Showing --------------------------------------------------------------------------------- */

static struct value *fill_person(const struct web_request *request, const struct person *person)
{
  struct value *item = value_object(request->arena);
  struct text birth = person->identity.birth_date;
  view_set_text(request, item, "person_id", person->id);
  view_set_text(request, item, "name",
                person->erase_at ? view_text(request, "person.erased")
                                 : person_full_name(request->arena, &person->identity));
  view_set_text(request, item, "birth", birth.length ? view_date(request, birth) : TEXT(""));
  value_set(item, "person_version", value_integer(request->arena, person->version));
  return item;
}

static void add_row(const struct web_request *request, struct value *rows, const char *label,
                    struct text left, struct text right)
{
  if (left.length + right.length == 0) return;
  struct value *row = value_object(request->arena);
  view_set_text(request, row, "label", view_text(request, label));
  view_set_text(request, row, "left", left);
  view_set_text(request, row, "right", right);
  view_set_flag(request, row, "differs", !text_equal(left, right));
  value_add(rows, row);
}

static struct text phone_of(const struct web_request *request, const struct person *person)
{
  if (!person->identity.phone_count) return TEXT("");
  return people_phone(request->arena, person->identity.phones[0].number);
}

static struct text date_of(const struct web_request *request, const struct person *person)
{
  struct text birth = person->identity.birth_date;
  return birth.length ? view_date(request, birth) : birth;
}

static struct text address_of(const struct web_request *request, const struct person *person)
{
  const struct person_identity *identity = &person->identity;
  return text_trim(view_address(request->arena, identity->street, TEXT(""), identity->city,
                                identity->state, identity->zip));
}

static struct text number_of(const struct person *person)
{
  return person->identity.identifier_count ? person->identity.identifiers[0].value : TEXT("");
}

static struct value *fill_sides(const struct web_request *request, const struct person *a,
                                const struct person *b)
{
  struct value *rows = value_list(request->arena);
  add_row(request, rows, "person.name", person_full_name(request->arena, &a->identity),
          person_full_name(request->arena, &b->identity));
  add_row(request, rows, "person.birth_date", date_of(request, a), date_of(request, b));
  add_row(request, rows, "person.sex", people_label(request, CARE_SEXES, a->identity.sex),
          people_label(request, CARE_SEXES, b->identity.sex));
  add_row(request, rows, "person.language", people_label(request, CARE_SPOKEN, a->language),
          people_label(request, CARE_SPOKEN, b->language));
  add_row(request, rows, "person.phone", phone_of(request, a), phone_of(request, b));
  add_row(request, rows, "person.address", address_of(request, a), address_of(request, b));
  add_row(request, rows, "person.identifier", number_of(a), number_of(b));
  return rows;
}

/* Words for what was compared; what speaks for one person first. */
static struct value *fill_reasons(const struct web_request *request, const struct person *a,
                                  const struct person *b)
{
  struct duplicate_score score;
  struct value *list = value_list(request->arena);
  duplicate_weigh(request->application->records, request->arena, &a->identity, &b->identity,
                  &score);
  for (int speaks_for = 1; speaks_for >= 0; speaks_for--)
    for (size_t i = 0; i < score.count; i++) {
      if ((score.reasons[i].weight > 0) != (speaks_for == 1)) continue;
      struct value *item = value_object(request->arena);
      struct text key =
          text_format(request->arena, "duplicate-weights.%.*s", TEXT_PRINT(score.reasons[i].name));
      view_set_text(request, item, "words", view_text(request, text_c(request->arena, key)));
      view_set_flag(request, item, "speaks_for", speaks_for == 1);
      value_add(list, item);
    }
  return list;
}

static bool show(struct joining *joining, const char *problem)
{
  struct web_request *request = joining->request;
  struct value *page = joining->view->page, *hits = value_list(request->arena),
               *merged = value_list(request->arena);
  for (size_t i = 0; i < joining->hit_count; i++)
    if (!text_equal(joining->hits[i].person.id, joining->person.id))
      value_add(hits, fill_person(request, &joining->hits[i].person));
  for (size_t i = 0; i < joining->merged_count; i++)
    value_add(merged, fill_person(request, &joining->merged[i]));
  value_set(page, "hits", hits);
  value_set(page, "merged", merged);
  view_set_flag(request, page, "any_hits", value_count(hits) > 0);
  view_set_flag(request, page, "any_merged", joining->merged_count > 0);
  view_set_flag(request, page, "searched", joining->typed.length > 0);
  view_set_text(request, page, "typed", joining->typed);
  view_set_flag(request, page, "has_other", joining->has_other);
  view_set_text(request, page, "problem", problem ? view_text(request, problem) : TEXT(""));
  if (joining->has_other) {
    value_set(page, "kept", fill_person(request, &joining->person));
    value_set(page, "joins", fill_person(request, &joining->other));
    value_set(page, "sides", fill_sides(request, &joining->person, &joining->other));
    value_set(page, "why", fill_reasons(request, &joining->person, &joining->other));
  }
  joining->view->template_name = "desk/person_merge";
  if (problem) joining->view->status = 400;
  return true;
}

/* --- Acting ---------------------------------------------------------------------------------- */

static int64_t version_of(const struct web_request *request, const char *name)
{
  int64_t version;
  return text_read_integer(web_parameter_get(request, name), &version) ? version : -1;
}

static bool join(struct store_transaction *transaction, void *context, struct error *error)
{
  struct joining *joining = context;
  struct web_request *request = joining->request;
  struct access access, other;
  if (!people_access(transaction, request, "person", "merge", joining->with, &other, error) ||
      !people_access(transaction, request, "person", "merge", request->captured, &access, error) ||
      !person_merge(transaction, &access, request->captured, version_of(request, "kept_version"),
                    joining->with, version_of(request, "with_version"), error))
    return false;
  desk_redirect(request, joining->view, "/desk/people/%.*s/merge", TEXT_PRINT(request->captured));
  return true;
}

static bool undo(struct store_transaction *transaction, void *context, struct error *error)
{
  struct joining *joining = context;
  struct web_request *request = joining->request;
  struct access access;
  if (!people_access(transaction, request, "person", "merge", request->captured, &access, error) ||
      !person_unmerge(transaction, &access, joining->with, version_of(request, "with_version"),
                      error))
    return false;
  desk_redirect(request, joining->view, "/desk/people/%.*s/merge", TEXT_PRINT(request->captured));
  return true;
}

static bool view_merge(struct web_request *request, struct web_view *view, struct error *error)
{
  struct joining joining = {
      .request = request, .view = view, .with = web_parameter_get(request, "with")};
  struct text act = web_parameter_get(request, "act");
  const char *problem = NULL;
  if (request->method == WEB_POST && act.length) {
    bool is_undo = text_equal(act, TEXT("undo"));
    if (desk_write(request, view, is_undo ? undo : join, &joining, error)) return true;
    if (error->kind != ERROR_CONFLICT) return false;
    problem = error->person;
    error_clear(error);
  }
  if (request->method == WEB_POST && !act.length) joining.typed = web_parameter_get(request, "q");
  if (!desk_read(request, load, &joining, error)) return false;
  return view->redirect.length || show(&joining, problem);
}

/* --- What is suggested ----------------------------------------------------------------------- */

struct suggesting {
  struct web_request *request;
  struct web_view *view;
  struct duplicate *rows;
  size_t count;
  struct value *list;
};

static bool load_one(struct store_transaction *transaction, struct web_request *request,
                     struct text id, struct person *out, struct error *error)
{
  struct access access;
  return people_access(transaction, request, "person", "merge", id, &access, error) &&
         person_load(transaction, &access, request->arena, id, out, error);
}

static void add_pair(struct suggesting *suggesting, const struct duplicate *row,
                     const struct person *a, const struct person *b)
{
  struct web_request *request = suggesting->request;
  struct value *item = value_object(request->arena);
  value_set(item, "first", fill_person(request, a));
  value_set(item, "second", fill_person(request, b));
  value_set(item, "why", fill_reasons(request, a, b));
  value_set(item, "pair_version", value_integer(request->arena, row->version));
  value_add(suggesting->list, item);
}

static bool load_pairs(struct store_transaction *transaction, void *context, struct error *error)
{
  struct suggesting *suggesting = context;
  struct web_request *request = suggesting->request;
  struct access access;
  suggesting->list = value_list(request->arena);
  if (!access_open_list(transaction, request->application->privacy, request->actor, "person",
                        "merge", request->now, &access, error) ||
      !duplicate_list(transaction, &access, request->arena, TEXT("suggested"), SHOWN_AT_ONCE,
                      &suggesting->rows, &suggesting->count, error))
    return false;
  for (size_t i = 0; i < suggesting->count; i++) {
    struct person a, b;
    const struct duplicate *row = &suggesting->rows[i];
    if (!load_one(transaction, request, row->person_a, &a, error) ||
        !load_one(transaction, request, row->person_b, &b, error))
      return false;
    add_pair(suggesting, row, &a, &b);
  }
  return true;
}

static bool set_different(struct store_transaction *transaction, void *context, struct error *error)
{
  struct suggesting *suggesting = context;
  struct web_request *request = suggesting->request;
  struct text a = web_parameter_get(request, "first"), b = web_parameter_get(request, "second");
  struct access one, other;
  if (!people_access(transaction, request, "person", "merge", b, &other, error) ||
      !people_access(transaction, request, "person", "merge", a, &one, error) ||
      !duplicate_set_different(transaction, &one, a, b, version_of(request, "pair_version"), error))
    return false;
  desk_redirect(request, suggesting->view, "/desk/duplicates");
  return true;
}

static bool view_duplicates(struct web_request *request, struct web_view *view, struct error *error)
{
  struct suggesting suggesting = {.request = request, .view = view};
  if (request->method == WEB_POST)
    return desk_write(request, view, set_different, &suggesting, error);
  if (!desk_read(request, load_pairs, &suggesting, error)) return false;
  view->page = value_object(request->arena);
  view->template_name = "desk/duplicates";
  value_set(view->page, "pairs", suggesting.list);
  view_set_flag(request, view->page, "any", value_count(suggesting.list) > 0);
  return true;
}

const struct web_route desk_joining_routes[] = {{.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/people/{id}/merge",
                                                 .handler = view_merge,
                                                 .guard = "person",
                                                 .get_act = "merge",
                                                 .post_act = "merge"},
                                                {.methods = WEB_GET | WEB_POST,
                                                 .pattern = "/desk/duplicates",
                                                 .handler = view_duplicates,
                                                 .guard = "person",
                                                 .get_act = "merge",
                                                 .post_act = "merge"},
                                                {.pattern = NULL}};
