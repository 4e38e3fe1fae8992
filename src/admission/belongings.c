/*
 * belongings: things, and the chain of custody. See belongings.h.
 *
 * Invariants: the row says what its last step says; steps are only added, each after the version it
 * was written against; what a thing is never changes.
 */
#include "admission/intake_private.h"

static const char thing_purpose[] = "belonging.thing";
static const char place_purpose[] = "belonging.place";
static const char step_place_purpose[] = "belonging_step.place";
static const char step_words_purpose[] = "belonging_step.words";

bool belongings_revision(struct store_transaction *transaction, const struct access *access,
                         struct text intake_id, int64_t *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  return intake_number(
      store_query(transaction, &cursor,
                  "SELECT count(*) + coalesce(sum(CASE WHEN error_at > 0 THEN 1 ELSE 0 END), 0)"
                  " FROM belonging WHERE program_id = $1 AND intake_id = $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id)), error),
      &cursor, out, error);
}

/* --- Writing --------------------------------------------------------------------------------- */

static bool add_step(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text person_id, const struct belongings_move *move,
                     struct text other, struct error *error)
{
  struct text place, words;
  return intake_seal(access, arena, person_id, step_place_purpose, move->place, &place, error) &&
         intake_seal(access, arena, person_id, step_words_purpose, move->words, &words, error) &&
         store_execute(
             transaction,
             "INSERT INTO belonging_step (program_id, belonging_id, seq, state, place, words,"
             " account_id, other_account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
             STORE_BIND(STORE_T(access->program_id), STORE_T(move->id), STORE_N(move->version),
                        STORE_T(move->state), STORE_B(place), STORE_B(words),
                        STORE_T(access->actor->account_id), STORE_T(other), STORE_N(access->now)),
             NULL, error);
}

bool belonging_insert(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct belonging *belonging, struct error *error)
{
  struct text thing;
  struct belonging made = *belonging;
  made.id = intake_new_id(arena, access->now);
  made.state = TEXT("received");
  made.version = 1;
  const struct belongings_move first = {made.id, made.state, TEXT(""), TEXT(""), 1};
  if (!intake_seal(access, arena, made.person_id, thing_purpose, made.thing, &thing, error) ||
      !store_execute(
          transaction,
          "INSERT INTO belonging (program_id, id, intake_id, person_id, thing, quantity, condition,"
          " restricted, count_id, state, place, error_at, account_id, made_at, version)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, 1)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(made.intake_id),
                     STORE_T(made.person_id), STORE_B(thing), STORE_N(made.quantity),
                     STORE_T(made.condition), STORE_T(made.restricted), STORE_T(made.count_id),
                     STORE_T(made.state), STORE_B(TEXT("")), STORE_T(access->actor->account_id),
                     STORE_N(access->now)),
          NULL, error) ||
      !add_step(transaction, access, arena, made.person_id, &first, TEXT(""), error))
    return false;
  *belonging = made;
  return true;
}

static bool is_condition(const struct intakes *intakes, struct text code)
{
  for (size_t i = 0; i < belongings_conditions_count(intakes->rules); i++)
    if (text_equal(belongings_conditions_get(intakes->rules, i), code)) return true;
  return false;
}

static bool check(const struct intakes *intakes, const struct belonging *belonging,
                  struct error *error)
{
  if (!intake_check_words(belonging->thing, error)) return false;
  if (text_trim(belonging->thing).length == 0)
    return intake_refuse(error, "error.belongings.name", "a thing without a name");
  if (belonging->quantity < 1 || belonging->quantity > LIMIT_BELONGING_QUANTITY)
    return intake_refuse(error, "error.belongings.quantity", "a quantity out of its range");
  if (!is_condition(intakes, belonging->condition))
    return intake_refuse(error, "error.belongings.condition", "no such condition");
  return belonging->restricted.length == 0 ||
         restricted_items_find(intakes->rules, belonging->restricted) ||
         intake_refuse(error, "error.belongings.restricted", "no such restricted item");
}

bool belongings_add(struct store_transaction *transaction, const struct intakes *intakes,
                    const struct access *access, struct arena *arena, struct text intake_id,
                    struct belonging *belonging, struct error *error)
{
  struct intake intake;
  struct belonging made = *belonging;
  if (!intake_open_row(transaction, access, arena, "belongings", intake_id, false, &intake,
                       error) ||
      !check(intakes, belonging, error))
    return false;
  made.intake_id = intake.id;
  made.person_id = intake.person_id;
  made.count_id = TEXT("");
  if (!belonging_insert(transaction, access, arena, &made, error)) return false;
  *belonging = made;
  return true;
}

/* --- One row --------------------------------------------------------------------------------- */

static struct belonging read_row(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct belonging){.id = intake_column(arena, cursor, 0),
                            .intake_id = intake_column(arena, cursor, 1),
                            .person_id = intake_column(arena, cursor, 2),
                            .thing = text_copy(arena, store_column_bytes(cursor, 3)),
                            .quantity = store_column_integer(cursor, 4),
                            .condition = intake_column(arena, cursor, 5),
                            .restricted = intake_column(arena, cursor, 6),
                            .count_id = intake_column(arena, cursor, 7),
                            .state = intake_column(arena, cursor, 8),
                            .place = text_copy(arena, store_column_bytes(cursor, 9)),
                            .error_at = store_column_integer(cursor, 10),
                            .account_id = intake_column(arena, cursor, 11),
                            .made_at = store_column_integer(cursor, 12),
                            .version = store_column_integer(cursor, 13)};
}

/* By intake, or the one of an id; still sealed. */
static bool read_rows(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text intake_id, struct text id,
                      struct belonging **out, size_t *count, struct error *error)
{
  struct belonging *rows = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *rows);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, intake_id, person_id, thing, quantity, condition, restricted, count_id, state,"
      " place, error_at, account_id, made_at, version FROM belonging WHERE program_id = $1"
      " AND ($2 = '' OR intake_id = $2) AND ($3 = '' OR id = $3) ORDER BY made_at, id LIMIT $4",
      STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id), STORE_T(id),
                 STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    rows[found++] = read_row(arena, cursor);
  store_cursor_close(cursor);
  *out = rows;
  *count = found;
  return is_read;
}

static bool load_row(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, bool writes, struct belonging *out,
                     struct error *error)
{
  struct belonging *rows;
  size_t count;
  if (!read_rows(transaction, access, arena, TEXT(""), id, &rows, &count, error)) return false;
  if (id.length == 0 || count != 1)
    return error_set(error, ERROR_NOT_FOUND, "error.belongings.missing", "", "admission: no thing");
  if (!intake_may(transaction, access, "belongings", writes, rows->person_id, error)) return false;
  *out = *rows;
  return true;
}

/* --- Custody --------------------------------------------------------------------------------- */

/* Who made the last step. */
static bool last_account(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text id, struct text *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT account_id FROM belonging_step WHERE program_id = $1"
                             " AND belonging_id = $2 ORDER BY seq DESC LIMIT 1",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read) *out = more ? intake_column(arena, cursor, 0) : TEXT("");
  store_cursor_close(cursor);
  return is_read;
}

static bool check_move(const struct intakes *intakes, const struct access *access,
                       const struct belonging *row, const struct belongings_move *move,
                       struct text last, struct error *error)
{
  const struct belongings_state *from = belongings_states_find(intakes->rules, row->state);
  const struct belongings_state *to = belongings_states_find(intakes->rules, move->state);
  if (row->error_at || !from || !to || !coverage_words_have(&from->next, move->state))
    return intake_refuse(error, "error.belongings.state", "a state that does not follow");
  if (to->asks_place && text_trim(move->place).length == 0)
    return intake_refuse(error, "error.belongings.place", "a place that is not named");
  struct text account = access->actor->account_id;
  if (to->asks_two && (account.length == 0 || last.length == 0 || text_equal(account, last)))
    return intake_refuse(error, "error.belongings.two", "one person where two are needed");
  return intake_check_words(move->place, error) && intake_check_words(move->words, error);
}

bool belongings_move(struct store_transaction *transaction, const struct intakes *intakes,
                     const struct access *access, struct arena *arena,
                     const struct belongings_move *move, struct error *error)
{
  struct belonging row;
  struct text last = TEXT(""), place;
  int64_t changed = 0;
  if (!load_row(transaction, access, arena, move->id, true, &row, error)) return false;
  if (row.version != move->version) return intake_stale(error);
  if (!last_account(transaction, access, arena, move->id, &last, error) ||
      !check_move(intakes, access, &row, move, last, error) ||
      !intake_seal(access, arena, row.person_id, place_purpose, move->place, &place, error) ||
      !store_execute(transaction,
                     "UPDATE belonging SET state = $3, place = $4, version = version + 1"
                     " WHERE program_id = $1 AND id = $2 AND version = $5 AND error_at = 0",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(move->id),
                                STORE_T(move->state), STORE_B(place), STORE_N(move->version)),
                     &changed, error))
    return false;
  if (changed != 1) return intake_stale(error);
  struct belongings_move step = *move;
  step.version = move->version + 1;
  bool is_two = belongings_states_find(intakes->rules, move->state)->asks_two;
  return add_step(transaction, access, arena, row.person_id, &step, is_two ? last : TEXT(""),
                  error);
}

bool belongings_mark_error(struct store_transaction *transaction, const struct access *access,
                           struct arena *arena, struct text id, int64_t version,
                           struct error *error)
{
  struct belonging row;
  int64_t changed = 0;
  if (!load_row(transaction, access, arena, id, true, &row, error)) return false;
  if (row.count_id.length) /* two people counted it */
    return intake_refuse(error, "error.intake.count.done", "a medicine that two counted");
  return store_execute(transaction,
                       "UPDATE belonging SET error_at = $3, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND version = $4 AND error_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(access->now),
                                  STORE_N(version)),
                       &changed, error) &&
         (changed == 1 || intake_stale(error));
}

/* --- Reading --------------------------------------------------------------------------------- */

bool belongings_intakes(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct intake **out, size_t *count,
                        struct error *error)
{
  return intake_list_for(transaction, access, arena, "belongings", out, count, error);
}

bool belongings_list(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text intake_id, struct belonging **out,
                     size_t *count, struct error *error)
{
  struct intake intake;
  struct belonging *rows;
  size_t found;
  if (!intake_open_row(transaction, access, arena, "belongings", intake_id, true, &intake, error) ||
      !read_rows(transaction, access, arena, intake_id, TEXT(""), &rows, &found, error))
    return false;
  for (size_t i = 0; i < found; i++) {
    /* A medicine was written with the count's access, and is the person's all the same. */
    if (!intake_unseal(access, arena, rows[i].person_id, thing_purpose, rows[i].thing,
                       &rows[i].thing, error) ||
        !intake_unseal(access, arena, rows[i].person_id, place_purpose, rows[i].place,
                       &rows[i].place, error))
      return false;
  }
  *out = rows;
  *count = found;
  return true;
}

bool belongings_history(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, struct belongings_step **out,
                        size_t *count, struct error *error)
{
  struct belongings_step *steps = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *steps);
  struct store_cursor *cursor = NULL;
  struct belonging row;
  bool more = false;
  size_t found = 0;
  if (!load_row(transaction, access, arena, id, false, &row, error)) return false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT state, place, words, account_id, other_account_id, at FROM belonging_step"
      " WHERE program_id = $1 AND belonging_id = $2 ORDER BY seq LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    steps[found++] =
        (struct belongings_step){.state = intake_column(arena, cursor, 0),
                                 .place = text_copy(arena, store_column_bytes(cursor, 1)),
                                 .words = text_copy(arena, store_column_bytes(cursor, 2)),
                                 .account_id = intake_column(arena, cursor, 3),
                                 .other_account_id = intake_column(arena, cursor, 4),
                                 .at = store_column_integer(cursor, 5)};
  store_cursor_close(cursor);
  for (size_t i = 0; i < found && is_read; i++)
    is_read = intake_unseal(access, arena, row.person_id, step_place_purpose, steps[i].place,
                            &steps[i].place, error) &&
              intake_unseal(access, arena, row.person_id, step_words_purpose, steps[i].words,
                            &steps[i].words, error);
  if (!is_read) return false;
  *out = steps;
  *count = found;
  return true;
}
