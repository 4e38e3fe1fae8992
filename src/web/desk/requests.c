/*
 * Requests: what pages about requests share. See requests.h.
 */
#include "web/desk/requests.h"

static const struct request_rules *rules_of(const struct web_request *request)
{
  return requests_rules(request->application->requests);
}

bool requests_access(struct store_transaction *transaction, struct web_request *request,
                     const char *act, struct text request_id, struct access *out,
                     struct error *error)
{
  struct role_subject subject;
  return request_subject_load(transaction, request->actor->program_id, request_id, request->actor,
                              request->now, request->arena, &subject, error) &&
         access_open(transaction, request->application->privacy, request->actor, "request", act,
                     &subject, request_id, request->now, out, error);
}

bool requests_access_list(struct store_transaction *transaction, struct web_request *request,
                          const char *object, const char *act, struct access *out,
                          struct error *error)
{
  return access_open_list(transaction, request->application->privacy, request->actor, object, act,
                          request->now, out, error);
}

/* --- Sites and staff ------------------------------------------------------------------------- */

bool requests_ground_load(struct store_transaction *transaction, struct web_request *request,
                          struct requests_ground *out, struct error *error)
{
  struct access access;
  *out = (struct requests_ground){.site_count = 0};
  if (desk_may(request, "site", "read") &&
      (!requests_access_list(transaction, request, "site", "read", &access, error) ||
       !site_list(transaction, &access, request->arena, &out->sites, &out->site_count, error)))
    return false;
  return !desk_may(request, "staff", "read") ||
         (requests_access_list(transaction, request, "staff", "read", &access, error) &&
          staff_list(transaction, &access, request->arena, true, &out->staff, &out->staff_count,
                     error));
}

struct text requests_site_name(const struct requests_ground *ground, struct text id)
{
  for (size_t i = 0; i < ground->site_count; i++)
    if (text_equal(ground->sites[i].id, id)) return ground->sites[i].name;
  return TEXT("");
}

struct text requests_staff_name(const struct requests_ground *ground, struct text id)
{
  for (size_t i = 0; i < ground->staff_count; i++)
    if (text_equal(ground->staff[i].id, id)) return ground->staff[i].name;
  return TEXT("");
}

void requests_choose_site(struct desk_form *form, const char *field,
                          const struct requests_ground *ground)
{
  const struct web_request *request = form->request;
  struct text own = request->actor->site_id;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, ground->site_count + 1, sizeof *choices);
  size_t count = 0;
  for (size_t i = 0; i < ground->site_count; i++)
    if (!ground->sites[i].closed_at && (!own.length || text_equal(own, ground->sites[i].id)))
      choices[count++] = (struct desk_choice){ground->sites[i].id, ground->sites[i].name};
  desk_form_choices(form, field, choices, count);
}

void requests_choose_staff(struct desk_form *form, const char *field,
                           const struct requests_ground *ground)
{
  const struct web_request *request = form->request;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, ground->staff_count + 1, sizeof *choices);
  size_t count = 0;
  for (size_t i = 0; i < ground->staff_count; i++)
    if (!ground->staff[i].left_at)
      choices[count++] = (struct desk_choice){ground->staff[i].id, ground->staff[i].name};
  desk_form_choices(form, field, choices, count);
}

/* --- Words ----------------------------------------------------------------------------------- */

struct text requests_label(const struct web_request *request, enum request_list list,
                           struct text code)
{
  if (!code.length || !request_code_is(rules_of(request), list, code)) return TEXT("");
  return view_text(request,
                   text_c(request->arena, text_format(request->arena, "%s.%.*s",
                                                      request_list_name(list), TEXT_PRINT(code))));
}

void requests_choose(struct desk_form *form, const char *field, enum request_list list)
{
  const struct web_request *request = form->request;
  size_t count = request_code_count(rules_of(request), list);
  struct desk_choice *choices = arena_allocate_array(request->arena, count + 1, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    struct text code = request_code(rules_of(request), list, i);
    choices[i] = (struct desk_choice){code, requests_label(request, list, code)};
  }
  desk_form_choices(form, field, choices, count);
}

static const struct known {
  int64_t value;
  const char *text, *label;
} known[] = {
    {1, "1", "requests.yes"}, {0, "0", "requests.no"}, {REQUEST_UNKNOWN, "-1", "requests.unknown"}};
enum { KNOWN = sizeof known / sizeof *known };

void requests_choose_known(struct desk_form *form, const char *field, int64_t now)
{
  struct desk_choice *choices = arena_allocate_array(form->request->arena, KNOWN, sizeof *choices);
  for (size_t i = 0; i < KNOWN; i++) {
    choices[i] =
        (struct desk_choice){text_from(known[i].text), view_text(form->request, known[i].label)};
    if (known[i].value == now) desk_form_set(form, field, choices[i].value);
  }
  desk_form_choices(form, field, choices, KNOWN);
}

struct text requests_known(const struct web_request *request, int64_t value)
{
  for (size_t i = 0; i < KNOWN; i++)
    if (known[i].value == value) return view_text(request, known[i].label);
  return TEXT("");
}

/* "Urgent: answered within 2 hours". */
static struct text urgency_text(const struct web_request *request, struct text code)
{
  enum { HOUR = 60 };
  const struct urgency *urgency = urgency_find(rules_of(request), code);
  struct text label = requests_label(request, REQUEST_URGENCIES, code);
  if (urgency->business_days)
    return VIEW_FORMAT(
        request, urgency->business_days == 1 ? "requests.within_days.one" : "requests.within_days",
        {"urgency", label}, {"count", view_count(request->arena, urgency->business_days)});
  bool is_hours = urgency->minutes % HOUR == 0;
  return VIEW_FORMAT(
      request, is_hours ? "requests.within_hours" : "requests.within_minutes", {"urgency", label},
      {"count", view_count(request->arena, is_hours ? urgency->minutes / HOUR : urgency->minutes)});
}

void requests_choose_urgency(struct desk_form *form, const char *field)
{
  const struct web_request *request = form->request;
  size_t count = request_code_count(rules_of(request), REQUEST_URGENCIES);
  struct desk_choice *choices = arena_allocate_array(request->arena, count + 1, sizeof *choices);
  for (size_t i = 0; i < count; i++) {
    struct text code = request_code(rules_of(request), REQUEST_URGENCIES, i);
    choices[i] = (struct desk_choice){code, urgency_text(request, code)};
  }
  desk_form_choices(form, field, choices, count);
}

struct text requests_name(const struct web_request *request,
                          const struct request_identity *identity)
{
  const struct text *at = identity->at;
  struct text name = text_trim(text_format(
      request->arena, "%.*s %.*s", TEXT_PRINT(at[REQUEST_GIVEN]), TEXT_PRINT(at[REQUEST_FAMILY])));
  if (name.length) return name;
  if (at[REQUEST_ASKER].length)
    return VIEW_FORMAT(request, "requests.asked_by", {"name", at[REQUEST_ASKER]});
  return view_text(request, "requests.no_name");
}

struct text requests_consents(const struct web_request *request, struct text codes)
{
  struct text rest = codes, code, out = TEXT("");
  while (text_word_next(&rest, &code)) {
    struct text label = requests_label(request, REQUEST_CONSENTS, code);
    out = out.length ? text_format(request->arena, "%.*s; %.*s", TEXT_PRINT(out), TEXT_PRINT(label))
                     : label;
  }
  return out;
}

/* --- Calls ----------------------------------------------------------------------------------- */

struct text requests_attempts(const struct web_request *request, const struct call *calls,
                              size_t count)
{
  const struct request_rules *rules = rules_of(request);
  for (size_t i = 0; i < request_code_count(rules, WAITLIST_OUTCOMES); i++) {
    struct text code = request_code(rules, WAITLIST_OUTCOMES, i);
    int64_t wanted = request_code_number(rules, WAITLIST_OUTCOMES, code, "attempts");
    if (wanted == 0) continue;
    return VIEW_FORMAT(
        request, "requests.attempts", {"outcome", requests_label(request, WAITLIST_OUTCOMES, code)},
        {"wanted", view_count(request->arena, wanted)},
        {"count",
         view_count(request->arena, call_attempts(request->application->requests, calls, count))});
  }
  return TEXT("");
}

struct text requests_script_title(const struct web_request *request, struct text script)
{
  struct text key = text_format(request->arena, "requests.script.%.*s", TEXT_PRINT(script));
  struct text title = catalog_find(request->application->catalog, request->language, key);
  return title.at ? title : TEXT("");
}

void requests_choose_script(struct desk_form *form, const char *field)
{
  const struct web_request *request = form->request;
  const struct request_rules *rules = rules_of(request);
  size_t all = call_step_count(rules), count = 0;
  struct desk_choice *choices = arena_allocate_array(request->arena, all + 1, sizeof *choices);
  for (size_t i = 0; i < all; i++) {
    struct text script = call_step_get(rules, i)->script; /* its steps stand together */
    if (count && text_equal(choices[count - 1].value, script)) continue;
    choices[count++] = (struct desk_choice){script, requests_script_title(request, script)};
  }
  desk_form_choices(form, field, choices, count);
}

bool requests_moment(const struct web_request *request, struct text date, struct text clock,
                     int64_t *out)
{
  struct zone_time local = {.second = 0};
  const struct zone *zone = request->zone;
  int64_t hour, minute, later;
  size_t colon = text_find(clock, TEXT(":"));
  if (!time_read_date(date, &local.year, &local.month, &local.day) || colon >= clock.length ||
      clock.length - colon != 3 || !text_read_integer(text_slice(clock, 0, colon), &hour) ||
      hour < 0 || hour > 23 ||
      !text_read_integer(text_slice(clock, colon + 1, clock.length), &minute) || minute < 0 ||
      minute > 59 || (!zone && !zone_find(TEXT("UTC"), &zone)))
    return false;
  local.hour = (int)hour;
  local.minute = (int)minute;
  (void)zone_instant(zone, &local, out, &later);
  return true;
}

struct value *requests_script(const struct web_request *request, struct text script)
{
  const struct request_rules *rules = rules_of(request);
  struct value *out = value_object(request->arena), *steps = value_list(request->arena);
  for (size_t i = 0; i < call_step_count(rules); i++) {
    const struct call_step *step = call_step_get(rules, i);
    if (!text_equal(step->script, script)) continue;
    struct text key = text_format(request->arena, "call-scripts.%.*s.%.*s",
                                  TEXT_PRINT(step->script), TEXT_PRINT(step->step));
    value_add(steps, value_text(request->arena, view_text(request, text_c(request->arena, key))));
  }
  view_set_text(request, out, "title", requests_script_title(request, script));
  value_set(out, "steps", steps);
  return out;
}
