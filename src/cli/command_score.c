/*
 * fairlead score: score answers to an instrument. Reads a file or standard input, keeps nothing.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assessment/assessment.h"
#include "cli/cli.h"

static const struct cli_option options[] = {
    {"licensed", NULL, "I hold the license that this instrument asks for", false},
    {"list", NULL, "list the instruments", false},
    {"language", "LANG", "en (default) or es", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};
static const struct cli_command command = {
    .name = "score",
    .operands = "INSTRUMENT [FILE|-]",
    .summary = "Score answers to an instrument: COWS, PHQ-9, C-SSRS and others.",
    .details =
        "Examples:\n"
        "  fairlead score --list\n"
        "  echo '{\"answers\":{\"1\":2,\"2\":1}}' | fairlead score phq-2 --json\n"
        "  fairlead score audit-c answers.json   with \"sex\": male, female or unspecified\n"
        "\n"
        "The file holds {\"answers\": {item: score}} or a FHIR R4 QuestionnaireResponse. Without a "
        "file,\n"
        "or with -, standard input is read. Nothing is stored. A missing item gives no total; an "
        "answer\n"
        "that is not allowed is refused with status 1. Format: docs/instruments.md.\n",
    .options = options,
};

struct scoring {
  struct cli_arguments arguments;
  struct arena *arena;
  const char *knowledge;
  struct catalog *catalog;
  struct instruments *instruments;
  const struct instrument *instrument;
  size_t language;
};

/* --- Reading ---------------------------------------------------------------------------------- */

static bool read_input(struct scoring *s, struct text *out, struct error *error)
{
  const char *path = s->arguments.operand_count > 1 ? s->arguments.operands[1] : "-";
  return cli_read_document(s->arena, path, out, error);
}

static bool open_all(struct scoring *s, struct error *error)
{
  char *share;
  if (!file_share_folder(s->arena, &share, error)) return false;
  s->knowledge = file_join(s->arena, share, "knowledge");
  return catalog_load(&s->catalog, file_join(s->arena, share, "locale"), error) &&
         instruments_load(&s->instruments, s->knowledge, error);
}

static bool find_instrument(struct scoring *s, struct error *error)
{
  const char *name = s->arguments.operands[0];
  s->instrument = instruments_find(s->instruments, text_from(name));
  if (!s->instrument)
    return error_set(error, ERROR_NOT_FOUND, "error.instrument.unknown",
                     "What there is: fairlead score --list", "there is no instrument \"%s\"", name);
  if (s->instrument->is_on || cli_has(&s->arguments, "licensed")) return true;
  return error_set(error, ERROR_FORBIDDEN, "error.instrument.off",
                   "If you hold its license, add --licensed.", "%s is off: %.*s", name,
                   TEXT_PRINT(s->instrument->copyright[0]));
}

/* --- Printing --------------------------------------------------------------------------------- */

static struct text words(const struct scoring *s, const char *key)
{
  return catalog_text(s->catalog, s->language, key);
}

static void print_scale(const struct scoring *s, struct text label, double value, double maximum)
{
  if (isnan(value)) return;
  struct text number = value_text_get(value_decimal(s->arena, value, 2));
  printf("  %.*s: %.*s (%.*s %.0f)\n", TEXT_PRINT(label), TEXT_PRINT(number),
         TEXT_PRINT(words(s, "instrument.of")), maximum);
}

static void print_items(const struct scoring *s, const char *key, const bool *chosen)
{
  size_t count = 0;
  for (size_t i = 0; i < s->instrument->item_count; i++)
    if (chosen[i])
      printf("%s%.*s",
             count++
                 ? ", "
                 : text_c(s->arena, text_format(s->arena, "  %.*s: ", TEXT_PRINT(words(s, key)))),
             TEXT_PRINT(s->instrument->items[i].number));
  if (count) printf("\n");
}

static void print_bands(const struct scoring *s, const struct instrument_score *score)
{
  for (size_t i = 0; i < s->instrument->band_set_count; i++) {
    const struct instrument_band_set *set = &s->instrument->band_sets[i];
    const struct instrument_band *band = score->bands[i];
    bool is_shown = set->scale == INSTRUMENT_SCALES ? i == score->band_set : set->is_default;
    if (!band || !is_shown) continue;
    struct text scale = set->scale == INSTRUMENT_SCALES
                            ? words(s, "instrument.result")
                            : s->instrument->scales[set->scale].label[s->language];
    printf("  %.*s: %.*s (%.*s)\n    %.*s\n", TEXT_PRINT(scale),
           TEXT_PRINT(band->label[s->language]), TEXT_PRINT(set->name),
           TEXT_PRINT(band->meaning[s->language]));
  }
}

/* Numbers to call, when a trigger asks for help at once. */
static void print_help_lines(const struct scoring *s)
{
  struct needs *needs;
  struct error error = {0};
  static const char *const keys[] = {"crisis", "emergency"};
  if (!needs_load(&needs, s->knowledge, &error)) return;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    size_t line;
    if (!help_lines_find(needs, text_from(keys[i]), &line)) continue;
    const struct help_line *help = help_lines_get(needs, line);
    printf("  %.*s: %.*s\n", TEXT_PRINT(help->label[s->language]), TEXT_PRINT(help->phone));
  }
  needs_free(needs);
}

static void print_summary(const struct scoring *s, const struct instrument_score *score)
{
  const struct instrument *instrument = s->instrument;
  printf("%.*s\n", TEXT_PRINT(instrument->title[s->language]));
  if (instrument_is_urgent(instrument, score)) print_help_lines(s);
  for (size_t i = 0; i < instrument->scale_count; i++)
    print_scale(s, instrument->scales[i].label[s->language], score->scale[i],
                instrument->scales[i].maximum);
  if (!score->complete) printf("  %.*s\n", TEXT_PRINT(words(s, "instrument.incomplete")));
  print_items(s, "instrument.missing", score->is_missing);
  print_items(s, "instrument.ignored", score->is_ignored);
  print_bands(s, score);
  for (size_t i = 0; i < instrument->trigger_count; i++)
    if (score->fires[i])
      printf("  %.*s: %.*s\n", TEXT_PRINT(instrument->triggers[i].name),
             TEXT_PRINT(instrument->triggers[i].text[s->language]));
}

/* --- Listing ---------------------------------------------------------------------------------- */

static struct value *list_value(const struct scoring *s)
{
  struct value *list = value_list(s->arena), *document = value_object(s->arena);
  for (size_t i = 0; i < instruments_count(s->instruments); i++) {
    const struct instrument *instrument = instruments_get(s->instruments, i);
    struct value *item = value_object(s->arena), *sets = value_list(s->arena);
    value_set(item, "instrument", value_text(s->arena, instrument->id));
    value_set(item, "title", value_text(s->arena, instrument->title[s->language]));
    value_set(item, "on", value_boolean(s->arena, instrument->is_on));
    value_set(item, "items", value_integer(s->arena, (int64_t)instrument->item_count));
    for (size_t j = 0; j < instrument->band_set_count; j++)
      if (instrument->band_sets[j].scale == INSTRUMENT_SCALES)
        value_add(sets, value_text(s->arena, instrument->band_sets[j].name));
    value_set(item, "band_sets", sets);
    value_add(list, item);
  }
  value_set(document, "instruments", list);
  return document;
}

static void print_list(const struct scoring *s)
{
  const struct value *list = value_get(list_value(s), TEXT("instruments"));
  for (size_t i = 0; i < value_count(list); i++) {
    const struct value *item = value_item(list, i), *sets = value_get(item, TEXT("band_sets"));
    struct text title = value_text_get(value_get(item, TEXT("title")));
    bool is_on = value_kind_get(value_get(item, TEXT("on"))) == VALUE_TRUE;
    printf("%-16.*s %.*s%s%.*s", TEXT_PRINT(value_text_get(value_get(item, TEXT("instrument")))),
           TEXT_PRINT(title), is_on ? "" : " · ",
           TEXT_PRINT(is_on ? TEXT("") : words(s, "instrument.off")));
    for (size_t j = 0; j < value_count(sets); j++)
      printf("%s%.*s", j ? ", " : " · ", TEXT_PRINT(value_text_get(value_item(sets, j))));
    printf("\n");
  }
}

/* --- The command ------------------------------------------------------------------------------ */

static int list_all(const struct scoring *s)
{
  if (cli_has(&s->arguments, "json")) cli_print_json(list_value(s));
  else print_list(s);
  return EXIT_DONE;
}

static int score_input(struct scoring *s)
{
  struct error error = {0};
  struct text input;
  const struct value *document;
  struct instrument_answers answers;
  struct instrument_score score;
  if (!find_instrument(s, &error) || !read_input(s, &input, &error) ||
      !json_read(s->arena, input, &document, &error) ||
      !instrument_read(s->instrument, document, &answers, &error))
    return cli_fail(command.name, &error);
  instrument_score(s->instrument, &answers, &score);
  if (cli_has(&s->arguments, "json"))
    cli_print_json(instrument_write(s->instrument, s->arena, &score));
  else print_summary(s, &score);
  return fflush(stdout) == 0 ? EXIT_DONE : EXIT_REFUSED;
}

static int run(struct scoring *s)
{
  struct error error = {0};
  const char *language = cli_get(&s->arguments, "language");
  bool is_list = cli_has(&s->arguments, "list");
  int operands = s->arguments.operand_count;
  if (is_list ? operands != 0 : operands < 1 || operands > 2)
    return cli_fail_usage(&command, is_list ? "--list takes nothing more"
                                            : "which instrument? Then a file, or - for standard "
                                              "input");
  if (!open_all(s, &error)) return cli_fail(command.name, &error);
  if (language && !catalog_language_find(s->catalog, text_from(language), &s->language))
    return cli_fail_usage(&command, "--language takes en or es");
  return is_list ? list_all(s) : score_input(s);
}

int command_score(int argc, char **argv)
{
  struct scoring s = {0};
  int status;
  if (!cli_read(&s.arguments, &command, argc, argv, &status)) return status;
  s.arena = arena_new(LIMIT_ARENA_REQUEST);
  status = run(&s);
  instruments_free(s.instruments);
  catalog_free(s.catalog);
  arena_free(s.arena);
  return status;
}
