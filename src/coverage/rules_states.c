/*
 * rules_states: groups of states (state-groups.csv), and whether a state is meant by a cell that
 * names codes and groups.
 */
#include "coverage/rules_private.h"

static bool is_code(struct text word)
{
  return word.length == 2 && word.at[0] >= 'A' && word.at[0] <= 'Z' && word.at[1] >= 'A' &&
         word.at[1] <= 'Z';
}

static const struct state_group *group_find(const struct coverage_rules *rules, struct text name)
{
  for (size_t i = 0; i < rules->group_count; i++)
    if (text_equal(rules->groups[i].name, name)) return &rules->groups[i];
  return NULL;
}

struct coverage_words rules_states(struct rules_loading *loading, size_t row, size_t column)
{
  struct coverage_words words = rules_words(loading, row, column);
  if (words.count == 0 && !words.is_any)
    rules_refuse(loading, row, "name states, a group, or *", "states is empty");
  for (size_t i = 0; i < words.count; i++)
    if (!is_code(words.at[i]) && !group_find(loading->rules, words.at[i]))
      rules_refuse(loading, row, "use two capital letters, or a group of state-groups.csv",
                   "states holds a word that is neither");
  return words;
}

bool rules_states_have(const struct coverage_rules *rules, const struct coverage_words *states,
                       struct text state, int64_t day)
{
  if (coverage_words_have(states, state)) return true;
  for (size_t i = 0; i < states->count; i++) {
    const struct state_group *group = group_find(rules, states->at[i]);
    if (group && coverage_term_standing(&group->term, day) == COVERAGE_HOLDS &&
        coverage_words_have(&group->states, state))
      return true;
  }
  return false;
}

void rules_load_states(struct rules_loading *loading)
{
  static const char *const columns[] = {"group",  "states", "effective", "expires",
                                        "source", "grade",  "signed_by", NULL};
  struct state_group *groups = rules_begin(loading, "state-groups.csv", columns, sizeof *groups);
  for (size_t i = 0; i < loading->count; i++) {
    groups[i] = (struct state_group){.name = knowledge_read_name(&loading->file, i, 0),
                                     .states = rules_states(loading, i, 1),
                                     .term = rules_term(loading, i, 2),
                                     .basis = rules_basis(loading, i, 4)};
    if (group_find(loading->rules, groups[i].name))
      rules_refuse(loading, i, "keep one of them", "a group stands twice");
    loading->rules->groups = groups;
    loading->rules->group_count = i + 1;
  }
}
