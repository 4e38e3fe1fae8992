/*
 * A program whose people come in, for tests of intakes and belongings, on care_world.h: a site,
 * staff, one person with a stay that is planned. Each role acts under an account of its own.
 */
#ifndef FAIRLEAD_TESTS_INTAKE_WORLD_H
#define FAIRLEAD_TESTS_INTAKE_WORLD_H

#include "care_world.h"

#include "admission/admission.h"

static const int64_t HOUR = INT64_C(3600) * 1000000, DAY = INT64_C(86400) * 1000000;
static struct needs *needs;
static struct instruments *instruments;
static struct level_of_care *table;
static struct intakes *intakes;
static struct text person, other, site, staff, stay;

/* What a deed takes and gives. */
struct work {
  struct text id, item, language;
  int64_t at, version, number;
  struct intake intake, *list;
  struct intake_view view;
  struct intake_step step, *steps;
  struct intake_overdue *late;
  struct intake_place late_after;
  int64_t late_items, late_intakes;
  struct intake_instrument instrument, *answered;
  struct intake_level level, *levels;
  struct medicine_count count, *counts;
  struct belonging thing, *things;
  struct belongings_move move;
  struct belongings_step *custody;
  struct belongings_inventory inventory;
  struct belongings_signing signing;
  struct belongings_return given, *returns;
  struct care_fact fact;
  struct episode_change change;
  struct text words;
  bool found, is_current;
  size_t size;
};
DEED(begin_intake, intake_begin(t, intakes, access, world.arena, w->id, w->at, &w->intake, error))
DEED(plan_intake, intake_plan(t, intakes, access, world.arena, w->id, w->at, w->version, error))
DEED(load_intake, intake_load(t, access, world.arena, w->id, &w->intake, error))
DEED(list_intakes, intake_list(t, access, world.arena, &w->list, &w->size, error))
DEED(view_intake, intake_view_load(t, intakes, access, world.arena, w->id, &w->view, error))
DEED(say, intake_say(t, intakes, access, world.arena, w->id, &w->step, error))
DEED(read_history,
     intake_history(t, access, world.arena, w->id, w->item, &w->steps, &w->size, error))
DEED(list_late,
     intake_overdue_list(t, access, world.arena, &w->late_after, 100, &w->late, &w->size, error) &&
         intake_overdue_count(t, access, &w->late_items, &w->late_intakes, error))
DEED(answer, intake_instrument_add(t, intakes, access, world.arena, w->id, &w->instrument, error))
DEED(list_answers, intake_instrument_list(t, access, world.arena, &w->answered, &w->size, error))
DEED(decide, intake_level_decide(t, intakes, access, world.arena, w->id, &w->level, error))
DEED(list_levels, intake_level_list(t, access, world.arena, w->id, &w->levels, &w->size, error))
DEED(count_first, medicine_count_first(t, intakes, access, world.arena, w->id, &w->count, error))
DEED(count_second, medicine_count_second(t, intakes, access, world.arena, w->item, w->number,
                                         w->words, w->version, error))
DEED(list_counts, medicine_count_list(t, access, world.arena, w->id, &w->counts, &w->size, error))
DEED(list_belonging_intakes, belongings_intakes(t, access, world.arena, &w->list, &w->size, error))
DEED(add_thing, belongings_add(t, intakes, access, world.arena, w->id, &w->thing, error))
DEED(mark_thing, belongings_mark_error(t, access, world.arena, w->item, w->version, error))
DEED(move_thing, belongings_move(t, intakes, access, world.arena, &w->move, error))
DEED(list_things, belongings_list(t, access, world.arena, w->id, &w->things, &w->size, error))
DEED(read_custody,
     belongings_history(t, access, world.arena, w->item, &w->custody, &w->size, error))
DEED(load_inventory, belongings_inventory_load(t, intakes, access, world.arena, w->id, w->language,
                                               &w->inventory, error))
DEED(sign, belongings_sign(t, intakes, access, world.arena, w->id, &w->signing, error))
DEED(load_receipt,
     belongings_receipt_load(t, intakes, access, world.arena, w->id, &w->given, &w->words, error))
DEED(give_back, belongings_give_back(t, intakes, access, world.arena, w->id, &w->given, error))
DEED(list_returns, belongings_returns(t, access, world.arena, w->id, &w->returns, &w->size, error))
DEED(load_return, belongings_return_load(t, access, world.arena, w->id, w->item, &w->given, error))
DEED(load_signing, belongings_signed(t, access, world.arena, w->id, &w->signing, &w->found,
                                     &w->is_current, error))
DEED(add_fact, care_fact_add(t, world.care, access, world.arena, &w->fact, error))
DEED(end_stay,
     episode_change_status(t, world.care, access, world.arena, stay, &w->change, w->version, error))

/* Admitting takes two accesses. */
struct admitting {
  struct text id;
  int64_t at;
  bool without_stay;
};
static inline bool admit_in(struct store_transaction *t, const struct access *access, void *context,
                            struct error *error)
{
  const struct admitting *a = context;
  struct role_subject subject;
  struct access of_stay;
  return care_subject_load(t, world.program_id, person, &world.actor, world.now, &subject, error) &&
         access_open(t, world.privacy, &world.actor, "episode", "write", &subject, stay, world.now,
                     &of_stay, error) &&
         intake_admit(t, intakes, access, a->without_stay ? NULL : &of_stay, world.arena, a->id,
                      a->at, error);
}

static inline bool make_site(struct store_transaction *t, const struct access *access,
                             void *context, struct error *error)
{
  return site_create(t, world.care, access, world.arena, context, error);
}
static inline bool make_staff(struct store_transaction *t, const struct access *access,
                              void *context, struct error *error)
{
  return staff_create(t, world.care, access, world.arena, context, error);
}
static inline bool make_person(struct store_transaction *t, const struct access *access,
                               void *context, struct error *error)
{
  return person_create(t, world.care, access, world.arena, context, error);
}
struct made_stay {
  struct episode episode;
  int64_t at;
};
static inline bool make_stay(struct store_transaction *t, const struct access *access,
                             void *context, struct error *error)
{
  struct made_stay *made = context;
  return episode_create(t, world.care, access, world.arena, &made->episode, made->at, error);
}

/* Act as a role, under an account of that name. */
static inline void become(const char *role)
{
  world_become(role, "", "");
  if (*role) world.actor.account_id = text_format(world.arena, "account-of-%s", role);
}

static inline struct text add_person(const char *family)
{
  struct person made = {.identity = {.family = text_from(family), .sex = TEXT("unknown")},
                        .language = TEXT("es")};
  WORLD(person_begin(world.privacy, world.arena, world.program_id, world.now, &made.id,
                     &world.error));
  struct world_deed deed = {"person", "write", made.id, make_person, &made, true};
  WORLD(store_write(world.store, world_run, &deed, &world.error));
  return made.id;
}

static inline bool to(const char *object, const char *act, world_function *run, struct work *w)
{
  return world_do(object, act, person, run, w);
}

/* The deed is refused, with these words. */
#define REFUSED(call, key)                                                                         \
  do {                                                                                             \
    error_clear(&world.error);                                                                     \
    assert_false(call);                                                                            \
    assert_string_equal(world.error.person, key);                                                  \
  } while (0)

static inline int begin(void **state)
{
  int failed = world_begin(state);
  struct site made = {.name = TEXT("West")};
  struct staff nurse = {.name = TEXT("Ada"), .profession = TEXT("nurse")};
  WORLD(world_do("site", "write", TEXT(""), make_site, &made));
  WORLD(world_do("staff", "write", TEXT(""), make_staff, &nurse));
  site = made.id;
  staff = nurse.id;
  const char *knowledge = file_join(world.arena, world_share(), "knowledge");
  WORLD(needs_load(&needs, knowledge, &world.error));
  WORLD(instruments_load(&instruments, knowledge, &world.error));
  WORLD(level_of_care_load(&table, knowledge, needs, &world.error));
  WORLD(intakes_open(&intakes, world_share(), world.care, &world.error));
  intakes_assess_with(intakes, instruments, table, NULL);
  become("case-manager");
  person = add_person("Bell");
  other = add_person("Booth");
  struct made_stay planned = {{.person_id = person,
                               .status = TEXT("planned"),
                               .site_id = site,
                               .level_of_care = TEXT("3.5"),
                               .referral_source = TEXT("self")},
                              world.now - HOUR};
  WORLD(world_do("episode", "write", person, make_stay, &planned));
  stay = planned.episode.id;
  return failed;
}

static inline int end(void **state)
{
  intakes_close(intakes);
  level_of_care_free(table);
  instruments_free(instruments);
  needs_free(needs);
  return world_end(state);
}

static inline struct text begun(int64_t planned_at)
{
  struct work w = {.id = stay, .at = planned_at};
  WORLD(to("intake", "write", begin_intake, &w));
  return w.intake.id;
}

static inline struct work saying(struct text id, const char *item, enum intake_said_state state,
                                 const char *reason, const char *words, int64_t seq)
{
  return (struct work){.id = id,
                       .step = {.item = text_from(item),
                                .state = state,
                                .reason = text_from(reason),
                                .words = text_from(words),
                                .at = world.now,
                                .seq = seq}};
}

/* The answer for one item, as whoever acts now sees it. */
static inline struct intake_answer look(struct text id, const char *item)
{
  struct work w = {.id = id};
  WORLD(to("intake", "read", view_intake, &w));
  for (size_t i = 0; i < w.view.count; i++)
    if (text_equal(w.view.answers[i].item->code, text_from(item))) return w.view.answers[i];
  fail_msg("%s", item);
  return (struct intake_answer){0};
}

#endif
