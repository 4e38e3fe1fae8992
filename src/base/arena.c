/*
 * Arena: see arena.h. Blocks double from 4 KiB to 1 MiB; a large object gets a block of its own.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_FIRST = 4096, BLOCK_LARGEST = 1024 * 1024 };

struct block {
  struct block *next;
  size_t capacity, used;
  alignas(max_align_t) unsigned char bytes[];
};

struct arena {
  struct block *blocks; /* the newest first */
  size_t cap, used, next_block;
};

static void stop_without_memory(size_t size)
{
  fprintf(stderr, "level=error event=memory.none bytes=%zu\n", size);
  abort();
}

void *memory_allocate(size_t size)
{
  void *memory = malloc(size ? size : 1);
  if (!memory) stop_without_memory(size);
  return memory;
}

void *memory_allocate_zero(size_t count, size_t size)
{
  void *memory = calloc(count ? count : 1, size ? size : 1);
  if (!memory) stop_without_memory(size);
  return memory;
}

void *memory_resize(void *old, size_t size)
{
  void *memory = realloc(old, size ? size : 1);
  if (!memory) stop_without_memory(size);
  return memory;
}

struct arena *arena_new(size_t cap)
{
  struct arena *arena = memory_allocate_zero(1, sizeof *arena);
  arena->cap = cap;
  arena->next_block = BLOCK_FIRST;
  return arena;
}

static void free_blocks(struct block *block)
{
  while (block) {
    struct block *next = block->next;
    free(block);
    block = next;
  }
}

void arena_free(struct arena *arena)
{
  if (!arena) return;
  free_blocks(arena->blocks);
  free(arena);
}

void arena_clear(struct arena *arena)
{
  struct block *first = arena->blocks;
  if (first) {
    free_blocks(first->next);
    first->next = NULL;
    memset(first->bytes, 0, first->used);
    first->used = 0;
  }
  arena->used = 0;
#ifdef FAIRLEAD_DEBUG_ARENA
  free_blocks(arena->blocks);
  arena->blocks = NULL;
#endif
}

static struct block *add_block(struct arena *arena, size_t capacity)
{
  struct block *block = memory_allocate_zero(1, sizeof *block + capacity);
  block->capacity = capacity;
  block->next = arena->blocks;
  arena->blocks = block;
  return block;
}

void *arena_allocate(struct arena *arena, size_t size)
{
  if (size > SIZE_MAX / 2) stop_without_memory(size);
  arena->used += size;
#ifdef FAIRLEAD_DEBUG_ARENA
  struct block *own = add_block(arena, size);
  own->used = size;
  return own->bytes;
#else
  const size_t align = alignof(max_align_t);
  size_t rounded = (size + align - 1) / align * align;
  struct block *block = arena->blocks;
  if (!block || block->capacity - block->used < rounded) {
    size_t capacity = arena->next_block;
    if (arena->next_block < BLOCK_LARGEST) arena->next_block *= 2;
    block = add_block(arena, rounded > capacity ? rounded : capacity);
  }
  void *memory = block->bytes + block->used;
  block->used += rounded;
  return memory;
#endif
}

void *arena_allocate_array(struct arena *arena, size_t count, size_t size)
{
  if (size && count > SIZE_MAX / 2 / size) stop_without_memory(SIZE_MAX);
  return arena_allocate(arena, count * size);
}

bool arena_is_over(const struct arena *arena)
{
  return arena->used > arena->cap;
}

size_t arena_used(const struct arena *arena)
{
  return arena->used;
}
