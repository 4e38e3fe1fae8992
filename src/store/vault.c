/*
 * vault: opening, and sealing and opening of fields: see vault.h. Keys are found by vault_keys.c,
 * destroyed by vault_erased.c; vault_form.c knows the form of sealed bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "store/vault_private.h"

/* A standby may lag behind an erasure: what it answers is not to be trusted. */
static bool check_address(struct text address, struct error *error)
{
  struct text found = TEXT("target_session_attrs=");
  size_t at = text_find(address, found);
  struct text value = text_slice(address, at + found.length, address.length);
  if (at == address.length || text_starts_with(value, TEXT("read-write")) ||
      text_starts_with(value, TEXT("primary")))
    return true;
  return error_set(error, ERROR_USAGE, "error.store.address",
                   "Use target_session_attrs=read-write for the key store.",
                   "the key store's address may lead to a standby");
}

bool vault_open(struct vault **out, const struct vault_options *options, struct error *error)
{
  if (sodium_init() < 0) /* GCOVR_EXCL_BR_LINE: only without any source of randomness */
    return error_set(error, ERROR_SYSTEM, "error.system", "", "libsodium"); /* GCOVR_EXCL_LINE */
  struct vault *vault = memory_allocate_zero(1, sizeof *vault);
  pthread_mutex_init(&vault->lock, NULL);
  vault->key_path = strdup(options->key_path);
  vault->erased_path = strdup(options->erased_path);
  if (!check_address(text_from(options->keys_address), error) || !vault_cache_init(vault, error) ||
      !store_open(&vault->keys, options->keys_address, error) ||
      !store_migrate(vault->keys, options->migrations, error) || !vault_master_open(vault, error) ||
      !vault_erased_heal(vault, error)) {
    vault_close(vault);
    return false;
  }
  *out = vault;
  return true;
}

void vault_close(struct vault *vault)
{
  if (!vault) return;
  vault_cache_fini(vault);
  store_close(vault->keys);
  seal_key_free(vault->master);
  pthread_mutex_destroy(&vault->lock);
  free(vault->key_path);
  free(vault->erased_path);
  free(vault);
}

bool vault_answers(struct vault *vault, struct error *error)
{
  static const struct vault_subject installation = {{"", 0}, {"", 0}};
  unsigned char key[VAULT_KEY];
  vault_cache_sweep(vault);
  if (!vault_key_find(vault, installation, true, key, error)) return false;
  sodium_memzero(key, sizeof key);
  return true;
}

bool vault_seal(struct vault *vault, struct arena *arena, struct vault_subject subject,
                const char *purpose, struct text plain, struct text *out, struct error *error)
{
  unsigned char key[VAULT_KEY];
  if (plain.length > LIMIT_VAULT_FIELD)
    return error_set(error, ERROR_TOO_LARGE, "error.vault.large", "",
                     "a field of %zu bytes, and %d are the most", plain.length, LIMIT_VAULT_FIELD);
  if (!vault_key_find(vault, subject, false, key, error)) return false;
  *out = vault_box(arena, key, "field", subject, purpose, plain);
  sodium_memzero(key, sizeof key);
  return true;
}

bool vault_unseal(struct vault *vault, struct arena *arena, struct vault_subject subject,
                  const char *purpose, struct text sealed, struct text *out, struct error *error)
{
  unsigned char key[VAULT_KEY];
  const char *wrong;
  if (!sealed.length) {
    *out = TEXT("");
    return true;
  }
  if (!vault_key_find(vault, subject, false, key, error)) return false;
  bool good = vault_unbox(arena, key, "field", subject, purpose, sealed, out, &wrong);
  sodium_memzero(key, sizeof key);
  return good || error_set(error, ERROR_SYSTEM, "error.vault.broken",
                           "Restore a backup, with the key store that belongs to it.",
                           "a sealed field (%s) is %s", purpose, wrong);
}
