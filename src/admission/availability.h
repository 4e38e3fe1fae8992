/*
 * availability: what the finder says of free places, by facility and level of care. Nobody types a
 * count: it is derived in the transaction of each act, from the bed board ('census') and from what
 * is taken of slots ('slots'), or, for a program without this software, told by one tap on a signed
 * link ('tap'), by a checked claim or a file.
 *
 * Each row says as of when; it fades by availability-decay.csv: now, today, call first, hidden. The
 * public sees yes, likely or no; counts are for partners. The rows name nobody.
 * Threads: any; a transaction belongs to its thread.
 */
#ifndef FAIRLEAD_ADMISSION_AVAILABILITY_H
#define FAIRLEAD_ADMISSION_AVAILABILITY_H

#include "admission/bed.h"
#include "directory/overlay.h"

struct availability {
  struct text program_id;  /* "": told by a program without this software */
  struct text site_id;     /* the facility's id then */
  struct text facility_id; /* in the directory, or "" */
  struct text level_of_care;
  struct text place_kind; /* bed, slot; "" where it was told */
  struct text source;     /* availability-sources.csv */
  struct text answer;     /* yes: a place may be offered now; likely: by plan within a day; no */
  int64_t places;         /* of the level; 0 where it was told */
  int64_t offerable;      /* now */
  int64_t expected;       /* a day from now, by plan */
  int64_t as_of;          /* when somebody last saw that it is so */
  int64_t changed_at;     /* when the row last changed */
};

/* Bring a site's rows up to date from the board and set the clock for the next change that time
 * alone brings. `is_seen`: by an act of staff, so that it is as of now. In the transaction of the
 * act. */
bool availability_derive(struct store_transaction *transaction, const struct beds *beds,
                         struct arena *arena, struct text program_id, struct text site_id,
                         int64_t now, bool is_seen, struct error *error);
/* Somebody looked at the board, and it is right: as of now. (bed-board, write) */
bool availability_confirm(struct store_transaction *transaction, const struct beds *beds,
                          const struct access *access, struct arena *arena, struct text site_id,
                          struct error *error);
/* The same for the slots of a site, by level: yes while a place of one is free. Time alone changes
 * nothing, so that no clock is set. In the transaction of the act. */
bool availability_derive_slots(struct store_transaction *transaction, struct text program_id,
                               struct text site_id, int64_t now, bool is_seen, struct error *error);
/* Somebody looked at the slots, and they are right: as of now. (request, write) as a list; a site
 * that the access does not reach is refused. */
bool availability_confirm_slots(struct store_transaction *transaction, const struct access *access,
                                struct text site_id, struct error *error);

/* Rows that changed at `since` or later, by that time; at most `limit`; 0: all there are. A
 * facility that was merged into another answers as that one. */
bool availability_read(struct store_transaction *transaction, struct arena *arena, int64_t since,
                       size_t limit, struct availability **out, size_t *count, struct error *error);
/* Rows of one facility, by its own id. */
bool availability_of_facility(struct store_transaction *transaction, struct arena *arena,
                              struct text facility_id, struct availability **out, size_t *count,
                              struct error *error);
/* How a row stands at `now`: a code of availability-decay.csv, or "" past the last: hidden. */
struct text availability_age(const struct beds *beds, int64_t as_of, int64_t now);

/* What the public sees of a facility's level. */
struct availability_shown {
  struct text facility_id, level_of_care, answer, source;
  struct text age; /* availability-decay.csv */
  int64_t as_of;
  bool is_counted; /* here, and lately enough that what is told changes nothing */
};
/*
 * What of these rows the public sees at `now`, by facility and level, and when time alone changes
 * that (`next_at`, INT64_MAX: never). What is counted here (beds, slots) goes before what was told,
 * while it is of an age that availability-decay.csv says goes before; then the newer of the two
 * does (docs/decisions/014). Of several that are counted the best answer does, then the newest, and
 * of several that were told alike. Hidden are rows that are too old, of no facility, and levels
 * that have no places any more. Pure; the texts are the rows'.
 */
void availability_show(const struct beds *beds, const struct availability *rows, size_t count,
                       struct arena *arena, int64_t now, struct availability_shown **out,
                       size_t *shown, int64_t *next_at);

/* The same as an overlay for the finder; NULL when nothing is said. */
struct overlay *availability_overlay(const struct beds *beds, const struct availability *rows,
                                     size_t count, int64_t now, int64_t *next_at);

/* What is said of one level, in words of a language: wherever the public reads it. */
struct availability_words {
  struct text text;  /* "Has an opening now" */
  struct text level; /* of care */
  struct text ago;   /* "12 minutes ago": with no zone, so that it is right wherever one reads it */
  struct text source; /* "From the bed board" */
  bool is_free;       /* there is an opening, and one can act on it */
  bool is_old;        /* it only was so: call first */
};
void availability_say(const struct beds *beds, struct arena *arena, size_t language,
                      const struct overlay_place *place, int64_t now,
                      struct availability_words *out);
/* A facility's places, the best answer first; what is old behind. They live in the arena. */
const struct overlay_place **
availability_best_first(struct arena *arena, const struct overlay_place *places, size_t count);

/* --- Programs without this software -------------------------------------------------------------
 */

/* What a link is for. */
struct availability_link {
  struct text facility_id, level_of_care;
  int64_t issued; /* set by availability_link_read() */
  struct text id; /* its row; "": of the time before links had one */
};
/* A signed link's token for one facility and level, for so many seconds; it does nothing else. */
struct text availability_link_write(struct arena *arena, const struct seal_key *key,
                                    const struct availability_link *link, int64_t now,
                                    int64_t seconds);

/* A link as it is kept: for whom, until when, never its token. */
struct availability_link_row {
  struct text id, program_id; /* "": the installation's, or the command line's */
  struct text facility_id, level_of_care, for_whom;
  int64_t made_at, until_at, ended_at, tapped_at; /* 0: not taken back; never */
};
/* Make a link for so many days: keeps its row and gives its token, which is told once. Sets id,
 * made_at, until_at. Asks nobody: the command line's. */
bool availability_link_add(struct store_transaction *transaction, const struct beds *beds,
                           struct arena *arena, const struct seal_key *key,
                           struct availability_link_row *link, int64_t days, int64_t now,
                           struct text account_id, struct text *token, struct error *error);
/* The same by an administrator, (program, write): of a program for its own open sites that are
 * joined with a facility, of the installation for any. Refuses error.availability.place, …for,
 * …days. */
bool availability_link_make(struct store_transaction *transaction, const struct beds *beds,
                            const struct access *access, struct arena *arena,
                            const struct seal_key *key, struct availability_link_row *link,
                            int64_t days, struct text *token, struct error *error);
/* Another link for the same, and this one is taken back. A link that was taken back is refused:
 * error.availability.over; one that is too old is not. (program, write) */
bool availability_link_renew(struct store_transaction *transaction, const struct beds *beds,
                             const struct access *access, struct arena *arena,
                             const struct seal_key *key, struct text id, int64_t days,
                             struct text *token, struct error *error);
/* Take back one link; twice is fine. (program, write) */
bool availability_link_take_back(struct store_transaction *transaction, const struct access *access,
                                 struct arena *arena, struct text id, struct error *error);
/* Links the newest first, those of one program, or of all for the installation; past `before` (""
 * from the newest on) at most `limit`. Without `is_all` those that open. (program, write) */
bool availability_link_list(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, bool is_all, struct text before, size_t limit,
                            struct availability_link_row **out, size_t *count, struct error *error);
/* Refuses as seal_read() does; `out` lives in the arena. */
bool availability_link_read(struct arena *arena, const struct seal_key *key, struct text token,
                            int64_t now, struct availability_link *out, struct error *error);
/* Was it not taken back? */
bool availability_link_holds(struct store_transaction *transaction,
                             const struct availability_link *link, bool *out, struct error *error);
/* Take back every link of a facility that was made until now. */
bool availability_link_end(struct store_transaction *transaction, struct text facility_id,
                           int64_t now, struct error *error);
/* The tap: yes, likely or no, as of now. The same answer again confirms it. Refuses a link that was
 * taken back as it refuses one that is too old. */
bool availability_tap(struct store_transaction *transaction, const struct beds *beds,
                      struct arena *arena, const struct seal_key *key, struct text token,
                      struct text answer, int64_t now, struct error *error);
/* What a checked claim or a file says, as of when it says; an older word than the one that stands
 * changes nothing. Refused: source "census". */
bool availability_put(struct store_transaction *transaction, const struct beds *beds,
                      const struct availability_link *link, struct text source, struct text answer,
                      int64_t as_of, int64_t now, struct error *error);

#endif
