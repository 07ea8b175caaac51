// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signals on the way back to the program: handlers, default actions, stops.
 *
 * Source: linux v6.2 kernel/signal.c get_signal(), arch/sparc/kernel/
 *         signal_64.c do_signal()
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "emu/debug.h"
#include "emu/linux/abi.h"
#include "emu/linux/core/coredump.h"
#include "emu/linux/fault.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/signal/jobctl.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/sigpending.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/strace/strace.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

/* force_sigsegv: the frame for @sig could not be made */
static void force_segv(struct task *t, int sig)
{
    if (sig == SIG_SEGV)
        t->process->sighand->action[SIG_SEGV].handler = SIG_DFL_G;
    signal_force_fault(t, SIG_SEGV, SI_G_KERNEL, 0);
}

/* get_signal() looks first for what this instruction did: its frame, and so
 * its handler's PC, is then that of the instruction.  @shared: it was sent to
 * the process. */
static bool next_signal(struct task *t, struct siginfo *out, bool *shared)
{
    uint64_t own = t->pending.set & ~t->blocked;

    *shared = own == 0;
    return sigpending_take_fault(&t->pending, ~t->blocked, out) ||
           signal_dequeue(t, ~t->blocked, out);
}

static void say_death(const struct task *t, const struct siginfo *info,
                      bool dumped)
{
    log_end_line(&t->m->options.log);
    fprintf(stderr, "adiemu: uncaught target signal %d (%s)", info->signo,
            signal_text(info->signo));
    fprintf(stderr, " - %s", signal_name(info->signo));
    if (info->code != SI_G_USER && info->code != SI_G_TKILL)
        fprintf(stderr, ", code %s", signal_code_name(info->signo, info->code));
    if (info->code > 0 && info->code < SI_G_KERNEL)
        fprintf(stderr, ", address 0x%" PRIx64, info->addr);
    fprintf(stderr, ", pc 0x%" PRIx64 "%s\n", cpu_pc(task_engine(t)),
            dumped ? ", core dumped" : "");
}

/*
 * Ends that belong to ordinary life, and that no shell would speak of; that of
 * a child is its parent's business when the user wants quiet.
 */
static bool dies_quietly(const struct task *t, int sig)
{
    return sig == SIG_PIPE || sig == SIG_INT ||
           (t->m->options.quiet && t->process->pid != t->m->first_pid);
}

/*
 * What the wait status says of a core file.  Without --core none is written; a
 * program sees what it would where the directory lets one be made.
 */
static bool dumps_core(struct task *t, const struct siginfo *info)
{
    if (!core_dump_signal(info->signo))
        return false;
    if (t->m->options.core_pattern)
        return core_dump(t, info);
    return t->process->dumpable && rlimit(t, RLIMIT_G_CORE) >= PAGE_SIZE;
}

/* One line that names signal, code and address; then 128 + n. */
static void die(struct task *t, const struct siginfo *info)
{
    enum log_level l = dies_quietly(t, info->signo) ? LOG_INFO : LOG_WARN;
    bool dumped = dumps_core(t, info);

    if (log_wants(&t->m->options.log, LOG_SIGNAL, l))
        say_death(t, info, dumped && t->m->options.core_pattern);
    process_exit(t->process, info->signo | (dumped ? WCOREFLAG_G : 0));
}

/* syscall_restart() of arch/sparc/kernel/signal_64.c; @act NULL: no
 * handler runs. */
static void restart_syscall(struct task *t, const struct sigaction_g *act)
{
    struct engine *e = task_engine(t);
    uint64_t err = cpu_reg(e, REG_O(0));

    if (!t->in_syscall)
        return;
    t->in_syscall = false;
    if (err != ERESTART_RESTARTBLOCK_G &&
        (err < ERESTARTSYS_G || err > ERESTARTNOHAND_G))
        return;
    if (act && (err == ERESTARTNOHAND_G || err == ERESTART_RESTARTBLOCK_G ||
                (err == ERESTARTSYS_G && !(act->flags & SA_G_RESTART)))) {
        cpu_set_reg(e, REG_O(0), EINTR);
        return;
    }
    cpu_set_reg(e, REG_O(0), t->orig_o0);
    cpu_set_pc(e, cpu_pc(e) - 4, cpu_npc(e) - 4);
}

/*
 * handle_signal(), in two parts: between them a page of the frame may have to
 * be waited for.  The signal is no longer pending then.
 */
static void begin_handling(struct task *t, const struct siginfo *info)
{
    struct sigaction_g *slot = &t->process->sighand->action[info->signo];

    signal_log(t, LOG_INFO, "handles", info);
    t->handled = *info;
    t->handled_by = *slot;
    if (slot->flags & SA_G_RESETHAND)
        slot->handler = SIG_DFL_G;
    restart_syscall(t, &t->handled_by);
    t->restart_deadline = 0; /* not for the calls of the handler */
    windows_flush(t);
}

static void handle(struct task *t)
{
    const struct sigaction_g act = t->handled_by;
    const struct siginfo handled = t->handled, *info = &handled;
    int err = sigframe_setup(t, info, &act);

    if (user_waits(t))
        return;
    t->handled.signo = 0;
    if (err) {
        force_segv(t, info->signo);
        return;
    }
    t->restore_mask = false;
    signal_set_blocked(
        t, t->blocked | act.mask |
               (act.flags & SA_G_NODEFER ? 0 : SIGMASK(info->signo)));
}

/* The default action of a stop signal; true: @t has stopped. */
static bool stop_by(struct task *t, const struct siginfo *info)
{
    if (info->signo != SIG_STOP &&
        jobctl_is_orphaned(t->m, t->process->pgid, NULL))
        return false;
    signal_log(t, LOG_INFO, "stops by", info);
    if (!stop_task(t, info->signo))
        return false;
    strace_stopped(t, info->signo);
    return true;
}

/* What is done about @info, which was taken; true: look no further. */
static bool act(struct task *t, const struct siginfo *info)
{
    uint64_t handler = t->process->sighand->action[info->signo].handler;

    strace_signal(t, info);
    if (handler == SIG_IGN_G)
        return false;
    if (handler != SIG_DFL_G) {
        begin_handling(t, info);
        handle(t);
        return true;
    }
    if (SIGMASK(info->signo) & IGNORED_BY_DEFAULT)
        return false;
    if (SIGMASK(info->signo) & STOPS_BY_DEFAULT)
        return stop_by(t, info);
    die(t, info);
    return true;
}

void signal_force_debugged(struct task *t, const struct siginfo *info)
{
    t->forced = *info;
    t->jobctl |= JOBCTL_FORCED;
}

/* What a debugger has sent on. */
static bool take_forced(struct task *t, struct siginfo *out)
{
    if (!(t->jobctl & JOBCTL_FORCED))
        return false;
    t->jobctl &= ~JOBCTL_FORCED;
    *out = t->forced;
    return true;
}

static bool debugger_keeps(struct task *t, const struct siginfo *info)
{
    const struct debug *d = t->m->debug;

    return d && info->signo != SIG_KILL && d->ops->signal(d->ctx, t, info);
}

enum next { NEXT_NONE, NEXT_SIGNAL, NEXT_STOPPED };

/* What get_signal() does before it has one; a tracer has seen it. */
static enum next get_signal(struct task *t, struct siginfo *info)
{
    bool shared = false;

    for (;;) {
        if (signal_fatal_pending(t))
            return signal_dequeue(t, SIGMASK(SIG_KILL), info) ? NEXT_SIGNAL
                                                              : NEXT_NONE;
        if (t->jobctl & JOBCTL_SIGNAL) {
            if (ptrace_signal_seen(t, info))
                return NEXT_SIGNAL;
            continue;
        }
        if (t->jobctl & JOBCTL_STOP_PENDING && stop_task(t, 0))
            return NEXT_STOPPED;
        if (t->jobctl & JOBCTL_TRAP_MASK && ptrace_jobctl_trap(t))
            return NEXT_STOPPED;
        if (!take_forced(t, info)) {
            if (!next_signal(t, info, &shared))
                return NEXT_NONE;
            if (debugger_keeps(t, info))
                return NEXT_STOPPED;
        }
        if (!t->ptrace.flags || info->signo == SIG_KILL) {
            t->jobctl |= JOBCTL_STOP_DEQUEUED;
            return NEXT_SIGNAL;
        }
        return ptrace_signal(t, info, shared) ? NEXT_STOPPED : NEXT_SIGNAL;
    }
}

void signal_deliver(struct task *t)
{
    struct siginfo info;

    if (signal_is_handled(t)) {
        handle(t);
        return;
    }
    /* Where do_signal() keeps the first argument: a debugger may look. */
    if (t->in_syscall && signal_deliverable(t))
        cpu_set_reg(task_engine(t), REG_G(6), t->orig_o0);
    if (t->jobctl & JOBCTL_RELOCK)
        stop_tell(t);
    while (!task_is_leaving(t)) {
        enum next next = get_signal(t, &info);

        if (next == NEXT_STOPPED || (next == NEXT_SIGNAL && act(t, &info)))
            return;
        if (next == NEXT_NONE)
            break;
    }
    restart_syscall(t, NULL);
    if (t->restore_mask) {
        t->restore_mask = false;
        signal_set_blocked(t, t->saved_mask);
    }
}
