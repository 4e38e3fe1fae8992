/*
 * Sending: what is due, one message at a time.
 *
 *   waiting ─ claim (committed) ─▶ sending ─ the wire ─▶ sent | waiting again | unsure | failed
 *
 * Invariants: the wire is touched only by whoever committed `sending` from `waiting`, with a lease
 * longer than the wire may take; a message found `sending` whose lease ran out was somebody's who
 * died, and becomes `unsure`: nobody sends it again unless a person decides so. So nothing goes out
 * twice. Consent and STOP are asked again just before the wire: what waited may no longer be
 * wanted. Each message that left is an entry of the audit. Threads: any number of servers.
 */
#include <sodium.h>

#include "privacy/outbox_private.h"

static const int64_t SECOND = 1000000;

/* One message on its way. */
struct sending {
  struct privacy *privacy;
  const struct outbox_options *options;
  struct text owner;
  int64_t now;
  struct arena *arena;
  const struct due_item *item;

  bool is_mine; /* claimed: to be sent */
  struct text person_id, language, template_key, sealed_address, sealed_facts, state;
  enum outbox_channel channel;
  int64_t attempts;

  enum outbox_result result;
  const char *why;
};

static bool set_state(struct store_transaction *transaction, const struct sending *sending,
                      const char *state, const char *why, int64_t sent_at, int64_t attempts,
                      struct error *error)
{
  return store_execute(transaction,
                       "UPDATE outbox_message SET state = $1, why = $2, sent_at = $3, attempts = $4"
                       " WHERE program_id = $5 AND id = $6",
                       STORE_BIND(STORE_T(text_from(state)), STORE_T(text_from(why)),
                                  STORE_N(sent_at), STORE_N(attempts),
                                  STORE_T(sending->item->program_id),
                                  STORE_T(sending->item->subject_id)),
                       NULL, error);
}

static bool clear_clock(struct store_transaction *transaction, const struct sending *sending,
                        struct error *error)
{
  return due_clear(transaction, sending->item->program_id, OUTBOX_KIND, sending->item->subject_id,
                   error);
}

/* Read the row; `state` "" when there is none. */
static bool read_row(struct store_transaction *transaction, struct sending *sending,
                     struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  sending->state = TEXT("");
  if (!store_query(
          transaction, &cursor,
          "SELECT state, person_id, language, template_key, channel, address, facts,"
          " attempts FROM outbox_message WHERE program_id = $1 AND id = $2",
          STORE_BIND(STORE_T(sending->item->program_id), STORE_T(sending->item->subject_id)),
          error))
    return false;
  bool good = store_next(cursor, &more, error);
  if (good && more) {
    struct text *const texts[] = {&sending->state, &sending->person_id, &sending->language,
                                  &sending->template_key};
    for (int i = 0; i < 4; i++) *texts[i] = text_copy(sending->arena, store_column_text(cursor, i));
    (void)outbox_channel_read(store_column_text(cursor, 4), &sending->channel);
    sending->sealed_address = text_copy(sending->arena, store_column_bytes(cursor, 5));
    sending->sealed_facts = text_copy(sending->arena, store_column_bytes(cursor, 6));
    sending->attempts = store_column_integer(cursor, 7);
  }
  store_cursor_close(cursor);
  return good;
}

/* Take the message: nobody else sends it from here on. */
static bool claim(struct store_transaction *transaction, void *context, struct error *error)
{
  struct sending *sending = context;
  bool mine = false;
  sending->is_mine = false;
  if (!due_lease(transaction, sending->item, sending->owner, sending->now,
                 sending->now + LIMIT_OUTBOX_LEASE_SECONDS * SECOND, &mine, error))
    return false;
  if (!mine) return true;
  if (!read_row(transaction, sending, error)) return false;
  if (text_equal(sending->state, TEXT("sending"))) /* its sender died */
    return set_state(transaction, sending, "unsure", "died", 0, sending->attempts, error) &&
           clear_clock(transaction, sending, error);
  if (!text_equal(sending->state, TEXT("waiting"))) return clear_clock(transaction, sending, error);
  if (!outbox_wire_is_on(sending->options, sending->channel))
    return set_state(transaction, sending, "waiting", "channel-off", 0, sending->attempts, error) &&
           due_postpone(transaction, sending->item, sending->now, error);
  sending->is_mine = true;
  return set_state(transaction, sending, "sending", "", 0, sending->attempts + 1, error);
}

static size_t language_of(const struct sending *sending)
{
  size_t language = 0;
  (void)catalog_language_find(sending->privacy->catalog, sending->language, &language);
  return language;
}

/* The words, from the catalog and what was sealed. */
static bool open_letter(struct sending *sending, struct outbox_letter *out, struct error *error)
{
  const struct vault_subject subject = {sending->item->program_id, sending->person_id};
  const struct catalog *catalog = sending->privacy->catalog;
  struct arena *arena = sending->arena;
  struct text facts;
  const struct value *names;
  *out = (struct outbox_letter){
      .channel = sending->channel, .id = sending->item->subject_id, .at = sending->now};
  if (!vault_unseal(sending->privacy->vault, arena, subject, "outbox_message.address",
                    sending->sealed_address, &out->address, error) ||
      !vault_unseal(sending->privacy->vault, arena, subject, "outbox_message.facts",
                    sending->sealed_facts, &facts, error) ||
      !json_read(arena, facts, &names, error))
    return false;
  size_t language = language_of(sending);
  const char *subject_key =
      text_c(arena, text_format(arena, "message.%.*s.subject", TEXT_PRINT(sending->template_key)));
  const char *text_key =
      text_c(arena, text_format(arena, "message.%.*s.text", TEXT_PRINT(sending->template_key)));
  out->subject = catalog_format(arena, catalog, language, subject_key, names);
  out->text = catalog_format(arena, catalog, language, text_key, names);
  return true;
}

/* Is it still wanted? */
struct asking {
  struct sending *sending;
  struct text address;
  bool may;
};

static bool ask(struct store_transaction *transaction, void *context, struct error *error)
{
  struct asking *asking = context;
  struct sending *sending = asking->sending;
  return outbox_may_send(transaction, sending->privacy, sending->arena, sending->item->program_id,
                         sending->person_id, sending->channel, asking->address, &asking->may,
                         error);
}

static bool note_sent(struct store_transaction *transaction, const struct sending *sending,
                      struct error *error)
{
  struct actor actor = actor_system(sending->item->program_id);
  struct value *detail = value_object(sending->arena);
  value_set(detail, "channel", value_text(sending->arena, outbox_channel_name(sending->channel)));
  value_set(detail, "state", value_text(sending->arena, TEXT("sent")));
  const struct audit_entry entry = {.program_id = sending->item->program_id,
                                    .actor = &actor,
                                    .object = TEXT("outbox"),
                                    .act = TEXT("write"),
                                    .object_id = sending->item->subject_id,
                                    .person_id = sending->person_id,
                                    .detail = detail,
                                    .at = sending->now};
  return audit_append(transaction, &entry, error);
}

/* Write down what became of it. */
static bool settle(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct sending *sending = context;
  int64_t attempts = sending->attempts + 1;
  enum outbox_result result = sending->result;
  if (result == OUTBOX_LATER && attempts >= LIMIT_OUTBOX_ATTEMPTS) result = OUTBOX_NEVER;
  switch (result) {
  case OUTBOX_SENT:
    return set_state(transaction, sending, "sent", "", sending->now, attempts, error) &&
           clear_clock(transaction, sending, error) && note_sent(transaction, sending, error);
  case OUTBOX_LATER:
    return set_state(transaction, sending, "waiting", sending->why, 0, attempts, error) &&
           due_postpone(transaction, sending->item, sending->now, error);
  case OUTBOX_NEVER:
    return set_state(transaction, sending, "failed", sending->why, 0, attempts, error) &&
           clear_clock(transaction, sending, error);
  case OUTBOX_UNSURE:
    break;
  }
  return set_state(transaction, sending, "unsure", sending->why, 0, attempts, error) &&
         clear_clock(transaction, sending, error);
}

static bool send_one(struct sending *sending, size_t *sent, struct error *error)
{
  struct store *store = sending->privacy->store;
  struct outbox_letter letter;
  struct error why = {0};
  if (!store_write(store, claim, sending, error)) return false;
  if (!sending->is_mine) return true;
  if (open_letter(sending, &letter, &why)) {
    struct asking asking = {.sending = sending, .address = letter.address};
    sending->result = OUTBOX_NEVER;
    sending->why = "stopped";
    if (!store_read(store, ask, &asking, error)) return false;
    if (asking.may)
      sending->result = outbox_wire_send(sending->options, &letter, sending->arena, &sending->why);
    sodium_memzero((void *)(uintptr_t)letter.address.at, letter.address.length);
  } else { /* the person was erased, or the key store is away */
    bool is_gone = why.kind == ERROR_NOT_FOUND;
    sending->result = is_gone ? OUTBOX_NEVER : OUTBOX_LATER;
    sending->why = is_gone ? "erased" : "sealed";
    if (!is_gone) log_error("outbox.unseal", &why);
  }
  if (!store_write(store, settle, sending, error)) return false;
  *sent += sending->result == OUTBOX_SENT;
  return true;
}

struct found {
  struct arena *arena;
  int64_t now;
  struct due_item *items;
  size_t count;
};

static bool find_due(struct store_transaction *transaction, void *context, struct error *error)
{
  struct found *found = context;
  return due_find(transaction, found->arena, OUTBOX_KIND, found->now, LIMIT_OUTBOX_EACH,
                  &found->items, &found->count, error);
}

bool outbox_send_due(struct privacy *privacy, const struct outbox_options *options,
                     struct text owner, int64_t now, size_t *sent, struct error *error)
{
  struct found found = {.arena = arena_new(LIMIT_ARENA_REQUEST), .now = now};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  int64_t began = time_monotonic();
  *sent = 0;
  bool good = store_read(privacy->store, find_due, &found, error);
  for (size_t i = 0; good && i < found.count; i++) {
    arena_clear(arena);
    struct sending sending = {.privacy = privacy,
                              .options = options,
                              .owner = owner,
                              .now = now + time_monotonic() - began,
                              .arena = arena,
                              .item = &found.items[i],
                              .why = ""};
    good = send_one(&sending, sent, error);
  }
  arena_free(arena);
  arena_free(found.arena);
  return good;
}
