/*
 * The proof's words: facts and results of a counter-example, as the document names them.
 */
#include <math.h>

#include "assessment/proof_private.h"

/* 24, or 15.5 */
static void add_number(double number, struct text_buffer *out)
{
  if (number == floor(number)) text_buffer_add_format(out, "%.0f", number);
  else text_buffer_add_format(out, "%.2f", number);
}

static void add_fact(const struct level_of_care *table, size_t fact, double value,
                     struct text_buffer *out)
{
  const struct fact *one = &table->facts[fact];
  text_buffer_add_format(out, "%.*s ", TEXT_PRINT(one->name));
  if (isnan(value)) text_buffer_add(out, TEXT("not known"));
  else if (one->kind == FACT_YES_NO) text_buffer_add(out, value != 0 ? TEXT("yes") : TEXT("no"));
  else if (one->kind == FACT_WORD) text_buffer_add(out, one->words[(size_t)value]);
  else add_number(value, out);
}

static void add_facts(const struct level_of_care *table, const struct facts *facts, size_t except,
                      struct text_buffer *out)
{
  bool first = true;
  for (size_t i = 0; i < table->fact_count; i++) {
    if (i == except || isnan(facts->value[i])) continue;
    if (!first) text_buffer_add(out, TEXT(", "));
    add_fact(table, i, facts->value[i], out);
    first = false;
  }
  if (first) text_buffer_add(out, TEXT("nothing known"));
}

static void add_outcome(const struct level_of_care *table, const struct care_result *result,
                        struct text_buffer *out)
{
  if (result->setting == CARE_EMERGENCY) {
    text_buffer_add(out, TEXT("an emergency"));
  } else if (result->is_minor) {
    text_buffer_add(out, TEXT("not for this table"));
  } else if (result->level == LEVEL_NONE) {
    text_buffer_add(out, TEXT("no level"));
  } else {
    text_buffer_add(out, table->levels[result->level].number);
    for (size_t i = 0; care_overlay_names[i]; i++)
      if (result->overlays >> i & 1) text_buffer_add_format(out, " %s", care_overlay_names[i]);
    if (result->medication_at_place) text_buffer_add(out, TEXT(" with medicine there"));
  }
}

static void add_care_result(const struct level_of_care *table, const struct care_result *result,
                            struct text_buffer *out)
{
  const char *before = " by ";
  add_outcome(table, result, out);
  for (size_t i = 0; i < table->rule_count; i++) {
    if (result->state[i] != RULE_FIRED || table->programs[i].is_note) continue;
    text_buffer_add_format(out, "%s%.*s", before, TEXT_PRINT(table->rules[i].id));
    before = ", ";
  }
  if (before[0] == ' ') text_buffer_add(out, TEXT(" by no rule"));
}

/* --- Reports -----------------------------------------------------------------------------------
 */

static void report(struct proof_check *check, int64_t line, bool is_note, struct text_buffer *what,
                   const char *mend)
{
  if (check->proof.only_signed) text_buffer_add(what, TEXT(" (when unsigned rules wait)"));
  struct care_problem problem = {line, text_c(check->out, text_buffer_get(what)), mend, is_note};
  text_buffer_fini(what);
  check->problems += !is_note;
  check->each(check->context, &problem);
}

static void begin(struct text_buffer *what)
{
  text_buffer_init(what, LIMIT_KNOWLEDGE_FILE);
}

static void find(const struct proof_check *check, const struct facts *facts,
                 struct care_result *out)
{
  check->engine->find(check->proof.table, facts, &check->options, out);
}

/* "with support none 1.5 by B9" */
static void add_result(const struct proof_check *check, const struct facts *facts,
                       struct text_buffer *what)
{
  struct care_result result;
  find(check, facts, &result);
  add_care_result(check->proof.table, &result, what);
}

static bool is_fired(const struct care_result *result, size_t rule)
{
  return result->state[rule] == RULE_FIRED;
}

/* The line of the rule that makes the difference: one that acts in one of both and names the fact;
 * or else the fact's own. */
static int64_t line_of_difference(const struct proof_check *check, size_t fact,
                                  const struct facts *a, const struct facts *b)
{
  const struct level_of_care *table = check->proof.table;
  struct care_result first, second;
  find(check, a, &first);
  find(check, b, &second);
  int64_t line = table->fact_lines[fact];
  for (size_t i = 0; i < table->rule_count; i++)
    if (is_fired(&first, i) != is_fired(&second, i) && rule_uses_fact(table, i, fact))
      line = table->programs[i].line;
  return line;
}

/* Tell of two sets of answers that differ in one fact. */
void proof_report_pair(struct proof_check *check, size_t fact, const struct facts *a,
                       const struct facts *b, const char *claim, const char *mend)
{
  const struct level_of_care *table = check->proof.table;
  struct text_buffer what;
  begin(&what);
  text_buffer_add_format(&what, "%s: with ", claim);
  add_fact(table, fact, a->value[fact], &what);
  text_buffer_add(&what, TEXT(": "));
  add_result(check, a, &what);
  text_buffer_add(&what, TEXT("; with "));
  add_fact(table, fact, b->value[fact], &what);
  text_buffer_add(&what, TEXT(": "));
  add_result(check, b, &what);
  text_buffer_add(&what, TEXT("; beside it: "));
  add_facts(table, a, fact, &what);
  report(check, line_of_difference(check, fact, a, b), false, &what, mend);
}

/* Tell of one set of answers. */
void proof_report_facts(struct proof_check *check, int64_t line, const struct facts *facts,
                        const char *claim, const char *mend)
{
  struct text_buffer what;
  begin(&what);
  text_buffer_add_format(&what, "%s: with ", claim);
  add_facts(check->proof.table, facts, FACTS_MAXIMUM, &what);
  text_buffer_add(&what, TEXT(": "));
  add_result(check, facts, &what);
  report(check, line, false, &what, mend);
}

void proof_report_rule(struct proof_check *check, size_t rule, bool is_note, const char *claim,
                       const char *mend)
{
  const struct level_of_care *table = check->proof.table;
  struct text_buffer what;
  begin(&what);
  text_buffer_add_format(&what, "%.*s %s", TEXT_PRINT(table->rules[rule].id), claim);
  report(check, table->programs[rule].line, is_note, &what, mend);
}

void proof_report_text(struct proof_check *check, int64_t line, struct text text, const char *mend)
{
  struct text_buffer what;
  begin(&what);
  text_buffer_add(&what, text);
  report(check, line, false, &what, mend);
}
