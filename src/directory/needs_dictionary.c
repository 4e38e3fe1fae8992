/*
 * Needs: reading the dictionary: categories, service codes, and the labels that stand for them.
 */
#include <assert.h>
#include <stdlib.h>

#include "directory/needs_file.h"

/* --- The dictionary ------------------------------------------------------------------------ */

void knowledge_load_categories(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"category_code", "official_label", "label_en",
                                        "label_es",      "order",          NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "service-categories.csv", columns, &file)) return;
  needs->category_count = file.table.row_count;
  needs->categories =
      arena_allocate_array(needs->arena, needs->category_count + 1, sizeof *needs->categories);
  struct name_index unsorted;
  knowledge_index_names(&file, 0, &unsorted);
  struct ordered_row *order = knowledge_read_order(&file, 4);
  struct name_entry *names = name_index_room(loader, &needs->category_names, needs->category_count);
  for (size_t i = 0; i < needs->category_count; i++) {
    size_t row = order[i].row;
    struct service_category *category = &needs->categories[i];
    category->category = knowledge_required(&file, row, 0);
    category->official_label = knowledge_required(&file, row, 1);
    knowledge_read_labels(&file, row, 2, category->label);
    names[i] = (struct name_entry){category->category, i};
  }
  struct text repeated;
  (void)name_index_sort(&needs->category_names, &repeated); /* told by knowledge_index_names() */
}

/* "su", "mh" or "su mh". */
static void read_directories(const struct knowledge_file *file, size_t row,
                             struct service_code *code)
{
  struct text rest = knowledge_required(file, row, 5), word;
  while (text_word_next(&rest, &word)) {
    if (text_equal(word, TEXT("su"))) code->substance_use = true;
    else if (text_equal(word, TEXT("mh"))) code->mental_health = true;
    else
      knowledge_report(file->loader, file->name, knowledge_line(file, row), "write su, mh, or both",
                       "unknown directory '%s'", expression_quote(file->loader->arena, word));
  }
}

/* "1", "0", or nothing where that release's dictionary is not known. */
static bool read_release(const struct knowledge_file *file, size_t row, size_t column)
{
  struct text t = knowledge_cell(file, row, column);
  if (!text_is_empty(t) && !text_equal(t, TEXT("0")) && !text_equal(t, TEXT("1")))
    knowledge_report(file->loader, file->name, knowledge_line(file, row), "write 1, 0 or nothing",
                     "%s is neither 1 nor 0", file->columns[column]);
  return text_equal(t, TEXT("1"));
}

static void check_code_form(const struct knowledge_file *file, size_t row, struct text code)
{
  bool fine = code.length <= 15;
  for (size_t i = 0; i < code.length; i++)
    fine = fine &&
           ((code.at[i] >= 'A' && code.at[i] <= 'Z') || (code.at[i] >= '0' && code.at[i] <= '9'));
  if (!fine)
    knowledge_report(file->loader, file->name, knowledge_line(file, row),
                     "write at most 15 capitals and digits", "code '%s' has another form",
                     expression_quote(file->loader->arena, code));
}

void knowledge_load_codes(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"code",     "category_code", "official_label",
                                        "label_en", "label_es",      "directories",
                                        "in_2022",  "in_2023",       NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "service-codes.csv", columns, &file) ||
      !knowledge_fits(&file, CODES_MAXIMUM))
    return;
  needs->code_count = file.table.row_count;
  for (size_t row = 0; row < needs->code_count; row++) {
    struct service_code *code = &needs->codes[row];
    code->code = knowledge_required(&file, row, 0);
    check_code_form(&file, row, code->code);
    code->category = knowledge_required(&file, row, 1);
    code->official_label = knowledge_required(&file, row, 2);
    knowledge_read_labels(&file, row, 3, code->label);
    read_directories(&file, row, code);
    bool before = read_release(&file, row, 6), newest = read_release(&file, row, 7);
    code->retired = before && !newest;
    size_t category;
    if (!categories_find(needs, code->category, &category))
      knowledge_report(loader, file.name, knowledge_line(&file, row),
                       "use a code of service-categories.csv", "unknown category '%s'",
                       expression_quote(loader->arena, code->category));
  }
  knowledge_index_names(&file, 0, &needs->code_names);
}

/* --- Labels of the FindTreatment API --------------------------------------------------- */

static const struct label_entry *find_unsorted_label(const struct needs *needs,
                                                     const struct label_entry *wanted)
{
  for (size_t i = 0; i < needs->label_count; i++)
    if (label_entry_compare(&needs->labels[i], wanted) == 0) return &needs->labels[i];
  return NULL;
}

static void load_official_labels(struct knowledge_loader *loader)
{
  struct needs *needs = loader->needs;
  assert(needs->labels);
  for (size_t i = 0; i < needs->code_count; i++) {
    struct label_entry entry = {text_fold(needs->arena, needs->codes[i].category),
                                text_fold(needs->arena, needs->codes[i].official_label), i};
    if (find_unsorted_label(needs, &entry))
      knowledge_report(loader, "service-codes.csv", 0, "keep one of them",
                       "two codes of one category have the label of %s",
                       expression_quote(loader->arena, needs->codes[i].code));
    needs->labels[needs->label_count++] = entry;
  }
}

/* A row whose label is "*": the category itself is an old one, its labels stand under another. */
static void load_old_category(const struct knowledge_file *file, size_t row)
{
  struct needs *needs = file->loader->needs;
  struct name_entry entry = {text_fold(needs->arena, knowledge_required(file, row, 0)), 0};
  struct text today = knowledge_required(file, row, 2);
  if (!categories_find(needs, today, &entry.index))
    knowledge_report(file->loader, file->name, knowledge_line(file, row),
                     "use a code of service-categories.csv", "unknown category '%s'",
                     expression_quote(file->loader->arena, today));
  needs->old_categories[needs->old_category_count++] = entry;
}

static void load_alias(const struct knowledge_file *file, size_t row)
{
  struct knowledge_loader *loader = file->loader;
  struct needs *needs = loader->needs;
  assert(needs->labels);
  struct text code = knowledge_required(file, row, 2);
  struct label_entry entry = {text_fold(needs->arena, knowledge_required(file, row, 0)),
                              text_fold(needs->arena, knowledge_required(file, row, 1)),
                              LABEL_RETIRED};
  if (!text_equal(code, TEXT("-")) && !codes_find(needs, code, &entry.code))
    knowledge_report(loader, file->name, knowledge_line(file, row),
                     "use a code of service-codes.csv, or -", "unknown code '%s'",
                     expression_quote(loader->arena, code));
  if (entry.code == LABEL_RETIRED) (void)knowledge_required(file, row, 3);
  if (find_unsorted_label(needs, &entry))
    knowledge_report(loader, file->name, knowledge_line(file, row), "take the row out",
                     "the dictionary or another row has this label already");
  needs->labels[needs->label_count++] = entry;
}

void knowledge_load_labels(struct knowledge_loader *loader)
{
  static const char *const columns[] = {"category", "label", "code", "note", NULL};
  struct needs *needs = loader->needs;
  struct knowledge_file file;
  if (!knowledge_open(loader, "service-code-aliases.csv", columns, &file)) return;
  size_t rows = file.table.row_count;
  needs->labels =
      arena_allocate_array(needs->arena, needs->code_count + rows + 1, sizeof *needs->labels);
  needs->old_categories =
      arena_allocate_array(needs->arena, rows + 1, sizeof *needs->old_categories);
  load_official_labels(loader);
  for (size_t row = 0; row < rows; row++) {
    if (text_equal(knowledge_cell(&file, row, 1), TEXT("*"))) load_old_category(&file, row);
    else load_alias(&file, row);
  }
  qsort(needs->labels, needs->label_count, sizeof *needs->labels, label_entry_compare);
}
