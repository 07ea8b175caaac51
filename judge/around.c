// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/adi.h"
#include "adi/tags.h"
#include "judge/mismatch.h"
#include "mm/mm.h"

static uint8_t tag_in_memory(const struct adi *adi, struct mm *mm, gva_t va)
{
    const pte_t *ptep = mm_pte(mm, va);

    if (!ptep || !pte_present(*ptep) || !pte_mcd(*ptep))
        return MISMATCH_NO_TAG;
    return tagmem_page(adi_tagmem(adi),
                       pte_pfn(*ptep))[page_offset(va) / ADI_BLKSZ];
}

void mismatch_look_around(const struct adi *adi, struct mm *mm,
                          struct mismatch_access *a)
{
    gva_t block = untagged_addr(a->va) & ~(gva_t)(ADI_BLKSZ - 1);

    a->around_start = block - MISMATCH_AROUND / 2 * ADI_BLKSZ;
    for (unsigned i = 0; i < MISMATCH_AROUND; i++)
        a->around[i] = tag_in_memory(adi, mm, a->around_start + i * ADI_BLKSZ);
    a->memory_tag = a->around[MISMATCH_AROUND / 2];
}
