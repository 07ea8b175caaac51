// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "adi/adi.h"
#include "adi/tags.h"
#include "judge/timeline.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/vma.h"

static void take_page(struct timeline *t, struct adi *adi,
                      const struct vma *vma, gva_t va, pte_t pte)
{
    struct page_image page = {.va = va, .pfn = PFN_NONE};
    bool wanted = (vma->flags & VM_SPARC_ADI) != 0;

    if (pte_present(pte)) {
        page.pfn = pte_pfn(pte);
        page.has_tags = true;
        memcpy(page.tags, tagmem_page(adi_tagmem(adi), page.pfn),
               sizeof(page.tags));
    } else {
        swp_entry_t entry = pte_to_swp_entry(pte);

        page.entry = entry.v;
        page.has_tags = !non_swap_entry(entry) &&
                        adi_saved_tags(adi, vma->mm, va, entry, page.tags);
        wanted = wanted || page.has_tags;
    }
    if (wanted)
        timeline_page(t, &page);
}

struct image {
    struct timeline *t;
    struct adi *adi;
    const struct vma *vma;
    struct area_image area;
};

static int take_entry(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    struct image *i = ctx;

    (void)mm;
    if (pte_present(*ptep) && pte_special(*ptep))
        return 0; /* the zero page */
    i->area.pages += pte_present(*ptep);
    i->area.away += !pte_present(*ptep);
    take_page(i->t, i->adi, i->vma, va, *ptep);
    return 0;
}

static void take_area(struct timeline *t, struct adi *adi,
                      const struct vma *vma)
{
    static const struct pgtable_ops ops = {.present = take_entry,
                                           .swap = take_entry};
    struct image i = {.t = t, .adi = adi, .vma = vma};

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
    timeline_area(t, &i.area);
}

void timeline_take_image(struct timeline *t, struct adi *adi, uint32_t id)
{
    struct mm *mm = memory_first_mm(adi_memory(adi));
    const struct vma *vma;

    while (mm && mm_id(mm) != id)
        mm = memory_next_mm(mm);
    for (vma = mm ? vma_first(mm) : NULL; vma; vma = vma_next(vma))
        take_area(t, adi, vma);
}
