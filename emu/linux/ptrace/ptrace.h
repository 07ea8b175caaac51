/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/ptrace/ptrace.h - who traces whom, and how a traced task stops
 *
 * Owns:    struct ptrace of each task
 * Used by: emu/linux/
 * Source:  linux v6.2 kernel/ptrace.c, include/linux/ptrace.h, kernel/signal.c
 *          ptrace_stop(); arch/sparc/include/asm/ptrace.h
 *
 * A task stops where a thread of the kernel would sleep in ptrace_stop(): its
 * registers are in struct trap_frame, its windows in memory.  When the tracer
 * lets it go on, ptrace_resumed() continues from there.
 */
#pragma once

#include "emu/linux/sched/process.h"

/* task.ptrace.flags: options are PTRACE_O_* shifted */
#define PT_PTRACED          0x1u
#define PT_SEIZED           0x10000u
#define PT_OPT_SHIFT        3
#define PT_EVENT(event)     (1u << (PT_OPT_SHIFT + (event)))
#define PT_TRACESYSGOOD     PT_EVENT(0)
#define PT_EXITKILL         (PTRACE_O_G_EXITKILL << PT_OPT_SHIFT)
#define PTRACE_O_G_EXITKILL (1u << 20)
#define PTRACE_O_G_SUSPEND  (1u << 21)
#define PTRACE_O_G_MASK     (0xffu | PTRACE_O_G_EXITKILL | PTRACE_O_G_SUSPEND)

#define PTRACE_EVENT_G_FORK       1
#define PTRACE_EVENT_G_VFORK      2
#define PTRACE_EVENT_G_CLONE      3
#define PTRACE_EVENT_G_EXEC       4
#define PTRACE_EVENT_G_VFORK_DONE 5
#define PTRACE_EVENT_G_EXIT       6
#define PTRACE_EVENT_G_STOP       128

/* ptrace_message of a stop at a system call */
#define PTRACE_EVENTMSG_G_ENTRY 1
#define PTRACE_EVENTMSG_G_EXIT  2

/* ptrace_reparented - is the tracer another than the parent? */
bool ptrace_reparented(const struct task *t);

/* ---- attach.c */

/* ptrace_unlink - nobody traces it any more; it goes on, or stops with its
 * process */
void ptrace_unlink(struct task *t);

/* ptrace_init_task - a new task of @parent; @trace: by its tracer, too */
void ptrace_init_task(const struct task *parent, struct task *child,
                      bool trace);

/* ptrace_exit - exit_ptrace(): @tracer ends */
void ptrace_exit(struct task *tracer);

/* The requests. */
MUST_CHECK int ptrace_traceme(struct task *t);
MUST_CHECK int64_t ptrace_attach(struct task *t, struct task *to, bool seize,
                                 uint64_t addr, uint64_t options);
MUST_CHECK int ptrace_detach(struct task *t, struct task *child,
                             uint64_t signo);

/* ptrace_check_options - 0 or -EINVAL */
MUST_CHECK int ptrace_check_options(uint64_t options);

/* ---- stop.c */

/*
 * ptrace_event - tell the tracer of @t, the current task, if it wants to know
 *
 * @event: PTRACE_EVENT_G_*
 * Returns true when @t has stopped: its call returns TASK_WAITS, and is made
 * again.
 */
MUST_CHECK bool ptrace_event(struct task *t, int event, uint64_t message);

/* ptrace_event_enabled - would that stop? */
static inline bool ptrace_event_enabled(const struct task *t, int event)
{
    return t->ptrace.flags & PT_EVENT(event);
}

/* Before and after a system call of a task with ptrace.syscalls: true: it has
 * stopped. */
MUST_CHECK bool ptrace_syscall_entry(struct task *t);
MUST_CHECK bool ptrace_syscall_exit(struct task *t);

/* ptrace_exit_event - PTRACE_EVENT_EXIT of @t, which has JOBCTL_EXITING */
MUST_CHECK bool ptrace_exit_event(struct task *t);

/* ptrace_jobctl_trap - do_jobctl_trap(): true: it has stopped */
MUST_CHECK bool ptrace_jobctl_trap(struct task *t);

/*
 * ptrace_signal - the tracer looks at a signal before it is delivered
 *
 * Returns true: it has stopped; ptrace_signal_seen() follows.
 */
MUST_CHECK bool ptrace_signal(struct task *t, const struct siginfo *info,
                              bool shared);

/* ptrace_signal_seen - false: there is none to deliver any more */
MUST_CHECK bool ptrace_signal_seen(struct task *t, struct siginfo *info);

/* ptrace_trap_notify - there is news of job control for who has seized it */
void ptrace_trap_notify(struct task *t);

/* ptrace_resumed - the current task was let go on */
void ptrace_resumed(struct task *t);

/* ---- memory.c */

/* ptrace_access - ptrace_access_vm(): how many of @len bytes at @va */
size_t ptrace_access(struct task *t, const struct task *child, uint64_t va,
                     void *buf, size_t len, bool write);

int64_t ptrace_peek(struct task *t, const struct task *child, uint64_t va,
                    uint64_t to);
int64_t ptrace_poke(struct task *t, const struct task *child, uint64_t va,
                    uint64_t value);
int64_t ptrace_read_data(struct task *t, const struct task *child, uint64_t va,
                         uint64_t to, uint64_t len);
int64_t ptrace_write_data(struct task *t, const struct task *child, uint64_t va,
                          uint64_t from, uint64_t len);
