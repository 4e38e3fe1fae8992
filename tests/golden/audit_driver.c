/*
 * Fills an audit for tests: audit_driver ADDRESS COUNT [PROGRAMS [waiting]] appends COUNT entries
 * to the chains of PROGRAMS programs (1) and seals them; with a fourth word they wait for a
 * server's sealer. The database is migrated.
 */
#include <stdio.h>
#include <stdlib.h>

#include "privacy/audit.h"

enum { BATCH = 2000 };

struct work {
  struct arena *arena;
  int64_t from, count, programs;
};

/* Names in every script, empty fields, and lengths that would run together without their sizes. */
static bool append(struct store_transaction *transaction, void *context, struct error *error)
{
  static const struct text names[] = {TEXT("Zoë Ruiz, RN"), TEXT("李"), TEXT(""), TEXT("a\"b\\c"),
                                      TEXT("1\n2")};
  const struct work *work = context;
  arena_clear(work->arena);
  for (int64_t i = work->from; i < work->from + work->count; i++) {
    struct actor actor = {.kind = (enum actor_kind)(i % 5),
                          .account_id = text_format(work->arena, "account-%lld", (long long)i % 50),
                          .name = names[i % 5],
                          .station_id = i % 7 ? TEXT("") : TEXT("station-1")};
    struct value *detail = value_object(work->arena);
    value_set(detail, "count", value_integer(work->arena, i));
    struct audit_entry entry = {
        .program_id = i % work->programs ? text_format(work->arena, "program-%lld",
                                                       (long long)(i % work->programs))
                                         : TEXT(""),
        .actor = i % 11 ? &actor : NULL,
        .object = i % 3 ? TEXT("person") : TEXT("fact"),
        .act = i % 2 ? TEXT("read") : TEXT("write"),
        .object_id = text_format(work->arena, "%lld", (long long)i),
        .person_id = text_format(work->arena, "person-%lld", (long long)i % 20000),
        .purpose = i % 4 ? TEXT("TREAT") : TEXT(""),
        .outcome = (enum audit_outcome)(i % 3),
        .detail = i % 2 ? detail : NULL,
        .at = 1771200000000000 + i * 1000};
    if (!audit_append(transaction, &entry, error)) return false;
  }
  return true;
}

int main(int argc, char **argv)
{
  struct store *store = NULL;
  struct error error = {0};
  struct work work = {.arena = arena_new(1 << 26), .programs = 1};
  int64_t count = 0;
  size_t sealed = 0;
  bool good = argc >= 3 && text_read_integer(text_from(argv[2]), &count) &&
              (argc < 4 || text_read_integer(text_from(argv[3]), &work.programs)) &&
              store_open(&store, argv[1], &error);
  for (; good && work.from < count; work.from += work.count) {
    work.count = count - work.from < BATCH ? count - work.from : BATCH;
    good = store_write(store, append, &work, &error) &&
           (argc > 4 || audit_seal(store, time_now(), &sealed, &error));
  }
  if (!good) fprintf(stderr, "%s\n", error.log);
  store_close(store);
  arena_free(work.arena);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
