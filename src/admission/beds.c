/*
 * Beds: the lists of knowledge/ that this part reads. See bed.h. Immutable after loading, but for
 * who is told of a free bed.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "admission/bed_private.h"

static const struct {
  const char *file, *columns[6];
} lists[BED_LISTS] = {
    [BED_HOLD_KINDS] = {"hold-kinds", {"minutes", "extend_minutes", "planned", NULL}},
    [BED_USE_KINDS] = {"bed-use-kinds", {"person", NULL}},
    [BED_ENDINGS] = {"bed-endings", {"cleans", "passes", NULL}},
    [BED_REASONS] = {"bed-reasons", {"acts", NULL}},
    [BED_POLICIES] = {"bed-policies", {"groups", "same_room", NULL}},
    [BED_GROUPS] = {"placement-groups", {"sexes", "identities", NULL}},
    [AVAILABILITY_DECAY] = {"availability-decay", {"hours", "first", NULL}},
    [AVAILABILITY_SOURCES] = {"availability-sources", {"told", NULL}},
};
static const char *const numbers[] = {"minutes", "extend_minutes", "hours"};

/* --- Loading ------------------------------------------------------------------------------- */

static bool fail_at(const char *file, int64_t line, const char *what, struct error *error)
{
  return error_set(error, ERROR_SYSTEM, "error.knowledge.invalid", "Mend the file in knowledge/.",
                   "knowledge/%s.csv:%lld: %s", file, (long long)line, what);
}

/* A code once, with words, a source and whole numbers where numbers stand. */
static bool check_row(const struct beds *beds, enum bed_list list, size_t row, struct error *error)
{
  const struct table *table = &beds->tables[list];
  struct text code = table_cell(table, row, 0);
  int64_t line = table->lines[row], number;
  size_t column, found;
  if (code.length == 0) return fail_at(lists[list].file, line, "no code", error);
  if (bed_code_find(beds, list, code, &found) && found != row)
    return fail_at(lists[list].file, line, "the code stands twice", error);
  if (!catalog_find(care_privacy(beds->care)->catalog, 0,
                    text_format(beds->arena, "%s.%.*s", lists[list].file, TEXT_PRINT(code)))
           .at)
    return fail_at(lists[list].file, line, "no words in locale/en/beds.csv", error);
  if (!table_column(table, "source", &column, error)) return false;
  if (table_cell(table, row, column).length == 0)
    return fail_at(lists[list].file, line, "no source", error);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (table_column(table, numbers[i], &column, NULL) &&
        (!text_read_integer(table_cell(table, row, column), &number) || number <= 0 ||
         number > LIMIT_BED_MINUTES))
      return fail_at(lists[list].file, line, "a number is missing or too large", error);
  return true;
}

static bool load_list(struct beds *beds, const char *folder, enum bed_list list,
                      struct error *error)
{
  struct text document;
  size_t column;
  struct table *table = &beds->tables[list];
  char *path =
      file_join(beds->arena, folder, text_format(beds->arena, "%s.csv", lists[list].file).at);
  if (!file_read(beds->arena, path, LIMIT_KNOWLEDGE_FILE, &document, error) ||
      !table_read_csv(beds->arena, document, table, error))
    return error_add_context(error, "knowledge/%s.csv", lists[list].file);
  for (const char *const *name = lists[list].columns; *name; name++)
    if (!table_column(table, *name, &column, error))
      return error_add_context(error, "knowledge/%s.csv", lists[list].file);
  for (size_t row = 0; row < table->row_count; row++)
    if (!check_row(beds, list, row, error)) return false;
  return true;
}

bool beds_open(struct beds **out, const char *share_folder, struct care *care, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct beds *beds = arena_allocate(arena, sizeof *beds);
  beds->arena = arena;
  beds->care = care;
  char *folder = file_join(arena, share_folder, "knowledge");
  for (int list = 0; list < BED_LISTS; list++)
    if (!load_list(beds, folder, (enum bed_list)list, error)) {
      arena_free(arena);
      return false;
    }
  care_on_episode_end(care, bed_ends_with_stay, beds);
  *out = beds;
  return true;
}

void beds_close(struct beds *beds)
{
  if (!beds) return;
  care_on_episode_end(beds->care, NULL, NULL);
  arena_free(beds->arena);
}

void beds_register_due(struct beds *beds, struct due_registry *registry)
{
  due_register(registry, "hold.expires", hold_rings, beds);
  due_register(registry, "availability.derive", availability_rings, beds);
}

void bed_taken_to(struct beds *beds, bed_taken_function *function, void *context)
{
  beds->taken = function;
  beds->taken_context = context;
}

void bed_pass_to(struct beds *beds, bed_pass_function *function, void *context)
{
  beds->pass = function;
  beds->pass_context = context;
}

/* --- Looking up ---------------------------------------------------------------------------- */

size_t bed_code_count(const struct beds *beds, enum bed_list list)
{
  return beds->tables[list].row_count;
}

struct text bed_code(const struct beds *beds, enum bed_list list, size_t index)
{
  return table_cell(&beds->tables[list], index, 0);
}

bool bed_code_find(const struct beds *beds, enum bed_list list, struct text code, size_t *index)
{
  for (size_t row = 0; row < beds->tables[list].row_count; row++)
    if (text_equal(table_cell(&beds->tables[list], row, 0), code)) {
      *index = row;
      return true;
    }
  return false;
}

struct text bed_code_cell(const struct beds *beds, enum bed_list list, size_t index,
                          const char *column)
{
  size_t at = 0;
  bool found = table_column(&beds->tables[list], column, &at, NULL);
  assert(found);
  (void)found;
  return table_cell(&beds->tables[list], index, at);
}

static bool has_word(struct text words, struct text word)
{
  struct text each;
  while (text_word_next(&words, &each))
    if (text_equal(each, word)) return true;
  return false;
}

bool bed_code_says(const struct beds *beds, enum bed_list list, struct text code,
                   const char *column, struct text word)
{
  size_t index;
  return bed_code_find(beds, list, code, &index) &&
         has_word(bed_code_cell(beds, list, index, column), word);
}

struct text bed_code_label(const struct beds *beds, enum bed_list list, struct text code,
                           size_t language)
{
  char key[128];
  int length = snprintf(key, sizeof key, "%s.%.*s", lists[list].file, TEXT_PRINT(code));
  if (length < 0 || (size_t)length >= sizeof key) return code;
  struct text label = catalog_find(care_privacy(beds->care)->catalog, language, text_from(key));
  return label.at ? label : code;
}

struct text bed_group_of(const struct beds *beds, struct text sex, struct text gender_identity)
{
  static const char *const columns[] = {"identities", "sexes"};
  const struct text said[] = {gender_identity, sex};
  for (size_t i = 0; i < 2; i++)
    for (size_t row = 0; row < bed_code_count(beds, BED_GROUPS); row++)
      if (has_word(bed_code_cell(beds, BED_GROUPS, row, columns[i]), said[i]))
        return bed_code(beds, BED_GROUPS, row);
  return TEXT("");
}
