/*
 * record_private: what the files about a person's coverage share when they write and read. For
 * src/coverage/record*.c and fee_version.c alone.
 */
#ifndef FAIRLEAD_COVERAGE_RECORD_PRIVATE_H
#define FAIRLEAD_COVERAGE_RECORD_PRIVATE_H

#include "coverage/record.h"
#include "coverage/rules_private.h"

/* The person and every record that was joined to theirs; $1 program, $2 person. */
#define RECORD_SAME                                                                                \
  "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT p.id FROM person p"           \
  " JOIN same ON p.merged_into = same.id AND p.merged_into <> '' WHERE p.program_id = $1) "

/* Was this access opened for coverage (to write), for one person? ERROR_FORBIDDEN. */
bool record_may(const struct access *access, bool writes, struct error *error);
/* To ask a plan by a file: who writes may, too. */
bool record_may_ask(const struct access *access, struct error *error);
bool record_refuse(struct error *error, const char *key, const char *what);
bool record_stale(struct error *error);
bool record_missing(struct error *error);
struct text record_new_id(struct arena *arena, int64_t now);
struct text record_column(struct arena *arena, const struct store_cursor *cursor, int column);

/* Texts of a struct that are sealed together, by name. */
struct record_member {
  const char *name;
  size_t offset;
  size_t longest;
};
/* Refuses texts that are too long, not UTF-8, or hold control characters (error.care.…). */
bool record_check(const struct record_member *members, size_t count, const void *from,
                  struct error *error);
struct value *record_members(struct arena *arena, const struct record_member *members, size_t count,
                             const void *from);
void record_take(const struct value *facts, const struct record_member *members, size_t count,
                 void *into);
/* Sealed under the person of the row; what was erased opens as an empty object. */
bool record_seal(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, const struct value *facts, struct text *out,
                 struct error *error);
bool record_unseal(const struct access *access, struct arena *arena, struct text person_id,
                   const char *purpose, struct text sealed, const struct value **out,
                   struct error *error);

/* How rows of one kind are read: their columns, and what is sealed beside them. */
struct record_kind {
  const char *purpose;
  size_t size, person_id; /* of the struct; where it says whose row it is */
  int facts;              /* the column that is sealed */
  const struct record_member *members;
  size_t member_count;
  void (*read)(struct arena *arena, const struct store_cursor *cursor, void *row);
  /* What is no text of `members`; may be NULL. `facts` is NULL of what was erased. */
  bool (*take)(const struct coverage_rules *rules, const struct value *facts, void *row,
               struct error *error);
};
/* Read all rows of a cursor, at most LIMIT_CARE_ROWS, and close it. Answers an array of the kind's
 * struct, NULL on failure. `rules` is for the kind's `take`. */
void *record_rows_read(const struct access *access, struct arena *arena,
                       const struct record_kind *kind, const struct coverage_rules *rules,
                       struct store_cursor *cursor, size_t *count, struct error *error);
/* Is this one of the person's stays, or ""? */
bool record_stay(struct store_transaction *transaction, const struct access *access,
                 struct text episode_id, struct error *error);
/* The moment a day begins where the person is. */
int64_t record_day_begins(struct arena *arena, const struct zone *zone, int64_t day);
/* The next step of an authorization or denial. */
bool record_step(struct store_transaction *transaction, const struct access *access,
                 struct text subject_id, int64_t seq, const char *act, int64_t on_day,
                 struct error *error);
/* The next step of what pays for a stay, or of fees; `act` is a literal. */
bool record_paying_step(struct store_transaction *transaction, const struct access *access,
                        struct text subject_id, int64_t seq, const char *act, struct text other_id,
                        struct error *error);
/* Read all steps of a cursor over (subject_id, act, other_id, account_id, at), and close it. */
bool record_paying_steps_read(struct arena *arena, struct store_cursor *cursor,
                              struct paying_step **out, size_t *count, struct error *error);
/* It was acted on: no clock, and nothing late any more. `kind` is a literal. */
bool record_settled(struct store_transaction *transaction, const struct access *access,
                    struct text kind, struct text subject_id, struct error *error);
bool record_is_payer(const struct coverage_rules *rules, struct text payer);

/* Rows of one person, or one id (record_authorization.c, …). */
struct record_query {
  struct text program_id, person_id, id; /* "" for any */
};
bool authorization_rows(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct record_query *query,
                        struct coverage_authorization **out, size_t *count, struct error *error);
bool denial_rows(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, const struct record_query *query,
                 struct coverage_denial **out, size_t *count, struct error *error);

/* How both are read for a list of what is due (record_due.c): what a row is, without what is
 * sealed. Columns in front of `sealed`, for readers; then when it is due, and whether it is late.
 */
#define AUTHORIZATION_COLUMNS                                                                      \
  "a.id, a.plan_id, a.person_id, a.episode_id, a.level_of_care, c.payer, a.state, a.unit,"         \
  " a.is_urgent, a.asked_at, a.asked_on, a.units_asked, a.units, a.from_on, a.to_on,"              \
  " a.review_on, a.decided_on, a.version"
enum { AUTHORIZATION_COLUMN_COUNT = 18 };
void authorization_read_row(struct arena *arena, const struct store_cursor *cursor, void *row);
#define DENIAL_COLUMNS                                                                             \
  "d.id, d.plan_id, d.person_id, d.authorization_id, d.level_of_care, d.payer, d.reason,"          \
  " d.denied_on, d.internal_on, d.external_on, d.hearing_on, d.internal_denied_on, d.outcome,"     \
  " d.ended_on, d.version"
enum { DENIAL_COLUMN_COUNT = 15 };
void denial_read_row(struct arena *arena, const struct store_cursor *cursor, void *row);

#endif
