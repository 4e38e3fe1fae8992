/*
 * Document: records as JSON, by the fields of knowledge/labels.csv. See document.h. Pure.
 */
#include "care/care_private.h"

static void set(struct arena *arena, struct value *object, const char *key, struct text t)
{
  if (t.length) value_set(object, key, value_text(arena, t));
}

static void set_time(struct arena *arena, struct value *object, const char *key, int64_t at)
{
  if (at) set(arena, object, key, time_format(arena, at));
}

static void set_version(struct arena *arena, struct value *object, int64_t version)
{
  value_set(object, "version", value_integer(arena, version));
}

struct value *care_person_document(struct arena *arena, const struct person *person)
{
  struct value *document = value_object(arena);
  set(arena, document, "id", person->id);
  set_version(arena, document, person->version);
  set(arena, document, "site_id", person->site_id);
  set(arena, document, "merged_into", person->merged_into);
  value_set(document, "has_photo", value_boolean(arena, person->has_photo));
  set(arena, document, "language", person->language);
  identity_document(arena, &person->identity, document);
  return document;
}

static struct value *step_document(struct arena *arena, const struct episode_step *step)
{
  struct value *item = value_object(arena);
  set(arena, item, "status", step->status);
  set(arena, item, "level_of_care", step->level_of_care);
  set(arena, item, "site_id", step->site_id);
  set(arena, item, "unit_id", step->unit_id);
  set_time(arena, item, "at", step->at);
  set(arena, item, "words", step->words);
  set(arena, item, "account_id", step->account_id);
  return item;
}

struct value *care_episode_document(struct arena *arena, const struct episode *episode,
                                    const struct episode_step *steps, size_t count)
{
  struct value *document = value_object(arena), *list = value_list(arena);
  set(arena, document, "id", episode->id);
  set_version(arena, document, episode->version);
  set(arena, document, "person_id", episode->person_id);
  set(arena, document, "status", episode->status);
  set(arena, document, "level_of_care", episode->level_of_care);
  set(arena, document, "site_id", episode->site_id);
  set(arena, document, "unit_id", episode->unit_id);
  set(arena, document, "care_manager", episode->care_manager);
  set(arena, document, "referral_source", episode->referral_source);
  set_time(arena, document, "begun_at", episode->begun_at);
  set_time(arena, document, "ended_at", episode->ended_at);
  set(arena, document, "end_reason", episode->end_reason);
  for (size_t i = 0; i < count; i++) value_add(list, step_document(arena, &steps[i]));
  if (count) value_set(document, "steps", list);
  return document;
}

struct value *care_fact_document(struct arena *arena, const struct care *care,
                                 const struct care_fact *fact)
{
  struct value *document = value_object(arena);
  size_t index;
  set(arena, document, "id", fact->id);
  set_version(arena, document, fact->version);
  set(arena, document, "person_id", fact->person_id);
  set(arena, document, "kind", fact->kind);
  set(arena, document, "value", fact->value);
  set(arena, document, "words", fact->words);
  set_time(arena, document, "since_at", fact->since_at);
  set_time(arena, document, "until_at", fact->until_at);
  set(arena, document, "source_room", fact->source_room);
  set(arena, document, "source_id", fact->source_id);
  set(arena, document, "account_id", fact->account_id);
  set_time(arena, document, "error_at", fact->error_at);
  set(arena, document, "error_reason", fact->error_reason);
  if (care_code_find(care, CARE_FACT_KINDS, fact->kind, &index))
    set(arena, document, "labels", care_code_cell(care, CARE_FACT_KINDS, index, "labels"));
  return document;
}

struct value *care_delivered_day_document(struct arena *arena, const struct delivered_day *day)
{
  struct value *document = value_object(arena);
  set(arena, document, "id", day->id);
  set_version(arena, document, day->version);
  set(arena, document, "person_id", day->person_id);
  set(arena, document, "episode_id", day->episode_id);
  set(arena, document, "date", day->date);
  set(arena, document, "level_of_care", day->level_of_care);
  set(arena, document, "site_id", day->site_id);
  set(arena, document, "source_room", day->source_room);
  set(arena, document, "source_id", day->source_id);
  set_time(arena, document, "error_at", day->error_at);
  set(arena, document, "error_reason", day->error_reason);
  return document;
}

struct value *care_delivered_service_document(struct arena *arena,
                                              const struct delivered_service *service)
{
  struct value *document = value_object(arena);
  set(arena, document, "id", service->id);
  set_version(arena, document, service->version);
  set(arena, document, "person_id", service->person_id);
  set(arena, document, "episode_id", service->episode_id);
  set(arena, document, "kind", service->kind);
  set_time(arena, document, "begun_at", service->begun_at);
  value_set(document, "minutes", value_integer(arena, service->minutes));
  set(arena, document, "staff_id", service->staff_id);
  set(arena, document, "site_id", service->site_id);
  set(arena, document, "group_id", service->group_id);
  set(arena, document, "source_room", service->source_room);
  set(arena, document, "source_id", service->source_id);
  set_time(arena, document, "error_at", service->error_at);
  set(arena, document, "error_reason", service->error_reason);
  return document;
}

struct value *care_file_document(struct arena *arena, const struct person_file *file)
{
  struct value *document = value_object(arena);
  set(arena, document, "id", file->id);
  set(arena, document, "person_id", file->person_id);
  set(arena, document, "kind", file->kind);
  set(arena, document, "title", file->title);
  set(arena, document, "form", file_form_name(file->form));
  value_set(document, "size", value_integer(arena, file->size));
  set(arena, document, "sha256", file->sha256);
  set_time(arena, document, "at", file->made_at);
  return document;
}
