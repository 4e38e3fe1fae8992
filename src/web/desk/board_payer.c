/*
 * Board_payer: what pays for the stay that a bed is looked for, beside what pays for each bed. It
 * is of fit alone: no order of a waiting list reads it. Invariant: who may not read the person's
 * coverage gets no field, no source of the stay and no reason by it, whatever the address says.
 * See board_page.h.
 */
#include "web/desk/board_page.h"

/* Which stay a request is about: a person has one at a site that has not ended. */
static bool find_stay(struct store_transaction *transaction, struct web_request *request,
                      struct text person_id, struct text site_id, struct text *stay_id,
                      struct error *error)
{
  struct access access;
  struct episode *stays;
  size_t count;
  if (!desk_may(request, "episode", "read")) return true;
  if (!people_access(transaction, request, "episode", "read", person_id, &access, error) ||
      !episode_list(transaction, &access, request->arena, person_id, &stays, &count, error))
    return false;
  for (size_t i = 0; i < count; i++)
    if (stays[i].ended_at == 0 && text_equal(stays[i].site_id, site_id)) *stay_id = stays[i].id;
  return true;
}

/* What the record says. Whose coverage is out of the reader's reach is as for who may read none:
 * a bed is looked for all the same, and nobody tried to open anything. */
static bool load_entered(struct store_transaction *transaction, struct board_page *page,
                         struct text person_id, struct text stay_id, struct text site_id,
                         struct error *error)
{
  struct web_request *request = page->request;
  struct access access;
  struct stay_funding *rows;
  size_t count;
  int64_t day = 0;
  if (!people_access(transaction, request, "coverage", "read", person_id, &access, error)) {
    if (error->kind != ERROR_FORBIDDEN) return false;
    request->actor->denial.is_set = false;
    error_clear(error);
    page->payer.may_see = false;
    return true;
  }
  if ((stay_id.length == 0 &&
       !find_stay(transaction, request, person_id, site_id, &stay_id, error)) ||
      !stay_funding_list(transaction, bed_page_coverage(request), &access, request->arena, &rows,
                         &count, error))
    return false;
  (void)coverage_day_read(page->day, &day); /* set_moment() has made it a date */
  if (stay_id.length)
    page->payer.entered = stay_funding_on(request->arena, rows, count, stay_id, day);
  return true;
}

bool board_payer_load(struct store_transaction *transaction, struct board_page *page,
                      struct text person_id, struct text stay_id, struct text site_id,
                      struct text *funding, struct error *error)
{
  struct web_request *request = page->request;
  const struct coverage_rules *rules = bed_page_coverage(request);
  bool is_asked = web_parameter_has(request, "asked");
  struct text asked = is_asked ? web_parameter_get(request, "funding") : TEXT("");
  struct board_payer *payer = &page->payer;
  *payer = (struct board_payer){
      .may_see = rules && desk_may(request, "coverage", "read"),
      .entered = TEXT(""),
      .choice = TEXT(""),
  };
  *funding = TEXT("");
  if (!payer->may_see) return true;
  if (person_id.length && !load_entered(transaction, page, person_id, stay_id, site_id, error))
    return false;
  if (!payer->may_see) return true;
  bool is_source = funding_source_find(rules, asked) != NULL;
  payer->choice = payer->entered.length ? TEXT(BOARD_AS_ENTERED) : TEXT(BOARD_UNKNOWN);
  if (is_source || text_equal(asked, TEXT(BOARD_UNKNOWN))) payer->choice = asked;
  if (is_source) *funding = asked;
  else if (text_equal(payer->choice, TEXT(BOARD_AS_ENTERED))) *funding = payer->entered;
  return true;
}

/* --- Showing ---------------------------------------------------------------------------------- */

static void add(const struct board_page *page, struct value *list, struct text value,
                struct text label)
{
  struct value *item = value_object(page->request->arena);
  view_set_text(page->request, item, "value", value);
  view_set_text(page->request, item, "label", label);
  view_set_flag(page->request, item, "chosen", text_equal(value, page->payer.choice));
  value_add(list, item);
}

void board_payer_fill(const struct board_page *page)
{
  const struct web_request *request = page->request;
  const struct coverage_rules *rules = bed_page_coverage(request);
  const struct board_payer *payer = &page->payer;
  struct value *list = value_list(request->arena);
  view_set_flag(request, page->view->page, "may_see_payer", payer->may_see);
  value_set(page->view->page, "payers", list);
  if (!payer->may_see) return;
  if (payer->entered.length) {
    struct text names = bed_page_join(request, payer->entered, bed_page_funding);
    add(page, list, TEXT(BOARD_AS_ENTERED),
        VIEW_FORMAT(request, "beds.paid_as_entered", {"payers", names}));
  }
  add(page, list, TEXT(BOARD_UNKNOWN), view_text(request, "beds.unknown"));
  for (size_t i = 0; i < funding_sources_count(rules); i++) {
    struct text name = funding_sources_get(rules, i)->name;
    add(page, list, name, bed_page_funding(request, name));
  }
}

struct text board_payer_words(const struct board_page *page, const struct board_bed *bed,
                              struct text funding)
{
  const struct web_request *request = page->request;
  struct text of_bed = bed_page_join(request, bed->funding, bed_page_funding);
  struct text of_stay = bed_page_join(request, funding, bed_page_funding);
  if (bed->funding.length == 0)
    return funding.length ? view_text(request, "beds.pays_any") : TEXT("");
  if (!page->payer.may_see) return VIEW_FORMAT(request, "beds.pays_bed", {"bed", of_bed});
  if (funding.length == 0) return VIEW_FORMAT(request, "beds.pays_unknown", {"bed", of_bed});
  return VIEW_FORMAT(request, "beds.pays_both", {"bed", of_bed}, {"stay", of_stay});
}
