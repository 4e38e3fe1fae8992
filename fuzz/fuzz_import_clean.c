/*
 * Fuzz each row normalizer: what is clean stays so when it is cleaned again, and keeps its form.
 */
#include <stdlib.h>
#include <string.h>

#include "directory/import_clean.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_text(struct arena *arena, struct text input)
{
  bool recoded = false;
  struct text once = clean_text(arena, input, &recoded);
  if (!text_is_utf8(once) || text_contains(once, TEXT("  "))) abort();
  if (once.length && (once.at[0] == ' ' || once.at[once.length - 1] == ' ')) abort();
  for (size_t i = 0; i < once.length; i++)
    if ((unsigned char)once.at[i] < ' ' || once.at[i] == 0x7F) abort();
  if (recoded && text_is_utf8(input)) abort();
}

static void check_phone(struct arena *arena, struct text input)
{
  struct text once, twice;
  enum clean_phone kind = clean_phone(arena, input, &once);
  if (kind != CLEAN_PHONE_GOOD) return;
  if (once.length < 12 || once.at[3] != '-' || once.at[7] != '-') abort();
  if (clean_phone(arena, once, &twice) != CLEAN_PHONE_GOOD || !text_equal(once, twice)) abort();
}

static void check_website(struct arena *arena, struct text input)
{
  struct text once, twice;
  if (clean_website(arena, input, &once) != CLEAN_WEBSITE_GOOD) {
    if (once.length) abort();
    return;
  }
  if (!text_starts_with(once, TEXT("http://")) && !text_starts_with(once, TEXT("https://")))
    abort();
  if (clean_website(arena, once, &twice) != CLEAN_WEBSITE_GOOD || !text_equal(once, twice)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text input = {(const char *)bytes, size};
  bool recoded = false;
  char zip[6] = "", again[6] = "";
  double point[2];
  check_text(arena, input);
  check_phone(arena, input);
  check_website(arena, clean_text(arena, input, &recoded));
  if (clean_zip(input, zip) &&
      (strlen(zip) != 5 || !clean_zip(text_from(zip), again) || strcmp(zip, again) != 0))
    abort();
  if (clean_point(text_slice(input, 0, size / 2), text_slice(input, size / 2, size), point) &&
      !(point[0] >= -90 && point[0] <= 90 && point[1] >= -180 && point[1] <= 180))
    abort();
  arena_free(arena);
  return 0;
}
