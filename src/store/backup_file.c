/*
 * Encrypted files of chunks: see backup_file.h.
 */
#include "store/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  KEY = crypto_secretstream_xchacha20poly1305_KEYBYTES,
  HEADER = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
  EXTRA = crypto_secretstream_xchacha20poly1305_ABYTES,
  CHUNK = LIMIT_BACKUP_CHUNK,
  ID = 16,
  KEYS = 8
};
static const char magic[] = "FAIRLEAD BACKUP 1\n";
enum { MAGIC = sizeof magic - 1, OPEN = MAGIC + ID };

/* --- Keys ---------------------------------------------------------------------------------- */

struct backup_key {
  size_t count;
  struct one {
    unsigned char bytes[KEY], id[ID];
  } keys[KEYS];
};

static bool refuse_key(struct error *error, const char *what)
{
  return error_set(error, ERROR_REFUSED, "error.backup.key",
                   "A key file has a line of 64 hexadecimal digits: fairlead backup --new-key FILE "
                   "makes one.",
                   "backup key: %s", what);
}

static bool fail(struct error *error, const char *verb, const char *path)
{
  return error_set(error, ERROR_SYSTEM, "error.file",
                   "Check that the folder exists, that its rights allow it, and that the disk has "
                   "room.",
                   "%s %s: %s", verb, path, strerror(errno));
}

bool backup_key_make(const char *path, struct error *error)
{
  unsigned char key[KEY];
  char line[2 * KEY + 2];
  if (sodium_init() < 0) return refuse_key(error, "no source of randomness");
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(error, "create", path);
  randombytes_buf(key, sizeof key);
  sodium_bin2hex(line, sizeof line, key, sizeof key);
  line[2 * KEY] = '\n';
  bool good = write(file, line, 2 * KEY + 1) == 2 * KEY + 1 && fsync(file) == 0;
  if (!good) fail(error, "write", path);
  close(file);
  if (!good) unlink(path);
  sodium_memzero(key, sizeof key);
  sodium_memzero(line, sizeof line);
  return good;
}

bool backup_key_read(struct backup_key **out, struct text content, struct error *error)
{
  if (sodium_init() < 0) return refuse_key(error, "no source of randomness");
  struct backup_key *key = sodium_malloc(sizeof *key);
  if (!key) return error_set(error, ERROR_SYSTEM, "error.system", "", "no memory for a key");
  memset(key, 0, sizeof *key);
  struct text line;
  bool good = true;
  while (good && text_split_next(&content, '\n', &line)) {
    line = text_trim(line);
    if (!line.length) continue;
    struct one *one = &key->keys[key->count < KEYS ? key->count : 0];
    good = key->count < KEYS && line.length == (size_t)2 * KEY &&
           sodium_hex2bin(one->bytes, KEY, line.at, line.length, NULL, NULL, NULL) == 0;
    if (good) crypto_generichash(one->id, ID, one->bytes, KEY, (const unsigned char *)magic, MAGIC);
    key->count++;
  }
  if (!good || key->count == 0) {
    sodium_free(key);
    return refuse_key(error, "not of the form that docs/operations.md tells");
  }
  sodium_mprotect_readonly(key);
  *out = key;
  return true;
}

bool backup_key_load(struct backup_key **out, const char *path, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text content = TEXT("");
  bool good = file_read_secret(arena, path, LIMIT_SECRET_FILE, &content, error) &&
              backup_key_read(out, content, error);
  if (!good) error_add_context(error, "%s", path);
  char *bytes = arena_allocate(arena, content.length + 1);
  memcpy(bytes, text_start(content), content.length);
  sodium_memzero(bytes, content.length);
  arena_free(arena);
  return good;
}

void backup_key_free(struct backup_key *key)
{
  sodium_free(key); /* which wipes it */
}

/* --- Writing ------------------------------------------------------------------------------- */

struct backup_writer {
  int file;
  char *path;
  crypto_secretstream_xchacha20poly1305_state state;
  crypto_hash_sha256_state hash;
  size_t length; /* of `plain` */
  unsigned char plain[CHUNK], sealed[4 + CHUNK + EXTRA];
};

static bool write_all(struct backup_writer *writer, const unsigned char *at, size_t length,
                      struct error *error)
{
  while (length) {
    ssize_t step = write(writer->file, at, length);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) return fail(error, "write", writer->path);
    at += step;
    length -= (size_t)step;
  }
  return true;
}

bool backup_writer_open(struct backup_writer **out, const char *path, const struct backup_key *key,
                        struct error *error)
{
  unsigned char open_part[OPEN + HEADER];
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(error, "create", path);
  struct backup_writer *writer = memory_allocate_zero(1, sizeof *writer);
  writer->file = file;
  writer->path = memory_allocate(strlen(path) + 1);
  memcpy(writer->path, path, strlen(path) + 1);
  crypto_hash_sha256_init(&writer->hash);
  memcpy(open_part, magic, MAGIC);
  memcpy(open_part + MAGIC, key->keys[0].id, ID);
  crypto_secretstream_xchacha20poly1305_init_push(&writer->state, open_part + OPEN,
                                                  key->keys[0].bytes);
  if (!write_all(writer, open_part, sizeof open_part, error)) {
    backup_writer_close(writer);
    return false;
  }
  *out = writer;
  return true;
}

/* Seal and write what is gathered. The open part of the file is authenticated with each chunk. */
static bool push(struct backup_writer *writer, unsigned char tag, struct error *error)
{
  unsigned long long sealed;
  crypto_secretstream_xchacha20poly1305_push(&writer->state, writer->sealed + 4, &sealed,
                                             writer->plain, writer->length,
                                             (const unsigned char *)magic, MAGIC, tag);
  for (int i = 0; i < 4; i++) writer->sealed[i] = (unsigned char)(sealed >> (8 * i));
  writer->length = 0;
  return write_all(writer, writer->sealed, 4 + (size_t)sealed, error);
}

bool backup_writer_add(struct backup_writer *writer, const void *bytes, size_t length,
                       struct error *error)
{
  const unsigned char *at = bytes;
  if (length) crypto_hash_sha256_update(&writer->hash, at, length);
  while (length) {
    size_t room = CHUNK - writer->length, step = length < room ? length : room;
    memcpy(writer->plain + writer->length, at, step);
    writer->length += step;
    at += step;
    length -= step;
    if (writer->length == CHUNK && !push(writer, 0, error)) return false;
  }
  return true;
}

static struct text hash_of(crypto_hash_sha256_state state, struct arena *arena)
{
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state, hash);
  char *digits = arena_allocate(arena, 2 * sizeof hash + 1);
  sodium_bin2hex(digits, 2 * sizeof hash + 1, hash, sizeof hash);
  return text_from(digits);
}

struct text backup_writer_hash(const struct backup_writer *writer, struct arena *arena)
{
  return hash_of(writer->hash, arena);
}

bool backup_writer_finish(struct backup_writer *writer, struct error *error)
{
  if (!push(writer, crypto_secretstream_xchacha20poly1305_TAG_FINAL, error)) return false;
  return fsync(writer->file) == 0 || fail(error, "flush", writer->path);
}

void backup_writer_close(struct backup_writer *writer)
{
  if (!writer) return;
  close(writer->file);
  free(writer->path);
  sodium_memzero(writer, sizeof *writer);
  free(writer);
}

/* --- Reading ------------------------------------------------------------------------------- */

struct backup_reader {
  FILE *stream;
  const char *name;
  crypto_secretstream_xchacha20poly1305_state state;
  crypto_hash_sha256_state hash;
  size_t at, length; /* what of `plain` is read, and how much there is */
  bool was_last;
  unsigned char plain[CHUNK], sealed[CHUNK + EXTRA];
};

bool backup_reader_refuse(const struct backup_reader *reader, const char *what, struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.backup.broken",
                   "Take another backup, or bring this one from its copy again.", "%s: %s",
                   reader->name, what);
}

static const struct one *key_of(const struct backup_key *key, const unsigned char *id)
{
  for (size_t i = 0; i < key->count; i++)
    if (memcmp(key->keys[i].id, id, ID) == 0) return &key->keys[i];
  return NULL;
}

static bool read_open_part(struct backup_reader *reader, const struct backup_key *key,
                           struct error *error)
{
  unsigned char open_part[OPEN + HEADER];
  size_t got = fread(open_part, 1, sizeof open_part, reader->stream);
  if (got < MAGIC || memcmp(open_part, magic, MAGIC) != 0)
    return backup_reader_refuse(reader, "no backup of this program", error);
  if (got < sizeof open_part) return backup_reader_refuse(reader, "it is cut", error);
  const struct one *one = key_of(key, open_part + MAGIC);
  if (!one)
    return error_set(error, ERROR_REFUSED, "error.backup.key",
                     "Name the key file that was used when this backup was made.",
                     "%s: sealed by another key", reader->name);
  if (crypto_secretstream_xchacha20poly1305_init_pull(&reader->state, open_part + OPEN,
                                                      one->bytes) != 0)
    return backup_reader_refuse(reader, "its header is changed", error);
  return true;
}

bool backup_reader_open_stream(struct backup_reader **out, FILE *stream, const char *name,
                               const struct backup_key *key, struct error *error)
{
  struct backup_reader *reader = memory_allocate_zero(1, sizeof *reader);
  reader->stream = stream;
  reader->name = name;
  crypto_hash_sha256_init(&reader->hash);
  if (!read_open_part(reader, key, error)) {
    backup_reader_close(reader);
    return false;
  }
  *out = reader;
  return true;
}

bool backup_reader_open(struct backup_reader **out, const char *path, const struct backup_key *key,
                        struct error *error)
{
  FILE *stream = fopen(path, "rbe");
  if (!stream) return fail(error, "open", path);
  return backup_reader_open_stream(out, stream, path, key, error);
}

/* Open the next chunk. */
static bool pull(struct backup_reader *reader, struct error *error)
{
  unsigned char head[4], tag;
  unsigned long long length;
  if (reader->was_last) return backup_reader_refuse(reader, "it ends too early", error);
  if (fread(head, 1, sizeof head, reader->stream) != sizeof head)
    return backup_reader_refuse(reader, ferror(reader->stream) ? "it cannot be read" : "it is cut",
                                error);
  size_t sealed =
      (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
  if (sealed < EXTRA || sealed > sizeof reader->sealed)
    return backup_reader_refuse(reader, "a chunk's length is changed", error);
  if (fread(reader->sealed, 1, sealed, reader->stream) != sealed)
    return backup_reader_refuse(reader, ferror(reader->stream) ? "it cannot be read" : "it is cut",
                                error);
  if (crypto_secretstream_xchacha20poly1305_pull(&reader->state, reader->plain, &length, &tag,
                                                 reader->sealed, sealed,
                                                 (const unsigned char *)magic, MAGIC) != 0)
    return backup_reader_refuse(reader, "a chunk is changed, missing or in another place", error);
  reader->at = 0;
  reader->length = (size_t)length;
  reader->was_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return true;
}

bool backup_reader_take(struct backup_reader *reader, void *into, size_t length,
                        struct error *error)
{
  unsigned char *at = into;
  while (length) {
    if (reader->at == reader->length && !pull(reader, error)) return false;
    size_t rest = reader->length - reader->at, step = length < rest ? length : rest;
    if (!step) continue; /* an empty chunk */
    memcpy(at, reader->plain + reader->at, step);
    crypto_hash_sha256_update(&reader->hash, at, step);
    reader->at += step;
    at += step;
    length -= step;
  }
  return true;
}

struct text backup_reader_hash(const struct backup_reader *reader, struct arena *arena)
{
  return hash_of(reader->hash, arena);
}

bool backup_reader_end(struct backup_reader *reader, struct error *error)
{
  while (reader->at == reader->length && !reader->was_last)
    if (!pull(reader, error)) return false;
  if (reader->at < reader->length) return backup_reader_refuse(reader, "more than its end", error);
  if (fgetc(reader->stream) != EOF)
    return backup_reader_refuse(reader, "something stands behind its end", error);
  return true;
}

void backup_reader_close(struct backup_reader *reader)
{
  if (!reader) return;
  (void)fclose(reader->stream);
  sodium_memzero(reader, sizeof *reader);
  free(reader);
}
