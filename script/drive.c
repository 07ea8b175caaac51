// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/drive.h"

#include <errno.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "event/hub.h"
#include "judge/kernel_bug.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/populate.h"
#include "script/internal.h"
#include "script/verb.h"

struct drive *drive_create(const struct drive_config *config)
{
    struct drive *d = calloc(1, sizeof(*d));

    if (d)
        d->config = *config;
    return d;
}

void drive_destroy(struct drive *d)
{
    if (!d)
        return;
    drive_unpin_all(d);
    drive_drop_objects(d);
    INVARIANT(!d->objects); /* no process maps one any more */
    free(d);
}

struct mm *drive_find_mm(const struct drive *d, uint32_t pid)
{
    return d->config.ops->find_mm(d->config.ctx, pid);
}

int drive_fault_error(enum fault fault)
{
    switch (fault) {
    case FAULT_OK: return 0;
    case FAULT_GUARD:
    case FAULT_HWPOISON: /* get_user_pages() */
    case FAULT_MAPERR:
    case FAULT_ACCERR: return -EFAULT;
    case FAULT_BUS: return -EIO;
    case FAULT_OOM: return -ENOMEM;
    case FAULT_RETRY:
    case FAULT_WAIT: break;
    }
    return -EAGAIN;
}

int drive_access(struct mm *mm, gva_t va, enum access access,
                 struct folio **out)
{
    enum fault fault = mm_get_page(mm, va, access, out);

    return mm_fault_is_bug(mm, va, access, fault) ? -EHOSTDOWN
                                                  : drive_fault_error(fault);
}

#define VERB(id, word, kind, form, object, function) [VERB_##id] = function,

static int (*const table[VERB_NR])(struct drive *d,
                                   const struct drive_job *job) = {
#include "script/verbs.def"
};

#undef VERB

/* The process at hand; NULL: the course of @at has none. */
static struct mm *at_mm(const struct drive_at *at)
{
    while (at && !at->mm)
        at = at->outer;
    return at ? at->mm : NULL;
}

bool drive_at_migrates(const struct drive_at *at)
{
    while (at && !at->migrating)
        at = at->outer;
    return at != NULL;
}

bool drive_at_half(const struct drive_at *at, const struct mm *mm, gva_t va,
                   unsigned shift)
{
    while (at && !(at->half && at->mm == mm && at->va >> shift == va >> shift))
        at = at->outer;
    return at != NULL;
}

/* Are the areas of @mm locked by what the action runs in the course of? */
static bool holds_areas(const struct drive_at *at, const struct mm *mm)
{
    while (at && at->mm != mm)
        at = at->outer;
    return at != NULL;
}

bool drive_stopped(const struct drive *d)
{
    return d->config.judge && judge_kernel_bug(d->config.judge);
}

static int start(struct drive *d, struct drive_job *job)
{
    const struct script_action *a = job->action;
    int err;

    if (drive_stopped(d))
        return -EHOSTDOWN;
    if (verb_of(a->verb)->kind & LOCKS_PAGES && drive_at_migrates(job->at))
        return -EDEADLK;
    if (!verb_on_process(a))
        return table[a->verb](d, job);
    job->mm = a->pid == 0 ? at_mm(job->at) : NULL;
    if (!job->mm)
        job->mm = drive_find_mm(d, a->pid);
    if (!job->mm)
        return -ESRCH;
    if (verb_of(a->verb)->kind & LOCKS_AREAS && holds_areas(job->at, job->mm))
        return -EDEADLK;
    /* What runs in the course of it may end the process. */
    mm_get(job->mm);
    err = table[a->verb](d, job);
    mm_put(job->mm);
    return err;
}

/* Who it is that does this: that is said, or nobody, or who is at hand. */
static struct hub_actor actor_of(const struct drive *d,
                                 const struct script_action *a,
                                 struct hub_actor at_hand)
{
    uint32_t (*real)(uint32_t pid) = d->config.ops->real_pid;

    if (a->pid)
        return (struct hub_actor){true, real ? real(a->pid) : a->pid};
    return verb_on_process(a) ? at_hand : (struct hub_actor){.set = true};
}

struct drive_result drive_do(struct drive *d,
                             const struct script_action *action,
                             const struct drive_at *at)
{
    struct drive_result result = {0};
    struct drive_job job = {.action = action, .at = at, .result = &result};
    struct hub *hub = memory_hub(d->config.mem);
    struct hub_actor was;

    was = hub_set_actor(hub, (struct hub_actor){0});
    (void)hub_set_actor(hub, actor_of(d, action, was));
    result.err = start(d, &job);
    (void)hub_set_actor(hub, was);
    return result;
}
