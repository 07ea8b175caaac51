// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/populate.h"

#include <errno.h>

#include "mm/internal.h"

bool pte_allows(pte_t pte, enum access access)
{
    if (!pte_accessible(pte))
        return false;
    switch (access) {
    case ACCESS_WRITE: return pte_hw_write(pte);
    case ACCESS_EXEC: return pte_exec(pte);
    case ACCESS_READ: break;
    }
    return true;
}

static enum fault get_page(struct mm *mm, gva_t va, enum access access,
                           bool force, struct folio **out)
{
    enum fault fault = FAULT_RETRY;

    for (int round = 0; round < MM_FAULT_ROUNDS; round++) {
        const pte_t *ptep = mm_pte(mm, va);

        if (ptep && pte_allows(*ptep, access)) {
            mm_touch_pte(ptep);
            *out = pte_folio(mm, *ptep);
            return FAULT_OK;
        }
        fault = force ? mm_handle_fault_forced(mm, va, ACCESS_READ)
                      : mm_handle_fault(mm, va, access);
        if (fault != FAULT_OK && fault != FAULT_RETRY)
            return fault;
    }
    return fault == FAULT_OK ? FAULT_RETRY : fault;
}

enum fault mm_get_page(struct mm *mm, gva_t va, enum access access,
                       struct folio **out)
{
    return get_page(mm, va, access, false, out);
}

void mm_stuck(struct mm *mm, gva_t va)
{
    mm->mem->current->stuck(mm->mem->current_ctx, va);
}

/* populate_vma_page_range() */
static int populate_area(const struct vma *vma, gva_t start, gva_t end)
{
    /* For areas with any permission at all. */
    bool force = (vma->flags & (VM_READ | VM_EXEC | VM_WRITE)) == VM_WRITE;
    enum access access = ACCESS_READ;

    if ((vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE) {
        access = ACCESS_WRITE;
        force = false;
    }
    for (gva_t va = start; va < end; va += PAGE_SIZE) {
        struct folio *folio;

        if (memory_fatal_signal(vma->mm->mem))
            return -EINTR;
        switch (get_page(vma->mm, va, access, force, &folio)) {
        case FAULT_OK: break;
        case FAULT_OOM: return -ENOMEM;
        case FAULT_RETRY:
        case FAULT_WAIT: mm_stuck(vma->mm, va); return -EFAULT;
        default: return -EFAULT;
        }
    }
    return 0;
}

static int populate(struct mm *mm, gva_t start, gva_t end, bool ignore_errors)
{
    const struct vma *vma;

    while (start < end && (vma = vma_find(mm, start)) != NULL) {
        gva_t to = vma->end < end ? vma->end : end;
        int err;

        if (vma->start > start)
            start = vma->start;
        err = vma->flags & VM_LOCKONFAULT ? 0 : populate_area(vma, start, to);
        if (err && !ignore_errors)
            return err;
        start = to;
    }
    return 0;
}

void mm_populate(struct mm *mm, gva_t start, gva_t end)
{
    (void)populate(mm, start, end, true);
}

int mm_populate_all(struct mm *mm, gva_t start, gva_t end)
{
    return populate(mm, start, end, false);
}
