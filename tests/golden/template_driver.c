/*
 * Render templates for template.test.mjs: each line of standard input is
 * {"templates": {name: source}, "name": name, "view": any}; each line of output is
 * {"output": text} or {"error": log text}.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

enum { TEMPLATES_MOST = 64 };

static struct text text_of(const struct value *object, const char *key)
{
  return value_text_get(value_get(object, text_from(key)));
}

static bool load(const struct value *templates, struct template_set **out, struct error *error)
{
  struct text names[TEMPLATES_MOST], sources[TEMPLATES_MOST];
  const struct value *source;
  size_t count = 0;
  while (count < TEMPLATES_MOST && value_member(templates, count, &names[count], &source))
    sources[count++] = value_text_get(source);
  return template_set_read(out, names, sources, count, NULL, 0, error);
}

static bool answer(struct arena *arena, struct text line, struct text_buffer *page,
                   struct error *error)
{
  const struct value *request;
  struct template_set *set = NULL;
  bool good =
      json_read(arena, line, &request, error) &&
      load(value_get(request, TEXT("templates")), &set, error) &&
      template_render(set, text_of(request, "name"), value_get(request, TEXT("view")), page, error);
  template_set_free(set);
  return good;
}

static void answer_line(struct text line)
{
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  struct text_buffer page, out;
  struct error error = {0};
  text_buffer_init(&page, LIMIT_TEMPLATE_OUTPUT);
  text_buffer_init(&out, LIMIT_FILE_WHOLE);
  struct value *result = value_object(arena);
  if (answer(arena, line, &page, &error))
    value_set(result, "output", value_text(arena, text_buffer_get(&page)));
  else value_set(result, "error", value_text(arena, text_from(error.log)));
  json_write(result, &out);
  text_buffer_add_character(&out, '\n');
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&page);
  text_buffer_fini(&out);
  arena_free(arena);
}

int main(void)
{
  char *line = NULL;
  size_t capacity = 0;
  for (ssize_t length; (length = getline(&line, &capacity, stdin)) > 0;)
    answer_line((struct text){line, (size_t)length});
  free(line);
  return 0;
}
