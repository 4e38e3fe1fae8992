/*
 * Drawing: choose the part of the plane that fits the marks, cut the outlines to it, and put
 * rings, names and markers on it. Everything is a value for the template; no markup is made here.
 */
#include "web/map.h"

#include <math.h>
#include <stdlib.h>

#include "web/map_private.h"

/* How a drawing is laid out, in the drawing's own units unless said otherwise. */
static const double plane_width = 975, plane_height = 610;
static const double aspect = 0.62;           /* height by width, of a part of the plane */
static const double smallest = 11;           /* units of the plane: about 33 miles wide */
static const double whole_from = 620;        /* a part wider than this becomes the whole plane */
static const double fine_below = 420;        /* a part narrower than this has fine outlines */
static const double counties_below = 100;    /* … has counties, too */
static const double county_names_below = 60; /* … has their names */
static const double state_names_below = 330;
static const double marker_height = 19, marker_gap = 4, marker_one = 24, marker_letter = 6.6,
                    marker_rim = 10, marker_widest = 56;
static const double label_letter = 2.9, label_height = 12; /* half a letter's width */
enum { LABELS = 14, RING_CORNERS = 48, MARKERS_MAXIMUM = LIMIT_RESULTS_PAGE };

struct view {
  struct map_box box; /* of the plane */
  double factor;      /* drawing units for one of the plane */
  double height;
};

struct marker {
  struct map_point at; /* on the drawing */
  const struct map_mark *marks[MARKERS_MAXIMUM];
  size_t count;
  double width;
};

/* A text that has been placed, or would be. */
struct label {
  struct map_point at; /* its middle; y is its base line */
  double half;         /* of its width */
};

struct drawing {
  struct arena *arena;
  const struct map_outlines *outlines;
  const struct map_request *request;
  struct view view;
  struct marker *markers;
  size_t marker_count, missing;
  struct label labels[LABELS];
  size_t label_count;
};

static struct value *number(const struct drawing *drawing, double n)
{
  return value_text(drawing->arena, text_format(drawing->arena, "%.1f", n));
}

static struct map_point to_drawing(const struct view *view, struct map_point point)
{
  return (struct map_point){(point.x - view->box.left) * view->factor,
                            (point.y - view->box.top) * view->factor};
}

/* --- The part of the plane that is shown --------------------------------------------------------
 */

static void box_add(struct map_box *box, double x, double y)
{
  box->left = fmin(box->left, x);
  box->top = fmin(box->top, y);
  box->right = fmax(box->right, x);
  box->bottom = fmax(box->bottom, y);
}

/* The box around all that is marked; answers false when nothing is on the plane. */
static bool find_box(struct drawing *drawing, struct map_box *box)
{
  const struct map_request *request = drawing->request;
  double x, y;
  size_t shown = 0;
  *box = (struct map_box){INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (size_t i = 0; i < request->count; i++) {
    const struct map_mark *mark = &request->marks[i];
    if (mark->has_point && map_project(mark->latitude, mark->longitude, &x, &y)) {
      box_add(box, x, y);
      shown++;
    } else {
      drawing->missing++;
    }
  }
  if (!shown) return false;
  if (request->has_center && map_project(request->latitude, request->longitude, &x, &y))
    box_add(box, x, y);
  return true;
}

static struct view find_view(struct map_box box)
{
  double width = fmax((box.right - box.left) * 1.25, (box.bottom - box.top) * 1.3 / aspect);
  width = fmax(width, smallest);
  if (width > whole_from)
    return (struct view){{0, 0, plane_width, plane_height},
                         MAP_WIDTH / plane_width,
                         MAP_WIDTH * plane_height / plane_width};
  double x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2, height = width * aspect;
  return (struct view){{x - width / 2, y - height / 2, x + width / 2, y + height / 2},
                       MAP_WIDTH / width,
                       MAP_WIDTH * aspect};
}

/* --- Outlines -----------------------------------------------------------------------------------
 */

/* Write a ring as a closed path; steps too small to see are left out. */
static void write_ring(const struct view *view, const struct map_point *points, size_t count,
                       struct text_buffer *out)
{
  long last_x = 0, last_y = 0;
  for (size_t i = 0; i < count; i++) {
    struct map_point at = to_drawing(view, points[i]);
    long x = lround(at.x * 10), y = lround(at.y * 10);
    if (i && labs(x - last_x) + labs(y - last_y) < 4) continue;
    text_buffer_add_format(out, i ? "l%g %g" : "M%g %g", (double)(i ? x - last_x : x) / 10,
                           (double)(i ? y - last_y : y) / 10);
    last_x = x;
    last_y = y;
  }
  if (count) text_buffer_add_character(out, 'z');
}

/* All of a layer that is in view, as one path; "" when none is. */
static struct text write_layer(const struct drawing *drawing, enum map_layer layer)
{
  const struct map_rings *rings = &drawing->outlines->layers[layer];
  const struct view *view = &drawing->view;
  double rim = 6 / view->factor; /* cut edges lie outside of what is seen */
  struct map_box box = {view->box.left - rim, view->box.top - rim, view->box.right + rim,
                        view->box.bottom + rim};
  struct text_buffer path;
  text_buffer_init(&path, LIMIT_MAP_PATH);
  for (size_t i = 0; i < rings->count; i++) {
    const struct map_point *points = NULL;
    size_t count = map_ring_cut(drawing->arena, &rings->at[i], &box, &points);
    write_ring(view, points, count, &path);
  }
  struct text copy = text_copy(drawing->arena, text_buffer_get(&path));
  text_buffer_fini(&path);
  return copy;
}

static void draw_outlines(struct drawing *drawing, struct value *out)
{
  double width = drawing->view.box.right - drawing->view.box.left;
  bool counties = width < counties_below;
  struct text states = write_layer(drawing, width < fine_below ? MAP_STATE : MAP_NATION);
  struct value *path = value_text(drawing->arena, states);
  value_set(out, counties ? "states" : "ground", path);
  if (counties)
    value_set(out, "counties", value_text(drawing->arena, write_layer(drawing, MAP_COUNTY)));
}

/* --- Names of counties or states ----------------------------------------------------------------
 */

static bool overlap(const struct label *label, struct map_point at, double half, double height)
{
  return fabs(label->at.x - at.x) < label->half + half + 3 &&
         fabs(label->at.y - 4 - at.y) < (label_height + height) / 2;
}

/* Take the room for a text in the middle of `at`; answers false when something stands there. */
static bool take_room(struct drawing *drawing, struct map_point at, struct text text)
{
  struct label label = {at, label_letter * (double)text.length};
  if (drawing->label_count == LABELS || at.x < label.half + 3 ||
      at.x > MAP_WIDTH - label.half - 3 || at.y < 12 || at.y > drawing->view.height - 6)
    return false;
  for (size_t i = 0; i < drawing->label_count; i++) {
    struct map_point middle = {drawing->labels[i].at.x, drawing->labels[i].at.y - 4};
    if (overlap(&label, middle, drawing->labels[i].half, label_height)) return false;
  }
  for (size_t i = 0; i < drawing->marker_count; i++)
    if (overlap(&label, drawing->markers[i].at, drawing->markers[i].width / 2, marker_height))
      return false;
  drawing->labels[drawing->label_count++] = label;
  return true;
}

static void draw_labels(struct drawing *drawing, struct value *out)
{
  double width = drawing->view.box.right - drawing->view.box.left;
  if (width > state_names_below || (width > county_names_below && width < counties_below)) return;
  enum map_layer layer = width < county_names_below ? MAP_COUNTY : MAP_STATE;
  const struct map_rings *rings = &drawing->outlines->layers[layer];
  struct value *list = value_list(drawing->arena);
  for (size_t i = 0; i < rings->count; i++) {
    const struct map_box *box = &rings->at[i].box;
    double middle_x = (box->left + box->right) / 2, middle_y = (box->top + box->bottom) / 2;
    struct map_point at = to_drawing(&drawing->view, (struct map_point){middle_x, middle_y});
    if ((box->right - box->left) * drawing->view.factor < 40) continue; /* an islet */
    if (!take_room(drawing, at, rings->at[i].name)) continue;
    struct value *label = value_object(drawing->arena);
    value_set(label, "x", number(drawing, at.x));
    value_set(label, "y", number(drawing, at.y));
    value_set(label, "text", value_text(drawing->arena, rings->at[i].name));
    value_add(list, label);
  }
  value_set(out, "labels", list);
}

/* --- The center and its rings -------------------------------------------------------------------
 */

/* The point `miles` away in the direction `bearing` (radians, from north), on the sphere. */
static bool project_away(const struct map_request *request, double miles, double bearing,
                         struct map_point *out)
{
  double degree = acos(-1.0) / 180, arc = miles / 3958.7613;
  double latitude = request->latitude * degree;
  double there = asin(sin(latitude) * cos(arc) + cos(latitude) * sin(arc) * cos(bearing));
  double turn =
      atan2(sin(bearing) * sin(arc) * cos(latitude), cos(arc) - sin(latitude) * sin(there));
  return map_project(there / degree, request->longitude + turn / degree, &out->x, &out->y);
}

/* How many drawing units a mile northwards is at the center. */
static double units_of_mile(const struct drawing *drawing)
{
  struct map_point center, north;
  if (!project_away(drawing->request, 0, 0, &center) ||
      !project_away(drawing->request, 1, 0, &north))
    return 0;
  return hypot(north.x - center.x, north.y - center.y) * drawing->view.factor;
}

static void draw_ring(struct drawing *drawing, double miles, struct value *list)
{
  struct map_point corners[RING_CORNERS];
  struct text_buffer path;
  for (size_t i = 0; i < RING_CORNERS; i++) {
    double bearing = 2 * acos(-1.0) * (double)i / RING_CORNERS;
    if (!project_away(drawing->request, miles, bearing, &corners[i])) return;
  }
  struct value *ring = value_object(drawing->arena);
  text_buffer_init(&path, LIMIT_MAP_PATH);
  write_ring(&drawing->view, corners, RING_CORNERS, &path);
  value_set(ring, "path",
            value_text(drawing->arena, text_copy(drawing->arena, text_buffer_get(&path))));
  text_buffer_fini(&path);
  struct text text = drawing->request->ring_text(drawing->request->context, miles);
  /* Its label stands where there is room: north first, then to either side. */
  static const size_t turns[] = {0, 6, 42, 12, 36, 24};
  for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
    struct map_point at = to_drawing(&drawing->view, corners[turns[i]]);
    at.y += 3;
    if (!take_room(drawing, at, text)) continue;
    value_set(ring, "x", number(drawing, at.x));
    value_set(ring, "y", number(drawing, at.y));
    value_set(ring, "label", value_text(drawing->arena, text));
    break;
  }
  value_add(list, ring);
}

/* Two rings of round miles that are easy to see, or the one that was asked for. */
static void draw_rings(struct drawing *drawing, struct value *out)
{
  static const double round_miles[] = {1, 2, 5, 10, 25, 50, 100, 200};
  const struct map_request *request = drawing->request;
  double unit = units_of_mile(drawing), reach = drawing->view.height / 2 - 14;
  if (!request->has_center || unit <= 0 || drawing->view.factor <= MAP_WIDTH / plane_width) return;
  struct value *list = value_list(drawing->arena);
  if (request->within > 0 && request->within * unit < MAP_WIDTH)
    draw_ring(drawing, request->within, list);
  size_t drawn = 0;
  for (size_t i = sizeof round_miles / sizeof *round_miles; i-- > 0 && drawn < 2;) {
    double radius = round_miles[i] * unit;
    if (radius > reach || radius < 24 || fabs(round_miles[i] - request->within) < 0.5) continue;
    draw_ring(drawing, round_miles[i], list);
    drawn++;
  }
  value_set(out, "rings", list);
}

static void draw_center(struct drawing *drawing, struct value *out)
{
  const struct map_request *request = drawing->request;
  struct map_point at;
  if (!request->has_center || !map_project(request->latitude, request->longitude, &at.x, &at.y))
    return;
  at = to_drawing(&drawing->view, at);
  struct value *center = value_object(drawing->arena);
  value_set(center, "x", number(drawing, at.x));
  value_set(center, "y", number(drawing, at.y));
  value_set(out, "center", center);
}

/* --- Markers ------------------------------------------------------------------------------------
 */

/* "7", "12" or "12 +3": as wide as its letters. */
static double width_of(const struct marker *marker)
{
  size_t letters = marker->marks[0]->text.length;
  if (marker->count > 1) letters += marker->count > 10 ? 4 : 3;
  return fmax(marker_height, marker_letter * (double)letters + marker_rim);
}

/* The marker that a new one at this point would touch, or NULL. */
static struct marker *find_near(const struct drawing *drawing, struct map_point at)
{
  for (size_t i = 0; i < drawing->marker_count; i++) {
    struct marker *marker = &drawing->markers[i];
    if (fabs(marker->at.x - at.x) < (marker->width + marker_one) / 2 + marker_gap &&
        fabs(marker->at.y - at.y) < marker_height + marker_gap)
      return marker;
  }
  return NULL;
}

/* Keep a marker's whole shape on the drawing. */
static struct map_point keep_inside(const struct drawing *drawing, struct map_point at)
{
  double side = marker_widest / 2 + 1, end = marker_height / 2 + 1;
  return (struct map_point){fmin(fmax(at.x, side), MAP_WIDTH - side),
                            fmin(fmax(at.y, end), drawing->view.height - end)};
}

static void place_markers(struct drawing *drawing)
{
  const struct map_request *request = drawing->request;
  drawing->markers =
      arena_allocate_array(drawing->arena, request->count + 1, sizeof *drawing->markers);
  for (size_t i = 0; i < request->count; i++) {
    const struct map_mark *mark = &request->marks[i];
    struct map_point at;
    if (!mark->has_point || !map_project(mark->latitude, mark->longitude, &at.x, &at.y)) continue;
    at = keep_inside(drawing, to_drawing(&drawing->view, at));
    struct marker *marker = find_near(drawing, at);
    if (!marker) {
      marker = &drawing->markers[drawing->marker_count++];
      marker->at = at;
    }
    if (marker->count < MARKERS_MAXIMUM) marker->marks[marker->count++] = mark;
    marker->width = width_of(marker);
  }
}

static struct value *draw_marker(struct drawing *drawing, const struct marker *marker)
{
  const struct map_request *request = drawing->request;
  const struct map_mark *first = marker->marks[0];
  struct text text = first->text, label = first->label;
  if (marker->count > 1) {
    text = text_format(drawing->arena, "%.*s +%zu", TEXT_PRINT(first->text), marker->count - 1);
    label = request->cluster_label(request->context, text, marker->marks, marker->count);
  }
  double width = marker->width;
  struct value *out = value_object(drawing->arena);
  value_set(out, "href", value_text(drawing->arena, first->href));
  value_set(out, "label", value_text(drawing->arena, label));
  value_set(out, "text", value_text(drawing->arena, text));
  value_set(out, "x", number(drawing, marker->at.x));
  value_set(out, "y", number(drawing, marker->at.y));
  value_set(out, "left", number(drawing, marker->at.x - width / 2));
  value_set(out, "top", number(drawing, marker->at.y - marker_height / 2));
  value_set(out, "wide", number(drawing, width));
  value_set(out, "base", number(drawing, marker->at.y + 3.8));
  return out;
}

static void draw_markers(struct drawing *drawing, struct value *out)
{
  struct value *list = value_list(drawing->arena);
  for (size_t i = 0; i < drawing->marker_count; i++)
    value_add(list, draw_marker(drawing, &drawing->markers[i]));
  value_set(out, "markers", list);
}

struct value *map_draw(const struct map_outlines *outlines, struct arena *arena,
                       const struct map_request *request)
{
  struct drawing drawing = {.arena = arena, .outlines = outlines, .request = request};
  struct map_box box;
  if (!outlines || !find_box(&drawing, &box)) return NULL;
  drawing.view = find_view(box);
  place_markers(&drawing);
  struct value *out = value_object(arena);
  value_set(out, "width", value_integer(arena, MAP_WIDTH));
  value_set(out, "height", number(&drawing, drawing.view.height));
  value_set(out, "missing", value_integer(arena, (int64_t)drawing.missing));
  draw_outlines(&drawing, out);
  draw_rings(&drawing, out);
  draw_labels(&drawing, out);
  draw_center(&drawing, out);
  draw_markers(&drawing, out);
  return out;
}
