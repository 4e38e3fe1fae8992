/*
 * A SQLite file layer that lets the Nth write, flush or truncation fail, and keeps what was
 * flushed: so that three disks can be looked at, the live one, the one that a killed process leaves
 * (all that was written), and the one that a power cut leaves (only what was flushed). One thread
 * works at a time, so that the layer needs no lock of its own.
 */
#ifndef FAIRLEAD_TESTS_FAILING_DISK_H
#define FAIRLEAD_TESTS_FAILING_DISK_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/store.h"

/* --- The failing file layer ---------------------------------------------------------------- */

static struct fault {
  bool is_armed, has_fired;
  bool stays;         /* the disk does not recover after the first failure */
  bool tears;         /* half of a failing write reaches the disk */
  unsigned countdown; /* operations that still succeed */
  int write_code;     /* what a failing write answers */
} fault;

static unsigned log_syncs; /* flushes of a log */

/* What of each file has been flushed. */
static struct flushed {
  char name[512];
  unsigned char *bytes;
  size_t size;
  bool exists;
} flushed[64];

struct file {
  sqlite3_file base;
  struct flushed *image;
  sqlite3_file *real;
};

static sqlite3_vfs *real_layer;

static inline struct file *file_of(sqlite3_file *f)
{
  return (struct file *)(void *)f;
}

static inline bool fails_now(void)
{
  if (!fault.is_armed) return false;
  if (fault.has_fired) return fault.stays;
  if (fault.countdown-- > 0) return false;
  fault.has_fired = true;
  return true;
}

static inline struct flushed *image_of(const char *name)
{
  for (size_t i = 0; i < sizeof flushed / sizeof *flushed; i++) {
    if (!flushed[i].name[0]) snprintf(flushed[i].name, sizeof flushed[i].name, "%s", name);
    if (strcmp(flushed[i].name, name) == 0) return &flushed[i];
  }
  fail_msg("too many files");
  return NULL;
}

static inline void forget_images(void)
{
  for (size_t i = 0; i < sizeof flushed / sizeof *flushed; i++) free(flushed[i].bytes);
  memset(flushed, 0, sizeof flushed);
}

static inline int layer_close(sqlite3_file *f)
{
  return file_of(f)->real->pMethods->xClose(file_of(f)->real);
}
static inline int layer_read(sqlite3_file *f, void *into, int size, sqlite3_int64 at)
{
  return file_of(f)->real->pMethods->xRead(file_of(f)->real, into, size, at);
}
static inline int layer_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 at)
{
  sqlite3_file *real = file_of(f)->real;
  if (fails_now()) {
    if (fault.tears) real->pMethods->xWrite(real, bytes, size / 2, at);
    return fault.write_code;
  }
  return real->pMethods->xWrite(real, bytes, size, at);
}
static inline int layer_truncate(sqlite3_file *f, sqlite3_int64 size)
{
  if (fails_now()) return SQLITE_IOERR_TRUNCATE;
  return file_of(f)->real->pMethods->xTruncate(file_of(f)->real, size);
}
/* The power cut is played by the images, so nothing is really flushed here. */
static inline int layer_sync(sqlite3_file *f, int flags)
{
  (void)flags;
  struct file *file = file_of(f);
  if (fails_now()) return SQLITE_IOERR_FSYNC;
  log_syncs += file->image && strstr(file->image->name, "-wal") != NULL;
  sqlite3_int64 size = 0;
  int code = file->real->pMethods->xFileSize(file->real, &size);
  if (code != SQLITE_OK || !file->image) return code;
  unsigned char *bytes = memory_allocate((size_t)size);
  code = size ? file->real->pMethods->xRead(file->real, bytes, (int)size, 0) : SQLITE_OK;
  free(file->image->bytes);
  file->image->bytes = bytes;
  file->image->size = (size_t)size;
  file->image->exists = true;
  return code;
}
static inline int layer_file_size(sqlite3_file *f, sqlite3_int64 *size)
{
  return file_of(f)->real->pMethods->xFileSize(file_of(f)->real, size);
}
static inline int layer_lock(sqlite3_file *f, int level)
{
  return file_of(f)->real->pMethods->xLock(file_of(f)->real, level);
}
static inline int layer_unlock(sqlite3_file *f, int level)
{
  return file_of(f)->real->pMethods->xUnlock(file_of(f)->real, level);
}
static inline int layer_check_lock(sqlite3_file *f, int *out)
{
  return file_of(f)->real->pMethods->xCheckReservedLock(file_of(f)->real, out);
}
static inline int layer_control(sqlite3_file *f, int operation, void *argument)
{
  return file_of(f)->real->pMethods->xFileControl(file_of(f)->real, operation, argument);
}
static inline int layer_sector_size(sqlite3_file *f)
{
  return file_of(f)->real->pMethods->xSectorSize(file_of(f)->real);
}
static inline int layer_characteristics(sqlite3_file *f)
{
  return file_of(f)->real->pMethods->xDeviceCharacteristics(file_of(f)->real);
}
static inline int layer_shm_map(sqlite3_file *f, int page, int size, int extend,
                                void volatile **out)
{
  return file_of(f)->real->pMethods->xShmMap(file_of(f)->real, page, size, extend, out);
}
static inline int layer_shm_lock(sqlite3_file *f, int offset, int count, int flags)
{
  return file_of(f)->real->pMethods->xShmLock(file_of(f)->real, offset, count, flags);
}
static inline void layer_shm_barrier(sqlite3_file *f)
{
  file_of(f)->real->pMethods->xShmBarrier(file_of(f)->real);
}
static inline int layer_shm_unmap(sqlite3_file *f, int delete)
{
  return file_of(f)->real->pMethods->xShmUnmap(file_of(f)->real, delete);
}

static const sqlite3_io_methods layer_methods = {
    .iVersion = 2,
    .xClose = layer_close,
    .xRead = layer_read,
    .xWrite = layer_write,
    .xTruncate = layer_truncate,
    .xSync = layer_sync,
    .xFileSize = layer_file_size,
    .xLock = layer_lock,
    .xUnlock = layer_unlock,
    .xCheckReservedLock = layer_check_lock,
    .xFileControl = layer_control,
    .xSectorSize = layer_sector_size,
    .xDeviceCharacteristics = layer_characteristics,
    .xShmMap = layer_shm_map,
    .xShmLock = layer_shm_lock,
    .xShmBarrier = layer_shm_barrier,
    .xShmUnmap = layer_shm_unmap,
};

static inline int layer_open(sqlite3_vfs *layer, const char *name, sqlite3_file *f, int flags,
                             int *given)
{
  (void)layer;
  struct file *file = file_of(f);
  file->base.pMethods = NULL;
  file->real = (sqlite3_file *)(void *)(file + 1);
  file->image = name ? image_of(name) : NULL;
  int code = real_layer->xOpen(real_layer, name, file->real, flags, given);
  if (file->real->pMethods) file->base.pMethods = &layer_methods;
  return code;
}

static inline int layer_delete(sqlite3_vfs *layer, const char *name, int flush)
{
  (void)layer;
  if (fails_now()) return SQLITE_IOERR_DELETE;
  if (flush) image_of(name)->exists = false;
  return real_layer->xDelete(real_layer, name, flush);
}

static inline void install_layer(void)
{
  static sqlite3_vfs layer;
  real_layer = sqlite3_vfs_find(NULL);
  layer = *real_layer;
  layer.zName = "failing";
  layer.pNext = NULL;
  layer.szOsFile += (int)sizeof(struct file);
  layer.xOpen = layer_open;
  layer.xDelete = layer_delete;
  assert_int_equal(sqlite3_vfs_register(&layer, 1), SQLITE_OK);
}

/* --- The database under test --------------------------------------------------------------- */

static struct arena *arena;
static char *folder;
static struct error error;

static inline char *path_of(const char *name)
{
  return file_join(arena, folder, name);
}

static inline int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-fault-XXXXXX";
  arena = arena_new((size_t)1 << 30);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  fault = (struct fault){0};
  forget_images();
  return 0;
}

static inline int end(void **state)
{
  (void)state;
  forget_images();
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  return 0;
}

static inline bool make(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(
             t, "CREATE TABLE account (id BIGINT NOT NULL PRIMARY KEY, cents BIGINT NOT NULL)",
             STORE_BIND_NONE, NULL, e) &&
         store_execute(t, "CREATE TABLE entry (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)",
                       STORE_BIND_NONE, NULL, e) &&
         store_execute(t, "INSERT INTO account (id, cents) VALUES (1, 100), (2, 0)",
                       STORE_BIND_NONE, NULL, e);
}

/* Move a cent, and note it in a text of many pages: states are told apart by what is in 2. */
static inline bool move(struct store_transaction *t, void *context, struct error *e)
{
  static char filler[20000];
  (void)context;
  memset(filler, 'x', sizeof filler);
  return store_execute(t, "UPDATE account SET cents = cents - 1 WHERE id = 1", STORE_BIND_NONE,
                       NULL, e) &&
         store_execute(t, "UPDATE account SET cents = cents + 1 WHERE id = 2", STORE_BIND_NONE,
                       NULL, e) &&
         store_execute(t, "INSERT INTO entry (id, text) SELECT count(*), $1 FROM entry",
                       STORE_BIND(STORE_T(((struct text){filler, sizeof filler}))), NULL, e);
}

static inline bool look(struct store_transaction *t, void *context, struct error *e)
{
  struct store_cursor *c = NULL;
  bool more = false;
  if (!store_query(t, &c,
                   "SELECT (SELECT cents FROM account WHERE id = 1),"
                   " (SELECT cents FROM account WHERE id = 2), (SELECT count(*) FROM entry)",
                   STORE_BIND_NONE, e) ||
      !store_next(c, &more, e))
    return false;
  int64_t moved = store_column_integer(c, 1);
  assert_int_equal(store_column_integer(c, 0), 100 - moved);
  assert_int_equal(store_column_integer(c, 2), moved);
  *(int64_t *)context = moved;
  return true;
}

static inline int64_t moved_in(struct store *store)
{
  int64_t moved = -1;
  if (!store_read(store, look, &moved, &error)) fail_msg("read: %s", error.log);
  return moved;
}

static inline void check_integrity(const char *path)
{
  sqlite3 *handle = NULL;
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, NULL),
                   SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
  sqlite3_finalize(statement);
  assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* How many cents have moved in the database at `path`, which must be whole. */
static inline int64_t moved_at(const char *path)
{
  struct store *store = NULL;
  check_integrity(path);
  if (!store_open(&store, path, &error)) fail_msg("reopen: %s", error.log);
  int64_t moved = moved_in(store);
  store_close(store);
  return moved;
}

static inline void put(const char *from, const char *to)
{
  struct text content = TEXT("");
  struct error why = {0};
  remove(to);
  if (file_exists(from) &&
      (!file_read(arena, from, 1 << 26, &content, &why) || !file_replace(to, content, &why)))
    fail_msg("copy: %s", why.log);
}

/* What a process that is killed now leaves. */
static inline int64_t moved_after_kill(void)
{
  put(path_of("a.db"), path_of("killed.db"));
  put(path_of("a.db-wal"), path_of("killed.db-wal"));
  return moved_at(path_of("killed.db"));
}

static inline void put_flushed(const char *name, const char *to)
{
  const struct flushed *image = image_of(path_of(name));
  struct error why = {0};
  remove(path_of(to));
  if (image->exists)
    assert_true(
        file_replace(path_of(to), (struct text){(const char *)image->bytes, image->size}, &why));
}

/* What a power cut now leaves, when the disk keeps nothing that was not flushed. */
static inline int64_t moved_after_power_cut(void)
{
  put_flushed("a.db", "cut.db");
  put_flushed("a.db-wal", "cut.db-wal");
  return moved_at(path_of("cut.db"));
}

static inline void make_database(void)
{
  static const char *const names[] = {"a.db", "a.db-wal", "a.db-shm", "a.db-journal"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) remove(path_of(names[i]));
  forget_images();
  struct store *store = NULL;
  assert_true(store_open(&store, path_of("a.db"), &error));
  assert_true(store_write(store, make, NULL, &error));
  assert_true(store_write(store, move, NULL, &error));
  store_close(store);
}

/* --- Faults ----------------------------------------------------------------------------------- */

static const struct fault kinds[] = {
    {.write_code = SQLITE_IOERR_WRITE},
    {.write_code = SQLITE_IOERR_WRITE, .tears = true},
    {.write_code = SQLITE_FULL},
    {.write_code = SQLITE_IOERR_WRITE, .stays = true},
    {.write_code = SQLITE_FULL, .stays = true, .tears = true},
};

static inline void arm(const struct fault *kind, unsigned countdown)
{
  fault = *kind;
  fault.is_armed = true;
  fault.countdown = countdown;
}

static inline void check_refusal(const struct fault *kind)
{
  assert_int_equal(error.kind, ERROR_SYSTEM);
  assert_string_not_equal(error.hint, "");
  if (kind->write_code == SQLITE_FULL && strcmp(error.person, "error.store.full") != 0)
    assert_string_equal(error.person, "error.store.failed"); /* a flush failed, not a write */
}

/* One write while the disk fails; answers whether the fault was met and counts refusals. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
