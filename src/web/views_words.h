/*
 * views_words: numbers, dates, phones, addresses and messages as people read them, for every page.
 * Pure but for the arena.
 */
#ifndef FAIRLEAD_WEB_VIEWS_WORDS_H
#define FAIRLEAD_WEB_VIEWS_WORDS_H

#include "web/web.h"

/* A message of the catalog in the request's language. */
struct text view_text(const struct web_request *request, const char *key);
/* A message with names filled: pairs of a name and a text, a NULL name at the end. */
struct view_name {
  const char *name;
  struct text text;
};
struct text view_format(const struct web_request *request, const char *key,
                        const struct view_name *names);
#define VIEW_FORMAT(request, key, ...)                                                             \
  view_format((request), (key), (const struct view_name[]){__VA_ARGS__, {NULL, {NULL, 0}}})
/* What a stranger sent to the API is answered with what is wrong, by name, and how to mend it: it
 * goes to nobody but who sent it. Puts a refusal's log text before its hint; answers false. */
bool view_say_refusal(struct error *error);
/* Set a member to a text or message. */
void view_set_text(const struct web_request *request, struct value *object, const char *key,
                   struct text t);
void view_set_flag(const struct web_request *request, struct value *object, const char *key,
                   bool yes);
/* "12,742". */
struct text view_count(struct arena *arena, int64_t count);
/* Miles as people read them: "0.4", "7.3", "41". */
struct text view_miles(struct arena *arena, double miles);
/* "2023-05-04" as "May 4, 2023"; the first day of a year, which stands for a whole year's release,
 * as "2023". What is no date stays as it is. */
struct text view_date(const struct web_request *request, struct text date);
/* A source's name for people; the name itself when the catalog has none. */
struct text view_source(const struct web_request *request, struct text source);
/* A tel: link of the first number in a text, its extension behind: a North American one, unless it
 * begins with '+'. "" when there are no digits. */
struct text view_phone_link(struct arena *arena, struct text phone);
/* {"href": "tel:+1…", "number_text", "label"}; NULL when there are no digits to dial. */
struct value *view_phone(const struct web_request *request, struct text phone,
                         const char *label_key);
/* "204 N Hamilton St, Richmond, VA 23221". */
struct text view_address(struct arena *arena, struct text street1, struct text street2,
                         struct text city, struct text state, struct text zip);
/* "Listed 2023 by SAMHSA", or that it is made up. */
struct text view_listed(const struct web_request *request, struct text source, struct text as_of,
                        bool invented);
/* "/es" or "". */
struct text view_base(const struct web_request *request, size_t language);
/* Percent-encode all but unreserved characters (RFC 3986 section 2.3). */
void view_encode(struct text t, struct text_buffer *out);

#endif
