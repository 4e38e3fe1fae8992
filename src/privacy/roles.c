/*
 * roles: reading knowledge/roles.csv and deciding by it. See roles.h.
 *
 * The words that the table may use stand here, because the program asks by them; who may do what
 * stands in the table alone. Invariants after loading: a role has at most one scope for an object
 * and act; every role does something; somebody does every act; an act either needs proof from
 * everybody or from nobody. Immutable; any thread may read.
 */
#include "privacy/roles.h"

#include "privacy/rows.h"

static const char *const role_names[] = {
    "front-desk", "case-manager", "counselor",   "nurse",           "prescriber",
    "pharmacist", "technician",   "utilization", "privacy-officer", "administrator",
    "auditor",    "person",       "family"};

/* What the program asks about: an object and an act each. */
static const char *const deeds[][2] = {
    {"program", "read"},
    {"program", "write"},
    {"site", "read"},
    {"site", "write"},
    {"staff", "read"},
    {"staff", "write"},
    {"account", "read"},
    {"account", "write"},
    {"account", "reset"},
    {"session", "read"},
    {"session", "revoke"},
    {"station", "read"},
    {"station", "enroll"},
    {"station", "revoke"},
    {"person", "search"},
    {"person", "read"},
    {"person", "write"},
    {"person", "export"},
    {"person", "merge"},
    {"person", "erase"},
    {"person", "import"},
    {"episode", "read"},
    {"episode", "write"},
    {"delivered", "read"},
    {"delivered", "write"},
    {"fact", "read"},
    {"fact", "write"},
    {"safety-fact", "read"},
    {"own-account", "read"},
    {"own-account", "write"},
    {"shared-record", "read"},
    {"consent", "read"},
    {"consent", "write"},
    {"consent", "revoke"},
    {"disclosure", "read"},
    {"disclosure", "write"},
    {"counseling-note", "read"},
    {"counseling-note", "write"},
    {"emergency", "open"},
    {"emergency", "read"},
    {"emergency", "review"},
    {"record-views", "read"},
    {"audit", "read"},
    {"audit", "verify"},
    {"audit", "export"},
    {"outbox", "read"},
    {"outbox", "write"},
    {"due", "read"},
    {"request", "read"},
    {"request", "write"},
    {"bed-board", "read"},
    {"bed-board", "write"},
    {"note", "read"},
    {"note", "write"},
    {"approved-document", "read"},
    {"order", "read"},
    {"order", "write"},
    {"schedule", "read"},
    {"schedule", "write"},
    {"intake", "read"},
    {"intake", "write"},
    {"belongings", "read"},
    {"belongings", "write"},
    {"coverage", "read"},
    {"coverage", "write"},
    {"coverage", "ask"},
};

static const char *const scope_names[] = {[SCOPE_NONE] = "",
                                          [SCOPE_OWN] = "own",
                                          [SCOPE_CASELOAD] = "caseload",
                                          [SCOPE_SITE] = "site",
                                          [SCOPE_PROGRAM] = "program"};

enum {
  ROLES = sizeof role_names / sizeof *role_names,
  DEEDS = sizeof deeds / sizeof *deeds,
  SCOPES = sizeof scope_names / sizeof *scope_names
};

struct role_row {
  size_t role, deed;
  enum role_scope scope;
  struct text source;
};

struct roles {
  struct arena *arena;
  struct role_row *rows; /* in the order of the file */
  size_t row_count;
  enum role_scope scopes[ROLES][DEEDS];
  bool is_said[DEEDS], needs_proof[DEEDS];
};

/* --- Words ----------------------------------------------------------------------------------- */

static bool find_role(struct text name, size_t *out)
{
  for (size_t i = 0; i < ROLES; i++) {
    if (!text_equal(name, text_from(role_names[i]))) continue;
    *out = i;
    return true;
  }
  return false;
}

static bool find_deed(struct text object, struct text act, size_t *out)
{
  for (size_t i = 0; i < DEEDS; i++) {
    if (!text_equal(object, text_from(deeds[i][0])) || !text_equal(act, text_from(deeds[i][1])))
      continue;
    *out = i;
    return true;
  }
  return false;
}

static bool find_scope(struct text name, enum role_scope *out)
{
  for (size_t i = SCOPE_OWN; i < SCOPES; i++) {
    if (!text_equal(name, text_from(scope_names[i]))) continue;
    *out = (enum role_scope)i;
    return true;
  }
  return false;
}

struct text role_scope_name(enum role_scope scope)
{
  return text_from(scope_names[scope]);
}

/* --- Loading --------------------------------------------------------------------------------- */

enum column { COLUMN_ROLE, COLUMN_OBJECT, COLUMN_ACT, COLUMN_SCOPE, COLUMN_PROOF, COLUMN_SOURCE };
static const char *const columns[] = {"role", "object", "act", "scope", "proof", "source", NULL};

/* Keep the row unless it contradicts one before it. */
static bool keep_row(struct roles *roles, const struct rows *rows, size_t row,
                     const struct role_row *read, bool proof, struct error *error)
{
  if (roles->scopes[read->role][read->deed] != SCOPE_NONE)
    return rows_refuse(rows, row, "Keep one of them.", error, "%s already may %s %s",
                       role_names[read->role], deeds[read->deed][1], deeds[read->deed][0]);
  if (roles->is_said[read->deed] && roles->needs_proof[read->deed] != proof)
    return rows_refuse(rows, row, "An act needs proof from everybody or from nobody.", error,
                       "%s %s has another proof above", deeds[read->deed][0], deeds[read->deed][1]);
  roles->scopes[read->role][read->deed] = read->scope;
  roles->is_said[read->deed] = true;
  roles->needs_proof[read->deed] = proof;
  roles->rows[roles->row_count++] = *read;
  return true;
}

static bool read_row(struct roles *roles, const struct rows *rows, size_t row, struct error *error)
{
  struct role_row read = {.source = rows_cell(rows, row, COLUMN_SOURCE)};
  struct text role = rows_cell(rows, row, COLUMN_ROLE);
  struct text object = rows_cell(rows, row, COLUMN_OBJECT), act = rows_cell(rows, row, COLUMN_ACT);
  struct text scope = rows_cell(rows, row, COLUMN_SCOPE);
  struct text proof = rows_cell(rows, row, COLUMN_PROOF);
  if (!find_role(role, &read.role))
    return rows_refuse(rows, row, "See docs/records.md.", error, "there is no role \"%.*s\"",
                       TEXT_PRINT(role));
  if (!find_deed(object, act, &read.deed))
    return rows_refuse(rows, row, "See docs/records.md.", error,
                       "there is no act \"%.*s\" of an object \"%.*s\"", TEXT_PRINT(act),
                       TEXT_PRINT(object));
  if (!find_scope(scope, &read.scope))
    return rows_refuse(rows, row, "Write own, caseload, site or program.", error,
                       "there is no scope \"%.*s\"", TEXT_PRINT(scope));
  if (!text_equal(proof, TEXT("0")) && !text_equal(proof, TEXT("1")))
    return rows_refuse(rows, row, "Write 1 where one must prove again who one is, else 0.", error,
                       "proof is neither 0 nor 1");
  if (text_is_empty(read.source))
    return rows_refuse(rows, row, "Say by what law or whose word.", error, "source is empty");
  return keep_row(roles, rows, row, &read, text_equal(proof, TEXT("1")), error);
}

/* Every role does something, and somebody does every act. */
static bool check_whole(const struct roles *roles, struct error *error)
{
  for (size_t role = 0; role < ROLES; role++) {
    bool is_idle = true;
    for (size_t deed = 0; deed < DEEDS; deed++)
      is_idle = is_idle && roles->scopes[role][deed] == SCOPE_NONE;
    if (is_idle)
      return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", "Add what it may do.",
                       "roles.csv: %s may do nothing", role_names[role]);
  }
  for (size_t deed = 0; deed < DEEDS; deed++)
    if (!roles->is_said[deed])
      return error_set(error, ERROR_REFUSED, "error.knowledge.invalid", "Say who may.",
                       "roles.csv: nobody may %s %s", deeds[deed][1], deeds[deed][0]);
  return true;
}

bool roles_load(struct roles **out, const char *knowledge_folder, struct error *error)
{
  struct arena *arena = arena_new(LIMIT_KNOWLEDGE_ARENA);
  struct roles *roles = arena_allocate(arena, sizeof *roles);
  struct rows rows;
  roles->arena = arena;
  bool is_read = rows_open(&rows, arena, knowledge_folder, "roles.csv", columns, error);
  if (is_read) roles->rows = arena_allocate_array(arena, rows.table.row_count, sizeof *roles->rows);
  for (size_t row = 0; is_read && row < rows.table.row_count; row++)
    is_read = read_row(roles, &rows, row, error);
  if (is_read && check_whole(roles, error)) {
    *out = roles;
    return true;
  }
  arena_free(arena);
  return false;
}

void roles_free(struct roles *roles)
{
  if (roles) arena_free(roles->arena);
}

/* --- Asking ---------------------------------------------------------------------------------- */

size_t roles_count(const struct roles *roles)
{
  (void)roles;
  return ROLES;
}

struct text roles_name(const struct roles *roles, size_t role)
{
  (void)roles;
  return role < ROLES ? text_from(role_names[role]) : TEXT("");
}

bool roles_find(const struct roles *roles, struct text name, size_t *out)
{
  (void)roles;
  return find_role(name, out);
}

enum role_scope roles_scope(const struct roles *roles, struct text role, struct text object,
                            struct text act)
{
  size_t role_index, deed;
  if (!find_role(role, &role_index) || !find_deed(object, act, &deed)) return SCOPE_NONE;
  return roles->scopes[role_index][deed];
}

bool roles_needs_proof(const struct roles *roles, struct text object, struct text act)
{
  size_t deed;
  return !find_deed(object, act, &deed) || roles->needs_proof[deed];
}

enum role_scope roles_widest(const struct roles *roles, const struct text *names, size_t count,
                             struct text object, struct text act)
{
  enum role_scope widest = SCOPE_NONE;
  for (size_t i = 0; i < count; i++) {
    enum role_scope scope = roles_scope(roles, names[i], object, act);
    if (scope > widest) widest = scope;
  }
  return widest;
}

bool role_scope_reaches(enum role_scope scope, const struct role_subject *subject)
{
  static const struct role_subject nobody;
  const struct role_subject *to = subject ? subject : &nobody;
  bool is_own = to->is_own, is_caseload = is_own || to->is_caseload;
  bool is_unbound = text_is_empty(to->person_id) && !is_caseload && !to->is_site;
  const bool reached[SCOPES] = {[SCOPE_NONE] = false,
                                [SCOPE_OWN] = is_own,
                                [SCOPE_CASELOAD] = is_caseload,
                                [SCOPE_SITE] = is_caseload || to->is_site || is_unbound,
                                [SCOPE_PROGRAM] = true};
  return reached[scope];
}

void roles_each(const struct roles *roles,
                void (*each)(void *context, struct text role, struct text object, struct text act,
                             enum role_scope scope, struct text source),
                void *context)
{
  for (size_t i = 0; i < roles->row_count; i++) {
    const struct role_row *row = &roles->rows[i];
    each(context, text_from(role_names[row->role]), text_from(deeds[row->deed][0]),
         text_from(deeds[row->deed][1]), row->scope, row->source);
  }
}
