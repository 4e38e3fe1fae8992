/*
 * bed_use: what happens to a bed, on one exclusive timeline: holds, stays, leaves, cleaning,
 * blocks. The database itself refuses two uses of a bed, or of a person, that overlap.
 *
 *   hold ─▶ occupied ⇄ leave ─▶ (stay ends, transfer, unassign) ─▶ cleaning ─▶ free
 *     └─▶ released or expired: passed to the next person (bed_pass_to)        blocked ─▶ free
 *
 * Doors ask for (bed-board, write), opened for the person when the use is a person's. Each writes
 * its line in the audit and brings what is published (availability.h) up to date, in the same
 * transaction. Refusals: ERROR_CONFLICT with "error.admission.clash.<kind>" when another use stands
 * there (bed_clash_find() tells which and until when, never who), "error.admission.taken" when
 * somebody was faster in this very moment, "error.care.stale" for a stale version.
 * Times are microseconds UTC; nobody acts in the future, but for plans.
 */
#ifndef FAIRLEAD_ADMISSION_BED_USE_H
#define FAIRLEAD_ADMISSION_BED_USE_H

#include "admission/bed.h"
#include "admission/board.h"

struct bed_use {
  struct text id, bed_id;
  enum bed_kind kind;
  int64_t start_at;
  int64_t end_at;     /* 0: it goes on */
  int64_t until_at;   /* end_at, else a hold's expires_at, else BOARD_OPEN */
  int64_t expires_at; /* of a hold */
  int64_t expected_at;
  struct text hold_kind, extend_reason;
  int64_t extended_at; /* 0: not extended */
  struct text episode_id, request_id, person_id;
  struct text placed_as, after_id;
  struct text reason, words; /* words: opened; "" for who may not, and once erased */
  struct text end_reason, release_reason;
  struct text account_id, ended_account_id;
  int64_t made_at, changed_at;
  struct text corrects_id, error_reason, error_account_id;
  int64_t error_at; /* 0: it stands */
  int64_t version;
};
/* (bed-board, read|write), of a person with an access for that person. */
bool bed_use_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct bed_use *out, struct error *error);
/* Uses of a bed that touch [from, until), by time; with_error: those entered in error, too. Without
 * words. (bed-board, read) */
bool bed_use_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text bed_id, int64_t from, int64_t until,
                  bool with_error, struct bed_use **out, size_t *count, struct error *error);
/* The use that a stay has now: hold, occupied or leave; `*found` false: none. (bed-board,
 * read|write) or (episode, read|write) */
bool bed_use_of_stay(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text episode_id, struct bed_use *out, bool *found,
                     struct error *error);
/* The same by the request for which the bed is held. */
bool bed_use_of_request(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text request_id, struct bed_use *out,
                        bool *found, struct error *error);

/* What stands in the way of a use of the bed in [from, until): its kind, since and until when, who
 * wrote it. Nobody in care is named. */
struct bed_clash {
  enum bed_kind kind;
  struct text hold_kind, reason, account_id;
  int64_t start_at, until_at; /* BOARD_OPEN: nobody knows */
};
/* (bed-board, read|write) */
bool bed_clash_find(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text bed_id, int64_t from, int64_t until,
                    struct text except_id, struct bed_clash *out, bool *found, struct error *error);

/* --- Holds (hold.c) ------------------------------------------------------------------------ */

struct bed_hold {
  struct text bed_id;
  struct text kind;                   /* hold-kinds.csv: how long */
  struct text episode_id, request_id; /* one of them, or both */
  struct text person_id;              /* "" when only the request knows */
  struct text placed_as;              /* placement-groups.csv, or "" */
  struct text words;                  /* sealed; or "" */
  int64_t start_at;                   /* 0: now; later: an expected arrival */
  int64_t expected_at;                /* asked for by a kind that is planned */
  struct text id;                     /* set */
  int64_t expires_at;                 /* set */
};
/* Refused besides: a bed that is closed, unlicensed, unstaffed; a unit whose cap is reached
 * ("error.admission.unit.full"); a person who has a bed or hold; a stay that ended. */
bool bed_hold_place(struct store_transaction *transaction, const struct beds *beds,
                    const struct access *access, struct arena *arena, struct bed_hold *hold,
                    struct error *error);
/* Longer, once, by what the kind says; `reason` of bed-reasons.csv for "extend". Refused when it is
 * over ("error.admission.hold.over") or was extended ("error.admission.hold.extended"). */
bool bed_hold_extend(struct store_transaction *transaction, const struct beds *beds,
                     const struct access *access, struct arena *arena, struct text id,
                     struct text reason, int64_t version, struct error *error);
/* Give it back; `reason` for "release". The next person hears of it. */
bool bed_hold_release(struct store_transaction *transaction, const struct beds *beds,
                      const struct access *access, struct arena *arena, struct text id,
                      struct text reason, int64_t version, struct error *error);
/* A request was taken out of a record: the bed that is held for it is held for no record, and what
 * was said of it is sealed under the program. Within (request, write) of that request. */
bool bed_hold_unname(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text request_id, struct error *error);

/* A bed that a person no longer needs, told in the transaction that freed it. */
struct bed_pass {
  struct text program_id, site_id, unit_id, bed_id, level_of_care;
  struct text use_id, request_id, episode_id; /* whose it was */
  struct text end_reason;                     /* bed-endings.csv */
  int64_t free_at;                            /* after cleaning */
};
/* Who passes it on: registered by the waitlist's side, run in the transaction of the act or of the
 * clock, with an access of the system's own for (bed-board, write), unless somebody has taken the
 * bed meanwhile. It may place a hold for the next person with bed_hold_place(), from free_at on. It
 * answers true when there is nobody, or nobody whom the bed fits; false rolls back the act, and a
 * clock tries again later. */
typedef bool bed_pass_function(struct store_transaction *transaction, void *context,
                               const struct access *access, const struct bed_pass *pass,
                               struct error *error);
/* Before the first act. */
void bed_pass_to(struct beds *beds, bed_pass_function *function, void *context);
/* Who is told, in the transaction of each act, that places were taken or left: as bed_pass_to(). */
typedef bool bed_taken_function(struct store_transaction *transaction, void *context,
                                const struct access *access, struct arena *arena,
                                struct error *error);
void bed_taken_to(struct beds *beds, bed_taken_function *function, void *context);

/* --- Stays (bed_stay.c) -------------------------------------------------------------------- */

/* Whose stay it is, so that an access can be opened for them; asks nobody and says no more.
 * ERROR_NOT_FOUND "error.care.episode" when there is none. */
bool bed_stay_person(struct store_transaction *transaction, struct arena *arena,
                     struct text program_id, struct text episode_id, struct text *person_id,
                     struct error *error);

/* What both accesses are for: `board` (bed-board, write), `stay` (episode, write), for one person.
 */
struct bed_stay_access {
  const struct access *board, *stay;
};
struct bed_arrival {
  struct text episode_id;
  struct text hold_id; /* the hold that becomes the stay, with its version; or "" */
  int64_t hold_version;
  struct text bed_id; /* without a hold: which bed */
  struct text placed_as;
  int64_t at;         /* when they came, not in the future */
  struct text use_id; /* set */
};
/* The person comes: the stay becomes active when it was planned or waited, moves to the bed's site
 * and unit, and the bed is theirs. With neither hold nor bed they are admitted without a bed. A
 * stay that is active already is given the bed. Refused: a stay that ended
 * ("error.admission.stay.ended"), one with a bed ("error.admission.stay.has-bed"), a hold for
 * somebody else ("error.admission.hold.other"). */
bool bed_arrive(struct store_transaction *transaction, const struct beds *beds,
                const struct bed_stay_access *access, struct arena *arena,
                struct bed_arrival *arrival, struct error *error);
/* Away from the bed, and the stay goes on; `reason` for "unassign". */
bool bed_unassign(struct store_transaction *transaction, const struct beds *beds,
                  const struct access *access, struct arena *arena, struct text use_id,
                  struct text reason, int64_t at, int64_t version, struct error *error);
/* On leave, the bed kept; expected back at `expected_at` (0: not said); and back. */
bool bed_leave(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct arena *arena, struct text use_id,
               struct text reason, int64_t at, int64_t expected_at, int64_t version,
               struct text *new_id, struct error *error);
bool bed_return(struct store_transaction *transaction, const struct beds *beds,
                const struct access *access, struct arena *arena, struct text use_id, int64_t at,
                int64_t version, struct text *new_id, struct error *error);
struct bed_move {
  struct text use_id; /* what the person has now */
  int64_t version;
  struct text to_bed_id, reason, placed_as;
  int64_t at;
  struct text new_id; /* set */
};
/* To another bed, at one moment; the stay follows to the bed's unit and site. */
bool bed_transfer(struct store_transaction *transaction, const struct beds *beds,
                  const struct bed_stay_access *access, struct arena *arena, struct bed_move *move,
                  struct error *error);
/* End the stay (episode_change_status) and its use of a bed, in this transaction; cleaning begins.
 * With `access` (episode, write). Ending it by care's own door does the same. */
bool bed_discharge(struct store_transaction *transaction, const struct beds *beds,
                   const struct access *access, struct arena *arena, struct text episode_id,
                   const struct episode_change *change, int64_t version, struct error *error);
/* Plan the day of the end (YYYY-MM-DD, the program's zone), or take the plan back (""): a dated
 * fact, for the forecast. (fact, write) for the person. */
bool bed_plan_end(struct store_transaction *transaction, const struct beds *beds,
                  const struct access *access, struct arena *arena, struct text episode_id,
                  struct text date, struct error *error);

/* A stay that goes on and has no bed, though its site has beds of its level. */
struct bedless {
  struct text episode_id, person_id, site_id, unit_id, level_of_care;
  int64_t since_at;
};
/* (bed-board, read), the longest first. */
bool bedless_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct bedless **out, size_t *count, struct error *error);

/* --- The bed itself (bed_upkeep.c) ----------------------------------------------------------- */

/* Not to be used from `at` until `until` (0: until somebody says); `reason` for "block". */
bool bed_block(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct arena *arena, struct text bed_id,
               struct text reason, struct text words, int64_t at, int64_t until, struct text *id,
               struct error *error);
/* It can be used again; also: cleaning is done. */
bool bed_ready(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct arena *arena, struct text use_id, int64_t at,
               int64_t version, struct error *error);

struct bed_correction {
  struct text use_id;
  int64_t version;
  struct text reason;       /* correction-reasons.csv */
  bool without_other;       /* it did not happen: nothing stands instead */
  struct text bed_id;       /* what is true instead */
  int64_t start_at, end_at; /* end_at 0: it goes on */
  struct text new_id;       /* set */
};
/* What was entered was wrong: the row is kept and marked, another stands for it. Refused: one that
 * overlaps another use; a hold (it is released instead). */
bool bed_use_correct(struct store_transaction *transaction, const struct beds *beds,
                     const struct access *access, struct arena *arena,
                     struct bed_correction *correction, struct error *error);

#endif
