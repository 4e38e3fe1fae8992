/*
 * What backup and restore share: see backup_work.h.
 */
#include "cli/backup_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

bool backup_work_open(struct backup_work *work, struct error *error)
{
  work->arena = arena_new(LIMIT_FILE_WHOLE);
  work->is_terminal = isatty(STDERR_FILENO) != 0;
  if (!cli_config_read(&work->config, &work->arguments, work->arena, error)) return false;
  struct text path = cli_config_get(work->config, "backup-key-file");
  if (!path.length)
    return error_set(error, ERROR_USAGE, "error.backup.key",
                     "Make a key with fairlead backup --new-key FILE, keep a copy of it in another "
                     "place, and name it: --backup-key-file FILE.",
                     "no backup key is named");
  return backup_key_load(&work->key, path.at, error);
}

void backup_work_close(struct backup_work *work)
{
  backup_work_end_line(work);
  backup_key_free(work->key);
  arena_free(work->arena);
}

void backup_work_progress(void *context, struct text table, int64_t rows)
{
  struct backup_work *work = context;
  if (!work->is_terminal) return;
  work->on_line = true;
  fprintf(stderr, "\r\033[K%s: %lld rows (%.*s)", work->doing, (long long)rows, TEXT_PRINT(table));
}

void backup_work_end_line(struct backup_work *work)
{
  if (work->on_line) fputs("\r\033[K", stderr);
  work->on_line = false;
}

void backup_work_print(const struct backup_work *work, const char *path,
                       const struct backup_manifest *manifest)
{
  if (!cli_has(&work->arguments, "json")) {
    printf("%s: %.*s of %.*s, %lld rows in %lld tables, schema %lld, by %.*s\n", path,
           TEXT_PRINT(manifest->kind), TEXT_PRINT(manifest->at), (long long)manifest->rows,
           (long long)manifest->tables, (long long)manifest->migrations,
           TEXT_PRINT(manifest->engine));
    return;
  }
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_BACKUP_JSON * 2);
  json_write_pretty(manifest->document, &out);
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

/* --- The list of erased people -------------------------------------------------------------- */

static bool has_line(struct text content, struct text wanted)
{
  struct text line;
  while (text_split_next(&content, '\n', &line))
    if (text_equal(line, wanted)) return true;
  return false;
}

/* What of `content` the list lacks, each line whole. */
static void collect(struct text have, struct text content, struct text_buffer *out, int64_t *added)
{
  struct text line;
  while (text_contains(content, TEXT("\n")) && text_split_next(&content, '\n', &line)) {
    if (!line.length || has_line(have, line)) continue;
    text_buffer_add(out, line);
    text_buffer_add_character(out, '\n');
    ++*added;
  }
}

bool backup_merge_erased(struct arena *arena, const char *path, struct text content, int64_t *added,
                         struct error *error)
{
  struct text have;
  struct text_buffer lines;
  *added = 0;
  if (!content.length) return true;
  text_buffer_init(&lines, LIMIT_BACKUP_VALUE);
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  bool good = file >= 0 && flock(file, LOCK_EX) == 0; /* as whoever erases does */
  if (good && !file_read(arena, path, LIMIT_VAULT_ERASED_FILE, &have, error)) {
    text_buffer_fini(&lines);
    close(file);
    return false;
  }
  if (good) {
    /* A last line without its end was never acknowledged. */
    while (have.length && have.at[have.length - 1] != '\n') have.length--;
    collect(have, content, &lines, added);
    good = *added == 0 ||
           (ftruncate(file, (off_t)have.length) == 0 &&
            pwrite(file, lines.at, lines.length, (off_t)have.length) == (ssize_t)lines.length &&
            fsync(file) == 0);
  }
  int why = errno;
  if (file >= 0) close(file);
  text_buffer_fini(&lines);
  return good || error_set(error, ERROR_SYSTEM, "error.file",
                           "Check the folder's rights and the room on the disk, then restore "
                           "again.",
                           "add to %s: %s", path, strerror(why));
}
