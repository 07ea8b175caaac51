// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/truncate.h"

#include "mm/internal.h"
#include "mm/kcopy.h"
#include "mm/mapping.h"
#include "mm/zap.h"

/* unmap_mapping_range_tree(): pages first..last, inclusive. */
static void unmap_indices(struct mapping *m, uint64_t first, uint64_t last,
                          const struct zap_details *details)
{
    struct vma *vma = mapping_first_vma(m, first, last);

    for (; vma; vma = mapping_next_vma(vma, first, last)) {
        uint64_t vma_last = vma->pgoff + vma_pages(vma) - 1;
        uint64_t from = first > vma->pgoff ? first : vma->pgoff;
        uint64_t to = last < vma_last ? last : vma_last;

        zap_page_range_single(
            vma, vma->start + ((from - vma->pgoff) << PAGE_SHIFT),
            vma->start + ((to - vma->pgoff + 1) << PAGE_SHIFT), PATH_TRUNCATE,
            details);
    }
}

void unmap_mapping_pages(struct mapping *m, uint64_t start, uint64_t nr,
                         bool even_cows)
{
    struct zap_details details = {.even_cows = even_cows,
                                  .mapping = even_cows ? NULL : m};
    uint64_t last = start + nr - 1;

    if (last < start)
        last = UINT64_MAX;
    unmap_indices(m, start, last, &details);
}

void unmap_mapping_range(struct mapping *m, uint64_t start, uint64_t len,
                         bool even_cows)
{
    /* The length may be near 2^64: no sum that wraps. */
    uint64_t nr = (len >> PAGE_SHIFT) + ((len & ~PAGE_MASK) != 0);

    unmap_mapping_pages(m, start >> PAGE_SHIFT, nr, even_cows);
}

void unmap_mapping_folio(struct mapping *m, struct folio *folio)
{
    struct zap_details details = {.mapping = m};

    INVARIANT(folio_test(folio, PG_locked) && folio->mapping == m);
    unmap_indices(m, folio->index, folio->index, &details);
}

/* truncate_inode_folio(): its bytes are wanted no more. */
static void drop_folio(struct mapping *m, struct folio *folio)
{
    bool locked = folio_trylock(folio);

    INVARIANT(locked);
    folio_get(folio);
    if (folio_mapped(folio))
        unmap_mapping_folio(m, folio);
    folio_clear(folio, PG_dirty);
    mapping_remove_folio(m, folio);
    folio_unlock(folio);
    memory_folio_put(m->mem, folio);
}

/* truncate_inode_partial_folio(): bytes [from, to) of page @index. */
static void zero_part(struct mapping *m, uint64_t index, unsigned from,
                      unsigned to)
{
    struct folio *folio = mapping_find(m, index);

    if (folio) {
        folio_get(folio);
    } else {
        /* In swap: the part that stays is needed.  A page that cannot be
         * brought in keeps its bytes, as shmem_get_partial_folio() has it. */
        if (!swp_valid(mapping_entry(m, index)) ||
            mapping_get_folio(m, index, &folio) != 0)
            return;
    }
    mapping_zero_part(m, folio, from, to);
    memory_folio_put(m->mem, folio);
}

/* Whole pages [first, end): folios and swap entries. */
static void drop_pages(struct mapping *m, uint64_t first, uint64_t end)
{
    uint64_t index = first;

    if (first >= end)
        return;
    while (xa_next(&m->pages, &index, end - 1) != NULL) {
        if (swp_valid(mapping_entry(m, index)))
            mapping_free_entry(m, index, PATH_TRUNCATE);
        else
            drop_folio(m, mapping_find(m, index));
        if (++index == end)
            break;
    }
    hub_event(m->mem->hub, &(struct event){.kind = EV_TRUNCATE,
                                           .path = PATH_TRUNCATE,
                                           .object = m->id,
                                           .va = first << PAGE_SHIFT,
                                           .end = end << PAGE_SHIFT});
}

/* The last index plus one of any file. */
#define INDEX_END (UINT64_MAX >> PAGE_SHIFT)

/* truncate_inode_pages_range(): bytes [start, end); end UINT64_MAX: all. */
static void drop_bytes(struct mapping *m, uint64_t start, uint64_t end)
{
    uint64_t first = start >> PAGE_SHIFT;
    uint64_t last = end == UINT64_MAX ? INDEX_END : end >> PAGE_SHIFT;
    unsigned head = page_offset(start);
    unsigned tail = end == UINT64_MAX ? 0 : page_offset(end);

    if (head && first == last) {
        zero_part(m, first, head, tail);
        return;
    }
    if (head)
        zero_part(m, first++, head, PAGE_SIZE);
    if (tail)
        zero_part(m, last, 0, tail);
    drop_pages(m, first, last);
}

void truncate_pagecache(struct mapping *m, uint64_t size)
{
    uint64_t hole = page_align_up(size);

    /* Twice: a fault between may have made another private copy. */
    unmap_mapping_range(m, hole, 0, true);
    drop_bytes(m, size, UINT64_MAX);
    unmap_mapping_range(m, hole, 0, true);
}

void truncate_pagecache_range(struct mapping *m, uint64_t start, uint64_t end)
{
    uint64_t first = page_align_up(start), last = page_align_down(end);

    if (end <= start)
        return;
    if (last > first)
        unmap_mapping_range(m, first, last - first, false);
    drop_bytes(m, start, end);
}
