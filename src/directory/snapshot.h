/*
 * Snapshot: the directory as one immutable, checksummed, memory-mapped file.
 *
 * Rows stand in Hilbert order in blocks; needs and codes are block-columnar bitsets; each row's
 * JSON head is rendered once, when the file is built. A file is validated whole before it is
 * trusted: sizes, offsets, orders, checksum. Immutable; any thread may read.
 */
#ifndef FAIRLEAD_DIRECTORY_SNAPSHOT_H
#define FAIRLEAD_DIRECTORY_SNAPSHOT_H

#include "base/base.h"
#include "directory/facility.h"
#include "directory/needs.h"

struct snapshot;

/* --- Building ------------------------------------------------------------------------------ */

/* `needs` must outlive the builder. */
struct snapshot_builder;
struct snapshot_builder *snapshot_builder_new(const struct needs *needs);
/* Add one facility (order does not matter; its texts are copied). Refuses an id that is no lower
 * case UUID, and a field that is longer than 65,535 bytes. */
bool snapshot_builder_add(struct snapshot_builder *builder, const struct facility *facility,
                          struct error *error);
/* Order, render, write `directory-<checksum>.snapshot` into `folder`, flush it, and name it by an
 * atomic rename of `directory.current`. Older snapshot files but the previous one are removed, and
 * what a build that was killed left behind: one process builds in a folder at a time. */
bool snapshot_builder_finish(struct snapshot_builder *builder, const char *folder,
                             struct error *error);
void snapshot_builder_free(struct snapshot_builder *builder);

/*
 * Write the members that every document of a facility begins with: `"id":"…","name":…,"name2":…,
 * "street":…,"street2":…,"city":…,"state":…,"zip":…,"phone":…,"intake_phone":…,"latitude":…,
 * "longitude":…`. What is not known is null. No brace, no comma at the end.
 */
void snapshot_write_head(const struct facility *facility, struct text_buffer *out);

/* --- Opening ------------------------------------------------------------------------------- */

/* Map and verify one file. Refuses (naming the file and what is wrong) a damaged file, another
 * version, or one built with other knowledge than `needs`. */
bool snapshot_open(struct snapshot **out, const char *path, const struct needs *needs,
                   struct error *error);
void snapshot_close(struct snapshot *snapshot);
/* Name of the file that `folder`/directory.current points to; ERROR_NOT_FOUND when there is none.
 */
bool snapshot_current(struct arena *arena, const char *folder, struct text *name,
                      struct error *error);

/* --- Reading ------------------------------------------------------------------------------- */

struct snapshot_row {
  struct text id, name1, name2, street1, street2, city, state, zip, phone, intake_phone, as_of,
      source;
  double latitude, longitude;
  enum coordinate_quality quality;
  unsigned directories;
  bool invented;
  struct text json_head; /* `"id":"…",…,"longitude":-77.4` : the members before distance_miles */
};
uint32_t snapshot_row_count(const struct snapshot *snapshot);
void snapshot_row_get(const struct snapshot *snapshot, uint32_t row, struct snapshot_row *out);
/* The row's json_head alone. */
struct text snapshot_row_head(const struct snapshot *snapshot, uint32_t row);
/* Its id alone. */
struct text snapshot_row_id(const struct snapshot *snapshot, uint32_t row);
bool snapshot_row_need(const struct snapshot *snapshot, uint32_t row, size_t need);
bool snapshot_row_code(const struct snapshot *snapshot, uint32_t row, size_t code);
bool snapshot_row_sign(const struct snapshot *snapshot, uint32_t row, size_t sign);
/* The row of a facility id; false when it is not listed. */
bool snapshot_row_find(const struct snapshot *snapshot, struct text id, uint32_t *row);
/* Any invented facility in it? Then every page and export says so. */
bool snapshot_is_demo(const struct snapshot *snapshot);
/* The checksum of the file: changes when, and only when, the directory does. */
uint64_t snapshot_checksum(const struct snapshot *snapshot);
/* Distinct sources with their latest date, for the footer's line. */
size_t snapshot_source_count(const struct snapshot *snapshot);
void snapshot_source_get(const struct snapshot *snapshot, size_t index, struct text *source,
                         struct text *as_of);

#endif
