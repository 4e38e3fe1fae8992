/*
 * program: organizations that treat people, what they set, their sites and units. Names are plain.
 */
#ifndef FAIRLEAD_CARE_PROGRAM_H
#define FAIRLEAD_CARE_PROGRAM_H

#include "care/code.h"

struct program {
  struct text id, name;
  struct text kind;      /* program-kinds.csv */
  struct text zone;      /* of the tz database */
  struct text state;     /* whose law holds: two letters of retention.csv */
  struct text phone;     /* ten digits */
  struct text languages; /* codes of languages.csv, separated by spaces */
  struct text street, city, zip;
  struct text hours;                              /* when it is open, in words */
  struct text license_number, license_expires_on; /* the date YYYY-MM-DD, or "" */
  int64_t closed_at, made_at, changed_at, version;
};
void program_check(const struct care *care, const struct program *program,
                   struct field_problems *problems);
/* A new program's id and key. Durable when it answers; before the transaction that makes it. */
bool program_begin(struct privacy *privacy, struct arena *arena, int64_t now, struct text *id,
                   struct error *error);
/* Make the access's own program (program, write). The id is the access's. */
bool program_create(struct store_transaction *transaction, const struct care *care,
                    const struct access *access, struct program *program, struct error *error);
bool program_save(struct store_transaction *transaction, const struct care *care,
                  const struct access *access, struct program *program, struct error *error);
bool program_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct program *out, struct error *error);
/* Names and zones of every program, by name: no record, so nothing is asked. */
bool program_list(struct store_transaction *transaction, struct arena *arena, struct program **out,
                  size_t *count, struct error *error);

/* What a program may set: program-settings.csv has the safe default and the bounds. */
bool program_setting_load(struct store_transaction *transaction, const struct care *care,
                          struct arena *arena, struct text program_id, const char *name,
                          struct text *value, int64_t *version, struct error *error);
/* What a setting may be: program-settings.csv. */
void program_setting_bounds(const struct care *care, const char *name, int64_t *least,
                            int64_t *most);
/* A whole number that is set, or its default. */
bool program_setting_number(struct store_transaction *transaction, const struct care *care,
                            struct text program_id, const char *name, int64_t *value,
                            struct error *error);
/* version 0: not set before. "" goes back to the default. (program, write) */
bool program_setting_save(struct store_transaction *transaction, const struct care *care,
                          const struct access *access, const char *name, struct text value,
                          int64_t version, struct error *error);

struct site {
  struct text id, name, street, city, state, zip;
  struct text zone;                               /* "": the program's */
  struct text phone;                              /* ten digits or "" */
  struct text facility_id;                        /* in the directory, or "" */
  struct text hours;                              /* when it is open, in words */
  struct text license_number, license_expires_on; /* the date YYYY-MM-DD, or "" */
  int64_t closed_at, made_at, changed_at, version;
};
void site_check(const struct care *care, const struct site *site, struct field_problems *problems);
/* (site, write); create sets the id. */
bool site_create(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct arena *arena, struct site *site,
                 struct error *error);
bool site_save(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct site *site, struct error *error);
/* (site, read), by name. */
bool site_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct site **out, size_t *count, struct error *error);
/* Where clocks stand: the site's zone, else the program's, else UTC. No record. */
bool site_zone(struct store_transaction *transaction, struct text program_id, struct text site_id,
               const struct zone **out, struct error *error);

struct unit {
  struct text id, site_id, name;
  struct text kind;          /* unit-kinds.csv */
  struct text level_of_care; /* levels-of-care.csv */
  int64_t licensed, staffed; /* places */
  int64_t closed_at, made_at, changed_at, version;
};
void unit_check(const struct care *care, const struct unit *unit, struct field_problems *problems);
/* (site, write); create sets the id; the site must be the program's. */
bool unit_create(struct store_transaction *transaction, const struct care *care,
                 const struct access *access, struct arena *arena, struct unit *unit,
                 struct error *error);
bool unit_save(struct store_transaction *transaction, const struct care *care,
               const struct access *access, struct unit *unit, struct error *error);
/* (site, read); of one site, or all ("") */
bool unit_list(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, struct text site_id, struct unit **out, size_t *count,
               struct error *error);

/* Does the program have these: itself, a site, a staff member, a person? For privacy.h, which has
 * no tables of them: `privacy->places`, set by whoever opens the rooms. */
bool care_has_place(struct store_transaction *transaction, const struct privacy_place *place,
                    bool *is_there, struct error *error);

#endif
