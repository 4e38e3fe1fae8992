/*
 * bed_acts: what can be done with a bed and with each of its uses: a form for every act, and the
 * room's function behind it. Private to the bed's page. Threads: all state is the request's.
 */
#ifndef FAIRLEAD_WEB_DESK_BED_ACTS_H
#define FAIRLEAD_WEB_DESK_BED_ACTS_H

#include "web/desk/bed_pages.h"

enum bed_act {
  BED_ACT_EXTEND,
  BED_ACT_RELEASE,
  BED_ACT_LEAVE,
  BED_ACT_RETURN,
  BED_ACT_TRANSFER,
  BED_ACT_UNASSIGN,
  BED_ACT_PLAN,
  BED_ACT_DISCHARGE,
  BED_ACT_READY,
  BED_ACT_BLOCK, /* of a bed without a use at the moment */
  BED_ACTS
};
/* "extend", "release", …: the word of a form. */
const char *bed_act_name(enum bed_act act);
bool bed_act_find(struct text name, enum bed_act *out);
/* May it be done with this use (NULL: with the bed itself), by this reader? */
bool bed_act_is_for(const struct web_request *request, enum bed_act act, const struct bed_use *use,
                    bool is_now);

/* One form on its way to being done. */
struct bed_deed {
  struct web_request *request;
  struct web_view *view;
  enum bed_act act;
  struct text bed_id;
  struct bed_use use;      /* of the version that the form was made from; id "": none */
  int64_t episode_version; /* of the stay, for its end */
  struct desk_form form;
  int64_t at, until;
};
/* Begin the form with its choices; `free_beds`: where somebody may be moved. */
void bed_act_begin(struct bed_deed *deed, const struct desk_choice *free_beds, size_t free_count);
/* Read what was sent. */
bool bed_act_take(struct bed_deed *deed);
/* Do it, in a transaction that writes. */
bool bed_act_do(struct store_transaction *transaction, void *deed, struct error *error);
/* A room's refusal belongs into the form; answers false when the handler hands it on. */
bool bed_act_refuse(struct bed_deed *deed, const struct error *error);

#endif
