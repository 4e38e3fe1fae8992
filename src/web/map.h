/*
 * map: a map drawn by us, as values for the template partials/map_drawing.
 *
 * Outlines come from <share>/outlines.tsv (script/build/outlines.mjs, npm us-atlas). The plane is
 * d3-geo's Albers USA of 975 by 610 units, Alaska and Hawaii as insets; Puerto Rico and the U.S.
 * Virgin Islands stand in its lower right corner. Pure: no clock, no catalog, no database.
 * Outlines are immutable after loading; any thread may draw.
 */
#ifndef FAIRLEAD_WEB_MAP_H
#define FAIRLEAD_WEB_MAP_H

#include "base/base.h"

enum { MAP_WIDTH = 360 }; /* of the drawing, in its own units */

struct map_outlines;
bool map_outlines_load(struct map_outlines **out, const char *path, struct error *error);
void map_outlines_free(struct map_outlines *outlines);

/* Project degrees onto the plane. Answers false for a point that the plane does not show (Guam,
 * American Samoa, the high seas). */
bool map_project(double latitude, double longitude, double *x, double *y);

/* A place to mark. */
struct map_mark {
  double latitude, longitude; /* degrees */
  bool has_point;
  struct text href;  /* where its marker leads */
  struct text text;  /* what stands on it: "7" */
  struct text label; /* its accessible name */
};

struct map_request {
  const struct map_mark *marks;
  size_t count;
  bool has_center; /* the place that was asked for */
  double latitude, longitude;
  double within; /* miles: this ring is drawn; 0: none was asked for */
  /* Text of a ring of so many miles, and the name of a marker that stands for several, which
   * begins with the text shown on it. */
  struct text (*ring_text)(void *context, double miles);
  struct text (*cluster_label)(void *context, struct text shown,
                               const struct map_mark *const *marks, size_t count);
  void *context;
};

/*
 * Draw the map that fits all marks: {"width", "height", "missing", "ground" or "counties" and
 * "states" (paths), "rings", "labels", "center", "markers"}. Coordinates are text with one digit
 * behind the point; "missing" counts the marks that are not on it.
 * Marks that would touch share one marker. NULL when nothing can be shown.
 */
struct value *map_draw(const struct map_outlines *outlines, struct arena *arena,
                       const struct map_request *request);

#endif
