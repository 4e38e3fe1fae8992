/*
 * Files of knowledge/: one CSV file with its expected columns, its cells, and the one way to
 * report what must be mended. For the needs_*.c files that load, and other rooms' tables.
 *
 * A reader goes on after a problem with what it has (an empty text, row order); nothing that
 * was read is used once a problem has been counted.
 */
#ifndef FAIRLEAD_DIRECTORY_NEEDS_FILE_H
#define FAIRLEAD_DIRECTORY_NEEDS_FILE_H

#include "directory/needs_private.h"

enum { KNOWLEDGE_COLUMNS = 20 };

struct knowledge_loader {
  struct arena *arena; /* what is read lives here */
  const char *folder;
  void (*each)(void *context, const struct knowledge_problem *problem); /* or NULL */
  void *context;
  size_t problems;
  uint64_t hash;       /* of the files' bytes */
  struct needs *needs; /* for the needs_*.c files; NULL for others */
};

struct knowledge_file {
  struct knowledge_loader *loader;
  const char *name;
  const char *const *columns;
  struct table table;
  size_t at[KNOWLEDGE_COLUMNS]; /* by expected column: the table's */
};

/* Where a hash begins. */
#define KNOWLEDGE_HASH UINT64_C(14695981039346656037)

/* Count a problem and hand it on. */
void knowledge_report(struct knowledge_loader *loader, const char *file, int64_t line,
                      const char *mend, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Read <folder>/<name> and find its columns; `columns` ends with NULL. A file without
 * a row is a problem. */
bool knowledge_open(struct knowledge_loader *loader, const char *name, const char *const *columns,
                    struct knowledge_file *out);
int64_t knowledge_line(const struct knowledge_file *file, size_t row);
/* The cell of the expected column number `column`, trimmed; may be empty. */
struct text knowledge_cell(const struct knowledge_file *file, size_t row, size_t column);
/* The cell, which must hold something sound; an empty text after a problem. */
struct text knowledge_required(const struct knowledge_file *file, size_t row, size_t column);
/* The cells of `column` and those after it, one for each language. */
void knowledge_read_labels(const struct knowledge_file *file, size_t row, size_t column,
                           struct text labels[NEED_LANGUAGES]);
/* A name of small letters, digits and single hyphens. */
struct text knowledge_read_name(const struct knowledge_file *file, size_t row, size_t column);
/* Does the table fit in `maximum` rows? */
bool knowledge_fits(const struct knowledge_file *file, size_t maximum);

/* Room for `count` names, to be filled by the caller and sorted by name_index_sort(). */
struct name_entry *name_index_room(struct knowledge_loader *loader, struct name_index *names,
                                   size_t count);
/* Index a column of names by row; a name that stands twice is a problem. */
void knowledge_index_names(const struct knowledge_file *file, size_t column,
                           struct name_index *names);

struct ordered_row {
  int64_t order;
  size_t row;
};
/* The table's rows in the order of a column of distinct numbers. */
struct ordered_row *knowledge_read_order(const struct knowledge_file *file, size_t column);

/* The dictionary's three files. */
void knowledge_load_categories(struct knowledge_loader *loader);
void knowledge_load_codes(struct knowledge_loader *loader);
void knowledge_load_labels(struct knowledge_loader *loader);

#endif
