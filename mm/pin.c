// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/pin.h"

#include "mm/internal.h"
#include "mm/populate.h"

/* gup_must_unshare() */
static bool must_unshare(const struct memory *mem, const struct folio *folio,
                         enum access access)
{
    return mem->policy.anon_exclusive && access != ACCESS_WRITE &&
           folio_test(folio, PG_anon) && !folio_test(folio, PG_anon_exclusive);
}

static enum fault unshare(struct mm *mm, gva_t va)
{
    struct vm_fault vmf = {.mm = mm,
                           .vma = vma_lookup(mm, va),
                           .addr = page_align_down(va),
                           .flags = FAULT_FLAG_UNSHARE,
                           .ptep = mm_pte(mm, va)};

    vmf.orig = *vmf.ptep;
    return mm_do_wp_page(&vmf);
}

enum fault mm_pin_page(struct mm *mm, gva_t va, enum access access,
                       struct folio **out)
{
    enum fault fault;

    mm->has_pinned = true;
    fault = mm_get_page(mm, va, access, out);
    if (fault == FAULT_OK && must_unshare(mm->mem, *out, access)) {
        fault = unshare(mm, va);
        if (fault == FAULT_OK)
            fault = mm_get_page(mm, va, access, out);
    }
    if (fault != FAULT_OK)
        return fault;
    folio_get(*out);
    (*out)->pins++;
    return FAULT_OK;
}

void memory_unpin(struct memory *mem, struct folio *folio)
{
    INVARIANT(folio->pins > 0);
    folio->pins--;
    memory_folio_put(mem, folio);
}
