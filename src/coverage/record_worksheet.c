/*
 * record_worksheet: what a plan says of one level of care, each time it was asked. Invariant: rows
 * are only added, one behind the other. See record.h.
 */
#include <stddef.h>

#include "coverage/record_private.h"

static const char purpose[] = "benefits_worksheet.answers";

static const char select_rows[] =
    "" RECORD_SAME "SELECT plan_id, person_id, account_id, seq, at, level_of_care, answers"
    " FROM benefits_worksheet w WHERE program_id = $1"
    " AND person_id IN (SELECT id FROM same) AND ($3 = '' OR plan_id = $3)"
    " AND ($4 = '' OR level_of_care = $4) AND NOT EXISTS (SELECT 1"
    " FROM benefits_worksheet n WHERE n.program_id = $1 AND n.plan_id = w.plan_id"
    " AND n.level_of_care = w.level_of_care AND n.seq > w.seq)"
    " ORDER BY plan_id, level_of_care LIMIT $5";

static void read_row(struct arena *arena, const struct store_cursor *cursor, void *row)
{
  *(struct benefits_worksheet *)row = (struct benefits_worksheet){
      .plan_id = record_column(arena, cursor, 0),
      .person_id = record_column(arena, cursor, 1),
      .account_id = record_column(arena, cursor, 2),
      .seq = store_column_integer(cursor, 3),
      .at = store_column_integer(cursor, 4),
      .benefits = {.level_of_care = record_column(arena, cursor, 5)},
  };
}

static bool take(const struct coverage_rules *rules, const struct value *facts, void *row,
                 struct error *error)
{
  struct benefits_worksheet *sheet = row;
  return !facts || benefits_read(rules, facts, &sheet->benefits, error);
}

static const struct record_kind kind = {.purpose = purpose,
                                        .size = sizeof(struct benefits_worksheet),
                                        .person_id = offsetof(struct benefits_worksheet, person_id),
                                        .facts = 6,
                                        .read = read_row,
                                        .take = take};

/* The last row of each plan and level, of one plan and level where they are named. */
static bool read_rows(struct store_transaction *transaction, const struct coverage_rules *rules,
                      const struct access *access, struct arena *arena, struct text plan_id,
                      struct text level, struct benefits_worksheet **out, size_t *count,
                      struct error *error)
{
  struct store_cursor *cursor = NULL;
  if (!store_query(transaction, &cursor, select_rows,
                   STORE_BIND(STORE_T(access->program_id), STORE_T(access->person_id),
                              STORE_T(plan_id), STORE_T(level), STORE_N(LIMIT_CARE_ROWS)),
                   error))
    return false;
  struct benefits_worksheet *rows =
      record_rows_read(access, arena, &kind, rules, cursor, count, error);
  if (rows) *out = rows;
  return rows != NULL;
}

bool benefits_worksheet_list(struct store_transaction *transaction,
                             const struct coverage_rules *rules, const struct access *access,
                             struct arena *arena, struct benefits_worksheet **out, size_t *count,
                             struct error *error)
{
  return record_may(access, false, error) &&
         read_rows(transaction, rules, access, arena, TEXT(""), TEXT(""), out, count, error);
}

bool benefits_worksheet_load(struct store_transaction *transaction,
                             const struct coverage_rules *rules, const struct access *access,
                             struct arena *arena, struct text plan_id, struct text level,
                             struct benefits_worksheet *out, struct error *error)
{
  struct coverage_plan plan;
  struct benefits_worksheet *rows;
  size_t count;
  if (!record_may(access, false, error) ||
      !coverage_plan_load(transaction, access, arena, plan_id, &plan, error))
    return false;
  if (level.length == 0) return record_missing(error);
  if (!read_rows(transaction, rules, access, arena, plan_id, level, &rows, &count, error))
    return false;
  struct benefits_worksheet none = {.plan_id = plan.id,
                                    .person_id = plan.person_id,
                                    .benefits = {.level_of_care = text_copy(arena, level)}};
  *out = count ? rows[0] : none;
  return true;
}

/* What is kept: the answers that were given, without their state on a day. */
static struct value *answers_of(const struct coverage_rules *rules, struct arena *arena,
                                const struct benefits *benefits, int64_t day)
{
  struct value *all = benefits_write(rules, arena, benefits, day), *out = value_object(arena),
               *answers = value_object(arena);
  const struct value *item;
  struct text key;
  value_set(out, "level", value_get(all, TEXT("level")));
  for (size_t i = 0; value_member(value_get(all, TEXT("answers")), i, &key, &item); i++)
    if (value_get(item, TEXT("source"))) value_set_text_key(answers, key, item);
  value_set(out, "answers", answers);
  return out;
}

bool benefits_worksheet_add(struct store_transaction *transaction,
                            const struct coverage_rules *rules, const struct access *access,
                            struct arena *arena, struct benefits_worksheet *worksheet, int64_t day,
                            struct error *error)
{
  struct benefits_worksheet before = {.seq = 0};
  struct text sealed;
  if (!record_may(access, true, error) ||
      !benefits_worksheet_load(transaction, rules, access, arena, worksheet->plan_id,
                               worksheet->benefits.level_of_care, &before, error))
    return false;
  if (before.seq != worksheet->seq) return record_stale(error);
  const struct value *answers = answers_of(rules, arena, &worksheet->benefits, day);
  if (!record_seal(access, arena, before.person_id, purpose, answers, &sealed, error) ||
      !store_execute(transaction,
                     "INSERT INTO benefits_worksheet (program_id, plan_id, level_of_care, seq,"
                     " person_id, answers, account_id, at)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                     STORE_BIND(STORE_T(access->program_id), STORE_T(before.plan_id),
                                STORE_T(before.benefits.level_of_care), STORE_N(before.seq + 1),
                                STORE_T(before.person_id), STORE_B(sealed),
                                STORE_T(access->actor->account_id), STORE_N(access->now)),
                     NULL, error))
    return false;
  worksheet->seq++;
  worksheet->person_id = before.person_id;
  worksheet->at = access->now;
  return true;
}
