/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swap/internal.h - struct swap, for the files of this folder
 */
#pragma once

#include "base/invariant.h"
#include "event/hub.h"
#include "mm/folio.h"
#include "mm/lru.h"
#include "mm/memory.h"
#include "mm/phys.h"
#include "mm/xarray.h"
#include "swap/slotcache.h"
#include "swap/swap.h"

struct swap_info {
    bool used;
    bool writeok;     /* SWP_WRITEOK: new pages may go there */
    bool synchronous; /* SWP_SYNCHRONOUS_IO */
    int priority;
    const struct swapdev_ops *ops;
    void *dev;           /* owned */
    uint64_t slots;      /* with the header */
    uint64_t inuse;      /* slots with a non-zero map, without the header */
    uint64_t cursor;     /* where the search for a free slot goes on */
    uint8_t *map;        /* owned; one byte a slot */
    pfn_t *cache;        /* owned; frame + 1 of the cached page, 0: none */
    bool *zero;          /* owned; zeromap: the slot is a page of zeros */
    struct xarray extra; /* counts above SWAP_MAP_MAX */
    unsigned bypassing;  /* pages that come in past the cache, slots guarded */
};

struct swap {
    struct memory *mem; /* borrowed */
    struct swap_info info[SWP_MAX_FILES];
    unsigned nr_types;
    int least_priority; /* of the automatic ones, below 0 */
    struct slot_cache slot_cache;
    const pte_t *locked_pte; /* a fault has the lock of its table; or NULL */
};

/* _enable_swap_info(), and what swapoff undoes of it before it begins. */
void swap_enable(struct swap *sw, struct swap_info *si, int priority);
void swap_retire(struct swap *sw, struct swap_info *si);

/* The device goes; nothing is left in it. */
void swap_close(struct swap_info *si);

static inline struct swap_info *swap_info(struct swap *sw, swp_entry_t entry)
{
    unsigned type = swp_type(entry);

    INVARIANT(type < SWP_MAX_FILES && sw->info[type].used);
    INVARIANT(swp_offset(entry) < sw->info[type].slots);
    return &sw->info[type];
}

static inline struct hub *swap_hub(const struct swap *sw)
{
    return memory_hub(sw->mem);
}
