/*
 * fairlead serve: opens what a server needs, serves until SIGTERM or SIGINT, ends in order.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "admission/admission.h"
#include "care/care.h"
#include "cli/keeper.h"
#include "cli/records.h"
#include "coverage/coverage.h"
#include "web/web.h"

static const struct cli_option options[] = {CLI_OPTION_END};

static const struct cli_command command = {
    .name = "serve",
    .operands = "",
    .summary = "Serve the pages and the API.",
    .details =
        "Examples:\n"
        "  fairlead serve\n"
        "  fairlead serve --data /var/lib/fairlead --listen 127.0.0.1:8080 --threads 2\n"
        "\n"
        "Speaks plain HTTP. Put nginx or Caddy in front for TLS (packaging/). A newer\n"
        "directory is taken up while serving. SIGTERM ends it: what runs is finished first.\n",
    .options = options,
    .takes = CLI_TAKES_ALL,
};

/* What is opened for serving, in this order; closed the other way. */
struct opened {
  struct arena *arena;
  struct cli_config *config;
  struct cli_records records;
  struct directory *directory;
  struct web_application *application;
  struct care *care;
  struct beds *beds;
  struct requests *requests;
  struct intakes *intakes;
  struct due_registry *registry;
  struct keeper *keeper;
  struct web_follower *follower;
  struct web_server *server;
};

static void close_all(struct opened *opened)
{
  web_server_stop(opened->server);
  web_follower_stop(opened->follower);
  keeper_stop(opened->keeper);
  due_registry_free(opened->registry);
  beds_close(opened->beds);
  requests_close(opened->requests);
  intakes_close(opened->intakes);
  care_close(opened->care);
  web_application_close(opened->application);
  if (opened->directory) directory_close(opened->directory);
  cli_records_close(&opened->records);
  arena_free(opened->arena);
}

/* Each connection is an open file: ask for as many as the system gives. */
static void raise_file_limit(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void say_when_empty(struct directory *directory)
{
  const struct snapshot *snapshot = directory_acquire(directory);
  if (snapshot) directory_release(directory, snapshot);
  else
    log_event(LOG_WARNING, "directory.empty",
              LOG_S("mend", "load one with: fairlead import FILE (see --list-sources)"));
}

/* Each second: take up a newer directory. Each hour: forget links that have expired anyway. */
static void keep_house(struct web_application *application)
{
  enum { HOUR = 60 * 60 };
  static unsigned seconds; /* the ticker's thread alone */
  struct error error = {0};
  bool swapped = false;
  if (!directory_refresh(application->directory, &swapped, &error))
    log_error("directory.refresh", &error);
  error_clear(&error);
  if (seconds++ % HOUR == 0 && !web_forget_expired(application, &error))
    log_error("web.forget", &error);
}

/* Turn on the instruments that the operator may use. */
static bool allow_licensed(struct opened *opened, struct error *error)
{
  struct text *names;
  size_t count = cli_config_list(opened->config, "licensed", opened->arena, &names);
  for (size_t i = 0; i < count; i++)
    if (!web_pages_allow(opened->application->pages, names[i], error)) return false;
  return true;
}

static void set_log_level(struct text name)
{
  static const char *const levels[] = {
      [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
    if (text_equal(name, text_from(levels[i]))) log_set_level((enum log_level)i);
}

/* How messages leave; a channel without an address waits. */
static bool read_outbox(struct opened *opened, struct outbox_options *out, struct error *error)
{
  const struct cli_config *config = opened->config;
  *out = (struct outbox_options){.smtp_url = cli_config_get(config, "smtp-url"),
                                 .smtp_user = cli_config_get(config, "smtp-user"),
                                 .mail_from = cli_config_get(config, "mail-from"),
                                 .text_url = cli_config_get(config, "sms-url")};
  return cli_config_secret(config, "smtp-password-file", opened->arena, &out->smtp_password,
                           error) &&
         cli_config_secret(config, "sms-token-file", opened->arena, &out->text_token, error);
}

/* What the server does by itself. */
static bool start_keeper(struct opened *opened, struct error *error)
{
  const struct cli_config *config = opened->config;
  opened->registry = due_registry_new();
  privacy_register_due(opened->records.privacy, opened->registry);
  care_register_due(opened->care, opened->registry);
  beds_register_due(opened->beds, opened->registry);
  requests_register_due(opened->requests, opened->registry);
  web_application_take_intakes(opened->application, opened->intakes);
  intakes_register_due(opened->intakes, opened->registry);
  waitlist_pass_register(opened->requests, opened->beds);
  coverage_register_due(opened->registry);
  struct keeper_options options_of_keeper = {
      .store = opened->records.store,
      .privacy = opened->records.privacy,
      .registry = opened->registry,
      .anchors = {.file = cli_config_get(config, "anchor-file").at,
                  .syslog = cli_config_is_on(config, "anchor-syslog")},
  };
  if (!read_outbox(opened, &options_of_keeper.outbox, error)) return false;
  opened->application->gateway_token = options_of_keeper.outbox.text_token;
  return keeper_start(&opened->keeper, &options_of_keeper, error);
}

/* While nobody can sign in: the code that makes the first administrator, once, for whoever started
 * the server. It stands in no log. */
static bool print_first_code(const struct opened *opened, struct error *error)
{
  struct text code;
  if (!account_first_code(opened->records.privacy, opened->arena, time_now(), &code, error))
    return false;
  if (code.length)
    printf("Nobody can sign in yet. Make the first administrator at /desk/first with the code "
           "%.*s\n",
           TEXT_PRINT(code));
  (void)fflush(stdout);
  return true;
}

static bool open_all(struct opened *opened, const struct cli_arguments *arguments,
                     struct error *error)
{
  char *share;
  if (!cli_config_read(&opened->config, arguments, opened->arena, error) ||
      !cli_config_check_secrets(opened->config, error))
    return false;
  const struct cli_config *config = opened->config;
  int64_t marked = 0;
  const char *data = cli_config_get(config, "data").at;
  set_log_level(cli_config_get(config, "log-level"));
  if (!file_share_folder(opened->arena, &share, error) || !file_make_folder(data, error) ||
      !cli_records_open(&opened->records, config, error) ||
      !care_open(&opened->care, share, opened->records.privacy, error) ||
      !beds_open(&opened->beds, share, opened->care, error) ||
      !requests_open(&opened->requests, share, opened->care, error) ||
      !intakes_open(&opened->intakes, share, opened->care, error) ||
      !care_erase_again(opened->care, opened->records.store, time_now(), &marked, error) ||
      !directory_open(&opened->directory, data, share, opened->records.store, error) ||
      !web_application_open(&opened->application, share, data, opened->records.store,
                            opened->directory, error) ||
      !allow_licensed(opened, error) || !start_keeper(opened, error))
    return false;
  opened->application->privacy = opened->records.privacy;
  opened->application->records = opened->care;
  opened->application->beds = opened->beds;
  opened->application->requests = opened->requests;
  web_application_require_signatures(opened->application,
                                     cli_config_is_on(config, "require-signatures"));
  say_when_empty(opened->directory);
  if (!web_follower_start(&opened->follower, opened->records.store, opened->beds, opened->directory,
                          error))
    return false;
  struct web_server_options options_of_server = {
      .listen = cli_config_get(config, "listen"),
      .threads = (unsigned)cli_config_number(config, "threads"),
      .routes = web_all_routes,
      .each_second = keep_house,
  };
  return web_server_start(&opened->server, opened->application, &options_of_server, error) &&
         print_first_code(opened, error);
}

int command_serve(int argc, char **argv)
{
  struct cli_arguments arguments;
  int status;
  if (!cli_read(&arguments, &command, argc, argv, &status)) return status;
  if (arguments.operand_count)
    return cli_fail_usage(&command, "unexpected \"%s\"", arguments.operands[0]);
  /* Blocked before any thread starts, so that only sigwait() below sees them. */
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, NULL);
  signal(SIGPIPE, SIG_IGN);
  raise_file_limit();

  struct opened opened = {.arena = arena_new(LIMIT_ARENA_REQUEST)};
  struct error error = {0};
  int received, exit_status = EXIT_DONE;
  if (open_all(&opened, &arguments, &error)) sigwait(&ends, &received);
  else exit_status = cli_fail(command.name, &error);
  close_all(&opened);
  return exit_status;
}
