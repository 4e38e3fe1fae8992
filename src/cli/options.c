/*
 * Options: reads a command line against a table, and prints the help from the same table.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/config.h"

const char cli_version[] = "0.1.0";

enum { HELP_COLUMN = 24 };

static void print_option(FILE *to, const struct cli_option *option, const char *more)
{
  char left[64];
  snprintf(left, sizeof left, "--%s%s%s", option->name, option->argument ? " " : "",
           option->argument ? option->argument : "");
  fprintf(to, "  %-*s %s%s%s\n", HELP_COLUMN, left, option->help,
          option->repeatable ? " (repeatable)" : "", more);
}

static bool is_taken(const struct cli_command *command, const struct cli_setting *setting)
{
  return command->takes == CLI_TAKES_ALL ||
         (command->takes == CLI_TAKES_COMMON && setting->is_common);
}

static void print_setting(FILE *to, const struct cli_setting *setting)
{
  char more[96] = "";
  if (setting->in_data)
    snprintf(more, sizeof more, " (default: %s in the data folder)", setting->in_data);
  else if (setting->fallback && setting->kind != CLI_YES)
    snprintf(more, sizeof more, " (default: %s)", setting->fallback);
  print_option(to, &setting->flag, more);
}

static void print_settings(FILE *to, const struct cli_command *command)
{
  if (command->takes == CLI_TAKES_NONE) return;
  fputs("\nSettings, also by environment or file (fairlead config --help):\n", to);
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++)
    if (is_taken(command, at)) print_setting(to, at);
}

static void print_help(FILE *to, const struct cli_command *command)
{
  fprintf(to, "Usage: fairlead %s [OPTION]... %s\n%s\n\n", command->name, command->operands,
          command->summary);
  for (const struct cli_option *option = command->options; option->name; option++)
    print_option(to, option, "");
  fprintf(to, "  %-*s %s\n", HELP_COLUMN, "--help", "show this help");
  print_settings(to, command);
  if (command->details) fprintf(to, "\n%s", command->details);
}

int cli_fail_usage(const struct cli_command *command, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "fairlead %s: ", command->name);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, "\nTry: fairlead %s --help\n", command->name);
  return EXIT_USAGE;
}

static const struct cli_option *find_option(const struct cli_command *command, struct text name)
{
  for (const struct cli_option *option = command->options; option->name; option++)
    if (text_equal(text_from(option->name), name)) return option;
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++)
    if (is_taken(command, at) && text_equal(text_from(at->flag.name), name)) return &at->flag;
  return NULL;
}

/* Take the option at argv[*at], moving *at onto its value when that is a word of its own. */
static bool take_option(struct cli_arguments *out, int argc, char **argv, int *at)
{
  const struct cli_command *command = out->command;
  struct text word = text_from(argv[*at] + 2);
  size_t equals = text_find(word, TEXT("="));
  struct text name = text_slice(word, 0, equals);
  const struct cli_option *option = find_option(command, name);
  const char *value = equals < word.length ? word.at + equals + 1 : NULL;
  if (!option) {
    cli_fail_usage(command, "there is no option --%.*s", TEXT_PRINT(name));
    return false;
  }
  if (!option->argument && value) {
    cli_fail_usage(command, "--%s takes no value", option->name);
    return false;
  }
  if (option->argument && !value) {
    if (*at + 1 >= argc) {
      cli_fail_usage(command, "--%s needs a value: %s", option->name, option->argument);
      return false;
    }
    value = argv[++*at];
  }
  if (!option->repeatable && cli_has(out, option->name)) {
    cli_fail_usage(command, "--%s is given twice", option->name);
    return false;
  }
  if (out->given_count == CLI_VALUES) {
    cli_fail_usage(command, "more than %d options", CLI_VALUES);
    return false;
  }
  out->given[out->given_count].option = option;
  out->given[out->given_count++].value = value ? value : "";
  return true;
}

bool cli_read(struct cli_arguments *out, const struct cli_command *command, int argc, char **argv,
              int *status)
{
  memset(out, 0, sizeof *out);
  out->command = command;
  out->operands = argv + 1; /* operands are moved to the front, in order */
  bool options_end = false;
  for (int at = 1; at < argc; at++) {
    struct text word = text_from(argv[at]);
    if (!options_end && text_equal(word, TEXT("--"))) {
      options_end = true;
    } else if (!options_end && (text_equal(word, TEXT("--help")) || text_equal(word, TEXT("-h")))) {
      print_help(stdout, command);
      *status = EXIT_DONE;
      return false;
    } else if (!options_end && text_starts_with(word, TEXT("--"))) {
      *status = EXIT_USAGE;
      if (!take_option(out, argc, argv, &at)) return false;
    } else {
      out->operands[out->operand_count++] = argv[at];
    }
  }
  return true;
}

const char *cli_get(const struct cli_arguments *arguments, const char *name)
{
  for (size_t i = arguments->given_count; i > 0; i--)
    if (strcmp(arguments->given[i - 1].option->name, name) == 0)
      return arguments->given[i - 1].value;
  return NULL;
}

bool cli_has(const struct cli_arguments *arguments, const char *name)
{
  return cli_get(arguments, name) != NULL;
}

struct text cli_text(const struct cli_arguments *arguments, const char *name)
{
  const char *given = cli_get(arguments, name);
  return text_from(given ? given : "");
}

size_t cli_all(const struct cli_arguments *arguments, const char *name, struct arena *arena,
               struct text **out)
{
  *out = arena_allocate_array(arena, arguments->given_count + 1, sizeof **out);
  size_t count = 0;
  for (size_t i = 0; i < arguments->given_count; i++)
    if (strcmp(arguments->given[i].option->name, name) == 0)
      (*out)[count++] = text_from(arguments->given[i].value);
  return count;
}

const char *cli_document_name(const char *path)
{
  return strcmp(path, "-") == 0 ? "standard input" : path;
}

void cli_print_json(const struct value *document)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_FILE_WHOLE);
  json_write(document, &buffer);
  text_buffer_add_character(&buffer, '\n');
  fwrite(buffer.at, 1, buffer.length, stdout);
  text_buffer_fini(&buffer);
}

/* Is it something that is read to its end, without a size beforehand? */
static bool is_stream(const char *path)
{
  struct stat status;
  return stat(path, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode));
}

bool cli_read_document(struct arena *arena, const char *path, struct text *out, struct error *error)
{
  bool is_input = strcmp(path, "-") == 0;
  if (!is_input && !is_stream(path)) return file_read(arena, path, LIMIT_JSON_BODY, out, error);
  FILE *stream = is_input ? stdin : fopen(path, "rb");
  char *bytes = arena_allocate(arena, LIMIT_JSON_BODY + 1);
  size_t length = stream ? fread(bytes, 1, LIMIT_JSON_BODY + 1, stream) : 0;
  bool is_read = stream && !ferror(stream);
  if (stream && !is_input) (void)fclose(stream);
  if (!is_read)
    return error_set(error, ERROR_SYSTEM, "error.file", "Try again, or name a file.",
                     "%s: could not be read", cli_document_name(path));
  if (length > LIMIT_JSON_BODY)
    return error_set(error, ERROR_TOO_LARGE, "error.json.large", "Give one document of answers.",
                     "%s: longer than %d bytes", cli_document_name(path), LIMIT_JSON_BODY);
  *out = (struct text){bytes, length};
  return true;
}

int cli_fail(const char *command, const struct error *error)
{
  fprintf(stderr, "fairlead %s: %s\n", command, error->log);
  if (error->hint[0]) fprintf(stderr, "  %s\n", error->hint);
  return error->kind == ERROR_USAGE ? EXIT_USAGE : EXIT_REFUSED;
}
