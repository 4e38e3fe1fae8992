/*
 * Documents of the level-of-care table: see level_of_care_file.h.
 */
#include "assessment/level_of_care_file.h"

#include <stdarg.h>
#include <stdio.h>

#include "directory/needs_expression.h"

/* --- Problems ------------------------------------------------------------------------------- */

static __attribute__((format(printf, 5, 0))) void report(struct care_loader *loader,
                                                         const char *file, int64_t line,
                                                         const char *mend, const char *format,
                                                         va_list arguments)
{
  char what[LIMIT_ERROR_TEXT];
  vsnprintf(what, sizeof what, format, arguments);
  struct text hint = text_trim(text_from(mend));
  if (text_ends_with(hint, TEXT("."))) hint.length--;
  struct knowledge_problem problem = {file, line, what, text_c(loader->table->arena, hint)};
  loader->problems++;
  if (loader->each) loader->each(loader->context, &problem);
}

void care_report(struct care_loader *loader, const char *file, int64_t line, const char *mend,
                 const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  report(loader, file, line, mend, format, arguments);
  va_end(arguments);
}

void care_row_report(const struct care_sheet *sheet, size_t row, const char *mend,
                     const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  report(sheet->loader, sheet->file, care_line(sheet, row), mend, format, arguments);
  va_end(arguments);
}

const char *care_quote(const struct care_sheet *sheet, struct text t)
{
  return expression_quote(sheet->loader->table->arena, t);
}

/* --- Documents ------------------------------------------------------------------------------- */

static struct care_section *find_section(struct care_document *document, struct text heading)
{
  for (size_t i = 0; i < document->count; i++)
    if (text_equal(document->sections[i].heading, heading)) return &document->sections[i];
  return NULL;
}

void care_document_read(struct care_loader *loader, size_t language, const char *name,
                        struct text text)
{
  struct care_document *document = &loader->documents[language];
  struct arena *arena = loader->table->arena;
  struct text heading = TEXT("");
  struct table table;
  struct error error = {0};
  size_t offset = 0;
  *document = (struct care_document){.name = name};
  if (!text_is_utf8(text)) {
    care_report(loader, name, 0, "save it as UTF-8", "it is not UTF-8");
    return;
  }
  while (table_read_pipe(arena, text, &offset, &heading, &table, &error)) {
    int64_t line = table.row_count ? table.lines[0] : 0;
    if (find_section(document, heading)) {
      care_report(loader, name, line, "give each table a heading of its own",
                  "a second table below '%s'", expression_quote(arena, heading));
    } else if (document->count == CARE_SECTIONS) {
      care_report(loader, name, line, "leave out what the program does not read",
                  "more than %d tables", CARE_SECTIONS);
      return;
    } else {
      document->sections[document->count++] =
          (struct care_section){.heading = text_copy(arena, heading), .table = table};
    }
  }
  if (error.kind == ERROR_NONE) document->is_whole = true;
  else care_report(loader, name, 0, error.hint, "%s", error.log);
}

void care_document_finish(struct care_loader *loader, size_t language)
{
  struct care_document *document = &loader->documents[language];
  for (size_t i = 0; i < document->count; i++) {
    const struct care_section *section = &document->sections[i];
    if (section->is_used) continue;
    care_report(loader, document->name, section->table.row_count ? section->table.lines[0] : 0,
                "give it a heading that the program knows, or write it as a list",
                "nothing reads the table below '%s'",
                expression_quote(loader->table->arena, section->heading));
  }
}

/* --- Sheets ------------------------------------------------------------------------------------
 */

bool care_sheet_open(struct care_loader *loader, size_t language, const char *heading,
                     const char *const *columns, size_t maximum, struct care_sheet *out)
{
  struct care_document *document = &loader->documents[language];
  if (!document->is_whole) return false; /* already told */
  struct care_section *section = find_section(document, text_from(heading));
  if (!section) {
    care_report(loader, document->name, 0, "add the heading and its table",
                "no table below a heading '%s'", heading);
    return false;
  }
  section->is_used = true;
  struct care_sheet sheet = {loader, document->name, heading, columns, section->table, {0}};
  int64_t line = sheet.table.row_count ? sheet.table.lines[0] : 0;
  bool fine = true;
  for (size_t i = 0; columns[i]; i++) {
    if (table_column(&sheet.table, columns[i], &sheet.at[i], NULL)) continue;
    care_report(loader, document->name, line, "add the column", "'%s' lacks the column %s", heading,
                columns[i]);
    fine = false;
  }
  if (sheet.table.row_count == 0 || sheet.table.row_count > maximum) {
    care_report(loader, document->name, line, "write at least one, and no more than fit",
                "'%s' has %zu rows, %zu fit", heading, sheet.table.row_count, maximum);
    fine = false;
  }
  if (fine) *out = sheet;
  return fine;
}

int64_t care_line(const struct care_sheet *sheet, size_t row)
{
  return sheet->table.lines[row];
}

struct text care_cell(const struct care_sheet *sheet, size_t row, size_t column)
{
  return table_cell(&sheet->table, row, sheet->at[column]);
}

struct text care_required(const struct care_sheet *sheet, size_t row, size_t column)
{
  struct text cell = care_cell(sheet, row, column);
  if (text_is_empty(cell))
    care_row_report(sheet, row, "fill it in", "%s is empty", sheet->columns[column]);
  return cell;
}

struct text care_id(const struct care_sheet *sheet, size_t row)
{
  struct text id = care_required(sheet, row, 0);
  bool fine = true;
  for (size_t i = 0; i < id.length; i++) {
    char c = id.at[i];
    fine = fine && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-' || c == '.');
  }
  if (!fine)
    care_row_report(sheet, row, "use letters, digits, _, - and .", "%s '%s' is no name",
                    sheet->columns[0], care_quote(sheet, id));
  for (size_t i = 0; i < row; i++)
    if (text_equal(care_cell(sheet, i, 0), id)) {
      care_row_report(sheet, row, "keep one of them", "%s '%s' stands twice", sheet->columns[0],
                      care_quote(sheet, id));
      break;
    }
  return id;
}

bool care_yes_no(const struct care_sheet *sheet, size_t row, size_t column)
{
  struct text cell = care_cell(sheet, row, column);
  bool yes = text_equal(cell, TEXT("yes"));
  if (!yes && !text_equal(cell, TEXT("no")))
    care_row_report(sheet, row, "write yes or no", "%s is neither yes nor no",
                    sheet->columns[column]);
  return yes;
}

size_t care_choice(const struct care_sheet *sheet, size_t row, size_t column,
                   const char *const *names)
{
  struct text cell = care_cell(sheet, row, column);
  struct text_buffer list;
  for (size_t i = 0; names[i]; i++)
    if (text_equal(cell, text_from(names[i]))) return i;
  text_buffer_init(&list, LIMIT_ERROR_TEXT);
  for (size_t i = 0; names[i]; i++)
    text_buffer_add_format(&list, "%s%s", i ? ", " : "write one of: ", names[i]);
  care_row_report(sheet, row, text_c(sheet->loader->table->arena, text_buffer_get(&list)),
                  "%s '%s' is unknown", sheet->columns[column], care_quote(sheet, cell));
  text_buffer_fini(&list);
  return 0;
}

void care_condition(const struct care_sheet *sheet, size_t row, size_t column,
                    enum condition_scope scope, bool may_be_empty, struct condition *out)
{
  struct text source = care_cell(sheet, row, column);
  struct condition_fault fault;
  if (text_is_empty(source) && may_be_empty) return;
  if (!condition_compile(sheet->loader->table->arena, source, scope, sheet->loader->table, out,
                         &fault))
    care_row_report(sheet, row, fault.mend, "%s, column %zu: %s", sheet->columns[column],
                    fault.column, fault.what);
}

/* --- Spanish ---------------------------------------------------------------------------------- */

static bool find_row(const struct care_sheet *sheet, struct text id, size_t *out)
{
  for (size_t row = 0; row < sheet->table.row_count; row++)
    if (text_equal(care_cell(sheet, row, 0), id)) {
      *out = row;
      return true;
    }
  return false;
}

void care_translate(const struct care_sheet *sheet, const char *const *columns,
                    void (*store)(struct level_of_care *table, size_t row, size_t column,
                                  struct text text))
{
  struct care_loader *loader = sheet->loader;
  struct care_sheet other;
  size_t there;
  if (!care_sheet_open(loader, 1, sheet->heading, columns, RULES_MAXIMUM, &other)) return;
  for (size_t row = 0; row < sheet->table.row_count; row++) {
    struct text id = care_cell(sheet, row, 0);
    if (!find_row(&other, id, &there)) {
      care_report(loader, other.file, 0, "say it in Spanish too", "'%s' lacks %s '%s' of line %lld",
                  sheet->heading, columns[0], care_quote(sheet, id),
                  (long long)care_line(sheet, row));
      continue;
    }
    for (size_t i = 1; columns[i]; i++)
      store(loader->table, row, i, care_required(&other, there, i));
  }
  for (size_t row = 0; row < other.table.row_count; row++) {
    struct text id = care_id(&other, row);
    if (!find_row(sheet, id, &there))
      care_row_report(&other, row, "take it out, or mend its id", "%s has no %s '%s'", sheet->file,
                      columns[0], care_quote(&other, id));
  }
}
