/*
 * bed_private: what the files about beds share. For src/admission alone.
 */
#ifndef FAIRLEAD_ADMISSION_BED_PRIVATE_H
#define FAIRLEAD_ADMISSION_BED_PRIVATE_H

#include "admission/availability.h"
#include "admission/bed_use.h"
#include "admission/board_load.h"

struct beds {
  struct arena *arena;
  struct care *care; /* borrowed */
  struct table tables[BED_LISTS];
  bed_pass_function *pass; /* NULL: nobody waits */
  void *pass_context;
  bed_taken_function *taken; /* NULL: nobody counts */
  void *taken_context;
};

/* --- Access (bed_row.c) -------------------------------------------------------------------- */

/* Was it opened for this, does it reach the site, and (unless "") the person or one merged? */
bool bed_may(struct store_transaction *transaction, const struct access *access, const char *object,
             const char *act, struct text site_id, struct text person_id, struct error *error);
/* The same for reading or writing. */
bool bed_may_any(struct store_transaction *transaction, const struct access *access,
                 struct text site_id, struct text person_id, struct error *error);
/* The site that lists are narrowed to, "" for all. */
struct text bed_scope_site(const struct access *access);

/* --- Rows (bed_row.c) ---------------------------------------------------------------------- */

struct text bed_new_id(struct arena *arena, int64_t now);
struct text bed_column(struct arena *arena, const struct store_cursor *cursor, int column);
/* Is there a row? After a store_query() that answered `is_asked`; closes the cursor. */
bool bed_any(bool is_asked, struct store_cursor **cursor, bool *out, struct error *error);
/* A save that changed no row: stale, or not there. */
bool bed_saved(int64_t changed, struct error *error);
bool bed_refuse(struct error *error, const char *key, const char *what);
bool bed_conflict(struct error *error, const char *key, const char *what);
/* A reason that bed-reasons.csv has for the act. */
bool bed_check_reason(const struct beds *beds, struct text reason, const char *act,
                      struct error *error);
/* Not in the future, not before `earliest`. */
bool bed_check_time(const struct access *access, int64_t at, int64_t earliest, struct error *error);

/* A bed with what its unit says. */
struct bed_spot {
  struct bed bed;
  struct text site_id;
  int64_t unit_licensed, unit_staffed, unit_closed_at;
};
/* ERROR_NOT_FOUND "error.admission.bed". Asks nobody. */
bool bed_spot_load(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text bed_id, struct bed_spot *out,
                   struct error *error);

/* A stay as this room sees it. ERROR_NOT_FOUND "error.care.episode". Asks nobody. */
struct bed_episode {
  struct text id, person_id, status, site_id, unit_id, level_of_care;
  int64_t begun_at, ended_at, version;
};
bool bed_episode_load(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text id, struct bed_episode *out,
                      struct error *error);

/* --- Uses (bed_use.c) ---------------------------------------------------------------------- */

/* A row, sealed words and all, without asking. ERROR_NOT_FOUND "error.admission.use". */
bool bed_use_row(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct bed_use *out, struct error *error);
/* The row, of this version, with its bed; asks for (bed-board, write); refused when it is over
 * ("error.admission.use.over") or marked. */
bool bed_use_take(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, int64_t version, struct bed_use *use,
                  struct bed_spot *spot, struct error *error);
/* What a stay has, without asking. */
bool bed_use_open(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text episode_id, struct bed_use *out, bool *found,
                  struct error *error);
/* Write a new use, whatever its kind: refused where a use stands (clash), where the person has one,
 * and, for a person's use, where the bed may not be offered or the unit's cap is reached. Sets id
 * and until_at; audited. */
bool bed_use_begin(struct store_transaction *transaction, const struct beds *beds,
                   const struct access *access, struct arena *arena, const struct bed_spot *spot,
                   struct bed_use *use, struct error *error);
/* End it at `at` for a reason of bed-endings.csv: its clock goes, cleaning begins when that reason
 * says so (`*free_at`: behind it). Audited. */
bool bed_use_end(struct store_transaction *transaction, const struct beds *beds,
                 const struct access *access, struct arena *arena, const struct bed_spot *spot,
                 const struct bed_use *use, int64_t at, const char *end_reason,
                 struct text release_reason, int64_t *free_at, struct error *error);
/* After the last change of an act: what is published, and who is told when a bed came free (`ended`
 * may be NULL). */
bool bed_changed(struct store_transaction *transaction, const struct beds *beds,
                 const struct access *access, struct arena *arena, const struct bed_spot *spot,
                 const struct bed_use *ended, const char *end_reason, int64_t free_at,
                 struct error *error);
bool bed_audit(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, const struct bed_use *use, const char *state,
               struct text reason, struct error *error);

/* board_load() without asking, for counts that name nobody. */
bool board_load_rows(struct store_transaction *transaction, const struct beds *beds,
                     struct text program_id, struct arena *arena, const struct board_query *query,
                     struct board *out, struct error *error);

/* --- Handlers ------------------------------------------------------------------------------ */

bool hold_rings(struct store_transaction *transaction, void *context, const struct due_item *item,
                int64_t now, struct error *error);
bool availability_rings(struct store_transaction *transaction, void *context,
                        const struct due_item *item, int64_t now, struct error *error);
/* care_on_episode_end */
bool bed_ends_with_stay(struct store_transaction *transaction, void *context,
                        const struct access *access, struct arena *arena,
                        const struct episode *episode, struct error *error);
/* An access of the system's own, audited, for a clock of a program. `actor` lives as long. */
bool bed_system_access(struct store_transaction *transaction, const struct beds *beds,
                       struct actor *actor, struct text object_id, int64_t now, struct access *out,
                       struct error *error);

#endif
