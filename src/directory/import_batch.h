/*
 * Import batch: the rows of one file on their way into the store. A reader of a form
 * (import_xlsx.c, import_csv.c, import_json.c, import_demo.c) hands over raw rows; the batch
 * cleans, refuses and spools them; import_write.c puts them into the store. Private to import*.c
 * and their tests.
 */
#ifndef FAIRLEAD_DIRECTORY_IMPORT_BATCH_H
#define FAIRLEAD_DIRECTORY_IMPORT_BATCH_H

#include "directory/import.h"
#include "directory/listing.h"

/* What a source may say of a row, by our names for its columns. */
enum import_field {
  IMPORT_NAME1,
  IMPORT_NAME2,
  IMPORT_STREET1,
  IMPORT_STREET2,
  IMPORT_CITY,
  IMPORT_STATE,
  IMPORT_ZIP,
  IMPORT_COUNTY,
  IMPORT_PHONE,
  IMPORT_INTAKE1,
  IMPORT_INTAKE2,
  IMPORT_INTAKE1A,
  IMPORT_INTAKE2A,
  IMPORT_HOTLINE,
  IMPORT_WEBSITE,
  IMPORT_LATITUDE,
  IMPORT_LONGITUDE,
  IMPORT_GEO_QUALITY, /* "zip…": the point is the ZIP's center */
  IMPORT_TYPE,        /* SA, MH, OTP */
  IMPORT_CODES,       /* codes with spaces, '*', '/' or ',' between */
  IMPORT_EXTERNAL_ID,
  IMPORT_FIELD_COUNT
};
/* "name1", …: as the source's header has it. */
const char *import_field_name(enum import_field field);
/* Find a column by a header's text, in any case, through its aliases; false when it is none. */
bool import_field_find(struct text header, enum import_field *out);

struct import_entry {
  struct listing_keys keys;
  size_t place;         /* in the spool */
  int64_t row;          /* as a spreadsheet counts */
  unsigned directories; /* 0 until import_batch_finish() */
};

struct import_unknown; /* import_codes.c */

struct import_batch {
  const struct needs *needs;
  const struct places *places;
  const struct import_options *options;
  struct import_report *report;
  struct arena *arena;     /* the report's */
  struct arena *scratch;   /* of one row */
  struct text name;        /* what the person called the file */
  double coordinate_limit; /* miles */

  struct listing_spool *spool;
  struct import_entry *entries;
  size_t count, capacity;

  /* The row that is being read: its codes by rank, its unknown labels. */
  uint64_t row_codes[CODES_MAXIMUM / 64];
  struct text_buffer row_unknown;
  size_t row_substance, row_mental;                        /* codes that only one directory has */
  uint16_t rank_of[CODES_MAXIMUM], code_at[CODES_MAXIMUM]; /* codes in byte order */
  struct import_unknown *unknown;

  bool decide_by_row; /* rows without a type may be of either directory */
  int64_t votes_substance, votes_mental;
  bool partial; /* the file holds some of the source's rows only */
  struct text document_date, default_source;
};

bool import_batch_init(struct import_batch *batch, const struct import_target *target,
                       const struct import_options *options, struct text name, struct arena *arena,
                       struct import_report *report, struct error *error);
void import_batch_fini(struct import_batch *batch);

/* --- Handing over a row: its codes first, then the row ---------------------------------------- */

void import_code_add(struct import_batch *batch, size_t code);
/* Codes of a cell; those that the dictionary lacks are kept raw. */
void import_codes_add(struct import_batch *batch, int64_t row, struct text codes);
/* A label or code that the dictionary lacks; `retired`: known, but no code stands for it today. */
void import_unknown_add(struct import_batch *batch, int64_t row, struct text raw, bool retired);
/* What the file's own reference says of a code that the dictionary lacks. */
void import_unknown_explain(struct import_batch *batch, struct text code, struct text label);
/* Clean, check and spool the row; it is counted as refused when it cannot be used. False only for
 * what refuses the whole file. */
bool import_batch_row(struct import_batch *batch, int64_t row,
                      const struct text raw[IMPORT_FIELD_COUNT], struct error *error);
/* The last row was read: decide directories, merge repeats, report unknown labels, refuse a file
 * that is empty or mostly unusable. */
bool import_batch_finish(struct import_batch *batch, struct error *error);

/* Add a problem to the report. `field`, `mend` are literals or live in the arena. */
void import_problem_add(struct import_batch *batch, int64_t row, bool refused, const char *field,
                        const char *mend, const char *what_format, ...)
    __attribute__((format(printf, 6, 7)));

/* --- import_codes.c --------------------------------------------------------------------------- */

void import_codes_init(struct import_batch *batch);
void import_codes_fini(struct import_batch *batch);
/* Take the row's codes and unknown labels as sorted texts in `scratch`, and begin anew. */
void import_codes_take(struct import_batch *batch, struct text *codes, struct text *unknown);
void import_unknown_report(struct import_batch *batch);

/* --- Readers ---------------------------------------------------------------------------------- */

bool import_read_xlsx(struct import_batch *batch, const char *path, struct error *error);
bool import_read_csv(struct import_batch *batch, const char *path, struct error *error);
bool import_read_json(struct import_batch *batch, const char *path, struct error *error);
/* The same from memory, for tests and fuzz targets. */
bool import_read_csv_text(struct import_batch *batch, struct text document, struct error *error);
bool import_read_json_text(struct import_batch *batch, struct text document, struct error *error);

/* --- import_write.c: all or nothing -------------------------------------------------------------
 */

/* Put the batch into the store as a release of report->source as of report->as_of; fills in the
 * report's counts. `sha256` is the file's, in hexadecimal. */
bool import_write(struct store *store, const struct import_batch *batch, struct text sha256,
                  struct error *error);

/* The value of a row of knowledge/directory.csv. */
bool import_knowledge_number(struct arena *arena, const char *knowledge_folder, const char *name,
                             double *out, struct error *error);
/* The folder that options name, else the one installed with the program. */
bool import_knowledge_folder(struct arena *arena, const struct import_options *options,
                             const char **out, struct error *error);

#endif
