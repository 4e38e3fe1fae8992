/*
 * Requests from outside on both engines: doors and who may open them, one request for a form, what
 * a day lets in, staff who have left; the operator's line and its hours. Expected: front_door.h;
 * the hours are counted by hand (2026-11-18 is a Wednesday).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "request_world.h"

struct listing {
  enum front_way way;
  struct text words;
  struct front_door *doors;
  size_t count, limit;
  bool more;
};

static bool save_door(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return front_door_save(t, access, context, error);
}

static bool list_doors(struct store_transaction *t, void *context, struct error *error)
{
  struct listing *listing = context;
  return front_door_list(t, world.arena, listing->way, listing->words, listing->limit,
                         &listing->doors, &listing->count, &listing->more, error);
}

static size_t listed(enum front_way way, const char *words)
{
  struct listing listing = {.way = way, .words = text_from(words), .limit = 5};
  WORLD(store_read(world.store, list_doors, &listing, &world.error));
  return listing.count;
}

static bool set_door(struct text site_id, struct text staff_id, bool people, bool programs,
                     int64_t version)
{
  struct front_door door = {.site_id = site_id,
                            .staff_id = staff_id,
                            .takes_people = people,
                            .takes_programs = programs,
                            .version = version};
  struct actor was = world.actor;
  world_become("administrator", "", "");
  bool is_saved = world_do("program", "write", TEXT(""), save_door, &door);
  world.actor = was;
  return is_saved;
}

static struct front_ask ask_of(enum front_way way, const char *family)
{
  struct front_ask ask = {.way = way,
                          .program_id = world.program_id,
                          .token = request_token_new(world.arena),
                          .request = request_of(family)};
  ask.request.source = TEXT("link");
  return ask;
}

static enum front_answer asked(struct front_ask *ask)
{
  enum front_answer answer;
  int64_t answer_by = 0;
  const struct zone *zone = NULL;
  WORLD(front_door_ask(world.store, ground.requests, world.arena, ask, world.now, &answer,
                       &answer_by, &zone, &world.error));
  if (answer == FRONT_MADE || answer == FRONT_REPEATED) {
    assert_true(answer_by > world.now);
    assert_true(text_equal(zone_name(zone), TEXT("America/Denver")));
  }
  return answer;
}

GROUND_NUMBER(requests_of, "SELECT count(*) FROM request WHERE site_id = $1")
GROUND_NUMBER(callbacks_of, "SELECT count(*) FROM callback c JOIN request r ON r.id = c.request_id"
                            " AND r.program_id = c.program_id WHERE r.site_id = $1")

static void a_door_is_opened_by_who_may(void **state)
{
  (void)state;
  struct front_door door = {.site_id = ground.west, .staff_id = ground.ada, .takes_people = true};
  assert_int_equal(listed(FRONT_CARRY, ""), 0);
  assert_false(world_do("program", "write", TEXT(""), save_door, &door)); /* a case manager */
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  assert_false(set_door(ground.west, TEXT(""), true, false, 0));
  assert_string_equal(world.error.person, "error.request.assigned");
  assert_false(set_door(TEXT("elsewhere"), ground.ada, true, false, 0));
  assert_string_equal(world.error.person, "error.request.code");
  WORLD(set_door(ground.west, ground.ada, true, false, 0));
  assert_int_equal(listed(FRONT_CARRY, ""), 1);
  assert_int_equal(listed(FRONT_REFER, ""), 0);
  assert_int_equal(listed(FRONT_TALK, "harbor west"), 1);
  assert_int_equal(listed(FRONT_TALK, "harbor east"), 0);
  assert_false(set_door(ground.west, ground.ada, false, true, 0)); /* stale */
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  WORLD(set_door(ground.west, ground.ada, false, true, 1));
  assert_int_equal(listed(FRONT_CARRY, ""), 0);
  assert_int_equal(listed(FRONT_REFER, ""), 1);
}

static void a_form_makes_one(void **state)
{
  (void)state;
  WORLD(set_door(ground.west, ground.ada, true, false, 0));
  struct front_ask ask = ask_of(FRONT_TALK, "Adams"), again = ask;
  ask.wants_call = again.wants_call = true;
  again.request.identity.at[REQUEST_FAMILY] = TEXT("Other");
  assert_int_equal(asked(&ask), FRONT_MADE);
  assert_int_equal(asked(&again), FRONT_REPEATED);
  assert_int_equal(requests_of(ground.west), 1);
  assert_int_equal(callbacks_of(ground.west), 1);
  assert_int_equal(asked(&(struct front_ask){.way = FRONT_REFER,
                                             .program_id = world.program_id,
                                             .token = request_token_new(world.arena),
                                             .request = request_of("Baker")}),
                   FRONT_CLOSED);
  struct front_ask none = ask_of(FRONT_CARRY, "Cole");
  none.token = TEXT("no token");
  enum front_answer answer;
  int64_t by;
  const struct zone *zone;
  error_clear(&world.error);
  assert_false(front_door_ask(world.store, ground.requests, world.arena, &none, world.now, &answer,
                              &by, &zone, &world.error));
  assert_int_equal(world.error.kind, ERROR_REFUSED);
}

static void another_programs_site_takes_nothing_here(void **state)
{
  (void)state;
  WORLD(set_door(ground.west, ground.ada, true, false, 0));
  struct front_ask ask = ask_of(FRONT_CARRY, "Adams");
  ask.program_id = TEXT("01900000-0000-7000-8000-000000000000");
  assert_int_equal(asked(&ask), FRONT_CLOSED);
  ask = ask_of(FRONT_CARRY, "Adams");
  ask.request.site_id = ground.east;
  assert_int_equal(asked(&ask), FRONT_CLOSED);
}

static bool leave(struct store_transaction *t, void *context, struct error *error)
{
  struct text *id = context;
  return store_execute(t, "UPDATE staff SET left_at = 1 WHERE id = $1", STORE_BIND(STORE_T(*id)),
                       NULL, error);
}

/* Who was named has left: the next in the list of who is told, else nobody, said so. */
static void who_has_left_looks_after_nothing(void **state)
{
  (void)state;
  WORLD(set_door(ground.west, ground.ada, true, false, 0));
  WORLD(store_write(world.store, leave, &ground.ada, &world.error));
  struct front_ask ask = ask_of(FRONT_CARRY, "Adams");
  assert_int_equal(asked(&ask), FRONT_CLOSED);
  assert_int_equal(requests_of(ground.west), 0);
}

static bool fill_day(struct store_transaction *t, void *context, struct error *error)
{
  const int64_t *at = context;
  for (int64_t i = 0; i < LIMIT_DOOR_PROGRAM; i++)
    if (!store_execute(t,
                       "INSERT INTO front_door_request (program_id, request_id, way, made_at)"
                       " VALUES ($1, $2, 'carry', $3)",
                       STORE_BIND(STORE_T(world.program_id),
                                  STORE_T(text_format(world.arena, "%lld", (long long)i)),
                                  STORE_N(*at)),
                       NULL, error))
      return false;
  return true;
}

static void a_day_lets_in_so_many(void **state)
{
  (void)state;
  int64_t at = world.now - DAY + MINUTE;
  WORLD(set_door(ground.west, ground.ada, true, false, 0));
  WORLD(store_write(world.store, fill_day, &at, &world.error));
  struct front_ask ask = ask_of(FRONT_CARRY, "Adams");
  assert_int_equal(asked(&ask), FRONT_FULL);
  world.now += 2 * MINUTE;
  assert_int_equal(asked(&ask), FRONT_MADE);
}

/* --- The line ------------------------------------------------------------------------------- */

static bool save_line(struct store_transaction *t, void *context, struct error *error)
{
  struct access access;
  return access_open_list(t, world.privacy, &world.actor, "program", "write", world.now, &access,
                          error) &&
         talk_line_save(t, ground.requests, &access, world.arena, context, error);
}

static bool load_line(struct store_transaction *t, void *context, struct error *error)
{
  return talk_line_load(t, world.arena, context, error);
}

static struct talk_line line_of(void)
{
  return (struct talk_line){.name = TEXT("Harbor help line"),
                            .phone = TEXT("3035550177"),
                            .text_phone = TEXT(""),
                            .days = TEXT("1 2 3 4 5"),
                            .begins = 9 * 60,
                            .ends = 17 * 60,
                            .zone = TEXT("America/Denver"),
                            .urgency = TEXT("urgent"),
                            .program_id = TEXT(""),
                            .site_id = TEXT("")};
}

static bool saved(struct talk_line *line)
{
  error_clear(&world.error);
  return store_write(world.store, save_line, line, &world.error);
}

static void the_line_is_the_installations(void **state)
{
  (void)state;
  struct talk_line line = line_of(), found = {.version = 9};
  WORLD(store_read(world.store, load_line, &found, &world.error));
  assert_int_equal(found.version, 0);
  world_become("administrator", "", "");
  assert_false(saved(&line)); /* of one program alone */
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  world.actor.program_id = TEXT("");
  WORLD(saved(&line));
  line.site_id = ground.west;
  assert_false(saved(&line));
  assert_string_equal(world.error.person, "error.front.door");
  WORLD(set_door(ground.west, ground.ada, true, false, 0));
  world.actor.program_id = TEXT("");
  WORLD(saved(&line));
  WORLD(store_read(world.store, load_line, &found, &world.error));
  assert_true(text_equal(found.program_id, world.program_id));
  assert_int_equal(found.version, 2);
  line.version = 1;
  assert_false(saved(&line));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
}

static void a_line_with_a_fault_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *phone, *days, *zone, *field;
    int64_t begins;
  } faults[] = {{"12", "1", "UTC", "phone", 0},
                {"3035550177", "7", "UTC", "days", 0},
                {"3035550177", "1", "Nowhere/Land", "zone", 0},
                {"3035550177", "1", "UTC", "begins", 1440},
                {"3035550177", "1", "UTC", "begins", -1}};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct talk_line line = line_of();
    struct field_problems problems = {.count = 0};
    line.phone = text_from(faults[i].phone);
    line.days = text_from(faults[i].days);
    line.zone = text_from(faults[i].zone);
    line.begins = faults[i].begins;
    talk_line_check(ground.requests, &line, &problems);
    assert_int_equal(problems.count, 1);
    assert_string_equal(problems.items[0].field, faults[i].field);
  }
}

static void hours_are_where_the_line_is(void **state)
{
  (void)state;
  struct talk_line line = line_of();
  int64_t nine = INT64_C(1795017600) * 1000000; /* 2026-11-18 16:00 UTC, 09:00 in Denver */
  assert_true(talk_line_is_open(&line, nine));
  assert_false(talk_line_is_open(&line, nine - 1));
  assert_true(talk_line_is_open(&line, nine + 8 * HOUR - 1));
  assert_false(talk_line_is_open(&line, nine + 8 * HOUR));
  assert_false(talk_line_is_open(&line, nine + 3 * DAY)); /* Saturday */
  line.begins = 20 * 60;
  line.ends = 4 * 60; /* over midnight, into Saturday */
  assert_true(talk_line_is_open(&line, nine + 2 * DAY + 18 * HOUR));  /* Saturday 03:00 */
  assert_false(talk_line_is_open(&line, nine + 3 * DAY + 18 * HOUR)); /* Sunday 03:00 */
  assert_false(talk_line_is_open(&line, nine));
  line.begins = line.ends = 0; /* the whole day */
  assert_true(talk_line_is_open(&line, nine));
  assert_false(talk_line_is_open(&line, nine + 3 * DAY));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(a_door_is_opened_by_who_may),
      TEST(a_form_makes_one),
      TEST(another_programs_site_takes_nothing_here),
      TEST(who_has_left_looks_after_nothing),
      TEST(a_day_lets_in_so_many),
      TEST(the_line_is_the_installations),
      TEST(a_line_with_a_fault_is_refused),
      TEST(hours_are_where_the_line_is),
  };
  return store_support_run("front door", tests, sizeof tests / sizeof *tests);
}
