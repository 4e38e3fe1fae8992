/*
 * access: the one check before a record is touched. See access.h.
 *
 * What decides, in this order: nobody leaves the actor's program (rows are read by
 * access->program_id); family reaches their own session and what a consent shares with them, of
 * which disclose() decides what is in it; a person reaches themselves alone; roles given for one
 * site reach no further than it; an emergency access widens a scope to its one person, but gives no
 * act that the role has not, and never what is its author's own. No state; any thread.
 */
#include "privacy/privacy.h"

#include <stdio.h>
#include <stdlib.h>

/* What is asked, and by whom. */
struct question {
  const struct privacy *privacy;
  const struct actor *actor;
  const char *object, *act;
};

/* How far the actor's roles reach for this act, before anybody's record is looked at. */
static enum role_scope reach(const struct question *question)
{
  const struct actor *actor = question->actor;
  if (actor->kind == ACTOR_SYSTEM || actor->kind == ACTOR_COMMAND) return SCOPE_PROGRAM;
  bool is_theirs = text_equal(text_from(question->object), TEXT("shared-record")) ||
                   text_equal(text_from(question->object), TEXT("session"));
  if (actor->kind == ACTOR_FAMILY && !is_theirs) return SCOPE_NONE;
  enum role_scope scope = roles_widest(question->privacy->roles, actor->roles, actor->role_count,
                                       text_from(question->object), text_from(question->act));
  if (actor->kind == ACTOR_PERSON || actor->kind == ACTOR_FAMILY)
    return scope == SCOPE_NONE ? SCOPE_NONE : SCOPE_OWN;
  if (scope == SCOPE_PROGRAM && !text_is_empty(actor->site_id)) return SCOPE_SITE;
  return scope;
}

/* A person is the owner of what is theirs, whatever the caller says of it. */
static bool reaches(const struct actor *actor, enum role_scope scope,
                    const struct role_subject *subject)
{
  bool is_of_one = actor->kind == ACTOR_PERSON || actor->kind == ACTOR_FAMILY;
  if (is_of_one && subject && !text_is_empty(subject->person_id) &&
      !text_equal(subject->person_id, actor->person_id))
    return false;
  return role_scope_reaches(scope, subject);
}

/* An id in an address is what somebody typed, and may be a name: what is no id is not kept. */
static void note(struct actor_denial *denial, const char *object, const char *act,
                 struct text program_id, struct text person_id)
{
  *denial = (struct actor_denial){.is_set = true, .object = object, .act = act};
  if (person_id.length && !uuid_is_valid(person_id)) person_id = TEXT("not-an-id");
  snprintf(denial->person_id, sizeof denial->person_id, "%.*s", TEXT_PRINT(person_id));
  snprintf(denial->program_id, sizeof denial->program_id, "%.*s", TEXT_PRINT(program_id));
}

void access_note_denial(struct actor *actor, const char *object, const char *act,
                        struct text person_id)
{
  note(&actor->denial, object, act, actor->program_id, person_id);
}

static bool deny(struct actor *actor, const struct question *question, struct text person_id,
                 const char *person, struct error *error)
{
  access_note_denial(actor, question->object, question->act, person_id);
  return error_set(error, ERROR_FORBIDDEN, person, "", "%s %s: denied", question->object,
                   question->act);
}

bool access_refuse(const struct access *access, struct text person_id, const char *person,
                   struct error *error)
{
  note(access->denial, access->object, access->act, access->program_id, person_id);
  return error_set(error, ERROR_FORBIDDEN, person, "", "%s %s: denied within the act",
                   access->object, access->act);
}

/* Does an open emergency access widen the scope to this person? */
static bool widen(struct store_transaction *transaction, const struct actor *actor,
                  enum role_scope scope, struct text person_id, int64_t now, bool *out,
                  struct error *error)
{
  int64_t ends_at = 0;
  *out = false;
  if (scope < SCOPE_CASELOAD || text_is_empty(person_id)) return true;
  return emergency_is_open(transaction, actor, person_id, now, out, &ends_at, error);
}

static bool write_entry(struct store_transaction *transaction, const struct access *access,
                        struct text object_id, const struct value *detail, struct error *error)
{
  struct audit_entry entry = {.program_id = access->program_id,
                              .actor = access->actor,
                              .object = text_from(access->object),
                              .act = text_from(access->act),
                              .object_id = object_id,
                              .person_id = access->person_id,
                              .purpose = access->is_emergency ? TEXT("BTG") : TEXT(""),
                              .outcome = AUDIT_DONE,
                              .detail = detail,
                              .at = access->now};
  return audit_append(transaction, &entry, error);
}

/* Opening a form asks for the same as sending it. What only looks says so, so that nobody is told
 * of an act that never was; reading, searching and taking out are what they are. */
static bool is_only_looking(const struct access *access)
{
  static const char *const complete[] = {"read", "search", "export", "verify"};
  if (!access->actor->is_looking) return false;
  for (size_t i = 0; i < sizeof complete / sizeof *complete; i++)
    if (text_equal(text_from(access->act), text_from(complete[i]))) return false;
  return true;
}

static bool write_opening(struct store_transaction *transaction, const struct access *access,
                          struct text object_id, struct error *error)
{
  if (!is_only_looking(access)) return write_entry(transaction, access, object_id, NULL, error);
  struct arena *arena = arena_new(LIMIT_CONSENT_CHECK);
  struct value *detail = value_object(arena);
  value_set(detail, "look", value_boolean(arena, true));
  bool is_written = write_entry(transaction, access, object_id, detail, error);
  arena_free(arena);
  return is_written;
}

static bool may_be_bound(const struct role_subject *subject)
{
  return subject && !text_is_empty(subject->person_id);
}

bool access_open(struct store_transaction *transaction, struct privacy *privacy,
                 struct actor *actor, const char *object, const char *act,
                 const struct role_subject *subject, struct text object_id, int64_t now,
                 struct access *out, struct error *error)
{
  struct question question = {privacy, actor, object, act};
  struct text person_id = may_be_bound(subject) ? subject->person_id : TEXT("");
  enum role_scope scope = reach(&question);
  bool is_emergency = false;
  if (!reaches(actor, scope, subject)) {
    if (!widen(transaction, actor, scope, person_id, now, &is_emergency, error)) return false;
    if (!is_emergency) return deny(actor, &question, person_id, "error.403.text", error);
  }
  if (!actor->is_confirmed && roles_needs_proof(privacy->roles, text_from(object), text_from(act)))
    return deny(actor, &question, person_id, "error.proof.text", error);
  struct access access = {.privacy = privacy,
                          .actor = actor,
                          .denial = &actor->denial,
                          .program_id = actor->program_id,
                          .person_id = person_id,
                          .scope = scope,
                          .object = object,
                          .act = act,
                          .is_emergency = is_emergency,
                          .now = now};
  if (!write_opening(transaction, &access, object_id, error)) return false;
  *out = access;
  return true;
}

bool access_open_list(struct store_transaction *transaction, struct privacy *privacy,
                      struct actor *actor, const char *object, const char *act, int64_t now,
                      struct access *out, struct error *error)
{
  struct question question = {privacy, actor, object, act};
  enum role_scope scope = reach(&question);
  struct text person_id = actor->kind == ACTOR_PERSON ? actor->person_id : TEXT("");
  if (scope == SCOPE_NONE) return deny(actor, &question, person_id, "error.403.text", error);
  if (!actor->is_confirmed && roles_needs_proof(privacy->roles, text_from(object), text_from(act)))
    return deny(actor, &question, person_id, "error.proof.text", error);
  struct access access = {.privacy = privacy,
                          .actor = actor,
                          .denial = &actor->denial,
                          .program_id = actor->program_id,
                          .person_id = person_id,
                          .scope = scope,
                          .object = object,
                          .act = act,
                          .now = now};
  if (!actor->noted && !write_opening(transaction, &access, TEXT(""), error)) return false;
  *out = access;
  return true;
}

static int compare_ids(const void *a, const void *b)
{
  const struct text *x = a, *y = b;
  return text_compare(*x, *y);
}

static bool is_noted(const struct actor *actor, struct text person_id)
{
  const struct actor_noted *noted = actor->noted;
  return noted && noted->count &&
         bsearch(&person_id, noted->ids, noted->count, sizeof *noted->ids, compare_ids) != NULL;
}

bool access_shown(struct store_transaction *transaction, const struct access *access,
                  const struct text *person_ids, size_t count, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct value *detail = value_object(arena), *shown = value_list(arena);
  for (size_t i = 0; i < count; i++)
    if (!is_noted(access->actor, person_ids[i])) value_add(shown, value_text(arena, person_ids[i]));
  value_set(detail, "person_ids", shown);
  bool is_written = (access->actor->noted && value_count(shown) == 0) ||
                    write_entry(transaction, access, TEXT(""), detail, error);
  arena_free(arena);
  return is_written;
}

bool access_would(const struct privacy *privacy, const struct actor *actor, const char *object,
                  const char *act)
{
  return reach(&(struct question){privacy, actor, object, act}) != SCOPE_NONE;
}

/* --- Denials --------------------------------------------------------------------------------- */

struct denial_write {
  const struct actor *actor;
  int64_t now;
};

static bool write_denial(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct denial_write *write = context;
  const struct actor_denial *denial = &write->actor->denial;
  struct audit_entry entry = {.program_id = text_from(denial->program_id),
                              .actor = write->actor,
                              .object = text_from(denial->object),
                              .act = text_from(denial->act),
                              .person_id = text_from(denial->person_id),
                              .outcome = AUDIT_DENIED,
                              .at = write->now};
  return audit_append(transaction, &entry, error);
}

bool access_write_denial(struct privacy *privacy, struct actor *actor, int64_t now,
                         struct error *error)
{
  if (!actor->denial.is_set) return true;
  if (!store_write(privacy->store, write_denial, &(struct denial_write){actor, now}, error))
    return false;
  actor->denial = (struct actor_denial){.is_set = false};
  return true;
}
