/*
 * sealed: see sealed.h.
 */
#include "privacy/sealed.h"

#include "privacy/privacy.h"

bool sealed_write(const struct access *access, struct arena *arena, struct text person_id,
                  const char *purpose, struct text plain, struct text *out, struct error *error)
{
  struct vault_subject subject = {access->program_id, person_id};
  return vault_seal(access->privacy->vault, arena, subject, purpose, plain, out, error);
}

bool sealed_read(const struct access *access, struct arena *arena, struct text person_id,
                 const char *purpose, struct text bytes, struct text *out, struct error *error)
{
  struct vault_subject subject = {access->program_id, person_id};
  return vault_unseal(access->privacy->vault, arena, subject, purpose, bytes, out, error);
}

bool sealed_json(struct arena *arena, const struct value *value, struct text *out,
                 struct error *error)
{
  struct text_buffer buffer;
  text_buffer_init(&buffer, LIMIT_CONSENT_TEXT);
  json_write(value, &buffer);
  bool fits = !buffer.over;
  if (fits) *out = text_copy(arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return fits || error_set(error, ERROR_TOO_LARGE, "error.consent.long", "", "past %d bytes",
                           LIMIT_CONSENT_TEXT);
}

struct text sealed_id(struct arena *arena, int64_t now)
{
  char id[UUID_TEXT + 1];
  uuid_new(now, id);
  return text_copy(arena, text_from(id));
}

bool sealed_person(const struct access *access, struct error *error)
{
  if (!text_is_empty(access->person_id) && !text_is_empty(access->program_id)) return true;
  return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                   "%s %s: the access is not for one person", access->object, access->act);
}

bool sealed_audit(struct store_transaction *transaction, const struct access *access,
                  struct text object_id, struct text purpose, const struct value *detail,
                  struct error *error)
{
  struct audit_entry entry = {.program_id = access->program_id,
                              .actor = access->actor,
                              .object = text_from(access->object),
                              .act = text_from(access->act),
                              .object_id = object_id,
                              .person_id = access->person_id,
                              .purpose = purpose,
                              .outcome = AUDIT_DONE,
                              .detail = detail,
                              .at = access->now};
  return audit_append(transaction, &entry, error);
}

struct text sealed_member(const struct value *object, const char *key)
{
  return value_text_get(value_get(object, text_from(key)));
}
