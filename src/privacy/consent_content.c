/*
 * consent_content: see consent_content.h.
 */
#include "privacy/consent_content.h"

#include "privacy/sealed.h"

/* The elements that are one text each. */
static const struct {
  const char *key;
  size_t offset;
} texts[] = {{"patient_name", offsetof(struct consent, patient_name)},
             {"description", offsetof(struct consent, description)},
             {"date_from", offsetof(struct consent, date_from)},
             {"date_to", offsetof(struct consent, date_to)},
             {"purpose", offsetof(struct consent, purpose)},
             {"right_to_revoke", offsetof(struct consent, right_to_revoke)},
             {"how_to_revoke", offsetof(struct consent, how_to_revoke)},
             {"expires_on", offsetof(struct consent, expires_on)},
             {"expires_event", offsetof(struct consent, expires_event)},
             {"revocable_from", offsetof(struct consent, revocable_from)},
             {"consequences_of_refusing", offsetof(struct consent, consequences_of_refusing)},
             {"signed_by", offsetof(struct consent, signed_by)},
             {"authority", offsetof(struct consent, authority)},
             {"language", offsetof(struct consent, language)}};
enum { TEXTS = sizeof texts / sizeof *texts };

static struct value *write_list(struct arena *arena, const struct text *from, size_t count)
{
  struct value *list = value_list(arena);
  for (size_t i = 0; i < count; i++) value_add(list, value_text(arena, from[i]));
  return list;
}

static const struct text *read_list(struct arena *arena, const struct value *object,
                                    const char *key, size_t *count)
{
  const struct value *list = value_get(object, text_from(key));
  struct text *out = arena_allocate_array(arena, value_count(list) + 1, sizeof *out);
  *count = value_count(list);
  for (size_t i = 0; i < *count; i++) out[i] = value_text_get(value_item(list, i));
  return out;
}

struct value *consent_recipient_write(struct arena *arena, const struct consent_recipient *from)
{
  struct value *out = value_object(arena);
  value_set(out, "name", value_text(arena, from->name));
  value_set(out, "organization_id", value_text(arena, from->organization_id));
  value_set(out, "class", value_text(arena, from->class_name));
  value_set(out, "address", value_text(arena, from->address));
  value_set(out, "participants", value_text(arena, from->participants));
  value_set(out, "is_intermediary", value_boolean(arena, from->is_intermediary));
  value_set(out, "is_covered_entity", value_boolean(arena, from->is_covered_entity));
  return out;
}

struct consent_recipient consent_recipient_read(const struct value *from)
{
  return (struct consent_recipient){
      .name = sealed_member(from, "name"),
      .organization_id = sealed_member(from, "organization_id"),
      .class_name = sealed_member(from, "class"),
      .address = sealed_member(from, "address"),
      .participants = sealed_member(from, "participants"),
      .is_intermediary = value_kind_get(value_get(from, TEXT("is_intermediary"))) == VALUE_TRUE,
      .is_covered_entity =
          value_kind_get(value_get(from, TEXT("is_covered_entity"))) == VALUE_TRUE};
}

bool consent_content_write(struct arena *arena, const struct consent *consent, struct text *out,
                           struct error *error)
{
  struct value *content = value_object(arena), *recipients = value_list(arena);
  for (size_t i = 0; i < TEXTS; i++) {
    const struct text *at = (const void *)((const char *)consent + texts[i].offset);
    value_set(content, texts[i].key, value_text(arena, *at));
  }
  for (size_t i = 0; i < consent->recipient_count; i++)
    value_add(recipients, consent_recipient_write(arena, &consent->recipients[i]));
  value_set(content, "recipients", recipients);
  value_set(content, "disclosers",
            write_list(arena, consent->disclosers, consent->discloser_count));
  value_set(content, "labels", write_list(arena, consent->labels, consent->label_count));
  value_set(content, "documents", write_list(arena, consent->documents, consent->document_count));
  value_set(content, "purpose_codes",
            write_list(arena, consent->purpose_codes, consent->purpose_code_count));
  value_set(content, "says_may_be_redisclosed",
            value_boolean(arena, consent->says_may_be_redisclosed));
  return sealed_json(arena, content, out, error);
}

bool consent_content_read(struct arena *arena, struct text document, struct consent *out,
                          struct error *error)
{
  const struct value *content;
  if (!json_read(arena, document, &content, error)) return false;
  for (size_t i = 0; i < TEXTS; i++) {
    struct text *at = (void *)((char *)out + texts[i].offset);
    *at = sealed_member(content, texts[i].key);
  }
  const struct value *list = value_get(content, TEXT("recipients"));
  struct consent_recipient *recipients =
      arena_allocate_array(arena, value_count(list) + 1, sizeof *recipients);
  out->recipient_count = value_count(list);
  for (size_t i = 0; i < out->recipient_count; i++)
    recipients[i] = consent_recipient_read(value_item(list, i));
  out->recipients = recipients;
  out->disclosers = read_list(arena, content, "disclosers", &out->discloser_count);
  out->labels = read_list(arena, content, "labels", &out->label_count);
  out->documents = read_list(arena, content, "documents", &out->document_count);
  out->purpose_codes = read_list(arena, content, "purpose_codes", &out->purpose_code_count);
  out->says_may_be_redisclosed =
      value_kind_get(value_get(content, TEXT("says_may_be_redisclosed"))) == VALUE_TRUE;
  return true;
}
