// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/swap.h"

#include <errno.h>
#include <stdlib.h>

#include "mm/ops.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/reclaim.h"
#include "swap/shmem.h"
#include "swap/slot.h"
#include "swap/swapin.h"

/* ----------------------------------- swap_ops: the same calls, untyped */

static enum fault op_do_swap_page(void *sw, struct vm_fault *vmf)
{
    return swap_do_swap_page(sw, vmf);
}

static int op_duplicate(void *sw, swp_entry_t entry)
{
    return slot_duplicate(sw, entry);
}

static void op_free(void *sw, swp_entry_t entry)
{
    slot_free(sw, entry);
}

static void op_free_and_cache(void *sw, swp_entry_t entry)
{
    cache_free_entry(sw, entry);
}

static bool op_folio_free_swap(void *sw, struct folio *folio)
{
    return cache_free_swap(sw, folio);
}

static void op_replace_folio(void *sw, struct folio *from, struct folio *to)
{
    cache_replace(sw, from, to);
}

static void op_forget_folio(void *sw, struct folio *folio)
{
    (void)sw;
    INVARIANT(!folio_test(folio, PG_swapcache));
}

static int op_shmem_swapin(void *sw, struct mapping *m, uint64_t index,
                           swp_entry_t entry)
{
    return shmem_swapin(sw, m, index, entry);
}

static bool op_in_cache(void *sw, swp_entry_t entry)
{
    return cache_find(sw, entry) != NULL;
}

static unsigned op_reclaim_list(void *sw, struct folio *list)
{
    return swap_reclaim_list(sw, list);
}

static uint64_t op_total_pages(void *sw)
{
    return swap_total_pages(sw);
}

static unsigned op_reclaim(void *sw, unsigned want, nodemask_t nodes)
{
    return swap_reclaim(sw, want, nodes);
}

static const struct swap_ops swap_ops = {
    .do_swap_page = op_do_swap_page,
    .duplicate = op_duplicate,
    .slot_free = op_free,
    .free_and_cache = op_free_and_cache,
    .folio_free_swap = op_folio_free_swap,
    .replace_folio = op_replace_folio,
    .forget_folio = op_forget_folio,
    .shmem_swapin = op_shmem_swapin,
    .in_cache = op_in_cache,
    .reclaim_list = op_reclaim_list,
    .total_pages = op_total_pages,
    .reclaim = op_reclaim,
};

struct swap *swap_create(struct memory *mem)
{
    struct swap *sw = calloc(1, sizeof(*sw));

    if (!sw)
        return NULL;
    sw->mem = mem;
    sw->least_priority = -1;
    memory_attach_swap(mem, &swap_ops, sw);
    return sw;
}

/* Folios that only the cache still holds. */
static void drop_cache(struct swap *sw, struct swap_info *si)
{
    for (uint64_t slot = 1; slot < si->slots; slot++)
        if (si->cache[slot])
            cache_del(sw,
                      phys_folio(memory_phys(sw->mem), si->cache[slot] - 1));
}

void swap_close(struct swap_info *si)
{
    si->ops->close(si->dev);
    free(si->map);
    free(si->cache);
    free(si->zero);
    xa_destroy(&si->extra);
    *si = (struct swap_info){.used = false};
}

void swap_destroy(struct swap *sw)
{
    if (!sw)
        return;
    for (unsigned t = 0; t < sw->nr_types; t++) {
        if (!sw->info[t].used)
            continue;
        drop_cache(sw, &sw->info[t]);
        swap_close(&sw->info[t]);
    }
    free(sw);
}

/* alloc_swap_info(): the first type that is free; NULL: none is */
static struct swap_info *free_type(struct swap *sw)
{
    for (unsigned t = 0; t < sw->nr_types; t++)
        if (!sw->info[t].used)
            return &sw->info[t];
    return sw->nr_types < SWP_MAX_FILES ? &sw->info[sw->nr_types++] : NULL;
}

void swap_enable(struct swap *sw, struct swap_info *si, int priority)
{
    si->priority = priority >= 0 ? priority : --sw->least_priority;
    si->writeok = true;
}

void swap_retire(struct swap *sw, struct swap_info *si)
{
    si->writeok = false;
    if (si->priority >= 0)
        return;
    /* Automatic priorities have no gaps. */
    for (unsigned t = 0; t < sw->nr_types; t++)
        if (sw->info[t].writeok && sw->info[t].priority < si->priority)
            sw->info[t].priority++;
    sw->least_priority++;
}

int swap_on(struct swap *sw, const struct swapdev_ops *ops, void *dev,
            uint64_t slots, int priority)
{
    struct swap_info *si = free_type(sw);
    struct swap_info made = {
        .used = true, .ops = ops, .dev = dev, .slots = slots, .cursor = 1};

    if (!si) {
        ops->close(dev);
        return -EPERM;
    }
    made.map = calloc(slots, sizeof(*made.map));
    made.cache = calloc(slots, sizeof(*made.cache));
    made.zero = calloc(slots, sizeof(*made.zero));
    if (!made.map || !made.cache || !made.zero) {
        swap_close(&made);
        return -ENOMEM;
    }
    made.map[0] = SWAP_MAP_BAD;
    *si = made;
    swap_enable(sw, si, priority);
    slotcache_enable(sw);
    return (int)(si - sw->info);
}

void swap_set_synchronous(struct swap *sw, unsigned type)
{
    sw->info[type].synchronous = true;
}

bool swap_device(const struct swap *sw, unsigned type, struct swap_device *out)
{
    const struct swap_info *si = &sw->info[type];

    if (type >= sw->nr_types || !si->used)
        return false;
    *out = (struct swap_device){
        .pages = si->slots - 1, .used = si->inuse, .priority = si->priority};
    return true;
}

bool swap_entry_is_zero(struct swap *sw, swp_entry_t entry)
{
    return swap_info(sw, entry)->zero[swp_offset(entry)];
}

unsigned swap_entry_count(struct swap *sw, swp_entry_t entry)
{
    return slot_count(sw, entry);
}

uint64_t swap_total_pages(const struct swap *sw)
{
    uint64_t sum = 0;

    for (unsigned t = 0; t < sw->nr_types; t++)
        if (sw->info[t].writeok)
            sum += sw->info[t].slots - 1;
    return sum;
}

uint64_t swap_used_pages(const struct swap *sw)
{
    uint64_t sum = 0;

    for (unsigned t = 0; t < sw->nr_types; t++)
        if (sw->info[t].writeok)
            sum += sw->info[t].inuse;
    return sum;
}
