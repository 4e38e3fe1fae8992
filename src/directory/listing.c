/*
 * Listings: keys by which one is known again, and lists of codes. See listing.h. Pure.
 */
#include "directory/listing.h"

#include <sodium.h>
#include <string.h>

int listing_key_compare(const struct listing_key *a, const struct listing_key *b)
{
  if (a->high != b->high) return a->high < b->high ? -1 : 1;
  return (a->low > b->low) - (a->low < b->low);
}

/* Hash the parts, each ended by a byte that folded text never holds. */
static struct listing_key key_of(const struct text *parts, size_t count)
{
  struct listing_key key;
  crypto_generichash_state state;
  crypto_generichash_init(&state, NULL, 0, sizeof key);
  for (size_t i = 0; i < count; i++) {
    if (parts[i].length)
      crypto_generichash_update(&state, (const unsigned char *)parts[i].at, parts[i].length);
    crypto_generichash_update(&state, (const unsigned char *)"\n", 1);
  }
  crypto_generichash_final(&state, (unsigned char *)&key, sizeof key);
  return key;
}

static struct listing_key content_key(const struct listing *listing)
{
  struct text parts[FIELD_COUNT + 2];
  memcpy(parts, listing->fields, sizeof listing->fields);
  unsigned char numbers[2 * sizeof(double) + 2];
  memcpy(numbers, &listing->latitude, sizeof(double));
  memcpy(numbers + sizeof(double), &listing->longitude, sizeof(double));
  numbers[sizeof numbers - 2] = (unsigned char)listing->quality;
  numbers[sizeof numbers - 1] = listing->county_from_zip;
  parts[FIELD_COUNT] = (struct text){(const char *)numbers, sizeof numbers};
  parts[FIELD_COUNT + 1] = listing->external_id;
  return key_of(parts, FIELD_COUNT + 2);
}

/* What stands for the place in an identity: the ZIP, or city and state where there is none. */
static struct text place_part(struct arena *arena, const struct listing *listing)
{
  const struct text *fields = listing->fields;
  if (fields[FIELD_ZIP].length) return fields[FIELD_ZIP];
  return text_format(arena, "%.*s %.*s", TEXT_PRINT(text_fold(arena, fields[FIELD_CITY])),
                     TEXT_PRINT(fields[FIELD_STATE]));
}

enum { PART_NAME1, PART_NAME2, PART_STREET1, PART_STREET2, PART_PLACE, PARTS };

static void identity_parts(struct arena *arena, const struct listing *listing, struct text *parts)
{
  static const enum facility_field folded[] = {FIELD_NAME1, FIELD_NAME2, FIELD_STREET1,
                                               FIELD_STREET2};
  for (size_t i = 0; i < PART_PLACE; i++) parts[i] = text_fold(arena, listing->fields[folded[i]]);
  parts[PART_PLACE] = place_part(arena, listing);
}

void listing_keys(struct arena *scratch, const struct listing *listing, struct listing_keys *out)
{
  struct text parts[PARTS], phone = listing->fields[FIELD_PHONE];
  identity_parts(scratch, listing, parts);
  memset(out, 0, sizeof *out);
  out->full = key_of(parts, PARTS);
  out->site = key_of((struct text[]){parts[PART_NAME1], parts[PART_STREET1], parts[PART_PLACE]}, 3);
  if (phone.length && parts[PART_STREET1].length)
    out->line = key_of((struct text[]){parts[PART_STREET1], parts[PART_PLACE], phone}, 3);
  if (listing->external_id.length) out->external = key_of(&listing->external_id, 1);
  out->content = content_key(listing);
  out->name2 = key_of(&parts[PART_NAME2], 1);
  out->street2 = key_of(&parts[PART_STREET2], 1);
  out->phone = key_of(&phone, 1);
}

struct text listing_identity(struct arena *arena, const struct listing *listing)
{
  struct text parts[PARTS];
  identity_parts(arena, listing, parts);
  return text_format(arena, "%.*s|%.*s|%.*s|%.*s|%.*s", TEXT_PRINT(parts[PART_NAME1]),
                     TEXT_PRINT(parts[PART_NAME2]), TEXT_PRINT(parts[PART_STREET1]),
                     TEXT_PRINT(parts[PART_STREET2]), TEXT_PRINT(parts[PART_PLACE]));
}

struct text listing_unite(struct arena *arena, struct text a, struct text b, char separator)
{
  if (a.length == 0 || text_equal(a, b)) return text_copy(arena, b);
  if (b.length == 0) return text_copy(arena, a);
  struct text_buffer out;
  text_buffer_init(&out, a.length + b.length + 1);
  struct text left = {0}, right = {0};
  bool has_left = text_split_next(&a, separator, &left);
  bool has_right = text_split_next(&b, separator, &right);
  while (has_left || has_right) {
    int order = !has_left ? 1 : !has_right ? -1 : text_compare(left, right);
    if (out.length) text_buffer_add_character(&out, separator);
    text_buffer_add(&out, order <= 0 ? left : right);
    if (order <= 0) has_left = text_split_next(&a, separator, &left);
    if (order >= 0) has_right = text_split_next(&b, separator, &right);
  }
  struct text united = text_copy(arena, text_buffer_get(&out));
  text_buffer_fini(&out);
  return united;
}
