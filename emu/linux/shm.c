#include "emu/linux/shm.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "mm/mapping.h"
#include "mm/vma.h"

struct shm_table {
    struct memory *mem; /* borrowed */
    int next_id;
    struct shm_segment *head;
};

struct shm_table *shm_create(struct memory *mem)
{
    struct shm_table *table = calloc(1, sizeof(*table));

    if (table)
        table->mem = mem;
    return table;
}

static void segment_free(struct shm_table *table, struct shm_segment *seg)
{
    DL_DELETE(table->head, seg);
    mapping_put(seg->mapping);
    free(seg);
}

void shm_destroy(struct shm_table *table)
{
    while (table && table->head)
        segment_free(table, table->head);
    free(table);
}

int shm_new(struct shm_table *table, uint32_t key, uint64_t bytes,
            uint32_t mode, struct shm_segment **out)
{
    struct shm_segment *seg;

    if (bytes == 0 || bytes > SHM_MAX_BYTES)
        return -EINVAL;
    seg = calloc(1, sizeof(*seg));
    if (!seg)
        return -ENOMEM;
    seg->mapping = mapping_create_shmem(table->mem, bytes);
    if (!seg->mapping) {
        free(seg);
        return -ENOMEM;
    }
    seg->id = table->next_id++;
    seg->key = key;
    seg->bytes = bytes;
    seg->mode = mode;
    DL_APPEND(table->head, seg);
    *out = seg;
    return 0;
}

struct shm_segment *shm_by_key(struct shm_table *table, uint32_t key)
{
    struct shm_segment *seg;

    DL_FOREACH(table->head, seg) {
        if (seg->key == key && key != 0 && !seg->removed)
            return seg;
    }
    return NULL;
}

struct shm_segment *shm_by_id(struct shm_table *table, int id)
{
    struct shm_segment *seg;

    DL_FOREACH(table->head, seg) {
        if (seg->id == id)
            return seg;
    }
    return NULL;
}

struct shm_segment *shm_by_mapping(struct shm_table *table,
                                   const struct mapping *mapping)
{
    struct shm_segment *seg;

    DL_FOREACH(table->head, seg) {
        if (seg->mapping == mapping)
            return seg;
    }
    return NULL;
}

unsigned shm_attachments(const struct shm_segment *seg)
{
    const struct vma *vma = mapping_first_vma(seg->mapping, 0, UINT64_MAX);
    unsigned nr = 0;

    for (; vma; vma = mapping_next_vma(vma, 0, UINT64_MAX))
        nr++;
    return nr;
}

void shm_remove(struct shm_table *table, struct shm_segment *seg)
{
    seg->removed = true;
    shm_detached(table, seg);
}

void shm_detached(struct shm_table *table, struct shm_segment *seg)
{
    if (seg->removed && !mapping_mapped(seg->mapping))
        segment_free(table, seg);
}
