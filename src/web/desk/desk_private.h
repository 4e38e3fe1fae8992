/*
 * desk, inside: what the files of this folder share.
 */
#ifndef FAIRLEAD_WEB_DESK_DESK_PRIVATE_H
#define FAIRLEAD_WEB_DESK_DESK_PRIVATE_H

#include "web/desk/desk.h"
#include "web/desk/people.h"

/* Fields of the page that asks for proof begin with it; the act behind it does not see them. */
#define DESK_PROOF_PREFIX "prove_"

/* Is a field of this name a secret: password, PIN, code, badge, proof? It is written into no page
 * and kept in no form. Every field of kind DESK_SECRET is called so. */
bool desk_is_secret(struct text name);
/* Is it base64url, not empty, at most LIMIT_DESK_TOKEN? */
bool desk_is_token(struct text t);
/* A fresh random token of 128 bits, base64url, in the arena. */
struct text desk_token_new(struct arena *arena);
/* The path of this request with its parameters, for coming back after signing in; "/desk" when that
 * is too long. Only of a GET; of a POST the path alone. */
struct text desk_here(const struct web_request *request);
/* The address `path?to=<to>` with `to` encoded. */
struct text desk_path_to(struct arena *arena, const char *path, struct text to);
/* Is it one of the pages under /me? */
bool desk_is_own(const struct web_request *request);
/* Where a person signs in: "/desk/sign-in", or "/me/sign-in" for their own pages. */
const char *desk_sign_in_path(const struct web_request *request);
/* Show the page that asks for proof again, with what was typed in hidden fields. */
bool desk_ask_proof(struct web_request *request, struct web_view *view, const char *problem);
/* Roles as people call them; several joined. */
struct text desk_role_label(const struct web_request *request, struct text role);
struct text desk_role_labels(const struct web_request *request, const struct text *roles,
                             size_t count);
/* Sessions for a table: a list of {"id", "made", "seen", "is_this", "at_station"}. */
struct value *desk_sessions(const struct web_request *request, const struct session_shown *sessions,
                            size_t count);
/* What a program is called; the installation's own name for "". */
struct text desk_program_name(const struct web_request *request, struct text program_id);

/* Whom clocks are about: names that the actor may see. clocks.c */
struct desk_clock_names {
  struct person_names people;
  struct staff *staff;
  size_t staff_count;
};
/* In the transaction that listed the items; writes to the audit whom it names. */
bool desk_clocks_name(struct store_transaction *transaction, struct web_request *request,
                      const struct due_item *items, size_t count, struct desk_clock_names *out,
                      struct error *error);
/* A clock for a template: label, href ("" where there is no page, or none for this actor), at,
 * is_late, attempts ("" for none), subject (the name of a staff member, or ""), person_name and
 * person_href (people_set_name()). clocks.c */
struct value *desk_clock(const struct web_request *request, const struct due_item *item,
                         const struct desk_clock_names *names);

#endif
