// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/remote.h"

#include "mm/internal.h"
#include "mm/populate.h"

/* check_vma_flags() */
static bool may_force(const struct vma *vma, enum access access)
{
    if (vma->flags & VM_PFNMAP)
        return false;
    if (access == ACCESS_WRITE)
        return vma->flags & VM_WRITE || vma_is_cow(vma);
    return (vma->flags & (VM_READ | VM_MAYREAD)) != 0;
}

/* can_follow_write_pte(), of kernels with PG_anon_exclusive and before */
static bool may_write_through(struct mm *mm, const struct vma *vma, pte_t pte,
                              bool faulted)
{
    const struct folio *folio = pte_folio(mm, pte);

    if (pte_write(pte))
        return true;
    if (vma->flags & VM_WRITE || pte_special(pte) ||
        !folio_test(folio, PG_anon))
        return false;
    return mm->mem->policy.anon_exclusive
               ? folio_test(folio, PG_anon_exclusive)
               : faulted && pte_dirty(pte); /* FOLL_COW */
}

enum fault mm_get_remote_page(struct mm *mm, gva_t va, enum access access,
                              struct folio **out)
{
    enum fault fault = FAULT_RETRY;
    bool faulted = false;

    va = untagged_addr(va);
    for (int round = 0; round < MM_FAULT_ROUNDS; round++) {
        const struct vma *vma = vma_lookup(mm, va);
        const pte_t *ptep = mm_pte(mm, va);

        if (vma && !may_force(vma, access))
            return FAULT_ACCERR;
        if (vma && ptep && pte_present(*ptep) &&
            (access != ACCESS_WRITE ||
             may_write_through(mm, vma, *ptep, faulted))) {
            mm_touch_pte(ptep);
            *out = pte_folio(mm, *ptep);
            return FAULT_OK;
        }
        fault = mm_handle_fault_forced(mm, va, access);
        if (fault != FAULT_OK && fault != FAULT_RETRY)
            return fault;
        faulted = true;
    }
    return fault == FAULT_OK ? FAULT_RETRY : fault;
}

struct folio *mm_get_dump_page(struct mm *mm, gva_t va)
{
    const struct vma *vma = vma_lookup(mm, va);
    const pte_t *ptep = mm_pte(mm, va);
    struct folio *folio;

    if (!vma || (vma_is_anonymous(vma) && (!ptep || pte_none(*ptep))))
        return NULL; /* no_page_table() with FOLL_DUMP */
    if (mm_get_remote_page(mm, va, ACCESS_READ, &folio) != FAULT_OK)
        return NULL;
    return folio_test(folio, PG_reserved) ? NULL : folio;
}

gva_t mm_dump_hole(struct mm *mm, gva_t va, gva_t end)
{
    const struct vma *vma = vma_lookup(mm, va);
    gva_t next = va;

    if (vma && !vma_is_anonymous(vma))
        return va + PAGE_SIZE;
    if (!mm_next_pte(mm, &next, end))
        return end;
    return next > va ? next : va + PAGE_SIZE;
}
