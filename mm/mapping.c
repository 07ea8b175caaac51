// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "mm/internal.h"
#include "mm/writeback.h"

static struct mapping *mapping_create(struct memory *mem)
{
    struct mapping *m = calloc(1, sizeof(*m));

    if (!m)
        return NULL;
    m->mem = mem;
    m->refcount = 1;
    m->id = ++mem->nr_mappings;
    xa_init(&m->pages);
    itree_init(&m->areas);
    return m;
}

struct mapping *mapping_create_file(struct memory *mem,
                                    const struct mapping_ops *ops, void *ctx)
{
    struct mapping *m = mapping_create(mem);

    if (m) {
        m->ops = ops;
        m->ctx = ctx;
    }
    return m;
}

struct mapping *mapping_create_shmem(struct memory *mem, uint64_t bytes)
{
    struct mapping *m = mapping_create(mem);

    if (m) {
        m->bytes = bytes;
        m->shmem = true;
        DL_APPEND(mem->shmem, m);
    }
    return m;
}

struct mapping *mapping_create_tmpfs(struct memory *mem,
                                     const struct mapping_ops *ops, void *ctx)
{
    struct mapping *m = mapping_create_shmem(mem, 0);

    if (m) {
        m->ops = ops;
        m->ctx = ctx;
    }
    return m;
}

void mapping_get(struct mapping *m)
{
    m->refcount++;
}

static struct folio *slot_folio(const struct mapping *m, uint64_t word)
{
    return phys_folio(m->mem->phys, (pfn_t)(word - 1));
}

static uint64_t folio_word(const struct mapping *m, const struct folio *folio)
{
    return (uint64_t)phys_pfn(m->mem->phys, folio) + 1;
}

static bool word_is_entry(uint64_t word)
{
    return (word & MAPPING_IS_ENTRY) != 0;
}

static swp_entry_t word_entry(uint64_t word)
{
    return (swp_entry_t){word & ~MAPPING_IS_ENTRY};
}

static uint64_t entry_word(swp_entry_t entry)
{
    return entry.v | MAPPING_IS_ENTRY;
}

/* shmem_evict_inode(), truncate_inode_pages_final() */
static void drop_all(struct mapping *m)
{
    uint64_t index = 0;
    const uint64_t *slot;

    for (; (slot = xa_next(&m->pages, &index, UINT64_MAX)) != NULL; index++) {
        if (word_is_entry(*slot))
            mapping_free_entry(m, index, PATH_TRUNCATE);
        else
            mapping_remove_folio(m, slot_folio(m, *slot));
    }
}

void mapping_put(struct mapping *m)
{
    INVARIANT(m->refcount > 0);
    if (--m->refcount > 0)
        return;
    INVARIANT(!mapping_mapped(m));
    mapping_writeback(m, 0, UINT64_MAX);
    drop_all(m);
    hub_event(m->mem->hub, &(struct event){.kind = EV_TRUNCATE,
                                           .path = PATH_TRUNCATE,
                                           .object = m->id,
                                           .end = UINT64_MAX});
    if (m->shmem)
        DL_DELETE(m->mem->shmem, m);
    if (m->ops && m->ops->release)
        m->ops->release(m->ctx);
    xa_destroy(&m->pages);
    mpol_free_shared(&m->policy);
    free(m);
}

bool mapping_is_shmem(const struct mapping *m)
{
    return m->shmem;
}

bool mapping_can_writeback(const struct mapping *m)
{
    return !m->shmem && m->ops->write;
}

size_t mapping_read_file(const struct mapping *m, uint64_t index, uint8_t *page)
{
    uint64_t size = mapping_size(m), start = index << PAGE_SHIFT;

    if (m->shmem || start >= size || m->ops->read(m->ctx, index, page) != 0)
        return 0;
    return size - start < PAGE_SIZE ? size - start : PAGE_SIZE;
}

void mapping_set_dirty(struct mapping *m)
{
    m->maybe_dirty = true;
}

bool mapping_unevictable(const struct mapping *m)
{
    return m->unevictable;
}

void mapping_set_unevictable(struct mapping *m, bool on)
{
    m->unevictable = on;
}

uint64_t mapping_size(const struct mapping *m)
{
    return m->ops ? m->ops->size(m->ctx) : m->bytes;
}

uint64_t mapping_id(const struct mapping *m)
{
    return m->id;
}

static struct vma *by_page(struct itree_node *node)
{
    return node ? avl_entry(node, struct vma, by_page) : NULL;
}

struct vma *mapping_first_vma(const struct mapping *m, uint64_t first,
                              uint64_t last)
{
    return by_page(itree_first(&m->areas, first, last));
}

struct vma *mapping_next_vma(const struct vma *vma, uint64_t first,
                             uint64_t last)
{
    return by_page(itree_next(&vma->by_page, first, last));
}

bool mapping_mapped(const struct mapping *m)
{
    return !itree_is_empty(&m->areas);
}

void mapping_set_watch(struct mapping *m, const struct mapping_watch *watch,
                       void *ctx)
{
    m->watch = watch;
    m->watch_ctx = ctx;
}

void mapping_opened(const struct mapping *m)
{
    if (m->watch)
        m->watch->open(m->watch_ctx);
}

void mapping_closed(const struct mapping *m)
{
    if (m->watch)
        m->watch->close(m->watch_ctx);
}

uint64_t mapping_nr_pages(struct mapping *m)
{
    uint64_t nr = 0, index = 0;
    const uint64_t *slot;

    for (; (slot = xa_next(&m->pages, &index, UINT64_MAX)) != NULL; index++)
        nr += !word_is_entry(*slot);
    return nr;
}

bool mapping_is_pinned(struct mapping *m)
{
    uint64_t index = 0;
    const uint64_t *slot;

    for (; (slot = xa_next(&m->pages, &index, UINT64_MAX)) != NULL; index++)
        if (!word_is_entry(*slot) && slot_folio(m, *slot)->pins)
            return true;
    return false;
}

void mapping_link_vma(struct mapping *m, struct vma *vma)
{
    itree_insert(&m->areas, &vma->by_page, vma->pgoff,
                 vma->pgoff + vma_pages(vma) - 1);
}

void mapping_unlink_vma(struct mapping *m, struct vma *vma)
{
    itree_erase(&m->areas, &vma->by_page);
}

void mapping_link_vma_after(struct vma *child, struct vma *parent)
{
    mapping_unlink_vma(child->mapping, child);
    itree_insert_after(&child->mapping->areas, &child->by_page,
                       &parent->by_page);
}

struct folio *mapping_find(struct mapping *m, uint64_t index)
{
    uint64_t word = xa_load(&m->pages, index);

    return word && !word_is_entry(word) ? slot_folio(m, word) : NULL;
}

swp_entry_t mapping_entry(struct mapping *m, uint64_t index)
{
    uint64_t word = xa_load(&m->pages, index);

    return word_is_entry(word) ? word_entry(word) : (swp_entry_t){0};
}

bool mapping_next_entry(struct mapping *m, uint64_t *index, swp_entry_t *entry)
{
    const uint64_t *slot;

    for (; (slot = xa_next(&m->pages, index, UINT64_MAX)) != NULL; ++*index) {
        if (!word_is_entry(*slot) || non_swap_entry(word_entry(*slot)))
            continue;
        *entry = word_entry(*slot);
        return true;
    }
    return false;
}

struct mapping *memory_first_shmem(const struct memory *mem)
{
    return mem->shmem;
}

struct mapping *mapping_next_shmem(const struct mapping *m)
{
    return m->next;
}

bool mapping_incore(struct mapping *m, uint64_t index)
{
    swp_entry_t entry = mapping_entry(m, index);

    if (swp_valid(entry) && !non_swap_entry(entry))
        return m->mem->swap->in_cache(m->mem->swap_ctx, entry);
    return mapping_find(m, index) != NULL;
}

/* The bytes of a new folio.  0 or the error of the read. */
static int fill_folio(struct mapping *m, uint64_t index, struct folio *folio)
{
    struct memory *mem = m->mem;
    int err;

    if (m->shmem) {
        /* Its only copy is in memory, or in swap. */
        folio_set(folio, PG_swapbacked);
        folio_set(folio, PG_dirty);
    }
    if (!m->ops)
        return 0;
    folio_clear(folio, PG_pristine);
    err = m->ops->read(m->ctx, index, memory_folio_bytes(mem, folio));
    memory_page_written(mem, memory_folio_pfn(mem, folio));
    return err;
}

/* Make page @index.  The new folio has the cache's reference only. */
static int add_folio(struct mapping *m, uint64_t index, bool clear,
                     struct folio **out)
{
    struct alloc_for who = {.mapping = m->shmem ? m : NULL, .index = index};
    struct memory *mem = m->mem;
    struct folio *folio;
    int err;

    folio = mpol_alloc_folio(mem, &who);
    if (clear)
        (void)memory_zero_folio(mem, folio);
    if (!folio)
        return -ENOMEM;
    err = fill_folio(m, index, folio);
    if (!err)
        err = xa_store(&m->pages, index, folio_word(m, folio));
    if (err) {
        memory_folio_put(mem, folio);
        return err;
    }
    folio->mapping = m;
    folio->index = index;
    folio_set(folio, PG_uptodate);
    lru_add(&mem->lru, folio);
    *out = folio;
    return 0;
}

int mapping_add_uncleared(struct mapping *m, uint64_t index, struct folio **out)
{
    INVARIANT(m->shmem && m->ops && !xa_load(&m->pages, index));
    return add_folio(m, index, false, out);
}

int mapping_get_folio(struct mapping *m, uint64_t index, struct folio **out)
{
    swp_entry_t entry;
    struct folio *folio;
    int err = 0;

    if (index >= page_align_up(mapping_size(m)) >> PAGE_SHIFT ||
        index >> (XA_LEAF_SHIFT * XA_MAX_LEVELS) != 0)
        return -EFAULT;
    entry = mapping_entry(m, index);
    if (swp_valid(entry)) {
        if (is_marker_entry(entry))
            return -EIO;
        err = m->mem->swap->shmem_swapin(m->mem->swap_ctx, m, index, entry);
        if (err)
            return err;
    }
    folio = mapping_find(m, index);
    if (!folio)
        err = add_folio(m, index, m->shmem, &folio);
    if (err)
        return err;
    folio_get(folio);
    *out = folio;
    return 0;
}

void mapping_remove_folio(struct mapping *m, struct folio *folio)
{
    INVARIANT(folio->mapping == m && !folio_mapped(folio));
    xa_erase(&m->pages, folio->index);
    folio->mapping = NULL;
    memory_folio_put(m->mem, folio);
}

void mapping_replace_folio(struct mapping *m, struct folio *from,
                           struct folio *to)
{
    uint64_t *slot = xa_slot(&m->pages, from->index);

    INVARIANT(slot && *slot == folio_word(m, from));
    *slot = folio_word(m, to);
    to->mapping = m;
    to->index = from->index;
    from->mapping = NULL;
    folio_get(to);
    memory_folio_put(m->mem, from);
    hub_event(m->mem->hub,
              &(struct event){.kind = EV_CACHE_MOVED,
                              .object = m->id,
                              .va = to->index << PAGE_SHIFT,
                              .pfn = memory_folio_pfn(m->mem, to)});
}

void mapping_folio_to_entry(struct mapping *m, struct folio *folio,
                            swp_entry_t entry)
{
    uint64_t *slot = xa_slot(&m->pages, folio->index);

    INVARIANT(m->shmem && !folio_mapped(folio));
    INVARIANT(slot && *slot == folio_word(m, folio));
    *slot = entry_word(entry);
    folio->mapping = NULL;
    memory_folio_put(m->mem, folio);
}

void mapping_entry_to_folio(struct mapping *m, uint64_t index,
                            struct folio *folio)
{
    uint64_t *slot = xa_slot(&m->pages, index);

    INVARIANT(slot && word_is_entry(*slot));
    *slot = folio_word(m, folio);
    folio->mapping = m;
    folio->index = index;
    folio_get(folio);
}

void mapping_set_error(struct mapping *m, uint64_t index)
{
    uint64_t *slot = xa_slot(&m->pages, index);

    INVARIANT(slot && word_is_entry(*slot));
    *slot = entry_word(swp_entry(SWP_MARKER, MARKER_SWAPIN_ERROR));
}

void mapping_free_entry(struct mapping *m, uint64_t index, enum mm_path path)
{
    struct memory *mem = m->mem;
    struct hook_args args = {.entry = mapping_entry(m, index),
                             .pfn = PFN_NONE,
                             .object = m->id,
                             .index = index};

    INVARIANT(swp_valid(args.entry));
    xa_erase(&m->pages, index);
    if (non_swap_entry(args.entry))
        return;
    (void)arch_hook(mem, HOOK_SHMEM_GONE, &args);
    hub_event(mem->hub, &(struct event){.kind = EV_SWAP_GONE,
                                        .path = path,
                                        .object = m->id,
                                        .va = index << PAGE_SHIFT,
                                        .entry = args.entry.v,
                                        .pfn = PFN_NONE});
    mem->swap->free_and_cache(mem->swap_ctx, args.entry);
}
