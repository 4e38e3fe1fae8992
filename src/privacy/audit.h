/*
 * audit: what was done, by whom, to whose record; append-only, chained, anchored outside.
 *
 *   audit_append() ─▶ audit_waiting ─▶ the sealer, within a second ─▶ audit_entry (seq, hash)
 *                                                     └─▶ anchors (file, syslog)
 *
 * One chain a program ("" is the installation's own). hash = SHA-256(hash before | canonical bytes
 * of the entry). The database refuses to change or take away an entry. A detail never holds a
 * record's words: ids, counts, names of fields. Threads: any; one sealer at a time, whichever
 * server holds the lease.
 */
#ifndef FAIRLEAD_PRIVACY_AUDIT_H
#define FAIRLEAD_PRIVACY_AUDIT_H

#include "privacy/actor.h"
#include "store/store.h"

struct privacy;

enum audit_outcome { AUDIT_DONE, AUDIT_DENIED, AUDIT_FAILED };

struct audit_entry {
  struct text program_id;
  const struct actor *actor; /* NULL: nobody had signed in */
  struct text object, act;   /* words of roles.csv */
  struct text object_id;     /* or "" */
  struct text person_id;     /* whose record, or "" */
  struct text purpose;       /* TREAT, HPAYMT, HOPERAT, BTG, …; "" when none is needed */
  enum audit_outcome outcome;
  const struct value *detail; /* or NULL; see below */
  int64_t at;                 /* microseconds UTC, not before 1970 */
};
/* Write history: the only way. In the transaction of the act itself; one insert. `detail` is an
 * object of numbers, yes and no, ids, codes and names of fields, and lists of such; a text with a
 * space is refused (ERROR_SYSTEM), and a key that knowledge/audit-details.csv does not list stops a
 * debug build. Texts longer than LIMIT_AUDIT_WORD are cut; one that is no UTF-8 stands as
 * "not-text". */
bool audit_append(struct store_transaction *transaction, const struct audit_entry *entry,
                  struct error *error);

/* Link everything that waits, all programs, in one transaction a batch; `*sealed` is their number.
 */
bool audit_seal(struct store *store, int64_t now, size_t *sealed, struct error *error);
/* How many entries wait, and since when the oldest does (0: none). */
bool audit_waiting(struct store *store, int64_t *count, int64_t *oldest, struct error *error);

/* Write the present heads outside; a line for each program whose head moved. */
struct audit_anchors {
  const char *file; /* or NULL */
  bool syslog;
};
/* `file` is made, for its owner alone, when it is not there; what is added is on disk when this
 * answers. */
bool audit_anchor(struct store *store, const struct audit_anchors *anchors, int64_t now,
                  struct error *error);

/* What is wrong with a chain. */
struct audit_problem {
  struct text program_id; /* "" the installation's own chain */
  int64_t seq;            /* of the entry, or the line of the anchors' file */
  const char *what;       /* a catalog key: audit.changed, audit.gap, audit.cut, … */
};
/* Who watches a verification; each may be NULL. */
struct audit_watch {
  void (*problem)(void *context, const struct audit_problem *problem);
  void (*progress)(void *context, int64_t entries); /* every few thousand */
  void *context;
};
struct audit_verified {
  int64_t programs, entries, anchors, waiting, problems;
};
/* Recompute every chain and compare with the anchors' file (NULL: none is at hand, and a cut tail
 * cannot be seen). Memory does not grow with the chains. Answers false only when it could not look,
 * also when there is no such file. */
bool audit_verify(struct store *store, const char *anchor_file, const struct audit_watch *watch,
                  struct audit_verified *out, struct error *error);

/* Reading it. Seals first, so that nothing of the past second is missing. */
struct audit_query {
  struct text program_id;
  struct text person_id, account_id, object, act; /* "" each: any */
  int64_t from, until;                            /* microseconds UTC; 0: open */
  int64_t before_seq; /* page: entries older than this one; 0, or none of that seq: the newest */
  size_t limit;
};
struct audit_row {
  int64_t seq, at;
  struct text actor_kind, account_id, actor_name, station_id, object, act, object_id, person_id,
      purpose, outcome, detail; /* detail: JSON */
};
/* Newest first by the time of the act, then by seq; in the arena; the transaction must be one that
 * writes. It costs what it shows, but for a filter on top of a person's or an account's entries.
 * Who reads has come through access_open(), which wrote the reading into the audit. */
bool audit_read(struct store_transaction *transaction, struct arena *arena,
                const struct audit_query *query, int64_t now, struct audit_row **out, size_t *count,
                struct error *error);

#endif
