// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/internal.h"
#include "report/timeline.h"

#include <string.h>

static void report_page_of(struct adi *adi, const struct vma *vma, gva_t va,
                           pte_t pte)
{
    struct page_image page = {.va = va, .pfn = PFN_NONE};
    bool wanted = (vma->flags & VM_SPARC_ADI) != 0;

    if (pte_present(pte)) {
        page.pfn = pte_pfn(pte);
        page.has_tags = true;
        memcpy(page.tags, tagmem_page(adi->tags, page.pfn), sizeof(page.tags));
    } else {
        swp_entry_t entry = pte_to_swp_entry(pte);

        page.entry = entry.v;
        page.has_tags = !non_swap_entry(entry) &&
                        adi_saved_tags(adi, vma->mm, va, entry, page.tags);
        wanted = wanted || page.has_tags;
    }
    if (wanted)
        report_page(adi->report, &page);
}

struct image {
    struct adi *adi;
    const struct vma *vma;
    struct area_image area;
};

static int report_entry(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    struct image *i = ctx;

    (void)mm;
    if (pte_present(*ptep) && pte_special(*ptep))
        return 0; /* the zero page */
    i->area.pages += pte_present(*ptep);
    i->area.away += !pte_present(*ptep);
    report_page_of(i->adi, i->vma, va, *ptep);
    return 0;
}

static void report_area_of(struct adi *adi, const struct vma *vma)
{
    static const struct pgtable_ops ops = {.present = report_entry,
                                           .swap = report_entry};
    struct image i = {.adi = adi, .vma = vma};

    i.area = (struct area_image){
        .start = vma->start,
        .end = vma->end,
        .read = (vma->flags & VM_READ) != 0,
        .write = (vma->flags & VM_WRITE) != 0,
        .exec = (vma->flags & VM_EXEC) != 0,
        .shared = (vma->flags & VM_SHARED) != 0,
        .adi = (vma->flags & VM_SPARC_ADI) != 0,
        .file = !vma_is_anonymous(vma),
    };
    (void)pgtable_walk(vma->mm, vma->start, vma->end, &ops, &i);
    report_area(adi->report, &i.area);
}

void adi_report_image(struct adi *adi, uint32_t id)
{
    struct mm *mm = memory_first_mm(adi->mem);
    const struct vma *vma;

    while (mm && mm_id(mm) != id)
        mm = memory_next_mm(mm);
    for (vma = mm ? vma_first(mm) : NULL; vma; vma = vma_next(vma))
        report_area_of(adi, vma);
}
