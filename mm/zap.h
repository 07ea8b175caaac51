/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/zap.h - take pages, swap entries and migration entries out of a range
 *
 * Owns:    nothing
 * Used by: munmap, exit, madvise, truncate
 * Source:  linux v6.2 mm/memory.c zap_pte_range(), should_zap_page(); v5.17
 *          zap_skip_check_mapping()
 */
#pragma once

#include "event/event.h"
#include "mm/types.h"

struct vma;
struct mapping;

/* What a zap leaves alone.  Which of the two counts is a policy's business. */
struct zap_details {
    bool even_cows;                /* v6.2: false leaves private copies */
    const struct mapping *mapping; /* v5.17: only pages of it; NULL: all */
};

/*
 * zap_page_range - empty [start, end), which lies inside @vma
 *
 * @path: what is happening, for the report
 * Every entry is removed whatever it holds, as by unmap_vmas().  The area
 * itself stays: the next access finds a new page.
 */
void zap_page_range(struct vma *vma, gva_t start, gva_t end, enum mm_path path);

/*
 * zap_page_range_single - the same, but for what @details leave alone
 *
 * Guard markers stay, whatever was asked for.  @details NULL: nothing else
 * does. v6.2: private copies, in memory and in swap, stay unless even_cows.
 * v5.17: pages of another mapping stay, and every entry that is not present,
 * whatever was asked for.
 */
void zap_page_range_single(struct vma *vma, gva_t start, gva_t end,
                           enum mm_path path,
                           const struct zap_details *details);
