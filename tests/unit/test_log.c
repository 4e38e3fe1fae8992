/*
 * The log: what arrives on standard error.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

static char said[2 * LIMIT_LOG_LINE];

/* Standard error goes into a file between these two. */
static int kept_error, caught;

static void catch_error(void)
{
  char path[] = "/tmp/fairlead-log-XXXXXX";
  caught = mkstemp(path);
  assert_true(caught >= 0);
  unlink(path);
  kept_error = dup(STDERR_FILENO);
  dup2(caught, STDERR_FILENO);
}

/* What was written since, behind its time. */
static const char *what_was_said(void)
{
  dup2(kept_error, STDERR_FILENO);
  close(kept_error);
  ssize_t length = pread(caught, said, sizeof said - 1, 0);
  assert_true(length >= 0);
  said[length] = 0;
  close(caught);
  if (length == 0) return said;
  assert_memory_equal(said, "time=20", 7);
  return strstr(said, "Z level") + 2;
}

static void log_writes_logfmt(void **state)
{
  (void)state;
  catch_error();
  log_event(LOG_INFO, "server.started", LOG_S("at", "127.0.0.1:80"), LOG_N("port", -80),
            LOG_T("none", TEXT("")), LOG_S("words", "two words"));
  assert_string_equal(what_was_said(), "level=info event=server.started at=127.0.0.1:80 port=-80 "
                                       "none=\"\" words=\"two words\"\n");
}

static void log_can_be_without_fields(void **state)
{
  (void)state;
  catch_error();
  log_event(LOG_WARNING, "nothing.more");
  assert_string_equal(what_was_said(), "level=warning event=nothing.more\n");
}

static void log_quotes_what_could_deceive(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"a=b", "\"a=b\""},
      {"say \"x\"", "\"say \\\"x\\\"\""},
      {"back\\slash", "\"back\\\\slash\""},
      {"line\nlevel=error", "\"line?level=error\""},
      {"\x1B[2J\x7F", "\"?[2J?\""},
      {"\xC2\x9B"
       "2J",
       "\"??2J\""},
      {"\xC2\xA0\xC3\xA9", "\xC2\xA0\xC3\xA9"},
      {"bad\xFF\xC3", "\"bad??\""},
      {"\xC2", "\"?\""},
      {"\xC2x", "\"?x\""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    catch_error();
    log_event(LOG_ERROR, "e", LOG_S("k", cases[i][0]));
    const char *line = what_was_said();
    assert_memory_equal(line, "level=error event=e k=", 22);
    assert_memory_equal(line + 22, cases[i][1], strlen(cases[i][1]));
    assert_string_equal(line + 22 + strlen(cases[i][1]), "\n");
  }
  catch_error();
  log_event(LOG_ERROR, "e", LOG_T("k", TEXT("a\0b")));
  assert_string_equal(what_was_said(), "level=error event=e k=\"a?b\"\n");
}

static void log_drops_what_is_too_long(void **state)
{
  (void)state;
  char long_text[LIMIT_LOG_LINE + 1];
  memset(long_text, 'x', LIMIT_LOG_LINE);
  long_text[LIMIT_LOG_LINE] = 0;
  catch_error();
  log_event(LOG_ERROR, "e", LOG_S("a", "b"), LOG_S("k", long_text), LOG_S("c", "d"));
  assert_string_equal(what_was_said(), "level=error event=e a=b cut=true\n");
  for (size_t cut = 40; cut < 140; cut++) { /* around the limit, quoted and not */
    long_text[0] = cut % 2 ? ' ' : 'x';
    catch_error();
    log_event(LOG_ERROR, "e",
              LOG_T("k", text_slice(text_from(long_text), 0, LIMIT_LOG_LINE - cut)));
    const char *line = what_was_said();
    assert_true(strlen(said) <= LIMIT_LOG_LINE);
    assert_int_equal(line[strlen(line) - 1], '\n');
    bool is_whole = strlen(line) > 100;
    if (!is_whole) assert_string_equal(line, "level=error event=e cut=true\n");
    else assert_int_equal(line[strlen(line) - 2], cut % 2 ? '"' : 'x');
    assert_int_equal(is_whole, cut >= 65 + cut % 2 * 2);
  }
}

static void log_keeps_to_its_level(void **state)
{
  (void)state;
  catch_error();
  log_event(LOG_DEBUG, "unseen");
  assert_string_equal(what_was_said(), "");
  log_set_level(LOG_DEBUG);
  catch_error();
  log_event(LOG_DEBUG, "seen");
  assert_string_equal(what_was_said(), "level=debug event=seen\n");
  log_set_level(LOG_INFO);
}

static void log_tells_errors(void **state)
{
  (void)state;
  struct error error = {0};
  error_set(&error, ERROR_SYSTEM, "error.file", "Mend it.", "open x: none");
  catch_error();
  log_error("import.failed", &error);
  assert_string_equal(what_was_said(),
                      "level=error event=import.failed why=\"open x: none\" mend=\"Mend it.\"\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(log_writes_logfmt),
      cmocka_unit_test(log_can_be_without_fields),
      cmocka_unit_test(log_quotes_what_could_deceive),
      cmocka_unit_test(log_drops_what_is_too_long),
      cmocka_unit_test(log_keeps_to_its_level),
      cmocka_unit_test(log_tells_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
