/*
 * Text: borrowed slices of bytes and a growing buffer with a ceiling.
 *
 * A `struct text` never owns its bytes and need not end with NUL. It is valid as long as what it
 * was cut from. Text is UTF-8 unless a function says otherwise. Nothing here reads the locale.
 * Threads: pure functions; a buffer belongs to one thread at a time.
 */
#ifndef FAIRLEAD_BASE_TEXT_H
#define FAIRLEAD_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct text {
  const char *at;
  size_t length; /* bytes */
};

/* A slice of a string literal. */
#define TEXT(literal) ((struct text){("" literal), sizeof(literal) - 1})
/* For printf's "%.*s". */
#define TEXT_PRINT(t) ((int)(t).length), text_start(t)

/* Where the bytes begin; "" for an empty text. */
const char *text_start(struct text t);
/* Slice a NUL-terminated string; NULL gives the empty text. */
struct text text_from(const char *string);
bool text_is_empty(struct text t);
bool text_equal(struct text a, struct text b);
/* Compare ASCII letters without case. */
bool text_equal_ignore_case(struct text a, struct text b);
/* Order by bytes: negative, zero or positive. */
int text_compare(struct text a, struct text b);
/* Order as people read names: runs of digits by their value ("2" before "10"), ASCII letters
 * without case, all else by bytes; what is then alike by text_compare(), so that only equal texts
 * answer zero. */
int text_compare_natural(struct text a, struct text b);
bool text_starts_with(struct text t, struct text prefix);
bool text_ends_with(struct text t, struct text suffix);
/* Answer the offset of the first `needle` in `t`, or t.length when there is none. */
size_t text_find(struct text t, struct text needle);
bool text_contains(struct text t, struct text needle);
/* Cut ASCII white space (space, tab, CR, LF, FF, VT) from both ends. */
struct text text_trim(struct text t);
/* Cut from byte `from` to before byte `to`; both are clamped to the text. */
struct text text_slice(struct text t, size_t from, size_t to);
/*
 * Take the part before the next `separator` off `*rest`. Answers false when nothing is left.
 * "a||b" by '|' gives "a", "", "b"; "" gives nothing; "a|" gives "a", "".
 */
bool text_split_next(struct text *rest, char separator, struct text *part);
/* Take the next word, of characters other than ASCII white space, off `*rest`. */
bool text_word_next(struct text *rest, struct text *word);
/* FNV-1a, 64 bits. Not for hostile keys. */
uint64_t text_hash(struct text t);
bool text_is_utf8(struct text t);
/* How many characters a reader counts: code points, those that only mark another left out. What is
 * no UTF-8 counts by its bytes. */
size_t text_characters(struct text t);
/* How many bytes at the beginning of `t` are UTF-8: t.length, or the offset of the first fault. */
size_t text_utf8_prefix(struct text t);
/* Write a number in decimal, at most 20 digits and no NUL; answer where it ends. */
char *text_write_number(uint64_t number, char *at);
/* Parse all of `t` as a decimal integer with an optional minus; refuses overflow, signs, spaces. */
bool text_read_integer(struct text t, int64_t *out);
/* Parse all of `t` as a plain decimal ("-12", "3.5", ".5"); no exponent, no infinity, no NaN. */
bool text_read_decimal(struct text t, double *out);
/* Parse all of `t` as hexadecimal digits, at most 16. */
bool text_read_hexadecimal(struct text t, uint64_t *out);

/* Copies live in the arena. */
struct text text_copy(struct arena *arena, struct text t);
/* Copy with a NUL behind it, for C interfaces. Bytes after an inner NUL are unseen by them. */
char *text_c(struct arena *arena, struct text t);
/* printf into the arena ("%f" prints a point in every locale, as none is ever set). */
struct text text_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct text text_lower_ascii(struct arena *arena, struct text t);
struct text text_upper_ascii(struct arena *arena, struct text t);
/*
 * Fold for comparison and search: Unicode NFKD case fold, marks stripped, apostrophes dropped,
 * every other run of characters that are not letters or digits becomes one space, ends trimmed.
 * "O'Neill  St. – Résidence" gives "oneill st residence". Bytes that are not UTF-8 become spaces.
 */
struct text text_fold(struct arena *arena, struct text t);

/*
 * A growing buffer. Born with a ceiling; an addition that would pass it is dropped whole and
 * marks the buffer `over`, once and for all: check it once, at the end.
 */
struct text_buffer {
  char *at;
  size_t length, capacity, ceiling;
  bool over;
};
void text_buffer_init(struct text_buffer *buffer, size_t ceiling);
void text_buffer_fini(struct text_buffer *buffer);
/* Forget the content and the mark, keep the memory. */
void text_buffer_clear(struct text_buffer *buffer);
void text_buffer_add(struct text_buffer *buffer, struct text t);
void text_buffer_add_character(struct text_buffer *buffer, char c);
void text_buffer_add_integer(struct text_buffer *buffer, int64_t number);
/* Add with `digits` digits behind the point (0 to 9), rounded half away from zero. */
void text_buffer_add_decimal(struct text_buffer *buffer, double number, int digits);
void text_buffer_add_format(struct text_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Borrow the content; valid until the next addition. */
struct text text_buffer_get(const struct text_buffer *buffer);

#endif
