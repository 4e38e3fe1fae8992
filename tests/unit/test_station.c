/*
 * Shared stations: enrolling, shifts, switching by PIN and badge, and what ends them. On both
 * engines. Expected values: knowledge/sign-in.csv's numbers and docs/accounts.md.
 */
#include "store_support.h"

#include "accounts_support.h"

/* What each test begins with: a station, and two nurses with PIN; the first has a shift. */
static struct text station_token, kim, lou, kim_token;
static struct actor admin;

static void set_up_nurse(const char *name, const char *pin, const char *badge, struct text *id,
                         struct text *token)
{
  *id = make_account(name, PROGRAM, "nurse");
  sign_in(name, password, token);
  struct actor by = found(*token).actor;
  assert_true(account_set_pin(privacy, &by, text_from(pin), now, &error));
  assert_true(account_set_badge(privacy, &by, *id, text_from(badge), now, &error));
}

static int begin(void **state)
{
  struct text token;
  accounts_begin(state);
  make_account("ann", PROGRAM, "administrator");
  sign_in("ann", password, &token);
  enroll(token, NULL);
  admin = found(token).actor;
  if (!station_enroll(privacy, &admin, SITE_A, TEXT("Nurses' station"), arena, now, &station_token,
                      &error))
    fail_msg("%s", error.log);
  set_up_nurse("kim", "270519", "0001234567", &kim, &kim_token);
  set_up_nurse("lou", "918273", "0007654321", &lou, &token);
  if (!station_begin_shift(privacy, station_token, kim_token, now, &error))
    fail_msg("%s", error.log);
  return 0;
}

static bool switches(struct text account_id, const char *secret, struct text before,
                     struct text *token)
{
  error = (struct error){0};
  return station_switch(privacy, station_token, before, account_id, text_from(secret), arena, now,
                        token, &error);
}

struct members {
  struct text station_id;
  struct station_member *members;
  struct station *stations;
  size_t count;
};

static bool members_in(struct store_transaction *transaction, void *context, struct error *e)
{
  struct members *members = context;
  return station_members(transaction, arena, members->station_id, now, &members->members,
                         &members->count, e);
}

static bool stations_in(struct store_transaction *transaction, void *context, struct error *e)
{
  struct members *members = context;
  return station_list(transaction, arena, PROGRAM, &members->stations, &members->count, e);
}

static struct station the_station(void)
{
  struct station station;
  if (!station_find(privacy, arena, station_token, now, &station, &error))
    fail_msg("%s", error.log);
  return station;
}

static void a_shift_makes_the_session_one_of_the_station(void **state)
{
  (void)state;
  struct session session = found(kim_token);
  struct station station = the_station();
  assert_true(text_equal(session.actor.station_id, station.id));
  assert_true(text_equal(station.program_id, PROGRAM) && text_equal(station.site_id, SITE_A));
  assert_int_equal(session.idle_ends_at, session.seen_at + 5 * MINUTE);
  struct members members = {.station_id = station.id};
  assert_true(store_read(store, members_in, &members, &error));
  assert_int_equal(members.count, 1);
  assert_true(text_equal(members.members[0].account_id, kim));
  assert_int_equal(members.members[0].shift_ends_at, now + 12 * HOUR);
}

static void a_pin_switches_in_a_moment(void **state)
{
  (void)state;
  struct text token, second;
  int64_t begun = time_monotonic();
  assert_true(switches(kim, "270519", kim_token, &token));
  assert_true(time_monotonic() - begun < 5 * SECOND);
  assert_true(is_gone(kim_token)); /* the session before it has ended */
  struct session session = found(token);
  assert_int_equal(session.step, SESSION_OPEN);
  assert_true(text_equal(session.actor.account_id, kim));
  assert_int_equal(session.actor.role_count, 1);
  assert_false(session.actor.is_confirmed); /* dangerous acts ask again */
  assert_true(session_prove(privacy, token, TEXT("270519"), TEXT(""), now, &error));
  assert_true(found(token).actor.is_confirmed);
  assert_int_equal(audited("switch", "done"), 1);
  /* A badge alone does it, too. */
  assert_true(switches(TEXT(""), " 0001234567 ", token, &second));
  assert_true(is_gone(token));
  assert_true(text_equal(found(second).actor.account_id, kim));
}

static void without_a_shift_nobody_switches(void **state)
{
  (void)state;
  struct text token;
  assert_false(switches(lou, "918273", TEXT(""), &token));
  assert_string_equal(error.person, "error.switch");
  assert_false(switches(TEXT(""), "0007654321", TEXT(""), &token));
  assert_false(switches(TEXT(""), "0009999999", TEXT(""), &token));
  assert_string_equal(error.person, "error.switch");
  assert_int_equal(audited("switch", "failed"), 1);
  assert_false(switches(TEXT("nobody"), "270519", TEXT(""), &token));
  found(kim_token); /* and nobody's session ended by that */
  now += 12 * HOUR;
  assert_false(switches(kim, "270519", TEXT(""), &token)); /* the shift is over */
}

static void a_wrong_pin_locks_it_until_the_password(void **state)
{
  (void)state;
  struct text token;
  for (int i = 0; i < 5; i++) {
    assert_false(switches(kim, "000000", TEXT(""), &token));
    assert_string_equal(error.person, "error.switch");
  }
  assert_false(switches(kim, "270519", TEXT(""), &token));
  assert_string_equal(error.person, "error.switch.pin");
  /* Signing in with the password is not locked by that, and unlocks the PIN. */
  sign_in("kim", password, &token);
  assert_true(switches(kim, "270519", TEXT(""), &token));
}

static void a_locked_password_leaves_the_pin(void **state)
{
  (void)state;
  struct text token;
  for (int i = 0; i < 8; i++) assert_true(refuses_sign_in("kim", "wrong"));
  assert_true(refuses_sign_in("kim", password));
  assert_true(switches(kim, "270519", TEXT(""), &token)); /* a stranger locks no nurse out */
}

static void a_revoked_station_is_none(void **state)
{
  (void)state;
  struct text token;
  struct station station = the_station();
  assert_true(switches(kim, "270519", kim_token, &token));
  struct actor nurse = found(token).actor;
  assert_false(station_revoke(privacy, &nurse, station.id, now, &error));
  assert_int_equal(error.kind, ERROR_FORBIDDEN);
  assert_true(station_revoke(privacy, &admin, station.id, now, &error));
  assert_true(is_gone(token));
  assert_false(station_revoke(privacy, &admin, station.id, now, &error));
  assert_false(switches(kim, "270519", TEXT(""), &token));
  assert_string_equal(error.person, "error.station");
  struct members members = {.count = 0};
  assert_true(store_read(store, stations_in, &members, &error));
  assert_int_equal(members.count, 1);
  assert_true(members.stations[0].is_revoked);
}

static void enrolling_wants_role_name_and_proof(void **state)
{
  (void)state;
  struct text token;
  struct actor nurse = found(kim_token).actor, tired = admin, nowhere = admin;
  assert_false(station_enroll(privacy, &nurse, TEXT(""), TEXT("Desk"), arena, now, &token, &error));
  tired.is_confirmed = false;
  assert_false(station_enroll(privacy, &tired, TEXT(""), TEXT("Desk"), arena, now, &token, &error));
  assert_string_equal(error.person, "error.proof.text");
  assert_false(station_enroll(privacy, &admin, TEXT(""), TEXT("  "), arena, now, &token, &error));
  assert_string_equal(error.person, "error.station.name");
  nowhere.program_id = TEXT("");
  assert_false(
      station_enroll(privacy, &nowhere, TEXT(""), TEXT("Desk"), arena, now, &token, &error));
  assert_string_equal(error.person, "error.session.program");
}

static void a_shift_wants_an_open_session_of_the_program(void **state)
{
  (void)state;
  struct text token;
  make_account("pat", PROGRAM_B, "nurse");
  sign_in("pat", password, &token);
  assert_false(station_begin_shift(privacy, station_token, token, now, &error));
  assert_string_equal(error.person, "error.station.program");
  assert_false(station_begin_shift(privacy, TEXT("none"), kim_token, now, &error));
  assert_false(station_begin_shift(privacy, station_token, TEXT("none"), now, &error));
  make_account("zoe", PROGRAM, "auditor"); /* half signed in: the second factor is wanted */
  sign_in("zoe", password, &token);
  assert_false(station_begin_shift(privacy, station_token, token, now, &error));
  /* A session of a station works in the station's program alone. */
  assert_false(session_choose_program(privacy, kim_token, PROGRAM, now, &error));
}

static void a_station_session_ends_soon(void **state)
{
  (void)state;
  struct text token;
  assert_true(switches(kim, "270519", kim_token, &token));
  now += 5 * MINUTE;
  assert_true(is_gone(token));
  assert_true(switches(kim, "270519", token, &token));
  struct actor by = actor_command(TEXT(""));
  assert_true(account_disable(privacy, &by, kim, true, load_account(kim).version, now, &error));
  assert_true(is_gone(token));
  assert_false(switches(kim, "270519", TEXT(""), &token));
  assert_false(switches(TEXT(""), "0001234567", TEXT(""), &token));
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, accounts_end)
      TEST(a_shift_makes_the_session_one_of_the_station),
      TEST(a_pin_switches_in_a_moment),
      TEST(without_a_shift_nobody_switches),
      TEST(a_wrong_pin_locks_it_until_the_password),
      TEST(a_locked_password_leaves_the_pin),
      TEST(a_revoked_station_is_none),
      TEST(enrolling_wants_role_name_and_proof),
      TEST(a_shift_wants_an_open_session_of_the_program),
      TEST(a_station_session_ends_soon),
#undef TEST
  };
  return store_support_run("stations", tests, sizeof tests / sizeof *tests);
}
