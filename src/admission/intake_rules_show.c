/*
 * intake_rules: handing out what was read, and showing it. See intake_rules.h. Immutable after
 * loading; any thread.
 */
#include "admission/intake_rules_private.h"

size_t intake_items_count(const struct intake_rules *rules)
{
  return rules->item_count;
}

const struct intake_item *intake_items_get(const struct intake_rules *rules, size_t index)
{
  return &rules->items[index];
}

size_t intake_codes_count(const struct intake_rules *rules)
{
  return rules->code_count;
}

const struct intake_item *intake_codes_get(const struct intake_rules *rules, size_t index)
{
  return &rules->items[rules->codes[index]];
}

size_t intake_reasons_count(const struct intake_rules *rules)
{
  return rules->reason_count;
}

const struct intake_reason *intake_reasons_get(const struct intake_rules *rules, size_t index)
{
  return &rules->reasons[index];
}

bool intake_reason_fits(const struct intake_reason *reason, const struct intake_item *item)
{
  if (reason->is_declined && !item->may_decline) return false;
  if (item->blocks && reason->items.is_any) return false;
  return coverage_words_have(&reason->items, item->code);
}

const struct intake_reason *intake_reasons_find(const struct intake_rules *rules, struct text code)
{
  for (size_t i = 0; i < rules->reason_count; i++)
    if (text_equal(rules->reasons[i].code, code)) return &rules->reasons[i];
  return NULL;
}

size_t restricted_items_count(const struct intake_rules *rules)
{
  return rules->restricted_count;
}

const struct restricted_item *restricted_items_get(const struct intake_rules *rules, size_t index)
{
  return &rules->restricted[index];
}

const struct restricted_item *restricted_items_find(const struct intake_rules *rules,
                                                    struct text code)
{
  for (size_t i = 0; i < rules->restricted_count; i++)
    if (text_equal(rules->restricted[i].code, code)) return &rules->restricted[i];
  return NULL;
}

size_t packing_items_count(const struct intake_rules *rules)
{
  return rules->packing_count;
}

const struct packing_item *packing_items_get(const struct intake_rules *rules, size_t index)
{
  return &rules->packing[index];
}

size_t welcome_parts_count(const struct intake_rules *rules)
{
  return rules->welcome_count;
}

const struct welcome_part *welcome_parts_get(const struct intake_rules *rules, size_t index)
{
  return &rules->welcome[index];
}

const struct welcome_part *welcome_parts_find(const struct intake_rules *rules, struct text code)
{
  for (size_t i = 0; i < rules->welcome_count; i++)
    if (text_equal(rules->welcome[i].code, code)) return &rules->welcome[i];
  return NULL;
}

size_t level_facts_count(const struct intake_rules *rules)
{
  return rules->level_fact_count;
}

const struct level_fact *level_facts_get(const struct intake_rules *rules, size_t index)
{
  return &rules->level_facts[index];
}

const struct belongings_state *belongings_states_find(const struct intake_rules *rules,
                                                      struct text code)
{
  for (size_t i = 0; i < rules->state_count; i++)
    if (text_equal(rules->states[i].code, code)) return &rules->states[i];
  return NULL;
}

size_t belongings_conditions_count(const struct intake_rules *rules)
{
  return rules->condition_count;
}

struct text belongings_conditions_get(const struct intake_rules *rules, size_t index)
{
  return rules->conditions[index];
}

size_t belongings_unsigned_count(const struct intake_rules *rules)
{
  return rules->unsigned_count;
}

struct text belongings_unsigned_get(const struct intake_rules *rules, size_t index)
{
  return rules->unsigned_reasons[index];
}

void intake_rules_each_count(const struct intake_rules *rules,
                             void (*each)(void *context, const char *what, size_t count),
                             void *context)
{
  each(context, "items of an intake", rules->code_count);
  each(context, "reasons of an intake", rules->reason_count);
  each(context, "restricted items", rules->restricted_count);
  each(context, "rows of the packing list", rules->packing_count);
  each(context, "parts of a welcome sheet", rules->welcome_count);
  each(context, "words of a record to the level of care", rules->level_fact_count);
}

/* --- knowledge show -------------------------------------------------------------------------- */

struct showing {
  const struct catalog *catalog;
  struct arena *arena;
  struct value *out;
};

static void set(const struct showing *showing, const char *key, struct text text)
{
  if (text.length)
    value_set(showing->out, key, value_text(showing->arena, text_copy(showing->arena, text)));
}

/* {"en": …, "es": …}; nothing when there is no such key. */
static void set_words(const struct showing *showing, const char *key, const char *list,
                      struct text code, const char *after)
{
  struct value *both = value_object(showing->arena);
  struct text name = text_format(showing->arena, "%s.%.*s%s", list, TEXT_PRINT(code), after);
  for (size_t i = 0; i < catalog_language_count(showing->catalog); i++) {
    struct text words = catalog_find(showing->catalog, i, name);
    if (!words.at) return;
    value_set_text_key(both, catalog_language(showing->catalog, i),
                       value_text(showing->arena, words));
  }
  value_set(showing->out, key, both);
}

static void set_list(const struct showing *showing, const char *key,
                     const struct coverage_words *words)
{
  struct value *list = value_list(showing->arena);
  for (size_t i = 0; i < words->count; i++)
    value_add(list, value_text(showing->arena, text_copy(showing->arena, words->at[i])));
  if (words->is_any) value_set(showing->out, key, value_text(showing->arena, TEXT("*")));
  else if (words->count) value_set(showing->out, key, list);
}

static void set_hours(const struct showing *showing, const char *key, int64_t microseconds)
{
  value_set(showing->out, key, value_integer(showing->arena, microseconds / INT64_C(3600000000)));
}

static void set_basis(const struct showing *showing, const struct coverage_basis *basis)
{
  set(showing, "source", basis->source);
  set(showing, "grade", basis->grade);
  set(showing, "signed", basis->signed_by);
}

static void show_item(struct showing *showing, const struct intake_item *item)
{
  set(showing, "intake item", item->code);
  set_words(showing, "label", "intake-items", item->code, "");
  set_words(showing, "how", "intake-items", item->code, ".how");
  set_list(showing, "programs", &item->programs);
  set_list(showing, "levels", &item->levels);
  set_list(showing, "roles", &item->roles);
  if (item->has_due) set_hours(showing, "due in hours", item->due);
  if (item->oldest) set_hours(showing, "at most this many hours old", item->oldest);
  set(showing, "evidence", text_from(intake_evidence_name(item->evidence)));
  set_list(showing, "of", &item->of);
  set(showing, "only with the fact", item->fact);
  set_list(showing, "of these values", &item->values);
  value_set(showing->out, "blocks the admission", value_boolean(showing->arena, item->blocks));
  value_set(showing->out, "may be declined", value_boolean(showing->arena, item->may_decline));
  if (item->term.first != INT64_MIN)
    set(showing, "effective", coverage_day_write(showing->arena, item->term.first));
  if (item->term.last != COVERAGE_OPEN)
    set(showing, "expires", coverage_day_write(showing->arena, item->term.last));
  set_basis(showing, &item->basis);
}

static void show_things(const struct intake_rules *rules, struct showing *showing, struct text name,
                        struct value *found)
{
  const struct restricted_item *restricted = restricted_items_find(rules, name);
  if (restricted) {
    showing->out = value_object(showing->arena);
    set(showing, "restricted item", restricted->code);
    set_words(showing, "label", "restricted-items", name, "");
    set_words(showing, "why", "restricted-items", name, ".why");
    set(showing, "goes", restricted->fate);
    set_list(showing, "programs", &restricted->programs);
    set_basis(showing, &restricted->basis);
    value_add(found, showing->out);
  }
  for (size_t i = 0; i < rules->packing_count; i++) {
    const struct packing_item *item = &rules->packing[i];
    if (!text_equal(item->code, name)) continue;
    showing->out = value_object(showing->arena);
    set(showing, "packing list", item->code);
    set_words(showing, "label", "packing-list", name, "");
    set_words(showing, "why", "packing-list", name, ".why");
    set(showing, "side", item->is_brought ? TEXT("bring") : TEXT("leave"));
    set_list(showing, "programs", &item->programs);
    set_basis(showing, &item->basis);
    value_add(found, showing->out);
  }
  const struct welcome_part *part = welcome_parts_find(rules, name);
  if (!part) return;
  showing->out = value_object(showing->arena);
  set(showing, "welcome sheet", part->code);
  set_words(showing, "label", "welcome-parts", name, "");
  set_words(showing, "words", "welcome-parts", name, ".words");
  set_list(showing, "programs", &part->programs);
  set_basis(showing, &part->basis);
  value_add(found, showing->out);
}

/* Rows of what a record says, by the record's word or the table's. */
static void show_level_facts(const struct intake_rules *rules, struct showing *showing,
                             struct text name, struct value *found)
{
  for (size_t i = 0; i < rules->level_fact_count; i++) {
    const struct level_fact *row = &rules->level_facts[i];
    if (!text_equal(row->of, name) && !text_equal(row->fact, name)) continue;
    showing->out = value_object(showing->arena);
    set(showing, "says to the level of care", row->fact);
    set(showing, "answer", row->answer);
    set(showing, "from", text_from(level_fact_source_name(row->from)));
    set(showing, "of", row->of);
    set(showing, "value", row->value);
    set_basis(showing, &row->basis);
    value_add(found, showing->out);
  }
}

void intake_rules_find(const struct intake_rules *rules, const struct catalog *catalog,
                       struct arena *arena, struct text name, struct value *found)
{
  struct showing showing = {catalog, arena, NULL};
  for (size_t i = 0; i < rules->item_count; i++) {
    if (!text_equal(rules->items[i].code, name)) continue;
    showing.out = value_object(arena);
    show_item(&showing, &rules->items[i]);
    value_add(found, showing.out);
  }
  show_things(rules, &showing, name, found);
  show_level_facts(rules, &showing, name, found);
}
