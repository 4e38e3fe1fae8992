/*
 * Signing in and what follows: steps, tokens, times, locks, codes; the clock is an argument, so the
 * tests move it. Expected values: knowledge/sign-in.csv's numbers, and codes by liboath's own
 * generator. On both engines.
 */
#include "store_support.h"

#include "accounts_support.h"

/* --- Name and password ----------------------------------------------------------------------- */

static void the_right_password_opens_a_session(void **state)
{
  (void)state;
  struct text token, id = make_account("kim", PROGRAM, "front-desk");
  assert_int_equal(sign_in("kim", password, &token), SESSION_OPEN);
  assert_int_equal(token.length, 43); /* 256 bits, base64url */
  struct session session = found(token);
  assert_int_equal(session.step, SESSION_OPEN);
  assert_true(text_equal(session.actor.account_id, id));
  assert_true(text_equal(session.actor.program_id, PROGRAM));
  assert_int_equal(session.actor.kind, ACTOR_STAFF);
  assert_int_equal(session.actor.role_count, 1);
  assert_true(text_equal(session.actor.roles[0], TEXT("front-desk")));
  assert_true(session.actor.is_confirmed);
  assert_int_equal(session.form_token.length, 22); /* 128 bits */
  assert_int_equal(session.ends_at, now + 12 * HOUR);
  assert_int_equal(session.idle_ends_at, now + 15 * MINUTE);
  assert_int_equal(load_account(id).last_sign_in_at, now);
  assert_int_equal(audited("sign-in", "done"), 1);
}

static void names_are_folded_and_passwords_composed(void **state)
{
  (void)state;
  struct account_role role = {PROGRAM, TEXT(""), TEXT("nurse")};
  struct actor by = actor_command(TEXT(""));
  struct text id, made, token;
  /* "é" as e and a combining accent; typed as one character it is the same password. */
  struct account_new wanted = {.sign_in_name = TEXT("  Jo.Lee@Example "),
                               .roles = &role,
                               .role_count = 1,
                               .password = TEXT("cafe\xCC\x81 on the pier")};
  assert_true(account_create(privacy, &by, &wanted, arena, now, &id, &made, &error));
  assert_true(text_equal(load_account(id).sign_in_name, TEXT("jo.lee@example")));
  assert_int_equal(sign_in("JO.LEE@example", "caf\xC3\xA9 on the pier", &token), SESSION_OPEN);
}

static void wrong_unknown_and_disabled_answer_the_same(void **state)
{
  (void)state;
  struct text id = make_account("kim", PROGRAM, "nurse");
  struct actor by = actor_command(TEXT(""));
  static const char *const names[] = {"kim", "nobody", "no such name", ""};
  char said[LIMIT_ERROR_TEXT];
  for (size_t i = 0; i < 4; i++) {
    assert_true(refuses_sign_in(names[i], "not the password"));
    assert_string_equal(error.person, "error.sign_in");
    if (i == 0) memcpy(said, error.log, sizeof said);
    assert_string_equal(error.log, said);
    assert_string_equal(error.hint, "");
  }
  assert_true(account_disable(privacy, &by, id, true, 1, now, &error));
  assert_true(refuses_sign_in("kim", password));
  assert_string_equal(error.log, said);
  assert_true(audited("sign-in", "failed") >= 5);
  assert_int_equal(audited("nobody", "no such name"), 0); /* what was typed is not kept */
  assert_true(account_disable(privacy, &by, id, false, 2, now, &error));
  struct text token;
  sign_in("kim", password, &token);
}

static void failures_lock_for_a_time_that_grows(void **state)
{
  (void)state;
  make_account("kim", PROGRAM, "nurse");
  static const char *const names[] = {"kim", "nobody"};
  for (size_t i = 0; i < 2; i++) {
    for (int failure = 0; failure < 4; failure++) {
      assert_true(refuses_sign_in(names[i], "wrong"));
      assert_string_equal(error.hint, "");
    }
    assert_true(refuses_sign_in(names[i], "wrong"));
    assert_string_equal(error.hint, "Try again in 30 seconds.");
  }
  /* The right password waits, too, and does not make the wait longer. */
  now += 10 * SECOND;
  assert_true(refuses_sign_in("kim", password));
  assert_string_equal(error.hint, "Try again in 20 seconds.");
  /* Then one more failure doubles it, up to a quarter of an hour. */
  static const int waits[] = {60, 120, 240, 480, 900, 900};
  now += 20 * SECOND;
  for (size_t i = 0; i < 6; i++) {
    assert_true(refuses_sign_in("kim", "wrong"));
    assert_string_equal(error.hint,
                        text_c(arena, text_format(arena, "Try again in %d seconds.", waits[i])));
    now += waits[i] * SECOND;
  }
  struct text token;
  sign_in("kim", password, &token);
  assert_true(refuses_sign_in("kim", "wrong"));
  assert_string_equal(error.hint, "");
}

static void failures_are_forgotten_after_an_hour(void **state)
{
  (void)state;
  make_account("kim", PROGRAM, "nurse");
  for (int i = 0; i < 4; i++) assert_true(refuses_sign_in("kim", "wrong"));
  now += HOUR + SECOND;
  assert_true(refuses_sign_in("kim", "wrong"));
  assert_string_equal(error.hint, "");
}

static void a_dearer_hash_is_made_at_the_next_sign_in(void **state)
{
  (void)state;
  struct text token, id = make_account("kim", PROGRAM, "nurse");
  set_sign_in("password-memory", "8");
  open_privacy();
  sign_in("kim", password, &token);
  sign_in("kim", password, &token);
  (void)id;
  /* Where hashes cost as they used to, there is nothing to do: both fit. */
  set_sign_in("password-memory", "7");
  open_privacy();
  sign_in("kim", password, &token);
}

/* --- The second factor ----------------------------------------------------------------------- */

static void an_administrator_must_set_up_a_second_factor(void **state)
{
  (void)state;
  struct text token, fresh, address, *recovery;
  make_account("ann", TEXT(""), "administrator");
  assert_int_equal(sign_in("ann", password, &token), SESSION_ENROLL);
  struct session session = found(token);
  assert_int_equal(session.actor.role_count, 0);
  assert_false(session.actor.is_confirmed);
  address = enroll(token, &recovery);
  assert_true(text_starts_with(address, TEXT("otpauth://totp/Fairlead:ann?secret=")));
  assert_true(text_ends_with(address, TEXT("&issuer=Fairlead&algorithm=SHA1&digits=6&period=30")));
  session = found(token);
  assert_int_equal(session.step, SESSION_OPEN);
  assert_int_equal(session.actor.role_count, 1);
  assert_true(session_rotate(privacy, token, arena, now, &fresh, &error));
  assert_true(is_gone(token));
  assert_int_equal(found(fresh).step, SESSION_OPEN);
  assert_false(text_equal(found(fresh).form_token, session.form_token));
}

static void a_code_opens_once(void **state)
{
  (void)state;
  struct text token, fresh, other;
  enum session_step step;
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  struct text address = enroll(token, NULL);
  now += 2 * MINUTE;
  assert_int_equal(sign_in("ann", password, &token), SESSION_TOTP);
  struct session session = found(token);
  assert_int_equal(session.actor.role_count, 0);
  assert_true(
      session_give_code(privacy, token, code_of(address, now), arena, now, &fresh, &step, &error));
  assert_int_equal(step, SESSION_OPEN);
  assert_true(is_gone(token)); /* what proved less is gone */
  assert_int_equal(found(fresh).actor.role_count, 1);
  /* The same code again, and the one before it, are used up. */
  assert_int_equal(sign_in("ann", password, &token), SESSION_TOTP);
  assert_false(
      session_give_code(privacy, token, code_of(address, now), arena, now, &other, &step, &error));
  assert_string_equal(error.person, "error.code");
  assert_false(session_give_code(privacy, token, code_of(address, now - 30 * SECOND), arena, now,
                                 &other, &step, &error));
  /* A clock that is half a minute ahead is fine, two minutes are not. */
  assert_false(session_give_code(privacy, token, code_of(address, now + 2 * MINUTE), arena, now,
                                 &other, &step, &error));
  assert_true(session_give_code(privacy, token, code_of(address, now + 30 * SECOND), arena, now,
                                &other, &step, &error));
}

static void a_recovery_code_opens_once(void **state)
{
  (void)state;
  struct text token, fresh, *recovery;
  enum session_step step;
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  enroll(token, &recovery);
  for (size_t i = 0; i < 10; i++) {
    assert_int_equal(recovery[i].length, 19);
    for (size_t j = 0; j < i; j++) assert_false(text_equal(recovery[i], recovery[j]));
  }
  sign_in("ann", password, &token);
  struct text typed = text_upper_ascii(arena, recovery[3]);
  assert_true(session_give_code(privacy, token, typed, arena, now, &fresh, &step, &error));
  sign_in("ann", password, &token);
  assert_false(session_give_code(privacy, token, recovery[3], arena, now, &fresh, &step, &error));
  assert_true(session_give_code(privacy, token, recovery[4], arena, now, &fresh, &step, &error));
}

static void wrong_codes_lock_the_name(void **state)
{
  (void)state;
  struct text token, fresh;
  enum session_step step;
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  struct text address = enroll(token, NULL);
  now += MINUTE;
  sign_in("ann", password, &token);
  static const char *const wrong[] = {"000000", "1", "not a code", "", "12345x"};
  for (size_t i = 0; i < 5; i++)
    assert_false(
        session_give_code(privacy, token, text_from(wrong[i]), arena, now, &fresh, &step, &error));
  assert_string_equal(error.hint, "Try again in 30 seconds.");
  assert_false(
      session_give_code(privacy, token, code_of(address, now), arena, now, &fresh, &step, &error));
  now += MINUTE;
  assert_true(
      session_give_code(privacy, token, code_of(address, now), arena, now, &fresh, &step, &error));
  /* A token that wants no code takes none. */
  assert_false(
      session_give_code(privacy, fresh, code_of(address, now), arena, now, &token, &step, &error));
}

/* Who knows the password and holds an open session does not get more tries at the code. */
static void wrong_codes_of_a_proof_lock_the_name(void **state)
{
  (void)state;
  struct text token;
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  struct text address = enroll(token, NULL);
  now += MINUTE;
  for (int i = 0; i < 5; i++)
    assert_false(session_prove(privacy, token, text_from(password), TEXT("000000"), now, &error));
  assert_string_equal(error.hint, "Try again in 30 seconds.");
  assert_false(
      session_prove(privacy, token, text_from(password), code_of(address, now), now, &error));
  now += MINUTE;
  assert_true(
      session_prove(privacy, token, text_from(password), code_of(address, now), now, &error));
}

/* --- A first password ------------------------------------------------------------------------ */

static void a_first_password_must_be_changed(void **state)
{
  (void)state;
  struct account_role role = {PROGRAM, TEXT(""), TEXT("nurse")};
  struct account_new wanted = {.sign_in_name = TEXT("jo"), .roles = &role, .role_count = 1};
  struct actor by = actor_command(TEXT(""));
  struct text id, made, token, second;
  assert_true(account_create(privacy, &by, &wanted, arena, now, &id, &made, &error));
  assert_int_equal(made.length, 19);
  assert_int_equal(sign_in("jo", text_c(arena, made), &token), SESSION_CHANGE);
  assert_int_equal(sign_in("jo", text_c(arena, made), &second), SESSION_CHANGE);
  struct session session = found(token);
  assert_int_equal(session.actor.role_count, 0);
  assert_false(account_set_password(privacy, &session.actor, TEXT(""), made, now, &error));
  assert_true(
      account_set_password(privacy, &session.actor, TEXT(""), text_from(password), now, &error));
  assert_int_equal(found(token).step, SESSION_OPEN);
  assert_true(is_gone(second)); /* every other session ended */
  assert_true(refuses_sign_in("jo", text_c(arena, made)));
  /* From now on the old one is wanted. */
  session = found(token);
  assert_false(account_set_password(privacy, &session.actor, TEXT(""), text_from(other_password),
                                    now, &error));
  assert_true(account_set_password(privacy, &session.actor, text_from(password),
                                   text_from(other_password), now, &error));
  sign_in("jo", other_password, &token);
}

/* --- Times ----------------------------------------------------------------------------------- */

static void a_session_ends_idle_and_at_last(void **state)
{
  (void)state;
  struct text token;
  make_account("kim", PROGRAM, "nurse");
  sign_in("kim", password, &token);
  now += 15 * MINUTE - SECOND;
  found(token);
  now += 15 * MINUTE - SECOND; /* last seen was written then */
  found(token);
  now += 15 * MINUTE;
  assert_true(is_gone(token));
  sign_in("kim", password, &token);
  int64_t end = now + 12 * HOUR;
  for (; now < end; now += 14 * MINUTE) found(token);
  now = end;
  assert_true(is_gone(token));
}

static void last_seen_is_written_once_a_minute(void **state)
{
  (void)state;
  struct text token;
  make_account("kim", PROGRAM, "nurse");
  sign_in("kim", password, &token);
  int64_t begun = now;
  now += 59 * SECOND;
  assert_int_equal(found(token).seen_at, begun);
  now += SECOND;
  assert_int_equal(found(token).seen_at, begun + MINUTE);
  assert_int_equal(found(token).seen_at, begun + MINUTE);
  /* A clock set back ends nothing and writes nothing. */
  now -= HOUR;
  assert_int_equal(found(token).seen_at, begun + MINUTE);
}

static void half_a_sign_in_ends_soon(void **state)
{
  (void)state;
  struct text token, fresh;
  enum session_step step;
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  struct text address = enroll(token, NULL);
  now += MINUTE;
  sign_in("ann", password, &token);
  now += 15 * MINUTE;
  assert_false(
      session_give_code(privacy, token, code_of(address, now), arena, now, &fresh, &step, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

static void a_stranger_has_no_session(void **state)
{
  (void)state;
  char long_token[400];
  memset(long_token, 'a', sizeof long_token);
  long_token[sizeof long_token - 1] = 0;
  assert_true(is_gone(TEXT("")));
  assert_true(is_gone(TEXT("a")));
  assert_true(is_gone(text_from(long_token)));
  assert_true(is_gone((struct text){"\0\0\0\0", 4}));
  assert_false(session_sign_out(privacy, TEXT("a"), now, &error));
}

/* --- Proving again --------------------------------------------------------------------------- */

static void a_proof_is_fresh_for_five_minutes(void **state)
{
  (void)state;
  struct text token;
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  struct text address = enroll(token, NULL);
  now += 5 * MINUTE;
  assert_true(found(token).actor.is_confirmed);
  now += SECOND;
  assert_false(found(token).actor.is_confirmed);
  assert_false(session_prove(privacy, token, TEXT("wrong"), code_of(address, now), now, &error));
  assert_false(session_prove(privacy, token, text_from(password), TEXT("000000"), now, &error));
  assert_false(found(token).actor.is_confirmed);
  assert_true(
      session_prove(privacy, token, text_from(password), code_of(address, now), now, &error));
  assert_true(found(token).actor.is_confirmed);
  assert_int_equal(found(token).actor.proved_at, now);
  /* Not by the future either: a clock set back. */
  now -= HOUR;
  assert_false(found(token).actor.is_confirmed);
}

/* --- Programs -------------------------------------------------------------------------------- */

static void one_works_where_one_has_a_role(void **state)
{
  (void)state;
  struct account_role roles[] = {{PROGRAM, SITE_A, TEXT("nurse")},
                                 {PROGRAM, TEXT(""), TEXT("case-manager")},
                                 {PROGRAM_B, TEXT(""), TEXT("counselor")}};
  struct account_new wanted = {.sign_in_name = TEXT("kim"),
                               .roles = roles,
                               .role_count = 3,
                               .password = text_from(password)};
  struct actor by = actor_command(TEXT(""));
  struct text id, made, token;
  assert_true(account_create(privacy, &by, &wanted, arena, now, &id, &made, &error));
  sign_in("kim", password, &token);
  assert_true(text_is_empty(found(token).actor.program_id));
  assert_int_equal(found(token).actor.role_count, 0);
  assert_false(session_choose_program(privacy, token, TEXT("elsewhere"), now, &error));
  assert_false(session_choose_program(privacy, token, TEXT(""), now, &error));
  assert_true(session_choose_program(privacy, token, PROGRAM, now, &error));
  struct session session = found(token);
  assert_int_equal(session.actor.role_count, 2);
  assert_true(text_equal(session.actor.site_id, SITE_A)); /* the narrowest holds for all */
  assert_true(session_choose_program(privacy, token, PROGRAM_B, now, &error));
  session = found(token);
  assert_int_equal(session.actor.role_count, 1);
  assert_true(text_equal(session.actor.roles[0], TEXT("counselor")));
  assert_true(text_is_empty(session.actor.site_id));
}

/* --- Ending ---------------------------------------------------------------------------------- */

struct list {
  struct text account_id, this_id;
  struct session_shown *shown;
  size_t count;
};

static bool list_in(struct store_transaction *transaction, void *context, struct error *e)
{
  struct list *list = context;
  return session_list(transaction, arena, list->account_id, list->this_id, now, &list->shown,
                      &list->count, e);
}

static void sessions_are_listed_and_ended(void **state)
{
  (void)state;
  struct text id = make_account("kim", PROGRAM, "nurse"), tokens[4];
  for (int i = 0; i < 4; i++, now += SECOND) sign_in("kim", password, &tokens[i]);
  struct session session = found(tokens[0]);
  struct list list = {.account_id = id, .this_id = session.id};
  assert_true(store_read(store, list_in, &list, &error));
  assert_int_equal(list.count, 4);
  assert_true(list.shown[3].is_this && !list.shown[0].is_this);
  assert_true(session_revoke(privacy, &session.actor, id, found(tokens[1]).id, now, &error));
  assert_true(is_gone(tokens[1]));
  assert_true(session_revoke(privacy, &session.actor, id, TEXT(""), now, &error));
  assert_true(is_gone(tokens[2]) && is_gone(tokens[3]));
  found(tokens[0]);
  assert_true(session_sign_out(privacy, tokens[0], now, &error));
  assert_true(is_gone(tokens[0]));
}

static void others_sessions_are_the_administrators(void **state)
{
  (void)state;
  struct text token, nurse = make_account("kim", PROGRAM, "nurse");
  struct text elsewhere = make_account("pat", PROGRAM_B, "nurse"), far, admin;
  make_account("lou", PROGRAM, "front-desk");
  make_account("ann", PROGRAM, "administrator");
  sign_in("kim", password, &token);
  sign_in("pat", password, &far);
  sign_in("lou", password, &admin);
  struct session session = found(admin);
  assert_false(session_revoke(privacy, &session.actor, nurse, found(token).id, now, &error));
  assert_int_equal(error.kind, ERROR_FORBIDDEN);
  sign_in("ann", password, &admin);
  enroll(admin, NULL);
  session = found(admin);
  assert_false(session_revoke(privacy, &session.actor, elsewhere, found(far).id, now, &error));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  assert_true(session_revoke(privacy, &session.actor, nurse, found(token).id, now, &error));
  assert_true(is_gone(token));
  found(far);
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, accounts_begin, accounts_end)
      TEST(the_right_password_opens_a_session),
      TEST(names_are_folded_and_passwords_composed),
      TEST(wrong_unknown_and_disabled_answer_the_same),
      TEST(failures_lock_for_a_time_that_grows),
      TEST(failures_are_forgotten_after_an_hour),
      TEST(a_dearer_hash_is_made_at_the_next_sign_in),
      TEST(an_administrator_must_set_up_a_second_factor),
      TEST(a_code_opens_once),
      TEST(a_recovery_code_opens_once),
      TEST(wrong_codes_lock_the_name),
      TEST(wrong_codes_of_a_proof_lock_the_name),
      TEST(a_first_password_must_be_changed),
      TEST(a_session_ends_idle_and_at_last),
      TEST(last_seen_is_written_once_a_minute),
      TEST(half_a_sign_in_ends_soon),
      TEST(a_stranger_has_no_session),
      TEST(a_proof_is_fresh_for_five_minutes),
      TEST(one_works_where_one_has_a_role),
      TEST(sessions_are_listed_and_ended),
      TEST(others_sessions_are_the_administrators),
#undef TEST
  };
  return store_support_run("sessions", tests, sizeof tests / sizeof *tests);
}
