/*
 * knowledge_rows: reading a CSV file of knowledge/. See knowledge_rows.h.
 */
#include "privacy/knowledge_rows.h"

void knowledge_rows_open(struct knowledge_rows *rows, struct arena *arena, const char *folder,
                         const char *name, const char *const *columns, struct error *error)
{
  *rows = (struct knowledge_rows){.arena = arena, .error = error};
  rows->failed = !rows_open(&rows->rows, arena, folder, name, columns, error);
  rows->count = rows->failed ? 0 : rows->rows.table.row_count;
}

bool knowledge_rows_refuse(struct knowledge_rows *rows, size_t row, const char *what)
{
  if (!rows->failed) rows_refuse(&rows->rows, row, "Mend the row.", rows->error, "%s", what);
  rows->failed = true;
  return false;
}

struct text knowledge_rows_cell(const struct knowledge_rows *rows, size_t row, size_t column)
{
  return rows_cell(&rows->rows, row, column);
}

struct text knowledge_rows_required(struct knowledge_rows *rows, size_t row, size_t column)
{
  struct text cell = knowledge_rows_cell(rows, row, column);
  if (text_is_empty(cell)) knowledge_rows_refuse(rows, row, "a cell is empty that must not be");
  return cell;
}

void knowledge_rows_labels(struct knowledge_rows *rows, size_t row, size_t column, struct text *out)
{
  for (size_t i = 0; i < CONSENT_LANGUAGES; i++)
    out[i] = knowledge_rows_required(rows, row, column + i);
}

bool knowledge_rows_yes(struct knowledge_rows *rows, size_t row, size_t column)
{
  static const char *const names[] = {"no", "yes", NULL};
  return knowledge_rows_choice(rows, row, column, names) == 1;
}

struct consent_words knowledge_words(struct arena *arena, struct text cell)
{
  struct consent_words words = {.is_any = text_equal(cell, TEXT("*"))};
  if (words.is_any) return words;
  struct text *at = arena_allocate_array(arena, cell.length / 2 + 1, sizeof *at);
  struct text rest = cell;
  while (text_word_next(&rest, &at[words.count])) words.count++;
  words.at = at;
  return words;
}

struct consent_words knowledge_rows_words(struct knowledge_rows *rows, size_t row, size_t column)
{
  return knowledge_words(rows->arena, knowledge_rows_cell(rows, row, column));
}

size_t knowledge_rows_choice(struct knowledge_rows *rows, size_t row, size_t column,
                             const char *const *names)
{
  struct text cell = knowledge_rows_cell(rows, row, column);
  for (size_t i = 0; names[i]; i++)
    if (text_equal(cell, text_from(names[i]))) return i;
  knowledge_rows_refuse(rows, row, "a cell holds a word that is not known there");
  return 0;
}

struct consent_term knowledge_rows_term(struct knowledge_rows *rows, size_t row, size_t column)
{
  struct consent_term term = {0, INT64_MAX};
  struct text until = knowledge_rows_cell(rows, row, column + 1);
  if (!consent_date_read(knowledge_rows_required(rows, row, column), 0, &term.from) ||
      (!text_is_empty(until) && !consent_date_read(until, 1, &term.until)))
    knowledge_rows_refuse(rows, row, "effective or expires is no date");
  return term;
}

int64_t knowledge_rows_integer(struct knowledge_rows *rows, size_t row, size_t column)
{
  int64_t number = 0;
  if (!text_read_integer(knowledge_rows_cell(rows, row, column), &number) || number <= 0)
    knowledge_rows_refuse(rows, row, "a number above zero is wanted");
  return number;
}
