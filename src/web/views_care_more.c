/*
 * page.care, what stands around the level: what each kind of care is like, the medicines, the
 * person's wish, places, next steps, when to look again, what is worth asking, the answers.
 */
#include <math.h>
#include <string.h>

#include "web/views_care.h"

enum { CARDS = 3 };

static struct value *list_new(const struct care_view *view)
{
  return value_list(view->request->arena);
}

static void add_message(const struct care_view *view, struct value *list, const char *key)
{
  value_add(list, value_text(view->request->arena, care_words_get(&view->words, key)));
}

/* A known value of a fact by name; NAN when it is not known. */
static double fact_value(const struct care_view *view, const char *name)
{
  size_t fact;
  return facts_find(view->words.table, text_from(name), &fact) ? view->facts.value[fact] : NAN;
}

static bool is_true(const struct care_view *view, const char *name)
{
  return fact_value(view, name) == 1;
}

static const struct level *own_level(const struct care_view *view)
{
  return view->result.level < levels_count(view->words.table)
             ? levels_get(view->words.table, view->result.level)
             : NULL;
}

static bool is_live_in(const struct level *level)
{
  return level->setting == CARE_RESIDENTIAL || level->setting == CARE_INPATIENT;
}

/* The first level that lives in, or comes and goes, and is managed when that is asked. */
static size_t find_level(const struct care_view *view, bool live_in, bool managed, size_t from)
{
  size_t count = levels_count(view->words.table);
  for (size_t i = from; i < count; i++) {
    const struct level *level = levels_get(view->words.table, i);
    if (is_live_in(level) == live_in && (!managed || level->is_managed)) return i;
  }
  return count;
}

/* --- What it is like ------------------------------------------------------------------------ */

static void add_source(const struct care_view *view, struct value *sources, struct text source,
                       struct text grade)
{
  struct text said = care_say_source(&view->words, source, grade);
  for (size_t i = 0; i < value_count(sources); i++)
    if (text_equal(value_text_get(value_item(sources, i)), said)) return;
  value_add(sources, value_text(view->request->arena, said));
}

/* {"level", "aspects": [{"label", "texts"}], "sources"} */
static struct value *like(const struct care_view *view, size_t level)
{
  static const char *const keys[CARE_ASPECTS] = {"care.aspect.day", "care.aspect.length",
                                                 "care.aspect.cost", "care.aspect.gain",
                                                 "care.aspect.give-up"};
  const struct care_settings *settings = view->request->application->settings;
  struct value *out = value_object(view->request->arena), *aspects = list_new(view);
  struct value *sources = list_new(view);
  for (size_t aspect = 0; aspect < CARE_ASPECTS; aspect++) {
    struct value *item = value_object(view->request->arena), *texts = list_new(view);
    for (size_t i = 0; i < care_notes_count(settings); i++) {
      const struct care_note *note = care_notes_get(settings, i);
      if (note->aspect != aspect || !(note->levels >> level & 1)) continue;
      value_add(texts, value_text(view->request->arena, note->text[view->words.language]));
      add_source(view, sources, note->source, note->grade);
    }
    view_set_text(view->request, item, "label", care_words_get(&view->words, keys[aspect]));
    value_set(item, "texts", texts);
    value_add(aspects, item);
  }
  view_set_text(view->request, out, "level",
                levels_get(view->words.table, level)->name[view->words.language]);
  value_set(out, "aspects", aspects);
  value_set(out, "sources", sources);
  return out;
}

/* The level that fits, beside the nearest of the other kind: stay there, or come and go. */
static void fill_like(const struct care_view *view)
{
  const struct level *level = own_level(view);
  size_t count = levels_count(view->words.table), other = count;
  if (!level) return;
  if (is_live_in(level)) {
    for (size_t i = 0; i < view->result.level; i++)
      if (!is_live_in(levels_get(view->words.table, i))) other = i;
  } else {
    other = find_level(view, true, false, 0);
  }
  value_set(view->care, "like", like(view, view->result.level));
  if (other < count) value_set(view->care, "compared", like(view, other));
}

static void fill_medicines(const struct care_view *view)
{
  const struct care_settings *settings = view->request->application->settings;
  struct value *out = list_new(view);
  for (size_t i = 0; i < care_medicines_count(settings); i++) {
    const struct care_medicine *medicine = care_medicines_get(settings, i);
    struct value *item = value_object(view->request->arena);
    struct text name = medicine->name[view->words.language];
    view_set_text(view->request, item, "name", name);
    view_set_text(view->request, item, "text", medicine->text[view->words.language]);
    view_set_text(view->request, item, "article", medicine->article);
    view_set_text(view->request, item, "more",
                  CARE_FILL(&view->words, "care.medicine_more", {"name", name}));
    view_set_text(view->request, item, "source",
                  care_say_source(&view->words, medicine->source, medicine->grade));
    value_add(out, item);
  }
  value_set(view->care, "medicines", out);
}

/* --- The person's wish ----------------------------------------------------------------------- */

/* Living at home was wished for: the nearest set of changes that leads there. */
static bool wish_home(const struct care_view *view, struct value *wish, struct value *must)
{
  for (size_t i = 0; i < view->explanation->change_count; i++) {
    const struct care_change *change = &view->explanation->changes[i];
    if (change->level >= levels_count(view->words.table) ||
        is_live_in(levels_get(view->words.table, change->level)))
      continue;
    struct text level = care_say_level(&view->words, change->level, change->overlays);
    view_set_text(view->request, wish, "next",
                  CARE_FILL(&view->words, "care.wish_next", {"level", level}));
    for (size_t k = 0; k < change->count; k++) {
      struct care_change one = {.fact = {change->fact[k]}, .value = {change->value[k]}, .count = 1};
      value_add(must, value_text(view->request->arena, care_say_condition(&view->words, &one)));
    }
    add_message(view, must, "care.wish_must_naloxone");
    add_message(view, must, "care.wish_must_look");
    return true;
  }
  return false;
}

/* Living there was wished for: the first level that does, with nurses where the need asks for more
 * medical care than a prescriber. */
static bool wish_stay(const struct care_view *view, const struct level *level, struct value *wish,
                      struct value *must)
{
  size_t decisive = view->result.decisive;
  bool medicine_only = decisive < rules_count(view->words.table) &&
                       text_equal(rules_get(view->words.table, decisive)->dimension, TEXT("1C"));
  size_t next = find_level(view, true, level->is_managed && !medicine_only, 0);
  if (next >= levels_count(view->words.table)) return false;
  unsigned kept = view->result.overlays & ~(unsigned)OVERLAY_RR;
  view_set_text(view->request, wish, "next",
                CARE_FILL(&view->words, "care.wish_next",
                          {"level", care_say_level(&view->words, next, kept)}));
  add_message(view, must, "care.wish_must_medicine");
  add_message(view, must, "care.wish_must_pay");
  add_message(view, must, "care.wish_must_after");
  return true;
}

/* What is wished for is written down beside what is needed. It changes nothing. */
static void fill_wish(const struct care_view *view)
{
  const struct level *level = own_level(view);
  double preference = fact_value(view, "preference"), ready = fact_value(view, "motivation");
  if (!level || view->verdict != CARE_VERDICT_LEVEL || (!(preference > 0) && isnan(ready))) return;
  struct value *wish = value_object(view->request->arena), *must = list_new(view);
  size_t fact;
  if (preference > 0 && facts_find(view->words.table, TEXT("preference"), &fact)) {
    struct text word = facts_get(view->words.table, fact)->words[(size_t)preference];
    bool stay = text_equal(word, TEXT("inpatient"));
    bool agrees = stay == is_live_in(level);
    const char *key = agrees ? "care.wish_agrees"
                      : stay ? "care.wish_inpatient"
                             : "care.wish_outpatient";
    view_set_text(view->request, wish, "text", care_words_get(&view->words, key));
    bool found =
        agrees || (stay ? wish_stay(view, level, wish, must) : wish_home(view, wish, must));
    if (!found)
      view_set_text(view->request, wish, "none", care_words_get(&view->words, "care.wish_none"));
  }
  if (!isnan(ready) && facts_find(view->words.table, TEXT("motivation"), &fact))
    view_set_text(view->request, wish, "motivation",
                  CARE_FILL(&view->words, "care.wish_motivation",
                            {"value", care_say_value(&view->words, fact, ready)}));
  value_set(wish, "must", must);
  view_set_flag(view->request, wish, "has_must", value_count(must) > 0);
  value_set(view->care, "wish", wish);
}

/* --- Steps, and when to look again ------------------------------------------------------------ */

static void fill_steps(const struct care_view *view)
{
  const struct level *level = own_level(view);
  struct value *out = list_new(view);
  if (!level) return;
  bool is_blocked = is_true(view, "transport_blocked") || is_true(view, "caregiving_blocked") ||
                    is_true(view, "work_blocked");
  if (level->setting == CARE_INPATIENT) add_message(view, out, "care.step_hospital");
  if (value_get(view->care, TEXT("start_medicine"))) add_message(view, out, "care.step_medicine");
  add_message(view, out, "care.step_call");
  add_message(view, out, "care.step_ask");
  if (view->result.overlays & OVERLAY_RR) add_message(view, out, "care.step_home");
  if (view->result.overlays & (OVERLAY_COE | OVERLAY_PSY))
    add_message(view, out, "care.step_mental");
  if (is_blocked) add_message(view, out, "care.step_barrier");
  add_message(view, out, "care.step_naloxone");
  add_message(view, out, "care.step_carry");
  value_set(view->care, "steps", out);
}

static void fill_reviews(const struct care_view *view)
{
  enum { MICROSECONDS = 1000 * 1000, DAY = 24 * 60 * 60 };
  const struct care_settings *settings = view->request->application->settings;
  struct value *out = list_new(view);
  for (size_t i = 0; i < care_reviews_count(settings); i++) {
    int64_t at = view->now + care_reviews_get(settings, i) * (int64_t)DAY * MICROSECONDS;
    struct text date = time_format_date(view->request->arena, at);
    value_add(out, value_text(view->request->arena, view_date(view->request, date)));
  }
  value_set(view->care, "reviews", out);
  view_set_flag(view->request, view->care, "has_reviews", value_count(out) > 0);
}

/* --- Answers: what is missing, what was given --------------------------------------------------
 */

static void fill_unknown(const struct care_view *view)
{
  struct value *out = list_new(view);
  for (size_t i = 0; i < view->explanation->unknown_count; i++) {
    const struct care_unknown *one = &view->explanation->unknown[i];
    struct value *item = value_object(view->request->arena);
    struct text levels = care_say_levels(&view->words, one->levels);
    view_set_text(view->request, item, "label", care_say_label(&view->words, one->fact));
    view_set_text(view->request, item, "could",
                  CARE_FILL(&view->words, "care.print.could", {"levels", levels}));
    value_add(out, item);
  }
  value_set(view->care, "unknown", out);
  view_set_flag(view->request, view->care, "has_unknown", value_count(out) > 0);
}

static void fill_answers(const struct care_view *view)
{
  struct value *out = list_new(view);
  for (size_t i = 0; i < facts_count(view->words.table); i++) {
    if (isnan(view->facts.value[i])) continue;
    struct value *item = value_object(view->request->arena);
    view_set_text(view->request, item, "label", care_say_label(&view->words, i));
    view_set_text(view->request, item, "value",
                  care_say_answer(&view->words, i, view->facts.value[i]));
    value_add(out, item);
  }
  value_set(view->care, "answers", out);
  view_set_flag(view->request, view->care, "has_answers", value_count(out) > 0);
}

/* --- Places ------------------------------------------------------------------------------------
 */

/* Labels of the needs, with the one that every search has left out. */
static struct text need_labels(const struct care_view *view, const struct value *names)
{
  const struct needs *needs = directory_needs(view->request->application->directory);
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_HTTP_TARGET);
  for (size_t i = 0; i < value_count(names); i++) {
    size_t need;
    struct text name = value_text_get(value_item(names, i));
    if (text_equal(name, TEXT("substance-use")) || !needs_find(needs, name, &need)) continue;
    if (out.length) text_buffer_add(&out, TEXT("; "));
    text_buffer_add(&out, needs_get(needs, need)->label[view->words.language]);
  }
  struct text copy = text_copy(view->request->arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

void view_care_places(struct care_view *view, struct value *page)
{
  struct web_request *request = view->request;
  const struct value *names = value_get(view->document, TEXT("needs"));
  size_t count = value_count(names);
  bool is_stop = view->verdict == CARE_VERDICT_STOP;
  if (is_stop && count < 2) return; /* only the emergency room */
  struct value *places = value_object(request->arena);
  const char *title = is_stop                               ? "care.places_stop"
                      : view->verdict == CARE_VERDICT_MINOR ? "care.places_minor"
                                                            : "care.places";
  struct text near = text_slice(web_parameter_get(request, "near"), 0, LIMIT_QUERY_TEXT);
  struct text *needs = arena_allocate_array(request->arena, count + 1, sizeof *needs);
  for (size_t i = 0; i < count; i++) needs[i] = value_text_get(value_item(names, i));
  view_set_text(request, places, "title", care_words_get(&view->words, title));
  view_set_text(request, places, "near", near);
  struct text labels = need_labels(view, names);
  if (labels.length)
    view_set_text(request, places, "needs_text",
                  CARE_FILL(&view->words, "care.places_needs", {"needs", labels}));
  value_set(places, "needs", names);
  if (near.length && view_find_places(request, near, needs, count, CARDS, page)) {
    struct value *results = value_object(request->arena);
    const struct value *found = value_get(page, TEXT("results"));
    struct text key;
    const struct value *item;
    for (size_t i = 0; value_member(found, i, &key, &item); i++) /* all but the way to go on */
      if (!text_equal(key, TEXT("next"))) value_append(results, key, item);
    value_set(page, "results", results);
    view_set_flag(request, places, "found", true);
  }
  view_set_flag(request, places, "no_list", request->snapshot == NULL);
  value_set(view->care, "places", places);
}

/* --- Whole -------------------------------------------------------------------------------------
 */

void view_care_fill_more(struct care_view *view)
{
  fill_answers(view);
  fill_unknown(view);
  if (view->verdict == CARE_VERDICT_STOP || view->verdict == CARE_VERDICT_MINOR) return;
  if (view->verdict == CARE_VERDICT_LEVEL) fill_like(view);
  fill_medicines(view);
  fill_wish(view);
  fill_steps(view);
  fill_reviews(view);
}
