/*
 * front_door: requests that come from outside, from people whom no program knows yet: by answers
 * that somebody carries, by asking to be called back, by another program that refers.
 *
 * A site takes them once its program has opened the door and named who looks after them. Whoever
 * asks has no account: the token of the private link is made before the request, travels sealed in
 * the form, and makes that a form sent twice asks once. What is answered never depends on whether
 * somebody is known. At most LIMIT_DOOR_PROGRAM requests of a program come in within a day.
 * Nothing but the request is kept. Acts of strangers stand in the audit as the system's.
 * Any thread.
 */
#ifndef FAIRLEAD_ADMISSION_FRONT_DOOR_H
#define FAIRLEAD_ADMISSION_FRONT_DOOR_H

#include "admission/request.h"

enum front_way { FRONT_CARRY, FRONT_TALK, FRONT_REFER };

/* A site and its door. */
struct front_door {
  struct text program_id, site_id;
  struct text program, site, street, city, state, zip, phone, hours; /* of the site, else program */
  struct text staff_id; /* "": nobody, or somebody who has left */
  bool takes_people, takes_programs;
  int64_t version; /* 0: never opened */
};

/* Those open for this way, by city and name, at most `limit`; with one of `words` ("": all) in
 * name or address. `more` says that there are more. What programs say of themselves to everybody:
 * no record, so nothing is asked. */
bool front_door_list(struct store_transaction *transaction, struct arena *arena, enum front_way way,
                     struct text words, size_t limit, struct front_door **out, size_t *count,
                     bool *more, struct error *error);
/* The one of a site, when it is open for this way. */
bool front_door_find(struct store_transaction *transaction, struct arena *arena, enum front_way way,
                     struct text site_id, struct front_door *out, bool *found, struct error *error);

/* (program, read): every site of the access's program, open or not, by name. */
bool front_door_own(struct store_transaction *transaction, const struct access *access,
                    struct arena *arena, struct front_door **out, size_t *count,
                    struct error *error);
/* (program, write): open or close it, of the version it was loaded with; stale is ERROR_CONFLICT.
 * A door that is open for anybody needs a staff member: error.request.assigned. */
bool front_door_save(struct store_transaction *transaction, const struct access *access,
                     struct front_door *door, struct error *error);

/* --- Asking ---------------------------------------------------------------------------------- */

struct front_ask {
  enum front_way way;
  struct text program_id;
  struct text token;      /* of the private link, drawn when the form was made */
  struct request request; /* site, source, urgency, facts, language, consents, identity, words */
  bool wants_call;        /* put in the queue of who is called back, due when the answer is */
};
enum front_answer {
  FRONT_MADE,
  FRONT_REPEATED, /* this form made one before */
  FRONT_CLOSED,   /* the site takes none of this way, or nobody looks after them */
  FRONT_FULL      /* as many as a day allows came in */
};
/* Make the request, its link and its place in the queue, once. Writes transactions of its own.
 * With FRONT_MADE and FRONT_REPEATED `answer_by` and `zone` tell until when it is answered, and
 * where the site's clocks stand. Refuses what request_check() refuses, a token that is none, and
 * one by which a request of another program was made (error.ask.key). */
bool front_door_ask(struct store *store, struct requests *requests, struct arena *arena,
                    struct front_ask *ask, int64_t now, enum front_answer *answer,
                    int64_t *answer_by, const struct zone **zone, struct error *error);

/* --- The operator's line ---------------------------------------------------------------------- */

/* The line of whoever runs the installation. */
struct talk_line {
  struct text name, phone, text_phone; /* ten digits or "" */
  struct text days;                    /* "1 2 3 4 5": 0 Sunday to 6 Saturday; "": no hours said */
  int64_t begins, ends;                /* minutes after midnight; the same: the whole day */
  struct text zone;
  struct text program_id, site_id; /* who calls back; "": nobody does */
  struct text urgency;             /* request-urgencies.csv: by when they do */
  int64_t version;                 /* 0: not set */
};
void talk_line_check(const struct requests *requests, const struct talk_line *line,
                     struct field_problems *problems);
/* No record: it is shown to everybody. */
bool talk_line_load(struct store_transaction *transaction, struct arena *arena,
                    struct talk_line *out, struct error *error);
/* (program, write) at the installation itself; stale is ERROR_CONFLICT. Who calls back must be a
 * site whose door is open for people: error.front.door. */
bool talk_line_save(struct store_transaction *transaction, const struct requests *requests,
                    const struct access *access, struct arena *arena, struct talk_line *line,
                    struct error *error);
/* Is somebody there at `now`? Pure. */
bool talk_line_is_open(const struct talk_line *line, int64_t now);

#endif
