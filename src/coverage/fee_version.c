/*
 * fee_version: a program's own sliding fees. Invariants: a version is checked before it is kept and
 * never changed; one that began can not be taken back. See record.h.
 */
#include "coverage/record_private.h"

static bool may(const struct access *access, struct error *error)
{
  bool is_meant = access->object && access->act &&
                  text_equal(text_from(access->object), TEXT("program")) &&
                  text_equal(text_from(access->act), TEXT("write"));
  return is_meant || error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                               "coverage: the access was not opened for the program");
}

static bool check(const struct coverage_rules *rules, const struct fee_version *version,
                  struct error *error)
{
  const struct fee_schedule *schedule = &version->schedule;
  size_t band;
  if (schedule->band_count == 0 || schedule->band_count > LIMIT_FEE_BANDS)
    return record_refuse(error, "error.coverage.fee_few_bands", "no bands, or too many");
  if (schedule->term.first <= 0 || schedule->term.last < schedule->term.first)
    return record_refuse(error, "error.coverage.dates", "an end before the beginning");
  if (text_is_empty(text_trim(version->approved_by)) ||
      version->approved_by.length > LIMIT_COVERAGE_LINE)
    return record_refuse(error, "error.coverage.approved_by", "nobody decided it");
  for (size_t i = 0; i < schedule->band_count; i++)
    if (schedule->bands[i].amount > LIMIT_COVERAGE_PRICE)
      return record_refuse(error, "error.coverage.fee_amount", "an amount out of its range");
  enum fee_fault fault = fee_schedule_check(rules, schedule, &band);
  return fault == FEE_SOUND ||
         record_refuse(error, fee_fault_message(fault), "not a sound schedule");
}

static bool insert_band(struct store_transaction *transaction, const struct access *access,
                        struct text id, size_t seq, const struct fee_band *band,
                        struct error *error)
{
  struct text kind = band->kind == FEE_FLAT ? TEXT("flat") : TEXT("share");
  return store_execute(transaction,
                       "INSERT INTO fee_version_band (program_id, fee_version_id, seq, above,"
                       " up_to, kind, amount) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N((int64_t)seq),
                                  STORE_N(band->above),
                                  STORE_N(band->to == FEE_NO_END ? 0 : band->to), STORE_T(kind),
                                  STORE_N(band->amount)),
                       NULL, error);
}

bool fee_version_add(struct store_transaction *transaction, const struct coverage_rules *rules,
                     const struct access *access, struct arena *arena, struct fee_version *version,
                     struct error *error)
{
  const struct fee_schedule *schedule = &version->schedule;
  if (!may(access, error) || !check(rules, version, error)) return false;
  struct text id = record_new_id(arena, access->now);
  int64_t last = schedule->term.last == COVERAGE_OPEN ? 0 : schedule->term.last;
  if (!store_execute(transaction,
                     "INSERT INTO fee_version (program_id, id, effective, expires, approved_by,"
                     " withdrawn_at, account_id, made_at) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id),
                                STORE_N(schedule->term.first), STORE_N(last),
                                STORE_T(version->approved_by), STORE_T(access->actor->account_id),
                                STORE_N(access->now)),
                     NULL, error))
    return false;
  for (size_t i = 0; i < schedule->band_count; i++)
    if (!insert_band(transaction, access, id, i, &schedule->bands[i], error)) return false;
  if (!record_paying_step(transaction, access, id, 1, "entered",
                          version->again.length ? version->again : TEXT(""), error))
    return false;
  version->id = id;
  return true;
}

bool fee_version_withdraw(struct store_transaction *transaction, const struct access *access,
                          struct text id, int64_t today, struct error *error)
{
  int64_t changed = 0;
  return may(access, error) &&
         store_execute(transaction,
                       "UPDATE fee_version SET withdrawn_at = $3 WHERE program_id = $1 AND id = $2"
                       " AND withdrawn_at = 0 AND effective > $4",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now),
                                  STORE_N(today)),
                       &changed, error) &&
         (changed == 1 || record_refuse(error, "error.coverage.fee_began", "the version began")) &&
         record_paying_step(transaction, access, id, 2, "withdrawn", TEXT(""), error);
}

bool fee_version_steps(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct paying_step **out, size_t *count,
                       struct error *error)
{
  struct store_cursor *cursor = NULL;
  return may(access, error) &&
         store_query(transaction, &cursor,
                     "SELECT s.subject_id, s.act, s.other_id, s.account_id, s.at"
                     " FROM paying_step s JOIN fee_version f ON f.program_id = s.program_id"
                     " AND f.id = s.subject_id WHERE s.program_id = $1"
                     " ORDER BY s.at DESC, s.subject_id DESC, s.seq DESC LIMIT $2",
                     STORE_BIND(STORE_T(access->program_id), STORE_N(LIMIT_CARE_ROWS)), error) &&
         record_paying_steps_read(arena, cursor, out, count, error);
}

static bool read_bands(struct store_transaction *transaction, struct text program_id,
                       struct arena *arena, struct fee_version *version, struct error *error)
{
  struct fee_band *bands = arena_allocate_array(arena, LIMIT_FEE_BANDS, sizeof *bands);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT above, up_to, kind, amount FROM fee_version_band WHERE program_id = $1"
      " AND fee_version_id = $2 ORDER BY seq LIMIT $3",
      STORE_BIND(STORE_T(program_id), STORE_T(version->id), STORE_N(LIMIT_FEE_BANDS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    int64_t to = store_column_integer(cursor, 1);
    bool is_flat = text_equal(store_column_text(cursor, 2), TEXT("flat"));
    bands[found++] = (struct fee_band){.above = store_column_integer(cursor, 0),
                                       .to = to ? to : FEE_NO_END,
                                       .kind = is_flat ? FEE_FLAT : FEE_SHARE,
                                       .amount = store_column_integer(cursor, 3)};
  }
  store_cursor_close(cursor);
  version->schedule.bands = bands;
  version->schedule.band_count = found;
  return is_read;
}

bool fee_version_list(struct store_transaction *transaction, struct text program_id,
                      struct arena *arena, struct fee_version **out, size_t *count,
                      struct error *error)
{
  struct fee_version *rows = arena_allocate_array(arena, LIMIT_CARE_SITES, sizeof *rows);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, effective, expires, approved_by, withdrawn_at, account_id, made_at"
      " FROM fee_version WHERE program_id = $1 ORDER BY effective DESC, made_at DESC, id LIMIT $2",
      STORE_BIND(STORE_T(program_id), STORE_N(LIMIT_CARE_SITES)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    int64_t last = store_column_integer(cursor, 2);
    struct text id = record_column(arena, cursor, 0);
    rows[found++] = (struct fee_version){
        .id = id,
        .schedule = {.name = id,
                     .term = {store_column_integer(cursor, 1), last ? last : COVERAGE_OPEN}},
        .approved_by = record_column(arena, cursor, 3),
        .withdrawn_at = store_column_integer(cursor, 4),
        .account_id = record_column(arena, cursor, 5),
        .made_at = store_column_integer(cursor, 6)};
  }
  store_cursor_close(cursor);
  for (size_t i = 0; i < found && is_read; i++)
    is_read = read_bands(transaction, program_id, arena, &rows[i], error);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}
