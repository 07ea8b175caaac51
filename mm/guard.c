// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/guard.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/rmap.h"
#include "mm/zap.h"

static bool is_valid_guard_vma(const struct vma *vma, bool allow_locked)
{
    vm_flags_t disallowed =
        VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP; /* VM_SPECIAL */

    if (!allow_locked)
        disallowed |= VM_LOCKED;
    if (!vma->mm->mem->policy.guard_files &&
        (!vma_is_anonymous(vma) || !(vma->flags & VM_MAYWRITE)))
        return false;
    return !(vma->flags & disallowed);
}

/* 0; 1: something is mapped there; -ENOMEM */
static int install(struct mm *mm, gva_t start, gva_t end)
{
    const pte_t marker = swp_entry_to_pte(swp_entry(SWP_MARKER, MARKER_GUARD));

    for (gva_t va = start; va < end; va += PAGE_SIZE) {
        const pte_t *ptep = mm_pte_alloc(mm, va);

        if (!ptep)
            return -ENOMEM;
        if (pte_none(*ptep))
            mm_set_pte(mm, va, ptep, marker);
        else if (!is_guard_pte(*ptep))
            return 1;
    }
    return 0;
}

int mm_guard_install(struct vma *vma, gva_t start, gva_t end)
{
    int err;

    if (!is_valid_guard_vma(vma, false))
        return -EINVAL;
    /* So that fork copies them. */
    err = anon_vma_prepare(vma);
    if (!err)
        err = install(vma->mm, start, end);
    if (err <= 0)
        return err;
    zap_page_range_single(vma, start, end, PATH_ZAP, NULL);
    err = install(vma->mm, start, end);
    INVARIANT(err <= 0);
    return err;
}

static int remove_guard(void *ctx, struct mm *mm, gva_t addr, const pte_t *ptep)
{
    (void)ctx;
    if (is_guard_pte(*ptep))
        (void)mm_clear_pte(mm, addr, ptep);
    return 0;
}

int mm_guard_remove(struct vma *vma, gva_t start, gva_t end)
{
    static const struct pgtable_ops ops = {.swap = remove_guard};

    if (!is_valid_guard_vma(vma, true))
        return -EINVAL;
    return pgtable_walk(vma->mm, start, end, &ops, NULL);
}
