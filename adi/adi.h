/*
 * adi/adi.h - the ADI side of a memory: tags of frames, stores of saved
 *             tags, and the profile that says which hook runs where
 *
 * Owns:    struct adi; per mm an adi context
 * Used by: emu/ and tests attach one to a memory
 * Source:  linux arch/sparc/include/asm/mmu_context_64.h, mman.h
 */
#pragma once

#include "mm/memory.h"
#include "mm/types.h"

struct adi;
struct adi_profile;
struct hook_time;
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

struct tagmem *adi_tagmem(const struct adi *adi);
const struct adi_profile *adi_profile(const struct adi *adi);

/*
 * adi_mm_enabled - context.adi: PROT_ADI was asked for once
 *
 * A process of such an mm runs with PSTATE.mcde set.
 */
bool adi_mm_enabled(const struct mm *mm);

/*
 * adi_fail_alloc - the @nr-th allocation for a tag store from now on fails
 *
 * 0 switches it off.
 */
void adi_fail_alloc(struct adi *adi, uint64_t nr);

/*
 * adi_time_hooks - measure the host's time in each hook from now on
 * adi_hook_times - by path, PATH_NR of them; NULL when it is not measured
 */
void adi_time_hooks(struct adi *adi);
const struct hook_time *adi_hook_times(const struct adi *adi);

/* What a tag store holds, for reports. */
struct adi_store_use {
    uint64_t pages; /* saved copies */
    uint64_t bytes; /* of host memory a kernel would spend */
};

struct adi_store_use adi_store_use(const struct adi *adi);

/* The most bytes it ever held, and for how many pages. */
struct adi_store_use adi_store_peak(const struct adi *adi);
