/*
 * Facility: one site where care is given, merged from the listings that name it.
 */
#ifndef FAIRLEAD_DIRECTORY_FACILITY_H
#define FAIRLEAD_DIRECTORY_FACILITY_H

#include "base/base.h"
#include "store/store.h"

/* Which directories list it (bits). */
enum { DIRECTORY_SUBSTANCE_USE = 1, DIRECTORY_MENTAL_HEALTH = 2, DIRECTORY_OPIOID_TREATMENT = 4 };

enum facility_field {
  FIELD_NAME1, /* organization, as listed */
  FIELD_NAME2, /* program or site */
  FIELD_STREET1,
  FIELD_STREET2,
  FIELD_CITY,
  FIELD_STATE, /* two letters */
  FIELD_ZIP,   /* five digits */
  FIELD_COUNTY,
  FIELD_PHONE,         /* digits with hyphens, " x123" behind; as dialled (letters turned) */
  FIELD_INTAKE_PHONE,  /* the first intake line */
  FIELD_INTAKE_PHONE2, /* further intake lines, in order */
  FIELD_INTAKE_PHONE3,
  FIELD_INTAKE_PHONE4,
  FIELD_WEBSITE,
  FIELD_COORDINATES, /* "latitude,longitude" as given by an address-level source */
  FIELD_CODES,       /* service codes, upper case, sorted, one space between */
  FIELD_UNKNOWN,     /* labels or codes that the dictionary lacks, raw, ';' between */
  FIELD_COUNT
};
/* "name1", "intake_phone", …: the name in documents and in the store. */
const char *facility_field_name(enum facility_field field);

enum coordinate_quality {
  COORDINATE_NONE,     /* unknown ZIP: no distance can be said */
  COORDINATE_ZIP,      /* the ZIP's center */
  COORDINATE_REJECTED, /* the ZIP's center, since the address point lay over 40 miles off */
  COORDINATE_ADDRESS   /* the address itself */
};

/* Where a field's value comes from. */
struct facility_source {
  struct text source; /* "national-directory-su" */
  struct text as_of;  /* "2023-01-01": the release in which the value was last confirmed */
  struct text since;  /* the first release in which the value stood so */
};

struct facility {
  struct text id; /* UUIDv5 of the first identity seen, lower case, 36 characters */
  struct text fields[FIELD_COUNT];
  struct facility_source sources[FIELD_COUNT]; /* empty where the field is */
  unsigned directories;
  double latitude, longitude; /* degrees; 0,0 when quality is COORDINATE_NONE */
  enum coordinate_quality quality;
  bool invented;            /* made up for the demo */
  struct text vanished;     /* the release date from which no listing names it, or empty */
  struct text first_listed; /* date of the first release that names it */
};

/* Call `each` with every facility that has not vanished, ordered by id, on one snapshot of the
 * store. Slices live until `each` returns. */
bool facility_each(struct store *store,
                   bool (*each)(void *context, const struct facility *facility,
                                struct error *error),
                   void *context, struct error *error);
/* Load one facility, vanished or not, into the arena; ERROR_NOT_FOUND when the id is unknown.
 * An id that was merged into another answers the other. */
bool facility_load(struct store *store, struct arena *arena, struct text id, struct facility *out,
                   struct error *error);
/* The API's document of one facility: what /api/facilities lists of it, then "codes", "county",
 * "website", "intake_phones", "coordinate_quality", "directories", "listed" (false when vanished),
 * "vanished", "invented" and "fields": {name: {"value", "source", "as_of", "since"}}. */
struct value *facility_document(struct arena *arena, const struct facility *facility);

#endif
