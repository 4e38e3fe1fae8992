/*
 * The plain words behind blind indexes, before they are hashed: what of a person is indexed, and
 * what was typed. Private to src/store/vault*.c. Pure; any thread. Everything lives in the arena
 * passed in; it is what the vault hides, so it goes nowhere else.
 */
#ifndef FAIRLEAD_STORE_VAULT_WORDS_H
#define FAIRLEAD_STORE_VAULT_WORDS_H

#include "store/vault.h"

struct vault_token {
  enum vault_index_kind kind;
  struct text text;
};
/* Tokens without repetition. */
struct vault_tokens {
  struct arena *arena;
  struct vault_token *items;
  size_t count, room;
};
void vault_tokens_add(struct vault_tokens *tokens, enum vault_index_kind kind, struct text text);

/* Cut a folded name into words; answers how many, at most LIMIT_VAULT_NAME_WORDS. */
size_t vault_name_words(struct text folded, struct text words[LIMIT_VAULT_NAME_WORDS]);
/* How many letters (code points) a folded word has. */
size_t vault_name_letters(struct text word);
/* Its first three letters; "" when it has fewer. */
struct text vault_name_start(struct text word);
/* Its sound as a rough listener hears it, so that Catherine meets Katherine: the sound of the word
 * with its beginning spelled one way. "" when it has no letter of a to z. */
struct text vault_name_rough_sound(struct arena *arena, struct text word);
/* Write `from` to before `to` as one word: "de la cruz" gives "delacruz". */
struct text vault_name_join(struct arena *arena, const struct text *words, size_t from, size_t to);
/* The words around word `at` that may be written as one with it, from `*from` to before `*to`: a
 * run of words of at most three letters with the word behind it. */
void vault_name_run(const struct text *words, size_t count, size_t at, size_t *from, size_t *to);

/* Add all under which a person is found. */
void vault_tokens_identity(struct vault_tokens *tokens, const struct vault_identity *identity);
/* Read all readings of a date in the usual ways of writing: 1980-02-29, 2/29/1980, 29.2.80,
 * 19800229, 02291980. False when there is none. */
bool vault_read_dates(struct vault_tokens *tokens, struct text typed);
/* The digits of a telephone number, without the 1 of the United States in front and without an
 * extension: 7 to 15 of them, else "". */
struct text vault_read_phone(struct arena *arena, struct text typed);

enum { VAULT_QUERY_PARTS = 8 };
/* What was typed for one word: it is met by any of the tokens. */
struct vault_query_word {
  struct text folded;
  struct vault_tokens tokens;
};
/* Read what was typed into at most LIMIT_QUERY_WORDS words; answers how many. */
size_t vault_query_read(struct arena *arena, struct text typed,
                        struct vault_query_word words[LIMIT_QUERY_WORDS]);

#endif
