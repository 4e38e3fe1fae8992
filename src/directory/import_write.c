/*
 * Writing a release: one transaction that matches a batch with what stands, and changes it.
 *
 * The function that store_write() runs keeps nothing of a run that did not commit: counts and the
 * plan are made anew each time. Identity is listing_match.c's work; merging listings into one
 * facility is done when it is read (facility.c).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "directory/import_batch.h"

/* The name space of facility ids: a random UUID, fixed for ever. */
static const unsigned char facility_space[UUID_BYTES] = {
    0x5a, 0x51, 0x79, 0xdf, 0xf8, 0x2c, 0x4d, 0xcd, 0x9c, 0xf6, 0xa4, 0x87, 0xcf, 0x4c, 0xe8, 0x8e};

static const struct text demo_source = TEXT("demo");
enum { NOWHERE = -1 };

/* A facility that stands. */
struct known {
  char id[UUID_TEXT + 1];
  char first_listed[11];
  int64_t own; /* index in `old` of this source's listing, or NOWHERE */
  bool taken;  /* a listing of the release is it */
};

struct plan {
  const struct import_batch *batch;
  struct store_transaction *transaction;
  struct arena *arena; /* of the run */
  struct text source, as_of;
  struct known *known;
  size_t known_count, known_capacity;
  struct match_old *old;
  size_t old_count, old_capacity;
  char (*old_as_of)[11];   /* of each listing: when last confirmed */
  struct match_new *fresh; /* parallel to the batch's entries */
  struct import_counts counts;
};

struct write_context {
  const struct import_batch *batch;
  struct text sha256;
  int64_t now;
  struct import_counts counts; /* of the run that committed */
  bool nothing_changed;
};

/* --- What stands ------------------------------------------------------------------------------ */

/* Answer the one text or number of a query's first row; empty when there is none. */
static bool query_text(struct store_cursor *cursor, struct arena *arena, struct text *out,
                       struct error *error)
{
  bool more = false, done = store_next(cursor, &more, error);
  *out = TEXT("");
  if (done && more && !store_column_is_null(cursor, 0))
    *out = text_copy(arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  return done;
}

static bool check_order(struct plan *plan, struct error *error)
{
  struct store_cursor *cursor;
  struct text standing;
  if (!store_query(plan->transaction, &cursor,
                   "SELECT max(as_of) FROM directory_release WHERE source = $1",
                   STORE_BIND(STORE_T(plan->source)), error) ||
      !query_text(cursor, plan->arena, &standing, error))
    return false;
  if (text_compare(plan->as_of, standing) >= 0) return true;
  return error_set(error, ERROR_REFUSED, "error.import.older",
                   "Give --as-of with a later date if it is newer all the same, or --source with "
                   "another name to keep both.",
                   "this release is of %.*s, older than the %.*s that stands for %.*s",
                   TEXT_PRINT(plan->as_of), TEXT_PRINT(standing), TEXT_PRINT(plan->source));
}

/* A demo never stands beside real facilities: real ones send it away, and it refuses to come. */
static bool make_room(struct plan *plan, struct error *error)
{
  if (!text_equal(plan->source, demo_source))
    return store_execute(plan->transaction, "DELETE FROM listing WHERE source = 'demo'",
                         STORE_BIND_NONE, NULL, error) &&
           store_execute(plan->transaction, "DELETE FROM directory_release WHERE source = 'demo'",
                         STORE_BIND_NONE, NULL, error) &&
           store_execute(plan->transaction, "DELETE FROM facility WHERE invented = 1",
                         STORE_BIND_NONE, &plan->counts.invented_removed, error);
  struct store_cursor *cursor;
  struct text real;
  if (!store_query(plan->transaction, &cursor,
                   "SELECT source FROM listing WHERE source <> 'demo' LIMIT 1", STORE_BIND_NONE,
                   error) ||
      !query_text(cursor, plan->arena, &real, error))
    return false;
  if (real.length == 0) return true;
  return error_set(error, ERROR_REFUSED, "error.import.demo",
                   "Name an empty data folder with --data to look at the demo.",
                   "real facilities stand in this directory (%.*s)", TEXT_PRINT(real));
}

static void *grow(void *all, size_t count, size_t *capacity, size_t size)
{
  if (count < *capacity) return all;
  *capacity = *capacity ? *capacity * 2 : 1024;
  return memory_resize(all, *capacity * size);
}

static void set_date(char out[11], struct text date)
{
  size_t length = date.length < 10 ? date.length : 10;
  if (length) memcpy(out, date.at, length);
  out[length] = 0;
}

/* Add a listing that stands; rows come ordered by facility. */
static void add_old(struct plan *plan, struct arena *scratch, const struct listing_row *row,
                    struct text first_listed)
{
  struct known *last = plan->known_count ? &plan->known[plan->known_count - 1] : NULL;
  if (!last || !text_equal(text_from(last->id), row->facility_id)) {
    plan->known = grow(plan->known, plan->known_count, &plan->known_capacity, sizeof *plan->known);
    last = &plan->known[plan->known_count++];
    *last = (struct known){.own = NOWHERE};
    size_t length = row->facility_id.length < UUID_TEXT ? row->facility_id.length : UUID_TEXT;
    memcpy(last->id, row->facility_id.at, length);
    set_date(last->first_listed, first_listed);
  }
  size_t capacity = plan->old_capacity;
  plan->old_as_of = grow(plan->old_as_of, plan->old_count, &capacity, sizeof *plan->old_as_of);
  plan->old = grow(plan->old, plan->old_count, &plan->old_capacity, sizeof *plan->old);
  struct match_old *old = &plan->old[plan->old_count];
  *old = (struct match_old){.facility = plan->known_count - 1,
                            .directories = row->listing.directories,
                            .own = text_equal(row->source, plan->source),
                            .withdrawn = row->withdrawn.length > 0};
  listing_keys(scratch, &row->listing, &old->keys);
  set_date(plan->old_as_of[plan->old_count], row->as_of);
  if (old->own) last->own = (int64_t)plan->old_count;
  plan->old_count++;
}

static bool load_standing(struct plan *plan, struct error *error)
{
  struct store_cursor *cursor;
  if (!store_query(
          plan->transaction, &cursor,
          "SELECT f.first_listed, l.facility_id, l.source, l.as_of, l.since, l.field_dates, "
          "l.withdrawn, l.directories, l.name1, l.name2, l.street1, l.street2, l.city, l.state, "
          "l.zip, l.county, l.county_from_zip, l.phone, l.intake_phone, l.intake_phone2, "
          "l.intake_phone3, l.intake_phone4, l.website, l.coordinates, l.codes, l.unknown, "
          "l.latitude, l.longitude, l.quality, l.external_id "
          "FROM listing l JOIN facility f ON f.id = l.facility_id ORDER BY f.id, l.source",
          STORE_BIND_NONE, error))
    return false;
  struct arena *scratch = arena_new(LIMIT_ARENA_REQUEST);
  bool more = true, done;
  while ((done = store_next(cursor, &more, error)) && more) {
    struct listing_row row;
    listing_row_read(cursor, 1, &row);
    add_old(plan, scratch, &row, store_column_text(cursor, 0));
    arena_clear(scratch);
  }
  arena_free(scratch);
  store_cursor_close(cursor);
  return done;
}

static void match(struct plan *plan)
{
  const struct import_batch *batch = plan->batch;
  plan->fresh = memory_allocate_zero(batch->count, sizeof *plan->fresh);
  for (size_t i = 0; i < batch->count; i++) {
    plan->fresh[i].keys = batch->entries[i].keys;
    plan->fresh[i].directories = batch->entries[i].directories;
  }
  listing_match(plan->old, plan->old_count, plan->fresh, batch->count, plan->known_count);
  for (size_t i = 0; i < batch->count; i++) {
    if (plan->fresh[i].how == MATCH_NOTHING) continue;
    assert(plan->fresh[i].facility < plan->known_count && plan->known);
    plan->known[plan->fresh[i].facility].taken = true;
  }
}

/* --- Two facilities that turn out to be one site -------------------------------------------------
 */

struct other {
  struct listing_key full;
  size_t facility;
};

static int by_full(const void *left, const void *right)
{
  const struct other *a = left, *b = right;
  int order = listing_key_compare(&a->full, &b->full);
  return order ? order : (a->facility > b->facility) - (a->facility < b->facility);
}

/* Do the two have listings of one source? Then they are two. Listings of a facility are adjacent.
 */
static bool share_source(struct plan *plan, size_t a, size_t b, bool *out, struct error *error)
{
  struct store_cursor *cursor;
  struct text source;
  if (!store_query(
          plan->transaction, &cursor,
          "SELECT a.source FROM listing a JOIN listing b ON b.source = a.source "
          "WHERE a.facility_id = $1 AND b.facility_id = $2",
          STORE_BIND(STORE_T(text_from(plan->known[a].id)), STORE_T(text_from(plan->known[b].id))),
          error) ||
      !query_text(cursor, plan->arena, &source, error))
    return false;
  *out = source.length > 0;
  return true;
}

/* Move all listings of `loser` to `survivor`, whose id stands for both from now on. */
static bool join(struct plan *plan, size_t survivor, size_t loser, struct error *error)
{
  struct text keep = text_from(plan->known[survivor].id), gone = text_from(plan->known[loser].id);
  return store_execute(plan->transaction,
                       "UPDATE listing SET facility_id = $1 WHERE facility_id = $2",
                       STORE_BIND(STORE_T(keep), STORE_T(gone)), NULL, error) &&
         store_execute(plan->transaction,
                       "UPDATE facility SET merged_into = $1 WHERE id = $2 OR merged_into = $3",
                       STORE_BIND(STORE_T(keep), STORE_T(gone), STORE_T(gone)), NULL, error);
}

/* Join the facility of fresh row `row` with `other`, the older of the two surviving. */
static bool join_row(struct plan *plan, size_t row, size_t other, struct error *error)
{
  size_t facility = plan->fresh[row].facility;
  struct known *mine = &plan->known[facility], *theirs = &plan->known[other];
  bool shared;
  if (!share_source(plan, facility, other, &shared, error)) return false;
  if (shared) return true;
  int order = strcmp(theirs->first_listed, mine->first_listed);
  bool theirs_survives = order < 0 || (order == 0 && strcmp(theirs->id, mine->id) < 0);
  theirs->taken = mine->taken = true;
  if (!theirs_survives) return join(plan, facility, other, error);
  if (!join(plan, other, facility, error)) return false;
  theirs->own = mine->own;
  mine->own = NOWHERE;
  if (theirs->own != NOWHERE) plan->old[theirs->own].facility = other;
  plan->fresh[row].facility = other;
  return true;
}

/* A listing that came to equal another source's in its whole identity names that facility too. */
static bool join_facilities(struct plan *plan, struct error *error)
{
  size_t count = 0;
  struct other *others = memory_allocate_zero(plan->old_count, sizeof *others);
  for (size_t i = 0; i < plan->old_count; i++)
    if (!plan->old[i].own && !plan->old[i].withdrawn)
      others[count++] = (struct other){plan->old[i].keys.full, plan->old[i].facility};
  if (count) qsort(others, count, sizeof *others, by_full);
  bool done = true;
  for (size_t row = 0; done && count && row < plan->batch->count; row++) {
    struct other wanted = {plan->fresh[row].keys.full, 0};
    if (plan->fresh[row].how == MATCH_NOTHING) continue;
    size_t low = 0, high = count;
    while (low < high) {
      size_t middle = low + (high - low) / 2;
      if (by_full(&others[middle], &wanted) < 0) low = middle + 1;
      else high = middle;
    }
    if (low == count || listing_key_compare(&others[low].full, &wanted.full) != 0) continue;
    const struct known *found = &plan->known[others[low].facility];
    if (!found->taken && found->own == NOWHERE)
      done = join_row(plan, row, others[low].facility, error);
  }
  free(others);
  return done;
}

/* --- Writing
 * -------------------------------------------------------------------------------------- */

/* An id that no facility has: of the identity, or of the identity and a number. */
static bool find_id(struct plan *plan, struct text identity, char id[UUID_TEXT + 1],
                    struct text *of, struct error *error)
{
  *of = identity;
  for (int number = 2;; number++) {
    struct store_cursor *cursor;
    struct text taken;
    uuid_from_name(facility_space, *of, id);
    if (!store_query(plan->transaction, &cursor, "SELECT id FROM facility WHERE id = $1",
                     STORE_BIND(STORE_T(text_from(id))), error) ||
        !query_text(cursor, plan->arena, &taken, error))
      return false;
    if (taken.length == 0) return true;
    *of = text_format(plan->arena, "%.*s|%d", TEXT_PRINT(identity), number);
  }
}

static bool insert_facility(struct plan *plan, const struct listing *listing,
                            char id[UUID_TEXT + 1], struct error *error)
{
  struct text of;
  if (!find_id(plan, listing_identity(plan->arena, listing), id, &of, error)) return false;
  return store_execute(
      plan->transaction,
      "INSERT INTO facility (id, identity, first_listed, vanished, merged_into, invented) "
      "VALUES ($1, $2, $3, NULL, NULL, $4)",
      STORE_BIND(STORE_T(text_from(id)), STORE_T(of), STORE_T(plan->as_of),
                 STORE_N(text_equal(plan->source, demo_source))),
      NULL, error);
}

/* The first listing of this source for a facility that is new or that only others named. */
static bool insert_listing(struct plan *plan, const struct listing *listing, struct text id,
                           struct error *error)
{
  struct listing_row row = {.listing = *listing,
                            .facility_id = id,
                            .source = plan->source,
                            .as_of = plan->as_of,
                            .since = plan->as_of,
                            .field_dates = TEXT(""),
                            .withdrawn = TEXT("")};
  if (!listing_row_insert(plan->transaction, &row, error)) return false;
  return store_execute(plan->transaction,
                       "UPDATE facility SET first_listed = $1 WHERE id = $2 AND first_listed > $3",
                       STORE_BIND(STORE_T(plan->as_of), STORE_T(id), STORE_T(plan->as_of)), NULL,
                       error);
}

static bool confirm_listing(struct plan *plan, size_t old, struct text id, struct error *error)
{
  if (text_equal(text_from(plan->old_as_of[old]), plan->as_of)) return true;
  return store_execute(
      plan->transaction, "UPDATE listing SET as_of = $1 WHERE facility_id = $2 AND source = $3",
      STORE_BIND(STORE_T(plan->as_of), STORE_T(id), STORE_T(plan->source)), NULL, error);
}

static bool change_listing(struct plan *plan, const struct listing *listing, struct text id,
                           struct error *error)
{
  struct listing_row row;
  if (!listing_row_load(plan->transaction, plan->arena, id, plan->source, &row, error))
    return false;
  row.field_dates = listing_row_dates(plan->arena, &row, listing, plan->as_of);
  row.listing = *listing;
  row.as_of = plan->as_of;
  row.withdrawn = TEXT("");
  return listing_row_update(plan->transaction, &row, error);
}

static bool write_row(struct plan *plan, size_t index, struct error *error)
{
  const struct match_new *fresh = &plan->fresh[index];
  struct listing listing;
  char id[UUID_TEXT + 1];
  listing_spool_get(plan->batch->spool, plan->batch->entries[index].place, &listing);
  listing.directories = plan->batch->entries[index].directories;
  if (fresh->how == MATCH_NOTHING) {
    plan->counts.fresh++;
    return insert_facility(plan, &listing, id, error) &&
           insert_listing(plan, &listing, text_from(id), error);
  }
  const struct known *known = &plan->known[fresh->facility];
  if (known->own == NOWHERE) {
    plan->counts.merged++;
    return insert_listing(plan, &listing, text_from(known->id), error);
  }
  const struct match_old *old = &plan->old[known->own];
  bool same = listing_key_compare(&old->keys.content, &fresh->keys.content) == 0 &&
              old->directories == fresh->directories && !old->withdrawn;
  if (same) {
    plan->counts.unchanged++;
    return confirm_listing(plan, (size_t)known->own, text_from(known->id), error);
  }
  if (fresh->how == MATCH_RENAMED) plan->counts.renamed++;
  else plan->counts.changed++;
  return change_listing(plan, &listing, text_from(known->id), error);
}

static bool write_rows(struct plan *plan, struct error *error)
{
  enum { EVERY = 1000 };
  for (size_t i = 0; i < plan->batch->count; i++) {
    if (!write_row(plan, i, error)) return false;
    if (i % EVERY == EVERY - 1) arena_clear(plan->arena);
  }
  arena_clear(plan->arena);
  return true;
}

/* A release in which most of a large source is missing is more likely a cut file than the truth. */
static bool check_vanishing(const struct plan *plan, struct error *error)
{
  int64_t standing = 0, missing = 0;
  for (size_t i = 0; i < plan->old_count; i++) {
    if (!plan->old[i].own || plan->old[i].withdrawn) continue;
    standing++;
    missing += !plan->known[plan->old[i].facility].taken;
  }
  const struct import_options *options = plan->batch->options;
  if (plan->batch->partial || (options && options->allow_vanishing) ||
      text_equal(plan->source, demo_source) || standing < LIMIT_IMPORT_VANISHED_FROM ||
      missing * 100 <= standing * LIMIT_IMPORT_VANISHED_PERCENT)
    return true;
  return error_set(error, ERROR_REFUSED, "error.import.vanishing",
                   "Check that the file is whole. If it is true, import it with --allow-vanishing.",
                   "%lld of the %lld facilities of %.*s are not in this file", (long long)missing,
                   (long long)standing, TEXT_PRINT(plan->source));
}

/* Mark the source's listings that the release does not have, and facilities that none names. */
static bool withdraw(struct plan *plan, struct error *error)
{
  for (size_t i = 0; i < plan->old_count && !plan->batch->partial; i++) {
    const struct match_old *old = &plan->old[i];
    const struct known *known = &plan->known[old->facility];
    if (!old->own || old->withdrawn || known->taken) continue;
    if (!store_execute(
            plan->transaction,
            "UPDATE listing SET withdrawn = $1 WHERE facility_id = $2 AND source = $3",
            STORE_BIND(STORE_T(plan->as_of), STORE_T(text_from(known->id)), STORE_T(plan->source)),
            NULL, error))
      return false;
  }
  return store_execute(plan->transaction,
                       "UPDATE facility SET vanished = NULL WHERE vanished IS NOT NULL AND EXISTS "
                       "(SELECT 1 FROM listing l WHERE l.facility_id = facility.id "
                       "AND l.withdrawn IS NULL)",
                       STORE_BIND_NONE, NULL, error) &&
         store_execute(plan->transaction,
                       "UPDATE facility SET vanished = $1 WHERE vanished IS NULL "
                       "AND merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM listing l "
                       "WHERE l.facility_id = facility.id AND l.withdrawn IS NULL)",
                       STORE_BIND(STORE_T(plan->as_of)), &plan->counts.vanished, error);
}

static bool write_release(const struct plan *plan, const struct write_context *context,
                          struct error *error)
{
  const struct import_report *report = plan->batch->report;
  const struct import_counts *counts = &plan->counts;
  return store_execute(
      plan->transaction,
      "INSERT INTO directory_release (source, as_of, sha256, file_name, format, partial, "
      "imported_at, rows_read, rows_refused, rows_merged, facilities_fresh, facilities_changed, "
      "facilities_renamed, facilities_unchanged, facilities_vanished) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
      "ON CONFLICT (source, as_of, sha256) DO NOTHING",
      STORE_BIND(STORE_T(plan->source), STORE_T(plan->as_of), STORE_T(context->sha256),
                 STORE_T(plan->batch->name), STORE_T(report->format), STORE_N(plan->batch->partial),
                 STORE_N(context->now), STORE_N(counts->read), STORE_N(counts->refused),
                 STORE_N(counts->merged), STORE_N(counts->fresh), STORE_N(counts->changed),
                 STORE_N(counts->renamed), STORE_N(counts->unchanged), STORE_N(counts->vanished)),
      NULL, error);
}

/* Did the release change a value, not merely confirm? */
static bool changes_nothing(const struct plan *plan)
{
  const struct import_counts *now = &plan->counts, *read = &plan->batch->report->counts;
  return now->fresh + now->changed + now->renamed + now->vanished + now->invented_removed == 0 &&
         now->merged == read->merged;
}

static bool write_batch(struct store_transaction *transaction, void *context, struct error *error)
{
  struct write_context *writing = context;
  struct plan plan = {.batch = writing->batch,
                      .transaction = transaction,
                      .arena = arena_new(LIMIT_ARENA_REQUEST),
                      .source = writing->batch->report->source,
                      .as_of = writing->batch->report->as_of,
                      .counts = writing->batch->report->counts};
  bool done = check_order(&plan, error) && make_room(&plan, error) && load_standing(&plan, error);
  if (done) {
    match(&plan);
    done = check_vanishing(&plan, error) && join_facilities(&plan, error) &&
           write_rows(&plan, error) && withdraw(&plan, error) &&
           write_release(&plan, writing, error);
  }
  writing->counts = plan.counts;
  writing->nothing_changed = changes_nothing(&plan);
  arena_free(plan.arena);
  free(plan.known);
  free(plan.old);
  free(plan.old_as_of);
  free(plan.fresh);
  return done;
}

bool import_write(struct store *store, const struct import_batch *batch, struct text sha256,
                  struct error *error)
{
  struct write_context writing = {.batch = batch, .sha256 = sha256, .now = time_now()};
  const struct import_options *options = batch->options;
  if (options && options->progress)
    options->progress(options->progress_context, "writing", 0, (int64_t)batch->count);
  if (!store_write(store, write_batch, &writing, error)) return false;
  batch->report->counts = writing.counts;
  batch->report->nothing_changed = writing.nothing_changed;
  batch->report->partial = batch->partial;
  return true;
}
