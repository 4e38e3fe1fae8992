/*
 * packing_choice: which of our lines a program says, and in which order. See packing.h.
 *
 * A line that was never touched has no row, so that what is added to packing-list.csv later is said
 * everywhere. No state; any thread.
 */
#include <string.h>

#include "admission/intake_private.h"
#include "admission/packing.h"

bool packing_choice_list(struct store_transaction *transaction, struct arena *arena,
                         struct text program_id, struct packing_choice **out, size_t *count,
                         struct error *error)
{
  struct packing_choice *choices = arena_allocate_array(arena, LIMIT_CARE_ROWS, sizeof *choices);
  struct store_cursor *cursor = NULL;
  bool more = false;
  size_t found = 0;
  bool is_read = store_query(transaction, &cursor,
                             "SELECT item, is_hidden, position FROM packing_choice"
                             " WHERE program_id = $1 ORDER BY item LIMIT $2",
                             STORE_BIND(STORE_T(program_id), STORE_N(LIMIT_CARE_ROWS)), error);
  while (is_read && (is_read = store_next(cursor, &more, error)) && more)
    choices[found++] = (struct packing_choice){.item = intake_column(arena, cursor, 0),
                                               .is_hidden = store_column_integer(cursor, 1) == 1,
                                               .position = store_column_integer(cursor, 2)};
  store_cursor_close(cursor);
  if (!is_read) return false;
  *out = choices;
  *count = found;
  return true;
}

/* --- The order: pure ------------------------------------------------------------------------- */

static const struct packing_choice *choice_of(const struct packing_choice *choices, size_t count,
                                              struct text item)
{
  for (size_t i = 0; i < count; i++)
    if (text_equal(choices[i].item, item)) return &choices[i];
  return NULL;
}

bool packing_is_hidden(const struct packing_choice *choices, size_t count, struct text item)
{
  const struct packing_choice *choice = choice_of(choices, count, item);
  return choice && choice->is_hidden;
}

/* Where nothing was chosen: behind all that was. */
static int64_t position_of(const struct packing_choice *choices, size_t count, struct text item)
{
  const struct packing_choice *choice = choice_of(choices, count, item);
  return choice && choice->position > 0 ? choice->position : INT64_MAX;
}

size_t packing_order(const struct intake_rules *rules, struct text program_kind, struct text kind,
                     const struct packing_choice *choices, size_t count, bool with_hidden,
                     const struct packing_item **out)
{
  bool is_brought = kind.length > 0;
  size_t found = 0;
  for (size_t i = 0; i < packing_items_count(rules); i++) {
    const struct packing_item *item = packing_items_get(rules, i);
    if (item->is_brought != is_brought || (is_brought && !text_equal(item->kind, kind)) ||
        !coverage_words_have(&item->programs, program_kind) ||
        (!with_hidden && packing_is_hidden(choices, count, item->code)))
      continue;
    size_t at = found++; /* a stable insertion: equals stay in the order of the file */
    int64_t position = position_of(choices, count, item->code);
    for (; at > 0 && position_of(choices, count, out[at - 1]->code) > position; at--)
      out[at] = out[at - 1];
    out[at] = item;
  }
  return found;
}

/* --- Choosing -------------------------------------------------------------------------------- */

static bool may_write(const struct access *access, struct error *error)
{
  bool is_meant = access->object && access->act && strcmp(access->object, "program") == 0 &&
                  strcmp(access->act, "write") == 0;
  return is_meant || error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                               "admission: the access was not opened to write the program");
}

static const struct packing_item *item_of(const struct intakes *intakes, struct text code)
{
  for (size_t i = 0; i < packing_items_count(intakes->rules); i++)
    if (text_equal(packing_items_get(intakes->rules, i)->code, code))
      return packing_items_get(intakes->rules, i);
  return NULL;
}

static bool put(struct store_transaction *transaction, const struct access *access,
                const struct packing_choice *choice, struct error *error)
{
  return store_execute(
      transaction,
      "INSERT INTO packing_choice (program_id, item, is_hidden, position, account_id, changed_at)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (program_id, item) DO UPDATE SET"
      " is_hidden = $3, position = $4, account_id = $5, changed_at = $6",
      STORE_BIND(STORE_T(access->program_id), STORE_T(choice->item), STORE_N(choice->is_hidden),
                 STORE_N(choice->position), STORE_T(access->actor->account_id),
                 STORE_N(access->now)),
      NULL, error);
}

bool packing_item_hide(struct store_transaction *transaction, const struct intakes *intakes,
                       const struct access *access, struct text item, bool is_hidden,
                       struct error *error)
{
  const struct packing_item *ours = item_of(intakes, item);
  if (!may_write(access, error)) return false;
  if (!ours) return intake_refuse(error, "error.care.code", "no such line of the packing list");
  if (is_hidden && text_equal(ours->kind, TEXT("medicine")))
    return intake_refuse(error, "error.packing.keep", "medicine that is not named");
  return store_execute(
      transaction,
      "INSERT INTO packing_choice (program_id, item, is_hidden, position, account_id, changed_at)"
      " VALUES ($1, $2, $3, 0, $4, $5) ON CONFLICT (program_id, item) DO UPDATE SET"
      " is_hidden = $3, account_id = $4, changed_at = $5",
      STORE_BIND(STORE_T(access->program_id), STORE_T(item), STORE_N(is_hidden),
                 STORE_T(access->actor->account_id), STORE_N(access->now)),
      NULL, error);
}

bool packing_item_move(struct store_transaction *transaction, const struct intakes *intakes,
                       const struct access *access, struct arena *arena, struct text program_kind,
                       struct text item, bool is_up, struct error *error)
{
  const struct packing_item *ours = item_of(intakes, item);
  const struct packing_item **order =
      arena_allocate_array(arena, packing_items_count(intakes->rules) + 1, sizeof *order);
  struct packing_choice *choices;
  size_t count, at = 0;
  if (!may_write(access, error)) return false;
  if (!ours) return intake_refuse(error, "error.care.code", "no such line of the packing list");
  if (!packing_choice_list(transaction, arena, access->program_id, &choices, &count, error))
    return false;
  size_t found =
      packing_order(intakes->rules, program_kind, ours->is_brought ? ours->kind : TEXT(""), choices,
                    count, true, order);
  while (at < found && order[at] != ours) at++;
  if (at == found || (is_up ? at == 0 : at + 1 == found)) return true;
  size_t other = is_up ? at - 1 : at + 1;
  order[at] = order[other];
  order[other] = ours;
  for (size_t i = 0; i < found; i++) {
    const struct packing_choice choice = {
        order[i]->code, packing_is_hidden(choices, count, order[i]->code), (int64_t)i + 1};
    if (!put(transaction, access, &choice, error)) return false;
  }
  return true;
}
