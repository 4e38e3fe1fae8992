/*
 * emergency: opening, ending, reviewing and listing emergency accesses. See emergency.h. Whether
 * one is open is emergency_state.c.
 */
#include "privacy/emergency.h"

#include "privacy/outbox_private.h"
#include "privacy/sealed.h"

/* --- Opening --------------------------------------------------------------------------------- */

static bool check_fact(struct text fact, const char *person, struct error *error)
{
  if (!text_is_empty(text_trim(fact)) && fact.length <= LIMIT_CONSENT_WORDS) return true;
  return error_set(error, ERROR_REFUSED, person, "", "42 CFR 2.51: a fact is missing");
}

/* Recipient and their facility, who discloses, when (the clock's), the nature: 2.51(c). */
static bool check_facts(const struct emergency *facts, struct error *error)
{
  return check_fact(facts->recipient, "error.emergency.recipient", error) &&
         check_fact(facts->affiliation, "error.emergency.affiliation", error) &&
         check_fact(facts->discloser, "error.emergency.discloser", error) &&
         check_fact(facts->nature, "error.emergency.nature", error);
}

static bool seal_facts(const struct access *access, struct arena *arena,
                       const struct emergency *facts, struct text *out, struct error *error)
{
  struct value *kept = value_object(arena);
  struct text document;
  value_set(kept, "recipient", value_text(arena, text_trim(facts->recipient)));
  value_set(kept, "affiliation", value_text(arena, text_trim(facts->affiliation)));
  value_set(kept, "discloser", value_text(arena, text_trim(facts->discloser)));
  value_set(kept, "nature", value_text(arena, text_trim(facts->nature)));
  return sealed_json(arena, kept, &document, error) &&
         sealed_write(access, arena, access->person_id, "emergency_access.facts", document, out,
                      error);
}

/* --- Telling --------------------------------------------------------------------------------- */

/* Whoever has a role that is told, here or in every program, and an address. */
struct told {
  struct text account_id, email, language;
};

static bool find_told(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, struct text role, struct told *out, size_t *count,
                      struct error *error)
{
  struct store_cursor *row = NULL;
  bool more = true, is_read = true;
  if (!store_query(
          transaction, &row,
          "SELECT DISTINCT account.id, account.email, account.language FROM account_role "
          "JOIN account ON account.id = account_role.account_id "
          "WHERE account_role.program_id IN ('', $1) AND account_role.role = $2 "
          "AND account.disabled_at = 0 AND account.email <> '' "
          "ORDER BY account.id LIMIT $3",
          STORE_BIND(STORE_T(access->program_id), STORE_T(role), STORE_N(LIMIT_EMERGENCY_TOLD)),
          error))
    return false;
  for (*count = 0; (is_read = store_next(row, &more, error)) && more; (*count)++)
    out[*count] = (struct told){.account_id = text_copy(arena, store_column_text(row, 0)),
                                .email = text_copy(arena, store_column_text(row, 1)),
                                .language = text_copy(arena, store_column_text(row, 2))};
  store_cursor_close(row);
  return is_read;
}

/* Tell the roles of knowledge/emergency.csv, each in the language that they chose, in words that
 * name nothing. An account that has no
 * address, or one that is none, finds the review in its due-list; the emergency does not wait for
 * it. The key holds both ids: nobody is told twice. */
static bool tell(struct store_transaction *transaction, struct privacy *privacy,
                 const struct access *access, struct arena *arena, struct text emergency_id,
                 struct error *error)
{
  const struct consent_words *roles = &privacy->consent_rules->emergency_told;
  struct told *all = arena_allocate_array(arena, LIMIT_EMERGENCY_TOLD, sizeof *all);
  for (size_t i = 0; i < roles->count; i++) {
    size_t count = 0;
    if (!find_told(transaction, access, arena, roles->at[i], all, &count, error)) return false;
    for (size_t j = 0; j < count; j++) {
      char id[UUID_TEXT + 1];
      struct text address;
      struct outbox_new wanted = {.program_id = access->program_id,
                                  .person_id = TEXT(""),
                                  .channel = OUTBOX_EMAIL,
                                  .address = all[j].email,
                                  .language = all[j].language.length ? all[j].language : TEXT("en"),
                                  .template_key = "attention",
                                  .key = text_format(arena, "emergency %.*s %.*s",
                                                     TEXT_PRINT(emergency_id),
                                                     TEXT_PRINT(all[j].account_id))};
      if (outbox_address_read(arena, OUTBOX_EMAIL, all[j].email, &address) &&
          !outbox_add(transaction, privacy, &wanted, access->now, id, error))
        return false;
    }
  }
  return true;
}

bool emergency_open(struct store_transaction *transaction, struct privacy *privacy,
                    struct actor *actor, struct emergency *facts, struct arena *arena, int64_t now,
                    struct error *error)
{
  struct access access;
  struct emergency kept = *facts;
  struct text sealed, nothing;
  /* Of any site of the program: reaching past one's own is what it is for. */
  struct role_subject subject = {.person_id = facts->person_id, .is_site = true};
  if (!access_open(transaction, privacy, actor, "emergency", "open", &subject, TEXT(""), now,
                   &access, error) ||
      !sealed_person(&access, error) || !check_facts(facts, error) ||
      !seal_facts(&access, arena, facts, &sealed, error) ||
      !sealed_write(&access, arena, access.person_id, "emergency_access.review", TEXT(""), &nothing,
                    error))
    return false;
  kept.id = sealed_id(arena, now);
  kept.account_id = actor->account_id;
  kept.actor_name = actor->name;
  kept.at = now;
  kept.ends_at = now + privacy->consent_rules->emergency_length;
  if (!store_execute(transaction,
                     "INSERT INTO emergency_access (program_id, id, person_id, account_id, "
                     "actor_name, facts, at, ends_at, ended_at, reviewed_at, reviewed_by, finding, "
                     "review) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, '', '', $9)",
                     STORE_BIND(STORE_T(access.program_id), STORE_T(kept.id),
                                STORE_T(access.person_id), STORE_T(kept.account_id),
                                STORE_T(kept.actor_name), STORE_B(sealed), STORE_N(now),
                                STORE_N(kept.ends_at), STORE_B(nothing)),
                     NULL, error) ||
      !due_set(transaction, access.program_id, "emergency.review", kept.id, access.person_id,
               now + privacy->consent_rules->emergency_review, error) ||
      !tell(transaction, privacy, &access, arena, kept.id, error) ||
      !sealed_audit(transaction, &access, kept.id, TEXT("BTG"), NULL, error))
    return false;
  *facts = kept;
  return true;
}

bool emergency_end(struct store_transaction *transaction, struct privacy *privacy,
                   struct actor *actor, struct text id, int64_t now, struct error *error)
{
  (void)privacy;
  int64_t changed = 0;
  if (!store_execute(transaction,
                     "UPDATE emergency_access SET ended_at = $1 WHERE program_id = $2 AND id = $3 "
                     "AND account_id = $4 AND ended_at = 0",
                     STORE_BIND(STORE_N(now), STORE_T(actor->program_id), STORE_T(id),
                                STORE_T(actor->account_id)),
                     &changed, error))
    return false;
  if (changed != 1)
    return error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "no such emergency access");
  struct audit_entry entry = {.program_id = actor->program_id,
                              .actor = actor,
                              .object = TEXT("emergency"),
                              .act = TEXT("open"),
                              .object_id = id,
                              .purpose = TEXT("BTG"),
                              .outcome = AUDIT_DONE,
                              .at = now};
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  struct value *detail = value_object(arena);
  value_set(detail, "state", value_text(arena, TEXT("ended")));
  entry.detail = detail;
  bool is_done = audit_append(transaction, &entry, error);
  arena_free(arena);
  return is_done;
}

/* --- Reviewing ------------------------------------------------------------------------------- */

static bool open_row(const struct access *access, struct arena *arena,
                     const struct store_cursor *row, struct emergency *out, struct error *error)
{
  struct text person = text_copy(arena, store_column_text(row, 1)), document;
  const struct value *facts;
  *out = (struct emergency){.id = text_copy(arena, store_column_text(row, 0)),
                            .person_id = person,
                            .account_id = text_copy(arena, store_column_text(row, 2)),
                            .actor_name = text_copy(arena, store_column_text(row, 3)),
                            .at = store_column_integer(row, 5),
                            .ends_at = store_column_integer(row, 6),
                            .reviewed_at = store_column_integer(row, 8),
                            .reviewed_by = text_copy(arena, store_column_text(row, 9)),
                            .finding = text_copy(arena, store_column_text(row, 10))};
  int64_t ended_at = store_column_integer(row, 7);
  if (ended_at) out->ends_at = ended_at;
  struct error erased = {0};
  if (!sealed_read(access, arena, person, "emergency_access.facts", store_column_bytes(row, 4),
                   &document, &erased)) {
    if (erased.kind == ERROR_NOT_FOUND) return true; /* the person was erased: the line stays */
    if (error) *error = erased;
    return false;
  }
  if (!json_read(arena, document, &facts, error) ||
      !sealed_read(access, arena, person, "emergency_access.review", store_column_bytes(row, 11),
                   &out->review, error))
    return false;
  out->recipient = sealed_member(facts, "recipient");
  out->affiliation = sealed_member(facts, "affiliation");
  out->discloser = sealed_member(facts, "discloser");
  out->nature = sealed_member(facts, "nature");
  return true;
}

bool emergency_list(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, bool all, struct emergency **out, size_t *count,
                    struct error *error)
{
  struct store_cursor *row = NULL;
  struct emergency *rows = arena_allocate_array(arena, LIMIT_CONSENTS + 1, sizeof *rows);
  size_t found = 0;
  bool more = true, is_read = true;
  if (!store_query(transaction, &row,
                   "SELECT id, person_id, account_id, actor_name, facts, at, ends_at, ended_at, "
                   "reviewed_at, reviewed_by, finding, review FROM emergency_access "
                   "WHERE program_id = $1 AND (CAST($2 AS BIGINT) = 1 OR reviewed_at = 0) "
                   "AND (CAST($3 AS TEXT) = '' OR person_id = $3) "
                   "ORDER BY reviewed_at, at, id LIMIT $4",
                   STORE_BIND(STORE_T(access->program_id), STORE_N(all), STORE_T(access->person_id),
                              STORE_N(LIMIT_CONSENTS)),
                   error))
    return false;
  while (is_read && (is_read = store_next(row, &more, error)) && more)
    is_read = open_row(access, arena, row, &rows[found++], error);
  store_cursor_close(row);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}

/* Whose record was opened; ERROR_NOT_FOUND when there is no such access or it was reviewed. */
static bool find_person(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, struct text *person_id,
                        struct text *account_id, struct error *error)
{
  struct store_cursor *row = NULL;
  bool more = false;
  if (!store_query(transaction, &row,
                   "SELECT person_id, account_id FROM emergency_access "
                   "WHERE program_id = $1 AND id = $2 AND reviewed_at = 0",
                   STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error))
    return false;
  bool is_read = store_next(row, &more, error);
  if (is_read && more) {
    *person_id = text_copy(arena, store_column_text(row, 0));
    *account_id = text_copy(arena, store_column_text(row, 1));
  }
  store_cursor_close(row);
  if (!is_read) return false;
  return more || error_set(error, ERROR_NOT_FOUND, "error.404.text", "", "nothing to review");
}

bool emergency_review(struct store_transaction *transaction, const struct access *access,
                      struct text id, struct text finding, struct text words, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct text person_id, account_id, sealed;
  bool is_finding =
      text_equal(finding, TEXT("justified")) || text_equal(finding, TEXT("not-justified"));
  bool is_done = false;
  if (!is_finding || text_is_empty(text_trim(words)) || words.length > LIMIT_CONSENT_WORDS) {
    error_set(error, ERROR_REFUSED, "error.emergency.review", "", "no finding, or no words");
  } else if (find_person(transaction, access, arena, id, &person_id, &account_id, error)) {
    if (text_equal(account_id, access->actor->account_id))
      access_refuse(access, person_id, "error.emergency.own", error);
    else
      is_done = sealed_write(access, arena, person_id, "emergency_access.review", text_trim(words),
                             &sealed, error) &&
                store_execute(transaction,
                              "UPDATE emergency_access SET reviewed_at = $1, reviewed_by = $2, "
                              "finding = $3, review = $4 WHERE program_id = $5 AND id = $6 "
                              "AND reviewed_at = 0",
                              STORE_BIND(STORE_N(access->now), STORE_T(access->actor->account_id),
                                         STORE_T(finding), STORE_B(sealed),
                                         STORE_T(access->program_id), STORE_T(id)),
                              NULL, error) &&
                sealed_audit(transaction, access, id, TEXT(""), NULL, error) &&
                due_clear(transaction, access->program_id, "emergency.review", id, error);
  }
  arena_free(arena);
  return is_done;
}
