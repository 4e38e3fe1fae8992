/*
 * actor: the two who act without a session. See actor.h.
 */
#include "privacy/actor.h"

struct actor actor_system(struct text program_id)
{
  return (struct actor){
      .kind = ACTOR_SYSTEM, .name = TEXT("system"), .program_id = program_id, .is_confirmed = true};
}

struct actor actor_command(struct text program_id)
{
  return (struct actor){.kind = ACTOR_COMMAND,
                        .name = TEXT("command"),
                        .program_id = program_id,
                        .is_confirmed = true};
}
