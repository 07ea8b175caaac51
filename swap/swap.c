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

static unsigned op_reclaim(void *sw, unsigned want)
{
    return swap_reclaim(sw, want);
}

static const struct swap_ops swap_ops = {
    .do_swap_page = op_do_swap_page,
    .duplicate = op_duplicate,
    .free = op_free,
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

void swap_destroy(struct swap *sw)
{
    if (!sw)
        return;
    for (unsigned t = 0; t < sw->nr_types; t++) {
        struct swap_info *si = &sw->info[t];

        if (!si->used)
            continue;
        drop_cache(sw, si);
        si->ops->close(si->dev);
        free(si->map);
        free(si->cache);
        xa_destroy(&si->extra);
    }
    free(sw);
}

int swap_on(struct swap *sw, const struct swapdev_ops *ops, void *dev,
            uint64_t slots, int priority)
{
    struct swap_info *si = &sw->info[sw->nr_types];
    int err = -EPERM;

    if (sw->nr_types == SWP_MAX_FILES)
        goto close;
    err = -ENOMEM;
    si->map = calloc(slots, sizeof(*si->map));
    si->cache = calloc(slots, sizeof(*si->cache));
    if (!si->map || !si->cache)
        goto free_maps;
    si->map[0] = SWAP_MAP_BAD;
    si->ops = ops;
    si->dev = dev;
    si->slots = slots;
    si->cursor = 1;
    si->priority = priority;
    si->used = true;
    return (int)sw->nr_types++;

free_maps:
    free(si->map);
    free(si->cache);
close:
    ops->close(dev);
    return err;
}

uint64_t swap_total_pages(const struct swap *sw)
{
    uint64_t sum = 0;

    for (unsigned t = 0; t < sw->nr_types; t++)
        if (sw->info[t].used)
            sum += sw->info[t].slots - 1;
    return sum;
}

uint64_t swap_used_pages(const struct swap *sw)
{
    uint64_t sum = 0;

    for (unsigned t = 0; t < sw->nr_types; t++)
        if (sw->info[t].used)
            sum += sw->info[t].inuse;
    return sum;
}
