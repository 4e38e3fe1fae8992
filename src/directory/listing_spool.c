/*
 * The spool: listings packed into an unnamed temporary file, then mapped for reading. See
 * listing.h. A record is the numbers, then each text as a 32-bit length and its bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "directory/listing.h"

enum { TEXTS = FIELD_COUNT + 1 };

struct listing_spool {
  FILE *file;
  size_t size, mapped_size;
  const char *mapped; /* NULL until sealed, and when empty */
};

/* The fixed part of a record. */
struct head {
  double latitude, longitude;
  uint32_t directories, quality, county_from_zip;
  uint32_t lengths[TEXTS];
};

static bool fail(struct error *error, const char *what)
{
  return error_set(error, ERROR_SYSTEM, "error.import.storage",
                   "Free room for temporary files (TMPDIR) and import again.", "%s: %s", what,
                   strerror(errno));
}

bool listing_spool_new(struct listing_spool **out, struct error *error)
{
  FILE *file = tmpfile();
  if (!file) return fail(error, "make a temporary file");
  struct listing_spool *spool = memory_allocate_zero(1, sizeof *spool);
  spool->file = file;
  *out = spool;
  return true;
}

static void unmap(struct listing_spool *spool)
{
  union {
    const char *constant;
    char *plain;
  } map = {spool->mapped};
  if (map.plain) munmap(map.plain, spool->mapped_size);
  spool->mapped = NULL;
}

void listing_spool_free(struct listing_spool *spool)
{
  if (!spool) return;
  unmap(spool);
  fclose(spool->file);
  free(spool);
}

static struct text text_at(const struct listing *listing, size_t index)
{
  return index < FIELD_COUNT ? listing->fields[index] : listing->external_id;
}

bool listing_spool_add(struct listing_spool *spool, const struct listing *listing, size_t *place,
                       struct error *error)
{
  struct head head = {.latitude = listing->latitude,
                      .longitude = listing->longitude,
                      .directories = listing->directories,
                      .quality = (uint32_t)listing->quality,
                      .county_from_zip = listing->county_from_zip};
  size_t size = sizeof head;
  for (size_t i = 0; i < TEXTS; i++) {
    head.lengths[i] = (uint32_t)text_at(listing, i).length;
    size += head.lengths[i];
  }
  bool written = fwrite(&head, sizeof head, 1, spool->file) == 1;
  for (size_t i = 0; i < TEXTS && written; i++) {
    struct text t = text_at(listing, i);
    written = t.length == 0 || fwrite(t.at, t.length, 1, spool->file) == 1;
  }
  if (!written) return fail(error, "write a temporary file");
  *place = spool->size;
  spool->size += size;
  return true;
}

bool listing_spool_seal(struct listing_spool *spool, struct error *error)
{
  unmap(spool);
  if (fflush(spool->file) != 0) return fail(error, "write a temporary file");
  if (spool->size == 0) return true;
  void *map = mmap(NULL, spool->size, PROT_READ, MAP_PRIVATE, fileno(spool->file), 0);
  if (map == MAP_FAILED) return fail(error, "map a temporary file");
  spool->mapped = map;
  spool->mapped_size = spool->size;
  return true;
}

void listing_spool_get(const struct listing_spool *spool, size_t place, struct listing *out)
{
  struct head head;
  memcpy(&head, spool->mapped + place, sizeof head);
  memset(out, 0, sizeof *out);
  out->latitude = head.latitude;
  out->longitude = head.longitude;
  out->directories = head.directories;
  out->quality = (enum coordinate_quality)head.quality;
  out->county_from_zip = head.county_from_zip != 0;
  const char *at = spool->mapped + place + sizeof head;
  for (size_t i = 0; i < TEXTS; i++) {
    struct text t = {at, head.lengths[i]};
    if (i < FIELD_COUNT) out->fields[i] = t;
    else out->external_id = t;
    at += t.length;
  }
}
