/*
 * Value: the tree that JSON documents and template views are written from.
 *
 * All memory is the arena's that made the value; text in it is borrowed and must live as long.
 * A value may be a ready slice of JSON or HTML, written as it is. Threads: one at a time while
 * it is built; afterwards any may read.
 */
#ifndef FAIRLEAD_BASE_VALUE_H
#define FAIRLEAD_BASE_VALUE_H

#include "base/arena.h"
#include "base/text.h"

enum value_kind {
  VALUE_NULL,
  VALUE_FALSE,
  VALUE_TRUE,
  VALUE_NUMBER, /* `text` holds its exact JSON form, as written or read */
  VALUE_TEXT,
  VALUE_LIST,
  VALUE_OBJECT,
  VALUE_JSON, /* a ready JSON slice; a template may not show it */
  VALUE_HTML  /* a ready HTML slice from a template; a JSON document may not hold it */
};

struct value;

struct value *value_null(struct arena *arena);
struct value *value_boolean(struct arena *arena, bool yes);
struct value *value_integer(struct arena *arena, int64_t number);
/* `digits` behind the point, at most 9, trailing zeros cut; a number that is not finite is null. */
struct value *value_decimal(struct arena *arena, double number, int digits);
/* A number in its exact JSON form, as FHIR asks. The caller vouches for the form. */
struct value *value_number(struct arena *arena, struct text exact);
struct value *value_text(struct arena *arena, struct text t);
struct value *value_json(struct arena *arena, struct text slice);
struct value *value_html(struct arena *arena, struct text slice);
struct value *value_list(struct arena *arena);
struct value *value_object(struct arena *arena);
/* Append to a list. A value may stand in several places, never below itself. */
void value_add(struct value *list, const struct value *item);
/* Set a member of an object; the first setting fixes its place in the order. `key` is borrowed. */
void value_set(struct value *object, const char *key, const struct value *item);
void value_set_text_key(struct value *object, struct text key, const struct value *item);
/* Add a member in O(1); the caller vouches that the object has no such key. `key` is borrowed. */
void value_append(struct value *object, struct text key, const struct value *item);
/* Make room for `count` items or members in all, so that adding them does not grow. */
void value_reserve(struct value *value, size_t count);

/* A member that is not there (NULL) is VALUE_NULL. */
enum value_kind value_kind_get(const struct value *value);
/* Text of VALUE_TEXT, VALUE_NUMBER, VALUE_JSON and VALUE_HTML; else empty. NULL gives empty. */
struct text value_text_get(const struct value *value);
/* The member, or NULL (also when `object` is NULL or no object). */
const struct value *value_get(const struct value *object, struct text key);
/* Items of a list or members of an object; 0 otherwise. */
size_t value_count(const struct value *value);
/* Item `index` of a list, or NULL. O(1). */
const struct value *value_item(const struct value *list, size_t index);
/* Member `index` of an object; answers false past the end. O(1). */
bool value_member(const struct value *object, size_t index, struct text *key,
                  const struct value **item);
/* The number as a double or integer; false when it is none, or none that fits. */
bool value_decimal_get(const struct value *value, double *out);
bool value_integer_get(const struct value *value, int64_t *out);

#endif
