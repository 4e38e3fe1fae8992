/*
 * Fuzz what strangers type at the door: a sign-in name, a code, a PIN, a password. What is taken
 * has the form it is promised to have, reading it again changes nothing, and a password that is
 * taken is text without control characters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "privacy/sign_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool is_so, const char *what)
{
  if (is_so) return;
  fprintf(stderr, "%s\n", what);
  abort();
}

/* The settings as the file has them, without its hash, which would take most of the time. */
static const struct sign_in_settings settings = {
    .password_shortest = 12,
    .password_longest = 128,
    .pin_shortest = 6,
    .pin_longest = 12,
    .password_common = {"password qwerty letmein 12345678 1234 abcd", 42},
};

static bool is_of(struct text t, const char *letters)
{
  for (size_t i = 0; i < t.length; i++)
    if (!t.at[i] || !strchr(letters, t.at[i])) return false;
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text typed = {(const char *)bytes, size};
  struct error error = {0};
  struct text name = sign_in_name_read(arena, typed);
  must(name.length <= 64 && is_of(name, "abcdefghijklmnopqrstuvwxyz0123456789._-+@"), "a name");
  must(text_equal(sign_in_name_read(arena, name), name), "a name read twice");
  struct text code = secret_code_read(arena, typed);
  must(code.length <= size && text_equal(secret_code_read(arena, code), code), "a code read twice");
  struct text normal = password_normal(arena, typed);
  must(text_equal(password_normal(arena, normal), normal), "a password composed twice");
  if (password_check(&settings, arena, name, normal, &error))
    must(text_is_utf8(normal) && normal.length >= 12, "a password that is no text");
  if (pin_check(&settings, typed, &error))
    must(is_of(typed, "0123456789") && size >= 6 && size <= 12, "a PIN that is no digits");
  arena_free(arena);
  return 0;
}
