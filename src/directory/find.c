/*
 * Finding, the first half: a request as it was typed becomes a query of resolved values. What the
 * engine answers becomes a document in answer.c. Nothing of the request is ever logged, so errors
 * name the parameter and what is allowed, never what was given.
 */
#include <math.h>
#include <string.h>

#include "directory/directory_private.h"

/* --- Values that must be one of ours ---------------------------------------------------------- */

static bool refuse(struct error *error, const char *person, struct text hint, const char *log)
{
  return error_set(error, ERROR_REFUSED, person, hint.at, "%s", log);
}

/* How alike two names are: common letters from the front, then fewer letters more or less. */
static size_t likeness(struct text a, struct text b)
{
  size_t same = 0, shorter = a.length < b.length ? a.length : b.length;
  while (same < shorter && (a.at[same] | 32) == (b.at[same] | 32)) same++;
  size_t gap = a.length > b.length ? a.length - b.length : b.length - a.length;
  return same * 64 + (gap < 63 ? 63 - gap : 0);
}

static struct text need_name(const struct needs *needs, size_t index)
{
  return needs_get(needs, index)->name;
}

static struct text code_name(const struct needs *needs, size_t index)
{
  return codes_get(needs, index)->code;
}

/* "Nearest: x. Allowed: a, b, c, …", as many as fit an error's hint. */
static struct text allowed(const struct directory_finding *f, struct text given, size_t count,
                           struct text (*name)(const struct needs *needs, size_t index))
{
  enum { LIST_LENGTH = LIMIT_ERROR_TEXT - 100 };
  struct text_buffer list;
  size_t best = 0, best_likeness = 0;
  const struct needs *needs = f->directory->needs;
  text_buffer_init(&list, LIMIT_ERROR_TEXT);
  for (size_t i = 0; i < count; i++) {
    size_t like = likeness(name(needs, i), given);
    if (like > best_likeness) {
      best_likeness = like;
      best = i;
    }
    if (list.length + name(needs, i).length > LIST_LENGTH) continue;
    text_buffer_add(&list, name(needs, i));
    text_buffer_add(&list, TEXT(", "));
  }
  struct text hint = text_format(f->arena, "Nearest: %.*s. Allowed: %.*s…",
                                 TEXT_PRINT(name(needs, best)), TEXT_PRINT(text_buffer_get(&list)));
  text_buffer_fini(&list);
  return hint;
}

/* Put an index in a list unless it is there. */
static void add_once(size_t *list, size_t *count, size_t index)
{
  for (size_t i = 0; i < *count; i++)
    if (list[i] == index) return;
  list[(*count)++] = index;
}

static bool read_needs(struct directory_finding *f, struct error *error)
{
  const struct directory_request *request = f->request;
  const struct needs *needs = f->directory->needs;
  size_t index;
  if (request->need_count > LIMIT_QUERY_NEEDS)
    return refuse(error, "error.find.need",
                  text_format(f->arena, "Give at most %d needs.", LIMIT_QUERY_NEEDS),
                  "need: too many");
  for (size_t i = 0; i < request->need_count; i++) {
    if (!needs_find(needs, request->needs[i], &index))
      return refuse(error, "error.find.need",
                    allowed(f, request->needs[i], needs_count(needs), need_name),
                    "need: not one of the needs");
    add_once(f->needs, &f->query.need_count, index);
  }
  f->query.needs = f->needs;
  return true;
}

static bool read_codes(struct directory_finding *f, struct error *error)
{
  const struct directory_request *request = f->request;
  const struct needs *needs = f->directory->needs;
  size_t index;
  if (request->code_count > LIMIT_QUERY_CODES)
    return refuse(error, "error.find.code",
                  text_format(f->arena, "Give at most %d codes.", LIMIT_QUERY_CODES),
                  "code: too many");
  for (size_t i = 0; i < request->code_count; i++) {
    if (!codes_find(needs, request->codes[i], &index))
      return refuse(error, "error.find.code",
                    allowed(f, request->codes[i], codes_count(needs), code_name),
                    "code: not one of the service codes");
    add_once(f->codes, &f->query.code_count, index);
  }
  f->query.codes = f->codes;
  return true;
}

static bool read_numbers(struct directory_finding *f, struct error *error)
{
  const struct directory_request *request = f->request;
  if (request->limit < 1 || request->limit > LIMIT_RESULTS_PAGE)
    return refuse(error, "error.find.limit",
                  text_format(f->arena, "Allowed: 1 to %d.", LIMIT_RESULTS_PAGE),
                  "limit: out of range");
  if (!isfinite(request->within) || request->within < 0)
    return refuse(error, "error.find.within", TEXT("Allowed: miles from 0 (no radius) up."),
                  "within: not a distance");
  if ((unsigned)request->sort > SEARCH_NAME)
    return refuse(error, "error.find.sort", TEXT("Allowed: best, distance, name"),
                  "sort: not one of the orders");
  if (request->q.length > LIMIT_QUERY_TEXT || request->near.length > LIMIT_QUERY_TEXT)
    return refuse(error, "error.find.long",
                  text_format(f->arena, "Type at most %d letters.", LIMIT_QUERY_TEXT),
                  "q or near: too long");
  return true;
}

static bool read_state(struct directory_finding *f, struct error *error)
{
  struct text state = text_trim(f->request->state);
  if (state.length == 0) return true;
  if (places_state(f->directory->places, state, f->query.state)) return true;
  return refuse(error, "error.find.state",
                TEXT("Allowed: the two letters of a state or territory (\"VA\"), or its name."),
                "state: not a state");
}

bool directory_read_sort(struct text name, enum search_sort *out)
{
  static const struct {
    const char *name;
    enum search_sort sort;
  } sorts[] = {{"", SEARCH_BEST},
               {"best", SEARCH_BEST},
               {"distance", SEARCH_DISTANCE},
               {"name", SEARCH_NAME}};
  for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
    if (!text_equal(name, text_from(sorts[i].name))) continue;
    *out = sorts[i].sort;
    return true;
  }
  return false;
}

/* --- Place and words -------------------------------------------------------------------------- */

/* Is it a word or phrase of the vocabulary? Synonyms hold no stop words ("keep my suboxone"). */
static bool is_synonym(const void *context, struct text folded)
{
  const struct directory_finding *f = context;
  const struct needs *needs = f->directory->needs;
  char *phrase = arena_allocate(f->arena, folded.length + 1);
  size_t length = 0;
  struct text rest = folded, word;
  while (text_word_next(&rest, &word)) {
    if (stop_words_has(needs, word)) continue;
    if (length) phrase[length++] = ' ';
    memcpy(phrase + length, word.at, word.length);
    length += word.length;
  }
  struct text found = {phrase, length};
  size_t at = synonyms_find_first(needs, found);
  return at < synonyms_count(needs) && text_equal(synonyms_get(needs, at)->phrase, found);
}

static void understand(struct directory_finding *f, struct directory_answer *out)
{
  const struct places *places = f->directory->places;
  struct text near = text_trim(f->request->near), q = text_trim(f->request->q);
  out->words = q;
  out->state_from_place = NULL;
  if (near.length) places_resolve(places, f->arena, near, &out->place);
  else places_split(places, f->arena, q, is_synonym, f, &out->place, &out->words);
  f->query.words = out->words;
  if (out->place.outcome != PLACE_FOUND) return;
  const struct place *place = &out->place.candidates[0];
  f->query.has_point = true;
  f->query.latitude = place->latitude;
  f->query.longitude = place->longitude;
  memcpy(f->query.point_state, place->state, sizeof place->state);
  if (near.length || place->kind != PLACE_STATE) return;
  out->state_from_place = place->state;
  if (!f->query.state[0]) memcpy(f->query.state, place->state, sizeof place->state);
}

/* --- Whole ------------------------------------------------------------------------------------ */

static bool run(struct directory_finding *f, struct search_answer *out, struct error *error)
{
  struct search_workspace *workspace = directory_workspace_take(f->directory);
  bool done =
      search_run(f->snapshot, f->directory->needs, workspace, f->arena, &f->query, out, error);
  directory_workspace_give(f->directory, workspace);
  return done;
}

bool directory_find(struct directory *directory, const struct snapshot *snapshot,
                    const struct catalog *catalog, struct arena *arena,
                    const struct directory_request *request, struct directory_answer *out,
                    struct error *error)
{
  struct directory_finding *f = arena_allocate(arena, sizeof *f);
  struct directory_answer *answer = arena_allocate(arena, sizeof *answer);
  *f = (struct directory_finding){.directory = directory,
                                  .snapshot = snapshot,
                                  .catalog = catalog,
                                  .arena = arena,
                                  .request = request,
                                  .query = {.within = request->within,
                                            .sort = request->sort,
                                            .limit = request->limit,
                                            .cursor = request->cursor,
                                            .facets = request->facets}};
  if (!read_numbers(f, error) || !read_needs(f, error) || !read_codes(f, error) ||
      !read_state(f, error))
    return false;
  understand(f, answer);
  bool asks_place =
      answer->place.outcome == PLACE_AMBIGUOUS || answer->place.outcome == PLACE_UNKNOWN;
  if (request->within > 0 && answer->place.outcome == PLACE_NONE)
    return refuse(error, "error.find.within.place",
                  TEXT("A radius needs a place: a ZIP, \"City, ST\", a county or \"lat,lon\"."),
                  "within: no place");
  answer->search.used = f->query;
  if (snapshot && !asks_place && !run(f, &answer->search, error)) return false;
  answer->result = directory_write_answer(f, answer);
  *out = *answer;
  return true;
}
