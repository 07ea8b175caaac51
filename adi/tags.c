// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/tags.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/heap.h"

struct tagmem *tagmem_create(pfn_t nr_frames)
{
    struct tagmem *tm = malloc(sizeof(*tm));

    if (!tm)
        return NULL;
    tm->nr_frames = nr_frames;
    /* Untouched frames cost nothing; most machines use few. */
    tm->tags = heap_map((size_t)nr_frames * ADI_TAGS_PER_PAGE);
    if (!tm->tags) {
        free(tm);
        return NULL;
    }
    return tm;
}

void tagmem_destroy(struct tagmem *tm)
{
    if (!tm)
        return;
    heap_unmap(tm->tags, (size_t)tm->nr_frames * ADI_TAGS_PER_PAGE);
    free(tm);
}

void tagmem_clear_page(struct tagmem *tm, pfn_t pfn)
{
    memset(tagmem_page(tm, pfn), 0, ADI_TAGS_PER_PAGE);
}

void tagmem_copy_page(struct tagmem *tm, pfn_t dst, pfn_t src)
{
    memcpy(tagmem_page(tm, dst), tagmem_page(tm, src), ADI_TAGS_PER_PAGE);
}

int tags_uniform(const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    if (memcmp(tags, tags + 1, ADI_TAGS_PER_PAGE - 1) != 0)
        return -1;
    return tags[0];
}

void tags_pack(uint8_t packed[static ADI_TAG_BYTES],
               const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    for (unsigned i = 0; i < ADI_TAG_BYTES; i++)
        packed[i] = (uint8_t)(tags[2 * i] << 4 | tags[2 * i + 1]);
}

void tags_unpack(adi_tag_t tags[static ADI_TAGS_PER_PAGE],
                 const uint8_t packed[static ADI_TAG_BYTES])
{
    for (unsigned i = 0; i < ADI_TAG_BYTES; i++) {
        tags[2 * i] = packed[i] >> 4;
        tags[2 * i + 1] = packed[i] & 15;
    }
}

/*
 * Bit i: byte i of @a and of @b differ.  What a compiler does not find in a
 * loop is spelt out where the machine has it.
 */
#ifdef __SSE2__
static uint64_t differs16(const adi_tag_t *a, const adi_tag_t *b)
{
    __m128i x = _mm_loadu_si128((const __m128i *)a);
    __m128i y = _mm_loadu_si128((const __m128i *)b);

    return ~(uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)) &
           0xffff;
}
#else
static uint64_t differs16(const adi_tag_t *a, const adi_tag_t *b)
{
    uint64_t bits = 0;

    for (unsigned i = 0; i < 16; i++)
        bits |= (uint64_t)(a[i] != b[i]) << i;
    return bits;
}
#endif

/* Bits set in both words: without the instruction, a call for each. */
static unsigned count_bits(uint64_t a, uint64_t b)
{
    const uint64_t ones = UINT64_C(0x5555555555555555);
    const uint64_t twos = UINT64_C(0x3333333333333333);
    const uint64_t fours = UINT64_C(0x0f0f0f0f0f0f0f0f);

    a -= a >> 1 & ones;
    b -= b >> 1 & ones;
    a = (a & twos) + (a >> 2 & twos) + (b & twos) + (b >> 2 & twos);
    a = (a & fours) + (a >> 4 & fours);
    return (unsigned)(a * UINT64_C(0x0101010101010101) >> 56);
}

unsigned tags_runs(const adi_tag_t tags[static ADI_TAGS_PER_PAGE],
                   uint64_t mask[static 2])
{
    mask[0] = mask[1] = 0;
    for (unsigned i = 0; i < 7; i++)
        mask[i / 4] |= differs16(tags + 16 * i, tags + 16 * i + 1)
                       << (16 * (i % 4));
    /* The last block has none after it. */
    mask[1] |= differs16(tags + 111, tags + 112) >> 1 << 48;
    return 1 + count_bits(mask[0], mask[1]);
}
