/*
 * Sealing: see seal.h.
 */
#include "base/seal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum {
  KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
  NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
  TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
  TIMES = 8,              /* issued and expires, seconds, big-endian */
  HEAD = 1 + NONCE,       /* in the open */
  LINE = 2 + 1 + 2 * KEY, /* of the key file, less its end */
  FORM = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};
_Static_assert((int)SEAL_OVERHEAD == (int)HEAD + TIMES + TAG, "as seal.h says");
_Static_assert((int)SEAL_KEY_BYTES == (int)KEY, "as seal.h says");
_Static_assert((int)SEAL_ID_BYTES == (int)NONCE, "as seal.h says");

struct seal_key {
  size_t count;
  struct one {
    unsigned char id, bytes[KEY];
  } keys[SEAL_KEYS];
};

/* --- Keys ---------------------------------------------------------------------------------- */

static bool refuse_key(struct error *error, const char *what)
{
  return error_set(error, ERROR_REFUSED, "error.seal.key",
                   "Bring the key file back from its copy; or move it away, and a new one is made: "
                   "what was sealed by the old one then opens no more.",
                   "key file: %s", what);
}

static bool read_line(struct text line, struct one *out)
{
  return line.length == LINE && line.at[2] == ' ' &&
         sodium_hex2bin(&out->id, 1, line.at, 2, NULL, NULL, NULL) == 0 &&
         sodium_hex2bin(out->bytes, KEY, line.at + 3, (size_t)2 * KEY, NULL, NULL, NULL) == 0;
}

static bool read_lines(struct text content, struct seal_key *key, struct error *error)
{
  struct text line;
  if (text_ends_with(content, TEXT("\n"))) content.length--;
  while (text_split_next(&content, '\n', &line)) {
    if (key->count == SEAL_KEYS) return refuse_key(error, "more than 8 keys");
    struct one *one = &key->keys[key->count];
    if (!read_line(line, one))
      return refuse_key(error, "not of the form that docs/operations.md tells");
    for (size_t i = 0; i < key->count; i++)
      if (key->keys[i].id == one->id) return refuse_key(error, "two keys have the same id");
    key->count++;
  }
  if (key->count == 0) return refuse_key(error, "empty");
  return true;
}

bool seal_key_read(struct seal_key **out, struct text content, struct error *error)
{
  if (sodium_init() < 0) /* GCOVR_EXCL_BR_LINE: only without any source of randomness */
    return error_set(error, ERROR_SYSTEM, "error.system", "", "libsodium"); /* GCOVR_EXCL_LINE */
  struct seal_key *key = sodium_malloc(sizeof *key);
  if (!key) /* GCOVR_EXCL_BR_LINE: the system has no memory */
    return error_set(error, ERROR_SYSTEM, "error.system", "", "no memory"); /* GCOVR_EXCL_LINE */
  memset(key, 0, sizeof *key);
  if (!read_lines(content, key, error)) {
    sodium_free(key);
    return false;
  }
  sodium_mprotect_readonly(key);
  *out = key;
  return true;
}

void seal_key_free(struct seal_key *key)
{
  sodium_free(key); /* which wipes it */
}

static bool fail(struct error *error, const char *verb, const char *path)
{
  return error_set(error, ERROR_SYSTEM, "error.file",
                   "Check that the data folder's rights allow it, and that the disk has room.",
                   "%s %s: %s", verb, path, strerror(errno));
}

/* Write a line of the key file at `at`: LINE characters and the line's end. */
static void write_line(char *at, unsigned char id, const unsigned char *bytes)
{
  char line[LINE + 1]; /* sodium_bin2hex ends with NUL */
  sodium_bin2hex(line, 3, &id, 1);
  line[2] = ' ';
  sodium_bin2hex(line + 3, sizeof line - 3, bytes, KEY);
  memcpy(at, line, LINE);
  at[LINE] = '\n';
  sodium_memzero(line, sizeof line);
}

static void write_new_line(char *at, unsigned char id)
{
  unsigned char bytes[KEY];
  randombytes_buf(bytes, sizeof bytes);
  write_line(at, id, bytes);
  sodium_memzero(bytes, sizeof bytes);
}

/* Write lines into a new file, its owner's alone. */
static bool write_file(const char *path, struct text content, struct error *error)
{
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return fail(error, "create", path);
  bool good =
      write(file, content.at, content.length) == (ssize_t)content.length && fsync(file) == 0;
  if (!good) fail(error, "write", path);
  close(file);
  return good;
}

static const char *name_beside(struct arena *arena, const char *path)
{
  return text_format(arena, "%s.new-%08x%08x", path, randombytes_random(), randombytes_random()).at;
}

/* Open the folder of a file; -1 when that fails. */
static int open_folder_of(struct arena *arena, const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *folder = slash ? text_c(arena, (struct text){path, (size_t)(slash - path) + 1}) : ".";
  return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Make the key file whole under another name, then link it: the name is there with all of its
 * content or not at all, and whoever comes second leaves the first one's. */
static bool make_key(struct arena *arena, const char *path, struct error *error)
{
  const char *beside = name_beside(arena, path);
  char content[LINE + 1];
  write_new_line(content, 1);
  bool good = write_file(beside, (struct text){content, sizeof content}, error);
  sodium_memzero(content, sizeof content);
  if (good && link(beside, path) != 0 && errno != EEXIST) good = fail(error, "link", path);
  unlink(beside);
  int handle = good ? open_folder_of(arena, path) : -1;
  if (handle >= 0) {
    if (fsync(handle) != 0) good = fail(error, "flush folder of", path);
    close(handle);
  }
  return good;
}

static bool load_file(struct seal_key **out, int file, const char *path, struct error *error)
{
  enum { MOST = SEAL_KEYS * (LINE + 1) };
  struct stat status;
  char content[MOST + 1];
  if (fstat(file, &status) != 0) return fail(error, "stat", path);
  if (!S_ISREG(status.st_mode)) return refuse_key(error, "not a regular file");
  if (status.st_mode & (S_IRWXG | S_IRWXO))
    return error_set(error, ERROR_REFUSED, "error.seal.key",
                     "Let its owner alone read it: chmod 600. If others may have read it, move it "
                     "away, and a new one is made.",
                     "%s: others than its owner may read or write it", path);
  ssize_t got = read(file, content, sizeof content);
  if (got < 0) return fail(error, "read", path);
  bool good = got <= MOST ? seal_key_read(out, (struct text){content, (size_t)got}, error)
                          : refuse_key(error, "too long");
  sodium_memzero(content, sizeof content);
  if (!good) error_add_context(error, "%s", path);
  return good;
}

bool seal_key_load(struct seal_key **out, const char *path, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool done = false;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0 && errno == ENOENT) {
    if (!make_key(arena, path, error)) goto out;
    file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  }
  if (file < 0) {
    fail(error, "open", path);
    goto out;
  }
  done = load_file(out, file, path, error);
  close(file);
out:
  arena_free(arena);
  return done;
}

/* An id that no key of the file has; there are fewer keys than ids. */
static unsigned char free_id(const struct seal_key *key)
{
  unsigned char id = key->keys[0].id;
  for (size_t i = 0; i < key->count; i++)
    if (key->keys[i].id == id) {
      id++;
      i = (size_t)-1; /* from the start */
    }
  return id;
}

/* Replace the file by one that has a new key in front of those of `now`. */
static bool write_more(struct arena *arena, const char *path, int folder,
                       const struct seal_key *now, struct error *error)
{
  const char *beside = name_beside(arena, path);
  char content[SEAL_KEYS * (LINE + 1)];
  write_new_line(content, free_id(now));
  for (size_t i = 0; i < now->count; i++)
    write_line(content + (i + 1) * (LINE + 1), now->keys[i].id, now->keys[i].bytes);
  struct text lines = {content, (now->count + 1) * (LINE + 1)};
  bool good = write_file(beside, lines, error);
  sodium_memzero(content, sizeof content);
  if (good && rename(beside, path) != 0) good = fail(error, "rename", path);
  if (!good) unlink(beside);
  else if (fsync(folder) != 0) good = fail(error, "flush folder of", path);
  return good;
}

bool seal_key_add(const char *path, const struct seal_key *seen, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct seal_key *now = NULL;
  bool done = false;
  int folder = open_folder_of(arena, path); /* locked, since the file itself is replaced */
  if (folder < 0 || flock(folder, LOCK_EX) != 0) {
    fail(error, "lock folder of", path);
    goto out;
  }
  if (!seal_key_load(&now, path, error)) goto out;
  if (sodium_memcmp(now->keys[0].bytes, seen->keys[0].bytes, KEY) != 0) done = true;
  else if (now->count == SEAL_KEYS)
    error_set(error, ERROR_REFUSED, "error.seal.key",
              "Take out the last lines of the key file, once nothing is sealed by those keys.",
              "%s has %d keys, which is the most", path, SEAL_KEYS);
  else done = write_more(arena, path, folder, now, error);
out:
  seal_key_free(now);
  if (folder >= 0) close(folder);
  arena_free(arena);
  return done;
}

size_t seal_key_count(const struct seal_key *key)
{
  return key->count;
}

const unsigned char *seal_key_bytes(const struct seal_key *key, size_t index)
{
  assert(index < key->count);
  return key->keys[index].bytes;
}

/* --- Seals --------------------------------------------------------------------------------- */

static void put_time(unsigned char *at, int64_t seconds)
{
  uint32_t number = seconds < 0 ? 0 : seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(number >> (24 - 8 * i));
}

static int64_t get_time(const unsigned char *at)
{
  enum { SECOND = 1000 * 1000 };
  return (int64_t)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]) *
         SECOND;
}

/* What is authenticated beside the sealed bytes: the key's id, then the purpose. */
static unsigned char *beside(struct arena *arena, unsigned char id, struct text purpose)
{
  unsigned char *out = arena_allocate(arena, 1 + purpose.length);
  out[0] = id;
  memcpy(out + 1, text_start(purpose), purpose.length);
  return out;
}

size_t seal_length(size_t bytes)
{
  return sodium_base64_encoded_len(SEAL_OVERHEAD + bytes, FORM) - 1;
}

struct text seal_write(struct arena *arena, const struct seal_key *key, struct text purpose,
                       struct text bytes, int64_t now, int64_t seconds)
{
  enum { SECOND = 1000 * 1000 };
  const struct one *one = &key->keys[0];
  size_t length = TIMES + bytes.length;
  unsigned char *whole = arena_allocate(arena, SEAL_OVERHEAD + bytes.length), *plain = whole + HEAD;
  whole[0] = one->id;
  randombytes_buf(whole + 1, NONCE);
  put_time(plain, now / SECOND);
  put_time(plain + 4, now / SECOND + seconds);
  memcpy(plain + TIMES, text_start(bytes), bytes.length);
  crypto_aead_xchacha20poly1305_ietf_encrypt(plain, NULL, plain, length,
                                             beside(arena, one->id, purpose), 1 + purpose.length,
                                             NULL, whole + 1, one->bytes);
  size_t room = seal_length(bytes.length) + 1;
  char *out = arena_allocate(arena, room);
  sodium_bin2base64(out, room, whole, SEAL_OVERHEAD + bytes.length, FORM);
  return (struct text){out, room - 1};
}

static bool refuse(struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.seal.broken", "Begin anew.", "a broken seal");
}

bool seal_read(struct arena *arena, const struct seal_key *key, struct text purpose,
               struct text sealed, int64_t now, struct seal *out, struct error *error)
{
  size_t length, room = sealed.length / 4 * 3 + 3;
  unsigned char *whole = arena_allocate(arena, room);
  if (sodium_base642bin(whole, room, text_start(sealed), sealed.length, NULL, &length, NULL,
                        FORM) != 0 ||
      length < SEAL_OVERHEAD)
    return refuse(error);
  const struct one *one = NULL;
  for (size_t i = 0; i < key->count; i++)
    if (key->keys[i].id == whole[0]) one = &key->keys[i];
  unsigned char *plain = whole + HEAD;
  if (!one || crypto_aead_xchacha20poly1305_ietf_decrypt(
                  plain, NULL, NULL, plain, length - HEAD, beside(arena, one->id, purpose),
                  1 + purpose.length, whole + 1, one->bytes) != 0)
    return refuse(error);
  struct seal seal = {
      .bytes = {(const char *)plain + TIMES, length - SEAL_OVERHEAD},
      .issued = get_time(plain),
      .expires = get_time(plain + 4),
  };
  memcpy(seal.id, whole + 1, NONCE);
  if (now >= seal.expires)
    return error_set(error, ERROR_REFUSED, "error.seal.expired", "Begin anew.", "an expired seal");
  *out = seal;
  return true;
}
