/*
 * belongings_return: giving things back, with a receipt that both sign. See belongings.h.
 *
 * The receipt's bytes are plain words of the catalog and of the rows as they were shown; a thing
 * that moved meanwhile is not given back by a receipt that was read before. Both signatures are
 * kept with these bytes (signature.h). Nobody has to sign to get their own things: then a code says
 * why. No state; any thread.
 */

#include "admission/intake_private.h"

/* --- The receipt ----------------------------------------------------------------------------- */

/* The row that was shown; NULL: none of this intake. */
static const struct belonging *row_of(const struct belonging *rows, size_t count, struct text id)
{
  for (size_t i = 0; i < count; i++)
    if (text_equal(rows[i].id, id) && rows[i].error_at == 0) return &rows[i];
  return NULL;
}

static bool check_thing(const struct intakes *intakes, const struct belongings_return *given,
                        size_t index, const struct belonging *row, struct error *error)
{
  const struct belongings_shown *shown = &given->things[index];
  if (!row)
    return error_set(error, ERROR_NOT_FOUND, "error.belongings.missing", "", "admission: no thing");
  for (size_t i = 0; i < index; i++)
    if (text_equal(given->things[i].id, shown->id))
      return intake_refuse(error, "error.belongings.state", "one thing twice");
  if (row->version != shown->version) return intake_stale(error);
  const struct belongings_state *state = belongings_states_find(intakes->rules, row->state);
  return (state && coverage_words_have(&state->next, TEXT("returned"))) ||
         intake_refuse(error, "error.belongings.state", "a thing that cannot be given back");
}

static void write_thing(const struct catalog *catalog, size_t language, size_t number,
                        const struct belonging *row, struct text_buffer *out)
{
  text_buffer_add_format(out, "%zu. %.*s: %lld. ", number, TEXT_PRINT(row->thing),
                         (long long)row->quantity);
  if (row->count_id.length) belongings_say(catalog, language, "belongings", TEXT("counted"), out);
  else belongings_say(catalog, language, "belongings-conditions", row->condition, out);
  text_buffer_add(out, TEXT(".\n"));
}

bool belongings_receipt_load(struct store_transaction *transaction, const struct intakes *intakes,
                             const struct access *access, struct arena *arena,
                             struct text intake_id, const struct belongings_return *given,
                             struct text *out, struct error *error)
{
  const struct catalog *catalog = access->privacy->catalog;
  struct belonging *rows;
  struct text_buffer buffer;
  size_t count, language = 0;
  bool is_good = true;
  if (!intake_check_words(given->words, error) ||
      !belongings_list(transaction, access, arena, intake_id, &rows, &count, error))
    return false;
  if (given->count == 0) return intake_refuse(error, "error.belongings.none", "nothing to give");
  if (!catalog_language_find(catalog, given->language, &language)) language = 0;
  text_buffer_init(&buffer, LIMIT_BELONGINGS_INVENTORY);
  belongings_say(catalog, language, "belongings", TEXT("receipt_title"), &buffer);
  text_buffer_add(&buffer, TEXT("\n"));
  for (size_t i = 0; i < given->count && is_good; i++) {
    const struct belonging *row = row_of(rows, count, given->things[i].id);
    is_good = check_thing(intakes, given, i, row, error);
    if (is_good) write_thing(catalog, language, i + 1, row, &buffer);
  }
  belongings_say(catalog, language, "belongings", TEXT("receipt_to"), &buffer);
  text_buffer_add_format(&buffer, " %.*s\n", TEXT_PRINT(given->words));
  belongings_say(catalog, language, "belongings", TEXT("receipt_words"), &buffer);
  text_buffer_add(&buffer, TEXT("\n"));
  if (is_good && buffer.over)
    is_good = error_set(error, ERROR_TOO_LARGE, "error.care.long", "",
                        "admission: a receipt past its limit");
  if (is_good) *out = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return is_good;
}

/* --- Giving back ----------------------------------------------------------------------------- */

static bool is_reason(const struct intakes *intakes, struct text code)
{
  for (size_t i = 0; i < belongings_unsigned_count(intakes->rules); i++)
    if (text_equal(belongings_unsigned_get(intakes->rules, i), code)) return true;
  return false;
}

static struct text hash_of(struct arena *arena, struct text bytes)
{
  char hash[HASH_TEXT];
  hash_sha256(bytes, hash);
  return text_copy(arena, text_from(hash));
}

static bool check_signing(const struct intakes *intakes, const struct belongings_return *given,
                          struct text sha256, struct error *error)
{
  bool is_signed = given->reason.length == 0;
  if (!is_signed)
    return (is_reason(intakes, given->reason) && given->person.role.length == 0 &&
            given->staff.role.length == 0) ||
           intake_refuse(error, "error.belongings.unsigned", "no reason, or one and signatures");
  if (!belongings_check_roles(&given->person, &given->staff, error)) return false;
  return text_equal(given->sha256, sha256) ||
         error_set(error, ERROR_CONFLICT, "error.belongings.changed", "Show it again.",
                   "admission: the receipt is not the one that was shown");
}

static bool move_all(struct store_transaction *transaction, const struct intakes *intakes,
                     const struct access *access, struct arena *arena,
                     const struct belongings_return *given, struct error *error)
{
  for (size_t i = 0; i < given->count; i++) {
    const struct belongings_move move = {.id = given->things[i].id,
                                         .state = TEXT("returned"),
                                         .place = TEXT(""),
                                         .words = given->words,
                                         .version = given->things[i].version};
    if (!belongings_move(transaction, intakes, access, arena, &move, error) ||
        !store_execute(
            transaction,
            "INSERT INTO belonging_return_thing (program_id, belonging_id, return_id)"
            " VALUES ($1, $2, $3)",
            STORE_BIND(STORE_T(access->program_id), STORE_T(move.id), STORE_T(given->id)), NULL,
            error))
      return false;
  }
  return true;
}

bool belongings_give_back(struct store_transaction *transaction, const struct intakes *intakes,
                          const struct access *access, struct arena *arena, struct text intake_id,
                          struct belongings_return *given, struct error *error)
{
  struct intake intake;
  struct belongings_return made = *given;
  struct text receipt = TEXT(""), sha256;
  bool is_signed = given->reason.length == 0;
  if (!intake_open_row(transaction, access, arena, "belongings", intake_id, true, &intake, error) ||
      !belongings_receipt_load(transaction, intakes, access, arena, intake_id, given, &receipt,
                               error))
    return false;
  sha256 = is_signed ? hash_of(arena, receipt) : TEXT("");
  if (!check_signing(intakes, given, sha256, error)) return false;
  made.id = intake_new_id(arena, access->now);
  made.at = access->now;
  made.account_id = access->actor->account_id;
  made.person.id = made.staff.id = TEXT("");
  made.person.signed_bytes = made.staff.signed_bytes = receipt;
  if (is_signed && (!signature_create(transaction, access, &made.person, arena, error) ||
                    !signature_create(transaction, access, &made.staff, arena, error)))
    return false;
  if (!store_execute(
          transaction,
          "INSERT INTO belonging_return (program_id, id, intake_id, person_id, reason, language,"
          " sha256, person_signature_id, staff_signature_id, account_id, at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(intake.id),
                     STORE_T(access->person_id), STORE_T(made.reason), STORE_T(made.language),
                     STORE_T(sha256), STORE_T(made.person.id), STORE_T(made.staff.id),
                     STORE_T(made.account_id), STORE_N(made.at)),
          NULL, error) ||
      !move_all(transaction, intakes, access, arena, &made, error))
    return false;
  *given = made;
  return true;
}

/* --- Reading --------------------------------------------------------------------------------- */

bool belongings_returns(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text intake_id, struct belongings_return **out,
                        size_t *count, struct error *error)
{
  struct belongings_return *rows = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *rows);
  struct store_cursor *cursor = NULL;
  struct intake intake;
  bool more = false;
  size_t found = 0;
  if (!intake_open_row(transaction, access, arena, "belongings", intake_id, true, &intake, error))
    return false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT r.id, r.reason, r.language, r.account_id, r.at,"
      " (SELECT count(*) FROM belonging_return_thing t WHERE t.program_id = r.program_id"
      " AND t.return_id = r.id) FROM belonging_return r WHERE r.program_id = $1"
      " AND r.intake_id = $2 ORDER BY r.at DESC, r.id DESC LIMIT $3",
      STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    rows[found++] = (struct belongings_return){.id = intake_column(arena, cursor, 0),
                                               .reason = intake_column(arena, cursor, 1),
                                               .language = intake_column(arena, cursor, 2),
                                               .account_id = intake_column(arena, cursor, 3),
                                               .at = store_column_integer(cursor, 4),
                                               .count = (size_t)store_column_integer(cursor, 5)};
  store_cursor_close(cursor);
  *out = rows;
  *count = found;
  return is_read;
}

bool belongings_return_load(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct text intake_id, struct text id,
                            struct belongings_return *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct intake intake;
  struct belongings_return row = {.id = id};
  struct text person = TEXT(""), staff = TEXT("");
  bool more = false;
  if (!intake_open_row(transaction, access, arena, "belongings", intake_id, true, &intake, error))
    return false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT language, sha256, person_signature_id, staff_signature_id, account_id, at"
                  " FROM belonging_return WHERE program_id = $1 AND id = $2 AND intake_id = $3"
                  " AND person_id = $4 AND reason = ''",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(intake_id),
                             STORE_T(access->person_id)),
                  error) &&
      store_next(cursor, &more, error);
  if (is_read && more) {
    row.language = intake_column(arena, cursor, 0);
    row.sha256 = intake_column(arena, cursor, 1);
    person = intake_column(arena, cursor, 2);
    staff = intake_column(arena, cursor, 3);
    row.account_id = intake_column(arena, cursor, 4);
    row.at = store_column_integer(cursor, 5);
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!more)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "admission: no such receipt");
  if (!signature_load(transaction, access, arena, person, &row.person, error) ||
      !signature_load(transaction, access, arena, staff, &row.staff, error))
    return false;
  *out = row;
  return true;
}
