/*
 * The interview: answers to facts, and the next question. See interview.h.
 */
#include "assessment/interview.h"

#include <math.h>

#include "assessment/interview_private.h"
#include "assessment/level_of_care_private.h"

/* --- Questions ------------------------------------------------------------------------------- */

size_t questions_count(const struct interview *interview)
{
  return interview->question_count;
}

const struct question *questions_get(const struct interview *interview, size_t index)
{
  return &interview->questions[index];
}

size_t questions_find(const struct interview *interview, struct text id)
{
  for (size_t i = 0; i < interview->question_count; i++)
    if (text_equal(interview->questions[i].id, id)) return i;
  return QUESTION_NONE;
}

bool question_is_for(const struct question *question, enum choose_voice voice)
{
  return question->voices >> voice & 1;
}

bool question_sets(const struct interview *interview, size_t question, size_t fact)
{
  return interview->insides[question].sets[fact];
}

bool question_may_type(const struct question *question, enum choose_voice voice)
{
  return voice == CHOOSE_STAFF && question->kind != QUESTION_NUMBERS && question->fact_count > 0;
}

/* Does the question take the fact as a number: typed, or scored from a scale? */
static bool question_measures(const struct interview *interview, size_t index,
                              enum choose_voice voice, size_t fact)
{
  const struct question *question = &interview->questions[index];
  return question_sets(interview, index, fact) &&
         (question->answer_count == 0 || question_may_type(question, voice));
}

void interview_estimates(const struct interview *interview, enum choose_voice voice,
                         bool estimated[FACTS_MAXIMUM])
{
  for (size_t fact = 0; fact < FACTS_MAXIMUM; fact++) estimated[fact] = false;
  for (size_t fact = 0; fact < facts_count(interview->table); fact++) {
    enum fact_kind kind = facts_get(interview->table, fact)->kind;
    bool is_chosen = false, is_measured = false;
    for (size_t i = 0; i < interview->question_count; i++) {
      if (!question_is_for(&interview->questions[i], voice)) continue;
      is_chosen |= question_sets(interview, i, fact);
      is_measured |= question_measures(interview, i, voice, fact);
    }
    estimated[fact] = (kind == FACT_INTEGER || kind == FACT_NUMBER) && is_chosen && !is_measured;
  }
}

size_t clashes_count(const struct interview *interview)
{
  return interview->clash_count;
}

struct text clashes_get(const struct interview *interview, size_t index)
{
  return interview->clashes[index].id;
}

/* --- Instruments ------------------------------------------------------------------------------ */

static void add_answers(const struct question *question, const struct interview_step *step,
                        struct instrument_answers *out)
{
  if (step->kind != STEP_GIVEN || step->is_typed) return;
  for (size_t i = 0; i < question->item_count; i++) {
    double value =
        question->kind == QUESTION_CHECKLIST ? (double)(step->ticked >> i & 1) : step->value[i];
    if (!isnan(value)) out->value[question->items[i]] = value;
  }
}

void interview_instrument_answers(const struct interview *interview,
                                  const struct interview_state *state,
                                  const struct interview_step *step, size_t question,
                                  struct instrument_answers *out)
{
  const struct instrument *instrument = interview->questions[question].instrument;
  instrument_answers_init(out);
  const struct question_inside *inside = &interview->insides[question];
  for (size_t i = 0; i < instrument->item_count; i++)
    if (inside->assumed_items >> i & 1) out->value[i] = inside->assumed_value[i];
  for (size_t i = 0; i < state->step_count && state->steps[i].question != question; i++) {
    const struct question *other = &interview->questions[state->steps[i].question];
    if (other->instrument == instrument) add_answers(other, &state->steps[i], out);
  }
  if (step) add_answers(&interview->questions[question], step, out);
}

bool interview_asks_item(const struct interview *interview, const struct interview_state *state,
                         size_t question, size_t item)
{
  struct instrument_answers answers;
  struct instrument_score score;
  interview_instrument_answers(interview, state, NULL, question, &answers);
  instrument_score(interview->questions[question].instrument, &answers, &score);
  return !score.is_skipped[interview->questions[question].items[item]];
}

size_t interview_missing_item(const struct interview *interview,
                              const struct interview_state *state,
                              const struct interview_step *step)
{
  const struct question *question = &interview->questions[step->question];
  struct instrument_answers answers;
  struct instrument_score score;
  interview_instrument_answers(interview, state, step, step->question, &answers);
  instrument_score(question->instrument, &answers, &score);
  size_t i = 0;
  while (i < question->item_count && !score.is_missing[question->items[i]]) i++;
  return i;
}

/* --- Facts ------------------------------------------------------------------------------------ */

struct replay {
  const struct interview *interview;
  const struct interview_state *state;
  struct interview_facts *out;
};

/* Does `question` come behind `before`, and yield to it? */
static bool is_behind(const struct interview *interview, size_t question, size_t before)
{
  const struct question_inside *inside = &interview->insides[question];
  for (size_t i = 0; i < inside->after_count; i++)
    if (inside->after[i] == before || is_behind(interview, inside->after[i], before)) return true;
  return false;
}

static void set_fact(struct replay *replay, size_t question, size_t fact, double value)
{
  struct interview_facts *out = replay->out;
  size_t by = out->by[fact];
  if (by == QUESTION_NONE) {
    out->facts.value[fact] = value;
    out->by[fact] = question;
    return;
  }
  if (by == question || out->facts.value[fact] == value || out->is_clash ||
      is_behind(replay->interview, question, by))
    return;
  out->is_clash = true;
  out->clash = INTERVIEW_CLASHES;
  out->clash_questions[0] = by;
  out->clash_questions[1] = question;
  out->clash_count = 2;
}

/* The sum of the items on the question's page. */
static double sum_of(const struct question *question, const struct interview_step *step)
{
  double sum = 0;
  for (size_t i = 0; i < question->item_count; i++) sum += step->value[i];
  return sum;
}

static void replay_rows(struct replay *replay, const struct interview_step *step)
{
  const struct interview *interview = replay->interview;
  const struct question *question = &interview->questions[step->question];
  double sum = question->instrument ? sum_of(question, step) : 0;
  for (size_t i = 0; i < interview->row_count; i++) {
    const struct interview_row *row = &interview->rows[i];
    if (row->question != step->question) continue;
    bool holds =
        row->by_sum ? sum >= row->low && sum <= row->high
                    : (step->ticked & row->with) == row->with && (step->ticked & row->without) == 0;
    for (size_t j = 0; holds && j < row->sets.count; j++)
      set_fact(replay, step->question, row->sets.fact[j], row->sets.value[j]);
  }
}

static void replay_instrument(struct replay *replay, const struct interview_step *step)
{
  const struct interview *interview = replay->interview;
  const struct instrument *instrument = interview->questions[step->question].instrument;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct instrument_answers answers;
  struct instrument_score score;
  struct facts facts;
  struct text name;
  const struct value *item;
  size_t fact = 0;
  interview_instrument_answers(interview, replay->state, step, step->question, &answers);
  instrument_score(instrument, &answers, &score);
  const struct value *given = instrument_facts(instrument, arena, &score);
  facts_init(&facts);
  for (size_t i = 0; value_member(given, i, &name, &item); i++)
    if (facts_set(interview->table, &facts, name, item, NULL)) {
      facts_find(interview->table, name, &fact);
      set_fact(replay, step->question, fact, facts.value[fact]);
    }
  arena_free(arena);
}

static void replay_step(struct replay *replay, const struct interview_step *step)
{
  const struct question *question = &replay->interview->questions[step->question];
  if (step->kind != STEP_GIVEN) return;
  if (question->kind == QUESTION_NUMBERS || step->is_typed) {
    for (size_t i = 0; i < question->fact_count; i++)
      if (!isnan(step->value[i]))
        set_fact(replay, step->question, question->facts[i], step->value[i]);
    return;
  }
  replay_rows(replay, step);
  if (question->instrument) replay_instrument(replay, step);
}

/* A danger that has passed is gone. */
static void replay_safe(struct replay *replay)
{
  for (size_t i = 0; i < RULES_MAXIMUM; i++) {
    const struct assignments *sets = &replay->interview->safe[i];
    if (!(replay->state->safe[i / 64] >> (i % 64) & 1)) continue;
    for (size_t j = 0; j < sets->count; j++)
      replay->out->facts.value[sets->fact[j]] = sets->value[j];
  }
}

/* A clash of the document that was not kept so. */
static void find_clash(struct replay *replay)
{
  const struct interview *interview = replay->interview;
  struct interview_facts *out = replay->out;
  const struct condition_input input = {.value = out->facts.value};
  for (size_t i = 0; i < interview->clash_count && !out->is_clash; i++) {
    const struct clash *clash = &interview->clashes[i];
    if ((replay->state->kept >> i & 1) || condition_find(&clash->condition, &input) != TRUTH_TRUE)
      continue;
    out->is_clash = true;
    out->clash = i;
    for (size_t j = 0; j < clash->question_count; j++)
      if (interview_step_find(replay->state, clash->questions[j]) < replay->state->step_count)
        out->clash_questions[out->clash_count++] = clash->questions[j];
  }
}

void interview_facts(const struct interview *interview, const struct interview_state *state,
                     struct interview_facts *out)
{
  struct replay replay = {interview, state, out};
  *out = (struct interview_facts){.clash = INTERVIEW_CLASHES};
  facts_init(&out->facts);
  for (size_t i = 0; i < FACTS_MAXIMUM; i++) out->by[i] = QUESTION_NONE;
  for (size_t i = 0; i < state->step_count; i++) replay_step(&replay, &state->steps[i]);
  replay_safe(&replay);
  find_clash(&replay);
}

/* --- Stops --------------------------------------------------------------------------------------
 */

bool interview_is_stopped(const struct interview *interview, const struct interview_state *state,
                          const struct care_result *result)
{
  for (size_t i = 0; i < rules_count(interview->table); i++)
    if (result->state[i] == RULE_FIRED && rules_get(interview->table, i)->kind == RULE_STOP &&
        !(state->safe[i / 64] >> (i % 64) & 1))
      return true;
  return false;
}

void interview_pass(const struct interview *interview, struct interview_state *state,
                    const struct care_result *result)
{
  for (size_t i = 0; i < rules_count(interview->table); i++)
    if (result->state[i] == RULE_FIRED && rules_get(interview->table, i)->kind == RULE_STOP)
      state->safe[i / 64] |= UINT64_C(1) << (i % 64);
}

void interview_keep(struct interview_state *state, const struct interview_facts *facts)
{
  if (facts->is_clash && facts->clash < INTERVIEW_CLASHES)
    state->kept |= UINT64_C(1) << facts->clash;
}

/* --- The next question --------------------------------------------------------------------------
 */

struct asking {
  const struct interview *interview;
  const struct interview_state *state;
  const struct facts *facts;
  const struct care_options *options;
  const struct care_result *result;
  const struct care_explanation *explanation;
};

static bool is_open(const struct asking *asking, size_t question)
{
  return question_is_for(&asking->interview->questions[question], asking->state->voice) &&
         interview_step_find(asking->state, question) == asking->state->step_count;
}

/* Does the question tell whether some need rule acts? */
static bool decides_rule(const struct asking *asking, size_t question)
{
  const struct interview *interview = asking->interview;
  if (interview->questions[question].order != QUESTION_RULE) return false;
  for (size_t rule = 0; rule < rules_count(interview->table); rule++)
    for (size_t fact = 0; fact < facts_count(interview->table); fact++)
      if (asking->result->state[rule] == RULE_POSSIBLE && interview->insides[question].sets[fact] &&
          isnan(asking->facts->value[fact]) && rule_uses_fact(interview->table, rule, fact))
        return true;
  return false;
}

/* May the question still be asked: does it tell something that is worth asking, or assumed? */
static bool may_come(const struct asking *asking, size_t question)
{
  const struct question_inside *inside = &asking->interview->insides[question];
  const struct care_explanation *explanation = asking->explanation;
  for (size_t i = 0; i < explanation->unknown_count; i++)
    if (inside->sets[explanation->unknown[i].fact]) return true;
  for (size_t i = 0; i < facts_count(asking->interview->table); i++)
    if (inside->sets[i] && isnan(asking->facts->value[i]) &&
        !isnan(facts_get(asking->interview->table, i)->assumed))
      return true;
  return decides_rule(asking, question);
}

/* The question itself, or one that must come before it; QUESTION_NONE when it is not to be asked.
 */
static size_t resolve(const struct asking *asking, size_t question)
{
  const struct question_inside *inside = &asking->interview->insides[question];
  const struct interview_state *state = asking->state;
  for (size_t i = 0; i < inside->after_count; i++) {
    size_t before = inside->after[i], step = interview_step_find(state, before);
    if (is_open(asking, before) && (inside->given[i] || may_come(asking, before)))
      return resolve(asking, before);
    if (inside->given[i] && (step == state->step_count || state->steps[step].kind != STEP_GIVEN))
      return QUESTION_NONE;
  }
  return question;
}

/* The first open question that can tell the fact. */
static size_t question_for(const struct asking *asking, size_t fact)
{
  for (size_t i = 0; i < asking->interview->question_count; i++) {
    if (!asking->interview->insides[i].sets[fact] || !is_open(asking, i)) continue;
    size_t question = resolve(asking, i);
    if (question != QUESTION_NONE) return question;
  }
  return QUESTION_NONE;
}

static struct care_outcome outcome_of(const struct care_result *result)
{
  return (struct care_outcome){result->level, result->overlays, result->setting, result->is_minor,
                               result->medication_at_place};
}

/* Until it is known, a fact that is assumed counts in care_find() as known; care_explain() asks for
 * it only if it tells something once all others are known. Where those were declined, is there
 * another value that gives another result? */
static bool assumed_matters(const struct asking *asking, size_t index)
{
  const struct level_of_care *table = asking->interview->table;
  const struct fact_cells *cells = &table->cells[index];
  const struct care_outcome now = outcome_of(asking->result);
  struct facts changed = *asking->facts;
  if (isnan(facts_get(table, index)->assumed) || !isnan(changed.value[index])) return false;
  for (size_t i = 0; i < cells->count; i++) {
    struct care_result result;
    changed.value[index] = cells->cells[i].sample;
    care_find(table, &changed, asking->options, &result);
    const struct care_outcome other = outcome_of(&result);
    if (!care_outcome_equal(&other, &now)) return true;
  }
  return false;
}

static size_t next_care(const struct asking *asking)
{
  const struct care_explanation *explanation = asking->explanation;
  size_t question;
  for (size_t i = 0; i < explanation->unknown_count; i++)
    if ((question = question_for(asking, explanation->unknown[i].fact)) != QUESTION_NONE)
      return question;
  for (size_t i = 0; i < facts_count(asking->interview->table); i++)
    if (assumed_matters(asking, i) && (question = question_for(asking, i)) != QUESTION_NONE)
      return question;
  return QUESTION_NONE;
}

static size_t next_rule(const struct asking *asking)
{
  for (size_t i = 0; i < asking->interview->question_count; i++) {
    if (!is_open(asking, i) || !decides_rule(asking, i)) continue;
    size_t question = resolve(asking, i);
    if (question != QUESTION_NONE) return question;
  }
  return QUESTION_NONE;
}

static size_t count_most(const struct asking *asking)
{
  const struct interview *interview = asking->interview;
  size_t most = asking->state->wished ? 0 : 1;
  for (size_t i = 0; i < interview->question_count; i++) {
    enum question_order order = interview->questions[i].order;
    if (!is_open(asking, i) || order == QUESTION_LAST) continue;
    if (order == QUESTION_FIRST || (may_come(asking, i) && resolve(asking, i) != QUESTION_NONE))
      most++;
  }
  return most;
}

size_t interview_next(const struct interview *interview, const struct interview_state *state,
                      const struct facts *facts, const struct care_options *options,
                      const struct care_result *result, const struct care_explanation *explanation,
                      size_t *most)
{
  const struct asking asking = {interview, state, facts, options, result, explanation};
  if (most) *most = 0;
  if (result->is_minor || result->setting == CARE_EMERGENCY) return QUESTION_NONE;
  if (most) *most = count_most(&asking);
  for (size_t i = 0; i < interview->question_count; i++)
    if (interview->questions[i].order == QUESTION_FIRST && is_open(&asking, i)) return i;
  size_t question = next_care(&asking);
  if (question == QUESTION_NONE) question = next_rule(&asking);
  if (question != QUESTION_NONE) return question;
  return state->wished ? QUESTION_NONE : QUESTION_WISHES;
}
