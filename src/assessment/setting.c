/*
 * What care is like: reading care-settings.csv, care-medicines.csv and care-review.csv. See
 * setting.h.
 */
#include "assessment/setting.h"

#include <assert.h>

struct care_settings {
  struct arena *arena;
  struct care_note *notes;
  size_t note_count;
  struct care_medicine *medicines;
  size_t medicine_count;
  int64_t *reviews;
  size_t review_count;
};

enum { COLUMNS = 8 };

struct file {
  struct care_settings *settings;
  const char *name;
  struct table table;
  size_t at[COLUMNS];
};

static bool file_open(struct file *file, const char *folder, const char *const *columns,
                      struct error *error)
{
  struct text document;
  struct arena *arena = file->settings->arena;
  if (!file_read(arena, file_join(arena, folder, file->name), LIMIT_KNOWLEDGE_FILE, &document,
                 error) ||
      !table_read_csv(arena, document, &file->table, error))
    return error_add_context(error, "%s", file->name);
  for (size_t i = 0; columns[i]; i++)
    if (!table_column(&file->table, columns[i], &file->at[i], error))
      return error_add_context(error, "%s", file->name);
  return true;
}

static bool refuse(const struct file *file, size_t row, const char *mend, const char *what,
                   struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", mend, "%s:%lld: %s", file->name,
                   (long long)file->table.lines[row], what);
}

/* Take `count` cells of a row from `column` on; none may be empty. */
static bool take(const struct file *file, size_t row, size_t column, size_t count, struct text *out,
                 struct error *error)
{
  for (size_t i = 0; i < count; i++) {
    out[i] = text_trim(table_cell(&file->table, row, file->at[column + i]));
    if (text_is_empty(out[i])) return refuse(file, row, "Fill it in.", "a cell is empty", error);
  }
  return true;
}

/* --- care-settings.csv ---------------------------------------------------------------------- */

static const char *const aspects[CARE_ASPECTS] = {[CARE_DAY] = "day",
                                                  [CARE_LENGTH] = "length",
                                                  [CARE_COST] = "cost",
                                                  [CARE_GAIN] = "gain",
                                                  [CARE_GIVE_UP] = "give-up"};

static bool read_levels(const struct file *file, size_t row, const struct level_of_care *table,
                        uint32_t *out, struct error *error)
{
  struct text all, number;
  if (!take(file, row, 0, 1, &all, error)) return false;
  while (text_word_next(&all, &number)) {
    size_t level = 0;
    while (level < levels_count(table) && !text_equal(levels_get(table, level)->number, number))
      level++;
    if (level == levels_count(table))
      return refuse(file, row, "Use levels of level-of-care.md, with spaces between.",
                    "an unknown level", error);
    *out |= UINT32_C(1) << level;
  }
  return true;
}

static bool read_aspect(const struct file *file, size_t row, enum care_aspect *out,
                        struct error *error)
{
  struct text name;
  if (!take(file, row, 1, 1, &name, error)) return false;
  for (size_t i = 0; i < CARE_ASPECTS; i++)
    if (text_equal(name, text_from(aspects[i]))) {
      *out = (enum care_aspect)i;
      return true;
    }
  return refuse(file, row, "Use day, length, cost, gain or give-up.", "an unknown aspect", error);
}

/* Does each level have each aspect? */
static bool check_whole(const struct file *file, const struct level_of_care *table,
                        struct error *error)
{
  const struct care_settings *settings = file->settings;
  for (size_t level = 0; level < levels_count(table); level++)
    for (size_t aspect = 0; aspect < CARE_ASPECTS; aspect++) {
      bool has = false;
      for (size_t i = 0; i < settings->note_count; i++)
        has =
            has || (settings->notes[i].aspect == aspect && settings->notes[i].levels >> level & 1);
      if (!has)
        return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", "Add a row.",
                         "%s: level %.*s has no row for %s", file->name,
                         TEXT_PRINT(levels_get(table, level)->number), aspects[aspect]);
    }
  return true;
}

static bool load_notes(struct care_settings *settings, const char *folder,
                       const struct level_of_care *table, struct error *error)
{
  static const char *const columns[] = {"levels", "aspect", "text_en", "text_es",
                                        "source", "grade",  NULL};
  struct file file = {.settings = settings, .name = "care-settings.csv"};
  if (!file_open(&file, folder, columns, error)) return false;
  size_t count = file.table.row_count;
  settings->notes = arena_allocate_array(settings->arena, count + 1, sizeof *settings->notes);
  for (size_t row = 0; row < count; row++) {
    struct care_note *note = &settings->notes[row];
    if (!read_levels(&file, row, table, &note->levels, error) ||
        !read_aspect(&file, row, &note->aspect, error) ||
        !take(&file, row, 2, CARE_LANGUAGES, note->text, error) ||
        !take(&file, row, 4, 1, &note->source, error) ||
        !take(&file, row, 5, 1, &note->grade, error))
      return false;
  }
  settings->note_count = count;
  return check_whole(&file, table, error);
}

/* --- care-medicines.csv --------------------------------------------------------------------- */

static bool load_medicines(struct care_settings *settings, const char *folder, struct error *error)
{
  static const char *const columns[] = {"medicine", "name_en", "name_es", "text_en", "text_es",
                                        "article",  "source",  "grade",   NULL};
  struct file file = {.settings = settings, .name = "care-medicines.csv"};
  if (!file_open(&file, folder, columns, error)) return false;
  size_t count = file.table.row_count;
  settings->medicines =
      arena_allocate_array(settings->arena, count + 1, sizeof *settings->medicines);
  for (size_t row = 0; row < count; row++) {
    struct care_medicine *medicine = &settings->medicines[row];
    if (!take(&file, row, 0, 1, &medicine->id, error) ||
        !take(&file, row, 1, CARE_LANGUAGES, medicine->name, error) ||
        !take(&file, row, 3, CARE_LANGUAGES, medicine->text, error) ||
        !take(&file, row, 5, 1, &medicine->article, error) ||
        !take(&file, row, 6, 1, &medicine->source, error) ||
        !take(&file, row, 7, 1, &medicine->grade, error))
      return false;
  }
  settings->medicine_count = count;
  return true;
}

/* --- care-review.csv ------------------------------------------------------------------------ */

static bool load_reviews(struct care_settings *settings, const char *folder, struct error *error)
{
  static const char *const columns[] = {"days", "source", "grade", NULL};
  struct file file = {.settings = settings, .name = "care-review.csv"};
  int64_t before = 0;
  if (!file_open(&file, folder, columns, error)) return false;
  size_t count = file.table.row_count;
  settings->reviews = arena_allocate_array(settings->arena, count + 1, sizeof *settings->reviews);
  for (size_t row = 0; row < count; row++) {
    struct text cells[3];
    if (!take(&file, row, 0, 3, cells, error)) return false;
    int64_t *days = &settings->reviews[row];
    if (!text_read_integer(cells[0], days) || *days <= before || *days > 366)
      return refuse(&file, row, "Write whole days up to a year, ascending.", "no number of days",
                    error);
    before = *days;
  }
  settings->review_count = count;
  return true;
}

/* --- All ----------------------------------------------------------------------------------- */

bool care_settings_load(struct care_settings **out, const char *knowledge_folder,
                        const struct level_of_care *table, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_FILE);
  struct care_settings *settings = arena_allocate(arena, sizeof *settings);
  settings->arena = arena;
  if (!load_notes(settings, knowledge_folder, table, error) ||
      !load_medicines(settings, knowledge_folder, error) ||
      !load_reviews(settings, knowledge_folder, error)) {
    arena_free(arena);
    return false;
  }
  *out = settings;
  return true;
}

void care_settings_free(struct care_settings *settings)
{
  if (settings) arena_free(settings->arena);
}

size_t care_notes_count(const struct care_settings *settings)
{
  return settings->note_count;
}

const struct care_note *care_notes_get(const struct care_settings *settings, size_t index)
{
  assert(index < settings->note_count);
  return &settings->notes[index];
}

size_t care_medicines_count(const struct care_settings *settings)
{
  return settings->medicine_count;
}

const struct care_medicine *care_medicines_get(const struct care_settings *settings, size_t index)
{
  assert(index < settings->medicine_count);
  return &settings->medicines[index];
}

size_t care_reviews_count(const struct care_settings *settings)
{
  return settings->review_count;
}

int64_t care_reviews_get(const struct care_settings *settings, size_t index)
{
  assert(index < settings->review_count);
  return settings->reviews[index];
}
