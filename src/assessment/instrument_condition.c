/*
 * Conditions over a scored instrument: "total = 5..12", "q4 = 1 | q5 = 1", "sex = male & total >=
 * 4".
 *
 * Compiled once by precedence into a postfix program; evaluated in Kleene's three values, where
 * what is not known stays unknown until it cannot matter. A skipped item has no value, so that
 * every comparison with it fails but "!=". Pure; a program is immutable.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assessment/instrument_private.h"

/* --- Reading ---------------------------------------------------------------------------------- */

struct reader {
  const struct instrument *instrument;
  struct text source;
  size_t at, depth;
  struct condition_step steps[CONDITION_STEPS];
  size_t count;
  char *what;
};

static bool refuse(struct reader *reader, const char *what, struct text t)
{
  struct text cut = text_slice(t, 0, 60);
  snprintf(reader->what, LIMIT_ERROR_TEXT, "%s '%.*s', column %zu", what, TEXT_PRINT(cut),
           reader->at + 1);
  return false;
}

/* What is left, from the next character that is no blank. */
static struct text rest_of(struct reader *reader)
{
  while (reader->at < reader->source.length && reader->source.at[reader->at] == ' ') reader->at++;
  return text_slice(reader->source, reader->at, reader->source.length);
}

/* Take `mark` when it comes next. */
static bool take(struct reader *reader, const char *mark)
{
  if (!text_starts_with(rest_of(reader), text_from(mark))) return false;
  reader->at += strlen(mark);
  return true;
}

/* The letters, digits, hyphens and points that come next. */
static struct text next_word(struct reader *reader)
{
  static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
  struct text rest = rest_of(reader);
  size_t length = 0;
  while (length < rest.length && memchr(characters, rest.at[length], sizeof characters - 1))
    length++;
  return text_slice(rest, 0, length);
}

static bool add(struct reader *reader, struct condition_step step)
{
  if (reader->count == CONDITION_STEPS) return refuse(reader, "too long at", rest_of(reader));
  reader->steps[reader->count++] = step;
  return true;
}

static bool find_variable(struct reader *reader, struct text word, struct condition_step *step)
{
  if (text_equal(word, TEXT("sex"))) {
    step->variable = OF_SEX;
    if (!reader->instrument->asks_sex) return refuse(reader, "the instrument does not ask", word);
    return true;
  }
  for (size_t i = 0; i < reader->instrument->scale_count; i++) {
    if (!text_equal(reader->instrument->scales[i].name, word)) continue;
    step->variable = OF_SCALE;
    step->index = i;
    return true;
  }
  step->variable = OF_ITEM;
  step->index = INSTRUMENT_NONE;
  if (text_starts_with(word, TEXT("q")))
    step->index = instrument_item_find(reader->instrument, text_slice(word, 1, word.length));
  if (step->index != INSTRUMENT_NONE) return true;
  return refuse(reader, "no item, scale or sex is called", word);
}

static const struct {
  const char *mark;
  enum instrument_comparison comparison;
} comparisons[] = {{"!=", IS_NOT}, {"<=", AT_MOST}, {">=", AT_LEAST},
                   {"=", IS},      {"<", LESS},     {">", MORE}};

static bool read_comparison(struct reader *reader, struct condition_step *step)
{
  for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
    if (!take(reader, comparisons[i].mark)) continue;
    step->comparison = (unsigned char)comparisons[i].comparison;
    return true;
  }
  return refuse(reader, "expected a comparison at", rest_of(reader));
}

static bool read_sex(struct reader *reader, struct text word, struct condition_step *step)
{
  enum instrument_sex sex;
  if (!instrument_sex_read(word, &sex, NULL))
    return refuse(reader, "expected male, female or unspecified at", rest_of(reader));
  if (step->comparison != IS && step->comparison != IS_NOT)
    return refuse(reader, "sex is compared with = or != before", word);
  step->low = (double)sex;
  return true;
}

/* A number, or "5..12". */
static bool read_number(struct reader *reader, struct text word, struct condition_step *step)
{
  size_t dots = text_find(word, TEXT(".."));
  int64_t low, high = 0;
  bool is_range = dots < word.length;
  if (!text_read_integer(text_slice(word, 0, dots), &low) ||
      (is_range && !text_read_integer(text_slice(word, dots + 2, word.length), &high)))
    return refuse(reader, "expected a whole number at", rest_of(reader));
  if (is_range && (step->comparison != IS || high < low))
    return refuse(reader, "a range stands behind = and rises, not", word);
  step->low = (double)low;
  step->high = (double)high;
  if (is_range) step->comparison = WITHIN;
  return true;
}

static bool read_term(struct reader *reader)
{
  struct condition_step step = {.operation = CONDITION_TERM};
  struct text word = next_word(reader);
  if (text_is_empty(word)) return refuse(reader, "expected a condition at", rest_of(reader));
  if (text_equal(word, TEXT("always"))) {
    reader->at += word.length;
    return add(reader, step);
  }
  if (!find_variable(reader, word, &step)) return false;
  reader->at += word.length;
  if (!read_comparison(reader, &step)) return false;
  word = next_word(reader);
  if (!(step.variable == OF_SEX ? read_sex(reader, word, &step) : read_number(reader, word, &step)))
    return false;
  reader->at += word.length;
  return add(reader, step);
}

static bool read_any(struct reader *reader);

static bool read_not(struct reader *reader)
{
  bool good;
  if (reader->depth == CONDITION_DEPTH) return refuse(reader, "too deep at", rest_of(reader));
  reader->depth++;
  if (take(reader, "!")) {
    good = read_not(reader) && add(reader, (struct condition_step){.operation = CONDITION_NOT});
  } else if (take(reader, "(")) {
    good = read_any(reader);
    if (good && !take(reader, ")")) good = refuse(reader, "expected ) at", rest_of(reader));
  } else {
    good = read_term(reader);
  }
  reader->depth--;
  return good;
}

static bool read_all(struct reader *reader)
{
  if (!read_not(reader)) return false;
  while (take(reader, "&"))
    if (!read_not(reader) || !add(reader, (struct condition_step){.operation = CONDITION_AND}))
      return false;
  return true;
}

static bool read_any(struct reader *reader)
{
  if (!read_all(reader)) return false;
  while (take(reader, "|"))
    if (!read_all(reader) || !add(reader, (struct condition_step){.operation = CONDITION_OR}))
      return false;
  return true;
}

bool instrument_condition_compile(struct arena *arena, const struct instrument *instrument,
                                  struct text source, struct instrument_condition *out,
                                  char what[LIMIT_ERROR_TEXT])
{
  struct reader reader = {.instrument = instrument, .source = source, .what = what};
  if (!read_any(&reader)) return false;
  struct text rest = rest_of(&reader);
  if (!text_is_empty(rest)) return refuse(&reader, "expected & or | at", rest);
  struct condition_step *steps = arena_allocate_array(arena, reader.count, sizeof *steps);
  memcpy(steps, reader.steps, reader.count * sizeof *steps);
  *out = (struct instrument_condition){steps, reader.count};
  return true;
}

/* --- Holding ---------------------------------------------------------------------------------- */

static bool compare(const struct condition_step *step, double value)
{
  const bool holds[] = {
      [IS] = value == step->low,
      [IS_NOT] = value != step->low,
      [LESS] = value<step->low, [AT_MOST] = value <= step->low, [MORE] = value> step->low,
      [AT_LEAST] = value >= step->low,
      [WITHIN] = value >= step->low && value <= step->high,
  };
  return holds[step->comparison];
}

static enum instrument_truth term_holds(const struct condition_step *step,
                                        const struct condition_values *values)
{
  double value = (double)values->sex;
  if (step->variable == OF_ALWAYS) return TRUTH_YES;
  if (step->variable == OF_SCALE) value = values->scale[step->index];
  if (step->variable == OF_ITEM) {
    if (values->skipped[step->index]) return step->comparison == IS_NOT ? TRUTH_YES : TRUTH_NO;
    value = values->item[step->index];
  }
  if (isnan(value)) return TRUTH_UNKNOWN;
  return compare(step, value) ? TRUTH_YES : TRUTH_NO;
}

/* By the operation and both truths: no, yes, unknown. */
static const unsigned char joined[2][3][3] = {
    {{TRUTH_NO, TRUTH_NO, TRUTH_NO},
     {TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN},
     {TRUTH_NO, TRUTH_UNKNOWN, TRUTH_UNKNOWN}},
    {{TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN},
     {TRUTH_YES, TRUTH_YES, TRUTH_YES},
     {TRUTH_UNKNOWN, TRUTH_YES, TRUTH_UNKNOWN}},
};
static const unsigned char turned[3] = {TRUTH_YES, TRUTH_NO, TRUTH_UNKNOWN};

enum instrument_truth instrument_condition_holds(const struct instrument_condition *condition,
                                                 const struct condition_values *values)
{
  unsigned char stack[CONDITION_STEPS] = {TRUTH_NO};
  size_t height = 0;
  for (size_t i = 0; i < condition->count; i++) {
    const struct condition_step *step = &condition->steps[i];
    if (step->operation == CONDITION_TERM) {
      stack[height++] = (unsigned char)term_holds(step, values);
    } else if (step->operation == CONDITION_NOT) {
      stack[height - 1] = turned[stack[height - 1]];
    } else {
      height--;
      stack[height - 1] = joined[step->operation == CONDITION_OR][stack[height - 1]][stack[height]];
    }
  }
  return (enum instrument_truth)stack[0];
}
