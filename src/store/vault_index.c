/*
 * Blind indexes: the plain words of vault_words.h, hashed under a key of the program. It keeps
 * nothing. BLAKE2b (libsodium's generichash) of the word, 16 bytes, under a key of its own for each
 * kind, derived from the program's key: no two programs, and no two kinds, have a hash in common.
 * Threads: any.
 */
#include <string.h>

#include "store/vault_private.h"
#include "store/vault_words.h"

_Static_assert(VAULT_INDEX_BYTES >= crypto_generichash_BYTES_MIN, "a hash that the library makes");
_Static_assert((int)VAULT_QUERY_PARTS == (int)VAULT_INDEX_WORD_KEYS, "all of a word is hashed");

struct hasher {
  unsigned char keys[VAULT_INDEX_PHONE_END + 1][VAULT_KEY]; /* by kind */
};

/* Derive the keys of a program; wipe them after use. Its key is made when there is none. */
static bool hasher_init(struct hasher *hasher, struct vault *vault, struct text program_id,
                        struct error *error)
{
  const struct vault_subject program = {program_id, TEXT("")};
  unsigned char key[VAULT_KEY];
  if (!vault_subject_make(vault, program, error) ||
      !vault_key_find(vault, program, false, key, error))
    return false;
  for (size_t i = 0; i <= VAULT_INDEX_PHONE_END; i++)
    crypto_kdf_derive_from_key(hasher->keys[i], VAULT_KEY, i + 1, "fl-index", key);
  sodium_memzero(key, sizeof key);
  return true;
}

static void hasher_fini(struct hasher *hasher)
{
  sodium_memzero(hasher, sizeof *hasher);
}

static struct vault_index hash(const struct hasher *hasher, const struct vault_token *token)
{
  struct vault_index index = {.kind = token->kind};
  crypto_generichash(index.bytes, sizeof index.bytes, (const unsigned char *)token->text.at,
                     token->text.length, hasher->keys[token->kind], VAULT_KEY);
  return index;
}

bool vault_index_identity(struct vault *vault, struct arena *arena, struct text program_id,
                          const struct vault_identity *identity, struct vault_index **out,
                          size_t *count, struct error *error)
{
  struct hasher hasher;
  if (!hasher_init(&hasher, vault, program_id, error)) return false;
  struct vault_tokens tokens = {.arena = arena};
  vault_tokens_identity(&tokens, identity);
  *out = arena_allocate_array(arena, tokens.count + 1, sizeof **out);
  for (size_t i = 0; i < tokens.count; i++) (*out)[i] = hash(&hasher, &tokens.items[i]);
  *count = tokens.count;
  hasher_fini(&hasher);
  return true;
}

bool vault_index_query(struct vault *vault, struct arena *arena, struct text program_id,
                       struct text typed, struct vault_index_word **out, size_t *count,
                       struct error *error)
{
  struct hasher hasher;
  struct vault_query_word words[LIMIT_QUERY_WORDS];
  if (!hasher_init(&hasher, vault, program_id, error)) return false;
  size_t found = vault_query_read(arena, typed, words);
  struct vault_index_word *all = arena_allocate_array(arena, found + 1, sizeof *all);
  for (size_t i = 0; i < found; i++) {
    const struct vault_tokens *tokens = &words[i].tokens;
    all[i].folded = words[i].folded;
    for (; all[i].key_count < tokens->count && all[i].key_count < VAULT_INDEX_WORD_KEYS;
         all[i].key_count++) {
      all[i].plain[all[i].key_count] = tokens->items[all[i].key_count].text;
      all[i].keys[all[i].key_count] = hash(&hasher, &tokens->items[all[i].key_count]);
    }
  }
  *out = all;
  *count = found;
  hasher_fini(&hasher);
  return true;
}

bool vault_index_mark(struct vault *vault, struct text program_id, const char *use,
                      struct text bytes, unsigned char out[VAULT_MARK_BYTES], struct error *error)
{
  const struct vault_subject program = {program_id, TEXT("")};
  unsigned char key[VAULT_KEY], mark_key[VAULT_KEY];
  crypto_generichash_state state;
  if (!vault_subject_make(vault, program, error) ||
      !vault_key_find(vault, program, false, key, error))
    return false;
  crypto_kdf_derive_from_key(mark_key, sizeof mark_key, 1, "fl-marks", key);
  crypto_generichash_init(&state, mark_key, sizeof mark_key, VAULT_MARK_BYTES);
  crypto_generichash_update(&state, (const unsigned char *)use, strlen(use) + 1);
  crypto_generichash_update(&state, (const unsigned char *)text_start(bytes), bytes.length);
  crypto_generichash_final(&state, out, VAULT_MARK_BYTES);
  sodium_memzero(key, sizeof key);
  sodium_memzero(mark_key, sizeof mark_key);
  return true;
}

static enum vault_match match(const struct vault_index_word *word, size_t key,
                              const struct vault_token *token)
{
  enum vault_index_kind kind = word->keys[key].kind;
  if (kind == VAULT_INDEX_START)
    return token->kind == VAULT_INDEX_WORD && text_starts_with(token->text, word->folded)
               ? VAULT_MATCH_START
               : VAULT_MATCH_NONE;
  if (kind != token->kind || !text_equal(word->plain[key], token->text)) return VAULT_MATCH_NONE;
  if (kind == VAULT_INDEX_PHONE_END) return VAULT_MATCH_START;
  return kind == VAULT_INDEX_SOUND ? VAULT_MATCH_SOUND : VAULT_MATCH_WHOLE;
}

enum vault_match vault_index_match(struct arena *arena, const struct vault_index_word *word,
                                   const struct vault_identity *identity)
{
  struct vault_tokens tokens = {.arena = arena};
  enum vault_match best = VAULT_MATCH_NONE;
  vault_tokens_identity(&tokens, identity);
  for (size_t i = 0; i < tokens.count; i++)
    for (size_t key = 0; key < word->key_count; key++) {
      enum vault_match now = match(word, key, &tokens.items[i]);
      if (now > best) best = now;
    }
  return best;
}
