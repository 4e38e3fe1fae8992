/*
 * Admit: bed, stay, intake and request in one transaction. See admit.h. No state; any thread.
 */
#include "admission/admit.h"

#include "admission/waitlist_entry.h"

static bool take_bed(struct store_transaction *transaction, const struct admission_rooms *rooms,
                     const struct admission_access *access, struct arena *arena,
                     const struct intake *intake, struct admission *admission, struct error *error)
{
  struct bed_arrival arrival = {.episode_id = intake->episode_id,
                                .hold_id = admission->hold_id,
                                .hold_version = admission->hold_version,
                                .bed_id = admission->bed_id,
                                .placed_as = admission->placed_as,
                                .at = admission->at};
  admission->use_id = TEXT("");
  if (arrival.hold_id.length == 0 && arrival.bed_id.length == 0) return true;
  if (!access->board)
    return error_set(error, ERROR_FORBIDDEN, "error.403.text", "",
                     "admission: a bed without an access to the board");
  const struct bed_stay_access of_bed = {access->board, access->stay};
  if (!bed_arrive(transaction, rooms->beds, &of_bed, arena, &arrival, error)) return false;
  admission->use_id = arrival.use_id;
  return true;
}

/* Who was offered nothing yet is offered the place they come to, when it is their turn. */
static bool settle_request(struct store_transaction *transaction,
                           const struct admission_rooms *rooms,
                           const struct admission_access *access, struct arena *arena,
                           const struct intake *intake, const struct admission *admission,
                           struct error *error)
{
  struct request request;
  const struct waitlist_offer offer = {.place_kind = TEXT("bed"),
                                       .place_id = admission->use_id.length ? admission->use_id
                                                                            : intake->episode_id};
  if (!request_load(transaction, access->request, arena, admission->request_id, &request, error))
    return false;
  if (request.version != admission->request_version)
    return error_set(error, ERROR_CONFLICT, "error.care.stale", "Load it again.",
                     "admission: the request changed");
  if (admission->accepts && text_equal(request.state, TEXT("received"))) {
    const struct request_answer answer = {true, TEXT(""), TEXT("")};
    if (!request_answer(transaction, rooms->requests, access->request, arena, request.id, &answer,
                        request.version, error) ||
        !request_load(transaction, access->request, arena, request.id, &request, error))
      return false;
  }
  if (!text_equal(request.state, TEXT("offered"))) {
    if (!waitlist_offer(transaction, rooms->requests, access->request, arena, request.id, &offer,
                        request.version, NULL, error) ||
        !request_load(transaction, access->request, arena, request.id, &request, error))
      return false;
  }
  return waitlist_admit(transaction, rooms->requests, access->request, arena, request.id,
                        request.version, error);
}

bool admission_admit(struct store_transaction *transaction, const struct admission_rooms *rooms,
                     const struct admission_access *access, struct arena *arena,
                     struct admission *admission, struct error *error)
{
  struct intake intake;
  if (!intake_load(transaction, access->intake, arena, admission->intake_id, &intake, error))
    return false;
  admission->was_admitted = intake.admitted_at != 0;
  if (admission->was_admitted) return true;
  return take_bed(transaction, rooms, access, arena, &intake, admission, error) &&
         intake_admit(transaction, rooms->intakes, access->intake, access->stay, arena, intake.id,
                      admission->at, error) &&
         (admission->request_id.length == 0 ||
          settle_request(transaction, rooms, access, arena, &intake, admission, error));
}
