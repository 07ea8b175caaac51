/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/tagblock.h - the saved tags of one page, in as few bytes as they need
 *
 * Owns:    the encoding of a 64-bit word, and the blocks behind it
 * Used by: adi/tagmap.c
 *
 * A word is 0 (nothing saved), up to six runs of equal tags, or a pointer
 * to a heap block of 16, 32 or 64 bytes for more runs.
 */
#pragma once

#include "mm/types.h"

#define TAGBLOCK_CLASSES 3 /* sizes of blocks */

/*
 * Where blocks come from: a page of the host at a time.  A free block holds
 * the address of the next one.
 */
struct tagpool {
    void *free[TAGBLOCK_CLASSES];
    void *pages; /* owned; each begins with the address of the next */
};

/* All blocks must be free, or forgotten. */
void tagpool_fini(struct tagpool *pool);

/*
 * tagblock_make - encode 128 tags
 *
 * @pool: all 0 at first
 * Returns a word that is not 0, owned by the caller until
 * tagblock_free(), or 0 when the host has no memory.
 */
uint64_t tagblock_make(struct tagpool *pool,
                       const adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* tagblock_copy - the same again, from @pool; @word is not 0, 0 as above */
uint64_t tagblock_copy(struct tagpool *pool, uint64_t word);

/* tagblock_get - decode; @word is not 0 */
void tagblock_get(uint64_t word, adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* Of a word with a heap block: its size class, and the block. */
static inline unsigned tagblock_class(uint64_t word)
{
    return (word >> 1 & 7) - 1;
}

static inline void *tagblock_heap(uint64_t word)
{
    return (void *)(uintptr_t)(word & ~UINT64_C(15));
}

static const uint8_t tagblock_sizes[TAGBLOCK_CLASSES] = {16, 32, 64};

/* tagblock_free - a word of 0 is fine */
static inline void tagblock_free(struct tagpool *pool, uint64_t word)
{
    void **block = tagblock_heap(word);

    if (!word || word & 1)
        return;
    *block = pool->free[tagblock_class(word)];
    pool->free[tagblock_class(word)] = block;
}

/* Heap bytes behind a word: 0, 16, 32 or 64. */
static inline size_t tagblock_bytes(uint64_t word)
{
    return word == 0 || word & 1 ? 0 : tagblock_sizes[tagblock_class(word)];
}
