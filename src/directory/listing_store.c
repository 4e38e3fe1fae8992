/*
 * Table listing: rows in and out. See listing.h and migrations/001-directory.sql.
 */
#include <string.h>

#include "directory/listing.h"

/* Columns behind facility_id and source. `county_from_zip` stands behind the county. */
enum { OUR_COLUMNS = 27 };

static struct text text_or_empty(const struct store_cursor *cursor, int column)
{
  return store_column_is_null(cursor, column) ? (struct text){"", 0}
                                              : store_column_text(cursor, column);
}

void listing_row_read(const struct store_cursor *cursor, int first, struct listing_row *out)
{
  struct text *texts[] = {&out->facility_id, &out->source,      &out->as_of,
                          &out->since,       &out->field_dates, &out->withdrawn};
  int column = first;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = text_or_empty(cursor, column++);
  struct listing *listing = &out->listing;
  listing->directories = (unsigned)store_column_integer(cursor, column++);
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    listing->fields[i] = store_column_text(cursor, column++);
    if (i == FIELD_COUNTY) listing->county_from_zip = store_column_integer(cursor, column++) != 0;
  }
  listing->latitude = store_column_decimal(cursor, column++);
  listing->longitude = store_column_decimal(cursor, column++);
  listing->quality = (enum coordinate_quality)store_column_integer(cursor, column++);
  listing->external_id = store_column_text(cursor, column);
}

/* The columns behind facility_id and source, as bindings in the order of the table. */
static void bind(const struct listing_row *row, struct store_value *out)
{
  const struct listing *listing = &row->listing;
  size_t at = 0;
  out[at++] = STORE_T(row->as_of);
  out[at++] = STORE_T(row->since);
  out[at++] = STORE_T(row->field_dates);
  out[at++] = row->withdrawn.length ? STORE_T(row->withdrawn) : STORE_NONE;
  out[at++] = STORE_N(listing->directories);
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    out[at++] = STORE_T(listing->fields[i]);
    if (i == FIELD_COUNTY) out[at++] = STORE_N(listing->county_from_zip);
  }
  out[at++] = STORE_D(listing->latitude);
  out[at++] = STORE_D(listing->longitude);
  out[at++] = STORE_N(listing->quality);
  out[at++] = STORE_T(listing->external_id);
}

bool listing_row_insert(struct store_transaction *transaction, const struct listing_row *row,
                        struct error *error)
{
  struct store_value values[OUR_COLUMNS + 2];
  values[0] = STORE_T(row->facility_id);
  values[1] = STORE_T(row->source);
  bind(row, values + 2);
  return store_execute(
      transaction,
      "INSERT INTO listing (facility_id, source, as_of, since, field_dates, withdrawn, "
      "directories, name1, name2, street1, street2, city, state, zip, county, county_from_zip, "
      "phone, intake_phone, intake_phone2, intake_phone3, intake_phone4, website, coordinates, "
      "codes, unknown, latitude, longitude, quality, external_id) VALUES ($1, $2, $3, $4, $5, "
      "$6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, "
      "$24, $25, $26, $27, $28, $29) ",
      values, OUR_COLUMNS + 2, NULL, error);
}

bool listing_row_update(struct store_transaction *transaction, const struct listing_row *row,
                        struct error *error)
{
  struct store_value values[OUR_COLUMNS + 2];
  bind(row, values);
  values[OUR_COLUMNS] = STORE_T(row->facility_id);
  values[OUR_COLUMNS + 1] = STORE_T(row->source);
  return store_execute(
      transaction,
      "UPDATE listing SET as_of = $1, since = $2, field_dates = $3, withdrawn = $4, directories "
      "= $5, name1 = $6, name2 = $7, street1 = $8, street2 = $9, city = $10, state = $11, zip = "
      "$12, county = $13, county_from_zip = $14, phone = $15, intake_phone = $16, intake_phone2 "
      "= $17, intake_phone3 = $18, intake_phone4 = $19, website = $20, coordinates = $21, codes "
      "= $22, unknown = $23, latitude = $24, longitude = $25, quality = $26, external_id = $27 "
      "WHERE facility_id = $28 AND source = $29 ",
      values, OUR_COLUMNS + 2, NULL, error);
}

void listing_row_copy(struct arena *arena, const struct listing_row *from, struct listing_row *to)
{
  *to = *from;
  struct text *texts[] = {&to->facility_id,
                          &to->source,
                          &to->as_of,
                          &to->since,
                          &to->field_dates,
                          &to->withdrawn,
                          &to->listing.external_id};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = text_copy(arena, *texts[i]);
  for (size_t i = 0; i < FIELD_COUNT; i++)
    to->listing.fields[i] = text_copy(arena, to->listing.fields[i]);
}

bool listing_row_load(struct store_transaction *transaction, struct arena *arena,
                      struct text facility_id, struct text source, struct listing_row *out,
                      struct error *error)
{
  struct store_cursor *cursor;
  if (!store_query(
          transaction, &cursor,
          "SELECT facility_id, source, as_of, since, field_dates, withdrawn, directories, name1, "
          "name2, street1, street2, city, state, zip, county, county_from_zip, phone, "
          "intake_phone, "
          "intake_phone2, intake_phone3, intake_phone4, website, coordinates, codes, unknown, "
          "latitude, longitude, quality, external_id FROM listing WHERE facility_id = $1 AND "
          "source "
          "= $2 ",
          STORE_BIND(STORE_T(facility_id), STORE_T(source)), error))
    return false;
  bool more = false, done = store_next(cursor, &more, error);
  struct listing_row row;
  if (done && more) {
    listing_row_read(cursor, 0, &row);
    listing_row_copy(arena, &row, out);
  } else if (done) {
    done = error_set(error, ERROR_NOT_FOUND, "error.facility.unknown", "",
                     "no listing of %.*s by %.*s", TEXT_PRINT(facility_id), TEXT_PRINT(source));
  }
  store_cursor_close(cursor);
  return done;
}

/* --- Since when ------------------------------------------------------------------------------- */

struct text listing_row_since(const struct listing_row *row, enum facility_field field)
{
  struct text rest = row->field_dates, word, name = text_from(facility_field_name(field));
  while (text_word_next(&rest, &word)) {
    size_t equals = text_find(word, TEXT("="));
    if (text_equal(text_slice(word, 0, equals), name))
      return text_slice(word, equals + 1, word.length);
  }
  return row->since;
}

struct text listing_row_dates(struct arena *arena, const struct listing_row *old,
                              const struct listing *fresh, struct text as_of)
{
  enum { LONGEST = 32 };
  struct text_buffer dates;
  text_buffer_init(&dates, FIELD_COUNT * LONGEST);
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    bool same = text_equal(old->listing.fields[i], fresh->fields[i]);
    struct text since = same ? listing_row_since(old, (enum facility_field)i) : as_of;
    if (text_equal(since, old->since)) continue;
    text_buffer_add_format(&dates, "%s%s=%.*s", dates.length ? " " : "",
                           facility_field_name((enum facility_field)i), TEXT_PRINT(since));
  }
  struct text out = text_copy(arena, text_buffer_get(&dates));
  text_buffer_fini(&dates);
  return out;
}
