/*
 * Loading instruments. Each case spoils one place of the made-up instruments beside this file and
 * names the problem that docs/instruments.md promises for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "assessment/instrument_private.h"
#include "instrument_copy.h"

static char folder[] = "/tmp/fairlead-instruments-XXXXXX";

static const char *const files[] = {"instruments.csv",      "instrument-scales.csv",
                                    "instrument-bands.csv", "instrument-triggers.csv",
                                    "instrument-facts.csv", "help.csv",
                                    "instruments/toy.json", "instruments/tally.json"};
enum { FILES = sizeof files / sizeof *files };

static struct text read_original(const char *name)
{
  struct text content;
  assert_true(
      file_read(arena, file_join(arena, original, name), LIMIT_KNOWLEDGE_FILE, &content, NULL));
  return content;
}

static void restore(const char *name)
{
  assert_true(file_replace(file_join(arena, folder, name), read_original(name), NULL));
}

static int set_up(void **state)
{
  if (instruments_set_up(state) != 0 || !mkdtemp(folder) ||
      !file_make_folder(file_join(arena, folder, "instruments"), NULL))
    return 1;
  for (size_t i = 0; i < FILES; i++) restore(files[i]);
  return 0;
}

static int tear_down(void **state)
{
  for (size_t i = 0; i < FILES; i++) unlink(file_join(arena, folder, files[i]));
  rmdir(file_join(arena, folder, "instruments"));
  rmdir(folder);
  return instruments_tear_down(state);
}

static void keep_problems(void *context, const struct knowledge_problem *problem)
{
  text_buffer_add_format(context, "%s:%lld: %s. %s.\n", problem->file, (long long)problem->line,
                         problem->what, problem->mend);
}

static const char *problems_now(void)
{
  struct text_buffer problems;
  struct instruments *loaded = NULL;
  text_buffer_init(&problems, LIMIT_KNOWLEDGE_FILE);
  size_t count = instruments_load_reporting(&loaded, folder, keep_problems, &problems);
  assert_int_equal(count == 0, loaded != NULL);
  instruments_free(loaded);
  const char *result = text_c(arena, text_buffer_get(&problems));
  text_buffer_fini(&problems);
  return result;
}

static void spoil_and_expect(const char *name, struct text content, const char *expected)
{
  assert_true(file_replace(file_join(arena, folder, name), content, NULL));
  const char *problems = problems_now();
  restore(name);
  if (strstr(problems, expected)) return;
  print_error("%s: expected \"%s\", found: %s\n", name, expected, problems);
  fail();
}

/* With the first `before` of the file replaced by `after`; `before` "": added at the end. */
struct fault {
  const char *file, *before, *after, *expected;
};

static void expect_fault(const struct fault *fault)
{
  struct text content = read_original(fault->file), before = text_from(fault->before);
  size_t at = text_is_empty(before) ? content.length : text_find(content, before);
  if (!text_is_empty(before) && at == content.length) {
    print_error("%s does not hold %s\n", fault->file, fault->before);
    fail();
  }
  struct text tail = text_slice(content, at + before.length, content.length);
  spoil_and_expect(
      fault->file,
      text_format(arena, "%.*s%s%.*s", (int)at, content.at, fault->after, TEXT_PRINT(tail)),
      fault->expected);
}

static void expect_faults(const struct fault *faults, size_t count)
{
  for (size_t i = 0; i < count; i++) expect_fault(&faults[i]);
}
#define EXPECT_FAULTS(faults) expect_faults((faults), sizeof(faults) / sizeof *(faults))

#define TOY "instruments/toy.json"
#define TALLY "instruments/tally.json"

static void the_copy_has_no_problem(void **state)
{
  (void)state;
  assert_string_equal(problems_now(), "");
}

static void questionnaires_are_checked(void **state)
{
  static const struct fault faults[] = {
      {TOY, "{", "", "line 2 column 1"},
      {TOY, "\"Questionnaire\"", "\"Basic\"", "toy.json:0: resourceType is not 'Questionnaire'"},
      {TOY, "\"id\": \"toy\"", "\"id\": \"toys\"", "the id is not 'toy'. name the file as the id."},
      {TOY, "urn:fairlead:instrument:toy", "urn:toy",
       "the url is not 'urn:fairlead:instrument:toy'"},
      {TOY, "\"status\"", "\"version\"", "there is no 'status'"},
      {TOY, "\"purpose\"", "\"porpose\"", "unknown member 'porpose'. take it out"},
      {TOY, "\"title\": \"Toy\"", "\"title\": \" \"", "there is no 'title'. write it."},
      {TOY, "\"es\"", "\"fr\"", "there is no Spanish of 'title'. add the translation extension"},
      {TOY, "\"lang\"", "\"language\"", "there is no Spanish of 'title'"},
      {TOY, "StructureDefinition/translation", "StructureDefinition/translations",
       "there is no Spanish of 'title'"},
      {TOY, "http://hl7.org/fhir/StructureDefinition/translation", "translation",
       "there is no Spanish of 'title'"},
      {TOY, "44249-1", "44249-2",
       "the LOINC check digit does not fit: '44249-2'. look the code up"},
      {TOY, "\"code\": \"44250-9\"", "\"code\": \"\"",
       "toy.json:95: item 1: a code lacks its system or code: ''"},
      {TOY, "\"linkId\": \"2a\"", "\"linkId\": \"2 a\"",
       "toy.json:243: item 2 a: no fitting linkId: '2 a'. use small letters"},
      {TOY, "\"linkId\": \"2a\"", "\"linkId\": \"2:a\"", "no fitting linkId: '2:a'"},
      {TOY, "\"linkId\": \"2a\"", "\"linkId\": \"2{\"", "no fitting linkId: '2{'"},
      {TOY, "\"linkId\": \"2a\"", "\"linkId\": \"2/a\"", "no fitting linkId: '2/a'"},
      {TOY, "\"linkId\": \"3\"", "\"linkId\": \"2-b\", \"a\": \"\"", "unknown member 'a'"},
      {TOY, "\"http://loinc.org\"", "\"\"", "a code lacks its system or code: '44249-1'"},
      {TOY, "\"required\": true", "\"required\": false", "item 3: enableWhen asks '1'"},
      {TOY, "\"linkId\": \"3\"", "\"linkId\": \"\"", "no fitting linkId: ''"},
      {TOY, "\"linkId\": \"3\"", "\"linkId\": \"a-name-that-is-too-long\"", "no fitting linkId:"},
      {TOY, "\"linkId\": \"3\"", "\"linkId\": \"g1\"", "linkId stands twice: 'g1'"},
      {TOY, "\"linkId\": \"3\"", "\"linkId\": \"1\"", "linkId stands twice: '1'"},
      {TOY, "\"linkId\": \"3\"", "\"link\": \"3\"", "unknown member 'link'"},
      {TOY, "\"boolean\"", "\"bool\"", "item 2: unknown type 'bool'. write choice, boolean"},
      {TOY, "\"question\": \"1\"", "\"question\": \"9\"", "item 3: enableWhen asks '9'"},
      {TOY, "\"question\": \"1\"", "\"question\": \"3\"", "item 3: enableWhen asks '3'"},
      {TOY, "\"question\": \"2\"", "\"question\": \"1\"",
       "item 2a: enableWhen compares with no answer of item '1'"},
      {TOY, "\"answerInteger\": 0", "\"answerInteger\": 7",
       "item 3: enableWhen compares with no answer of item '1'"},
      {TOY, "\"answerInteger\": 0", "\"answerString\": \"a\"", "unknown member 'answerString'"},
      {TOY, "\"operator\": \">\"", "\"operator\": \"exists\"",
       "item 3: enableWhen: 'expected a comparison at 'exists"},
      {TOY, "\"any\"", "\"some\"", "enableBehavior is 'some'. write all or any."},
      {TALLY, "\"question\": \"1\"", "\"question\": \"7\"", "item 2: enableWhen asks '7'"},
      {TALLY, "\"item\"", "\"contact\"", "tally.json:0: there is no 'item'. add questions."},
  };
  (void)state;
  EXPECT_FAULTS(faults);
}

static void answers_are_checked(void **state)
{
  static const struct fault faults[] = {
      {TOY, "\"valueDecimal\": 1", "\"valueDecimal\": 0", "two answers with one score: 'Some'"},
      {TOY, "\"valueDecimal\": 1", "\"valueDecimal\": 0.5", "an answer without score: 'Some'"},
      {TOY, "\"valueDecimal\": 1", "\"valueDecimal\": 1000000", "an answer without score: 'Some'"},
      {TOY, "\"valueDecimal\": 1", "\"valueDecimal\": -1000000", "an answer without score: 'Some'"},
      {TOY, "\"valueDecimal\": 1", "\"valueInteger\": 1", "an answer without score: 'Some'"},
      {TOY, "\"code\": \"b\"", "\"code\": \"a\"", "two answers with code 'a'"},
      {TOY, "\"code\": \"b\"", "\"code\": \"\"", "an answer without code: 'Some'"},
      {TOY, "\"code\": \"b\"",
       "\"code\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
       "an answer without code: 'Some'"},
      {TOY, "\"system\": \"urn:fairlead:instrument:toy\"", "\"system\": \"\"",
       "an answer without code: 'None'"},
      {TOY, "\"display\": \"Some\"", "\"display\": \"\"", "item 1: there is no 'display'"},
      {TOY, "\"answerOption\"", "\"item\"", "item 1: no fitting number of 'answerOption'"},
      {TOY, "\"valueInteger\": 0", "\"valueInteger\": 5",
       "item 2a: an integer without 'minValue and maxValue'"},
      {TOY, "StructureDefinition/minValue", "StructureDefinition/min", "an integer without"},
      {TOY, "StructureDefinition/maxValue", "StructureDefinition/max", "an integer without"},
  };
  (void)state;
  EXPECT_FAULTS(faults);
}

static void tables_are_checked(void **state)
{
  static const struct fault faults[] = {
      {"instruments.csv", "", "toy,yes,person,sex,ignore,made up,V,unsigned\n",
       "instruments.csv:4: instrument 'toy' stands twice"},
      {"instruments.csv", "toy,yes", "toy,maybe", "on is neither 'yes' nor 'no'"},
      {"instruments.csv", "person", "family", "filled_by is neither 'staff' nor 'person'"},
      {"instruments.csv", "sex", "age", "asks is neither 'sex' nor ''"},
      {"instruments.csv", "ignore", "", "skipped is neither 'count' nor 'ignore'"},
      {"instruments.csv", "made up,V", ",V", "source is empty"},
      {"instruments.csv", "made up,V", "made up,A", "unknown grade 'A'. write V, V2, GK, P or I."},
      {"instruments.csv", "toy,yes", "toy,no", "off, and without a copyright: 'toy'"},
      {"instruments.csv", "toy,yes", "gone,yes", "instruments/gone.json:0:"},
      {"instruments.csv", "toy,yes", "gone,yes", "no row for instruments/toy.json"},
      {"instruments.csv", "instrument,on", "instrument,off", "column on is missing"},
      {"instrument-scales.csv", "toy,total", "toys,total",
       "instrument-scales.csv:2: unknown instrument 'toys'"},
      {"instrument-scales.csv", "toy,top", "toy,total", "the name means something else: 'total'"},
      {"instrument-scales.csv", "toy,top", "toy,sex", "the name means something else: 'sex'"},
      {"instrument-scales.csv", "toy,top", "toy,always", "the name means something else: 'always'"},
      {"instrument-scales.csv", "toy,top", "toy,q2a", "the name means something else: 'q2a'"},
      {"instrument-scales.csv", "toy,top", "toy,Top", "scale 'Top' is not in small letters"},
      {"instrument-scales.csv", "max,1 2,", "median,1 2,", "unknown method 'median'"},
      {"instrument-scales.csv", "max,1 2,", "max,1 4,", "unknown item '4'"},
      {"instrument-scales.csv", "max,1 2,", "max,1 2 1,", "an item twice: '1'"},
      {"instrument-scales.csv", "max,1 2,", "max,1 2 3,", "an item that may stay open: '3'"},
      {"instrument-scales.csv", "0,10", "0,11",
       "the allowed answers of 'total' give 0 to 10. compare the answers' scores"},
      {"instrument-scales.csv", "0,10", "1,10", "the allowed answers of 'total' give 0 to 10"},
      {"instrument-scales.csv", "0,10", "0,ten", "the allowed answers of 'total' give 0 to 10"},
      {"instrument-scales.csv", "0,10", "zero,10", "the allowed answers of 'total' give 0 to 10"},
      {"instrument-scales.csv", "3=5", "4=5", "transform: '4=5'. write pairs of an allowed answer"},
      {"instrument-scales.csv", "3=5", "x=5", "transform: 'x=5'"},
      {"instrument-scales.csv", "3=5", "3=x", "transform: '3=x'"},
      {"instrument-scales.csv", "3=5", "1=5", "transform: '1=5'"},
      {"instrument-scales.csv", "3=5", "", "transform leaves answers out of item '1'"},
      {"instrument-scales.csv", "1: 0=0", "3: 0=0 2=1;1: 0=0", "not an item of the scale: '3'"},
      {"instrument-facts.csv", "toy,points", "toys,points", "unknown instrument 'toys'"},
      {"instrument-facts.csv", "points,total", "points,totals",
       "unknown source of a fact: 'totals'. use band, total or a scale."},
      {"instrument-facts.csv", "low=none", "lower=none", "words: 'lower=none'"},
      {"instrument-facts.csv", "low=none", "low=", "words: 'low='"},
      {"instrument-triggers.csv", "toy,tally", "toys,tally", "unknown instrument 'toys'"},
      {"instrument-triggers.csv", "toy,tally", "toy,tell", "unknown trigger 'tell'"},
      {"instrument-triggers.csv", "total >= 5", "totals >= 5",
       "when: no item, scale or sex is called 'totals', column 1"},
      {"instrument-triggers.csv", "total >= 5", "", "when is empty"},
      {"instrument-triggers.csv", "total >= 5", "total > 10",
       "instrument-triggers.csv:2: unreachable: no answers trigger 'tally'"},
      {"instrument-triggers.csv", "trigger,", "triggers,", "column trigger is missing"},
      {"help.csv", "key", "name", "help.csv:1: column key is missing"},
      {"instrument-scales.csv", "method", "how", "column method is missing"},
      {"instrument-bands.csv", "when", "if", "column when is missing"},
      {"instrument-facts.csv", "words", "word", "column words is missing"},
  };
  (void)state;
  EXPECT_FAULTS(faults);
}

static void bands_are_proved(void **state)
{
  static const char file[] = "instrument-bands.csv";
  static const struct fault faults[] = {
      {file, "toy,total,first", "toys,total,first", "unknown instrument 'toys'"},
      {file, "toy,middle", "toy,centre", "unknown scale 'centre'"},
      {file, "total = 0..2", "total = 0..1",
       "instrument-bands.csv:2: band set 'first' has no band for total 2, sex unspecified"},
      {file, "total = 0..2", "total = 0..4",
       "instrument-bands.csv:2: band set 'first' has several bands for total 3, sex unspecified"},
      {file, "total > 3,", "total > 4,", "has no band for total 4, sex unspecified"},
      {file, "sex = male", "sex = female", "has no band for total 3, sex male"},
      {file, "total < 5", "total < 4", "band set 'second' has no band for total 4"},
      {file, "middle > 1", "middle >= 2", "band set 'half' has no band for middle 1.5"},
      {file, "always,none", "q2 = 0,none", "band set 'rule' has no band for q4 0, q3 7, q2 1"},
      {file, "q4 = 1 |", "always |", "unreachable: no answers give band 'some'"},
      {file, "q3 >= 20", "q3 >= 20 | total = 1", "no item, scale or sex is called 'total'"},
      {file, "total < 5,low", "total < 5,Low", "band 'Low' is not in small letters"},
      {file, "toy,total,second,no,!", "toy,total,second,yes,!", "default differs in set 'second'"},
      {file, "toy,total,second,no", "toy,total,second,maybe", "default is neither 'yes' nor 'no'"},
      {file, "toy,middle,half,yes,middle <= 1", "toy,total,first,yes,always",
       "a band set twice: 'first'. keep the rows of a set together."},
      {file,
       "half,yes,middle <= 1,low,Low,Bajo,Little.,Poco.,made up,I,unsigned\ntoy,middle,half,yes",
       "half,no,middle <= 1,low,Low,Bajo,Little.,Poco.,made up,I,unsigned\ntoy,middle,half,no",
       "no default beside band set 'half' of toy"},
      {file, "", "toy,total,third,yes,always,any,Any,Todo,Any.,Todo.,made up,V,unsigned\n",
       "a second default band set: 'third'. keep one default."},
      {file, "",
       "toy,top,fourth,yes,top < 1 | total < 1 & middle < 1 | q1 < 0 | q2 < 0 | q2a < 0 | q3 < 0 | "
       "sex = male,any,Any,Todo,Any.,Todo.,made up,V,unsigned\n",
       "band set 'fourth' has no band"},
      {file, "", "toy,top,fifth,yes,q2a >= 0,any,Any,Todo,Any.,Todo.,made up,V,unsigned\n",
       "band set 'fifth' has no band for q2a skipped"},
  };
  (void)state;
  EXPECT_FAULTS(faults);
  /* Without a default band there is nothing that a fact could come from. */
  spoil_and_expect("instrument-bands.csv",
                   TEXT("instrument,scale,band_set,default,when,band,label_en,label_es,meaning_en,"
                        "meaning_es,source,grade,signed_by\ntoy,middle,half,yes,always,low,Low,"
                        "Bajo,Little.,Poco.,made up,I,unsigned\n"),
                   "the instrument has no band: 'tally'");
}

/* --- What is too much ------------------------------------------------------------------------- */

static struct text repeated(struct text head, const char *format, size_t count)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_KNOWLEDGE_FILE);
  text_buffer_add(&out, head);
  for (size_t i = 0; i < count; i++) {
    struct text rest = text_from(format), part;
    bool is_first = true;
    while (text_split_next(&rest, '#', &part)) {
      if (!is_first) text_buffer_add_integer(&out, (int64_t)i);
      text_buffer_add(&out, part);
      is_first = false;
    }
  }
  struct text result = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return result;
}

static void too_much_is_refused(void **state)
{
  (void)state;
  struct text bands = read_original("instrument-bands.csv");
  spoil_and_expect("instrument-scales.csv",
                   repeated(read_original("instrument-scales.csv"),
                            "toy,more#,max,1,,0,3,More,Más\n", INSTRUMENT_SCALES),
                   "more than 16 rows of its kind. keep fewer.");
  spoil_and_expect("instrument-bands.csv",
                   repeated(bands,
                            "toy,top,more#,no,always,any,Any,Todo,Any.,Todo.,made up,V,unsigned\n",
                            INSTRUMENT_BAND_SETS),
                   "more than 16 rows of its kind");
  spoil_and_expect("instrument-triggers.csv",
                   repeated(read_original("instrument-triggers.csv"),
                            "toy,crisis,no,always,Call.,Llame.,made up,V,unsigned\n",
                            INSTRUMENT_TRIGGERS),
                   "more than 16 rows of its kind");
  spoil_and_expect(
      "instrument-facts.csv",
      repeated(read_original("instrument-facts.csv"), "toy,fact#,total,\n", INSTRUMENT_SCALES),
      "more than 16 rows of its kind");
  spoil_and_expect("instruments.csv",
                   repeated(read_original("instruments.csv"),
                            "more#,yes,person,,ignore,made up,V,unsigned\n", INSTRUMENTS_MAXIMUM),
                   "66 rows, 64 are allowed");
  /* Sixteen pairs of words are kept; the band named in the seventeenth is not looked at. */
  spoil_and_expect(
      "instrument-facts.csv",
      repeated(TEXT("instrument,fact,from,words\ntoy,word,band,wrong=0"), " low=word#", 20),
      "words: 'wrong=0'");
}

/* Files of 4,000,000 bytes each: more than may be held in memory. */
static void too_many_bytes_are_refused(void **state)
{
  static const char *const large[] = {TOY, TALLY};
  (void)state;
  struct text filler = repeated(TEXT("{\"version\": \""), "0123456789", 400 * 1000);
  struct text row = repeated(TEXT("crisis,"), "0123456789", 6000);
  struct text rows = TEXT("key,phone\n");
  for (size_t i = 0; i < 60; i++)
    rows = text_format(arena, "%.*s%.*s\n", TEXT_PRINT(rows), TEXT_PRINT(row));
  for (size_t i = 0; i < 2; i++) {
    struct text body = read_original(large[i]);
    assert_true(file_replace(file_join(arena, folder, large[i]),
                             text_format(arena, "%.*s\",%.*s", TEXT_PRINT(filler),
                                         TEXT_PRINT(text_slice(body, 1, body.length))),
                             NULL));
  }
  assert_true(file_replace(file_join(arena, folder, "help.csv"), rows, NULL));
  const char *problems = problems_now();
  for (size_t i = 0; i < 2; i++) restore(large[i]);
  restore("help.csv");
  assert_non_null(strstr(problems, "instruments:0: more than 16777216 bytes in memory"));
}

static struct text head_of(const char *id)
{
  return text_format(
      arena,
      "{\"resourceType\": \"Questionnaire\", \"id\": \"%s\", \"status\": \"draft\", \"url\": "
      "\"urn:fairlead:instrument:%s\", \"item\": [{\"linkId\": \"x\", \"type\": \"boolean\"}",
      id, id);
}

static struct text ended(struct text document)
{
  return text_format(arena, "%.*s]}", TEXT_PRINT(document));
}

static void too_many_items_are_refused(void **state)
{
  (void)state;
  spoil_and_expect(TOY,
                   ended(repeated(head_of("toy"), ", {\"linkId\": \"#\", \"type\": \"boolean\"}",
                                  INSTRUMENT_ITEMS)),
                   "item 63: too many items: '63'. raise INSTRUMENT_ITEMS.");
  spoil_and_expect(TOY,
                   ended(repeated(head_of("toy"), ", {\"linkId\": \"#\", \"type\": \"display\"}",
                                  INSTRUMENT_ITEMS + 1)),
                   "item 64: too many groups and lines: '64'. keep fewer groups.");
  struct text answers = repeated(TEXT("\"answerOption\": [{}"), ", {}", INSTRUMENT_OPTIONS);
  expect_fault(&(struct fault){TOY, "\"answerOption\": [",
                               text_c(arena, text_format(arena, "%.*s, ", TEXT_PRINT(answers))),
                               "no fitting number of 'answerOption'"});
  struct text words = repeated(TEXT("\"title\": \""), "word ", 100);
  expect_fault(&(struct fault){TOY, "\"title\": \"Toy", text_c(arena, words), "too long: 'word"});
}

/* 25 items of which each decides: more than can be looked over. */
static void a_tangle_is_refused(void **state)
{
  (void)state;
  struct text items =
      repeated(TEXT(""),
               "{\"linkId\": \"#\", \"type\": \"boolean\", \"text\": \"A\", \"_text\": "
               "{\"extension\": [{\"url\": \"http://hl7.org/fhir/StructureDefinition/translation\","
               " \"extension\": [{\"url\": \"lang\", \"valueCode\": \"es\"}, {\"url\": \"content\","
               " \"valueString\": \"A\"}]}]}, \"required\": true}, ",
               25);
  struct text tally = read_original(TALLY);
  size_t at = text_find(tally, TEXT("\"item\": [")) + 9;
  for (size_t i = 0; i < 4; i++) { /* room for its own numbers */
    char number[] = "\"linkId\": \"0\"";
    number[11] = (char)('1' + i);
    size_t place = text_find(items, text_from(number));
    ((char *)(uintptr_t)items.at)[place + 11] = (char)('a' + i);
  }
  struct text document = text_format(arena, "%.*s%.*s%.*s", (int)at, tally.at, TEXT_PRINT(items),
                                     TEXT_PRINT(text_slice(tally, at, tally.length)));
  assert_true(file_replace(file_join(arena, folder, TALLY), document, NULL));
  struct text when = repeated(TEXT("qa = 1"), " | q# = 1", 25);
  expect_fault(&(struct fault){"instrument-bands.csv", "q4 = 1 | q3 >= 20", text_c(arena, when),
                               "band set 'rule' has too many combinations to look over"});
  expect_fault(
      &(struct fault){"instrument-bands.csv", "q4 = 1 | q3 >= 20",
                      "q5 = 1 | q6 = 1 | q7 = 1 | q8 = 1 | q9 = 1 | q10 = 1 | q11 = 1 | "
                      "q12 = 1 | q13 = 1 | q14 = 1 | q15 = 1 | q16 = 1 | q17 = 1 | q18 = 1 "
                      "| q19 = 1 | q20 = 1 | q21 = 1",
                      "too many combinations"});
  /* A trigger of that kind is taken on trust. */
  struct text trigger = text_format(arena, "q3 < 3 & q1 = 1 | %.*s", TEXT_PRINT(when));
  struct text triggers = read_original("instrument-triggers.csv");
  size_t place = text_find(triggers, TEXT("q3 < 3 & q1 = 1"));
  assert_true(
      file_replace(file_join(arena, folder, "instrument-triggers.csv"),
                   text_format(arena, "%.*s%.*s%.*s", (int)place, triggers.at, TEXT_PRINT(trigger),
                               TEXT_PRINT(text_slice(triggers, place + 15, triggers.length))),
                   NULL));
  assert_string_equal(problems_now(), "");
  restore("instrument-triggers.csv");
  restore(TALLY);
}

static void a_missing_folder_is_named(void **state)
{
  struct error error = {0};
  struct instruments *loaded = NULL;
  (void)state;
  assert_false(instruments_load(&loaded, "tests/unit/no-such-folder", &error));
  assert_non_null(strstr(error.log, "instruments.csv"));
  assert_false(instruments_load(&loaded, "tests/unit/no-such-folder", NULL));
  assert_null(loaded);
  /* The first of several problems is the error. */
  assert_true(file_replace(file_join(arena, folder, "instruments.csv"),
                           TEXT("instrument,on,filled_by,asks,skipped,source,grade,signed_by\n"
                                "gone,yes,person,,ignore,,V,unsigned\n"),
                           NULL));
  assert_false(instruments_load(&loaded, folder, &error));
  assert_string_equal(error.log, "knowledge/instruments.csv:2: source is empty");
  restore("instruments.csv");
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(unlink(file_join(arena, folder, files[FILES - 1 - i])), 0);
  rmdir(file_join(arena, folder, "instruments"));
  assert_non_null(strstr(problems_now(), "instruments:0:"));
  assert_true(file_make_folder(file_join(arena, folder, "instruments"), NULL));
  for (size_t i = 0; i < 2; i++) restore(files[FILES - 1 - i]);
  /* A stray file beside the questionnaires is named, too. */
  const char *stray = file_join(arena, folder, "instruments/notes.txt");
  assert_true(file_replace(stray, TEXT("notes"), NULL));
  assert_non_null(strstr(problems_now(), "no row for instruments/notes.txt"));
  assert_int_equal(unlink(stray), 0);
}

/* Codes of LOINC's own panels; and codes that circulate in public and are none. */
static void loinc_codes_carry_their_check_digit(void **state)
{
  static const char *const good[] = {"44249-1", "44261-6", "55757-9", "69737-5", "70274-6",
                                     "72109-2", "75626-2", "82666-9", "93373-9", "9279-1"};
  static const char *const bad[] = {"72109-3", "93373-7",    "83476-7", "44249",
                                    "44249-",  "-1",         "",        "4424x-1",
                                    "44249-x", "12345678-4", "442/9-1", "44249-11"};
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_true(instrument_loinc_check(text_from(good[i])));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(instrument_loinc_check(text_from(bad[i])));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_copy_has_no_problem),
      cmocka_unit_test(questionnaires_are_checked),
      cmocka_unit_test(answers_are_checked),
      cmocka_unit_test(tables_are_checked),
      cmocka_unit_test(bands_are_proved),
      cmocka_unit_test(too_much_is_refused),
      cmocka_unit_test(too_many_bytes_are_refused),
      cmocka_unit_test(too_many_items_are_refused),
      cmocka_unit_test(a_tangle_is_refused),
      cmocka_unit_test(a_missing_folder_is_named),
      cmocka_unit_test(loinc_codes_carry_their_check_digit),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
