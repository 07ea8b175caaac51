/* What areas of a script map: shared memory, and files without a host file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "drive/internal.h"
#include "mm/mapping.h"
#include "mm/mmap.h"

/* An object with a number, which other areas may map as well. */
struct drive_object {
    uint32_t number;
    enum script_backing backing;
    struct mapping *mapping; /* counted */
    struct drive_object *prev, *next;
};

/* ----------------------------------------------------------------- files */

/* A file as large as its first area needs; page N begins as bytes N. */
struct file {
    uint64_t pages;
};

static int file_read(void *ctx, uint64_t index, uint8_t *page)
{
    (void)ctx;
    memset(page, (int)(index & 0xff), PAGE_SIZE);
    return 0;
}

static uint64_t file_size(void *ctx)
{
    const struct file *f = ctx;

    return f->pages << PAGE_SHIFT;
}

static const struct mapping_ops file_ops = {
    .read = file_read,
    .size = file_size,
    .release = free,
};

static struct mapping *create_file(struct memory *mem, uint64_t pages)
{
    struct file *f = malloc(sizeof(*f));
    struct mapping *m;

    if (!f)
        return NULL;
    f->pages = pages;
    m = mapping_create_file(mem, &file_ops, f);
    if (!m)
        free(f);
    return m;
}

/* --------------------------------------------------------------- objects */

static struct mapping *create(struct drive *d, const struct script_action *a)
{
    uint64_t pages = a->pgoff + a->pages;

    return a->backing == BACKING_FILE
               ? create_file(d->config.mem, pages)
               : mapping_create_shmem(d->config.mem, pages << PAGE_SHIFT);
}

/* The object of @a's number, with a reference for the caller. */
static struct mapping *numbered(struct drive *d, const struct script_action *a)
{
    struct drive_object *o;

    DL_FOREACH(d->objects, o) {
        if (o->number != a->object || o->backing != a->backing)
            continue;
        mapping_get(o->mapping);
        return o->mapping;
    }
    o = calloc(1, sizeof(*o));
    if (!o)
        return NULL;
    o->number = a->object;
    o->backing = a->backing;
    o->mapping = create(d, a);
    if (!o->mapping) {
        free(o);
        return NULL;
    }
    DL_APPEND(d->objects, o);
    mapping_get(o->mapping);
    return o->mapping;
}

void drive_drop_objects(struct drive *d)
{
    while (d->objects) {
        struct drive_object *o = d->objects;

        DL_DELETE(d->objects, o);
        mapping_put(o->mapping);
        free(o);
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
        .pgoff = a->pgoff};
    gva_t at;
    int err;

    if (a->backing == BACKING_ANON)
        args.flags |= MAP_G_ANONYMOUS;
    if (a->backing != BACKING_ANON || a->shared) {
        args.mapping = a->object ? numbered(d, a) : create(d, a);
        if (!args.mapping)
            return -ENOMEM;
        /* A file of ours keeps no stores: it can be mapped shared to read. */
        args.may_write = a->backing != BACKING_FILE;
    }
    err = mm_mmap(job->mm, &args, &at);
    if (args.mapping)
        mapping_put(args.mapping);
    return err;
}
