/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/signal/stop.h - tasks that stop: job control
 *
 * Owns:    task.jobctl, process.signal_flags and group_stop_*
 * Used by: emu/linux/
 * Source:  linux v6.2 kernel/signal.c, include/linux/sched/jobctl.h
 *
 * Each thread stops by itself, on its way back to the program; the last one
 * makes it a stop of the process.  One that is traced traps instead
 * (emu/linux/ptrace/).
 */
#pragma once

#include "emu/linux/sched/process.h"

/* task.jobctl */
#define JOBCTL_STOP_SIGMASK  0xffffu   /* signal of the last group stop */
#define JOBCTL_STOP_DEQUEUED 0x10000u  /* taken, and no SIGCONT came since */
#define JOBCTL_STOP_PENDING  0x20000u  /* it shall stop */
#define JOBCTL_STOP_CONSUME  0x40000u  /* ... and counts */
#define JOBCTL_TRAP_STOP     0x80000u  /* it shall trap */
#define JOBCTL_TRAP_NOTIFY   0x100000u /* the same, for there is news */
#define JOBCTL_TRAPPING      0x200000u /* its new tracer waits for that */
#define JOBCTL_LISTENING     0x400000u /* the tracer waits for news of it */
#define JOBCTL_STOPPED       0x4000000u
#define JOBCTL_TRACED        0x8000000u

/* Ours: where a thread of the kernel would be. */
#define JOBCTL_RELOCK  0x10000000u /* it was stopped: get_signal() goes on */
#define JOBCTL_SIGNAL  0x20000000u /* the tracer has looked at its signal */
#define JOBCTL_EXITING 0x40000000u /* in do_exit() */
#define JOBCTL_FORCED  0x80000000u /* task.forced: a debugger's signal */

#define JOBCTL_TRAP_MASK    (JOBCTL_TRAP_STOP | JOBCTL_TRAP_NOTIFY)
#define JOBCTL_PENDING_MASK (JOBCTL_STOP_PENDING | JOBCTL_TRAP_MASK)

/* What brings a task into signal_deliver(), and ends its waits. */
#define JOBCTL_WORK_MASK                                                       \
    (JOBCTL_PENDING_MASK | JOBCTL_RELOCK | JOBCTL_SIGNAL | JOBCTL_FORCED)

/* process.signal_flags */
#define SIGNAL_STOP_STOPPED   0x1u  /* all have stopped */
#define SIGNAL_STOP_CONTINUED 0x2u  /* ... and go on: for wait4() */
#define SIGNAL_GROUP_EXIT     0x4u  /* it ends, with exit_code */
#define SIGNAL_CLD_STOPPED    0x10u /* the parent is yet to be told */
#define SIGNAL_CLD_CONTINUED  0x20u
#define SIGNAL_CLD_MASK       (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)

#define SIGNAL_STOP_MASK                                                       \
    (SIGNAL_CLD_MASK | SIGNAL_STOP_STOPPED | SIGNAL_STOP_CONTINUED)

/* task_is_stopped_or_traced - it does not run until somebody says so */
static inline bool task_is_stopped_or_traced(const struct task *t)
{
    return t->jobctl & (JOBCTL_STOPPED | JOBCTL_TRACED);
}

/* task_is_leaving - it never comes back to its program */
static inline bool task_is_leaving(const struct task *t)
{
    return t->dead || t->jobctl & JOBCTL_EXITING;
}

/* task_set_jobctl_pending - false: it is dying, and nothing was set */
bool task_set_jobctl_pending(struct task *t, unsigned mask);

/* task_clear_jobctl_pending - with the last one the tracer need not wait */
void task_clear_jobctl_pending(struct task *t, unsigned mask);
void task_clear_jobctl_trapping(struct task *t);

/* task_wake_stopped - signal_wake_up_state(): out of these of its states */
void task_wake_stopped(struct task *t, unsigned states);

/* stop_participate - task_participate_group_stop(): true: the process stops
 * with that, and the parent is told */
MUST_CHECK bool stop_participate(struct task *t);

/* stop_join - task_join_group_stop(): a new thread of the process of @by */
void stop_join(const struct task *by, struct task *t);

/*
 * stop_task - do_signal_stop()
 *
 * @signo: that begins a stop; 0: take part in the one that there is
 * Returns true when @t is stopped; a traced one will trap.
 */
MUST_CHECK bool stop_task(struct task *t, int signo);

/* stop_leave - exit_signals(): @t ends, and may have been the last to stop */
void stop_leave(struct task *t);

/* stop_continue - SIGCONT was sent: prepare_signal() */
void stop_continue(struct process *p);

/* stop_kill - SIGKILL was sent: complete_signal() */
void stop_kill(struct process *p);

/* stop_tell - what SIGNAL_CLD_MASK says is told to the parent of @t */
void stop_tell(struct task *t);
