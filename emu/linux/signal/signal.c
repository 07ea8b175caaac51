// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/signal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/fault.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/signal/sigpending.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/posix_timer.h"
#include "emu/linux/uaccess.h"

#define UNBLOCKABLE (SIGMASK(SIG_KILL) | SIGMASK(SIG_STOP))

struct sighand *sighand_create(void)
{
    struct sighand *sh = calloc(1, sizeof(*sh));

    if (sh)
        sh->users = 1;
    return sh;
}

struct sighand *sighand_copy(const struct sighand *sh)
{
    struct sighand *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    *copy = *sh;
    copy->users = 1;
    return copy;
}

struct sighand *sighand_get(struct sighand *sh)
{
    sh->users++;
    return sh;
}

int sighand_unshare(struct sighand **shp)
{
    struct sighand *copy;

    if ((*shp)->users == 1)
        return 0;
    copy = sighand_copy(*shp);
    if (!copy)
        return -ENOMEM;
    sighand_put(*shp);
    *shp = copy;
    return 0;
}

void sighand_flush(struct sighand *sh)
{
    for (int sig = 1; sig <= NSIG_GUEST; sig++) {
        bool ignore = sh->action[sig].handler == SIG_IGN_G;

        sh->action[sig] =
            (struct sigaction_g){.handler = ignore ? SIG_IGN_G : SIG_DFL_G};
    }
}

void sighand_put(struct sighand *sh)
{
    if (sh && --sh->users == 0)
        free(sh);
}

static bool valid(int sig)
{
    return sig >= 1 && sig <= NSIG_GUEST;
}

int signal_get_action(const struct task *t, int sig, struct sigaction_g *out)
{
    if (!valid(sig))
        return -EINVAL;
    *out = t->process->sighand->action[sig];
    return 0;
}

/* sig_handler_ignored() */
bool signal_ignored(const struct task *t, int sig)
{
    uint64_t handler = t->process->sighand->action[sig].handler;

    return handler == SIG_IGN_G ||
           (handler == SIG_DFL_G && SIGMASK(sig) & IGNORED_BY_DEFAULT);
}

/* flush_sigqueue_mask() of the process and of each of its threads */
static void drop(struct process *p, uint64_t set)
{
    struct task *t;

    sigpending_drop(&p->pending, set);
    DL_FOREACH2(p->threads, t, thread_next)
        sigpending_drop(&t->pending, set);
}

int signal_set_action(struct task *t, int sig, const struct sigaction_g *act)
{
    if (!valid(sig) || SIGMASK(sig) & UNBLOCKABLE)
        return -EINVAL;
    t->process->sighand->action[sig] = *act;
    t->process->sighand->action[sig].mask &= ~UNBLOCKABLE;
    if (signal_ignored(t, sig))
        drop(t->process, SIGMASK(sig));
    return 0;
}

uint64_t signal_pending(const struct task *t)
{
    return t->process->pending.set | t->pending.set;
}

uint64_t signal_pending_shared(const struct task *t)
{
    return t->process->pending.set;
}

/* complete_signal(), retarget_shared_pending(): who takes @sig of a process's;
 * NULL: all block it, or have stopped */
static const struct task *taker(const struct process *p, int sig)
{
    const struct task *t;

    DL_FOREACH2(p->threads, t, thread_next) {
        if (!task_is_leaving(t) && !task_is_stopped_or_traced(t) &&
            !(t->blocked & SIGMASK(sig)))
            return t;
    }
    return NULL;
}

/* Of those sent to its process, is one for @t? */
static bool has_shared(const struct task *t)
{
    uint64_t set = t->process->pending.set & ~t->blocked;

    if (t->process->live == 1 || set & SIGMASK(SIG_KILL))
        return set != 0;
    for (; set; set &= set - 1)
        if (taker(t->process, __builtin_ctzll(set) + 1) == t)
            return true;
    return false;
}

bool signal_deliverable(const struct task *t)
{
    /* Asked after each trap: mostly there are none. */
    if (!(signal_pending(t) & ~t->blocked) && !(t->jobctl & JOBCTL_WORK_MASK))
        return false;
    return t->pending.set & ~t->blocked || t->jobctl & JOBCTL_WORK_MASK ||
           has_shared(t);
}

void signal_set_blocked(struct task *t, uint64_t mask)
{
    t->blocked = mask & ~UNBLOCKABLE;
}

/* prepare_signal(): stopping and going on cancel each other. */
static void prepare(struct process *p, int sig)
{
    if (SIGMASK(sig) & STOPS_BY_DEFAULT) {
        drop(p, SIGMASK(SIG_CONT));
    } else if (sig == SIG_CONT) {
        drop(p, STOPS_BY_DEFAULT);
        stop_continue(p);
    } else if (sig == SIG_KILL) {
        stop_kill(p);
    }
}

void signal_log(const struct task *t, enum log_level l, const char *what,
                const struct siginfo *info)
{
    log_print(&t->m->options.log, LOG_SIGNAL, l,
              "pid=%" PRIu32 " %s %s signo=%d code=%d addr=0x%" PRIx64, t->pid,
              what, signal_name(info->signo), info->signo, info->code,
              info->addr);
}

bool signal_has_room(const struct task *t)
{
    uint64_t limit = rlimit(t, RLIMIT_G_SIGPENDING), nr = 1;
    const struct process *p;
    const struct task *i;

    if (limit == RLIM_G_INFINITY)
        return true;
    DL_FOREACH(t->m->tasks, i) {
        if (i->cred.uid.real == t->cred.uid.real)
            nr += sigpending_count(&i->pending);
    }
    DL_FOREACH(t->m->processes, p) {
        if (process_leader(p)->cred.uid.real == t->cred.uid.real)
            nr += sigpending_count(&p->pending) + posix_timers_count(p);
    }
    return nr <= limit;
}

/* What must not be lost: the kernel says it, and it is no real-time signal. */
static bool overrides_limit(const struct siginfo *info)
{
    return info->signo < SIG_RTMIN && info->code >= 0;
}

/* sig_ignored(): a tracer wants to know of all that it can see */
static bool is_ignored(const struct task *t, int sig)
{
    return signal_ignored(t, sig) && !(t->blocked & SIGMASK(sig)) &&
           (!t->ptrace.flags || sig == SIG_KILL);
}

static int send_to(struct task *t, struct sigpending *pending,
                   const struct siginfo *info)
{
    struct process *p = t->process;

    if (info->signo == SIG_KILL) /* kills all threads, whoever it is for */
        pending = &p->pending;
    if (!valid(info->signo) || p->signal_flags & SIGNAL_GROUP_EXIT ||
        (pending == &p->pending ? process_dead(p) : t->dead))
        return 0;
    prepare(p, info->signo);
    if (is_ignored(t, info->signo)) {
        signal_log(t, LOG_DEBUG, "ignores", info);
        return 0;
    }
    signal_log(t, LOG_DEBUG, "gets", info);
    if ((overrides_limit(info) || info->code == SI_G_TIMER ||
         signal_has_room(t)) &&
        sigpending_add(&t->m->kmem, pending, info))
        return 0;
    if (info->signo >= SIG_RTMIN && info->code != SI_G_USER)
        return -EAGAIN;
    sigpending_add_bare(pending, info->signo);
    return 0;
}

int signal_queue(struct task *t, const struct siginfo *info)
{
    return send_to(t, &t->process->pending, info);
}

int signal_queue_task(struct task *t, const struct siginfo *info)
{
    return send_to(t, &t->pending, info);
}

void signal_send(struct task *t, const struct siginfo *info)
{
    (void)send_to(t, &t->process->pending, info);
}

void signal_send_task(struct task *t, const struct siginfo *info)
{
    (void)send_to(t, &t->pending, info);
}

void signal_add_bare(struct task *t, int sig)
{
    sigpending_add_bare(&t->pending, sig);
}

void signal_force(struct task *t, const struct siginfo *info)
{
    struct sigaction_g *act = &t->process->sighand->action[info->signo];

    /* A blocked or ignored fault would come again for ever. */
    if (t->blocked & SIGMASK(info->signo) || act->handler == SIG_IGN_G) {
        act->handler = SIG_DFL_G;
        t->blocked &= ~SIGMASK(info->signo);
    }
    signal_log(t, LOG_DEBUG, "must take", info);
    if (!sigpending_add(&t->m->kmem, &t->pending, info))
        sigpending_add_bare(&t->pending, info->signo);
}

void signal_force_fault(struct task *t, int sig, int code, uint64_t addr)
{
    signal_force(t,
                 &(struct siginfo){.signo = sig, .code = code, .addr = addr});
}

bool signal_dequeue(struct task *t, uint64_t set, struct siginfo *out)
{
    if (!sigpending_take(&t->pending, set, out) &&
        !sigpending_take(&t->process->pending, set, out))
        return false;
    if (out->code == SI_G_TIMER)
        posix_timer_taken(t, out);
    return true;
}
