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

static const unsigned heap_bytes[] = {16, 32, 64};
static const unsigned heap_runs[] = {8, 16, 0}; /* 0: packed tags */

static uint64_t next_start(uint64_t mask[static 2])
{
    unsigned half = mask[0] == 0;
    unsigned bit = (unsigned)__builtin_ctzll(mask[half]);

    mask[half] &= mask[half] - 1;
    return half * 64 + bit + 1;
}

static uint64_t make_inline(const adi_tag_t *tags, uint64_t mask[static 2],
                            unsigned runs)
{
    uint64_t word = 1 | (uint64_t)(runs - 1) << 1 | (uint64_t)tags[0] << 4;
    unsigned shift = 8;

    for (unsigned i = 1; i < runs; i++) {
        uint64_t start = next_start(mask);

        word |= (start | (uint64_t)tags[start] << 7) << shift;
        shift += 11;
    }
    return word;
}

static void fill_runs(uint16_t *out, const adi_tag_t *tags,
                      uint64_t mask[static 2], unsigned runs, unsigned max)
{
    out[0] = RUN(0, tags[0]);
    for (unsigned i = 1; i < max; i++) {
        /* Unused entries repeat block 0, which ends the list. */
        uint64_t start = i < runs ? next_start(mask) : 0;

        out[i] = RUN(start, tags[start]);
    }
}

uint64_t tagblock_make(const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    uint64_t mask[2];
    unsigned runs = tags_runs(tags, mask);
    unsigned size = runs <= heap_runs[0] ? 0 : runs <= heap_runs[1] ? 1 : 2;
    void *heap;

    if (runs <= INLINE_RUNS)
        return make_inline(tags, mask, runs);
    heap = malloc(heap_bytes[size]);
    if (!heap)
        return 0;
    if (heap_runs[size])
        fill_runs(heap, tags, mask, runs, heap_runs[size]);
    else
        tags_pack(heap, tags);
    return (uint64_t)(uintptr_t)heap | (size + 1) << 1;
}

static void *heap_of(uint64_t word)
{
    return (void *)(uintptr_t)(word & ~UINT64_C(15));
}

static unsigned size_of(uint64_t word)
{
    return (word >> 1 & 7) - 1;
}

static void get_inline(uint64_t word, adi_tag_t *tags)
{
    unsigned runs = (word >> 1 & 7) + 1, start = 0;
    adi_tag_t tag = word >> 4 & 15;

    word >>= 8;
    for (unsigned i = 1; i < runs; i++) {
        unsigned next = word & 127;

        memset(tags + start, tag, next - start);
        start = next;
        tag = word >> 7 & 15;
        word >>= 11;
    }
    memset(tags + start, tag, ADI_TAGS_PER_PAGE - start);
}

static void get_runs(const uint16_t *runs, unsigned max, adi_tag_t *tags)
{
    for (unsigned i = 0; i < max; i++) {
        unsigned start = runs[i] >> 4;
        unsigned end = i + 1 < max ? runs[i + 1] >> 4 : 0;

        if (end == 0)
            end = ADI_TAGS_PER_PAGE;
        memset(tags + start, runs[i] & 15, end - start);
        if (end == ADI_TAGS_PER_PAGE)
            return;
    }
}

void tagblock_get(uint64_t word, adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    if (word & 1)
        get_inline(word, tags);
    else if (heap_runs[size_of(word)])
        get_runs(heap_of(word), heap_runs[size_of(word)], tags);
    else
        tags_unpack(tags, heap_of(word));
}

void tagblock_free(uint64_t word)
{
    if (word && !(word & 1))
        free(heap_of(word));
}

size_t tagblock_bytes(uint64_t word)
{
    return word == 0 || word & 1 ? 0 : heap_bytes[size_of(word)];
}
