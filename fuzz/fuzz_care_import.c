/*
 * Fuzz the reading of an imported file of people or staff: what is taken passes the checks of a
 * record and holds no formula; what is refused has a problem, whose words are the catalog's.
 */
#include <stdlib.h>
#include <string.h>

#include "care/care_import_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct privacy privacy;
static struct care *care;

static void must(bool holds)
{
  if (!holds) abort();
}

static void set_up(void)
{
  struct error error = {0};
  struct catalog *catalog;
  const char *share = getenv("FAIRLEAD_SHARE");
  if (care) return;
  if (!share || !*share) share = ".";
  struct arena *arena = arena_new(4096);
  must(catalog_load(&catalog, file_join(arena, share, "locale"), &error));
  privacy.catalog = catalog;
  must(care_open(&care, share, &privacy, &error));
  arena_free(arena);
}

struct taking {
  struct import_reader reader;
  struct arena *arena;
};

static bool take_header(void *context, const struct table_row *row, struct error *error)
{
  struct taking *taking = context;
  (void)error;
  import_reader_header(&taking->reader, row);
  return true;
}

static bool take_row(void *context, const struct table_row *row, struct error *error)
{
  struct taking *taking = context;
  struct import_row out;
  struct field_problems problems = {.count = 0};
  (void)error;
  if (taking->reader.report->is_refused) return true;
  size_t before = taking->reader.report->problem_total;
  import_reader_row(&taking->reader, taking->arena, row, &out);
  must((out.outcome == IMPORT_REFUSED) == (taking->reader.report->problem_total > before));
  if (out.outcome == IMPORT_REFUSED) return true;
  must(out.cells[IMPORT_EXTERNAL_ID].length > 0);
  for (size_t i = 0; i < IMPORT_FIELDS; i++)
    must(text_is_utf8(out.cells[i]) &&
         (!out.cells[i].length || !strchr("=@\t\r", out.cells[i].at[0])));
  if (taking->reader.what == CARE_IMPORT_PEOPLE)
    person_check(care, &out.person, taking->reader.today, &problems);
  else staff_check(care, &out.staff, &problems);
  must(problems.count == 0);
  return true;
}

static void take(enum care_import_what what, struct text document)
{
  struct error error = {0};
  struct care_import_report report = {.rows = 0};
  struct taking taking = {.arena = arena_new(LIMIT_FILE_WHOLE)};
  const struct table_csv_handler handler = {take_header, take_row, &taking};
  report.problems =
      arena_allocate_array(taking.arena, LIMIT_IMPORT_PROBLEMS, sizeof *report.problems);
  taking.reader = (struct import_reader){.care = care,
                                         .what = what,
                                         .arena = taking.arena,
                                         .today = TEXT("2026-11-18"),
                                         .languages = TEXT("en es"),
                                         .report = &report};
  struct table_csv *csv = table_csv_new(&handler);
  (void)(table_csv_feed(csv, document, &error) && table_csv_finish(csv, &error));
  table_csv_free(csv);
  for (size_t i = 0; i < report.problem_count; i++) {
    must(catalog_find(privacy.catalog, 0, text_from(report.problems[i].what)).at != NULL);
    must(catalog_find(privacy.catalog, 0, text_from(report.problems[i].mend)).at != NULL);
    must(report.problems[i].field.length > 0 && text_is_utf8(report.problems[i].field));
  }
  arena_free(taking.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  set_up();
  const struct text document = {(const char *)bytes, size};
  take(CARE_IMPORT_PEOPLE, document);
  take(CARE_IMPORT_STAFF, document);
  return 0;
}
