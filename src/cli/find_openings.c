/*
 * What the database says of free places, for `fairlead find`. See find_openings.h. Invariant: the
 * rules of fading are loaded only when there is something to say.
 */
#include "cli/find_openings.h"

struct reading {
  struct arena *arena;
  struct availability *rows;
  size_t count;
};

static bool read_rows(struct store_transaction *transaction, void *context, struct error *error)
{
  struct reading *reading = context;
  return availability_read(transaction, reading->arena, INT64_MIN, 0, &reading->rows,
                           &reading->count, error);
}

void find_openings_load(struct find_openings *out, struct store *store, const char *share,
                        const struct catalog *catalog, int64_t now)
{
  struct error error = {0};
  struct reading reading = {.arena = arena_new(LIMIT_OVERLAY)};
  int64_t next_at;
  *out = (struct find_openings){.now = now};
  bool is_read = store_read(store, read_rows, &reading, &error);
  if (is_read && reading.count > 0) {
    is_read = privacy_open(&out->privacy, share, store, NULL, catalog, &error) &&
              care_open(&out->care, share, out->privacy, &error) &&
              beds_open(&out->beds, share, out->care, &error);
    if (is_read)
      out->overlay = availability_overlay(out->beds, reading.rows, reading.count, now, &next_at);
  }
  if (!is_read) log_error("availability.find.failed", &error);
  arena_free(reading.arena);
}

void find_openings_free(struct find_openings *openings)
{
  overlay_free(openings->overlay);
  beds_close(openings->beds);
  if (openings->care) care_close(openings->care);
  privacy_close(openings->privacy);
}
