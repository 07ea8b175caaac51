// SPDX-License-Identifier: GPL-2.0-or-later
#include "swap/swapin.h"

#include <errno.h>

#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/rmap.h"
#include "mm/vma.h"
#include "swap/bypass.h"
#include "swap/cache.h"
#include "swap/internal.h"
#include "swap/page_io.h"
#include "swap/slot.h"

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
    page_io_read(sw, folio, entry);
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
    /* v7.1 has no other way to be rid of it at once. */
    if (swap_info(sw, folio->swap)->synchronous &&
        !memory_policy(sw->mem)->bypass_cache)
        return true;
    if (slot_nearly_full(sw) || vmf->vma->flags & VM_LOCKED)
        return true;
    return vmf->flags & FAULT_FLAG_WRITE && folio->refcount == 2;
}

/* reuse_swap_page() of v5.17: is this the only user, cache and all? */
static bool reuse_v517(struct swap *sw, struct folio *folio, swp_entry_t entry)
{
    if (!folio_test(folio, PG_swapcache))
        return folio->mapcount == 0;
    if ((unsigned)folio->mapcount + slot_count(sw, entry) > 1)
        return false;
    if (!folio_test(folio, PG_writeback)) {
        cache_del(sw, folio);
        folio_set(folio, PG_dirty);
    }
    return true;
}

/*
 * What a fault grants: dirty when it is a store; v6.12 makes the entry writable
 * after a load as well, as the page is nobody else's.
 */
static pte_t grant(const struct mm_policy *policy, struct vm_fault *vmf,
                   pte_t pte)
{
    if (policy->map_writable)
        pte = maybe_mkwrite(pte, vmf->vma);
    if (vmf->flags & FAULT_FLAG_WRITE)
        pte = maybe_mkwrite(pte_mkdirty(pte), vmf->vma);
    vmf->flags &= ~FAULT_FLAG_WRITE;
    return pte;
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
    sw->locked_pte = vmf->ptep;
    (void)memory_hook(sw->mem, HOOK_SWAPIN_EARLY, &args);
    (void)memory_hook(sw->mem, HOOK_SWAP_RESTORE, &args);
    if (policy->swap_free_before_pte) {
        slot_free(sw, entry);
        if (!policy->swap_cache_late && wants_cache_freed(sw, folio, vmf))
            (void)cache_free_swap(sw, folio);
    }
    if (policy->reuse_by_refs)
        exclusive = exclusive || folio->refcount == 1;
    else
        exclusive =
            vmf->flags & FAULT_FLAG_WRITE && reuse_v517(sw, folio, entry);
    mm_rss_add(vmf->mm, MM_ANONPAGES, 1);
    mm_rss_add(vmf->mm, MM_SWAPENTS, -1);
    if (exclusive)
        pte = grant(policy, vmf, pte);
    rmap_add_anon(sw->mem, folio, vmf->vma, vmf->addr, exclusive);
    args.pte = pte;
    (void)memory_hook(sw->mem, HOOK_SWAPIN_SET_PTE, &args);
    mm_set_pte(vmf->mm, vmf->addr, vmf->ptep, pte);
    vmf->orig = pte;
    sw->locked_pte = NULL;
    memory_moment(sw->mem, &(struct moment){MOMENT_FAULT_SET, FAULT_KIND_SWAPIN,
                                            vmf->mm, vmf->addr});
    (void)memory_hook(sw->mem, HOOK_SWAPIN_LATE, &args);
    if (!policy->swap_free_before_pte) {
        slot_free(sw, entry);
        if (slot_nearly_full(sw) || vmf->vma->flags & VM_LOCKED)
            (void)cache_free_swap(sw, folio);
    }
    if (policy->swap_cache_late && wants_cache_freed(sw, folio, vmf))
        (void)cache_free_swap(sw, folio);
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

/* handle_pte_marker(): a guard, or a page that could not be read */
static enum fault handle_marker(swp_entry_t entry,
                                const struct mm_policy *policy)
{
    if (is_guard_entry(entry))
        return FAULT_GUARD;
    return policy->marker_hwpoison ? FAULT_HWPOISON : FAULT_BUS;
}

static enum fault special_entry(const struct vm_fault *vmf, swp_entry_t entry,
                                const struct mm_policy *policy)
{
    if (is_migration_entry(entry))
        return migration_entry_wait(vmf);
    return handle_marker(entry, policy);
}

/* Is it still what @vmf has asked for?  Of the swap cache, or past it. */
static bool is_wanted(const struct vm_fault *vmf, const struct folio *folio,
                      swp_entry_t entry, bool bypassed)
{
    if (!bypassed &&
        (!folio_test(folio, PG_swapcache) || folio->swap.v != entry.v))
        return false;
    return pte_same(*vmf->ptep, vmf->orig);
}

/* The page is here, and locked.  Takes over the reference. */
static enum fault map_locked(struct swap *sw, struct vm_fault *vmf,
                             struct folio *folio, swp_entry_t entry,
                             bool bypassed)
{
    enum fault end = FAULT_OK; /* changed while unlocked: fault again */

    if (is_wanted(vmf, folio, entry, bypassed)) {
        if (folio_test(folio, PG_uptodate)) {
            map_folio(sw, vmf, folio, entry);
            folio_unlock(folio);
            return vmf->flags & FAULT_FLAG_WRITE ? mm_do_wp_page(vmf)
                                                 : FAULT_OK;
        }
        end = FAULT_BUS;
    }
    if (memory_policy(sw->mem)->swap_cache_late)
        (void)cache_free_swap(sw, folio);
    folio_unlock(folio);
    memory_folio_put(sw->mem, folio);
    return end;
}

enum fault swap_do_swap_page(struct swap *sw, struct vm_fault *vmf)
{
    swp_entry_t entry = pte_to_swp_entry(vmf->orig);
    struct alloc_for who = {.vma = vmf->vma, .addr = vmf->addr};
    struct folio *folio;
    enum fault end;
    bool bypass;
    int err;

    /* The lock of the page table is another's, who is about to set the entry:
     * nothing else holds up who goes past the swap cache. */
    if (vmf->ptep == sw->locked_pte)
        return FAULT_RETRY;
    if (non_swap_entry(entry))
        return special_entry(vmf, entry, memory_policy(sw->mem));
    bypass = bypass_anon(sw, entry);
    err = bypass ? bypass_read(sw, entry, &who, &folio)
                 : swap_read_folio(sw, entry, &who, &folio);
    if (err)
        return err == -EAGAIN || !pte_same(*vmf->ptep, vmf->orig) ? FAULT_OK
                                                                  : FAULT_OOM;
    memory_moment(sw->mem,
                  &(struct moment){MOMENT_FAULT_DURING, FAULT_KIND_SWAPIN,
                                   vmf->mm, vmf->addr});
    if (!bypass && !folio_trylock(folio)) {
        memory_folio_put(sw->mem, folio);
        return FAULT_RETRY;
    }
    end = map_locked(sw, vmf, folio, entry, bypass);
    if (bypass)
        bypass_end(sw, entry);
    return end;
}
