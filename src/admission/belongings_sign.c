/*
 * belongings_sign: the list as it is signed, and its two signatures. See belongings.h.
 *
 * The bytes are plain words of the catalog and of the rows, in the order in which they were
 * written: what each thing is, how it looks, and what becomes of what cannot stay. Where a thing is
 * later does not change them. Both signatures are kept with these bytes (signature.h).
 */
#include <stdio.h>

#include "admission/intake_private.h"

/* --- The list -------------------------------------------------------------------------------- */

struct writing {
  const struct catalog *catalog;
  size_t language;
  struct text_buffer *out;
};

void belongings_say(const struct catalog *catalog, size_t language, const char *list,
                    struct text code, struct text_buffer *out)
{
  char key[160];
  snprintf(key, sizeof key, "%s.%.*s", list, TEXT_PRINT(code));
  struct text words = catalog_find(catalog, language, text_from(key));
  text_buffer_add(out, words.at ? words : code);
}

static void say(const struct writing *writing, const char *list, struct text code)
{
  belongings_say(writing->catalog, writing->language, list, code, writing->out);
}

static void write_thing(const struct writing *writing, const struct intakes *intakes, size_t number,
                        const struct belonging *row)
{
  const struct restricted_item *restricted = restricted_items_find(intakes->rules, row->restricted);
  text_buffer_add_format(writing->out, "%zu. %.*s: %lld. ", number, TEXT_PRINT(row->thing),
                         (long long)row->quantity);
  if (row->count_id.length) say(writing, "belongings", TEXT("counted"));
  else say(writing, "belongings-conditions", row->condition);
  text_buffer_add(writing->out, TEXT("."));
  if (restricted) {
    text_buffer_add(writing->out, TEXT(" "));
    say(writing, "restricted-items", restricted->code);
    text_buffer_add(writing->out, TEXT(": "));
    char why[160];
    snprintf(why, sizeof why, "%.*s.why", TEXT_PRINT(restricted->code));
    say(writing, "restricted-items", text_from(why));
    text_buffer_add(writing->out, TEXT(" "));
    say(writing, "belongings.goes", restricted->fate);
  }
  text_buffer_add(writing->out, TEXT("\n"));
}

static bool write_list(const struct intakes *intakes, const struct access *access,
                       struct arena *arena, const struct belonging *rows, size_t count,
                       struct belongings_inventory *out, struct error *error)
{
  const struct catalog *catalog = access->privacy->catalog;
  struct text_buffer buffer;
  struct writing writing = {catalog, 0, &buffer};
  size_t number = 0;
  if (!catalog_language_find(catalog, out->language, &writing.language)) writing.language = 0;
  out->language = catalog_language(catalog, writing.language);
  text_buffer_init(&buffer, LIMIT_BELONGINGS_INVENTORY);
  say(&writing, "belongings", TEXT("sign_title"));
  text_buffer_add(&buffer, TEXT("\n"));
  for (size_t i = 0; i < count; i++)
    if (rows[i].error_at == 0) write_thing(&writing, intakes, ++number, &rows[i]);
  say(&writing, "belongings", TEXT("sign_words"));
  text_buffer_add(&buffer, TEXT("\n"));
  bool is_over = buffer.over;
  if (number == 0) out->words = TEXT("");
  else out->words = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return !is_over || error_set(error, ERROR_TOO_LARGE, "error.care.long", "",
                               "admission: a list past its limit");
}

bool belongings_inventory_load(struct store_transaction *transaction, const struct intakes *intakes,
                               const struct access *access, struct arena *arena,
                               struct text intake_id, struct text language,
                               struct belongings_inventory *out, struct error *error)
{
  struct belongings_inventory made = {.language = language};
  struct belonging *rows;
  size_t count;
  if (!belongings_list(transaction, access, arena, intake_id, &rows, &count, error) ||
      !belongings_revision(transaction, access, intake_id, &made.revision, error) ||
      !write_list(intakes, access, arena, rows, count, &made, error))
    return false;
  *out = made;
  return true;
}

/* --- Signing --------------------------------------------------------------------------------- */

bool belongings_check_roles(const struct signature *person, const struct signature *staff,
                            struct error *error)
{
  bool is_right = (text_equal(person->role, TEXT("patient")) ||
                   text_equal(person->role, TEXT("personal-representative"))) &&
                  text_equal(staff->role, TEXT("staff"));
  return is_right || intake_refuse(error, "error.belongings.both", "not the person and staff");
}

bool belongings_sign(struct store_transaction *transaction, const struct intakes *intakes,
                     const struct access *access, struct arena *arena, struct text intake_id,
                     struct belongings_signing *signing, struct error *error)
{
  struct intake intake;
  struct belongings_inventory list;
  struct belongings_signing made = *signing;
  if (!intake_open_row(transaction, access, arena, "belongings", intake_id, false, &intake,
                       error) ||
      !belongings_check_roles(&signing->person, &signing->staff, error) ||
      !belongings_inventory_load(transaction, intakes, access, arena, intake_id, signing->language,
                                 &list, error))
    return false;
  if (list.revision != signing->revision || list.words.length == 0)
    return error_set(error, ERROR_CONFLICT, "error.belongings.changed", "Show it again.",
                     "admission: the list is not the one that was shown");
  made.person.signed_bytes = made.staff.signed_bytes = list.words;
  made.language = list.language;
  made.id = intake_new_id(arena, access->now);
  made.at = access->now;
  if (!signature_create(transaction, access, &made.person, arena, error) ||
      !signature_create(transaction, access, &made.staff, arena, error) ||
      !store_execute(
          transaction,
          "INSERT INTO belonging_signing (program_id, id, intake_id, person_id, revision, language,"
          " sha256, person_signature_id, staff_signature_id, account_id, at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
          STORE_BIND(STORE_T(access->program_id), STORE_T(made.id), STORE_T(intake.id),
                     STORE_T(access->person_id), STORE_N(list.revision), STORE_T(made.language),
                     STORE_T(text_from(made.person.sha256)), STORE_T(made.person.id),
                     STORE_T(made.staff.id), STORE_T(access->actor->account_id),
                     STORE_N(access->now)),
          NULL, error))
    return false;
  *signing = made;
  return true;
}

bool belongings_signed(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text intake_id, struct belongings_signing *out,
                       bool *found, bool *is_current, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct intake intake;
  struct text person = TEXT(""), staff = TEXT("");
  int64_t revision = 0;
  bool more = false;
  if (!intake_open_row(transaction, access, arena, "belongings", intake_id, true, &intake, error))
    return false;
  bool is_read =
      store_query(
          transaction, &cursor,
          "SELECT id, revision, language, person_signature_id, staff_signature_id, at"
          " FROM belonging_signing WHERE program_id = $1 AND intake_id = $2"
          " AND person_id = $3 ORDER BY at DESC, id DESC LIMIT 1",
          STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id), STORE_T(access->person_id)),
          error) &&
      store_next(cursor, &more, error);
  if (is_read && more) {
    *out = (struct belongings_signing){.id = intake_column(arena, cursor, 0),
                                       .revision = store_column_integer(cursor, 1),
                                       .language = intake_column(arena, cursor, 2),
                                       .at = store_column_integer(cursor, 5)};
    person = intake_column(arena, cursor, 3);
    staff = intake_column(arena, cursor, 4);
  }
  store_cursor_close(cursor);
  if (!is_read || !belongings_revision(transaction, access, intake_id, &revision, error))
    return false;
  *found = more;
  *is_current = more && out->revision == revision;
  return !more || (signature_load(transaction, access, arena, person, &out->person, error) &&
                   signature_load(transaction, access, arena, staff, &out->staff, error));
}
