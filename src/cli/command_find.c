/*
 * fairlead find: search the directory from the command line. Searches the snapshot; the database is
 * asked what is said of free places, and must be there only when the snapshot is missing or damaged
 * and is built again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/config.h"
#include "cli/find_openings.h"
#include "cli/find_print.h"

enum { WIDTH_OF_A_PIPE = 100, WIDTH_LEAST = 40, LIMIT_AT_FIRST = 20, OUTPUT_CEILING = 1 << 24 };

static const struct cli_option options[] = {
    {"near", "PLACE", "a ZIP, \"City, ST\", county, state or lat,lon", false},
    {"within", "MILES", "only places at most this far", false},
    {"state", "ST", "only places in this state", false},
    {"need", "NEED", "what is needed: buprenorphine, medicaid, detox, ...", true},
    {"code", "CODE", "a SAMHSA service code that must be listed", true},
    {"sort", "ORDER", "best (default), distance or name", false},
    {"limit", "N", "places on a page, 1 to 100 (default 20)", false},
    {"cursor", "C", "go on where an earlier answer ended", false},
    {"no-facets", NULL, "do not count the other needs (with --json)", false},
    {"language", "LANG", "en (default) or es", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};
static const struct cli_command command = {
    .name = "find",
    .operands = "[PLACE-OR-WORDS]",
    .summary = "Find treatment: type a place, words, or both.",
    .details =
        "Examples:\n"
        "  fairlead find Richmond, VA --need buprenorphine --need medicaid\n"
        "  fairlead find methadone near 23220 --within 25\n"
        "  fairlead find --state VT --need opioid-detox --json\n"
        "\n"
        "When nothing matches, the search is loosened one thing at a time, and it says what. Needs "
        "and\n"
        "what they mean: fairlead knowledge list. Searches are not recorded. Beside a place "
        "stands\n"
        "whether it has an opening, where that is known; nothing there means that nobody said.\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

/* What the command has open. */
struct finding {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct catalog *catalog;
  struct store *store;
  struct directory *directory;
  const struct snapshot *snapshot;
  struct find_openings openings;
  struct directory_request request;
  struct directory_answer answer;
};

/* --- Reading the command line ----------------------------------------------------------------- */

static struct text given(const struct finding *f, const char *name)
{
  return text_from(cli_get(&f->arguments, name));
}

static struct text joined_operands(const struct finding *f)
{
  struct text joined = TEXT("");
  for (int i = 0; i < f->arguments.operand_count; i++)
    joined = text_format(f->arena, "%.*s%s%s", TEXT_PRINT(joined), i ? " " : "",
                         f->arguments.operands[i]);
  return joined;
}

static bool read_request(struct finding *f, int *status)
{
  struct directory_request *request = &f->request;
  struct text *needs, *codes;
  int64_t limit = LIMIT_AT_FIRST;
  *status = EXIT_USAGE;
  *request = (struct directory_request){.q = joined_operands(f),
                                        .near = given(f, "near"),
                                        .state = given(f, "state"),
                                        .cursor = given(f, "cursor"),
                                        .facets = cli_has(&f->arguments, "json") &&
                                                  !cli_has(&f->arguments, "no-facets")};
  request->need_count = cli_all(&f->arguments, "need", f->arena, &needs);
  request->code_count = cli_all(&f->arguments, "code", f->arena, &codes);
  request->needs = needs;
  request->codes = codes;
  if (cli_has(&f->arguments, "within") &&
      (!text_read_decimal(given(f, "within"), &request->within) || request->within < 0))
    return cli_fail_usage(&command, "--within takes a number of miles"), false;
  if (cli_has(&f->arguments, "limit") &&
      (!text_read_integer(given(f, "limit"), &limit) || limit < 1 || limit > LIMIT_RESULTS_PAGE))
    return cli_fail_usage(&command, "--limit takes a number from 1 to %d", LIMIT_RESULTS_PAGE),
           false;
  request->limit = (size_t)limit;
  if (!directory_read_sort(given(f, "sort"), &request->sort))
    return cli_fail_usage(&command, "--sort takes best, distance or name"), false;
  return true;
}

static const char *data_folder(const struct finding *f)
{
  return cli_config_get(f->config, "data").at;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static bool is_file(const char *database)
{
  return !text_contains(text_from(database), TEXT("://"));
}

/* Without a database, or one that does not answer, a search tells of no openings. */
static void load_openings(struct finding *f, const char *share)
{
  struct error error = {0};
  const char *database = cli_config_get(f->config, "db").at;
  if (!f->store && is_file(database) && !file_exists(database)) return;
  if (!f->store && !store_open(&f->store, database, &error)) {
    log_error("availability.find.failed", &error);
    return;
  }
  find_openings_load(&f->openings, f->store, share, f->catalog, time_now());
  f->request.overlay = f->openings.overlay;
}

/* Open with the database behind, which builds the snapshot that is missing or damaged. */
static bool open_with_store(struct finding *f, const char *share, struct error *error)
{
  const char *database = cli_config_get(f->config, "db").at;
  if (is_file(database) && !file_exists(database))
    return error_set(error, ERROR_NOT_FOUND, "error.directory.empty",
                     "Import one: fairlead import FILE. What there is: fairlead import "
                     "--list-sources",
                     "there is no directory in %s yet", data_folder(f));
  /* What a server has may be news to this machine: the snapshot needs a folder to be built in. */
  if (!is_file(database) && !file_make_folder(data_folder(f), error)) return false;
  if (!store_open(&f->store, database, error) ||
      !store_migrate(f->store, file_join(f->arena, share, "migrations"), error))
    return false;
  if (!f->directory && !directory_open(&f->directory, data_folder(f), share, f->store, error))
    return false;
  f->snapshot = directory_acquire(f->directory);
  if (f->snapshot) return true;
  if (!directory_rebuild(f->directory, f->store, error)) return false;
  f->snapshot = directory_acquire(f->directory);
  return true;
}

static bool open_directory(struct finding *f, const char *share, struct error *error)
{
  struct error first = {0};
  if (directory_open(&f->directory, data_folder(f), share, NULL, &first)) {
    f->snapshot = directory_acquire(f->directory);
    if (f->snapshot) return true;
  } else {
    log_error("directory.snapshot.refused", &first);
  }
  return open_with_store(f, share, error);
}

static bool open_all(struct finding *f, struct error *error)
{
  char *share;
  if (!file_share_folder(f->arena, &share, error) ||
      !catalog_load(&f->catalog, file_join(f->arena, share, "locale"), error) ||
      !open_directory(f, share, error))
    return false;
  load_openings(f, share);
  return true;
}

static void close_all(struct finding *f)
{
  find_openings_free(&f->openings);
  if (f->snapshot) directory_release(f->directory, f->snapshot);
  directory_close(f->directory);
  store_close(f->store);
  catalog_free(f->catalog);
  arena_free(f->arena);
}

/* --- Printing --------------------------------------------------------------------------------- */

static size_t terminal_width(void)
{
  struct winsize size = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return WIDTH_OF_A_PIPE;
  return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

/* The command without its place and cursor, and the part that names the place. */
static void retrace(const struct finding *f, struct text *without_place, struct text *place)
{
  struct text_buffer words, where;
  text_buffer_init(&words, OUTPUT_CEILING);
  text_buffer_init(&where, OUTPUT_CEILING);
  text_buffer_add(&words, TEXT("fairlead find"));
  for (int i = 0; i < f->arguments.operand_count; i++) {
    text_buffer_add_character(&where, ' ');
    find_print_quoted(text_from(f->arguments.operands[i]), &where);
  }
  for (size_t i = 0; i < f->arguments.given_count; i++) {
    const struct cli_option *option = f->arguments.given[i].option;
    struct text name = text_from(option->name);
    if (text_equal(name, TEXT("cursor"))) continue;
    struct text_buffer *into = text_equal(name, TEXT("near")) ? &where : &words;
    text_buffer_add_format(into, " --%s", option->name);
    if (!option->argument) continue;
    text_buffer_add_character(into, ' ');
    find_print_quoted(text_from(f->arguments.given[i].value), into);
  }
  *without_place = text_copy(f->arena, text_buffer_get(&words));
  *place = text_copy(f->arena, text_buffer_get(&where));
  text_buffer_fini(&words);
  text_buffer_fini(&where);
}

static void print_answer(const struct finding *f, struct text_buffer *out)
{
  if (cli_has(&f->arguments, "json")) {
    json_write(f->answer.result, out);
    text_buffer_add_character(out, '\n');
    return;
  }
  bool terminal = isatty(STDOUT_FILENO) != 0;
  struct find_print print = {.catalog = f->catalog,
                             .language = f->request.language,
                             .arena = f->arena,
                             .needs = directory_needs(f->directory),
                             .snapshot = f->snapshot,
                             .answer = &f->answer,
                             .openings = &f->openings,
                             .width = terminal ? terminal_width() : WIDTH_OF_A_PIPE,
                             .bold = terminal && !getenv("NO_COLOR")};
  retrace(f, &print.command, &print.place);
  find_print(&print, out);
}

int command_find(int argc, char **argv)
{
  struct finding f = {0};
  struct error error = {0};
  struct text_buffer out;
  int status;
  if (!cli_read(&f.arguments, &command, argc, argv, &status)) return status;
  log_set_level(LOG_WARNING); /* a person reads what is printed */
  f.arena = arena_new(LIMIT_ARENA_REQUEST);
  text_buffer_init(&out, OUTPUT_CEILING);
  if (!read_request(&f, &status)) goto out;
  if (!cli_config_read(&f.config, &f.arguments, f.arena, &error) || !open_all(&f, &error)) {
    status = cli_fail(command.name, &error);
    goto out;
  }
  if (cli_has(&f.arguments, "language") &&
      !catalog_language_find(f.catalog, given(&f, "language"), &f.request.language)) {
    status = cli_fail_usage(&command, "--language takes en or es");
    goto out;
  }
  if (!directory_find(f.directory, f.snapshot, f.catalog, f.arena, &f.request, &f.answer, &error)) {
    status = cli_fail(command.name, &error);
    goto out;
  }
  print_answer(&f, &out);
  fwrite(out.at, 1, out.length, stdout);
  status = fflush(stdout) == 0 ? EXIT_DONE : EXIT_REFUSED;
out:
  text_buffer_fini(&out);
  close_all(&f);
  return status;
}
