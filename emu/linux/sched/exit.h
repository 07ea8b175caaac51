/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/exit.h - how threads and processes end
 *
 * Owns:    nothing
 * Used by: emu/linux/, emu/gdb/
 * Source:  linux v6.2 kernel/exit.c, kernel/signal.c do_notify_parent()
 */
#pragma once

#include "emu/linux/sched/process.h"

/* process_exit - do_group_exit(): it ends with this wait status, and none of
 * its tasks runs again, but for those whose tracer wants to look first */
void process_exit(struct process *p, int wait_status);

/* process_kill - the same without a look */
void process_kill(struct process *p, int wait_status);

/* task_exit - do_exit(): @t does not run again; with the last one the process
 * ends, with its status */
void task_exit(struct task *t, int wait_status);

/* task_die - the tracer of @t has looked */
void task_die(struct task *t);

/*
 * task_leave - what is left of do_exit() for one that is dead, of a process
 * that is not: what it holds is let go.  @t is freed but for the leader, which
 * keeps the number of the process, and for one that its tracer waits for.
 */
void task_leave(struct task *t);

/* task_kill_others - zap_other_threads(): @t leads; besides it there are only
 * those that a tracer waits for, and WAIT_REAP ends with the last of these */
void task_kill_others(struct task *t);

/*
 * process_leave - do_exit() of the tasks of one that is dead: give up address
 * space and files, tell the parent.  @p may be gone afterwards.
 */
void process_leave(struct process *p);

/* task_is_alone - thread_group_empty() */
bool task_is_alone(const struct task *t);

/* task_tell_exit - do_notify_parent(), or the tracer: true: nobody will wait
 * for @t */
MUST_CHECK bool task_tell_exit(struct task *t, int signo);

/* task_reap - release_task(): somebody has waited for it; with the leader the
 * process is gone */
void task_reap(struct task *t);

/* task_exit_status - what wait4() says of one that has ended */
int task_exit_status(const struct task *t);

/* task_tell_parent - do_notify_parent_cldstop(): it stopped or went on
 * @tracer: the tracer hears of @t; or else the parent, of the process */
void task_tell_parent(struct task *t, bool tracer, int code);

/* task_wake_waiters - __wake_up_parent() */
void task_wake_waiters(struct process *parent);

/* si_code of SIGCHLD */
#define CLD_G_EXITED    1
#define CLD_G_KILLED    2
#define CLD_G_DUMPED    3
#define CLD_G_TRAPPED   4
#define CLD_G_STOPPED   5
#define CLD_G_CONTINUED 6

#define WCOREFLAG_G 0x80 /* of a wait status */

/* exit_code_cld - CLD_G_EXITED, KILLED or DUMPED; exit_code_value - and
 * si_status */
static inline int exit_code_cld(int wait_status)
{
    if (wait_status & WCOREFLAG_G)
        return CLD_G_DUMPED;
    return wait_status & 0x7f ? CLD_G_KILLED : CLD_G_EXITED;
}

static inline int exit_code_value(int wait_status)
{
    return wait_status & 0x7f ? wait_status & 0x7f : wait_status >> 8 & 0xff;
}
