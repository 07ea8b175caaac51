/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/unit/fake_ops.h - a memory for tests: no CPU, faults by plain calls
 *
 * Owns:    struct world: memory, ADI, swap with a device in host memory
 * Used by: tests/unit/
 */
#pragma once

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tags.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "mm/madvise.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/phys.h"
#include "mm/populate.h"
#include "mm/protect.h"
#include "mm/vma.h"
#include "print/report.h"
#include "swap/swap.h"

struct ram_dev;

struct world {
    struct hub *hub;
    struct judge *judge;
    struct memory *mem;
    struct adi *adi;
    struct swap *swap;
    struct mm *mm; /* the process that runs; world_create() makes the first */
    struct ram_dev *dev;        /* of swap, made last */
    struct adi_profile profile; /* with each hook behind a gate */
    adi_hook_fn real[HOOK_NR];
    unsigned fail_in[HOOK_NR];    /* calls until one fails; 0: never */
    unsigned fail_again[HOOK_NR]; /* how many calls after that one fail */
    unsigned calls[HOOK_NR];
    unsigned flushes;    /* TLB pages flushed so far */
    unsigned lost_slots; /* use counts of slots that no PTE stands for */
    int held;            /* references that the test itself holds */
    int busy;            /* folios that the test itself has locked */
};

/*
 * world_create - @frames of RAM, @slots of swap (0: none) under a profile
 *
 * One world at a time: the gates of the hooks look for it.
 */
struct world *world_create(const char *profile, unsigned frames,
                           unsigned slots);
struct world *world_create_with(const struct adi_profile *profile,
                                unsigned frames, unsigned slots,
                                unsigned nodes);

/* world_exit - audits, and ends every process */
void world_exit(struct world *w);

/* world_exit_clean - the same; then no tag was lost, stale or leaked */
void world_exit_clean(struct world *w);

/* world_destroy - after world_exit(): looks for leaked frames */
void world_destroy(struct world *w);

/* The @nr-th call of @hook from now on fails with -ENOMEM; 0: none does. */
void world_fail_hook(struct world *w, enum arch_hook hook, unsigned nr);

/* The same, and the calls after it, @times in all. */
void world_fail_hook_for(struct world *w, enum arch_hook hook, unsigned nr,
                         unsigned times);

/* world_add_swap - another swap device; returns its type */
unsigned world_add_swap(struct world *w, unsigned slots, int priority);

/* The device: the next so many calls fail with -EIO. */
void world_fail_reads(struct world *w, unsigned nr);
void world_fail_writes(struct world *w, unsigned nr);

/* The device: @what runs in the middle of the next read. */
void world_on_read(struct world *w, void (*what)(struct world *w));

/* world_map - private anonymous memory; with PROT_ADI when @adi */
gva_t world_map(struct world *w, gva_t at, unsigned pages, bool adi);

/* world_join - merge the area of @va with equal ones; the one it is in then */
struct vma *world_join(struct world *w, gva_t va);

/* The program's view: each faults in what it needs, and fails the test
 * when it cannot. */
void world_write(struct world *w, gva_t va, uint8_t byte);
uint8_t world_read(struct world *w, gva_t va);
void world_set_tag(struct world *w, gva_t va, adi_tag_t tag);
void world_set_tags(struct world *w, gva_t va, adi_tag_t tag);
adi_tag_t world_tag(struct world *w, gva_t va);

/* OUT(A) of the design: MADV_PAGEOUT; true when the page left. */
bool world_out(struct world *w, gva_t va);
bool world_resident(struct world *w, gva_t va);

/* The entry itself, to be changed behind everybody's back. */
pte_t *world_raw_pte(struct world *w, gva_t va);

/* What is there, without a fault. */
pte_t world_pte(struct world *w, gva_t va);
struct folio *world_folio(struct world *w, gva_t va); /* of a present PTE */
swp_entry_t world_entry(struct world *w, gva_t va);   /* of a swap PTE */
unsigned world_slot_count(struct world *w, gva_t va); /* of its slot */
unsigned world_free_frames(const struct world *w);    /* or page tables */
bool world_is_full(const struct world *w);            /* nothing to be had */

/* world_incore - what mincore() says of one page, or -ENOMEM */
int world_incore(struct world *w, gva_t va);

/* world_fault - one fault, as mm_get_page() repeats it */
enum fault world_fault(struct world *w, gva_t va, enum access access);

/* Out through the stress entry of reclaim: areas of any kind. */
bool world_push(struct world *w, gva_t va);

/*
 * world_share - fork: a second process with the areas of @w->mm
 *
 * @w->mm stays; NULL when a hook refused, with nothing shared.
 */
struct mm *world_share(struct world *w);

/* A path is half way: it has the folio, and its lock. */
void world_lock(struct world *w, struct folio *folio);
void world_unlock(struct world *w, struct folio *folio);

/* A reference that no page table has: somebody in the kernel looks at it. */
void world_hold(struct world *w, struct folio *folio);
void world_release(struct world *w, struct folio *folio);

/* A pin alone, whatever the page is: mm_pin_page() would make it exclusive. */
void world_pin(struct world *w, struct folio *folio);
void world_unpin(struct world *w, struct folio *folio);

/* One page as a failed operation must leave it. */
struct page_state {
    pte_t pte;
    int references; /* without that of the swap cache */
    int mapcount;
    bool exclusive;
    long rss[NR_MM_COUNTERS];
    unsigned free_frames;
    struct adi_store_use store;
    adi_tag_t tags[ADI_TAGS_PER_PAGE];
};

struct page_state page_state(struct world *w, gva_t va);
void assert_page_state(struct world *w, gva_t va,
                       const struct page_state *before);

/*
 * audit - counts of frames, slots and processes against the page tables
 *
 * The invariants of check/, with what the world says of itself allowed for.
 */
void audit(struct world *w);
