// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/tagblock.h"

#include <stdlib.h>
#include <string.h>

#include "adi/tags.h"

/*
 * Inline word: bit 0 set, bits 3:1 runs - 1, then for each run its tag
 * (4 bits) and, but for the first, its first block (7 bits): 24 + 35 bits.
 * Heap word: the address, with log2(size / 16) + 1 in bits 3:1.
 */
#define INLINE_RUNS 6

/* A run in a heap block: the first block and the tag, 11 bits of 16. */
#define RUN(start, tag) ((uint16_t)((start) << 4 | (tag)))

static const unsigned heap_runs[TAGBLOCK_CLASSES] = {8, 16,
                                                     0}; /* 0: packed tags */

/* The first blocks of all runs but the first, in order. */
static void list_starts(const uint64_t mask[static 2], uint8_t *starts)
{
    unsigned nr = 0;

    for (unsigned half = 0; half < 2; half++)
        for (uint64_t m = mask[half]; m; m &= m - 1)
            starts[nr++] =
                (uint8_t)(half * 64 + (unsigned)__builtin_ctzll(m) + 1);
}

static uint64_t make_inline(const adi_tag_t *tags, const uint8_t *starts,
                            unsigned runs)
{
    uint64_t word = 1 | (uint64_t)(runs - 1) << 1 | (uint64_t)tags[0] << 4;
    unsigned shift = 8;

    for (unsigned i = 1; i < runs; i++) {
        uint64_t start = starts[i - 1];

        word |= (start | (uint64_t)tags[start] << 7) << shift;
        shift += 11;
    }
    return word;
}

static void fill_runs(uint16_t *out, const adi_tag_t *tags,
                      const uint8_t *starts, unsigned runs, unsigned max)
{
    out[0] = RUN(0, tags[0]);
    for (unsigned i = 1; i < runs; i++)
        out[i] = RUN(starts[i - 1], tags[starts[i - 1]]);
    /* Unused entries repeat block 0, which ends the list. */
    for (unsigned i = runs; i < max; i++)
        out[i] = RUN(0, tags[0]);
}

#define POOL_PAGE   8192u /* bytes */
#define POOL_HEADER 16u   /* keeps the blocks aligned */

void tagpool_fini(struct tagpool *pool)
{
    while (pool->pages) {
        void **page = pool->pages;

        pool->pages = *page;
        free(page);
    }
    *pool = (struct tagpool){.pages = NULL};
}

/* A page of free blocks, lowest first.  False: the host has no memory. */
static bool add_page(struct tagpool *pool, unsigned class)
{
    size_t size = tagblock_sizes[class];
    size_t nr = (POOL_PAGE - POOL_HEADER) / size;
    char *page = malloc(POOL_PAGE);

    if (!page)
        return false;
    *(void **)page = pool->pages;
    pool->pages = page;
    for (size_t i = nr; i-- > 0;) {
        void **block = (void **)(page + POOL_HEADER + i * size);

        *block = pool->free[class];
        pool->free[class] = block;
    }
    return true;
}

static void *pool_alloc(struct tagpool *pool, unsigned class)
{
    void **block;

    if (!pool->free[class] && !add_page(pool, class))
        return NULL;
    block = pool->free[class];
    pool->free[class] = *block;
    return block;
}

uint64_t tagblock_make(struct tagpool *pool,
                       const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    uint64_t mask[2];
    unsigned runs = tags_runs(tags, mask);
    unsigned size = runs <= heap_runs[0] ? 0 : runs <= heap_runs[1] ? 1 : 2;
    uint8_t starts[ADI_TAGS_PER_PAGE];
    void *heap;

    if (runs <= heap_runs[1])
        list_starts(mask, starts);
    if (runs <= INLINE_RUNS)
        return make_inline(tags, starts, runs);
    heap = pool_alloc(pool, size);
    if (!heap)
        return 0;
    if (heap_runs[size])
        fill_runs(heap, tags, starts, runs, heap_runs[size]);
    else
        tags_pack(heap, tags);
    return (uint64_t)(uintptr_t)heap | (size + 1) << 1;
}

uint64_t tagblock_copy(struct tagpool *pool, uint64_t word)
{
    void *heap;

    if (word & 1)
        return word;
    heap = pool_alloc(pool, tagblock_class(word));
    if (!heap)
        return 0;
    memcpy(heap, tagblock_heap(word), tagblock_sizes[tagblock_class(word)]);
    return (uint64_t)(uintptr_t)heap | (word & 15);
}

/* Many at a time: what is too much, the next run replaces. */
static void fill(adi_tag_t *tags, unsigned start, unsigned end, unsigned tag)
{
    enum { MANY = 16 };
    unsigned i = start;

    for (; i < end && i + MANY <= ADI_TAGS_PER_PAGE; i += MANY)
        memset(tags + i, (int)tag, MANY);
    for (; i < end; i++)
        tags[i] = (adi_tag_t)tag;
}

static void get_inline(uint64_t word, adi_tag_t *tags)
{
    unsigned runs = (word >> 1 & 7) + 1, start = 0, tag = word >> 4 & 15;

    word >>= 8;
    for (unsigned i = 1; i < runs; i++) {
        unsigned next = word & 127;

        fill(tags, start, next, tag);
        start = next;
        tag = word >> 7 & 15;
        word >>= 11;
    }
    fill(tags, start, ADI_TAGS_PER_PAGE, tag);
}

static void get_runs(const uint16_t *runs, unsigned max, adi_tag_t *tags)
{
    unsigned i = 0;

    for (; i + 1 < max && runs[i + 1] >> 4 != 0; i++)
        fill(tags, runs[i] >> 4, runs[i + 1] >> 4, runs[i] & 15);
    fill(tags, runs[i] >> 4, ADI_TAGS_PER_PAGE, runs[i] & 15);
}

void tagblock_get(uint64_t word, adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    if ((word & 15) == 1)
        memset(tags, word >> 4 & 15, ADI_TAGS_PER_PAGE);
    else if (word & 1)
        get_inline(word, tags);
    else if (heap_runs[tagblock_class(word)])
        get_runs(tagblock_heap(word), heap_runs[tagblock_class(word)], tags);
    else
        tags_unpack(tags, tagblock_heap(word));
}
