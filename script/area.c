// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Areas of a process, and processes, as its system calls change them.
 */
#include "mm/madvise.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/protect.h"
#include "script/internal.h"

int drive_munmap(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_munmap(job->mm, job->action->va, action_bytes(job->action));
}

int drive_mprotect(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_mprotect(job->mm, job->action->va, action_bytes(job->action),
                       job->action->prot);
}

int drive_mremap(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    unsigned flags = MREMAP_G_MAYMOVE | MREMAP_G_FIXED;
    gva_t at;

    (void)d;
    if (a->to == a->va)
        flags = 0; /* grow or shrink where it is */
    if (a->flag)
        flags |= MREMAP_G_DONTUNMAP;
    return mm_mremap(job->mm, a->va, action_bytes(a), a->to_pages << PAGE_SHIFT,
                     flags, a->to, &at);
}

int drive_mlock(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_mlock(job->mm, job->action->va, action_bytes(job->action),
                    job->action->flag);
}

int drive_munlock(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_munlock(job->mm, job->action->va, action_bytes(job->action));
}

int drive_madvise(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_madvise(job->mm, job->action->va, action_bytes(job->action),
                      job->action->advice);
}

int drive_fork(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->fork(d->config.ctx, job->mm, job->action->child);
}

int drive_exit(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->exit(d->config.ctx, job->mm);
}
