/*
 * Need expressions: see needs_expression.h.
 *
 *   any = all ('|' all)*    all = not ('&' not)*    not = '!' not | '(' any ')' | operand
 *
 * A recursive descent emits postfix steps. The check that every part matters is a search over
 * partial assignments with three-valued evaluation: it stops as soon as the answer is known, so
 * that the long "any of" and "all of" lists of real needs cost one look for each code.
 */
#include "directory/needs_expression.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "directory/facility.h"

enum { QUOTE_LENGTH = 60 };

/* --- Tokens -------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  unsigned directories;
} directory_names[] = {{"directory:su", DIRECTORY_SUBSTANCE_USE},
                       {"directory:mh", DIRECTORY_MENTAL_HEALTH},
                       {"directory:otp", DIRECTORY_OPIOID_TREATMENT}};

static bool is_word(char c)
{
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':';
}

static size_t count_characters(struct text t)
{
  size_t count = 0;
  for (size_t i = 0; i < t.length; i++) count += ((unsigned char)t.at[i] & 0xC0) != 0x80;
  return count;
}

static void classify_word(struct expression_token *token)
{
  token->kind = TOKEN_CODE;
  if (!text_contains(token->text, TEXT(":"))) return;
  token->kind = TOKEN_WRONG;
  for (size_t i = 0; i < sizeof directory_names / sizeof *directory_names; i++) {
    if (!text_equal(token->text, text_from(directory_names[i].name))) continue;
    token->kind = TOKEN_DIRECTORY;
    token->directories = directory_names[i].directories;
  }
}

static enum expression_token_kind classify_sign(char c)
{
  switch (c) {
  case '!':
    return TOKEN_NOT;
  case '&':
    return TOKEN_AND;
  case '|':
    return TOKEN_OR;
  case '(':
    return TOKEN_OPEN;
  case ')':
    return TOKEN_CLOSE;
  default:
    return TOKEN_WRONG;
  }
}

struct expression_token expression_token_next(struct text source, size_t *offset)
{
  size_t at = *offset;
  while (at < source.length && (source.at[at] == ' ' || source.at[at] == '\t')) at++;
  size_t end = at;
  struct expression_token token = {.column = count_characters(text_slice(source, 0, at)) + 1};
  while (end < source.length && is_word(source.at[end])) end++;
  bool word = end > at;
  if (!word && at < source.length) {
    end++;
    while (end < source.length && ((unsigned char)source.at[end] & 0xC0) == 0x80) end++;
  }
  token.text = text_slice(source, at, end);
  if (word) classify_word(&token);
  else if (end > at) token.kind = classify_sign(source.at[at]);
  *offset = end;
  return token;
}

const char *expression_quote(struct arena *arena, struct text t)
{
  size_t end = t.length < QUOTE_LENGTH ? t.length : QUOTE_LENGTH;
  while (end > 0 && end < t.length && ((unsigned char)t.at[end] & 0xC0) == 0x80) end--;
  return text_c(arena, text_slice(t, 0, end));
}

/* --- Compiling ------------------------------------------------------------------------------ */

struct compiler {
  struct arena *arena;
  struct text source;
  size_t offset, depth;
  struct expression_token token; /* the one not yet taken */
  const struct needs *needs;
  struct expression_step steps[LIMIT_EXPRESSION_STEPS];
  size_t count;
  struct expression_fault *fault;
};

static bool fail(struct compiler *compiler, const char *mend, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool fail(struct compiler *compiler, const char *mend, const char *format, ...)
{
  struct expression_fault *fault = compiler->fault;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(fault->what, sizeof fault->what, format, arguments);
  va_end(arguments);
  fault->column = compiler->token.column;
  fault->mend = mend;
  return false;
}

static bool fail_expected(struct compiler *compiler, const char *expected)
{
  const struct expression_token *token = &compiler->token;
  const char *mend = "write codes with | (or), & (and), ! (not) and ( ) between them";
  if (token->kind == TOKEN_END) return fail(compiler, mend, "expected %s, found the end", expected);
  return fail(compiler, mend, "expected %s, found '%s'", expected,
              expression_quote(compiler->arena, token->text));
}

static void take(struct compiler *compiler)
{
  compiler->token = expression_token_next(compiler->source, &compiler->offset);
}

static bool emit(struct compiler *compiler, enum expression_operation operation, size_t operand)
{
  if (compiler->count == LIMIT_EXPRESSION_STEPS)
    return fail(compiler, "split it into several needs", "more than %d steps",
                LIMIT_EXPRESSION_STEPS);
  compiler->steps[compiler->count++] =
      (struct expression_step){(uint16_t)operation, (uint16_t)operand};
  return true;
}

static bool compile_code(struct compiler *compiler)
{
  size_t code;
  struct text name = compiler->token.text;
  if (!codes_find(compiler->needs, name, &code))
    return fail(compiler, "use a code of service-codes.csv", "unknown code '%s'",
                expression_quote(compiler->arena, name));
  if (!text_equal(codes_get(compiler->needs, code)->code, name))
    return fail(compiler, "write codes in capital letters", "code '%s' is not in capitals",
                expression_quote(compiler->arena, name));
  return emit(compiler, EXPRESSION_CODE, code);
}

static bool compile_any(struct compiler *compiler);

static bool compile_parentheses(struct compiler *compiler)
{
  take(compiler);
  if (!compile_any(compiler)) return false;
  if (compiler->token.kind != TOKEN_CLOSE) return fail_expected(compiler, "'&', '|' or ')'");
  take(compiler);
  return true;
}

static bool compile_not(struct compiler *compiler)
{
  if (compiler->depth == LIMIT_EXPRESSION_DEPTH)
    return fail(compiler, "write it flatter", "nested over %d deep", LIMIT_EXPRESSION_DEPTH);
  compiler->depth++;
  bool done = false;
  switch (compiler->token.kind) {
  case TOKEN_NOT:
    take(compiler);
    done = compile_not(compiler) && emit(compiler, EXPRESSION_NOT, 0);
    break;
  case TOKEN_OPEN:
    done = compile_parentheses(compiler);
    break;
  case TOKEN_CODE:
    done = compile_code(compiler);
    if (done) take(compiler);
    break;
  case TOKEN_DIRECTORY:
    done = emit(compiler, EXPRESSION_DIRECTORY, compiler->token.directories);
    if (done) take(compiler);
    break;
  default:
    done = fail_expected(compiler, "a code, directory:su, directory:mh, directory:otp, '!' or '('");
  }
  compiler->depth--;
  return done;
}

static bool compile_all(struct compiler *compiler)
{
  if (!compile_not(compiler)) return false;
  while (compiler->token.kind == TOKEN_AND) {
    take(compiler);
    if (!compile_not(compiler) || !emit(compiler, EXPRESSION_AND, 0)) return false;
  }
  return true;
}

static bool compile_any(struct compiler *compiler)
{
  if (!compile_all(compiler)) return false;
  while (compiler->token.kind == TOKEN_OR) {
    take(compiler);
    if (!compile_all(compiler) || !emit(compiler, EXPRESSION_OR, 0)) return false;
  }
  return true;
}

bool expression_compile(struct arena *arena, struct text source, const struct needs *needs,
                        struct expression *out, struct expression_fault *fault)
{
  struct compiler compiler = {.arena = arena, .source = source, .needs = needs, .fault = fault};
  compiler.token.column = 1;
  if (source.length > LIMIT_EXPRESSION)
    return fail(&compiler, "split it into several needs", "longer than %d bytes", LIMIT_EXPRESSION);
  take(&compiler);
  if (!compile_any(&compiler)) return false;
  if (compiler.token.kind != TOKEN_END) return fail_expected(&compiler, "'&', '|' or the end");
  struct expression_step *steps = arena_allocate_array(arena, compiler.count, sizeof *steps);
  memcpy(steps, compiler.steps, compiler.count * sizeof *steps);
  *out = (struct expression){steps, compiler.count};
  return true;
}

/* --- Evaluating ----------------------------------------------------------------------------- */

/* The stack is the low bits of one word: a program nests less deep than the word has bits, since
 * each level of parentheses or '!' holds at most two values ('|' and '&' to its left). */
_Static_assert(2 * LIMIT_EXPRESSION_DEPTH + 2 <= 64, "the stack of bits must hold every program");

bool expression_holds(const struct expression *expression, const struct code_set *codes,
                      unsigned directories)
{
  uint64_t stack = 0;
  for (size_t i = 0; i < expression->count; i++) {
    struct expression_step step = expression->steps[i];
    uint64_t top = stack & 1;
    switch ((enum expression_operation)step.operation) {
    case EXPRESSION_CODE:
      stack = stack << 1 | code_set_has(codes, step.operand);
      break;
    case EXPRESSION_DIRECTORY:
      stack = stack << 1 | ((directories & step.operand) != 0);
      break;
    case EXPRESSION_NOT:
      stack ^= 1;
      break;
    case EXPRESSION_AND:
      stack = (stack >> 1) & (~UINT64_C(1) | top);
      break;
    default: /* EXPRESSION_OR */
      stack = stack >> 1 | top;
      break;
    }
  }
  return (stack & 1) != 0;
}

struct text expression_operand_name(const struct needs *needs, struct expression_step step)
{
  if (step.operation == EXPRESSION_CODE) return codes_get(needs, step.operand)->code;
  for (size_t i = 0; i < sizeof directory_names / sizeof *directory_names; i++)
    if (directory_names[i].directories == step.operand) return text_from(directory_names[i].name);
  return TEXT("");
}

/* --- Does every part matter? ------------------------------------------------------------------ */

/* Three values as two bits: bit 0 "may be false", bit 1 "may be true". */
enum { CAN_FALSE = 1, CAN_TRUE = 2, CAN_BOTH = 3 };

struct search {
  const struct expression *expression;
  unsigned char given[LIMIT_EXPRESSION_STEPS]; /* by atom: CAN_* */
  uint16_t atom_of[LIMIT_EXPRESSION_STEPS];    /* by step: the atom it pushes */
  size_t first_step[LIMIT_EXPRESSION_STEPS];   /* by atom */
  size_t atoms, looks;
};

static bool is_operand(struct expression_step step)
{
  return step.operation == EXPRESSION_CODE || step.operation == EXPRESSION_DIRECTORY;
}

static void search_init(struct search *search, const struct expression *expression)
{
  *search = (struct search){.expression = expression};
  for (size_t i = 0; i < expression->count; i++) {
    struct expression_step step = expression->steps[i];
    if (!is_operand(step)) continue;
    size_t atom = 0;
    while (atom < search->atoms &&
           memcmp(&expression->steps[search->first_step[atom]], &step, sizeof step) != 0)
      atom++;
    if (atom == search->atoms) search->first_step[search->atoms++] = i;
    search->atom_of[i] = (uint16_t)atom;
    search->given[atom] = CAN_BOTH;
  }
}

static unsigned turn(unsigned can)
{
  return (can & CAN_FALSE ? CAN_TRUE : 0u) | (can & CAN_TRUE ? CAN_FALSE : 0u);
}

static unsigned both(unsigned a, unsigned b)
{
  return ((a | b) & CAN_FALSE) | (a & b & CAN_TRUE);
}

/* What the expression can be while some atoms are open. */
static unsigned evaluate_open(const struct search *search)
{
  unsigned char stack[LIMIT_EXPRESSION_STEPS + 1] = {0};
  size_t top = 0;
  for (size_t i = 0; i < search->expression->count; i++) {
    switch ((enum expression_operation)search->expression->steps[i].operation) {
    case EXPRESSION_CODE:
    case EXPRESSION_DIRECTORY:
      stack[top++] = search->given[search->atom_of[i]];
      break;
    case EXPRESSION_NOT:
      stack[top - 1] = (unsigned char)turn(stack[top - 1]);
      break;
    case EXPRESSION_AND:
      top--;
      stack[top - 1] = (unsigned char)both(stack[top - 1], stack[top]);
      break;
    default: /* EXPRESSION_OR */
      top--;
      stack[top - 1] = (unsigned char)turn(both(turn(stack[top - 1]), turn(stack[top])));
      break;
    }
  }
  return stack[0];
}

/* Is there a way to fill the open atoms from `from` on so that turning `atom` turns the answer? */
static bool can_decide(struct search *search, size_t atom, size_t from)
{
  if (++search->looks > LIMIT_EXPRESSION_SEARCH) return false;
  search->given[atom] = CAN_FALSE;
  unsigned without = evaluate_open(search);
  search->given[atom] = CAN_TRUE;
  unsigned with = evaluate_open(search);
  search->given[atom] = CAN_BOTH;
  if (without != CAN_BOTH && with != CAN_BOTH) return without != with;
  if (from == atom) from++;
  bool found = false;
  for (unsigned can = CAN_FALSE; can <= CAN_TRUE && !found; can++) {
    search->given[from] = (unsigned char)can;
    found = can_decide(search, atom, from + 1);
  }
  search->given[from] = CAN_BOTH;
  return found;
}

enum expression_sense expression_check(const struct expression *expression, size_t *step)
{
  struct search search;
  search_init(&search, expression);
  size_t idle = 0, first_idle = 0;
  for (size_t atom = 0; atom < search.atoms; atom++) {
    if (can_decide(&search, atom, 0)) continue;
    if (search.looks > LIMIT_EXPRESSION_SEARCH) return EXPRESSION_TOO_TANGLED;
    if (idle++ == 0) first_idle = search.first_step[atom];
  }
  if (idle == 0) return EXPRESSION_SOUND;
  if (idle == search.atoms) {
    struct code_set none = {{0}};
    return expression_holds(expression, &none, 0) ? EXPRESSION_ALWAYS_TRUE : EXPRESSION_NEVER_TRUE;
  }
  *step = first_idle;
  return EXPRESSION_IDLE_OPERAND;
}
