/*
 * fairlead restore: a backup, checked, in the place of the database or the key store.
 *
 * Order: the backup is read whole; a new database is filled beside the old one and checked; the
 * list of erased people grows by the backup's; then the swap. Whoever was erased since the backup
 * was made stays erased.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/backup_work.h"
#include "privacy/privacy.h"

static const struct cli_option options[] = {
    {"replace", NULL, "in the place of a database that is there; the old one is kept", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};
static const struct cli_command command = {
    .name = "restore",
    .operands = "FILE",
    .summary = "Bring back a backup: of records, or of keys, as it says itself.",
    .details =
        "  fairlead restore --data /srv/drill --backup-key-file KEY FILE    a drill, in a new "
        "folder\n"
        "  systemctl stop fairlead && fairlead restore --replace FILE && systemctl start fairlead\n"
        "\n"
        "A backup that is damaged, of another key or of a newer program is refused, and nothing\n"
        "changes. The old database keeps a name of its own; take it away when all is well. A\n"
        "backup of one engine restores to the other: name it with --db.\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

struct restoring {
  struct backup_work work;
  const char *path; /* of the backup */
  struct backup_manifest manifest;
  struct restore *restore;
  struct text kept;
  int64_t erased_added;
  bool is_keys;
};

static bool fill(struct restoring *r, struct error *error)
{
  struct backup_work *work = &r->work;
  char *share;
  if (!backup_check(r->path, work->key, backup_work_progress, work, work->arena, &r->manifest,
                    error) ||
      !file_share_folder(work->arena, &share, error))
    return false;
  r->is_keys = text_equal(r->manifest.kind, TEXT("keys"));
  const char *migrations = file_join(work->arena, share, "migrations");
  const struct restore_options how = {
      .address = cli_config_get(work->config, r->is_keys ? "keys" : "db").at,
      .migrations = r->is_keys ? file_join(work->arena, migrations, "keys") : migrations,
      .may_replace = cli_has(&work->arguments, "replace"),
      .progress = backup_work_progress,
      .context = work,
  };
  work->doing = "restoring";
  return file_make_folder(cli_config_get(work->config, "data").at, error) &&
         restore_open(&r->restore, r->path, work->key, &how, work->arena, &r->manifest, error);
}

static bool merge_erased(struct restoring *r, struct error *error)
{
  struct text lines;
  bool found;
  return backup_extra_read(r->path, r->work.key, "erased", r->work.arena, &lines, &found, error) &&
         backup_merge_erased(r->work.arena, cli_config_get(r->work.config, "erased-file").at, lines,
                             &r->erased_added, error);
}

/* The searched directory belongs to the old rows: the next start builds it anew. */
static bool forget_directory(struct restoring *r, struct error *error)
{
  const char *current =
      file_join(r->work.arena, cli_config_get(r->work.config, "data").at, "directory.current");
  if (unlink(current) == 0 || errno == ENOENT) return true;
  return error_set(error, ERROR_SYSTEM, "error.file", "Check the data folder's rights.",
                   "remove %s: %s", current, strerror(errno));
}

/* The key that wraps the restored keys, unless it is there already; another one is kept. */
static bool put_vault_key(struct restoring *r, struct error *error)
{
  const char *path = cli_config_get(r->work.config, "vault-key").at;
  struct text key, there = TEXT("");
  bool found;
  if (!backup_extra_read(r->path, r->work.key, "vault_key", r->work.arena, &key, &found, error))
    return false;
  if (!found || !key.length)
    return error_set(error, ERROR_REFUSED, "error.backup.broken", "Take another backup.",
                     "%s: a backup of keys without their key", r->path);
  if (file_exists(path)) {
    if (!file_read_secret(r->work.arena, path, LIMIT_SECRET_FILE, &there, error)) return false;
    if (text_equal(there, key)) return true;
    if (!cli_has(&r->work.arguments, "replace"))
      return error_set(error, ERROR_CONFLICT, "error.backup.full",
                       "Move it away, or say --replace: it is then kept beside the new one.",
                       "%s holds another key", path);
    const char *beside = text_format(r->work.arena, "%s.before-restore", path).at;
    if (rename(path, beside) != 0)
      return error_set(error, ERROR_SYSTEM, "error.file", "Check the folder's rights.",
                       "rename %s: %s", path, strerror(errno));
  }
  mode_t before = umask(0077);
  bool good = file_replace(path, key, error);
  umask(before);
  return good;
}

static bool check_and_swap(struct restoring *r, struct error *error)
{
  return merge_erased(r, error) &&
         (r->is_keys ? put_vault_key(r, error)
                     : session_forget_all(restore_store(r->restore), error) &&
                           forget_directory(r, error)) &&
         restore_swap(r->restore, r->work.arena, &r->kept, error);
}

static void say(const struct restoring *r)
{
  backup_work_print(&r->work, r->path, &r->manifest);
  if (cli_has(&r->work.arguments, "json")) return;
  printf("restored to %.*s\n",
         TEXT_PRINT(cli_config_shown(r->work.config, r->is_keys ? "keys" : "db", r->work.arena)));
  if (r->kept.length)
    printf("the old one is kept as %.*s: take it away when all is well\n", TEXT_PRINT(r->kept));
  if (r->erased_added)
    printf("%lld erased people were not on this machine's list, and are now\n",
           (long long)r->erased_added);
}

int command_restore(int argc, char **argv)
{
  struct restoring r = {0};
  struct error error = {0};
  int status;
  if (!cli_read(&r.work.arguments, &command, argc, argv, &status)) return status;
  if (r.work.arguments.operand_count != 1) return cli_fail_usage(&command, "name one backup");
  r.path = r.work.arguments.operands[0];
  r.work.doing = "reading";
  bool good = backup_work_open(&r.work, &error) && fill(&r, &error) && check_and_swap(&r, &error);
  backup_work_end_line(&r.work);
  if (good) say(&r);
  restore_close(r.restore);
  backup_work_close(&r.work);
  return good ? EXIT_DONE : cli_fail(command.name, &error);
}
