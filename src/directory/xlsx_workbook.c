/*
 * The small members of a workbook: relationships, the list of sheets, document properties.
 */
#include <string.h>

#include "directory/xlsx_parts.h"

/* Parse a whole small member with one handler. */
static bool parse(struct text document, const struct xlsx_xml_handler *handler, void *context,
                  struct error *error)
{
  struct xlsx_xml *xml = xlsx_xml_new(handler, context);
  bool done = xlsx_xml_feed(xml, document, true, error);
  xlsx_xml_free(xml);
  return done;
}

/* Make room for one more element at the end of an array that lives in the arena. */
static void *grow(struct arena *arena, void *all, size_t count, size_t *capacity, size_t size)
{
  if (count < *capacity) return all;
  *capacity = *capacity ? *capacity * 2 : 8;
  void *larger = arena_allocate_array(arena, *capacity, size);
  if (count) memcpy(larger, all, count * size);
  return larger;
}

/* --- Relationships -----------------------------------------------------------------------------
 */

struct relations_context {
  struct arena *arena;
  struct text folder;
  struct xlsx_relations found;
};

/* A target as a path in the archive: absolute, or relative to the folder, "../" taken off. */
static struct text resolve(struct arena *arena, struct text folder, struct text target)
{
  if (text_starts_with(target, TEXT("/")))
    return text_copy(arena, text_slice(target, 1, target.length));
  while (text_starts_with(target, TEXT("../"))) {
    target = text_slice(target, 3, target.length);
    size_t slash = folder.length;
    while (slash && folder.at[slash - 1] != '/') slash--;
    folder = text_slice(folder, 0, slash ? slash - 1 : 0);
  }
  if (folder.length == 0) return text_copy(arena, target);
  return text_format(arena, "%.*s/%.*s", TEXT_PRINT(folder), TEXT_PRINT(target));
}

static bool relation_start(void *context, struct text name, const char **attributes,
                           struct error *error)
{
  (void)error;
  struct relations_context *reading = context;
  struct xlsx_relations *found = &reading->found;
  if (!text_equal(name, TEXT("Relationship")) ||
      text_equal(xlsx_xml_attribute(attributes, "TargetMode"), TEXT("External")))
    return true;
  found->all = grow(reading->arena, found->all, found->count, &found->capacity, sizeof *found->all);
  found->all[found->count++] = (struct xlsx_relation){
      .id = text_copy(reading->arena, xlsx_xml_attribute(attributes, "Id")),
      .type = text_copy(reading->arena, xlsx_xml_attribute(attributes, "Type")),
      .target = resolve(reading->arena, reading->folder, xlsx_xml_attribute(attributes, "Target")),
  };
  return true;
}

bool xlsx_relations_read(struct arena *arena, struct text document, struct text folder,
                         struct xlsx_relations *out, struct error *error)
{
  static const struct xlsx_xml_handler handler = {.start = relation_start};
  struct relations_context reading = {.arena = arena, .folder = folder};
  if (!parse(document, &handler, &reading, error)) return false;
  *out = reading.found;
  return true;
}

/* --- Sheets ------------------------------------------------------------------------------------
 */

struct sheets_context {
  struct arena *arena;
  struct xlsx_sheet_names found;
};

/* The relationship's attribute is "r:id": told from "sheetId" by its exact local name. */
static bool sheet_start(void *context, struct text name, const char **attributes,
                        struct error *error)
{
  (void)error;
  struct sheets_context *reading = context;
  struct xlsx_sheet_names *found = &reading->found;
  if (!text_equal(name, TEXT("sheet"))) return true;
  found->all = grow(reading->arena, found->all, found->count, &found->capacity, sizeof *found->all);
  found->all[found->count++] = (struct xlsx_sheet_name){
      .name = text_copy(reading->arena, xlsx_xml_attribute(attributes, "name")),
      .relation = text_copy(reading->arena, xlsx_xml_attribute(attributes, "id")),
  };
  return true;
}

bool xlsx_workbook_read(struct arena *arena, struct text document, struct xlsx_sheet_names *out,
                        struct error *error)
{
  static const struct xlsx_xml_handler handler = {.start = sheet_start};
  struct sheets_context reading = {.arena = arena};
  if (!parse(document, &handler, &reading, error)) return false;
  *out = reading.found;
  return true;
}

/* --- Document properties -------------------------------------------------------------------------
 */

struct properties_context {
  char created[11], modified[11];
  char *into; /* the one that is open */
  size_t length;
};

static bool property_start(void *context, struct text name, const char **attributes,
                           struct error *error)
{
  (void)attributes, (void)error;
  struct properties_context *reading = context;
  reading->into = text_equal(name, TEXT("modified"))  ? reading->modified
                  : text_equal(name, TEXT("created")) ? reading->created
                                                      : NULL;
  reading->length = 0;
  return true;
}

static bool property_end(void *context, struct text name, struct error *error)
{
  (void)name, (void)error;
  ((struct properties_context *)context)->into = NULL;
  return true;
}

static bool property_characters(void *context, struct text bytes, struct error *error)
{
  (void)error;
  struct properties_context *reading = context;
  for (size_t i = 0; reading->into && i < bytes.length && reading->length < 10; i++)
    reading->into[reading->length++] = bytes.at[i];
  return true;
}

bool xlsx_properties_read(struct arena *arena, struct text document, struct text *modified,
                          struct error *error)
{
  static const struct xlsx_xml_handler handler = {property_start, property_end,
                                                  property_characters};
  struct properties_context reading = {0};
  if (!parse(document, &handler, &reading, error)) return false;
  int year, month, day;
  struct text date = text_from(reading.modified);
  if (!time_read_date(date, &year, &month, &day)) date = text_from(reading.created);
  if (!time_read_date(date, &year, &month, &day)) date = TEXT("");
  *modified = text_copy(arena, date);
  return true;
}
