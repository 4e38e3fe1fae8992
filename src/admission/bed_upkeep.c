/*
 * Bed_upkeep: what happens to a bed without a person, and putting right what was entered wrong. See
 * bed_use.h.
 *
 * Invariants: a corrected row is kept as it was, marked; what stands instead names it. Cleaning
 * that followed a corrected use is marked with it and begun anew where there is room.
 */
#include "admission/bed_private.h"

/* --- Blocking and ready -------------------------------------------------------------------- */

bool bed_block(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct arena *arena, struct text bed_id,
               struct text reason, struct text words, int64_t at, int64_t until, struct text *id,
               struct error *error)
{
  struct bed_spot spot;
  struct bed_use use = {
      .kind = BED_BLOCKED, .start_at = at, .end_at = until, .reason = reason, .words = words};
  if (!bed_spot_load(transaction, access, arena, bed_id, &spot, error) ||
      !bed_may(transaction, access, "bed-board", "write", spot.site_id, TEXT(""), error) ||
      !bed_check_reason(beds, reason, "block", error))
    return false;
  if (at <= 0 || (until && until <= at))
    return bed_refuse(error, "error.admission.order", "the end comes first");
  if (!bed_use_begin(transaction, beds, access, arena, &spot, &use, error) ||
      !bed_changed(transaction, beds, access, arena, &spot, NULL, "", 0, error))
    return false;
  *id = use.id;
  return true;
}

bool bed_ready(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct arena *arena, struct text use_id, int64_t at,
               int64_t version, struct error *error)
{
  struct bed_use use;
  struct bed_spot spot;
  int64_t free_at = 0;
  if (!bed_use_take(transaction, access, arena, use_id, version, &use, &spot, error)) return false;
  if (bed_kind_is_person(use.kind))
    return bed_refuse(error, "error.admission.use.kind", "the use is a person's");
  if (use.start_at > access->now) at = use.start_at; /* one to come: it never was */
  else if (!bed_check_time(access, at, use.start_at, error)) return false;
  const char *how = use.kind == BED_CLEANING ? "cleaned" : "unblocked";
  return bed_use_end(transaction, beds, access, arena, &spot, &use, at, how, TEXT(""), &free_at,
                     error) &&
         bed_changed(transaction, beds, access, arena, &spot, &use, how, free_at, error);
}

/* --- Corrections --------------------------------------------------------------------------- */

/* What is said instead must be able to have been. */
static bool check_correction(struct store_transaction *transaction, const struct beds *beds,
                             const struct access *access, struct arena *arena,
                             const struct bed_correction *correction, const struct bed_use *was,
                             struct error *error)
{
  struct bed_episode episode;
  if (!care_code_is(beds->care, CARE_CORRECTION_REASONS, correction->reason))
    return bed_refuse(error, "error.care.code", "the field reason");
  if (was->kind == BED_HOLD)
    return bed_refuse(error, "error.admission.use.kind", "a hold is given back");
  if (correction->without_other) return true;
  if (correction->start_at > access->now || correction->end_at > access->now)
    return bed_refuse(error, "error.care.future", "a correction in the future");
  if (correction->start_at <= 0 ||
      (correction->end_at && correction->end_at < correction->start_at))
    return bed_refuse(error, "error.admission.order", "the end comes first");
  if (was->episode_id.length == 0) return true;
  if (!bed_episode_load(transaction, access, arena, was->episode_id, &episode, error)) return false;
  if (episode.ended_at && (!correction->end_at || correction->end_at > episode.ended_at))
    return bed_refuse(error, "error.admission.stay.outside", "after the stay's end");
  return correction->start_at >= episode.begun_at ||
         bed_refuse(error, "error.admission.stay.outside", "before the stay's beginning");
}

/* Mark a row, and the cleaning behind it. */
static bool mark(struct store_transaction *transaction, const struct access *access,
                 const struct bed_correction *correction, struct error *error)
{
  int64_t changed = 0;
  return store_execute(transaction,
                       "UPDATE bed_use SET error_at = $3, error_account_id = $4, error_reason = $5,"
                       " changed_at = $3, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $6 AND error_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(correction->use_id),
                                  STORE_N(access->now), STORE_T(access->actor->account_id),
                                  STORE_T(correction->reason), STORE_N(correction->version)),
                       &changed, error) &&
         bed_saved(changed, error) &&
         store_execute(transaction,
                       "UPDATE bed_use SET error_at = $3, error_account_id = $4, error_reason = $5,"
                       " changed_at = $3, version = version + 1"
                       " WHERE program_id = $1 AND after_id = $2 AND kind = 'cleaning'"
                       " AND error_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(correction->use_id),
                                  STORE_N(access->now), STORE_T(access->actor->account_id),
                                  STORE_T(correction->reason)),
                       NULL, error);
}

/* Cleaning behind the corrected use, as long as nothing else begins there. */
static bool clean_behind(struct store_transaction *transaction, const struct beds *beds,
                         const struct access *access, struct arena *arena,
                         const struct bed_spot *spot, const struct bed_use *use,
                         struct error *error)
{
  struct bed_clash clash;
  bool found = false;
  int64_t minutes, version;
  if (!use->end_at || !bed_code_says(beds, BED_ENDINGS, use->end_reason, "cleans", TEXT("yes")))
    return true;
  if (!bed_unit_cleaning(transaction, beds, access->program_id, spot->bed.unit_id, &minutes,
                         &version, error))
    return false;
  struct bed_use cleaning = {.kind = BED_CLEANING,
                             .start_at = use->end_at,
                             .end_at = use->end_at + minutes * 60 * 1000000,
                             .after_id = use->id};
  if (cleaning.end_at <= access->now) return true;
  if (!bed_clash_find(transaction, access, arena, spot->bed.id, cleaning.start_at, cleaning.end_at,
                      use->id, &clash, &found, error))
    return false;
  return found || bed_use_begin(transaction, beds, access, arena, spot, &cleaning, error);
}

bool bed_use_correct(struct store_transaction *transaction, const struct beds *beds,
                     const struct access *access, struct arena *arena,
                     struct bed_correction *correction, struct error *error)
{
  struct bed_use was;
  struct bed_spot from, to;
  if (!bed_use_row(transaction, access, arena, correction->use_id, &was, error) ||
      !bed_spot_load(transaction, access, arena, was.bed_id, &from, error) ||
      !bed_may(transaction, access, "bed-board", "write", from.site_id, was.person_id, error) ||
      !check_correction(transaction, beds, access, arena, correction, &was, error))
    return false;
  if (was.error_at)
    return bed_conflict(error, "error.admission.use.over", "it was corrected already");
  if (!mark(transaction, access, correction, error) ||
      !bed_audit(transaction, access, arena, &was, "error", correction->reason, error))
    return false;
  if (correction->without_other)
    return bed_changed(transaction, beds, access, arena, &from, NULL, "", 0, error);
  struct bed_use now = was;
  now.start_at = correction->start_at;
  now.end_at = correction->end_at;
  now.corrects_id = was.id;
  now.words = TEXT(""); /* sealed words stay with the row that was corrected */
  if (!bed_spot_load(transaction, access, arena, correction->bed_id, &to, error) ||
      !bed_may(transaction, access, "bed-board", "write", to.site_id, was.person_id, error) ||
      !bed_use_begin(transaction, beds, access, arena, &to, &now, error) ||
      !clean_behind(transaction, beds, access, arena, &to, &now, error) ||
      !bed_changed(transaction, beds, access, arena, &from, NULL, "", 0, error) ||
      !bed_changed(transaction, beds, access, arena, &to, NULL, "", 0, error))
    return false;
  correction->new_id = now.id;
  return true;
}
