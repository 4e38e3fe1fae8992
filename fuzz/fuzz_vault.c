/*
 * Fuzz what opens sealed fields, and what reads what was typed to find a person. The input as it
 * stands is no field of ours; sealed by us it opens to itself, in its place alone, and to nothing
 * once a bit of it is turned. As a name it folds to words; as something typed it is read within the
 * limits, and finds whoever has just this name.
 */
#include <stdlib.h>
#include <string.h>

#include "store/vault_private.h"
#include "store/vault_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const unsigned char key[VAULT_KEY] = "a key that is known to everybody";
static const struct vault_subject person = {{"program", 7}, {"person", 6}};

static void must(bool holds)
{
  if (!holds) abort();
}

static void there_and_back(struct arena *arena, struct text plain)
{
  struct text out;
  const char *wrong;
  struct text box = vault_box(arena, key, "field", person, "person.name", plain);
  must(vault_unbox(arena, key, "field", person, "person.name", box, &out, &wrong));
  must(text_equal(out, plain) && out.at[out.length] == 0);
  must(!vault_unbox(arena, key, "field", person, "person.phone", box, &out, &wrong));
  char *turned = text_c(arena, box);
  size_t at = (plain.length ? (unsigned char)plain.at[0] : 0u) % box.length;
  turned[at] = (char)(turned[at] ^ 1);
  box.at = turned;
  must(!vault_unbox(arena, key, "field", person, "person.name", box, &out, &wrong));
}

/* Single spaces, none at an end, no capitals of ASCII. */
static void check_folded(struct text folded)
{
  must(text_is_utf8(folded));
  for (size_t i = 0; i < folded.length; i++) {
    must(folded.at[i] < 'A' || folded.at[i] > 'Z');
    must(folded.at[i] != ' ' || (i > 0 && i + 1 < folded.length && folded.at[i - 1] != ' '));
  }
}

static bool meets(const struct vault_query_word *word, const struct vault_tokens *tokens)
{
  for (size_t i = 0; i < tokens->count; i++)
    for (size_t j = 0; j < word->tokens.count; j++)
      if (tokens->items[i].kind == word->tokens.items[j].kind &&
          text_equal(tokens->items[i].text, word->tokens.items[j].text))
        return true;
  return false;
}

static void read_names(struct arena *arena, struct text input)
{
  struct vault_query_word words[LIMIT_QUERY_WORDS];
  struct text name_words[LIMIT_VAULT_NAME_WORDS];
  struct text folded = vault_name_fold(arena, input);
  check_folded(folded);
  size_t name_count = vault_name_words(folded, name_words);
  for (size_t i = 0; i < name_count; i++) {
    size_t sound = vault_name_sound(arena, name_words[i]).length;
    must(sound == 0 || sound == 4);
  }
  size_t count = vault_query_read(arena, input, words);
  must(count <= LIMIT_QUERY_WORDS);
  const struct vault_identity identity = {&input, 1, input, &input, 1};
  struct vault_tokens tokens = {.arena = arena};
  vault_tokens_identity(&tokens, &identity);
  must(tokens.count <= 7 * LIMIT_VAULT_NAME_WORDS + 4);
  for (size_t i = 0; i < count; i++) {
    must(words[i].tokens.count >= 1 && words[i].tokens.count <= VAULT_QUERY_PARTS);
    must(words[i].folded.length > 0);
    /* a name of letters is found by itself */
    bool is_name = input.length < LIMIT_QUERY_TEXT && name_count <= LIMIT_QUERY_WORDS;
    for (size_t at = 0; at < input.length; at++)
      is_name = is_name && (input.at[at] & 0x80) == 0 && (input.at[at] < '0' || input.at[at] > '9');
    if (is_name) must(meets(&words[i], &tokens));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
  if (size > 4096) return 0;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text input = {(const char *)bytes, size}, out;
  const char *wrong;
  must(sodium_init() >= 0);
  if (vault_unbox(arena, key, "field", person, "person.name", input, &out, &wrong))
    must(text_equal(out, TEXT("Quillfeather"))); /* a seed */
  there_and_back(arena, input);
  read_names(arena, input);
  arena_free(arena);
  return 0;
}
