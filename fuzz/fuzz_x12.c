/*
 * Fuzz target: x12_271_read over any bytes, x12_answers_give over what was read.
 */
#include <stdlib.h>

#include "coverage/coverage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static struct coverage_rules *rules;
  struct x12_response response;
  struct error error = {0};
  if (!rules && !coverage_rules_load(&rules, "knowledge", &error)) abort();
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  if (x12_271_read(arena, (struct text){(const char *)data, size}, &response, &error)) {
    struct benefits inside = {.level_of_care = TEXT("3.5")},
                    outside = {.level_of_care = TEXT("1.5")};
    struct benefit_estimate estimate;
    struct benefit_stay stay = {28, 100000, 20000};
    (void)x12_answers_give(rules, &response, true, 20000, &inside);
    (void)x12_answers_give(rules, &response, false, 20000, &outside);
    if (!benefit_estimate_find(&inside, &stay, &estimate, NULL)) abort();
    if (estimate.least > estimate.most || estimate.most > 28 * 100000) abort();
  } else if (error.kind == ERROR_NONE) {
    abort();
  }
  arena_free(arena);
  return 0;
}
