/*
 * disclose_labels: reading knowledge/labels.csv: every field of every kind of document, with the
 * object whose role may read it and the sensitivity labels that it carries. What is not named here
 * does not leave. Sorted after loading; immutable; any thread.
 */
#include <stdlib.h>

#include "privacy/disclose.h"
#include "privacy/knowledge_rows.h"

struct labels {
  struct arena *arena;
  struct label_field *fields; /* by document, then path */
  size_t count;
};

static int by_document_and_path(const void *a, const void *b)
{
  const struct label_field *x = a, *y = b;
  int order = text_compare(x->document, y->document);
  return order ? order : text_compare(x->path, y->path);
}

static void load_row(struct knowledge_rows *rows, size_t row, const struct consent_rules *rules,
                     struct label_field *out)
{
  static const char *const shares[] = {[SHARE_YES] = "yes",
                                       [SHARE_WHOLE] = "whole",
                                       [SHARE_PERSON] = "person",
                                       [SHARE_NEVER] = "never",
                                       NULL};
  *out =
      (struct label_field){.document = knowledge_rows_required(rows, row, 0),
                           .path = knowledge_rows_required(rows, row, 1),
                           .object = knowledge_rows_required(rows, row, 2),
                           .labels = knowledge_rows_words(rows, row, 3),
                           .share = (enum label_share)knowledge_rows_choice(rows, row, 4, shares),
                           .is_date = knowledge_rows_yes(rows, row, 5)};
  if (out->labels.is_any || out->labels.count == 0)
    knowledge_rows_refuse(rows, row, "a field carries at least the program's own label");
  if (text_equal(out->document, TEXT("record")))
    knowledge_rows_refuse(rows, row, "record is the name of all documents together");
  for (size_t i = 0; i < out->labels.count; i++) {
    const struct sensitivity *label = sensitivity_find(rules, out->labels.at[i]);
    if (!label || label->cover == LABEL_OF_HANDLING)
      knowledge_rows_refuse(rows, row, "a label is not one of sensitivity.csv for fields");
  }
}

bool labels_load(struct labels **out, const char *knowledge_folder,
                 const struct consent_rules *rules, struct error *error)
{
  static const char *const columns[] = {"document", "field", "object", "labels",
                                        "share",    "dates", NULL};
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_FILE);
  struct labels *labels = arena_allocate(arena, sizeof *labels);
  struct knowledge_rows rows;
  labels->arena = arena;
  knowledge_rows_open(&rows, arena, knowledge_folder, "labels.csv", columns, error);
  labels->count = rows.count;
  labels->fields = arena_allocate_array(arena, rows.count + 1, sizeof *labels->fields);
  for (size_t i = 0; i < rows.count; i++) load_row(&rows, i, rules, &labels->fields[i]);
  if (!rows.failed)
    qsort(labels->fields, labels->count, sizeof *labels->fields, by_document_and_path);
  for (size_t i = 1; i < labels->count && !rows.failed; i++)
    if (by_document_and_path(&labels->fields[i - 1], &labels->fields[i]) == 0)
      knowledge_rows_refuse(&rows, 0, "a field stands twice");
  if (rows.failed) {
    arena_free(arena);
    return false;
  }
  *out = labels;
  return true;
}

void labels_free(struct labels *labels)
{
  if (labels) arena_free(labels->arena);
}

size_t labels_field_count(const struct labels *labels)
{
  return labels->count;
}

const struct label_field *labels_field(const struct labels *labels, size_t index)
{
  return index < labels->count ? &labels->fields[index] : NULL;
}

const struct label_field *labels_find(const struct labels *labels, struct text document,
                                      struct text path)
{
  struct label_field wanted = {.document = document, .path = path};
  return bsearch(&wanted, labels->fields, labels->count, sizeof wanted, by_document_and_path);
}

bool labels_have_document(const struct labels *labels, struct text document)
{
  for (size_t i = 0; i < labels->count; i++)
    if (text_equal(labels->fields[i].document, document)) return true;
  return false;
}

void labels_each(const struct labels *labels,
                 void (*each)(void *context, struct text document, struct text field,
                              struct text object, struct text labels_of_it),
                 void *context)
{
  struct text_buffer words;
  text_buffer_init(&words, LIMIT_CSV_FIELD);
  for (size_t i = 0; i < labels->count; i++) {
    const struct label_field *field = &labels->fields[i];
    text_buffer_clear(&words);
    for (size_t j = 0; j < field->labels.count; j++) {
      if (j) text_buffer_add_character(&words, ' ');
      text_buffer_add(&words, field->labels.at[j]);
    }
    each(context, field->document, field->path, field->object, text_buffer_get(&words));
  }
  text_buffer_fini(&words);
}
