// SPDX-License-Identifier: GPL-2.0-or-later
/* Who traces whom: its beginning, and its end. */
#include <errno.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/warn.h"

bool ptrace_reparented(const struct task *t)
{
    return t->ptrace.tracer->process != t->process->parent;
}

/* __ptrace_link() */
static void link_to(struct task *t, struct task *tracer, unsigned flags,
                    bool capable)
{
    INVARIANT(!t->ptrace.tracer);
    t->ptrace.flags = flags;
    t->ptrace.capable = capable;
    t->ptrace.tracer = tracer;
    DL_PREPEND2(tracer->ptrace.tracees, t, ptrace.prev, ptrace.next);
}

/* Does its process stop, or has it? */
static bool group_stops(const struct process *p)
{
    return p->signal_flags & SIGNAL_STOP_STOPPED || p->group_stop_count;
}

void ptrace_unlink(struct task *t)
{
    struct task *tracer = t->ptrace.tracer;

    if (!tracer)
        return;
    t->ptrace.syscalls = false;
    DL_DELETE2(tracer->ptrace.tracees, t, ptrace.prev, ptrace.next);
    t->ptrace.flags = 0;
    task_clear_jobctl_pending(t, JOBCTL_TRAP_MASK);
    task_clear_jobctl_trapping(t);
    t->ptrace.tracer = NULL;
    if (task_is_leaving(t)) {
        task_wake_stopped(t, JOBCTL_TRACED);
        return;
    }
    if (group_stops(t->process)) {
        t->jobctl |= JOBCTL_STOP_PENDING;
        if (!(t->jobctl & JOBCTL_STOP_SIGMASK))
            t->jobctl |= SIG_STOP;
    }
    task_wake_stopped(t, JOBCTL_TRACED);
}

void ptrace_init_task(const struct task *parent, struct task *child, bool trace)
{
    const struct ptrace *p = &parent->ptrace;

    if (!trace || !p->flags)
        return;
    link_to(child, p->tracer, p->flags, p->capable);
    if (p->flags & PT_SEIZED)
        (void)task_set_jobctl_pending(child, JOBCTL_TRAP_STOP);
    else
        signal_add_bare(child, SIG_STOP);
}

/* cap_ptrace_traceme() */
static bool may_trace_me(const struct task *t, const struct task *parent)
{
    return (t->cred.permitted & ~parent->cred.permitted) == 0 ||
           cred_capable(parent, CAP_G_SYS_PTRACE);
}

int ptrace_traceme(struct task *t)
{
    struct task *parent = t->process->maker;

    if (t->ptrace.flags)
        return -EPERM;
    if (!parent) {
        warn_once(t, LOG_SYSCALL,
                  "ptrace: PTRACE_TRACEME of a process whose parent is not of "
                  "this machine: nobody could let it go on");
        return -EPERM;
    }
    if (!may_trace_me(t, parent))
        return -EPERM;
    if (!parent->dead)
        link_to(t, parent, PT_PTRACED, cred_capable(t, CAP_G_SYS_PTRACE));
    return 0;
}

int ptrace_check_options(uint64_t options)
{
    /* PTRACE_O_SUSPEND_SECCOMP wants CONFIG_CHECKPOINT_RESTORE. */
    return options & ~(uint64_t)PTRACE_O_G_MASK || options & PTRACE_O_G_SUSPEND
               ? -EINVAL
               : 0;
}

int64_t ptrace_attach(struct task *t, struct task *to, bool seize,
                      uint64_t addr, uint64_t options)
{
    static const struct wait_results killed = {.on_signal = 0};
    unsigned flags = PT_PTRACED;

    if (t->wait.again)
        return 0;
    if (seize) {
        if (addr != 0 || options & ~(uint64_t)PTRACE_O_G_MASK)
            return -EIO;
        if (ptrace_check_options(options) != 0)
            return -EINVAL;
        flags |= PT_SEIZED | (unsigned)options << PT_OPT_SHIFT;
    }
    if (to->process == t->process || cred_may_ptrace(t, to, true) != 0 ||
        to->left || to->ptrace.flags)
        return -EPERM;
    link_to(to, t, flags, cred_capable(t, CAP_G_SYS_PTRACE));
    if (!seize)
        signal_send_task(
            to, &(struct siginfo){.signo = SIG_STOP, .code = SI_G_KERNEL});
    if (!(to->jobctl & JOBCTL_STOPPED) ||
        !task_set_jobctl_pending(to, JOBCTL_TRAP_STOP | JOBCTL_TRAPPING))
        return 0;
    /* From stopped to trapped: nobody sees it in between. */
    task_wake_stopped(to, JOBCTL_STOPPED);
    return sched_wait(t, WAIT_PTRACE, FOREVER, killed);
}

/* ignoring_children() */
static bool ignores_children(const struct task *t)
{
    struct sigaction_g act;

    return signal_get_action(t, SIG_CHLD, &act) == 0 &&
           (act.handler == SIG_IGN_G || act.flags & SA_G_NOCLDWAIT);
}

/* __ptrace_detach(): what a zombie's parent has not been told yet, it is. */
static void detach(struct task *tracer, struct task *t)
{
    struct process *p = t->process;
    bool leader = t == process_leader(p);
    bool gone = !leader, own = p->parent == tracer->process;

    ptrace_unlink(t);
    if (!t->left)
        return;
    if (leader && task_is_alone(t)) {
        if (!own) {
            gone = task_tell_exit(t, p->exit_signal);
        } else if (ignores_children(tracer)) {
            task_wake_waiters(tracer->process);
            gone = true;
        }
    }
    if (gone)
        task_reap(t);
}

int ptrace_detach(struct task *t, struct task *child, uint64_t signo)
{
    if (signo > NSIG_GUEST)
        return -EIO;
    child->ptrace.exit_code = (int)signo;
    detach(t, child);
    return 0;
}

void ptrace_exit(struct task *tracer)
{
    struct task *t;

    while ((t = tracer->ptrace.tracees) != NULL) {
        if (t->ptrace.flags & PT_EXITKILL)
            signal_send_task(
                t, &(struct siginfo){.signo = SIG_KILL, .code = SI_G_KERNEL});
        detach(tracer, t);
    }
}
