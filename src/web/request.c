/*
 * Requests as handlers see them: see web.h.
 */
#include "web/web.h"

#include <string.h>

#include "web/multipart.h"

static bool is_named(const struct web_parameter *parameter, const char *name)
{
  return text_equal(parameter->name, text_from(name));
}

struct text web_parameter_get(const struct web_request *request, const char *name)
{
  for (size_t i = 0; i < request->parameter_count; i++)
    if (is_named(&request->parameters[i], name)) return text_trim(request->parameters[i].value);
  return TEXT("");
}

bool web_parameter_has(const struct web_request *request, const char *name)
{
  for (size_t i = 0; i < request->parameter_count; i++)
    if (is_named(&request->parameters[i], name)) return true;
  return false;
}

size_t web_parameter_all(const struct web_request *request, const char *name,
                         const struct text **out)
{
  size_t count = 0;
  for (size_t i = 0; i < request->parameter_count; i++)
    count += is_named(&request->parameters[i], name);
  struct text *values = arena_allocate_array(request->arena, count, sizeof *values);
  size_t at = 0;
  for (size_t i = 0; i < request->parameter_count; i++)
    if (is_named(&request->parameters[i], name))
      values[at++] = text_trim(request->parameters[i].value);
  *out = values;
  return count;
}

struct text web_file_get(const struct web_request *request, const char *name)
{
  for (size_t i = 0; i < request->file_count; i++)
    if (text_equal(request->files[i].name, text_from(name))) return request->files[i].bytes;
  return TEXT("");
}
