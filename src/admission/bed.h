/*
 * bed: rooms and beds, what knowledge/ says about them, and who may act on them.
 *
 * Beds are made and changed with (site, write), as units are. What happens to a bed is a use
 * (bed_use.h) with (bed-board, write); reading the board is (bed-board, read). A scope below the
 * program reaches the beds of the actor's own site alone.
 * Threads: struct beds is immutable after bed_pass_to(); any thread may use it.
 */
#ifndef FAIRLEAD_ADMISSION_BED_H
#define FAIRLEAD_ADMISSION_BED_H

#include "care/care.h"

/* In the order of the table in beds.c, which names the files. */
enum bed_list {
  BED_HOLD_KINDS,     /* hold-kinds.csv: code, minutes, extend_minutes, planned */
  BED_USE_KINDS,      /* bed-use-kinds.csv */
  BED_ENDINGS,        /* bed-endings.csv: code, cleans, passes */
  BED_REASONS,        /* bed-reasons.csv: code, acts */
  BED_POLICIES,       /* bed-policies.csv: code, groups, same_room */
  BED_GROUPS,         /* placement-groups.csv: code, sexes, identities */
  AVAILABILITY_DECAY, /* availability-decay.csv: code, hours */
  AVAILABILITY_SOURCES,
  BED_LISTS
};

struct beds; /* the lists; care behind them */

/* Load the lists from share/knowledge; every code must have words in the catalog. Borrows care,
 * which from now on ends the use of a bed with the stay (care_on_episode_end). */
bool beds_open(struct beds **out, const char *share_folder, struct care *care, struct error *error);
void beds_close(struct beds *beds);
/* The clocks of this part: holds that expire, counts that change with time alone. `beds` must
 * outlive the registry. */
void beds_register_due(struct beds *beds, struct due_registry *registry);

size_t bed_code_count(const struct beds *beds, enum bed_list list);
struct text bed_code(const struct beds *beds, enum bed_list list, size_t index);
bool bed_code_find(const struct beds *beds, enum bed_list list, struct text code, size_t *index);
struct text bed_code_cell(const struct beds *beds, enum bed_list list, size_t index,
                          const char *column);
/* Is it a code whose cell, a list of words, holds the word? */
bool bed_code_says(const struct beds *beds, enum bed_list list, struct text code,
                   const char *column, struct text word);
struct text bed_code_label(const struct beds *beds, enum bed_list list, struct text code,
                           size_t language);
/* The placement group of a person by what they said of their gender, else by the sex on record;
 * "" when neither says. */
struct text bed_group_of(const struct beds *beds, struct text sex, struct text gender_identity);

/* --- Rooms --------------------------------------------------------------------------------- */

struct room {
  struct text id, unit_id, name;
  int64_t closed_at, version;
};
/* (site, write). create sets the id; the unit must be the program's. */
bool room_create(struct store_transaction *transaction, const struct beds *beds,
                 const struct access *access, struct arena *arena, struct room *room,
                 struct error *error);
bool room_save(struct store_transaction *transaction, const struct beds *beds,
               const struct access *access, struct room *room, struct error *error);
/* (bed-board, read) or (site, read); of one unit, or all (""). At most LIMIT_BEDS. */
bool room_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct text unit_id, struct room **out, size_t *count,
               struct error *error);

/* --- Beds ---------------------------------------------------------------------------------- */

struct bed {
  struct text id, unit_id;
  struct text room_id; /* or "" */
  struct text name, level_of_care;
  struct text policy;    /* bed-policies.csv */
  struct text funding;   /* codes of what may pay for it, separated by spaces; "": any */
  struct text medicines; /* values of the fact opioid-medicine that a person may keep here */
  bool licensed, staffed, accessible, accepts_child, isolation;
  int64_t closed_at, version;
};
void bed_check(const struct beds *beds, const struct bed *bed, struct field_problems *problems);
/* (site, write). create sets the id. Refused: a name that another open bed of the room has
 * ("error.admission.bed.name"). */
bool bed_create(struct store_transaction *transaction, const struct beds *beds,
                const struct access *access, struct arena *arena, struct bed *bed,
                struct error *error);
/* Refused besides: to close a bed, or move it to another unit, while it has a use that is not over
 * ("error.admission.bed.in-use"). */
bool bed_save(struct store_transaction *transaction, const struct beds *beds,
              const struct access *access, struct arena *arena, struct bed *bed,
              struct error *error);
/* (bed-board, read|write) or (site, read|write). */
bool bed_load(struct store_transaction *transaction, const struct access *access,
              struct arena *arena, struct text id, struct bed *out, struct error *error);
/* The same for all beds, or those of one unit; closed ones, too; by unit, room and name. At most
 * LIMIT_BEDS. */
bool bed_list(struct store_transaction *transaction, const struct access *access,
              struct arena *arena, struct text unit_id, struct bed **out, size_t *count,
              struct error *error);

/* How long cleaning takes in a unit: its own setting, else the program's. (site, write) to set;
 * version 0: not set before. */
bool bed_unit_cleaning(struct store_transaction *transaction, const struct beds *beds,
                       struct text program_id, struct text unit_id, int64_t *minutes,
                       int64_t *version, struct error *error);
bool bed_unit_save(struct store_transaction *transaction, const struct beds *beds,
                   const struct access *access, struct text unit_id, int64_t minutes,
                   int64_t version, struct error *error);

#endif
