/*
 * Bed_acts: see bed_acts.h.
 */
#include "web/desk/bed_acts.h"

#include <string.h>

#define REASON                                                                                     \
  {                                                                                                \
    .name = "reason", .label = "beds.reason", .kind = DESK_CHOICE, .flags = DESK_REQUIRED          \
  }
#define WHEN                                                                                       \
  {.name = "on",                                                                                   \
   .label = "beds.on",                                                                             \
   .help = "beds.on_help",                                                                         \
   .kind = DESK_DATE,                                                                              \
   .flags = DESK_SHORT},                                                                           \
  {                                                                                                \
    .name = "at", .label = "beds.at", .kind = DESK_TEXT, .flags = DESK_SHORT, .longest = 5         \
  }

static const struct desk_field reason_fields[] = {REASON};
static const struct desk_field when_fields[] = {WHEN};
static const struct desk_field reason_when_fields[] = {REASON, WHEN};
static const struct desk_field leave_fields[] = {
    REASON,
    WHEN,
    {.name = "back_on", .label = "beds.back_on", .kind = DESK_DATE, .flags = DESK_SHORT},
    {.name = "back_at",
     .label = "beds.back_at",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5}};
static const struct desk_field transfer_fields[] = {
    {.name = "to", .label = "beds.to_bed", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    REASON,
    WHEN,
    {.name = "placed_as", .label = "beds.placed_as", .kind = DESK_CHOICE}};
static const struct desk_field plan_fields[] = {{.name = "date",
                                                 .label = "beds.plan_date",
                                                 .help = "beds.plan_help",
                                                 .kind = DESK_DATE,
                                                 .flags = DESK_SHORT}};
static const struct desk_field discharge_fields[] = {
    {.name = "status", .label = "beds.end_status", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "end_reason", .label = "person.stay_why", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    WHEN,
    {.name = "words", .label = "beds.words", .kind = DESK_LINES, .longest = LIMIT_CARE_WORDS}};
static const struct desk_field block_fields[] = {
    REASON,
    {.name = "on",
     .label = "beds.until_on",
     .help = "beds.until_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "at", .label = "beds.until_at", .kind = DESK_TEXT, .flags = DESK_SHORT, .longest = 5},
    {.name = "words", .label = "beds.words", .kind = DESK_LINES, .longest = LIMIT_CARE_WORDS}};

#define FIELDS(table) table, sizeof(table) / sizeof *(table)
#define KIND(kind) (1U << (kind))
static const struct act {
  const char *name;
  const struct desk_field *fields;
  size_t count;
  unsigned kinds;     /* of the use; 0: the bed without one */
  const char *object; /* asked besides (bed-board, write) */
  const char *reasons;
} acts[BED_ACTS] = {
    [BED_ACT_EXTEND] = {"extend", FIELDS(reason_fields), KIND(BED_HOLD), NULL, "extend"},
    [BED_ACT_RELEASE] = {"release", FIELDS(reason_fields), KIND(BED_HOLD), NULL, "release"},
    [BED_ACT_LEAVE] = {"leave", FIELDS(leave_fields), KIND(BED_OCCUPIED), NULL, "leave"},
    [BED_ACT_RETURN] = {"return", FIELDS(when_fields), KIND(BED_LEAVE), NULL, NULL},
    [BED_ACT_TRANSFER] = {"transfer", FIELDS(transfer_fields), KIND(BED_OCCUPIED) | KIND(BED_LEAVE),
                          "episode", "transfer"},
    [BED_ACT_UNASSIGN] = {"unassign", FIELDS(reason_when_fields),
                          KIND(BED_OCCUPIED) | KIND(BED_LEAVE), NULL, "unassign"},
    [BED_ACT_PLAN] = {"plan", FIELDS(plan_fields), KIND(BED_OCCUPIED) | KIND(BED_LEAVE), "fact",
                      NULL},
    [BED_ACT_DISCHARGE] = {"discharge", FIELDS(discharge_fields),
                           KIND(BED_OCCUPIED) | KIND(BED_LEAVE), "episode", NULL},
    [BED_ACT_READY] = {"ready", FIELDS(when_fields), KIND(BED_CLEANING) | KIND(BED_BLOCKED), NULL,
                       NULL},
    [BED_ACT_BLOCK] = {"block", FIELDS(block_fields), 0, NULL, "block"},
};
static const struct desk_mapping mappings[] = {
    {"error.care.future", "at"}, {"error.admission.order", "at"}, {NULL, NULL}};

const char *bed_act_name(enum bed_act act)
{
  return acts[act].name;
}

bool bed_act_find(struct text name, enum bed_act *out)
{
  for (int act = 0; act < BED_ACTS; act++)
    if (text_equal(name, text_from(acts[act].name))) {
      *out = (enum bed_act)act;
      return true;
    }
  return false;
}

bool bed_act_is_for(const struct web_request *request, enum bed_act act, const struct bed_use *use,
                    bool is_now)
{
  const struct act *it = &acts[act];
  if (!desk_may(request, "bed-board", "write") ||
      (it->object && !desk_may(request, it->object, "write")))
    return false;
  if (!use) return it->kinds == 0;
  if (!(it->kinds & KIND(use->kind))) return false;
  if (act == BED_ACT_EXTEND) return is_now && use->extended_at == 0;
  return is_now || act == BED_ACT_RELEASE || act == BED_ACT_READY;
}

/* --- Forms ---------------------------------------------------------------------------------- */

static void choose_endings(struct desk_form *form)
{
  const struct care *care = form->request->application->records;
  size_t all, count = 0;
  struct desk_choice *choices = people_choices(form->request, CARE_EPISODE_STATUSES, &all);
  for (size_t i = 0; i < all; i++)
    if (text_equal(care_code_cell(care, CARE_EPISODE_STATUSES, i, "is_end"), TEXT("yes")))
      choices[count++] = choices[i];
  desk_form_choices(form, "status", choices, count);
  people_choose(form, "end_reason", CARE_END_REASONS);
}

void bed_act_begin(struct bed_deed *deed, const struct desk_choice *free_beds, size_t free_count)
{
  const struct act *it = &acts[deed->act];
  desk_form_init(&deed->form, deed->request, it->fields, it->count);
  if (it->reasons) bed_page_choose(&deed->form, "reason", BED_REASONS, it->reasons);
  if (deed->act == BED_ACT_DISCHARGE) choose_endings(&deed->form);
  if (deed->act != BED_ACT_TRANSFER) return;
  desk_form_choices(&deed->form, "to", free_beds, free_count);
  bed_page_choose(&deed->form, "placed_as", BED_GROUPS, NULL);
  if (deed->use.placed_as.length) desk_form_set(&deed->form, "placed_as", deed->use.placed_as);
}

bool bed_act_take(struct bed_deed *deed)
{
  struct desk_form *form = &deed->form;
  const struct act *it = &acts[deed->act];
  bool has_when = it->fields != reason_fields && deed->act != BED_ACT_PLAN;
  deed->at = deed->until = deed->request->now;
  if (!desk_form_read(form) || (has_when && !bed_page_moment(form, "on", "at", &deed->at)))
    return false;
  if (deed->act == BED_ACT_BLOCK) { /* the moment is its end */
    bool is_said = desk_form_get(form, "on").length || desk_form_get(form, "at").length;
    deed->until = is_said ? deed->at : 0;
  }
  if (deed->act != BED_ACT_LEAVE) return true;
  bool is_said = desk_form_get(form, "back_on").length || desk_form_get(form, "back_at").length;
  if (is_said) return bed_page_moment(form, "back_on", "back_at", &deed->until);
  deed->until = 0;
  return true;
}

bool bed_act_refuse(struct bed_deed *deed, const struct error *error)
{
  const struct act *it = &acts[deed->act];
  bool has_at = it->fields != reason_fields && deed->act != BED_ACT_PLAN;
  if (error->kind != ERROR_REFUSED && error->kind != ERROR_CONFLICT) return false;
  if (!desk_form_take(&deed->form, error, has_at ? mappings : NULL))
    desk_form_refuse(&deed->form, NULL, error->person);
  return true;
}

/* --- Doing ---------------------------------------------------------------------------------- */

static bool move(struct store_transaction *transaction, const struct bed_deed *deed,
                 const struct access *board, const struct access *stay, struct error *error)
{
  struct web_request *request = deed->request;
  struct bed_stay_access both = {board, stay};
  struct bed_move to = {.use_id = deed->use.id,
                        .version = deed->use.version,
                        .to_bed_id = desk_form_get(&deed->form, "to"),
                        .reason = desk_form_get(&deed->form, "reason"),
                        .placed_as = desk_form_get(&deed->form, "placed_as"),
                        .at = deed->at};
  return bed_transfer(transaction, request->application->beds, &both, request->arena, &to, error);
}

static bool end_stay(struct store_transaction *transaction, const struct bed_deed *deed,
                     const struct access *stay, struct error *error)
{
  struct web_request *request = deed->request;
  struct episode_change change = {.status = desk_form_get(&deed->form, "status"),
                                  .end_reason = desk_form_get(&deed->form, "end_reason"),
                                  .words = desk_form_get(&deed->form, "words"),
                                  .at = deed->at};
  return bed_discharge(transaction, request->application->beds, stay, request->arena,
                       deed->use.episode_id, &change, deed->episode_version, error);
}

/* What needs the board's access alone. */
static bool act_on_board(struct store_transaction *transaction, const struct bed_deed *deed,
                         const struct access *board, struct error *error)
{
  struct web_request *request = deed->request;
  const struct beds *beds = request->application->beds;
  const struct bed_use *use = &deed->use;
  struct arena *arena = request->arena;
  bool has_reason = acts[deed->act].reasons != NULL;
  struct text reason = has_reason ? desk_form_get(&deed->form, "reason") : TEXT(""), id;
  switch (deed->act) {
  case BED_ACT_EXTEND:
    return bed_hold_extend(transaction, beds, board, arena, use->id, reason, use->version, error);
  case BED_ACT_RELEASE:
    return bed_hold_release(transaction, beds, board, arena, use->id, reason, use->version, error);
  case BED_ACT_LEAVE:
    return bed_leave(transaction, beds, board, arena, use->id, reason, deed->at, deed->until,
                     use->version, &id, error);
  case BED_ACT_RETURN:
    return bed_return(transaction, beds, board, arena, use->id, deed->at, use->version, &id, error);
  case BED_ACT_UNASSIGN:
    return bed_unassign(transaction, beds, board, arena, use->id, reason, deed->at, use->version,
                        error);
  case BED_ACT_READY:
    return bed_ready(transaction, beds, board, arena, use->id, deed->at, use->version, error);
  default:
    return bed_block(transaction, beds, board, arena, deed->bed_id, reason,
                     desk_form_get(&deed->form, "words"), request->now, deed->until, &id, error);
  }
}

bool bed_act_do(struct store_transaction *transaction, void *context, struct error *error)
{
  const struct bed_deed *deed = context;
  struct web_request *request = deed->request;
  const char *object = acts[deed->act].object;
  struct access board, other;
  struct text person_id = deed->use.person_id;
  bool is_done = true;
  if (!object || deed->act == BED_ACT_TRANSFER)
    is_done = bed_page_access(transaction, request, "bed-board", "write", person_id, &board, error);
  if (is_done && object)
    is_done = people_access(transaction, request, object, "write", person_id, &other, error);
  if (!is_done) return false;
  if (deed->act == BED_ACT_TRANSFER) is_done = move(transaction, deed, &board, &other, error);
  else if (deed->act == BED_ACT_DISCHARGE) is_done = end_stay(transaction, deed, &other, error);
  else if (deed->act == BED_ACT_PLAN)
    is_done = bed_plan_end(transaction, request->application->beds, &other, request->arena,
                           deed->use.episode_id, desk_form_get(&deed->form, "date"), error);
  else is_done = act_on_board(transaction, deed, &board, error);
  if (is_done) desk_redirect(request, deed->view, "/desk/beds/%.*s", TEXT_PRINT(deed->bed_id));
  return is_done;
}
