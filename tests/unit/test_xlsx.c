/*
 * The parts of the workbook reader, fed whole and byte by byte. Forms are those of ECMA-376 part 1
 * sections 18.3 (sheets) and 18.4 (shared strings).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "directory/xlsx_parts.h"

/* Rows as one text: cells with '|' between, a '\n' behind each row's number and cells. */
static struct text_buffer seen;

static bool see_row(void *context, int64_t number, const struct text *cells, size_t count,
                    bool *stop, struct error *error)
{
  (void)error;
  text_buffer_add_format(&seen, "%lld:", (long long)number);
  for (size_t i = 0; i < count; i++)
    text_buffer_add_format(&seen, "%s%.*s", i ? "|" : "", TEXT_PRINT(cells[i]));
  text_buffer_add_character(&seen, '\n');
  *stop = context != NULL;
  return true;
}

static bool feed_strings(struct xlsx_strings *strings, struct text document, size_t step,
                         struct error *error)
{
  for (size_t at = 0; at < document.length; at += step)
    if (!xlsx_strings_feed(strings, text_slice(document, at, at + step), false, error))
      return false;
  return xlsx_strings_feed(strings, TEXT(""), true, error);
}

static bool feed_sheet(struct xlsx_sheet *sheet, struct text document, size_t step,
                       struct error *error)
{
  for (size_t at = 0; at < document.length; at += step)
    if (!xlsx_sheet_feed(sheet, text_slice(document, at, at + step), false, error)) return false;
  return xlsx_sheet_feed(sheet, TEXT(""), true, error);
}

/* Read a sheet's rows, fed `step` bytes at a time. */
static bool read_sheet(struct text document, size_t step, struct error *error)
{
  struct xlsx_strings *strings = xlsx_strings_new();
  assert_true(feed_strings(
      strings,
      TEXT("<sst><si><t>zero</t></si><si><r><t>o</t></r><r><t xml:space=\"preserve\">ne "
           "</t></r><rPh><t>sound</t></rPh></si><si/><si><t>&amp;</t></si></sst>"),
      step, NULL));
  assert_int_equal(xlsx_strings_count(strings), 4);
  struct xlsx_sheet *sheet = xlsx_sheet_new(strings, see_row, NULL);
  bool done = feed_sheet(sheet, document, step, error);
  xlsx_sheet_free(sheet);
  xlsx_strings_free(strings);
  return done;
}

static void check_sheet(struct text document, const char *expected)
{
  for (size_t step = 1; step <= document.length; step = step * 7 + 1) {
    struct error error = {0};
    text_buffer_init(&seen, 1 << 16);
    bool done = read_sheet(document, step, &error);
    text_buffer_add_character(&seen, 0);
    assert_string_equal(error.log, "");
    assert_true(done);
    assert_string_equal(seen.at, expected);
    text_buffer_fini(&seen);
  }
}

static void check_refused(struct text document, const char *why)
{
  struct error error = {0};
  text_buffer_init(&seen, 1 << 16);
  assert_false(read_sheet(document, document.length, &error));
  if (!strstr(error.log, why)) print_error("%s\n", error.log);
  assert_non_null(strstr(error.log, why));
  assert_true(error.hint[0] != 0);
  text_buffer_fini(&seen);
}

static void xlsx_cells_of_every_kind(void **state)
{
  (void)state;
  check_sheet(TEXT("<worksheet><cols><col/></cols><sheetData>"
                   "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v> 1 </v></c>"
                   "<c r='C1' t='s'><v>2</v></c><c r='D1' t='s'><v>3</v></c></row>"
                   "<row r='3'><c r='B3'><v>7102</v></c><c r='D3' t='str'><f>A1</f><v>x</v></c>"
                   "<c r='E3' t='e'><v>#N/A</v></c><c t='b'><v>1</v></c></row>"
                   "<row/><row r='7'><c r='A7'/><c r='AB7' t='inlineStr'><is><t>a</t><rPh><t>b"
                   "</t></rPh><r><t>c</t></r></is></c></row>"
                   "</sheetData><t>not a cell</t></worksheet>"),
              "1:zero|one ||&\n"
              "3:|7102||x||1\n"
              "7:|||||||||||||||||||||||||||ac\n");
}

static void xlsx_rows_and_cells_without_references(void **state)
{
  (void)state;
  check_sheet(TEXT("<x:worksheet xmlns:x='y'><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c>"
                   "<x:v>2</x:v></x:c></x:row><x:row><x:c><x:v>3</x:v></x:c></x:row>"
                   "</x:sheetData></x:worksheet>"),
              "1:1|2\n2:3\n");
}

static void xlsx_stops_when_told(void **state)
{
  (void)state;
  bool yes = true;
  text_buffer_init(&seen, 1 << 16);
  struct xlsx_strings *strings = xlsx_strings_new();
  struct xlsx_sheet *sheet = xlsx_sheet_new(strings, see_row, &yes);
  assert_true(
      feed_sheet(sheet, TEXT("<s><row><c><v>1</v></c></row><row><c><v>2</v></c></row>"), 4, NULL));
  assert_true(xlsx_sheet_is_stopped(sheet));
  assert_true(text_equal(text_buffer_get(&seen), TEXT("1:1\n")));
  xlsx_sheet_free(sheet);
  xlsx_strings_free(strings);
  text_buffer_fini(&seen);
}

static void xlsx_refuses_what_breaks_the_form(void **state)
{
  (void)state;
  check_refused(TEXT("<s><row r='x'/></s>"), "number is none");
  check_refused(TEXT("<s><row r='2'/><row r='2'/></s>"), "out of order");
  check_refused(TEXT("<s><row r='0'/></s>"), "out of order");
  check_refused(TEXT("<s><row r='9999999999'/></s>"), "too many rows");
  check_refused(TEXT("<s><row><c r='1A'/></row></s>"), "reference is none");
  check_refused(TEXT("<s><row><c r='ZZZZ1'/></row></s>"), "reference is none");
  check_refused(TEXT("<s><row><c r='ZZZ1'/></row></s>"), "too many columns");
  check_refused(TEXT("<s><row><c t='s'><v>4</v></c></row></s>"), "not there");
  check_refused(TEXT("<s><row><c t='s'><v>x</v></c></row></s>"), "not there");
  check_refused(TEXT("<s><row>"), "XML at line 1");
  check_refused(TEXT("<!DOCTYPE s><s/>"), "document type");
  check_refused(TEXT("<!DOCTYPE s [<!ENTITY a 'b'>]><s>&a;</s>"), "document type");
}

static void xlsx_refuses_what_is_too_large(void **state)
{
  (void)state;
  struct text_buffer document;
  text_buffer_init(&document, 1 << 24);
  text_buffer_add(&document, TEXT("<s><row><c t='str'><v>"));
  for (int i = 0; i < LIMIT_IMPORT_CELL / 8 + 1; i++) text_buffer_add(&document, TEXT("12345678"));
  check_refused(text_buffer_get(&document), "a cell is too long");
  text_buffer_clear(&document);
  text_buffer_add(&document, TEXT("<s><row>"));
  for (int i = 0; i <= LIMIT_IMPORT_ROW / 1024; i++) {
    text_buffer_add(&document, TEXT("<c t='str'><v>"));
    for (int k = 0; k < 128; k++) text_buffer_add(&document, TEXT("12345678"));
    text_buffer_add(&document, TEXT("</v></c>"));
  }
  check_refused(text_buffer_get(&document), "the row is too long");
  text_buffer_clear(&document);
  for (int i = 0; i <= LIMIT_IMPORT_XML_DEPTH; i++) text_buffer_add(&document, TEXT("<a>"));
  check_refused(text_buffer_get(&document), "nested deeper");
  text_buffer_fini(&document);
}

static void xlsx_refuses_a_long_shared_string(void **state)
{
  (void)state;
  struct error error = {0};
  struct xlsx_strings *strings = xlsx_strings_new();
  assert_true(xlsx_strings_feed(strings, TEXT("<sst><si><t>"), false, NULL));
  bool done = true;
  for (int i = 0; done && i < LIMIT_IMPORT_CELL; i++)
    done = xlsx_strings_feed(strings, TEXT("12345678"), false, &error);
  assert_false(done);
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  struct text out;
  assert_false(xlsx_strings_get(strings, 0, &out));
  xlsx_strings_free(strings);
}

static void xlsx_columns_by_letters(void **state)
{
  (void)state;
  size_t column = 99;
  assert_true(xlsx_sheet_column(TEXT("A1"), &column) && column == 0);
  assert_true(xlsx_sheet_column(TEXT("z9"), &column) && column == 25);
  assert_true(xlsx_sheet_column(TEXT("AA1"), &column) && column == 26);
  assert_true(xlsx_sheet_column(TEXT("XFD1048576"), &column) && column == 16383);
  assert_false(xlsx_sheet_column(TEXT(""), &column));
  assert_false(xlsx_sheet_column(TEXT("12"), &column));
  assert_false(xlsx_sheet_column(TEXT("ABCD1"), &column));
  assert_int_equal(column, 16383);
}

static void xlsx_numbers_as_a_person_writes_them(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"7102", "7102"},
      {"7102.0", "7102"},
      {"7.102E3", "7102"},
      {"8.045550142E9", "8045550142"},
      {"-78.5", "-78.5"},
      {"1e-3", "0.001"},
      {"", ""},
      {"12x", "12x"},
      {"1e999", "1e999"},
      {"nan", "nan"},
      {"-3", "-3"},
      {"33.212911599999998", "33.212911599999998"},
      {"12345678901234567890", "12345678901234567890"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text_buffer out;
    text_buffer_init(&out, 256);
    xlsx_sheet_add_number(text_from(cases[i][0]), &out);
    text_buffer_add_character(&out, 0);
    assert_string_equal(out.at, cases[i][1]);
    text_buffer_fini(&out);
  }
}

static void xlsx_relations_are_resolved(void **state)
{
  (void)state;
  struct arena *arena = arena_new(1 << 20);
  struct xlsx_relations relations;
  struct text document =
      TEXT("<Relationships><Relationship Id='a' Type='t/worksheet' Target='worksheets/s.xml'/>"
           "<Relationship Id='b' Type='t' Target='/xl/x.xml'/><Relationship Id='c' Type='t' "
           "Target='../customXml/i.xml'/><Relationship Id='d' TargetMode='External' "
           "Target='https://example.org'/><Relationship Id='e' Target='../../../up.xml'/>"
           "</Relationships>");
  assert_true(xlsx_relations_read(arena, document, TEXT("xl"), &relations, NULL));
  assert_int_equal(relations.count, 4);
  assert_string_equal(relations.all[0].target.at, "xl/worksheets/s.xml");
  assert_string_equal(relations.all[1].target.at, "xl/x.xml");
  assert_string_equal(relations.all[2].target.at, "customXml/i.xml");
  assert_string_equal(relations.all[3].target.at, "up.xml");
  struct error error = {0};
  assert_false(xlsx_relations_read(arena, TEXT("<a"), TEXT(""), &relations, &error));
  arena_free(arena);
}

static void xlsx_properties_give_a_date(void **state)
{
  (void)state;
  struct arena *arena = arena_new(1 << 20);
  struct text date;
  assert_true(xlsx_properties_read(arena,
                                   TEXT("<p xmlns:d='x'><d:created>2022-05-06T15:56:29Z</d:created>"
                                        "<d:modified>2022-05-19T19:28:42Z</d:modified></p>"),
                                   &date, NULL));
  assert_string_equal(date.at, "2022-05-19");
  assert_true(xlsx_properties_read(
      arena, TEXT("<p><created>2022-05-06</created><modified>soon</modified></p>"), &date, NULL));
  assert_string_equal(date.at, "2022-05-06");
  assert_true(xlsx_properties_read(arena, TEXT("<p/>"), &date, NULL));
  assert_string_equal(date.at, "");
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(xlsx_cells_of_every_kind),
      cmocka_unit_test(xlsx_rows_and_cells_without_references),
      cmocka_unit_test(xlsx_stops_when_told),
      cmocka_unit_test(xlsx_refuses_what_breaks_the_form),
      cmocka_unit_test(xlsx_refuses_what_is_too_large),
      cmocka_unit_test(xlsx_refuses_a_long_shared_string),
      cmocka_unit_test(xlsx_columns_by_letters),
      cmocka_unit_test(xlsx_numbers_as_a_person_writes_them),
      cmocka_unit_test(xlsx_relations_are_resolved),
      cmocka_unit_test(xlsx_properties_give_a_date),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
