/*
 * Tests of program.h and staff.h: programs, settings, sites, units, staff, the clock of licenses,
 * on both engines. Expected values: what was written; dates by the calendar.
 */
#include "care_world.h"

static const int64_t day = INT64_C(86400) * 1000000;

/* --- Deeds --------------------------------------------------------------------------------- */

static bool make_site(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}
static bool save_site(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return site_save(t, world.care, access, context, error);
}
static bool make_unit(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return unit_create(t, world.care, access, world.arena, context, error);
}
static bool make_staff(struct store_transaction *t, const struct access *access, void *context,
                       struct error *error)
{
  return staff_create(t, world.care, access, world.arena, context, error);
}
static bool save_staff(struct store_transaction *t, const struct access *access, void *context,
                       struct error *error)
{
  return staff_save(t, world.care, access, context, error);
}
static bool load_program(struct store_transaction *t, const struct access *access, void *context,
                         struct error *error)
{
  return program_load(t, access, world.arena, context, error);
}
static bool save_program(struct store_transaction *t, const struct access *access, void *context,
                         struct error *error)
{
  return program_save(t, world.care, access, context, error);
}

struct listed {
  struct site *sites;
  struct unit *units;
  struct staff *staff;
  size_t site_count, unit_count, staff_count;
};
static bool list_sites(struct store_transaction *t, const struct access *access, void *context,
                       struct error *error)
{
  struct listed *out = context;
  return site_list(t, access, world.arena, &out->sites, &out->site_count, error) &&
         unit_list(t, access, world.arena, TEXT(""), &out->units, &out->unit_count, error);
}
static bool list_staff(struct store_transaction *t, const struct access *access, void *context,
                       struct error *error)
{
  struct listed *out = context;
  return staff_list(t, access, world.arena, false, &out->staff, &out->staff_count, error);
}

static struct site *site(const char *name, const char *zone)
{
  struct site *made = arena_allocate(world.arena, sizeof *made);
  *made = (struct site){.name = text_from(name), .zone = text_from(zone), .state = TEXT("CO")};
  WORLD(world_do("site", "write", TEXT(""), make_site, made));
  return made;
}

static struct staff nurse(void)
{
  return (struct staff){.name = TEXT("Ada Nurse"),
                        .profession = TEXT("nurse"),
                        .credential = TEXT("RN"),
                        .license_number = TEXT("RN.0012"),
                        .license_state = TEXT("CO"),
                        .license_expires_on = TEXT("2027-03-01"),
                        .weekly_minutes = 40 * 60};
}

/* --- Programs, sites, units ---------------------------------------------------------------- */

static void program_is_kept_and_stale_saves_refused(void **state)
{
  (void)state;
  struct program program = {0}, old;
  WORLD(world_do("program", "read", TEXT(""), load_program, &program));
  assert_true(text_equal(program.name, TEXT("Harbor House")));
  assert_true(text_equal(program.zone, TEXT("America/Denver")));
  assert_int_equal(program.version, 1);
  old = program;
  program.name = TEXT("Harbor House North");
  WORLD(world_do("program", "write", TEXT(""), save_program, &program));
  old.name = TEXT("Lost");
  assert_false(world_do("program", "write", TEXT(""), save_program, &old));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  assert_string_equal(world.error.person, "error.care.stale");
  WORLD(world_do("program", "read", TEXT(""), load_program, &program));
  assert_true(text_equal(program.name, TEXT("Harbor House North")));
  assert_int_equal(program.version, 2);
}

static void program_names_what_is_wrong(void **state)
{
  (void)state;
  struct field_problems problems = {.count = 0};
  struct program wrong = {.name = TEXT(""),
                          .kind = TEXT("casino"),
                          .zone = TEXT("America/Nowhere"),
                          .state = TEXT("ZZ"),
                          .phone = TEXT("12"),
                          .languages = TEXT("en xx")};
  program_check(world.care, &wrong, &problems);
  static const char *const fields[] = {"name", "kind", "zone", "state", "phone", "languages"};
  assert_int_equal(problems.count, 6);
  for (size_t i = 0; i < 6; i++) assert_string_equal(problems.items[i].field, fields[i]);
}

static void access_for_something_else_is_refused(void **state)
{
  (void)state;
  struct program program = {.name = TEXT("x")};
  assert_false(world_do("site", "write", TEXT(""), save_program, &program));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  world_become("nurse", "", "");
  assert_false(world_do("program", "write", TEXT(""), save_program, &program));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
}

static bool ask_zones(struct store_transaction *t, void *context, struct error *error)
{
  struct text *ids = context;
  const struct zone *zones[3];
  if (!site_zone(t, world.program_id, ids[0], &zones[0], error) ||
      !site_zone(t, world.program_id, ids[1], &zones[1], error) ||
      !site_zone(t, TEXT("no such program"), TEXT(""), &zones[2], error))
    return false;
  assert_true(text_equal(zone_name(zones[0]), TEXT("America/Phoenix")));
  assert_true(text_equal(zone_name(zones[1]), TEXT("America/Denver")));
  assert_true(text_equal(zone_name(zones[2]), TEXT("UTC")));
  return true;
}

static void sites_and_units_are_listed_by_name(void **state)
{
  (void)state;
  struct site *west = site("West", "America/Phoenix"), *east = site("East", "");
  struct listed listed = {0};
  struct unit unit = {.site_id = west->id,
                      .name = TEXT("Upstairs"),
                      .kind = TEXT("residential"),
                      .level_of_care = TEXT("3.5"),
                      .licensed = 16,
                      .staffed = 12};
  WORLD(world_do("site", "write", TEXT(""), make_unit, &unit));
  unit.staffed = 17;
  assert_false(world_do("site", "write", TEXT(""), make_unit, &unit));
  assert_string_equal(world.error.person, "error.care.staffed");
  unit.staffed = 1;
  unit.site_id = TEXT("elsewhere");
  assert_false(world_do("site", "write", TEXT(""), make_unit, &unit));
  assert_string_equal(world.error.person, "error.care.site");
  WORLD(world_do("site", "read", TEXT(""), list_sites, &listed));
  assert_int_equal(listed.site_count, 2);
  assert_true(text_equal(listed.sites[0].name, TEXT("East")));
  assert_int_equal(listed.unit_count, 1);
  assert_int_equal(listed.units[0].licensed, 16);
  struct text ids[2] = {west->id, east->id};
  WORLD(store_read(world.store, ask_zones, ids, &world.error));
  east->zip = TEXT("8020");
  assert_false(world_do("site", "write", TEXT(""), save_site, east));
  assert_string_equal(world.error.person, "error.care.zip");
  east->zip = TEXT("80202");
  WORLD(world_do("site", "write", TEXT(""), save_site, east));
  assert_false(world_do("site", "write", TEXT(""), save_site, east));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
}

/* --- Settings ------------------------------------------------------------------------------ */

struct setting {
  const char *name, *value;
  int64_t version, number;
};
static bool save_setting(struct store_transaction *t, const struct access *access, void *context,
                         struct error *error)
{
  struct setting *setting = context;
  return program_setting_save(t, world.care, access, setting->name, text_from(setting->value),
                              setting->version, error);
}
static bool read_setting(struct store_transaction *t, void *context, struct error *error)
{
  struct setting *setting = context;
  return program_setting_number(t, world.care, world.program_id, setting->name, &setting->number,
                                error);
}

static void settings_have_a_default_and_bounds(void **state)
{
  (void)state;
  struct setting setting = {.name = "credential-notice-days"};
  WORLD(store_read(world.store, read_setting, &setting, &world.error));
  assert_int_equal(setting.number, 60);
  setting.value = "366";
  assert_false(world_do("program", "write", TEXT(""), save_setting, &setting));
  assert_string_equal(world.error.person, "error.care.number");
  setting.value = "30";
  WORLD(world_do("program", "write", TEXT(""), save_setting, &setting));
  WORLD(store_read(world.store, read_setting, &setting, &world.error));
  assert_int_equal(setting.number, 30);
  assert_false(world_do("program", "write", TEXT(""), save_setting, &setting));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  setting.version = 1;
  setting.value = "";
  WORLD(world_do("program", "write", TEXT(""), save_setting, &setting));
  WORLD(store_read(world.store, read_setting, &setting, &world.error));
  assert_int_equal(setting.number, 60);
  setting.name = "no-such-setting";
  assert_false(world_do("program", "write", TEXT(""), save_setting, &setting));
}

/* --- Staff --------------------------------------------------------------------------------- */

static void staff_are_listed_by_name_and_site(void **state)
{
  (void)state;
  struct site *west = site("West", ""), *east = site("East", "");
  struct staff everywhere = nurse(), there = nurse();
  struct listed listed = {0};
  there.name = TEXT("Ärmin Öst");
  there.site_ids = &east->id;
  there.site_count = 1;
  WORLD(world_do("staff", "write", TEXT(""), make_staff, &everywhere));
  WORLD(world_do("staff", "write", TEXT(""), make_staff, &there));
  WORLD(world_do("staff", "read", TEXT(""), list_staff, &listed));
  assert_int_equal(listed.staff_count, 2);
  assert_true(text_equal(listed.staff[0].name, TEXT("Ada Nurse")));
  assert_int_equal(listed.staff[1].site_count, 1);
  world_become("nurse", text_c(world.arena, west->id), "");
  WORLD(world_do("staff", "read", TEXT(""), list_staff, &listed));
  assert_int_equal(listed.staff_count, 1);
  world_become("administrator", "", "");
  there.left_at = world.now;
  WORLD(world_do("staff", "write", TEXT(""), save_staff, &there));
  WORLD(world_do("staff", "read", TEXT(""), list_staff, &listed));
  assert_int_equal(listed.staff_count, 1);
  struct staff wrong = nurse();
  wrong.license_expires_on = TEXT("2027-02-29");
  assert_false(world_do("staff", "write", TEXT(""), make_staff, &wrong));
  assert_string_equal(world.error.person, "error.care.date");
  struct text nowhere = TEXT("nowhere");
  wrong = nurse();
  wrong.site_ids = &nowhere;
  wrong.site_count = 1;
  assert_false(world_do("staff", "write", TEXT(""), make_staff, &wrong));
  assert_string_equal(world.error.person, "error.care.site");
}

static bool list_due(struct store_transaction *t, void *context, struct error *error)
{
  struct due_item *items;
  size_t count;
  int64_t *at = context;
  if (!due_list(t, world.arena, world.program_id, INT64_MAX, 10, &items, &count, error))
    return false;
  *at = count ? items[0].at : 0;
  return true;
}
static int64_t next_due(void)
{
  int64_t at = -1;
  WORLD(store_read(world.store, list_due, &at, &world.error));
  return at;
}

/* The license is good through 2027-03-01: it ends at midnight in Denver, 07:00 UTC of the 2nd;
 * sixty days of notice before that is 2027-01-01T07:00Z. */
static void a_license_rings_before_and_when_it_ends(void **state)
{
  (void)state;
  struct staff staff = nurse();
  struct listed listed = {0};
  size_t fired = 0;
  struct due_registry *registry = due_registry_new();
  care_register_due(world.care, registry);
  WORLD(world_do("staff", "write", TEXT(""), make_staff, &staff));
  int64_t notice = (time_days_from_date(2027, 1, 1) * 86400 + 7 * 3600) * 1000000;
  int64_t end = (time_days_from_date(2027, 3, 2) * 86400 + 7 * 3600) * 1000000;
  assert_int_equal(next_due(), notice);
  WORLD(due_sweep(world.store, registry, notice, 10, &fired, &world.error));
  assert_int_equal(fired, 1);
  assert_int_equal(next_due(), end);
  WORLD(due_sweep(world.store, registry, end - 1, 10, &fired, &world.error));
  assert_int_equal(fired, 0);
  WORLD(due_sweep(world.store, registry, end, 10, &fired, &world.error));
  assert_int_equal(fired, 1);
  assert_int_equal(next_due(), 0);
  WORLD(world_do("staff", "read", TEXT(""), list_staff, &listed));
  assert_int_equal(listed.staff[0].expired_at, end);
  world.now = end + day;
  staff.license_expires_on = TEXT("2029-03-01");
  WORLD(world_do("staff", "write", TEXT(""), save_staff, &staff));
  WORLD(world_do("staff", "read", TEXT(""), list_staff, &listed));
  assert_int_equal(listed.staff[0].expired_at, 0);
  assert_true(next_due() > end);
  due_registry_free(registry);
}

/* --- Lists --------------------------------------------------------------------------------- */

struct asking {
  struct privacy_place place;
  bool is_there;
};
static bool ask_place(struct store_transaction *t, void *context, struct error *error)
{
  struct asking *asking = context;
  return world.privacy->places(t, &asking->place, &asking->is_there, error);
}
static bool is_place(struct text program_id, struct text site_id, struct text staff_id,
                     struct text person_id)
{
  struct asking asking = {.place = {program_id, site_id, staff_id, person_id}};
  WORLD(store_read(world.store, ask_place, &asking, &world.error));
  return asking.is_there;
}

/* What accounts and stations may lead to: what the program itself has. */
static void a_place_is_of_its_own_program(void **state)
{
  (void)state;
  struct site site = {.name = TEXT("West")};
  struct staff staff = {.name = TEXT("Nia"), .profession = TEXT("nurse")};
  struct text none = TEXT(""), first = world.program_id, second;
  WORLD(world_do("site", "write", none, make_site, &site));
  WORLD(world_do("staff", "write", none, make_staff, &staff));
  WORLD(program_begin(world.privacy, world.arena, world.now, &second, &world.error));
  world.program_id = second;
  world_become("administrator", "", "");
  struct program program = {.name = TEXT("Other House"),
                            .kind = TEXT("residential"),
                            .zone = TEXT("America/Denver"),
                            .state = TEXT("CO"),
                            .phone = TEXT("3035550101"),
                            .languages = TEXT("en")};
  WORLD(world_do("program", "write", none, world_make_program, &program));
  assert_true(is_place(first, none, none, none));
  assert_true(is_place(first, site.id, staff.id, none));
  assert_false(is_place(second, site.id, none, none));
  assert_false(is_place(second, none, staff.id, none));
  assert_false(is_place(first, staff.id, none, none));
  assert_false(is_place(first, none, none, site.id));
  assert_false(is_place(TEXT("no-program"), none, none, none));
  assert_false(is_place(none, site.id, none, none));
}

static void every_list_has_codes_and_words(void **state)
{
  (void)state;
  for (int list = 0; list < CARE_LISTS; list++) {
    assert_true(care_code_count(world.care, (enum care_list)list) > 0);
    struct text code = care_code(world.care, (enum care_list)list, 0);
    assert_true(care_code_is(world.care, (enum care_list)list, code));
    assert_false(care_code_is(world.care, (enum care_list)list, TEXT("no-such-code")));
  }
  assert_true(text_equal(care_code_label(world.care, CARE_LEVELS, TEXT("4"), 0), TEXT("Hospital")));
  assert_true(text_equal(care_code_label(world.care, CARE_LEVELS, TEXT("9"), 0), TEXT("9")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_begin, world_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(program_is_kept_and_stale_saves_refused), TEST(program_names_what_is_wrong),
      TEST(access_for_something_else_is_refused),    TEST(sites_and_units_are_listed_by_name),
      TEST(settings_have_a_default_and_bounds),      TEST(staff_are_listed_by_name_and_site),
      TEST(a_license_rings_before_and_when_it_ends), TEST(every_list_has_codes_and_words),
      TEST(a_place_is_of_its_own_program),
  };
  return store_support_run("care programs", tests, sizeof tests / sizeof *tests);
}
