/*
 * The interview's state: steps, and their text. See interview.h.
 *
 *   1 self                  version and voice
 *   screen g none           given: answers, items of a checklist, "3=1" items, or numbers by fact
 *   age g age=34.000000
 *   cows t cows=13.000000   typed
 *   risk s                  rather not say; `u`: don't know
 *   !safe A5                and !kept ID, !wished
 */
#include <math.h>
#include <string.h>

#include "assessment/interview_private.h"
#include "assessment/level_of_care_private.h"

static const char *const voices[] = {"self", "other", "staff"};
static const char version[] = "1";

void interview_init(struct interview_state *state, enum choose_voice voice)
{
  *state = (struct interview_state){.voice = voice};
}

void interview_step_init(struct interview_step *step, size_t question, enum step_kind kind)
{
  *step = (struct interview_step){.question = question, .kind = kind};
  for (size_t i = 0; i < INSTRUMENT_ITEMS; i++) step->value[i] = NAN;
}

size_t interview_step_find(const struct interview_state *state, size_t question)
{
  size_t i = 0;
  while (i < state->step_count && state->steps[i].question != question) i++;
  return i;
}

/* --- Checking -----------------------------------------------------------------------------------
 */

static bool refuse(struct error *error, const char *person, const char *what, struct text id)
{
  return error_set(error, ERROR_REFUSED, person, "", "interview: %s of '%.*s'", what,
                   TEXT_PRINT(id));
}

static bool check_number(const struct level_of_care *table, size_t index, double value,
                         struct error *error)
{
  const struct fact *fact = facts_get(table, index);
  bool is_number = fact->kind == FACT_INTEGER || fact->kind == FACT_NUMBER;
  double most = is_number ? fact->maximum : (double)fact->word_count - 1;
  double least = is_number ? fact->minimum : 0;
  if (fact->kind == FACT_YES_NO) most = 1;
  if (isnan(value)) return true;
  if (fact->kind != FACT_NUMBER && value != floor(value))
    return refuse(error, "error.choose.whole", "a part of a number", fact->name);
  if (value < least || value > most)
    return refuse(error, "error.choose.range", "a number out of range", fact->name);
  return true;
}

static bool check_ticked(const struct interview *interview, const struct interview_step *step,
                         struct error *error)
{
  const struct question *question = &interview->questions[step->question];
  uint64_t none = interview->insides[step->question].none;
  size_t count = question->instrument ? question->item_count : question->answer_count;
  bool one = step->ticked && (step->ticked & (step->ticked - 1)) == 0;
  if (step->ticked >> (count - 1) >> 1) /* the loader sees to it that there is one to tick */
    return refuse(error, "error.choose.answer", "an unknown answer", question->id);
  if (question->kind == QUESTION_CHOICE && !one)
    return refuse(error, "error.choose.one", "none or two answers", question->id);
  if (question->kind == QUESTION_SEVERAL && !step->ticked)
    return refuse(error, "error.choose.several", "no answer", question->id);
  if ((step->ticked & none) && !one)
    return refuse(error, "error.choose.none", "none beside another", question->id);
  return true;
}

bool interview_step_check(const struct interview *interview, enum choose_voice voice,
                          const struct interview_step *step, struct error *error)
{
  const struct question *question = &interview->questions[step->question];
  bool has_facts = question->kind == QUESTION_NUMBERS || step->is_typed;
  size_t known = 0, count = has_facts ? question->fact_count : question->item_count;
  if (!question_is_for(question, voice) || (step->is_typed && !question_may_type(question, voice)))
    return refuse(error, "error.choose.answer", "not a question for this voice", question->id);
  if (step->kind != STEP_GIVEN) return true;
  if (!has_facts && question->kind != QUESTION_INSTRUMENT)
    return check_ticked(interview, step, error);
  for (size_t i = 0; i < count; i++) {
    double value = step->value[i];
    known += isnan(value) ? 0 : 1;
    if (has_facts && !check_number(interview->table, question->facts[i], value, error))
      return false;
    if (!has_facts && !isnan(value) &&
        !instrument_item_allows(&question->instrument->items[question->items[i]], value))
      return refuse(error, "error.choose.answer", "an answer that the item lacks", question->id);
  }
  if (!known) return refuse(error, "error.choose.empty", "no answer", question->id);
  return true;
}

/* --- Answering ----------------------------------------------------------------------------------
 */

/* Look again at clashes and stops that the question has to do with. */
static void forget(const struct interview *interview, struct interview_state *state,
                   size_t question)
{
  for (size_t i = 0; i < interview->clash_count; i++)
    for (size_t j = 0; j < interview->clashes[i].question_count; j++)
      if (interview->clashes[i].questions[j] == question) state->kept &= ~(UINT64_C(1) << i);
  for (size_t rule = 0; rule < rules_count(interview->table); rule++)
    for (size_t fact = 0; fact < facts_count(interview->table); fact++)
      if (interview->insides[question].sets[fact] && rule_uses_fact(interview->table, rule, fact))
        state->safe[rule / 64] &= ~(UINT64_C(1) << (rule % 64));
}

void interview_answer(const struct interview *interview, struct interview_state *state,
                      const struct interview_step *step)
{
  size_t at = interview_step_find(state, step->question);
  forget(interview, state, step->question);
  state->steps[at] = *step;
  if (at == state->step_count) state->step_count++;
}

/* --- Writing ------------------------------------------------------------------------------------
 */

static void write_ticked(const struct question *question, const struct interview_step *step,
                         struct text_buffer *out)
{
  size_t count = question->instrument ? question->item_count : question->answer_count;
  for (size_t i = 0; i < count; i++) {
    if (!(step->ticked >> i & 1)) continue;
    text_buffer_add_character(out, ' ');
    text_buffer_add(out, question->instrument
                             ? question->instrument->items[question->items[i]].number
                             : question->answers[i]);
  }
}

static struct text name_of(const struct interview *interview, const struct question *question,
                           bool is_fact, size_t index)
{
  return is_fact ? facts_get(interview->table, question->facts[index])->name
                 : question->instrument->items[question->items[index]].number;
}

static void write_step(const struct interview *interview, const struct interview_step *step,
                       struct text_buffer *out)
{
  static const char kinds[] = {'g', 's', 'u'};
  const struct question *question = &interview->questions[step->question];
  bool is_fact = question->kind == QUESTION_NUMBERS || step->is_typed;
  text_buffer_add(out, question->id);
  text_buffer_add_character(out, ' ');
  text_buffer_add_character(out, step->is_typed ? 't' : kinds[step->kind]);
  if (!is_fact && question->kind != QUESTION_INSTRUMENT) {
    write_ticked(question, step, out);
  } else {
    size_t count = is_fact ? question->fact_count : question->item_count;
    for (size_t i = 0; i < count; i++)
      if (!isnan(step->value[i]))
        text_buffer_add_format(out, " %.*s=%.6f",
                               TEXT_PRINT(name_of(interview, question, is_fact, i)),
                               step->value[i]);
  }
  text_buffer_add_character(out, '\n');
}

struct text interview_write(const struct interview *interview, struct arena *arena,
                            const struct interview_state *state)
{
  struct text_buffer out;
  text_buffer_init(&out, INTERVIEW_STATE);
  text_buffer_add_format(&out, "%s %s\n", version, voices[state->voice]);
  for (size_t i = 0; i < state->step_count; i++) write_step(interview, &state->steps[i], &out);
  for (size_t i = 0; i < rules_count(interview->table); i++)
    if (state->safe[i / 64] >> (i % 64) & 1)
      text_buffer_add_format(&out, "!safe %.*s\n", TEXT_PRINT(rules_get(interview->table, i)->id));
  for (size_t i = 0; i < interview->clash_count; i++)
    if (state->kept >> i & 1)
      text_buffer_add_format(&out, "!kept %.*s\n", TEXT_PRINT(interview->clashes[i].id));
  if (state->wished) text_buffer_add(&out, TEXT("!wished\n"));
  struct text copy = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

/* --- Reading ------------------------------------------------------------------------------------
 */

static bool read_ticked(const struct question *question, struct text rest,
                        struct interview_step *step)
{
  struct text word;
  while (text_word_next(&rest, &word)) {
    size_t count = question->instrument ? question->item_count : question->answer_count, i = 0;
    while (i < count &&
           !text_equal(word, question->instrument
                                 ? question->instrument->items[question->items[i]].number
                                 : question->answers[i]))
      i++;
    if (i == count) return false;
    step->ticked |= UINT64_C(1) << i;
  }
  return true;
}

static bool read_values(const struct interview *interview, const struct question *question,
                        struct text rest, struct interview_step *step)
{
  bool is_fact = question->kind == QUESTION_NUMBERS || step->is_typed;
  size_t count = is_fact ? question->fact_count : question->item_count;
  struct text word, name;
  while (text_word_next(&rest, &word)) {
    size_t i = 0;
    text_split_next(&word, '=', &name);
    while (i < count && !text_equal(name, name_of(interview, question, is_fact, i))) i++;
    if (i == count || !text_read_decimal(word, &step->value[i])) return false;
  }
  return true;
}

static bool read_step(const struct interview *interview, struct text id, struct text rest,
                      struct interview_state *out)
{
  struct text kind;
  size_t index = questions_find(interview, id);
  struct interview_step *step = &out->steps[out->step_count];
  if (index == QUESTION_NONE || interview_step_find(out, index) < out->step_count ||
      !text_word_next(&rest, &kind) || kind.length != 1 || !strchr("gtsu", kind.at[0]))
    return false;
  const struct question *question = &interview->questions[index];
  interview_step_init(step, index,
                      kind.at[0] == 's'   ? STEP_SKIPPED
                      : kind.at[0] == 'u' ? STEP_UNKNOWN
                                          : STEP_GIVEN);
  step->is_typed = kind.at[0] == 't';
  bool has_values =
      question->kind == QUESTION_NUMBERS || question->kind == QUESTION_INSTRUMENT || step->is_typed;
  if (!(has_values ? read_values(interview, question, rest, step)
                   : read_ticked(question, rest, step)) ||
      !interview_step_check(interview, out->voice, step, NULL))
    return false;
  out->step_count++;
  return true;
}

static bool read_mark(const struct interview *interview, struct text word, struct text rest,
                      struct interview_state *out)
{
  struct text id = text_trim(rest);
  if (text_equal(word, TEXT("!wished"))) return out->wished = true;
  for (size_t i = 0; text_equal(word, TEXT("!safe")) && i < rules_count(interview->table); i++)
    if (text_equal(rules_get(interview->table, i)->id, id)) {
      out->safe[i / 64] |= UINT64_C(1) << (i % 64);
      return true;
    }
  for (size_t i = 0; text_equal(word, TEXT("!kept")) && i < interview->clash_count; i++)
    if (text_equal(interview->clashes[i].id, id)) {
      out->kept |= UINT64_C(1) << i;
      return true;
    }
  return false;
}

static bool read_head(struct text line, struct interview_state *out)
{
  struct text word;
  if (!text_word_next(&line, &word) || !text_equal(word, text_from(version)) ||
      !text_word_next(&line, &word))
    return false;
  for (int i = 0; i < CHOOSE_VOICES; i++)
    if (text_equal(word, text_from(voices[i]))) {
      interview_init(out, (enum choose_voice)i);
      return true;
    }
  return false;
}

bool interview_read(const struct interview *interview, struct text written,
                    struct interview_state *out, struct error *error)
{
  struct interview_state state;
  struct text line, word;
  bool good = text_split_next(&written, '\n', &line) && read_head(line, &state);
  while (good && text_split_next(&written, '\n', &line)) {
    if (!text_word_next(&line, &word)) continue; /* the end of the last line */
    good = word.at[0] == '!' ? read_mark(interview, word, line, &state)
                             : read_step(interview, word, line, &state);
  }
  if (!good)
    return error_set(error, ERROR_REFUSED, "error.seal.broken", "Begin anew.",
                     "no state of this interview");
  *out = state;
  return true;
}
