/*
 * Reading JSON: see json.h. The strict scan checks the document, json-c parses it, and its tree is
 * moved into values; what has been moved is freed at once, so that the two trees never stand
 * whole side by side. Writing is in json_write.c.
 */
#include "base/json.h"

#include <json-c/json.h>
#include <string.h>

#include "base/json_scan.h"

struct reading {
  struct arena *arena;
  struct text document;
  const uint32_t *next_number; /* offset of the number that comes next */
  char *next_text;             /* where the text that comes next is put */
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
  for (size_t i = 0; i < count; i++) {
    value_add(list, move(r, json_object_array_get_idx(from, i)));
    json_object_array_put_idx(from, i, NULL);
  }
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

static bool fail(struct error *error, const char *why)
{
  return error_set(error, ERROR_SYSTEM, "error.system", "", "json-c: %s", why);
}

/* Parse what has passed the scan. A number at the top ends only with the space behind it. */
static bool parse(struct text document, struct json_object **out, struct error *error)
{
  struct json_tokener *tokener = json_tokener_new_ex(LIMIT_JSON_DEPTH + 2);
  if (!tokener) return fail(error, "no memory");
  struct json_object *tree = json_tokener_parse_ex(tokener, document.at, (int)document.length);
  if (json_tokener_get_error(tokener) == json_tokener_continue)
    tree = json_tokener_parse_ex(tokener, " ", 1);
  enum json_tokener_error state = json_tokener_get_error(tokener);
  json_tokener_free(tokener);
  if (state != json_tokener_success) return fail(error, json_tokener_error_desc(state));
  *out = tree;
  return true;
}

bool json_read(struct arena *arena, struct text document, const struct value **out,
               struct error *error)
{
  struct json_scan scan = {0};
  struct json_object *tree = NULL;
  if (!json_scan_read(document, &scan, error)) return false;
  bool done = parse(document, &tree, error);
  if (done) {
    struct reading reading = {arena, document, scan.numbers,
                              arena_allocate(arena, scan.text_bytes + 1)};
    *out = move(&reading, tree);
    json_object_put(tree);
  }
  json_scan_fini(&scan);
  return done;
}
