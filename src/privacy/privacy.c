/*
 * privacy: opening the room: what it knows is loaded once. Each part has one line below. See
 * privacy.h. Any thread may use what was opened.
 */
#include "privacy/privacy.h"

#include "privacy/outbox_rules.h"
#include "privacy/sign_in.h"

static bool load(struct privacy *privacy, const char *knowledge, struct error *error)
{
  return roles_load(&privacy->roles, knowledge, error) &&
         sign_in_load(&privacy->sign_in, privacy->arena, knowledge, error) &&
         consent_rules_load(&privacy->consent_rules, knowledge, error) &&
         labels_load(&privacy->labels, knowledge, privacy->consent_rules, error) &&
         notices_load(&privacy->notices, knowledge, error) &&
         outbox_rules_load(&privacy->outbox_rules, privacy->arena, knowledge, error);
}

bool privacy_open(struct privacy **out, const char *share_folder, struct store *store,
                  struct vault *vault, const struct catalog *catalog, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct privacy *privacy = arena_allocate(arena, sizeof *privacy);
  *privacy = (struct privacy){.arena = arena, .store = store, .vault = vault, .catalog = catalog};
  if (!load(privacy, file_join(arena, share_folder, "knowledge"), error)) {
    privacy_close(privacy);
    return false;
  }
  *out = privacy;
  return true;
}

void privacy_close(struct privacy *privacy)
{
  if (!privacy) return;
  notices_free(privacy->notices);
  labels_free(privacy->labels);
  consent_rules_free(privacy->consent_rules);
  sign_in_fini(privacy->sign_in);
  roles_free(privacy->roles);
  arena_free(privacy->arena);
}

bool privacy_check_place(const struct privacy *privacy, struct store_transaction *transaction,
                         const struct privacy_place *place, const char *person, struct error *error)
{
  bool is_there = false,
       is_none = text_is_empty(place->program_id) && text_is_empty(place->site_id) &&
                 text_is_empty(place->staff_id) && text_is_empty(place->person_id);
  if (is_none) return true;
  if (privacy->places && !privacy->places(transaction, place, &is_there, error)) return false;
  return is_there || error_set(error, ERROR_REFUSED, person, "Look at the program's own lists.",
                               "the program has no such site, staff member or person");
}

void privacy_register_due(struct privacy *privacy, struct due_registry *registry)
{
  due_register(registry, "consent.expires", consent_expired, privacy);
}
