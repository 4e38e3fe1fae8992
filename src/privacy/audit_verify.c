/*
 * Verifying the audit: recompute every chain from its rows, and compare it with the heads that were
 * anchored outside. It mends nothing, and trusts neither the triggers nor the file.
 *
 * Invariants: chains are read a chunk at a time, each in a snapshot of its own, so that a check of
 * millions of entries holds neither memory nor a writer; entries that are added meanwhile belong to
 * later chunks. Behind a wrong entry the stored hash goes on, so that one change is one problem.
 * Threads: any.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "privacy/audit_private.h"

enum { CHUNK = 2000, ANCHORS = 500 };

struct verify {
  struct store *store;
  const struct audit_watch *watch;
  struct audit_verified *out;
  struct arena *arena; /* the present program's id */
  struct text_buffer body, scratch;

  /* Where the walk along a chain stands. */
  struct text program_id;
  struct place {
    int64_t seq;                    /* the last one read */
    unsigned char hash[AUDIT_HASH]; /* as stored with it */
    bool is_first, is_unsure;       /* nothing read yet; `hash` could not be read */
  } place;

  /* What the last chunk brought; kept only when its read ended well. */
  struct place next;
  size_t limit, found, problem_count;
  struct audit_problem problems[3 * CHUNK];
};

static void add_problem(struct verify *verify, int64_t seq, const char *what)
{
  verify->problems[verify->problem_count++] =
      (struct audit_problem){.program_id = verify->program_id, .seq = seq, .what = what};
}

static void tell(struct verify *verify, const struct audit_problem *problem)
{
  verify->out->problems++;
  if (verify->watch && verify->watch->problem)
    verify->watch->problem(verify->watch->context, problem);
}

/* --- Chains -------------------------------------------------------------------------------- */

/* Write the canonical body anew from the columns, of which AUDIT_AT is a number. */
static void write_body(struct verify *verify, const struct store_cursor *cursor)
{
  struct text fields[AUDIT_FIELDS];
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%lld", (long long)store_column_integer(cursor, 4));
  fields[AUDIT_AT] = (struct text){digits, (size_t)length};
  for (int i = AUDIT_ACTOR_KIND; i < AUDIT_FIELDS; i++)
    fields[i] = store_column_text(cursor, 4 + i);
  text_buffer_clear(&verify->body);
  audit_body_write(fields, &verify->body);
}

static bool is_unchanged(struct verify *verify, const struct store_cursor *cursor, int64_t seq,
                         struct text prev, struct text hash)
{
  const struct audit_place place = {.program_id = verify->program_id,
                                    .id = store_column_text(cursor, 2),
                                    .seq = seq,
                                    .sealed_at = store_column_integer(cursor, 3)};
  unsigned char expected[AUDIT_HASH];
  if (store_column_integer(cursor, 1) != AUDIT_FORMAT || prev.length != AUDIT_HASH ||
      hash.length != AUDIT_HASH)
    return false;
  write_body(verify, cursor);
  if (verify->body.over) return false;
  audit_hash((const unsigned char *)prev.at, &place, text_buffer_get(&verify->body),
             &verify->scratch, expected);
  return memcmp(expected, hash.at, AUDIT_HASH) == 0;
}

static void check_entry(struct verify *verify, const struct store_cursor *cursor)
{
  struct place *place = &verify->next;
  int64_t seq = store_column_integer(cursor, 0);
  int64_t expected = place->is_first ? 1 : place->seq + 1;
  struct text prev = store_column_bytes(cursor, 16), hash = store_column_bytes(cursor, 17);
  bool follows = place->is_unsure ||
                 (prev.length == AUDIT_HASH && memcmp(prev.at, place->hash, AUDIT_HASH) == 0);
  if (seq != expected) add_problem(verify, expected, "audit.gap");
  else if (!follows) add_problem(verify, seq, "audit.unlinked");
  if (!is_unchanged(verify, cursor, seq, prev, hash)) add_problem(verify, seq, "audit.changed");
  place->seq = seq;
  place->is_first = false;
  place->is_unsure = hash.length != AUDIT_HASH;
  if (!place->is_unsure) memcpy(place->hash, hash.at, AUDIT_HASH);
}

static bool read_chunk(struct store_transaction *transaction, void *context, struct error *error)
{
  struct verify *verify = context;
  struct store_cursor *cursor = NULL;
  bool more = true;
  verify->next = verify->place;
  verify->found = verify->problem_count = 0;
  if (!store_query(
          transaction, &cursor,
          "SELECT seq, format, id, sealed_at, at, actor_kind, account_id, actor_name,"
          " station_id, object, act, object_id, person_id, purpose, outcome, detail, prev,"
          " hash FROM audit_entry WHERE program_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
          STORE_BIND(STORE_T(verify->program_id),
                     STORE_N(verify->place.is_first ? INT64_MIN : verify->place.seq),
                     STORE_N(verify->limit)),
          error))
    return false;
  bool good = true;
  while (good && verify->found < verify->limit) {
    good = store_next(cursor, &more, error);
    if (!good || !more) break;
    check_entry(verify, cursor);
    verify->found++;
  }
  store_cursor_close(cursor);
  return good;
}

/* Go past one entry of which a column holds another kind of value than was ever written. */
static bool pass_broken(struct store_transaction *transaction, void *context, struct error *error)
{
  struct verify *verify = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  verify->next = verify->place;
  verify->problem_count = 0;
  if (!store_query(transaction, &cursor,
                   "SELECT seq FROM audit_entry WHERE program_id = $1 AND seq > $2 ORDER BY seq"
                   " LIMIT 1",
                   STORE_BIND(STORE_T(verify->program_id),
                              STORE_N(verify->place.is_first ? INT64_MIN : verify->place.seq)),
                   error))
    return false;
  bool good = store_next(cursor, &more, error);
  if (good && more) {
    verify->next = (struct place){.seq = store_column_integer(cursor, 0), .is_unsure = true};
    add_problem(verify, verify->next.seq, "audit.changed");
  }
  verify->found = more;
  store_cursor_close(cursor);
  return good;
}

/* Take what the chunk brought. */
static void keep_chunk(struct verify *verify)
{
  verify->place = verify->next;
  verify->out->entries += (int64_t)verify->found;
  for (size_t i = 0; i < verify->problem_count; i++) tell(verify, &verify->problems[i]);
  if (verify->watch && verify->watch->progress)
    verify->watch->progress(verify->watch->context, verify->out->entries);
}

/* Read the next chunk; one that cannot be read whole is read entry by entry. */
static bool check_chunk(struct verify *verify, struct error *error)
{
  struct error why = {0};
  verify->limit = CHUNK;
  if (store_read(verify->store, read_chunk, verify, &why)) {
    keep_chunk(verify);
    return true;
  }
  for (size_t i = 0; i < CHUNK; i++) {
    verify->limit = 1;
    if (!store_read(verify->store, read_chunk, verify, &why) &&
        !store_read(verify->store, pass_broken, verify, error))
      return false;
    keep_chunk(verify);
    if (!verify->found) break;
  }
  verify->found = CHUNK; /* there may be more */
  return true;
}

static bool check_chain(struct verify *verify, struct error *error)
{
  verify->place = (struct place){.is_first = true};
  verify->out->programs++;
  do
    if (!check_chunk(verify, error)) return false;
  while (verify->found == CHUNK);
  return true;
}

struct next_program {
  struct arena *arena;
  bool first, found;
  struct text program_id;
};

static bool find_program(struct store_transaction *transaction, void *context, struct error *error)
{
  struct next_program *next = context;
  return audit_program_next(transaction, next->arena, next->first, &next->program_id, &next->found,
                            error);
}

static bool check_chains(struct verify *verify, struct error *error)
{
  struct next_program next = {.arena = verify->arena, .first = true};
  for (;; next.first = false) {
    if (!store_read(verify->store, find_program, &next, error)) return false;
    if (!next.found) return true;
    verify->program_id = next.program_id;
    if (!check_chain(verify, error)) return false;
  }
}

/* --- Anchors ------------------------------------------------------------------------------- */

/* Lines of the anchors' file that are compared in one read. */
struct anchors {
  struct verify *verify;
  size_t count;
  struct one_anchor {
    char line[LIMIT_AUDIT_ANCHOR_LINE];
    struct audit_anchor_line anchor; /* borrows from `line` */
    const char *what;                /* found wrong, or NULL */
  } items[ANCHORS];
};

static bool compare_one(struct store_transaction *transaction, struct one_anchor *item,
                        struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT hash FROM audit_entry WHERE program_id = $1 AND seq = $2",
                   STORE_BIND(STORE_T(item->anchor.program_id), STORE_N(item->anchor.seq)), error))
    return false;
  bool good = store_next(cursor, &more, error);
  item->what = more ? NULL : "audit.cut";
  if (good && more) {
    struct text hash = store_column_bytes(cursor, 0);
    if (hash.length != AUDIT_HASH || memcmp(hash.at, item->anchor.hash, AUDIT_HASH) != 0)
      item->what = "audit.replaced";
  }
  store_cursor_close(cursor);
  return good;
}

static bool compare(struct store_transaction *transaction, void *context, struct error *error)
{
  struct anchors *anchors = context;
  for (size_t i = 0; i < anchors->count; i++)
    if (!compare_one(transaction, &anchors->items[i], error)) return false;
  return true;
}

static bool compare_all(struct anchors *anchors, struct error *error)
{
  if (!store_read(anchors->verify->store, compare, anchors, error)) return false;
  for (size_t i = 0; i < anchors->count; i++) {
    const struct one_anchor *item = &anchors->items[i];
    const struct audit_problem problem = {item->anchor.program_id, item->anchor.seq, item->what};
    if (item->what) tell(anchors->verify, &problem);
  }
  anchors->count = 0;
  return true;
}

/* Take a line of the file; a wrong one is a problem of the file, told by its line. */
static void take_line(struct anchors *anchors, struct one_anchor *item, int64_t number,
                      unsigned char link[AUDIT_HASH])
{
  struct text line = text_from(item->line);
  struct audit_problem problem = {.program_id = TEXT(""), .seq = number};
  bool joined = true;
  anchors->verify->out->anchors++;
  if (!text_ends_with(line, TEXT("\n")) ||
      !audit_anchor_read(text_slice(line, 0, line.length - 1), link, &item->anchor, &joined)) {
    problem.what = "audit.anchor_unreadable";
    tell(anchors->verify, &problem);
    return;
  }
  if (!joined) {
    problem.what = "audit.anchor_changed";
    tell(anchors->verify, &problem);
  }
  memcpy(link, item->anchor.link, AUDIT_HASH);
  anchors->count++;
}

static bool check_anchors(struct verify *verify, const char *path, struct error *error)
{
  unsigned char link[AUDIT_HASH] = {0};
  FILE *stream = fopen(path, "re");
  if (!stream)
    return error_set(error, ERROR_NOT_FOUND, "error.audit.anchor",
                     "Name the file of anchors, or look without one.", "open %s: %s", path,
                     strerror(errno));
  struct anchors *anchors = memory_allocate_zero(1, sizeof *anchors);
  anchors->verify = verify;
  bool good = true;
  for (int64_t number = 1; good; number++) {
    struct one_anchor *item = &anchors->items[anchors->count];
    if (!fgets(item->line, sizeof item->line, stream)) break;
    take_line(anchors, item, number, link);
    if (anchors->count == ANCHORS) good = compare_all(anchors, error);
  }
  if (good && ferror(stream))
    good = error_set(error, ERROR_SYSTEM, "error.audit.anchor", "Look at the disk.", "read %s: %s",
                     path, strerror(errno));
  good = good && compare_all(anchors, error);
  (void)fclose(stream);
  free(anchors);
  return good;
}

/* --- All ----------------------------------------------------------------------------------- */

bool audit_verify(struct store *store, const char *anchor_file, const struct audit_watch *watch,
                  struct audit_verified *out, struct error *error)
{
  struct audit_verified found = {0};
  struct verify *verify = memory_allocate_zero(1, sizeof *verify);
  int64_t oldest = 0;
  verify->store = store;
  verify->watch = watch;
  verify->out = &found;
  verify->arena = arena_new(LIMIT_ARENA_REQUEST);
  text_buffer_init(&verify->body, LIMIT_FILE_WHOLE);
  text_buffer_init(&verify->scratch, LIMIT_AUDIT_ENTRY);
  bool good = check_chains(verify, error) &&
              (!anchor_file || check_anchors(verify, anchor_file, error)) &&
              audit_waiting(store, &found.waiting, &oldest, error);
  text_buffer_fini(&verify->body);
  text_buffer_fini(&verify->scratch);
  arena_free(verify->arena);
  free(verify);
  if (good) *out = found;
  return good;
}
