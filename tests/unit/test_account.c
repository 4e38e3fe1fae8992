/*
 * Accounts: making, changing, one's own; who may give what to whom; the first administrator. On
 * both engines. Expected values: docs/accounts.md, knowledge/roles.csv and sign-in.csv.
 */
#include <pthread.h>

#include "store_support.h"

#include "accounts_support.h"

/* --- Making ---------------------------------------------------------------------------------- */

static bool makes(struct actor *by, const struct account_new *wanted, struct text *made)
{
  struct text id;
  error = (struct error){0};
  return account_create(privacy, by, wanted, arena, now, &id, made, &error);
}

static void what_cannot_be_is_refused_by_its_field(void **state)
{
  (void)state;
  struct account_role nurse = {PROGRAM, TEXT(""), TEXT("nurse")};
  struct account_role two_sites[] = {{PROGRAM, SITE_A, TEXT("nurse")},
                                     {PROGRAM, TEXT("site-b"), TEXT("counselor")}};
  struct account_role twice[] = {nurse, nurse};
  struct account_role wrong[] = {
      {PROGRAM, TEXT(""), TEXT("janitor")},       /* no such role */
      {PROGRAM, TEXT(""), TEXT("person")},        /* of a person's own account alone */
      {PROGRAM, SITE_A, TEXT("privacy-officer")}, /* of a whole program */
      {TEXT(""), SITE_A, TEXT("nurse")},          /* a site of no program */
  };
  struct account_role person = {PROGRAM, TEXT(""), TEXT("person")};
  struct account_role everywhere = {TEXT(""), TEXT(""), TEXT("person")};
  const struct text good = text_from(password);
  const struct {
    struct account_new wanted;
    const char *person;
  } cases[] = {
      {{.sign_in_name = TEXT("a"), .roles = &nurse, .role_count = 1, .password = good},
       "error.account.name"},
      {{.sign_in_name = TEXT("a b"), .roles = &nurse, .role_count = 1, .password = good},
       "error.account.name"},
      {{.sign_in_name = TEXT("jos\xC3\xA9"), .roles = &nurse, .role_count = 1, .password = good},
       "error.account.name"},
      {{.sign_in_name = TEXT("ab"), .password = good}, "error.account.role"},
      {{.sign_in_name = TEXT("ab"), .roles = &wrong[0], .role_count = 1, .password = good},
       "error.account.role"},
      {{.sign_in_name = TEXT("ab"), .roles = &wrong[1], .role_count = 1, .password = good},
       "error.account.role"},
      {{.sign_in_name = TEXT("ab"), .roles = &wrong[2], .role_count = 1, .password = good},
       "error.account.role"},
      {{.sign_in_name = TEXT("ab"), .roles = &wrong[3], .role_count = 1, .password = good},
       "error.account.role"},
      {{.sign_in_name = TEXT("ab"), .roles = two_sites, .role_count = 2, .password = good},
       "error.account.role"},
      {{.sign_in_name = TEXT("ab"), .roles = twice, .role_count = 2, .password = good},
       "error.account.role"},
      {{.person_id = TEXT("p1"), .roles = &everywhere, .role_count = 1, .password = good},
       "error.account.role"},
      {{.person_id = TEXT("p1"), .roles = &nurse, .role_count = 1, .password = good},
       "error.account.role"},
      {{.person_id = TEXT("p1"), .email = TEXT("a@b"), .roles = &person, .role_count = 1},
       "error.account.person"},
      {{.sign_in_name = TEXT("ab"), .roles = &nurse, .role_count = 1, .password = TEXT("short")},
       "error.account.password"},
  };
  struct actor by = actor_command(TEXT(""));
  struct text made;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_false(makes(&by, &cases[i].wanted, &made));
    assert_string_equal(error.person, cases[i].person);
    assert_int_equal(error.kind, ERROR_REFUSED);
  }
  make_account("kim", PROGRAM, "nurse");
  struct account_new taken = {.sign_in_name = TEXT("KIM"), .roles = &nurse, .role_count = 1};
  assert_false(makes(&by, &taken, &made));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  assert_string_equal(error.person, "error.account.taken");
}

static void a_person_in_care_gets_a_name_that_says_nothing(void **state)
{
  (void)state;
  struct account_role role = {PROGRAM, TEXT(""), TEXT("person")};
  struct account_new wanted = {.person_id = TEXT("p1"), .roles = &role, .role_count = 1};
  struct actor by = actor_command(TEXT(""));
  struct text id, made, token;
  assert_true(account_create(privacy, &by, &wanted, arena, now, &id, &made, &error));
  struct account account = load_account(id);
  assert_int_equal(account.sign_in_name.length, 19);
  assert_true(text_is_empty(account.shown_name) && text_is_empty(account.email));
  sign_in(text_c(arena, account.sign_in_name), text_c(arena, made), &token);
  struct session session = found(token);
  assert_int_equal(session.actor.kind, ACTOR_PERSON);
  assert_true(text_equal(session.actor.person_id, TEXT("p1")));
}

/* --- Who may change whom --------------------------------------------------------------------- */

/* An administrator of a program, signed in and confirmed. */
static struct actor administrator(const char *name, struct text program_id)
{
  struct text token;
  make_account(name, program_id, "administrator");
  sign_in(name, password, &token);
  enroll(token, NULL);
  return found(token).actor;
}

static void a_program_is_a_wall_for_its_administrator(void **state)
{
  (void)state;
  struct actor by = administrator("ann", PROGRAM);
  struct text far = make_account("pat", PROGRAM_B, "nurse"), made, made_id;
  struct account_role here = {PROGRAM, TEXT(""), TEXT("nurse")};
  struct account_role elsewhere[] = {{PROGRAM_B, TEXT(""), TEXT("nurse")},
                                     {TEXT(""), TEXT(""), TEXT("administrator")}};
  struct account_new wanted = {.sign_in_name = TEXT("jo"), .roles = &here, .role_count = 1};
  assert_true(account_create(privacy, &by, &wanted, arena, now, &made_id, &made, &error));
  for (size_t i = 0; i < 2; i++) {
    wanted =
        (struct account_new){.sign_in_name = TEXT("lou"), .roles = &elsewhere[i], .role_count = 1};
    assert_false(makes(&by, &wanted, &made));
    assert_string_equal(error.person, "error.account.role");
  }
  /* Resetting or disabling somebody who works elsewhere would open or close the other program. */
  assert_false(account_reset(privacy, &by, far, arena, now, &made, &error));
  assert_string_equal(error.person, "error.account.elsewhere");
  assert_true(by.denial.is_set); /* the door writes it to the audit */
  assert_string_equal(by.denial.act, "reset");
  assert_false(account_disable(privacy, &by, far, true, 1, now, &error));
  /* So would a badge, which opens a shift at the other program's stations. */
  error_clear(&error);
  assert_false(account_set_badge(privacy, &by, far, TEXT("0001234567"), now, &error));
  assert_string_equal(error.person, "error.account.elsewhere");
  assert_false(load_account(far).has_badge);
  /* Roles given here stand beside those elsewhere and touch them not. */
  assert_true(account_set_roles(privacy, &by, far, &here, 1, 1, now, &error));
  assert_int_equal(load_account(far).role_count, 2);
  struct account_role front = {PROGRAM, TEXT(""), TEXT("front-desk")};
  assert_true(account_set_roles(privacy, &by, far, &front, 1, 2, now, &error));
  struct account account = load_account(far);
  assert_int_equal(account.role_count, 2);
  assert_true(text_equal(account.roles[0].role, TEXT("front-desk")));
  assert_true(text_equal(account.roles[1].program_id, PROGRAM_B));
}

static void only_who_may_changes_accounts(void **state)
{
  (void)state;
  struct text token, made, id = make_account("kim", PROGRAM, "front-desk");
  sign_in("kim", password, &token);
  struct actor by = found(token).actor;
  struct account_role role = {PROGRAM, TEXT(""), TEXT("administrator")};
  struct account_new wanted = {.sign_in_name = TEXT("jo"), .roles = &role, .role_count = 1};
  assert_false(makes(&by, &wanted, &made));
  assert_int_equal(error.kind, ERROR_FORBIDDEN);
  assert_true(by.denial.is_set);
  assert_false(account_set_roles(privacy, &by, id, &role, 1, 1, now, &error));
  assert_false(account_reset(privacy, &by, id, arena, now, &made, &error));
  assert_false(account_set_badge(privacy, &by, make_account("lou", PROGRAM, "nurse"), TEXT("12345"),
                                 now, &error));
  /* An administrator whose proof is old is asked again. */
  by = administrator("ann", PROGRAM);
  by.is_confirmed = false;
  assert_false(account_reset(privacy, &by, id, arena, now, &made, &error));
  assert_string_equal(error.person, "error.proof.text");
}

static void disabling_ends_everything_at_once(void **state)
{
  (void)state;
  struct text token, id = make_account("kim", PROGRAM, "nurse");
  struct actor by = actor_command(TEXT(""));
  sign_in("kim", password, &token);
  assert_false(account_disable(privacy, &by, id, true, 7, now, &error)); /* a stale version */
  assert_string_equal(error.person, "error.account.changed");
  assert_true(account_disable(privacy, &by, id, true, 1, now, &error));
  assert_true(is_gone(token));
  assert_true(load_account(id).is_disabled);
}

static void the_last_administrator_stays(void **state)
{
  (void)state;
  struct text ann = make_account("ann", TEXT(""), "administrator");
  struct account_role nurse = {PROGRAM, TEXT(""), TEXT("nurse")};
  struct account_role both[] = {nurse, {TEXT(""), TEXT(""), TEXT("administrator")}};
  struct actor by = actor_command(TEXT(""));
  assert_false(account_disable(privacy, &by, ann, true, 1, now, &error));
  assert_string_equal(error.person, "error.account.last");
  assert_false(account_set_roles(privacy, &by, ann, &nurse, 1, 1, now, &error));
  assert_true(account_set_roles(privacy, &by, ann, both, 2, 1, now, &error));
  make_account("bo", TEXT(""), "administrator");
  assert_true(account_disable(privacy, &by, ann, true, 2, now, &error));
  assert_true(account_set_roles(privacy, &by, ann, &nurse, 1, 3, now, &error));
}

static void a_reset_clears_all_that_proved_who_one_is(void **state)
{
  (void)state;
  struct text token, made, *recovery, id = make_account("kim", PROGRAM, "nurse");
  struct actor by = actor_command(TEXT(""));
  sign_in("kim", password, &token);
  enroll(token, &recovery);
  for (int i = 0; i < 5; i++) assert_true(refuses_sign_in("kim", "wrong"));
  assert_true(load_account(id).locked_until > now);
  assert_true(account_reset(privacy, &by, id, arena, now, &made, &error));
  assert_true(is_gone(token));
  assert_true(refuses_sign_in("kim", password));
  struct account account = load_account(id);
  assert_false(account.has_totp || account.has_pin || account.locked_until > now);
  assert_int_equal(sign_in("kim", text_c(arena, made), &token), SESSION_CHANGE);
}

struct listing {
  struct text program_id;
  struct account *accounts;
  size_t count;
};

static bool list_in(struct store_transaction *transaction, void *context, struct error *e)
{
  struct listing *listing = context;
  return account_list(transaction, arena, listing->program_id, &listing->accounts, &listing->count,
                      e);
}

static void accounts_are_listed_by_program(void **state)
{
  (void)state;
  make_account("zoe", PROGRAM, "nurse");
  make_account("ann", TEXT(""), "administrator");
  make_account("pat", PROGRAM_B, "nurse");
  struct listing listing = {.program_id = PROGRAM};
  assert_true(store_read(store, list_in, &listing, &error));
  assert_int_equal(listing.count, 2); /* those of every program among them */
  assert_true(text_equal(listing.accounts[0].sign_in_name, TEXT("ann")));
  assert_true(text_equal(listing.accounts[1].sign_in_name, TEXT("zoe")));
  listing.program_id = TEXT("");
  assert_true(store_read(store, list_in, &listing, &error));
  assert_int_equal(listing.count, 3);
}

static bool gives(struct actor *by, struct text id, const struct account_role *roles, size_t count)
{
  error = (struct error){0};
  by->denial.is_set = false;
  return account_set_roles(privacy, by, id, roles, count, load_account(id).version, now, &error);
}

/* A program's administrator and the installation's: neither gives themselves more, each may give
 * up; another administrator gives, and so does the command line. */
static void nobody_gives_themselves_a_role(void **state)
{
  (void)state;
  const struct account_role administrator_here = {PROGRAM, TEXT(""), TEXT("administrator")},
                            everywhere = {TEXT(""), TEXT(""), TEXT("administrator")},
                            nurse = {PROGRAM, TEXT(""), TEXT("nurse")},
                            nurse_at_site = {PROGRAM, SITE_A, TEXT("nurse")},
                            officer = {PROGRAM, TEXT(""), TEXT("privacy-officer")};
  struct actor ann = administrator("ann", PROGRAM), root = administrator("root", TEXT("")),
               command = actor_command(TEXT(""));
  struct text ann_id = ann.account_id;
  assert_false(gives(&ann, ann_id, (const struct account_role[]){administrator_here, officer}, 2));
  assert_int_equal(error.kind, ERROR_FORBIDDEN);
  assert_string_equal(error.person, "error.account.self");
  assert_true(ann.denial.is_set);
  assert_string_equal(ann.denial.object, "account");
  assert_true(access_write_denial(privacy, &ann, now, &error));
  assert_true(audited("write", "denied") > 0);
  assert_false(gives(&root, root.account_id, (const struct account_role[]){everywhere, nurse}, 2));
  assert_string_equal(error.person, "error.account.self");
  assert_int_equal(load_account(root.account_id).role_count, 1);
  /* By another's word; from a site to everywhere is more, too. */
  assert_true(
      gives(&root, ann_id, (const struct account_role[]){administrator_here, nurse_at_site}, 2));
  ann.site_id = TEXT(""); /* as before, but for the roles */
  assert_false(gives(&ann, ann_id, (const struct account_role[]){administrator_here, nurse}, 2));
  assert_string_equal(error.person, "error.account.self");
  assert_true(gives(&command, ann_id, (const struct account_role[]){administrator_here, nurse}, 2));
  assert_true(
      gives(&ann, ann_id, (const struct account_role[]){administrator_here, nurse_at_site}, 2));
  assert_true(gives(&ann, ann_id, &administrator_here, 1));
  assert_int_equal(load_account(ann_id).role_count, 1);
}

/* What a form would not offer: a site of another program, of none, a staff member of none. */
static void an_account_leads_to_what_is_there(void **state)
{
  (void)state;
  struct actor by = administrator("ann", PROGRAM), root = actor_command(TEXT(""));
  const struct account_role far_site = {PROGRAM, TEXT("0198a000-0000-7000-8000-0000000000ff"),
                                        TEXT("nurse")},
                            no_program = {TEXT("no-program"), TEXT(""), TEXT("nurse")},
                            nurse = {PROGRAM, TEXT(""), TEXT("nurse")},
                            person = {PROGRAM, TEXT(""), TEXT("person")},
                            everywhere = {TEXT(""), TEXT(""), TEXT("auditor")};
  struct text id = make_account("kim", PROGRAM, "nurse"), made, token;
  struct account_new wanted = {.sign_in_name = TEXT("jo"), .roles = &far_site, .role_count = 1};
  assert_false(makes(&by, &wanted, &made));
  assert_string_equal(error.person, "error.account.role");
  assert_false(gives(&by, id, &far_site, 1));
  assert_string_equal(error.person, "error.account.role");
  wanted.roles = &no_program;
  assert_false(makes(&root, &wanted, &made));
  assert_string_equal(error.person, "error.account.role");
  wanted.roles = &nurse;
  wanted.staff_id = TEXT("no-such-staff");
  assert_false(makes(&by, &wanted, &made));
  assert_string_equal(error.person, "error.care.staff");
  wanted.roles = &everywhere; /* of no program, so of no staff */
  wanted.staff_id = TEXT("staff");
  assert_false(makes(&root, &wanted, &made));
  assert_string_equal(error.person, "error.care.staff");
  wanted.roles = &nurse;
  assert_true(makes(&by, &wanted, &made));
  struct account_new own = {.roles = &person, .role_count = 1, .person_id = TEXT("no-such-person")};
  assert_false(makes(&root, &own, &made));
  assert_int_equal(error.kind, ERROR_REFUSED);
  error = (struct error){0};
  assert_false(station_enroll(privacy, &by, TEXT("0198a000-0000-7000-8000-0000000000ff"),
                              TEXT("Hall"), arena, now, &token, &error));
  assert_string_equal(error.person, "error.care.site");
  /* Where no room knows of places, there are none. */
  privacy->places = NULL;
  assert_false(makes(&by, &wanted, &made));
}

/* --- One's own ------------------------------------------------------------------------------- */

static void a_password_is_changed_with_the_old_one(void **state)
{
  (void)state;
  struct text token, other;
  make_account("kim", PROGRAM, "nurse");
  sign_in("kim", password, &token);
  sign_in("kim", password, &other);
  struct actor by = found(token).actor;
  const struct text fresh = text_from(other_password), old = text_from(password);
  assert_false(account_set_password(privacy, &by, TEXT("wrong"), fresh, now, &error));
  assert_string_equal(error.person, "error.sign_in");
  assert_false(account_set_password(privacy, &by, old, TEXT("password1234"), now, &error));
  assert_string_equal(error.person, "error.account.password");
  assert_false(account_set_password(privacy, &by, old, old, now, &error)); /* the one before */
  assert_true(account_set_password(privacy, &by, old, fresh, now, &error));
  found(token);
  assert_true(is_gone(other)); /* ended by a new password elsewhere */
  assert_true(refuses_sign_in("kim", password));
  sign_in("kim", other_password, &other);
}

static void a_pin_and_a_badge_want_a_fresh_proof(void **state)
{
  (void)state;
  struct text token, id = make_account("kim", PROGRAM, "nurse");
  sign_in("kim", password, &token);
  struct actor by = found(token).actor;
  by.is_confirmed = false;
  assert_false(account_set_pin(privacy, &by, TEXT("270519"), now, &error));
  assert_string_equal(error.person, "error.proof.text");
  assert_false(account_set_badge(privacy, &by, id, TEXT("0001234567"), now, &error));
  by.is_confirmed = true;
  assert_false(account_set_pin(privacy, &by, TEXT("123456"), now, &error));
  assert_string_equal(error.person, "error.account.pin");
  assert_true(account_set_pin(privacy, &by, TEXT("270519"), now, &error));
  assert_true(account_set_badge(privacy, &by, id, TEXT("0001234567"), now, &error));
  assert_true(load_account(id).has_pin && load_account(id).has_badge);
  /* A badge is one person's. */
  make_account("lou", PROGRAM, "nurse");
  sign_in("lou", password, &token);
  struct actor lou = found(token).actor;
  assert_false(account_set_badge(privacy, &lou, lou.account_id, TEXT("0001234567"), now, &error));
  assert_string_equal(error.person, "error.account.badge");
  assert_false(account_set_badge(privacy, &lou, lou.account_id, TEXT("12"), now, &error));
  assert_true(account_set_badge(privacy, &by, id, TEXT(""), now, &error)); /* given back */
  assert_true(account_set_badge(privacy, &lou, lou.account_id, TEXT("0001234567"), now, &error));
  assert_int_equal(audited("0001234567", ""), 0);
}

static void a_signature_is_proved_by_pin_or_password(void **state)
{
  (void)state;
  struct text token;
  make_account("kim", PROGRAM, "nurse");
  sign_in("kim", password, &token);
  struct actor by = found(token).actor;
  assert_true(account_set_pin(privacy, &by, TEXT("270519"), now, &error));
  assert_true(account_prove(privacy, &by, TEXT("270519"), now, &error));
  assert_true(account_prove(privacy, &by, text_from(password), now, &error));
  for (int i = 0; i < 5; i++) {
    assert_false(account_prove(privacy, &by, TEXT("270518"), now, &error));
    assert_string_equal(error.person, "error.switch");
  }
  assert_false(account_prove(privacy, &by, TEXT("270519"), now, &error)); /* locked */
  assert_string_equal(error.person, "error.switch.pin");
  assert_true(account_prove(privacy, &by, text_from(password), now, &error));
  sign_in("kim", password, &token); /* the password unlocks it */
  assert_true(account_prove(privacy, &by, TEXT("270519"), now, &error));
}

/* --- The first administrator ----------------------------------------------------------------- */

static bool makes_first(struct text code, const char *name)
{
  struct account_new wanted = {.sign_in_name = text_from(name),
                               .shown_name = text_from(name),
                               .password = text_from(password)};
  struct text id;
  error = (struct error){0};
  return account_create_first(privacy, code, &wanted, arena, now, &id, &error);
}

static void the_first_code_works_once(void **state)
{
  (void)state;
  struct text old, code, token;
  assert_false(makes_first(TEXT(""), "ann")); /* none was made */
  assert_true(account_first_code(privacy, arena, now, &old, &error));
  assert_true(account_first_code(privacy, arena, now, &code, &error)); /* a new start */
  assert_int_equal(code.length, 19);
  assert_false(makes_first(old, "ann"));
  assert_false(makes_first(TEXT("aaaa-aaaa-aaaa-aaaa"), "ann"));
  assert_string_equal(error.person, "error.account.first");
  assert_false(
      makes_first(TEXT("aaaa-aaaa-aaaa-aaaa"), "")); /* the code is asked before all else */
  assert_string_equal(error.person, "error.account.first");
  now += 24 * HOUR;
  assert_false(makes_first(code, "ann")); /* a day is over */
  assert_true(account_first_code(privacy, arena, now, &code, &error));
  assert_true(makes_first(text_upper_ascii(arena, code), "ann"));
  assert_int_equal(sign_in("ann", password, &token), SESSION_ENROLL);
  assert_false(makes_first(code, "bo"));
  assert_true(account_first_code(privacy, arena, now, &code, &error));
  assert_true(text_is_empty(code)); /* somebody can sign in */
}

enum { RACERS = 32 };
struct racer {
  struct text code;
  size_t index;
  bool won;
};

static void *race(void *context)
{
  struct racer *racer = context;
  struct arena *own = arena_new(LIMIT_ARENA_REQUEST);
  struct account_new wanted = {.sign_in_name = text_format(own, "racer-%zu", racer->index),
                               .password = text_from(password)};
  struct error e = {0};
  struct text id;
  do racer->won = account_create_first(privacy, racer->code, &wanted, own, now, &id, &e);
  while (!racer->won && e.kind == ERROR_BUSY);
  arena_free(own);
  return NULL;
}

static void of_many_one_makes_the_first_administrator(void **state)
{
  (void)state;
  struct text code;
  struct racer racers[RACERS];
  pthread_t threads[RACERS];
  size_t won = 0;
  assert_true(account_first_code(privacy, arena, now, &code, &error));
  for (size_t i = 0; i < RACERS; i++) {
    racers[i] = (struct racer){code, i, false};
    assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
  }
  for (size_t i = 0; i < RACERS; i++) {
    pthread_join(threads[i], NULL);
    won += racers[i].won;
  }
  assert_int_equal(won, 1);
  struct listing listing = {.program_id = TEXT("")};
  assert_true(store_read(store, list_in, &listing, &error));
  assert_int_equal(listing.count, 1);
}

/* Many at once with one code of the second factor, and with one PIN: each is used up as counted. */
struct trial {
  struct text token, code;
  bool won;
};

static void *give(void *context)
{
  struct trial *trial = context;
  struct arena *own = arena_new(LIMIT_ARENA_REQUEST);
  struct text fresh;
  enum session_step step;
  struct error e = {0};
  trial->won = session_give_code(privacy, trial->token, trial->code, own, now, &fresh, &step, &e);
  arena_free(own);
  return NULL;
}

static void of_many_one_uses_a_code(void **state)
{
  (void)state;
  enum { MANY = 4 };
  struct trial trials[MANY];
  pthread_t threads[MANY];
  struct text token;
  size_t won = 0;
  make_account("kim", PROGRAM, "nurse");
  sign_in("kim", password, &token);
  struct text address = enroll(token, NULL);
  now += MINUTE;
  for (size_t i = 0; i < MANY; i++) {
    sign_in("kim", password, &trials[i].token);
    trials[i].code = code_of(address, now);
  }
  for (size_t i = 0; i < MANY; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, give, &trials[i]), 0);
  for (size_t i = 0; i < MANY; i++) {
    pthread_join(threads[i], NULL);
    won += trials[i].won;
  }
  assert_int_equal(won, 1);
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, accounts_begin, accounts_end)
      TEST(what_cannot_be_is_refused_by_its_field),
      TEST(a_person_in_care_gets_a_name_that_says_nothing),
      TEST(a_program_is_a_wall_for_its_administrator),
      TEST(only_who_may_changes_accounts),
      TEST(disabling_ends_everything_at_once),
      TEST(the_last_administrator_stays),
      TEST(a_reset_clears_all_that_proved_who_one_is),
      TEST(accounts_are_listed_by_program),
      TEST(nobody_gives_themselves_a_role),
      TEST(an_account_leads_to_what_is_there),
      TEST(a_password_is_changed_with_the_old_one),
      TEST(a_pin_and_a_badge_want_a_fresh_proof),
      TEST(a_signature_is_proved_by_pin_or_password),
      TEST(the_first_code_works_once),
      TEST(of_many_one_makes_the_first_administrator),
      TEST(of_many_one_uses_a_code),
#undef TEST
  };
  return store_support_run("accounts", tests, sizeof tests / sizeof *tests);
}
