// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/shmem.h"

#include <errno.h>

#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/vma.h"
#include "swap/bypass.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/slot.h"
#include "swap/swapin.h"

/* Each address at which the page can be seen hears of it. */
static void event_views(struct swap *sw, struct mapping *m, struct event *ev)
{
    uint64_t index = ev->va >> PAGE_SHIFT;
    const struct vma *vma = mapping_first_vma(m, index, index);

    for (; vma; vma = mapping_next_vma(vma, index, index)) {
        struct event seen = *ev;

        if (!(vma->flags & VM_MAYSHARE))
            continue;
        seen.object = 0;
        seen.mm = mm_id(vma->mm);
        seen.va = vma->start + ((index - vma->pgoff) << PAGE_SHIFT);
        hub_event(swap_hub(sw), &seen);
    }
    hub_event(swap_hub(sw), ev);
}

bool shmem_writepage(struct swap *sw, struct folio *folio)
{
    struct mapping *m = folio->mapping;
    swp_entry_t entry = slotcache_alloc(sw);
    struct hook_args args = {.pfn = memory_folio_pfn(sw->mem, folio),
                             .entry = entry,
                             .object = mapping_id(m),
                             .index = folio->index};
    struct event ev = {.kind = EV_SWAP_OUT,
                       .path = PATH_SHMEM_OUT,
                       .object = args.object,
                       .va = folio->index << PAGE_SHIFT,
                       .pfn = args.pfn,
                       .entry = entry.v,
                       .bare = !memory_has_tags(sw->mem, args.pfn)};

    if (!swp_valid(entry))
        return false;
    cache_add(sw, folio, entry);
    if (memory_hook(sw->mem, HOOK_SHMEM_OUT, &args) != 0) {
        cache_del(sw, folio);
        return false;
    }
    slot_shmem_alloc(sw, entry);
    mapping_folio_to_entry(m, folio, entry);
    hub_count(swap_hub(sw), COUNT_SWAP_OUT);
    event_views(sw, m, &ev);
    return true;
}

/* A page on its way in. */
struct coming {
    struct mapping *m;
    struct folio *folio; /* locked */
    bool bypassed;       /* the swap cache does not know it */
};

/* The folio is in the swap cache no more; its slot was never, if bypassed. */
static void leave_cache(struct swap *sw, const struct coming *in,
                        swp_entry_t entry)
{
    if (in->bypassed)
        bypass_end(sw, entry);
    else
        cache_del(sw, in->folio);
}

/* shmem_set_folio_swapin_error(): the page is lost, its slot is not. */
static int swapin_error(struct swap *sw, const struct coming *in,
                        const struct hook_args *args)
{
    mapping_set_error(in->m, args->index);
    leave_cache(sw, in, args->entry);
    (void)memory_hook(sw->mem, HOOK_SHMEM_GONE, args);
    hub_event(swap_hub(sw), &(struct event){.kind = EV_SWAP_GONE,
                                            .path = PATH_SHMEM_IN,
                                            .object = args->object,
                                            .va = args->index << PAGE_SHIFT,
                                            .pfn = PFN_NONE,
                                            .entry = args->entry.v});
    slot_free(sw, args->entry);
    return -EIO;
}

/* Is it still the page of @args->entry? */
static bool is_wanted(const struct coming *in, const struct hook_args *args)
{
    const struct folio *folio = in->folio;

    if (!in->bypassed &&
        (!folio_test(folio, PG_swapcache) || folio->swap.v != args->entry.v))
        return false;
    return mapping_entry(in->m, args->index).v == args->entry.v;
}

static int give_up(struct swap *sw, const struct coming *in, swp_entry_t entry,
                   int err)
{
    if (in->bypassed)
        bypass_end(sw, entry);
    return err;
}

static int swapin_folio(struct swap *sw, const struct coming *in,
                        const struct hook_args *args)
{
    if (!is_wanted(in, args))
        return give_up(sw, in, args->entry, -EAGAIN);
    /* v5.17 leaves the entry, for the next who asks. */
    if (!folio_test(in->folio, PG_uptodate))
        return memory_policy(sw->mem)->swapin_error_marker
                   ? swapin_error(sw, in, args)
                   : give_up(sw, in, args->entry, -EIO);
    (void)memory_hook(sw->mem, HOOK_SWAP_RESTORE, args);
    (void)memory_hook(sw->mem, HOOK_SHMEM_IN, args);
    mapping_entry_to_folio(in->m, args->index, in->folio);
    leave_cache(sw, in, args->entry);
    folio_set(in->folio, PG_dirty);
    hub_count(swap_hub(sw), COUNT_SWAP_IN);
    hub_event(swap_hub(sw), &(struct event){.kind = EV_SWAP_IN,
                                            .path = PATH_SHMEM_IN,
                                            .object = args->object,
                                            .va = args->index << PAGE_SHIFT,
                                            .pfn = args->pfn,
                                            .entry = args->entry.v});
    slot_free(sw, args->entry);
    return 0;
}

int shmem_swapin(struct swap *sw, struct mapping *m, uint64_t index,
                 swp_entry_t entry)
{
    struct hook_args args = {
        .entry = entry, .object = mapping_id(m), .index = index};
    struct alloc_for who = {.mapping = m, .index = index};
    struct coming in = {.m = m, .bypassed = bypass_shmem(sw, entry)};
    int err = in.bypassed ? bypass_read(sw, entry, &who, &in.folio)
                          : swap_read_folio(sw, entry, &who, &in.folio);

    if (err)
        return err;
    err = -EAGAIN;
    if (in.bypassed || folio_trylock(in.folio)) {
        args.pfn = memory_folio_pfn(sw->mem, in.folio);
        err = swapin_folio(sw, &in, &args);
        folio_unlock(in.folio);
    }
    memory_folio_put(sw->mem, in.folio);
    return err;
}

/* shmem_unuse_inode() */
static int unuse_mapping(struct swap *sw, struct mapping *m, unsigned type)
{
    swp_entry_t entry;

    for (uint64_t i = 0; mapping_next_entry(m, &i, &entry); i++) {
        int err;

        if (swp_type(entry) != type)
            continue;
        err = shmem_swapin(sw, m, i, entry);
        if (err && err != -EIO)
            return err;
    }
    return 0;
}

int shmem_unuse(struct swap *sw, unsigned type)
{
    struct mapping *m = memory_first_shmem(sw->mem);

    for (; m; m = mapping_next_shmem(m)) {
        int err = unuse_mapping(sw, m, type);

        if (err)
            return err;
    }
    return 0;
}
