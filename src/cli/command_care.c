/*
 * fairlead care: programs from the command line: make the first one, list them.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "care/care.h"
#include "cli/config.h"
#include "cli/records.h"

static const struct cli_option options[] = {
    {"program", "ID", "of a new site or an import: the program it belongs to", false},
    {"name", "NAME", "of a new program or site: what it is called", false},
    {"kind", "KIND", "of a new program: residential, outpatient, opioid-treatment, ...", false},
    {"zone", "ZONE", "of a new program: its time zone, as America/Denver", false},
    {"state", "STATE", "of a new program: two letters", false},
    {"phone", "PHONE", "of a new program", false},
    {"facility", "ID", "of a new site: its page in the finder, /facilities/ID", false},
    {"languages", "CODES", "of a new program: as \"en es\" (en)", false},
    {"dry-run", NULL, "of an import: say what would happen, change nothing", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};
static const struct cli_command command = {
    .name = "care",
    .operands = "program add | program list | site add | import people FILE | import staff FILE",
    .summary = "Make programs and their sites, list programs, import people and staff.",
    .details = "An import reads CSV. Every row has an id of its own, so that the same file again\n"
               "changes nothing, and a run that was cut off is run again. Rows with a problem are\n"
               "refused, each with its line, and the others are taken; exit status 1 then.\n\n"
               "  fairlead care program add --name \"Harbor House\" --kind residential \\\n"
               "      --zone America/Denver --state CO\n"
               "  fairlead care program list\n"
               "  fairlead care site add --program ID --name \"West House\"\n"
               "  fairlead care import people --program ID --dry-run clients.csv\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

struct care_command {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct cli_records records;
  struct care *care;
  struct actor actor;
  struct program program;
  struct site site;
  struct program *programs;
  size_t count;
  int64_t now;
};

static bool open_all(struct care_command *work, struct error *error)
{
  char *share;
  struct arena *arena = work->arena;
  work->now = time_now();
  return cli_config_read(&work->config, &work->arguments, arena, error) &&
         file_share_folder(arena, &share, error) &&
         cli_records_open(&work->records, work->config, error) &&
         care_open(&work->care, share, work->records.privacy, error);
}

static void close_all(struct care_command *work)
{
  care_close(work->care);
  cli_records_close(&work->records);
  arena_free(work->arena);
}

static void print_program(const struct care_command *work, const struct program *program)
{
  if (!cli_has(&work->arguments, "json")) {
    printf("%.*s  %.*s (%.*s, %.*s)\n", TEXT_PRINT(program->id), TEXT_PRINT(program->name),
           TEXT_PRINT(program->kind), TEXT_PRINT(program->zone));
    return;
  }
  struct value *document = value_object(work->arena);
  value_set(document, "id", value_text(work->arena, program->id));
  value_set(document, "name", value_text(work->arena, program->name));
  value_set(document, "kind", value_text(work->arena, program->kind));
  value_set(document, "zone", value_text(work->arena, program->zone));
  value_set(document, "state", value_text(work->arena, program->state));
  cli_print_json(document);
}

/* --- Programs -------------------------------------------------------------------------------- */

static bool add(struct store_transaction *transaction, void *context, struct error *error)
{
  struct care_command *work = context;
  struct access access;
  return access_open(transaction, work->records.privacy, &work->actor, "program", "write", NULL,
                     work->actor.program_id, work->now, &access, error) &&
         program_create(transaction, work->care, &access, &work->program, error);
}

static struct text option(const struct care_command *work, const char *name)
{
  return cli_text(&work->arguments, name);
}

static int program_add(struct care_command *work)
{
  struct error error = {0};
  struct field_problems problems = {.count = 0};
  struct text languages = option(work, "languages"), zone = option(work, "zone"), id;
  work->program =
      (struct program){.name = option(work, "name"),
                       .kind = option(work, "kind"),
                       .zone = zone.length ? zone : cli_config_get(work->config, "zone"),
                       .state = option(work, "state"),
                       .phone = option(work, "phone"),
                       .languages = languages.length ? languages : TEXT("en")};
  program_check(work->care, &work->program, &problems);
  for (size_t i = 0; i < problems.count; i++)
    fprintf(stderr, "fairlead care: --%s: %.*s\n", problems.items[i].field,
            TEXT_PRINT(catalog_text(work->records.catalog, 0, problems.items[i].message)));
  if (problems.count) return EXIT_REFUSED;
  if (!program_begin(work->records.privacy, work->arena, work->now, &id, &error))
    return cli_fail(command.name, &error);
  work->actor = actor_command(id);
  if (!store_write(work->records.store, add, work, &error)) return cli_fail(command.name, &error);
  print_program(work, &work->program);
  return EXIT_DONE;
}

static bool list(struct store_transaction *transaction, void *context, struct error *error)
{
  struct care_command *work = context;
  return program_list(transaction, work->arena, &work->programs, &work->count, error);
}

static int program_show(struct care_command *work)
{
  struct error error = {0};
  if (!store_read(work->records.store, list, work, &error)) return cli_fail(command.name, &error);
  for (size_t i = 0; i < work->count; i++) print_program(work, &work->programs[i]);
  return EXIT_DONE;
}

/* --- Sites ----------------------------------------------------------------------------------- */

static bool add_site(struct store_transaction *transaction, void *context, struct error *error)
{
  struct care_command *work = context;
  struct access access;
  struct program program;
  return access_open(transaction, work->records.privacy, &work->actor, "site", "write", NULL,
                     TEXT(""), work->now, &access, error) &&
         program_load(transaction, &access, work->arena, &program, error) &&
         site_create(transaction, work->care, &access, work->arena, &work->site, error);
}

static int site_add(struct care_command *work)
{
  struct error error = {0};
  struct field_problems problems = {.count = 0};
  work->site = (struct site){.name = option(work, "name"),
                             .zone = option(work, "zone"),
                             .state = option(work, "state"),
                             .phone = option(work, "phone"),
                             .facility_id = option(work, "facility")};
  site_check(work->care, &work->site, &problems);
  for (size_t i = 0; i < problems.count; i++)
    fprintf(stderr, "fairlead care: --%s: %.*s\n", problems.items[i].field,
            TEXT_PRINT(catalog_text(work->records.catalog, 0, problems.items[i].message)));
  if (problems.count) return EXIT_REFUSED;
  work->actor = actor_command(option(work, "program"));
  if (!store_write(work->records.store, add_site, work, &error))
    return cli_fail(command.name, &error);
  printf("%.*s  %.*s\n", TEXT_PRINT(work->site.id), TEXT_PRINT(work->site.name));
  return EXIT_DONE;
}

/* --- Import ---------------------------------------------------------------------------------- */

static void show_progress(void *context, int64_t done, int64_t total)
{
  (void)context;
  fprintf(stderr, "\r\033[K%lld of %lld", (long long)done, (long long)total);
}

static struct text words(const struct care_command *work, const char *key)
{
  return catalog_text(work->records.catalog, 0, key);
}

static void print_report(const struct care_command *work, const char *path,
                         const struct care_import_report *report)
{
  for (size_t i = 0; i < report->problem_count; i++) {
    const struct care_import_problem *problem = &report->problems[i];
    fprintf(stderr, "%s:%lld: %.*s: %.*s %.*s\n", path, (long long)problem->line,
            TEXT_PRINT(problem->field), TEXT_PRINT(words(work, problem->what)),
            TEXT_PRINT(words(work, problem->mend)));
  }
  if (report->problem_total > report->problem_count)
    fprintf(stderr, "and %zu problems more\n", report->problem_total - report->problem_count);
  for (size_t i = 0; i < report->alike_count; i++) {
    const struct care_import_alike *alike = &report->alike[i];
    printf("%s:%lld: likely the same as ", path, (long long)alike->line);
    if (alike->other_line) printf("line %lld", (long long)alike->other_line);
    else printf("%.*s", TEXT_PRINT(alike->person_id));
    printf(" (%.*s)\n", TEXT_PRINT(alike->reasons));
  }
  if (report->alike_total > report->alike_count)
    printf("and %zu more of these\n", report->alike_total - report->alike_count);
  for (size_t i = 0; i < report->unread_count; i++)
    printf("not read: %.*s\n", TEXT_PRINT(report->unread[i]));
  printf("%s: rows %lld, new %lld, changed %lld, unchanged %lld, refused %lld%s\n", path,
         (long long)report->rows, (long long)report->fresh, (long long)report->changed,
         (long long)report->unchanged, (long long)report->refused,
         cli_has(&work->arguments, "dry-run") ? " (dry run: nothing was changed)" : "");
}

static void print_import(const struct care_command *work, const struct care_import_report *report)
{
  struct arena *arena = work->arena;
  struct value *document = value_object(arena), *problems = value_list(arena),
               *alike = value_list(arena), *unread = value_list(arena);
  const struct {
    const char *name;
    int64_t count;
  } counts[] = {{"rows", report->rows},
                {"new", report->fresh},
                {"changed", report->changed},
                {"unchanged", report->unchanged},
                {"refused", report->refused},
                {"problem_count", (int64_t)report->problem_total},
                {"alike_count", (int64_t)report->alike_total}};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    value_set(document, counts[i].name, value_integer(arena, counts[i].count));
  for (size_t i = 0; i < report->problem_count; i++) {
    struct value *item = value_object(arena);
    value_set(item, "line", value_integer(arena, report->problems[i].line));
    value_set(item, "field", value_text(arena, report->problems[i].field));
    value_set(item, "what", value_text(arena, words(work, report->problems[i].what)));
    value_set(item, "mend", value_text(arena, words(work, report->problems[i].mend)));
    value_add(problems, item);
  }
  for (size_t i = 0; i < report->alike_count; i++) {
    struct value *item = value_object(arena);
    value_set(item, "line", value_integer(arena, report->alike[i].line));
    if (report->alike[i].other_line)
      value_set(item, "other_line", value_integer(arena, report->alike[i].other_line));
    else value_set(item, "person_id", value_text(arena, report->alike[i].person_id));
    value_set(item, "reasons", value_text(arena, report->alike[i].reasons));
    value_add(alike, item);
  }
  for (size_t i = 0; i < report->unread_count; i++)
    value_add(unread, value_text(arena, report->unread[i]));
  value_set(document, "dry_run", value_boolean(arena, cli_has(&work->arguments, "dry-run")));
  value_set(document, "problems", problems);
  value_set(document, "alike", alike);
  value_set(document, "unread", unread);
  cli_print_json(document);
}

static int import(struct care_command *work, enum care_import_what what)
{
  struct error error = {0};
  struct text document;
  struct care_import_report report;
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  const char *path = work->arguments.operands[2];
  bool is_shown = isatty(STDERR_FILENO);
  int status = EXIT_DONE;
  work->actor = actor_command(option(work, "program"));
  const struct care_import run = {.store = work->records.store,
                                  .care = work->care,
                                  .actor = &work->actor,
                                  .what = what,
                                  .is_dry_run = cli_has(&work->arguments, "dry-run"),
                                  .now = work->now,
                                  .progress = is_shown ? show_progress : NULL};
  bool is_done = file_read(arena, path, LIMIT_CARE_IMPORT_FILE, &document, &error) &&
                 care_import_run(&run, arena, document, &report, &error);
  if (is_shown) fputs("\r\033[K", stderr);
  if (!is_done) {
    (void)error_add_context(&error, "%s", path);
    status = cli_fail(command.name, &error);
  } else {
    if (cli_has(&work->arguments, "json")) print_import(work, &report);
    else print_report(work, path, &report);
    if (report.problem_total) status = EXIT_REFUSED;
  }
  arena_free(arena);
  return status;
}

static int import_people(struct care_command *work)
{
  return import(work, CARE_IMPORT_PEOPLE);
}

static int import_staff(struct care_command *work)
{
  return import(work, CARE_IMPORT_STAFF);
}

/* --- Which act ------------------------------------------------------------------------------- */

static const struct {
  const char *first, *second;
  int operands;
  int (*run)(struct care_command *work);
} acts[] = {
    {"program", "add", 2, program_add},   {"program", "list", 2, program_show},
    {"site", "add", 2, site_add},         {"import", "people", 3, import_people},
    {"import", "staff", 3, import_staff},
};

int command_care(int argc, char **argv)
{
  struct care_command work = {0};
  struct error error = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  const struct cli_arguments *given = &work.arguments;
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
    if (given->operand_count != acts[i].operands ||
        strcmp(given->operands[0], acts[i].first) != 0 ||
        strcmp(given->operands[1], acts[i].second) != 0)
      continue;
    work.arena = arena_new(LIMIT_ARENA_REQUEST);
    status = open_all(&work, &error) ? acts[i].run(&work) : cli_fail(command.name, &error);
    close_all(&work);
    return status;
  }
  return cli_fail_usage(&command, "say what to do: %s", command.operands);
}
