/*
 * The message catalog: see catalog.h. English gives the keys, in a hash table; every language has
 * an array of texts by the key's number. Loading checks all, so that reading needs no error.
 */
#include "base/catalog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/table.h"

enum { FILE_CEILING = 4 * 1024 * 1024, FIRST_CAPACITY = 256 };

struct catalog {
  struct arena *arena;
  struct text *languages;
  size_t language_count;
  struct text *keys;   /* in the order of loading */
  struct text **texts; /* [language][key]; NULL `at` while loading: not seen yet */
  size_t key_count, key_capacity;
  uint32_t *slots; /* hash table: a key's number + 1, or 0 */
  size_t slot_mask;
};

/* --- Keys ---------------------------------------------------------------------------------- */

/* The slot of a key, or the free slot where it belongs. */
static uint32_t *slot_of(const struct catalog *c, struct text key)
{
  size_t at = text_hash(key) & c->slot_mask;
  while (c->slots[at] && !text_equal(c->keys[c->slots[at] - 1], key)) at = (at + 1) & c->slot_mask;
  return &c->slots[at];
}

static bool find_key(const struct catalog *c, struct text key, size_t *out)
{
  uint32_t slot = *slot_of(c, key);
  if (!slot) return false;
  *out = slot - 1;
  return true;
}

/* Make room for one more key; the table stays at most half full. */
static void make_room(struct catalog *c)
{
  if (c->key_count < c->key_capacity) return;
  c->key_capacity = c->key_capacity ? c->key_capacity * 2 : FIRST_CAPACITY;
  struct text *keys = arena_allocate_array(c->arena, c->key_capacity, sizeof *keys);
  struct text *texts = arena_allocate_array(c->arena, c->key_capacity, sizeof *texts);
  if (c->key_count) {
    memcpy(keys, c->keys, c->key_count * sizeof *keys);
    memcpy(texts, c->texts[0], c->key_count * sizeof *texts);
  }
  c->keys = keys;
  c->texts[0] = texts;
  c->slots = arena_allocate_array(c->arena, c->key_capacity * 2, sizeof *c->slots);
  c->slot_mask = c->key_capacity * 2 - 1;
  for (size_t i = 0; i < c->key_count; i++) *slot_of(c, keys[i]) = (uint32_t)i + 1;
}

/* --- {{names}} ----------------------------------------------------------------------------- */

static bool is_name_character(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

static size_t name_length(struct text t)
{
  size_t length = 0;
  while (length < t.length && is_name_character(t.at[length])) length++;
  return length;
}

bool catalog_next_name(struct text t, size_t from, size_t *begin, size_t *end, struct text *name)
{
  for (;;) {
    size_t open = from + text_find(text_slice(t, from, t.length), TEXT("{{"));
    if (open >= t.length) return false;
    struct text inner = text_slice(t, open + 2, t.length);
    size_t length = name_length(inner);
    from = open + 1;
    if (length == 0 || !text_starts_with(text_slice(inner, length, inner.length), TEXT("}}")))
      continue;
    *begin = open;
    *end = open + 2 + length + 2;
    *name = text_slice(inner, 0, length);
    return true;
  }
}

static bool has_name(struct text t, struct text wanted)
{
  size_t begin, end = 0;
  struct text name;
  while (catalog_next_name(t, end, &begin, &end, &name))
    if (text_equal(name, wanted)) return true;
  return false;
}

/* Does `a` hold every {{name}} that `b` holds? */
static bool covers(struct text a, struct text b)
{
  size_t begin, end = 0;
  struct text name;
  while (catalog_next_name(b, end, &begin, &end, &name))
    if (!has_name(a, name)) return false;
  return true;
}

/* Is every brace part of a {{name}}? */
static bool braces_are_names(struct text t)
{
  size_t begin, end, from = 0;
  struct text name, outside;
  bool more = true;
  while (more) {
    more = catalog_next_name(t, from, &begin, &end, &name);
    outside = text_slice(t, from, more ? begin : t.length);
    if (text_contains(outside, TEXT("{")) || text_contains(outside, TEXT("}"))) return false;
    if (more) from = end;
  }
  return true;
}

/* --- Checks -------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Does an HTML tag, comment or entity begin here? */
static bool begins_markup(struct text t)
{
  if (t.length < 2) return false;
  char next = t.at[1];
  if (t.at[0] == '<') return is_letter(next) || next == '/' || next == '!';
  if (t.at[0] != '&' || (!is_letter(next) && next != '#')) return false;
  size_t length = 2;
  while (length < t.length && is_name_character(t.at[length])) length++;
  return length < t.length && t.at[length] == ';';
}

static bool is_plain(struct text t)
{
  for (size_t i = 0; i < t.length; i++)
    if (begins_markup(text_slice(t, i, t.length))) return false;
  return true;
}

static bool is_key(struct text key)
{
  for (size_t i = 0; i < key.length; i++)
    if (!is_name_character(key.at[i]) && key.at[i] != '-') return false;
  return key.length > 0;
}

/* What is wrong with a row of a language's file, or NULL. */
static const char *row_fault(const struct catalog *c, size_t language, struct text key,
                             struct text t)
{
  size_t number = 0;
  bool known = c->slots && find_key(c, key, &number);
  if (!is_key(key)) return "a key has letters, digits and . - _ only";
  if (t.length == 0) return "the text is empty";
  if (!is_plain(t)) return "a text is plain: no HTML";
  if (!braces_are_names(t)) return "braces are for {{name}} only";
  if (language == 0) return known ? "the key is there twice" : NULL;
  if (!known) return "English has no such key";
  if (c->texts[language][number].at) return "the key is there twice";
  struct text source = c->texts[0][number];
  return covers(source, t) && covers(t, source) ? NULL : "other {{names}} than in English";
}

/* --- Loading ------------------------------------------------------------------------------- */

static bool take_row(struct catalog *c, size_t language, struct text key, struct text t,
                     const char *path, int64_t line, struct error *error)
{
  const char *fault = row_fault(c, language, key, t);
  if (fault)
    return error_set(error, ERROR_REFUSED, "error.catalog", "Mend the message file.",
                     "%s line %lld: key \"%.*s\": %s", path, (long long)line, TEXT_PRINT(key),
                     fault);
  if (language == 0) {
    make_room(c);
    c->keys[c->key_count++] = key;
    *slot_of(c, key) = (uint32_t)c->key_count;
  }
  size_t number = c->key_count - 1;
  if (language) find_key(c, key, &number);
  c->texts[language][number] = t;
  return true;
}

static bool load_file(struct catalog *c, size_t language, const char *path, struct error *error)
{
  struct text document;
  struct table table;
  size_t key, text;
  if (!file_read(c->arena, path, FILE_CEILING, &document, error)) return false;
  if (!table_read_csv(c->arena, document, &table, error) ||
      !table_column(&table, "key", &key, error) || !table_column(&table, "text", &text, error))
    return error_add_context(error, "%s", path);
  for (size_t i = 0; i < table.row_count; i++)
    if (!take_row(c, language, table_cell(&table, i, key), table_cell(&table, i, text), path,
                  table.lines[i], error))
      return false;
  return true;
}

struct listing {
  struct arena *arena;
  struct text *paths; /* "en/base.csv", in byte order */
  size_t count, capacity;
};

static struct text language_of(struct text path)
{
  return text_slice(path, 0, text_find(path, TEXT("/")));
}

static bool list_file(void *context, struct text path, struct error *error)
{
  (void)error;
  struct listing *l = context;
  if (!text_contains(path, TEXT("/")) || !text_ends_with(path, TEXT(".csv"))) return true;
  if (l->count == l->capacity) {
    l->capacity = l->capacity ? l->capacity * 2 : 8;
    struct text *paths = arena_allocate_array(l->arena, l->capacity, sizeof *paths);
    if (l->count) memcpy(paths, l->paths, l->count * sizeof *paths);
    l->paths = paths;
  }
  l->paths[l->count++] = text_copy(l->arena, path);
  return true;
}

/* The languages of the listing, English first. */
static void name_languages(struct catalog *c, const struct listing *listing)
{
  c->languages = arena_allocate_array(c->arena, listing->count + 1, sizeof *c->languages);
  c->texts = arena_allocate_array(c->arena, listing->count + 1, sizeof *c->texts);
  c->languages[c->language_count++] = TEXT("en");
  for (size_t i = 0; i < listing->count; i++) {
    struct text language = language_of(listing->paths[i]);
    if (text_equal(language, c->languages[0]) ||
        text_equal(language, c->languages[c->language_count - 1]))
      continue;
    c->languages[c->language_count++] = language;
  }
}

static bool is_complete(const struct catalog *c, size_t language, struct error *error)
{
  for (size_t i = 0; i < c->key_count; i++)
    if (!c->texts[language][i].at)
      return error_set(error, ERROR_REFUSED, "error.catalog", "Translate the text.",
                       "%.*s lacks the key \"%.*s\"", TEXT_PRINT(c->languages[language]),
                       TEXT_PRINT(c->keys[i]));
  return true;
}

static bool load_language(struct catalog *c, const char *folder, const struct listing *listing,
                          size_t language, struct error *error)
{
  if (language)
    c->texts[language] = arena_allocate_array(c->arena, c->key_count, sizeof(struct text));
  for (size_t i = 0; i < listing->count; i++) {
    if (!text_equal(language_of(listing->paths[i]), c->languages[language])) continue;
    const char *path = file_join(c->arena, folder, listing->paths[i].at);
    if (!load_file(c, language, path, error)) return false;
  }
  if (c->key_count == 0)
    return error_set(error, ERROR_REFUSED, "error.catalog", "Add messages in en/*.csv.",
                     "%s has no English messages", folder);
  return is_complete(c, language, error);
}

bool catalog_load(struct catalog **out, const char *folder, struct error *error)
{
  struct catalog *c = memory_allocate_zero(1, sizeof *c);
  c->arena = arena_new(LIMIT_FILE_WHOLE);
  struct listing listing = {.arena = c->arena};
  bool good = file_walk(folder, list_file, &listing, error);
  if (good) name_languages(c, &listing);
  for (size_t i = 0; good && i < c->language_count; i++)
    good = load_language(c, folder, &listing, i, error);
  if (good) *out = c;
  else catalog_free(c);
  return good;
}

void catalog_free(struct catalog *catalog)
{
  if (!catalog) return;
  arena_free(catalog->arena);
  free(catalog);
}

/* --- Reading ------------------------------------------------------------------------------- */

size_t catalog_language_count(const struct catalog *catalog)
{
  return catalog->language_count;
}

struct text catalog_language(const struct catalog *catalog, size_t language)
{
  assert(language < catalog->language_count);
  return catalog->languages[language];
}

bool catalog_language_find(const struct catalog *catalog, struct text code, size_t *out)
{
  for (size_t i = 0; i < catalog->language_count; i++) {
    if (!text_equal(catalog->languages[i], code)) continue;
    *out = i;
    return true;
  }
  return false;
}

struct text catalog_find(const struct catalog *catalog, size_t language, struct text key)
{
  size_t number;
  assert(language < catalog->language_count);
  if (!find_key(catalog, key, &number)) return (struct text){NULL, 0};
  return catalog->texts[language][number];
}

struct text catalog_text(const struct catalog *catalog, size_t language, const char *key)
{
  struct text found = catalog_find(catalog, language, text_from(key));
#ifdef FAIRLEAD_DEBUG_ARENA
  assert(found.at);
#endif
  return found.at ? found : text_from(key);
}

struct text catalog_format(struct arena *arena, const struct catalog *catalog, size_t language,
                           const char *key, const struct value *names)
{
  struct text source = catalog_text(catalog, language, key), name;
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_TEMPLATE_OUTPUT);
  size_t from = 0, begin, end;
  while (catalog_next_name(source, from, &begin, &end, &name)) {
    text_buffer_add(&buffer, text_slice(source, from, begin));
    text_buffer_add(&buffer, value_text_get(value_get(names, name)));
    from = end;
  }
  text_buffer_add(&buffer, text_slice(source, from, source.length));
  struct text formatted = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return formatted;
}

/* Chain a text into a hash, so that where one text ends matters. */
static uint64_t chain(uint64_t hash, struct text t)
{
  return (hash ^ text_hash(t)) * 0x9E3779B97F4A7C15u;
}

uint64_t catalog_hash(const struct catalog *catalog)
{
  uint64_t hash = 0;
  for (size_t i = 0; i < catalog->language_count; i++) {
    hash = chain(hash, catalog->languages[i]);
    for (size_t j = 0; j < catalog->key_count; j++)
      hash = chain(chain(hash, catalog->keys[j]), catalog->texts[i][j]);
  }
  return hash;
}
