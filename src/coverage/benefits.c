/*
 * benefits: answers, their states, and the document they are kept as. See benefits.h.
 */
#include "coverage/benefits.h"

#include <assert.h>

#include "coverage/rules_private.h"

static const char *const names[] = {
    [BENEFIT_ACTIVE] = "active",
    [BENEFIT_IN_NETWORK] = "in-network",
    [BENEFIT_COVERED] = "covered",
    [BENEFIT_AUTHORIZATION] = "authorization",
    [BENEFIT_STEP_FIRST] = "step-first",
    [BENEFIT_STEP_FIRST_WHAT] = "step-first-what",
    [BENEFIT_DAY_LIMIT] = "day-limit",
    [BENEFIT_DAYS_USED] = "days-used",
    [BENEFIT_DEDUCTIBLE] = "deductible",
    [BENEFIT_DEDUCTIBLE_MET] = "deductible-met",
    [BENEFIT_COPAY_DAY] = "copay-day",
    [BENEFIT_COPAY_STAY] = "copay-stay",
    [BENEFIT_COINSURANCE] = "coinsurance",
    [BENEFIT_POCKET_LIMIT] = "pocket-limit",
    [BENEFIT_POCKET_MET] = "pocket-met",
    [BENEFIT_EXCLUDES_ROOM] = "excludes-room",
    [BENEFIT_EXCLUDES_MEDICATION] = "excludes-medication",
    [BENEFIT_EXCLUSIONS] = "exclusions",
    [BENEFIT_COUNT] = NULL,
};
static const char *const kinds[] = {
    [BENEFIT_YES_NO] = "yes-no", [BENEFIT_MONEY] = "money", [BENEFIT_PERCENT] = "percent",
    [BENEFIT_DAYS] = "days",     [BENEFIT_WORDS] = "words", NULL};
static const char *const sources[] = {[BENEFIT_BY_PHONE] = "phone",
                                      [BENEFIT_BY_PORTAL] = "portal",
                                      [BENEFIT_BY_271] = "271",
                                      [BENEFIT_BY_LETTER] = "letter",
                                      NULL};
/* What the engine takes each for. */
static const enum benefit_kind needed[BENEFIT_COUNT] = {
    [BENEFIT_STEP_FIRST_WHAT] = BENEFIT_WORDS, [BENEFIT_DAY_LIMIT] = BENEFIT_DAYS,
    [BENEFIT_DAYS_USED] = BENEFIT_DAYS,        [BENEFIT_DEDUCTIBLE] = BENEFIT_MONEY,
    [BENEFIT_DEDUCTIBLE_MET] = BENEFIT_MONEY,  [BENEFIT_COPAY_DAY] = BENEFIT_MONEY,
    [BENEFIT_COPAY_STAY] = BENEFIT_MONEY,      [BENEFIT_COINSURANCE] = BENEFIT_PERCENT,
    [BENEFIT_POCKET_LIMIT] = BENEFIT_MONEY,    [BENEFIT_POCKET_MET] = BENEFIT_MONEY,
    [BENEFIT_EXCLUSIONS] = BENEFIT_WORDS};

/* --- Questions ------------------------------------------------------------------------------- */

void rules_load_benefits(struct rules_loading *loading)
{
  static const char *const columns[] = {"question",  "kind",       "only_if", "none",   "label_en",
                                        "label_es",  "ask_en",     "ask_es",  "source", "grade",
                                        "signed_by", "lasts_days", NULL};
  struct coverage_rules *rules = loading->rules;
  struct name_index index;
  (void)rules_begin(loading, "benefits-questions.csv", columns, 1);
  if (!loading->count) return;
  knowledge_index_names(&loading->file, 0, &index);
  if (loading->count != BENEFIT_COUNT) {
    rules_refuse(loading, 0, "keep the questions that docs/coverage.md names",
                 "a question is missing, or one too many");
    return;
  }
  for (size_t i = 0; i < loading->count; i++) {
    enum benefit_name name = (enum benefit_name)rules_choice(loading, i, 0, names);
    bool is_free = text_is_empty(knowledge_cell(&loading->file, i, 2));
    struct benefit_question question = {
        .name = text_from(names[name]),
        .kind = (enum benefit_kind)rules_choice(loading, i, 1, kinds),
        .only_if = is_free ? BENEFIT_COUNT : rules_choice(loading, i, 2, names),
        .may_be_none = rules_yes(loading, i, 3),
        .basis = rules_basis(loading, i, 8),
        .lasts_days = rules_integer(loading, i, 11, 1, LIMIT_COVERAGE_DAYS)};
    knowledge_read_labels(&loading->file, i, 4, question.label);
    knowledge_read_labels(&loading->file, i, 6, question.ask);
    if (question.kind != needed[name])
      rules_refuse(loading, i, "see docs/coverage.md", "kind is not what the question needs");
    rules->questions[name] = question;
    rules->question_order[i] = name;
  }
}

const struct benefit_question *benefit_question_get(const struct coverage_rules *rules,
                                                    enum benefit_name name)
{
  assert(name < BENEFIT_COUNT);
  return &rules->questions[name];
}

bool benefit_question_find(const struct coverage_rules *rules, struct text name,
                           enum benefit_name *out)
{
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    if (!text_equal(rules->questions[i].name, name)) continue;
    *out = (enum benefit_name)i;
    return true;
  }
  return false;
}

enum benefit_name benefit_question_order(const struct coverage_rules *rules, size_t n)
{
  assert(n < BENEFIT_COUNT);
  return rules->question_order[n];
}

/* --- Answers --------------------------------------------------------------------------------- */

enum benefit_state benefit_state_find(const struct benefit_answer *answer, int64_t day)
{
  if (!answer->is_given) return BENEFIT_UNKNOWN;
  return day > answer->expires_on ? BENEFIT_EXPIRED : BENEFIT_KNOWN;
}

static bool value_fits(const struct benefit_question *question, const struct benefit_answer *answer)
{
  static const int64_t most[] = {[BENEFIT_YES_NO] = 1,
                                 [BENEFIT_MONEY] = LIMIT_COVERAGE_INCOME,
                                 [BENEFIT_PERCENT] = 100,
                                 [BENEFIT_DAYS] = LIMIT_COVERAGE_DAYS};
  if (question->kind == BENEFIT_WORDS)
    return !text_is_empty(answer->words) && answer->words.length <= LIMIT_COVERAGE_WORDS;
  if (answer->value == BENEFIT_NO_LIMIT) return question->may_be_none;
  return answer->value >= 0 && answer->value <= most[question->kind];
}

bool benefit_answer_give(const struct coverage_rules *rules, struct benefits *benefits,
                         enum benefit_name name, const struct benefit_answer *answer,
                         struct error *error)
{
  const struct benefit_question *question = benefit_question_get(rules, name);
  if (!value_fits(question, answer) || answer->who.length > LIMIT_COVERAGE_LINE ||
      answer->reference.length > LIMIT_COVERAGE_LINE)
    return error_set(error, ERROR_REFUSED, "error.coverage.answer", "", "the answer to %s",
                     names[name]);
  benefits->answers[name] = *answer;
  benefits->answers[name].is_given = true;
  benefits->answers[name].expires_on = answer->asked_on + question->lasts_days;
  return true;
}

/* Is the answer known to be no, nothing, or no limit? */
static bool is_none(const struct benefit_answer *answer, int64_t day)
{
  return benefit_state_find(answer, day) == BENEFIT_KNOWN &&
         (answer->value == 0 || answer->value == BENEFIT_NO_LIMIT);
}

size_t benefits_to_ask(const struct coverage_rules *rules, const struct benefits *benefits,
                       int64_t day, enum benefit_name out[BENEFIT_COUNT])
{
  size_t count = 0;
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_name name = rules->question_order[i];
    size_t only_if = rules->questions[name].only_if;
    if (benefit_state_find(&benefits->answers[name], day) == BENEFIT_KNOWN) continue;
    if (only_if != BENEFIT_COUNT && is_none(&benefits->answers[only_if], day)) continue;
    out[count++] = name;
  }
  return count;
}

/* --- The document ------------------------------------------------------------------------------
 */

static bool refuse(struct text name, struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.coverage.answer", "", "the answer to \"%.*s\"",
                   TEXT_PRINT(text_slice(name, 0, LIMIT_COVERAGE_LINE)));
}

static bool read_answer(const struct coverage_rules *rules, struct text key,
                        const struct value *item, struct benefits *out, struct error *error)
{
  struct benefit_answer answer = {.words = value_text_get(value_get(item, TEXT("words"))),
                                  .who = value_text_get(value_get(item, TEXT("who"))),
                                  .reference = value_text_get(value_get(item, TEXT("reference")))};
  struct text source = value_text_get(value_get(item, TEXT("source")));
  const struct value *value = value_get(item, TEXT("value"));
  enum benefit_name name;
  size_t by = 0;
  while (sources[by] && !text_equal(source, text_from(sources[by]))) by++;
  answer.source = (enum benefit_source)by;
  if (!benefit_question_find(rules, key, &name) || !sources[by] ||
      !coverage_day_read(value_text_get(value_get(item, TEXT("asked_on"))), &answer.asked_on))
    return refuse(key, error);
  if (text_equal(value_text_get(value), TEXT("none"))) answer.value = BENEFIT_NO_LIMIT;
  else if (value && (!value_integer_get(value, &answer.value) || answer.value == BENEFIT_NO_LIMIT))
    return refuse(key, error);
  if (!value == (rules->questions[name].kind != BENEFIT_WORDS)) return refuse(key, error);
  return benefit_answer_give(rules, out, name, &answer, error);
}

bool benefits_read(const struct coverage_rules *rules, const struct value *document,
                   struct benefits *out, struct error *error)
{
  struct benefits benefits = {.level_of_care = value_text_get(value_get(document, TEXT("level")))};
  const struct value *answers = value_get(document, TEXT("answers")), *item;
  struct text key;
  if (text_is_empty(benefits.level_of_care) || benefits.level_of_care.length > LIMIT_COVERAGE_LINE)
    return refuse(TEXT("level"), error);
  for (size_t i = 0; value_member(answers, i, &key, &item); i++)
    if (!read_answer(rules, key, item, &benefits, error)) return false;
  *out = benefits;
  return true;
}

static struct value *write_answer(const struct coverage_rules *rules, struct arena *arena,
                                  enum benefit_name name, const struct benefit_answer *answer,
                                  int64_t day)
{
  static const char *const states[] = {
      [BENEFIT_UNKNOWN] = "unknown", [BENEFIT_KNOWN] = "known", [BENEFIT_EXPIRED] = "expired"};
  struct value *out = value_object(arena);
  enum benefit_state state = benefit_state_find(answer, day);
  value_set(out, "state", value_text(arena, text_from(states[state])));
  if (state == BENEFIT_UNKNOWN) return out;
  if (rules->questions[name].kind == BENEFIT_WORDS)
    value_set(out, "words", value_text(arena, answer->words));
  else if (answer->value == BENEFIT_NO_LIMIT)
    value_set(out, "value", value_text(arena, TEXT("none")));
  else value_set(out, "value", value_integer(arena, answer->value));
  value_set(out, "source", value_text(arena, text_from(sources[answer->source])));
  value_set(out, "who", value_text(arena, answer->who));
  value_set(out, "reference", value_text(arena, answer->reference));
  value_set(out, "asked_on", value_text(arena, coverage_day_write(arena, answer->asked_on)));
  value_set(out, "expires_on", value_text(arena, coverage_day_write(arena, answer->expires_on)));
  return out;
}

struct value *benefits_write(const struct coverage_rules *rules, struct arena *arena,
                             const struct benefits *benefits, int64_t day)
{
  struct value *out = value_object(arena), *answers = value_object(arena);
  value_set(out, "level", value_text(arena, benefits->level_of_care));
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_name name = rules->question_order[i];
    value_set(answers, names[name],
              write_answer(rules, arena, name, &benefits->answers[name], day));
  }
  value_set(out, "answers", answers);
  return out;
}
