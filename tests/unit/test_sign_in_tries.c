/*
 * Tests of what keeps guessers out and lets the owner in: tries that arrive together, strangers'
 * tries beside a known browser, a station and an open session, what a lock writes to the audit, and
 * that an unknown name takes as long as a known one. On both engines. Expected values:
 * knowledge/sign-in.csv's numbers and docs/accounts.md. Hashes are counted where libsodium is
 * called.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <time.h>

#include "store_support.h"

#include "accounts_support.h"

/* --- Counting hashes ------------------------------------------------------------------------- */

static atomic_int hashes;

int crypto_pwhash_str_verify(const char hash[crypto_pwhash_STRBYTES], const char *const secret,
                             unsigned long long length)
{
  static int (*real)(const char *, const char *, unsigned long long);
  static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&once);
  if (!real) *(void **)&real = dlsym(RTLD_NEXT, "crypto_pwhash_str_verify");
  pthread_mutex_unlock(&once);
  atomic_fetch_add(&hashes, 1);
  return real(hash, secret, length);
}

/* --- Signing in somewhere -------------------------------------------------------------------- */

static bool enters(const char *name, const char *secret, struct sign_in_place *place,
                   struct text *token, enum session_step *step)
{
  error = (struct error){0};
  return session_sign_in(privacy, text_from(name), text_from(secret), place, arena, now, token,
                         step, &error);
}

static struct sign_in_place browser(void)
{
  return (struct sign_in_place){.station_id = TEXT(""), .device = TEXT(""), .before = TEXT("")};
}

/* Five wrong ones of somebody who knows the name. */
static void stranger_tries(const char *name)
{
  for (int i = 0; i < 5; i++) assert_true(refuses_sign_in(name, "wrong"));
  assert_true(refuses_sign_in(name, password));
  assert_string_equal(error.hint, "Try again in 30 seconds.");
}

/* --- Together -------------------------------------------------------------------------------- */

enum { CROWD = 32 };
struct guess {
  const char *name, *secret;
  bool is_in;
};

static void *guess(void *context)
{
  struct guess *one = context;
  struct arena *own = arena_new(LIMIT_ARENA_REQUEST);
  struct error e = {0};
  struct text token;
  enum session_step step;
  one->is_in = session_sign_in(privacy, text_from(one->name), text_from(one->secret), NULL, own,
                               now, &token, &step, &e);
  if (!one->is_in && (!e.person || strcmp(e.person, "error.sign_in") != 0))
    fprintf(stderr, "a guess ended with: %s\n", e.log);
  arena_free(own);
  return NULL;
}

/* How many of a crowd that arrives at once were let in; `*hashed` what was looked at. */
static int crowd(const char *name, const char *secret, int *hashed)
{
  pthread_t threads[CROWD];
  struct guess guesses[CROWD];
  int is_in = 0, before = atomic_load(&hashes);
  for (size_t i = 0; i < CROWD; i++) {
    guesses[i] = (struct guess){name, secret, false};
    assert_int_equal(pthread_create(&threads[i], NULL, guess, &guesses[i]), 0);
  }
  for (size_t i = 0; i < CROWD; i++) {
    pthread_join(threads[i], NULL);
    is_in += guesses[i].is_in;
  }
  *hashed = atomic_load(&hashes) - before;
  return is_in;
}

/* Five are looked at, for a name that nobody has as well; of the 27 that the lock refused the 1st,
 * 2nd, 4th, 8th and 16th are written down. */
static void a_crowd_gets_no_more_tries_than_one(void **state)
{
  (void)state;
  struct text token;
  int hashed;
  make_account("kim", PROGRAM, "nurse");
  assert_int_equal(crowd("kim", "wrong", &hashed), 0);
  assert_int_equal(hashed, 5);
  assert_int_equal(audited("sign-in", "failed"), 5);
  assert_int_equal(audited("sign-in", "denied"), 5);
  assert_int_equal(audited("denied", "{\"attempts\":16}"), 1);
  assert_int_equal(crowd("nobody", "wrong", &hashed), 0);
  assert_int_equal(hashed, 5);
  assert_true(refuses_sign_in("kim", password));
  assert_string_equal(error.hint, "Try again in 30 seconds.");
  now += 30 * SECOND;
  assert_int_equal(sign_in("kim", password, &token), SESSION_OPEN);
}

/* Right ones that arrive together leave no failure behind. */
static void right_tries_are_given_back(void **state)
{
  (void)state;
  struct text token, address;
  int hashed;
  make_account("kim", PROGRAM, "nurse");
  assert_true(crowd("kim", password, &hashed) > 0);
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  address = enroll(token, NULL);
  now += MINUTE;
  /* With a second factor the password's own try is given back, the wrong ones stay counted. */
  for (int i = 0; i < 4; i++) assert_true(refuses_sign_in("ann", "wrong"));
  for (int i = 0; i < 3; i++) assert_int_equal(sign_in("ann", password, &token), SESSION_TOTP);
  assert_true(refuses_sign_in("ann", "wrong"));
  assert_string_equal(error.hint, "Try again in 30 seconds.");
  (void)address;
}

static void a_lock_writes_little_of_many_tries(void **state)
{
  (void)state;
  make_account("kim", PROGRAM, "nurse");
  stranger_tries("kim"); /* one refused already */
  for (int i = 0; i < 299; i++) assert_true(refuses_sign_in("kim", "wrong"));
  assert_int_equal(audited("sign-in", "denied"), 9); /* 1, 2, 4, … 256 */
  now += 30 * SECOND;
  assert_true(refuses_sign_in("kim", "wrong")); /* looked at, and locked for a minute */
  assert_string_equal(error.hint, "Try again in 60 seconds.");
  assert_true(refuses_sign_in("kim", "wrong"));
  assert_int_equal(audited("denied", "{\"attempts\":1}"), 2);
}

/* --- Places of one's own --------------------------------------------------------------------- */

static void strangers_hold_up_no_known_browser(void **state)
{
  (void)state;
  struct sign_in_place home = browser(), other = browser();
  struct text token, lou_token;
  enum session_step step;
  make_account("kim", PROGRAM, "nurse");
  make_account("lou", PROGRAM, "nurse");
  assert_true(enters("kim", password, &home, &token, &step));
  assert_true(home.device.length >= 43);
  assert_true(home.device_seconds > 0);
  stranger_tries("kim");
  struct text kept = home.device;
  assert_true(enters("kim", password, &home, &token, &step));
  assert_true(text_equal(home.device, kept));
  /* Another's browser, or a made-up token, is no way around. */
  assert_true(enters("lou", password, &other, &lou_token, &step));
  assert_false(text_equal(other.device, home.device));
  assert_false(enters("kim", password, &other, &token, &step));
  other.device = TEXT("made-up");
  assert_false(enters("kim", password, &other, &token, &step));
  /* Its own tries lock the known browser, and it alone. */
  for (int i = 0; i < 5; i++) assert_false(enters("kim", "wrong", &home, &token, &step));
  assert_false(enters("kim", password, &home, &token, &step));
  assert_string_equal(error.hint, "Try again in 30 seconds.");
  assert_true(enters("lou", password, &home, &lou_token, &step)); /* a browser of two people */
  assert_true(text_equal(home.device, kept));
  now += 30 * SECOND;
  assert_true(enters("kim", password, &home, &token, &step));
}

static void a_browser_is_forgotten_in_time_and_with_a_reset(void **state)
{
  (void)state;
  struct sign_in_place home = browser();
  struct text id = make_account("kim", PROGRAM, "nurse"), token, made;
  struct actor by = actor_command(TEXT(""));
  enum session_step step;
  assert_true(enters("kim", password, &home, &token, &step));
  now += INT64_C(15552000) * SECOND; /* device-lasts */
  stranger_tries("kim");
  assert_false(enters("kim", password, &home, &token, &step));
  now += HOUR;
  assert_true(enters("kim", password, &home, &token, &step));
  assert_true(account_reset(privacy, &by, id, arena, now, &made, &error));
  for (int i = 0; i < 5; i++) assert_true(refuses_sign_in("kim", "wrong"));
  assert_false(enters("kim", text_c(arena, made), &home, &token, &step));
}

static void an_account_keeps_its_last_browsers(void **state)
{
  (void)state;
  struct sign_in_place first = browser(), last = browser();
  struct text token;
  enum session_step step;
  make_account("kim", PROGRAM, "nurse");
  assert_true(enters("kim", password, &first, &token, &step));
  for (int i = 0; i < LIMIT_SIGN_IN_DEVICES; i++) {
    last = browser();
    now += SECOND;
    assert_true(enters("kim", password, &last, &token, &step));
  }
  stranger_tries("kim");
  assert_false(enters("kim", password, &first, &token, &step));
  assert_true(enters("kim", password, &last, &token, &step));
}

/* A browser becomes known by the code, not by the password before it; a code guessed behind a
 * password counts where the password was typed. */
static void a_browser_is_known_by_the_code(void **state)
{
  (void)state;
  struct sign_in_place home = browser();
  struct text token, fresh;
  enum session_step step;
  make_account("ann", PROGRAM, "nurse");
  sign_in("ann", password, &token);
  struct text address = enroll(token, NULL);
  now += MINUTE;
  assert_true(enters("ann", password, &home, &token, &step));
  stranger_tries("ann");
  assert_false(enters("ann", password, &home, &fresh, &step));
  assert_false(session_give_code(privacy, token, code_of(address, now), arena, now, &fresh, &step,
                                 &error)); /* begun where nobody was known */
  now += MINUTE;
  assert_true(enters("ann", password, &home, &token, &step));
  assert_true(
      session_give_code(privacy, token, code_of(address, now), arena, now, &fresh, &step, &error));
  now += MINUTE;
  stranger_tries("ann");
  assert_true(enters("ann", password, &home, &token, &step));
  assert_true(
      session_give_code(privacy, token, code_of(address, now), arena, now, &fresh, &step, &error));
}

static void strangers_hold_up_no_station_and_no_open_session(void **state)
{
  (void)state;
  struct sign_in_place station = browser();
  struct text token, other;
  enum session_step step;
  make_account("kim", PROGRAM, "nurse");
  sign_in("kim", password, &token);
  stranger_tries("kim");
  assert_true(session_prove(privacy, token, text_from(password), TEXT(""), now, &error));
  station.station_id = TEXT("0198a000-0000-7000-8000-00000000000c");
  assert_true(enters("kim", password, &station, &other, &step));
  assert_int_equal(station.device.length, 0); /* a station is known as one */
  /* Wrong proofs of a session lock that session's. */
  for (int i = 0; i < 5; i++)
    assert_false(session_prove(privacy, token, TEXT("wrong"), TEXT(""), now, &error));
  assert_false(session_prove(privacy, token, text_from(password), TEXT(""), now, &error));
  assert_true(session_prove(privacy, other, text_from(password), TEXT(""), now, &error));
}

/* --- One session in a browser ---------------------------------------------------------------- */

static void signing_in_again_ends_the_session_before(void **state)
{
  (void)state;
  struct sign_in_place place = browser();
  struct text first, second, third, elsewhere;
  enum session_step step;
  make_account("kim", PROGRAM, "nurse");
  make_account("lou", PROGRAM, "nurse");
  sign_in("kim", password, &elsewhere);
  assert_true(enters("kim", password, &place, &first, &step));
  place.before = first;
  assert_false(enters("kim", "wrong", &place, &second, &step));
  found(first); /* a failed one ends nothing */
  assert_true(enters("kim", password, &place, &second, &step));
  assert_true(is_gone(first));
  place.before = second;
  assert_true(enters("lou", password, &place, &third, &step)); /* somebody else's, too */
  assert_true(is_gone(second));
  found(third);
  found(elsewhere);
  assert_int_equal(audited("sign-out", "done"), 2);
}

/* --- Time ------------------------------------------------------------------------------------ */

static int compare_times(const void *a, const void *b)
{
  const int64_t *x = a, *y = b;
  return *x < *y ? -1 : *x > *y;
}

static int64_t microseconds(void)
{
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

/* One hash, made dearer here, is by far the most of it. */
static void an_unknown_name_takes_as_long_as_a_known_one(void **state)
{
  (void)state;
  enum { TRIES = 15 };
  static const char *const names[] = {"kim", "nobody"};
  int64_t times[2][TRIES];
  set_sign_in("password-memory", "48");
  open_privacy();
  make_account("kim", PROGRAM, "nurse");
  for (size_t i = 0; i < TRIES; i++)
    for (size_t who = 0; who < 2; who++) {
      int64_t from = microseconds();
      assert_true(refuses_sign_in(names[who], "not the password"));
      times[who][i] = microseconds() - from;
      now += 2 * HOUR;
    }
  for (size_t who = 0; who < 2; who++)
    qsort(times[who], TRIES, sizeof times[who][0], compare_times);
  int64_t known = times[0][TRIES / 2], unknown = times[1][TRIES / 2];
  printf("a wrong password: known %lld us, unknown %lld us\n", (long long)known,
         (long long)unknown);
  assert_true(unknown * 2 > known && known * 2 > unknown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, accounts_begin, accounts_end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_crowd_gets_no_more_tries_than_one),
      TEST(right_tries_are_given_back),
      TEST(a_lock_writes_little_of_many_tries),
      TEST(strangers_hold_up_no_known_browser),
      TEST(a_browser_is_forgotten_in_time_and_with_a_reset),
      TEST(an_account_keeps_its_last_browsers),
      TEST(a_browser_is_known_by_the_code),
      TEST(strangers_hold_up_no_station_and_no_open_session),
      TEST(signing_in_again_ends_the_session_before),
      TEST(an_unknown_name_takes_as_long_as_a_known_one),
  };
  return store_support_run("sign-in tries", tests, sizeof tests / sizeof *tests);
}
