/*
 * The service manager: see service.h.
 */
#include "base/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

bool service_sockets(int *count, struct error *error)
{
  enum { SOCKETS_MOST = 64 };
  const char *who = getenv("LISTEN_PID"), *many = getenv("LISTEN_FDS");
  int64_t process, number;
  *count = 0;
  if (!who || !many) return true;
  if (!text_read_integer(text_from(who), &process) ||
      !text_read_integer(text_from(many), &number) || number < 0 || number > SOCKETS_MOST)
    return error_set(error, ERROR_SYSTEM, "error.web.start",
                     "These variables are the service manager's: do not set them by hand.",
                     "LISTEN_PID or LISTEN_FDS is no number");
  if (process != getpid()) return true; /* meant for another process */
  for (int64_t i = 0; i < number; i++)
    if (fcntl(SERVICE_FIRST_SOCKET + (int)i, F_SETFD, FD_CLOEXEC) != 0)
      return error_set(error, ERROR_SYSTEM, "error.web.start", "Check the service's .socket unit.",
                       "LISTEN_FDS=%lld, but file %d: %s", (long long)number,
                       SERVICE_FIRST_SOCKET + (int)i, strerror(errno));
  *count = (int)number;
  return true;
}

void service_notify(const char *state)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct text path = text_from(getenv("NOTIFY_SOCKET"));
  if (path.length < 2 || path.length >= sizeof address.sun_path ||
      (path.at[0] != '/' && path.at[0] != '@'))
    return;
  memcpy(address.sun_path, path.at, path.length);
  if (path.at[0] == '@') address.sun_path[0] = 0; /* Linux's abstract names */
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.length);
  int handle = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return;
  (void)sendto(handle, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
               length);
  close(handle);
}
