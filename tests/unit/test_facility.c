/*
 * Facilities: merged from listings in a real store. What wins is written out by hand from
 * docs/import.md.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "directory/listing.h"

static const char first_id[] = "11111111-1111-5111-8111-111111111111";
static const char second_id[] = "22222222-2222-5222-8222-222222222222";
static const char merged_id[] = "33333333-3333-5333-8333-333333333333";

static struct arena *arena;
static struct store *store;
static char folder[] = "/tmp/fairlead-facility-XXXXXX";

static struct listing_row row_of(const char *id, const char *source, const char *as_of)
{
  struct listing_row row = {.facility_id = text_from(id),
                            .source = text_from(source),
                            .as_of = text_from(as_of),
                            .since = text_from(as_of),
                            .field_dates = TEXT(""),
                            .withdrawn = TEXT("")};
  for (size_t i = 0; i < FIELD_COUNT; i++) row.listing.fields[i] = TEXT("");
  row.listing.external_id = TEXT("");
  row.listing.directories = DIRECTORY_SUBSTANCE_USE;
  return row;
}

static bool add_facility(struct store_transaction *transaction, const char *id,
                         struct store_value vanished, struct store_value merged)
{
  return store_execute(transaction,
                       "INSERT INTO facility (id, identity, first_listed, vanished, merged_into, "
                       "invented) VALUES ($1, 'x', '2021-01-01', $2, $3, 0)",
                       STORE_BIND(STORE_T(text_from(id)), vanished, merged), NULL, NULL);
}

/* One facility that four sources name, one that vanished, one that was merged away. */
static bool fill(struct store_transaction *transaction, void *context, struct error *error)
{
  (void)context;
  assert_true(add_facility(transaction, first_id, STORE_NONE, STORE_NONE));
  assert_true(add_facility(transaction, second_id, STORE_T(TEXT("2023-01-01")), STORE_NONE));
  assert_true(add_facility(transaction, merged_id, STORE_NONE, STORE_T(text_from(first_id))));

  struct listing_row old = row_of(first_id, "list", "2022-01-01");
  old.listing.fields[FIELD_NAME1] = TEXT("Old Name");
  old.listing.fields[FIELD_NAME2] = TEXT("Old Site");
  old.listing.fields[FIELD_WEBSITE] = TEXT("http://old.example");
  old.listing.fields[FIELD_CODES] = TEXT("BUM SA");
  old.listing.fields[FIELD_COUNTY] = TEXT("Henrico");
  old.listing.fields[FIELD_COORDINATES] = TEXT("37.5,-77.4");
  old.listing.latitude = 37.5;
  old.listing.longitude = -77.4;
  old.listing.quality = COORDINATE_ADDRESS;

  struct listing_row substance = row_of(first_id, "su", "2023-01-01");
  substance.listing.fields[FIELD_NAME1] = TEXT("New Name");
  substance.listing.fields[FIELD_STREET1] = TEXT("1 Elm");
  substance.listing.fields[FIELD_ZIP] = TEXT("23220");
  substance.listing.fields[FIELD_PHONE] = TEXT("804-555-0101");
  substance.listing.fields[FIELD_CODES] = TEXT("DT SA");
  substance.listing.fields[FIELD_COUNTY] = TEXT("Richmond");
  substance.listing.county_from_zip = true;
  substance.listing.quality = COORDINATE_ZIP;
  substance.listing.latitude = 37;
  substance.since = TEXT("2022-01-01");
  substance.field_dates = TEXT("phone=2023-01-01 codes=2022-06-01");

  struct listing_row mental = row_of(first_id, "mh", "2023-01-01");
  mental.listing.directories = DIRECTORY_MENTAL_HEALTH;
  mental.listing.fields[FIELD_NAME1] = TEXT("Name at the other list");
  mental.listing.fields[FIELD_INTAKE_PHONE] = TEXT("804-555-0102");
  mental.listing.fields[FIELD_CODES] = TEXT("CMHC SA");
  mental.listing.fields[FIELD_UNKNOWN] = TEXT("ZZQ");

  struct listing_row gone = row_of(first_id, "gone", "2024-01-01");
  gone.withdrawn = TEXT("2025-01-01");
  gone.listing.fields[FIELD_NAME1] = TEXT("Not said any more");

  struct listing_row vanished = row_of(second_id, "su", "2022-01-01");
  vanished.withdrawn = TEXT("2023-01-01");
  vanished.listing.fields[FIELD_NAME1] = TEXT("Closed");
  vanished.listing.fields[FIELD_ZIP] = TEXT("23220");

  return listing_row_insert(transaction, &old, error) &&
         listing_row_insert(transaction, &substance, error) &&
         listing_row_insert(transaction, &mental, error) &&
         listing_row_insert(transaction, &gone, error) &&
         listing_row_insert(transaction, &vanished, error);
}

static int set_up(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new(1 << 24);
  if (!mkdtemp(folder)) return 1;
  if (store_open(&store, file_join(arena, folder, "test.db"), &error) &&
      store_migrate(store, "migrations", &error) && store_write(store, fill, NULL, &error))
    return 0;
  print_error("%s\n", error.log);
  return 1;
}

static int tear_down(void **state)
{
  (void)state;
  store_close(store);
  static const char *const names[] = {"test.db", "test.db-wal", "test.db-shm"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    unlink(file_join(arena, folder, names[i]));
  rmdir(folder);
  arena_free(arena);
  return 0;
}

static void check(const struct facility *facility, enum facility_field field, const char *value,
                  const char *source, const char *as_of, const char *since)
{
  assert_string_equal(text_c(arena, facility->fields[field]), value);
  assert_string_equal(text_c(arena, facility->sources[field].source), source);
  assert_string_equal(text_c(arena, facility->sources[field].as_of), as_of);
  assert_string_equal(text_c(arena, facility->sources[field].since), since);
}

static void facility_is_merged_from_its_listings(void **state)
{
  (void)state;
  struct facility got;
  assert_true(facility_load(store, arena, text_from(first_id), &got, NULL));
  check(&got, FIELD_NAME1, "New Name", "su", "2023-01-01", "2022-01-01");
  check(&got, FIELD_NAME2, "", "", "", ""); /* with its name1, not the older list's */
  check(&got, FIELD_PHONE, "804-555-0101", "su", "2023-01-01", "2023-01-01");
  check(&got, FIELD_INTAKE_PHONE, "804-555-0102", "mh", "2023-01-01", "2023-01-01");
  check(&got, FIELD_WEBSITE, "http://old.example", "list", "2022-01-01", "2022-01-01");
  check(&got, FIELD_COUNTY, "Henrico", "list", "2022-01-01", "2022-01-01");
  check(&got, FIELD_COORDINATES, "37.5,-77.4", "list", "2022-01-01", "2022-01-01");
  assert_int_equal(got.quality, COORDINATE_ADDRESS);
  assert_true(got.latitude > 37.4 && got.longitude < -77.3);
  /* BUM of 2022 is not said in 2023; the other directory's codes are united. */
  check(&got, FIELD_CODES, "CMHC DT SA", "su", "2023-01-01", "2022-06-01");
  check(&got, FIELD_UNKNOWN, "ZZQ", "mh", "2023-01-01", "2023-01-01");
  assert_int_equal(got.directories, DIRECTORY_SUBSTANCE_USE | DIRECTORY_MENTAL_HEALTH);
  assert_true(got.vanished.length == 0 && !got.invented);
  assert_true(text_equal(got.first_listed, TEXT("2021-01-01")));
}

static void facility_ids_answer_in_any_case_and_after_merging(void **state)
{
  (void)state;
  struct facility got;
  assert_true(facility_load(store, arena, text_from(merged_id), &got, NULL));
  assert_true(text_equal(got.id, text_from(first_id)));
  struct error error = {0};
  assert_false(facility_load(store, arena, TEXT("nobody"), &got, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

static void facility_that_vanished_is_still_told(void **state)
{
  (void)state;
  struct facility got;
  assert_true(facility_load(store, arena, text_from(second_id), &got, NULL));
  assert_true(text_equal(got.vanished, TEXT("2023-01-01")));
  assert_true(text_equal(got.fields[FIELD_NAME1], TEXT("Closed")));
}

static bool count_each(void *context, const struct facility *facility, struct error *error)
{
  (void)error;
  int *count = context;
  assert_true(text_equal(facility->id, text_from(first_id)));
  assert_true(text_equal(facility->fields[FIELD_NAME1], TEXT("New Name")));
  (*count)++;
  return true;
}

static bool refuse_each(void *context, const struct facility *facility, struct error *error)
{
  (void)context, (void)facility;
  return error_set(error, ERROR_BUSY, "error.system", "", "enough");
}

static void facility_each_gives_those_listed(void **state)
{
  (void)state;
  int count = 0;
  struct error error = {0};
  assert_true(facility_each(store, count_each, &count, NULL));
  assert_int_equal(count, 1);
  assert_false(facility_each(store, refuse_each, NULL, &error));
  assert_int_equal(error.kind, ERROR_BUSY);
}

static const char *written(const struct value *value)
{
  struct text_buffer out;
  text_buffer_init(&out, 1 << 20);
  json_write(value, &out);
  const char *text = text_c(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return text;
}

static void check_member(const struct value *document, const char *name, const char *expected)
{
  const struct value *member = value_get(document, text_from(name));
  assert_non_null(member);
  assert_string_equal(written(member), expected);
}

static void facility_document_says_all(void **state)
{
  (void)state;
  struct facility got;
  assert_true(facility_load(store, arena, text_from(first_id), &got, NULL));
  const struct value *document = facility_document(arena, &got);
  check_member(document, "id", "\"11111111-1111-5111-8111-111111111111\"");
  check_member(document, "name", "\"New Name\"");
  check_member(document, "street2", "null");
  check_member(document, "codes", "[\"CMHC\",\"DT\",\"SA\"]");
  check_member(document, "intake_phones", "[\"804-555-0102\"]");
  check_member(document, "coordinate_quality", "\"address\"");
  check_member(document, "directories", "[\"substance-use\",\"mental-health\"]");
  check_member(document, "listed", "true");
  check_member(document, "vanished", "null");
  check_member(document, "invented", "false");
  check_member(document, "unknown_services", "[\"ZZQ\"]");
  const struct value *fields = value_get(document, TEXT("fields"));
  check_member(fields, "phone",
               "{\"value\":\"804-555-0101\",\"source\":\"su\",\"as_of\":\"2023-01-01\","
               "\"since\":\"2023-01-01\"}");
  assert_null(value_get(fields, TEXT("name2")));
  assert_true(facility_load(store, arena, text_from(second_id), &got, NULL));
  document = facility_document(arena, &got);
  check_member(document, "listed", "false");
  check_member(document, "vanished", "\"2023-01-01\"");
  check_member(document, "latitude", "null");
}

static void facility_dates_follow_what_changed(void **state)
{
  (void)state;
  struct listing_row old = row_of(first_id, "su", "2022-01-01");
  old.listing.fields[FIELD_NAME1] = TEXT("A");
  old.listing.fields[FIELD_PHONE] = TEXT("1");
  old.field_dates = TEXT("phone=2022-06-01");
  struct listing fresh = old.listing;
  struct text dates = listing_row_dates(arena, &old, &fresh, TEXT("2023-01-01"));
  assert_true(text_equal(dates, TEXT("phone=2022-06-01")));
  fresh.fields[FIELD_NAME1] = TEXT("B");
  dates = listing_row_dates(arena, &old, &fresh, TEXT("2023-01-01"));
  assert_true(text_equal(dates, TEXT("name1=2023-01-01 phone=2022-06-01")));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(facility_is_merged_from_its_listings),
      cmocka_unit_test(facility_ids_answer_in_any_case_and_after_merging),
      cmocka_unit_test(facility_that_vanished_is_still_told),
      cmocka_unit_test(facility_each_gives_those_listed),
      cmocka_unit_test(facility_document_says_all),
      cmocka_unit_test(facility_dates_follow_what_changed),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
