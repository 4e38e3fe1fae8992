/*
 * Listening: see listen.h.
 */
#include "web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
};

bool web_is_loopback(const struct sockaddr *address)
{
  if (!address) return false;
  if (address->sa_family == AF_INET) {
    struct sockaddr_in four;
    memcpy(&four, address, sizeof four);
    return ntohl(four.sin_addr.s_addr) >> 24 == 127;
  }
  if (address->sa_family != AF_INET6) return false;
  struct sockaddr_in6 six;
  memcpy(&six, address, sizeof six);
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) return six.sin6_addr.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

/* Read "ADDRESS:PORT" into a socket address; `*host` is the part before the port. */
static bool read_address(struct text where, union address *out, struct text *host)
{
  size_t colon = where.length;
  while (colon > 0 && where.at[colon - 1] != ':') colon--;
  int64_t port;
  if (colon == 0 || !text_read_integer(text_slice(where, colon, where.length), &port) || port < 0 ||
      port > 65535)
    return false;
  char number[64];
  *host = text_slice(where, 0, colon - 1);
  struct text bare = *host;
  bool is_six = text_starts_with(bare, TEXT("[")) && text_ends_with(bare, TEXT("]"));
  if (is_six) bare = text_slice(bare, 1, bare.length - 1);
  if (bare.length >= sizeof number) return false;
  snprintf(number, sizeof number, "%.*s", TEXT_PRINT(bare));
  *out = (union address){0};
  if (is_six) {
    out->six.sin6_family = AF_INET6;
    out->six.sin6_port = htons((uint16_t)port);
    return inet_pton(AF_INET6, number, &out->six.sin6_addr) == 1;
  }
  out->four.sin_family = AF_INET;
  out->four.sin_port = htons((uint16_t)port);
  return inet_pton(AF_INET, number, &out->four.sin_addr) == 1;
}

static bool fail(struct error *error, struct text where)
{
  const char *hint = "Check the address and the port.";
  if (errno == EADDRINUSE)
    hint = "Another program listens there already, perhaps Fairlead itself. Stop it, or choose "
           "another port: --listen 127.0.0.1:8081.";
  if (errno == EACCES) hint = "Ports below 1024 need rights. Choose a higher one.";
  if (errno == EADDRNOTAVAIL) hint = "This machine does not have that address.";
  return error_set(error, errno == EADDRINUSE ? ERROR_BUSY : ERROR_REFUSED, "error.web.listen",
                   hint, "listen at %.*s: %s", TEXT_PRINT(where), strerror(errno));
}

static bool set(int handle, int level, int option)
{
  int on = 1;
  return setsockopt(handle, level, option, &on, sizeof on) == 0;
}

/* Sockets that are accepted here inherit TCP_NODELAY. */
static bool bind_and_listen(int handle, const union address *address)
{
  bool is_six = address->any.sa_family == AF_INET6;
  socklen_t length = is_six ? sizeof address->six : sizeof address->four;
  return set(handle, SOL_SOCKET, SO_REUSEADDR) && set(handle, IPPROTO_TCP, TCP_NODELAY) &&
         (!is_six || set(handle, IPPROTO_IPV6, IPV6_V6ONLY)) &&
         bind(handle, &address->any, length) == 0 && listen(handle, SOMAXCONN) == 0;
}

bool web_listen(struct web_listener *out, struct text where, struct error *error)
{
  union address address;
  struct text host;
  if (!read_address(where, &address, &host))
    return error_set(error, ERROR_USAGE, "error.web.listen",
                     "Write the address as numbers with a port: 127.0.0.1:8080 or [::1]:8080.",
                     "cannot read the address \"%.*s\"", TEXT_PRINT(where));
  int handle = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0) return fail(error, where);
  union address bound = {0};
  socklen_t length = sizeof bound;
  if (!bind_and_listen(handle, &address) || getsockname(handle, &bound.any, &length) != 0) {
    fail(error, where);
    close(handle);
    return false;
  }
  *out = (struct web_listener){.socket = handle, .is_loopback = web_is_loopback(&bound.any)};
  out->port = ntohs(bound.any.sa_family == AF_INET6 ? bound.six.sin6_port : bound.four.sin_port);
  snprintf(out->address, sizeof out->address, "%.*s", TEXT_PRINT(host));
  return true;
}

/* --- From the manager ---------------------------------------------------------------------- */

static bool refuse_inherited(struct error *error, const char *why)
{
  return error_set(error, ERROR_REFUSED, "error.web.listen",
                   "The .socket unit has one ListenStream=ADDRESS:PORT.",
                   "the service manager's socket: %s", why);
}

/* What the kernel says of the socket itself. */
static bool is_listening_stream(int handle)
{
  int type = 0, listens = 0;
  socklen_t length = sizeof type;
  return getsockopt(handle, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM &&
         getsockopt(handle, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens;
}

static void write_address(const union address *bound, char *out, size_t size)
{
  char number[INET6_ADDRSTRLEN] = "";
  bool is_six = bound->any.sa_family == AF_INET6;
  const void *at = is_six ? (const void *)&bound->six.sin6_addr : &bound->four.sin_addr;
  inet_ntop(bound->any.sa_family, at, number, sizeof number);
  snprintf(out, size, is_six ? "[%s]" : "%s", number);
}

bool web_listen_inherited(struct web_listener *out, bool *found, struct error *error)
{
  int count;
  union address bound = {0};
  socklen_t length = sizeof bound;
  const int handle = SERVICE_FIRST_SOCKET;
  if (!service_sockets(&count, error)) return false;
  if (count == 0) {
    *found = false;
    return true;
  }
  if (count > 1) return refuse_inherited(error, "more than one");
  if (!is_listening_stream(handle) || getsockname(handle, &bound.any, &length) != 0)
    return refuse_inherited(error, "not a stream that listens");
  if (bound.any.sa_family != AF_INET && bound.any.sa_family != AF_INET6)
    return refuse_inherited(error, "not an internet address");
  int flags = fcntl(handle, F_GETFL);
  if (flags < 0 || fcntl(handle, F_SETFL, flags | O_NONBLOCK) != 0 ||
      !set(handle, IPPROTO_TCP, TCP_NODELAY))
    return refuse_inherited(error, strerror(errno));
  *out = (struct web_listener){
      .socket = handle, .is_loopback = web_is_loopback(&bound.any), .is_inherited = true};
  out->port = ntohs(bound.any.sa_family == AF_INET6 ? bound.six.sin6_port : bound.four.sin_port);
  write_address(&bound, out->address, sizeof out->address);
  *found = true;
  return true;
}
