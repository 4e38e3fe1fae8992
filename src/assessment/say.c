/*
 * Saying it: facts, levels and changes as sentences of the catalog. See say.h.
 */
#include "assessment/say.h"

#include <math.h>

/* The key that fits who is spoken to. */
static const char *voiced(const struct care_words *words, const char *key)
{
  if (!words->about_other) return key;
  struct text other = text_format(words->arena, "%s_other", key);
  return catalog_find(words->catalog, words->language, other).at ? text_c(words->arena, other)
                                                                 : key;
}

struct text care_words_get(const struct care_words *words, const char *key)
{
  return catalog_text(words->catalog, words->language, voiced(words, key));
}

struct text care_fill(const struct care_words *words, const char *key,
                      const struct care_name *names)
{
  struct value *values = value_object(words->arena);
  for (; names->name; names++)
    value_set(values, names->name, value_text(words->arena, names->text));
  return catalog_format(words->arena, words->catalog, words->language, voiced(words, key), values);
}

/* --- Levels -------------------------------------------------------------------------------- */

struct text care_say_level(const struct care_words *words, size_t level, unsigned overlays)
{
  static const struct {
    enum care_overlay overlay;
    const char *key;
  } keys[] = {{OVERLAY_BIO, "care.overlay.BIO"},
              {OVERLAY_COE, "care.overlay.COE"},
              {OVERLAY_PSY, "care.overlay.PSY"},
              {OVERLAY_RR, "care.overlay.RR"}};
  if (level >= levels_count(words->table)) return care_words_get(words, "care.emergency");
  struct text said = levels_get(words->table, level)->name[words->language];
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (overlays & keys[i].overlay)
      said = CARE_FILL(words, "care.with", {"level", said},
                       {"overlay", care_words_get(words, keys[i].key)});
  return said;
}

struct text care_say_levels(const struct care_words *words, uint32_t levels)
{
  struct text said = TEXT("");
  for (size_t i = 0; i <= LEVELS_MAXIMUM; i++) {
    if (!(levels >> i & 1) || (i < LEVELS_MAXIMUM && i >= levels_count(words->table))) continue;
    struct text one = i == LEVELS_MAXIMUM ? care_words_get(words, "care.emergency")
                                          : levels_get(words->table, i)->name[words->language];
    said = said.length ? text_format(words->arena, "%.*s; %.*s", TEXT_PRINT(said), TEXT_PRINT(one))
                       : one;
  }
  return said;
}

/* --- Facts --------------------------------------------------------------------------------- */

struct text care_say_label(const struct care_words *words, size_t fact)
{
  return facts_get(words->table, fact)->label[words->language];
}

static bool is_word(const struct fact *fact, double value)
{
  return fact->kind == FACT_WORD && value >= 0 && value < (double)fact->word_count;
}

/* The word that stands for a value in keys: "yes", "no", one of the fact's; "" for a number. */
static struct text key_word(const struct fact *fact, double value)
{
  if (fact->kind == FACT_YES_NO) return value != 0 ? TEXT("yes") : TEXT("no");
  return is_word(fact, value) ? fact->words[(size_t)value] : TEXT("");
}

static struct text number_text(struct arena *arena, double value)
{
  struct text_buffer out;
  text_buffer_init(&out, LIMIT_ERROR_TEXT);
  struct value *number = value_decimal(arena, value, 2);
  text_buffer_add(&out, value_text_get(number));
  struct text copy = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return copy;
}

/* "care.is.housing.safe"; `at` NULL when the catalog has no such message. */
static struct text find_message(const struct care_words *words, const char *kind,
                                const struct fact *fact, struct text word)
{
  struct text key = text_format(words->arena, "care.%s.%.*s%s%.*s", kind, TEXT_PRINT(fact->name),
                                word.length ? "." : "", TEXT_PRINT(word));
  return catalog_find(words->catalog, words->language, key);
}

struct text care_say_value(const struct care_words *words, size_t fact, double value)
{
  const struct fact *about = facts_get(words->table, fact);
  struct text word = key_word(about, value);
  if (about->kind == FACT_YES_NO) return care_words_get(words, value != 0 ? "care.yes" : "care.no");
  if (!word.length) return number_text(words->arena, value);
  struct text message = find_message(words, "is", about, word);
  return message.at ? message : word;
}

struct text care_say_answer(const struct care_words *words, size_t fact, double value)
{
  struct text said = care_say_value(words, fact, value);
  if (!words->estimated || !words->estimated[fact]) return said;
  return CARE_FILL(words, "care.estimated", {"value", said});
}

/* What would have to be so: "a recovery home had a confirmed place". */
static struct text say_one(const struct care_words *words, size_t fact, double value)
{
  const struct fact *about = facts_get(words->table, fact);
  struct text word = key_word(about, value), said = care_say_value(words, fact, value);
  struct text message = find_message(words, "if", about, word);
  if (!message.at)
    return text_format(words->arena, "%.*s: %.*s", TEXT_PRINT(care_say_label(words, fact)),
                       TEXT_PRINT(said));
  if (word.length) return message;
  struct value *names = value_object(words->arena);
  value_set(names, "value", value_text(words->arena, said));
  struct text key = text_format(words->arena, "care.if.%.*s", TEXT_PRINT(about->name));
  return catalog_format(words->arena, words->catalog, words->language, text_c(words->arena, key),
                        names);
}

struct text care_say_condition(const struct care_words *words, const struct care_change *change)
{
  struct text said = TEXT("");
  for (size_t i = 0; i < change->count; i++) {
    struct text one = say_one(words, change->fact[i], change->value[i]);
    said = i ? CARE_FILL(words, "care.and", {"first", said}, {"second", one}) : one;
  }
  return said;
}

struct text care_say_change(const struct care_words *words, const struct care_change *change)
{
  return CARE_FILL(words, "care.if", {"what", care_say_condition(words, change)});
}

/* --- Rules --------------------------------------------------------------------------------- */

struct text care_say_signed(const struct care_words *words, struct text signed_by)
{
  if (text_is_empty(signed_by) || text_equal(signed_by, TEXT("unsigned")))
    return care_words_get(words, "care.unsigned");
  return CARE_FILL(words, "care.signed", {"who", signed_by});
}

struct text care_say_source(const struct care_words *words, struct text source, struct text grade)
{
  struct text key = text_format(words->arena, "care.grade.%.*s", TEXT_PRINT(grade));
  struct text said = catalog_find(words->catalog, words->language, key);
  return CARE_FILL(words, "care.source", {"source", source}, {"grade", said.at ? said : grade});
}

enum care_verdict care_verdict(const struct level_of_care *table, const struct care_result *result)
{
  bool is_waiting = false;
  for (size_t i = 0; i < rules_count(table); i++)
    is_waiting = is_waiting || result->state[i] == RULE_WAITING;
  return result->setting == CARE_EMERGENCY ? CARE_VERDICT_STOP
         : result->is_minor                ? CARE_VERDICT_MINOR
         : is_waiting                      ? CARE_VERDICT_WAITING
                                           : CARE_VERDICT_LEVEL;
}
