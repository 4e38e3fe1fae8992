/*
 * Needs: our own vocabulary over service codes, the codes' dictionary, and signs of quality.
 *
 * Loaded from knowledge/: service-codes.csv, service-categories.csv, service-code-aliases.csv,
 * need-groups.csv, needs.csv, synonyms.csv, signs.csv, stop-words.csv and help.csv. Every
 * expression is checked against the dictionary. Immutable after loading; any thread may read.
 *
 * Expression: CODE, `directory:su`, `directory:mh`, `directory:otp`, `!x`, `x & y`, `x | y`, `( )`;
 * `!` binds closest, then `&`, then `|`. A directory term holds when that directory lists the site.
 * An absent code means "not reported", so an expression over `!CODE` says "does not report it".
 */
#ifndef FAIRLEAD_DIRECTORY_NEEDS_H
#define FAIRLEAD_DIRECTORY_NEEDS_H

#include "base/base.h"

enum {
  NEEDS_MAXIMUM = 128, /* needs (count) */
  CODES_MAXIMUM = 512, /* service codes (count) */
  SIGNS_MAXIMUM = 16,  /* signs of quality (count) */
  NEED_LANGUAGES = 2   /* columns label_en, label_es, … : the catalog's order */
};

struct service_code {
  struct text code;           /* "BUM" */
  struct text category;       /* "OT" */
  struct text official_label; /* as SAMHSA prints it */
  struct text label[NEED_LANGUAGES];
  bool substance_use, mental_health; /* which dictionaries hold it */
  bool retired;                      /* an earlier release had it, the newest has not */
};
struct service_category {
  struct text category; /* "OT" */
  struct text official_label;
  struct text label[NEED_LANGUAGES];
};
struct need_group {
  struct text name; /* "medication" */
  struct text label[NEED_LANGUAGES];
  bool any; /* any ticked need of the group suffices; otherwise each must hold */
};
struct need {
  struct text name;                        /* "buprenorphine" */
  size_t group;                            /* index of the group */
  struct text label[NEED_LANGUAGES];       /* "Prescribes buprenorphine (Suboxone)" */
  struct text explanation[NEED_LANGUAGES]; /* one sentence */
  struct text expression;
};
struct sign { /* of quality, over service codes: named, with its source, never a payment */
  struct text name;
  struct text label[NEED_LANGUAGES];
  struct text expression, source;
  struct text grade; /* how sure the source is: V verified, S stated, I inferred */
};
/* A phrase of 1 to 4 folded words that means a need ("suboxone" -> buprenorphine). */
struct synonym {
  struct text phrase;
  size_t need;
};
/* A number to call in a hard hour (knowledge/help.csv). */
struct help_line {
  struct text key;             /* "emergency", "crisis", "samhsa", … */
  struct text phone, sms, url; /* each may be empty, not all */
  struct text label[NEED_LANGUAGES];
  struct text source;
  bool verified; /* checked against its source; the others are not for a page's first lines */
};

struct needs;
/* Load and check everything. Refuses at the first problem, with file, line and how to mend it. */
bool needs_load(struct needs **out, const char *knowledge_folder, struct error *error);
void needs_free(struct needs *needs);
/* A hash of the files' bytes, to tell whether what was built from them is out of date. */
uint64_t needs_hash(const struct needs *needs);

/* Something in knowledge/ that must be mended. Texts live until the callback returns. */
struct knowledge_problem {
  const char *file;        /* "needs.csv" */
  int64_t line;            /* from 1; 0: the file itself */
  const char *what, *mend; /* without a last period */
};
/* Load as needs_load() does, but hand every problem to `each`. Answers their number; `*out` is set
 * only when there is none. */
size_t needs_load_reporting(struct needs **out, const char *knowledge_folder,
                            void (*each)(void *context, const struct knowledge_problem *problem),
                            void *context);

size_t needs_count(const struct needs *needs);
const struct need *needs_get(const struct needs *needs, size_t index);
bool needs_find(const struct needs *needs, struct text name, size_t *out);
size_t needs_group_count(const struct needs *needs);
const struct need_group *needs_group_get(const struct needs *needs, size_t index);
size_t codes_count(const struct needs *needs);
const struct service_code *codes_get(const struct needs *needs, size_t index);
/* Find by code, without case. */
bool codes_find(const struct needs *needs, struct text code, size_t *out);
/* Find by category and label as the FindTreatment API prints them, old and new variants through
 * knowledge/service-code-aliases.csv; the category may be an old one. Compares folded text. */
bool codes_find_label(const struct needs *needs, struct text category, struct text label,
                      size_t *out);
/* Is it a label of an earlier year that no code of today stands for? Such a label is known, and
 * kept raw without a warning. */
bool codes_label_is_retired(const struct needs *needs, struct text category, struct text label);
/* Number of labels that are known: the dictionary's and the aliases. */
size_t labels_count(const struct needs *needs);
/* Categories in the order in which a page shows them. */
size_t categories_count(const struct needs *needs);
const struct service_category *categories_get(const struct needs *needs, size_t index);
bool categories_find(const struct needs *needs, struct text category, size_t *out);
size_t signs_count(const struct needs *needs);
const struct sign *signs_get(const struct needs *needs, size_t index);
/* Synonyms are sorted by the phrase's bytes, then by need. */
size_t synonyms_count(const struct needs *needs);
const struct synonym *synonyms_get(const struct needs *needs, size_t index);
/* The first synonym whose phrase is not less than `phrase`; synonyms_count() when there is none. */
size_t synonyms_find_first(const struct needs *needs, struct text phrase);
/* Is this folded word one that says nothing by itself ("the", "de")? */
bool stop_words_has(const struct needs *needs, struct text word);

size_t help_lines_count(const struct needs *needs);
const struct help_line *help_lines_get(const struct needs *needs, size_t index);
bool help_lines_find(const struct needs *needs, struct text key, size_t *out);

/* A set of service codes: bit i is code i of the dictionary. */
struct code_set {
  uint64_t bits[CODES_MAXIMUM / 64];
};
/* Read codes with spaces between ("BUM DT"); unknown ones are passed over. */
struct code_set codes_read(const struct needs *needs, struct text codes);
static inline bool code_set_has(const struct code_set *set, size_t code)
{
  return (set->bits[code / 64] >> (code % 64) & 1) != 0;
}
/* Does a facility with these codes, listed in these directories, meet the need? */
bool needs_met(const struct needs *needs, size_t need, const struct code_set *codes,
               unsigned directories);
bool signs_met(const struct needs *needs, size_t sign, const struct code_set *codes,
               unsigned directories);

/* A set of needs or signs: bit i is need or sign i. */
struct need_set {
  uint64_t bits[NEEDS_MAXIMUM / 64];
};
/* All needs at once, and all signs, as a snapshot's builder wants them. */
struct need_set needs_met_all(const struct needs *needs, const struct code_set *codes,
                              unsigned directories);
uint64_t signs_met_all(const struct needs *needs, const struct code_set *codes,
                       unsigned directories);

#endif
