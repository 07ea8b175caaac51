/* What areas of a script map: shared memory, and files without a host file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "drive/internal.h"
#include "mm/mapping.h"
#include "mm/mmap.h"
#include "mm/truncate.h"
#include "mm/vma.h"
#include "mm/xarray.h"

struct drive_object {
    struct drive *drive; /* borrowed */
    uint32_t number;     /* 0: of one area only */
    enum script_backing backing;
    struct mapping *mapping; /* counted while it has a number; it frees us */
    uint64_t bytes;
    struct xarray pages; /* what was written back: owned pages, 0: zeros */
    struct drive_object *prev, *next;
};

/* -------------------------------------------------- bytes of an object */

static uint8_t *page_of(struct drive_object *o, uint64_t index)
{
    return (uint8_t *)(uintptr_t)xa_load(&o->pages, index);
}

static int object_read(void *ctx, uint64_t index, uint8_t *page)
{
    const uint8_t *kept = page_of(ctx, index);

    if (kept)
        memcpy(page, kept, PAGE_SIZE);
    else
        memset(page, 0, PAGE_SIZE);
    return 0;
}

static int object_write(void *ctx, uint64_t index, const uint8_t *page,
                        size_t bytes)
{
    struct drive_object *o = ctx;
    uint8_t *kept = page_of(o, index);

    if (!kept) {
        kept = calloc(1, PAGE_SIZE);
        if (!kept)
            return -ENOMEM;
        if (xa_store(&o->pages, index, (uintptr_t)kept) != 0) {
            free(kept);
            return -ENOMEM;
        }
    }
    memcpy(kept, page, bytes);
    return 0;
}

static uint64_t object_size(void *ctx)
{
    const struct drive_object *o = ctx;

    return o->bytes;
}

/* Pages [first, end) are zeros from now on. */
static void forget_pages(struct drive_object *o, uint64_t first, uint64_t end)
{
    uint64_t *slot;

    while (first < end && (slot = xa_next(&o->pages, &first, end - 1))) {
        free((void *)(uintptr_t)*slot);
        *slot = 0;
    }
}

static void object_free(struct drive_object *o)
{
    forget_pages(o, 0, UINT64_MAX);
    xa_destroy(&o->pages);
    free(o);
}

static void object_release(void *ctx)
{
    struct drive_object *o = ctx;

    DL_DELETE(o->drive->objects, o);
    object_free(o);
}

static const struct mapping_ops object_ops = {
    .read = object_read,
    .write = object_write,
    .size = object_size,
    .release = object_release,
};

/* --------------------------------------------------------------- objects */

/* A new object, its mapping with one reference. */
static struct drive_object *create(struct drive *d,
                                   const struct script_action *a)
{
    struct drive_object *o = calloc(1, sizeof(*o));

    if (!o)
        return NULL;
    o->drive = d;
    o->backing = a->backing;
    o->number = a->object;
    o->bytes = (a->pgoff + a->pages) << PAGE_SHIFT;
    xa_init(&o->pages);
    o->mapping = a->backing == BACKING_FILE
                     ? mapping_create_file(d->config.mem, &object_ops, o)
                     : mapping_create_tmpfs(d->config.mem, &object_ops, o);
    if (!o->mapping) {
        object_free(o);
        return NULL;
    }
    DL_APPEND(d->objects, o);
    return o;
}

/* The object that @a maps, with a reference for the caller. */
static struct mapping *get_object(struct drive *d,
                                  const struct script_action *a)
{
    struct drive_object *o;

    DL_FOREACH(d->objects, o) {
        if (a->object == 0 || o->number != a->object ||
            o->backing != a->backing)
            continue;
        mapping_get(o->mapping);
        return o->mapping;
    }
    o = create(d, a);
    if (!o)
        return NULL;
    if (o->number)
        mapping_get(o->mapping); /* ours, beside the caller's */
    return o->mapping;
}

static struct drive_object *find_object(struct drive *d,
                                        const struct mapping *m)
{
    struct drive_object *o;

    DL_FOREACH(d->objects, o) {
        if (o->mapping == m)
            return o;
    }
    return NULL;
}

void drive_drop_objects(struct drive *d)
{
    struct drive_object *o, *next;

    DL_FOREACH_SAFE(d->objects, o, next)
    {
        if (!o->number)
            continue;
        o->number = 0;
        mapping_put(o->mapping);
    }
}

int drive_mmap(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    struct mmap_args args = {
        .addr = a->va,
        .len = a->pages << PAGE_SHIFT,
        .prot = a->prot,
        .flags = MAP_G_FIXED | (a->shared ? MAP_G_SHARED : MAP_G_PRIVATE),
        .pgoff = a->pgoff,
        .may_write = true};
    gva_t at;
    int err;

    if (a->backing == BACKING_ANON)
        args.flags |= MAP_G_ANONYMOUS;
    if (a->backing != BACKING_ANON || a->shared) {
        args.mapping = get_object(d, a);
        if (!args.mapping)
            return -ENOMEM;
    }
    err = mm_mmap(job->mm, &args, &at);
    if (args.mapping)
        mapping_put(args.mapping);
    return err;
}

/* ------------------------------------------------------ truncate, punch */

/* The object at an address; NULL: none, or private anonymous memory. */
static struct mapping *mapped_at(const struct drive_job *job, gva_t va,
                                 uint64_t *offset)
{
    const struct vma *vma = vma_lookup(job->mm, va);

    if (!vma || !vma->mapping)
        return NULL;
    *offset =
        (vma_index(vma, page_align_down(va)) << PAGE_SHIFT) + page_offset(va);
    return vma->mapping;
}

static void set_size(struct drive_object *o, uint64_t bytes)
{
    uint64_t old = o->bytes;
    uint8_t *last = page_of(o, bytes >> PAGE_SHIFT);

    o->bytes = bytes;
    if (bytes >= old)
        return;
    if (last)
        memset(last + page_offset(bytes), 0, PAGE_SIZE - page_offset(bytes));
    truncate_pagecache(o->mapping, bytes);
    forget_pages(o, page_align_up(bytes) >> PAGE_SHIFT, UINT64_MAX);
}

/* As ftruncate() by somebody who has the object open. */
int drive_truncate(struct drive *d, const struct drive_job *job)
{
    uint64_t bytes;
    struct mapping *m = mapped_at(job, job->action->va, &bytes);
    struct drive_object *o = m ? find_object(d, m) : NULL;

    if (!m)
        return -EINVAL;
    if (!o)
        return d->config.ops->truncate
                   ? d->config.ops->truncate(d->config.ctx, m, bytes)
                   : -EINVAL;
    set_size(o, bytes);
    return 0;
}

/* As fallocate(FALLOC_FL_PUNCH_HOLE), on what one area shows. */
int drive_punch(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    uint64_t start, end;
    struct mapping *m = mapped_at(job, a->va, &start);
    struct drive_object *o = m ? find_object(d, m) : NULL;

    if (!m)
        return -EINVAL;
    end = start + (a->pages << PAGE_SHIFT);
    if (!o)
        return d->config.ops->punch
                   ? d->config.ops->punch(d->config.ctx, m, start, end)
                   : -EINVAL;
    truncate_pagecache_range(m, start, end);
    forget_pages(o, start >> PAGE_SHIFT, end >> PAGE_SHIFT);
    return 0;
}
