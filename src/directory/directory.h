/*
 * directory: the facilities. What is listed, where it is, what it offers; and the search over it.
 *
 *   file or address ──import──▶ store ──snapshot build──▶ directory-<checksum>.snapshot ──▶ search
 *
 * This header is the table of contents and the room's front door. Data flows one way: import writes
 * listings to the store and names a new snapshot; searching reads the snapshot and never the store.
 */
#ifndef FAIRLEAD_DIRECTORY_DIRECTORY_H
#define FAIRLEAD_DIRECTORY_DIRECTORY_H

#include "base/base.h"
#include "directory/facility.h" /* one site, with every field's source and date */
#include "directory/import.h"   /* files of four forms into the store */
#include "directory/needs.h"    /* knowledge: service codes, needs, synonyms, signs of quality */
#include "directory/overlay.h"  /* what is said of free places, beside the snapshot */
#include "directory/places.h"   /* ZIPs, cities, counties, states; what a person typed */
#include "directory/search.h"   /* query in, answer out: the pure engine */
#include "directory/snapshot.h" /* the immutable file that is searched */
#include "store/store.h"

/*
 * An open directory: knowledge, places and the snapshot that is current.
 * Threads: any number may acquire, search and release; one calls directory_refresh().
 */
struct directory;

/* Open what lies in `data_folder`. Knowledge and places come from `share_folder`. A data folder
 * without a snapshot opens empty (directory_acquire() answers NULL), unless `store` has facilities:
 * then one is built; a damaged, outdated or unreadable snapshot is logged by name and rebuilt from
 * `store` (NULL: refused instead). */
bool directory_open(struct directory **out, const char *data_folder, const char *share_folder,
                    struct store *store, struct error *error);
void directory_close(struct directory *directory);
/* Borrow the snapshot that is current now; NULL when there is none. Release it when done. */
const struct snapshot *directory_acquire(struct directory *directory);
void directory_release(struct directory *directory, const struct snapshot *snapshot);
/* Look whether directory.current names another file; map and verify it, swap. Call each second. A
 * file that cannot be taken up, nor built anew, is tried again every LIMIT_DIRECTORY_RETRY_SECONDS.
 */
bool directory_refresh(struct directory *directory, bool *swapped, struct error *error);
/* Build a snapshot of the store's facilities and name it current, when no other process builds in
 * this folder. */
bool directory_rebuild(struct directory *directory, struct store *store, struct error *error);

/* What is said of free places from now on: takes the overlay (NULL: nothing is said) and lets go of
 * the one before, which lives until its last reader is done. */
void directory_publish(struct directory *directory, struct overlay *overlay);
/* Hold the overlay that is current now; NULL when there is none. Release it when done. */
const struct overlay *directory_overlay_acquire(struct directory *directory);
void directory_overlay_release(struct directory *directory, const struct overlay *overlay);

const struct needs *directory_needs(const struct directory *directory);
const struct places *directory_places(const struct directory *directory);

/* A whole search request, as the API, the pages and the command line hand it on (design §6). */
struct directory_request {
  struct text q;     /* what was typed in the one box: a place, words, or both */
  struct text near;  /* a place, only */
  double within;     /* miles; 0: no radius */
  struct text state; /* two letters, or empty */
  const struct text *needs;
  size_t need_count;
  const struct text *codes; /* raw service codes, any case; each must be present */
  size_t code_count;
  enum search_sort sort;
  size_t limit; /* 1 to LIMIT_RESULTS_PAGE */
  struct text cursor;
  bool facets;
  size_t language;               /* of labels and reasons: the catalog's index */
  const struct overlay *overlay; /* held by whoever asks; or NULL */
};

/* Everything an answer needs to become a page or a document; lives in the arena. */
struct directory_answer {
  const struct value *result; /* exactly the API's document */
  struct search_answer search;
  struct place_answer place;    /* how q and near were understood */
  struct text words;            /* the rest of q that was searched as words */
  const char *state_from_place; /* two letters when q named a state, which then filters; or NULL */
};

/* Read the name of an order ("best", "distance", "name"; "" is "best"). */
bool directory_read_sort(struct text name, enum search_sort *out);

/*
 * Understand, search, loosen, explain. `snapshot` NULL answers an empty directory. Refuses
 * (ERROR_REFUSED; the log text names the parameter, the hint what is allowed, neither what was
 * given) an unknown need, code, state, sort or cursor, a limit out of range, and a radius without a
 * place. A place that is ambiguous or unknown is no error: the answer holds the candidates.
 * Everything in the answer lives in the arena.
 */
bool directory_find(struct directory *directory, const struct snapshot *snapshot,
                    const struct catalog *catalog, struct arena *arena,
                    const struct directory_request *request, struct directory_answer *out,
                    struct error *error);

#endif
