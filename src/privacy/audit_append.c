/*
 * audit_append(): write history with the act itself. It is not where entries are chained: that is
 * the sealer's work (audit_seal.c), so that an act pays one insert into one short table and waits
 * for no other act's history.
 *
 * Invariants: what waits can always be sealed (it is UTF-8 and has its size); ids grow within a
 * process, so that one process's entries are chained in the order in which they were written.
 * Threads: any.
 */
#include "privacy/audit.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "privacy/audit_record.h"

/* A text that came from outside (an id from an address) is kept as far as it is text. */
static struct text keep_text(struct text t)
{
  if (t.length > 0 && (memchr(t.at, 0, t.length) || !text_is_utf8(t))) return TEXT("not-text");
  if (t.length <= LIMIT_AUDIT_WORD) return t;
  t = text_slice(t, 0, LIMIT_AUDIT_WORD);
  return text_slice(t, 0, text_utf8_prefix(t));
}

static struct text kind_of(const struct actor *actor)
{
  if (!actor) return TEXT("nobody");
  switch (actor->kind) {
  case ACTOR_STAFF:
    return TEXT("staff");
  case ACTOR_PERSON:
    return TEXT("person");
  case ACTOR_FAMILY:
    return TEXT("family");
  case ACTOR_SYSTEM:
    return TEXT("system");
  case ACTOR_COMMAND:
    return TEXT("command");
  }
  return TEXT("nobody");
}

/* Microseconds that no other entry of this process has, near `at`: what an id is made of. */
static int64_t grow_from(int64_t at)
{
  static _Atomic int64_t last;
  int64_t before = atomic_load(&last), next;
  do next = at > before ? at : before + 1;
  while (!atomic_compare_exchange_weak(&last, &before, next));
  return next;
}

/* Write the body of an entry; its detail first, so that the buffer is one. */
static void write_body(const struct audit_entry *entry, struct text_buffer *detail,
                       struct text_buffer *out)
{
  static const struct text outcomes[] = {[AUDIT_DONE] = TEXT("done"),
                                         [AUDIT_DENIED] = TEXT("denied"),
                                         [AUDIT_FAILED] = TEXT("failed")};
  static const struct actor nobody;
  const struct actor *actor = entry->actor ? entry->actor : &nobody;
  char digits[24];
  char *end = text_write_number((uint64_t)entry->at, digits);
  if (entry->detail) json_write(entry->detail, detail);
  else text_buffer_add(detail, TEXT("{}"));
  const struct text fields[AUDIT_FIELDS] = {
      [AUDIT_AT] = {digits, (size_t)(end - digits)},
      [AUDIT_ACTOR_KIND] = kind_of(entry->actor),
      [AUDIT_ACCOUNT_ID] = keep_text(actor->account_id),
      [AUDIT_ACTOR_NAME] = keep_text(actor->name),
      [AUDIT_STATION_ID] = keep_text(actor->station_id),
      [AUDIT_OBJECT] = keep_text(entry->object),
      [AUDIT_ACT] = keep_text(entry->act),
      [AUDIT_OBJECT_ID] = keep_text(entry->object_id),
      [AUDIT_PERSON_ID] = keep_text(entry->person_id),
      [AUDIT_PURPOSE] = keep_text(entry->purpose),
      [AUDIT_OUTCOME] = outcomes[entry->outcome],
      [AUDIT_DETAIL] = text_buffer_get(detail),
  };
  audit_body_write(fields, out);
}

static bool check(const struct audit_entry *entry, struct error *error)
{
  const char *wrong = NULL;
  struct text missing;
  bool good = audit_detail_check(entry->detail, &wrong);
#ifdef FAIRLEAD_DEBUG_ARENA
  if (good && !audit_detail_is_listed(entry->detail, &missing)) {
    log_event(LOG_ERROR, "audit.detail", LOG_T("key", missing),
              LOG_S("mend", "list it in knowledge/audit-details.csv"));
    assert(false && "a detail key that knowledge/audit-details.csv does not list");
  }
#else
  (void)missing;
#endif
  return good || error_set(error, ERROR_SYSTEM, "error.store.failed",
                           "This is a fault of the program: report it.",
                           "the audit's detail of %.*s %.*s: %s", TEXT_PRINT(entry->object),
                           TEXT_PRINT(entry->act), wrong);
}

bool audit_append(struct store_transaction *transaction, const struct audit_entry *entry,
                  struct error *error)
{
  assert(entry->at >= 0 && entry->object.length && entry->act.length);
  if (!check(entry, error)) return false;
  char id[UUID_TEXT + 1];
  uuid_new(grow_from(entry->at), id);
  struct text_buffer detail, body;
  text_buffer_init(&detail, LIMIT_AUDIT_DETAIL);
  text_buffer_init(&body, LIMIT_AUDIT_ENTRY);
  write_body(entry, &detail, &body);
  bool good = !detail.over && !body.over;
  if (good)
    good = store_execute(
        transaction,
        "INSERT INTO audit_waiting (program_id, id, at, entry) VALUES ($1, $2, $3, $4)",
        STORE_BIND(STORE_T(entry->program_id), STORE_T(text_from(id)), STORE_N(entry->at),
                   STORE_B(text_buffer_get(&body))),
        NULL, error);
  else
    error_set(error, ERROR_SYSTEM, "error.store.failed",
              "This is a fault of the program: report it.",
              "the audit's detail of %.*s %.*s is longer than %d bytes", TEXT_PRINT(entry->object),
              TEXT_PRINT(entry->act), LIMIT_AUDIT_DETAIL);
  text_buffer_fini(&detail);
  text_buffer_fini(&body);
  return good;
}
