/*
 * benefits_estimate: what the person would pay for a stay, from the best to the worst that unknown
 * answers allow. See benefits.h.
 */
#include <assert.h>

#include "coverage/coverage.h"

/* Every answer as a number, taken at its best or at its worst where it is not known. */
struct terms {
  bool pays_nothing; /* not active, or not covered: the plan pays nothing */
  bool may_ask_all;  /* outside the network, or room and board left out */
  int64_t days_left, deductible_left, copay_day, copay_stay, coinsurance, pocket_left;
};

struct reckoning {
  const struct benefits *benefits;
  const struct benefit_stay *stay;
  struct benefit_estimate *out;
};

static int64_t least_of(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* The answer, or `otherwise`; notes that it was wanted. */
static int64_t take(const struct reckoning *reckoning, enum benefit_name name, int64_t otherwise)
{
  const struct benefit_answer *answer = &reckoning->benefits->answers[name];
  enum benefit_state state = benefit_state_find(answer, reckoning->stay->day);
  if (state == BENEFIT_KNOWN) return answer->value;
  reckoning->out->unknown |= UINT32_C(1) << name;
  if (state == BENEFIT_EXPIRED) reckoning->out->expired |= UINT32_C(1) << name;
  return otherwise;
}

/* What is left of an amount of which a part is used up. */
static int64_t left(const struct reckoning *reckoning, enum benefit_name whole,
                    enum benefit_name used, bool at_best, bool more_is_better)
{
  bool is_high = at_best == more_is_better;
  int64_t all = take(reckoning, whole, is_high ? BENEFIT_NO_LIMIT : 0);
  if (all == 0 || all == BENEFIT_NO_LIMIT) return all;
  int64_t gone = take(reckoning, used, is_high ? 0 : all);
  return gone < all ? all - gone : 0;
}

static struct terms take_terms(const struct reckoning *reckoning, bool at_best)
{
  struct terms terms = {.pays_nothing = !take(reckoning, BENEFIT_ACTIVE, at_best) ||
                                        !take(reckoning, BENEFIT_COVERED, at_best)};
  if (terms.pays_nothing && !at_best && !reckoning->out->unknown) return terms;
  terms.may_ask_all = !take(reckoning, BENEFIT_IN_NETWORK, at_best) ||
                      take(reckoning, BENEFIT_EXCLUDES_ROOM, !at_best);
  terms.days_left = left(reckoning, BENEFIT_DAY_LIMIT, BENEFIT_DAYS_USED, at_best, true);
  terms.deductible_left =
      left(reckoning, BENEFIT_DEDUCTIBLE, BENEFIT_DEDUCTIBLE_MET, at_best, false);
  terms.copay_day = take(reckoning, BENEFIT_COPAY_DAY, at_best ? 0 : LIMIT_COVERAGE_INCOME);
  terms.copay_stay = take(reckoning, BENEFIT_COPAY_STAY, at_best ? 0 : LIMIT_COVERAGE_INCOME);
  terms.coinsurance = take(reckoning, BENEFIT_COINSURANCE, at_best ? 0 : 100);
  terms.pocket_left = left(reckoning, BENEFIT_POCKET_LIMIT, BENEFIT_POCKET_MET, at_best, false);
  return terms;
}

/* Cents that the person pays, at a price that is known. */
static int64_t reckon(const struct terms *terms, int64_t days, int64_t price, bool at_best)
{
  int64_t all = days * price;
  if (terms->pays_nothing || (terms->may_ask_all && !at_best)) return all;
  int64_t covered = least_of(days, terms->days_left), cost = covered * price;
  int64_t first = least_of(cost, terms->deductible_left), rest = cost - first;
  int64_t share = (rest * terms->coinsurance + 99) / 100;
  int64_t copays = covered ? covered * terms->copay_day + terms->copay_stay : 0;
  int64_t pays = first + least_of(rest, share + copays);
  return least_of(pays, terms->pocket_left) + (days - covered) * price;
}

static void set_notes(const struct reckoning *reckoning)
{
  struct benefit_estimate *out = reckoning->out;
  const struct benefit_answer *answers = reckoning->benefits->answers;
  const struct {
    enum benefit_name name;
    int64_t value;
    bool *flag;
  } notes[] = {{BENEFIT_AUTHORIZATION, 1, &out->needs_authorization},
               {BENEFIT_STEP_FIRST, 1, &out->needs_step_first},
               {BENEFIT_COVERED, 0, &out->is_not_covered},
               {BENEFIT_ACTIVE, 0, &out->is_not_active},
               {BENEFIT_IN_NETWORK, 0, &out->is_out_of_network}};
  for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
    *notes[i].flag =
        benefit_state_find(&answers[notes[i].name], reckoning->stay->day) == BENEFIT_KNOWN &&
        answers[notes[i].name].value == notes[i].value;
}

bool benefit_estimate_find(const struct benefits *benefits, const struct benefit_stay *stay,
                           struct benefit_estimate *out, struct error *error)
{
  struct benefit_estimate estimate = {0};
  struct reckoning reckoning = {benefits, stay, &estimate};
  if (stay->days < 1 || stay->days > LIMIT_COVERAGE_DAYS || stay->price_a_day < -1 ||
      stay->price_a_day > LIMIT_COVERAGE_PRICE)
    return error_set(error, ERROR_REFUSED, "error.coverage.stay", "", "a stay out of range");
  bool is_priced = stay->price_a_day >= 0;
  set_notes(&reckoning);
  struct terms worst = take_terms(&reckoning, false), best = worst;
  bool is_refused = estimate.is_not_active || estimate.is_not_covered;
  if (is_refused) estimate.unknown = estimate.expired = 0;
  else best = take_terms(&reckoning, true);
  estimate.least = reckon(&best, stay->days, is_priced ? stay->price_a_day : 0, true);
  estimate.most =
      reckon(&worst, stay->days, is_priced ? stay->price_a_day : LIMIT_COVERAGE_PRICE, false);
  /* Without a price there is a most only where the plan's own limits make one. */
  estimate.is_open =
      !is_priced && estimate.most != reckon(&worst, stay->days, LIMIT_COVERAGE_PRICE / 2, false);
  if (estimate.is_open) estimate.most = 0;
  *out = estimate;
  return true;
}

/* --- In words ----------------------------------------------------------------------------------
 */

struct saying {
  const struct catalog *catalog;
  size_t language;
  struct arena *arena;
  struct text_buffer lines;
};

static void say(struct saying *saying, const char *key, const char *name, struct text text,
                const char *other_name, struct text other)
{
  struct value *values = value_object(saying->arena);
  if (name) value_set(values, name, value_text(saying->arena, text));
  if (other_name) value_set(values, other_name, value_text(saying->arena, other));
  text_buffer_add(&saying->lines,
                  catalog_format(saying->arena, saying->catalog, saying->language, key, values));
  text_buffer_add_character(&saying->lines, '\n');
}

/* The names of the questions of a mask, in the order of asking, with "; " between. */
static struct text question_list(const struct coverage_rules *rules, struct saying *saying,
                                 uint32_t mask)
{
  struct text_buffer list;
  text_buffer_init(&list, LIMIT_COVERAGE_WORDS);
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    enum benefit_name name = benefit_question_order(rules, i);
    if (!(mask >> name & 1)) continue;
    if (list.length) text_buffer_add(&list, TEXT("; "));
    text_buffer_add(&list, benefit_question_get(rules, name)->label[saying->language]);
  }
  struct text copy = text_copy(saying->arena, text_buffer_get(&list));
  text_buffer_fini(&list);
  return copy;
}

struct text benefit_estimate_words(const struct coverage_rules *rules,
                                   const struct catalog *catalog, size_t language,
                                   struct arena *arena, const struct benefit_estimate *estimate)
{
  const struct text none = TEXT("");
  const struct {
    bool is_said;
    const char *key;
  } notes[] = {{estimate->is_not_active, "benefits.not_active"},
               {estimate->is_not_covered, "benefits.not_covered"},
               {estimate->is_out_of_network, "benefits.out_of_network"},
               {estimate->needs_authorization, "benefits.needs_authorization"},
               {estimate->needs_step_first, "benefits.needs_step_first"}};
  struct saying saying = {catalog, language, arena, {0}};
  struct text least = money_write(arena, estimate->least),
              most = money_write(arena, estimate->most);
  text_buffer_init(&saying.lines, LIMIT_TEMPLATE_OUTPUT);
  if (estimate->is_open) say(&saying, "benefits.open", "least", least, NULL, none);
  else if (estimate->least == estimate->most)
    say(&saying, "benefits.exact", "most", most, NULL, none);
  else say(&saying, "benefits.range", "least", least, "most", most);
  for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
    if (notes[i].is_said) say(&saying, notes[i].key, NULL, none, NULL, none);
  uint32_t unknown = estimate->unknown & ~estimate->expired;
  if (unknown)
    say(&saying, "benefits.unknown", "questions", question_list(rules, &saying, unknown), NULL,
        none);
  if (estimate->expired)
    say(&saying, "benefits.expired", "questions", question_list(rules, &saying, estimate->expired),
        NULL, none);
  say(&saying, "benefits.how", NULL, none, NULL, none);
  struct text copy = text_copy(arena, text_buffer_get(&saying.lines));
  text_buffer_fini(&saying.lines);
  return copy;
}
