/*
 * Tests of intake_record.h on both engines: one intake for each stay, what is said and refused, one
 * admission whatever is sent twice, clocks with the time moved on. Expected values: what was
 * written; the days of 42 CFR 8.12 (clinical reference MET-10); what the headers say is refused.
 */
#include "intake_world.h"

/* --- Beginning ------------------------------------------------------------------------------- */

static void one_intake_stands_for_a_stay(void **state)
{
  (void)state;
  struct text id = begun(world.now + DAY);
  struct work again = {.id = stay, .at = world.now + 5 * DAY};
  WORLD(to("intake", "write", begin_intake, &again)); /* resumed, by anybody, as it is */
  assert_true(text_equal(again.intake.id, id));
  assert_int_equal(again.intake.planned_at, world.now + DAY);
  assert_true(text_equal(again.intake.program_kind, TEXT("residential")));
  assert_true(text_equal(again.intake.language, TEXT("es")));
  struct work list = {.size = 0};
  WORLD(to("intake", "read", list_intakes, &list));
  assert_int_equal(list.size, 1);
  struct work plan = {.id = id, .at = world.now + 2 * DAY, .version = 1};
  WORLD(to("intake", "write", plan_intake, &plan));
  REFUSED(to("intake", "write", plan_intake, &plan), "error.intake.stale");
  assert_int_equal(look(id, "transport").due_at, world.now + DAY);
  /* Not somebody else's, not unknown ones, not by another right. */
  struct work w = {.id = id};
  REFUSED(world_do("intake", "read", other, load_intake, &w), "error.403.text");
  w.id = stay;
  REFUSED(world_do("intake", "write", other, begin_intake, &w), "error.403.text");
  REFUSED(to("intake", "read", load_intake, &w), "error.intake.missing");
  w.id = TEXT("nobody");
  REFUSED(to("intake", "write", begin_intake, &w), "error.care.episode");
  w.id = id;
  REFUSED(to("fact", "read", load_intake, &w), "error.403.text");
  REFUSED(to("intake", "read", say, &w), "error.403.text");
  become("auditor");
  REFUSED(to("intake", "read", load_intake, &w), "error.403.text");
  become("counselor"); /* whose caseload does not have the person */
  REFUSED(to("intake", "read", load_intake, &w), "error.403.text");
}

static void a_stay_that_ended_takes_no_more(void **state)
{
  (void)state;
  struct text id = begun(0);
  struct work w = {.change = {TEXT("cancelled"), TEXT("declined"), TEXT(""), world.now},
                   .version = 1};
  WORLD(to("episode", "write", end_stay, &w));
  struct work said = saying(id, "identity", INTAKE_SAID_DONE, "", "", 0);
  REFUSED(to("intake", "write", say, &said), "error.intake.ended");
  struct work b = {.id = stay};
  REFUSED(to("intake", "write", begin_intake, &b), "error.intake.ended");
  w.id = id;
  WORLD(to("intake", "read", load_intake, &w)); /* but can be read */
}

/* --- Saying ---------------------------------------------------------------------------------- */

static void an_item_is_said_with_its_history(void **state)
{
  (void)state;
  struct text id = begun(0);
  become("nurse");
  struct work w = saying(id, "history", INTAKE_SAID_DONE, "", " ", 0);
  REFUSED(to("intake", "write", say, &w), "error.intake.document");
  w = saying(id, "history", INTAKE_SAID_DONE, "", "folder 3, page 2", 0);
  WORLD(to("intake", "write", say, &w));
  REFUSED(to("intake", "write", say, &w), "error.intake.stale"); /* sent twice */
  assert_int_equal(look(id, "history").standing, INTAKE_DONE);
  w = saying(id, "history", INTAKE_SAID_OPEN, "", "the wrong folder", 1);
  WORLD(to("intake", "write", say, &w));
  assert_int_equal(look(id, "history").standing, INTAKE_DUE);
  w.item = TEXT("history");
  WORLD(to("intake", "read", read_history, &w));
  assert_int_equal(w.size, 2);
  assert_true(text_equal(w.steps[0].words, TEXT("the wrong folder")));
  assert_true(text_equal(w.steps[1].words, TEXT("folder 3, page 2")));
  assert_true(text_equal(w.steps[1].account_id, TEXT("account-of-nurse")));
  assert_int_equal(w.steps[0].seq, 2);
  w = saying(id, "hiv-test", INTAKE_SAID_DECLINED, "not-today", "", 0);
  WORLD(to("intake", "write", say, &w));
  assert_int_equal(look(id, "hiv-test").standing, INTAKE_DECLINED);
  w = saying(id, "pregnancy-test", INTAKE_SAID_NOT_NEEDED, "cannot-be-pregnant", "", 0);
  REFUSED(to("intake", "write", say, &w), "error.intake.words");
  w.step.words = TEXT("says so; had an operation");
  WORLD(to("intake", "write", say, &w));
  assert_int_equal(look(id, "pregnancy-test").why, INTAKE_WHY_SAID);
}

static void what_does_not_fit_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *item;
    enum intake_said_state state;
    const char *reason, *words, *key;
  } wrong[] = {
      {"hope", INTAKE_SAID_DONE, "", "", "error.intake.item"},
      {"screening-exam", INTAKE_SAID_DONE, "", "x", "error.intake.item"}, /* of another program */
      {"allergies", INTAKE_SAID_DONE, "", "", "error.intake.derived"},
      {"rights", INTAKE_SAID_DONE, "", "", "error.intake.derived"},
      {"identity", INTAKE_SAID_DECLINED, "did-not-want", "", "error.intake.decline"},
      {"consent-treatment", INTAKE_SAID_DECLINED, "did-not-want", "", "error.intake.decline"},
      {"photo", INTAKE_SAID_DECLINED, "because", "", "error.intake.reason"},
      {"photo", INTAKE_SAID_NOT_NEEDED, "did-not-want", "", "error.intake.reason"},
      {"photo", INTAKE_SAID_NOT_NEEDED, "nothing-brought", "", "error.intake.reason"},
      {"photo", INTAKE_SAID_DECLINED, "other-declined", "  ", "error.intake.words"},
      {"identity", INTAKE_SAID_DONE, "", "bell\a", "error.care.text"},
  };
  struct text id = begun(0);
  become("nurse");
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    struct work w = saying(id, wrong[i].item, wrong[i].state, wrong[i].reason, wrong[i].words, 0);
    REFUSED(to("intake", "write", say, &w), wrong[i].key);
  }
  struct work w = saying(id, "identity", INTAKE_SAID_DONE, "", "", 0);
  w.step.at = world.now + 1;
  REFUSED(to("intake", "write", say, &w), "error.intake.future");
  w.step.at = world.now;
  char *much = arena_allocate(world.arena, LIMIT_CARE_WORDS + 2);
  memset(much, 'a', LIMIT_CARE_WORDS + 1);
  w.step.words = text_from(much);
  REFUSED(to("intake", "write", say, &w), "error.care.long");
  w.step.words = TEXT("\xff");
  REFUSED(to("intake", "write", say, &w), "error.care.text");
  /* Whose part it is stands in the table. */
  become("technician");
  w = saying(id, "hiv-test", INTAKE_SAID_DONE, "", "", 0);
  REFUSED(to("intake", "write", say, &w), "error.intake.role");
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  assert_true(world.actor.denial.is_set);
  become("");
  WORLD(to("intake", "write", say, &w));
}

static void what_stands_elsewhere_is_found(void **state)
{
  (void)state;
  struct text id = begun(0);
  become("nurse");
  assert_int_equal(look(id, "allergies").standing, INTAKE_DUE);
  assert_int_equal(look(id, "last-dose").why, INTAKE_WHY_FACT);
  struct work w = {.fact = {.person_id = person,
                            .kind = TEXT("no-known-allergies"),
                            .value = TEXT(""),
                            .words = TEXT(""),
                            .since_at = world.now,
                            .source_room = TEXT("care"),
                            .source_id = TEXT("")}};
  WORLD(to("fact", "write", add_fact, &w));
  w.fact.kind = TEXT("opioid-medicine");
  w.fact.value = TEXT("methadone");
  WORLD(to("fact", "write", add_fact, &w));
  assert_int_equal(look(id, "allergies").standing, INTAKE_DONE);
  assert_int_equal(look(id, "medicine-now").standing, INTAKE_DONE);
  assert_int_equal(look(id, "last-dose").standing, INTAKE_DUE);
  assert_int_equal(look(id, "emergency-contact").standing, INTAKE_DUE);
}

/* --- Admitting ------------------------------------------------------------------------------- */

static int64_t rows_of(const char *what);
struct asking {
  const char *what;
  int64_t count;
};
static bool ask_rows(struct store_transaction *t, void *context, struct error *error)
{
  struct asking *asking = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_asked =
      strcmp(asking->what, "admission") == 0
          ? store_query(t, &cursor, "SELECT count(*) FROM intake_admission", STORE_BIND_NONE, error)
      : strcmp(asking->what, "active") == 0
          ? store_query(t, &cursor, "SELECT count(*) FROM episode_status WHERE status = 'active'",
                        STORE_BIND_NONE, error)
          : store_query(t, &cursor, "SELECT count(*) FROM due WHERE kind = 'intake.late'",
                        STORE_BIND_NONE, error);
  if (!is_asked || !store_next(cursor, &more, error)) return false;
  asking->count = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return true;
}
static int64_t rows_of(const char *what)
{
  struct asking asking = {what, 0};
  WORLD(store_read(world.store, ask_rows, &asking, &world.error));
  return asking.count;
}

static void a_person_is_admitted_once(void **state)
{
  (void)state;
  struct text id = begun(world.now);
  struct admitting admitting = {id, world.now, false};
  REFUSED(world_do("intake", "write", person, admit_in, &admitting), "error.intake.blocked");
  struct work w = saying(id, "consent-treatment", INTAKE_SAID_DONE, "", "signed, folder 3", 0);
  WORLD(to("intake", "write", say, &w));
  admitting.at = world.now + 1;
  REFUSED(world_do("intake", "write", person, admit_in, &admitting), "error.intake.future");
  admitting = (struct admitting){id, world.now, true}; /* the stay is only planned */
  REFUSED(world_do("intake", "write", person, admit_in, &admitting), "error.care.episode.status");
  admitting.without_stay = false;
  WORLD(world_do("intake", "write", person, admit_in, &admitting));
  world.now += HOUR;
  admitting.at = world.now;
  WORLD(world_do("intake", "write", person, admit_in, &admitting)); /* sent twice */
  assert_int_equal(rows_of("admission"), 1);
  assert_int_equal(rows_of("active"), 1);
  w.id = id;
  WORLD(to("intake", "read", load_intake, &w));
  assert_int_equal(w.intake.admitted_at, world.now - HOUR);
  assert_true(text_equal(w.intake.admitted_by, TEXT("account-of-case-manager")));
}

static bool insert_twice(struct store_transaction *t, void *context, struct error *error)
{
  const struct text *id = context;
  return store_execute(t,
                       "INSERT INTO intake_admission (program_id, episode_id, intake_id, at,"
                       " account_id, made_at) VALUES ($1, $2, $3, 1, 'x', 1)",
                       STORE_BIND(STORE_T(world.program_id), STORE_T(stay), STORE_T(*id)), NULL,
                       error);
}
static bool insert_second_intake(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(
      t,
      "INSERT INTO intake (program_id, id, episode_id, person_id, planned_at,"
      " account_id, made_at, version) VALUES ($1, 'another', $2, $3, 0, 'x', 1, 1)",
      STORE_BIND(STORE_T(world.program_id), STORE_T(stay), STORE_T(person)), NULL, error);
}

static void the_database_admits_once_too(void **state)
{
  (void)state;
  struct text id = begun(world.now);
  struct work w = saying(id, "consent-treatment", INTAKE_SAID_DONE, "", "signed", 0);
  WORLD(to("intake", "write", say, &w));
  struct admitting admitting = {id, world.now, false};
  WORLD(world_do("intake", "write", person, admit_in, &admitting));
  error_clear(&world.error);
  assert_false(store_write(world.store, insert_twice, &id, &world.error));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  error_clear(&world.error);
  assert_false(store_write(world.store, insert_second_intake, NULL, &world.error));
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
}

static void a_stay_that_is_active_is_admitted_as_it_began(void **state)
{
  (void)state;
  struct text id = begun(world.now);
  struct work w = saying(id, "consent-treatment", INTAKE_SAID_DONE, "", "signed", 0);
  WORLD(to("intake", "write", say, &w));
  w = (struct work){.change = {TEXT("active"), TEXT(""), TEXT(""), world.now - 60000000},
                    .version = 1};
  WORLD(to("episode", "write", end_stay, &w)); /* the bed's side did it */
  struct admitting admitting = {id, world.now, true};
  WORLD(world_do("intake", "write", person, admit_in, &admitting));
  w.id = id;
  WORLD(to("intake", "read", load_intake, &w));
  assert_int_equal(w.intake.admitted_at, world.now - 60000000);
}

/* --- Clocks ---------------------------------------------------------------------------------- */

static size_t late_count(void)
{
  struct work w = {.size = 0};
  WORLD(world_do("intake", "read", TEXT(""), list_late, &w));
  assert_int_equal(w.late_items, w.size);
  assert_int_equal(w.late_intakes, w.size ? 1 : 0);
  return w.size;
}

static size_t sweep(struct due_registry *registry)
{
  size_t fired = 0;
  WORLD(due_sweep(world.store, registry, world.now, 100, &fired, &world.error));
  return fired;
}

static void what_becomes_late_is_found_by_the_clock(void **state)
{
  (void)state;
  struct due_registry *registry = due_registry_new();
  intakes_register_due(intakes, registry);
  struct text id = begun(world.now);
  struct work w = saying(id, "consent-treatment", INTAKE_SAID_DONE, "", "signed", 0);
  WORLD(to("intake", "write", say, &w));
  struct admitting admitting = {id, world.now, false};
  WORLD(world_do("intake", "write", person, admit_in, &admitting));
  size_t before = late_count(); /* what was due before the arrival */
  assert_int_equal(before, 3);
  assert_int_equal(sweep(registry), 0);
  world.now += 4 * HOUR;                /* allergies, medicine, counts are due, not late */
  assert_int_equal(sweep(registry), 1); /* the withdrawal score was due at 2 hours */
  assert_int_equal(late_count(), before + 1);
  world.now += 2;
  assert_int_equal(sweep(registry), 1);
  struct work late = {.size = 0};
  WORLD(world_do("intake", "read", TEXT(""), list_late, &late));
  bool found = false;
  for (size_t i = 0; i < late.size; i++) {
    bool is_it = text_equal(late.late[i].item, TEXT("allergies"));
    found = found || is_it;
    if (is_it) assert_int_equal(late.late[i].late_at, world.now - 2);
    assert_true(text_equal(late.late[i].person_id, person));
  }
  assert_true(found);
  size_t after = late.size;
  assert_int_equal(sweep(registry), 0); /* nothing fires twice */
  become("nurse");
  struct work fact = {.fact = {.person_id = person,
                               .kind = TEXT("no-known-allergies"),
                               .value = TEXT(""),
                               .words = TEXT(""),
                               .since_at = world.now,
                               .source_room = TEXT("care"),
                               .source_id = TEXT("")}};
  WORLD(to("fact", "write", add_fact, &fact));
  assert_true(look(id, "allergies").was_late);
  become("case-manager");
  assert_int_equal(late_count(), after); /* the clock has not rung yet */
  world.now += DAY + 1;
  assert_int_equal(sweep(registry), 1);
  WORLD(world_do("intake", "read", TEXT(""), list_late, &late));
  for (size_t i = 0; i < late.size; i++)
    assert_false(text_equal(late.late[i].item, TEXT("allergies")));
  assert_int_equal(rows_of("due"), 1);
  become("counselor"); /* whose caseload is empty */
  assert_int_equal(late_count(), 0);
  become("case-manager");
  w = (struct work){.change = {TEXT("finished"), TEXT("completed"), TEXT(""), world.now},
                    .version = 2};
  WORLD(to("episode", "write", end_stay, &w));
  world.now += DAY + 1;
  assert_int_equal(sweep(registry), 1); /* the stay is over, and so is its clock */
  assert_int_equal(late_count(), 0);
  assert_int_equal(rows_of("due"), 0);
  due_registry_free(registry);
}

static bool to_opioid_treatment(struct store_transaction *t, void *context, struct error *error)
{
  (void)context;
  return store_execute(t, "UPDATE program SET kind = 'opioid-treatment' WHERE program_id = $1",
                       STORE_BIND(STORE_T(world.program_id)), NULL, error);
}

static void the_law_of_opioid_treatment_programs_holds(void **state)
{
  (void)state;
  struct due_registry *registry = due_registry_new();
  intakes_register_due(intakes, registry);
  WORLD(store_write(world.store, to_opioid_treatment, NULL, &world.error));
  struct text id = begun(world.now);
  become("prescriber");
  struct work w = saying(id, "consent-treatment", INTAKE_SAID_DONE, "", "signed", 0);
  WORLD(to("intake", "write", say, &w));
  w = saying(id, "screening-exam", INTAKE_SAID_DONE, "", "from the clinic in town", 0);
  w.step.at = world.now - 7 * DAY - 1; /* older than 7 days: it does not count */
  WORLD(to("intake", "write", say, &w));
  assert_true(look(id, "screening-exam").is_old);
  struct admitting admitting = {id, world.now, false};
  REFUSED(world_do("intake", "write", person, admit_in, &admitting), "error.intake.blocked");
  w.step.at = world.now - 7 * DAY;
  w.step.seq = 1;
  WORLD(to("intake", "write", say, &w));
  WORLD(world_do("intake", "write", person, admit_in, &admitting));
  int64_t admitted = world.now;
  assert_int_equal(look(id, "full-exam").due_at, admitted + 14 * DAY);
  assert_int_equal(look(id, "care-plan").due_at, admitted + 14 * DAY);
  for (int i = 0; i < 14; i++) { /* the clock moved, a day at a time */
    world.now += DAY;
    sweep(registry);
  }
  struct work late = {.size = 0};
  WORLD(world_do("intake", "read", TEXT(""), list_late, &late));
  for (size_t i = 0; i < late.size; i++)
    assert_false(text_equal(late.late[i].item, TEXT("full-exam")));
  world.now += 2;
  while (sweep(registry)) continue;
  size_t of_law = 0;
  WORLD(world_do("intake", "read", TEXT(""), list_late, &late));
  for (size_t i = 0; i < late.size; i++)
    of_law += text_equal(late.late[i].item, TEXT("full-exam")) ||
              text_equal(late.late[i].item, TEXT("care-plan")) ||
              text_equal(late.late[i].item, TEXT("full-assessment")) ||
              text_equal(late.late[i].item, TEXT("tests-drawn"));
  assert_int_equal(of_law, 4);
  due_registry_free(registry);
}

/* --- Assessment ------------------------------------------------------------------------------ */

static const struct value *json(const char *words)
{
  const struct value *value = NULL;
  WORLD(json_read(world.arena, text_from(words), &value, &world.error));
  return value;
}

static void a_questionnaire_is_scored_and_kept(void **state)
{
  (void)state;
  struct text id = begun(0);
  become("nurse");
  struct work w = {
      .id = id,
      .instrument = {.instrument = TEXT("phq-2"), .answers = json("{\"answers\":{\"1\":2}}")}};
  REFUSED(to("intake", "write", answer, &w), "error.intake.answers");
  w.instrument.answers = json("{\"answers\":{\"1\":2,\"2\":3}}");
  WORLD(to("intake", "write", answer, &w));
  assert_int_equal(look(id, "mood").standing, INTAKE_DONE);
  WORLD(to("intake", "read", list_answers, &w));
  assert_int_equal(w.size, 1);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_INTAKE_DOCUMENT);
  json_write(w.answered[0].result, &out);
  assert_true(text_contains(text_buffer_get(&out), TEXT("\"total\":5"))); /* 2 + 3 */
  text_buffer_fini(&out);
  w.instrument.answers = NULL;
  REFUSED(to("intake", "write", answer, &w), "error.intake.answers");
  w.instrument.answers = json("{\"answers\":{\"1\":9}}");
  assert_false(to("intake", "write", answer, &w));
  w.instrument.instrument = TEXT("dast-10"); /* off until the operator has the rights */
  REFUSED(to("intake", "write", answer, &w), "error.intake.instrument");
  w.instrument.instrument = TEXT("tarot");
  REFUSED(to("intake", "write", answer, &w), "error.intake.instrument");
  become("technician");
  w.instrument.instrument = TEXT("phq-2");
  w.instrument.answers = json("{\"answers\":{\"1\":2,\"2\":3}}");
  REFUSED(to("intake", "write", answer, &w), "error.intake.role");
}

static void a_clinician_may_choose_otherwise_and_says_why(void **state)
{
  (void)state;
  struct text id = begun(0);
  become("prescriber");
  struct work w = {
      .id = id,
      .level = {.chosen = TEXT("3.5"),
                .facts = json("{\"facts\":{\"age\":30,\"opioid_use_disorder\":\"none\"}}"),
                .reason = TEXT("")}};
  if (!to("intake", "write", decide, &w))
    assert_string_equal(world.error.person, "error.intake.why");
  w.level.reason = TEXT("no safe place to sleep");
  WORLD(to("intake", "write", decide, &w));
  assert_false(text_equal(w.level.suggested, TEXT("3.5")));
  world.now += 1000;
  struct work same = {
      .id = id, .level = {.chosen = w.level.suggested, .facts = w.level.facts, .reason = TEXT("")}};
  if (w.level.suggested.length) WORLD(to("intake", "write", decide, &same)); /* no reason needed */
  assert_int_equal(look(id, "level-of-care").standing, INTAKE_DONE);
  WORLD(to("intake", "read", list_levels, &w));
  assert_true(w.size >= 1);
  assert_true(text_equal(w.levels[w.size - 1].reason, TEXT("no safe place to sleep")));
  assert_non_null(w.levels[w.size - 1].facts);
  w.level.chosen = TEXT("9.9");
  REFUSED(to("intake", "write", decide, &w), "error.intake.level");
  w.level.chosen = TEXT("3.5");
  w.level.facts = NULL;
  w.level.reason = TEXT("");
  REFUSED(to("intake", "write", decide, &w), "error.intake.why");
  become("technician");
  REFUSED(to("intake", "write", decide, &w), "error.intake.role");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(one_intake_stands_for_a_stay, begin, end),
      cmocka_unit_test_setup_teardown(a_stay_that_ended_takes_no_more, begin, end),
      cmocka_unit_test_setup_teardown(an_item_is_said_with_its_history, begin, end),
      cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(what_stands_elsewhere_is_found, begin, end),
      cmocka_unit_test_setup_teardown(a_person_is_admitted_once, begin, end),
      cmocka_unit_test_setup_teardown(the_database_admits_once_too, begin, end),
      cmocka_unit_test_setup_teardown(a_stay_that_is_active_is_admitted_as_it_began, begin, end),
      cmocka_unit_test_setup_teardown(what_becomes_late_is_found_by_the_clock, begin, end),
      cmocka_unit_test_setup_teardown(the_law_of_opioid_treatment_programs_holds, begin, end),
      cmocka_unit_test_setup_teardown(a_questionnaire_is_scored_and_kept, begin, end),
      cmocka_unit_test_setup_teardown(a_clinician_may_choose_otherwise_and_says_why, begin, end),
  };
  return store_support_run("intake_record", tests, sizeof tests / sizeof *tests);
}
