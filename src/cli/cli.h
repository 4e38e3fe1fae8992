/*
 * cli: the command line. One file per subcommand (command_<name>.c), one table in main.c, one way
 * to read options and to fail.
 *
 * Exit status: 0 done, 1 the input was refused or the work failed, 2 usage.
 */
#ifndef FAIRLEAD_CLI_CLI_H
#define FAIRLEAD_CLI_CLI_H

#include "base/base.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/* The program's version. */
extern const char cli_version[];

/* --- Subcommands: argv[0] is the subcommand's name. ---------------------------------------- */

int command_assess(int argc, char **argv);
int command_availability(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_care(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_config(int argc, char **argv);
int command_find(int argc, char **argv);
int command_import(int argc, char **argv);
int command_knowledge(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_score(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_user(int argc, char **argv);
int command_vault(int argc, char **argv);

/* --- Options ------------------------------------------------------------------------------- */

/* One long option. A table of them ends with name NULL; it parses and prints the help. */
struct cli_option {
  const char *name;     /* "need", without the dashes */
  const char *argument; /* "NEED"; NULL for a flag */
  const char *help;     /* one line */
  bool repeatable;
};
/* Which settings (config.h) a subcommand takes as flags beside its own options. */
enum cli_takes { CLI_TAKES_NONE, CLI_TAKES_COMMON, CLI_TAKES_ALL };
/* What a subcommand takes. */
struct cli_command {
  const char *name;     /* "find" */
  const char *operands; /* "[PLACE-OR-WORDS]" */
  const char *summary;  /* one line */
  const char *details;  /* examples and notes below the options, or NULL */
  const struct cli_option *options;
  enum cli_takes takes;
};

enum { CLI_VALUES = 256 }; /* options given in one call (count) */
struct cli_arguments {
  const struct cli_command *command;
  struct {
    const struct cli_option *option;
    const char *value;
  } given[CLI_VALUES];
  size_t given_count;
  char **operands; /* what is no option, in order; "--" ends the options */
  int operand_count;
};

/*
 * Read argv against the command's table. Answers true to go on; otherwise `*status` is the exit
 * status: 0 after --help was printed, 2 after a usage error was explained on standard error.
 * Accepts --name value, --name=value and options after operands.
 */
bool cli_read(struct cli_arguments *out, const struct cli_command *command, int argc, char **argv,
              int *status);
/* The last value given for an option, or NULL. */
const char *cli_get(const struct cli_arguments *arguments, const char *name);
bool cli_has(const struct cli_arguments *arguments, const char *name);
/* The same as text, "" where it was not given. */
struct text cli_text(const struct cli_arguments *arguments, const char *name);
/* Every value given for a repeatable option, in order, in the arena. */
size_t cli_all(const struct cli_arguments *arguments, const char *name, struct arena *arena,
               struct text **out);
/* Read a JSON document of at most LIMIT_JSON_BODY bytes: a file, a pipe, or "-" for standard input.
 * It lives in the arena. */
bool cli_read_document(struct arena *arena, const char *path, struct text *out,
                       struct error *error);
/* Print a document and a line's end to standard output. */
void cli_print_json(const struct value *document);
/* What an error calls it: the path, or "standard input". */
const char *cli_document_name(const char *path);
/* Say on standard error what went wrong and how to mend it; answers the exit status that fits. */
int cli_fail(const char *command, const struct error *error);
/* The same for a wrong command line: 2. */
int cli_fail_usage(const struct cli_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Lines that many tables have. --data, --db and the like are settings: `takes`, and config.h. */
#define CLI_OPTION_JSON                                                                            \
  {                                                                                                \
    "json", NULL, "print one JSON document", false                                                 \
  }
#define CLI_OPTION_END                                                                             \
  {                                                                                                \
    NULL, NULL, NULL, false                                                                        \
  }

#endif
