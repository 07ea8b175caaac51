/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/adi.h - the ADI side of a memory: tags of frames, stores of saved
 *             tags, and the profile that says which hook runs where
 *
 * Owns:    struct adi; per mm an adi context
 * Used by: emu/ and tests attach one to a memory; judge/, print/, check/,
 *          script/, api/; explore/
 * Source:  linux arch/sparc/include/asm/mmu_context_64.h, mman.h
 */
#pragma once

#include "mm/memory.h"
#include "mm/types.h"

struct adi;
struct adi_profile;
struct tagmem;
struct mm;

/*
 * adi_create - attached to @mem as its arch_ops
 *
 * @profile: borrowed, must outlive it
 * Must be destroyed after the last mm.  Returns NULL: no host memory.
 */
struct adi *adi_create(struct memory *mem, const struct adi_profile *profile);
void adi_destroy(struct adi *adi);

struct memory *adi_memory(const struct adi *adi);
struct tagmem *adi_tagmem(const struct adi *adi);
const struct adi_profile *adi_profile(const struct adi *adi);

/*
 * adi_mm_enabled - context.adi: PROT_ADI was asked for once
 *
 * A process of such an mm runs with PSTATE.mcde set.
 */
bool adi_mm_enabled(const struct mm *mm);

/*
 * adi_disable - adi_capable() is false: the CPU has no version tags
 *
 * PROT_ADI is then ignored, as by Linux.  Before the first mm.
 */
void adi_disable(struct adi *adi);

/*
 * adi_fail_alloc - the @nr-th allocation for a tag store from now on fails
 *
 * 0 switches it off.
 */
void adi_fail_alloc(struct adi *adi, uint64_t nr);

/* adi_failing - allocations until that one; 0: none is to fail */
uint64_t adi_failing(const struct adi *adi);

/* One descriptor, or one saved copy, of a tag store. */
struct adi_store_part {
    enum { ADI_PART_DESC, ADI_PART_PAGE, ADI_PART_SLOT } kind;
    unsigned nr;       /* of the descriptor */
    gva_t start, end;  /* inclusive, as in the kernel; a slot has none */
    swp_entry_t entry; /* of a slot */
    uint64_t users;    /* copies counted in it */
    uint64_t bytes;
};

/*
 * adi_store_walk - look at the tag store, whichever the profile has
 *
 * @mm: whose descriptors and copies, NULL: those of swap slots
 * Free descriptors are passed over, but for one that keeps its buffer.  The
 * users of one that a kernel bug has made unusable are below 0.
 */
void adi_store_walk(struct adi *adi, const struct mm *mm,
                    void (*one)(void *ctx, const struct adi_store_part *part),
                    void *ctx);

/* adi_slot_bytes - what the copy of a swap slot costs, 0: it has none */
uint64_t adi_slot_bytes(struct adi *adi, swp_entry_t entry);

/* The time that the host spent in the hooks of one path. */
struct hook_time {
    uint64_t calls, ns;
};

/*
 * adi_time_hooks - measure the host's time in each hook from now on
 * adi_hook_times - by path, PATH_NR of them; NULL when it is not measured
 */
void adi_time_hooks(struct adi *adi);
const struct hook_time *adi_hook_times(const struct adi *adi);

/* adi_hooks_called - bit n: the profile's hook n, enum arch_hook, was called */
uint64_t adi_hooks_called(const struct adi *adi);

/*
 * adi_saved_tags - look at what a swap-in of @va would find in the store
 *
 * @mm:    NULL: a page of shared memory, and @va says nothing
 * @entry: its swap entry
 * False when it would find nothing.  Changes nothing; for checks and tests.
 */
bool adi_saved_tags(struct adi *adi, const struct mm *mm, gva_t va,
                    swp_entry_t entry,
                    adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* What a tag store holds, for reports. */
struct adi_store_use {
    uint64_t pages; /* saved copies */
    uint64_t bytes; /* of host memory a kernel would spend */
};

struct adi_store_use adi_store_use(const struct adi *adi);

/* The most bytes it ever held, and for how many pages. */
struct adi_store_use adi_store_peak(const struct adi *adi);
