/*
 * desk: the staff's own pages (/desk) and a person's own (/me): the door, forms, what an act needs.
 *
 *   request ─▶ desk_answer(): cookie ─▶ session ─▶ role ─▶ form token ─▶ the route's handler
 *                handler: desk_form_read() ─▶ desk_write(): form key + the room's function, once
 *             ◀─ a redirect, or the form again with its problems
 *
 * A handler here runs only when the door let it: request->session and request->actor are set unless
 * its route is WEB_OPEN. It changes things only on POST. How to write a page: docs/desk.md.
 *
 *   door.c     who may come in        act.c     reading and writing, once
 *   fields.c   forms by declaration   frame.c   what stands on every page
 *   paths.c    addresses, tokens, cookies
 *   views_sign_in.c, …                the desk's own pages
 *
 * Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_DESK_H
#define FAIRLEAD_WEB_DESK_DESK_H

#include "web/views_words.h"

/* --- The door (door.c, paths.c) ------------------------------------------------------------ */

/* Is this path, without its language's prefix, the desk's: /desk, /me, or below? */
bool desk_has(struct text path);
/* Answer a request of the desk: let it in, send it to sign in, or refuse. Denials are written to
 * the audit. An act that asks for proof answers with a page that asks for it and keeps what was
 * typed. */
bool desk_answer(const struct web_route *route, struct web_request *request, struct web_view *view,
                 struct error *error);
/* Does each route under /desk and /me say what it guards? Refuses with its pattern. */
bool desk_check_routes(const struct web_route *const *tables, struct error *error);

/* The key of an error's words: those of the public pages speak of a search for treatment; the desk
 * and a person's own pages have theirs. */
const char *desk_error_words(const struct web_request *request, const char *person);

/* May this actor do it at all, somewhere? To show or hide a link. */
bool desk_may(const struct web_request *request, const char *object, const char *act);
/* Is `to` a path of the desk, safe to go to? At most LIMIT_DESK_PATH, plain characters. */
bool desk_path_is_ours(struct text to);
/* 303 to a path of the desk, in the request's language; printf's format. */
void desk_redirect(struct web_request *request, struct web_view *view, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The browser's cookies of ours: one name over https, another on loopback. */
enum desk_cookie { DESK_COOKIE_SESSION, DESK_COOKIE_STATION, DESK_COOKIE_FORM, DESK_COOKIE_DEVICE };
/* "" when absent, repeated or not of our form (base64url, at most LIMIT_DESK_TOKEN). */
struct text desk_cookie_get(const struct web_request *request, enum desk_cookie which);
/* `seconds` as in web_set_cookie. */
void desk_cookie_set(const struct web_request *request, struct web_view *view,
                     enum desk_cookie which, struct text value, int64_t seconds);

/* --- Reading and writing (act.c) ------------------------------------------------------------ */

/* Read records: a transaction that writes only the audit of what was read. An act that is opened
 * here, as by the form of a page, stands there as a look. `function` may run again. */
bool desk_read(struct web_request *request, store_function *function, void *context,
               struct error *error);
/*
 * Change records, once: takes the form's key (form_key, bound to the account and to what was sent)
 * in the same transaction. `function` sets view->redirect and may run again; a repeat of the same
 * form, also when many arrive at once, does not run it and answers with the first one's redirect.
 * What fails takes no key.
 */
bool desk_write(struct web_request *request, struct web_view *view, store_function *function,
                void *context, struct error *error);

typedef bool desk_function(struct web_request *request, struct web_view *view, void *context,
                           struct error *error);
/*
 * The same for a function of a room that begins transactions of its own (accounts, sessions): the
 * key is claimed before, the redirect kept after it. A repeat waits for the first one's answer, at
 * most LIMIT_DESK_WAIT_SECONDS; when that never came (the server died between), ERROR_CONFLICT with
 * "error.desk.unsure". A text set as view->once is kept sealed for this account alone and shown by
 * the page of the redirect, which gets the parameter "shown" (desk_once()).
 */
bool desk_act(struct web_request *request, struct web_view *view, desk_function *function,
              void *context, struct error *error);
/* What the act behind this page left to be shown once; "" when there is none or its time is over.
 */
bool desk_once(struct web_request *request, struct text *out, struct error *error);
/* Forget form keys older than LIMIT_DESK_KEY_SECONDS. */
bool desk_forget(struct store *store, int64_t now, struct error *error);

/* --- Forms (fields.c) --------------------------------------------------------------------------
 */

enum desk_kind {
  DESK_TEXT,    /* one line */
  DESK_LINES,   /* several lines; its route is WEB_LINES */
  DESK_SECRET,  /* a password, PIN or code: never shown again */
  DESK_EMAIL,   /* something@something */
  DESK_PHONE,   /* ten digits of North America, or + and more */
  DESK_DATE,    /* YYYY-MM-DD, of 1900 to 2999 */
  DESK_NUMBER,  /* an integer from `least` to `most` */
  DESK_CHOICE,  /* one of the choices: radio buttons, or a list when they are many */
  DESK_CHOICES, /* any of the choices */
  DESK_YES,     /* one box */
  DESK_HIDDEN   /* an id: plain characters, at most LIMIT_DESK_TOKEN */
};
enum desk_flags {
  DESK_REQUIRED = 1,
  DESK_FOCUS = 2,   /* where the page begins */
  DESK_NUMERIC = 4, /* of text and secrets: digits, so that a phone shows its number keys */
  DESK_SHORT = 8    /* a narrow field */
};

/* A field, declared. Messages are catalog keys; `label` names it in the summary, too. */
struct desk_field {
  const char *name;  /* of the parameter: letters, digits, _ and - */
  const char *label; /* catalog key */
  const char *help;  /* catalog key, or NULL */
  enum desk_kind kind;
  unsigned flags;
  size_t longest;           /* characters; 0: LIMIT_DESK_LINE, of lines LIMIT_DESK_LINES */
  int64_t least, most;      /* of a number */
  const char *autocomplete; /* of HTML; NULL: "off" */
};

struct desk_choice {
  struct text value, label;
};

/* A form on its way: what was typed, or what stands in the store. */
struct desk_form {
  struct web_request *request;
  const struct desk_field *fields;
  size_t count;
  struct desk_entry *entries; /* by field; private to fields.c */
  size_t problem_count;
  const char *problem; /* catalog key of a problem of the whole form; or NULL */
  struct text version; /* the row's version as a number, or "": none */
};

/* Begin with empty fields. `fields` is a static table. */
void desk_form_init(struct desk_form *form, struct web_request *request,
                    const struct desk_field *fields, size_t count);
#define DESK_FORM_INIT(form, request, fields)                                                      \
  desk_form_init((form), (request), (fields), sizeof(fields) / sizeof *(fields))
/* Put a value to begin with; of DESK_CHOICES one more that is ticked, of DESK_YES "1". */
void desk_form_set(struct desk_form *form, const char *name, struct text value);
/* The choices, before reading; borrowed. */
void desk_form_choices(struct desk_form *form, const char *name, const struct desk_choice *choices,
                       size_t count);
/* Read what was sent and check it against the declaration. Answers false when a field is refused:
 * each has its problem. */
bool desk_form_read(struct desk_form *form);
/* What was typed, trimmed; "" when nothing. */
struct text desk_form_get(const struct desk_form *form, const char *name);
/* A number that was read, `otherwise` when it is empty. */
int64_t desk_form_number(const struct desk_form *form, const char *name, int64_t otherwise);
/* Is a box, or this one of DESK_CHOICES, ticked? */
bool desk_form_has(const struct desk_form *form, const char *name, struct text value);
/* All that are ticked of DESK_CHOICES, in the arena. */
size_t desk_form_all(const struct desk_form *form, const char *name, const struct text **out);
/* The row's version that the form was made from; -1 when it has none. */
int64_t desk_form_version(const struct desk_form *form);
void desk_form_set_version(struct desk_form *form, int64_t version);
/* Refuse a field (NULL: the whole form) with a catalog key. */
void desk_form_refuse(struct desk_form *form, const char *name, const char *problem);

/* What a room refused, and the field it belongs to (NULL: the whole form). */
struct desk_mapping {
  const char *person; /* error.person; ends with NULL */
  const char *field;
};
/* Take a room's refusal (ERROR_REFUSED, or whatever `mappings` names) into the form. Answers false
 * when it is of another kind, which the handler hands on. */
bool desk_form_take(struct desk_form *form, const struct error *error,
                    const struct desk_mapping *mappings);
/* Somebody was faster: put what stands now (`now`, filled from the store with its version) beside
 * what was typed. The form then holds what was typed and the new version, so that sending it again
 * replaces what stands. The caller answers with desk_form_show(); its status is 409. */
void desk_form_conflict(struct desk_form *form, const struct desk_form *now);

/* Fill page.form for partials/form: {"fields", "problems", "has_problems", "version", …}, and page
 * itself when the view has none; sets template, and status 400 (409) when something is refused.
 * Answers true, so that a handler can return it. */
bool desk_form_show(const struct desk_form *form, struct web_view *view, const char *template_name);
/* The same without template and status, for a page with several forms: page.<name>. */
void desk_form_fill(const struct desk_form *form, struct value *page, const char *name);

/* --- The frame (frame.c) --------------------------------------------------------------------- */

/* Fill page.desk for desk/partials/frame: who is there, where, what they may open, the form's token
 * and key, when this page locks itself. Called by the server. */
void desk_frame_fill(struct web_request *request, struct web_view *view);
/* Is there a page of this pattern? To link to another part's page only where it stands. */
bool desk_has_route(const char *pattern);
/* {"shown", "machine"}: a moment in the zone of the site or program, for a time element. */
struct value *desk_time(const struct web_request *request, int64_t microseconds);

#endif
