/*
 * paying: see paying.h. Reading the tables, and which ways fit.
 */
#include "coverage/paying.h"

#include <assert.h>

#include "coverage/rules_private.h"

enum { PERCENT_MOST = 10000 };

/* --- Tables ---------------------------------------------------------------------------------- */

static void load_states(struct rules_loading *loading)
{
  static const char *const columns[] = {"state", "name_en", "name_es", NULL};
  struct paying_state *all = rules_begin(loading, "place-states.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i].code = knowledge_required(&loading->file, i, 0);
    knowledge_read_labels(&loading->file, i, 1, all[i].label);
  }
  loading->rules->states = all;
  loading->rules->state_count = loading->count;
}

static void load_situations(struct rules_loading *loading)
{
  static const char *const columns[] = {"situation", "label_en", "label_es", NULL};
  struct paying_situation *all =
      rules_begin(loading, "paying-situations.csv", columns, sizeof *all);
  struct name_index names;
  if (!knowledge_fits(&loading->file, PAYING_SITUATIONS)) return;
  for (size_t i = 0; i < loading->count; i++) {
    all[i].name = knowledge_read_name(&loading->file, i, 0);
    knowledge_read_labels(&loading->file, i, 1, all[i].label);
  }
  if (loading->count) knowledge_index_names(&loading->file, 0, &names);
  loading->rules->situations = all;
  loading->rules->situation_count = loading->count;
}

/* "a b !c": one of a and b, not c. */
static void read_situations(struct rules_loading *loading, size_t row, size_t column,
                            struct paying_way *way)
{
  struct coverage_words words = rules_words(loading, row, column);
  for (size_t i = 0; i < words.count; i++) {
    struct text word = words.at[i];
    size_t index;
    bool is_none = text_starts_with(word, TEXT("!"));
    if (is_none) word = text_slice(word, 1, word.length);
    if (!paying_situation_find(loading->rules, word, &index))
      rules_refuse(loading, row, "use one of paying-situations.csv", "a situation is unknown");
    else if (is_none) way->none |= UINT32_C(1) << index;
    else way->any |= UINT32_C(1) << index;
  }
  if (way->any & way->none)
    rules_refuse(loading, row, "keep one of them", "a situation is asked for and refused");
}

static void load_ways(struct rules_loading *loading)
{
  static const char *const fits[] = {
      [PAYING_LIKELY] = "likely", [PAYING_MAYBE] = "maybe", [PAYING_NOTE] = "note", NULL};
  static const char *const columns[] = {
      "way",      "fit",      "states",   "above_percent", "to_percent", "situations",
      "label_en", "label_es", "words_en", "words_es",      "link",       "effective",
      "expires",  "source",   "grade",    "signed_by",     NULL};
  struct paying_way *all = rules_begin(loading, "paying-ways.csv", columns, sizeof *all);
  struct name_index names;
  if (!knowledge_fits(&loading->file, PAYING_WAYS)) return;
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct paying_way){.name = knowledge_read_name(&loading->file, i, 0),
                                 .fit = (enum paying_fit)rules_choice(loading, i, 1, fits),
                                 .states = rules_states(loading, i, 2),
                                 .above = rules_optional(loading, i, 3, PERCENT_MOST, -1),
                                 .to = rules_optional(loading, i, 4, PERCENT_MOST, INT64_MAX),
                                 .link = knowledge_cell(&loading->file, i, 10),
                                 .term = rules_term(loading, i, 11),
                                 .basis = rules_basis(loading, i, 13)};
    knowledge_read_labels(&loading->file, i, 6, all[i].label);
    knowledge_read_labels(&loading->file, i, 8, all[i].words);
    read_situations(loading, i, 5, &all[i]);
    if (all[i].above >= all[i].to)
      rules_refuse(loading, i, "mend one of them", "above_percent is not below to_percent");
    if (all[i].link.length && all[i].link.at[0] != '/')
      rules_refuse(loading, i, "write it like /find?need=medicaid", "link is no page of ours");
  }
  if (loading->count) knowledge_index_names(&loading->file, 0, &names);
  loading->rules->ways = all;
  loading->rules->way_count = loading->count;
}

void rules_load_paying(struct rules_loading *loading)
{
  load_states(loading);
  load_situations(loading);
  load_ways(loading);
}

size_t paying_states_count(const struct coverage_rules *rules)
{
  return rules->state_count;
}

const struct paying_state *paying_states_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->state_count);
  return &rules->states[index];
}

const struct paying_state *paying_state_find(const struct coverage_rules *rules, struct text code)
{
  for (size_t i = 0; i < rules->state_count; i++)
    if (text_equal(rules->states[i].code, code)) return &rules->states[i];
  return NULL;
}

size_t paying_situations_count(const struct coverage_rules *rules)
{
  return rules->situation_count;
}

const struct paying_situation *paying_situations_get(const struct coverage_rules *rules,
                                                     size_t index)
{
  assert(index < rules->situation_count);
  return &rules->situations[index];
}

bool paying_situation_find(const struct coverage_rules *rules, struct text name, size_t *index)
{
  for (size_t i = 0; i < rules->situation_count; i++) {
    if (!text_equal(rules->situations[i].name, name)) continue;
    *index = i;
    return true;
  }
  return false;
}

size_t paying_ways_count(const struct coverage_rules *rules)
{
  return rules->way_count;
}

const struct paying_way *paying_ways_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->way_count);
  return &rules->ways[index];
}

/* --- The answer ------------------------------------------------------------------------------ */

/* Do the person's situation and state fit, whatever the income? Group of states are read as of the
 * way's own last day when that has passed, so that what has ended can be told. */
static bool fits_person(const struct coverage_rules *rules, const struct paying_way *way,
                        const struct paying_question *question)
{
  if (way->any && !(way->any & question->situations)) return false;
  if (way->none & question->situations) return false;
  int64_t day = question->day > way->term.last ? way->term.last : question->day;
  return rules_states_have(rules, &way->states, question->state, day);
}

void paying_answer_find(const struct coverage_rules *rules, const struct paying_question *question,
                        struct paying_answer *out)
{
  *out = (struct paying_answer){.count = 0};
  for (int fit = PAYING_LIKELY; fit <= PAYING_NOTE; fit++)
    for (size_t i = 0; i < rules->way_count; i++) {
      const struct paying_way *way = &rules->ways[i];
      if ((int)way->fit != fit || !fits_person(rules, way, question)) continue;
      bool asks_percent = way->above >= 0 || way->to != INT64_MAX;
      bool is_within = question->percent > way->above && question->percent <= way->to;
      enum coverage_standing standing = coverage_term_standing(&way->term, question->day);
      if (standing == COVERAGE_EXPIRED) out->expired++;
      else if (standing == COVERAGE_HOLDS && asks_percent && question->percent < 0) out->unknown++;
      else if (standing == COVERAGE_HOLDS && (is_within || !asks_percent))
        out->ways[out->count++] = way;
    }
}
