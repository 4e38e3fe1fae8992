/*
 * Fuzz a cursor: as it stands; and as the bytes within one, behind a true checksum. It is refused,
 * or it begins a page in order; the page behind it goes on.
 */
#include <math.h>
#include <sodium.h>

#include "directory/vector.h"
#include "engine_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct needs *needs;
static struct snapshot *snapshot;
static struct search_workspace *workspace;

static void start(void)
{
  struct error error = {0};
  needs = engine_needs();
  char *path = engine_build(needs, ENGINE_ROWS);
  engine_must(snapshot_open(&snapshot, path, needs, &error), &error);
  engine_remove(path);
  workspace = search_workspace_new();
}

static const struct search_query queries[] = {
    {.has_point = true, .latitude = 40, .longitude = -85, .limit = 10},
    {.sort = SEARCH_NAME, .limit = 10},
    {.sort = SEARCH_BEST, .limit = 10},
};

/* Turn a page with the cursor; answers whether it was taken. */
static bool turn(const struct search_query *kind, struct arena *arena, struct text cursor)
{
  struct search_query query = *kind;
  struct search_answer answer;
  struct error error = {0};
  query.cursor = cursor;
  if (!search_run(snapshot, needs, workspace, arena, &query, &answer, &error)) {
    if (error.kind != ERROR_REFUSED) abort();
    return false;
  }
  if (answer.total != ENGINE_ROWS || answer.hit_count > query.limit) abort();
  for (size_t i = 1; query.has_point && i < answer.hit_count; i++)
    if (answer.hits[i].distance < answer.hits[i - 1].distance) abort();
  if (answer.next.length == 0) return true;
  query.cursor = answer.next;
  engine_must(search_run(snapshot, needs, workspace, arena, &query, &answer, &error), &error);
  return true;
}

/* Put the input's bytes over those of a true cursor, and seal it. */
static struct text forge(struct arena *arena, struct text cursor, struct text patch)
{
  const int form = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  unsigned char bytes[1024] = {0};
  size_t length;
  uint64_t query, sum;
  if (sodium_base642bin(bytes, sizeof bytes, cursor.at, cursor.length, NULL, &length, NULL, form))
    abort();
  memcpy(&query, bytes, sizeof query); /* the hash of the query stays */
  size_t end = sizeof query + patch.length;
  if (end > sizeof bytes - sizeof sum) end = sizeof bytes - sizeof sum;
  memcpy(bytes + sizeof query, patch.at, end - sizeof query);
  if (end < length - sizeof sum) end = length - sizeof sum;
  sum = vector_plain.hash(bytes, end);
  memcpy(bytes + end, &sum, sizeof sum);
  char *out = arena_allocate(arena, 2048);
  sodium_bin2base64(out, 2048, bytes, end + sizeof sum, form);
  return text_from(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (!needs) start();
  if (size == 0 || size > 1500) return 0;
  const struct search_query *kind = &queries[bytes[0] % 3];
  struct text rest = {(const char *)bytes + 1, size - 1};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct search_query first = *kind;
  struct search_answer answer;
  struct error error = {0};
  turn(kind, arena, rest);
  engine_must(search_run(snapshot, needs, workspace, arena, &first, &answer, &error), &error);
  turn(kind, arena, forge(arena, answer.next, rest));
  arena_free(arena);
  return 0;
}
