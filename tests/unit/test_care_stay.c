/*
 * Tests of episode.h, fact.h and delivered.h: a stay's states and history, facts that follow one
 * another and are never taken away, days and services that are given once. Expected values: what
 * was written; which state may follow which from FHIR's EpisodeOfCare and knowledge/.
 */
#include "care_world.h"

static const int64_t hour = INT64_C(3600) * 1000000, day = INT64_C(86400) * 1000000;
static struct text person, other, west, east, nurse;

/* --- Deeds: each takes what it needs in one struct ----------------------------------------- */

struct work {
  struct episode episode;
  struct episode_change change;
  struct care_fact fact;
  struct care_fact_query query;
  struct delivered_day day;
  struct delivered_service service, *instead;
  struct text id, level, site, through, reason;
  int64_t at, version, added;
  struct episode *episodes;
  struct episode_step *steps;
  struct care_fact *facts;
  struct delivered_day *days;
  struct delivered_service *services;
  size_t count;
  bool with_error;
};
DEED(begin_stay, episode_create(t, world.care, access, world.arena, &w->episode, w->at, error))
DEED(change_stay, episode_change_status(t, world.care, access, world.arena, w->id, &w->change,
                                        w->version, error))
DEED(move_stay, episode_change_level(t, world.care, access, world.arena, w->id, w->level, w->site,
                                     TEXT(""), w->at, w->version, error))
DEED(list_stays,
     episode_list(t, access, world.arena, access->person_id, &w->episodes, &w->count, error))
DEED(read_history,
     episode_load(t, access, world.arena, w->id, &w->episode, error) &&
         episode_history(t, access, world.arena, &w->episode, &w->steps, &w->count, error))
DEED(add_fact, care_fact_add(t, world.care, access, world.arena, &w->fact, error))
DEED(end_fact, care_fact_end(t, access, w->id, w->at, w->version, error))
DEED(mark_fact, care_fact_mark_error(t, world.care, access, w->id, w->reason, w->version, error))
DEED(list_facts, care_fact_list(t, access, world.arena, &w->query, &w->facts, &w->count, error))
DEED(show_banner, care_fact_banner(t, world.care, access, world.arena, access->person_id, &w->facts,
                                   &w->count, error))
DEED(add_days,
     delivered_day_add(t, world.care, access, world.arena, &w->day, w->through, &w->added, error))
DEED(mark_day, delivered_day_mark_error(t, world.care, access, w->id, w->reason, w->version, error))
DEED(list_days, delivered_day_list(t, access, world.arena, access->person_id, TEXT(""), TEXT(""),
                                   w->with_error, &w->days, &w->count, error))
DEED(add_service, delivered_service_add(t, world.care, access, world.arena, &w->service, error))
DEED(correct_service, delivered_service_correct(t, world.care, access, world.arena, w->id,
                                                w->reason, w->instead, w->version, error))
DEED(list_services, delivered_service_list(t, access, world.arena, access->person_id, 0, 0,
                                           w->with_error, &w->services, &w->count, error))

static bool make_site(struct store_transaction *t, const struct access *access, void *context,
                      struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}
static bool make_staff(struct store_transaction *t, const struct access *access, void *context,
                       struct error *error)
{
  return staff_create(t, world.care, access, world.arena, context, error);
}
static bool make_person(struct store_transaction *t, const struct access *access, void *context,
                        struct error *error)
{
  return person_create(t, world.care, access, world.arena, context, error);
}

static struct text add_person(const char *family)
{
  struct person made = {.identity = {.family = text_from(family), .sex = TEXT("unknown")},
                        .language = TEXT("en")};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &made.id,
                     &world.error));
  struct world_deed deed = {"person", "write", made.id, make_person, &made, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return made.id;
}

static int begin(void **state)
{
  int failed = world_begin(state);
  struct site a = {.name = TEXT("West")}, b = {.name = TEXT("East")};
  struct staff staff = {.name = TEXT("Ada"), .profession = TEXT("nurse")};
  WORLD(world_do("site", "write", TEXT(""), make_site, &a));
  WORLD(world_do("site", "write", TEXT(""), make_site, &b));
  WORLD(world_do("staff", "write", TEXT(""), make_staff, &staff));
  west = a.id;
  east = b.id;
  nurse = staff.id;
  world_become("case-manager", "", "");
  person = add_person("Bell");
  other = add_person("Booth");
  return failed;
}

static struct work stay(const char *status, int64_t at)
{
  return (struct work){.episode = {.person_id = person,
                                   .status = text_from(status),
                                   .site_id = west,
                                   .level_of_care = TEXT("3.5"),
                                   .referral_source = TEXT("self")},
                       .at = at};
}

static bool change(struct work *w, const char *status, const char *reason, int64_t at)
{
  w->change = (struct episode_change){text_from(status), text_from(reason), TEXT("said so"), at};
  bool done = world_do("episode", "write", person, change_stay, w);
  if (done) w->version++;
  return done;
}

/* --- Stays ----------------------------------------------------------------------------------- */

static void a_stay_goes_from_the_list_to_its_end(void **state)
{
  (void)state;
  struct work w = stay("waitlist", world.now - 10 * day), second = stay("active", world.now);
  WORLD(world_do("episode", "write", person, begin_stay, &w));
  assert_false(world_do("episode", "write", person, begin_stay, &second));
  assert_string_equal(world.error.person, "error.care.episode.open");
  w.id = w.episode.id;
  w.version = 1;
  assert_false(
      change(&w, "finished", "completed", world.now - 9 * day)); /* waiting never ends so */
  assert_string_equal(world.error.person, "error.care.episode.status");
  WORLD(change(&w, "active", "", world.now - 9 * day));
  w.level = TEXT("3.1");
  w.site = east;
  w.at = world.now - 5 * day;
  WORLD(world_do("episode", "write", person, move_stay, &w));
  w.version++;
  assert_false(change(&w, "onhold", "", world.now - 6 * day)); /* before the move */
  assert_string_equal(world.error.person, "error.care.episode.order");
  WORLD(change(&w, "onhold", "", world.now - 4 * day));
  WORLD(change(&w, "active", "", world.now - 3 * day));
  assert_false(change(&w, "finished", "", world.now - day)); /* an end needs its reason */
  assert_string_equal(world.error.person, "error.care.required");
  assert_false(change(&w, "finished", "declined", world.now - day)); /* of plans alone */
  assert_false(change(&w, "finished", "completed", world.now + 1));
  assert_string_equal(world.error.person, "error.care.future");
  WORLD(change(&w, "finished", "completed", world.now - day));
  assert_false(change(&w, "active", "", world.now));
  assert_string_equal(world.error.person, "error.care.episode.ended");
  w.version--;
  assert_false(change(&w, "active", "", world.now));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);

  WORLD(world_do("episode", "read", person, read_history, &w));
  assert_true(text_equal(w.episode.status, TEXT("finished")));
  assert_int_equal(w.episode.begun_at, world.now - 9 * day);
  assert_int_equal(w.episode.ended_at, world.now - day);
  static const char *const expected[] = {"waitlist", "3.5",    "active",  "3.1",
                                         "onhold",   "active", "finished"};
  assert_int_equal(w.count, 7);
  for (size_t i = 0; i < w.count; i++) {
    struct text got = w.steps[i].status.length ? w.steps[i].status : w.steps[i].level_of_care;
    assert_true(text_equal(got, text_from(expected[i])));
  }
  assert_true(text_equal(w.steps[6].words, TEXT("said so")));
  WORLD(world_do("episode", "write", person, begin_stay, &second)); /* another may begin */
  WORLD(world_do("episode", "read", person, list_stays, &w));
  assert_int_equal(w.count, 2);
  assert_false(world_do("episode", "read", other, read_history, &w)); /* of somebody else */
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
}

static void states_follow_as_the_standard_has_them(void **state)
{
  (void)state;
  for (size_t i = 0; i < care_code_count(world.care, CARE_EPISODE_STATUSES); i++) {
    struct text rest = care_code_cell(world.care, CARE_EPISODE_STATUSES, i, "next"), next;
    size_t count = 0;
    for (; text_word_next(&rest, &next); count++)
      assert_true(care_code_is(world.care, CARE_EPISODE_STATUSES, next));
    bool is_end =
        text_equal(care_code_cell(world.care, CARE_EPISODE_STATUSES, i, "is_end"), TEXT("yes"));
    assert_int_equal(is_end, count == 0);
  }
  static const char *const fhir[] = {"planned", "waitlist", "active",
                                     "onhold",  "finished", "cancelled"};
  for (size_t i = 0; i < sizeof fhir / sizeof *fhir; i++)
    assert_true(care_code_is(world.care, CARE_EPISODE_STATUSES, text_from(fhir[i])));
}

/* --- Facts ----------------------------------------------------------------------------------- */

static bool know(struct work *w, const char *kind, const char *value, const char *words,
                 int64_t since)
{
  w->fact = (struct care_fact){.person_id = person,
                               .kind = text_from(kind),
                               .value = text_from(value),
                               .words = text_from(words),
                               .since_at = since,
                               .source_room = TEXT("care")};
  return world_do("fact", "write", person, add_fact, w);
}

static void facts_follow_one_another(void **state)
{
  (void)state;
  struct work w = {.query = {.person_id = person, .kind = TEXT("pregnancy")}};
  WORLD(know(&w, "pregnancy", "no", "", world.now - 30 * day));
  WORLD(know(&w, "pregnancy", "yes", "told at intake", world.now - 10 * day));
  WORLD(know(&w, "pregnancy", "unknown", "", world.now - 20 * day)); /* learned late */
  w.query.at = world.now;
  WORLD(world_do("fact", "read", person, list_facts, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.facts[0].value, TEXT("yes")));
  assert_true(text_equal(w.facts[0].words, TEXT("told at intake")));
  w.query.at = world.now - 15 * day;
  WORLD(world_do("fact", "read", person, list_facts, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.facts[0].value, TEXT("unknown")));
  w.query.at = world.now - 25 * day;
  WORLD(world_do("fact", "read", person, list_facts, &w));
  assert_true(w.count == 1 && text_equal(w.facts[0].value, TEXT("no")));
}

static void wrong_facts_are_marked_not_lost(void **state)
{
  (void)state;
  struct work w = {.query = {.person_id = person}};
  WORLD(know(&w, "allergy", "severe", "penicillin: hives", world.now - day));
  w.id = w.fact.id;
  w.version = 1;
  w.reason = TEXT("no-such-reason");
  assert_false(world_do("fact", "write", person, mark_fact, &w));
  w.reason = TEXT("wrong-person");
  assert_false(world_do("fact", "write", other, mark_fact, &w));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  WORLD(world_do("fact", "write", person, mark_fact, &w));
  assert_false(world_do("fact", "write", person, mark_fact, &w));
  WORLD(world_do("fact", "read", person, list_facts, &w));
  assert_int_equal(w.count, 0);
  w.query.with_error = true;
  WORLD(world_do("fact", "read", person, list_facts, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.facts[0].words, TEXT("penicillin: hives")));
  assert_true(text_equal(w.facts[0].error_reason, TEXT("wrong-person")));
}

static void values_that_do_not_fit_are_refused(void **state)
{
  (void)state;
  struct work w = {0};
  assert_false(know(&w, "allergy", "purple", "penicillin", world.now));
  assert_string_equal(world.error.person, "error.care.code");
  assert_false(know(&w, "allergy", "mild", "", world.now));
  assert_string_equal(world.error.person, "error.care.required");
  assert_false(know(&w, "injecting", "yes", "words", world.now));
  assert_false(know(&w, "died", "2026-02-30", "", world.now));
  assert_string_equal(world.error.person, "error.care.date");
  assert_false(know(&w, "authorized-days", "ten", "", world.now));
  assert_false(know(&w, "alert", "", "later", world.now + 1));
  assert_string_equal(world.error.person, "error.care.future");
  WORLD(know(&w, "appointment", "", "", world.now + day)); /* may lie ahead */
  assert_false(know(&w, "checked-claim", "confirmed", "sees people within a day", world.now));
  assert_false(know(&w, "no-such-kind", "", "", world.now));
  WORLD(know(&w, "precaution", "fall", "", world.now - day));
  w.id = w.fact.id;
  w.version = 1;
  w.at = world.now - 2 * day;
  assert_false(world_do("fact", "write", person, end_fact, &w));
  assert_string_equal(world.error.person, "error.care.order");
  w.at = world.now;
  WORLD(world_do("fact", "write", person, end_fact, &w));
  assert_false(world_do("fact", "write", person, end_fact, &w));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
}

static void facts_of_the_program_have_no_person(void **state)
{
  (void)state;
  struct work w = {.fact = {.kind = TEXT("checked-claim"),
                            .value = TEXT("confirmed"),
                            .words = TEXT("starts medicine on the first day"),
                            .since_at = world.now,
                            .source_room = TEXT("outcomes"),
                            .source_id = TEXT("call-7")}};
  WORLD(world_do("fact", "write", TEXT(""), add_fact, &w));
  w.query = (struct care_fact_query){.source_room = TEXT("outcomes"), .source_id = TEXT("call-7")};
  WORLD(world_do("fact", "read", TEXT(""), list_facts, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.facts[0].words, TEXT("starts medicine on the first day")));
}

static void the_banner_says_what_must_be_known(void **state)
{
  (void)state;
  struct work w = {0};
  WORLD(know(&w, "no-known-allergies", "", "", world.now - 5 * day));
  WORLD(know(&w, "pregnancy", "no", "", world.now - 5 * day));
  WORLD(know(&w, "housing", "dependent", "", world.now - 5 * day));
  WORLD(know(&w, "precaution", "seizure", "", world.now - 5 * day));
  WORLD(world_do("person", "read", person, show_banner, &w));
  assert_int_equal(w.count, 2);
  assert_true(text_equal(w.facts[0].kind, TEXT("no-known-allergies")));
  WORLD(know(&w, "allergy", "severe", "latex", world.now - day)); /* ends "no known allergies" */
  WORLD(know(&w, "pregnancy", "yes", "", world.now - day));
  WORLD(world_do("person", "read", person, show_banner, &w));
  assert_int_equal(w.count, 3);
  assert_true(text_equal(w.facts[0].kind, TEXT("allergy")));
  assert_true(text_equal(w.facts[1].kind, TEXT("precaution")));
  assert_true(text_equal(w.facts[2].kind, TEXT("pregnancy")));
}

/* --- Days and services ----------------------------------------------------------------------- */

/* now is 2026-11-18 07:26 in Denver; the stay began ten days before, on the 8th. */
static void a_day_is_given_once(void **state)
{
  (void)state;
  struct work w = stay("active", world.now - 10 * day);
  WORLD(world_do("episode", "write", person, begin_stay, &w));
  w.day = (struct delivered_day){.episode_id = w.episode.id,
                                 .date = TEXT("2026-11-08"),
                                 .level_of_care = TEXT("3.5"),
                                 .source_room = TEXT("care")};
  w.through = TEXT("2026-11-10");
  WORLD(world_do("delivered", "write", person, add_days, &w));
  assert_int_equal(w.added, 3);
  w.through = TEXT("2026-11-12");
  WORLD(world_do("delivered", "write", person, add_days, &w));
  assert_int_equal(w.added, 2);
  w.day.level_of_care = TEXT("3.1");
  w.through = TEXT("2026-11-08");
  WORLD(world_do("delivered", "write", person, add_days, &w)); /* another level, another day */
  assert_int_equal(w.added, 1);
  w.through = TEXT("2026-11-19");
  assert_false(world_do("delivered", "write", person, add_days, &w));
  assert_string_equal(world.error.person, "error.care.future");
  w.day.date = w.through = TEXT("2026-11-07");
  assert_false(world_do("delivered", "write", person, add_days, &w));
  assert_string_equal(world.error.person, "error.care.episode.outside");
  w.through = TEXT("2026-11-06");
  assert_false(world_do("delivered", "write", person, add_days, &w));
  assert_string_equal(world.error.person, "error.care.order");

  WORLD(world_do("delivered", "read", person, list_days, &w));
  assert_int_equal(w.count, 6);
  assert_true(text_equal(w.days[0].date, TEXT("2026-11-12")));
  w.id = w.days[0].id;
  w.version = 1;
  w.reason = TEXT("wrong-time");
  WORLD(world_do("delivered", "write", person, mark_day, &w));
  assert_false(world_do("delivered", "write", person, mark_day, &w));
  WORLD(world_do("delivered", "read", person, list_days, &w));
  assert_int_equal(w.count, 5);
  w.day.date = w.through = TEXT("2026-11-12"); /* and may be given again */
  w.day.level_of_care = TEXT("3.5");
  WORLD(world_do("delivered", "write", person, add_days, &w));
  assert_int_equal(w.added, 1);
  w.with_error = true;
  WORLD(world_do("delivered", "read", person, list_days, &w));
  assert_int_equal(w.count, 7);
}

static void a_service_is_corrected_by_another(void **state)
{
  (void)state;
  struct work w = {.service = {.person_id = person,
                               .kind = TEXT("group"),
                               .begun_at = world.now - 3 * hour,
                               .minutes = 90,
                               .staff_id = nurse,
                               .site_id = west,
                               .group_id = TEXT("group-1"),
                               .source_room = TEXT("care")}};
  WORLD(world_do("delivered", "write", person, add_service, &w));
  struct delivered_service better = w.service;
  better.minutes = 60;
  w.id = w.service.id;
  w.version = 1;
  w.reason = TEXT("typing");
  w.instead = &better;
  WORLD(world_do("delivered", "write", person, correct_service, &w));
  assert_false(world_do("delivered", "write", person, correct_service, &w));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  WORLD(world_do("delivered", "read", person, list_services, &w));
  assert_int_equal(w.count, 1);
  assert_int_equal(w.services[0].minutes, 60);
  assert_true(text_equal(w.services[0].corrects_id, w.id));
  w.with_error = true;
  WORLD(world_do("delivered", "read", person, list_services, &w));
  assert_int_equal(w.count, 2);

  struct field_problems problems = {.count = 0};
  better.kind = TEXT("nursing"); /* no group */
  better.minutes = 0;
  better.begun_at = world.now + 1;
  better.staff_id = TEXT("");
  delivered_service_check(world.care, &better, world.now, &problems);
  static const char *const fields[] = {"minutes", "begun", "staff", "group"};
  assert_int_equal(problems.count, 4);
  for (size_t i = 0; i < 4; i++) assert_string_equal(problems.items[i].field, fields[i]);
  w.service.staff_id = TEXT("nobody");
  assert_false(world_do("delivered", "write", person, add_service, &w));
  assert_string_equal(world.error.person, "error.care.staff");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, world_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_stay_goes_from_the_list_to_its_end),
      TEST(states_follow_as_the_standard_has_them),
      TEST(facts_follow_one_another),
      TEST(wrong_facts_are_marked_not_lost),
      TEST(values_that_do_not_fit_are_refused),
      TEST(facts_of_the_program_have_no_person),
      TEST(the_banner_says_what_must_be_known),
      TEST(a_day_is_given_once),
      TEST(a_service_is_corrected_by_another),
  };
  return store_support_run("care stays", tests, sizeof tests / sizeof *tests);
}
