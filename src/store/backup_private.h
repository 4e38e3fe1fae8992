/*
 * What the files of backup and restore share. Private to backups.
 */
#ifndef FAIRLEAD_STORE_BACKUP_PRIVATE_H
#define FAIRLEAD_STORE_BACKUP_PRIVATE_H

#include "store/backup_stream.h"
#include "store/engine.h"

/* Is the engine of this transaction PostgreSQL? */
bool backup_is_postgresql(struct store_transaction *transaction);
/* While the rooms of SQLite's own description are asked, which others may not enter. */
void backup_trust(struct store_transaction *transaction, bool is_trusted);
/* A whole table takes longer than a page may: lift the server's limits in this transaction. */
bool backup_take_time(struct store_transaction *transaction, struct error *error);
/* Tables of the database, less `migration`, by name; and the columns of one in their order. In the
 * arena. */
bool backup_tables(struct store_transaction *transaction, struct arena *arena, struct text **out,
                   size_t *count, struct error *error);
bool backup_columns(struct store_transaction *transaction, struct arena *arena, struct text table,
                    struct text **out, size_t *count, struct error *error);

/* Read a backup to its end, handing on each part; the manifest is filled and checked against what
 * was read. The arena gets the manifest. */
typedef bool backup_part_function(void *context, const struct backup_stream *stream,
                                  struct error *error);
bool backup_walk(const char *path, const struct backup_key *key, struct arena *arena,
                 backup_part_function *each, void *context, struct backup_manifest *out,
                 struct error *error);
/* The same from an open reader. */
bool backup_walk_reader(struct backup_reader *reader, struct arena *arena,
                        backup_part_function *each, void *context, struct backup_manifest *out,
                        struct error *error);

/* --- The place beside the old database, for one engine each --------------------------------- */

struct restore_place {
  const char *address; /* where the database is to be */
  const char *beside;  /* where it is filled */
  const char *schema;  /* PostgreSQL: of the old */
  const char *beneath; /* PostgreSQL: of the new */
  bool may_replace;
};
/* Prepare an empty place; refuses when the old database holds anything and may not be replaced. */
bool restore_place_open(struct restore_place *place, struct arena *arena, struct error *error);
bool restore_place_swap(const struct restore_place *place, struct arena *arena, struct text *kept,
                        struct error *error);
/* Take what was filled away. */
void restore_place_drop(const struct restore_place *place);
/* Let rows come in any order: references are looked at by restore_check_references(), or at the
 * commit. */
bool restore_defer_references(struct store_transaction *transaction, struct error *error);
bool restore_check_references(struct store_transaction *transaction, struct error *error);

/* Flush the folder that holds `path`, so that a rename in it survives a crash. */
bool backup_flush_folder_of(struct arena *arena, const char *path);

#endif
