/*
 * Bed_use: rows of the timeline: reading them, what stands in the way, beginning and ending one.
 * See bed_use.h; the doors are in hold.c, bed_stay.c, bed_upkeep.c.
 *
 * Invariants: an update never lengthens a row but by hold.c's one extension; what stands in the way
 * is looked for first, so that the database's own refusal is met only by who was raced.
 */
#include "admission/bed_private.h"

static const char words_purpose[] = "bed_use.words";

/* --- Reading ------------------------------------------------------------------------------- */

static const char select_one[] =
    "SELECT id, bed_id, kind, start_at, end_at, until_at, expires_at, expected_at, hold_kind,"
    " extended_at, extend_reason, episode_id, request_id, person_id, placed_as, after_id, reason,"
    " words, end_reason, release_reason, account_id, made_at, ended_account_id, changed_at,"
    " corrects_id, error_at, error_account_id, error_reason, version FROM bed_use"
    " WHERE program_id = $1 AND id = $2";
static const char select_episode[] =
    "SELECT id, bed_id, kind, start_at, end_at, until_at, expires_at, expected_at, hold_kind,"
    " extended_at, extend_reason, episode_id, request_id, person_id, placed_as, after_id, reason,"
    " words, end_reason, release_reason, account_id, made_at, ended_account_id, changed_at,"
    " corrects_id, error_at, error_account_id, error_reason, version FROM bed_use"
    " WHERE program_id = $1 AND episode_id = $2 AND episode_id <> '' AND end_at = 0"
    " AND until_at > $3 AND error_at = 0 ORDER BY start_at LIMIT 1";
static const char select_request[] =
    "SELECT id, bed_id, kind, start_at, end_at, until_at, expires_at, expected_at, hold_kind,"
    " extended_at, extend_reason, episode_id, request_id, person_id, placed_as, after_id, reason,"
    " words, end_reason, release_reason, account_id, made_at, ended_account_id, changed_at,"
    " corrects_id, error_at, error_account_id, error_reason, version FROM bed_use"
    " WHERE program_id = $1 AND request_id = $2 AND request_id <> '' AND end_at = 0"
    " AND until_at > $3 AND error_at = 0 ORDER BY start_at LIMIT 1";

static void read_use(struct arena *arena, const struct store_cursor *cursor, struct bed_use *out)
{
  *out = (struct bed_use){
      .id = bed_column(arena, cursor, 0),
      .bed_id = bed_column(arena, cursor, 1),
      .start_at = store_column_integer(cursor, 3),
      .end_at = store_column_integer(cursor, 4),
      .until_at = store_column_integer(cursor, 5),
      .expires_at = store_column_integer(cursor, 6),
      .expected_at = store_column_integer(cursor, 7),
      .hold_kind = bed_column(arena, cursor, 8),
      .extended_at = store_column_integer(cursor, 9),
      .extend_reason = bed_column(arena, cursor, 10),
      .episode_id = bed_column(arena, cursor, 11),
      .request_id = bed_column(arena, cursor, 12),
      .person_id = bed_column(arena, cursor, 13),
      .placed_as = bed_column(arena, cursor, 14),
      .after_id = bed_column(arena, cursor, 15),
      .reason = bed_column(arena, cursor, 16),
      .words = text_copy(arena, store_column_bytes(cursor, 17)),
      .end_reason = bed_column(arena, cursor, 18),
      .release_reason = bed_column(arena, cursor, 19),
      .account_id = bed_column(arena, cursor, 20),
      .made_at = store_column_integer(cursor, 21),
      .ended_account_id = bed_column(arena, cursor, 22),
      .changed_at = store_column_integer(cursor, 23),
      .corrects_id = bed_column(arena, cursor, 24),
      .error_at = store_column_integer(cursor, 25),
      .error_account_id = bed_column(arena, cursor, 26),
      .error_reason = bed_column(arena, cursor, 27),
      .version = store_column_integer(cursor, 28),
  };
  (void)bed_kind_find(store_column_text(cursor, 2), &out->kind); /* the database checks it */
}

static bool read_first(bool is_asked, struct store_cursor **cursor, struct arena *arena,
                       struct bed_use *out, bool *found, struct error *error)
{
  bool more = false;
  bool is_read = is_asked && store_next(*cursor, &more, error);
  if (is_read && more) read_use(arena, *cursor, out);
  if (is_asked) store_cursor_close(*cursor);
  if (is_read) *found = more;
  return is_read;
}

bool bed_use_row(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct text id, struct bed_use *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool found = false;
  if (!read_first(store_query(transaction, &cursor, select_one,
                              STORE_BIND(STORE_T(access->program_id), STORE_T(id)), error),
                  &cursor, arena, out, &found, error))
    return false;
  return found ||
         error_set(error, ERROR_NOT_FOUND, "error.admission.use", "", "admission: no such use");
}

bool bed_use_open(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text episode_id, struct bed_use *out, bool *found,
                  struct error *error)
{
  struct store_cursor *cursor = NULL;
  return read_first(store_query(transaction, &cursor, select_episode,
                                STORE_BIND(STORE_T(access->program_id), STORE_T(episode_id),
                                           STORE_N(access->now)),
                                error),
                    &cursor, arena, out, found, error);
}

/* Whose key seals the words: the person's, or the program's. */
static struct vault_subject subject_of(const struct access *access, const struct bed_use *use)
{
  return (struct vault_subject){access->program_id, use->person_id};
}

/* Open the words; what was erased opens as "". */
static bool open_words(const struct access *access, struct arena *arena, struct bed_use *use,
                       struct error *error)
{
  struct error own = {.kind = ERROR_NONE};
  struct text plain = TEXT("");
  if (use->words.length && !vault_unseal(access->privacy->vault, arena, subject_of(access, use),
                                         words_purpose, use->words, &plain, &own)) {
    if (own.kind != ERROR_NOT_FOUND) {
      if (error) *error = own;
      return false;
    }
    plain = TEXT("");
  }
  use->words = plain;
  return true;
}

/* Ask for the use's site and person, then open its words. */
static bool show(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct bed_use *use, struct error *error)
{
  struct bed_spot spot;
  return bed_spot_load(transaction, access, arena, use->bed_id, &spot, error) &&
         bed_may_any(transaction, access, spot.site_id, use->person_id, error) &&
         open_words(access, arena, use, error);
}

bool bed_use_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct bed_use *out, struct error *error)
{
  struct bed_use use;
  if (!bed_use_row(transaction, access, arena, id, &use, error) ||
      !show(transaction, access, arena, &use, error))
    return false;
  *out = use;
  return true;
}

bool bed_use_of_stay(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text episode_id, struct bed_use *out, bool *found,
                     struct error *error)
{
  struct bed_use use;
  bool is_there = false;
  if (!bed_use_open(transaction, access, arena, episode_id, &use, &is_there, error) ||
      !(is_there ? show(transaction, access, arena, &use, error)
                 : bed_may_any(transaction, access, TEXT(""), TEXT(""), error)))
    return false;
  if (is_there) *out = use;
  *found = is_there;
  return true;
}

bool bed_use_of_request(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text request_id, struct bed_use *out,
                        bool *found, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct bed_use use;
  bool is_there = false;
  if (!read_first(store_query(transaction, &cursor, select_request,
                              STORE_BIND(STORE_T(access->program_id), STORE_T(request_id),
                                         STORE_N(access->now)),
                              error),
                  &cursor, arena, &use, &is_there, error) ||
      !(is_there ? show(transaction, access, arena, &use, error)
                 : bed_may_any(transaction, access, TEXT(""), TEXT(""), error)))
    return false;
  if (is_there) *out = use;
  *found = is_there;
  return true;
}

bool bed_use_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text bed_id, int64_t from, int64_t until,
                  bool with_error, struct bed_use **out, size_t *count, struct error *error)
{
  struct bed_spot spot;
  if (!bed_spot_load(transaction, access, arena, bed_id, &spot, error) ||
      !bed_may_any(transaction, access, spot.site_id, TEXT(""), error))
    return false;
  struct bed_use *uses = arena_allocate_array(arena, LIMIT_BED_USES, sizeof *uses);
  struct store_cursor *cursor = NULL;
  size_t found = 0;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "SELECT id, bed_id, kind, start_at, end_at, until_at, expires_at, expected_at, hold_kind,"
      " extended_at, extend_reason, episode_id, request_id, person_id, placed_as, after_id, reason,"
      " words, end_reason, release_reason, account_id, made_at, ended_account_id, changed_at,"
      " corrects_id, error_at, error_account_id, error_reason, version FROM bed_use"
      " WHERE program_id = $1 AND bed_id = $2 AND start_at < $3 AND until_at > $4"
      " AND (error_at = 0 OR CAST($5 AS BIGINT) = 1) ORDER BY start_at, made_at, id LIMIT $6",
      STORE_BIND(STORE_T(access->program_id), STORE_T(bed_id), STORE_N(until), STORE_N(from),
                 STORE_N(with_error), STORE_N(LIMIT_BED_USES)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more) {
    read_use(arena, cursor, &uses[found]);
    uses[found++].words = TEXT("");
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = uses;
  *count = found;
  return true;
}

/* --- What stands in the way --------------------------------------------------------------------
 */

static bool find_clash(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text bed_id, int64_t from, int64_t until,
                       struct text except_id, struct bed_clash *out, bool *found,
                       struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT kind, hold_kind, reason, account_id, start_at, until_at FROM bed_use"
                  " WHERE program_id = $1 AND bed_id = $2 AND id <> $3 AND start_at < $4"
                  " AND until_at > $5 AND until_at > start_at AND error_at = 0"
                  " ORDER BY start_at LIMIT 1",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(bed_id), STORE_T(except_id),
                             STORE_N(until), STORE_N(from)),
                  error) &&
      store_next(cursor, &more, error);
  if (is_read && more) {
    *out = (struct bed_clash){.hold_kind = bed_column(arena, cursor, 1),
                              .reason = bed_column(arena, cursor, 2),
                              .account_id = bed_column(arena, cursor, 3),
                              .start_at = store_column_integer(cursor, 4),
                              .until_at = store_column_integer(cursor, 5)};
    (void)bed_kind_find(store_column_text(cursor, 0), &out->kind);
  }
  store_cursor_close(cursor);
  if (is_read) *found = more;
  return is_read;
}

bool bed_clash_find(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text bed_id, int64_t from, int64_t until,
                    struct text except_id, struct bed_clash *out, bool *found, struct error *error)
{
  struct bed_spot spot;
  return bed_spot_load(transaction, access, arena, bed_id, &spot, error) &&
         bed_may_any(transaction, access, spot.site_id, TEXT(""), error) &&
         find_clash(transaction, access, arena, bed_id, from, until, except_id, out, found, error);
}

static bool refuse_clash(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, const struct bed_use *use, struct error *error)
{
  static const char *const keys[BED_KINDS] = {
      "error.admission.clash.hold", "error.admission.clash.occupied", "error.admission.clash.leave",
      "error.admission.clash.cleaning", "error.admission.clash.blocked"};
  struct bed_clash clash;
  bool found = false;
  if (use->until_at == use->start_at) return true;
  if (!find_clash(transaction, access, arena, use->bed_id, use->start_at, use->until_at, use->id,
                  &clash, &found, error))
    return false;
  if (!found) return true;
  struct text until =
      clash.until_at == BOARD_OPEN ? TEXT("further notice") : time_format(arena, clash.until_at);
  return error_set(error, ERROR_CONFLICT, keys[clash.kind], "Look at the board again.",
                   "admission: the bed has a use (%s) until %.*s", bed_kind_name(clash.kind),
                   TEXT_PRINT(until));
}

/* The person has another bed or hold at that time. */
static bool refuse_second(struct store_transaction *transaction, const struct access *access,
                          const struct bed_use *use, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool has = false;
  if (use->episode_id.length == 0 && use->request_id.length == 0) return true;
  if (!bed_any(
          store_query(transaction, &cursor,
                      "SELECT 1 FROM bed_use WHERE program_id = $1 AND error_at = 0 AND id <> $2"
                      " AND start_at < $3 AND until_at > $4 AND until_at > start_at"
                      " AND ((episode_id <> '' AND episode_id = $5)"
                      " OR (request_id <> '' AND request_id = $6))",
                      STORE_BIND(STORE_T(access->program_id), STORE_T(use->id),
                                 STORE_N(use->until_at), STORE_N(use->start_at),
                                 STORE_T(use->episode_id), STORE_T(use->request_id)),
                      error),
          &cursor, &has, error))
    return false;
  return !has || bed_conflict(error, "error.admission.stay.has-bed", "the person has a bed");
}

/* --- May it be offered --------------------------------------------------------------------- */

/* As many are in use, or will be within that time, as the unit is licensed and staffed for. */
static bool refuse_full(struct store_transaction *transaction, const struct access *access,
                        const struct bed_spot *spot, const struct bed_use *use, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  int64_t taken = 0;
  int64_t cap = spot->unit_licensed < spot->unit_staffed ? spot->unit_licensed : spot->unit_staffed;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT count(DISTINCT t.bed_id) FROM bed_use t JOIN bed b"
                  " ON b.program_id = t.program_id AND b.id = t.bed_id"
                  " WHERE t.program_id = $1 AND b.unit_id = $2 AND t.bed_id <> $3"
                  " AND t.kind IN ('hold', 'occupied', 'leave') AND t.error_at = 0"
                  " AND t.start_at < $4 AND t.until_at > $5 AND t.until_at > t.start_at",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(spot->bed.unit_id),
                             STORE_T(spot->bed.id), STORE_N(use->until_at), STORE_N(use->start_at)),
                  error) &&
      store_next(cursor, &more, error);
  if (is_read) taken = store_column_integer(cursor, 0);
  store_cursor_close(cursor);
  if (!is_read) return false;
  return taken < cap || bed_conflict(error, "error.admission.unit.full",
                                     "the unit's licensed or staffed places are taken");
}

/* A correction tells what was, and what goes on in the same bed is not asked again; the rest must
 * be a bed that may be offered. */
static bool refuse_unusable(struct store_transaction *transaction, const struct access *access,
                            const struct bed_spot *spot, const struct bed_use *use,
                            struct error *error)
{
  if (!bed_kind_is_person(use->kind) || use->corrects_id.length || use->after_id.length)
    return true;
  if (spot->bed.closed_at || spot->unit_closed_at)
    return bed_conflict(error, "error.admission.bed.closed", "the bed is closed");
  if (!spot->bed.licensed)
    return bed_conflict(error, "error.admission.bed.unlicensed", "the bed is not licensed");
  if (!spot->bed.staffed)
    return bed_conflict(error, "error.admission.bed.unstaffed", "the bed is not staffed");
  return refuse_full(transaction, access, spot, use, error);
}

/* --- Writing ------------------------------------------------------------------------------- */

bool bed_audit(struct store_transaction *transaction, const struct access *access,
               struct arena *arena, const struct bed_use *use, const char *state,
               struct text reason, struct error *error)
{
  struct value *detail = value_object(arena);
  value_set(detail, "kind", value_text(arena, text_from(bed_kind_name(use->kind))));
  value_set(detail, "state", value_text(arena, text_from(state)));
  value_set(detail, "id", value_text(arena, use->bed_id));
  if (reason.length) value_set(detail, "reason", value_text(arena, reason));
  if (use->corrects_id.length) value_set(detail, "before", value_text(arena, use->corrects_id));
  struct audit_entry entry = {.program_id = access->program_id,
                              .actor = access->actor,
                              .object = TEXT("bed-board"),
                              .act = TEXT("write"),
                              .object_id = use->id,
                              .person_id = use->person_id,
                              .detail = detail,
                              .at = access->now};
  return audit_append(transaction, &entry, error);
}

static bool seal_words(const struct access *access, struct arena *arena, const struct bed_use *use,
                       struct text *sealed, struct error *error)
{
  *sealed = TEXT("");
  if (use->words.length == 0) return true;
  if (use->words.length > LIMIT_CARE_WORDS)
    return bed_refuse(error, "error.care.long", "the field words");
  return vault_seal(access->privacy->vault, arena, subject_of(access, use), words_purpose,
                    use->words, sealed, error);
}

static bool insert(struct store_transaction *transaction, const struct access *access,
                   struct arena *arena, const struct bed_use *use, struct error *error)
{
  struct text sealed;
  int64_t changed = 0;
  if (!seal_words(access, arena, use, &sealed, error)) return false;
  if (!store_execute(
          transaction,
          "INSERT INTO bed_use (program_id, id, bed_id, kind, start_at, end_at, until_at,"
          " expires_at, expected_at, hold_kind, extended_at, extend_reason, episode_id, request_id,"
          " person_id, placed_as, after_id, reason, words, end_reason, release_reason, account_id,"
          " made_at, ended_account_id, changed_at, corrects_id, error_at, error_account_id,"
          " error_reason, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, '', $11,"
          " $12, $13, $14, $15, $16, $17, $18, '', $19, $20, '', $20, $21, 0, '', '', 1)"
          " ON CONFLICT DO NOTHING",
          STORE_BIND(STORE_T(access->program_id), STORE_T(use->id), STORE_T(use->bed_id),
                     STORE_T(text_from(bed_kind_name(use->kind))), STORE_N(use->start_at),
                     STORE_N(use->end_at), STORE_N(use->until_at), STORE_N(use->expires_at),
                     STORE_N(use->expected_at), STORE_T(use->hold_kind), STORE_T(use->episode_id),
                     STORE_T(use->request_id), STORE_T(use->person_id), STORE_T(use->placed_as),
                     STORE_T(use->after_id), STORE_T(use->reason), STORE_B(sealed),
                     STORE_T(use->end_reason), STORE_T(access->actor->account_id),
                     STORE_N(access->now), STORE_T(use->corrects_id)),
          &changed, error))
    return false;
  return changed == 1 ||
         bed_conflict(error, "error.admission.taken", "somebody was faster in this moment");
}

bool bed_use_begin(struct store_transaction *transaction, const struct beds *beds,
                   const struct access *access, struct arena *arena, const struct bed_spot *spot,
                   struct bed_use *use, struct error *error)
{
  size_t index;
  use->id = bed_new_id(arena, access->now);
  use->bed_id = spot->bed.id;
  use->until_at = use->end_at ? use->end_at : use->expires_at ? use->expires_at : BOARD_OPEN;
  use->version = 1;
  if (use->placed_as.length && !bed_code_find(beds, BED_GROUPS, use->placed_as, &index))
    return bed_refuse(error, "error.care.code", "the field placed_as");
  return refuse_clash(transaction, access, arena, use, error) &&
         refuse_second(transaction, access, use, error) &&
         refuse_unusable(transaction, access, spot, use, error) &&
         insert(transaction, access, arena, use, error) &&
         bed_audit(transaction, access, arena, use, "begun", use->reason, error);
}

/* Cleaning behind a use, unless it would be over by now. */
static bool begin_cleaning(struct store_transaction *transaction, const struct beds *beds,
                           const struct access *access, struct arena *arena,
                           const struct bed_spot *spot, struct text after_id, int64_t at,
                           int64_t *free_at, struct error *error)
{
  int64_t minutes, version;
  if (!bed_unit_cleaning(transaction, beds, access->program_id, spot->bed.unit_id, &minutes,
                         &version, error))
    return false;
  int64_t until = at + minutes * 60 * 1000000;
  *free_at = until;
  if (minutes == 0 || until <= access->now) return true;
  struct bed_use cleaning = {
      .kind = BED_CLEANING, .start_at = at, .end_at = until, .after_id = after_id};
  return bed_use_begin(transaction, beds, access, arena, spot, &cleaning, error);
}

bool bed_use_end(struct store_transaction *transaction, const struct beds *beds,
                 const struct access *access, struct arena *arena, const struct bed_spot *spot,
                 const struct bed_use *use, int64_t at, const char *end_reason,
                 struct text release_reason, int64_t *free_at, struct error *error)
{
  int64_t changed = 0;
  *free_at = at;
  if (!store_execute(transaction,
                     "UPDATE bed_use SET end_at = $3, until_at = $3, end_reason = $4,"
                     " release_reason = $5, ended_account_id = $6, changed_at = $7,"
                     " version = version + 1 WHERE program_id = $1 AND id = $2 AND version = $8",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(use->id), STORE_N(at),
                                STORE_T(text_from(end_reason)), STORE_T(release_reason),
                                STORE_T(access->actor->account_id), STORE_N(access->now),
                                STORE_N(use->version)),
                     &changed, error) ||
      !bed_saved(changed, error))
    return false;
  if (use->kind == BED_HOLD &&
      !due_clear(transaction, access->program_id, "hold.expires", use->id, error))
    return false;
  if (bed_code_says(beds, BED_ENDINGS, text_from(end_reason), "cleans", TEXT("yes")) &&
      (use->kind == BED_OCCUPIED || use->kind == BED_LEAVE) &&
      !begin_cleaning(transaction, beds, access, arena, spot, use->id, at, free_at, error))
    return false;
  return bed_audit(transaction, access, arena, use, end_reason, release_reason, error);
}

/* Tell who passes beds on, with an access of the system: the next one is another person. A bed that
 * somebody has taken meanwhile is not passed. */
static bool pass_on(struct store_transaction *transaction, const struct beds *beds,
                    const struct access *access, struct arena *arena, const struct bed_spot *spot,
                    const struct bed_use *ended, const char *end_reason, int64_t free_at,
                    struct error *error)
{
  struct actor actor = actor_system(access->program_id);
  struct access own;
  struct bed_clash clash;
  bool is_taken = false;
  int64_t from = free_at > access->now ? free_at : access->now;
  struct bed_pass pass = {.program_id = access->program_id,
                          .site_id = spot->site_id,
                          .unit_id = spot->bed.unit_id,
                          .bed_id = spot->bed.id,
                          .level_of_care = spot->bed.level_of_care,
                          .use_id = ended->id,
                          .request_id = ended->request_id,
                          .episode_id = ended->episode_id,
                          .end_reason = text_from(end_reason),
                          .free_at = free_at};
  if (!find_clash(transaction, access, arena, spot->bed.id, from, from + 1, TEXT(""), &clash,
                  &is_taken, error))
    return false;
  return is_taken ||
         (bed_system_access(transaction, beds, &actor, spot->bed.id, access->now, &own, error) &&
          beds->pass(transaction, beds->pass_context, &own, &pass, error));
}

bool bed_changed(struct store_transaction *transaction, const struct beds *beds,
                 const struct access *access, struct arena *arena, const struct bed_spot *spot,
                 const struct bed_use *ended, const char *end_reason, int64_t free_at,
                 struct error *error)
{
  if (ended && beds->pass &&
      bed_code_says(beds, BED_ENDINGS, text_from(end_reason), "passes", TEXT("yes")) &&
      !pass_on(transaction, beds, access, arena, spot, ended, end_reason, free_at, error))
    return false;
  return availability_derive(transaction, beds, arena, access->program_id, spot->site_id,
                             access->now, true, error) &&
         (!beds->taken || beds->taken(transaction, beds->taken_context, access, arena, error));
}

bool bed_use_take(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, int64_t version, struct bed_use *use,
                  struct bed_spot *spot, struct error *error)
{
  if (!bed_use_row(transaction, access, arena, id, use, error) ||
      !bed_spot_load(transaction, access, arena, use->bed_id, spot, error) ||
      !bed_may(transaction, access, "bed-board", "write", spot->site_id, use->person_id, error) ||
      !bed_saved(use->version == version, error))
    return false;
  bool is_over = use->error_at || (use->end_at && use->end_at <= access->now);
  if (bed_kind_is_person(use->kind) && use->end_at) is_over = true;
  return !is_over || bed_conflict(error, "error.admission.use.over", "the use is over");
}

/* --- A hold of nobody's record ------------------------------------------------------------- */

static bool find_named_hold(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct text request_id, struct bed_use *out,
                            bool *found, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id, person_id, expires_at, words FROM bed_use"
                             " WHERE program_id = $1 AND request_id = $2 AND kind = 'hold'"
                             " AND end_at = 0 AND error_at = 0 AND episode_id = ''"
                             " AND person_id <> '' LIMIT 1",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(request_id)), error) &&
                 store_next(cursor, found, error);
  if (is_read && *found)
    *out = (struct bed_use){.id = bed_column(arena, cursor, 0),
                            .person_id = bed_column(arena, cursor, 1),
                            .expires_at = store_column_integer(cursor, 2),
                            .words = text_copy(arena, store_column_bytes(cursor, 3))};
  store_cursor_close(cursor);
  return is_read;
}

bool bed_hold_unname(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text request_id, struct error *error)
{
  struct bed_use use;
  struct text sealed;
  bool found = false;
  if (!find_named_hold(transaction, access, arena, request_id, &use, &found, error)) return false;
  if (!found) return true;
  if (!open_words(access, arena, &use, error)) return false;
  use.person_id = TEXT("");
  return seal_words(access, arena, &use, &sealed, error) &&
         store_execute(transaction,
                       "UPDATE bed_use SET person_id = '', words = $3, changed_at = $4,"
                       " version = version + 1 WHERE program_id = $1 AND id = $2",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(use.id), STORE_B(sealed),
                                  STORE_N(access->now)),
                       NULL, error) &&
         due_about(transaction, access->program_id, "hold.expires", use.id, TEXT(""), error);
}
