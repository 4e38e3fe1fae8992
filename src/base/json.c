/*
 * Reading JSON: see json.h. The strict scan checks the document; json-c parses it piece by piece,
 * and each piece is moved into values and freed. A piece is a value that is not long. Long lists
 * and objects are walked here, so that json-c's trees stay small whatever the document holds.
 * Writing is in json_write.c.
 */
#include "base/json.h"

#include <json-c/json.h>
#include <string.h>

#include "base/json_scan.h"

struct reading {
  struct arena *arena;
  struct text document; /* it has passed the scan: nothing here asks again */
  size_t at;
  struct json_tokener *tokener;
  const uint32_t *next_number; /* offset of the number that comes next */
  const struct json_scan *scan;
  size_t longs_seen;
  char *next_text; /* where the text that comes next is put */
  struct error *error;
};

static struct text keep(struct reading *r, const char *at, size_t length)
{
  char *kept = r->next_text;
  memcpy(kept, at, length);
  r->next_text += length;
  return (struct text){kept, length};
}

static struct value *move_number(struct reading *r)
{
  struct text rest = text_slice(r->document, *r->next_number++, r->document.length);
  return value_number(r->arena, keep(r, rest.at, json_scan_number_length(rest)));
}

static struct value *move(struct reading *r, struct json_object *from);

static struct value *move_list(struct reading *r, struct json_object *from)
{
  size_t count = json_object_array_length(from);
  struct value *list = value_list(r->arena);
  value_reserve(list, count);
  for (size_t i = 0; i < count; i++) value_add(list, move(r, json_object_array_get_idx(from, i)));
  return list;
}

static struct value *move_object(struct reading *r, struct json_object *from)
{
  struct value *object = value_object(r->arena);
  value_reserve(object, (size_t)json_object_object_length(from));
  json_object_object_foreach(from, key, item)
  {
    struct text kept = keep(r, key, strlen(key));
    value_append(object, kept, move(r, item));
  }
  return object;
}

static struct value *move(struct reading *r, struct json_object *from)
{
  switch (json_object_get_type(from)) {
  case json_type_boolean:
    return value_boolean(r->arena, json_object_get_boolean(from));
  case json_type_int:
  case json_type_double:
    return move_number(r);
  case json_type_string:
    return value_text(
        r->arena, keep(r, json_object_get_string(from), (size_t)json_object_get_string_len(from)));
  case json_type_array:
    return move_list(r, from);
  case json_type_object:
    return move_object(r, from);
  default: /* json_type_null */
    return value_null(r->arena);
  }
}

static void skip_space(struct reading *r)
{
  while (r->at < r->document.length && memchr(" \n\r\t", r->document.at[r->at], 4)) r->at++;
}

/* Step over a byte and the space behind it. */
static void step(struct reading *r)
{
  r->at++;
  skip_space(r);
}

/* Let json-c parse the value at the cursor. A number that ends the document needs a space more. */
static bool parse(struct reading *r, struct json_object **out)
{
  struct text rest = text_slice(r->document, r->at, r->document.length);
  json_tokener_reset(r->tokener);
  struct json_object *tree = json_tokener_parse_ex(r->tokener, rest.at, (int)rest.length);
  size_t length = json_tokener_get_parse_end(r->tokener);
  if (json_tokener_get_error(r->tokener) == json_tokener_continue)
    tree = json_tokener_parse_ex(r->tokener, " ", 1);
  enum json_tokener_error state = json_tokener_get_error(r->tokener);
  if (state != json_tokener_success)
    return error_set(r->error, ERROR_SYSTEM, "error.system", "", "json-c: %s",
                     json_tokener_error_desc(state));
  r->at += length;
  skip_space(r);
  *out = tree;
  return true;
}

static struct value *read_piece(struct reading *r)
{
  struct json_object *tree = NULL;
  if (!parse(r, &tree)) return NULL;
  struct value *value = move(r, tree);
  json_object_put(tree);
  return value;
}

static struct value *read_value(struct reading *r);

static struct value *read_long_list(struct reading *r)
{
  struct value *list = value_list(r->arena);
  for (step(r); r->document.at[r->at] != ']';) {
    const struct value *item = read_value(r);
    if (!item) return NULL;
    value_add(list, item);
    if (r->document.at[r->at] == ',') step(r);
  }
  step(r);
  return list;
}

static struct value *read_long_object(struct reading *r)
{
  struct value *object = value_object(r->arena);
  for (step(r); r->document.at[r->at] != '}';) {
    const struct value *key = read_piece(r);
    if (!key) return NULL;
    step(r); /* the colon */
    const struct value *item = read_value(r);
    if (!item) return NULL;
    value_append(object, value_text_get(key), item);
    if (r->document.at[r->at] == ',') step(r);
  }
  step(r);
  return object;
}

/* Read the value at the cursor and the space behind it; NULL when json-c fails. */
static struct value *read_value(struct reading *r)
{
  const struct json_offsets *longs = &r->scan->longs;
  if (r->longs_seen == longs->count || longs->at[r->longs_seen] != r->at) return read_piece(r);
  r->longs_seen++;
  return r->document.at[r->at] == '[' ? read_long_list(r) : read_long_object(r);
}

bool json_read(struct arena *arena, struct text document, const struct value **out,
               struct error *error)
{
  struct json_scan scan = {0};
  if (!json_scan_read(document, &scan, error)) return false;
  struct reading r = {.arena = arena,
                      .document = document,
                      .tokener = json_tokener_new_ex(LIMIT_JSON_DEPTH + 2),
                      .next_number = scan.numbers.at,
                      .scan = &scan,
                      .next_text = arena_allocate(arena, scan.text_bytes + 1),
                      .error = error};
  const struct value *value = NULL;
  skip_space(&r);
  if (r.tokener) value = read_value(&r);
  else error_set(error, ERROR_SYSTEM, "error.system", "", "json-c: no memory");
  if (value) *out = value;
  if (r.tokener) json_tokener_free(r.tokener);
  json_scan_fini(&scan);
  return value != NULL;
}
