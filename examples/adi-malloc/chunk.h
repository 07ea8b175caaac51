/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * examples/adi-malloc/chunk.h - blocks of a heap, each with a tag of its own
 *
 * Owns:    struct chunk: 256 KiB of blocks of one size, or one large block
 * Used by: malloc.c, which has the lock
 *
 * What is known of a block stands in the head of its chunk, not beside the
 * block: in front of each block is another one, or the head, and neither has
 * its tag.  A block that is free, the head and what nobody asked for have the
 * heap's.  The last bytes of a granule are the block's, whatever its size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* heap_init - @adi: the CPU has tags; without them pointers have none */
void heap_init(bool adi);

/*
 * block_alloc - @size bytes at a multiple of @align, which is a power of two
 *
 * @zero: of 0; or else of any value
 * Returns NULL when there is no memory.
 */
void *block_alloc(size_t size, size_t align, bool zero);

/* block_free - @p is not used any more; false: it is no block in use */
bool block_free(void *p);

/* block_size - bytes of the block @p that may be used; 0: it is none */
size_t block_size(const void *p);
