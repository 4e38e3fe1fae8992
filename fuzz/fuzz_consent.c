/*
 * The sealed document of a consent: whatever it holds, what was read is written as a document that
 * reads as the same, and writing that again gives the same bytes; what is checked of it is checked
 * without a fault.
 */
#include <stdlib.h>
#include <string.h>

#include "privacy/consent_content.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
  if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char nothing[] = "";
  if (size > 65536) return 0;
  struct arena *arena = arena_new((size_t)1 << 26);
  struct text document = {size ? (const char *)data : nothing, size}, once, twice;
  struct consent consent = {.id = TEXT("kept")}, again = {0};
  struct error error = {0};
  if (consent_content_read(arena, document, &consent, &error)) {
    require(text_equal(consent.id, TEXT("kept"))); /* plain columns stay */
    if (consent_content_write(arena, &consent, &once, &error)) {
      require(consent_content_read(arena, once, &again, &error));
      require(again.recipient_count == consent.recipient_count &&
              again.label_count == consent.label_count &&
              text_equal(again.description, consent.description));
      require(consent_content_write(arena, &again, &twice, &error) && text_equal(once, twice));
    }
  }
  error_clear(&error);
  arena_free(arena);
  return 0;
}
