/*
 * Value: see value.h. Lists and objects grow by doubling inside the arena.
 */
#include "base/value.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 8 };

struct member {
  struct text key;
  const struct value *item;
};

/* 32 bytes: a large document is a large number of these. */
struct value {
  enum value_kind kind;
  uint32_t capacity; /* of a list or object; 0 otherwise */
  union {
    const char *at;             /* text, number, JSON, HTML */
    const struct value **items; /* list */
    struct member *members;     /* object */
  };
  size_t count;        /* bytes, items or members */
  struct arena *arena; /* where a list or object grows */
};

static struct value *make(struct arena *arena, enum value_kind kind, struct text text)
{
  struct value *value = arena_allocate(arena, sizeof *value);
  value->kind = kind;
  value->at = text.at;
  value->count = text.length;
  value->arena = arena;
  return value;
}

struct value *value_null(struct arena *arena)
{
  return make(arena, VALUE_NULL, (struct text){0});
}

struct value *value_boolean(struct arena *arena, bool yes)
{
  return make(arena, yes ? VALUE_TRUE : VALUE_FALSE, (struct text){0});
}

/* Copy what a buffer on the way holds into the arena as a number. */
static struct value *number_from(struct arena *arena, struct text_buffer *buffer)
{
  struct value *value = make(arena, VALUE_NUMBER, text_copy(arena, text_buffer_get(buffer)));
  text_buffer_fini(buffer);
  return value;
}

struct value *value_integer(struct arena *arena, int64_t number)
{
  char digits[24] = "-";
  const bool minus = number < 0;
  const uint64_t size = minus ? 0 - (uint64_t)number : (uint64_t)number;
  const char *end = text_write_number(size, digits + minus);
  return make(arena, VALUE_NUMBER, text_copy(arena, (struct text){digits, (size_t)(end - digits)}));
}

struct value *value_decimal(struct arena *arena, double number, int digits)
{
  if (!isfinite(number)) return value_null(arena);
  struct text_buffer buffer;
  text_buffer_init(&buffer, 512);
  text_buffer_add_decimal(&buffer, number, digits);
  if (digits > 0) {
    while (buffer.at[buffer.length - 1] == '0') buffer.length--;
    if (buffer.at[buffer.length - 1] == '.') buffer.length--;
  }
  return number_from(arena, &buffer);
}

struct value *value_number(struct arena *arena, struct text exact)
{
  return make(arena, VALUE_NUMBER, exact);
}

struct value *value_text(struct arena *arena, struct text t)
{
  return make(arena, VALUE_TEXT, t);
}

struct value *value_json(struct arena *arena, struct text slice)
{
  return make(arena, VALUE_JSON, slice);
}

struct value *value_html(struct arena *arena, struct text slice)
{
  return make(arena, VALUE_HTML, slice);
}

struct value *value_list(struct arena *arena)
{
  return make(arena, VALUE_LIST, (struct text){0});
}

struct value *value_object(struct arena *arena)
{
  return make(arena, VALUE_OBJECT, (struct text){0});
}

void value_reserve(struct value *value, size_t count)
{
  assert(value->kind == VALUE_LIST || value->kind == VALUE_OBJECT);
  if (count <= value->capacity) return;
  assert(count <= UINT32_MAX);
  size_t size = value->kind == VALUE_LIST ? sizeof *value->items : sizeof *value->members;
  void *larger = arena_allocate_array(value->arena, count, size);
  if (value->count) memcpy(larger, value->items, value->count * size);
  value->items = larger;
  value->capacity = (uint32_t)count;
}

static void make_room(struct value *value)
{
  if (value->count == value->capacity)
    value_reserve(value, value->capacity ? (size_t)value->capacity * 2 : FIRST_CAPACITY);
}

void value_add(struct value *list, const struct value *item)
{
  assert(list->kind == VALUE_LIST && item);
  make_room(list);
  list->items[list->count++] = item;
}

void value_append(struct value *object, struct text key, const struct value *item)
{
  assert(object->kind == VALUE_OBJECT && item);
  make_room(object);
  object->members[object->count++] = (struct member){key, item};
}

void value_set(struct value *object, const char *key, const struct value *item)
{
  value_set_text_key(object, text_from(key), item);
}

/* The member of an object, or NULL. */
static struct member *find(const struct value *object, struct text key)
{
  for (size_t i = 0; i < object->count; i++)
    if (text_equal(object->members[i].key, key)) return &object->members[i];
  return NULL;
}

void value_set_text_key(struct value *object, struct text key, const struct value *item)
{
  assert(object->kind == VALUE_OBJECT && item);
  struct member *member = find(object, key);
  if (member) member->item = item;
  else value_append(object, key, item);
}

static bool is(const struct value *value, enum value_kind kind)
{
  return value && value->kind == kind;
}

enum value_kind value_kind_get(const struct value *value)
{
  return value ? value->kind : VALUE_NULL;
}

struct text value_text_get(const struct value *value)
{
  bool has_text = is(value, VALUE_TEXT) || is(value, VALUE_NUMBER) || is(value, VALUE_JSON) ||
                  is(value, VALUE_HTML);
  return has_text ? (struct text){value->at, value->count} : (struct text){"", 0};
}

const struct value *value_get(const struct value *object, struct text key)
{
  if (!is(object, VALUE_OBJECT)) return NULL;
  const struct member *member = find(object, key);
  return member ? member->item : NULL;
}

size_t value_count(const struct value *value)
{
  return is(value, VALUE_LIST) || is(value, VALUE_OBJECT) ? value->count : 0;
}

const struct value *value_item(const struct value *list, size_t index)
{
  return is(list, VALUE_LIST) && index < list->count ? list->items[index] : NULL;
}

bool value_member(const struct value *object, size_t index, struct text *key,
                  const struct value **item)
{
  if (!is(object, VALUE_OBJECT) || index >= object->count) return false;
  *key = object->members[index].key;
  *item = object->members[index].item;
  return true;
}

bool value_decimal_get(const struct value *value, double *out)
{
  char copy[64];
  if (!is(value, VALUE_NUMBER) || value->count >= sizeof copy) return false;
  memcpy(copy, value->at, value->count);
  copy[value->count] = 0;
  double number = strtod(copy, NULL);
  if (!isfinite(number)) return false;
  *out = number;
  return true;
}

bool value_integer_get(const struct value *value, int64_t *out)
{
  return is(value, VALUE_NUMBER) && text_read_integer(value_text_get(value), out);
}
