/*
 * XML for XLSX: expat with a document type refused (so no entity can be declared), nesting
 * bounded, and an early, quiet stop.
 */
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "directory/xlsx_parts.h"

struct xlsx_xml {
  XML_Parser parser;
  const struct xlsx_xml_handler *handler;
  void *context;
  struct error *error; /* of the feed that runs */
  size_t depth;
  uint64_t fed; /* bytes */
  bool stopped, failed;
};

static struct text local_name(const char *name)
{
  const char *colon = strrchr(name, ':');
  return text_from(colon ? colon + 1 : name);
}

static void fail(struct xlsx_xml *xml)
{
  xml->failed = true;
  XML_StopParser(xml->parser, XML_FALSE);
}

static void on_start(void *context, const char *name, const char **attributes)
{
  struct xlsx_xml *xml = context;
  if (xml->stopped || xml->failed) return;
  if (++xml->depth > LIMIT_IMPORT_XML_DEPTH) {
    error_set(xml->error, ERROR_REFUSED, "error.import.unreadable",
              "This is not how a workbook is written. Download the file again.",
              "XML nested deeper than %d at line %lu", LIMIT_IMPORT_XML_DEPTH,
              (unsigned long)XML_GetCurrentLineNumber(xml->parser));
    fail(xml);
  } else if (xml->handler->start &&
             !xml->handler->start(xml->context, local_name(name), attributes, xml->error)) {
    fail(xml);
  }
}

static void on_end(void *context, const char *name)
{
  struct xlsx_xml *xml = context;
  if (xml->stopped || xml->failed) return;
  xml->depth--;
  if (xml->handler->end && !xml->handler->end(xml->context, local_name(name), xml->error))
    fail(xml);
}

static void on_characters(void *context, const char *bytes, int length)
{
  struct xlsx_xml *xml = context;
  if (xml->stopped || xml->failed || !xml->handler->characters) return;
  if (!xml->handler->characters(xml->context, (struct text){bytes, (size_t)length}, xml->error))
    fail(xml);
}

static void on_doctype(void *context, const char *name, const char *system, const char *public,
                       int internal)
{
  (void)name, (void)system, (void)public, (void)internal;
  struct xlsx_xml *xml = context;
  error_set(xml->error, ERROR_REFUSED, "error.import.unreadable",
            "Workbooks never hold one. Download the file again from its official address.",
            "the XML declares a document type, which may hide an entity bomb");
  fail(xml);
}

struct xlsx_xml *xlsx_xml_new(const struct xlsx_xml_handler *handler, void *context)
{
  struct xlsx_xml *xml = memory_allocate_zero(1, sizeof *xml);
  xml->handler = handler;
  xml->context = context;
  xml->parser = XML_ParserCreate(NULL);
  if (!xml->parser) return xml; /* the first feed says so */
  XML_SetUserData(xml->parser, xml);
  XML_SetElementHandler(xml->parser, on_start, on_end);
  XML_SetCharacterDataHandler(xml->parser, on_characters);
  XML_SetStartDoctypeDeclHandler(xml->parser, on_doctype);
  return xml;
}

void xlsx_xml_free(struct xlsx_xml *xml)
{
  if (!xml) return;
  if (xml->parser) XML_ParserFree(xml->parser);
  free(xml);
}

void xlsx_xml_stop(struct xlsx_xml *xml)
{
  xml->stopped = true;
  XML_StopParser(xml->parser, XML_FALSE);
}

bool xlsx_xml_is_stopped(const struct xlsx_xml *xml)
{
  return xml->stopped;
}

/* expat keeps an open tag whole and looks at it anew with each feed: it must end some time. */
static bool check_open_tag(const struct xlsx_xml *xml, struct error *error)
{
  XML_Index at = XML_GetCurrentByteIndex(xml->parser); /* where what is not yet read begins */
  if (at < 0 || xml->fed - (uint64_t)at <= LIMIT_IMPORT_XML_TAG) return true;
  return error_set(error, ERROR_TOO_LARGE, "error.import.large",
                   "This is not how a workbook is written. Download the file again.",
                   "XML at line %lu: a tag of over %d bytes",
                   (unsigned long)XML_GetCurrentLineNumber(xml->parser), LIMIT_IMPORT_XML_TAG);
}

bool xlsx_xml_feed(struct xlsx_xml *xml, struct text bytes, bool last, struct error *error)
{
  enum { CHUNK = 64 * 1024 };
  if (xml->stopped) return true;
  if (!xml->parser)
    return error_set(error, ERROR_SYSTEM, "error.import.unreadable", "", "no XML parser");
  xml->error = error;
  do {
    struct text part = text_slice(bytes, 0, CHUNK);
    bytes = text_slice(bytes, part.length, bytes.length);
    bool final = last && bytes.length == 0;
    enum XML_Status status =
        XML_Parse(xml->parser, part.length ? part.at : "", (int)part.length, final);
    xml->fed += part.length;
    if (xml->failed) return false;
    if (xml->stopped) return true;
    if (status != XML_STATUS_OK)
      return error_set(error, ERROR_REFUSED, "error.import.unreadable",
                       "The file is damaged. Download it again.", "XML at line %lu: %s",
                       (unsigned long)XML_GetCurrentLineNumber(xml->parser),
                       XML_ErrorString(XML_GetErrorCode(xml->parser)));
    if (!final && !check_open_tag(xml, error)) return false;
  } while (bytes.length);
  return true;
}

struct text xlsx_xml_attribute(const char **attributes, const char *name)
{
  for (size_t i = 0; attributes[i]; i += 2)
    if (text_equal(local_name(attributes[i]), text_from(name))) return text_from(attributes[i + 1]);
  return (struct text){"", 0};
}
