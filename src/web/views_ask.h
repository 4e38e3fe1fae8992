/*
 * views_ask: what the public pages share by which somebody asks for a place or a call: a form by
 * declaration, the place one asks, sending it once, the private link.
 *
 *   views_ask_form.c  fields, problems, the sealed key
 *   views_ask_send.c  places to choose from, sending, the page behind it
 *   views_ask.c       /carry/{token}/ask
 *   views_talk.c      /talk
 *   views_refer.c     /refer
 *
 * No cookie and no session: what makes a form act once is `key`, a seal that holds the token of the
 * private link to come. Nothing of a form is kept but the request; nothing of it is logged or
 * stands in an address. What is answered is the same for whoever is known and whoever is not.
 * Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_VIEWS_ASK_H
#define FAIRLEAD_WEB_VIEWS_ASK_H

#include "web/views.h"

/* --- Forms (views_ask_form.c) ---------------------------------------------------------------- */

enum ask_kind {
  ASK_LINE,
  ASK_LINES,
  ASK_PHONE, /* ten digits, however they are typed */
  ASK_EMAIL,
  ASK_DATE, /* 2026-11-22 or 11/22/2026; read as the former */
  ASK_ONE,  /* one of the choices */
  ASK_ANY   /* any of them */
};
struct ask_field {
  const char *name, *label, *help; /* help: a catalog key, or NULL */
  enum ask_kind kind;
  bool is_required;
};
struct ask_choice {
  struct text value, label;
};
enum { ASK_FIELDS = 20 };
struct ask_entry {
  struct text typed, value; /* as it came; as it was read */
  const char *problem;      /* catalog key, or NULL */
  const struct ask_choice *choices;
  size_t choice_count;
};
struct ask_form {
  struct web_request *request;
  const struct ask_field *fields;
  size_t count;
  struct ask_entry entries[ASK_FIELDS];
  const char *problem; /* of the whole form */
  struct text key, site_id;
};

/* Begin; `fields` is a static table. On POST what was sent is taken, unread. */
void view_ask_begin(struct ask_form *form, struct web_request *request,
                    const struct ask_field *fields, size_t count);
#define VIEW_ASK_BEGIN(form, request, fields)                                                      \
  view_ask_begin((form), (request), (fields), sizeof(fields) / sizeof *(fields))
/* Borrowed; a field that stands empty is set to `first`. */
void view_ask_choices(struct ask_form *form, const char *name, const struct ask_choice *choices,
                      size_t count, struct text first);
/* The languages people speak, with the page's own chosen; the yeses of request-consents.csv but for
 * those in `without`, separated by spaces (NULL: none). */
void view_ask_languages(struct ask_form *form, const char *name);
void view_ask_consents(struct ask_form *form, const char *name, const char *without);
/* Yes, no, or rather not said; with what is known (1, 0, REQUEST_UNKNOWN) chosen. */
void view_ask_said(struct ask_form *form, const char *name, int64_t known);
int64_t view_ask_yes(const struct ask_form *form, const char *name);
/* Check what was sent; answers false when a field is refused. */
bool view_ask_read(struct ask_form *form);
/* What was read; of ASK_ANY the values, separated by spaces; "" where the form has no such field.
 */
struct text view_ask_get(const struct ask_form *form, const char *name);
/* Is this one of ASK_ANY ticked? */
bool view_ask_has(const struct ask_form *form, const char *name, const char *value);
void view_ask_refuse(struct ask_form *form, const char *name, const char *problem);
/* page.fields, page.problems, page.has_problems, page.key, page.site_id, page.sent, page.is_sent.
 */
void view_ask_fill(const struct ask_form *form, struct value *page);

/* --- Sending (views_ask_send.c) ----------------------------------------------------------------
 */

/* Ten digits as people read them, to call; a null value where there are none, as a site may have no
 * number. */
struct value *view_ask_phone(const struct web_request *request, struct text phone);
/* {"name", "where", "hours", "site_id", "call"} of a place. */
struct value *view_ask_place(const struct web_request *request, const struct front_door *door);
/* Find the place one asks: that of the parameter `site`, or the only one there is. `found` false:
 * page.places has those to choose from, page.look what was typed to find one. */
bool view_ask_door(struct web_request *request, enum front_way way, struct value *page,
                   struct front_door *door, bool *found, struct error *error);
/* Is there any place that takes requests of this way? Where there is no store: no. */
bool view_ask_is_open(const struct web_request *request, enum front_way way, bool *out,
                      struct error *error);
/* The seal that a new form carries. */
struct text view_ask_key(const struct web_request *request, enum front_way way);
/* Was the form sent? A POST without its key only looks for a place. */
bool view_ask_is_sent(const struct web_request *request);
/* Somebody who may be called needs a number, and so on. Answers false when that lacks. */
bool view_ask_reach(struct ask_form *form, const char *consents, const char *phone,
                    const char *email);
/* Send it. When it came in, or had come in before, page.done tells of it; else the form has its
 * problems and view->status is set. Answers false for an error of ours alone. */
bool view_ask_send(struct ask_form *form, struct front_ask *ask, const struct front_door *door,
                   struct web_view *view, struct error *error);

#endif
