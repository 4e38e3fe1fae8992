/*
 * The open directory: knowledge, places, and the snapshot that is current.
 *
 * Readers take a snapshot by counting themselves in under a lock that is held for an instant; a
 * swap puts the new one in front and leaves the old one to its last reader, who unmaps it. One
 * refresh or rebuild runs at a time. No lock is held while a file is read, mapped or verified.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "directory/directory_private.h"

/* --- Readers ---------------------------------------------------------------------------------- */

const struct snapshot *directory_acquire(struct directory *directory)
{
  const struct snapshot *snapshot = NULL;
  pthread_mutex_lock(&directory->lock);
  if (directory->held) {
    directory->held->readers++;
    snapshot = directory->held->snapshot;
  }
  pthread_mutex_unlock(&directory->lock);
  return snapshot;
}

/* Take the held snapshot out of the list if nobody needs it any more. */
static struct held_snapshot *take_unneeded(struct directory *directory, struct held_snapshot **link)
{
  struct held_snapshot *held = *link;
  if (held->readers || held == directory->held) return NULL;
  *link = held->older;
  return held;
}

static void unmap(struct held_snapshot *held)
{
  if (!held) return;
  snapshot_close(held->snapshot);
  free(held);
}

void directory_release(struct directory *directory, const struct snapshot *snapshot)
{
  if (!snapshot) return;
  pthread_mutex_lock(&directory->lock);
  struct held_snapshot **link = &directory->held;
  while ((*link)->snapshot != snapshot) link = &(*link)->older;
  (*link)->readers--;
  struct held_snapshot *unneeded = take_unneeded(directory, link);
  pthread_mutex_unlock(&directory->lock);
  unmap(unneeded);
}

static void swap(struct directory *directory, struct snapshot *snapshot)
{
  struct held_snapshot *fresh = memory_allocate_zero(1, sizeof *fresh), *unneeded = NULL;
  fresh->snapshot = snapshot;
  pthread_mutex_lock(&directory->lock);
  fresh->older = directory->held;
  directory->held = fresh;
  if (fresh->older) unneeded = take_unneeded(directory, &fresh->older);
  pthread_mutex_unlock(&directory->lock);
  unmap(unneeded);
}

/* --- The overlay ------------------------------------------------------------------------------ */

const struct overlay *directory_overlay_acquire(struct directory *directory)
{
  if (!directory->has_overlay) return NULL;
  pthread_mutex_lock(&directory->lock);
  struct overlay *overlay = directory->overlay;
  if (overlay) overlay->holders++;
  pthread_mutex_unlock(&directory->lock);
  return overlay;
}

void directory_overlay_release(struct directory *directory, const struct overlay *overlay)
{
  if (!overlay) return;
  struct overlay *held = (struct overlay *)(uintptr_t)overlay; /* ours, lent as a const */
  pthread_mutex_lock(&directory->lock);
  bool is_last = --held->holders == 0;
  pthread_mutex_unlock(&directory->lock);
  if (is_last) overlay_free(held);
}

void directory_publish(struct directory *directory, struct overlay *overlay)
{
  if (overlay) overlay->holders = 1;
  pthread_mutex_lock(&directory->lock);
  const struct overlay *before = directory->overlay;
  directory->overlay = overlay;
  directory->has_overlay = overlay != NULL;
  pthread_mutex_unlock(&directory->lock);
  directory_overlay_release(directory, before);
}

/* --- Workspaces ------------------------------------------------------------------------------- */

struct search_workspace *directory_workspace_take(struct directory *directory)
{
  struct search_workspace *workspace = NULL;
  pthread_mutex_lock(&directory->lock);
  if (directory->workspace_count) workspace = directory->workspaces[--directory->workspace_count];
  pthread_mutex_unlock(&directory->lock);
  return workspace ? workspace : search_workspace_new();
}

void directory_workspace_give(struct directory *directory, struct search_workspace *workspace)
{
  pthread_mutex_lock(&directory->lock);
  if (directory->workspace_count < WORKSPACES_KEPT) {
    directory->workspaces[directory->workspace_count++] = workspace;
    workspace = NULL;
  }
  pthread_mutex_unlock(&directory->lock);
  if (workspace) search_workspace_free(workspace);
}

/* --- Swapping --------------------------------------------------------------------------------- */

static void keep_name(struct text_buffer *buffer, struct text name)
{
  text_buffer_clear(buffer);
  text_buffer_add(buffer, name);
}

/* Map and verify the file that directory.current names, unless it is the one in use. */
static bool look(struct directory *directory, struct arena *arena, bool *swapped,
                 struct error *error)
{
  struct text name;
  struct snapshot *snapshot;
  *swapped = false;
  if (!snapshot_current(arena, directory->folder, &name, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error); /* nothing was imported yet, or the file is between two names */
    return true;
  }
  bool is_refused = text_equal(name, text_buffer_get(&directory->refused));
  if (text_equal(name, text_buffer_get(&directory->name)) ||
      (is_refused && time_monotonic() < directory->retry_at))
    return true;
  const char *path = file_join(arena, directory->folder, text_c(arena, name));
  if (!snapshot_open(&snapshot, path, directory->needs, error)) {
    keep_name(&directory->refused, name);
    directory->retry_at = time_monotonic() + LIMIT_DIRECTORY_RETRY_SECONDS * INT64_C(1000000);
    return false;
  }
  keep_name(&directory->name, name);
  text_buffer_clear(&directory->refused);
  swap(directory, snapshot);
  *swapped = true;
  log_event(LOG_INFO, "directory.swapped", LOG_T("file", name),
            LOG_N("rows", snapshot_row_count(snapshot)));
  return true;
}

static bool add_facility(void *context, const struct facility *facility, struct error *error)
{
  return snapshot_builder_add(context, facility, error);
}

/* Wait until no other process builds in this folder; `*lock` is to be closed. The wait ends, so
 * that a process that hangs does not hold up a server that is to stop. */
static bool lock_folder(const struct directory *directory, struct arena *arena, int *lock,
                        struct error *error)
{
  const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
  const int64_t deadline = time_monotonic() + LIMIT_DIRECTORY_LOCK_SECONDS * INT64_C(1000000);
  const char *path = file_join(arena, directory->folder, "directory.lock");
  int handle = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644), result = -1;
  while (handle >= 0 && (result = flock(handle, LOCK_EX | LOCK_NB)) != 0 && errno == EWOULDBLOCK &&
         time_monotonic() < deadline)
    nanosleep(&pause, NULL);
  if (result == 0) {
    *lock = handle;
    return true;
  }
  error_set(error, handle >= 0 && errno == EWOULDBLOCK ? ERROR_BUSY : ERROR_SYSTEM, "error.file",
            "Check that the data folder can be written to, and that no other import hangs.",
            "lock %s: %s", path, strerror(errno));
  if (handle >= 0) close(handle);
  return false;
}

/* The store is read behind the lock: of two that build, the last to name its snapshot has read all
 * that both imported. */
static bool build(struct directory *directory, struct store *store, struct arena *arena,
                  struct error *error)
{
  int lock;
  if (!lock_folder(directory, arena, &lock, error)) return false;
  struct snapshot_builder *builder = snapshot_builder_new(directory->needs);
  bool done = facility_each(store, add_facility, builder, error) &&
              snapshot_builder_finish(builder, directory->folder, error);
  snapshot_builder_free(builder);
  close(lock);
  return done;
}

static bool find_facility(struct store_transaction *transaction, void *context, struct error *error)
{
  struct store_cursor *cursor;
  bool *found = context;
  if (!store_query(transaction, &cursor, "SELECT 1 FROM facility WHERE vanished IS NULL LIMIT 1",
                   STORE_BIND_NONE, error))
    return false;
  bool done = store_next(cursor, found, error);
  store_cursor_close(cursor);
  return done;
}

/* Build from the store what could not be read, and look again. */
static bool mend(struct directory *directory, struct store *store, struct arena *arena,
                 bool *swapped, struct error *error)
{
  if (!build(directory, store, arena, error)) return false;
  text_buffer_clear(&directory->refused); /* the mended file may bear the same name */
  return look(directory, arena, swapped, error);
}

bool directory_refresh(struct directory *directory, bool *swapped, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  pthread_mutex_lock(&directory->refreshing);
  bool done = look(directory, arena, swapped, error);
  if (!done && directory->store) {
    log_error("directory.snapshot.refused", error);
    error_clear(error);
    done = mend(directory, directory->store, arena, swapped, error);
  }
  pthread_mutex_unlock(&directory->refreshing);
  arena_free(arena);
  return done;
}

bool directory_rebuild(struct directory *directory, struct store *store, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool swapped;
  pthread_mutex_lock(&directory->refreshing);
  bool done = mend(directory, store, arena, &swapped, error);
  pthread_mutex_unlock(&directory->refreshing);
  arena_free(arena);
  return done;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* A text as a JSON string with its quotes, kept by the directory. */
static struct text quoted(struct directory *directory, struct text_buffer *buffer, struct text t)
{
  text_buffer_clear(buffer);
  json_write_text(t, buffer);
  return text_copy(directory->arena, text_buffer_get(buffer));
}

/* Render once what every answer repeats. */
static void prepare_texts(struct directory *directory)
{
  struct text_buffer buffer, none;
  text_buffer_init(&buffer, LIMIT_JSON_BODY);
  text_buffer_init(&none, LIMIT_JSON_BODY);
  text_buffer_add_character(&none, '{');
  for (size_t i = 0; i < needs_count(directory->needs); i++) {
    const struct need *need = needs_get(directory->needs, i);
    struct text name = directory->need_names[i] = quoted(directory, &buffer, need->name);
    text_buffer_clear(&buffer);
    text_buffer_add_format(&buffer, "%s%.*s:", i ? "," : "", TEXT_PRINT(name));
    char *key = arena_allocate(directory->arena, buffer.length + FACET_KEY_PIECE);
    memcpy(key, buffer.at, buffer.length);
    directory->facet_keys[i] = (struct text){key, buffer.length};
    text_buffer_add(&none, directory->facet_keys[i]);
    text_buffer_add_character(&none, '0');
    for (size_t language = 0; language < NEED_LANGUAGES; language++)
      directory->need_labels[language][i] = quoted(directory, &buffer, need->label[language]);
  }
  text_buffer_add_character(&none, '}');
  directory->no_facets = text_copy(directory->arena, text_buffer_get(&none));
  for (size_t i = 0; i < signs_count(directory->needs); i++)
    for (size_t language = 0; language < NEED_LANGUAGES; language++)
      directory->sign_labels[language][i] =
          quoted(directory, &buffer, signs_get(directory->needs, i)->label[language]);
  text_buffer_fini(&buffer);
  text_buffer_fini(&none);
}

static struct directory *make(const char *data_folder, struct store *store)
{
  struct directory *directory = memory_allocate_zero(1, sizeof *directory);
  directory->arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  directory->folder = text_c(directory->arena, text_from(data_folder));
  directory->store = store;
  text_buffer_init(&directory->name, LIMIT_ERROR_TEXT);
  text_buffer_init(&directory->refused, LIMIT_ERROR_TEXT);
  pthread_mutex_init(&directory->lock, NULL);
  pthread_mutex_init(&directory->refreshing, NULL);
  return directory;
}

/* A store that came back from a backup has facilities, and no snapshot beside it. */
static bool build_if_missing(struct directory *directory, struct error *error)
{
  bool found = false;
  if (directory->held || !directory->store) return true; /* nobody else has it yet */
  if (!store_read(directory->store, find_facility, &found, error)) return false;
  return !found || directory_rebuild(directory, directory->store, error);
}

bool directory_open(struct directory **out, const char *data_folder, const char *share_folder,
                    struct store *store, struct error *error)
{
  bool swapped;
  struct directory *directory = make(data_folder, store);
  const char *knowledge = file_join(directory->arena, share_folder, "knowledge");
  const char *places = file_join(directory->arena, share_folder, "places.tsv");
  if (!needs_load(&directory->needs, knowledge, error) ||
      !places_load(&directory->places, places, error)) {
    directory_close(directory);
    return false;
  }
  prepare_texts(directory);
  if (!directory_refresh(directory, &swapped, error) || !build_if_missing(directory, error)) {
    directory_close(directory);
    return false;
  }
  *out = directory;
  return true;
}

void directory_close(struct directory *directory)
{
  if (!directory) return;
  while (directory->held) {
    struct held_snapshot *older = directory->held->older;
    unmap(directory->held);
    directory->held = older;
  }
  for (size_t i = 0; i < directory->workspace_count; i++)
    search_workspace_free(directory->workspaces[i]);
  overlay_free(directory->overlay);
  pthread_mutex_destroy(&directory->lock);
  pthread_mutex_destroy(&directory->refreshing);
  text_buffer_fini(&directory->name);
  text_buffer_fini(&directory->refused);
  places_free(directory->places);
  needs_free(directory->needs);
  arena_free(directory->arena);
  free(directory);
}

const struct needs *directory_needs(const struct directory *directory)
{
  return directory->needs;
}

const struct places *directory_places(const struct directory *directory)
{
  return directory->places;
}
