/*
 * fairlead availability: what programs without this software say of their openings: links that
 * answer with one tap, links taken back, files of other systems and checked claims taken in, and
 * what stands now.
 */
#include <stdio.h>
#include <string.h>

#include "admission/admission.h"
#include "cli/config.h"
#include "cli/records.h"
#include "directory/directory.h"

enum { LINK_DAYS = 365, LINK_DAYS_MOST = LIMIT_AVAILABILITY_LINK_DAYS };

static const struct cli_option options[] = {
    {"facility", "ID", "of a link: the facility, as the finder's addresses name it", false},
    {"level", "LEVEL", "of a link: the level of care it answers for: 3.5, 1.7, ...", true},
    {"for", "WHOM", "of a link: whom it is handed to, as the list of links shows it", false},
    {"days", "N", "how long a link holds (365)", false},
    {"origin", "URL", "what stands before the link: https://find.example.org", false},
    {"source", "SOURCE", "of a file: imported (another system's) or claimed (checked)", false},
    {"dry-run", NULL, "of a file: say what would happen, change nothing", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};
static const struct cli_command command = {
    .name = "availability",
    .operands = "link | revoke | take FILE | list",
    .summary = "Links and files by which programs without Fairlead say if they have an opening.",
    .details =
        "A link answers for one facility and level with one tap, and opens nothing else. It is\n"
        "told once: hand it to the program. For whom it is and until when stands at\n"
        "/desk/settings/availability, where one link can be taken back or renewed; revoke takes\n"
        "back all links of a facility.\n"
        "A file is CSV with the columns facility_id, level_of_care, answer (yes, likely, no) and\n"
        "as_of (2026-11-21T03:04:05Z). Rows with a problem are refused, each with its line, and\n"
        "the others are taken; exit status 1 then. An older word never replaces a newer one.\n\n"
        "  fairlead availability link --facility ID --level 3.5 --origin https://find.example.org\n"
        "  fairlead availability revoke --facility ID\n"
        "  fairlead availability take --source imported openings.csv\n"
        "  fairlead availability list --json\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

struct work {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct cli_records records;
  struct care *care;
  struct beds *beds;
  struct facility facility;
  struct table table;
  struct availability *rows;
  size_t count;
  int64_t now;
};

static bool open_all(struct work *work, struct error *error)
{
  char *share;
  struct arena *arena = work->arena;
  work->now = time_now();
  return cli_config_read(&work->config, &work->arguments, arena, error) &&
         file_share_folder(arena, &share, error) &&
         cli_records_open(&work->records, work->config, error) &&
         care_open(&work->care, share, work->records.privacy, error) &&
         beds_open(&work->beds, share, work->care, error);
}

static void close_all(struct work *work)
{
  beds_close(work->beds);
  care_close(work->care);
  cli_records_close(&work->records);
  arena_free(work->arena);
}

static struct text option(const struct work *work, const char *name)
{
  return cli_text(&work->arguments, name);
}

/* --- Links ------------------------------------------------------------------------------------ */

static int refuse(const char *what)
{
  fprintf(stderr, "fairlead availability: %s\n", what);
  return EXIT_REFUSED;
}

static bool load_facility(struct work *work, struct error *error)
{
  return facility_load(work->records.store, work->arena, option(work, "facility"), &work->facility,
                       error);
}

/* The links of one command: all are kept, or none. */
struct making {
  const struct work *work;
  const struct seal_key *key;
  const struct text *levels;
  struct availability_link_row *links;
  struct text *tokens;
  size_t count;
  int64_t days;
};

static bool keep_links(struct store_transaction *transaction, void *context, struct error *error)
{
  struct making *making = context;
  const struct work *work = making->work;
  for (size_t i = 0; i < making->count; i++) {
    making->links[i] = (struct availability_link_row){.facility_id = work->facility.id,
                                                      .level_of_care = making->levels[i],
                                                      .for_whom = option(work, "for")};
    if (!availability_link_add(transaction, work->beds, work->arena, making->key, &making->links[i],
                               making->days, work->now, TEXT(""), &making->tokens[i], error))
      return false;
  }
  return true;
}

static void print_link(const struct work *work, const struct availability_link_row *link,
                       struct text token)
{
  struct arena *arena = work->arena;
  struct text address = text_format(arena, "%.*s/availability/%.*s",
                                    TEXT_PRINT(option(work, "origin")), TEXT_PRINT(token));
  if (!cli_has(&work->arguments, "json")) {
    printf("%.*s\n", TEXT_PRINT(address));
    return;
  }
  struct value *document = value_object(arena);
  value_set(document, "facility_id", value_text(arena, link->facility_id));
  value_set(document, "name", value_text(arena, work->facility.fields[FIELD_NAME1]));
  value_set(document, "level_of_care", value_text(arena, link->level_of_care));
  value_set(document, "until", value_text(arena, time_format(arena, link->until_at)));
  value_set(document, "link", value_text(arena, address));
  cli_print_json(document);
}

static int make_links(struct work *work)
{
  struct error error = {0};
  struct seal_key *key = NULL;
  struct text *levels;
  int64_t days = LINK_DAYS;
  size_t count = cli_all(&work->arguments, "level", work->arena, &levels);
  if (count == 0) return refuse("--level: say for which level of care.");
  for (size_t i = 0; i < count; i++)
    if (!care_code_is(work->care, CARE_LEVELS, levels[i]))
      return refuse("--level: there is no such level. They stand in levels-of-care.csv.");
  if (cli_has(&work->arguments, "days") &&
      (!text_read_integer(option(work, "days"), &days) || days < 1 || days > LINK_DAYS_MOST))
    return refuse("--days: a number from 1 to 3650.");
  const char *data = cli_config_get(work->config, "data").at;
  struct making making = {.work = work,
                          .levels = levels,
                          .count = count,
                          .days = days,
                          .links = arena_allocate_array(work->arena, count, sizeof *making.links),
                          .tokens =
                              arena_allocate_array(work->arena, count, sizeof *making.tokens)};
  bool is_made = load_facility(work, &error) &&
                 seal_key_load(&key, file_join(work->arena, data, "seal.key"), &error);
  making.key = key;
  is_made = is_made && store_write(work->records.store, keep_links, &making, &error);
  seal_key_free(key);
  if (!is_made) return cli_fail(command.name, &error);
  for (size_t i = 0; i < count; i++) print_link(work, &making.links[i], making.tokens[i]);
  return EXIT_DONE;
}

static bool end_links(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct work *work = context;
  return availability_link_end(transaction, work->facility.id, work->now, error);
}

static int revoke(struct work *work)
{
  struct error error = {0};
  if (!load_facility(work, &error) || !store_write(work->records.store, end_links, work, &error))
    return cli_fail(command.name, &error);
  printf("every link of %.*s that was made until now is taken back\n",
         TEXT_PRINT(work->facility.fields[FIELD_NAME1]));
  return EXIT_DONE;
}

/* --- Files ------------------------------------------------------------------------------------ */

static const char *const columns[] = {"facility_id", "level_of_care", "answer", "as_of"};
enum { FACILITY, LEVEL, ANSWER, AS_OF, COLUMNS };

struct taking {
  const struct work *work;
  struct text source;
  struct availability_link link;
  struct text answer;
  int64_t as_of;
};

static bool put(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct taking *taking = context;
  return availability_put(transaction, taking->work->beds, &taking->link, taking->source,
                          taking->answer, taking->as_of, taking->work->now, error);
}

static bool is_answer(struct text answer)
{
  return text_equal(answer, TEXT("yes")) || text_equal(answer, TEXT("likely")) ||
         text_equal(answer, TEXT("no"));
}

/* Which column is wrong, or COLUMNS; and why. */
static size_t read_row(struct work *work, size_t row, const size_t at[COLUMNS],
                       struct taking *taking, const char **why, struct error *error)
{
  struct text cells[COLUMNS];
  struct facility facility;
  for (size_t i = 0; i < COLUMNS; i++) cells[i] = text_trim(table_cell(&work->table, row, at[i]));
  *why = "no facility of the directory has this id";
  if (!facility_load(work->records.store, work->arena, cells[FACILITY], &facility, error))
    return FACILITY;
  *why = "no level of levels-of-care.csv";
  if (!care_code_is(work->care, CARE_LEVELS, cells[LEVEL])) return LEVEL;
  *why = "say yes, likely or no";
  if (!is_answer(cells[ANSWER])) return ANSWER;
  *why = "write it as 2026-11-21T03:04:05Z";
  if (!time_read(cells[AS_OF], &taking->as_of)) return AS_OF;
  *why = "it is in the future";
  if (taking->as_of > work->now) return AS_OF;
  taking->link =
      (struct availability_link){.facility_id = facility.id, .level_of_care = cells[LEVEL]};
  taking->answer = cells[ANSWER];
  return COLUMNS;
}

static bool take_rows(struct work *work, struct text source, const size_t at[COLUMNS],
                      size_t *refused, struct error *error)
{
  const char *path = work->arguments.operands[1];
  for (size_t row = 0; row < work->table.row_count; row++) {
    struct taking taking = {.work = work, .source = source};
    const char *why;
    size_t wrong = read_row(work, row, at, &taking, &why, error);
    if (error->kind != ERROR_NONE && error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    if (wrong < COLUMNS) {
      fprintf(stderr, "%s:%lld: %s: %s.\n", path, (long long)work->table.lines[row], columns[wrong],
              why);
      ++*refused;
    } else if (!cli_has(&work->arguments, "dry-run") &&
               !store_write(work->records.store, put, &taking, error)) {
      return false;
    }
  }
  return true;
}

static int take(struct work *work)
{
  struct error error = {0};
  struct text document, source = option(work, "source");
  size_t at[COLUMNS], refused = 0;
  const char *path = work->arguments.operands[1];
  if (!text_equal(source, TEXT("imported")) && !text_equal(source, TEXT("claimed")))
    return refuse("--source: imported or claimed. Nobody types what a board counts.");
  bool is_read = file_read(work->arena, path, LIMIT_AVAILABILITY_FILE, &document, &error) &&
                 table_read_csv(work->arena, document, &work->table, &error);
  for (size_t i = 0; is_read && i < COLUMNS; i++)
    is_read = table_column(&work->table, columns[i], &at[i], &error);
  if (!is_read || !take_rows(work, source, at, &refused, &error)) {
    (void)error_add_context(&error, "%s", path);
    return cli_fail(command.name, &error);
  }
  printf("%s: rows %zu, taken %zu, refused %zu%s\n", path, work->table.row_count,
         work->table.row_count - refused, refused,
         cli_has(&work->arguments, "dry-run") ? " (dry run: nothing was changed)" : "");
  return refused ? EXIT_REFUSED : EXIT_DONE;
}

/* --- What stands ------------------------------------------------------------------------------ */

static bool read_all(struct store_transaction *transaction, void *context, struct error *error)
{
  struct work *work = context;
  return availability_read(transaction, work->arena, INT64_MIN, 0, &work->rows, &work->count,
                           error);
}

static int show(struct work *work)
{
  struct error error = {0};
  struct arena *arena = work->arena;
  struct availability_shown *shown;
  struct value *list = value_list(arena);
  size_t count;
  int64_t next_at;
  if (!store_read(work->records.store, read_all, work, &error))
    return cli_fail(command.name, &error);
  availability_show(work->beds, work->rows, work->count, arena, work->now, &shown, &count,
                    &next_at);
  for (size_t i = 0; i < count; i++) {
    const struct availability_shown *one = &shown[i];
    struct text as_of = time_format(arena, one->as_of);
    if (!cli_has(&work->arguments, "json"))
      printf("%.*s  %.*s  %-6.*s  %-10.*s  %-8.*s  %.*s\n", TEXT_PRINT(one->facility_id),
             TEXT_PRINT(one->level_of_care), TEXT_PRINT(one->answer), TEXT_PRINT(one->age),
             TEXT_PRINT(one->source), TEXT_PRINT(as_of));
    struct value *item = value_object(arena);
    value_set(item, "facility_id", value_text(arena, one->facility_id));
    value_set(item, "level_of_care", value_text(arena, one->level_of_care));
    value_set(item, "answer", value_text(arena, one->answer));
    value_set(item, "age", value_text(arena, one->age));
    value_set(item, "source", value_text(arena, one->source));
    value_set(item, "as_of", value_text(arena, as_of));
    value_add(list, item);
  }
  if (cli_has(&work->arguments, "json")) cli_print_json(list);
  return EXIT_DONE;
}

/* --- Which act -------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  int operands;
  int (*run)(struct work *work);
} acts[] = {{"link", 1, make_links}, {"revoke", 1, revoke}, {"take", 2, take}, {"list", 1, show}};

int command_availability(int argc, char **argv)
{
  struct work work = {0};
  struct error error = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  const struct cli_arguments *given = &work.arguments;
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
    if (given->operand_count != acts[i].operands || strcmp(given->operands[0], acts[i].name) != 0)
      continue;
    work.arena = arena_new(LIMIT_FILE_WHOLE);
    status = open_all(&work, &error) ? acts[i].run(&work) : cli_fail(command.name, &error);
    close_all(&work);
    return status;
  }
  return cli_fail_usage(&command, "say what to do: %s", command.operands);
}
