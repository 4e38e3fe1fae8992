/*
 * request_private: what the files about requests, waiting lists, calls and slots share. For
 * src/admission alone.
 */
#ifndef FAIRLEAD_ADMISSION_REQUEST_PRIVATE_H
#define FAIRLEAD_ADMISSION_REQUEST_PRIVATE_H

#include "admission/request.h"
#include "admission/request_clock.h"

struct requests {
  struct request_rules *rules;
  const struct care *care;
  struct privacy *privacy; /* borrowed */
  struct beds *beds;       /* borrowed; NULL: no bed is passed on */
};

/* Whose key seals a request: the person's, else the subject's own. */
struct text request_owner(const struct request *request);
/* Was this access opened for requests, this act (NULL: any) and this owner? */
bool request_may(const struct access *access, const char *act, const struct request *request,
                 struct error *error);
bool request_may_list(const struct access *access, const char *act, struct error *error);
/* The site a list is narrowed to, "" for all. */
struct text request_site_of(const struct access *access);

/* --- Rows ---------------------------------------------------------------------------------- */

struct text request_new_id(struct arena *arena, int64_t now);
struct text request_column(struct arena *arena, const struct store_cursor *cursor, int column);
/* A save that changed no row is stale. */
bool request_saved(int64_t changed, struct error *error);
/* Is there a row? After a store_query() that answered `is_asked`; closes the cursor. */
bool request_any(bool is_asked, struct store_cursor **cursor, bool *out, struct error *error);
/* One number of one row, 0 when there is none; closes the cursor. */
bool request_number(bool is_asked, struct store_cursor **cursor, int64_t *out, struct error *error);
/* The row, what is sealed still closed and kept in `sealed` (identity, words). */
bool request_row(struct store_transaction *transaction, struct text program_id, struct arena *arena,
                 struct text id, struct request *out, struct text sealed[2], struct error *error);
/* The row of an access that may (`act` NULL: any), of this version unless 0. */
bool request_row_for(struct store_transaction *transaction, const struct access *access,
                     const char *act, struct arena *arena, struct text id, int64_t version,
                     struct request *out, struct error *error);
/* Seal and open; "" stays "". What was erased opens as "". */
bool request_seal(const struct access *access, struct arena *arena, struct text owner,
                  const char *purpose, struct text plain, struct text *out, struct error *error);
bool request_unseal(const struct access *access, struct arena *arena, struct text owner,
                    const char *purpose, struct text sealed, struct text *out, struct error *error);
/* Who is meant, from what is sealed under `owner`; empty when it was erased. */
bool request_open_identity(const struct access *access, struct arena *arena, struct text owner,
                           struct text sealed, struct request_identity *out, struct error *error);
bool request_check_words(struct text words, struct error *error);
/* Refuse with the first problem. */
bool request_refuse(const struct field_problems *problems, struct error *error);
/* A staff member of the program who has not left. */
bool request_check_staff(struct store_transaction *transaction, const struct access *access,
                         struct text staff_id, struct error *error);

/* --- Steps --------------------------------------------------------------------------------- */

/* One line of the history. */
struct request_line {
  const char *kind;  /* request.event.<kind> */
  struct text code;  /* of knowledge/, or an id */
  struct text words; /* sealed when kept */
};
bool request_note(struct store_transaction *transaction, const struct access *access,
                  struct arena *arena, const struct request *request,
                  const struct request_line *line, struct error *error);
/* To another state: checked against request-states.csv, the version raised, a line added. An end
 * takes every clock and callback away. `request` is loaded and is changed as the row is. */
struct request_move {
  const char *state;
  struct request_line line;
  struct text reason, outcome; /* "" leaves what stands */
};
bool request_move_to(struct store_transaction *transaction, const struct requests *requests,
                     const struct access *access, struct arena *arena, struct request *request,
                     const struct request_move *move, struct error *error);

/* --- Clocks -------------------------------------------------------------------------------- */

/* The kinds whose subject is a request; ends with NULL. */
extern const char *const request_clocks[];
bool request_calendar_load(struct store_transaction *transaction, const struct requests *requests,
                           struct text program_id, struct arena *arena, int64_t now,
                           struct business_calendar *out, struct error *error);
/* When the answer is due where the site is. */
bool request_answer_due(struct store_transaction *transaction, const struct requests *requests,
                        struct text program_id, struct arena *arena, const struct request *request,
                        int64_t *out, struct error *error);
/* The steps for a site and urgency: its own, else those of every site. */
bool request_steps_load(struct store_transaction *transaction, struct text program_id,
                        struct arena *arena, struct text site_id, struct text urgency,
                        struct request_escalation *out, size_t *count, struct error *error);
/* Tell a staff member, in words that name nothing. Who has no address finds it on their page. */
bool request_tell(struct store_transaction *transaction, const struct requests *requests,
                  struct text program_id, struct arena *arena, struct text staff_id,
                  struct text key, int64_t now, struct error *error);
/* An access of the sweeper's own to one request, which is loaded; `*found` false: it is gone. */
struct request_sweep {
  struct actor actor;
  struct access access;
  struct request request;
};
bool request_sweep_open(struct store_transaction *transaction, const struct requests *requests,
                        struct arena *arena, const struct due_item *item, struct text request_id,
                        int64_t now, struct request_sweep *out, bool *found, struct error *error);

/* Handlers; the context is the struct requests. */
bool request_answer_rings(struct store_transaction *transaction, void *context,
                          const struct due_item *item, int64_t now, struct error *error);
bool waitlist_interim_rings(struct store_transaction *transaction, void *context,
                            const struct due_item *item, int64_t now, struct error *error);
bool waitlist_admit_rings(struct store_transaction *transaction, void *context,
                          const struct due_item *item, int64_t now, struct error *error);
bool waitlist_contact_rings(struct store_transaction *transaction, void *context,
                            const struct due_item *item, int64_t now, struct error *error);
bool callback_rings(struct store_transaction *transaction, void *context,
                    const struct due_item *item, int64_t now, struct error *error);
bool capacity_rings(struct store_transaction *transaction, void *context,
                    const struct due_item *item, int64_t now, struct error *error);

/* --- Links --------------------------------------------------------------------------------- */

enum { REQUEST_TOKEN_BYTES = 32 };
/* The bytes of a token. One that is none (answers false) gives random bytes, so that looking for it
 * takes the same way and finds nothing. */
bool request_token_read(struct text token, unsigned char out[REQUEST_TOKEN_BYTES]);
/* What the database has of it. */
struct text request_token_hash(struct arena *arena, const unsigned char token[REQUEST_TOKEN_BYTES]);

/* --- Between the files --------------------------------------------------------------------- */

/* Put a request on its list, whatever its state. */
bool waitlist_add(struct store_transaction *transaction, const struct requests *requests,
                  const struct access *access, struct arena *arena, const struct request *request,
                  struct error *error);
/* Who waits before this one, in order, and whose key seals them. */
struct waitlist_before {
  struct text request_id, owner;
};
bool waitlist_before_list(struct store_transaction *transaction, const struct requests *requests,
                          struct text program_id, struct arena *arena, struct text request_id,
                          struct waitlist_before **out, size_t *count, struct error *error);
/* Set the clocks of who waits by what is known now; those that are not for them go. */
bool waitlist_clocks_set(struct store_transaction *transaction, const struct requests *requests,
                         const struct access *access, const struct request *request,
                         struct error *error);
/* The request left its list: place, identifier and clocks go. Fine when it was on none. */
bool waitlist_left(struct store_transaction *transaction, const struct requests *requests,
                   const struct access *access, struct arena *arena, const struct request *request,
                   struct error *error);
/* A request that ended was offered a bed: its hold is given back, and passed on. */
bool waitlist_hold_end(struct store_transaction *transaction, const struct requests *requests,
                       const struct access *by, struct arena *arena, const struct request *request,
                       struct text hold_id, struct error *error);
/* Who is found to inject while they wait gets an identifier, who does not loses it. */
bool waitlist_identify(struct store_transaction *transaction, const struct access *access,
                       struct arena *arena, const struct request *request, struct error *error);
/* Who is before this one, as a count. */
bool waitlist_count_before(struct store_transaction *transaction, const struct requests *requests,
                           struct text program_id, struct arena *arena, struct text request_id,
                           size_t *before, struct error *error);
/* When a request's log was last written to (0: never), and call_attempts() of it. */
bool call_contact_find(struct store_transaction *transaction, const struct requests *requests,
                       struct text program_id, struct arena *arena, struct text request_id,
                       int64_t *last_at, int64_t *attempts, struct error *error);
/* A contact was made or tried, and stands in the log: who waits has it in their row. */
bool waitlist_contacted(struct store_transaction *transaction, const struct requests *requests,
                        const struct access *access, struct arena *arena,
                        const struct request *request, struct error *error);
/* Take a place of a slot for a request, or give it back, or make it an enrollment. */
bool slot_take(struct store_transaction *transaction, const struct requests *requests,
               const struct access *access, struct arena *arena, struct text slot_id,
               const struct request *request, struct error *error);
bool slot_give_back(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct text slot_id,
                    struct text request_id, struct error *error);
bool slot_enroll(struct store_transaction *transaction, const struct access *access,
                 struct text slot_id, struct text request_id, struct error *error);

#endif
