// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/misrelease.h"

#include <stdlib.h>

static void keep(struct misreleases *list, const struct misrelease *m)
{
    if (list->nr == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 8;
        list->kept = realloc(list->kept, list->cap * sizeof(*list->kept));
        if (!list->kept)
            abort(); /* books with a page missing prove nothing */
    }
    list->kept[list->nr++] = *m;
}

void misreleases_add(struct misreleases *list, const struct event *ev,
                     enum misrelease_kind kind)
{
    const struct page_range page = {.mm = ev->mm,
                                    .object = ev->object,
                                    .start = ev->va,
                                    .end = ev->va + PAGE_SIZE};
    struct misrelease m = {.kind = kind,
                           .cause = kind == RELEASE_UNSAVED ? CAUSE_UNSAVED
                                                            : CAUSE_FREED,
                           .mm = ev->mm,
                           .va = ev->va,
                           .buf = ev->buf,
                           .at = stamp_of(ev)};

    m.record = records_add(&list->records, kind, m.cause, &m.at, &page);
    list->newest = m;
    if (records_keep(&list->records, m.record))
        keep(list, &m);
}

void misreleases_fini(struct misreleases *list)
{
    records_fini(&list->records);
    free(list->kept);
}
