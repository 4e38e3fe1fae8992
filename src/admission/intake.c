/*
 * intake: see intake.h. Not here: where evidence comes from (intake_evidence.c), what is written
 * (intake_record.c).
 */
#include "admission/intake.h"

#define DAY INT64_C(86400000000)

const char *intake_standing_name(enum intake_standing standing)
{
  static const char *const names[INTAKE_STANDINGS] = {"done", "declined", "due", "late",
                                                      "not-needed"};
  return names[standing];
}

const char *intake_why_name(enum intake_why why)
{
  static const char *const names[INTAKE_WHYS] = {"", "program", "level", "law", "fact", "said"};
  return names[why];
}

/* --- Which row holds ------------------------------------------------------------------------- */

/* From when clocks count; 0: nobody knows. */
static int64_t begins_at(const struct intake_question *question)
{
  return question->admitted_at ? question->admitted_at : question->planned_at;
}

static int64_t day_of(const struct intake_question *question)
{
  int64_t from = begins_at(question);
  return (from ? from : question->now) / DAY;
}

/* Why a row does not hold. */
static enum intake_why row_says(const struct intake_question *question,
                                const struct intake_item *row)
{
  if (!coverage_words_have(&row->programs, question->program_kind)) return INTAKE_WHY_PROGRAM;
  if (!coverage_words_have(&row->levels, question->level_of_care)) return INTAKE_WHY_LEVEL;
  return day_of(question) < row->term.first ? INTAKE_WHY_LAW : INTAKE_WHY_NONE;
}

/* The row of an item that holds: law on the day, else law last. NULL: none, and `why`, the most
 * that any row came to. */
static const struct intake_item *find_row(const struct intake_question *question, struct text code,
                                          enum intake_why *why)
{
  const struct intake_item *found = NULL;
  *why = INTAKE_WHY_PROGRAM;
  for (size_t i = 0; i < intake_items_count(question->rules); i++) {
    const struct intake_item *row = intake_items_get(question->rules, i);
    if (!text_equal(row->code, code)) continue;
    enum intake_why says = row_says(question, row);
    if (says == INTAKE_WHY_NONE) {
      if (!found || row->term.last > found->term.last) found = row;
    } else if (says > *why) {
      *why = says;
    }
  }
  return found;
}

const struct intake_item *intake_item_find(const struct intake_question *question, struct text code)
{
  enum intake_why why;
  return find_row(question, code, &why);
}

/* --- What is known of it --------------------------------------------------------------------- */

static bool fact_holds(const struct intake_question *question, const struct intake_item *item)
{
  if (item->fact.length == 0) return true;
  for (size_t i = 0; i < question->evidence_count; i++) {
    const struct intake_evidence *fact = &question->evidence[i];
    if (fact->kind == INTAKE_FACT && text_equal(fact->of, item->fact) &&
        coverage_words_have(&item->values, fact->value))
      return true;
  }
  return false;
}

/* Is it from a time that counts: not to come, and not too old? */
static bool time_counts(const struct intake_question *question, const struct intake_item *item,
                        int64_t at, bool *is_old)
{
  int64_t from = begins_at(question);
  if (from == 0) from = question->now;
  bool too_old = item->oldest && at < from - item->oldest;
  if (too_old) *is_old = true;
  return !too_old && at <= question->now;
}

static void find_evidence(const struct intake_question *question, struct intake_answer *answer)
{
  const struct intake_item *item = answer->item;
  for (size_t i = 0; i < question->evidence_count; i++) {
    const struct intake_evidence *evidence = &question->evidence[i];
    bool is_meant = evidence->kind == item->evidence &&
                    (item->of.count == 0 || coverage_words_have(&item->of, evidence->of));
    if (!is_meant || !time_counts(question, item, evidence->at, &answer->is_old)) continue;
    /* The earliest that counts: since then it is done. */
    if (!answer->evidence || evidence->at < answer->evidence->at) answer->evidence = evidence;
  }
}

static const struct intake_said *find_said(const struct intake_question *question, struct text code)
{
  for (size_t i = 0; i < question->said_count; i++)
    if (text_equal(question->said[i].item, code)) return &question->said[i];
  return NULL;
}

/* Does what staff said count, and as what? A reason that does not fit says nothing. */
static enum intake_said_state said_counts(const struct intake_question *question,
                                          struct intake_answer *answer,
                                          const struct intake_said *said)
{
  if (!said || said->state == INTAKE_SAID_OPEN) return INTAKE_SAID_OPEN;
  if (said->state == INTAKE_SAID_DONE)
    return intake_item_is_said(answer->item) &&
                   time_counts(question, answer->item, said->at, &answer->is_old)
               ? INTAKE_SAID_DONE
               : INTAKE_SAID_OPEN;
  const struct intake_reason *reason = intake_reasons_find(question->rules, said->reason);
  bool fits = reason && reason->is_declined == (said->state == INTAKE_SAID_DECLINED) &&
              intake_reason_fits(reason, answer->item);
  return fits ? said->state : INTAKE_SAID_OPEN;
}

/* --- One item -------------------------------------------------------------------------------- */

static void settle(const struct intake_question *question, struct intake_answer *answer)
{
  const struct intake_said *said = find_said(question, answer->item->code);
  enum intake_said_state state = said_counts(question, answer, said);
  find_evidence(question, answer);
  if (state != INTAKE_SAID_OPEN && !answer->evidence) answer->said = said;
  if (answer->evidence || state == INTAKE_SAID_DONE) {
    int64_t at = answer->evidence ? answer->evidence->at : said->at;
    answer->standing = INTAKE_DONE;
    answer->was_late = answer->due_at && at > answer->due_at;
    answer->is_old = false;
  } else if (state == INTAKE_SAID_DECLINED) {
    answer->standing = INTAKE_DECLINED;
  } else if (state == INTAKE_SAID_NOT_NEEDED) {
    answer->standing = INTAKE_NOT_NEEDED;
    answer->why = INTAKE_WHY_SAID;
  }
}

static struct intake_answer answer_item(const struct intake_question *question,
                                        const struct intake_item *first)
{
  struct intake_answer answer = {.item = first, .standing = INTAKE_NOT_NEEDED};
  const struct intake_item *row = find_row(question, first->code, &answer.why);
  int64_t from = begins_at(question);
  if (!row) return answer;
  answer.item = row;
  answer.why = INTAKE_WHY_NONE;
  answer.law_over = day_of(question) > row->term.last;
  if (!fact_holds(question, row)) {
    answer.why = INTAKE_WHY_FACT;
    return answer;
  }
  answer.standing = INTAKE_DUE;
  if (row->has_due && from) answer.due_at = from + row->due;
  bool runs = question->admitted_at || row->due < 0;
  if (answer.due_at && runs && question->now > answer.due_at) answer.standing = INTAKE_LATE;
  settle(question, &answer);
  return answer;
}

/* --- All ------------------------------------------------------------------------------------- */

static bool is_open(const struct intake_answer *answer)
{
  return answer->standing == INTAKE_DUE || answer->standing == INTAKE_LATE;
}

/* Is `a` the more pressing of two open items? What blocks comes first, then what is due first. */
static bool is_sooner(const struct intake_question *question, const struct intake_answer *a,
                      const struct intake_answer *b)
{
  bool a_blocks = a->item->blocks && !question->admitted_at;
  bool b_blocks = b->item->blocks && !question->admitted_at;
  if (a_blocks != b_blocks) return a_blocks;
  if (a->item->has_due != b->item->has_due) return a->item->has_due;
  return a->item->due < b->item->due;
}

void intake_check(const struct intake_question *question, struct intake_answer *answers,
                  struct intake_progress *progress)
{
  size_t count = intake_codes_count(question->rules);
  struct intake_progress sum = {.next = count};
  for (size_t i = 0; i < count; i++) {
    struct intake_answer *answer = &answers[i];
    *answer = answer_item(question, intake_codes_get(question->rules, i));
    if (answer->standing == INTAKE_NOT_NEEDED) continue;
    sum.needed++;
    if (!is_open(answer)) {
      sum.settled++;
      continue;
    }
    sum.late += answer->standing == INTAKE_LATE;
    sum.blocking += answer->item->blocks;
    bool runs = question->admitted_at || answer->item->due < 0;
    if (answer->standing == INTAKE_DUE && answer->due_at && runs &&
        (sum.next_late == 0 || answer->due_at < sum.next_late))
      sum.next_late = answer->due_at;
    if (sum.next == count || is_sooner(question, answer, &answers[sum.next])) sum.next = i;
  }
  *progress = sum;
}
