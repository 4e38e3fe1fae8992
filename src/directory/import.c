/*
 * Import: one file into the store. What it is, is told by its first bytes; whose it is and of when,
 * by options, its name, or itself. See import.h.
 */
#include "directory/import.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory/import_batch.h"

/* --- What a file is ----------------------------------------------------------------------------
 */

enum { HEAD = 512 };

struct form {
  const char
      *mark; /* the bytes it begins with; white space before is passed over for '<' '{' '[' */
  size_t length;
  bool (*read)(struct import_batch *batch, const char *path, struct error *error);
  const char *is; /* of a form that is refused: what it is, and what to do */
  const char *mend;
};

#define MARK(bytes) ("" bytes), sizeof(bytes) - 1
static const struct form forms[] = {
    {MARK("PK\x03\x04"), import_read_xlsx, NULL, NULL},
    {MARK("PK\x05\x06"), NULL, "an empty archive", "Download the file again."},
    {MARK("\xD0\xCF\x11\xE0"), NULL, "an old .xls workbook, or one with a password",
     "Open it, take the password off, and save it as .xlsx."},
    {MARK("%PDF"), NULL, "a PDF document", "Download the Excel or CSV form of the directory."},
    {MARK("\x1F\x8B"), NULL, "a gzip archive", "Unpack it first."},
    {MARK("\xFF\xFE"), NULL, "text in UTF-16", "Save it as \"CSV UTF-8\"."},
    {MARK("\xFE\xFF"), NULL, "text in UTF-16", "Save it as \"CSV UTF-8\"."},
    {MARK("<"), NULL, "a web page or XML, perhaps an error page saved under the file's name",
     "Open the address in a browser, then download the file itself."},
    {MARK("{"), import_read_json, NULL, NULL},
    {MARK("["), import_read_json, NULL, NULL},
};

static struct text skip_blank(struct text head)
{
  if (text_starts_with(head, TEXT("\xEF\xBB\xBF"))) head = text_slice(head, 3, head.length);
  return text_trim(head);
}

/* Find the reader for the file's first bytes; refuses what cannot be a directory. */
static const struct form *recognize(struct text head, struct error *error)
{
  static const struct form csv = {"", 0, import_read_csv, NULL, NULL};
  const struct form *found = &csv;
  for (size_t i = 0; i < sizeof forms / sizeof *forms && found == &csv; i++) {
    struct text mark = {forms[i].mark, forms[i].length};
    if (text_starts_with(head, mark) ||
        (mark.length == 1 && text_starts_with(skip_blank(head), mark)))
      found = &forms[i];
  }
  bool binary = found == &csv && head.length && memchr(head.at, 0, head.length);
  if (found->read && !binary) return found;
  error_set(error, ERROR_REFUSED, "error.import.form",
            binary ? "Give the .xlsx, CSV or JSON form of the directory." : found->mend,
            "not a directory file: it is %s", binary ? "of an unknown binary form" : found->is);
  return NULL;
}

/* Read the first bytes and the hash of the whole file. */
static bool survey(const char *path, char head[HEAD], size_t *length,
                   char sha256[2 * crypto_hash_sha256_BYTES + 1], struct error *error)
{
  enum { CHUNK = 64 * 1024 };
  struct stat status;
  crypto_hash_sha256_state state;
  unsigned char hash[crypto_hash_sha256_BYTES];
  unsigned char *chunk = memory_allocate(CHUNK);
  ssize_t got = -1;
  bool done = false;
  uint64_t size = 0;
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe does not hold us up */
  if (file < 0 || fstat(file, &status) != 0) {
    error_set(error, ERROR_NOT_FOUND, "error.file", "Check the name of the file and its rights.",
              "open: %s", strerror(errno));
    goto out;
  }
  if (!S_ISREG(status.st_mode)) {
    error_set(error, ERROR_REFUSED, "error.file", "Name a regular file.", "not a regular file");
    goto out;
  }
  crypto_hash_sha256_init(&state);
  *length = 0;
  while (size <= LIMIT_IMPORT_FILE && (got = read(file, chunk, CHUNK)) > 0) {
    size_t room = HEAD - *length, taken = (size_t)got < room ? (size_t)got : room;
    memcpy(head + *length, chunk, taken);
    *length += taken;
    size += (uint64_t)got;
    crypto_hash_sha256_update(&state, chunk, (unsigned long long)got);
  }
  if (size > LIMIT_IMPORT_FILE) {
    error_set(error, ERROR_TOO_LARGE, "error.import.large",
              "Directory files are far smaller. Check that this is the right file.",
              "over %d bytes", LIMIT_IMPORT_FILE);
    goto out;
  }
  if (got < 0) {
    error_set(error, ERROR_SYSTEM, "error.file", "Check the disk and import again.", "read: %s",
              strerror(errno));
    goto out;
  }
  if (size == 0) {
    error_set(error, ERROR_REFUSED, "error.import.empty", "Download the file again.",
              "the file is empty");
    goto out;
  }
  crypto_hash_sha256_final(&state, hash);
  sodium_bin2hex(sha256, 2 * crypto_hash_sha256_BYTES + 1, hash, sizeof hash);
  done = true;
out:
  if (file >= 0) close(file);
  free(chunk);
  return done;
}

/* --- Whose, and of when -------------------------------------------------------------------------
 */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Does a release of this date exist already, or is it published a year ahead? Another number would
 * stand in the way of every true release to come. */
static bool is_plausible(struct arena *arena, struct text date)
{
  const int64_t year = INT64_C(366) * 24 * 60 * 60 * 1000000;
  return text_compare(date, time_format_date(arena, time_now() + year)) <= 0;
}

/* The date in a file's name: YYYY-MM-DD, else a year by itself as its first day; else empty. */
static struct text date_in_name(struct arena *arena, struct text name)
{
  int year, month, day;
  struct text found = TEXT("");
  for (size_t i = 0; i < name.length; i++) {
    if (!is_digit(name.at[i]) || (i && is_digit(name.at[i - 1]))) continue;
    if (time_read_date(text_slice(name, i, i + 10), &year, &month, &day) &&
        is_plausible(arena, text_slice(name, i, i + 10)))
      return text_copy(arena, text_slice(name, i, i + 10));
    size_t end = i;
    while (end < name.length && is_digit(name.at[end])) end++;
    struct text digits = text_slice(name, i, end);
    bool is_year = digits.length == 4 &&
                   (text_starts_with(digits, TEXT("19")) || text_starts_with(digits, TEXT("20")));
    struct text first_day = text_format(arena, "%.*s-01-01", TEXT_PRINT(digits));
    if (is_year && found.length == 0 && is_plausible(arena, first_day)) found = first_day;
  }
  return found;
}

static struct text base_name(struct text name)
{
  for (size_t i = name.length; i > 0; i--)
    if (name.at[i - 1] == '/') return text_slice(name, i, name.length);
  return name;
}

static bool choose_date(struct import_batch *batch, struct error *error)
{
  int year, month, day;
  struct text given = batch->options ? batch->options->as_of : TEXT("");
  if (given.length && !time_read_date(given, &year, &month, &day))
    return error_set(error, ERROR_USAGE, "error.import.date", "Write it as 2023-01-31.",
                     "\"%.*s\" is no date", TEXT_PRINT(given));
  struct text date = given;
  if (!date.length) date = date_in_name(batch->arena, base_name(batch->name));
  if (!date.length) date = batch->document_date;
  if (!date.length) date = time_format_date(batch->arena, time_now());
  batch->report->as_of = text_copy(batch->arena, date);
  return true;
}

static bool choose_source(struct import_batch *batch, struct error *error)
{
  enum { LONGEST = 64 };
  struct text given = batch->options ? batch->options->source : TEXT("");
  bool good = given.length <= LONGEST;
  for (size_t i = 0; i < given.length; i++) {
    char c = given.at[i];
    good = good && (is_digit(c) || c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  }
  if (!good || text_equal_ignore_case(given, TEXT("demo")))
    return error_set(error, ERROR_USAGE, "error.import.source",
                     "Use up to 64 letters, digits and hyphens; \"demo\" is taken.",
                     "\"%.*s\" cannot name a source", TEXT_PRINT(given));
  batch->report->source = text_copy(batch->arena, given.length ? given : batch->default_source);
  return true;
}

/* --- The whole of it
 * ------------------------------------------------------------------------------- */

static bool run(struct store *store, struct import_batch *batch, const char *path,
                struct error *error)
{
  char head[HEAD], sha256[2 * crypto_hash_sha256_BYTES + 1];
  size_t length = 0;
  if (!choose_date(batch, error) || !choose_source(batch, error) ||
      !survey(path, head, &length, sha256, error))
    return false;
  const struct form *form = recognize((struct text){head, length}, error);
  return form && form->read(batch, path, error) && import_batch_finish(batch, error) &&
         choose_date(batch, error) && choose_source(batch, error) &&
         import_write(store, batch, text_from(sha256), error);
}

bool import_file(const struct import_target *target, const char *path, struct text name,
                 const struct import_options *options, struct arena *arena,
                 struct import_report *report, struct error *error)
{
  struct import_batch batch = {0};
  struct error why = {0};
  *report = (struct import_report){.source = TEXT(""), .as_of = TEXT(""), .format = TEXT("")};
  bool done =
      import_batch_init(&batch, target, options, text_copy(arena, name), arena, report, &why) &&
      run(target->store, &batch, path, &why);
  if (!done) {
    if (report->problems)
      import_problem_add(&batch, 0, true, "file", text_copy(arena, text_from(why.hint)).at, "%s",
                         why.log);
    error_add_context(&why, "%.*s", TEXT_PRINT(name));
    if (error) *error = why;
  }
  import_batch_fini(&batch);
  return done;
}
