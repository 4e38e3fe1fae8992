/*
 * fairlead config: every setting, its value and where it came from. Opens no data, reads no secret.
 */
#include <stdio.h>
#include <string.h>

#include "cli/config.h"

enum { OUTPUT_CEILING = 1024 * 1024 };

static const struct cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_END};
static const struct cli_command command = {
    .name = "config",
    .operands = "",
    .summary = "Show every setting, its value and where it comes from.",
    .details =
        "A flag beats the environment, which beats the file. The variable of --smtp-url is\n"
        "FAIRLEAD_SMTP_URL. The file is named by --config or FAIRLEAD_CONFIG; it has lines\n"
        "\n"
        "  # a comment\n"
        "  data = /var/lib/fairlead\n"
        "  licensed = AUDIT-C, DAST-10\n"
        "\n"
        "A secret stands in a file of its own that only its owner may read (chmod 600); the\n"
        "setting names that file. Status 1: a setting is refused, with its place.\n",
    .options = options,
    .takes = CLI_TAKES_ALL,
};

static const char *const sources[] = {
    [CLI_FROM_DEFAULT] = "default",
    [CLI_FROM_FILE] = "file",
    [CLI_FROM_ENVIRONMENT] = "environment",
    [CLI_FROM_FLAG] = "flag",
};

static void print_table(const struct cli_config *config, struct arena *arena)
{
  enum { KEY_COLUMN = 19, VALUE_COLUMN = 36 };
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++) {
    const char *key = at->flag.name;
    struct text value = cli_config_shown(config, key, arena), place = cli_config_place(config, key);
    printf("%-*s %-*.*s  %s%s%.*s\n", KEY_COLUMN, key, VALUE_COLUMN,
           TEXT_PRINT(value.length ? value : TEXT("-")), sources[cli_config_source(config, key)],
           place.length ? " " : "", TEXT_PRINT(place));
  }
}

static void print_document(const struct cli_config *config, struct arena *arena)
{
  struct value *document = value_object(arena), *list = value_list(arena);
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++) {
    const char *key = at->flag.name;
    struct value *setting = value_object(arena);
    value_set(setting, "key", value_text(arena, text_from(key)));
    value_set(setting, "value", value_text(arena, cli_config_shown(config, key, arena)));
    value_set(setting, "from",
              value_text(arena, text_from(sources[cli_config_source(config, key)])));
    value_set(setting, "place", value_text(arena, cli_config_place(config, key)));
    value_set(setting, "environment", value_text(arena, text_from(at->environment)));
    value_set(setting, "secret", value_boolean(arena, at->kind == CLI_SECRET));
    value_add(list, setting);
  }
  value_set(document, "settings", list);
  struct text_buffer out;
  text_buffer_init(&out, OUTPUT_CEILING);
  json_write_pretty(document, &out);
  text_buffer_add_character(&out, '\n');
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

int command_config(int argc, char **argv)
{
  struct cli_arguments arguments;
  struct cli_config *config;
  struct error error = {0};
  int status;
  if (!cli_read(&arguments, &command, argc, argv, &status)) return status;
  if (arguments.operand_count)
    return cli_fail_usage(&command, "unexpected \"%s\"", arguments.operands[0]);
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  status = EXIT_DONE;
  if (!cli_config_read(&config, &arguments, arena, &error)) {
    status = cli_fail(command.name, &error);
  } else {
    if (cli_has(&arguments, "json")) print_document(config, arena);
    else print_table(config, arena);
    /* Shown all the same: whoever looks for what is wrong needs the rest too. */
    if (!cli_config_check_secrets(config, &error)) status = cli_fail(command.name, &error);
  }
  arena_free(arena);
  return status;
}
