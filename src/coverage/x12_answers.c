/*
 * x12_answers: what a 271 says of one level of care, as answers of the worksheet. See x12.h. Which
 * code means which question is in knowledge/x12-benefits.csv, which place of service a level is in
 * knowledge/x12-levels.csv.
 */
#include "coverage/rules_private.h"

/* --- Tables ---------------------------------------------------------------------------------- */

static void load_rejections(struct rules_loading *loading)
{
  static const char *const columns[] = {"code",  "label_en",  "label_es", "source",
                                        "grade", "signed_by", NULL};
  struct coverage_name *all = rules_begin(loading, "x12-rejections.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i].name = knowledge_required(&loading->file, i, 0);
    knowledge_read_labels(&loading->file, i, 1, all[i].label);
    (void)rules_basis(loading, i, 3);
  }
  loading->rules->rejections = all;
  loading->rules->rejection_count = loading->count;
}

static void load_benefits(struct rules_loading *loading)
{
  static const char *const takes[] = {[X12_YES] = "yes",
                                      [X12_NO] = "no",
                                      [X12_AMOUNT] = "amount",
                                      [X12_PERCENT] = "percent",
                                      [X12_DAYS] = "days",
                                      [X12_LEFT_AMOUNT] = "left-amount",
                                      [X12_LEFT_DAYS] = "left-days",
                                      NULL};
  static const char *const columns[] = {"code",   "periods", "services",  "question", "takes",
                                        "source", "grade",   "signed_by", NULL};
  struct x12_meaning *all = rules_begin(loading, "x12-benefits.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct x12_meaning){.code = knowledge_required(&loading->file, i, 0),
                                  .periods = rules_words(loading, i, 1),
                                  .services = rules_words(loading, i, 2),
                                  .takes = (enum x12_takes)rules_choice(loading, i, 4, takes)};
    (void)rules_basis(loading, i, 5);
    if (!benefit_question_find(loading->rules, knowledge_cell(&loading->file, i, 3),
                               &all[i].question))
      rules_refuse(loading, i, "use one of benefits-questions.csv", "a question is unknown");
  }
  loading->rules->meanings = all;
  loading->rules->meaning_count = loading->count;
}

void rules_load_x12(struct rules_loading *loading)
{
  static const char *const columns[] = {"levels", "service",   "places", "source",
                                        "grade",  "signed_by", NULL};
  load_benefits(loading);
  load_rejections(loading);
  struct x12_level *all = rules_begin(loading, "x12-levels.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct x12_level){.levels = rules_words(loading, i, 0),
                                .service = knowledge_required(&loading->file, i, 1),
                                .places = rules_words(loading, i, 2)};
    (void)rules_basis(loading, i, 3);
  }
  loading->rules->x12_levels = all;
  loading->rules->x12_level_count = loading->count;
}

static const struct x12_level *find_level(const struct coverage_rules *rules, struct text level)
{
  const struct x12_level *found = NULL;
  for (size_t i = 0; i < rules->x12_level_count; i++)
    if (coverage_words_have(&rules->x12_levels[i].levels, level)) found = &rules->x12_levels[i];
  return found;
}

struct text x12_level_service(const struct coverage_rules *rules, struct text level)
{
  const struct x12_level *found = find_level(rules, level);
  return found ? found->service : TEXT("");
}

struct text x12_rejection_words(const struct coverage_rules *rules, struct text code,
                                size_t language)
{
  for (size_t i = 0; i < rules->rejection_count; i++)
    if (text_equal(rules->rejections[i].name, code)) return rules->rejections[i].label[language];
  return TEXT("");
}

/* --- Which rows count ------------------------------------------------------------------------ */

enum exactness { NOT_MEANT, WHOLE_PLAN, THIS_SERVICE, THIS_PLACE };

struct found {
  enum exactness exactness;
  bool is_torn; /* rows alike say different things */
  int64_t value;
};
struct answering {
  const struct coverage_rules *rules;
  const struct x12_response *response;
  const struct x12_level *level;
  bool is_in_network;
  struct found found[BENEFIT_COUNT], left[BENEFIT_COUNT];
};

static bool has_service(const struct answering *answering, const struct x12_benefit *benefit,
                        struct text service)
{
  struct text rest = benefit->services, one;
  while (text_split_next(&rest, answering->response->repetition, &one))
    if (text_equal(one, service)) return true;
  return false;
}

/* How exactly does a row speak of this level of care for this person? */
static enum exactness exactness_of(const struct answering *answering,
                                   const struct x12_benefit *benefit)
{
  bool is_inside = text_equal(benefit->network, TEXT("Y"));
  bool is_outside = text_equal(benefit->network, TEXT("N"));
  if (benefit->level.length && !text_equal(benefit->level, TEXT("IND"))) return NOT_MEANT;
  if ((is_inside && !answering->is_in_network) || (is_outside && answering->is_in_network))
    return NOT_MEANT;
  if (text_equal(benefit->network, TEXT("U"))) return NOT_MEANT;
  bool has_place = benefit->place.length > 0;
  if (has_place && !coverage_words_have(&answering->level->places, benefit->place))
    return NOT_MEANT;
  if (has_service(answering, benefit, answering->level->service))
    return has_place ? THIS_PLACE : THIS_SERVICE;
  return has_service(answering, benefit, TEXT("30")) && !has_place ? WHOLE_PLAN : NOT_MEANT;
}

static void keep(struct found *found, enum exactness exactness, int64_t value)
{
  if (exactness < found->exactness) return;
  bool is_torn = exactness == found->exactness && (found->is_torn || found->value != value);
  *found = (struct found){exactness, is_torn, value};
}

/* Take one row by one meaning of its code. */
static void take(struct answering *answering, const struct x12_meaning *meaning,
                 const struct x12_benefit *benefit, enum exactness exactness)
{
  struct found *found = &answering->found[meaning->question];
  struct found *left = &answering->left[meaning->question];
  bool is_days = benefit->has_quantity && text_equal(benefit->quantity_kind, TEXT("DY"));
  switch (meaning->takes) {
  case X12_YES:
    keep(found, exactness, 1);
    break;
  case X12_NO:
    keep(found, exactness, 0);
    break;
  case X12_AMOUNT:
    if (benefit->has_amount) keep(found, exactness, benefit->amount);
    break;
  case X12_PERCENT: /* a share that is no whole percent is left to ask */
    if (benefit->has_percent && benefit->percent % 100 == 0)
      keep(found, exactness, benefit->percent / 100);
    break;
  case X12_DAYS:
    if (is_days) keep(found, exactness, benefit->quantity);
    break;
  case X12_LEFT_AMOUNT:
    if (benefit->has_amount) keep(left, exactness, benefit->amount);
    break;
  case X12_LEFT_DAYS:
    if (is_days) keep(left, exactness, benefit->quantity);
    break;
  }
}

static void take_row(struct answering *answering, const struct x12_benefit *benefit)
{
  enum exactness exactness = exactness_of(answering, benefit);
  if (exactness == NOT_MEANT) return;
  for (size_t i = 0; i < answering->rules->meaning_count; i++) {
    const struct x12_meaning *meaning = &answering->rules->meanings[i];
    struct text period = benefit->period.length ? benefit->period : TEXT("-");
    struct text service = exactness == WHOLE_PLAN ? TEXT("30") : answering->level->service;
    if (text_equal(meaning->code, benefit->code) &&
        coverage_words_have(&meaning->periods, period) &&
        coverage_words_have(&meaning->services, service))
      take(answering, meaning, benefit, exactness);
  }
  if (exactness == WHOLE_PLAN) return;
  if (text_equal(benefit->authorization, TEXT("Y")))
    keep(&answering->found[BENEFIT_AUTHORIZATION], exactness, 1);
  if (text_equal(benefit->authorization, TEXT("N")))
    keep(&answering->found[BENEFIT_AUTHORIZATION], exactness, 0);
}

/* --- Answers --------------------------------------------------------------------------------- */

/* What is used up is the whole less what is left; with no whole, what is left is the whole. */
static void settle_left(struct answering *answering, enum benefit_name whole,
                        enum benefit_name used)
{
  const struct found *left = &answering->left[whole];
  struct found *all = &answering->found[whole], *gone = &answering->found[used];
  if (left->exactness == NOT_MEANT || left->is_torn || all->is_torn) return;
  if (all->exactness == NOT_MEANT) *all = *left;
  *gone = (struct found){left->exactness, false,
                         all->value > left->value ? all->value - left->value : 0};
}

/* No longer than a line of the worksheet, cut between characters. */
static struct text line_of(struct text t)
{
  size_t length = t.length < LIMIT_COVERAGE_LINE ? t.length : LIMIT_COVERAGE_LINE;
  while (length < t.length && length > 0 && ((unsigned char)t.at[length] & 0xc0) == 0x80) length--;
  return text_slice(t, 0, length);
}

size_t x12_answers_give(const struct coverage_rules *rules, const struct x12_response *response,
                        bool is_in_network, int64_t day, struct benefits *benefits)
{
  struct answering answering = {
      .rules = rules, .response = response, .is_in_network = is_in_network};
  size_t given = 0;
  answering.level = find_level(rules, benefits->level_of_care);
  if (!answering.level) return 0;
  for (size_t i = 0; i < response->benefit_count; i++) take_row(&answering, &response->benefits[i]);
  settle_left(&answering, BENEFIT_DEDUCTIBLE, BENEFIT_DEDUCTIBLE_MET);
  settle_left(&answering, BENEFIT_POCKET_LIMIT, BENEFIT_POCKET_MET);
  settle_left(&answering, BENEFIT_DAY_LIMIT, BENEFIT_DAYS_USED);
  for (size_t i = 0; i < BENEFIT_COUNT; i++) {
    const struct found *found = &answering.found[i];
    struct benefit_answer answer = {.value = found->value,
                                    .source = BENEFIT_BY_271,
                                    .who = line_of(response->payer_name),
                                    .reference = line_of(response->trace),
                                    .asked_on = day};
    if (found->exactness == NOT_MEANT || found->is_torn) continue;
    given += benefit_answer_give(rules, benefits, (enum benefit_name)i, &answer, NULL);
  }
  return given;
}
