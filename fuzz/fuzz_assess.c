/*
 * What is asked of the level of care, as raw bytes: a document of facts, a QuestionnaireResponse,
 * an instrument's response. Read or refused; what was read gives a result that can be written, and
 * the same facts written and read again give the same result.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assessment/assessment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct needs *needs;
static struct level_of_care *table;
static struct instruments *instruments;

static void require(bool holds)
{
  if (!holds) abort();
}

static void open_once(void)
{
  struct error error = {0};
  if (table) return;
  require(needs_load(&needs, "knowledge", &error));
  require(level_of_care_load(&table, "knowledge", needs, &error));
  require(instruments_load(&instruments, "knowledge", &error));
}

static struct text write_result(struct arena *arena, const struct facts *facts, size_t language)
{
  struct care_result result;
  struct care_explanation *explanation = arena_allocate(arena, sizeof *explanation);
  struct text_buffer out;
  care_find(table, facts, NULL, &result);
  care_explain(table, facts, NULL, &result, explanation);
  text_buffer_init(&out, LIMIT_TEMPLATE_OUTPUT);
  json_write(care_write(table, arena, facts, &result, explanation, language), &out);
  struct text copy = text_copy(arena, text_buffer_get(&out));
  require(!out.over);
  text_buffer_fini(&out);
  return copy;
}

/* Facts as a document, in the table's order. */
static const struct value *as_document(struct arena *arena, const struct facts *facts)
{
  struct value *document = value_object(arena), *known = value_object(arena);
  for (size_t i = 0; i < facts_count(table); i++)
    if (!isnan(facts->value[i]))
      value_append(known, facts_get(table, i)->name, facts_write(table, arena, i, facts->value[i]));
  value_set(document, "facts", known);
  return document;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  struct text bytes = {size ? (const char *)data : nothing, size};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  const struct value *document;
  struct error error = {0};
  struct facts facts, again;
  open_once();
  if (json_read(arena, bytes, &document, &error)) {
    facts_init(&facts);
    if (care_read_scored(table, instruments, document, &facts, &error)) {
      require(facts_check(table, &facts, &error));
      require(care_read(table, as_document(arena, &facts), &again, &error));
      require(memcmp(&facts, &again, sizeof facts) == 0 ||
              text_equal(write_result(arena, &facts, 0), write_result(arena, &again, 0)));
      write_result(arena, &facts, 1);
    } else {
      require(error.kind == ERROR_REFUSED && error.person && error.log[0]);
      require(text_is_utf8(text_from(error.log)));
    }
  }
  arena_free(arena);
  return 0;
}
