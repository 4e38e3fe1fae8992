/*
 * Anchors: the heads of the chains, written down outside the database. Whoever can change the
 * database can cut the end of a chain and leave no trace in it; a head that was written elsewhere
 * shows it. Not here: when (the keeper: each hour and at the end), comparing (audit_verify.c).
 *
 *   time program seq hash link        "-" is the installation's own chain
 *
 * Invariants: lines are added and flushed, never changed; link = SHA-256(link before | the line up
 * to the hash), so that an edit of the file itself shows. Several processes may write one file.
 * Threads: any.
 */
#include "privacy/audit_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <syslog.h>
#include <unistd.h>

enum { HEX = 2 * AUDIT_HASH };

/* --- Heads --------------------------------------------------------------------------------- */

struct one_head {
  struct text program_id;
  int64_t seq, anchored; /* `anchored`: the last seq that the file has */
  unsigned char hash[AUDIT_HASH];
};

struct heads {
  struct arena *arena;
  struct one_head *items;
  size_t count, room;
};

bool audit_program_next(struct store_transaction *transaction, struct arena *arena, bool first,
                        struct text *program_id, bool *found, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool good = first ? store_query(transaction, &cursor,
                                  "SELECT program_id FROM audit_entry WHERE program_id >= $1"
                                  " ORDER BY program_id LIMIT 1",
                                  STORE_BIND(STORE_T(*program_id)), error)
                    : store_query(transaction, &cursor,
                                  "SELECT program_id FROM audit_entry WHERE program_id > $1"
                                  " ORDER BY program_id LIMIT 1",
                                  STORE_BIND(STORE_T(*program_id)), error);
  good = good && store_next(cursor, found, error);
  if (good && *found) *program_id = text_copy(arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  return good;
}

static bool read_heads(struct store_transaction *transaction, void *context, struct error *error)
{
  struct heads *heads = context;
  struct text program_id = TEXT("");
  bool found = true;
  heads->count = 0;
  for (bool first = true;; first = false) {
    if (!audit_program_next(transaction, heads->arena, first, &program_id, &found, error))
      return false;
    if (!found) return true;
    if (heads->count == heads->room) {
      size_t room = heads->room ? 2 * heads->room : 16;
      struct one_head *larger = arena_allocate_array(heads->arena, room, sizeof *larger);
      if (heads->count) memcpy(larger, heads->items, heads->count * sizeof *larger);
      heads->items = larger;
      heads->room = room;
    }
    struct one_head *head = &heads->items[heads->count++];
    *head = (struct one_head){.program_id = program_id};
    if (!audit_head_read(transaction, program_id, &head->seq, head->hash, error)) return false;
  }
}

/* Heads are in byte order of their programs. */
static struct one_head *find_head(const struct heads *heads, struct text program_id)
{
  size_t low = 0, high = heads->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = text_compare(heads->items[middle].program_id, program_id);
    if (order == 0) return &heads->items[middle];
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return NULL;
}

/* --- Lines --------------------------------------------------------------------------------- */

static void make_link(const unsigned char before[AUDIT_HASH], struct text content,
                      unsigned char out[AUDIT_HASH])
{
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, before, AUDIT_HASH);
  crypto_hash_sha256_update(&state, (const unsigned char *)content.at, content.length);
  crypto_hash_sha256_final(&state, out);
}

static bool read_hash(struct text digits, unsigned char out[AUDIT_HASH])
{
  size_t length = 0;
  return digits.length == HEX &&
         sodium_hex2bin(out, AUDIT_HASH, digits.at, digits.length, NULL, &length, NULL) == 0 &&
         length == AUDIT_HASH;
}

bool audit_anchor_read(struct text line, const unsigned char before[AUDIT_HASH],
                       struct audit_anchor_line *out, bool *joined)
{
  struct text rest = line, time, program, seq, hash, link;
  unsigned char expected[AUDIT_HASH];
  if (!text_split_next(&rest, ' ', &time) || !text_split_next(&rest, ' ', &program) ||
      !text_split_next(&rest, ' ', &seq) || !text_split_next(&rest, ' ', &hash) ||
      !text_split_next(&rest, ' ', &link) || rest.length || !program.length ||
      !text_read_integer(seq, &out->seq) || !read_hash(hash, out->hash) ||
      !read_hash(link, out->link))
    return false;
  out->program_id = text_equal(program, TEXT("-")) ? TEXT("") : program;
  make_link(before, text_slice(line, 0, line.length - HEX - 1), expected);
  *joined = memcmp(expected, out->link, AUDIT_HASH) == 0;
  return true;
}

static void add_line(struct text_buffer *out, struct arena *arena, const struct one_head *head,
                     int64_t now, unsigned char link[AUDIT_HASH])
{
  char digits[HEX + 1];
  struct text program = head->program_id.length ? head->program_id : TEXT("-");
  struct text content = text_format(arena, "%.*s %.*s %lld %s", TEXT_PRINT(time_format(arena, now)),
                                    TEXT_PRINT(program), (long long)head->seq,
                                    sodium_bin2hex(digits, sizeof digits, head->hash, AUDIT_HASH));
  make_link(link, content, link);
  text_buffer_add(out, content);
  text_buffer_add_character(out, ' ');
  text_buffer_add(out, text_from(sodium_bin2hex(digits, sizeof digits, link, AUDIT_HASH)));
  text_buffer_add_character(out, '\n');
}

/* --- The file ------------------------------------------------------------------------------ */

static bool fail_for_file(const char *verb, const char *path, struct error *error)
{
  return error_set(error, ERROR_SYSTEM, "error.audit.anchor",
                   "Check that the folder exists and that the program may write to it.",
                   "%s %s: %s", verb, path, strerror(errno));
}

/* Read what stands: the last link, and the last seq of each program. A last line without its end is
 * one that was never finished: cut it off. */
static bool read_file(FILE *stream, const struct heads *heads, unsigned char link[AUDIT_HASH])
{
  char line[LIMIT_AUDIT_ANCHOR_LINE];
  long whole = 0;
  memset(link, 0, AUDIT_HASH);
  rewind(stream);
  while (fgets(line, sizeof line, stream)) {
    struct text t = text_from(line);
    struct audit_anchor_line anchor;
    bool joined;
    bool is_whole = text_ends_with(t, TEXT("\n"));
    if (!is_whole && feof(stream)) break;
    whole = ftell(stream);
    if (!is_whole || !audit_anchor_read(text_slice(t, 0, t.length - 1), link, &anchor, &joined))
      continue;
    memcpy(link, anchor.link, AUDIT_HASH);
    struct one_head *head = find_head(heads, anchor.program_id);
    if (head) head->anchored = anchor.seq;
  }
  return !ferror(stream) && (feof(stream) ? ftruncate(fileno(stream), whole) == 0 : false);
}

static bool write_all(int handle, struct text bytes)
{
  while (bytes.length) {
    ssize_t written = write(handle, bytes.at, bytes.length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = text_slice(bytes, (size_t)written, bytes.length);
  }
  return true;
}

static bool flush_folder(struct arena *arena, const char *path)
{
  struct text t = text_from(path);
  size_t slash = t.length;
  while (slash && t.at[slash - 1] != '/') slash--;
  const char *folder = slash ? text_c(arena, text_slice(t, 0, slash)) : ".";
  int handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool good = handle >= 0 && fsync(handle) == 0;
  if (handle >= 0) close(handle);
  return good;
}

/* Add a line for each head that the file does not have. */
static bool add_to_file(FILE *stream, const struct heads *heads, const char *path, int64_t now,
                        struct error *error)
{
  unsigned char link[AUDIT_HASH];
  struct text_buffer lines;
  if (flock(fileno(stream), LOCK_EX) != 0) return fail_for_file("lock", path, error);
  if (!read_file(stream, heads, link)) return fail_for_file("read", path, error);
  bool is_new = ftell(stream) == 0;
  text_buffer_init(&lines, LIMIT_FILE_WHOLE);
  for (size_t i = 0; i < heads->count; i++)
    if (heads->items[i].seq > heads->items[i].anchored)
      add_line(&lines, heads->arena, &heads->items[i], now, link);
  bool good = !lines.over && write_all(fileno(stream), text_buffer_get(&lines)) &&
              (!lines.length || fsync(fileno(stream)) == 0) &&
              (!is_new || flush_folder(heads->arena, path));
  text_buffer_fini(&lines);
  return good || fail_for_file("write", path, error);
}

static bool write_to_file(const struct heads *heads, const char *path, int64_t now,
                          struct error *error)
{
  int handle = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  FILE *stream = handle >= 0 ? fdopen(handle, "r+") : NULL;
  if (!stream) {
    fail_for_file("open", path, error);
    if (handle >= 0) close(handle);
    return false;
  }
  bool good = add_to_file(stream, heads, path, now, error);
  if (fclose(stream) != 0 && good) good = fail_for_file("close", path, error);
  return good;
}

static void write_to_syslog(const struct heads *heads)
{
  for (size_t i = 0; i < heads->count; i++) {
    const struct one_head *head = &heads->items[i];
    char digits[HEX + 1];
    if (head->seq == head->anchored) continue;
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "fairlead audit head: program=%.*s seq=%lld hash=%s",
           TEXT_PRINT(head->program_id.length ? head->program_id : TEXT("-")), (long long)head->seq,
           sodium_bin2hex(digits, sizeof digits, head->hash, AUDIT_HASH));
  }
}

bool audit_anchor(struct store *store, const struct audit_anchors *anchors, int64_t now,
                  struct error *error)
{
  struct heads heads = {.arena = arena_new(LIMIT_ARENA_REQUEST)};
  bool good = store_read(store, read_heads, &heads, error) &&
              (!anchors->file || write_to_file(&heads, anchors->file, now, error));
  if (good && anchors->syslog) write_to_syslog(&heads);
  arena_free(heads.arena);
  return good;
}
