/*
 * intake_rules: reading the intake's tables. See intake_rules.h. What follows from them is
 * intake.c; showing them is intake_rules_show.c.
 *
 * A reader goes on after a fault with what it has (needs_file.h); nothing that was read is used
 * once a fault has been counted. Threads: one at a time while loading.
 */
#include "admission/intake_rules_private.h"

#define HOUR INT64_C(3600000000)
enum { HOURS_MOST = 24 * 366 }; /* a clock further away than a year is a slip of the pen */

/* --- Cells --------------------------------------------------------------------------------- */

struct loading {
  struct intake_rules *rules;
  const struct catalog *catalog;
  struct knowledge_loader loader;
  struct knowledge_file file; /* the one that is read */
  const char *words;          /* its codes' words stand under this name in the catalog */
  size_t count;
};

static void refuse(struct loading *loading, size_t row, const char *mend, const char *what)
{
  knowledge_report(&loading->loader, loading->file.name, knowledge_line(&loading->file, row), mend,
                   "%s", what);
}

static void *begin(struct loading *loading, const char *name, const char *words,
                   const char *const *columns, size_t size)
{
  bool is_open = knowledge_open(&loading->loader, name, columns, &loading->file);
  loading->words = words;
  loading->count = is_open ? loading->file.table.row_count : 0;
  return arena_allocate_array(loading->rules->arena, loading->count + 1, size);
}

static struct text cell(const struct loading *loading, size_t row, size_t column)
{
  return knowledge_cell(&loading->file, row, column);
}

/* Which of `names` (ending with NULL) a cell is; 0 after a fault. */
static size_t choice(struct loading *loading, size_t row, size_t column, const char *const *names)
{
  for (size_t i = 0; names[i]; i++)
    if (text_equal(cell(loading, row, column), text_from(names[i]))) return i;
  knowledge_report(&loading->loader, loading->file.name, knowledge_line(&loading->file, row),
                   "use a word that docs/intake.md names", "%s is not a word known there",
                   loading->file.columns[column]);
  return 0;
}

static bool yes(struct loading *loading, size_t row, size_t column)
{
  static const char *const names[] = {"no", "yes", NULL};
  return choice(loading, row, column, names) == 1;
}

static struct coverage_words split(struct loading *loading, struct text rest)
{
  struct coverage_words words = {.is_any = text_equal(rest, TEXT("*"))};
  if (words.is_any) return words;
  struct text *at = arena_allocate_array(loading->rules->arena, rest.length / 2 + 1, sizeof *at);
  while (text_word_next(&rest, &at[words.count])) words.count++;
  words.at = at;
  return words;
}

static int64_t hours(struct loading *loading, size_t row, size_t column, int64_t least)
{
  int64_t number = 0;
  struct text t = cell(loading, row, column);
  if (text_is_empty(t)) return 0;
  if (!text_read_integer(t, &number) || number < least || number > HOURS_MOST) {
    refuse(loading, row, "write whole hours of at most a year", "a clock that is none");
    return 0;
  }
  return number * HOUR;
}

static struct coverage_term read_term(struct loading *loading, size_t row, size_t column)
{
  struct coverage_term term = {INT64_MIN, COVERAGE_OPEN};
  struct text first = cell(loading, row, column), last = cell(loading, row, column + 1);
  if ((!text_is_empty(first) && !coverage_day_read(first, &term.first)) ||
      (!text_is_empty(last) && !coverage_day_read(last, &term.last)))
    refuse(loading, row, "write it like 2026-01-13", "effective or expires is no date");
  else if (term.last < term.first)
    refuse(loading, row, "mend one of them", "expires lies before effective");
  return term;
}

/* source and grade; a signer where the file names them. */
static struct coverage_basis basis(struct loading *loading, size_t row, size_t column,
                                   bool is_signed)
{
  static const char *const grades[] = {"V", "V2", "RUN", "S", "GK", "I", "P", NULL};
  (void)choice(loading, row, column + 1, grades);
  return (struct coverage_basis){
      knowledge_required(&loading->file, row, column), cell(loading, row, column + 1),
      is_signed ? knowledge_required(&loading->file, row, column + 2) : TEXT("unsigned")};
}

/* --- Words of other lists -------------------------------------------------------------------- */

/* Each must stand in a column of another file of knowledge/. */
static void check_known(struct loading *loading, size_t row, const struct coverage_words *words,
                        const char *file, const char *column)
{
  const char *const columns[] = {column, NULL};
  struct knowledge_file other;
  if (words->count == 0 || !knowledge_open(&loading->loader, file, columns, &other)) return;
  for (size_t i = 0; i < words->count; i++) {
    bool is_known = false;
    for (size_t r = 0; r < other.table.row_count && !is_known; r++)
      is_known = text_equal(knowledge_cell(&other, r, 0), words->at[i]);
    if (is_known) continue;
    knowledge_report(&loading->loader, loading->file.name, knowledge_line(&loading->file, row),
                     "use a word of that list", "'%.*s' does not stand in %s",
                     TEXT_PRINT(words->at[i]), file);
  }
}

static void check_words(struct loading *loading, size_t row, const char *list, struct text code,
                        const char *after)
{
  if (!loading->catalog || text_is_empty(code)) return;
  struct text key = text_format(loading->loader.arena, "%s.%.*s%s", list, TEXT_PRINT(code), after);
  for (size_t i = 0; i < catalog_language_count(loading->catalog); i++)
    if (!catalog_find(loading->catalog, i, key).at)
      knowledge_report(&loading->loader, loading->file.name, knowledge_line(&loading->file, row),
                       "add them to intake.csv of each language", "no words for %.*s",
                       TEXT_PRINT(key));
}

/* The code of a row, which must not have stood before. */
static struct text read_code(struct loading *loading, size_t row)
{
  struct text code = knowledge_read_name(&loading->file, row, 0);
  for (size_t i = 0; i < row; i++)
    if (text_equal(code, cell(loading, i, 0)))
      refuse(loading, row, "take one of them away", "the code stands twice");
  check_words(loading, row, loading->words, code, "");
  return code;
}

/* --- Items ----------------------------------------------------------------------------------- */

static const char *const evidence_names[] = {
    [INTAKE_MARK] = "mark",
    [INTAKE_DOCUMENT] = "document",
    [INTAKE_FACT] = "fact",
    [INTAKE_CONSENT] = "consent",
    [INTAKE_NOTICE] = "notice",
    [INTAKE_PHOTO] = "photo",
    [INTAKE_CONTACT] = "contact",
    [INTAKE_TEAM] = "team",
    [INTAKE_INSTRUMENT] = "instrument",
    [INTAKE_LEVEL] = "level",
    [INTAKE_COUNT] = "count",
    [INTAKE_INVENTORY] = "inventory",
    [INTAKE_RESTRICTED] = "restricted",
    [INTAKE_EVIDENCE_KINDS] = NULL,
};
/* What `of` names: a column of a file; those that are not here take nothing. */
static const struct {
  const char *file, *column;
} named_by[INTAKE_EVIDENCE_KINDS] = {
    [INTAKE_FACT] = {"fact-kinds.csv", "code"},
    [INTAKE_CONSENT] = {"consent-kinds.csv", "kind"},
    [INTAKE_INSTRUMENT] = {"instruments.csv", "instrument"},
};

const char *intake_evidence_name(enum intake_evidence_kind kind)
{
  return evidence_names[kind];
}

bool intake_item_is_said(const struct intake_item *item)
{
  return item->evidence == INTAKE_MARK || item->evidence == INTAKE_DOCUMENT;
}

static bool words_meet(const struct coverage_words *a, const struct coverage_words *b)
{
  if (a->is_any || b->is_any) return true;
  for (size_t i = 0; i < a->count; i++)
    if (coverage_words_have(b, a->at[i])) return true;
  return false;
}

/* Could both rows of one item hold for somebody on some day? */
static bool items_meet(const struct intake_item *a, const struct intake_item *b)
{
  return text_equal(a->code, b->code) && words_meet(&a->programs, &b->programs) &&
         words_meet(&a->levels, &b->levels) && a->term.first <= b->term.last &&
         b->term.first <= a->term.last;
}

static void check_item(struct loading *loading, size_t row, const struct intake_item *item)
{
  const char *file = named_by[item->evidence].file;
  check_words(loading, row, "intake-items", item->code, "");
  check_words(loading, row, "intake-items", item->code, ".how");
  check_words(loading, row, "intake-parts", item->part, "");
  check_known(loading, row, &item->programs, "program-kinds.csv", "code");
  check_known(loading, row, &item->levels, "levels-of-care.csv", "code");
  check_known(loading, row, &item->roles, "roles.csv", "role");
  if (item->roles.count == 0 && !item->roles.is_any)
    refuse(loading, row, "name a role", "nobody may do it");
  if (file) check_known(loading, row, &item->of, file, named_by[item->evidence].column);
  if ((item->of.count > 0) != (file != NULL))
    refuse(loading, row, "fill it for fact, consent and instrument, and for no other",
           "of does not go with the evidence");
  if (item->fact.length) {
    struct coverage_words fact = {&item->fact, 1, false};
    check_known(loading, row, &fact, "fact-kinds.csv", "code");
    check_known(loading, row, &item->values, "fact-values.csv", "value");
    if (item->values.count == 0)
      refuse(loading, row, "write the kind of fact and its values", "when names no value");
  }
  if (item->blocks && item->may_decline)
    refuse(loading, row, "choose one", "it blocks the admission and may be declined");
  for (size_t i = 0; i < row; i++)
    if (items_meet(&loading->rules->items[i], item))
      refuse(loading, row, "keep their programs, levels or dates apart",
             "two rows of one item may hold at once");
}

static void load_items(struct loading *loading)
{
  static const char *const columns[] = {
      "item",         "part",     "programs", "levels", "roles",     "due_hours",
      "oldest_hours", "evidence", "of",       "when",   "blocks",    "may_decline",
      "effective",    "expires",  "source",   "grade",  "signed_by", NULL};
  struct intake_rules *rules = loading->rules;
  struct intake_item *items =
      begin(loading, "intake-items.csv", "intake-items", columns, sizeof *items);
  rules->items = items;
  rules->codes = arena_allocate_array(rules->arena, loading->count + 1, sizeof *rules->codes);
  for (size_t row = 0; row < loading->count; row++) {
    struct text when = cell(loading, row, 9), fact = TEXT("");
    bool is_first = true;
    (void)text_word_next(&when, &fact);
    items[row] = (struct intake_item){
        .code = knowledge_read_name(&loading->file, row, 0),
        .part = knowledge_required(&loading->file, row, 1),
        .programs = split(loading, knowledge_required(&loading->file, row, 2)),
        .levels = split(loading, knowledge_required(&loading->file, row, 3)),
        .roles = split(loading, cell(loading, row, 4)),
        .has_due = !text_is_empty(cell(loading, row, 5)),
        .due = hours(loading, row, 5, -HOURS_MOST),
        .oldest = hours(loading, row, 6, 0),
        .evidence = (enum intake_evidence_kind)choice(loading, row, 7, evidence_names),
        .of = split(loading, cell(loading, row, 8)),
        .fact = fact,
        .values = split(loading, when),
        .blocks = yes(loading, row, 10),
        .may_decline = yes(loading, row, 11),
        .term = read_term(loading, row, 12),
        .basis = basis(loading, row, 14, true)};
    check_item(loading, row, &items[row]);
    for (size_t i = 0; i < row && is_first; i++)
      is_first = !text_equal(items[i].code, items[row].code);
    if (is_first) rules->codes[rules->code_count++] = row;
  }
  rules->item_count = loading->count;
}

static bool is_item(const struct intake_rules *rules, struct text code)
{
  for (size_t i = 0; i < rules->code_count; i++)
    if (text_equal(rules->items[rules->codes[i]].code, code)) return true;
  return false;
}

static void load_reasons(struct loading *loading)
{
  static const char *const columns[] = {"code", "state", "items", "words", "source", "grade", NULL};
  static const char *const states[] = {"not-needed", "declined", NULL};
  struct intake_reason *reasons =
      begin(loading, "intake-reasons.csv", "intake-reasons", columns, sizeof *reasons);
  for (size_t row = 0; row < loading->count; row++) {
    struct intake_reason *reason = &reasons[row];
    *reason = (struct intake_reason){.code = read_code(loading, row),
                                     .is_declined = choice(loading, row, 1, states) == 1,
                                     .items = split(loading, cell(loading, row, 2)),
                                     .needs_words = yes(loading, row, 3),
                                     .basis = basis(loading, row, 4, false)};
    for (size_t i = 0; i < reason->items.count; i++)
      if (!is_item(loading->rules, reason->items.at[i]))
        refuse(loading, row, "use an item of intake-items.csv", "it names an item that is none");
    if (reason->items.is_any && !reason->is_declined)
      refuse(loading, row, "name the items", "one reason would make every item needless");
  }
  loading->rules->reasons = reasons;
  loading->rules->reason_count = loading->count;
}

/* --- Things ---------------------------------------------------------------------------------- */

static void load_states(struct loading *loading)
{
  static const char *const columns[] = {"code", "next",   "place", "two",
                                        "end",  "source", "grade", NULL};
  struct belongings_state *states =
      begin(loading, "belongings-states.csv", "belongings-states", columns, sizeof *states);
  for (size_t row = 0; row < loading->count; row++) {
    states[row] = (struct belongings_state){.code = read_code(loading, row),
                                            .next = split(loading, cell(loading, row, 1)),
                                            .asks_place = yes(loading, row, 2),
                                            .asks_two = yes(loading, row, 3),
                                            .is_end = yes(loading, row, 4)};
    (void)basis(loading, row, 5, false);
    check_known(loading, row, &states[row].next, "belongings-states.csv", "code");
    if (states[row].is_end != (states[row].next.count == 0))
      refuse(loading, row, "leave next empty for an end alone", "an end that goes on, or none");
  }
  loading->rules->states = states;
  loading->rules->state_count = loading->count;
}

/* A list of codes with nothing beside them. */
static struct text *load_codes(struct loading *loading, const char *name, const char *list,
                               size_t *count)
{
  static const char *const columns[] = {"code", "source", "grade", NULL};
  struct text *codes = begin(loading, name, list, columns, sizeof *codes);
  for (size_t row = 0; row < loading->count; row++) {
    codes[row] = read_code(loading, row);
    (void)basis(loading, row, 1, false);
  }
  *count = loading->count;
  return codes;
}

static void load_looks(struct loading *loading)
{
  struct intake_rules *rules = loading->rules;
  rules->conditions = load_codes(loading, "belongings-conditions.csv", "belongings-conditions",
                                 &rules->condition_count);
  rules->unsigned_reasons =
      load_codes(loading, "belongings-unsigned.csv", "belongings-unsigned", &rules->unsigned_count);
}

static void load_restricted(struct loading *loading)
{
  static const char *const columns[] = {"item",  "fate",      "programs", "source",
                                        "grade", "signed_by", NULL};
  static const char *const fates[] = {"stored", "sent", "destroyed", NULL};
  struct restricted_item *items =
      begin(loading, "restricted-items.csv", "restricted-items", columns, sizeof *items);
  for (size_t row = 0; row < loading->count; row++) {
    items[row] = (struct restricted_item){
        .code = read_code(loading, row),
        .fate = text_from(fates[choice(loading, row, 1, fates)]),
        .programs = split(loading, knowledge_required(&loading->file, row, 2)),
        .basis = basis(loading, row, 3, true)};
    check_known(loading, row, &items[row].programs, "program-kinds.csv", "code");
    check_words(loading, row, "restricted-items", items[row].code, ".why");
  }
  loading->rules->restricted = items;
  loading->rules->restricted_count = loading->count;
}

static void load_packing(struct loading *loading)
{
  static const char *const columns[] = {"item",   "side",  "kind",      "programs",
                                        "source", "grade", "signed_by", NULL};
  static const char *const sides[] = {"leave", "bring", NULL};
  static const char *const kinds[] = {"thing", "paper", "medicine", NULL};
  struct packing_item *items =
      begin(loading, "packing-list.csv", "packing-list", columns, sizeof *items);
  for (size_t row = 0; row < loading->count; row++) {
    items[row] = (struct packing_item){
        .code = read_code(loading, row),
        .is_brought = choice(loading, row, 1, sides) == 1,
        .kind = text_from(kinds[choice(loading, row, 2, kinds)]),
        .programs = split(loading, knowledge_required(&loading->file, row, 3)),
        .basis = basis(loading, row, 4, true)};
    check_known(loading, row, &items[row].programs, "program-kinds.csv", "code");
    if (items[row].is_brought) continue;
    check_words(loading, row, "packing-list", items[row].code, ".why");
    if (text_equal(items[row].kind, TEXT("medicine")))
      refuse(loading, row, "put it on the side bring", "nobody leaves medicine at home");
  }
  loading->rules->packing = items;
  loading->rules->packing_count = loading->count;
}

static void load_welcome(struct loading *loading)
{
  static const char *const columns[] = {"part", "programs", "source", "grade", "signed_by", NULL};
  struct welcome_part *parts =
      begin(loading, "welcome-parts.csv", "welcome-parts", columns, sizeof *parts);
  for (size_t row = 0; row < loading->count; row++) {
    parts[row] = (struct welcome_part){
        .code = read_code(loading, row),
        .programs = split(loading, knowledge_required(&loading->file, row, 1)),
        .basis = basis(loading, row, 2, true)};
    check_known(loading, row, &parts[row].programs, "program-kinds.csv", "code");
    check_words(loading, row, "welcome-parts", parts[row].code, ".words");
  }
  loading->rules->welcome = parts;
  loading->rules->welcome_count = loading->count;
}

/* --- What a record says to the level of care ------------------------------------------------- */

/* NULL ends the list of a cell's words; questionnaires have no rows. */
static const char *const source_names[] = {[LEVEL_FROM_FACT] = "fact",
                                           [LEVEL_FROM_REQUEST] = "request",
                                           [LEVEL_FROM_ITEM] = "item",
                                           [LEVEL_FROM_INSTRUMENT] = NULL};

const char *level_fact_source_name(enum level_fact_source source)
{
  return source == LEVEL_FROM_INSTRUMENT ? "instrument" : source_names[source];
}

static void check_level_fact(struct loading *loading, size_t row, const struct level_fact *one)
{
  const struct coverage_words of = {&one->of, 1, false}, value = {&one->value, 1, false};
  bool is_any = text_equal(one->value, TEXT("*")), is_days = text_equal(one->answer, TEXT("days"));
  if (one->from == LEVEL_FROM_FACT) {
    check_known(loading, row, &of, "fact-kinds.csv", "code");
    if (!is_any) check_known(loading, row, &value, "fact-values.csv", "value");
  } else if (one->from == LEVEL_FROM_ITEM) {
    check_known(loading, row, &of, "intake-items.csv", "item");
    if (!text_equal(one->value, TEXT("done")))
      refuse(loading, row, "write done", "an item that is not done says nothing");
  } else if (!text_equal(one->of, TEXT("pregnant"))) {
    refuse(loading, row, "write pregnant", "a request says no such thing");
  }
  if (is_any != is_days || (is_days && one->from != LEVEL_FROM_FACT))
    refuse(loading, row, "write days for any date of a fact, and for nothing else",
           "the answer does not go with the value");
  for (size_t i = 0; i < row; i++) {
    const struct level_fact *other = &loading->rules->level_facts[i];
    if (other->from == one->from && text_equal(other->of, one->of) &&
        text_equal(other->value, one->value) && text_equal(other->fact, one->fact))
      refuse(loading, row, "take one of them away", "the record says it twice");
  }
}

static void load_level_facts(struct loading *loading)
{
  static const char *const columns[] = {"from",   "of",    "value",     "fact", "answer",
                                        "source", "grade", "signed_by", NULL};
  struct level_fact *rows = begin(loading, "level-facts.csv", "", columns, sizeof *rows);
  loading->rules->level_facts = rows;
  for (size_t row = 0; row < loading->count; row++) {
    rows[row] =
        (struct level_fact){.from = (enum level_fact_source)choice(loading, row, 0, source_names),
                            .of = knowledge_required(&loading->file, row, 1),
                            .value = knowledge_required(&loading->file, row, 2),
                            .fact = knowledge_required(&loading->file, row, 3),
                            .answer = knowledge_required(&loading->file, row, 4),
                            .basis = basis(loading, row, 5, true)};
    check_level_fact(loading, row, &rows[row]);
  }
  loading->rules->level_fact_count = loading->count;
}

/* --- All ------------------------------------------------------------------------------------- */

size_t intake_rules_load_reporting(
    struct intake_rules **out, const char *knowledge_folder, const struct catalog *catalog,
    void (*each)(void *context, const struct knowledge_problem *problem), void *context)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct loading loading = {.rules = arena_allocate(arena, sizeof *loading.rules),
                            .catalog = catalog};
  loading.rules->arena = arena;
  loading.loader = (struct knowledge_loader){.arena = arena,
                                             .folder = knowledge_folder,
                                             .each = each,
                                             .context = context,
                                             .hash = KNOWLEDGE_HASH};
  load_items(&loading);
  load_reasons(&loading);
  load_states(&loading);
  load_looks(&loading);
  load_restricted(&loading);
  load_packing(&loading);
  load_welcome(&loading);
  load_level_facts(&loading);
  if (loading.loader.problems == 0) *out = loading.rules;
  else arena_free(arena);
  return loading.loader.problems;
}

static void keep_first(void *context, const struct knowledge_problem *problem)
{
  struct error *error = context;
  if (error->kind != ERROR_NONE) return;
  error_set(error, ERROR_REFUSED, "error.knowledge.invalid", problem->mend, "%s:%lld: %s",
            problem->file, (long long)problem->line, problem->what);
}

bool intake_rules_load(struct intake_rules **out, const char *knowledge_folder,
                       const struct catalog *catalog, struct error *error)
{
  struct error first = {0};
  if (intake_rules_load_reporting(out, knowledge_folder, catalog, keep_first, &first) == 0)
    return true;
  if (error) *error = first;
  return false;
}

void intake_rules_free(struct intake_rules *rules)
{
  if (rules) arena_free(rules->arena);
}
