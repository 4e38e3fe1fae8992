/*
 * Made-up directories and the fixed workload. See generate.h.
 */
#include "generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const workload_names[WORKLOAD_KINDS] = {"near", "city", "state", "typo", "broad"};

/* --- Chance --------------------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t chance_next(uint64_t *state)
{
  uint64_t z = (*state += 0x9E3779B97F4A7C15);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

static size_t chance_below(uint64_t *state, size_t count)
{
  return (size_t)(chance_next(state) % count);
}

static double chance_unit(uint64_t *state)
{
  return (double)(chance_next(state) >> 11) / 9007199254740992.0;
}

/* A number below `count`, small ones far likelier, as words are in names. */
static size_t chance_skewed(uint64_t *state, size_t count)
{
  double unit = chance_unit(state);
  return (size_t)((double)count * unit * unit * unit);
}

/* --- Places --------------------------------------------------------------------------------- */

struct zip {
  struct text zip, city, state;
  double latitude, longitude;
};

struct generator {
  const struct needs *needs;
  struct arena *arena;
  uint64_t chance;
  struct zip *zips;
  size_t zip_count;
  size_t *weighted; /* ZIPs, each as often as its city is large */
  size_t weighted_count;
  struct text *surnames;
  size_t surname_count;
};

static bool read_zips(struct generator *generator, const char *path, struct error *error)
{
  enum { LARGEST = 64 * 1024 * 1024, COLUMNS = 11 };
  struct text document, line;
  if (!file_read(generator->arena, path, LARGEST, &document, error)) return false;
  generator->zips = arena_allocate_array(generator->arena, 50000, sizeof *generator->zips);
  while (generator->zip_count < 50000 && text_split_next(&document, '\n', &line)) {
    struct text fields[16], rest = line;
    size_t count = 0;
    while (count < 16 && text_split_next(&rest, '\t', &fields[count])) count++;
    struct zip *zip = &generator->zips[generator->zip_count];
    if (count < COLUMNS || fields[4].length != 2) continue;
    if (!text_read_decimal(fields[9], &zip->latitude) ||
        !text_read_decimal(fields[10], &zip->longitude))
      continue;
    zip->zip = fields[1];
    zip->city = fields[2];
    zip->state = fields[4];
    generator->zip_count++;
  }
  return generator->zip_count > 0 ||
         error_set(error, ERROR_REFUSED, "error.file", "Run npm ci.", "%s: no ZIPs", path);
}

static const struct zip *sort_zips;
static int by_city(const void *a, const void *b)
{
  const struct zip *left = &sort_zips[*(const size_t *)a], *right = &sort_zips[*(const size_t *)b];
  int states = text_compare(left->state, right->state);
  if (states) return states;
  int cities = text_compare(left->city, right->city);
  return cities ? cities : text_compare(left->zip, right->zip);
}

/* A ZIP counts as often as its city has ZIPs, and a quarter more for the countryside: people live
 * where ZIPs are many. */
static void weigh_zips(struct generator *generator)
{
  size_t count = generator->zip_count, *order = memory_allocate_zero(count, sizeof *order);
  for (size_t i = 0; i < count; i++) order[i] = i;
  sort_zips = generator->zips;
  qsort(order, count, sizeof *order, by_city);
  size_t room = 0;
  for (int pass = 0; pass < 2; pass++) {
    if (pass == 1)
      generator->weighted = arena_allocate_array(generator->arena, room, sizeof *order);
    for (size_t first = 0, end; first < count; first = end) {
      end = first + 1;
      const struct zip *city = &generator->zips[order[first]];
      while (end < count && text_equal(generator->zips[order[end]].city, city->city) &&
             text_equal(generator->zips[order[end]].state, city->state))
        end++;
      size_t times = 1 + (end - first) / 2;
      for (size_t i = first; i < end; i++)
        for (size_t t = 0; t < times; t++) {
          if (pass == 0) room++;
          else generator->weighted[generator->weighted_count++] = order[i];
        }
    }
  }
  free(order);
}

static void make_surnames(struct generator *generator)
{
  static const char *const starts[] = {"Al",  "Bar", "Ben", "Bro", "Cal", "Car", "Cor", "Dal",
                                       "Den", "El",  "Fa",  "Gar", "Gil", "Ha",  "Hen", "Jo",
                                       "Kel", "La",  "Lin", "Ma",  "Mer", "Mor", "Na",  "Ol",
                                       "Pa",  "Per", "Ra",  "Ro",  "San", "Sul", "Tor", "Wal"};
  static const char *const middles[] = {"",   "der", "li",  "ma",  "ne", "ri",  "sa",  "ti",
                                        "vi", "lo",  "ber", "den", "ga", "ker", "min", "ros"};
  static const char *const ends[] = {"son",  "ton",  "field", "er",  "man", "ez",  "ley",  "wood",
                                     "berg", "ford", "ham",   "ell", "is",  "ard", "ings", "way"};
  generator->surname_count = 32 * 16 * 16;
  generator->surnames =
      arena_allocate_array(generator->arena, generator->surname_count, sizeof(struct text));
  for (size_t i = 0; i < generator->surname_count; i++) {
    size_t mixed = i * 2654435761u % generator->surname_count; /* odd: each once */
    generator->surnames[i] = text_format(generator->arena, "%s%s%s", starts[mixed % 32],
                                         middles[mixed / 32 % 16], ends[mixed / 512]);
  }
}

bool generator_new(struct generator **out, const struct needs *needs, const char *zips,
                   uint64_t seed, struct error *error)
{
  struct generator *generator = memory_allocate_zero(1, sizeof *generator);
  generator->needs = needs;
  generator->arena = arena_new(SIZE_MAX / 4);
  generator->chance = seed;
  if (!read_zips(generator, zips, error)) {
    generator_free(generator);
    return false;
  }
  weigh_zips(generator);
  make_surnames(generator);
  *out = generator;
  return true;
}

void generator_free(struct generator *generator)
{
  if (!generator) return;
  arena_free(generator->arena);
  free(generator);
}

/* --- A facility ----------------------------------------------------------------------------- */

/* Kinds of places: how common, and the codes that nearly always come with them. */
static const struct {
  unsigned share;
  const char *codes;
} profiles[] = {
    {52, "SA OP ORT OIT SUMH CO MD PI SF ADLT"},
    {12, "SA DT OP OMB OTP MM DM BUM UB MU MD SF ADLT MOA NOE"},
    {18, "SA RES RL RS HH PI SS ADLT MOA"},
    {6, "SA HI HID HIT DT GH DB BUM MC MD PI MI ADLT"},
    {7, "SUMH OP CO MD PI VET TRMA"},
    {5, "SA OP ODT OIT BUM UB BU RPN UN TELE NOE FCO"},
};

static struct text make_codes(struct generator *generator, struct arena *arena)
{
  size_t roll = chance_below(&generator->chance, 100), profile = 0;
  while (roll >= profiles[profile].share) roll -= profiles[profile++].share;
  double richness = 0.4 + 1.2 * chance_unit(&generator->chance); /* some list much, some little */
  struct text_buffer out;
  text_buffer_init(&out, SIZE_MAX / 2);
  struct code_set usual = codes_read(generator->needs, text_from(profiles[profile].codes));
  for (size_t i = 0; i < codes_count(generator->needs); i++) {
    uint64_t own = i * 131 + profile; /* each code has its own share in each kind of place */
    double share = chance_unit(&own) * chance_unit(&own) * richness;
    if (code_set_has(&usual, i)) share = 0.93;
    if (chance_unit(&generator->chance) >= share) continue;
    if (out.length) text_buffer_add_character(&out, ' ');
    text_buffer_add(&out, codes_get(generator->needs, i)->code);
  }
  struct text codes = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return codes;
}

static struct text make_name(struct generator *generator, struct arena *arena, struct text city)
{
  static const char *const ideas[] = {
      "New Hope",   "Serenity", "Lighthouse",  "Pathways", "Horizon",       "Harbor",
      "Bridge",     "Renewal",  "Cornerstone", "Phoenix",  "Turning Point", "Journey",
      "Oak",        "Willow",   "Riverside",   "Summit",   "Cedar",         "Valley",
      "Crossroads", "Sunrise",  "Haven",       "Compass",  "Anchor",        "Evergreen",
      "Mosaic",     "Beacon",   "Gateway",     "Insight"};
  static const char *const kinds[] = {"Recovery Center",     "Treatment Center",
                                      "Behavioral Health",   "Counseling Services",
                                      "Health Services",     "Recovery",
                                      "Community Services",  "Outpatient Clinic",
                                      "Addiction Treatment", "House",
                                      "Medical Center",      "Family Services",
                                      "Wellness Center",     "Health Center Inc",
                                      "Counseling LLC",      "Hospital",
                                      "Residential Program", "Comprehensive Treatment Center"};
  const char *kind = kinds[chance_skewed(&generator->chance, sizeof kinds / sizeof *kinds)];
  const char *idea = ideas[chance_below(&generator->chance, sizeof ideas / sizeof *ideas)];
  struct text surname =
      generator->surnames[chance_skewed(&generator->chance, generator->surname_count)];
  switch (chance_below(&generator->chance, 4)) {
  case 0:
    return text_format(arena, "%.*s %s", TEXT_PRINT(city), kind);
  case 1:
    return text_format(arena, "%s %s", idea, kind);
  case 2:
    return text_format(arena, "%.*s %s", TEXT_PRINT(surname), kind);
  default:
    return text_format(arena, "%s of %.*s %s", idea, TEXT_PRINT(city), kind);
  }
}

static struct text make_street(struct generator *generator, struct arena *arena)
{
  static const char *const suffixes[] = {"Street", "Avenue",  "Road", "Drive", "Boulevard",
                                         "Lane",   "Highway", "Way",  "Court", "Parkway"};
  static const char *const common[] = {"Main",  "Oak",   "1st", "2nd",        "3rd",  "Park",
                                       "Maple", "Cedar", "Elm", "Washington", "Lake", "Hill"};
  static const char *const sides[] = {"", "", "North ", "South ", "East ", "West "};
  struct text name =
      chance_below(&generator->chance, 3) == 0
          ? text_from(common[chance_below(&generator->chance, sizeof common / sizeof *common)])
          : generator->surnames[chance_skewed(&generator->chance, generator->surname_count)];
  return text_format(arena, "%zu %s%.*s %s", 1 + chance_skewed(&generator->chance, 20000),
                     sides[chance_below(&generator->chance, 6)], TEXT_PRINT(name),
                     suffixes[chance_skewed(&generator->chance, 10)]);
}

static struct text make_id(struct generator *generator, struct arena *arena)
{
  uint64_t high = chance_next(&generator->chance), low = chance_next(&generator->chance);
  return text_format(arena, "%08x-%04x-5%03x-%04x-%012llx", (unsigned)(high >> 32),
                     (unsigned)(high >> 16 & 0xFFFF), (unsigned)(high & 0xFFF),
                     (unsigned)(0x8000 | (low >> 48 & 0x3FFF)),
                     (unsigned long long)(low & 0xFFFFFFFFFFFF));
}

void generator_next(struct generator *generator, struct arena *arena, struct facility *out)
{
  static const char *const programs[] = {"Outpatient Program", "Substance Abuse Program",
                                         "Opioid Treatment Program", "Residential Unit",
                                         "Adult Services"};
  const struct zip *zip =
      &generator
           ->zips[generator->weighted[chance_below(&generator->chance, generator->weighted_count)]];
  *out = (struct facility){.id = make_id(generator, arena), .invented = true};
  struct text *fields = out->fields;
  fields[FIELD_NAME1] = make_name(generator, arena, zip->city);
  if (chance_below(&generator->chance, 2) == 0)
    fields[FIELD_NAME2] = text_from(programs[chance_below(&generator->chance, 5)]);
  fields[FIELD_STREET1] = make_street(generator, arena);
  if (chance_below(&generator->chance, 4) == 0)
    fields[FIELD_STREET2] =
        text_format(arena, "Suite %zu", 100 + chance_below(&generator->chance, 400));
  fields[FIELD_CITY] = zip->city;
  fields[FIELD_STATE] = zip->state;
  fields[FIELD_ZIP] = zip->zip;
  fields[FIELD_PHONE] =
      text_format(arena, "202-555-01%02zu", chance_below(&generator->chance, 100));
  fields[FIELD_CODES] = make_codes(generator, arena);
  out->directories =
      chance_below(&generator->chance, 10) ? DIRECTORY_SUBSTANCE_USE : DIRECTORY_MENTAL_HEALTH;
  out->sources[FIELD_NAME1] = (struct facility_source){
      .source = TEXT("generated"), .as_of = TEXT("2023-01-01"), .since = TEXT("2023-01-01")};
  size_t quality = chance_below(&generator->chance, 400); /* a few have no coordinates */
  out->quality = quality == 0   ? COORDINATE_NONE
                 : quality < 80 ? COORDINATE_ZIP
                                : COORDINATE_ADDRESS;
  if (out->quality == COORDINATE_NONE) return;
  out->latitude = zip->latitude;
  out->longitude = zip->longitude;
  if (out->quality != COORDINATE_ADDRESS) return;
  out->latitude += 0.08 * (chance_unit(&generator->chance) - 0.5);
  out->longitude += 0.1 * (chance_unit(&generator->chance) - 0.5);
}

/* --- The workload --------------------------------------------------------------------------- */

static void add_needs(const struct needs *needs, struct arena *arena, uint64_t *chance,
                      size_t count, struct search_query *out)
{
  static const char *const wanted[] = {
      "substance-use",  "buprenorphine",     "methadone",   "keep-medication",
      "medicaid",       "outpatient",        "residential", "detox",
      "sliding-fee",    "private-insurance", "telehealth",  "pregnant",
      "dual-diagnosis", "spanish",           "naloxone",    "trauma"};
  size_t *list = arena_allocate_array(arena, count, sizeof *list);
  for (size_t i = 0; i < count; i++) {
    const char *name = wanted[chance_below(chance, sizeof wanted / sizeof *wanted)];
    if (needs_find(needs, text_from(name), &list[out->need_count])) out->need_count++;
  }
  out->needs = list;
}

/* Spoil one letter, not the first: drop, double, change or swap. */
static struct text mistype(struct arena *arena, uint64_t *chance, struct text word)
{
  char *at = text_c(arena, text_format(arena, "%.*s ", TEXT_PRINT(word)));
  size_t length = word.length, place = 1 + chance_below(chance, length - 2);
  switch (chance_below(chance, 4)) {
  case 0:
    memmove(at + place, at + place + 1, length - place);
    length--;
    break;
  case 1:
    memmove(at + place + 1, at + place, length - place);
    length++;
    break;
  case 2:
    at[place] = (char)('a' + chance_below(chance, 26));
    break;
  default: {
    char swap = at[place];
    at[place] = at[place + 1];
    at[place + 1] = swap;
  }
  }
  return (struct text){at, length};
}

static void place_query(const struct zip *zip, double within, struct search_query *out)
{
  out->has_point = true;
  out->latitude = zip->latitude;
  out->longitude = zip->longitude;
  out->within = within;
  memcpy(out->point_state, zip->state.at, 2);
}

static void broad_query(const struct needs *needs, struct arena *arena, uint64_t *chance,
                        const struct zip *zip, struct search_query *out)
{
  add_needs(needs, arena, chance, 1 + chance_below(chance, 3), out);
  if (chance_below(chance, 2) == 0) place_query(zip, 0, out);
}

/* The place that a query is about, and the chance that decides the rest of it. */
static const struct zip *workload_place(const struct generator *generator, size_t number,
                                        uint64_t *chance)
{
  *chance = 0x5EA4C4 + number * 7919;
  chance_next(chance);
  return &generator->zips[generator->weighted[chance_below(chance, generator->weighted_count)]];
}

struct text workload_zip(const struct generator *generator, size_t number)
{
  uint64_t chance;
  return workload_place(generator, number, &chance)->zip;
}

enum workload_kind workload_query(const struct generator *generator, const struct needs *needs,
                                  struct arena *arena, size_t number, struct search_query *out)
{
  static const char *const words[] = {"recovery", "hope",       "counseling", "behavioral",
                                      "hospital", "serenity",   "clinic",     "lighthouse",
                                      "family",   "residential"};
  static const char *const long_words[] = {
      "recovery",  "counseling", "behavioral", "serenity",    "lighthouse", "comprehensive",
      "community", "outpatient", "treatment",  "cornerstone", "phoenix",    "wellness"};
  static const enum workload_kind kinds[10] = {
      WORKLOAD_NEAR, WORKLOAD_CITY, WORKLOAD_NEAR, WORKLOAD_STATE, WORKLOAD_NEAR,
      WORKLOAD_TYPO, WORKLOAD_NEAR, WORKLOAD_CITY, WORKLOAD_NEAR,  WORKLOAD_BROAD};
  enum workload_kind kind = kinds[number % 10];
  uint64_t chance;
  const struct zip *zip = workload_place(generator, number, &chance);
  *out = (struct search_query){.limit = 20, .facets = true};
  switch (kind) {
  case WORKLOAD_NEAR:
    place_query(zip, 25, out);
    add_needs(needs, arena, &chance, 2, out);
    break;
  case WORKLOAD_CITY: { /* the city as a place, or typed among the words */
    const char *word = words[chance_below(&chance, sizeof words / sizeof *words)];
    if (chance_below(&chance, 2) == 0) {
      place_query(zip, chance_below(&chance, 2) == 0 ? 25 : 0, out);
      out->words = text_from(word);
    } else out->words = text_format(arena, "%.*s %s", TEXT_PRINT(zip->city), word);
    break;
  }
  case WORKLOAD_STATE:
    memcpy(out->state, zip->state.at, 2);
    add_needs(needs, arena, &chance, 1 + chance_below(&chance, 3), out);
    break;
  case WORKLOAD_TYPO: {
    struct text word =
        text_from(long_words[chance_below(&chance, sizeof long_words / sizeof *long_words)]);
    size_t least = word.length < 6 ? word.length : 6;
    word.length = least + chance_below(&chance, word.length - least + 1);
    out->words = mistype(arena, &chance, word);
    break;
  }
  default:
    broad_query(needs, arena, &chance, zip, out);
  }
  return kind;
}
