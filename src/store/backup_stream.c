/*
 * What stands inside a backup: see backup_stream.h.
 */
#include "store/backup_stream.h"

#include <string.h>

/* --- Writing ------------------------------------------------------------------------------- */

static bool write_number(struct backup_writer *writer, uint64_t number, size_t bytes,
                         struct error *error)
{
  unsigned char out[8];
  for (size_t i = 0; i < bytes; i++) out[i] = (unsigned char)(number >> (8 * i));
  return backup_writer_add(writer, out, bytes, error);
}

static bool write_content(struct backup_writer *writer, struct text content, struct error *error)
{
  if (content.length > LIMIT_BACKUP_VALUE)
    return error_set(error, ERROR_TOO_LARGE, "error.backup.large",
                     "This is a fault of the program: report it.",
                     "a value of %zu bytes is too long for a backup", content.length);
  return write_number(writer, content.length, 4, error) &&
         backup_writer_add(writer, text_start(content), content.length, error);
}

static bool write_name(struct backup_writer *writer, struct text name, struct error *error)
{
  if (!backup_name_check(name))
    return error_set(error, ERROR_SYSTEM, "error.store.failed",
                     "Take away what does not belong to this database.",
                     "a table or column has the name \"%.*s\"", TEXT_PRINT(name));
  return write_number(writer, name.length, 1, error) &&
         backup_writer_add(writer, name.at, name.length, error);
}

bool backup_write_json(struct backup_writer *writer, char tag, const struct value *document,
                       struct error *error)
{
  struct text_buffer json;
  text_buffer_init(&json, LIMIT_BACKUP_JSON);
  json_write(document, &json);
  bool good = backup_writer_add(writer, &tag, 1, error) &&
              write_content(writer, text_buffer_get(&json), error);
  text_buffer_fini(&json);
  return good;
}

bool backup_write_table(struct backup_writer *writer, const struct backup_table *table,
                        struct error *error)
{
  bool good = backup_writer_add(writer, "T", 1, error) && write_name(writer, table->name, error) &&
              write_number(writer, table->column_count, 2, error);
  for (size_t i = 0; good && i < table->column_count; i++)
    good = write_name(writer, table->columns[i], error);
  return good;
}

static bool write_value(struct backup_writer *writer, const struct store_value *value,
                        struct error *error)
{
  static const char tags[] = {[STORE_NULL] = 'n',
                              [STORE_INTEGER] = 'i',
                              [STORE_TEXT] = 't',
                              [STORE_BYTES] = 'b',
                              [STORE_DECIMAL] = 'd'};
  uint64_t bits;
  if (!backup_writer_add(writer, &tags[value->kind], 1, error)) return false;
  switch (value->kind) {
  case STORE_NULL:
    return true;
  case STORE_INTEGER:
    return write_number(writer, (uint64_t)value->integer, 8, error);
  case STORE_DECIMAL:
    memcpy(&bits, &value->decimal, sizeof bits);
    return write_number(writer, bits, 8, error);
  case STORE_TEXT:
  case STORE_BYTES:
    break;
  }
  return write_content(writer, value->text, error);
}

bool backup_write_row(struct backup_writer *writer, const struct store_value *values, size_t count,
                      struct error *error)
{
  bool good = backup_writer_add(writer, "R", 1, error);
  for (size_t i = 0; good && i < count; i++) good = write_value(writer, &values[i], error);
  return good;
}

bool backup_write_extra(struct backup_writer *writer, const char *name, struct text content,
                        struct error *error)
{
  return backup_writer_add(writer, "X", 1, error) && write_name(writer, text_from(name), error) &&
         write_content(writer, content, error);
}

bool backup_write_end(struct backup_writer *writer, struct value *counts, struct arena *arena,
                      struct error *error)
{
  if (!backup_writer_add(writer, "E", 1, error)) return false;
  value_set(counts, "sha256", value_text(arena, backup_writer_hash(writer, arena)));
  struct text_buffer json;
  text_buffer_init(&json, LIMIT_BACKUP_JSON);
  json_write(counts, &json);
  bool good = write_content(writer, text_buffer_get(&json), error);
  text_buffer_fini(&json);
  return good && backup_writer_finish(writer, error);
}

/* --- Reading ------------------------------------------------------------------------------- */

bool backup_name_check(struct text name)
{
  if (name.length < 1 || name.length > LIMIT_BACKUP_NAME) return false;
  for (size_t i = 0; i < name.length; i++) {
    char c = name.at[i];
    bool is_letter = (c >= 'a' && c <= 'z') || c == '_';
    if (!is_letter && !(i > 0 && c >= '0' && c <= '9')) return false;
  }
  return true;
}

void backup_stream_init(struct backup_stream *stream, struct backup_reader *reader,
                        struct arena *arena)
{
  *stream = (struct backup_stream){
      .reader = reader, .arena = arena, .row = arena_new(LIMIT_ARENA_REQUEST)};
  text_buffer_init(&stream->room, LIMIT_BACKUP_VALUE);
}

void backup_stream_fini(struct backup_stream *stream)
{
  text_buffer_fini(&stream->room);
  arena_free(stream->row);
}

static bool refuse(const struct backup_stream *stream, const char *what, struct error *error)
{
  return backup_reader_refuse(stream->reader, what, error);
}

static bool read_number(struct backup_stream *stream, size_t bytes, uint64_t *out,
                        struct error *error)
{
  unsigned char in[8];
  if (!backup_reader_take(stream->reader, in, bytes, error)) return false;
  *out = 0;
  for (size_t i = 0; i < bytes; i++) *out |= (uint64_t)in[i] << (8 * i);
  return true;
}

/* Content of at most `most` bytes, in the arena. It is taken in pieces, so that a length that lies
 * costs no more memory than there are bytes. */
static bool read_content(struct backup_stream *stream, size_t most, struct arena *arena,
                         struct text *out, struct error *error)
{
  uint64_t length;
  char piece[4096];
  if (!read_number(stream, 4, &length, error)) return false;
  if (length > most) return refuse(stream, "a value is too long", error);
  text_buffer_clear(&stream->room);
  for (size_t left = (size_t)length; left;) {
    size_t step = left < sizeof piece ? left : sizeof piece;
    if (!backup_reader_take(stream->reader, piece, step, error)) return false;
    text_buffer_add(&stream->room, (struct text){piece, step});
    left -= step;
  }
  *out = text_copy(arena, text_buffer_get(&stream->room));
  return true;
}

static bool read_name(struct backup_stream *stream, struct arena *arena, struct text *out,
                      struct error *error)
{
  char name[256];
  uint64_t length;
  if (!read_number(stream, 1, &length, error) ||
      !backup_reader_take(stream->reader, name, (size_t)length, error))
    return false;
  struct text read = {name, (size_t)length};
  if (!backup_name_check(read)) return refuse(stream, "a name is no name", error);
  *out = text_copy(arena, read);
  return true;
}

static bool read_json(struct backup_stream *stream, struct error *error)
{
  struct text json = {0};
  if (!read_content(stream, LIMIT_BACKUP_JSON, stream->arena, &json, error)) return false;
  struct error why = {0};
  if (!json_read(stream->arena, json, &stream->document, &why) ||
      value_kind_get(stream->document) != VALUE_OBJECT)
    return refuse(stream, "its manifest is no document", error);
  return true;
}

static bool read_table(struct backup_stream *stream, struct error *error)
{
  uint64_t count;
  struct text *columns;
  if (!read_name(stream, stream->arena, &stream->table.name, error) ||
      !read_number(stream, 2, &count, error))
    return false;
  if (count < 1 || count > LIMIT_BACKUP_COLUMNS)
    return refuse(stream, "a table has no columns, or too many", error);
  columns = arena_allocate_array(stream->arena, (size_t)count, sizeof *columns);
  for (size_t i = 0; i < count; i++)
    if (!read_name(stream, stream->arena, &columns[i], error)) return false;
  stream->table.columns = columns;
  stream->table.column_count = (size_t)count;
  stream->has_table = true;
  return true;
}

static bool read_value(struct backup_stream *stream, struct store_value *out, struct error *error)
{
  char tag;
  uint64_t bits;
  if (!backup_reader_take(stream->reader, &tag, 1, error)) return false;
  if (tag == 'n') {
    *out = STORE_NONE;
    return true;
  }
  if (tag == 'i' || tag == 'd') {
    if (!read_number(stream, 8, &bits, error)) return false;
    double decimal;
    memcpy(&decimal, &bits, sizeof decimal);
    *out = tag == 'i' ? STORE_N((int64_t)bits) : STORE_D(decimal);
    return tag == 'i' || decimal - decimal == 0 ||
           refuse(stream, "a number that is not finite", error);
  }
  if (tag != 't' && tag != 'b') return refuse(stream, "a value of no kind", error);
  struct text content = {0};
  if (!read_content(stream, LIMIT_BACKUP_VALUE, stream->row, &content, error)) return false;
  if (tag == 't' &&
      (!text_is_utf8(content) || (content.length && memchr(content.at, 0, content.length) != NULL)))
    return refuse(stream, "text that is not UTF-8", error);
  *out = tag == 't' ? STORE_T(content) : STORE_B(content);
  return true;
}

static bool read_row(struct backup_stream *stream, struct error *error)
{
  if (!stream->has_table) return refuse(stream, "a row of no table", error);
  arena_clear(stream->row);
  stream->values =
      arena_allocate_array(stream->row, stream->table.column_count, sizeof *stream->values);
  for (size_t i = 0; i < stream->table.column_count; i++)
    if (!read_value(stream, &stream->values[i], error)) return false;
  return true;
}

static bool read_extra(struct backup_stream *stream, struct error *error)
{
  arena_clear(stream->row);
  return read_name(stream, stream->row, &stream->name, error) &&
         read_content(stream, LIMIT_BACKUP_VALUE, stream->row, &stream->content, error);
}

/* The hash is of all that was read up to here, its tag included. */
static bool read_end(struct backup_stream *stream, struct error *error)
{
  struct text hash = backup_reader_hash(stream->reader, stream->arena);
  if (!read_json(stream, error) || !backup_reader_end(stream->reader, error)) return false;
  if (!text_equal(value_text_get(value_get(stream->document, TEXT("sha256"))), hash))
    return refuse(stream, "its SHA-256 is another than its manifest's", error);
  return true;
}

bool backup_stream_next(struct backup_stream *stream, struct error *error)
{
  static const struct {
    char tag;
    enum backup_part part;
    bool (*read)(struct backup_stream *stream, struct error *error);
  } parts[] = {{'R', BACKUP_ROW, read_row},
               {'T', BACKUP_TABLE, read_table},
               {'X', BACKUP_EXTRA, read_extra},
               {'H', BACKUP_HEAD, read_json},
               {'E', BACKUP_END, read_end}};
  char tag;
  if (!backup_reader_take(stream->reader, &tag, 1, error)) return false;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    if (parts[i].tag != tag) continue;
    if ((tag == 'H') == stream->has_begun) break; /* the head is the first, and the only one */
    stream->has_begun = true;
    stream->part = parts[i].part;
    return parts[i].read(stream, error);
  }
  return refuse(stream, "a part of no kind, or in the wrong place", error);
}
