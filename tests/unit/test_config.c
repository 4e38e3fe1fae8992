/*
 * Configuration: precedence, the file's form, what is refused, what is never shown. Each expected
 * value is what docs/operations.md, "Settings", promises.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/config.h"

static struct arena *arena;
static const char *folder;

static const struct cli_option no_options[] = {CLI_OPTION_END};
static const struct cli_command command = {
    .name = "try", .operands = "", .summary = "", .options = no_options, .takes = CLI_TAKES_ALL};

static int config_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  folder = mkdtemp(text_c(arena, TEXT("/tmp/fairlead-config-XXXXXX")));
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++) unsetenv(at->environment);
  return folder ? 0 : -1;
}

static int config_tear_down(void **state)
{
  (void)state;
  const char *remove = text_format(arena, "rm -rf '%s'", folder).at;
  int status = system(remove);
  arena_free(arena);
  return status;
}

static const char *write_file(const char *name, const char *content, mode_t mode)
{
  struct error error = {0};
  const char *path = file_join(arena, folder, name);
  if (!file_replace(path, text_from(content), &error)) fail_msg("%s", error.log);
  assert_int_equal(chmod(path, mode), 0);
  return path;
}

/* Read with up to three words behind the command's name. */
static bool read_with(const char *const words[3], struct cli_config **out, struct error *error)
{
  static struct cli_arguments arguments;
  char *argv[5] = {text_c(arena, TEXT("try"))};
  int argc = 1, status;
  for (int i = 0; i < 3 && words[i]; i++) argv[argc++] = text_c(arena, text_from(words[i]));
  assert_true(cli_read(&arguments, &command, argc, argv, &status));
  return cli_config_read(out, &arguments, arena, error);
}
#define WITH(...) ((const char *const[3]){__VA_ARGS__})

static struct cli_config *expect_read(const char *const words[3])
{
  struct cli_config *config = NULL;
  struct error error = {0};
  if (!read_with(words, &config, &error)) fail_msg("%s", error.log);
  return config;
}

static void expect_refused(const char *const words[3], enum error_kind kind, const char *said)
{
  struct cli_config *config = NULL;
  struct error error = {0};
  assert_false(read_with(words, &config, &error));
  assert_null(config);
  assert_int_equal(error.kind, kind);
  if (!strstr(error.log, said)) fail_msg("\"%s\" is not in \"%s\"", said, error.log);
  assert_true(error.hint[0]);
}

static void expect_setting(const struct cli_config *config, const char *key, const char *expected)
{
  assert_string_equal(cli_config_get(config, key).at, expected);
  assert_int_equal(cli_config_get(config, key).length, strlen(expected));
}

/* --- Precedence ---------------------------------------------------------------------------- */

static void defaults_lie_in_the_data_folder(void **state)
{
  (void)state;
  struct cli_config *config = expect_read(WITH(NULL));
  expect_setting(config, "data", "./var");
  expect_setting(config, "db", "./var/fairlead.db");
  expect_setting(config, "listen", "127.0.0.1:8080");
  expect_setting(config, "smtp-url", "");
  assert_int_equal(cli_config_number(config, "threads"), 0);
  assert_false(cli_config_is_on(config, "anchor-syslog"));
  config = expect_read(WITH("--data", "/srv/f"));
  expect_setting(config, "db", "/srv/f/fairlead.db");
  expect_setting(config, "keys", "/srv/f/keys.db");
  expect_setting(config, "vault-key", "/srv/f/vault.key");
  expect_setting(config, "anchor-file", "/srv/f/audit-anchors.log");
  assert_int_equal(cli_config_source(config, "db"), CLI_FROM_DEFAULT);
}

static void flag_beats_environment_beats_file(void **state)
{
  (void)state;
  const char *path =
      write_file("order", "# three\n\n data = /file \nthreads=3\nzone = UTC\n", 0644);
  const char *option = text_format(arena, "--config=%s", path).at;
  struct cli_config *config = expect_read(WITH(option));
  expect_setting(config, "data", "/file");
  assert_int_equal(cli_config_number(config, "threads"), 3);
  assert_string_equal(cli_config_place(config, "threads").at, text_format(arena, "%s:4", path).at);
  setenv("FAIRLEAD_DATA", "/environment", 1);
  setenv("FAIRLEAD_CONFIG", path, 1);
  config = expect_read(WITH(NULL));
  expect_setting(config, "data", "/environment");
  expect_setting(config, "config", path);
  assert_int_equal(cli_config_number(config, "threads"), 3);
  assert_int_equal(cli_config_source(config, "data"), CLI_FROM_ENVIRONMENT);
  config = expect_read(WITH("--data=/flag"));
  expect_setting(config, "data", "/flag");
  expect_setting(config, "db", "/flag/fairlead.db");
  assert_string_equal(cli_config_place(config, "data").at, "--data");
  setenv("FAIRLEAD_DATA", " ", 1); /* nothing */
  expect_setting(expect_read(WITH(NULL)), "data", "/file");
}

static void lists_and_switches(void **state)
{
  (void)state;
  struct text *names;
  struct cli_config *config =
      expect_read(WITH("--licensed=audit-c", "--licensed=dast-10", "--require-signatures"));
  assert_int_equal(cli_config_list(config, "licensed", arena, &names), 2);
  assert_true(text_equal(names[1], TEXT("dast-10")));
  assert_true(cli_config_is_on(config, "require-signatures"));
  setenv("FAIRLEAD_LICENSED", "a, ,b ,", 1);
  setenv("FAIRLEAD_REQUIRE_SIGNATURES", "1", 1);
  config = expect_read(WITH(NULL));
  assert_int_equal(cli_config_list(config, "licensed", arena, &names), 2);
  assert_true(text_equal(names[1], TEXT("b")));
  assert_true(cli_config_is_on(config, "require-signatures"));
  assert_int_equal(cli_config_list(config, "smtp-user", arena, &names), 0);
}

/* --- Refusals ------------------------------------------------------------------------------ */

static void bad_values_are_refused_with_their_place(void **state)
{
  (void)state;
  static const struct {
    const char *flag, *said;
  } bad[] = {
      {"--threads=0", "--threads: the value of threads is not a number from 1 to 64"},
      {"--threads=65", "from 1 to 64"},
      {"--threads=two", "from 1 to 64"},
      {"--log-level=loud", "debug, info, warning or error"},
      {"--zone=Nowhere/Land", "time zone"},
      {"--zone=../../../etc/passwd", "time zone"},
      {"--zone=/etc/passwd", "time zone"},
      {"--mail-from=nobody", "mail address"},
      {"--mail-from=a@b c", "mail address"},
      {"--mail-from=a@b@c", "mail address"},
      {"--data=a\nb", "plain text on one line"},
      {"--data=\xff", "plain text on one line"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    expect_refused(WITH(bad[i].flag), ERROR_USAGE, bad[i].said);
  setenv("FAIRLEAD_ANCHOR_SYSLOG", "yes", 1);
  expect_refused(WITH(NULL), ERROR_REFUSED, "FAIRLEAD_ANCHOR_SYSLOG: the value of anchor-syslog");
  unsetenv("FAIRLEAD_ANCHOR_SYSLOG");
  expect_refused(WITH("--config=/nowhere/f"), ERROR_NOT_FOUND, "/nowhere/f");
}

static void bad_lines_are_refused_with_their_number(void **state)
{
  (void)state;
  static const struct {
    const char *content, *said;
  } bad[] = {
      {"data = a\ndata = b\n", "f:2: a second line for data"},
      {"\n#\nsmtp-pasword-file = x\n", "f:3: there is no key smtp-pasword-file"},
      {"data\n", "f:1: no = in this line"},
      {"data =\n", "f:1: no value for data"},
      {"= x\n", "f:1: there is no key "},
      {"config = x\n", "f:1: a file cannot set config"},
      {"threads = many", "f:1: the value of threads"},
      {"data = a\x01 b\n", "f:1: a character that is no text"},
      {"Data = a\n", "f:1: there is no key Data"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct cli_config *config = NULL;
    struct error error = {0};
    assert_false(cli_config_read_text(&config, text_from(bad[i].content), "f", arena, &error));
    assert_null(config);
    assert_int_equal(error.kind, ERROR_REFUSED);
    if (!strstr(error.log, bad[i].said)) fail_msg("%s: %s", bad[i].said, error.log);
  }
}

/* --- Secrets ------------------------------------------------------------------------------- */

static void passwords_are_not_shown(void **state)
{
  (void)state;
  static const struct {
    const char *given, *shown;
  } addresses[] = {
      {"--db=postgresql://ann:s3cret@db.example/f", "postgresql://ann:***@db.example/f"},
      {"--db=postgresql://ann:s3:c@ret@a,b:5432/f?x=1", "postgresql://ann:***@a,b:5432/f?x=1"},
      {"--db=postgresql://db/f?user=ann&password=s3cret&x=1",
       "postgresql://db/f?user=ann&password=***&x=1"},
      {"--db=postgresql://db/f?password=s3cret", "postgresql://db/f?password=***"},
      {"--db=postgresql://ann@db/f", "postgresql://ann@db/f"},
      {"--db=/srv/a:b@c.db", "/srv/a:b@c.db"},
  };
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    struct cli_config *config = expect_read(WITH(addresses[i].given));
    assert_string_equal(cli_config_shown(config, "db", arena).at, addresses[i].shown);
    expect_setting(config, "db", addresses[i].given + strlen("--db="));
  }
}

static void file_with_a_password_is_its_owners_alone(void **state)
{
  (void)state;
  const char *content = "db = postgresql://ann:s3cret@db/f\n";
  const char *open = write_file("open", content, 0640), *closed = write_file("shut", content, 0600);
  expect_refused(WITH("--config", open), ERROR_REFUSED, "open:1: a password");
  expect_setting(expect_read(WITH("--config", closed)), "db", "postgresql://ann:s3cret@db/f");
}

static void secrets_are_read_from_closed_files(void **state)
{
  (void)state;
  struct error error = {0};
  struct text secret = TEXT("untouched");
  const char *closed = write_file("token", " s3cret\n", 0600);
  struct cli_config *config = expect_read(WITH("--sms-token-file", closed));
  assert_true(cli_config_check_secrets(config, &error));
  assert_true(cli_config_secret(config, "sms-token-file", arena, &secret, &error));
  assert_true(text_equal(secret, TEXT("s3cret")));
  assert_true(cli_config_secret(config, "smtp-password-file", arena, &secret, &error));
  assert_true(text_is_empty(secret));
  assert_int_equal(chmod(closed, 0604), 0);
  secret = TEXT("untouched");
  assert_false(cli_config_secret(config, "sms-token-file", arena, &secret, &error));
  assert_true(text_equal(secret, TEXT("untouched")));
  assert_string_equal(error.person, "error.file.secret");
  assert_false(cli_config_check_secrets(config, &error));
  assert_non_null(strstr(error.log, "sms-token-file"));
  config = expect_read(WITH("--sms-token-file", folder));
  assert_false(cli_config_check_secrets(config, &error));
  config = expect_read(WITH("--sms-token-file=/nowhere/token"));
  assert_false(cli_config_check_secrets(config, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
#define EACH(test) cmocka_unit_test_setup_teardown(test, config_set_up, config_tear_down)
      EACH(defaults_lie_in_the_data_folder),
      EACH(flag_beats_environment_beats_file),
      EACH(lists_and_switches),
      EACH(bad_values_are_refused_with_their_place),
      EACH(bad_lines_are_refused_with_their_number),
      EACH(passwords_are_not_shown),
      EACH(file_with_a_password_is_its_owners_alone),
      EACH(secrets_are_read_from_closed_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
