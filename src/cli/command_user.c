/*
 * fairlead user: accounts of staff from the command line of the machine itself: make one, disable
 * and enable, reset, list. Each act is in the audit as "command". A first password is printed once,
 * to standard output, and stands nowhere else.
 */
#include <stdio.h>
#include <string.h>

#include "care/care.h"
#include "cli/records.h"

static const struct cli_option options[] = {
    {"role", "ROLE[@PROGRAM[/SITE]]", "what the account is, and where (default: everywhere)", true},
    {"shown-name", "NAME", "the name that others see", false},
    {"email", "ADDRESS", "where messages to them go", false},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const struct cli_command command = {
    .name = "user",
    .operands = "add|disable|enable|reset NAME, or list",
    .summary = "Look after the accounts of staff.",
    .details =
        "  fairlead user add ann --role administrator --shown-name 'Ann Lee'\n"
        "  fairlead user add kim --role 'nurse@Lantern House/North' --role counselor@...\n"
        "      prints a first password, once; kim must change it when signing in\n"
        "  fairlead user reset kim      a new first password; second factor and locks cleared\n"
        "  fairlead user disable kim    ends every session at once; enable brings it back\n"
        "  fairlead user list --json\n"
        "PROGRAM and SITE are names or ids. Roles: knowledge/roles.csv.\n",
    .options = options,
    .takes = CLI_TAKES_COMMON,
};

struct work {
  struct cli_arguments arguments;
  struct arena *arena;
  struct cli_config *config;
  struct cli_records records;
  struct actor by;
  int64_t now;
  /* Of a read. */
  struct text name;
  struct account account, *accounts;
  size_t account_count;
  struct program *programs;
  size_t program_count;
  struct site *sites;
  size_t site_count;
};

/* --- Programs and sites by name ------------------------------------------------------------- */

static bool list_programs(struct store_transaction *transaction, void *context, struct error *error)
{
  struct work *work = context;
  return program_list(transaction, work->arena, &work->programs, &work->program_count, error);
}

static bool list_sites(struct store_transaction *transaction, void *context, struct error *error)
{
  struct work *work = context;
  struct access access;
  return access_open_list(transaction, work->records.privacy, &work->by, "site", "read", work->now,
                          &access, error) &&
         site_list(transaction, &access, work->arena, &work->sites, &work->site_count, error);
}

static bool is_called(struct text typed, struct text id, struct text name)
{
  return text_equal(typed, id) || text_equal_ignore_case(typed, name);
}

static bool find_program(struct work *work, struct text typed, struct text *out,
                         struct error *error)
{
  if (!store_read(work->records.store, list_programs, work, error)) return false;
  for (size_t i = 0; i < work->program_count; i++) {
    if (!is_called(typed, work->programs[i].id, work->programs[i].name)) continue;
    *out = work->programs[i].id;
    return true;
  }
  return error_set(error, ERROR_NOT_FOUND, "error.account.role",
                   "Programs are made at /desk/settings; write the name as it stands there.",
                   "there is no program \"%.*s\"", TEXT_PRINT(typed));
}

static bool find_site(struct work *work, struct text program_id, struct text typed,
                      struct text *out, struct error *error)
{
  work->by.program_id = program_id;
  bool is_read = store_write(work->records.store, list_sites, work, error);
  work->by.program_id = TEXT("");
  if (!is_read) return false;
  for (size_t i = 0; i < work->site_count; i++) {
    if (!is_called(typed, work->sites[i].id, work->sites[i].name)) continue;
    *out = work->sites[i].id;
    return true;
  }
  return error_set(error, ERROR_NOT_FOUND, "error.account.role",
                   "Sites are made at /desk/settings/sites.", "the program has no site \"%.*s\"",
                   TEXT_PRINT(typed));
}

/* Read ROLE[@PROGRAM[/SITE]]. */
static bool read_role(struct work *work, struct text typed, struct account_role *out,
                      struct error *error)
{
  size_t at = text_find(typed, TEXT("@"));
  struct text place = text_slice(typed, at + 1, typed.length), program = place, site = TEXT("");
  for (size_t i = place.length; i > 0; i--)
    if (place.at[i - 1] == '/') {
      program = text_slice(place, 0, i - 1);
      site = text_slice(place, i, place.length);
      break;
    }
  *out = (struct account_role){TEXT(""), TEXT(""), text_slice(typed, 0, at)};
  return (text_is_empty(program) || find_program(work, program, &out->program_id, error)) &&
         (text_is_empty(site) || find_site(work, out->program_id, site, &out->site_id, error));
}

/* --- Acts ------------------------------------------------------------------------------------ */

static void print_password(struct text name, struct text password)
{
  printf("%.*s signs in with the first password  %.*s\n"
         "It is shown this once, and must be changed when signing in.\n",
         TEXT_PRINT(name), TEXT_PRINT(password));
}

static bool add(struct work *work, struct error *error)
{
  struct text *typed, id, password;
  size_t count = cli_all(&work->arguments, "role", work->arena, &typed);
  struct account_role *roles = arena_allocate_array(work->arena, count + 1, sizeof *roles);
  for (size_t i = 0; i < count; i++)
    if (!read_role(work, typed[i], &roles[i], error)) return false;
  struct account_new wanted = {.sign_in_name = work->name,
                               .shown_name = text_from(cli_get(&work->arguments, "shown-name")),
                               .email = text_from(cli_get(&work->arguments, "email")),
                               .roles = roles,
                               .role_count = count};
  if (text_is_empty(wanted.shown_name)) wanted.shown_name = wanted.sign_in_name;
  if (!account_create(work->records.privacy, &work->by, &wanted, work->arena, work->now, &id,
                      &password, error))
    return false;
  print_password(work->name, password);
  return true;
}

static bool find_in(struct store_transaction *transaction, void *context, struct error *error)
{
  struct work *work = context;
  return account_find(transaction, work->arena, work->name, &work->account, error);
}

static bool find(struct work *work, struct error *error)
{
  return store_read(work->records.store, find_in, work, error) ||
         error_add_context(error, "%.*s", TEXT_PRINT(work->name));
}

static bool set_disabled(struct work *work, bool disabled, struct error *error)
{
  if (!find(work, error) || !account_disable(work->records.privacy, &work->by, work->account.id,
                                             disabled, work->account.version, work->now, error))
    return false;
  printf("%.*s %s\n", TEXT_PRINT(work->account.sign_in_name),
         disabled ? "is disabled; its sessions have ended" : "can sign in again");
  return true;
}

static bool disable(struct work *work, struct error *error)
{
  return set_disabled(work, true, error);
}

static bool enable(struct work *work, struct error *error)
{
  return set_disabled(work, false, error);
}

static bool reset(struct work *work, struct error *error)
{
  struct text password;
  if (!find(work, error) || !account_reset(work->records.privacy, &work->by, work->account.id,
                                           work->arena, work->now, &password, error))
    return false;
  print_password(work->account.sign_in_name, password);
  return true;
}

/* --- Listing --------------------------------------------------------------------------------- */

static bool list_in(struct store_transaction *transaction, void *context, struct error *error)
{
  struct work *work = context;
  struct access access;
  return access_open_list(transaction, work->records.privacy, &work->by, "account", "read",
                          work->now, &access, error) &&
         account_list(transaction, work->arena, TEXT(""), &work->accounts, &work->account_count,
                      error);
}

static struct value *account_value(struct arena *arena, const struct account *account)
{
  struct value *out = value_object(arena), *roles = value_list(arena);
  for (size_t i = 0; i < account->role_count; i++) {
    struct value *role = value_object(arena);
    value_set(role, "role", value_text(arena, account->roles[i].role));
    value_set(role, "program_id", value_text(arena, account->roles[i].program_id));
    value_set(role, "site_id", value_text(arena, account->roles[i].site_id));
    value_add(roles, role);
  }
  value_set(out, "id", value_text(arena, account->id));
  value_set(out, "name", value_text(arena, account->sign_in_name));
  value_set(out, "shown_name", value_text(arena, account->shown_name));
  value_set(out, "roles", roles);
  value_set(out, "disabled", value_boolean(arena, account->is_disabled));
  value_set(out, "second_factor", value_boolean(arena, account->has_totp));
  value_set(out, "must_change_password", value_boolean(arena, account->must_change_password));
  value_set(out, "last_sign_in",
            account->last_sign_in_at
                ? value_text(arena, time_format(arena, account->last_sign_in_at))
                : value_null(arena));
  return out;
}

static void print_document(struct work *work)
{
  struct value *document = value_object(work->arena), *list = value_list(work->arena);
  struct text_buffer out;
  for (size_t i = 0; i < work->account_count; i++)
    value_add(list, account_value(work->arena, &work->accounts[i]));
  value_set(document, "accounts", list);
  text_buffer_init(&out, LIMIT_FILE_WHOLE);
  json_write_pretty(document, &out);
  fwrite(out.at, 1, out.length, stdout);
  text_buffer_fini(&out);
}

static void print_table(const struct work *work)
{
  for (size_t i = 0; i < work->account_count; i++) {
    const struct account *account = &work->accounts[i];
    printf("%-20.*s %-24.*s %s%s", TEXT_PRINT(account->sign_in_name),
           TEXT_PRINT(account->shown_name), account->is_disabled ? "disabled " : "",
           account->has_totp ? "" : "without second factor ");
    for (size_t j = 0; j < account->role_count; j++) {
      const struct account_role *role = &account->roles[j];
      printf("%s%.*s%s%.*s%s%.*s", j ? ", " : "", TEXT_PRINT(role->role),
             role->program_id.length ? "@" : "", TEXT_PRINT(role->program_id),
             role->site_id.length ? "/" : "", TEXT_PRINT(role->site_id));
    }
    printf("\n");
  }
}

static bool list(struct work *work, struct error *error)
{
  if (!store_write(work->records.store, list_in, work, error)) return false;
  if (cli_has(&work->arguments, "json")) print_document(work);
  else print_table(work);
  return true;
}

/* --- The command ----------------------------------------------------------------------------- */

static const struct {
  const char *name;
  int operands;
  bool (*run)(struct work *work, struct error *error);
} acts[] = {{"add", 2, add},     {"disable", 2, disable}, {"enable", 2, enable},
            {"reset", 2, reset}, {"list", 1, list},       {NULL, 0, NULL}};

static int run(struct work *work, bool (*act)(struct work *work, struct error *error))
{
  struct error error = {0};
  int status = EXIT_DONE;
  work->arena = arena_new(LIMIT_ARENA_REQUEST);
  work->by = actor_command(TEXT(""));
  work->now = time_now();
  if (work->arguments.operand_count > 1) work->name = text_from(work->arguments.operands[1]);
  if (!cli_config_read(&work->config, &work->arguments, work->arena, &error) ||
      !cli_records_open(&work->records, work->config, &error) || !act(work, &error))
    status = cli_fail(command.name, &error);
  cli_records_close(&work->records);
  arena_free(work->arena);
  return status;
}

int command_user(int argc, char **argv)
{
  struct work work = {0};
  int status;
  if (!cli_read(&work.arguments, &command, argc, argv, &status)) return status;
  const char *what = work.arguments.operand_count ? work.arguments.operands[0] : "";
  for (size_t i = 0; acts[i].name; i++) {
    if (strcmp(what, acts[i].name) != 0) continue;
    if (work.arguments.operand_count != acts[i].operands)
      return cli_fail_usage(&command, "\"%s\" takes %s", what,
                            acts[i].operands == 1 ? "no name" : "one sign-in name");
    if (acts[i].run != add &&
        (cli_has(&work.arguments, "role") || cli_has(&work.arguments, "shown-name") ||
         cli_has(&work.arguments, "email")))
      return cli_fail_usage(&command, "--role, --shown-name and --email belong to \"add\"");
    return run(&work, acts[i].run);
  }
  return cli_fail_usage(&command, "say what to do: add, disable, enable, reset or list");
}
