/*
 * The table of roles: each cell is what the file says and nothing else is allowed; a spoiled table
 * is refused by its line. Expected values: knowledge/roles.csv read by the test's own eyes
 * (roles_table.h), and the role matrix's plainest sentences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "privacy/roles.h"
#include "roles_table.h"

static struct roles *roles;
static struct arena *arena;
static char folder[] = "/tmp/fairlead-roles-XXXXXX";

static int begin(void **state)
{
  (void)state;
  struct error error = {0};
  arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  read_lines();
  if (!mkdtemp(folder)) return 1;
  if (roles_load(&roles, "knowledge", &error)) return 0;
  print_error("%s\n", error.log);
  return 1;
}

static int end(void **state)
{
  (void)state;
  unlink(file_join(arena, folder, "roles.csv"));
  rmdir(folder);
  roles_free(roles);
  roles_free(NULL);
  arena_free(arena);
  return 0;
}

/* --- The table as it is ---------------------------------------------------------------------- */

static void every_cell_is_the_files(void **state)
{
  (void)state;
  size_t allowed = 0;
  for (size_t role = 0; role < roles_count(roles); role++)
    for (size_t i = 0; i < line_count; i++) {
      const char *name = text_c(arena, roles_name(roles, role));
      enum role_scope scope = roles_scope(roles, roles_name(roles, role),
                                          text_from(lines[i].object), text_from(lines[i].act));
      const char *expected = line_scope(name, lines[i].object, lines[i].act);
      assert_string_equal(text_c(arena, role_scope_name(scope)), expected);
      assert_int_equal(
          roles_needs_proof(roles, text_from(lines[i].object), text_from(lines[i].act)),
          line_proof(lines[i].object, lines[i].act));
      allowed += strcmp(name, lines[i].role) == 0;
    }
  assert_int_equal(allowed, line_count);
}

static void count_row(void *context, struct text role, struct text object, struct text act,
                      enum role_scope scope, struct text source)
{
  size_t *at = context;
  assert_true(text_equal(role, text_from(lines[*at].role)));
  assert_true(text_equal(object, text_from(lines[*at].object)));
  assert_true(text_equal(act, text_from(lines[*at].act)));
  assert_true(text_equal(role_scope_name(scope), text_from(lines[*at].scope)));
  assert_true(source.length > 0);
  ++*at;
}

static void rows_come_in_the_order_of_the_file(void **state)
{
  (void)state;
  size_t count = 0;
  roles_each(roles, count_row, &count);
  assert_int_equal(count, line_count);
}

static void what_the_table_does_not_name_is_denied(void **state)
{
  (void)state;
  size_t index = 99;
  assert_int_equal(roles_scope(roles, TEXT("janitor"), TEXT("person"), TEXT("read")), SCOPE_NONE);
  assert_int_equal(roles_scope(roles, TEXT("nurse"), TEXT("safe"), TEXT("read")), SCOPE_NONE);
  assert_int_equal(roles_scope(roles, TEXT("nurse"), TEXT("person"), TEXT("paint")), SCOPE_NONE);
  assert_int_equal(roles_scope(roles, TEXT(""), TEXT(""), TEXT("")), SCOPE_NONE);
  assert_true(roles_needs_proof(roles, TEXT("safe"), TEXT("open")));
  assert_false(roles_find(roles, TEXT("janitor"), &index));
  assert_int_equal(index, 99);
  assert_true(roles_find(roles, TEXT("front-desk"), &index));
  assert_int_equal(index, 0);
  assert_int_equal(roles_count(roles), 13);
  assert_true(text_is_empty(roles_name(roles, 13)));
}

/* What the matrix says in so many words; a change of the file must not lose it. */
static void the_sentences_of_the_matrix_hold(void **state)
{
  (void)state;
  for (size_t i = 0; i < line_count; i++) {
    const char *role = lines[i].role, *object = lines[i].object, *act = lines[i].act;
    /* Counseling notes are their author's alone (42 CFR 2.11). */
    if (!strcmp(object, "counseling-note")) {
      assert_string_equal(role, "counselor");
      assert_string_equal(lines[i].scope, "own");
    }
    /* A person and their family reach what is theirs. */
    if (!strcmp(role, "person") || !strcmp(role, "family"))
      assert_string_equal(lines[i].scope, "own");
    /* Who reads the history writes no record; who looks after accounts reads none. */
    if (!strcmp(role, "auditor"))
      assert_true(strcmp(act, "write") != 0 && strcmp(object, "person") != 0);
    if (!strcmp(role, "administrator"))
      assert_true(strcmp(object, "audit") != 0 && strcmp(object, "episode") != 0 &&
                  strcmp(object, "fact") != 0 && strcmp(object, "consent") != 0 &&
                  (strcmp(object, "person") != 0 || !strcmp(act, "import")));
    /* Orders are the nurse's, the prescriber's and the pharmacist's to write. */
    if (!strcmp(object, "order") && !strcmp(act, "write"))
      assert_true(!strcmp(role, "nurse") || !strcmp(role, "prescriber") ||
                  !strcmp(role, "pharmacist"));
    /* Dangerous acts ask again. */
    if (!strcmp(act, "erase") || !strcmp(act, "merge") || !strcmp(act, "reset") ||
        !strcmp(act, "enroll") || !strcmp(act, "export") || !strcmp(act, "import") ||
        !strcmp(act, "open"))
      assert_string_equal(lines[i].proof, "1");
  }
}

static void the_widest_of_several_roles_counts(void **state)
{
  (void)state;
  const struct text names[] = {TEXT("counselor"), TEXT("utilization"), TEXT("auditor")};
  assert_int_equal(roles_widest(roles, names, 1, TEXT("person"), TEXT("read")), SCOPE_CASELOAD);
  assert_int_equal(roles_widest(roles, names, 3, TEXT("person"), TEXT("read")), SCOPE_PROGRAM);
  assert_int_equal(roles_widest(roles, names + 2, 1, TEXT("person"), TEXT("read")), SCOPE_NONE);
  assert_int_equal(roles_widest(roles, NULL, 0, TEXT("person"), TEXT("read")), SCOPE_NONE);
}

/* --- Scope against subject ------------------------------------------------------------------- */

static void a_scope_reaches_what_it_should(void **state)
{
  (void)state;
  const struct text somebody = TEXT("p1");
  const struct {
    struct role_subject subject;
    const char *reached; /* by own, caseload, site, program */
  } cases[] = {
      {{.person_id = somebody}, "nnny"},
      {{.person_id = somebody, .is_site = true}, "nnyy"},
      {{.person_id = somebody, .is_caseload = true}, "nyyy"},
      {{.person_id = somebody, .is_caseload = true, .is_site = true}, "nyyy"},
      {{.person_id = somebody, .is_own = true}, "yyyy"},
      {{.is_own = true}, "yyyy"},
      {{.is_caseload = true}, "nyyy"},
      {{.is_site = true}, "nnyy"},
      {{.is_own = false}, "nnyy"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_false(role_scope_reaches(SCOPE_NONE, &cases[i].subject));
    for (int scope = SCOPE_OWN; scope <= SCOPE_PROGRAM; scope++)
      assert_int_equal(role_scope_reaches((enum role_scope)scope, &cases[i].subject),
                       cases[i].reached[scope - SCOPE_OWN] == 'y');
  }
  assert_false(role_scope_reaches(SCOPE_CASELOAD, NULL));
  assert_true(role_scope_reaches(SCOPE_SITE, NULL));
}

/* --- Refusals -------------------------------------------------------------------------------- */

static struct text original(void)
{
  struct text content;
  assert_true(file_read(arena, "knowledge/roles.csv", LIMIT_KNOWLEDGE_FILE, &content, NULL));
  return content;
}

static void assert_refused(struct text content, const char *expected)
{
  struct error error = {0};
  struct roles *loaded = NULL;
  assert_true(file_replace(file_join(arena, folder, "roles.csv"), content, NULL));
  assert_false(roles_load(&loaded, folder, &error));
  assert_null(loaded);
  if (!text_contains(text_from(error.log), text_from(expected)))
    fail_msg("expected \"%s\", found \"%s\"", expected, error.log);
}

static void a_spoiled_row_is_refused_by_its_line(void **state)
{
  (void)state;
  static const struct {
    const char *row, *expected;
  } cases[] = {
      {"janitor,person,read,own,0,s", "there is no role \"janitor\""},
      {",person,read,own,0,s", "there is no role \"\""},
      {"nurse,safe,read,own,0,s", "there is no act \"read\" of an object \"safe\""},
      {"nurse,person,paint,own,0,s", "there is no act \"paint\" of an object \"person\""},
      {"nurse,audit,write,own,0,s", "there is no act \"write\" of an object \"audit\""},
      {"auditor,person,read,world,0,s", "there is no scope \"world\""},
      {"auditor,person,read,,0,s", "there is no scope \"\""},
      {"auditor,person,read,own,yes,s", "proof is neither 0 nor 1"},
      {"auditor,person,read,own,,s", "proof is neither 0 nor 1"},
      {"auditor,person,read,own,0,", "source is empty"},
      {"nurse,person,read,program,0,s", "nurse already may read person"},
      {"auditor,person,read,own,1,s", "person read has another proof above"},
      {"auditor,person,erase,own,0,s", "person erase has another proof above"},
  };
  struct text content = original();
  size_t line = 1;
  for (size_t i = 0; i < content.length; i++) line += content.at[i] == '\n';
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct text expected = text_format(arena, "roles.csv:%zu: %s", line, cases[i].expected);
    assert_refused(text_format(arena, "%.*s%s\n", TEXT_PRINT(content), cases[i].row),
                   text_c(arena, expected));
  }
}

/* The file without the lines that hold `word`. */
static struct text without(const char *word)
{
  struct text rest = original(), line, kept = TEXT("");
  while (text_split_next(&rest, '\n', &line))
    if (!text_contains(line, text_from(word)))
      kept = text_format(arena, "%.*s%.*s\n", TEXT_PRINT(kept), TEXT_PRINT(line));
  return kept;
}

static void a_table_with_a_hole_is_refused(void **state)
{
  (void)state;
  assert_refused(without("family,"), "roles.csv: family may do nothing");
  assert_refused(without(",erase,"), "roles.csv: nobody may erase person");
  assert_refused(TEXT("role,object,act,scope,proof,source\n"), "roles.csv: no row");
  assert_refused(TEXT("role,object,act,scope,proof\nnurse,person,read,own,0\n"), "source");
  assert_refused(TEXT("a,a\n"), "roles.csv");
  struct error error = {0};
  struct roles *loaded = NULL;
  assert_false(roles_load(&loaded, "/nowhere", &error));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_cell_is_the_files),
      cmocka_unit_test(rows_come_in_the_order_of_the_file),
      cmocka_unit_test(what_the_table_does_not_name_is_denied),
      cmocka_unit_test(the_sentences_of_the_matrix_hold),
      cmocka_unit_test(the_widest_of_several_roles_counts),
      cmocka_unit_test(a_scope_reaches_what_it_should),
      cmocka_unit_test(a_spoiled_row_is_refused_by_its_line),
      cmocka_unit_test(a_table_with_a_hole_is_refused),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
