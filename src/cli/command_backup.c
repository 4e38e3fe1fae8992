/*
 * fairlead backup: the database, or the key store, in one encrypted file that was read back.
 */
#include <stdio.h>
#include <string.h>

#include "cli/backup_work.h"

static const struct cli_option options[] = {
    {"keys-only", NULL, "the key store with its key, instead of the records", false},
    {"replace", NULL, "put it in the place of an older backup of that name", false},
    {"check", NULL, "write nothing: read the backup FILE whole and say what it holds", false},
    {"new-key", "KEY-FILE", "make a new backup key, and nothing else", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};
static const struct cli_command command = {
    .name = "backup",
    .operands = "FILE | FOLDER/",
    .summary = "Make an encrypted backup of one state of the database, and read it back.",
    .details =
        "  fairlead backup --new-key /etc/fairlead/backup.key    once; keep a copy elsewhere\n"
        "  fairlead backup --backup-key-file /etc/fairlead/backup.key /var/backups/fairlead/\n"
        "  fairlead backup --keys-only /mnt/elsewhere/keys.backup\n"
        "\n"
        "The server may run. A folder, with / at its end, gets a file named by the time. Records\n"
        "and keys are backed up apart, because who has both, and the backup key, has\n"
        "everything: keep them in different places.\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

/* FILE as given, or a name by the time in FOLDER/. */
static const char *target_of(const struct backup_work *work, bool is_keys)
{
  const char *given = work->arguments.operands[0];
  if (!text_ends_with(text_from(given), TEXT("/"))) return given;
  struct text now = time_format(work->arena, time_now());
  return text_format(work->arena, "%s%s-%.4s%.2s%.2sT%.2s%.2s%.2sZ.backup", given,
                     is_keys ? "keys" : "fairlead", now.at, now.at + 5, now.at + 8, now.at + 11,
                     now.at + 14, now.at + 17)
      .at;
}

/* Open the database that is backed up; a backup makes none. */
static bool open_store(const struct cli_config *config, bool is_keys, struct store **out,
                       struct error *error)
{
  const char *address = cli_config_get(config, is_keys ? "keys" : "db").at;
  if (!text_contains(text_from(address), TEXT("://")) && !file_exists(address))
    return error_set(error, ERROR_NOT_FOUND, "error.file",
                     "Name the data folder with --data; fairlead config shows what holds.",
                     "there is no database %s", address);
  return store_open(out, address, error);
}

static bool make(struct backup_work *work, struct store **store, const char *target, bool is_keys,
                 struct backup_manifest *manifest, struct error *error)
{
  const struct backup_extra extras[] = {
      {"erased", cli_config_get(work->config, "erased-file").at},
      {"vault_key", cli_config_get(work->config, "vault-key").at},
  };
  const struct backup_options how = {
      .kind = is_keys ? "keys" : "records",
      .program = cli_version,
      .extras = extras,
      .extra_count = is_keys ? 2 : 1,
      .may_replace = cli_has(&work->arguments, "replace"),
      .progress = backup_work_progress,
      .context = work,
  };
  if (is_keys && !file_check_secret(extras[1].path, error)) return false;
  work->doing = "backup";
  return open_store(work->config, is_keys, store, error) &&
         backup_write(*store, target, work->key, &how, work->arena, manifest, error);
}

static int run(struct backup_work *work)
{
  struct error error = {0};
  struct backup_manifest manifest;
  struct store *store = NULL;
  bool is_keys = cli_has(&work->arguments, "keys-only"), good = backup_work_open(work, &error);
  const char *target = good ? target_of(work, is_keys) : NULL;
  work->doing = "reading";
  if (good)
    good = cli_has(&work->arguments, "check")
               ? backup_check(target, work->key, backup_work_progress, work, work->arena, &manifest,
                              &error)
               : make(work, &store, target, is_keys, &manifest, &error);
  backup_work_end_line(work);
  if (good) backup_work_print(work, target, &manifest);
  store_close(store); /* before the arena: it keeps statements by their address */
  backup_work_close(work);
  return good ? EXIT_DONE : cli_fail(command.name, &error);
}

static int make_key(const char *path)
{
  struct error error = {0};
  if (!backup_key_make(path, &error)) return cli_fail(command.name, &error);
  printf("%s: a new backup key. Without it no backup opens: keep a copy in another place.\n", path);
  return EXIT_DONE;
}

int command_backup(int argc, char **argv)
{
  struct backup_work work = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  const char *new_key = cli_get(&work.arguments, "new-key");
  if (new_key && work.arguments.operand_count == 0) return make_key(new_key);
  if (new_key || work.arguments.operand_count != 1)
    return cli_fail_usage(&command, "name one file or folder, or say --new-key KEY-FILE alone");
  return run(&work);
}
