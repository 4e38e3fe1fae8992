/*
 * XLSX: reads the cells of a workbook (ECMA-376 part 1), row after row, through libzip and expat.
 *
 * It knows rows and cells, nothing of facilities. Every file is hostile: an encrypted, damaged or
 * bombed archive, a document type declaration, and anything past the limits of base/limits.h is
 * refused while it streams, before it fills memory. Formulas give their stored result; formats,
 * dates and styles are not read. Only the shared strings are held whole.
 * Threads: a workbook belongs to one thread at a time.
 */
#ifndef FAIRLEAD_DIRECTORY_XLSX_H
#define FAIRLEAD_DIRECTORY_XLSX_H

#include "base/base.h"

struct xlsx;

/* Open the archive, find its sheets by the workbook's names and relationships, and read the shared
 * strings. Refuses (ERROR_REFUSED or ERROR_TOO_LARGE, saying what the file is instead) anything
 * that is no such workbook. */
bool xlsx_open(struct xlsx **out, const char *path, struct error *error);
void xlsx_close(struct xlsx *xlsx);
size_t xlsx_sheet_count(const struct xlsx *xlsx);
/* The sheet's name, as on its tab. */
struct text xlsx_sheet_name(const struct xlsx *xlsx, size_t sheet);
/* The date (YYYY-MM-DD) on which the document says it was last changed; empty when it does not. */
struct text xlsx_modified(const struct xlsx *xlsx);

/*
 * Called for each row that has a cell: `number` as the sheet counts, from 1; `cells` by column,
 * from 0, with empty text for cells that are not there. Slices live until it returns. Sets `*stop`
 * to end the reading early, without an error.
 */
typedef bool xlsx_row_function(void *context, int64_t number, const struct text *cells,
                               size_t count, bool *stop, struct error *error);
bool xlsx_read_sheet(struct xlsx *xlsx, size_t sheet, xlsx_row_function *row, void *context,
                     struct error *error);

#endif
