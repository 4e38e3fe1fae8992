/*
 * The parts of an XLSX reader, each fed bytes, so that each can be tested and fuzzed by itself.
 * Private to xlsx*.c, their tests and their fuzz targets.
 */
#ifndef FAIRLEAD_DIRECTORY_XLSX_PARTS_H
#define FAIRLEAD_DIRECTORY_XLSX_PARTS_H

#include "directory/xlsx.h"

/* --- xlsx_xml.c: expat, with what we refuse ------------------------------------------------ */

/* Names come without their prefix; attributes as expat gives them: name, value, …, NULL. */
struct xlsx_xml_handler {
  bool (*start)(void *context, struct text name, const char **attributes, struct error *error);
  bool (*end)(void *context, struct text name, struct error *error);
  bool (*characters)(void *context, struct text bytes, struct error *error);
};
struct xlsx_xml;
struct xlsx_xml *xlsx_xml_new(const struct xlsx_xml_handler *handler, void *context);
void xlsx_xml_free(struct xlsx_xml *xml);
/* Feed bytes; `last` with the end. Refuses what is not well formed, a document type declaration,
 * elements nested deeper than LIMIT_IMPORT_XML_DEPTH, and a tag over LIMIT_IMPORT_XML_TAG. */
bool xlsx_xml_feed(struct xlsx_xml *xml, struct text bytes, bool last, struct error *error);
/* Let nothing more be called, and every further feed succeed. For use inside a handler. */
void xlsx_xml_stop(struct xlsx_xml *xml);
bool xlsx_xml_is_stopped(const struct xlsx_xml *xml);
/* The attribute's value by its name, prefix or not; empty when it is not there. */
struct text xlsx_xml_attribute(const char **attributes, const char *name);

/* --- xlsx_strings.c: xl/sharedStrings.xml ---------------------------------------------------- */

struct xlsx_strings;
struct xlsx_strings *xlsx_strings_new(void);
void xlsx_strings_free(struct xlsx_strings *strings);
bool xlsx_strings_feed(struct xlsx_strings *strings, struct text bytes, bool last,
                       struct error *error);
size_t xlsx_strings_count(const struct xlsx_strings *strings);
/* String `index`; valid until the strings are freed. */
bool xlsx_strings_get(const struct xlsx_strings *strings, size_t index, struct text *out);

/* --- xlsx_sheet.c: xl/worksheets/sheetN.xml -------------------------------------------------- */

struct xlsx_sheet;
struct xlsx_sheet *xlsx_sheet_new(const struct xlsx_strings *strings, xlsx_row_function *row,
                                  void *context);
void xlsx_sheet_free(struct xlsx_sheet *sheet);
bool xlsx_sheet_feed(struct xlsx_sheet *sheet, struct text bytes, bool last, struct error *error);
bool xlsx_sheet_is_stopped(const struct xlsx_sheet *sheet);
/* Read the column of a cell reference ("AB12" gives 27, from 0); false when it is none. */
bool xlsx_sheet_column(struct text reference, size_t *column);
/* Write a stored number as a person would: "7102.0" and "7.102E3" give "7102". */
void xlsx_sheet_add_number(struct text stored, struct text_buffer *out);

/* --- xlsx_workbook.c: relationships, sheet names, document properties --------------------------
 */

struct xlsx_relation {
  struct text id, type, target; /* target: the member's path in the archive */
};
struct xlsx_relations {
  struct xlsx_relation *all;
  size_t count, capacity;
};
/* Read a .rels member; targets are resolved against `folder` ("" or "xl"). */
bool xlsx_relations_read(struct arena *arena, struct text document, struct text folder,
                         struct xlsx_relations *out, struct error *error);
struct xlsx_sheet_name {
  struct text name, relation;
};
struct xlsx_sheet_names {
  struct xlsx_sheet_name *all;
  size_t count, capacity;
};
bool xlsx_workbook_read(struct arena *arena, struct text document, struct xlsx_sheet_names *out,
                        struct error *error);
/* The date of dcterms:modified, else of dcterms:created; empty when there is none. */
bool xlsx_properties_read(struct arena *arena, struct text document, struct text *modified,
                          struct error *error);

#endif
