/*
 * Projection: d3-geo's Albers USA at scale 1300 with its center at (487.5, 305), so that points
 * fall where us-atlas puts the outlines. Source of the numbers: d3-geo 3,
 * src/projection/albersUsa.js and conicEqualArea.js; the islands' are script/build/outlines.mjs's
 * own.
 */
#include <math.h>

#include "web/map.h"

static const double scale = 1300, center_x = 487.5, center_y = 305;

/* One conic equal-area projection with its place in the composite. */
struct conic {
  double rotation;                 /* degrees added to the longitude */
  double middle[2];                /* degrees: the center, after the rotation */
  double parallels[2];             /* degrees */
  double part;                     /* of the scale */
  double shift_x, shift_y;         /* in scales */
  double west, east, south, north; /* degrees: the box of its own */
};

static const struct conic conics[] = {
    {96, {-0.6, 38.7}, {29.5, 45.5}, 1, 0, 0, -125.5, -66, 24, 50},
    {154, {-2, 58.5}, {55, 65}, 0.35, -0.307, 0.201, -180, -129, 50, 72},
    {157, {-3, 19.9}, {8, 18}, 1, -0.205, 0.212, -161, -154, 18, 23},
};

static const double islands_west = -68, islands_east = -64, islands_south = 17,
                    islands_north = 19.5;

static double radians(double degrees)
{
  return degrees * acos(-1.0) / 180;
}

/* Snyder, Map Projections: A Working Manual, equations 14-1 to 14-6. Radians in and out. */
static void conic_equal_area(const struct conic *conic, double longitude, double latitude,
                             double *x, double *y)
{
  double sine = sin(radians(conic->parallels[0]));
  double n = (sine + sin(radians(conic->parallels[1]))) / 2;
  double c = 1 + sine * (2 * n - sine), r0 = sqrt(c) / n;
  double r = sqrt(fmax(0, c - 2 * n * sin(latitude))) / n;
  *x = r * sin(longitude * n);
  *y = r0 - r * cos(longitude * n);
}

static void conic_project(const struct conic *conic, double latitude, double longitude, double *x,
                          double *y)
{
  double middle_x, middle_y, here_x, here_y, k = scale * conic->part;
  conic_equal_area(conic, radians(conic->middle[0]), radians(conic->middle[1]), &middle_x,
                   &middle_y);
  conic_equal_area(conic, radians(longitude + conic->rotation), radians(latitude), &here_x,
                   &here_y);
  *x = center_x + scale * conic->shift_x + k * (here_x - middle_x);
  *y = center_y + scale * conic->shift_y - k * (here_y - middle_y);
}

bool map_project(double latitude, double longitude, double *x, double *y)
{
  if (!isfinite(latitude) || !isfinite(longitude)) return false;
  if (longitude > 170 && latitude > 50) longitude -= 360; /* the Aleutians' far end */
  if (longitude >= islands_west && longitude <= islands_east && latitude >= islands_south &&
      latitude <= islands_north) {
    *x = 905 + 34 * (longitude + 65.9) * cos(radians(18.2));
    *y = 560 - 34 * (latitude - 18.2);
    return true;
  }
  for (size_t i = 0; i < sizeof conics / sizeof *conics; i++) {
    const struct conic *conic = &conics[i];
    bool west_of_dateline = i == 1 && longitude < -180; /* only Alaska reaches over it */
    if ((longitude < conic->west && !west_of_dateline) || longitude > conic->east ||
        latitude < conic->south || latitude > conic->north)
      continue;
    conic_project(conic, latitude, longitude, x, y);
    return true;
  }
  return false;
}
