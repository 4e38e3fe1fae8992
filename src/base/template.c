/*
 * The set of templates: see template.h. Loading splices messages in, then parses and builds every
 * template; the steps are in template_parse.c, template_build.c and template_render.c.
 */
#include "base/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/template_program.h"

enum { FILE_CEILING = 1024 * 1024 };

/* What is read before it is built. */
struct sources {
  struct arena *arena;
  struct text *names, *texts;
  size_t count, capacity;
};

static int by_name(const void *a, const void *b)
{
  return text_compare(((const struct template_source *)a)->name,
                      ((const struct template_source *)b)->name);
}

uint32_t template_find(const struct template_set *set, struct text name)
{
  struct template_source wanted = {.name = name};
  const struct template_source *found =
      bsearch(&wanted, set->templates, set->template_count, sizeof *set->templates, by_name);
  return found ? (uint32_t)(found - set->templates) : TEMPLATE_NONE;
}

/* --- Messages ------------------------------------------------------------------------------ */

static void add_html(struct text_buffer *out, struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    switch (t.at[i]) {
    case '&':
      text_buffer_add(out, TEXT("&amp;"));
      break;
    case '<':
      text_buffer_add(out, TEXT("&lt;"));
      break;
    case '>':
      text_buffer_add(out, TEXT("&gt;"));
      break;
    case '"':
      text_buffer_add(out, TEXT("&quot;"));
      break;
    case '\'':
      text_buffer_add(out, TEXT("&#x27;"));
      break;
    case '\n':
    case '\r':
      text_buffer_add_character(out, ' ');
      break; /* lines are counted in the source */
    default:
      text_buffer_add_character(out, t.at[i]);
    }
  }
}

/* Add a message, escaped but for its {{names}}. */
static void add_message(struct text_buffer *out, struct text message)
{
  size_t from = 0, begin, end;
  struct text name;
  while (catalog_next_name(message, from, &begin, &end, &name)) {
    add_html(out, text_slice(message, from, begin));
    text_buffer_add(out, text_slice(message, begin, end));
    from = end;
  }
  add_html(out, text_slice(message, from, message.length));
}

/* Replace every "[[key]]". */
static bool splice(struct text source, const struct catalog *catalog, size_t language,
                   struct text_buffer *out, struct error *error)
{
  size_t from = 0;
  for (;;) {
    size_t open = from + text_find(text_slice(source, from, source.length), TEXT("[["));
    text_buffer_add(out, text_slice(source, from, open));
    if (open >= source.length) return true;
    struct text rest = text_slice(source, open + 2, source.length);
    size_t length = text_find(rest, TEXT("]]"));
    struct text key = text_trim(text_slice(rest, 0, length));
    struct text message = catalog_find(catalog, language, key);
    if (length == rest.length) return template_refuse(source, open, "\"[[\" is not closed", error);
    if (!message.at) {
      template_refuse(source, open, "no message has this key", error);
      return error_add_context(error, "\"%.*s\"", TEXT_PRINT(key));
    }
    add_message(out, message);
    from = open + 2 + length + 2;
  }
}

static bool prepare(struct template_set *set, struct template_source *template,
                    const struct catalog *catalog, size_t language, struct error *error)
{
  if (!catalog) return true;
  struct text_buffer spliced;
  text_buffer_init(&spliced, LIMIT_TEMPLATE_OUTPUT);
  bool good = splice(template->text, catalog, language, &spliced, error);
  if (good && spliced.over)
    good = error_set(error, ERROR_TOO_LARGE, "error.template", "Split the template.",
                     "too large with its messages");
  if (good) template->text = text_copy(set->arena, text_buffer_get(&spliced));
  text_buffer_fini(&spliced);
  return good;
}

/* --- Building ------------------------------------------------------------------------------ */

static bool build(struct template_set *set, struct template_source *template,
                  const struct catalog *catalog, size_t language, struct error *error)
{
  struct template_tokens tokens = {0};
  if (!prepare(set, template, catalog, language, error) ||
      !template_tokens_read(template->text, &tokens, error))
    return error_add_context(error, "template \"%.*s\"", TEXT_PRINT(template->name));
  template_build(set, template, &tokens);
  template_tokens_fini(&tokens);
  return true;
}

static bool names_are_unique(const struct template_set *set, struct error *error)
{
  for (size_t i = 1; i < set->template_count; i++)
    if (text_equal(set->templates[i - 1].name, set->templates[i].name))
      return error_set(error, ERROR_REFUSED, "error.template", "Give each template its own name.",
                       "two templates \"%.*s\"", TEXT_PRINT(set->templates[i].name));
  return true;
}

bool template_set_read(struct template_set **out, const struct text *names,
                       const struct text *sources, size_t count, const struct catalog *catalog,
                       size_t language, struct error *error)
{
  struct template_set *set = memory_allocate_zero(1, sizeof *set);
  set->arena = arena_new(LIMIT_FILE_WHOLE);
  set->templates = arena_allocate_array(set->arena, count + 1, sizeof *set->templates);
  set->template_count = count;
  for (size_t i = 0; i < count; i++) {
    set->templates[i].name = text_copy(set->arena, names[i]);
    set->templates[i].text = text_copy(set->arena, sources[i]);
  }
  qsort(set->templates, count, sizeof *set->templates, by_name);
  bool good = names_are_unique(set, error);
  for (size_t i = 0; good && i < count; i++)
    good = build(set, &set->templates[i], catalog, language, error);
  if (good) *out = set;
  else template_set_free(set);
  return good;
}

void template_set_free(struct template_set *set)
{
  if (!set) return;
  arena_free(set->arena);
  free(set->ops);
  free(set->parts);
  free(set);
}

/* --- From a folder ------------------------------------------------------------------------- */

struct loading {
  const char *folder;
  struct sources sources;
};

static bool load_file(void *context, struct text path, struct error *error)
{
  struct loading *loading = context;
  struct sources *s = &loading->sources;
  struct text ending = TEXT(".mustache"), source;
  if (!text_ends_with(path, ending)) return true;
  const char *whole = file_join(s->arena, loading->folder, text_c(s->arena, path));
  if (!file_read(s->arena, whole, FILE_CEILING, &source, error)) return false;
  if (s->count == s->capacity) {
    s->capacity = s->capacity ? s->capacity * 2 : 64;
    s->names = memory_resize(s->names, s->capacity * sizeof *s->names);
    s->texts = memory_resize(s->texts, s->capacity * sizeof *s->texts);
  }
  s->names[s->count] = text_copy(s->arena, text_slice(path, 0, path.length - ending.length));
  s->texts[s->count++] = source;
  return true;
}

/* Does every partial and parent with a fixed name exist? */
static bool targets_exist(const struct template_set *set, struct error *error)
{
  for (size_t i = 0; i < set->template_count; i++) {
    const struct template_source *template = &set->templates[i];
    for (uint32_t j = template->first; j < template->end; j++) {
      const struct template_op *op = &set->ops[j];
      bool is_call = op->kind == OP_PARTIAL || op->kind == OP_PARENT;
      if (!is_call || op->is_dynamic || op->target != TEMPLATE_NONE) continue;
      template_refuse(template->text, (size_t)(op->name.at - template->text.at),
                      "no template has this name", error);
      return error_add_context(error, "template \"%.*s\": \"%.*s\"", TEXT_PRINT(template->name),
                               TEXT_PRINT(op->name));
    }
  }
  return true;
}

bool template_set_load(struct template_set **out, const char *folder, const struct catalog *catalog,
                       size_t language, struct error *error)
{
  struct loading loading = {.folder = folder, .sources.arena = arena_new(LIMIT_FILE_WHOLE)};
  struct sources *s = &loading.sources;
  struct template_set *set = NULL;
  bool good = file_walk(folder, load_file, &loading, error) &&
              template_set_read(&set, s->names, s->texts, s->count, catalog, language, error) &&
              targets_exist(set, error);
  if (good) *out = set;
  else template_set_free(set);
  free(s->names);
  free(s->texts);
  arena_free(s->arena);
  return good;
}

bool template_exists(const struct template_set *set, struct text name)
{
  return template_find(set, name) != TEMPLATE_NONE;
}

uint64_t template_set_hash(const struct template_set *set)
{
  uint64_t hash = 0;
  for (size_t i = 0; i < set->template_count; i++) {
    const struct template_source *t = &set->templates[i];
    hash = (hash ^ text_hash(t->name)) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ text_hash(t->text)) * 0x9E3779B97F4A7C15u;
  }
  return hash;
}
