/*
 * board_page: the bed board as a page sees it: what was asked for, the board at a moment, its days.
 * Private to the board's views. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_BOARD_PAGE_H
#define FAIRLEAD_WEB_DESK_BOARD_PAGE_H

#include "web/desk/bed_pages.h"

enum { BOARD_DAYS = 7, BOARD_PARTS = 4, BOARD_SLOTS = BOARD_DAYS * BOARD_PARTS };

/* What pays for the stay that a bed is looked for: by the stay, or as who asks has chosen. */
struct board_payer {
  bool may_see;        /* else nothing of it is known here, and no field asks for it */
  struct text entered; /* codes that the stay is paid by, separated by spaces; "": not known */
  struct text choice;  /* what the field says: a source, BOARD_AS_ENTERED or BOARD_UNKNOWN */
};
#define BOARD_AS_ENTERED "as-entered"
#define BOARD_UNKNOWN "unknown"

struct board_page {
  struct web_request *request;
  struct web_view *view;
  struct text site_id, unit_id, level, today, day; /* YYYY-MM-DD: the first day that is shown */
  struct text clock;                               /* "14:05" of that day; "" when it is now */
  struct text request_id, stay_id;                 /* whom a bed is looked for, or "" */
  bool only_free;
  struct board board;
  struct board_moment moment;
  struct board_place *places;
  struct board_count *counts, *forecast; /* forecast: of each day at the moment's time of day */
  struct text days[BOARD_DAYS];
  int64_t day_moments[BOARD_DAYS];
  int64_t edges[BOARD_SLOTS + 1];
  struct site *sites;
  size_t site_count;
  size_t number;              /* of the page of beds, from 1 */
  size_t row_from, row_until; /* of the beds that the filter leaves: those on this page */
  size_t row_count;           /* all that the filter leaves */
  bool *rows;                 /* of each bed of the board: is it on this page */
  struct bedless *bedless;
  size_t bedless_count;
  struct person_names names;
  struct actor_noted shown; /* whom it shows by name, by id in byte order */
  bool is_again;            /* it shows itself anew: who was noted is not noted again */
  struct board_fit *fit;    /* whom a bed is looked for; or NULL */
  struct board_payer payer; /* what pays for their stay */
};

/* Load what the page asks for, in a transaction that may write: whom it shows is in the audit. */
bool board_page_load(struct store_transaction *transaction, struct board_page *page,
                     struct error *error);
/* Fill page.… for desk/beds. */
void board_page_fill(struct board_page *page);
/* "14:05" of today, "Tue 24, 14:05" of another day: for a time element. */
struct value *board_page_when(const struct web_request *request, int64_t microseconds);
/* Why a bed is not offered, or does not fit: words with commas between. */
struct text board_page_why(const struct web_request *request, unsigned why);
/* What may be on the page besides: the address with a part of its filter replaced. */
struct text board_page_query(const struct board_page *page, struct text day, struct text clock);

/* --- Which beds a page shows (board_rows.c) ------------------------------------------------------
 */

/* Choose them: LIMIT_BOARD_ROWS of those that the filter leaves, by the page that is asked for;
 * none where a bed is looked for. After the board was computed. */
void board_rows_choose(struct board_page *page);
/* Put `page.rows`, where there is more than one page: which of how many these are, and the
 * addresses of the pages before and behind. */
void board_rows_fill(const struct board_page *page, size_t from, size_t until, size_t count);

/* --- Whom a bed is looked for (board_fit.c) -----------------------------------------------------
 */

/* A request or a stay without a bed, and what it needs. */
bool board_fit_load(struct store_transaction *transaction, struct board_page *page,
                    struct error *error);
void board_fit_fill(const struct board_page *page);

/* --- What pays for the stay (board_payer.c) -----------------------------------------------------
 */

/* Fill page->payer, and hand out as what a bed's fit sees: codes, "" where it is not known or not
 * for the reader. The stay is `stay_id` of the person, else the one that goes on or is planned at
 * the site; without a record ("") nothing is entered. Reads coverage, which the audit then says. */
bool board_payer_load(struct store_transaction *transaction, struct board_page *page,
                      struct text person_id, struct text stay_id, struct text site_id,
                      struct text *funding, struct error *error);
/* Put the field and its choices. */
void board_payer_fill(const struct board_page *page);
/* What pays for a bed beside what pays for the stay (`funding`), in words; "" when nobody said
 * anything of either. */
struct text board_payer_words(const struct board_page *page, const struct board_bed *bed,
                              struct text funding);

#endif
