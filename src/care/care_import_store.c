/*
 * Import, the store: a batch of rows compared with what stands, and kept. See care_import.h.
 *
 * Invariants: the row of import_row (people) or the external id (staff) is written in the
 * transaction of the record, so that a run that is repeated finds every record it made. A person's
 * key is made before.
 */
#include <string.h>

#include "care/care_import_private.h"

/* A batch on its way through transactions. */
struct batch {
  const struct care_import *import;
  struct arena *arena;
  struct import_row *rows;
  size_t count;
  const char **why;
  struct duplicate_match *matches;
};

static struct text bytes(const unsigned char *mark)
{
  return (struct text){(const char *)mark, VAULT_MARK_BYTES};
}

/* --- Comparing ------------------------------------------------------------------------------- */

static bool mark(const struct care_import *import, struct arena *arena, struct import_row *row,
                 struct error *error)
{
  struct vault *vault = import->care->privacy->vault;
  struct text program_id = import->actor->program_id, all;
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_CSV_ROW);
  for (size_t i = 0; i < IMPORT_FIELDS; i++) {
    text_buffer_add_format(&buffer, "%zu:%zu:", i, row->cells[i].length);
    text_buffer_add(&buffer, row->cells[i]);
  }
  all = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return vault_index_mark(vault, program_id, "import.people.id", row->cells[IMPORT_EXTERNAL_ID],
                          row->id_mark, error) &&
         vault_index_mark(vault, program_id, "import.people.row", all, row->digest, error);
}

static bool compare_person(struct store_transaction *transaction, struct batch *batch,
                           struct import_row *row, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT record_id, digest FROM import_row WHERE program_id = $1"
                             " AND what = 'people' AND hash = $2",
                             STORE_BIND(STORE_T(batch->import->actor->program_id),
                                        STORE_B(bytes(row->id_mark))),
                             error) &&
                 store_next(cursor, &more, error);
  if (is_read) row->outcome = IMPORT_FRESH;
  if (is_read && more) {
    row->record_id = care_column(batch->arena, cursor, 0);
    row->outcome = text_equal(store_column_bytes(cursor, 1), bytes(row->digest)) ? IMPORT_UNCHANGED
                                                                                 : IMPORT_CHANGED;
  }
  store_cursor_close(cursor);
  return is_read;
}

static bool is_same_staff(const struct staff *a, const struct staff *b)
{
  return text_equal(a->name, b->name) && text_equal(a->profession, b->profession) &&
         text_equal(a->credential, b->credential) &&
         text_equal(a->license_number, b->license_number) &&
         text_equal(a->license_state, b->license_state) &&
         text_equal(a->license_expires_on, b->license_expires_on) &&
         a->weekly_minutes == b->weekly_minutes;
}

static bool compare_staff(struct store_transaction *transaction, struct batch *batch,
                          struct import_row *row, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct staff stands, over;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT id, name, profession, credential, license_number, license_state,"
                  " license_expires_on, weekly_minutes FROM staff"
                  " WHERE program_id = $1 AND external_id = $2",
                  STORE_BIND(STORE_T(batch->import->actor->program_id),
                             STORE_T(row->cells[IMPORT_EXTERNAL_ID])),
                  error) &&
      store_next(cursor, &more, error);
  if (is_read) row->outcome = IMPORT_FRESH;
  if (is_read && more) {
    row->record_id = care_column(batch->arena, cursor, 0);
    stands = over = (struct staff){.name = care_column(batch->arena, cursor, 1),
                                   .profession = care_column(batch->arena, cursor, 2),
                                   .credential = care_column(batch->arena, cursor, 3),
                                   .license_number = care_column(batch->arena, cursor, 4),
                                   .license_state = care_column(batch->arena, cursor, 5),
                                   .license_expires_on = care_column(batch->arena, cursor, 6),
                                   .weekly_minutes = store_column_integer(cursor, 7)};
    import_staff_over(row, &over);
    row->outcome = is_same_staff(&stands, &over) ? IMPORT_UNCHANGED : IMPORT_CHANGED;
  }
  store_cursor_close(cursor);
  return is_read;
}

static bool compare(struct store_transaction *transaction, void *context, struct error *error)
{
  struct batch *batch = context;
  for (size_t i = 0; i < batch->count; i++)
    if (!(batch->import->what == CARE_IMPORT_PEOPLE ? compare_person : compare_staff)(
            transaction, batch, &batch->rows[i], error))
      return false;
  return true;
}

bool import_rows_compare(const struct care_import *import, struct arena *arena,
                         struct import_row *rows, size_t count, struct error *error)
{
  struct batch batch = {.import = import, .arena = arena, .rows = rows, .count = count};
  if (import->what == CARE_IMPORT_PEOPLE)
    for (size_t i = 0; i < count; i++)
      if (!mark(import, arena, &rows[i], error)) return false;
  return store_read(import->store, compare, &batch, error);
}

/* --- Keeping people -------------------------------------------------------------------------- */

static bool open_person(struct store_transaction *transaction, const struct care_import *import,
                        struct text id, struct access *access, struct error *error)
{
  struct role_subject subject = {.person_id = id, .is_site = true};
  return access_open(transaction, import->care->privacy, import->actor, "person", "import",
                     &subject, id, import->now, access, error);
}

static bool keep_new_person(struct store_transaction *transaction, struct batch *batch,
                            struct import_row *row, struct arena *arena, struct error *error)
{
  struct access access;
  struct person person = row->person;
  int64_t changed = 0;
  person.id = row->record_id;
  if (!store_execute(transaction,
                     "INSERT INTO import_row (program_id, what, hash, record_id, digest,"
                     " imported_at) VALUES ($1, 'people', $2, $3, $4, $5)"
                     " ON CONFLICT (program_id, what, hash) DO NOTHING",
                     STORE_BIND(STORE_T(batch->import->actor->program_id),
                                STORE_B(bytes(row->id_mark)), STORE_T(person.id),
                                STORE_B(bytes(row->digest)), STORE_N(batch->import->now)),
                     &changed, error))
    return false;
  /* Another run was faster. */
  if (changed == 0)
    return error_set(error, ERROR_CONFLICT, "error.care.stale", "Import the file again.",
                     "care: a row was imported by someone else");
  return open_person(transaction, batch->import, person.id, &access, error) &&
         person_create(transaction, batch->import->care, &access, arena, &person, error) &&
         duplicate_suggest(transaction, batch->import->care, &access, arena, person.id, error);
}

static bool keep_old_person(struct store_transaction *transaction, struct batch *batch, size_t at,
                            struct arena *arena, struct error *error)
{
  struct access access;
  struct person person;
  const struct import_row *row = &batch->rows[at];
  if (!open_person(transaction, batch->import, row->record_id, &access, error) ||
      !person_load_row(transaction, &access, arena, row->record_id, &person, error))
    return false;
  batch->why[at] = person.erase_at             ? "error.care.erased"
                   : person.merged_into.length ? "error.care.merged"
                                               : NULL;
  if (batch->why[at]) return true;
  import_person_over(arena, row, &person);
  return person_save(transaction, batch->import->care, &access, arena, &person, error) &&
         store_execute(transaction,
                       "UPDATE import_row SET digest = $3, imported_at = $4"
                       " WHERE program_id = $1 AND what = 'people' AND hash = $2",
                       STORE_BIND(STORE_T(access.program_id), STORE_B(bytes(row->id_mark)),
                                  STORE_B(bytes(row->digest)), STORE_N(access.now)),
                       NULL, error);
}

/* --- Keeping staff --------------------------------------------------------------------------- */

static bool keep_staff(struct store_transaction *transaction, struct batch *batch,
                       const struct import_row *row, struct arena *arena, struct error *error)
{
  struct access access;
  struct staff staff = {0};
  const struct care *care = batch->import->care;
  if (!access_open(transaction, care->privacy, batch->import->actor, "staff", "write", NULL,
                   row->record_id, batch->import->now, &access, error))
    return false;
  if (row->outcome == IMPORT_CHANGED &&
      !staff_load(transaction, &access, arena, row->record_id, &staff, error))
    return false;
  import_staff_over(row, &staff);
  return row->outcome == IMPORT_CHANGED
             ? staff_save(transaction, care, &access, &staff, error)
             : staff_create(transaction, care, &access, arena, &staff, error);
}

static bool keep(struct store_transaction *transaction, void *context, struct error *error)
{
  struct batch *batch = context;
  bool is_kept = true;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  for (size_t i = 0; i < batch->count && is_kept; i++) {
    struct import_row *row = &batch->rows[i];
    batch->why[i] = NULL;
    if (row->outcome != IMPORT_FRESH && row->outcome != IMPORT_CHANGED) continue;
    if (batch->import->what == CARE_IMPORT_STAFF)
      is_kept = keep_staff(transaction, batch, row, arena, error);
    else if (row->outcome == IMPORT_FRESH)
      is_kept = keep_new_person(transaction, batch, row, arena, error);
    else is_kept = keep_old_person(transaction, batch, i, arena, error);
    arena_clear(arena);
  }
  arena_free(arena);
  return is_kept;
}

bool import_rows_keep(const struct care_import *import, struct arena *arena,
                      struct import_row *rows, size_t count, const char **why, struct error *error)
{
  struct batch batch = {import, arena, rows, count, why, NULL};
  bool has_work = false;
  for (size_t i = 0; i < count; i++) {
    has_work |= rows[i].outcome == IMPORT_FRESH || rows[i].outcome == IMPORT_CHANGED;
    if (rows[i].outcome == IMPORT_FRESH && import->what == CARE_IMPORT_PEOPLE &&
        !person_begin(import->care->privacy, arena, import->actor->program_id, import->now,
                      &rows[i].record_id, error))
      return false;
  }
  return !has_work || store_write(import->store, keep, &batch, error);
}

/* --- Who may be whom ------------------------------------------------------------------------- */

static bool alike(struct store_transaction *transaction, void *context, struct error *error)
{
  struct batch *batch = context;
  struct access access;
  struct text *shown = arena_allocate_array(batch->arena, batch->count + 1, sizeof *shown);
  size_t found = 0;
  if (!access_open_list(transaction, batch->import->care->privacy, batch->import->actor, "person",
                        "import", batch->import->now, &access, error))
    return false;
  for (size_t i = 0; i < batch->count; i++) {
    struct duplicate_match *matches;
    size_t count = 0;
    batch->matches[i] = (struct duplicate_match){.score.count = 0};
    if (batch->rows[i].outcome != IMPORT_FRESH) continue;
    if (!duplicate_find(transaction, batch->import->care, &access, batch->arena,
                        &batch->rows[i].person.identity, TEXT(""), 1, &matches, &count, error))
      return false;
    if (count == 0) continue;
    batch->matches[i] = matches[0];
    shown[found++] = matches[0].person.id;
  }
  return found == 0 || access_shown(transaction, &access, shown, found, error);
}

bool import_rows_alike(const struct care_import *import, struct arena *arena,
                       const struct import_row *rows, size_t count, struct duplicate_match *matches,
                       struct error *error)
{
  struct batch batch = {.import = import, .arena = arena, .count = count, .matches = matches};
  batch.rows = arena_allocate_array(arena, count + 1, sizeof *batch.rows);
  memcpy(batch.rows, rows, count * sizeof *rows);
  return store_write(import->store, alike, &batch, error);
}
