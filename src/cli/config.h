/*
 * config: what an administrator sets, by one table for flags, environment and file.
 *
 * A flag beats the environment, which beats the file (--config FILE, else $FAIRLEAD_CONFIG, else
 * none), which beats the default. `fairlead config` prints each value and where it came from.
 * The file has lines `key = value`; a line that begins with # is passed over.
 *
 * No value is a secret: passwords and keys stand in files of their own, which a key names and only
 * their owner may read. An address may hold a password; it is never printed.
 * Threads: a configuration is immutable once read.
 */
#ifndef FAIRLEAD_CLI_CONFIG_H
#define FAIRLEAD_CLI_CONFIG_H

#include "cli/cli.h"

struct cli_config;

enum cli_source { CLI_FROM_DEFAULT, CLI_FROM_FILE, CLI_FROM_ENVIRONMENT, CLI_FROM_FLAG };

/* What the value is; says how it is checked and printed. */
enum cli_kind {
  CLI_TEXT,
  CLI_PATH,
  CLI_SECRET, /* the path of a file that holds a secret */
  CLI_ADDRESS,
  CLI_YES, /* 1 or 0; as a flag, its name alone */
  CLI_NUMBER,
  CLI_LIST, /* names with commas between; as a flag, repeatable */
  CLI_LEVEL,
  CLI_ZONE,
  CLI_MAIL
};

struct cli_setting {
  struct cli_option flag;  /* its name is the key */
  const char *environment; /* "FAIRLEAD_DATA" */
  const char *fallback;    /* the default; NULL: empty */
  const char *in_data;     /* the default, beneath the data folder; NULL: `fallback` */
  enum cli_kind kind;
  bool is_common;  /* a flag of every command that opens the data; else of serve and config */
  bool is_outside; /* not allowed in the file */
};
/* Every setting; ends with a flag without a name. */
extern const struct cli_setting cli_settings[];

/*
 * Read the configuration that the arguments, the environment and the file give; it lives in the
 * arena. Refuses a bad value, and in the file a key that is unknown or repeated, each with its
 * place; and a file with a password in it that others than its owner may read.
 */
bool cli_config_read(struct cli_config **out, const struct cli_arguments *arguments,
                     struct arena *arena, struct error *error);
/* Read the content of a file alone, for tests: no flags, no environment. `name` is for errors. */
bool cli_config_read_text(struct cli_config **out, struct text content, const char *name,
                          struct arena *arena, struct error *error);
/* The value of a key of the table; "" when it has none. A NUL stands behind it. */
struct text cli_config_get(const struct cli_config *config, const char *key);
/* Is a setting of kind CLI_YES on? */
bool cli_config_is_on(const struct cli_config *config, const char *key);
/* The number of a setting of kind CLI_NUMBER; 0 when it has none. */
int64_t cli_config_number(const struct cli_config *config, const char *key);
/* The names of a setting of kind CLI_LIST, in the arena. */
size_t cli_config_list(const struct cli_config *config, const char *key, struct arena *arena,
                       struct text **out);
enum cli_source cli_config_source(const struct cli_config *config, const char *key);
/* "--data", "FAIRLEAD_DATA", "/etc/fairlead.conf:3" or "". */
struct text cli_config_place(const struct cli_config *config, const char *key);
/* The value as it may be shown: a password in an address is left out. In the arena. */
struct text cli_config_shown(const struct cli_config *config, const char *key, struct arena *arena);
/* Read the secret in the file that the key names, less the end of its line; "" when the key has no
 * value. Refuses a file that others than its owner may read. In the arena: wipe it after use. */
bool cli_config_secret(const struct cli_config *config, const char *key, struct arena *arena,
                       struct text *out, struct error *error);
/* Look at every secret file that is named by more than a default: there, and its owner's alone. */
bool cli_config_check_secrets(const struct cli_config *config, struct error *error);

#endif
