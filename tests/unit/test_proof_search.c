/*
 * The proof against brute force: on small tables put together at random, a search over all answers
 * finds the same faults as the proof, with counter-examples of the same size.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proof_support.h"

/* --- A small table
 * ----------------------------------------------------------------------
 *
 * Rules are put together at random from a list of conditions and effects. All answers, missing ones
 * included, are then tried in all pairs; what care_find() says of them is compared with the proof.
 */

static const char small_head[] =
    "## Facts\n\n"
    "| fact | kind | values | role | worse | assumed | changes | label | source |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    "| age | integer | 0..120 | gate | - | - | no | a | s |\n"
    "| score | integer | 0..9 | need | higher | - | no | a | s |\n"
    "| rate | number | 0..30 | need | outside 10..20 | - | no | a | s |\n"
    "| home | word | safe shaky unsafe | need | safe < shaky = unsafe | - | no | a | s |\n"
    "| room | yes-no | no yes | need | yes < no | no | no | a | s |\n"
    "| ill | yes-no | no yes | need | no < yes | - | no | a | s |\n"
    "| wish | yes-no | no yes | wish | - | - | no | a | s |\n\n"
    "## Contradictions\n\n"
    "| id | when | reason | source |\n| --- | --- | --- | --- |\n"
    "| X | home is safe and score >= 8 | r | s |\n\n"
    "## Levels\n\n"
    "| level | name | setting | managed | kind | asam3 | asam4 | hours |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    "| 1 | n | outpatient | no | outpatient | 1 | 1 | h |\n"
    "| 2 | n | outpatient | no | intensive | 2 | 2 | h |\n"
    "| 3 | n | residential | no | residential | 3 | 3 | h |\n"
    "| 4 | n | inpatient | yes | hospital | 4 | 4 | h |\n\n"
    "## Aggregation\n\n"
    "| step | when | level | overlays |\n| --- | --- | --- | --- |\n"
    "| G1 | 4 | 4 | |\n| G2 | 3 and COE | 4 | COE |\n| G3 | 3 | 3 | COE |\n"
    "| G4 | 2 | 2 | RR |\n| G5 | not 3 | 1 | COE RR |\n\n"
    "## Joining\n\n| what | levels |\n| --- | --- |\n| raise D | 1 2 3 |\n"
    "| start medication | 2 |\n\n"
    "## Stop rules\n\n"
    "| id | dimension | when | effect | reason | act | source | grade | signed |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    "| A1 | D | rate <= 5 | emergency | r | a | s | P | unsigned |\n\n"
    "## Who this is for\n\n"
    "| id | dimension | when | effect | reason | act | source | grade | signed |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    "| U1 | - | age < 18 | not for this table | r | a | s | P | unsigned |\n\n"
    "## Need rules\n\n"
    "| id | dimension | when | effect | reason | source | grade | signed |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
static const char small_tail[] =
    "\n## Promises\n\n| id | when | promise | source |\n| --- | --- | --- | --- |\n"
    "| P1 | rate <= 4 | emergency | s |\n\n"
    "## Factors\n\n| factor | toward | when | text | source |\n| --- | --- | --- | --- | --- |\n"
    "| f | inpatient | ill | t | s |\n\n"
    "## Always\n\n| id | when | text | source |\n| --- | --- | --- | --- |\n| a | | t | s |\n\n"
    "## Needs\n\n| need | when |\n| --- | --- |\n| substance-use | |\n";
static const char small_spanish[] =
    "## Facts\n\n| fact | label |\n| --- | --- |\n| age | a |\n| score | a |\n| rate | a |\n"
    "| home | a |\n| room | a |\n| ill | a |\n| wish | a |\n\n"
    "## Contradictions\n\n| id | reason |\n| --- | --- |\n| X | r |\n\n"
    "## Levels\n\n| level | name | hours |\n| --- | --- | --- |\n| 1 | n | h |\n| 2 | n | h |\n"
    "| 3 | n | h |\n| 4 | n | h |\n\n"
    "## Stop rules\n\n| id | reason | act |\n| --- | --- | --- |\n| A1 | r | a |\n\n"
    "## Who this is for\n\n| id | reason | act |\n| --- | --- | --- |\n| U1 | r | a |\n\n"
    "## Need rules\n\n| id | reason |\n| --- | --- |\n| N1 | r |\n| N2 | r |\n| N3 | r |\n"
    "| N4 | r |\n\n"
    "## Factors\n\n| factor | text |\n| --- | --- |\n| f | t |\n\n"
    "## Always\n\n| id | text |\n| --- | --- |\n| a | t |\n\n"
    "## Sources\n\n| source | text |\n| --- | --- |\n| s | t |\n";

static const char *const small_conditions[] = {
    "score >= 3",
    "score >= 6 and score <= 7",
    "score > 6 or ill",
    "rate >= 22",
    "rate < 9",
    "home is unsafe",
    "not home is safe",
    "home is shaky and not room",
    "not room",
    "ill and room",
    "ill",
    "ill and not wish",
    "wish or ill",
    "home is safe and room",
    "score >= 4 and rate > 15",
    "age >= 65 and ill",
};
static const char *const small_effects[] = {
    "at least 2",       "at least 3", "at least 4", "at least 1 with COE",
    "add RR",           "raise D",    "note",       "at least 2 with COE",
    "start medication", "suspend N1", "at least 3",
};
enum {
  SMALL_CONDITIONS = sizeof small_conditions / sizeof *small_conditions,
  SMALL_EFFECTS = sizeof small_effects / sizeof *small_effects,
  SMALL_FACTS = 7,
  SMALL_VALUES = 8
};

static uint32_t random_next(uint32_t *seed)
{
  *seed = *seed * 1664525U + 1013904223U;
  return *seed >> 16;
}

static struct documents small_documents(uint32_t *seed)
{
  struct text_buffer rules;
  text_buffer_init(&rules, LIMIT_KNOWLEDGE_FILE);
  for (int i = 1; i <= 4; i++) {
    const char *effect = small_effects[random_next(seed) % SMALL_EFFECTS];
    if (i == 1 && strncmp(effect, "suspend", 7) == 0) effect = "at least 3";
    text_buffer_add_format(&rules, "| N%d | %s | %s | %s | r | s | P | unsigned |\n", i,
                           random_next(seed) % 2 ? "D" : "E",
                           small_conditions[random_next(seed) % SMALL_CONDITIONS], effect);
  }
  struct documents documents = {
      text_format(arena, "%s%.*s%s", small_head, TEXT_PRINT(text_buffer_get(&rules)), small_tail),
      text_from(small_spanish)};
  text_buffer_fini(&rules);
  return documents;
}

/* Values around each threshold of the lists above, worked out by hand; the last is "not known". */
static const struct {
  double value[SMALL_VALUES];
  size_t count;
} small_values[SMALL_FACTS] = {
    {{17, 18, 65, NAN}, 4},
    {{2, 3, 5, 6, 7, 8, NAN}, 7},
    {{4, 5, 8.5, 9, 15, 16, 22, NAN}, 8},
    {{0, 1, 2, NAN}, 4},
    {{0, 1, NAN}, 3},
    {{0, 1, NAN}, 3},
    {{0, 1, NAN}, 3},
};
enum { SMALL_COMBINATIONS = 4 * 7 * 8 * 4 * 3 * 3 * 3 };

/* By the column "worse" of the small table. */
static bool small_is_worse(size_t fact, double a, double b)
{
  static const double home[] = {0, 1, 1};
  switch (fact) {
  case 1:
  case 5:
    return b >= a;
  case 2:
    return (a >= 10 && a <= 20) || (a < 10 && b <= a) || (a > 20 && b >= a);
  case 3:
    return home[(int)b] >= home[(int)a];
  default:
    return b <= a;
  }
}

struct small_result {
  unsigned char level, overlays, setting, medication;
  bool contradicts;
};

static void small_facts(size_t index, struct facts *facts, size_t *known)
{
  facts_init(facts);
  *known = 0;
  for (size_t i = 0; i < SMALL_FACTS; i++) {
    facts->value[i] = small_values[i].value[index % small_values[i].count];
    index /= small_values[i].count;
    /* The table assumes "no room", which so says nothing new. */
    *known += !isnan(facts->value[i]) && !(i == 4 && facts->value[i] == 0);
  }
}

/* Is the second result less than the first, by the order? */
static bool is_less(struct small_result a, struct small_result b)
{
  if (b.setting == CARE_EMERGENCY) return false;
  if (a.setting == CARE_EMERGENCY) return true;
  if (a.level == LEVEL_NONE || b.level == LEVEL_NONE) return false; /* no row, or the gate */
  if (a.level != b.level) return a.level > b.level;
  return a.level < 3 && (a.overlays & ~b.overlays) != 0;
}

static bool differs(struct small_result a, struct small_result b)
{
  return a.level != b.level || a.overlays != b.overlays || a.setting != b.setting ||
         a.medication != b.medication;
}

/* The fewest known facts of a fault of each fact, with valid answers or else with contradicting
 * ones; SIZE_MAX: there is none. [SMALL_FACTS]: of answers without a level. */
static void search_all(const struct level_of_care *small, const struct small_result *results,
                       size_t sizes[SMALL_FACTS + 1], bool any[SMALL_FACTS])
{
  size_t stride = 1, known;
  struct facts facts;
  (void)small;
  for (size_t i = 0; i <= SMALL_FACTS; i++) sizes[i] = SIZE_MAX;
  for (size_t n = 0; n < SMALL_COMBINATIONS; n++) {
    small_facts(n, &facts, &known);
    bool is_adult = isnan(facts.value[0]) || facts.value[0] >= 18;
    if (!results[n].contradicts && is_adult && results[n].level == LEVEL_NONE &&
        results[n].setting != CARE_EMERGENCY && known < sizes[SMALL_FACTS])
      sizes[SMALL_FACTS] = known;
  }
  for (size_t fact = 0; fact < SMALL_FACTS; stride *= small_values[fact++].count) {
    any[fact] = false;
    for (size_t n = 0; n < SMALL_COMBINATIONS; n++) {
      size_t here = n / stride % small_values[fact].count;
      double a = small_values[fact].value[here];
      for (size_t to = 0; to < small_values[fact].count; to++) {
        double b = small_values[fact].value[to];
        size_t other = n + to * stride - here * stride;
        bool is_blind = fact == 0 || fact == 6;
        if (to == here || (fact == 0 && (a < 18 || b < 18))) continue;
        if (!is_blind && (isnan(a) || isnan(b) || !small_is_worse(fact, a, b))) continue;
        if (is_blind ? !differs(results[n], results[other]) : !is_less(results[n], results[other]))
          continue;
        any[fact] = true;
        if (results[n].contradicts || results[other].contradicts) continue;
        small_facts(n, &facts, &known);
        known += isnan(a) || (fact == 4 && a == 0); /* the fact that changes counts once */
        if (known < sizes[fact]) sizes[fact] = known;
      }
    }
  }
}

/* The size of the proof's counter-example that begins so; SIZE_MAX: there is none. */
static size_t said_size(struct text said, const char *claim)
{
  struct text beside = TEXT("; beside it: ");
  size_t at = text_find(said, text_from(claim));
  if (at >= said.length) return SIZE_MAX;
  struct text line = text_slice(said, at, said.length);
  line = text_slice(line, 0, text_find(line, TEXT(". "))); /* less how to mend it */
  at = text_find(line, beside);
  size_t size = 1;         /* the fact that changes */
  if (at >= line.length) { /* one set of answers */
    at = text_find(line, TEXT("with ")) + 5;
    line = text_slice(line, at, line.length);
    line = text_slice(line, 0, text_find(line, TEXT(":")));
    size = 0;
  } else {
    line = text_slice(line, at + beside.length, line.length);
  }
  if (text_starts_with(line, TEXT("nothing known"))) return size;
  for (struct text part; text_split_next(&line, ',', &part);) size++;
  return size;
}

static void compare_with_search(struct level_of_care *small, struct text said, uint32_t round,
                                size_t *faults)
{
  struct small_result *results = memory_allocate_zero(SMALL_COMBINATIONS, sizeof *results);
  size_t sizes[SMALL_FACTS + 1], known;
  bool any[SMALL_FACTS];
  for (size_t n = 0; n < SMALL_COMBINATIONS; n++) {
    struct facts facts;
    struct care_result result;
    small_facts(n, &facts, &known);
    care_find(small, &facts, NULL, &result);
    results[n] = (struct small_result){(unsigned char)result.level, (unsigned char)result.overlays,
                                       (unsigned char)result.setting, result.medication_at_place,
                                       !facts_check(small, &facts, NULL)};
  }
  search_all(small, results, sizes, any);
  for (size_t fact = 0; fact < SMALL_FACTS; fact++) {
    const char *claim =
        text_c(arena, text_format(arena,
                                  fact == 0 || fact == 6 ? "%.*s moves the level"
                                                         : "a worse %.*s lowers the care",
                                  TEXT_PRINT(small->facts[fact].name)));
    size_t found = said_size(said, claim);
    *faults += found != SIZE_MAX;
    /* Where only contradicting answers show a fault, its size is not looked at. */
    if (sizes[fact] == SIZE_MAX ? (found != SIZE_MAX) != any[fact] : found != sizes[fact]) {
      print_error("round %u: %s: %zd known facts by brute force\n", round, claim, sizes[fact]);
      fail_expected("the same", said);
    }
  }
  size_t incomplete = said_size(said, "no row of Aggregation holds");
  *faults += incomplete != SIZE_MAX;
  if (incomplete != sizes[SMALL_FACTS]) {
    print_error("round %u: incomplete with %zd known\n", round, sizes[SMALL_FACTS]);
    fail_expected("the same", said);
  }
  free(results);
}

static void proof_test_brute_force(void **state)
{
  (void)state;
  uint32_t seed = 20;
  size_t faults = 0, sound = 0;
  for (uint32_t round = 0; round < 20; round++) {
    struct documents documents = small_documents(&seed);
    if (round % 5 == 0)
      documents.english = with(documents.english, "| G4 | 2 | 2 | RR |\n",
                               round % 2 ? "" : "| G4 | 2 and COE | 2 | RR |\n");
    if (round % 10 == 0)
      documents.english = with(documents.english, "| G5 | not 3 |", "| G5 | not 2 |");
    struct level_of_care *small = NULL;
    struct findings findings = {0};
    text_buffer_init(&findings.text, LIMIT_KNOWLEDGE_FILE);
    if (level_of_care_read_reporting(&small, documents.english, documents.spanish, needs,
                                     keep_loading, &findings))
      fail_expected("a table", text_buffer_get(&findings.text));
    care_prove(small, arena, keep_proving, &findings, &findings.proof);
    size_t before = faults;
    compare_with_search(small, text_buffer_get(&findings.text), round, &faults);
    sound += faults == before;
    text_buffer_fini(&findings.text);
    level_of_care_free(small);
  }
  /* The tables are of both sorts, or nothing was compared. */
  assert_true(faults > 10);
  assert_true(sound > 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(proof_test_brute_force),
  };
  return cmocka_run_group_tests(tests, care_set_up, care_tear_down);
}
