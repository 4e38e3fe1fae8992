/*
 * The open directory: swapping while it is read, damage, rebuilding from the store. Run under
 * ThreadSanitizer too: four threads search while a fifth swaps.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "directory/directory_private.h"
#include "directory_world.h"

enum { SEARCHERS = 4, SWAPS = 12, SEARCHES = 300 };

static int setup(void **state)
{
  struct world *world = calloc(1, sizeof *world);
  struct error error = {0};
  char path[128];
  world_make_folders(world);
  snprintf(path, sizeof path, "%s/locale", world->share);
  must(catalog_load(&world->catalog, path, &error), &error);
  world->arena = arena_new(LIMIT_ARENA_REQUEST);
  *state = world;
  return 0;
}

static int teardown(void **state)
{
  struct world *world = *state;
  directory_close(world->directory);
  catalog_free(world->catalog);
  arena_free(world->arena);
  world_remove(world);
  free(world);
  return 0;
}

static void open_directory(struct world *world)
{
  struct error error = {0};
  must(directory_open(&world->directory, world->data, world->share, NULL, &error), &error);
}

/* A list of the first `count` facilities. */
static void build(struct world *world, size_t count)
{
  struct world_facility list[5] = {0};
  memcpy(list, world_facilities, count * sizeof *list);
  world_build(world, directory_needs(world->directory), list);
}

static uint32_t rows(struct world *world)
{
  const struct snapshot *snapshot = directory_acquire(world->directory);
  uint32_t count = snapshot ? snapshot_row_count(snapshot) : 0;
  directory_release(world->directory, snapshot);
  return count;
}

static bool refresh(struct world *world)
{
  struct error error = {0};
  bool swapped;
  must(directory_refresh(world->directory, &swapped, &error), &error);
  return swapped;
}

static char *current_path(struct world *world)
{
  struct text name;
  struct error error = {0};
  must(snapshot_current(world->arena, world->data, &name, &error), &error);
  return file_join(world->arena, world->data, text_c(world->arena, name));
}

/* Change one byte in the middle of the file. */
static void damage(const char *path)
{
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  assert_int_equal(fseek(file, ftell(file) / 2, SEEK_SET), 0);
  int byte = fgetc(file);
  assert_int_equal(fseek(file, -1, SEEK_CUR), 0);
  assert_int_equal(fputc(byte ^ 0xFF, file), byte ^ 0xFF);
  assert_int_equal(fclose(file), 0);
}

static void directory_opens_empty(void **state)
{
  struct world *world = *state;
  open_directory(world);
  assert_null(directory_acquire(world->directory));
  directory_release(world->directory, NULL);
  assert_false(refresh(world));
  assert_non_null(directory_places(world->directory));
}

static void directory_swaps_while_it_is_read(void **state)
{
  struct world *world = *state;
  open_directory(world);
  build(world, 2);
  assert_true(refresh(world));
  assert_false(refresh(world)); /* the same file */
  const struct snapshot *old = directory_acquire(world->directory);
  const struct snapshot *again = directory_acquire(world->directory);
  build(world, 3);
  assert_true(refresh(world));
  build(world, 4);
  assert_true(refresh(world)); /* nobody read the second: it is gone already */
  assert_int_equal(snapshot_row_count(old), 2);
  assert_int_equal(rows(world), 4);
  directory_release(world->directory, old);
  assert_int_equal(snapshot_row_count(again), 2);
  directory_release(world->directory, again);
  assert_int_equal(rows(world), 4);
}

/* --- Many readers, one that swaps --------------------------------------------------------------
 */

struct searcher {
  struct world *world;
  atomic_bool *stop;
  bool failed;
  size_t searches;
};

static void *search(void *context)
{
  struct searcher *searcher = context;
  struct world *world = searcher->world;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  const struct text needs[] = {TEXT("substance-use")};
  struct directory_request request = {
      .near = TEXT("23220"), .needs = needs, .need_count = 1, .limit = 20, .facets = true};
  while (!atomic_load(searcher->stop) || searcher->searches < SEARCHES) {
    struct directory_answer answer;
    struct error error = {0};
    const struct snapshot *snapshot = directory_acquire(world->directory);
    bool done = directory_find(world->directory, snapshot, world->catalog, arena, &request, &answer,
                               &error);
    /* Every facility is met, so the total tells whether the snapshot stood still. */
    if (!done || answer.search.total != snapshot_row_count(snapshot)) searcher->failed = true;
    directory_release(world->directory, snapshot);
    searcher->searches++;
    arena_clear(arena);
  }
  arena_free(arena);
  return NULL;
}

static void directory_swaps_under_searches(void **state)
{
  struct world *world = *state;
  struct searcher searchers[SEARCHERS];
  pthread_t threads[SEARCHERS];
  atomic_bool stop = false;
  open_directory(world);
  build(world, 4);
  assert_true(refresh(world));
  for (size_t i = 0; i < SEARCHERS; i++) {
    searchers[i] = (struct searcher){.world = world, .stop = &stop};
    assert_int_equal(pthread_create(&threads[i], NULL, search, &searchers[i]), 0);
  }
  for (size_t i = 0; i < SWAPS; i++) {
    build(world, 1 + i % 4);
    assert_true(refresh(world));
  }
  atomic_store(&stop, true);
  for (size_t i = 0; i < SEARCHERS; i++) {
    pthread_join(threads[i], NULL);
    assert_false(searchers[i].failed);
    assert_true(searchers[i].searches >= SEARCHES);
  }
  assert_int_equal(rows(world), 4);
}

/* --- Damage ----------------------------------------------------------------------------------- */

static void directory_refuses_damage_without_a_store(void **state)
{
  struct world *world = *state;
  struct directory *second = NULL;
  struct error error = {0};
  open_directory(world);
  build(world, 2);
  char *path = current_path(world);
  damage(path);
  assert_false(directory_open(&second, world->data, world->share, NULL, &error));
  assert_null(second);
  assert_non_null(strstr(error.log, "directory-")); /* the file is named */
}

static void directory_keeps_the_old_when_the_new_is_damaged(void **state)
{
  struct world *world = *state;
  struct error error = {0};
  bool swapped = true;
  open_directory(world);
  build(world, 2);
  assert_true(refresh(world));
  build(world, 3);
  damage(current_path(world));
  assert_false(directory_refresh(world->directory, &swapped, &error));
  assert_false(swapped);
  assert_int_equal(rows(world), 2);
  assert_false(refresh(world)); /* named once, not each second */
  build(world, 4);
  assert_true(refresh(world));
  assert_int_equal(rows(world), 4);
}

static void directory_rebuilds_from_the_store(void **state)
{
  struct world *world = *state;
  struct store *store;
  struct error error = {0};
  open_directory(world);
  build(world, 2);
  directory_close(world->directory);
  world->directory = NULL;
  damage(current_path(world));
  must(store_open(&store, file_join(world->arena, world->data, "fairlead.db"), &error), &error);
  must(store_migrate(store, file_join(world->arena, world->share, "migrations"), &error), &error);
  must(directory_open(&world->directory, world->data, world->share, store, &error), &error);
  const struct snapshot *snapshot = directory_acquire(world->directory);
  assert_non_null(snapshot);
  assert_int_equal(snapshot_row_count(snapshot), 0); /* the store holds none */
  directory_release(world->directory, snapshot);
  must(directory_rebuild(world->directory, store, &error), &error);
  build(world, 3);
  damage(current_path(world));
  refresh(world); /* mends it from the store that it keeps */
  assert_int_equal(rows(world), 0);
  struct directory *second;
  must(directory_open(&second, world->data, world->share, NULL, &error), &error);
  directory_close(second);
  directory_close(world->directory);
  world->directory = NULL;
  store_close(store);
}

static void directory_rebuilds_what_is_in_the_store(void **state)
{
  struct world *world = *state;
  struct store *store;
  struct error error = {0};
  struct import_report report = {0};
  bool swapped;
  open_directory(world);
  must(store_open(&store, file_join(world->arena, world->folder, "fairlead.db"), &error), &error);
  assert_false(directory_rebuild(world->directory, store, &error)); /* it has no tables yet */
  must(store_migrate(store, file_join(world->arena, world->share, "migrations"), &error), &error);
  struct import_target target = {store, directory_needs(world->directory),
                                 directory_places(world->directory)};
  struct import_options options = {.knowledge_folder =
                                       file_join(world->arena, world->share, "knowledge")};
  must(import_demo(&target, 7, &options, world->arena, &report, &error), &error);
  must(directory_rebuild(world->directory, store, &error), &error);
  assert_int_equal(rows(world), 7);
  assert_false(refresh(world)); /* it is in use already */
  /* A name that leads nowhere, and a text that is no name, are refused. */
  assert_int_equal(unlink(current_path(world)), 0);
  build(world, 2);
  assert_int_equal(unlink(current_path(world)), 0);
  assert_false(directory_refresh(world->directory, &swapped, &error));
  must(
      file_replace(file_join(world->arena, world->data, "directory.current"), TEXT("../x"), &error),
      &error);
  assert_false(directory_refresh(world->directory, &swapped, &error));
  assert_int_equal(rows(world), 7);
  char *away = file_join(world->arena, world->folder, "away");
  assert_int_equal(rename(world->data, away), 0);
  assert_false(directory_rebuild(world->directory, store, &error)); /* no folder to write to */
  assert_int_equal(rows(world), 7);
  store_close(store);
}

/* Only the database came back from a backup. */
static void directory_builds_what_a_backup_lacks(void **state)
{
  struct world *world = *state;
  struct store *store;
  struct error error = {0};
  struct import_report report = {0};
  must(store_open(&store, file_join(world->arena, world->folder, "fairlead.db"), &error), &error);
  struct directory *none = NULL;
  assert_false(directory_open(&none, world->data, world->share, store, &error)); /* no tables */
  must(store_migrate(store, file_join(world->arena, world->share, "migrations"), &error), &error);
  must(directory_open(&world->directory, world->data, world->share, store, &error), &error);
  assert_null(directory_acquire(world->directory));
  struct import_target target = {store, directory_needs(world->directory),
                                 directory_places(world->directory)};
  struct import_options options = {.knowledge_folder =
                                       file_join(world->arena, world->share, "knowledge")};
  must(import_demo(&target, 3, &options, world->arena, &report, &error), &error);
  directory_close(world->directory);
  must(directory_open(&world->directory, world->data, world->share, store, &error), &error);
  assert_int_equal(rows(world), 3);
  directory_close(world->directory);
  world->directory = NULL;
  store_close(store);
}

/* The disk was full, say, when a damaged snapshot was to be built anew. */
static void directory_tries_again_what_failed(void **state)
{
  struct world *world = *state;
  struct store *store;
  struct directory *second;
  struct error error = {0};
  bool swapped;
  open_directory(world);
  must(store_open(&store, file_join(world->arena, world->data, "fairlead.db"), &error), &error);
  must(store_migrate(store, file_join(world->arena, world->share, "migrations"), &error), &error);
  directory_close(world->directory);
  must(directory_open(&world->directory, world->data, world->share, store, &error), &error);
  build(world, 2);
  damage(current_path(world));
  char *lock = file_join(world->arena, world->data, "directory.lock");
  assert_int_equal(mkdir(lock, 0755), 0); /* a file of this name cannot be had */
  assert_false(directory_refresh(world->directory, &swapped, &error));
  assert_int_equal(rmdir(lock), 0);
  assert_false(refresh(world)); /* not each second */
  assert_false(directory_open(&second, world->data, world->share, NULL, &error));
  world->directory->retry_at = 0;
  assert_true(refresh(world));
  must(directory_open(&second, world->data, world->share, NULL, &error), &error);
  directory_close(second);
  directory_close(world->directory);
  world->directory = NULL;
  store_close(store);
}

struct rebuilding {
  struct directory *directory;
  struct store *store;
  bool done;
};

static void *rebuild(void *context)
{
  struct rebuilding *rebuilding = context;
  rebuilding->done = directory_rebuild(rebuilding->directory, rebuilding->store, NULL);
  return NULL;
}

/* Two processes import at once. The one that builds second waits, and reads the store only then;
 * otherwise it could name, last, a snapshot that lacks what the other brought. */
static void directory_builds_behind_another_process(void **state)
{
  struct world *world = *state;
  struct store *store;
  struct error error = {0};
  struct import_report report = {0};
  pthread_t thread;
  open_directory(world);
  must(store_open(&store, file_join(world->arena, world->folder, "fairlead.db"), &error), &error);
  must(store_migrate(store, file_join(world->arena, world->share, "migrations"), &error), &error);
  struct import_target target = {store, directory_needs(world->directory),
                                 directory_places(world->directory)};
  struct import_options options = {.knowledge_folder =
                                       file_join(world->arena, world->share, "knowledge")};
  must(import_demo(&target, 3, &options, world->arena, &report, &error), &error);
  int other = open(file_join(world->arena, world->data, "directory.lock"),
                   O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  assert_true(other >= 0 && flock(other, LOCK_EX) == 0);
  struct rebuilding rebuilding = {world->directory, store, false};
  assert_int_equal(pthread_create(&thread, NULL, rebuild, &rebuilding), 0);
  nanosleep(&(struct timespec){.tv_nsec = 300 * 1000 * 1000}, NULL);
  must(import_demo(&target, 5, &options, world->arena, &report, &error), &error);
  assert_int_equal(close(other), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_true(rebuilding.done);
  assert_int_equal(rows(world), 5);
  store_close(store);
}

static void directory_keeps_some_workspaces(void **state)
{
  struct world *world = *state;
  struct search_workspace *taken[WORKSPACES_KEPT + 1];
  open_directory(world);
  for (size_t i = 0; i <= WORKSPACES_KEPT; i++)
    taken[i] = directory_workspace_take(world->directory);
  for (size_t i = 0; i <= WORKSPACES_KEPT; i++)
    directory_workspace_give(world->directory, taken[i]);
  assert_int_equal(world->directory->workspace_count, WORKSPACES_KEPT);
  assert_ptr_equal(directory_workspace_take(world->directory), taken[WORKSPACES_KEPT - 1]);
  search_workspace_free(taken[WORKSPACES_KEPT - 1]);
}

static void directory_needs_its_share_folder(void **state)
{
  struct world *world = *state;
  struct directory *none = NULL;
  struct error error = {0};
  char path[128];
  assert_false(directory_open(&none, world->data, "/nonexistent", NULL, &error));
  snprintf(path, sizeof path, "%s/places.tsv", world->share);
  assert_int_equal(unlink(path), 0);
  assert_false(directory_open(&none, world->data, world->share, NULL, &error));
  assert_null(none);
  directory_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(directory_opens_empty),
      TEST(directory_swaps_while_it_is_read),
      TEST(directory_swaps_under_searches),
      TEST(directory_refuses_damage_without_a_store),
      TEST(directory_keeps_the_old_when_the_new_is_damaged),
      TEST(directory_rebuilds_from_the_store),
      TEST(directory_rebuilds_what_is_in_the_store),
      TEST(directory_builds_what_a_backup_lacks),
      TEST(directory_tries_again_what_failed),
      TEST(directory_builds_behind_another_process),
      TEST(directory_keeps_some_workspaces),
      TEST(directory_needs_its_share_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
