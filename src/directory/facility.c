/*
 * Facility: merged from the listings that name it, whenever it is read. See facility.h.
 *
 * What belongs together is taken together from one listing: both names, both street lines, city
 * with state and ZIP, all intake lines. The latest release wins; of one date substance use goes
 * before mental health, then the source's name decides. Codes are united over directories; within
 * one directory the latest that gives any replaces the older ones, so that a service which was
 * given up does not linger.
 */
#include "directory/facility.h"

#include <stdlib.h>
#include <string.h>

#include "directory/listing.h"
#include "directory/snapshot.h"

static const char *const field_names[FIELD_COUNT] = {
    "name1",         "name2",   "street1",     "street2",      "city",          "state",
    "zip",           "county",  "phone",       "intake_phone", "intake_phone2", "intake_phone3",
    "intake_phone4", "website", "coordinates", "codes",        "unknown",
};

const char *facility_field_name(enum facility_field field)
{
  return field_names[field];
}

/* --- Merging -----------------------------------------------------------------------------------
 */

/* Where a county comes from when the source does not say. */
static const struct text zip_source = TEXT("zip");

enum { LISTINGS_MAXIMUM = 64 }; /* of one facility that are merged; sources (count) */

struct merging {
  struct arena *arena;
  struct listing_row rows[LISTINGS_MAXIMUM]; /* the best first */
  size_t count;
};

static bool is_substance(const struct listing_row *row)
{
  return (row->listing.directories & (DIRECTORY_SUBSTANCE_USE | DIRECTORY_OPIOID_TREATMENT)) != 0;
}

static int by_rank(const void *left, const void *right)
{
  const struct listing_row *a = left, *b = right;
  int order = text_compare(b->as_of, a->as_of);
  if (!order) order = (int)is_substance(b) - (int)is_substance(a);
  return order ? order : text_compare(a->source, b->source);
}

static void take_field(struct facility *facility, const struct listing_row *row, size_t field)
{
  struct text value = row->listing.fields[field];
  facility->fields[field] = value;
  facility->sources[field] = (struct facility_source){TEXT(""), TEXT(""), TEXT("")};
  if (value.length == 0) return;
  bool of_zip = field == FIELD_COUNTY && row->listing.county_from_zip;
  facility->sources[field] = (struct facility_source){
      .source = of_zip ? zip_source : row->source,
      .as_of = row->as_of,
      .since = listing_row_since(row, (enum facility_field)field),
  };
}

/* Take a group of fields from the best listing in which any of them stands. */
static void take_group(const struct merging *merging, struct facility *facility, size_t first,
                       size_t last)
{
  for (size_t i = 0; i < merging->count; i++) {
    size_t filled = 0;
    for (size_t field = first; field <= last; field++)
      filled += merging->rows[i].listing.fields[field].length;
    if (filled == 0 && i + 1 < merging->count) continue;
    for (size_t field = first; field <= last; field++)
      take_field(facility, &merging->rows[i], field);
    return;
  }
}

/* A county that a source says is better than the ZIP's. */
static void take_county(const struct merging *merging, struct facility *facility)
{
  take_group(merging, facility, FIELD_COUNTY, FIELD_COUNTY);
  for (size_t i = 0; i < merging->count; i++) {
    const struct listing *listing = &merging->rows[i].listing;
    if (listing->county_from_zip || listing->fields[FIELD_COUNTY].length == 0) continue;
    take_field(facility, &merging->rows[i], FIELD_COUNTY);
    return;
  }
}

/* The best coordinates, not the latest: a center in a newer release does not move an address. */
static void take_coordinates(const struct merging *merging, struct facility *facility)
{
  const struct listing_row *best = &merging->rows[0];
  for (size_t i = 1; i < merging->count; i++)
    if (merging->rows[i].listing.quality > best->listing.quality) best = &merging->rows[i];
  facility->quality = best->listing.quality;
  facility->latitude = best->listing.latitude;
  facility->longitude = best->listing.longitude;
  take_field(facility, best, FIELD_COORDINATES);
}

/* Unite a list field over directories: of each, the latest listing that gives any. */
static void take_united(const struct merging *merging, struct facility *facility, size_t field,
                        char separator)
{
  const struct listing_row *from[2] = {NULL, NULL};
  for (size_t i = 0; i < merging->count; i++) {
    const struct listing_row *row = &merging->rows[i];
    const struct listing *listing = &row->listing;
    bool says = listing->fields[FIELD_CODES].length + listing->fields[FIELD_UNKNOWN].length > 0;
    if (!says) continue;
    if (is_substance(row) && !from[0]) from[0] = row;
    if (!is_substance(row) && !from[1]) from[1] = row;
  }
  if (from[0]) take_field(facility, from[0], field);
  if (!from[1]) return;
  struct text before = facility->fields[field], added = from[1]->listing.fields[field];
  bool newer = !from[0] || before.length == 0 ||
               (added.length && text_compare(from[1]->as_of, from[0]->as_of) > 0);
  if (newer) take_field(facility, from[1], field);
  facility->fields[field] = listing_unite(merging->arena, before, added, separator);
}

/* Merge the listings gathered into `facility`, whose id, dates and `invented` are set. */
static void merge(struct merging *merging, struct facility *facility)
{
  qsort(merging->rows, merging->count, sizeof *merging->rows, by_rank);
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    facility->fields[i] = TEXT("");
    facility->sources[i] = (struct facility_source){TEXT(""), TEXT(""), TEXT("")};
  }
  if (merging->count == 0) return;
  take_group(merging, facility, FIELD_NAME1, FIELD_NAME2);
  take_group(merging, facility, FIELD_STREET1, FIELD_STREET2);
  take_group(merging, facility, FIELD_CITY, FIELD_ZIP);
  take_county(merging, facility);
  take_group(merging, facility, FIELD_PHONE, FIELD_PHONE);
  take_group(merging, facility, FIELD_INTAKE_PHONE, FIELD_INTAKE_PHONE4);
  take_group(merging, facility, FIELD_WEBSITE, FIELD_WEBSITE);
  take_coordinates(merging, facility);
  take_united(merging, facility, FIELD_CODES, ' ');
  take_united(merging, facility, FIELD_UNKNOWN, ';');
  for (size_t i = 0; i < merging->count; i++)
    facility->directories |= merging->rows[i].listing.directories;
}

/* --- Reading from the store ----------------------------------------------------------------------
 */

/* Columns of every query here: five of the facility, then those of listing_row_read(). */
enum { COLUMN_ID, COLUMN_FIRST_LISTED, COLUMN_VANISHED, COLUMN_INVENTED, COLUMNS_OF_FACILITY };

static struct text copy_column(struct arena *arena, const struct store_cursor *cursor, int column)
{
  if (store_column_is_null(cursor, column)) return TEXT("");
  return text_copy(arena, store_column_text(cursor, column));
}

static void begin(struct merging *merging, const struct store_cursor *cursor,
                  struct facility *facility)
{
  merging->count = 0;
  *facility = (struct facility){
      .id = copy_column(merging->arena, cursor, COLUMN_ID),
      .first_listed = copy_column(merging->arena, cursor, COLUMN_FIRST_LISTED),
      .vanished = copy_column(merging->arena, cursor, COLUMN_VANISHED),
      .invented = store_column_integer(cursor, COLUMN_INVENTED) != 0,
  };
}

/* Gather the cursor's listing. Those withdrawn count only for a facility that has vanished. */
static void gather(struct merging *merging, const struct store_cursor *cursor,
                   const struct facility *facility)
{
  struct listing_row row;
  listing_row_read(cursor, COLUMNS_OF_FACILITY, &row);
  if (merging->count == LISTINGS_MAXIMUM) return;
  if (row.withdrawn.length && facility->vanished.length == 0) return;
  listing_row_copy(merging->arena, &row, &merging->rows[merging->count++]);
}

struct each_context {
  bool (*each)(void *context, const struct facility *facility, struct error *error);
  void *context;
};

static bool hand_over(struct merging *merging, struct facility *facility,
                      const struct each_context *to, struct error *error)
{
  if (facility->id.length == 0) return true;
  merge(merging, facility);
  bool done = to->each(to->context, facility, error);
  arena_clear(merging->arena);
  return done;
}

static bool walk(struct store_cursor *cursor, struct merging *merging,
                 const struct each_context *to, struct error *error)
{
  struct facility facility = {.id = TEXT("")};
  bool more = false;
  while (store_next(cursor, &more, error)) {
    if (!more) return hand_over(merging, &facility, to, error);
    if (!text_equal(store_column_text(cursor, COLUMN_ID), facility.id)) {
      if (!hand_over(merging, &facility, to, error)) return false;
      begin(merging, cursor, &facility);
    }
    gather(merging, cursor, &facility);
  }
  return false;
}

static bool read_all(struct store_transaction *transaction, void *context, struct error *error)
{
  struct store_cursor *cursor;
  if (!store_query(
          transaction, &cursor,
          "SELECT f.id, f.first_listed, f.vanished, f.invented, "
          "l.facility_id, l.source, l.as_of, l.since, l.field_dates, l.withdrawn, l.directories, "
          "l.name1, l.name2, l.street1, l.street2, l.city, l.state, l.zip, l.county, "
          "l.county_from_zip, l.phone, l.intake_phone, l.intake_phone2, l.intake_phone3, "
          "l.intake_phone4, l.website, l.coordinates, l.codes, l.unknown, l.latitude, "
          "l.longitude, l.quality, l.external_id "
          "FROM facility f JOIN listing l ON l.facility_id = f.id "
          "WHERE f.vanished IS NULL ORDER BY f.id, l.source",
          STORE_BIND_NONE, error))
    return false;
  struct merging *merging = memory_allocate_zero(1, sizeof *merging);
  merging->arena = arena_new(LIMIT_ARENA_REQUEST);
  bool done = walk(cursor, merging, context, error);
  arena_free(merging->arena);
  free(merging);
  store_cursor_close(cursor);
  return done;
}

bool facility_each(struct store *store,
                   bool (*each)(void *context, const struct facility *facility,
                                struct error *error),
                   void *context, struct error *error)
{
  struct each_context to = {each, context};
  return store_read(store, read_all, &to, error);
}

struct load_context {
  struct arena *arena;
  struct text id;
  struct facility *out;
};

static bool read_one(struct store_transaction *transaction, void *context, struct error *error)
{
  struct load_context *load = context;
  struct store_cursor *cursor;
  if (!store_query(
          transaction, &cursor,
          "SELECT f.id, f.first_listed, f.vanished, f.invented, "
          "l.facility_id, l.source, l.as_of, l.since, l.field_dates, l.withdrawn, l.directories, "
          "l.name1, l.name2, l.street1, l.street2, l.city, l.state, l.zip, l.county, "
          "l.county_from_zip, l.phone, l.intake_phone, l.intake_phone2, l.intake_phone3, "
          "l.intake_phone4, l.website, l.coordinates, l.codes, l.unknown, l.latitude, "
          "l.longitude, l.quality, l.external_id "
          "FROM facility f JOIN listing l ON l.facility_id = f.id "
          "WHERE f.id = (SELECT coalesce(g.merged_into, g.id) FROM facility g WHERE g.id = $1) "
          "ORDER BY l.source",
          STORE_BIND(STORE_T(load->id)), error))
    return false;
  struct merging *merging = memory_allocate_zero(1, sizeof *merging);
  merging->arena = load->arena;
  struct facility facility = {.id = TEXT("")};
  bool more = false, done;
  while ((done = store_next(cursor, &more, error)) && more) {
    if (facility.id.length == 0) begin(merging, cursor, &facility);
    gather(merging, cursor, &facility);
  }
  store_cursor_close(cursor);
  if (done && facility.id.length == 0)
    done = error_set(error, ERROR_NOT_FOUND, "error.facility.unknown",
                     "Search for the place by its name.", "no facility has this id");
  if (done) {
    merge(merging, &facility);
    *load->out = facility;
  }
  free(merging);
  return done;
}

bool facility_load(struct store *store, struct arena *arena, struct text id, struct facility *out,
                   struct error *error)
{
  struct load_context load = {arena, text_lower_ascii(arena, id), out};
  return store_read(store, read_one, &load, error);
}

/* --- The document ---------------------------------------------------------------------------- */

/* The members that every document of a facility begins with. */
static struct value *head_of(struct arena *arena, const struct facility *facility)
{
  struct text_buffer head;
  text_buffer_init(&head, LIMIT_IMPORT_ROW);
  text_buffer_add_character(&head, '{');
  snapshot_write_head(facility, &head);
  text_buffer_add_character(&head, '}');
  struct value *document = value_object(arena);
  const struct value *read = NULL, *item;
  struct text key;
  if (json_read(arena, text_copy(arena, text_buffer_get(&head)), &read, NULL))
    for (size_t i = 0; value_member(read, i, &key, &item); i++)
      value_set_text_key(document, key, item);
  text_buffer_fini(&head);
  return document;
}

static const struct value *text_or_null(struct arena *arena, struct text t)
{
  return t.length ? value_text(arena, t) : value_null(arena);
}

static const struct value *words(struct arena *arena, struct text all, char separator)
{
  struct value *list = value_list(arena);
  struct text word;
  while (text_split_next(&all, separator, &word)) value_add(list, value_text(arena, word));
  return list;
}

static const struct value *intake_phones(struct arena *arena, const struct facility *facility)
{
  struct value *list = value_list(arena);
  for (size_t i = FIELD_INTAKE_PHONE; i <= FIELD_INTAKE_PHONE4; i++)
    if (facility->fields[i].length) value_add(list, value_text(arena, facility->fields[i]));
  return list;
}

static const struct value *directories(struct arena *arena, unsigned bits)
{
  static const struct {
    unsigned bit;
    struct text name;
  } names[] = {{DIRECTORY_SUBSTANCE_USE, TEXT("substance-use")},
               {DIRECTORY_MENTAL_HEALTH, TEXT("mental-health")},
               {DIRECTORY_OPIOID_TREATMENT, TEXT("opioid-treatment")}};
  struct value *list = value_list(arena);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (bits & names[i].bit) value_add(list, value_text(arena, names[i].name));
  return list;
}

static const struct value *fields(struct arena *arena, const struct facility *facility)
{
  struct value *all = value_object(arena);
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    if (facility->fields[i].length == 0) continue;
    const struct facility_source *from = &facility->sources[i];
    struct value *field = value_object(arena);
    value_set(field, "value", value_text(arena, facility->fields[i]));
    value_set(field, "source", value_text(arena, from->source));
    value_set(field, "as_of", value_text(arena, from->as_of));
    value_set(field, "since", value_text(arena, from->since));
    value_set(all, field_names[i], field);
  }
  return all;
}

struct value *facility_document(struct arena *arena, const struct facility *facility)
{
  static const struct text qualities[] = {[COORDINATE_NONE] = TEXT("none"),
                                          [COORDINATE_ZIP] = TEXT("zip"),
                                          [COORDINATE_REJECTED] = TEXT("rejected"),
                                          [COORDINATE_ADDRESS] = TEXT("address")};
  struct value *document = head_of(arena, facility);
  value_set(document, "codes", words(arena, facility->fields[FIELD_CODES], ' '));
  value_set(document, "county", text_or_null(arena, facility->fields[FIELD_COUNTY]));
  value_set(document, "website", text_or_null(arena, facility->fields[FIELD_WEBSITE]));
  value_set(document, "intake_phones", intake_phones(arena, facility));
  value_set(document, "coordinate_quality", value_text(arena, qualities[facility->quality]));
  value_set(document, "directories", directories(arena, facility->directories));
  value_set(document, "listed", value_boolean(arena, facility->vanished.length == 0));
  value_set(document, "vanished", text_or_null(arena, facility->vanished));
  value_set(document, "invented", value_boolean(arena, facility->invented));
  value_set(document, "first_listed", text_or_null(arena, facility->first_listed));
  value_set(document, "unknown_services", words(arena, facility->fields[FIELD_UNKNOWN], ';'));
  value_set(document, "fields", fields(arena, facility));
  return document;
}
