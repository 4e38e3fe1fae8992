/*
 * Fuzz answers to every instrument: the first byte chooses one, the rest is the document. What is
 * read must be allowed, item by item; a score is complete or has no total; a total lies in its
 * range; what an answer more makes certain, another answer never takes back. With the first byte
 * 255 the rest is a condition: what compiles must hold, fail or be unknown the same way twice, and
 * never be unknown when all is known.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/instrument_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct instruments *load(void)
{
  static struct instruments *loaded;
  struct error error = {0};
  if (!loaded && !instruments_load(&loaded, "knowledge", &error)) abort();
  return loaded;
}

static void check_answers(const struct instrument *instrument,
                          const struct instrument_answers *answers)
{
  for (size_t i = 0; i < INSTRUMENT_ITEMS; i++) {
    if (isnan(answers->value[i])) continue;
    if (i >= instrument->item_count) abort();
    if (!instrument_item_allows(&instrument->items[i], answers->value[i])) abort();
  }
}

static void check_score(const struct instrument *instrument, const struct instrument_score *score)
{
  for (size_t i = 0; i < instrument->item_count; i++)
    if (score->is_missing[i] && (score->complete || score->is_skipped[i])) abort();
  if (!score->complete && !isnan(score->total)) abort();
  for (size_t i = 0; i < instrument->scale_count; i++) {
    const struct instrument_scale *scale = &instrument->scales[i];
    if (isnan(score->scale[i])) continue;
    if (score->scale[i] < scale->minimum || score->scale[i] > scale->maximum) abort();
  }
  for (size_t i = 0; i < instrument->band_set_count; i++)
    if (score->complete && instrument->band_sets[i].scale == INSTRUMENT_SCALES && !score->bands[i])
      abort();
}

/* Answer the first item that is open and not skipped in each allowed way: what was certain without
 * it stays so. */
static void check_growth(struct arena *arena, const struct instrument *instrument,
                         const struct instrument_answers *answers,
                         const struct instrument_score *score)
{
  size_t open = 0;
  double *values;
  while (open < instrument->item_count && (score->is_skipped[open] || !isnan(answers->value[open])))
    open++;
  if (open == instrument->item_count) return;
  size_t count = instrument_item_values(arena, &instrument->items[open], &values);
  for (size_t i = 0; i < count; i++) {
    struct instrument_answers more = *answers;
    struct instrument_score grown;
    more.value[open] = values[i];
    instrument_score(instrument, &more, &grown);
    check_score(instrument, &grown);
    /* An answer to what decides over skips may take a skipped answer out; only then may less fire.
     */
    bool is_same = memcmp(grown.is_ignored, score->is_ignored, sizeof grown.is_ignored) == 0;
    for (size_t j = 0; is_same && j < instrument->trigger_count; j++)
      if (score->fires[j] && !grown.fires[j]) abort();
    for (size_t j = 0; is_same && j < instrument->band_set_count; j++)
      if (score->bands[j] && grown.bands[j] != score->bands[j]) abort();
  }
}

static void fuzz_document(struct arena *arena, const struct instrument *instrument,
                          struct text document)
{
  const struct value *value;
  struct instrument_answers answers;
  struct instrument_score score;
  struct text_buffer out;
  struct error error = {0};
  if (!json_read(arena, document, &value, &error)) return;
  if (!instrument_read(instrument, value, &answers, &error)) {
    if (error.kind != ERROR_REFUSED || !error.log[0] || !error.hint[0]) abort();
    return;
  }
  check_answers(instrument, &answers);
  instrument_score(instrument, &answers, &score);
  check_score(instrument, &score);
  check_growth(arena, instrument, &answers, &score);
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  json_write(instrument_write(instrument, arena, &score), &out);
  if (!json_read(arena, text_buffer_get(&out), &value, NULL)) abort();
  text_buffer_fini(&out);
  (void)instrument_facts(instrument, arena, &score);
}

static void fuzz_condition(struct arena *arena, const struct instrument *instrument,
                           struct text source)
{
  static const bool skipped[INSTRUMENT_ITEMS];
  static const double known[INSTRUMENT_ITEMS];
  double open[INSTRUMENT_ITEMS];
  char what[LIMIT_ERROR_TEXT] = "";
  struct instrument_condition condition;
  for (size_t i = 0; i < INSTRUMENT_ITEMS; i++) open[i] = NAN;
  if (!instrument_condition_compile(arena, instrument, source, &condition, what)) {
    if (!what[0]) abort();
    return;
  }
  const struct condition_values all = {known, skipped, known, SEX_MALE};
  const struct condition_values none = {open, skipped, open, SEX_MALE};
  enum instrument_truth certain = instrument_condition_holds(&condition, &all);
  enum instrument_truth before = instrument_condition_holds(&condition, &none);
  if (certain == TRUTH_UNKNOWN) abort();
  if (before != TRUTH_UNKNOWN && before != certain) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  const struct instruments *instruments = load();
  if (size == 0) return 0;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text rest = {(const char *)bytes + 1, size - 1};
  if (bytes[0] == 255) fuzz_condition(arena, instruments_get(instruments, 0), rest);
  else
    fuzz_document(arena,
                  instruments_get(instruments, (size_t)bytes[0] % instruments_count(instruments)),
                  rest);
  arena_free(arena);
  return 0;
}
