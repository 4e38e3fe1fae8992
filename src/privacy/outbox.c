/*
 * The outbox's records: messages that wait, who agreed to be written to, who said stop. Not here:
 * sending (outbox_send.c) and the wire (outbox_wire.c).
 *
 * Invariants: a message is made in the transaction of its act, with its clock; a key makes one
 * message; address and values are stored sealed alone. Threads: any.
 */
#include <sodium.h>
#include <string.h>

#include "privacy/outbox_private.h"

struct text outbox_channel_name(enum outbox_channel channel)
{
  return channel == OUTBOX_EMAIL ? TEXT("email") : TEXT("text");
}

bool outbox_channel_read(struct text name, enum outbox_channel *out)
{
  *out = text_equal(name, TEXT("text")) ? OUTBOX_TEXT : OUTBOX_EMAIL;
  return text_equal(name, outbox_channel_name(*out));
}

/* --- Addresses ----------------------------------------------------------------------------- */

/* Printable ASCII of one word, one @ with something on either side, none of <>()[]\,;:". */
static bool is_email(struct text t)
{
  size_t at = text_find(t, TEXT("@"));
  if (at == 0 || at + 1 >= t.length || t.length > LIMIT_OUTBOX_ADDRESS) return false;
  for (size_t i = 0; i < t.length; i++) {
    unsigned char c = (unsigned char)t.at[i];
    if (c <= ' ' || c >= 0x7F || strchr("<>()[]\\,;:\"", c) || (c == '@' && i != at)) return false;
  }
  struct text host = text_slice(t, at + 1, t.length);
  return text_contains(host, TEXT(".")) && host.at[0] != '.' && host.at[host.length - 1] != '.' &&
         !text_contains(host, TEXT(".."));
}

static bool read_phone(struct arena *arena, struct text t, struct text *out)
{
  char digits[16] = {0};
  size_t count = 0;
  bool is_international = text_starts_with(t, TEXT("+"));
  for (size_t i = is_international; i < t.length; i++) {
    char c = t.at[i];
    if (c >= '0' && c <= '9') {
      if (count == 15) return false;
      digits[count++] = c;
    } else if (!strchr(" .-()/", c) || !c) return false;
  }
  if (!is_international && count == 11 && digits[0] == '1') is_international = true;
  if (is_international ? count < 8 : count != 10) return false;
  *out = text_format(arena, "+%s%.*s", is_international ? "" : "1", (int)count, digits);
  return true;
}

bool outbox_address_read(struct arena *arena, enum outbox_channel channel, struct text given,
                         struct text *out)
{
  given = text_trim(given);
  if (channel == OUTBOX_TEXT) return read_phone(arena, given, out);
  if (!is_email(given)) return false;
  *out = text_copy(arena, given);
  return true;
}

static bool read_address(struct arena *arena, enum outbox_channel channel, struct text given,
                         struct text *out, struct error *error)
{
  return outbox_address_read(arena, channel, given, out) ||
         error_set(error, ERROR_REFUSED, "error.outbox.address",
                   "Give a phone number with its area code, or an e-mail address.",
                   "no address of this channel");
}

/* A keyed hash of an address, the same in every program. */
static bool hash_address(struct privacy *privacy, struct arena *arena, enum outbox_channel channel,
                         struct text address, struct text *out, struct error *error)
{
  static const struct vault_subject installation = {{"", 0}, {"", 0}};
  struct vault_identity identity = {.names = &address, .name_count = 1, .birth_date = TEXT("")};
  struct vault_index *keys;
  size_t count = 0;
  struct text digits = text_slice(address, 2, address.length);
  if (channel == OUTBOX_TEXT && digits.length == 10)
    identity = (struct vault_identity){.birth_date = TEXT(""), .phones = &digits, .phone_count = 1};
  if (!vault_subject_make(privacy->vault, installation, error) ||
      !vault_index_identity(privacy->vault, arena, TEXT(""), &identity, &keys, &count, error))
    return false;
  unsigned char hash[16];
  char *hex = arena_allocate(arena, 2 * sizeof hash + 1);
  crypto_generichash_state state;
  crypto_generichash_init(&state, NULL, 0, sizeof hash);
  for (size_t i = 0; i < count; i++)
    crypto_generichash_update(&state, keys[i].bytes, sizeof keys[i].bytes);
  crypto_generichash_final(&state, hash, sizeof hash);
  *out = text_from(sodium_bin2hex(hex, 2 * sizeof hash + 1, hash, sizeof hash));
  return true;
}

/* --- Consent and stop ---------------------------------------------------------------------- */

/* One number of a query with at most one row; 0 without. */
static bool read_one(struct store_cursor *cursor, int64_t *out, struct error *error)
{
  bool more = false, good = store_next(cursor, &more, error);
  if (good) *out = more ? store_column_integer(cursor, 0) : 0;
  store_cursor_close(cursor);
  return good;
}

bool outbox_set_consent(struct store_transaction *transaction, struct privacy *privacy,
                        struct text program_id, struct text person_id, enum outbox_channel channel,
                        bool allowed, struct text how, int64_t now, struct error *error)
{
  (void)privacy;
  return store_execute(
      transaction,
      "INSERT INTO outbox_consent (program_id, person_id, channel, allowed, how, at)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (program_id, person_id, channel) DO UPDATE"
      " SET allowed = excluded.allowed, how = excluded.how, at = excluded.at",
      STORE_BIND(STORE_T(program_id), STORE_T(person_id), STORE_T(outbox_channel_name(channel)),
                 STORE_N(allowed), STORE_T(how), STORE_N(now)),
      NULL, error);
}

bool outbox_consent_find(struct store_transaction *transaction, struct text program_id,
                         struct text person_id, enum outbox_channel channel, bool *out,
                         struct error *error)
{
  struct store_cursor *cursor = NULL;
  int64_t allowed = 0;
  if (!store_query(transaction, &cursor,
                   "SELECT allowed FROM outbox_consent WHERE program_id = $1 AND person_id = $2"
                   " AND channel = $3",
                   STORE_BIND(STORE_T(program_id), STORE_T(person_id),
                              STORE_T(outbox_channel_name(channel))),
                   error) ||
      !read_one(cursor, &allowed, error))
    return false;
  *out = allowed == 1;
  return true;
}

static bool is_stopped(struct store_transaction *transaction, struct privacy *privacy,
                       struct arena *arena, enum outbox_channel channel, struct text address,
                       bool *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct text hash;
  int64_t stopped = 0;
  if (!hash_address(privacy, arena, channel, address, &hash, error) ||
      !store_query(transaction, &cursor,
                   "SELECT stopped FROM outbox_stop WHERE channel = $1 AND address_hash = $2",
                   STORE_BIND(STORE_T(outbox_channel_name(channel)), STORE_T(hash)), error) ||
      !read_one(cursor, &stopped, error))
    return false;
  *out = stopped == 1;
  return true;
}

bool outbox_may_send(struct store_transaction *transaction, struct privacy *privacy,
                     struct arena *arena, struct text program_id, struct text person_id,
                     enum outbox_channel channel, struct text address, bool *out,
                     struct error *error)
{
  bool allowed = true, stopped = false;
  if (person_id.length &&
      (!outbox_consent_find(transaction, program_id, person_id, channel, &allowed, error) ||
       !is_stopped(transaction, privacy, arena, channel, address, &stopped, error)))
    return false;
  *out = allowed && !stopped;
  return true;
}

static bool check_consent(struct store_transaction *transaction, struct privacy *privacy,
                          struct arena *arena, const struct outbox_new *wanted, struct text address,
                          struct error *error)
{
  bool allowed = false, stopped = false;
  if (!outbox_consent_find(transaction, wanted->program_id, wanted->person_id, wanted->channel,
                           &allowed, error) ||
      !is_stopped(transaction, privacy, arena, wanted->channel, address, &stopped, error))
    return false;
  if (!allowed)
    return error_set(error, ERROR_REFUSED, "error.outbox.consent",
                     "Ask the person, and note their consent to this channel.",
                     "no consent to this channel");
  return !stopped || error_set(error, ERROR_REFUSED, "error.outbox.stopped",
                               "They can send START to begin again.", "stopped by its owner");
}

/* --- Messages ------------------------------------------------------------------------------ */

/* Are the values that stand in a message free of words that say what kind of place writes? */
static bool check_values(const struct outbox_rules *rules, const struct value *names,
                         struct error *error)
{
  struct text key;
  const struct value *item;
  for (size_t i = 0; value_member(names, i, &key, &item); i++) {
    struct text t = value_text_get(item);
    bool is_plain = value_kind_get(item) == VALUE_TEXT || value_kind_get(item) == VALUE_NUMBER;
    for (size_t j = 0; j < t.length; j++) is_plain = is_plain && (unsigned char)t.at[j] >= ' ';
    if (!is_plain || !outbox_is_neutral(rules, t))
      return error_set(error, ERROR_REFUSED, "error.outbox.words",
                       "Name no place, treatment or medicine in a message.",
                       "the value %.*s of a message is not neutral", TEXT_PRINT(key));
  }
  return true;
}

/* Make the row and its clock, unless the key has one. */
static bool insert(struct store_transaction *transaction, const struct outbox_new *wanted,
                   struct text address, struct text facts, int64_t now, const char *id,
                   struct error *error)
{
  int64_t changed = 0;
  if (!store_execute(
          transaction,
          "INSERT INTO outbox_message (program_id, id, person_id, key, channel, address, facts,"
          " language, template_key, state, why, made_at, sent_at, attempts) VALUES ($1, $2, $3, $4,"
          " $5, $6, $7, $8, $9, 'waiting', '', $10, 0, 0) ON CONFLICT (program_id, key) DO NOTHING",
          STORE_BIND(STORE_T(wanted->program_id), STORE_T(text_from(id)),
                     STORE_T(wanted->person_id), STORE_T(wanted->key),
                     STORE_T(outbox_channel_name(wanted->channel)), STORE_B(address),
                     STORE_B(facts), STORE_T(wanted->language),
                     STORE_T(text_from(wanted->template_key)), STORE_N(now)),
          &changed, error))
    return false;
  return changed == 0 || due_set(transaction, wanted->program_id, OUTBOX_KIND, text_from(id),
                                 wanted->person_id, now, error);
}

/* The id that the key has, this one or an earlier one's. */
static bool find_id(struct store_transaction *transaction, const struct outbox_new *wanted,
                    char id[UUID_TEXT + 1], struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT id FROM outbox_message WHERE program_id = $1 AND key = $2",
                   STORE_BIND(STORE_T(wanted->program_id), STORE_T(wanted->key)), error))
    return false;
  bool good = store_next(cursor, &more, error) && more;
  if (good) {
    struct text found = store_column_text(cursor, 0);
    memcpy(id, found.at, UUID_TEXT);
    id[UUID_TEXT] = 0;
  }
  store_cursor_close(cursor);
  return good;
}

static bool add(struct store_transaction *transaction, struct privacy *privacy, struct arena *arena,
                const struct outbox_new *wanted, int64_t now, char id[UUID_TEXT + 1],
                struct error *error)
{
  const struct vault_subject subject = {wanted->program_id, wanted->person_id};
  struct text address, sealed, facts;
  struct text_buffer json;
  if (!read_address(arena, wanted->channel, wanted->address, &address, error) ||
      (wanted->person_id.length &&
       !check_consent(transaction, privacy, arena, wanted, address, error)) ||
      !check_values(privacy->outbox_rules, wanted->names, error) ||
      !vault_subject_make(privacy->vault, subject, error) ||
      !vault_seal(privacy->vault, arena, subject, "outbox_message.address", address, &sealed,
                  error))
    return false;
  text_buffer_init(&json, LIMIT_OUTBOX_FACTS);
  if (wanted->names) json_write(wanted->names, &json);
  else text_buffer_add(&json, TEXT("{}"));
  bool good =
      json.over ? error_set(error, ERROR_TOO_LARGE, "error.outbox.words", "Say less in a message.",
                            "the values of a message are longer than %d bytes", LIMIT_OUTBOX_FACTS)
                : vault_seal(privacy->vault, arena, subject, "outbox_message.facts",
                             text_buffer_get(&json), &facts, error);
  text_buffer_fini(&json);
  char fresh[UUID_TEXT + 1];
  uuid_new(now, fresh);
  return good && insert(transaction, wanted, sealed, facts, now, fresh, error) &&
         find_id(transaction, wanted, id, error);
}

bool outbox_add(struct store_transaction *transaction, struct privacy *privacy,
                const struct outbox_new *wanted, int64_t now, char id[UUID_TEXT + 1],
                struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  bool good = add(transaction, privacy, arena, wanted, now, id, error);
  arena_free(arena);
  return good;
}

/* The answer to a word that came back, to where it came from. Its key tells whether the word was
 * heard before. */
static struct outbox_new make_answer(struct arena *arena, const struct outbox_heard_word *word,
                                     enum outbox_channel channel, struct text address,
                                     struct text id, int64_t now)
{
  static const char *const answers[] = {
      [OUTBOX_STOP] = "stopped", [OUTBOX_START] = "started", [OUTBOX_HELP] = "help"};
  char nonce[UUID_TEXT + 1];
  uuid_new(now, nonce);
  return (struct outbox_new){
      .program_id = TEXT(""),
      .person_id = TEXT(""),
      .channel = channel,
      .address = address,
      .language = word->language,
      .template_key = answers[word->means],
      .key = id.length ? text_format(arena, "heard:%.*s", TEXT_PRINT(id))
                       : text_copy(arena, text_from(nonce)),
  };
}

static bool is_known(struct store_transaction *transaction, const struct outbox_new *answer,
                     bool *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  int64_t count = 0;
  if (!store_query(transaction, &cursor,
                   "SELECT count(*) FROM outbox_message WHERE program_id = $1 AND key = $2",
                   STORE_BIND(STORE_T(answer->program_id), STORE_T(answer->key)), error) ||
      !read_one(cursor, &count, error))
    return false;
  *out = count > 0;
  return true;
}

static bool note_stop(struct store_transaction *transaction, struct privacy *privacy,
                      struct arena *arena, enum outbox_channel channel, struct text address,
                      bool stopped, int64_t now, struct error *error)
{
  struct text hash;
  return hash_address(privacy, arena, channel, address, &hash, error) &&
         store_execute(
             transaction,
             "INSERT INTO outbox_stop (channel, address_hash, stopped, at) VALUES ($1, $2, $3, $4)"
             " ON CONFLICT (channel, address_hash) DO UPDATE SET stopped = excluded.stopped,"
             " at = excluded.at",
             STORE_BIND(STORE_T(outbox_channel_name(channel)), STORE_T(hash), STORE_N(stopped),
                        STORE_N(now)),
             NULL, error);
}

bool outbox_heard(struct store_transaction *transaction, struct privacy *privacy,
                  enum outbox_channel channel, struct text address, struct text words,
                  struct text id, int64_t now, struct error *error)
{
  const struct outbox_heard_word *word = outbox_word_find(privacy->outbox_rules, words);
  if (!word) return true;
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text whole;
  char made[UUID_TEXT + 1];
  bool known = false, good = read_address(arena, channel, address, &whole, error);
  if (good) {
    const struct outbox_new answer = make_answer(arena, word, channel, whole, id, now);
    good = is_known(transaction, &answer, &known, error) &&
           (known ||
            ((word->means == OUTBOX_HELP || note_stop(transaction, privacy, arena, channel, whole,
                                                      word->means == OUTBOX_STOP, now, error)) &&
             add(transaction, privacy, arena, &answer, now, made, error)));
  }
  arena_free(arena);
  return good;
}

/* --- Looking after it ---------------------------------------------------------------------- */

bool outbox_list(struct store_transaction *transaction, struct arena *arena, struct text program_id,
                 struct text state, size_t limit, struct outbox_message **out, size_t *count,
                 struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor,
                   "SELECT m.id, m.person_id, m.template_key, m.state, m.why, m.channel, m.made_at,"
                   " m.sent_at, m.attempts, COALESCE(d.try_at, 0) FROM outbox_message m"
                   " LEFT JOIN due d ON d.program_id = m.program_id AND d.kind = 'outbox.send'"
                   " AND d.subject_id = m.id WHERE m.program_id = $1 AND ($2 = '' OR m.state = $2)"
                   " ORDER BY m.made_at DESC, m.id LIMIT $3",
                   STORE_BIND(STORE_T(program_id), STORE_T(state), STORE_N(limit)), error))
    return false;
  struct outbox_message *all = arena_allocate_array(arena, limit + 1, sizeof *all);
  size_t found = 0;
  bool more = true, good = true;
  while (good && found < limit) {
    good = store_next(cursor, &more, error);
    if (!good || !more) break;
    struct outbox_message *message = &all[found++];
    struct text *const texts[] = {&message->id, &message->person_id, &message->template_key,
                                  &message->state, &message->why};
    for (int i = 0; i < 5; i++) *texts[i] = text_copy(arena, store_column_text(cursor, i));
    (void)outbox_channel_read(store_column_text(cursor, 5), &message->channel);
    message->made_at = store_column_integer(cursor, 6);
    message->sent_at = store_column_integer(cursor, 7);
    message->attempts = store_column_integer(cursor, 8);
    message->next_at = store_column_integer(cursor, 9);
  }
  store_cursor_close(cursor);
  if (!good) return false;
  *out = all;
  *count = found;
  return true;
}

/* Which person a message of the actor's program is for. */
static bool find_person(struct store_transaction *transaction, struct arena *arena,
                        struct text program_id, struct text id, struct text *person_id,
                        struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT person_id FROM outbox_message WHERE program_id = $1 AND id = $2",
                   STORE_BIND(STORE_T(program_id), STORE_T(id)), error))
    return false;
  bool good = store_next(cursor, &more, error);
  if (good && more) *person_id = text_copy(arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  return good && (more || error_set(error, ERROR_NOT_FOUND, "error.outbox.decided",
                                    "Load the list again.", "no such message"));
}

static bool decide(struct store_transaction *transaction, struct actor *actor, struct text id,
                   bool again, int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_OUTBOX_FACTS);
  struct store_cursor *cursor = NULL;
  struct text state = again ? TEXT("waiting") : TEXT("failed"), person_id = TEXT("");
  bool is_changed = false;
  bool is_done = store_query(
      transaction, &cursor,
      "UPDATE outbox_message SET state = $1, why = 'decided', attempts = 0 WHERE program_id = $2"
      " AND id = $3 AND (state = 'unsure' OR state = 'failed') RETURNING person_id",
      STORE_BIND(STORE_T(state), STORE_T(actor->program_id), STORE_T(id)), error);
  is_done = is_done && store_next(cursor, &is_changed, error);
  if (is_done && is_changed) person_id = text_copy(arena, store_column_text(cursor, 0));
  store_cursor_close(cursor);
  if (is_done && !is_changed)
    is_done = error_set(error, ERROR_CONFLICT, "error.outbox.decided", "Load the list again.",
                        "the message is neither unsure nor failed");
  if (is_done && again)
    is_done = due_set(transaction, actor->program_id, OUTBOX_KIND, id, person_id, now, error);
  arena_free(arena);
  return is_done;
}

bool outbox_decide(struct store_transaction *transaction, struct privacy *privacy,
                   struct actor *actor, struct text id, bool again, int64_t now,
                   struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct access access;
  struct text person_id = TEXT("");
  bool good =
      access_open(transaction, privacy, actor, "outbox", "write", NULL, id, now, &access, error) &&
      find_person(transaction, arena, actor->program_id, id, &person_id, error);
  if (good) {
    struct value *detail = value_object(arena);
    value_set(detail, "decision", value_text(arena, again ? TEXT("again") : TEXT("not")));
    const struct audit_entry entry = {.program_id = actor->program_id,
                                      .actor = actor,
                                      .object = TEXT("outbox"),
                                      .act = TEXT("write"),
                                      .object_id = id,
                                      .person_id = person_id,
                                      .detail = detail,
                                      .at = now};
    good = decide(transaction, actor, id, again, now, error) &&
           audit_append(transaction, &entry, error);
  }
  arena_free(arena);
  return good;
}
