/*
 * A result as plain text: for a terminal, and for the file that a person keeps. It says what the
 * page says, in its order. Lines wrap at the given width.
 */
#include <math.h>

#include "assessment/say.h"

enum { INDENT = 2 };

static struct text member(const struct value *object, const char *name)
{
  return value_text_get(value_get(object, text_from(name)));
}

static const struct value *list(const struct care_print *print, const char *name)
{
  return value_get(print->document, text_from(name));
}

/* --- Lines --------------------------------------------------------------------------------- */

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

/* A paragraph: the first line begins with `mark`, the others stand under its text. */
static void paragraph(const struct care_print *print, struct text_buffer *out, struct text mark,
                      struct text t)
{
  struct text rest = t, word;
  size_t indent = columns(mark), column = indent;
  bool is_first = true;
  text_buffer_add(out, mark);
  while (text_word_next(&rest, &word)) {
    size_t wide = columns(word);
    if (!is_first && column + 1 + wide > print->width) {
      text_buffer_add_character(out, '\n');
      add_spaces(out, indent);
      column = indent;
      is_first = true;
    }
    if (!is_first) text_buffer_add_character(out, ' ');
    column += wide + !is_first;
    text_buffer_add(out, word);
    is_first = false;
  }
  text_buffer_add_character(out, '\n');
}

static void item(const struct care_print *print, struct text_buffer *out, struct text t)
{
  paragraph(print, out, TEXT("  - "), t);
}

static void heading(const struct care_print *print, struct text_buffer *out, struct text t)
{
  text_buffer_add_character(out, '\n');
  if (print->bold) text_buffer_add(out, TEXT("\x1b[1m"));
  text_buffer_add(out, t);
  text_buffer_add(out, print->bold ? TEXT("\x1b[0m\n") : TEXT("\n"));
}

static struct text say(const struct care_print *print, const char *key)
{
  return care_words_get(&print->words, key);
}

/* --- Parts --------------------------------------------------------------------------------- */

static void print_stop(const struct care_print *print, struct text_buffer *out)
{
  const struct value *stops = list(print, "stop");
  heading(print, out, say(print, "care.stop_title"));
  for (size_t i = 0; i < value_count(stops); i++) {
    const struct value *stop = value_item(stops, i);
    paragraph(print, out, TEXT("  "), member(stop, "text"));
    paragraph(print, out, TEXT("  "), member(stop, "act"));
  }
  paragraph(print, out, TEXT("  "), say(print, "care.stop_after"));
}

static void print_level(const struct care_print *print, struct text_buffer *out)
{
  const struct care_words *words = &print->words;
  size_t index = print->result->level;
  const struct level *level = levels_get(words->table, index);
  heading(print, out, care_say_level(words, index, print->result->overlays));
  const struct value *first = value_item(list(print, "reasons"), 0);
  paragraph(print, out, TEXT("  "),
            CARE_FILL(words, "care.hours", {"hours", level->hours[words->language]}));
  paragraph(print, out, TEXT("  "), first ? member(first, "text") : say(print, "care.nothing"));
  if (care_is_joined(words->table, print->result))
    paragraph(print, out, TEXT("  "), say(print, "care.joined"));
  if (print->result->medication_at_place)
    paragraph(print, out, TEXT("  "), say(print, "care.medicine_at_place"));
  paragraph(print, out, TEXT("  "),
            CARE_FILL(words, "care.crosswalk", {"level", level->number}, {"asam4", level->asam4},
                      {"asam3", level->asam3}));
}

static void print_texts(const struct care_print *print, struct text_buffer *out, const char *title,
                        const char *name, const char *none)
{
  const struct value *items = list(print, name);
  heading(print, out, say(print, title));
  for (size_t i = 0; i < value_count(items); i++)
    item(print, out, member(value_item(items, i), "text"));
  if (!value_count(items)) paragraph(print, out, TEXT("  "), say(print, none));
}

static void print_not_known(const struct care_print *print, struct text_buffer *out)
{
  struct text texts[CARE_FACTORS];
  size_t count = care_factors_unknown(print->words.table, print->facts, print->result,
                                      print->words.language, texts);
  if (!count) return;
  heading(print, out, say(print, "care.not_known"));
  for (size_t i = 0; i < count; i++) item(print, out, texts[i]);
}

static void print_rules(const struct care_print *print, struct text_buffer *out, const char *title,
                        const char *name)
{
  const struct care_words *words = &print->words;
  const struct value *items = list(print, name);
  if (!value_count(items)) return;
  heading(print, out, say(print, title));
  for (size_t i = 0; i < value_count(items); i++) {
    const struct value *one = value_item(items, i);
    struct text source = care_say_source(words, member(one, "source"), member(one, "grade"));
    struct text signed_by = care_say_signed(words, member(one, "signed_by"));
    item(print, out,
         text_format(words->arena, "%.*s: %.*s", TEXT_PRINT(member(one, "rule")),
                     TEXT_PRINT(member(one, "text"))));
    paragraph(print, out, TEXT("    "), source);
    paragraph(print, out, TEXT("    "), signed_by);
  }
}

static void print_changes(const struct care_print *print, struct text_buffer *out)
{
  const struct care_words *words = &print->words;
  heading(print, out, say(print, "care.change"));
  for (size_t i = 0; i < print->explanation->change_count; i++) {
    const struct care_change *change = &print->explanation->changes[i];
    struct text level = care_say_level(words, change->level, change->overlays);
    item(print, out,
         text_format(words->arena, "%.*s %.*s", TEXT_PRINT(care_say_change(words, change)),
                     TEXT_PRINT(CARE_FILL(words, "care.fits", {"level", level}))));
  }
  if (!print->explanation->change_count)
    paragraph(print, out, TEXT("  "), say(print, "care.no_change"));
}

static void print_unknown(const struct care_print *print, struct text_buffer *out)
{
  const struct care_words *words = &print->words;
  const struct care_explanation *explanation = print->explanation;
  heading(print, out, say(print, "care.ask"));
  for (size_t i = 0; i < explanation->unknown_count; i++) {
    const struct care_unknown *one = &explanation->unknown[i];
    const struct fact *fact = facts_get(words->table, one->fact);
    struct text levels =
        CARE_FILL(words, "care.print.could", {"levels", care_say_levels(words, one->levels)});
    item(print, out,
         text_format(words->arena, "%.*s (%.*s): %.*s",
                     TEXT_PRINT(care_say_label(words, one->fact)), TEXT_PRINT(fact->name),
                     TEXT_PRINT(levels)));
  }
  if (!explanation->unknown_count) paragraph(print, out, TEXT("  "), say(print, "care.ask_done"));
}

static void print_answers(const struct care_print *print, struct text_buffer *out)
{
  const struct care_words *words = &print->words;
  size_t said = 0;
  heading(print, out, say(print, "care.answers"));
  for (size_t i = 0; i < facts_count(words->table); i++) {
    double value = print->facts->value[i];
    if (isnan(value)) continue;
    item(print, out,
         text_format(words->arena, "%.*s: %.*s", TEXT_PRINT(care_say_label(words, i)),
                     TEXT_PRINT(care_say_answer(words, i, value))));
    said++;
  }
  if (!said) paragraph(print, out, TEXT("  "), say(print, "care.answers_none"));
}

/* The command to type next, or in a file what is looked for. */
static void print_needs(const struct care_print *print, struct text_buffer *out)
{
  const struct value *items = list(print, "needs");
  struct text_buffer line;
  text_buffer_init(&line, LIMIT_HTTP_TARGET);
  text_buffer_add(&line, print->as_file ? TEXT("") : TEXT("fairlead find --near ZIP"));
  for (size_t i = 0; i < value_count(items); i++) {
    struct text name = value_text_get(value_item(items, i));
    size_t need;
    if (!print->as_file) text_buffer_add_format(&line, " --need %.*s", TEXT_PRINT(name));
    else if (needs_find(print->needs, name, &need))
      text_buffer_add_format(
          &line, "%s%.*s", line.length ? "; " : "",
          TEXT_PRINT(needs_get(print->needs, need)->label[print->words.language]));
  }
  heading(print, out, say(print, "care.print.find"));
  if (print->as_file) paragraph(print, out, TEXT("  "), text_buffer_get(&line));
  else {
    add_spaces(out, INDENT);
    text_buffer_add(out, text_buffer_get(&line)); /* one line, so that it can be copied */
    text_buffer_add_character(out, '\n');
  }
  text_buffer_fini(&line);
}

/* --- Whole --------------------------------------------------------------------------------- */

static void print_adult(const struct care_print *print, struct text_buffer *out)
{
  bool is_waiting = care_verdict(print->words.table, print->result) == CARE_VERDICT_WAITING;
  if (is_waiting) {
    heading(print, out, say(print, "care.waiting_title"));
    paragraph(print, out, TEXT("  "), say(print, "care.waiting_text"));
    print_rules(print, out, "care.waiting", "waiting");
  } else {
    print_level(print, out);
  }
  print_texts(print, out, "care.inpatient", "toward_inpatient", "care.none_inpatient");
  print_texts(print, out, "care.outpatient", "toward_outpatient", "care.none_inpatient");
  print_not_known(print, out);
  if (!is_waiting) print_changes(print, out);
  print_rules(print, out, "care.why", "reasons");
  print_unknown(print, out);
}

void care_print(const struct care_print *print, struct text_buffer *out)
{
  enum care_verdict verdict = care_verdict(print->words.table, print->result);
  if (print->as_file) paragraph(print, out, TEXT(""), say(print, "care.print.file_title"));
  if (verdict == CARE_VERDICT_STOP) print_stop(print, out);
  else if (verdict == CARE_VERDICT_MINOR) print_rules(print, out, "care.minor_title", "reasons");
  else print_adult(print, out);
  print_texts(print, out, "care.always", "always", "care.none_inpatient");
  print_needs(print, out);
  if (print->as_file) print_answers(print, out);
  text_buffer_add_character(out, '\n');
  paragraph(print, out, TEXT(""), say(print, "care.not_advice"));
}
