/*
 * Tests of request.h and call.h on both engines: states and who may change them, sealing, joining
 * with a record, links, escalation with the clock moved, calls. Expected values: what was written;
 * times from request-urgencies.csv counted by hand (2026-11-18 is a Wednesday, 07:26:40 in Denver).
 */
#include "request_world.h"

/* --- Deeds --------------------------------------------------------------------------------- */

struct work {
  struct request request;
  struct request_answer answer;
  struct request_facts facts;
  struct request_query query;
  struct request_event *events;
  struct request *list;
  struct request_escalation *steps;
  struct call call, *calls;
  struct callback callback, *queue;
  struct text id, staff, token, callback_id, person, site, urgency, outcome, date;
  size_t count;
  int64_t version;
  bool is_open;
};
DEED(load, request_load(t, access, world.arena, w->id, &w->request, error))
DEED(answer,
     request_answer(t, ground.requests, access, world.arena, w->id, &w->answer, w->version, error))
DEED(assign,
     request_assign(t, ground.requests, access, world.arena, w->id, w->staff, w->version, error))
DEED(save_facts, request_save_facts(t, ground.requests, access, world.arena, w->id, &w->facts,
                                    w->version, error))
DEED(history, request_history(t, access, world.arena, w->id, &w->events, &w->count, error))
DEED(make_link, request_link_make(t, ground.requests, access, world.arena, w->id, &w->token, error))
DEED(revoke_links, request_link_revoke(t, access, world.arena, w->id, error))
DEED(list, request_list(t, access, world.arena, &w->query, &w->list, &w->count, error))
DEED(log_call, call_add(t, ground.requests, access, world.arena, &w->call, w->callback_id, error))
DEED(read_calls, call_list(t, access, world.arena, w->id, &w->calls, &w->count, error))
DEED(ask_call, callback_add(t, ground.requests, access, world.arena, &w->callback, error))
DEED(read_queue, callback_list(t, access, world.arena, &w->queue, &w->count, error))
DEED(set_steps, request_escalation_save(t, ground.requests, access, w->site, w->urgency, w->steps,
                                        w->count, error))
DEED(read_steps, request_escalation_list(t, access, world.arena, &w->steps, &w->count, error))
DEED(set_day, business_day_save(t, access, w->date, w->is_open, error))
DEED(drop_day, business_day_remove(t, access, w->date, error))
DEED(end_it, waitlist_end(t, ground.requests, access, world.arena, w->id, w->outcome, TEXT(""),
                          w->version, error))

static bool attach(struct store_transaction *t, const struct access *access, void *context,
                   struct error *error)
{
  struct work *w = context;
  struct access to;
  struct role_subject subject;
  return care_subject_load(t, world.program_id, w->person, &world.actor, world.now, &subject,
                           error) &&
         access_open(t, world.privacy, &world.actor, "person", "write", &subject, w->person,
                     world.now, &to, error) &&
         request_attach(t, access, &to, world.arena, w->id, w->version, error);
}

static struct work made(const char *family)
{
  struct work w = {.request = request_of(family)};
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.version = 1;
  return w;
}

static void assert_refused(bool done, const char *person)
{
  assert_false(done);
  assert_string_equal(world.error.person, person);
}

GROUND_NUMBER(clocks_of, "SELECT count(*) FROM due WHERE subject_id = $1")
GROUND_NUMBER(escalations_of, "SELECT escalations FROM request WHERE id = $1")
GROUND_NUMBER(audit_rows, "SELECT count(*) FROM audit_entry WHERE person_id = $1")
GROUND_NUMBER(late_callbacks, "SELECT count(*) FROM callback WHERE request_id = $1 AND late_at > 0")

/* Lines of the audit about somebody. */
static int64_t audited(struct text person_id)
{
  size_t sealed;
  WORLD(audit_seal(world.store, world.now, &sealed, &world.error));
  return audit_rows(person_id);
}

/* --- Making -------------------------------------------------------------------------------- */

static void a_request_has_its_person_of_the_staff_at_once(void **state)
{
  (void)state;
  struct work w = made("Bell");
  WORLD(request_do("read", w.id, load, &w));
  assert_true(text_equal(w.request.assigned, ground.ada));
  assert_true(text_equal(w.request.state, TEXT("received")));
  assert_true(text_equal(w.request.identity.at[REQUEST_FAMILY], TEXT("Bell")));
  assert_true(text_equal(w.request.words, TEXT("asks for a place near family")));
  assert_int_equal(w.request.version, 1);
  assert_true(audited(w.request.subject_id) >= 2); /* made, and read */
  /* Nobody acts, nobody is named: refused; with an escalation list its first. */
  world_become("case-manager", "", "");
  struct request none = request_of("Booth");
  assert_refused(request_made(&none), "error.request.assigned");
  struct request_escalation steps[] = {{TEXT(""), TEXT("routine"), ground.ben, 10}};
  struct work set = {.steps = steps, .count = 1, .site = TEXT(""), .urgency = TEXT("routine")};
  world_become("administrator", "", "");
  WORLD(world_do("program", "write", TEXT(""), set_steps, &set));
  world_become("case-manager", "", "");
  none = request_of("Booth");
  WORLD(request_made(&none));
  assert_true(text_equal(none.assigned, ground.ben));
  none = request_of("Booth");
  none.assigned = TEXT("nobody");
  assert_refused(request_made(&none), "error.request.assigned");
}

static void an_answer_is_due_by_its_urgency(void **state)
{
  (void)state;
  struct request request = request_of("Bell");
  WORLD(request_made(&request));
  /* Thursday, 17:00 in Denver is 00:00 UTC of the 20th: 1795132800. */
  assert_int_equal(request.answer_by, INT64_C(1795132800) * 1000000);
  request = request_of("Bell");
  request.urgency = TEXT("urgent");
  WORLD(request_made(&request));
  assert_int_equal(request.answer_by, world.now + 120 * MINUTE);
  request = request_of("Bell");
  request.urgency = TEXT("emergency");
  WORLD(request_made(&request));
  assert_int_equal(request.answer_by, world.now + 30 * MINUTE);
  struct work day = {.date = TEXT("2026-11-19"), .is_open = false};
  world_become("administrator", "", "");
  WORLD(world_do("program", "write", TEXT(""), set_day, &day));
  world_become("case-manager", "", text_c(world.arena, ground.ada));
  request = request_of("Bell");
  WORLD(request_made(&request));
  assert_int_equal(request.answer_by, INT64_C(1795219200) * 1000000); /* Friday */
  assert_refused(world_do("program", "read", TEXT(""), set_day, &day), "error.403.text");
  world_become("administrator", "", "");
  WORLD(world_do("program", "write", TEXT(""), drop_day, &day));
  day.date = TEXT("2026-02-30");
  assert_refused(world_do("program", "write", TEXT(""), set_day, &day), "error.request.date");
}

static void fields_are_checked(void **state)
{
  (void)state;
  struct request r;
#define REFUSED(change, why)                                                                       \
  r = request_of("Bell");                                                                          \
  change;                                                                                          \
  assert_refused(request_made(&r), why)
  REFUSED(r.source = TEXT("pigeon"), "error.request.code");
  REFUSED(r.urgency = TEXT("soon"), "error.request.code");
  REFUSED(r.level_of_care = TEXT("9"), "error.request.code");
  REFUSED(r.pregnant = 2, "error.request.code");
  REFUSED(r.injecting = -2, "error.request.code");
  REFUSED(r.language = TEXT("xx"), "error.request.code");
  REFUSED(r.consents = TEXT("send anything"), "error.request.code");
  REFUSED(r.site_id = TEXT(""), "error.request.required");
  REFUSED(r.site_id = TEXT("elsewhere"), "error.request.code");
  REFUSED(r.identity.at[REQUEST_BIRTH_DATE] = TEXT("1990-02-30"), "error.request.date");
  REFUSED(r.identity.at[REQUEST_BIRTH_DATE] = TEXT("2990-02-03"), "error.request.date");
  REFUSED(r.identity.at[REQUEST_PHONE] = TEXT("303"), "error.request.phone");
  REFUSED(r.identity.at[REQUEST_ASKER_PHONE] = TEXT("30355501x3"), "error.request.phone");
  REFUSED(r.identity.at[REQUEST_ASKER] = TEXT("a\001b"), "error.request.text");
  REFUSED(r.identity.at[REQUEST_EMAIL] = TEXT("\xff"), "error.request.text");
  REFUSED(r.words = text_format(world.arena, "%04001d", 1), "error.request.text");
  REFUSED(r.received_at = world.now + 1, "error.request.future");
}

/* --- States -------------------------------------------------------------------------------- */

static void an_answer_has_a_reason_and_ends_its_clock(void **state)
{
  (void)state;
  struct work w = made("Bell");
  assert_int_equal(clocks_of(w.id), 1);
  w.answer = (struct request_answer){false, TEXT("no-money"), TEXT("")};
  assert_refused(request_do("write", w.id, answer, &w), "error.request.reason");
  w.answer.reason = TEXT("");
  assert_refused(request_do("write", w.id, answer, &w), "error.request.reason");
  w.answer = (struct request_answer){true, TEXT("age"), TEXT("")};
  assert_refused(request_do("write", w.id, answer, &w), "error.request.reason");
  w.answer = (struct request_answer){false, TEXT("age"), TEXT("seventeen; told of two places")};
  w.version = 2;
  assert_refused(request_do("write", w.id, answer, &w), "error.care.stale");
  w.version = 1;
  WORLD(request_do("write", w.id, answer, &w));
  assert_int_equal(clocks_of(w.id), 0);
  WORLD(request_do("read", w.id, load, &w));
  assert_true(text_equal(w.request.state, TEXT("declined")));
  assert_true(text_equal(w.request.reason, TEXT("age")));
  assert_int_equal(w.request.answered_at, world.now);
  assert_int_equal(w.request.ended_at, world.now);
  WORLD(request_do("read", w.id, history, &w));
  assert_int_equal(w.count, 2);
  assert_true(text_equal(w.events[1].kind, TEXT("declined")));
  assert_true(text_equal(w.events[1].words, TEXT("seventeen; told of two places")));
  w.version = 2;
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  assert_refused(request_do("write", w.id, answer, &w), "error.request.step");
  w.staff = ground.ben;
  assert_refused(request_do("write", w.id, assign, &w), "error.request.step");
  w.facts = (struct request_facts){TEXT("urgent"), TEXT("3.5"), 0, 0};
  assert_refused(request_do("write", w.id, save_facts, &w), "error.request.step");
  w.id = TEXT("none");
  assert_refused(request_do("read", w.id, load, &w), "error.request.gone");
}

static void staff_and_facts_change_and_are_written_down(void **state)
{
  (void)state;
  struct work w = made("Bell");
  w.staff = TEXT("nobody");
  assert_refused(request_do("write", w.id, assign, &w), "error.request.assigned");
  w.staff = ground.ben;
  WORLD(request_do("write", w.id, assign, &w));
  assert_refused(request_do("write", w.id, assign, &w), "error.care.stale");
  w.version = 2;
  w.facts = (struct request_facts){TEXT("soon"), TEXT("3.7"), 1, 0};
  assert_refused(request_do("write", w.id, save_facts, &w), "error.request.code");
  w.facts = (struct request_facts){TEXT("urgent"), TEXT("9"), 1, 0};
  assert_refused(request_do("write", w.id, save_facts, &w), "error.request.code");
  w.facts = (struct request_facts){TEXT("urgent"), TEXT("3.7"), 2, -3};
  assert_refused(request_do("write", w.id, save_facts, &w), "error.request.code");
  w.facts = (struct request_facts){TEXT("urgent"), TEXT("3.7"), 1, REQUEST_UNKNOWN};
  WORLD(request_do("write", w.id, save_facts, &w));
  WORLD(request_do("read", w.id, load, &w));
  assert_int_equal(w.request.answer_by, w.request.received_at + 120 * MINUTE);
  assert_int_equal(w.request.pregnant, 1);
  assert_int_equal(w.request.version, 3);
  assert_true(text_equal(w.request.assigned, ground.ben));
  WORLD(request_do("read", w.id, history, &w));
  assert_int_equal(w.count, 3);
  assert_true(text_equal(w.events[1].kind, TEXT("assigned")));
  assert_true(text_equal(w.events[2].kind, TEXT("facts")));
}

/* --- Who may ------------------------------------------------------------------------------- */

static void roles_and_sites_are_kept(void **state)
{
  (void)state;
  struct work w = made("Bell"), all = {.query = {.limit = 10}};
  world_become("counselor", "", "");
  WORLD(request_do("read", w.id, load, &w));
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  assert_refused(request_do("write", w.id, answer, &w), "error.403.text");
  world_become("technician", "", "");
  assert_refused(request_do("read", w.id, load, &w), "error.403.text");
  assert_true(world.actor.denial.is_set);
  world_become("case-manager", text_c(world.arena, ground.east), "");
  assert_refused(request_do("read", w.id, load, &w), "error.403.text");
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  assert_int_equal(all.count, 0);
  struct request own = request_of("Booth");
  own.assigned = ground.ada;
  assert_refused(request_made(&own), "error.403.text"); /* of another site */
  world_become("case-manager", text_c(world.arena, ground.west), "");
  WORLD(request_do("read", w.id, load, &w));
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  assert_int_equal(all.count, 1);
  assert_true(text_equal(all.list[0].identity.at[REQUEST_GIVEN], TEXT("Jo")));
  /* An access to something else, or to somebody else, opens nothing. */
  assert_refused(world_do("person", "search", TEXT(""), list, &all), "error.403.text");
  assert_refused(world_do("request", "read", TEXT(""), load, &w), "error.403.text");
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  all.query.state = TEXT("declined");
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  assert_int_equal(all.count, 0);
  all.query = (struct request_query){.assigned = ground.ben};
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  assert_int_equal(all.count, 0);
  all.query = (struct request_query){.late_at = w.request.answer_by + 1};
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  assert_int_equal(all.count, 1);
  all.query.late_at = w.request.answer_by;
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  assert_int_equal(all.count, 0);
}

/* --- A record ------------------------------------------------------------------------------ */

static void joining_seals_under_the_persons_key(void **state)
{
  (void)state;
  struct work w = made("Bell");
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("came-in"),
                         .way = TEXT("call"),
                         .result = TEXT("reached"),
                         .script = TEXT("first-call"),
                         .words = TEXT("calls from work"),
                         .at = world.now,
                         .minutes = 7};
  WORLD(request_do("write", w.id, log_call, &w));
  w.answer = (struct request_answer){true, TEXT(""), TEXT("welcome")};
  WORLD(request_do("write", w.id, answer, &w));
  w.version = 2;
  w.person = ground_person("Bell");
  struct text subject = w.request.subject_id, person = w.person;
  WORLD(request_do("write", w.id, attach, &w));
  WORLD(vault_erase(world.vault, (struct vault_subject){world.program_id, subject}, world.now,
                    &world.error)); /* nothing is left under it */
  WORLD(request_do("read", w.id, load, &w));
  assert_true(text_equal(w.request.person_id, person));
  assert_true(text_equal(w.request.identity.at[REQUEST_FAMILY], TEXT("Bell")));
  assert_true(text_equal(w.request.words, TEXT("asks for a place near family")));
  WORLD(request_do("read", w.id, history, &w));
  assert_true(text_equal(w.events[1].words, TEXT("welcome")));
  WORLD(request_do("read", w.id, read_calls, &w));
  assert_true(text_equal(w.calls[0].words, TEXT("calls from work")));
  w.version = 3;
  assert_refused(request_do("write", w.id, attach, &w), "error.request.step");
  w.version = 2;
  assert_refused(request_do("write", w.id, attach, &w), "error.care.stale");
  WORLD(vault_erase(world.vault, (struct vault_subject){world.program_id, person}, world.now,
                    &world.error));
  WORLD(request_do("read", w.id, load, &w)); /* erased with the person */
  assert_true(text_is_empty(w.request.identity.at[REQUEST_FAMILY]));
  assert_true(text_is_empty(w.request.words));
}

static void a_person_reads_their_own_alone(void **state)
{
  (void)state;
  struct work w = made("Bell"), other = made("Booth"), all = {.query = {.limit = 10}};
  w.person = ground_person("Bell");
  WORLD(request_do("write", w.id, attach, &w));
  world_become("person", "", "");
  world.actor.kind = ACTOR_PERSON;
  world.actor.person_id = w.person;
  WORLD(request_do("read", w.id, load, &w));
  assert_refused(request_do("read", other.id, load, &other), "error.403.text");
  w.version = 2;
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  assert_refused(request_do("write", w.id, answer, &w), "error.403.text");
  WORLD(world_do("request", "read", TEXT(""), list, &all));
  assert_int_equal(all.count, 1);
  assert_true(text_equal(all.list[0].id, w.id));
  assert_refused(world_do("request", "read", TEXT(""), read_queue, &all), "error.403.text");
}

/* --- Links --------------------------------------------------------------------------------- */

struct look {
  struct text token;
  struct request_status status;
};
static bool look_at(struct store_transaction *t, void *context, struct error *error)
{
  struct look *look = context;
  return request_link_open(t, ground.requests, world.arena, look->token, world.now, &look->status,
                           error);
}
static bool look(struct text token, struct request_status *out)
{
  struct look asked = {.token = token};
  error_clear(&world.error);
  bool is_open = store_write(world.store, look_at, &asked, &world.error);
  if (out) *out = asked.status;
  return is_open;
}

/* 29 of programme.md 1.3: a capability token that tells nothing of which tokens there are. */
static void a_link_tells_where_it_stands_and_no_token_tells_another(void **state)
{
  (void)state;
  struct work w = made("Bell");
  struct request_status status;
  WORLD(request_do("write", w.id, make_link, &w));
  assert_int_equal(w.token.length, REQUEST_TOKEN);
  int64_t before = audited(w.request.subject_id);
  assert_true(look(w.token, &status));
  assert_int_equal(audited(w.request.subject_id), before + 1);
  assert_true(text_equal(status.state, TEXT("received")));
  assert_true(text_equal(status.program_phone, TEXT("3035550100")));
  assert_int_equal(status.answer_by, w.request.answer_by);
  assert_false(status.is_waiting);
  char *turned = text_c(world.arena, w.token);
  char log[sizeof world.error.log], person[sizeof world.error.log];
  turned[5] = turned[5] == 'A' ? 'B' : 'A';
  assert_false(look(text_from(turned), NULL));
  snprintf(log, sizeof log, "%s", world.error.log);
  snprintf(person, sizeof person, "%s", world.error.person);
  assert_string_equal(person, "error.request.link");
  const char *bad[] = {"",
                       "x",
                       "not a token at all, and longer than any that there may be",
                       "===========================================",
                       "AAAAAAAAAA\301AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                       NULL};
  for (size_t i = 0; bad[i]; i++) {
    assert_refused(look(text_from(bad[i]), NULL), person);
    assert_string_equal(world.error.log, log);
  }
  int64_t then = world.now;
  world.now += 180 * DAY; /* request-link-days */
  assert_refused(look(w.token, NULL), person);
  assert_string_equal(world.error.log, log);
  world.now = then;
  WORLD(request_do("write", w.id, revoke_links, &w));
  assert_refused(look(w.token, NULL), person);
  assert_string_equal(world.error.log, log);
}

/* --- Carried answers ----------------------------------------------------------------------- */

static struct needs *needs;
static struct level_of_care *table;

static struct request_carried carried_of(const char *json, struct facts *facts)
{
  const struct value *value;
  WORLD(json_read(world.arena, text_from(json), &value, &world.error));
  WORLD(facts_read(table, value, facts, &world.error));
  return (struct request_carried){
      .table = table, .facts = facts, .until = world.now + DAY, .consents = TEXT("send call")};
}

static bool carry(const struct request_carried *carried, struct request *out)
{
  error_clear(&world.error);
  return request_from_carried(ground.requests, carried, world.now, out, &world.error);
}

static void carried_answers_give_what_a_request_needs(void **state)
{
  (void)state;
  struct facts facts;
  struct request request = request_of("Bell");
  const char *folder = file_join(world.arena, world_share(), "knowledge");
  WORLD(needs_load(&needs, folder, &world.error));
  WORLD(level_of_care_load(&table, folder, needs, &world.error));
  struct request_carried carried = carried_of("{\"pregnant\": true}", &facts);
  WORLD(carry(&carried, &request));
  assert_true(text_equal(request.source, TEXT("link")));
  assert_true(text_equal(request.urgency, TEXT("routine")));
  assert_int_equal(request.pregnant, 1);
  assert_int_equal(request.injecting, REQUEST_UNKNOWN); /* nobody asked */
  assert_true(text_equal(request.consents, TEXT("send call")));
  request.subject_id = TEXT("");
  WORLD(request_made(&request));
  carried = carried_of("{\"pregnant\": false}", &facts);
  WORLD(carry(&carried, &request));
  assert_int_equal(request.pregnant, 0);
  carried = carried_of("{\"pregnant\": true, \"pregnancy_warning\": true}", &facts);
  WORLD(carry(&carried, &request)); /* rule A6 */
  assert_true(text_equal(request.urgency, TEXT("emergency")));
  struct request untouched = request_of("Bell"), kept = untouched;
  carried.consents = TEXT("call");
  assert_refused(carry(&carried, &untouched), "error.request.consent");
  carried.consents = TEXT("send");
  carried.is_revoked = true;
  assert_refused(carry(&carried, &untouched), "error.request.carried");
  carried.is_revoked = false;
  carried.until = world.now;
  assert_refused(carry(&carried, &untouched), "error.request.carried");
  assert_memory_equal(&untouched, &kept, sizeof kept);
  level_of_care_free(table);
  needs_free(needs);
}

/* --- Clocks -------------------------------------------------------------------------------- */

static void what_is_not_answered_goes_from_step_to_step(void **state)
{
  (void)state;
  struct request_escalation steps[] = {{TEXT(""), TEXT("emergency"), ground.ben, 10},
                                       {TEXT(""), TEXT("emergency"), ground.ada, 20}};
  struct work set = {.steps = steps, .count = 2, .site = ground.west, .urgency = TEXT("emergency")};
  world_become("administrator", "", "");
  WORLD(world_do("program", "write", TEXT(""), set_steps, &set));
  WORLD(world_do("program", "write", TEXT(""), set_steps, &set)); /* again is fine */
  WORLD(world_do("program", "read", TEXT(""), read_steps, &set));
  assert_int_equal(set.count, 2);
  assert_refused(world_do("program", "read", TEXT(""), set_steps, &set), "error.403.text");
  set.urgency = TEXT("soon");
  assert_refused(world_do("program", "write", TEXT(""), set_steps, &set), "error.request.code");
  set.urgency = TEXT("urgent");
  set.steps[0].minutes = 0;
  assert_refused(world_do("program", "write", TEXT(""), set_steps, &set), "error.request.required");
  world_become("case-manager", "", text_c(world.arena, ground.ada));
  struct work w = {.request = request_of("Bell")};
  w.request.urgency = TEXT("emergency");
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  int64_t begun = world.now;
  world.now = begun + 30 * MINUTE - 1;
  assert_int_equal(ground_sweep(), 0);
  world.now = begun + 30 * MINUTE;
  assert_int_equal(ground_sweep(), 1);
  assert_int_equal(ground_sweep(), 0); /* once */
  world.now = begun - DAY;             /* a clock that goes back fires nothing */
  assert_int_equal(ground_sweep(), 0);
  world.now = begun + 40 * MINUTE;
  assert_int_equal(ground_sweep(), 1);
  world.now = begun + 60 * MINUTE;
  assert_int_equal(ground_sweep(), 1); /* the last step again */
  WORLD(request_do("read", w.id, history, &w));
  assert_int_equal(w.count, 4);
  assert_true(text_equal(w.events[1].kind, TEXT("escalated")));
  assert_true(text_equal(w.events[1].code, ground.ben));
  assert_true(text_equal(w.events[2].code, ground.ada));
  assert_true(text_equal(w.events[3].code, ground.ada));
  w.version = 1; /* being told of changes nothing that a form holds */
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  world.now += 10 * DAY;
  assert_int_equal(ground_sweep(), 0);
}

/* Without a list whoever looks after it is told; and it ends some time. */
static void escalation_ends(void **state)
{
  (void)state;
  struct work w = {.request = request_of("Bell")};
  w.request.urgency = TEXT("urgent");
  WORLD(request_made(&w.request));
  for (int i = 0; i < LIMIT_REQUEST_ESCALATIONS + 5; i++) {
    world.now += 120 * MINUTE;
    ground_sweep();
  }
  assert_int_equal(escalations_of(w.request.id), LIMIT_REQUEST_ESCALATIONS);
  assert_int_equal(clocks_of(w.request.id), 0);
}

/* --- Calls --------------------------------------------------------------------------------- */

static void calls_are_logged_and_called_back(void **state)
{
  (void)state;
  struct work w = made("Bell");
  w.callback = (struct callback){
      .request_id = w.id, .script = TEXT("call-back"), .due_at = world.now + HOUR};
  WORLD(request_do("write", w.id, ask_call, &w));
  w.callback_id = w.callback.id;
  w.callback.script = TEXT("no script");
  assert_refused(request_do("write", w.id, ask_call, &w), "error.request.code");
  WORLD(world_do("request", "read", TEXT(""), read_queue, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.queue[0].assigned, ground.ada));
  world.now += HOUR;
  assert_int_equal(ground_sweep(), 1);
  assert_int_equal(late_callbacks(w.id), 1);
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("went-out"),
                         .way = TEXT("call"),
                         .result = TEXT("no-answer"),
                         .at = world.now};
  WORLD(request_do("write", w.id, log_call, &w)); /* nobody there: it stays in the queue */
  WORLD(world_do("request", "read", TEXT(""), read_queue, &w));
  assert_int_equal(w.count, 1);
  w.call.result = TEXT("reached");
  WORLD(request_do("write", w.id, log_call, &w));
  WORLD(world_do("request", "read", TEXT(""), read_queue, &w));
  assert_int_equal(w.count, 0);
  assert_refused(request_do("write", w.id, log_call, &w), "error.care.stale"); /* answered */
  w.callback_id = TEXT("");
  WORLD(request_do("read", w.id, read_calls, &w));
  assert_int_equal(w.count, 2);
  assert_true(text_equal(w.calls[0].staff_id, ground.ada));
  const struct call good = w.call;
#define CALL_REFUSED(change, why)                                                                  \
  w.call = good;                                                                                   \
  change;                                                                                          \
  assert_refused(request_do("write", w.id, log_call, &w), why)
  CALL_REFUSED(w.call.kind = TEXT("x"), "error.request.code");
  CALL_REFUSED(w.call.way = TEXT("x"), "error.request.code");
  CALL_REFUSED(w.call.result = TEXT("x"), "error.request.code");
  CALL_REFUSED(w.call.script = TEXT("x"), "error.request.code");
  CALL_REFUSED(w.call.at = world.now + 1, "error.request.future");
  CALL_REFUSED(w.call.minutes = -1, "error.request.required");
  CALL_REFUSED(w.call.words = TEXT("\xff"), "error.request.text");
  w.callback.script = TEXT("call-back");
  WORLD(request_do("write", w.id, ask_call, &w));
  w.outcome = TEXT("said-no");
  WORLD(request_do("write", w.id, end_it, &w)); /* an end empties the queue */
  WORLD(world_do("request", "read", TEXT(""), read_queue, &w));
  assert_int_equal(w.count, 0);
  world.now += 2 * DAY;
  assert_int_equal(ground_sweep(), 0);
  assert_refused(request_do("write", w.id, ask_call, &w), "error.request.step");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(a_request_has_its_person_of_the_staff_at_once),
      TEST(an_answer_is_due_by_its_urgency),
      TEST(fields_are_checked),
      TEST(an_answer_has_a_reason_and_ends_its_clock),
      TEST(staff_and_facts_change_and_are_written_down),
      TEST(roles_and_sites_are_kept),
      TEST(joining_seals_under_the_persons_key),
      TEST(a_person_reads_their_own_alone),
      TEST(a_link_tells_where_it_stands_and_no_token_tells_another),
      TEST(carried_answers_give_what_a_request_needs),
      TEST(what_is_not_answered_goes_from_step_to_step),
      TEST(escalation_ends),
      TEST(calls_are_logged_and_called_back),
  };
  return store_support_run("request", tests, sizeof tests / sizeof *tests);
}
