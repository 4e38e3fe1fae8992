/*
 * Episode: rows of stays and their changes. See episode.h.
 *
 * Invariants: the row says what its last steps say; steps are only ever added, each no earlier than
 * the one before; a stay that has ended does not change any more.
 */
#include "care/care_private.h"

static const char reason_purpose[] = "episode_status.reason";

void episode_check(const struct care *care, const struct episode *episode,
                   struct field_problems *problems)
{
  care_check_code(care, problems, "status", CARE_EPISODE_STATUSES, episode->status, true);
  care_check_code(care, problems, "level_of_care", CARE_LEVELS, episode->level_of_care, true);
  care_check_code(care, problems, "referral_source", CARE_REFERRAL_SOURCES,
                  episode->referral_source, false);
  if (episode->site_id.length == 0) field_problem_add(problems, "site_id", "error.care.required");
}

/* --- Steps --------------------------------------------------------------------------------- */

static bool add_status(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct episode *episode, struct text status,
                       struct text words, int64_t at, struct error *error)
{
  struct text sealed;
  return care_seal(access, arena, episode->person_id, reason_purpose, words, &sealed, error) &&
         store_execute(
             transaction,
             "INSERT INTO episode_status (program_id, episode_id, seq, status, at, reason,"
             " account_id, made_at) SELECT $1, $2, (SELECT coalesce(max(seq), 0) + 1 FROM"
             " episode_status WHERE program_id = $1 AND episode_id = $2), $3, $4, $5, $6, $7",
             STORE_BIND(STORE_T(access->program_id), STORE_T(episode->id), STORE_T(status),
                        STORE_N(at), STORE_B(sealed), STORE_T(care_account(access)),
                        STORE_N(access->now)),
             NULL, error);
}

static bool add_level(struct store_transaction *transaction, const struct access *access,
                      const struct episode *episode, int64_t at, struct error *error)
{
  return store_execute(
      transaction,
      "INSERT INTO episode_level (program_id, episode_id, seq, level_of_care, site_id, unit_id, at,"
      " account_id, made_at) SELECT $1, $2, (SELECT coalesce(max(seq), 0) + 1 FROM episode_level"
      " WHERE program_id = $1 AND episode_id = $2), $3, $4, $5, $6, $7, $8",
      STORE_BIND(STORE_T(access->program_id), STORE_T(episode->id), STORE_T(episode->level_of_care),
                 STORE_T(episode->site_id), STORE_T(episode->unit_id), STORE_N(at),
                 STORE_T(care_account(access)), STORE_N(access->now)),
      NULL, error);
}

/* --- Beginning ----------------------------------------------------------------------------- */

static bool refuse_open(struct store_transaction *transaction, const struct access *access,
                        const struct episode *episode, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_open = false;
  if (!care_any(store_query(transaction, &cursor,
                            "SELECT 1 FROM episode WHERE program_id = $1 AND person_id = $2"
                            " AND site_id = $3 AND ended_at = 0",
                            STORE_BIND(STORE_T(access->program_id), STORE_T(episode->person_id),
                                       STORE_T(episode->site_id)),
                            error),
                &cursor, &is_open, error))
    return false;
  return !is_open || error_set(error, ERROR_CONFLICT, "error.care.episode.open", "",
                               "care: a stay at this site is open");
}

bool episode_create(struct store_transaction *transaction, const struct care *care,
                    const struct access *access, struct arena *arena, struct episode *episode,
                    int64_t at, struct error *error)
{
  struct field_problems problems = {.count = 0};
  if (!care_may(access, "episode", "write", episode->person_id, error)) return false;
  episode_check(care, episode, &problems);
  if (at > access->now) field_problem_add(&problems, "at", "error.care.future");
  if (!care_code_says(care, CARE_EPISODE_STATUSES, episode->status, "may_begin", "yes"))
    field_problem_add(&problems, "status", "error.care.episode.status");
  if (!care_refuse(&problems, error) ||
      !care_check_place(transaction, access, episode->site_id, episode->unit_id, error) ||
      !care_check_staff(transaction, access, episode->care_manager, error) ||
      !refuse_open(transaction, access, episode, error))
    return false;
  struct episode made = *episode;
  made.id = care_new_id(arena, access->now);
  made.begun_at = text_equal(made.status, TEXT("active")) ? at : 0;
  made.version = 1;
  if (!store_execute(
          transaction,
          "INSERT INTO episode (program_id, id, person_id, status, site_id, unit_id, level_of_care,"
          " care_manager, referral_source, end_reason, begun_at, ended_at, made_at, changed_at,"
          " version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, 0, $11, $11, 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(made.person_id),
                     STORE_T(made.status), STORE_T(made.site_id), STORE_T(made.unit_id),
                     STORE_T(made.level_of_care), STORE_T(made.care_manager),
                     STORE_T(made.referral_source), STORE_N(made.begun_at), STORE_N(access->now)),
          NULL, error) ||
      !add_status(transaction, access, arena, &made, made.status, TEXT(""), at, error) ||
      !add_level(transaction, access, &made, at, error))
    return false;
  *episode = made;
  return true;
}

/* --- Reading ------------------------------------------------------------------------------- */

static void read_episode(struct arena *arena, const struct store_cursor *cursor,
                         struct episode *out)
{
  *out = (struct episode){
      .id = care_column(arena, cursor, 0),
      .person_id = care_column(arena, cursor, 1),
      .status = care_column(arena, cursor, 2),
      .site_id = care_column(arena, cursor, 3),
      .unit_id = care_column(arena, cursor, 4),
      .level_of_care = care_column(arena, cursor, 5),
      .care_manager = care_column(arena, cursor, 6),
      .referral_source = care_column(arena, cursor, 7),
      .end_reason = care_column(arena, cursor, 8),
      .begun_at = store_column_integer(cursor, 9),
      .ended_at = store_column_integer(cursor, 10),
      .made_at = store_column_integer(cursor, 11),
      .changed_at = store_column_integer(cursor, 12),
      .version = store_column_integer(cursor, 13),
  };
}

bool episode_row(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct episode *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id, person_id, status, site_id, unit_id, level_of_care,"
                             " care_manager, referral_source, end_reason, begun_at, ended_at,"
                             " made_at, changed_at, version FROM episode WHERE program_id = $1"
                             " AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) read_episode(arena, cursor, out);
  store_cursor_close(cursor);
  if (!is_read || more) return is_read;
  return error_set(error, ERROR_NOT_FOUND, "error.care.episode", "", "care: no such episode");
}

bool episode_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct episode *out, struct error *error)
{
  struct episode episode;
  if (!episode_row(transaction, access, arena, id, &episode, error) ||
      !care_may_row(transaction, access, "episode", access->act, episode.person_id, error))
    return false;
  *out = episode;
  return true;
}

bool episode_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text person_id, struct episode **out, size_t *count,
                  struct error *error)
{
  if (!care_may(access, "episode", "read", person_id, error)) return false;
  struct episode *episodes = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *episodes);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"
      " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1)"
      " SELECT id, person_id, status, site_id, unit_id, level_of_care, care_manager,"
      " referral_source, end_reason, begun_at, ended_at, made_at, changed_at, version FROM episode"
      " WHERE program_id = $1 AND person_id IN (SELECT id FROM same)"
      " ORDER BY made_at DESC, id DESC LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(person_id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    read_episode(arena, cursor, &episodes[found++]);
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = episodes;
  *count = found;
  return true;
}

/* --- Changes ------------------------------------------------------------------------------- */

/* When the last step of either kind began. */
static bool last_step(struct store_transaction *transaction, const struct access *access,
                      struct text id, int64_t *at, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT max(at) FROM (SELECT at FROM episode_status WHERE program_id = $1"
                  " AND episode_id = $2 UNION ALL SELECT at FROM episode_level"
                  " WHERE program_id = $1 AND episode_id = $2) step",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
      store_next(cursor, &more, error);
  if (is_read) *at = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

static bool may_change(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text id, int64_t at, int64_t version,
                       struct episode *episode, struct error *error)
{
  int64_t last = 0;
  if (!episode_row(transaction, access, arena, id, episode, error) ||
      !care_may_row(transaction, access, "episode", "write", episode->person_id, error) ||
      !care_saved(episode->version == version, error) ||
      !last_step(transaction, access, id, &last, error))
    return false;
  if (episode->ended_at)
    return error_set(error, ERROR_REFUSED, "error.care.episode.ended", "", "care: it has ended");
  if (at < last)
    return error_set(error, ERROR_REFUSED, "error.care.episode.order", "",
                     "care: before the last step");
  return at <= access->now ||
         error_set(error, ERROR_REFUSED, "error.care.future", "", "care: a step in the future");
}

static bool check_change(const struct care *care, const struct episode_change *change,
                         struct error *error)
{
  struct field_problems problems = {.count = 0};
  bool is_end = care_code_says(care, CARE_EPISODE_STATUSES, change->status, "is_end", "yes");
  care_check_code(care, &problems, "status", CARE_EPISODE_STATUSES, change->status, true);
  care_check_text(&problems, "words", change->words, LIMIT_CARE_WORDS, false);
  care_check_code(care, &problems, "end_reason", CARE_END_REASONS, change->end_reason, is_end);
  if (!is_end && change->end_reason.length)
    field_problem_add(&problems, "end_reason", "error.care.value");
  return care_refuse(&problems, error);
}

void care_on_episode_end(struct care *care, episode_end_function *function, void *context)
{
  care->on_episode_end = function;
  care->on_episode_end_context = context;
}

/* Tell who must know, as the stay will be. */
static bool tell_end(struct store_transaction *transaction, const struct care *care,
                     const struct access *access, struct arena *arena,
                     const struct episode *episode, const struct episode_change *change,
                     struct error *error)
{
  struct episode ended = *episode;
  if (!care->on_episode_end) return true;
  ended.status = change->status;
  ended.end_reason = change->end_reason;
  ended.ended_at = change->at;
  return care->on_episode_end(transaction, care->on_episode_end_context, access, arena, &ended,
                              error);
}

bool episode_change_status(struct store_transaction *transaction, const struct care *care,
                           const struct access *access, struct arena *arena, struct text id,
                           const struct episode_change *change, int64_t version,
                           struct error *error)
{
  struct episode episode;
  int64_t changed = 0;
  if (!check_change(care, change, error) ||
      !may_change(transaction, access, arena, id, change->at, version, &episode, error))
    return false;
  const char *status = text_c(arena, change->status);
  if (!care_code_says(care, CARE_EPISODE_STATUSES, episode.status, "next", status))
    return error_set(error, ERROR_REFUSED, "error.care.episode.status", "",
                     "care: a state that does not follow");
  if (change->end_reason.length &&
      !care_code_says(care, CARE_END_REASONS, change->end_reason, "status", status))
    return error_set(error, ERROR_REFUSED, "error.care.code", "", "care: the field end_reason");
  bool is_end = care_code_says(care, CARE_EPISODE_STATUSES, change->status, "is_end", "yes");
  bool is_begin = episode.begun_at == 0 && text_equal(change->status, TEXT("active"));
  if (is_end && !tell_end(transaction, care, access, arena, &episode, change, error)) return false;
  return store_execute(transaction,
                       "UPDATE episode SET status = $3, end_reason = $4, begun_at = $5,"
                       " ended_at = $6, changed_at = $7, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $8",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(change->status),
                                  STORE_T(change->end_reason),
                                  STORE_N(is_begin ? change->at : episode.begun_at),
                                  STORE_N(is_end ? change->at : 0), STORE_N(access->now),
                                  STORE_N(version)),
                       &changed, error) &&
         care_saved(changed, error) &&
         add_status(transaction, access, arena, &episode, change->status, change->words, change->at,
                    error);
}

bool episode_change_level(struct store_transaction *transaction, const struct care *care,
                          const struct access *access, struct arena *arena, struct text id,
                          struct text level_of_care, struct text site_id, struct text unit_id,
                          int64_t at, int64_t version, struct error *error)
{
  struct episode episode;
  struct field_problems problems = {.count = 0};
  int64_t changed = 0;
  care_check_code(care, &problems, "level_of_care", CARE_LEVELS, level_of_care, true);
  if (site_id.length == 0) field_problem_add(&problems, "site_id", "error.care.required");
  if (!care_refuse(&problems, error) ||
      !may_change(transaction, access, arena, id, at, version, &episode, error) ||
      !care_check_place(transaction, access, site_id, unit_id, error))
    return false;
  episode.level_of_care = level_of_care;
  episode.site_id = site_id;
  episode.unit_id = unit_id;
  return store_execute(transaction,
                       "UPDATE episode SET level_of_care = $3, site_id = $4, unit_id = $5,"
                       " changed_at = $6, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $7",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(level_of_care),
                                  STORE_T(site_id), STORE_T(unit_id), STORE_N(access->now),
                                  STORE_N(version)),
                       &changed, error) &&
         care_saved(changed, error) && add_level(transaction, access, &episode, at, error);
}

/* --- History ------------------------------------------------------------------------------- */

static bool read_steps(struct arena *arena, struct store_cursor *cursor, bool is_status,
                       struct episode_step *steps, size_t *found, struct error *error)
{
  bool more = false, is_read = true;
  while (*found < LIMIT_CARE_ROWS && (is_read = store_next(cursor, &more, error)) && more) {
    struct episode_step *step = &steps[(*found)++];
    *step = (struct episode_step){.at = store_column_integer(cursor, 0),
                                  .made_at = store_column_integer(cursor, 1),
                                  .account_id = care_column(arena, cursor, 2)};
    if (is_status) {
      step->status = care_column(arena, cursor, 3);
      step->words = text_copy(arena, store_column_bytes(cursor, 4));
    } else {
      step->level_of_care = care_column(arena, cursor, 3);
      step->site_id = care_column(arena, cursor, 4);
      step->unit_id = care_column(arena, cursor, 5);
    }
  }
  return is_read;
}

/* Put the two sorted runs into the order of time; a state stands before a level of the same time.
 */
static void merge_steps(struct arena *arena, struct episode_step *steps, size_t first, size_t count)
{
  struct episode_step *out = arena_allocate_array(arena, count + 1, sizeof *out);
  size_t a = 0, b = first, at = 0;
  while (a < first || b < count)
    out[at++] = b == count || (a < first && steps[a].at <= steps[b].at) ? steps[a++] : steps[b++];
  for (size_t i = 0; i < count; i++) steps[i] = out[i];
}

bool episode_history(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const struct episode *episode, struct episode_step **out,
                     size_t *count, struct error *error)
{
  if (!care_may_row(transaction, access, "episode", access->act, episode->person_id, error))
    return false;
  struct episode_step *steps = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *steps);
  struct store_cursor *cursor = NULL;
  size_t found = 0, statuses;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT at, made_at, account_id, status, reason FROM episode_status"
                  " WHERE program_id = $1 AND episode_id = $2 ORDER BY seq",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(episode->id)), error) &&
      read_steps(arena, cursor, true, steps, &found, error);
  store_cursor_close(cursor);
  cursor = NULL;
  statuses = found;
  is_read = is_read &&
            store_query(transaction, &cursor,
                        "SELECT at, made_at, account_id, level_of_care, site_id, unit_id"
                        " FROM episode_level WHERE program_id = $1 AND episode_id = $2"
                        " ORDER BY seq",
                        STORE_BIND(STORE_T(access->program_id), STORE_T(episode->id)), error) &&
            read_steps(arena, cursor, false, steps, &found, error);
  store_cursor_close(cursor);
  for (size_t i = 0; is_read && i < statuses; i++)
    is_read = care_unseal(access, arena, episode->person_id, reason_purpose, steps[i].words,
                          &steps[i].words, error);
  if (!is_read) return false;
  merge_steps(arena, steps, statuses, found);
  *out = steps;
  *count = found;
  return true;
}
