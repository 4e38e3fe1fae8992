/*
 * /desk/users: who may sign in; a new account; one account: its roles, first password, sessions.
 *
 * Whoever works in a program sees and gives the roles of that program; at the installation, those
 * of the program that the form names.
 */
#include <string.h>

#include "care/care.h"
#include "web/desk/desk_private.h"

static struct privacy *privacy_of(const struct web_request *request)
{
  return request->application->privacy;
}

/* --- What a form may choose from ----------------------------------------------------------- */

struct users {
  struct web_request *request;
  struct account *accounts;
  size_t count;
  struct account account; /* of one's page */
  struct session_shown *sessions;
  size_t session_count;
  struct program *programs;
  size_t program_count;
  struct site *sites;
  size_t site_count;
  struct staff *staff;
  size_t staff_count;
};

static bool is_at_installation(const struct web_request *request)
{
  return request->actor->program_id.length == 0;
}

/* Sites and staff of the program one works in; programs at the installation. */
static bool load_choices(struct store_transaction *transaction, struct users *users,
                         struct error *error)
{
  struct web_request *request = users->request;
  struct access access;
  if (is_at_installation(request))
    return program_list(transaction, request->arena, &users->programs, &users->program_count,
                        error);
  if (desk_may(request, "site", "read") &&
      (!access_open_list(transaction, privacy_of(request), request->actor, "site", "read",
                         request->now, &access, error) ||
       !site_list(transaction, &access, request->arena, &users->sites, &users->site_count, error)))
    return false;
  if (!desk_may(request, "staff", "read")) return true;
  return access_open_list(transaction, privacy_of(request), request->actor, "staff", "read",
                          request->now, &access, error) &&
         staff_list(transaction, &access, request->arena, false, &users->staff, &users->staff_count,
                    error);
}

static size_t role_choices(const struct web_request *request, const struct desk_choice **out)
{
  const struct roles *roles = privacy_of(request)->roles;
  size_t count = roles_count(roles), kept = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, count, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    struct text role = roles_name(roles, i);
    /* People in care and family get theirs from the person's page. */
    if (text_equal(role, TEXT("person")) || text_equal(role, TEXT("family"))) continue;
    choices[kept++] = (struct desk_choice){role, desk_role_label(request, role)};
  }
  *out = choices;
  return kept;
}

static void set_choices(struct desk_form *form, const struct users *users)
{
  const struct web_request *request = form->request;
  const struct desk_choice *roles;
  size_t role_count = role_choices(request, &roles);
  struct desk_choice *sites =
      arena_allocate_array(request->arena, users->site_count + 1, sizeof *sites);
  struct desk_choice *staff =
      arena_allocate_array(request->arena, users->staff_count + 1, sizeof *staff);
  struct desk_choice *programs =
      arena_allocate_array(request->arena, users->program_count + 1, sizeof *programs);
  for (size_t i = 0; i < users->site_count; i++)
    sites[i] = (struct desk_choice){users->sites[i].id, users->sites[i].name};
  for (size_t i = 0; i < users->staff_count; i++)
    staff[i] = (struct desk_choice){users->staff[i].id, users->staff[i].name};
  programs[0] = (struct desk_choice){TEXT("all"), desk_program_name(request, TEXT(""))};
  for (size_t i = 0; i < users->program_count; i++)
    programs[i + 1] = (struct desk_choice){users->programs[i].id, users->programs[i].name};
  desk_form_choices(form, "role", roles, role_count);
  desk_form_choices(form, "site", sites, users->site_count);
  desk_form_choices(form, "staff", staff, users->staff_count);
  desk_form_choices(form, "program", programs, users->program_count + 1);
}

/* The roles that a form ticks, each in its program and site. */
static size_t roles_of(const struct desk_form *form, const struct account_role **out)
{
  const struct web_request *request = form->request;
  const struct text *names;
  size_t count = desk_form_all(form, "role", &names);
  struct text program = request->actor->program_id;
  struct account_role *roles = arena_allocate_array(request->arena, count + 1, sizeof *roles);
  if (is_at_installation(request)) {
    program = desk_form_get(form, "program");
    if (text_equal(program, TEXT("all"))) program = TEXT("");
  }
  for (size_t i = 0; i < count; i++)
    roles[i] = (struct account_role){
        .program_id = program, .site_id = desk_form_get(form, "site"), .role = names[i]};
  *out = roles;
  return count;
}

static const struct desk_mapping mappings[] = {{"error.account.name", "name"},
                                               {"error.account.taken", "name"},
                                               {"error.account.role", "role"},
                                               {"error.account.elsewhere", NULL},
                                               {"error.account.last", NULL},
                                               {"error.account.badge", "badge"},
                                               {NULL, NULL}};

/* --- The list ------------------------------------------------------------------------------ */

static bool load_list(struct store_transaction *transaction, void *context, struct error *error)
{
  struct users *users = context;
  struct web_request *request = users->request;
  struct access access;
  return access_open_list(transaction, privacy_of(request), request->actor, "account", "read",
                          request->now, &access, error) &&
         account_list(transaction, request->arena, request->actor->program_id, &users->accounts,
                      &users->count, error);
}

static struct text roles_shown(const struct web_request *request, const struct account *account)
{
  struct text *names = arena_allocate_array(request->arena, account->role_count + 1, sizeof *names);
  size_t count = 0;
  for (size_t i = 0; i < account->role_count; i++) {
    struct text program = account->roles[i].program_id;
    if (!is_at_installation(request) && program.length &&
        !text_equal(program, request->actor->program_id))
      continue;
    names[count++] = account->roles[i].role;
  }
  return desk_role_labels(request, names, count);
}

static struct value *fill_account(const struct web_request *request, const struct account *account)
{
  struct value *out = value_object(request->arena);
  view_set_text(request, out, "id", account->id);
  view_set_text(request, out, "name",
                account->shown_name.length ? account->shown_name : account->sign_in_name);
  view_set_text(request, out, "sign_in_name", account->sign_in_name);
  view_set_text(request, out, "email", account->email);
  view_set_text(request, out, "roles", roles_shown(request, account));
  view_set_flag(request, out, "is_disabled", account->is_disabled);
  view_set_flag(request, out, "is_locked", account->locked_until > request->now);
  view_set_flag(request, out, "has_totp", account->has_totp);
  view_set_flag(request, out, "has_pin", account->has_pin);
  view_set_flag(request, out, "has_badge", account->has_badge);
  value_set(out, "last",
            account->last_sign_in_at ? desk_time(request, account->last_sign_in_at)
                                     : value_null(request->arena));
  return out;
}

static bool view_users(struct web_request *request, struct web_view *view, struct error *error)
{
  struct users users = {.request = request};
  if (!desk_read(request, load_list, &users, error)) return false;
  struct value *list = value_list(request->arena);
  for (size_t i = 0; i < users.count; i++) /* a person's own account is on the person's page */
    if (!users.accounts[i].person_id.length)
      value_add(list, fill_account(request, &users.accounts[i]));
  view->page = value_object(request->arena);
  value_set(view->page, "accounts", list);
  view_set_flag(request, view->page, "any", value_count(list) > 0);
  view_set_flag(request, view->page, "may_write", desk_may(request, "account", "write"));
  view->template_name = "desk/users";
  return true;
}

/* --- A new one ----------------------------------------------------------------------------- */

static const struct desk_field new_fields[] = {
    {.name = "shown_name",
     .label = "account.shown_name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS,
     .longest = 100},
    {.name = "name",
     .label = "sign_in.name",
     .help = "account.name_help",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED,
     .longest = 64},
    {.name = "email", .label = "account.email", .kind = DESK_EMAIL},
    {.name = "program", .label = "account.program", .kind = DESK_CHOICE},
    {.name = "role",
     .label = "account.roles",
     .help = "account.roles_help",
     .kind = DESK_CHOICES,
     .flags = DESK_REQUIRED},
    {.name = "site", .label = "account.site", .help = "account.site_help", .kind = DESK_CHOICE},
    {.name = "staff", .label = "account.staff", .help = "account.staff_help", .kind = DESK_CHOICE},
};

static bool load_new(struct store_transaction *transaction, void *context, struct error *error)
{
  return load_choices(transaction, context, error);
}

static bool create(struct web_request *request, struct web_view *view, void *context,
                   struct error *error)
{
  const struct desk_form *form = context;
  struct account_new wanted = {.sign_in_name = desk_form_get(form, "name"),
                               .shown_name = desk_form_get(form, "shown_name"),
                               .email = desk_form_get(form, "email"),
                               .staff_id = desk_form_get(form, "staff"),
                               .person_id = TEXT(""),
                               .password = TEXT("")};
  struct text id;
  wanted.role_count = roles_of(form, &wanted.roles);
  if (!account_create(privacy_of(request), request->actor, &wanted, request->arena, request->now,
                      &id, &view->once, error))
    return false;
  desk_redirect(request, view, "/desk/users/%.*s", TEXT_PRINT(id));
  return true;
}

/* Show a form; which of its fields there is something to choose for. */
static bool show_new(struct web_request *request, struct web_view *view,
                     const struct desk_form *form, const struct users *users)
{
  view->page = value_object(request->arena);
  view_set_flag(request, view->page, "at_installation", is_at_installation(request));
  view_set_flag(request, view->page, "has_sites", users->site_count > 0);
  view_set_flag(request, view->page, "has_staff", users->staff_count > 0);
  return desk_form_show(form, view, "desk/user_new");
}

static bool view_new(struct web_request *request, struct web_view *view, struct error *error)
{
  struct users users = {.request = request};
  struct desk_form form;
  if (!desk_read(request, load_new, &users, error)) return false;
  DESK_FORM_INIT(&form, request, new_fields);
  set_choices(&form, &users);
  if (request->method == WEB_GET) return show_new(request, view, &form, &users);
  desk_form_read(&form);
  if (is_at_installation(request) && !desk_form_get(&form, "program").length)
    desk_form_refuse(&form, "program", "form.problem.choose");
  if (form.problem_count) return show_new(request, view, &form, &users);
  if (desk_act(request, view, create, &form, error)) return true;
  return desk_form_take(&form, error, mappings) && show_new(request, view, &form, &users);
}

/* --- One account --------------------------------------------------------------------------- */

static const struct desk_field role_fields[] = {
    {.name = "program", .label = "account.program", .kind = DESK_CHOICE},
    {.name = "role", .label = "account.roles", .kind = DESK_CHOICES, .flags = DESK_REQUIRED},
    {.name = "site", .label = "account.site", .help = "account.site_help", .kind = DESK_CHOICE},
    {.name = "staff", .label = "account.staff", .kind = DESK_HIDDEN},
};

/* An account of a program one does not work in is not there; nor is a person's own. */
static bool is_within(const struct web_request *request, const struct account *account)
{
  if (account->person_id.length) return false;
  if (is_at_installation(request)) return true;
  for (size_t i = 0; i < account->role_count; i++)
    if (text_equal(account->roles[i].program_id, request->actor->program_id)) return true;
  return false;
}

static bool load_one(struct store_transaction *transaction, void *context, struct error *error)
{
  struct users *users = context;
  struct web_request *request = users->request;
  struct access access;
  if (!access_open(transaction, privacy_of(request), request->actor, "account", "read", NULL,
                   request->captured, request->now, &access, error) ||
      !account_load(transaction, request->arena, request->captured, &users->account, error))
    return false;
  if (!is_within(request, &users->account)) { /* denied, and said as if there were none */
    (void)access_refuse(&access, TEXT(""), "error.403.text", NULL);
    return error_set(error, ERROR_NOT_FOUND, "error.account.unknown", "", "not of this program");
  }
  return load_choices(transaction, users, error) &&
         session_list(transaction, request->arena, users->account.id, TEXT(""), request->now,
                      &users->sessions, &users->session_count, error);
}

/* What the account has now: of the program one works in, or of its first. */
static void fill_roles(struct desk_form *form, const struct account *account)
{
  const struct web_request *request = form->request;
  struct text program = request->actor->program_id;
  if (is_at_installation(request) && account->role_count) {
    program = account->roles[0].program_id;
    desk_form_set(form, "program", program.length ? program : TEXT("all"));
  }
  for (size_t i = 0; i < account->role_count; i++) {
    if (!text_equal(account->roles[i].program_id, program)) continue;
    desk_form_set(form, "role", account->roles[i].role);
    if (account->roles[i].site_id.length) desk_form_set(form, "site", account->roles[i].site_id);
  }
  desk_form_set_version(form, account->version);
}

static bool show_one(struct web_request *request, struct web_view *view,
                     const struct desk_form *form, const struct users *users, struct error *error)
{
  struct text once;
  view->page = value_object(request->arena);
  if (!desk_once(request, &once, error)) return false;
  value_set(view->page, "account", fill_account(request, &users->account));
  value_set(view->page, "sessions", desk_sessions(request, users->sessions, users->session_count));
  view_set_flag(request, view->page, "has_sessions", users->session_count > 0);
  view_set_text(request, view->page, "password", once);
  view_set_text(request, view->page, "version",
                text_format(request->arena, "%lld", (long long)users->account.version));
  view_set_flag(request, view->page, "at_installation", is_at_installation(request));
  view_set_flag(request, view->page, "has_sites", users->site_count > 0);
  view_set_flag(request, view->page, "may_write", desk_may(request, "account", "write"));
  view_set_flag(request, view->page, "may_reset", desk_may(request, "account", "reset"));
  view_set_flag(request, view->page, "may_revoke", desk_may(request, "session", "revoke"));
  return desk_form_show(form, view, "desk/user");
}

/* What is pressed on the page: a word, and what it does. */
static bool do_roles(struct web_request *request, struct web_view *view, void *context,
                     struct error *error)
{
  const struct desk_form *form = context;
  const struct account_role *roles;
  size_t count = roles_of(form, &roles);
  (void)view;
  return account_set_roles(privacy_of(request), request->actor, request->captured, roles, count,
                           desk_form_version(form), request->now, error);
}

static bool do_disable(struct web_request *request, struct web_view *view, void *context,
                       struct error *error)
{
  (void)view;
  bool is_off = text_equal(web_parameter_get(request, "act"), TEXT("disable"));
  return account_disable(privacy_of(request), request->actor, request->captured, is_off,
                         desk_form_version(context), request->now, error);
}

static bool do_reset(struct web_request *request, struct web_view *view, void *context,
                     struct error *error)
{
  (void)context;
  return account_reset(privacy_of(request), request->actor, request->captured, request->arena,
                       request->now, &view->once, error);
}

static bool do_revoke(struct web_request *request, struct web_view *view, void *context,
                      struct error *error)
{
  (void)view;
  (void)context;
  return session_revoke(privacy_of(request), request->actor, request->captured,
                        web_parameter_get(request, "session"), request->now, error);
}

static bool do_badge(struct web_request *request, struct web_view *view, void *context,
                     struct error *error)
{
  (void)view;
  (void)context;
  return account_set_badge(privacy_of(request), request->actor, request->captured,
                           web_parameter_get(request, "badge"), request->now, error);
}

static const struct act {
  const char *name, *object, *act;
  desk_function *function;
} acts[] = {
    {"roles", "account", "write", do_roles},    {"disable", "account", "write", do_disable},
    {"enable", "account", "write", do_disable}, {"reset", "account", "reset", do_reset},
    {"badge", "account", "write", do_badge},    {"revoke", "session", "revoke", do_revoke},
};

static const struct act *act_of(const struct web_request *request)
{
  struct text name = web_parameter_get(request, "act");
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    if (text_equal(name, text_from(acts[i].name))) return &acts[i];
  return &acts[0];
}

/* A stale form: what stands now beside what was typed. */
static bool show_conflict(struct web_request *request, struct web_view *view,
                          struct desk_form *form, struct users *users, struct error *error)
{
  struct desk_form now;
  error_clear(error);
  DESK_FORM_INIT(&now, request, role_fields);
  set_choices(&now, users);
  fill_roles(&now, &users->account);
  desk_form_conflict(form, &now);
  return show_one(request, view, form, users, error);
}

static bool view_one(struct web_request *request, struct web_view *view, struct error *error)
{
  struct users users = {.request = request};
  struct desk_form form;
  if (!desk_read(request, load_one, &users, error)) return false;
  DESK_FORM_INIT(&form, request, role_fields);
  set_choices(&form, &users);
  if (request->method == WEB_GET) {
    fill_roles(&form, &users.account);
    return show_one(request, view, &form, &users, error);
  }
  const struct act *act = act_of(request);
  bool is_roles = act->function == do_roles;
  if (!is_roles) {
    fill_roles(&form, &users.account);
    form.version = web_parameter_get(request, "version");
  } else if (!desk_form_read(&form)) {
    return show_one(request, view, &form, &users, error);
  }
  if (desk_act(request, view, act->function, &form, error)) return true;
  if (error->kind == ERROR_CONFLICT) return show_conflict(request, view, &form, &users, error);
  return desk_form_take(&form, error, is_roles ? mappings : NULL) &&
         show_one(request, view, &form, &users, error);
}

const struct web_route desk_users_routes[] = {{.methods = WEB_GET,
                                               .pattern = "/desk/users",
                                               .handler = view_users,
                                               .guard = "account",
                                               .get_act = "read",
                                               .flags = WEB_NO_PROGRAM},
                                              {.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/users/new",
                                               .handler = view_new,
                                               .guard = "account",
                                               .get_act = "write",
                                               .post_act = "write",
                                               .flags = WEB_NO_PROGRAM},
                                              {.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/users/{id}",
                                               .handler = view_one,
                                               .guard = "account",
                                               .get_act = "read",
                                               .post_act = "write",
                                               .flags = WEB_NO_PROGRAM},
                                              {.pattern = NULL}};
