/*
 * Instruments: COWS, PHQ-9, C-SSRS and the other scales, and their scores.
 *
 * Loaded from knowledge/: instruments/<id>.json (FHIR R4 Questionnaires, English and Spanish) and
 * instruments.csv, instrument-scales.csv, -bands.csv, -triggers.csv, -facts.csv;
 * docs/instruments.md has the format. Checked as a whole and immutable after loading, but for
 * instruments_turn_on(); any thread may read.
 *
 * The engine is pure: answers in, score out. Nothing is clamped or guessed: an answer that is not
 * allowed is refused with its item named, and an open item gives no total.
 */
#ifndef FAIRLEAD_ASSESSMENT_INSTRUMENT_H
#define FAIRLEAD_ASSESSMENT_INSTRUMENT_H

#include "base/base.h"
#include "directory/needs.h"

enum {
  INSTRUMENTS_MAXIMUM = 64,  /* instruments (count) */
  INSTRUMENT_ITEMS = 64,     /* items that are answered, of one instrument (count) */
  INSTRUMENT_OPTIONS = 32,   /* answers of one item (count) */
  INSTRUMENT_SCALES = 16,    /* scales of one instrument, `total` included (count) */
  INSTRUMENT_BAND_SETS = 16, /* band sets of one instrument, over all scales (count) */
  INSTRUMENT_TRIGGERS = 16,  /* triggers of one instrument (count) */
  INSTRUMENT_LANGUAGES = 2,  /* the catalog's order: English, Spanish */
  INSTRUMENT_NONE = INSTRUMENT_ITEMS
};

/* --- An instrument, as its files say --------------------------------------------------------- */

enum instrument_item_kind { ITEM_CHOICE, ITEM_YES_NO, ITEM_INTEGER };

/* One answer of a choice. */
struct instrument_option {
  double value; /* its score */
  struct text system, code;
  struct text label[INSTRUMENT_LANGUAGES];
};

struct instrument_item {
  struct text number; /* the linkId: "1", "6a" */
  struct text text[INSTRUMENT_LANGUAGES];
  struct text heading[INSTRUMENT_LANGUAGES]; /* of the group that begins here, or "" */
  struct text note[INSTRUMENT_LANGUAGES];    /* a line of text before it, or "" */
  enum instrument_item_kind kind;
  bool is_required;
  const struct instrument_option *options; /* of ITEM_CHOICE, in the form's order */
  size_t option_count;
  int64_t minimum, maximum; /* of ITEM_INTEGER */
  size_t depends_on;        /* the last item that its skip logic asks; INSTRUMENT_NONE: none */
};

struct instrument_scale {
  struct text name; /* "total", "risk" */
  struct text label[INSTRUMENT_LANGUAGES];
  double minimum, maximum;
};

struct instrument_band {
  struct text name; /* "moderately-severe" */
  struct text label[INSTRUMENT_LANGUAGES], meaning[INSTRUMENT_LANGUAGES];
  struct text when, source, grade, signed_by;
};

struct instrument_band_set {
  struct text name; /* "wesson-ling-2003" */
  size_t scale;     /* index; INSTRUMENT_SCALES: the instrument's own band (`total`) */
  bool is_default;
  const struct instrument_band *bands;
  size_t band_count;
};

struct instrument_trigger {
  struct text name; /* an instrument, or a line of help.csv */
  bool is_instrument;
  bool is_urgent; /* say at once whom to call */
  struct text text[INSTRUMENT_LANGUAGES];
  struct text when, source, grade, signed_by;
};

struct instrument {
  struct text id; /* "phq-9" */
  struct text title[INSTRUMENT_LANGUAGES], description[INSTRUMENT_LANGUAGES];
  struct text purpose[INSTRUMENT_LANGUAGES], copyright[INSTRUMENT_LANGUAGES];
  bool is_on;        /* otherwise it scores only when the operator says so */
  bool is_for_staff; /* a clinician answers, not the person */
  bool asks_sex;     /* a cut differs by sex */
  struct text source, grade, signed_by;
  const struct instrument_item *items; /* those that are answered, in the form's order */
  size_t item_count;
  const struct instrument_scale *scales;
  size_t scale_count;
  size_t total; /* index of the scale `total`; INSTRUMENT_SCALES: it has none */
  const struct instrument_band_set *band_sets;
  size_t band_set_count;
  size_t default_band_set; /* of the instrument's own band; INSTRUMENT_BAND_SETS: it has none */
  const struct instrument_trigger *triggers;
  size_t trigger_count;
  const struct instrument_program *program; /* skip logic, sums and conditions, for the engine */
};

struct instruments;
/* Load and check all. Refuses at the first problem, with file, line and how to mend it. */
bool instruments_load(struct instruments **out, const char *knowledge_folder, struct error *error);
/* The same, handing every problem to `each`. Answers their number; `*out` is set only when there is
 * none. */
size_t instruments_load_reporting(struct instruments **out, const char *knowledge_folder,
                                  void (*each)(void *context,
                                               const struct knowledge_problem *problem),
                                  void *context);
void instruments_free(struct instruments *instruments);
size_t instruments_count(const struct instruments *instruments);
const struct instrument *instruments_get(const struct instruments *instruments, size_t index);
/* Find by id; NULL when there is none. */
const struct instrument *instruments_find(const struct instruments *instruments, struct text id);
/* The operator holds a license: turn one on. Only before other threads read. False: unknown id. */
bool instruments_turn_on(struct instruments *instruments, struct text id);
/* Find an item by its number; INSTRUMENT_NONE when there is none. */
size_t instrument_item_find(const struct instrument *instrument, struct text number);

/* Does this answer to `question`, whatever else is answered, open an item of the skip logic? */
bool instrument_item_opens(const struct instrument *instrument, size_t item, size_t question,
                           double answer);

/* --- Answers --------------------------------------------------------------------------------- */

enum instrument_sex { SEX_UNSPECIFIED, SEX_MALE, SEX_FEMALE };

struct instrument_answers {
  double value[INSTRUMENT_ITEMS]; /* score value by item; NAN: not answered */
  enum instrument_sex sex;
  struct text band_set; /* asked for; "": the default */
};
/* Nothing is answered. */
void instrument_answers_init(struct instrument_answers *answers);
/* Answer one item with its score value. Refuses (ERROR_REFUSED, the item named) an unknown item and
 * a value outside the allowed set. */
bool instrument_answer(const struct instrument *instrument, struct instrument_answers *answers,
                       struct text number, double value, struct error *error);
/* Is this value among the item's allowed answers? */
bool instrument_item_allows(const struct instrument_item *item, double value);
/* "male", "female" or "unspecified"; refuses anything else. */
bool instrument_sex_read(struct text word, enum instrument_sex *out, struct error *error);
/* Does a canonical address ("|version" may follow) mean the instrument? Its own, or one that ends
 * with its id or with its panel's LOINC code (http://loinc.org/q/44249-1). */
bool instrument_is_meant(const struct instrument *instrument, struct text address);
/* Read {"answers": {"1": 2, …}, "sex", "band_set"} or a FHIR R4 QuestionnaireResponse, whose groups
 * may have names of their own. Refuses an unknown member or item, a repeated item, a value outside
 * its set, another questionnaire's response or one entered in error, an unknown band set. `out` is
 * untouched on failure. */
bool instrument_read(const struct instrument *instrument, const struct value *document,
                     struct instrument_answers *out, struct error *error);

/* --- The engine ------------------------------------------------------------------------------ */

struct instrument_score {
  bool complete;
  double scale[INSTRUMENT_SCALES];   /* by scale; NAN: an item is open */
  double total;                      /* NAN: incomplete, or the instrument has none */
  bool is_skipped[INSTRUMENT_ITEMS]; /* by the skip logic */
  bool is_missing[INSTRUMENT_ITEMS];
  bool is_ignored[INSTRUMENT_ITEMS];  /* answered, though skipped */
  size_t band_set;                    /* the one asked for; INSTRUMENT_BAND_SETS: none */
  const struct instrument_band *band; /* of `band_set`; NULL: none, or not certain */
  const struct instrument_band *bands[INSTRUMENT_BAND_SETS]; /* of each set; NULL: as above */
  bool fires[INSTRUMENT_TRIGGERS];
};
/* Score. An unknown band set counts as the default (instrument_read() refuses it). */
void instrument_score(const struct instrument *instrument, const struct instrument_answers *answers,
                      struct instrument_score *out);
/* Does a trigger that fired ask for help at once? */
bool instrument_is_urgent(const struct instrument *instrument,
                          const struct instrument_score *score);
/* The result document of docs/instruments.md. */
struct value *instrument_write(const struct instrument *instrument, struct arena *arena,
                               const struct instrument_score *score);
/* What the score says to the level of care: an object {fact: value}, in the form that facts_set()
 * takes; empty while nothing is certain. */
struct value *instrument_facts(const struct instrument *instrument, struct arena *arena,
                               const struct instrument_score *score);
/* Every fact that some instrument gives, so that the table can be asked whether it knows them:
 * calls back with the instrument and the fact. */
void instruments_each_fact(const struct instruments *instruments,
                           void (*each)(void *context, const struct instrument *instrument,
                                        struct text fact),
                           void *context);

#endif
