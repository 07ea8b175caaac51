/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/exit.h - how threads and processes end
 *
 * Owns:    nothing
 * Used by: emu/linux/
 * Source:  linux v6.2 kernel/exit.c, kernel/signal.c do_notify_parent()
 */
#pragma once

#include "emu/linux/sched/process.h"

/* process_exit - do_group_exit(): it ends with this wait status, and none of
 * its tasks runs again */
void process_exit(struct process *p, int wait_status);

/* task_exit - do_exit(): @t does not run again; with the last one the process
 * ends, with its status */
void task_exit(struct task *t, int wait_status);

/*
 * task_leave - what is left of do_exit() for one that is dead, of a process
 * that is not: what it holds is let go.  @t is freed but for the leader, which
 * keeps the number of the process.
 */
void task_leave(struct task *t);

/* task_kill_others - zap_other_threads(): @t is the only one, and leads */
void task_kill_others(struct task *t);

/*
 * process_leave - do_exit() of the tasks of one that is dead: give up address
 * space and files, tell the parent.  @p may be gone afterwards.
 */
void process_leave(struct process *p);

/* process_tell_parent - it stopped or went on: do_notify_parent_cldstop() */
void process_tell_parent(struct process *p, int code);

/* si_code of SIGCHLD */
#define CLD_G_EXITED    1
#define CLD_G_KILLED    2
#define CLD_G_DUMPED    3
#define CLD_G_STOPPED   5
#define CLD_G_CONTINUED 6

#define WCOREFLAG_G 0x80 /* of a wait status */

/* process_child_info - the siginfo of SIGCHLD for @p, with @code */
struct siginfo process_child_info(const struct process *p, int code);

/* the code for one that is dead: CLD_G_EXITED, KILLED or DUMPED */
int process_exit_code(const struct process *p);
