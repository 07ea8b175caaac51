// SPDX-License-Identifier: GPL-2.0-or-later
#include "adi/internal.h"
#include "adi/store_linux.h"

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

uint64_t adi_slot_bytes(struct adi *adi, swp_entry_t entry)
{
    return tagmap_bytes(&adi->by_entry, slot_key(entry));
}
