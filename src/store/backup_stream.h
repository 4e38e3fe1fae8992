/*
 * backup_stream: what stands inside a backup: a head, tables with their rows, travelling files, an
 * end that counts them. Private to backups.
 *
 *   'H' JSON | { 'T' name, columns | 'R' values … } | { 'X' name, bytes } | 'E' JSON
 *   JSON and bytes: length 4, content. Names: length 1, content. Columns: count 2, names.
 *   A value: 'n' | 'i' 8 | 'd' 8 | 't' length 4, content | 'b' length 4, content
 *   Numbers are little-endian. The end holds the SHA-256 of everything up to its 'E'.
 *
 * Invariants of what is read: names are of lower-case letters, digits and '_'; text is UTF-8
 * without NUL; a row has its table's number of values. Threads: one at a time.
 */
#ifndef FAIRLEAD_STORE_BACKUP_STREAM_H
#define FAIRLEAD_STORE_BACKUP_STREAM_H

#include "store/backup_file.h"

struct backup_table {
  struct text name;
  const struct text *columns;
  size_t column_count;
};

/* --- Writing ------------------------------------------------------------------------------- */

bool backup_write_json(struct backup_writer *writer, char tag, const struct value *document,
                       struct error *error);
bool backup_write_table(struct backup_writer *writer, const struct backup_table *table,
                        struct error *error);
bool backup_write_row(struct backup_writer *writer, const struct store_value *values, size_t count,
                      struct error *error);
bool backup_write_extra(struct backup_writer *writer, const char *name, struct text content,
                        struct error *error);
/* Write the end, which counts and hashes, and finish the file. */
bool backup_write_end(struct backup_writer *writer, struct value *counts, struct arena *arena,
                      struct error *error);

/* --- Reading ------------------------------------------------------------------------------- */

enum backup_part { BACKUP_HEAD, BACKUP_TABLE, BACKUP_ROW, BACKUP_EXTRA, BACKUP_END };

struct backup_stream {
  struct backup_reader *reader;
  struct arena *arena;     /* head, tables, end */
  struct arena *row;       /* cleared before each row and travelling file */
  struct text_buffer room; /* for long content */
  enum backup_part part;
  const struct value *document; /* BACKUP_HEAD, BACKUP_END */
  struct backup_table table;    /* the last one */
  struct store_value *values;   /* BACKUP_ROW */
  struct text name, content;    /* BACKUP_EXTRA */
  bool has_begun, has_table;
};
/* Borrows the reader; the arena gets what lives as long as the stream is read. */
void backup_stream_init(struct backup_stream *stream, struct backup_reader *reader,
                        struct arena *arena);
void backup_stream_fini(struct backup_stream *stream);
/* Read the next part. The head comes first; the end has been compared with the hash and is the
 * last: nothing may be read behind it. */
bool backup_stream_next(struct backup_stream *stream, struct error *error);

/* Is it a name that may stand in SQL as it is? */
bool backup_name_check(struct text name);

#endif
