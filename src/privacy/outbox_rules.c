/*
 * Words of the outbox: see outbox_rules.h.
 */
#include "privacy/outbox_rules.h"

#include "privacy/rows.h"

static bool load_forbidden(struct outbox_rules *rules, struct arena *arena, const char *folder,
                           struct error *error)
{
  static const char *const columns[] = {"language", "word", "source", NULL};
  struct rows rows;
  if (!rows_open(&rows, arena, folder, "neutral-words.csv", columns, error)) return false;
  rules->forbidden_count = rows.table.row_count;
  rules->forbidden = arena_allocate_array(arena, rows.table.row_count, sizeof *rules->forbidden);
  for (size_t i = 0; i < rows.table.row_count; i++) {
    rules->forbidden[i] = text_fold(arena, rows_cell(&rows, i, 1));
    if (text_is_empty(rules->forbidden[i]))
      return rows_refuse(&rows, i, "Write a word.", error, "no word");
  }
  return true;
}

static bool read_meaning(struct text name, enum outbox_word *out)
{
  static const struct {
    const char *name;
    enum outbox_word means;
  } all[] = {{"stop", OUTBOX_STOP}, {"start", OUTBOX_START}, {"help", OUTBOX_HELP}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (text_equal(name, text_from(all[i].name))) {
      *out = all[i].means;
      return true;
    }
  return false;
}

static bool load_heard(struct outbox_rules *rules, struct arena *arena, const char *folder,
                       struct error *error)
{
  static const char *const columns[] = {"word", "means", "language", "trailing", "source", NULL};
  struct rows rows;
  if (!rows_open(&rows, arena, folder, "message-words.csv", columns, error)) return false;
  rules->heard_count = rows.table.row_count;
  rules->heard = arena_allocate_array(arena, rows.table.row_count, sizeof *rules->heard);
  for (size_t i = 0; i < rows.table.row_count; i++) {
    struct outbox_heard_word *word = &rules->heard[i];
    word->folded = text_fold(arena, rows_cell(&rows, i, 0));
    word->language = rows_cell(&rows, i, 2);
    word->leads = text_equal(rows_cell(&rows, i, 3), TEXT("yes"));
    if (!word->leads && !text_equal(rows_cell(&rows, i, 3), TEXT("no")))
      return rows_refuse(&rows, i, "Write yes or no for trailing words.", error, "no yes or no");
    if (text_is_empty(word->folded) || !read_meaning(rows_cell(&rows, i, 1), &word->means))
      return rows_refuse(&rows, i, "Write a word, and stop, start or help.", error,
                         "no word or an unknown meaning");
  }
  return true;
}

bool outbox_rules_load(struct outbox_rules **out, struct arena *arena, const char *knowledge_folder,
                       struct error *error)
{
  struct outbox_rules *rules = arena_allocate(arena, sizeof *rules);
  if (!load_forbidden(rules, arena, knowledge_folder, error) ||
      !load_heard(rules, arena, knowledge_folder, error))
    return false;
  *out = rules;
  return true;
}

bool outbox_is_neutral(const struct outbox_rules *rules, struct text t)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text rest = text_fold(arena, t), word;
  bool neutral = true;
  while (neutral && text_word_next(&rest, &word))
    for (size_t i = 0; i < rules->forbidden_count && neutral; i++)
      neutral = !text_equal(word, rules->forbidden[i]);
  arena_free(arena);
  return neutral;
}

static bool says(struct text folded, const struct outbox_heard_word *word)
{
  return text_equal(folded, word->folded) ||
         (word->leads && text_starts_with(folded, word->folded) &&
          folded.at[word->folded.length] == ' ');
}

const struct outbox_heard_word *outbox_word_find(const struct outbox_rules *rules,
                                                 struct text words)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text folded = text_fold(arena, text_slice(words, 0, LIMIT_QUERY_TEXT));
  const struct outbox_heard_word *found = NULL;
  for (size_t i = 0; i < rules->heard_count && !found; i++)
    if (says(folded, &rules->heard[i])) found = &rules->heard[i];
  arena_free(arena);
  return found;
}
