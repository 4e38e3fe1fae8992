/*
 * The result as a document: what page, API and command line alike say. docs/assessment.md, "The
 * document", names its members; their order here is its order. Pure.
 */
#include <math.h>

#include "assessment/level_of_care_private.h"
#include "assessment/say.h"

struct writing {
  const struct level_of_care *table;
  struct arena *arena;
  const struct facts *facts;
  const struct care_result *result;
  const struct care_explanation *explanation;
  size_t language;
  bool is_stop;
};

static struct value *text_of(const struct writing *w, struct text t)
{
  return value_text(w->arena, t);
}

static bool fired(const struct writing *w, size_t rule, enum rule_kind kind)
{
  return w->result->state[rule] == RULE_FIRED && w->table->rules[rule].kind == kind;
}

/* --- The level ----------------------------------------------------------------------------- */

static struct value *overlays(const struct writing *w, unsigned bits)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; care_overlay_names[i]; i++)
    if (bits >> i & 1) value_add(out, text_of(w, text_from(care_overlay_names[i])));
  return out;
}

static struct value *level_number(const struct writing *w, size_t level)
{
  return level < w->table->level_count ? text_of(w, w->table->levels[level].number)
                                       : value_null(w->arena);
}

static void write_level(const struct writing *w, struct value *out)
{
  static const char *const settings[] = {[CARE_OUTPATIENT] = "outpatient",
                                         [CARE_RESIDENTIAL] = "residential",
                                         [CARE_INPATIENT] = "inpatient",
                                         [CARE_EMERGENCY] = "emergency"};
  size_t index = w->result->level;
  const struct level *level = index < w->table->level_count ? &w->table->levels[index] : NULL;
  const struct value *none = value_null(w->arena);
  struct value *crosswalk = value_object(w->arena);
  value_set(crosswalk, "asam3", level ? text_of(w, level->asam3) : none);
  value_set(crosswalk, "asam4", level ? text_of(w, level->asam4) : none);
  value_set(out, "level", level_number(w, index));
  value_set(out, "level_name", level ? text_of(w, level->name[w->language]) : none);
  value_set(out, "setting",
            w->result->setting == CARE_NONE ? none
                                            : text_of(w, text_from(settings[w->result->setting])));
  value_set(out, "crosswalk", crosswalk);
  value_set(out, "overlays", overlays(w, w->result->overlays));
}

static struct value *stops(const struct writing *w)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->table->rule_count; i++) {
    if (!fired(w, i, RULE_STOP)) continue;
    const struct rule *rule = &w->table->rules[i];
    struct value *item = value_object(w->arena);
    value_set(item, "rule", text_of(w, rule->id));
    value_set(item, "text", text_of(w, rule->reason[w->language]));
    value_set(item, "act", text_of(w, rule->act[w->language]));
    value_add(out, item);
  }
  return out;
}

/* --- Reasons ------------------------------------------------------------------------------- */

/* The first fact that the rule's condition cannot do without: facts are let go from the last on as
 * long as it holds. Else the first that it names. */
static struct value *reason_fact(const struct writing *w, size_t rule)
{
  const struct rule_program *program = &w->table->programs[rule];
  const struct condition *condition = &program->condition;
  struct facts facts = *w->facts;
  size_t found = program->facts[0]; /* a condition names at least one */
  for (size_t i = program->fact_count; i-- > 0;) {
    double *value = &facts.value[program->facts[i]], known = *value;
    if (isnan(known)) continue;
    *value = NAN;
    if (care_holds(w->table, condition, &facts, NULL) == TRUTH_TRUE) continue;
    *value = known;
    found = program->facts[i];
  }
  return text_of(w, w->table->facts[found].name);
}

/* One source, in the document's language. */
static struct text source_name(const struct writing *w, struct text name)
{
  for (size_t i = 0; i < w->table->source_count; i++)
    if (text_equal(w->table->sources[i].name, name)) return w->table->sources[i].text[w->language];
  return name;
}

/* "this; that" */
static struct value *source_of(const struct writing *w, struct text sources)
{
  struct text said = TEXT(""), one;
  while (text_split_next(&sources, ';', &one)) {
    one = source_name(w, text_trim(one));
    said =
        said.length ? text_format(w->arena, "%.*s; %.*s", TEXT_PRINT(said), TEXT_PRINT(one)) : one;
  }
  return text_of(w, said);
}

static struct value *reason(const struct writing *w, size_t index)
{
  const struct rule *rule = &w->table->rules[index];
  struct value *item = value_object(w->arena);
  value_set(item, "rule", text_of(w, rule->id));
  value_set(item, "fact", reason_fact(w, index));
  value_set(item, "text", text_of(w, rule->reason[w->language]));
  value_set(item, "source", source_of(w, rule->source));
  value_set(item, "grade", text_of(w, rule->grade));
  value_set(item, "signed_by", text_of(w, rule->signed_by));
  return item;
}

/* Where a reason stands: the decisive first, then by the level asked for, the highest first; what
 * asks for no level behind those, notes last. Less is earlier. */
static size_t reason_place(const struct writing *w, size_t rule)
{
  const struct rule_program *program = &w->table->programs[rule];
  if (rule == w->result->decisive) return 0;
  if (program->is_note) return LEVELS_MAXIMUM + 2;
  return program->level < LEVELS_MAXIMUM ? LEVELS_MAXIMUM - program->level : LEVELS_MAXIMUM + 1;
}

static struct value *reasons(const struct writing *w)
{
  struct value *out = value_list(w->arena);
  for (size_t place = 0; place <= LEVELS_MAXIMUM + 2 && !w->is_stop; place++)
    for (size_t i = 0; i < w->table->rule_count; i++)
      if ((fired(w, i, RULE_NEED) || fired(w, i, RULE_GATE)) && reason_place(w, i) == place)
        value_add(out, reason(w, i));
  return out;
}

static struct value *waiting(const struct writing *w)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->table->rule_count; i++)
    if (w->result->state[i] == RULE_WAITING) value_add(out, reason(w, i));
  return out;
}

/* --- Factors, always, needs ---------------------------------------------------------------- */

static struct value *factors(const struct writing *w, bool is_inpatient)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->table->factor_count && w->result->level != LEVEL_NONE; i++) {
    const struct care_factor *factor = &w->table->factors[i];
    if (factor->is_inpatient != is_inpatient ||
        care_holds(w->table, &factor->condition, w->facts, w->result) != TRUTH_TRUE)
      continue;
    struct value *item = value_object(w->arena);
    value_set(item, "factor", text_of(w, factor->name));
    value_set(item, "text", text_of(w, factor->text[w->language]));
    value_set(item, "source", source_of(w, factor->source));
    value_add(out, item);
  }
  return out;
}

static void add_always(const struct writing *w, struct value *out, struct text id, struct text text,
                       struct text source)
{
  struct value *item = value_object(w->arena);
  value_set(item, "id", text_of(w, id));
  value_set(item, "text", text_of(w, text));
  value_set(item, "source", source_of(w, source));
  value_add(out, item);
}

static struct value *always(const struct writing *w)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->table->rule_count; i++) {
    const struct rule *rule = &w->table->rules[i];
    if (fired(w, i, RULE_GATE)) add_always(w, out, rule->id, rule->act[w->language], rule->source);
  }
  for (size_t i = 0; i < w->table->always_count; i++) {
    const struct care_always *one = &w->table->always[i];
    /* Said unless it is known not to hold: a missing answer takes no offer and no warning away. */
    if (care_holds(w->table, &one->condition, w->facts, w->result) != TRUTH_FALSE)
      add_always(w, out, one->id, one->text[w->language], one->source);
  }
  return out;
}

/* What the finder is asked for. In an emergency the place is the emergency room: only places that
 * treat pregnant people are looked for beside it. */
static struct value *needs(const struct writing *w)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->table->need_count; i++) {
    const struct care_need *need = &w->table->needs[i];
    bool is_kept = !w->is_stop || text_equal(need->name, TEXT("substance-use")) ||
                   text_equal(need->name, TEXT("pregnant"));
    if (is_kept && care_holds(w->table, &need->condition, w->facts, w->result) == TRUTH_TRUE)
      value_add(out, text_of(w, need->name));
  }
  return out;
}

/* --- What would change, what is not known --------------------------------------------------- */

static struct value *changes(const struct writing *w)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->explanation->change_count; i++) {
    const struct care_change *change = &w->explanation->changes[i];
    struct value *item = value_object(w->arena), *set = value_object(w->arena);
    for (size_t k = 0; k < change->count; k++)
      value_set_text_key(set, w->table->facts[change->fact[k]].name,
                         facts_write(w->table, w->arena, change->fact[k], change->value[k]));
    value_set(item, "set", set);
    value_set(item, "level", level_number(w, change->level));
    value_set(item, "overlays", overlays(w, change->overlays));
    value_add(out, item);
  }
  return out;
}

static struct value *possible_levels(const struct writing *w, uint32_t levels)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->table->level_count; i++)
    if (levels >> i & 1) value_add(out, level_number(w, i));
  if (levels & CARE_BEYOND_EMERGENCY) value_add(out, text_of(w, TEXT("emergency")));
  if (levels & CARE_BEYOND_GATE) value_add(out, text_of(w, TEXT("under-age")));
  return out;
}

static struct value *unknown(const struct writing *w)
{
  struct value *out = value_list(w->arena);
  for (size_t i = 0; i < w->explanation->unknown_count; i++) {
    const struct care_unknown *one = &w->explanation->unknown[i];
    struct value *item = value_object(w->arena), *rules = value_list(w->arena);
    for (size_t rule = 0; rule < w->table->rule_count; rule++)
      if (w->result->state[rule] == RULE_POSSIBLE && rule_uses_fact(w->table, rule, one->fact))
        value_add(rules, text_of(w, w->table->rules[rule].id));
    value_set(item, "fact", text_of(w, w->table->facts[one->fact].name));
    value_set(item, "levels", possible_levels(w, one->levels));
    value_set(item, "rules", rules);
    value_add(out, item);
  }
  return out;
}

/* --- Whole --------------------------------------------------------------------------------- */

struct value *care_write(const struct level_of_care *table, struct arena *arena,
                         const struct facts *facts, const struct care_result *result,
                         const struct care_explanation *explanation, size_t language)
{
  struct writing w = {.table = table,
                      .arena = arena,
                      .facts = facts,
                      .result = result,
                      .explanation = explanation,
                      .language = language,
                      .is_stop = result->setting == CARE_EMERGENCY};
  struct value *out = value_object(arena);
  write_level(&w, out);
  value_set(out, "stop", stops(&w));
  value_set(out, "reasons", reasons(&w));
  value_set(out, "toward_inpatient", factors(&w, true));
  value_set(out, "toward_outpatient", factors(&w, false));
  value_set(out, "would_change", changes(&w));
  value_set(out, "unknown", unknown(&w));
  value_set(out, "always", always(&w));
  value_set(out, "needs", needs(&w));
  value_set(out, "decisive",
            result->decisive < table->rule_count ? text_of(&w, table->rules[result->decisive].id)
                                                 : value_null(arena));
  value_set(out, "waiting", waiting(&w));
  return out;
}

size_t care_factors_unknown(const struct level_of_care *table, const struct facts *facts,
                            const struct care_result *result, size_t language,
                            struct text out[CARE_FACTORS])
{
  size_t count = 0;
  for (size_t i = 0; i < table->factor_count && count < CARE_FACTORS; i++) {
    const struct care_factor *factor = &table->factors[i];
    if (care_holds(table, &factor->condition, facts, result) == TRUTH_UNKNOWN)
      out[count++] = factor->text[language];
  }
  return count;
}

bool care_is_joined(const struct level_of_care *table, const struct care_result *result)
{
  for (size_t i = 0; i < table->rule_count; i++)
    if (result->state[i] == RULE_FIRED && table->rules[i].kind == RULE_NEED &&
        table->programs[i].level == result->level)
      return false;
  return result->level < table->level_count && result->decisive < table->rule_count;
}
