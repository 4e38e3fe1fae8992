/*
 * board_load: the board's values from the store: units, rooms, beds and the uses that touch a span
 * of time. What is computed from them is board.h's.
 */
#ifndef FAIRLEAD_ADMISSION_BOARD_LOAD_H
#define FAIRLEAD_ADMISSION_BOARD_LOAD_H

#include "admission/bed.h"
#include "admission/board.h"

struct board_query {
  struct text site_id; /* "": all that the access reaches */
  struct text unit_id; /* "": all */
  int64_t from, until; /* uses that touch it; until BOARD_OPEN: all that is to come */
};
/* (bed-board, read), narrowed to the access's scope; at most LIMIT_BEDS beds and
 * LIMIT_BOARD_USES uses, more is ERROR_TOO_LARGE. In the arena. */
bool board_load(struct store_transaction *transaction, const struct beds *beds,
                const struct access *access, struct arena *arena, const struct board_query *query,
                struct board *out, struct error *error);
/* A word that differs when the board of a program has changed, by an act or by time alone: a hold
 * or cleaning that ended. It names nothing. Asks nobody. */
bool board_revision(struct store_transaction *transaction, struct arena *arena,
                    struct text program_id, int64_t now, struct text *out, struct error *error);
/* The window in which an expected arrival counts (microseconds), as the program sets it. */
bool board_window(struct store_transaction *transaction, const struct beds *beds,
                  struct text program_id, int64_t *out, struct error *error);

#endif
