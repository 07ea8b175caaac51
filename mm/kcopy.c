// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/kcopy.h"

#include <string.h>

#include "mm/internal.h"
#include "mm/mapping.h"

/* All that show the page have lost the tags of some lines. */
static void tags_cleared(struct mapping *m, const struct folio *folio,
                         enum mm_path path)
{
    pfn_t pfn = memory_folio_pfn(m->mem, folio);
    struct event ev = {.kind = EV_TAGS_CLEARED,
                       .path = path,
                       .object = m->id,
                       .va = folio->index << PAGE_SHIFT,
                       .pfn = pfn};
    struct vma *vma = mapping_first_vma(m, folio->index, folio->index);

    hub_event(m->mem->hub, &ev);
    ev.object = 0;
    for (; vma; vma = mapping_next_vma(vma, folio->index, folio->index)) {
        gva_t va = vma->start + ((folio->index - vma->pgoff) << PAGE_SHIFT);
        const pte_t *ptep = mm_pte(vma->mm, va);

        if (!(vma->flags & VM_SHARED) || !ptep || !pte_present(*ptep))
            continue;
        ev.va = va;
        mm_event(vma->mm, &ev);
        mm_event_visible(vma, va, *ptep, path);
    }
}

bool folio_zero_range(struct memory *mem, struct folio *folio, unsigned from,
                      unsigned to)
{
    pfn_t pfn = memory_folio_pfn(mem, folio);

    memset(memory_folio_bytes(mem, folio) + from, 0, to - from);
    memory_page_written(mem, pfn);
    return mem->arch->zero_part(mem->arch_ctx, pfn, from, to - from);
}

void mapping_zero_part(struct mapping *m, struct folio *folio, unsigned from,
                       unsigned to)
{
    if (folio_zero_range(m->mem, folio, from, to))
        tags_cleared(m, folio, PATH_ZERO_PART);
}

/* The cached folio of page @index, in swap or not, with a reference. */
static struct folio *cached(struct mapping *m, uint64_t index)
{
    struct folio *folio = mapping_find(m, index);

    if (folio)
        folio_get(folio);
    else if (mapping_get_folio(m, index, &folio) != 0)
        return NULL; /* in swap, and not to be read */
    return folio;
}

/*
 * shmem_write_begin() and shmem_write_end(): a page that is to be written to
 * is not cleared before, and what the copy leaves of it is, after.  No memory:
 * its first fault makes it, and clears it.
 */
static void add_page(struct mapping *m, uint64_t index, unsigned from,
                     unsigned to)
{
    struct memory *mem = m->mem;
    struct folio *folio;
    pfn_t pfn;

    if (mapping_add_uncleared(m, index, &folio) != 0)
        return;
    pfn = memory_folio_pfn(mem, folio);
    (void)mem->arch->zero_part(mem->arch_ctx, pfn, 0, from);
    (void)mem->arch->zero_part(mem->arch_ctx, pfn, to, PAGE_SIZE - to);
}

/* Tags of the frame's last owner that the copy has not cleared (B21). */
static void tell_leftovers(const struct mapping *m, const struct folio *folio)
{
    pfn_t pfn = memory_folio_pfn(m->mem, folio);

    if (memory_has_tags(m->mem, pfn))
        hub_event(m->mem->hub, &(struct event){.kind = EV_TAGS_LEFT,
                                               .path = PATH_COPY_IN,
                                               .object = m->id,
                                               .va = folio->index << PAGE_SHIFT,
                                               .pfn = pfn});
}

/* No more than the file has: what a store has left beyond the end of it is in
 * the page only. */
static void read_again(struct mapping *m, uint64_t index, struct folio *folio)
{
    uint64_t first = index << PAGE_SHIFT, size = mapping_size(m);
    uint8_t page[PAGE_SIZE];

    if (first >= size || m->ops->read(m->ctx, index, page) != 0)
        return;
    memcpy(memory_folio_bytes(m->mem, folio), page,
           size - first < PAGE_SIZE ? size - first : PAGE_SIZE);
    memory_page_written(m->mem, memory_folio_pfn(m->mem, folio));
}

/* The part of [start, end) that is in page @index: one copy of the kernel. */
static void copy_part(struct mapping *m, uint64_t index, uint64_t start,
                      uint64_t end, uint64_t src)
{
    uint64_t first = index << PAGE_SHIFT, next = first + PAGE_SIZE;
    uint64_t from = start > first ? start : first;
    uint64_t to = end < next ? end : next;
    bool new = m->shmem &&xa_load(&m->pages, index) == 0;
    struct memory *mem = m->mem;
    struct folio *folio;

    if (new)
        add_page(m, index, (unsigned)(from - first), (unsigned)(to - first));
    folio = xa_load(&m->pages, index) ? cached(m, index) : NULL;
    if (!folio)
        return;
    read_again(m, index, folio);
    if (mem->arch->copy_part(mem->arch_ctx, memory_folio_pfn(mem, folio),
                             (unsigned)(from - first), (unsigned)(to - from),
                             src + (from - start)) &&
        !new)
        tags_cleared(m, folio, PATH_COPY_IN);
    if (new)
        tell_leftovers(m, folio);
    memory_folio_put(mem, folio);
}

/*
 * Before any page is made: reclaim would write one that is still as it was over
 * what the file has by now.
 */
static void read_cached_again(struct mapping *m, uint64_t first, uint64_t last)
{
    for (uint64_t i = first; xa_next(&m->pages, &i, last); i++) {
        struct folio *folio = mapping_find(m, i);

        if (folio)
            read_again(m, i, folio);
    }
}

void mapping_written(struct mapping *m, uint64_t start, uint64_t end,
                     uint64_t src)
{
    uint64_t index = start >> PAGE_SHIFT;

    if (!m->ops || end <= start)
        return;
    read_cached_again(m, index, (end - 1) >> PAGE_SHIFT);
    /* Those of other files that nobody has read have any tags anyway. */
    for (; index <= (end - 1) >> PAGE_SHIFT; index++)
        copy_part(m, index, start, end, src);
}

/* The same of a page of no file: nobody else has it, as it is pinned. */
static void anon_tags_cleared(struct mm *mm, gva_t va, pfn_t pfn)
{
    struct event ev = {.kind = EV_TAGS_CLEARED,
                       .path = PATH_REMOTE_IN,
                       .va = page_align_down(va),
                       .pfn = pfn};
    struct vma *vma = vma_lookup(mm, va);
    const pte_t *ptep = mm_pte(mm, va);

    mm_event(mm, &ev);
    if (vma && ptep && pte_present(*ptep) && pte_pfn(*ptep) == pfn)
        mm_event_visible(vma, ev.va, *ptep, PATH_REMOTE_IN);
}

void mm_written_remote(struct mm *mm, gva_t va, struct folio *folio,
                       unsigned len, uint64_t src)
{
    struct memory *mem = mm->mem;
    pfn_t pfn = memory_folio_pfn(mem, folio);

    folio_set(folio, PG_dirty); /* unpin_user_pages_dirty_lock() */
    memory_page_written(mem, pfn);
    if (!mem->arch->copy_part(mem->arch_ctx, pfn, page_offset(va), len, src))
        return;
    if (folio_test(folio, PG_anon))
        anon_tags_cleared(mm, va, pfn);
    else if (folio->mapping)
        tags_cleared(folio->mapping, folio, PATH_REMOTE_IN);
}

void mapping_refresh(struct mapping *m, uint64_t start, uint64_t end)
{
    uint64_t index = start >> PAGE_SHIFT;

    if (!m->ops || end <= start)
        return;
    for (; xa_next(&m->pages, &index, (end - 1) >> PAGE_SHIFT); index++) {
        struct folio *folio = cached(m, index);

        if (!folio)
            continue;
        read_again(m, index, folio);
        memory_folio_put(m->mem, folio);
    }
}
