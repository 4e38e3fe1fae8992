/*
 * Fuzz the configuration's file: what is read ends, is one line, and is shown without its password.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct arena *arena = arena_new(LIMIT_FILE_WHOLE);
  struct error error = {0};
  struct cli_config *config = NULL;
  if (cli_config_read_text(&config, (struct text){(const char *)bytes, size}, "f", arena, &error)) {
    for (const struct cli_setting *at = cli_settings; at->flag.name; at++) {
      struct text value = cli_config_get(config, at->flag.name);
      if (!value.length) continue;
      if (value.at[value.length] || strlen(value.at) != value.length) abort();
      if (text_contains(value, TEXT("\n")) || !text_is_utf8(value)) abort();
      struct text *names;
      (void)cli_config_shown(config, at->flag.name, arena);
      if (cli_config_list(config, at->flag.name, arena, &names) > value.length) abort();
    }
  } else if (error.kind != ERROR_REFUSED || config) {
    abort();
  }
  arena_free(arena);
  return 0;
}
