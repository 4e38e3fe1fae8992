/*
 * Carried answers: packing, sealing, taking back. See carry.h.
 */
#include "web/carry.h"

#include <math.h>
#include <sodium.h>
#include <string.h>
#include <zlib.h>

#include "web/desk/desk.h"

enum {
  UNPACKED_MOST = 64 * 1024, /* bytes of a token's document */
  SECONDS_OF_A_DAY = 24 * 60 * 60
};

static const char *const voices[] = {
    [CHOOSE_SELF] = "self", [CHOOSE_OTHER] = "other", [CHOOSE_STAFF] = "staff"};
enum { VOICES = sizeof voices / sizeof *voices };

/* --- Packing ------------------------------------------------------------------------------- */

static const struct value *document_of(const struct level_of_care *table, struct arena *arena,
                                       const struct facts *facts, enum choose_voice voice,
                                       struct text was)
{
  struct value *document = value_object(arena), *known = value_object(arena);
  for (size_t i = 0; i < facts_count(table); i++)
    if (!isnan(facts->value[i]))
      value_append(known, facts_get(table, i)->name, facts_write(table, arena, i, facts->value[i]));
  value_set(document, "who", value_text(arena, text_from(voices[voice])));
  value_set(document, "was", value_text(arena, was));
  value_set(document, "facts", known);
  return document;
}

/* Raw deflate; "" when it cannot be. */
static struct text pack(struct arena *arena, struct text plain)
{
  z_stream stream = {0};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return TEXT("");
  size_t most = deflateBound(&stream, plain.length);
  char *packed = arena_allocate(arena, most);
  stream.next_in = (z_const Bytef *)(uintptr_t)plain.at;
  stream.avail_in = (uInt)plain.length;
  stream.next_out = (Bytef *)packed;
  stream.avail_out = (uInt)most;
  bool is_done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  size_t length = most - stream.avail_out;
  deflateEnd(&stream);
  return is_done ? (struct text){packed, length} : TEXT("");
}

static bool unpack(struct arena *arena, struct text packed, struct text *out)
{
  z_stream stream = {0};
  char *plain = arena_allocate(arena, UNPACKED_MOST);
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = (z_const Bytef *)(uintptr_t)packed.at;
  stream.avail_in = (uInt)packed.length;
  stream.next_out = (Bytef *)plain;
  stream.avail_out = UNPACKED_MOST;
  bool is_done = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  *out = (struct text){plain, UNPACKED_MOST - stream.avail_out};
  inflateEnd(&stream);
  return is_done;
}

bool carry_write(const struct web_application *application, struct arena *arena,
                 const struct facts *facts, enum choose_voice voice, struct text was, int64_t now,
                 struct text *token, struct error *error)
{
  struct text_buffer json;
  text_buffer_init(&json, UNPACKED_MOST);
  json_write(document_of(application->care, arena, facts, voice, was), &json);
  struct text packed = json.over ? TEXT("") : pack(arena, text_buffer_get(&json));
  text_buffer_fini(&json);
  if (!packed.length || seal_length(packed.length) > CARRY_LONGEST)
    return error_set(error, ERROR_REFUSED, "error.carry.long", "Print the page instead.",
                     "the answers take more than %d characters", CARRY_LONGEST);
  *token = seal_write(arena, application->key, TEXT("carry"), packed, now,
                      (int64_t)CARRY_DAYS * SECONDS_OF_A_DAY);
  return true;
}

static bool read_voice(const struct value *document, enum choose_voice *out)
{
  struct text who = value_text_get(value_get(document, TEXT("who")));
  for (size_t i = 0; i < VOICES; i++)
    if (text_equal(who, text_from(voices[i]))) {
      *out = (enum choose_voice)i;
      return true;
    }
  return false;
}

bool carry_read(const struct web_application *application, struct arena *arena, struct text token,
                int64_t now, struct carried *out, struct error *error)
{
  struct seal seal;
  struct text plain;
  const struct value *document;
  struct carried carried = {0};
  if (!seal_read(arena, application->key, TEXT("carry"), token, now, &seal, error)) {
    bool is_old = text_equal(text_from(error->person), TEXT("error.seal.expired"));
    error->person = is_old ? "error.carry.expired" : "error.carry.broken";
    return false;
  }
  /* It is ours. What follows can fail only when the program or its knowledge has changed. */
  if (!unpack(arena, seal.bytes, &plain) || !json_read(arena, plain, &document, error) ||
      !read_voice(document, &carried.voice) ||
      !facts_read(application->care, value_get(document, TEXT("facts")), &carried.facts, error))
    return error_set(error, ERROR_REFUSED, "error.carry.outdated", "Answer the questions again.",
                     "carried facts are no longer of the table");
  carried.was = value_text_get(value_get(document, TEXT("was")));
  carried.made = seal.issued;
  carried.until = seal.expires;
  memcpy(carried.id, seal.id, sizeof carried.id);
  *out = carried;
  return true;
}

/* --- Taking back --------------------------------------------------------------------------- */

struct asking {
  char id[2 * SEAL_ID_BYTES + 1];
  int64_t expires, now;
  bool found;
};

static struct asking asking_of(const struct carried *carried, int64_t now)
{
  struct asking asking = {.expires = carried->until, .now = now};
  sodium_bin2hex(asking.id, sizeof asking.id, carried->id, sizeof carried->id);
  return asking;
}

static bool find(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  struct store_cursor *cursor;
  return store_query(transaction, &cursor, "SELECT expires FROM carry_revoked WHERE id = $1",
                     STORE_BIND(STORE_T(text_from(asking->id))), error) &&
         store_next(cursor, &asking->found, error);
}

static bool forget(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct asking *asking = context;
  return store_execute(transaction, "DELETE FROM carry_revoked WHERE expires <= $1",
                       STORE_BIND(STORE_N(asking->now)), NULL, error);
}

static bool keep_id(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct asking *asking = context;
  return forget(transaction, context, error) &&
         store_execute(transaction,
                       "INSERT INTO carry_revoked (id, expires) VALUES ($1, $2) "
                       "ON CONFLICT (id) DO NOTHING",
                       STORE_BIND(STORE_T(text_from(asking->id)), STORE_N(asking->expires)), NULL,
                       error);
}

bool carry_is_revoked(struct store *store, const struct carried *carried, bool *out,
                      struct error *error)
{
  struct asking asking = asking_of(carried, 0);
  if (!store_read(store, find, &asking, error)) return false;
  *out = asking.found;
  return true;
}

bool carry_revoke(struct store *store, const struct carried *carried, int64_t now,
                  struct error *error)
{
  struct asking asking = asking_of(carried, now);
  return store_write(store, keep_id, &asking, error);
}

bool carry_forget(struct store *store, int64_t now, struct error *error)
{
  struct asking asking = {.now = now};
  return store_write(store, forget, &asking, error);
}

bool web_forget_expired(const struct web_application *application, struct error *error)
{
  return carry_forget(application->store, time_now(), error) &&
         desk_forget(application->store, time_now(), error);
}
