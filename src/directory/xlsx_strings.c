/*
 * Shared strings: every <si> as one text in one growing block. Runs of rich text are joined,
 * phonetic runs left out.
 */
#include <stdlib.h>

#include "directory/xlsx_parts.h"

struct xlsx_strings {
  struct xlsx_xml *xml;
  struct text_buffer bytes;
  size_t *ends; /* where each string ends in `bytes` */
  size_t count, capacity;
  size_t phonetic; /* open <rPh> elements */
  bool in_item, in_text;
};

static bool refuse_size(struct error *error)
{
  return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                   "Directory files are far smaller. Check that this is the right file.",
                   "more than %d shared strings, or a string over %d bytes",
                   LIMIT_IMPORT_SHARED_STRINGS, LIMIT_IMPORT_CELL);
}

static bool start(void *context, struct text name, const char **attributes, struct error *error)
{
  (void)attributes;
  struct xlsx_strings *strings = context;
  if (text_equal(name, TEXT("si"))) {
    if (strings->count == LIMIT_IMPORT_SHARED_STRINGS) return refuse_size(error);
    strings->in_item = true;
  } else if (text_equal(name, TEXT("rPh"))) {
    strings->phonetic++;
  } else if (text_equal(name, TEXT("t"))) {
    strings->in_text = strings->in_item && strings->phonetic == 0;
  }
  return true;
}

static bool end(void *context, struct text name, struct error *error)
{
  (void)error;
  struct xlsx_strings *strings = context;
  if (text_equal(name, TEXT("t"))) strings->in_text = false;
  else if (text_equal(name, TEXT("rPh"))) strings->phonetic -= strings->phonetic > 0;
  else if (text_equal(name, TEXT("si")) && strings->in_item) {
    if (strings->count == strings->capacity) {
      strings->capacity = strings->capacity ? strings->capacity * 2 : 1024;
      strings->ends = memory_resize(strings->ends, strings->capacity * sizeof *strings->ends);
    }
    strings->ends[strings->count++] = strings->bytes.length;
    strings->in_item = false;
  }
  return true;
}

static bool characters(void *context, struct text bytes, struct error *error)
{
  struct xlsx_strings *strings = context;
  if (!strings->in_text) return true;
  size_t began = strings->count ? strings->ends[strings->count - 1] : 0;
  text_buffer_add(&strings->bytes, bytes);
  if (strings->bytes.over || strings->bytes.length - began > LIMIT_IMPORT_CELL)
    return refuse_size(error);
  return true;
}

struct xlsx_strings *xlsx_strings_new(void)
{
  static const struct xlsx_xml_handler handler = {start, end, characters};
  struct xlsx_strings *strings = memory_allocate_zero(1, sizeof *strings);
  text_buffer_init(&strings->bytes, LIMIT_IMPORT_UNPACKED);
  strings->xml = xlsx_xml_new(&handler, strings);
  return strings;
}

void xlsx_strings_free(struct xlsx_strings *strings)
{
  if (!strings) return;
  xlsx_xml_free(strings->xml);
  text_buffer_fini(&strings->bytes);
  free(strings->ends);
  free(strings);
}

bool xlsx_strings_feed(struct xlsx_strings *strings, struct text bytes, bool last,
                       struct error *error)
{
  return xlsx_xml_feed(strings->xml, bytes, last, error);
}

size_t xlsx_strings_count(const struct xlsx_strings *strings)
{
  return strings->count;
}

bool xlsx_strings_get(const struct xlsx_strings *strings, size_t index, struct text *out)
{
  if (index >= strings->count) return false;
  size_t from = index ? strings->ends[index - 1] : 0;
  *out = text_slice(text_buffer_get(&strings->bytes), from, strings->ends[index]);
  return true;
}
