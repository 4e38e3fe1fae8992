/*
 * The National Directory as a workbook: a sheet of facilities and one that explains the codes.
 *
 * Sheets are known by their header rows, not by name or order. The explanations are read first, so
 * that a code which the dictionary lacks is reported with its label.
 */
#include "directory/import_columns.h"
#include "directory/xlsx.h"

/* What a sheet's first row says it is. */
struct sheets {
  struct import_batch *batch;
  struct import_columns columns; /* of the sheet that was looked at last */
  size_t code, label;            /* columns of an explaining sheet */
  bool explains;
};

enum { NO_COLUMN = -1 };

static bool look_at_header(void *context, int64_t number, const struct text *cells, size_t count,
                           bool *stop, struct error *error)
{
  (void)number;
  struct sheets *sheets = context;
  *stop = true;
  sheets->code = sheets->label = (size_t)NO_COLUMN;
  for (size_t i = 0; i < count; i++) {
    struct text header = text_trim(cells[i]);
    if (text_equal_ignore_case(header, TEXT("service_code"))) sheets->code = i;
    if (text_equal_ignore_case(header, TEXT("service_name"))) sheets->label = i;
  }
  sheets->explains = sheets->code != (size_t)NO_COLUMN && sheets->label != (size_t)NO_COLUMN;
  if (sheets->explains) return true;
  return import_columns_read(sheets->batch, cells, count, &sheets->columns, error);
}

static bool explain(void *context, int64_t number, const struct text *cells, size_t count,
                    bool *stop, struct error *error)
{
  (void)stop, (void)error;
  struct sheets *sheets = context;
  struct import_batch *batch = sheets->batch;
  size_t code;
  if (number == 1 || sheets->code >= count || sheets->label >= count) return true;
  import_unknown_explain(batch, cells[sheets->code], cells[sheets->label]);
  if (codes_find(batch->needs, text_trim(cells[sheets->code]), &code)) {
    const struct service_code *about = codes_get(batch->needs, code);
    batch->votes_substance += about->substance_use && !about->mental_health;
    batch->votes_mental += about->mental_health && !about->substance_use;
  }
  arena_clear(batch->scratch);
  return true;
}

/* Rows of the sheet of facilities; the first is the header. */
struct facilities {
  struct import_batch *batch;
  struct import_columns columns;
  bool past_header;
};

static bool take_facility(void *context, int64_t number, const struct text *cells, size_t count,
                          bool *stop, struct error *error)
{
  (void)stop;
  struct facilities *facilities = context;
  if (!facilities->past_header) {
    facilities->past_header = true;
    return true;
  }
  return import_columns_row(facilities->batch, &facilities->columns, number, cells, count, error);
}

static bool read_sheets(struct import_batch *batch, struct xlsx *xlsx, struct error *error)
{
  struct sheets sheets = {.batch = batch};
  struct facilities facilities = {.batch = batch};
  size_t found = xlsx_sheet_count(xlsx);
  for (size_t i = 0; i < xlsx_sheet_count(xlsx); i++) {
    sheets.explains = false;
    sheets.columns = (struct import_columns){0};
    if (!xlsx_read_sheet(xlsx, i, look_at_header, &sheets, error)) return false;
    if (sheets.explains) {
      if (!xlsx_read_sheet(xlsx, i, explain, &sheets, error)) return false;
    } else if (found == xlsx_sheet_count(xlsx) && import_columns_are_facilities(&sheets.columns)) {
      facilities.columns = sheets.columns;
      found = i;
    }
  }
  if (found == xlsx_sheet_count(xlsx)) return import_columns_refuse(&sheets.columns, error);
  return xlsx_read_sheet(xlsx, found, take_facility, &facilities, error);
}

bool import_read_xlsx(struct import_batch *batch, const char *path, struct error *error)
{
  struct xlsx *xlsx;
  if (!xlsx_open(&xlsx, path, error)) return false;
  batch->report->format = TEXT("directory-xlsx");
  batch->document_date = text_copy(batch->arena, xlsx_modified(xlsx));
  bool done = read_sheets(batch, xlsx, error);
  xlsx_close(xlsx);
  return done;
}
