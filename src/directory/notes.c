/*
 * Notes: reading cautions and highlights. See notes.h.
 */
#include "directory/notes.h"

#include <assert.h>

#include "directory/needs_expression.h"

struct notes {
  struct arena *arena;
  struct caution *cautions;
  struct expression *programs; /* parallel to cautions */
  size_t caution_count;
  struct highlight *highlights;
  size_t highlight_count;
};

/* A file of knowledge with the columns that are expected of it, in their order. */
struct notes_file {
  const char *name;
  struct table table;
  size_t at[8];
};

static bool notes_file_read(struct notes *notes, const char *folder, const char *const *columns,
                            struct notes_file *file, struct error *error)
{
  struct text document;
  const char *path = file_join(notes->arena, folder, file->name);
  if (!file_read(notes->arena, path, LIMIT_KNOWLEDGE_FILE, &document, error) ||
      !table_read_csv(notes->arena, document, &file->table, error))
    return error_add_context(error, "%s", file->name);
  for (size_t i = 0; columns[i]; i++)
    if (!table_column(&file->table, columns[i], &file->at[i], error))
      return error_add_context(error, "%s", file->name);
  return true;
}

static bool refuse(const struct notes_file *file, size_t row, const char *mend, const char *what,
                   struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", mend, "%s:%lld: %s", file->name,
                   (long long)file->table.lines[row], what);
}

/* The cells of `count` columns from `column` on; each must hold something. */
static bool read_cells(const struct notes_file *file, size_t row, size_t column, size_t count,
                       struct text *out, struct error *error)
{
  for (size_t i = 0; i < count; i++) {
    out[i] = text_trim(table_cell(&file->table, row, file->at[column + i]));
    if (text_is_empty(out[i])) return refuse(file, row, "Fill it in.", "a cell is empty", error);
  }
  return true;
}

static bool load_cautions(struct notes *notes, const char *folder, const struct needs *needs,
                          struct error *error)
{
  static const char *const columns[] = {"name",       "label_en", "label_es",
                                        "expression", "source",   NULL};
  struct notes_file file = {.name = "cautions.csv"};
  if (!notes_file_read(notes, folder, columns, &file, error)) return false;
  size_t count = file.table.row_count;
  notes->cautions = arena_allocate_array(notes->arena, count + 1, sizeof *notes->cautions);
  notes->programs = arena_allocate_array(notes->arena, count + 1, sizeof *notes->programs);
  for (size_t row = 0; row < count; row++) {
    struct caution *caution = &notes->cautions[row];
    struct text expression;
    struct expression_fault fault;
    if (!read_cells(&file, row, 0, 1, &caution->name, error) ||
        !read_cells(&file, row, 1, NEED_LANGUAGES, caution->label, error) ||
        !read_cells(&file, row, 3, 1, &expression, error) ||
        !read_cells(&file, row, 4, 1, &caution->source, error))
      return false;
    if (!expression_compile(notes->arena, expression, needs, &notes->programs[row], &fault))
      return refuse(&file, row, fault.mend, fault.what, error);
  }
  notes->caution_count = count;
  return true;
}

static bool load_highlights(struct notes *notes, const char *folder, const struct needs *needs,
                            struct error *error)
{
  static const char *const columns[] = {"need",       "label_en",        "label_es", "missing_en",
                                        "missing_es", "missing_on_card", NULL};
  struct notes_file file = {.name = "highlights.csv"};
  if (!notes_file_read(notes, folder, columns, &file, error)) return false;
  size_t count = file.table.row_count;
  notes->highlights = arena_allocate_array(notes->arena, count + 1, sizeof *notes->highlights);
  for (size_t row = 0; row < count; row++) {
    struct highlight *highlight = &notes->highlights[row];
    struct text need, on_card;
    if (!read_cells(&file, row, 0, 1, &need, error) ||
        !read_cells(&file, row, 1, NEED_LANGUAGES, highlight->label, error) ||
        !read_cells(&file, row, 3, NEED_LANGUAGES, highlight->missing, error) ||
        !read_cells(&file, row, 5, 1, &on_card, error))
      return false;
    if (!needs_find(needs, need, &highlight->need))
      return refuse(&file, row, "Use a need of needs.csv.", "unknown need", error);
    highlight->missing_on_card = text_equal(on_card, TEXT("yes"));
    if (!highlight->missing_on_card && !text_equal(on_card, TEXT("no")))
      return refuse(&file, row, "Write yes or no.", "missing_on_card is neither", error);
  }
  notes->highlight_count = count;
  return true;
}

bool notes_load(struct notes **out, const char *knowledge_folder, const struct needs *needs,
                struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_FILE);
  struct notes *notes = arena_allocate(arena, sizeof *notes);
  notes->arena = arena;
  if (!load_cautions(notes, knowledge_folder, needs, error) ||
      !load_highlights(notes, knowledge_folder, needs, error)) {
    arena_free(arena);
    return false;
  }
  *out = notes;
  return true;
}

void notes_free(struct notes *notes)
{
  if (notes) arena_free(notes->arena);
}

size_t cautions_count(const struct notes *notes)
{
  return notes->caution_count;
}

const struct caution *cautions_get(const struct notes *notes, size_t index)
{
  assert(index < notes->caution_count);
  return &notes->cautions[index];
}

bool cautions_hold(const struct notes *notes, size_t caution, const struct code_set *codes,
                   unsigned directories)
{
  assert(caution < notes->caution_count);
  return expression_holds(&notes->programs[caution], codes, directories);
}

size_t highlights_count(const struct notes *notes)
{
  return notes->highlight_count;
}

const struct highlight *highlights_get(const struct notes *notes, size_t index)
{
  assert(index < notes->highlight_count);
  return &notes->highlights[index];
}
