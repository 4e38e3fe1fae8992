/*
 * Board_rows: which beds one page of the board shows, and the way to the others. A board has as
 * many pages as its beds need; each is complete by itself. See board_page.h.
 */
#include "web/desk/board_page.h"

static bool is_left(const struct board_page *page, size_t bed)
{
  const struct board_bed *it = &page->board.beds[bed];
  const struct board_place *place = &page->places[bed];
  if (page->level.length && !text_equal(it->level_of_care, page->level)) return false;
  if (page->only_free && place->why) return false;
  return place->state != BED_STATE_CLOSED;
}

/* The page that is asked for; past the end the last one. */
static size_t number_of(const struct web_request *request, size_t count)
{
  size_t most = (count + LIMIT_BOARD_ROWS - 1) / LIMIT_BOARD_ROWS;
  int64_t number;
  if (!text_read_integer(web_parameter_get(request, "page"), &number) || number < 1) number = 1;
  if (most == 0) most = 1;
  return (uint64_t)number > most ? most : (size_t)number;
}

void board_rows_choose(struct board_page *page)
{
  const struct board *board = &page->board;
  bool is_search = page->request_id.length || page->stay_id.length;
  size_t count = 0, at = 0;
  page->rows = arena_allocate_array(page->request->arena, board->bed_count + 1, sizeof *page->rows);
  for (size_t i = 0; i < board->bed_count; i++)
    if (is_left(page, i)) count++;
  page->row_count = count;
  page->number = number_of(page->request, is_search ? board->bed_count : count);
  page->row_from = (page->number - 1) * LIMIT_BOARD_ROWS;
  page->row_until = page->row_from + LIMIT_BOARD_ROWS;
  if (page->row_until > count) page->row_until = count;
  for (size_t i = 0; i < board->bed_count && !is_search; i++)
    if (is_left(page, i)) {
      page->rows[i] = at >= page->row_from && at < page->row_until;
      at++;
    }
}

static struct text query_of(const struct board_page *page, size_t number)
{
  struct board_page other = *page;
  other.number = number;
  return board_page_query(&other, web_parameter_get(page->request, "day"), page->clock);
}

void board_rows_fill(const struct board_page *page, size_t from, size_t until, size_t count)
{
  const struct web_request *request = page->request;
  struct arena *arena = request->arena;
  if (count <= LIMIT_BOARD_ROWS) return;
  struct value *out = value_object(arena);
  view_set_text(request, out, "said",
                VIEW_FORMAT(request, "beds.rows", {"from", view_count(arena, (int64_t)from + 1)},
                            {"until", view_count(arena, (int64_t)until)},
                            {"count", view_count(arena, (int64_t)count)}));
  view_set_text(request, out, "before",
                page->number > 1 ? query_of(page, page->number - 1) : TEXT(""));
  view_set_text(request, out, "behind",
                until < count ? query_of(page, page->number + 1) : TEXT(""));
  value_set(page->view->page, "rows", out);
}
