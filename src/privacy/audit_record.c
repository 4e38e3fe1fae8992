/*
 * The bytes of an audit entry and what its detail may hold: see audit_record.h. Not here: tables,
 * chains.
 *
 * Invariants: two different lists of fields never give the same bytes; a body that was read writes
 * the same bytes again. Threads: any; the list of detail keys is read once and then never changed.
 */
#include "privacy/audit_record.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* --- Fields -------------------------------------------------------------------------------- */

static void add_field(struct text_buffer *out, struct text t)
{
  const char length[4] = {(char)(t.length >> 24 & 0xFF), (char)(t.length >> 16 & 0xFF),
                          (char)(t.length >> 8 & 0xFF), (char)(t.length & 0xFF)};
  text_buffer_add(out, (struct text){length, sizeof length});
  text_buffer_add(out, t);
}

static void add_number(struct text_buffer *out, int64_t number)
{
  char digits[24];
  bool is_negative = number < 0;
  digits[0] = '-';
  uint64_t size = is_negative ? (uint64_t)0 - (uint64_t)number : (uint64_t)number;
  char *end = text_write_number(size, digits + is_negative);
  add_field(out, (struct text){digits, (size_t)(end - digits)});
}

static bool take_field(struct text *rest, struct text *out)
{
  if (rest->length < 4) return false;
  const unsigned char *at = (const unsigned char *)rest->at;
  size_t length = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | (size_t)at[3];
  if (length > rest->length - 4) return false;
  *out = (struct text){rest->at + 4, length};
  *rest = (struct text){rest->at + 4 + length, rest->length - 4 - length};
  return true;
}

void audit_body_write(const struct text fields[AUDIT_FIELDS], struct text_buffer *out)
{
  for (size_t i = 0; i < AUDIT_FIELDS; i++) add_field(out, fields[i]);
}

bool audit_body_read(struct text body, struct text fields[AUDIT_FIELDS], int64_t *at)
{
  for (size_t i = 0; i < AUDIT_FIELDS; i++)
    if (!take_field(&body, &fields[i])) return false;
  return body.length == 0 && text_read_integer(fields[AUDIT_AT], at);
}

bool audit_fields_check(const struct text fields[AUDIT_FIELDS])
{
  for (size_t i = 0; i < AUDIT_FIELDS; i++) {
    struct text t = fields[i];
    if (t.length && (memchr(t.at, 0, t.length) || !text_is_utf8(t))) return false;
  }
  return true;
}

void audit_hash(const unsigned char prev[AUDIT_HASH], const struct audit_place *place,
                struct text body, struct text_buffer *scratch, unsigned char out[AUDIT_HASH])
{
  text_buffer_clear(scratch);
  add_field(scratch, TEXT("fairlead-audit-1"));
  add_field(scratch, place->program_id);
  add_number(scratch, place->seq);
  add_field(scratch, place->id);
  add_number(scratch, place->sealed_at);
  struct text head = text_buffer_get(scratch);
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, prev, AUDIT_HASH);
  crypto_hash_sha256_update(&state, (const unsigned char *)head.at, head.length);
  if (body.length) crypto_hash_sha256_update(&state, (const unsigned char *)body.at, body.length);
  crypto_hash_sha256_final(&state, out);
}

/* --- Details ------------------------------------------------------------------------------- */

enum { DETAIL_DEPTH = 4 };

static bool is_word(struct text t, const char *signs, size_t longest)
{
  if (t.length > longest) return false;
  for (size_t i = 0; i < t.length; i++) {
    char c = t.at[i];
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_letter && !memchr(signs, c, strlen(signs))) return false;
  }
  return true;
}

static bool check_value(const struct value *value, int depth, const char **wrong);

static bool check_members(const struct value *object, int depth, const char **wrong)
{
  struct text key;
  const struct value *item;
  for (size_t i = 0; value_member(object, i, &key, &item); i++) {
    if (!key.length || !is_word(key, "_", LIMIT_AUDIT_WORD)) {
      *wrong = "a key that is not of letters, digits and _";
      return false;
    }
    if (!check_value(item, depth + 1, wrong)) return false;
  }
  return true;
}

static bool check_value(const struct value *value, int depth, const char **wrong)
{
  if (depth > DETAIL_DEPTH) {
    *wrong = "nested too deep";
    return false;
  }
  switch (value_kind_get(value)) {
  case VALUE_NULL:
  case VALUE_FALSE:
  case VALUE_TRUE:
  case VALUE_NUMBER:
    return true;
  case VALUE_TEXT:
    if (is_word(value_text_get(value), "._:-", LIMIT_AUDIT_WORD)) return true;
    *wrong = "a text that is no id, code or name of a field";
    return false;
  case VALUE_LIST:
    for (size_t i = 0; i < value_count(value); i++)
      if (!check_value(value_item(value, i), depth + 1, wrong)) return false;
    return true;
  case VALUE_OBJECT:
    return check_members(value, depth, wrong);
  case VALUE_JSON:
  case VALUE_HTML:
    break;
  }
  *wrong = "a ready slice, which nobody can check";
  return false;
}

bool audit_detail_check(const struct value *detail, const char **wrong)
{
  if (!detail) return true;
  if (value_kind_get(detail) == VALUE_OBJECT) return check_value(detail, 0, wrong);
  *wrong = "no object";
  return false;
}

/* --- The list of keys ---------------------------------------------------------------------- */

static pthread_once_t keys_once = PTHREAD_ONCE_INIT;
static struct table keys;       /* columns key, holds */
static struct arena *key_arena; /* its memory, for as long as the process runs */

static void free_keys(void)
{
  arena_free(key_arena);
}

/* In the share folder of an installation, else where a test runs: beside the sources. */
static void read_keys(void)
{
  struct arena *arena = key_arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  (void)atexit(free_keys);
  struct error error = {0};
  struct text content;
  char *share;
  const char *folder =
      file_share_folder(arena, &share, &error) ? file_join(arena, share, "knowledge") : "knowledge";
  if (file_read(arena, file_join(arena, folder, "audit-details.csv"), LIMIT_KNOWLEDGE_FILE,
                &content, &error) &&
      table_read_csv(arena, content, &keys, &error))
    return;
  keys = (struct table){0};
}

static bool find_key(struct text key)
{
  for (size_t i = 0; i < keys.row_count; i++)
    if (text_equal(table_cell(&keys, i, 0), key)) return true;
  return false;
}

static bool is_listed(const struct value *value, struct text *missing)
{
  struct text key;
  const struct value *item;
  for (size_t i = 0; value_member(value, i, &key, &item); i++) {
    if (!find_key(key)) {
      *missing = key;
      return false;
    }
    if (!is_listed(item, missing)) return false;
  }
  if (value_kind_get(value) != VALUE_LIST) return true;
  for (size_t i = 0; i < value_count(value); i++)
    if (!is_listed(value_item(value, i), missing)) return false;
  return true;
}

bool audit_detail_is_listed(const struct value *detail, struct text *missing)
{
  pthread_once(&keys_once, read_keys);
  return !detail || !keys.row_count || is_listed(detail, missing);
}
