/*
 * rules_fees: reading poverty-guideline.csv, income-periods.csv, fee-rules.csv, fee-schedules.csv.
 */
#include "coverage/rules_private.h"

enum { PERCENT_MOST = 10000, YEAR_FIRST = 1965, YEAR_LAST = 2999, TIMES_MOST = 366 };

/* Two rows of one region must not hold on the same day. */
static void refuse_overlap(struct rules_loading *loading, const struct poverty_guideline *all,
                           size_t row)
{
  for (size_t i = 0; i < row; i++)
    if (text_equal(all[i].region, all[row].region) && all[i].term.first <= all[row].term.last &&
        all[row].term.first <= all[i].term.last)
      rules_refuse(loading, row, "end the older one the day before the newer begins",
                   "two guidelines of a region hold on one day");
}

static void load_guidelines(struct rules_loading *loading)
{
  static const char *const columns[] = {"year",  "region",    "label_en",  "label_es", "states",
                                        "first", "more",      "effective", "expires",  "source",
                                        "grade", "signed_by", NULL};
  struct poverty_guideline *all =
      rules_begin(loading, "poverty-guideline.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct poverty_guideline){.year = rules_integer(loading, i, 0, YEAR_FIRST, YEAR_LAST),
                                        .region = knowledge_read_name(&loading->file, i, 1),
                                        .states = rules_states(loading, i, 4),
                                        .first = rules_dollars(loading, i, 5),
                                        .each_more = rules_dollars(loading, i, 6),
                                        .term = rules_term(loading, i, 7),
                                        .basis = rules_basis(loading, i, 9)};
    knowledge_read_labels(&loading->file, i, 2, all[i].label);
    if (all[i].first == 0) rules_refuse(loading, i, "write whole dollars", "first is 0");
    if (all[i].term.last == COVERAGE_OPEN)
      rules_refuse(loading, i, "give a day past which it must not be used", "expires is empty");
    refuse_overlap(loading, all, i);
  }
  loading->rules->guidelines = all;
  loading->rules->guideline_count = loading->count;
}

static void load_periods(struct rules_loading *loading)
{
  static const char *const columns[] = {"period", "label_en", "label_es",  "times_a_year",
                                        "source", "grade",    "signed_by", NULL};
  struct name_index names;
  struct income_period *all = rules_begin(loading, "income-periods.csv", columns, sizeof *all);
  for (size_t i = 0; i < loading->count; i++) {
    all[i] = (struct income_period){.name = knowledge_read_name(&loading->file, i, 0),
                                    .times_a_year = rules_integer(loading, i, 3, 1, TIMES_MOST),
                                    .basis = rules_basis(loading, i, 4)};
    knowledge_read_labels(&loading->file, i, 1, all[i].label);
  }
  if (loading->count) knowledge_index_names(&loading->file, 0, &names);
  loading->rules->periods = all;
  loading->rules->period_count = loading->count;
}

static void load_rules(struct rules_loading *loading)
{
  static const char *const columns[] = {"rule", "value", "source", "grade", "signed_by", NULL};
  static const char *const names[] = {"full-discount-to", "no-discount-above", "least-between",
                                      NULL};
  int64_t *const values[] = {&loading->rules->full_discount_to, &loading->rules->no_discount_above,
                             &loading->rules->least_between};
  bool seen[sizeof values / sizeof *values] = {false};
  (void)rules_begin(loading, "fee-rules.csv", columns, 1);
  for (size_t i = 0; i < loading->count; i++) {
    size_t rule = rules_choice(loading, i, 0, names);
    *values[rule] = rules_integer(loading, i, 1, 1, PERCENT_MOST);
    (void)rules_basis(loading, i, 2);
    if (seen[rule]) rules_refuse(loading, i, "keep one of them", "a rule stands twice");
    seen[rule] = true;
  }
  for (size_t rule = 0; loading->count && names[rule]; rule++)
    if (!seen[rule]) rules_refuse(loading, 0, names[rule], "a rule is missing");
}

static struct fee_band read_band(struct rules_loading *loading, size_t row)
{
  static const char *const kinds[] = {[FEE_FLAT] = "flat", [FEE_SHARE] = "share", NULL};
  struct fee_band band = {.name = knowledge_read_name(&loading->file, row, 3),
                          .above = rules_integer(loading, row, 6, 0, PERCENT_MOST),
                          .to = rules_optional(loading, row, 7, PERCENT_MOST, FEE_NO_END),
                          .kind = (enum fee_kind)rules_choice(loading, row, 8, kinds)};
  band.amount = band.kind == FEE_FLAT ? rules_dollars(loading, row, 9)
                                      : rules_integer(loading, row, 9, 0, 100);
  knowledge_read_labels(&loading->file, row, 4, band.label);
  return band;
}

/* A schedule is whole when another begins, or the file ends. */
static void check_schedule(struct rules_loading *loading, const struct fee_schedule *schedule,
                           size_t last_row)
{
  static const char *const whats[] = {
      [FEE_SOUND] = "",
      [FEE_GAP] = "bands leave a gap, or the last one ends",
      [FEE_FALLS] = "a higher band pays less",
      [FEE_AMOUNT] = "an amount is out of range",
      [FEE_NO_DISCOUNT] = "a band at or below the line pays more than a flat fee",
      [FEE_LATE_DISCOUNT] = "a discount stands above where none may be",
      [FEE_FEW_BANDS] = "too few bands lie between"};
  size_t band = 0;
  enum fee_fault fault = fee_schedule_check(loading->rules, schedule, &band);
  if (fault == FEE_SOUND) return;
  rules_refuse(loading, last_row - schedule->band_count + 1 + band, "see fee-rules.csv",
               whats[fault]);
}

static void load_schedules(struct rules_loading *loading)
{
  static const char *const columns[] = {
      "schedule",   "effective", "expires", "band",   "label_en", "label_es",  "above_percent",
      "to_percent", "kind",      "amount",  "source", "grade",    "signed_by", NULL};
  struct fee_schedule *all = rules_begin(loading, "fee-schedules.csv", columns, sizeof *all);
  struct fee_band *bands =
      arena_allocate_array(loading->rules->arena, loading->count + 1, sizeof *bands);
  size_t count = 0;
  for (size_t i = 0; i < loading->count; i++) {
    struct text name = knowledge_read_name(&loading->file, i, 0);
    bands[i] = read_band(loading, i);
    if (count == 0 || !text_equal(all[count - 1].name, name))
      all[count++] = (struct fee_schedule){.name = name,
                                           .term = rules_term(loading, i, 1),
                                           .bands = &bands[i],
                                           .basis = rules_basis(loading, i, 10)};
    all[count - 1].band_count++;
    bool is_last =
        i + 1 == loading->count || !text_equal(name, knowledge_cell(&loading->file, i + 1, 0));
    if (is_last) check_schedule(loading, &all[count - 1], i);
  }
  loading->rules->schedules = all;
  loading->rules->schedule_count = count;
}

void rules_load_fees(struct rules_loading *loading)
{
  load_guidelines(loading);
  load_periods(loading);
  load_rules(loading);
  load_schedules(loading);
}
