/*
 * Fuzz templates: three sources, "a", "b" and "c", between bytes 0xFF. Whatever loads must render
 * or fail within its limits, the same way each time, and a source without tags is its own output.
 */
#include <stdlib.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { OUTPUT_CEILING = 64 * 1024 };

static const char view_source[] =
    "{\"t\":true,\"f\":false,\"n\":null,\"z\":0,\"i\":12.50,\"s\":\"<&\\\"'>\\n x\",\"e\":\"\","
    "\"l\":[1,2],\"o\":{\"t\":\"T\",\"o\":{\"x\":1}},\"p\":[{\"s\":\"S\"},{},{\"l\":[]}],"
    "\"w\":\"b\",\"v\":\"c\"}";

static struct value *view_of(struct arena *arena)
{
  const struct value *read;
  struct value *view = value_object(arena);
  struct error error = {0};
  struct text key;
  const struct value *item;
  if (!json_read(arena, text_from(view_source), &read, &error)) abort();
  for (size_t i = 0; value_member(read, i, &key, &item); i++) value_append(view, key, item);
  value_set(view, "h", value_html(arena, TEXT("<b>")));
  value_set(view, "j", value_json(arena, TEXT("[]")));
  return view;
}

static bool render(const struct template_set *set, const struct value *view,
                   struct text_buffer *out)
{
  struct error error = {0};
  text_buffer_init(out, OUTPUT_CEILING);
  bool good = template_render(set, TEXT("a"), view, out, &error);
  if (out->length > OUTPUT_CEILING) abort();
  if (!good && (out->length || error.kind == ERROR_NONE || !error.person)) abort();
  return good;
}

static void expect_sound(const struct template_set *set, struct text source)
{
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  const struct value *view = view_of(arena);
  struct text_buffer once, again;
  bool good = render(set, view, &once);
  if (render(set, view, &again) != good) abort();
  if (!text_equal(text_buffer_get(&once), text_buffer_get(&again))) abort();
  if (!text_contains(source, TEXT("{{")) && source.length <= OUTPUT_CEILING)
    if (!good || !text_equal(text_buffer_get(&once), source)) abort();
  text_buffer_fini(&once);
  text_buffer_fini(&again);
  arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct text rest = {(const char *)bytes, size}, sources[3] = {0};
  const struct text names[] = {TEXT("a"), TEXT("b"), TEXT("c")};
  for (size_t i = 0; i < 3; i++)
    if (!text_split_next(&rest, '\xFF', &sources[i])) sources[i] = TEXT("");
  struct template_set *set = NULL;
  struct error error = {0};
  if (template_set_read(&set, names, sources, 3, NULL, 0, &error)) expect_sound(set, sources[0]);
  else if (error.kind != ERROR_REFUSED || !error.person) abort();
  template_set_free(set);
  return 0;
}
