/*
 * The brake of requests from outside. See brake.h.
 *
 * A table of fixed size; a key looks at a few places in a row, takes the one that is its own, else
 * an empty one, else the oldest of them.
 */
#include "web/brake.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { LOOK = 8, HALF_IPV6 = 8 };
static const int64_t HOUR = INT64_C(3600000000);

struct counted {
  uint64_t mark;  /* of an address; 0: nobody */
  int64_t since;  /* when its hour began */
  unsigned count; /* within it */
};

struct web_brake {
  pthread_mutex_t lock;
  unsigned char key[crypto_shorthash_KEYBYTES];
  struct counted counted[LIMIT_DOOR_ADDRESSES];
};

static struct text bytes_of(struct arena *arena, const void *bytes, size_t length)
{
  return text_copy(arena, (struct text){bytes, length});
}

/* Of IPv6 the half that a household has; of an address of IPv4 in its clothes, that one, or all of
 * them were one household. */
static struct text of_six(struct arena *arena, const struct in6_addr *six)
{
  if (IN6_IS_ADDR_V4MAPPED(six)) return bytes_of(arena, &six->s6_addr[12], sizeof(struct in_addr));
  return bytes_of(arena, six, HALF_IPV6);
}

static struct text of_name(struct arena *arena, struct text named)
{
  struct in_addr four;
  struct in6_addr six;
  const char *name = text_c(arena, named);
  if (inet_pton(AF_INET, name, &four) == 1) return bytes_of(arena, &four, sizeof four);
  if (inet_pton(AF_INET6, name, &six) == 1) return of_six(arena, &six);
  return TEXT("");
}

struct text web_brake_address(struct arena *arena, const struct sockaddr *peer, struct text named)
{
  struct text name = of_name(arena, named);
  if (name.length || !peer) return name;
  if (peer->sa_family == AF_INET) {
    struct sockaddr_in four;
    memcpy(&four, peer, sizeof four);
    return bytes_of(arena, &four.sin_addr, sizeof four.sin_addr);
  }
  if (peer->sa_family != AF_INET6) return TEXT("");
  struct sockaddr_in6 six;
  memcpy(&six, peer, sizeof six);
  return of_six(arena, &six.sin6_addr);
}

struct web_brake *web_brake_new(void)
{
  struct web_brake *brake = memory_allocate_zero(1, sizeof *brake);
  pthread_mutex_init(&brake->lock, NULL);
  randombytes_buf(brake->key, sizeof brake->key);
  return brake;
}

void web_brake_free(struct web_brake *brake)
{
  if (!brake) return;
  pthread_mutex_destroy(&brake->lock);
  sodium_memzero(brake, sizeof *brake);
  free(brake);
}

static uint64_t mark_of(const struct web_brake *brake, struct text address)
{
  unsigned char hash[crypto_shorthash_BYTES];
  uint64_t mark;
  crypto_shorthash(hash, (const unsigned char *)address.at, address.length, brake->key);
  memcpy(&mark, hash, sizeof mark);
  return mark ? mark : 1;
}

/* The place of a mark: its own, or the one to take. */
static struct counted *place_of(struct web_brake *brake, uint64_t mark)
{
  struct counted *oldest = NULL;
  for (uint64_t i = 0; i < LOOK; i++) {
    struct counted *one = &brake->counted[(mark + i) % LIMIT_DOOR_ADDRESSES];
    if (one->mark == mark) return one;
    if (!oldest || one->since < oldest->since) oldest = one;
  }
  return oldest;
}

bool web_brake_pass(struct web_brake *brake, struct text address, int64_t now)
{
  if (address.length == 0) return true;
  uint64_t mark = mark_of(brake, address);
  pthread_mutex_lock(&brake->lock);
  struct counted *one = place_of(brake, mark);
  /* A clock that was set back begins the hour again. */
  if (one->mark != mark || now - one->since >= HOUR || now < one->since)
    *one = (struct counted){.mark = mark, .since = now};
  bool is_passed = one->count < LIMIT_DOOR_ADDRESS;
  if (is_passed) one->count++;
  pthread_mutex_unlock(&brake->lock);
  return is_passed;
}
