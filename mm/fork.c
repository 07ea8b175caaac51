// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/fork.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/mm.h"
#include "mm/rmap.h"

/* One area being copied. */
struct copy {
    struct vma *from, *to;
    bool cow;
    uint64_t swapped_out; /* pages, when the event of the area was made */
};

/* The child has what the parent's area has now, in [start, end). */
static void tell_fork(const struct copy *c, gva_t start, gva_t end)
{
    mm_event(c->from->mm, &(struct event){.kind = EV_FORK,
                                          .path = PATH_FORK,
                                          .mm2 = c->to->mm->id,
                                          .va = start,
                                          .end = end,
                                          .pfn = PFN_NONE});
}

static uint64_t nr_swapped_out(const struct copy *c)
{
    return hub_counter(c->from->mm->mem->hub, COUNT_SWAP_OUT);
}

static int hook_fork(const struct copy *c, enum arch_hook hook, gva_t addr,
                     pte_t pte)
{
    struct hook_args args = {.mm = c->from->mm,
                             .vma = c->from,
                             .addr = addr,
                             .pte = pte,
                             .entry = pte_to_swp_entry(pte),
                             .to_mm = c->to->mm};

    return arch_hook(c->from->mm->mem, hook, &args);
}

/* A swap entry: one more count of its slot, one more copy of its tags. */
static int copy_swap_entry(const struct copy *c, gva_t addr, const pte_t *src,
                           const pte_t *dst)
{
    struct mm *parent = c->from->mm, *child = c->to->mm;
    struct memory *mem = parent->mem;
    swp_entry_t entry = pte_to_swp_entry(*src);

    if (mem->swap->duplicate(mem->swap_ctx, entry) != 0)
        return -ENOMEM;
    /* A frame for a table, or a copy, may have come from this page. */
    if (nr_swapped_out(c) != c->swapped_out)
        tell_fork(c, addr, addr + PAGE_SIZE);
    /* Refused under the locks: once more without them. */
    if (hook_fork(c, HOOK_FORK_SWAP, addr, *src) != 0 &&
        hook_fork(c, HOOK_FORK_SWAP, addr, *src) != 0) {
        mem->swap->slot_free(mem->swap_ctx, entry);
        return -ENOMEM;
    }
    child->on_mmlist = true;
    child->rss[MM_SWAPENTS]++;
    mm_set_pte(parent, addr, src, pte_swp_clear_exclusive(*src));
    mm_set_pte(child, addr, dst, *src);
    return 0;
}

static void copy_migration_entry(const struct copy *c, gva_t addr,
                                 const pte_t *src, const pte_t *dst)
{
    struct mm *parent = c->from->mm;
    swp_entry_t entry = pte_to_swp_entry(*src);
    pfn_t pfn = migration_entry_pfn(entry);
    const struct folio *folio = phys_folio(parent->mem->phys, pfn);

    c->to->mm->rss[mm_counter(folio)]++;
    if (c->cow && !is_readable_migration_entry(entry)) {
        entry = migration_entry_to(SWP_MIGRATION_READ, entry);
        mm_set_pte(parent, addr, src, swp_entry_to_pte(entry));
    }
    (void)hook_fork(c, HOOK_FORK_MIGRATE, addr, *src);
    mm_set_pte(c->to->mm, addr, dst, *src);
}

/* copy_nonpresent_pte() */
static int copy_nonpresent(const struct copy *c, gva_t addr, const pte_t *src,
                           const pte_t *dst)
{
    swp_entry_t entry = pte_to_swp_entry(*src);

    if (!non_swap_entry(entry))
        return copy_swap_entry(c, addr, src, dst);
    if (is_migration_entry(entry))
        copy_migration_entry(c, addr, src, dst);
    else
        /* a page that could not be read: for both */
        mm_set_pte(c->to->mm, addr, dst, *src);
    return 0;
}

/* copy_present_page(): pinned, so the parent keeps its frame for itself. */
static int copy_pinned_page(const struct copy *c, gva_t addr, const pte_t *dst,
                            const struct folio *folio)
{
    struct mm *child = c->to->mm;
    struct memory *mem = child->mem;
    struct folio *copy = vma_alloc_folio(c->from, addr);
    pte_t pte;

    if (!copy)
        return -ENOMEM;
    memory_copy_folio(mem, copy, folio, c->from->flags);
    folio_set(copy, PG_uptodate);
    rmap_add_new_anon(mem, copy, c->to, addr);
    lru_add(&mem->lru, copy);
    child->rss[MM_ANONPAGES]++;
    pte = mk_pte(memory_folio_pfn(mem, copy), c->to->page_prot);
    mm_set_pte(child, addr, dst, maybe_mkwrite(pte_mkdirty(pte), c->to));
    mm_event_copied(c->to, addr, memory_folio_pfn(mem, folio), PATH_FORK);
    return 0;
}

/* The folio gets one more mapping.  1: the child has a copy instead. */
static int share_folio(const struct copy *c, gva_t addr, pte_t pte,
                       const pte_t *dst)
{
    struct mm *parent = c->from->mm, *child = c->to->mm;
    struct folio *folio = pte_folio(parent, pte);

    if (!folio_test(folio, PG_anon)) {
        folio_get(folio);
        rmap_add_file(folio);
        child->rss[mm_counter(folio)]++;
        return 0;
    }
    /* A pin always sets MMF_HAS_PINNED, so the pin alone decides. */
    if (rmap_try_dup_anon(parent->mem, folio) != 0) {
        int err = copy_pinned_page(c, addr, dst, folio);

        return err ? err : 1;
    }
    folio_get(folio);
    child->rss[MM_ANONPAGES]++;
    return 0;
}

/* copy_present_pte() */
static int copy_present(const struct copy *c, gva_t addr, const pte_t *src,
                        const pte_t *dst)
{
    struct mm *parent = c->from->mm;
    pte_t pte = *src;

    if (!pte_special(pte)) {
        int how = share_folio(c, addr, pte, dst);

        if (how != 0)
            return how < 0 ? how : 0;
    }
    if (c->cow && pte_write(pte)) {
        pte = pte_wrprotect(pte);
        mm_set_pte(parent, addr, src, pte);
    }
    if (c->from->flags & VM_SHARED)
        pte = pte_mkclean(pte);
    pte = pte_mkold(pte);
    mm_set_pte(c->to->mm, addr, dst, pte);
    mm_event_visible(c->to, addr, pte, PATH_FORK);
    return 0;
}

static int copy_entry(void *ctx, struct mm *mm, gva_t addr, const pte_t *src)
{
    const struct copy *c = ctx;
    const pte_t *dst = mm_pte_alloc(c->to->mm, addr);

    (void)mm;
    if (!dst)
        return -ENOMEM;
    if (pte_none(*src)) /* reclaimed for the table */
        return 0;
    return pte_present(*src) ? copy_present(c, addr, src, dst)
                             : copy_nonpresent(c, addr, src, dst);
}

/* copy_page_range() */
static int copy_range(struct copy *c)
{
    static const struct pgtable_ops ops = {.present = copy_entry,
                                           .swap = copy_entry};

    return pgtable_walk(c->from->mm, c->from->start, c->from->end, &ops, c);
}

static int copy_vma(struct mm *child, struct vma *vma)
{
    vm_flags_t flags = vma->flags & ~(VM_LOCKED | VM_LOCKONFAULT);
    struct copy c = {.from = vma, .cow = vma_is_cow(vma)};
    bool wipe = (flags & VM_WIPEONFORK) != 0;
    int err = 0;

    c.to = vma_create(child, vma->start, vma->end, flags, vma->mapping,
                      vma->pgoff);
    if (!c.to)
        return -ENOMEM;
    c.to->policy = vma->policy;
    if (vma->mapping)
        mapping_link_vma_after(c.to, vma);
    if (!wipe)
        err = anon_vma_fork(c.to, vma);
    if (err) {
        vma_destroy(c.to);
        return err;
    }
    vma_insert(c.to);
    if (wipe)
        return 0;
    c.swapped_out = nr_swapped_out(&c);
    if (!(vma->flags & VM_SHARED))
        tell_fork(&c, vma->start, vma->end);
    /* Without an anon_vma faults bring back all there is. */
    return vma->anon_vma ? copy_range(&c) : 0;
}

int mm_fork(struct mm *parent, struct mm **out)
{
    struct memory *mem = parent->mem;
    struct mm *child = mm_create(mem);
    struct vma *vma;
    int err = 0;

    if (!child)
        return -ENOMEM;
    mem->arch->dup_context(mem->arch_ctx, parent, child);
    child->mmap_base = parent->mmap_base;
    child->start_brk = parent->start_brk;
    child->brk = parent->brk;
    child->brk_limit = parent->brk_limit;
    child->stack_limit = parent->stack_limit;
    child->has_pinned = parent->has_pinned;
    for (vma = vma_first(parent); vma && !err; vma = vma_next(vma))
        if (memory_fatal_signal(mem))
            err = -EINTR;
        else if (!(vma->flags & VM_DONTCOPY))
            err = copy_vma(child, vma);
    if (err) {
        mm_put(child);
        return err;
    }
    *out = child;
    return 0;
}
