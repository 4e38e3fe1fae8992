/*
 * Board_strip: see board_strip.h.
 */
#include "admission/board_strip.h"

/* A part of a use's time: the use itself, or the cleaning that is planned behind it. */
struct part {
  int64_t from, until;
  struct board_run run;
};

static int64_t overlap(int64_t from, int64_t until, int64_t a, int64_t b)
{
  int64_t begin = from > a ? from : a, end = until < b ? until : b;
  return end > begin ? end - begin : 0;
}

/* What a use is in time; answers how many parts: one, or two when its end is planned. */
static size_t parts_of(const struct board *board, const struct board_use *use,
                       const struct board_moment *moment, struct part out[2])
{
  int64_t cleaning = board->units[board->beds[use->bed].unit].cleaning;
  struct board_run run = {.state = (enum bed_state)(use->kind + 1), .use = use, .slots = 1};
  bool is_planned = moment->planned && use->until_at == BOARD_OPEN &&
                    use->planned_end_at > moment->now && use->planned_end_at > use->start_at;
  out[0] = (struct part){use->start_at, is_planned ? use->planned_end_at : use->until_at, run};
  if (!is_planned || cleaning == 0) return 1;
  run.state = BED_STATE_CLEANING;
  run.is_planned = true;
  out[1] = (struct part){use->planned_end_at, use->planned_end_at + cleaning, run};
  return 2;
}

/* Is the bed free at this slot only because somebody is planned to have gone? */
static bool is_free_by_plan(const struct board *board, size_t from, size_t to,
                            const struct board_moment *moment, int64_t at)
{
  for (size_t i = from; i < to; i++) {
    const struct board_use *use = &board->uses[i];
    if (moment->planned && use->until_at == BOARD_OPEN && use->planned_end_at > moment->now &&
        use->planned_end_at <= at)
      return true;
  }
  return false;
}

static struct board_run slot_of(const struct board *board, size_t bed, size_t from, size_t to,
                                const struct board_moment *moment, int64_t begin, int64_t end)
{
  const struct board_bed *it = &board->beds[bed];
  int64_t closed_at = it->closed_at ? it->closed_at : board->units[it->unit].closed_at;
  struct board_run best = {.state = BED_STATE_FREE, .slots = 1};
  int64_t longest = 0;
  for (size_t i = from; i < to; i++) {
    struct part parts[2];
    size_t count = parts_of(board, &board->uses[i], moment, parts);
    for (size_t at = 0; at < count; at++) {
      int64_t length = overlap(parts[at].from, parts[at].until, begin, end);
      if (length <= longest) continue;
      longest = length;
      best = parts[at].run;
    }
  }
  if (longest) return best;
  if (closed_at && closed_at < end) best.state = BED_STATE_CLOSED;
  else best.is_planned = is_free_by_plan(board, from, to, moment, begin);
  return best;
}

size_t board_strip(const struct board *board, size_t bed, size_t from, size_t to,
                   const struct board_moment *moment, const int64_t *edges, size_t slots,
                   struct board_run *out)
{
  size_t count = 0;
  for (size_t i = 0; i < slots; i++) {
    struct board_run slot = slot_of(board, bed, from, to, moment, edges[i], edges[i + 1]);
    struct board_run *last = count ? &out[count - 1] : NULL;
    if (last && last->state == slot.state && last->use == slot.use &&
        last->is_planned == slot.is_planned)
      last->slots++;
    else out[count++] = slot;
  }
  return count;
}
