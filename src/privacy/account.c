/*
 * account: reading and making them. See account.h. Changing them is account_change.c, what one does
 * to one's own account_own.c, the second factor account_code.c, the first one account_first.c.
 *
 * Hashes are made before a transaction, never within. Any thread.
 */
#include "privacy/account_private.h"

/* --- Reading --------------------------------------------------------------------------------- */

static bool query_account(struct store_transaction *transaction, struct store_cursor **cursor,
                          enum account_key by, struct text key, struct error *error)
{
  switch (by) {
  case ACCOUNT_BY_ID:
    return store_query(transaction, cursor,
                       "SELECT id, sign_in_name, shown_name, email, staff_id, person_id, password, "
                       "must_change, totp, totp_begun, totp_step, pin, pin_failures, badge, "
                       "disabled_at, made_at, last_sign_in_at, version FROM account WHERE id = $1",
                       STORE_BIND(STORE_T(key)), error);
  case ACCOUNT_BY_NAME:
    return store_query(transaction, cursor,
                       "SELECT id, sign_in_name, shown_name, email, staff_id, person_id, password, "
                       "must_change, totp, totp_begun, totp_step, pin, pin_failures, badge, "
                       "disabled_at, made_at, last_sign_in_at, version FROM account "
                       "WHERE sign_in_name = $1",
                       STORE_BIND(STORE_T(key)), error);
  case ACCOUNT_BY_BADGE:
    break;
  }
  return store_query(transaction, cursor,
                     "SELECT id, sign_in_name, shown_name, email, staff_id, person_id, password, "
                     "must_change, totp, totp_begun, totp_step, pin, pin_failures, badge, "
                     "disabled_at, made_at, last_sign_in_at, version FROM account "
                     "WHERE badge = $1 AND length(badge) > 0",
                     STORE_BIND(STORE_B(key)), error);
}

static void take_account(const struct store_cursor *cursor, struct arena *arena,
                         struct account *out, struct account_secrets *secrets)
{
  *out = (struct account){.id = text_copy(arena, store_column_text(cursor, 0)),
                          .sign_in_name = text_copy(arena, store_column_text(cursor, 1)),
                          .shown_name = text_copy(arena, store_column_text(cursor, 2)),
                          .email = text_copy(arena, store_column_text(cursor, 3)),
                          .staff_id = text_copy(arena, store_column_text(cursor, 4)),
                          .person_id = text_copy(arena, store_column_text(cursor, 5)),
                          .must_change_password = store_column_integer(cursor, 7) != 0,
                          .has_totp = store_column_bytes(cursor, 8).length > 0,
                          .has_pin = store_column_text(cursor, 11).length > 0,
                          .has_badge = store_column_bytes(cursor, 13).length > 0,
                          .is_disabled = store_column_integer(cursor, 14) != 0,
                          .made_at = store_column_integer(cursor, 15),
                          .last_sign_in_at = store_column_integer(cursor, 16),
                          .version = store_column_integer(cursor, 17)};
  if (!secrets) return;
  *secrets = (struct account_secrets){.password = text_copy(arena, store_column_text(cursor, 6)),
                                      .totp = text_copy(arena, store_column_bytes(cursor, 8)),
                                      .totp_begun = text_copy(arena, store_column_bytes(cursor, 9)),
                                      .totp_step = store_column_integer(cursor, 10),
                                      .pin = text_copy(arena, store_column_text(cursor, 11)),
                                      .pin_failures = store_column_integer(cursor, 12),
                                      .badge = text_copy(arena, store_column_bytes(cursor, 13))};
}

static bool read_roles(struct store_transaction *transaction, struct arena *arena,
                       struct account *account, struct error *error)
{
  struct store_cursor *cursor = NULL;
  size_t room = 4, count = 0;
  struct account_role *roles = arena_allocate_array(arena, room, sizeof *roles);
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT program_id, site_id, role FROM account_role WHERE account_id = $1 "
                   "ORDER BY program_id, role",
                   STORE_BIND(STORE_T(account->id)), error))
    return false;
  while (store_next(cursor, &more, error) && more) {
    if (count == room) {
      struct account_role *wider = arena_allocate_array(arena, 2 * room, sizeof *roles);
      for (size_t i = 0; i < count; i++) wider[i] = roles[i];
      roles = wider;
      room *= 2;
    }
    roles[count++] =
        (struct account_role){.program_id = text_copy(arena, store_column_text(cursor, 0)),
                              .site_id = text_copy(arena, store_column_text(cursor, 1)),
                              .role = text_copy(arena, store_column_text(cursor, 2))};
  }
  store_cursor_close(cursor);
  account->roles = roles;
  account->role_count = count;
  return !more;
}

static bool read_lock(struct store_transaction *transaction, struct arena *arena,
                      struct account *account, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  if (!store_query(transaction, &cursor, "SELECT locked_until FROM sign_in_failure WHERE name = $1",
                   STORE_BIND(STORE_B(secret_digest(arena, account->sign_in_name))), error))
    return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read && more) account->locked_until = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

bool account_read(struct store_transaction *transaction, struct arena *arena, enum account_key by,
                  struct text key, struct account *out, struct account_secrets *secrets,
                  struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct account account = {0};
  bool more = false;
  if (!query_account(transaction, &cursor, by, key, error)) return false;
  bool is_read = store_next(cursor, &more, error);
  if (is_read && more) take_account(cursor, arena, &account, secrets);
  store_cursor_close(cursor);
  if (is_read && !more)
    return error_set(error, ERROR_NOT_FOUND, "error.account.unknown", "See fairlead user list.",
                     "there is no such account");
  if (!is_read || !read_roles(transaction, arena, &account, error) ||
      !read_lock(transaction, arena, &account, error))
    return false;
  *out = account;
  return true;
}

struct read_alone {
  struct arena *arena;
  enum account_key by;
  struct text key;
  struct account *out;
  struct account_secrets *secrets;
};

static bool read_alone(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct read_alone *read = context;
  return account_read(transaction, read->arena, read->by, read->key, read->out, read->secrets,
                      error);
}

bool account_read_alone(struct privacy *privacy, struct arena *arena, enum account_key by,
                        struct text key, struct account *out, struct account_secrets *secrets,
                        struct error *error)
{
  struct read_alone read = {arena, by, key, out, secrets};
  return store_read(privacy->store, read_alone, &read, error);
}

bool account_load(struct store_transaction *transaction, struct arena *arena, struct text id,
                  struct account *out, struct error *error)
{
  return account_read(transaction, arena, ACCOUNT_BY_ID, id, out, NULL, error);
}

bool account_find(struct store_transaction *transaction, struct arena *arena,
                  struct text sign_in_name, struct account *out, struct error *error)
{
  return account_read(transaction, arena, ACCOUNT_BY_NAME, sign_in_name_read(arena, sign_in_name),
                      out, NULL, error);
}

/* --- Listing --------------------------------------------------------------------------------- */

struct id_node {
  struct text id;
  struct id_node *next;
};

static bool list_ids(struct store_transaction *transaction, struct arena *arena,
                     struct text program_id, struct id_node **first, size_t *count,
                     struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct id_node **last = first;
  bool more = false;
  if (!store_query(transaction, &cursor,
                   "SELECT a.id FROM account a WHERE $1 = '' OR EXISTS (SELECT 1 FROM account_role "
                   "r WHERE r.account_id = a.id AND r.program_id IN ($1, '')) "
                   "ORDER BY a.sign_in_name",
                   STORE_BIND(STORE_T(program_id)), error))
    return false;
  while (store_next(cursor, &more, error) && more) {
    *last = arena_allocate(arena, sizeof **last);
    (*last)->id = text_copy(arena, store_column_text(cursor, 0));
    last = &(*last)->next;
    ++*count;
  }
  store_cursor_close(cursor);
  return !more;
}

bool account_list(struct store_transaction *transaction, struct arena *arena,
                  struct text program_id, struct account **out, size_t *count, struct error *error)
{
  struct id_node *first = NULL;
  size_t found = 0, at = 0;
  if (!list_ids(transaction, arena, program_id, &first, &found, error)) return false;
  struct account *accounts = arena_allocate_array(arena, found + 1, sizeof *accounts);
  for (const struct id_node *node = first; node; node = node->next)
    if (!account_load(transaction, arena, node->id, &accounts[at++], error)) return false;
  *out = accounts;
  *count = found;
  return true;
}

/* --- What follows from its roles ------------------------------------------------------------- */

enum actor_kind account_kind(const struct account *account)
{
  if (text_is_empty(account->person_id)) return ACTOR_STAFF;
  for (size_t i = 0; i < account->role_count; i++)
    if (text_equal(account->roles[i].role, TEXT("family"))) return ACTOR_FAMILY;
  return ACTOR_PERSON;
}

bool account_wants_second_factor(const struct privacy *privacy, const struct account *account)
{
  for (size_t i = 0; i < account->role_count; i++)
    if (sign_in_has_word(privacy->sign_in->second_factor_roles, account->roles[i].role))
      return true;
  return false;
}

enum session_step account_next_step(const struct privacy *privacy, const struct account *account)
{
  if (account->must_change_password) return SESSION_CHANGE;
  if (account_wants_second_factor(privacy, account) && !account->has_totp) return SESSION_ENROLL;
  return SESSION_OPEN;
}

static bool refuse_role(struct text role, const char *hint, struct error *error)
{
  return error_set(error, ERROR_REFUSED, "error.account.role", hint, "role %.*s is refused",
                   TEXT_PRINT(role));
}

static bool is_of_person(struct text role)
{
  return text_equal(role, TEXT("person")) || text_equal(role, TEXT("family"));
}

static bool check_role(const struct privacy *privacy, const struct account_role *role,
                       struct text person_id, struct error *error)
{
  size_t index;
  if (!roles_find(privacy->roles, role->role, &index))
    return refuse_role(role->role, "See knowledge/roles.csv for the roles there are.", error);
  if (is_of_person(role->role) != !text_is_empty(person_id))
    return refuse_role(role->role, "person and family are roles of a person's own account alone.",
                       error);
  if (is_of_person(role->role) && text_is_empty(role->program_id))
    return refuse_role(role->role, "Name the program of the person.", error);
  if (!text_is_empty(role->site_id) &&
      (text_is_empty(role->program_id) ||
       sign_in_has_word(privacy->sign_in->whole_program_roles, role->role)))
    return refuse_role(role->role, "It cannot be given for one site.", error);
  return true;
}

/* Two roles of one account: not the same twice, and in a program at one site at most. */
static bool check_pair(const struct account_role *a, const struct account_role *b,
                       struct error *error)
{
  if (!text_equal(a->program_id, b->program_id)) return true;
  if (text_equal(a->role, b->role)) return refuse_role(a->role, "It is given twice.", error);
  if (!text_is_empty(a->site_id) && !text_is_empty(b->site_id) &&
      !text_equal(a->site_id, b->site_id))
    return refuse_role(a->role, "In one program an account works at one site, or at all.", error);
  return true;
}

bool account_check_roles(const struct privacy *privacy, const struct account_role *roles,
                         size_t count, struct text person_id, struct error *error)
{
  if (count == 0) return refuse_role(TEXT("(none)"), "Give at least one role.", error);
  for (size_t i = 0; i < count; i++) {
    if (!check_role(privacy, &roles[i], person_id, error)) return false;
    for (size_t j = 0; j < i; j++)
      if (!check_pair(&roles[i], &roles[j], error)) return false;
  }
  return true;
}

/* A staff member of one of the programs that the roles are of. */
static bool has_staff(struct store_transaction *transaction, const struct access *access,
                      const struct account_role *roles, size_t count, struct text staff_id,
                      struct error *error)
{
  for (size_t i = 0; i < count; i++) {
    struct error missing = {0};
    const struct privacy_place place = {.program_id = roles[i].program_id, .staff_id = staff_id};
    if (privacy_check_place(access->privacy, transaction, &place, "error.care.staff", &missing))
      return true;
    if (missing.kind == ERROR_REFUSED) continue;
    if (error) *error = missing;
    return false;
  }
  return error_set(error, ERROR_REFUSED, "error.care.staff", "", "no program has the staff member");
}

bool account_may_give(struct store_transaction *transaction, const struct access *access,
                      const struct account_role *roles, size_t count, struct text staff_id,
                      struct text person_id, struct error *error)
{
  struct text here = access->program_id;
  for (size_t i = 0; i < count; i++) {
    const struct privacy_place place = {
        .program_id = roles[i].program_id, .site_id = roles[i].site_id, .person_id = person_id};
    if (!text_is_empty(here) && !text_equal(here, roles[i].program_id))
      return access_refuse(access, person_id, "error.account.role", error);
    if (!privacy_check_place(access->privacy, transaction, &place, "error.account.role", error))
      return false;
  }
  return text_is_empty(staff_id) || has_staff(transaction, access, roles, count, staff_id, error);
}

/* --- Making ---------------------------------------------------------------------------------- */

static bool insert_account(struct store_transaction *transaction, struct text id,
                           const struct account_new *wanted, struct text sign_in_name,
                           struct text hash, bool must_change, int64_t now, int64_t *changed,
                           struct error *error)
{
  struct text person_program =
      text_is_empty(wanted->person_id) ? TEXT("") : wanted->roles[0].program_id;
  return store_execute(
      transaction,
      "INSERT INTO account (id, sign_in_name, shown_name, email, staff_id, person_id, "
      "person_program_id, password, must_change, totp, totp_begun, totp_step, pin, pin_failures, "
      "badge, disabled_at, made_at, last_sign_in_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, "
      "$8, $9, $10, $10, 0, '', 0, $10, 0, $11, 0, 1) ON CONFLICT (sign_in_name) DO NOTHING",
      STORE_BIND(STORE_T(id), STORE_T(sign_in_name), STORE_T(wanted->shown_name),
                 STORE_T(wanted->email), STORE_T(wanted->staff_id), STORE_T(wanted->person_id),
                 STORE_T(person_program), STORE_T(hash), STORE_N(must_change), STORE_B(TEXT("")),
                 STORE_N(now)),
      changed, error);
}

bool account_insert(struct store_transaction *transaction, struct text id,
                    const struct account_new *wanted, struct text sign_in_name, struct text hash,
                    bool must_change, int64_t now, struct error *error)
{
  int64_t changed = 0;
  if (!insert_account(transaction, id, wanted, sign_in_name, hash, must_change, now, &changed,
                      error))
    return false;
  if (changed == 0)
    return error_set(error, ERROR_CONFLICT, "error.account.taken", "Choose another name.",
                     "the sign-in name is taken");
  for (size_t i = 0; i < wanted->role_count; i++)
    if (!store_execute(transaction,
                       "INSERT INTO account_role (account_id, program_id, role, site_id) VALUES "
                       "($1, $2, $3, $4)",
                       STORE_BIND(STORE_T(id), STORE_T(wanted->roles[i].program_id),
                                  STORE_T(wanted->roles[i].role),
                                  STORE_T(wanted->roles[i].site_id)),
                       NULL, error))
      return false;
  return true;
}

struct create {
  struct privacy *privacy;
  struct actor *by;
  const struct account_new *wanted;
  struct text id, sign_in_name, hash;
  bool must_change;
  int64_t now;
};

static bool create_in(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct create *create = context;
  struct role_subject subject = {.person_id = create->wanted->person_id};
  struct access access;
  bool is_own = !text_is_empty(create->wanted->person_id);
  return access_open(transaction, create->privacy, create->by, is_own ? "own-account" : "account",
                     "write", &subject, create->id, create->now, &access, error) &&
         account_may_give(transaction, &access, create->wanted->roles, create->wanted->role_count,
                          create->wanted->staff_id, create->wanted->person_id, error) &&
         account_insert(transaction, create->id, create->wanted, create->sign_in_name, create->hash,
                        create->must_change, create->now, error);
}

/* The name in its one form; a person in care may be given one that says nothing. */
static bool take_name(const struct account_new *wanted, struct arena *arena, struct text *out,
                      struct error *error)
{
  bool is_made = !text_is_empty(wanted->person_id) && text_is_empty(wanted->sign_in_name);
  struct text name = sign_in_name_read(arena, is_made ? secret_code(arena) : wanted->sign_in_name);
  if (text_is_empty(name))
    return error_set(error, ERROR_REFUSED, "error.account.name",
                     "Two to 64 small letters, digits and . _ - + @", "the name is refused");
  if (!text_is_empty(wanted->person_id) &&
      (!text_is_empty(wanted->shown_name) || !text_is_empty(wanted->email)))
    return error_set(error, ERROR_REFUSED, "error.account.person",
                     "Name and e-mail of a person are kept with the person, sealed.",
                     "an account of a person has no name of its own");
  *out = name;
  return true;
}

bool account_create(struct privacy *privacy, struct actor *by, const struct account_new *wanted,
                    struct arena *arena, int64_t now, struct text *id, struct text *password,
                    struct error *error)
{
  char hash[SECRET_HASH];
  char *made_id = arena_allocate(arena, UUID_TEXT + 1);
  bool is_made = text_is_empty(wanted->password);
  struct text given = is_made ? secret_code(arena) : password_normal(arena, wanted->password), name;
  if (!take_name(wanted, arena, &name, error) ||
      !account_check_roles(privacy, wanted->roles, wanted->role_count, wanted->person_id, error) ||
      !(is_made || password_check(privacy->sign_in, arena, name, given, error)) ||
      !secret_hash(&privacy->sign_in->password_cost, given, hash, error))
    return false;
  uuid_new(now, made_id);
  struct create create = {.privacy = privacy,
                          .by = by,
                          .wanted = wanted,
                          .id = text_from(made_id),
                          .sign_in_name = name,
                          .hash = text_from(hash),
                          .must_change = is_made,
                          .now = now};
  if (!store_write(privacy->store, create_in, &create, error)) return false;
  *id = create.id;
  *password = is_made ? given : TEXT("");
  return true;
}
