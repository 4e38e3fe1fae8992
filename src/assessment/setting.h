/*
 * What care is like: a typical day, how long, what it costs, what is gained and given up, for each
 * level of care; and what each medicine is. For pages; never used for the level.
 *
 * Loaded from knowledge/care-settings.csv (levels, aspect, text_en, text_es, source, grade) and
 * care-medicines.csv (medicine, name_en, name_es, text_en, text_es, article, source, grade), and
 * care-review.csv (days, source, grade): after how many days to look again.
 * Immutable after loading; any thread may read.
 */
#ifndef FAIRLEAD_ASSESSMENT_SETTING_H
#define FAIRLEAD_ASSESSMENT_SETTING_H

#include "assessment/level_of_care.h"

enum care_aspect {
  CARE_DAY,     /* a typical day */
  CARE_LENGTH,  /* how long */
  CARE_COST,    /* what it costs */
  CARE_GAIN,    /* what it gives */
  CARE_GIVE_UP, /* what it takes */
  CARE_ASPECTS
};

struct care_note {
  enum care_aspect aspect;
  uint32_t levels; /* bit i: it holds for level i of the table */
  struct text text[CARE_LANGUAGES];
  struct text source, grade;
};

struct care_medicine {
  struct text id; /* "buprenorphine" */
  struct text name[CARE_LANGUAGES], text[CARE_LANGUAGES];
  struct text article; /* the name of its article, /learn/<article> */
  struct text source, grade;
};

struct care_settings;
/* Load and check both. Refuses an unknown level or aspect, an empty cell, and a level that lacks an
 * aspect, with file, line and how to mend it. */
bool care_settings_load(struct care_settings **out, const char *knowledge_folder,
                        const struct level_of_care *table, struct error *error);
void care_settings_free(struct care_settings *settings);
size_t care_notes_count(const struct care_settings *settings);
const struct care_note *care_notes_get(const struct care_settings *settings, size_t index);
size_t care_medicines_count(const struct care_settings *settings);
const struct care_medicine *care_medicines_get(const struct care_settings *settings, size_t index);

/* Days after which to look at the result again, ascending. */
size_t care_reviews_count(const struct care_settings *settings);
int64_t care_reviews_get(const struct care_settings *settings, size_t index);

#endif
