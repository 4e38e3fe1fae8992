/*
 * What the files of places.h share: the tables in memory, and keys.
 *
 * A key is a name as compared: folded, short forms written out ("st" saint, "ft" fort), spaces
 * dropped, so that "La Place" is "LaPlace" and "Winston-Salem" is "Winston Salem".
 * One name table holds every key; entries that share a key form a chain.
 */
#ifndef FAIRLEAD_DIRECTORY_PLACES_PRIVATE_H
#define FAIRLEAD_DIRECTORY_PLACES_PRIVATE_H

#include "directory/places.h"

enum { PLACES_NONE = -1, PLACES_TOKENS = 32, PLACES_KEY = 256, PLACES_LETTER_PAIRS = 676 };

enum places_entry_kind { ENTRY_CITY, ENTRY_COUNTY, ENTRY_STATE, ENTRY_ALIAS };

/* One name of one thing. A state has several entries, one a name; the first is its own. */
struct places_entry {
  enum places_entry_kind kind;
  struct text key;
  struct text name; /* as shown; of an alias: what it stands for */
  int state;        /* index; PLACES_NONE for an alias */
  double latitude, longitude;
  unsigned weight; /* ZIPs */
  int next;        /* the next entry with this key, or PLACES_NONE */
  int next_head;   /* of the first with its key: the next key in its place of the hash table */
};

struct places_state_row {
  char letters[3];
  struct text name;
  bool letters_are_a_word; /* "in", "or": only meant as a state where nothing else can be */
  bool name_is_taken;      /* the bare name also means a city: "Washington" */
  double latitude, longitude;
  unsigned weight;
  int entry; /* under its own name */
};

struct places_zip_row {
  double latitude, longitude;
  uint32_t number;
  char letters[3]; /* of the state, or "AE", "AP", "AA" of the military */
  int state;       /* index; PLACES_NONE for the military */
  int county;      /* entry, or PLACES_NONE */
  struct text city;
};

/* What words do for place names (knowledge/place-words.csv). */
enum places_word_kind {
  WORD_ABBREVIATION,  /* "st" is written out as "saint" */
  WORD_COUNTRY,       /* "usa" behind a place says nothing */
  WORD_COUNTY,        /* "county" behind a name */
  WORD_COUNTY_BEFORE, /* "condado de" before it */
  WORD_STATE,         /* "state" behind a name */
  WORD_STATE_BEFORE,  /* "estado de" before it */
  WORD_BEFORE,        /* "near", "in": a place follows */
  WORD_HERE,          /* "near me": where the person is, which was not said */
  WORD_NAME,          /* "hope": alone in the one box more often a name than the city */
  WORD_KINDS
};
struct places_word {
  enum places_word_kind kind;
  struct text word;  /* folded, words apart */
  struct text means; /* of an abbreviation: in full; of WORD_BEFORE: "near" or "in" */
  size_t length;     /* words */
};

struct places_settings {
  double dominance, point_miles;
  unsigned dominant_weight, edit_letters_one, edit_letters_two;
};

struct places {
  struct arena *arena; /* the file's text and the keys */
  struct places_settings settings;
  struct places_word *words; /* all but abbreviations, in the order of the file */
  size_t word_count;
  struct places_word *abbreviations; /* apart: every name that is read asks for them */
  size_t abbreviation_count;
  struct places_state_row *states;
  size_t state_count;
  int state_by_letters[PLACES_LETTER_PAIRS];
  struct places_zip_row *zips; /* ascending */
  size_t zip_count;
  struct places_entry *entries;
  size_t entry_count;
  int *counties; /* entry by the file's county number */
  size_t county_count;
  int *heads; /* hash table of chains: an entry or PLACES_NONE */
  size_t head_count;
};

/* Append the key of `folded` (words apart) to `key`, at most PLACES_KEY bytes; answers the new
 * length. */
size_t places_key_add(const struct places *places, struct text folded, char key[PLACES_KEY],
                      size_t length);
/* First entry of the key, or PLACES_NONE. */
int places_find(const struct places *places, struct text key);
/* Index of the state with these letters, without case; PLACES_NONE when there is none. */
int places_state_index(const struct places *places, struct text letters);
const struct places_zip_row *places_zip_row(const struct places *places, struct text zip);
/* The ZIP whose center is nearest; NULL when there are none. */
const struct places_zip_row *places_nearest(const struct places *places, double latitude,
                                            double longitude, double *miles);

/* --- Parts of what was typed ------------------------------------------------------------------ */

/* One part between white space or commas. */
struct places_token {
  struct text raw, folded;
  bool comma_before; /* a comma stands between it and the token before */
  bool capitals;     /* letters are all upper case */
};
struct places_typed {
  struct text raw;
  struct places_token tokens[PLACES_TOKENS];
  size_t count;
};
/* Cut `raw` into tokens; parts without letters or digits are passed over, and parts past the
 * PLACES_TOKENSth. */
void places_tokenize(struct arena *arena, struct text raw, struct places_typed *out);
/* Words of tokens [from, to), folded, one space between. */
struct text places_folded(struct arena *arena, const struct places_typed *typed, size_t from,
                          size_t to);
/* Raw text from token `from` to before token `to`. */
struct text places_raw(const struct places_typed *typed, size_t from, size_t to);

/* How tokens [from, to) are to be understood. */
struct places_reading {
  bool strict; /* within other words: everyday words ("in", "hope") are no places unless clear */
};
/*
 * Understand tokens [from, to) as one place. PLACE_NONE when it is none; `*is_explicit` tells
 * whether it is more than a bare city name (a ZIP, a point, a state, a county by its word,
 * a city with its state, a nickname).
 */
void places_read(const struct places *places, struct arena *arena, const struct places_typed *typed,
                 size_t from, size_t to, struct places_reading reading, struct place_answer *out,
                 bool *is_explicit);
/* Suggest for tokens [from, to) that are no place: names a few edits off, of the state that is
 * named behind if one is, and the same name in other states. `*state_named` tells of that state.
 */
void places_suggest(const struct places *places, struct arena *arena,
                    const struct places_typed *typed, size_t from, size_t to,
                    struct place_answer *out, bool *state_named);
/* Find a state's name or letters at the end of tokens [from, to), with something before it; when
 * `strict`, letters that are a word only in capitals or behind a comma. Answers its index and sets
 * `*at` to its first token; PLACES_NONE when there is none. */
int places_state_behind(const struct places *places, struct arena *arena,
                        const struct places_typed *typed, size_t from, size_t to, bool strict,
                        size_t *at);

struct place places_entry_place(const struct places *places, struct arena *arena, int entry);
struct place places_zip_place(struct arena *arena, const struct places_zip_row *zip);
/* Join texts in the arena: PLACES_JOIN(arena, a, b, …). */
#define PLACES_JOIN(arena, ...)                                                                    \
  places_join(arena, (const struct text[]){__VA_ARGS__},                                           \
              sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text))
struct text places_join(struct arena *arena, const struct text *parts, size_t count);
/* Add a candidate unless there is no room. */
void places_add(struct place_answer *out, struct place place);

#endif
