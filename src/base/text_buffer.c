/*
 * The growing buffer of text.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* What may become a page begins with room for one, so that it is not copied as it grows. */
enum { SMALL_FIRST = 256, LARGE_FIRST = 16 * 1024, LARGE_CEILING = 1024 * 1024 };

void text_buffer_init(struct text_buffer *buffer, size_t ceiling)
{
  *buffer = (struct text_buffer){.ceiling = ceiling};
}

void text_buffer_fini(struct text_buffer *buffer)
{
  free(buffer->at);
  *buffer = (struct text_buffer){0};
}

void text_buffer_clear(struct text_buffer *buffer)
{
  buffer->length = 0;
  buffer->over = false;
}

/* See reserve. */
static void grow(struct text_buffer *buffer, size_t extra)
{
  size_t needed = buffer->length + extra + 1;
  size_t first = buffer->ceiling < LARGE_CEILING ? SMALL_FIRST : LARGE_FIRST;
  size_t capacity = buffer->capacity ? buffer->capacity : first;
  while (capacity < needed) capacity *= 2;
  buffer->at = memory_resize(buffer->at, capacity);
  buffer->capacity = capacity;
}

/* Make room for `extra` bytes and one more, which does not count; false, and marked, when the
 * ceiling forbids it. */
static inline bool reserve(struct text_buffer *buffer, size_t extra)
{
  if (buffer->over || extra > buffer->ceiling - buffer->length) {
    buffer->over = true;
    return false;
  }
  if (extra >= buffer->capacity - buffer->length) grow(buffer, extra);
  return true;
}

void text_buffer_add(struct text_buffer *buffer, struct text t)
{
  if (t.length == 0 || !reserve(buffer, t.length)) return;
  memcpy(buffer->at + buffer->length, t.at, t.length);
  buffer->length += t.length;
}

void text_buffer_add_character(struct text_buffer *buffer, char c)
{
  if (!reserve(buffer, 1)) return;
  buffer->at[buffer->length++] = c;
}

static size_t count_digits(uint64_t number)
{
  size_t count = 1;
  while (number /= 10) count++;
  return count;
}

/* Write the last `count` digits where they shall stand: bytes that were just written one by one are
 * slow to copy. */
static void write_digits(uint64_t number, size_t count, char *at)
{
  for (; count > 0; number /= 10) at[--count] = (char)('0' + number % 10);
}

char *text_write_number(uint64_t number, char *at)
{
  size_t count = count_digits(number);
  write_digits(number, count, at);
  return at + count;
}

void text_buffer_add_integer(struct text_buffer *buffer, int64_t number)
{
  const bool minus = number < 0;
  const uint64_t size = minus ? 0 - (uint64_t)number : (uint64_t)number;
  const size_t count = count_digits(size);
  if (!reserve(buffer, minus + count)) return;
  char *at = buffer->at + buffer->length;
  if (minus) *at++ = '-';
  write_digits(size, count, at);
  buffer->length += minus + count;
}

void text_buffer_add_decimal(struct text_buffer *buffer, double number, int digits)
{
  static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  if (digits < 0) digits = 0;
  if (digits > 9) digits = 9;
  double scaled = round(fabs(number) * powers[digits]);
  if (!(scaled < 9e18)) { /* too large for the quick way, or not a number */
    text_buffer_add_format(buffer, "%.*f", digits, number);
    return;
  }
  const uint64_t all = (uint64_t)scaled;
  uint64_t whole = all;
  for (int i = 0; i < digits; i++) whole /= 10;
  const bool minus = number < 0 && all > 0;
  const size_t count = count_digits(whole), behind = (size_t)digits;
  const size_t length = minus + count + (behind ? 1 + behind : 0);
  if (!reserve(buffer, length)) return;
  char *at = buffer->at + buffer->length;
  if (minus) *at++ = '-';
  write_digits(whole, count, at);
  if (behind) {
    at[count] = '.';
    write_digits(all, behind, at + count + 1);
  }
  buffer->length += length;
}

void text_buffer_add_format(struct text_buffer *buffer, const char *format, ...)
{
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length > 0 && reserve(buffer, (size_t)length)) {
    vsnprintf(buffer->at + buffer->length, (size_t)length + 1, format, again);
    buffer->length += (size_t)length;
  }
  va_end(again);
}

struct text text_buffer_get(const struct text_buffer *buffer)
{
  return (struct text){buffer->at ? buffer->at : "", buffer->length};
}
