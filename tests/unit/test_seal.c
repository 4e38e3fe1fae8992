/*
 * Sealing. The known seal was computed by a program of its own after draft-irtf-cfrg-xchacha-03,
 * which first reproduced the draft's vector A.3.1; key and nonce are those of the vector. Failing
 * system calls are injected by functions of the same name that stand before the C library's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

/* How many calls still succeed before one fails; -1: all. Each then fails once. */
static int calls_to_fsync = -1, calls_to_write = -1, calls_to_read = -1, calls_to_link = -1,
           calls_to_fstat = -1, calls_to_rename = -1, calls_to_flock = -1;
static void (*before_link)(void); /* what another process does meanwhile */

static bool fails(int *calls, int with)
{
  if (*calls < 0 || (*calls)-- > 0) return false;
  errno = with;
  return true;
}

static void *next(const char *name)
{
  return dlsym(RTLD_NEXT, name);
}

int fsync(int file)
{
  int (*real)(int) = NULL;
  *(void **)&real = next("fsync");
  return fails(&calls_to_fsync, EIO) ? -1 : real(file);
}

ssize_t write(int file, const void *at, size_t size)
{
  ssize_t (*real)(int, const void *, size_t) = NULL;
  *(void **)&real = next("write");
  return fails(&calls_to_write, ENOSPC) ? -1 : real(file, at, size);
}

ssize_t read(int file, void *at, size_t size)
{
  ssize_t (*real)(int, void *, size_t) = NULL;
  *(void **)&real = next("read");
  return fails(&calls_to_read, EIO) ? -1 : real(file, at, size);
}

int fstat(int file, struct stat *out)
{
  int (*real)(int, struct stat *) = NULL;
  *(void **)&real = next("fstat");
  return fails(&calls_to_fstat, EIO) ? -1 : real(file, out);
}

int link(const char *from, const char *to)
{
  int (*real)(const char *, const char *) = NULL;
  *(void **)&real = next("link");
  if (before_link) before_link();
  return fails(&calls_to_link, EPERM) ? -1 : real(from, to);
}

int rename(const char *from, const char *to)
{
  int (*real)(const char *, const char *) = NULL;
  *(void **)&real = next("rename");
  return fails(&calls_to_rename, EIO) ? -1 : real(from, to);
}

int flock(int file, int how)
{
  int (*real)(int, int) = NULL;
  *(void **)&real = next("flock");
  return fails(&calls_to_flock, ENOLCK) ? -1 : real(file, how);
}

#define HEX "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
#define OTHER "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
static const int64_t second = 1000 * 1000;
static const int64_t noon = 1790000000LL * 1000 * 1000;

static struct arena *arena;
static const char *folder;

static int seal_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_ARENA_REQUEST);
  folder = mkdtemp(text_c(arena, TEXT("/tmp/fairlead-seal-XXXXXX")));
  return folder ? 0 : -1;
}

static int seal_tear_down(void **state)
{
  (void)state;
  int status = system(text_format(arena, "rm -rf '%s'", folder).at);
  arena_free(arena);
  return status;
}

static const char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static struct seal_key *read_key(const char *content)
{
  struct seal_key *key = NULL;
  struct error error = {0};
  if (!seal_key_read(&key, text_from(content), &error)) fail_msg("%s", error.log);
  return key;
}

static bool opens(const struct seal_key *key, const char *purpose, struct text sealed, int64_t now,
                  const char *expected)
{
  struct seal seal = {.issued = -1};
  struct error error = {0};
  if (!seal_read(arena, key, text_from(purpose), sealed, now, &seal, &error)) {
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_int_equal(seal.issued, -1); /* untouched */
    assert_string_equal(error.person, expected);
    return false;
  }
  assert_string_equal(text_c(arena, seal.bytes), expected);
  return true;
}

/* --- Seals ------------------------------------------------------------------------------------ */

static void seal_opens_what_others_computed(void **state)
{
  (void)state;
  struct seal_key *key = read_key("07 " HEX "\n");
  struct text sealed =
      TEXT("B0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV5u9SHQxQaP6nXcBtoRjaGRWihmG79-VC_WuQx-I");
  struct seal seal;
  struct error error = {0};
  assert_true(seal_read(arena, key, TEXT("interview"), sealed, noon, &seal, &error));
  assert_string_equal(text_c(arena, seal.bytes), "fever");
  assert_int_equal(seal.issued, noon);
  assert_int_equal(seal.expires, noon + 7200 * second);
  for (size_t i = 0; i < SEAL_ID_BYTES; i++) assert_int_equal(seal.id[i], 0x40 + i);
  assert_int_equal(sealed.length, seal_length(strlen("fever")));
  seal_key_free(key);
}

static void seal_gives_back_what_it_took(void **state)
{
  (void)state;
  struct seal_key *key = read_key("07 " HEX "\n");
  char long_one[5000];
  memset(long_one, 'x', sizeof long_one);
  const struct text all[] = {{NULL, 0}, TEXT("a"), TEXT("ab"), TEXT("abc"), {long_one, 4999}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct text sealed = seal_write(arena, key, TEXT("carry"), all[i], noon, 60);
    assert_int_equal(sealed.length, seal_length(all[i].length));
    struct seal seal;
    assert_true(seal_read(arena, key, TEXT("carry"), sealed, noon, &seal, NULL));
    assert_true(text_equal(seal.bytes, all[i]));
    for (size_t at = 0; at < sealed.length; at++) /* an address takes it as it is */
      assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                             sealed.at[at]));
    struct text again = seal_write(arena, key, TEXT("carry"), all[i], noon, 60);
    assert_false(text_equal(sealed, again));
    assert_false(text_contains(sealed, TEXT("xxxx")));
  }
  seal_key_free(key);
}

static void seal_refuses_every_change(void **state)
{
  (void)state;
  struct seal_key *key = read_key("07 " HEX "\n"), *other = read_key("07 " OTHER "\n"),
                  *gone = read_key("08 " HEX "\n");
  struct text sealed = seal_write(arena, key, TEXT("interview"), TEXT("fever"), noon, 7200);
  assert_true(opens(key, "interview", sealed, noon, "fever"));
  for (size_t at = 0; at < sealed.length; at++) { /* any one character */
    char *copy = text_c(arena, sealed);
    copy[at] = copy[at] == 'A' ? 'B' : 'A';
    assert_false(opens(key, "interview", text_from(copy), noon, "error.seal.broken"));
  }
  for (size_t length = 0; length < sealed.length; length++) /* cut anywhere */
    assert_false(opens(key, "interview", text_slice(sealed, 0, length), noon, "error.seal.broken"));
  static const char *const more[] = {"A", "=", " ", "\n", ".", "AAAA"};
  for (size_t i = 0; i < sizeof more / sizeof *more; i++)
    assert_false(opens(key, "interview", text_format(arena, "%.*s%s", TEXT_PRINT(sealed), more[i]),
                       noon, "error.seal.broken"));
  assert_false(opens(key, "carry", sealed, noon, "error.seal.broken"));
  assert_false(opens(key, "", sealed, noon, "error.seal.broken"));
  assert_false(opens(other, "interview", sealed, noon, "error.seal.broken"));
  assert_false(opens(gone, "interview", sealed, noon, "error.seal.broken"));
  assert_false(opens(key, "interview", TEXT("not base64!"), noon, "error.seal.broken"));
  seal_key_free(key);
  seal_key_free(other);
  seal_key_free(gone);
}

static void seal_expires(void **state)
{
  (void)state;
  struct seal_key *key = read_key("07 " HEX "\n");
  struct text sealed = seal_write(arena, key, TEXT("interview"), TEXT("fever"), noon, 7200);
  assert_true(opens(key, "interview", sealed, noon + 7200 * second - 1, "fever"));
  assert_false(opens(key, "interview", sealed, noon + 7200 * second, "error.seal.expired"));
  /* one that is both expired and broken tells nothing of what is in it */
  char *copy = text_c(arena, sealed);
  copy[60] = copy[60] == 'A' ? 'B' : 'A';
  assert_false(opens(key, "interview", text_from(copy), noon + 9999 * second, "error.seal.broken"));
  /* times past what four bytes hold stay at their ends */
  struct seal seal;
  sealed = seal_write(arena, key, TEXT("p"), TEXT(""), noon, INT64_C(1) << 40);
  assert_true(seal_read(arena, key, TEXT("p"), sealed, noon, &seal, NULL));
  assert_int_equal(seal.expires, (int64_t)UINT32_MAX * second);
  sealed = seal_write(arena, key, TEXT("p"), TEXT(""), -5 * second, 7);
  assert_true(seal_read(arena, key, TEXT("p"), sealed, 0, &seal, NULL));
  assert_int_equal(seal.issued, 0);
  assert_int_equal(seal.expires, 2 * second);
  seal_key_free(key);
}

/* --- Keys ------------------------------------------------------------------------------------- */

static void seal_takes_a_newer_key(void **state)
{
  (void)state;
  struct seal_key *old = read_key("01 " HEX "\n"), *both = read_key("02 " OTHER "\n01 " HEX),
                  *new = read_key("02 " OTHER "\n");
  struct text before = seal_write(arena, old, TEXT("carry"), TEXT("before"), noon, 60);
  struct text after = seal_write(arena, both, TEXT("carry"), TEXT("after"), noon, 60);
  assert_true(opens(both, "carry", before, noon, "before"));
  assert_true(opens(both, "carry", after, noon, "after"));
  assert_true(opens(new, "carry", after, noon, "after"));
  assert_false(opens(new, "carry", before, noon, "error.seal.broken"));
  assert_false(opens(old, "carry", after, noon, "error.seal.broken"));
  seal_key_free(old);
  seal_key_free(both);
  seal_key_free(new);
  seal_key_free(NULL);
}

static void seal_refuses_key_files(void **state)
{
  (void)state;
  static const char *const all[] = {
      "",
      "\n",
      "01 " HEX "\n\n",
      "01 " HEX "\n01 " OTHER "\n",
      "01" HEX "\n",
      "01-" HEX,
      "01 " HEX "00\n",
      "0g " HEX "\n",
      "01 g" HEX,
      "1  " HEX,
      " 1 " HEX,
      "01 " HEX " \n",
      "01 " HEX "\r\n",
      "01 808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9g\n",
      "01 808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9\n",
      "1\n",
      "01 " HEX "\n02 "};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct seal_key *key = NULL;
    struct error error = {0};
    if (seal_key_read(&key, text_from(all[i]), &error)) fail_msg("%zu was taken", i);
    assert_null(key);
    assert_int_equal(error.kind, ERROR_REFUSED);
    assert_string_equal(error.person, "error.seal.key");
    assert_null(strstr(error.log, "8081")); /* never the key itself */
  }
  struct text_buffer nine;
  text_buffer_init(&nine, 4096);
  for (int i = 0; i < 9; i++) {
    struct seal_key *key = NULL;
    struct error error = {0};
    text_buffer_add_format(&nine, "0%d " HEX "\n", i);
    bool good = seal_key_read(&key, text_buffer_get(&nine), &error);
    assert_int_equal(good, i < SEAL_KEYS);
    seal_key_free(key);
  }
  text_buffer_fini(&nine);
}

static bool count_file(void *context, struct text path, struct error *error)
{
  (void)path;
  (void)error;
  ++*(int *)context;
  return true;
}

static int files_in(const char *path)
{
  int count = 0;
  assert_true(file_walk(path, count_file, &count, NULL));
  return count;
}

static struct seal_key *load(const char *path)
{
  struct seal_key *key = NULL;
  struct error error = {0};
  if (!seal_key_load(&key, path, &error)) fail_msg("%s", error.log);
  return key;
}

static void seal_makes_its_key_once(void **state)
{
  (void)state;
  const char *path = path_of("seal.key");
  mode_t before = umask(0);
  struct seal_key *first = load(path), *second_time = load(path);
  umask(before);
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 07777, 0600);
  assert_int_equal(status.st_size, 68);
  assert_int_equal(files_in(folder), 1);
  struct text sealed = seal_write(arena, first, TEXT("carry"), TEXT("kept"), noon, 60);
  assert_true(opens(second_time, "carry", sealed, noon, "kept"));
  assert_int_equal(unlink(path), 0);
  struct seal_key *another = load(path);
  assert_false(opens(another, "carry", sealed, noon, "error.seal.broken"));
  seal_key_free(first);
  seal_key_free(second_time);
  seal_key_free(another);
  assert_int_equal(unlink(path), 0);
}

static void seal_makes_its_key_beside_the_working_folder(void **state)
{
  (void)state;
  char here[4096];
  assert_non_null(getcwd(here, sizeof here));
  assert_int_equal(chdir(folder), 0);
  seal_key_free(load("plain.key"));
  assert_int_equal(unlink("plain.key"), 0);
  assert_int_equal(chdir(here), 0);
}

/* Processes that start at once all get the same key. */
static void seal_makes_one_key_for_many(void **state)
{
  (void)state;
  enum { MANY = 12 };
  const char *path = path_of("many.key");
  int gate[2], answers[2];
  assert_int_equal(pipe(gate), 0);
  assert_int_equal(pipe(answers), 0);
  for (int i = 0; i < MANY; i++)
    if (fork() == 0) {
      char go;
      struct seal_key *key = NULL;
      close(gate[1]);
      if (read(gate[0], &go, 1) != 0 || !seal_key_load(&key, path, NULL)) _exit(1);
      struct text sealed = seal_write(arena, key, TEXT("carry"), TEXT("same"), noon, 60);
      _exit(write(answers[1], sealed.at, sealed.length) == (ssize_t)sealed.length ? 0 : 1);
    }
  close(gate[1]); /* go */
  for (int i = 0; i < MANY; i++) {
    int status;
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
  }
  struct seal_key *key = load(path);
  for (int i = 0; i < MANY; i++) {
    char sealed[100];
    size_t length = seal_length(4);
    assert_int_equal(read(answers[0], sealed, length), length);
    assert_true(opens(key, "carry", (struct text){sealed, length}, noon, "same"));
  }
  seal_key_free(key);
  close(gate[0]);
  close(answers[0]);
  close(answers[1]);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(files_in(folder), 0);
}

static void another_was_faster(void)
{
  struct error error = {0};
  before_link = NULL;
  assert_true(file_replace(path_of("late.key"), TEXT("01 " HEX "\n"), &error));
  assert_int_equal(chmod(path_of("late.key"), 0600), 0);
}

static void seal_takes_the_key_of_who_was_faster(void **state)
{
  (void)state;
  before_link = another_was_faster;
  struct seal_key *key = load(path_of("late.key")), *theirs = read_key("01 " HEX "\n");
  struct text sealed = seal_write(arena, theirs, TEXT("carry"), TEXT("theirs"), noon, 60);
  assert_true(opens(key, "carry", sealed, noon, "theirs"));
  seal_key_free(key);
  seal_key_free(theirs);
  assert_int_equal(unlink(path_of("late.key")), 0);
  assert_int_equal(files_in(folder), 0);
}

static void refused(const char *path, enum error_kind kind, const char *part)
{
  struct seal_key *key = NULL;
  struct error error = {0};
  assert_false(seal_key_load(&key, path, &error));
  assert_null(key);
  assert_int_equal(error.kind, kind);
  if (!strstr(error.log, part)) fail_msg("%s: %s", part, error.log);
}

static void seal_refuses_to_load(void **state)
{
  (void)state;
  const char *path = path_of("bad.key");
  static const mode_t open_ones[] = {0640, 0604, 0660, 0602, 0610};
  assert_true(file_replace(path, TEXT("01 " HEX "\n"), NULL));
  for (size_t i = 0; i < sizeof open_ones / sizeof *open_ones; i++) {
    assert_int_equal(chmod(path, open_ones[i]), 0);
    refused(path, ERROR_REFUSED, "others than its owner");
  }
  assert_int_equal(chmod(path, 0600), 0);
  seal_key_free(load(path));
  calls_to_read = 0;
  refused(path, ERROR_SYSTEM, "read ");
  calls_to_fstat = 0;
  refused(path, ERROR_SYSTEM, "stat ");
  assert_int_equal(truncate(path, 10), 0);
  refused(path, ERROR_REFUSED, "bad.key");
  assert_int_equal(truncate(path, 0), 0);
  refused(path, ERROR_REFUSED, "empty");
  assert_int_equal(truncate(path, 10000), 0);
  refused(path, ERROR_REFUSED, "too long");
  refused(folder, ERROR_REFUSED, "not a regular file");
  refused(path_of("bad.key/under"), ERROR_SYSTEM, "open ");
  refused(path_of("none/seal.key"), ERROR_SYSTEM, "create ");
  assert_int_equal(unlink(path), 0);
}

static void seal_leaves_nothing_half_made(void **state)
{
  (void)state;
  const char *path = path_of("half.key");
  calls_to_write = 0;
  refused(path, ERROR_SYSTEM, "write ");
  calls_to_fsync = 0;
  refused(path, ERROR_SYSTEM, "write ");
  calls_to_link = 0;
  refused(path, ERROR_SYSTEM, "link ");
  assert_int_equal(files_in(folder), 0);
  calls_to_fsync = 1; /* the folder's */
  refused(path, ERROR_SYSTEM, "flush folder");
  seal_key_free(load(path)); /* what stands there is whole */
  assert_int_equal(unlink(path), 0);
}

/* A key in front: it seals, the others open; their lines stay as they were. */
static void seal_puts_a_key_in_front(void **state)
{
  (void)state;
  const char *path = path_of("front.key");
  assert_true(file_replace(path, TEXT("ff " HEX "\n00 " OTHER "\n"), NULL));
  assert_int_equal(chmod(path, 0600), 0);
  struct seal_key *before = load(path);
  struct text sealed = seal_write(arena, before, TEXT("carry"), TEXT("kept"), noon, 60);
  struct error error = {0};
  assert_true(seal_key_add(path, before, &error));
  struct seal_key *after = load(path);
  assert_int_equal(seal_key_count(after), 3);
  assert_memory_equal(seal_key_bytes(after, 1), seal_key_bytes(before, 0), SEAL_KEY_BYTES);
  assert_memory_equal(seal_key_bytes(after, 2), seal_key_bytes(before, 1), SEAL_KEY_BYTES);
  assert_int_not_equal(memcmp(seal_key_bytes(after, 0), seal_key_bytes(before, 0), SEAL_KEY_BYTES),
                       0);
  assert_true(opens(after, "carry", sealed, noon, "kept"));
  struct text content;
  struct stat status;
  assert_true(file_read(arena, path, 1000, &content, &error));
  assert_int_equal(content.length, 3 * 68);
  assert_true(text_starts_with(content, TEXT("01 "))); /* ff and 00 are taken */
  assert_string_equal(text_c(arena, text_slice(content, 68, 1000)), "ff " HEX "\n00 " OTHER "\n");
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 07777, 0600);
  /* whoever saw another first key is too late, and does nothing */
  assert_true(seal_key_add(path, before, &error));
  struct seal_key *again = load(path);
  assert_int_equal(seal_key_count(again), 3);
  seal_key_free(again);
  seal_key_free(before);
  for (size_t count = 3; count < SEAL_KEYS; count++) {
    assert_true(seal_key_add(path, after, &error));
    seal_key_free(after);
    after = load(path);
    assert_int_equal(seal_key_count(after), count + 1);
  }
  assert_false(seal_key_add(path, after, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.seal.key");
  seal_key_free(after);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(files_in(folder), 0);
}

static void add_fails(const char *path, const struct seal_key *seen, const char *part)
{
  struct error error = {0};
  assert_false(seal_key_add(path, seen, &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  if (!strstr(error.log, part)) fail_msg("%s: %s", part, error.log);
}

static void seal_adds_whole_or_not_at_all(void **state)
{
  (void)state;
  const char *path = path_of("add.key");
  struct seal_key *seen = load(path);
  add_fails(path_of("none/add.key"), seen, "lock folder");
  calls_to_flock = 0;
  add_fails(path, seen, "lock folder");
  calls_to_read = 0;
  add_fails(path, seen, "read ");
  calls_to_write = 0;
  add_fails(path, seen, "write ");
  calls_to_fsync = 0;
  add_fails(path, seen, "write ");
  calls_to_rename = 0;
  add_fails(path, seen, "rename ");
  struct seal_key *still = load(path);
  assert_int_equal(seal_key_count(still), 1);
  assert_int_equal(files_in(folder), 1);
  seal_key_free(still);
  calls_to_fsync = 1; /* the folder's: the file is whole, with the new key */
  add_fails(path, seen, "flush folder");
  still = load(path);
  assert_int_equal(seal_key_count(still), 2);
  seal_key_free(still);
  seal_key_free(seen);
  assert_int_equal(unlink(path), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(seal_opens_what_others_computed),
      cmocka_unit_test(seal_gives_back_what_it_took),
      cmocka_unit_test(seal_refuses_every_change),
      cmocka_unit_test(seal_expires),
      cmocka_unit_test(seal_takes_a_newer_key),
      cmocka_unit_test(seal_refuses_key_files),
      cmocka_unit_test(seal_makes_its_key_once),
      cmocka_unit_test(seal_makes_its_key_beside_the_working_folder),
      cmocka_unit_test(seal_makes_one_key_for_many),
      cmocka_unit_test(seal_takes_the_key_of_who_was_faster),
      cmocka_unit_test(seal_refuses_to_load),
      cmocka_unit_test(seal_leaves_nothing_half_made),
      cmocka_unit_test(seal_puts_a_key_in_front),
      cmocka_unit_test(seal_adds_whole_or_not_at_all),
  };
  return cmocka_run_group_tests(tests, seal_set_up, seal_tear_down);
}
