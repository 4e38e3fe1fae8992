/*
 * Consents and signatures kept in a store, on both engines. Expected values: 42 CFR 2.31 and 2.35
 * as the programme reference states them (signed words and their hash, revocation from now on), and
 * rows read back by plain SQL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consent_store.h"

/* --- Signatures ------------------------------------------------------------------------------ */

struct loading {
  struct text id;
  struct signature out;
};
static bool load(struct store_transaction *t, const struct access *access, void *context,
                 struct error *e)
{
  struct loading *loading = context;
  return signature_load(t, access, arena, loading->id, &loading->out, e);
}

static void signed_bytes_are_kept_to_the_byte(void **state)
{
  (void)state;
  struct signature signature = typed(TEXT("abc"));
  needs(DID("consent", "write", sign, &signature));
  /* SHA-256 of "abc": FIPS 180-2, appendix B.1 */
  assert_string_equal(signature.sha256,
                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  struct loading loading = {.id = signature.id};
  needs(DID("consent", "read", load, &loading));
  assert_true(text_equal(loading.out.signed_bytes, TEXT("abc")));
  assert_true(text_equal(loading.out.signer, TEXT("Robin Vale")));
  assert_true(text_equal(loading.out.witness_account_id, TEXT("account-1")));
  assert_false(did_for(OTHER, "consent", "read", load, &loading)); /* not another's */
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
}

static bool spoil(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(
      t, "UPDATE signature SET sha256 = $1",
      STORE_BIND(STORE_T(TEXT("0000000000000000000000000000000000000000000000000000"
                              "000000000000"))),
      NULL, e);
}

static void changed_bytes_are_found(void **state)
{
  (void)state;
  struct signature signature = typed(TEXT("abc"));
  needs(DID("consent", "write", sign, &signature));
  needs(store_write(world.store, spoil, NULL, &error));
  struct loading loading = {.id = signature.id};
  assert_false(DID("consent", "read", load, &loading));
  assert_string_equal(error.person, "error.signature.broken");
}

static void images_are_known_by_their_first_bytes(void **state)
{
  (void)state;
  static const struct {
    enum signature_method method;
    struct text image;
    const char *type; /* NULL: refused */
  } images[] = {
      {SIGNATURE_SCANNED, {"%PDF-1.7 x", 10}, "application/pdf"},
      {SIGNATURE_SCANNED, {"\xff\xd8\xff\xe0", 4}, "image/jpeg"},
      {SIGNATURE_SCANNED, {"\x89PNG\r\n\x1a\n..", 10}, "image/png"},
      {SIGNATURE_SCANNED, {"<svg onload=x>", 14}, NULL},
      {SIGNATURE_SCANNED, {"GIF89a", 6}, NULL},
      {SIGNATURE_SCANNED, {"", 0}, NULL},
      {SIGNATURE_DRAWN, {"12,30 13,31;40,9 41,9", 21}, "text/plain"},
      {SIGNATURE_DRAWN, {"600,200 0,0 1,1 2,2", 19}, "text/plain"},
      {SIGNATURE_DRAWN, {"601,1 0,0 1,1 2,2", 17}, NULL},
      {SIGNATURE_DRAWN, {"1,201 0,0 1,1 2,2", 17}, NULL},
      {SIGNATURE_DRAWN, {"1,1 2,2 3,3", 11}, NULL}, /* a dot, hardly a name */
      {SIGNATURE_DRAWN, {"1,1 2,2;3,3 4,4;", 16}, NULL},
      {SIGNATURE_DRAWN, {"1,1 2,2;;3,3 4,4", 16}, NULL},
      {SIGNATURE_DRAWN, {"1,1  2,2 3,3 4,4", 16}, NULL},
      {SIGNATURE_DRAWN, {"-1,1 2,2 3,3 4,4", 16}, NULL},
      {SIGNATURE_DRAWN, {"00001,1 2,2 3,3 4,4", 19}, NULL},
      {SIGNATURE_DRAWN, {"1", 1}, NULL},
      {SIGNATURE_DRAWN, {"12,30<script>", 13}, NULL},
      {SIGNATURE_DRAWN, {"%PDF-1.7 x", 10}, NULL},
      {SIGNATURE_TYPED, {"12,30 13,31;40,9 41,9", 21}, NULL},
  };
  for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
    struct signature signature = typed(TEXT("abc"));
    signature.method = images[i].method;
    signature.image = images[i].image;
    bool done = DID("consent", "write", sign, &signature);
    assert_int_equal(done, images[i].type != NULL);
    if (done) assert_true(text_equal(signature.content_type, text_from(images[i].type)));
  }
  struct signature signature = typed(TEXT("abc"));
  char *large = arena_allocate(arena, LIMIT_SIGNATURE_SCAN + 1);
  memcpy(large, "%PDF-", 5);
  signature.method = SIGNATURE_SCANNED;
  signature.image = (struct text){large, LIMIT_SIGNATURE_SCAN + 1};
  assert_false(DID("consent", "write", sign, &signature));
  assert_int_equal(error.kind, ERROR_TOO_LARGE);
  signature.image.length = LIMIT_SIGNATURE_SCAN;
  needs(DID("consent", "write", sign, &signature));
}

static void who_signs_is_asked_for(void **state)
{
  (void)state;
  struct signature signature = typed(TEXT("abc"));
  signature.signer = TEXT(" ");
  assert_false(DID("consent", "write", sign, &signature));
  signature = typed(TEXT("abc"));
  signature.role = TEXT("friend");
  assert_false(DID("consent", "write", sign, &signature));
  signature.role = TEXT("personal-representative");
  assert_false(DID("consent", "write", sign, &signature));
  assert_string_equal(error.person, "error.signature.authority");
  signature.role = TEXT("staff");
  staff.is_confirmed = false; /* typed by staff without proof */
  assert_false(DID("consent", "write", sign, &signature));
  assert_string_equal(error.person, "error.proof.text");
  signature.role = TEXT("patient"); /* witnessed by staff */
  needs(DID("consent", "write", sign, &signature));
}

/* --- Consents -------------------------------------------------------------------------------- */

static void a_consent_is_kept_whole(void **state)
{
  (void)state;
  struct consent wanted = whole("single-tpo", "TREAT");
  struct text labels[] = {TEXT("HIV"), TEXT("PSY")};
  struct text documents[] = {TEXT("person"), TEXT("episode")};
  struct consent_recipient recipients[] = {
      {.class_name = TEXT("treating-providers"), .is_covered_entity = true},
      {.name = TEXT("Bay «Health» Plan"), .organization_id = TEXT("o1"), .address = TEXT("x")}};
  wanted.labels = labels;
  wanted.label_count = 2;
  wanted.documents = documents;
  wanted.document_count = 2;
  wanted.recipients = recipients;
  wanted.recipient_count = 2;
  wanted.date_from = TEXT("2026-01-01");
  struct consent made = kept(wanted);
  assert_string_equal(ask("due"), "consent.expires 1798761600000000"); /* 2027-01-01 */
  struct listed listed;
  needs(DID("consent", "read", list, &listed));
  assert_int_equal(listed.count, 1);
  struct consent *read = &listed.consents[0];
  struct text before, after;
  needs(consent_render(&world, arena, &made, TEXT("es"), &before, &error));
  needs(consent_render(&world, arena, read, TEXT("es"), &after, &error));
  assert_true(text_equal(before, after));
  assert_true(consent_is_active(&world, read, now));
  assert_true(text_equal(read->recipients[1].organization_id, TEXT("o1")));
  assert_true(read->recipients[0].is_covered_entity);
  needs(did_for(OTHER, "consent", "read", list, &listed));
  assert_int_equal(listed.count, 0);
}

static void what_lacks_something_is_not_kept(void **state)
{
  (void)state;
  struct text words;
  struct consent consent = whole("specific", "TREAT");
  consent.signature_id = TEXT("nobody's");
  assert_false(DID("consent", "write", create, &consent));
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  needs(consent_render(&world, arena, &consent, TEXT("en"), &words, &error));
  struct signature signature = typed(words);
  needs(did_for(OTHER, "consent", "write", sign, &signature));
  consent.signature_id = signature.id; /* another's signature */
  assert_false(DID("consent", "write", create, &consent));
  signature = typed(words);
  needs(DID("consent", "write", sign, &signature));
  consent.signature_id = signature.id;
  consent.description = TEXT("Everything, which nobody signed");
  assert_false(DID("consent", "write", create, &consent));
  assert_string_equal(error.person, "error.consent.other-words");
  consent = whole("specific", "TREAT");
  consent.signature_id = signature.id;
  consent.how_to_revoke = TEXT("");
  assert_false(DID("consent", "write", create, &consent));
  assert_string_equal(error.person, "error.consent.incomplete");
  consent = whole("specific", "TREAT");
  consent.signature_id = signature.id;
  consent.expires_on = TEXT("2026-05-31");
  assert_false(DID("consent", "write", create, &consent));
  assert_string_equal(error.person, "error.consent.over");
  assert_string_equal(ask("consents"), "0");
}

static void revoking_holds_from_now_on(void **state)
{
  (void)state;
  struct consent made = kept(whole("specific", "TREAT"));
  struct revoking revoking = {made.id, "by carrier pigeon", 1};
  assert_false(DID("consent", "revoke", take_back, &revoking));
  revoking.how = "oral";
  revoking.version = 7;
  assert_false(DID("consent", "revoke", take_back, &revoking));
  assert_int_equal(error.kind, ERROR_CONFLICT);
  revoking.version = 1;
  now += HOUR;
  needs(DID("consent", "revoke", take_back, &revoking));
  assert_false(DID("consent", "revoke", take_back, &revoking)); /* once */
  struct listed listed;
  needs(DID("consent", "read", list, &listed));
  assert_int_equal(listed.consents[0].revoked_at, now);
  assert_true(text_equal(listed.consents[0].revoked_how, TEXT("oral")));
  assert_false(consent_is_active(&world, &listed.consents[0], now));
  assert_string_equal(ask("due"), "none");
}

struct ending_it {
  struct text id;
  int64_t version;
  struct consent_ending said;
};
static bool end_it(struct store_transaction *t, const struct access *access, void *context,
                   struct error *e)
{
  struct ending_it *ending = context;
  return consent_end_by_event(t, access, ending->id, ending->version, &ending->said, e);
}

/* 2.31(a)(7): an event may end it; who says that it came, and when, is kept with it. */
static void an_event_ends_it_by_who_says_so(void **state)
{
  (void)state;
  struct consent by_date = kept(whole("specific", "TREAT")), wanted = whole("specific", "TREAT");
  wanted.expires_on = TEXT("");
  wanted.expires_event = TEXT("When I go home");
  struct consent consent = kept(wanted);
  static const struct {
    const char *who, *on, *refused;
  } tries[] = {{"", "2026-06-01", "error.consent.ending-who"},
               {"Ana Vale", "", "error.consent.ending-on"},
               {"Ana Vale", "2026-05-31", "error.consent.ending-on"}, /* before it was signed */
               {"Ana Vale", "2026-06-02", "error.consent.ending-on"}, /* ahead */
               {"Ana Vale", "June 1", "error.consent.ending-on"}};
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    struct ending_it ending = {
        consent.id, consent.version, {text_from(tries[i].who), text_from(tries[i].on)}};
    assert_false(DID("consent", "revoke", end_it, &ending));
    assert_string_equal(error.person, tries[i].refused);
  }
  struct ending_it none = {by_date.id, by_date.version, {TEXT("Ana Vale"), TEXT("2026-06-01")}};
  assert_false(DID("consent", "revoke", end_it, &none));
  assert_string_equal(error.person, "error.consent.no-event");
  now += HOUR;
  struct ending_it ending = {consent.id, consent.version, {TEXT("Ana Vale"), TEXT("2026-06-01")}};
  needs(DID("consent", "revoke", end_it, &ending));
  struct listed listed;
  needs(DID("consent", "read", list, &listed));
  for (size_t i = 0; i < listed.count; i++) {
    bool is_it = text_equal(listed.consents[i].id, consent.id);
    assert_int_equal(consent_is_active(&world, &listed.consents[i], now), !is_it);
    assert_true(text_equal(listed.consents[i].ending_who, is_it ? TEXT("Ana Vale") : TEXT("")));
    assert_true(text_equal(listed.consents[i].ending_on, is_it ? TEXT("2026-06-01") : TEXT("")));
  }
  assert_false(DID("consent", "revoke", end_it, &ending)); /* over */
  assert_int_equal(error.kind, ERROR_CONFLICT);
}

static void some_kinds_are_revoked_in_their_own_way(void **state)
{
  (void)state;
  struct consent made = kept(whole("legal-proceeding", "HLEGAL"));
  struct revoking revoking = {made.id, "oral", 1};
  assert_false(DID("consent", "revoke", take_back, &revoking));
  assert_string_equal(error.person, "error.consent.written");
  revoking.how = "written";
  needs(DID("consent", "revoke", take_back, &revoking));
  made = kept(whole("criminal-justice", "CRIMINAL-JUSTICE")); /* from 2026-07-01 on: 2.35 */
  revoking.id = made.id;
  assert_false(DID("consent", "revoke", take_back, &revoking));
  assert_string_equal(error.person, "error.consent.not-yet");
  now += 30 * DAY;
  needs(DID("consent", "revoke", take_back, &revoking));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(signed_bytes_are_kept_to_the_byte),
      TEST(changed_bytes_are_found),
      TEST(images_are_known_by_their_first_bytes),
      TEST(who_signs_is_asked_for),
      TEST(a_consent_is_kept_whole),
      TEST(what_lacks_something_is_not_kept),
      TEST(revoking_holds_from_now_on),
      TEST(an_event_ends_it_by_who_says_so),
      TEST(some_kinds_are_revoked_in_their_own_way),
  };
  return store_support_run("consent_store", tests, sizeof tests / sizeof *tests);
}
