/*
 * intake_private: what the files about intakes and belongings share when they write and read. For
 * src/admission/intake*.c and belongings*.c alone.
 */
#ifndef FAIRLEAD_ADMISSION_INTAKE_PRIVATE_H
#define FAIRLEAD_ADMISSION_INTAKE_PRIVATE_H

#include "admission/belongings.h"
#include "admission/intake_record.h"

struct intakes {
  const struct care *care;               /* borrowed */
  struct intake_rules *rules;            /* owned */
  const struct instruments *instruments; /* borrowed */
  const struct level_of_care *table;     /* borrowed */
  const struct care_options *options;    /* borrowed, or NULL */
};

/* Was this access opened for the object, to write (or at all), and for this row's person, who may
 * have been merged? Refuses with ERROR_FORBIDDEN. */
bool intake_may(struct store_transaction *transaction, const struct access *access,
                const char *object, bool writes, struct text person_id, struct error *error);
/* Has the actor one of the roles that may do this? Whoever has none is denied, and the audit says
 * so. The system and the command line have all. */
bool intake_may_do(const struct access *access, const struct coverage_words *roles,
                   struct error *error);
/* May the actor do what shows some item done: of the rows that hold for this intake and ask for
 * this evidence (`of`, unless ""), one is the actor's to do, or none asks for it. */
bool intake_may_show(const struct intakes *intakes, const struct access *access,
                     const struct intake *intake, enum intake_evidence_kind evidence,
                     struct text of, struct error *error);

struct text intake_new_id(struct arena *arena, int64_t now);
struct text intake_column(struct arena *arena, const struct store_cursor *cursor, int column);
/* Sealed under the person; "" stays empty, and what was erased opens as "". */
bool intake_seal(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, struct text plain, struct text *out, struct error *error);
bool intake_unseal(const struct access *access, struct arena *arena, struct text person_id,
                   const char *purpose, struct text sealed, struct text *out, struct error *error);
/* Words of a form: UTF-8 of at most LIMIT_CARE_WORDS bytes without control characters. */
bool intake_check_words(struct text words, struct error *error);
bool intake_refuse(struct error *error, const char *key, const char *what);
bool intake_stale(struct error *error);
/* The first column of the only row, a number; 0 when there is none. */
bool intake_number(bool is_asked, struct store_cursor **asked, int64_t *out, struct error *error);

/* The intake of a row that hangs below it, for whoever may write the object; not of a stay that has
 * ended, unless `any`. */
bool intake_open_row(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const char *object, struct text intake_id, bool any,
                     struct intake *out, struct error *error);
/* Those of the access's person, and of records merged into theirs, the newest first, for whoever
 * may read the object. */
bool intake_list_for(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, const char *object, struct intake **out, size_t *count,
                     struct error *error);
/* What stands in records elsewhere. */
bool intake_evidence_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, const struct intake *intake,
                          struct intake_evidence **out, size_t *count, struct error *error);
/* Keep what is late, and set the clock for what will be. */
bool intake_clock(struct store_transaction *transaction, const struct intakes *intakes,
                  const struct access *access, struct arena *arena, struct text intake_id,
                  struct error *error);
/* A belonging and its first step, unasked. */
bool belonging_insert(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct belonging *belonging, struct error *error);
/* Words of the catalog under "<list>.<code>", else the code; for what is signed. */
void belongings_say(const struct catalog *catalog, size_t language, const char *list,
                    struct text code, struct text_buffer *out);
/* Are they the person, or who acts for them, and staff? */
bool belongings_check_roles(const struct signature *person, const struct signature *staff,
                            struct error *error);
/* The list's revision: it grows with each thing and each mistake that is marked. */
bool belongings_revision(struct store_transaction *transaction, const struct access *access,
                         struct text intake_id, int64_t *out, struct error *error);
/* The handler of "intake.late"; `context` is the struct intakes. */
bool intake_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                  int64_t now, struct error *error);

#endif
