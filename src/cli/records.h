/*
 * records: what a command opens to reach records: the vault and the room privacy.
 */
#ifndef FAIRLEAD_CLI_RECORDS_H
#define FAIRLEAD_CLI_RECORDS_H

#include "cli/config.h"
#include "privacy/privacy.h"

struct cli_records {
  struct vault *vault;
  struct privacy *privacy;
};

/* Open both as the configuration says. Borrows store and catalog. */
bool cli_records_open(struct cli_records *records, const struct cli_config *config,
                      const char *share_folder, struct store *store, const struct catalog *catalog,
                      struct error *error);
/* Zeroed storage is fine. */
void cli_records_close(struct cli_records *records);

#endif
