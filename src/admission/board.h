/*
 * board: which bed is what at a moment, which may be offered, whom it fits. Pure: from values to
 * values, with no store and no clock; the timeline and the moment are arguments.
 *
 * Empty is not available: a bed is offerable when it is licensed, staffed and open, has no use at
 * the moment and nobody expected within the window, and its unit's cap (the lesser of its licensed
 * and staffed places) has room. Every reason why not is told, not the first alone.
 * Threads: any. Source: shared programme reference 4.3; docs/beds.md.
 */
#ifndef FAIRLEAD_ADMISSION_BOARD_H
#define FAIRLEAD_ADMISSION_BOARD_H

#include "base/base.h"

enum bed_kind { BED_HOLD, BED_OCCUPIED, BED_LEAVE, BED_CLEANING, BED_BLOCKED, BED_KINDS };
/* "hold", "occupied", …: codes of bed-use-kinds.csv. */
const char *bed_kind_name(enum bed_kind kind);
bool bed_kind_find(struct text name, enum bed_kind *out);
/* A use that keeps the bed for a person: hold, occupied, leave. */
bool bed_kind_is_person(enum bed_kind kind);

/* The end of a use that nobody has ended. */
#define BOARD_OPEN INT64_MAX

struct board_unit {
  struct text id, site_id, name, level_of_care;
  int64_t licensed, staffed; /* places */
  int64_t closed_at;         /* 0: open */
  int64_t cleaning;          /* microseconds after a stay */
};
struct board_bed {
  struct text id, name, room_id, room_name; /* "": stands alone */
  struct text level_of_care, policy;
  struct text groups; /* placement groups the policy takes, separated by spaces; "": every one */
  struct text funding, medicines; /* codes, separated by spaces */
  size_t unit;                    /* index; beds of a unit stand together */
  int64_t closed_at, version;
  bool same_room; /* the policy: as those in the room */
  bool licensed, staffed, accessible, accepts_child, isolation;
};
/* A row of the timeline, [start_at, until_at). */
struct board_use {
  struct text id, episode_id, request_id, person_id, hold_kind, placed_as, reason;
  size_t bed; /* index */
  enum bed_kind kind;
  int64_t start_at, until_at;
  int64_t expected_at;    /* hold: comes; leave: comes back; 0: not said */
  int64_t planned_end_at; /* of the stay; 0: none */
  int64_t version;
};
/* Uses by bed, then by time; those of one bed never overlap. */
struct board {
  const struct board_unit *units;
  size_t unit_count;
  const struct board_bed *beds;
  size_t bed_count;
  const struct board_use *uses;
  size_t use_count;
};
/* Is it in the order that the other functions rely on, and without an overlap? */
bool board_check(const struct board *board);

enum bed_state {
  BED_STATE_FREE,
  BED_STATE_HOLD,
  BED_STATE_OCCUPIED,
  BED_STATE_LEAVE,
  BED_STATE_CLEANING,
  BED_STATE_BLOCKED,
  BED_STATE_CLOSED,
  BED_STATES
};
/* "free", "hold", …, "closed". */
const char *bed_state_name(enum bed_state state);

/* Why a bed is not offered, or does not fit: a set. */
enum bed_why {
  BED_WHY_CLOSED = 1 << 0, /* the bed or its unit */
  BED_WHY_UNLICENSED = 1 << 1,
  BED_WHY_UNSTAFFED = 1 << 2,
  BED_WHY_USED = 1 << 3,      /* it has a use */
  BED_WHY_EXPECTED = 1 << 4,  /* somebody is expected in it within the window */
  BED_WHY_UNIT_FULL = 1 << 5, /* as many are in use as are licensed and staffed */
  BED_WHY_LEVEL = 1 << 6,
  BED_WHY_GROUP = 1 << 7,      /* for other people */
  BED_WHY_ROOM_GROUP = 1 << 8, /* other people are in the room */
  BED_WHY_CHILD = 1 << 9,
  BED_WHY_ACCESS = 1 << 10,
  BED_WHY_ISOLATION = 1 << 11,
  BED_WHY_FUNDING = 1 << 12,
  BED_WHY_MEDICINE = 1 << 13 /* the person could not keep their medicine */
};
enum { BED_WHYS = 14 };
/* The word of the reason 1 << index, "closed", …; its words stand in the catalog: bed-why.<word>.
 */
const char *bed_why_name(size_t index);

struct board_moment {
  int64_t at;     /* the moment that is looked at: past, now or to come */
  int64_t now;    /* plans that are overdue at this moment are not believed */
  int64_t window; /* microseconds in which an expected arrival counts */
  bool planned;   /* believe planned ends, and cleaning after them */
};
struct board_place {
  enum bed_state state;
  const struct board_use *use; /* of the moment; NULL: none */
  int64_t free_at;             /* from when no use is known; `at` when free now; 0: not known */
  unsigned why;                /* why it is not offered; 0: it is */
};
struct board_count {
  size_t beds, states[BED_STATES];
  size_t in_use;    /* places taken at the moment or within the window */
  size_t cap;       /* the lesser of licensed and staffed places; 0 when the unit is closed */
  size_t offerable; /* beds that may be offered, and no more than the cap leaves */
};
/* `places` has room for every bed, `counts` for every unit. */
void board_at(const struct board *board, const struct board_moment *moment,
              struct board_place *places, struct board_count *counts);
/* The same for each of `days` moments; `counts` has unit_count for each, day by day. `scratch` has
 * room for every bed. */
void board_forecast(const struct board *board, const struct board_moment *moment,
                    const int64_t *moments, size_t days, struct board_place *scratch,
                    struct board_count *counts);

/* What a person needs of a bed. */
struct bed_need {
  struct text level_of_care; /* ""  any */
  struct text group;         /* placement-groups.csv; "": not said */
  struct text funding;       /* what would pay, codes separated by spaces; "": not known */
  struct text medicine;      /* that the person keeps; "": none */
  bool with_child, needs_accessible, needs_isolation;
};
/* Why bed number `bed` does not do for the person at the moment of `places`; 0: it fits and may be
 * offered. With `is_holder`, the person has this very use, which then does not count. */
unsigned bed_fit(const struct board *board, const struct board_place *places, size_t bed,
                 const struct bed_need *need, const struct board_use *holder);

#endif
