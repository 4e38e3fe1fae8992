/*
 * rules: loading all of them, days and terms. See rules.h. Cells are read here, each part's files
 * in rules_<part>.c.
 */
#include "coverage/rules_private.h"

#include <time.h>

bool coverage_words_have(const struct coverage_words *words, struct text word)
{
  if (words->is_any) return true;
  for (size_t i = 0; i < words->count; i++)
    if (text_equal(words->at[i], word)) return true;
  return false;
}

enum coverage_standing coverage_term_standing(const struct coverage_term *term, int64_t day)
{
  if (day < term->first) return COVERAGE_NOT_YET;
  return day > term->last ? COVERAGE_EXPIRED : COVERAGE_HOLDS;
}

bool coverage_is_signed(const struct coverage_basis *basis)
{
  return !text_equal(basis->signed_by, TEXT("unsigned"));
}

/* --- Days ---------------------------------------------------------------------------------- */

#define MICROSECONDS_A_DAY INT64_C(86400000000)

bool coverage_day_read(struct text date, int64_t *out)
{
  int year, month, day;
  if (!time_read_date(date, &year, &month, &day)) return false;
  *out = time_days_from_date(year, month, day);
  return true;
}

struct text coverage_day_write(struct arena *arena, int64_t day)
{
  return time_format_date(arena, day * MICROSECONDS_A_DAY);
}

int64_t coverage_day_add_months(int64_t day, int64_t months)
{
  enum { SECONDS_A_DAY = 86400, YEARS_FROM = 1900 };
  struct tm date = {0};
  time_t seconds = (time_t)(day * SECONDS_A_DAY);
  (void)gmtime_r(&seconds, &date);
  int64_t count = ((int64_t)date.tm_year + YEARS_FROM) * 12 + date.tm_mon + months;
  int64_t first = time_days_from_date((int)(count / 12), (int)(count % 12) + 1, 1);
  int64_t next = time_days_from_date((int)((count + 1) / 12), (int)((count + 1) % 12) + 1, 1);
  return first + date.tm_mday - 1 < next ? first + date.tm_mday - 1 : next - 1;
}

/* --- Cells --------------------------------------------------------------------------------- */

void *rules_begin(struct rules_loading *loading, const char *name, const char *const *columns,
                  size_t size)
{
  bool is_open = knowledge_open(&loading->loader, name, columns, &loading->file);
  loading->count = is_open ? loading->file.table.row_count : 0;
  return arena_allocate_array(loading->rules->arena, loading->count + 1, size);
}

void rules_refuse(struct rules_loading *loading, size_t row, const char *mend, const char *what)
{
  knowledge_report(&loading->loader, loading->file.name, knowledge_line(&loading->file, row), mend,
                   "%s", what);
}

int64_t rules_integer(struct rules_loading *loading, size_t row, size_t column, int64_t least,
                      int64_t most)
{
  int64_t number;
  if (text_read_integer(knowledge_cell(&loading->file, row, column), &number) && number >= least &&
      number <= most)
    return number;
  knowledge_report(&loading->loader, loading->file.name, knowledge_line(&loading->file, row),
                   "write a whole number", "%s is no number from %lld to %lld",
                   loading->file.columns[column], (long long)least, (long long)most);
  return least;
}

int64_t rules_optional(struct rules_loading *loading, size_t row, size_t column, int64_t most,
                       int64_t otherwise)
{
  if (text_is_empty(knowledge_cell(&loading->file, row, column))) return otherwise;
  return rules_integer(loading, row, column, 0, most);
}

int64_t rules_dollars(struct rules_loading *loading, size_t row, size_t column)
{
  return 100 * rules_integer(loading, row, column, 0, LIMIT_COVERAGE_INCOME / 100);
}

bool rules_yes(struct rules_loading *loading, size_t row, size_t column)
{
  static const char *const names[] = {"no", "yes", NULL};
  return rules_choice(loading, row, column, names) == 1;
}

size_t rules_choice(struct rules_loading *loading, size_t row, size_t column,
                    const char *const *names)
{
  struct text cell = knowledge_cell(&loading->file, row, column);
  for (size_t i = 0; names[i]; i++)
    if (text_equal(cell, text_from(names[i]))) return i;
  knowledge_report(&loading->loader, loading->file.name, knowledge_line(&loading->file, row),
                   "use a word that docs/coverage.md names", "%s is not a word known there",
                   loading->file.columns[column]);
  return 0;
}

struct coverage_words rules_words(struct rules_loading *loading, size_t row, size_t column)
{
  struct text cell = knowledge_cell(&loading->file, row, column);
  struct coverage_words words = {.is_any = text_equal(cell, TEXT("*"))};
  if (words.is_any) return words;
  struct text *at = arena_allocate_array(loading->rules->arena, cell.length / 2 + 1, sizeof *at);
  while (text_word_next(&cell, &at[words.count])) words.count++;
  words.at = at;
  return words;
}

struct coverage_term rules_term(struct rules_loading *loading, size_t row, size_t column)
{
  struct coverage_term term = {0, COVERAGE_OPEN};
  struct text last = knowledge_cell(&loading->file, row, column + 1);
  if (!coverage_day_read(knowledge_cell(&loading->file, row, column), &term.first) ||
      (!text_is_empty(last) && !coverage_day_read(last, &term.last)))
    rules_refuse(loading, row, "write it like 2026-01-13", "effective or expires is no date");
  else if (term.last < term.first)
    rules_refuse(loading, row, "mend one of them", "expires lies before effective");
  return term;
}

struct coverage_basis rules_basis(struct rules_loading *loading, size_t row, size_t column)
{
  static const char *const grades[] = {"V", "V2", "RUN", "S", "GK", "I", "P", NULL};
  (void)rules_choice(loading, row, column + 1, grades);
  return (struct coverage_basis){knowledge_required(&loading->file, row, column),
                                 knowledge_cell(&loading->file, row, column + 1),
                                 knowledge_required(&loading->file, row, column + 2)};
}

struct coverage_name *rules_load_names(struct rules_loading *loading, const char *file,
                                       const char *column)
{
  const char *const columns[] = {column, "label_en", "label_es", NULL};
  struct coverage_name *all = rules_begin(loading, file, columns, sizeof *all);
  struct name_index names;
  for (size_t i = 0; i < loading->count; i++) {
    all[i].name = knowledge_read_name(&loading->file, i, 0);
    knowledge_read_labels(&loading->file, i, 1, all[i].label);
  }
  if (loading->count) knowledge_index_names(&loading->file, 0, &names);
  return all;
}

/* --- All ----------------------------------------------------------------------------------- */

size_t coverage_rules_load_reporting(struct coverage_rules **out, const char *knowledge_folder,
                                     void (*each)(void *context,
                                                  const struct knowledge_problem *problem),
                                     void *context)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct rules_loading loading = {.rules = arena_allocate(arena, sizeof *loading.rules)};
  loading.rules->arena = arena;
  loading.loader = (struct knowledge_loader){.arena = arena,
                                             .folder = knowledge_folder,
                                             .each = each,
                                             .context = context,
                                             .hash = KNOWLEDGE_HASH};
  rules_load_states(&loading);
  rules_load_fees(&loading);
  rules_load_paying(&loading);
  rules_load_benefits(&loading);
  rules_load_clocks(&loading);
  rules_load_parity(&loading);
  rules_load_letters(&loading);
  rules_load_funding(&loading);
  rules_load_x12(&loading);
  if (loading.loader.problems == 0) *out = loading.rules;
  else coverage_rules_free(loading.rules);
  return loading.loader.problems;
}

static void keep_first(void *context, const struct knowledge_problem *problem)
{
  struct error *error = context;
  if (error->kind != ERROR_NONE) return;
  error_set(error, ERROR_REFUSED, "error.knowledge.invalid", problem->mend, "%s:%lld: %s",
            problem->file, (long long)problem->line, problem->what);
}

bool coverage_rules_load(struct coverage_rules **out, const char *knowledge_folder,
                         struct error *error)
{
  struct error first = {0};
  if (coverage_rules_load_reporting(out, knowledge_folder, keep_first, &first) == 0) return true;
  if (error) *error = first;
  return false;
}

void coverage_rules_free(struct coverage_rules *rules)
{
  if (!rules) return;
  for (size_t i = 0; i < COVERAGE_LANGUAGES; i++) template_set_free(rules->letter_bodies[i]);
  arena_free(rules->arena);
}

void coverage_rules_each_count(const struct coverage_rules *rules,
                               void (*each)(void *context, const char *what, size_t count),
                               void *context)
{
  each(context, "poverty guidelines", rules->guideline_count);
  each(context, "fee schedules", rules->schedule_count);
  each(context, "ways to pay", rules->way_count);
  each(context, "questions to a plan", BENEFIT_COUNT);
  each(context, "clocks of plans", rules->clock_count);
  each(context, "rights of an appeal", rules->right_count);
  each(context, "rows of parity law", rules->law_count);
  each(context, "letters", rules->letter_count);
  each(context, "sources of funding", rules->funding_count);
  each(context, "meanings of a 271", rules->meaning_count);
}
