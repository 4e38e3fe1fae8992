/*
 * Needs: the loader's refusals, looking up, and the meaning of the fixed needs.
 *
 * Expected meanings come from the table of design section 6 and from the traps of the service-code
 * dictionary, not from the code under test. Faulty rows are added to a copy of knowledge/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "directory/facility.h"
#include "directory/needs.h"
#include "knowledge_copy.h"

/* --- Refusals ----------------------------------------------------------------------------------
 */

static void needs_test_refuses_faulty_needs(void **state)
{
  (void)state;
  assert_problem("needs.csv", "a,people,b,c,d,e,MM & QQ\n",
                 "expression, column 6: unknown code 'QQ'. use a code");
  assert_problem("needs.csv", "a,nowhere,b,c,d,e,MM\n", "unknown group 'nowhere'");
  assert_problem("needs.csv", "veterans,people,b,c,d,e,MM\n", "need 'veterans' stands twice");
  assert_problem("needs.csv", "a,people,b,,d,e,MM\n", "label_es is empty");
  assert_problem("needs.csv", "a,people,b,c,,e,MM\n", "explanation_en is empty");
  assert_problem("needs.csv", "a,people,b,c,d,e,\n", "expression is empty");
  assert_problem("needs.csv", "A b,people,b,c,d,e,MM\n", "not in small letters");
  assert_problem("needs.csv", "-a,people,b,c,d,e,MM\n", "not in small letters");
  assert_problem("needs.csv", "a,people,b,\xff,d,e,MM\n",
                 "needs.csv:0: not UTF-8. Save the table as UTF-8.\n");
  assert_problem("needs.csv", "a,people,b,c,d,e,MM & !MM\n", "unreachable: no facility");
  assert_problem("needs.csv", "a,people,b,c,d,e,MM | !MM\n", "every facility meets");
  assert_problem("needs.csv", "a,people,b,c,d,e,MM | MM & UB\n",
                 "never changes the answer: UB. take it out");
  assert_problem("needs.csv", ",people,b,c,d,e,MM\n", "need is empty");
  assert_problem("needs.csv", "a-,people,b,c,d,e,MM\n", "'a-' is not in small letters");
  assert_problem("needs.csv", "a~,people,b,c,d,e,MM\n", "'a~' is not in small letters");
  struct text tangled = text_format(arena, "a,people,b,c,d,e,%s\n%c", tangled_expression(), 0);
  assert_problem("needs.csv", tangled.at, "too tangled to prove");
  char *longer = arena_allocate(arena, LIMIT_EXPRESSION + 64);
  memset(longer, 'x', LIMIT_EXPRESSION + 1);
  struct text row = text_format(arena, "a,people,%s,c,d,e,MM\n%c", longer, 0);
  assert_problem("needs.csv", row.at, "label_en is longer than 4096 bytes");
}

static void needs_test_names_line_of_problem(void **state)
{
  (void)state;
  int64_t lines = 1;
  struct text original = read_original("needs.csv");
  for (size_t i = 0; i < original.length; i++) lines += original.at[i] == '\n';
  struct text expected =
      text_format(arena, "needs.csv:%lld: expression, column 1: unknown code", (long long)lines);
  struct text problems = problems_with("needs.csv", "a,people,b,c,d,e,QQ\n");
  assert_true(text_starts_with(problems, expected));
}

static void needs_test_refuses_faulty_dictionary(void **state)
{
  (void)state;
  assert_problem("service-codes.csv", "MM,OT,x,y,z,su,1,1\n", "code 'MM' stands twice");
  assert_problem("service-codes.csv", "ZZ,QQ,x,y,z,su,1,1\n", "unknown category 'QQ'");
  assert_problem("service-codes.csv", "ZZ,OT,x,y,z,xx,1,1\n", "unknown directory 'xx'");
  assert_problem("service-codes.csv", "ZZ,OT,x,y,z,su,2,1\n", "in_2022 is neither 1 nor 0");
  assert_problem("service-codes.csv", "zz,OT,x,y,z,su,1,1\n", "has another form");
  assert_problem("service-codes.csv", "Z-Z,OT,x,y,z,su,1,1\n", "code 'Z-Z' has another form");
  assert_problem("service-codes.csv", "Z:Z,OT,x,y,z,su,1,1\n", "code 'Z:Z' has another form");
  assert_problem("service-codes.csv", "ABCDEFGHIJKLMNOP,OT,x,y,z,su,1,1\n", "has another form");
  assert_no_problem("service-codes.csv", "Z1,OT,x,y,z,su mh,,0\n");
  assert_problem("service-codes.csv", "ZZ,OT,Methadone maintenance,y,z,su,1,1\n",
                 "two codes of one category");
  assert_problem("service-categories.csv", "ZZ,x,y,z,10\n", "order 10 stands twice");
  assert_problem("service-categories.csv", "ZZ,x,y,z,last\n", "order is no number");
  assert_problem("service-categories.csv", "OT,x,y,z,999\n", "category_code 'OT' stands twice");
  assert_problem("service-code-aliases.csv", "OT,x,QQ,\n", "unknown code 'QQ'");
  assert_problem("service-code-aliases.csv", "OT,x,-,\n", "note is empty");
  assert_problem("service-code-aliases.csv", "OLD,*,QQ,\n", "unknown category 'QQ'");
  assert_problem("service-code-aliases.csv", "OT,METHADONE  maintenance,MM,\n",
                 "has this label already");
}

static void needs_test_refuses_faulty_words(void **state)
{
  (void)state;
  assert_problem("synonyms.csv", "Suboxone!,buprenorphine\n", "folded it is 'suboxone'");
  assert_problem("synonyms.csv", "suboxone,buprenorphine\n", "stands twice for one need");
  assert_problem("synonyms.csv", "zzz,nothing\n", "unknown need 'nothing'");
  assert_problem("synonyms.csv", "q w r t z,free\n", "more than 4 words");
  assert_problem("synonyms.csv", "place of rest,housing\n", "'of' is a stop word");
  assert_problem("stop-words.csv", "the\n", "word 'the' stands twice");
  assert_problem("stop-words.csv", "two words\n", "more than 1 words");
}

static void needs_test_refuses_faulty_groups_signs_help(void **state)
{
  (void)state;
  assert_problem("need-groups.csv", "x,a,b,some,990\n", "match is neither any nor all");
  assert_problem("signs.csv", "x,a,b,MM,,I\n", "source is empty");
  assert_problem("signs.csv", "x,a,b,MM,c,Q\n", "grade 'Q' is none");
  assert_problem("signs.csv", "x,a,b,MM &,c,I\n", "expression, column 5");
  assert_no_problem("signs.csv", "x,a,b,MM,c,V\ny,a,b,MM,c,S\n");
  assert_no_problem("help.csv", "x,,1,,a,b,c,no\ny,,,https://a,a,b,c,no\nz,1,,,a,b,c,yes\n");
  assert_problem("need-groups.csv", "withdrawal,a,b,any,990\n", "group 'withdrawal' stands twice");
  assert_problem("help.csv", "x,,,,a,b,c,yes\n", "no way to reach 'x'");
  assert_problem("help.csv", "x,1,,http://a,a,b,c,yes\n", "not https");
  assert_problem("help.csv", "x,1,,,a,b,c,perhaps\n", "neither yes nor no");
  assert_problem("help.csv", "crisis,1,,,a,b,c,no\n", "key 'crisis' stands twice");
}

static void needs_test_refuses_missing_file_and_column(void **state)
{
  (void)state;
  unlink(file_join(arena, folder, "signs.csv"));
  assert_true(file_replace(file_join(arena, folder, "help.csv"), TEXT("key\nx\n"), NULL));
  struct needs *loaded = NULL;
  struct error error = {0};
  assert_false(needs_load(&loaded, folder, &error));
  assert_null(loaded);
  assert_int_equal(error.kind, ERROR_REFUSED);
  assert_string_equal(error.person, "error.knowledge.invalid");
  assert_non_null(strstr(error.log, "knowledge/signs.csv:0: "));
  restore("signs.csv");
  assert_false(needs_load(&loaded, folder, &error));
  assert_non_null(strstr(error.log, "knowledge/help.csv:1: column phone is missing"));
  restore("help.csv");
}

static struct text problems_without(const char *name, const char *content)
{
  if (content) assert_true(file_replace(file_join(arena, folder, name), text_from(content), NULL));
  else unlink(file_join(arena, folder, name));
  struct text_buffer problems;
  text_buffer_init(&problems, LIMIT_KNOWLEDGE_FILE);
  struct needs *loaded = NULL;
  assert_true(needs_load_reporting(&loaded, folder, keep_problems, &problems) > 0);
  assert_null(loaded);
  assert_true(needs_load_reporting(&loaded, folder, NULL, NULL) > 0);
  assert_false(needs_load(&loaded, folder, NULL));
  struct text result = text_copy(arena, text_buffer_get(&problems));
  text_buffer_fini(&problems);
  restore(name);
  return result;
}

/* Without one file, the only complaint is about that file. */
static void needs_test_refuses_each_missing_file(void **state)
{
  (void)state;
  for (size_t i = 0; i < FILES; i++) {
    if (strcmp(files[i], "words-to-avoid.csv") == 0) continue;
    struct text problems = problems_without(files[i], NULL);
    assert_true(text_starts_with(problems, text_format(arena, "%s:0: ", files[i])));
  }
  struct text problems = problems_without("stop-words.csv", "word\n");
  assert_true(text_equal(problems, TEXT("stop-words.csv:1: no row below the header. "
                                        "add what it is for.\n")));
}

static void needs_test_refuses_too_much(void **state)
{
  (void)state;
  struct text_buffer rows;
  text_buffer_init(&rows, LIMIT_KNOWLEDGE_FILE);
  text_buffer_add(&rows, TEXT("phrase,need\n"));
  for (int i = 0; i < 200000; i++) text_buffer_add_format(&rows, "w%d,free\n", i);
  text_buffer_add_character(&rows, 0);
  struct text problems = problems_without("synonyms.csv", rows.at);
  assert_true(text_contains(problems, TEXT("knowledge:0: more than 16777216 bytes in memory")));
  text_buffer_fini(&rows);
}

static void needs_test_refuses_too_many(void **state)
{
  (void)state;
  struct text_buffer rows;
  text_buffer_init(&rows, LIMIT_KNOWLEDGE_FILE);
  for (int i = 0; i < NEEDS_MAXIMUM; i++)
    text_buffer_add_format(&rows, "extra%d,people,b,c,d,e,MM\n", i);
  assert_problem("needs.csv", text_c(arena, text_buffer_get(&rows)), "128 are allowed");
  text_buffer_clear(&rows);
  for (int i = 0; i < CODES_MAXIMUM; i++)
    text_buffer_add_format(&rows, "ZZ%d,OT,x%d,b,c,su,1,1\n", i, i);
  assert_problem("service-codes.csv", text_c(arena, text_buffer_get(&rows)), "512 are allowed");
  text_buffer_clear(&rows);
  for (int i = 0; i < SIGNS_MAXIMUM; i++) text_buffer_add_format(&rows, "x%d,a,b,MM,c,I\n", i);
  assert_problem("signs.csv", text_c(arena, text_buffer_get(&rows)), "16 are allowed");
  text_buffer_fini(&rows);
}

/* --- Meaning ------------------------------------------------------------------------------------
 */

static bool meets(const char *need, const char *codes)
{
  size_t index;
  if (!needs_find(needs, text_from(need), &index)) fail_msg("no need %s", need);
  struct code_set set = codes_read(needs, text_from(codes));
  return needs_met(needs, index, &set, DIRECTORY_SUBSTANCE_USE);
}

/* design section 6: name, and one code that suffices by itself. */
static const char *const fixed[][2] = {{"inpatient", "HI"},
                                       {"inpatient", "RES"},
                                       {"methadone", "MM"},
                                       {"methadone", "OTP"},
                                       {"hospital", "HI"},
                                       {"buprenorphine", "BUM"},
                                       {"buprenorphine", "UB"},
                                       {"residential", "RES"},
                                       {"naltrexone", "RPN"},
                                       {"naltrexone", "UN"},
                                       {"outpatient", "OP"},
                                       {"keep-medication", "MOA"},
                                       {"keep-medication", "MM"},
                                       {"keep-medication", "BUM"},
                                       {"keep-medication", "UB"},
                                       {"intensive-outpatient", "OIT"},
                                       {"detox", "DT"},
                                       {"day-treatment", "ODT"},
                                       {"opioid-detox", "ODTX"},
                                       {"medicaid", "MD"},
                                       {"medicare", "MC"},
                                       {"private-insurance", "PI"},
                                       {"military-insurance", "MI"},
                                       {"sliding-fee", "SS"},
                                       {"payment-assistance", "PA"},
                                       {"free", "NP"},
                                       {"telehealth", "TELE"},
                                       {"spanish", "SP"},
                                       {"sign-language", "AH"},
                                       {"pregnant", "PW"},
                                       {"children", "BC"},
                                       {"children", "CCC"},
                                       {"dual-diagnosis", "CO"},
                                       {"trauma", "TRMA"},
                                       {"veterans", "VET"},
                                       {"lgbtq", "GL"},
                                       {"accredited", "JC"},
                                       {"accredited", "CARF"},
                                       {"accredited", "COA"},
                                       {"accredited", "HFAP"},
                                       {"accredited", "NCQA"},
                                       {"licensed", "STAG"},
                                       {"licensed", "STMH"},
                                       {"licensed", "STDH"},
                                       {"licensed", "HLA"},
                                       {"naloxone", "NOE"},
                                       {"family", "FCO"},
                                       {"aftercare", "ACC"},
                                       {"peer-support", "PEER"},
                                       {"peer-support", "RC"},
                                       {"transport", "TA"},
                                       {"housing", "HS"},
                                       {"housing", "HH"},
                                       {"substance-use", "SA"},
                                       {"substance-use", "DT"},
                                       {"substance-use", "SUMH"}};
enum { FIXED = sizeof fixed / sizeof *fixed };

/* Over every code alone, a fixed need holds for the codes of its row and for no other. */
static void needs_test_fixed_needs(void **state)
{
  (void)state;
  for (size_t row = 0; row < FIXED; row++) {
    size_t need;
    assert_true(needs_find(needs, text_from(fixed[row][0]), &need));
    for (size_t code = 0; code < codes_count(needs); code++) {
      bool expected = false;
      for (size_t i = 0; i < FIXED; i++)
        expected = expected || (strcmp(fixed[i][0], fixed[row][0]) == 0 &&
                                text_equal(codes_get(needs, code)->code, text_from(fixed[i][1])));
      struct code_set set = codes_read(needs, codes_get(needs, code)->code);
      if (needs_met(needs, need, &set, DIRECTORY_MENTAL_HEALTH) != expected)
        fail_msg("%s with %.*s", fixed[row][0], TEXT_PRINT(codes_get(needs, code)->code));
    }
  }
}

static void needs_test_traps(void **state)
{
  (void)state;
  assert_false(meets("methadone", "MU METH DM PAIN OMB"));
  assert_false(meets("buprenorphine", "BU DB BWN BWON BERI OMB"));
  assert_false(meets("naltrexone", "NU NXN VTRL OMB"));
  assert_false(meets("keep-medication", "MU BU DB DM"));
  assert_false(meets("keep-medication", "MOA BUM NMOA"));
  assert_false(meets("free", "FSA SAMF"));
  assert_false(meets("licensed", "SOTP DEA"));
  assert_false(meets("teens", "AD ADLT"));
  assert_true(meets("teens", "AD"));
  assert_true(meets("teens", "CHLD ADLT"));
  assert_false(meets("opioid-use", "SA NOOP"));
  assert_false(meets("detox-then-medication", "DT DB DM"));
  assert_false(meets("non-opioid-detox", "CLND"));
}

static void needs_test_substance_use_by_directory(void **state)
{
  (void)state;
  size_t need;
  struct code_set none = codes_read(needs, TEXT(""));
  assert_true(needs_find(needs, TEXT("substance-use"), &need));
  assert_true(needs_met(needs, need, &none, DIRECTORY_SUBSTANCE_USE));
  assert_true(needs_met(needs, need, &none, DIRECTORY_SUBSTANCE_USE | DIRECTORY_MENTAL_HEALTH));
  assert_false(needs_met(needs, need, &none, DIRECTORY_MENTAL_HEALTH));
}

static const char *const any_groups[][8] = {
    {"setting", "inpatient", "hospital", "residential", "outpatient", "intensive-outpatient",
     "day-treatment", NULL},
    {"medication", "methadone", "buprenorphine", "naltrexone", NULL},
    {"withdrawal", "detox", "opioid-detox", NULL},
    {"paying", "medicaid", "medicare", "private-insurance", "military-insurance", "sliding-fee",
     "payment-assistance", "free"},
    {"language", "spanish", "sign-language", NULL}};

static const char *any_group_of(struct text need)
{
  for (size_t group = 0; group < sizeof any_groups / sizeof *any_groups; group++)
    for (size_t i = 1; i < 8 && any_groups[group][i]; i++)
      if (text_equal(need, text_from(any_groups[group][i]))) return any_groups[group][0];
  return NULL;
}

/* design section 6 fixes which groups are met by any ticked need, and their members. */
static void needs_test_groups(void **state)
{
  (void)state;
  for (size_t i = 0; i < needs_count(needs); i++) {
    const struct need *need = needs_get(needs, i);
    const struct need_group *group = needs_group_get(needs, need->group);
    const char *any = any_group_of(need->name);
    if (group->any != (any != NULL) || (any && !text_equal(group->name, text_from(any))))
      fail_msg("%.*s stands in %.*s", TEXT_PRINT(need->name), TEXT_PRINT(group->name));
  }
  assert_true(needs_count(needs) >= 45);
  assert_int_equal(needs_group_count(needs), 12);
}

/* --- Looking up ---------------------------------------------------------------------------------
 */

static void needs_test_all_at_once(void **state)
{
  (void)state;
  struct code_set set = codes_read(needs, TEXT("SA DT OP BUM MOA CBT ACC PEER NOE"));
  struct need_set met = needs_met_all(needs, &set, DIRECTORY_SUBSTANCE_USE);
  for (size_t i = 0; i < needs_count(needs); i++)
    assert_int_equal(met.bits[i / 64] >> (i % 64) & 1,
                     needs_met(needs, i, &set, DIRECTORY_SUBSTANCE_USE));
  uint64_t signs = signs_met_all(needs, &set, DIRECTORY_SUBSTANCE_USE);
  for (size_t i = 0; i < signs_count(needs); i++)
    assert_int_equal(signs >> i & 1, signs_met(needs, i, &set, DIRECTORY_SUBSTANCE_USE));
  assert_int_equal(signs >> signs_count(needs), 0);
  for (size_t i = 0; i < signs_count(needs); i++)
    assert_true(signs_get(needs, i)->source.length > 0);
}

static const char *code_of_label(const char *category, const char *label)
{
  size_t code;
  if (!codes_find_label(needs, text_from(category), text_from(label), &code)) return "none";
  return text_c(arena, codes_get(needs, code)->code);
}

static void needs_test_labels(void **state)
{
  (void)state;
  assert_true(labels_count(needs) > codes_count(needs));
  assert_string_equal(code_of_label("OT", "Methadone maintenance"), "MM");
  assert_string_equal(code_of_label("OT", "accepts clients on OPIOID medication"), "MOA");
  assert_string_equal(code_of_label("OMSC", "In-network prescribing entity"), "INPE");
  assert_string_equal(code_of_label("SMAT", "In-network prescribing entity"), "AUINPE");
  assert_string_equal(code_of_label("ASSES", "Interim services for clients"), "ISC");
  assert_string_equal(code_of_label("TOBAC", "Screening for tobacco use"), "STU");
  assert_string_equal(code_of_label("QQ", "Methadone maintenance"), "none");
  assert_string_equal(code_of_label("TAP", "Behavior modification"), "none");
  assert_true(codes_label_is_retired(needs, TEXT("TAP"), TEXT("Behavior modification")));
  assert_false(codes_label_is_retired(needs, TEXT("TAP"), TEXT("Never heard of")));
  assert_false(codes_label_is_retired(needs, TEXT("OT"), TEXT("Methadone maintenance")));
}

static void needs_test_codes(void **state)
{
  (void)state;
  size_t code, category;
  assert_int_equal(codes_count(needs), 317);
  assert_int_equal(categories_count(needs), 33);
  assert_true(codes_find(needs, TEXT("bum"), &code));
  assert_true(text_equal(codes_get(needs, code)->code, TEXT("BUM")));
  assert_false(codes_get(needs, code)->retired);
  assert_true(codes_find(needs, TEXT("BMW"), &code));
  assert_true(codes_get(needs, code)->retired);
  assert_true(codes_find(needs, TEXT("PTSD"), &code));
  assert_false(codes_get(needs, code)->retired);
  assert_true(codes_get(needs, code)->mental_health);
  assert_false(codes_get(needs, code)->substance_use);
  assert_false(codes_find(needs, TEXT(""), &code));
  assert_false(codes_find(needs, TEXT("~"), &code));
  assert_false(codes_find(needs, TEXT("MUCHTOOLONGFORACODE"), &code));
  assert_true(categories_find(needs, TEXT("OT"), &category));
  assert_true(text_equal(categories_get(needs, category)->category, TEXT("OT")));
  struct code_set set = codes_read(needs, TEXT(" bum QQ\tDT "));
  size_t count = 0;
  for (size_t i = 0; i < CODES_MAXIMUM; i++) count += code_set_has(&set, i);
  assert_int_equal(count, 2);
}

static void needs_test_synonyms_and_stop_words(void **state)
{
  (void)state;
  size_t first = synonyms_find_first(needs, TEXT("suboxone"));
  assert_true(first < synonyms_count(needs));
  const struct synonym *synonym = synonyms_get(needs, first);
  assert_true(text_equal(synonym->phrase, TEXT("suboxone")));
  assert_true(text_equal(needs_get(needs, synonym->need)->name, TEXT("buprenorphine")));
  assert_int_equal(synonyms_find_first(needs, TEXT("zzzz")), synonyms_count(needs));
  assert_int_equal(synonyms_find_first(needs, TEXT("")), 0);
  assert_true(stop_words_has(needs, TEXT("the")));
  assert_false(stop_words_has(needs, TEXT("methadone")));
}

static void needs_test_help_lines(void **state)
{
  (void)state;
  size_t index;
  assert_true(help_lines_find(needs, TEXT("samhsa"), &index));
  assert_true(text_equal(help_lines_get(needs, index)->phone, TEXT("1-800-662-4357")));
  assert_true(help_lines_get(needs, index)->verified);
  assert_true(help_lines_count(needs) >= 3);
  assert_false(help_lines_find(needs, TEXT("nobody"), &index));
}

static void needs_test_hash_follows_content(void **state)
{
  (void)state;
  struct needs *other;
  assert_true(needs_load(&other, folder, NULL));
  assert_true(needs_hash(other) == needs_hash(needs));
  needs_free(other);
  assert_true(file_replace(file_join(arena, folder, "stop-words.csv"), TEXT("word\nzz\n"), NULL));
  assert_true(needs_load(&other, folder, NULL));
  assert_true(needs_hash(other) != needs_hash(needs));
  needs_free(other);
  restore("stop-words.csv");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(needs_test_refuses_faulty_needs),
                                     cmocka_unit_test(needs_test_names_line_of_problem),
                                     cmocka_unit_test(needs_test_refuses_faulty_dictionary),
                                     cmocka_unit_test(needs_test_refuses_faulty_words),
                                     cmocka_unit_test(needs_test_refuses_faulty_groups_signs_help),
                                     cmocka_unit_test(needs_test_refuses_missing_file_and_column),
                                     cmocka_unit_test(needs_test_refuses_each_missing_file),
                                     cmocka_unit_test(needs_test_refuses_too_much),
                                     cmocka_unit_test(needs_test_refuses_too_many),
                                     cmocka_unit_test(needs_test_fixed_needs),
                                     cmocka_unit_test(needs_test_traps),
                                     cmocka_unit_test(needs_test_substance_use_by_directory),
                                     cmocka_unit_test(needs_test_groups),
                                     cmocka_unit_test(needs_test_all_at_once),
                                     cmocka_unit_test(needs_test_labels),
                                     cmocka_unit_test(needs_test_codes),
                                     cmocka_unit_test(needs_test_synonyms_and_stop_words),
                                     cmocka_unit_test(needs_test_help_lines),
                                     cmocka_unit_test(needs_test_hash_follows_content)};
  return cmocka_run_group_tests_name("needs", tests, needs_set_up, needs_tear_down);
}
