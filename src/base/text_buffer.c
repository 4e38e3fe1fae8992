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

/* Make room for `extra` bytes and one more, which does not count; false, and marked, when the
 * ceiling forbids it. */
static bool reserve(struct text_buffer *buffer, size_t extra)
{
  if (buffer->over || extra > buffer->ceiling - buffer->length) {
    buffer->over = true;
    return false;
  }
  size_t needed = buffer->length + extra + 1;
  if (needed <= buffer->capacity) return true;
  size_t first = buffer->ceiling < LARGE_CEILING ? SMALL_FIRST : LARGE_FIRST;
  size_t capacity = buffer->capacity ? buffer->capacity : first;
  while (capacity < needed) capacity *= 2;
  buffer->at = memory_resize(buffer->at, capacity);
  buffer->capacity = capacity;
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

void text_buffer_add_integer(struct text_buffer *buffer, int64_t number)
{
  char digits[24];
  size_t at = sizeof digits;
  uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
  do digits[--at] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (number < 0) digits[--at] = '-';
  text_buffer_add(buffer, (struct text){digits + at, sizeof digits - at});
}

void text_buffer_add_decimal(struct text_buffer *buffer, double number, int digits)
{
  static const int64_t powers[] = {1,      10,      100,      1000,      10000,
                                   100000, 1000000, 10000000, 100000000, 1000000000};
  if (digits < 0) digits = 0;
  if (digits > 9) digits = 9;
  double scaled = round(fabs(number) * (double)powers[digits]);
  if (!(scaled < 9e18)) { /* too large for the quick way, or not a number */
    text_buffer_add_format(buffer, "%.*f", digits, number);
    return;
  }
  int64_t whole = (int64_t)scaled;
  if (number < 0 && whole > 0) text_buffer_add_character(buffer, '-');
  text_buffer_add_integer(buffer, whole / powers[digits]);
  if (digits == 0) return;
  char part[10];
  int64_t rest = whole % powers[digits];
  for (int i = digits - 1; i >= 0; i--, rest /= 10) part[i] = (char)('0' + rest % 10);
  text_buffer_add_character(buffer, '.');
  text_buffer_add(buffer, (struct text){part, (size_t)digits});
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
