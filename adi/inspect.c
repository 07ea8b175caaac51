// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/internal.h"
#include "adi/store_linux.h"
#include "mm/pgtable.h"
#include "report/mismatch.h"

typedef void (*part_fn)(void *ctx, const struct adi_store_part *part);

static void walk_descs(const struct mm *mm, part_fn one, void *ctx)
{
    struct linux_desc desc;

    for (unsigned n = 0; linux_store_desc(mm, n, &desc); n++)
        if (desc.buf || desc.users)
            one(ctx, &(struct adi_store_part){.kind = ADI_PART_DESC,
                                              .nr = n,
                                              .start = desc.start,
                                              .end = desc.end,
                                              .users = desc.users,
                                              .bytes = desc.bytes});
}

/* 40 bits of page number, the sign in the highest. */
static gva_t page_va(uint64_t key)
{
    return (gva_t)((int64_t)(key << 24) >> 24) << PAGE_SHIFT;
}

static void walk_pages(struct tagmap *map, part_fn one, void *ctx)
{
    uint64_t key = 0;

    for (; tagmap_next(map, &key, UINT64_MAX); key++) {
        gva_t va = page_va(key);

        one(ctx, &(struct adi_store_part){.kind = ADI_PART_PAGE,
                                          .start = va,
                                          .end = va + PAGE_SIZE - 1,
                                          .users = 1,
                                          .bytes = tagmap_bytes(map, key)});
    }
}

static void walk_slots(struct tagmap *map, part_fn one, void *ctx)
{
    uint64_t key = 0;

    for (; tagmap_next(map, &key, UINT64_MAX); key++)
        one(ctx, &(struct adi_store_part){.kind = ADI_PART_SLOT,
                                          .entry = slot_entry(key),
                                          .users = 1,
                                          .bytes = tagmap_bytes(map, key)});
}

void adi_store_walk(struct adi *adi, const struct mm *mm, part_fn one,
                    void *ctx)
{
    if (!mm) {
        walk_slots(&adi->by_entry, one, ctx);
        return;
    }
    if (adi_context(mm)->linux_store)
        walk_descs(mm, one, ctx);
    walk_pages(&adi_context(mm)->by_page, one, ctx);
}

static uint8_t tag_in_memory(const struct adi *adi, struct mm *mm, gva_t va)
{
    const pte_t *ptep = mm_pte(mm, va);

    if (!ptep || !pte_present(*ptep) || !pte_mcd(*ptep))
        return MISMATCH_NO_TAG;
    return tagmem_page(adi->tags, pte_pfn(*ptep))[page_offset(va) / ADI_BLKSZ];
}

void adi_look_around(const struct adi *adi, struct mm *mm,
                     struct mismatch_access *a)
{
    gva_t block = untagged_addr(a->va) & ~(gva_t)(ADI_BLKSZ - 1);

    a->around_start = block - MISMATCH_AROUND / 2 * ADI_BLKSZ;
    for (unsigned i = 0; i < MISMATCH_AROUND; i++)
        a->around[i] = tag_in_memory(adi, mm, a->around_start + i * ADI_BLKSZ);
    a->memory_tag = a->around[MISMATCH_AROUND / 2];
}

uint64_t adi_slot_bytes(struct adi *adi, swp_entry_t entry)
{
    return tagmap_bytes(&adi->by_entry, slot_key(entry));
}
