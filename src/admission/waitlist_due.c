/*
 * Waitlist due: the law's clocks of who waits. A clock that finds its time past writes it down,
 * tells who looks after the person, and goes; what is late stays late on the pages. See
 * waitlist_entry.h.
 */
#include <string.h>

#include "admission/call.h"
#include "admission/request_private.h"
#include "admission/waitlist_entry.h"

/* What a handler works with. */
struct ring {
  struct store_transaction *transaction;
  const struct requests *requests;
  struct arena *arena;
  const struct due_item *item;
  int64_t now;
  struct request_sweep sweep;
  struct waitlist_entry entry;
};
typedef bool ring_function(struct ring *ring, struct error *error);

/* Load what the clock is about; nothing is done when it no longer waits. */
static bool on_entry(struct store_transaction *transaction, void *context,
                     const struct due_item *item, int64_t now, ring_function *act,
                     struct error *error)
{
  struct ring ring = {.transaction = transaction,
                      .requests = context,
                      .arena = arena_new(LIMIT_ARENA_REQUEST),
                      .item = item,
                      .now = now};
  bool found = false;
  bool is_done = request_sweep_open(transaction, ring.requests, ring.arena, item, item->subject_id,
                                    now, &ring.sweep, &found, error);
  if (is_done && found) {
    is_done = waitlist_load(transaction, ring.requests, &ring.sweep.access, ring.arena,
                            item->subject_id, &ring.entry, error);
    if (is_done) is_done = act(&ring, error);
    else if (error->kind == ERROR_NOT_FOUND) {
      error_clear(error);
      is_done = true;
    }
  }
  arena_free(ring.arena);
  return is_done;
}

static bool note_and_tell(struct ring *ring, const char *kind, struct text code,
                          struct error *error)
{
  const struct request *request = &ring->sweep.request;
  struct request_line line = {kind, code, TEXT("")};
  return request_note(ring->transaction, &ring->sweep.access, ring->arena, request, &line, error) &&
         request_tell(ring->transaction, ring->requests, ring->item->program_id, ring->arena,
                      request->assigned,
                      text_format(ring->arena, "request %.*s %s %lld", TEXT_PRINT(request->id),
                                  kind, (long long)ring->item->at),
                      ring->now, error);
}

static bool interim_is_late(struct ring *ring, struct error *error)
{
  const struct waitlist_entry *entry = &ring->entry;
  if (entry->interim_at || entry->interim_late_at || entry->deadlines.interim_due == 0) return true;
  return store_execute(ring->transaction,
                       "UPDATE waitlist_entry SET interim_late_at = $3, version = version + 1"
                       " WHERE program_id = $1 AND request_id = $2",
                       STORE_BIND(STORE_T(ring->item->program_id), STORE_T(entry->request_id),
                                  STORE_N(ring->now)),
                       NULL, error) &&
         note_and_tell(ring, "interim-late", TEXT("interim"), error);
}

bool waitlist_interim_rings(struct store_transaction *transaction, void *context,
                            const struct due_item *item, int64_t now, struct error *error)
{
  return on_entry(transaction, context, item, now, interim_is_late, error);
}

/* Of 14 and 120 days only the one that binds says that somebody is late. */
static bool admission_is_late(struct ring *ring, struct error *error)
{
  const struct waitlist_entry *entry = &ring->entry;
  int64_t by = entry->deadlines.admit_by;
  if (entry->admit_late_at || by == 0 || ring->now < by) return true;
  struct text kind = ring->item->kind;
  return store_execute(ring->transaction,
                       "UPDATE waitlist_entry SET admit_late_at = $3, version = version + 1"
                       " WHERE program_id = $1 AND request_id = $2",
                       STORE_BIND(STORE_T(ring->item->program_id), STORE_T(entry->request_id),
                                  STORE_N(ring->now)),
                       NULL, error) &&
         note_and_tell(
             ring, "admit-late",
             text_equal(kind, TEXT("waitlist.admit")) ? TEXT("admit") : TEXT("admit-most"), error);
}

bool waitlist_admit_rings(struct store_transaction *transaction, void *context,
                          const struct due_item *item, int64_t now, struct error *error)
{
  return on_entry(transaction, context, item, now, admission_is_late, error);
}

/* Put a call into the queue, unless one stands there; and ring again. */
static bool contact_is_due(struct ring *ring, struct error *error)
{
  const struct request *request = &ring->sweep.request;
  struct callback callback = {
      .request_id = request->id, .script = TEXT("waiting"), .due_at = ring->now};
  int64_t next = ring->now + waitlist_clock_get(ring->requests->rules, WAITLIST_CONTACT)->amount;
  struct request_line line = {"contact-due", TEXT("contact"), TEXT("")};
  return callback_add_once(ring->transaction, ring->requests, &ring->sweep.access, ring->arena,
                           &callback, error) &&
         request_note(ring->transaction, &ring->sweep.access, ring->arena, request, &line, error) &&
         due_set(ring->transaction, ring->item->program_id, "waitlist.contact", request->id,
                 request->person_id, next, error);
}

bool waitlist_contact_rings(struct store_transaction *transaction, void *context,
                            const struct due_item *item, int64_t now, struct error *error)
{
  return on_entry(transaction, context, item, now, contact_is_due, error);
}
