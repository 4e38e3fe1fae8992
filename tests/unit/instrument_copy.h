/*
 * The made-up instruments of tests/unit/instruments/, and a copy of them that a test may spoil.
 * Include after cmocka.h, in one file of a program; run from the repository's root.
 */
#ifndef FAIRLEAD_TESTS_INSTRUMENT_COPY_H
#define FAIRLEAD_TESTS_INSTRUMENT_COPY_H

#include <stdlib.h>
#include <unistd.h>

#include "assessment/assessment.h"

static const char original[] = "tests/unit/instruments";
static struct arena *arena;
static struct instruments *instruments;

static inline int instruments_set_up(void **state)
{
  struct error error = {0};
  (void)state;
  arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  if (instruments_load(&instruments, original, &error)) return 0;
  print_error("%s\n", error.log);
  return 1;
}

static inline int instruments_tear_down(void **state)
{
  (void)state;
  instruments_free(instruments);
  arena_free(arena);
  return 0;
}

static inline const struct instrument *named(const char *id)
{
  const struct instrument *found = instruments_find(instruments, text_from(id));
  assert_non_null(found);
  return found;
}

/* The score document of answers, or the refusal's log and hint. */
static inline const char *scored(const char *id, const char *document)
{
  struct error error = {0};
  const struct value *value;
  struct instrument_answers answers;
  struct instrument_score score;
  struct text_buffer out;
  assert_true(json_read(arena, text_from(document), &value, &error));
  if (!instrument_read(named(id), value, &answers, &error)) {
    assert_int_equal(error.kind, ERROR_REFUSED);
    return text_c(arena, text_format(arena, "%s. %s", error.log, error.hint));
  }
  instrument_score(named(id), &answers, &score);
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  json_write(instrument_write(named(id), arena, &score), &out);
  const char *result = text_c(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return result;
}

#endif
