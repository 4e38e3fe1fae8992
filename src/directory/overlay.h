/*
 * Overlay: what is said of free places, by facility, beside the snapshot. It changes by the minute,
 * so that it is no part of the file: a new one is built whenever something changed, and swapped.
 *
 * Each facility's JSON is rendered once, when the overlay is built, and spliced into answers. A
 * facility of which nothing is said costs one look into a table; while nothing is said of any
 * there is no overlay at all. Where the facts come from, and how they fade, is the business of the
 * room that keeps them; this one knows codes alone.
 *
 * Immutable; any thread may read one that it holds (directory_overlay_acquire()).
 */
#ifndef FAIRLEAD_DIRECTORY_OVERLAY_H
#define FAIRLEAD_DIRECTORY_OVERLAY_H

#include "base/base.h"

/* What is said of one level of care at one facility. */
struct overlay_place {
  struct text facility_id; /* lower case, as in the snapshot */
  struct text level_of_care;
  struct text answer; /* yes, likely, no */
  struct text age;    /* now, today, call-first */
  struct text source; /* census, tap, claimed, imported */
  int64_t as_of;      /* microseconds UTC */
};

struct overlay;

/* Build one of places in any order; their texts are copied. A facility's places come out by level.
 * An id that no snapshot can have is left out. Free with overlay_free(), unless a directory has
 * taken it. NULL when there are none. */
struct overlay *overlay_new(const struct overlay_place *places, size_t count);
void overlay_free(struct overlay *overlay);

/* The places of a facility, borrowed, and their number; 0 also without an overlay (NULL). */
size_t overlay_find(const struct overlay *overlay, struct text facility_id,
                    const struct overlay_place **out);
/* `,"availability":[{"level_of_care","answer","age","source","as_of"}]`, borrowed, or "": what
 * stands behind the last member of a facility's document. */
struct text overlay_json(const struct overlay *overlay, struct text facility_id);
/* Facilities of which something is said. */
size_t overlay_count(const struct overlay *overlay);

#endif
