/*
 * What fairlead backup and fairlead restore share: the key, the progress line, what is printed.
 */
#ifndef FAIRLEAD_CLI_BACKUP_WORK_H
#define FAIRLEAD_CLI_BACKUP_WORK_H

#include "cli/config.h"
#include "store/backup.h"

struct backup_work {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct backup_key *key;
  const char *doing; /* for the progress line: "writing" */
  bool is_terminal, on_line;
};

/* Read the configuration and the key that it names. */
bool backup_work_open(struct backup_work *work, struct error *error);
void backup_work_close(struct backup_work *work);
/* A progress line on a terminal; `context` is the work. */
void backup_work_progress(void *context, struct text table, int64_t rows);
void backup_work_end_line(struct backup_work *work);
/* Print what a backup holds: a few lines, or with --json its manifest. */
void backup_work_print(const struct backup_work *work, const char *path,
                       const struct backup_manifest *manifest);

/* --- The list of erased people -------------------------------------------------------------- */

/* Add to the file the lines of `content` that it lacks, flushed. Who was erased stays so. */
bool backup_merge_erased(struct arena *arena, const char *path, struct text content, int64_t *added,
                         struct error *error);

#endif
