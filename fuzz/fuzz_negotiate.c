/*
 * The value of a negotiating field as raw bytes: the first byte chooses the field.
 */
#include <stdlib.h>

#include "web/negotiate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const struct text codes[] = {TEXT("en"), TEXT("es")};
  if (size == 0) return 0;
  struct text value = {(const char *)data + 1, size - 1};
  enum web_form page, document;
  switch (data[0] % 4) {
  case 0:
    page = web_prefer_form(value, false);
    document = web_prefer_form(value, true);
    /* A page in JSON means that JSON is liked, so the document is JSON too. */
    if (page == WEB_JSON && document != WEB_JSON) abort();
    break;
  case 1:
    web_prefer_gzip(value);
    break;
  case 2:
    if (web_prefer_language(value, codes, 2) > 1) abort();
    break;
  default:
    web_etag_matches(value, TEXT("\"0123456789abcdef\""));
  }
  return 0;
}
