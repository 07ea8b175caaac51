#include "mm/mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "mm/internal.h"

struct mapping {
    struct memory *mem; /* borrowed */
    int refcount;
    uint64_t id;
    const struct mapping_ops *ops; /* NULL: shared memory */
    void *ctx;
    uint64_t bytes;      /* shared memory only */
    struct xarray pages; /* pfn + 1 */
    struct vma *vmas;
};

static struct mapping *mapping_create(struct memory *mem)
{
    struct mapping *m = calloc(1, sizeof(*m));

    if (!m)
        return NULL;
    m->mem = mem;
    m->refcount = 1;
    m->id = ++mem->nr_mappings;
    xa_init(&m->pages);
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

    if (m)
        m->bytes = bytes;
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

void mapping_put(struct mapping *m)
{
    uint64_t index = 0;
    uint64_t *slot;

    INVARIANT(m->refcount > 0);
    if (--m->refcount > 0)
        return;
    INVARIANT(!m->vmas);
    while ((slot = xa_next(&m->pages, &index, UINT64_MAX)) != NULL)
        mapping_remove_folio(m, slot_folio(m, *slot));
    report_event(m->mem->report, &(struct event){.kind = EV_TRUNCATE,
                                                 .path = PATH_TRUNCATE,
                                                 .buf = m->id,
                                                 .end = UINT64_MAX});
    if (m->ops && m->ops->release)
        m->ops->release(m->ctx);
    xa_destroy(&m->pages);
    free(m);
}

bool mapping_is_shmem(const struct mapping *m)
{
    return m->ops == NULL;
}

uint64_t mapping_size(const struct mapping *m)
{
    return m->ops ? m->ops->size(m->ctx) : m->bytes;
}

uint64_t mapping_id(const struct mapping *m)
{
    return m->id;
}

struct vma *mapping_first_vma(const struct mapping *m)
{
    return m->vmas;
}

void mapping_link_vma(struct mapping *m, struct vma *vma)
{
    DL_APPEND2(m->vmas, vma, map_prev, map_next);
}

void mapping_unlink_vma(struct mapping *m, struct vma *vma)
{
    DL_DELETE2(m->vmas, vma, map_prev, map_next);
}

struct folio *mapping_find(struct mapping *m, uint64_t index)
{
    uint64_t word = xa_load(&m->pages, index);

    return word ? slot_folio(m, word) : NULL;
}

/* Make page @index.  The new folio has the cache's reference only. */
static int add_folio(struct mapping *m, uint64_t index, struct folio **out)
{
    struct memory *mem = m->mem;
    struct folio *folio;
    int err;

    folio = m->ops ? memory_alloc_folio(mem, mem->alloc_node)
                   : memory_alloc_zeroed(mem, mem->alloc_node);
    if (!folio)
        return -ENOMEM;
    if (m->ops) {
        folio_clear(folio, PG_pristine);
        err = m->ops->read(m->ctx, index, memory_folio_bytes(mem, folio));
        memory_page_written(mem, memory_folio_pfn(mem, folio));
        if (err)
            goto put;
    } else {
        /* Nothing can swap it out yet: keep reclaim away from it. */
        folio_set(folio, PG_swapbacked);
        folio_set(folio, PG_unevictable);
        folio_set(folio, PG_dirty);
    }
    err = xa_store(&m->pages, index, (uint64_t)phys_pfn(mem->phys, folio) + 1);
    if (err)
        goto put;
    folio->mapping = m;
    folio->index = index;
    folio_set(folio, PG_uptodate);
    lru_add(&mem->lru, folio);
    *out = folio;
    return 0;

put:
    memory_folio_put(mem, folio);
    return err;
}

int mapping_get_folio(struct mapping *m, uint64_t index, struct folio **out)
{
    struct folio *folio;

    if (index >= page_align_up(mapping_size(m)) >> PAGE_SHIFT)
        return -EFAULT;
    folio = mapping_find(m, index);
    if (!folio) {
        int err = add_folio(m, index, &folio);

        if (err)
            return err;
    }
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

    INVARIANT(slot && *slot == (uint64_t)phys_pfn(m->mem->phys, from) + 1);
    *slot = (uint64_t)phys_pfn(m->mem->phys, to) + 1;
    to->mapping = m;
    to->index = from->index;
    from->mapping = NULL;
    folio_get(to);
    memory_folio_put(m->mem, from);
}

void mapping_refresh(struct mapping *m, uint64_t start, uint64_t end)
{
    uint64_t index = start >> PAGE_SHIFT;

    if (!m->ops || end <= start)
        return;
    for (; index <= (end - 1) >> PAGE_SHIFT; index++) {
        struct folio *folio = mapping_find(m, index);

        if (!folio)
            continue;
        (void)m->ops->read(m->ctx, index, memory_folio_bytes(m->mem, folio));
        memory_page_written(m->mem, memory_folio_pfn(m->mem, folio));
    }
}
