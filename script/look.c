// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All that can be looked at: every page with tags, every count of the model.
 */
#include <errno.h>

#include "check/check.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/vma.h"
#include "script/internal.h"

/*
 * The counts of the model.  In the course of a fault they need not be right,
 * nor can more be said after a failure.
 */
static int check_model(struct drive *d, const struct drive_job *job)
{
    if (!d->config.check || job->at || check_failure(d->config.check))
        return 0;
    return check_everything(d->config.check) ? 0 : -ENOTRECOVERABLE;
}

struct show {
    struct vma *vma;
    const struct drive_job *job;
};

static int show_page(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    const struct show *s = ctx;

    if (!pte_mcd(*ptep))
        return 0;
    s->job->result->found++;
    s->job->result->done++;
    if (drive_at_half(s->job->at, mm, va, PAGE_SHIFT))
        mm_event_glimpse(s->vma, va, *ptep, PATH_CHECK);
    else
        mm_event_visible(s->vma, va, *ptep, PATH_CHECK);
    return 0;
}

/* The oracle compares each page that becomes visible: show it all. */
static void check_area(struct vma *vma, const struct drive_job *job)
{
    static const struct pgtable_ops ops = {.present = show_page};
    struct show s = {vma, job};

    (void)pgtable_walk(vma->mm, vma->start, vma->end, &ops, &s);
}

int drive_check(struct drive *d, const struct drive_job *job)
{
    struct mm *mm = memory_first_mm(d->config.mem);

    for (; mm; mm = memory_next_mm(mm))
        for (struct vma *vma = vma_first(mm); vma; vma = vma_next(vma))
            if (vma->flags & VM_SPARC_ADI)
                check_area(vma, job);
    return check_model(d, job);
}
