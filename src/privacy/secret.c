/*
 * Secrets: hashes, tokens, codes, and what people may choose. See sign_in.h.
 */
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "privacy/sign_in.h"

enum {
  FORM = sodium_base64_VARIANT_URLSAFE_NO_PADDING,
  MEBIBYTE = 1024 * 1024,
  NAME_SHORTEST = 2,
  NAME_LONGEST = 64
};

/* --- Hashes ---------------------------------------------------------------------------------- */

static size_t memory_of(const struct secret_cost *cost)
{
  return (size_t)cost->memory * MEBIBYTE;
}

bool secret_hash(const struct secret_cost *cost, struct text secret, char out[SECRET_HASH],
                 struct error *error)
{
  if (crypto_pwhash_str(out, text_start(secret), secret.length, (unsigned long long)cost->passes,
                        memory_of(cost)) == 0)
    return true;
  return error_set(error, ERROR_SYSTEM, "error.system", "Give the program more memory.",
                   "no memory to hash a password");
}

bool secret_fits(struct text hash, struct text secret)
{
  char whole[SECRET_HASH] = "";
  if (hash.length == 0 || hash.length >= sizeof whole) return false;
  memcpy(whole, hash.at, hash.length);
  return crypto_pwhash_str_verify(whole, text_start(secret), secret.length) == 0;
}

bool secret_is_old(const struct secret_cost *cost, struct text hash)
{
  char whole[SECRET_HASH] = "";
  if (hash.length == 0 || hash.length >= sizeof whole) return false;
  memcpy(whole, hash.at, hash.length);
  return crypto_pwhash_str_needs_rehash(whole, (unsigned long long)cost->passes, memory_of(cost)) !=
         0;
}

struct text secret_digest(struct arena *arena, struct text secret)
{
  unsigned char *out = arena_allocate(arena, crypto_hash_sha256_BYTES);
  crypto_hash_sha256(out, (const unsigned char *)text_start(secret), secret.length);
  return (struct text){(const char *)out, crypto_hash_sha256_BYTES};
}

/* --- Random texts ---------------------------------------------------------------------------- */

static struct text write_base64(struct arena *arena, const unsigned char *bytes, size_t length)
{
  size_t room = sodium_base64_encoded_len(length, FORM);
  char *out = arena_allocate(arena, room);
  sodium_bin2base64(out, room, bytes, length, FORM);
  return text_from(out);
}

struct text secret_token(struct arena *arena)
{
  unsigned char bytes[SECRET_TOKEN_BYTES];
  randombytes_buf(bytes, sizeof bytes);
  return write_base64(arena, bytes, sizeof bytes);
}

struct text secret_form_token(struct arena *arena, struct text token)
{
  static const char purpose[] = "form";
  unsigned char bytes[SECRET_FORM_BYTES];
  unsigned char key[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(key, (const unsigned char *)text_start(token), token.length);
  crypto_generichash(bytes, sizeof bytes, (const unsigned char *)purpose, sizeof purpose - 1, key,
                     sizeof key);
  return write_base64(arena, bytes, sizeof bytes);
}

struct text secret_code(struct arena *arena)
{
  /* Without letters and digits that look alike. */
  static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
  enum { GROUPS = 4, GROUP = 4 };
  char *out = arena_allocate(arena, GROUPS * (GROUP + 1));
  for (size_t i = 0; i < GROUPS * (GROUP + 1) - 1; i++)
    out[i] = i % (GROUP + 1) == GROUP ? '-' : letters[randombytes_uniform(sizeof letters - 1)];
  return text_from(out);
}

struct text secret_code_read(struct arena *arena, struct text typed)
{
  char *out = arena_allocate(arena, typed.length + 1);
  size_t length = 0;
  struct text lower = text_lower_ascii(arena, typed);
  for (size_t i = 0; i < lower.length; i++)
    if (lower.at[i] != ' ' && lower.at[i] != '-') out[length++] = lower.at[i];
  return (struct text){out, length};
}

/* --- What people choose ---------------------------------------------------------------------- */

struct text password_normal(struct arena *arena, struct text typed)
{
  utf8proc_uint8_t *composed = NULL;
  utf8proc_ssize_t length =
      utf8proc_map((const utf8proc_uint8_t *)text_start(typed), (utf8proc_ssize_t)typed.length,
                   &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  if (length < 0) return typed;
  struct text out = text_copy(arena, (struct text){(const char *)composed, (size_t)length});
  free(composed);
  return out;
}

static size_t count_characters(struct text t)
{
  size_t count = 0;
  for (size_t i = 0; i < t.length; i++) count += ((unsigned char)t.at[i] & 0xC0) != 0x80;
  return count;
}

static size_t count_kinds(struct text t)
{
  bool is_there[256] = {false};
  size_t count = 0;
  for (size_t i = 0; i < t.length; i++) {
    bool *one = &is_there[(unsigned char)t.at[i]];
    count += !*one;
    *one = true;
  }
  return count;
}

/* What is left of `t` when every `word` is taken out. */
static struct text take_out(struct arena *arena, struct text t, struct text word)
{
  size_t at = word.length ? text_find(t, word) : t.length;
  while (at < t.length) {
    t = text_format(arena, "%.*s%.*s", (int)at, t.at,
                    TEXT_PRINT(text_slice(t, at + word.length, t.length)));
    at = text_find(t, word);
  }
  return t;
}

/* Letters and digits that are left when the commonest words and one's name are taken out. */
static size_t count_own(const struct sign_in_settings *settings, struct arena *arena,
                        struct text name, struct text password)
{
  struct text words = settings->password_common, word;
  struct text left = text_lower_ascii(arena, password);
  left = take_out(arena, left, name);
  while (text_word_next(&words, &word)) left = take_out(arena, left, word);
  size_t own = 0;
  for (size_t i = 0; i < left.length; i++) {
    unsigned char c = (unsigned char)left.at[i];
    own += c >= 0x80 || (c >= 'a' && c <= 'z');
  }
  return own + count_kinds(left) / 2;
}

bool password_check(const struct sign_in_settings *settings, struct arena *arena,
                    struct text sign_in_name, struct text password, struct error *error)
{
  enum { OWN = 6, KINDS = 5 };
  const char *hint = NULL;
  size_t characters = count_characters(password);
  bool is_text = text_is_utf8(password);
  for (size_t i = 0; i < password.length; i++)
    is_text = is_text && (unsigned char)password.at[i] >= ' ' && password.at[i] != 0x7F;
  if (!is_text) hint = "It may hold any characters but control characters.";
  else if (characters < (size_t)settings->password_shortest) hint = "It is too short.";
  else if (characters > (size_t)settings->password_longest) hint = "It is too long.";
  else if (count_kinds(password) < KINDS ||
           count_own(settings, arena, sign_in_name, password) < OWN)
    hint = "It is one of those that are tried first.";
  return !hint ||
         error_set(error, ERROR_REFUSED, "error.account.password", hint, "the password is refused");
}

/* Is each digit the one before it and `step`, all along? */
static bool is_run(struct text pin, int step)
{
  for (size_t i = 1; i < pin.length; i++)
    if ((pin.at[i] - pin.at[i - 1] - step) % 10 != 0) return false;
  return true;
}

/* Does it repeat its first `period` digits? */
static bool repeats(struct text pin, size_t period)
{
  for (size_t i = period; i < pin.length; i++)
    if (pin.at[i] != pin.at[i - period]) return false;
  return true;
}

bool pin_check(const struct sign_in_settings *settings, struct text pin, struct error *error)
{
  bool is_digits = true;
  for (size_t i = 0; i < pin.length; i++)
    is_digits = is_digits && pin.at[i] >= '0' && pin.at[i] <= '9';
  if (is_digits && pin.length >= (size_t)settings->pin_shortest &&
      pin.length <= (size_t)settings->pin_longest && !is_run(pin, 0) && !is_run(pin, 1) &&
      !is_run(pin, -1) && !repeats(pin, 2) && !repeats(pin, 3))
    return true;
  return error_set(error, ERROR_REFUSED, "error.account.pin",
                   "Digits alone, enough of them, and no row or repetition.", "the PIN is refused");
}

struct text sign_in_name_read(struct arena *arena, struct text typed)
{
  struct text name = text_lower_ascii(arena, text_trim(typed));
  if (name.length < NAME_SHORTEST || name.length > NAME_LONGEST) return TEXT("");
  for (size_t i = 0; i < name.length; i++) {
    char c = name.at[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("._-+@", c)) || !c)
      return TEXT("");
  }
  return name;
}
