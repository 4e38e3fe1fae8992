/*
 * intake_record: an intake as it is kept: begun once for a stay, resumed by anybody who may, each
 * item said with its history, admitted once; assessments and medicines on the way.
 *
 * What stands in a record elsewhere (a consent, a fact, a photo) is read there: codes, ids and
 * times alone. Words are sealed. Each act sets the clock "intake.late", which finds what became
 * late. A function takes an access for (intake, read) or (intake, write), opened for the person;
 * who may do which item is intake-items.csv besides.
 */
#ifndef FAIRLEAD_ADMISSION_INTAKE_RECORD_H
#define FAIRLEAD_ADMISSION_INTAKE_RECORD_H

#include "admission/intake.h"
#include "assessment/assessment.h"
#include "care/care.h"

struct intakes; /* the rules, and what they need of other rooms */

/* Load the room's knowledge from share/knowledge. Borrows all it is given. */
bool intakes_open(struct intakes **out, const char *share_folder, const struct care *care,
                  struct error *error);
void intakes_close(struct intakes *intakes);
/* With what somebody is assessed, all borrowed, `options` may be NULL; without it no questionnaire
 * is taken and no level suggested. Before other threads use it. */
void intakes_assess_with(struct intakes *intakes, const struct instruments *instruments,
                         const struct level_of_care *table, const struct care_options *options);
const struct intake_rules *intakes_rules(const struct intakes *intakes);
/* `intakes` must outlive the registry. */
void intakes_register_due(struct intakes *intakes, struct due_registry *registry);

/* --- The intake ------------------------------------------------------------------------------ */

struct intake {
  struct text id, episode_id, person_id;
  struct text program_kind, level_of_care; /* of the program and the stay, now */
  struct text language;                    /* the person's */
  int64_t planned_at;                      /* when the person is expected; 0: not known */
  int64_t admitted_at;                     /* 0: not yet */
  struct text admitted_by, account_id;
  int64_t made_at, ended_at, version; /* ended_at: of the stay */
};
/* (intake, write). One for each stay: when there is one, that one is given, as it is. Refused: a
 * stay of somebody else, or one that has ended. */
bool intake_begin(struct store_transaction *transaction, const struct intakes *intakes,
                  const struct access *access, struct arena *arena, struct text episode_id,
                  int64_t planned_at, struct intake *out, struct error *error);
bool intake_load(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct intake *out, struct error *error);
/* Those of the person, and of records merged into theirs, the newest first. */
bool intake_list(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct intake **out, size_t *count, struct error *error);
/* Another day for the arrival, before the admission. */
bool intake_plan(struct store_transaction *transaction, const struct intakes *intakes,
                 const struct access *access, struct arena *arena, struct text id,
                 int64_t planned_at, int64_t version, struct error *error);

/* What was said of an item: the last one, or a line of its history. */
struct intake_step {
  struct text item;
  enum intake_said_state state;
  struct text reason, words, evidence_id, account_id;
  int64_t at, made_at, seq;
};
struct intake_view {
  struct intake intake;
  struct intake_answer *answers; /* in the order of the rules */
  size_t count;
  struct intake_progress progress;
  struct intake_step *steps; /* the last of each item that anything was said of */
  size_t step_count;
};
bool intake_view_load(struct store_transaction *transaction, const struct intakes *intakes,
                      const struct access *access, struct arena *arena, struct text id,
                      struct intake_view *out, struct error *error);
/* Say something of an item: `step` has item, state, reason, words, evidence_id and at; `seq` is
 * that of the line it follows, 0 for the first. Refused: what stands elsewhere, a reason that does
 * not fit, a time to come, somebody whose part it is not. Stale: ERROR_CONFLICT. */
bool intake_say(struct store_transaction *transaction, const struct intakes *intakes,
                const struct access *access, struct arena *arena, struct text intake_id,
                const struct intake_step *step, struct error *error);
/* All that was said of an item, the newest first. */
bool intake_history(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text intake_id, struct text item,
                    struct intake_step **out, size_t *count, struct error *error);

/* The person comes. `stay` (episode, write) makes the stay active unless it is; NULL where
 * something else did. Once: a second time changes nothing and is true. Refused while something
 * blocks. */
bool intake_admit(struct store_transaction *transaction, const struct intakes *intakes,
                  const struct access *access, const struct access *stay, struct arena *arena,
                  struct text id, int64_t at, struct error *error);

/* An item that the clock found late. */
struct intake_overdue {
  struct text intake_id, person_id, item;
  int64_t late_at;
  int64_t first_at; /* when the first of its intake's became late */
};
/* A place in the list: behind an intake; {0, ""}: the beginning. */
struct intake_place {
  int64_t first_at;
  struct text intake_id;
};
/* As a page's address carries it. Reading answers false for another text. */
struct text intake_place_write(struct arena *arena, const struct intake_place *place);
bool intake_place_read(struct text text, struct intake_place *out);
/* All late items of at most `limit` intakes behind a place, intake by intake by what is late the
 * longest, then by id; within one by time. (intake, read) for a list, of people whom the access's
 * scope reaches. */
bool intake_overdue_list(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, const struct intake_place *after, size_t limit,
                         struct intake_overdue **out, size_t *count, struct error *error);
/* How many there are in all. */
bool intake_overdue_count(struct store_transaction *transaction, const struct access *access,
                          int64_t *items, int64_t *intakes, struct error *error);

/* --- Assessment (intake_assess.c) ------------------------------------------------------------ */

struct intake_instrument {
  struct text id, instrument, account_id;
  const struct value *answers, *result; /* as docs/instruments.md has them */
  int64_t at;
};
/* (intake, write): score and keep a whole questionnaire; `answers` as instrument_read() takes it.
 * Sets result, id, at. */
bool intake_instrument_add(struct store_transaction *transaction, const struct intakes *intakes,
                           const struct access *access, struct arena *arena, struct text intake_id,
                           struct intake_instrument *instrument, struct error *error);
bool intake_instrument_list(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct intake_instrument **out, size_t *count,
                            struct error *error);

struct intake_level {
  struct text id, suggested, chosen; /* levels-of-care.csv; suggested "": the table gave none */
  const struct value *facts;         /* {"facts": {…}}, as care_read() takes it, or NULL */
  struct text reason;                /* asked for when chosen is not what the table suggests */
  struct text account_id;
  int64_t at;
};
/* (intake, write): a clinician decides. Sets suggested, id, at. The stay's own level is another
 * act (episode_change_level). */
bool intake_level_decide(struct store_transaction *transaction, const struct intakes *intakes,
                         const struct access *access, struct arena *arena, struct text intake_id,
                         struct intake_level *level, struct error *error);
/* The newest first. */
bool intake_level_list(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text intake_id, struct intake_level **out,
                       size_t *count, struct error *error);

/* --- Medicines (intake_medicine.c) ----------------------------------------------------------- */

struct medicine_count {
  struct text id, intake_id, person_id;
  struct text medicine; /* name, strength, form, as written on it */
  int64_t first, second;
  struct text first_by, second_by; /* accounts; second_by "": not yet */
  struct text explanation;         /* why they differ */
  struct text belonging_id;
  int64_t first_at, second_at, version;
};
/* (intake, write): `count` has medicine and first; with an id and version, it is counted anew. */
bool medicine_count_first(struct store_transaction *transaction, const struct intakes *intakes,
                          const struct access *access, struct arena *arena, struct text intake_id,
                          struct medicine_count *count, struct error *error);
/* Somebody else counts, who was not told the first number. When the two differ it is refused until
 * `explanation` says why. The medicine is then a belonging, of the second number. */
bool medicine_count_second(struct store_transaction *transaction, const struct intakes *intakes,
                           const struct access *access, struct arena *arena, struct text id,
                           int64_t second, struct text explanation, int64_t version,
                           struct error *error);
bool medicine_count_list(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text intake_id, struct medicine_count **out,
                         size_t *count, struct error *error);

#endif
