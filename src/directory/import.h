/*
 * Import: a directory file into the store, all or nothing.
 */
#ifndef FAIRLEAD_DIRECTORY_IMPORT_H
#define FAIRLEAD_DIRECTORY_IMPORT_H

#include "base/base.h"
#include "directory/needs.h"
#include "directory/places.h"
#include "store/store.h"

/* A row that was refused or mended, or a label that was kept raw. */
struct import_problem {
  struct text file, field, what, mend;
  int64_t row;  /* as a spreadsheet counts: 1 is the header; 0: the file itself */
  bool refused; /* false: a warning, the row was taken */
};

/*
 * read = refused + merged + fresh + changed + renamed + unchanged. Merged are rows that repeat
 * another of the file, and rows that join a facility which only other sources named before.
 */
struct import_counts {
  int64_t read, fresh, changed, renamed, unchanged, merged, vanished, refused;
  int64_t unknown_labels; /* distinct labels or codes that the dictionary lacks */
  int64_t coordinates_rejected;
  int64_t invented_removed; /* demo facilities that made room for real ones */
};

struct import_report {
  struct import_counts counts;
  struct import_problem *problems; /* the first LIMIT_IMPORT_PROBLEMS */
  size_t problem_count, problem_total;
  struct text source, as_of, format; /* format: "directory-xlsx", "wide-csv", "plain-csv",
                                        "findtreatment-json", "demo" */
  bool partial;                      /* some of the source's rows only: nothing vanished by it */
  bool nothing_changed;
};

/* Where it goes, and what it is understood by. */
struct import_target {
  struct store *store;
  const struct needs *needs;
  const struct places *places;
};

struct import_options {
  struct text source; /* "": by the form of the file */
  struct text as_of; /* "": the year in the file's name, else the document's own date, else today */
  const char *knowledge_folder; /* NULL: as installed with the program */
  bool allow_vanishing;         /* take a release in which most of a large source is missing */
  void (*progress)(void *context, const char *stage, int64_t done, int64_t total); /* or NULL */
  void *progress_context;
};

/* Import one file (its bytes are on disk at `path`; `name` is what the person called it).
 * On failure nothing in the store has changed, and the report says why, row by row. */
bool import_file(const struct import_target *target, const char *path, struct text name,
                 const struct import_options *options, struct arena *arena,
                 struct import_report *report, struct error *error);
/* Fetch an https address to a file in `folder`, with progress; only https, redirects to https,
 * at most LIMIT_IMPORT_FILE bytes and LIMIT_DOWNLOAD_SECONDS. */
bool import_download(const char *address, const char *folder, struct arena *arena, char **path,
                     const struct import_options *options, struct error *error);
/* Put `count` made-up facilities from a fixed seed into the store, marked as invented. Refused when
 * real ones stand there: a demo never mixes with them. */
bool import_demo(const struct import_target *target, size_t count,
                 const struct import_options *options, struct arena *arena,
                 struct import_report *report, struct error *error);

/* The official sources of knowledge/sources.csv. */
struct import_source {
  struct text name, title, address, note;
};
bool import_sources(struct arena *arena, const char *knowledge_folder, struct import_source **out,
                    size_t *count, struct error *error);

#endif
