/*
 * about_belongings: what somebody brought as documents of their record, by the fields of
 * knowledge/labels.csv. Where a thing is locked up is no part of it, nor who moved it. What may say
 * more than a coat does (a medicine, a thing that cannot stay) leaves as free words do: only where
 * a consent names them. See about.h.
 */
#include "admission/admission.h"
#include "web/desk/about.h"

static void set(struct arena *arena, struct value *object, const char *key, struct text t)
{
  if (t.length) value_set(object, key, value_text(arena, t));
}

static struct value *thing_document(const struct desk_about *about, const struct belonging *row)
{
  struct arena *arena = about->request->arena;
  struct value *out = value_object(arena);
  bool is_telling = row->count_id.length || row->restricted.length;
  set(arena, out, "thing", row->thing);
  value_set(out, "quantity", value_integer(arena, row->quantity));
  if (row->count_id.length == 0) set(arena, out, "condition", row->condition);
  set(arena, out, "cannot_stay", row->restricted);
  set(arena, out, "whereabouts", row->state);
  set(arena, out, "received_on", zone_format_date(arena, about->request->zone, row->made_at));
  if (is_telling) set(arena, out, "labels", TEXT("FREETEXT"));
  return out;
}

bool desk_about_belongings(struct store_transaction *transaction, const struct desk_about *about,
                           const struct access *access, struct value *record, struct error *error)
{
  struct arena *arena = about->request->arena;
  struct value *list = value_list(arena);
  struct intake *intakes;
  size_t intake_count;
  if (!about->request->application->intakes) return true;
  if (!belongings_intakes(transaction, access, arena, &intakes, &intake_count, error)) return false;
  for (size_t i = 0; i < intake_count; i++) {
    struct belonging *rows;
    size_t count;
    if (!belongings_list(transaction, access, arena, intakes[i].id, &rows, &count, error))
      return false;
    for (size_t row = 0; row < count; row++)
      if (rows[row].error_at == 0) value_add(list, thing_document(about, &rows[row]));
  }
  if (value_count(list)) value_set(record, "belonging", list);
  return true;
}
