/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/madvise.h - advice about a range, locking, and residency
 *
 * Owns:    nothing
 * Used by: emu/linux/, script/, tests; explore/
 * Source:  linux v6.2 mm/madvise.c, mm/mlock.c, mm/mincore.c
 */
#pragma once

#include "mm/types.h"

struct mm;

#define MADV_G_NORMAL          0
#define MADV_G_RANDOM          1
#define MADV_G_SEQUENTIAL      2
#define MADV_G_WILLNEED        3
#define MADV_G_DONTNEED        4
#define MADV_G_FREE            8
#define MADV_G_DONTFORK        10
#define MADV_G_DOFORK          11
#define MADV_G_MERGEABLE       12
#define MADV_G_UNMERGEABLE     13
#define MADV_G_HUGEPAGE        14
#define MADV_G_NOHUGEPAGE      15
#define MADV_G_DONTDUMP        16
#define MADV_G_DODUMP          17
#define MADV_G_WIPEONFORK      18
#define MADV_G_KEEPONFORK      19
#define MADV_G_COLD            20
#define MADV_G_PAGEOUT         21
#define MADV_G_POPULATE_READ   22
#define MADV_G_POPULATE_WRITE  23
#define MADV_G_DONTNEED_LOCKED 24
#define MADV_G_COLLAPSE        25 /* there are no huge pages: -EINVAL */
#define MADV_G_GUARD_INSTALL   102
#define MADV_G_GUARD_REMOVE    103
#define MADV_G_REMOVE          9 /* nothing does it: -EINVAL */

/*
 * mm_madvise - sys_madvise()
 *
 * @addr: tag bits stripped
 * Returns 0; -EINVAL: bad alignment or advice, or an area it cannot be
 * given to; -ENOMEM: a hole (the rest was advised).
 */
MUST_CHECK int mm_madvise(struct mm *mm, gva_t addr, uint64_t len, int advice);

/* mm_mlock - sys_mlock2(): 0, -EINVAL, -ENOMEM, -EPERM */
MUST_CHECK int mm_mlock(struct mm *mm, gva_t addr, uint64_t len, bool onfault);
MUST_CHECK int mm_munlock(struct mm *mm, gva_t addr, uint64_t len);

#define MCL_G_CURRENT 0x2000u
#define MCL_G_FUTURE  0x4000u
#define MCL_G_ONFAULT 0x8000u

/* mm_mlockall - sys_mlockall(): @flags are MCL_G_*; 0, -ENOMEM, -EPERM */
MUST_CHECK int mm_mlockall(struct mm *mm, unsigned flags);
void mm_munlockall(struct mm *mm);

/*
 * mm_mincore - do_mincore(): which of @pages pages from @addr on are in memory?
 *
 * @vec: a byte for each, 1 or 0
 * Returns how many it told of, fewer where the area ends, or -ENOMEM when
 * nothing is mapped at @addr.
 */
MUST_CHECK int64_t mm_mincore(struct mm *mm, gva_t addr, uint64_t pages,
                              uint8_t *vec);
