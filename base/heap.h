/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * base/heap.h - memory of the host; or a piece of it that can be put back
 *
 * Owns:    struct heap
 * Used by: every file of the model, which CMake compiles with this header in
 *          front; explore/ makes heaps; adi/tags.c; mm/phys.c
 *
 * While a heap is in use, what the model allocates comes from it, so that its
 * state is a few runs of bytes: copied away, and copied back, it is as it was.
 * Without one this is malloc().  Which one is in use, each thread says for
 * itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct heap;

/*
 * heap_create - @bytes for the blocks, and as many for what heap_map() gives
 *
 * Costs address space only until it is used.  NULL: the host has none.
 */
struct heap *heap_create(size_t bytes);
void heap_destroy(struct heap *h);

/* heap_use - allocate from @h from now on; NULL: from the host.  Returns what
 * was in use. */
struct heap *heap_use(struct heap *h);

/*
 * heap_save - copy all blocks away, and what is known of them
 *
 * @to: heap_used() bytes
 * What heap_map() gave is not in it: who has that knows what of it is in use.
 */
size_t heap_used(const struct heap *h);
void heap_save(const struct heap *h, void *to);

/* heap_restore - the @bytes that heap_save() gave: blocks made since are gone
 */
void heap_restore(struct heap *h, const void *from, size_t bytes);

/* As malloc(), calloc(), realloc(), free(), strdup(). */
void *heap_malloc(size_t bytes);
void *heap_calloc(size_t nr, size_t bytes);
void *heap_realloc(void *p, size_t bytes);
void heap_free(void *p);
char *heap_strdup(const char *s);

/* heap_map - zeroed, of whole pages, and only there when touched; or NULL */
void *heap_map(size_t bytes);
void heap_unmap(void *p, size_t bytes);

/*
 * heap_expect - of what heap_map() gave, [@p, @p + bytes) will be touched soon
 *
 * The host may have it there at once, for less than a fault of each page.
 */
void heap_expect(void *p, size_t bytes);
