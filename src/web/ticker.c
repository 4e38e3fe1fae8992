/*
 * A ticker: see ticker.h.
 */
#include "web/ticker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct web_ticker {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  bool ending;
  int milliseconds;
  void (*function)(void *context);
  void *context;
};

/* Wait for the next call, or less when the end is near. */
static bool wait_for_next(struct web_ticker *ticker)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += ticker->milliseconds / 1000;
  until.tv_nsec += ticker->milliseconds % 1000 * 1000000L;
  if (until.tv_nsec >= 1000000000L) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000L;
  }
  pthread_mutex_lock(&ticker->lock);
  int waited = 0;
  while (!ticker->ending && waited == 0)
    waited = pthread_cond_timedwait(&ticker->wake, &ticker->lock, &until);
  bool goes_on = !ticker->ending;
  pthread_mutex_unlock(&ticker->lock);
  return goes_on;
}

static void *tick(void *context)
{
  struct web_ticker *ticker = context;
  while (wait_for_next(ticker)) ticker->function(ticker->context);
  return NULL;
}

static void fini(struct web_ticker *ticker)
{
  pthread_mutex_destroy(&ticker->lock);
  pthread_cond_destroy(&ticker->wake);
  free(ticker);
}

bool web_ticker_start(struct web_ticker **out, void (*function)(void *context), void *context,
                      struct error *error)
{
  return web_ticker_start_every(out, 1000, function, context, error);
}

bool web_ticker_start_every(struct web_ticker **out, int milliseconds,
                            void (*function)(void *context), void *context, struct error *error)
{
  struct web_ticker *ticker = memory_allocate_zero(1, sizeof *ticker);
  ticker->milliseconds = milliseconds;
  ticker->function = function;
  ticker->context = context;
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&ticker->wake, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&ticker->lock, NULL);
  int failed = pthread_create(&ticker->thread, NULL, tick, ticker);
  if (failed) {
    fini(ticker);
    return error_set(error, ERROR_SYSTEM, "error.web.start", "Free some processes or threads.",
                     "start a ticker thread: %s", strerror(failed));
  }
  *out = ticker;
  return true;
}

void web_ticker_stop(struct web_ticker *ticker)
{
  if (!ticker) return;
  pthread_mutex_lock(&ticker->lock);
  ticker->ending = true;
  pthread_cond_signal(&ticker->wake);
  pthread_mutex_unlock(&ticker->lock);
  pthread_join(ticker->thread, NULL);
  fini(ticker);
}
