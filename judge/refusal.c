// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/refusal.h"

#include <stdlib.h>

struct refusals {
    struct records records;
    struct refusal *kept; /* owned */
    size_t nr, cap;
};

struct refusals *refusals_create(void)
{
    struct refusals *list = calloc(1, sizeof(*list));

    if (list)
        list->records.all = true;
    return list;
}

void refusals_destroy(struct refusals *list)
{
    if (!list)
        return;
    records_fini(&list->records);
    free(list->kept);
    free(list);
}

/* The hook that asked for memory, but for the one that has descriptors. */
static enum cause_id cause_of(const struct event *ev)
{
    if (ev->full)
        return CAUSE_NO_DESCRIPTOR;
    return ev->path == PATH_SWAP_WRITE || ev->path == PATH_SHMEM_OUT
               ? CAUSE_NO_MEMORY_SWAP
               : CAUSE_NO_MEMORY;
}

static void keep(struct refusals *list, const struct refusal *f)
{
    if (list->nr == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 8;
        list->kept = realloc(list->kept, list->cap * sizeof(*list->kept));
        if (!list->kept)
            abort(); /* books with a page missing prove nothing */
    }
    list->kept[list->nr++] = *f;
}

void refusals_event(struct refusals *list, const struct event *ev)
{
    struct page_range page = {
        .mm = ev->mm, .object = ev->object, .start = ev->va, .end = ev->va};
    struct refusal f;

    if (ev->kind != EV_TAG_SAVE_FAIL)
        return;
    if (ev->mm || ev->object)
        page.end += PAGE_SIZE;
    f = (struct refusal){.cause = cause_of(ev),
                         .mm = ev->mm,
                         .object = ev->object,
                         .va = ev->va,
                         .entry = ev->entry,
                         .at = stamp_of(ev)};
    f.record = records_add(&list->records, 0, f.cause, &f.at, &page);
    if (records_keep(&list->records, f.record))
        keep(list, &f);
}

struct records *refusals_records(struct refusals *list)
{
    return &list->records;
}

size_t refusals_nr(const struct refusals *list)
{
    return list->nr;
}

const struct refusal *refusals_nth(const struct refusals *list, size_t n)
{
    return &list->kept[n];
}
