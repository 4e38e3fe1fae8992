/*
 * Import batch: raw rows cleaned, checked and spooled. See import_batch.h.
 */
#include "directory/import_batch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "directory/import_clean.h"

/* --- Columns --------------------------------------------------------------------------------- */

static const char *const field_names[IMPORT_FIELD_COUNT] = {
    "name1",    "name2",     "street1",     "street2",       "city",
    "state",    "zip",       "county",      "phone",         "intake1",
    "intake2",  "intake1a",  "intake2a",    "hotline1",      "website",
    "latitude", "longitude", "geo_quality", "type_facility", "service_code_info",
    "frid",
};

static const struct {
  const char *alias;
  enum import_field field;
} aliases[] = {
    {"name", IMPORT_NAME1},        {"facility", IMPORT_NAME1},   {"facilityname", IMPORT_NAME1},
    {"programname", IMPORT_NAME2}, {"street", IMPORT_STREET1},   {"address", IMPORT_STREET1},
    {"address1", IMPORT_STREET1},  {"address2", IMPORT_STREET2}, {"zipcode", IMPORT_ZIP},
    {"zip5", IMPORT_ZIP},          {"postalcode", IMPORT_ZIP},   {"phonenumber", IMPORT_PHONE},
    {"telephone", IMPORT_PHONE},   {"intake", IMPORT_INTAKE1},   {"intakephone", IMPORT_INTAKE1},
    {"hotline", IMPORT_HOTLINE},   {"url", IMPORT_WEBSITE},      {"lat", IMPORT_LATITUDE},
    {"lng", IMPORT_LONGITUDE},     {"lon", IMPORT_LONGITUDE},    {"long", IMPORT_LONGITUDE},
    {"type", IMPORT_TYPE},         {"services", IMPORT_CODES},   {"servicecodes", IMPORT_CODES},
    {"codes", IMPORT_CODES},
};

const char *import_field_name(enum import_field field)
{
  return field_names[field];
}

/* Compare ASCII letters and digits alone, without case: "Zip Code" is "zip_code". */
static bool same_name(struct text header, const char *name)
{
  size_t at = 0;
  for (size_t i = 0; i < header.length; i++) {
    char c = header.at[i];
    if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) continue;
    while (name[at] == '_') at++;
    if (name[at] != c) return false;
    at++;
  }
  return at > 0 && name[at] == 0;
}

bool import_field_find(struct text header, enum import_field *out)
{
  for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) {
    if (!same_name(header, field_names[i])) continue;
    *out = (enum import_field)i;
    return true;
  }
  for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
    if (!same_name(header, aliases[i].alias)) continue;
    *out = aliases[i].field;
    return true;
  }
  return false;
}

/* --- Life and problems -------------------------------------------------------------------------
 */

bool import_batch_init(struct import_batch *batch, const struct import_target *target,
                       const struct import_options *options, struct text name, struct arena *arena,
                       struct import_report *report, struct error *error)
{
  const char *folder;
  *batch = (struct import_batch){.needs = target->needs,
                                 .places = target->places,
                                 .options = options,
                                 .report = report,
                                 .arena = arena,
                                 .name = name,
                                 .document_date = TEXT(""),
                                 .default_source = TEXT("")};
  if (!import_knowledge_folder(arena, options, &folder, error) ||
      !import_knowledge_number(arena, folder, "coordinate-limit", &batch->coordinate_limit,
                               error) ||
      !listing_spool_new(&batch->spool, error))
    return false;
  batch->scratch = arena_new(LIMIT_ARENA_REQUEST);
  import_codes_init(batch);
  report->problems = arena_allocate_array(arena, LIMIT_IMPORT_PROBLEMS, sizeof *report->problems);
  return true;
}

void import_batch_fini(struct import_batch *batch)
{
  import_codes_fini(batch);
  listing_spool_free(batch->spool);
  arena_free(batch->scratch);
  free(batch->entries);
  *batch = (struct import_batch){0};
}

void import_problem_add(struct import_batch *batch, int64_t row, bool refused, const char *field,
                        const char *mend, const char *what_format, ...)
{
  struct import_report *report = batch->report;
  if (report->problem_total++ >= LIMIT_IMPORT_PROBLEMS) return;
  char what[LIMIT_ERROR_TEXT];
  va_list arguments;
  va_start(arguments, what_format);
  int length = vsnprintf(what, sizeof what, what_format, arguments);
  va_end(arguments);
  struct text written = {what, length < 0 ? 0 : (size_t)length};
  if (written.length >= sizeof what) written.length = sizeof what - 1;
  while (written.length && !text_is_utf8(written)) written.length--;
  bool recoded = false; /* what the file says reaches a terminal: no control may go along */
  report->problems[report->problem_count++] = (struct import_problem){
      .file = batch->name,
      .row = row,
      .field = text_from(field),
      .what = clean_text(batch->arena, written, &recoded),
      .mend = text_from(mend),
      .refused = refused,
  };
}

/* --- A row ---------------------------------------------------------------------------------------
 */

/* The row in hand: what was given, what becomes of it. */
struct row {
  struct import_batch *batch;
  int64_t number;
  const struct text *raw;
  struct listing listing;
  bool recoded, refused;
};

static struct text cleaned(struct row *row, enum import_field field)
{
  return clean_text(row->batch->scratch, row->raw[field], &row->recoded);
}

static void warn(struct row *row, enum import_field field, const char *what, const char *mend)
{
  import_problem_add(row->batch, row->number, false, import_field_name(field), mend, "\"%.*s\" %s",
                     TEXT_PRINT(cleaned(row, field)), what);
}

static void refuse(struct row *row, const char *field, const char *what, const char *mend)
{
  row->refused = true;
  import_problem_add(row->batch, row->number, true, field, mend, "%s", what);
}

/* What a page, a search and the snapshot must hold has a ceiling. */
static void check_lengths(struct row *row)
{
  for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++)
    if (i != IMPORT_CODES && text_trim(row->raw[i]).length > LIMIT_IMPORT_FIELD)
      refuse(row, import_field_name((enum import_field)i), "the field is too long",
             "Shorten it, or check that the row is whole.");
  if (row->batch->row_unknown.over)
    refuse(row, "services", "more unknown labels than a row can hold", "Check the row's services.");
}

static void take_texts(struct row *row)
{
  static const struct {
    enum import_field from;
    enum facility_field to;
  } plain[] = {
      {IMPORT_NAME1, FIELD_NAME1},     {IMPORT_NAME2, FIELD_NAME2}, {IMPORT_STREET1, FIELD_STREET1},
      {IMPORT_STREET2, FIELD_STREET2}, {IMPORT_CITY, FIELD_CITY},   {IMPORT_COUNTY, FIELD_COUNTY},
  };
  struct text *fields = row->listing.fields;
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    fields[plain[i].to] = cleaned(row, plain[i].from);
  row->listing.external_id = cleaned(row, IMPORT_EXTERNAL_ID);
  if (fields[FIELD_NAME1].length == 0 && fields[FIELD_NAME2].length) {
    fields[FIELD_NAME1] = fields[FIELD_NAME2];
    fields[FIELD_NAME2] = TEXT("");
  }
  if (text_fold(row->batch->scratch, fields[FIELD_NAME1]).length == 0)
    refuse(row, "name1", "there is no name", "Give the facility's name in column name1.");
}

/* ZIP, state, county: the ZIP is the anchor; its own state and county fill what is missing. */
static bool take_place(struct row *row, struct place_zip *zip)
{
  struct import_batch *batch = row->batch;
  struct text *fields = row->listing.fields;
  struct text given = cleaned(row, IMPORT_ZIP), state = cleaned(row, IMPORT_STATE);
  char digits[6] = "", letters[3] = "";
  if (given.length && !clean_zip(given, digits))
    warn(row, IMPORT_ZIP, "is no ZIP code", "Give five digits.");
  fields[FIELD_ZIP] = text_copy(batch->scratch, text_from(digits));
  bool known = digits[0] && places_zip(batch->places, fields[FIELD_ZIP], zip);
  if (!places_state(batch->places, state, letters) && known) {
    memcpy(letters, zip->state, sizeof letters);
    if (state.length)
      warn(row, IMPORT_STATE, "is no state; the ZIP's was taken", "Give two letters.");
  } else if (!letters[0] && state.length) {
    warn(row, IMPORT_STATE, "is no state", "Give two letters.");
  }
  fields[FIELD_STATE] = text_copy(batch->scratch, text_from(letters));
  bool has_city = fields[FIELD_CITY].length && letters[0];
  if (!digits[0] && !has_city)
    refuse(row, given.length ? "zip" : "city",
           fields[FIELD_STREET1].length ? "there is no ZIP code, and no city with its state"
                                        : "there is no address",
           "Give a ZIP code, or city and state.");
  if (fields[FIELD_COUNTY].length == 0 && known && zip->county.length) {
    fields[FIELD_COUNTY] = zip->county;
    row->listing.county_from_zip = true;
  }
  return known;
}

static void take_phones(struct row *row)
{
  static const enum import_field lines[] = {IMPORT_INTAKE1, IMPORT_INTAKE2, IMPORT_INTAKE1A,
                                            IMPORT_INTAKE2A, IMPORT_HOTLINE};
  enum { LINES = FIELD_INTAKE_PHONE4 - FIELD_INTAKE_PHONE + 1 };
  struct text *fields = row->listing.fields, phone;
  size_t count = 0;
  if (clean_phone(row->batch->scratch, row->raw[IMPORT_PHONE], &phone) == CLEAN_PHONE_RAW)
    warn(row, IMPORT_PHONE, "is no ten-digit number; kept as it is", "Check the number.");
  fields[FIELD_PHONE] = phone;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    enum clean_phone kind = clean_phone(row->batch->scratch, row->raw[lines[i]], &phone);
    if (kind == CLEAN_PHONE_NONE) continue;
    if (kind == CLEAN_PHONE_RAW)
      warn(row, lines[i], "is no ten-digit number; kept as it is", "Check the number.");
    bool repeated = false;
    for (size_t k = 0; k < count; k++)
      repeated = repeated || text_equal(fields[FIELD_INTAKE_PHONE + k], phone);
    if (repeated) continue;
    if (count == LINES)
      warn(row, lines[i], "is a fifth intake line; four are kept", "Remove one that repeats.");
    else fields[FIELD_INTAKE_PHONE + count++] = phone;
  }
}

static void take_website(struct row *row)
{
  struct text website = cleaned(row, IMPORT_WEBSITE), good;
  if (clean_website(row->batch->scratch, website, &good) == CLEAN_WEBSITE_BAD)
    warn(row, IMPORT_WEBSITE, "is no web address; left out", "Give one that begins with https://.");
  row->listing.fields[FIELD_WEBSITE] = good;
}

/* Two points within about ten yards: the source gave the ZIP's center for want of a better one. */
static bool is_center(const struct place_zip *zip, const double point[2])
{
  return fabs(zip->latitude - point[0]) < 1e-4 && fabs(zip->longitude - point[1]) < 1e-4;
}

static void take_center(struct listing *listing, const struct place_zip *zip,
                        enum coordinate_quality quality)
{
  listing->latitude = zip->latitude;
  listing->longitude = zip->longitude;
  listing->quality = quality;
}

static void take_coordinates(struct row *row, const struct place_zip *zip, bool zip_is_known)
{
  struct import_batch *batch = row->batch;
  struct listing *listing = &row->listing;
  struct text latitude = cleaned(row, IMPORT_LATITUDE), longitude = cleaned(row, IMPORT_LONGITUDE);
  struct text quality = cleaned(row, IMPORT_GEO_QUALITY);
  double point[2];
  bool given = clean_point(latitude, longitude, point);
  bool of_zip = text_equal_ignore_case(text_slice(quality, 0, 3), TEXT("zip")) ||
                (given && zip_is_known && is_center(zip, point));
  if (given && !of_zip && zip_is_known) {
    double miles = places_distance(zip->latitude, zip->longitude, point[0], point[1]);
    if (miles > batch->coordinate_limit) {
      batch->report->counts.coordinates_rejected++;
      import_problem_add(batch, row->number, false, "latitude",
                         "Check coordinates and ZIP code; the ZIP's center stands in.",
                         "the point lies %.0f miles from the center of ZIP %s", miles, zip->zip);
      take_center(listing, zip, COORDINATE_REJECTED);
      return;
    }
  }
  if (given && !of_zip) {
    listing->latitude = point[0];
    listing->longitude = point[1];
    listing->quality = COORDINATE_ADDRESS;
    listing->fields[FIELD_COORDINATES] =
        text_format(batch->scratch, "%.*s,%.*s", TEXT_PRINT(latitude), TEXT_PRINT(longitude));
  } else if (zip_is_known) {
    take_center(listing, zip, COORDINATE_ZIP);
  } else if (given) { /* a center, as the source says, of a ZIP that we do not know */
    listing->latitude = point[0];
    listing->longitude = point[1];
    listing->quality = COORDINATE_ZIP;
  } else if (row->listing.fields[FIELD_ZIP].length) {
    warn(row, IMPORT_ZIP, "is not among the ZIP codes known here: no distance can be said",
         "Check the ZIP code, or give latitude and longitude.");
  }
}

static void take_type(struct row *row)
{
  static const struct {
    struct text name;
    unsigned directories;
  } types[] = {
      {TEXT("SA"), DIRECTORY_SUBSTANCE_USE},
      {TEXT("SU"), DIRECTORY_SUBSTANCE_USE},
      {TEXT("MH"), DIRECTORY_MENTAL_HEALTH},
      {TEXT("OTP"), DIRECTORY_OPIOID_TREATMENT},
      {TEXT("BOTH"), DIRECTORY_SUBSTANCE_USE | DIRECTORY_MENTAL_HEALTH},
  };
  struct import_batch *batch = row->batch;
  struct text rest = cleaned(row, IMPORT_TYPE);
  bool understood = rest.length == 0;
  for (size_t from = 0, at = 0; at <= rest.length; at++) {
    bool letter = at < rest.length && (rest.at[at] | 32) >= 'a' && (rest.at[at] | 32) <= 'z';
    if (letter) continue;
    struct text word = text_slice(rest, from, at);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
      if (!text_equal_ignore_case(word, types[i].name)) continue;
      row->listing.directories |= types[i].directories;
      understood = true;
    }
    from = at + 1;
  }
  if (!understood)
    warn(row, IMPORT_TYPE, "is no known type; the services decide", "Use SA, MH or OTP.");
  batch->votes_substance += batch->row_substance > batch->row_mental;
  batch->votes_mental += batch->row_mental > batch->row_substance;
  if (row->listing.directories || !batch->decide_by_row) return;
  if (batch->row_substance) row->listing.directories |= DIRECTORY_SUBSTANCE_USE;
  if (batch->row_mental) row->listing.directories |= DIRECTORY_MENTAL_HEALTH;
}

static struct import_entry *add_entry(struct import_batch *batch)
{
  if (batch->count == batch->capacity) {
    batch->capacity = batch->capacity ? batch->capacity * 2 : 1024;
    batch->entries = memory_resize(batch->entries, batch->capacity * sizeof *batch->entries);
  }
  return &batch->entries[batch->count++];
}

static bool spool_row(struct row *row, struct error *error)
{
  struct import_batch *batch = row->batch;
  size_t place;
  if (!listing_spool_add(batch->spool, &row->listing, &place, error)) return false;
  struct import_entry *entry = add_entry(batch);
  entry->place = place;
  entry->row = row->number;
  entry->directories = row->listing.directories;
  listing_keys(batch->scratch, &row->listing, &entry->keys);
  return true;
}

static void report_progress(const struct import_batch *batch, const char *stage, int64_t done)
{
  enum { EVERY = 1000 };
  if (batch->options && batch->options->progress && done % EVERY == 0)
    batch->options->progress(batch->options->progress_context, stage, done, 0);
}

bool import_batch_row(struct import_batch *batch, int64_t number,
                      const struct text raw[IMPORT_FIELD_COUNT], struct error *error)
{
  struct row row = {.batch = batch, .number = number, .raw = raw};
  struct place_zip zip = {0};
  for (size_t i = 0; i < FIELD_COUNT; i++) row.listing.fields[i] = TEXT("");
  if (++batch->report->counts.read > LIMIT_IMPORT_ROWS)
    return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                     "Split the file, or check that it is the right one.", "more than %d rows",
                     LIMIT_IMPORT_ROWS);
  report_progress(batch, "reading", batch->report->counts.read);
  check_lengths(&row);
  take_type(&row);
  import_codes_take(batch, &row.listing.fields[FIELD_CODES], &row.listing.fields[FIELD_UNKNOWN]);
  take_texts(&row);
  bool known = take_place(&row, &zip);
  bool done = true;
  if (row.refused) {
    batch->report->counts.refused++;
  } else {
    take_phones(&row);
    take_website(&row);
    take_coordinates(&row, &zip, known);
    if (row.recoded)
      import_problem_add(batch, number, false, "text", "Save the file as UTF-8.",
                         "a character that is not UTF-8 was read as Windows-1252");
    done = spool_row(&row, error);
  }
  arena_clear(batch->scratch);
  return done;
}
