/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/mm.h - one address space
 *
 * Owns:    struct mm: its areas, page tables and counts
 * Used by: emu/ for its processes; swap/ and migrate/ walk it; adi/, judge/,
 *          check/, script/, api/; explore/
 * Source:  linux v6.2 kernel/fork.c (mm_init, mmput), mm/mmap.c (exit_mmap)
 */
#pragma once

#include "event/event.h"
#include "mm/pgtable.h"

struct memory;
struct mm;
struct vma;

enum mm_counter {
    MM_FILEPAGES,
    MM_ANONPAGES,
    MM_SHMEMPAGES,
    MM_SWAPENTS,
    NR_MM_COUNTERS
};

/*
 * mm_create - an empty address space with one user
 *
 * Returns NULL when the host has no memory.
 */
struct mm *mm_create(struct memory *mem);

/* mmget, mmput: a process.  The last mmput() runs exit_mmap(). */
void mm_get(struct mm *mm);
void mm_put(struct mm *mm);
MUST_CHECK bool mm_get_not_zero(struct mm *mm); /* false: no user is left */

/* mm_is_shared - mm_users: are there more than one? */
bool mm_is_shared(const struct mm *mm);

/* mmgrab, mmdrop: a holder of the struct.  The last one frees it. */
void mm_grab(struct mm *mm);
void mm_drop(struct mm *mm);

uint32_t mm_id(const struct mm *mm);
struct memory *mm_memory(const struct mm *mm);
long mm_rss(const struct mm *mm, enum mm_counter c);
void mm_rss_add(struct mm *mm, enum mm_counter c, long n);
uint64_t mm_total_vm(const struct mm *mm);
uint64_t mm_locked_vm(const struct mm *mm); /* pages */

/* The most pages that were ever mapped, and that were ever in memory. */
uint64_t mm_hiwater_vm(const struct mm *mm);
uint64_t mm_hiwater_rss(const struct mm *mm);

/* mm_pgtables_bytes - of the tables that mm_pte_alloc() made */
uint64_t mm_pgtables_bytes(const struct mm *mm);

/* Where adi/ keeps what the kernel keeps in mm_context_t. */
void *mm_context(const struct mm *mm);
void mm_set_context(struct mm *mm, void *context);

/* The mm has, or had, swap entries: swapoff looks at it. */
void mm_clear_on_mmlist(struct mm *mm);
bool mm_is_on_mmlist(const struct mm *mm);

/* Lay-out, set by the program loader. */
void mm_set_brk(struct mm *mm, gva_t start_brk, gva_t limit);
void mm_get_brk(const struct mm *mm, gva_t *start_brk, gva_t *brk);
void mm_set_mmap_base(struct mm *mm, gva_t base);
void mm_set_stack_limit(struct mm *mm, uint64_t bytes);

/* ------------------------------------------------------------- events */

/*
 * mm_event_visible - a present PTE now shows a frame through @addr
 *
 * The event carries the frame's tags when the entry has the MCD bit.
 */
void mm_event_visible(struct vma *vma, gva_t addr, pte_t pte,
                      enum mm_path path);

/* mm_event_glimpse - the same, in the middle of a path that goes on */
void mm_event_glimpse(struct vma *vma, gva_t addr, pte_t pte,
                      enum mm_path path);

/*
 * mm_event_copied - the page at @addr is a copy of @from now
 *
 * In an area without PROT_ADI copy_user_highpage() leaves the tags behind:
 * the oracle hears of it, when there were any.
 */
void mm_event_copied(struct vma *vma, gva_t addr, pfn_t from,
                     enum mm_path path);
