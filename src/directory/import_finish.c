/*
 * The end of a batch: which directory its rows are of, rows that repeat another merged with it,
 * and whether the file is fit to stand. See import_batch.h.
 */
#include <stdlib.h>
#include <string.h>

#include "directory/import_batch.h"

/* Services decide; where they are silent, the file's name may say "mh" or "mental". */
static unsigned decide_directory(const struct import_batch *batch)
{
  if (batch->votes_substance != batch->votes_mental)
    return batch->votes_mental > batch->votes_substance ? DIRECTORY_MENTAL_HEALTH
                                                        : DIRECTORY_SUBSTANCE_USE;
  struct text rest = text_fold(batch->scratch, batch->name), word;
  while (text_word_next(&rest, &word))
    if (text_equal(word, TEXT("mh")) || text_equal(word, TEXT("mental")))
      return DIRECTORY_MENTAL_HEALTH;
  return DIRECTORY_SUBSTANCE_USE;
}

static int by_identity(const void *left, const void *right)
{
  const struct import_entry *a = left, *b = right;
  int order = listing_key_compare(&a->keys.full, &b->keys.full);
  return order ? order : (a->row > b->row) - (a->row < b->row);
}

static int by_row(const void *left, const void *right)
{
  const struct import_entry *a = left, *b = right;
  return (a->row > b->row) - (a->row < b->row);
}

/* Add a phone to the intake lines unless it is there, or there is no room. */
static void add_line(struct listing *listing, struct text phone)
{
  if (phone.length == 0 || text_equal(listing->fields[FIELD_PHONE], phone)) return;
  for (size_t i = FIELD_INTAKE_PHONE; i <= FIELD_INTAKE_PHONE4; i++) {
    if (text_equal(listing->fields[i], phone)) return;
    if (listing->fields[i].length) continue;
    listing->fields[i] = phone;
    return;
  }
}

/* Unite the labels that the dictionary lacks, unless together they are too many for a facility. */
static bool unite_unknown(struct arena *arena, struct listing *into, const struct listing *from)
{
  struct text united =
      listing_unite(arena, into->fields[FIELD_UNKNOWN], from->fields[FIELD_UNKNOWN], ';');
  if (united.length > LIMIT_IMPORT_UNKNOWN) return false;
  into->fields[FIELD_UNKNOWN] = united;
  return true;
}

/* Take into `into` what the repeating row adds. */
static void merge(struct arena *arena, struct listing *into, const struct listing *from)
{
  into->directories |= from->directories;
  into->fields[FIELD_CODES] =
      listing_unite(arena, into->fields[FIELD_CODES], from->fields[FIELD_CODES], ' ');
  if (into->fields[FIELD_PHONE].length == 0) into->fields[FIELD_PHONE] = from->fields[FIELD_PHONE];
  for (size_t i = FIELD_INTAKE_PHONE; i <= FIELD_INTAKE_PHONE4; i++)
    add_line(into, from->fields[i]);
  add_line(into, from->fields[FIELD_PHONE]);
  if (into->fields[FIELD_WEBSITE].length == 0)
    into->fields[FIELD_WEBSITE] = from->fields[FIELD_WEBSITE];
  if (into->external_id.length == 0) into->external_id = from->external_id;
  if (from->fields[FIELD_COUNTY].length && (into->fields[FIELD_COUNTY].length == 0 ||
                                            (into->county_from_zip && !from->county_from_zip))) {
    into->fields[FIELD_COUNTY] = from->fields[FIELD_COUNTY];
    into->county_from_zip = from->county_from_zip;
  }
  if (from->quality <= into->quality) return;
  into->quality = from->quality;
  into->latitude = from->latitude;
  into->longitude = from->longitude;
  into->fields[FIELD_COORDINATES] = from->fields[FIELD_COORDINATES];
}

/* Merge entries[from] to before entries[to], which are one site, into the first of them. */
static bool merge_run(struct import_batch *batch, size_t from, size_t to, struct error *error)
{
  struct import_entry *first = &batch->entries[from];
  struct listing whole, other;
  listing_spool_get(batch->spool, first->place, &whole);
  for (size_t i = from + 1; i < to; i++) {
    listing_spool_get(batch->spool, batch->entries[i].place, &other);
    merge(batch->scratch, &whole, &other);
    if (!unite_unknown(batch->scratch, &whole, &other))
      import_problem_add(batch, batch->entries[i].row, false, "services",
                         "Check the services of the rows that repeat this site.",
                         "more unknown labels than a facility can hold; this row's are left out");
    first->directories |= batch->entries[i].directories;
  }
  listing_keys(batch->scratch, &whole, &first->keys);
  bool done = listing_spool_add(batch->spool, &whole, &first->place, error);
  batch->report->counts.merged += (int64_t)(to - from - 1);
  arena_clear(batch->scratch);
  return done;
}

static bool merge_repeats(struct import_batch *batch, struct error *error)
{
  size_t kept = 0;
  if (batch->count) qsort(batch->entries, batch->count, sizeof *batch->entries, by_identity);
  for (size_t from = 0, to; from < batch->count; from = to) {
    for (to = from + 1; to < batch->count; to++)
      if (listing_key_compare(&batch->entries[from].keys.full, &batch->entries[to].keys.full) != 0)
        break;
    if (to - from > 1 && !merge_run(batch, from, to, error)) return false;
    batch->entries[kept++] = batch->entries[from];
  }
  batch->count = kept;
  if (kept) qsort(batch->entries, kept, sizeof *batch->entries, by_row);
  return listing_spool_seal(batch->spool, error);
}

bool import_batch_finish(struct import_batch *batch, struct error *error)
{
  const struct import_counts *counts = &batch->report->counts;
  import_unknown_report(batch);
  if (counts->read == 0)
    return error_set(error, ERROR_REFUSED, "error.import.empty",
                     "Download the file again: the directory that stands is kept.",
                     "the file has no facility");
  if (counts->refused * 100 > counts->read * LIMIT_IMPORT_REFUSED_PERCENT)
    return error_set(error, ERROR_REFUSED, "error.import.garbage",
                     "Mend the rows that are listed, or check that this is the right file.",
                     "%lld of %lld rows cannot be used, more than %d percent: all are refused",
                     (long long)counts->refused, (long long)counts->read,
                     LIMIT_IMPORT_REFUSED_PERCENT);
  if (!listing_spool_seal(batch->spool, error)) return false;
  unsigned directory = decide_directory(batch);
  for (size_t i = 0; i < batch->count; i++)
    if (batch->entries[i].directories == 0) batch->entries[i].directories = directory;
  if (!batch->default_source.length)
    batch->default_source = directory == DIRECTORY_MENTAL_HEALTH ? TEXT("national-directory-mh")
                                                                 : TEXT("national-directory-su");
  return merge_repeats(batch, error);
}
