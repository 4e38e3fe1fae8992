/*
 * Finding people again: folding, sounds, what is typed, blind indexes. Sounds are the examples that
 * the United States National Archives publish with the rules (archives.gov, "Soundex System"; those
 * of General Information Leaflet 55) and those of Knuth, The Art of Computer Programming, volume 3,
 * section 6. The other expected values were written by hand from what a clerk would expect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/vault.h"
#include "store_support.h"

#define PROGRAM "0199aaaa-0000-7000-8000-000000000001"
#define OTHER_PROGRAM "0199aaaa-0000-7000-8000-000000000002"

static struct arena *arena;
static char *folder;
static struct vault *vault;
static struct error error;

static int begin(void **state)
{
  (void)state;
  char pattern[] = "/tmp/fairlead-vault-index-XXXXXX";
  arena = arena_new(1 << 28);
  folder = text_c(arena, text_from(mkdtemp(pattern)));
  const struct vault_options options = {
      .keys_address = store_support_address(arena, folder, "keys.db"),
      .key_path = file_join(arena, folder, "vault.key"),
      .erased_path = file_join(arena, folder, "erased.list"),
      .migrations = "migrations/keys",
  };
  if (!vault_open(&vault, &options, &error)) fail_msg("%s", error.log);
  return 0;
}

static int end(void **state)
{
  (void)state;
  vault_close(vault);
  assert_int_equal(system(text_format(arena, "rm -rf '%s'", folder).at), 0);
  arena_free(arena);
  return 0;
}

/* --- Sounds and folding -------------------------------------------------------------------- */

static void vault_hears_as_the_archives_do(void **state)
{
  (void)state;
  static const struct {
    const char *name, *sound;
  } all[] = {{"Washington", "W252"},
             {"Lee", "L000"},
             {"Gutierrez", "G362"},
             {"Pfister", "P236"},
             {"Jackson", "J250"},
             {"Tymczak", "T522"},
             {"VanDeusen", "V532"},
             {"Deusen", "D250"},
             {"Ashcraft", "A261"},
             {"Euler", "E460"},
             {"Gauss", "G200"},
             {"Hilbert", "H416"},
             {"Knuth", "K530"},
             {"Lloyd", "L300"},
             {"Lukasiewicz", "L222"},
             {"Ellery", "E460"},
             {"Ghosh", "G200"},
             {"Heilbronn", "H416"},
             {"Kant", "K530"},
             {"Ladd", "L300"},
             {"Lissajous", "L222"},
             {"Wachs", "W200"},
             {"Robert", "R163"},
             {"Rupert", "R163"},
             {"Rubin", "R150"},
             {"O'Hara", "O600"},
             {"Smith", "S530"},
             {"Smyth", "S530"},
             {"John", "J500"},
             {"Jon", "J500"},
             {"42", ""},
             {"\xd7\x93\xd7\x95\xd7\x93", ""}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct text folded = vault_name_fold(arena, text_from(all[i].name));
    assert_string_equal(text_c(arena, vault_name_sound(arena, folded)), all[i].sound);
  }
}

static void vault_folds_names(void **state)
{
  (void)state;
  static const struct {
    const char *name, *folded;
  } all[] = {{"", ""},
             {"O\xe2\x80\x99Neill", "oneill"},
             {"Smith-Jones", "smith jones"},
             {"  de  la CRUZ ", "de la cruz"},
             {"Mu\xc3\xb1oz", "munoz"},
             {"Mun\xcc\x83oz", "munoz"},
             {"S\xc3\xb8rensen", "sorensen"},
             {"\xc5\x81ukasz", "lukasz"},
             {"Stra\xc3\x9f"
              "e",
              "strasse"},
             {"\xc3\x86sir \xc5\x92uvre \xc3\x9eor \xc3\x90uro\xc4\x91 \xc4\xb1\xc4\xa7",
              "aesir oeuvre thor durod ih"},
             {"Ali\xe2\x80\x8d"
              "ce\xc2\xad Smi\xe2\x80\xaeth",
              "alice smith"},                       /* joiner, soft hyphen, override */
             {"\xef\xbb\xbfJ\xef\xbd\x8fn", "jon"}, /* a mark of order, a wide letter */
             {"Zo\xff"
              "e",
              "zo e"},                                                 /* no text */
             {"\xd7\x93\xd7\x95\xd7\x93", "\xd7\x93\xd7\x95\xd7\x93"}, /* written right to left */
             {"J\xcc\x81\xcc\x82\xcc\x83\xcc\x84o", "jo"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    assert_string_equal(text_c(arena, vault_name_fold(arena, text_from(all[i].name))),
                        all[i].folded);
  /* 100 KB of marks upon one letter, and of letters */
  char *long_one = arena_allocate(arena, 100001);
  for (size_t i = 1; i + 1 < 100000; i += 2) memcpy(long_one + i, "\xcc\x81", 2);
  long_one[0] = 'a';
  assert_string_equal(text_c(arena, vault_name_fold(arena, (struct text){long_one, 100000})), "a");
  memset(long_one, 'b', 100000);
  assert_int_equal(vault_name_fold(arena, (struct text){long_one, 100000}).length,
                   LIMIT_VAULT_NAME);
}

/* --- Finding ------------------------------------------------------------------------------- */

static struct vault_index *index_of(const char *program, const struct vault_identity *identity,
                                    size_t *count)
{
  struct vault_index *out = NULL;
  if (!vault_index_identity(vault, arena, text_from(program), identity, &out, count, &error))
    fail_msg("%s", error.log);
  return out;
}

static struct vault_index_word *read_query(const char *program, struct text typed, size_t *count)
{
  struct vault_index_word *words = NULL;
  if (!vault_index_query(vault, arena, text_from(program), typed, &words, count, &error))
    fail_msg("%s", error.log);
  return words;
}

static bool meets(const struct vault_index_word *word, const struct vault_index *all, size_t count)
{
  for (size_t i = 0; i < count; i++)
    for (size_t key = 0; key < word->key_count; key++)
      if (all[i].kind == word->keys[key].kind &&
          memcmp(all[i].bytes, word->keys[key].bytes, VAULT_INDEX_BYTES) == 0)
        return true;
  return false;
}

/* Do all words meet the person, by the hashes, and when the hit is opened? The worst match. */
static enum vault_match find(const struct vault_identity *identity, struct text typed)
{
  size_t count, word_count;
  struct vault_index *all = index_of(PROGRAM, identity, &count);
  struct vault_index_word *words = read_query(PROGRAM, typed, &word_count);
  enum vault_match worst = word_count ? VAULT_MATCH_WHOLE : VAULT_MATCH_NONE;
  for (size_t i = 0; i < word_count; i++) {
    enum vault_match now = vault_index_match(arena, &words[i], identity);
    if (now < worst) worst = now;
    if (now > VAULT_MATCH_NONE) assert_true(meets(&words[i], all, count));
    if (!meets(&words[i], all, count)) assert_int_equal(now, VAULT_MATCH_NONE);
  }
  return worst;
}

static struct vault_identity named(const char *given, const char *family)
{
  struct text *names = arena_allocate_array(arena, 2, sizeof *names);
  names[0] = text_from(given);
  names[1] = text_from(family);
  return (struct vault_identity){.names = names, .name_count = 2};
}

static void vault_finds_people_by_name(void **state)
{
  (void)state;
  static const struct {
    const char *given, *family, *typed;
    enum vault_match match;
  } all[] = {
      {"John", "Smith", "John Smith", VAULT_MATCH_WHOLE},
      {"John", "Smith", "smith, JOHN", VAULT_MATCH_WHOLE},
      {"John", "Smith", "Jon Smyth", VAULT_MATCH_SOUND},
      {"John", "Smith", "smi", VAULT_MATCH_START},
      {"John", "Smith", "joh smit", VAULT_MATCH_START},
      {"John", "Smith", "smi joh", VAULT_MATCH_START},
      {"John", "Smiley", "smit", VAULT_MATCH_NONE}, /* its first letters are met; it is not */
      {"John", "Smith", "Mary Smith", VAULT_MATCH_NONE},
      {"John", "Smith", "sm", VAULT_MATCH_NONE},
      {"John", "Smith", "", VAULT_MATCH_NONE},
      {"John", "Smith", " ,;- ", VAULT_MATCH_NONE},
      {"Jo", "X", "jo x", VAULT_MATCH_WHOLE},
      {"Jo", "X", "Joe X", VAULT_MATCH_SOUND},
      {"Catherine", "Hernandez", "katherine ernandez", VAULT_MATCH_SOUND},
      {"Jessenia", "Gim\xc3\xa9nez", "Yesenia Jimenez", VAULT_MATCH_SOUND},
      {"Ana", "V\xc3\xa1squez", "ana Basques", VAULT_MATCH_SOUND},
      {"Philip", "Wren", "filip ren", VAULT_MATCH_SOUND},
      {"Mar\xc3\xad"
       "a de los \xc3\x81ngeles",
       "Garc\xc3\xad"
       "a M\xc3\xa1rquez",
       "maria garcia marquez", VAULT_MATCH_WHOLE},
      {"Maria",
       "Garc\xc3\xad"
       "a M\xc3\xa1rquez",
       "marquez", VAULT_MATCH_WHOLE},
      {"Jos\xc3\xa9", "de la Cruz", "jose de la cruz", VAULT_MATCH_WHOLE},
      {"Jos\xc3\xa9", "de la Cruz", "Delacruz", VAULT_MATCH_WHOLE},
      {"Jos\xc3\xa9", "de la Cruz", "delac", VAULT_MATCH_START},
      {"Jos\xc3\xa9", "de la Cruz", "cruz jose", VAULT_MATCH_WHOLE},
      {"Jos\xc3\xa9", "Delacruz", "de la Cruz", VAULT_MATCH_WHOLE},
      {"Jos\xc3\xa9", "Dela Cruz", "de lacruz", VAULT_MATCH_WHOLE},
      {"Mary", "McDonald", "Mc Donald", VAULT_MATCH_WHOLE},
      {"Mary", "Mc Donald", "macdonald", VAULT_MATCH_SOUND},
      {"Mary", "Mc Donald", "mcdonald", VAULT_MATCH_WHOLE},
      {"Tim", "O'Neill", "oneill", VAULT_MATCH_WHOLE},
      {"Tim", "O'Neill", "O Neill", VAULT_MATCH_WHOLE},
      {"Tim", "O Neill", "O'Neill", VAULT_MATCH_WHOLE},
      {"Mary Ann", "Lee", "maryann lee", VAULT_MATCH_WHOLE},
      {"Maryann", "Lee", "Mary Ann Lee", VAULT_MATCH_WHOLE},
      {"Ana", "Smith-Jones", "smithjones", VAULT_MATCH_WHOLE},
      {"Ana", "Smith-Jones", "Jones", VAULT_MATCH_WHOLE},
      {"\xd7\x93\xd7\x95\xd7\x93", "\xd7\x9b\xd7\x94\xd7\x9f", "\xd7\x9b\xd7\x94\xd7\x9f",
       VAULT_MATCH_WHOLE},
      {"\xe6\x9d\x8e", "\xe7\x8e\x8b", "\xe7\x8e\x8b", VAULT_MATCH_WHOLE},
      {"Bj\xc3\xb6rk", "Gu\xc3\xb0mundsd\xc3\xb3ttir", "bjo gudmundsdottir", VAULT_MATCH_START},
      {"\xff\xfe", "\x80", "\xff", VAULT_MATCH_NONE},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct vault_identity identity = named(all[i].given, all[i].family);
    enum vault_match found = find(&identity, text_from(all[i].typed));
    if (found != all[i].match)
      fail_msg("%s %s by '%s': %d", all[i].given, all[i].family, all[i].typed, (int)found);
  }
}

static void vault_finds_people_by_number(void **state)
{
  (void)state;
  const struct text phones[] = {TEXT("+1 (415) 555-0123"), TEXT("+52 55 1234 5678"),
                                TEXT("415-555-0177 ext. 12"), TEXT("none")};
  struct vault_identity identity = named("John", "Smith");
  identity.birth_date = TEXT("1980-02-03");
  identity.phones = phones;
  identity.phone_count = 4;
  static const char *const found[] = {"1980-02-03",
                                      "2/3/1980",
                                      "02/03/1980",
                                      "3/2/1980",
                                      "3.2.80",
                                      "2-3-80",
                                      "02031980",
                                      "19800203",
                                      "1980/2/3",
                                      "1980 02 03",
                                      "2 3 1980",
                                      "Smith 2/3/1980",
                                      "2/3/1980 smith, john",
                                      "2/3/1980, smi",
                                      "(415) 555-0123",
                                      "415-555-0123",
                                      "415.555.0123",
                                      "4155550123",
                                      "1 415 555 0123",
                                      "+1 (415) 555-0123",
                                      "14155550123",
                                      "555-0123",
                                      "5550123",
                                      "555 0123",
                                      "smith 415 555 0123",
                                      "415 555 0123 smith 2/3/1980",
                                      "2/3/1980 (415) 555-0123",
                                      "(415) 555-0123 2/3/1980",
                                      "+525512345678",
                                      "52 55 1234 5678",
                                      "55 1234 5678",
                                      "415-555-0177",
                                      "john 555-0177",
                                      "0123",
                                      "smith 0177",
                                      "5678 john"};
  for (size_t i = 0; i < sizeof found / sizeof *found; i++)
    if (find(&identity, text_from(found[i])) < VAULT_MATCH_START)
      fail_msg("'%s' does not find", found[i]);
  static const char *const not_found[] = {
      "1980-02-04",       "1980-02-30", "2/3/1981", "2/3/2180",     "2/3/81",
      "13/13/1980",       "0124",       "415",      "415 555 0124", "555-0124",
      "1980-2",           "1980",       "2/3",      "2/3/1980/1",   "415-555-01234",
      "+44 415 555 0123", "12",         "smith 3",  "0177 ext 12",  "41555501234155550123"};
  for (size_t i = 0; i < sizeof not_found / sizeof *not_found; i++)
    if (find(&identity, text_from(not_found[i])) != VAULT_MATCH_NONE)
      fail_msg("'%s' finds", not_found[i]);
  /* a year of two digits is of either century */
  identity.birth_date = TEXT("2003-02-01");
  assert_int_equal(find(&identity, TEXT("2/1/03")), VAULT_MATCH_WHOLE);
  identity.birth_date = TEXT("soon");
  size_t count;
  struct vault_index *all = index_of(PROGRAM, &identity, &count);
  for (size_t i = 0; i < count; i++) assert_int_not_equal(all[i].kind, VAULT_INDEX_BIRTH_DATE);
}

static void vault_indexes_say_nothing_to_others(void **state)
{
  (void)state;
  const struct vault_identity identity = named("John", "Smith"), same = named("John", "John");
  size_t count, other_count, again_count, same_count;
  struct vault_index *ours = index_of(PROGRAM, &identity, &count),
                     *again = index_of(PROGRAM, &identity, &again_count),
                     *theirs = index_of(OTHER_PROGRAM, &identity, &other_count);
  assert_int_equal(count, other_count);
  assert_int_equal(count, again_count);
  for (size_t i = 0; i < count; i++) {
    assert_memory_equal(ours[i].bytes, again[i].bytes, VAULT_INDEX_BYTES);
    for (size_t j = 0; j < count; j++) {
      assert_int_not_equal(memcmp(ours[i].bytes, theirs[j].bytes, VAULT_INDEX_BYTES), 0);
      if (i != j) /* nor has one kind the other's: "Joh" whole and as a beginning */
        assert_int_not_equal(memcmp(ours[i].bytes, ours[j].bytes, VAULT_INDEX_BYTES), 0);
    }
  }
  index_of(PROGRAM, &same, &same_count);
  assert_int_equal(same_count, count / 2);
  const struct vault_identity nobody = {0};
  index_of(PROGRAM, &nobody, &count);
  assert_int_equal(count, 0);
  struct vault_index *none = NULL;
  struct vault_index_word *words = NULL;
  assert_false(vault_index_identity(vault, arena, TEXT("no id"), &identity, &none, &count, &error));
  assert_false(vault_index_query(vault, arena, TEXT("no id"), TEXT("x"), &words, &count, &error));
  assert_null(none);
  assert_null(words);
}

static void vault_bounds_what_is_typed(void **state)
{
  (void)state;
  size_t count;
  struct text_buffer typed;
  text_buffer_init(&typed, 1 << 20);
  for (int i = 0; i < 20000; i++) text_buffer_add_format(&typed, "w%d ", i);
  struct vault_index_word *words = read_query(PROGRAM, text_buffer_get(&typed), &count);
  assert_int_equal(count, LIMIT_QUERY_WORDS);
  for (size_t i = 0; i < count; i++) assert_true(words[i].key_count <= VAULT_INDEX_WORD_KEYS);
  text_buffer_clear(&typed);
  for (int i = 0; i < 1000; i++) text_buffer_add(&typed, TEXT("1/1/80 "));
  read_query(PROGRAM, text_buffer_get(&typed), &count);
  assert_int_equal(count, LIMIT_QUERY_WORDS);
  text_buffer_clear(&typed);
  for (int i = 0; i < 1000; i++) text_buffer_add(&typed, TEXT("4155550123 "));
  read_query(PROGRAM, text_buffer_get(&typed), &count);
  assert_int_equal(count, LIMIT_QUERY_WORDS);
  text_buffer_clear(&typed);
  for (int i = 0; i < 1000; i++) text_buffer_add(&typed, TEXT("(((((((1 "));
  read_query(PROGRAM, text_buffer_get(&typed), &count);
  text_buffer_fini(&typed);
  /* a name of 100 KB is indexed by its beginning */
  char *long_one = arena_allocate(arena, 100001);
  for (size_t i = 0; i < 100000; i++) long_one[i] = i % 5 == 4 ? ' ' : (char)('a' + i / 5 % 26);
  const struct text name = {long_one, 100000};
  const struct vault_identity identity = {.names = &name, .name_count = 1};
  index_of(PROGRAM, &identity, &count);
  assert_in_range(count, LIMIT_VAULT_NAME_WORDS, 7 * LIMIT_VAULT_NAME_WORDS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(vault_hears_as_the_archives_do, begin, end),
      cmocka_unit_test_setup_teardown(vault_folds_names, begin, end),
      cmocka_unit_test_setup_teardown(vault_finds_people_by_name, begin, end),
      cmocka_unit_test_setup_teardown(vault_finds_people_by_number, begin, end),
      cmocka_unit_test_setup_teardown(vault_indexes_say_nothing_to_others, begin, end),
      cmocka_unit_test_setup_teardown(vault_bounds_what_is_typed, begin, end),
  };
  return store_support_run("vault_index", tests, sizeof tests / sizeof *tests);
}
