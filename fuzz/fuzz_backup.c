/*
 * Fuzz backups. The first byte says how: the bytes behind it as a whole file; or sealed here, with
 * libsodium's own functions and in pieces of a length that the second byte says, as what stands
 * inside. Whatever they are, reading ends, and what is handed on has the promised form.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "store/backup_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char magic[] = "FAIRLEAD BACKUP 1\n";
static const char key_text[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static bool expect_part(void *context, const struct backup_stream *stream, struct error *error)
{
  (void)context;
  (void)error;
  if (stream->part == BACKUP_ROW) {
    if (stream->table.column_count == 0) abort();
    for (size_t i = 0; i < stream->table.column_count; i++) {
      const struct store_value *value = &stream->values[i];
      if (value->kind == STORE_TEXT && !text_is_utf8(value->text)) abort();
      if (value->kind == STORE_DECIMAL && !(value->decimal - value->decimal == 0)) abort();
    }
  }
  if (stream->part == BACKUP_TABLE)
    for (size_t i = 0; i < stream->table.column_count; i++)
      if (!backup_name_check(stream->table.columns[i])) abort();
  return true;
}

/* As docs and backup_file.h say, without the code under test. */
static unsigned char *seal(const uint8_t *at, size_t size, size_t piece, size_t *length)
{
  unsigned char key[32], *out = malloc(18 + 16 + 24 + (size / piece + 2) * (4 + 17) + size);
  crypto_secretstream_xchacha20poly1305_state state;
  for (unsigned char i = 0; i < sizeof key; i++) key[i] = i;
  memcpy(out, magic, 18);
  crypto_generichash(out + 18, 16, key, sizeof key, (const unsigned char *)magic, 18);
  crypto_secretstream_xchacha20poly1305_init_push(&state, out + 34, key);
  unsigned char *to = out + 58;
  do {
    size_t step = size < piece ? size : piece;
    unsigned long long sealed;
    unsigned char tag = step == size ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
    crypto_secretstream_xchacha20poly1305_push(&state, to + 4, &sealed, at, step,
                                               (const unsigned char *)magic, 18, tag);
    for (int i = 0; i < 4; i++) to[i] = (unsigned char)(sealed >> (8 * i));
    to += 4 + sealed;
    at += step;
    size -= step;
  } while (size);
  *length = (size_t)(to - out);
  return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct backup_key *key;
  struct backup_reader *reader;
  struct backup_manifest manifest;
  struct error error = {0};
  if (size < 3 || sodium_init() < 0) return 0;
  if (!backup_key_read(&key, text_from(key_text), &error)) abort();
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  size_t length = size - 1;
  bool is_inside = bytes[0] != 'F';
  unsigned char *file =
      is_inside ? seal(bytes + 2, size - 2, (size_t)bytes[1] * 16 + 1, &length) : NULL;
  FILE *stream = fmemopen(is_inside ? file : (void *)(uintptr_t)(bytes + 1), length, "rb");
  if (backup_reader_open_stream(&reader, stream, "f", key, &error)) {
    if (backup_walk_reader(reader, arena, expect_part, NULL, &manifest, &error)) {
      if (!manifest.kind.length || manifest.rows < 0 || !manifest.document) abort();
    } else if (error.kind != ERROR_REFUSED) {
      abort();
    }
    backup_reader_close(reader);
  } else if (is_inside || error.kind != ERROR_REFUSED) {
    abort();
  }
  free(file);
  arena_free(arena);
  backup_key_free(key);
  return 0;
}
