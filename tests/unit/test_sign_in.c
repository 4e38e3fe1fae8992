/*
 * What signing in goes by: the file's settings and what is refused in it; locks that grow, the
 * brake; hashes, tokens, codes; what a password and a PIN must be. Expected values:
 * knowledge/sign-in.csv, RFC 4648 section 5 (base64url), FIPS 180-4 ("abc"), Unicode NFC.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "privacy/account.h"
#include "privacy/sign_in.h"

static struct arena *arena;
static struct sign_in_settings *settings;
static char folder[] = "/tmp/fairlead-sign-in-XXXXXX";
static struct error error;
static const int64_t SECOND = 1000000;

static struct text original(void)
{
  struct text content;
  assert_true(file_read(arena, "knowledge/sign-in.csv", LIMIT_KNOWLEDGE_FILE, &content, NULL));
  return content;
}

/* The file with one line put in another's place: that which begins with `name`; NULL: at the end.
 */
static struct text with(const char *name, const char *line)
{
  struct text rest = original(), one, out = TEXT("");
  while (text_split_next(&rest, '\n', &one)) {
    bool is_it = name && text_starts_with(one, text_format(arena, "%s,", name));
    if (is_it) one = text_from(line);
    if (one.length) out = text_format(arena, "%.*s%.*s\n", TEXT_PRINT(out), TEXT_PRINT(one));
  }
  return name ? out : text_format(arena, "%.*s%s\n", TEXT_PRINT(out), line);
}

static bool loads(struct text content)
{
  error = (struct error){0};
  assert_true(file_replace(file_join(arena, folder, "sign-in.csv"), content, NULL));
  return sign_in_check_file(folder, &error);
}

static int begin(void **state)
{
  (void)state;
  arena = arena_new(1 << 26);
  if (!mkdtemp(folder)) return 1;
  struct text cheap = with("password-memory", "password-memory,7,mebibytes,s");
  assert_true(file_replace(file_join(arena, folder, "sign-in.csv"), cheap, NULL));
  cheap = with("password-passes", "password-passes,5,passes,s");
  struct text small = TEXT("password-memory,64"), tiny = TEXT("password-memory,7");
  size_t at = text_find(cheap, small);
  cheap = text_format(arena, "%.*s%.*s%.*s", (int)at, cheap.at, TEXT_PRINT(tiny),
                      TEXT_PRINT(text_slice(cheap, at + small.length, cheap.length)));
  assert_true(file_replace(file_join(arena, folder, "sign-in.csv"), cheap, NULL));
  if (sign_in_load(&settings, arena, folder, &error)) return 0;
  print_error("%s\n", error.log);
  return 1;
}

static int end(void **state)
{
  (void)state;
  unlink(file_join(arena, folder, "sign-in.csv"));
  rmdir(folder);
  sign_in_fini(settings);
  sign_in_fini(NULL);
  arena_free(arena);
  return 0;
}

/* --- The file -------------------------------------------------------------------------------- */

static void the_real_file_loads(void **state)
{
  (void)state;
  if (!sign_in_check_file("knowledge", &error)) fail_msg("%s", error.log);
  assert_int_equal(settings->password_shortest, 12);
  assert_int_equal(settings->desk_idle, 900 * SECOND);
  assert_true(sign_in_has_word(settings->second_factor_roles, TEXT("administrator")));
  assert_false(sign_in_has_word(settings->second_factor_roles, TEXT("admin")));
  assert_false(sign_in_has_word(settings->second_factor_roles, TEXT("")));
}

static void a_spoiled_file_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *name, *line, *expected;
  } cases[] = {
      {NULL, "magic,1,times,s", "there is no setting \"magic\""},
      {NULL, "brake,100,a minute,s", "it stands twice"},
      {NULL, "password-common,a,words,s", "it stands twice"},
      {"brake", "brake,100,an hour,s", "the unit is \"a minute\""},
      {"password-common", "password-common,a,roles,s", "the unit is \"words\""},
      {"brake", "brake,100,a minute,", "source is empty"},
      {"brake", "brake,many,a minute,s", "a whole number from 1 to 100000"},
      {"brake", "brake,0,a minute,s", "a whole number from 1 to 100000"},
      {"password-shortest", "password-shortest,7,characters,s", "a whole number from 8 to 64"},
      {"brake", "", "sign-in.csv: brake is missing"},
      {"password-common", "", "sign-in.csv: password-common is missing"},
      {"password-passes", "password-passes,1,passes,s", NULL}, /* 64 times 1 is enough */
      {"pin-passes", "pin-passes,1,passes,s", "hashes would be too cheap"}, /* 19 is not */
      {"password-memory", "password-memory,7,mebibytes,s", "hashes would be too cheap"},
      {"pin-longest", "pin-longest,5,digits,s", "the most is less than the least"},
      {"lock-most", "lock-most,20,seconds,s", "the most is less than the least"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bool is_loaded = loads(with(cases[i].name, cases[i].line));
    if (!cases[i].expected) assert_true(is_loaded);
    else if (is_loaded || !text_contains(text_from(error.log), text_from(cases[i].expected)))
      fail_msg("%s: expected \"%s\", found \"%s\"", cases[i].line, cases[i].expected, error.log);
  }
  assert_false(sign_in_check_file("/nowhere", &error));
}

/* --- Locks and the brake --------------------------------------------------------------------- */

static void a_lock_doubles_up_to_its_most(void **state)
{
  (void)state;
  static const int64_t waits[] = {0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900};
  for (int64_t failures = 0; failures < 12; failures++)
    assert_int_equal(sign_in_locked_until(settings, failures, 7 * SECOND),
                     waits[failures] ? (waits[failures] + 7) * SECOND : 0);
  assert_int_equal(sign_in_locked_until(settings, 1000000, 0), 900 * SECOND);
}

static struct text hash_of(struct text secret)
{
  char *hash = arena_allocate(arena, SECRET_HASH);
  assert_true(secret_hash(&settings->password_cost, secret, hash, &error));
  return text_from(hash);
}

static void only_the_secret_fits(void **state)
{
  (void)state;
  struct text hash = hash_of(TEXT("lantern on the pier"));
  bool fits = true;
  assert_true(text_starts_with(hash, TEXT("$argon2id$v=19$m=7168,t=5,p=1$")));
  assert_true(secret_fits(hash, TEXT("lantern on the pier")));
  assert_false(secret_fits(hash, TEXT("lantern on the pier ")));
  assert_false(secret_fits(hash, TEXT("")));
  assert_false(secret_fits(TEXT(""), TEXT("")));
  assert_false(secret_fits(TEXT("$argon2id$damaged"), TEXT("a")));
  char long_hash[SECRET_HASH + 8];
  memset(long_hash, 'a', sizeof long_hash);
  assert_false(secret_fits((struct text){long_hash, sizeof long_hash}, TEXT("a")));
  assert_false(secret_is_old(&settings->password_cost, (struct text){long_hash, sizeof long_hash}));
  assert_false(secret_is_old(&settings->password_cost, hash));
  assert_true(secret_is_old(&(struct secret_cost){8, 5}, hash));
  assert_true(sign_in_check(settings, hash, TEXT("lantern on the pier"), 0, &fits, &error) && fits);
  assert_true(sign_in_check(settings, hash, TEXT("x"), 0, &fits, &error) && !fits);
  /* Nobody's: never, whatever is typed. */
  assert_true(sign_in_check(settings, TEXT(""), TEXT(""), 0, &fits, &error) && !fits);
}

struct crowd {
  struct text hash;
  int64_t now;
  size_t busy, served;
};

static void *come(void *context)
{
  struct crowd *crowd = context;
  bool fits;
  struct error e = {0};
  for (int i = 0; i < 4; i++) {
    if (sign_in_check(settings, crowd->hash, TEXT("wrong"), crowd->now, &fits, &e)) crowd->served++;
    else if (e.kind == ERROR_BUSY) crowd->busy++;
  }
  return NULL;
}

static void past_the_brake_one_hash_is_made_at_a_time(void **state)
{
  (void)state;
  enum { MANY = 4 };
  struct text hash = hash_of(TEXT("lantern on the pier"));
  struct crowd crowds[MANY];
  pthread_t threads[MANY];
  int64_t minute = 90 * 60 * SECOND;
  size_t served = 0, busy = 0;
  bool fits;
  int64_t brake = settings->brake;
  settings->brake = 3; /* before any thread starts */
  for (int i = 0; i < 3; i++)
    assert_true(sign_in_check(settings, hash, TEXT(""), minute, &fits, &error));
  for (size_t i = 0; i < MANY; i++) {
    crowds[i] = (struct crowd){.hash = hash, .now = minute};
    assert_int_equal(pthread_create(&threads[i], NULL, come, &crowds[i]), 0);
  }
  for (size_t i = 0; i < MANY; i++) {
    pthread_join(threads[i], NULL);
    served += crowds[i].served;
    busy += crowds[i].busy;
  }
  assert_int_equal(served + busy, 4 * MANY); /* nobody is told anything else */
  assert_true(served >= 1);
  /* Held by another, it is busy for the right password, too; a minute later it is over. */
  pthread_mutex_lock(&settings->one_at_a_time);
  assert_false(sign_in_check(settings, hash, TEXT("lantern on the pier"), minute, &fits, &error));
  assert_string_equal(error.person, "error.sign_in.busy");
  assert_true(sign_in_check(settings, hash, TEXT("lantern on the pier"), minute + 60 * SECOND,
                            &fits, &error));
  assert_true(fits);
  pthread_mutex_unlock(&settings->one_at_a_time);
  settings->brake = brake;
}

/* --- Random texts ---------------------------------------------------------------------------- */

static void tokens_and_codes_have_their_form(void **state)
{
  (void)state;
  struct text token = secret_token(arena), code = secret_code(arena);
  assert_int_equal(token.length, 43);
  assert_false(text_equal(token, secret_token(arena)));
  assert_true(text_equal(secret_form_token(arena, token), secret_form_token(arena, token)));
  assert_false(text_equal(secret_form_token(arena, token), secret_form_token(arena, code)));
  assert_int_equal(code.length, 19);
  for (size_t i = 0; i < code.length; i++)
    assert_true(i % 5 == 4 ? code.at[i] == '-' : strchr("il01o", code.at[i]) == NULL);
  assert_true(text_equal(secret_code_read(arena, TEXT(" AB-cd 12- ")), TEXT("abcd12")));
  static const unsigned char abc[] = {0xba, 0x78, 0x16, 0xbf}; /* FIPS 180-4 */
  assert_memory_equal(secret_digest(arena, TEXT("abc")).at, abc, 4);
}

/* --- What people choose ---------------------------------------------------------------------- */

static bool takes(const char *password)
{
  return password_check(settings, arena, TEXT("kim.lee"), text_from(password), &error);
}

static void a_password_is_long_and_not_the_commonest(void **state)
{
  (void)state;
  static const char *const good[] = {"lantern on the pier", "x7#kQ!p2&vWz", "la mesa de la abuela",
                                     "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE3\x81\xAE\xE5\xAF\x86"
                                     "\xE7\xA2\xBC\xE3\x81\xA7\xE3\x81\x99\xE3\x81\x8B\xE3\x82\x89"
                                     "\xE3\x81\xA0\xE3\x82\x88"};
  static const char *const bad[] = {"short",
                                    "",
                                    "12345678901234",
                                    "passwordpassword",
                                    "Password123456",
                                    "qwertyqwerty12",
                                    "kim.lee.kim.lee",
                                    "kim.lee12345678",
                                    "aaaaaaaaaaaaaaaa",
                                    "fairleadnurse1234",
                                    "lantern\non the pier",
                                    "lantern on \xFF the pier",
                                    "lantern on\x7F the pier"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    if (!takes(good[i])) fail_msg("%s: %s", good[i], error.hint);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    if (takes(bad[i])) fail_msg("%s", bad[i]);
    assert_string_equal(error.person, "error.account.password");
  }
  char long_password[200];
  memset(long_password, 'a', sizeof long_password);
  for (size_t i = 0; i < sizeof long_password; i++) long_password[i] = (char)('a' + i % 26);
  long_password[129] = 0;
  assert_false(takes(long_password));
  assert_string_equal(error.hint, "It is too long.");
}

static void the_same_password_from_another_keyboard_is_the_same(void **state)
{
  (void)state;
  assert_true(text_equal(password_normal(arena, TEXT("cafe\xCC\x81")), TEXT("caf\xC3\xA9")));
  assert_true(text_equal(password_normal(arena, TEXT("Caf\xC3\xA9")), TEXT("Caf\xC3\xA9")));
  assert_true(text_equal(password_normal(arena, TEXT("\xFF")), TEXT("\xFF")));
  assert_true(text_is_empty(password_normal(arena, TEXT(""))));
}

static void a_pin_is_no_row_and_no_repetition(void **state)
{
  (void)state;
  static const char *const good[] = {"270519", "918273", "1357911", "902210"};
  static const char *const bad[] = {"",       "12345",  "27051",  "1234567890123",
                                    "27051a", "123456", "654321", "890123",
                                    "111111", "121212", "123123", " 270519"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    if (!pin_check(settings, text_from(good[i]), &error)) fail_msg("%s", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (pin_check(settings, text_from(bad[i]), &error)) fail_msg("%s", bad[i]);
}

static void a_name_has_one_form(void **state)
{
  (void)state;
  assert_true(text_equal(sign_in_name_read(arena, TEXT(" Kim.Lee+1@Example-x_y ")),
                         TEXT("kim.lee+1@example-x_y")));
  static const char *const bad[] = {"", "a", "a b", "kim\xC3\xA9", "kim/lee", "k\xFF"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_true(text_is_empty(sign_in_name_read(arena, text_from(bad[i]))));
  assert_true(text_is_empty(sign_in_name_read(arena, (struct text){"ki\0m", 4})));
  char long_name[80];
  memset(long_name, 'a', sizeof long_name);
  assert_int_equal(sign_in_name_read(arena, (struct text){long_name, 64}).length, 64);
  assert_int_equal(sign_in_name_read(arena, (struct text){long_name, 65}).length, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_real_file_loads),
      cmocka_unit_test(a_lock_doubles_up_to_its_most),
      cmocka_unit_test(only_the_secret_fits),
      cmocka_unit_test(past_the_brake_one_hash_is_made_at_a_time),
      cmocka_unit_test(tokens_and_codes_have_their_form),
      cmocka_unit_test(a_password_is_long_and_not_the_commonest),
      cmocka_unit_test(the_same_password_from_another_keyboard_is_the_same),
      cmocka_unit_test(a_pin_is_no_row_and_no_repetition),
      cmocka_unit_test(a_name_has_one_form),
      cmocka_unit_test(a_spoiled_file_is_refused),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
