/*
 * A follower: see follower.h.
 *
 * Invariants: `rows` holds the last of each row that was read, by key; an overlay is built from all
 * of them. A row that is read again unchanged changes nothing.
 */
#include "web/follower.h"

#include <stdlib.h>
#include <string.h>

#include "web/ticker.h"

enum { EACH_MILLISECONDS = 250 };
static const int64_t second = INT64_C(1000000);

struct kept_row {
  struct availability row; /* its texts stand behind it */
  char texts[];
};

struct web_follower {
  struct store *store;
  const struct beds *beds;
  struct directory *directory;
  struct web_ticker *ticker;
  struct kept_row **rows; /* by key */
  size_t count, room;
  int64_t newest;   /* changed_at of the newest row; 0: none was read yet */
  int64_t whole_at; /* when all were last read */
  int64_t next_at;  /* when time alone changes what is shown */
  bool is_failing;
};

/* --- Rows ---------------------------------------------------------------------------------- */

static int compare_keys(const struct availability *a, const struct availability *b)
{
  int order = text_compare(a->program_id, b->program_id);
  if (order == 0) order = text_compare(a->site_id, b->site_id);
  if (order == 0) order = text_compare(a->level_of_care, b->level_of_care);
  return order ? order : text_compare(a->place_kind, b->place_kind);
}

static int by_key(const void *a, const void *b)
{
  return compare_keys(&(*(struct kept_row *const *)a)->row, &(*(struct kept_row *const *)b)->row);
}

static int against_key(const void *key, const void *item)
{
  return compare_keys(key, &(*(struct kept_row *const *)item)->row);
}

static struct text put_text(char **at, struct text t)
{
  struct text copy = {*at, t.length};
  if (t.length) memcpy(*at, t.at, t.length);
  *at += t.length;
  return copy;
}

static struct kept_row *keep(const struct availability *row)
{
  const struct text texts[] = {row->program_id, row->site_id, row->facility_id, row->level_of_care,
                               row->place_kind, row->source,  row->answer};
  size_t length = 0;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) length += texts[i].length;
  struct kept_row *kept = memory_allocate(sizeof *kept + length);
  char *at = kept->texts;
  kept->row = *row;
  kept->row.program_id = put_text(&at, row->program_id);
  kept->row.site_id = put_text(&at, row->site_id);
  kept->row.facility_id = put_text(&at, row->facility_id);
  kept->row.level_of_care = put_text(&at, row->level_of_care);
  kept->row.place_kind = put_text(&at, row->place_kind);
  kept->row.source = put_text(&at, row->source);
  kept->row.answer = put_text(&at, row->answer);
  return kept;
}

static bool is_same(const struct availability *a, const struct availability *b)
{
  return text_equal(a->facility_id, b->facility_id) && text_equal(a->source, b->source) &&
         text_equal(a->answer, b->answer) && a->places == b->places && a->as_of == b->as_of;
}

static void add(struct web_follower *follower, struct kept_row *row)
{
  if (follower->count == follower->room) {
    follower->room = follower->room ? 2 * follower->room : 64;
    follower->rows = memory_resize(follower->rows, follower->room * sizeof(struct kept_row *));
  }
  follower->rows[follower->count++] = row;
}

/* Take the rows in; did any of them say something new? */
static bool take(struct web_follower *follower, const struct availability *rows, size_t count)
{
  size_t known = follower->count;
  bool is_new = false;
  for (size_t i = 0; i < count; i++) {
    struct kept_row **found =
        known ? bsearch(&rows[i], follower->rows, known, sizeof(struct kept_row *), against_key)
              : NULL;
    if (rows[i].changed_at > follower->newest) follower->newest = rows[i].changed_at;
    if (found && is_same(&(*found)->row, &rows[i])) continue;
    is_new = true;
    if (found) {
      free(*found);
      *found = keep(&rows[i]);
    } else {
      add(follower, keep(&rows[i]));
    }
  }
  if (follower->count > known)
    qsort(follower->rows, follower->count, sizeof(struct kept_row *), by_key);
  return is_new;
}

static void forget(struct web_follower *follower)
{
  for (size_t i = 0; i < follower->count; i++) free(follower->rows[i]);
  follower->count = 0;
}

/* --- Publishing ---------------------------------------------------------------------------- */

static void publish(struct web_follower *follower, int64_t now)
{
  struct arena *arena = arena_new(LIMIT_OVERLAY);
  struct availability *rows = arena_allocate_array(arena, follower->count + 1, sizeof *rows);
  for (size_t i = 0; i < follower->count; i++) rows[i] = follower->rows[i]->row;
  directory_publish(follower->directory, availability_overlay(follower->beds, rows, follower->count,
                                                              now, &follower->next_at));
  arena_free(arena);
}

struct reading {
  struct arena *arena;
  int64_t since;
  struct availability *rows;
  size_t count;
};

static bool read_rows(struct store_transaction *transaction, void *context, struct error *error)
{
  struct reading *reading = context;
  return availability_read(transaction, reading->arena, reading->since, 0, &reading->rows,
                           &reading->count, error);
}

bool web_follower_look(struct web_follower *follower, int64_t now, struct error *error)
{
  const int64_t overlap = LIMIT_AVAILABILITY_OVERLAP_SECONDS * second;
  bool is_whole = follower->newest == 0 || now < follower->whole_at ||
                  now - follower->whole_at >= LIMIT_AVAILABILITY_WHOLE_SECONDS * second;
  struct reading reading = {.arena = arena_new(LIMIT_OVERLAY),
                            .since = is_whole ? INT64_MIN : follower->newest - overlap};
  bool is_read = store_read(follower->store, read_rows, &reading, error), is_new = false;
  if (is_read && is_whole) follower->whole_at = now;
  if (is_read) is_new = take(follower, reading.rows, reading.count);
  if (is_read && is_whole && follower->count > reading.count) {
    forget(follower); /* rows are gone: another database was restored */
    take(follower, reading.rows, reading.count);
    is_new = true;
  }
  if (is_new || now >= follower->next_at) publish(follower, now);
  arena_free(reading.arena);
  return is_read;
}

/* --- Following ----------------------------------------------------------------------------- */

static void tick(void *context)
{
  struct web_follower *follower = context;
  struct error error = {0};
  bool is_read = web_follower_look(follower, time_now(), &error);
  if (!is_read && !follower->is_failing) log_error("availability.follow.failed", &error);
  if (is_read && follower->is_failing)
    log_event(LOG_INFO, "availability.follow.recovered",
              LOG_N("facilities", (int64_t)follower->count));
  follower->is_failing = !is_read;
}

struct web_follower *web_follower_new(struct store *store, const struct beds *beds,
                                      struct directory *directory)
{
  struct web_follower *follower = memory_allocate_zero(1, sizeof *follower);
  follower->store = store;
  follower->beds = beds;
  follower->directory = directory;
  follower->next_at = INT64_MAX;
  return follower;
}

bool web_follower_start(struct web_follower **out, struct store *store, const struct beds *beds,
                        struct directory *directory, struct error *error)
{
  struct web_follower *follower = web_follower_new(store, beds, directory);
  tick(follower);
  if (!web_ticker_start_every(&follower->ticker, EACH_MILLISECONDS, tick, follower, error)) {
    web_follower_stop(follower);
    return false;
  }
  *out = follower;
  return true;
}

void web_follower_stop(struct web_follower *follower)
{
  if (!follower) return;
  web_ticker_stop(follower->ticker);
  directory_publish(follower->directory, NULL);
  forget(follower);
  free(follower->rows);
  free(follower);
}
