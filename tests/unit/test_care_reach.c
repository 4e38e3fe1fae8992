/*
 * Tests of how far lists reach: what a search, the last people, likely duplicates and their pairs
 * show to each scope. Expected values: the answer for one person at a time, by care_subject_load()
 * and role_scope_reaches(), which decide when a record is opened; and a few people whose sites and
 * teams are written out here.
 */
#include "care/care_private.h"
#include "care_world.h"

enum { PEOPLE = 48, SITES = 3, STAFF = 2, ROUNDS = 6 };

static struct {
  struct text people[PEOPLE], sites[SITES], staff[STAFF];
  uint64_t dice;
} town;

static size_t roll(size_t sides)
{
  town.dice = town.dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(town.dice >> 33) % sides;
}

/* Who looks, and how far. */
struct look {
  enum role_scope scope;
  struct actor actor;
  struct text typed;
  struct person_hit *hits;
  struct duplicate *pairs;
  struct duplicate_match *matches;
  struct person_identity identity;
  struct due_item *items;
  size_t count;
  int64_t late;
  bool more;
  /* One at a time. */
  bool reached[PEOPLE];
  struct text standing[PEOPLE];
  struct text person_a, person_b;
};

static struct access narrow(const struct access *access, struct look *look)
{
  struct access narrowed = *access;
  narrowed.scope = look->scope;
  narrowed.actor = &look->actor;
  narrowed.denial = &look->actor.denial;
  return narrowed;
}
#define LOOK(name, call)                                                                           \
  static bool name(struct store_transaction *t, const struct access *given, void *context,         \
                   struct error *error)                                                            \
  {                                                                                                \
    struct look *l = context;                                                                      \
    struct access narrowed = narrow(given, l), *access = &narrowed;                                \
    return call;                                                                                   \
  }
LOOK(search, person_search(t, access, world.arena, l->typed, LIMIT_PERSON_SHOWN, &l->hits,
                           &l->count, &l->more, error))
LOOK(recent, person_recent(t, access, world.arena, LIMIT_PERSON_SHOWN, &l->hits, &l->count, error))
LOOK(pairs, duplicate_list(t, access, world.arena, TEXT("suggested"), LIMIT_PERSON_SHOWN, &l->pairs,
                           &l->count, error))
LOOK(clocks,
     care_clock_list(t, access, world.arena, world.now, 2 * PEOPLE, &l->items, &l->count, error) &&
         care_clock_count_late(t, access, world.now + 1, &l->late, error))
LOOK(matches, duplicate_find(t, world.care, access, world.arena, &l->identity, TEXT(""),
                             LIMIT_PERSON_SHOWN, &l->matches, &l->count, error))

static bool each(struct store_transaction *t, const struct access *access, void *context,
                 struct error *error)
{
  struct look *look = context;
  for (size_t i = 0; i < PEOPLE; i++) {
    struct role_subject subject;
    if (!care_subject_load(t, access->program_id, town.people[i], &look->actor, world.now, &subject,
                           error) ||
        !person_standing(t, world.arena, access->program_id, town.people[i], &look->standing[i],
                         error))
      return false;
    look->reached[i] = role_scope_reaches(look->scope, &subject);
  }
  return true;
}

/* --- A town ---------------------------------------------------------------------------------- */

static const char *const given_names[] = {"Ann", "Anna", "Ruth"};
static const char *const family_names[] = {"Lake", "Lakes", "Miller"};

static bool make(struct store_transaction *t, const struct access *access, void *context,
                 struct error *error)
{
  return person_create(t, world.care, access, world.arena, context, error);
}
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

static struct text add(const char *given, const char *family, struct text site_id)
{
  struct person person = {.identity = {.given = text_from(given),
                                       .family = text_from(family),
                                       .birth_date = TEXT("1980-02-29"),
                                       .sex = TEXT("female")},
                          .language = TEXT("en"),
                          .site_id = site_id};
  world.now += 1000; /* ids sort as they are made */
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &person.id,
                     &world.error));
  struct world_deed deed = {"person", "write", person.id, make, &person, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return person.id;
}

static void look_after(struct text staff_id, struct text person_id)
{
  struct care_team_member member = {.person_id = person_id,
                                    .staff_id = staff_id,
                                    .role = TEXT("counselor"),
                                    .from_at = world.now - 1};
  WORLD(world_do("episode", "write", person_id, put_team, &member));
}

static bool write_row(struct store_transaction *t, void *context, struct error *error)
{
  const struct text *row = context; /* what, person, other */
  if (text_equal(row[0], TEXT("merge")))
    return store_execute(t, "UPDATE person SET merged_into = $1 WHERE id = $2",
                         STORE_BIND(STORE_T(row[2]), STORE_T(row[1])), NULL, error);
  if (text_equal(row[0], TEXT("clock")))
    return due_set(t, world.program_id, "consent.expires", row[2], row[1], world.now, error);
  if (text_equal(row[0], TEXT("stay")))
    return store_execute(
        t,
        "INSERT INTO episode (program_id, id, person_id, status, site_id, unit_id, level_of_care,"
        " care_manager, referral_source, end_reason, begun_at, ended_at, made_at, changed_at,"
        " version) VALUES ($1, $2, $3, 'active', $4, '', '', '', '', '', 0, 0, 0, 0, 1)",
        STORE_BIND(STORE_T(world.program_id), STORE_T(care_new_id(world.arena, world.now)),
                   STORE_T(row[1]), STORE_T(row[2])),
        NULL, error);
  return store_execute(
      t,
      "INSERT INTO duplicate (program_id, person_a, person_b, score, reasons, state, found_at,"
      " account_id, decided_at, version) VALUES ($1, $2, $3, 1, '', 'suggested', 0, '', 0, 1)"
      " ON CONFLICT (program_id, person_a, person_b) DO NOTHING",
      STORE_BIND(STORE_T(world.program_id), STORE_T(row[1]), STORE_T(row[2])), NULL, error);
}
static void put(const char *what, struct text person, struct text other)
{
  struct text row[] = {text_from(what), person, other};
  WORLD(store_write(world.store, write_row, row, &world.error));
}

/* Nobody leads to whoever was made before, so that there is no circle. */
static void build(uint64_t seed)
{
  static const char *const names[SITES] = {"West", "East", "North"};
  town.dice = seed;
  world_become("", "", "");
  for (size_t i = 0; i < SITES; i++) {
    struct site site = {.name = text_from(names[i])};
    WORLD(world_do("site", "write", TEXT(""), put_site, &site));
    town.sites[i] = site.id;
  }
  for (size_t i = 0; i < STAFF; i++) {
    struct staff staff = {.name = TEXT("Cora"), .profession = TEXT("counselor")};
    WORLD(world_do("staff", "write", TEXT(""), put_staff, &staff));
    town.staff[i] = staff.id;
  }
  for (size_t i = 0; i < PEOPLE; i++)
    town.people[i] = add(given_names[roll(3)], family_names[roll(3)],
                         roll(4) ? town.sites[roll(SITES)] : TEXT(""));
  for (size_t i = 0; i < PEOPLE / 3; i++)
    put("stay", town.people[roll(PEOPLE)], town.sites[roll(3)]);
  for (size_t i = 0; i < PEOPLE / 4; i++)
    look_after(town.staff[roll(2)], town.people[4 * i + roll(4)]);
  for (size_t i = 0; i < PEOPLE / 3; i++) {
    size_t from = roll(PEOPLE - 1);
    put("merge", town.people[from], town.people[from + 1 + roll(PEOPLE - 1 - from)]);
  }
  for (size_t i = 0; i < PEOPLE; i++) {
    size_t a = roll(PEOPLE - 1);
    put("pair", town.people[a], town.people[a + 1 + roll(PEOPLE - 1 - a)]);
  }
}

/* A clock about everybody, its subject named after the person. */
static void set_clocks(void)
{
  for (size_t i = 0; i < PEOPLE; i++)
    put("clock", town.people[i], text_format(world.arena, "clock-%zu", i));
}

/* Somebody whose record stands for itself: an account's own record is that one. */
static struct text somebody(size_t from)
{
  struct look look = {.scope = SCOPE_PROGRAM, .actor = actor_command(world.program_id)};
  WORLD(world_do("person", "search", TEXT(""), each, &look));
  while (!text_equal(look.standing[from], town.people[from])) from++;
  return town.people[from];
}

/* --- Comparing ------------------------------------------------------------------------------- */

static size_t index_of(struct text id)
{
  for (size_t i = 0; i < PEOPLE; i++)
    if (text_equal(town.people[i], id)) return i;
  fail_msg("a stranger");
  return PEOPLE;
}

static void expect_only_reached(const struct look *look, const bool *shown, const char *what)
{
  for (size_t i = 0; i < PEOPLE; i++) {
    bool stands = text_equal(look->standing[i], town.people[i]);
    if (shown[i] != (look->reached[i] && stands))
      fail_msg("%s, scope %d: person %zu is %s", what, (int)look->scope, i,
               shown[i] ? "shown" : "missing");
  }
}

static void take_hits(const struct look *look, bool *shown)
{
  for (size_t i = 0; i < look->count; i++) shown[index_of(look->hits[i].person.id)] = true;
}

static void compare_people(struct look *look)
{
  bool last[PEOPLE] = {false}, found[PEOPLE] = {false};
  WORLD(world_do("person", "search", TEXT(""), recent, look));
  take_hits(look, last);
  expect_only_reached(look, last, "the last");
  /* Each has a name and this date of birth: everybody within reach is found. */
  look->typed = TEXT("2/29/1980");
  WORLD(world_do("person", "search", TEXT(""), search, look));
  take_hits(look, found);
  expect_only_reached(look, found, "the search");
}

static void compare_matches(struct look *look)
{
  bool met[PEOPLE] = {false};
  look->identity = (struct person_identity){.given = TEXT("Ann"),
                                            .family = TEXT("Lake"),
                                            .birth_date = TEXT("1980-02-29"),
                                            .sex = TEXT("female")};
  WORLD(world_do("person", "search", TEXT(""), matches, look));
  for (size_t i = 0; i < look->count; i++) met[index_of(look->matches[i].person.id)] = true;
  for (size_t i = 0; i < PEOPLE; i++) assert_true(!met[i] || look->reached[i]);
}

static bool is_pair(const struct look *look, struct text a, struct text b)
{
  for (size_t i = 0; i < look->count; i++)
    if (text_equal(look->pairs[i].person_a, a) && text_equal(look->pairs[i].person_b, b))
      return true;
  return false;
}

static void compare_pairs(struct look *look, const struct look *all)
{
  size_t expected = 0;
  WORLD(world_do("person", "merge", TEXT(""), pairs, look));
  for (size_t i = 0; i < all->count; i++) {
    struct text a = all->pairs[i].person_a, b = all->pairs[i].person_b;
    bool is_within = look->reached[index_of(a)] && look->reached[index_of(b)];
    if (is_pair(look, a, b) != is_within) fail_msg("scope %d: a pair", (int)look->scope);
    expected += is_within;
  }
  assert_int_equal(look->count, expected);
}

static void compare_clocks(struct look *look)
{
  size_t expected = 0;
  WORLD(world_do("due", "read", TEXT(""), clocks, look));
  for (size_t i = 0; i < PEOPLE; i++) {
    bool is_listed = false;
    for (size_t j = 0; j < look->count; j++)
      is_listed |= text_equal(look->items[j].subject_id, text_format(world.arena, "clock-%zu", i));
    if (is_listed != look->reached[i]) fail_msg("scope %d: clock %zu", (int)look->scope, i);
    expected += is_listed;
  }
  assert_int_equal(look->count, expected);
  assert_int_equal(look->late, expected);
}

static void lists_show_what_would_be_opened(void **state)
{
  (void)state;
  size_t within[SCOPE_PROGRAM + 1] = {0};
  build(20);
  set_clocks();
  struct look all = {.scope = SCOPE_PROGRAM, .actor = actor_command(world.program_id)};
  WORLD(world_do("person", "merge", TEXT(""), pairs, &all));
  assert_true(all.count > 5);
  for (int scope = SCOPE_OWN; scope <= SCOPE_PROGRAM; scope++)
    for (size_t round = 0; round < ROUNDS; round++) {
      struct look look = {.scope = (enum role_scope)scope,
                          .actor = {.program_id = world.program_id}};
      if (scope == SCOPE_SITE && round + 1 < ROUNDS) look.actor.site_id = town.sites[round % SITES];
      if (round % 2) look.actor.staff_id = town.staff[round % STAFF];
      if (scope == SCOPE_CASELOAD) look.actor.staff_id = town.staff[round % STAFF];
      if (scope == SCOPE_OWN) look.actor.person_id = somebody(round * 4);
      WORLD(world_do("person", "search", TEXT(""), each, &look));
      compare_people(&look);
      compare_matches(&look);
      compare_clocks(&look);
      compare_pairs(&look, &all);
      within[scope] += look.count;
    }
  assert_true(within[SCOPE_CASELOAD] > 0 && within[SCOPE_SITE] > within[SCOPE_CASELOAD]);
  assert_int_equal(within[SCOPE_PROGRAM], ROUNDS * all.count);
}

/* --- As roles -------------------------------------------------------------------------------- */

static struct text id_of_site(const char *name)
{
  struct site site = {.name = text_from(name)};
  WORLD(world_do("site", "write", TEXT(""), put_site, &site));
  return site.id;
}

static bool as_given(struct store_transaction *t, const struct access *access, void *context,
                     struct error *error)
{
  struct look *look = context;
  return duplicate_list(t, access, world.arena, TEXT("suggested"), 10, &look->pairs, &look->count,
                        error);
}
static bool differ_as_given(struct store_transaction *t, const struct access *access, void *context,
                            struct error *error)
{
  struct look *look = context;
  return duplicate_set_different(t, access, look->person_a, look->person_b, 1, error);
}
static bool suggest(struct store_transaction *t, const struct access *access, void *context,
                    struct error *error)
{
  return duplicate_suggest(t, world.care, access, world.arena, *(struct text *)context, error);
}

/* A case manager of West sees West's pair; the pair across two sites is the privacy officer's,
 * although West's front desk wrote the record that suggested it. */
static void a_site_learns_of_nobody_elsewhere(void **state)
{
  (void)state;
  world_become("", "", "");
  struct text west = id_of_site("West"), east = id_of_site("East");
  struct text first = add("Joan", "Smyth", west), second = add("Joan", "Smith", west);
  struct text elsewhere = add("Joan", "Smyth", east);
  world_become("front-desk", text_c(world.arena, west), "");
  WORLD(world_do("person", "write", first, suggest, &first));
  struct look look = {.person_a = first, .person_b = elsewhere};
  world_become("case-manager", text_c(world.arena, west), "");
  WORLD(world_do("person", "merge", TEXT(""), as_given, &look));
  assert_int_equal(look.count, 1);
  assert_true(text_equal(look.pairs[0].person_a, first) &&
              text_equal(look.pairs[0].person_b, second));
  assert_false(world_do("person", "merge", first, differ_as_given, &look));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  assert_true(world.actor.denial.is_set); /* the door writes it down */
  assert_string_equal(world.actor.denial.act, "merge");
  assert_string_equal(world.actor.denial.person_id, text_c(world.arena, elsewhere));
  world_become("privacy-officer", "", "");
  WORLD(world_do("person", "merge", TEXT(""), as_given, &look));
  assert_int_equal(look.count, 2);
  WORLD(world_do("person", "merge", first, differ_as_given, &look));
}

static bool clocks_as_given(struct store_transaction *t, const struct access *access, void *context,
                            struct error *error)
{
  struct look *look = context;
  return care_clock_list(t, access, world.arena, world.now, 10, &look->items, &look->count,
                         error) &&
         care_clock_count_late(t, access, world.now + 1, &look->late, error);
}
static void expect_clocks(const char *role, struct text site_id, struct text staff_id,
                          const char *const *subjects, size_t count)
{
  struct look look = {.count = 0};
  world_become(role, text_c(world.arena, site_id), text_c(world.arena, staff_id));
  WORLD(world_do("due", "read", TEXT(""), clocks_as_given, &look));
  if (look.count != count) fail_msg("%s: %zu clocks", role, look.count);
  assert_int_equal(look.late, count);
  for (size_t i = 0; i < count; i++)
    assert_string_equal(text_c(world.arena, look.items[i].subject_id), subjects[i]);
}

/* Clocks of two people, of a nurse of West, and one about nobody; another program's are its own. */
static void clocks_tell_of_nobody_out_of_reach(void **state)
{
  (void)state;
  world_become("", "", "");
  struct text west = id_of_site("West"), east = id_of_site("East");
  struct text ann = add("Ann", "Lake", west), ruth = add("Ruth", "Miller", east);
  struct staff nurse = {.name = TEXT("Nell"),
                        .profession = TEXT("nurse"),
                        .license_expires_on = TEXT("2026-11-01"),
                        .site_ids = &west,
                        .site_count = 1};
  WORLD(world_do("staff", "write", TEXT(""), put_staff, &nurse));
  look_after(nurse.id, ruth);
  put("clock", TEXT(""), TEXT("nobody"));
  put("clock", ann, TEXT("of-ann"));
  put("clock", ruth, TEXT("of-ruth"));
  const char *of_nurse = text_c(world.arena, nurse.id);
  expect_clocks("front-desk", west, TEXT("x"), (const char *const[]){of_nurse, "nobody", "of-ann"},
                3);
  expect_clocks("front-desk", east, TEXT("x"), (const char *const[]){"nobody", "of-ruth"}, 2);
  expect_clocks("nurse", west, nurse.id,
                (const char *const[]){of_nurse, "nobody", "of-ann", "of-ruth"}, 4);
  expect_clocks("counselor", TEXT(""), nurse.id, (const char *const[]){of_nurse, "of-ruth"}, 2);
  expect_clocks("counselor", west, TEXT(""), NULL, 0);
  expect_clocks("privacy-officer", TEXT(""), TEXT(""),
                (const char *const[]){of_nurse, "nobody", "of-ann", "of-ruth"}, 4);
  expect_clocks("front-desk", TEXT(""), TEXT(""),
                (const char *const[]){of_nurse, "nobody", "of-ann", "of-ruth"}, 4);
  world.program_id = TEXT("another");
  expect_clocks("privacy-officer", TEXT(""), TEXT(""), NULL, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(lists_show_what_would_be_opened),
      TEST(a_site_learns_of_nobody_elsewhere),
      TEST(clocks_tell_of_nobody_out_of_reach),
  };
  return store_support_run("care reach", tests, sizeof tests / sizeof *tests);
}
