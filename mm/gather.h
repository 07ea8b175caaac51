/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/gather.h - pages on their way out: TLBs first, then rmap, then free
 *
 * Owns:    the queue of one zap
 * Used by: mm/zap.c
 * Source:  linux v6.2 mm/mmu_gather.c, arch/sparc/mm/tlb.c (192 addresses)
 * Differs: one batch; when it is full everything goes
 *
 * A frame must not be free, and a dirty file page must not look unmapped,
 * while a TLB still grants stores to it.
 */
#pragma once

#include "mm/folio.h"

struct mm;

#define GATHER_ADDRS 192 /* TLB_BATCH_NR */
#define GATHER_PAGES 256

struct mmu_gather {
    struct mm *mm;
    unsigned nr_addrs, nr_pages;
    bool delayed; /* a page's rmap is still to be dropped */
    bool fullmm;  /* no TLB has anything of it any more */
    gva_t addr[GATHER_ADDRS];
    struct gathered {
        struct folio *folio; /* with the reference of its PTE */
        bool delay_rmap;
    } page[GATHER_PAGES];
};

/* tlb_gather_mmu - empty; nothing to undo */
void tlb_gather_mmu(struct mmu_gather *tlb, struct mm *mm);

/* tlb_gather_mmu_fullmm - the same, when the caller has flushed all of @mm,
 * which nobody uses from now on */
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm *mm);

/* tlb_batch_add - the entry of @addr was cleared: flush it, later */
void tlb_batch_add(struct mmu_gather *tlb, gva_t addr);

/*
 * tlb_remove_page - queue a page whose entry was cleared
 *
 * @delay_rmap: it is still mapped, and is unmapped after the flush
 * Returns true when the queue is full: flush before the next.
 */
MUST_CHECK bool tlb_remove_page(struct mmu_gather *tlb, struct folio *folio,
                                bool delay_rmap);

/* tlb_flush_tlbonly - leaving lazy MMU mode: no TLB has a queued address */
void tlb_flush_tlbonly(struct mmu_gather *tlb);

/* tlb_flush_rmaps - after the flush, before the page-table lock is dropped */
void tlb_flush_rmaps(struct mmu_gather *tlb);

/* tlb_flush_mmu - flush, then free what is queued; also tlb_finish_mmu() */
void tlb_flush_mmu(struct mmu_gather *tlb);
