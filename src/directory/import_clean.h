/*
 * Cleaning: what a source wrote into what the store keeps. Pure; results live in the arena.
 * Private to import*.c, their tests and their fuzz targets.
 */
#ifndef FAIRLEAD_DIRECTORY_IMPORT_CLEAN_H
#define FAIRLEAD_DIRECTORY_IMPORT_CLEAN_H

#include "base/base.h"

/*
 * Valid UTF-8, white space of every kind as single spaces, ends trimmed, control and invisible
 * characters taken out. Bytes that are no UTF-8 are read as Windows-1252 and `*recoded` is set
 * (never cleared). "_x000D_", as spreadsheets write control characters, goes too.
 */
struct text clean_text(struct arena *arena, struct text raw, bool *recoded);

/* Five digits: leading zeros restored (3 or 4 digits given, or 7 or 8 of ZIP+4), ZIP+4 cut.
 * False, and `out` untouched, when it is none. */
bool clean_zip(struct text raw, char out[6]);

enum clean_phone { CLEAN_PHONE_NONE, CLEAN_PHONE_GOOD, CLEAN_PHONE_RAW };
/* "804-555-0142" or "804-555-0142 x123": letters turned to digits, a leading 1 cut. RAW: no North
 * American number; `*out` is the cleaned text as given. */
enum clean_phone clean_phone(struct arena *arena, struct text raw, struct text *out);

enum clean_website { CLEAN_WEBSITE_NONE, CLEAN_WEBSITE_GOOD, CLEAN_WEBSITE_BAD };
/* An address that begins with http:// or https://; "http://" alone is none. Bad: another scheme or
 * no address, not kept since a page would link it. `cleaned` comes from clean_text(). */
enum clean_website clean_website(struct arena *arena, struct text cleaned, struct text *out);

/* Degrees; false when either is no number, out of range, or both are zero. */
bool clean_point(struct text latitude, struct text longitude, double out[2]);

#endif
