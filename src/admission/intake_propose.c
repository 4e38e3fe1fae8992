/*
 * intake_propose: what a record says to the level of care. See intake_propose.h. No state.
 */
#include <math.h>

#include "admission/intake_propose.h"

#include "admission/intake_private.h"

/* --- Proposing: pure ------------------------------------------------------------------------- */

struct proposing {
  const struct level_of_care *table;
  struct arena *arena;
  struct intake_proposal *by_fact; /* known NULL: nothing yet */
};

/* Another record of the same fact: the newest counts, and the newest that differs is kept beside
 * it. */
static void weigh(struct proposing *proposing, size_t fact, double value,
                  const struct intake_known *known)
{
  struct intake_proposal *standing = &proposing->by_fact[fact];
  bool is_newer = !standing->known || known->at >= standing->known->at;
  if (is_newer) {
    if (standing->known && standing->value != value) {
      standing->other = standing->known;
      standing->other_value = standing->value;
    } else if (standing->other && standing->other_value == value) {
      standing->other = NULL;
    }
    standing->fact = fact;
    standing->value = value;
    standing->known = known;
  } else if (standing->value != value && (!standing->other || known->at >= standing->other->at)) {
    standing->other = known;
    standing->other_value = value;
  }
}

/* Of several dates the last one counts, whenever it was written down. */
static void weigh_days(struct proposing *proposing, size_t fact, double days,
                       const struct intake_known *known)
{
  struct intake_proposal *standing = &proposing->by_fact[fact];
  if (standing->known && standing->value <= days) return;
  *standing = (struct intake_proposal){.fact = fact, .value = days, .known = known};
}

/* The row's answer as JSON; NULL where the record has no date behind today. */
static const struct value *answer_of(const struct level_fact *row, const struct intake_known *known,
                                     struct text today, struct arena *arena)
{
  int64_t day, now;
  if (text_equal(row->answer, TEXT("yes"))) return value_boolean(arena, true);
  if (text_equal(row->answer, TEXT("no"))) return value_boolean(arena, false);
  if (!text_equal(row->answer, TEXT("days"))) return value_text(arena, row->answer);
  if (!coverage_day_read(known->value, &day) || !coverage_day_read(today, &now) || day > now)
    return NULL;
  return value_integer(arena, now - day);
}

static void read_row(struct proposing *proposing, const struct level_fact *row,
                     const struct intake_known *known, struct text today)
{
  struct facts said;
  size_t fact;
  if (row->from != known->from || !text_equal(row->of, known->of) ||
      !(text_equal(row->value, TEXT("*")) || text_equal(row->value, known->value)))
    return;
  const struct value *answer = answer_of(row, known, today, proposing->arena);
  facts_init(&said);
  if (!answer || !facts_find(proposing->table, row->fact, &fact) ||
      !facts_set(proposing->table, &said, row->fact, answer, NULL))
    return;
  if (text_equal(row->answer, TEXT("days"))) weigh_days(proposing, fact, said.value[fact], known);
  else weigh(proposing, fact, said.value[fact], known);
}

size_t intake_propose(const struct intake_rules *rules, const struct level_of_care *table,
                      const struct intake_known *known, size_t known_count, struct text today,
                      struct arena *arena, struct intake_proposal *out)
{
  size_t most = facts_count(table), count = 0;
  struct proposing proposing = {table, arena,
                                arena_allocate_array(arena, most + 1, sizeof *proposing.by_fact)};
  for (size_t fact = 0; fact < most; fact++)
    proposing.by_fact[fact] = (struct intake_proposal){.known = NULL};
  for (size_t i = 0; i < known_count; i++) {
    for (size_t row = 0; row < level_facts_count(rules); row++)
      read_row(&proposing, level_facts_get(rules, row), &known[i], today);
    for (size_t fact = 0; known[i].scores && fact < most; fact++)
      if (!isnan(known[i].scores->value[fact]))
        weigh(&proposing, fact, known[i].scores->value[fact], &known[i]);
  }
  for (size_t fact = 0; fact < most; fact++)
    if (proposing.by_fact[fact].known) out[count++] = proposing.by_fact[fact];
  return count;
}

/* --- What is known --------------------------------------------------------------------------- */

struct knowing {
  struct intake_known *items;
  size_t count, most;
};

static void add(struct knowing *knowing, struct intake_known known)
{
  if (knowing->count < knowing->most) knowing->items[knowing->count++] = known;
}

static bool add_facts(struct store_transaction *transaction, const struct access *access,
                      struct arena *arena, const struct intake *intake, struct knowing *knowing,
                      struct error *error)
{
  struct intake_evidence *evidence;
  size_t count;
  if (!intake_evidence_load(transaction, access, arena, intake, &evidence, &count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (evidence[i].kind == INTAKE_FACT)
      add(knowing, (struct intake_known){LEVEL_FROM_FACT, evidence[i].of, evidence[i].value,
                                         evidence[i].id, evidence[i].at, NULL});
  return true;
}

/* What each questionnaire says, scored anew; one that is not known here says nothing. */
static bool add_scores(struct store_transaction *transaction, const struct intakes *intakes,
                       const struct access *access, struct arena *arena, struct knowing *knowing,
                       struct error *error)
{
  struct intake_instrument *taken;
  size_t count;
  if (!intakes->instruments || !intakes->table) return true;
  if (!intake_instrument_list(transaction, access, arena, &taken, &count, error)) return false;
  for (size_t i = 0; i < count; i++) {
    const struct instrument *one = instruments_find(intakes->instruments, taken[i].instrument);
    struct facts *scores = arena_allocate(arena, sizeof *scores);
    struct instrument_answers answers;
    struct instrument_score score;
    if (!one || !taken[i].answers || !instrument_read(one, taken[i].answers, &answers, NULL))
      continue;
    instrument_score(one, &answers, &score);
    if (facts_read(intakes->table, instrument_facts(one, arena, &score), scores, NULL))
      add(knowing, (struct intake_known){LEVEL_FROM_INSTRUMENT, taken[i].instrument, TEXT(""),
                                         taken[i].id, taken[i].at, scores});
  }
  return true;
}

static bool add_requests(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct knowing *knowing, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  bool is_read = store_query(
      transaction, &cursor,
      "WITH RECURSIVE same (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT m.id FROM person m"
      " JOIN same ON m.merged_into = same.id AND m.merged_into <> '' WHERE m.program_id = $1)"
      " SELECT pregnant, id, received_at FROM request WHERE program_id = $1"
      " AND person_id IN (SELECT id FROM same) AND pregnant IN (0, 1) AND received_at <= $3"
      " ORDER BY received_at DESC, id LIMIT $4",
      STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id), STORE_N(access->now),
                 STORE_N(LIMIT_CARE_ROWS)),
      error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    add(knowing, (struct intake_known){
                     LEVEL_FROM_REQUEST, TEXT("pregnant"),
                     store_column_integer(cursor, 0) == 1 ? TEXT("yes") : TEXT("no"),
                     intake_column(arena, cursor, 1), store_column_integer(cursor, 2), NULL});
  store_cursor_close(cursor);
  return is_read;
}

bool intake_known_load(struct store_transaction *transaction, const struct intakes *intakes,
                       const struct access *access, struct arena *arena,
                       const struct intake_view *view, struct intake_known **out, size_t *count,
                       struct error *error)
{
  struct knowing knowing = {.most = LIMIT_INTAKE_EVIDENCE};
  knowing.items = arena_allocate_array(arena, knowing.most, sizeof *knowing.items);
  if (!intake_may(transaction, access, "intake", false, view->intake.person_id, error) ||
      !add_facts(transaction, access, arena, &view->intake, &knowing, error) ||
      !add_scores(transaction, intakes, access, arena, &knowing, error) ||
      !add_requests(transaction, access, arena, &knowing, error))
    return false;
  for (size_t i = 0; i < view->step_count; i++)
    if (view->steps[i].state == INTAKE_SAID_DONE)
      add(&knowing, (struct intake_known){LEVEL_FROM_ITEM, view->steps[i].item, TEXT("done"),
                                          TEXT(""), view->steps[i].at, NULL});
  *out = knowing.items;
  *count = knowing.count;
  return true;
}
