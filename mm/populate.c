#include "mm/populate.h"

#include "mm/internal.h"

/* A page that two rounds of faulting do not settle never settles. */
#define MAX_ROUNDS 8

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

enum fault mm_get_page(struct mm *mm, gva_t va, enum access access,
                       struct folio **out)
{
    enum fault fault = FAULT_RETRY;

    for (int round = 0; round < MAX_ROUNDS; round++) {
        pte_t *ptep = mm_pte(mm, va);

        if (ptep && pte_allows(*ptep, access)) {
            *ptep = pte_mkyoung(*ptep);
            *out = pte_folio(mm, *ptep);
            return FAULT_OK;
        }
        fault = mm_handle_fault(mm, va, access);
        if (fault != FAULT_OK && fault != FAULT_RETRY)
            return fault;
    }
    return fault == FAULT_OK ? FAULT_RETRY : fault;
}

void mm_populate(struct mm *mm, gva_t start, gva_t end)
{
    for (gva_t va = start; va < end; va += PAGE_SIZE) {
        const struct vma *vma = vma_lookup(mm, va);
        struct folio *folio;
        enum access access = ACCESS_READ;

        if (!vma)
            continue;
        if ((vma->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
            access = ACCESS_WRITE;
        if (mm_get_page(mm, va, access, &folio) == FAULT_OOM)
            return;
    }
}
