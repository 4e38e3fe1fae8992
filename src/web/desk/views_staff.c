/*
 * /desk/staff: who works in the program, what allows them to, until when, where, and with which
 * account they sign in. An account is made under /desk/users; whom they look after is views_team.c.
 */
#include <stddef.h>

#include "web/desk/people.h"

static const struct desk_field fields[] = {
    {.name = "name",
     .label = "person.name",
     .kind = DESK_TEXT,
     .flags = DESK_REQUIRED | DESK_FOCUS,
     .longest = LIMIT_CARE_NAME},
    {.name = "profession",
     .label = "staff.profession",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
    {.name = "credential",
     .label = "staff.credential",
     .help = "staff.credential_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_CARE_NAME},
    {.name = "license_number",
     .label = "staff.license_number",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = LIMIT_CARE_NAME},
    {.name = "license_state", .label = "staff.license_state", .kind = DESK_CHOICE},
    {.name = "license_expires_on",
     .label = "staff.expires",
     .help = "staff.expires_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "hours",
     .label = "staff.hours",
     .kind = DESK_NUMBER,
     .flags = DESK_SHORT,
     .most = 168},
    {.name = "sites", .label = "staff.sites", .help = "staff.sites_help", .kind = DESK_CHOICES},
    {.name = "left", .label = "staff.left", .kind = DESK_YES},
};

static const struct desk_field account_fields[] = {
    {.name = "account",
     .label = "staff.account",
     .help = "staff.account_which",
     .kind = DESK_CHOICE,
     .flags = DESK_REQUIRED},
};

struct working {
  struct web_request *request;
  struct web_view *view;
  struct staff staff;
  struct staff *all;
  struct site *sites;
  struct care_caseload_size *sizes;
  struct account account; /* that leads to this record */
  struct account *accounts;
  size_t count, site_count, size_count, account_count;
  bool has_account, may_account;
};

static bool open_list(struct store_transaction *transaction, struct web_request *request,
                      const char *object, const char *act, struct access *out, struct error *error)
{
  return access_open_list(transaction, request->application->privacy, request->actor, object, act,
                          request->now, out, error);
}

static bool load_sites(struct store_transaction *transaction, struct working *working,
                       struct error *error)
{
  struct access access;
  return open_list(transaction, working->request, "site", "read", &access, error) &&
         site_list(transaction, &access, working->request->arena, &working->sites,
                   &working->site_count, error);
}

/* --- The list -------------------------------------------------------------------------------- */

static bool load_sizes(struct store_transaction *transaction, struct working *working,
                       struct error *error)
{
  struct access access;
  if (!desk_may(working->request, "episode", "read")) return true;
  return open_list(transaction, working->request, "episode", "read", &access, error) &&
         care_caseload_sizes(transaction, &access, working->request->arena, &working->sizes,
                             &working->size_count, error);
}

static bool load_list(struct store_transaction *transaction, void *context, struct error *error)
{
  struct working *working = context;
  struct access access;
  return open_list(transaction, working->request, "staff", "read", &access, error) &&
         staff_list(transaction, &access, working->request->arena, true, &working->all,
                    &working->count, error) &&
         load_sites(transaction, working, error) && load_sizes(transaction, working, error);
}

static struct text size_of(const struct working *working, struct text staff_id)
{
  for (size_t i = 0; i < working->size_count; i++)
    if (text_equal(working->sizes[i].staff_id, staff_id))
      return view_count(working->request->arena, working->sizes[i].people);
  return TEXT("0");
}

static struct text site_names(const struct working *working, const struct staff *staff)
{
  struct web_request *request = working->request;
  struct text names = TEXT("");
  if (!staff->site_count) return view_text(request, "staff.every_site");
  for (size_t i = 0; i < staff->site_count; i++)
    for (size_t at = 0; at < working->site_count; at++)
      if (text_equal(working->sites[at].id, staff->site_ids[i]))
        names = text_format(request->arena, "%.*s%s%.*s", TEXT_PRINT(names),
                            names.length ? ", " : "", TEXT_PRINT(working->sites[at].name));
  return names;
}

static struct value *fill_row(const struct working *working, const struct staff *staff)
{
  struct web_request *request = working->request;
  struct value *item = value_object(request->arena);
  struct text ends = staff->license_expires_on;
  view_set_text(request, item, "staff_id", staff->id);
  view_set_text(request, item, "name", staff->name);
  view_set_text(request, item, "profession",
                people_label(request, CARE_PROFESSIONS, staff->profession));
  view_set_text(request, item, "credential", staff->credential);
  view_set_text(request, item, "expires", ends.length ? view_date(request, ends) : TEXT(""));
  view_set_flag(request, item, "expired", staff->expired_at != 0);
  view_set_text(request, item, "sites", site_names(working, staff));
  view_set_flag(request, item, "left", staff->left_at != 0);
  view_set_text(request, item, "people", size_of(working, staff->id));
  return item;
}

static bool view_list(struct web_request *request, struct web_view *view, struct error *error)
{
  struct working working = {.request = request, .view = view};
  if (!desk_read(request, load_list, &working, error)) return false;
  struct value *page = view->page = value_object(request->arena),
               *list = value_list(request->arena);
  for (size_t i = 0; i < working.count; i++) value_add(list, fill_row(&working, &working.all[i]));
  value_set(page, "staff", list);
  view_set_flag(request, page, "any", working.count > 0);
  view_set_flag(request, page, "may_write", desk_may(request, "staff", "write"));
  view_set_flag(request, page, "may_caseload", desk_may(request, "episode", "read"));
  view->template_name = "desk/staff";
  return true;
}

/* --- One ------------------------------------------------------------------------------------- */

/* The account that leads here, or those that could. */
static bool load_accounts(struct store_transaction *transaction, struct working *working,
                          struct error *error)
{
  struct web_request *request = working->request;
  struct access access;
  working->may_account = desk_may(request, "account", "read");
  if (!working->may_account) return true;
  return open_list(transaction, request, "account", "read", &access, error) &&
         account_of_staff(transaction, request->arena, access.program_id, request->captured,
                          &working->account, &working->has_account, error) &&
         (working->has_account || account_list(transaction, request->arena, access.program_id,
                                               &working->accounts, &working->account_count, error));
}

static bool load_one(struct store_transaction *transaction, void *context, struct error *error)
{
  struct working *working = context;
  struct web_request *request = working->request;
  struct access access;
  if (!load_sites(transaction, working, error)) return false;
  return !request->captured.length ||
         (open_list(transaction, request, "staff", "read", &access, error) &&
          staff_load(transaction, &access, request->arena, request->captured, &working->staff,
                     error) &&
          load_accounts(transaction, working, error));
}

static bool save(struct store_transaction *transaction, void *context, struct error *error)
{
  struct working *working = context;
  struct web_request *request = working->request;
  const struct care *care = request->application->records;
  struct access access;
  if (!open_list(transaction, request, "staff", "write", &access, error)) return false;
  bool is_done =
      request->captured.length
          ? staff_save(transaction, care, &access, &working->staff, error)
          : staff_create(transaction, care, &access, request->arena, &working->staff, error);
  if (is_done) desk_redirect(request, working->view, "/desk/staff");
  return is_done;
}

static void begin(struct desk_form *form, const struct working *working)
{
  struct web_request *request = working->request;
  struct desk_choice *sites =
      arena_allocate_array(request->arena, working->site_count + 1, sizeof *sites);
  for (size_t i = 0; i < working->site_count; i++)
    sites[i] = (struct desk_choice){working->sites[i].id, working->sites[i].name};
  DESK_FORM_INIT(form, request, fields);
  people_choose(form, "profession", CARE_PROFESSIONS);
  people_choose(form, "license_state", CARE_STATES);
  desk_form_choices(form, "sites", sites, working->site_count);
}

static const struct people_member members[] = {
    {"name", offsetof(struct staff, name)},
    {"profession", offsetof(struct staff, profession)},
    {"credential", offsetof(struct staff, credential)},
    {"license_number", offsetof(struct staff, license_number)},
    {"license_state", offsetof(struct staff, license_state)},
    {"license_expires_on", offsetof(struct staff, license_expires_on)},
};
enum { MEMBERS = sizeof members / sizeof *members };

static void put(struct desk_form *form, const struct working *working)
{
  const struct staff *staff = &working->staff;
  people_put(form, members, MEMBERS, staff);
  if (staff->weekly_minutes)
    desk_form_set(
        form, "hours",
        text_format(form->request->arena, "%lld", (long long)(staff->weekly_minutes / 60)));
  for (size_t i = 0; i < staff->site_count; i++) desk_form_set(form, "sites", staff->site_ids[i]);
  if (staff->left_at) desk_form_set(form, "left", TEXT("1"));
  if (staff->id.length) desk_form_set_version(form, staff->version);
}

static bool take(struct desk_form *form, struct working *working)
{
  const struct web_request *request = form->request;
  struct field_problems problems = {.count = 0};
  struct staff *staff = &working->staff;
  if (!desk_form_read(form)) return false;
  people_take(form, members, MEMBERS, staff);
  int64_t hours = staff->weekly_minutes / 60, written = desk_form_number(form, "hours", 0);
  if (written != hours) staff->weekly_minutes = written * 60;
  staff->site_count = desk_form_all(form, "sites", &staff->site_ids);
  bool has_left = desk_form_has(form, "left", TEXT("1"));
  if (has_left != (staff->left_at != 0)) staff->left_at = has_left ? request->now : 0;
  if (request->captured.length) staff->version = desk_form_version(form);
  staff_check(request->application->records, staff, &problems);
  return people_refuse(form, &problems);
}

/* Accounts of staff that lead to no record yet. */
static void begin_account(struct desk_form *form, const struct working *working)
{
  struct web_request *request = working->request;
  size_t kept = 0;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, working->account_count + 1, sizeof *choices);
  for (size_t i = 0; i < working->account_count; i++) {
    const struct account *account = &working->accounts[i];
    if (account->staff_id.length || account->person_id.length || account->is_disabled) continue;
    choices[kept++] = (struct desk_choice){
        account->id, account->shown_name.length ? text_format(request->arena, "%.*s (%.*s)",
                                                              TEXT_PRINT(account->shown_name),
                                                              TEXT_PRINT(account->sign_in_name))
                                                : account->sign_in_name};
  }
  DESK_FORM_INIT(form, request, account_fields);
  desk_form_choices(form, "account", choices, kept);
  view_set_flag(request, working->view->page, "any_accounts", kept > 0);
}

static bool show(struct working *working, const struct desk_form *form,
                 const struct desk_form *account_form)
{
  struct web_request *request = working->request;
  struct value *page = working->view->page;
  bool is_there = request->captured.length > 0;
  view_set_text(request, page, "staff_id", request->captured);
  view_set_text(request, page, "staff_name", working->staff.name);
  view_set_flag(request, page, "may_account", is_there && working->may_account);
  view_set_flag(request, page, "may_link", is_there && desk_may(request, "account", "write"));
  view_set_flag(request, page, "may_caseload", is_there && desk_may(request, "episode", "read"));
  view_set_flag(request, page, "has_account", working->has_account);
  view_set_text(request, page, "account_id", working->account.id);
  view_set_text(request, page, "account_name", working->account.shown_name);
  view_set_text(request, page, "account_sign_in", working->account.sign_in_name);
  desk_form_fill(account_form, page, "account_form");
  return desk_form_show(form, working->view, "desk/staff_one");
}

static bool view_one(struct web_request *request, struct web_view *view, struct error *error)
{
  struct working working = {.request = request, .view = view};
  struct desk_form form, stands, account_form;
  if (!desk_read(request, load_one, &working, error)) return false;
  view->page = value_object(request->arena);
  begin(&form, &working);
  begin(&stands, &working);
  put(&stands, &working);
  begin_account(&account_form, &working);
  if (request->method == WEB_GET) {
    put(&form, &working);
    return show(&working, &form, &account_form);
  }
  if (!take(&form, &working)) return show(&working, &form, &account_form);
  if (desk_write(request, view, save, &working, error)) return true;
  if (error->kind != ERROR_CONFLICT) return false;
  desk_form_conflict(&form, &stands);
  error_clear(error);
  return show(&working, &form, &account_form);
}

/* --- The account ----------------------------------------------------------------------------- */

struct linking {
  struct working *working;
  struct text account_id;
  bool is_end;
};

static bool link_account(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct linking *linking = context;
  struct working *working = linking->working;
  struct web_request *request = working->request;
  struct privacy *privacy = request->application->privacy;
  struct access access;
  if (!open_list(transaction, request, "staff", "read", &access, error) ||
      !staff_load(transaction, &access, request->arena, request->captured, &working->staff, error))
    return false;
  bool is_done =
      linking->is_end
          ? account_unlink_staff(transaction, privacy, request->actor, request->arena,
                                 linking->account_id, request->captured, request->now, error)
          : account_link_staff(transaction, privacy, request->actor, request->arena,
                               linking->account_id, request->captured, request->now, error);
  if (is_done)
    desk_redirect(request, working->view, "/desk/staff/%.*s", TEXT_PRINT(request->captured));
  return is_done;
}

static bool view_account(struct web_request *request, struct web_view *view, struct error *error)
{
  static const struct desk_mapping mappings[] = {{"error.account.linked", "account"},
                                                 {"error.account.changed", "account"},
                                                 {"error.account.elsewhere", "account"},
                                                 {"error.account.person", "account"},
                                                 {NULL, NULL}};
  struct working working = {.request = request, .view = view};
  struct linking linking = {.working = &working,
                            .account_id = web_parameter_get(request, "account"),
                            .is_end = text_equal(web_parameter_get(request, "act"), TEXT("end"))};
  struct desk_form form, account_form;
  if (!desk_read(request, load_one, &working, error)) return false;
  view->page = value_object(request->arena);
  begin(&form, &working);
  put(&form, &working);
  begin_account(&account_form, &working);
  if (working.has_account && !linking.is_end)
    desk_form_refuse(&account_form, "account", "error.account.linked");
  bool is_read = linking.is_end || (desk_form_read(&account_form) && !working.has_account);
  if (is_read && desk_write(request, view, link_account, &linking, error)) return true;
  if (is_read && !desk_form_take(&account_form, error, mappings)) return false;
  view->status = 400;
  return show(&working, &form, &account_form);
}

const struct web_route desk_staff_routes[] = {{.methods = WEB_GET,
                                               .pattern = "/desk/staff",
                                               .handler = view_list,
                                               .guard = "staff",
                                               .get_act = "read"},
                                              {.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/staff/new",
                                               .handler = view_one,
                                               .guard = "staff",
                                               .get_act = "write",
                                               .post_act = "write"},
                                              {.methods = WEB_GET | WEB_POST,
                                               .pattern = "/desk/staff/{id}",
                                               .handler = view_one,
                                               .guard = "staff",
                                               .get_act = "write",
                                               .post_act = "write"},
                                              {.methods = WEB_POST,
                                               .pattern = "/desk/staff/{id}/account",
                                               .handler = view_account,
                                               .guard = "account",
                                               .post_act = "write"},
                                              {.pattern = NULL}};
