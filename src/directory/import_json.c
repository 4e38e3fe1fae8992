/*
 * The FindTreatment.gov response: {"page", "totalPages", "recordCount", "rows": [...]}, of the
 * first and the second version, or a bare list of rows. Rows are read one by one, each in an arena
 * of its own. Services come as labels: the dictionary and its aliases turn them to codes.
 */
#include <string.h>

#include "directory/import_batch.h"
#include "directory/import_clean.h"

/* --- Splitting: where the rows stand, without reading them ------------------------------------ */

struct scan {
  struct text document;
  size_t at;
};

static bool refuse(const struct scan *scan, struct error *error, const char *what)
{
  size_t line = 1;
  for (size_t i = 0; i < scan->at && i < scan->document.length; i++)
    line += scan->document.at[i] == '\n';
  return error_set(error, ERROR_REFUSED, "error.import.unreadable",
                   "Download the page again; it may be cut off.", "JSON line %zu: %s", line, what);
}

static char look(struct scan *scan)
{
  const struct text *document = &scan->document;
  while (scan->at < document->length && memchr(" \t\r\n", document->at[scan->at], 4)) scan->at++;
  return scan->at < document->length ? document->at[scan->at] : 0;
}

static bool skip_string(struct scan *scan, struct text *inside, struct error *error)
{
  size_t from = ++scan->at;
  for (; scan->at < scan->document.length; scan->at++) {
    char c = scan->document.at[scan->at];
    if (c == '\\') scan->at++;
    else if (c == '"') {
      *inside = text_slice(scan->document, from, scan->at++);
      return true;
    }
  }
  scan->at = scan->document.length;
  return refuse(scan, error, "a text has no end");
}

/* Pass over one value of any kind; json_read() judges its inside. */
static bool skip_value(struct scan *scan, struct text *out, struct error *error)
{
  struct text inside = TEXT("");
  size_t depth = 0;
  look(scan);
  size_t from = scan->at;
  while (scan->at < scan->document.length) {
    char c = scan->document.at[scan->at];
    if (c == '"') {
      if (!skip_string(scan, &inside, error)) return false;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
    if (c == '{' || c == '[') depth++;
    if ((c == '}' || c == ']') && --depth == 0) {
      scan->at++;
      break;
    }
    scan->at++;
  }
  *out = text_trim(text_slice(scan->document, from, scan->at));
  return out->length ? true : refuse(scan, error, "a value is missing");
}

/* --- Services ------------------------------------------------------------------------------------
 */

static void take_label(struct import_batch *batch, int64_t row, struct text category,
                       struct text label)
{
  size_t code;
  label = text_trim(label);
  if (label.length == 0) return;
  if (codes_find_label(batch->needs, category, label, &code)) import_code_add(batch, code);
  else
    import_unknown_add(
        batch, row,
        text_format(batch->scratch, "%.*s: %.*s", TEXT_PRINT(category), TEXT_PRINT(label)),
        codes_label_is_retired(batch->needs, category, label));
}

/* A category: f1 its label, f2 its code, f3 labels with "; " between. */
static void take_category(struct import_batch *batch, int64_t row, const struct value *service)
{
  struct text category = value_text_get(value_get(service, TEXT("f2")));
  struct text labels = value_text_get(value_get(service, TEXT("f3"))), label;
  while (text_split_next(&labels, ';', &label)) take_label(batch, row, category, label);
}

/* --- Rows
 * ----------------------------------------------------------------------------------------- */

struct reading {
  struct import_batch *batch;
  struct arena *arena; /* of one row */
  int64_t row, page, pages, records;
  bool has_rows, told_unread;
};

static void refuse_row(struct reading *reading, const char *what)
{
  reading->batch->report->counts.read++;
  reading->batch->report->counts.refused++;
  import_problem_add(reading->batch, reading->row, true, "row",
                     "Each row is an object with name1, street1, city, state, zip and services.",
                     "%s", what);
}

static void take_member(struct reading *reading, struct text raw[IMPORT_FIELD_COUNT],
                        struct text key, const struct value *item)
{
  enum import_field field;
  enum value_kind kind = value_kind_get(item);
  if (text_equal(key, TEXT("services"))) {
    for (size_t i = 0; i < value_count(item); i++)
      take_category(reading->batch, reading->row, value_item(item, i));
  } else if (import_field_find(key, &field)) {
    if (kind == VALUE_TEXT || kind == VALUE_NUMBER) raw[field] = value_text_get(item);
  } else if (!text_equal(key, TEXT("_irow")) && !text_equal(key, TEXT("miles")) &&
             kind != VALUE_NULL && !reading->told_unread) {
    reading->told_unread = true;
    import_problem_add(reading->batch, reading->row, false, "row",
                       "Nothing to do, unless it is needed.", "\"%.*s\" is not read",
                       TEXT_PRINT(key));
  }
}

/* A row or member is read into memory many times its own size: only so long a one. */
static bool check_size(struct text document, struct error *error)
{
  if (document.length <= LIMIT_IMPORT_ROW) return true;
  return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                   "Directory files are far smaller. Check that this is the right file.",
                   "a row, or what stands beside the rows, is over %d bytes", LIMIT_IMPORT_ROW);
}

static bool take_row(struct reading *reading, struct text document, struct error *error)
{
  struct text raw[IMPORT_FIELD_COUNT], key;
  const struct value *row, *item;
  reading->row++;
  arena_clear(reading->arena);
  if (!check_size(document, error) || !json_read(reading->arena, document, &row, error))
    return error_add_context(error, "row %lld", (long long)reading->row);
  if (value_kind_get(row) != VALUE_OBJECT) {
    refuse_row(reading, "not an object");
    return true;
  }
  for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) raw[i] = TEXT("");
  for (size_t i = 0; value_member(row, i, &key, &item); i++) take_member(reading, raw, key, item);
  return import_batch_row(reading->batch, reading->row, raw, error);
}

static bool take_rows(struct reading *reading, struct scan *scan, struct error *error)
{
  struct text row = TEXT("");
  if (reading->has_rows) return refuse(scan, error, "\"rows\" stands twice");
  reading->has_rows = true;
  scan->at++;
  if (look(scan) == ']') {
    scan->at++;
    return true;
  }
  for (;;) {
    if (!skip_value(scan, &row, error) || !take_row(reading, row, error)) return false;
    char next = look(scan);
    scan->at++;
    if (next == ']') return true;
    if (next != ',') return refuse(scan, error, "a comma or ] is missing between rows");
  }
}

/* A member of the document other than its rows: a count, or nothing to us. */
static bool take_count(struct reading *reading, struct text key, struct text document,
                       struct error *error)
{
  const struct value *value;
  arena_clear(reading->arena);
  if (!check_size(document, error) || !json_read(reading->arena, document, &value, error))
    return false;
  struct text number = value_text_get(value);
  int64_t *into = text_equal(key, TEXT("page"))          ? &reading->page
                  : text_equal(key, TEXT("totalPages"))  ? &reading->pages
                  : text_equal(key, TEXT("recordCount")) ? &reading->records
                                                         : NULL;
  if (into) text_read_integer(number, into);
  return true;
}

static bool take_members(struct reading *reading, struct scan *scan, struct error *error)
{
  struct text key = TEXT(""), value = TEXT("");
  scan->at++;
  if (look(scan) == '}') {
    scan->at++;
    return true;
  }
  for (;;) {
    if (look(scan) != '"') return refuse(scan, error, "a member's name is missing");
    if (!skip_string(scan, &key, error)) return false;
    if (look(scan) != ':') return refuse(scan, error, "a colon is missing");
    scan->at++;
    if (text_equal(key, TEXT("rows")) && look(scan) == '[') {
      if (!take_rows(reading, scan, error)) return false;
    } else if (!skip_value(scan, &value, error) || !take_count(reading, key, value, error)) {
      return false;
    }
    char next = look(scan);
    scan->at++;
    if (next == '}') return true;
    if (next != ',') return refuse(scan, error, "a comma or } is missing");
  }
}

bool import_read_json_text(struct import_batch *batch, struct text document, struct error *error)
{
  struct reading reading = {.batch = batch, .arena = arena_new(LIMIT_ARENA_REQUEST)};
  struct scan scan = {document, 0};
  batch->report->format = TEXT("findtreatment-json");
  batch->default_source = TEXT("findtreatment");
  batch->decide_by_row = true;
  if (text_starts_with(document, TEXT("\xEF\xBB\xBF"))) scan.at = 3;
  bool done = look(&scan) == '['   ? take_rows(&reading, &scan, error)
              : look(&scan) == '{' ? take_members(&reading, &scan, error)
                                   : refuse(&scan, error, "neither an object nor a list");
  if (done && look(&scan)) done = refuse(&scan, error, "something stands behind the end");
  if (done && !reading.has_rows)
    done = refuse(&scan, error, "no \"rows\": not a response of FindTreatment.gov");
  batch->partial =
      reading.page < reading.pages || reading.page > 1 || reading.records > reading.row;
  arena_free(reading.arena);
  return done;
}

bool import_read_json(struct import_batch *batch, const char *path, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_IMPORT_FILE);
  struct text document;
  bool done = file_read(arena, path, LIMIT_IMPORT_FILE, &document, error) &&
              import_read_json_text(batch, document, error);
  arena_free(arena);
  return done;
}
