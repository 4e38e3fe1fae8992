/*
 * Names: folding, words, sounds. It knows nothing of keys or of who asks. Whatever a name holds is
 * hostile: bytes that are no text, 100 KB, marks upon marks; only its first LIMIT_VAULT_NAME bytes
 * count. No list of particles ("de la", "van", "Mac"): any short words before a longer one are also
 * taken as one word with it, and any two neighbors. Pure. Any thread.
 * Sound: Soundex as the United States National Archives code census names (General Information
 * Leaflet 55); docs/decisions/009-names-by-sound.md.
 */
#include <string.h>
#include <utf8proc.h>

#include "store/vault_words.h"

enum { SHORT_WORD = 3, START = 3, SOUND = 4 };

/* --- Folding ------------------------------------------------------------------------------- */

/* Letters that Unicode does not take apart, and what people type who do not have them. */
static const struct {
  struct text letter, typed;
} letters[] = {
    {{"\xc3\xb8", 2}, {"o", 1}},  {{"\xc5\x82", 2}, {"l", 1}},  {{"\xc4\x91", 2}, {"d", 1}},
    {{"\xc3\xb0", 2}, {"d", 1}},  {{"\xc4\xa7", 2}, {"h", 1}},  {{"\xc4\xb1", 2}, {"i", 1}},
    {{"\xc3\xa6", 2}, {"ae", 2}}, {{"\xc5\x93", 2}, {"oe", 2}}, {{"\xc3\xbe", 2}, {"th", 2}},
};

/* Leave out marks that are not seen: soft hyphens, joiners, the direction of writing. */
static struct text drop_unseen(struct arena *arena, struct text name)
{
  char *kept = arena_allocate(arena, name.length + 1);
  size_t length = 0, step;
  for (size_t at = 0; at < name.length; at += step) {
    utf8proc_int32_t point = -1;
    utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)name.at + at,
                                             (utf8proc_ssize_t)(name.length - at), &point);
    step = size > 0 ? (size_t)size : 1;
    if (size > 0 && utf8proc_category(point) == UTF8PROC_CATEGORY_CF) continue;
    memcpy(kept + length, name.at + at, step);
    length += step;
  }
  return (struct text){kept, length};
}

/* A letter of two bytes is written as at most two. */
static struct text respell(struct arena *arena, struct text folded)
{
  char *out = arena_allocate(arena, folded.length + 1);
  size_t length = 0;
  for (size_t at = 0; at < folded.length;) {
    struct text rest = text_slice(folded, at, folded.length), as = text_slice(rest, 0, 1);
    size_t taken = 1;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
      if (text_starts_with(rest, letters[i].letter)) {
        as = letters[i].typed;
        taken = letters[i].letter.length;
      }
    memcpy(out + length, as.at, as.length);
    length += as.length;
    at += taken;
  }
  return (struct text){out, length};
}

struct text vault_name_fold(struct arena *arena, struct text name)
{
  name = text_slice(name, 0, LIMIT_VAULT_NAME);
  return respell(arena, text_fold(arena, drop_unseen(arena, name)));
}

/* --- Words --------------------------------------------------------------------------------- */

size_t vault_name_words(struct text folded, struct text words[LIMIT_VAULT_NAME_WORDS])
{
  size_t count = 0;
  while (count < LIMIT_VAULT_NAME_WORDS && text_word_next(&folded, &words[count])) count++;
  return count;
}

static bool begins_letter(char byte)
{
  return ((unsigned char)byte & 0xC0) != 0x80;
}

size_t vault_name_letters(struct text word)
{
  size_t count = 0;
  for (size_t i = 0; i < word.length; i++) count += begins_letter(word.at[i]);
  return count;
}

struct text vault_name_start(struct text word)
{
  if (vault_name_letters(word) < START) return TEXT("");
  size_t count = 0, at = 0;
  while (at < word.length && (count += begins_letter(word.at[at])) <= START) at++;
  return text_slice(word, 0, at);
}

struct text vault_name_join(struct arena *arena, const struct text *words, size_t from, size_t to)
{
  size_t length = 0;
  for (size_t i = from; i < to; i++) length += words[i].length;
  char *joined = arena_allocate(arena, length + 1);
  length = 0;
  for (size_t i = from; i < to; i++) {
    memcpy(joined + length, words[i].at, words[i].length);
    length += words[i].length;
  }
  return (struct text){joined, length};
}

static bool is_short(struct text word)
{
  return vault_name_letters(word) <= SHORT_WORD;
}

void vault_name_run(const struct text *words, size_t count, size_t at, size_t *from, size_t *to)
{
  size_t first = at, last = at;
  while (first > 0 && is_short(words[first - 1])) first--;
  while (last + 1 < count && is_short(words[last])) last++;
  *from = first;
  *to = last + 1;
}

/* --- Sounds -------------------------------------------------------------------------------- */

/* The digit of each letter; 0: a vowel, which parts equal digits; -: H and W, which do not. */
static char digit_of(char letter)
{
  static const char all[26] = {'0', '1', '2', '3', '0', '1', '2', '-', '0', '2', '2', '4', '5',
                               '5', '0', '1', '2', '6', '2', '3', '0', '1', '-', '2', '0', '2'};
  return all[letter - 'a'];
}

static bool is_letter(char c)
{
  return c >= 'a' && c <= 'z';
}

struct text vault_name_sound(struct arena *arena, struct text folded_word)
{
  char *sound = arena_allocate(arena, SOUND + 1), last = 0;
  size_t length = 0;
  for (size_t i = 0; i < folded_word.length && length < SOUND; i++) {
    char letter = folded_word.at[i];
    if (!is_letter(letter)) continue;
    char digit = digit_of(letter);
    if (length == 0) sound[length++] = (char)(letter - 'a' + 'A');
    else if (digit == '-') continue;
    else if (digit != '0' && digit != last) sound[length++] = digit;
    last = digit;
  }
  if (length == 0) return TEXT("");
  memset(sound + length, '0', SOUND - length);
  return (struct text){sound, SOUND};
}

/* How a beginning is spelled for a rough listener; the first that fits. */
static const struct {
  struct text written, heard;
} beginnings[] = {
    {{"kn", 2}, {"n", 1}},  {{"gn", 2}, {"n", 1}},  {{"pn", 2}, {"n", 1}},  {{"ps", 2}, {"s", 1}},
    {{"wr", 2}, {"r", 1}},  {{"ph", 2}, {"f", 1}},  {{"ge", 2}, {"ja", 2}}, {{"gi", 2}, {"ja", 2}},
    {{"ce", 2}, {"sa", 2}}, {{"ci", 2}, {"sa", 2}}, {{"cy", 2}, {"sa", 2}}, {{"c", 1}, {"k", 1}},
    {{"q", 1}, {"k", 1}},   {{"z", 1}, {"s", 1}},   {{"v", 1}, {"b", 1}},   {{"x", 1}, {"j", 1}},
    {{"y", 1}, {"j", 1}},   {{"he", 2}, {"a", 1}},  {{"hi", 2}, {"a", 1}},  {{"ha", 2}, {"a", 1}},
    {{"ho", 2}, {"a", 1}},  {{"hu", 2}, {"a", 1}},  {{"e", 1}, {"a", 1}},   {{"i", 1}, {"a", 1}},
    {{"o", 1}, {"a", 1}},   {{"u", 1}, {"a", 1}},
};

struct text vault_name_rough_sound(struct arena *arena, struct text word)
{
  for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
    if (text_starts_with(word, beginnings[i].written)) {
      const struct text parts[] = {beginnings[i].heard,
                                   text_slice(word, beginnings[i].written.length, word.length)};
      word = vault_name_join(arena, parts, 0, 2);
      break;
    }
  struct text sound = vault_name_sound(arena, word);
  return sound.length ? text_format(arena, "~%.*s", TEXT_PRINT(sound)) : sound;
}

/* --- What a person is found by ------------------------------------------------------------- */

void vault_tokens_add(struct vault_tokens *tokens, enum vault_index_kind kind, struct text text)
{
  if (!text.length) return;
  for (size_t i = 0; i < tokens->count; i++)
    if (tokens->items[i].kind == kind && text_equal(tokens->items[i].text, text)) return;
  if (tokens->count == tokens->room) {
    size_t room = tokens->room ? 2 * tokens->room : 32;
    struct vault_token *items = arena_allocate_array(tokens->arena, room, sizeof *items);
    if (tokens->count) memcpy(items, tokens->items, tokens->count * sizeof *items);
    tokens->items = items;
    tokens->room = room;
  }
  tokens->items[tokens->count++] = (struct vault_token){kind, text};
}

static void add_word(struct vault_tokens *tokens, struct text word)
{
  vault_tokens_add(tokens, VAULT_INDEX_WORD, word);
  vault_tokens_add(tokens, VAULT_INDEX_START, vault_name_start(word));
  if (vault_name_letters(word) < 2) return;
  vault_tokens_add(tokens, VAULT_INDEX_SOUND, vault_name_sound(tokens->arena, word));
  vault_tokens_add(tokens, VAULT_INDEX_SOUND, vault_name_rough_sound(tokens->arena, word));
}

static void add_name(struct vault_tokens *tokens, struct text name)
{
  struct text words[LIMIT_VAULT_NAME_WORDS];
  size_t count = vault_name_words(vault_name_fold(tokens->arena, name), words), from, to;
  for (size_t i = 0; i < count; i++) {
    add_word(tokens, words[i]);
    if (i + 1 == count) break;
    struct text pair = vault_name_join(tokens->arena, words, i, i + 2);
    if (is_short(words[i])) add_word(tokens, pair);
    else vault_tokens_add(tokens, VAULT_INDEX_WORD, pair);
    vault_name_run(words, count, i, &from, &to);
    if (from == i && to > i + 2) add_word(tokens, vault_name_join(tokens->arena, words, from, to));
  }
}

static void add_phone(struct vault_tokens *tokens, struct text phone)
{
  enum { WITH_AREA = 10, LOCAL = 7, LAST = 4 };
  struct text all = vault_read_phone(tokens->arena, phone);
  vault_tokens_add(tokens, VAULT_INDEX_PHONE, all);
  if (all.length > WITH_AREA)
    vault_tokens_add(tokens, VAULT_INDEX_PHONE,
                     text_slice(all, all.length - WITH_AREA, all.length));
  if (all.length > LOCAL)
    vault_tokens_add(tokens, VAULT_INDEX_PHONE, text_slice(all, all.length - LOCAL, all.length));
  if (all.length > LAST)
    vault_tokens_add(tokens, VAULT_INDEX_PHONE_END, text_slice(all, all.length - LAST, all.length));
}

void vault_tokens_identity(struct vault_tokens *tokens, const struct vault_identity *identity)
{
  int year, month, day;
  for (size_t i = 0; i < identity->name_count; i++) add_name(tokens, identity->names[i]);
  if (time_read_date(identity->birth_date, &year, &month, &day))
    vault_tokens_add(tokens, VAULT_INDEX_BIRTH_DATE, identity->birth_date);
  for (size_t i = 0; i < identity->phone_count; i++) add_phone(tokens, identity->phones[i]);
}
