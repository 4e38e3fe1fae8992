/*
 * Bed_stay: arriving, moving, going on leave and leaving for good. See bed_use.h.
 *
 * Invariants: a stay and its bed change in one transaction; a stay that has ended takes no bed. The
 * use ends with the stay by whichever door: care tells this room (bed_ends_with_stay), and where
 * nobody told, the database ends it (docs/decisions/012).
 */
#include "admission/bed_private.h"

bool bed_stay_person(struct store_transaction *transaction, struct arena *arena,
                     struct text program_id, struct text episode_id, struct text *person_id,
                     struct error *error)
{
  struct access nobody = {.program_id = program_id};
  struct bed_episode episode;
  if (!bed_episode_load(transaction, &nobody, arena, episode_id, &episode, error)) return false;
  *person_id = episode.person_id;
  return true;
}

/* --- The stay's side ------------------------------------------------------------------------- */

static bool check_access(const struct bed_stay_access *access, struct error *error)
{
  if (text_equal(access->board->program_id, access->stay->program_id) &&
      text_equal(access->board->person_id, access->stay->person_id) &&
      access->board->now == access->stay->now)
    return true;
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "admission: two accesses for different people");
}

static bool load_stay(struct store_transaction *transaction, const struct access *stay,
                      struct arena *arena, struct text id, struct bed_episode *out,
                      struct error *error)
{
  if (!bed_episode_load(transaction, stay, arena, id, out, error) ||
      !bed_may(transaction, stay, "episode", "write", TEXT(""), out->person_id, error))
    return false;
  return out->ended_at == 0 ||
         bed_refuse(error, "error.admission.stay.ended", "the stay has ended");
}

/* The stay becomes active when it was planned or waited for. */
static bool activate(struct store_transaction *transaction, const struct beds *beds,
                     const struct access *stay, struct arena *arena, struct bed_episode *episode,
                     int64_t at, struct error *error)
{
  struct episode_change change = {.status = TEXT("active"), .at = at};
  if (!text_equal(episode->status, TEXT("planned")) &&
      !text_equal(episode->status, TEXT("waitlist")))
    return true;
  if (!episode_change_status(transaction, beds->care, stay, arena, episode->id, &change,
                             episode->version, error))
    return false;
  episode->version++;
  return true;
}

/* The stay follows the bed to its site and unit. */
static bool follow(struct store_transaction *transaction, const struct beds *beds,
                   const struct access *stay, struct arena *arena, struct bed_episode *episode,
                   const struct bed_spot *spot, int64_t at, struct error *error)
{
  if (text_equal(episode->unit_id, spot->bed.unit_id) &&
      text_equal(episode->site_id, spot->site_id))
    return true;
  return episode_change_level(transaction, beds->care, stay, arena, episode->id,
                              episode->level_of_care, spot->site_id, spot->bed.unit_id, at,
                              episode->version, error);
}

/* --- Arriving ------------------------------------------------------------------------------ */

/* A hold that becomes the stay: it ends where the stay begins. */
static bool take_held(struct store_transaction *transaction, const struct beds *beds,
                      const struct access *access, struct arena *arena,
                      const struct bed_arrival *arrival, struct bed_use *use, struct bed_spot *spot,
                      struct error *error)
{
  struct bed_use hold;
  int64_t free_at;
  if (!bed_use_take(transaction, access, arena, arrival->hold_id, arrival->hold_version, &hold,
                    spot, error))
    return false;
  if (hold.kind != BED_HOLD)
    return bed_refuse(error, "error.admission.hold.none", "the use is no hold");
  if (hold.episode_id.length && !text_equal(hold.episode_id, arrival->episode_id))
    return bed_conflict(error, "error.admission.hold.other", "the hold is for another stay");
  if (hold.expires_at <= arrival->at)
    return bed_conflict(error, "error.admission.hold.over", "the hold is over");
  use->request_id = hold.request_id;
  use->after_id = hold.id;
  if (use->placed_as.length == 0) use->placed_as = hold.placed_as;
  int64_t end = hold.start_at > arrival->at ? hold.start_at : arrival->at; /* came early */
  return bed_use_end(transaction, beds, access, arena, spot, &hold, end, "occupied", TEXT(""),
                     &free_at, error);
}

static bool take_bed(struct store_transaction *transaction, const struct beds *beds,
                     const struct bed_stay_access *access, struct arena *arena,
                     struct bed_arrival *arrival, struct bed_episode *episode, struct error *error)
{
  struct bed_spot spot;
  struct bed_use use = {.kind = BED_OCCUPIED,
                        .start_at = arrival->at,
                        .episode_id = episode->id,
                        .person_id = episode->person_id,
                        .placed_as = arrival->placed_as};
  bool is_taken =
      arrival->hold_id.length
          ? take_held(transaction, beds, access->board, arena, arrival, &use, &spot, error)
          : bed_spot_load(transaction, access->board, arena, arrival->bed_id, &spot, error);
  if (!is_taken ||
      !bed_may(transaction, access->board, "bed-board", "write", spot.site_id, episode->person_id,
               error) ||
      !bed_use_begin(transaction, beds, access->board, arena, &spot, &use, error) ||
      !follow(transaction, beds, access->stay, arena, episode, &spot, arrival->at, error) ||
      !bed_changed(transaction, beds, access->board, arena, &spot, NULL, "", 0, error))
    return false;
  arrival->use_id = use.id;
  return true;
}

/* Refuse a second bed. A hold that is not the one named is not thrown away in silence. */
static bool refuse_bed(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct bed_arrival *arrival, struct error *error)
{
  struct bed_use has;
  bool found = false;
  if (!bed_use_open(transaction, access, arena, arrival->episode_id, &has, &found, error))
    return false;
  if (!found || text_equal(has.id, arrival->hold_id)) return true;
  return bed_conflict(error, "error.admission.stay.has-bed", "the stay has a bed");
}

bool bed_arrive(struct store_transaction *transaction, const struct beds *beds,
                const struct bed_stay_access *access, struct arena *arena,
                struct bed_arrival *arrival, struct error *error)
{
  struct bed_episode episode;
  bool has_bed = arrival->hold_id.length || arrival->bed_id.length;
  if (!check_access(access, error) ||
      !load_stay(transaction, access->stay, arena, arrival->episode_id, &episode, error) ||
      !bed_check_time(access->stay, arrival->at, episode.begun_at, error) ||
      !refuse_bed(transaction, access->board, arena, arrival, error))
    return false;
  if (!has_bed && episode.begun_at)
    return bed_conflict(error, "error.admission.stay.active", "admitted already");
  arrival->use_id = TEXT("");
  return activate(transaction, beds, access->stay, arena, &episode, arrival->at, error) &&
         (!has_bed || take_bed(transaction, beds, access, arena, arrival, &episode, error));
}

/* --- A person's use that goes on -------------------------------------------------------------- */

static bool take_kind(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text id, int64_t version, bool is_leave_fine,
                      int64_t at, struct bed_use *use, struct bed_spot *spot, struct error *error)
{
  struct bed_episode episode;
  if (!bed_use_take(transaction, access, arena, id, version, use, spot, error)) return false;
  if (use->kind != BED_OCCUPIED && !(is_leave_fine && use->kind == BED_LEAVE))
    return bed_refuse(error, "error.admission.use.kind", "the use is of another kind");
  if (!bed_episode_load(transaction, access, arena, use->episode_id, &episode, error)) return false;
  if (episode.ended_at)
    return bed_refuse(error, "error.admission.stay.ended", "the stay has ended");
  return bed_check_time(access, at, use->start_at, error);
}

bool bed_unassign(struct store_transaction *transaction, const struct beds *beds,
                  const struct access *access, struct arena *arena, struct text use_id,
                  struct text reason, int64_t at, int64_t version, struct error *error)
{
  struct bed_use use;
  struct bed_spot spot;
  int64_t free_at = 0;
  return take_kind(transaction, access, arena, use_id, version, true, at, &use, &spot, error) &&
         bed_check_reason(beds, reason, "unassign", error) &&
         bed_use_end(transaction, beds, access, arena, &spot, &use, at, "unassigned", reason,
                     &free_at, error) &&
         bed_changed(transaction, beds, access, arena, &spot, &use, "unassigned", free_at, error);
}

/* The same bed and person, as another kind from `at` on. */
static bool go_on(struct store_transaction *transaction, const struct beds *beds,
                  const struct access *access, struct arena *arena, const struct bed_spot *spot,
                  const struct bed_use *use, struct bed_use *next, int64_t at,
                  const char *end_reason, struct text *new_id, struct error *error)
{
  int64_t free_at;
  next->start_at = at;
  next->episode_id = use->episode_id;
  next->request_id = use->request_id;
  next->person_id = use->person_id;
  next->placed_as = use->placed_as;
  next->after_id = use->id;
  if (!bed_use_end(transaction, beds, access, arena, spot, use, at, end_reason, TEXT(""), &free_at,
                   error) ||
      !bed_use_begin(transaction, beds, access, arena, spot, next, error) ||
      !bed_changed(transaction, beds, access, arena, spot, NULL, "", 0, error))
    return false;
  *new_id = next->id;
  return true;
}

bool bed_leave(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct arena *arena, struct text use_id,
               struct text reason, int64_t at, int64_t expected_at, int64_t version,
               struct text *new_id, struct error *error)
{
  struct bed_use use, leave = {.kind = BED_LEAVE, .reason = reason, .expected_at = expected_at};
  struct bed_spot spot;
  if (!take_kind(transaction, access, arena, use_id, version, false, at, &use, &spot, error) ||
      !bed_check_reason(beds, reason, "leave", error))
    return false;
  if (expected_at && expected_at < at)
    return bed_refuse(error, "error.admission.order", "back before the leave begins");
  return go_on(transaction, beds, access, arena, &spot, &use, &leave, at, "left", new_id, error);
}

bool bed_return(struct store_transaction *transaction, const struct beds *beds,
                const struct access *access, struct arena *arena, struct text use_id, int64_t at,
                int64_t version, struct text *new_id, struct error *error)
{
  struct bed_use use, back = {.kind = BED_OCCUPIED};
  struct bed_spot spot;
  if (!take_kind(transaction, access, arena, use_id, version, true, at, &use, &spot, error))
    return false;
  if (use.kind != BED_LEAVE)
    return bed_refuse(error, "error.admission.use.kind", "the person is not on leave");
  return go_on(transaction, beds, access, arena, &spot, &use, &back, at, "returned", new_id, error);
}

bool bed_transfer(struct store_transaction *transaction, const struct beds *beds,
                  const struct bed_stay_access *access, struct arena *arena, struct bed_move *move,
                  struct error *error)
{
  struct bed_use use, next = {.kind = BED_OCCUPIED, .start_at = move->at, .reason = move->reason};
  struct bed_spot from, to;
  struct bed_episode episode;
  int64_t free_at = 0;
  if (!check_access(access, error) ||
      !take_kind(transaction, access->board, arena, move->use_id, move->version, true, move->at,
                 &use, &from, error) ||
      !load_stay(transaction, access->stay, arena, use.episode_id, &episode, error) ||
      !bed_check_reason(beds, move->reason, "transfer", error) ||
      !bed_spot_load(transaction, access->board, arena, move->to_bed_id, &to, error) ||
      !bed_may(transaction, access->board, "bed-board", "write", to.site_id, use.person_id, error))
    return false;
  if (text_equal(to.bed.id, from.bed.id))
    return bed_refuse(error, "error.admission.same-bed", "the person has this bed");
  next.episode_id = use.episode_id;
  next.person_id = use.person_id;
  next.request_id = use.request_id;
  next.placed_as = move->placed_as.length ? move->placed_as : use.placed_as;
  if (!bed_use_end(transaction, beds, access->board, arena, &from, &use, move->at, "transferred",
                   move->reason, &free_at, error) ||
      !bed_use_begin(transaction, beds, access->board, arena, &to, &next, error) ||
      !follow(transaction, beds, access->stay, arena, &episode, &to, move->at, error) ||
      !bed_changed(transaction, beds, access->board, arena, &from, &use, "transferred", free_at,
                   error) ||
      !bed_changed(transaction, beds, access->board, arena, &to, NULL, "", 0, error))
    return false;
  move->new_id = next.id;
  return true;
}

/* --- Leaving for good ------------------------------------------------------------------------ */

/* End one use of a stay that ends. A hold for it is given back. */
static bool end_use(struct store_transaction *transaction, const struct beds *beds,
                    const struct access *access, struct arena *arena, const struct episode *episode,
                    const struct bed_use *use, struct error *error)
{
  struct bed_spot spot;
  int64_t free_at = 0, at = episode->ended_at;
  bool is_hold = use->kind == BED_HOLD;
  const char *how = is_hold ? "released" : "discharged";
  if (!bed_spot_load(transaction, access, arena, use->bed_id, &spot, error)) return false;
  if (is_hold) at = use->start_at > access->now ? use->start_at : access->now;
  else if (at < use->start_at)
    return bed_refuse(error, "error.admission.stay.before-bed",
                      "the stay would end before its bed was taken");
  return bed_use_end(transaction, beds, access, arena, &spot, use, at, how, TEXT(""), &free_at,
                     error) &&
         bed_changed(transaction, beds, access, arena, &spot, use, how, free_at, error);
}

bool bed_ends_with_stay(struct store_transaction *transaction, void *context,
                        const struct access *access, struct arena *arena,
                        const struct episode *episode, struct error *error)
{
  struct bed_use use;
  bool found = true;
  while (found) { /* a bed, and perhaps a hold for later */
    if (!bed_use_open(transaction, access, arena, episode->id, &use, &found, error) ||
        (found && !end_use(transaction, context, access, arena, episode, &use, error)))
      return false;
  }
  return true;
}

bool bed_discharge(struct store_transaction *transaction, const struct beds *beds,
                   const struct access *access, struct arena *arena, struct text episode_id,
                   const struct episode_change *change, int64_t version, struct error *error)
{
  size_t index = 0;
  if (!care_code_find(beds->care, CARE_EPISODE_STATUSES, change->status, &index) ||
      !text_equal(care_code_cell(beds->care, CARE_EPISODE_STATUSES, index, "is_end"), TEXT("yes")))
    return bed_refuse(error, "error.care.episode.status", "a discharge ends the stay");
  return episode_change_status(transaction, beds->care, access, arena, episode_id, change, version,
                               error);
}

/* --- The plan, and who has no bed
 * ----------------------------------------------------------------- */

/* Take back the plan that stands, if one does. */
static bool end_plan(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text episode_id, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text id = TEXT("");
  int64_t version = 0;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id, version FROM fact WHERE program_id = $1"
                             " AND source_room = 'admission' AND source_id = $2"
                             " AND kind = 'planned-end' AND until_at = 0 AND error_at = 0"
                             " ORDER BY made_at DESC, id DESC LIMIT 1",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(episode_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) {
    id = bed_column(arena, cursor, 0);
    version = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  return is_read && (!more || care_fact_end(transaction, access, id, access->now, version, error));
}

bool bed_plan_end(struct store_transaction *transaction, const struct beds *beds,
                  const struct access *access, struct arena *arena, struct text episode_id,
                  struct text date, struct error *error)
{
  struct bed_episode episode;
  struct care_fact fact = {.person_id = access->person_id,
                           .kind = TEXT("planned-end"),
                           .value = date,
                           .since_at = access->now,
                           .source_room = TEXT("admission"),
                           .source_id = episode_id};
  if (!bed_episode_load(transaction, access, arena, episode_id, &episode, error) ||
      !bed_may(transaction, access, "fact", "write", TEXT(""), episode.person_id, error))
    return false;
  if (episode.ended_at)
    return bed_refuse(error, "error.admission.stay.ended", "the stay has ended");
  return (date.length ? care_fact_add(transaction, beds->care, access, arena, &fact, error)
                      : end_plan(transaction, access, arena, episode_id, error)) &&
         store_execute(
             transaction, /* so that boards are shown anew; no form grows stale by it */
             "UPDATE bed_use SET changed_at = $3 WHERE program_id = $1"
             " AND episode_id = $2 AND episode_id <> '' AND end_at = 0 AND error_at = 0",
             STORE_BIND(STORE_T(access->program_id), STORE_T(episode_id), STORE_N(access->now)),
             NULL, error) &&
         availability_derive(transaction, beds, arena, access->program_id, episode.site_id,
                             access->now, false, error);
}

bool bedless_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct bedless **out, size_t *count, struct error *error)
{
  if (!bed_may_any(transaction, access, TEXT(""), TEXT(""), error)) return false;
  struct bedless *rows = arena_allocate_array(arena, LIMIT_BEDS, sizeof *rows);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT e.id, e.person_id, e.site_id, e.unit_id, e.level_of_care, e.begun_at FROM"
      " (SELECT DISTINCT u.site_id, b.level_of_care FROM bed b JOIN unit u"
      " ON u.program_id = b.program_id AND u.id = b.unit_id WHERE b.program_id = $1"
      " AND b.closed_at = 0) l JOIN episode e ON e.program_id = $1 AND e.site_id = l.site_id"
      " AND e.level_of_care = l.level_of_care WHERE e.ended_at = 0 AND e.begun_at <> 0"
      " AND ($2 = '' OR e.site_id = $2)"
      " AND e.id NOT IN (SELECT t.episode_id FROM bed_use t WHERE t.program_id = $1"
      " AND t.episode_id <> '' AND t.kind <> 'hold' AND t.until_at > $3 AND t.error_at = 0)"
      " ORDER BY e.begun_at, e.id LIMIT $4",
      STORE_BIND(STORE_T(access->program_id), STORE_T(bed_scope_site(access)), STORE_N(access->now),
                 STORE_N(LIMIT_BEDS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    rows[found++] = (struct bedless){.episode_id = bed_column(arena, cursor, 0),
                                     .person_id = bed_column(arena, cursor, 1),
                                     .site_id = bed_column(arena, cursor, 2),
                                     .unit_id = bed_column(arena, cursor, 3),
                                     .level_of_care = bed_column(arena, cursor, 4),
                                     .since_at = store_column_integer(cursor, 5)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}
