/*
 * Tests of waitlist_entry.h and slot.h on both engines: lists in the law's order, the legal clocks
 * with the clock moved, offers with reasons for whom they pass over, ways off a list, slots that
 * many want at once, notices to the State. Expected values: 45 CFR 96.126 and 96.131, counted by
 * hand.
 */
#include <pthread.h>

#include "request_world.h"

/* --- Deeds --------------------------------------------------------------------------------- */

struct work {
  struct request request;
  struct request_answer answer;
  struct request_facts facts;
  struct request_event *events;
  struct waitlist_entry entry, *list;
  struct waitlist_offer offer;
  struct interim_given *given;
  struct capacity_notice *notices;
  struct call call;
  struct callback *queue;
  struct slot slot, *slots;
  struct slot_use *uses;
  struct text id, service, outcome, site, level, next, missing, person, notice;
  size_t count;
  int64_t version, at;
  bool found;
};
DEED(load, request_load(t, access, world.arena, w->id, &w->request, error))
DEED(answer, request_answer(t, OF, w->id, &w->answer, w->version, error))
DEED(enter, waitlist_enter(t, OF, w->id, w->version, error))
DEED(look, waitlist_load(t, OF, w->id, &w->entry, error))
DEED(list, waitlist_list(t, OF, w->site, w->level, &w->list, &w->count, error))
DEED(next_of, waitlist_next(t, OF, w->site, w->level, &w->next, &w->found, error))
DEED(give, interim_give(t, OF, w->id, w->service, w->at, error))
DEED(read_given, interim_list(t, access, world.arena, w->id, &w->given, &w->count, error))
DEED(offer, waitlist_offer(t, OF, w->id, &w->offer, w->version, &w->missing, error))
DEED(release, waitlist_release(t, OF, w->id, w->version, error))
DEED(admit, waitlist_admit(t, OF, w->id, w->version, error))
DEED(end_it, waitlist_end(t, OF, w->id, w->outcome, TEXT(""), w->version, error))
DEED(save_facts, request_save_facts(t, OF, w->id, &w->facts, w->version, error))
DEED(history, request_history(t, access, world.arena, w->id, &w->events, &w->count, error))
DEED(log_call, call_add(t, OF, &w->call, TEXT(""), error))
DEED(read_queue, callback_list(t, access, world.arena, &w->queue, &w->count, error))
DEED(make_slot, slot_create(t, OF, &w->slot, error))
DEED(save_slot, slot_save(t, OF, &w->slot, error))
DEED(read_slots, slot_list(t, access, world.arena, &w->slots, &w->count, error))
DEED(read_uses, slot_use_list(t, access, world.arena, w->id, &w->uses, &w->count, error))
DEED(add_slot, slot_add(t, OF, w->slot.id, w->id, error))
DEED(leave_slot, slot_leave(t, OF, w->slot.id, w->id, error))
DEED(notices, capacity_notice_list(t, access, world.arena, &w->notices, &w->count, error))
DEED(tell, capacity_notice_tell(t, access, w->notice, error))

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

static void assert_refused(bool done, const char *person)
{
  assert_false(done);
  assert_string_equal(world.error.person, person);
}

/* The row as it stands, and its version for the next deed. */
static void again(struct work *w)
{
  WORLD(request_do("read", w->id, load, w));
  w->version = w->request.version;
}

/* Somebody whose request was accepted. */
static struct work accepted(const char *family, int64_t pregnant, int64_t injecting,
                            const char *urgency)
{
  struct work w = {.request = request_of(family)};
  w.request.pregnant = pregnant;
  w.request.injecting = injecting;
  w.request.urgency = text_from(urgency);
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.version = 1;
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  w.version = 2;
  w.site = ground.west;
  w.level = TEXT("3.5");
  return w;
}

static struct work waiting(const char *family, int64_t pregnant, int64_t injecting,
                           const char *urgency)
{
  struct work w = accepted(family, pregnant, injecting, urgency);
  WORLD(request_do("write", w.id, enter, &w));
  w.version = 3;
  return w;
}

static bool has_event(struct work *w, const char *kind, const char *code)
{
  WORLD(request_do("read", w->id, history, w));
  for (size_t i = 0; i < w->count; i++)
    if (text_equal(w->events[i].kind, text_from(kind)) &&
        text_equal(w->events[i].code, text_from(code)))
      return true;
  return false;
}

GROUND_NUMBER(skips_of, "SELECT count(*) FROM waitlist_skip WHERE request_id = $1")
GROUND_NUMBER(clocks_of, "SELECT count(*) FROM due WHERE subject_id = $1")
GROUND_NUMBER(identifiers, "SELECT count(*) FROM waitlist_identifier WHERE program_id = $1")
GROUND_NUMBER(taken_of, "SELECT taken FROM slot WHERE id = $1")
GROUND_NUMBER(uses_of, "SELECT count(*) FROM slot_use WHERE slot_id = $1 AND left_at = 0")

/* --- Order --------------------------------------------------------------------------------- */

static void the_list_stands_in_the_laws_order(void **state)
{
  (void)state;
  struct work other = waiting("Adams", 0, 0, "routine");
  world.now += HOUR;
  struct work urgent = waiting("Clark", 0, 0, "urgent"),
              injects = waiting("Davis", 0, 1, "routine"),
              pregnant = waiting("Evans", 1, 0, "routine"),
              both = waiting("Frank", 1, 1, "routine");
  world.now += HOUR;
  struct work later = waiting("Baker", 0, 0, "routine");
  const struct text wanted[] = {both.id, pregnant.id, injects.id, urgent.id, other.id, later.id};
  WORLD(world_do("request", "read", TEXT(""), list, &other));
  assert_int_equal(other.count, 6);
  for (size_t i = 0; i < 6; i++) {
    assert_true(text_equal(other.list[i].request_id, wanted[i]));
    assert_int_equal(other.list[i].place.number, i + 1);
  }
  WORLD(request_do("read", later.id, look, &later));
  assert_int_equal(later.entry.place.number, 6);
  assert_int_equal(later.entry.place.by_law, 3);
  assert_int_equal(later.entry.place.by_urgency, 1);
  assert_int_equal(later.entry.place.by_waiting, 1);
  WORLD(world_do("request", "read", TEXT(""), next_of, &other));
  assert_true(other.found && text_equal(other.next, both.id));
  /* Somebody who becomes pregnant moves at once. */
  later.facts = (struct request_facts){TEXT("routine"), TEXT("3.5"), 1, 0};
  WORLD(request_do("write", later.id, save_facts, &later));
  WORLD(request_do("read", later.id, look, &later));
  assert_int_equal(later.entry.place.number, 3);
  /* Another level is another list; so is another site, which a role of one does not see. */
  later.facts.level_of_care = TEXT("3.7");
  later.version = 4;
  WORLD(request_do("write", later.id, save_facts, &later));
  WORLD(world_do("request", "read", TEXT(""), list, &other));
  assert_int_equal(other.count, 5);
  later.facts.level_of_care = TEXT("");
  later.version = 5;
  assert_refused(request_do("write", later.id, save_facts, &later), "error.request.level");
  other.site = other.level = TEXT("");
  WORLD(world_do("request", "read", TEXT(""), list, &other));
  assert_int_equal(other.count, 6);
  assert_int_equal(other.list[5].place.number, 1);
  world_become("case-manager", text_c(world.arena, ground.east), "");
  WORLD(world_do("request", "read", TEXT(""), list, &other));
  assert_int_equal(other.count, 0);
  WORLD(world_do("request", "read", TEXT(""), next_of, &other));
  assert_false(other.found);
  other.site = ground.west;
  assert_refused(world_do("request", "read", TEXT(""), list, &other), "error.403.text");
}

static void who_waits_has_a_level_and_was_accepted(void **state)
{
  (void)state;
  struct work w = {.request = request_of("Bell")};
  w.request.level_of_care = TEXT("");
  WORLD(request_made(&w.request));
  w.id = w.request.id;
  w.version = 1;
  assert_refused(request_do("write", w.id, enter, &w), "error.request.step");
  w.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", w.id, answer, &w));
  w.version = 2;
  assert_refused(request_do("write", w.id, enter, &w), "error.request.level");
  assert_refused(request_do("read", w.id, look, &w), "error.request.gone");
}

/* 45 CFR 96.126(c): one identifier a person, however often they ask; gone with the last of it. */
static void who_injects_has_one_identifier(void **state)
{
  (void)state;
  struct work a = waiting("Bell", 0, 1, "routine"), b = waiting(" bell ", 0, 1, "routine"),
              c = waiting("Booth", 0, 1, "routine"), d = waiting("Bell", 0, 0, "routine");
  WORLD(request_do("read", a.id, look, &a));
  WORLD(request_do("read", b.id, look, &b));
  WORLD(request_do("read", c.id, look, &c));
  WORLD(request_do("read", d.id, look, &d));
  assert_int_equal(a.entry.identifier.length, 10);
  assert_true(text_equal(a.entry.identifier, b.entry.identifier));
  assert_false(text_equal(a.entry.identifier, c.entry.identifier));
  assert_true(text_is_empty(d.entry.identifier));
  assert_int_equal(identifiers(world.program_id), 2);
  a.outcome = TEXT("said-no");
  WORLD(request_do("write", a.id, end_it, &a));
  assert_int_equal(identifiers(world.program_id), 2);
  b.outcome = TEXT("said-no");
  WORLD(request_do("write", b.id, end_it, &b));
  assert_int_equal(identifiers(world.program_id), 1);
  struct work e = {.request = request_of("")};
  e.request.injecting = 1;
  WORLD(request_made(&e.request)); /* without a name: an identifier all the same */
  e.id = e.request.id;
  e.version = 1;
  e.answer = (struct request_answer){true, TEXT(""), TEXT("")};
  WORLD(request_do("write", e.id, answer, &e));
  e.version = 2;
  WORLD(request_do("write", e.id, enter, &e));
  WORLD(request_do("read", e.id, look, &e));
  assert_int_equal(e.entry.identifier.length, 10);
}

/* --- The legal clocks, with the clock moved ----------------------------------------------------
 */

static void interim_services_are_due_in_48_hours(void **state)
{
  (void)state;
  int64_t begun = world.now;
  struct work w = waiting("Bell", 0, 1, "routine");
  world.now = begun + 48 * HOUR - 1;
  assert_int_equal(ground_sweep(), 0);
  world.now = begun + 48 * HOUR;
  assert_int_equal(ground_sweep(), 1);
  WORLD(request_do("read", w.id, look, &w));
  assert_int_equal(w.entry.interim_late_at, world.now);
  assert_true(w.entry.deadlines.interim_late || world.now == w.entry.deadlines.interim_due);
  assert_true(has_event(&w, "interim-late", "interim"));
  assert_int_equal(ground_sweep(), 0);
}

static void give_all(struct work *w, int64_t at)
{
  const char *owed[] = {"hiv-tb-education", "needle-risk", "steps-against-infection",
                        "hiv-tb-referral", NULL};
  w->at = at;
  for (size_t i = 0; owed[i]; i++) {
    WORLD(request_do("read", w->id, look, w));
    assert_int_equal(w->entry.interim_at, 0);
    w->service = text_from(owed[i]);
    WORLD(request_do("write", w->id, give, w));
    WORLD(request_do("write", w->id, give, w)); /* a double click gives once */
  }
  WORLD(request_do("read", w->id, look, w));
  assert_int_equal(w->entry.interim_at, at);
}

static void in_time_they_move_14_days_to_120(void **state)
{
  (void)state;
  int64_t begun = world.now;
  struct work w = waiting("Bell", 0, 1, "routine"), late = waiting("Booth", 0, 1, "routine");
  world.now = begun + 40 * HOUR;
  w.service = TEXT("no service");
  assert_refused(request_do("write", w.id, give, &w), "error.request.code");
  w.service = TEXT("naloxone");
  w.at = world.now + 1;
  assert_refused(request_do("write", w.id, give, &w), "error.request.future");
  give_all(&w, world.now);
  WORLD(request_do("read", w.id, read_given, &w));
  assert_int_equal(w.count, 4);
  world.now = begun + 49 * HOUR;
  ground_sweep();
  give_all(&late, world.now);
  WORLD(request_do("read", w.id, look, &w));
  WORLD(request_do("read", late.id, look, &late));
  assert_int_equal(w.entry.interim_late_at, 0);
  assert_true(late.entry.interim_late_at > 0);
  assert_int_equal(w.entry.deadlines.admit_by, begun + 120 * DAY);
  assert_int_equal(late.entry.deadlines.admit_by, begun + 14 * DAY);
  world.now = begun + 14 * DAY;
  ground_sweep();
  assert_true(has_event(&late, "admit-late", "admit"));
  assert_false(has_event(&w, "admit-late", "admit"));
  world.now = begun + 120 * DAY - 1;
  ground_sweep();
  assert_false(has_event(&w, "admit-late", "admit-most"));
  world.now = begun + 120 * DAY;
  ground_sweep();
  assert_true(has_event(&w, "admit-late", "admit-most"));
  assert_false(has_event(&late, "admit-late", "admit-most")); /* said once */
}

/* The others have no such clock, and lose it when what it was for turns out not to be so. */
static void clocks_follow_the_facts(void **state)
{
  (void)state;
  struct work w = waiting("Bell", 0, 0, "routine");
  assert_int_equal(clocks_of(w.id), 1); /* contact */
  w.facts = (struct request_facts){TEXT("routine"), TEXT("3.5"), 0, 1};
  WORLD(request_do("write", w.id, save_facts, &w));
  assert_int_equal(clocks_of(w.id), 4);
  w.version = 4;
  w.facts.injecting = 0;
  w.facts.pregnant = 1;
  WORLD(request_do("write", w.id, save_facts, &w));
  assert_int_equal(clocks_of(w.id), 2);
  w.person = ground_person("Bell");
  w.version = 5;
  WORLD(request_do("write", w.id, attach, &w)); /* the clocks say whom they are about */
  assert_int_equal(clocks_of(w.id), 2);
}

static void contact_is_due_every_seven_days(void **state)
{
  (void)state;
  int64_t begun = world.now;
  struct work w = waiting("Bell", 0, 0, "routine");
  world.now = begun + 7 * DAY;
  assert_true(ground_sweep() >= 1);
  WORLD(world_do("request", "read", TEXT(""), read_queue, &w));
  assert_int_equal(w.count, 1);
  assert_true(text_equal(w.queue[0].script, TEXT("waiting")));
  world.now = begun + 14 * DAY;
  ground_sweep();
  WORLD(world_do("request", "read", TEXT(""), read_queue, &w));
  assert_int_equal(w.count, 1); /* one call, however often it rings */
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("went-out"),
                         .way = TEXT("call"),
                         .result = TEXT("no-answer"),
                         .at = world.now};
  WORLD(request_do("write", w.id, log_call, &w));
  WORLD(request_do("read", w.id, look, &w));
  assert_int_equal(w.entry.attempts, 1);
  assert_int_equal(w.entry.contact_at, begun + 14 * DAY);
  world.now = begun + 21 * DAY - 1;
  assert_int_equal(ground_sweep(), 0);
  world.now = begun + 21 * DAY;
  assert_int_equal(ground_sweep(), 1);
}

/* --- Places -------------------------------------------------------------------------------- */

static void nobody_is_passed_over_without_a_reason_of_fit(void **state)
{
  (void)state;
  struct work first = waiting("Adams", 1, 1, "routine"), second = waiting("Baker", 0, 0, "routine");
  struct waitlist_skip skip = {first.id, TEXT("said-no-money")};
  second.offer = (struct waitlist_offer){.place_kind = TEXT("bed"), .place_id = TEXT("hold-1")};
  assert_refused(request_do("write", second.id, offer, &second), "error.request.skip");
  assert_true(text_equal(second.missing, first.id));
  second.offer.skips = &skip;
  second.offer.skip_count = 1;
  assert_refused(request_do("write", second.id, offer, &second), "error.request.skip");
  skip.reason = TEXT("who-the-unit-is-for");
  WORLD(request_do("write", second.id, offer, &second));
  assert_int_equal(skips_of(first.id), 1);
  assert_true(has_event(&first, "skipped", "who-the-unit-is-for"));
  WORLD(world_do("request", "read", TEXT(""), list, &first));
  assert_int_equal(first.count, 2);
  assert_int_equal(first.list[0].place.number, 0); /* offered a place */
  assert_true(text_equal(first.list[1].request_id, first.id));
  assert_int_equal(first.list[1].place.number, 1);
  first.offer = (struct waitlist_offer){.place_kind = TEXT("sofa"), .place_id = TEXT("x")};
  assert_refused(request_do("write", first.id, offer, &first), "error.request.code");
  first.offer = (struct waitlist_offer){.place_kind = TEXT("bed"), .place_id = TEXT("hold-1")};
  assert_false(request_do("write", first.id, offer, &first)); /* of another: the database */
  assert_int_equal(world.error.kind, ERROR_CONFLICT);
  first.offer.place_id = TEXT("hold-2");
  WORLD(request_do("write", first.id, offer, &first)); /* the first needs no reason */
}

static void a_place_is_given_back_and_passed_on(void **state)
{
  (void)state;
  struct work first = waiting("Adams", 0, 1, "routine"), second = waiting("Baker", 0, 0, "urgent");
  assert_refused(request_do("write", first.id, release, &first), "error.request.step");
  first.offer = (struct waitlist_offer){.place_kind = TEXT("bed"), .place_id = TEXT("hold-1")};
  WORLD(request_do("write", first.id, offer, &first));
  WORLD(world_do("request", "read", TEXT(""), next_of, &second));
  assert_true(text_equal(second.next, second.id));
  again(&first);
  WORLD(request_do("write", first.id, release, &first));
  assert_true(has_event(&first, "released", "hold-1"));
  WORLD(world_do("request", "read", TEXT(""), next_of, &second));
  assert_true(text_equal(second.next, first.id)); /* where they stood */
  again(&first);
  first.offer.place_id = TEXT("hold-2");
  WORLD(request_do("write", first.id, offer, &first));
  again(&first);
  assert_refused(request_do("write", first.id, admit, &first), "error.request.person");
  first.person = ground_person("Adams");
  WORLD(request_do("write", first.id, attach, &first));
  again(&first);
  WORLD(request_do("write", first.id, admit, &first));
  again(&first);
  assert_true(text_equal(first.request.state, TEXT("admitted")));
  assert_true(text_equal(first.request.outcome, TEXT("admitted")));
  assert_int_equal(clocks_of(first.id), 0);
  /* 12 and 13 of programme.md 1.3: states guard, and a second click does nothing. */
  assert_refused(request_do("write", first.id, admit, &first), "error.request.step");
  assert_refused(request_do("write", first.id, release, &first), "error.request.step");
  assert_refused(request_do("write", first.id, offer, &first), "error.request.step");
  assert_refused(request_do("write", first.id, end_it, &first), "error.request.reason");
  first.outcome = TEXT("said-no");
  assert_refused(request_do("write", first.id, end_it, &first), "error.request.step");
}

static void nobody_leaves_without_an_outcome(void **state)
{
  (void)state;
  struct work w = waiting("Adams", 0, 0, "routine");
  w.outcome = TEXT("");
  assert_refused(request_do("write", w.id, end_it, &w), "error.request.reason");
  w.outcome = TEXT("forgotten");
  assert_refused(request_do("write", w.id, end_it, &w), "error.request.reason");
  w.outcome = TEXT("admitted"); /* only by being admitted */
  assert_refused(request_do("write", w.id, end_it, &w), "error.request.reason");
  w.outcome = TEXT("not-reached");
  w.call = (struct call){.request_id = w.id,
                         .kind = TEXT("went-out"),
                         .way = TEXT("text"),
                         .result = TEXT("no-answer"),
                         .at = world.now};
  for (int i = 0; i < 3; i++) {
    assert_refused(request_do("write", w.id, end_it, &w), "error.request.attempts");
    WORLD(request_do("write", w.id, log_call, &w));
  }
  w.call.result = TEXT("reached"); /* an answer begins the count anew */
  WORLD(request_do("write", w.id, log_call, &w));
  assert_refused(request_do("write", w.id, end_it, &w), "error.request.attempts");
  w.outcome = TEXT("admitted-elsewhere");
  WORLD(request_do("write", w.id, end_it, &w));
  WORLD(world_do("request", "read", TEXT(""), list, &w));
  assert_int_equal(w.count, 0);
  assert_int_equal(clocks_of(w.id), 0);
}

/* --- Slots --------------------------------------------------------------------------------- */

static struct work slot_of(int64_t capacity)
{
  struct work w = {.slot = {.site_id = ground.west,
                            .kind = TEXT("evening"),
                            .level_of_care = TEXT("3.5"),
                            .name = TEXT("Evening group"),
                            .weekdays = TEXT("1 3 5"),
                            .begins = 18 * 60,
                            .ends = 21 * 60,
                            .capacity = capacity}};
  world_become("administrator", "", "");
  WORLD(world_do("site", "write", TEXT(""), make_slot, &w));
  world_become("case-manager", "", text_c(world.arena, ground.ada));
  return w;
}

static void enrolling_goes_by_request_list_and_slot(void **state)
{
  (void)state;
  struct work slot = slot_of(1), a = waiting("Adams", 0, 0, "routine"),
              b = accepted("Baker", 0, 0, "routine");
  a.slot = b.slot = slot.slot;
  a.offer = (struct waitlist_offer){.place_kind = TEXT("slot"), .place_id = slot.slot.id};
  b.offer = a.offer;
  WORLD(request_do("write", a.id, offer, &a));
  assert_int_equal(taken_of(slot.slot.id), 1);
  assert_refused(request_do("write", b.id, offer, &b), "error.slot.full");
  assert_int_equal(uses_of(slot.slot.id), 1);
  a.person = ground_person("Adams");
  again(&a);
  WORLD(request_do("write", a.id, attach, &a));
  again(&a);
  WORLD(request_do("write", a.id, admit, &a));
  WORLD(request_do("read", a.id, read_uses, &a));
  assert_int_equal(a.count, 1);
  assert_int_equal(a.uses[0].enrolled_at, world.now);
  assert_int_equal(taken_of(slot.slot.id), 1);
  assert_refused(request_do("write", a.id, add_slot, &a), "error.slot.taken");
  assert_refused(request_do("write", b.id, add_slot, &b), "error.request.step");
  assert_refused(request_do("write", b.id, leave_slot, &b), "error.request.step");
  WORLD(request_do("write", a.id, leave_slot, &a));
  assert_refused(request_do("write", a.id, leave_slot, &a), "error.care.stale"); /* once */
  assert_int_equal(taken_of(slot.slot.id), 0);
  WORLD(request_do("write", b.id, offer, &b)); /* there was room: from accepted to offered */
  again(&b);
  assert_true(text_equal(b.request.state, TEXT("offered")));
  b.outcome = TEXT("said-no");
  WORLD(request_do("write", b.id, end_it, &b));
  assert_int_equal(taken_of(slot.slot.id), 0); /* 4 of programme.md 1.3: freed with the end */
  WORLD(request_do("write", a.id, add_slot, &a));
  assert_int_equal(taken_of(slot.slot.id), 1);
}

static void slots_are_checked_and_never_smaller_than_who_is_there(void **state)
{
  (void)state;
  struct work slot = slot_of(2), a = waiting("Adams", 0, 0, "routine");
  a.offer = (struct waitlist_offer){.place_kind = TEXT("slot"), .place_id = slot.slot.id};
  WORLD(request_do("write", a.id, offer, &a));
  const struct slot good = slot.slot;
  world_become("administrator", "", "");
  slot.slot.capacity = 0;
  assert_refused(world_do("site", "write", TEXT(""), save_slot, &slot), "error.slot.fewer");
#define SLOT_REFUSED(change, why)                                                                  \
  slot.slot = good;                                                                                \
  change;                                                                                          \
  assert_refused(world_do("site", "write", TEXT(""), save_slot, &slot), why)
  SLOT_REFUSED(slot.slot.kind = TEXT("midnight"), "error.request.code");
  SLOT_REFUSED(slot.slot.level_of_care = TEXT("9"), "error.request.code");
  SLOT_REFUSED(slot.slot.site_id = TEXT("9"), "error.request.code");
  SLOT_REFUSED(slot.slot.name = TEXT(""), "error.request.required");
  SLOT_REFUSED(slot.slot.name = TEXT("\xff"), "error.request.text");
  SLOT_REFUSED(slot.slot.weekdays = TEXT("1 1"), "error.slot.hours");
  SLOT_REFUSED(slot.slot.weekdays = TEXT("7"), "error.slot.hours");
  SLOT_REFUSED(slot.slot.weekdays = TEXT(""), "error.slot.hours");
  SLOT_REFUSED(slot.slot.ends = slot.slot.begins, "error.slot.hours");
  SLOT_REFUSED(slot.slot.begins = -1, "error.slot.hours");
  SLOT_REFUSED(slot.slot.capacity = -1, "error.request.required");
  SLOT_REFUSED(slot.slot.version = 9, "error.care.stale");
  SLOT_REFUSED(slot.slot.id = TEXT("none"), "error.slot.gone");
  assert_refused(world_do("site", "read", TEXT(""), save_slot, &slot), "error.403.text");
  slot.slot = good;
  slot.slot.capacity = 1;
  WORLD(world_do("site", "write", TEXT(""), save_slot, &slot));
  WORLD(world_do("site", "read", TEXT(""), read_slots, &slot));
  assert_int_equal(slot.count, 1);
  assert_int_equal(slot.slots[0].capacity, 1);
  assert_int_equal(slot.slots[0].taken, 1);
  assert_refused(world_do("person", "search", TEXT(""), read_slots, &slot), "error.403.text");
  world_become("case-manager", "", text_c(world.arena, ground.ada));
  struct work other = accepted("Baker", 0, 0, "routine");
  other.offer = (struct waitlist_offer){.place_kind = TEXT("slot"), .place_id = TEXT("none")};
  assert_refused(request_do("write", other.id, offer, &other), "error.slot.gone");
}

/* 3 of programme.md 1.3: the last place, wanted by many at once, goes to one. */
enum { RACERS = 8, ROUNDS = 10 };
struct racer {
  struct text id, slot_id;
  struct arena *arena;
  pthread_barrier_t *gate;
  bool has_won;
  struct error error;
};

static bool race_offer(struct store_transaction *t, void *context, struct error *error)
{
  struct racer *racer = context;
  struct actor actor = world.actor;
  struct access access;
  struct role_subject subject;
  struct waitlist_offer wanted = {.place_kind = TEXT("slot"), .place_id = racer->slot_id};
  return request_subject_load(t, world.program_id, racer->id, &actor, world.now, racer->arena,
                              &subject, error) &&
         access_open(t, world.privacy, &actor, "request", "write", &subject, racer->id, world.now,
                     &access, error) &&
         waitlist_offer(t, ground.requests, &access, racer->arena, racer->id, &wanted, 2, NULL,
                        error);
}

static void *race(void *context)
{
  struct racer *racer = context;
  pthread_barrier_wait(racer->gate);
  racer->has_won = store_write(world.store, race_offer, racer, &racer->error);
  return NULL;
}

static void the_last_place_goes_to_one(void **state)
{
  (void)state;
  for (int round = 0; round < ROUNDS; round++) {
    struct work slot = slot_of(1);
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    pthread_barrier_t gate;
    size_t won = 0;
    assert_int_equal(pthread_barrier_init(&gate, NULL, RACERS), 0);
    for (size_t i = 0; i < RACERS; i++)
      racers[i] = (struct racer){.id = accepted("Racer", 0, 0, "routine").id,
                                 .slot_id = slot.slot.id,
                                 .arena = arena_new((size_t)1 << 24),
                                 .gate = &gate};
    for (size_t i = 0; i < RACERS; i++)
      assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < RACERS; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < RACERS; i++) {
      won += racers[i].has_won;
      if (!racers[i].has_won) assert_string_equal(racers[i].error.person, "error.slot.full");
      arena_free(racers[i].arena);
    }
    pthread_barrier_destroy(&gate);
    assert_int_equal(won, 1);
    assert_int_equal(taken_of(slot.slot.id), 1);
    assert_int_equal(uses_of(slot.slot.id), 1);
  }
}

/* --- The State ------------------------------------------------------------------------------- */

static void the_state_is_told_within_seven_days(void **state)
{
  (void)state;
  struct work slot = slot_of(10), all[9];
  int64_t begun = world.now;
  for (size_t i = 0; i < 9; i++) {
    WORLD(world_do("request", "read", TEXT(""), notices, &slot));
    assert_int_equal(slot.count, 0);
    all[i] = accepted("Adams", 0, 0, "routine");
    all[i].offer = (struct waitlist_offer){.place_kind = TEXT("slot"), .place_id = slot.slot.id};
    WORLD(request_do("write", all[i].id, offer, &all[i]));
  }
  WORLD(world_do("request", "read", TEXT(""), notices, &slot));
  assert_int_equal(slot.count, 1); /* nine of ten */
  assert_int_equal(slot.notices[0].due_at, begun + 7 * DAY);
  assert_int_equal(slot.notices[0].taken, 9);
  slot.notice = slot.notices[0].id;
  world.now = begun + HOUR;
  again(&all[0]);
  WORLD(request_do("write", all[0].id, release, &all[0])); /* free again: it is owed all the same */
  WORLD(world_do("request", "read", TEXT(""), notices, &slot));
  assert_int_equal(slot.notices[0].over_at, world.now);
  again(&all[0]);
  WORLD(request_do("write", all[0].id, offer, &all[0])); /* and reached again: another */
  WORLD(world_do("request", "read", TEXT(""), notices, &slot));
  assert_int_equal(slot.count, 2);
  WORLD(world_do("request", "write", TEXT(""), tell, &slot));
  assert_refused(world_do("request", "write", TEXT(""), tell, &slot), "error.care.stale");
  world.now = begun + 7 * DAY + HOUR;
  ground_sweep();
  WORLD(world_do("request", "read", TEXT(""), notices, &slot));
  assert_int_equal(slot.count, 2);
  assert_int_equal(slot.notices[0].late_at, world.now); /* not told, and late */
  assert_int_equal(slot.notices[1].late_at, 0);
  assert_true(text_equal(slot.notices[1].id, slot.notice));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, ground_begin, ground_end)
  const struct CMUnitTest tests[] = {
      TEST(the_list_stands_in_the_laws_order),
      TEST(who_waits_has_a_level_and_was_accepted),
      TEST(who_injects_has_one_identifier),
      TEST(interim_services_are_due_in_48_hours),
      TEST(in_time_they_move_14_days_to_120),
      TEST(clocks_follow_the_facts),
      TEST(contact_is_due_every_seven_days),
      TEST(nobody_is_passed_over_without_a_reason_of_fit),
      TEST(a_place_is_given_back_and_passed_on),
      TEST(nobody_leaves_without_an_outcome),
      TEST(enrolling_goes_by_request_list_and_slot),
      TEST(slots_are_checked_and_never_smaller_than_who_is_there),
      TEST(the_last_place_goes_to_one),
      TEST(the_state_is_told_within_seven_days),
  };
  return store_support_run("waitlist entry", tests, sizeof tests / sizeof *tests);
}
