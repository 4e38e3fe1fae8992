/*
 * Waitlist entry: rows of who waits, their order and their clocks. See waitlist_entry.h.
 *
 * Invariants: whoever waits or is offered a place has one row that was not left; the order is
 * computed when it is asked for and stands nowhere.
 */
#include "admission/waitlist_entry.h"

#include <sodium.h>
#include <string.h>

#include "admission/request_private.h"

/* --- Reading ------------------------------------------------------------------------------- */

/* What is asked for of the rows that were not left; "" each: any. */
struct entry_query {
  struct text site_id, level_of_care, request_id;
};

struct entry_row {
  struct waitlist_entry entry;
  struct text owner;
};

static struct entry_row read_entry(struct arena *arena, const struct store_cursor *cursor)
{
  int64_t pregnant = store_column_integer(cursor, 6), injecting = store_column_integer(cursor, 7);
  struct text person = request_column(arena, cursor, 20);
  return (struct entry_row){.entry = {.request_id = request_column(arena, cursor, 0),
                                      .site_id = request_column(arena, cursor, 1),
                                      .level_of_care = request_column(arena, cursor, 2),
                                      .state = request_column(arena, cursor, 3),
                                      .urgency = request_column(arena, cursor, 4),
                                      .assigned = request_column(arena, cursor, 5),
                                      .is_pregnant = pregnant == 1,
                                      .is_injecting = injecting == 1,
                                      .asks_pregnancy = pregnant == REQUEST_UNKNOWN,
                                      .asks_injecting = injecting == REQUEST_UNKNOWN,
                                      .identifier = request_column(arena, cursor, 8),
                                      .since_at = store_column_integer(cursor, 9),
                                      .entered_at = store_column_integer(cursor, 10),
                                      .interim_at = store_column_integer(cursor, 11),
                                      .interim_late_at = store_column_integer(cursor, 12),
                                      .admit_late_at = store_column_integer(cursor, 13),
                                      .contact_at = store_column_integer(cursor, 14),
                                      .attempts = store_column_integer(cursor, 15),
                                      .place_kind = request_column(arena, cursor, 16),
                                      .place_id = request_column(arena, cursor, 17),
                                      .offered_at = store_column_integer(cursor, 18),
                                      .version = store_column_integer(cursor, 19)},
                            .owner = person.length ? person : request_column(arena, cursor, 21)};
}

static bool read_entries(struct store_transaction *transaction, struct text program_id,
                         struct arena *arena, const struct entry_query *query,
                         struct entry_row **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct entry_row *rows = NULL;
  size_t found = 0, room = 0;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT e.request_id, e.site_id, e.level_of_care, r.state, r.urgency, r.assigned,"
      " r.pregnant, r.injecting, e.identifier, e.since_at, e.entered_at, e.interim_at,"
      " e.interim_late_at, e.admit_late_at, e.contact_at, e.attempts, e.place_kind, e.place_id,"
      " e.offered_at, e.version, r.person_id, r.subject_id FROM waitlist_entry e JOIN request r"
      " ON r.program_id = e.program_id AND r.id = e.request_id WHERE e.program_id = $1"
      " AND e.left_at = 0 AND ($2 = '' OR e.site_id = $2) AND ($3 = '' OR e.level_of_care = $3)"
      " AND ($4 = '' OR e.request_id = $4) ORDER BY e.site_id, e.level_of_care, e.request_id"
      " LIMIT $5",
      STORE_BIND(STORE_T(program_id), STORE_T(query->site_id), STORE_T(query->level_of_care),
                 STORE_T(query->request_id), STORE_N(LIMIT_WAITLIST)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    if (found == room) {
      room = room ? 2 * room : 64;
      struct entry_row *larger = arena_allocate_array(arena, room, sizeof *larger);
      if (found) memcpy(larger, rows, found * sizeof *rows);
      rows = larger;
    }
    rows[found++] = read_entry(arena, cursor);
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = rows;
  *count = found;
  return true;
}

static void find_deadlines(const struct requests *requests, int64_t now,
                           struct waitlist_entry *entry)
{
  struct waitlist_facts facts = {entry->is_pregnant, entry->is_injecting, entry->since_at,
                                 entry->interim_at};
  waitlist_deadlines_find(requests->rules, &facts, now, &entry->deadlines);
}

static bool is_waiting(const struct waitlist_entry *entry)
{
  return text_equal(entry->state, TEXT("waiting"));
}

static struct waitlist_candidate candidate_of(const struct requests *requests,
                                              const struct waitlist_entry *entry, size_t tag)
{
  const struct urgency *urgency = urgency_find(requests->rules, entry->urgency);
  return (struct waitlist_candidate){.id = entry->request_id,
                                     .is_pregnant = entry->is_pregnant,
                                     .is_injecting = entry->is_injecting,
                                     .urgency = urgency ? urgency->rank : 0,
                                     .since_at = entry->since_at,
                                     .tag = tag};
}

/* Put the rows of one list in order: those who are offered a place first, without a number. */
static void order_list(const struct requests *requests, struct arena *arena,
                       const struct entry_row *rows, size_t count, struct waitlist_entry *out)
{
  struct waitlist_candidate *all = arena_allocate_array(arena, count, sizeof *all);
  struct waitlist_place *places = arena_allocate_array(arena, count, sizeof *places);
  size_t waiting = 0, at = 0;
  for (size_t i = 0; i < count; i++) {
    if (is_waiting(&rows[i].entry)) all[waiting++] = candidate_of(requests, &rows[i].entry, i);
    else out[at++] = rows[i].entry;
  }
  waitlist_sort(requests->rules, all, waiting);
  waitlist_places_find(requests->rules, all, waiting, places);
  for (size_t i = 0; i < waiting; i++) {
    out[at] = rows[all[i].tag].entry;
    out[at++].place = places[i];
  }
}

static bool is_same_list(const struct waitlist_entry *a, const struct waitlist_entry *b)
{
  return text_equal(a->site_id, b->site_id) && text_equal(a->level_of_care, b->level_of_care);
}

bool waitlist_list(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct text site_id,
                   struct text level_of_care, struct waitlist_entry **out, size_t *count,
                   struct error *error)
{
  struct text only = request_site_of(access);
  struct entry_query query = {only.length ? only : site_id, level_of_care, TEXT("")};
  struct entry_row *rows = NULL;
  size_t found = 0;
  if (!request_may_list(access, "read", error)) return false;
  if (access->person_id.length || (only.length && site_id.length && !text_equal(only, site_id)))
    return access_refuse(access, access->person_id, "error.403.text", error);
  if (!read_entries(transaction, access->program_id, arena, &query, &rows, &found, error))
    return false;
  struct waitlist_entry *all = arena_allocate_array(arena, found + 1, sizeof *all);
  struct text *shown = arena_allocate_array(arena, found + 1, sizeof *shown);
  for (size_t first = 0, next; first < found; first = next) {
    for (next = first + 1; next < found && is_same_list(&rows[first].entry, &rows[next].entry);)
      next++;
    order_list(requests, arena, rows + first, next - first, all + first);
  }
  for (size_t i = 0; i < found; i++) {
    find_deadlines(requests, access->now, &all[i]);
    shown[i] = rows[i].owner;
  }
  if (found && !access_shown(transaction, access, shown,
                             found < LIMIT_REQUEST_SHOWN ? found : LIMIT_REQUEST_SHOWN, error))
    return false;
  *out = all;
  *count = found;
  return true;
}

/* The whole list that a request is on, and where it is among its rows. */
static bool load_list_of(struct store_transaction *transaction, struct text program_id,
                         struct arena *arena, struct text request_id, struct entry_row **rows,
                         size_t *count, size_t *at, struct error *error)
{
  struct entry_query query = {TEXT(""), TEXT(""), request_id};
  if (!read_entries(transaction, program_id, arena, &query, rows, count, error)) return false;
  if (*count == 0)
    return error_set(error, ERROR_NOT_FOUND, "error.request.gone", "", "request: it does not wait");
  query = (struct entry_query){(*rows)->entry.site_id, (*rows)->entry.level_of_care, TEXT("")};
  if (!read_entries(transaction, program_id, arena, &query, rows, count, error)) return false;
  for (*at = 0; !text_equal((*rows)[*at].entry.request_id, request_id);) ++*at;
  return true;
}

/* Candidates who wait, and which of them is the row `at` (the count: none). */
static size_t find_candidates(const struct requests *requests, const struct entry_row *rows,
                              size_t count, size_t at, struct waitlist_candidate *all, size_t *own)
{
  size_t waiting = 0;
  *own = count;
  for (size_t i = 0; i < count; i++) {
    if (!is_waiting(&rows[i].entry)) continue;
    if (i == at) *own = waiting;
    all[waiting++] = candidate_of(requests, &rows[i].entry, i);
  }
  return waiting;
}

bool waitlist_load(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct text request_id,
                   struct waitlist_entry *out, struct error *error)
{
  struct request request;
  struct entry_row *rows;
  size_t count = 0, at = 0, own = 0;
  if (!request_row_for(transaction, access, NULL, arena, request_id, 0, &request, error) ||
      !load_list_of(transaction, access->program_id, arena, request_id, &rows, &count, &at, error))
    return false;
  struct waitlist_candidate *all = arena_allocate_array(arena, count, sizeof *all);
  size_t waiting = find_candidates(requests, rows, count, at, all, &own);
  *out = rows[at].entry;
  if (own < count) waitlist_place_find(requests->rules, all, waiting, own, &out->place);
  find_deadlines(requests, access->now, out);
  return true;
}

bool waitlist_count_before(struct store_transaction *transaction, const struct requests *requests,
                           struct text program_id, struct arena *arena, struct text request_id,
                           size_t *before, struct error *error)
{
  struct entry_row *rows;
  struct waitlist_place place = {.number = 1};
  size_t count = 0, at = 0, own = 0;
  if (!load_list_of(transaction, program_id, arena, request_id, &rows, &count, &at, error))
    return false;
  struct waitlist_candidate *all = arena_allocate_array(arena, count, sizeof *all);
  size_t waiting = find_candidates(requests, rows, count, at, all, &own);
  if (own < count) waitlist_place_find(requests->rules, all, waiting, own, &place);
  *before = place.number - 1;
  return true;
}

bool waitlist_next(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct text site_id,
                   struct text level_of_care, struct text *request_id, bool *found,
                   struct error *error)
{
  struct waitlist_entry *all;
  size_t count = 0;
  if (!waitlist_list(transaction, requests, access, arena, site_id, level_of_care, &all, &count,
                     error))
    return false;
  *found = false;
  for (size_t i = 0; i < count && !*found; i++)
    if (all[i].place.number == 1) {
      *request_id = all[i].request_id;
      *found = true;
    }
  return true;
}

bool waitlist_before_list(struct store_transaction *transaction, const struct requests *requests,
                          struct text program_id, struct arena *arena, struct text request_id,
                          struct waitlist_before **out, size_t *count, struct error *error)
{
  struct entry_row *rows;
  size_t rows_count = 0, at = 0, own = 0, found = 0;
  if (!load_list_of(transaction, program_id, arena, request_id, &rows, &rows_count, &at, error))
    return false;
  struct waitlist_candidate *all = arena_allocate_array(arena, rows_count, sizeof *all);
  struct waitlist_candidate self = candidate_of(requests, &rows[at].entry, at);
  size_t waiting = find_candidates(requests, rows, rows_count, at, all, &own);
  struct waitlist_before *before = arena_allocate_array(arena, rows_count, sizeof *before);
  waitlist_sort(requests->rules, all, waiting);
  for (size_t i = 0; i < waiting && waitlist_compare(requests->rules, &all[i], &self) < 0; i++)
    before[found++] = (struct waitlist_before){all[i].id, rows[all[i].tag].owner};
  *out = before;
  *count = found;
  return true;
}

/* What decides the place of a request, on a list or not. */
static struct waitlist_candidate candidate_of_request(const struct requests *requests,
                                                      const struct request *request)
{
  struct waitlist_entry entry = {.request_id = request->id,
                                 .urgency = request->urgency,
                                 .is_pregnant = request->pregnant == 1,
                                 .is_injecting = request->injecting == 1,
                                 .since_at = request->received_at};
  return candidate_of(requests, &entry, 0);
}

bool waitlist_before(struct store_transaction *transaction, const struct requests *requests,
                     const struct access *access, struct arena *arena, struct text request_id,
                     struct waitlist_entry **out, size_t *count, struct error *error)
{
  struct request request;
  struct text sealed[2], only = request_site_of(access);
  struct waitlist_entry *all;
  size_t listed = 0, found = 0;
  if (!request_row(transaction, access->program_id, arena, request_id, &request, sealed, error))
    return false;
  if (only.length && !text_equal(only, request.site_id))
    return access_refuse(access, request_owner(&request), "error.403.text", error);
  if (request.level_of_care.length &&
      !waitlist_list(transaction, requests, access, arena, request.site_id, request.level_of_care,
                     &all, &listed, error))
    return false;
  struct waitlist_entry *before = arena_allocate_array(arena, listed + 1, sizeof *before);
  struct waitlist_candidate own = candidate_of_request(requests, &request);
  for (size_t i = 0; i < listed; i++) {
    if (!is_waiting(&all[i])) continue;
    struct waitlist_candidate other = candidate_of(requests, &all[i], i);
    if (waitlist_compare(requests->rules, &other, &own) < 0) before[found++] = all[i];
  }
  *out = before;
  *count = found;
  return true;
}

/* --- Who somebody is on the lists ------------------------------------------------------------ */

enum { IDENTIFIER = 10 };

static struct text draw_identifier(struct arena *arena)
{
  static const char letters[] = "23456789ABCDEFGHJKMNPQRSTVWXYZ"; /* none that look alike */
  char *out = arena_allocate(arena, IDENTIFIER + 1);
  for (size_t i = 0; i < IDENTIFIER; i++) out[i] = letters[randombytes_uniform(sizeof letters - 1)];
  return text_from(out);
}

/* The same name and birth date give the same mark; without both there is none. */
static bool find_mark(const struct access *access, struct arena *arena,
                      const struct request_identity *identity, struct text *mark,
                      struct error *error)
{
  const struct text *at = identity->at;
  *mark = TEXT("");
  if (at[REQUEST_BIRTH_DATE].length == 0 || at[REQUEST_FAMILY].length == 0) return true;
  struct text given = vault_name_fold(arena, at[REQUEST_GIVEN]);
  struct text family = vault_name_fold(arena, at[REQUEST_FAMILY]);
  struct text whole = text_format(arena, "%.*s/%.*s/%.*s", TEXT_PRINT(given), TEXT_PRINT(family),
                                  TEXT_PRINT(at[REQUEST_BIRTH_DATE]));
  unsigned char *bytes = arena_allocate(arena, VAULT_MARK_BYTES);
  if (!vault_index_mark(access->privacy->vault, access->program_id, "waitlist.identifier", whole,
                        bytes, error))
    return false;
  *mark = (struct text){(const char *)bytes, VAULT_MARK_BYTES};
  return true;
}

static bool find_identifier(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct text request_id, struct text *out,
                            struct error *error)
{
  struct request request;
  struct store_cursor *cursor = NULL;
  struct text mark;
  bool more = false;
  if (!request_load(transaction, access, arena, request_id, &request, error) ||
      !find_mark(access, arena, &request.identity, &mark, error))
    return false;
  *out = draw_identifier(arena);
  if (mark.length == 0) return true;
  bool is_read =
      store_query(transaction, &cursor,
                  "INSERT INTO waitlist_identifier (program_id, mark, identifier)"
                  " VALUES ($1, $2, $3) ON CONFLICT (program_id, mark) DO UPDATE SET"
                  " identifier = waitlist_identifier.identifier RETURNING identifier",
                  STORE_BIND(STORE_T(access->program_id), STORE_B(mark), STORE_T(*out)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more) *out = request_column(arena, cursor, 0);
  store_cursor_close(cursor);
  return is_read;
}

/* --- Entering and leaving -------------------------------------------------------------------- */

bool waitlist_add(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, const struct request *request,
                  struct error *error)
{
  struct text identifier = TEXT("");
  int64_t contact_at = 0, attempts = 0;
  if (request->level_of_care.length == 0)
    return error_set(error, ERROR_REFUSED, "error.request.level", "",
                     "request: waits for no level");
  return (request->injecting != 1 ||
          find_identifier(transaction, access, arena, request->id, &identifier, error)) &&
         call_contact_find(transaction, requests, access->program_id, arena, request->id,
                           &contact_at, &attempts, error) &&
         store_execute(
             transaction,
             "INSERT INTO waitlist_entry (program_id, request_id, site_id, level_of_care, since_at,"
             " entered_at, identifier, interim_at, interim_late_at, admit_late_at, contact_at,"
             " attempts, place_kind, place_id, offered_at, left_at, version) VALUES ($1, $2, $3,"
             " $4, $5, $6, $7, 0, 0, 0, $8, $9, '', '', 0, 0, 1)",
             STORE_BIND(STORE_T(access->program_id), STORE_T(request->id),
                        STORE_T(request->site_id), STORE_T(request->level_of_care),
                        STORE_N(request->received_at), STORE_N(access->now), STORE_T(identifier),
                        STORE_N(contact_at), STORE_N(attempts)),
             NULL, error) &&
         waitlist_clocks_set(transaction, requests, access, request, error);
}

bool waitlist_enter(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text request_id,
                    int64_t version, struct error *error)
{
  struct request request;
  struct request_move move = {.state = "waiting", .reason = TEXT(""), .outcome = TEXT("")};
  if (!request_row_for(transaction, access, "write", arena, request_id, version, &request, error))
    return false;
  move.line = (struct request_line){"waiting", request.level_of_care, TEXT("")};
  return request_move_to(transaction, requests, access, arena, &request, &move, error) &&
         waitlist_add(transaction, requests, access, arena, &request, error);
}

static bool drop_identifier(struct store_transaction *transaction, const struct access *access,
                            struct text identifier, struct error *error)
{
  return identifier.length == 0 ||
         store_execute(transaction,
                       "DELETE FROM waitlist_identifier WHERE program_id = $1 AND identifier = $2"
                       " AND NOT EXISTS (SELECT 1 FROM waitlist_entry WHERE program_id = $1"
                       " AND identifier = $2 AND left_at = 0)",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(identifier)), NULL, error);
}

bool waitlist_left(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, const struct request *request,
                   struct error *error)
{
  struct entry_query query = {TEXT(""), TEXT(""), request->id};
  struct entry_row *rows;
  size_t count = 0;
  if (!read_entries(transaction, access->program_id, arena, &query, &rows, &count, error))
    return false;
  if (count == 0) return true;
  bool is_admitted = text_equal(request->state, TEXT("admitted"));
  bool gives_back = text_equal(rows->entry.place_kind, TEXT("slot")) && !is_admitted;
  bool ends_hold = text_equal(rows->entry.place_kind, TEXT("bed")) && !is_admitted;
  return store_execute(
             transaction,
             "UPDATE waitlist_entry SET left_at = $3, version = version + 1 WHERE program_id = $1"
             " AND request_id = $2",
             STORE_BIND(STORE_T(access->program_id), STORE_T(request->id), STORE_N(access->now)),
             NULL, error) &&
         drop_identifier(transaction, access, rows->entry.identifier, error) &&
         (!gives_back || slot_give_back(transaction, requests, access, arena, rows->entry.place_id,
                                        request->id, error)) &&
         (!ends_hold || waitlist_hold_end(transaction, requests, access, arena, request,
                                          rows->entry.place_id, error));
}

bool waitlist_identify(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct request *request, struct error *error)
{
  struct entry_query query = {TEXT(""), TEXT(""), request->id};
  struct entry_row *rows;
  struct text identifier = TEXT("");
  size_t count = 0;
  bool injects = request->injecting == 1;
  if (!read_entries(transaction, access->program_id, arena, &query, &rows, &count, error))
    return false;
  if (count == 0 || (rows->entry.identifier.length > 0) == injects) return true;
  return (!injects ||
          find_identifier(transaction, access, arena, request->id, &identifier, error)) &&
         store_execute(
             transaction,
             "UPDATE waitlist_entry SET identifier = $3 WHERE program_id = $1"
             " AND request_id = $2 AND left_at = 0",
             STORE_BIND(STORE_T(access->program_id), STORE_T(request->id), STORE_T(identifier)),
             NULL, error) &&
         drop_identifier(transaction, access, rows->entry.identifier, error);
}

/* --- Clocks -------------------------------------------------------------------------------- */

/* When each clock of an entry rings; 0: it does not. */
struct entry_clocks {
  int64_t interim, admit, admit_most, contact;
};

static struct entry_clocks clocks_of(const struct requests *requests,
                                     const struct waitlist_entry *entry)
{
  const struct waitlist_deadlines *at = &entry->deadlines;
  bool owes_interim = !entry->interim_at && !entry->interim_late_at;
  return (struct entry_clocks){
      .interim = owes_interim ? at->interim_due : 0,
      .admit = entry->admit_late_at ? 0 : at->admit_due,
      .admit_most = entry->admit_late_at ? 0 : at->admit_most,
      .contact = waitlist_contact_due(requests->rules, entry->since_at, entry->contact_at)};
}

static bool set_clocks(struct store_transaction *transaction, const struct access *access,
                       const struct request *request, const struct entry_clocks *at,
                       struct error *error)
{
  struct text program = access->program_id, id = request->id, person = request->person_id;
  return (at->interim
              ? due_set(transaction, program, "waitlist.interim", id, person, at->interim, error)
              : due_clear(transaction, program, "waitlist.interim", id, error)) &&
         (at->admit ? due_set(transaction, program, "waitlist.admit", id, person, at->admit, error)
                    : due_clear(transaction, program, "waitlist.admit", id, error)) &&
         (at->admit_most ? due_set(transaction, program, "waitlist.admit-most", id, person,
                                   at->admit_most, error)
                         : due_clear(transaction, program, "waitlist.admit-most", id, error)) &&
         due_set(transaction, program, "waitlist.contact", id, person, at->contact, error);
}

bool waitlist_clocks_set(struct store_transaction *transaction, const struct requests *requests,
                         const struct access *access, const struct request *request,
                         struct error *error)
{
  struct entry_query query = {TEXT(""), TEXT(""), request->id};
  struct arena *arena = arena_new(LIMIT_ARENA_REQUEST);
  struct entry_row *rows;
  size_t count = 0;
  bool is_done = read_entries(transaction, access->program_id, arena, &query, &rows, &count, error);
  if (is_done && count) {
    find_deadlines(requests, access->now, &rows->entry);
    struct entry_clocks at = clocks_of(requests, &rows->entry);
    is_done = set_clocks(transaction, access, request, &at, error);
  }
  arena_free(arena);
  return is_done;
}

bool waitlist_contacted(struct store_transaction *transaction, const struct requests *requests,
                        const struct access *access, struct arena *arena,
                        const struct request *request, struct error *error)
{
  int64_t changed = 0, last_at = 0, attempts = 0;
  if (!call_contact_find(transaction, requests, access->program_id, arena, request->id, &last_at,
                         &attempts, error) ||
      !store_execute(
          transaction,
          "UPDATE waitlist_entry SET contact_at = $3, attempts = $4, version = version + 1"
          " WHERE program_id = $1 AND request_id = $2 AND left_at = 0",
          STORE_BIND(STORE_T(access->program_id), STORE_T(request->id), STORE_N(last_at),
                     STORE_N(attempts)),
          &changed, error))
    return false;
  return changed == 0 || waitlist_clocks_set(transaction, requests, access, request, error);
}
