/*
 * backup_file: an encrypted file of chunks, written and read from start to end. Private to backups.
 *
 *   "FAIRLEAD BACKUP 1\n" 18 | key id 16 | stream header 24 | chunks: length 4, sealed bytes
 *
 * libsodium's secretstream (XChaCha20-Poly1305) seals each chunk under a state that moves on, so
 * that a chunk that is cut, changed, repeated, left out or in another place does not open, and the
 * last one is marked as the last. The key's id tells a wrong key from a broken file.
 * Source: libsodium, crypto_secretstream_xchacha20poly1305. Threads: one at a time.
 */
#ifndef FAIRLEAD_STORE_BACKUP_FILE_H
#define FAIRLEAD_STORE_BACKUP_FILE_H

#include <stdio.h>

#include "store/backup.h"

struct backup_writer;
/* Make a file, its owner's alone; refuses one that is there. */
bool backup_writer_open(struct backup_writer **out, const char *path, const struct backup_key *key,
                        struct error *error);
bool backup_writer_add(struct backup_writer *writer, const void *bytes, size_t length,
                       struct error *error);
/* The SHA-256 of what was added so far, in the arena: lower-case hexadecimal. */
struct text backup_writer_hash(const struct backup_writer *writer, struct arena *arena);
/* Write the last chunk and flush all to disk. */
bool backup_writer_finish(struct backup_writer *writer, struct error *error);
/* NULL is fine. */
void backup_writer_close(struct backup_writer *writer);

struct backup_reader;
bool backup_reader_open(struct backup_reader **out, const char *path, const struct backup_key *key,
                        struct error *error);
/* The same from an open stream, which it closes. `name` is for errors, borrowed. */
bool backup_reader_open_stream(struct backup_reader **out, FILE *stream, const char *name,
                               const struct backup_key *key, struct error *error);
/* Read exactly `length` bytes. */
bool backup_reader_take(struct backup_reader *reader, void *into, size_t length,
                        struct error *error);
struct text backup_reader_hash(const struct backup_reader *reader, struct arena *arena);
/* Check that nothing follows, neither in the last chunk nor behind it. */
bool backup_reader_end(struct backup_reader *reader, struct error *error);
/* Refuse the file: what is wrong with it. Answers false. */
bool backup_reader_refuse(const struct backup_reader *reader, const char *what,
                          struct error *error);
/* NULL is fine. */
void backup_reader_close(struct backup_reader *reader);

/* Read the content of a key file. */
bool backup_key_read(struct backup_key **out, struct text content, struct error *error);

#endif
