/*
 * Tests of duplicate.h and erase.h: who is suggested as one, merging without loss, keeping as long
 * as the rule says, erasing for good. Expected values: weights by the formula of Fellegi and Sunter
 * (log2(m/u), worked out by hand); what the rows were before; dates by the calendar.
 */
#include "care_world.h"

static const int64_t day = INT64_C(86400) * 1000000;

struct work {
  struct text kept, merged;
  int64_t kept_version, merged_version;
  struct person person;
  struct person_hit *hits;
  struct duplicate *pairs;
  struct retention retention;
  size_t count;
  bool more;
  struct text typed;
  struct text *members;
};
DEED(make, person_create(t, world.care, access, world.arena, &w->person, error))
DEED(load, person_load(t, access, world.arena, w->person.id, &w->person, error))
DEED(look, person_search(t, access, world.arena, w->typed, 9, &w->hits, &w->count, &w->more, error))
DEED(suggest, duplicate_suggest(t, world.care, access, world.arena, w->kept, error))
DEED(list_pairs,
     duplicate_list(t, access, world.arena, TEXT("suggested"), 10, &w->pairs, &w->count, error))
DEED(merge, person_merge(t, access, w->kept, w->kept_version, w->merged, w->merged_version, error))
DEED(unmerge, person_unmerge(t, access, w->merged, w->merged_version, error))
DEED(list_members,
     care_subject_members(t, access, world.arena, w->kept, &w->members, &w->count, error))
DEED(erase, person_erase(t, world.care, access, world.arena, w->kept, w->kept_version, error))
DEED(ask_retention,
     person_retention(t, world.care, access, world.arena, w->kept, &w->retention, error))

static struct text add(const char *given, const char *family, const char *birth)
{
  struct work w = {.person = {.identity = {.given = text_from(given),
                                           .family = text_from(family),
                                           .birth_date = text_from(birth),
                                           .sex = TEXT("female")},
                              .language = TEXT("en")}};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &w.person.id,
                     &world.error));
  struct world_deed deed = {"person", "write", w.person.id, make, &w, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return w.person.id;
}

static int begin(void **state)
{
  int failed = world_begin(state);
  world_become("", "", "");
  return failed;
}

/* Every column of a person's row and index, as one text. */
static bool read_bytes(struct store_transaction *t, void *context, struct error *error)
{
  struct text_buffer *out = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(t, &cursor,
                   "SELECT id, identity, language, site_id, has_photo, merged_into, erase_at,"
                   " erased_at, made_at, changed_at, version FROM person ORDER BY id",
                   STORE_BIND_NONE, error))
    return false;
  while (store_next(cursor, &more, error) && more) {
    text_buffer_add(out, store_column_text(cursor, 0));
    text_buffer_add(out, store_column_bytes(cursor, 1));
    for (int i = 2; i <= 5; i++)
      if (i != 4) text_buffer_add(out, store_column_text(cursor, i));
    for (int i = 6; i <= 10; i++) text_buffer_add_integer(out, store_column_integer(cursor, i));
  }
  store_cursor_close(cursor);
  if (!store_query(t, &cursor,
                   "SELECT person_id, kind, hash FROM person_index ORDER BY person_id, kind, hash",
                   STORE_BIND_NONE, error))
    return false;
  while (store_next(cursor, &more, error) && more) {
    text_buffer_add(out, store_column_text(cursor, 0));
    text_buffer_add(out, store_column_bytes(cursor, 2));
  }
  store_cursor_close(cursor);
  return true;
}
static struct text bytes(void)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, 1 << 20);
  WORLD(store_read(world.store, read_bytes, &buffer, &world.error));
  struct text out = text_copy(world.arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return out;
}

/* log2(0.97/0.00004) = 14.57, log2(0.92/0.003) = 8.26, log2(0.88/0.01) = 6.46, log2(.98/.5) = 0.97
 */
static void identities_are_weighed_field_by_field(void **state)
{
  (void)state;
  struct person_identity a = {.given = TEXT("Joan"),
                              .family = TEXT("Smyth"),
                              .birth_date = TEXT("1980-02-29"),
                              .sex = TEXT("female")};
  struct person_identity b = a;
  struct duplicate_score score;
  duplicate_weigh(world.care, world.arena, &a, &b, &score);
  assert_int_equal(score.weight, 1457 + 826 + 646 + 97);
  assert_true(score.is_likely);
  assert_int_equal(score.count, 4);
  assert_true(text_equal(score.reasons[0].name, TEXT("birth-date-same")));
  b.family = TEXT("Smith");
  b.birth_date = TEXT("1980-02-28");
  duplicate_weigh(world.care, world.arena, &a, &b, &score);
  assert_true(text_equal(score.reasons[0].name, TEXT("birth-date-close")));
  assert_true(text_equal(score.reasons[1].name, TEXT("family-sounds")));
  b = (struct person_identity){.given = TEXT("Ruth"),
                               .family = TEXT("Lake"),
                               .birth_date = TEXT("1955-07-01"),
                               .sex = TEXT("female")};
  duplicate_weigh(world.care, world.arena, &a, &b, &score);
  assert_true(score.weight < 0);
  assert_false(score.is_likely);
}

static void likely_duplicates_are_suggested(void **state)
{
  (void)state;
  struct work w = {.kept = add("Joan", "Smyth", "1980-02-29")};
  add("Joan", "Smith", "1980-02-29");
  add("Joan", "Smyth", "1951-12-03");
  add("Ruth", "Lake", "1980-02-29");
  WORLD(world_do("person", "merge", w.kept, suggest, &w));
  WORLD(world_do("person", "merge", TEXT(""), list_pairs, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_contains(w.pairs[0].reasons, TEXT("birth-date-same")));
}

static void a_merge_is_undone_byte_for_byte(void **state)
{
  (void)state;
  struct text third;
  struct work w = {.kept = add("Joan", "Smyth", "1980-02-29"),
                   .merged = add("Joan", "Smith", "1980-02-29"),
                   .kept_version = 1,
                   .merged_version = 1,
                   .typed = TEXT("smith")};
  third = add("Joanie", "Smithe", "1980-02-29");
  struct text before = bytes();
  WORLD(world_do("person", "merge", w.kept, merge, &w));
  assert_false(world_do("person", "merge", w.kept, merge, &w)); /* twice */
  assert_string_equal(world.error.person, "error.care.merge.state");
  WORLD(world_do("person", "search", TEXT(""), look, &w));
  for (size_t i = 0; i < w.count; i++) assert_false(text_equal(w.hits[i].person.id, w.merged));
  assert_true(text_equal(w.hits[0].person.id, w.kept)); /* found by the merged name */
  assert_true(text_equal(w.hits[0].found_in, w.merged));
  struct work up = {.kept = third, .merged = w.kept, .kept_version = 1, .merged_version = 1};
  WORLD(world_do("person", "merge", up.kept, merge, &up)); /* a chain */
  WORLD(world_do("person", "search", TEXT(""), look, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.hits[0].person.id, third));
  WORLD(world_do("person", "merge", third, unmerge, &up));
  WORLD(world_do("person", "merge", w.kept, unmerge, &w));
  struct text after = bytes();
  assert_int_equal(after.length, before.length);
  assert_memory_equal(after.at, before.at, before.length);
  assert_false(world_do("person", "merge", w.merged, unmerge, &w));
  w.merged = w.kept;
  assert_false(world_do("person", "merge", w.kept, merge, &w));
  assert_string_equal(world.error.person, "error.care.merge.self");
  w.merged = TEXT("no-such-person");
  assert_false(world_do("person", "merge", w.kept, merge, &w));
  assert_int_equal(world.error.kind, ERROR_NOT_FOUND);
}

static void expect_members(struct text person_id, const struct text *expected, size_t count)
{
  struct work w = {.kept = person_id};
  WORLD(world_do("consent", "read", person_id, list_members, &w));
  assert_int_equal(w.count, count);
  for (size_t i = 0; i < count; i++) assert_true(text_equal(w.members[i], expected[i]));
}

/* A chain of two beside a third: ids are made in this order, and sort so. */
static void the_members_of_a_record_are_all_that_lead_to_it(void **state)
{
  (void)state;
  struct text kept = add("Joan", "Smyth", "1980-02-29"), middle, last, beside, other;
  world.now += 1000;
  middle = add("Joan", "Smith", "1980-02-29");
  world.now += 1000;
  last = add("Jo", "Smith", "1980-02-29");
  world.now += 1000;
  beside = add("Joanie", "Smythe", "1980-02-29");
  other = add("Ruth", "Lake", "1951-12-03");
  const struct text pairs[][2] = {{middle, last}, {kept, middle}, {kept, beside}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    struct work w = {
        .kept = pairs[i][0], .merged = pairs[i][1], .kept_version = 1, .merged_version = 1};
    WORLD(world_do("person", "merge", w.kept, merge, &w));
  }
  expect_members(kept, (const struct text[]){kept, middle, last, beside}, 4);
  expect_members(middle, (const struct text[]){middle, last}, 2);
  expect_members(other, (const struct text[]){other}, 1);
  struct work w = {.kept = other};
  assert_false(world_do("person", "read", kept, list_members, &w)); /* opened for another */
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  struct work undone = {.merged = middle, .merged_version = 1};
  WORLD(world_do("person", "merge", kept, unmerge, &undone));
  expect_members(kept, (const struct text[]){kept, beside}, 2);
}

/* Records and what stands for each, as a plain list beside them. */
enum { RECORDS = 24, NONE = -1 };
struct model {
  struct text ids[RECORDS];
  int into[RECORDS];
  uint32_t seed;
};

static int draw(struct model *model, int below)
{
  model->seed = model->seed * 1664525 + 1013904223;
  return (int)((model->seed >> 16) % (uint32_t)below);
}

static bool leads_to(const struct model *model, int from, int to)
{
  while (from != to && from != NONE) from = model->into[from];
  return from == to;
}

static void expect_model(const struct model *model)
{
  for (int kept = 0; kept < RECORDS; kept++) {
    struct work w = {.kept = model->ids[kept]};
    size_t expected = 0;
    WORLD(world_do("consent", "read", w.kept, list_members, &w));
    for (int i = 0; i < RECORDS; i++) {
      bool is_member = leads_to(model, i, kept), is_listed = false;
      for (size_t j = 0; j < w.count; j++)
        is_listed = is_listed || text_equal(w.members[j], model->ids[i]);
      assert_int_equal(is_listed, is_member);
      expected += is_member;
    }
    assert_int_equal(w.count, expected);
  }
}

static void step_at_random(struct model *model)
{
  int kept = draw(model, RECORDS), merged = draw(model, RECORDS);
  struct work w = {.kept = model->ids[kept],
                   .merged = model->ids[merged],
                   .kept_version = 1,
                   .merged_version = 1};
  if (draw(model, 5) < 3) {
    bool may = kept != merged && model->into[kept] == NONE && model->into[merged] == NONE;
    assert_int_equal(world_do("person", "merge", w.kept, merge, &w), may);
    if (may) model->into[merged] = kept;
    return;
  }
  bool may = model->into[merged] != NONE;
  assert_int_equal(world_do("person", "merge", w.merged, unmerge, &w), may);
  if (may) model->into[merged] = NONE;
}

/* Joined and taken apart in any order, in chains and bundles; refused when the plain list says so;
 * and when the last is taken apart, every byte is as it was. */
static void merges_in_any_order_are_undone_in_any_order(void **state)
{
  (void)state;
  struct model model = {.seed = 4};
  for (int i = 0; i < RECORDS; i++) {
    model.ids[i] = add(i % 3 ? "Joan" : "Jo", i % 2 ? "Smyth" : "Smith", "1980-02-29");
    model.into[i] = NONE;
  }
  struct text before = bytes();
  for (int round = 0; round < 6; round++) {
    for (int i = 0; i < 100; i++) step_at_random(&model);
    expect_model(&model);
    for (int left = RECORDS; round % 2 && left > 0; left--) { /* all of them, in a random order */
      int at = draw(&model, RECORDS);
      for (int i = 0; i < RECORDS && model.into[at] == NONE; i++) at = (at + 1) % RECORDS;
      struct work w = {.merged = model.ids[at], .merged_version = 1};
      if (model.into[at] == NONE) break;
      WORLD(world_do("person", "merge", w.merged, unmerge, &w));
      model.into[at] = NONE;
    }
    if (round % 2 == 0) continue;
    struct text after = bytes();
    assert_int_equal(after.length, before.length);
    assert_memory_equal(after.at, before.at, before.length);
  }
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

/* Who looks after either of two records reaches the one that stands for both. */
static void a_merge_takes_nobody_from_the_team(void **state)
{
  (void)state;
  struct work w = {.kept = add("Joan", "Smyth", "1980-02-29"),
                   .merged = add("Joan", "Smith", "1980-02-29"),
                   .kept_version = 1,
                   .merged_version = 1,
                   .typed = TEXT("joan")};
  struct staff counselor = {.name = TEXT("Cora"), .profession = TEXT("counselor")};
  WORLD(world_do("staff", "write", TEXT(""), put_staff, &counselor));
  struct care_team_member member = {.person_id = w.merged,
                                    .staff_id = counselor.id,
                                    .role = TEXT("counselor"),
                                    .from_at = world.now - 1};
  WORLD(world_do("episode", "write", w.merged, put_team, &member));
  WORLD(world_do("person", "merge", w.kept, merge, &w));
  world_become("counselor", "", text_c(world.arena, counselor.id));
  WORLD(world_do("person", "search", TEXT(""), look, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.hits[0].person.id, w.kept));
  w.person.id = w.kept;
  WORLD(world_do("person", "read", w.kept, load, &w));
  w.person.id = w.merged;
  WORLD(world_do("person", "read", w.merged, load, &w));
}

static bool put_site(struct store_transaction *t, const struct access *access, void *context,
                     struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}
static struct text add_at(struct text site_id, const char *given)
{
  struct work w = {.person = {.identity = {.given = text_from(given), .sex = TEXT("female")},
                              .language = TEXT("en"),
                              .site_id = site_id}};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &w.person.id,
                     &world.error));
  struct world_deed deed = {"person", "write", w.person.id, make, &w, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return w.person.id;
}

/* Joining shows the other record, so both must be within reach. */
static void a_merge_reaches_no_further_than_its_role(void **state)
{
  (void)state;
  struct site west = {.name = TEXT("West")}, east = {.name = TEXT("East")};
  WORLD(world_do("site", "write", TEXT(""), put_site, &west));
  WORLD(world_do("site", "write", TEXT(""), put_site, &east));
  struct work w = {.kept = add_at(west.id, "Ann"),
                   .merged = add_at(east.id, "Anne"),
                   .kept_version = 1,
                   .merged_version = 1};
  world_become("case-manager", text_c(world.arena, west.id), "");
  assert_false(world_do("person", "merge", w.kept, merge, &w));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  world_become("privacy-officer", "", "");
  WORLD(world_do("person", "merge", w.kept, merge, &w));
}

/* retention.csv: the default is ten years; a state's rule that nobody verified never shortens it;
 * North Carolina's eleven are longer. A child of 10 is kept until 28. */
static void a_record_is_kept_as_long_as_the_rule_says(void **state)
{
  (void)state;
  static const struct {
    const char *state, *last, *birth;
    int64_t years;
    const char *until;
  } cases[] = {
      {"CO", "2026-11-18", "1980-02-29", 0, "2036-11-18"},
      {"NC", "2026-11-18", "1980-02-29", 0, "2037-11-18"},
      {"ZZ", "2026-11-18", "", 0, "2036-11-18"},
      {"CO", "2026-11-18", "1980-02-29", 20, "2046-11-18"},
      {"CO", "2026-11-18", "2016-01-01", 0, "2044-01-01"},
      {"CO", "2024-02-29", "1980-02-29", 0, "2034-03-01"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct retention retention;
    char until[11];
    retention_compute(world.care, text_from(cases[i].state), text_from(cases[i].last),
                      text_from(cases[i].birth), cases[i].years, &retention, until);
    assert_string_equal(until, cases[i].until);
    assert_true(retention.source.length > 0);
  }
}

static void an_erased_person_stays_erased(void **state)
{
  (void)state;
  struct work w = {.kept = add("Joan", "Smyth", "1980-02-29"), .kept_version = 1};
  struct due_registry *registry = due_registry_new();
  size_t fired = 0;
  int64_t marked = -1;
  care_register_due(world.care, registry);
  WORLD(world_do("person", "erase", w.kept, ask_retention, &w));
  assert_true(text_equal(w.retention.until, TEXT("2036-11-18")));
  assert_false(world_do("person", "erase", w.kept, erase, &w));
  assert_string_equal(world.error.person, "error.care.erase.retention");
  world.now += 3700 * day; /* past ten years */
  WORLD(world_do("person", "erase", w.kept, erase, &w));
  WORLD(due_sweep(world.store, registry, world.now, 10, &fired, &world.error));
  assert_int_equal(fired, 1);
  w.person.id = w.kept;
  WORLD(world_do("person", "read", w.kept, load, &w));
  assert_true(w.person.erased_at > 0);
  assert_int_equal(w.person.identity.family.length, 0);
  w.typed = TEXT("smyth");
  WORLD(world_do("person", "search", TEXT(""), look, &w));
  assert_int_equal(w.count, 0);
  bool is_erased = false;
  WORLD(vault_is_erased(world.vault, (struct vault_subject){world.program_id, w.kept}, &is_erased,
                        &world.error));
  assert_true(is_erased);
  WORLD(care_erase_again(world.care, world.store, world.now, &marked, &world.error));
  assert_int_equal(marked, 0); /* nothing was left to do */
  due_registry_free(registry);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(identities_are_weighed_field_by_field),
      TEST(likely_duplicates_are_suggested),
      TEST(a_merge_is_undone_byte_for_byte),
      TEST(merges_in_any_order_are_undone_in_any_order),
      TEST(the_members_of_a_record_are_all_that_lead_to_it),
      TEST(a_record_is_kept_as_long_as_the_rule_says),
      TEST(an_erased_person_stays_erased),
      TEST(a_merge_takes_nobody_from_the_team),
      TEST(a_merge_reaches_no_further_than_its_role),
  };
  return store_support_run("care merges", tests, sizeof tests / sizeof *tests);
}
