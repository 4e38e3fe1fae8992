/*
 * Maps. Expected positions: d3-geo 3.1.1, geoAlbersUsa().scale(1300).translate([487.5, 305]), the
 * projection of us-atlas' Albers files. Expected shapes: squares drawn by hand below.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "web/map_private.h"

static void points_fall_where_d3_puts_them(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    double latitude, longitude, x, y;
  } cases[] = {
      {"Richmond, Virginia", 37.54, -77.43, 826.7696, 299.3922},
      {"Seattle, Washington", 47.61, -122.33, 97.6795, 46.2451},
      {"Miami, Florida", 25.76, -80.19, 822.7813, 572.5723},
      {"Anchorage, Alaska", 61.22, -149.9, 112.2776, 544.2627},
      {"Adak, Alaska", 51.88, -176.65, -12.7779, 600.1424},
      {"Honolulu, Hawaii", 21.31, -157.86, 266.9240, 549.1204},
      {"Wichita, Kansas", 37.69, -97.34, 474.1973, 328.0061},
      {"Caribou, Maine", 46.86, -68.01, 927.8054, 55.2342},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double x, y;
    assert_true(map_project(cases[i].latitude, cases[i].longitude, &x, &y));
    if (fabs(x - cases[i].x) > 1e-3 || fabs(y - cases[i].y) > 1e-3)
      fail_msg("%s: %f, %f", cases[i].name, x, y);
  }
}

static void points_off_the_plane_are_refused(void **state)
{
  (void)state;
  static const double points[][2] = {
      {13.44, 144.79}, /* Guam */ {-14.28, -170.7}, /* American Samoa */
      {0, 0},          {51.5, 0},
      {NAN, -77},      {37, INFINITY},
      {90, -100},      {-37, -77},
  };
  for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
    double x = 1, y = 2;
    assert_false(map_project(points[i][0], points[i][1], &x, &y));
  }
}

static void islands_stand_in_their_corner(void **state)
{
  (void)state;
  double x, y;
  assert_true(map_project(18.2, -65.9, &x, &y)); /* the corner's middle */
  assert_true(fabs(x - 905) < 1e-9 && fabs(y - 560) < 1e-9);
  assert_true(map_project(18.46, -66.11, &x, &y)); /* San Juan: west and north of it */
  assert_true(x < 905 && y < 560);
}

static void rings_are_cut_to_a_box(void **state)
{
  (void)state;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct map_point square[] = {{0, 0}, {10, 0}, {10, 10}, {0, 10}};
  struct map_ring ring = {.points = square, .count = 4, .box = {0, 0, 10, 10}};
  const struct map_point *out;
  assert_int_equal(map_ring_cut(arena, &ring, &(struct map_box){-1, -1, 11, 11}, &out), 4);
  assert_ptr_equal(out, square); /* all inside: its own points */
  assert_int_equal(map_ring_cut(arena, &ring, &(struct map_box){20, 20, 30, 30}, &out), 0);
  size_t count = map_ring_cut(arena, &ring, &(struct map_box){5, 5, 20, 20}, &out);
  assert_int_equal(count, 4);
  double area = 0; /* of what is left: the upper right quarter */
  for (size_t i = 0; i < count; i++) {
    struct map_point a = out[i], b = out[(i + 1) % count];
    assert_true(a.x >= 5 && a.x <= 10 && a.y >= 5 && a.y <= 10);
    area += (a.x * b.y - b.x * a.y) / 2;
  }
  assert_true(fabs(fabs(area) - 25) < 1e-9);
  arena_free(arena);
}

static struct map_outlines *outlines_of(const char *content, struct error *error)
{
  char path[] = "/tmp/fairlead-outlines-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  size_t length = text_from(content).length;
  assert_int_equal(write(file, content, length), (ssize_t)length);
  close(file);
  struct map_outlines *outlines = NULL;
  (void)map_outlines_load(&outlines, path, error);
  unlink(path);
  return outlines;
}

static void broken_outlines_are_refused_with_their_line(void **state)
{
  (void)state;
  static const char *const broken[] = {
      "state\tVirginia\t0 0 1 0 1 1\nsea\tX\t0 0 1 0 1 1\n", /* an unknown layer */
      "state\tVirginia\t0 0 1 0 1 1\nstate\tX\t0 0 1\n",     /* a point without y */
      "state\tVirginia\t0 0 1 0 1 1\nstate\tX\t0 0 a b\n",   /* no number */
      "state\tVirginia\t0 0 1 0 1 1\nstate\n",               /* no ring */
  };
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    struct error error = {0};
    assert_null(outlines_of(broken[i], &error));
    assert_non_null(strstr(error.log, ":2 "));
  }
}

static struct text ring_text(void *context, double miles)
{
  return text_format(context, "%g miles", miles);
}

static struct text cluster_label(void *context, struct text shown,
                                 const struct map_mark *const *marks, size_t count)
{
  (void)marks;
  return text_format(context, "%.*s: %zu together", TEXT_PRINT(shown), count);
}

static struct map_mark mark_at(double latitude, double longitude, const char *name)
{
  return (struct map_mark){.latitude = latitude,
                           .longitude = longitude,
                           .has_point = true,
                           .href = TEXT("#x"),
                           .text = text_from(name),
                           .label = text_from(name)};
}

static const struct value *drawn(struct arena *arena, const struct map_outlines *outlines,
                                 struct map_request request)
{
  request.ring_text = ring_text;
  request.cluster_label = cluster_label;
  request.context = arena;
  return map_draw(outlines, arena, &request);
}

static int64_t missing(const struct value *map)
{
  int64_t count = -1;
  assert_true(value_integer_get(value_get(map, TEXT("missing")), &count));
  return count;
}

static void marks_that_touch_share_a_marker(void **state)
{
  (void)state;
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct map_outlines *outlines = outlines_of("nation\tA\t0 0 97500 0 97500 61000\n"
                                              "state\tA\t0 0 97500 0 97500 61000\n"
                                              "county\tB\t0 0 97500 0 97500 61000\n",
                                              &error);
  assert_non_null(outlines);
  struct map_mark marks[] = {mark_at(37.54, -77.43, "1"), mark_at(37.5401, -77.4301, "2"),
                             mark_at(37.9, -77.0, "3"), mark_at(13.44, 144.79, "4")};
  const struct value *map = drawn(
      arena, outlines,
      (struct map_request){
          .marks = marks, .count = 4, .has_center = true, .latitude = 37.54, .longitude = -77.43});
  const struct value *markers = value_get(map, TEXT("markers"));
  assert_int_equal(value_count(markers), 2);
  const struct value *both = value_item(markers, 0);
  assert_true(text_equal(value_text_get(value_get(both, TEXT("text"))), TEXT("1 +1")));
  assert_true(text_equal(value_text_get(value_get(both, TEXT("label"))), TEXT("1 +1: 2 together")));
  assert_int_equal(missing(map), 1); /* Guam */
  assert_true(value_count(value_get(map, TEXT("rings"))) > 0);
  assert_non_null(value_get(map, TEXT("counties")));
  assert_null(value_get(map, TEXT("ground")));
  map_outlines_free(outlines);
  arena_free(arena);
}

static void a_map_of_the_nation_has_no_rings(void **state)
{
  (void)state;
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct map_outlines *outlines = outlines_of("nation\tA\t0 0 97500 0 97500 61000\n", &error);
  struct map_mark marks[] = {mark_at(47.61, -122.33, "1"), mark_at(25.76, -80.19, "2")};
  const struct value *map =
      drawn(arena, outlines,
            (struct map_request){
                .marks = marks, .count = 2, .has_center = true, .latitude = 39, .longitude = -98});
  assert_int_equal(value_count(value_get(map, TEXT("markers"))), 2);
  assert_null(value_get(map, TEXT("rings")));
  assert_null(value_get(map, TEXT("counties")));
  assert_true(value_text_get(value_get(map, TEXT("ground"))).length > 0);
  map_outlines_free(outlines);
  arena_free(arena);
}

static void nothing_on_the_plane_is_no_map(void **state)
{
  (void)state;
  struct error error = {0};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct map_outlines *outlines = outlines_of("", &error);
  struct map_mark guam = mark_at(13.44, 144.79, "1");
  assert_null(drawn(arena, outlines, (struct map_request){.marks = &guam, .count = 1}));
  assert_null(drawn(arena, outlines, (struct map_request){.count = 0}));
  map_outlines_free(outlines);
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(points_fall_where_d3_puts_them),
      cmocka_unit_test(points_off_the_plane_are_refused),
      cmocka_unit_test(islands_stand_in_their_corner),
      cmocka_unit_test(rings_are_cut_to_a_box),
      cmocka_unit_test(broken_outlines_are_refused_with_their_line),
      cmocka_unit_test(marks_that_touch_share_a_marker),
      cmocka_unit_test(a_map_of_the_nation_has_no_rings),
      cmocka_unit_test(nothing_on_the_plane_is_no_map),
  };
  return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
