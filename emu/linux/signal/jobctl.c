// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/jobctl.h"

#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"

void jobctl_signal_group(struct machine *m, uint32_t pgid, int sig)
{
    struct process *to;

    DL_FOREACH(m->processes, to) {
        if (to->pgid == pgid)
            signal_send(process_leader(to),
                        &(struct siginfo){.signo = sig, .code = SI_G_KERNEL});
    }
}

/* Could @parent let @p go on, and is it no job of its own? */
static bool is_watched(const struct process *p, const struct process *parent)
{
    return parent && parent->pgid != p->pgid && parent->sid == p->sid;
}

bool jobctl_is_orphaned(const struct machine *m, uint32_t pgid,
                        const struct process *ignored)
{
    const struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p != ignored && p->pgid == pgid && !process_dead(p) &&
            is_watched(p, p->parent))
            return false;
    }
    return true;
}

static bool has_stopped_jobs(const struct machine *m, uint32_t pgid)
{
    const struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p->pgid == pgid && !process_dead(p) &&
            p->signal_flags & SIGNAL_STOP_STOPPED)
            return true;
    }
    return false;
}

static void wake_orphans(struct machine *m, uint32_t pgid)
{
    jobctl_signal_group(m, pgid, SIG_HUP);
    jobctl_signal_group(m, pgid, SIG_CONT);
}

void jobctl_leave(struct process *p)
{
    struct machine *m = p->m;
    struct process *c, *parent;

    /* It was the connection of its children's groups. */
    DL_FOREACH(m->processes, c) {
        if (c->parent != p || !is_watched(c, p))
            continue;
        c->parent = NULL; /* who will be init's */
        if (jobctl_is_orphaned(m, c->pgid, NULL) &&
            has_stopped_jobs(m, c->pgid))
            wake_orphans(m, c->pgid);
        c->parent = p;
    }
    parent = p->parent;
    if (is_watched(p, parent) && jobctl_is_orphaned(m, p->pgid, p) &&
        has_stopped_jobs(m, p->pgid))
        wake_orphans(m, p->pgid);
}
