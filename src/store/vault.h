/*
 * vault: what identifies a person and what is written about one in free words, sealed.
 *
 *   master key (file) ─▶ wraps ─▶ a key for each person, each program and the installation
 *   (key store, a database of its own) ─▶ seals ─▶ fields in the main database
 *
 * The key store and the master key stand outside the main database and outside its backups.
 * Destroying a person's key erases the person everywhere at once, backups included; the list of
 * erased ids is kept in a file of its own besides, so that a restored key store erases again.
 * A field is XChaCha20-Poly1305 under its subject's key; program, person and purpose
 * ("person.name") are authenticated with it, so that a sealed field never opens in another place.
 *
 * Blind indexes find people without opening them: keyed hashes (per program) of folded name words,
 * their first three letters, their sound, the birth date and phone numbers. Hits are opened and
 * checked by the caller.
 * Threads: any. Source: docs/vault.md.
 */
#ifndef FAIRLEAD_STORE_VAULT_H
#define FAIRLEAD_STORE_VAULT_H

#include "base/base.h"

struct vault;

struct vault_options {
  const char *keys_address; /* of the key store: a file or postgresql://…, never a standby */
  const char *key_path;     /* the master key's file; made when absent, its owner's alone */
  const char *erased_path;  /* the list of erased ids; lines are added and flushed, never changed */
  const char *migrations;   /* folder of the key store's own migrations (share/migrations/keys) */
};
/* Open the key store and bring it up to date; erase again whoever the list names. Refuses a master
 * key that others may read, and one that did not wrap this key store's keys. */
bool vault_open(struct vault **out, const struct vault_options *options, struct error *error);
/* NULL is fine. Keys held in memory are wiped. */
void vault_close(struct vault *vault);
/* May keys be read now? For /health. */
bool vault_answers(struct vault *vault, struct error *error);

/* Whose key: a person's; with person_id "" the program's own; with both "" the installation's. */
struct vault_subject {
  struct text program_id, person_id;
};
/* Make the subject's key unless it has one. Refuses an erased person. Durable when it answers: call
 * it before the record that needs it is written. */
bool vault_subject_make(struct vault *vault, struct vault_subject subject, struct error *error);

/* Seal `plain` (at most LIMIT_VAULT_FIELD) for a purpose, a literal "table.column" in whole words.
 * The sealed bytes live in the arena. */
bool vault_seal(struct vault *vault, struct arena *arena, struct vault_subject subject,
                const char *purpose, struct text plain, struct text *out, struct error *error);
/* Open it again. An erased subject gives ERROR_NOT_FOUND with "error.vault.erased"; anything
 * changed, cut or moved gives ERROR_SYSTEM with "error.vault.broken". Empty bytes open as "". */
bool vault_unseal(struct vault *vault, struct arena *arena, struct vault_subject subject,
                  const char *purpose, struct text sealed, struct text *out, struct error *error);

/* Destroy a person's key for ever: first the list, flushed, then the key store. The caller has
 * checked the retention date and marks the record afterwards; running it twice is fine. Takes a
 * quarter of a second: when it answers true, no process uses the key, nor is it in a file of the
 * key store. On false the person may be erased already: run it again; opening does so, too. */
bool vault_erase(struct vault *vault, struct vault_subject subject, int64_t now,
                 struct error *error);
bool vault_is_erased(struct vault *vault, struct vault_subject subject, bool *out,
                     struct error *error);
/* Call back for every erased person, so that a restored database can be marked again. */
bool vault_erased_each(struct vault *vault,
                       bool (*each)(void *context, struct vault_subject subject, int64_t at,
                                    struct error *error),
                       void *context, struct error *error);

/* Put a new master key in front of the key file and wrap every key by it anew, then rewrite the key
 * store's files. Readers, here and in other processes, go on. May be interrupted: run again, it
 * goes on where it was. Refuses a ninth key in the file. `progress` (may be NULL) hears how many of
 * how many are done. */
bool vault_rotate(struct vault *vault, void (*progress)(void *context, int64_t done, int64_t all),
                  void *context, struct error *error);

struct vault_status {
  int64_t keys, erased; /* of people, programs and the installation; erased people */
  int64_t by_older;     /* keys that a master key wraps which is no longer the first */
  int64_t master_keys;  /* lines of the key file */
  bool to_scrub;        /* an erasure or rotation was cut off: opening again ends it */
  char master[17]; /* mark of the master key that wraps, hexadecimal; it does not tell the key */
};
bool vault_status_read(struct vault *vault, struct vault_status *out, struct error *error);

/* --- Blind indexes ------------------------------------------------------------------------- */

enum vault_index_kind {
  VAULT_INDEX_WORD,       /* a whole folded word of a name */
  VAULT_INDEX_START,      /* its first three letters */
  VAULT_INDEX_SOUND,      /* its sound */
  VAULT_INDEX_BIRTH_DATE, /* YYYY-MM-DD */
  VAULT_INDEX_PHONE,      /* digits */
  VAULT_INDEX_PHONE_END   /* the last four of them */
};
enum { VAULT_INDEX_BYTES = 16 };
/* A keyed hash; it says nothing without the program's key. */
struct vault_index {
  enum vault_index_kind kind;
  unsigned char bytes[VAULT_INDEX_BYTES];
};

/* What finds a person again. */
struct vault_identity {
  const struct text *names; /* given, family, former, chosen names, as written */
  size_t name_count;
  struct text birth_date;    /* YYYY-MM-DD; anything else is not indexed */
  const struct text *phones; /* as written */
  size_t phone_count;
};
/* Every key under which a person is to be found, without repetition, in the arena. Of a name the
 * first LIMIT_VAULT_NAME bytes and LIMIT_VAULT_NAME_WORDS words count; each of its words, and
 * neighbors written as one ("de la Cruz" as "delacruz"); of a phone number all digits, the last ten
 * and the last seven. The program's key is made when there is none. */
bool vault_index_identity(struct vault *vault, struct arena *arena, struct text program_id,
                          const struct vault_identity *identity, struct vault_index **out,
                          size_t *count, struct error *error);

enum { VAULT_INDEX_WORD_KEYS = 8 };
/* A word that was typed into a search: it is met by any of its keys. */
struct vault_index_word {
  struct text folded; /* a word; a date as YYYY-MM-DD; digits of a phone number */
  /* best first: the whole word, its first letters, its sounds, words that it may be one with; or
   * the readings of a date; or a phone number. All of a word's hits are united. */
  struct vault_index keys[VAULT_INDEX_WORD_KEYS];
  struct text plain[VAULT_INDEX_WORD_KEYS]; /* what was hashed, for vault_index_match() */
  size_t key_count;
};
/* Read what was typed: words of a name in any order, whole or from three letters on; dates
 * (1980-02-29, 2/29/1980, 29.2.80, 02291980) and phone numbers in the usual ways of writing, with
 * seven digits or ten, or by their last four. At most LIMIT_QUERY_TEXT bytes and LIMIT_QUERY_WORDS
 * words; what is behind them is passed over. A word of fewer than three letters is looked for
 * whole. */
bool vault_index_query(struct vault *vault, struct arena *arena, struct text program_id,
                       struct text typed, struct vault_index_word **out, size_t *count,
                       struct error *error);

/* How well a person meets a word, worst first. */
enum vault_match {
  VAULT_MATCH_NONE,
  VAULT_MATCH_SOUND, /* sounds alike */
  VAULT_MATCH_START, /* a word of the name begins so, a phone number ends so */
  VAULT_MATCH_WHOLE  /* a whole word, the birth date, the phone number */
};
/* Check a hit that was opened: first letters alone ("smi") hit more than was typed ("smit"). */
enum vault_match vault_index_match(struct arena *arena, const struct vault_index_word *word,
                                   const struct vault_identity *identity);

enum { VAULT_MARK_BYTES = 32 };
/* A keyed hash of any bytes, for one use (a literal), under the program's key: tells whether two
 * are the same, and nothing else, to whoever has no key. The program's key is made when there is
 * none. */
bool vault_index_mark(struct vault *vault, struct text program_id, const char *use,
                      struct text bytes, unsigned char out[VAULT_MARK_BYTES], struct error *error);

/* Pure parts, for whoever suggests duplicates. */
/* Fold a name: lower case, no accents, apostrophes or unseen marks, words separated by single
 * spaces; its first LIMIT_VAULT_NAME bytes. */
struct text vault_name_fold(struct arena *arena, struct text name);
/* The sound of one folded word: "S530" (Soundex of the United States National Archives); "" when it
 * has no letter of a to z. */
struct text vault_name_sound(struct arena *arena, struct text folded_word);

#endif
