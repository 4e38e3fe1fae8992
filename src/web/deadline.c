/*
 * Deadlines: see deadline.h.
 *
 * A connection's state is one number, so that it moves in one atomic store: the deadline in
 * microseconds of the monotonic clock, times 8, plus the phase.
 *
 * A kept connection that begins to send a request is not announced by the library before the
 * request line is whole. The watching thread asks the kernel for the bytes received instead: when
 * they grow while the connection stands idle, the head phase begins.
 */
#include "web/deadline.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
  PHASE_STEP = 8,
  LOOKS_A_SECOND = 4,
  BODY_BYTES_A_SECOND = 64 * 1024,
  RESPONSE_BYTES_A_SECOND = 8 * 1024
};
static const int64_t MICROSECONDS = 1000000; /* a second */
static const long NANOSECONDS = 1000000000;

struct web_deadlines {
  pthread_t thread;
  pthread_mutex_t lock; /* the list and `ending` */
  pthread_cond_t wake;
  bool ending;
  struct web_connection *connections;
  size_t open;
  _Atomic uint64_t missed;
  int64_t allowed[WEB_PHASE_COUNT]; /* microseconds */
};

static int64_t state_make(enum web_phase phase, int64_t deadline)
{
  return deadline * PHASE_STEP + (int64_t)phase;
}

static enum web_phase state_phase(int64_t state)
{
  return (enum web_phase)(state % PHASE_STEP);
}

static int64_t state_deadline(int64_t state)
{
  return state / PHASE_STEP;
}

void web_connection_enter(const struct web_deadlines *deadlines, struct web_connection *connection,
                          enum web_phase phase, size_t bytes)
{
  if (phase == WEB_PHASE_HEAD && state_phase(atomic_load(&connection->state)) == WEB_PHASE_HEAD)
    return;
  static const size_t bytes_a_second[WEB_PHASE_COUNT] = {
      [WEB_PHASE_BODY] = BODY_BYTES_A_SECOND, [WEB_PHASE_RESPONSE] = RESPONSE_BYTES_A_SECOND};
  size_t each = bytes_a_second[phase];
  int64_t more = each ? (int64_t)(bytes / each) * MICROSECONDS : 0;
  bool has_end = phase != WEB_PHASE_WORK; /* the clock is not asked for what has none */
  atomic_store(
      &connection->state,
      state_make(phase, has_end ? time_monotonic() + deadlines->allowed[phase] + more : 0));
}

static bool bytes_received(int socket, uint64_t *out)
{
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
  if (length < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received)
    return false;
  *out = info.tcpi_bytes_received;
  return true;
}

/* Begin the head phase of an idle connection that has received more since the last look. */
static void look_at_idle(const struct web_deadlines *deadlines, struct web_connection *connection,
                         int64_t state, int64_t now)
{
  uint64_t received;
  if (!bytes_received(connection->socket, &received)) return;
  if (connection->seen_state == state && received > connection->seen_received)
    atomic_compare_exchange_strong(
        &connection->state, &state,
        state_make(WEB_PHASE_HEAD, now + deadlines->allowed[WEB_PHASE_HEAD]));
  connection->seen_state = state;
  connection->seen_received = received;
}

static void look_at(struct web_deadlines *deadlines, struct web_connection *connection, int64_t now)
{
  int64_t state = atomic_load(&connection->state);
  enum web_phase phase = state_phase(state);
  if (phase == WEB_PHASE_WORK) return;
  if (now >= state_deadline(state)) {
    /* Once: the new state is one without a deadline. A thread that moved it meanwhile wins. */
    if (!atomic_compare_exchange_strong(&connection->state, &state, state_make(WEB_PHASE_WORK, 0)))
      return;
    shutdown(connection->socket, SHUT_RDWR);
    atomic_fetch_add(&deadlines->missed, 1);
  } else if (phase == WEB_PHASE_IDLE) {
    look_at_idle(deadlines, connection, state, now);
  }
}

static void *watch(void *context)
{
  struct web_deadlines *deadlines = context;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  pthread_mutex_lock(&deadlines->lock);
  while (!deadlines->ending) {
    int64_t now = time_monotonic();
    for (struct web_connection *c = deadlines->connections; c; c = c->next)
      look_at(deadlines, c, now);
    next.tv_nsec += NANOSECONDS / LOOKS_A_SECOND;
    if (next.tv_nsec >= NANOSECONDS) {
      next.tv_nsec -= NANOSECONDS;
      next.tv_sec++;
    }
    while (!deadlines->ending &&
           pthread_cond_timedwait(&deadlines->wake, &deadlines->lock, &next) == 0) {
    }
  }
  pthread_mutex_unlock(&deadlines->lock);
  return NULL;
}

bool web_deadlines_start(struct web_deadlines **out, const double *seconds, struct error *error)
{
  static const double limits[WEB_PHASE_COUNT] = {
      [WEB_PHASE_IDLE] = LIMIT_HTTP_IDLE_SECONDS,
      [WEB_PHASE_HEAD] = LIMIT_HTTP_HEADER_SECONDS,
      [WEB_PHASE_BODY] = LIMIT_HTTP_BODY_SECONDS,
      [WEB_PHASE_RESPONSE] = LIMIT_HTTP_RESPONSE_SECONDS,
  };
  struct web_deadlines *deadlines = memory_allocate_zero(1, sizeof *deadlines);
  for (int phase = 0; phase < WEB_PHASE_COUNT; phase++)
    deadlines->allowed[phase] =
        (int64_t)((seconds ? seconds : limits)[phase] * (double)MICROSECONDS);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&deadlines->wake, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_mutex_init(&deadlines->lock, NULL);
  int failed = pthread_create(&deadlines->thread, NULL, watch, deadlines);
  if (failed) {
    pthread_mutex_destroy(&deadlines->lock);
    pthread_cond_destroy(&deadlines->wake);
    free(deadlines);
    return error_set(error, ERROR_SYSTEM, "error.web.start", "Free some processes or threads.",
                     "start the deadline thread: %s", strerror(failed));
  }
  *out = deadlines;
  return true;
}

void web_deadlines_stop(struct web_deadlines *deadlines)
{
  if (!deadlines) return;
  pthread_mutex_lock(&deadlines->lock);
  deadlines->ending = true;
  pthread_cond_signal(&deadlines->wake);
  pthread_mutex_unlock(&deadlines->lock);
  pthread_join(deadlines->thread, NULL);
  pthread_mutex_destroy(&deadlines->lock);
  pthread_cond_destroy(&deadlines->wake);
  free(deadlines);
}

struct web_connection *web_connection_open(struct web_deadlines *deadlines, int socket,
                                           bool is_loopback)
{
  struct web_connection *connection = memory_allocate_zero(1, sizeof *connection);
  connection->socket = socket;
  connection->is_loopback = is_loopback;
  atomic_init(&connection->state, state_make(WEB_PHASE_IDLE, 0));
  web_connection_enter(deadlines, connection, WEB_PHASE_HEAD, 0);
  pthread_mutex_lock(&deadlines->lock);
  connection->next = deadlines->connections;
  if (connection->next) connection->next->previous = connection;
  deadlines->connections = connection;
  deadlines->open++;
  pthread_mutex_unlock(&deadlines->lock);
  return connection;
}

void web_connection_close(struct web_deadlines *deadlines, struct web_connection *connection)
{
  if (!connection) return;
  pthread_mutex_lock(&deadlines->lock);
  if (connection->previous) connection->previous->next = connection->next;
  else deadlines->connections = connection->next;
  if (connection->next) connection->next->previous = connection->previous;
  deadlines->open--;
  pthread_mutex_unlock(&deadlines->lock);
  free(connection);
}

size_t web_deadlines_open(struct web_deadlines *deadlines)
{
  pthread_mutex_lock(&deadlines->lock);
  size_t open = deadlines->open;
  pthread_mutex_unlock(&deadlines->lock);
  return open;
}

uint64_t web_deadlines_missed(struct web_deadlines *deadlines)
{
  return atomic_load(&deadlines->missed);
}
