// SPDX-License-Identifier: GPL-2.0-or-later
/* What areas of a script map: shared memory, and files without a host file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "mm/kcopy.h"
#include "mm/mapping.h"
#include "mm/mmap.h"
#include "mm/truncate.h"
#include "mm/vma.h"
#include "mm/writeback.h"
#include "mm/xarray.h"
#include "script/internal.h"

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

/* The bytes of page @index, kept from now on; NULL: no memory. */
static uint8_t *keep_page(struct drive_object *o, uint64_t index)
{
    uint8_t *kept = page_of(o, index);

    if (kept)
        return kept;
    kept = calloc(1, PAGE_SIZE);
    if (kept && xa_store(&o->pages, index, (uintptr_t)kept) != 0) {
        free(kept);
        kept = NULL;
    }
    return kept;
}

static int object_write(void *ctx, uint64_t index, const uint8_t *page,
                        size_t bytes)
{
    uint8_t *kept = keep_page(ctx, index);

    if (!kept)
        return -ENOMEM;
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

void drive_drop_objects(struct drive *d)
{
    struct drive_object *o, *next;

    DL_FOREACH_SAFE(d->objects, o, next) {
        if (!o->number)
            continue;
        o->number = 0;
        mapping_put(o->mapping);
    }
}

/* All of it as one area; or the first of so many pages, each as one. */
static int map_each(struct mm *mm, const struct script_action *a,
                    struct mmap_args *args)
{
    uint64_t apart = a->every ? a->every : a->pages;
    int err = 0;

    for (uint64_t i = 0; i < a->pages && !err; i += apart) {
        gva_t at;

        args->addr = a->va + i * PAGE_SIZE;
        args->len = (a->every ? 1 : a->pages) << PAGE_SHIFT;
        args->pgoff = a->pgoff + i;
        err = mm_mmap(mm, args, &at);
    }
    return err;
}

int drive_mmap(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    struct mmap_args args = {
        .prot = a->prot,
        .flags = MAP_G_FIXED | (a->shared ? MAP_G_SHARED : MAP_G_PRIVATE),
        .may_write = true};
    int err;

    if (a->backing == BACKING_ANON)
        args.flags |= MAP_G_ANONYMOUS;
    if (a->backing != BACKING_ANON || a->shared) {
        args.mapping = get_object(d, a);
        if (!args.mapping)
            return -ENOMEM;
    }
    err = map_each(job->mm, a, &args);
    if (args.mapping)
        mapping_put(args.mapping);
    return err;
}

/* ---------------------------------------------- truncate, punch, pwrite */

/* What an action is done to, bytes [start, end) of it. */
struct target {
    struct mapping *m;
    struct drive_object *o; /* NULL: no action made it */
    uint64_t start, end;
};

/* The object of this number; false: nothing maps it, or ever did. */
static bool numbered(struct drive *d, const struct script_action *a,
                     struct target *out)
{
    struct drive_object *o;

    DL_FOREACH(d->objects, o) {
        if (o->number != a->object || o->backing != a->backing)
            continue;
        out->o = o;
        out->m = o->mapping;
        out->start = a->pgoff << PAGE_SHIFT;
        out->end = out->start + (a->pages << PAGE_SHIFT);
        return true;
    }
    return false;
}

/* The object at the action's address; false: private anonymous memory. */
static bool mapped_at(struct drive *d, const struct drive_job *job,
                      struct target *out)
{
    gva_t va = job->action->va;
    const struct vma *vma = vma_lookup(job->mm, va);

    if (!vma || !vma->mapping)
        return false;
    out->m = vma->mapping;
    out->start =
        (vma_index(vma, page_align_down(va)) << PAGE_SHIFT) + page_offset(va);
    out->end = out->start + (job->action->pages << PAGE_SHIFT);
    DL_FOREACH(d->objects, out->o) {
        if (out->o->mapping == out->m)
            break;
    }
    return true;
}

static bool find_target(struct drive *d, const struct drive_job *job,
                        struct target *out)
{
    return job->action->object ? numbered(d, job->action, out)
                               : mapped_at(d, job, out);
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
    const struct drive_ops *ops = d->config.ops;
    struct target t;

    if (!find_target(d, job, &t))
        return job->action->object ? -ENOENT : -EINVAL;
    if (!t.o)
        return ops->truncate ? ops->truncate(d->config.ctx, t.m, t.start)
                             : -EINVAL;
    set_size(t.o, job->action->object ? job->action->nr : t.start);
    return 0;
}

/* As fallocate(FALLOC_FL_PUNCH_HOLE). */
int drive_punch(struct drive *d, const struct drive_job *job)
{
    const struct drive_ops *ops = d->config.ops;
    struct target t;

    if (!find_target(d, job, &t))
        return job->action->object ? -ENOENT : -EINVAL;
    if (!t.o)
        return ops->punch ? ops->punch(d->config.ctx, t.m, t.start, t.end)
                          : -EINVAL;
    truncate_pagecache_range(t.m, t.start, t.end);
    forget_pages(t.o, t.start >> PAGE_SHIFT, t.end >> PAGE_SHIFT);
    return 0;
}

/* Bytes [@start, @end) of the object; those before, too, when it grows. */
static int fill(struct drive_object *o, uint64_t start, uint64_t end,
                uint8_t value)
{
    for (uint64_t at = start; at < end;) {
        uint64_t n = PAGE_SIZE - page_offset(at);
        uint8_t *kept = keep_page(o, at >> PAGE_SHIFT);

        if (!kept)
            return -ENOMEM;
        if (n > end - at)
            n = end - at;
        memset(kept + page_offset(at), value, n);
        at += n;
        if (at > o->bytes)
            o->bytes = at;
    }
    return 0;
}

/* As pwrite(2) by somebody who has the object open. */
int drive_pwrite(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    struct target t;
    uint64_t at, old;
    int err;

    if (!find_target(d, job, &t))
        return a->object ? -ENOENT : -EINVAL;
    if (!t.o)
        return -EINVAL; /* the program has it open */
    at = a->object ? a->nr : t.start;
    if (at > INT64_MAX - a->len)
        return -EFBIG;
    old = t.o->bytes;
    mapping_writeback(t.m, 0, UINT64_MAX);
    err = fill(t.o, at, at + a->len, a->value);
    if (err)
        return err;
    /* What was stored past the old end is not in the file. */
    if (t.o->bytes > old && page_offset(old))
        mapping_refresh(t.m, old, old + 1);
    mapping_written(t.m, at, at + a->len, a->from);
    return 0;
}

/* As msync(MS_SYNC) of the range, or fsync(). */
int drive_sync(struct drive *d, const struct drive_job *job)
{
    struct target t;

    if (!find_target(d, job, &t))
        return job->action->object ? -ENOENT : -EINVAL;
    if (job->action->object)
        mapping_writeback(t.m, 0, UINT64_MAX);
    else
        mapping_writeback(t.m, t.start >> PAGE_SHIFT,
                          (t.end >> PAGE_SHIFT) - 1);
    return mapping_check_error(t.m);
}

bool drive_nth_object(const struct drive *d, unsigned n,
                      struct drive_numbered *out)
{
    const struct drive_object *o;

    DL_FOREACH(d->objects, o) {
        if (o->number == 0 || n-- > 0)
            continue;
        *out = (struct drive_numbered){.number = o->number,
                                       .mapping = o->mapping,
                                       .file = o->backing == BACKING_FILE};
        return true;
    }
    return false;
}

const uint8_t *drive_file_page(const struct drive *d, const struct mapping *m,
                               uint64_t index)
{
    struct drive_object *o;

    DL_FOREACH(d->objects, o) {
        if (o->mapping == m)
            return page_of(o, index);
    }
    return NULL;
}
