/*
 * actor: who acts, from where, with which roles. Made by session_find() for a request, by
 * actor_system() for the sweeper and actor_command() for the command line; never by hand elsewhere.
 */
#ifndef FAIRLEAD_PRIVACY_ACTOR_H
#define FAIRLEAD_PRIVACY_ACTOR_H

#include "base/base.h"

enum actor_kind { ACTOR_STAFF, ACTOR_PERSON, ACTOR_FAMILY, ACTOR_SYSTEM, ACTOR_COMMAND };

/* People whom the same session was shown on the same page, by id in byte order. */
struct actor_noted {
  const struct text *ids;
  size_t count;
};

/* All text lives in the request's arena. */
struct actor {
  enum actor_kind kind;
  struct text account_id, name; /* name as shown: of the staff member, not of a person in care */
  struct text session_id;       /* "" for system and command */
  struct text station_id;       /* the shared station it works at, or "" */
  struct text staff_id;         /* care's record of the staff member, or "" */
  struct text person_id;        /* whose own portal this is (ACTOR_PERSON, ACTOR_FAMILY), or "" */
  struct text program_id;       /* where this session works; "" before one was chosen */
  struct text site_id;          /* the site of its roles, or "" for all */
  const struct text *roles;
  size_t role_count;
  int64_t proved_at; /* when it last proved who it is: password, PIN, code; microseconds UTC */
  bool is_confirmed; /* that is recent enough for dangerous acts */
  bool is_looking;   /* it asks for a page: what is opened now changes nothing (desk_read()) */
  /* A page that shows itself anew: whom it showed before, as the audit has it; else NULL. */
  const struct actor_noted *noted;

  /* The last denial, for the audit: set by access_open(), written by the door. */
  struct actor_denial {
    bool is_set;
    const char *object, *act;
    char person_id[40], program_id[40];
  } denial;
};

/* The sweeper and the sealer. Reaches everything; each act is audited as "system". */
struct actor actor_system(struct text program_id);
/* Whoever runs the command line on the machine itself; audited as "command". */
struct actor actor_command(struct text program_id);

#endif
