// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/sched/jobctl.h"

#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"

void jobctl_signal_group(struct machine *m, uint32_t pgid, int sig)
{
    struct task *to;

    DL_FOREACH(m->tasks, to) {
        if (to->pgid == pgid)
            signal_send(to,
                        &(struct siginfo){.signo = sig, .code = SI_G_KERNEL});
    }
}

/* Could @parent let @t go on, and is it no job of its own? */
static bool is_watched(const struct task *t, const struct task *parent)
{
    return parent && parent->pgid != t->pgid && parent->sid == t->sid;
}

bool jobctl_is_orphaned(const struct machine *m, uint32_t pgid,
                        const struct task *ignored)
{
    const struct task *t;

    DL_FOREACH(m->tasks, t) {
        bool counts = t->pgid == pgid && !t->dead && !t->zombie;

        if (ignored && ignored->pid == t->pid)
            continue;
        if (counts && is_watched(t, t->parent))
            return false;
    }
    return true;
}

static bool has_stopped_jobs(const struct machine *m, uint32_t pgid)
{
    const struct task *t;

    DL_FOREACH(m->tasks, t) {
        if (t->pgid == pgid && !t->dead && t->stop_signal)
            return true;
    }
    return false;
}

static void wake_orphans(struct machine *m, uint32_t pgid)
{
    jobctl_signal_group(m, pgid, SIG_HUP);
    jobctl_signal_group(m, pgid, SIG_CONT);
}

void jobctl_leave(struct task *t)
{
    struct machine *m = t->m;
    struct task *c, *parent;

    /* It was the connection of its children's groups. */
    DL_FOREACH(m->tasks, c) {
        if (c->parent != t || !is_watched(c, t))
            continue;
        c->parent = NULL; /* who will be init's */
        if (jobctl_is_orphaned(m, c->pgid, NULL) &&
            has_stopped_jobs(m, c->pgid))
            wake_orphans(m, c->pgid);
        c->parent = t;
    }
    parent = t->parent;
    if (is_watched(t, parent) && jobctl_is_orphaned(m, t->pgid, t) &&
        has_stopped_jobs(m, t->pgid))
        wake_orphans(m, t->pgid);
}
