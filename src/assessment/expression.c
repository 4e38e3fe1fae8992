/*
 * Conditions: see expression.h. A recursive descent emits postfix steps; evaluating is one pass
 * over them. Truth values are ordered false < unknown < true, so that `and` is the lesser of two,
 * `or` the greater, and `not` counts from the other end.
 */
#include "assessment/expression.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "assessment/level_of_care_private.h"
#include "directory/needs_expression.h"

/* --- Tokens -------------------------------------------------------------------------------- */

enum token_kind { END, WORD, COMPARISON, OPEN, CLOSE, WRONG };

struct token {
  enum token_kind kind;
  struct text text;
  size_t column;
};

static bool is_word_character(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

static bool is_continuation(char c)
{
  return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t count_characters(struct text t)
{
  size_t count = 0;
  for (size_t i = 0; i < t.length; i++) count += !is_continuation(t.at[i]);
  return count;
}

static struct token next_token(struct text source, size_t *offset)
{
  size_t at = *offset;
  while (at < source.length && (source.at[at] == ' ' || source.at[at] == '\t')) at++;
  struct token token = {.column = count_characters(text_slice(source, 0, at)) + 1};
  size_t end = at;
  while (end < source.length && is_word_character(source.at[end])) end++;
  if (end > at) {
    token.kind = WORD;
  } else if (at < source.length) {
    char c = source.at[end++];
    token.kind = c == '(' ? OPEN : c == ')' ? CLOSE : WRONG;
    if (c == '<' || c == '>' || c == '=') token.kind = COMPARISON;
    if ((c == '<' || c == '>') && end < source.length && source.at[end] == '=') end++;
    while (token.kind == WRONG && end < source.length && is_continuation(source.at[end])) end++;
  }
  token.text = text_slice(source, at, end);
  *offset = end;
  return token;
}

/* --- Compiling ------------------------------------------------------------------------------ */

struct compiler {
  struct arena *arena;
  struct text source;
  enum condition_scope scope;
  const struct level_of_care *table;
  size_t offset, depth;
  struct token token; /* the one not yet taken */
  struct condition_step steps[LIMIT_EXPRESSION_STEPS];
  size_t count;
  struct condition_fault *fault;
};

static bool refuse(struct compiler *compiler, const char *mend, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool refuse(struct compiler *compiler, const char *mend, const char *format, ...)
{
  struct condition_fault *fault = compiler->fault;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(fault->what, sizeof fault->what, format, arguments);
  va_end(arguments);
  fault->column = compiler->token.column;
  fault->mend = mend;
  return false;
}

static const char *quoted(struct compiler *compiler)
{
  return expression_quote(compiler->arena, compiler->token.text);
}

static bool refuse_expected(struct compiler *compiler, const char *expected)
{
  const char *mend = "write facts with and, or, not and ( ) between them";
  if (compiler->token.kind == END)
    return refuse(compiler, mend, "expected %s, found the end", expected);
  return refuse(compiler, mend, "expected %s, found '%s'", expected, quoted(compiler));
}

static void take(struct compiler *compiler)
{
  compiler->token = next_token(compiler->source, &compiler->offset);
}

static bool is_keyword(const struct compiler *compiler, struct text keyword)
{
  return compiler->token.kind == WORD && text_equal(compiler->token.text, keyword);
}

/* Add a step; that there are too many is said at the end. */
static void emit(struct compiler *compiler, enum condition_operation operation, size_t operand,
                 double number)
{
  if (compiler->count < LIMIT_EXPRESSION_STEPS)
    compiler->steps[compiler->count] =
        (struct condition_step){(uint16_t)operation, (uint16_t)operand, number};
  compiler->count++;
}

/* Emit what the present token stands for, and take it. Answers true. */
static bool emit_token(struct compiler *compiler, enum condition_operation operation,
                       size_t operand, double number)
{
  emit(compiler, operation, operand, number);
  take(compiler);
  return true;
}

/* --- Atoms of facts -------------------------------------------------------------------------- */

/* The token is the word after `is`. */
static bool compile_word(struct compiler *compiler, size_t index)
{
  const struct fact *fact = &compiler->table->facts[index];
  if (compiler->token.kind != WORD) return refuse_expected(compiler, "a word");
  for (size_t i = 0; i < fact->word_count; i++)
    if (text_equal(fact->words[i], compiler->token.text))
      return emit_token(compiler, CONDITION_WORD, index, (double)i);
  return refuse(compiler, "use a word of the fact's values", "'%s' is no word of %.*s",
                quoted(compiler), TEXT_PRINT(fact->name));
}

static enum condition_operation comparison_of(struct text sign)
{
  if (text_equal(sign, TEXT(">="))) return CONDITION_AT_LEAST;
  if (text_equal(sign, TEXT(">"))) return CONDITION_ABOVE;
  if (text_equal(sign, TEXT("<="))) return CONDITION_AT_MOST;
  return text_equal(sign, TEXT("<")) ? CONDITION_BELOW : CONDITION_EQUAL;
}

/* The token is the comparison. */
static bool compile_comparison(struct compiler *compiler, size_t index)
{
  const struct fact *fact = &compiler->table->facts[index];
  enum condition_operation operation = comparison_of(compiler->token.text);
  double number;
  take(compiler);
  if (!text_read_decimal(compiler->token.text, &number))
    return refuse_expected(compiler, "a number");
  if (number < fact->minimum || number > fact->maximum)
    return refuse(compiler, "compare with a number that the fact can have",
                  "%s lies outside the values of %.*s", quoted(compiler), TEXT_PRINT(fact->name));
  if (fact->kind == FACT_INTEGER && number != floor(number))
    return refuse(compiler, "compare with a whole number", "%.*s is a whole number, %s is not",
                  TEXT_PRINT(fact->name), quoted(compiler));
  return emit_token(compiler, operation, index, number);
}

/* The token is the fact's name. */
static bool compile_fact(struct compiler *compiler)
{
  size_t index;
  if (!facts_find(compiler->table, compiler->token.text, &index))
    return refuse(compiler, "use a fact of the table Facts", "unknown fact '%s'", quoted(compiler));
  const struct fact *fact = &compiler->table->facts[index];
  take(compiler);
  bool is = is_keyword(compiler, TEXT("is")), compares = compiler->token.kind == COMPARISON;
  switch (fact->kind) {
  case FACT_YES_NO:
    if (is || compares)
      return refuse(compiler, "let it stand alone, with not before it for no",
                    "%.*s is yes or no and compares with nothing", TEXT_PRINT(fact->name));
    emit(compiler, CONDITION_YES, index, 0);
    return true;
  case FACT_WORD:
    if (!is)
      return refuse(compiler, "write is and one of its words", "%.*s is a word",
                    TEXT_PRINT(fact->name));
    take(compiler);
    return compile_word(compiler, index);
  default:
    if (!compares)
      return refuse(compiler, "compare it by >=, >, <=, < or =", "%.*s is a number",
                    TEXT_PRINT(fact->name));
    return compile_comparison(compiler, index);
  }
}

/* --- Atoms of the aggregation and of the result ------------------------------------------------
 */

/* The levels that a name of "Aggregation" stands for: one level, a kind, or the managed ones. */
static unsigned levels_named(const struct level_of_care *table, struct text name)
{
  unsigned levels = 0;
  bool managed = text_equal(name, TEXT("managed"));
  for (size_t i = 0; i < table->level_count; i++) {
    const struct level *level = &table->levels[i];
    if (text_equal(level->number, name) || text_equal(level->kind, name) ||
        (managed && level->is_managed))
      levels |= 1U << i;
  }
  return levels;
}

static bool compile_asked(struct compiler *compiler)
{
  unsigned overlay = care_overlay_named(compiler->token.text);
  unsigned levels = levels_named(compiler->table, compiler->token.text);
  if (overlay) return emit_token(compiler, CONDITION_ASKED_OVERLAY, overlay, 0);
  if (levels) return emit_token(compiler, CONDITION_ASKED, levels, 0);
  return refuse(compiler, "use a level, a kind of level, managed, or an overlay",
                "'%s' is nothing that a rule asks for", quoted(compiler));
}

static const char *const setting_names[] = {[CARE_OUTPATIENT] = "outpatient",
                                            [CARE_RESIDENTIAL] = "residential",
                                            [CARE_INPATIENT] = "inpatient",
                                            [CARE_EMERGENCY] = "emergency"};

static enum care_setting setting_named(struct text name)
{
  for (unsigned i = CARE_OUTPATIENT; i <= CARE_EMERGENCY; i++)
    if (text_equal(name, text_from(setting_names[i]))) return (enum care_setting)i;
  return CARE_NONE;
}

/* After `level is`, `setting is` or `overlay is`. */
static bool compile_result_value(struct compiler *compiler, struct text of)
{
  struct text word = compiler->token.text;
  size_t level;
  if (text_equal(of, TEXT("level")) && care_level_find(compiler->table, word, &level))
    return emit_token(compiler, CONDITION_LEVEL, level, 0);
  if (text_equal(of, TEXT("setting")) && setting_named(word) != CARE_NONE)
    return emit_token(compiler, CONDITION_SETTING, setting_named(word), 0);
  if (text_equal(of, TEXT("overlay")) && care_overlay_named(word))
    return emit_token(compiler, CONDITION_OVERLAY, care_overlay_named(word), 0);
  return refuse(compiler, "use one that the tables name", "unknown %.*s '%s'", TEXT_PRINT(of),
                quoted(compiler));
}

static bool compile_fired(struct compiler *compiler)
{
  take(compiler);
  for (size_t i = 0; i < compiler->table->rule_count; i++)
    if (text_equal(compiler->table->rules[i].id, compiler->token.text))
      return emit_token(compiler, CONDITION_FIRED, i, 0);
  return refuse(compiler, "use the id of a rule", "unknown rule '%s'", quoted(compiler));
}

static bool compile_result(struct compiler *compiler)
{
  struct text word = compiler->token.text;
  if (text_equal(word, TEXT("fired"))) return compile_fired(compiler);
  if (!text_equal(word, TEXT("level")) && !text_equal(word, TEXT("setting")) &&
      !text_equal(word, TEXT("overlay")))
    return compile_fact(compiler);
  take(compiler);
  if (!is_keyword(compiler, TEXT("is"))) return refuse_expected(compiler, "is");
  take(compiler);
  return compile_result_value(compiler, word);
}

/* --- The grammar --------------------------------------------------------------------------------
 */

static bool compile_any(struct compiler *compiler);

static bool compile_parentheses(struct compiler *compiler)
{
  take(compiler);
  if (!compile_any(compiler)) return false;
  if (compiler->token.kind != CLOSE) return refuse_expected(compiler, "and, or or ')'");
  take(compiler);
  return true;
}

static bool compile_atom(struct compiler *compiler)
{
  if (compiler->token.kind == OPEN) return compile_parentheses(compiler);
  if (compiler->token.kind != WORD || is_keyword(compiler, TEXT("and")) ||
      is_keyword(compiler, TEXT("or")) || is_keyword(compiler, TEXT("is")))
    return refuse_expected(compiler, "a name, not or '('");
  if (compiler->scope == SCOPE_AGGREGATION) return compile_asked(compiler);
  return compiler->scope == SCOPE_RESULT ? compile_result(compiler) : compile_fact(compiler);
}

static bool compile_not(struct compiler *compiler)
{
  if (compiler->depth == LIMIT_EXPRESSION_DEPTH)
    return refuse(compiler, "write it flatter", "nested over %d deep", LIMIT_EXPRESSION_DEPTH);
  compiler->depth++;
  bool done;
  if (is_keyword(compiler, TEXT("not"))) {
    take(compiler);
    done = compile_not(compiler);
    emit(compiler, CONDITION_NOT, 0, 0);
  } else {
    done = compile_atom(compiler);
  }
  compiler->depth--;
  return done;
}

static bool compile_all(struct compiler *compiler)
{
  if (!compile_not(compiler)) return false;
  while (is_keyword(compiler, TEXT("and"))) {
    take(compiler);
    if (!compile_not(compiler)) return false;
    emit(compiler, CONDITION_AND, 0, 0);
  }
  return true;
}

static bool compile_any(struct compiler *compiler)
{
  if (!compile_all(compiler)) return false;
  while (is_keyword(compiler, TEXT("or"))) {
    take(compiler);
    if (!compile_all(compiler)) return false;
    emit(compiler, CONDITION_OR, 0, 0);
  }
  return true;
}

bool condition_compile(struct arena *arena, struct text source, enum condition_scope scope,
                       const struct level_of_care *table, struct condition *out,
                       struct condition_fault *fault)
{
  struct compiler compiler = {
      .arena = arena, .source = source, .scope = scope, .table = table, .fault = fault};
  compiler.token.column = 1;
  if (source.length > LIMIT_EXPRESSION)
    return refuse(&compiler, "split it into several rows", "longer than %d bytes",
                  LIMIT_EXPRESSION);
  take(&compiler);
  if (!compile_any(&compiler)) return false;
  if (compiler.token.kind != END) return refuse_expected(&compiler, "and, or or the end");
  if (compiler.count > LIMIT_EXPRESSION_STEPS)
    return refuse(&compiler, "split it into several rows", "more than %d steps",
                  LIMIT_EXPRESSION_STEPS);
  struct condition_step *steps = arena_allocate_array(arena, compiler.count, sizeof *steps);
  memcpy(steps, compiler.steps, compiler.count * sizeof *steps);
  *out = (struct condition){steps, compiler.count};
  return true;
}

/* --- Evaluating ----------------------------------------------------------------------------- */

static enum truth truth_of(bool holds)
{
  return holds ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth compare(struct condition_step step, double value)
{
  if (isnan(value)) return TRUTH_UNKNOWN;
  switch ((enum condition_operation)step.operation) {
  case CONDITION_YES:
    return truth_of(value == 1);
  case CONDITION_AT_LEAST:
    return truth_of(value >= step.number);
  case CONDITION_ABOVE:
    return truth_of(value > step.number);
  case CONDITION_AT_MOST:
    return truth_of(value <= step.number);
  case CONDITION_BELOW:
    return truth_of(value < step.number);
  default: /* CONDITION_WORD, CONDITION_EQUAL */
    return truth_of(value == step.number);
  }
}

static enum truth look(struct condition_step step, const struct condition_input *input)
{
  switch ((enum condition_operation)step.operation) {
  case CONDITION_ASKED:
    return truth_of(input->levels & step.operand);
  case CONDITION_ASKED_OVERLAY:
    return truth_of(input->overlays & step.operand);
  case CONDITION_LEVEL:
    return truth_of(input->result->level == step.operand);
  case CONDITION_SETTING:
    return truth_of(input->result->setting == step.operand);
  case CONDITION_OVERLAY:
    return truth_of(input->result->overlays & step.operand);
  case CONDITION_FIRED:
    return truth_of(input->result->state[step.operand] == RULE_FIRED);
  default:
    return compare(step, input->value[step.operand]);
  }
}

/* Each level of parentheses or `not` holds at most two values (`or` and `and` to its left). */
enum { STACK = 2 * LIMIT_EXPRESSION_DEPTH + 2 };

enum truth condition_find(const struct condition *condition, const struct condition_input *input)
{
  unsigned char stack[STACK] = {TRUTH_TRUE};
  size_t top = 0; /* behind the last value */
  for (size_t i = 0; i < condition->count; i++) {
    struct condition_step step = condition->steps[i];
    if (step.operation < CONDITION_NOT) {
      stack[top++] = (unsigned char)look(step, input);
    } else if (step.operation == CONDITION_NOT) {
      stack[top - 1] = (unsigned char)(TRUTH_TRUE - stack[top - 1]);
    } else {
      top--;
      bool lower = stack[top] < stack[top - 1];
      if (lower == (step.operation == CONDITION_AND)) stack[top - 1] = stack[top];
    }
  }
  return (enum truth)stack[0];
}
