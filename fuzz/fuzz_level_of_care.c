/*
 * Fuzz the level-of-care table. The first byte says what the others are:
 *   'c', 'a', 'r'  a condition over facts, of the aggregation, of a result: whatever compiles must
 *                  hold exactly as a plain recursive reading of its text does
 *   's'            a change of the real document: "FROM\nTO", the first FROM becomes TO
 *   anything       a whole document, with the real Spanish beside it
 * Every problem says what and how to mend it. A table that loads must find a level for any facts,
 * and standings must join as masks do.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/level_of_care_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct needs *needs;
static struct level_of_care *real;
static struct arena *kept;
static struct text documents[CARE_LANGUAGES];

static void load_once(void)
{
  static const char *const names[] = {"level-of-care.md", "level-of-care.es.md"};
  if (real) return;
  kept = arena_new(LIMIT_KNOWLEDGE_ARENA);
  if (!needs_load(&needs, "knowledge", NULL) ||
      !level_of_care_load(&real, "knowledge", needs, NULL))
    abort();
  for (size_t i = 0; i < CARE_LANGUAGES; i++)
    if (!file_read(kept, file_join(kept, "knowledge", names[i]), LIMIT_KNOWLEDGE_FILE,
                   &documents[i], NULL))
      abort();
}

static uint64_t next_random(uint64_t *state)
{
  *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return *state >> 33;
}

/* Half of the facts are known. */
static struct facts random_facts(const struct level_of_care *table, uint64_t *state)
{
  struct facts facts;
  facts_init(&facts);
  for (size_t i = 0; i < facts_count(table); i++) {
    const struct fact *fact = facts_get(table, i);
    double part = (double)(next_random(state) % 1000) / 1000;
    if (next_random(state) % 2) continue;
    if (fact->word_count) facts.value[i] = floor(part * (double)fact->word_count);
    else facts.value[i] = floor(fact->minimum + part * (fact->maximum - fact->minimum));
  }
  return facts;
}

/* --- Conditions ----------------------------------------------------------------------------------
 */

/* A reading of its own: words and signs, cut at spaces and before and behind signs. */
struct reading {
  struct text source, token;
  size_t offset;
  const struct condition_input *input;
};

static bool is_sign(char c)
{
  return strchr("()<>=", c) && c;
}

static void take(struct reading *reading)
{
  struct text s = reading->source;
  size_t at = reading->offset;
  while (at < s.length && (s.at[at] == ' ' || s.at[at] == '\t')) at++;
  size_t end = at;
  if (at < s.length && is_sign(s.at[at])) {
    end++;
    if ((s.at[at] == '<' || s.at[at] == '>') && end < s.length && s.at[end] == '=') end++;
  } else {
    while (end < s.length && s.at[end] != ' ' && s.at[end] != '\t' && !is_sign(s.at[end])) end++;
  }
  reading->token = text_slice(s, at, end);
  reading->offset = end;
}

static bool takes(struct reading *reading, const char *word)
{
  if (!text_equal(reading->token, text_from(word))) return false;
  take(reading);
  return true;
}

static int truth_of(bool holds)
{
  return holds ? TRUTH_TRUE : TRUTH_FALSE;
}

static struct text take_word(struct reading *reading)
{
  struct text word = reading->token;
  take(reading);
  return word;
}

static int read_fact(struct reading *reading, size_t index)
{
  const struct fact *fact = facts_get(real, index);
  double value = reading->input->value[index], number = 0;
  if (fact->kind == FACT_YES_NO) return isnan(value) ? TRUTH_UNKNOWN : truth_of(value == 1);
  struct text sign = take_word(reading), operand = take_word(reading);
  if (fact->kind == FACT_WORD)
    return isnan(value) ? TRUTH_UNKNOWN : truth_of(text_equal(fact->words[(size_t)value], operand));
  if (!text_read_decimal(operand, &number)) abort();
  if (isnan(value)) return TRUTH_UNKNOWN;
  if (text_equal(sign, TEXT("="))) return truth_of(value == number);
  bool less = sign.at[0] == '<', equal = sign.length == 2 && value == number;
  return truth_of(equal || (less ? value < number : value > number));
}

static unsigned overlay_of(struct text name)
{
  return care_overlay_named(name);
}

/* An atom of the aggregation. */
static int read_asked(struct reading *reading, struct text word)
{
  if (overlay_of(word)) return truth_of(reading->input->overlays & overlay_of(word));
  bool asked = false;
  for (size_t i = 0; i < levels_count(real); i++) {
    const struct level *level = levels_get(real, i);
    bool named = text_equal(level->number, word) || text_equal(level->kind, word) ||
                 (level->is_managed && text_equal(word, TEXT("managed")));
    asked |= named && (reading->input->levels >> i & 1);
  }
  return truth_of(asked);
}

static int read_result(struct reading *reading, struct text word)
{
  static const char *const settings[] = {"", "outpatient", "residential", "inpatient", "emergency"};
  const struct care_result *result = reading->input->result;
  if (text_equal(word, TEXT("fired"))) {
    struct text id = take_word(reading);
    for (size_t i = 0; i < rules_count(real); i++)
      if (text_equal(rules_get(real, i)->id, id)) return truth_of(result->state[i] == RULE_FIRED);
    abort();
  }
  take(reading); /* is */
  struct text value = take_word(reading);
  if (text_equal(word, TEXT("overlay"))) return truth_of(result->overlays & overlay_of(value));
  if (text_equal(word, TEXT("setting")))
    return truth_of(text_equal(value, text_from(settings[result->setting])));
  return truth_of(result->level != LEVEL_NONE &&
                  text_equal(levels_get(real, result->level)->number, value));
}

static int read_any(struct reading *reading);

static int read_not(struct reading *reading)
{
  if (takes(reading, "not")) return TRUTH_TRUE - read_not(reading);
  if (takes(reading, "(")) {
    int truth = read_any(reading);
    if (!takes(reading, ")")) abort();
    return truth;
  }
  struct text word = take_word(reading);
  size_t index;
  bool is_result = text_equal(word, TEXT("fired")) || text_equal(word, TEXT("level")) ||
                   text_equal(word, TEXT("setting")) || text_equal(word, TEXT("overlay"));
  if (!is_result && facts_find(real, word, &index)) return read_fact(reading, index);
  return is_result ? read_result(reading, word) : read_asked(reading, word);
}

static int read_all(struct reading *reading)
{
  int truth = read_not(reading);
  while (takes(reading, "and")) {
    int next = read_not(reading);
    if (next < truth) truth = next;
  }
  return truth;
}

static int read_any(struct reading *reading)
{
  int truth = read_all(reading);
  while (takes(reading, "or")) {
    int next = read_all(reading);
    if (next > truth) truth = next;
  }
  return truth;
}

static void try_condition(struct text source, enum condition_scope scope)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct condition condition;
  struct condition_fault fault;
  uint64_t state = text_hash(source);
  if (!condition_compile(arena, source, scope, real, &condition, &fault)) {
    if (fault.column == 0 || fault.column > source.length + 1 || !fault.mend || !*fault.what)
      abort();
    arena_free(arena);
    return;
  }
  for (int round = 0; round < 8; round++) {
    struct facts facts = random_facts(real, &state);
    struct care_result result;
    care_find(real, &facts, NULL, &result);
    struct condition_input input = {.value = facts.value,
                                    .levels = (unsigned)next_random(&state) & 0x1FF,
                                    .overlays = (unsigned)next_random(&state) & 0xF,
                                    .result = &result};
    struct reading reading = {.source = source, .input = &input};
    take(&reading);
    if ((int)condition_find(&condition, &input) != read_any(&reading)) abort();
    if (reading.token.length) abort();
  }
  arena_free(arena);
}

/* --- Documents -----------------------------------------------------------------------------------
 */

static void look(void *context, const struct knowledge_problem *problem)
{
  size_t *seen = context;
  if (!problem->file || !*problem->what || !*problem->mend || problem->line < 0) abort();
  ++*seen;
}

static void use(const struct level_of_care *table, uint64_t state)
{
  const struct standings *standings = &table->standings;
  for (int round = 0; round < 4; round++) {
    struct facts facts = random_facts(table, &state);
    struct care_result result;
    struct care_explanation explanation;
    care_find(table, &facts, NULL, &result);
    care_explain(table, &facts, NULL, &result, &explanation);
    for (size_t i = 0; i < explanation.change_count; i++)
      if (explanation.changes[i].level == result.level) abort();
    size_t a = (size_t)next_random(&state) % standings->count;
    size_t b = (size_t)next_random(&state) % standings->count;
    struct care_outcome outcome;
    care_aggregate(table, standings->first[a] | standings->first[b], &outcome);
    if (!care_outcome_equal(&outcome, &standings->outcome[standing_join(standings, a, b)])) abort();
  }
}

static void try_document(struct text english)
{
  struct level_of_care *table = NULL;
  size_t seen = 0;
  size_t problems = level_of_care_read_reporting(&table, english, documents[1], needs, look, &seen);
  if (seen != problems || (problems == 0) != (table != NULL)) abort();
  if (table) use(table, text_hash(english));
  level_of_care_free(table);
}

static void try_change(struct text input)
{
  struct text from, document = documents[0];
  if (!text_split_next(&input, '\n', &from)) return;
  size_t at = text_find(document, from);
  if (at == document.length) return;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text before = text_slice(document, 0, at);
  struct text after = text_slice(document, at + from.length, document.length);
  try_document(
      text_format(arena, "%.*s%.*s%.*s", TEXT_PRINT(before), TEXT_PRINT(input), TEXT_PRINT(after)));
  arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  load_once();
  struct text input = {(const char *)bytes, size};
  struct text rest = text_slice(input, 1, size);
  switch (size ? bytes[0] : 0) {
  case 'c':
    try_condition(rest, SCOPE_FACTS);
    break;
  case 'a':
    try_condition(rest, SCOPE_AGGREGATION);
    break;
  case 'r':
    try_condition(rest, SCOPE_RESULT);
    break;
  case 's':
    try_change(rest);
    break;
  default:
    try_document(input);
  }
  return 0;
}
