/*
 * intake_record: beginning, saying, admitting. See intake_record.h.
 *
 * Invariants: one intake for each stay, and one admission; lines about an item are only added, each
 * after the one it follows.
 */
#include <stdlib.h>

#include "admission/intake_private.h"

static const char words_purpose[] = "intake_item.words";
static const char late_kind[] = "intake.late";

/* --- The room -------------------------------------------------------------------------------- */

bool intakes_open(struct intakes **out, const char *share_folder, const struct care *care,
                  struct error *error)
{
  struct arena *arena = arena_new(4096);
  struct intake_rules *rules = NULL;
  bool is_open = intake_rules_load(&rules, file_join(arena, share_folder, "knowledge"),
                                   care_privacy(care)->catalog, error);
  arena_free(arena);
  if (!is_open) return false;
  struct intakes *intakes = memory_allocate(sizeof *intakes);
  *intakes = (struct intakes){.care = care, .rules = rules};
  *out = intakes;
  return true;
}

void intakes_assess_with(struct intakes *intakes, const struct instruments *instruments,
                         const struct level_of_care *table, const struct care_options *options)
{
  intakes->instruments = instruments;
  intakes->table = table;
  intakes->options = options;
}

void intakes_close(struct intakes *intakes)
{
  if (!intakes) return;
  intake_rules_free(intakes->rules);
  free(intakes);
}

const struct intake_rules *intakes_rules(const struct intakes *intakes)
{
  return intakes->rules;
}

void intakes_register_due(struct intakes *intakes, struct due_registry *registry)
{
  due_register(registry, late_kind, intake_rings, intakes);
}

/* --- Beginning ------------------------------------------------------------------------------- */

static bool find_by_stay(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text episode_id, struct text *out,
                         struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT id FROM intake WHERE program_id = $1 AND episode_id = $2",
                             STORE_BIND(STORE_T(access->program_id), STORE_T(episode_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read) *out = more ? intake_column(arena, cursor, 0) : TEXT("");
  store_cursor_close(cursor);
  return is_read;
}

/* Whose stay it is, and that it goes on. */
static bool check_stay(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct text episode_id, struct text *person_id,
                       struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false, has_ended = false;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT person_id, ended_at FROM episode WHERE program_id = $1 AND id = $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(episode_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more) {
    *person_id = intake_column(arena, cursor, 0);
    has_ended = store_column_integer(cursor, 1) != 0;
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (!more)
    return error_set(error, ERROR_NOT_FOUND, "error.care.episode", "", "admission: no such stay");
  return intake_may(transaction, access, "intake", true, *person_id, error) &&
         (!has_ended || intake_refuse(error, "error.intake.ended", "the stay has ended"));
}

bool intake_begin(struct store_transaction *transaction, const struct intakes *intakes,
                  const struct access *access, struct arena *arena, struct text episode_id,
                  int64_t planned_at, struct intake *out, struct error *error)
{
  struct text person_id = TEXT(""), id = intake_new_id(arena, access->now);
  return check_stay(transaction, access, arena, episode_id, &person_id, error) &&
         store_execute(transaction,
                       "INSERT INTO intake (program_id, id, episode_id, person_id, planned_at,"
                       " account_id, made_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)"
                       " ON CONFLICT (program_id, episode_id) DO NOTHING",
                       STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_T(episode_id),
                                  STORE_T(person_id), STORE_N(planned_at),
                                  STORE_T(access->actor->account_id), STORE_N(access->now)),
                       NULL, error) &&
         find_by_stay(transaction, access, arena, episode_id, &id, error) &&
         intake_clock(transaction, intakes, access, arena, id, error) &&
         intake_load(transaction, access, arena, id, out, error);
}

bool intake_plan(struct store_transaction *transaction, const struct intakes *intakes,
                 const struct access *access, struct arena *arena, struct text id,
                 int64_t planned_at, int64_t version, struct error *error)
{
  struct intake intake;
  int64_t changed = 0;
  if (!intake_open_row(transaction, access, arena, "intake", id, false, &intake, error) ||
      !store_execute(transaction,
                     "UPDATE intake SET planned_at = $3, version = version + 1"
                     " WHERE program_id = $1 AND id = $2 AND version = $4",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(id), STORE_N(planned_at),
                                STORE_N(version)),
                     &changed, error))
    return false;
  return changed == 1 ? intake_clock(transaction, intakes, access, arena, id, error)
                      : intake_stale(error);
}

bool intake_list(struct store_transaction *transaction, const struct access *access,
                 struct arena *arena, struct intake **out, size_t *count, struct error *error)
{
  return intake_list_for(transaction, access, arena, "intake", out, count, error);
}

/* --- What was said --------------------------------------------------------------------------- */

static const char *const state_names[] = {"open", "done", "declined", "not-needed"};

static enum intake_said_state state_of(struct text name)
{
  for (size_t i = 0; i < 4; i++)
    if (text_equal(name, text_from(state_names[i]))) return (enum intake_said_state)i;
  return INTAKE_SAID_OPEN;
}

static struct intake_step read_step(struct arena *arena, const struct store_cursor *cursor)
{
  return (struct intake_step){.item = intake_column(arena, cursor, 0),
                              .state = state_of(store_column_text(cursor, 1)),
                              .reason = intake_column(arena, cursor, 2),
                              .words = text_copy(arena, store_column_bytes(cursor, 3)),
                              .evidence_id = intake_column(arena, cursor, 4),
                              .at = store_column_integer(cursor, 5),
                              .account_id = intake_column(arena, cursor, 6),
                              .made_at = store_column_integer(cursor, 7),
                              .seq = store_column_integer(cursor, 8)};
}

static bool open_steps(struct store_cursor *cursor, bool is_asked, const struct access *access,
                       struct arena *arena, const struct intake *intake, struct intake_step **out,
                       size_t *count, struct error *error)
{
  struct intake_step *steps = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *steps);
  bool more = false, is_read = is_asked;
  size_t found = 0;
  while (is_read && found < LIMIT_CARE_ROWS && (is_read = store_next(cursor, &more, error)) && more)
    steps[found++] = read_step(arena, cursor);
  store_cursor_close(cursor);
  for (size_t i = 0; i < found && is_read; i++)
    is_read = intake_unseal(access, arena, intake->person_id, words_purpose, steps[i].words,
                            &steps[i].words, error);
  if (!is_read) return false;
  *out = steps;
  *count = found;
  return true;
}

static bool load_steps(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct intake *intake, struct intake_step **out,
                       size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool is_asked = store_query(
      transaction, &cursor,
      "SELECT item, state, reason, words, evidence_id, at, account_id, made_at, seq"
      " FROM intake_item i WHERE program_id = $1 AND intake_id = $2 AND seq = (SELECT max(seq)"
      " FROM intake_item j WHERE j.program_id = $1 AND j.intake_id = $2 AND j.item = i.item)"
      " ORDER BY item",
      STORE_BIND(STORE_T(access->program_id), STORE_T(intake->id)), error);
  return open_steps(cursor, is_asked, access, arena, intake, out, count, error);
}

bool intake_history(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct text intake_id, struct text item,
                    struct intake_step **out, size_t *count, struct error *error)
{
  struct store_cursor *cursor = NULL;
  struct intake intake;
  if (!intake_load(transaction, access, arena, intake_id, &intake, error)) return false;
  bool is_asked = store_query(
      transaction, &cursor,
      "SELECT item, state, reason, words, evidence_id, at, account_id, made_at, seq"
      " FROM intake_item WHERE program_id = $1 AND intake_id = $2 AND item = $3 ORDER BY seq DESC",
      STORE_BIND(STORE_T(access->program_id), STORE_T(intake_id), STORE_T(item)), error);
  return open_steps(cursor, is_asked, access, arena, &intake, out, count, error);
}

static struct intake_question question_of(const struct intakes *intakes,
                                          const struct access *access, const struct intake *intake)
{
  return (struct intake_question){.rules = intakes->rules,
                                  .program_kind = intake->program_kind,
                                  .level_of_care = intake->level_of_care,
                                  .planned_at = intake->planned_at,
                                  .admitted_at = intake->admitted_at,
                                  .now = access->now};
}

/* Reckon an intake, as if it had been admitted at `admitted_at`. */
static bool view(struct store_transaction *transaction, const struct intakes *intakes,
                 const struct access *access, struct arena *arena, int64_t admitted_at,
                 struct intake_view *out, struct error *error)
{
  struct intake_question question = question_of(intakes, access, &out->intake);
  struct intake_evidence *evidence;
  if (!intake_evidence_load(transaction, access, arena, &out->intake, &evidence,
                            &question.evidence_count, error) ||
      !load_steps(transaction, access, arena, &out->intake, &out->steps, &out->step_count, error))
    return false;
  struct intake_said *said = arena_allocate_array(arena, out->step_count + 1, sizeof *said);
  for (size_t i = 0; i < out->step_count; i++)
    said[i] = (struct intake_said){out->steps[i].item, out->steps[i].state, out->steps[i].reason,
                                   out->steps[i].at};
  question.admitted_at = admitted_at;
  question.evidence = evidence;
  question.said = said;
  question.said_count = out->step_count;
  out->count = intake_codes_count(intakes->rules);
  out->answers = arena_allocate_array(arena, out->count + 1, sizeof *out->answers);
  intake_check(&question, out->answers, &out->progress);
  return true;
}

bool intake_view_load(struct store_transaction *transaction, const struct intakes *intakes,
                      const struct access *access, struct arena *arena, struct text id,
                      struct intake_view *out, struct error *error)
{
  struct intake_view found = {.count = 0};
  if (!intake_load(transaction, access, arena, id, &found.intake, error) ||
      !view(transaction, intakes, access, arena, found.intake.admitted_at, &found, error))
    return false;
  *out = found;
  return true;
}

/* --- Saying ---------------------------------------------------------------------------------- */

static bool check_reason(const struct intakes *intakes, const struct intake_item *row,
                         const struct intake_step *step, struct error *error)
{
  const struct intake_reason *reason = intake_reasons_find(intakes->rules, step->reason);
  bool declines = step->state == INTAKE_SAID_DECLINED;
  if (declines && !row->may_decline)
    return intake_refuse(error, "error.intake.decline", "what may not be declined");
  if (!reason || reason->is_declined != declines || !intake_reason_fits(reason, row))
    return intake_refuse(error, "error.intake.reason", "a reason that does not fit");
  return !reason->needs_words || text_trim(step->words).length > 0 ||
         intake_refuse(error, "error.intake.words", "a reason that asks for words");
}

static bool check_step(const struct intakes *intakes, const struct access *access,
                       const struct intake *intake, const struct intake_step *step,
                       struct error *error)
{
  struct intake_question question = question_of(intakes, access, intake);
  const struct intake_item *row = intake_item_find(&question, step->item);
  if (!row) return intake_refuse(error, "error.intake.item", "an item that is not asked here");
  if (!intake_may_do(access, &row->roles, error) || !intake_check_words(step->words, error))
    return false;
  if (step->at > access->now) return intake_refuse(error, "error.intake.future", "a time to come");
  if (step->state == INTAKE_SAID_OPEN) return true;
  if (step->state != INTAKE_SAID_DONE) return check_reason(intakes, row, step, error);
  if (!intake_item_is_said(row))
    return intake_refuse(error, "error.intake.derived", "what stands in a record elsewhere");
  return row->evidence != INTAKE_DOCUMENT || step->evidence_id.length ||
         text_trim(step->words).length > 0 ||
         intake_refuse(error, "error.intake.document", "a document that is nowhere");
}

static bool insert_step(struct store_transaction *transaction, const struct access *access,
                        const struct intake *intake, const struct intake_step *step,
                        struct text sealed, struct error *error)
{
  struct store_cursor *cursor = NULL;
  int64_t last = 0, changed = 0;
  bool has_reason = step->state == INTAKE_SAID_DECLINED || step->state == INTAKE_SAID_NOT_NEEDED;
  if (!intake_number(store_query(transaction, &cursor,
                                 "SELECT coalesce(max(seq), 0) FROM intake_item WHERE"
                                 " program_id = $1 AND intake_id = $2 AND item = $3",
                                 STORE_BIND(STORE_T(access->program_id), STORE_T(intake->id),
                                            STORE_T(step->item)),
                                 error),
                     &cursor, &last, error))
    return false;
  if (last != step->seq) return intake_stale(error);
  if (!store_execute(
          transaction,
          "INSERT INTO intake_item (program_id, intake_id, item, seq, state, reason, words,"
          " evidence_id, at, account_id, made_at)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
          " ON CONFLICT (program_id, intake_id, item, seq) DO NOTHING",
          STORE_BIND(STORE_T(access->program_id), STORE_T(intake->id), STORE_T(step->item),
                     STORE_N(last + 1), STORE_T(text_from(state_names[step->state])),
                     STORE_T(has_reason ? step->reason : TEXT("")), STORE_B(sealed),
                     STORE_T(step->evidence_id), STORE_N(step->at ? step->at : access->now),
                     STORE_T(access->actor->account_id), STORE_N(access->now)),
          &changed, error))
    return false;
  return changed == 1 || intake_stale(error);
}

bool intake_say(struct store_transaction *transaction, const struct intakes *intakes,
                const struct access *access, struct arena *arena, struct text intake_id,
                const struct intake_step *step, struct error *error)
{
  struct intake intake;
  struct text sealed;
  return intake_open_row(transaction, access, arena, "intake", intake_id, false, &intake, error) &&
         check_step(intakes, access, &intake, step, error) &&
         intake_seal(access, arena, intake.person_id, words_purpose, step->words, &sealed, error) &&
         insert_step(transaction, access, &intake, step, sealed, error) &&
         intake_clock(transaction, intakes, access, arena, intake_id, error);
}

/* --- Admitting ------------------------------------------------------------------------------- */

/* The stay becomes active, unless something did that; `at` is when. */
static bool activate(struct store_transaction *transaction, const struct intakes *intakes,
                     const struct access *access, const struct access *stay, struct arena *arena,
                     const struct intake *intake, int64_t *at, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  int64_t begun_at = 0, version = 0;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT begun_at, version FROM episode WHERE program_id = $1 AND id = $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(intake->episode_id)), error) &&
      store_next(cursor, &more, error);
  if (is_read) {
    begun_at = store_column_integer(cursor, 0);
    version = store_column_integer(cursor, 1);
  }
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (begun_at) {
    *at = begun_at;
    return true;
  }
  const struct episode_change change = {
      .status = TEXT("active"), .end_reason = TEXT(""), .words = TEXT(""), .at = *at};
  if (!stay)
    return intake_refuse(error, "error.care.episode.status", "a stay that is not active yet");
  return episode_change_status(transaction, intakes->care, stay, arena, intake->episode_id, &change,
                               version, error);
}

bool intake_admit(struct store_transaction *transaction, const struct intakes *intakes,
                  const struct access *access, const struct access *stay, struct arena *arena,
                  struct text id, int64_t at, struct error *error)
{
  struct intake_view found = {.count = 0};
  if (!intake_open_row(transaction, access, arena, "intake", id, false, &found.intake, error))
    return false;
  if (found.intake.admitted_at) return true;
  if (at > access->now) return intake_refuse(error, "error.intake.future", "a time to come");
  if (!view(transaction, intakes, access, arena, at, &found, error)) return false;
  if (found.progress.blocking)
    return intake_refuse(error, "error.intake.blocked", "something blocks the admission");
  return activate(transaction, intakes, access, stay, arena, &found.intake, &at, error) &&
         store_execute(
             transaction,
             "INSERT INTO intake_admission (program_id, episode_id, intake_id, at, account_id,"
             " made_at) VALUES ($1, $2, $3, $4, $5, $6)"
             " ON CONFLICT (program_id, episode_id) DO NOTHING",
             STORE_BIND(STORE_T(access->program_id), STORE_T(found.intake.episode_id), STORE_T(id),
                        STORE_N(at), STORE_T(access->actor->account_id), STORE_N(access->now)),
             NULL, error) &&
         intake_clock(transaction, intakes, access, arena, id, error);
}
