// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/madvise.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/populate.h"

/* munlock_folio() of a page: back to the lists that reclaim looks at. */
static int munlock_page(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    struct lru *lru = &mm->mem->lru;
    struct folio *folio = pte_special(*ptep) ? NULL : pte_folio(mm, *ptep);

    (void)ctx, (void)addr;
    if (!folio || !folio_test_and_clear(folio, PG_mlocked))
        return 0;
    if (folio_test(folio, PG_lru)) {
        lru_del(lru, folio);
        folio_clear(folio, PG_unevictable);
        lru_add(lru, folio);
    }
    return 0;
}

static void munlock_pages(struct vma *vma, gva_t start, gva_t end)
{
    static const struct pgtable_ops ops = {.present = munlock_page};

    (void)pgtable_walk(vma->mm, start, end, &ops, NULL);
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

/* count_mm_mlocked_page_nr() */
static uint64_t locked_pages(struct mm *mm, gva_t start, gva_t end)
{
    const struct vma *vma = vma_find(mm, start);
    uint64_t bytes = 0;

    for (; vma && vma->start < end; vma = vma_next(vma))
        if (vma->flags & VM_LOCKED)
            bytes += (vma->end < end ? vma->end : end) -
                     (vma->start > start ? vma->start : start);
    return bytes >> PAGE_SHIFT;
}

/* do_mlock(): 0, -EPERM: nothing may be locked, -ENOMEM: too much */
static int check_limit(struct mm *mm, gva_t start, gva_t end)
{
    uint64_t limit = mm_limit_pages(mm, MM_LIMIT_MEMLOCK);
    uint64_t pages = (end - start) >> PAGE_SHIFT;

    if (limit == 0)
        return -EPERM;
    if (end < start || pages + mm->locked_vm <= limit)
        return 0;
    pages -= locked_pages(mm, start, end);
    return pages + mm->locked_vm <= limit ? 0 : -ENOMEM;
}

int mm_mlock(struct mm *mm, gva_t addr, uint64_t len, bool onfault)
{
    int err = check_limit(mm, page_align_down(addr), page_align_up(addr + len));

    if (!err)
        err = apply(mm, addr, len, VM_LOCKED | (onfault ? VM_LOCKONFAULT : 0));

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

int mm_mlockall(struct mm *mm, unsigned flags)
{
    vm_flags_t bits = VM_LOCKED | (flags & MCL_G_ONFAULT ? VM_LOCKONFAULT : 0);
    uint64_t limit = mm_limit_pages(mm, MM_LIMIT_MEMLOCK);

    if (limit == 0)
        return -EPERM;
    if (flags & MCL_G_CURRENT && mm->total_vm > limit)
        return -ENOMEM;
    mm->def_flags &= ~VM_LOCKED_MASK;
    if (flags & MCL_G_FUTURE)
        mm->def_flags |= bits;
    if (!(flags & MCL_G_CURRENT))
        return 0;
    apply_all(mm, bits);
    mm_populate(mm, 0, UINT64_MAX);
    return 0;
}

void mm_munlockall(struct mm *mm)
{
    mm->def_flags &= ~VM_LOCKED_MASK;
    apply_all(mm, 0);
}

/* What mincore() fills in, a byte for each page from @start. */
struct incore {
    const struct vma *vma;
    gva_t start;
    uint8_t *vec;
};

static uint8_t *incore_byte(const struct incore *in, gva_t va)
{
    return in->vec + ((va - in->start) >> PAGE_SHIFT);
}

/* mincore_pte_range() */
static int incore_present(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    (void)mm, (void)ptep;
    *incore_byte(ctx, va) = 1;
    return 0;
}

/* __mincore_unmapped_range() */
static int incore_hole(void *ctx, struct mm *mm, gva_t va, gva_t end)
{
    const struct incore *in = ctx;
    struct mapping *mapping = in->vma->mapping;

    (void)mm;
    for (; va < end; va += PAGE_SIZE)
        *incore_byte(in, va) =
            mapping && mapping_incore(mapping, vma_index(in->vma, va));
    return 0;
}

static int incore_swap(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    swp_entry_t entry = pte_to_swp_entry(*ptep);

    /* pte_none_mostly() */
    if (is_guard_entry(entry) ||
        (mm->mem->policy.error_is_pte_marker && is_marker_entry(entry)))
        return incore_hole(ctx, mm, va, va + PAGE_SIZE);
    *incore_byte(ctx, va) = non_swap_entry(entry) ||
                            mm->mem->swap->in_cache(mm->mem->swap_ctx, entry);
    return 0;
}

int64_t mm_mincore(struct mm *mm, gva_t addr, uint64_t pages, uint8_t *vec)
{
    static const struct pgtable_ops ops = {
        .present = incore_present, .swap = incore_swap, .hole = incore_hole};
    struct incore in = {vma_lookup(mm, addr), addr, vec};
    gva_t end;

    if (!in.vma)
        return -ENOMEM;
    end = pages < (in.vma->end - addr) >> PAGE_SHIFT
              ? addr + (pages << PAGE_SHIFT)
              : in.vma->end;
    (void)pgtable_walk(mm, addr, end, &ops, &in);
    return (int64_t)((end - addr) >> PAGE_SHIFT);
}
