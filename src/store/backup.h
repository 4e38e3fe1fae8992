/*
 * backup: the whole database in one encrypted file, and back again.
 *
 *   one snapshot ─▶ rows of every table ─▶ XChaCha20-Poly1305 in chunks ─▶ file ─▶ read back whole
 *   file ─▶ read whole ─▶ a new database beside the old ─▶ checks ─▶ one swap
 *
 * The file holds rows, not pages of an engine: what one engine wrote, the other takes. It is named
 * only after it was read back; the old database stands whole until the swap, which happens at once
 * or not at all, and is kept under another name. The master key and seal.key are never in a backup
 * of records; the key store has backups of its own (kind "keys").
 * Threads: any; one backup or restore at a time for a database. Source: docs/operations.md.
 */
#ifndef FAIRLEAD_STORE_BACKUP_H
#define FAIRLEAD_STORE_BACKUP_H

#include "store/store.h"

/* --- The key ------------------------------------------------------------------------------- */

struct backup_key;
/* Make a new key file, its owner's alone. Refuses one that is there. */
bool backup_key_make(const char *path, struct error *error);
/* Load a key file: a line of 64 hexadecimal digits for each key; the first one seals, each opens.
 * Refuses a file that others than its owner may read or write. Held out of swap, wiped when freed.
 */
bool backup_key_load(struct backup_key **out, const char *path, struct error *error);
/* NULL is fine. */
void backup_key_free(struct backup_key *key);

/* --- Backup -------------------------------------------------------------------------------- */

/* Hears the table at work and how many rows are done in all. */
typedef void backup_progress(void *context, struct text table, int64_t rows);

/* A file that travels with the rows. One that does not exist travels as an empty one. */
struct backup_extra {
  const char *name; /* "erased": a word of the caller's */
  const char *path;
};
struct backup_options {
  const char *kind;    /* "records" or "keys" */
  const char *program; /* the program's version */
  const struct backup_extra *extras;
  size_t extra_count;
  bool may_replace; /* an older backup of the same name */
  backup_progress *progress;
  void *context;
};
/* What a backup says of itself. */
struct backup_manifest {
  struct text kind, program, engine, at; /* `at` as "2026-11-21T03:04:05.000006Z" */
  int64_t migrations, tables, rows;
  const struct value *document; /* all of it: migrations with their hashes, rows of each table */
};

/* Write one snapshot of the store to `path`, read it back whole, then name it. The manifest lives
 * in the arena, which must outlive the store. On false nothing is left but an older file. */
bool backup_write(struct store *store, const char *path, const struct backup_key *key,
                  const struct backup_options *options, struct arena *arena,
                  struct backup_manifest *out, struct error *error);
/* Read a backup whole: every chunk opens, in order and to the end, and holds what its manifest
 * says. Refuses anything else (ERROR_REFUSED), naming what is wrong. */
bool backup_check(const char *path, const struct backup_key *key, backup_progress *progress,
                  void *context, struct arena *arena, struct backup_manifest *out,
                  struct error *error);
/* Give a travelling file's content, in the arena; `*found` false when the backup has none of that
 * name. At most LIMIT_BACKUP_VALUE. */
bool backup_extra_read(const char *path, const struct backup_key *key, const char *name,
                       struct arena *arena, struct text *out, bool *found, struct error *error);

/* --- Restore ------------------------------------------------------------------------------- */

struct restore;
struct restore_options {
  const char *address;    /* where the database is to be */
  const char *migrations; /* the program's own */
  bool may_replace;       /* a database that is not empty */
  backup_progress *progress;
  void *context;
};
/* Check the backup whole, then fill a new database beside `address` with it: the schema as of the
 * backup, its rows, then newer migrations; counted and checked. Refuses a backup whose migrations
 * are not ours, one of a newer program, and, without may_replace, a database that holds anything.
 * The arena must outlive `*out`. */
bool restore_open(struct restore **out, const char *path, const struct backup_key *key,
                  const struct restore_options *options, struct arena *arena,
                  struct backup_manifest *manifest, struct error *error);
/* The new database, for further checks before the swap; borrowed, gone after it. */
struct store *restore_store(struct restore *restore);
/* Put the new database in the place of the old, at once or not at all. `*kept` names what the old
 * one is called now, in the arena; "" when there was none. SQLite: refused while a program has the
 * old one open. */
bool restore_swap(struct restore *restore, struct arena *arena, struct text *kept,
                  struct error *error);
/* Take the new database away unless it was swapped in. NULL is fine. */
void restore_close(struct restore *restore);

#endif
