/*
 * Instruments: reading instrument-bands.csv, instrument-triggers.csv and instrument-facts.csv.
 */
#include "assessment/instrument_private.h"
#include "directory/needs_expression.h"

/* --- instrument-bands.csv ------------------------------------------------------------------- */

/* How many rows from `row` on belong to one set. */
static size_t set_length(const struct knowledge_file *file, size_t row)
{
  size_t count = 1;
  while (row + count < file->table.row_count) {
    for (size_t column = 0; column < 3; column++)
      if (!text_equal(knowledge_cell(file, row, column), knowledge_cell(file, row + count, column)))
        return count;
    count++;
  }
  return count;
}

/* The scale that a set speaks of: INSTRUMENT_SCALES for `total`, whether or not it is a sum. */
static size_t read_band_scale(const struct knowledge_file *file, size_t row,
                              const struct instrument *instrument)
{
  struct text name = knowledge_required(file, row, 1);
  if (text_equal(name, TEXT("total"))) return INSTRUMENT_SCALES;
  for (size_t i = 0; i < instrument->scale_count; i++)
    if (text_equal(instrument->scales[i].name, name)) return i;
  instrument_report(file, row, "use a scale of instrument-scales.csv, or total", "unknown scale",
                    name);
  return INSTRUMENT_SCALES;
}

static void load_band(const struct knowledge_file *file, size_t row,
                      const struct instrument *instrument, struct instrument_band *band,
                      struct instrument_condition *condition)
{
  static const struct condition_step always = {.operation = CONDITION_TERM, .variable = OF_ALWAYS};
  if (!instrument_compile(file, row, 4, instrument, &band->when, condition))
    *condition = (struct instrument_condition){&always, 1};
  band->name = knowledge_read_name(file, row, 5);
  knowledge_read_labels(file, row, 6, band->label);
  knowledge_read_labels(file, row, 8, band->meaning);
  instrument_source_read(file, row, 10, &band->source, &band->grade, &band->signed_by);
}

static void check_set(const struct knowledge_file *file, size_t row,
                      const struct instrument *instrument, const struct instrument_band_set *set)
{
  for (size_t i = 0; i < instrument->band_set_count; i++) {
    const struct instrument_band_set *other = &instrument->band_sets[i];
    if (other->scale != set->scale) continue;
    if (text_equal(other->name, set->name))
      instrument_report(file, row, "keep the rows of a set together",
                        "a band set twice:", set->name);
    else if (other->is_default && set->is_default)
      instrument_report(file, row, "keep one default", "a second default band set:", set->name);
  }
}

static void load_set(struct instrument_loading *loading, const struct knowledge_file *file,
                     size_t row, size_t count)
{
  size_t index;
  struct arena *arena = loading->loader.arena;
  if (!instrument_row_find(loading, file, row, &index)) return;
  struct instrument *instrument = &loading->out->items[index];
  struct instrument_built *built = &loading->built[index];
  size_t at = instrument->band_set_count;
  if (!instrument_row_fits(file, row, at, INSTRUMENT_BAND_SETS)) return;
  struct instrument_band *bands = arena_allocate_array(arena, count, sizeof *bands);
  struct instrument_condition *conditions = arena_allocate_array(arena, count, sizeof *conditions);
  int64_t *lines = arena_allocate_array(arena, count, sizeof *lines);
  struct instrument_band_set *set = &built->sets[at];
  *set =
      (struct instrument_band_set){.name = knowledge_read_name(file, row, 2),
                                   .scale = read_band_scale(file, row, instrument),
                                   .is_default = instrument_either_read(file, row, 3, "yes", "no"),
                                   .bands = bands,
                                   .band_count = count};
  for (size_t i = 0; i < count; i++) {
    load_band(file, row + i, instrument, &bands[i], &conditions[i]);
    lines[i] = knowledge_line(file, row + i);
    if (instrument_either_read(file, row + i, 3, "yes", "no") != set->is_default)
      instrument_report(file, row + i, "write the same in each row of a set",
                        "default differs in set", set->name);
  }
  check_set(file, row, instrument, set);
  built->program->bands[at] = conditions;
  built->lines.bands[at] = lines;
  if (set->is_default && set->scale == INSTRUMENT_SCALES) instrument->default_band_set = at;
  instrument->band_set_count++;
}

/* Each scale that has sets, and the instrument itself, has one that is the default. */
static void check_defaults(struct instrument_loading *loading)
{
  for (size_t i = 0; i < loading->out->count; i++) {
    const struct instrument *instrument = &loading->out->items[i];
    for (size_t set = 0; set < instrument->band_set_count; set++) {
      bool has_default = false;
      for (size_t j = 0; j < instrument->band_set_count; j++)
        has_default =
            has_default || (instrument->band_sets[j].is_default &&
                            instrument->band_sets[j].scale == instrument->band_sets[set].scale);
      if (!has_default)
        knowledge_report(&loading->loader, "instrument-bands.csv",
                         loading->built[i].lines.bands[set][0], "make one of its sets the default",
                         "no default beside band set '%s' of %s",
                         expression_quote(loading->loader.arena, instrument->band_sets[set].name),
                         expression_quote(loading->loader.arena, instrument->id));
    }
  }
}

void instrument_bands_load(struct instrument_loading *loading)
{
  static const char *const columns[] = {
      "instrument", "scale",      "band_set",   "default", "when",  "band",      "label_en",
      "label_es",   "meaning_en", "meaning_es", "source",  "grade", "signed_by", NULL};
  struct knowledge_file file;
  if (!knowledge_open(&loading->loader, "instrument-bands.csv", columns, &file)) return;
  for (size_t row = 0, count = 0; row < file.table.row_count; row += count) {
    count = set_length(&file, row);
    load_set(loading, &file, row, count);
  }
  check_defaults(loading);
}

/* --- instrument-triggers.csv ---------------------------------------------------------------- */

/* Is it the key of a help line? */
static bool is_help_line(const struct knowledge_file *help, struct text name)
{
  for (size_t row = 0; row < help->table.row_count; row++)
    if (text_equal(knowledge_cell(help, row, 0), name)) return true;
  return false;
}

static void load_trigger(struct instrument_loading *loading, const struct knowledge_file *file,
                         const struct knowledge_file *help, size_t row)
{
  size_t index;
  if (!instrument_row_find(loading, file, row, &index)) return;
  struct instrument *instrument = &loading->out->items[index];
  struct instrument_built *built = &loading->built[index];
  size_t at = instrument->trigger_count;
  if (!instrument_row_fits(file, row, at, INSTRUMENT_TRIGGERS)) return;
  struct instrument_trigger *trigger = &built->triggers[at];
  trigger->name = knowledge_read_name(file, row, 1);
  trigger->is_instrument = instruments_find(loading->out, trigger->name) != NULL;
  if (!trigger->is_instrument && !is_help_line(help, trigger->name))
    instrument_report(file, row, "use an instrument, or a key of help.csv", "unknown trigger",
                      trigger->name);
  trigger->is_urgent = instrument_either_read(file, row, 2, "yes", "no");
  knowledge_read_labels(file, row, 4, trigger->text);
  instrument_source_read(file, row, 6, &trigger->source, &trigger->grade, &trigger->signed_by);
  built->lines.triggers[at] = knowledge_line(file, row);
  if (instrument_compile(file, row, 3, instrument, &trigger->when, &built->program->triggers[at]))
    instrument->trigger_count++;
}

void instrument_triggers_load(struct instrument_loading *loading)
{
  static const char *const columns[] = {"instrument", "trigger", "urgent", "when",      "text_en",
                                        "text_es",    "source",  "grade",  "signed_by", NULL};
  static const char *const help_columns[] = {"key", NULL};
  struct knowledge_file file, help;
  if (!knowledge_open(&loading->loader, "instrument-triggers.csv", columns, &file) ||
      !knowledge_open(&loading->loader, "help.csv", help_columns, &help))
    return;
  for (size_t row = 0; row < file.table.row_count; row++) load_trigger(loading, &file, &help, row);
}

/* --- instrument-facts.csv ------------------------------------------------------------------- */

static bool has_band(const struct instrument *instrument, struct text name)
{
  if (instrument->default_band_set == INSTRUMENT_BAND_SETS) return false;
  const struct instrument_band_set *set = &instrument->band_sets[instrument->default_band_set];
  for (size_t i = 0; i < set->band_count; i++)
    if (text_equal(set->bands[i].name, name)) return true;
  return false;
}

/* "none=none mild=mild": bands of the default set, and the words of the fact. */
static void read_fact_words(const struct knowledge_file *file, size_t row,
                            const struct instrument *instrument, struct instrument_fact *fact)
{
  enum { WORDS_MOST = 16 };
  struct text rest = knowledge_cell(file, row, 3), pair;
  struct arena *arena = file->loader->arena;
  struct text *bands = arena_allocate_array(arena, WORDS_MOST, sizeof *bands);
  struct text *words = arena_allocate_array(arena, WORDS_MOST, sizeof *words);
  while (fact->word_count < WORDS_MOST && text_word_next(&rest, &pair)) {
    struct text band = TEXT("");
    struct text word = pair;
    text_split_next(&word, '=', &band);
    if (!has_band(instrument, band) || text_is_empty(word))
      instrument_report(file, row, "write bands of the default set and words, mild=mild",
                        "words:", pair);
    bands[fact->word_count] = band;
    words[fact->word_count++] = word;
  }
  fact->bands = bands;
  fact->words = words;
}

static void load_fact(struct instrument_loading *loading, const struct knowledge_file *file,
                      size_t row)
{
  size_t index;
  if (!instrument_row_find(loading, file, row, &index)) return;
  struct instrument *instrument = &loading->out->items[index];
  struct instrument_built *built = &loading->built[index];
  struct text from = knowledge_required(file, row, 2);
  if (!instrument_row_fits(file, row, built->program->fact_count, INSTRUMENT_SCALES)) return;
  struct instrument_fact *fact = &built->facts[built->program->fact_count++];
  fact->name = knowledge_required(file, row, 1);
  if (text_equal(from, TEXT("band"))) {
    fact->from = FACT_FROM_BAND;
    if (instrument->default_band_set == INSTRUMENT_BAND_SETS)
      instrument_report(file, row, "use total or a scale",
                        "the instrument has no band:", instrument->id);
    read_fact_words(file, row, instrument, fact);
    return;
  }
  while (fact->scale < instrument->scale_count &&
         !text_equal(instrument->scales[fact->scale].name, from))
    fact->scale++;
  if (fact->scale == instrument->scale_count)
    instrument_report(file, row, "use band, total or a scale", "unknown source of a fact:", from);
}

void instrument_facts_load(struct instrument_loading *loading)
{
  static const char *const columns[] = {"instrument", "fact", "from", "words", NULL};
  struct knowledge_file file;
  if (!knowledge_open(&loading->loader, "instrument-facts.csv", columns, &file)) return;
  for (size_t row = 0; row < file.table.row_count; row++) load_fact(loading, &file, row);
}
