/*
 * Configuration: see config.h. The table of settings, and how a value is found and checked.
 */
#include "cli/config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { THREADS_MOST = 64, SETTINGS_MOST = 64 };

#define FLAG(key, argument, help)                                                                  \
  {                                                                                                \
    key, argument, help, false                                                                     \
  }

/* In the order in which they are printed. */
const struct cli_setting cli_settings[] = {
    {.flag = FLAG("config", "FILE", "read settings from FILE"),
     .environment = "FAIRLEAD_CONFIG",
     .kind = CLI_PATH,
     .is_common = true,
     .is_outside = true},
    {.flag = FLAG("data", "DIR", "the data folder"),
     .environment = "FAIRLEAD_DATA",
     .fallback = "./var",
     .kind = CLI_PATH,
     .is_common = true},
    {.flag = FLAG("db", "ADDRESS", "the database"),
     .environment = "FAIRLEAD_DB",
     .in_data = "fairlead.db",
     .kind = CLI_ADDRESS,
     .is_common = true},
    {.flag = FLAG("keys", "ADDRESS", "the key store"),
     .environment = "FAIRLEAD_KEYS",
     .in_data = "keys.db",
     .kind = CLI_ADDRESS,
     .is_common = true},
    {.flag = FLAG("vault-key", "FILE", "the file with the key of the key store"),
     .environment = "FAIRLEAD_VAULT_KEY",
     .in_data = "vault.key",
     .kind = CLI_SECRET,
     .is_common = true},
    {.flag = FLAG("erased-file", "FILE", "the list of erased people, applied after each restore"),
     .environment = "FAIRLEAD_ERASED_FILE",
     .in_data = "erased-people.log",
     .kind = CLI_PATH,
     .is_common = true},
    {.flag = FLAG("listen", "ADDR:PORT", "where to listen"),
     .environment = "FAIRLEAD_LISTEN",
     .fallback = "127.0.0.1:8080",
     .kind = CLI_TEXT},
    {.flag = FLAG("threads", "N", "server threads (default: one a core)"),
     .environment = "FAIRLEAD_THREADS",
     .kind = CLI_NUMBER},
    {.flag = {"licensed", "INSTRUMENT", "turn on an instrument whose license I hold", true},
     .environment = "FAIRLEAD_LICENSED",
     .kind = CLI_LIST},
    {.flag = FLAG("require-signatures", NULL, "a rule that no clinician has signed does not act"),
     .environment = "FAIRLEAD_REQUIRE_SIGNATURES",
     .fallback = "0",
     .kind = CLI_YES},
    {.flag = FLAG("anchor-file", "FILE", "where the heads of the audit are kept"),
     .environment = "FAIRLEAD_ANCHOR_FILE",
     .in_data = "audit-anchors.log",
     .kind = CLI_PATH,
     .is_common = true},
    {.flag = FLAG("anchor-syslog", NULL, "tell the audit's heads to syslog too"),
     .environment = "FAIRLEAD_ANCHOR_SYSLOG",
     .fallback = "0",
     .kind = CLI_YES},
    {.flag = FLAG("smtp-url", "URL", "the mail server: smtps://mail.example.org"),
     .environment = "FAIRLEAD_SMTP_URL",
     .kind = CLI_ADDRESS},
    {.flag = FLAG("smtp-user", "NAME", "the name to sign in with there"),
     .environment = "FAIRLEAD_SMTP_USER",
     .kind = CLI_TEXT},
    {.flag = FLAG("smtp-password-file", "FILE", "the file with its password"),
     .environment = "FAIRLEAD_SMTP_PASSWORD_FILE",
     .kind = CLI_SECRET},
    {.flag = FLAG("mail-from", "ADDRESS", "the sender of mail"),
     .environment = "FAIRLEAD_MAIL_FROM",
     .kind = CLI_MAIL},
    {.flag = FLAG("sms-url", "URL", "the gateway for text messages"),
     .environment = "FAIRLEAD_SMS_URL",
     .kind = CLI_ADDRESS},
    {.flag = FLAG("sms-token-file", "FILE", "the file with its token"),
     .environment = "FAIRLEAD_SMS_TOKEN_FILE",
     .kind = CLI_SECRET},
    {.flag = FLAG("backup-key-file", "FILE", "the key that seals and opens backups"),
     .environment = "FAIRLEAD_BACKUP_KEY_FILE",
     .kind = CLI_SECRET,
     .is_common = true},
    {.flag = FLAG("zone", "ZONE", "the time zone where a program names none"),
     .environment = "FAIRLEAD_ZONE",
     .fallback = "UTC",
     .kind = CLI_ZONE},
    {.flag = FLAG("log-level", "LEVEL", "what the server logs: debug, info, warning or error"),
     .environment = "FAIRLEAD_LOG_LEVEL",
     .fallback = "info",
     .kind = CLI_LEVEL},
    {.flag = FLAG(NULL, NULL, NULL)},
};

struct cli_config {
  struct one {
    struct text value; /* a NUL stands behind it */
    struct text place;
    enum cli_source source;
  } values[SETTINGS_MOST];
};

static const struct cli_setting *setting_find(struct text key)
{
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++)
    if (text_equal(text_from(at->flag.name), key)) return at;
  return NULL;
}

static size_t index_of(const char *key)
{
  const struct cli_setting *setting = setting_find(text_from(key));
  assert(setting);
  return (size_t)(setting - cli_settings);
}

/* --- Values -------------------------------------------------------------------------------- */

static bool is_printable(struct text value)
{
  for (size_t i = 0; i < value.length; i++)
    if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7f) return false;
  return text_is_utf8(value);
}

static bool is_zone(struct text value)
{
  static const char folder[] = "/usr/share/zoneinfo";
  char path[128];
  if (text_equal(value, TEXT("UTC"))) return true;
  if (text_contains(value, TEXT("..")) || text_starts_with(value, TEXT("/")) ||
      value.length + sizeof folder + 1 > sizeof path)
    return false;
  struct stat status;
  memcpy(path, folder, sizeof folder - 1);
  path[sizeof folder - 1] = '/';
  memcpy(path + sizeof folder, value.at, value.length);
  path[sizeof folder + value.length] = 0;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_threads(struct text value)
{
  int64_t number;
  return text_read_integer(value, &number) && number >= 1 && number <= THREADS_MOST;
}

static bool is_level(struct text value)
{
  return text_equal(value, TEXT("debug")) || text_equal(value, TEXT("info")) ||
         text_equal(value, TEXT("warning")) || text_equal(value, TEXT("error"));
}

static bool is_mail(struct text value)
{
  size_t at = text_find(value, TEXT("@"));
  return at > 0 && at + 1 < value.length && !text_contains(value, TEXT(" ")) &&
         !text_contains(text_slice(value, at + 1, value.length), TEXT("@"));
}

/* Say what a value of the kind must be, or NULL when this one is. */
static const char *wanted(enum cli_kind kind, struct text value)
{
  if (!is_printable(value)) return "plain text on one line";
  switch (kind) {
  case CLI_YES:
    return text_equal(value, TEXT("1")) || text_equal(value, TEXT("0")) ? NULL : "1 or 0";
  case CLI_NUMBER:
    return is_threads(value) ? NULL : "a number from 1 to 64";
  case CLI_LEVEL:
    return is_level(value) ? NULL : "debug, info, warning or error";
  case CLI_ZONE:
    return is_zone(value) ? NULL : "a time zone's name, such as America/New_York";
  case CLI_MAIL:
    return is_mail(value) ? NULL : "a mail address";
  case CLI_TEXT:
  case CLI_PATH:
  case CLI_SECRET:
  case CLI_ADDRESS:
  case CLI_LIST:
    break;
  }
  return NULL;
}

/* Take a value for a setting, from a place that an error can name. */
static bool take(struct cli_config *config, const struct cli_setting *setting, struct text value,
                 enum cli_source source, struct text place, struct arena *arena,
                 struct error *error)
{
  const char *must = wanted(setting->kind, value);
  if (must) {
    char hint[LIMIT_ERROR_TEXT];
    struct text said = text_format(arena, "Give %s; see fairlead config --help.", must);
    memcpy(hint, said.at, said.length);
    hint[said.length] = 0;
    return error_set(error, source == CLI_FROM_FLAG ? ERROR_USAGE : ERROR_REFUSED, "error.config",
                     hint, "%.*s: the value of %s is not %s", TEXT_PRINT(place), setting->flag.name,
                     must);
  }
  config->values[setting - cli_settings] =
      (struct one){text_from(text_c(arena, value)), text_copy(arena, place), source};
  return true;
}

/* --- The file ------------------------------------------------------------------------------ */

static bool refuse_line(struct error *error, const char *name, size_t line, const char *hint,
                        const char *what, struct text key)
{
  return error_set(error, ERROR_REFUSED, "error.config", hint, "%s:%zu: %s%.*s", name, line, what,
                   TEXT_PRINT(text_slice(key, 0, 64)));
}

static bool read_line(struct cli_config *config, const char *name, size_t number, struct text line,
                      struct arena *arena, struct error *error)
{
  line = text_trim(line);
  if (text_is_empty(line) || line.at[0] == '#') return true;
  if (!is_printable(line))
    return refuse_line(error, name, number, "Write plain text in UTF-8.",
                       "a character that is no text", TEXT(""));
  size_t equals = text_find(line, TEXT("="));
  if (equals == line.length)
    return refuse_line(error, name, number, "Write: key = value. A comment begins with #.",
                       "no = in this line", TEXT(""));
  struct text key = text_trim(text_slice(line, 0, equals));
  struct text value = text_trim(text_slice(line, equals + 1, line.length));
  const struct cli_setting *setting = setting_find(key);
  if (!setting)
    return refuse_line(error, name, number, "fairlead config prints every key there is.",
                       "there is no key ", key);
  if (setting->is_outside)
    return refuse_line(error, name, number, "Take the line away; it is given by flag or variable.",
                       "a file cannot set ", key);
  if (config->values[setting - cli_settings].source == CLI_FROM_FILE)
    return refuse_line(error, name, number, "Keep one of the lines.", "a second line for ", key);
  if (text_is_empty(value))
    return refuse_line(error, name, number, "Take the line away to have the default.",
                       "no value for ", key);
  return take(config, setting, value, CLI_FROM_FILE, text_format(arena, "%s:%zu", name, number),
              arena, error);
}

bool cli_config_read_text(struct cli_config **out, struct text content, const char *name,
                          struct arena *arena, struct error *error)
{
  struct cli_config *config = arena_allocate(arena, sizeof *config);
  struct text line;
  for (size_t number = 1; text_split_next(&content, '\n', &line); number++)
    if (!read_line(config, name, number, line, arena, error)) return false;
  *out = config;
  return true;
}

/* --- Passwords in addresses ---------------------------------------------------------------- */

/* Find the password in scheme://user:PASSWORD@host or ?password=PASSWORD. */
static bool find_password(struct text address, size_t *from, size_t *to)
{
  static const char parameter[] = "password=";
  size_t scheme = text_find(address, TEXT("://"));
  if (scheme == address.length) return false;
  size_t begin = scheme + 3, end = begin;
  while (end < address.length && !memchr("/?#", address.at[end], 3)) end++;
  size_t last = end;
  while (last > begin && address.at[last - 1] != '@') last--;
  struct text user = text_slice(address, begin, last > begin ? last - 1 : begin);
  size_t colon = text_find(user, TEXT(":"));
  if (colon < user.length) {
    *from = begin + colon + 1;
    *to = begin + user.length;
    return true;
  }
  struct text rest = text_slice(address, end, address.length);
  size_t at = text_find(rest, text_from(parameter));
  if (at == rest.length) return false;
  *from = end + at + sizeof parameter - 1;
  *to = *from;
  while (*to < address.length && address.at[*to] != '&') ++*to;
  return true;
}

/* A file that holds a password is its owner's alone. */
static bool check_rights(const struct cli_config *config, const char *path, struct error *error)
{
  struct stat status;
  size_t from, to;
  if (stat(path, &status) != 0 || !(status.st_mode & (S_IRWXG | S_IRWXO))) return true;
  for (size_t i = 0; cli_settings[i].flag.name; i++)
    if (config->values[i].source == CLI_FROM_FILE && cli_settings[i].kind == CLI_ADDRESS &&
        find_password(config->values[i].value, &from, &to))
      return error_set(error, ERROR_REFUSED, "error.config",
                       "chmod 600, or keep the password in a file of its own (for PostgreSQL: "
                       "?passfile=/path).",
                       "%.*s: a password, and others than the file's owner may read it",
                       TEXT_PRINT(config->values[i].place));
  return true;
}

/* --- Reading ------------------------------------------------------------------------------- */

/* The configuration's file, by flag or environment; "" when there is none. */
static struct text file_name(const struct cli_arguments *arguments)
{
  struct text given = text_from(cli_get(arguments, "config"));
  return given.length ? given : text_from(getenv("FAIRLEAD_CONFIG"));
}

static bool read_file(struct cli_config **out, const struct cli_arguments *arguments,
                      struct arena *arena, struct error *error)
{
  struct text content = TEXT(""), name = file_name(arguments);
  if (!name.length) return cli_config_read_text(out, content, "", arena, error);
  if (!file_read(arena, name.at, LIMIT_CONFIG_FILE, &content, error))
    return error_add_context(error, "configuration");
  return cli_config_read_text(out, content, name.at, arena, error) &&
         check_rights(*out, name.at, error);
}

static bool take_environment(struct cli_config *config, struct arena *arena, struct error *error)
{
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++) {
    struct text value = text_trim(text_from(getenv(at->environment)));
    if (value.length &&
        !take(config, at, value, CLI_FROM_ENVIRONMENT, text_from(at->environment), arena, error))
      return false;
  }
  return true;
}

/* The values of a repeatable flag, with commas between. */
static struct text join(struct arena *arena, const struct text *values, size_t count)
{
  struct text joined = TEXT("");
  for (size_t i = 0; i < count; i++)
    joined =
        text_format(arena, "%.*s%s%.*s", TEXT_PRINT(joined), i ? "," : "", TEXT_PRINT(values[i]));
  return joined;
}

static bool take_flags(struct cli_config *config, const struct cli_arguments *arguments,
                       struct arena *arena, struct error *error)
{
  for (const struct cli_setting *at = cli_settings; at->flag.name; at++) {
    struct text *values;
    size_t count = cli_all(arguments, at->flag.name, arena, &values);
    struct text value = at->flag.argument ? join(arena, values, count) : TEXT("1");
    if (count && value.length &&
        !take(config, at, value, CLI_FROM_FLAG, text_format(arena, "--%s", at->flag.name), arena,
              error))
      return false;
  }
  return true;
}

static void take_defaults(struct cli_config *config, struct arena *arena)
{
  for (size_t i = 0; cli_settings[i].flag.name; i++) {
    const struct cli_setting *setting = &cli_settings[i];
    if (config->values[i].source != CLI_FROM_DEFAULT) continue;
    struct text value = text_from(setting->fallback);
    if (setting->in_data)
      value = text_from(file_join(arena, cli_config_get(config, "data").at, setting->in_data));
    config->values[i].value = text_from(text_c(arena, value));
  }
}

bool cli_config_read(struct cli_config **out, const struct cli_arguments *arguments,
                     struct arena *arena, struct error *error)
{
  _Static_assert(sizeof cli_settings / sizeof *cli_settings <= SETTINGS_MOST, "they fit");
  struct cli_config *config;
  if (!read_file(&config, arguments, arena, error) || !take_environment(config, arena, error) ||
      !take_flags(config, arguments, arena, error))
    return false;
  take_defaults(config, arena);
  *out = config;
  return true;
}

/* --- Asking -------------------------------------------------------------------------------- */

struct text cli_config_get(const struct cli_config *config, const char *key)
{
  return config->values[index_of(key)].value;
}

bool cli_config_is_on(const struct cli_config *config, const char *key)
{
  return text_equal(cli_config_get(config, key), TEXT("1"));
}

int64_t cli_config_number(const struct cli_config *config, const char *key)
{
  int64_t number = 0;
  (void)text_read_integer(cli_config_get(config, key), &number);
  return number;
}

size_t cli_config_list(const struct cli_config *config, const char *key, struct arena *arena,
                       struct text **out)
{
  struct text rest = cli_config_get(config, key), part;
  size_t count = 0;
  *out = arena_allocate_array(arena, rest.length + 1, sizeof **out);
  while (text_split_next(&rest, ',', &part))
    if (text_trim(part).length) (*out)[count++] = text_trim(part);
  return count;
}

enum cli_source cli_config_source(const struct cli_config *config, const char *key)
{
  return config->values[index_of(key)].source;
}

struct text cli_config_place(const struct cli_config *config, const char *key)
{
  return config->values[index_of(key)].place;
}

struct text cli_config_shown(const struct cli_config *config, const char *key, struct arena *arena)
{
  struct text value = cli_config_get(config, key);
  size_t from, to;
  if (cli_settings[index_of(key)].kind != CLI_ADDRESS || !find_password(value, &from, &to))
    return value;
  return text_format(arena, "%.*s***%.*s", TEXT_PRINT(text_slice(value, 0, from)),
                     TEXT_PRINT(text_slice(value, to, value.length)));
}

/* --- Secrets ------------------------------------------------------------------------------- */

bool cli_config_secret(const struct cli_config *config, const char *key, struct arena *arena,
                       struct text *out, struct error *error)
{
  struct text path = cli_config_get(config, key), content = TEXT("");
  if (path.length && !file_read_secret(arena, path.at, LIMIT_SECRET_FILE, &content, error))
    return error_add_context(error, "%s", key);
  *out = text_trim(content);
  return true;
}

bool cli_config_check_secrets(const struct cli_config *config, struct error *error)
{
  for (size_t i = 0; cli_settings[i].flag.name; i++) {
    if (cli_settings[i].kind != CLI_SECRET || config->values[i].source == CLI_FROM_DEFAULT)
      continue;
    if (!file_check_secret(config->values[i].value.at, error))
      return error_add_context(error, "%s", cli_settings[i].flag.name);
  }
  return true;
}
