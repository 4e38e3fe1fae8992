/*
 * What the tests of the proof share: two documents, changes to them, and problems as text. Include
 * after cmocka.h, in one file of a program, beside care_support.h.
 */
#ifndef FAIRLEAD_TESTS_PROOF_SUPPORT_H
#define FAIRLEAD_TESTS_PROOF_SUPPORT_H

#include "assessment/proof_private.h"
#include "care_support.h"

struct documents {
  struct text english, spanish;
};

/* The text with the first `from` become `to`. */
static inline struct text with(struct text document, const char *from, const char *to)
{
  size_t at = text_find(document, text_from(from));
  if (at >= document.length) fail_msg("the document lacks \"%s\"", from);
  return text_format(arena, "%.*s%s%.*s", TEXT_PRINT(text_slice(document, 0, at)), to,
                     TEXT_PRINT(text_slice(document, at + strlen(from), document.length)));
}

struct findings {
  struct text_buffer text;
  size_t problems, notes;
  struct care_proof proof;
};

static inline void keep_loading(void *context, const struct knowledge_problem *problem)
{
  struct findings *findings = context;
  text_buffer_add_format(&findings->text, "%s:%lld: %s. %s.\n", problem->file,
                         (long long)problem->line, problem->what, problem->mend);
}

static inline void keep_proving(void *context, const struct care_problem *problem)
{
  struct findings *findings = context;
  findings->notes += problem->is_note;
  text_buffer_add_format(&findings->text, "%s%lld: %s. %s.\n", problem->is_note ? "note " : "",
                         (long long)problem->line, problem->what, problem->mend);
}

/* cmocka cuts a long message, so it is said line by line. */
static inline void fail_expected(const char *expected, struct text said)
{
  struct text line;
  print_error("expected \"%s\", found:\n", expected);
  while (text_split_next(&said, '\n', &line)) print_error("%.*s\n", TEXT_PRINT(line));
  fail();
}

#endif
