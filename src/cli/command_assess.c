/*
 * fairlead assess: which care fits, from answers in a file. Pure, but for reading the file and the
 * knowledge: no data folder, no store, nothing kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "assessment/assessment.h"
#include "cli/cli.h"

enum { WIDTH_OF_A_PIPE = 100, WIDTH_LEAST = 40, OUTPUT_CEILING = 1 << 24 };

static const struct cli_option options[] = {
    {"require-signatures", NULL, "a rule that no clinician has signed does not act", false},
    {"language", "LANG", "en (default) or es", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};
static const struct cli_command command = {
    .name = "assess",
    .operands = "[FILE|-]",
    .summary = "Say which level of care fits, and why.",
    .details =
        "FILE holds {\"facts\": {\"cows\": 14, \"housing\": \"safe\"}} or a FHIR R4\n"
        "QuestionnaireResponse whose linkIds are names of facts, or one of an instrument of ours.\n"
        "Without FILE, or with -, standard input is read. What is not known is left out.\n"
        "\n"
        "Examples:\n"
        "  fairlead assess answers.json\n"
        "  echo '{\"facts\": {\"cows\": 14}}' | fairlead assess - --json\n"
        "\n"
        "Facts and rules: knowledge/level-of-care.md. Nothing is recorded.\n",
    .options = options,
};

/* What the command has open. */
struct assessing {
  struct cli_arguments arguments;
  struct arena *arena;
  struct catalog *catalog;
  struct needs *needs;
  struct level_of_care *table;
  struct instruments *instruments;
  size_t language;
  struct facts facts;
};

static bool open_all(struct assessing *a, struct error *error)
{
  char *share;
  if (!file_share_folder(a->arena, &share, error)) return false;
  const char *knowledge = file_join(a->arena, share, "knowledge");
  return catalog_load(&a->catalog, file_join(a->arena, share, "locale"), error) &&
         needs_load(&a->needs, knowledge, error) &&
         level_of_care_load(&a->table, knowledge, a->needs, error) &&
         instruments_load(&a->instruments, knowledge, error);
}

static void close_all(struct assessing *a)
{
  instruments_free(a->instruments);
  level_of_care_free(a->table);
  needs_free(a->needs);
  catalog_free(a->catalog);
  arena_free(a->arena);
}

static bool read_facts(struct assessing *a, struct error *error)
{
  const char *path = a->arguments.operand_count ? a->arguments.operands[0] : "-";
  struct text content;
  const struct value *document;
  if (!cli_read_document(a->arena, path, &content, error)) return false;
  if (json_read(a->arena, content, &document, error) &&
      care_read_scored(a->table, a->instruments, document, &a->facts, error))
    return true;
  return error_add_context(error, "%s", cli_document_name(path));
}

static size_t terminal_width(void)
{
  struct winsize size = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return WIDTH_OF_A_PIPE;
  return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

static void print(const struct assessing *a, struct text_buffer *out)
{
  struct care_options care = {.require_signatures = cli_has(&a->arguments, "require-signatures")};
  struct care_result result;
  struct care_explanation *explanation = arena_allocate(a->arena, sizeof *explanation);
  care_find(a->table, &a->facts, &care, &result);
  care_explain(a->table, &a->facts, &care, &result, explanation);
  const struct value *document =
      care_write(a->table, a->arena, &a->facts, &result, explanation, a->language);
  if (cli_has(&a->arguments, "json")) {
    json_write(document, out);
    text_buffer_add_character(out, '\n');
    return;
  }
  bool terminal = isatty(STDOUT_FILENO) != 0;
  struct care_print page = {.words = {a->table, a->catalog, a->arena, a->language, false, NULL},
                            .needs = a->needs,
                            .facts = &a->facts,
                            .result = &result,
                            .explanation = explanation,
                            .document = document,
                            .width = terminal ? terminal_width() : WIDTH_OF_A_PIPE,
                            .bold = terminal && !getenv("NO_COLOR")};
  care_print(&page, out);
}

int command_assess(int argc, char **argv)
{
  struct assessing a = {0};
  struct error error = {0};
  struct text_buffer out;
  int status;
  if (!cli_read(&a.arguments, &command, argc, argv, &status)) return status;
  if (a.arguments.operand_count > 1)
    return cli_fail_usage(&command, "unexpected \"%s\"", a.arguments.operands[1]);
  a.arena = arena_new(LIMIT_ARENA_REQUEST);
  text_buffer_init(&out, OUTPUT_CEILING);
  if (!open_all(&a, &error)) {
    status = cli_fail(command.name, &error);
  } else if (cli_has(&a.arguments, "language") &&
             !catalog_language_find(a.catalog, text_from(cli_get(&a.arguments, "language")),
                                    &a.language)) {
    status = cli_fail_usage(&command, "--language takes en or es");
  } else if (!read_facts(&a, &error)) {
    status = cli_fail(command.name, &error);
  } else {
    print(&a, &out);
    fwrite(out.at, 1, out.length, stdout);
    status = fflush(stdout) == 0 ? EXIT_DONE : EXIT_REFUSED;
  }
  text_buffer_fini(&out);
  close_all(&a);
  return status;
}
