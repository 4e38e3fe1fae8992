/*
 * What the CSV and the pipe reader share to build a whole table. Private to table*.c.
 */
#ifndef FAIRLEAD_BASE_TABLE_BUILD_H
#define FAIRLEAD_BASE_TABLE_BUILD_H

#include "base/table.h"

/* Refuse column names that are empty or repeated; `line` is the header's. */
bool table_check_columns(const struct table *table, int64_t line, struct error *error);
/* Append a row of column_count cells. `*capacity` counts rows and begins at 0. */
void table_add_row(struct arena *arena, struct table *table, size_t *capacity,
                   const struct text *cells, int64_t line);

#endif
