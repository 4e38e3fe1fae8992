/*
 * The level-of-care engine: made-up facts from a fixed seed, full and partial, and how long the
 * level takes, and what would change it with the next questions. Of several runs of a set the
 * least counts; the mean and the slowest set are printed as one JSON object.
 *
 *   bench_assess [--sets 2000] [--runs 5]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "assessment/assessment.h"
#include "world.h"

enum { FINDS = 100 }; /* in one look at the clock */

static uint64_t state = 1;

static double chance(void)
{
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (double)(state >> 11) / 9007199254740992.0;
}

/* A value of the fact; half the time its best. */
static double value_of(const struct fact *fact)
{
  size_t word = (size_t)(chance() * (double)fact->word_count);
  if (fact->word_count) {
    for (size_t i = 0; chance() < 0.5 && i < fact->word_count; i++)
      if (fact->rank[i] == 0) word = i;
    return (double)word;
  }
  return floor(fact->minimum + chance() * (fact->maximum - fact->minimum + 1));
}

/* Facts that do not contradict each other; each is known with the chance `known`. */
static struct facts facts_of(const struct level_of_care *table, double known)
{
  struct facts facts;
  do {
    facts_init(&facts);
    for (size_t i = 0; i < facts_count(table); i++)
      if (chance() < known) facts.value[i] = value_of(facts_get(table, i));
  } while (!facts_check(table, &facts, NULL));
  return facts;
}

struct measured {
  double sum, worst;
};

static void add(struct measured *measured, double seconds)
{
  measured->sum += seconds;
  if (seconds > measured->worst) measured->worst = seconds;
}

static void measure(const struct level_of_care *table, const struct facts *facts, size_t runs,
                    struct measured *find, struct measured *explain)
{
  struct care_result result;
  struct care_explanation explanation;
  double least_find = INFINITY, least_explain = INFINITY;
  for (size_t run = 0; run < runs; run++) {
    double start = world_clock();
    for (size_t i = 0; i < FINDS; i++) care_find(table, facts, NULL, &result);
    double middle = world_clock();
    care_explain(table, facts, NULL, &result, &explanation);
    double end = world_clock();
    least_find = fmin(least_find, (middle - start) / FINDS);
    least_explain = fmin(least_explain, end - middle);
  }
  add(find, least_find);
  add(explain, least_explain);
}

int main(int count, char **arguments)
{
  size_t sets = world_option(count, arguments, "--sets", 2000);
  size_t runs = world_option(count, arguments, "--runs", 5);
  struct error error = {0};
  struct needs *needs = NULL;
  struct level_of_care *table = NULL;
  struct measured find = {0, 0}, explain = {0, 0};
  static const double known[] = {1, 0.9, 0.5, 0.2, 0};
  if (!needs_load(&needs, "knowledge", &error) ||
      !level_of_care_load(&table, "knowledge", needs, &error)) {
    fprintf(stderr, "bench: %s\n", error.log);
    return 1;
  }
  for (size_t i = 0; i < sets; i++) {
    struct facts facts = facts_of(table, known[i % (sizeof known / sizeof *known)]);
    measure(table, &facts, runs, &find, &explain);
  }
  printf("{\"sets\":%zu,\"find_us\":{\"mean\":%.3f,\"worst\":%.3f},"
         "\"explain_ms\":{\"mean\":%.4f,\"worst\":%.4f}}\n",
         sets, find.sum / (double)sets * 1e6, find.worst * 1e6, explain.sum / (double)sets * 1e3,
         explain.worst * 1e3);
  level_of_care_free(table);
  needs_free(needs);
  return 0;
}
