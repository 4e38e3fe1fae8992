/*
 * The terminal's view of a search: a heading that says what was found and what was loosened, one
 * block a place, and what to type next. Lines wrap at the terminal's width.
 */
#include <math.h>
#include <string.h>

#include "cli/find_print.h"

enum { INDENT = 4 };

/* Is the character at `t` one that steers a terminal (C0, DEL, C1)? Sets its length. */
static bool steers(struct text t, size_t *length)
{
  unsigned char c = (unsigned char)t.at[0];
  *length = 1;
  if (c == 0xC2 && t.length > 1 && (unsigned char)t.at[1] < 0xA0) {
    *length = 2;
    return true;
  }
  return c < 0x20 || c == 0x7F;
}

static void add_safe(struct text_buffer *out, struct text t)
{
  while (t.length) {
    size_t length;
    if (steers(t, &length)) text_buffer_add_character(out, ' ');
    else text_buffer_add(out, text_slice(t, 0, length));
    t = text_slice(t, length, t.length);
  }
}

/* Columns of a text: its characters, each taken as one wide. */
static size_t columns(struct text t)
{
  size_t count = 0;
  for (size_t i = 0; i < t.length; i++) count += ((unsigned char)t.at[i] & 0xC0) != 0x80;
  return count;
}

static void add_spaces(struct text_buffer *out, size_t count)
{
  for (size_t i = 0; i < count; i++) text_buffer_add_character(out, ' ');
}

/* Write a paragraph, wrapped, every line `indent` columns in; `column` is where the first goes on.
 */
static void add_wrapped(const struct find_print *print, struct text_buffer *out, struct text t,
                        size_t indent, size_t column)
{
  struct text rest = t, word;
  bool first = true;
  if (column < indent) {
    add_spaces(out, indent - column);
    column = indent;
  }
  while (text_word_next(&rest, &word)) {
    size_t wide = columns(word);
    if (!first && column + 1 + wide > print->width) {
      text_buffer_add_character(out, '\n');
      add_spaces(out, indent);
      column = indent;
      first = true;
    }
    if (!first) text_buffer_add_character(out, ' ');
    column += wide + !first;
    add_safe(out, word);
    first = false;
  }
  text_buffer_add_character(out, '\n');
}

void find_print_quoted(struct text word, struct text_buffer *out)
{
  bool plain = word.length > 0;
  for (size_t i = 0; i < word.length; i++) {
    unsigned char c = (unsigned char)word.at[i];
    bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    plain &= letter || (c >= '0' && c <= '9') || (c && strchr("-_./:,=@%+", c) != NULL);
  }
  if (plain) {
    text_buffer_add(out, word);
    return;
  }
  text_buffer_add_character(out, '\'');
  for (size_t i = 0; i < word.length; i++)
    text_buffer_add(out, word.at[i] == '\'' ? TEXT("'\\''") : text_slice(word, i, i + 1));
  text_buffer_add_character(out, '\'');
}

/* --- Texts ------------------------------------------------------------------------------------ */

static struct text say(const struct find_print *print, const char *key)
{
  return catalog_text(print->catalog, print->language, key);
}

static struct text say_with(const struct find_print *print, const char *key, const char *name,
                            struct text text)
{
  struct value *names = value_object(print->arena);
  value_set(names, name, value_text(print->arena, text));
  return catalog_format(print->arena, print->catalog, print->language, key, names);
}

static struct text member(const struct value *object, const char *name)
{
  return value_text_get(value_get(object, text_from(name)));
}

/* --- Heading ---------------------------------------------------------------------------------- */

static void print_relaxed(const struct find_print *print, struct text_buffer *out)
{
  static const struct {
    const char *what, *key;
  } keys[] = {{"within", "find.print.relaxed.within"},
              {"state", "find.print.relaxed.state"},
              {"words", "find.print.relaxed.words"},
              {"need", "find.print.relaxed.need"},
              {"code", "find.print.relaxed.code"}};
  const struct value *relaxed = value_get(print->answer->result, TEXT("relaxed"));
  if (value_count(relaxed) == 0) return;
  add_wrapped(print, out, say(print, "find.print.relaxed"), 0, 0);
  for (size_t i = 0; i < value_count(relaxed); i++) {
    const struct value *item = value_item(relaxed, i);
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
      if (text_equal(member(item, "what"), text_from(keys[k].what)))
        add_wrapped(
            print, out,
            catalog_format(print->arena, print->catalog, print->language, keys[k].key, item), 2, 0);
  }
}

/* "1 mile", "25 miles". */
static struct text radius_text(const struct find_print *print, double miles)
{
  if (miles == 1) return say(print, "find.relaxed.mile");
  return say_with(print, "find.relaxed.miles", "miles",
                  value_text_get(value_decimal(print->arena, miles, 2)));
}

static void print_heading(const struct find_print *print, struct text_buffer *out)
{
  struct value *names = value_object(print->arena);
  const struct place_answer *place = &print->answer->place;
  const struct search_query *used = &print->answer->search.used;
  const char *key = "find.print.total";
  value_set(names, "total", value_integer(print->arena, print->answer->search.total));
  if (place->outcome == PLACE_FOUND) {
    value_set(names, "place", value_text(print->arena, place->candidates[0].label));
    value_set(names, "distance", value_text(print->arena, radius_text(print, used->within)));
    if (used->within > 0) key = "find.print.total.within";
    else if (used->sort != SEARCH_NAME) key = "find.print.total.near";
  }
  if (snapshot_is_demo(print->snapshot))
    add_wrapped(print, out, say(print, "find.print.demo"), 0, 0);
  add_wrapped(print, out, catalog_format(print->arena, print->catalog, print->language, key, names),
              0, 0);
  print_relaxed(print, out);
}

/* --- Places ----------------------------------------------------------------------------------- */

/* "5.5", rounded as answers round it; nothing where no distance can be said. */
static struct text miles_text(const struct find_print *print, double distance)
{
  struct text_buffer buffer;
  if (!isfinite(distance)) return TEXT("");
  text_buffer_init(&buffer, 64);
  text_buffer_add_decimal(&buffer, distance, 1);
  struct text copy = text_copy(print->arena, text_buffer_get(&buffer));
  text_buffer_fini(&buffer);
  return copy;
}

static void print_name(const struct find_print *print, struct text_buffer *out, size_t number,
                       const struct value *result)
{
  struct text miles = miles_text(print, print->answer->search.hits[number - 1].distance);
  struct text name = member(result, "name");
  struct text label = text_format(print->arena, "%2zu. ", number);
  if (!text_is_empty(miles))
    name = text_format(print->arena, "%.*s (%.*s)", TEXT_PRINT(name),
                       TEXT_PRINT(say_with(print, "find.relaxed.miles", "miles", miles)));
  text_buffer_add_character(out, '\n');
  if (print->bold) text_buffer_add(out, TEXT("\033[1m"));
  text_buffer_add(out, label);
  add_wrapped(print, out, name, label.length, label.length);
  if (print->bold) text_buffer_add(out, TEXT("\033[0m"));
  if (!text_is_empty(member(result, "name2")))
    add_wrapped(print, out, member(result, "name2"), INDENT, 0);
}

static void print_address(const struct find_print *print, struct text_buffer *out,
                          const struct value *result)
{
  struct text street2 = member(result, "street2");
  struct text line = text_format(
      print->arena, "%.*s%s%.*s, %.*s, %.*s %.*s", TEXT_PRINT(member(result, "street")),
      text_is_empty(street2) ? "" : ", ", TEXT_PRINT(street2), TEXT_PRINT(member(result, "city")),
      TEXT_PRINT(member(result, "state")), TEXT_PRINT(member(result, "zip")));
  add_wrapped(print, out, line, INDENT, 0);
}

static void print_phones(const struct find_print *print, struct text_buffer *out,
                         const struct value *result)
{
  struct text intake = member(result, "intake_phone"), main_line = member(result, "phone");
  if (!text_is_empty(intake))
    add_wrapped(print, out, say_with(print, "find.print.call.intake", "phone", intake), INDENT, 0);
  if (!text_is_empty(main_line) && !text_equal(main_line, intake))
    add_wrapped(print, out, say_with(print, "find.print.call", "phone", main_line), INDENT, 0);
}

/* What is said of its free places, the best first; nothing where nobody said anything. */
static void print_openings(const struct find_print *print, struct text_buffer *out,
                           const struct value *result)
{
  const struct find_openings *openings = print->openings;
  const struct overlay_place *places;
  size_t count = overlay_find(openings->overlay, member(result, "id"), &places);
  const struct overlay_place **list = availability_best_first(print->arena, places, count);
  for (size_t i = 0; i < count; i++) {
    struct availability_words words;
    availability_say(openings->beds, print->arena, print->language, list[i], openings->now, &words);
    struct text line =
        text_format(print->arena, "%.*s · %.*s · %.*s · %.*s%s%.*s", TEXT_PRINT(words.text),
                    TEXT_PRINT(words.level), TEXT_PRINT(words.ago), TEXT_PRINT(words.source),
                    words.is_old ? " · " : "",
                    TEXT_PRINT(words.is_old ? say(print, "availability.call_first") : TEXT("")));
    add_wrapped(print, out, line, INDENT, 0);
  }
}

/* Signs of quality are counted here: in full they would fill the screen. */
static bool is_sign(const struct find_print *print, struct text reason)
{
  for (size_t i = 0; i < signs_count(print->needs); i++)
    for (size_t language = 0; language < NEED_LANGUAGES; language++)
      if (text_equal(signs_get(print->needs, i)->label[language], reason)) return true;
  return false;
}

/* Reasons but the distance, which stands beside the name. */
static void print_why(const struct find_print *print, struct text_buffer *out,
                      const struct value *result, double distance)
{
  struct text_buffer line;
  int64_t signs = 0;
  const struct value *why = value_get(result, TEXT("why"));
  struct text far = say_with(print, "find.why.distance", "miles", miles_text(print, distance));
  text_buffer_init(&line, LIMIT_JSON_BODY);
  for (size_t i = 0; i < value_count(why); i++) {
    struct text reason = value_text_get(value_item(why, i));
    bool sign = is_sign(print, reason);
    signs += sign;
    if (sign || text_equal(reason, far)) continue;
    text_buffer_add(&line, line.length ? TEXT(" · ") : TEXT(""));
    text_buffer_add(&line, reason);
  }
  if (line.length) add_wrapped(print, out, text_buffer_get(&line), INDENT, 0);
  if (signs)
    add_wrapped(print, out,
                say_with(print, "find.print.signs", "count",
                         text_format(print->arena, "%lld", (long long)signs)),
                INDENT, 0);
  text_buffer_fini(&line);
}

static void print_results(const struct find_print *print, struct text_buffer *out)
{
  const struct value *results = value_get(print->answer->result, TEXT("results"));
  for (size_t i = 0; i < value_count(results); i++) {
    const struct value *result;
    struct error error;
    if (!json_read(print->arena, value_text_get(value_item(results, i)), &result, &error)) continue;
    print_name(print, out, i + 1, result);
    print_address(print, out, result);
    print_phones(print, out, result);
    print_openings(print, out, result);
    print_why(print, out, result, print->answer->search.hits[i].distance);
  }
}

/* --- What next -------------------------------------------------------------------------------- */

static void print_candidates(const struct find_print *print, struct text_buffer *out)
{
  const struct place_answer *place = &print->answer->place;
  const char *key = place->outcome == PLACE_AMBIGUOUS ? "find.print.which"
                    : place->count                    ? "find.print.unknown.suggest"
                                                      : "find.print.unknown";
  add_wrapped(print, out, say(print, key), 0, 0);
  for (size_t i = 0; i < place->count; i++) {
    struct text words = print->answer->words;
    text_buffer_add_format(out, "  %-28.*s  %.*s", TEXT_PRINT(place->candidates[i].label),
                           TEXT_PRINT(print->command));
    if (words.length) {
      text_buffer_add_character(out, ' ');
      find_print_quoted(words, out);
    }
    text_buffer_add(out, TEXT(" --near "));
    find_print_quoted(place->candidates[i].near, out);
    text_buffer_add_character(out, '\n');
  }
}

static void print_end(const struct find_print *print, struct text_buffer *out)
{
  text_buffer_add_character(out, '\n');
  if (!text_is_empty(print->answer->search.next)) {
    text_buffer_add(out, say(print, "find.print.more"));
    text_buffer_add_format(out, "\n  %.*s%.*s --cursor ", TEXT_PRINT(print->command),
                           TEXT_PRINT(print->place));
    find_print_quoted(print->answer->search.next, out);
    text_buffer_add(out, TEXT("\n\n"));
  }
  add_wrapped(print, out, say(print, "find.print.call.first"), 0, 0);
  for (size_t i = 0; i < snapshot_source_count(print->snapshot); i++) {
    struct text source, as_of;
    struct value *names = value_object(print->arena);
    snapshot_source_get(print->snapshot, i, &source, &as_of);
    value_set(names, "source", value_text(print->arena, source));
    value_set(names, "date", value_text(print->arena, as_of));
    add_wrapped(
        print, out,
        catalog_format(print->arena, print->catalog, print->language, "find.print.source", names),
        0, 0);
  }
}

void find_print(const struct find_print *print, struct text_buffer *out)
{
  enum place_outcome outcome = print->answer->place.outcome;
  if (outcome == PLACE_AMBIGUOUS || outcome == PLACE_UNKNOWN) {
    print_candidates(print, out);
    return;
  }
  print_heading(print, out);
  print_results(print, out);
  print_end(print, out);
}
