/*
 * care_private: what the files of this room share: the loaded lists, the check of an access, small
 * helpers for rows and forms. For src/care alone.
 */
#ifndef FAIRLEAD_CARE_CARE_PRIVATE_H
#define FAIRLEAD_CARE_CARE_PRIVATE_H

#include "care/care.h"

/* A CSV file of knowledge/, as read. */
struct care_file {
  const char *name;
  struct table table;
  size_t *by_code; /* rows in the order of their first column, for looking up */
};
/* A value that a kind of fact may have. */
struct care_value {
  struct text kind, value;
};
struct duplicate_weight {
  struct text name;
  int64_t weight; /* hundredths */
};
struct care {
  struct arena *arena;
  struct privacy *privacy; /* borrowed */
  struct care_file lists[CARE_LISTS];
  struct care_value *values;
  size_t value_count;
  struct duplicate_weight *weights;
  size_t weight_count;
  struct care_file retention, import_columns, import_values;
  episode_end_function *on_episode_end; /* NULL: nobody */
  void *on_episode_end_context;
};

/* Read one file of knowledge/ whose columns are at least `columns` (NULL ends them); rows without a
 * source or with an unknown grade are refused. */
bool care_file_read(struct care *care, const char *folder, const char *name,
                    const char *const *columns, struct care_file *out, struct error *error);
/* Say where a file of knowledge/ is wrong. */
bool care_file_fail(const struct care_file *file, size_t row, const char *what,
                    struct error *error);
size_t care_file_column(const struct care_file *file, const char *name);

/* --- Access ------------------------------------------------------------------------------ */

/* Was this access opened for this, and (unless "") for this person? Refuses with ERROR_FORBIDDEN.
 */
bool care_may(const struct access *access, const char *object, const char *act,
              struct text person_id, struct error *error);
/* The same for a row's own person, who may have been merged into the access's. */
bool care_may_row(struct store_transaction *transaction, const struct access *access,
                  const char *object, const char *act, struct text person_id, struct error *error);

/* The other person of an act that is about two must lie within the scope as well: ERROR_FORBIDDEN,
 * noted as a denial. */
bool care_reaches(struct store_transaction *transaction, const struct access *access,
                  struct text person_id, struct error *error);

/* Is the record itself of the site, or on the caseload? */
#define CARE_REACHES_ITSELF(program, person, site, staff, now)                                     \
  "(EXISTS (SELECT 1 FROM care_team c WHERE c.program_id = " program " AND c.staff_id = " staff    \
  " AND c.staff_id <> '' AND c.person_id = " person " AND c.from_at <= " now                       \
  " AND (c.until_at = 0 OR c.until_at > " now "))"                                                 \
  " OR (" site " <> '' AND (EXISTS (SELECT 1 FROM person s WHERE s.program_id = " program          \
  " AND s.id = " person " AND s.site_id = " site ") OR EXISTS (SELECT 1 FROM episode e"            \
  " WHERE e.program_id = " program " AND e.site_id = " site " AND e.person_id = " person "))))"

/* A condition of a query, as a literal: does the reach take in this person? It decides as
 * care_subject_load() and role_scope_reaches() do: of a record that was merged, or that others
 * lead to, all are looked at. The arguments are literals, too: columns, and the numbers of the
 * parameters that care_reach and the access's time are bound to. */
#define CARE_REACHES(program, person, all, site, staff, own, now)                                  \
  "(CAST(" all " AS BIGINT) = 1 OR " person " = " own " OR " CARE_REACHES_ITSELF(                  \
      program, person, site, staff,                                                                \
      now) " OR EXISTS (WITH RECURSIVE up (id, leads) AS (SELECT u.id, u.merged_into FROM person " \
           "u"                                                                                     \
           " WHERE u.program_id = " program " AND u.id = " person                                  \
           " AND (u.merged_into <> '' OR EXISTS"                                                   \
           " (SELECT 1 FROM person v WHERE v.program_id = " program " AND v.merged_into = " person \
           " AND v.merged_into <> '')) UNION SELECT u.id, u.merged_into FROM person u JOIN up"     \
           " ON u.id = up.leads WHERE u.program_id = " program                                     \
           "), same (id) AS (SELECT id FROM up"                                                    \
           " UNION SELECT u.id FROM person u JOIN same ON u.merged_into = same.id AND "            \
           "u.merged_into <> ''"                                                                   \
           " WHERE u.program_id = " program                                                        \
           ") SELECT 1 FROM same WHERE same.id IN (SELECT up.id FROM up"                           \
           " WHERE up.leads = '' AND up.id = " own                                                 \
           ") OR " CARE_REACHES_ITSELF(program, "same.id", site, staff, now) "))"

/* --- Rows ---------------------------------------------------------------------------------- */

/* A new id, in the arena. */
struct text care_new_id(struct arena *arena, int64_t now);
/* A column's text, copied. */
struct text care_column(struct arena *arena, const struct store_cursor *cursor, int column);
/* Whose account acts; "" for the system and the command line. */
struct text care_account(const struct access *access);
/* A save that changed no row: stale, or not there. */
bool care_saved(int64_t changed, struct error *error);
/* Is there a row? After a store_query() that answered `is_asked`; closes the cursor. */
bool care_any(bool is_asked, struct store_cursor **cursor, bool *out, struct error *error);
/* Refuse with the first problem, naming its field in the log. */
bool care_refuse(const struct field_problems *problems, struct error *error);
/* The subject whose key seals a person's words, or the program's. */
struct vault_subject care_subject(const struct access *access, struct text person_id);
/* Seal and open words; "" stays empty. What was erased opens as "". */
bool care_seal(const struct access *access, struct arena *arena, struct text person_id,
               const char *purpose, struct text plain, struct text *out, struct error *error);
bool care_unseal(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, struct text sealed, struct text *out, struct error *error);

/* The identity's fields, put into an object. */
void identity_document(struct arena *arena, const struct person_identity *identity,
                       struct value *document);
struct vault_identity person_vault_identity(struct arena *arena,
                                            const struct person_identity *identity);
/* A row of person (id, identity, language, …, version), its identity still sealed; opening it; and
 * both, without asking again: for files of this room that have asked. */
void person_row(struct arena *arena, const struct store_cursor *cursor, struct person *out,
                struct text *sealed);
bool person_open_identity(const struct access *access, struct arena *arena, struct person *person,
                          struct text sealed, struct error *error);
bool person_load_row(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, struct person *out, struct error *error);

/* A cell of a code's row says "yes". */
bool care_code_says(const struct care *care, enum care_list list, struct text code,
                    const char *column, const char *word);
/* A unit of the site, a staff member of the program: refused where there is none; "" is fine. */
bool care_check_place(struct store_transaction *transaction, const struct access *access,
                      struct text site_id, struct text unit_id, struct error *error);
bool care_check_staff(struct store_transaction *transaction, const struct access *access,
                      struct text staff_id, struct error *error);

/* A stay's row, without asking. */
bool episode_row(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct episode *out, struct error *error);

/* The handlers of this room's clocks; `context` is the struct care. */
bool staff_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                 int64_t now, struct error *error);
bool erase_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                 int64_t now, struct error *error);

/* --- Fields -------------------------------------------------------------------------------- */

/* UTF-8 without control characters, at most `ceiling` characters and LIMIT_CHARACTER times as many
 * bytes; asked for when `required`. */
void care_check_text(struct field_problems *problems, const char *field, struct text t,
                     size_t ceiling, bool required);
/* A code of a list; "" is fine unless required. */
void care_check_code(const struct care *care, struct field_problems *problems, const char *field,
                     enum care_list list, struct text code, bool required);
void care_check_phone(struct field_problems *problems, const char *field, struct text phone);
void care_check_zip(struct field_problems *problems, const char *field, struct text zip);
void care_check_date(struct field_problems *problems, const char *field, struct text date);
void care_check_range(struct field_problems *problems, const char *field, int64_t number,
                      int64_t low, int64_t high);
/* Ten digits of however a number was written; what is none stays as it was. */
struct text care_tidy_phone(struct arena *arena, struct text phone);
/* White space at the ends goes, runs of it within become single spaces; marks that nobody sees
 * and that turn the direction of writing go. */
struct text care_tidy_text(struct arena *arena, struct text t);

#endif
