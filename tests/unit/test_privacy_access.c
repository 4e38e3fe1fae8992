/*
 * The one check: every role × object × act × scope × subject, with and without a site, proof and an
 * open emergency, against the test's own reading of knowledge/roles.csv and its own model of the
 * rules that docs/records.md states. Audit and emergency stand in the test, so that what is
 * written can be looked at, and made to fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "privacy/privacy.h"
#include "roles_table.h"

/* --- What stands around the check ------------------------------------------------------------ */

static struct {
  size_t count;
  char object[TABLE_WORD], act[TABLE_WORD], program_id[TABLE_WORD], person_id[TABLE_WORD];
  char object_id[TABLE_WORD], purpose[TABLE_WORD], detail[256];
  enum audit_outcome outcome;
  bool fails;
} written;
static struct {
  bool is_open, fails;
  size_t asked;
} glass;

static void keep(char *out, struct text t)
{
  assert_true(t.length < TABLE_WORD);
  snprintf(out, TABLE_WORD, "%.*s", TEXT_PRINT(t));
}

bool audit_append(struct store_transaction *transaction, const struct audit_entry *entry,
                  struct error *error)
{
  (void)transaction;
  if (written.fails) return error_set(error, ERROR_SYSTEM, "error.file", "", "no audit");
  written.count++;
  keep(written.object, entry->object);
  keep(written.act, entry->act);
  keep(written.program_id, entry->program_id);
  keep(written.person_id, entry->person_id);
  keep(written.object_id, entry->object_id);
  keep(written.purpose, entry->purpose);
  written.outcome = entry->outcome;
  written.detail[0] = 0;
  if (entry->detail) {
    struct text_buffer buffer;
    text_buffer_init(&buffer, sizeof written.detail);
    json_write(entry->detail, &buffer);
    snprintf(written.detail, sizeof written.detail, "%.*s", TEXT_PRINT(text_buffer_get(&buffer)));
    text_buffer_fini(&buffer);
  }
  return true;
}

bool emergency_is_open(struct store_transaction *transaction, const struct actor *actor,
                       struct text person_id, int64_t now, bool *out, int64_t *ends_at,
                       struct error *error)
{
  (void)transaction, (void)actor, (void)person_id;
  if (glass.fails) return error_set(error, ERROR_SYSTEM, "error.file", "", "no emergency");
  glass.asked++;
  *out = glass.is_open;
  *ends_at = now;
  return true;
}

/* The check hands its transaction on and never looks into it. */
static struct store_transaction *const transaction = NULL;
static struct privacy privacy;
static char folder[] = "/tmp/fairlead-access-XXXXXX";
static struct arena *arena;

static int begin(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  read_lines();
  if (mkdtemp(folder) && roles_load(&privacy.roles, "knowledge", &error) &&
      store_open(&privacy.store, file_join(arena, folder, "test.db"), &error))
    return 0;
  print_error("%s\n", error.log);
  return 1;
}

static int end(void **state)
{
  (void)state;
  store_close(privacy.store);
  roles_free(privacy.roles);
  char *command = text_c(arena, text_format(arena, "rm -rf %s", folder));
  assert_int_equal(system(command), 0);
  arena_free(arena);
  return 0;
}

static int clear(void **state)
{
  (void)state;
  memset(&written, 0, sizeof written);
  memset(&glass, 0, sizeof glass);
  return 0;
}

/* --- The model ------------------------------------------------------------------------------- */

enum subject_kind { SELF, CASELOAD, SITE, ELSEWHERE, NOBODY, SUBJECTS };
static const struct role_subject subjects[SUBJECTS] = {
    [SELF] = {{"me", 2}, true, false, false},
    [CASELOAD] = {{"p1", 2}, false, true, false},
    [SITE] = {{"p1", 2}, false, false, true},
    [ELSEWHERE] = {{"p1", 2}, false, false, false},
};

/* Which subjects a scope's word reaches: self, caseload, site, elsewhere, nobody. */
static const char *reached_by(const char *scope)
{
  static const char *const words[][2] = {
      {"own", "ynnnn"}, {"caseload", "yynnn"}, {"site", "yyyny"}, {"program", "yyyyy"}};
  for (size_t i = 0; i < 4; i++)
    if (!strcmp(words[i][0], scope)) return words[i][1];
  return "nnnnn";
}

struct situation {
  const char *role, *object, *act;
  enum actor_kind kind;
  enum subject_kind subject;
  bool is_at_site, is_confirmed, is_emergency;
};

enum verdict { DENIED, PROOF, ALLOWED, ALLOWED_BY_GLASS };

/* Family reaches their own session, and what a consent shares with them; the rest of their rows
 * waits for its rooms. */
static bool is_of_family(const char *object)
{
  return strcmp(object, "shared-record") == 0 || strcmp(object, "session") == 0;
}

static enum verdict model(const struct situation *s)
{
  const char *scope = line_scope(s->role, s->object, s->act);
  if (s->kind == ACTOR_FAMILY && !is_of_family(s->object)) return DENIED;
  if (s->is_at_site && s->kind == ACTOR_STAFF && !strcmp(scope, "program")) scope = "site";
  enum verdict allowed = reached_by(scope)[s->subject] == 'y' ? ALLOWED : DENIED;
  bool may_widen = !strcmp(scope, "caseload") || !strcmp(scope, "site");
  if (allowed == DENIED && s->is_emergency && may_widen && s->subject != NOBODY)
    allowed = ALLOWED_BY_GLASS;
  if (allowed != DENIED && !s->is_confirmed && line_proof(s->object, s->act)) return PROOF;
  return allowed;
}

static struct actor actor_of(const struct situation *s, struct text *role)
{
  *role = text_from(s->role);
  return (struct actor){.kind = s->kind,
                        .account_id = TEXT("a1"),
                        .person_id = s->kind == ACTOR_STAFF ? TEXT("") : TEXT("me"),
                        .program_id = TEXT("g1"),
                        .site_id = s->is_at_site ? TEXT("s1") : TEXT(""),
                        .roles = role,
                        .role_count = 1,
                        .is_confirmed = s->is_confirmed};
}

static void check(const struct situation *s)
{
  struct text role;
  struct actor actor = actor_of(s, &role);
  struct error error = {0};
  struct access access = {0};
  const struct role_subject *subject = s->subject == NOBODY ? NULL : &subjects[s->subject];
  enum verdict expected = model(s);
  clear(NULL);
  glass.is_open = s->is_emergency;
  bool is_open = access_open(transaction, &privacy, &actor, s->object, s->act, subject, TEXT("o1"),
                             77, &access, &error);
  if (is_open != (expected >= ALLOWED))
    fail_msg("%s %s %s subject %d site %d: %d", s->role, s->act, s->object, s->subject,
             s->is_at_site, is_open);
  assert_int_equal(written.count, is_open);
  if (is_open) {
    assert_int_equal(access.is_emergency, expected == ALLOWED_BY_GLASS);
    assert_string_equal(written.purpose, expected == ALLOWED_BY_GLASS ? "BTG" : "");
    assert_string_equal(written.object, s->object);
    assert_string_equal(written.act, s->act);
    assert_string_equal(written.program_id, "g1");
    assert_string_equal(written.object_id, "o1");
    assert_string_equal(written.person_id,
                        s->subject == NOBODY ? "" : text_start(subject->person_id));
    assert_true(text_equal(access.program_id, TEXT("g1")) && access.now == 77);
    assert_false(actor.denial.is_set);
  } else {
    assert_int_equal(error.kind, ERROR_FORBIDDEN);
    assert_string_equal(error.person, expected == PROOF ? "error.proof.text" : "error.403.text");
    assert_true(actor.denial.is_set);
    assert_string_equal(actor.denial.object, s->object);
    assert_null(access.privacy);
  }
}

/* Every object and act of the table, once each. */
static void each_deed(void (*each)(const char *object, const char *act))
{
  for (size_t i = 0; i < line_count; i++) {
    bool is_seen = false;
    for (size_t j = 0; j < i; j++)
      is_seen = is_seen ||
                (!strcmp(lines[i].object, lines[j].object) && !strcmp(lines[i].act, lines[j].act));
    if (!is_seen) each(lines[i].object, lines[i].act);
  }
}

static size_t situations;
static void check_deed(const char *object, const char *act)
{
  for (size_t role = 0; role < roles_count(privacy.roles); role++)
    for (int subject = 0; subject < SUBJECTS; subject++)
      for (int bits = 0; bits < 8; bits++) {
        const char *name = text_c(arena, roles_name(privacy.roles, role));
        enum actor_kind kind = !strcmp(name, "person")   ? ACTOR_PERSON
                               : !strcmp(name, "family") ? ACTOR_FAMILY
                                                         : ACTOR_STAFF;
        check(&(struct situation){name, object, act, kind, (enum subject_kind)subject, bits & 1,
                                  (bits & 2) != 0, (bits & 4) != 0});
        situations++;
      }
}

static void every_situation_is_as_the_table_says(void **state)
{
  (void)state;
  each_deed(check_deed);
  assert_true(situations >= 13 * 5 * 8 * 50);
}

/* --- Apart ----------------------------------------------------------------------------------- */

static void check_list(const char *object, const char *act)
{
  for (size_t role = 0; role < roles_count(privacy.roles); role++)
    for (int confirmed = 0; confirmed < 2; confirmed++) {
      struct text name = roles_name(privacy.roles, role);
      const char *scope = line_scope(text_c(arena, name), object, act);
      bool is_family = text_equal(name, TEXT("family"));
      struct actor actor = {.kind = is_family ? ACTOR_FAMILY : ACTOR_STAFF,
                            .program_id = TEXT("g1"),
                            .roles = &name,
                            .role_count = 1,
                            .is_confirmed = confirmed};
      struct access access = {0};
      struct error error = {0};
      clear(NULL);
      bool is_allowed = *scope && (!is_family || is_of_family(object));
      assert_int_equal(access_would(&privacy, &actor, object, act), is_allowed);
      assert_int_equal(
          access_open_list(transaction, &privacy, &actor, object, act, 5, &access, &error),
          is_allowed && (confirmed || !line_proof(object, act)));
      if (!access.privacy) {
        assert_true(actor.denial.is_set);
        assert_string_equal(error.person, is_allowed ? "error.proof.text" : "error.403.text");
        continue;
      }
      assert_true(text_equal(role_scope_name(access.scope), text_from(scope)));
      assert_int_equal(written.count, 1);
    }
}

static void a_list_says_how_far_it_reaches(void **state)
{
  (void)state;
  each_deed(check_list);
}

static void a_person_is_nobody_else_whatever_is_said(void **state)
{
  (void)state;
  struct text role = TEXT("person");
  struct actor actor = {.kind = ACTOR_PERSON,
                        .person_id = TEXT("me"),
                        .program_id = TEXT("g1"),
                        .roles = &role,
                        .role_count = 1};
  struct role_subject liar = {.person_id = TEXT("p2"), .is_own = true};
  struct access access;
  struct error error = {0};
  assert_false(access_open(transaction, &privacy, &actor, "person", "read", &liar, TEXT(""), 1,
                           &access, &error));
  assert_string_equal(actor.denial.person_id, "not-an-id"); /* an address may hold a name */
  liar.person_id = TEXT("0198c0de-0000-7000-8000-000000000002");
  assert_false(access_open(transaction, &privacy, &actor, "person", "read", &liar, TEXT(""), 1,
                           &access, &error));
  assert_string_equal(actor.denial.person_id, "0198c0de-0000-7000-8000-000000000002");
  /* The record of nobody in particular that is marked as one's own: one's sessions. */
  struct role_subject own = {.is_own = true};
  assert_true(access_open(transaction, &privacy, &actor, "session", "read", &own, TEXT(""), 1,
                          &access, &error));
  /* A list of one's own is about oneself. */
  assert_true(
      access_open_list(transaction, &privacy, &actor, "consent", "read", 1, &access, &error));
  assert_true(text_equal(access.person_id, TEXT("me")) && access.scope == SCOPE_OWN);
  assert_string_equal(written.person_id, "me");
  /* Staff roles on a person's account reach no further than the person. */
  role = TEXT("privacy-officer");
  struct role_subject other = {.person_id = TEXT("p2")};
  assert_false(access_open(transaction, &privacy, &actor, "person", "read", &other, TEXT(""), 1,
                           &access, &error));
}

static void the_machine_itself_reaches_everything(void **state)
{
  (void)state;
  struct actor actors[] = {actor_system(TEXT("g1")), actor_command(TEXT("g1"))};
  static const char *const names[] = {"system", "command"};
  for (size_t i = 0; i < 2; i++) {
    struct access access;
    struct error error = {0};
    assert_true(text_equal(actors[i].name, text_from(names[i])));
    assert_true(access_would(&privacy, &actors[i], "person", "erase"));
    assert_true(access_open(transaction, &privacy, &actors[i], "person", "erase",
                            &subjects[ELSEWHERE], TEXT("p1"), 1, &access, &error));
    assert_int_equal(access.scope, SCOPE_PROGRAM);
  }
}

static void without_its_audit_nothing_opens(void **state)
{
  (void)state;
  struct actor actor = actor_command(TEXT("g1"));
  struct access access = {0};
  struct error error = {0};
  written.fails = true;
  assert_false(access_open(transaction, &privacy, &actor, "person", "read", NULL, TEXT(""), 1,
                           &access, &error));
  assert_false(
      access_open_list(transaction, &privacy, &actor, "person", "search", 1, &access, &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  assert_null(access.privacy);
}

static void a_failing_emergency_is_no_permission(void **state)
{
  (void)state;
  struct text role = TEXT("nurse");
  struct actor actor = {.program_id = TEXT("g1"), .roles = &role, .role_count = 1};
  struct access access = {0};
  struct error error = {0};
  glass.fails = true;
  assert_false(access_open(transaction, &privacy, &actor, "person", "read", &subjects[ELSEWHERE],
                           TEXT(""), 1, &access, &error));
  assert_int_equal(error.kind, ERROR_SYSTEM);
  assert_null(access.privacy);
}

static void what_was_shown_is_written(void **state)
{
  (void)state;
  struct actor actor = actor_command(TEXT("g1"));
  struct access access;
  struct error error = {0};
  const struct text ids[] = {TEXT("p1"), TEXT("p2")};
  assert_true(
      access_open_list(transaction, &privacy, &actor, "person", "search", 1, &access, &error));
  assert_true(access_shown(transaction, &access, ids, 2, &error));
  assert_int_equal(written.count, 2);
  assert_string_equal(written.act, "search");
  assert_string_equal(written.detail, "{\"person_ids\":[\"p1\",\"p2\"]}");
}

/* A board that shows itself anew: its opening and whom it showed before stand in the audit. */
static void what_is_shown_anew_is_written_once(void **state)
{
  (void)state;
  const struct text before[] = {TEXT("p1"), TEXT("p3")}, now[] = {TEXT("p1"), TEXT("p2")};
  struct actor_noted noted = {before, 2};
  struct actor actor = actor_command(TEXT("g1"));
  struct access access;
  struct error error = {0};
  actor.noted = &noted;
  assert_true(
      access_open_list(transaction, &privacy, &actor, "person", "search", 1, &access, &error));
  assert_true(access_shown(transaction, &access, before, 2, &error));
  assert_int_equal(written.count, 0);
  assert_true(access_shown(transaction, &access, now, 2, &error));
  assert_int_equal(written.count, 1);
  assert_string_equal(written.detail, "{\"person_ids\":[\"p2\"]}");
  noted.count = 0; /* it showed nobody */
  assert_true(access_shown(transaction, &access, now, 2, &error));
  assert_int_equal(written.count, 2);
  assert_string_equal(written.detail, "{\"person_ids\":[\"p1\",\"p2\"]}");
  written.fails = true;
  assert_false(access_shown(transaction, &access, now, 2, &error));
}

static void a_denial_is_written_by_itself(void **state)
{
  (void)state;
  struct text role = TEXT("auditor");
  struct actor actor = {.program_id = TEXT("g1"), .roles = &role, .role_count = 1};
  struct access access;
  struct error error = {0};
  assert_true(access_write_denial(&privacy, &actor, 9, &error));
  assert_int_equal(written.count, 0);
  struct role_subject subject = subjects[SITE];
  subject.person_id = TEXT("0198c0de-0000-7000-8000-000000000001");
  assert_false(access_open(transaction, &privacy, &actor, "person", "read", &subject, TEXT(""), 1,
                           &access, &error));
  written.fails = true;
  assert_false(access_write_denial(&privacy, &actor, 9, &error));
  assert_true(actor.denial.is_set);
  written.fails = false;
  assert_true(access_write_denial(&privacy, &actor, 9, &error));
  assert_int_equal(written.count, 1);
  assert_int_equal(written.outcome, AUDIT_DENIED);
  assert_string_equal(written.person_id, "0198c0de-0000-7000-8000-000000000001");
  assert_string_equal(written.object, "person");
  assert_false(actor.denial.is_set);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(every_situation_is_as_the_table_says, clear),
      cmocka_unit_test_setup(a_list_says_how_far_it_reaches, clear),
      cmocka_unit_test_setup(a_person_is_nobody_else_whatever_is_said, clear),
      cmocka_unit_test_setup(the_machine_itself_reaches_everything, clear),
      cmocka_unit_test_setup(without_its_audit_nothing_opens, clear),
      cmocka_unit_test_setup(a_failing_emergency_is_no_permission, clear),
      cmocka_unit_test_setup(what_was_shown_is_written, clear),
      cmocka_unit_test_setup(what_is_shown_anew_is_written_once, clear),
      cmocka_unit_test_setup(a_denial_is_written_by_itself, clear),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
