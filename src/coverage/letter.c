/*
 * letter: see letter.h.
 */
#include "coverage/letter.h"

#include <assert.h>

#include "coverage/rules_private.h"

/* --- Loading --------------------------------------------------------------------------------- */

/* Read the bodies of all letters in one language as templates called after their versions. */
static void load_bodies(struct rules_loading *loading, size_t language)
{
  static const char *const codes[COVERAGE_LANGUAGES] = {"en", "es"};
  struct arena *arena = loading->rules->arena;
  struct text *names = arena_allocate_array(arena, loading->count + 1, sizeof *names);
  struct text *bodies = arena_allocate_array(arena, loading->count + 1, sizeof *bodies);
  struct error error = {0};
  for (size_t i = 0; i < loading->count; i++) {
    names[i] = loading->rules->letters[i].version;
    const char *path = text_c(
        arena, text_format(arena, "letters/%.*s.%s.md", TEXT_PRINT(names[i]), codes[language]));
    if (file_read(arena, file_join(arena, loading->loader.folder, path), LIMIT_KNOWLEDGE_FILE,
                  &bodies[i], &error))
      continue;
    knowledge_report(&loading->loader, path, 0, "write the letter in every language", "%s",
                     error.log);
    return;
  }
  if (!template_set_read(&loading->rules->letter_bodies[language], names, bodies, loading->count,
                         NULL, 0, &error))
    knowledge_report(&loading->loader, "letters", 0, error.hint, "%s", error.log);
}

void rules_load_letters(struct rules_loading *loading)
{
  static const char *const columns[] = {"letter",  "version", "fields", "laws",      "effective",
                                        "expires", "source",  "grade",  "signed_by", NULL};
  struct letter *all = rules_begin(loading, "letters.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    const struct parity_law *law;
    all[i] = (struct letter){.name = knowledge_read_name(&loading->file, i, 0),
                             .version = knowledge_read_name(&loading->file, i, 1),
                             .fields = rules_words(loading, i, 2),
                             .laws = rules_words(loading, i, 3),
                             .term = rules_term(loading, i, 4),
                             .basis = rules_basis(loading, i, 6)};
    for (size_t j = 0; j < all[i].laws.count; j++)
      if (parity_law_find(loading->rules, all[i].laws.at[j], 0, &law) == COVERAGE_MISSING)
        rules_refuse(loading, i, "use a law of parity-laws.csv", "a law is unknown");
  }
  loading->rules->letters = all;
  loading->rules->letter_count = loading->count;
  for (size_t i = 0; i < COVERAGE_LANGUAGES; i++) load_bodies(loading, i);
}

size_t letters_count(const struct coverage_rules *rules)
{
  return rules->letter_count;
}

const struct letter *letters_get(const struct coverage_rules *rules, size_t index)
{
  assert(index < rules->letter_count);
  return &rules->letters[index];
}

enum coverage_standing letter_find(const struct coverage_rules *rules, struct text name,
                                   int64_t day, const struct letter **out)
{
  enum coverage_standing best = COVERAGE_MISSING;
  for (size_t i = 0; i < rules->letter_count; i++) {
    const struct letter *letter = &rules->letters[i];
    if (!text_equal(letter->name, name)) continue;
    enum coverage_standing standing = coverage_term_standing(&letter->term, day);
    if (standing == COVERAGE_HOLDS) *out = letter;
    if (standing < best) best = standing;
  }
  return best;
}

/* --- Facts ----------------------------------------------------------------------------------- */

/* One line: what would end it, and every other control character, becomes a space. */
static struct text one_line(struct arena *arena, struct text t)
{
  char *copy = text_c(arena, text_trim(t));
  for (char *at = copy; *at; at++)
    if ((unsigned char)*at < ' ' || *at == 0x7f) *at = ' ';
  return text_from(copy);
}

/* Copy texts, lists and objects of them, each text as one line. */
static struct value *copy_facts(struct arena *arena, const struct value *facts, int depth)
{
  enum { DEEPEST = 3 };
  enum value_kind kind = value_kind_get(facts);
  struct text key;
  const struct value *item;
  if (kind == VALUE_TEXT || kind == VALUE_NUMBER)
    return value_text(arena, one_line(arena, value_text_get(facts)));
  if (kind == VALUE_TRUE) return value_boolean(arena, true);
  if (depth >= DEEPEST || (kind != VALUE_OBJECT && kind != VALUE_LIST)) return value_null(arena);
  struct value *out = kind == VALUE_LIST ? value_list(arena) : value_object(arena);
  for (size_t i = 0; kind == VALUE_LIST && i < value_count(facts); i++)
    value_add(out, copy_facts(arena, value_item(facts, i), depth + 1));
  for (size_t i = 0; kind == VALUE_OBJECT && value_member(facts, i, &key, &item); i++)
    value_set_text_key(out, key, copy_facts(arena, item, depth + 1));
  return out;
}

static bool check_fields(const struct letter *letter, const struct value *facts,
                         struct error *error)
{
  for (size_t i = 0; i < letter->fields.count; i++) {
    const struct value *field = value_get(facts, letter->fields.at[i]);
    bool is_list = field && value_kind_get(field) == VALUE_LIST;
    size_t length = value_text_get(field).length;
    if (field && (is_list ? value_count(field) > 0 : length > 0 && length <= LIMIT_COVERAGE_WORDS))
      continue;
    return error_set(error, ERROR_REFUSED, "error.coverage.letter_field", "Fill it in.",
                     "letter %.*s: the field %.*s", TEXT_PRINT(letter->name),
                     TEXT_PRINT(letter->fields.at[i]));
  }
  return true;
}

/* The words of the laws that the letter rests on; each must stand. */
static bool add_laws(const struct coverage_rules *rules, const struct letter *letter,
                     size_t language, int64_t day, struct arena *arena, struct value *facts,
                     struct error *error)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < letter->laws.count; i++) {
    const struct parity_law *law = NULL;
    if (parity_law_find(rules, letter->laws.at[i], day, &law) != COVERAGE_HOLDS)
      return error_set(error, ERROR_REFUSED, "error.coverage.letter_ended",
                       "Have a lawyer look at knowledge/parity-laws.csv.",
                       "the law %.*s does not stand on that day", TEXT_PRINT(letter->laws.at[i]));
    value_add(list, value_text(arena, law->words[language]));
  }
  value_set(facts, "laws", list);
  return true;
}

/* --- Blocks ---------------------------------------------------------------------------------- */

static struct value *block_of(struct arena *arena, struct text block)
{
  static const struct text heading = {"# ", 2}, item = {"- ", 2};
  struct value *out = value_object(arena), *list = value_list(arena);
  bool is_list = text_starts_with(block, item);
  struct text line;
  if (text_starts_with(block, heading)) {
    value_set(out, "heading", value_text(arena, text_slice(block, 2, block.length)));
    return out;
  }
  while (text_split_next(&block, '\n', &line)) {
    struct value *one = value_object(arena);
    if (is_list && text_starts_with(line, item)) line = text_slice(line, 2, line.length);
    value_set(one, "text", value_text(arena, line));
    value_set(one, "is_last", value_boolean(arena, block.length == 0));
    value_add(list, one);
  }
  value_set(out, "is_list", value_boolean(arena, is_list));
  value_set(out, "lines", list);
  return out;
}

struct value *letter_blocks(struct arena *arena, struct text written)
{
  struct text rest = written;
  struct value *list = value_list(arena);
  while (rest.length) {
    size_t end = text_find(rest, TEXT("\n\n"));
    struct text block = text_trim(text_slice(rest, 0, end));
    if (block.length) value_add(list, block_of(arena, block));
    rest = text_slice(rest, end + 2, rest.length);
  }
  return list;
}

bool letter_write(const struct coverage_rules *rules, struct text name, size_t language,
                  int64_t day, const struct value *facts, struct arena *arena,
                  struct text *text_out, struct value **view_out, struct error *error)
{
  const struct letter *letter = NULL;
  struct text_buffer buffer;
  assert(language < COVERAGE_LANGUAGES);
  if (letter_find(rules, name, day, &letter) != COVERAGE_HOLDS || !letter)
    return error_set(error, ERROR_REFUSED, "error.coverage.letter_ended",
                     "Have a lawyer look at knowledge/letters.csv.",
                     "no version of the letter %.*s holds on that day", TEXT_PRINT(name));
  if (!check_fields(letter, facts, error)) return false;
  struct value *view = value_object(arena), *filled = copy_facts(arena, facts, 0);
  if (!add_laws(rules, letter, language, day, arena, filled, error)) return false;
  text_buffer_init(&buffer, LIMIT_TEMPLATE_OUTPUT);
  bool is_written =
      template_render(rules->letter_bodies[language], letter->version, filled, &buffer, error);
  struct text written = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  if (!is_written) return false;
  value_set(view, "blocks", letter_blocks(arena, written));
  value_set(view, "unsigned", value_boolean(arena, !coverage_is_signed(&letter->basis)));
  *text_out = written;
  *view_out = view;
  return true;
}

struct value *letter_severity(struct arena *arena, const struct value *assessment)
{
  const struct value *reasons = value_get(assessment, TEXT("reasons"));
  struct value *list = value_list(arena);
  size_t count = value_count(reasons);
  for (size_t i = 0; i < count && value_count(list) < LIMIT_COVERAGE_REASONS; i++) {
    const struct value *reason = value_item(reasons, i);
    struct value *out = value_object(arena);
    value_set(out, "text", value_text(arena, value_text_get(value_get(reason, TEXT("text")))));
    value_set(out, "source", value_text(arena, value_text_get(value_get(reason, TEXT("source")))));
    value_add(list, out);
  }
  return list;
}
