/*
 * XLSX: see xlsx.h. The archive: members found, checked and streamed through libzip.
 */
#include "directory/xlsx.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "directory/xlsx_parts.h"

enum { CHUNK = 64 * 1024, RATIO_FREE = 1024 * 1024 };

struct xlsx {
  zip_t *archive;
  struct arena *arena;
  struct xlsx_sheet_names sheets;
  struct text *members; /* of each sheet */
  struct xlsx_strings *strings;
  struct text modified;
};

/* What is fed a member's bytes. Sets *stop when it wants no more. */
typedef bool feed_function(void *into, struct text bytes, bool last, bool *stop,
                           struct error *error);

static bool refuse(struct error *error, const char *hint, const char *what, const char *member)
{
  return error_set(error, ERROR_REFUSED, "error.import.unreadable", hint, "%s%s%s", what,
                   member ? ": " : "", member ? member : "");
}

static bool refuse_bomb(struct error *error, const char *member)
{
  return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                   "Directory files unpack to a few megabytes. Do not trust this file.",
                   "%s unpacks to over %d bytes or over %d times its size: a zip bomb", member,
                   LIMIT_IMPORT_UNPACKED, LIMIT_IMPORT_RATIO);
}

static bool is_bomb(uint64_t unpacked, uint64_t packed)
{
  if (unpacked > LIMIT_IMPORT_UNPACKED) return true;
  return unpacked > RATIO_FREE && unpacked / LIMIT_IMPORT_RATIO > packed;
}

static bool has_member(const struct xlsx *xlsx, const char *name)
{
  return zip_name_locate(xlsx->archive, name, ZIP_FL_NOCASE) >= 0;
}

/* Open a member after checking that it is no trap. */
static zip_file_t *open_member(struct xlsx *xlsx, const char *name, uint64_t *packed,
                               struct error *error)
{
  zip_stat_t about;
  zip_int64_t index = zip_name_locate(xlsx->archive, name, ZIP_FL_NOCASE);
  if (index < 0 || zip_stat_index(xlsx->archive, (zip_uint64_t)index, 0, &about) != 0) {
    refuse(error, "Download the file again, or save it anew as .xlsx.", "the workbook lacks a part",
           name);
    return NULL;
  }
  if ((about.valid & ZIP_STAT_ENCRYPTION_METHOD) && about.encryption_method != ZIP_EM_NONE) {
    refuse(error, "Open it with its password and save it without one.", "the file is encrypted",
           name);
    return NULL;
  }
  *packed = about.valid & ZIP_STAT_COMP_SIZE ? about.comp_size : 0;
  if ((about.valid & ZIP_STAT_SIZE) && is_bomb(about.size, *packed)) {
    refuse_bomb(error, name);
    return NULL;
  }
  zip_file_t *member = zip_fopen_index(xlsx->archive, (zip_uint64_t)index, 0);
  if (!member)
    refuse(error, "The file is damaged. Download it again.", zip_strerror(xlsx->archive), name);
  return member;
}

/* Stream a member. What the directory of the archive says of its size is not trusted. */
static bool stream_member(struct xlsx *xlsx, const char *name, feed_function *feed, void *into,
                          struct error *error)
{
  uint64_t packed = 0, unpacked = 0;
  zip_file_t *member = open_member(xlsx, name, &packed, error);
  if (!member) return false;
  char *chunk = memory_allocate(CHUNK);
  bool done = false, stop = false;
  while (!stop) {
    zip_int64_t got = zip_fread(member, chunk, CHUNK);
    if (got < 0) {
      refuse(error, "The file is damaged or cut off. Download it again.",
             "a part cannot be unpacked", name);
      goto out;
    }
    unpacked += (uint64_t)got;
    if (is_bomb(unpacked, packed)) {
      refuse_bomb(error, name);
      goto out;
    }
    if (!feed(into, (struct text){chunk, (size_t)got}, got == 0, &stop, error)) {
      error_add_context(error, "%s", name);
      goto out;
    }
    if (got == 0) break;
  }
  done = true;
out:
  free(chunk);
  zip_fclose(member);
  return done;
}

/* --- Small members, read whole -------------------------------------------------------------------
 */

static bool feed_buffer(void *into, struct text bytes, bool last, bool *stop, struct error *error)
{
  (void)last, (void)stop;
  struct text_buffer *buffer = into;
  text_buffer_add(buffer, bytes);
  if (!buffer->over) return true;
  return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                   "Directory files are far smaller. Check that this is the right file.",
                   "over %d bytes", LIMIT_IMPORT_XML_PART);
}

static bool read_member(struct xlsx *xlsx, const char *name, struct text *out, struct error *error)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_IMPORT_XML_PART);
  bool done = stream_member(xlsx, name, feed_buffer, &buffer, error);
  if (done) *out = text_copy(xlsx->arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return done;
}

/* --- Opening -------------------------------------------------------------------------------------
 */

static const struct xlsx_relation *find_relation(const struct xlsx_relations *relations,
                                                 struct text id, struct text type_end)
{
  for (size_t i = 0; i < relations->count; i++) {
    const struct xlsx_relation *relation = &relations->all[i];
    if (id.length ? text_equal(relation->id, id) : text_ends_with(relation->type, type_end))
      return relation;
  }
  return NULL;
}

/* The archive's own relationships: the workbook's path and the document's date. */
static bool read_root(struct xlsx *xlsx, struct text *workbook, struct error *error)
{
  struct text document;
  struct xlsx_relations relations;
  if (!has_member(xlsx, "_rels/.rels"))
    return refuse(error, "Save it from the spreadsheet program as .xlsx.",
                  "a zip archive, but not an Excel workbook", NULL);
  if (!read_member(xlsx, "_rels/.rels", &document, error) ||
      !xlsx_relations_read(xlsx->arena, document, TEXT(""), &relations, error))
    return false;
  const struct xlsx_relation *found = find_relation(&relations, TEXT(""), TEXT("/officeDocument"));
  if (!found || !text_ends_with(found->target, TEXT(".xml")))
    return refuse(error, "Save it from the spreadsheet program as .xlsx (not .xlsb or .ods).",
                  "not an Excel workbook in the open format", NULL);
  *workbook = found->target;
  const struct xlsx_relation *core = find_relation(&relations, TEXT(""), TEXT("/core-properties"));
  if (!core || !has_member(xlsx, core->target.at)) return true;
  return read_member(xlsx, core->target.at, &document, error) &&
         xlsx_properties_read(xlsx->arena, document, &xlsx->modified, error);
}

/* Feed of the shared strings. */
static bool feed_strings(void *into, struct text bytes, bool last, bool *stop, struct error *error)
{
  (void)stop;
  return xlsx_strings_feed(into, bytes, last, error);
}

static bool read_workbook(struct xlsx *xlsx, struct text workbook, struct error *error)
{
  struct arena *arena = xlsx->arena;
  size_t slash = workbook.length;
  while (slash && workbook.at[slash - 1] != '/') slash--;
  struct text folder = text_slice(workbook, 0, slash ? slash - 1 : 0);
  struct text base = text_slice(workbook, slash, workbook.length), document;
  const char *relations_name =
      text_format(arena, "%.*s_rels/%.*s.rels", TEXT_PRINT(text_slice(workbook, 0, slash)),
                  TEXT_PRINT(base))
          .at;
  struct xlsx_relations relations;
  if (!read_member(xlsx, text_c(arena, workbook), &document, error) ||
      !xlsx_workbook_read(arena, document, &xlsx->sheets, error) ||
      !read_member(xlsx, relations_name, &document, error) ||
      !xlsx_relations_read(arena, document, folder, &relations, error))
    return false;
  if (xlsx->sheets.count == 0)
    return refuse(error, "Check that this is the right file.", "the workbook has no sheet", NULL);
  if (xlsx->sheets.count > LIMIT_IMPORT_SHEETS)
    return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                     "A directory has two or three sheets. Check that this is the right file.",
                     "the workbook has over %d sheets", LIMIT_IMPORT_SHEETS);
  xlsx->members = arena_allocate_array(arena, xlsx->sheets.count, sizeof *xlsx->members);
  for (size_t i = 0; i < xlsx->sheets.count; i++) {
    struct text id = xlsx->sheets.all[i].relation;
    const struct xlsx_relation *found = id.length ? find_relation(&relations, id, TEXT("")) : NULL;
    if (!found)
      return refuse(error, "The file is damaged. Download it again.",
                    "a sheet is listed but not in the file", NULL);
    xlsx->members[i] = found->target;
  }
  xlsx->strings = xlsx_strings_new();
  const struct xlsx_relation *shared = find_relation(&relations, TEXT(""), TEXT("/sharedStrings"));
  if (!shared) return true;
  return stream_member(xlsx, shared->target.at, feed_strings, xlsx->strings, error);
}

bool xlsx_open(struct xlsx **out, const char *path, struct error *error)
{
  int code = 0;
  struct xlsx *xlsx = memory_allocate_zero(1, sizeof *xlsx);
  xlsx->arena = arena_new(LIMIT_IMPORT_XML_PART);
  xlsx->archive = zip_open(path, ZIP_RDONLY, &code);
  xlsx->modified = TEXT("");
  struct text workbook = {0};
  if (!xlsx->archive) {
    zip_error_t why;
    zip_error_init_with_code(&why, code);
    refuse(error, "The file is damaged or cut off. Download it again.",
           "the archive cannot be read", zip_error_strerror(&why));
    zip_error_fini(&why);
  } else if (read_root(xlsx, &workbook, error) && read_workbook(xlsx, workbook, error)) {
    *out = xlsx;
    return true;
  }
  xlsx_close(xlsx);
  return false;
}

void xlsx_close(struct xlsx *xlsx)
{
  if (!xlsx) return;
  if (xlsx->archive) zip_discard(xlsx->archive);
  xlsx_strings_free(xlsx->strings);
  arena_free(xlsx->arena);
  free(xlsx);
}

size_t xlsx_sheet_count(const struct xlsx *xlsx)
{
  return xlsx->sheets.count;
}

struct text xlsx_sheet_name(const struct xlsx *xlsx, size_t sheet)
{
  return xlsx->sheets.all[sheet].name;
}

struct text xlsx_modified(const struct xlsx *xlsx)
{
  return xlsx->modified;
}

static bool feed_sheet(void *into, struct text bytes, bool last, bool *stop, struct error *error)
{
  if (!xlsx_sheet_feed(into, bytes, last, error)) return false;
  *stop = xlsx_sheet_is_stopped(into);
  return true;
}

bool xlsx_read_sheet(struct xlsx *xlsx, size_t sheet, xlsx_row_function *row, void *context,
                     struct error *error)
{
  struct xlsx_sheet *reader = xlsx_sheet_new(xlsx->strings, row, context);
  bool done = stream_member(xlsx, xlsx->members[sheet].at, feed_sheet, reader, error);
  xlsx_sheet_free(reader);
  return done;
}
