// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/kmem.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#define HOST_BYTES 16 /* of malloc(3), before each */

/* Before each. */
struct object {
    alignas(max_align_t) struct kmem *from;
    size_t bytes;
};

void kmem_init(struct kmem *k, uint64_t ram_bytes)
{
    *k = (struct kmem){.limit = ram_bytes / 4};
}

void *kmem_zalloc(struct kmem *k, size_t bytes)
{
    size_t all = sizeof(struct object) + HOST_BYTES + bytes;
    struct object *o;

    if (all < bytes || all > k->limit - k->used)
        return NULL;
    o = calloc(1, all - HOST_BYTES);
    if (!o)
        return NULL;
    o->from = k;
    o->bytes = all;
    k->used += all;
    return o + 1;
}

void kmem_free(void *object)
{
    struct object *o;

    if (!object)
        return;
    o = (struct object *)object - 1;
    o->from->used -= o->bytes;
    free(o);
}
