/*
 * overlay_private: what overlay.c and directory.c share: the overlay, and who holds it.
 */
#ifndef FAIRLEAD_DIRECTORY_OVERLAY_PRIVATE_H
#define FAIRLEAD_DIRECTORY_OVERLAY_PRIVATE_H

#include "directory/overlay.h"

struct overlay_slot {
  const struct overlay_place *places; /* by level */
  size_t count;                       /* 0: the slot is empty */
  struct text json;
};

struct overlay {
  struct arena *arena; /* it stands in, with all below */
  struct overlay_slot *slots;
  size_t mask; /* one less than the number of slots, a power of two */
  size_t facility_count;
  size_t holders; /* guarded by the directory's lock: it while current, and readers */
};

#endif
