/*
 * record_views: who saw a person's record, from the audit, for the person: grouped by day, by who
 * it was and by what they did, in plain words. It names nobody but staff and kinds of actor, and
 * none of the record's words. The person's own visits and the program's own clocks are left out; so
 * are lists in which a name only stood among others (the audit has those). A form that was opened,
 * or sent and refused, counts as a look; an act counts once, however many steps it took. See
 * disclose.h.
 */
#include "privacy/privacy.h"
#include "privacy/sealed.h"

/* Views being gathered, newest first. */
struct views {
  struct arena *arena;
  const struct catalog *catalog;
  struct record_view *at;
  size_t count, room;
};

/* Was a form only opened, or refused: access.c says so. */
static bool is_look(const struct views *views, const struct audit_row *row)
{
  const struct value *detail, *look = NULL;
  struct error error = {0};
  if (json_read(views->arena, row->detail, &detail, &error)) look = value_get(detail, TEXT("look"));
  return look && value_kind_get(look) == VALUE_TRUE;
}

/* "views.person.read", or what is said of the rest. An act that did not come about is a look. */
static struct text what_of(const struct views *views, const struct audit_row *row)
{
  struct text act = is_look(views, row) ? TEXT("read") : row->act;
  struct text key =
      text_format(views->arena, "views.%.*s.%.*s", TEXT_PRINT(row->object), TEXT_PRINT(act));
  return catalog_find(views->catalog, 0, key).at ? key : TEXT("views.other");
}

static bool is_of_others(const struct audit_row *row)
{
  return text_equal(row->outcome, TEXT("done")) && !text_equal(row->actor_kind, TEXT("person")) &&
         !text_equal(row->actor_kind, TEXT("system"));
}

/* Did this moment's act already take effect on the same thing? Then its look at the form is a step
 * of it. Rows come newest first, the effect before its look. */
static bool is_step(const struct views *views, const struct audit_row *row, struct text day)
{
  struct text begin = text_format(views->arena, "views.%.*s.", TEXT_PRINT(row->object));
  for (size_t i = views->count; i-- > 0;) {
    const struct record_view *view = &views->at[i];
    if (!text_equal(view->day, day)) break;
    if (view->last_at == row->at && text_equal(view->who, row->actor_name) &&
        text_starts_with(view->what, begin))
      return true;
  }
  return false;
}

/* Rows of one moment are one act with its steps: one is counted. */
static void add(struct views *views, const struct audit_row *row)
{
  struct text what = what_of(views, row);
  struct text day = time_format_date(views->arena, row->at);
  if (is_look(views, row) && is_step(views, row, day)) return;
  for (size_t i = views->count; i-- > 0;) {
    struct record_view *view = &views->at[i];
    if (!text_equal(view->day, day)) break; /* they come by time */
    if (text_equal(view->who, row->actor_name) && text_equal(view->what, what)) {
      if (view->last_at != row->at) view->times++;
      view->last_at = row->at;
      return;
    }
  }
  if (views->count == views->room) {
    size_t room = views->room * 2 + 64;
    struct record_view *more = arena_allocate_array(views->arena, room, sizeof *more);
    for (size_t i = 0; i < views->count; i++) more[i] = views->at[i];
    views->at = more;
    views->room = room;
  }
  views->at[views->count++] = (struct record_view){
      .at = row->at,
      .last_at = row->at,
      .day = day,
      .who = text_copy(views->arena, row->actor_name),
      .role = text_format(views->arena, "actor.%.*s", TEXT_PRINT(row->actor_kind)),
      .what = what,
      .times = 1};
}

bool record_views(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct record_view **out, size_t *count, struct error *error)
{
  struct views views = {.arena = arena, .catalog = access->privacy->catalog};
  struct audit_query query = {.program_id = access->program_id,
                              .person_id = access->person_id,
                              .limit = LIMIT_RECORD_VIEWS_PAGE};
  struct audit_row *rows;
  size_t found = 0;
  if (!sealed_person(access, error)) return false;
  for (size_t read = 0; read < LIMIT_RECORD_VIEWS; read += found) {
    if (!audit_read(transaction, arena, &query, access->now, &rows, &found, error)) return false;
    for (size_t i = 0; i < found; i++)
      if (is_of_others(&rows[i])) add(&views, &rows[i]);
    if (found < query.limit) break;
    query.before_seq = rows[found - 1].seq;
  }
  *out = views.at;
  *count = views.count;
  return true;
}
