/*
 * Loading the level-of-care table: facts, contradictions, levels, aggregation, factors, what is
 * always said, and needs. Rules are level_of_care_rules.c's.
 *
 * Every table is read even when one before it has problems, so that all are reported at once; what
 * is derived from the tables is built only when there is none.
 */
#include <math.h>
#include <stdlib.h>

#include "assessment/level_of_care_file.h"

const char *const care_overlay_names[] = {"BIO", "COE", "PSY", "RR", NULL};

/* --- Facts ----------------------------------------------------------------------------------- */

enum {
  FACT_NAME,
  FACT_KIND,
  FACT_VALUES,
  FACT_ROLE,
  FACT_WORSE,
  FACT_ASSUMED,
  FACT_CHANGES,
  FACT_LABEL,
  FACT_SOURCE
};

/* "0..48" */
static bool read_range(struct text cell, double *low, double *high)
{
  size_t dots = text_find(cell, TEXT(".."));
  return dots < cell.length && text_read_decimal(text_slice(cell, 0, dots), low) &&
         text_read_decimal(text_slice(cell, dots + 2, cell.length), high) && *low < *high;
}

static void read_words(const struct care_sheet *sheet, size_t row, struct fact *fact)
{
  struct text rest = care_cell(sheet, row, FACT_VALUES), word;
  while (text_word_next(&rest, &word)) {
    for (size_t i = 0; i < fact->word_count; i++)
      if (text_equal(fact->words[i], word))
        care_row_report(sheet, row, "keep one of them", "the word '%s' stands twice",
                        care_quote(sheet, word));
    if (fact->word_count < FACT_WORDS) fact->words[fact->word_count] = word;
    fact->word_count++;
  }
  bool is_yes_no = fact->word_count == 2 && text_equal(fact->words[0], TEXT("no")) &&
                   text_equal(fact->words[1], TEXT("yes"));
  if (fact->kind == FACT_YES_NO && !is_yes_no)
    care_row_report(sheet, row, "write no yes", "the values of a yes-no are not no yes");
  if (fact->word_count < 2 || fact->word_count > FACT_WORDS)
    care_row_report(sheet, row, "a fact has 2 to 8 words", "%zu words", fact->word_count);
  if (fact->word_count > FACT_WORDS) fact->word_count = FACT_WORDS;
}

static void read_values(const struct care_sheet *sheet, size_t row, struct fact *fact)
{
  if (fact->kind == FACT_YES_NO || fact->kind == FACT_WORD) {
    read_words(sheet, row, fact);
    return;
  }
  if (!read_range(care_cell(sheet, row, FACT_VALUES), &fact->minimum, &fact->maximum))
    care_row_report(sheet, row, "write the least and the most, like 0..48",
                    "the values of a number are no range");
}

/* "none < mild = some < severe" */
static void read_ranks(const struct care_sheet *sheet, size_t row, struct fact *fact)
{
  struct text rest = care_cell(sheet, row, FACT_WORSE), part;
  size_t ranked = 0, count = 0;
  unsigned char rank = 0;
  bool sound = true, expects_word = true;
  for (; text_word_next(&rest, &part); expects_word = !expects_word) {
    if (!expects_word) {
      rank = (unsigned char)(rank + text_equal(part, TEXT("<")));
      sound = sound && (text_equal(part, TEXT("<")) || text_equal(part, TEXT("=")));
      continue;
    }
    count++;
    for (size_t i = 0; i < fact->word_count; i++) {
      if (!text_equal(fact->words[i], part)) continue;
      fact->rank[i] = rank;
      ranked |= (size_t)1 << i;
    }
  }
  if (!sound || expects_word || count != fact->word_count ||
      ranked != ((size_t)1 << fact->word_count) - 1)
    care_row_report(sheet, row, "name each value once, best first, with < or = between",
                    "worse does not order the values");
}

static void read_worse(const struct care_sheet *sheet, size_t row, struct fact *fact)
{
  struct text cell = care_required(sheet, row, FACT_WORSE);
  struct text outside = TEXT("outside ");
  bool none = text_equal(cell, TEXT("-")), ordered = fact->role == FACT_NEED;
  if (none == ordered) {
    care_row_report(sheet, row,
                    ordered ? "say which values are worse" : "write -, since it moves no level",
                    ordered ? "a need without worse" : "worse of what is no need");
    return;
  }
  if (none) return;
  if (fact->word_count) {
    read_ranks(sheet, row, fact);
  } else if (text_equal(cell, TEXT("higher"))) {
    fact->worse = WORSE_HIGHER;
  } else if (text_equal(cell, TEXT("lower"))) {
    fact->worse = WORSE_LOWER;
  } else if (text_starts_with(cell, outside) &&
             read_range(text_slice(cell, outside.length, cell.length), &fact->usual_from,
                        &fact->usual_to)) {
    fact->worse = WORSE_OUTSIDE;
  } else {
    care_row_report(sheet, row, "write higher, lower, or outside FROM..TO",
                    "worse of a number is unknown");
  }
}

static void read_assumed(const struct care_sheet *sheet, size_t row, struct fact *fact)
{
  struct text cell = care_required(sheet, row, FACT_ASSUMED);
  fact->assumed = NAN;
  if (text_equal(cell, TEXT("-")) || text_is_empty(cell)) return;
  for (size_t i = 0; i < fact->word_count; i++)
    if (text_equal(fact->words[i], cell)) fact->assumed = (double)i;
  double number;
  if (fact->word_count == 0 && text_read_decimal(cell, &number) && number >= fact->minimum &&
      number <= fact->maximum)
    fact->assumed = number;
  if (isnan(fact->assumed))
    care_row_report(sheet, row, "assume one of the values, or write -",
                    "assumed '%s' is no value of the fact", care_quote(sheet, cell));
}

static void store_label(struct level_of_care *table, size_t row, size_t column, struct text text)
{
  (void)column;
  table->facts[row].label[1] = text;
}

static void load_facts(struct care_loader *loader)
{
  static const char *const columns[] = {"fact",    "kind",    "values", "role",   "worse",
                                        "assumed", "changes", "label",  "source", NULL};
  static const char *const translated[] = {"fact", "label", NULL};
  static const char *const kinds[] = {"integer", "number", "yes-no", "word", NULL};
  static const char *const roles[] = {"need", "gate", "wish", "payer", "protected", "place", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Facts", columns, FACTS_MAXIMUM, &sheet)) return;
  for (size_t row = 0; row < sheet.table.row_count; row++) {
    struct fact *fact = &table->facts[row];
    fact->name = care_id(&sheet, row);
    fact->kind = (enum fact_kind)care_choice(&sheet, row, FACT_KIND, kinds);
    fact->role = (enum fact_role)care_choice(&sheet, row, FACT_ROLE, roles);
    read_values(&sheet, row, fact);
    read_worse(&sheet, row, fact);
    read_assumed(&sheet, row, fact);
    fact->changeable = care_yes_no(&sheet, row, FACT_CHANGES);
    fact->label[0] = care_required(&sheet, row, FACT_LABEL);
    fact->source = care_required(&sheet, row, FACT_SOURCE);
    table->fact_lines[row] = care_line(&sheet, row);
  }
  table->fact_count = sheet.table.row_count;
  care_translate(&sheet, translated, store_label);
}

static void store_contradiction(struct level_of_care *table, size_t row, size_t column,
                                struct text text)
{
  (void)column;
  table->contradictions[row].reason[1] = text;
}

static void load_contradictions(struct care_loader *loader)
{
  static const char *const columns[] = {"id", "when", "reason", "source", NULL};
  static const char *const translated[] = {"id", "reason", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Contradictions", columns, RULES_MAXIMUM, &sheet)) return;
  table->contradiction_count = sheet.table.row_count;
  table->contradictions =
      arena_allocate_array(table->arena, table->contradiction_count, sizeof *table->contradictions);
  for (size_t row = 0; row < table->contradiction_count; row++) {
    struct contradiction *contradiction = &table->contradictions[row];
    contradiction->id = care_id(&sheet, row);
    care_condition(&sheet, row, 1, SCOPE_FACTS, false, &contradiction->condition);
    contradiction->reason[0] = care_required(&sheet, row, 2);
    contradiction->source = care_required(&sheet, row, 3);
    contradiction->line = care_line(&sheet, row);
  }
  care_translate(&sheet, translated, store_contradiction);
}

/* --- Levels and how they join ----------------------------------------------------------------- */

static void store_level(struct level_of_care *table, size_t row, size_t column, struct text text)
{
  struct level *level = &table->levels[row];
  if (column == 1) level->name[1] = text;
  else level->hours[1] = text;
}

static void load_levels(struct care_loader *loader)
{
  static const char *const columns[] = {"level", "name",  "setting", "managed", "kind",
                                        "asam3", "asam4", "hours",   NULL};
  static const char *const translated[] = {"level", "name", "hours", NULL};
  static const char *const settings[] = {"outpatient", "residential", "inpatient", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  double before = -1, number;
  if (!care_sheet_open(loader, 0, "Levels", columns, LEVELS_MAXIMUM, &sheet)) return;
  for (size_t row = 0; row < sheet.table.row_count; row++) {
    struct level *level = &table->levels[row];
    level->number = care_id(&sheet, row);
    level->name[0] = care_required(&sheet, row, 1);
    level->setting = (enum care_setting)(CARE_OUTPATIENT + care_choice(&sheet, row, 2, settings));
    level->is_managed = care_yes_no(&sheet, row, 3);
    level->kind = care_required(&sheet, row, 4);
    level->asam3 = care_required(&sheet, row, 5);
    level->asam4 = care_required(&sheet, row, 6);
    level->hours[0] = care_required(&sheet, row, 7);
    if (!text_read_decimal(level->number, &number))
      care_row_report(&sheet, row, "write a number", "level '%s' is no number",
                      care_quote(&sheet, level->number));
    else if (number <= before)
      care_row_report(&sheet, row, "write the levels from the lowest to the highest",
                      "level %s stands after a higher one", care_quote(&sheet, level->number));
    else before = number;
  }
  table->level_count = sheet.table.row_count;
  care_translate(&sheet, translated, store_level);
}

static void load_aggregation(struct care_loader *loader)
{
  static const char *const columns[] = {"step", "when", "level", "overlays", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Aggregation", columns, RULES_MAXIMUM, &sheet)) return;
  table->aggregation_count = sheet.table.row_count;
  table->aggregation =
      arena_allocate_array(table->arena, table->aggregation_count, sizeof *table->aggregation);
  for (size_t row = 0; row < table->aggregation_count; row++) {
    struct aggregation_row *step = &table->aggregation[row];
    step->step = care_id(&sheet, row);
    step->line = care_line(&sheet, row);
    care_condition(&sheet, row, 1, SCOPE_AGGREGATION, false, &step->condition);
    struct text level = care_required(&sheet, row, 2), rest = care_cell(&sheet, row, 3), name;
    if (!care_level_find(table, level, &step->level))
      care_row_report(&sheet, row, "use a level of the table Levels", "unknown level '%s'",
                      care_quote(&sheet, level));
    while (text_word_next(&rest, &name)) {
      step->overlays |= care_overlay_named(name);
      if (!care_overlay_named(name))
        care_row_report(&sheet, row, "use BIO, COE, PSY or RR", "unknown overlay '%s'",
                        care_quote(&sheet, name));
    }
  }
}

/* The steps of "raise", from the lowest to the highest. */
static void read_steps(const struct care_sheet *sheet, size_t row, struct text rest)
{
  struct level_of_care *table = sheet->loader->table;
  struct text name;
  size_t level;
  table->raise_step_count = 0;
  while (text_word_next(&rest, &name)) {
    if (!care_level_find(table, name, &level)) {
      care_row_report(sheet, row, "use a level of the table Levels", "unknown level '%s'",
                      care_quote(sheet, name));
      continue;
    }
    size_t count = table->raise_step_count;
    if (count && level <= table->raise_steps[count - 1])
      care_row_report(sheet, row, "write the levels from the lowest to the highest",
                      "level %s stands after a higher one", care_quote(sheet, name));
    else table->raise_steps[table->raise_step_count++] = level;
  }
  if (table->raise_step_count < 2)
    care_row_report(sheet, row, "name the level that is raised, and the one it becomes",
                    "fewer than two steps");
}

static void load_joining(struct care_loader *loader)
{
  static const char *const columns[] = {"what", "levels", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Joining", columns, RULES_MAXIMUM, &sheet)) return;
  table->medication_level = LEVEL_NONE;
  for (size_t row = 0; row < sheet.table.row_count; row++) {
    struct text what = care_required(&sheet, row, 0), levels = care_required(&sheet, row, 1);
    struct text raise = TEXT("raise ");
    bool starts = text_equal(what, TEXT("start medication"));
    bool raises = text_starts_with(what, raise);
    if ((starts && table->medication_level != LEVEL_NONE) || (raises && table->raise_step_count)) {
      care_row_report(&sheet, row, "keep one of them", "'%s' stands twice",
                      care_quote(&sheet, starts ? what : text_trim(raise)));
    } else if (raises) {
      table->raised = text_trim(text_slice(what, raise.length, what.length));
      read_steps(&sheet, row, levels);
    } else if (!starts) {
      care_row_report(&sheet, row, "write raise and a dimension, or start medication",
                      "'%s' joins nothing", care_quote(&sheet, what));
    } else if (!care_level_find(table, levels, &table->medication_level)) {
      care_row_report(&sheet, row, "use a level of the table Levels", "unknown level '%s'",
                      care_quote(&sheet, levels));
    }
  }
  if (table->medication_level == LEVEL_NONE)
    care_report(loader, sheet.file, care_line(&sheet, 0), "add a row start medication",
                "the table does not say what start medication joins in");
}

/* --- What is said with a result ------------------------------------------------------------------
 */

static void store_factor(struct level_of_care *table, size_t row, size_t column, struct text text)
{
  (void)column;
  table->factors[row].text[1] = text;
}

static void load_factors(struct care_loader *loader)
{
  static const char *const columns[] = {"factor", "toward", "when", "text", "source", NULL};
  static const char *const translated[] = {"factor", "text", NULL};
  static const char *const toward[] = {"inpatient", "outpatient", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Factors", columns, RULES_MAXIMUM, &sheet)) return;
  table->factor_count = sheet.table.row_count;
  table->factors = arena_allocate_array(table->arena, table->factor_count, sizeof *table->factors);
  for (size_t row = 0; row < table->factor_count; row++) {
    struct care_factor *factor = &table->factors[row];
    factor->name = care_id(&sheet, row);
    factor->is_inpatient = care_choice(&sheet, row, 1, toward) == 0;
    care_condition(&sheet, row, 2, SCOPE_FACTS, false, &factor->condition);
    factor->text[0] = care_required(&sheet, row, 3);
    factor->source = care_required(&sheet, row, 4);
  }
  care_translate(&sheet, translated, store_factor);
}

/* "emergency" or "at least 3.7" */
static size_t read_promised(const struct care_sheet *sheet, size_t row, size_t column)
{
  struct text cell = care_required(sheet, row, column), least = TEXT("at least ");
  size_t level = LEVEL_NONE;
  bool is_least = text_starts_with(cell, least);
  struct text number = is_least ? text_slice(cell, least.length, cell.length) : cell;
  if (!care_level_find(sheet->loader->table, number, &level) == is_least ||
      (!is_least && !text_equal(cell, TEXT("emergency"))))
    care_row_report(sheet, row, "write emergency, or at least and a level", "cannot promise '%s'",
                    care_quote(sheet, cell));
  return level;
}

static void load_promises(struct care_loader *loader)
{
  static const char *const columns[] = {"id", "when", "promise", "source", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Promises", columns, RULES_MAXIMUM, &sheet)) return;
  table->promise_count = sheet.table.row_count;
  table->promises =
      arena_allocate_array(table->arena, table->promise_count, sizeof *table->promises);
  for (size_t row = 0; row < table->promise_count; row++) {
    struct care_promise *promise = &table->promises[row];
    promise->id = care_id(&sheet, row);
    care_condition(&sheet, row, 1, SCOPE_FACTS, false, &promise->condition);
    promise->level = read_promised(&sheet, row, 2);
    promise->source = care_required(&sheet, row, 3);
    promise->line = care_line(&sheet, row);
  }
}

static void store_always(struct level_of_care *table, size_t row, size_t column, struct text text)
{
  (void)column;
  table->always[row].text[1] = text;
}

static void load_always(struct care_loader *loader)
{
  static const char *const columns[] = {"id", "when", "text", "source", NULL};
  static const char *const translated[] = {"id", "text", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Always", columns, RULES_MAXIMUM, &sheet)) return;
  table->always_count = sheet.table.row_count;
  table->always = arena_allocate_array(table->arena, table->always_count, sizeof *table->always);
  for (size_t row = 0; row < table->always_count; row++) {
    struct care_always *always = &table->always[row];
    always->id = care_id(&sheet, row);
    care_condition(&sheet, row, 1, SCOPE_FACTS, true, &always->condition);
    always->text[0] = care_required(&sheet, row, 2);
    always->source = care_required(&sheet, row, 3);
  }
  care_translate(&sheet, translated, store_always);
}

static void load_needs(struct care_loader *loader)
{
  static const char *const columns[] = {"need", "when", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 0, "Needs", columns, NEEDS_MAXIMUM, &sheet)) return;
  table->need_count = sheet.table.row_count;
  table->needs = arena_allocate_array(table->arena, table->need_count, sizeof *table->needs);
  for (size_t row = 0; row < table->need_count; row++) {
    struct care_need *need = &table->needs[row];
    need->name = care_id(&sheet, row);
    if (!needs_find(loader->needs, need->name, &need->need))
      care_row_report(&sheet, row, "use a need of needs.csv", "unknown need '%s'",
                      care_quote(&sheet, need->name));
    care_condition(&sheet, row, 1, SCOPE_RESULT, true, &need->condition);
  }
}

/* --- Sources --------------------------------------------------------------------------------- */

/* Is it one of the works in "this; that"? */
static bool names_source(struct text sources, struct text name)
{
  struct text one;
  while (text_split_next(&sources, ';', &one))
    if (text_equal(text_trim(one), name)) return true;
  return false;
}

static bool source_is_named(const struct level_of_care *table, struct text name)
{
  for (size_t i = 0; i < table->rule_count; i++)
    if (names_source(table->rules[i].source, name)) return true;
  for (size_t i = 0; i < table->factor_count; i++)
    if (names_source(table->factors[i].source, name)) return true;
  for (size_t i = 0; i < table->always_count; i++)
    if (names_source(table->always[i].source, name)) return true;
  return false;
}

/* English names a source where it stands; the Spanish document says once how it is called there. */
static void load_sources(struct care_loader *loader)
{
  static const char *const columns[] = {"source", "text", NULL};
  struct level_of_care *table = loader->table;
  struct care_sheet sheet;
  if (!care_sheet_open(loader, 1, "Sources", columns, RULES_MAXIMUM, &sheet)) return;
  table->source_count = sheet.table.row_count;
  table->sources = arena_allocate_array(table->arena, table->source_count, sizeof *table->sources);
  for (size_t row = 0; row < table->source_count; row++) {
    struct care_source *source = &table->sources[row];
    source->name = source->text[0] = care_required(&sheet, row, 0);
    source->text[1] = care_required(&sheet, row, 1);
    if (!source_is_named(table, source->name))
      care_row_report(&sheet, row, "write it as level-of-care.md does, or take it out",
                      "no rule, factor or advice names the source '%s'",
                      care_quote(&sheet, source->name));
  }
}

/* --- All of it ------------------------------------------------------------------------------- */

static void load_tables(struct care_loader *loader)
{
  load_facts(loader);
  load_contradictions(loader);
  load_levels(loader);
  load_aggregation(loader);
  load_joining(loader);
  care_rules_load(loader);
  load_promises(loader);
  load_factors(loader);
  load_always(loader);
  load_needs(loader);
  load_sources(loader);
  for (size_t i = 0; i < CARE_LANGUAGES; i++) care_document_finish(loader, i);
  if (loader->problems == 0) care_components_build(loader);
  if (loader->problems == 0) care_standings_build(loader);
  if (arena_is_over(loader->table->arena))
    care_report(loader, loader->documents[0].name, 0, "shorten the table",
                "more than %d bytes in memory", LIMIT_KNOWLEDGE_ARENA);
}

static const char *const names[CARE_LANGUAGES] = {"level-of-care.md", "level-of-care.es.md"};

static struct care_loader *
loader_new(const struct needs *needs,
           void (*each)(void *context, const struct knowledge_problem *problem), void *context)
{
  struct care_loader *loader = memory_allocate_zero(1, sizeof *loader);
  loader->table = memory_allocate_zero(1, sizeof *loader->table);
  loader->table->arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  loader->needs = needs;
  loader->each = each;
  loader->context = context;
  return loader;
}

/* Give the table out, unless there was a problem. */
static size_t finish(struct care_loader *loader, struct level_of_care **out)
{
  size_t problems = loader->problems;
  if (problems) level_of_care_free(loader->table);
  else *out = loader->table;
  free(loader);
  return problems;
}

size_t level_of_care_read_reporting(
    struct level_of_care **out, struct text english, struct text spanish, const struct needs *needs,
    void (*each)(void *context, const struct knowledge_problem *problem), void *context)
{
  struct care_loader *loader = loader_new(needs, each, context);
  struct arena *arena = loader->table->arena;
  care_document_read(loader, 0, names[0], text_copy(arena, english));
  care_document_read(loader, 1, names[1], text_copy(arena, spanish));
  load_tables(loader);
  return finish(loader, out);
}

size_t level_of_care_load_reporting(
    struct level_of_care **out, const char *knowledge_folder, const struct needs *needs,
    void (*each)(void *context, const struct knowledge_problem *problem), void *context)
{
  struct care_loader *loader = loader_new(needs, each, context);
  struct arena *arena = loader->table->arena;
  for (size_t i = 0; i < CARE_LANGUAGES; i++) {
    struct error error = {0};
    struct text document;
    loader->documents[i].name = names[i];
    if (file_read(arena, file_join(arena, knowledge_folder, names[i]), LIMIT_KNOWLEDGE_FILE,
                  &document, &error))
      care_document_read(loader, i, names[i], document);
    else care_report(loader, names[i], 0, error.hint, "%s", error.log);
  }
  load_tables(loader);
  return finish(loader, out);
}

/* Keep the first problem as the error. */
static void keep_first(void *context, const struct knowledge_problem *problem)
{
  struct error *error = context;
  if (error->kind != ERROR_NONE) return;
  error_set(error, ERROR_REFUSED, "error.knowledge.invalid", problem->mend, "knowledge/%s:%lld: %s",
            problem->file, (long long)problem->line, problem->what);
}

bool level_of_care_load(struct level_of_care **out, const char *knowledge_folder,
                        const struct needs *needs, struct error *error)
{
  struct error first = {.kind = ERROR_NONE};
  if (level_of_care_load_reporting(out, knowledge_folder, needs, keep_first, &first) == 0)
    return true;
  if (error) *error = first;
  return false;
}

void level_of_care_free(struct level_of_care *table)
{
  if (!table) return;
  arena_free(table->arena);
  free(table);
}
