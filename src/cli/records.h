/*
 * records: what every command that works on records opens, in this order: the database, brought up
 * to date; the vault; the words; the room privacy. Closed the other way.
 *
 * Threads: opened and closed by one; what is in it, as its own header says.
 */
#ifndef FAIRLEAD_CLI_RECORDS_H
#define FAIRLEAD_CLI_RECORDS_H

#include "cli/config.h"
#include "privacy/privacy.h"

/* Zeroed before it is opened. */
struct cli_records {
  struct store *store;
  struct vault *vault;
  struct catalog *catalog;
  struct privacy *privacy;
};

/* Open all of it as the configuration says. On false what was opened stays for cli_records_close().
 */
bool cli_records_open(struct cli_records *out, const struct cli_config *config,
                      struct error *error);
void cli_records_close(struct cli_records *records);

#endif
