/*
 * A small cache of unwrapped keys, so that a page's forty fields of one person read the key store
 * once. It is no authority: what it answers is trusted for VAULT_TRUST only, see vault_private.h.
 * Invariants: bounded; a key's bytes are wiped when its slot is freed or taken by another. Slots
 * stand in sets of WAYS: whoever chooses ids can push out other keys, never slow a lookup.
 * Threads: any, under the vault's lock.
 */
#include <stdlib.h>
#include <string.h>

#include "store/vault_private.h"

enum { WAYS = 8, SETS = LIMIT_VAULT_CACHE / WAYS };
_Static_assert(SETS *WAYS == LIMIT_VAULT_CACHE && (SETS & (SETS - 1)) == 0, "whole sets");

bool vault_cache_init(struct vault *vault, struct error *error)
{
  vault->cached_keys = sodium_malloc((size_t)LIMIT_VAULT_CACHE * VAULT_KEY);
  if (!vault->cached_keys) /* GCOVR_EXCL_BR_LINE: the system has no memory */
    return error_set(error, ERROR_SYSTEM, "error.system", "", "no memory"); /* GCOVR_EXCL_LINE */
  vault->cached = memory_allocate_zero(LIMIT_VAULT_CACHE, sizeof *vault->cached);
  return true;
}

void vault_cache_fini(struct vault *vault)
{
  sodium_free(vault->cached_keys); /* which wipes it */
  free(vault->cached);
}

/* The first slot of the set in which a subject may stand. */
static size_t set_of(struct vault_subject subject)
{
  uint64_t hash = text_hash(subject.program_id) * 31 + text_hash(subject.person_id);
  return (size_t)((hash ^ hash >> 32) % SETS) * WAYS;
}

static bool is_of(const struct vault_cached *slot, struct vault_subject subject)
{
  return slot->until &&
         text_equal((struct text){slot->person_id, slot->person_length}, subject.person_id) &&
         text_equal((struct text){slot->program_id, slot->program_length}, subject.program_id);
}

static unsigned char *key_of(struct vault *vault, size_t slot)
{
  return vault->cached_keys + slot * VAULT_KEY;
}

static void wipe(struct vault *vault, size_t slot)
{
  sodium_memzero(key_of(vault, slot), VAULT_KEY);
  vault->cached[slot].until = 0;
}

bool vault_cache_get(struct vault *vault, struct vault_subject subject,
                     unsigned char out[VAULT_KEY])
{
  bool found = false;
  size_t first = set_of(subject);
  pthread_mutex_lock(&vault->lock);
  int64_t now = time_monotonic();
  for (size_t i = first; i < first + WAYS; i++) {
    if (!is_of(&vault->cached[i], subject)) continue;
    found = now < vault->cached[i].until;
    if (found) memcpy(out, key_of(vault, i), VAULT_KEY);
    else wipe(vault, i);
  }
  pthread_mutex_unlock(&vault->lock);
  return found;
}

void vault_cache_put(struct vault *vault, struct vault_subject subject,
                     const unsigned char key[VAULT_KEY], int64_t since)
{
  size_t first = set_of(subject), best = first;
  pthread_mutex_lock(&vault->lock);
  for (size_t i = first; i < first + WAYS; i++) {
    if (is_of(&vault->cached[i], subject)) {
      best = i;
      break;
    }
    if (vault->cached[i].until < vault->cached[best].until) best = i;
  }
  struct vault_cached *slot = &vault->cached[best];
  if (since + VAULT_TRUST > slot->until) { /* not older than what stands there */
    slot->program_length = subject.program_id.length;
    slot->person_length = subject.person_id.length;
    memcpy(slot->program_id, text_start(subject.program_id), slot->program_length);
    memcpy(slot->person_id, text_start(subject.person_id), slot->person_length);
    memcpy(key_of(vault, best), key, VAULT_KEY);
    slot->until = since + VAULT_TRUST;
  }
  pthread_mutex_unlock(&vault->lock);
}

void vault_cache_drop(struct vault *vault, struct vault_subject subject)
{
  size_t first = set_of(subject);
  pthread_mutex_lock(&vault->lock);
  for (size_t i = first; i < first + WAYS; i++)
    if (is_of(&vault->cached[i], subject)) wipe(vault, i);
  pthread_mutex_unlock(&vault->lock);
}

void vault_cache_sweep(struct vault *vault)
{
  pthread_mutex_lock(&vault->lock);
  int64_t now = time_monotonic();
  for (size_t i = 0; i < LIMIT_VAULT_CACHE; i++)
    if (vault->cached[i].until && vault->cached[i].until <= now) wipe(vault, i);
  pthread_mutex_unlock(&vault->lock);
}
