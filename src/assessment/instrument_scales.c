/*
 * Instruments: reading instrument-scales.csv: which items a sum holds, and what their answers
 * count.
 */
#include "assessment/instrument_private.h"
#include "directory/needs_expression.h"

/* --- instrument-scales.csv ------------------------------------------------------------------ */

static const char *const methods[] = {
    [METHOD_SUM] = "sum", [METHOD_MEAN] = "mean", [METHOD_MAX] = "max", [METHOD_COUNT] = "count"};

/* Items by number, with spaces between; unknown and repeated ones are problems. */
static size_t read_item_list(const struct knowledge_file *file, size_t row,
                             const struct instrument *instrument, struct text list, size_t **out)
{
  struct text number;
  size_t count = 0;
  bool is_named[INSTRUMENT_ITEMS] = {false};
  *out = arena_allocate_array(file->loader->arena, INSTRUMENT_ITEMS, sizeof **out);
  while (text_word_next(&list, &number)) {
    size_t item = instrument_item_find(instrument, number);
    if (item == INSTRUMENT_NONE)
      instrument_report(file, row, "use the linkId of a question", "unknown item", number);
    else if (is_named[item]) instrument_report(file, row, "name it once", "an item twice:", number);
    else is_named[(*out)[count++] = item] = true;
  }
  return count;
}

size_t instrument_item_values(struct arena *arena, const struct instrument_item *item, double **out)
{
  size_t count = item->kind == ITEM_CHOICE   ? item->option_count
                 : item->kind == ITEM_YES_NO ? 2
                                             : (size_t)(item->maximum - item->minimum + 1);
  *out = arena_allocate_array(arena, count + 1, sizeof **out);
  for (size_t i = 0; i < count; i++)
    (*out)[i] = item->kind == ITEM_CHOICE   ? item->options[i].value
                : item->kind == ITEM_YES_NO ? (double)i
                                            : (double)item->minimum + (double)i;
  return count;
}

/* "0=0 1=8 2=15": each allowed answer once. */
static void read_pairs(const struct knowledge_file *file, size_t row,
                       const struct instrument_item *item, struct text pairs,
                       struct instrument_transform *out)
{
  struct text pair, from_text;
  int64_t from, to;
  double *values, *froms, *tos;
  struct arena *arena = file->loader->arena;
  size_t count = instrument_item_values(arena, item, &values), given = 0;
  froms = arena_allocate_array(arena, count + 1, sizeof *froms);
  tos = arena_allocate_array(arena, count + 1, sizeof *tos);
  while (text_word_next(&pairs, &pair)) {
    struct text to_text = pair;
    text_split_next(&to_text, '=', &from_text);
    bool good = text_read_integer(from_text, &from) && text_read_integer(to_text, &to) &&
                instrument_item_allows(item, (double)from);
    for (size_t i = 0; good && i < given; i++) good = froms[i] != (double)from;
    if (!good) {
      instrument_report(file, row, "write pairs of an allowed answer and its number, 0=0 1=8",
                        "transform:", pair);
      return;
    }
    froms[given] = (double)from;
    tos[given++] = (double)to;
  }
  if (given != count)
    instrument_report(file, row, "give every allowed answer its number",
                      "transform leaves answers out of item", item->number);
  *out = (struct instrument_transform){froms, tos, given};
}

/* "3: 0=1 1=0; 1 8: 0=0 1=8": parts with ";" between, items before ":". */
static void read_transforms(const struct knowledge_file *file, size_t row,
                            const struct instrument *instrument, struct instrument_sum *sum,
                            struct instrument_transform *transforms)
{
  struct text rest = knowledge_cell(file, row, 4), part;
  while (text_split_next(&rest, ';', &part)) {
    struct text items = TEXT("");
    size_t *named;
    text_split_next(&part, ':', &items);
    size_t count = read_item_list(file, row, instrument, items, &named);
    for (size_t i = 0; i < count; i++) {
      size_t at = 0;
      while (at < sum->count && sum->items[at] != named[i]) at++;
      if (at == sum->count)
        instrument_report(file, row, "transform items of the scale",
                          "not an item of the scale:", instrument->items[named[i]].number);
      else read_pairs(file, row, &instrument->items[named[i]], part, &transforms[at]);
    }
  }
}

/* The least and most that a scale can reach, by what its items allow; a skipped one counts none. */
static void find_reach(const struct instrument *instrument, const struct instrument_sum *sum,
                       struct arena *arena, double *least, double *most)
{
  double low_sum = 0, high_sum = 0, low = 1e9, high = 0, low_top = 0, positive = 0, always = 0;
  for (size_t i = 0; i < sum->count; i++) {
    const struct instrument_item *item = &instrument->items[sum->items[i]];
    double *values, item_low = 1e9, item_high = -1e9;
    size_t count = instrument_item_values(arena, item, &values);
    for (size_t v = 0; v < count; v++) {
      double number = instrument_transform_apply(&sum->transforms[i], values[v]);
      if (number < item_low) item_low = number;
      if (number > item_high) item_high = number;
    }
    if (item->depends_on != INSTRUMENT_NONE && item_low > 0) item_low = 0;
    low_sum += item_low;
    high_sum += item_high;
    if (item_low < low) low = item_low;
    if (item_high > high) high = item_high;
    if (item_low > low_top) low_top = item_low;
    positive += item_high > 0;
    always += item_low > 0;
  }
  *least = sum->method == METHOD_SUM    ? low_sum
           : sum->method == METHOD_MEAN ? low
           : sum->method == METHOD_MAX  ? low_top
                                        : always;
  *most = sum->method == METHOD_SUM ? high_sum : sum->method == METHOD_COUNT ? positive : high;
}

/* A scale's name is none of what else a condition can name. */
static bool is_scale_name(const struct instrument *instrument, struct text name)
{
  if (text_equal(name, TEXT("sex")) || text_equal(name, TEXT("always"))) return false;
  if (text_starts_with(name, TEXT("q")) &&
      instrument_item_find(instrument, text_slice(name, 1, name.length)) != INSTRUMENT_NONE)
    return false;
  for (size_t i = 0; i < instrument->scale_count; i++)
    if (text_equal(instrument->scales[i].name, name)) return false;
  return true;
}

static void check_reach(const struct knowledge_file *file, size_t row,
                        const struct instrument *instrument, const struct instrument_sum *sum,
                        struct instrument_scale *scale)
{
  int64_t minimum = 0, maximum = 0;
  double least, most;
  find_reach(instrument, sum, file->loader->arena, &least, &most);
  bool good = text_read_integer(knowledge_required(file, row, 5), &minimum) &&
              text_read_integer(knowledge_required(file, row, 6), &maximum) &&
              least == (double)minimum && most == (double)maximum;
  scale->minimum = least;
  scale->maximum = most;
  if (good) return;
  knowledge_report(file->loader, file->name, knowledge_line(file, row),
                   "compare the answers' scores with the source form",
                   "the allowed answers of '%s' give %.0f to %.0f",
                   instrument_quote(file, scale->name), least, most);
}

static void load_scale(struct instrument_loading *loading, const struct knowledge_file *file,
                       size_t row)
{
  size_t index, method = 0;
  if (!instrument_row_find(loading, file, row, &index)) return;
  struct instrument *instrument = &loading->out->items[index];
  struct instrument_built *built = &loading->built[index];
  if (!instrument_row_fits(file, row, instrument->scale_count, INSTRUMENT_SCALES)) return;
  struct instrument_scale *scale = &built->scales[instrument->scale_count];
  struct instrument_sum *sum = &built->program->sums[instrument->scale_count];
  size_t *items;
  scale->name = knowledge_read_name(file, row, 1);
  if (!is_scale_name(instrument, scale->name))
    instrument_report(file, row, "name it apart", "the name means something else:", scale->name);
  struct text word = knowledge_required(file, row, 2);
  while (method < METHOD_COUNT && !text_equal(word, text_from(methods[method]))) method++;
  if (!text_equal(word, text_from(methods[method])))
    instrument_report(file, row, "write sum, mean, max or count", "unknown method", word);
  sum->method = (enum instrument_method)method;
  sum->count = read_item_list(file, row, instrument, knowledge_required(file, row, 3), &items);
  sum->items = items;
  struct instrument_transform *transforms =
      arena_allocate_array(loading->loader.arena, sum->count + 1, sizeof *transforms);
  sum->transforms = transforms;
  read_transforms(file, row, instrument, sum, transforms);
  for (size_t i = 0; i < sum->count; i++)
    if (!instrument->items[items[i]].is_required)
      instrument_report(
          file, row, "make it required, or leave it out of the scale",
          "the scale holds an item that may stay open:", instrument->items[items[i]].number);
  knowledge_read_labels(file, row, 7, scale->label);
  check_reach(file, row, instrument, sum, scale);
  if (text_equal(scale->name, TEXT("total"))) instrument->total = instrument->scale_count;
  instrument->scale_count++;
}

void instrument_scales_load(struct instrument_loading *loading)
{
  static const char *const columns[] = {"instrument", "scale",   "method",  "items",
                                        "transform",  "minimum", "maximum", "label_en",
                                        "label_es",   NULL};
  struct knowledge_file file;
  if (!knowledge_open(&loading->loader, "instrument-scales.csv", columns, &file)) return;
  for (size_t row = 0; row < file.table.row_count; row++) load_scale(loading, &file, row);
}
