/*
 * keeper: three tickers, see keeper.h. Not here: what sealing, sweeping and sending are.
 *
 * Invariants: sealing comes round several times a second, so that an entry is sealed within a
 * second of its commit; a failure is logged when it begins and its end when it ends, not each time.
 */
#include "cli/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "web/web.h"

enum { SEAL_MILLISECONDS = 250, EACH_SWEEP = 500 };
static const int64_t HOUR = 3600LL * 1000000;

/* One thing that is done again and again, by one thread. */
struct chore {
  struct web_ticker *ticker;
  const char *event; /* of the log when it fails */
  bool is_failing;
};

struct keeper {
  struct keeper_options options;
  struct chore seal, sweep, send;
  char owner[UUID_TEXT + 1]; /* of leases */
  int64_t anchored;          /* by the monotonic clock; of the sealing thread */
};

static void note(struct chore *chore, bool good, const struct error *error)
{
  if (!good && !chore->is_failing) log_error(chore->event, error);
  if (good && chore->is_failing)
    log_event(LOG_INFO, "keeper.recovered", LOG_S("after", chore->event));
  chore->is_failing = !good;
}

static bool anchor(struct keeper *keeper, struct error *error)
{
  const struct audit_anchors *anchors = &keeper->options.anchors;
  if (!anchors->file && !anchors->syslog) return true;
  return audit_anchor(keeper->options.store, anchors, time_now(), error);
}

static void seal(void *context)
{
  struct keeper *keeper = context;
  struct error error = {0};
  size_t sealed = 0;
  int64_t now = time_monotonic();
  bool good = audit_seal(keeper->options.store, time_now(), &sealed, &error);
  if (good && now - keeper->anchored >= HOUR) {
    good = anchor(keeper, &error);
    keeper->anchored = now; /* also when it failed: the log says so, the next hour tries again */
  }
  note(&keeper->seal, good, &error);
}

static void sweep(void *context)
{
  struct keeper *keeper = context;
  struct error error = {0};
  size_t fired = EACH_SWEEP;
  bool good = true;
  /* After a long pause there may be more than one sweep takes. */
  for (int round = 0; good && fired == EACH_SWEEP && round < 20; round++)
    good = due_sweep(keeper->options.store, keeper->options.registry, time_now(), EACH_SWEEP,
                     &fired, &error);
  note(&keeper->sweep, good, &error);
}

static void send_messages(void *context)
{
  struct keeper *keeper = context;
  struct error error = {0};
  size_t sent = 0;
  bool good = outbox_send_due(keeper->options.privacy, &keeper->options.outbox,
                              text_from(keeper->owner), time_now(), &sent, &error);
  note(&keeper->send, good, &error);
}

bool keeper_start(struct keeper **out, const struct keeper_options *options, struct error *error)
{
  struct keeper *keeper = memory_allocate_zero(1, sizeof *keeper);
  keeper->options = *options;
  keeper->seal.event = "audit.seal.failed";
  keeper->sweep.event = "due.sweep.failed";
  keeper->send.event = "outbox.send.failed";
  keeper->anchored = time_monotonic();
  uuid_new(time_now(), keeper->owner);
  if (web_ticker_start_every(&keeper->seal.ticker, SEAL_MILLISECONDS, seal, keeper, error) &&
      (!options->registry || web_ticker_start(&keeper->sweep.ticker, sweep, keeper, error)) &&
      (!options->privacy || web_ticker_start(&keeper->send.ticker, send_messages, keeper, error))) {
    *out = keeper;
    return true;
  }
  keeper_stop(keeper);
  return false;
}

void keeper_stop(struct keeper *keeper)
{
  if (!keeper) return;
  struct error error = {0};
  size_t sealed = 0;
  web_ticker_stop(keeper->send.ticker);
  web_ticker_stop(keeper->sweep.ticker);
  web_ticker_stop(keeper->seal.ticker);
  if (!audit_seal(keeper->options.store, time_now(), &sealed, &error) || !anchor(keeper, &error))
    log_error("audit.seal.failed", &error);
  free(keeper);
}
