/*
 * page.care: the level in plain words, what points each way, why rule by rule, and what would
 * change it; or what to do now. It shows what the document says, with the words around it.
 */
#include <math.h>
#include <string.h>

#include "web/views_care.h"

static struct text member(const struct value *object, const char *name)
{
  return value_text_get(value_get(object, text_from(name)));
}

static void set(const struct care_view *view, const char *key, struct text t)
{
  view_set_text(view->request, view->care, key, t);
}

static struct value *texts(const struct care_view *view)
{
  return value_list(view->request->arena);
}

/* Add a list, and a flag "has_<name>" beside it when it holds anything. */
static void set_list(const struct care_view *view, const char *name, const struct value *list)
{
  struct arena *arena = view->request->arena;
  value_set(view->care, name, list);
  value_set(view->care, text_c(arena, text_format(arena, "has_%s", name)),
            value_boolean(arena, value_count(list) > 0));
}

/* --- Heading ------------------------------------------------------------------------------- */

static struct text heading(const struct care_view *view)
{
  static const char *const keys[] = {[CARE_VERDICT_STOP] = "care.stop_title",
                                     [CARE_VERDICT_MINOR] = "care.minor_title",
                                     [CARE_VERDICT_WAITING] = "care.waiting_title"};
  if (view->verdict != CARE_VERDICT_LEVEL) return care_words_get(&view->words, keys[view->verdict]);
  return care_say_level(&view->words, view->result.level, view->result.overlays);
}

static const char *where_key(const struct care_view *view)
{
  if (view->verdict == CARE_VERDICT_STOP)
    return view->voice == CHOOSE_OTHER ? "care.stop_where_other" : "care.stop_where";
  static const char *const keys[] = {[CHOOSE_SELF] = "care.where",
                                     [CHOOSE_OTHER] = "care.where_other",
                                     [CHOOSE_STAFF] = "care.where_staff"};
  return keys[view->voice];
}

static bool says_always(const struct care_view *view, struct text id)
{
  const struct value *always = value_get(view->document, TEXT("always"));
  for (size_t i = 0; i < value_count(always); i++)
    if (text_equal(member(value_item(always, i), "id"), id)) return true;
  return false;
}

static bool is_word(const struct care_view *view, const char *fact, const char *word)
{
  const struct level_of_care *table = view->words.table;
  size_t index;
  if (!facts_find(table, text_from(fact), &index) || isnan(view->facts.value[index])) return false;
  const struct fact *about = facts_get(table, index);
  return text_equal(about->words[(size_t)view->facts.value[index]], text_from(word));
}

/* Medicine is offered at every level: to start now, or to keep. */
static void fill_medicine(const struct care_view *view)
{
  bool takes = is_word(view, "medication", "methadone") ||
               is_word(view, "medication", "buprenorphine") ||
               is_word(view, "medication", "naltrexone");
  if (!says_always(view, TEXT("medication"))) return;
  set(view, "medicine",
      care_words_get(&view->words, takes ? "care.medicine_keep" : "care.medicine_now"));
  if (!takes) view_set_flag(view->request, view->care, "start_medicine", true);
  if (view->result.medication_at_place)
    set(view, "medicine_at_place", care_words_get(&view->words, "care.medicine_at_place"));
}

/* One or two sentences: the decisive reason, and that needs were joined. */
static void fill_because(const struct care_view *view)
{
  struct arena *arena = view->request->arena;
  const struct value *first = value_item(value_get(view->document, TEXT("reasons")), 0);
  struct value *out = texts(view);
  value_add(out, first ? value_get(first, TEXT("text"))
                       : value_text(arena, care_words_get(&view->words, "care.nothing")));
  if (care_is_joined(view->words.table, &view->result))
    value_add(out, value_text(arena, care_words_get(&view->words, "care.joined")));
  set_list(view, "because", out);
}

static void fill_level(const struct care_view *view)
{
  const struct level *level = levels_get(view->words.table, view->result.level);
  set(view, "hours",
      CARE_FILL(&view->words, "care.hours", {"hours", level->hours[view->words.language]}));
  set(view, "crosswalk",
      CARE_FILL(&view->words, "care.crosswalk", {"level", level->number}, {"asam4", level->asam4},
                {"asam3", level->asam3}));
  fill_because(view);
}

/* --- Stop ---------------------------------------------------------------------------------- */

static void fill_stops(const struct care_view *view)
{
  const struct value *stops = value_get(view->document, TEXT("stop"));
  bool crisis = false, overdose = false;
  for (size_t i = 0; i < value_count(stops); i++) {
    struct text act = member(value_item(stops, i), "act");
    crisis = crisis || text_contains(act, TEXT("988"));
    overdose = overdose || text_equal(member(value_item(stops, i), "rule"), TEXT("A1"));
  }
  value_set(view->care, "stops", stops);
  view_set_flag(view->request, view->care, "crisis", crisis);
  view_set_flag(view->request, view->care, "overdose", overdose);
}

/* --- For and against ----------------------------------------------------------------------- */

static void fill_factors(const struct care_view *view)
{
  struct text open[CARE_FACTORS];
  size_t count = care_factors_unknown(view->words.table, &view->facts, &view->result,
                                      view->words.language, open);
  struct value *unknown = texts(view);
  for (size_t i = 0; i < count; i++) value_add(unknown, value_text(view->request->arena, open[i]));
  set_list(view, "inpatient", value_get(view->document, TEXT("toward_inpatient")));
  set_list(view, "outpatient", value_get(view->document, TEXT("toward_outpatient")));
  set_list(view, "not_known", unknown);
}

/* What would let less care fit stands open; what would ask for more is there to look at. */
static void fill_changes(const struct care_view *view)
{
  const struct care_words *words = &view->words;
  struct value *less = texts(view), *more = texts(view);
  for (size_t i = 0; i < view->explanation->change_count; i++) {
    const struct care_change *change = &view->explanation->changes[i];
    struct value *item = value_object(words->arena);
    struct text level = care_say_level(words, change->level, change->overlays);
    view_set_text(view->request, item, "what", care_say_change(words, change));
    view_set_text(view->request, item, "then", CARE_FILL(words, "care.fits", {"level", level}));
    value_add(change->level > view->result.level ? more : less, item);
  }
  set_list(view, "changes", less);
  set_list(view, "more_care", more);
}

/* --- Why ----------------------------------------------------------------------------------- */

static const struct rule *find_rule(const struct care_view *view, struct text id)
{
  for (size_t i = 0; i < rules_count(view->words.table); i++)
    if (text_equal(rules_get(view->words.table, i)->id, id)) return rules_get(view->words.table, i);
  return NULL;
}

/* "You told us: the place to live: not safe." */
static struct text said(const struct care_view *view, struct text name)
{
  size_t fact;
  if (!facts_find(view->words.table, name, &fact) || isnan(view->facts.value[fact]))
    return TEXT("");
  return CARE_FILL(&view->words, "care.said", {"label", care_say_label(&view->words, fact)},
                   {"value", care_say_answer(&view->words, fact, view->facts.value[fact])});
}

static struct value *why(const struct care_view *view, const struct value *reason)
{
  const struct care_words *words = &view->words;
  const struct rule *rule = find_rule(view, member(reason, "rule"));
  struct value *item = value_object(words->arena);
  view_set_text(view->request, item, "text", member(reason, "text"));
  view_set_text(view->request, item, "said", said(view, member(reason, "fact")));
  view_set_text(view->request, item, "rule",
                CARE_FILL(words, "care.rule", {"rule", member(reason, "rule")}));
  if (rule)
    view_set_text(view->request, item, "condition",
                  text_format(words->arena, "%.*s → %.*s", TEXT_PRINT(rule->condition),
                              TEXT_PRINT(rule->effect)));
  view_set_text(view->request, item, "source",
                care_say_source(words, member(reason, "source"), member(reason, "grade")));
  view_set_text(view->request, item, "signed_by",
                care_say_signed(words, member(reason, "signed_by")));
  return item;
}

static void fill_rules(const struct care_view *view, const char *name, const char *from)
{
  const struct value *reasons = value_get(view->document, text_from(from));
  struct value *out = texts(view);
  for (size_t i = 0; i < value_count(reasons); i++)
    value_add(out, why(view, value_item(reasons, i)));
  set_list(view, name, out);
}

/* --- The form's state ---------------------------------------------------------------------- */

static void add_field(const struct care_view *view, struct value *list, struct text name,
                      struct text value)
{
  struct value *item = value_object(view->request->arena);
  view_set_text(view->request, item, "name", name);
  view_set_text(view->request, item, "value", value);
  value_add(list, item);
}

/* A known fact as its field is sent again. */
static struct text field_text(const struct care_view *view, size_t fact)
{
  const struct value *value =
      facts_write(view->words.table, view->request->arena, fact, view->facts.value[fact]);
  if (value_kind_get(value) == VALUE_TRUE) return TEXT("yes");
  if (value_kind_get(value) == VALUE_FALSE) return TEXT("no");
  return value_text_get(value);
}

/* What each form of the page sends along, so that nothing need be kept here. */
static void fill_fields(const struct care_view *view)
{
  static const char *const who[] = {
      [CHOOSE_SELF] = "self", [CHOOSE_OTHER] = "other", [CHOOSE_STAFF] = "staff"};
  struct value *out = texts(view);
  add_field(view, out, TEXT("who"), text_from(who[view->voice]));
  if (view->answers.length) add_field(view, out, TEXT("answers"), view->answers);
  for (size_t i = 0; !view->answers.length && i < facts_count(view->words.table); i++)
    if (!isnan(view->facts.value[i]))
      add_field(view, out, facts_get(view->words.table, i)->name, field_text(view, i));
  value_set(view->care, "fields", out);
}

/* --- Whole --------------------------------------------------------------------------------- */

void view_care_fill(struct care_view *view, struct value *page)
{
  struct web_request *request = view->request;
  view->care = value_object(request->arena);
  value_set(page, "care", view->care);
  set(view, "title", heading(view));
  set(view, "wish_title", care_words_get(&view->words, "care.wish"));
  set(view, "wish_yours", care_words_get(&view->words, "care.wish_yours"));
  set(view, "like_title", care_words_get(&view->words, "care.like_yours"));
  set(view, "none_told", care_words_get(&view->words, "care.none_inpatient"));
  set(view, "where", care_words_get(&view->words, where_key(view)));
  view_set_flag(request, view->care, "is_stop", view->verdict == CARE_VERDICT_STOP);
  view_set_flag(request, view->care, "is_minor", view->verdict == CARE_VERDICT_MINOR);
  view_set_flag(request, view->care, "is_waiting", view->verdict == CARE_VERDICT_WAITING);
  view_set_flag(request, view->care, "is_level", view->verdict == CARE_VERDICT_LEVEL);
  view_set_flag(request, view->care, "is_adult",
                view->verdict == CARE_VERDICT_LEVEL || view->verdict == CARE_VERDICT_WAITING);
  view_set_flag(request, view->care, "is_other", view->voice == CHOOSE_OTHER);
  view_set_flag(request, view->care, "from_interview", view->answers.length > 0);
  fill_fields(view);
  set_list(view, "always", value_get(view->document, TEXT("always")));
  if (view->verdict == CARE_VERDICT_STOP) fill_stops(view);
  fill_rules(view, "reasons", "reasons");
  fill_rules(view, "waiting", "waiting");
  if (view->result.level < levels_count(view->words.table)) {
    if (view->verdict == CARE_VERDICT_LEVEL) fill_level(view);
    fill_medicine(view);
    fill_factors(view);
    fill_changes(view);
  }
  view_care_fill_more(view);
}
