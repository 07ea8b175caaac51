#include "adi/tags.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "report/invariant.h"

struct tagmem {
    adi_tag_t *tags;
    pfn_t nr_frames;
};

struct tagmem *tagmem_create(pfn_t nr_frames)
{
    struct tagmem *tm = malloc(sizeof(*tm));

    if (!tm)
        return NULL;
    tm->nr_frames = nr_frames;
    /* Untouched frames cost nothing; most machines use few. */
    tm->tags = mmap(NULL, (size_t)nr_frames * ADI_TAGS_PER_PAGE,
                    PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (tm->tags == MAP_FAILED) {
        free(tm);
        return NULL;
    }
    return tm;
}

void tagmem_destroy(struct tagmem *tm)
{
    if (!tm)
        return;
    munmap(tm->tags, (size_t)tm->nr_frames * ADI_TAGS_PER_PAGE);
    free(tm);
}

adi_tag_t *tagmem_page(const struct tagmem *tm, pfn_t pfn)
{
    INVARIANT(pfn < tm->nr_frames);
    return tm->tags + (size_t)pfn * ADI_TAGS_PER_PAGE;
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

/* Gather bit 0 of eight bytes; byte 0 gives bit 0. */
static uint64_t gather(uint64_t bytes)
{
    return (bytes & UINT64_C(0x0101010101010101)) *
               UINT64_C(0x0102040810204080) >>
           56;
}

unsigned tags_runs(const adi_tag_t tags[static ADI_TAGS_PER_PAGE],
                   uint64_t mask[static 2])
{
    uint8_t differs[ADI_TAGS_PER_PAGE];

    for (unsigned i = 0; i < ADI_TAGS_PER_PAGE - 1; i++)
        differs[i] = tags[i] != tags[i + 1];
    differs[ADI_TAGS_PER_PAGE - 1] = 0;
    for (unsigned half = 0; half < 2; half++) {
        mask[half] = 0;
        for (unsigned i = 0; i < 8; i++) {
            uint64_t bytes = 0;

            for (unsigned b = 0; b < 8; b++)
                bytes |= (uint64_t)differs[half * 64 + i * 8 + b] << (8 * b);
            mask[half] |= gather(bytes) << (8 * i);
        }
    }
    return 1 + (unsigned)(__builtin_popcountll(mask[0]) +
                          __builtin_popcountll(mask[1]));
}
