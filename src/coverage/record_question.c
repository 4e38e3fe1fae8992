/*
 * record_question: which questions left for a plan as files, by number and trace. Invariant: a
 * number is given once in a program, since rows are only added and each is the next. What the file
 * said is kept with its disclosure, not here. See record.h.
 */
#include "coverage/record_private.h"

enum { CONTROL_MOST = 999999999 };

bool coverage_question_begin(struct store_transaction *transaction, const struct access *access,
                             struct arena *arena, struct coverage_question *question,
                             struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  struct text rest = record_new_id(arena, access->now), part;
  if (!record_may_ask(access, error)) return false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT COALESCE(MAX(control), 0) FROM coverage_question"
                             " WHERE program_id = $1",
                             STORE_BIND(STORE_T(access->program_id)), error) &&
                 store_next(cursor, &more, error);
  int64_t last = is_read && more ? store_column_integer(cursor, 0) : 0;
  store_cursor_close(cursor);
  if (!is_read) return false;
  if (last >= CONTROL_MOST)
    return record_refuse(error, "error.coverage.x12_numbers", "every number is given");
  question->control = last + 1;
  question->trace = TEXT("");
  while (text_split_next(&rest, '-', &part))
    question->trace = text_format(arena, "%.*s%.*s", TEXT_PRINT(question->trace), TEXT_PRINT(part));
  question->trace = text_upper_ascii(arena, question->trace);
  return true;
}

bool coverage_question_add(struct store_transaction *transaction, const struct access *access,
                           const struct coverage_question *question, struct error *error)
{
  int64_t changed = 0;
  if (!record_may_ask(access, error) ||
      !store_execute(
          transaction,
          "INSERT INTO coverage_question (program_id, control, person_id, plan_id,"
          " level_of_care, trace, disclosure_id, sender, provider_name, provider_npi,"
          " account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
          " ON CONFLICT DO NOTHING", /* another's that is not seen here: the act runs again */
          STORE_BIND(STORE_T(access->program_id), STORE_N(question->control),
                     STORE_T(access->person_id), STORE_T(question->plan_id),
                     STORE_T(question->level_of_care), STORE_T(question->trace),
                     STORE_T(question->disclosure_id), STORE_T(question->sender),
                     STORE_T(question->provider_name), STORE_T(question->provider_npi),
                     STORE_T(access->actor->account_id), STORE_N(access->now)),
          &changed, error))
    return false;
  return changed == 1 || error_set(error, ERROR_CONFLICT, "error.store.conflict", "",
                                   "coverage: the number was given");
}

bool coverage_question_last(struct store_transaction *transaction, const struct access *access,
                            struct arena *arena, struct coverage_question *out, struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  *out = (struct coverage_question){
      .sender = TEXT(""), .provider_name = TEXT(""), .provider_npi = TEXT("")};
  if (!record_may(access, false, error)) return false;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT control, sender, provider_name, provider_npi"
                             " FROM coverage_question WHERE program_id = $1"
                             " ORDER BY control DESC LIMIT 1",
                             STORE_BIND(STORE_T(access->program_id)), error) &&
                 store_next(cursor, &more, error);
  if (is_read && more)
    *out = (struct coverage_question){.control = store_column_integer(cursor, 0),
                                      .sender = record_column(arena, cursor, 1),
                                      .provider_name = record_column(arena, cursor, 2),
                                      .provider_npi = record_column(arena, cursor, 3)};
  store_cursor_close(cursor);
  return is_read;
}

bool coverage_question_whose(struct store_transaction *transaction, const struct access *access,
                             struct text plan_id, struct text trace, enum question_of *out,
                             struct error *error)
{
  struct store_cursor *cursor = NULL;
  bool more = false;
  *out = QUESTION_UNKNOWN;
  if (!record_may(access, false, error)) return false;
  if (text_is_empty(trace)) return true;
  bool is_read =
      store_query(transaction, &cursor,
                  "SELECT plan_id FROM coverage_question WHERE program_id = $1 AND trace = $2",
                  STORE_BIND(STORE_T(access->program_id), STORE_T(trace)), error) &&
      store_next(cursor, &more, error);
  if (is_read && more)
    *out =
        text_equal(store_column_text(cursor, 0), plan_id) ? QUESTION_OF_PLAN : QUESTION_OF_ANOTHER;
  store_cursor_close(cursor);
  return is_read;
}
