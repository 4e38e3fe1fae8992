/*
 * CSV and pipe tables. Expected rows follow RFC 4180 and the table section of the GitHub Flavored
 * Markdown specification; lines were counted by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static struct arena *arena;

static int table_set_up(void **state)
{
  (void)state;
  arena = arena_new(LIMIT_FILE_WHOLE);
  return 0;
}

static int table_tear_down(void **state)
{
  (void)state;
  arena_free(arena);
  return 0;
}

/* What the reader called back, as text: "1.0:a|b;2.1:c|" is line.index:fields; '!' marks a field
 * that the row does not really have. */
struct told {
  struct text_buffer rows;
  int refuse_at; /* row to refuse; -1: none */
};

static bool tell(void *context, const struct table_row *row, struct error *error)
{
  struct told *told = context;
  if (row->index == told->refuse_at)
    return error_set(error, ERROR_CONFLICT, "error.csv", "", "refused by the test");
  text_buffer_add_format(&told->rows, "%d.%d:", (int)row->line, (int)row->index);
  for (size_t i = 0; i < row->count; i++) {
    if (i) text_buffer_add_character(&told->rows, '|');
    if (i >= row->given_count) text_buffer_add_character(&told->rows, '!');
    text_buffer_add(&told->rows, row->fields[i]);
  }
  text_buffer_add_character(&told->rows, ';');
  return true;
}

/* Feed in steps of `step` bytes, each from a heap block of its own. */
static bool read_in_steps(struct told *told, struct text document, size_t step, struct error *error)
{
  struct table_csv_handler handler = {tell, tell, told};
  struct table_csv *csv = table_csv_new(&handler);
  bool good = true;
  for (size_t at = 0; good && at < document.length; at += step) {
    struct text piece = text_slice(document, at, at + step);
    char *exact = memory_allocate(piece.length);
    memcpy(exact, piece.at, piece.length);
    good = table_csv_feed(csv, (struct text){exact, piece.length}, error);
    free(exact);
  }
  good = good && table_csv_finish(csv, error);
  table_csv_free(csv);
  return good;
}

static void expect_rows(struct text document, const char *expected)
{
  static const size_t steps[] = {1, 2, 3, 7, 1000000};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    struct told told = {.refuse_at = -1};
    struct error error = {0};
    text_buffer_init(&told.rows, LIMIT_FILE_WHOLE);
    if (!read_in_steps(&told, document, steps[i], &error)) fail_msg("%s", error.log);
    assert_string_equal(text_c(arena, text_buffer_get(&told.rows)), expected);
    text_buffer_fini(&told.rows);
  }
}

static void expect_refused_csv(struct text document, const char *log)
{
  static const size_t steps[] = {1, 5, 1000000};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    struct told told = {.refuse_at = -1};
    struct error error = {0};
    text_buffer_init(&told.rows, LIMIT_FILE_WHOLE);
    assert_false(read_in_steps(&told, document, steps[i], &error));
    assert_int_equal(error.kind, ERROR_REFUSED);
    if (!strstr(error.log, log)) fail_msg("\"%s\" lacks \"%s\"", error.log, log);
    text_buffer_fini(&told.rows);
  }
}

static void table_reads_csv(void **state)
{
  (void)state;
  expect_rows(TEXT(""), "");
  expect_rows(TEXT("\n\r\n\n"), "");
  expect_rows(TEXT("a,b"), "1.0:a|b;");
  expect_rows(TEXT("a,b\n1,2\n3,4\n"), "1.0:a|b;2.1:1|2;3.2:3|4;");
  expect_rows(TEXT("a,b\r\n1,2\r\n\r\n3,4"), "1.0:a|b;2.1:1|2;4.2:3|4;");
  expect_rows(TEXT("a,b\r1,2\r\r3,4"), "1.0:a|b;2.1:1|2;4.2:3|4;");
  expect_rows(TEXT("\n\na,b\n1,2"), "3.0:a|b;4.1:1|2;");
  expect_rows(TEXT("\"a\n\r\nb\",c\n1,2\n"), "1.0:a\n\r\nb|c;4.1:1|2;");
  expect_rows(TEXT("a\n\"say \"\"hi\"\"\"\n\"\"\n"), "1.0:a;2.1:say \"hi\";3.2:;");
  expect_rows(TEXT("a,b\n x , y\t\n\" q \",\n"), "1.0:a|b;2.1: x | y\t;3.2: q |;");
  expect_rows(TEXT("a,b,c\n1\n1,2,3,4\n"), "1.0:a|b|c;2.1:1|!|!;3.2:1|2|3|4;");
  expect_rows(TEXT("a\n \n"), "1.0:a;2.1: ;");
}

static void table_skips_a_byte_order_mark(void **state)
{
  (void)state;
  expect_rows(TEXT("\xEF\xBB\xBF"
                   "a,b\n1,2"),
              "1.0:a|b;2.1:1|2;");
  expect_rows(TEXT("\xEF\xBB\xBF"), "");
  /* What only begins like one is text. */
  expect_rows(TEXT("\xEF\xBB"), "1.0:\xEF\xBB;");
  expect_rows(TEXT("\xEF\xBB"
                   "a,b"),
              "1.0:\xEF\xBB"
              "a|b;");
}

static void table_refuses_csv(void **state)
{
  (void)state;
  expect_refused_csv(TEXT("a,b\n1,x\"y\n"), "line 2: ");
  expect_refused_csv(TEXT("a,b\n\"1\"x,2\n"), "line 2: ");
  expect_refused_csv(TEXT("a,b\n1,\"2\n3\n"), "line 2: a quote is not closed");
  expect_refused_csv(TEXT("a,b\n1,2\n\n3,\0"), "line 4: a NUL byte");
  expect_refused_csv(TEXT("\xEF\xBB\""), "line 1: ");
  expect_refused_csv(TEXT("\""), "line 1: a quote is not closed");
}

static struct text repeated(const char *part, size_t count, const char *tail)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_FILE_WHOLE);
  for (size_t i = 0; i < count; i++) text_buffer_add(&buffer, text_from(part));
  text_buffer_add(&buffer, text_from(tail));
  struct text copy = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return copy;
}

static bool read_whole(struct text document, struct error *error)
{
  struct told told = {.refuse_at = -1};
  text_buffer_init(&told.rows, LIMIT_FILE_WHOLE);
  bool good = read_in_steps(&told, document, 100000, error);
  text_buffer_fini(&told.rows);
  return good;
}

static void table_csv_limits(void **state)
{
  (void)state;
  struct error error = {0};
  assert_true(read_whole(repeated("x", LIMIT_CSV_FIELD, "\n"), &error));
  assert_false(read_whole(repeated("x", LIMIT_CSV_FIELD + 1, "\n"), &error));
  assert_non_null(strstr(error.log, "a field is too long"));
  /* A field without end is refused while it arrives. */
  assert_false(read_whole(repeated("x", LIMIT_CSV_FIELD * 4, ""), &error));
  assert_non_null(strstr(error.log, "a field is too long"));
  assert_true(read_whole(repeated(",", LIMIT_CSV_COLUMNS - 1, "\n"), &error));
  assert_false(read_whole(repeated(",", LIMIT_CSV_COLUMNS, "\n"), &error));
  assert_non_null(strstr(error.log, "too many columns"));
  const char *field = repeated("x", 10000, ",").at;
  assert_true(read_whole(repeated(field, LIMIT_CSV_ROW / 10000, "\n"), &error));
  assert_false(read_whole(repeated(field, LIMIT_CSV_ROW / 10000 + 1, "\n"), &error));
  assert_non_null(strstr(error.log, "the row is too long"));
}

static void table_stops_when_a_callback_refuses(void **state)
{
  (void)state;
  struct text document = TEXT("a\n1\n2");
  for (int refuse_at = 0; refuse_at <= 2; refuse_at++) {
    struct told told = {.refuse_at = refuse_at};
    struct error error = {0};
    text_buffer_init(&told.rows, LIMIT_FILE_WHOLE);
    assert_false(read_in_steps(&told, document, 100, &error));
    assert_int_equal(error.kind, ERROR_CONFLICT);
    assert_int_equal(text_buffer_get(&told.rows).length, 6 * (size_t)refuse_at);
    text_buffer_fini(&told.rows);
  }
  table_csv_free(NULL);
}

static void table_reads_a_whole_csv(void **state)
{
  (void)state;
  struct table table = {0};
  struct error error = {0};
  size_t column = 0;
  assert_true(table_read_csv(arena, TEXT("id,label\nx,\"L, x\"\n\ny\n"), &table, &error));
  assert_int_equal(table.column_count, 2);
  assert_int_equal(table.row_count, 2);
  assert_true(table_column(&table, "label", &column, &error));
  assert_int_equal(column, 1);
  assert_true(text_equal(table_cell(&table, 0, 1), TEXT("L, x")));
  assert_true(text_equal(table_cell(&table, 1, 1), TEXT("")));
  assert_int_equal(table.lines[1], 4);
  assert_false(table_column(&table, "lab", &column, &error));
  assert_non_null(strstr(error.log, "\"lab\""));
  struct text many = repeated("a,b\n", 1000, "");
  assert_true(table_read_csv(arena, many, &table, &error));
  assert_int_equal(table.row_count, 999);
  assert_true(text_equal(table_cell(&table, 998, 1), TEXT("b")));
}

static void table_refuses_a_whole_csv(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"", "empty"},
      {"a,,b\n", "line 1: column 2 has no name"},
      {"\na,b,a\n", "line 2: column \"a\" is there twice"},
      {"a,b\n1,2\n1,2,3\n", "line 3: 3 fields, but 2 columns"},
      {"a\n\"", "line 2: a quote is not closed"},
      {"a\n\x80\n", "not UTF-8"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct table untouched = {.row_count = 77};
    struct error error = {0};
    assert_false(table_read_csv(arena, text_from(cases[i][0]), &untouched, &error));
    assert_int_equal(error.kind, ERROR_REFUSED);
    if (!strstr(error.log, cases[i][1])) fail_msg("%s", error.log);
    assert_int_equal(untouched.row_count, 77);
  }
}

static void table_writes_csv_fields(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"", "\"\""},           {"\xEF\xBB\xBFx", "\"\xEF\xBB\xBFx\""},
      {"plain", "plain"},     {"a,b", "\"a,b\""},
      {"a\"b", "\"a\"\"b\""}, {"a\nb", "\"a\nb\""},
      {"a\rb", "\"a\rb\""},   {" a ", " a "},
      {"=1+1", "'=1+1"},      {"+1 555", "'+1 555"},
      {"-77.43", "-77.43"},   {"-", "'-"},
      {"@x,y", "\"'@x,y\""},  {"\tx", "'\tx"},
      {"a=b", "a=b"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text_buffer buffer;
    text_buffer_init(&buffer, 100);
    table_csv_write_field(text_from(cases[i][0]), true, &buffer);
    table_csv_write_field(TEXT("z"), false, &buffer);
    struct text expected = text_format(arena, "%s,z", cases[i][1]);
    assert_string_equal(text_c(arena, text_buffer_get(&buffer)), expected.at);
    text_buffer_fini(&buffer);
  }
}

/* All tables of a document: "heading{a|b;line:1|2;}". */
static const char *pipes(const char *document, struct error *error)
{
  struct text_buffer out;
  struct text heading = TEXT("unset");
  struct table t;
  size_t offset = 0;
  text_buffer_init(&out, 10000);
  while (table_read_pipe(arena, text_from(document), &offset, &heading, &t, error)) {
    text_buffer_add_format(&out, "%.*s{", TEXT_PRINT(heading));
    for (size_t i = 0; i < t.column_count; i++)
      text_buffer_add_format(&out, "%.*s|", TEXT_PRINT(t.columns[i]));
    for (size_t row = 0; row < t.row_count; row++) {
      text_buffer_add_format(&out, ";%d:", (int)t.lines[row]);
      for (size_t i = 0; i < t.column_count; i++)
        text_buffer_add_format(&out, "%.*s|", TEXT_PRINT(table_cell(&t, row, i)));
    }
    text_buffer_add_character(&out, '}');
  }
  const char *told = text_c(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return told;
}

static void table_reads_pipe_tables(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"", ""},
      {"text\n# Heading\n", ""},
      {"| a | b |\n| --- | --- |\n| 1 | 2 |\n", "{a|b|;3:1|2|}"},
      {"a | b\n:-: | -:\n1 | 2\nend", "{a|b|;3:1|2|}"},
      {"|a|\n|-|", "{a|}"},
      {"|a|\r\n|-|\r\n|1|\r\n\r\n|b|\r\n|-|\r\n", "{a|;3:1|}{b|}"},
      {"# One\n## Two ##\n\n|a|\n|-|\n|1|\ntext\n|b|\n|-|\n|2|\n", "Two{a|;6:1|}Two{b|;10:2|}"},
      {"# C#\n|a|\n|-|\n###### six\n|b|\n|-|\n", "C#{a|}six{b|}"},
      {"#\n|a|\n|-|\n", "{a|}"},
      {"#\tT\n|a|\n|-|\n", "T{a|}"},
      {"# ##\n|a|\n|-|\n", "{a|}"},
      {"####### seven\n#none\n    # code\n|a|\n|-|\n", "{a|}"},
      {"|a|b|\n|-|-|\n|x \\| y| \\\\ |\n|||\n", "{a|b|;3:x | y|\\\\|;4:||}"},
      {"```\n|a|\n|-|\n```\n|b|\n|-|\n", "{b|}"},
      {"~~~~ text\n|a|\n|-|\n~~~\n```\n    ~~~~\n~~~~ x\n  ~~~~~  \n|b|\n|-|\n", "{b|}"},
      {"```\n|a|\n|-|\n", ""},
      {"``\n|a|\n|-|\n", "{a|}"},
      {"``` not ` a fence\n|a|\n|-|\n", "{a|}"},
      {"    |a|\n    |-|\n\t|a|\n\t|-|\n", ""},
      {"|a|\n    |-|\n", ""},
      {"|a|b|\n|-|\n", ""},
      {"|a|\n|-x|\n", ""},
      {"|a|\n|:|\n", ""},
      {"|a|\n| |\n", ""},
      {"|\n|\n|a|", ""},
      {"|a|\n---\n", ""},
      {"|a|\n|-|\n    |code|\n", "{a|}"},
      {"|a|\n|-|\nx\\|y\n", "{a|}"},
      {"|a\\\n|-|\n", "{a\\|}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error error = {.kind = ERROR_SYSTEM};
    assert_string_equal(pipes(cases[i][0], &error), cases[i][1]);
    assert_int_equal(error.kind, ERROR_NONE);
  }
}

static void table_refuses_pipe_tables(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"\n|a||\n|-|-|\n", "line 2: column 2 has no name"},
      {"|a|a|\n|-|-|\n", "line 1: column \"a\" is there twice"},
      {"|a|b|\n|-|-|\n|1|2|\n|1|\n", "line 4: 1 cells, but 2 columns"},
      {"|a|b|\n|-|-|\n|1|2|3|\n", "line 3: 3 cells, but 2 columns"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct error error = {0};
    assert_string_equal(pipes(cases[i][0], &error), "");
    assert_int_equal(error.kind, ERROR_REFUSED);
    if (!strstr(error.log, cases[i][1])) fail_msg("%s", error.log);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(table_reads_csv),
      cmocka_unit_test(table_skips_a_byte_order_mark),
      cmocka_unit_test(table_refuses_csv),
      cmocka_unit_test(table_csv_limits),
      cmocka_unit_test(table_stops_when_a_callback_refuses),
      cmocka_unit_test(table_reads_a_whole_csv),
      cmocka_unit_test(table_refuses_a_whole_csv),
      cmocka_unit_test(table_writes_csv_fields),
      cmocka_unit_test(table_reads_pipe_tables),
      cmocka_unit_test(table_refuses_pipe_tables),
  };
  return cmocka_run_group_tests(tests, table_set_up, table_tear_down);
}
