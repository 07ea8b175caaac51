/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/pgtable.h - the page tables of an address space
 *
 * Owns:    the entries: nobody else writes one
 * Used by: mm/, swap/, migrate/; all others read
 * Source:  linux v6.2 mm/pagewalk.c (walk_page_range), include/linux/pgtable.h
 *          (set_pte_at, ptep_get_and_clear), arch/sparc/mm/tlb.c
 *
 * Each change is counted (memory_changes()) and takes the translation out of
 * the TLBs, at once or with the gather that it is given.
 */
#pragma once

#include "mm/pte.h"

struct mm;
struct mmu_gather;

/* mm_pte - the entry of @va, or NULL when its table does not exist */
const pte_t *mm_pte(struct mm *mm, gva_t va);

/* mm_next_pte - the first entry in [*@va, @end) that is not none, and *@va is
 * its page; NULL: there is none.  The hole of addresses may be in the range. */
const pte_t *mm_next_pte(struct mm *mm, gva_t *va, gva_t end);

/*
 * mm_pte_alloc - mm_pte(), making the table; NULL: out of memory
 *
 * Tables are RAM: pages of any process may be reclaimed for them, so that an
 * entry that was read before may have changed.
 */
const pte_t *mm_pte_alloc(struct mm *mm, gva_t va);

/* mm_free_tables - those with nothing but addresses of [@first, @last] */
void mm_free_tables(struct mm *mm, gva_t first, gva_t last);

/*
 * mm_set_pte - set_pte_at(): replaces the entry of @va
 *
 * When the old entry was present its translation is flushed, as sparc64's
 * set_pte_at() queues it for the lazy-MMU flush under the same lock.
 */
void mm_set_pte(struct mm *mm, gva_t va, const pte_t *ptep, pte_t pte);

/* mm_clear_pte - ptep_get_and_clear() and flush; returns the old entry */
pte_t mm_clear_pte(struct mm *mm, gva_t va, const pte_t *ptep);

/* mm_gather_pte - the same of a present entry; @tlb flushes, later */
pte_t mm_gather_pte(struct mmu_gather *tlb, gva_t va, const pte_t *ptep);

/* mm_touch_pte - the CPU used it: young, which no TLB has to forget */
void mm_touch_pte(const pte_t *ptep);

/*
 * What a walk does with an entry, with none in [@va, @end), which may be
 * within a hole: 0 to go on, and anything else ends it
 *
 * It may change entries and tables; @ptep is good until it does.
 */
typedef int (*pgtable_entry_fn)(void *ctx, struct mm *mm, gva_t va,
                                const pte_t *ptep);
typedef int (*pgtable_hole_fn)(void *ctx, struct mm *mm, gva_t va, gva_t end);

struct pgtable_ops {
    pgtable_entry_fn present;
    pgtable_entry_fn swap; /* of swap or migration, or a marker */
    pgtable_hole_fn hole;
};

/*
 * pgtable_walk - the entries of [@start, @end), in order
 *
 * @ops: NULL in it: of no interest
 * Returns what ended it, or 0.
 */
int pgtable_walk(struct mm *mm, gva_t start, gva_t end,
                 const struct pgtable_ops *ops, void *ctx);
