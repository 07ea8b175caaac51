// SPDX-License-Identifier: GPL-2.0-or-later
/* Stops of traced tasks: the state they leave, and how they go on from it. */
#include "emu/linux/ptrace/ptrace.h"

#include "emu/linux/abi.h"
#include "emu/linux/fault.h"
#include "emu/linux/ptrace/regset.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/syscall.h"

/* A stop that is about to be made. */
struct stop {
    enum ptrace_place at;
    int exit_code;
    int why; /* CLD_G_* */
    uint64_t message;
    const struct siginfo *info; /* NULL: last_siginfo is none */
};

/* arch_ptrace_stop(): what has a place in memory is there.  Nobody waits in
 * order to be watched. */
static void flush_windows(struct task *t)
{
    bool no_wait = t->no_wait;

    t->no_wait = true;
    windows_flush(t);
    t->no_wait = no_wait;
}

/* Group stop and traps that this stop is, or stands for; true: with it the
 * process has stopped. */
static bool take_part(struct task *t, const struct stop *s)
{
    bool done = false;

    if (s->why == CLD_G_STOPPED && t->jobctl & JOBCTL_STOP_PENDING)
        done = stop_participate(t);
    task_clear_jobctl_pending(t, JOBCTL_TRAP_STOP);
    if (s->info && s->info->code >> 8 == PTRACE_EVENT_G_STOP)
        task_clear_jobctl_pending(t, JOBCTL_TRAP_NOTIFY);
    task_clear_jobctl_trapping(t);
    return done;
}

/* ptrace_stop(): false: nobody is to look, or it is being killed. */
static bool enter_stop(struct task *t, const struct stop *s)
{
    struct ptrace *p = &t->ptrace;
    bool done;

    if (!p->flags || t->dead)
        return false;
    flush_windows(t);
    if (s->at != STOP_EXITING && signal_fatal_pending(t))
        return false;
    trap_frame_save(t, &p->regs);
    t->jobctl |= JOBCTL_TRACED;
    p->at = s->at;
    p->message = s->message;
    p->exit_code = s->exit_code;
    p->has_info = s->info != NULL;
    if (s->info)
        p->info = *s->info;
    done = take_part(t, s);
    t->wait.kind = WAIT_PTRACE;
    t->wait.woken = false;
    t->wait.deadline = FOREVER;
    task_tell_parent(t, true, s->why);
    if (done && ptrace_reparented(t))
        task_tell_parent(t, false, s->why);
    return true;
}

/* ptrace_do_notify() */
static bool notify(struct task *t, enum ptrace_place at, int signo, int code,
                   int why, uint64_t message)
{
    struct siginfo info = {
        .signo = signo, .code = code, .pid = t->pid, .uid = t->cred.uid.real};

    return enter_stop(t, &(struct stop){.at = at,
                                        .exit_code = code,
                                        .why = why,
                                        .message = message,
                                        .info = &info});
}

bool ptrace_event(struct task *t, int event, uint64_t message)
{
    if (ptrace_event_enabled(t, event))
        return notify(t, STOP_EVENT, SIG_TRAP, SIG_TRAP | event << 8,
                      CLD_G_TRAPPED, message);
    if (event == PTRACE_EVENT_G_EXEC &&
        (t->ptrace.flags & (PT_PTRACED | PT_SEIZED)) == PT_PTRACED)
        signal_send_task(t, &(struct siginfo){.signo = SIG_TRAP,
                                              .code = SI_G_USER,
                                              .pid = t->process->pid,
                                              .uid = t->cred.uid.real});
    return false;
}

static bool at_syscall(struct task *t, enum ptrace_place at, uint64_t message)
{
    int code = SIG_TRAP | (t->ptrace.flags & PT_TRACESYSGOOD ? 0x80 : 0);

    return notify(t, at, SIG_TRAP, code, CLD_G_TRAPPED, message);
}

bool ptrace_syscall_entry(struct task *t)
{
    return at_syscall(t, STOP_ENTRY, PTRACE_EVENTMSG_G_ENTRY);
}

/* TPC and TNPC are then those of the trap still, and written afterwards,
 * whatever the tracer makes of them; but for sigreturn. */
bool ptrace_syscall_exit(struct task *t)
{
    t->ptrace.next_pc = t->no_return ? 0 : cpu_npc(task_engine(t));
    return at_syscall(t, STOP_EXIT, PTRACE_EVENTMSG_G_EXIT);
}

bool ptrace_exit_event(struct task *t)
{
    return notify(t, STOP_EXITING, SIG_TRAP,
                  SIG_TRAP | PTRACE_EVENT_G_EXIT << 8, CLD_G_TRAPPED,
                  (uint64_t)t->exit_code);
}

bool ptrace_jobctl_trap(struct task *t)
{
    const struct process *p = t->process;
    int signo = (int)(t->jobctl & JOBCTL_STOP_SIGMASK);

    if (!(t->ptrace.flags & PT_SEIZED))
        return enter_stop(t, &(struct stop){.at = STOP_JOBCTL,
                                            .exit_code = signo,
                                            .why = CLD_G_STOPPED});
    if (!p->group_stop_count && !(p->signal_flags & SIGNAL_STOP_STOPPED))
        signo = SIG_TRAP;
    return notify(t, STOP_JOBCTL, signo, signo | PTRACE_EVENT_G_STOP << 8,
                  CLD_G_STOPPED, 0);
}

bool ptrace_signal(struct task *t, const struct siginfo *info, bool shared)
{
    t->jobctl |= JOBCTL_STOP_DEQUEUED;
    t->ptrace.shared = shared;
    return enter_stop(t, &(struct stop){.at = STOP_SIGNAL,
                                        .exit_code = info->signo,
                                        .why = CLD_G_TRAPPED,
                                        .info = info});
}

/* What the tracer has made of it: the rest of ptrace_signal(). */
bool ptrace_signal_seen(struct task *t, struct siginfo *info)
{
    int signo = t->ptrace.exit_code;

    t->jobctl &= ~JOBCTL_SIGNAL;
    t->ptrace.exit_code = 0;
    *info = t->ptrace.info;
    if (signo == 0)
        return false;
    if (signo != info->signo) {
        const struct task *by = t->ptrace.tracer;

        *info = (struct siginfo){.signo = signo, .code = SI_G_USER};
        if (!by && t->process->parent) /* current->parent */
            by = process_leader(t->process->parent);
        if (by) {
            info->pid = by->pid;
            info->uid = by->cred.uid.real;
        }
    }
    if (!(t->blocked & SIGMASK(signo)) && !signal_fatal_pending(t))
        return true;
    if (t->ptrace.shared)
        signal_send(t, info);
    else
        signal_send_task(t, info);
    return false;
}

void ptrace_trap_notify(struct task *t)
{
    (void)task_set_jobctl_pending(t, JOBCTL_TRAP_NOTIFY);
    if (t->jobctl & JOBCTL_LISTENING)
        task_wake_stopped(t, JOBCTL_TRACED);
}

/* ------------------------------------------------------------ going on */

/*
 * The way back to the program fills the window from memory, where the tracer
 * may have changed it.  What had no place there is still in the registers.
 */
static void fill_window(struct task *t)
{
    bool no_wait = t->no_wait;

    t->no_wait = true;
    if (t->nr_wsaved == 0 && windows_reload(t) != 0)
        signal_force_fault(t, SIG_SEGV, SEGV_G_MAPERR,
                           cpu_reg(task_engine(t), REG_SP) + STACK_BIAS_G);
    t->no_wait = no_wait;
}

/* do_signal() has put the first argument into %g6, where the tracer may have
 * changed it, too. */
static void load_registers(struct task *t, enum ptrace_place at)
{
    const struct trap_frame *f = &t->ptrace.regs;
    bool failed = f->tstate & (TSTATE_ICARRY | TSTATE_XCARRY);

    trap_frame_load(t, f);
    t->in_syscall = t->syscall_trap && failed;
    if (at != STOP_EXIT && t->in_syscall)
        t->orig_o0 = f->u_regs[REG_G(6)];
    fill_window(t);
}

/* ptrace_report_syscall(): the signal that the tracer wants is sent. */
static void send_wanted(struct task *t)
{
    int signo = t->ptrace.exit_code;

    t->ptrace.exit_code = 0;
    if (signo)
        signal_send_task(
            t, &(struct siginfo){.signo = signo, .code = SI_G_KERNEL});
}

static void leave_entry(struct task *t)
{
    send_wanted(t);
    trap_frame_load(t, &t->ptrace.regs);
    fill_window(t);
    syscall_traced(t, signal_fatal_pending(t));
}

static void leave_exit(struct task *t)
{
    gva_t pc = t->ptrace.next_pc;

    send_wanted(t);
    load_registers(t, STOP_EXIT);
    if (pc)
        cpu_set_pc(task_engine(t), pc, pc + 4);
}

static void leave_event(struct task *t)
{
    t->ptrace.exit_code = 0;
    trap_frame_load(t, &t->ptrace.regs);
    fill_window(t);
    syscall_again(t);
}

void ptrace_resumed(struct task *t)
{
    enum ptrace_place at = t->ptrace.at;

    INVARIANT(!(t->jobctl & JOBCTL_TRACED));
    t->jobctl &= ~(JOBCTL_LISTENING | JOBCTL_RELOCK);
    t->ptrace.at = STOP_NOWHERE;
    t->ptrace.has_info = false;
    t->ptrace.message = 0;
    if (at == STOP_EVENT) {
        leave_event(t);
        return;
    }
    wait_clear(&t->wait);
    switch (at) {
    case STOP_ENTRY: leave_entry(t); break;
    case STOP_EXIT: leave_exit(t); break;
    case STOP_SIGNAL:
        t->jobctl |= JOBCTL_SIGNAL;
        load_registers(t, at);
        break;
    case STOP_JOBCTL:
        t->ptrace.exit_code = 0;
        t->jobctl |= JOBCTL_RELOCK;
        load_registers(t, at);
        break;
    default: /* STOP_EXITING */
        t->ptrace.exit_code = 0;
        task_die(t);
        break;
    }
}
