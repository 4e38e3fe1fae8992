/*
 * belongings: what somebody brought, where it is, and who says so.
 *
 * What a thing is never changes; a mistake is marked, and another row stands for it. Where it is
 * follows belongings-states.csv, each step with who did it: the chain of custody. Destroying takes
 * two people, which the database sees to as well. The list is signed by the person and by staff,
 * both over the same bytes; a list that grew since asks for new signatures. A function takes an
 * access for (belongings, read) or (belongings, write), opened for the person.
 */
#ifndef FAIRLEAD_ADMISSION_BELONGINGS_H
#define FAIRLEAD_ADMISSION_BELONGINGS_H

#include "admission/intake_record.h"

struct belonging {
  struct text id, intake_id, person_id;
  struct text thing; /* in words */
  int64_t quantity;
  struct text condition;  /* belongings-conditions.csv */
  struct text restricted; /* restricted-items.csv, or "" */
  struct text count_id;   /* of a medicine that two counted, or "" */
  struct text state;      /* belongings-states.csv */
  struct text place;
  struct text account_id;
  int64_t made_at, error_at, version;
};
/* The intakes that a person's things hang below, with records merged into theirs; the newest first.
 */
bool belongings_intakes(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct intake **out, size_t *count,
                        struct error *error);
/* (belongings, write). Sets id and state. */
bool belongings_add(struct store_transaction *transaction, const struct intakes *intakes,
                    const struct access *access, struct arena *arena, struct text intake_id,
                    struct belonging *belonging, struct error *error);
/* It was entered in error. */
bool belongings_mark_error(struct store_transaction *transaction, const struct access *access,
                           struct arena *arena, struct text id, int64_t version,
                           struct error *error);

struct belongings_move {
  struct text id, state, place, words;
  int64_t version;
};
/* Refused: a state that does not follow, no place where one is asked for, the same person twice
 * where two are needed. Stale: ERROR_CONFLICT. */
bool belongings_move(struct store_transaction *transaction, const struct intakes *intakes,
                     const struct access *access, struct arena *arena,
                     const struct belongings_move *move, struct error *error);

/* In the order they were written; those entered in error with error_at. */
bool belongings_list(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text intake_id, struct belonging **out,
                     size_t *count, struct error *error);
struct belongings_step {
  struct text state, place, words, account_id, other_account_id;
  int64_t at;
};
/* From its first step on. */
bool belongings_history(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, struct belongings_step **out,
                        size_t *count, struct error *error);

/* --- The signed list (belongings_sign.c) ------------------------------------------------------ */

/* The list as it is signed, in a language, and its revision. The same rows give the same bytes. */
struct belongings_inventory {
  struct text words, language;
  int64_t revision;
};
bool belongings_inventory_load(struct store_transaction *transaction, const struct intakes *intakes,
                               const struct access *access, struct arena *arena,
                               struct text intake_id, struct text language,
                               struct belongings_inventory *out, struct error *error);
struct belongings_signing {
  struct text id;
  int64_t revision; /* of the list that was shown */
  struct text language;
  struct signature person, staff; /* method, signer, role, authority, image */
  int64_t at;
};
/* (belongings, write): both sign what the list says now. Refused when it is not the revision that
 * was shown, when one of the two is missing or has the other's role, and when the list is empty. */
bool belongings_sign(struct store_transaction *transaction, const struct intakes *intakes,
                     const struct access *access, struct arena *arena, struct text intake_id,
                     struct belongings_signing *signing, struct error *error);
/* The last signing, with its signatures; `*found` false: none. `*is_current`: the list has not
 * changed since. */
bool belongings_signed(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text intake_id, struct belongings_signing *out,
                       bool *found, bool *is_current, struct error *error);

/* --- Giving back (belongings_return.c) -------------------------------------------------------- */

/* A thing as it was shown. */
struct belongings_shown {
  struct text id;
  int64_t version;
};
/* Things that are given back at once, for which both sign; or nobody does, and why. */
struct belongings_return {
  struct text id;
  const struct belongings_shown *things;
  size_t count;
  struct text words;              /* to whom */
  struct text language;           /* of the receipt */
  struct text reason;             /* belongings-unsigned.csv; "": both sign */
  struct text sha256;             /* of the receipt that was shown; "" when nobody signs */
  struct signature person, staff; /* method, signer, role, authority, image */
  struct text account_id;
  int64_t at;
};
/* The receipt as it is signed: the same things, words and language give the same bytes. Refused: no
 * thing, one that is none of this intake, twice the same, or that cannot be given back; one that
 * somebody moved since: ERROR_CONFLICT. */
bool belongings_receipt_load(struct store_transaction *transaction, const struct intakes *intakes,
                             const struct access *access, struct arena *arena,
                             struct text intake_id, const struct belongings_return *given,
                             struct text *out, struct error *error);
/* (belongings, write), also after the stay: every thing is given back, with one receipt. Refused
 * besides: both a reason and signatures, neither, another receipt than was shown. Sets id, at. */
bool belongings_give_back(struct store_transaction *transaction, const struct intakes *intakes,
                          const struct access *access, struct arena *arena, struct text intake_id,
                          struct belongings_return *given, struct error *error);
/* The newest first; with how many things, without things, words and signatures. */
bool belongings_returns(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text intake_id, struct belongings_return **out,
                        size_t *count, struct error *error);
/* A signed one, with its signatures; ERROR_NOT_FOUND when it is not signed, or not of this intake
 * under the access's own record. */
bool belongings_return_load(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct text intake_id, struct text id,
                            struct belongings_return *out, struct error *error);

#endif
