/*
 * Needs: reading and checking the files of knowledge/ that needs.h names.
 *
 * Every problem goes to one reporter with file, line, what is wrong and how to mend it; reading
 * goes on, so that one look shows them all. A `struct needs` comes out only when there is none.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "directory/needs_private.h"

enum { COLUMNS_MAXIMUM = 8 };

struct loader {
  struct needs *needs;
  const char *folder;
  void (*each)(void *context, const struct knowledge_problem *problem);
  void *context;
  size_t problems;
};

struct file {
  struct loader *loader;
  const char *name;
  const char *const *columns;
  struct table table;
  size_t at[COLUMNS_MAXIMUM]; /* by expected column: the table's */
};

/* --- Problems and cells ------------------------------------------------------------------------
 */

static void report(struct loader *loader, const char *file, int64_t line, const char *mend,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));
static void report(struct loader *loader, const char *file, int64_t line, const char *mend,
                   const char *format, ...)
{
  char what[LIMIT_ERROR_TEXT];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  struct knowledge_problem problem = {file, line, what, mend};
  loader->problems++;
  if (loader->each) loader->each(loader->context, &problem);
}

static int64_t line_of(const struct file *file, size_t row)
{
  return file->table.lines[row];
}

/* Read knowledge/<name> and find its columns; `columns` ends with NULL. */
static bool open_file(struct loader *loader, const char *name, const char *const *columns,
                      struct file *out)
{
  struct error error = {0};
  struct arena *arena = loader->needs->arena;
  struct file file = {.loader = loader, .name = name, .columns = columns};
  struct text document;
  if (!file_read(arena, file_join(arena, loader->folder, name), LIMIT_KNOWLEDGE_FILE, &document,
                 &error) ||
      !table_read_csv(arena, document, &file.table, &error)) {
    report(loader, name, 0, error.hint, "%s", error.log);
    return false;
  }
  loader->needs->hash = (loader->needs->hash ^ text_hash(document)) * UINT64_C(1099511628211);
  bool complete = true;
  for (size_t i = 0; columns[i]; i++) {
    if (table_column(&file.table, columns[i], &file.at[i], &error)) continue;
    report(loader, name, 1, "add the column to the header", "column %s is missing", columns[i]);
    complete = false;
  }
  if (complete) *out = file;
  return complete;
}

/* The cell of the expected column number `column`, trimmed; may be empty. */
static struct text cell(const struct file *file, size_t row, size_t column)
{
  return text_trim(table_cell(&file->table, row, file->at[column]));
}

/* The cell, which must hold something sound; an empty text after a problem. */
static struct text required(const struct file *file, size_t row, size_t column)
{
  struct text t = cell(file, row, column);
  const char *name = file->columns[column];
  if (text_is_empty(t)) {
    report(file->loader, file->name, line_of(file, row), "fill it in", "%s is empty", name);
    return t;
  }
  if (text_is_utf8(t) && t.length <= LIMIT_EXPRESSION) return t;
  report(file->loader, file->name, line_of(file, row), "shorten it, and save it as UTF-8",
         "%s is not UTF-8 or longer than %d bytes", name, LIMIT_EXPRESSION);
  return TEXT("");
}

static void read_labels(const struct file *file, size_t row, size_t column,
                        struct text labels[NEED_LANGUAGES])
{
  for (size_t i = 0; i < NEED_LANGUAGES; i++) labels[i] = required(file, row, column + i);
}

/* A name of lower-case letters, digits and single hyphens. */
static struct text read_name(const struct file *file, size_t row, size_t column)
{
  struct text name = required(file, row, column);
  bool fine = name.length == 0 || (name.at[0] != '-' && name.at[name.length - 1] != '-');
  for (size_t i = 0; i < name.length; i++) {
    char c = name.at[i];
    fine = fine && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  }
  if (fine) return name;
  report(file->loader, file->name, line_of(file, row), "write it like payment-assistance",
         "%s '%.*s' is not in small letters, digits and hyphens", file->columns[column],
         TEXT_PRINT(name));
  return name;
}

/* Does the table fit in `maximum` rows? */
static bool fits(const struct file *file, size_t maximum)
{
  if (file->table.row_count <= maximum) return true;
  report(file->loader, file->name, 0, "raise the maximum in needs.h", "%zu rows, %zu are allowed",
         file->table.row_count, maximum);
  return false;
}

/* --- Names and orders ----------------------------------------------------------------------------
 */

static struct name_entry *name_index_room(struct loader *loader, struct name_index *names,
                                          size_t count)
{
  names->entries = arena_allocate_array(loader->needs->arena, count + 1, sizeof *names->entries);
  names->count = count;
  return names->entries;
}

/* Index a column of names; a name that stands twice is a problem. */
static void index_names(const struct file *file, size_t column, struct name_index *names)
{
  struct name_entry *entries = name_index_room(file->loader, names, file->table.row_count);
  for (size_t row = 0; row < names->count; row++)
    entries[row] = (struct name_entry){cell(file, row, column), row};
  struct text repeated;
  if (name_index_sort(names, &repeated)) return;
  int64_t line = 0;
  for (size_t row = 0; row < names->count; row++)
    if (text_equal(cell(file, row, column), repeated)) line = line_of(file, row);
  report(file->loader, file->name, line, "keep one of them", "%s '%.*s' stands twice",
         file->columns[column], TEXT_PRINT(repeated));
}

struct ordered_row {
  int64_t order;
  size_t row;
};

static int ordered_row_compare(const void *a, const void *b)
{
  const struct ordered_row *left = a, *right = b;
  return (left->order > right->order) - (left->order < right->order);
}

/* The table's rows in the order of a column of distinct numbers. */
static struct ordered_row *read_order(const struct file *file, size_t column)
{
  size_t count = file->table.row_count;
  struct ordered_row *rows =
      arena_allocate_array(file->loader->needs->arena, count + 1, sizeof *rows);
  for (size_t row = 0; row < count; row++) {
    rows[row].row = row;
    if (!text_read_integer(cell(file, row, column), &rows[row].order))
      report(file->loader, file->name, line_of(file, row), "write a whole number",
             "order is no number");
  }
  qsort(rows, count, sizeof *rows, ordered_row_compare);
  for (size_t i = 1; i < count; i++)
    if (rows[i].order == rows[i - 1].order)
      report(file->loader, file->name, line_of(file, rows[i].row), "number the rows apart",
             "order %lld stands twice", (long long)rows[i].order);
  return rows;
}

/* --- The dictionary ------------------------------------------------------------------------------
 */

static void load_categories(struct loader *loader)
{
  static const char *const columns[] = {"category_code", "official_label", "label_en",
                                        "label_es",      "order",          NULL};
  struct needs *needs = loader->needs;
  struct file file;
  if (!open_file(loader, "service-categories.csv", columns, &file)) return;
  needs->category_count = file.table.row_count;
  needs->categories =
      arena_allocate_array(needs->arena, needs->category_count + 1, sizeof *needs->categories);
  struct name_index unsorted;
  index_names(&file, 0, &unsorted);
  struct ordered_row *order = read_order(&file, 4);
  struct name_entry *names = name_index_room(loader, &needs->category_names, needs->category_count);
  for (size_t i = 0; i < needs->category_count; i++) {
    size_t row = order[i].row;
    struct service_category *category = &needs->categories[i];
    category->category = required(&file, row, 0);
    category->official_label = required(&file, row, 1);
    read_labels(&file, row, 2, category->label);
    names[i] = (struct name_entry){category->category, i};
  }
  struct text repeated;
  (void)name_index_sort(&needs->category_names, &repeated); /* told by index_names() */
}

/* "su", "mh" or "su mh". */
static void read_directories(const struct file *file, size_t row, struct service_code *code)
{
  struct text rest = required(file, row, 5), word;
  while (text_word_next(&rest, &word)) {
    if (text_equal(word, TEXT("su"))) code->substance_use = true;
    else if (text_equal(word, TEXT("mh"))) code->mental_health = true;
    else
      report(file->loader, file->name, line_of(file, row), "write su, mh, or both",
             "unknown directory '%.*s'", TEXT_PRINT(word));
  }
}

/* "1", "0", or nothing where that release's dictionary is not known. */
static bool read_release(const struct file *file, size_t row, size_t column)
{
  struct text t = cell(file, row, column);
  if (!text_is_empty(t) && !text_equal(t, TEXT("0")) && !text_equal(t, TEXT("1")))
    report(file->loader, file->name, line_of(file, row), "write 1, 0 or nothing",
           "%s is neither 1 nor 0", file->columns[column]);
  return text_equal(t, TEXT("1"));
}

static void check_code_form(const struct file *file, size_t row, struct text code)
{
  bool fine = code.length <= 15;
  for (size_t i = 0; i < code.length; i++)
    fine = fine &&
           ((code.at[i] >= 'A' && code.at[i] <= 'Z') || (code.at[i] >= '0' && code.at[i] <= '9'));
  if (!fine)
    report(file->loader, file->name, line_of(file, row), "write at most 15 capitals and digits",
           "code '%.*s' has another form", TEXT_PRINT(code));
}

static void load_codes(struct loader *loader)
{
  static const char *const columns[] = {"code",     "category_code", "official_label",
                                        "label_en", "label_es",      "directories",
                                        "in_2022",  "in_2023",       NULL};
  struct needs *needs = loader->needs;
  struct file file;
  if (!open_file(loader, "service-codes.csv", columns, &file) || !fits(&file, CODES_MAXIMUM))
    return;
  needs->code_count = file.table.row_count;
  for (size_t row = 0; row < needs->code_count; row++) {
    struct service_code *code = &needs->codes[row];
    code->code = required(&file, row, 0);
    check_code_form(&file, row, code->code);
    code->category = required(&file, row, 1);
    code->official_label = required(&file, row, 2);
    read_labels(&file, row, 3, code->label);
    read_directories(&file, row, code);
    bool before = read_release(&file, row, 6), newest = read_release(&file, row, 7);
    code->retired = before && !newest;
    size_t category;
    if (!categories_find(needs, code->category, &category))
      report(loader, file.name, line_of(&file, row), "use a code of service-categories.csv",
             "unknown category '%.*s'", TEXT_PRINT(code->category));
  }
  index_names(&file, 0, &needs->code_names);
}

/* --- Labels of the FindTreatment API
 * -------------------------------------------------------------- */

static const struct label_entry *find_unsorted_label(const struct needs *needs,
                                                     const struct label_entry *wanted)
{
  for (size_t i = 0; i < needs->label_count; i++)
    if (label_entry_compare(&needs->labels[i], wanted) == 0) return &needs->labels[i];
  return NULL;
}

static void load_official_labels(struct loader *loader)
{
  struct needs *needs = loader->needs;
  for (size_t i = 0; i < needs->code_count; i++) {
    struct label_entry entry = {text_fold(needs->arena, needs->codes[i].category),
                                text_fold(needs->arena, needs->codes[i].official_label), i};
    if (find_unsorted_label(needs, &entry))
      report(loader, "service-codes.csv", 0, "keep one of them",
             "two codes of one category have the label of %.*s", TEXT_PRINT(needs->codes[i].code));
    needs->labels[needs->label_count++] = entry;
  }
}

/* A row whose label is "*": the category itself is an old one, its labels stand under another. */
static void load_old_category(const struct file *file, size_t row)
{
  struct needs *needs = file->loader->needs;
  struct name_entry entry = {text_fold(needs->arena, required(file, row, 0)), 0};
  struct text today = required(file, row, 2);
  if (!categories_find(needs, today, &entry.index))
    report(file->loader, file->name, line_of(file, row), "use a code of service-categories.csv",
           "unknown category '%.*s'", TEXT_PRINT(today));
  needs->old_categories[needs->old_category_count++] = entry;
}

static void load_alias(const struct file *file, size_t row)
{
  struct loader *loader = file->loader;
  struct needs *needs = loader->needs;
  struct text code = required(file, row, 2);
  struct label_entry entry = {text_fold(needs->arena, required(file, row, 0)),
                              text_fold(needs->arena, required(file, row, 1)), LABEL_RETIRED};
  if (!text_equal(code, TEXT("-")) && !codes_find(needs, code, &entry.code))
    report(loader, file->name, line_of(file, row), "use a code of service-codes.csv, or -",
           "unknown code '%.*s'", TEXT_PRINT(code));
  if (entry.code == LABEL_RETIRED) (void)required(file, row, 3);
  if (find_unsorted_label(needs, &entry))
    report(loader, file->name, line_of(file, row), "take the row out",
           "the dictionary or another row has this label already");
  needs->labels[needs->label_count++] = entry;
}

static void load_labels(struct loader *loader)
{
  static const char *const columns[] = {"category", "label", "code", "note", NULL};
  struct needs *needs = loader->needs;
  struct file file;
  if (!open_file(loader, "service-code-aliases.csv", columns, &file)) return;
  size_t rows = file.table.row_count;
  needs->labels =
      arena_allocate_array(needs->arena, needs->code_count + rows + 1, sizeof *needs->labels);
  needs->old_categories =
      arena_allocate_array(needs->arena, rows + 1, sizeof *needs->old_categories);
  load_official_labels(loader);
  for (size_t row = 0; row < rows; row++) {
    if (text_equal(cell(&file, row, 1), TEXT("*"))) load_old_category(&file, row);
    else load_alias(&file, row);
  }
  qsort(needs->labels, needs->label_count, sizeof *needs->labels, label_entry_compare);
}

/* --- Expressions ---------------------------------------------------------------------------------
 */

/* Compile the cell and prove that each of its parts matters. */
static void load_expression(const struct file *file, size_t row, size_t column, struct text *source,
                            struct expression *program)
{
  struct loader *loader = file->loader;
  int64_t line = line_of(file, row);
  struct expression_fault fault;
  *source = required(file, row, column);
  if (text_is_empty(*source)) return;
  if (!expression_compile(loader->needs->arena, *source, loader->needs, program, &fault)) {
    report(loader, file->name, line, fault.mend, "expression, column %zu: %s", fault.column,
           fault.what);
    return;
  }
  size_t step = 0;
  switch (expression_check(program, &step)) {
  case EXPRESSION_SOUND:
    break;
  case EXPRESSION_NEVER_TRUE:
    report(loader, file->name, line, "say what a facility must report",
           "unreachable: no facility can meet the expression");
    break;
  case EXPRESSION_ALWAYS_TRUE:
    report(loader, file->name, line, "say what a facility must report",
           "says nothing: every facility meets the expression");
    break;
  case EXPRESSION_IDLE_OPERAND:
    report(loader, file->name, line, "take it out, or mend what hides it",
           "unreachable: '%.*s' never changes the answer",
           TEXT_PRINT(expression_operand_name(loader->needs, program->steps[step])));
    break;
  case EXPRESSION_TOO_TANGLED:
    report(loader, file->name, line, "write it simpler",
           "too tangled to prove that each part matters");
    break;
  }
}

/* --- Groups, needs, signs
 * ------------------------------------------------------------------------- */

static void load_groups(struct loader *loader)
{
  static const char *const columns[] = {"group", "label_en", "label_es", "match", "order", NULL};
  struct needs *needs = loader->needs;
  struct file file;
  if (!open_file(loader, "need-groups.csv", columns, &file)) return;
  needs->group_count = file.table.row_count;
  needs->groups = arena_allocate_array(needs->arena, needs->group_count + 1, sizeof *needs->groups);
  struct name_index unsorted;
  index_names(&file, 0, &unsorted);
  struct ordered_row *order = read_order(&file, 4);
  struct name_entry *names = name_index_room(loader, &needs->group_names, needs->group_count);
  for (size_t i = 0; i < needs->group_count; i++) {
    size_t row = order[i].row;
    struct need_group *group = &needs->groups[i];
    group->name = read_name(&file, row, 0);
    read_labels(&file, row, 1, group->label);
    struct text match = required(&file, row, 3);
    group->any = text_equal(match, TEXT("any"));
    if (!group->any && !text_equal(match, TEXT("all")))
      report(loader, file.name, line_of(&file, row), "write any or all",
             "match is neither any nor all");
    names[i] = (struct name_entry){group->name, i};
  }
  struct text repeated;
  (void)name_index_sort(&needs->group_names, &repeated); /* told by index_names() */
}

static void load_need_rows(struct loader *loader)
{
  static const char *const columns[] = {
      "need",           "group",          "label_en",   "label_es",
      "explanation_en", "explanation_es", "expression", NULL};
  struct needs *needs = loader->needs;
  struct file file;
  if (!open_file(loader, "needs.csv", columns, &file) || !fits(&file, NEEDS_MAXIMUM)) return;
  needs->need_count = file.table.row_count;
  for (size_t row = 0; row < needs->need_count; row++) {
    struct need *need = &needs->needs[row];
    need->name = read_name(&file, row, 0);
    struct text group = required(&file, row, 1);
    if (!name_index_find(&needs->group_names, group, &need->group))
      report(loader, file.name, line_of(&file, row), "use a group of need-groups.csv",
             "unknown group '%.*s'", TEXT_PRINT(group));
    read_labels(&file, row, 2, need->label);
    read_labels(&file, row, 4, need->explanation);
    load_expression(&file, row, 6, &need->expression, &needs->programs[row]);
  }
  index_names(&file, 0, &needs->need_names);
}

static void load_signs(struct loader *loader)
{
  static const char *const columns[] = {"name",   "label_en", "label_es", "expression",
                                        "source", "grade",    NULL};
  struct needs *needs = loader->needs;
  struct file file;
  if (!open_file(loader, "signs.csv", columns, &file) || !fits(&file, SIGNS_MAXIMUM)) return;
  needs->sign_count = file.table.row_count;
  for (size_t row = 0; row < needs->sign_count; row++) {
    struct sign *sign = &needs->signs[row];
    sign->name = read_name(&file, row, 0);
    read_labels(&file, row, 1, sign->label);
    load_expression(&file, row, 3, &sign->expression, &needs->sign_programs[row]);
    sign->source = required(&file, row, 4);
    sign->grade = required(&file, row, 5);
    if (!text_equal(sign->grade, TEXT("V")) && !text_equal(sign->grade, TEXT("S")) &&
        !text_equal(sign->grade, TEXT("I")))
      report(loader, file.name, line_of(&file, row), "write V, S or I", "grade '%.*s' is none",
             TEXT_PRINT(sign->grade));
  }
  struct name_index names;
  index_names(&file, 0, &names);
}

/* --- Words
 * ----------------------------------------------------------------------------------------- */

/* A phrase of 1 to `words` folded words. */
static struct text read_phrase(const struct file *file, size_t row, size_t words)
{
  struct text phrase = required(file, row, 0), rest = phrase, word;
  struct text folded = text_fold(file->loader->needs->arena, phrase);
  if (!text_equal(phrase, folded))
    report(file->loader, file->name, line_of(file, row), "write it in its folded form",
           "'%.*s' is not folded; folded it is '%.*s'", TEXT_PRINT(phrase), TEXT_PRINT(folded));
  size_t count = 0;
  while (text_word_next(&rest, &word)) count++;
  if (count > words)
    report(file->loader, file->name, line_of(file, row), "shorten it",
           "'%.*s' has more than %zu words", TEXT_PRINT(phrase), words);
  return phrase;
}

static int synonym_compare(const void *a, const void *b)
{
  const struct synonym *left = a, *right = b;
  int order = text_compare(left->phrase, right->phrase);
  return order ? order : (left->need > right->need) - (left->need < right->need);
}

static void load_synonyms(struct loader *loader)
{
  static const char *const columns[] = {"phrase", "need", NULL};
  struct needs *needs = loader->needs;
  struct file file;
  if (!open_file(loader, "synonyms.csv", columns, &file)) return;
  needs->synonym_count = file.table.row_count;
  needs->synonyms =
      arena_allocate_array(needs->arena, needs->synonym_count + 1, sizeof *needs->synonyms);
  for (size_t row = 0; row < needs->synonym_count; row++) {
    struct synonym *synonym = &needs->synonyms[row];
    synonym->phrase = read_phrase(&file, row, 4);
    struct text need = required(&file, row, 1);
    if (!needs_find(needs, need, &synonym->need))
      report(loader, file.name, line_of(&file, row), "use a need of needs.csv",
             "unknown need '%.*s'", TEXT_PRINT(need));
  }
  qsort(needs->synonyms, needs->synonym_count, sizeof *needs->synonyms, synonym_compare);
  for (size_t i = 1; i < needs->synonym_count; i++)
    if (synonym_compare(&needs->synonyms[i - 1], &needs->synonyms[i]) == 0)
      report(loader, file.name, 0, "keep one of them", "'%.*s' stands twice for one need",
             TEXT_PRINT(needs->synonyms[i].phrase));
}

static void load_stop_words(struct loader *loader)
{
  static const char *const columns[] = {"word", NULL};
  struct file file;
  if (!open_file(loader, "stop-words.csv", columns, &file)) return;
  for (size_t row = 0; row < file.table.row_count; row++) (void)read_phrase(&file, row, 1);
  index_names(&file, 0, &loader->needs->stop_words);
}

/* --- All of it
 * ------------------------------------------------------------------------------------- */

size_t needs_load_reporting(struct needs **out, const char *knowledge_folder,
                            void (*each)(void *context, const struct knowledge_problem *problem),
                            void *context)
{
  struct needs *needs = memory_allocate_zero(1, sizeof *needs);
  needs->arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  needs->hash = UINT64_C(14695981039346656037);
  struct loader loader = {needs, knowledge_folder, each, context, 0};
  load_categories(&loader);
  load_codes(&loader);
  load_labels(&loader);
  load_groups(&loader);
  load_need_rows(&loader);
  load_signs(&loader);
  load_synonyms(&loader);
  load_stop_words(&loader);
  if (arena_is_over(needs->arena))
    report(&loader, "knowledge", 0, "shorten the files", "more than %d bytes in memory",
           LIMIT_KNOWLEDGE_ARENA);
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
