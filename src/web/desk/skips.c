/*
 * Skips: see skips.h.
 */
#include "web/desk/skips.h"

#include <string.h>

#include "web/desk/desk_private.h"

/* --- Loading ------------------------------------------------------------------------------- */

static bool load_names(struct store_transaction *transaction, const struct access *access,
                       const struct waitlist_entry *before, struct skips *out, struct error *error)
{
  struct arena *arena = out->request->arena;
  struct request_names names;
  struct text *ids = arena_allocate_array(arena, out->count + 1, sizeof *ids);
  for (size_t i = 0; i < out->count; i++) ids[i] = before[i].request_id;
  if (!request_names_load(transaction, access, arena, ids, out->count, &names, error)) return false;
  out->people = arena_allocate_array(arena, out->count + 1, sizeof *out->people);
  for (size_t i = 0; i < out->count; i++) {
    const struct request_name *name = request_names_find(&names, ids[i]);
    out->people[i] = (struct skips_person){
        .entry = before[i], .name = name ? name->name : TEXT(""), .reason = TEXT("")};
  }
  return true;
}

bool skips_load(struct store_transaction *transaction, struct web_request *request,
                struct text request_id, struct skips *out, struct error *error)
{
  struct skips skips = {.request = request};
  struct waitlist_entry *before;
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "request",
                        "read", request->now, &access, error) ||
      !waitlist_before(transaction, request->application->requests, &access, request->arena,
                       request_id, &before, &skips.count, error))
    return false;
  skips.is_over = skips.count > LIMIT_SKIPS;
  if (skips.is_over) skips.count = 0;
  if (!load_names(transaction, &access, before, &skips, error)) return false;
  *out = skips;
  return true;
}

/* --- The form ------------------------------------------------------------------------------ */

static const char *name_field(const struct web_request *request, struct text request_id)
{
  return text_c(request->arena, text_format(request->arena, "skip_%.*s", TEXT_PRINT(request_id)));
}

bool skips_read(struct skips *skips)
{
  const struct request_rules *rules = requests_rules(skips->request->application->requests);
  skips->is_refused = skips->is_over;
  for (size_t i = 0; i < skips->count; i++) {
    struct skips_person *person = &skips->people[i];
    person->reason =
        web_parameter_get(skips->request, name_field(skips->request, person->entry.request_id));
    person->problem = NULL;
    if (person->reason.length == 0) person->problem = "form.problem.choose";
    else if (!request_code_is(rules, WAITLIST_SKIP_REASONS, person->reason))
      person->problem = "form.problem.choice";
    if (person->problem) skips->is_refused = true;
  }
  return !skips->is_refused;
}

void skips_offer(const struct skips *skips, struct waitlist_offer *offer)
{
  struct waitlist_skip *items =
      arena_allocate_array(skips->request->arena, skips->count + 1, sizeof *items);
  for (size_t i = 0; i < skips->count; i++)
    items[i] = (struct waitlist_skip){skips->people[i].entry.request_id, skips->people[i].reason};
  offer->skips = items;
  offer->skip_count = skips->count;
}

void skips_refuse(struct skips *skips, struct text missing)
{
  skips->is_refused = true;
  for (size_t i = 0; i < skips->count; i++)
    if (text_equal(skips->people[i].entry.request_id, missing) && !skips->people[i].problem)
      skips->people[i].problem = "form.problem.choose";
}

/* --- Showing ------------------------------------------------------------------------------- */

struct text skips_why(const struct web_request *request, const struct waitlist_entry *entry)
{
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct arena *arena = request->arena;
  int64_t tier = waitlist_tier_get(rules, entry->is_pregnant, entry->is_injecting)->tier;
  struct text law =
      view_text(request, text_c(arena, text_format(arena, "waitlist-order.%lld", (long long)tier)));
  struct text urgency = view_text(
      request,
      text_c(arena, text_format(arena, "request-urgencies.%.*s", TEXT_PRINT(entry->urgency))));
  struct text since = value_text_get(value_get(desk_time(request, entry->since_at), TEXT("shown")));
  return VIEW_FORMAT(request, "skips.why", {"law", law}, {"urgency", urgency}, {"since", since});
}

static struct value *fill_options(const struct web_request *request, struct text chosen)
{
  const struct request_rules *rules = requests_rules(request->application->requests);
  struct arena *arena = request->arena;
  struct value *list = value_list(arena);
  for (size_t i = 0; i < request_code_count(rules, WAITLIST_SKIP_REASONS); i++) {
    struct text code = request_code(rules, WAITLIST_SKIP_REASONS, i);
    struct value *item = value_object(arena);
    view_set_text(request, item, "value", code);
    view_set_text(request, item, "label",
                  view_text(request, text_c(arena, text_format(arena, "skip-reasons.%.*s",
                                                               TEXT_PRINT(code)))));
    view_set_flag(request, item, "chosen", text_equal(code, chosen));
    value_add(list, item);
  }
  return list;
}

static struct value *fill_person(const struct skips *skips, const struct skips_person *person)
{
  const struct web_request *request = skips->request;
  struct value *item = value_object(request->arena);
  view_set_text(request, item, "field", text_from(name_field(request, person->entry.request_id)));
  view_set_text(request, item, "request_id", person->entry.request_id);
  view_set_text(request, item, "number",
                view_count(request->arena, (int64_t)person->entry.place.number));
  view_set_text(request, item, "name",
                person->name.length ? person->name : view_text(request, "skips.nameless"));
  view_set_text(request, item, "why", skips_why(request, &person->entry));
  view_set_text(request, item, "problem",
                person->problem ? view_text(request, person->problem) : TEXT(""));
  value_set(item, "options", fill_options(request, person->reason));
  return item;
}

void skips_fill(const struct skips *skips, struct value *page)
{
  const struct web_request *request = skips->request;
  struct value *out = value_object(request->arena), *people = value_list(request->arena);
  for (size_t i = 0; i < skips->count; i++)
    value_add(people, fill_person(skips, &skips->people[i]));
  value_set(out, "people", people);
  view_set_flag(request, out, "any", skips->count > 0);
  view_set_flag(request, out, "is_over", skips->is_over);
  view_set_flag(request, out, "is_refused", skips->is_refused);
  value_set(page, "skips", out);
}
