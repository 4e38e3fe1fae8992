/*
 * fairlead knowledge: what its check, list and show share.
 */
#ifndef FAIRLEAD_CLI_KNOWLEDGE_WORK_H
#define FAIRLEAD_CLI_KNOWLEDGE_WORK_H

#include "assessment/assessment.h"
#include "cli/cli.h"
#include "directory/directory.h"

/* What one call works with; everything lives in the arena or is freed by work_fini(). */
struct knowledge_work {
  struct cli_arguments arguments;
  struct arena *arena;
  char *share, *folder; /* the share folder and its knowledge/ */
  bool is_copy;         /* the folder was named: it may lack what the build makes */
  struct needs *needs;
  struct catalog *catalog;
  struct instruments *instruments;
  struct level_of_care *care;
};

/* Was one JSON document asked for? */
bool knowledge_is_json(const struct knowledge_work *work);
void knowledge_print_json(const struct value *document);
struct value *knowledge_text(struct knowledge_work *work, struct text t);

/* Load and prove all; answers the exit status. Sets work->needs and the like as it loads them. */
int knowledge_check(struct knowledge_work *work);
/* Print docs/roles.md: who may do what, and which fields each object has. */
int knowledge_roles(struct knowledge_work *work);
/* Print every route of the server with what it guards. */
int knowledge_routes(struct knowledge_work *work);

#endif
