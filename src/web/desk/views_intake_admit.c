/*
 * /desk/people/{id}/intake/admit: the one act by which a person comes in: the bed that is held for
 * them, a free one that fits, a slot, or none; the stay, the intake and the request with it, at
 * once or not at all (admission/admit.h). A request that nobody answered is accepted by the same
 * button, for whoever may decide on requests. Twice admits once. Threads: all state is the
 * request's.
 */
#include "web/desk/desk_private.h"
#include "web/desk/intakes.h"

static const struct desk_field fields[] = {
    {.name = "place", .label = "admit.place", .kind = DESK_CHOICE, .flags = DESK_REQUIRED},
    {.name = "date",
     .label = "admit.date",
     .help = "admit.date_help",
     .kind = DESK_DATE,
     .flags = DESK_SHORT},
    {.name = "clock",
     .label = "admit.clock",
     .help = "intake.clock_help",
     .kind = DESK_TEXT,
     .flags = DESK_SHORT,
     .longest = 5},
};
static const struct desk_mapping mappings[] = {{"error.intake.blocked", NULL},
                                               {"error.intake.future", "date"},
                                               {"error.care.future", "date"},
                                               {"error.admission.order", "date"},
                                               {"error.care.episode.status", NULL},
                                               {"error.intake.ended", NULL},
                                               {"error.admission.stay.ended", NULL},
                                               {"error.admission.stay.has-bed", "place"},
                                               {"error.admission.hold.over", "place"},
                                               {"error.admission.hold.other", "place"},
                                               {"error.admission.bed.closed", "place"},
                                               {"error.admission.bed.unlicensed", "place"},
                                               {"error.admission.bed.unstaffed", "place"},
                                               {"error.admission.unit.full", "place"},
                                               {"error.admission.taken", "place"},
                                               {"error.admission.clash.hold", "place"},
                                               {"error.admission.clash.occupied", "place"},
                                               {"error.admission.clash.leave", "place"},
                                               {"error.admission.clash.cleaning", "place"},
                                               {"error.admission.clash.blocked", "place"},
                                               {"error.request.skip", NULL},
                                               {"error.request.step", NULL},
                                               {"error.care.stale", NULL},
                                               {NULL, NULL}};

struct admitting {
  struct intake_page page;
  struct episode stay;
  struct request *requests; /* the person's, for this site and level, not ended */
  size_t request_count;
  struct waitlist_entry entry; /* of the first of them, when it was offered a place */
  bool is_offered;
  struct slot slot;   /* that is offered; id "": none */
  struct bed_use use; /* the bed or hold of the stay, or of the request */
  struct bed bed;
  bool has_use;
  struct board board;
  struct board_place *places;
  struct text group; /* how the person is placed */
};

/* --- Loading --------------------------------------------------------------------------------- */

static bool is_meant(const struct admitting *admitting, const struct request *request)
{
  return text_equal(request->site_id, admitting->stay.site_id) &&
         (request->level_of_care.length == 0 ||
          text_equal(request->level_of_care, admitting->stay.level_of_care));
}

static bool load_slot(struct store_transaction *transaction, struct admitting *admitting,
                      const struct access *access, struct error *error)
{
  struct web_request *request = admitting->page.request;
  struct slot *slots;
  size_t count;
  if (!waitlist_load(transaction, request->application->requests, access, request->arena,
                     admitting->requests[0].id, &admitting->entry, error))
    return false;
  if (!text_equal(admitting->entry.place_kind, TEXT("slot"))) return true;
  if (!slot_list(transaction, access, request->arena, &slots, &count, error)) return false;
  for (size_t i = 0; i < count; i++)
    if (text_equal(slots[i].id, admitting->entry.place_id)) admitting->slot = slots[i];
  return true;
}

/* The request that led here: of this site and level; one that was offered a place goes first. */
static bool load_request(struct store_transaction *transaction, struct admitting *admitting,
                         struct error *error)
{
  struct web_request *request = admitting->page.request;
  struct request *all;
  struct access access;
  const struct request_query query = {.limit = 0};
  size_t count = 0, kept = 0;
  admitting->request_count = 0;
  admitting->is_offered = false;
  admitting->slot = (struct slot){.id = TEXT("")};
  if (!desk_may(request, "request", "read")) return true;
  if (!people_access(transaction, request, "request", "read", request->captured, &access, error) ||
      !request_list(transaction, &access, request->arena, &query, &all, &count, error))
    return false;
  for (int offered = 1; offered >= 0; offered--)
    for (size_t i = 0; i < count; i++) {
      bool is_one = text_equal(all[i].state, TEXT("offered")) == (offered == 1);
      if (!is_one || !is_meant(admitting, &all[i])) continue;
      if (kept == 0) admitting->requests = &all[i];
      admitting->is_offered = admitting->is_offered || offered == 1;
      kept++;
    }
  admitting->request_count = kept;
  return !admitting->is_offered || load_slot(transaction, admitting, &access, error);
}

static bool load_use(struct store_transaction *transaction, struct admitting *admitting,
                     struct error *error)
{
  struct web_request *request = admitting->page.request;
  struct access access;
  admitting->has_use = false;
  if (!people_access(transaction, request, "bed-board", "read", request->captured, &access,
                     error) ||
      !bed_use_of_stay(transaction, &access, request->arena, admitting->stay.id, &admitting->use,
                       &admitting->has_use, error))
    return false;
  if (!admitting->has_use && admitting->request_count &&
      !bed_use_of_request(transaction, &access, request->arena, admitting->requests[0].id,
                          &admitting->use, &admitting->has_use, error))
    return false;
  return !admitting->has_use || bed_load(transaction, &access, request->arena,
                                         admitting->use.bed_id, &admitting->bed, error);
}

static bool load_board(struct store_transaction *transaction, struct admitting *admitting,
                       struct error *error)
{
  struct web_request *request = admitting->page.request;
  const struct beds *beds = request->application->beds;
  const struct board_query query = {.site_id = admitting->stay.site_id,
                                    .unit_id = TEXT(""),
                                    .from = request->now,
                                    .until = BOARD_OPEN};
  struct board_moment moment = {.at = request->now, .now = request->now};
  struct access access;
  if (!access_open_list(transaction, request->application->privacy, request->actor, "bed-board",
                        "read", request->now, &access, error) ||
      !board_window(transaction, beds, access.program_id, &moment.window, error) ||
      !board_load(transaction, beds, &access, request->arena, &query, &admitting->board, error))
    return false;
  const struct board *board = &admitting->board;
  admitting->places =
      arena_allocate_array(request->arena, board->bed_count + 1, sizeof *admitting->places);
  struct board_count *counts =
      arena_allocate_array(request->arena, board->unit_count + 1, sizeof *counts);
  board_at(board, &moment, admitting->places, counts);
  admitting->group = bed_group_of(beds, admitting->page.person.identity.sex,
                                  admitting->page.person.identity.gender_identity);
  return true;
}

static bool load(struct store_transaction *transaction, void *context, struct error *error)
{
  struct admitting *admitting = context;
  struct intake_page *page = &admitting->page;
  struct web_request *request = page->request;
  struct access access, stay;
  if (!intake_page_need(transaction, page, &access, error)) return false;
  if (page->view->redirect.length) return true;
  if (!intake_names_add(transaction, page, page->shown.intake.admitted_by, error) ||
      !people_access(transaction, request, "episode", "read", request->captured, &stay, error) ||
      !episode_load(transaction, &stay, request->arena, page->shown.intake.episode_id,
                    &admitting->stay, error) ||
      !load_request(transaction, admitting, error))
    return false;
  admitting->board = (struct board){.bed_count = 0};
  admitting->has_use = false;
  if (!desk_may(request, "bed-board", "read")) return true;
  return load_use(transaction, admitting, error) && load_board(transaction, admitting, error);
}

/* --- The places ------------------------------------------------------------------------------ */

static bool is_held(const struct admitting *admitting)
{
  return admitting->has_use && admitting->use.kind == BED_HOLD &&
         admitting->use.expires_at > admitting->page.request->now;
}

/* "North, Room 2, Bed A". */
static struct text bed_words(const struct admitting *admitting, size_t index)
{
  struct arena *arena = admitting->page.request->arena;
  const struct board_bed *bed = &admitting->board.beds[index];
  struct text unit = admitting->board.units[bed->unit].name;
  if (bed->room_name.length == 0)
    return text_format(arena, "%.*s, %.*s", TEXT_PRINT(unit), TEXT_PRINT(bed->name));
  return text_format(arena, "%.*s, %.*s, %.*s", TEXT_PRINT(unit), TEXT_PRINT(bed->room_name),
                     TEXT_PRINT(bed->name));
}

/* And why it does not fit. */
static struct text misfit_words(const struct admitting *admitting, size_t index, unsigned why)
{
  const struct web_request *request = admitting->page.request;
  struct text words = bed_words(admitting, index);
  for (size_t i = 0; i < BED_WHYS; i++)
    if (why & (1U << i))
      words =
          text_format(request->arena, "%.*s. %.*s", TEXT_PRINT(words),
                      TEXT_PRINT(intake_word(request, "bed-why", text_from(bed_why_name(i)), "")));
  return words;
}

static struct text held_words(const struct admitting *admitting)
{
  const struct web_request *request = admitting->page.request;
  struct text name = admitting->bed.name;
  for (size_t i = 0; i < admitting->board.bed_count; i++)
    if (text_equal(admitting->board.beds[i].id, admitting->use.bed_id))
      name = bed_words(admitting, i);
  return VIEW_FORMAT(request, "admit.held", {"bed", name});
}

/* Beds that fit and may be offered; and the one that the address names, with what speaks against
 * it. */
static size_t add_beds(const struct admitting *admitting, struct desk_choice *choices)
{
  struct web_request *request = admitting->page.request;
  const struct bed_need need = {.level_of_care = admitting->stay.level_of_care,
                                .group = admitting->group,
                                .funding = TEXT(""),
                                .medicine = TEXT("")};
  struct text named = web_parameter_get(request, "bed");
  size_t count = 0;
  for (size_t i = 0; i < admitting->board.bed_count; i++) {
    const struct board_bed *bed = &admitting->board.beds[i];
    unsigned why = bed_fit(&admitting->board, admitting->places, i, &need, NULL);
    bool is_named = text_equal(bed->id, named) && admitting->places[i].why == 0;
    if (why && !is_named) continue;
    choices[count++] =
        (struct desk_choice){text_format(request->arena, "bed.%.*s", TEXT_PRINT(bed->id)),
                             misfit_words(admitting, i, why)};
  }
  return count;
}

/* What was promised, or the only one there is, or the bed that the address names. */
static void choose_default(struct desk_form *form, const struct desk_choice *choices, size_t count,
                           bool is_promised)
{
  struct web_request *request = form->request;
  struct text named =
      text_format(request->arena, "bed.%.*s", TEXT_PRINT(web_parameter_get(request, "bed")));
  if (is_promised || count == 1) desk_form_set(form, "place", choices[0].value);
  for (size_t i = 0; i < count && !is_promised; i++)
    if (text_equal(choices[i].value, named)) desk_form_set(form, "place", named);
}

static void choose_place(struct desk_form *form, const struct admitting *admitting)
{
  struct web_request *request = admitting->page.request;
  size_t count = 0;
  struct desk_choice *choices =
      arena_allocate_array(request->arena, admitting->board.bed_count + 3, sizeof *choices);
  bool has_bed = admitting->has_use && admitting->use.kind != BED_HOLD;
  if (is_held(admitting))
    choices[count++] = (struct desk_choice){TEXT("hold"), held_words(admitting)};
  if (admitting->slot.id.length)
    choices[count++] = (struct desk_choice){
        TEXT("slot"), VIEW_FORMAT(request, "admit.slot", {"slot", admitting->slot.name})};
  if (!admitting->has_use && desk_may(request, "bed-board", "write"))
    count += add_beds(admitting, choices + count);
  if (!is_held(admitting) && admitting->slot.id.length == 0)
    choices[count++] = (struct desk_choice){
        TEXT("none"), view_text(request, has_bed ? "admit.has_bed" : "admit.no_bed")};
  desk_form_choices(form, "place", choices, count);
  choose_default(form, choices, count, is_held(admitting) || admitting->slot.id.length);
}

/* --- The page -------------------------------------------------------------------------------- */

/* A request that nobody answered, and the actor may: accepting it is part of the admission. */
static bool may_accept(const struct admitting *admitting)
{
  return admitting->request_count && text_equal(admitting->requests[0].state, TEXT("received")) &&
         desk_may(admitting->page.request, "request", "write");
}

static void fill_request(const struct admitting *admitting)
{
  struct web_request *request = admitting->page.request;
  struct value *page = admitting->page.view->page;
  bool has_one = admitting->request_count > 0;
  view_set_flag(request, page, "accepts", may_accept(admitting));
  view_set_flag(request, page, "has_request", has_one);
  if (!has_one) return;
  struct value *out = value_object(request->arena);
  const struct request *one = admitting->requests;
  view_set_text(request, out, "request_id", one->id);
  view_set_text(request, out, "state", intake_word(request, "request-states", one->state, ""));
  view_set_flag(request, out, "is_offered", admitting->is_offered);
  view_set_flag(request, out, "is_unanswered", text_equal(one->state, TEXT("received")));
  view_set_text(request, out, "href",
                desk_has_route("/desk/requests/{id}")
                    ? text_format(request->arena, "/desk/requests/%.*s", TEXT_PRINT(one->id))
                    : TEXT(""));
  value_set(page, "request", out);
}

static void fill_blocking(const struct admitting *admitting)
{
  const struct intake_page *page = &admitting->page;
  struct value *list = value_list(page->request->arena);
  for (size_t i = 0; i < page->shown.count; i++) {
    const struct intake_answer *answer = &page->shown.answers[i];
    bool is_open = answer->standing == INTAKE_DUE || answer->standing == INTAKE_LATE;
    if (answer->item->blocks && is_open) value_add(list, intake_row(page, answer));
  }
  value_set(page->view->page, "blocking", list);
}

static bool show(struct admitting *admitting, const struct desk_form *form)
{
  struct intake_page *page = &admitting->page;
  struct web_request *request = page->request;
  intake_page_fill(page, "/admit");
  fill_request(admitting);
  fill_blocking(admitting);
  const struct intake *intake = &page->shown.intake;
  bool is_open = !intake->admitted_at && !intake->ended_at;
  view_set_flag(request, page->view->page, "is_blocked", page->shown.progress.blocking > 0);
  view_set_flag(request, page->view->page, "may_admit",
                is_open && page->shown.progress.blocking == 0 &&
                    desk_may(request, "intake", "write") && desk_may(request, "episode", "write"));
  view_set_flag(
      request, page->view->page, "is_forbidden",
      is_open && !(desk_may(request, "intake", "write") && desk_may(request, "episode", "write")));
  view_set_flag(request, page->view->page, "may_hold",
                is_open && !admitting->has_use && desk_may(request, "bed-board", "write") &&
                    desk_has_route("/desk/beds"));
  view_set_text(request, page->view->page, "stay_id", admitting->stay.id);
  view_set_text(request, page->view->page, "bed", web_parameter_get(request, "bed"));
  return desk_form_show(form, page->view, "desk/intake_admit");
}

/* --- The act --------------------------------------------------------------------------------- */

struct act {
  struct admitting *admitting;
  struct admission admission;
  bool takes_bed;
};

/* An access for the request that led here. Whoever may admit, and may not decide on requests,
 * settles it all the same: its outcome follows from the admission, and is the system's to write. */
static bool open_request(struct store_transaction *transaction, struct act *act,
                         struct actor *system, struct access *out, struct error *error)
{
  struct web_request *request = act->admitting->page.request;
  struct role_subject subject;
  bool may = desk_may(request, "request", "write");
  struct actor *actor = may ? request->actor : system;
  return request_subject_load(transaction, request->actor->program_id, act->admission.request_id,
                              actor, request->now, request->arena, &subject, error) &&
         access_open(transaction, request->application->privacy, actor, "request", "write",
                     &subject, act->admission.request_id, request->now, out, error);
}

static bool run(struct store_transaction *transaction, void *context, struct error *error)
{
  struct act *act = context;
  struct intake_page *page = &act->admitting->page;
  struct web_request *request = page->request;
  const struct web_application *application = request->application;
  const struct admission_rooms rooms = {application->intakes, application->beds,
                                        application->requests};
  struct access intake, stay, board, of_request;
  struct actor system = actor_system(request->actor->program_id);
  struct admission_access access = {.intake = &intake, .stay = &stay};
  struct text person = request->captured;
  bool has_request = act->admission.request_id.length > 0;
  if (!people_access(transaction, request, "intake", "write", person, &intake, error) ||
      !people_access(transaction, request, "episode", "write", person, &stay, error) ||
      (act->takes_bed &&
       !people_access(transaction, request, "bed-board", "write", person, &board, error)) ||
      (has_request && !open_request(transaction, act, &system, &of_request, error)))
    return false;
  if (act->takes_bed) access.board = &board;
  if (has_request) access.request = &of_request;
  struct admission admission =
      act->admission; /* admitting writes into it, and this may run again */
  if (!admission_admit(transaction, &rooms, &access, request->arena, &admission, error))
    return false;
  intake_page_go(page, "", TEXT("admitted"));
  return true;
}

static void take_place(struct act *act, const struct desk_form *form)
{
  const struct admitting *admitting = act->admitting;
  struct text place = desk_form_get(form, "place");
  act->admission = (struct admission){.intake_id = admitting->page.shown.intake.id,
                                      .hold_id = TEXT(""),
                                      .bed_id = TEXT(""),
                                      .placed_as = admitting->group,
                                      .request_id = TEXT(""),
                                      .at = act->admission.at};
  if (text_equal(place, TEXT("hold"))) {
    act->admission.hold_id = admitting->use.id;
    act->admission.hold_version = admitting->use.version;
  } else if (text_starts_with(place, TEXT("bed."))) {
    act->admission.bed_id = text_slice(place, sizeof "bed." - 1, place.length);
  }
  act->takes_bed = act->admission.hold_id.length || act->admission.bed_id.length;
  if (admitting->request_count) {
    act->admission.request_id = admitting->requests[0].id;
    act->admission.request_version = admitting->requests[0].version;
    act->admission.accepts =
        may_accept(admitting) &&
        text_equal(web_parameter_get(admitting->page.request, "accept"), admitting->requests[0].id);
  }
}

/* What stood in the way; unless another admitted the person meanwhile, which is all that was
 * wanted. */
static bool show_refusal(struct act *act, struct desk_form *form, struct error *error)
{
  struct admitting *admitting = act->admitting;
  if (!desk_form_take(form, error, mappings)) return false;
  if (!desk_read(admitting->page.request, load, admitting, error)) return false;
  if (admitting->page.shown.intake.admitted_at) {
    intake_page_go(&admitting->page, "", TEXT("admitted"));
    return true;
  }
  choose_place(form, admitting);
  return show(admitting, form);
}

bool view_intake_admit(struct web_request *request, struct web_view *view, struct error *error)
{
  struct admitting admitting = {
      .page = {.request = request, .view = view}, .requests = NULL, .group = TEXT("")};
  struct act act = {.admitting = &admitting};
  struct desk_form form;
  if (!desk_read(request, load, &admitting, error)) return false;
  if (view->redirect.length) return true;
  DESK_FORM_INIT(&form, request, fields);
  choose_place(&form, &admitting);
  if (request->method == WEB_GET) return show(&admitting, &form);
  if (admitting.page.shown.intake.admitted_at) {
    intake_page_go(&admitting.page, "", TEXT("admitted"));
    return true;
  }
  if (!desk_form_read(&form) ||
      !intake_moment(&form, admitting.page.zone, "date", "clock", &act.admission.at))
    return show(&admitting, &form);
  if (act.admission.at == 0) act.admission.at = request->now;
  take_place(&act, &form);
  return desk_write(request, view, run, &act, error) || show_refusal(&act, &form, error);
}
