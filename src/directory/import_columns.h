/*
 * Columns: which of a table's columns is what. Shared by the workbook and the CSV reader; private
 * to import*.c.
 */
#ifndef FAIRLEAD_DIRECTORY_IMPORT_COLUMNS_H
#define FAIRLEAD_DIRECTORY_IMPORT_COLUMNS_H

#include "directory/import_batch.h"

enum import_column_kind {
  COLUMN_PASSED_OVER, /* known, and of no use here */
  COLUMN_FIELD,
  COLUMN_CODE,   /* 1 where the row has the service code */
  COLUMN_UNKNOWN /* perhaps a code that the dictionary lacks: 1 where the row has it */
};
struct import_column {
  enum import_column_kind kind;
  enum import_field field; /* COLUMN_FIELD */
  size_t code;             /* COLUMN_CODE */
  struct text header;      /* upper case; lives in the batch's arena */
  bool reported;
};
struct import_columns {
  struct import_column *all; /* in the batch's arena */
  size_t count, code_count;
  bool has[IMPORT_FIELD_COUNT];
};

/* Understand a header row. Refuses a column that stands twice. */
bool import_columns_read(struct import_batch *batch, const struct text *headers, size_t count,
                         struct import_columns *out, struct error *error);
/* Is it a list of facilities: a name, a place, and services in one column or in many? */
bool import_columns_are_facilities(const struct import_columns *columns);
/* Say which columns a list of facilities lacks. */
bool import_columns_refuse(const struct import_columns *columns, struct error *error);
/* Hand a row's cells to the batch. */
bool import_columns_row(struct import_batch *batch, struct import_columns *columns, int64_t row,
                        const struct text *cells, size_t count, struct error *error);

#endif
