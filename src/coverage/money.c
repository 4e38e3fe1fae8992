/*
 * money: see money.h.
 */
#include "coverage/money.h"

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Digits, with commas between every three of them or none; at least one digit. */
static bool read_whole(struct text t, int64_t *out)
{
  int64_t whole = 0;
  size_t run = 0;
  bool has_comma = false;
  for (size_t i = 0; i < t.length; i++) {
    if (t.at[i] == ',') {
      if (run == 0 || run > 3 || (has_comma && run != 3)) return false;
      has_comma = true;
      run = 0;
      continue;
    }
    if (!is_digit(t.at[i]) || whole > LIMIT_COVERAGE_INCOME / 100) return false;
    whole = 10 * whole + (t.at[i] - '0');
    run++;
  }
  if (run == 0 || (has_comma && run != 3)) return false;
  *out = whole;
  return true;
}

bool money_read(struct text t, int64_t *cents)
{
  struct text rest = text_trim(t), fraction = TEXT("");
  int64_t whole, parts = 0;
  if (text_starts_with(rest, TEXT("$"))) rest = text_trim(text_slice(rest, 1, rest.length));
  size_t point = text_find(rest, TEXT("."));
  if (point < rest.length) fraction = text_slice(rest, point + 1, rest.length);
  if (!read_whole(text_slice(rest, 0, point), &whole)) return false;
  if (fraction.length > 2) return false;
  for (size_t i = 0; i < 2; i++) {
    if (i < fraction.length && !is_digit(fraction.at[i])) return false;
    parts = 10 * parts + (i < fraction.length ? fraction.at[i] - '0' : 0);
  }
  if (whole * 100 + parts > LIMIT_COVERAGE_INCOME) return false;
  *cents = whole * 100 + parts;
  return true;
}

struct text money_write(struct arena *arena, int64_t cents)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_ERROR_TEXT);
  uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
  struct text digits = text_format(arena, "%llu", (unsigned long long)(size / 100));
  if (cents < 0) text_buffer_add_character(&out, '-');
  text_buffer_add_character(&out, '$');
  for (size_t i = 0; i < digits.length; i++) {
    if (i && (digits.length - i) % 3 == 0) text_buffer_add_character(&out, ',');
    text_buffer_add_character(&out, digits.at[i]);
  }
  if (size % 100) text_buffer_add_format(&out, ".%02u", (unsigned)(size % 100));
  struct text copy = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}
