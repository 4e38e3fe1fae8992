/*
 * Hold: placing, extending, giving back and running out. See bed_use.h.
 *
 * Invariants: a hold stands in the timeline until it expires and no longer, also when no sweeper
 * runs; the sweeper only writes down that it ended, and passes the bed on.
 */
#include "admission/bed_private.h"

static const int64_t minute = INT64_C(60) * 1000000;

/* --- Placing ------------------------------------------------------------------------------- */

static int64_t minutes_of(const struct beds *beds, size_t kind, const char *column)
{
  int64_t minutes = 0;
  (void)text_read_integer(bed_code_cell(beds, BED_HOLD_KINDS, kind, column), &minutes);
  return minutes;
}

/* When it begins and ends, by its kind. */
static bool set_times(const struct beds *beds, const struct access *access,
                      const struct bed_hold *hold, struct bed_use *use, struct error *error)
{
  size_t kind;
  if (!bed_code_find(beds, BED_HOLD_KINDS, hold->kind, &kind))
    return bed_refuse(error, "error.care.code", "the field kind");
  bool is_planned = text_equal(bed_code_cell(beds, BED_HOLD_KINDS, kind, "planned"), TEXT("yes"));
  use->start_at = hold->start_at ? hold->start_at : access->now;
  use->expected_at = hold->expected_at;
  if (use->start_at < access->now)
    return bed_refuse(error, "error.admission.order", "a hold in the past");
  if (is_planned && hold->expected_at < use->start_at)
    return bed_refuse(error, "error.admission.hold.expected", "a planned arrival needs its time");
  int64_t from = is_planned ? hold->expected_at : use->start_at;
  if (from - access->now > LIMIT_BED_PLAN_DAYS * 1440 * minute)
    return bed_refuse(error, "error.admission.hold.far", "too far in the future");
  use->expires_at = from + minutes_of(beds, kind, "minutes") * minute;
  return true;
}

/* The stay it is for has not ended; its person is the hold's. */
static bool set_person(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct bed_hold *hold, struct bed_use *use,
                       struct error *error)
{
  struct bed_episode episode;
  if (hold->episode_id.length == 0 && hold->request_id.length == 0)
    return bed_refuse(error, "error.admission.hold.whom", "a hold is for a stay or a request");
  use->person_id = hold->person_id;
  if (hold->episode_id.length == 0) return true;
  if (!bed_episode_load(transaction, access, arena, hold->episode_id, &episode, error))
    return false;
  if (episode.ended_at)
    return bed_refuse(error, "error.admission.stay.ended", "the stay has ended");
  use->person_id = episode.person_id;
  return true;
}

bool bed_hold_place(struct store_transaction *transaction, const struct beds *beds,
                    const struct access *access, struct arena *arena, struct bed_hold *hold,
                    struct error *error)
{
  struct bed_spot spot;
  struct bed_use use = {.kind = BED_HOLD,
                        .hold_kind = hold->kind,
                        .episode_id = hold->episode_id,
                        .request_id = hold->request_id,
                        .placed_as = hold->placed_as,
                        .words = hold->words};
  if (!bed_spot_load(transaction, access, arena, hold->bed_id, &spot, error) ||
      !bed_may(transaction, access, "bed-board", "write", spot.site_id, TEXT(""), error) ||
      !set_person(transaction, access, arena, hold, &use, error) ||
      !bed_may(transaction, access, "bed-board", "write", spot.site_id, use.person_id, error) ||
      !set_times(beds, access, hold, &use, error) ||
      !bed_use_begin(transaction, beds, access, arena, &spot, &use, error) ||
      !due_set(transaction, access->program_id, "hold.expires", use.id, use.person_id,
               use.expires_at, error) ||
      !bed_changed(transaction, beds, access, arena, &spot, NULL, "", 0, error))
    return false;
  hold->id = use.id;
  hold->expires_at = use.expires_at;
  return true;
}

/* --- Later --------------------------------------------------------------------------------- */

static bool take_hold(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text id, int64_t version, struct bed_use *use,
                      struct bed_spot *spot, struct error *error)
{
  if (!bed_use_take(transaction, access, arena, id, version, use, spot, error)) return false;
  if (use->kind != BED_HOLD)
    return bed_refuse(error, "error.admission.hold.none", "the use is no hold");
  return use->expires_at > access->now ||
         bed_conflict(error, "error.admission.hold.over", "the hold is over");
}

/* Does the longer hold meet what comes behind it? */
static bool refuse_behind(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct bed_use *use, int64_t expires_at,
                          struct error *error)
{
  struct bed_clash clash;
  bool found = false;
  if (!bed_clash_find(transaction, access, arena, use->bed_id, use->expires_at, expires_at, use->id,
                      &clash, &found, error))
    return false;
  return !found || bed_conflict(error, "error.admission.hold.behind", "another use begins then");
}

bool bed_hold_extend(struct store_transaction *transaction, const struct beds *beds,
                     const struct access *access, struct arena *arena, struct text id,
                     struct text reason, int64_t version, struct error *error)
{
  struct bed_use use;
  struct bed_spot spot;
  size_t kind = 0;
  int64_t changed = 0;
  if (!take_hold(transaction, access, arena, id, version, &use, &spot, error) ||
      !bed_check_reason(beds, reason, "extend", error))
    return false;
  if (use.extended_at)
    return bed_conflict(error, "error.admission.hold.extended", "it was extended already");
  if (!bed_code_find(beds, BED_HOLD_KINDS, use.hold_kind, &kind))
    return bed_refuse(error, "error.care.code", "the field kind");
  int64_t expires_at = use.expires_at + minutes_of(beds, kind, "extend_minutes") * minute;
  return refuse_behind(transaction, access, arena, &use, expires_at, error) &&
         store_execute(transaction,
                       "UPDATE bed_use SET expires_at = $3, until_at = $3, extended_at = $4,"
                       " extend_reason = $5, changed_at = $4, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $6",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(expires_at),
                                  STORE_N(access->now), STORE_T(reason), STORE_N(version)),
                       &changed, error) &&
         bed_saved(changed, error) &&
         due_set(transaction, access->program_id, "hold.expires", id, use.person_id, expires_at,
                 error) &&
         bed_audit(transaction, access, arena, &use, "extended", reason, error) &&
         bed_changed(transaction, beds, access, arena, &spot, NULL, "", 0, error);
}

bool bed_hold_release(struct store_transaction *transaction, const struct beds *beds,
                      const struct access *access, struct arena *arena, struct text id,
                      struct text reason, int64_t version, struct error *error)
{
  struct bed_use use;
  struct bed_spot spot;
  int64_t free_at = 0;
  if (!take_hold(transaction, access, arena, id, version, &use, &spot, error) ||
      !bed_check_reason(beds, reason, "release", error))
    return false;
  int64_t at = use.start_at > access->now ? use.start_at : access->now; /* one to come: never was */
  return bed_use_end(transaction, beds, access, arena, &spot, &use, at, "released", reason,
                     &free_at, error) &&
         bed_changed(transaction, beds, access, arena, &spot, &use, "released", access->now, error);
}

/* --- Running out --------------------------------------------------------------------------- */

static bool run_out(struct store_transaction *transaction, const struct beds *beds,
                    struct arena *arena, const struct due_item *item, int64_t now,
                    struct error *error)
{
  struct actor actor = actor_system(item->program_id);
  struct access access;
  struct bed_use use;
  struct bed_spot spot;
  struct error own = {.kind = ERROR_NONE};
  int64_t free_at = 0;
  if (!bed_system_access(transaction, beds, &actor, item->subject_id, now, &access, error))
    return false;
  if (!bed_use_row(transaction, &access, arena, item->subject_id, &use, &own)) {
    if (own.kind == ERROR_NOT_FOUND) return true;
    if (error) *error = own;
    return false;
  }
  if (use.kind != BED_HOLD || use.end_at || use.error_at) return true;
  if (use.expires_at > now)
    return due_set(transaction, item->program_id, "hold.expires", use.id, use.person_id,
                   use.expires_at, error);
  return bed_spot_load(transaction, &access, arena, use.bed_id, &spot, error) &&
         bed_use_end(transaction, beds, &access, arena, &spot, &use, use.expires_at, "expired",
                     TEXT(""), &free_at, error) &&
         bed_changed(transaction, beds, &access, arena, &spot, &use, "expired", now, error);
}

bool hold_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool is_done = run_out(transaction, context, arena, item, now, error);
  arena_free(arena);
  return is_done;
}
