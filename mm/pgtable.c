// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/pgtable.h"

#include <assert.h>

#include "mm/gather.h"
#include "mm/internal.h"

#define VA_BITS 53

static uint64_t pte_index(gva_t va)
{
    return (va & ((UINT64_C(1) << VA_BITS) - 1)) >> PAGE_SHIFT;
}

/* Back: the upper half of all entries is that above the hole of addresses. */
static gva_t pte_va(uint64_t index)
{
    uint64_t sign = UINT64_C(1) << (VA_BITS - 1);

    return ((index << PAGE_SHIFT) ^ sign) - sign;
}

/* The slots of an xarray are the page-table entries. */
static_assert(sizeof(pte_t) == sizeof(uint64_t), "a PTE is one word");
static_assert(PMD_SHIFT == PAGE_SHIFT + XA_LEAF_SHIFT, "a leaf is a table");

const pte_t *mm_pte(struct mm *mm, gva_t va)
{
    return (const pte_t *)xa_slot(&mm->ptes, pte_index(va));
}

const pte_t *mm_pte_alloc(struct mm *mm, gva_t va)
{
    uint64_t index = pte_index(va), *slot = xa_slot(&mm->ptes, index);
    size_t nr;

    if (slot)
        return (const pte_t *)slot;
    nr = xa_missing(&mm->ptes, index);
    if (!memory_charge_tables(mm->mem, nr))
        return NULL;
    nr += mm->ptes.nr_nodes;
    slot = xa_slot_alloc(&mm->ptes, index);
    /* Of those that were made before the host's memory ended, some stay. */
    memory_uncharge_tables(mm->mem, nr - mm->ptes.nr_nodes);
    return (const pte_t *)slot;
}

void mm_free_tables(struct mm *mm, gva_t first, gva_t last)
{
    size_t nr = mm->ptes.nr_nodes;

    xa_free_range(&mm->ptes, pte_index(first), pte_index(last));
    memory_uncharge_tables(mm->mem, nr - mm->ptes.nr_nodes);
}

const pte_t *mm_next_pte(struct mm *mm, gva_t *va, gva_t end)
{
    uint64_t index = pte_index(*va);
    uint64_t *slot;

    if (*va >= end)
        return NULL;
    slot = xa_next(&mm->ptes, &index, pte_index(end - 1));
    if (!slot)
        return NULL;
    *va = pte_va(index);
    return (const pte_t *)slot;
}

/* The one place where an entry is written; for all others it is const. */
static void write_pte(const pte_t *ptep, pte_t pte)
{
    *(pte_t *)(uintptr_t)ptep = pte;
}

void mm_set_pte(struct mm *mm, gva_t va, const pte_t *ptep, pte_t pte)
{
    bool flush = pte_present(*ptep);

    write_pte(ptep, pte);
    mm->mem->changes++;
    if (flush)
        tlb_flush_page(mm, va);
}

pte_t mm_clear_pte(struct mm *mm, gva_t va, const pte_t *ptep)
{
    pte_t old = *ptep;

    mm_set_pte(mm, va, ptep, (pte_t){0});
    return old;
}

pte_t mm_gather_pte(struct mmu_gather *tlb, gva_t va, const pte_t *ptep)
{
    pte_t old = *ptep;

    write_pte(ptep, (pte_t){0});
    tlb->mm->mem->changes++;
    tlb_batch_add(tlb, va);
    return old;
}

void mm_touch_pte(const pte_t *ptep)
{
    write_pte(ptep, pte_mkyoung(*ptep));
}

int pgtable_walk(struct mm *mm, gva_t start, gva_t end,
                 const struct pgtable_ops *ops, void *ctx)
{
    gva_t va = start;
    int err = 0;

    while (err == 0 && start < end) {
        const pte_t *ptep = mm_next_pte(mm, &va, end);
        pgtable_entry_fn entry;

        if (!ptep)
            va = end;
        if (ops->hole && start < va)
            err = ops->hole(ctx, mm, start, va);
        if (err || !ptep)
            break;
        entry = pte_present(*ptep) ? ops->present : ops->swap;
        if (entry)
            err = entry(ctx, mm, va, ptep);
        start = va += PAGE_SIZE;
    }
    return err;
}
