/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/internal.h - struct adi and the context of an mm, for this folder
 */
#pragma once

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tagmap.h"
#include "adi/tags.h"
#include "base/invariant.h"
#include "event/hub.h"
#include "mm/mm.h"
#include "mm/vma.h"

struct linux_store;

struct adi {
    struct memory *mem; /* borrowed */
    struct hub *hub;
    const struct adi_profile *profile;
    uint64_t hooks_called; /* bit n: enum arch_hook */
    bool incapable;        /* what adi_capable() says, the other way round */
    struct tagmem *tags;
    struct tagmap by_entry; /* remap: shared memory; swap-keyed: all */
    uint64_t nr_buffers;    /* numbers of tag buffers, from 1 */
    uint64_t fail_in;       /* allocations until one fails; 0: never */
    struct adi_store_use use;
    struct adi_store_use peak;
    bool timed;
    struct hook_time times[PATH_NR];
};

/* mm_context_t, as far as ADI is concerned. */
struct adi_context {
    bool adi;
    struct linux_store *linux_store; /* owned; linux-* */
    struct tagmap by_page;           /* remap; key: va >> PAGE_SHIFT */
};

static inline struct adi_context *adi_context(const struct mm *mm)
{
    return mm_context(mm);
}

/*
 * The key of a swap slot.  Those of a device lie together: a leaf of the
 * map holds 1024 of them.
 */
#define SLOT_KEY_TYPE_SHIFT 32

static inline uint64_t slot_key(swp_entry_t entry)
{
    return (uint64_t)swp_type(entry) << SLOT_KEY_TYPE_SHIFT | swp_offset(entry);
}

static inline swp_entry_t slot_entry(uint64_t key)
{
    return swp_entry((unsigned)(key >> SLOT_KEY_TYPE_SHIFT),
                     key & ((UINT64_C(1) << SLOT_KEY_TYPE_SHIFT) - 1));
}

/* Should this allocation fail?  Counts down adi_fail_alloc(). */
static inline bool adi_should_fail(struct adi *adi)
{
    return adi->fail_in > 0 && --adi->fail_in == 0;
}

/* Account for @pages copies and @bytes more (or fewer). */
static inline void adi_account(struct adi *adi, int64_t pages, int64_t bytes)
{
    adi->use.pages += (uint64_t)pages;
    adi->use.bytes += (uint64_t)bytes;
    /* Of two equal peaks the one with more pages: a buffer is accounted for
     * before what goes into it. */
    if (adi->use.bytes > adi->peak.bytes ||
        (adi->use.bytes == adi->peak.bytes && adi->use.pages > adi->peak.pages))
        adi->peak = adi->use;
}

/* Put tags into a frame and tell the CPUs. */
void adi_set_page_tags(struct adi *adi, pfn_t pfn,
                       const adi_tag_t tags[static ADI_TAGS_PER_PAGE]);

/* The saved tags were found, and no lock of the store is held: other CPUs may
 * run now.  @args: those of a fault. */
void adi_moment_restore(struct adi *adi, const struct hook_args *args);

/* Report what happened to the saved copy of a page. */
void adi_event(struct adi *adi, enum event_kind kind, enum mm_path path,
               const struct mm *mm, gva_t va);
