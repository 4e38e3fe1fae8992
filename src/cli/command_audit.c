/*
 * fairlead audit: look after the history from outside the server: recompute its chains, write down
 * their heads.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/config.h"
#include "privacy/privacy.h"

static const struct cli_option options[] = {
    {"anchors", "FILE", "heads that were written down outside (default: the anchor file)", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const struct cli_command command = {
    .name = "audit",
    .operands = "verify|anchor",
    .summary = "Look after the history of who did what.",
    .details = "  fairlead audit verify --anchors /mnt/other-disk/anchors.log\n"
               "      recompute every chain and compare it with the heads that were written down;\n"
               "      exit status 1: something was changed, taken away or put in its place\n"
               "  fairlead audit anchor\n"
               "      write the present heads into the anchor file; the server does so each hour\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

enum { PROBLEMS_SHOWN = 1000 };

struct work {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct store *store;
  struct catalog *catalog;
  const char *anchors; /* the file to compare with, or NULL */
  bool json, shows_progress;
  struct value *problems;
  int64_t told;
};

/* --- What is found ------------------------------------------------------------------------- */

static void show_progress(void *context, int64_t entries)
{
  struct work *work = context;
  if (work->shows_progress) fprintf(stderr, "\r\033[K%lld entries", (long long)entries);
}

static void end_progress(const struct work *work)
{
  if (work->shows_progress) fputs("\r\033[K", stderr);
}

static bool is_of_file(const struct audit_problem *problem)
{
  return text_starts_with(text_from(problem->what), TEXT("audit.anchor_"));
}

static void show_problem(void *context, const struct audit_problem *problem)
{
  struct work *work = context;
  if (work->told++ >= PROBLEMS_SHOWN) return;
  struct text what = catalog_text(work->catalog, 0, problem->what);
  struct text program = problem->program_id.length ? problem->program_id : TEXT("-");
  if (work->json) {
    struct value *item = value_object(work->arena);
    value_set(item, "what", value_text(work->arena, text_slice(text_from(problem->what), 6, 64)));
    value_set(item, "program_id", value_text(work->arena, text_copy(work->arena, program)));
    value_set(item, is_of_file(problem) ? "line" : "seq", value_integer(work->arena, problem->seq));
    value_add(work->problems, item);
    return;
  }
  end_progress(work);
  if (is_of_file(problem))
    fprintf(stderr, "%s:%lld: %.*s\n", work->anchors, (long long)problem->seq, TEXT_PRINT(what));
  else
    fprintf(stderr, "program %.*s, entry %lld: %.*s\n", TEXT_PRINT(program),
            (long long)problem->seq, TEXT_PRINT(what));
}

static void print_document(struct work *work, const struct audit_verified *found)
{
  struct arena *arena = work->arena;
  struct value *document = value_object(arena);
  struct text_buffer out;
  value_set(document, "sound", value_boolean(arena, found->problems == 0));
  value_set(document, "programs", value_integer(arena, found->programs));
  value_set(document, "entries", value_integer(arena, found->entries));
  value_set(document, "waiting", value_integer(arena, found->waiting));
  value_set(document, "anchors",
            work->anchors ? value_integer(arena, found->anchors) : value_null(arena));
  value_set(document, "problem_total", value_integer(arena, found->problems));
  value_set(document, "problems", work->problems);
  text_buffer_init(&out, LIMIT_FILE_WHOLE);
  json_write_pretty(document, &out);
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

static void print_found(struct work *work, const struct audit_verified *found)
{
  if (work->told > PROBLEMS_SHOWN)
    fprintf(stderr, "and %lld problems more\n", (long long)(work->told - PROBLEMS_SHOWN));
  printf("%lld entries in %lld chains: %lld problems\n", (long long)found->entries,
         (long long)found->programs, (long long)found->problems);
  if (found->waiting)
    printf("%lld entries wait for the sealer, which runs with the server\n",
           (long long)found->waiting);
  if (work->anchors)
    printf("compared with %lld anchors in %s\n", (long long)found->anchors, work->anchors);
  else puts("without a file of anchors: an end that was cut off cannot be seen (--anchors FILE)");
}

/* --- The work ------------------------------------------------------------------------------ */

static bool write_entry(struct store_transaction *transaction, void *context, struct error *error)
{
  return audit_append(transaction, context, error);
}

/* Looking at the history is history, too. */
static bool note(struct work *work, const struct audit_verified *found, struct error *error)
{
  struct actor actor = actor_command(TEXT(""));
  struct value *detail = value_object(work->arena);
  int64_t now = time_now();
  size_t sealed;
  value_set(detail, "rows", value_integer(work->arena, found->entries));
  value_set(detail, "problems", value_integer(work->arena, found->problems));
  struct audit_entry entry = {.program_id = TEXT(""),
                              .actor = &actor,
                              .object = TEXT("audit"),
                              .act = TEXT("verify"),
                              .outcome = AUDIT_DONE,
                              .detail = detail,
                              .at = now};
  return store_write(work->store, write_entry, &entry, error) &&
         audit_seal(work->store, now, &sealed, error);
}

static int verify(struct work *work)
{
  struct error error = {0};
  struct audit_verified found;
  const struct audit_watch watch = {show_problem, show_progress, work};
  if (!audit_verify(work->store, work->anchors, &watch, &found, &error)) {
    end_progress(work);
    return cli_fail(command.name, &error);
  }
  end_progress(work);
  if (work->json) print_document(work, &found);
  else print_found(work, &found);
  if (!note(work, &found, &error)) return cli_fail(command.name, &error);
  return found.problems ? EXIT_REFUSED : EXIT_DONE;
}

static int anchor(struct work *work)
{
  struct error error = {0};
  size_t sealed;
  const struct audit_anchors anchors = {.file = cli_config_get(work->config, "anchor-file").at,
                                        .syslog = cli_config_is_on(work->config, "anchor-syslog")};
  if (!audit_seal(work->store, time_now(), &sealed, &error) ||
      !audit_anchor(work->store, &anchors, time_now(), &error))
    return cli_fail(command.name, &error);
  printf("the heads stand in %s\n", anchors.file);
  return EXIT_DONE;
}

/* The file that was named; else that of the configuration, where it is there. */
static void find_anchors(struct work *work)
{
  const char *given = cli_get(&work->arguments, "anchors");
  const char *kept = cli_config_get(work->config, "anchor-file").at;
  work->anchors = given ? given : file_exists(kept) ? kept : NULL;
}

static bool open_all(struct work *work, struct error *error)
{
  char *share;
  if (!cli_config_read(&work->config, &work->arguments, work->arena, error) ||
      !file_share_folder(work->arena, &share, error))
    return false;
  find_anchors(work);
  return catalog_load(&work->catalog, file_join(work->arena, share, "locale"), error) &&
         file_make_folder(cli_config_get(work->config, "data").at, error) &&
         store_open(&work->store, cli_config_get(work->config, "db").at, error) &&
         store_migrate(work->store, file_join(work->arena, share, "migrations"), error);
}

int command_audit(int argc, char **argv)
{
  struct work work = {0};
  struct error error = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  const char *what = work.arguments.operand_count == 1 ? work.arguments.operands[0] : "";
  bool is_verify = strcmp(what, "verify") == 0;
  if (!is_verify && strcmp(what, "anchor") != 0)
    return cli_fail_usage(&command, "say what to do: verify or anchor");
  work.arena = arena_new(LIMIT_ARENA_REQUEST);
  work.json = cli_has(&work.arguments, "json");
  work.shows_progress = isatty(STDERR_FILENO);
  work.problems = value_list(work.arena);
  if (!open_all(&work, &error)) status = cli_fail(command.name, &error);
  else status = is_verify ? verify(&work) : anchor(&work);
  store_close(work.store);
  catalog_free(work.catalog);
  arena_free(work.arena);
  return status;
}
