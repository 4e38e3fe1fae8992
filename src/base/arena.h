/*
 * Arena: memory that is freed at once. One per request, import batch or command.
 *
 * Allocation never fails: past its cap the arena still serves but is marked, and its owner ends
 * the work with an error before anything is stored. When the system itself has no memory the
 * process says so and stops. In the debug build (FAIRLEAD_DEBUG_ARENA) each object is a malloc of
 * its own, so that the sanitizers see every overrun.
 * Threads: an arena belongs to one thread at a time.
 */
#ifndef FAIRLEAD_BASE_ARENA_H
#define FAIRLEAD_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Make an arena that is marked once more than `cap` bytes have been asked for. */
struct arena *arena_new(size_t cap);
/* Free the arena and all it gave. NULL is fine. */
void arena_free(struct arena *arena);
/* Take back all it gave and clear the mark; keep the newest block for what comes. */
void arena_clear(struct arena *arena);
/* Give `size` zeroed bytes, aligned for any type. */
void *arena_allocate(struct arena *arena, size_t size);
/* Give `count` zeroed elements of `size`; an overflow of the product stops the process. */
void *arena_allocate_array(struct arena *arena, size_t count, size_t size);
/* Has more than the cap been asked for? */
bool arena_is_over(const struct arena *arena);
/* Bytes asked for since the arena was made or cleared. */
size_t arena_used(const struct arena *arena);

/* malloc, calloc and realloc that stop the process when the system has no memory. */
void *memory_allocate(size_t size);
void *memory_allocate_zero(size_t count, size_t size);
void *memory_resize(void *old, size_t size);

#endif
