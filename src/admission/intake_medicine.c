/*
 * intake_medicine: medicines that somebody brought, counted by two people, each alone. See
 * intake_record.h.
 *
 * Invariants, which the database holds too: the second count is another account's; two numbers that
 * differ stand with an explanation. What was counted by two does not change any more; it is a
 * belonging from then on, so that nothing of it is lost from sight.
 */
#include "admission/intake_private.h"

static const char medicine_purpose[] = "medication_count.medicine";
static const char explanation_purpose[] = "medication_count.explanation";

static bool check_number(int64_t number, struct error *error)
{
  return (number >= 0 && number <= LIMIT_MEDICINE_COUNT) ||
         intake_refuse(error, "error.intake.count.number", "a count out of its range");
}

/* Somebody must stand behind a count, by name. */
static bool check_counter(const struct access *access, struct error *error)
{
  return access->actor->account_id.length > 0 ||
         intake_refuse(error, "error.intake.count.same", "nobody counts");
}

static bool count_anew(struct store_transaction *transaction, const struct access *access,
                       struct text intake_id, const struct medicine_count *count,
                       struct text medicine, struct error *error)
{
  int64_t changed = 0;
  return store_execute(
             transaction,
             "UPDATE medication_count SET medicine = $4, first_count = $5, first_account_id = $6,"
             " first_at = $7, version = version + 1 WHERE program_id = $1 AND id = $2"
             " AND intake_id = $3 AND version = $8 AND second_at = 0",
             STORE_BIND(STORE_T(access->program_id), STORE_T(count->id), STORE_T(intake_id),
                        STORE_B(medicine), STORE_N(count->first),
                        STORE_T(access->actor->account_id), STORE_N(access->now),
                        STORE_N(count->version)),
             &changed, error) &&
         (changed == 1 || intake_stale(error));
}

bool medicine_count_first(struct store_transaction *transaction, const struct intakes *intakes,
                          const struct access *access, struct arena *arena, struct text intake_id,
                          struct medicine_count *count, struct error *error)
{
  struct intake intake;
  struct medicine_count made = *count;
  struct text sealed;
  if (!intake_open_row(transaction, access, arena, "intake", intake_id, false, &intake, error) ||
      !intake_may_show(intakes, access, &intake, INTAKE_COUNT, TEXT(""), error) ||
      !check_counter(access, error) || !check_number(made.first, error) ||
      !intake_check_words(made.medicine, error))
    return false;
  if (text_trim(made.medicine).length == 0)
    return intake_refuse(error, "error.belongings.name", "a medicine without a name");
  if (!intake_seal(access, arena, intake.person_id, medicine_purpose, made.medicine, &sealed,
                   error))
    return false;
  made.intake_id = intake.id;
  made.person_id = intake.person_id;
  made.first_by = access->actor->account_id;
  made.first_at = access->now;
  if (made.id.length) {
    if (!count_anew(transaction, access, intake.id, &made, sealed, error)) return false;
    made.version++;
  } else {
    made.id = intake_new_id(arena, access->now);
    made.version = 1;
    if (!store_execute(
            transaction,
            "INSERT INTO medication_count (program_id, id, intake_id, person_id, medicine,"
            " first_count, first_account_id, first_at, second_count, second_account_id, second_at,"
            " explanation, belonging_id, version)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', 0, $9, '', 1)",
            STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(intake.id),
                       STORE_T(made.person_id), STORE_B(sealed), STORE_N(made.first),
                       STORE_T(made.first_by), STORE_N(access->now), STORE_B(TEXT(""))),
            NULL, error))
      return false;
  }
  if (!intake_clock(transaction, intakes, access, arena, intake_id, error)) return false;
  *count = made;
  return true;
}

/* --- Reading --------------------------------------------------------------------------------- */

static struct medicine_count read_count(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct medicine_count){.id = intake_column(arena, cursor, 0),
                                 .intake_id = intake_column(arena, cursor, 1),
                                 .person_id = intake_column(arena, cursor, 2),
                                 .medicine = text_copy(arena, store_column_bytes(cursor, 3)),
                                 .first = store_column_integer(cursor, 4),
                                 .first_by = intake_column(arena, cursor, 5),
                                 .first_at = store_column_integer(cursor, 6),
                                 .second = store_column_integer(cursor, 7),
                                 .second_by = intake_column(arena, cursor, 8),
                                 .second_at = store_column_integer(cursor, 9),
                                 .explanation = text_copy(arena, store_column_bytes(cursor, 10)),
                                 .belonging_id = intake_column(arena, cursor, 11),
                                 .version = store_column_integer(cursor, 12)};
}

/* By intake, or the one of an id; still sealed. */
static bool read_counts(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text intake_id, struct text id,
                        struct medicine_count **out, size_t *count, struct error *error)
{
  struct medicine_count *rows = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *rows);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, intake_id, person_id, medicine, first_count, first_account_id, first_at,"
      " second_count, second_account_id, second_at, explanation, belonging_id, version"
      " FROM medication_count WHERE program_id = $1 AND ($2 = '' OR intake_id = $2)"
      " AND ($3 = '' OR id = $3) ORDER BY id LIMIT $4",
      STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id), STORE_T(id),
                 STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    rows[found++] = read_count(arena, cursor);
  store_cursor_close(cursor);
  *out = rows;
  *count = found;
  return is_read;
}

static bool open_count(const struct access *access, struct arena *arena,
                       struct medicine_count *count, struct error *error)
{
  return intake_unseal(access, arena, count->person_id, medicine_purpose, count->medicine,
                       &count->medicine, error) &&
         intake_unseal(access, arena, count->person_id, explanation_purpose, count->explanation,
                       &count->explanation, error);
}

bool medicine_count_list(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text intake_id, struct medicine_count **out,
                         size_t *count, struct error *error)
{
  struct intake intake;
  struct medicine_count *rows;
  size_t found;
  if (!intake_load(transaction, access, arena, intake_id, &intake, error) ||
      !read_counts(transaction, access, arena, intake_id, TEXT(""), &rows, &found, error))
    return false;
  for (size_t i = 0; i < found; i++)
    if (!open_count(access, arena, &rows[i], error)) return false;
  *out = rows;
  *count = found;
  return true;
}

/* --- The second count ------------------------------------------------------------------------ */

static bool check_second(const struct access *access, const struct medicine_count *count,
                         int64_t second, struct text explanation, struct error *error)
{
  if (count->second_at)
    return error_set(error, ERROR_CONFLICT, "error.intake.count.done", "",
                     "admission: counted by two already");
  if (!check_counter(access, error) || !check_number(second, error) ||
      !intake_check_words(explanation, error))
    return false;
  if (text_equal(count->first_by, access->actor->account_id))
    return intake_refuse(error, "error.intake.count.same", "the same person counts twice");
  return second == count->first || text_trim(explanation).length > 0 ||
         intake_refuse(error, "error.intake.count.differs", "two counts that differ");
}

/* Zero pieces are counted, and there is nothing to keep. */
static bool keep(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, const struct medicine_count *count, int64_t second,
                 struct text *belonging_id, struct error *error)
{
  struct belonging belonging = {.intake_id = count->intake_id,
                                .person_id = count->person_id,
                                .thing = count->medicine,
                                .quantity = second,
                                .condition = TEXT("unknown"),
                                .restricted = TEXT(""),
                                .count_id = count->id};
  *belonging_id = TEXT("");
  if (second == 0) return true;
  if (!belonging_insert(transaction, access, arena, &belonging, error)) return false;
  *belonging_id = belonging.id;
  return true;
}

bool medicine_count_second(struct store_transaction *transaction, const struct intakes *intakes,
                           const struct access *access, struct arena *arena, struct text id,
                           int64_t second, struct text explanation, int64_t version,
                           struct error *error)
{
  struct medicine_count *counts;
  struct intake intake;
  struct text sealed, belonging_id;
  size_t found;
  int64_t changed = 0;
  if (!read_counts(transaction, access, arena, TEXT(""), id, &counts, &found, error)) return false;
  if (id.length == 0 || found != 1)
    return error_set(error, ERROR_NOT_FOUND, "error.intake.missing", "", "admission: no count");
  if (!intake_open_row(transaction, access, arena, "intake", counts->intake_id, false, &intake,
                       error) ||
      !intake_may_show(intakes, access, &intake, INTAKE_COUNT, TEXT(""), error) ||
      !open_count(access, arena, counts, error) ||
      !check_second(access, counts, second, explanation, error) ||
      !intake_seal(access, arena, counts->person_id, explanation_purpose, explanation, &sealed,
                   error) ||
      !keep(transaction, access, arena, counts, second, &belonging_id, error) ||
      !store_execute(
          transaction,
          "UPDATE medication_count SET second_count = $3, second_account_id = $4, second_at = $5,"
          " explanation = $6, belonging_id = $7, version = version + 1"
          " WHERE program_id = $1 AND id = $2 AND version = $8 AND second_at = 0",
          STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(second),
                     STORE_T(access->actor->account_id), STORE_N(access->now), STORE_B(sealed),
                     STORE_T(belonging_id), STORE_N(version)),
          &changed, error))
    return false;
  return changed == 1 ? intake_clock(transaction, intakes, access, arena, counts->intake_id, error)
                      : intake_stale(error);
}
