/*
 * Listing: what one source says of one site, as the store keeps it. A facility is merged from the
 * listings that name it. Private to listing*.c, import*.c, facility.c and their tests.
 */
#ifndef FAIRLEAD_DIRECTORY_LISTING_H
#define FAIRLEAD_DIRECTORY_LISTING_H

#include "directory/facility.h"

struct listing {
  struct text fields[FIELD_COUNT];
  unsigned directories; /* 0: not said by the row itself */
  double latitude, longitude;
  enum coordinate_quality quality;
  bool county_from_zip;    /* the county is the ZIP's, not the source's */
  struct text external_id; /* the source's own id of the row, or empty */
};

/* --- listing.c: keys and codes -------------------------------------------------------------- */

/* A hash of folded text that stands for it: 128 bits of BLAKE2b. */
struct listing_key {
  uint64_t high, low;
};
int listing_key_compare(const struct listing_key *a, const struct listing_key *b);
struct listing_keys {
  struct listing_key full;     /* both names, both street lines, ZIP: one site */
  struct listing_key site;     /* name1, street1, ZIP */
  struct listing_key line;     /* street1, ZIP, phone; zero without a phone or street */
  struct listing_key external; /* the source's own id; zero without one */
  struct listing_key content;  /* every field and the coordinates, unfolded */
  struct listing_key name2, street2, phone; /* break ties */
};
/* Compute the keys; `scratch` holds what is folded on the way. */
void listing_keys(struct arena *scratch, const struct listing *listing, struct listing_keys *out);
/* The folded text that a facility's id is made of. */
struct text listing_identity(struct arena *arena, const struct listing *listing);
/* Unite two sorted lists of words ("BUM DT"), parted by `separator`; no word twice. */
struct text listing_unite(struct arena *arena, struct text a, struct text b, char separator);

/* --- listing_spool.c: listings on disk while a file is read --------------------------------- */

struct listing_spool;
/* A spool in an unnamed temporary file, so that memory does not grow with the file. */
bool listing_spool_new(struct listing_spool **out, struct error *error);
void listing_spool_free(struct listing_spool *spool);
/* Append; `place` finds it again. */
bool listing_spool_add(struct listing_spool *spool, const struct listing *listing, size_t *place,
                       struct error *error);
/* Make what was added so far readable. More may be added; slices live until the next seal. */
bool listing_spool_seal(struct listing_spool *spool, struct error *error);
void listing_spool_get(const struct listing_spool *spool, size_t place, struct listing *out);

/* --- listing_store.c: table listing ----------------------------------------------------------- */

/* A listing as the store has it. */
struct listing_row {
  struct listing listing;
  struct text facility_id, source, as_of, since, field_dates, withdrawn; /* withdrawn: or empty */
};
/* The columns of a query that lists them from column `first` on, in this order: facility_id,
 * source, as_of, since, field_dates, withdrawn, directories, the fields, latitude, longitude,
 * quality, external_id. Slices live as long as the cursor's row. */
void listing_row_read(const struct store_cursor *cursor, int first, struct listing_row *out);
/* Copy a row with all its texts into the arena. */
void listing_row_copy(struct arena *arena, const struct listing_row *from, struct listing_row *to);
/* Put a new listing, or all of one that stands, in place. */
bool listing_row_insert(struct store_transaction *transaction, const struct listing_row *row,
                        struct error *error);
bool listing_row_update(struct store_transaction *transaction, const struct listing_row *row,
                        struct error *error);
/* Load one; false with ERROR_NOT_FOUND when there is none. */
bool listing_row_load(struct store_transaction *transaction, struct arena *arena,
                      struct text facility_id, struct text source, struct listing_row *out,
                      struct error *error);
/* Since when a field's value stands, of a listing. */
struct text listing_row_since(const struct listing_row *row, enum facility_field field);
/* "name=date …" for the fields of `fresh` that differ from those of `old`, as of `as_of`, and for
 * those that differed before. */
struct text listing_row_dates(struct arena *arena, const struct listing_row *old,
                              const struct listing *fresh, struct text as_of);

/* --- listing_match.c: identity across releases (design section 4) --------------------------- */

enum match_how { MATCH_NOTHING, MATCH_SAME, MATCH_RENAMED };

/* A listing that stands in the store. */
struct match_old {
  struct listing_keys keys;
  size_t facility; /* index of its facility */
  unsigned directories;
  bool own;       /* of the source that is imported now */
  bool withdrawn; /* the source no longer names it */
};
/* A listing of the release. */
struct match_new {
  struct listing_keys keys;
  unsigned directories;
  size_t facility; /* out: index of the facility it is, when `how` says so */
  enum match_how how;
  bool matched_own; /* out: by a listing of its own source */
};
/*
 * Say for each new listing which facility it is. No facility is given twice. In order: its own
 * source's listings (both names, streets, ZIP; the source's own id; name1, street1 and ZIP with
 * name2, street2, then phone to break ties; the same street, ZIP and phone: renamed), those that
 * stand before those withdrawn, which are never renamed; then other sources': the whole identity,
 * and where both are of one directory, the looser steps too. Pure; O(n log n).
 */
void listing_match(const struct match_old *old, size_t old_count, struct match_new *fresh,
                   size_t fresh_count, size_t facility_count);

#endif
