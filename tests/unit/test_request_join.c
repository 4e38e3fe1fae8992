/*
 * Tests of request_attach() and request_detach() on both engines: a request is taken out of a
 * record that was the wrong one, and nothing of it stays there. Expected values: what was written;
 * request-join-reasons.csv.
 */
#include "request_world.h"

struct work {
  struct request request;
  struct request_event *events;
  struct request_answer answer;
  struct request_detachment why;
  struct call call, *calls;
  struct callback callback;
  struct waitlist_entry entry;
  struct text id, person, outcome;
  size_t count;
  int64_t version;
};
DEED(load, request_load(t, access, world.arena, w->id, &w->request, error))
DEED(history, request_history(t, access, world.arena, w->id, &w->events, &w->count, error))
DEED(read_calls, call_list(t, access, world.arena, w->id, &w->calls, &w->count, error))
DEED(answer, request_answer(t, OF, w->id, &w->answer, w->version, error))
DEED(enter, waitlist_enter(t, OF, w->id, w->version, error))
DEED(look, waitlist_load(t, OF, w->id, &w->entry, error))
DEED(log_call, call_add(t, OF, &w->call, TEXT(""), error))
DEED(ask_call, callback_add(t, OF, &w->callback, error))
DEED(end_it, waitlist_end(t, OF, w->id, w->outcome, TEXT(""), w->version, error))

static bool open_person(struct store_transaction *t, struct text person, struct access *out,
                        struct error *error)
{
  struct role_subject subject;
  return care_subject_load(t, world.program_id, person, &world.actor, world.now, &subject, error) &&
         access_open(t, world.privacy, &world.actor, "person", "write", &subject, person, world.now,
                     out, error);
}

static bool attach(struct store_transaction *t, const struct access *access, void *context,
                   struct error *error)
{
  struct work *w = context;
  struct access to;
  return open_person(t, w->person, &to, error) &&
         request_attach(t, access, &to, world.arena, w->id, w->version, error);
}

static bool detach(struct store_transaction *t, const struct access *access, void *context,
                   struct error *error)
{
  struct work *w = context;
  struct access from;
  return open_person(t, w->person, &from, error) &&
         request_detach(t, ground.requests, access, &from, world.arena, w->id, &w->why, w->version,
                        error);
}

GROUND_NUMBER(named_clocks,
              "SELECT count(*) FROM due WHERE person_id <> '' AND (subject_id = $1 OR subject_id IN"
              " (SELECT id FROM callback WHERE request_id = $1))")
GROUND_NUMBER(clocks_of, "SELECT coalesce(sum(at), 0) FROM due WHERE subject_id = $1")

static void assert_refused(bool done, const char *person)
{
  assert_false(done);
  assert_string_equal(world.error.person, person);
}

static void again(struct work *w)
{
  WORLD(request_do("read", w->id, load, w));
  w->version = w->request.version;
}

/* Waits, with a call in the log and one to come, joined with the record of somebody else. */
static struct work joined(void)
{
  struct work w = {.request = request_of("Bell")};
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.version = 1;
  w.answer = (struct request_answer){true, TEXT(""), TEXT("welcome")};
  WORLD(request_do("write", w.id, answer, &w));
  again(&w);
  w.person = ground_person("Belle");
  WORLD(request_do("write", w.id, attach, &w));
  again(&w);
  WORLD(request_do("write", w.id, enter, &w));
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("went-out"),
                         .way = TEXT("call"),
                         .result = TEXT("reached"),
                         .words = TEXT("calls from work"),
                         .at = world.now};
  WORLD(request_do("write", w.id, log_call, &w));
  w.callback = (struct callback){
      .request_id = w.id, .script = TEXT("call-back"), .due_at = world.now + HOUR};
  WORLD(request_do("write", w.id, ask_call, &w));
  again(&w);
  return w;
}

static void nothing_of_it_stays_in_the_wrong_record(void **state)
{
  (void)state;
  struct work w = joined();
  int64_t clocks = clocks_of(w.id);
  struct text wrong = w.person;
  assert_true(named_clocks(w.id) > 0);
  w.why = (struct request_detachment){TEXT("because"), TEXT("")};
  assert_refused(request_do("write", w.id, detach, &w), "error.request.reason");
  w.why = (struct request_detachment){TEXT("same-name"), TEXT("two of one name")};
  w.person = ground_person("Third"); /* whose record it never was */
  assert_refused(request_do("write", w.id, detach, &w), "error.403.text");
  w.person = wrong;
  w.version--;
  assert_refused(request_do("write", w.id, detach, &w), "error.care.stale");
  w.version++;
  WORLD(request_do("write", w.id, detach, &w));
  WORLD(vault_erase(world.vault, (struct vault_subject){world.program_id, wrong}, world.now,
                    &world.error)); /* nothing is left under it */
  again(&w);
  assert_true(text_is_empty(w.request.person_id));
  assert_true(text_equal(w.request.identity.at[REQUEST_FAMILY], TEXT("Bell")));
  assert_true(text_equal(w.request.words, TEXT("asks for a place near family")));
  assert_true(text_equal(w.request.state, TEXT("waiting")));
  WORLD(request_do("read", w.id, read_calls, &w));
  assert_true(text_equal(w.calls[0].words, TEXT("calls from work")));
  WORLD(request_do("read", w.id, look, &w));
  assert_int_equal(w.entry.place.number, 1);
  assert_int_equal(named_clocks(w.id), 0);
  assert_int_equal(clocks_of(w.id), clocks); /* they ring when they did */
  WORLD(request_do("read", w.id, history, &w));
  assert_true(text_equal(w.events[1].words, TEXT("welcome")));
  const struct request_event *last = &w.events[w.count - 1];
  assert_true(text_equal(last->kind, TEXT("detached")));
  assert_true(text_equal(last->code, TEXT("same-name")));
  assert_true(text_equal(last->words, TEXT("two of one name")));
}

static void it_is_joined_with_the_right_one_afterwards(void **state)
{
  (void)state;
  struct work w = joined();
  w.why = (struct request_detachment){TEXT("wrong-choice"), TEXT("")};
  WORLD(request_do("write", w.id, detach, &w));
  again(&w);
  assert_refused(request_do("write", w.id, detach, &w), "error.request.step");
  w.person = ground_person("Bell");
  WORLD(request_do("write", w.id, attach, &w));
  again(&w);
  assert_true(text_equal(w.request.person_id, w.person));
  assert_true(text_equal(w.request.identity.at[REQUEST_FAMILY], TEXT("Bell")));
  assert_true(named_clocks(w.id) > 0);
  w.outcome = TEXT("said-no"); /* also of one that has ended */
  WORLD(request_do("write", w.id, end_it, &w));
  again(&w);
  WORLD(request_do("write", w.id, detach, &w));
}

/* --- A bed that is held ---------------------------------------------------------------------- */

static bool hold_bed(struct store_transaction *t, void *context, struct error *error)
{
  struct work *w = context;
  struct text sealed;
  return vault_seal(world.vault, world.arena, (struct vault_subject){world.program_id, w->person},
                    "bed_use.words", TEXT("comes by bus"), &sealed, error) &&
         store_execute(
             t,
             "INSERT INTO bed_use (program_id, id, bed_id, kind, start_at, end_at, until_at,"
             " expires_at, expected_at, hold_kind, extended_at, extend_reason, episode_id,"
             " request_id, person_id, placed_as, after_id, reason, words, end_reason,"
             " release_reason, account_id, made_at, ended_account_id, changed_at, corrects_id,"
             " error_at, error_account_id, error_reason, version) VALUES ($1, 'use', 'bed', 'hold',"
             " $2, 0, $3, $3, 0, 'outreach', 0, '', '', $4, $5, '', '', '', $6, '', '', '', $2, '',"
             " $2, '', 0, '', '', 1)",
             STORE_BIND(STORE_T(world.program_id), STORE_N(world.now), STORE_N(world.now + HOUR),
                        STORE_T(w->id), STORE_T(w->person), STORE_B(sealed)),
             NULL, error) &&
         due_set(t, world.program_id, "hold.expires", TEXT("use"), w->person, world.now + HOUR,
                 error);
}

static bool read_hold(struct store_transaction *t, void *context, struct error *error)
{
  struct text *out = context;
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(t, &cursor,
                             "SELECT u.person_id, u.words, d.person_id FROM bed_use u JOIN due d"
                             " ON d.subject_id = u.id WHERE u.id = 'use'",
                             STORE_BIND_NONE, error) &&
                 store_next(cursor, &more, error) && more;
  out[0] = is_read ? text_copy(world.arena, store_column_text(cursor, 0)) : TEXT("");
  out[1] = is_read ? text_copy(world.arena, store_column_bytes(cursor, 1)) : TEXT("");
  out[2] = is_read ? text_copy(world.arena, store_column_text(cursor, 2)) : TEXT("");
  store_cursor_close(cursor);
  return is_read;
}

static void the_bed_that_is_held_stays_with_the_request(void **state)
{
  (void)state;
  struct work w = joined();
  struct text hold[3], words;
  WORLD(store_write(world.store, hold_bed, &w, &world.error));
  w.why = (struct request_detachment){TEXT("other"), TEXT("")};
  WORLD(request_do("write", w.id, detach, &w));
  WORLD(store_read(world.store, read_hold, hold, &world.error));
  assert_true(text_is_empty(hold[0]) && text_is_empty(hold[2]));
  WORLD(vault_unseal(world.vault, world.arena, (struct vault_subject){world.program_id, TEXT("")},
                     "bed_use.words", hold[1], &words, &world.error));
  assert_true(text_equal(words, TEXT("comes by bus")));
}

static bool mark_admitted(struct store_transaction *t, void *context, struct error *error)
{
  struct work *w = context;
  return store_execute(t, "UPDATE request SET state = 'admitted' WHERE id = $1",
                       STORE_BIND(STORE_T(w->id)), NULL, error);
}

static void who_came_in_by_it_stays(void **state)
{
  (void)state;
  struct work w = joined();
  WORLD(store_write(world.store, mark_admitted, &w, &world.error));
  w.why = (struct request_detachment){TEXT("same-name"), TEXT("")};
  assert_refused(request_do("write", w.id, detach, &w), "error.request.admitted");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(nothing_of_it_stays_in_the_wrong_record),
      TEST(it_is_joined_with_the_right_one_afterwards),
      TEST(the_bed_that_is_held_stays_with_the_request),
      TEST(who_came_in_by_it_stays),
  };
  return store_support_run("request_join", tests, sizeof tests / sizeof *tests);
}
