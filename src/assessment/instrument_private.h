/*
 * Instruments, inside: conditions, the programs of the engine, and what the instrument_*.c files
 * share while they load. See instrument.h.
 */
#ifndef FAIRLEAD_ASSESSMENT_INSTRUMENT_PRIVATE_H
#define FAIRLEAD_ASSESSMENT_INSTRUMENT_PRIVATE_H

#include "assessment/instrument.h"
#include "directory/needs_file.h"

/* --- Conditions (instrument_condition.c) ------------------------------------------------------ */

enum instrument_truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

enum instrument_operation { CONDITION_TERM, CONDITION_NOT, CONDITION_AND, CONDITION_OR };
enum instrument_comparison { IS, IS_NOT, LESS, AT_MOST, MORE, AT_LEAST, WITHIN };
enum instrument_variable { OF_ALWAYS, OF_ITEM, OF_SCALE, OF_SEX };

/* One step of a postfix program. */
struct condition_step {
  unsigned char operation, variable, comparison;
  size_t index;     /* of the item or scale */
  double low, high; /* what is compared with; `high` of a range */
};
struct instrument_condition {
  const struct condition_step *steps;
  size_t count;
};
/* What a condition looks at. */
struct condition_values {
  const double *item;  /* NAN: not answered */
  const bool *skipped; /* by item: it has no value */
  const double *scale; /* NAN: not known */
  enum instrument_sex sex;
};

enum { CONDITION_STEPS = 64, CONDITION_DEPTH = 16 };

/* Compile; the program lives in the arena. Answers false with what is wrong in `what`. */
bool instrument_condition_compile(struct arena *arena, const struct instrument *instrument,
                                  struct text source, struct instrument_condition *out,
                                  char what[LIMIT_ERROR_TEXT]);
enum instrument_truth instrument_condition_holds(const struct instrument_condition *condition,
                                                 const struct condition_values *values);

/* --- Programs --------------------------------------------------------------------------------- */

enum instrument_method { METHOD_SUM, METHOD_MEAN, METHOD_MAX, METHOD_COUNT };

/* What an answer counts as: pairs of an allowed answer and its number; none: itself. */
struct instrument_transform {
  const double *from, *to;
  size_t count;
};
struct instrument_sum {
  enum instrument_method method;
  const size_t *items;
  const struct instrument_transform *transforms; /* parallel to items */
  size_t count;
};
/* A fact for the level of care. */
struct instrument_fact {
  struct text name;
  enum { FACT_FROM_SCALE, FACT_FROM_BAND } from;
  size_t scale;
  const struct text *bands, *words; /* pairs; none: the band's own name */
  size_t word_count;
};
struct instrument_program {
  bool counts_skipped;
  struct instrument_condition enabled[INSTRUMENT_ITEMS]; /* count 0: always */
  struct instrument_sum sums[INSTRUMENT_SCALES];
  const struct instrument_condition *bands[INSTRUMENT_BAND_SETS]; /* by set, then band */
  struct instrument_condition triggers[INSTRUMENT_TRIGGERS];
  const struct instrument_fact *facts;
  size_t fact_count;
  struct text url;
  struct text panel;           /* its LOINC code, or "" */
  const struct text *sections; /* linkIds of groups and lines of text */
  size_t section_count;
};

struct instruments {
  struct arena *arena;
  struct instrument *items; /* in the order of instruments.csv */
  size_t count;
};

/* The number that an answer of an item counts in a sum. */
double instrument_transform_apply(const struct instrument_transform *transform, double answer);
/* The item's allowed answers, smallest first, in the arena. */
size_t instrument_item_values(struct arena *arena, const struct instrument_item *item,
                              double **out);

/* --- Loading ------------------------------------------------------------------------------------
 */

/* Where each band's row stands, by set, and each trigger's. */
struct instrument_lines {
  const int64_t *bands[INSTRUMENT_BAND_SETS];
  int64_t triggers[INSTRUMENT_TRIGGERS];
};

/* What is filled while an instrument is read; `built[i]` belongs to `out->items[i]`. */
struct instrument_built {
  struct instrument_program *program;
  struct instrument_scale *scales;
  struct instrument_band_set *sets;
  struct instrument_trigger *triggers;
  struct instrument_fact *facts;
  struct instrument_lines lines;
};
struct instrument_loading {
  struct knowledge_loader loader;
  struct instruments *out;
  struct instrument_built *built;
};

/* A text for a report's "%s". */
const char *instrument_quote(const struct knowledge_file *file, struct text t);
/* Report "what 'detail'" of a row. */
void instrument_report(const struct knowledge_file *file, size_t row, const char *mend,
                       const char *what, struct text detail);
/* The row's instrument, by the first column; false after a problem. */
bool instrument_row_find(struct instrument_loading *loading, const struct knowledge_file *file,
                         size_t row, size_t *out);
/* Is there room for one more of its kind? A problem when not. */
bool instrument_row_fits(const struct knowledge_file *file, size_t row, size_t count, size_t most);
/* A cell that is one of two words; true for the first. */
bool instrument_either_read(const struct knowledge_file *file, size_t row, size_t column,
                            const char *first, const char *second);
/* Columns source, grade, signed_by. */
void instrument_source_read(const struct knowledge_file *file, size_t row, size_t column,
                            struct text *source, struct text *grade, struct text *signed_by);
/* Compile the condition of a cell; false after a problem. */
bool instrument_compile(const struct knowledge_file *file, size_t row, size_t column,
                        const struct instrument *instrument, struct text *source,
                        struct instrument_condition *out);

/* Read a Questionnaire into `out` (instrument_questionnaire.c); `program` gets its skip logic. */
void instrument_questionnaire_read(struct knowledge_loader *loader, struct text id,
                                   struct instrument *out, struct instrument_program *program);
/* Does a LOINC code end with its check digit? */
bool instrument_loinc_check(struct text code);
/* The other tables (instrument_scales.c, instrument_bands.c). */
void instrument_scales_load(struct instrument_loading *loading);
void instrument_bands_load(struct instrument_loading *loading);
void instrument_triggers_load(struct instrument_loading *loading);
void instrument_facts_load(struct instrument_loading *loading);
/* Look over band sets and triggers: gaps, overlaps, rows that are never reached
 * (instrument_prove.c). */
void instrument_prove(struct knowledge_loader *loader, const struct instrument *instrument,
                      const struct instrument_lines *lines);

#endif
