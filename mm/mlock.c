#include "mm/madvise.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/populate.h"

/* Give the pages back to the lists that reclaim looks at. */
static void munlock_pages(struct vma *vma, gva_t start, gva_t end)
{
    struct memory *mem = vma->mm->mem;
    gva_t addr = start;
    pte_t *ptep;

    for (; (ptep = mm_next_pte(vma->mm, &addr, end)) != NULL;
         addr += PAGE_SIZE) {
        struct folio *folio;

        if (!pte_present(*ptep) || pte_special(*ptep))
            continue;
        folio = pte_folio(vma->mm, *ptep);
        if (!folio_test_and_clear(folio, PG_mlocked))
            continue;
        if (folio_test(folio, PG_lru)) {
            lru_del(&mem->lru, folio);
            folio_clear(folio, PG_unevictable);
            lru_add(&mem->lru, folio);
        }
    }
}

/* mlock_fixup() */
static int lock_part(struct vma *vma, gva_t start, gva_t end, vm_flags_t flags)
{
    bool unlock = vma->flags & VM_LOCKED && !(flags & VM_LOCKED);
    int err;

    if (vma->flags == flags)
        return 0;
    err = vma_modify(vma, start, end, flags, &vma->policy, &vma);
    if (err)
        return err;
    vma_set_flags(vma, flags);
    if (unlock)
        munlock_pages(vma, start, end);
    return 0;
}

/* apply_vma_lock_flags() */
static int apply(struct mm *mm, gva_t addr, uint64_t len, vm_flags_t bits)
{
    gva_t start = page_align_down(addr);
    gva_t end = page_align_up(addr + len);

    if (end < start)
        return -EINVAL;
    while (start < end) {
        struct vma *vma = vma_lookup(mm, start);
        gva_t part_end;
        int err;

        if (!vma)
            return -ENOMEM;
        part_end = vma->end < end ? vma->end : end;
        err = lock_part(vma, start, part_end,
                        (vma->flags & ~VM_LOCKED_MASK) | bits);
        if (err)
            return err;
        start = part_end;
    }
    return 0;
}

int mm_mlock(struct mm *mm, gva_t addr, uint64_t len, bool onfault)
{
    int err = apply(mm, addr, len, VM_LOCKED | (onfault ? VM_LOCKONFAULT : 0));

    if (err)
        return err;
    /* __mlock_posix_error_return().  The areas stay locked. */
    err = mm_populate_all(mm, page_align_down(addr), page_align_up(addr + len));
    switch (err) {
    case -EFAULT: return -ENOMEM;
    case -ENOMEM: return -EAGAIN;
    default: return err;
    }
}

int mm_munlock(struct mm *mm, gva_t addr, uint64_t len)
{
    return apply(mm, addr, len, 0);
}

/* apply_mlockall_flags() for the areas there are. */
static void apply_all(struct mm *mm, vm_flags_t bits)
{
    gva_t addr = 0;
    struct vma *vma;

    while ((vma = vma_find(mm, addr)) != NULL) {
        vm_flags_t flags = (vma->flags & ~VM_LOCKED_MASK) | bits;

        addr = vma->end;
        /* Of a whole area: nothing is cut, so nothing can fail. */
        (void)lock_part(vma, vma->start, vma->end, flags);
    }
}

void mm_mlockall(struct mm *mm, unsigned flags)
{
    vm_flags_t bits = VM_LOCKED | (flags & MCL_G_ONFAULT ? VM_LOCKONFAULT : 0);

    mm->def_flags &= ~VM_LOCKED_MASK;
    if (flags & MCL_G_FUTURE)
        mm->def_flags |= bits;
    if (!(flags & MCL_G_CURRENT))
        return;
    apply_all(mm, bits);
    mm_populate(mm, 0, UINT64_MAX);
}

void mm_munlockall(struct mm *mm)
{
    mm->def_flags &= ~VM_LOCKED_MASK;
    apply_all(mm, 0);
}

/* mincore_pte_range(), of an entry that there is */
static bool entry_incore(const struct mm *mm, pte_t pte)
{
    swp_entry_t entry;

    if (pte_present(pte))
        return true;
    entry = pte_to_swp_entry(pte);
    return non_swap_entry(entry) ||
           mm->mem->swap->in_cache(mm->mem->swap_ctx, entry);
}

/* __mincore_unmapped_range(): [from, to) of an area, without entries */
static void mark_unmapped(const struct vma *vma, gva_t from, gva_t to,
                          uint8_t *vec)
{
    uint64_t index = vma_index(vma, from);
    uint64_t nr = (to - from) >> PAGE_SHIFT;

    for (uint64_t i = 0; i < nr; i++)
        vec[i] = vma->mapping && mapping_incore(vma->mapping, index + i);
}

int64_t mm_mincore(struct mm *mm, gva_t addr, uint64_t pages, uint8_t *vec)
{
    const struct vma *vma = vma_lookup(mm, addr);
    gva_t start = addr, at = addr, end;
    const pte_t *ptep;

    if (!vma)
        return -ENOMEM;
    end = pages < (vma->end - addr) >> PAGE_SHIFT ? addr + (pages << PAGE_SHIFT)
                                                  : vma->end;
    for (; (ptep = mm_next_pte(mm, &at, end)) != NULL; addr = at += PAGE_SIZE) {
        mark_unmapped(vma, addr, at, vec + ((addr - start) >> PAGE_SHIFT));
        vec[(at - start) >> PAGE_SHIFT] = entry_incore(mm, *ptep);
    }
    mark_unmapped(vma, addr, end, vec + ((addr - start) >> PAGE_SHIFT));
    return (int64_t)((end - start) >> PAGE_SHIFT);
}
