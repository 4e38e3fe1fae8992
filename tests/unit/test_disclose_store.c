/*
 * Disclosures, notices and emergencies kept in a store, on both engines. Expected values: 42 CFR
 * 2.22, 2.25, 2.31, 2.32, 2.51 and 2.61 to 2.67 as the programme reference states them (notice and
 * scope travel along, revocation does not reach back, findings, the four facts, two hours, a review
 * within a day), and rows read back by plain SQL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consent_store.h"
#include "privacy/outbox_rules.h"

/* --- Disclosing ------------------------------------------------------------------------------ */

static const struct value *record(void)
{
  const struct value *content;
  needs(json_read(arena,
                  TEXT("{\"id\":\"" PERSON "\",\"name\":{\"given\":\"Robin\",\"family\":\"Vale\"},"
                       "\"notes\":\"shy\"}"),
                  &content, &error));
  return content;
}

static struct disclose_request asking(const char *basis, const char *purpose)
{
  return (struct disclose_request){.document = TEXT("person"),
                                   .content = record(),
                                   .person_id = TEXT(PERSON),
                                   .recipient = {.name = TEXT("Harbor Clinic")},
                                   .purpose_code = text_from(purpose),
                                   .basis = text_from(basis),
                                   .language = TEXT("en")};
}

struct leaving {
  struct disclose_request request;
  struct disclosed out;
};
static bool leave(struct store_transaction *t, const struct access *access, void *context,
                  struct error *e)
{
  struct leaving *leaving = context;
  return disclose(t, access, arena, &leaving->request, &leaving->out, e);
}
struct accounted {
  struct disclosure *rows;
  size_t count;
};
static bool account(struct store_transaction *t, const struct access *access, void *context,
                    struct error *e)
{
  struct accounted *accounted = context;
  return disclosure_list(t, access, arena, &accounted->rows, &accounted->count, e);
}

static void what_leaves_has_notice_scope_and_a_row(void **state)
{
  (void)state;
  struct consent made = kept(whole("specific", "TREAT"));
  struct leaving leaving = {.request = asking("consent", "TREAT")};
  needs(DID("disclosure", "write", leave, &leaving));
  struct disclosed *out = &leaving.out;
  assert_true(text_starts_with(out->notice, TEXT("This record which has been disclosed to you is "
                                                 "protected by Federal confidentiality rules")));
  assert_true(text_equal(out->notice_version, TEXT("redisclosure-long-2024")));
  assert_true(out->notice_is_unsigned);
  assert_true(text_contains(out->scope, TEXT("My stays and my medicine")));
  assert_true(text_equal(out->consent_ids, made.id));
  assert_null(value_get(out->content, TEXT("notes")));
  assert_int_equal(out->fields_given, 3);
  struct accounted accounted;
  needs(DID("disclosure", "read", account, &accounted));
  assert_int_equal(accounted.count, 1);
  assert_true(text_equal(accounted.rows[0].recipient, TEXT("Harbor Clinic")));
  assert_true(
      text_equal(accounted.rows[0].fields, TEXT("person.id person.name.given person.name.family")));
  assert_true(text_equal(accounted.rows[0].id, out->disclosure_id));
  assert_true(accounted.rows[0].counts);
  leaving.request.short_notice = true;
  leaving.request.language = TEXT("es");
  needs(DID("disclosure", "write", leave, &leaving));
  assert_true(text_starts_with(leaving.out.notice, TEXT("42 CFR parte 2 prohíbe")));
}

struct fetching {
  struct text id, form;
  struct disclosure row;
  struct disclosure_copy out;
};
static bool fetch(struct store_transaction *t, const struct access *access, void *context,
                  struct error *e)
{
  struct fetching *fetching = context;
  return disclosure_load(t, access, arena, fetching->id, &fetching->row, e) &&
         disclosure_copy_load(t, access, arena, &fetching->row, fetching->form, &fetching->out, e);
}
static bool leave_readable(struct store_transaction *t, const struct access *access, void *context,
                           struct error *e)
{
  struct leaving *leaving = context;
  struct text_buffer long_page;
  text_buffer_init(&long_page, LIMIT_DISCLOSURE_COPY);
  for (int i = 0; i < LIMIT_DISCLOSURE_PIECE / 4; i++) text_buffer_add_format(&long_page, "%d ", i);
  struct disclosure_copy page = {.form = TEXT("html"), .bytes = text_buffer_get(&long_page)};
  bool is_done = disclose(t, access, arena, &leaving->request, &leaving->out, e) &&
                 disclosure_copy_keep(t, access, arena, &leaving->out, &page, e);
  text_buffer_fini(&long_page);
  return is_done;
}
static bool spoil_copies(struct store_transaction *t, void *context, struct error *e)
{
  (void)context;
  return store_execute(t, "DELETE FROM disclosure_copy WHERE form = 'html' AND piece = 0",
                       STORE_BIND_NONE, NULL, e);
}

/* What is handed out again is what left, to the byte, in as many pieces as it takes; to who let it
 * leave, and not when a piece is missing. */
static void the_copy_is_kept_to_the_byte(void **state)
{
  (void)state;
  struct leaving leaving = {.request = asking("consent", "TREAT")};
  kept(whole("specific", "TREAT"));
  needs(DID("disclosure", "write", leave_readable, &leaving));
  struct fetching data = {.id = leaving.out.disclosure_id, .form = TEXT("json")};
  needs(DID("disclosure", "write", fetch, &data));
  assert_true(text_equal(data.out.bytes, leaving.out.document));
  assert_string_equal(data.out.sha256, data.row.sha256);
  assert_string_equal(data.out.sha256, leaving.out.sha256);
  struct fetching page = {.id = leaving.out.disclosure_id, .form = TEXT("html")};
  needs(DID("disclosure", "write", fetch, &page));
  assert_true(page.out.bytes.length > LIMIT_DISCLOSURE_PIECE);
  assert_true(text_starts_with(page.out.bytes, TEXT("0 1 2 3 ")));
  assert_false(did_for(OTHER, "disclosure", "write", fetch, &data)); /* another's record */
  assert_int_equal(error.kind, ERROR_NOT_FOUND);
  assert_false(DID("disclosure", "read", fetch, &data)); /* reading the accounting is not it */
  assert_int_equal(error.kind, ERROR_FORBIDDEN);
  roles[0] = roles[1] = TEXT("case-manager");
  needs(DID("disclosure", "write", fetch, &data));
  staff.account_id = TEXT("account-2"); /* who did not make it, nor may take out the whole record */
  assert_false(DID("disclosure", "write", fetch, &data));
  assert_int_equal(error.kind, ERROR_FORBIDDEN);
  staff.account_id = TEXT("account-1");
  needs(store_write(world.store, spoil_copies, NULL, &error));
  assert_false(DID("disclosure", "write", fetch, &page));
  assert_string_equal(error.person, "error.disclosure.broken");
}

/* One consent names who the person is, another their stays; both are relied on. */
static void what_two_consents_give_together_leaves(void **state)
{
  (void)state;
  struct text documents[] = {TEXT("person"), TEXT("episode")};
  struct text ids[2];
  for (size_t i = 0; i < 2; i++) {
    struct consent consent = whole("specific", "TREAT");
    consent.documents = &documents[i];
    consent.document_count = 1;
    ids[i] = kept(consent).id;
  }
  struct leaving leaving = {.request = asking("consent", "TREAT")};
  leaving.request.document = TEXT("record");
  needs(json_read(arena, TEXT("{\"person\":{\"id\":\"" PERSON "\"},\"episode\":[{\"id\":\"e1\"}]}"),
                  &leaving.request.content, &error));
  needs(DID("disclosure", "write", leave, &leaving));
  assert_int_equal(leaving.out.fields_given, 2);
  assert_true(text_contains(leaving.out.consent_ids, ids[0]));
  assert_true(text_contains(leaving.out.consent_ids, ids[1]));
}

static void what_is_refused_leaves_no_row(void **state)
{
  (void)state;
  kept(whole("specific", "TREAT"));
  static const struct {
    const char *basis, *purpose, *recipient, *key;
  } refusals[] = {{"consent", "TREAT", "Salem Clinic", "error.disclose.nothing"},
                  {"consent", "HPAYMT", "Harbor Clinic", "error.disclose.nothing"},
                  {"consent", "TREAT", "", "error.disclose.recipient"},
                  {"subpoena", "HLEGAL", "Court", "error.disclose.subpoena"},
                  {"court-order", "HLEGAL", "Court", "error.disclose.evidence"},
                  {"emergency", "ETREAT", "Hospital", "error.disclose.evidence"},
                  {"research", "HRESCH", "University", "error.disclose.role"}};
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    struct leaving leaving = {.request = asking(refusals[i].basis, refusals[i].purpose)};
    leaving.request.recipient.name = text_from(refusals[i].recipient);
    staff.role_count = 1 + (i == 5);
    if (i == 6) staff.roles = &roles[1]; /* a nurse alone */
    bool done = DID("disclosure", "write", leave, &leaving);
    assert_false(done);
    if (i < 6) assert_string_equal(error.person, refusals[i].key);
    assert_int_equal(error.kind, ERROR_FORBIDDEN);
  }
  staff.roles = roles;
  struct leaving leaving = {.request = asking("consent", "TREAT")};
  leaving.request.person_id = TEXT(OTHER); /* the access is for another person */
  assert_false(DID("disclosure", "write", leave, &leaving));
  leaving.request.person_id = TEXT(PERSON);
  assert_false(DID("person", "read", leave, &leaving)); /* reading is not disclosing */
  assert_false(DID("person", "export", leave, &leaving));
  assert_string_equal(ask("disclosures"), "0");
}

static void revocation_does_not_reach_back(void **state)
{
  (void)state;
  struct consent made = kept(whole("specific", "TREAT"));
  struct leaving leaving = {.request = asking("consent", "TREAT")};
  needs(DID("disclosure", "write", leave, &leaving));
  struct revoking revoking = {made.id, "written", 1};
  now += HOUR;
  needs(DID("consent", "revoke", take_back, &revoking));
  assert_false(DID("disclosure", "write", leave, &leaving));
  struct accounted accounted;
  needs(DID("disclosure", "read", account, &accounted));
  assert_int_equal(accounted.count, 1); /* what had left stays accounted for */
}

struct proving {
  struct disclosure_fact facts[4];
  size_t count;
  struct text id;
};
static bool prove(struct store_transaction *t, const struct access *access, void *context,
                  struct error *e)
{
  struct proving *proving = context;
  return disclosure_evidence_create(t, access, arena, TEXT("court-order"), proving->facts,
                                    proving->count, TEXT("2026-06-30"), &proving->id, e);
}

static void a_court_order_needs_its_findings(void **state)
{
  (void)state;
  struct proving proving = {.facts = {{TEXT("order"), TEXT("No. 7, County Court")},
                                      {TEXT("other-ways-fail"), TEXT("Found so on page 2")},
                                      {TEXT("public-interest-outweighs"), TEXT("Page 3")},
                                      {TEXT("notice-to-person"), TEXT(" ")}},
                            .count = 4};
  assert_false(DID("disclosure", "write", prove, &proving));
  assert_string_equal(error.person, "error.disclose.evidence");
  proving.facts[3].words = TEXT("Told on 2026-05-01, heard on 2026-05-20");
  needs(DID("disclosure", "write", prove, &proving));
  struct leaving leaving = {.request = asking("court-order", "HLEGAL")};
  assert_false(DID("disclosure", "write", leave, &leaving));
  leaving.request.evidence_id = proving.id;
  needs(DID("disclosure", "write", leave, &leaving));
  assert_true(text_contains(leaving.out.scope, TEXT("2.61")));
  now += 40 * DAY; /* the order ended */
  assert_false(DID("disclosure", "write", leave, &leaving));
}

/* --- Notices --------------------------------------------------------------------------------- */

static bool offer(struct store_transaction *t, const struct access *access, void *context,
                  struct error *e)
{
  return notice_record(t, access, context, arena, e);
}

struct offered {
  struct notice_given *rows;
  size_t count;
};
static bool list_offered(struct store_transaction *t, const struct access *access, void *context,
                         struct error *e)
{
  struct offered *offered = context;
  return notice_list(t, access, arena, &offered->rows, &offered->count, e);
}

static void notices_given_are_recorded(void **state)
{
  (void)state;
  struct notice_given given = {
      .version = TEXT("patient-rights-1"), .language = TEXT("es"), .how = TEXT("declined")};
  assert_false(DID("consent", "write", offer, &given)); /* a reason, or a signature */
  assert_string_equal(error.person, "error.notice.reason");
  given.reason = TEXT("Wants to sleep first");
  needs(DID("consent", "write", offer, &given));
  assert_int_equal(given.at, NOON);
  given.version = TEXT("patient-rights-0");
  assert_false(DID("consent", "write", offer, &given));
  given.version = TEXT("patient-rights-1");
  given.how = TEXT("lost");
  assert_false(DID("consent", "write", offer, &given));
  struct offered offered = {0};
  needs(DID("consent", "read", list_offered, &offered));
  assert_int_equal(offered.count, 1);
  assert_true(text_equal(offered.rows->reason, TEXT("Wants to sleep first")));
  assert_true(text_equal(offered.rows->language, TEXT("es")));
}

/* --- Emergencies ----------------------------------------------------------------------------- */

static bool break_glass(struct store_transaction *t, void *context, struct error *e)
{
  return emergency_open(t, &world, &staff, context, arena, now, e);
}

static struct emergency facts_of(void)
{
  return (struct emergency){.person_id = TEXT(PERSON),
                            .recipient = TEXT("Dr. Lee"),
                            .affiliation = TEXT("Salem Hospital"),
                            .discloser = TEXT("Ana Ruiz"),
                            .nature = TEXT("Found without breath")};
}

struct open_state {
  struct actor *actor;
  const char *person;
  bool is_open;
  int64_t ends_at;
};
static bool look(struct store_transaction *t, void *context, struct error *e)
{
  struct open_state *open = context;
  return emergency_is_open(t, open->actor, text_from(open->person), now, &open->is_open,
                           &open->ends_at, e);
}
static bool is_open(struct actor *actor, const char *person)
{
  struct open_state open = {actor, person, false, 0};
  needs(store_read(world.store, look, &open, &error));
  return open.is_open;
}

static void the_four_facts_open_for_two_hours_for_one(void **state)
{
  (void)state;
  for (int i = 0; i < 4; i++) {
    struct emergency facts = facts_of();
    static const char *const keys[] = {"error.emergency.recipient", "error.emergency.affiliation",
                                       "error.emergency.discloser", "error.emergency.nature"};
    struct text *const all[] = {&facts.recipient, &facts.affiliation, &facts.discloser,
                                &facts.nature};
    *all[i] = TEXT(" ");
    assert_false(store_write(world.store, break_glass, &facts, &error));
    assert_string_equal(error.person, keys[i]);
    error_clear(&error);
  }
  staff.is_confirmed = false;
  struct emergency facts = facts_of();
  assert_false(store_write(world.store, break_glass, &facts, &error));
  staff.is_confirmed = true;
  assert_false(is_open(&staff, PERSON));
  needs(store_write(world.store, break_glass, &facts, &error));
  assert_int_equal(facts.ends_at, NOON + 2 * HOUR);
  assert_string_equal(ask("due"), "emergency.review 1780401600000000"); /* 2026-06-02, noon */
  assert_true(is_open(&staff, PERSON));
  assert_false(is_open(&staff, OTHER));
  struct actor other = staff;
  other.account_id = TEXT("account-2");
  assert_false(is_open(&other, PERSON));
  now = NOON + 2 * HOUR - 1;
  assert_true(is_open(&staff, PERSON));
  now++;
  assert_false(is_open(&staff, PERSON));
}

/* Who works at one site may need the record of somebody at another, just then. */
static void an_emergency_asks_for_no_site(void **state)
{
  (void)state;
  struct emergency facts = facts_of();
  staff.roles = &roles[1];
  staff.role_count = 1;
  staff.site_id = TEXT("site-of-a-nurse");
  needs(store_write(world.store, break_glass, &facts, &error));
  assert_true(is_open(&staff, PERSON));
}

/* --- Who is told ----------------------------------------------------------------------------- */

/* Two officers of this program, one twice over; and those who are not told: one who is disabled,
 * one of another program, a nurse, one without an address, one whose address is none. */
static bool employ(struct store_transaction *t, void *context, struct error *e)
{
  static const struct {
    const char *id, *email, *program, *role;
    int64_t disabled_at;
  } all[] = {{"officer-1", "olive@example.org", PROGRAM, "privacy-officer", 0},
             {"officer-1", "olive@example.org", "", "privacy-officer", 0},
             {"officer-2", "omar@example.org", "", "privacy-officer", 0},
             {"gone", "gone@example.org", PROGRAM, "privacy-officer", 1},
             {"elsewhere", "else@example.org", "other-program", "privacy-officer", 0},
             {"nurse", "nora@example.org", PROGRAM, "nurse", 0},
             {"silent", "", PROGRAM, "privacy-officer", 0},
             {"wrong", "not an address", PROGRAM, "privacy-officer", 0}};
  (void)context;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (!store_execute(
            t,
            "INSERT INTO account (id, sign_in_name, shown_name, email, staff_id, "
            "person_id, person_program_id, password, must_change, totp, totp_begun, "
            "totp_step, pin, pin_failures, badge, disabled_at, made_at, last_sign_in_at, "
            "version) VALUES ($1, $1, $1, $2, '', '', '', '', 0, $4, $4, 0, '', 0, $4, "
            "$3, 0, 0, 1) ON CONFLICT DO NOTHING",
            STORE_BIND(STORE_T(text_from(all[i].id)), STORE_T(text_from(all[i].email)),
                       STORE_N(all[i].disabled_at), STORE_B(TEXT(""))),
            NULL, e) ||
        !store_execute(t,
                       "INSERT INTO account_role (account_id, program_id, role, site_id) "
                       "VALUES ($1, $2, $3, '')",
                       STORE_BIND(STORE_T(text_from(all[i].id)), STORE_T(text_from(all[i].program)),
                                  STORE_T(text_from(all[i].role))),
                       NULL, e))
      return false;
  return true;
}

struct messages {
  struct outbox_message *rows;
  size_t count;
};
static bool list_messages(struct store_transaction *t, void *context, struct error *e)
{
  struct messages *messages = context;
  return outbox_list(t, arena, TEXT(PROGRAM), TEXT(""), 100, &messages->rows, &messages->count, e);
}
static size_t waiting_messages(void)
{
  struct messages messages = {0};
  needs(store_read(world.store, list_messages, &messages, &error));
  for (size_t i = 0; i < messages.count; i++) {
    assert_true(text_equal(messages.rows[i].template_key, TEXT("attention")));
    assert_true(text_equal(messages.rows[i].state, TEXT("waiting")));
    assert_true(text_is_empty(messages.rows[i].person_id)); /* nothing says about whom */
  }
  return messages.count;
}

static bool break_and_fail(struct store_transaction *t, void *context, struct error *e)
{
  return break_glass(t, context, e) && error_set(e, ERROR_SYSTEM, "", "", "after it all");
}

static void the_privacy_officers_are_told_once(void **state)
{
  (void)state;
  struct emergency facts = facts_of();
  needs(outbox_rules_load(&world.outbox_rules, arena, "knowledge", &error));
  needs(store_write(world.store, employ, NULL, &error));
  assert_false(store_write(world.store, break_and_fail, &facts, &error));
  error_clear(&error);
  assert_int_equal(waiting_messages(), 0); /* in the same transaction, or not at all */
  facts = facts_of();
  needs(store_write(world.store, break_glass, &facts, &error));
  assert_int_equal(waiting_messages(), 2);
  facts = facts_of();
  needs(store_write(world.store, break_glass, &facts, &error)); /* another one tells again */
  assert_int_equal(waiting_messages(), 4);
  world.outbox_rules = NULL;
}

struct reviewing {
  struct text id;
  const char *finding, *words;
};
static bool review(struct store_transaction *t, void *context, struct error *e)
{
  struct reviewing *reviewing = context;
  struct access access;
  return access_open_list(t, &world, &staff, "emergency", "review", now, &access, e) &&
         emergency_review(t, &access, reviewing->id, text_from(reviewing->finding),
                          text_from(reviewing->words), e);
}
static bool emergencies(struct store_transaction *t, void *context, struct error *e)
{
  struct reviewing *first = context;
  struct access access;
  struct emergency *rows;
  size_t count;
  if (!access_open_list(t, &world, &staff, "emergency", "read", now, &access, e) ||
      !emergency_list(t, &access, arena, true, &rows, &count, e))
    return false;
  first->words = count ? text_c(arena, rows[0].review) : "none";
  first->finding = count ? text_c(arena, rows[0].nature) : "none";
  return true;
}

static void an_emergency_is_reviewed_by_another(void **state)
{
  (void)state;
  struct emergency facts = facts_of();
  needs(store_write(world.store, break_glass, &facts, &error));
  struct reviewing reviewing = {facts.id, "justified", "Right"};
  assert_false(store_write(world.store, review, &reviewing, &error));
  assert_string_equal(error.person, "error.emergency.own");
  error_clear(&error);
  staff.account_id = TEXT("account-2");
  reviewing.words = "";
  assert_false(store_write(world.store, review, &reviewing, &error));
  error_clear(&error);
  reviewing.words = "Right";
  needs(store_write(world.store, review, &reviewing, &error));
  assert_string_equal(ask("due"), "none");
  assert_false(store_write(world.store, review, &reviewing, &error)); /* once */
  error_clear(&error);
  needs(store_write(world.store, emergencies, &reviewing, &error));
  assert_string_equal(reviewing.words, "Right");
  assert_string_equal(reviewing.finding, "Found without breath");
}

static void an_emergency_lets_disclose_and_end(void **state)
{
  (void)state;
  struct emergency facts = facts_of();
  needs(store_write(world.store, break_glass, &facts, &error));
  struct leaving leaving = {.request = asking("emergency", "ETREAT")};
  leaving.request.evidence_id = facts.id;
  needs(DID("emergency", "open", leave, &leaving));
  assert_non_null(value_get(leaving.out.content, TEXT("notes")));
  now += 2 * HOUR;
  assert_false(DID("emergency", "open", leave, &leaving));
}

/* --- Who saw my record ----------------------------------------------------------------------- */

struct seeing {
  struct record_view *views;
  size_t count;
};
static bool see(struct store_transaction *t, const struct access *access, void *context,
                struct error *e)
{
  struct seeing *seeing = context;
  return record_views(t, access, arena, &seeing->views, &seeing->count, e);
}
static bool nothing(struct store_transaction *t, const struct access *access, void *context,
                    struct error *e)
{
  (void)t;
  (void)access;
  (void)context;
  (void)e;
  return true;
}

static void who_saw_a_record_is_told_by_day(void **state)
{
  (void)state;
  struct seeing seeing;
  needs(DID("person", "read", nothing, NULL));
  now += HOUR / 60;
  needs(DID("person", "read", nothing, NULL));
  needs(did_for(OTHER, "person", "read", nothing, NULL)); /* another's record */
  now += DAY;
  needs(DID("person", "read", nothing, NULL));
  staff.kind = ACTOR_PERSON; /* the person's own visit */
  staff.person_id = TEXT(PERSON);
  roles[0] = TEXT("person");
  needs(DID("person", "read", nothing, NULL));
  needs(DID("record-views", "read", see, &seeing));
  assert_int_equal(seeing.count, 2);
  assert_true(text_equal(seeing.views[0].day, TEXT("2026-06-02")));
  assert_int_equal(seeing.views[0].times, 1);
  assert_true(text_equal(seeing.views[1].day, TEXT("2026-06-01")));
  assert_int_equal(seeing.views[1].times, 2);
  assert_true(text_equal(seeing.views[1].who, TEXT("Ana Ruiz")));
  assert_true(text_equal(seeing.views[1].what, TEXT("views.person.read")));
}

/* A form that was only opened is a look; one that was refused after it, too; an act counts once,
 * however many rows its steps left. */
static void only_acts_that_came_about_are_told_as_acts(void **state)
{
  (void)state;
  struct seeing seeing;
  staff.is_looking = true; /* as the page of a new consent asks */
  needs(DID("consent", "write", nothing, NULL));
  now += HOUR / 60;
  needs(DID("consent", "write", nothing, NULL)); /* sent, refused, shown again */
  now += HOUR / 60;
  needs(DID("consent", "write", nothing, NULL)); /* sent and signed: its look, … */
  staff.is_looking = false;
  needs(DID("consent", "write", nothing, NULL)); /* … the act, and a step of it */
  needs(DID("consent", "write", nothing, NULL));
  now += HOUR / 60;
  staff.kind = ACTOR_PERSON;
  staff.person_id = TEXT(PERSON);
  roles[0] = TEXT("person");
  needs(DID("record-views", "read", see, &seeing));
  assert_int_equal(seeing.count, 2);
  assert_true(text_equal(seeing.views[0].what, TEXT("views.consent.write")));
  assert_int_equal(seeing.views[0].times, 1);
  assert_true(text_equal(seeing.views[1].what, TEXT("views.consent.read")));
  assert_int_equal(seeing.views[1].times, 2);
}

/* --- Nothing plain --------------------------------------------------------------------------- */

static void nothing_lies_open_in_the_file(void **state)
{
  (void)state;
  if (on_postgresql) skip();
  kept(whole("specific", "TREAT"));
  struct emergency facts = facts_of();
  needs(store_write(world.store, break_glass, &facts, &error));
  struct leaving leaving = {.request = asking("consent", "TREAT")};
  needs(DID("disclosure", "write", leave, &leaving));
  store_close(world.store); /* folds the WAL into the file */
  world.store = NULL;
  struct text bytes;
  needs(file_read(arena, file_join(arena, folder, "test.db"), LIMIT_FILE_WHOLE, &bytes, &error));
  static const char *const planted[] = {"Robin",       "Vale",           "Harbor",
                                        "my medicine", "Salem Hospital", "without breath"};
  for (size_t i = 0; i < sizeof planted / sizeof *planted; i++)
    if (text_contains(bytes, text_from(planted[i]))) fail_msg("%s lies open", planted[i]);
  assert_true(text_contains(bytes, TEXT("redisclosure-long-2024"))); /* the scan can find */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(what_leaves_has_notice_scope_and_a_row),
      TEST(the_copy_is_kept_to_the_byte),
      TEST(what_two_consents_give_together_leaves),
      TEST(what_is_refused_leaves_no_row),
      TEST(revocation_does_not_reach_back),
      TEST(a_court_order_needs_its_findings),
      TEST(notices_given_are_recorded),
      TEST(the_four_facts_open_for_two_hours_for_one),
      TEST(an_emergency_asks_for_no_site),
      TEST(the_privacy_officers_are_told_once),
      TEST(an_emergency_is_reviewed_by_another),
      TEST(an_emergency_lets_disclose_and_end),
      TEST(who_saw_a_record_is_told_by_day),
      TEST(only_acts_that_came_about_are_told_as_acts),
      TEST(nothing_lies_open_in_the_file),
  };
  return store_support_run("disclose_store", tests, sizeof tests / sizeof *tests);
}
