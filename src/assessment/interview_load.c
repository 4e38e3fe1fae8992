/*
 * Loading the interview from knowledge/interview.md: its tables in their order, each row checked
 * against the level-of-care table and the instruments. See interview.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/interview_private.h"

/* Where the loader is, for what it refuses. */
struct loader {
  struct interview *interview;
  struct table table;
  size_t row;
};

static bool fail(const struct loader *loader, struct error *error, const char *mend,
                 const char *what, struct text named)
{
  int64_t line = loader->row < loader->table.row_count ? loader->table.lines[loader->row] : 0;
  return error_set(error, ERROR_REFUSED, "error.table", mend, "interview.md:%lld: %s '%.*s'",
                   (long long)line, what, TEXT_PRINT(named));
}

static struct text cell(const struct loader *loader, size_t column)
{
  struct text t = table_cell(&loader->table, loader->row, column);
  return text_equal(t, TEXT("-")) ? TEXT("") : t;
}

/* Find a word in a list that ends with NULL; answers its place, or the list's length. */
static size_t word_find(const char *const *words, struct text word)
{
  size_t i = 0;
  while (words[i] && !text_equal(word, text_from(words[i]))) i++;
  return i;
}

static bool find_question(const struct loader *loader, struct text id, size_t *out,
                          struct error *error)
{
  *out = questions_find(loader->interview, id);
  if (*out == QUESTION_NONE)
    return fail(loader, error, "Name a question that stands above.", "unknown question", id);
  return true;
}

static bool find_fact(const struct loader *loader, struct text name, size_t *out,
                      struct error *error)
{
  if (!facts_find(loader->interview->table, name, out))
    return fail(loader, error, "Name a fact of level-of-care.md.", "unknown fact", name);
  return true;
}

/* --- Questions ------------------------------------------------------------------------------- */

enum { ID, WHO, ORDER, KIND, USES, TYPED, AFTER };
static const char *const question_columns[] = {"id",   "who",   "order", "kind",
                                               "uses", "typed", "after", NULL};

static bool read_voices(const struct loader *loader, struct question *question, struct error *error)
{
  static const char *const words[] = {"self", "other", "staff", NULL};
  struct text rest = cell(loader, WHO), word;
  while (text_word_next(&rest, &word)) {
    size_t voice = word_find(words, word);
    if (text_equal(word, TEXT("all"))) question->voices = (1u << CHOOSE_VOICES) - 1;
    else if (voice < CHOOSE_VOICES) question->voices |= 1u << voice;
    else return fail(loader, error, "Write all, or some of self other staff.", "unknown who", word);
  }
  if (!question->voices)
    return fail(loader, error, "Write all, or some of self other staff.", "nobody is asked",
                question->id);
  return true;
}

static bool read_kind(const struct loader *loader, struct question *question, struct error *error)
{
  static const char *const kinds[] = {"choice",     "several",   "numbers",
                                      "instrument", "checklist", NULL};
  static const char *const orders[] = {"first", "care", "rule", "last", NULL};
  size_t kind = word_find(kinds, cell(loader, KIND)),
         order = word_find(orders, cell(loader, ORDER));
  if (!kinds[kind])
    return fail(loader, error, "Write choice, several, numbers, instrument or checklist.",
                "unknown kind", cell(loader, KIND));
  if (!orders[order])
    return fail(loader, error, "Write first, care, rule or last.", "unknown order",
                cell(loader, ORDER));
  question->kind = (enum question_kind)kind;
  question->order = (enum question_order)order;
  return true;
}

static bool read_facts(const struct loader *loader, struct text list, struct question *question,
                       struct error *error)
{
  struct text name;
  while (text_word_next(&list, &name)) {
    if (question->fact_count == QUESTION_FACTS)
      return fail(loader, error, "Write at most 4 facts.", "too many facts", question->id);
    if (!find_fact(loader, name, &question->facts[question->fact_count], error)) return false;
    const struct fact *fact =
        facts_get(loader->interview->table, question->facts[question->fact_count++]);
    bool is_number = fact->kind == FACT_INTEGER || fact->kind == FACT_NUMBER;
    if (question->kind == QUESTION_NUMBERS && !is_number)
      return fail(loader, error, "Numbers ask for facts that are numbers.", "no number", name);
    loader->interview->insides[question - loader->interview->questions]
        .sets[question->facts[question->fact_count - 1]] = true;
  }
  return true;
}

/* "1", "6a" or "0=1" */
static bool read_item(const struct loader *loader, struct question *question, size_t *items,
                      struct text word, struct error *error)
{
  struct question_inside *inside =
      &loader->interview->insides[question - loader->interview->questions];
  struct text value = word, number = word;
  text_split_next(&value, '=', &number);
  bool is_assumed = number.length < word.length;
  size_t item = instrument_item_find(question->instrument, number);
  double assumed = NAN;
  if (item == INSTRUMENT_NONE)
    return fail(loader, error, "Name an item of the instrument.", "unknown item", word);
  for (size_t i = 0; i < question->item_count; i++)
    if (items[i] == item) return fail(loader, error, "Name each item once.", "an item twice", word);
  if (!is_assumed) {
    items[question->item_count++] = item;
    return true;
  }
  if (!text_read_decimal(value, &assumed) ||
      !instrument_item_allows(&question->instrument->items[item], assumed))
    return fail(loader, error, "Write an answer that the item allows.", "no answer", word);
  inside->assumed_items |= UINT64_C(1) << item;
  inside->assumed_value[item] = assumed;
  return true;
}

/* "phq-9: 1 2", "cows" */
static bool read_instrument(const struct loader *loader, struct question *question,
                            struct error *error)
{
  struct text rest = cell(loader, USES), id, word;
  text_split_next(&rest, ':', &id);
  question->instrument = instruments_find(loader->interview->instruments, id);
  if (!question->instrument || !question->instrument->is_on)
    return fail(loader, error, "Name an instrument that is on.", "unknown instrument", id);
  size_t *items = arena_allocate_array(loader->interview->arena, INSTRUMENT_ITEMS, sizeof *items);
  question->items = items;
  bool is_whole = text_is_empty(text_trim(rest));
  for (size_t i = 0; is_whole && i < question->instrument->item_count; i++)
    if (question->instrument->items[i].is_required) items[question->item_count++] = i;
  while (text_word_next(&rest, &word))
    if (!read_item(loader, question, items, word, error)) return false;
  if (!question->item_count)
    return fail(loader, error, "Name an item to ask.", "no item is asked", question->id);
  for (size_t i = 0; i < question->item_count; i++)
    if (question->kind == QUESTION_CHECKLIST &&
        question->instrument->items[items[i]].kind != ITEM_YES_NO)
      return fail(loader, error, "A checklist is of questions with yes and no.", "no yes-no item",
                  question->id);
  return true;
}

static bool read_uses(const struct loader *loader, struct question *question, struct error *error)
{
  struct text uses = cell(loader, USES);
  if (question->kind == QUESTION_INSTRUMENT || question->kind == QUESTION_CHECKLIST)
    return read_instrument(loader, question, error) &&
           read_facts(loader, cell(loader, TYPED), question, error);
  if (question->kind == QUESTION_NUMBERS)
    return (text_is_empty(uses) ? fail(loader, error, "Name the facts to ask for.",
                                       "numbers of no fact", question->id)
                                : read_facts(loader, uses, question, error));
  if (!text_is_empty(uses))
    return fail(loader, error, "Write -.", "a question with answers uses", uses);
  return read_facts(loader, cell(loader, TYPED), question, error);
}

/* "pregnancy given", "screen" */
static bool read_after(const struct loader *loader, struct question_inside *inside,
                       struct error *error)
{
  struct text rest = cell(loader, AFTER), word;
  while (text_word_next(&rest, &word)) {
    if (text_equal(word, TEXT("given")) && inside->after_count) {
      inside->given[inside->after_count - 1] = true;
      continue;
    }
    if (inside->after_count == QUESTION_AFTER)
      return fail(loader, error, "Write at most 4 questions.", "too many before it", word);
    if (!find_question(loader, word, &inside->after[inside->after_count], error)) return false;
    inside->after_count++;
  }
  return true;
}

struct each_fact {
  const struct loader *loader;
  const struct question *question;
  struct question_inside *inside;
  struct error *error;
  bool good;
};

static void note_instrument_fact(void *context, const struct instrument *instrument,
                                 struct text name)
{
  struct each_fact *each = context;
  size_t fact;
  if (instrument != each->question->instrument) return;
  if (find_fact(each->loader, name, &fact, each->error)) each->inside->sets[fact] = true;
  else each->good = false;
}

static bool read_question(struct loader *loader, struct error *error)
{
  struct interview *interview = loader->interview;
  struct question *question = &interview->questions[interview->question_count];
  struct question_inside *inside = &interview->insides[interview->question_count];
  if (interview->question_count == QUESTIONS_MAXIMUM)
    return fail(loader, error, "Write at most 64.", "too many questions", cell(loader, ID));
  question->id = cell(loader, ID);
  if (text_is_empty(question->id) || questions_find(interview, question->id) != QUESTION_NONE)
    return fail(loader, error, "Give each question an id of its own.", "no id, or one twice",
                question->id);
  if (!read_voices(loader, question, error) || !read_kind(loader, question, error) ||
      !read_uses(loader, question, error) || !read_after(loader, inside, error))
    return false;
  struct each_fact each = {loader, question, inside, error, true};
  if (question->instrument)
    instruments_each_fact(interview->instruments, note_instrument_fact, &each);
  interview->question_count++;
  return each.good;
}

/* --- Answers and what they say --------------------------------------------------------------- */

static const char *const answer_columns[] = {"question", "answer", NULL};

static size_t find_answer(const struct question *question, struct text id)
{
  size_t i = 0;
  while (i < question->answer_count && !text_equal(question->answers[i], id)) i++;
  return i;
}

static bool read_answer(struct loader *loader, struct error *error)
{
  struct interview *interview = loader->interview;
  size_t index;
  if (!find_question(loader, cell(loader, 0), &index, error)) return false;
  struct question *question = &interview->questions[index];
  struct text id = cell(loader, 1);
  if (question->kind != QUESTION_CHOICE && question->kind != QUESTION_SEVERAL)
    return fail(loader, error, "Only choice and several have answers.", "answers of", question->id);
  struct text *answers = arena_allocate_array(interview->arena, QUESTION_ANSWERS, sizeof *answers);
  if (question->answer_count)
    memcpy(answers, question->answers, question->answer_count * sizeof *answers);
  if (text_is_empty(id) || find_answer(question, id) < question->answer_count ||
      question->answer_count == QUESTION_ANSWERS)
    return fail(loader, error, "At most 16, each with an id of its own.", "no answer, or one twice",
                id);
  if (question->kind == QUESTION_SEVERAL && text_equal(id, TEXT("none")))
    interview->insides[index].none = UINT64_C(1) << question->answer_count;
  answers[question->answer_count++] = id;
  question->answers = answers;
  return true;
}

static const char *const row_columns[] = {"question", "answers", "sets", "source",
                                          "grade",    "signed",  NULL};

/* The JSON form of a value in a document: yes, no, a number or a word. */
static const struct value *value_of(struct arena *arena, const struct fact *fact, struct text t)
{
  if (fact->kind == FACT_WORD) return value_text(arena, t);
  if (fact->kind != FACT_YES_NO) return value_number(arena, t);
  if (text_equal(t, TEXT("yes"))) return value_boolean(arena, true);
  return text_equal(t, TEXT("no")) ? value_boolean(arena, false) : value_text(arena, t);
}

static bool read_assignment(struct loader *loader, struct text part, struct assignments *out,
                            struct error *error)
{
  const struct level_of_care *table = loader->interview->table;
  struct text value = part, name;
  struct facts facts;
  struct error why = {0};
  double number;
  text_split_next(&value, '=', &name);
  name = text_trim(name);
  value = text_trim(value);
  if (out->count == ASSIGNMENTS)
    return fail(loader, error, "Set at most 4.", "too many facts", part);
  if (!find_fact(loader, name, &out->fact[out->count], error)) return false;
  const struct fact *fact = facts_get(table, out->fact[out->count]);
  bool is_number = fact->kind == FACT_INTEGER || fact->kind == FACT_NUMBER;
  facts_init(&facts);
  if ((is_number && !text_read_decimal(value, &number)) ||
      !facts_set(table, &facts, name, value_of(loader->interview->arena, fact, value), &why))
    return fail(loader, error, "Write a value that the fact takes.", "no value", part);
  out->value[out->count] = facts.value[out->fact[out->count]];
  out->count++;
  return true;
}

/* "cows = 2; fluids_kept = yes" */
static bool read_assignments(struct loader *loader, struct text list, struct assignments *out,
                             struct error *error)
{
  struct text part;
  while (text_split_next(&list, ';', &part))
    if (!read_assignment(loader, part, out, error)) return false;
  if (!out->count)
    return fail(loader, error, "Say what is set: fact = value.", "nothing is set", list);
  return true;
}

/* "today + not alone" */
static bool read_ticked(struct loader *loader, const struct question *question,
                        struct interview_row *row, struct error *error)
{
  struct text rest = cell(loader, 1), part;
  while (text_split_next(&rest, '+', &part)) {
    part = text_trim(part);
    bool is_not = text_starts_with(part, TEXT("not "));
    size_t answer = find_answer(question, is_not ? text_slice(part, 4, part.length) : part);
    if (answer == question->answer_count)
      return fail(loader, error, "Name an answer of the question.", "unknown answer", part);
    *(is_not ? &row->without : &row->with) |= UINT64_C(1) << answer;
  }
  return true;
}

/* "sum 0..2" */
static bool read_sum(struct loader *loader, struct interview_row *row, struct error *error)
{
  struct text t = cell(loader, 1), range = text_slice(t, 4, t.length);
  size_t dots = text_find(range, TEXT(".."));
  row->by_sum = text_starts_with(t, TEXT("sum ")) && dots < range.length &&
                text_read_decimal(text_slice(range, 0, dots), &row->low) &&
                text_read_decimal(text_slice(range, dots + 2, range.length), &row->high);
  if (!row->by_sum) return fail(loader, error, "Write sum LEAST..MOST.", "no sum", t);
  return true;
}

static bool read_row(struct loader *loader, struct error *error)
{
  struct interview *interview = loader->interview;
  struct interview_row row = {0};
  if (interview->row_count == ROWS_MAXIMUM)
    return fail(loader, error, "Write at most 256.", "too many rows", cell(loader, 0));
  if (!find_question(loader, cell(loader, 0), &row.question, error)) return false;
  const struct question *question = &interview->questions[row.question];
  if (!(question->instrument ? read_sum(loader, &row, error)
                             : read_ticked(loader, question, &row, error)) ||
      !read_assignments(loader, cell(loader, 2), &row.sets, error))
    return false;
  if (text_is_empty(cell(loader, 3)) || text_is_empty(cell(loader, 4)) ||
      text_is_empty(cell(loader, 5)))
    return fail(loader, error, "Write source, grade and who signed it.", "no source for",
                cell(loader, 2));
  for (size_t i = 0; i < row.sets.count; i++)
    interview->insides[row.question].sets[row.sets.fact[i]] = true;
  interview->rows[interview->row_count++] = row;
  return true;
}

/* --- Safe again, asked again ------------------------------------------------------------------ */

static const char *const safe_columns[] = {"rule", "sets", "source", "grade", "signed", NULL};

static bool read_safe(struct loader *loader, struct error *error)
{
  const struct level_of_care *table = loader->interview->table;
  for (size_t i = 0; i < rules_count(table); i++) {
    const struct rule *rule = rules_get(table, i);
    if (rule->kind == RULE_STOP && text_equal(rule->id, cell(loader, 0)))
      return read_assignments(loader, cell(loader, 1), &loader->interview->safe[i], error);
  }
  return fail(loader, error, "Name a stop rule of level-of-care.md.", "unknown rule",
              cell(loader, 0));
}

static const char *const clash_columns[] = {"id",    "when",   "questions", "source",
                                            "grade", "signed", NULL};

static bool read_clash(struct loader *loader, struct error *error)
{
  struct interview *interview = loader->interview;
  struct clash *clash = &interview->clashes[interview->clash_count];
  if (interview->clash_count == INTERVIEW_CLASHES)
    return fail(loader, error, "Write at most 32.", "too many", cell(loader, 0));
  struct condition_fault fault;
  struct text rest = cell(loader, 2), id;
  clash->id = cell(loader, 0);
  if (text_is_empty(cell(loader, 1)) ||
      !condition_compile(interview->arena, cell(loader, 1), SCOPE_FACTS, interview->table,
                         &clash->condition, &fault))
    return fail(loader, error, "Write a condition over facts.", "no condition", cell(loader, 1));
  for (; text_word_next(&rest, &id); clash->question_count++) {
    if (clash->question_count == QUESTION_FACTS)
      return fail(loader, error, "Name at most 4.", "too many questions", id);
    if (!find_question(loader, id, &clash->questions[clash->question_count], error)) return false;
  }
  if (!clash->question_count)
    return fail(loader, error, "Name the questions to look at again.", "no question for",
                clash->id);
  interview->clash_count++;
  return true;
}

/* --- The whole -------------------------------------------------------------------------------- */

/* The document's tables, in their order. */
static const struct {
  const char *heading;
  const char *const *columns;
  bool (*read)(struct loader *loader, struct error *error);
} sheets[] = {
    {"Questions", question_columns, read_question}, {"Answers", answer_columns, read_answer},
    {"What answers say", row_columns, read_row},    {"Safe again", safe_columns, read_safe},
    {"Asked again", clash_columns, read_clash},
};

static bool check_columns(struct loader *loader, const char *const *columns, struct error *error)
{
  for (size_t i = 0; columns[i]; i++)
    if (i >= loader->table.column_count ||
        !text_equal(loader->table.columns[i], text_from(columns[i])))
      return fail(loader, error, "Bring the columns into the order that the document had.",
                  "missing column", text_from(columns[i]));
  return true;
}

/* Has the answer of a choice, or of several, a row to say something? */
static bool says_something(const struct interview *interview, size_t question, size_t answer)
{
  uint64_t bit = UINT64_C(1) << answer;
  for (size_t i = 0; i < interview->row_count; i++) {
    const struct interview_row *row = &interview->rows[i];
    if (row->question == question && ((row->with | row->without) & bit)) return true;
  }
  return bit == interview->insides[question].none;
}

static bool check_questions(const struct interview *interview, struct error *error)
{
  static const char *const mend = "See knowledge/interview.md.";
  for (size_t i = 0; i < interview->question_count; i++) {
    const struct question *question = &interview->questions[i];
    bool has_answers = question->kind == QUESTION_CHOICE || question->kind == QUESTION_SEVERAL;
    if (has_answers && question->answer_count < 2)
      return error_set(error, ERROR_REFUSED, "error.table", mend,
                       "interview.md: fewer than two answers of '%.*s'", TEXT_PRINT(question->id));
    if (question->kind == QUESTION_SEVERAL && !interview->insides[i].none)
      return error_set(error, ERROR_REFUSED, "error.table", mend,
                       "interview.md: no answer 'none' of '%.*s'", TEXT_PRINT(question->id));
    for (size_t j = 0; j < question->answer_count; j++)
      if (!says_something(interview, i, j))
        return error_set(error, ERROR_REFUSED, "error.table", mend,
                         "interview.md: the answer '%.*s' of '%.*s' says nothing",
                         TEXT_PRINT(question->answers[j]), TEXT_PRINT(question->id));
  }
  return true;
}

static bool read_sheets(struct loader *loader, struct text document, struct error *error)
{
  size_t offset = 0;
  struct text heading = {NULL, 0};
  for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
    struct error why = {0};
    loader->row = 0;
    if (!table_read_pipe(loader->interview->arena, document, &offset, &heading, &loader->table,
                         &why)) {
      loader->table = (struct table){0};
      if (why.kind != ERROR_NONE) {
        if (error) *error = why;
        return error_add_context(error, "interview.md");
      }
      return fail(loader, error, "Bring it back.", "missing table", text_from(sheets[i].heading));
    }
    if (!text_equal(heading, text_from(sheets[i].heading)))
      return fail(loader, error, "Keep the tables in their order.", "unexpected table", heading);
    if (!check_columns(loader, sheets[i].columns, error)) return false;
    for (; loader->row < loader->table.row_count; loader->row++)
      if (!sheets[i].read(loader, error)) return false;
  }
  return check_questions(loader->interview, error);
}

bool interview_load_text(struct interview **out, struct text document,
                         const struct level_of_care *table, const struct instruments *instruments,
                         struct error *error)
{
  struct interview *interview = memory_allocate_zero(1, sizeof *interview);
  interview->arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  interview->table = table;
  interview->instruments = instruments;
  struct loader loader = {.interview = interview};
  if (!read_sheets(&loader, text_copy(interview->arena, document), error)) {
    interview_free(interview);
    return false;
  }
  *out = interview;
  return true;
}

bool interview_load(struct interview **out, const char *knowledge_folder,
                    const struct level_of_care *table, const struct instruments *instruments,
                    struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct text document;
  bool done = file_read(arena, file_join(arena, knowledge_folder, "interview.md"),
                        LIMIT_KNOWLEDGE_FILE, &document, error) &&
              interview_load_text(out, document, table, instruments, error);
  arena_free(arena);
  return done;
}

void interview_free(struct interview *interview)
{
  if (!interview) return;
  arena_free(interview->arena);
  free(interview);
}
