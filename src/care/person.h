/*
 * person: who somebody is. The identity is one JSON document, sealed under the person's key; beside
 * it stand an id, the language, states and times. Blind indexes find people (vault.h).
 *
 * A record may stand for others that were merged into it (duplicate.h): a search leads to the
 * record that stands, and lists of other files show the rows of all of them.
 */
#ifndef FAIRLEAD_CARE_PERSON_H
#define FAIRLEAD_CARE_PERSON_H

#include "care/code.h"

struct person_phone {
  struct text number; /* ten digits */
  struct text use;    /* phone-uses.csv */
  bool may_leave_message;
};
struct person_contact {
  struct text name, relationship, phone; /* relationships.csv; ten digits */
};
struct person_identifier {
  struct text kind, value, issuer; /* identifier-kinds.csv; as written; who gave it */
};
struct person_identity {
  struct text given, middle, family, chosen;
  const struct text *former;
  size_t former_count;
  struct text birth_date; /* YYYY-MM-DD or "" when it is not known */
  struct text sex;        /* administrative-sexes.csv */
  struct text gender_identity, pronouns;
  const struct person_phone *phones;
  size_t phone_count;
  struct text email, street, city, state, zip;
  const struct person_contact *contacts;
  size_t contact_count;
  const struct person_identifier *identifiers;
  size_t identifier_count;
};
struct person {
  struct text id;
  struct person_identity identity; /* empty when the record is erased */
  struct text language;            /* languages.csv */
  struct text site_id;             /* where the record was begun, or "" */
  struct text merged_into;         /* "" when it stands for itself */
  bool has_photo;
  int64_t erase_at, erased_at, made_at, changed_at, version;
};

/* Check every field; a name (any) and a language are asked for. `today`: YYYY-MM-DD. Phone numbers
 * and white space are brought into form before, by person_tidy(). */
void person_tidy(struct arena *arena, struct person *person);
void person_check(const struct care *care, const struct person *person, struct text today,
                  struct field_problems *problems);
/* The document that is sealed, and the way back: pure. The fields are those of
 * care_person_document(). */
struct text person_identity_write(struct arena *arena, const struct person_identity *identity);
bool person_identity_read(struct arena *arena, struct text document, struct person_identity *out,
                          struct error *error);
/* The name to say: chosen or given, then family; and the whole: "Chosen (Given Middle) Family". */
struct text person_short_name(struct arena *arena, const struct person_identity *identity);
struct text person_full_name(struct arena *arena, const struct person_identity *identity);
/* Full years on a date; -1 when either is not known. */
int person_age(struct text birth_date, struct text today);

/* A new person's id and key. Durable when it answers; before the transaction that makes the record.
 */
bool person_begin(struct privacy *privacy, struct arena *arena, struct text program_id, int64_t now,
                  struct text *id, struct error *error);
/* (person, write) for the id that person_begin() gave. Refuses problems with the first one's
 * message. */
bool person_create(struct store_transaction *transaction, const struct care *care,
                   const struct access *access, struct arena *arena, struct person *person,
                   struct error *error);
/* The same for a record that stands, of the version it was loaded with; `person` keeps that
 * version, since the transaction may run again. */
bool person_save(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct arena *arena, struct person *person,
                 struct error *error);
/* (person, read), or an access for any other object that was opened for this person: the banner
 * stands above every page about someone. A record that is erased or merged loads, and says so. */
bool person_load(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct person *out, struct error *error);

/* A photo as it is kept: nothing but the picture (picture.h), at most LIMIT_PHOTO; a JPEG is made
 * small and stands upright. */
struct person_photo {
  const char *content_type;
  struct text bytes;
};
/* Make one of a file from outside, at most LIMIT_FILE: a JPEG, or a PNG that is small already.
 * Refuses all else with "error.care.photo". Takes a while: call it before the transaction. */
bool person_photo_make(struct arena *arena, struct text bytes, struct person_photo *out,
                       struct error *error);
/* Put one that person_photo_make() made in place of what stands; NULL takes it away. (person,
 * write) */
bool person_photo_save(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text person_id, const struct person_photo *photo,
                       struct error *error);
bool person_photo_load(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text person_id, struct text *content_type,
                       struct text *bytes, struct error *error);

/* What the search shows of one. */
struct person_hit {
  struct person person;
  struct text found_in; /* the merged record that was met, or "" */
  int64_t rank;         /* higher is better */
};
/* (person, search): words of a name in any order, whole or from three letters on, by sound; birth
 * dates; phone numbers. Narrowed to the access's scope; opened and checked; best first, then by
 * name and id; at most `limit`. `more`: there are others, type more. Writes to the audit whom it
 * showed. Nothing typed: none. */
bool person_search(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, struct text typed, size_t limit, struct person_hit **out,
                   size_t *count, bool *more, struct error *error);
/* Those whose records changed last, narrowed to the scope: what an empty search shows. */
bool person_recent(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, size_t limit, struct person_hit **out, size_t *count,
                   struct error *error);

/* Whom ids stand for. A person whom the access does not reach, or who is not there, is not seen. */
struct person_name {
  struct text id, name; /* "" when not seen or erased */
  bool is_seen, is_erased;
};
struct person_names {
  const struct person_name *items; /* by id */
  size_t count;
};
/* (person, search): the names of at most LIMIT_PERSON_NAMED different people, narrowed to the
 * access's scope; writes to the audit whom it showed. The ids are borrowed. */
bool person_names_load(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct text *ids, size_t count,
                       struct person_names *out, struct error *error);
/* NULL when it was not asked for. */
const struct person_name *person_names_find(const struct person_names *names, struct text id);

/* ERROR_NOT_FOUND when the program has no record of this id: for acts that anybody's id may be
 * given to, beside the check of roles. */
bool person_is_there(struct store_transaction *transaction, struct text program_id,
                     struct text person_id, struct error *error);
/* What an actor is to a person, for access_open(). A merged record is reached like the one that
 * stands for it. An unknown person gives a subject that no scope but the program's reaches. */
bool care_subject_load(struct store_transaction *transaction, struct text program_id,
                       struct text person_id, const struct actor *actor, int64_t now,
                       struct role_subject *subject, struct error *error);
/* The record that stands for this one: itself, or what it was merged into. */
bool person_standing(struct store_transaction *transaction, struct arena *arena,
                     struct text program_id, struct text person_id, struct text *out,
                     struct error *error);
/* This record, first, and every one that leads to it by a merge, however far down, by id: whose
 * rows the page of a record shows beside its own. With an access of any object and act that was
 * opened for it. */
bool care_subject_members(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct text person_id, struct text **out,
                          size_t *count, struct error *error);

#endif
