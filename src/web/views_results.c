/*
 * What was found, as a page says it: a title with the number, what was asked, what was loosened,
 * which place was meant, the cards, the map, and how to go on.
 */
#include <math.h>
#include <string.h>

#include "web/views.h"

/* --- Title --------------------------------------------------------------------------------- */

/* "results.title_near", or "results.title_near_one" for one. */
static struct text title_counted(const struct finder *finder, const char *key, struct text place)
{
  const struct web_request *request = finder->request;
  int64_t total = finder->answer.search.total;
  struct text one = text_format(request->arena, "%s_one", key);
  return VIEW_FORMAT(request, total == 1 ? text_c(request->arena, one) : key,
                     {"total", view_count(request->arena, total)}, {"place", place});
}

/* "Springfield" of "Springfield, IL". */
static struct text place_name(struct text label)
{
  return text_slice(label, 0, text_find(label, TEXT(",")));
}

/* Every place of the country has a distance: without a radius or state, their number says nothing
 * about what is near. */
static bool is_unbounded(const struct finder *finder)
{
  const struct search_query *used = &finder->answer.search.used;
  return used->has_point && used->within <= 0 && !used->state[0];
}

static struct text title_place(const struct finder *finder, const struct place *place)
{
  const struct web_request *request = finder->request;
  bool is_here = place->kind == PLACE_POINT;
  if (is_unbounded(finder))
    return is_here ? view_text(request, "results.title_here_any")
                   : VIEW_FORMAT(request, "results.title_near_any", {"place", place->label});
  if (is_here) return title_counted(finder, "results.title_here", place->label);
  if (place->kind == PLACE_STATE && finder->answer.state_from_place)
    return title_counted(finder, "results.title_in", place->label);
  return title_counted(finder, "results.title_near", place->label);
}

static struct text title(const struct finder *finder)
{
  const struct web_request *request = finder->request;
  const struct place_answer *place = &finder->answer.place;
  struct text typed = text_is_empty(finder->asked.near) ? finder->asked.q : finder->asked.near;
  if (!finder->answered) return view_text(request, "results.title_problem");
  if (!finder->snapshot) return view_text(request, "results.title_empty");
  if (place->outcome == PLACE_AMBIGUOUS)
    return VIEW_FORMAT(request, "results.title_which",
                       {"place", place_name(place->candidates[0].label)});
  if (place->outcome == PLACE_UNKNOWN)
    return VIEW_FORMAT(request, "results.title_unknown", {"place", typed});
  if (place->outcome == PLACE_FOUND) return title_place(finder, &place->candidates[0]);
  if (finder->answer.search.used.state[0]) {
    const struct places *places = directory_places(request->application->directory);
    return title_counted(finder, "results.title_in",
                         places_state_name(places, finder->answer.search.used.state));
  }
  return title_counted(finder, "results.title_all", TEXT(""));
}

/* --- Summary ------------------------------------------------------------------------------- */

static void say(struct text_buffer *out, struct text sentence)
{
  if (out->length) text_buffer_add_character(out, ' ');
  text_buffer_add(out, sentence);
}

static struct text need_label(const struct finder *finder, size_t need)
{
  return needs_get(finder->needs, need)->label[finder->request->language];
}

/* Labels of the needs that were searched, with commas between. */
static struct text need_labels(const struct finder *finder)
{
  const struct search_query *used = &finder->answer.search.used;
  struct text_buffer list;
  text_buffer_init(&list, LIMIT_HTTP_TARGET);
  for (size_t i = 0; i < used->need_count; i++) {
    if (used->needs[i] == finder->first_need) continue;
    if (list.length) text_buffer_add(&list, TEXT(", "));
    text_buffer_add(&list, need_label(finder, used->needs[i]));
  }
  struct text copy = text_copy(finder->request->arena, text_buffer_get(&list));
  text_buffer_fini(&list);
  return copy;
}

/* A state has no near and far: its places are listed from its middle on, without miles. */
static bool is_state_wide(const struct finder *finder)
{
  return finder->answer.state_from_place && finder->answer.search.used.state[0];
}

static const char *sorted_key(const struct finder *finder)
{
  const struct search_query *used = &finder->answer.search.used;
  if (used->sort == SEARCH_NAME) return "results.sorted_name";
  if (is_state_wide(finder)) return "results.sorted_middle";
  return used->has_point ? "results.sorted_distance" : "results.sorted_best";
}

static struct text summary(const struct finder *finder)
{
  const struct web_request *request = finder->request;
  const struct search_query *used = &finder->answer.search.used;
  struct text_buffer sentences;
  text_buffer_init(&sentences, LIMIT_HTTP_TARGET);
  if (used->within > 0)
    say(&sentences, VIEW_FORMAT(request, "results.within",
                                {"miles", text_format(request->arena, "%g", used->within)}));
  if (!text_is_empty(used->words))
    say(&sentences, VIEW_FORMAT(request, "results.words", {"words", used->words}));
  struct text labels = need_labels(finder);
  if (!text_is_empty(labels))
    say(&sentences, VIEW_FORMAT(request, "results.needs", {"needs", labels}));
  say(&sentences, view_text(request, sorted_key(finder)));
  if (!used->has_point && !used->state[0] && text_is_empty(used->words))
    say(&sentences, view_text(request, "results.hint"));
  if (is_unbounded(finder)) say(&sentences, title_counted(finder, "results.total", TEXT("")));
  struct text copy = text_copy(request->arena, text_buffer_get(&sentences));
  text_buffer_fini(&sentences);
  return copy;
}

/* --- What was loosened --------------------------------------------------------------------- */

static struct text loosened_within(const struct finder *finder, const struct search_loosened *one)
{
  const struct web_request *request = finder->request;
  struct text was = text_format(request->arena, "%g", one->within_was);
  if (one->within_now > 0)
    return VIEW_FORMAT(request, "results.loosened_within", {"was", was},
                       {"now", text_format(request->arena, "%g", one->within_now)});
  if (!one->state_now[0]) return VIEW_FORMAT(request, "results.loosened_within_all", {"was", was});
  const struct places *places = directory_places(request->application->directory);
  return VIEW_FORMAT(request, "results.loosened_within_state", {"was", was},
                     {"place", places_state_name(places, one->state_now)});
}

static struct text loosened_sentence(const struct finder *finder, const struct search_loosened *one)
{
  const struct web_request *request = finder->request;
  const struct places *places = directory_places(request->application->directory);
  switch (one->what) {
  case LOOSENED_WITHIN:
    return loosened_within(finder, one);
  case LOOSENED_STATE:
    return VIEW_FORMAT(request, "results.loosened_state",
                       {"place", places_state_name(places, one->state_was)});
  case LOOSENED_WORDS:
    return VIEW_FORMAT(request, "results.loosened_words", {"words", finder->answer.words});
  case LOOSENED_NEED:
    return VIEW_FORMAT(request, "results.loosened_need", {"need", need_label(finder, one->index)});
  case LOOSENED_CODE:
    break;
  }
  return VIEW_FORMAT(request, "results.loosened_need",
                     {"need", codes_get(finder->needs, one->index)->label[request->language]});
}

static void results_loosened(struct finder *finder, struct value *results)
{
  const struct search_answer *search = &finder->answer.search;
  if (!search->loosened_count) return;
  struct value *loosened = value_object(finder->request->arena);
  struct value *sentences = value_list(finder->request->arena);
  for (size_t i = 0; i < search->loosened_count; i++)
    value_add(sentences,
              value_text(finder->request->arena, loosened_sentence(finder, &search->loosened[i])));
  view_set_text(finder->request, loosened, "title", view_text(finder->request, "results.loosened"));
  value_set(loosened, "sentences", sentences);
  value_set(results, "loosened", loosened);
}

/* --- Which place --------------------------------------------------------------------------- */

static void results_chooser(struct finder *finder, struct value *results)
{
  struct web_request *request = finder->request;
  const struct place_answer *place = &finder->answer.place;
  if (place->outcome != PLACE_AMBIGUOUS && place->outcome != PLACE_UNKNOWN) return;
  struct value *chooser = value_object(request->arena), *list = value_list(request->arena);
  for (size_t i = 0; i < place->count; i++) {
    const struct place *candidate = &place->candidates[i];
    struct text value = candidate->near;
    if (!text_is_empty(finder->answer.words))
      value = VIEW_FORMAT(request, "results.join", {"words", finder->answer.words},
                          {"place", candidate->near});
    struct value *item = value_object(request->arena);
    view_set_text(request, item, "label", candidate->label);
    view_set_text(request, item, "value", value);
    value_add(list, item);
  }
  const char *key = place->outcome == PLACE_AMBIGUOUS ? "results.choose"
                    : place->count                    ? "results.suggest"
                                                      : "results.no_suggestion";
  view_set_text(request, chooser, "text", view_text(request, key));
  value_set(chooser, "candidates", list);
  value_set(results, "chooser", chooser);
}

/* --- Cards --------------------------------------------------------------------------------- */

static struct code_set row_codes(const struct finder *finder, uint32_t row)
{
  struct code_set set = {{0}};
  for (size_t i = 0; i < codes_count(finder->needs); i++)
    if (snapshot_row_code(finder->snapshot, row, i)) set.bits[i / 64] |= UINT64_C(1) << (i % 64);
  return set;
}

static const struct highlight *find_highlight(const struct notes *notes, size_t need)
{
  for (size_t i = 0; i < highlights_count(notes); i++)
    if (highlights_get(notes, i)->need == need) return highlights_get(notes, i);
  return NULL;
}

/* A need that was asked for: met, or not reported. */
static void note_need(const struct finder *finder, uint32_t row, size_t need,
                      struct view_notes *notes)
{
  const struct web_request *request = finder->request;
  const struct highlight *highlight = find_highlight(request->application->pages->notes, need);
  struct text label = highlight ? highlight->label[request->language] : need_label(finder, need);
  if (snapshot_row_need(finder->snapshot, row, need)) {
    view_notes_add(request, notes->fits, label, TEXT(""));
    return;
  }
  struct text missing = highlight ? highlight->missing[request->language]
                                  : VIEW_FORMAT(request, "card.not_reported", {"need", label});
  view_notes_add(request, notes->unknown, missing, TEXT(""));
}

static void card_notes(const struct finder *finder, const struct snapshot_row *row, uint32_t index,
                       struct value *card)
{
  const struct web_request *request = finder->request;
  const struct notes *data = request->application->pages->notes;
  struct view_notes notes = view_notes_new(request);
  struct code_set codes = row_codes(finder, index);
  for (size_t i = 0; i < cautions_count(data); i++)
    if (cautions_hold(data, i, &codes, row->directories))
      view_notes_add(request, notes.cautions, cautions_get(data, i)->label[request->language],
                     TEXT(""));
  for (size_t need = 0; need < needs_count(finder->needs); need++)
    if (finder->ticked[need] && need != finder->first_need) note_need(finder, index, need, &notes);
  for (size_t i = 0; i < highlights_count(data); i++) {
    const struct highlight *highlight = highlights_get(data, i);
    if (finder->ticked[highlight->need]) continue;
    if (highlight->missing_on_card || snapshot_row_need(finder->snapshot, index, highlight->need))
      note_need(finder, index, highlight->need, &notes);
  }
  value_set(card, "cautions", notes.cautions);
  value_set(card, "fits", notes.fits);
  value_set(card, "unknown", notes.unknown);
}

static void card_phones(const struct web_request *request, const struct snapshot_row *row,
                        struct value *card)
{
  struct value *phones = value_list(request->arena);
  struct value *intake = view_phone(request, row->intake_phone, "card.intake");
  struct value *phone = view_phone(request, row->phone, "card.main");
  if (intake) value_add(phones, intake);
  if (phone && !text_equal(row->phone, row->intake_phone)) value_add(phones, phone);
  value_set(card, "phones", phones);
}

static struct value *card(const struct finder *finder, const struct search_hit *hit, int64_t number)
{
  struct web_request *request = finder->request;
  struct arena *arena = request->arena;
  struct snapshot_row row;
  snapshot_row_get(finder->snapshot, hit->row, &row);
  struct value *out = value_object(arena);
  view_set_text(request, out, "number", text_format(arena, "%lld", (long long)number));
  view_set_text(request, out, "href",
                text_format(arena, "%.*s/facilities/%.*s",
                            TEXT_PRINT(view_base(request, request->language)), TEXT_PRINT(row.id)));
  view_set_text(request, out, "name", text_copy(arena, row.name1));
  if (!text_equal_ignore_case(row.name1, row.name2))
    view_set_text(request, out, "program", text_copy(arena, row.name2));
  view_set_text(request, out, "where",
                view_address(arena, row.street1, row.street2, row.city, row.state, row.zip));
  if (isfinite(hit->distance) && !is_state_wide(finder)) {
    struct text miles = view_miles(arena, hit->distance);
    view_set_text(request, out, "miles", miles);
    view_set_text(request, out, "miles_unit",
                  view_text(request, text_equal(miles, TEXT("1.0")) ? "card.mile" : "card.miles"));
  }
  card_notes(finder, &row, hit->row, out);
  card_phones(request, &row, out);
  struct value *places = view_availability(request, row.id, true);
  if (places) value_set(out, "places", places);
  view_set_text(request, out, "listed", view_listed(request, row.source, row.as_of, row.invented));
  return out;
}

static void results_cards(struct finder *finder, struct value *results)
{
  const struct search_answer *search = &finder->answer.search;
  struct value *cards = value_list(finder->request->arena);
  for (size_t i = 0; i < search->hit_count; i++)
    value_add(cards, card(finder, &search->hits[i], finder->start + (int64_t)i));
  value_set(results, "cards", cards);
  view_set_flag(finder->request, results, "has_cards", search->hit_count > 0);
  value_set(results, "start", value_integer(finder->request->arena, finder->start));
}

/* --- Map ----------------------------------------------------------------------------------- */

static struct map_mark mark(const struct finder *finder, const struct search_hit *hit,
                            int64_t number)
{
  struct web_request *request = finder->request;
  struct snapshot_row row;
  snapshot_row_get(finder->snapshot, hit->row, &row);
  struct text digits = text_format(request->arena, "%lld", (long long)number);
  return (struct map_mark){
      .latitude = row.latitude,
      .longitude = row.longitude,
      .has_point = row.quality != COORDINATE_NONE,
      .href = text_format(request->arena, "#place-%lld", (long long)number),
      .text = digits,
      .label = VIEW_FORMAT(request, "map.marker", {"number", digits}, {"name", row.name1},
                           {"city", row.city}),
  };
}

static void results_map(struct finder *finder)
{
  struct web_request *request = finder->request;
  const struct search_answer *search = &finder->answer.search;
  struct map_mark *marks =
      arena_allocate_array(request->arena, search->hit_count + 1, sizeof *marks);
  for (size_t i = 0; i < search->hit_count; i++)
    marks[i] = mark(finder, &search->hits[i], finder->start + (int64_t)i);
  struct map_request map = {.marks = marks,
                            .count = search->hit_count,
                            .has_center = search->used.has_point && !search->used.state[0],
                            .latitude = search->used.latitude,
                            .longitude = search->used.longitude,
                            .within = search->used.within};
  struct value *drawn = view_map(request, &map, "map.label");
  if (!drawn) return;
  int64_t last = finder->start + (int64_t)search->hit_count - 1;
  view_set_text(request, drawn, "caption",
                VIEW_FORMAT(request, "map.caption",
                            {"first", view_count(request->arena, finder->start)},
                            {"last", view_count(request->arena, last)}));
  value_set(finder->page, "map", drawn);
}

/* --- Going on ------------------------------------------------------------------------------ */

static void results_paging(struct finder *finder, struct value *results)
{
  struct web_request *request = finder->request;
  const struct search_answer *search = &finder->answer.search;
  int64_t next = finder->start + (int64_t)search->hit_count;
  int64_t left = search->total - next + 1, limit = (int64_t)finder->asked.limit;
  view_set_flag(request, results, "first", finder->start > 1 && !request->is_fragment);
  if (text_is_empty(search->next)) return;
  struct value *more = value_object(request->arena);
  struct text count = view_count(request->arena, left < limit ? left : limit);
  view_set_text(
      request, more, "cursor",
      text_format(request->arena, "%lld.%.*s", (long long)next, TEXT_PRINT(search->next)));
  view_set_text(request, more, "start", text_format(request->arena, "%lld", (long long)next));
  view_set_text(request, more, "label",
                left == 1 ? view_text(request, "results.more_one")
                          : VIEW_FORMAT(request, "results.more", {"count", count}));
  value_set(results, "next", more);
}

/* The link that asks the same again: the form's fields. */
static struct text share_link(const struct finder *finder)
{
  const struct value *fields = value_get(value_get(finder->page, TEXT("form")), TEXT("fields"));
  struct text_buffer link;
  text_buffer_init(&link, LIMIT_HTTP_TARGET);
  text_buffer_add(&link, view_base(finder->request, finder->request->language));
  text_buffer_add(&link, TEXT("/find"));
  for (size_t i = 0; i < value_count(fields); i++) {
    const struct value *field = value_item(fields, i);
    text_buffer_add_character(&link, i ? '&' : '?');
    text_buffer_add(&link, value_text_get(value_get(field, TEXT("name"))));
    text_buffer_add_character(&link, '=');
    view_encode(value_text_get(value_get(field, TEXT("value"))), &link);
  }
  struct text copy =
      link.over ? TEXT("") : text_copy(finder->request->arena, text_buffer_get(&link));
  text_buffer_fini(&link);
  return copy;
}

/* --- Whole --------------------------------------------------------------------------------- */

static void results_problem(struct finder *finder, struct value *results, const char *key)
{
  struct value *problem = value_object(finder->request->arena);
  view_set_text(finder->request, problem, "text", view_text(finder->request, key));
  value_set(results, "problem", problem);
}

void view_results(struct finder *finder)
{
  struct web_request *request = finder->request;
  struct value *results = value_object(request->arena);
  view_set_text(request, results, "title", title(finder));
  value_set(finder->page, "results", results);
  view_set_flag(request, results, "has_tools", finder->snapshot != NULL);
  if (!finder->answered) {
    results_problem(finder, results,
                    finder->problem.person ? finder->problem.person : "results.title_problem");
    return;
  }
  if (!finder->snapshot) return;
  if (finder->note) results_problem(finder, results, finder->note);
  const struct place_answer *place = &finder->answer.place;
  if (place->outcome == PLACE_FOUND) {
    view_set_text(request, results, "place", place->candidates[0].label);
    view_set_text(request, results, "words", finder->answer.words);
  }
  if (finder->answer.search.hit_count) view_set_text(request, results, "summary", summary(finder));
  results_chooser(finder, results);
  results_loosened(finder, results);
  results_cards(finder, results);
  results_map(finder);
  results_paging(finder, results);
  if (finder->answer.search.hit_count) view_set_text(request, results, "share", share_link(finder));
}
