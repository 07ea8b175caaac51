// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/fault.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/mmap.h"
#include "mm/rmap.h"

pte_t maybe_mkwrite(pte_t pte, const struct vma *vma)
{
    return vma->flags & VM_WRITE ? pte_mkwrite(pte) : pte;
}

static enum fault map_zero_page(struct vm_fault *vmf)
{
    pte_t pte = pte_mkyoung(pte_mkspecial(mk_pte(0, vmf->vma->page_prot)));

    mm_set_pte(vmf->mm, vmf->addr, vmf->ptep, pte);
    mm_count_event(vmf->mm, COUNT_FAULT_ZERO);
    return FAULT_OK;
}

static enum fault do_anonymous_page(struct vm_fault *vmf)
{
    struct mm *mm = vmf->mm;
    struct memory *mem = mm->mem;
    struct folio *folio;
    pte_t pte;

    if (!(vmf->flags & FAULT_FLAG_WRITE))
        return map_zero_page(vmf);
    if (anon_vma_prepare(vmf->vma) != 0)
        return FAULT_OOM;
    folio = vma_alloc_zeroed_folio(vmf->vma, vmf->addr);
    if (!folio)
        return FAULT_OOM;
    folio_set(folio, PG_uptodate);
    pte =
        pte_mkyoung(mk_pte(memory_folio_pfn(mem, folio), vmf->vma->page_prot));
    if (vmf->vma->flags & VM_WRITE)
        pte = pte_mkwrite(pte_mkdirty(pte));

    memory_moment(mem, &(struct moment){MOMENT_FAULT_DURING, FAULT_KIND_ANON,
                                        mm, vmf->addr});
    /* Taking the lock: the allocation may have let others run. */
    if (!pte_none(*vmf->ptep)) {
        memory_folio_put(mem, folio);
        return FAULT_OK;
    }
    mm->rss[MM_ANONPAGES]++;
    rmap_add_new_anon(mem, folio, vmf->vma, vmf->addr);
    lru_add(&mem->lru, folio);
    mm_set_pte(mm, vmf->addr, vmf->ptep, pte);
    mm_count_event(mm, COUNT_FAULT_ANON);
    return FAULT_OK;
}

static enum fault mapping_error(int err)
{
    if (err == -EAGAIN)
        return FAULT_RETRY;
    return err == -ENOMEM ? FAULT_OOM : FAULT_BUS;
}

/* finish_fault() for a page of the cache.  Takes over the reference. */
static enum fault map_cache_folio(struct vm_fault *vmf, struct folio *folio,
                                  enum mm_path path)
{
    struct mm *mm = vmf->mm;
    pte_t pte = pte_mkyoung(
        mk_pte(memory_folio_pfn(mm->mem, folio), vmf->vma->page_prot));

    if (!pte_none(*vmf->ptep)) {
        memory_folio_put(mm->mem, folio);
        return FAULT_OK;
    }
    if (vmf->flags & FAULT_FLAG_WRITE) {
        pte = maybe_mkwrite(pte_mkdirty(pte), vmf->vma);
        folio_set(folio, PG_dirty);
        mapping_set_dirty(vmf->vma->mapping);
    }
    mm->rss[mm_counter(folio)]++;
    rmap_add_file(folio);
    mm_set_pte(mm, vmf->addr, vmf->ptep, pte);
    mm_count_event(mm, COUNT_FAULT_FILE);
    if (pte_mcd(pte))
        mm_event_visible(vmf->vma, vmf->addr, pte, path);
    return FAULT_OK;
}

/* do_cow_fault(): the first access to a private page is a store. */
static enum fault do_cow_fault(struct vm_fault *vmf, uint64_t index)
{
    struct mm *mm = vmf->mm;
    struct memory *mem = mm->mem;
    struct folio *cache, *copy;
    bool truncated;
    pte_t pte;
    int err;

    if (anon_vma_prepare(vmf->vma) != 0)
        return FAULT_OOM;
    copy = vma_alloc_folio(vmf->vma, vmf->addr);
    if (!copy)
        return FAULT_OOM;
    err = mapping_get_folio(vmf->vma->mapping, index, &cache);
    if (err) {
        memory_folio_put(mem, copy);
        return mapping_error(err);
    }
    memory_copy_folio(mem, copy, cache, vmf->vma->flags);
    folio_set(copy, PG_uptodate);
    memory_moment(mem, &(struct moment){MOMENT_FAULT_DURING, FAULT_KIND_COW, mm,
                                        vmf->addr});
    truncated = cache->mapping != vmf->vma->mapping;
    memory_folio_put(mem, cache);
    if (!pte_none(*vmf->ptep) || truncated) {
        memory_folio_put(mem, copy);
        return FAULT_OK;
    }
    pte = pte_mkyoung(mk_pte(memory_folio_pfn(mem, copy), vmf->vma->page_prot));
    pte = maybe_mkwrite(pte_mkdirty(pte), vmf->vma);
    mm->rss[MM_ANONPAGES]++;
    rmap_add_new_anon(mem, copy, vmf->vma, vmf->addr);
    lru_add(&mem->lru, copy);
    mm_set_pte(mm, vmf->addr, vmf->ptep, pte);
    mm_count_event(mm, COUNT_FAULT_COW);
    return FAULT_OK;
}

static enum fault do_fault(struct vm_fault *vmf)
{
    struct mapping *m = vmf->vma->mapping;
    uint64_t index = vma_index(vmf->vma, vmf->addr);
    enum mm_path path = PATH_FAULT;
    struct folio *folio;
    int err;

    if (vmf->flags & FAULT_FLAG_WRITE && !(vmf->vma->flags & VM_SHARED))
        return do_cow_fault(vmf, index);
    if (swp_valid(mapping_entry(m, index)))
        path = PATH_SHMEM_IN;
    err = mapping_get_folio(m, index, &folio);
    if (err)
        return mapping_error(err);
    memory_moment(vmf->mm->mem,
                  &(struct moment){MOMENT_FAULT_DURING, FAULT_KIND_FILE,
                                   vmf->mm, vmf->addr});
    if (folio->mapping != m) { /* truncated while unlocked: fault again */
        memory_folio_put(vmf->mm->mem, folio);
        return FAULT_OK;
    }
    return map_cache_folio(vmf, folio, path);
}

/* Which way handle_pte_fault() will go. */
static enum fault_kind fault_kind(const struct vm_fault *vmf)
{
    bool store = (vmf->flags & FAULT_FLAG_WRITE) != 0;

    if (pte_none(vmf->orig) && vma_is_anonymous(vmf->vma))
        return store ? FAULT_KIND_ANON : FAULT_KIND_ZERO;
    if (pte_none(vmf->orig))
        return store && !(vmf->vma->flags & VM_SHARED) ? FAULT_KIND_COW
                                                       : FAULT_KIND_FILE;
    if (!pte_present(vmf->orig)) {
        swp_entry_t entry = pte_to_swp_entry(vmf->orig);

        if (!non_swap_entry(entry))
            return FAULT_KIND_SWAPIN;
        return is_migration_entry(entry) ? FAULT_KIND_MIGRATION
                                         : FAULT_KIND_NONE;
    }
    if (store && !pte_write(vmf->orig) && !(vmf->vma->flags & VM_SHARED))
        return FAULT_KIND_COW;
    return FAULT_KIND_NONE;
}

static enum fault handle_pte_fault(struct vm_fault *vmf)
{
    struct mm *mm = vmf->mm;
    struct memory *mem = mm->mem;
    pte_t pte;

    if (pte_none(vmf->orig))
        return vma_is_anonymous(vmf->vma) ? do_anonymous_page(vmf)
                                          : do_fault(vmf);
    if (!pte_present(vmf->orig))
        return mem->swap->do_swap_page(mem->swap_ctx, vmf);
    pte = vmf->orig;
    if (vmf->flags & FAULT_FLAG_WRITE) {
        if (!pte_write(pte))
            return mm_do_wp_page(vmf);
        pte = pte_mkdirty(pte);
    }
    pte = pte_mkyoung(pte);
    if (!pte_same(pte, vmf->orig))
        mm_set_pte(mm, vmf->addr, vmf->ptep, pte);
    return FAULT_OK;
}

static enum fault fault_with_moments(struct vm_fault *vmf)
{
    struct memory *mem = vmf->mm->mem;
    enum fault_kind kind;
    enum fault result = FAULT_OK;

    vmf->orig = *vmf->ptep;
    kind = fault_kind(vmf);
    memory_moment(
        mem, &(struct moment){MOMENT_FAULT_BEFORE, kind, vmf->mm, vmf->addr});
    /* pte_unmap_same(): when it changed while unlocked, fault again. */
    if (pte_same(*vmf->ptep, vmf->orig))
        result = handle_pte_fault(vmf);
    memory_moment(
        mem, &(struct moment){MOMENT_FAULT_AFTER, kind, vmf->mm, vmf->addr});
    return result;
}

/* sanitize_fault_flags() and the tests of do_sparc64_fault(). */
static bool access_allowed(const struct vma *vma, enum access access)
{
    switch (access) {
    case ACCESS_WRITE: return (vma->flags & VM_WRITE) != 0;
    case ACCESS_EXEC: return (vma->flags & VM_EXEC) != 0;
    case ACCESS_READ: break;
    }
    return (vma->flags & (VM_READ | VM_EXEC)) != 0;
}

static enum fault handle_fault(struct mm *mm, gva_t va, enum access access,
                               bool force)
{
    struct vm_fault vmf = {.mm = mm, .addr = page_align_down(va)};

    vmf.vma = vma_find(mm, va);
    if (!vmf.vma)
        return FAULT_MAPERR;
    if (vmf.vma->start > va) {
        if (!(vmf.vma->flags & VM_GROWSDOWN) ||
            mm_expand_stack(vmf.vma, va) != 0)
            return FAULT_MAPERR;
    }
    if (!force && !access_allowed(vmf.vma, access))
        return FAULT_ACCERR;
    if (access == ACCESS_WRITE)
        vmf.flags |= FAULT_FLAG_WRITE;
    vmf.ptep = mm_pte_alloc(mm, vmf.addr);
    if (!vmf.ptep)
        return FAULT_OOM;
    return fault_with_moments(&vmf);
}

bool mm_fault_is_bug(struct mm *mm, gva_t va, enum access access,
                     enum fault fault)
{
    if (fault != FAULT_HWPOISON)
        return false;
    mm_event(mm, &(struct event){.kind = EV_KERNEL_BUG,
                                 .path = PATH_FAULT,
                                 .va = page_align_down(va),
                                 .access = access,
                                 .bug = KERNEL_BUG_FAULT_HWPOISON});
    return true;
}

bool mm_may_fault(struct mm *mm, gva_t va, enum access access)
{
    const struct vma *vma = vma_find(mm, va);

    return vma && vma->start <= va && access_allowed(vma, access);
}

enum fault mm_handle_fault(struct mm *mm, gva_t va, enum access access)
{
    return handle_fault(mm, va, access, false);
}

enum fault mm_handle_fault_forced(struct mm *mm, gva_t va, enum access access)
{
    return handle_fault(mm, va, access, true);
}
