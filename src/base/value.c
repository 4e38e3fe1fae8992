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
  struct text key; /* objects only */
  const struct value *item;
};

struct value {
  enum value_kind kind;
  struct text text;
  struct arena *arena; /* lists and objects only: where they grow */
  struct member *members;
  size_t count, capacity;
};

static struct value *make(struct arena *arena, enum value_kind kind, struct text text)
{
  struct value *value = arena_allocate(arena, sizeof *value);
  value->kind = kind;
  value->text = text;
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
  struct text_buffer buffer;
  text_buffer_init(&buffer, 32);
  text_buffer_add_integer(&buffer, number);
  return number_from(arena, &buffer);
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

static void append(struct value *value, struct member member)
{
  if (value->count == value->capacity) {
    size_t capacity = value->capacity ? value->capacity * 2 : FIRST_CAPACITY;
    struct member *members = arena_allocate_array(value->arena, capacity, sizeof *members);
    if (value->count) memcpy(members, value->members, value->count * sizeof *members);
    value->members = members;
    value->capacity = capacity;
  }
  value->members[value->count++] = member;
}

void value_add(struct value *list, const struct value *item)
{
  assert(list->kind == VALUE_LIST && item);
  append(list, (struct member){.item = item});
}

void value_set(struct value *object, const char *key, const struct value *item)
{
  value_set_text_key(object, text_from(key), item);
}

void value_set_text_key(struct value *object, struct text key, const struct value *item)
{
  assert(object->kind == VALUE_OBJECT && item);
  for (size_t i = 0; i < object->count; i++) {
    if (!text_equal(object->members[i].key, key)) continue;
    object->members[i].item = item;
    return;
  }
  append(object, (struct member){.key = key, .item = item});
}

enum value_kind value_kind_get(const struct value *value)
{
  return value->kind;
}

struct text value_text_get(const struct value *value)
{
  return value ? value->text : (struct text){"", 0};
}

const struct value *value_get(const struct value *object, struct text key)
{
  if (!object || object->kind != VALUE_OBJECT) return NULL;
  for (size_t i = 0; i < object->count; i++)
    if (text_equal(object->members[i].key, key)) return object->members[i].item;
  return NULL;
}

size_t value_count(const struct value *value)
{
  return value ? value->count : 0;
}

const struct value *value_item(const struct value *list, size_t index)
{
  if (!list || list->kind != VALUE_LIST || index >= list->count) return NULL;
  return list->members[index].item;
}

bool value_member(const struct value *object, size_t index, struct text *key,
                  const struct value **item)
{
  if (!object || object->kind != VALUE_OBJECT || index >= object->count) return false;
  *key = object->members[index].key;
  *item = object->members[index].item;
  return true;
}

bool value_decimal_get(const struct value *value, double *out)
{
  char copy[64];
  if (!value || value->kind != VALUE_NUMBER || value->text.length >= sizeof copy) return false;
  memcpy(copy, value->text.at, value->text.length);
  copy[value->text.length] = 0;
  double number = strtod(copy, NULL);
  if (!isfinite(number)) return false;
  *out = number;
  return true;
}

bool value_integer_get(const struct value *value, int64_t *out)
{
  return value && value->kind == VALUE_NUMBER && text_read_integer(value->text, out);
}
