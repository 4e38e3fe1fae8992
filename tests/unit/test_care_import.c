/*
 * Tests of care_import.h: what a file's rows become, what is refused of them, that the same file
 * again changes nothing, who is likely there already. Expected values: what the file says; dates
 * and phone numbers as Americans write them; the list of what is to be refused.
 */
#include "care/care_import.h"
#include "care_world.h"

static struct care_import_report report;

static bool try_import(enum care_import_what what, bool is_dry_run, const char *file)
{
  const struct care_import import = {.store = world.store,
                                     .care = world.care,
                                     .actor = &world.actor,
                                     .what = what,
                                     .is_dry_run = is_dry_run,
                                     .now = world.now};
  error_clear(&world.error);
  return care_import_run(&import, world.arena, text_from(file), &report, &world.error);
}

static void import(enum care_import_what what, bool is_dry_run, const char *file)
{
  if (!try_import(what, is_dry_run, file)) fail_msg("%s: %s", file, world.error.log);
}

static void people(const char *file)
{
  import(CARE_IMPORT_PEOPLE, false, file);
}

static void expect_counts(int64_t fresh, int64_t changed, int64_t unchanged, int64_t refused)
{
  assert_int_equal(report.fresh, fresh);
  assert_int_equal(report.changed, changed);
  assert_int_equal(report.unchanged, unchanged);
  assert_int_equal(report.refused, refused);
  assert_int_equal(report.rows, fresh + changed + unchanged + refused);
}

/* --- What stands ----------------------------------------------------------------------------- */

static bool count(struct store_transaction *transaction, void *context, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  int64_t *out = context;
  if (!store_query(
          transaction, &cursor,
          "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM staff),"
          " (SELECT count(*) FROM import_row), (SELECT coalesce(max(version), 0) FROM person),"
          " (SELECT count(*) FROM duplicate)",
          STORE_BIND_NONE, error) ||
      !store_next(cursor, &more, error) || !more)
    return false;
  for (int i = 0; i < 5; i++) out[i] = store_column_integer(cursor, i);
  store_cursor_close(cursor);
  return true;
}

enum { PEOPLE, STAFF, ROWS, VERSION, SUGGESTED, COUNTS };
static int64_t stands(int which)
{
  int64_t counts[COUNTS];
  WORLD(store_read(world.store, count, counts, &world.error));
  return counts[which];
}

static struct person_hit *hits;
static size_t hit_count;
static bool look(struct store_transaction *t, const struct access *access, void *context,
                 struct error *error)
{
  bool more;
  return person_search(t, access, world.arena, text_from(context), 5, &hits, &hit_count, &more,
                       error);
}

/* The one person whom a search finds. */
static const struct person *found(const char *typed)
{
  world_become("", "", "");
  WORLD(world_do("person", "search", TEXT(""), look, text_c(world.arena, text_from(typed))));
  assert_int_equal(hit_count, 1);
  world_become("administrator", "", "");
  return &hits[0].person;
}

#define IS(field, expected) assert_true(text_equal((field), TEXT(expected)))

/* --- Tests ----------------------------------------------------------------------------------- */

static void a_row_becomes_a_person(void **state)
{
  (void)state;
  people(
      "MRN,First Name,Last Name,Preferred Name,DOB,Gender,Pronouns,Cell Phone,State,Zip,"
      "Preferred Language,Emergency Contact,Relationship,Contact Phone,Medicaid ID,Maiden Name\r\n"
      "77,Joan,River-\xc3\x91u\xc3\xb1"
      "ez,Jo,2/29/1980,F,they/them,(303) 555-0142,Colorado,80202,Spanish,Sam River,mother,"
      "1-303-555-0199,M-1,Lake; Pond\r\n");
  expect_counts(1, 0, 0, 0);
  const struct person *person = found("jo nunez");
  IS(person->identity.given, "Joan");
  IS(person->identity.chosen, "Jo");
  IS(person->identity.birth_date, "1980-02-29");
  IS(person->identity.sex, "female");
  IS(person->identity.pronouns, "they");
  IS(person->identity.state, "CO");
  IS(person->language, "es");
  assert_int_equal(person->identity.phone_count, 1);
  IS(person->identity.phones[0].number, "3035550142");
  IS(person->identity.phones[0].use, "mobile");
  assert_false(person->identity.phones[0].may_leave_message);
  IS(person->identity.contacts[0].relationship, "parent");
  IS(person->identity.contacts[0].phone, "3035550199");
  IS(person->identity.identifiers[0].value, "M-1");
  assert_int_equal(person->identity.former_count, 2);
  IS(person->identity.former[1], "Pond");
}

static const char two[] = "id,first name,last name,dob,phone\n"
                          "a,Joan,River,1980-02-29,3035550142\nb,Jon,Smyth,1975-01-02,\n";

static void the_same_again_changes_nothing(void **state)
{
  (void)state;
  people(two);
  expect_counts(2, 0, 0, 0);
  people(two);
  expect_counts(0, 0, 2, 0);
  /* Another order of columns and rows, other ways to write: the same. */
  people("dob,phone,id,last name,first name\n01/02/1975,,b,Smyth,Jon\n"
         "2/29/1980,303-555-0142,a,River,Joan\n");
  expect_counts(0, 0, 2, 0);
  assert_int_equal(stands(PEOPLE), 2);
  assert_int_equal(stands(ROWS), 2);
  assert_int_equal(stands(VERSION), 1);
}

static void a_changed_row_changes_its_record(void **state)
{
  (void)state;
  people(two);
  people("id,first name,last name,email\na,Joan,Waters,jo@example.org\nb,Jon,,\n");
  assert_int_equal(report.changed, 2);
  assert_int_equal(stands(PEOPLE), 2);
  const struct person *person = found("waters");
  IS(person->identity.birth_date, "1980-02-29"); /* the file says nothing of it now */
  IS(person->identity.phones[0].number, "3035550142");
  IS(person->identity.email, "jo@example.org");
  IS(found("smyth")->identity.given, "Jon");
}

static void a_dry_run_changes_nothing(void **state)
{
  (void)state;
  import(CARE_IMPORT_PEOPLE, true, two);
  expect_counts(2, 0, 0, 0);
  assert_int_equal(stands(PEOPLE) + stands(ROWS) + stands(SUGGESTED), 0);
  import(CARE_IMPORT_STAFF, true, "id,name,title\n1,Ann Lee,RN\n");
  expect_counts(1, 0, 0, 0);
  assert_int_equal(stands(STAFF), 0);
}

static void every_problem_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *row, *field, *what;
  } wrong[] = {
      {"1,=Joan,River,,,,,", "first name", "error.care.import.formula"},
      {"1,@Joan,River,,,,,", "first name", "error.care.import.formula"},
      {"1,-Joan,River,,,,,", "first name", "error.care.import.formula"},
      {"1,\"\tJoan\",River,,,,,", "first name", "error.care.import.formula"},
      {"1,Jo\xff,River,,,,,", "first name", "error.care.text"},
      {"1,Jo\x01,River,,,,,", "first name", "error.care.text"},
      {"1,Joan,River,1981-02-29,,,,", "dob", "error.care.date"},
      {"1,Joan,River,13/13/1981,,,,", "dob", "error.care.date"},
      {"1,Joan,River,2/3/81,,,,", "dob", "error.care.date"},
      {"1,Joan,River,2026-11-19,,,,", "dob", "error.care.future"},
      {"1,Joan,River,1900-01-01,,,,", "dob", "error.care.past"},
      {"1,Joan,River,,555-0142,,,", "phone", "error.care.phone"},
      {"1,Joan,River,,,ZZ,,", "state", "error.care.import.state"},
      {"1,Joan,River,,,,8020,", "zip", "error.care.zip"},
      {"1,Joan,River,,,,,Klingon", "language", "error.care.code"},
      {",Joan,River,,,,,", "id", "error.care.required"},
      {"1,,,,,,,", "last name", "error.care.name"},
      {"1,Joan,River,,,,,,9", "id", "error.care.import.wide"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct text file = text_format(world.arena,
                                   "id,first name,last name,dob,phone,state,zip,language\n"
                                   "0,Ann,Lee,,,,,\n%s\n",
                                   wrong[i].row);
    import(CARE_IMPORT_PEOPLE, true, text_c(world.arena, file));
    if (report.problem_total != 1) fail_msg("%s: %zu problems", wrong[i].row, report.problem_total);
    assert_int_equal(report.problems[0].line, 3);
    assert_string_equal(text_c(world.arena, report.problems[0].field), wrong[i].field);
    assert_string_equal(report.problems[0].what, wrong[i].what);
    assert_non_null(catalog_find(world.catalog, 1, text_from(report.problems[0].mend)).at);
    expect_counts(1, 0, 0, 1);
  }
}

static void one_bad_row_keeps_no_other_out(void **state)
{
  (void)state;
  people("id,last name,dob\n1,Lee,1990-13-01\n2,Smyth,1975-01-02\n2,Smith,1975-01-02\n");
  expect_counts(1, 0, 0, 2);
  assert_string_equal(report.problems[1].what, "error.care.import.id");
  assert_int_equal(report.problems[1].line, 4);
  assert_int_equal(stands(PEOPLE), 1);
}

static void a_broken_file_is_refused_whole(void **state)
{
  (void)state;
  assert_false(try_import(CARE_IMPORT_PEOPLE, false, "id,last name\n1,Lee\n2,\"Smyth\n"));
  assert_int_equal(world.error.kind, ERROR_REFUSED);
  assert_false(try_import(CARE_IMPORT_PEOPLE, false, ""));
  static const char *const headers[] = {"last name\nLee\n", "id,phone\n1,3035550142\n",
                                        "id,last name,surname\n1,Lee,Lee\n"};
  for (size_t i = 0; i < 3; i++) {
    people(headers[i]);
    assert_true(report.is_refused);
    assert_int_equal(report.problem_total, 1);
    expect_counts(0, 0, 0, 0);
  }
  assert_int_equal(stands(PEOPLE), 0);
}

static void likely_duplicates_are_shown(void **state)
{
  (void)state;
  people(two);
  import(CARE_IMPORT_PEOPLE, true,
         "id,first name,last name,dob,phone\nx,Joan,River,1980-02-29,3035550142\n"
         "y,Mary,Major,1960-03-04,3035550177\nz,Mary,Major,1960-03-04,3035550177\n");
  assert_int_equal(report.alike_total, 2);
  assert_int_equal(report.alike[0].line, 2);
  assert_true(text_equal(report.alike[0].person_id, found("river")->id));
  assert_int_equal(report.alike[1].line, 4);
  assert_int_equal(report.alike[1].other_line, 3);
  assert_int_equal(stands(SUGGESTED), 0);
  people("id,first name,last name,dob,phone\nx,Joan,River,1980-02-29,3035550142\n");
  assert_int_equal(stands(SUGGESTED), 1);
}

static void staff_come_with_their_license(void **state)
{
  (void)state;
  static const char file[] = "Employee ID,Name,Job Title,License,License State,Expires,Hours\n"
                             "7,Ann Lee,RN,RN.123,Colorado,1/31/2027,37.5\n"
                             "8,Bo Day,astronaut,,,,\n9,Cy Day,MD,,,,200\n";
  import(CARE_IMPORT_STAFF, false, file);
  expect_counts(1, 0, 0, 2);
  import(CARE_IMPORT_STAFF, false, file);
  expect_counts(0, 0, 1, 2);
  import(CARE_IMPORT_STAFF, false, "id,name,job,expires\n7,Ann Lee,RN,2028-01-31\n");
  expect_counts(0, 1, 0, 0);
  assert_int_equal(stands(STAFF), 1);
}

static void only_who_may_import_does(void **state)
{
  (void)state;
  world_become("counselor", "", "");
  assert_false(try_import(CARE_IMPORT_PEOPLE, true, two));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  assert_false(try_import(CARE_IMPORT_STAFF, true, "id,name,title\n1,Ann Lee,RN\n"));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  world_become("administrator", "", "");
  world.actor.is_confirmed = false;
  assert_false(try_import(CARE_IMPORT_PEOPLE, true, two));
  assert_string_equal(world.error.person, "error.proof.text");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_row_becomes_a_person),           TEST(the_same_again_changes_nothing),
      TEST(a_changed_row_changes_its_record), TEST(a_dry_run_changes_nothing),
      TEST(every_problem_is_named),           TEST(one_bad_row_keeps_no_other_out),
      TEST(a_broken_file_is_refused_whole),   TEST(likely_duplicates_are_shown),
      TEST(staff_come_with_their_license),    TEST(only_who_may_import_does),
  };
  return store_support_run("care import", tests, sizeof tests / sizeof *tests);
}
