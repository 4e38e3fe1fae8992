/*
 * Needs: looking over what was loaded, and saying expressions in words. See needs_check.h.
 */
#include "directory/needs_check.h"

#include "directory/facility.h"
#include "directory/needs_file.h"

/* --- Words to avoid ------------------------------------------------------------------------ */

struct avoided {
  struct text phrase, except; /* folded, with a space at each end: whole words */
  bool has_except;
  struct text instead;
};

struct checker {
  struct knowledge_loader loader;
  struct arena *arena;
  struct avoided *avoided[NEED_LANGUAGES];
  size_t avoided_count[NEED_LANGUAGES];
};

static const char *const languages[NEED_LANGUAGES] = {"en", "es"};

/* Folded, with a space at each end, so that whole words are found. */
static struct text spaced(struct arena *arena, struct text t)
{
  return text_format(arena, " %.*s ", TEXT_PRINT(text_fold(arena, t)));
}

static void load_avoided_row(struct checker *checker, const struct knowledge_file *file, size_t row)
{
  struct text language = knowledge_required(file, row, 0);
  struct text except = knowledge_cell(file, row, 3);
  struct avoided avoided = {
      .phrase = spaced(checker->arena, knowledge_required(file, row, 1)),
      .instead = knowledge_required(file, row, 2),
      .except = spaced(checker->arena, except),
      .has_except = !text_is_empty(except),
  };
  for (size_t i = 0; i < NEED_LANGUAGES; i++) {
    if (!text_equal(language, text_from(languages[i]))) continue;
    checker->avoided[i][checker->avoided_count[i]++] = avoided;
    return;
  }
  knowledge_report(&checker->loader, file->name, knowledge_line(file, row), "write en or es",
                   "unknown language '%s'", expression_quote(checker->arena, language));
}

static void load_avoided(struct checker *checker)
{
  static const char *const columns[] = {"language", "word", "instead", "except", NULL};
  struct knowledge_file file;
  if (!knowledge_open(&checker->loader, "words-to-avoid.csv", columns, &file)) return;
  for (size_t i = 0; i < NEED_LANGUAGES; i++)
    checker->avoided[i] =
        arena_allocate_array(checker->arena, file.table.row_count + 1, sizeof *checker->avoided[i]);
  for (size_t row = 0; row < file.table.row_count; row++) load_avoided_row(checker, &file, row);
}

static void check_words(struct checker *checker, const char *file, struct text name,
                        size_t language, struct text words)
{
  struct text folded = spaced(checker->arena, words);
  for (size_t i = 0; i < checker->avoided_count[language]; i++) {
    const struct avoided *avoided = &checker->avoided[language][i];
    if (!text_contains(folded, avoided->phrase)) continue;
    if (avoided->has_except && text_contains(folded, avoided->except)) continue;
    const char *instead = expression_quote(checker->arena, avoided->instead);
    struct text mend = text_format(checker->arena, "write \"%s\"", instead);
    knowledge_report(&checker->loader, file, 0, text_c(checker->arena, mend), "%s says '%s' in %s",
                     expression_quote(checker->arena, name),
                     expression_quote(checker->arena, text_trim(avoided->phrase)),
                     languages[language]);
  }
}

static void check_all_words(struct checker *checker)
{
  const struct needs *needs = checker->loader.needs;
  for (size_t language = 0; language < NEED_LANGUAGES; language++) {
    for (size_t i = 0; i < needs->code_count; i++)
      check_words(checker, "service-codes.csv", needs->codes[i].code, language,
                  needs->codes[i].label[language]);
    for (size_t i = 0; i < needs->category_count; i++)
      check_words(checker, "service-categories.csv", needs->categories[i].category, language,
                  needs->categories[i].label[language]);
    for (size_t i = 0; i < needs->group_count; i++)
      check_words(checker, "need-groups.csv", needs->groups[i].name, language,
                  needs->groups[i].label[language]);
    for (size_t i = 0; i < needs->need_count; i++) {
      const struct need *need = &needs->needs[i];
      check_words(checker, "needs.csv", need->name, language, need->label[language]);
      check_words(checker, "needs.csv", need->name, language, need->explanation[language]);
    }
    for (size_t i = 0; i < needs->sign_count; i++)
      check_words(checker, "signs.csv", needs->signs[i].name, language,
                  needs->signs[i].label[language]);
    for (size_t i = 0; i < needs->help_line_count; i++)
      check_words(checker, "help.csv", needs->help_lines[i].key, language,
                  needs->help_lines[i].label[language]);
  }
}

/* --- What nothing leads to ------------------------------------------------------------------ */

static bool has_synonym(const struct needs *needs, size_t need)
{
  for (size_t i = 0; i < needs->synonym_count; i++)
    if (needs->synonyms[i].need == need) return true;
  return false;
}

static bool has_need(const struct needs *needs, size_t group)
{
  for (size_t i = 0; i < needs->need_count; i++)
    if (needs->needs[i].group == group) return true;
  return false;
}

static bool has_code(const struct needs *needs, struct text category)
{
  for (size_t i = 0; i < needs->code_count; i++)
    if (text_equal(needs->codes[i].category, category)) return true;
  return false;
}

static bool asks_today(const struct needs *needs, const struct expression *program)
{
  for (size_t i = 0; i < program->count; i++) {
    struct expression_step step = program->steps[i];
    if (step.operation == EXPRESSION_DIRECTORY) return true;
    if (step.operation == EXPRESSION_CODE && !needs->codes[step.operand].retired) return true;
  }
  return false;
}

static void check_idle(struct checker *checker)
{
  const struct needs *needs = checker->loader.needs;
  for (size_t i = 0; i < needs->need_count; i++) {
    struct text name = needs->needs[i].name;
    if (!has_synonym(needs, i))
      knowledge_report(&checker->loader, "synonyms.csv", 0, "add what people call it",
                       "need '%s' has no synonym", expression_quote(checker->arena, name));
    if (!asks_today(needs, &needs->programs[i]))
      knowledge_report(&checker->loader, "needs.csv", 0, "ask for a code of today",
                       "unreachable: '%s' asks only for codes of the past",
                       expression_quote(checker->arena, name));
  }
  for (size_t i = 0; i < needs->group_count; i++)
    if (!has_need(needs, i))
      knowledge_report(&checker->loader, "need-groups.csv", 0, "take it out",
                       "group '%s' has no need",
                       expression_quote(checker->arena, needs->groups[i].name));
  for (size_t i = 0; i < needs->category_count; i++)
    if (!has_code(needs, needs->categories[i].category))
      knowledge_report(&checker->loader, "service-categories.csv", 0, "take it out",
                       "category '%s' has no code",
                       expression_quote(checker->arena, needs->categories[i].category));
}

size_t needs_check(const struct needs *needs, const char *knowledge_folder,
                   void (*each)(void *context, const struct knowledge_problem *problem),
                   void *context)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct needs seen = *needs;
  struct checker checker = {.arena = arena,
                            .loader = {.arena = arena,
                                       .folder = knowledge_folder,
                                       .each = each,
                                       .context = context,
                                       .needs = &seen}};
  load_avoided(&checker);
  check_all_words(&checker);
  check_idle(&checker);
  arena_free(checker.arena);
  return checker.loader.problems;
}

/* --- An expression in words ------------------------------------------------------------------- */

static const struct {
  enum expression_token_kind kind;
  const char *key;
} spoken[] = {{TOKEN_AND, "knowledge.and"},
              {TOKEN_OR, "knowledge.or"},
              {TOKEN_NOT, "knowledge.not"},
              {TOKEN_OPEN, "knowledge.open"},
              {TOKEN_CLOSE, "knowledge.close"}};

static const struct {
  unsigned directories;
  const char *key;
} spoken_directories[] = {{DIRECTORY_SUBSTANCE_USE, "knowledge.listed.su"},
                          {DIRECTORY_MENTAL_HEALTH, "knowledge.listed.mh"},
                          {DIRECTORY_OPIOID_TREATMENT, "knowledge.listed.otp"}};

static struct text token_words(const struct needs *needs, const struct catalog *catalog,
                               size_t language, const struct expression_token *token)
{
  size_t code;
  if (codes_find(needs, token->text, &code)) return codes_get(needs, code)->label[language];
  for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++)
    if (spoken[i].kind == token->kind) return catalog_text(catalog, language, spoken[i].key);
  for (size_t i = 0; i < sizeof spoken_directories / sizeof *spoken_directories; i++)
    if (spoken_directories[i].directories == token->directories)
      return catalog_text(catalog, language, spoken_directories[i].key);
  return token->text;
}

struct text needs_expression_words(const struct needs *needs, const struct catalog *catalog,
                                   size_t language, struct arena *arena, struct text expression)
{
  struct text_buffer words;
  text_buffer_init(&words, LIMIT_TEMPLATE_OUTPUT);
  size_t offset = 0;
  enum expression_token_kind before = TOKEN_OPEN;
  for (;;) {
    struct expression_token token = expression_token_next(expression, &offset);
    if (token.kind == TOKEN_END) break;
    bool glued = before == TOKEN_OPEN || token.kind == TOKEN_CLOSE;
    if (!glued) text_buffer_add_character(&words, ' ');
    struct text spoken_text = token_words(needs, catalog, language, &token);
    if (token.kind == TOKEN_CODE) text_buffer_add(&words, TEXT("“"));
    text_buffer_add(&words, spoken_text);
    if (token.kind == TOKEN_CODE) text_buffer_add(&words, TEXT("”"));
    before = token.kind;
  }
  struct text result = text_copy(arena, text_buffer_get(&words));
  text_buffer_fini(&words);
  return result;
}
