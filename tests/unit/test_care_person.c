/*
 * Tests of person.h: the sealed identity, who finds whom and who does not, photos, what an actor is
 * to a person. Expected values: what was written; names and their sounds as people say them
 * ("Jon Smyth" is found by "smith"); first bytes of PNG and JPEG by their standards.
 */
#include "care_world.h"
#include "picture_support.h"

/* --- Deeds --------------------------------------------------------------------------------- */

static bool make(struct store_transaction *t, const struct access *access, void *context,
                 struct error *error)
{
  return person_create(t, world.care, access, world.arena, context, error);
}
static bool save(struct store_transaction *t, const struct access *access, void *context,
                 struct error *error)
{
  return person_save(t, world.care, access, world.arena, context, error);
}
static bool load(struct store_transaction *t, const struct access *access, void *context,
                 struct error *error)
{
  struct person *person = context;
  return person_load(t, access, world.arena, person->id, person, error);
}

static bool try_add(struct person *person)
{
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &person->id,
                     &world.error));
  struct world_deed deed = {"person", "write", person->id, make, person, true};
  error_clear(&world.error);
  return store_write(world.store, world_run, &deed, &world.error);
}

static struct person named(const char *given, const char *family, const char *birth_date)
{
  return (struct person){.identity = {.given = text_from(given),
                                      .family = text_from(family),
                                      .birth_date = text_from(birth_date),
                                      .sex = TEXT("unknown")},
                         .language = TEXT("en")};
}

static struct text add(const char *given, const char *family, const char *birth_date)
{
  struct person person = named(given, family, birth_date);
  if (!try_add(&person)) fail_msg("%s", world.error.log);
  return person.id;
}

struct found {
  struct text typed;
  struct person_hit *hits;
  size_t count;
  bool more;
};
static bool look(struct store_transaction *t, const struct access *access, void *context,
                 struct error *error)
{
  struct found *found = context;
  return person_search(t, access, world.arena, found->typed, 5, &found->hits, &found->count,
                       &found->more, error);
}

/* The family names that a search finds, in its order. */
static const char *families(const char *typed)
{
  struct found found = {.typed = text_from(typed)};
  struct text_buffer buffer;
  if (!world_do("person", "search", TEXT(""), look, &found))
    fail_msg("%s: %s", typed, world.error.log);
  text_buffer_init(&buffer, 1000);
  for (size_t i = 0; i < found.count; i++) {
    if (i) text_buffer_add_character(&buffer, ' ');
    text_buffer_add(&buffer, found.hits[i].person.identity.family);
  }
  if (found.more) text_buffer_add(&buffer, TEXT(" more"));
  char *out = text_c(world.arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return out;
}

/* --- Identity ------------------------------------------------------------------------------ */

static struct person full(void)
{
  static const struct text former[] = {{"Rivers", 6}};
  static const struct person_phone phones[] = {{{"(303) 555-0142", 14}, {"mobile", 6}, true}};
  static const struct person_contact contacts[] = {
      {{"Sam  River", 10}, {"sibling", 7}, {"+1 303 555 0199", 15}}};
  static const struct person_identifier identifiers[] = {
      {{"medicaid", 8}, {"A-1234", 6}, {"CO", 2}}};
  struct person person = named(" Joan ", "River-Ñuñez", "1980-02-29");
  person.identity.middle = TEXT("Q.");
  person.identity.chosen = TEXT("Jo");
  person.identity.former = former;
  person.identity.former_count = 1;
  person.identity.sex = TEXT("female");
  person.identity.gender_identity = TEXT("nonbinary");
  person.identity.pronouns = TEXT("they");
  person.identity.phones = phones;
  person.identity.phone_count = 1;
  person.identity.email = TEXT("jo@example.org");
  person.identity.street = TEXT("1 Pier Street");
  person.identity.city = TEXT("Denver");
  person.identity.state = TEXT("CO");
  person.identity.zip = TEXT("80202");
  person.identity.contacts = contacts;
  person.identity.contact_count = 1;
  person.identity.identifiers = identifiers;
  person.identity.identifier_count = 1;
  return person;
}

static void identity_comes_back_as_it_was_written(void **state)
{
  (void)state;
  struct person person = full(), back = {0};
  if (!try_add(&person)) fail_msg("%s", world.error.log);
  back.id = person.id;
  WORLD(world_do("person", "read", person.id, load, &back));
  const struct person_identity *identity = &back.identity;
  assert_true(text_equal(identity->given, TEXT("Joan")));
  assert_true(text_equal(identity->family, TEXT("River-Ñuñez")));
  assert_true(text_equal(identity->phones[0].number, TEXT("3035550142")));
  assert_true(identity->phones[0].may_leave_message);
  assert_true(text_equal(identity->contacts[0].name, TEXT("Sam River")));
  assert_true(text_equal(identity->contacts[0].phone, TEXT("3035550199")));
  assert_true(text_equal(identity->identifiers[0].value, TEXT("A-1234")));
  assert_true(text_equal(identity->former[0], TEXT("Rivers")));
  assert_true(text_equal(person_identity_write(world.arena, identity),
                         person_identity_write(world.arena, &person.identity)));
  assert_true(
      text_equal(person_full_name(world.arena, identity), TEXT("Jo (Joan Q.) River-Ñuñez")));
  assert_true(text_equal(person_short_name(world.arena, identity), TEXT("Jo River-Ñuñez")));
}

/* A leap day's child grows older on the first of March in other years. */
static void age_counts_full_years(void **state)
{
  (void)state;
  assert_int_equal(person_age(TEXT("1980-02-29"), TEXT("2026-02-28")), 45);
  assert_int_equal(person_age(TEXT("1980-02-29"), TEXT("2026-03-01")), 46);
  assert_int_equal(person_age(TEXT("2026-11-18"), TEXT("2026-11-18")), 0);
  assert_int_equal(person_age(TEXT(""), TEXT("2026-11-18")), -1);
}

static void wrong_fields_are_named(void **state)
{
  (void)state;
  struct person person = full();
  struct field_problems problems = {.count = 0};
  person.identity.given = person.identity.family = person.identity.chosen = TEXT("");
  person.identity.birth_date = TEXT("2026-11-19");
  person.identity.sex = TEXT("x");
  person.identity.email = TEXT("jo at example.org");
  person.identity.zip = TEXT("8020");
  person.identity.state = TEXT("Colorado");
  person.language = TEXT("");
  person_check(world.care, &person, TEXT("2026-11-18"), &problems);
  static const char *const expected[] = {"family", "birth_date", "sex",   "language",     "email",
                                         "state",  "zip",        "phone", "contact_phone"};
  assert_int_equal(problems.count, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < problems.count; i++)
    assert_string_equal(problems.items[i].field, expected[i]);
  assert_false(try_add(&person));
  assert_int_equal(world.error.kind, ERROR_REFUSED);
  person = named("A\x01", "B", "1890-01-01");
  problems.count = 0;
  person_check(world.care, &person, TEXT("2026-11-18"), &problems);
  assert_string_equal(problems.items[0].message, "error.care.text");
  assert_string_equal(problems.items[1].message, "error.care.date");
}

static void a_stale_save_is_a_conflict(void **state)
{
  (void)state;
  struct person person = full();
  if (!try_add(&person)) fail_msg("%s", world.error.log);
  struct person other = person;
  person.identity.family = TEXT("Lake");
  WORLD(world_do("person", "write", person.id, save, &person));
  assert_false(world_do("person", "write", other.id, save, &other));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  assert_string_equal(families("lake"), "Lake");
  assert_string_equal(families("ñuñez"), "");
}

/* --- Search -------------------------------------------------------------------------------- */

static void people_are_found_as_they_are_asked_for(void **state)
{
  (void)state;
  struct person jo = full();
  if (!try_add(&jo)) fail_msg("%s", world.error.log);
  add("Jon", "Smyth", "1975-05-06");
  add("John", "Smith", "1990-12-01");
  add("Maria", "O'Neill", "2001-07-04");
  add("Mary", "Johnson", "1966-01-31");
  static const struct {
    const char *typed, *families;
  } cases[] = {
      {"smith", "Smith Smyth"}, /* the whole word before the sound */
      {"smyth jon", "Smyth Smith"},
      {"Jon Smyth", "Smyth Smith"},
      {"joh",
       "Smith Johnson River-Ñuñez"}, /* three letters, by full name; then the sound of "Jo" */
      {"johns", "Johnson"},          /* more letters than the index keeps are checked */
      {"o'neill", "O'Neill"},
      {"ONeill maria", "O'Neill"},
      {"nunez", "River-Ñuñez"},
      {"rivers", "River-Ñuñez"}, /* a former name */
      {"jo", "River-Ñuñez"},     /* two letters are a whole word */
      {"1980-02-29", "River-Ñuñez"},
      {"2/29/1980 joan", "River-Ñuñez"},
      {"303-555-0142", "River-Ñuñez"},
      {"smith 1975-05-06", "Smyth"},
      {"smith 1975-05-07", ""},
      {"nobody", ""},
      {"", ""},
      {"%' OR 1=1", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *got = families(cases[i].typed);
    if (strcmp(got, cases[i].families) != 0)
      fail_msg("'%s' finds '%s', expected '%s'", cases[i].typed, got, cases[i].families);
  }
}

static void a_search_is_capped_and_says_so(void **state)
{
  (void)state;
  for (int i = 0; i < 7; i++) {
    char given[16];
    snprintf(given, sizeof given, "Ann%c", 'g' - i);
    add(given, "Bell", "1990-01-01");
  }
  struct found found = {.typed = TEXT("bell")};
  WORLD(world_do("person", "search", TEXT(""), look, &found));
  assert_int_equal(found.count, 5);
  assert_true(found.more);
  assert_true(text_equal(found.hits[0].person.identity.given, TEXT("Anna")));
  assert_true(text_equal(found.hits[4].person.identity.given, TEXT("Anne")));
}

/* --- Scope --------------------------------------------------------------------------------- */

static bool put_site(struct store_transaction *t, const struct access *access, void *context,
                     struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}
static bool put_staff(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return staff_create(t, world.care, access, world.arena, context, error);
}
static bool put_team(struct store_transaction *t, const struct access *access, void *context,
                     struct error *error)
{
  return care_team_add(t, world.care, access, world.arena, context, error);
}
static bool end_team(struct store_transaction *t, const struct access *access, void *context,
                     struct error *error)
{
  struct care_team_member *member = context;
  return care_team_end(t, access, member->id, world.now, member->version, error);
}

static void a_search_shows_only_what_the_role_reaches(void **state)
{
  (void)state;
  struct site west = {.name = TEXT("West")}, east = {.name = TEXT("East")};
  struct staff counselor = {.name = TEXT("Cora"), .profession = TEXT("counselor")};
  world_become("", "", "");
  WORLD(world_do("site", "write", TEXT(""), put_site, &west));
  WORLD(world_do("site", "write", TEXT(""), put_site, &east));
  WORLD(world_do("staff", "write", TEXT(""), put_staff, &counselor));
  struct person here = named("Ann", "Bell", ""), there = named("Ann", "Booth", "");
  here.site_id = west.id;
  there.site_id = east.id;
  assert_true(try_add(&here) && try_add(&there));
  assert_string_equal(families("ann"), "Bell Booth");

  world_become("nurse", text_c(world.arena, west.id), "");
  assert_string_equal(families("ann"), "Bell");
  WORLD(world_do("person", "read", here.id, load, &here));
  assert_false(world_do("person", "read", there.id, load, &there));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);

  world_become("counselor", "", text_c(world.arena, counselor.id));
  assert_string_equal(families("ann"), "");
  world_become("", "", "");
  struct care_team_member member = {.person_id = there.id,
                                    .staff_id = counselor.id,
                                    .role = TEXT("counselor"),
                                    .from_at = world.now - 1};
  WORLD(world_do("episode", "write", there.id, put_team, &member));
  assert_false(world_do("episode", "write", there.id, put_team, &member));
  assert_string_equal(world.error.person, "error.care.team");
  world_become("counselor", "", text_c(world.arena, counselor.id));
  assert_string_equal(families("ann"), "Booth");
  WORLD(world_do("person", "read", there.id, load, &there));
  world_become("", "", "");
  WORLD(world_do("episode", "write", there.id, end_team, &member));
  world_become("counselor", "", text_c(world.arena, counselor.id));
  assert_string_equal(families("ann"), "");
}

/* What a serialization failure or a full disk does: the function runs, and runs again. */
static bool save_and_fail(struct store_transaction *t, const struct access *access, void *context,
                          struct error *error)
{
  return save(t, access, context, error) &&
         error_set(error, ERROR_BUSY, "error.store.busy", "", "to be run again");
}

static void a_save_that_runs_again_saves(void **state)
{
  (void)state;
  struct person person = {.id = add("Ann", "Bell", "1990-01-01")};
  WORLD(world_do("person", "read", person.id, load, &person));
  person.identity.family = TEXT("Booth");
  assert_false(world_do("person", "write", person.id, save_and_fail, &person));
  assert_int_equal(world.error.kind, ERROR_BUSY);
  WORLD(world_do("person", "write", person.id, save, &person));
  assert_string_equal(families("ann"), "Booth");
  assert_false(world_do("person", "write", person.id, save, &person)); /* stale now */
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
}

static void another_program_finds_nothing(void **state)
{
  (void)state;
  struct text own = world.program_id;
  struct text id = add("Ann", "Bell", "1990-01-01");
  WORLD(program_begin(world.privacy, world.arena, world.now, &world.program_id, &world.error));
  world_become("case-manager", "", "");
  assert_string_equal(families("ann"), "");
  struct person person = {.id = id};
  assert_false(world_do("person", "read", id, load, &person));
  world.program_id = own;
}

/* --- Photos -------------------------------------------------------------------------------- */

struct photo {
  struct text id, type, bytes;
  const struct person_photo *made;
};
static bool put_photo(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  const struct photo *photo = context;
  return person_photo_save(t, access, world.arena, photo->id, photo->made, error);
}
static bool get_photo(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  struct photo *photo = context;
  return person_photo_load(t, access, world.arena, photo->id, &photo->type, &photo->bytes, error);
}

static void a_photo_is_put_replaced_and_taken_away(void **state)
{
  (void)state;
  struct person_photo made = {0};
  struct photo photo = {.id = add("Ann", "Bell", ""), .made = &made}, back = {.id = photo.id};
  struct text jpeg = picture_jpeg(world.arena, 1200, 900);
  WORLD(person_photo_make(world.arena, picture_png(world.arena, 4, 4), &made, &world.error));
  WORLD(world_do("person", "write", photo.id, put_photo, &photo));
  WORLD(world_do("person", "read", photo.id, get_photo, &back));
  assert_true(text_equal(back.type, TEXT("image/png")));
  assert_true(text_equal(back.bytes, made.bytes));
  WORLD(person_photo_make(world.arena, picture_with_camera(world.arena, jpeg, 6), &made,
                          &world.error));
  assert_true(made.bytes.length < jpeg.length);
  assert_false(text_contains(made.bytes, TEXT("Exif")));
  WORLD(world_do("person", "write", photo.id, put_photo, &photo));
  WORLD(world_do("person", "read", photo.id, get_photo, &back));
  assert_true(text_equal(back.type, TEXT("image/jpeg")));
  assert_true(text_equal(back.bytes, made.bytes));
  photo.made = NULL;
  WORLD(world_do("person", "write", photo.id, put_photo, &photo));
  assert_false(world_do("person", "read", photo.id, get_photo, &back));
  assert_int_equal(world.error.kind, ERROR_NOT_FOUND);
}

static void what_is_no_photo_is_refused(void **state)
{
  (void)state;
  static const char *const wrong[] = {
      "", "GIF89a", "<svg xmlns=", "\x89PN", "%PDF-1.7", "\xff\xd8\xff\xe0 and the rest"};
  struct person_photo made;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_false(person_photo_make(world.arena, text_from(wrong[i]), &made, &world.error));
    assert_string_equal(world.error.person, "error.care.photo");
    assert_int_equal(world.error.kind, ERROR_REFUSED);
  }
  char *large = arena_allocate(world.arena, LIMIT_FILE + 1);
  memcpy(large, "\xff\xd8\xff", 3);
  assert_false(
      person_photo_make(world.arena, (struct text){large, LIMIT_FILE + 1}, &made, &world.error));
  assert_int_equal(world.error.kind, ERROR_TOO_LARGE);
  struct text wide = picture_png(world.arena, 600, 600); /* a PNG is not made small */
  assert_true(wide.length > LIMIT_PHOTO);
  assert_false(person_photo_make(world.arena, wide, &made, &world.error));
  assert_int_equal(world.error.kind, ERROR_TOO_LARGE);
}

static int begin(void **state)
{
  int failed = world_begin(state);
  world_become("case-manager", "", "");
  return failed;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(identity_comes_back_as_it_was_written),
      TEST(age_counts_full_years),
      TEST(wrong_fields_are_named),
      TEST(a_stale_save_is_a_conflict),
      TEST(people_are_found_as_they_are_asked_for),
      TEST(a_search_is_capped_and_says_so),
      TEST(a_search_shows_only_what_the_role_reaches),
      TEST(a_save_that_runs_again_saves),
      TEST(another_program_finds_nothing),
      TEST(a_photo_is_put_replaced_and_taken_away),
      TEST(what_is_no_photo_is_refused),
  };
  return store_support_run("care people", tests, sizeof tests / sizeof *tests);
}
