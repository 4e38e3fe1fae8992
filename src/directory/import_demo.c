/*
 * The demo: made-up facilities from a fixed seed, the same every time, marked as invented.
 *
 * What a kind of place offers, how kinds are shared out and what they are called is data:
 * knowledge/demo.csv, demo-kinds.csv, demo-names.csv. Places are drawn from the ZIP codes; phone
 * numbers are of 555-0100 to 555-0199, which are kept free for fiction.
 */
#include <stdlib.h>
#include <string.h>

#include "directory/import_batch.h"

enum { KINDS_MAXIMUM = 8, PHONES = 100 };

/* --- Chance: SplitMix64 (Steele, Lea, Flood 2014), from a fixed seed ---------------------------
 */

struct chance {
  uint64_t state;
};

static uint64_t draw(struct chance *chance)
{
  uint64_t z = chance->state += UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
  return z ^ z >> 31;
}

static size_t draw_below(struct chance *chance, size_t limit)
{
  return (size_t)(draw(chance) % limit);
}

/* A number from 0 to 1, 1 left out. */
static double draw_share(struct chance *chance)
{
  return (double)(draw(chance) >> 11) * 0x1p-53;
}

/* --- What is drawn from --------------------------------------------------------------------------
 */

struct kind {
  struct text name, type;
  double share;  /* percent */
  size_t column; /* in demo.csv */
};

struct demo {
  struct import_batch *batch;
  struct chance chance;
  struct kind kinds[KINDS_MAXIMUM];
  size_t kind_count;
  struct table services, names;
  size_t code_column, requires_column, excludes_column, part_column, text_column;
  double city_cap, address_share, intake_share;
  double *weights; /* of the ZIPs, summed up */
  size_t zip_count;
};

static bool load_table(struct demo *demo, const char *folder, const char *name, struct table *out,
                       struct error *error)
{
  struct text document;
  return file_read(demo->batch->arena, file_join(demo->batch->arena, folder, name),
                   LIMIT_FILE_WHOLE, &document, error) &&
         (table_read_csv(demo->batch->arena, document, out, error) ||
          error_add_context(error, "%s", name));
}

static bool load_kinds(struct demo *demo, const char *folder, struct error *error)
{
  struct table table;
  size_t name, share, type;
  if (!load_table(demo, folder, "demo-kinds.csv", &table, error) ||
      !table_column(&table, "kind", &name, error) ||
      !table_column(&table, "share", &share, error) || !table_column(&table, "type", &type, error))
    return false;
  for (size_t row = 0; row < table.row_count && row < KINDS_MAXIMUM; row++) {
    struct kind *kind = &demo->kinds[demo->kind_count++];
    kind->name = table_cell(&table, row, name);
    kind->type = table_cell(&table, row, type);
    if (!text_read_decimal(table_cell(&table, row, share), &kind->share) ||
        !table_column(&demo->services, text_c(demo->batch->arena, kind->name), &kind->column,
                      error))
      return error_set(error, ERROR_SYSTEM, "error.share",
                       "Restore knowledge/demo-kinds.csv as it was installed.",
                       "demo-kinds.csv: a kind without a share, or unknown to demo.csv");
  }
  return true;
}

static bool load_numbers(struct demo *demo, const char *folder, struct error *error)
{
  struct arena *arena = demo->batch->arena;
  return import_knowledge_number(arena, folder, "demo-city-cap", &demo->city_cap, error) &&
         import_knowledge_number(arena, folder, "demo-address-share", &demo->address_share,
                                 error) &&
         import_knowledge_number(arena, folder, "demo-intake-share", &demo->intake_share, error);
}

static bool load(struct demo *demo, struct error *error)
{
  const char *folder;
  return import_knowledge_folder(demo->batch->arena, demo->batch->options, &folder, error) &&
         load_table(demo, folder, "demo.csv", &demo->services, error) &&
         load_table(demo, folder, "demo-names.csv", &demo->names, error) &&
         table_column(&demo->services, "code", &demo->code_column, error) &&
         table_column(&demo->services, "requires", &demo->requires_column, error) &&
         table_column(&demo->services, "excludes", &demo->excludes_column, error) &&
         table_column(&demo->names, "part", &demo->part_column, error) &&
         table_column(&demo->names, "text", &demo->text_column, error) &&
         load_kinds(demo, folder, error) && load_numbers(demo, folder, error);
}

/* --- Where
 * ------------------------------------------------------------------------------------------ */

struct zip_city {
  struct place_zip zip;
  size_t index;
};

static int by_city(const void *left, const void *right)
{
  const struct zip_city *a = left, *b = right;
  int order = strcmp(a->zip.state, b->zip.state);
  if (!order) order = text_compare(a->zip.city, b->zip.city);
  return order ? order : (a->index > b->index) - (a->index < b->index);
}

static bool same_city(const struct zip_city *a, const struct zip_city *b)
{
  return strcmp(a->zip.state, b->zip.state) == 0 && text_equal(a->zip.city, b->zip.city);
}

/* Give each ZIP the weight of its city, up to the cap, and sum the weights up. */
static void weigh(struct demo *demo)
{
  const struct places *places = demo->batch->places;
  size_t count = places_zip_count(places);
  struct zip_city *zips = memory_allocate_zero(count, sizeof *zips);
  demo->zip_count = count;
  demo->weights = memory_allocate_zero(count + 1, sizeof *demo->weights);
  for (size_t i = 0; i < count; i++) {
    places_zip_at(places, i, &zips[i].zip);
    zips[i].index = i;
  }
  if (count) qsort(zips, count, sizeof *zips, by_city);
  for (size_t from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count && same_city(&zips[from], &zips[to]);) to++;
    double size = (double)(to - from);
    for (size_t i = from; i < to; i++)
      demo->weights[zips[i].index] = size < demo->city_cap ? size : demo->city_cap;
  }
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    struct place_zip zip;
    char letters[3];
    places_zip_at(places, i, &zip); /* the military's ZIPs lie in no state */
    if (places_state(places, text_from(zip.state), letters)) sum += demo->weights[i];
    demo->weights[i] = sum;
  }
  free(zips);
}

static void draw_zip(struct demo *demo, struct place_zip *out)
{
  double wanted = draw_share(&demo->chance) * demo->weights[demo->zip_count - 1];
  size_t low = 0, high = demo->zip_count - 1;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (demo->weights[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  places_zip_at(demo->batch->places, low, out);
}

/* --- What
 * --------------------------------------------------------------------------------------------- */

/* Draw one of the texts of a part; empty when there is none. */
static struct text draw_name(struct demo *demo, struct text part)
{
  size_t count = 0;
  for (size_t row = 0; row < demo->names.row_count; row++)
    count += text_equal(table_cell(&demo->names, row, demo->part_column), part);
  size_t wanted = count ? draw_below(&demo->chance, count) : 0;
  for (size_t row = 0; count && row < demo->names.row_count; row++)
    if (text_equal(table_cell(&demo->names, row, demo->part_column), part) && wanted-- == 0)
      return table_cell(&demo->names, row, demo->text_column);
  return TEXT("");
}

static bool has_any(const struct import_batch *batch, const bool has[CODES_MAXIMUM],
                    struct text codes)
{
  struct text word;
  size_t code;
  while (text_word_next(&codes, &word))
    if (codes_find(batch->needs, word, &code) && has[code]) return true;
  return false;
}

/* Draw services, one by one in the order of the file: what a code requires stands above it. */
static void draw_services(struct demo *demo, const struct kind *kind)
{
  bool has[CODES_MAXIMUM] = {false};
  for (size_t row = 0; row < demo->services.row_count; row++) {
    double percent = 0;
    size_t code;
    struct text requires = table_cell(&demo->services, row, demo->requires_column);
    struct text excludes = table_cell(&demo->services, row, demo->excludes_column);
    double drawn = draw_share(&demo->chance) * 100;
    if (!codes_find(demo->batch->needs, table_cell(&demo->services, row, demo->code_column),
                    &code) ||
        !text_read_decimal(table_cell(&demo->services, row, kind->column), &percent) ||
        drawn >= percent || (requires.length && !has_any(demo->batch, has, requires)) ||
        has_any(demo->batch, has, excludes))
      continue;
    has[code] = true;
    import_code_add(demo->batch, code);
  }
}

static const struct kind *draw_kind(struct demo *demo)
{
  double sum = 0, wanted;
  for (size_t i = 0; i < demo->kind_count; i++) sum += demo->kinds[i].share;
  wanted = draw_share(&demo->chance) * sum;
  size_t i = 0;
  while (i + 1 < demo->kind_count && wanted >= demo->kinds[i].share)
    wanted -= demo->kinds[i++].share;
  return &demo->kinds[i];
}

/* 555-0100 to 555-0199 behind an area code that is no service code such as 211 or 911. */
static struct text draw_phone(struct demo *demo, struct arena *arena)
{
  size_t area = 201 + draw_below(&demo->chance, 780);
  if (area % 100 == 11) area++;
  return text_format(arena, "%zu-555-01%02zu", area, draw_below(&demo->chance, PHONES));
}

/* A point up to about a mile and a half from the ZIP's center. */
static void draw_point(struct demo *demo, struct arena *arena, const struct place_zip *zip,
                       struct text raw[IMPORT_FIELD_COUNT])
{
  static const double spread = 0.02; /* degrees */
  double north = (draw_share(&demo->chance) * 2 - 1) * spread;
  double east = (draw_share(&demo->chance) * 2 - 1) * spread;
  if (draw_share(&demo->chance) * 100 >= demo->address_share) return;
  raw[IMPORT_LATITUDE] = text_format(arena, "%.6f", zip->latitude + north);
  raw[IMPORT_LONGITUDE] = text_format(arena, "%.6f", zip->longitude + east);
}

static bool draw_facility(struct demo *demo, int64_t number, struct error *error)
{
  struct arena *arena = demo->batch->scratch;
  struct text raw[IMPORT_FIELD_COUNT];
  struct place_zip zip;
  const struct kind *kind = draw_kind(demo);
  for (size_t i = 0; i < IMPORT_FIELD_COUNT; i++) raw[i] = TEXT("");
  draw_zip(demo, &zip);
  struct text first = draw_name(demo, TEXT("first")), second = draw_name(demo, TEXT("second"));
  struct text last = draw_name(demo, kind->name);
  raw[IMPORT_NAME1] =
      text_format(arena, "%.*s %.*s %.*s", TEXT_PRINT(first), TEXT_PRINT(second), TEXT_PRINT(last));
  if (draw_below(&demo->chance, 2)) raw[IMPORT_NAME2] = draw_name(demo, TEXT("site"));
  size_t house = 100 + draw_below(&demo->chance, 9900);
  struct text street = draw_name(demo, TEXT("street")), end = draw_name(demo, TEXT("street-end"));
  raw[IMPORT_STREET1] =
      text_format(arena, "%zu %.*s %.*s", house, TEXT_PRINT(street), TEXT_PRINT(end));
  if (draw_below(&demo->chance, 4) == 0) raw[IMPORT_STREET2] = draw_name(demo, TEXT("suite"));
  raw[IMPORT_CITY] = zip.city;
  raw[IMPORT_STATE] = text_from(zip.state);
  raw[IMPORT_ZIP] = text_from(zip.zip);
  raw[IMPORT_TYPE] = kind->type;
  raw[IMPORT_PHONE] = draw_phone(demo, arena);
  if (draw_share(&demo->chance) * 100 < demo->intake_share)
    raw[IMPORT_INTAKE1] = draw_phone(demo, arena);
  draw_point(demo, arena, &zip, raw);
  draw_services(demo, kind);
  return import_batch_row(demo->batch, number, raw, error);
}

static bool draw_all(struct import_batch *batch, size_t count, struct error *error)
{
  struct demo demo = {.batch = batch, .chance = {UINT64_C(0xFA171EAD)}};
  bool done = load(&demo, error);
  if (done) {
    weigh(&demo);
    if (demo.zip_count == 0 || demo.kind_count == 0)
      done = error_set(error, ERROR_SYSTEM, "error.share", "Run make, or install anew.",
                       "no ZIP codes, or no kinds of places, to draw from");
  }
  for (size_t i = 0; done && i < count; i++) done = draw_facility(&demo, (int64_t)i + 1, error);
  free(demo.weights);
  return done;
}

bool import_demo(const struct import_target *target, size_t count,
                 const struct import_options *options, struct arena *arena,
                 struct import_report *report, struct error *error)
{
  static const struct text release = TEXT("2026-01-01"); /* fixed, as all of it */
  struct import_batch batch = {0};
  *report =
      (struct import_report){.source = TEXT("demo"), .as_of = release, .format = TEXT("demo")};
  bool done = import_batch_init(&batch, target, options, TEXT("demo"), arena, report, error) &&
              draw_all(&batch, count, error) && import_batch_finish(&batch, error) &&
              import_write(target->store, &batch, text_format(arena, "demo-%zu", count), error);
  import_batch_fini(&batch);
  return done;
}
