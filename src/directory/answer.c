/*
 * Finding, the second half: what the engine answered becomes the API's document (design section
 * 6). Each result is written once, as a ready slice of JSON around the head that the snapshot
 * holds; labels and keys were rendered when the directory was opened.
 */
#include <math.h>
#include <string.h>

#include "directory/directory_private.h"

enum { RESULT_CEILING = 512 * 1024, COUNT_DIGITS = 20 };

/* A sentence of the catalog with one {{name}} in it, as a JSON string: `"` and what stands before
 * the name; what stands behind it and `"`. */
struct sentence {
  struct text before, behind;
};

/* What the results of one answer are written with. */
struct writing {
  const struct directory_finding *finding;
  const struct search_explainer *explainer; /* NULL without words */
  size_t language;                          /* of labels: within NEED_LANGUAGES */
  struct sentence matches[MATCH_STREET + 1], distance;
  uint64_t met; /* needs met by the row before, and their text */
  struct text met_text;
  struct text_buffer *out;
  bool first; /* nothing stands in the open list yet */
};

/* --- Sentences -------------------------------------------------------------------------------- */

static struct sentence sentence_of(const struct directory_finding *f, const char *key,
                                   struct text_buffer *buffer)
{
  struct text name, text = catalog_text(f->catalog, f->request->language, key);
  size_t begin = text.length, end = begin; /* a sentence without a name stands whole */
  catalog_next_name(text, 0, &begin, &end, &name);
  text_buffer_clear(buffer);
  json_write_text(text_slice(text, 0, begin), buffer);
  size_t middle = buffer->length;
  json_write_text(text_slice(text, end, text.length), buffer);
  struct text both = text_copy(f->arena, text_buffer_get(buffer));
  return (struct sentence){text_slice(both, 0, middle - 1),
                           text_slice(both, middle + 1, both.length)};
}

static struct text filled(const struct directory_finding *f, const char *key, const char *name,
                          struct value *with)
{
  struct value *names = value_object(f->arena);
  value_set(names, name, with);
  return catalog_format(f->arena, f->catalog, f->request->language, key, names);
}

/* --- Place ------------------------------------------------------------------------------------ */

static const struct value *write_place(const struct directory_finding *f,
                                       const struct place_answer *answer)
{
  if (answer->outcome != PLACE_FOUND) return value_null(f->arena);
  const struct place *place = &answer->candidates[0];
  struct value *object = value_object(f->arena);
  value_set(object, "label", value_text(f->arena, place->label));
  value_set(object, "latitude", value_decimal(f->arena, place->latitude, 6));
  value_set(object, "longitude", value_decimal(f->arena, place->longitude, 6));
  return object;
}

static const struct value *write_places(const struct directory_finding *f,
                                        const struct place_answer *answer)
{
  struct value *list = value_list(f->arena);
  if (answer->outcome == PLACE_FOUND) return list;
  for (size_t i = 0; i < answer->count; i++) {
    struct value *object = value_object(f->arena);
    value_set(object, "label", value_text(f->arena, answer->candidates[i].label));
    value_set(object, "near", value_text(f->arena, answer->candidates[i].near));
    value_add(list, object);
  }
  return list;
}

/* --- Loosened --------------------------------------------------------------------------------- */

static struct text miles_text(const struct directory_finding *f, double miles)
{
  if (miles == 1) return catalog_text(f->catalog, f->request->language, "find.relaxed.mile");
  return filled(f, "find.relaxed.miles", "miles", value_decimal(f->arena, miles, 2));
}

static struct text region_text(const struct directory_finding *f, const char state[3])
{
  if (!state[0]) return catalog_text(f->catalog, f->request->language, "find.relaxed.nationwide");
  return filled(f, "find.relaxed.state", "state",
                value_text(f->arena, places_state_name(f->directory->places, state)));
}

/* What stood before, and what stands in its place ("" when nothing does). */
static void loosened_texts(const struct directory_finding *f,
                           const struct search_loosened *loosened, struct text words,
                           struct text *was, struct text *now)
{
  const struct needs *needs = f->directory->needs;
  *was = words;
  *now = TEXT("");
  if (loosened->what == LOOSENED_WITHIN) {
    *was = miles_text(f, loosened->within_was);
    *now = loosened->within_now > 0 ? miles_text(f, loosened->within_now)
                                    : region_text(f, loosened->state_now);
  } else if (loosened->what == LOOSENED_STATE) {
    *was = text_copy(f->arena, text_from(loosened->state_was));
    *now = region_text(f, loosened->state_now);
  } else if (loosened->what == LOOSENED_NEED) {
    *was = needs_get(needs, loosened->index)->name;
  } else if (loosened->what == LOOSENED_CODE) {
    *was = codes_get(needs, loosened->index)->code;
  }
}

static const struct value *write_relaxed(const struct directory_finding *f,
                                         const struct directory_answer *answer)
{
  static const char *const kinds[] = {[LOOSENED_WITHIN] = "within",
                                      [LOOSENED_STATE] = "state",
                                      [LOOSENED_WORDS] = "words",
                                      [LOOSENED_NEED] = "need",
                                      [LOOSENED_CODE] = "code"};
  struct value *list = value_list(f->arena);
  for (size_t i = 0; i < answer->search.loosened_count; i++) {
    const struct search_loosened *loosened = &answer->search.loosened[i];
    struct text was, now;
    struct value *object = value_object(f->arena);
    loosened_texts(f, loosened, answer->words, &was, &now);
    value_set(object, "what", value_text(f->arena, text_from(kinds[loosened->what])));
    value_set(object, "was", value_text(f->arena, was));
    value_set(object, "now", value_text(f->arena, now));
    value_add(list, object);
  }
  return list;
}

/* --- Facets ----------------------------------------------------------------------------------- */

static char *put(char *at, struct text t)
{
  memcpy(at, t.at, t.length);
  return at + t.length;
}

/* Copy a padded key: pieces of one length need no call. */
static char *put_key(char *at, struct text key)
{
  for (size_t i = 0; i < key.length; i += FACET_KEY_PIECE)
    memcpy(at + i, key.at + i, FACET_KEY_PIECE);
  return at + key.length;
}

/* Written straight into the arena: this is some hundred short pieces in every answer. */
static const struct value *write_facets(const struct directory_finding *f,
                                        const struct search_answer *search)
{
  const struct directory *directory = f->directory;
  size_t count = needs_count(directory->needs);
  if (!f->request->facets) return value_object(f->arena);
  if (!search->facets) return value_json(f->arena, directory->no_facets);
  char *start = arena_allocate(f->arena, directory->no_facets.length + count * COUNT_DIGITS +
                                             FACET_KEY_PIECE);
  char *at = put(start, TEXT("{"));
  for (size_t i = 0; i < count; i++)
    at = text_write_number((uint64_t)search->facets[i], put_key(at, directory->facet_keys[i]));
  at = put(at, TEXT("}"));
  return value_json(f->arena, (struct text){start, (size_t)(at - start)});
}

/* --- Results ---------------------------------------------------------------------------------- */

static void add_item(struct writing *w, struct text json)
{
  if (!w->first) text_buffer_add_character(w->out, ',');
  text_buffer_add(w->out, json);
  w->first = false;
}

static void add_sentence(struct writing *w, const struct sentence *sentence, struct text middle)
{
  add_item(w, sentence->before);
  text_buffer_add(w->out, middle); /* folded letters, digits and spaces: nothing to escape */
  text_buffer_add(w->out, sentence->behind);
}

/* Which of the needs that were asked for, before anything was loosened, does the row meet? Bit i
 * is the i-th asked for. */
static uint64_t needs_met_by(const struct writing *w, uint32_t row)
{
  const struct directory_finding *f = w->finding;
  uint64_t met = 0;
  for (size_t i = 0; i < f->query.need_count; i++)
    met |= (uint64_t)snapshot_row_need(f->snapshot, row, f->needs[i]) << i;
  return met;
}

/* `,"needs":[…],"why":[` and the needs' labels. Most rows of an answer meet the same needs, so the
 * text of the row before is kept. */
static struct text needs_text(struct writing *w, uint64_t met)
{
  const struct directory_finding *f = w->finding;
  if (met == w->met && w->met_text.length) return w->met_text;
  text_buffer_clear(w->out);
  text_buffer_add(w->out, TEXT(",\"needs\":["));
  w->first = true;
  for (size_t i = 0; i < f->query.need_count; i++)
    if (met >> i & 1) add_item(w, f->directory->need_names[f->needs[i]]);
  text_buffer_add(w->out, TEXT("],\"why\":["));
  w->first = true;
  for (size_t i = 0; i < f->query.need_count; i++)
    if (met >> i & 1) add_item(w, f->directory->need_labels[w->language][f->needs[i]]);
  w->met = met;
  w->met_text = text_copy(f->arena, text_buffer_get(w->out));
  return w->met_text;
}

/* Was the need asked for, or named by an earlier word? Then its label stands there already. */
static bool is_said(const struct writing *w, uint64_t met, const struct search_reason *reasons,
                    size_t at)
{
  for (size_t i = 0; i < w->finding->query.need_count; i++)
    if ((met >> i & 1) && w->finding->needs[i] == reasons[at].need) return true;
  for (size_t i = 0; i < at; i++)
    if (reasons[i].match == MATCH_NEED && reasons[i].need == reasons[at].need) return true;
  return false;
}

/* How each word was met: by a need, or by a name, city or street. */
static void write_word_reasons(struct writing *w, uint32_t row, uint64_t met)
{
  struct search_reason reasons[LIMIT_QUERY_WORDS];
  size_t count = w->explainer ? search_explainer_row(w->explainer, row, reasons) : 0;
  for (size_t i = 0; i < count; i++) {
    if (reasons[i].match != MATCH_NEED)
      add_sentence(w, &w->matches[reasons[i].match], reasons[i].word);
    else if (!is_said(w, met, reasons, i))
      add_item(w, w->finding->directory->need_labels[w->language][reasons[i].need]);
  }
}

static void write_signs(struct writing *w, uint32_t row)
{
  const struct directory_finding *f = w->finding;
  for (size_t i = 0; i < signs_count(f->directory->needs); i++)
    if (snapshot_row_sign(f->snapshot, row, i))
      add_item(w, f->directory->sign_labels[w->language][i]);
}

/* One result. Why it is here: needs met, words found, how far; or, where that gave the order, its
 * signs of quality. */
static const struct value *write_result(struct writing *w, const struct search_hit *hit)
{
  const struct directory_finding *f = w->finding;
  uint64_t met = needs_met_by(w, hit->row);
  struct text needs = needs_text(w, met);
  text_buffer_clear(w->out);
  text_buffer_add_character(w->out, '{');
  text_buffer_add(w->out, snapshot_row_head(f->snapshot, hit->row));
  text_buffer_add(w->out, TEXT(",\"distance_miles\":"));
  if (isfinite(hit->distance)) text_buffer_add_decimal(w->out, hit->distance, 2);
  else text_buffer_add(w->out, TEXT("null"));
  text_buffer_add(w->out, needs);
  w->first = met == 0;
  write_word_reasons(w, hit->row, met);
  if (isfinite(hit->distance)) {
    add_item(w, w->distance.before);
    text_buffer_add_decimal(w->out, hit->distance, 1);
    text_buffer_add(w->out, w->distance.behind);
  }
  if (!f->query.has_point && f->query.sort != SEARCH_NAME) write_signs(w, hit->row);
  text_buffer_add_character(w->out, ']');
  if (f->request->overlay)
    text_buffer_add(w->out,
                    overlay_json(f->request->overlay, snapshot_row_id(f->snapshot, hit->row)));
  text_buffer_add_character(w->out, '}');
  return value_json(f->arena, text_copy(f->arena, text_buffer_get(w->out)));
}

static const struct value *write_results(const struct directory_finding *f,
                                         const struct directory_answer *answer,
                                         struct text_buffer *buffer)
{
  struct value *list = value_list(f->arena);
  struct writing w = {.finding = f, .language = f->request->language, .out = buffer};
  if (answer->search.hit_count == 0) return list;
  if (w.language >= NEED_LANGUAGES) w.language = 0;
  w.distance = sentence_of(f, "find.why.distance", buffer);
  if (!text_is_empty(answer->search.used.words)) {
    w.matches[MATCH_NAME] = sentence_of(f, "find.why.name", buffer);
    w.matches[MATCH_CITY] = sentence_of(f, "find.why.city", buffer);
    w.matches[MATCH_STREET] = sentence_of(f, "find.why.street", buffer);
    w.explainer =
        search_explainer_new(f->snapshot, f->directory->needs, f->arena, &answer->search.used);
  }
  search_fetch(f->snapshot, &answer->search, w.explainer != NULL);
  for (size_t i = 0; i < answer->search.hit_count; i++)
    value_add(list, write_result(&w, &answer->search.hits[i]));
  return list;
}

/* --- Whole ------------------------------------------------------------------------------------ */

const struct value *directory_write_answer(const struct directory_finding *finding,
                                           const struct directory_answer *answer)
{
  struct arena *arena = finding->arena;
  struct value *result = value_object(arena);
  struct text_buffer buffer;
  text_buffer_init(&buffer, RESULT_CEILING); /* one at a time */
  value_set(result, "total", value_integer(arena, answer->search.total));
  value_set(result, "place", write_place(finding, &answer->place));
  value_set(result, "places", write_places(finding, &answer->place));
  value_set(result, "relaxed", write_relaxed(finding, answer));
  value_set(result, "facets", write_facets(finding, &answer->search));
  value_set(result, "results", write_results(finding, answer, &buffer));
  value_set(result, "next",
            text_is_empty(answer->search.next) ? value_null(arena)
                                               : value_text(arena, answer->search.next));
  text_buffer_fini(&buffer);
  return result;
}
