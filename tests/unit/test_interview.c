/*
 * The interview: the real questions, asked of made-up people. What a person would answer to every
 * question is drawn first; the interview asks some of it, and must come to the level that all of it
 * gives. Paths are written by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "interview_support.h"

/* --- People --- */

static uint64_t seed;

static unsigned draw(unsigned below)
{
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)((seed >> 33) % below);
}

struct person {
  enum choose_voice voice;
  struct interview_step answers[QUESTIONS_MAXIMUM];
};

static void draw_ticked(const struct question *question, struct interview_step *step,
                        unsigned percent)
{
  size_t count = question->instrument ? question->item_count : question->answer_count;
  size_t options = question->instrument ? count : count - 1; /* less "none", which is last */
  if (question->kind == QUESTION_CHOICE) {
    step->ticked = UINT64_C(1) << draw((unsigned)count);
    return;
  }
  for (size_t i = 0; i < options; i++)
    if (draw(100) < percent) step->ticked |= UINT64_C(1) << i;
  if (!step->ticked && !question->instrument) step->ticked = UINT64_C(1) << options;
}

static void draw_values(const struct question *question, struct interview_step *step,
                        unsigned percent)
{
  for (size_t i = 0; question->kind == QUESTION_NUMBERS && i < question->fact_count; i++) {
    const struct fact *fact = facts_get(table, question->facts[i]);
    step->value[i] = fact->minimum + draw((unsigned)(fact->maximum - fact->minimum) + 1);
  }
  for (size_t i = 0; question->kind == QUESTION_INSTRUMENT && i < question->item_count; i++) {
    const struct instrument_item *item = &question->instrument->items[question->items[i]];
    step->value[i] = item->kind == ITEM_YES_NO
                         ? (double)(draw(100) < percent)
                         : item->options[draw((unsigned)item->option_count)].value;
  }
}

static bool is_id(const struct question *question, const char *id)
{
  return text_equal(question->id, text_from(id));
}

/* `percent`: how often something is ticked, and of the first screen; `decline`: how often an answer
 * is refused. */
static void draw_person(struct person *person, enum choose_voice voice, unsigned percent,
                        unsigned decline)
{
  person->voice = voice;
  for (size_t i = 0; i < questions_count(interview); i++) {
    const struct question *question = questions_get(interview, i);
    struct interview_step *step = &person->answers[i];
    bool declines = draw(100) < decline;
    interview_step_init(step, i, !declines ? STEP_GIVEN : draw(2) ? STEP_SKIPPED : STEP_UNKNOWN);
    if (declines) continue;
    if (question->kind == QUESTION_NUMBERS || question->kind == QUESTION_INSTRUMENT)
      draw_values(question, step, percent);
    else draw_ticked(question, step, is_id(question, "screen") ? percent / 8 : percent);
    if (is_id(question, "pregnancy") && draw(3)) step->ticked = 1;
    if (is_id(question, "suicide-seen") && draw(3)) step->ticked = 1;
    for (size_t j = 0; is_id(question, "cows") && (j || draw(2)) && j < question->item_count; j++)
      step->value[j] = 0;
    if (is_id(question, "age")) step->value[0] = draw(40) ? 18 + draw(60) : 15;
    if (is_id(question, "vitals")) {
      step->value[0] = draw(10) ? 14 : 26;
      step->value[1] = draw(10) ? 97 : 90;
      step->value[2] = draw(10);
    }
  }
}

/* The answer to the page, less what the page does not ask. */
static struct interview_step answer_of(const struct interview_state *state,
                                       const struct person *person, size_t question)
{
  struct interview_step step = person->answers[question];
  const struct question *asked = questions_get(interview, question);
  for (size_t i = 0; asked->kind == QUESTION_INSTRUMENT && i < asked->item_count; i++)
    if (!interview_asks_item(interview, state, question, i)) step.value[i] = NAN;
  return step;
}

struct run {
  struct interview_state state;
  struct interview_facts facts;
  struct care_result result;
  size_t pages, items; /* questions asked, wishes included; lines to answer on them */
  bool asked[QUESTIONS_MAXIMUM];
};

static size_t find_next(struct run *run, size_t *most)
{
  struct care_explanation explanation;
  interview_facts(interview, &run->state, &run->facts);
  care_find(table, &run->facts.facts, NULL, &run->result);
  care_explain(table, &run->facts.facts, NULL, &run->result, &explanation);
  return interview_next(interview, &run->state, &run->facts.facts, NULL, &run->result, &explanation,
                        most);
}

/* Ask until nothing is left. */
static void ask(const struct person *person, struct run *run)
{
  memset(run, 0, sizeof *run);
  interview_init(&run->state, person->voice);
  size_t next, most, most_before = QUESTIONS_MAXIMUM;
  while ((next = find_next(run, &most)) != QUESTION_NONE) {
    if (most == 0 || most > most_before) /* what the page promises */
      fail_msg("%zu pages at most, after %zu, before %s:\n%s", most, most_before,
               next == QUESTION_WISHES ? "wishes"
                                       : text_c(arena, questions_get(interview, next)->id),
               text_c(arena, interview_write(interview, arena, &run->state)));
    most_before = most - 1;
    run->pages++;
    if (next == QUESTION_WISHES) {
      run->state.wished = true;
      continue;
    }
    const struct question *question = questions_get(interview, next);
    assert_true(question_is_for(question, person->voice));
    assert_false(run->asked[next]);
    run->asked[next] = true;
    struct interview_step step = answer_of(&run->state, person, next);
    assert_true(interview_step_check(interview, person->voice, &step, NULL));
    for (size_t i = 0; i < question->item_count; i++)
      run->items += question->kind == QUESTION_CHECKLIST || !isnan(step.value[i]);
    interview_answer(interview, &run->state, &step);
  }
}

/* May the question be asked at all, after what was answered before it? */
static bool may_be_asked(const struct interview_state *state, size_t question)
{
  const struct question_inside *inside = &interview->insides[question];
  for (size_t i = 0; i < inside->after_count; i++) {
    size_t at = interview_step_find(state, inside->after[i]);
    if (inside->given[i] && (at == state->step_count || state->steps[at].kind != STEP_GIVEN))
      return false;
  }
  return question_is_for(questions_get(interview, question), state->voice);
}

/* Answer everything, in the document's order. */
static void answer_all(const struct person *person, struct run *run)
{
  memset(run, 0, sizeof *run);
  interview_init(&run->state, person->voice);
  for (size_t i = 0; i < questions_count(interview); i++) {
    const struct question *question = questions_get(interview, i);
    if (!may_be_asked(&run->state, i)) continue;
    struct interview_step step = answer_of(&run->state, person, i);
    bool empty = question->kind == QUESTION_INSTRUMENT && step.kind == STEP_GIVEN;
    for (size_t j = 0; j < question->item_count; j++) empty = empty && isnan(step.value[j]);
    if (!empty) interview_answer(interview, &run->state, &step);
  }
  interview_facts(interview, &run->state, &run->facts);
  care_find(table, &run->facts.facts, NULL, &run->result);
}

/* --- The questions --- */

/* Which questions were ever asked, by voice. */
static bool ever[CHOOSE_VOICES][QUESTIONS_MAXIMUM];

static void note_asked(const struct run *run)
{
  for (size_t i = 0; i < QUESTIONS_MAXIMUM; i++)
    ever[run->state.voice][i] = ever[run->state.voice][i] || run->asked[i];
}

static bool is_askable(enum choose_voice voice, size_t fact)
{
  for (size_t i = 0; i < questions_count(interview); i++)
    if (question_is_for(questions_get(interview, i), voice) && question_sets(interview, i, fact))
      return true;
  return false;
}

static void interview_test_every_fact_can_be_asked(void **state)
{
  (void)state;
  /* What no plain question stands for: staff measure it. */
  static const char *const measured[] = {"breathing_rate", "oxygen_saturation", "news2"};
  for (size_t i = 0; i < facts_count(table); i++) {
    const struct fact *fact = facts_get(table, i);
    bool is_measured = false;
    for (size_t j = 0; j < 3; j++)
      is_measured = is_measured || text_equal(fact->name, text_from(measured[j]));
    for (int voice = 0; voice < CHOOSE_VOICES; voice++)
      if (is_askable((enum choose_voice)voice, i) != (voice == CHOOSE_STAFF || !is_measured))
        fail_msg("%s, voice %d", text_c(arena, fact->name), voice);
  }
}

/* --- Stopping early --- */

static void compare(const struct person *person, const struct run *asked, const struct run *all,
                    unsigned number)
{
  const struct care_result *a = &asked->result, *b = &all->result;
  if (a->is_minor && b->setting == CARE_EMERGENCY) return; /* a stop dominates the gate */
  if (a->level == b->level && a->overlays == b->overlays && a->setting == b->setting &&
      a->is_minor == b->is_minor && a->medication_at_place == b->medication_at_place)
    return;
  print_error("%s\n%s\n", text_c(arena, interview_write(interview, arena, &asked->state)),
              text_c(arena, interview_write(interview, arena, &all->state)));
  fail_msg("person %u, voice %d: asked %s, all %s", number, person->voice,
           outcome_text(a->level, a->overlays, a->setting, a->is_minor),
           outcome_text(b->level, b->overlays, b->setting, b->is_minor));
}

static void interview_test_stopping_early_changes_nothing(void **state)
{
  (void)state;
  enum { PEOPLE = 120 };
  static struct person person;
  static struct run asked, all;
  for (unsigned i = 0; i < PEOPLE; i++)
    for (int voice = 0; voice < CHOOSE_VOICES; voice++) {
      seed = i * 3 + (unsigned)voice + 1;
      draw_person(&person, (enum choose_voice)voice, 10 + 10 * (i % 4), i % 3 ? 0 : 15);
      ask(&person, &asked);
      answer_all(&person, &all);
      assert_false(all.facts.is_clash && all.facts.clash == INTERVIEW_CLASHES);
      compare(&person, &asked, &all, i);
      note_asked(&asked);
    }
}

/* --- How long it takes --- */

static int by_size(const void *a, const void *b)
{
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

/* 15 seconds a page (the measure), and never less than 4 a line of a scale. */
static void interview_test_takes_five_minutes(void **state)
{
  (void)state;
  enum { PEOPLE = 200 };
  static struct person person;
  static struct run run;
  static const char *const names[] = {"self", "other", "staff"};
  for (int voice = 0; voice < CHOOSE_VOICES; voice++) {
    size_t pages[PEOPLE], count = 0;
    for (unsigned i = 0; i < PEOPLE; i++) {
      seed = 7919 * i + (unsigned)voice;
      draw_person(&person, (enum choose_voice)voice, 12, 5);
      ask(&person, &run);
      note_asked(&run);
      if (run.result.setting != CARE_EMERGENCY && !run.result.is_minor) pages[count++] = run.pages;
    }
    qsort(pages, count, sizeof *pages, by_size);
    print_message("%s: %zu people without an emergency, pages: median %zu, 90%% %zu, most %zu\n",
                  names[voice], count, pages[count / 2], pages[count * 9 / 10], pages[count - 1]);
    if (voice == CHOOSE_STAFF) continue;
    assert_true(pages[count / 2] * 15 <= 5 * 60);
    assert_true(pages[count * 9 / 10] <= 20);
  }
}

static void interview_test_every_question_is_reached(void **state)
{
  (void)state;
  for (int voice = 0; voice < CHOOSE_VOICES; voice++)
    for (size_t i = 0; i < questions_count(interview); i++) {
      const struct question *question = questions_get(interview, i);
      if (question_is_for(question, (enum choose_voice)voice) && question->order != QUESTION_LAST &&
          !ever[voice][i])
        fail_msg("%s is never asked of voice %d", text_c(arena, question->id), voice);
    }
}

/* --- Paths written by hand --- */

/* "question answer answer; question 1=0 2=1; …": every other question is answered with its first
 * answer, a no, or 0. */
struct path {
  const char *name;
  enum choose_voice voice;
  const char *answers;
  const char *outcome;
};

static size_t find_answer(const struct question *question, struct text id)
{
  for (size_t i = 0; i < question->answer_count; i++)
    if (text_equal(question->answers[i], id)) return i;
  for (size_t i = 0; i < question->item_count; i++)
    if (text_equal(question->instrument->items[question->items[i]].number, id)) return i;
  fail_msg("no answer %s", text_c(arena, id));
  return 0;
}

static void read_answers(struct interview_step *step, struct text rest)
{
  const struct question *question = questions_get(interview, step->question);
  struct text word, name;
  step->ticked = 0;
  while (text_word_next(&rest, &word)) {
    if (text_equal(word, TEXT("?"))) step->kind = STEP_UNKNOWN;
    else if (question->kind == QUESTION_NUMBERS) assert_true(text_read_decimal(word, step->value));
    else if (question->kind == QUESTION_INSTRUMENT) {
      text_split_next(&word, '=', &name);
      assert_true(text_read_decimal(word, &step->value[find_answer(question, name)]));
    } else step->ticked |= UINT64_C(1) << find_answer(question, word);
  }
}

static void read_person(const struct path *path, struct person *person)
{
  struct text rest = text_from(path->answers), part, id;
  person->voice = path->voice;
  for (size_t i = 0; i < questions_count(interview); i++) {
    const struct question *question = questions_get(interview, i);
    struct interview_step *step = &person->answers[i];
    interview_step_init(step, i, STEP_GIVEN);
    for (size_t j = 0; j < question->item_count + question->fact_count; j++) step->value[j] = 0;
    step->ticked = question->kind == QUESTION_SEVERAL  ? UINT64_C(1) << (question->answer_count - 1)
                   : question->kind == QUESTION_CHOICE ? 1
                                                       : 0;
  }
  while (text_split_next(&rest, ';', &part)) {
    if (!text_word_next(&part, &id)) continue;
    size_t index = questions_find(interview, id);
    if (index == QUESTION_NONE) fail_msg("no question %s", text_c(arena, id));
    read_answers(&person->answers[index], part);
  }
}

/* Levels as docs of the table give them; pages counted by hand as the interview shows them. */
static void interview_test_paths(void **state)
{
  (void)state;
  static const struct path paths[] = {
      {"doing well on medicine", CHOOSE_SELF,
       "age 34; medicine buprenorphine; years 1-to-4;"
       "overdose never; risk none",
       "1.5"},
      {"wants to start, safe home", CHOOSE_SELF,
       "age 28; withdrawal moderate; criteria 1 2 3 4 5 11;"
       "risk alone; overdose before; years 1-to-4",
       "1.7"},
      {"uses alone tonight, no medicine", CHOOSE_SELF,
       "age 41; withdrawal mild; criteria 1 2 3 4 5 6 11;"
       "risk today alone fentanyl; overdose month; years 10-up; support some",
       "3.7"},
      {"no home, nobody", CHOOSE_SELF,
       "age 25; withdrawal none; medicine methadone; housing unsafe;"
       "sober-home no; support none; overdose year; years 1-to-4",
       "3.1"},
      {"drinks every day", CHOOSE_SELF,
       "age 50; withdrawal moderate; other-drugs alcohol past;"
       "alcohol-now shaky; criteria 1 2 3 4",
       "4"},
      {"low and haunted", CHOOSE_SELF,
       "age 30; withdrawal none; medicine buprenorphine; mind terrible;"
       "mood 1=3 2=3; mood-more 3=3 4=3 5=3 6=3 7=3 8=3; trauma 1=1 2=1 3=1 4=1; function yes;"
       "overdose never; years 1-to-4",
       "2.5-COE"},
      {"a mother asks for her son", CHOOSE_OTHER,
       "age 22; withdrawal moderate; criteria 1 2 5 6;"
       "risk alone; housing safe; overdose year; years 1-to-4",
       "1.7"},
      {"thinks of suicide", CHOOSE_SELF, "age 37; suicide 1=1 2=1; suicide-more 3=1 4=1",
       "emergency"},
      {"is sixteen", CHOOSE_SELF, "age 16", "minor"},
      {"a nurse asks", CHOOSE_STAFF,
       "age 45; vitals 14; cows 1=2 2=3 3=3 4=2 5=2 6=2 7=2;"
       "criteria 1 2 3 4 5 6; overdose before; years 5-to-9",
       "2.7"},
  };
  static struct person person;
  static struct run run;
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    read_person(&paths[i], &person);
    if (paths[i].voice == CHOOSE_STAFF) {
      size_t vitals = questions_find(interview, TEXT("vitals"));
      person.answers[vitals].value[1] = 97;
    }
    ask(&person, &run);
    const char *found = outcome_text(run.result.level, run.result.overlays, run.result.setting,
                                     run.result.is_minor);
    print_message("%-32s %-10s %2zu pages, %2zu lines of scales\n", paths[i].name, found, run.pages,
                  run.items);
    if (strcmp(found, paths[i].outcome) != 0)
      fail_msg("%s: %s, not %s\n%s", paths[i].name, found, paths[i].outcome,
               text_c(arena, interview_write(interview, arena, &run.state)));
    assert_true(run.pages <= (paths[i].voice == CHOOSE_STAFF ? 25u : 20u));
  }
}

/* A plain answer stands for a score that nobody took; what is typed or counted is as it is. */
static void interview_test_estimates(void **state)
{
  (void)state;
  static const struct {
    const char *fact;
    bool self, staff;
  } rows[] = {{"cows", true, false}, {"ciwa_ar", true, false}, {"overdose_days", true, false},
              {"age", false, false}, {"phq_9", false, false},  {"housing", false, false}};
  bool self[FACTS_MAXIMUM], staff[FACTS_MAXIMUM];
  interview_estimates(interview, CHOOSE_SELF, self);
  interview_estimates(interview, CHOOSE_STAFF, staff);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t fact;
    assert_true(facts_find(table, text_from(rows[i].fact), &fact));
    if (self[fact] != rows[i].self || staff[fact] != rows[i].staff)
      fail_msg("%s: self %d, staff %d", rows[i].fact, self[fact], staff[fact]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(interview_test_estimates),
      cmocka_unit_test(interview_test_every_fact_can_be_asked),
      cmocka_unit_test(interview_test_stopping_early_changes_nothing),
      cmocka_unit_test(interview_test_takes_five_minutes),
      cmocka_unit_test(interview_test_every_question_is_reached),
      cmocka_unit_test(interview_test_paths),
  };
  return cmocka_run_group_tests(tests, interview_set_up, interview_tear_down);
}
