/*
 * records: see records.h.
 */
#include "cli/records.h"

#include "care/care.h"

static bool open_all(struct cli_records *records, const struct cli_config *config,
                     struct arena *arena, struct error *error)
{
  char *share;
  if (!file_share_folder(arena, &share, error)) return false;
  struct vault_options options = {.keys_address = cli_config_get(config, "keys").at,
                                  .key_path = cli_config_get(config, "vault-key").at,
                                  .erased_path = cli_config_get(config, "erased-file").at,
                                  .migrations = file_join(arena, share, "migrations/keys")};
  return file_make_folder(cli_config_get(config, "data").at, error) &&
         store_open(&records->store, cli_config_get(config, "db").at, error) &&
         store_migrate(records->store, file_join(arena, share, "migrations"), error) &&
         vault_open(&records->vault, &options, error) &&
         catalog_load(&records->catalog, file_join(arena, share, "locale"), error) &&
         privacy_open(&records->privacy, share, records->store, records->vault, records->catalog,
                      error);
}

/* The command line gives roles at sites, too, without the rest of care. */
static void let_know_places(struct cli_records *records)
{
  records->privacy->places = care_has_place;
}

bool cli_records_open(struct cli_records *out, const struct cli_config *config, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool is_open = open_all(out, config, arena, error);
  if (is_open) let_know_places(out);
  arena_free(arena);
  return is_open;
}

void cli_records_close(struct cli_records *records)
{
  privacy_close(records->privacy);
  catalog_free(records->catalog);
  vault_close(records->vault);
  if (records->store) store_close(records->store);
  *records = (struct cli_records){.store = NULL};
}
