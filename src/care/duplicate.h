/*
 * duplicate: two records that may be of one person, and making them one.
 *
 * Suggested by shared index keys, weighed after Fellegi and Sunter (duplicate-weights.csv),
 * explained field by field, decided by a person. A merge moves no row: the merged record keeps its
 * key, its rows and its bytes, and leads to the one that stands; lists show the rows of both. So
 * undoing it restores it byte for byte. Never across programs.
 */
#ifndef FAIRLEAD_CARE_DUPLICATE_H
#define FAIRLEAD_CARE_DUPLICATE_H

#include "care/person.h"

/* One field compared. */
struct duplicate_reason {
  struct text name; /* of duplicate-weights.csv: family-same, birth-date-different, … */
  int64_t weight;   /* hundredths */
};
enum { DUPLICATE_REASONS = 12 };
struct duplicate_score {
  int64_t weight; /* hundredths, the sum */
  struct duplicate_reason reasons[DUPLICATE_REASONS];
  size_t count;
  bool is_likely; /* over the threshold of duplicate-weights.csv */
};
/* Pure. */
void duplicate_weigh(const struct care *care, struct arena *arena, const struct person_identity *a,
                     const struct person_identity *b, struct duplicate_score *out);
/* Who, within the access's scope, is likely the same as this identity (not `except_id`): best
 * first, at most `limit`. (person, merge), (person, write), (person, search) or (person, import).
 */
struct duplicate_match {
  struct person person;
  struct duplicate_score score;
};
bool duplicate_find(struct store_transaction *transaction, const struct care *care,
                    const struct access *access, struct arena *arena,
                    const struct person_identity *identity, struct text except_id, size_t limit,
                    struct duplicate_match **out, size_t *count, struct error *error);

struct duplicate {
  struct text person_a, person_b;
  struct text state; /* suggested, different, merged */
  struct text reasons;
  int64_t score, found_at, version;
};
/* Look for those of one person in the whole program and keep what is likely, unless it was decided,
 * for whoever reaches both. Whom or how many it found is not told: the access may reach less. */
bool duplicate_suggest(struct store_transaction *transaction, const struct care *care,
                       const struct access *access, struct arena *arena, struct text person_id,
                       struct error *error);
/* (person, merge): pairs of which the scope reaches both; best first. Of what is suggested only
 * pairs that can still be joined. */
bool duplicate_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text state, size_t limit, struct duplicate **out,
                    size_t *count, struct error *error);
/* They are two people. Both must be within the scope. */
bool duplicate_set_different(struct store_transaction *transaction, const struct access *access,
                             struct text person_a, struct text person_b, int64_t version,
                             struct error *error);

/* (person, merge): `merged_id` leads to `kept_id` from now on. Both versions as shown. Refused:
 * itself, a record that is merged or erased already, another program's. */
bool person_merge(struct store_transaction *transaction, const struct access *access,
                  struct text kept_id, int64_t kept_version, struct text merged_id,
                  int64_t merged_version, struct error *error);
/* Undo the last merge of `merged_id`. */
bool person_unmerge(struct store_transaction *transaction, const struct access *access,
                    struct text merged_id, int64_t merged_version, struct error *error);
/* The records that lead to this one, directly. (person, read) */
bool person_merged_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text kept_id, struct person **out,
                        size_t *count, struct error *error);

#endif
