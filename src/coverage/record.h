/*
 * record: what this room keeps about a person: plans, a plan's answers, approvals, denials, what
 * pays for a stay; and a program's own fees.
 *
 * Words, names and numbers are sealed under the person's key; plain columns hold ids, codes, days,
 * counts. A worksheet is only added to; authorizations and denials keep their steps. Clocks:
 * "coverage.decision", "coverage.review", "coverage.appeal"; one that ran out is noted as late
 * until somebody acted. Every function takes an access for (coverage, read) or (coverage, write),
 * opened for the person; ids of rows of somebody else are not found. A day counts from 1970-01-01,
 * 0: none. Stale: ERROR_CONFLICT with "error.coverage.stale". Threads: any.
 */
#ifndef FAIRLEAD_COVERAGE_RECORD_H
#define FAIRLEAD_COVERAGE_RECORD_H

#include "care/care.h"
#include "coverage/authorization.h"
#include "coverage/benefits.h"
#include "coverage/funding.h"
#include "coverage/sliding_fee.h"

/* The handlers of the clocks. */
void coverage_register_due(struct due_registry *registry);

/* --- Plans (record_plan.c) ------------------------------------------------------------------- */

struct coverage_plan {
  struct text id, person_id;
  struct text payer;      /* payer-kinds.csv */
  int64_t turn;           /* 1: asked first */
  int64_t from_on, to_on; /* 0: not known, open */
  struct text name, address, phone, payer_id;
  struct text member_name, member_number, group_number;
  struct text account_id;
  int64_t changed_at, version;
};
/* Without an id a new one, which is set; else that one anew, by its version. Refuses
 * (`error.coverage.plan`, `.payer`, `.dates`). */
bool coverage_plan_save(struct store_transaction *transaction, const struct coverage_rules *rules,
                        const struct access *access, struct arena *arena,
                        struct coverage_plan *plan, struct error *error);
/* By turn; of records that were joined to the person's, too. */
bool coverage_plan_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct coverage_plan **out, size_t *count,
                        struct error *error);
bool coverage_plan_load(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, struct coverage_plan *out,
                        struct error *error);

/* --- Worksheets (record_worksheet.c) --------------------------------------------------------- */

struct benefits_worksheet {
  struct text plan_id, person_id, account_id;
  int64_t seq, at; /* seq 0: nothing was asked yet */
  struct benefits benefits;
};
/* The last one of a plan and level; an empty one when there is none. */
bool benefits_worksheet_load(struct store_transaction *transaction,
                             const struct coverage_rules *rules, const struct access *access,
                             struct arena *arena, struct text plan_id, struct text level,
                             struct benefits_worksheet *out, struct error *error);
/* Add one behind `worksheet->seq`, which grows by one. `day`: today, where the person is. */
bool benefits_worksheet_add(struct store_transaction *transaction,
                            const struct coverage_rules *rules, const struct access *access,
                            struct arena *arena, struct benefits_worksheet *worksheet, int64_t day,
                            struct error *error);
/* The last one of each plan and level. */
bool benefits_worksheet_list(struct store_transaction *transaction,
                             const struct coverage_rules *rules, const struct access *access,
                             struct arena *arena, struct benefits_worksheet **out, size_t *count,
                             struct error *error);

/* --- Questions as files (record_question.c) --------------------------------------------------- */

/* One that left (x12.h). The number is the next of the program, never given twice. */
struct coverage_question {
  struct text plan_id, level_of_care, disclosure_id, trace;
  struct text sender, provider_name, provider_npi; /* the program's own */
  int64_t control;
};
/* Number the next question and draw its trace, to be added in the same transaction. Refuses
 * (`error.coverage.x12_numbers`) when all 999,999,999 are given. `access` is for (coverage, ask) or
 * (coverage, write). */
bool coverage_question_begin(struct store_transaction *transaction, const struct access *access,
                             struct arena *arena, struct coverage_question *question,
                             struct error *error);
bool coverage_question_add(struct store_transaction *transaction, const struct access *access,
                           const struct coverage_question *question, struct error *error);
/* The program's own names in its last question; empty texts and control 0 when there is none. */
bool coverage_question_last(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct coverage_question *out,
                            struct error *error);
/* Which question of the program an answer's trace names. */
enum question_of { QUESTION_UNKNOWN, QUESTION_OF_PLAN, QUESTION_OF_ANOTHER };
bool coverage_question_whose(struct store_transaction *transaction, const struct access *access,
                             struct text plan_id, struct text trace, enum question_of *out,
                             struct error *error);

/* --- Authorizations (record_authorization.c) ------------------------------------------------- */

enum authorization_state {
  AUTHORIZATION_ASKED,
  AUTHORIZATION_APPROVED,
  AUTHORIZATION_DENIED,
  AUTHORIZATION_WITHDRAWN
};
enum authorization_unit { UNIT_DAY, UNIT_VISIT, UNIT_HOUR };
struct coverage_authorization {
  struct text id, plan_id, person_id, episode_id, level_of_care;
  struct text payer; /* of the plan, as it is now */
  enum authorization_state state;
  enum authorization_unit unit;
  bool is_urgent;
  int64_t asked_at, asked_on; /* the moment, and its day where the person is */
  int64_t units_asked;
  struct authorization approved; /* units, from, to, review_on */
  int64_t decided_on;
  struct text number, who, words; /* of the plan's decision */
  int64_t version;
};
/* "asked", …, and "day", …: as they are kept, and the end of catalog keys. */
const char *authorization_state_name(enum authorization_state state);
const char *authorization_unit_name(enum authorization_unit unit);
/* Ask: has plan, level, unit, units_asked, asked_at and asked_on, perhaps a stay. Sets id, and the
 * clock for the decision. Refuses (`error.coverage.units`, `.moment`, `.stay`). */
bool authorization_ask(struct store_transaction *transaction, const struct coverage_rules *rules,
                       const struct access *access, struct arena *arena,
                       struct coverage_authorization *authorization, const struct zone *zone,
                       struct error *error);
/* The plan decided, or it was withdrawn; an approval may be corrected by another one. */
bool authorization_decide(struct store_transaction *transaction, const struct coverage_rules *rules,
                          const struct access *access, struct arena *arena,
                          const struct coverage_authorization *authorization,
                          const struct zone *zone, int64_t today, struct error *error);
/* Newest first. */
bool authorization_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct coverage_authorization **out, size_t *count,
                        struct error *error);
bool authorization_load(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, struct coverage_authorization *out,
                        struct error *error);

/* What care delivered to the person: loaded once, for all their authorizations. `access` is open
 * for (delivered, read). */
struct coverage_delivered {
  const struct delivered_day *days;
  const struct delivered_service *services;
  size_t day_count, service_count;
};
bool coverage_delivered_load(struct store_transaction *transaction, const struct access *access,
                             struct arena *arena, struct coverage_delivered *out,
                             struct error *error);
/*
 * How one of `all` approvals burns down: days at its level, sessions, or whole hours of sessions of
 * a day; of its stay, where it names one. What another approval of the same level covers, and this
 * one does not, is that one's.
 */
void authorization_burn_load(const struct coverage_rules *rules, struct arena *arena,
                             const struct zone *zone, const struct coverage_authorization *all,
                             size_t count, size_t which, const struct coverage_delivered *delivered,
                             int64_t today, struct authorization_burn *out);

/* One act on an authorization or a denial. */
struct coverage_step {
  struct text act, account_id;
  int64_t on_day, at;
};
bool coverage_step_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text subject_id, struct coverage_step **out,
                        size_t *count, struct error *error);

/* --- Denials (record_denial.c) --------------------------------------------------------------- */

struct coverage_denial {
  struct text id, plan_id, person_id, authorization_id, level_of_care;
  struct denial denial; /* payer, reason, days */
  struct text outcome;  /* "", overturned, in-part, upheld, dropped */
  int64_t ended_on;
  struct text number, requested, words;
  int64_t version;
};
/* `today` is the day where the person is. Sets id; takes the payer from the plan; an authorization
 * that was only asked for becomes denied. Refuses (`error.coverage.reason`, `.moment`). */
bool coverage_denial_add(struct store_transaction *transaction, const struct coverage_rules *rules,
                         const struct access *access, struct arena *arena,
                         struct coverage_denial *denial, const struct zone *zone, int64_t today,
                         struct error *error);
enum denial_act { DENIAL_INTERNAL, DENIAL_EXTERNAL, DENIAL_HEARING, DENIAL_AGAIN, DENIAL_ENDED };
struct denial_change {
  enum denial_act act;
  int64_t on_day;
  struct text outcome; /* of DENIAL_ENDED */
};
/* A step of the appeal was taken, the plan said no again, or it is over. A step whose last day has
 * gone is refused (`error.coverage.appeal`), and so is one that is not open. */
bool coverage_denial_change(struct store_transaction *transaction,
                            const struct coverage_rules *rules, const struct access *access,
                            struct arena *arena, struct text id, const struct denial_change *change,
                            int64_t version, const struct zone *zone, int64_t today,
                            struct error *error);
bool coverage_denial_list(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct coverage_denial **out, size_t *count,
                          struct error *error);
bool coverage_denial_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct text id, struct coverage_denial *out,
                          struct error *error);

/* --- What pays for a stay (record_funding.c) -------------------------------------------------- */

struct stay_funding {
  struct text id, person_id, episode_id, source, plan_id, words;
  int64_t from_on, to_on;
  int64_t amount;   /* cents, -1: not known */
  struct loan loan; /* of a loan; else months 0 */
  int64_t ended_at, version;
};
/* Refuses a stay that is not the person's, an unknown source, and a loan without its terms. */
bool stay_funding_add(struct store_transaction *transaction, const struct coverage_rules *rules,
                      const struct access *access, struct arena *arena,
                      struct stay_funding *funding, struct error *error);
bool stay_funding_end(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text id, int64_t version, struct error *error);
/* Enter a row anew, as `funding` has it: the one before it, at this version, pays no more, and both
 * say so in their history. Refuses like stay_funding_add(), and what was replaced before. */
bool stay_funding_replace(struct store_transaction *transaction, const struct coverage_rules *rules,
                          const struct access *access, struct arena *arena, struct text id,
                          int64_t version, struct stay_funding *funding, struct error *error);
/* Undo by a new row: what had ended pays again; what was changed is again as it was before. Refuses
 * a row of which there is nothing to undo (`error.coverage.undo`). */
bool stay_funding_undo(struct store_transaction *transaction, const struct coverage_rules *rules,
                       const struct access *access, struct arena *arena, struct text id,
                       int64_t version, struct error *error);
/* Who did what when: with what pays for a person's stays, or with a program's fees. */
struct paying_step {
  struct text subject_id, act; /* entered, ended, replaced, withdrawn */
  struct text other_id;        /* the row before, or the one that stands for it now; or "" */
  struct text account_id;      /* "": from before this was kept */
  int64_t at;
};
/* The newest first. */
bool stay_funding_steps(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct paying_step **out, size_t *count,
                        struct error *error);
/* In the order of funding-sources.csv for each stay. */
bool stay_funding_list(struct store_transaction *transaction, const struct coverage_rules *rules,
                       const struct access *access, struct arena *arena, struct stay_funding **out,
                       size_t *count, struct error *error);
/* What pays for a stay on a day: codes of sources with spaces between, each once, in the order of
 * `rows`. Where nothing pays yet, what will; what was ended or is over by then does not count. "":
 * not known. Pure. */
struct text stay_funding_on(struct arena *arena, const struct stay_funding *rows, size_t count,
                            struct text episode_id, int64_t day);

/* --- What is due in a program (record_due.c) -------------------------------------------------- */

/* Something open: asked, or approved and not over, or denied. One of both is not NULL; the words
 * of neither are opened. */
struct coverage_open {
  const struct coverage_authorization *authorization;
  const struct coverage_denial *denial;
  struct text id, person_id;
  int64_t due_on; /* as it was when somebody last acted on it; COVERAGE_NO_DAY: no law is known */
  bool is_late;   /* its clock ran out */
};
#define COVERAGE_NO_DAY INT64_MAX
/* A place in the list: behind what is due on a day and has an id; {0, ""}: the beginning. */
struct coverage_place {
  int64_t due_on;
  struct text id;
};
/* As a page's address carries it. Reading answers false for another text. */
struct text coverage_place_write(struct arena *arena, const struct coverage_place *place);
bool coverage_place_read(struct text text, struct coverage_place *out);
/* At most `limit` behind a place, by the day and then the id, of people whom a list's access
 * (coverage, read) reaches. */
bool coverage_open_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, int64_t today, const struct coverage_place *after,
                        size_t limit, struct coverage_open **out, size_t *count,
                        struct error *error);
/* How many there are in all. */
bool coverage_open_count(struct store_transaction *transaction, const struct access *access,
                         int64_t today, int64_t *out, struct error *error);

/* --- A program's own fees (fee_version.c) ----------------------------------------------------- */

struct fee_version {
  struct text id, approved_by, account_id;
  struct text again;            /* to add: the version whose bands stand anew, or "" */
  struct fee_schedule schedule; /* name is the id; its bands have no labels */
  int64_t withdrawn_at, made_at;
};
/* `access` is open for (program, write). Refuses what fee_schedule_check() finds, with its key. */
bool fee_version_add(struct store_transaction *transaction, const struct coverage_rules *rules,
                     const struct access *access, struct arena *arena, struct fee_version *version,
                     struct error *error);
/* Before it began. */
bool fee_version_withdraw(struct store_transaction *transaction, const struct access *access,
                          struct text id, int64_t today, struct error *error);
/* The newest first; `access` is open for (program, write). */
bool fee_version_steps(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct paying_step **out, size_t *count,
                       struct error *error);
/* All of a program, the newest first; no record of a person. */
bool fee_version_list(struct store_transaction *transaction, struct text program_id,
                      struct arena *arena, struct fee_version **out, size_t *count,
                      struct error *error);

#endif
