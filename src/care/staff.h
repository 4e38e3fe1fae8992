/*
 * staff: who works in a program, what allows them to, and whom they look after. Names of staff are
 * plain. An account leads to a staff member (account.h: staff_id), never the other way.
 */
#ifndef FAIRLEAD_CARE_STAFF_H
#define FAIRLEAD_CARE_STAFF_H

#include "care/code.h"

struct staff {
  struct text id;
  struct text external_id; /* of the file it came from, or "" */
  struct text name;
  struct text profession;                    /* professions.csv */
  struct text credential;                    /* as written: LADC, LCSW */
  struct text license_number, license_state; /* state: two letters */
  struct text license_expires_on;            /* YYYY-MM-DD or "" */
  int64_t weekly_minutes;
  const struct text *site_ids; /* none: every site */
  size_t site_count;
  int64_t expired_at; /* when the clock found the license expired; 0: not */
  int64_t left_at, made_at, changed_at, version;
};
void staff_check(const struct care *care, const struct staff *staff,
                 struct field_problems *problems);
/* (staff, write). Create sets the id. Both set the clock "credential.expires": it rings the
 * program's setting credential-notice-days before the license ends, and when it has ended. */
bool staff_create(struct store_transaction *transaction, const struct care *care,
                  const struct access *access, struct arena *arena, struct staff *staff,
                  struct error *error);
/* Whoever has left looks after nobody from then on. */
bool staff_save(struct store_transaction *transaction, const struct care *care,
                const struct access *access, struct staff *staff, struct error *error);
/* (staff, read) */
bool staff_load(struct store_transaction *transaction, const struct access *access,
                struct arena *arena, struct text id, struct staff *out, struct error *error);
/* By name; a scope of one site shows those of that site. Sites are filled in. */
bool staff_list(struct store_transaction *transaction, const struct access *access,
                struct arena *arena, bool with_left, struct staff **out, size_t *count,
                struct error *error);

/* Somebody who looks after a person, from when to when (until 0: on and on). */
struct care_team_member {
  struct text id, person_id, staff_id, staff_name;
  struct text role; /* care-team-roles.csv */
  int64_t from_at, until_at, version;
};
/* (episode, write) for the person. Refused: the same staff member twice in one role at one time. */
bool care_team_add(struct store_transaction *transaction, const struct care *care,
                   const struct access *access, struct arena *arena,
                   struct care_team_member *member, struct error *error);
bool care_team_end(struct store_transaction *transaction, const struct access *access,
                   struct text id, int64_t until_at, int64_t version, struct error *error);
/* (episode, read) for the person; those of records merged into it, too. The newest first. */
bool care_team_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text person_id, struct care_team_member **out,
                    size_t *count, struct error *error);

/* Those whom a staff member looks after now, the newest first: one row for each part. (episode,
 * read) for a list; narrowed to the access's scope. Names of staff are left out. */
bool care_caseload_list(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text staff_id, struct care_team_member **out,
                        size_t *count, struct error *error);
/* How many people each staff member looks after now. The same access; over the whole program. */
struct care_caseload_size {
  struct text staff_id;
  int64_t people;
};
bool care_caseload_sizes(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct care_caseload_size **out, size_t *count,
                         struct error *error);

#endif
