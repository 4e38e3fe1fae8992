/*
 * Waitlist pass: see waitlist_pass.h. Runs in the transaction that freed the bed, as the system.
 */
#include "admission/waitlist_pass.h"

#include "admission/request_private.h"
#include "admission/waitlist_entry.h"

/* What one passing works with. */
struct passing {
  struct store_transaction *transaction;
  const struct requests *requests;
  struct arena *arena;
  const struct bed_pass *pass;
  struct due_item item; /* names the program, for the sweeper's access */
  int64_t now;
};

/* The hold was for a request: it waits again. */
static bool put_back(const struct passing *p, struct error *error)
{
  struct request_sweep sweep;
  struct waitlist_entry entry;
  bool found = false;
  struct text id = p->pass->request_id;
  if (id.length == 0) return true;
  if (!request_sweep_open(p->transaction, p->requests, p->arena, &p->item, id, p->now, &sweep,
                          &found, error))
    return false;
  if (!found || !text_equal(sweep.request.state, TEXT("offered"))) return true;
  if (!waitlist_load(p->transaction, p->requests, &sweep.access, p->arena, id, &entry, error))
    return false;
  return !text_equal(entry.place_id, p->pass->use_id) ||
         waitlist_release(p->transaction, p->requests, &sweep.access, p->arena, id,
                          sweep.request.version, error);
}

/* Who comes next, but for whose hold it was; and must that one be passed over for it? */
static bool find_next(const struct passing *p, struct text *next, bool *is_passed_over,
                      struct error *error)
{
  struct actor actor = actor_system(p->pass->program_id);
  struct access access;
  struct waitlist_entry *all;
  size_t count = 0;
  *next = TEXT("");
  *is_passed_over = false;
  if (!access_open_list(p->transaction, p->requests->privacy, &actor, "request", "read", p->now,
                        &access, error) ||
      !waitlist_list(p->transaction, p->requests, &access, p->arena, p->pass->site_id,
                     p->pass->level_of_care, &all, &count, error))
    return false;
  for (size_t i = 0; i < count && next->length == 0; i++) {
    if (all[i].place.number == 0) continue;
    if (text_equal(all[i].request_id, p->pass->request_id)) *is_passed_over = true;
    else *next = all[i].request_id;
  }
  return true;
}

/* Whom the bed is for, and how it was held; `*kind` "": it may not be held by itself. */
static bool find_kind(const struct passing *p, struct text *kind, struct error *error)
{
  const struct beds *beds = p->requests->beds;
  struct store_cursor *cursor = NULL;
  struct text policy = TEXT(""), held = TEXT("");
  bool more = false;
  size_t row = 0;
  bool is_read =
      store_query(p->transaction, &cursor,
                  "SELECT b.policy, u.hold_kind FROM bed b JOIN bed_use u"
                  " ON u.program_id = b.program_id AND u.bed_id = b.id WHERE b.program_id = $1"
                  " AND b.id = $2 AND u.id = $3",
                  STORE_BIND(STORE_T(p->pass->program_id), STORE_T(p->pass->bed_id),
                             STORE_T(p->pass->use_id)),
                  error) &&
      store_next(cursor, &more, error);
  if (is_read && more) {
    policy = request_column(p->arena, cursor, 0);
    held = request_column(p->arena, cursor, 1);
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  bool is_for_all = bed_code_find(beds, BED_POLICIES, policy, &row) &&
                    bed_code_cell(beds, BED_POLICIES, row, "groups").length == 0 &&
                    bed_code_says(beds, BED_POLICIES, policy, "same_room", TEXT("no"));
  bool may_hold = bed_code_says(beds, BED_HOLD_KINDS, held, "planned", TEXT("no"));
  *kind = is_for_all && may_hold ? held : TEXT("");
  return true;
}

/* Hold the bed; `hold->id` stays "" when it cannot be held now (a cap, a closed bed). */
static bool hold_bed(const struct passing *p, const struct request *request, struct bed_hold *hold,
                     struct error *error)
{
  struct actor actor = actor_system(p->pass->program_id);
  struct access access;
  struct role_subject subject = {.person_id = request_owner(request)};
  if (hold->kind.length == 0) return true;
  if (!access_open(p->transaction, p->requests->privacy, &actor, "bed-board", "write", &subject,
                   p->pass->bed_id, p->now, &access, error))
    return false;
  if (bed_hold_place(p->transaction, p->requests->beds, &access, p->arena, hold, error))
    return true;
  if (error->kind != ERROR_REFUSED) return false;
  error_clear(error);
  hold->id = TEXT("");
  return true;
}

static bool give_to(const struct passing *p, struct text next, bool is_passed_over,
                    struct error *error)
{
  struct request_sweep sweep;
  struct bed_hold hold = {.bed_id = p->pass->bed_id,
                          .request_id = next,
                          .start_at = p->pass->free_at > p->now ? p->pass->free_at : 0};
  struct waitlist_skip skip = {p->pass->request_id, TEXT("hold-ended")};
  struct request_line line = {"bed-free", p->pass->bed_id, TEXT("")};
  bool found = false;
  if (!find_kind(p, &hold.kind, error) ||
      !request_sweep_open(p->transaction, p->requests, p->arena, &p->item, next, p->now, &sweep,
                          &found, error))
    return false;
  hold.person_id = sweep.request.person_id;
  if (!hold_bed(p, &sweep.request, &hold, error) ||
      !request_tell(p->transaction, p->requests, p->pass->program_id, p->arena,
                    sweep.request.assigned,
                    text_format(p->arena, "bed %.*s free %lld", TEXT_PRINT(p->pass->bed_id),
                                (long long)p->now),
                    p->now, error))
    return false;
  if (hold.id.length == 0)
    return request_note(p->transaction, &sweep.access, p->arena, &sweep.request, &line, error);
  struct waitlist_offer offer = {
      .place_kind = TEXT("bed"), .place_id = hold.id, .skips = &skip, .skip_count = is_passed_over};
  return waitlist_offer(p->transaction, p->requests, &sweep.access, p->arena, next, &offer,
                        sweep.request.version, NULL, error);
}

static bool pass_on(struct store_transaction *transaction, void *context,
                    const struct access *access, const struct bed_pass *pass, struct error *error)
{
  struct passing passing = {.transaction = transaction,
                            .requests = context,
                            .arena = arena_new(LIMIT_ARENA_REQUEST),
                            .pass = pass,
                            .item = {.program_id = pass->program_id},
                            .now = access->now};
  struct text next;
  bool is_passed_over;
  bool is_done = put_back(&passing, error) && find_next(&passing, &next, &is_passed_over, error) &&
                 (next.length == 0 || give_to(&passing, next, is_passed_over, error));
  arena_free(passing.arena);
  return is_done;
}

bool waitlist_hold_end(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *by, struct arena *arena, const struct request *request,
                       struct text hold_id, struct error *error)
{
  struct actor actor = actor_system(by->program_id);
  struct role_subject subject = {.person_id = request_owner(request)};
  struct access access;
  struct bed_use use;
  if (!requests->beds) return true;
  if (!access_open(transaction, requests->privacy, &actor, "bed-board", "write", &subject, hold_id,
                   by->now, &access, error))
    return false;
  if (!bed_use_load(transaction, &access, arena, hold_id, &use, error)) {
    if (error->kind != ERROR_NOT_FOUND) return false;
    error_clear(error);
    return true;
  }
  if (use.kind != BED_HOLD || use.end_at || use.error_at || use.expires_at <= by->now) return true;
  return bed_hold_release(transaction, requests->beds, &access, arena, hold_id, TEXT("not-coming"),
                          use.version, error);
}

/* --- How many are taken ---------------------------------------------------------------------- */

/* People in beds of the program, and how many it can take in: of each unit no more than its beds,
 * its license and its staff allow. A hold is nobody's admission. */
static bool consider_beds(struct store_transaction *transaction, void *context,
                          const struct access *access, struct arena *arena, struct error *error)
{
  struct store_cursor *cursor = NULL;
  int64_t taken = 0, capacity = 0;
  return request_number(
             store_query(transaction, &cursor,
                         "SELECT count(*) FROM bed_use WHERE program_id = $1 AND error_at = 0"
                         " AND kind IN ('occupied', 'leave') AND start_at <= $2 AND until_at > $2",
                         STORE_BIND(STORE_T(access->program_id), STORE_N(access->now)), error),
             &cursor, &taken, error) &&
         request_number(
             store_query(transaction, &cursor,
                         "SELECT CAST(coalesce(sum(CASE WHEN p.cap < p.beds THEN p.cap ELSE p.beds"
                         " END), 0) AS BIGINT) FROM (SELECT CASE WHEN u.licensed < u.staffed THEN"
                         " u.licensed ELSE u.staffed END AS cap, (SELECT count(*) FROM bed b"
                         " WHERE b.program_id = u.program_id AND b.unit_id = u.id AND b.closed_at"
                         " = 0 AND b.licensed = 1 AND b.staffed = 1) AS beds FROM unit u"
                         " WHERE u.program_id = $1 AND u.closed_at = 0) p",
                         STORE_BIND(STORE_T(access->program_id)), error),
             &cursor, &capacity, error) &&
         capacity_consider(transaction, context, access, arena, "bed", taken, capacity, error);
}

void waitlist_pass_register(struct requests *requests, struct beds *beds)
{
  requests->beds = beds;
  bed_pass_to(beds, pass_on, requests);
  bed_taken_to(beds, consider_beds, requests);
}
