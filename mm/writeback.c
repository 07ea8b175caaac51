// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/writeback.h"

#include "mm/internal.h"
#include "mm/kcopy.h"
#include "mm/mapping.h"
#include "mm/rmap.h"

/* Bytes of page @index that are in the file. */
static size_t bytes_in_file(const struct mapping *m, uint64_t index)
{
    uint64_t size = mapping_size(m), start = index << PAGE_SHIFT;

    if (start >= size)
        return 0;
    return size - start < PAGE_SIZE ? (size_t)(size - start) : PAGE_SIZE;
}

static void write_bytes(struct mapping *m, const struct folio *folio)
{
    size_t bytes = bytes_in_file(m, folio->index);
    int err = 0;

    /* Truncated meanwhile, or only the last page's rest was stored to. */
    if (bytes)
        err = m->ops->write(m->ctx, folio->index,
                            memory_folio_bytes(m->mem, folio), bytes);
    if (err && !m->error)
        m->error = err;
}

/*
 * block_write_full_page(): what was stored past the end of the file is not
 * kept, or it would be there when the file grows.
 */
static void zero_past_end(struct mapping *m, struct folio *folio)
{
    size_t bytes = bytes_in_file(m, folio->index);

    if (bytes == 0 || bytes == PAGE_SIZE)
        return;
    mapping_zero_part(m, folio, (unsigned)bytes, PAGE_SIZE);
}

void mapping_write_folio(struct mapping *m, struct folio *folio)
{
    if (!m->ops || !m->ops->write)
        return;
    if (m->shmem) {
        write_bytes(m, folio);
        return;
    }
    if (folio_mkclean(m->mem, folio))
        folio_set(folio, PG_dirty);
    if (folio_test_and_clear(folio, PG_dirty)) {
        zero_past_end(m, folio);
        write_bytes(m, folio);
    }
}

void mapping_writeback(struct mapping *m, uint64_t first, uint64_t last)
{
    uint64_t index = first;

    if (!m->ops || !m->ops->write || (!m->shmem && !m->maybe_dirty))
        return;
    for (; xa_next(&m->pages, &index, last) != NULL; index++) {
        struct folio *folio = mapping_find(m, index);

        if (folio)
            mapping_write_folio(m, folio);
        if (index == last)
            break;
    }
    if (first == 0 && last == UINT64_MAX)
        m->maybe_dirty = false;
}

int mapping_check_error(struct mapping *m)
{
    int err = m->error;

    m->error = 0;
    return err;
}
