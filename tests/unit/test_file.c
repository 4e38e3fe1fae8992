/*
 * Files: whole reads, atomic replacement, walking, the share folder. Failing system calls are
 * injected by functions of the same name that stand before the C library's.
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

/* How many calls still succeed before one fails; -1: all. Each then fails once. */
static int calls_to_fsync = -1, calls_to_write = -1, calls_to_read = -1, calls_to_rename = -1;
static int interruptions; /* calls to read and write that answer EINTR first */

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
  if (interruptions > 0 && interruptions--) {
    errno = EINTR;
    return -1;
  }
  return fails(&calls_to_write, ENOSPC) ? -1 : real(file, at, size > 100 ? 100 : size);
}

ssize_t read(int file, void *at, size_t size)
{
  ssize_t (*real)(int, void *, size_t) = NULL;
  *(void **)&real = next("read");
  if (interruptions > 0 && interruptions--) {
    errno = EINTR;
    return -1;
  }
  return fails(&calls_to_read, EIO) ? -1 : real(file, at, size > 100 ? 100 : size);
}

int rename(const char *from, const char *to)
{
  int (*real)(const char *, const char *) = NULL;
  *(void **)&real = next("rename");
  return fails(&calls_to_rename, EACCES) ? -1 : real(from, to);
}

static struct arena *arena;
static const char *folder;

static int file_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  char *made = text_c(arena, TEXT("/tmp/fairlead-file-XXXXXX"));
  folder = mkdtemp(made);
  return folder ? 0 : -1;
}

static int file_tear_down(void **state)
{
  (void)state;
  const char *remove = text_format(arena, "rm -rf '%s'", folder).at;
  int status = system(remove);
  arena_free(arena);
  return status;
}

static const char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static void expect_content(const char *path, struct text expected)
{
  struct text content;
  struct error error = {0};
  if (!file_read(arena, path, 100000, &content, &error)) fail_msg("%s", error.log);
  assert_true(text_equal(content, expected));
}

/* How many visible files the folder holds. */
static bool count_file(void *context, struct text path, struct error *error)
{
  (void)path;
  (void)error;
  ++*(int *)context;
  return true;
}

static int count_files(void)
{
  int count = 0;
  assert_true(file_walk(folder, count_file, &count, NULL));
  return count;
}

static void file_is_replaced_and_read(void **state)
{
  (void)state;
  struct error error = {0};
  char large[5000];
  memset(large, 'x', sizeof large);
  struct text content = {large, sizeof large};
  assert_true(file_replace(path_of("a"), TEXT("one\0two"), &error));
  expect_content(path_of("a"), TEXT("one\0two"));
  interruptions = 2;
  assert_true(file_replace(path_of("a"), content, &error));
  interruptions = 2;
  expect_content(path_of("a"), content);
  assert_true(file_replace(path_of("a"), TEXT(""), &error));
  expect_content(path_of("a"), TEXT(""));
  assert_int_equal(count_files(), 1);
  assert_true(file_exists(path_of("a")));
  assert_false(file_exists(path_of("b")));
  assert_int_equal(unlink(path_of("a")), 0);
}

static void file_replaced_beside_the_working_folder(void **state)
{
  (void)state;
  struct error error = {0};
  char before[4096];
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(folder), 0);
  assert_true(file_replace("plain", TEXT("x"), &error));
  assert_int_equal(chdir(before), 0);
  expect_content(path_of("plain"), TEXT("x"));
  assert_int_equal(unlink(path_of("plain")), 0);
  assert_false(file_replace("/fairlead-no-rights/x", TEXT("x"), &error));
}

static void expect_kept(enum error_kind kind)
{
  struct error error = {0};
  assert_false(file_replace(path_of("kept"), TEXT("new"), &error));
  assert_int_equal(error.kind, kind);
  expect_content(path_of("kept"), TEXT("old"));
  assert_int_equal(count_files(), 1); /* nothing is left beside it */
}

static void file_keeps_the_old_when_writing_fails(void **state)
{
  (void)state;
  struct error error = {0};
  assert_true(file_replace(path_of("kept"), TEXT("old"), &error));
  calls_to_write = 0;
  expect_kept(ERROR_SYSTEM);
  calls_to_fsync = 0;
  expect_kept(ERROR_SYSTEM);
  calls_to_rename = 0;
  expect_kept(ERROR_SYSTEM);
  calls_to_fsync = 1; /* of the folder, when the new file stands already */
  assert_false(file_replace(path_of("kept"), TEXT("new"), &error));
  assert_non_null(strstr(error.log, "flush folder"));
  expect_content(path_of("kept"), TEXT("new"));
  assert_false(file_replace(path_of("none/kept"), TEXT("new"), &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  assert_int_equal(unlink(path_of("kept")), 0);
}

static void expect_unread(const char *path, size_t ceiling, enum error_kind kind)
{
  struct error error = {0};
  struct text untouched = TEXT("untouched");
  assert_false(file_read(arena, path, ceiling, &untouched, &error));
  assert_int_equal(error.kind, kind);
  assert_true(text_equal(untouched, TEXT("untouched")));
}

static void file_refuses_to_read(void **state)
{
  (void)state;
  struct error error = {0};
  expect_unread(path_of("none"), 100, ERROR_NOT_FOUND);
  expect_unread(folder, 100, ERROR_REFUSED);
  assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
  expect_unread(path_of("pipe"), 100, ERROR_REFUSED); /* and does not wait for a writer */
  assert_int_equal(unlink(path_of("pipe")), 0);
  assert_true(file_replace(path_of("five"), TEXT("12345"), &error));
  expect_unread(path_of("five"), 4, ERROR_TOO_LARGE);
  calls_to_read = 0;
  expect_unread(path_of("five"), 5, ERROR_SYSTEM);
  struct text content;
  assert_true(file_read(arena, path_of("five"), 5, &content, &error));
  assert_int_equal(unlink(path_of("five")), 0);
}

static void file_makes_folders(void **state)
{
  (void)state;
  struct error error = {0};
  assert_true(file_make_folder(path_of("x/y/z"), &error));
  assert_true(file_make_folder(path_of("x/y/z/"), &error));
  assert_true(file_make_folder(path_of("x//y"), &error));
  assert_true(file_make_folder("/", &error));
  assert_true(file_replace(path_of("x/file"), TEXT(""), &error));
  assert_false(file_make_folder(path_of("x/file"), &error));
  assert_false(file_make_folder(path_of("x/file/below"), &error));
  assert_false(file_make_folder("", &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  assert_int_equal(unlink(path_of("x/file")), 0);
}

static void file_joins(void **state)
{
  (void)state;
  assert_string_equal(file_join(arena, "a", "b"), "a/b");
  assert_string_equal(file_join(arena, "a/", "b"), "a/b");
  assert_string_equal(file_join(arena, "", "b"), "b");
}

struct walked {
  struct text told;
  int most;
};

static bool tell(void *context, struct text path, struct error *error)
{
  struct walked *walked = context;
  if (walked->most-- == 0) return error_set(error, ERROR_BUSY, "error.system", "", "enough");
  walked->told = text_format(arena, "%.*s%.*s;", TEXT_PRINT(walked->told), TEXT_PRINT(path));
  return true;
}

static void file_walks_in_order(void **state)
{
  (void)state;
  struct error error = {0};
  static const char *const folders[] = {"w", "w/b", "w/B", "w/.hidden", "w/1/2/3/4/5/6/7/8"};
  static const char *const files[] = {"w/c",
                                      "w/b/2",
                                      "w/b/10",
                                      "w/B/x",
                                      "w/.hidden/x",
                                      "w/.x",
                                      "w/1/2/3/4/5/6/7/in",
                                      "w/1/2/3/4/5/6/7/8/out"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
    assert_true(file_make_folder(path_of(folders[i]), &error));
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    assert_true(file_replace(path_of(files[i]), TEXT("x"), &error));
  assert_int_equal(mkfifo(path_of("w/pipe"), 0600), 0);
  struct walked walked = {.most = 100};
  assert_true(file_walk(path_of("w"), tell, &walked, &error));
  assert_string_equal(text_c(arena, walked.told), "1/2/3/4/5/6/7/in;B/x;b/10;b/2;c;");
  walked = (struct walked){.most = 2};
  assert_false(file_walk(path_of("w"), tell, &walked, &error));
  assert_int_equal(error.kind, ERROR_BUSY);
  assert_string_equal(text_c(arena, walked.told), "1/2/3/4/5/6/7/in;B/x;");
  assert_int_equal(symlink("nowhere", path_of("w/dangling")), 0);
  walked = (struct walked){.most = 100};
  assert_false(file_walk(path_of("w"), tell, &walked, &error));
  assert_non_null(strstr(error.log, "stat "));
  assert_false(file_walk(path_of("none"), tell, &walked, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

static void file_finds_the_share_folder(void **state)
{
  (void)state;
  struct error error = {0};
  char *share = NULL, self[4096];
  setenv("FAIRLEAD_SHARE", "/somewhere", 1);
  assert_true(file_share_folder(arena, &share, &error));
  assert_string_equal(share, "/somewhere");
  setenv("FAIRLEAD_SHARE", "", 1);
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  assert_true(length > 0);
  while (self[length - 1] != '/') length--;
  self[length] = 0;
  const char *made = file_join(arena, self, "share/knowledge");
  share = NULL;
  assert_false(file_share_folder(arena, &share, &error)); /* a test program has none beside it */
  assert_null(share);
  assert_string_equal(error.person, "error.share");
  assert_true(file_make_folder(made, &error));
  bool found = file_share_folder(arena, &share, &error);
  rmdir(made);
  rmdir(file_join(arena, self, "share"));
  assert_true(found);
  assert_string_equal(share, file_join(arena, self, "share"));
  unsetenv("FAIRLEAD_SHARE");
}

static void file_that_is_secret(void **state)
{
  (void)state;
  struct error error = {0};
  struct text content = TEXT("untouched");
  const char *path = path_of("secret");
  assert_true(file_replace(path, TEXT("word"), &error));
  static const mode_t open_to_others[] = {0640, 0620, 0610, 0604, 0602, 0601};
  for (size_t i = 0; i < sizeof open_to_others / sizeof *open_to_others; i++) {
    assert_int_equal(chmod(path, open_to_others[i]), 0);
    assert_false(file_read_secret(arena, path, 100, &content, &error));
    assert_string_equal(error.person, "error.file.secret");
    assert_false(file_check_secret(path, &error));
    assert_true(text_equal(content, TEXT("untouched")));
  }
  assert_int_equal(chmod(path, 0400), 0);
  assert_true(file_check_secret(path, &error));
  assert_true(file_read_secret(arena, path, 100, &content, &error));
  assert_true(text_equal(content, TEXT("word")));
  assert_false(file_read_secret(arena, path, 3, &content, &error));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  assert_false(file_check_secret(folder, &error));
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_false(file_check_secret(path_of("nothing"), &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  assert_int_equal(unlink(path), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(file_is_replaced_and_read),
      cmocka_unit_test(file_replaced_beside_the_working_folder),
      cmocka_unit_test(file_keeps_the_old_when_writing_fails),
      cmocka_unit_test(file_refuses_to_read),
      cmocka_unit_test(file_that_is_secret),
      cmocka_unit_test(file_makes_folders),
      cmocka_unit_test(file_joins),
      cmocka_unit_test(file_walks_in_order),
      cmocka_unit_test(file_finds_the_share_folder),
  };
  return cmocka_run_group_tests(tests, file_set_up, file_tear_down);
}
