/*
 * Forms by declaration. Expected values: docs/desk.md; phone lengths of ITU-T E.164; ISO 8601
 * dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <string.h>

#include "web/desk/desk.h"

static struct web_application application;

static const struct desk_field fields[] = {
    {.name = "given",
     .label = "sign_in.name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = 5},
    {.name = "notes", .label = "sign_in.name", .kind = DESK_LINES},
    {.name = "password", .label = "sign_in.password", .kind = DESK_SECRET},
    {.name = "email", .label = "sign_in.name", .kind = DESK_EMAIL},
    {.name = "phone", .label = "sign_in.name", .kind = DESK_PHONE},
    {.name = "birth", .label = "sign_in.name", .kind = DESK_DATE},
    {.name = "age", .label = "sign_in.name", .kind = DESK_NUMBER, .least = 0, .most = 130},
    {.name = "one", .label = "sign_in.name", .kind = DESK_CHOICE},
    {.name = "some", .label = "sign_in.name", .kind = DESK_CHOICES},
    {.name = "yes", .label = "sign_in.name", .kind = DESK_YES},
    {.name = "id", .label = "sign_in.name", .kind = DESK_HIDDEN},
};
static const struct desk_choice choices[] = {{{"a", 1}, {"Apple", 5}}, {{"b", 1}, {"Banana", 6}}};

struct sent {
  struct web_request request;
  struct web_parameter parameters[16];
  struct desk_form form;
};

static struct sent *sent_new(void)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct sent *sent = arena_allocate(arena, sizeof *sent);
  sent->request = (struct web_request){.arena = arena,
                                       .application = &application,
                                       .method = WEB_POST,
                                       .path = TEXT("/desk/x"),
                                       .parameters = sent->parameters};
  return sent;
}

static void sent_add(struct sent *sent, const char *name, const char *value)
{
  sent->parameters[sent->request.parameter_count++] =
      (struct web_parameter){text_from(name), text_from(value)};
}

static bool sent_read(struct sent *sent)
{
  DESK_FORM_INIT(&sent->form, &sent->request, fields);
  desk_form_choices(&sent->form, "one", choices, 2);
  desk_form_choices(&sent->form, "some", choices, 2);
  return desk_form_read(&sent->form);
}

/* What stands at a field of the view: page.form.field.<name>.<member>. */
static struct text shown(struct sent *sent, const char *field, const char *member)
{
  struct web_view view = {0};
  desk_form_show(&sent->form, &view, "x");
  const struct value *form = value_get(view.page, TEXT("form"));
  const struct value *at = value_get(value_get(form, TEXT("field")), text_from(field));
  return value_text_get(value_get(at, text_from(member)));
}

static void one_field(const char *name, const char *value, bool is_good)
{
  struct sent *sent = sent_new();
  sent_add(sent, "given", "Ana");
  sent_add(sent, name, value);
  if (sent_read(sent) != is_good) fail_msg("%s=%s", name, value);
  assert_true(is_good == text_is_empty(shown(sent, name, "problem")));
  arena_free(sent->request.arena);
}

static void kinds_are_checked(void **state)
{
  (void)state;
  static const struct {
    const char *name, *value;
    bool is_good;
  } cases[] = {
      {"email", "ana@example.org", true},
      {"email", "ana", false},
      {"email", "ana@", false},
      {"email", "@example.org", false},
      {"email", "ana@example", false},
      {"email", "ana@b@example.org", false},
      {"email", "ana b@example.org", false},
      {"phone", "(804) 555-0100", true},
      {"phone", "+34 91 555 01 00", true},
      {"phone", "555-0100", false},
      {"phone", "call me", false},
      {"phone", "1234567890123456", false},
      {"birth", "1980-02-29", true},
      {"birth", "1981-02-29", false},
      {"birth", "2/29/1980", false},
      {"age", "0", true},
      {"age", "130", true},
      {"age", "131", false},
      {"age", "-1", false},
      {"age", "7.5", false},
      {"age", "seven", false},
      {"one", "a", true},
      {"one", "c", false},
      {"some", "b", true},
      {"some", "Banana", false},
      {"yes", "1", true},
      {"yes", "on", false},
      {"id", "0190-abc", true},
      {"id", "a b", false},
      {"id", "\xC3\xA9", false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    one_field(cases[i].name, cases[i].value, cases[i].is_good);
}

static void required_and_length_count_characters(void **state)
{
  (void)state;
  static const struct {
    const char *value;
    bool is_good;
  } cases[] = {{"", false},
               {"   ", false},
               {"abcde", true},
               {"abcdef", false},
               {"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct sent *sent = sent_new();
    sent_add(sent, "given", cases[i].value);
    assert_int_equal(sent_read(sent), cases[i].is_good);
    arena_free(sent->request.arena);
  }
}

static void what_was_typed_comes_back_but_no_secret(void **state)
{
  (void)state;
  struct sent *sent = sent_new();
  sent_add(sent, "given", " too long a name ");
  sent_add(sent, "password", " kept as it is ");
  sent_add(sent, "some", "a");
  sent_add(sent, "some", "b");
  sent_add(sent, "one", "b");
  sent_add(sent, "one", "a");
  sent_add(sent, "age", "200");
  assert_false(sent_read(sent));
  assert_true(text_equal(shown(sent, "given", "value"), TEXT("too long a name")));
  assert_true(text_equal(desk_form_get(&sent->form, "password"), TEXT(" kept as it is ")));
  assert_int_equal(shown(sent, "password", "value").length, 0);
  assert_true(desk_form_has(&sent->form, "some", TEXT("a")));
  assert_true(desk_form_has(&sent->form, "some", TEXT("b")));
  assert_true(text_equal(desk_form_get(&sent->form, "one"), TEXT("b")));
  const struct text *all;
  assert_int_equal(desk_form_all(&sent->form, "some", &all), 2);
  assert_true(text_contains(shown(sent, "age", "problem"), TEXT("130")));
  struct web_view view = {0};
  assert_true(desk_form_show(&sent->form, &view, "x"));
  assert_int_equal(view.status, 400);
  const struct value *form = value_get(view.page, TEXT("form"));
  const struct value *problems = value_get(form, TEXT("problems"));
  assert_int_equal(value_count(problems), 2);
  assert_true(text_equal(value_text_get(value_get(value_item(problems, 0), TEXT("href"))),
                         TEXT("#form-given")));
  arena_free(sent->request.arena);
}

static void a_stale_form_shows_both(void **state)
{
  (void)state;
  struct sent *sent = sent_new();
  struct desk_form now;
  sent_add(sent, "given", "Ana");
  sent_add(sent, "one", "a");
  sent_add(sent, "version", "3");
  assert_true(sent_read(sent));
  assert_int_equal(desk_form_version(&sent->form), 3);
  DESK_FORM_INIT(&now, &sent->request, fields);
  desk_form_choices(&now, "one", choices, 2);
  desk_form_set(&now, "given", TEXT("Eva"));
  desk_form_set(&now, "one", TEXT("a"));
  desk_form_set_version(&now, 4);
  desk_form_conflict(&sent->form, &now);
  struct web_view view = {0};
  desk_form_show(&sent->form, &view, "x");
  assert_int_equal(view.status, 409);
  const struct value *form = value_get(view.page, TEXT("form"));
  const struct value *conflict = value_get(form, TEXT("conflict"));
  assert_int_equal(value_count(conflict), 1);
  assert_true(
      text_equal(value_text_get(value_get(value_item(conflict, 0), TEXT("stands"))), TEXT("Eva")));
  assert_true(
      text_equal(value_text_get(value_get(value_item(conflict, 0), TEXT("typed"))), TEXT("Ana")));
  assert_true(text_equal(value_text_get(value_get(form, TEXT("version"))), TEXT("4")));
  assert_true(text_equal(shown(sent, "given", "value"), TEXT("Ana")));
  arena_free(sent->request.arena);
}

static void a_refusal_of_a_room_lands_at_its_field(void **state)
{
  (void)state;
  static const struct desk_mapping mappings[] = {{"error.desk.form", "given"}, {NULL, NULL}};
  struct sent *sent = sent_new();
  struct error error = {0};
  sent_add(sent, "given", "Ana");
  assert_true(sent_read(sent));
  error_set(&error, ERROR_REFUSED, "error.desk.form", "", "x");
  assert_true(desk_form_take(&sent->form, &error, mappings));
  assert_true(shown(sent, "given", "problem").length > 0);
  error_set(&error, ERROR_REFUSED, "error.desk.plain", "", "x");
  assert_true(desk_form_take(&sent->form, &error, mappings));
  assert_string_equal(sent->form.problem, "error.desk.plain");
  error_set(&error, ERROR_SYSTEM, "error.system", "", "x");
  assert_false(desk_form_take(&sent->form, &error, mappings));
  arena_free(sent->request.arena);
}

static int setup(void **state)
{
  (void)state;
  struct error error = {0};
  return catalog_load(&application.catalog, "locale", &error) ? 0 : -1;
}

static int teardown(void **state)
{
  (void)state;
  catalog_free(application.catalog);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kinds_are_checked),
      cmocka_unit_test(required_and_length_count_characters),
      cmocka_unit_test(what_was_typed_comes_back_but_no_secret),
      cmocka_unit_test(a_stale_form_shows_both),
      cmocka_unit_test(a_refusal_of_a_room_lands_at_its_field),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
