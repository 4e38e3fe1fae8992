/*
 * care_import_private: a row of an imported file, between reading it (pure) and the store. For
 * src/care/care_import*.c and the fuzz target alone.
 */
#ifndef FAIRLEAD_CARE_CARE_IMPORT_PRIVATE_H
#define FAIRLEAD_CARE_CARE_IMPORT_PRIVATE_H

#include "care/care_private.h"

/* What a column may be; named as import-columns.csv and the checks of a record name it. */
enum import_field {
  IMPORT_EXTERNAL_ID,
  IMPORT_GIVEN,
  IMPORT_MIDDLE,
  IMPORT_FAMILY,
  IMPORT_CHOSEN,
  IMPORT_FORMER,
  IMPORT_BIRTH_DATE,
  IMPORT_SEX,
  IMPORT_GENDER_IDENTITY,
  IMPORT_PRONOUNS,
  IMPORT_PHONE,
  IMPORT_HOME_PHONE,
  IMPORT_EMAIL,
  IMPORT_STREET,
  IMPORT_CITY,
  IMPORT_STATE,
  IMPORT_ZIP,
  IMPORT_LANGUAGE,
  IMPORT_CONTACT_NAME,
  IMPORT_CONTACT_RELATIONSHIP,
  IMPORT_CONTACT_PHONE,
  IMPORT_MEDICAID,
  IMPORT_NAME,
  IMPORT_PROFESSION,
  IMPORT_CREDENTIAL,
  IMPORT_LICENSE_NUMBER,
  IMPORT_LICENSE_STATE,
  IMPORT_LICENSE_EXPIRES_ON,
  IMPORT_WEEKLY_HOURS,
  IMPORT_FIELDS
};

enum import_outcome { IMPORT_REFUSED, IMPORT_FRESH, IMPORT_CHANGED, IMPORT_UNCHANGED };

struct import_row {
  int64_t line;
  struct text cells[IMPORT_FIELDS]; /* brought into form; "" where there is none */
  struct person person;
  struct staff staff;
  enum import_outcome outcome;
  struct text record_id;
  unsigned char id_mark[VAULT_MARK_BYTES], digest[VAULT_MARK_BYTES];
};

/* Reads rows into records. Lives as long as its arena. */
struct import_reader {
  const struct care *care;
  enum care_import_what what;
  struct arena *arena;           /* for the report */
  struct text today;             /* YYYY-MM-DD, where the program is */
  struct text languages;         /* of the program: the first is that of whoever has none */
  size_t columns[IMPORT_FIELDS]; /* SIZE_MAX: none */
  struct text names[IMPORT_FIELDS];
  size_t width; /* of the header */
  struct care_import_report *report;
};

/* Find the columns. What is wrong with the header refuses the file. */
void import_reader_header(struct import_reader *reader, const struct table_row *row);
/* Read a row; its outcome is IMPORT_REFUSED, with its problems reported, or IMPORT_FRESH. */
void import_reader_row(struct import_reader *reader, struct arena *arena,
                       const struct table_row *row, struct import_row *out);
void import_reader_problem(struct import_reader *reader, int64_t line, enum import_field field,
                           const char *what);
/* Put what the row says over what stands; an empty cell says nothing. */
void import_person_over(struct arena *arena, const struct import_row *row, struct person *person);
void import_staff_over(const struct import_row *row, struct staff *staff);

/* Find out which rows of a batch are new, changed, the same; no record is opened. */
bool import_rows_compare(const struct care_import *import, struct arena *arena,
                         struct import_row *rows, size_t count, struct error *error);
/* Keep them: one transaction. Rows that cannot be changed become IMPORT_REFUSED; `why` (count of
 * them) gets the catalog key. */
bool import_rows_keep(const struct care_import *import, struct arena *arena,
                      struct import_row *rows, size_t count, const char **why, struct error *error);
/* Who of the program's people each new row may be: at most one for a row, NULL person: nobody. */
bool import_rows_alike(const struct care_import *import, struct arena *arena,
                       const struct import_row *rows, size_t count, struct duplicate_match *matches,
                       struct error *error);

#endif
