/*
 * Needs: our own vocabulary over service codes, the codes' dictionary, and signs of quality.
 *
 * Loaded from knowledge/service-codes.csv, need-groups.csv, needs.csv, synonyms.csv and signs.csv;
 * every expression is checked against the dictionary. Immutable after loading; any thread may read.
 *
 * Expression: CODE, `directory:su`, `directory:mh`, `directory:otp`, `!x`, `x & y`, `x | y`, `( )`;
 * `!` binds closest, then `&`, then `|`.
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
};
struct service_category {
  struct text category; /* "OT" */
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
};
/* A phrase of 1 to 4 folded words that means a need ("suboxone" -> buprenorphine). */
struct synonym {
  struct text phrase;
  size_t need;
};

struct needs;
bool needs_load(struct needs **out, const char *knowledge_folder, struct error *error);
void needs_free(struct needs *needs);
uint64_t needs_hash(const struct needs *needs);

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
size_t categories_count(const struct needs *needs);
const struct service_category *categories_get(const struct needs *needs, size_t index);
size_t signs_count(const struct needs *needs);
const struct sign *signs_get(const struct needs *needs, size_t index);
size_t synonyms_count(const struct needs *needs);
const struct synonym *synonyms_get(const struct needs *needs, size_t index);

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

#endif
