/*
 * Fuzz the parts of the workbook reader. The first byte says which: 'S' shared strings, 'R'
 * relationships, 'N' sheet names, 'P' properties, else a sheet. What is read must not depend on
 * how the bytes were cut into pieces: each document is fed whole and in pieces of the second byte.
 */
#include <stdlib.h>

#include "directory/xlsx_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct seen {
  uint64_t hash;
  int64_t last;
};

static bool see_row(void *context, int64_t number, const struct text *cells, size_t count,
                    bool *stop, struct error *error)
{
  (void)stop, (void)error;
  struct seen *seen = context;
  if (number <= seen->last || number > LIMIT_IMPORT_ROWS || count > LIMIT_CSV_COLUMNS) abort();
  seen->last = number;
  for (size_t i = 0; i < count; i++) {
    if (cells[i].length > LIMIT_IMPORT_ROW) abort();
    seen->hash = (seen->hash ^ text_hash(cells[i]) ^ i) * UINT64_C(1099511628211);
  }
  return true;
}

/* Feed in pieces of `step`; answers whether it was accepted. */
static bool feed_sheet(struct text document, size_t step, struct seen *seen)
{
  struct error error = {0};
  struct xlsx_strings *strings = xlsx_strings_new();
  if (!xlsx_strings_feed(strings, TEXT("<sst><si><t>a</t></si><si/></sst>"), true, NULL)) abort();
  struct xlsx_sheet *sheet = xlsx_sheet_new(strings, see_row, seen);
  bool done = true;
  for (size_t at = 0; done && at < document.length; at += step)
    done = xlsx_sheet_feed(sheet, text_slice(document, at, at + step), false, &error);
  done = done && xlsx_sheet_feed(sheet, TEXT(""), true, &error);
  if (!done && !error.log[0]) abort();
  xlsx_sheet_free(sheet);
  xlsx_strings_free(strings);
  return done;
}

static bool feed_strings(struct text document, size_t step, struct seen *seen)
{
  struct error error = {0};
  struct xlsx_strings *strings = xlsx_strings_new();
  bool done = true;
  for (size_t at = 0; done && at < document.length; at += step)
    done = xlsx_strings_feed(strings, text_slice(document, at, at + step), false, &error);
  done = done && xlsx_strings_feed(strings, TEXT(""), true, &error);
  for (size_t i = 0; i < xlsx_strings_count(strings); i++) {
    struct text string;
    if (!xlsx_strings_get(strings, i, &string) || string.length > LIMIT_IMPORT_CELL) abort();
    seen->hash = (seen->hash ^ text_hash(string)) * UINT64_C(1099511628211);
  }
  xlsx_strings_free(strings);
  return done;
}

static void read_members(char kind, struct text document)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct error error;
  struct xlsx_relations relations;
  struct xlsx_sheet_names sheets;
  struct text date;
  int year, month, day;
  if (kind == 'R') xlsx_relations_read(arena, document, TEXT("xl"), &relations, &error);
  if (kind == 'N') xlsx_workbook_read(arena, document, &sheets, &error);
  if (kind == 'P' && xlsx_properties_read(arena, document, &date, &error) && date.length &&
      !time_read_date(date, &year, &month, &day))
    abort();
  arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (size < 2) return 0;
  struct text document = {(const char *)bytes + 2, size - 2};
  size_t step = bytes[1] ? bytes[1] : 1;
  struct seen whole = {0}, pieces = {0};
  if (bytes[0] == 'R' || bytes[0] == 'N' || bytes[0] == 'P') {
    read_members((char)bytes[0], document);
    return 0;
  }
  bool (*feed)(struct text, size_t, struct seen *) = bytes[0] == 'S' ? feed_strings : feed_sheet;
  bool accepted = feed(document, size, &whole);
  if (feed(document, step, &pieces) != accepted) abort();
  if (accepted && whole.hash != pieces.hash) abort();
  return 0;
}
