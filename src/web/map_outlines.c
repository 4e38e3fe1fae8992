/*
 * Outlines: reading outlines.tsv, and cutting its rings to what a drawing shows.
 */
#include <math.h>
#include <stdlib.h>

#include "web/map_private.h"

/* --- Reading -----------------------------------------------------------------------------------
 */

static const char *const layer_names[MAP_LAYERS] = {"nation", "state", "county"};

static bool read_layer(struct text name, enum map_layer *out)
{
  for (size_t i = 0; i < MAP_LAYERS; i++)
    if (text_equal(name, text_from(layer_names[i]))) {
      *out = (enum map_layer)i;
      return true;
    }
  return false;
}

/* Read "x y x y …", hundredths of a unit; answers false for anything else. */
static bool read_points(struct arena *arena, struct text numbers, struct map_ring *ring)
{
  size_t spaces = 0;
  for (size_t i = 0; i < numbers.length; i++) spaces += numbers.at[i] == ' ';
  if (spaces % 2 == 0) return false;
  ring->count = (spaces + 1) / 2;
  ring->points = arena_allocate_array(arena, ring->count, sizeof *ring->points);
  ring->box = (struct map_box){INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (size_t i = 0; i < ring->count; i++) {
    struct text x, y;
    int64_t x_hundredths, y_hundredths;
    if (!text_word_next(&numbers, &x) || !text_word_next(&numbers, &y) ||
        !text_read_integer(x, &x_hundredths) || !text_read_integer(y, &y_hundredths))
      return false;
    struct map_point *point = &ring->points[i];
    *point = (struct map_point){(double)x_hundredths / 100, (double)y_hundredths / 100};
    ring->box.left = fmin(ring->box.left, point->x);
    ring->box.top = fmin(ring->box.top, point->y);
    ring->box.right = fmax(ring->box.right, point->x);
    ring->box.bottom = fmax(ring->box.bottom, point->y);
  }
  return true;
}

static bool read_line(struct map_outlines *outlines, struct text line)
{
  struct text layer_name, name;
  enum map_layer layer;
  struct map_ring ring = {0};
  if (!text_split_next(&line, '\t', &layer_name) || !text_split_next(&line, '\t', &name) ||
      !read_layer(layer_name, &layer) || !read_points(outlines->arena, line, &ring))
    return false;
  ring.name = name;
  struct map_rings *rings = &outlines->layers[layer];
  rings->at[rings->count++] = ring;
  return true;
}

bool map_outlines_load(struct map_outlines **out, const char *path, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_OUTLINES);
  struct map_outlines *outlines = arena_allocate(arena, sizeof *outlines);
  outlines->arena = arena;
  struct text document, line;
  if (!file_read(arena, path, LIMIT_OUTLINES, &document, error)) goto failed;
  size_t lines = 1;
  for (size_t i = 0; i < document.length; i++) lines += document.at[i] == '\n';
  for (size_t i = 0; i < MAP_LAYERS; i++)
    outlines->layers[i].at = arena_allocate_array(arena, lines, sizeof(struct map_ring));
  size_t number = 0;
  for (struct text rest = document; text_split_next(&rest, '\n', &line);) {
    number++;
    if (text_is_empty(line) || read_line(outlines, line)) continue;
    error_set(error, ERROR_SYSTEM, "error.web.start", "Build it again: make share.",
              "%s:%zu is no outline", path, number);
    goto failed;
  }
  *out = outlines;
  return true;
failed:
  arena_free(arena);
  return false;
}

void map_outlines_free(struct map_outlines *outlines)
{
  if (outlines) arena_free(outlines->arena);
}

/* --- Cutting: Sutherland and Hodgman, one side of the box after another -------------------------
 */

enum side { LEFT, RIGHT, TOP, BOTTOM, SIDES };

static bool is_inside(struct map_point point, enum side side, const struct map_box *box)
{
  switch (side) {
  case LEFT:
    return point.x >= box->left;
  case RIGHT:
    return point.x <= box->right;
  case TOP:
    return point.y >= box->top;
  default:
    return point.y <= box->bottom;
  }
}

/* Where the line from a to b meets the side; the two lie on either side of it. */
static struct map_point meet(struct map_point a, struct map_point b, enum side side,
                             const struct map_box *box)
{
  double edge = side == LEFT    ? box->left
                : side == RIGHT ? box->right
                : side == TOP   ? box->top
                                : box->bottom;
  if (side == LEFT || side == RIGHT)
    return (struct map_point){edge, a.y + (b.y - a.y) * (edge - a.x) / (b.x - a.x)};
  return (struct map_point){a.x + (b.x - a.x) * (edge - a.y) / (b.y - a.y), edge};
}

static size_t cut_side(const struct map_point *points, size_t count, enum side side,
                       const struct map_box *box, struct map_point *out)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    struct map_point here = points[i], before = points[i ? i - 1 : count - 1];
    bool inside = is_inside(here, side, box);
    if (inside != is_inside(before, side, box)) out[kept++] = meet(before, here, side, box);
    if (inside) out[kept++] = here;
  }
  return kept;
}

size_t map_ring_cut(struct arena *arena, const struct map_ring *ring, const struct map_box *box,
                    const struct map_point **out)
{
  if (!map_boxes_meet(&ring->box, box)) return 0;
  *out = ring->points;
  if (ring->box.left >= box->left && ring->box.right <= box->right && ring->box.top >= box->top &&
      ring->box.bottom <= box->bottom)
    return ring->count;
  /* A side adds at most one point for each that it keeps. */
  const struct map_point *points = ring->points;
  size_t count = ring->count;
  for (enum side side = LEFT; side < SIDES && count; side++) {
    struct map_point *kept = arena_allocate_array(arena, 2 * count, sizeof *kept);
    count = cut_side(points, count, side, box, kept);
    points = kept;
  }
  *out = points;
  return count;
}

bool map_boxes_meet(const struct map_box *a, const struct map_box *b)
{
  return a->left <= b->right && a->right >= b->left && a->top <= b->bottom && a->bottom >= b->top;
}
