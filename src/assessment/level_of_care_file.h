/*
 * The two documents of the level-of-care table, as its loader reads them: pipe tables by heading,
 * cells by column, Spanish texts by id, and problems with file and line.
 */
#ifndef FAIRLEAD_ASSESSMENT_LEVEL_OF_CARE_FILE_H
#define FAIRLEAD_ASSESSMENT_LEVEL_OF_CARE_FILE_H

#include "assessment/level_of_care_private.h"

enum { CARE_SECTIONS = 32, CARE_COLUMNS = 10 };

struct care_section {
  struct text heading;
  struct table table;
  bool is_used;
};
struct care_document {
  const char *name; /* "level-of-care.md" */
  struct care_section sections[CARE_SECTIONS];
  size_t count;
  bool is_whole; /* it could be read to its end */
};
struct care_loader {
  struct level_of_care *table;
  const struct needs *needs;
  struct care_document documents[CARE_LANGUAGES]; /* English decides, Spanish says it again */
  void (*each)(void *context, const struct knowledge_problem *problem);
  void *context;
  size_t problems;
};

/* One table below its heading. */
struct care_sheet {
  struct care_loader *loader;
  const char *file, *heading;
  const char *const *columns; /* ends with NULL; the first is the id */
  struct table table;
  size_t at[CARE_COLUMNS];
};

/* Report a problem. `mend` is a plain string; a last period is cut. */
void care_report(struct care_loader *loader, const char *file, int64_t line, const char *mend,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Find the pipe tables of a document. */
void care_document_read(struct care_loader *loader, size_t language, const char *name,
                        struct text text);
/* Report tables that nothing asked for. */
void care_document_finish(struct care_loader *loader, size_t language);

/* Open the table below a heading. Reports and answers false when it is missing, lacks a column, or
 * has no row or more than `maximum`. */
bool care_sheet_open(struct care_loader *loader, size_t language, const char *heading,
                     const char *const *columns, size_t maximum, struct care_sheet *out);
int64_t care_line(const struct care_sheet *sheet, size_t row);
/* Report a problem of a row. */
void care_row_report(const struct care_sheet *sheet, size_t row, const char *mend,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
struct text care_cell(const struct care_sheet *sheet, size_t row, size_t column);
/* The same; an empty cell is a problem. */
struct text care_required(const struct care_sheet *sheet, size_t row, size_t column);
/* The row's id: letters, digits, '_', '-' and '.', and none that a row before has. */
struct text care_id(const struct care_sheet *sheet, size_t row);
/* "yes" or "no". */
bool care_yes_no(const struct care_sheet *sheet, size_t row, size_t column);
/* Which of the names, that end with NULL, the cell is; 0 after a problem. */
size_t care_choice(const struct care_sheet *sheet, size_t row, size_t column,
                   const char *const *names);
/* Compile a condition; an empty cell is a problem unless `may_be_empty`. */
void care_condition(const struct care_sheet *sheet, size_t row, size_t column,
                    enum condition_scope scope, bool may_be_empty, struct condition *out);
/* A text's NUL-terminated form for a report, cut to a line's length. */
const char *care_quote(const struct care_sheet *sheet, struct text t);

/*
 * Read the Spanish of a sheet: for every row `store(context, row, column, text)` with the texts of
 * the Spanish table below the same heading whose first column is the row's id. `columns` are that
 * table's. Reports a row that one of the two documents lacks and a text that is empty.
 */
void care_translate(const struct care_sheet *sheet, const char *const *columns,
                    void (*store)(struct level_of_care *table, size_t row, size_t column,
                                  struct text text));

/* Rules, from "Stop rules", "Who this is for" and "Need rules". */
void care_rules_load(struct care_loader *loader);

#endif
