/*
 * Needs: reading groups, needs, signs, words and help lines, and all of it together.
 *
 * Every problem goes to one reporter with file, line, what is wrong and how to mend it; reading
 * goes on, so that one look shows them all. A `struct needs` comes out only when there is none.
 */
#include <stdlib.h>

#include "directory/needs_file.h"

/* --- Expressions --------------------------------------------------------------------------- */

/* What each finding of expression_check() means for the row. */
static const struct {
  const char *what, *mend;
} senses[] = {
    [EXPRESSION_NEVER_TRUE] = {"unreachable: no facility can meet the expression",
                               "say what a facility must report"},
    [EXPRESSION_ALWAYS_TRUE] = {"says nothing: every facility meets the expression",
                                "say what a facility must report"},
    [EXPRESSION_IDLE_OPERAND] = {"unreachable: a part never changes the answer: ",
                                 "take it out, or mend what hides it"},
    [EXPRESSION_TOO_TANGLED] = {"too tangled to prove that each part matters", "write it simpler"},
};

/* Compile the cell and prove that each of its parts matters. */
static void load_expression(const struct knowledge_file *file, size_t row, size_t column,
                            struct text *source, struct expression *program)
{
  struct knowledge_loader *loader = file->loader;
  struct arena *arena = loader->arena;
  int64_t line = knowledge_line(file, row);
  struct expression_fault fault;
  *source = knowledge_required(file, row, column);
  if (text_is_empty(*source)) return;
  if (!expression_compile(arena, *source, loader->needs, program, &fault)) {
    knowledge_report(loader, file->name, line, fault.mend, "expression, column %zu: %s",
                     fault.column, fault.what);
    return;
  }
  size_t step = 0;
  enum expression_sense sense = expression_check(program, &step);
  if (sense == EXPRESSION_SOUND) return;
  struct text idle = TEXT("");
  if (sense == EXPRESSION_IDLE_OPERAND)
    idle = expression_operand_name(loader->needs, program->steps[step]);
  knowledge_report(loader, file->name, line, senses[sense].mend, "%s%s", senses[sense].what,
                   expression_quote(arena, idle));
}

/* --- Groups, needs, signs -------------------------------------------------------------- */

static void load_groups(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"group", "label_en", "label_es", "match", "order", NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "need-groups.csv", columns, &file)) return;
  needs->group_count = file.table.row_count;
  needs->groups = arena_allocate_array(needs->arena, needs->group_count + 1, sizeof *needs->groups);
  struct name_index unsorted;
  knowledge_index_names(&file, 0, &unsorted);
  struct ordered_row *order = knowledge_read_order(&file, 4);
  struct name_entry *names = name_index_room(loader, &needs->group_names, needs->group_count);
  for (size_t i = 0; i < needs->group_count; i++) {
    size_t row = order[i].row;
    struct need_group *group = &needs->groups[i];
    group->name = knowledge_read_name(&file, row, 0);
    knowledge_read_labels(&file, row, 1, group->label);
    struct text match = knowledge_required(&file, row, 3);
    group->any = text_equal(match, TEXT("any"));
    if (!group->any && !text_equal(match, TEXT("all")))
      knowledge_report(loader, file.name, knowledge_line(&file, row), "write any or all",
                       "match is neither any nor all");
    names[i] = (struct name_entry){group->name, i};
  }
  struct text repeated;
  (void)name_index_sort(&needs->group_names, &repeated); /* told by knowledge_index_names() */
}

static void load_need_rows(struct knowledge_loader *loader)
{
  static const char *const columns[] = {
      "need",           "group",          "label_en",   "label_es",
      "explanation_en", "explanation_es", "expression", NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "needs.csv", columns, &file) || !knowledge_fits(&file, NEEDS_MAXIMUM))
    return;
  needs->need_count = file.table.row_count;
  for (size_t row = 0; row < needs->need_count; row++) {
    struct need *need = &needs->needs[row];
    need->name = knowledge_read_name(&file, row, 0);
    struct text group = knowledge_required(&file, row, 1);
    if (!name_index_find(&needs->group_names, group, &need->group))
      knowledge_report(loader, file.name, knowledge_line(&file, row),
                       "use a group of need-groups.csv", "unknown group '%s'",
                       expression_quote(loader->arena, group));
    knowledge_read_labels(&file, row, 2, need->label);
    knowledge_read_labels(&file, row, 4, need->explanation);
    load_expression(&file, row, 6, &need->expression, &needs->programs[row]);
  }
  knowledge_index_names(&file, 0, &needs->need_names);
}

static void load_signs(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"name",   "label_en", "label_es", "expression",
                                        "source", "grade",    NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "signs.csv", columns, &file) || !knowledge_fits(&file, SIGNS_MAXIMUM))
    return;
  needs->sign_count = file.table.row_count;
  for (size_t row = 0; row < needs->sign_count; row++) {
    struct sign *sign = &needs->signs[row];
    sign->name = knowledge_read_name(&file, row, 0);
    knowledge_read_labels(&file, row, 1, sign->label);
    load_expression(&file, row, 3, &sign->expression, &needs->sign_programs[row]);
    sign->source = knowledge_required(&file, row, 4);
    sign->grade = knowledge_required(&file, row, 5);
    if (!text_equal(sign->grade, TEXT("V")) && !text_equal(sign->grade, TEXT("S")) &&
        !text_equal(sign->grade, TEXT("I")))
      knowledge_report(loader, file.name, knowledge_line(&file, row), "write V, S or I",
                       "grade '%s' is none", expression_quote(loader->arena, sign->grade));
  }
  struct name_index names;
  knowledge_index_names(&file, 0, &names);
}

/* --- Words ----------------------------------------------------------------------------- */

/* A phrase of 1 to `words` folded words. */
static struct text read_phrase(const struct knowledge_file *file, size_t row, size_t words)
{
  struct text phrase = knowledge_required(file, row, 0), rest = phrase, word;
  struct text folded = text_fold(file->loader->arena, phrase);
  if (!text_equal(phrase, folded))
    knowledge_report(file->loader, file->name, knowledge_line(file, row),
                     "write it in its folded form", "'%s' is not folded; folded it is '%s'",
                     expression_quote(file->loader->arena, phrase),
                     expression_quote(file->loader->arena, folded));
  size_t count = 0;
  while (text_word_next(&rest, &word)) count++;
  if (count > words)
    knowledge_report(file->loader, file->name, knowledge_line(file, row), "shorten it",
                     "'%s' has more than %zu words", expression_quote(file->loader->arena, phrase),
                     words);
  return phrase;
}

/* A search drops stop words before it looks for phrases. */
static void check_stop_words(const struct knowledge_file *file, size_t row, struct text phrase)
{
  struct text word;
  while (text_word_next(&phrase, &word))
    if (stop_words_has(file->loader->needs, word))
      knowledge_report(file->loader, file->name, knowledge_line(file, row), "leave the word out",
                       "unreachable: '%s' is a stop word",
                       expression_quote(file->loader->arena, word));
}

static int synonym_compare(const void *a, const void *b)
{
  const struct synonym *left = a, *right = b;
  int order = text_compare(left->phrase, right->phrase);
  return order ? order : (left->need > right->need) - (left->need < right->need);
}

static void load_synonyms(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"phrase", "need", NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "synonyms.csv", columns, &file)) return;
  needs->synonym_count = file.table.row_count;
  needs->synonyms =
      arena_allocate_array(needs->arena, needs->synonym_count + 1, sizeof *needs->synonyms);
  for (size_t row = 0; row < needs->synonym_count; row++) {
    struct synonym *synonym = &needs->synonyms[row];
    synonym->phrase = read_phrase(&file, row, 4);
    check_stop_words(&file, row, synonym->phrase);
    struct text need = knowledge_required(&file, row, 1);
    if (!needs_find(needs, need, &synonym->need))
      knowledge_report(loader, file.name, knowledge_line(&file, row), "use a need of needs.csv",
                       "unknown need '%s'", expression_quote(loader->arena, need));
  }
  qsort(needs->synonyms, needs->synonym_count, sizeof *needs->synonyms, synonym_compare);
  for (size_t i = 1; i < needs->synonym_count; i++)
    if (synonym_compare(&needs->synonyms[i - 1], &needs->synonyms[i]) == 0)
      knowledge_report(loader, file.name, 0, "keep one of them", "'%s' stands twice for one need",
                       expression_quote(loader->arena, needs->synonyms[i].phrase));
}

static void load_stop_words(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"word", NULL};
  struct knowledge_file file;
  if (!knowledge_open(loader, "stop-words.csv", columns, &file)) return;
  for (size_t row = 0; row < file.table.row_count; row++) (void)read_phrase(&file, row, 1);
  knowledge_index_names(&file, 0, &loader->needs->stop_words);
}

/* --- Help lines -------------------------------------------------------------------------- */

static void load_help_row(const struct knowledge_file *file, size_t row)
{
  struct knowledge_loader *loader = file->loader;
  struct help_line *line = &loader->needs->help_lines[row];
  line->key = knowledge_read_name(file, row, 0);
  line->phone = knowledge_cell(file, row, 1);
  line->sms = knowledge_cell(file, row, 2);
  line->url = knowledge_cell(file, row, 3);
  knowledge_read_labels(file, row, 4, line->label);
  line->source = knowledge_required(file, row, 6);
  struct text verified = knowledge_required(file, row, 7);
  line->verified = text_equal(verified, TEXT("yes"));
  if (!line->verified && !text_equal(verified, TEXT("no")))
    knowledge_report(loader, file->name, knowledge_line(file, row), "write yes or no",
                     "verified is neither yes nor no");
  if (text_is_empty(line->phone) && text_is_empty(line->sms) && text_is_empty(line->url))
    knowledge_report(loader, file->name, knowledge_line(file, row), "fill in phone, sms or url",
                     "no way to reach '%s'", expression_quote(loader->arena, line->key));
  if (!text_is_empty(line->url) && !text_starts_with(line->url, TEXT("https://")))
    knowledge_report(loader, file->name, knowledge_line(file, row), "give an https address",
                     "the url of '%s' is not https", expression_quote(loader->arena, line->key));
}

static void load_help_lines(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"key",      "phone",  "sms",      "url", "label_en",
                                        "label_es", "source", "verified", NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "help.csv", columns, &file)) return;
  needs->help_line_count = file.table.row_count;
  needs->help_lines =
      arena_allocate_array(needs->arena, needs->help_line_count + 1, sizeof *needs->help_lines);
  for (size_t row = 0; row < needs->help_line_count; row++) load_help_row(&file, row);
  knowledge_index_names(&file, 0, &needs->help_keys);
}

/* --- All of it ------------------------------------------------------------------------- */

size_t needs_load_reporting(struct needs **out, const char *knowledge_folder,
                            void (*each)(void *context, const struct knowledge_problem *problem),
                            void *context)
{
  struct needs *needs = memory_allocate_zero(1, sizeof *needs);
  needs->arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct knowledge_loader loader = {.arena = needs->arena,
                                    .folder = knowledge_folder,
                                    .each = each,
                                    .context = context,
                                    .hash = KNOWLEDGE_HASH,
                                    .needs = needs};
  knowledge_load_categories(&loader);
  if (needs->category_count) knowledge_load_codes(&loader);
  if (needs->code_count) {
    knowledge_load_labels(&loader);
    load_groups(&loader);
    load_need_rows(&loader);
    load_signs(&loader);
  }
  load_stop_words(&loader);
  if (needs->need_count) load_synonyms(&loader);
  load_help_lines(&loader);
  if (arena_is_over(needs->arena))
    knowledge_report(&loader, "knowledge", 0, "shorten the files", "more than %d bytes in memory",
                     LIMIT_KNOWLEDGE_ARENA);
  needs->hash = loader.hash;
  if (loader.problems) needs_free(needs);
  else *out = needs;
  return loader.problems;
}

/* Keep the first problem as the error. */
static void keep_first(void *context, const struct knowledge_problem *problem)
{
  struct error *error = context;
  if (error->kind != ERROR_NONE) return;
  error_set(error, ERROR_REFUSED, "error.knowledge.invalid", problem->mend, "knowledge/%s:%lld: %s",
            problem->file, (long long)problem->line, problem->what);
}

bool needs_load(struct needs **out, const char *knowledge_folder, struct error *error)
{
  struct error first = {.kind = ERROR_NONE};
  if (needs_load_reporting(out, knowledge_folder, keep_first, &first) == 0) return true;
  if (error) *error = first;
  return false;
}
