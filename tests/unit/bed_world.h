/*
 * A site with a unit of four beds in two rooms, and people with planned stays, for tests of beds.
 * On both engines. Every test begins with an empty board.
 */
#ifndef FAIRLEAD_TESTS_BED_WORLD_H
#define FAIRLEAD_TESTS_BED_WORLD_H

#include "admission/admission.h"
#include "care_world.h"

enum { PEOPLE = 6, BEDS = 4 };
static const int64_t minute = INT64_C(60) * 1000000, hour = INT64_C(3600) * 1000000,
                     day = INT64_C(86400) * 1000000;
static struct beds *beds;
static struct due_registry *registry;
static struct text site, unit, rooms[2], bed[BEDS], people[PEOPLE], stays[PEOPLE];

/* --- Acts: each takes what it needs in one struct ------------------------------------------ */

struct work {
  struct bed_hold hold;
  struct bed_arrival arrival;
  struct bed_move move;
  struct bed_correction correction;
  struct episode_change change;
  struct text id, reason, words, new_id, person;
  int64_t at, until, version, minutes;
  struct bed made;
  struct bed_use use, *uses;
  struct bed_clash clash;
  struct bedless *bedless;
  struct availability *rows;
  struct board board;
  struct board_query query;
  size_t count;
  bool found, with_error;
};
typedef bool bed_act(struct store_transaction *t, const struct bed_stay_access *a, struct work *w,
                     struct error *error);
struct bed_deed {
  struct text person;
  bed_act *act;
  struct work *work;
};

static inline bool bed_deed_run(struct store_transaction *t, void *context, struct error *error)
{
  struct bed_deed *deed = context;
  struct access board, stay;
  struct role_subject subject = {.person_id = deed->person};
  if (deed->person.length == 0)
    return access_open(t, world.privacy, &world.actor, "bed-board", "write", NULL, TEXT(""),
                       world.now, &board, error) &&
           deed->act(t, &(struct bed_stay_access){&board, &board}, deed->work, error);
  return care_subject_load(t, world.program_id, deed->person, &world.actor, world.now, &subject,
                           error) &&
         access_open(t, world.privacy, &world.actor, "bed-board", "write", &subject, TEXT(""),
                     world.now, &board, error) &&
         access_open(t, world.privacy, &world.actor, "episode", "write", &subject, TEXT(""),
                     world.now, &stay, error) &&
         deed->act(t, &(struct bed_stay_access){&board, &stay}, deed->work, error);
}

/* Act at the board, for a person or (none, "") for nobody. */
static inline bool bed_do(struct text person, bed_act *act, struct work *work)
{
  struct bed_deed deed = {person, act, work};
  error_clear(&world.error);
  return store_write(world.store, bed_deed_run, &deed, &world.error);
}

#define ACT(name, call)                                                                            \
  __attribute__((unused)) static bool name(struct store_transaction *t,                            \
                                           const struct bed_stay_access *a, struct work *w,        \
                                           struct error *error)                                    \
  {                                                                                                \
    (void)a;                                                                                       \
    return call;                                                                                   \
  }
ACT(do_hold, bed_hold_place(t, beds, a->board, world.arena, &w->hold, error))
ACT(do_extend, bed_hold_extend(t, beds, a->board, world.arena, w->id, w->reason, w->version, error))
ACT(do_release,
    bed_hold_release(t, beds, a->board, world.arena, w->id, w->reason, w->version, error))
ACT(do_arrive, bed_arrive(t, beds, a, world.arena, &w->arrival, error))
ACT(do_unassign,
    bed_unassign(t, beds, a->board, world.arena, w->id, w->reason, w->at, w->version, error))
ACT(do_leave, bed_leave(t, beds, a->board, world.arena, w->id, w->reason, w->at, w->until,
                        w->version, &w->new_id, error))
ACT(do_return,
    bed_return(t, beds, a->board, world.arena, w->id, w->at, w->version, &w->new_id, error))
ACT(do_transfer, bed_transfer(t, beds, a, world.arena, &w->move, error))
ACT(do_discharge,
    bed_discharge(t, beds, a->stay, world.arena, w->id, &w->change, w->version, error))
ACT(do_end_stay, episode_change_status(t, world.care, a->stay, world.arena, w->id, &w->change,
                                       w->version, error))
ACT(do_block, bed_block(t, beds, a->board, world.arena, w->id, w->reason, w->words, w->at, w->until,
                        &w->new_id, error))
ACT(do_ready, bed_ready(t, beds, a->board, world.arena, w->id, w->at, w->version, error))
ACT(do_correct, bed_use_correct(t, beds, a->board, world.arena, &w->correction, error))
ACT(do_load, bed_use_load(t, a->board, world.arena, w->id, &w->use, error))
ACT(do_find, bed_use_of_stay(t, a->board, world.arena, w->id, &w->use, &w->found, error))
ACT(do_clash, bed_clash_find(t, a->board, world.arena, w->id, w->at, w->until, TEXT(""), &w->clash,
                             &w->found, error))
ACT(do_list, bed_use_list(t, a->board, world.arena, w->id, 0, BOARD_OPEN, w->with_error, &w->uses,
                          &w->count, error))
ACT(do_bedless, bedless_list(t, a->board, world.arena, &w->bedless, &w->count, error))
ACT(do_read, availability_read(t, world.arena, 0, 100, &w->rows, &w->count, error))
ACT(do_read_all, availability_read(t, world.arena, 0, 0, &w->rows, &w->count, error))
ACT(do_confirm, availability_confirm(t, beds, a->board, world.arena, w->id, error))

/* --- Setting the scene --------------------------------------------------------------------- */

#define MAKE(name, call)                                                                           \
  __attribute__((unused)) static bool name(struct store_transaction *t,                            \
                                           const struct access *access, void *context,             \
                                           struct error *error)                                    \
  {                                                                                                \
    return call;                                                                                   \
  }
MAKE(make_site, site_create(t, world.care, access, world.arena, context, error))
MAKE(make_unit, unit_create(t, world.care, access, world.arena, context, error))
MAKE(save_unit, unit_save(t, world.care, access, context, error))
MAKE(make_room, room_create(t, beds, access, world.arena, context, error))
MAKE(make_bed, bed_create(t, beds, access, world.arena, context, error))
MAKE(save_bed, bed_save(t, beds, access, world.arena, context, error))
MAKE(make_person, person_create(t, world.care, access, world.arena, context, error))
MAKE(make_stay,
     episode_create(t, world.care, access, world.arena, context, world.now - 30 * day, error))

static inline struct text add_person(const char *family)
{
  struct person made = {.identity = {.family = text_from(family), .sex = TEXT("unknown")},
                        .language = TEXT("en")};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &made.id,
                     &world.error));
  struct world_deed deed = {"person", "write", made.id, make_person, &made, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return made.id;
}

static inline struct bed a_bed(const char *name, struct text room)
{
  return (struct bed){.unit_id = unit,
                      .room_id = room,
                      .name = text_from(name),
                      .level_of_care = TEXT("3.5"),
                      .policy = TEXT("any"),
                      .licensed = true,
                      .staffed = true};
}

static struct unit the_unit;

static inline void add_beds(void)
{
  static const char *const names[BEDS] = {"1", "2", "3", "4"};
  struct site harbor = {.name = TEXT("Harbor"),
                        .facility_id = TEXT("0199f000-0000-5000-8000-000000000001")};
  WORLD(world_do("site", "write", TEXT(""), make_site, &harbor));
  site = harbor.id;
  the_unit = (struct unit){.site_id = site,
                           .name = TEXT("East"),
                           .kind = TEXT("residential"),
                           .level_of_care = TEXT("3.5"),
                           .licensed = BEDS,
                           .staffed = BEDS};
  WORLD(world_do("site", "write", TEXT(""), make_unit, &the_unit));
  unit = the_unit.id;
  for (size_t i = 0; i < 2; i++) {
    struct room room = {.unit_id = unit, .name = i ? TEXT("B") : TEXT("A")};
    WORLD(world_do("site", "write", TEXT(""), make_room, &room));
    rooms[i] = room.id;
  }
  for (size_t i = 0; i < BEDS; i++) {
    struct bed made = a_bed(names[i], rooms[i / 2]);
    WORLD(world_do("site", "write", TEXT(""), make_bed, &made));
    bed[i] = made.id;
  }
}

static inline int bed_begin(void **state)
{
  static const char *const families[PEOPLE] = {"Ames", "Bell", "Cole", "Diaz", "Eads", "Ford"};
  int failed = world_begin(state);
  WORLD(beds_open(&beds, world_share(), world.care, &world.error));
  registry = due_registry_new();
  beds_register_due(beds, registry);
  world_become("administrator", "", "");
  add_beds();
  world_become("case-manager", "", "");
  for (size_t i = 0; i < PEOPLE; i++) {
    people[i] = add_person(families[i]);
    struct episode stay = {.person_id = people[i],
                           .status = TEXT("planned"),
                           .site_id = site,
                           .level_of_care = TEXT("3.5"),
                           .referral_source = TEXT("self")};
    WORLD(world_do("episode", "write", people[i], make_stay, &stay));
    stays[i] = stay.id;
  }
  return failed;
}

static inline int bed_end(void **state)
{
  due_registry_free(registry);
  beds_close(beds);
  return world_end(state);
}

/* --- Shorter -------------------------------------------------------------------------------- */

static inline struct work hold_of(size_t person, size_t which, const char *kind)
{
  return (struct work){.hold = {.bed_id = bed[which],
                                .kind = text_from(kind),
                                .episode_id = stays[person],
                                .person_id = people[person]}};
}
static inline struct work arrival_of(size_t person, size_t which, int64_t at)
{
  return (struct work){.arrival = {.episode_id = stays[person], .bed_id = bed[which], .at = at}};
}
/* The person comes and has the bed; the use's id. */
static inline struct text arrive(size_t person, size_t which, int64_t at)
{
  struct work w = arrival_of(person, which, at);
  WORLD(bed_do(people[person], do_arrive, &w));
  return w.arrival.use_id;
}
static inline bool discharge(size_t person, int64_t at, int64_t version)
{
  struct work w = {.id = stays[person],
                   .version = version,
                   .change = {TEXT("finished"), TEXT("completed"), TEXT(""), at}};
  return bed_do(people[person], do_discharge, &w);
}
static inline struct bed_use use_of(size_t person, struct text id)
{
  struct work w = {.id = id};
  WORLD(bed_do(people[person], do_load, &w));
  return w.use;
}
static inline bool has_bed(size_t person)
{
  struct work w = {.id = stays[person]};
  WORLD(bed_do(people[person], do_find, &w));
  return w.found;
}
static inline void is_refused(bool done, enum error_kind kind, const char *key)
{
  if (done) fail_msg("it was done, not refused with %s", key);
  if (world.error.kind != kind || strcmp(world.error.person, key) != 0)
    fail_msg("%s (%d): %s", world.error.person, (int)world.error.kind, world.error.log);
}

static inline bool read_board(struct store_transaction *t, const struct access *access,
                              void *context, struct error *error)
{
  struct work *w = context;
  return board_load(t, beds, access, world.arena, &w->query, &w->board, error);
}

/* What one bed is at a moment, by the board. */
static inline struct board_place place_at(size_t which, int64_t at)
{
  struct work w = {.query = {.from = at, .until = BOARD_OPEN}};
  struct board_place places[BEDS + 8];
  struct board_count counts[4];
  struct board_moment moment = {.at = at, .now = world.now, .window = 4 * hour};
  WORLD(world_do("bed-board", "read", TEXT(""), read_board, &w));
  assert_true(board_check(&w.board));
  board_at(&w.board, &moment, places, counts);
  for (size_t i = 0; i < w.board.bed_count; i++)
    if (text_equal(w.board.beds[i].id, bed[which])) return places[i];
  fail_msg("no such bed on the board");
  return places[0];
}

static inline void sweep(void)
{
  size_t fired;
  WORLD(due_sweep(world.store, registry, world.now, 100, &fired, &world.error));
}

static inline struct availability published(void)
{
  struct work w = {.count = 0};
  WORLD(bed_do(TEXT(""), do_read, &w));
  assert_int_equal(w.count, 1);
  return w.rows[0];
}

#endif
