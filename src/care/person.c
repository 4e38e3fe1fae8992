/*
 * Person: rows of people: the sealed identity, its blind index, the photo. See person.h.
 *
 * Invariants: an identity is written together with every index entry that finds it; a record that
 * is erased has neither.
 */
#include <string.h>

#include "care/care_private.h"
#include "care/picture.h"

static const char identity_purpose[] = "person.identity", photo_purpose[] = "person_photo.bytes";

bool person_begin(struct privacy *privacy, struct arena *arena, struct text program_id, int64_t now,
                  struct text *id, struct error *error)
{
  struct text made = care_new_id(arena, now);
  if (!vault_subject_make(privacy->vault, (struct vault_subject){program_id, made}, error))
    return false;
  *id = made;
  return true;
}

/* --- The index ----------------------------------------------------------------------------- */

struct vault_identity person_vault_identity(struct arena *arena,
                                            const struct person_identity *identity)
{
  struct text *names = arena_allocate_array(arena, identity->former_count + 4, sizeof *names);
  struct text *phones = arena_allocate_array(arena, identity->phone_count + 1, sizeof *phones);
  size_t name_count = 0;
  const struct text own[] = {identity->given, identity->family, identity->chosen, identity->middle};
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (own[i].length) names[name_count++] = own[i];
  for (size_t i = 0; i < identity->former_count; i++) names[name_count++] = identity->former[i];
  for (size_t i = 0; i < identity->phone_count; i++) phones[i] = identity->phones[i].number;
  return (struct vault_identity){.names = names,
                                 .name_count = name_count,
                                 .birth_date = identity->birth_date,
                                 .phones = phones,
                                 .phone_count = identity->phone_count};
}

static bool write_index(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct person *person, struct error *error)
{
  struct vault_identity identity = person_vault_identity(arena, &person->identity);
  struct vault_index *keys;
  size_t count;
  if (!store_execute(transaction,
                     "DELETE FROM person_index WHERE program_id = $1 AND person_id = $2",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(person->id)), NULL, error) ||
      !vault_index_identity(access->privacy->vault, arena, access->program_id, &identity, &keys,
                            &count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (!store_execute(
            transaction,
            "INSERT INTO person_index (program_id, kind, hash, person_id)"
            " VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (program_id, kind, hash, person_id) DO NOTHING",
            STORE_BIND(STORE_T(access->program_id), STORE_N(keys[i].kind),
                       STORE_B(((struct text){(const char *)keys[i].bytes, sizeof keys[i].bytes})),
                       STORE_T(person->id)),
            NULL, error))
      return false;
  return true;
}

/* --- Writing ------------------------------------------------------------------------------- */

static bool may_write(struct store_transaction *transaction, const struct care *care,
                      const struct access *access, struct arena *arena, const struct person *person,
                      struct error *error)
{
  struct field_problems problems = {.count = 0};
  const struct zone *zone;
  if (strcmp(access->act, "import") == 0) {
    if (!care_may(access, "person", "import", person->id, error)) return false;
  } else if (!care_may(access, "person", "write", person->id, error)) {
    return false;
  }
  if (!site_zone(transaction, access->program_id, person->site_id, &zone, error)) return false;
  person_check(care, person, zone_format_date(arena, zone, access->now), &problems);
  return care_refuse(&problems, error);
}

static bool seal_identity(const struct access *access, struct arena *arena,
                          const struct person *person, struct text *out, struct error *error)
{
  struct text document = person_identity_write(arena, &person->identity);
  if (document.length == 0)
    return error_set(error, ERROR_TOO_LARGE, "error.care.long", "", "care: an identity too large");
  return care_seal(access, arena, person->id, identity_purpose, document, out, error);
}

bool person_create(struct store_transaction *transaction, const struct care *care,
                   const struct access *access, struct arena *arena, struct person *person,
                   struct error *error)
{
  struct text sealed;
  person_tidy(arena, person);
  if (!may_write(transaction, care, access, arena, person, error) ||
      !seal_identity(access, arena, person, &sealed, error) ||
      !store_execute(transaction,
                     "INSERT INTO person (program_id, id, identity, language, site_id, has_photo,"
                     " merged_into, erase_at, erased_at, made_at, changed_at, version)"
                     " VALUES ($1, $2, $3, $4, $5, 0, '', 0, 0, $6, $6, 1)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(person->id), STORE_B(sealed),
                                STORE_T(person->language), STORE_T(person->site_id),
                                STORE_N(access->now)),
                     NULL, error) ||
      !write_index(transaction, access, arena, person, error))
    return false;
  person->version = 1;
  person->made_at = person->changed_at = access->now;
  return true;
}

bool person_save(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct arena *arena, struct person *person,
                 struct error *error)
{
  struct text sealed;
  int64_t changed = 0;
  person_tidy(arena, person);
  if (!may_write(transaction, care, access, arena, person, error) ||
      !seal_identity(access, arena, person, &sealed, error) ||
      !store_execute(transaction,
                     "UPDATE person SET identity = $3, language = $4, site_id = $5,"
                     " changed_at = $6, version = version + 1 WHERE program_id = $1 AND id = $2"
                     " AND version = $7 AND erase_at = 0 AND merged_into = ''",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(person->id), STORE_B(sealed),
                                STORE_T(person->language), STORE_T(person->site_id),
                                STORE_N(access->now), STORE_N(person->version)),
                     &changed, error) ||
      !care_saved(changed, error))
    return false;
  return write_index(transaction, access, arena, person, error);
}

/* --- Reading ------------------------------------------------------------------------------- */

/* The row without its identity; `sealed` is a copy. */
void person_row(struct arena *arena, const struct store_cursor *cursor, struct person *out,
                struct text *sealed)
{
  *out = (struct person){
      .id = care_column(arena, cursor, 0),
      .language = care_column(arena, cursor, 2),
      .site_id = care_column(arena, cursor, 3),
      .has_photo = store_column_integer(cursor, 4) != 0,
      .merged_into = care_column(arena, cursor, 5),
      .erase_at = store_column_integer(cursor, 6),
      .erased_at = store_column_integer(cursor, 7),
      .made_at = store_column_integer(cursor, 8),
      .changed_at = store_column_integer(cursor, 9),
      .version = store_column_integer(cursor, 10),
  };
  *sealed = text_copy(arena, store_column_bytes(cursor, 1));
}

bool person_open_identity(const struct access *access, struct arena *arena, struct person *person,
                          struct text sealed, struct error *error)
{
  struct text document;
  if (person->erase_at) return true; /* also in the second before the key is destroyed */
  if (!care_unseal(access, arena, person->id, identity_purpose, sealed, &document, error))
    return false;
  return document.length == 0 || person_identity_read(arena, document, &person->identity, error);
}

/* Load without asking: for files of this room that have asked. */
bool person_load_row(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, struct person *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct person person;
  struct text sealed;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id, identity, language, site_id, has_photo, merged_into,"
                             " erase_at, erased_at, made_at, changed_at, version FROM person"
                             " WHERE program_id = $1 AND id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) person_row(arena, cursor, &person, &sealed);
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!more)
    return error_set(error, ERROR_NOT_FOUND, "error.care.person", "", "care: no such person");
  if (!person_open_identity(access, arena, &person, sealed, error)) return false;
  *out = person;
  return true;
}

static bool may_see(struct store_transaction *transaction, const struct access *access,
                    struct text id, struct error *error)
{
  return care_may_row(transaction, access, access->object, access->act, id, error);
}

bool person_load(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct person *out, struct error *error)
{
  return may_see(transaction, access, id, error) &&
         person_load_row(transaction, access, arena, id, out, error);
}

/* --- The photo ----------------------------------------------------------------------------- */

bool person_photo_make(struct arena *arena, struct text bytes, struct person_photo *out,
                       struct error *error)
{
  struct person_photo photo = {.content_type = file_form_type(file_form_of(bytes))};
  if (bytes.length > LIMIT_FILE)
    return error_set(error, ERROR_TOO_LARGE, "error.care.photo", "", "care: a photo too large");
  if (!picture_strip(arena, bytes, &photo.bytes))
    return error_set(error, ERROR_REFUSED, "error.care.photo", "", "care: no whole PNG or JPEG");
  if (file_form_of(bytes) == FILE_JPEG && !picture_small(arena, photo.bytes, &photo.bytes, error))
    return false;
  if (photo.bytes.length > LIMIT_PHOTO)
    return error_set(error, ERROR_TOO_LARGE, "error.care.photo", "", "care: a photo too large");
  *out = photo;
  return true;
}

static bool write_photo(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text person_id,
                        const struct person_photo *photo, struct error *error)
{
  struct text sealed;
  return care_seal(access, arena, person_id, photo_purpose, photo->bytes, &sealed, error) &&
         store_execute(transaction,
                       "INSERT INTO person_photo (program_id, person_id, content_type, bytes,"
                       " made_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (program_id, person_id)"
                       " DO UPDATE SET content_type = $3, bytes = $4, made_at = $5",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(person_id),
                                  STORE_T(text_from(photo->content_type)), STORE_B(sealed),
                                  STORE_N(access->now)),
                       NULL, error);
}

bool person_photo_save(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text person_id, const struct person_photo *photo,
                       struct error *error)
{
  int64_t changed = 0;
  if (!care_may(access, "person", "write", person_id, error)) return false;
  bool is_kept = photo ? write_photo(transaction, access, arena, person_id, photo, error)
                       : store_execute(transaction,
                                       "DELETE FROM person_photo WHERE program_id = $1"
                                       " AND person_id = $2",
                                       STORE_BIND(STORE_T(access->program_id), STORE_T(person_id)),
                                       NULL, error);
  return is_kept &&
         store_execute(transaction,
                       "UPDATE person SET has_photo = $3, changed_at = $4, version = version + 1"
                       " WHERE program_id = $1 AND id = $2 AND erase_at = 0",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(person_id),
                                  STORE_N(photo != NULL), STORE_N(access->now)),
                       &changed, error) &&
         care_saved(changed, error);
}

bool person_photo_load(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text person_id, struct text *content_type,
                       struct text *bytes, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text type = TEXT(""), sealed = TEXT("");
  bool more = false;
  if (!may_see(transaction, access, person_id, error)) return false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT content_type, bytes FROM person_photo WHERE program_id = $1"
                             " AND person_id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(person_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more) {
    type = care_column(arena, cursor, 0);
    sealed = text_copy(arena, store_column_bytes(cursor, 1));
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!more) return error_set(error, ERROR_NOT_FOUND, "error.care.person", "", "care: no photo");
  if (!care_unseal(access, arena, person_id, photo_purpose, sealed, bytes, error)) return false;
  *content_type = type;
  return true;
}
