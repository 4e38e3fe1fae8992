/*
 * Fuzz the interview: the first byte says what follows. 0: the text of a state as it came; what is
 * read is written and read again the same, and leads to a next question. 1: answers drawn from the
 * bytes to whatever is asked; the interview ends, and its state survives its text. 2: a document of
 * the interview, refused or loaded whole.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/interview.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct needs *needs;
static struct level_of_care *table;
static struct instruments *instruments;
static struct interview *interview;

static void must(bool holds)
{
  if (!holds) abort();
}

static void start(void)
{
  struct error error = {0};
  must(needs_load(&needs, "knowledge", &error) &&
       level_of_care_load(&table, "knowledge", needs, &error) &&
       instruments_load(&instruments, "knowledge", &error) &&
       interview_load(&interview, "knowledge", table, instruments, &error));
}

static size_t next_of(const struct interview_state *state)
{
  static struct interview_facts facts;
  struct care_result result;
  static struct care_explanation explanation;
  size_t most;
  interview_facts(interview, state, &facts);
  care_find(table, &facts.facts, NULL, &result);
  care_explain(table, &facts.facts, NULL, &result, &explanation);
  size_t next = interview_next(interview, state, &facts.facts, NULL, &result, &explanation, &most);
  must(next == QUESTION_NONE || most > 0);
  return next;
}

/* Written and read again, it is the same. */
static void survive(struct arena *arena, const struct interview_state *state)
{
  static struct interview_state again;
  struct text written = interview_write(interview, arena, state);
  must(written.length < INTERVIEW_STATE && interview_read(interview, written, &again, NULL));
  must(text_equal(written, interview_write(interview, arena, &again)));
}

static void read_state(struct arena *arena, struct text text)
{
  static struct interview_state state;
  struct error error = {0};
  if (!interview_read(interview, text, &state, &error)) {
    must(error.kind == ERROR_REFUSED);
    return;
  }
  survive(arena, &state);
  next_of(&state);
}

static unsigned take(struct text *text)
{
  if (text->length == 0) return 0;
  unsigned byte = (unsigned char)text->at[0];
  *text = text_slice(*text, 1, text->length);
  return byte;
}

static void walk(struct arena *arena, struct text text)
{
  static struct interview_state state;
  interview_init(&state, (enum choose_voice)(take(&text) % CHOOSE_VOICES));
  for (size_t asked = 0;; asked++) {
    size_t next = next_of(&state);
    must(asked <= QUESTIONS_MAXIMUM);
    if (next == QUESTION_NONE) break;
    if (next == QUESTION_WISHES) {
      state.wished = true;
      continue;
    }
    struct interview_step step;
    interview_step_init(&step, next, STEP_GIVEN);
    const struct question *question = questions_get(interview, next);
    step.is_typed = take(&text) % 8 == 7;
    step.ticked = take(&text) | (uint64_t)take(&text) << 8;
    for (size_t i = 0; i < question->item_count + question->fact_count && i < INSTRUMENT_ITEMS; i++)
      step.value[i] = (double)take(&text) / (take(&text) % 2 ? 1 : 2);
    if (!interview_step_check(interview, state.voice, &step, NULL))
      interview_step_init(&step, next, STEP_UNKNOWN);
    interview_answer(interview, &state, &step);
  }
  survive(arena, &state);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (!interview) start();
  if (size == 0 || size > 32 * 1024) return 0;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text rest = {(const char *)bytes + 1, size - 1};
  struct interview *other;
  struct error error = {0};
  switch (bytes[0] % 3) {
  case 0:
    read_state(arena, rest);
    break;
  case 1:
    walk(arena, rest);
    break;
  default:
    if (interview_load_text(&other, rest, table, instruments, &error)) interview_free(other);
    else must(error.kind == ERROR_REFUSED || error.kind == ERROR_TOO_LARGE);
  }
  arena_free(arena);
  return 0;
}
