/*
 * typed_dates: a date whose month was typed as a word, rewritten in numbers, so that who looks for
 * a person may write "Feb 29, 1980" or "29 de febrero de 1980". The months' names are those of the
 * catalog, in every language, from their first three letters on. It reads no other date and no
 * name: "May Lake" stays as it is, since no day and year stand beside it. Pure. Any thread.
 */
#include "web/desk/people.h"

enum { PIECES = LIMIT_QUERY_TEXT / 2 + 1, MONTHS = 12, MONTH_LETTERS = 3, FILLER_LETTERS = 3 };

struct typed {
  const struct catalog *catalog;
  struct arena *arena;
  struct text pieces[PIECES];
  size_t count;
};

/* The digits that a piece begins with; 0 when there are none, or more than `most`, or more than
 * `tail` bytes behind them. */
static int number(struct text piece, size_t most, size_t tail, size_t *digits)
{
  int value = 0;
  size_t length = 0;
  for (; length < piece.length && piece.at[length] >= '0' && piece.at[length] <= '9'; length++) {
    if (length == most) return 0;
    value = 10 * value + (piece.at[length] - '0');
  }
  *digits = length;
  return piece.length - length > tail ? 0 : value;
}

/* "29", "29th", "1ro". */
static int day_of(struct text piece)
{
  size_t digits;
  int day = number(piece, 2, 2, &digits);
  return day <= 31 ? day : 0;
}

/* "1980" or "80". */
static int year_of(struct text piece)
{
  size_t digits;
  int year = number(piece, 4, 0, &digits);
  return digits == 2 || digits == 4 ? year : 0;
}

static int month_of(const struct typed *typed, struct text piece)
{
  struct text word = text_fold(typed->arena, piece);
  if (word.length < MONTH_LETTERS) return 0;
  for (size_t language = 0; language < catalog_language_count(typed->catalog); language++)
    for (int month = 1; month <= MONTHS; month++) {
      const char *key = text_c(typed->arena, text_format(typed->arena, "date.%d", month));
      struct text name = text_fold(typed->arena, catalog_text(typed->catalog, language, key));
      if (text_starts_with(name, word)) return month;
    }
  return 0;
}

/* Step over a short word such as "de" or "of". */
static size_t past_filler(const struct typed *typed, size_t at)
{
  if (at >= typed->count) return at;
  struct text piece = typed->pieces[at];
  bool is_filler = piece.length <= FILLER_LETTERS && !(piece.at[0] >= '0' && piece.at[0] <= '9') &&
                   month_of(typed, piece) == 0;
  return at + is_filler;
}

static struct text piece_at(const struct typed *typed, size_t at)
{
  return at < typed->count ? typed->pieces[at] : TEXT("");
}

/* A date that begins at piece `at`: writes it and answers how many pieces it has, or 0. */
static size_t take_date(const struct typed *typed, size_t at, struct text *out)
{
  int month = month_of(typed, typed->pieces[at]), day;
  size_t year_at;
  if (month) {
    day = day_of(piece_at(typed, at + 1));
    year_at = at + 2;
  } else {
    day = day_of(typed->pieces[at]);
    size_t month_at = past_filler(typed, at + 1);
    month = day ? month_of(typed, piece_at(typed, month_at)) : 0;
    year_at = past_filler(typed, month_at + 1);
  }
  struct text written = piece_at(typed, year_at);
  if (!month || !day || !year_of(written)) return 0;
  *out = text_format(typed->arena, "%d/%d/%.*s", month, day, TEXT_PRINT(written));
  return year_at + 1 - at;
}

struct text people_typed(const struct catalog *catalog, struct arena *arena, struct text words)
{
  struct typed typed = {.catalog = catalog, .arena = arena};
  struct text rest = text_slice(words, 0, LIMIT_QUERY_TEXT), piece, out = TEXT("");
  while (typed.count < PIECES && text_word_next(&rest, &piece)) {
    while (piece.length && (text_ends_with(piece, TEXT(",")) || text_ends_with(piece, TEXT("."))))
      piece.length--;
    if (piece.length) typed.pieces[typed.count++] = piece;
  }
  bool is_changed = false;
  for (size_t at = 0; at < typed.count;) {
    struct text date = typed.pieces[at];
    size_t taken = take_date(&typed, at, &date);
    is_changed = is_changed || taken;
    out = text_format(arena, "%.*s%s%.*s", TEXT_PRINT(out), at ? " " : "", TEXT_PRINT(date));
    at += taken ? taken : 1;
  }
  return is_changed ? out : words;
}
