/*
 * Code: reading the room's lists of knowledge/. See code.h. Immutable after care_open().
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "care/care_private.h"

/* A list: its file, whether its words must be in the catalog, its further columns. */
static const struct {
  const char *file, *columns[10];
  bool has_words;
} lists[CARE_LISTS] = {
    [CARE_PROGRAM_KINDS] = {"program-kinds.csv", {"code", NULL}, true},
    [CARE_PROGRAM_SETTINGS] = {"program-settings.csv",
                               {"code", "default", "minimum", "maximum", NULL},
                               true},
    [CARE_UNIT_KINDS] = {"unit-kinds.csv", {"code", NULL}, true},
    [CARE_LEVELS] = {"levels-of-care.csv", {"code", NULL}, true},
    [CARE_PROFESSIONS] = {"professions.csv", {"code", "role", NULL}, true},
    [CARE_TEAM_ROLES] = {"care-team-roles.csv", {"code", NULL}, true},
    [CARE_SPOKEN] = {"languages.csv", {"code", NULL}, true},
    [CARE_SEXES] = {"administrative-sexes.csv", {"code", NULL}, true},
    [CARE_GENDER_IDENTITIES] = {"gender-identities.csv", {"code", "external", NULL}, true},
    [CARE_PRONOUNS] = {"pronouns.csv", {"code", "external", NULL}, true},
    [CARE_PHONE_USES] = {"phone-uses.csv", {"code", NULL}, true},
    [CARE_RELATIONSHIPS] = {"relationships.csv", {"code", NULL}, true},
    [CARE_IDENTIFIER_KINDS] = {"identifier-kinds.csv", {"code", "external", NULL}, true},
    [CARE_EPISODE_STATUSES] = {"episode-statuses.csv",
                               {"code", "next", "may_begin", "is_end", NULL},
                               true},
    [CARE_END_REASONS] = {"end-reasons.csv", {"code", "teds", "status", NULL}, true},
    [CARE_REFERRAL_SOURCES] = {"referral-sources.csv", {"code", "teds", NULL}, true},
    [CARE_SERVICE_KINDS] = {"service-kinds.csv", {"code", "in_group", "hcpcs", NULL}, true},
    [CARE_FACT_KINDS] = {"fact-kinds.csv",
                         {"code", "subject", "value", "words", "follows", "banner", "ends",
                          "future", "labels", NULL},
                         true},
    [CARE_CORRECTION_REASONS] = {"correction-reasons.csv", {"code", NULL}, true},
    [CARE_STATES] = {"place-states.csv", {"state", "name_en", "name_es", NULL}, false},
    [CARE_FILE_KINDS] = {"file-kinds.csv", {"code", "object", NULL}, true},
    [CARE_FILE_REASONS] = {"file-reasons.csv", {"code", "bytes", NULL}, true},
};
static const char *const grades[] = {"V", "V2", "GK", "P", "S", "I"};

/* --- Files --------------------------------------------------------------------------------- */

bool care_file_fail(const struct care_file *file, size_t row, const char *what, struct error *error)
{
  return error_set(error, ERROR_SYSTEM, "error.knowledge.invalid", "Mend the file in knowledge/.",
                   "knowledge/%s:%lld: %s", file->name, (long long)file->table.lines[row], what);
}

size_t care_file_column(const struct care_file *file, const char *name)
{
  size_t column = 0;
  bool found = table_column(&file->table, name, &column, NULL);
  assert(found);
  (void)found;
  return column;
}

static bool is_grade(struct text grade)
{
  for (size_t i = 0; i < sizeof grades / sizeof *grades; i++)
    if (text_equal(grade, text_from(grades[i]))) return true;
  return false;
}

bool care_file_read(struct care *care, const char *folder, const char *name,
                    const char *const *columns, struct care_file *out, struct error *error)
{
  struct text document;
  size_t ignored;
  out->name = name;
  if (!file_read(care->arena, file_join(care->arena, folder, name), LIMIT_KNOWLEDGE_FILE, &document,
                 error) ||
      !table_read_csv(care->arena, document, &out->table, error))
    return error_add_context(error, "knowledge/%s", name);
  for (; *columns; columns++)
    if (!table_column(&out->table, *columns, &ignored, error))
      return error_add_context(error, "knowledge/%s", name);
  size_t grade;
  if (!table_column(&out->table, "grade", &grade, NULL)) return true;
  for (size_t row = 0; row < out->table.row_count; row++)
    if (!is_grade(table_cell(&out->table, row, grade)))
      return care_file_fail(out, row, "no grade of a source", error);
  return true;
}

/* --- Lists --------------------------------------------------------------------------------- */

const char *care_list_name(enum care_list list)
{
  static const char *const names[CARE_LISTS] = {
      "program-kinds",     "program-settings", "unit-kinds",         "levels-of-care",
      "professions",       "care-team-roles",  "languages",          "administrative-sexes",
      "gender-identities", "pronouns",         "phone-uses",         "relationships",
      "identifier-kinds",  "episode-statuses", "end-reasons",        "referral-sources",
      "service-kinds",     "fact-kinds",       "correction-reasons", "place-states",
      "file-kinds",        "file-reasons"};
  return names[list];
}

static int compare_rows(const void *a, const void *b, void *context)
{
  const struct care_file *file = context;
  return text_compare(table_cell(&file->table, *(const size_t *)a, 0),
                      table_cell(&file->table, *(const size_t *)b, 0));
}

/* Every code once, and with words in every language. */
static bool check_list(const struct care *care, enum care_list list, struct error *error)
{
  const struct care_file *file = &care->lists[list];
  const struct catalog *catalog = care->privacy->catalog;
  char key[128];
  for (size_t i = 0; i < file->table.row_count; i++) {
    struct text code = table_cell(&file->table, file->by_code[i], 0);
    if (code.length == 0) return care_file_fail(file, file->by_code[i], "no code", error);
    if (i > 0 && text_equal(code, table_cell(&file->table, file->by_code[i - 1], 0)))
      return care_file_fail(file, file->by_code[i], "the code stands twice", error);
    if (!lists[list].has_words) continue;
    snprintf(key, sizeof key, "%s.%.*s", care_list_name(list), TEXT_PRINT(code));
    if (!catalog_find(catalog, 0, text_from(key)).at)
      return care_file_fail(file, file->by_code[i], "no words in locale/en/records.csv", error);
  }
  return true;
}

static bool load_list(struct care *care, const char *folder, enum care_list list,
                      struct error *error)
{
  struct care_file *file = &care->lists[list];
  if (!care_file_read(care, folder, lists[list].file, lists[list].columns, file, error))
    return false;
  file->by_code = arena_allocate_array(care->arena, file->table.row_count + 1, sizeof(size_t));
  for (size_t row = 0; row < file->table.row_count; row++) file->by_code[row] = row;
  qsort_r(file->by_code, file->table.row_count, sizeof(size_t), compare_rows, file);
  return check_list(care, list, error);
}

static bool load_values(struct care *care, const char *folder, struct error *error)
{
  static const char *const columns[] = {"kind", "value", "source", "grade", NULL};
  struct care_file file = {0};
  if (!care_file_read(care, folder, "fact-values.csv", columns, &file, error)) return false;
  care->values = arena_allocate_array(care->arena, file.table.row_count + 1, sizeof *care->values);
  for (size_t row = 0; row < file.table.row_count; row++) {
    struct care_value *value = &care->values[care->value_count++];
    *value = (struct care_value){table_cell(&file.table, row, 0), table_cell(&file.table, row, 1)};
    struct text key = text_format(care->arena, "fact-values.%.*s.%.*s", TEXT_PRINT(value->kind),
                                  TEXT_PRINT(value->value));
    if (!care_code_is(care, CARE_FACT_KINDS, value->kind))
      return care_file_fail(&file, row, "no such kind of fact", error);
    if (!catalog_find(care->privacy->catalog, 0, key).at)
      return care_file_fail(&file, row, "no words in locale/en/records.csv", error);
  }
  return true;
}

static bool load_weights(struct care *care, const char *folder, struct error *error)
{
  static const char *const columns[] = {"name", "m", "u", "source", "grade", NULL};
  struct care_file file = {0};
  if (!care_file_read(care, folder, "duplicate-weights.csv", columns, &file, error)) return false;
  care->weights =
      arena_allocate_array(care->arena, file.table.row_count + 1, sizeof *care->weights);
  for (size_t row = 0; row < file.table.row_count; row++) {
    double m = 0, u = 0;
    if (!text_read_decimal(table_cell(&file.table, row, 1), &m) ||
        !text_read_decimal(table_cell(&file.table, row, 2), &u) || m <= 0 || u <= 0 || m > 1 ||
        u > 1)
      return care_file_fail(&file, row, "m and u are shares above 0 and at most 1", error);
    care->weights[care->weight_count++] = (struct duplicate_weight){
        table_cell(&file.table, row, 0), (int64_t)llround(100 * log2(m / u))};
  }
  return true;
}

static bool load_all(struct care *care, const char *folder, struct error *error)
{
  static const char *const retention[] = {"state",  "years", "minor_years", "minor_until_age",
                                          "source", "grade", NULL};
  static const char *const import_columns[] = {"what", "field", "alias", NULL};
  static const char *const import_values[] = {"list", "alias", "code", NULL};
  for (int list = 0; list < CARE_LISTS; list++)
    if (!load_list(care, folder, (enum care_list)list, error)) return false;
  return load_values(care, folder, error) && load_weights(care, folder, error) &&
         care_file_read(care, folder, "retention.csv", retention, &care->retention, error) &&
         care_file_read(care, folder, "import-columns.csv", import_columns, &care->import_columns,
                        error) &&
         care_file_read(care, folder, "import-values.csv", import_values, &care->import_values,
                        error);
}

bool care_open(struct care **out, const char *share_folder, struct privacy *privacy,
               struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct care *care = arena_allocate(arena, sizeof *care);
  care->arena = arena;
  care->privacy = privacy;
  privacy->places = care_has_place;
  if (!load_all(care, file_join(arena, share_folder, "knowledge"), error)) {
    arena_free(arena);
    return false;
  }
  *out = care;
  return true;
}

void care_close(struct care *care)
{
  if (care) arena_free(care->arena);
}

struct privacy *care_privacy(const struct care *care)
{
  return care->privacy;
}

/* --- Looking up ---------------------------------------------------------------------------- */

size_t care_code_count(const struct care *care, enum care_list list)
{
  return care->lists[list].table.row_count;
}

struct text care_code(const struct care *care, enum care_list list, size_t index)
{
  return table_cell(&care->lists[list].table, index, 0);
}

bool care_code_find(const struct care *care, enum care_list list, struct text code, size_t *index)
{
  const struct care_file *file = &care->lists[list];
  size_t low = 0, high = file->table.row_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = text_compare(table_cell(&file->table, file->by_code[middle], 0), code);
    if (order == 0) {
      *index = file->by_code[middle];
      return true;
    }
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

bool care_code_is(const struct care *care, enum care_list list, struct text code)
{
  size_t index;
  return care_code_find(care, list, code, &index);
}

struct text care_code_cell(const struct care *care, enum care_list list, size_t index,
                           const char *column)
{
  const struct care_file *file = &care->lists[list];
  return table_cell(&file->table, index, care_file_column(file, column));
}

struct text care_code_label(const struct care *care, enum care_list list, struct text code,
                            size_t language)
{
  char key[128];
  int length = snprintf(key, sizeof key, "%s.%.*s", care_list_name(list), TEXT_PRINT(code));
  if (length < 0 || (size_t)length >= sizeof key) return code;
  struct text label = catalog_find(care->privacy->catalog, language, text_from(key));
  return label.at ? label : code;
}

void field_problem_add(struct field_problems *problems, const char *field, const char *message)
{
  if (problems->count < FIELD_PROBLEMS)
    problems->items[problems->count++] = (struct field_problem){field, message};
}
