/*
 * intake_assess: answered questionnaires, and the level of care that a clinician decides on. See
 * intake_record.h. Scoring and the table are the room assessment's; here is what is kept of them,
 * sealed. Rows are only added; the last one counts.
 */
#include "admission/intake_private.h"

static const char answers_purpose[] = "intake_instrument.answers";
static const char result_purpose[] = "intake_instrument.result";
static const char facts_purpose[] = "intake_level.facts";
static const char reason_purpose[] = "intake_level.reason";

/* A JSON value, sealed; NULL is nothing. */
static bool seal_value(const struct access *access, struct arena *arena, struct text person_id,
                       const char *purpose, const struct value *value, struct text *out,
                       struct error *error)
{
  struct text_buffer json;
  bool is_sealed = true;
  if (!value) return intake_seal(access, arena, person_id, purpose, TEXT(""), out, error);
  text_buffer_init(&json, LIMIT_INTAKE_DOCUMENT);
  json_write(value, &json);
  if (json.over)
    is_sealed = error_set(error, ERROR_TOO_LARGE, "error.intake.answers", "",
                          "admission: a document past its limit");
  is_sealed = is_sealed &&
              intake_seal(access, arena, person_id, purpose, text_buffer_get(&json), out, error);
  text_buffer_fini(&json);
  return is_sealed;
}

static bool open_value(const struct access *access, struct arena *arena, struct text person_id,
                       const char *purpose, struct text sealed, const struct value **out,
                       struct error *error)
{
  struct text json;
  if (!intake_unseal(access, arena, person_id, purpose, sealed, &json, error)) return false;
  *out = NULL;
  return json.length == 0 || json_read(arena, json, out, error);
}

/* --- Questionnaires -------------------------------------------------------------------------- */

static bool score(const struct intakes *intakes, struct arena *arena,
                  struct intake_instrument *instrument, struct error *error)
{
  const struct instrument *found =
      intakes->instruments ? instruments_find(intakes->instruments, instrument->instrument) : NULL;
  struct instrument_answers answers;
  struct instrument_score result;
  if (!found || !found->is_on)
    return intake_refuse(error, "error.intake.instrument", "no such questionnaire");
  if (!instrument->answers || !instrument_read(found, instrument->answers, &answers, error))
    return instrument->answers ? false : intake_refuse(error, "error.intake.answers", "no answers");
  instrument_score(found, &answers, &result);
  if (!result.complete) return intake_refuse(error, "error.intake.answers", "an answer is missing");
  instrument->result = instrument_write(found, arena, &result);
  return true;
}

bool intake_instrument_add(struct store_transaction *transaction, const struct intakes *intakes,
                           const struct access *access, struct arena *arena, struct text intake_id,
                           struct intake_instrument *instrument, struct error *error)
{
  struct intake intake;
  struct intake_instrument made = *instrument;
  struct text answers, result;
  if (!intake_open_row(transaction, access, arena, "intake", intake_id, false, &intake, error) ||
      !score(intakes, arena, &made, error) ||
      !intake_may_show(intakes, access, &intake, INTAKE_INSTRUMENT, made.instrument, error) ||
      !seal_value(access, arena, intake.person_id, answers_purpose, made.answers, &answers,
                  error) ||
      !seal_value(access, arena, intake.person_id, result_purpose, made.result, &result, error))
    return false;
  made.id = intake_new_id(arena, access->now);
  made.at = access->now;
  made.account_id = access->actor->account_id;
  if (!store_execute(transaction,
                     "INSERT INTO intake_instrument (program_id, id, intake_id, person_id,"
                     " instrument, answers, result, account_id, at)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(intake_id),
                                STORE_T(intake.person_id), STORE_T(made.instrument),
                                STORE_B(answers), STORE_B(result), STORE_T(made.account_id),
                                STORE_N(made.at)),
                     NULL, error) ||
      !intake_clock(transaction, intakes, access, arena, intake_id, error))
    return false;
  *instrument = made;
  return true;
}

/* A row that is still sealed. */
struct sealed_row {
  struct text person_id, a, b;
};

bool intake_instrument_list(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct intake_instrument **out, size_t *count,
                            struct error *error)
{
  struct intake_instrument *rows = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *rows);
  struct sealed_row *sealed = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *sealed);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  if (!intake_may(transaction, access, "intake", false, access->person_id, error)) return false;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT m.id FROM person m"
      " JOIN same ON m.merged_into = same.id AND m.merged_into <> '' WHERE m.program_id = $1)"
      " SELECT id, instrument, account_id, at, person_id, answers, result FROM intake_instrument"
      " WHERE program_id = $1 AND person_id IN (SELECT id FROM same)"
      " ORDER BY at DESC, id DESC LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id), STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    sealed[found] = (struct sealed_row){intake_column(arena, cursor, 4),
                                        text_copy(arena, store_column_bytes(cursor, 5)),
                                        text_copy(arena, store_column_bytes(cursor, 6))};
    rows[found++] = (struct intake_instrument){.id = intake_column(arena, cursor, 0),
                                               .instrument = intake_column(arena, cursor, 1),
                                               .account_id = intake_column(arena, cursor, 2),
                                               .at = store_column_integer(cursor, 3)};
  }
  store_cursor_close(cursor);
  for (size_t i = 0; i < found && is_read; i++)
    is_read = open_value(access, arena, sealed[i].person_id, answers_purpose, sealed[i].a,
                         &rows[i].answers, error) &&
              open_value(access, arena, sealed[i].person_id, result_purpose, sealed[i].b,
                         &rows[i].result, error);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}

/* --- The level of care ----------------------------------------------------------------------- */

/* What the table says of these facts; "" when there are none, or it says no level. */
static bool suggest(const struct intakes *intakes, const struct intake_level *level,
                    struct text *out, struct error *error)
{
  struct facts facts;
  struct care_result result;
  *out = TEXT("");
  if (!level->facts || !intakes->table) return true;
  if (!care_read(intakes->table, level->facts, &facts, error)) return false;
  care_find(intakes->table, &facts, intakes->options, &result);
  if (result.level != LEVEL_NONE) *out = levels_get(intakes->table, result.level)->number;
  return true;
}

bool intake_level_decide(struct store_transaction *transaction, const struct intakes *intakes,
                         const struct access *access, struct arena *arena, struct text intake_id,
                         struct intake_level *level, struct error *error)
{
  struct intake intake;
  struct intake_level made = *level;
  struct text facts, reason;
  if (!intake_open_row(transaction, access, arena, "intake", intake_id, false, &intake, error) ||
      !intake_may_show(intakes, access, &intake, INTAKE_LEVEL, TEXT(""), error) ||
      !intake_check_words(made.reason, error) || !suggest(intakes, level, &made.suggested, error))
    return false;
  if (!care_code_is(intakes->care, CARE_LEVELS, made.chosen))
    return intake_refuse(error, "error.intake.level", "no such level of care");
  if (!text_equal(made.chosen, made.suggested) && text_trim(made.reason).length == 0)
    return intake_refuse(error, "error.intake.why", "another level without a reason");
  if (!seal_value(access, arena, intake.person_id, facts_purpose, made.facts, &facts, error) ||
      !intake_seal(access, arena, intake.person_id, reason_purpose, made.reason, &reason, error))
    return false;
  made.id = intake_new_id(arena, access->now);
  made.at = access->now;
  made.account_id = access->actor->account_id;
  if (!store_execute(transaction,
                     "INSERT INTO intake_level (program_id, id, intake_id, person_id, suggested,"
                     " chosen, facts, reason, account_id, at)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(intake_id),
                                STORE_T(intake.person_id), STORE_T(made.suggested),
                                STORE_T(made.chosen), STORE_B(facts), STORE_B(reason),
                                STORE_T(made.account_id), STORE_N(made.at)),
                     NULL, error) ||
      !intake_clock(transaction, intakes, access, arena, intake_id, error))
    return false;
  *level = made;
  return true;
}

bool intake_level_list(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text intake_id, struct intake_level **out,
                       size_t *count, struct error *error)
{
  struct intake_level *rows = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *rows);
  struct sealed_row *sealed = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *sealed);
  struct store_cursor *cursor = NULL;
  struct intake intake;
  bool more = false;
  size_t found = 0;
  if (!intake_load(transaction, access, arena, intake_id, &intake, error)) return false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, suggested, chosen, account_id, at, facts, reason FROM intake_level"
      " WHERE program_id = $1 AND intake_id = $2 ORDER BY at DESC, id DESC LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    sealed[found] =
        (struct sealed_row){intake.person_id, text_copy(arena, store_column_bytes(cursor, 5)),
                            text_copy(arena, store_column_bytes(cursor, 6))};
    rows[found++] = (struct intake_level){.id = intake_column(arena, cursor, 0),
                                          .suggested = intake_column(arena, cursor, 1),
                                          .chosen = intake_column(arena, cursor, 2),
                                          .account_id = intake_column(arena, cursor, 3),
                                          .at = store_column_integer(cursor, 4)};
  }
  store_cursor_close(cursor);
  for (size_t i = 0; i < found && is_read; i++)
    is_read = open_value(access, arena, sealed[i].person_id, facts_purpose, sealed[i].a,
                         &rows[i].facts, error) &&
              intake_unseal(access, arena, sealed[i].person_id, reason_purpose, sealed[i].b,
                            &rows[i].reason, error);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}
