/*
 * Need expressions: the small language of needs.h, compiled once, evaluated for every facility.
 *
 * An expression becomes a postfix program of at most LIMIT_EXPRESSION_STEPS steps that works on
 * a stack of bits in one machine word. A program is immutable; any thread may evaluate it.
 */
#ifndef FAIRLEAD_DIRECTORY_NEEDS_EXPRESSION_H
#define FAIRLEAD_DIRECTORY_NEEDS_EXPRESSION_H

#include "directory/needs.h"

enum expression_operation {
  EXPRESSION_CODE,      /* push: is code `operand` in the set? */
  EXPRESSION_DIRECTORY, /* push: is any directory of the bits `operand` listing it? */
  EXPRESSION_NOT,       /* turn the top */
  EXPRESSION_AND,       /* the upper two become one */
  EXPRESSION_OR
};

struct expression_step {
  uint16_t operation, operand;
};

struct expression {
  const struct expression_step *steps;
  size_t count;
};

/* Where and what went wrong: `column` counts characters of the expression from 1. */
struct expression_fault {
  size_t column;
  char what[LIMIT_ERROR_TEXT]; /* "expected a code, '!' or '(', found '|'" */
  const char *mend;
};

enum expression_token_kind {
  TOKEN_END,
  TOKEN_CODE,
  TOKEN_DIRECTORY,
  TOKEN_NOT,
  TOKEN_AND,
  TOKEN_OR,
  TOKEN_OPEN,
  TOKEN_CLOSE,
  TOKEN_WRONG /* a character that the language lacks, or an unknown directory */
};

struct expression_token {
  enum expression_token_kind kind;
  struct text text;     /* as written */
  size_t column;        /* of its first character, from 1 */
  unsigned directories; /* TOKEN_DIRECTORY: DIRECTORY_* bits */
};

/* Take the next token off `source` at byte `*offset`; moves `*offset` behind it. */
struct expression_token expression_token_next(struct text source, size_t *offset);

/* A text as a report's "%s": NUL-terminated in the arena, cut at the last whole character within
 * 60 bytes. */
const char *expression_quote(struct arena *arena, struct text t);

/*
 * Compile `source`, with codes looked up in `needs`; the program lives in the arena. Refused, with
 * the fault filled: a text over LIMIT_EXPRESSION bytes or LIMIT_EXPRESSION_STEPS steps, nesting
 * past LIMIT_EXPRESSION_DEPTH, what does not follow the grammar, an unknown code or directory.
 */
bool expression_compile(struct arena *arena, struct text source, const struct needs *needs,
                        struct expression *out, struct expression_fault *fault);

/* Does it hold over these codes and DIRECTORY_* bits? */
bool expression_holds(const struct expression *expression, const struct code_set *codes,
                      unsigned directories);

/* How an operand's step is written: its code, or "directory:su". */
struct text expression_operand_name(const struct needs *needs, struct expression_step step);

enum expression_sense {
  EXPRESSION_SOUND,        /* each of its codes can decide the answer */
  EXPRESSION_NEVER_TRUE,   /* no facility can meet it */
  EXPRESSION_ALWAYS_TRUE,  /* every facility meets it */
  EXPRESSION_IDLE_OPERAND, /* one code or directory never changes the answer */
  EXPRESSION_TOO_TANGLED   /* not decided within LIMIT_EXPRESSION_SEARCH looks */
};
/* Prove that every part of an expression can matter, over all sets of codes and directories.
 * `*step` is the first idle operand's step for EXPRESSION_IDLE_OPERAND. */
enum expression_sense expression_check(const struct expression *expression, size_t *step);

#endif
