/*
 * Saying it: a result in the words of the catalog, as sentences for pages, files and terminals.
 * Nothing here decides anything.
 */
#ifndef FAIRLEAD_ASSESSMENT_SAY_H
#define FAIRLEAD_ASSESSMENT_SAY_H

#include "assessment/level_of_care.h"

/* Whose words, and where they live. Borrows all. */
struct care_words {
  const struct level_of_care *table;
  const struct catalog *catalog;
  struct arena *arena;
  size_t language;
  bool about_other; /* someone answered for another: "<key>_other" is said where there is one */
  const bool *estimated; /* by fact: a plain answer stands for its number; NULL: none */
};

/* A message as it stands, or with names filled: pairs of a name and a text, a NULL name last. */
struct care_name {
  const char *name;
  struct text text;
};
struct text care_words_get(const struct care_words *words, const char *key);
struct text care_fill(const struct care_words *words, const char *key,
                      const struct care_name *names);
#define CARE_FILL(words, key, ...)                                                                 \
  care_fill((words), (key), (const struct care_name[]){__VA_ARGS__, {NULL, {NULL, 0}}})

/* "Day treatment, with a recovery home". */
struct text care_say_level(const struct care_words *words, size_t level, unsigned overlays);
/* A fact's name, and a value as people say it: "yes", "12", "not safe". */
struct text care_say_label(const struct care_words *words, size_t fact);
struct text care_say_value(const struct care_words *words, size_t fact, double value);
/* The same of an answer: a number that nobody measured is said to be about so. */
struct text care_say_answer(const struct care_words *words, size_t fact, double value);
/* "If a recovery home had a confirmed place, and home were safe and steady:" */
struct text care_say_change(const struct care_words *words, const struct care_change *change);
/* The same without "If" and the colon. */
struct text care_say_condition(const struct care_words *words, const struct care_change *change);
/* "Intensive outpatient; Hospital", of the bits of a care_unknown. */
struct text care_say_levels(const struct care_words *words, uint32_t levels);
/* "Not yet signed by a clinician.", or who signed. */
struct text care_say_signed(const struct care_words *words, struct text signed_by);
/* "Source: … (checked in the source)." */
struct text care_say_source(const struct care_words *words, struct text source, struct text grade);

/* A rule's condition and effect: "“support at home and nearby: none” and not “…”"; "at least 3.1,
 * Live-in care with structure; raises …". */
struct text rule_condition_words(const struct care_words *words, size_t rule);
struct text rule_effect_words(const struct care_words *words, size_t rule);

/* What the articles name and these answers leave open: the texts of factors that are neither true
 * nor false. Answers their number. */
enum { CARE_FACTORS = 32 }; /* factors that are said (count) */
size_t care_factors_unknown(const struct level_of_care *table, const struct facts *facts,
                            const struct care_result *result, size_t language,
                            struct text out[CARE_FACTORS]);

/* Does the level come of joining needs, so that no rule that acts asks for it by itself? */
bool care_is_joined(const struct level_of_care *table, const struct care_result *result);

/* What a result is as a whole; everything that shows one asks this first. */
enum care_verdict {
  CARE_VERDICT_STOP,    /* help is needed now */
  CARE_VERDICT_MINOR,   /* under age: told where to go */
  CARE_VERDICT_WAITING, /* a clinician must decide: a rule that holds waits for a signature */
  CARE_VERDICT_LEVEL
};
enum care_verdict care_verdict(const struct level_of_care *table, const struct care_result *result);

/* Write the result as plain text, for a terminal or a file that a person keeps. */
struct care_print {
  struct care_words words;
  const struct needs *needs;
  const struct facts *facts;
  const struct care_result *result;
  const struct care_explanation *explanation;
  const struct value *document; /* care_write() of the same */
  size_t width;                 /* columns */
  bool bold;                    /* headings in bold; never in a pipe or a file */
  bool as_file;                 /* with the answers, without the command that finds places */
};
void care_print(const struct care_print *print, struct text_buffer *out);

#endif
