/*
 * Files: see file.h.
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct error *error, const char *verb, const char *path)
{
  return error_set(
      error, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_SYSTEM, "error.file",
      "Check that the file or folder exists, that its rights allow it, and that the disk has room.",
      "%s %s: %s", verb, path, strerror(errno));
}

static bool read_bytes(int file, char *into, size_t size, size_t *got)
{
  *got = 0;
  while (*got < size) {
    ssize_t step = read(file, into + *got, size - *got);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return false;
    if (step == 0) break;
    *got += (size_t)step;
  }
  return true;
}

/* Does the file belong to its owner alone? */
static bool check_rights(const struct stat *status, const char *path, struct error *error)
{
  if (!(status->st_mode & (S_IRWXG | S_IRWXO))) return true;
  return error_set(error, ERROR_REFUSED, "error.file.secret",
                   "Let its owner alone read it: chmod 600. If others may have read it, change "
                   "the secret.",
                   "%s: others than its owner may read or write it", path);
}

static bool read_whole(struct arena *arena, const char *path, size_t ceiling, bool is_secret,
                       struct text *out, struct error *error)
{
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe does not hold us up */
  if (file < 0) return fail(error, "open", path);
  bool done = false;
  struct stat status;
  if (fstat(file, &status) != 0) {
    fail(error, "stat", path);
    goto out;
  }
  if (is_secret && !check_rights(&status, path, error)) goto out;
  if (!S_ISREG(status.st_mode)) {
    error_set(error, ERROR_REFUSED, "error.file", "Name a regular file.", "%s: not a regular file",
              path);
    goto out;
  }
  if ((uint64_t)status.st_size > ceiling) {
    error_set(error, ERROR_TOO_LARGE, "error.file.large",
              "Split the file or check that it is the right one.",
              "%s: %lld bytes, at most %zu are read", path, (long long)status.st_size, ceiling);
    goto out;
  }
  size_t size = (size_t)status.st_size, got = 0;
  char *bytes = arena_allocate(arena, size + 1);
  if (!read_bytes(file, bytes, size, &got)) {
    fail(error, "read", path);
    goto out;
  }
  *out = (struct text){bytes, got};
  done = true;
out:
  close(file);
  return done;
}

bool file_read(struct arena *arena, const char *path, size_t ceiling, struct text *out,
               struct error *error)
{
  return read_whole(arena, path, ceiling, false, out, error);
}

bool file_read_secret(struct arena *arena, const char *path, size_t ceiling, struct text *out,
                      struct error *error)
{
  return read_whole(arena, path, ceiling, true, out, error);
}

bool file_check_secret(const char *path, struct error *error)
{
  struct stat status;
  if (stat(path, &status) != 0) return fail(error, "stat", path);
  if (!S_ISREG(status.st_mode))
    return error_set(error, ERROR_REFUSED, "error.file", "Name a regular file.",
                     "%s: not a regular file", path);
  return check_rights(&status, path, error);
}

static bool write_bytes(int file, struct text content)
{
  while (content.length) {
    ssize_t step = write(file, content.at, content.length);
    if (step < 0 && errno == EINTR) continue;
    if (step < 0) return false;
    content = text_slice(content, (size_t)step, content.length);
  }
  return true;
}

/* Flush the folder that holds `path`, so that a rename in it survives a crash. */
static bool flush_folder_of(struct arena *arena, const char *path)
{
  const char *slash = strrchr(path, '/');
  const char *folder =
      slash ? text_c(arena, (struct text){path, slash == path ? 1 : (size_t)(slash - path)}) : ".";
  int handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return false;
  bool good = fsync(handle) == 0;
  close(handle);
  return good;
}

bool file_replace(const char *path, struct text content, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  static atomic_uint count; /* threads may replace the same file */
  const char *beside =
      text_format(arena, "%s.new-%ld-%u", path, (long)getpid(), atomic_fetch_add(&count, 1)).at;
  bool done = false;
  int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) {
    fail(error, "create", beside);
    goto out;
  }
  bool written = write_bytes(file, content) && fsync(file) == 0;
  if (close(file) != 0 || !written) {
    fail(error, "write", beside);
    unlink(beside);
    goto out;
  }
  if (rename(beside, path) != 0) {
    fail(error, "rename", path);
    unlink(beside);
    goto out;
  }
  if (!flush_folder_of(arena, path)) {
    fail(error, "flush folder of", path);
    goto out;
  }
  done = true;
out:
  arena_free(arena);
  return done;
}

bool file_make_folder(const char *path, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  char *copy = text_c(arena, text_from(path));
  bool done = true;
  for (char *at = copy; done; at++) {
    if ((*at != '/' || at == copy) && *at != 0) continue;
    char kept = *at;
    *at = 0;
    struct stat status;
    if (mkdir(copy, 0755) != 0 &&
        (errno != EEXIST || stat(copy, &status) != 0 || !S_ISDIR(status.st_mode)))
      done = fail(error, "make folder", copy);
    *at = kept;
    if (!kept) break;
  }
  arena_free(arena);
  return done;
}

bool file_exists(const char *path)
{
  struct stat status;
  return stat(path, &status) == 0;
}

char *file_join(struct arena *arena, const char *folder, const char *name)
{
  struct text left = text_from(folder);
  const char *slash = text_ends_with(left, TEXT("/")) || left.length == 0 ? "" : "/";
  return text_c(arena, text_format(arena, "%s%s%s", folder, slash, name));
}

/* --- Walking ------------------------------------------------------------------------------- */

enum { WALK_DEPTH = 8 };

struct walk {
  struct arena *arena;
  bool (*each)(void *context, struct text relative_path, struct error *error);
  void *context;
};

static int is_visible(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static bool walk_folder(struct walk *walk, const char *folder, const char *relative, int depth,
                        struct error *error)
{
  struct dirent **entries = NULL;
  int count = scandir(folder, &entries, is_visible, by_bytes);
  if (count < 0) return fail(error, "list", folder);
  bool good = true;
  for (int i = 0; i < count; i++) {
    if (good) {
      const char *path = file_join(walk->arena, folder, entries[i]->d_name);
      const char *inner = file_join(walk->arena, relative, entries[i]->d_name);
      struct stat status;
      if (stat(path, &status) != 0) good = fail(error, "stat", path);
      else if (S_ISDIR(status.st_mode) && depth < WALK_DEPTH)
        good = walk_folder(walk, path, inner, depth + 1, error);
      else if (S_ISREG(status.st_mode)) good = walk->each(walk->context, text_from(inner), error);
    }
    free(entries[i]);
  }
  free(entries);
  return good;
}

bool file_walk(const char *folder,
               bool (*each)(void *context, struct text relative_path, struct error *error),
               void *context, struct error *error)
{
  struct walk walk = {.arena = arena_new(LIMIT_ARENA_REQUEST), .each = each, .context = context};
  bool good = walk_folder(&walk, folder, "", 1, error);
  arena_free(walk.arena);
  return good;
}

bool file_share_folder(struct arena *arena, char **out, struct error *error)
{
  const char *named = getenv("FAIRLEAD_SHARE");
  if (named && *named) {
    *out = text_c(arena, text_from(named));
    return true;
  }
  char self[4096];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length <= 0) return fail(error, "read", "/proc/self/exe");
  while (length > 1 && self[length - 1] != '/') length--;
  const char *beside = text_c(arena, (struct text){self, (size_t)length});
  static const char *const tries[] = {"share/knowledge", "../share/knowledge",
                                      "../share/fairlead/knowledge"};
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    char *knowledge = file_join(arena, beside, tries[i]);
    if (!file_exists(knowledge)) continue;
    knowledge[strlen(knowledge) - strlen("/knowledge")] = 0;
    *out = knowledge;
    return true;
  }
  return error_set(
      error, ERROR_SYSTEM, "error.share",
      "Run make, or set FAIRLEAD_SHARE to the folder that holds knowledge/ and pages/.",
      "no share folder beside %s", beside);
}
