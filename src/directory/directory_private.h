/*
 * What directory.c, find.c and answer.c share: the open directory.
 */
#ifndef FAIRLEAD_DIRECTORY_DIRECTORY_PRIVATE_H
#define FAIRLEAD_DIRECTORY_DIRECTORY_PRIVATE_H

#include <pthread.h>

#include "directory/directory.h"
#include "directory/overlay_private.h"

enum { WORKSPACES_KEPT = 64, FACET_KEY_PIECE = 16 };

/* A mapped snapshot and who reads it. It is unmapped when it is no longer current and the last
 * reader is done. */
struct held_snapshot {
  struct snapshot *snapshot;
  struct held_snapshot *older;
  size_t readers;
};

struct directory {
  struct arena *arena; /* lives as long; the texts below */
  const char *folder;
  struct needs *needs;
  struct places *places;
  struct store *store; /* of directory_open(); not owned */
  /* `"name":` with a comma before all but the first: what facets are written from. Memory goes on
   * for FACET_KEY_PIECE behind each, so that it can be copied by pieces. */
  struct text facet_keys[NEEDS_MAXIMUM];
  struct text need_names[NEEDS_MAXIMUM];                  /* "name" with its quotes */
  struct text need_labels[NEED_LANGUAGES][NEEDS_MAXIMUM]; /* the label as a JSON string */
  struct text sign_labels[NEED_LANGUAGES][SIGNS_MAXIMUM];
  struct text no_facets; /* every need with 0 */

  pthread_mutex_t refreshing; /* one refresh or rebuild at a time; taken before `lock` */
  struct text_buffer name;    /* of the current file; guarded by `refreshing` */
  struct text_buffer refused; /* a file that could not be taken up, so that it is named once … */
  int64_t retry_at;           /* … until then, on the monotonic clock */

  pthread_mutex_t lock;       /* guards what follows, for an instant */
  struct held_snapshot *held; /* the current one first; those still read behind it */
  struct overlay *overlay;    /* the current one, or NULL … */
  struct search_workspace *workspaces[WORKSPACES_KEPT];
  size_t workspace_count;
  _Atomic bool has_overlay; /* … then false; read without the lock, so that none costs nothing */
};

/* Borrow scratch memory for one search, and give it back. */
struct search_workspace *directory_workspace_take(struct directory *directory);
void directory_workspace_give(struct directory *directory, struct search_workspace *workspace);

/* How a request was understood, on its way to an answer. */
struct directory_finding {
  struct directory *directory;
  const struct snapshot *snapshot;
  const struct catalog *catalog;
  struct arena *arena;
  const struct directory_request *request;
  struct search_query query;
  size_t needs[LIMIT_QUERY_NEEDS], codes[LIMIT_QUERY_CODES]; /* what `query` points to */
};
/* Write the document of an answered search, or of a place that must be asked about first. */
const struct value *directory_write_answer(const struct directory_finding *finding,
                                           const struct directory_answer *answer);

#endif
