/*
 * Import, a run: twice through the file, batch by batch. See care_import.h.
 *
 * Invariants: the first time through finds what refuses the whole file, so that nothing is kept of
 * a file that is broken at its end; what is counted has been kept.
 * Threads: a run belongs to one.
 */
#include <stdlib.h>
#include <string.h>

#include "care/care_import_private.h"

enum { SEEN_SLOTS = 1 << 18 };
_Static_assert(SEEN_SLOTS >= 2 * LIMIT_CARE_IMPORT_ROWS, "a slot is always free");

/* A row of the file that was met before: by its id, and by its birth date. */
struct seen {
  unsigned char mark[VAULT_MARK_BYTES];
  int64_t line; /* 0: the slot is free */
};
struct seen_person {
  struct seen_person *next; /* of the same slot */
  struct person_identity identity;
  int64_t line;
};

struct run {
  const struct care_import *import;
  struct arena *arena, *batch_arena;
  struct import_reader reader;
  struct care_import_report *report;
  struct import_row *rows; /* of the batch */
  size_t count;
  int64_t done;
  struct seen *seen;
  struct seen_person **by_birth;
  bool is_checking; /* the first time through */
};

/* --- What the file says twice ---------------------------------------------------------------- */

static bool is_seen(struct run *run, struct import_row *row, bool *out, struct error *error)
{
  size_t slot;
  unsigned char mark[VAULT_MARK_BYTES];
  if (!vault_index_mark(run->import->care->privacy->vault, run->import->actor->program_id,
                        "import.seen", row->cells[IMPORT_EXTERNAL_ID], mark, error))
    return false;
  memcpy(&slot, mark, sizeof slot);
  for (slot %= SEEN_SLOTS; run->seen[slot].line; slot = (slot + 1) % SEEN_SLOTS)
    if (memcmp(run->seen[slot].mark, mark, sizeof mark) == 0) {
      *out = true;
      return true;
    }
  memcpy(run->seen[slot].mark, mark, sizeof mark);
  run->seen[slot].line = row->line;
  *out = false;
  return true;
}

static void add_alike(struct run *run, struct care_import_alike alike,
                      const struct duplicate_score *score)
{
  struct care_import_report *report = run->report;
  report->alike_total++;
  if (report->alike_count == LIMIT_IMPORT_PROBLEMS) return;
  alike.weight = score->weight;
  for (size_t i = 0; i < score->count; i++)
    alike.reasons = text_format(run->arena, "%.*s%s%.*s", TEXT_PRINT(alike.reasons), i ? " " : "",
                                TEXT_PRINT(score->reasons[i].name));
  alike.person_id = text_copy(run->arena, alike.person_id);
  report->alike[report->alike_count++] = alike;
}

/* What duplicate_weigh() looks at, kept for rows below. */
static struct person_identity keep_identity(struct arena *arena, const struct person_identity *from)
{
  struct person_identity kept = {.given = text_copy(arena, from->given),
                                 .family = text_copy(arena, from->family),
                                 .chosen = text_copy(arena, from->chosen),
                                 .birth_date = text_copy(arena, from->birth_date),
                                 .sex = from->sex,
                                 .zip = text_copy(arena, from->zip)};
  struct person_phone *phones = arena_allocate_array(arena, from->phone_count + 1, sizeof *phones);
  for (size_t i = 0; i < from->phone_count; i++)
    phones[i].number = text_copy(arena, from->phones[i].number);
  kept.phones = phones;
  kept.phone_count = from->phone_count;
  return kept;
}

/* Compare with the rows above of the same birth date. */
static void look_above(struct run *run, const struct import_row *row)
{
  const struct person_identity *identity = &row->person.identity;
  struct seen_person **slot = &run->by_birth[text_hash(identity->birth_date) % SEEN_SLOTS];
  size_t compared = 0;
  if (identity->birth_date.length == 0) return;
  for (const struct seen_person *other = *slot;
       other && row->outcome == IMPORT_FRESH && compared < LIMIT_CARE_IMPORT_ALIKE;
       other = other->next, compared++) {
    struct duplicate_score score;
    duplicate_weigh(run->import->care, run->batch_arena, identity, &other->identity, &score);
    if (score.is_likely)
      add_alike(run, (struct care_import_alike){.line = row->line, .other_line = other->line},
                &score);
  }
  struct seen_person *seen = arena_allocate(run->arena, sizeof *seen);
  *seen = (struct seen_person){*slot, keep_identity(run->arena, identity), row->line};
  *slot = seen;
}

static bool find_alike(struct run *run, struct error *error)
{
  struct duplicate_match matches[LIMIT_CARE_IMPORT_BATCH];
  if (!import_rows_alike(run->import, run->batch_arena, run->rows, run->count, matches, error))
    return false;
  for (size_t i = 0; i < run->count; i++) {
    const struct import_row *row = &run->rows[i];
    if (row->outcome == IMPORT_FRESH && matches[i].score.count)
      add_alike(run,
                (struct care_import_alike){.line = row->line, .person_id = matches[i].person.id},
                &matches[i].score);
    look_above(run, row);
  }
  return true;
}

/* --- Batches --------------------------------------------------------------------------------- */

static void count_row(struct care_import_report *report, enum import_outcome outcome)
{
  report->rows++;
  report->refused += outcome == IMPORT_REFUSED;
  report->fresh += outcome == IMPORT_FRESH;
  report->changed += outcome == IMPORT_CHANGED;
  report->unchanged += outcome == IMPORT_UNCHANGED;
}

static bool end_batch(struct run *run, struct error *error)
{
  const struct care_import *import = run->import;
  const char *why[LIMIT_CARE_IMPORT_BATCH] = {NULL};
  if (!import_rows_compare(import, run->batch_arena, run->rows, run->count, error)) return false;
  if (import->is_dry_run) {
    if (import->what == CARE_IMPORT_PEOPLE && run->count && !find_alike(run, error)) return false;
  } else if (!import_rows_keep(import, run->batch_arena, run->rows, run->count, why, error)) {
    return false;
  }
  for (size_t i = 0; i < run->count; i++) {
    if (why[i]) {
      import_reader_problem(&run->reader, run->rows[i].line, IMPORT_EXTERNAL_ID, why[i]);
      run->rows[i].outcome = IMPORT_REFUSED;
    }
    count_row(run->report, run->rows[i].outcome);
  }
  run->count = 0;
  arena_clear(run->batch_arena);
  return true;
}

/* --- Through the file ------------------------------------------------------------------------ */

static bool take_header(void *context, const struct table_row *row, struct error *error)
{
  struct run *run = context;
  (void)error;
  if (run->is_checking) import_reader_header(&run->reader, row);
  return true;
}

static bool take_row(void *context, const struct table_row *row, struct error *error)
{
  struct run *run = context;
  const struct care_import *import = run->import;
  struct import_row *next = &run->rows[run->count];
  bool is_twice = false;
  if (row->index > LIMIT_CARE_IMPORT_ROWS)
    return error_set(error, ERROR_TOO_LARGE, "error.care.many", "Cut the file in two.",
                     "line %lld: more than %d rows", (long long)row->line, LIMIT_CARE_IMPORT_ROWS);
  if (run->is_checking) {
    run->done = row->index;
    return true;
  }
  import_reader_row(&run->reader, run->batch_arena, row, next);
  if (next->cells[IMPORT_EXTERNAL_ID].length && !is_seen(run, next, &is_twice, error)) return false;
  if (is_twice)
    import_reader_problem(&run->reader, row->line, IMPORT_EXTERNAL_ID, "error.care.import.id");
  if (is_twice || next->outcome == IMPORT_REFUSED) count_row(run->report, IMPORT_REFUSED);
  else run->count++;
  if (run->count == LIMIT_CARE_IMPORT_BATCH && !end_batch(run, error)) return false;
  if (import->progress && row->index % LIMIT_CARE_IMPORT_BATCH == 0)
    import->progress(import->context, row->index, run->done);
  return true;
}

static bool walk(struct run *run, struct text document, struct error *error)
{
  enum { STEP = 64 * 1024 };
  const struct table_csv_handler handler = {take_header, take_row, run};
  struct table_csv *csv = table_csv_new(&handler);
  bool is_read = true;
  for (size_t at = 0; at < document.length && is_read; at += STEP)
    is_read = table_csv_feed(csv, text_slice(document, at, at + STEP), error);
  is_read = is_read && table_csv_finish(csv, error);
  table_csv_free(csv);
  return is_read;
}

/* --- A run ----------------------------------------------------------------------------------- */

/* The right to it, its line in the audit; where the program is, what is spoken there. */
static bool begin(struct store_transaction *transaction, void *context, struct error *error)
{
  struct run *run = context;
  const struct care_import *import = run->import;
  struct access access;
  struct program *programs;
  const struct zone *zone;
  size_t count;
  bool is_people = import->what == CARE_IMPORT_PEOPLE;
  if (!access_open_list(transaction, import->care->privacy, import->actor,
                        is_people ? "person" : "staff", is_people ? "import" : "write", import->now,
                        &access, error) ||
      !program_list(transaction, run->arena, &programs, &count, error) ||
      !site_zone(transaction, access.program_id, TEXT(""), &zone, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(programs[i].id, access.program_id)) {
      run->reader.languages = programs[i].languages;
      run->reader.today = zone_format_date(run->arena, zone, import->now);
      return true;
    }
  return error_set(error, ERROR_NOT_FOUND, "error.care.person", "`fairlead care program list`.",
                   "care: no such program");
}

static bool run_all(struct run *run, struct text document, struct error *error)
{
  run->is_checking = true;
  if (!store_write(run->import->store, begin, run, error)) return false;
  if (!walk(run, document, error)) {
    if (error->kind == ERROR_REFUSED)
      error->person = "error.care.import.file"; /* the log has the line */
    return false;
  }
  if (run->reader.width == 0)
    return error_set(error, ERROR_REFUSED, "error.care.import.file", "", "the file is empty");
  run->is_checking = false;
  return run->report->is_refused || (walk(run, document, error) && end_batch(run, error));
}

bool care_import_run(const struct care_import *import, struct arena *arena, struct text document,
                     struct care_import_report *report, struct error *error)
{
  if (document.length > LIMIT_CARE_IMPORT_FILE)
    return error_set(error, ERROR_TOO_LARGE, "error.care.long", "Cut the file in two.",
                     "the file is larger than %d bytes", LIMIT_CARE_IMPORT_FILE);
  struct run run = {.import = import, .arena = arena, .report = report};
  *report = (struct care_import_report){.is_refused = false};
  report->problems = arena_allocate_array(arena, LIMIT_IMPORT_PROBLEMS, sizeof *report->problems);
  report->alike = arena_allocate_array(arena, LIMIT_IMPORT_PROBLEMS, sizeof *report->alike);
  run.reader = (struct import_reader){
      .care = import->care, .what = import->what, .arena = arena, .report = report};
  run.batch_arena = arena_new(LIMIT_ARENA_REQUEST);
  run.rows = arena_allocate_array(arena, LIMIT_CARE_IMPORT_BATCH, sizeof *run.rows);
  run.seen = memory_allocate_zero(SEEN_SLOTS, sizeof *run.seen);
  run.by_birth = memory_allocate_zero(SEEN_SLOTS, sizeof *run.by_birth);
  bool is_done = run_all(&run, document, error);
  free(run.seen);
  free(run.by_birth);
  arena_free(run.batch_arena);
  return is_done;
}
