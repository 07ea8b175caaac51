/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/internal.h - the structs behind mm/'s handles
 *
 * Owns:    struct memory, struct mm and struct mapping
 * Used by: mm/ only
 */
#pragma once

#include "base/invariant.h"
#include "event/hub.h"
#include "mm/folio.h"
#include "mm/lru.h"
#include "mm/memory.h"
#include "mm/mempolicy.h"
#include "mm/mm.h"
#include "mm/ops.h"
#include "mm/phys.h"
#include "mm/vma.h"
#include "mm/xarray.h"

struct memory {
    struct phys *phys;
    struct lru lru;
    struct hub *hub; /* borrowed */
    struct mm_policy policy;

    const struct arch_ops *arch;
    void *arch_ctx;
    const struct tlb_ops *tlb;
    void *tlb_ctx;
    const struct swap_ops *swap;
    void *swap_ctx;
    const struct moment_ops *moments; /* NULL: nobody listens */
    void *moments_ctx;
    const struct watch_ops *watch; /* NULL: nobody watches */
    void *watch_ctx;

    struct mm *mms; /* every mm that is not destroyed */
    uint32_t nr_mms;
    uint64_t nr_mappings;
    struct mapping *shmem;  /* every shared-memory object */
    uint64_t changes;       /* of entries and areas */
    unsigned nr_gathered;   /* pages in queues of zaps */
    unsigned low_watermark; /* frames: below this, reclaim first */
    unsigned alloc_node;    /* numa_node_id(): where the CPU is */
    const struct current_ops *current;
    void *current_ctx;
    size_t max_map_count;
    bool in_reclaim;
    /* Of each node, pgdat->kswapd_failures: since a frame came free. */
    unsigned reclaim_failures[PHYS_MAX_NODES];
};

struct mm {
    struct memory *mem; /* borrowed */
    uint32_t id;
    int users; /* processes; 0: exit_mmap() has run */
    int count; /* plus one for all users */

    struct xarray ptes;    /* index: va >> PAGE_SHIFT, 40 bits */
    struct avl_root areas; /* struct vma, by address */
    size_t nr_vmas;        /* map_count */
    struct vma *vma_cache; /* found last, or NULL */

    long rss[NR_MM_COUNTERS];
    uint64_t total_vm;                /* pages */
    uint64_t locked_vm;               /* pages */
    uint64_t hiwater_vm, hiwater_rss; /* pages; updated before they sink */

    gva_t mmap_base;
    gva_t start_brk, brk, brk_limit;
    uint64_t stack_limit; /* bytes */
    bool has_pinned;      /* MMF_HAS_PINNED */
    bool on_mmlist;       /* has, or had, swap entries */
    vm_flags_t def_flags;

    void *context;          /* adi/: owned by arch_ops */
    struct mm *prev, *next; /* memory.mms */
};

/*
 * mmap.c: may_expand_vm(): may it have @pages more with these flags?
 * mlock_future_check(): if they are locked, may it have @bytes more of those?
 */
bool mm_may_expand(struct mm *mm, vm_flags_t flags, uint64_t pages);
bool mm_may_lock(const struct mm *mm, vm_flags_t flags, uint64_t bytes);

/* The limit of the process that runs, in pages. */
static inline uint64_t mm_limit_pages(const struct mm *mm, enum mm_limit which)
{
    const struct memory *mem = mm->mem;

    if (!mem->current->limit)
        return UINT64_MAX;
    return mem->current->limit(mem->current_ctx, which) >> PAGE_SHIFT;
}

/* protect.c: @prot of the process that runs, and what it implies */
unsigned mm_implied_prot(const struct mm *mm, unsigned prot);

/* Where a word of mapping.pages is no folio but a swap entry. */
#define MAPPING_IS_ENTRY (UINT64_C(1) << 63)

struct mapping {
    struct memory *mem; /* borrowed */
    int refcount;
    uint64_t id;
    const struct mapping_ops *ops; /* NULL: memory alone */
    void *ctx;
    const struct mapping_watch *watch; /* NULL: nobody */
    void *watch_ctx;
    bool shmem;
    bool unevictable;    /* SHM_LOCK */
    bool maybe_dirty;    /* a file's page was made writable */
    int error;           /* of a write, until somebody asks */
    uint64_t bytes;      /* without @ops: its size */
    struct xarray pages; /* frame + 1, or MAPPING_IS_ENTRY | swap entry */
    struct shared_policy policy; /* of shared memory */
    struct itree areas;          /* that map it, by page */
    struct mapping *prev, *next; /* memory.shmem */
};

/* mm/vma.c: no areas yet */
void vma_tree_init(struct mm *mm);

/* Report an event about @va of @mm; the rest of @ev is the caller's. */
static inline void mm_event(struct mm *mm, struct event *ev)
{
    ev->mm = mm->id;
    hub_event(mm->mem->hub, ev);
}

/* get_mm_rss() */
static inline uint64_t mm_resident(const struct mm *mm)
{
    return (uint64_t)(mm->rss[MM_ANONPAGES] + mm->rss[MM_FILEPAGES] +
                      mm->rss[MM_SHMEMPAGES]);
}

/* update_hiwater_rss(): before pages leave */
static inline void mm_update_hiwater_rss(struct mm *mm)
{
    if (mm_resident(mm) > mm->hiwater_rss)
        mm->hiwater_rss = mm_resident(mm);
}

/* update_hiwater_vm(): before an area shrinks */
static inline void mm_update_hiwater_vm(struct mm *mm)
{
    if (mm->total_vm > mm->hiwater_vm)
        mm->hiwater_vm = mm->total_vm;
}

static inline void mm_count_event(struct mm *mm, enum counter c)
{
    hub_count(mm->mem->hub, c);
}

static inline int arch_hook(struct memory *mem, enum arch_hook hook,
                            const struct hook_args *args)
{
    return mem->arch->hook(mem->arch_ctx, hook, args);
}

static inline void tlb_flush_mm(struct mm *mm)
{
    mm->mem->tlb->flush_mm(mm->mem->tlb_ctx, mm);
}

static inline void tlb_flush_page(struct mm *mm, gva_t va)
{
    mm->mem->tlb->flush_page(mm->mem->tlb_ctx, mm, va);
}

/* mm_counter(): the count of resident pages that @folio is part of. */
static inline enum mm_counter mm_counter(const struct folio *folio)
{
    if (folio_test(folio, PG_anon))
        return MM_ANONPAGES;
    return folio_test(folio, PG_swapbacked) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

static inline struct folio *pte_folio(struct mm *mm, pte_t pte)
{
    return phys_folio(mm->mem->phys, pte_pfn(pte));
}

/*
 * free_swap_cache() of mm/swap_state.c: a folio that lost its last mapping
 * needs no slot any more.  The caller has a reference.
 */
static inline void mm_free_swap_cache(struct memory *mem, struct folio *folio)
{
    if (!folio_test(folio, PG_swapcache) || folio_mapped(folio) ||
        !folio_trylock(folio))
        return;
    (void)mem->swap->folio_free_swap(mem->swap_ctx, folio);
    folio_unlock(folio);
}
