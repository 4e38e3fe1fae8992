/*
 * The sealer: moves what waits into the chains, and links it. Not here: what an entry's bytes are
 * (audit_record.c), when to seal (the keeper, each second).
 *
 * Invariants: one sealer at a time over all processes, since each batch first writes the one row of
 * audit_sealer; an entry is sealed once (its id is unique in its chain, and the database takes it
 * from what waits as it is sealed); entries of a program are sealed in the order of their ids.
 * Something in audit_waiting that is no entry stays there and keeps nothing else: audit_verify()
 * shows it. Threads: any.
 */
#include "privacy/audit.h"

#include <string.h>

#include "privacy/audit_private.h"

/* A walk over what waits, batch by batch. */
struct walk {
  struct arena *arena, *kept; /* of one batch, of the whole walk */
  struct text_buffer scratch;
  bool only_program;
  struct text program_id, id;           /* those up to here are done */
  struct text next_program_id, next_id; /* the last of the batch */
  int64_t now;
  size_t found, sealed; /* in the last batch */
};

struct one_waiting {
  struct text program_id, id, body;
};

/* The head of the chain that is being written. */
struct head {
  struct text program_id;
  bool is_known;
  int64_t seq;
  unsigned char hash[AUDIT_HASH];
};

bool audit_head_read(struct store_transaction *transaction, struct text program_id, int64_t *seq,
                     unsigned char hash[AUDIT_HASH], struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT seq, hash FROM audit_entry WHERE program_id = $1 ORDER BY seq DESC"
                   " LIMIT 1",
                   STORE_BIND(STORE_T(program_id)), error))
    return false;
  bool good = store_next(cursor, &more, error);
  *seq = 0;
  memset(hash, 0, AUDIT_HASH);
  if (good && more) {
    struct text bytes = store_column_bytes(cursor, 1);
    *seq = store_column_integer(cursor, 0);
    if (bytes.length == AUDIT_HASH) memcpy(hash, bytes.at, AUDIT_HASH);
  }
  store_cursor_close(cursor);
  return good;
}

static bool link_entry(struct store_transaction *transaction, struct walk *walk, struct head *head,
                       const struct one_waiting *entry, const struct text fields[AUDIT_FIELDS],
                       int64_t at, struct error *error)
{
  if (!head->is_known || !text_equal(head->program_id, entry->program_id)) {
    head->program_id = entry->program_id;
    head->is_known = audit_head_read(transaction, head->program_id, &head->seq, head->hash, error);
    if (!head->is_known) return false;
  }
  const struct audit_place place = {.program_id = entry->program_id,
                                    .id = entry->id,
                                    .seq = head->seq + 1,
                                    .sealed_at = walk->now};
  unsigned char hash[AUDIT_HASH];
  audit_hash(head->hash, &place, entry->body, &walk->scratch, hash);
  if (!store_execute(
          transaction,
          "INSERT INTO audit_entry (program_id, seq, format, id, sealed_at, at, actor_kind,"
          " account_id, actor_name, station_id, object, act, object_id, person_id, purpose, "
          "outcome,"
          " detail, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
          "$14,"
          " $15, $16, $17, $18, $19)",
          STORE_BIND(STORE_T(place.program_id), STORE_N(place.seq), STORE_N(AUDIT_FORMAT),
                     STORE_T(place.id), STORE_N(place.sealed_at), STORE_N(at),
                     STORE_T(fields[AUDIT_ACTOR_KIND]), STORE_T(fields[AUDIT_ACCOUNT_ID]),
                     STORE_T(fields[AUDIT_ACTOR_NAME]), STORE_T(fields[AUDIT_STATION_ID]),
                     STORE_T(fields[AUDIT_OBJECT]), STORE_T(fields[AUDIT_ACT]),
                     STORE_T(fields[AUDIT_OBJECT_ID]), STORE_T(fields[AUDIT_PERSON_ID]),
                     STORE_T(fields[AUDIT_PURPOSE]), STORE_T(fields[AUDIT_OUTCOME]),
                     STORE_T(fields[AUDIT_DETAIL]),
                     STORE_B(((struct text){(const char *)head->hash, AUDIT_HASH})),
                     STORE_B(((struct text){(const char *)hash, AUDIT_HASH}))),
          NULL, error))
    return false;
  head->seq = place.seq;
  memcpy(head->hash, hash, AUDIT_HASH);
  walk->sealed++;
  return true;
}

/* Read the next batch of what waits, in the arena. */
static bool read_batch(struct store_transaction *transaction, struct walk *walk,
                       struct one_waiting *batch, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = true;
  bool good =
      walk->only_program
          ? store_query(transaction, &cursor,
                        "SELECT program_id, id, entry FROM audit_waiting WHERE program_id = $1"
                        " AND id > $2 ORDER BY id LIMIT $3",
                        STORE_BIND(STORE_T(walk->program_id), STORE_T(walk->id),
                                   STORE_N(LIMIT_AUDIT_BATCH)),
                        error)
          : store_query(transaction, &cursor,
                        "SELECT program_id, id, entry FROM audit_waiting WHERE"
                        " (program_id, id) > ($1, $2) ORDER BY program_id, id LIMIT $3",
                        STORE_BIND(STORE_T(walk->program_id), STORE_T(walk->id),
                                   STORE_N(LIMIT_AUDIT_BATCH)),
                        error);
  while (good && walk->found < LIMIT_AUDIT_BATCH) {
    good = store_next(cursor, &more, error);
    if (!good || !more) break;
    batch[walk->found++] =
        (struct one_waiting){text_copy(walk->arena, store_column_text(cursor, 0)),
                             text_copy(walk->arena, store_column_text(cursor, 1)),
                             text_copy(walk->arena, store_column_bytes(cursor, 2))};
  }
  store_cursor_close(cursor);
  return good;
}

/* Is it an entry that can stand in a chain? */
static bool is_entry(const struct one_waiting *waiting, struct text fields[AUDIT_FIELDS],
                     int64_t *at)
{
  return uuid_is_valid(waiting->id) && waiting->program_id.length <= LIMIT_AUDIT_WORD &&
         audit_body_read(waiting->body, fields, at) && audit_fields_check(fields);
}

static bool seal_batch(struct store_transaction *transaction, void *context, struct error *error)
{
  struct walk *walk = context;
  arena_clear(walk->arena);
  struct one_waiting *batch = arena_allocate_array(walk->arena, LIMIT_AUDIT_BATCH, sizeof *batch);
  struct head head = {0};
  walk->found = walk->sealed = 0;
  if (!store_execute(transaction, "UPDATE audit_sealer SET turn = turn + 1 WHERE id = 1",
                     STORE_BIND_NONE, NULL, error) ||
      !read_batch(transaction, walk, batch, error))
    return false;
  for (size_t i = 0; i < walk->found; i++) {
    struct text fields[AUDIT_FIELDS];
    int64_t at = 0;
    if (is_entry(&batch[i], fields, &at) &&
        !link_entry(transaction, walk, &head, &batch[i], fields, at, error))
      return false;
  }
  if (walk->found) {
    walk->next_program_id = batch[walk->found - 1].program_id;
    walk->next_id = batch[walk->found - 1].id;
  }
  return true;
}

static void walk_init(struct walk *walk, int64_t now)
{
  *walk = (struct walk){
      .arena = arena_new(LIMIT_ARENA_REQUEST), .kept = arena_new(LIMIT_ARENA_REQUEST), .now = now};
  text_buffer_init(&walk->scratch, LIMIT_AUDIT_ENTRY);
}

static void walk_fini(struct walk *walk)
{
  text_buffer_fini(&walk->scratch);
  arena_free(walk->arena);
  arena_free(walk->kept);
}

/* Go behind the batch that was committed; false at the end. */
static bool walk_on(struct walk *walk)
{
  if (walk->found < LIMIT_AUDIT_BATCH) return false;
  walk->program_id = text_copy(walk->kept, walk->next_program_id);
  walk->id = text_copy(walk->kept, walk->next_id);
  return true;
}

bool audit_seal_program(struct store_transaction *transaction, struct text program_id, int64_t now,
                        struct error *error)
{
  struct walk walk;
  walk_init(&walk, now);
  walk.only_program = true;
  walk.program_id = program_id;
  bool good;
  do good = seal_batch(transaction, &walk, error);
  while (good && walk_on(&walk));
  walk_fini(&walk);
  return good;
}

/* --- What waits ---------------------------------------------------------------------------- */

struct waiting {
  int64_t count, oldest;
};

static bool count_waiting(struct store_transaction *transaction, void *context, struct error *error)
{
  struct waiting *out = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor, "SELECT count(*), min(at) FROM audit_waiting",
                   STORE_BIND_NONE, error))
    return false;
  bool good = store_next(cursor, &more, error);
  if (good)
    *out = (struct waiting){store_column_integer(cursor, 0), store_column_integer(cursor, 1)};
  store_cursor_close(cursor);
  return good;
}

bool audit_waiting(struct store *store, int64_t *count, int64_t *oldest, struct error *error)
{
  struct waiting waiting = {0};
  if (!store_read(store, count_waiting, &waiting, error)) return false;
  *count = waiting.count;
  *oldest = waiting.oldest;
  return true;
}

static bool look_for_any(struct store_transaction *transaction, void *context, struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor, "SELECT 1 FROM audit_waiting LIMIT 1", STORE_BIND_NONE,
                   error))
    return false;
  bool good = store_next(cursor, context, error);
  store_cursor_close(cursor);
  return good;
}

bool audit_seal(struct store *store, int64_t now, size_t *sealed, struct error *error)
{
  struct walk walk;
  size_t count = 0;
  bool any = false;
  /* Looking is a read: a server that has nothing to seal keeps no writer waiting. */
  if (!store_read(store, look_for_any, &any, error)) return false;
  walk_init(&walk, now);
  bool good = true;
  while (any && good) {
    good = store_write(store, seal_batch, &walk, error);
    if (good) count += walk.sealed;
    any = good && walk_on(&walk);
  }
  walk_fini(&walk);
  *sealed = count;
  return good;
}
