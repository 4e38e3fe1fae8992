/*
 * A form from outside as raw bytes: what is read of each field is of its kind and no longer than
 * its limit, or the field has a problem; what was typed stays as it was. And an amount of money, as
 * the calculator reads it: what is read comes back the same from what is written of it.
 */
#include <stdlib.h>

#include "coverage/coverage.h"
#include "coverage/money.h"
#include "web/form.h"
#include "web/views_ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ask_field fields[] = {
    {"line", "l", NULL, ASK_LINE, false},   {"lines", "l", NULL, ASK_LINES, false},
    {"phone", "l", NULL, ASK_PHONE, false}, {"email", "l", NULL, ASK_EMAIL, false},
    {"date", "l", NULL, ASK_DATE, false},   {"one", "l", NULL, ASK_ONE, false},
    {"any", "l", NULL, ASK_ANY, false},     {"needed", "l", NULL, ASK_LINE, true},
};
enum { LINE, LINES, PHONE, EMAIL, DATE, ONE, ANY, NEEDED, COUNT };

static void must(bool holds)
{
  if (!holds) abort();
}

static bool is_choice(const struct ask_entry *entry, struct text value)
{
  bool is_one = false;
  for (size_t i = 0; i < entry->choice_count; i++)
    is_one = is_one || text_equal(entry->choices[i].value, value);
  return is_one;
}

static void check_phone(struct text value)
{
  must(value.length == 10);
  for (size_t i = 0; i < value.length; i++) must(value.at[i] >= '0' && value.at[i] <= '9');
}

static void check_any(const struct ask_form *form, struct text value)
{
  struct text rest = value, word;
  while (text_word_next(&rest, &word)) {
    must(is_choice(&form->entries[ANY], word));
    must(text_contains(view_ask_get(form, "any"), word));
  }
}

/* One field that has no problem. */
static void check_entry(const struct ask_form *form, size_t index)
{
  struct text value = view_ask_get(form, fields[index].name);
  int year, month, day;
  if (value.length == 0) {
    must(!fields[index].is_required);
    return;
  }
  switch (fields[index].kind) {
  case ASK_LINE:
    must(text_characters(value) <= LIMIT_DOOR_LINE && !text_contains(value, TEXT("\n")));
    return;
  case ASK_LINES:
    must(text_characters(value) <= LIMIT_DOOR_WORDS);
    return;
  case ASK_PHONE:
    check_phone(value);
    return;
  case ASK_EMAIL:
    must(value.length <= LIMIT_OUTBOX_ADDRESS && text_contains(value, TEXT("@")));
    return;
  case ASK_DATE:
    must(value.length == 10 && time_read_date(value, &year, &month, &day));
    return;
  case ASK_ONE:
    must(is_choice(&form->entries[index], value));
    return;
  case ASK_ANY:
    check_any(form, value);
    return;
  }
}

static void read_form(struct arena *arena, struct text body)
{
  static const struct ask_choice choices[] = {{{"yes", 3}, {"Yes", 3}}, {{"no", 2}, {"No", 2}}};
  struct web_parameters list = {.has_lines = true};
  struct ask_form form;
  if (!web_parameters_read(arena, body, &list)) return;
  struct web_request request = {
      .arena = arena, .method = WEB_POST, .parameters = list.items, .parameter_count = list.count};
  VIEW_ASK_BEGIN(&form, &request, fields);
  view_ask_choices(&form, "one", choices, 2, TEXT("yes"));
  view_ask_choices(&form, "any", choices, 2, TEXT(""));
  bool is_good = view_ask_read(&form), has_problem = false;
  for (size_t i = 0; i < COUNT; i++) {
    has_problem = has_problem || form.entries[i].problem;
    if (!form.entries[i].problem) check_entry(&form, i);
  }
  must(is_good == !has_problem);
}

static void read_money(struct arena *arena, struct text input)
{
  int64_t cents, again;
  if (!money_read(input, &cents)) return;
  must(cents >= 0 && cents <= LIMIT_COVERAGE_INCOME);
  must(money_read(money_write(arena, cents), &again) && again == cents);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text input = text_copy(arena, (struct text){(const char *)data, size});
  if (size <= LIMIT_DOOR_BODY) read_form(arena, input);
  read_money(arena, input);
  arena_free(arena);
  return 0;
}
