/*
 * The proof of the level-of-care table.
 *
 * What is shown, of every set of answers that a person can give, missing answers included: there is
 * a level (or an emergency, or the gate); the engine gives it, twice the same; a stop rule ends the
 * assessment whatever else is so; a worse fact never lowers the level nor takes an overlay away at
 * the same level; wishes, payers, places and protected classes never move it; age does nothing but
 * shut the gate; what "Promises" promises holds; every rule can act; no two rules say the same. And
 * of each rule: once it holds with answers missing, no further answer ends that.
 *
 * Why this is exhaustive, though it looks at some 10^5 combinations and not at 10^15:
 *
 * 1. Cells. A condition meets a fact only in comparisons. Two values of which every comparison says
 *    the same are one for every condition, so one value of each cell stands for all of it
 *    (proof_partition.c). "Not known" is a cell of its own: a condition is a function of what its
 *    comparisons say, Kleene's third value included.
 * 2. Components. A rule is true or not by its own facts alone, and it is suspended by rules alone.
 * So what the rules of a component give depends on that component's facts alone, where facts that
 * share a condition or a suspension are in one component. All combinations of cells within each
 * component are evaluated.
 * 3. Masks. Rules reach the result only through the union of what they give (care_aggregate() takes
 *    nothing else). The unions of the whole input space are therefore the unions of one mask from
 * each component: the product over components is replaced by the set of distinct unions, and
 * nothing is lost (proof_join.c). That the engine does follow the mask is not taken on trust: for
 * each distinct union it is run on answers that give that union, and must say the same.
 * 4. Steps. "At least as bad" is an order on each fact by itself, so whoever is worse off in
 * several facts is reached by changing one fact after another. A change of one fact stays within
 * its component; what the others give stays. So it suffices to compare, for each pair of masks that
 * one step within a component joins, the outcomes beside every union of all the other components.
 *    Unions with a stop need no look: both outcomes are the emergency. Neither do those with the
 * gate: both are the gate, or the emergency.
 *
 * A counter-example has the fewest known facts: each signature, union and pair is kept with the
 * fewest that give it. Pure but for the clock that measures it; any thread.
 */
#include <string.h>

#include "assessment/proof_private.h"

/* --- The whole: complete, deterministic, and stops dominate ----------------------------------- */

enum whole_fault { FAULT_INCOMPLETE, FAULT_STOP, FAULT_ENGINE, FAULT_TWICE, FAULTS };

static const struct {
  const char *claim, *mend;
} whole_faults[FAULTS] = {
    {"no row of Aggregation holds", "let the last row hold whatever is asked for"},
    {"a stop rule does not end the assessment", "mend care_find()"},
    {"the engine gives another result than what its rules ask for", "mend care_find()"},
    {"the same answers give two results", "mend care_find()"},
};

static bool is_emergency(const struct care_result *result)
{
  return result->level == LEVEL_NONE && result->setting == CARE_EMERGENCY && !result->is_minor;
}

static bool agrees(const struct care_result *result, const struct care_outcome *outcome)
{
  return result->level == outcome->level && result->overlays == outcome->overlays &&
         result->setting == outcome->setting && result->is_minor == outcome->is_minor &&
         result->medication_at_place == outcome->medication_at_place;
}

/* Do both say the same of the result and of every rule? */
static bool same_result(const struct level_of_care *table, const struct care_result *a,
                        const struct care_result *b)
{
  return a->level == b->level && a->overlays == b->overlays && a->setting == b->setting &&
         a->decisive == b->decisive && memcmp(a->state, b->state, table->rule_count) == 0;
}

/* The first fault of one union; FAULTS: none. */
static enum whole_fault find_fault(const struct proof_check *check,
                                   const struct proof_unions *unions, size_t index)
{
  const struct level_of_care *table = check->proof.table;
  uint64_t mask = proof_last(unions)->unions[index].mask;
  struct care_outcome outcome;
  struct care_result result, again;
  struct facts facts;
  proof_facts_of(check, unions, index, &facts);
  check->engine->find(table, &facts, &check->options, &result);
  check->engine->find(table, &facts, &check->options, &again);
  if (mask & ASK_STOP && !is_emergency(&result)) return FAULT_STOP;
  care_aggregate(table, mask, &outcome);
  if (!agrees(&result, &outcome)) return FAULT_ENGINE;
  if (!same_result(table, &result, &again)) return FAULT_TWICE;
  bool has_level = mask & (ASK_STOP | ASK_GATE) || result.level != LEVEL_NONE;
  return has_level ? FAULTS : FAULT_INCOMPLETE;
}

static void check_whole(struct proof_check *check)
{
  struct proof_unions unions;
  size_t worst[FAULTS];
  proof_join(&check->proof, check->proof.component_count, false, &unions);
  const struct proof_layer *last = proof_last(&unions);
  for (size_t fault = 0; fault < FAULTS; fault++) worst[fault] = last->count;
  for (size_t i = 0; i < last->count; i++) {
    enum whole_fault fault = find_fault(check, &unions, i);
    if (fault == FAULTS) continue;
    if (worst[fault] == last->count || last->unions[i].known < last->unions[worst[fault]].known)
      worst[fault] = i;
  }
  check->totals->combinations += last->count;
  for (size_t fault = 0; fault < FAULTS; fault++) {
    struct facts facts;
    if (worst[fault] == last->count) continue;
    proof_facts_of(check, &unions, worst[fault], &facts);
    proof_report_facts(check, 0, &facts, whole_faults[fault].claim, whole_faults[fault].mend);
  }
  arena_clear(check->proof.scratch);
}

/* --- All of it ---------------------------------------------------------------------------------
 */

static void report_too_large(struct proof_check *check, const struct proof_component *component)
{
  const struct level_of_care *table = check->proof.table;
  proof_report_text(check, table->fact_lines[component->facts[0]],
                    text_format(check->out,
                                "%zu conditions over %zu facts hang together, %.*s among them: "
                                "too many to prove",
                                component->test_count, component->fact_count,
                                TEXT_PRINT(table->facts[component->facts[0]].name)),
                    "write rules over fewer facts, so that they do not all hang together");
}

static void run(struct proof_check *check)
{
  struct proof *proof = &check->proof;
  size_t too_large = proof_partition(proof);
  if (too_large < proof->component_count) {
    report_too_large(check, &proof->components[too_large]);
    return;
  }
  check_whole(check);
  proof_check_missing(check);
  proof_check_rows(check);
  for (size_t i = 0; i < proof->component_count; i++) {
    check->component = &proof->components[i];
    check->totals->cells += check->component->combinations;
    proof_join(proof, i, true, &check->others);
    proof_check_steps(check);
    proof_check_rules(check);
    arena_clear(proof->scratch);
  }
}

/* Are some need rules signed, and others not? */
static bool is_partly_signed(const struct level_of_care *table)
{
  size_t needs = 0, with = 0;
  for (size_t i = 0; i < table->rule_count; i++) {
    if (table->rules[i].kind != RULE_NEED) continue;
    needs++;
    with += table->programs[i].is_signed;
  }
  return with > 0 && with < needs;
}

size_t care_prove_engine(const struct level_of_care *table, const struct proof_engine *engine,
                         struct arena *arena,
                         void (*each)(void *context, const struct care_problem *problem),
                         void *context, struct care_proof *proof)
{
  int64_t start = time_monotonic();
  size_t problems = 0, runs = is_partly_signed(table) ? 2 : 1;
  *proof = (struct care_proof){0};
  for (size_t i = 0; i < runs; i++) {
    bool only_signed = i == 1;
    struct proof_check check = {.engine = engine,
                                .options.require_signatures = only_signed,
                                .out = arena,
                                .each = each,
                                .context = context,
                                .totals = proof};
    check.proof = (struct proof){.table = table,
                                 .only_signed = only_signed,
                                 .arena = arena_new(LIMIT_PROOF_ARENA),
                                 .scratch = arena_new(LIMIT_PROOF_ARENA)};
    run(&check);
    problems += check.problems;
    arena_free(check.proof.scratch);
    arena_free(check.proof.arena);
  }
  proof->seconds = (double)(time_monotonic() - start) / 1e6;
  return problems;
}

size_t care_prove(const struct level_of_care *table, struct arena *arena,
                  void (*each)(void *context, const struct care_problem *problem), void *context,
                  struct care_proof *proof)
{
  static const struct proof_engine engine = {care_find, condition_find};
  return care_prove_engine(table, &engine, arena, each, context, proof);
}
