/*
 * request: somebody asks for a place, for themselves or for another.
 *
 *   received ─▶ accepted ─▶ waiting ─▶ offered ─▶ admitted
 *      │           │           └───────────┴──▶ ended
 *      └▶ declined └──▶ offered, where there is room now
 *
 * Which state may follow which is request-states.csv. Who asks and what is said in words is sealed,
 * under a subject of its own until there is a record of the person, then under the person's key.
 * A named staff member looks after it from the moment it is made. Every change is a line of its
 * history. Accesses: object "request", acts read and write, opened for request_subject_load()'s
 * subject; a list's is narrowed to its scope.
 */
#ifndef FAIRLEAD_ADMISSION_REQUEST_H
#define FAIRLEAD_ADMISSION_REQUEST_H

#include "admission/request_clock.h"
#include "admission/request_rules.h"
#include "assessment/assessment.h"
#include "care/care.h"

/* What this part of the room works with; immutable, any thread. */
struct requests;
/* Load share/knowledge. Borrows care, and the privacy behind it. */
bool requests_open(struct requests **out, const char *share_folder, const struct care *care,
                   struct error *error);
void requests_close(struct requests *requests);
const struct request_rules *requests_rules(const struct requests *requests);
/* The clocks of requests, waiting lists, calls, notices. `requests` must outlive the registry. */
void requests_register_due(struct requests *requests, struct due_registry *registry);

/* Who is meant, and who asks where that is somebody else. Order of request_field_name(). */
enum request_field {
  REQUEST_GIVEN,
  REQUEST_FAMILY,
  REQUEST_BIRTH_DATE, /* YYYY-MM-DD */
  REQUEST_PHONE,      /* ten digits */
  REQUEST_EMAIL,
  REQUEST_ASKER,
  REQUEST_ASKER_PHONE,
  REQUEST_ASKER_FROM, /* their organization, or who they are to the person */
  REQUEST_FIELDS
};
struct request_identity {
  struct text at[REQUEST_FIELDS]; /* "" where it is not known */
};
/* "given", "birth_date", …: as documents and forms call it. */
const char *request_field_name(enum request_field field);
/* The document that is sealed, and the way back: pure. Members that are no field are refused. */
bool request_identity_write(struct arena *arena, const struct request_identity *identity,
                            struct text *out, struct error *error);
bool request_identity_read(struct arena *arena, struct text document, struct request_identity *out,
                           struct error *error);

enum { REQUEST_UNKNOWN = -1 };
struct request {
  struct text id, subject_id, person_id, site_id;
  struct text source, urgency, state, level_of_care;
  int64_t pregnant, injecting; /* 1, 0 or REQUEST_UNKNOWN */
  struct text language, consents;
  struct text assigned; /* a staff id */
  struct request_identity identity;
  struct text words;
  struct text reason, outcome;
  int64_t received_at, answer_by, answered_at, escalations, ended_at, made_at, changed_at, version;
};
void request_check(const struct requests *requests, const struct request *request,
                   struct text today, struct field_problems *problems);

/* A new request's subject and its key. Durable when it answers; before the transaction. */
bool request_begin(struct privacy *privacy, struct arena *arena, struct text program_id,
                   int64_t now, struct text *subject_id, struct error *error);
/* Whom an access to it is opened for; ERROR_NOT_FOUND when there is none. */
bool request_subject_load(struct store_transaction *transaction, struct text program_id,
                          struct text request_id, const struct actor *actor, int64_t now,
                          struct arena *arena, struct role_subject *subject, struct error *error);
/* (request, write) for the subject of request_begin(), or the person. Sets id, assigned, answer_by.
 * Assigned: who was named, else the staff member who acts, else the first of the site's escalation
 * list; nobody: refused with error.request.assigned. */
bool request_create(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct request *request,
                    struct error *error);
/* With the identity opened. (request, read or write) */
bool request_load(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, struct text id, struct request *out, struct error *error);

/* Where a list of requests goes on: behind one that stood there, wherever it stands now. Times and
 * an id, so that an address may carry it. */
struct request_cursor {
  int64_t answer_by; /* INT64_MAX of one that was answered */
  int64_t received_at;
  struct text id; /* "": from the beginning */
};
struct request_query {
  struct text state;    /* "": every one that has not ended */
  struct text assigned; /* "": anybody's */
  int64_t late_at;      /* above 0: only those whose answer was due before */
  struct request_cursor after;
  size_t limit;
};
struct request_cursor request_cursor_of(const struct request *request);
/* "1771200000000000-1771190000000000-0199…"; false when it is none, `out` is the beginning then. */
struct text request_cursor_write(struct arena *arena, const struct request_cursor *cursor);
bool request_cursor_read(struct text text, struct request_cursor *out);
/* (request, read) as a list: of the scope's site, or of the person; what is due first comes first.
 * Writes to the audit whom it showed. */
bool request_list(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, const struct request_query *query, struct request **out,
                  size_t *count, struct error *error);

/* (request, read) as a list, narrowed to the site: how many are open, of each urgency in the order
 * of its list; names nobody. */
struct request_count {
  struct text urgency;
  int64_t open, unanswered, late; /* late: of the unanswered, those whose time is past */
};
bool request_count(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, struct request_count **out,
                   size_t *count, struct error *error);

/* Whom requests are about, for lists of other rooms. One that the access does not reach, or that is
 * not there, is not seen. */
struct request_name {
  struct text id, name, person_id; /* name "": nobody gave one, or it was erased */
  bool is_seen;
};
struct request_names {
  const struct request_name *items; /* by id */
  size_t count;
};
/* (request, read or write) as a list, narrowed to the site: the names of at most
 * LIMIT_REQUEST_SHOWN different requests; writes to the audit whom it showed. Ids are borrowed. */
bool request_names_load(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, const struct text *ids, size_t count,
                        struct request_names *out, struct error *error);
/* NULL when it was not asked for. */
const struct request_name *request_names_find(const struct request_names *names, struct text id);

/* Who looks after a request, by name, and the program's number; "" where there is none. (request,
 * read or write) of it: also for the person, who reads no other staff. */
struct request_contact {
  struct text staff, phone;
};
bool request_contact_load(struct store_transaction *transaction, const struct access *access,
                          struct arena *arena, struct text id, struct request_contact *out,
                          struct error *error);

/* (request, write) of the version it was loaded with; stale is ERROR_CONFLICT. */
struct request_answer {
  bool is_accepted;
  struct text reason; /* decline-reasons.csv when it is not */
  struct text words;
};
bool request_answer(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text id,
                    const struct request_answer *answer, int64_t version, struct error *error);
bool request_assign(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text id,
                    struct text staff_id, int64_t version, struct error *error);
/* What counts for order, clocks and fit. A new urgency counts its answer from the request on. */
struct request_facts {
  struct text urgency, level_of_care;
  int64_t pregnant, injecting;
};
bool request_save_facts(struct store_transaction *transaction, const struct requests *requests,
                        const struct access *access, struct arena *arena, struct text id,
                        const struct request_facts *facts, int64_t version, struct error *error);
/* Join it with a record: what is sealed is sealed anew under the person's key. `to` is opened for
 * (person, write) of that person. */
bool request_attach(struct store_transaction *transaction, const struct access *access,
                    const struct access *to, struct arena *arena, struct text id, int64_t version,
                    struct error *error);

struct request_detachment {
  struct text reason; /* request-join-reasons.csv */
  struct text words;
};
/* Take it out of a record that was the wrong one: all that is sealed is sealed anew under the
 * request's own subject; a bed that is held for it is held for no record. What was made in the
 * record meanwhile (a planned stay, facts) stays there. `from` is opened for (person, write) of
 * that record. Refuses who came in by it ("error.request.admitted"), and no reason. */
bool request_detach(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, const struct access *from, struct arena *arena,
                    struct text id, const struct request_detachment *why, int64_t version,
                    struct error *error);

struct request_event {
  struct text kind, code, account_id, words;
  struct text by; /* what the account is called; "" for a clock, and for a person's own */
  int64_t at;
};
/* In their order. (request, read or write) */
bool request_history(struct store_transaction *transaction, const struct access *access,
                     struct arena *arena, struct text id, struct request_event **out, size_t *count,
                     struct error *error);

/* --- From a sealed assessment link ------------------------------------------------------------ */

/* Answers that a person carries, as whoever opened their seal found them. */
struct request_carried {
  const struct level_of_care *table;
  const struct facts *facts;
  int64_t until;        /* the seal's own end */
  bool is_revoked;      /* the person took it back */
  struct text consents; /* what they said yes to: request-consents.csv, "send" among them */
};
/* Fill in what a request keeps of it, and no more: level of care, pregnancy, injecting, urgency
 * where the rules find an emergency, consents. Refuses one that is past its time or was taken back,
 * alike. Pure. */
bool request_from_carried(const struct requests *requests, const struct request_carried *carried,
                          int64_t now, struct request *out, struct error *error);

/* --- Links ----------------------------------------------------------------------------------- */

enum { REQUEST_TOKEN = 43 }; /* characters */
/* Make a link that opens for request-link-days; the token is told once and kept nowhere. */
bool request_link_make(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *access, struct arena *arena, struct text id,
                       struct text *token, struct error *error);
/* Draw a token, and make the link of one that was drawn before: whoever asks from outside carries
 * it in the form (front_door.h). Refuses what is no token. */
struct text request_token_new(struct arena *arena);
bool request_link_add(struct store_transaction *transaction, const struct requests *requests,
                      const struct access *access, struct arena *arena, struct text id,
                      struct text token, struct error *error);
/* Take back every link of a request. */
bool request_link_revoke(struct store_transaction *transaction, const struct access *access,
                         struct arena *arena, struct text id, struct error *error);
/* How many links of a request open now, and until when the last of them does (0: none does).
 * (request, read or write) */
bool request_link_count(struct store_transaction *transaction, const struct access *access,
                        struct arena *arena, struct text id, int64_t *count, int64_t *until,
                        struct error *error);
/* What a link tells: where the request stands, and nothing of whom or what it is about. */
struct request_status {
  struct text state, program_phone;
  int64_t received_at, answer_by, answered_at;
  size_t before; /* how many are before, while waiting */
  bool is_waiting, is_over;
  const struct zone *zone; /* where the site is */
};
/* The token is the right; the look is written to the audit. One that is broken, unknown, taken
 * back or past its time answers alike: ERROR_NOT_FOUND with error.request.link. */
bool request_link_open(struct store_transaction *transaction, const struct requests *requests,
                       struct arena *arena, struct text token, int64_t now,
                       struct request_status *out, struct error *error);
/* Would it open? Reads alone, and writes nothing to the audit. */
bool request_link_opens(struct store_transaction *transaction, struct arena *arena,
                        struct text token, int64_t now, bool *out, struct error *error);

/* --- What a program sets ------------------------------------------------------------------------
 */

struct request_escalation {
  struct text site_id, urgency; /* site "": every one */
  struct text staff_id;
  int64_t minutes; /* until the next step */
};
/* (program, write): set the steps of a site and urgency, at most LIMIT_REQUEST_STEPS. */
bool request_escalation_save(struct store_transaction *transaction, const struct requests *requests,
                             const struct access *access, struct text site_id, struct text urgency,
                             const struct request_escalation *steps, size_t count,
                             struct error *error);
/* (program, read): all of them, by site, urgency and step. */
bool request_escalation_list(struct store_transaction *transaction, const struct access *access,
                             struct arena *arena, struct request_escalation **out, size_t *count,
                             struct error *error);
/* (program, write): a day that differs from the week and the holidays. */
bool business_day_save(struct store_transaction *transaction, const struct access *access,
                       struct text date, bool is_open, struct error *error);
/* (program, read): the days from yesterday on, at most LIMIT_BUSINESS_DAYS, by date. */
bool business_day_list(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, struct business_day **out, size_t *count,
                       struct error *error);
/* (program, write) */
bool business_day_remove(struct store_transaction *transaction, const struct access *access,
                         struct text date, struct error *error);

#endif
