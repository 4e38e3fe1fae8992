/*
 * Fuzz the expression of a need: whatever compiles must hold exactly when a plain recursive
 * reading of its text does, and a part that is called idle must never change the answer.
 */
#include <stdlib.h>

#include "directory/facility.h"
#include "directory/needs_expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A reading of its own: text, sets and position. */
struct reading {
  const struct needs *needs;
  struct text source;
  size_t offset;
  struct expression_token token;
  const struct code_set *codes;
  unsigned directories;
};

static bool read_any(struct reading *reading);

static void take(struct reading *reading)
{
  reading->token = expression_token_next(reading->source, &reading->offset);
}

static bool read_not(struct reading *reading)
{
  struct expression_token token = reading->token;
  bool value = false;
  size_t code;
  take(reading);
  if (token.kind == TOKEN_NOT) return !read_not(reading);
  if (token.kind == TOKEN_OPEN) {
    value = read_any(reading);
    take(reading);
  } else if (token.kind == TOKEN_DIRECTORY) {
    value = (reading->directories & token.directories) != 0;
  } else if (token.kind == TOKEN_CODE && codes_find(reading->needs, token.text, &code)) {
    value = code_set_has(reading->codes, code);
  } else {
    abort();
  }
  return value;
}

static bool read_all(struct reading *reading)
{
  bool value = read_not(reading);
  while (reading->token.kind == TOKEN_AND) {
    take(reading);
    value = read_not(reading) && value;
  }
  return value;
}

static bool read_any(struct reading *reading)
{
  bool value = read_all(reading);
  while (reading->token.kind == TOKEN_OR) {
    take(reading);
    value = read_all(reading) || value;
  }
  return value;
}

/* The next of a fixed series of sets; each code is present half the time. */
static struct code_set next_codes(uint64_t *state)
{
  struct code_set set;
  for (size_t i = 0; i < sizeof set.bits / sizeof *set.bits; i++) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    set.bits[i] = *state ^ *state >> 31;
  }
  return set;
}

static void turn(struct expression_step step, struct code_set *codes, unsigned *directories)
{
  if (step.operation == EXPRESSION_CODE)
    codes->bits[step.operand / 64] ^= UINT64_C(1) << (step.operand % 64);
  else *directories ^= step.operand;
}

static void compare(const struct needs *needs, struct text source,
                    const struct expression *expression)
{
  size_t idle = 0;
  enum expression_sense sense = expression_check(expression, &idle);
  uint64_t state = text_hash(source);
  for (unsigned round = 0; round < 16; round++) {
    struct code_set codes = next_codes(&state);
    unsigned directories = round % 8;
    struct reading reading = {needs, source, 0, {0}, &codes, directories};
    take(&reading);
    bool expected = read_any(&reading);
    if (reading.token.kind != TOKEN_END) abort();
    if (expression_holds(expression, &codes, directories) != expected) abort();
    if (sense == EXPRESSION_NEVER_TRUE && expected) abort();
    if (sense == EXPRESSION_ALWAYS_TRUE && !expected) abort();
    if (sense != EXPRESSION_IDLE_OPERAND) continue;
    turn(expression->steps[idle], &codes, &directories);
    if (expression_holds(expression, &codes, directories) != expected) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  static struct needs *needs;
  if (!needs && !needs_load(&needs, "knowledge", NULL)) abort();
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text source = {(const char *)bytes, size};
  struct expression expression;
  struct expression_fault fault;
  if (expression_compile(arena, source, needs, &expression, &fault))
    compare(needs, source, &expression);
  else if (fault.column == 0 || fault.column > size + 1 || !fault.mend) abort();
  arena_free(arena);
  return 0;
}
