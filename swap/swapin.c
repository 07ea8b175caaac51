// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/swapin.h"

#include <errno.h>

#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/slot.h"

static void read_page(struct swap *sw, struct folio *folio, swp_entry_t entry)
{
    struct swap_info *si = swap_info(sw, entry);
    pfn_t pfn = memory_folio_pfn(sw->mem, folio);
    struct hook_args args = {.pfn = pfn, .entry = entry};

    folio_clear(folio, PG_pristine);
    folio_set(folio, PG_tags_away);
    if (si->ops->read(si->dev, swp_offset(entry),
                      memory_folio_bytes(sw->mem, folio)) == 0)
        folio_set(folio, PG_uptodate);
    memory_page_written(sw->mem, pfn);
    (void)memory_hook(sw->mem, HOOK_SWAP_READ, &args);
    hub_count(swap_hub(sw), COUNT_SWAP_READ);
}

int swap_read_folio(struct swap *sw, swp_entry_t entry,
                    const struct alloc_for *who, struct folio **out)
{
    struct folio *folio = cache_find(sw, entry);

    if (folio) {
        folio_get(folio);
        *out = folio;
        return 0;
    }
    folio = mpol_alloc_folio(sw->mem, who);
    if (!folio)
        return -ENOMEM;
    /* The allocation may have let somebody else read it in. */
    if (slot_prepare_cache(sw, entry) != 0) {
        memory_folio_put(sw->mem, folio);
        return -EAGAIN;
    }
    cache_add(sw, folio, entry);
    read_page(sw, folio, entry);
    lru_add(memory_lru(sw->mem), folio);
    *out = folio;
    return 0;
}

/* should_try_to_free_swap() */
static bool wants_cache_freed(struct swap *sw, const struct folio *folio,
                              const struct vm_fault *vmf)
{
    if (!folio_test(folio, PG_swapcache))
        return false;
    if (slot_nearly_full(sw) || vmf->vma->flags & VM_LOCKED)
        return true;
    return vmf->flags & FAULT_FLAG_WRITE && folio->refcount == 2;
}

/* reuse_swap_page() of v5.17: is this the only user, cache and all? */
static bool reuse_v517(struct swap *sw, struct folio *folio, swp_entry_t entry)
{
    if ((unsigned)folio->mapcount + slot_count(sw, entry) > 1)
        return false;
    if (folio_test(folio, PG_swapcache) && !folio_test(folio, PG_writeback)) {
        cache_del(sw, folio);
        folio_set(folio, PG_dirty);
    }
    return true;
}

/* Steps 6 to 8: the folio is locked and the entry is still the same. */
static void map_folio(struct swap *sw, struct vm_fault *vmf,
                      struct folio *folio, swp_entry_t entry)
{
    const struct mm_policy *policy = memory_policy(sw->mem);
    struct hook_args args = {.mm = vmf->mm,
                             .vma = vmf->vma,
                             .addr = vmf->addr,
                             .pfn = memory_folio_pfn(sw->mem, folio),
                             .entry = entry};
    struct event ev = {.kind = EV_SWAP_IN,
                       .path = PATH_SWAP_IN,
                       .mm = mm_id(vmf->mm),
                       .va = vmf->addr,
                       .pfn = args.pfn,
                       .entry = entry.v};
    bool exclusive = pte_swp_exclusive(vmf->orig);
    pte_t pte = pte_mkyoung(mk_pte(args.pfn, vmf->vma->page_prot));

    args.pte = pte;
    (void)memory_hook(sw->mem, HOOK_SWAPIN_EARLY, &args);
    (void)memory_hook(sw->mem, HOOK_SWAP_RESTORE, &args);
    if (policy->swap_free_before_pte) {
        slot_free(sw, entry);
        if (wants_cache_freed(sw, folio, vmf))
            (void)cache_free_swap(sw, folio);
    }
    if (policy->reuse_by_refs)
        exclusive = exclusive || folio->refcount == 1;
    else
        exclusive =
            vmf->flags & FAULT_FLAG_WRITE && reuse_v517(sw, folio, entry);
    mm_rss_add(vmf->mm, MM_ANONPAGES, 1);
    mm_rss_add(vmf->mm, MM_SWAPENTS, -1);
    if (exclusive && vmf->flags & FAULT_FLAG_WRITE) {
        pte = maybe_mkwrite(pte_mkdirty(pte), vmf->vma);
        vmf->flags &= ~FAULT_FLAG_WRITE;
    }
    rmap_add_anon(sw->mem, folio, vmf->vma, vmf->addr, exclusive);
    args.pte = pte;
    (void)memory_hook(sw->mem, HOOK_SWAPIN_SET_PTE, &args);
    mm_set_pte(vmf->mm, vmf->addr, vmf->ptep, pte);
    vmf->orig = pte;
    memory_moment(sw->mem, &(struct moment){MOMENT_FAULT_SET, FAULT_KIND_SWAPIN,
                                            vmf->mm, vmf->addr});
    (void)memory_hook(sw->mem, HOOK_SWAPIN_LATE, &args);
    if (!policy->swap_free_before_pte) {
        slot_free(sw, entry);
        if (slot_nearly_full(sw) || vmf->vma->flags & VM_LOCKED)
            (void)cache_free_swap(sw, folio);
    }
    hub_count(swap_hub(sw), COUNT_SWAP_IN);
    hub_event(swap_hub(sw), &ev);
    mm_event_visible(vmf->vma, vmf->addr, pte, PATH_SWAP_IN);
}

/*
 * migration_entry_wait(): with the page table's lock, is it still there?
 * Whoever migrates the page goes on, and then it is another entry.
 */
static enum fault migration_entry_wait(const struct vm_fault *vmf)
{
    return pte_same(*vmf->ptep, vmf->orig) ? FAULT_RETRY : FAULT_OK;
}

/* handle_pte_marker(): a page that could not be read */
static enum fault handle_marker(const struct mm_policy *policy)
{
    return policy->marker_hwpoison ? FAULT_HWPOISON : FAULT_BUS;
}

static enum fault special_entry(const struct vm_fault *vmf, swp_entry_t entry,
                                const struct mm_policy *policy)
{
    if (is_migration_entry(entry))
        return migration_entry_wait(vmf);
    return handle_marker(policy);
}

enum fault swap_do_swap_page(struct swap *sw, struct vm_fault *vmf)
{
    swp_entry_t entry = pte_to_swp_entry(vmf->orig);
    struct alloc_for who = {.vma = vmf->vma, .addr = vmf->addr};
    struct folio *folio;
    int err;

    if (non_swap_entry(entry))
        return special_entry(vmf, entry, memory_policy(sw->mem));
    err = swap_read_folio(sw, entry, &who, &folio);
    if (err)
        return err == -EAGAIN || !pte_same(*vmf->ptep, vmf->orig) ? FAULT_OK
                                                                  : FAULT_OOM;
    memory_moment(sw->mem,
                  &(struct moment){MOMENT_FAULT_DURING, FAULT_KIND_SWAPIN,
                                   vmf->mm, vmf->addr});
    if (!folio_trylock(folio)) {
        memory_folio_put(sw->mem, folio);
        return FAULT_RETRY;
    }
    if (!folio_test(folio, PG_swapcache) || folio->swap.v != entry.v ||
        !pte_same(*vmf->ptep, vmf->orig)) {
        folio_unlock(folio);
        memory_folio_put(sw->mem, folio);
        return FAULT_OK; /* changed while unlocked: fault again */
    }
    if (!folio_test(folio, PG_uptodate)) {
        folio_unlock(folio);
        memory_folio_put(sw->mem, folio);
        return FAULT_BUS;
    }
    map_folio(sw, vmf, folio, entry); /* takes over the reference */
    folio_unlock(folio);
    if (vmf->flags & FAULT_FLAG_WRITE)
        return mm_do_wp_page(vmf);
    return FAULT_OK;
}
