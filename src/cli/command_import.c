/*
 * fairlead import: files and addresses into the directory; then the snapshot that is searched is
 * built anew, once.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/config.h"
#include "directory/directory.h"

static const struct cli_option options[] = {
    {"source", "NAME", "whose list it is (default: by the form of the file)", false},
    {"as-of", "DATE", "of when it is, YYYY-MM-DD (default: by its name, else by itself)", false},
    {"list-sources", NULL, "list the official addresses, and import nothing", false},
    {"demo", "COUNT", "put COUNT made-up facilities into an empty directory", false},
    {"allow-vanishing", NULL, "take a release in which most of a large source is missing", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const struct cli_command command = {
    .name = "import",
    .operands = "FILE|ADDRESS|SOURCE...",
    .summary = "Import facilities: all of a file, or nothing of it.",
    .details =
        "Reads SAMHSA's National Directory (.xlsx), the locator's wide CSV, plain CSV with a\n"
        "column of service codes, and FindTreatment.gov's JSON; what a file is, it tells by its\n"
        "content. The same file twice changes nothing; a newer release updates, and marks what\n"
        "vanished. Exit status 1: a file was refused, and what stood before still stands.\n\n"
        "  fairlead import national-directory-su-facilities-2023.xlsx\n"
        "  fairlead import national-directory-su    (by its official address)\n"
        "  fairlead import --demo 2000\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

/* Everything that stays open over the files. */
struct session {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct store *store;
  struct directory *directory;
  const char *share, *data;
  struct import_options import;
  struct import_target target;
  struct value *files; /* of the JSON document */
  bool json, imported, on_line;
  int status;
};

/* --- Progress and reports -----------------------------------------------------------------------
 */

static void show_progress(void *context, const char *stage, int64_t done, int64_t total)
{
  struct session *session = context;
  session->on_line = true;
  if (total > 0)
    fprintf(stderr, "\r\033[K%s %lld of %lld", stage, (long long)done, (long long)total);
  else fprintf(stderr, "\r\033[K%s %lld", stage, (long long)done);
}

static void end_progress(struct session *session)
{
  if (session->on_line) fputs("\r\033[K", stderr);
  session->on_line = false;
}

struct count_name {
  const char *name;
  int64_t value;
};
enum { COUNT_NAMES = 8 };

static void name_counts(const struct import_counts *counts, struct count_name out[COUNT_NAMES])
{
  const struct count_name all[COUNT_NAMES] = {
      {"read", counts->read},           {"new", counts->fresh},
      {"changed", counts->changed},     {"renamed", counts->renamed},
      {"unchanged", counts->unchanged}, {"merged", counts->merged},
      {"vanished", counts->vanished},   {"refused", counts->refused},
  };
  memcpy(out, all, sizeof all);
}

static void print_problems(const struct import_report *report)
{
  for (size_t i = 0; i < report->problem_count; i++) {
    const struct import_problem *problem = &report->problems[i];
    fprintf(stderr, "%.*s:%lld: %.*s: %.*s.%s%.*s\n", TEXT_PRINT(problem->file),
            (long long)problem->row, TEXT_PRINT(problem->field), TEXT_PRINT(problem->what),
            problem->mend.length ? " " : "", TEXT_PRINT(problem->mend));
  }
  if (report->problem_total > report->problem_count)
    fprintf(stderr, "and %zu problems more\n", report->problem_total - report->problem_count);
}

static void print_summary(struct text name, const struct import_report *report)
{
  struct count_name names[COUNT_NAMES];
  const struct import_counts *counts = &report->counts;
  name_counts(counts, names);
  printf("%.*s: %.*s as of %.*s (%.*s)\n ", TEXT_PRINT(name), TEXT_PRINT(report->source),
         TEXT_PRINT(report->as_of), TEXT_PRINT(report->format));
  for (size_t i = 0; i < COUNT_NAMES; i++)
    printf(" %s %lld%s", names[i].name, (long long)names[i].value,
           i + 1 < COUNT_NAMES ? "," : "\n");
  if (counts->coordinates_rejected || counts->unknown_labels)
    printf("  %lld coordinates rejected, %lld unknown labels kept as they are\n",
           (long long)counts->coordinates_rejected, (long long)counts->unknown_labels);
  if (counts->invented_removed)
    printf("  %lld made-up facilities of the demo were removed\n",
           (long long)counts->invented_removed);
  if (report->partial) puts("  a part of the source: nothing vanished by it");
  if (report->nothing_changed) puts("  nothing changed");
}

static const struct value *describe_problem(struct arena *arena,
                                            const struct import_problem *problem)
{
  struct value *out = value_object(arena);
  value_set(out, "row", value_integer(arena, problem->row));
  value_set(out, "field", value_text(arena, problem->field));
  value_set(out, "what", value_text(arena, problem->what));
  value_set(out, "mend", value_text(arena, problem->mend));
  value_set(out, "refused", value_boolean(arena, problem->refused));
  return out;
}

static void add_document(struct session *session, struct text name, bool done,
                         const struct import_report *report)
{
  struct arena *arena = session->arena;
  struct count_name names[COUNT_NAMES];
  struct value *file = value_object(arena), *problems = value_list(arena);
  value_set(file, "file", value_text(arena, name));
  value_set(file, "done", value_boolean(arena, done));
  value_set(file, "source", value_text(arena, report->source));
  value_set(file, "as_of", value_text(arena, report->as_of));
  value_set(file, "format", value_text(arena, report->format));
  name_counts(&report->counts, names);
  for (size_t i = 0; i < COUNT_NAMES; i++)
    value_set(file, names[i].name, value_integer(arena, names[i].value));
  value_set(file, "coordinates_rejected",
            value_integer(arena, report->counts.coordinates_rejected));
  value_set(file, "unknown_labels", value_integer(arena, report->counts.unknown_labels));
  value_set(file, "invented_removed", value_integer(arena, report->counts.invented_removed));
  value_set(file, "partial", value_boolean(arena, report->partial));
  value_set(file, "nothing_changed", value_boolean(arena, report->nothing_changed));
  for (size_t i = 0; i < report->problem_count; i++)
    value_add(problems, describe_problem(arena, &report->problems[i]));
  value_set(file, "problems", problems);
  value_set(file, "problem_total", value_integer(arena, (int64_t)report->problem_total));
  value_add(session->files, file);
}

static void print_document(const struct value *document)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_FILE_WHOLE);
  json_write_pretty(document, &out);
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

/* Report one import, done or not. A refusal is the exit status of the whole. */
static void report_import(struct session *session, struct text name, bool done,
                          const struct import_report *report, const struct error *error)
{
  end_progress(session);
  print_problems(report);
  session->imported = session->imported || done;
  if (!done) {
    int status = report->problem_count ? EXIT_REFUSED : cli_fail(command.name, error);
    if (error->kind == ERROR_USAGE) status = EXIT_USAGE;
    if (session->status == EXIT_DONE) session->status = status;
  }
  if (session->json) add_document(session, name, done, report);
  else if (done) print_summary(name, report);
  else if (report->counts.read)
    fprintf(stderr, "%.*s: refused; what stood before still stands\n", TEXT_PRINT(name));
}

/* --- The work
 * ------------------------------------------------------------------------------------- */

static bool is_address(const char *operand)
{
  return strstr(operand, "://") != NULL;
}

/* The address of a source that is named and is no file; the operand itself otherwise. */
static const char *resolve(struct session *session, const char *operand, struct error *error)
{
  struct import_source *sources;
  size_t count;
  if (is_address(operand) || file_exists(operand)) return operand;
  if (!import_sources(session->arena, file_join(session->arena, session->share, "knowledge"),
                      &sources, &count, error))
    return operand;
  for (size_t i = 0; i < count; i++)
    if (text_equal(sources[i].name, text_from(operand)))
      return text_c(session->arena, sources[i].address);
  return operand;
}

static void import_one(struct session *session, const char *given)
{
  struct error error = {0};
  struct import_report report = {.source = TEXT(""), .as_of = TEXT(""), .format = TEXT("")};
  const char *operand = resolve(session, given, &error);
  char *path = NULL;
  bool fetched = is_address(operand), done = true;
  if (fetched)
    done = import_download(operand, session->data, session->arena, &path, &session->import, &error);
  if (done)
    done = import_file(&session->target, fetched ? path : operand, text_from(operand),
                       &session->import, session->arena, &report, &error);
  if (path) unlink(path);
  report_import(session, text_from(operand), done, &report, &error);
}

static void import_invented(struct session *session, int64_t count)
{
  struct error error = {0};
  struct import_report report = {.source = TEXT(""), .as_of = TEXT(""), .format = TEXT("")};
  bool done = import_demo(&session->target, (size_t)count, &session->import, session->arena,
                          &report, &error);
  report_import(session, TEXT("demo"), done, &report, &error);
}

static int list_sources(struct session *session)
{
  struct error error = {0};
  struct import_source *sources;
  size_t count;
  if (!import_sources(session->arena, file_join(session->arena, session->share, "knowledge"),
                      &sources, &count, &error))
    return cli_fail(command.name, &error);
  struct value *list = value_list(session->arena);
  for (size_t i = 0; i < count; i++) {
    struct value *source = value_object(session->arena);
    value_set(source, "name", value_text(session->arena, sources[i].name));
    value_set(source, "title", value_text(session->arena, sources[i].title));
    value_set(source, "address", value_text(session->arena, sources[i].address));
    value_set(source, "note", value_text(session->arena, sources[i].note));
    value_add(list, source);
    if (!session->json)
      printf("%.*s\n  %.*s\n  %.*s\n  %.*s\n", TEXT_PRINT(sources[i].name),
             TEXT_PRINT(sources[i].title), TEXT_PRINT(sources[i].address),
             TEXT_PRINT(sources[i].note));
  }
  struct value *document = value_object(session->arena);
  value_set(document, "sources", list);
  if (session->json) print_document(document);
  return EXIT_DONE;
}

static bool open_all(struct session *session, struct error *error)
{
  const char *migrations = file_join(session->arena, session->share, "migrations");
  return file_make_folder(session->data, error) &&
         store_open(&session->store, cli_config_get(session->config, "db").at, error) &&
         store_migrate(session->store, migrations, error) &&
         directory_open(&session->directory, session->data, session->share, session->store, error);
}

/* Build what is searched; also when nothing changed, since an import that was interrupted may have
 * left it behind. The same facilities give the same file. */
static bool rebuild(struct session *session, struct error *error)
{
  return !session->imported || directory_rebuild(session->directory, session->store, error);
}

static int run(struct session *session, int64_t demo)
{
  struct error error = {0};
  if (!open_all(session, &error)) return cli_fail(command.name, &error);
  session->target = (struct import_target){session->store, directory_needs(session->directory),
                                           directory_places(session->directory)};
  if (demo > 0) import_invented(session, demo);
  for (int i = 0; i < session->arguments.operand_count; i++)
    import_one(session, session->arguments.operands[i]);
  if (!rebuild(session, &error)) session->status = cli_fail(command.name, &error);
  struct value *document = value_object(session->arena);
  value_set(document, "files", session->files);
  if (session->json) print_document(document);
  return session->status;
}

/* Read the command line into the session; answers the exit status of a wrong one, else 0. */
static int read_options(struct session *session, int64_t *demo)
{
  const struct cli_arguments *arguments = &session->arguments;
  const char *count = cli_get(arguments, "demo");
  int year, month, day;
  session->json = cli_has(arguments, "json");
  session->import = (struct import_options){
      .source = text_from(cli_get(arguments, "source")),
      .as_of = text_from(cli_get(arguments, "as-of")),
      .allow_vanishing = cli_has(arguments, "allow-vanishing"),
      .progress = isatty(STDERR_FILENO) ? show_progress : NULL,
      .progress_context = session,
  };
  if (session->import.as_of.length && !time_read_date(session->import.as_of, &year, &month, &day))
    return cli_fail_usage(&command, "--as-of: \"%s\" is no date; write it as 2023-01-31",
                          session->import.as_of.at);
  if (count &&
      (!text_read_integer(text_from(count), demo) || *demo < 1 || *demo > LIMIT_IMPORT_DEMO))
    return cli_fail_usage(&command, "--demo: \"%s\" is no number from 1 to %d", count,
                          LIMIT_IMPORT_DEMO);
  if (cli_has(arguments, "list-sources")) return EXIT_DONE;
  if (!count && arguments->operand_count == 0)
    return cli_fail_usage(&command, "name a file, an address or a source to import");
  if (count && arguments->operand_count)
    return cli_fail_usage(&command, "--demo stands alone: made-up facilities never mix with real");
  return EXIT_DONE;
}

int command_import(int argc, char **argv)
{
  struct session session = {0};
  struct error error = {0};
  char *share;
  int64_t demo = 0;
  int status;
  if (!cli_read(&session.arguments, &command, argc, argv, &status)) return status;
  status = read_options(&session, &demo);
  if (status != EXIT_DONE) return status;
  log_set_level(LOG_WARNING); /* what was done is told in the summary */
  session.arena = arena_new(LIMIT_IMPORT_FILE);
  session.files = value_list(session.arena);
  if (!cli_config_read(&session.config, &session.arguments, session.arena, &error) ||
      !file_share_folder(session.arena, &share, &error)) {
    status = cli_fail(command.name, &error);
  } else {
    session.data = cli_config_get(session.config, "data").at;
    session.share = share;
    status =
        cli_has(&session.arguments, "list-sources") ? list_sources(&session) : run(&session, demo);
  }
  directory_close(session.directory);
  store_close(session.store);
  arena_free(session.arena);
  return status;
}
