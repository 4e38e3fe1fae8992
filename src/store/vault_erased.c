/*
 * The erased: people whose key was destroyed. It is not where a record is marked: its room does.
 *
 * An erasure is three steps, each on disk before the next: a line in the list (a file, so that a
 * key store restored from a copy erases again), the row of the key store emptied, the files of the
 * key store rewritten so that no byte of the key is left in them. Killed between them, the next
 * vault_open() does the rest. A line is "program person time", and the time's fixed form shows
 * whether the line is whole; one without its end was never acknowledged and is cut off.
 * Invariants: after vault_open() the list and the key store name the same people.
 * Threads and processes: any; the list is changed under its lock (flock).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/vault_private.h"

struct erased {
  struct vault_subject subject;
  int64_t at;
};

/* The list, open and locked. */
struct list {
  struct arena *arena;
  const char *path;
  int file;
  off_t length; /* up to the end of its last whole line */
  struct erased *items;
  size_t count;
};

/* --- Lines --------------------------------------------------------------------------------- */

/* "2026-11-21T03:04:05.000006Z", as time_format() writes it. */
static bool read_time(struct text t, int64_t *out)
{
  static const char form[] = "....-..-..T..:..:.........Z";
  int year, month, day;
  int64_t hours, minutes, seconds, fraction;
  if (t.length != sizeof form - 1 || t.at[10] != 'T' || t.at[13] != ':' || t.at[16] != ':' ||
      t.at[19] != '.' || t.at[26] != 'Z' ||
      !time_read_date(text_slice(t, 0, 10), &year, &month, &day) ||
      !text_read_integer(text_slice(t, 11, 13), &hours) ||
      !text_read_integer(text_slice(t, 14, 16), &minutes) ||
      !text_read_integer(text_slice(t, 17, 19), &seconds) ||
      !text_read_integer(text_slice(t, 20, 26), &fraction) || hours < 0 || hours > 23 ||
      minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59 || fraction < 0)
    return false;
  int64_t days = time_days_from_date(year, month, day);
  *out = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000000 + fraction;
  return *out > 0;
}

static bool read_line(struct text line, struct erased *out)
{
  struct text at;
  return text_split_next(&line, ' ', &out->subject.program_id) &&
         text_split_next(&line, ' ', &out->subject.person_id) && text_split_next(&line, ' ', &at) &&
         !line.at && out->subject.program_id.length && out->subject.person_id.length &&
         vault_subject_check(out->subject, NULL) && read_time(at, &out->at);
}

static struct text write_line(struct arena *arena, const struct erased *erased)
{
  return text_format(arena, "%.*s %.*s %s\n", TEXT_PRINT(erased->subject.program_id),
                     TEXT_PRINT(erased->subject.person_id), time_format(arena, erased->at).at);
}

static int compare(const void *a, const void *b)
{
  const struct erased *one = a, *other = b;
  int order = text_compare(one->subject.program_id, other->subject.program_id);
  return order ? order : text_compare(one->subject.person_id, other->subject.person_id);
}

/* --- The list ------------------------------------------------------------------------------ */

static bool fail(struct error *error, const char *verb, const struct list *list)
{
  return error_set(error, ERROR_SYSTEM, "error.vault.list",
                   "Check that the folder's rights allow it, and that the disk has room.",
                   "%s %s: %s", verb, list->path, strerror(errno));
}

static bool read_lines(struct list *list, struct text content, struct error *error)
{
  size_t lines = 0, length;
  for (size_t i = 0; i < content.length; i++) lines += content.at[i] == '\n';
  list->items = arena_allocate_array(list->arena, lines + 1, sizeof *list->items);
  for (; content.length; content = text_slice(content, length + 1, content.length)) {
    length = text_find(content, TEXT("\n"));
    if (!read_line(text_slice(content, 0, length), &list->items[list->count++]))
      return error_set(error, ERROR_REFUSED, "error.vault.list",
                       "Bring the list back from its copy: without it, people who were erased "
                       "could come back with an old key store.",
                       "%s:%zu: not a line of this list", list->path, list->count);
  }
  qsort(list->items, list->count, sizeof *list->items, compare);
  return true;
}

static bool flush_folder(const struct list *list, struct error *error)
{
  const char *slash = strrchr(list->path, '/');
  const char *folder =
      slash ? text_c(list->arena, (struct text){list->path, (size_t)(slash - list->path) + 1})
            : ".";
  int handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool good = handle >= 0 && fsync(handle) == 0;
  if (!good) fail(error, "flush the folder of", list);
  if (handle >= 0) close(handle);
  return good;
}

/* Cut the list to its whole lines. */
static bool cut(struct list *list, struct error *error)
{
  return (ftruncate(list->file, list->length) == 0 && fsync(list->file) == 0) ||
         fail(error, "cut", list);
}

static bool read_all(struct list *list, struct error *error)
{
  struct stat status;
  struct text content;
  if (fstat(list->file, &status) != 0) return fail(error, "look at", list);
  if (status.st_mode & (S_IWGRP | S_IWOTH))
    return error_set(error, ERROR_REFUSED, "error.vault.list",
                     "Let its owner alone write it: chmod 600.",
                     "%s: others than its owner may write it", list->path);
  if (status.st_size == 0) return flush_folder(list, error);
  if (!file_read(list->arena, list->path, LIMIT_VAULT_ERASED_FILE, &content, error)) return false;
  while (content.length && content.at[content.length - 1] != '\n') content.length--;
  list->length = (off_t)content.length;
  return (list->length == status.st_size || cut(list, error)) && read_lines(list, content, error);
}

static void list_close(struct list *list)
{
  if (list->file >= 0) close(list->file); /* and unlock */
  arena_free(list->arena);
}

/* Open, lock and read the list; made when absent. */
static bool list_open(struct list *out, const char *path, struct error *error)
{
  *out = (struct list){.arena = arena_new(LIMIT_VAULT_ERASED_FILE), .path = path};
  out->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
  bool good = out->file >= 0 || fail(error, "open", out);
  good = good && (flock(out->file, LOCK_EX) == 0 || fail(error, "lock", out));
  good = good && read_all(out, error);
  if (!good) list_close(out);
  return good;
}

static bool list_has(const struct list *list, const struct erased *erased)
{
  return list->count && bsearch(erased, list->items, list->count, sizeof *list->items, compare);
}

/* Add lines behind the last one and flush them; whole or not at all. */
static bool list_add(struct list *list, struct text lines, struct error *error)
{
  if (!lines.length) return true;
  bool good =
      write(list->file, lines.at, lines.length) == (ssize_t)lines.length && fsync(list->file) == 0;
  if (good) return true;
  fail(error, "write", list);
  cut(list, NULL);
  return false;
}

/* --- The key store ------------------------------------------------------------------------- */

struct change {
  const struct erased *items;
  size_t count;
};

static bool empty_row(struct store_transaction *transaction, const struct erased *erased,
                      int64_t *changed, struct error *error)
{
  return store_execute(
      transaction,
      "INSERT INTO vault_key (program_id, person_id, wrapped, master, made, erased)"
      " VALUES ($1, $2, $3, '', $4, $4) ON CONFLICT (program_id, person_id)"
      " DO UPDATE SET wrapped = excluded.wrapped, master = '', erased = excluded.erased"
      " WHERE vault_key.erased = 0",
      STORE_BIND(STORE_T(erased->subject.program_id), STORE_T(erased->subject.person_id),
                 STORE_B(TEXT("")), STORE_N(erased->at)),
      changed, error);
}

static bool empty_rows(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct change *change = context;
  int64_t all = 0;
  for (size_t i = 0; i < change->count; i++) {
    int64_t changed;
    if (!empty_row(transaction, &change->items[i], &changed, error)) return false;
    all += changed;
  }
  return !all || vault_state_to_scrub(transaction, error);
}

static bool look_to_scrub(struct store_transaction *transaction, void *context, struct error *error)
{
  struct vault_mark_text master;
  return vault_state_read(transaction, &master, context, error);
}

/* What was overwritten since it was looked at is not scrubbed yet. */
static bool scrubbed(struct store_transaction *transaction, void *context, struct error *error)
{
  const int64_t *seen = context;
  return store_execute(transaction,
                       "UPDATE vault_state SET scrubbed = $1 WHERE id = 1 AND scrubbed < $1",
                       STORE_BIND(STORE_N(*seen)), NULL, error);
}

/* The note is taken away last: whoever is cut off before does it again. */
bool vault_scrub(struct vault *vault, struct error *error)
{
  int64_t seen = 0;
  if (!store_read(vault->keys, look_to_scrub, &seen, error)) return false;
  return !seen || (store_scrub(vault->keys, "vault_key", error) &&
                   store_write(vault->keys, scrubbed, &seen, error));
}

/* Empty the rows, rewrite the files, and wait until no process trusts a key that it read before. */
static bool destroy(struct vault *vault, const struct erased *items, size_t count,
                    struct error *error)
{
  struct change change = {.items = items, .count = count};
  if (count && !store_write(vault->keys, empty_rows, &change, error)) return false;
  int64_t until = time_monotonic() + VAULT_TRUST;
  for (size_t i = 0; i < count; i++) vault_cache_drop(vault, items[i].subject);
  if (!vault_scrub(vault, error)) return false;
  for (int64_t now; count && (now = time_monotonic()) < until;) usleep((useconds_t)(until - now));
  return true;
}

bool vault_erase(struct vault *vault, struct vault_subject subject, int64_t now,
                 struct error *error)
{
  struct erased erased = {subject, now}, again;
  struct list list;
  if (!vault_subject_check(subject, error)) return false;
  if (!subject.person_id.length)
    return error_set(error, ERROR_REFUSED, "error.vault.subject", "",
                     "the key of a program is not erased");
  if (!list_open(&list, vault->erased_path, error)) return false;
  struct text line = write_line(list.arena, &erased);
  bool good = read_line(text_slice(line, 0, line.length - 1), &again) ||
              error_set(error, ERROR_SYSTEM, "error.system", "Set the clock.",
                        "a time that the list cannot hold");
  good = good && (list_has(&list, &erased) || list_add(&list, line, error));
  list_close(&list);
  return good && destroy(vault, &erased, 1, error);
}

/* --- Whom the key store has erased --------------------------------------------------------- */

struct rows {
  struct arena *arena;
  struct erased *items;
  size_t count, room;
};

static bool read_rows(struct store_transaction *transaction, void *context, struct error *error)
{
  struct rows *rows = context;
  struct store_cursor *cursor = NULL;
  bool more = true, good = true;
  rows->count = 0;
  if (!store_query(transaction, &cursor,
                   "SELECT program_id, person_id, erased FROM vault_key WHERE erased <> 0"
                   " ORDER BY program_id, person_id",
                   STORE_BIND_NONE, error))
    return false;
  while (good && (good = store_next(cursor, &more, error)) && more) {
    if (rows->count == rows->room) {
      rows->room = rows->room ? 2 * rows->room : 64;
      rows->items = memory_resize(rows->items, rows->room * sizeof *rows->items);
    }
    rows->items[rows->count++] = (struct erased){
        {text_copy(rows->arena, store_column_text(cursor, 0)),
         text_copy(rows->arena, store_column_text(cursor, 1))},
        store_column_integer(cursor, 2),
    };
  }
  store_cursor_close(cursor);
  return good;
}

bool vault_erased_each(struct vault *vault,
                       bool (*each)(void *context, struct vault_subject subject, int64_t at,
                                    struct error *error),
                       void *context, struct error *error)
{
  struct rows rows = {.arena = arena_new(LIMIT_VAULT_ERASED_FILE)};
  bool good = store_read(vault->keys, read_rows, &rows, error);
  for (size_t i = 0; good && i < rows.count; i++)
    good = each(context, rows.items[i].subject, rows.items[i].at, error);
  free(rows.items);
  arena_free(rows.arena);
  return good;
}

/* --- Healing ------------------------------------------------------------------------------- */

/* Write down whom the key store has erased and the list does not name. */
static bool add_missing(struct vault *vault, struct list *list, struct error *error)
{
  struct rows rows = {.arena = list->arena};
  struct text_buffer lines;
  text_buffer_init(&lines, LIMIT_VAULT_ERASED_FILE);
  bool good = store_read(vault->keys, read_rows, &rows, error);
  for (size_t i = 0; good && i < rows.count; i++)
    if (!list_has(list, &rows.items[i]))
      text_buffer_add(&lines, write_line(list->arena, &rows.items[i]));
  if (good && lines.over)
    good = error_set(error, ERROR_TOO_LARGE, "error.vault.list", "", "%s is full", list->path);
  good = good && list_add(list, text_buffer_get(&lines), error);
  text_buffer_fini(&lines);
  free(rows.items);
  return good;
}

/* Those of the list whom the key store has not erased. */
static bool find_missing(struct vault *vault, struct list *list, size_t *count, struct error *error)
{
  struct rows rows = {.arena = list->arena};
  size_t kept = 0;
  if (!store_read(vault->keys, read_rows, &rows, error)) {
    free(rows.items);
    return false;
  }
  struct erased *missing = arena_allocate_array(list->arena, list->count + 1, sizeof *missing);
  for (size_t i = 0; i < list->count; i++)
    if (!rows.count ||
        !bsearch(&list->items[i], rows.items, rows.count, sizeof *rows.items, compare))
      missing[kept++] = list->items[i];
  free(rows.items);
  list->items = missing;
  list->count = kept;
  *count = kept;
  return true;
}

bool vault_erased_heal(struct vault *vault, struct error *error)
{
  struct list list;
  size_t count;
  if (!list_open(&list, vault->erased_path, error)) return false;
  bool good = add_missing(vault, &list, error) && find_missing(vault, &list, &count, error) &&
              destroy(vault, list.items, count, error);
  list_close(&list);
  return good;
}
