/*
 * records: see records.h.
 */
#include "cli/records.h"

bool cli_records_open(struct cli_records *records, const struct cli_config *config,
                      const char *share_folder, struct store *store, const struct catalog *catalog,
                      struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  const struct vault_options options = {
      .keys_address = cli_config_get(config, "keys").at,
      .key_path = cli_config_get(config, "vault-key").at,
      .erased_path = cli_config_get(config, "erased-file").at,
      .migrations = file_join(arena, share_folder, "migrations/keys"),
  };
  bool is_open =
      vault_open(&records->vault, &options, error) &&
      privacy_open(&records->privacy, share_folder, store, records->vault, catalog, error);
  arena_free(arena);
  return is_open;
}

void cli_records_close(struct cli_records *records)
{
  privacy_close(records->privacy);
  vault_close(records->vault);
  *records = (struct cli_records){0};
}
