/*
 * Messages in every language: locale/<language>/<room>.csv with the columns key,text.
 *
 * English (en/) is the source and language 0; the others follow in byte order of their codes. A
 * repeated key, a key that another language lacks, a key that English lacks, or one with other
 * {{names}} than in English fails the load, and so the build. Texts are plain: no tag, no entity.
 * They may hold {{name}} places, and braces nowhere else. Immutable after loading; any thread may
 * read.
 */
#ifndef FAIRLEAD_BASE_CATALOG_H
#define FAIRLEAD_BASE_CATALOG_H

#include "base/error.h"
#include "base/value.h"

struct catalog;

/* Load every language below `folder` (en/, es/, …). */
bool catalog_load(struct catalog **out, const char *folder, struct error *error);
void catalog_free(struct catalog *catalog);
/* Number of languages; language 0 is English. */
size_t catalog_language_count(const struct catalog *catalog);
/* The language's code ("en", "es"). */
struct text catalog_language(const struct catalog *catalog, size_t language);
/* Find a language by code; false when the catalog has none such. */
bool catalog_language_find(const struct catalog *catalog, struct text code, size_t *out);
/* The text of a key as it stands; NULL `at` and length 0 when unknown. */
struct text catalog_find(const struct catalog *catalog, size_t language, struct text key);
/* The text of a key that must exist. A missing one stops a debug build; others show the key. */
struct text catalog_text(const struct catalog *catalog, size_t language, const char *key);
/* The text with each {{name}} replaced by that member of `names` (texts and numbers; nothing when
 * it is missing), unescaped: the caller hands it on as plain text, and the template escapes it. */
struct text catalog_format(struct arena *arena, const struct catalog *catalog, size_t language,
                           const char *key, const struct value *names);
/* Find the next {{name}} in `t` at or after `from`: where it begins and ends, and its name. Answers
 * false when none is left. */
bool catalog_next_name(struct text t, size_t from, size_t *begin, size_t *end, struct text *name);
/* A hash of every language, to tell whether rendered text is out of date. */
uint64_t catalog_hash(const struct catalog *catalog);

#endif
