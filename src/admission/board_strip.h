/*
 * board_strip: one bed's line through a span of time, cut into slots that a page can show side by
 * side. Pure, as board.h is; any thread.
 *
 * A slot is what takes it: a use before nothing, the longer one of two. So nothing that is in use
 * for a moment looks free, and a slot says less than the timeline does. Behind a planned end comes
 * what is planned: cleaning, then free.
 */
#ifndef FAIRLEAD_ADMISSION_BOARD_STRIP_H
#define FAIRLEAD_ADMISSION_BOARD_STRIP_H

#include "admission/board.h"

/* Slots that stand together because they are the same. */
struct board_run {
  enum bed_state state;
  const struct board_use *use; /* or NULL */
  size_t slots;
  bool is_planned; /* by a plan: the person's going, and what follows it */
};
/* Uses [from, to) of the board are those of the bed; slot i is [edges[i], edges[i + 1]). Plans are
 * believed as the moment says. Writes at most `slots` runs and answers how many. */
size_t board_strip(const struct board *board, size_t bed, size_t from, size_t to,
                   const struct board_moment *moment, const int64_t *edges, size_t slots,
                   struct board_run *out);

#endif
