// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages on nodes: move_pages(), mbind(), compaction. */
#include "migrate/node.h"

#include "migrate/compact.h"
#include "script/internal.h"

struct move_job {
    const struct script_action *action;
    struct drive_result *result;
};

static int move_get(void *ctx, uint64_t i, gva_t *page, int *node)
{
    const struct move_job *job = ctx;

    *page = job->action->va + (i << PAGE_SHIFT);
    *node = (int)job->action->node;
    return 0;
}

static int move_put(void *ctx, uint64_t i, int status)
{
    const struct move_job *job = ctx;

    (void)i;
    if (status == (int)job->action->node)
        job->result->done++;
    return 0;
}

int drive_move(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    struct move_job ctx = {.action = a, .result = job->result};
    struct move_pages_io io = {.get = move_get, .put = move_put, .ctx = &ctx};
    int64_t err =
        mm_move_pages(job->mm, a->pages, &io, (a->how & MPOL_MF_MOVE_ALL) != 0);

    (void)d;
    job->result->found = a->pages;
    return err < 0 ? (int)err : 0;
}

int drive_mbind(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    struct mbind_args args = {.start = a->va,
                              .len = a->pages << PAGE_SHIFT,
                              .mode = a->policy,
                              .nodes = a->nodes,
                              .flags = a->how};

    (void)d;
    return mm_mbind(job->mm, &args);
}

int drive_compact(struct drive *d, const struct drive_job *job)
{
    struct memory *mem = d->config.mem;
    struct compact_result r = job->action->has_node
                                  ? compact_node(mem, job->action->node)
                                  : compact_memory(mem);

    job->result->found = (uint64_t)r.moved + r.failed;
    job->result->done = r.moved;
    return 0;
}
