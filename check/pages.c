// SPDX-License-Identifier: GPL-2.0-or-later
/* Invariants of one page-table entry, and of one address space. */
#include "check/internal.h"
#include "mm/mapping.h"
#include "swap/slot.h"

/* 13: the MCD bit of a present entry is that of its area, which can have it */
static bool check_mcd_follows_area(struct check *c, const struct page *p)
{
    bool adi = (p->vma->flags & VM_SPARC_ADI) != 0;

    if (p->vma->flags & VM_SPARC_ADI &&
        p->vma->flags & (VM_PFNMAP | VM_MIXEDMAP | VM_MERGEABLE))
        return BROKEN(c, 13, p, "area with flags 0x%llx", llu(p->vma->flags));
    if (!pte_present(p->pte) || pte_mcd(p->pte) == adi)
        return true;
    return BROKEN(c, 13, p, "pte 0x%llx, area with flags 0x%llx", llu(p->pte.v),
                  llu(p->vma->flags));
}

/* 13: an area with version tags is in a process that checks them */
static bool check_mcde_is_on(struct check *c, const struct page *p)
{
    if (!(p->vma->flags & VM_SPARC_ADI) || adi_mm_enabled(p->mm))
        return true;
    return BROKEN(c, 13, p, "context.adi is off");
}

/* 19: what is mapped is in use */
static bool check_mapped_is_allocated(struct check *c, const struct page *p)
{
    const struct folio *folio = p->folio;

    if (!folio || (folio->refcount > 0 && folio->mapcount > 0))
        return true;
    return BROKEN(c, 19, p, "frame %u has %d references, mapcount %d",
                  (unsigned)pte_pfn(p->pte), folio->refcount, folio->mapcount);
}

/* 21: who may write to an anonymous page has it for himself */
static bool check_anon_writable_is_exclusive(struct check *c,
                                             const struct page *p)
{
    const struct folio *folio = p->folio;

    if (!folio || !folio_test(folio, PG_anon) || !pte_write(p->pte))
        return true;
    if (folio->mapcount == 1 && (folio_test(folio, PG_anon_exclusive) ||
                                 !memory_policy(c->mem)->anon_exclusive))
        return true;
    return BROKEN(c, 21, p, "pte 0x%llx, mapcount %d, flags 0x%x",
                  llu(p->pte.v), folio->mapcount, folio->flags);
}

/* 18: an entry that says so is the only one of its slot */
static bool check_exclusive_entry_is_alone(struct check *c,
                                           const struct page *p)
{
    if (pte_present(p->pte) || non_swap_entry(p->entry) ||
        !pte_swp_exclusive(p->pte) || slot_count(c->swap, p->entry) == 1)
        return true;
    return BROKEN(c, 18, p, "entry 0x%llx is exclusive, of %u", llu(p->entry.v),
                  slot_count(c->swap, p->entry));
}

/* 22: pages that fork shares are read-only, on their way as well */
static bool check_shared_copy_is_readonly(struct check *c, const struct page *p)
{
    const struct folio *folio;

    if (!vma_is_cow(p->vma) || pte_present(p->pte) ||
        !is_writable_migration_entry(p->entry))
        return true;
    folio = phys_folio(c->ph, migration_entry_pfn(p->entry));
    if (folio->mapcount == 0)
        return true;
    return BROKEN(c, 22, p, "entry 0x%llx, mapcount %d", llu(p->entry.v),
                  folio->mapcount);
}

/* 23: a private area never writes to the page cache or to the zero page */
static bool check_private_spares_cache(struct check *c, const struct page *p)
{
    bool anon = p->folio && folio_test(p->folio, PG_anon);

    if (!pte_present(p->pte) || anon || !pte_write(p->pte) ||
        p->vma->flags & (VM_SHARED | VM_MAYSHARE))
        return true;
    return BROKEN(c, 23, p, "pte 0x%llx, area with flags 0x%llx", llu(p->pte.v),
                  llu(p->vma->flags));
}

/* 23: a shared area shows its object only */
static bool check_shared_has_no_anon(struct check *c, const struct page *p)
{
    if (!(p->vma->flags & (VM_SHARED | VM_MAYSHARE)) || !p->folio)
        return true;
    if (!folio_test(p->folio, PG_anon) &&
        p->folio->mapping == p->vma->mapping &&
        p->folio->index == vma_index(p->vma, p->va))
        return true;
    return BROKEN(c, 23, p, "frame %u, flags 0x%x, index %llu",
                  (unsigned)pte_pfn(p->pte), p->folio->flags,
                  llu(p->folio->index));
}

/* 24: nothing became dirty where nobody may ever write */
static bool check_dirty_needs_write(struct check *c, const struct page *p)
{
    if (!pte_present(p->pte) || !pte_dirty(p->pte) ||
        p->vma->flags & VM_MAYWRITE)
        return true;
    return BROKEN(c, 24, p, "pte 0x%llx, area with flags 0x%llx", llu(p->pte.v),
                  llu(p->vma->flags));
}

/* 24: the hardware's W bit means that writing is allowed, and done */
static bool check_hw_write_is_earned(struct check *c, const struct page *p)
{
    if (!pte_present(p->pte) || !pte_hw_write(p->pte) ||
        (pte_write(p->pte) && pte_dirty(p->pte)))
        return true;
    return BROKEN(c, 24, p, "pte 0x%llx", llu(p->pte.v));
}

/* 24: what an area forbids, no entry of it grants */
static bool check_area_allows_write(struct check *c, const struct page *p)
{
    if (!pte_present(p->pte) || !pte_write(p->pte) || p->vma->flags & VM_WRITE)
        return true;
    return BROKEN(c, 24, p, "pte 0x%llx, area with flags 0x%llx", llu(p->pte.v),
                  llu(p->vma->flags));
}

/* 26: a marker says that a page could not be read, or is a guard where the
 * kernel has them */
static bool check_markers_are_known(struct check *c, const struct page *p)
{
    if (pte_present(p->pte) || !is_marker_entry(p->entry) ||
        is_poison_entry(p->entry) ||
        (is_guard_entry(p->entry) && memory_policy(c->mem)->guard_marker))
        return true;
    return BROKEN(c, 26, p, "entry 0x%llx", llu(p->entry.v));
}

/* 32: a page is on its way only while its folio is locked */
static bool check_migration_is_locked(struct check *c, const struct page *p)
{
    pfn_t pfn;

    if (pte_present(p->pte) || !is_migration_entry(p->entry))
        return true;
    pfn = migration_entry_pfn(p->entry);
    if (folio_test(phys_folio(c->ph, pfn), PG_locked))
        return true;
    return BROKEN(c, 32, p, "migration entry of frame %u", (unsigned)pfn);
}

/* 25: a page comes back writable only where that is allowed */
static bool check_migration_may_write(struct check *c, const struct page *p)
{
    if (pte_present(p->pte) || !is_writable_migration_entry(p->entry) ||
        p->vma->flags & VM_WRITE)
        return true;
    return BROKEN(c, 25, p, "entry 0x%llx, area with flags 0x%llx",
                  llu(p->entry.v), llu(p->vma->flags));
}

/* 27: nothing is mapped, or kept, past the end of an object */
static bool check_nothing_past_end(struct check *c, const struct page *p)
{
    const struct mapping *m = p->vma->mapping;
    bool cached = p->folio && !folio_test(p->folio, PG_anon);
    uint64_t pages;

    if (!m || (!mapping_is_shmem(m) && !c->own_files))
        return true;
    /* v5.17 leaves private copies in swap, which may come back (B17). */
    if (memory_policy(c->mem)->zap_mapping && !cached)
        return true;
    /* A cut leaves guards where they are. */
    if (!pte_present(p->pte) && is_guard_entry(p->entry))
        return true;
    pages = (mapping_size(m) + PAGE_SIZE - 1) >> PAGE_SHIFT;
    if (vma_index(p->vma, p->va) < pages)
        return true;
    return BROKEN(c, 27, p, "pte 0x%llx of page %llu, the object has %llu",
                  llu(p->pte.v), llu(vma_index(p->vma, p->va)), llu(pages));
}

/* 20: nothing is mapped outside of areas: unmap takes the entries along */
static bool check_page_is_in_area(struct check *c, const struct page *p)
{
    return p->vma || BROKEN(c, 20, p, "pte 0x%llx in no area", llu(p->pte.v));
}

bool check_page(struct check *c, const struct page *p)
{
    return check_page_is_in_area(c, p) && check_mcd_follows_area(c, p) &&
           check_mcde_is_on(c, p) && check_mapped_is_allocated(c, p) &&
           check_anon_writable_is_exclusive(c, p) &&
           check_exclusive_entry_is_alone(c, p) &&
           check_shared_copy_is_readonly(c, p) &&
           check_private_spares_cache(c, p) && check_shared_has_no_anon(c, p) &&
           check_dirty_needs_write(c, p) && check_hw_write_is_earned(c, p) &&
           check_area_allows_write(c, p) && check_markers_are_known(c, p) &&
           check_migration_is_locked(c, p) && check_migration_may_write(c, p) &&
           check_nothing_past_end(c, p);
}

/* 20: the counters of an address space are those of its entries */
static bool check_rss_matches_entries(struct check *c, struct mm *mm)
{
    for (int k = 0; k < NR_MM_COUNTERS; k++)
        if (mm_rss(mm, k) != c->books.rss[k])
            return BROKEN(c, 20, NULL, "mm %u, counter %d: %ld, entries %ld",
                          (unsigned)mm_id(mm), k, mm_rss(mm, k),
                          c->books.rss[k]);
    return true;
}

/* 16: swapoff finds every address space that has pages in swap */
static bool check_swapped_is_on_mmlist(struct check *c, struct mm *mm)
{
    if (c->books.rss[MM_SWAPENTS] == 0 || mm_is_on_mmlist(mm))
        return true;
    return BROKEN(c, 16, NULL, "mm %u, %ld swap entries", (unsigned)mm_id(mm),
                  c->books.rss[MM_SWAPENTS]);
}

bool check_mm(struct check *c, struct mm *mm)
{
    return check_rss_matches_entries(c, mm) &&
           check_swapped_is_on_mmlist(c, mm);
}
