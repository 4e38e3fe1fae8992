/*
 * Reading what was typed to find a person: words of names, dates, phone numbers, in any order.
 * It hashes nothing and knows no key. What was typed is hostile; at most LIMIT_QUERY_TEXT bytes and
 * LIMIT_QUERY_WORDS words count. A reading that could be several things is all of them: 3/4/1980 is
 * the fourth of March and the third of April. Pure. Any thread.
 */
#include <string.h>

#include "store/vault_words.h"

enum {
  PIECES = LIMIT_QUERY_TEXT / 2 + 1,
  PHONE_LEAST = 7,
  PHONE_MOST = 15,
  PHONE_AREA = 10,
  PHONE_END = 4
};

/* --- Dates --------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool is_number(struct text t, size_t least, size_t most)
{
  for (size_t i = 0; i < t.length; i++)
    if (!is_digit(t.at[i])) return false;
  return t.length >= least && t.length <= most;
}

static void add_date(struct vault_tokens *tokens, struct text year, struct text month,
                     struct text day)
{
  int y, m, d;
  struct text date = text_format(tokens->arena, "%.*s-%s%.*s-%s%.*s", TEXT_PRINT(year),
                                 month.length < 2 ? "0" : "", TEXT_PRINT(month),
                                 day.length < 2 ? "0" : "", TEXT_PRINT(day));
  if (time_read_date(date, &y, &m, &d)) vault_tokens_add(tokens, VAULT_INDEX_BIRTH_DATE, date);
}

/* A year of two digits is of this century or the last. */
static void add_dates(struct vault_tokens *tokens, struct text year, struct text one,
                      struct text other)
{
  static const char *const centuries[] = {"19", "20"};
  struct arena *arena = tokens->arena;
  for (int i = 0; i < (year.length == 2 ? 2 : 1); i++) {
    struct text whole =
        year.length == 2 ? text_format(arena, "%s%.*s", centuries[i], TEXT_PRINT(year)) : year;
    add_date(tokens, whole, one, other);
    add_date(tokens, whole, other, one);
  }
}

/* Three numbers that may be a date. */
static void add_numbers(struct vault_tokens *tokens, const struct text parts[3])
{
  if (is_number(parts[0], 4, 4) && is_number(parts[1], 1, 2) && is_number(parts[2], 1, 2))
    add_date(tokens, parts[0], parts[1], parts[2]);
  if (is_number(parts[0], 1, 2) && is_number(parts[1], 1, 2) &&
      (is_number(parts[2], 4, 4) || is_number(parts[2], 2, 2)))
    add_dates(tokens, parts[2], parts[0], parts[1]);
}

bool vault_read_dates(struct vault_tokens *tokens, struct text typed)
{
  static const char marks[] = {'/', '-', '.'};
  size_t before = tokens->count;
  for (size_t i = 0; i < sizeof marks; i++) {
    struct text rest = typed, parts[3];
    size_t count = 0;
    while (count < 3 && text_split_next(&rest, marks[i], &parts[count])) count++;
    if (count == 3 && !rest.at) add_numbers(tokens, parts);
  }
  if (is_number(typed, 8, 8)) {
    add_date(tokens, text_slice(typed, 0, 4), text_slice(typed, 4, 6), text_slice(typed, 6, 8));
    add_dates(tokens, text_slice(typed, 4, 8), text_slice(typed, 0, 2), text_slice(typed, 2, 4));
  }
  return tokens->count > before;
}

/* --- Phone numbers ------------------------------------------------------------------------- */

static bool is_phone_mark(char c)
{
  return c == ' ' || c == '(' || c == ')' || c == '-' || c == '.' || c == '/' || c == '+';
}

struct text vault_read_phone(struct arena *arena, struct text typed)
{
  char *digits = arena_allocate(arena, PHONE_MOST + 2);
  size_t length = 0;
  for (size_t i = 0; i < typed.length && length <= PHONE_MOST; i++) {
    if (is_digit(typed.at[i])) digits[length++] = typed.at[i];
    else if (length && !is_phone_mark(typed.at[i]) && (typed.at[i] & 0x80) == 0)
      break; /* "ext. 12" */
  }
  struct text phone = {digits, length};
  if (length == PHONE_AREA + 1 && digits[0] == '1') phone = text_slice(phone, 1, length);
  return phone.length >= PHONE_LEAST && phone.length <= PHONE_MOST ? phone : TEXT("");
}

static bool may_be_phone(struct text piece)
{
  size_t digits = 0;
  for (size_t i = 0; i < piece.length; i++) {
    if (!is_digit(piece.at[i]) && !is_phone_mark(piece.at[i])) return false;
    digits += is_digit(piece.at[i]);
  }
  return digits > 0;
}

/* --- Pieces -------------------------------------------------------------------------------- */

struct reader {
  struct arena *arena;
  struct text pieces[PIECES];
  size_t piece_count;
  struct vault_query_word *words;
  size_t word_count;
};

static struct vault_query_word *add_word(struct reader *reader)
{
  if (reader->word_count == LIMIT_QUERY_WORDS) return NULL;
  struct vault_query_word *word = &reader->words[reader->word_count++];
  *word = (struct vault_query_word){.tokens = {.arena = reader->arena}};
  return word;
}

/* Pieces `from` to before `to` as they were typed, with single spaces or others between. */
static struct text span(const struct reader *reader, size_t from, size_t to, const char *between)
{
  struct text out = reader->pieces[from];
  for (size_t i = from + 1; i < to; i++)
    out = text_format(reader->arena, "%.*s%s%.*s", TEXT_PRINT(out), between,
                      TEXT_PRINT(reader->pieces[i]));
  return out;
}

/* Read a date in one piece, or in three numbers; answers how many pieces it has, 0: none. */
static size_t read_date(const struct reader *reader, size_t at, struct vault_tokens *tokens)
{
  const struct text *pieces = reader->pieces + at;
  if (vault_read_dates(tokens, pieces[0])) return 1;
  return at + 3 <= reader->piece_count && is_number(pieces[0], 1, 4) &&
                 is_number(pieces[1], 1, 2) && is_number(pieces[2], 1, 4) &&
                 vault_read_dates(tokens, span(reader, at, at + 3, "/"))
             ? 3
             : 0;
}

static size_t take_date(struct reader *reader, size_t at)
{
  struct vault_tokens tokens = {.arena = reader->arena};
  size_t taken = read_date(reader, at, &tokens);
  struct vault_query_word *word = taken ? add_word(reader) : NULL;
  if (word) *word = (struct vault_query_word){tokens.items[0].text, tokens};
  return taken;
}

/* How likely so many digits are a number that was typed in pieces: with its area code, with its
 * country, without either. */
static int likely(size_t digits)
{
  return digits == PHONE_AREA ? 3 : digits > PHONE_AREA ? 2 : digits == PHONE_LEAST;
}

/* A phone number in one piece or several, the likeliest; answers how many. */
static size_t take_phone(struct reader *reader, size_t at)
{
  struct text best = {"", 0};
  size_t taken = 0;
  for (size_t to = at + 1; to <= reader->piece_count; to++) {
    struct vault_tokens dates = {.arena = reader->arena};
    if (!may_be_phone(reader->pieces[to - 1]) ||
        (to > at + 1 && read_date(reader, to - 1, &dates) > 0))
      break;
    struct text typed = span(reader, at, to, " ");
    if (typed.length > 3 * PHONE_MOST) break;
    struct text phone = vault_read_phone(reader->arena, typed);
    if (!phone.length || (taken && likely(phone.length) < likely(best.length))) continue;
    best = phone;
    taken = to - at;
  }
  struct vault_query_word *word = taken ? add_word(reader) : NULL;
  if (word) {
    word->folded = best;
    vault_tokens_add(&word->tokens, VAULT_INDEX_PHONE, best);
  }
  return taken;
}

/* The last digits of a number, when they stand alone. */
static size_t take_phone_end(struct reader *reader, size_t at)
{
  struct text typed = reader->pieces[at];
  struct vault_query_word *word = is_number(typed, PHONE_END, PHONE_END) ? add_word(reader) : NULL;
  if (!word) return 0;
  word->folded = typed;
  vault_tokens_add(&word->tokens, VAULT_INDEX_PHONE_END, typed);
  return 1;
}

/* --- Names --------------------------------------------------------------------------------- */

/* Word `at` of the names that were typed: itself, and what it may be one word with. */
static void add_name_word(struct reader *reader, const struct text *names, size_t count, size_t at)
{
  struct vault_query_word *word = add_word(reader);
  if (!word) return;
  struct vault_tokens *tokens = &word->tokens;
  size_t from, to;
  word->folded = names[at];
  vault_tokens_add(tokens, VAULT_INDEX_WORD, names[at]);
  struct text start = vault_name_start(names[at]);
  if (start.length) {
    vault_tokens_add(tokens, VAULT_INDEX_START, start);
    vault_tokens_add(tokens, VAULT_INDEX_SOUND, vault_name_sound(reader->arena, names[at]));
    vault_tokens_add(tokens, VAULT_INDEX_SOUND, vault_name_rough_sound(reader->arena, names[at]));
  }
  if (at + 1 < count)
    vault_tokens_add(tokens, VAULT_INDEX_WORD, vault_name_join(reader->arena, names, at, at + 2));
  if (at > 0)
    vault_tokens_add(tokens, VAULT_INDEX_WORD,
                     vault_name_join(reader->arena, names, at - 1, at + 1));
  vault_name_run(names, count, at, &from, &to);
  if (to - from > 2)
    vault_tokens_add(tokens, VAULT_INDEX_WORD, vault_name_join(reader->arena, names, from, to));
}

/* The pieces between numbers are read together, so that "de la Cruz" is seen as a whole. */
static void take_names(struct reader *reader, size_t from, size_t to)
{
  struct text words[LIMIT_VAULT_NAME_WORDS];
  if (from == to) return;
  struct text folded = vault_name_fold(reader->arena, span(reader, from, to, " "));
  size_t count = vault_name_words(folded, words);
  for (size_t i = 0; i < count; i++) add_name_word(reader, words, count, i);
}

size_t vault_query_read(struct arena *arena, struct text typed,
                        struct vault_query_word words[LIMIT_QUERY_WORDS])
{
  struct reader reader = {.arena = arena, .words = words};
  struct text rest = text_slice(typed, 0, LIMIT_QUERY_TEXT), piece;
  while (reader.piece_count < PIECES && text_word_next(&rest, &piece)) {
    while (piece.length && (text_ends_with(piece, TEXT(",")) || text_ends_with(piece, TEXT(";"))))
      piece.length--;
    if (piece.length) reader.pieces[reader.piece_count++] = piece;
  }
  size_t names = 0;
  for (size_t at = 0; at < reader.piece_count;) {
    /* what stands before a number is taken first, so that words keep their order */
    size_t words_before = reader.word_count, taken = 0;
    if (may_be_phone(reader.pieces[at])) {
      take_names(&reader, names, at);
      taken = take_date(&reader, at);
      if (!taken) taken = take_phone(&reader, at);
      if (!taken) taken = take_phone_end(&reader, at);
      if (!taken) reader.word_count = words_before;
      else names = at + taken;
    }
    at += taken ? taken : 1;
  }
  take_names(&reader, names, reader.piece_count);
  return reader.word_count;
}
