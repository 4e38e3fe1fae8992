/*
 * Admitting: bed, stay, intake and request by one act, or nothing of it: each statement of it is
 * made to fail in turn (on SQLite, whose statements can be interrupted from outside), and on either
 * engine a refusal of the last part undoes the first. Failure 13: twice is once. Failure 3: a bed
 * that is held for another is not given away. Expected: admit.h, docs/intake.md.
 */
#include "bed_world.h"
#include "whole_act.h"

static struct intakes *intakes;
static struct requests *requests;
static struct text intake_id, request_id;

struct admitting {
  struct admission admission;
  bool with_request;
};

static bool admit_in(struct store_transaction *t, void *context, struct error *error)
{
  struct admitting *a = context;
  const struct admission_rooms with = {intakes, beds, requests};
  struct role_subject subject;
  struct access intake, stay, board, of_request;
  const struct admission_access access = {&intake, &stay, &board,
                                          a->with_request ? &of_request : NULL};
  return care_subject_load(t, world.program_id, people[0], &world.actor, world.now, &subject,
                           error) &&
         access_open(t, world.privacy, &world.actor, "intake", "write", &subject, TEXT(""),
                     world.now, &intake, error) &&
         access_open(t, world.privacy, &world.actor, "episode", "write", &subject, TEXT(""),
                     world.now, &stay, error) &&
         access_open(t, world.privacy, &world.actor, "bed-board", "write", &subject, TEXT(""),
                     world.now, &board, error) &&
         (!a->with_request || access_open(t, world.privacy, &world.actor, "request", "write",
                                          &subject, request_id, world.now, &of_request, error)) &&
         admission_admit(t, &with, &access, world.arena, &a->admission, error);
}

static bool admit(struct admitting *a)
{
  error_clear(&world.error);
  return store_write(world.store, admit_in, a, &world.error);
}

static bool read_digest(struct store_transaction *t, void *context, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_read = store_query(
      t, &cursor,
      "SELECT (SELECT count(*) FROM bed_use), (SELECT coalesce(sum(version), 0) FROM bed_use),"
      " (SELECT sum(version) FROM episode), (SELECT count(*) FROM episode_status),"
      " (SELECT count(*) FROM intake_admission), (SELECT count(*) FROM intake_late),"
      " (SELECT coalesce(sum(version), 0) FROM request), (SELECT count(*) FROM request_event),"
      " (SELECT coalesce(sum(version), 0) FROM waitlist_entry), (SELECT count(*) FROM "
      "audit_waiting)",
      STORE_BIND_NONE, error);
  return digest_take(is_read, cursor, 10, context, error);
}

/* --- The scene: an intake that nothing blocks, and a request that waits ------------------------
 */

MAKE(begin_intake, intake_begin(t, intakes, access, world.arena, stays[0], 0, context, error))
MAKE(say_item, intake_say(t, intakes, access, world.arena, intake_id, context, error))

static bool add_request(struct store_transaction *t, void *context, struct error *error)
{
  const struct text *state = context;
  return store_execute(t,
                       "INSERT INTO request (program_id, id, subject_id, person_id, site_id,"
                       " source, urgency, state, level_of_care, pregnant, injecting, language,"
                       " consents, assigned, identity, words, reason, outcome, received_at,"
                       " answer_by, answered_at, escalations, ended_at, made_at, changed_at,"
                       " version) VALUES ($1, $2, '', $3, $4, 'desk', 'routine', $5, '3.5', 0, 0,"
                       " 'en', '', 'somebody', $6, $6, '', '', $7, $7, $7, 0, 0, $7, $7, 1)",
                       STORE_BIND(STORE_T(world.program_id), STORE_T(request_id),
                                  STORE_T(people[0]), STORE_T(site), STORE_T(*state),
                                  STORE_B(TEXT("")), STORE_N(world.now - hour)),
                       NULL, error);
}

static int set(void **state)
{
  int failed = bed_begin(state);
  struct intake made;
  struct intake_step said = {.item = TEXT("consent-treatment"),
                             .state = INTAKE_SAID_DONE,
                             .reason = TEXT(""),
                             .words = TEXT("Folder 3"),
                             .evidence_id = TEXT("")};
  struct text accepted = TEXT("accepted");
  WORLD(intakes_open(&intakes, world_share(), world.care, &world.error));
  WORLD(requests_open(&requests, world_share(), world.care, &world.error));
  WORLD(world_do("intake", "write", people[0], begin_intake, &made));
  intake_id = made.id;
  WORLD(world_do("intake", "write", people[0], say_item, &said));
  request_id = TEXT("0199f000-0000-7000-8000-0000000000a1");
  WORLD(store_write(world.store, add_request, &accepted, &world.error));
  return failed;
}

static int end(void **state)
{
  intakes_close(intakes);
  requests_close(requests);
  return bed_end(state);
}

static struct admitting into(size_t which)
{
  return (struct admitting){.admission = {.intake_id = intake_id,
                                          .bed_id = bed[which],
                                          .request_id = request_id,
                                          .request_version = 1,
                                          .at = world.now},
                            .with_request = true};
}

/* --- Tests ----------------------------------------------------------------------------------- */

static void failure_13_it_happens_once(void **state)
{
  (void)state;
  struct admitting first = into(0), again = into(1);
  struct digest before, after;
  WORLD(admit(&first));
  assert_false(first.admission.was_admitted);
  assert_true(first.admission.use_id.length > 0);
  struct bed_use use = use_of(0, first.admission.use_id);
  assert_int_equal(use.kind, BED_OCCUPIED);
  WORLD(store_read(world.store, read_digest, &before, &world.error));
  world.now += minute;
  WORLD(admit(&again)); /* another bed, another form: nothing changes */
  assert_true(again.admission.was_admitted);
  assert_int_equal(place_at(1, world.now).state, BED_STATE_FREE);
  WORLD(store_read(world.store, read_digest, &after, &world.error));
  assert_memory_equal(&before, &after, 9 * sizeof *before.numbers); /* but for who looked */
}

static void failure_3_what_is_refused_undoes_the_rest(void **state)
{
  (void)state;
  struct work held = hold_of(1, 2, "outreach");
  struct admitting other = into(2), stale = into(0), future = into(0), none = into(0);
  struct digest before, after;
  WORLD(bed_do(people[1], do_hold, &held));
  WORLD(store_read(world.store, read_digest, &before, &world.error));
  is_refused(admit(&other), ERROR_CONFLICT, "error.admission.clash.hold");
  stale.admission.request_version = 7; /* the last part of the act */
  is_refused(admit(&stale), ERROR_CONFLICT, "error.care.stale");
  future.admission.at = world.now + hour;
  is_refused(admit(&future), ERROR_REFUSED, "error.care.future");
  none.admission.intake_id = TEXT("0199f000-0000-7000-8000-00000000dead");
  is_refused(admit(&none), ERROR_NOT_FOUND, "error.intake.missing");
  WORLD(store_read(world.store, read_digest, &after, &world.error));
  assert_memory_equal(&before, &after, sizeof before);
}

static bool run_admission(void *context)
{
  return admit(context);
}

static void it_fails_whole(void **state)
{
  (void)state;
  struct admitting a = into(0);
  if (on_postgresql) return; /* its statements are not interrupted from outside */
  log_set_level(LOG_ERROR + 1);
  assert_true(whole_act_try(run_admission, &a, sizeof a) > 40);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set, end)
  const struct CMUnitTest tests[] = {
      TEST(failure_13_it_happens_once),
      TEST(failure_3_what_is_refused_undoes_the_rest),
      TEST(it_fails_whole),
  };
  statement_fault_watch();
  return store_support_run("admit", tests, sizeof tests / sizeof *tests);
}
