/*
 * Loading the rules of the level-of-care table: stop rules, the gate, need rules; their effects.
 *
 *   effect = part (',' part)*
 *   part = 'emergency' | 'not for this table' | 'note' | 'start medication' | 'add' OVERLAY+ |
 *          'at least' LEVEL ('with' OVERLAY+)? | 'suspend' RULE+ | 'raise' DIMENSION
 */
#include <string.h>

#include "assessment/level_of_care_file.h"

enum { RULE_ID, RULE_DIMENSION, RULE_WHEN, RULE_EFFECT, RULE_REASON };

/* What is being read: one row of one sheet. */
struct effect {
  const struct care_sheet *sheet;
  size_t row, rule;
  struct text rest; /* words of the present part that are not yet read */
};

static struct level_of_care *table_of(const struct effect *effect)
{
  return effect->sheet->loader->table;
}

static void refuse(const struct effect *effect, const char *mend, const char *what,
                   struct text which)
{
  care_row_report(effect->sheet, effect->row, mend, "effect: %s '%s'", what,
                  care_quote(effect->sheet, which));
}

static void read_overlays(struct effect *effect)
{
  struct rule_program *program = &table_of(effect)->programs[effect->rule];
  struct text name, all = effect->rest;
  if (text_is_empty(text_trim(all))) refuse(effect, "name the overlay", "no overlay in", all);
  while (text_word_next(&effect->rest, &name)) {
    unsigned overlay = care_overlay_named(name);
    if (!overlay) refuse(effect, "use BIO, COE, PSY or RR", "unknown overlay", name);
    program->contribution |= (uint64_t)overlay << ASK_OVERLAY_SHIFT;
  }
}

static void read_least(struct effect *effect)
{
  struct level_of_care *table = table_of(effect);
  struct rule_program *program = &table->programs[effect->rule];
  struct text name = TEXT(""), with = TEXT("");
  size_t level;
  text_word_next(&effect->rest, &name);
  if (!care_level_find(table, name, &level)) {
    refuse(effect, "use a level of the table Levels", "unknown level", name);
    return;
  }
  bool raised = text_equal(table->rules[effect->rule].dimension, table->raised);
  program->contribution |= UINT64_C(1) << (level + (raised ? ASK_RAISED_SHIFT : 0));
  program->level = level;
  if (!text_word_next(&effect->rest, &with)) return;
  if (text_equal(with, TEXT("with"))) read_overlays(effect);
  else refuse(effect, "write with and an overlay, or a comma", "unknown word", with);
}

static bool rule_find(const struct level_of_care *table, struct text id, size_t *out)
{
  for (size_t i = 0; i < table->rule_count; i++)
    if (text_equal(table->rules[i].id, id)) {
      *out = i;
      return true;
    }
  return false;
}

static void read_suspended(struct effect *effect)
{
  struct level_of_care *table = table_of(effect);
  struct text id, all = effect->rest;
  size_t rule;
  if (text_is_empty(text_trim(all))) refuse(effect, "name the rule", "no rule in", all);
  while (text_word_next(&effect->rest, &id)) {
    if (!rule_find(table, id, &rule)) refuse(effect, "use the id of a rule", "unknown rule", id);
    else if (rule == effect->rule || table->rules[rule].kind != RULE_NEED)
      refuse(effect, "name another need rule", "it cannot suspend", id);
    else table->programs[effect->rule].suspends[rule / 64] |= UINT64_C(1) << (rule % 64);
  }
}

static void read_raise(struct effect *effect)
{
  struct level_of_care *table = table_of(effect);
  struct text dimension = text_trim(effect->rest);
  if (text_is_empty(dimension) || !text_equal(dimension, table->raised))
    refuse(effect, "raise the dimension that the table Joining names", "cannot raise", dimension);
  table->programs[effect->rule].contribution |= ASK_RAISE;
}

/* Take a phrase off the front of the rest, when it stands there. */
static bool take_phrase(struct text *rest, struct text phrase)
{
  if (!text_starts_with(*rest, phrase)) return false;
  if (rest->length > phrase.length && rest->at[phrase.length] != ' ') return false;
  *rest = text_slice(*rest, phrase.length, rest->length);
  return true;
}

static void read_part(struct effect *effect, struct text part)
{
  struct level_of_care *table = table_of(effect);
  enum rule_kind kind = table->rules[effect->rule].kind;
  uint64_t *contribution = &table->programs[effect->rule].contribution;
  effect->rest = part;
  if (kind == RULE_STOP && text_equal(part, TEXT("emergency"))) *contribution |= ASK_STOP;
  else if (kind == RULE_GATE && text_equal(part, TEXT("not for this table")))
    *contribution |= ASK_GATE;
  else if (kind != RULE_NEED)
    refuse(effect, "write emergency below Stop rules, not for this table below Who this is for",
           "cannot do", part);
  else if (text_equal(part, TEXT("note"))) return;
  else if (text_equal(part, TEXT("start medication"))) *contribution |= ASK_MEDICATION;
  else if (take_phrase(&effect->rest, TEXT("add"))) read_overlays(effect);
  else if (take_phrase(&effect->rest, TEXT("at least"))) read_least(effect);
  else if (take_phrase(&effect->rest, TEXT("suspend"))) read_suspended(effect);
  else if (take_phrase(&effect->rest, TEXT("raise"))) read_raise(effect);
  else
    refuse(effect, "write at least, add, raise, suspend, start medication or note", "cannot do",
           part);
}

static void read_effect(const struct care_sheet *sheet, size_t row, size_t rule)
{
  struct rule_program *program = &sheet->loader->table->programs[rule];
  struct text rest = care_required(sheet, row, RULE_EFFECT), part;
  struct effect effect = {.sheet = sheet, .row = row, .rule = rule};
  program->level = LEVEL_NONE;
  while (text_split_next(&rest, ',', &part)) read_part(&effect, text_trim(part));
  program->is_note = program->contribution == 0;
  for (size_t i = 0; i < sizeof program->suspends / sizeof *program->suspends; i++)
    program->is_note = program->is_note && program->suspends[i] == 0;
}

/* --- Rows ---------------------------------------------------------------------------------------
 */

/* The facts that a condition names, each once. */
static void list_facts(struct arena *arena, struct rule_program *program)
{
  size_t *facts = arena_allocate_array(arena, program->condition.count, sizeof *facts);
  for (size_t i = 0; i < program->condition.count; i++) {
    struct condition_step step = program->condition.steps[i];
    if (!condition_step_has_fact(step)) continue;
    size_t known = 0;
    while (known < program->fact_count && facts[known] != step.operand) known++;
    if (known == program->fact_count) facts[program->fact_count++] = step.operand;
  }
  program->facts = facts;
}

static void read_rule(const struct care_sheet *sheet, size_t row, enum rule_kind kind)
{
  static const char *const grades[] = {"V", "V2", "GK", "P", "I", NULL};
  struct level_of_care *table = sheet->loader->table;
  struct rule *rule = &table->rules[table->rule_count];
  struct rule_program *program = &table->programs[table->rule_count];
  size_t last = RULE_REASON + (kind == RULE_NEED ? 0 : 1), other;
  rule->kind = kind;
  rule->id = care_id(sheet, row);
  if (rule_find(table, rule->id, &other) && table->rules[other].kind != kind)
    care_row_report(sheet, row, "keep one of them", "id '%s' stands in another table",
                    care_quote(sheet, rule->id));
  rule->dimension = care_required(sheet, row, RULE_DIMENSION);
  rule->condition = care_cell(sheet, row, RULE_WHEN);
  rule->effect = care_cell(sheet, row, RULE_EFFECT);
  rule->reason[0] = care_required(sheet, row, RULE_REASON);
  if (kind != RULE_NEED) rule->act[0] = care_required(sheet, row, last);
  rule->source = care_required(sheet, row, last + 1);
  rule->grade = care_cell(sheet, row, last + 2);
  (void)care_choice(sheet, row, last + 2, grades);
  rule->signed_by = care_required(sheet, row, last + 3);
  program->is_signed = !text_equal(rule->signed_by, TEXT("unsigned"));
  program->line = care_line(sheet, row);
  care_condition(sheet, row, RULE_WHEN, SCOPE_FACTS, false, &program->condition);
  list_facts(table->arena, program);
  table->rule_count++;
}

/* Where the rules of a kind begin, so that their Spanish finds its row. */
static size_t first_of(const struct level_of_care *table, enum rule_kind kind)
{
  size_t first = 0;
  while (table->rules[first].kind != kind) first++;
  return first;
}

static void store(struct rule *rule, size_t column, struct text text)
{
  if (column == 1) rule->reason[1] = text;
  else rule->act[1] = text;
}

static void store_stop(struct level_of_care *table, size_t row, size_t column, struct text text)
{
  store(&table->rules[first_of(table, RULE_STOP) + row], column, text);
}

static void store_gate(struct level_of_care *table, size_t row, size_t column, struct text text)
{
  store(&table->rules[first_of(table, RULE_GATE) + row], column, text);
}

static void store_need(struct level_of_care *table, size_t row, size_t column, struct text text)
{
  store(&table->rules[first_of(table, RULE_NEED) + row], column, text);
}

/* The table of each kind, in the order in which they are read. */
static const struct {
  const char *heading;
  enum rule_kind kind;
  void (*store)(struct level_of_care *table, size_t row, size_t column, struct text text);
} kinds[] = {{"Stop rules", RULE_STOP, store_stop},
             {"Who this is for", RULE_GATE, store_gate},
             {"Need rules", RULE_NEED, store_need}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static bool open_rules(struct care_loader *loader, size_t kind, struct care_sheet *out)
{
  static const char *const with_act[] = {"id",  "dimension", "when",  "effect", "reason",
                                         "act", "source",    "grade", "signed", NULL};
  static const char *const without[] = {"id",     "dimension", "when",   "effect", "reason",
                                        "source", "grade",     "signed", NULL};
  bool is_need = kinds[kind].kind == RULE_NEED;
  size_t room = RULES_MAXIMUM - loader->table->rule_count;
  return care_sheet_open(loader, 0, kinds[kind].heading, is_need ? without : with_act, room, out);
}

/* A rule that suspends is not suspended itself, so that the order of looking never matters. */
static void check_suspensions(const struct care_sheet *sheet, size_t row, size_t rule)
{
  const struct level_of_care *table = sheet->loader->table;
  for (size_t i = 0; i < table->rule_count; i++) {
    const uint64_t *suspends = table->programs[i].suspends;
    bool suspended = (table->programs[rule].suspends[i / 64] >> (i % 64) & 1) != 0;
    if (!suspended || (suspends[0] | suspends[1]) == 0) continue;
    care_row_report(sheet, row, "suspend rules that suspend nothing",
                    "effect: it suspends '%s', which suspends others",
                    care_quote(sheet, table->rules[i].id));
  }
}
_Static_assert(RULES_MAXIMUM == 128, "check_suspensions() looks at two words");

void care_rules_load(struct care_loader *loader)
{
  static const char *const acts[] = {"id", "reason", "act", NULL};
  static const char *const reasons[] = {"id", "reason", NULL};
  struct care_sheet sheets[KINDS];
  bool open[KINDS];
  for (size_t kind = 0; kind < KINDS; kind++) {
    open[kind] = open_rules(loader, kind, &sheets[kind]);
    if (!open[kind]) continue;
    for (size_t row = 0; row < sheets[kind].table.row_count; row++)
      read_rule(&sheets[kind], row, kinds[kind].kind);
  }
  for (size_t kind = 0; kind < KINDS; kind++) {
    if (!open[kind]) continue;
    size_t first = first_of(loader->table, kinds[kind].kind);
    for (size_t row = 0; row < sheets[kind].table.row_count; row++)
      read_effect(&sheets[kind], row, first + row);
    for (size_t row = 0; row < sheets[kind].table.row_count; row++)
      check_suspensions(&sheets[kind], row, first + row);
    care_translate(&sheets[kind], kinds[kind].kind == RULE_NEED ? reasons : acts,
                   kinds[kind].store);
  }
}
