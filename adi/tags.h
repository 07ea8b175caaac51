/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/tags.h - the version tags of guest memory: 4 bits for each 64 bytes
 *
 * Owns:    128 tags a frame, one a byte; they stay when a frame is freed
 * Used by: adi/hooks, emu/engine/ (checks and MCD ASIs); judge/, check/,
 *          script/, emu/; explore/
 * Source:  linux Documentation/arch/sparc/adi.rst; the packed form is that
 *          of arch/sparc/kernel/adi_64.c: high nibble, lower block
 */
#pragma once

#include "base/invariant.h"
#include "mm/types.h"

struct tagmem {
    adi_tag_t *tags; /* owned */
    pfn_t nr_frames;
};

/* tagmem_create - tags of @nr_frames frames, all 0; NULL: no host memory */
struct tagmem *tagmem_create(pfn_t nr_frames);
void tagmem_destroy(struct tagmem *tm);

/* The tags of a frame: ADI_TAGS_PER_PAGE bytes, borrowed. */
static inline adi_tag_t *tagmem_page(const struct tagmem *tm, pfn_t pfn)
{
    INVARIANT(pfn < tm->nr_frames);
    return tm->tags + (size_t)pfn * ADI_TAGS_PER_PAGE;
}

void tagmem_clear_page(struct tagmem *tm, pfn_t pfn);
void tagmem_copy_page(struct tagmem *tm, pfn_t dst, pfn_t src);

/* tags_uniform - the tag that all blocks of a page have, or -1 */
int tags_uniform(const adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* tags_none - has every block tag 0, as those of a page that has no tags? */
static inline bool tags_none(const adi_tag_t tags[static ADI_TAGS_PER_PAGE])
{
    return tags[0] == 0 && tags_uniform(tags) == 0;
}

void tags_pack(uint8_t packed[static ADI_TAG_BYTES],
               const adi_tag_t tags[static ADI_TAGS_PER_PAGE]);
void tags_unpack(adi_tag_t tags[static ADI_TAGS_PER_PAGE],
                 const uint8_t packed[static ADI_TAG_BYTES]);

/*
 * tags_runs - bit i of @mask: block i+1 has another tag than block i
 *
 * Returns the number of runs of equal tags, 1..128.
 */
unsigned tags_runs(const adi_tag_t tags[static ADI_TAGS_PER_PAGE],
                   uint64_t mask[static 2]);
