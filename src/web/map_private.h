/*
 * The inside of the map, for map*.c alone.
 */
#ifndef FAIRLEAD_WEB_MAP_PRIVATE_H
#define FAIRLEAD_WEB_MAP_PRIVATE_H

#include "web/map.h"

struct map_point {
  double x, y; /* units of the plane */
};
struct map_box {
  double left, top, right, bottom;
};
struct map_ring {
  struct text name; /* of the state or county */
  struct map_point *points;
  size_t count;
  struct map_box box;
};

enum map_layer { MAP_NATION, MAP_STATE, MAP_COUNTY, MAP_LAYERS };
struct map_rings {
  struct map_ring *at;
  size_t count;
};
struct map_outlines {
  struct arena *arena;
  struct map_rings layers[MAP_LAYERS];
};

bool map_boxes_meet(const struct map_box *a, const struct map_box *b);
/* Cut a ring to a box; answers the number of points left, in the arena or the ring's own. */
size_t map_ring_cut(struct arena *arena, const struct map_ring *ring, const struct map_box *box,
                    const struct map_point **out);

#endif
