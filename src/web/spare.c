/*
 * Spare arenas: see spare.h. An arena that served a large answer is not kept, so that what lies
 * here stays within KEPT times LARGEST bytes or so.
 */
#include "web/spare.h"

#include <pthread.h>
#include <stdlib.h>

enum { KEPT = 64, LARGEST = 256 * 1024 };

struct web_spare {
  pthread_mutex_t lock;
  struct arena *arenas[KEPT];
  size_t count;
};

struct web_spare *web_spare_new(void)
{
  struct web_spare *spare = memory_allocate_zero(1, sizeof *spare);
  pthread_mutex_init(&spare->lock, NULL);
  return spare;
}

void web_spare_free(struct web_spare *spare)
{
  if (!spare) return;
  for (size_t i = 0; i < spare->count; i++) arena_free(spare->arenas[i]);
  pthread_mutex_destroy(&spare->lock);
  free(spare);
}

struct arena *web_spare_take(struct web_spare *spare)
{
  pthread_mutex_lock(&spare->lock);
  struct arena *arena = spare->count ? spare->arenas[--spare->count] : NULL;
  pthread_mutex_unlock(&spare->lock);
  return arena ? arena : arena_new(LIMIT_ARENA_REQUEST);
}

void web_spare_give(struct web_spare *spare, struct arena *arena)
{
  bool is_kept = false;
  if (arena_used(arena) <= LARGEST) {
    arena_clear(arena);
    pthread_mutex_lock(&spare->lock);
    is_kept = spare->count < KEPT;
    if (is_kept) spare->arenas[spare->count++] = arena;
    pthread_mutex_unlock(&spare->lock);
  }
  if (!is_kept) arena_free(arena);
}
