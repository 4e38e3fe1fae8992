/*
 * session: finding, listing and ending them, and who acts in one. See session.h; how one begins is
 * session_sign_in.c.
 *
 * Finding is a read; only last_seen is written, at most once in so many seconds, and a failure of
 * that write is logged and otherwise nothing. Any thread.
 */
#include "privacy/session_private.h"

/* --- Times ----------------------------------------------------------------------------------- */

int64_t session_absolute(const struct privacy *privacy, const struct account *account,
                         bool is_at_station)
{
  const struct sign_in_settings *settings = privacy->sign_in;
  if (is_at_station) return settings->station_absolute;
  return account_kind(account) == ACTOR_STAFF ? settings->desk_absolute : settings->person_absolute;
}

int64_t session_idle(const struct privacy *privacy, const struct account *account,
                     bool is_at_station)
{
  const struct sign_in_settings *settings = privacy->sign_in;
  if (is_at_station) return settings->station_idle;
  return account_kind(account) == ACTOR_STAFF ? settings->desk_idle : settings->person_idle;
}

static int64_t idle_ends_at(const struct privacy *privacy, const struct session_row *row,
                            const struct account *account)
{
  if (row->step != SESSION_OPEN) return row->seen_at + privacy->sign_in->half_way;
  return row->seen_at + session_idle(privacy, account, !text_is_empty(row->station_id));
}

/* --- Rows ------------------------------------------------------------------------------------ */

bool session_row_find(struct store_transaction *transaction, struct arena *arena,
                      struct text digest, struct session_row *out, bool *found, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(
          transaction, &cursor,
          "SELECT id, account_id, station_id, program_id, step, made_at, seen_at, ends_at, "
          "proved_at, tries, device FROM session WHERE token = $1",
          STORE_BIND(STORE_B(digest)), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read && more)
    *out = (struct session_row){.id = text_copy(arena, store_column_text(cursor, 0)),
                                .token = digest,
                                .account_id = text_copy(arena, store_column_text(cursor, 1)),
                                .station_id = text_copy(arena, store_column_text(cursor, 2)),
                                .program_id = text_copy(arena, store_column_text(cursor, 3)),
                                .step = (enum session_step)store_column_integer(cursor, 4),
                                .made_at = store_column_integer(cursor, 5),
                                .seen_at = store_column_integer(cursor, 6),
                                .ends_at = store_column_integer(cursor, 7),
                                .proved_at = store_column_integer(cursor, 8),
                                .tries = text_copy(arena, store_column_bytes(cursor, 9)),
                                .device = text_copy(arena, store_column_bytes(cursor, 10))};
  store_cursor_close(cursor);
  *found = is_read && more;
  return is_read;
}

bool session_row_insert(struct store_transaction *transaction, const struct session_row *row,
                        struct error *error)
{
  return store_execute(
      transaction,
      "INSERT INTO session (id, token, account_id, station_id, step, program_id, made_at, seen_at, "
      "ends_at, proved_at, tries, device) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12)",
      STORE_BIND(STORE_T(row->id), STORE_B(row->token), STORE_T(row->account_id),
                 STORE_T(row->station_id), STORE_N(row->step), STORE_T(row->program_id),
                 STORE_N(row->made_at), STORE_N(row->seen_at), STORE_N(row->ends_at),
                 STORE_N(row->proved_at), STORE_B(row->tries), STORE_B(row->device)),
      NULL, error);
}

struct session_search {
  struct arena *arena;
  struct text digest;
  struct session_row *row;
  struct account *account;
  struct account_secrets *secrets;
  bool found;
};

static bool search_in(struct store_transaction *transaction, void *context, struct error *error)
{
  struct session_search *search = context;
  if (!session_row_find(transaction, search->arena, search->digest, search->row, &search->found,
                        error))
    return false;
  return !search->found ||
         account_read(transaction, search->arena, ACCOUNT_BY_ID, search->row->account_id,
                      search->account, search->secrets, error);
}

bool session_read(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct session_row *row, struct account *account, struct account_secrets *secrets,
                  struct error *error)
{
  enum { TOKEN_LONGEST = 64 };
  struct session_search search = {arena, secret_digest(arena, token), row, account, secrets, false};
  if (token.length > 0 && token.length <= TOKEN_LONGEST &&
      !store_read(privacy->store, search_in, &search, error))
    return false;
  if (search.found && row->ends_at > now && idle_ends_at(privacy, row, account) > now &&
      !account->is_disabled)
    return true;
  return error_set(error, ERROR_NOT_FOUND, "error.session", "Sign in again.",
                   "there is no such session, or it has ended");
}

struct text session_proof_key(struct arena *arena, struct text session_id,
                              const struct account *account)
{
  return failure_key_of_place(arena, "session", session_id, account->sign_in_name);
}

/* --- Who acts -------------------------------------------------------------------------------- */

struct text session_first_program(const struct account *account)
{
  struct text program_id = TEXT("");
  for (size_t i = 0; i < account->role_count; i++) {
    struct text other = account->roles[i].program_id;
    if (text_is_empty(other) || text_equal(other, program_id)) continue;
    if (!text_is_empty(program_id)) return TEXT("");
    program_id = other;
  }
  return program_id;
}

/* Its roles where it works, those of every program among them, and the one site if any. */
static void take_roles(struct actor *actor, struct arena *arena, const struct account *account)
{
  struct text *roles = arena_allocate_array(arena, account->role_count + 1, sizeof *roles);
  for (size_t i = 0; i < account->role_count; i++) {
    const struct account_role *role = &account->roles[i];
    if (!text_is_empty(role->program_id) && !text_equal(role->program_id, actor->program_id))
      continue;
    roles[actor->role_count++] = role->role;
    if (!text_is_empty(role->site_id)) actor->site_id = role->site_id;
  }
  actor->roles = roles;
}

struct actor session_actor(const struct privacy *privacy, struct arena *arena,
                           const struct session_row *row, const struct account *account,
                           int64_t now)
{
  int64_t since = now - row->proved_at;
  struct actor actor = {.kind = account_kind(account),
                        .account_id = account->id,
                        .name = account->shown_name,
                        .session_id = row->id,
                        .station_id = row->station_id,
                        .staff_id = account->staff_id,
                        .person_id = account->person_id,
                        .program_id = row->program_id,
                        .proved_at = row->proved_at,
                        .is_confirmed = since >= 0 && since <= privacy->sign_in->prove_window};
  if (row->step == SESSION_OPEN) take_roles(&actor, arena, account);
  else actor.is_confirmed = false;
  return actor;
}

struct seen {
  struct text id;
  int64_t now, before;
};

static bool write_seen(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct seen *seen = context;
  return store_execute(
      transaction, "UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at <= $3",
      STORE_BIND(STORE_T(seen->id), STORE_N(seen->now), STORE_N(seen->before)), NULL, error);
}

static bool find(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                 bool is_seen, struct session *out, struct error *error)
{
  struct session_row row = {0};
  struct account account = {0};
  if (!session_read(privacy, arena, token, now, &row, &account, NULL, error)) return false;
  int64_t before = now - privacy->sign_in->seen_every;
  struct error failed = {0};
  if (is_seen && row.seen_at <= before) {
    row.seen_at = now;
    if (!store_write(privacy->store, write_seen, &(struct seen){row.id, now, before}, &failed))
      log_error("session.seen", &failed);
  }
  *out = (struct session){.id = row.id,
                          .step = row.step,
                          .actor = session_actor(privacy, arena, &row, &account, now),
                          .made_at = row.made_at,
                          .seen_at = row.seen_at,
                          .ends_at = row.ends_at,
                          .idle_ends_at = idle_ends_at(privacy, &row, &account),
                          .form_token = secret_form_token(arena, token)};
  return true;
}

bool session_find(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct session *out, struct error *error)
{
  return find(privacy, arena, token, now, true, out, error);
}

bool session_peek(struct privacy *privacy, struct arena *arena, struct text token, int64_t now,
                  struct session *out, struct error *error)
{
  return find(privacy, arena, token, now, false, out, error);
}

/* --- Where it works -------------------------------------------------------------------------- */

struct move {
  const struct actor *actor;
  struct text program_id;
  int64_t now;
};

static bool move_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct move *move = context;
  struct actor there = *move->actor;
  there.program_id = move->program_id;
  return store_execute(transaction, "UPDATE session SET program_id = $2 WHERE id = $1",
                       STORE_BIND(STORE_T(there.session_id), STORE_T(move->program_id)), NULL,
                       error) &&
         sign_in_audit(transaction, &there, "session", "program", there.session_id, AUDIT_DONE,
                       move->now, error);
}

/* A role in the program itself, or one in every program. */
static bool may_work_in(const struct account *account, struct text program_id)
{
  for (size_t i = 0; i < account->role_count; i++)
    if (text_is_empty(account->roles[i].program_id) ||
        text_equal(account->roles[i].program_id, program_id))
      return true;
  return false;
}

bool session_choose_program(struct privacy *privacy, struct text token, struct text program_id,
                            int64_t now, struct error *error)
{
  enum { ID_LONGEST = 64 };
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct session_row row = {0};
  struct account account = {0};
  bool is_done = session_read(privacy, arena, token, now, &row, &account, NULL, error);
  if (is_done && (row.step != SESSION_OPEN || !text_is_empty(row.station_id) ||
                  program_id.length > ID_LONGEST || !may_work_in(&account, program_id)))
    is_done = error_set(error, ERROR_FORBIDDEN, "error.session.program",
                        "Choose one of your programs.", "no role in that program");
  struct actor actor = {0};
  if (is_done) actor = session_actor(privacy, arena, &row, &account, now);
  if (is_done)
    is_done = store_write(privacy->store, move_in, &(struct move){&actor, program_id, now}, error);
  arena_free(arena);
  return is_done;
}

/* --- Ending ---------------------------------------------------------------------------------- */

bool session_end_all(struct store_transaction *transaction, struct text account_id,
                     struct text except, struct error *error)
{
  return store_execute(transaction, "DELETE FROM session WHERE account_id = $1 AND id <> $2",
                       STORE_BIND(STORE_T(account_id), STORE_T(except)), NULL, error);
}

struct ending {
  struct privacy *privacy;
  struct actor *actor;
  struct text account_id, session_id;
  int64_t now;
};

static bool sign_out_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct ending *ending = context;
  return store_execute(transaction, "DELETE FROM session WHERE id = $1",
                       STORE_BIND(STORE_T(ending->session_id)), NULL, error) &&
         sign_in_audit(transaction, ending->actor, "session", "sign-out", ending->session_id,
                       AUDIT_DONE, ending->now, error);
}

/* An ended one is as good as none: its row goes all the same. */
bool session_end_before(struct store_transaction *transaction, const struct privacy *privacy,
                        struct arena *arena, struct text digest, int64_t now, struct error *error)
{
  struct session_row row = {0};
  struct account account = {0};
  bool is_there = false;
  if (!session_row_find(transaction, arena, digest, &row, &is_there, error)) return false;
  if (!is_there) return true;
  if (!account_read(transaction, arena, ACCOUNT_BY_ID, row.account_id, &account, NULL, error))
    return false;
  struct actor actor = session_actor(privacy, arena, &row, &account, now);
  return sign_out_in(
      transaction,
      &(struct ending){
          .actor = &actor, .account_id = row.account_id, .session_id = row.id, .now = now},
      error);
}

bool session_sign_out(struct privacy *privacy, struct text token, int64_t now, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct session_row row = {0};
  struct account account = {0};
  bool is_done = session_read(privacy, arena, token, now, &row, &account, NULL, error);
  if (is_done) {
    struct actor actor = session_actor(privacy, arena, &row, &account, now);
    struct ending ending = {.privacy = privacy, .actor = &actor, .session_id = row.id, .now = now};
    is_done = store_write(privacy->store, sign_out_in, &ending, error);
  }
  arena_free(arena);
  return is_done;
}

/* Does the account work where the actor does? Everywhere belongs to the installation. */
static bool check_within(struct store_transaction *transaction, const struct ending *ending,
                         const struct access *access, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_there = false;
  if (!store_query(transaction, &cursor,
                   "SELECT account_id FROM account_role WHERE account_id = $1 AND ($2 = '' OR "
                   "program_id = $2) LIMIT 1",
                   STORE_BIND(STORE_T(ending->account_id), STORE_T(ending->actor->program_id)),
                   error))
    return false;
  bool is_read = store_next(cursor, &is_there, error);
  store_cursor_close(cursor);
  if (!is_read || is_there) return is_read;
  /* Denied, and said as if there were none. */
  (void)access_refuse(access, TEXT(""), "error.403.text", NULL);
  return error_set(error, ERROR_NOT_FOUND, "error.account.unknown", "Look again.",
                   "the account works elsewhere");
}

static bool revoke_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct ending *ending = context;
  struct role_subject subject = {.is_own =
                                     text_equal(ending->account_id, ending->actor->account_id)};
  struct access access;
  int64_t changed = 0;
  if (!access_open(transaction, ending->privacy, ending->actor, "session", "revoke", &subject,
                   ending->session_id, ending->now, &access, error) ||
      (!subject.is_own && !check_within(transaction, ending, &access, error)))
    return false;
  if (text_is_empty(ending->session_id))
    return session_end_all(transaction, ending->account_id, ending->actor->session_id, error);
  if (!store_execute(transaction, "DELETE FROM session WHERE id = $1 AND account_id = $2",
                     STORE_BIND(STORE_T(ending->session_id), STORE_T(ending->account_id)), &changed,
                     error))
    return false;
  return changed > 0 || error_set(error, ERROR_NOT_FOUND, "error.session", "Look again.",
                                  "there is no such session");
}

bool session_revoke(struct privacy *privacy, struct actor *by, struct text account_id,
                    struct text session_id, int64_t now, struct error *error)
{
  struct ending ending = {privacy, by, account_id, session_id, now};
  return store_write(privacy->store, revoke_in, &ending, error);
}

/* --- Listing --------------------------------------------------------------------------------- */

bool session_list(struct store_transaction *transaction, struct arena *arena,
                  struct text account_id, struct text this_id, int64_t now,
                  struct session_shown **out, size_t *count, struct error *error)
{
  enum { MOST = 200 };
  struct session_shown *shown = arena_allocate_array(arena, MOST, sizeof *shown);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT id, station_id, made_at, seen_at, ends_at FROM session WHERE account_id "
                   "= $1 AND ends_at > $2 ORDER BY seen_at DESC, id LIMIT 200",
                   STORE_BIND(STORE_T(account_id), STORE_N(now)), error))
    return false;
  while (found < MOST && store_next(cursor, &more, error) && more) {
    struct session_shown *one = &shown[found++];
    *one = (struct session_shown){.id = text_copy(arena, store_column_text(cursor, 0)),
                                  .station_id = text_copy(arena, store_column_text(cursor, 1)),
                                  .made_at = store_column_integer(cursor, 2),
                                  .seen_at = store_column_integer(cursor, 3),
                                  .ends_at = store_column_integer(cursor, 4)};
    one->is_this = text_equal(one->id, this_id);
  }
  store_cursor_close(cursor);
  if (more && found < MOST) return false;
  *out = shown;
  *count = found;
  return true;
}

static bool forget_all(struct store_transaction *transaction, void *context, struct error *error)
{
  (void)context;
  return store_execute(transaction, "DELETE FROM session", STORE_BIND_NONE, NULL, error);
}

bool session_forget_all(struct store *store, struct error *error)
{
  return store_write(store, forget_all, NULL, error);
}
