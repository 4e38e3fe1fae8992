/*
 * Fuzz text: folding twice is folding once, splitting loses nothing, numbers read back, and the
 * UTF-8 check agrees with one written from the Unicode standard's table 3-7.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static void expect_moments(struct arena *arena, struct text t)
{
  int64_t moment, again;
  if (!time_read(t, &moment)) return;
  if (moment < -INT64_C(2208988800) * 1000000) return; /* before 1900: another year's form */
  if (!time_read(time_format(arena, moment), &again) || again != moment) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect_fold(struct arena *arena, struct text t)
{
  struct text folded = text_fold(arena, t);
  if (!text_is_utf8(folded) || !text_equal(text_fold(arena, folded), folded)) abort();
  if (text_contains(folded, TEXT("  ")) || text_trim(folded).length != folded.length) abort();
  for (size_t i = 0; i < folded.length; i++) {
    unsigned char c = (unsigned char)folded.at[i];
    bool good = c >= 0x80 || c == ' ' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (!good) abort();
  }
}

/* The length of the well-formed sequence that begins here, or 0. */
static size_t sequence(const unsigned char *at, size_t left)
{
  static const struct {
    unsigned char first, last, low, high;
    size_t length;
  } rows[] = {
      {0x00, 0x7F, 0x00, 0xFF, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
      {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
      {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (at[0] < rows[i].first || at[0] > rows[i].last) continue;
    if (rows[i].length > left) return 0;
    if (rows[i].length > 1 && (at[1] < rows[i].low || at[1] > rows[i].high)) return 0;
    for (size_t j = 2; j < rows[i].length; j++)
      if (at[j] < 0x80 || at[j] > 0xBF) return 0;
    return rows[i].length;
  }
  return 0;
}

static void expect_utf8(struct text t)
{
  size_t at = 0, step = 1;
  while (step && at < t.length) {
    step = sequence((const unsigned char *)t.at + at, t.length - at);
    at += step;
  }
  if (text_utf8_prefix(t) != at || text_is_utf8(t) != (at == t.length)) abort();
}

static void expect_splits(struct arena *arena, struct text t)
{
  struct text_buffer joined;
  struct text rest = t, part;
  text_buffer_init(&joined, t.length);
  for (bool first = true; text_split_next(&rest, ',', &part); first = false) {
    if (!first) text_buffer_add_character(&joined, ',');
    if (text_contains(part, TEXT(","))) abort();
    text_buffer_add(&joined, part);
  }
  if (!text_equal(text_buffer_get(&joined), t)) abort();
  text_buffer_fini(&joined);
  size_t letters = 0, in_words = 0;
  for (size_t i = 0; i < t.length; i++)
    letters += !(t.at[i] == ' ' || (t.at[i] >= 9 && t.at[i] <= 13));
  for (rest = t; text_word_next(&rest, &part);) {
    in_words += part.length;
    if (part.length == 0 || text_trim(part).length != part.length) abort();
  }
  if (letters != in_words) abort();
  (void)arena;
}

static void expect_numbers(struct arena *arena, struct text t)
{
  int64_t integer;
  double decimal;
  uint64_t bits;
  if (text_read_integer(t, &integer)) {
    struct text again = value_text_get(value_integer(arena, integer));
    int64_t read;
    if (!text_read_integer(again, &read) || read != integer) abort();
    if (t.length < 60 && !text_read_decimal(t, &decimal)) abort();
  }
  if (text_read_decimal(t, &decimal) && decimal != strtod(text_c(arena, t), NULL)) abort();
  if (text_read_hexadecimal(t, &bits) && bits != strtoull(text_c(arena, t), NULL, 16)) abort();
}

static void expect_names(struct text t)
{
  size_t from = 0, begin, end;
  struct text name;
  while (catalog_next_name(t, from, &begin, &end, &name)) {
    if (begin < from || end > t.length || end != begin + name.length + 4) abort();
    from = end;
  }
}

static void expect_dates(struct arena *arena, struct text t)
{
  int year, month, day;
  if (!time_read_date(t, &year, &month, &day)) return;
  int64_t moment = time_days_from_date(year, month, day) * 86400 * 1000000;
  if (!text_equal(time_format_date(arena, moment), t)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  struct text t = {(const char *)bytes, size};
  expect_fold(arena, t);
  expect_utf8(t);
  expect_splits(arena, t);
  expect_numbers(arena, t);
  expect_names(t);
  expect_dates(arena, t);
  expect_moments(arena, t);
  struct text found = text_slice(t, text_find(t, TEXT("ab")), size);
  if (found.length && !text_starts_with(found, TEXT("ab"))) abort();
  arena_free(arena);
  return 0;
}
