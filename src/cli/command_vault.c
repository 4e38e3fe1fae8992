/*
 * fairlead vault: look after the keys of the key store from outside the server, which may run. It
 * prints no key, and makes no key store where there is none.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/config.h"
#include "privacy/privacy.h"

static const struct cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_END};
static const struct cli_command command = {
    .name = "vault",
    .operands = "status|rotate",
    .summary = "Look after the keys that names and free words are sealed by.",
    .details =
        "  fairlead vault status\n"
        "      how many keys there are, and which master key wraps them\n"
        "  fairlead vault rotate\n"
        "      put a new master key in front of the key file and wrap every key by it;\n"
        "      the server may run; when it is interrupted, run it again. Make a backup of the\n"
        "      keys afterwards. docs/vault.md says when the old lines may go.\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

struct work {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct store *store;
  struct vault *vault;
  bool shows_progress;
};

static void show_progress(void *context, int64_t done, int64_t all)
{
  const struct work *work = context;
  if (work->shows_progress)
    fprintf(stderr, "\r\033[K%lld of %lld keys", (long long)done, (long long)all);
}

static void print_status(const struct work *work, const struct vault_status *status)
{
  printf("%lld keys, %lld of them wrapped by an older master key\n", (long long)status->keys,
         (long long)status->by_older);
  printf("%lld erased people\n", (long long)status->erased);
  printf("master key %s, the first of %lld in %s\n", status->master, (long long)status->master_keys,
         cli_config_get(work->config, "vault-key").at);
}

static void print_document(struct work *work, const struct vault_status *status)
{
  struct arena *arena = work->arena;
  struct value *document = value_object(arena);
  struct text_buffer out;
  value_set(document, "keys", value_integer(arena, status->keys));
  value_set(document, "by_older", value_integer(arena, status->by_older));
  value_set(document, "erased", value_integer(arena, status->erased));
  value_set(document, "master", value_text(arena, text_from(status->master)));
  value_set(document, "master_keys", value_integer(arena, status->master_keys));
  text_buffer_init(&out, LIMIT_JSON_BODY);
  json_write_pretty(document, &out);
  text_buffer_add_character(&out, '\n');
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

static bool write_entry(struct store_transaction *transaction, void *context, struct error *error)
{
  return audit_append(transaction, context, error);
}

/* A new master key is history. */
static bool note(struct work *work, const struct vault_status *status, struct error *error)
{
  struct actor actor = actor_command(TEXT(""));
  struct value *detail = value_object(work->arena);
  int64_t now = time_now();
  size_t sealed;
  value_set(detail, "rows", value_integer(work->arena, status->keys));
  struct audit_entry entry = {.program_id = TEXT(""),
                              .actor = &actor,
                              .object = TEXT("vault"),
                              .act = TEXT("rotate"),
                              .outcome = AUDIT_DONE,
                              .detail = detail,
                              .at = now};
  return store_write(work->store, write_entry, &entry, error) &&
         audit_seal(work->store, now, &sealed, error);
}

static bool open_all(struct work *work, struct error *error)
{
  char *share;
  if (!cli_config_read(&work->config, &work->arguments, work->arena, error) ||
      !file_share_folder(work->arena, &share, error))
    return false;
  const char *keys = cli_config_get(work->config, "keys").at;
  if (!text_contains(text_from(keys), TEXT("://")) && !file_exists(keys))
    return error_set(error, ERROR_NOT_FOUND, "error.file",
                     "Name the data folder with --data; fairlead config shows what holds.",
                     "there is no key store %s", keys);
  const struct vault_options named = {
      .keys_address = keys,
      .key_path = cli_config_get(work->config, "vault-key").at,
      .erased_path = cli_config_get(work->config, "erased-file").at,
      .migrations = file_join(work->arena, share, "migrations/keys"),
  };
  return vault_open(&work->vault, &named, error) &&
         store_open(&work->store, cli_config_get(work->config, "db").at, error) &&
         store_migrate(work->store, file_join(work->arena, share, "migrations"), error);
}

static bool run(struct work *work, bool is_rotate, struct error *error)
{
  struct vault_status status;
  bool good = !is_rotate || vault_rotate(work->vault, show_progress, work, error);
  if (is_rotate && work->shows_progress) fputs("\r\033[K", stderr);
  if (!good || !vault_status_read(work->vault, &status, error) ||
      (is_rotate && !note(work, &status, error)))
    return false;
  if (cli_has(&work->arguments, "json")) print_document(work, &status);
  else print_status(work, &status);
  return true;
}

int command_vault(int argc, char **argv)
{
  struct work work = {.store = NULL};
  struct error error = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  const char *what = work.arguments.operand_count == 1 ? work.arguments.operands[0] : "";
  bool is_rotate = strcmp(what, "rotate") == 0;
  if (!is_rotate && strcmp(what, "status") != 0)
    return cli_fail_usage(&command, "say what to do: status or rotate");
  work.arena = arena_new(LIMIT_ARENA_REQUEST);
  work.shows_progress = isatty(STDERR_FILENO);
  bool good = open_all(&work, &error) && run(&work, is_rotate, &error);
  store_close(work.store);
  vault_close(work.vault);
  arena_free(work.arena);
  return good ? EXIT_DONE : cli_fail(command.name, &error);
}
