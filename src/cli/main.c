/*
 * fairlead: the one program. Finds the subcommand and hands over.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* One line for each subcommand, in the order of the help. */
static const struct {
  const char *name, *summary;
  int (*run)(int argc, char **argv);
} commands[] = {
    {"serve", "serve the pages and the API", command_serve},
    {"find", "find facilities from the command line", command_find},
    {"import", "import facilities: a file, an address, the demo", command_import},
    {"score", "score answers to a questionnaire: COWS, PHQ-9, ...", command_score},
    {"assess", "say which level of care fits, and why", command_assess},
    {"user", "look after the accounts of staff", command_user},
    {"audit", "verify the history of who did what, and anchor it", command_audit},
    {"vault", "show and renew the keys that names are sealed by", command_vault},
    {"knowledge", "check, list and show what the program believes", command_knowledge},
    {"care", "make programs, list them", command_care},
    {"availability", "links and files by which other programs tell their openings",
     command_availability},
    {"backup", "make an encrypted copy of the database", command_backup},
    {"restore", "bring a backup back, checked, and swap it in", command_restore},
    {"config", "show every setting and where it comes from", command_config},
    {NULL, NULL, NULL},
};

static void print_help(FILE *to)
{
  fputs("Fairlead finds and runs treatment for people who use opioids.\n\n"
        "Usage: fairlead COMMAND [OPTION]...\n\n",
        to);
  for (size_t i = 0; commands[i].name; i++)
    fprintf(to, "  %-12s %s\n", commands[i].name, commands[i].summary);
  fputs("\nTry: fairlead COMMAND --help\n", to);
}

int main(int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "";
  for (size_t i = 0; commands[i].name; i++)
    if (strcmp(name, commands[i].name) == 0) {
      /* A command speaks to the person who typed it; only the server keeps a log. */
      if (commands[i].run != command_serve) log_set_level(LOG_WARNING);
      return commands[i].run(argc - 1, argv + 1);
    }
  if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
    printf("fairlead %s\n", cli_version);
    return EXIT_DONE;
  }
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
    print_help(stdout);
    return EXIT_DONE;
  }
  if (*name) fprintf(stderr, "fairlead: there is no command \"%s\"\n\n", name);
  print_help(stderr);
  return EXIT_USAGE;
}
