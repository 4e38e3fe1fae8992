/*
 * Pipe tables: see table.h. A document is read line by line; a table is two lines that are a
 * header and its delimiters, and the lines with bars that follow.
 */
#include <string.h>

#include "base/table_build.h"

struct cursor {
  struct text document;
  size_t at;
  int64_t line; /* number of the line that next_line will take */
};

/* Take the line at the cursor, without its end. */
static bool next_line(struct cursor *c, struct text *line)
{
  if (c->at >= c->document.length) return false;
  struct text rest = text_slice(c->document, c->at, c->document.length);
  size_t length = text_find(rest, TEXT("\n"));
  c->at += length < rest.length ? length + 1 : length;
  c->line++;
  if (length && rest.at[length - 1] == '\r') length--;
  *line = text_slice(rest, 0, length);
  return true;
}

/* Cut up to three spaces; more, or a tab, make the line code: no part of any structure here. */
static bool cut_indent(struct text *line)
{
  size_t spaces = 0;
  while (spaces < line->length && line->at[spaces] == ' ') spaces++;
  if (spaces > 3 || (spaces < line->length && line->at[spaces] == '\t')) return false;
  *line = text_slice(*line, spaces, line->length);
  return true;
}

static size_t run_length(struct text t, char c)
{
  size_t length = 0;
  while (length < t.length && t.at[length] == c) length++;
  return length;
}

/* How many '`' or '~' open a fence here; 0: none. */
static size_t fence_length(struct text line)
{
  if (!cut_indent(&line) || line.length == 0) return 0;
  char mark = line.at[0];
  size_t length = mark == '`' || mark == '~' ? run_length(line, mark) : 0;
  if (length < 3) return 0;
  bool is_span = mark == '`' && text_contains(text_slice(line, length, line.length), TEXT("`"));
  return is_span ? 0 : length;
}

/* Move behind the fence that `opening` opened. */
static void skip_fence(struct cursor *c, struct text opening)
{
  size_t length = fence_length(opening);
  cut_indent(&opening);
  struct text line;
  while (next_line(c, &line)) {
    if (!cut_indent(&line)) continue;
    size_t run = run_length(line, opening.at[0]);
    if (run >= length && text_trim(text_slice(line, run, line.length)).length == 0) return;
  }
}

/* "## Name ##" gives "Name". */
static bool read_heading(struct text line, struct text *heading)
{
  if (!cut_indent(&line)) return false;
  size_t level = run_length(line, '#');
  if (level == 0 || level > 6) return false;
  if (line.length > level && line.at[level] != ' ' && line.at[level] != '\t') return false;
  struct text name = text_trim(text_slice(line, level, line.length));
  struct text cut = name;
  while (cut.length && cut.at[cut.length - 1] == '#') cut.length--;
  bool is_closed = cut.length == 0 || cut.at[cut.length - 1] == ' ';
  *heading = is_closed ? text_trim(cut) : name;
  return true;
}

/* Offset of the next bar that no backslash stands before, or the length. */
static size_t find_bar(struct text t)
{
  for (size_t i = 0; i < t.length; i++) {
    if (t.at[i] == '|') return i;
    if (t.at[i] == '\\') i++;
  }
  return t.length;
}

/* Take the bars off the ends of a row; false when the line is no row. */
static bool open_row(struct text *line)
{
  if (!cut_indent(line)) return false;
  *line = text_trim(*line);
  if (find_bar(*line) == line->length) return false;
  if (line->at[0] == '|') *line = text_slice(*line, 1, line->length);
  return true;
}

/* Take the next cell off an opened row. A bar at the row's end begins no cell. */
static bool next_cell(struct text *row, struct text *cell)
{
  if (row->length == 0) return false;
  size_t length = find_bar(*row);
  *cell = text_trim(text_slice(*row, 0, length));
  *row = text_slice(*row, length + 1, row->length);
  return true;
}

static size_t count_cells(struct text row)
{
  size_t count = 0;
  struct text cell;
  while (next_cell(&row, &cell)) count++;
  return count;
}

static bool is_delimiter(struct text cell)
{
  if (cell.length && cell.at[0] == ':') cell = text_slice(cell, 1, cell.length);
  if (cell.length && cell.at[cell.length - 1] == ':') cell.length--;
  return cell.length && run_length(cell, '-') == cell.length;
}

/* Are these two lines the header and the delimiters of a table? */
static bool is_table(struct text header, struct text delimiters)
{
  if (!open_row(&header) || !open_row(&delimiters)) return false;
  size_t count = count_cells(header);
  if (count == 0 || count != count_cells(delimiters)) return false;
  struct text cell;
  while (next_cell(&delimiters, &cell))
    if (!is_delimiter(cell)) return false;
  return true;
}

/* Copy a cell into the arena, "\|" as "|". */
static struct text copy_cell(struct arena *arena, struct text cell)
{
  char *copy = arena_allocate(arena, cell.length + 1);
  size_t length = 0;
  for (size_t i = 0; i < cell.length; i++) {
    if (cell.at[i] == '\\' && i + 1 < cell.length && cell.at[i + 1] == '|') continue;
    copy[length++] = cell.at[i];
  }
  return (struct text){copy, length};
}

static struct text *copy_cells(struct arena *arena, struct text row, size_t count)
{
  struct text *cells = arena_allocate_array(arena, count, sizeof *cells), cell;
  for (size_t i = 0; next_cell(&row, &cell); i++) cells[i] = copy_cell(arena, cell);
  return cells;
}

/* The cursor stands behind the delimiters. */
static bool read_rows(struct arena *arena, struct cursor *c, struct table *table,
                      struct error *error)
{
  size_t capacity = 0;
  for (;;) {
    struct cursor ahead = *c;
    struct text line;
    if (!next_line(&ahead, &line) || !open_row(&line)) return true;
    size_t count = count_cells(line);
    if (count != table->column_count)
      return error_set(error, ERROR_REFUSED, "error.table",
                       "Give every row as many cells as the header; write \\| for a bar in a cell.",
                       "line %lld: %zu cells, but %zu columns", (long long)c->line, count,
                       table->column_count);
    table_add_row(arena, table, &capacity, copy_cells(arena, line, count), c->line);
    *c = ahead;
  }
}

static bool read_table(struct arena *arena, struct cursor *c, struct text header, struct table *out,
                       struct error *error)
{
  int64_t header_line = c->line - 1;
  struct text delimiters;
  struct table table = {0};
  next_line(c, &delimiters);
  open_row(&header);
  table.column_count = count_cells(header);
  table.columns = copy_cells(arena, header, table.column_count);
  if (!table_check_columns(&table, header_line, error) || !read_rows(arena, c, &table, error))
    return false;
  *out = table;
  return true;
}

static int64_t count_lines(struct text t)
{
  int64_t lines = 0;
  for (size_t at = text_find(t, TEXT("\n")); at < t.length; at = text_find(t, TEXT("\n"))) {
    t = text_slice(t, at + 1, t.length);
    lines++;
  }
  return lines;
}

bool table_read_pipe(struct arena *arena, struct text document, size_t *offset,
                     struct text *heading, struct table *out, struct error *error)
{
  struct cursor c = {document, *offset, 1 + count_lines(text_slice(document, 0, *offset))};
  struct text line, following, nearest = TEXT("");
  if (*offset) nearest = *heading;
  error_clear(error);
  while (next_line(&c, &line)) {
    struct cursor ahead = c;
    if (fence_length(line)) skip_fence(&c, line);
    else if (!read_heading(line, &nearest) && next_line(&ahead, &following) &&
             is_table(line, following)) {
      if (!read_table(arena, &c, line, out, error)) return false;
      *offset = c.at;
      *heading = nearest;
      return true;
    }
  }
  return false;
}
