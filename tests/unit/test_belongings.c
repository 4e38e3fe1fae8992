/*
 * Tests of belongings.h and of counted medicines on both engines: two people count, two destroy,
 * two sign the same bytes, and the database refuses one alone. Expected values: what was written;
 * the programme reference's 6.4 (two signatures, count and verify, destroyed by two); the SHA-256
 * of the list, by libsodium.
 */
#include <sodium.h>

#include "intake_world.h"

static struct text id;

static struct work thing(const char *name, int64_t quantity, const char *restricted)
{
  struct work w = {.id = id,
                   .thing = {.thing = text_from(name),
                             .quantity = quantity,
                             .condition = TEXT("good"),
                             .restricted = text_from(restricted)}};
  return w;
}

static struct text added(const char *name, int64_t quantity, const char *restricted)
{
  struct work w = thing(name, quantity, restricted);
  world.now += 1000; /* in the order in which they were written */
  WORLD(to("belongings", "write", add_thing, &w));
  return w.thing.id;
}

static struct work moving(struct text belonging, const char *state, const char *place,
                          int64_t version)
{
  return (struct work){.id = id,
                       .item = belonging,
                       .move = {belonging, text_from(state), text_from(place), TEXT(""), version}};
}

static struct belonging now_of(struct text belonging)
{
  struct work w = {.id = id};
  WORLD(to("belongings", "read", list_things, &w));
  for (size_t i = 0; i < w.size; i++)
    if (text_equal(w.things[i].id, belonging)) return w.things[i];
  fail_msg("gone");
  return (struct belonging){0};
}

/* --- Custody --------------------------------------------------------------------------------- */

static void a_thing_is_never_lost_from_sight(void **state)
{
  (void)state;
  id = begun(0);
  struct text coat = added("Winter coat, blue", 1, "");
  struct work all = {.id = id};
  WORLD(to("belongings", "read", list_belonging_intakes, &all));
  assert_true(all.size == 1 && text_equal(all.list[0].id, id));
  error_clear(&world.error); /* an access to something else opens no belongings */
  assert_false(to("intake", "read", list_belonging_intakes, &all));
  assert_int_equal(world.error.kind, ERROR_FORBIDDEN);
  struct work w = moving(coat, "stored", " ", 1);
  REFUSED(to("belongings", "write", move_thing, &w), "error.belongings.place");
  w = moving(coat, "stored", "locker 12", 1);
  WORLD(to("belongings", "write", move_thing, &w));
  REFUSED(to("belongings", "write", move_thing, &w), "error.intake.stale"); /* sent twice */
  assert_true(text_equal(now_of(coat).place, TEXT("locker 12")));
  w = moving(coat, "received", "", 2);
  REFUSED(to("belongings", "write", move_thing, &w), "error.belongings.state");
  w = moving(coat, "returned", "", 2);
  w.move.words = TEXT("at the door");
  WORLD(to("belongings", "write", move_thing, &w));
  w = moving(coat, "stored", "locker 1", 3);
  REFUSED(to("belongings", "write", move_thing, &w), "error.belongings.state"); /* an end */
  WORLD(to("belongings", "read", read_custody, &w));
  static const char *const chain[] = {"received", "stored", "returned"};
  assert_int_equal(w.size, 3);
  for (size_t i = 0; i < 3; i++) assert_true(text_equal(w.custody[i].state, text_from(chain[i])));
  assert_true(text_equal(w.custody[1].place, TEXT("locker 12")));
  assert_true(text_equal(w.custody[2].words, TEXT("at the door")));
  assert_true(text_equal(w.custody[2].account_id, TEXT("account-of-case-manager")));
  w.item = w.move.id = TEXT("nothing");
  REFUSED(to("belongings", "read", read_custody, &w), "error.belongings.missing");
  REFUSED(to("belongings", "write", move_thing, &w), "error.belongings.missing");
}

static void destroying_takes_two(void **state)
{
  (void)state;
  id = begun(0);
  struct text bottle = added("Whisky", 1, "alcohol");
  struct work w = moving(bottle, "destroyed", "", 1);
  REFUSED(to("belongings", "write", move_thing, &w), "error.belongings.state");
  w = moving(bottle, "destroy-asked", "", 1);
  WORLD(to("belongings", "write", move_thing, &w));
  w = moving(bottle, "destroyed", "", 2);
  REFUSED(to("belongings", "write", move_thing, &w), "error.belongings.two");
  become("");
  REFUSED(to("belongings", "write", move_thing, &w), "error.belongings.two"); /* nobody by name */
  become("technician");
  WORLD(to("belongings", "write", move_thing, &w));
  WORLD(to("belongings", "read", read_custody, &w));
  assert_true(text_equal(w.custody[2].account_id, TEXT("account-of-technician")));
  assert_true(text_equal(w.custody[2].other_account_id, TEXT("account-of-case-manager")));
}

struct forging {
  const char *account, *other;
};
static bool forge_step(struct store_transaction *t, void *context, struct error *error)
{
  const struct forging *forging = context;
  return store_execute(t,
                       "INSERT INTO belonging_step (program_id, belonging_id, seq, state, place,"
                       " words, account_id, other_account_id, at)"
                       " VALUES ($1, 'thing', 9, 'destroyed', $2, $2, $3, $4, 1)",
                       STORE_BIND(STORE_T(world.program_id), STORE_B(TEXT("")),
                                  STORE_T(text_from(forging->account)),
                                  STORE_T(text_from(forging->other))),
                       NULL, error);
}
struct miscounting {
  const char *first, *second, *explanation;
  int64_t a, b;
};
static bool forge_count(struct store_transaction *t, void *context, struct error *error)
{
  const struct miscounting *m = context;
  return store_execute(t,
                       "INSERT INTO medication_count (program_id, id, intake_id, person_id,"
                       " medicine, first_count, first_account_id, first_at, second_count,"
                       " second_account_id, second_at, explanation, belonging_id, version)"
                       " VALUES ($1, 'count', 'x', 'y', $2, $3, $4, 1, $5, $6, 1, $2, '', 1)",
                       STORE_BIND(STORE_T(world.program_id), STORE_B(text_from(m->explanation)),
                                  STORE_N(m->a), STORE_T(text_from(m->first)), STORE_N(m->b),
                                  STORE_T(text_from(m->second))),
                       NULL, error);
}

static void the_database_wants_two_as_well(void **state)
{
  (void)state;
  struct forging alone = {"a", "a"}, nobody = {"a", ""};
  assert_false(store_write(world.store, forge_step, &alone, &world.error));
  error_clear(&world.error);
  assert_false(store_write(world.store, forge_step, &nobody, &world.error));
  error_clear(&world.error);
  struct miscounting same = {"a", "a", "", 3, 3}, differ = {"a", "b", "", 3, 4},
                     none = {"a", "", "", 3, 3}, right = {"a", "b", "", 3, 3};
  assert_false(store_write(world.store, forge_count, &same, &world.error));
  error_clear(&world.error);
  assert_false(store_write(world.store, forge_count, &differ, &world.error));
  error_clear(&world.error);
  assert_false(store_write(world.store, forge_count, &none, &world.error));
  WORLD(store_write(world.store, forge_count, &right, &world.error));
}

static void what_is_wrong_is_refused(void **state)
{
  (void)state;
  id = begun(0);
  struct work w = thing("  ", 1, "");
  REFUSED(to("belongings", "write", add_thing, &w), "error.belongings.name");
  w = thing("Socks", 0, "");
  REFUSED(to("belongings", "write", add_thing, &w), "error.belongings.quantity");
  w = thing("Socks", LIMIT_BELONGING_QUANTITY + 1, "");
  REFUSED(to("belongings", "write", add_thing, &w), "error.belongings.quantity");
  w = thing("Socks", 2, "");
  w.thing.condition = TEXT("smelly");
  REFUSED(to("belongings", "write", add_thing, &w), "error.belongings.condition");
  w = thing("Socks", 2, "socks");
  REFUSED(to("belongings", "write", add_thing, &w), "error.belongings.restricted");
  w = thing("Socks", 2, "");
  REFUSED(to("belongings", "read", add_thing, &w), "error.403.text");
  REFUSED(world_do("belongings", "write", other, add_thing, &w), "error.403.text");
  become("nurse"); /* reads belongings, and writes none */
  REFUSED(to("belongings", "write", add_thing, &w), "error.403.text");
}

/* --- Medicines ------------------------------------------------------------------------------- */

static struct text counted(const char *medicine, int64_t first)
{
  struct work w = {.id = id, .count = {.medicine = text_from(medicine), .first = first}};
  WORLD(to("intake", "write", count_first, &w));
  return w.count.id;
}

static void two_people_count_a_medicine(void **state)
{
  (void)state;
  id = begun(0);
  become("technician");
  struct text count = counted("Buprenorphine and naloxone 8 mg/2 mg, film", 14);
  struct work w = {.id = id, .item = count, .number = 14, .words = TEXT(""), .version = 1};
  assert_int_equal(look(id, "medicines-counted").standing, INTAKE_DUE);
  REFUSED(to("intake", "write", count_second, &w), "error.intake.count.same");
  become("nurse");
  w.number = 13;
  REFUSED(to("intake", "write", count_second, &w), "error.intake.count.differs");
  w.words = TEXT(" ");
  REFUSED(to("intake", "write", count_second, &w), "error.intake.count.differs");
  w.words = TEXT("one was taken at the door, the person saw it");
  w.version = 2;
  REFUSED(to("intake", "write", count_second, &w), "error.intake.stale");
  w.version = 1;
  WORLD(to("intake", "write", count_second, &w));
  w.version = 2;
  REFUSED(to("intake", "write", count_second, &w), "error.intake.count.done");
  assert_int_equal(look(id, "medicines-counted").standing, INTAKE_DONE);
  WORLD(to("intake", "read", list_counts, &w));
  assert_int_equal(w.size, 1);
  assert_int_equal(w.counts[0].first, 14);
  assert_int_equal(w.counts[0].second, 13);
  assert_true(text_equal(w.counts[0].first_by, TEXT("account-of-technician")));
  assert_true(text_equal(w.counts[0].second_by, TEXT("account-of-nurse")));
  assert_true(text_equal(w.counts[0].explanation, w.words));
  struct belonging kept = now_of(w.counts[0].belonging_id); /* from then on it is followed */
  assert_int_equal(kept.quantity, 13);
  assert_true(text_equal(kept.thing, TEXT("Buprenorphine and naloxone 8 mg/2 mg, film")));
  assert_true(text_equal(kept.count_id, count));
  become("case-manager");
  struct work marked = {.id = id, .item = kept.id, .version = 1};
  REFUSED(to("belongings", "write", mark_thing, &marked), "error.intake.count.done");
}

static void a_count_can_be_begun_anew(void **state)
{
  (void)state;
  id = begun(0);
  become("nurse");
  struct text count = counted("Ibuprofen 200 mg", 30);
  struct work w = {
      .id = id,
      .count = {.id = count, .medicine = TEXT("Ibuprofen 200 mg"), .first = 29, .version = 1}};
  become("technician");
  WORLD(to("intake", "write", count_first, &w));
  w.count.version = 1;
  REFUSED(to("intake", "write", count_first, &w), "error.intake.stale"); /* it is over */
  struct work second = {.id = id, .item = count, .number = 0, .words = TEXT("x"), .version = 2};
  REFUSED(to("intake", "write", count_second, &second), "error.intake.count.same");
  become("nurse");
  second.number = -1;
  REFUSED(to("intake", "write", count_second, &second), "error.intake.count.number");
  second.number = 0; /* the box was empty after all */
  second.words = TEXT("the box is empty");
  WORLD(to("intake", "write", count_second, &second));
  WORLD(to("belongings", "read", list_things, &second));
  assert_int_equal(second.size, 0);
  second.item = TEXT("");
  REFUSED(to("intake", "write", count_second, &second), "error.intake.missing");
  w.count = (struct medicine_count){.medicine = TEXT(""), .first = 1};
  REFUSED(to("intake", "write", count_first, &w), "error.belongings.name");
  w.count = (struct medicine_count){.medicine = TEXT("x"), .first = LIMIT_MEDICINE_COUNT + 1};
  REFUSED(to("intake", "write", count_first, &w), "error.intake.count.number");
  become("");
  w.count.first = 1;
  REFUSED(to("intake", "write", count_first, &w), "error.intake.count.same");
  become("utilization");
  REFUSED(to("intake", "write", count_first, &w), "error.intake.role");
}

/* --- Signing --------------------------------------------------------------------------------- */

static struct work signing(int64_t revision)
{
  struct work w = {.id = id, .language = TEXT("es")};
  w.signing = (struct belongings_signing){
      .revision = revision,
      .language = TEXT("es"),
      .person = {.method = SIGNATURE_DRAWN,
                 .signer = TEXT("Ana Bell"),
                 .role = TEXT("patient"),
                 .image = TEXT("12,30 13,31;40,9 41,9")},
      .staff = {.method = SIGNATURE_TYPED, .signer = TEXT("Ada"), .role = TEXT("staff")}};
  return w;
}

static void two_sign_the_same_list(void **state)
{
  (void)state;
  id = begun(0);
  struct work w = signing(0);
  REFUSED(to("belongings", "write", sign, &w), "error.belongings.changed"); /* nothing to sign */
  added("Abrigo azul", 1, "");
  struct text razor = added("Rasuradora", 2, "razors");
  struct text mistake = added("Guitarra", 1, "");
  struct work wrong = {.id = id, .item = mistake, .version = 1};
  WORLD(to("belongings", "write", mark_thing, &wrong));
  REFUSED(to("belongings", "write", mark_thing, &wrong), "error.intake.stale");
  WORLD(to("belongings", "read", load_inventory, &w));
  assert_true(text_contains(w.inventory.words, TEXT("1. Abrigo azul: 1. Buena.")));
  assert_true(
      text_contains(w.inventory.words, TEXT("2. Rasuradora: 2. Buena. Rasuradoras: La recibe "
                                            "cuando la pide. Se guarda y se le devuelve.")));
  assert_false(text_contains(w.inventory.words, TEXT("Guitarra")));
  assert_int_equal(look(id, "inventory").standing, INTAKE_DUE);
  w.signing.revision = w.inventory.revision - 1;
  REFUSED(to("belongings", "write", sign, &w), "error.belongings.changed");
  w.signing.revision = w.inventory.revision;
  struct work other_way = w;
  other_way.signing.staff.role = TEXT("witness");
  REFUSED(to("belongings", "write", sign, &other_way), "error.belongings.both");
  other_way.signing.person.role = TEXT("staff");
  REFUSED(to("belongings", "write", sign, &other_way), "error.belongings.both");
  other_way = w;
  other_way.signing.person.image = TEXT("");
  REFUSED(to("belongings", "write", sign, &other_way), "error.signature.missing");
  WORLD(to("belongings", "write", sign, &w));
  WORLD(to("belongings", "read", load_signing, &w));
  assert_true(w.found && w.is_current);
  unsigned char hash[crypto_hash_sha256_BYTES];
  char hexadecimal[65];
  crypto_hash_sha256(hash, (const unsigned char *)w.inventory.words.at, w.inventory.words.length);
  sodium_bin2hex(hexadecimal, sizeof hexadecimal, hash, sizeof hash);
  assert_string_equal(w.signing.person.sha256, hexadecimal);
  assert_string_equal(w.signing.staff.sha256, hexadecimal);
  assert_true(text_equal(w.signing.person.signed_bytes, w.inventory.words));
  assert_true(text_equal(w.signing.person.signer, TEXT("Ana Bell")));
  assert_int_equal(look(id, "inventory").standing, INTAKE_DONE);
  /* What cannot stay is settled once it is where it goes; that changes nothing that was signed. */
  assert_int_equal(look(id, "restricted-items").standing, INTAKE_DUE);
  struct work move = moving(razor, "stored", "nurse's cupboard", 1);
  WORLD(to("belongings", "write", move_thing, &move));
  assert_int_equal(look(id, "restricted-items").standing, INTAKE_DONE);
  WORLD(to("belongings", "read", load_signing, &w));
  assert_true(w.is_current);
  added("Libro", 1, ""); /* a list that grew asks for new signatures */
  WORLD(to("belongings", "read", load_signing, &w));
  assert_true(w.found && !w.is_current);
  assert_int_equal(look(id, "inventory").standing, INTAKE_DUE);
}

static void typed_names_are_proved_and_lists_have_a_language(void **state)
{
  (void)state;
  id = begun(0);
  struct work w = signing(1);
  WORLD(to("belongings", "read", load_signing, &w));
  assert_false(w.found || w.is_current);
  added("Coat", 1, "");
  w = signing(1);
  world.actor.is_confirmed = false;
  REFUSED(to("belongings", "write", sign, &w), "error.proof.text");
  w.language = TEXT("tlh"); /* then it is English */
  WORLD(to("belongings", "read", load_inventory, &w));
  assert_true(text_contains(w.inventory.words, TEXT("What I brought")));
  assert_true(text_equal(w.inventory.language, TEXT("en")));
}

int main(void)
{
  if (sodium_init() < 0) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_thing_is_never_lost_from_sight, begin, end),
      cmocka_unit_test_setup_teardown(destroying_takes_two, begin, end),
      cmocka_unit_test_setup_teardown(the_database_wants_two_as_well, begin, end),
      cmocka_unit_test_setup_teardown(what_is_wrong_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(two_people_count_a_medicine, begin, end),
      cmocka_unit_test_setup_teardown(a_count_can_be_begun_anew, begin, end),
      cmocka_unit_test_setup_teardown(two_sign_the_same_list, begin, end),
      cmocka_unit_test_setup_teardown(typed_names_are_proved_and_lists_have_a_language, begin, end),
  };
  return store_support_run("belongings", tests, sizeof tests / sizeof *tests);
}
