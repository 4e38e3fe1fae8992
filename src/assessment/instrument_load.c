/*
 * Instruments: reading the tables and all of it together. Every problem goes to one reporter with
 * file, line, what is wrong and how to mend it; reading goes on, so that one look shows them all.
 */
#include "assessment/instrument_private.h"
#include "directory/needs_expression.h"

/* --- Cells ---------------------------------------------------------------------------------- */

const char *instrument_quote(const struct knowledge_file *file, struct text t)
{
  return expression_quote(file->loader->arena, t);
}

void instrument_report(const struct knowledge_file *file, size_t row, const char *mend,
                       const char *what, struct text detail)
{
  knowledge_report(file->loader, file->name, knowledge_line(file, row), mend, "%s '%s'", what,
                   instrument_quote(file, detail));
}

/* The row's instrument, by the first column; false after a problem. */
bool instrument_row_find(struct instrument_loading *loading, const struct knowledge_file *file,
                         size_t row, size_t *out)
{
  struct text id = knowledge_required(file, row, 0);
  for (*out = 0; *out < loading->out->count; (*out)++)
    if (text_equal(loading->out->items[*out].id, id)) return true;
  instrument_report(file, row, "use an instrument of instruments.csv", "unknown instrument", id);
  return false;
}

/* A cell that is one of two words; true for the first. */
bool instrument_either_read(const struct knowledge_file *file, size_t row, size_t column,
                            const char *first, const char *second)
{
  struct text word = knowledge_cell(file, row, column);
  if (!text_equal(word, text_from(first)) && !text_equal(word, text_from(second)))
    knowledge_report(file->loader, file->name, knowledge_line(file, row), "write one of the two",
                     "%s is neither '%s' nor '%s'", file->columns[column], first, second);
  return text_equal(word, text_from(first));
}

/* V, V2, GK, P or I. */
static struct text read_grade(const struct knowledge_file *file, size_t row, size_t column)
{
  static const char *const grades[] = {"V", "V2", "GK", "P", "I"};
  struct text grade = knowledge_required(file, row, column);
  for (size_t i = 0; i < sizeof grades / sizeof *grades; i++)
    if (text_equal(grade, text_from(grades[i]))) return grade;
  instrument_report(file, row, "write V, V2, GK, P or I", "unknown grade", grade);
  return grade;
}

/* Columns source, grade, signed_by. */
void instrument_source_read(const struct knowledge_file *file, size_t row, size_t column,
                            struct text *source, struct text *grade, struct text *signed_by)
{
  *source = knowledge_required(file, row, column);
  *grade = read_grade(file, row, column + 1);
  *signed_by = knowledge_required(file, row, column + 2);
}

bool instrument_row_fits(const struct knowledge_file *file, size_t row, size_t count, size_t most)
{
  if (count < most) return true;
  knowledge_report(file->loader, file->name, knowledge_line(file, row), "keep fewer",
                   "more than %zu rows of its kind", most);
  return false;
}

bool instrument_compile(const struct knowledge_file *file, size_t row, size_t column,
                        const struct instrument *instrument, struct text *source,
                        struct instrument_condition *out)
{
  char what[LIMIT_ERROR_TEXT];
  *source = knowledge_required(file, row, column);
  if (text_is_empty(*source)) return false;
  if (instrument_condition_compile(file->loader->arena, instrument, *source, out, what))
    return true;
  knowledge_report(file->loader, file->name, knowledge_line(file, row),
                   "see conditions in docs/instruments.md", "%s: %s", file->columns[column], what);
  return false;
}

/* --- instruments.csv ------------------------------------------------------------------------ */

static void load_instrument(struct instrument_loading *loading, const struct knowledge_file *file,
                            size_t row)
{
  struct instrument *out = &loading->out->items[row];
  struct instrument_built *built = &loading->built[row];
  struct arena *arena = loading->loader.arena;
  built->program = arena_allocate(arena, sizeof *built->program);
  built->scales = arena_allocate_array(arena, INSTRUMENT_SCALES, sizeof *built->scales);
  built->sets = arena_allocate_array(arena, INSTRUMENT_BAND_SETS, sizeof *built->sets);
  built->triggers = arena_allocate_array(arena, INSTRUMENT_TRIGGERS, sizeof *built->triggers);
  built->facts = arena_allocate_array(arena, INSTRUMENT_SCALES, sizeof *built->facts);
  *out = (struct instrument){.scales = built->scales,
                             .total = INSTRUMENT_SCALES,
                             .band_sets = built->sets,
                             .default_band_set = INSTRUMENT_BAND_SETS,
                             .triggers = built->triggers,
                             .program = built->program};
  built->program->facts = built->facts;
  struct text id = knowledge_read_name(file, row, 0);
  out->is_on = instrument_either_read(file, row, 1, "yes", "no");
  out->is_for_staff = instrument_either_read(file, row, 2, "staff", "person");
  out->asks_sex = instrument_either_read(file, row, 3, "sex", "");
  built->program->counts_skipped = instrument_either_read(file, row, 4, "count", "ignore");
  instrument_source_read(file, row, 5, &out->source, &out->grade, &out->signed_by);
  instrument_questionnaire_read(&loading->loader, id, out, built->program);
  if (!out->is_on && text_is_empty(out->copyright[0]))
    instrument_report(file, row, "say in its copyright whose it is",
                      "off, and without a copyright:", id);
}

static bool load_instruments(struct instrument_loading *loading)
{
  static const char *const columns[] = {"instrument", "on",    "filled_by", "asks", "skipped",
                                        "source",     "grade", "signed_by", NULL};
  struct knowledge_file file;
  struct name_index names;
  if (!knowledge_open(&loading->loader, "instruments.csv", columns, &file) ||
      !knowledge_fits(&file, INSTRUMENTS_MAXIMUM))
    return false;
  struct arena *arena = loading->loader.arena;
  size_t count = file.table.row_count;
  loading->out->items = arena_allocate_array(arena, count, sizeof *loading->out->items);
  loading->built = arena_allocate_array(arena, count, sizeof *loading->built);
  loading->out->count = count;
  for (size_t row = 0; row < count; row++) load_instrument(loading, &file, row);
  knowledge_index_names(&file, 0, &names);
  return true;
}

/* A questionnaire that no row names would never be seen. */
static bool check_questionnaire(void *context, struct text path, struct error *error)
{
  struct instrument_loading *loading = context;
  (void)error;
  size_t ending = path.length - (text_ends_with(path, TEXT(".json")) ? 5 : 0);
  if (!instruments_find(loading->out, text_slice(path, 0, ending)))
    knowledge_report(&loading->loader, "instruments.csv", 0, "add its row",
                     "no row for instruments/%s", expression_quote(loading->loader.arena, path));
  return true;
}

/* --- All of it ------------------------------------------------------------------------------ */

static void load_all(struct instrument_loading *loading)
{
  struct error error = {0};
  struct knowledge_loader *loader = &loading->loader;
  if (!load_instruments(loading)) return;
  if (!file_walk(file_join(loader->arena, loader->folder, "instruments"), check_questionnaire,
                 loading, &error))
    knowledge_report(loader, "instruments", 0, error.hint, "%s", error.log);
  instrument_scales_load(loading);
  instrument_bands_load(loading);
  instrument_triggers_load(loading);
  instrument_facts_load(loading);
  if (loader->problems) return;
  for (size_t i = 0; i < loading->out->count; i++)
    instrument_prove(loader, &loading->out->items[i], &loading->built[i].lines);
}

size_t instruments_load_reporting(struct instruments **out, const char *knowledge_folder,
                                  void (*each)(void *context,
                                               const struct knowledge_problem *problem),
                                  void *context)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct instruments *instruments = arena_allocate(arena, sizeof *instruments);
  struct instrument_loading loading = {.loader = {.arena = arena,
                                                  .folder = knowledge_folder,
                                                  .each = each,
                                                  .context = context,
                                                  .hash = KNOWLEDGE_HASH},
                                       .out = instruments};
  instruments->arena = arena;
  load_all(&loading);
  if (arena_is_over(arena))
    knowledge_report(&loading.loader, "instruments", 0, "shorten the files",
                     "more than %d bytes in memory", LIMIT_KNOWLEDGE_ARENA);
  size_t problems = loading.loader.problems;
  if (problems) instruments_free(instruments);
  else *out = instruments;
  return problems;
}

/* Keep the first problem as the error. */
static void keep_first(void *context, const struct knowledge_problem *problem)
{
  struct error *error = context;
  if (error->kind != ERROR_NONE) return;
  error_set(error, ERROR_REFUSED, "error.knowledge.invalid", problem->mend, "knowledge/%s:%lld: %s",
            problem->file, (long long)problem->line, problem->what);
}

bool instruments_load(struct instruments **out, const char *knowledge_folder, struct error *error)
{
  struct error first = {.kind = ERROR_NONE};
  if (instruments_load_reporting(out, knowledge_folder, keep_first, &first) == 0) return true;
  if (error) *error = first;
  return false;
}
