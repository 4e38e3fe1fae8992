/*
 * views: what the public pages' handlers share. A handler fills {result, page}; words come from the
 * catalog, markup from the templates, facts from the directory. Nothing here writes HTML.
 *
 *   views_finder.c    routes; what was asked, read from the parameters
 *   views_form.c      the search form as it was sent: needs with counts, distances, order
 *   views_results.c   what was found: title, choices, what was loosened, cards, paging
 *   views_facility.c  one facility
 *   views_availability.c  what is said of free places
 *   views_reading.c   start page, help now, about
 *   views_learn.c     articles and their list
 *   views_paying.c    the calculator of what one may pay
 *   views_ask.h       asking for a place or a call, from outside
 *   views_choose.c    the interview, one question a page
 *   views_instrument.c   items of an instrument in a form, its score in words
 *   views_instruments.c  the instruments' pages and API
 *   views_frame.c     what stands on every page
 *   views_map.c       the map under the marks of a page
 *   views_words.h     numbers, dates, phones and messages as text
 *
 * Threads: all state is the request's; `struct web_pages` is immutable after loading.
 */
#ifndef FAIRLEAD_WEB_VIEWS_H
#define FAIRLEAD_WEB_VIEWS_H

#include "assessment/assessment.h"
#include "coverage/coverage.h"
#include "directory/notes.h"
#include "web/articles.h"
#include "web/map.h"
#include "web/views_words.h"

/* What web_pages_load() loads. */
struct web_pages {
  struct notes *notes;
  struct map_outlines *outlines;
  struct articles *articles;
  struct instruments *instruments;
  struct coverage_rules *coverage; /* what pays for care */
};

/* --- A search, as asked (views_finder.c) ----------------------------------------------------- */

struct finder {
  struct web_request *request;
  struct value *page;
  const struct snapshot *snapshot;
  const struct needs *needs;
  struct directory_request asked;
  bool *ticked;      /* by need index */
  size_t first_need; /* ticked before anything was asked; NEEDS_MAXIMUM when there is none */
  int64_t start;     /* number of the first card: 1, or where "next" goes on */
  struct directory_answer answer;
  bool answered;
  struct error problem; /* ERROR_NONE, or why there is no answer */
  const char *note;     /* key of what the person should know beside an answer; or NULL */
};

/* {"form"}: what was typed and ticked, with counts when there is an answer; first of the two. */
void view_form(struct finder *finder);
/* {"results", "map"} */
void view_results(struct finder *finder);

/* The first `limit` places for these needs near `near`: fills page.results as /find does. Answers
 * false when there is no directory or the search was refused. */
bool view_find_places(struct web_request *request, struct text near, const struct text *needs,
                      size_t need_count, size_t limit, struct value *page);

/* What stands on cards and pages about needs: {"label"} or {"label", "source"}. */
struct view_notes {
  struct value *cautions, *fits, *unknown;
};
struct view_notes view_notes_new(const struct web_request *request);
void view_notes_add(const struct web_request *request, struct value *list, struct text label,
                    struct text source);

/* Draw the map of these marks in the request's language; the label is its accessible name. The
 * request's own members of `map` are filled here. NULL when nothing can be shown. */
struct value *view_map(struct web_request *request, struct map_request *map, const char *label_key);

/* What is said of a facility's free places, best first: a list of {"text", "level", "ago",
 * "source", "free", "call_first"}; on a card the first ones alone. NULL when nothing is said. */
struct value *view_availability(const struct web_request *request, struct text facility_id,
                                bool is_card);
/* One of them. */
struct value *view_availability_line(const struct web_request *request,
                                     const struct overlay_place *place, int64_t now);
/* The same as a member of the API's document of one facility. */
void view_availability_document(const struct web_request *request, struct text facility_id,
                                struct value *document);
/* A level of care in words. */
struct text view_availability_level(const struct web_request *request, struct text level);

/* --- The interview (views_choose.c) ---------------------------------------------------------- */

/* Open the sealed answers of the form field `answers`: the facts they say, and who answered. With
 * an emergency that was passed with "we are safe" the facts are those from then on. Refuses
 * (ERROR_REFUSED, `error.seal.broken` or `error.seal.expired`) what is missing, changed or old. */
bool view_choose_facts(struct web_request *request, struct facts *out, enum choose_voice *voice,
                       struct error *error);

/* --- Instruments in a form (views_instrument.c) ----------------------------------------------- */

/* An instrument's items as a form sent them. Fields are called "<instrument>.<item>" ("phq-9.6a"),
 * so that several instruments may stand in one form. */
struct view_instrument {
  const struct instrument *instrument;
  struct instrument_answers answers; /* without those that were refused */
  bool is_refused[INSTRUMENT_ITEMS]; /* sent, and not among the allowed answers */
  struct text typed[INSTRUMENT_ITEMS];
};
/* Read a form's answers back; nothing sent is nothing answered. Answers false when one is not
 * allowed: it is marked, and view_instrument_items() says so at the item. */
bool view_instrument_read(const struct web_request *request, const struct instrument *instrument,
                          struct view_instrument *out);
/* {"items"}, and "sex" where it is asked: for partials/instrument_items, inside any form. */
struct value *view_instrument_items(const struct web_request *request,
                                    const struct view_instrument *form);
/* What was sent, as hidden fields: a list of {"name", "value"}. */
struct value *view_instrument_fields(const struct web_request *request,
                                     const struct view_instrument *form);
/* What a score means, in words: {"scales", "bands", "triggers", "missing", "urgent", …} for
 * partials/instrument_result and, above all else, partials/instrument_urgent. */
struct value *view_instrument_result(const struct web_request *request,
                                     const struct view_instrument *form,
                                     const struct instrument_score *score);

/* page.help (each line under its key) and page.lines: numbers to call, those checked first. */
void view_help_lines(const struct web_request *request, struct value *page);

/* --- Handlers ------------------------------------------------------------------------------- */

web_handler view_home, view_now, view_about, view_facility;

#endif
