/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/clone.h - new processes and threads
 *
 * Owns:    nothing
 * Used by: emu/linux/sched/sys_task.c, process.c
 * Source:  linux v6.2 kernel/fork.c kernel_clone(), arch/sparc/kernel/
 *          process_64.c copy_thread()
 */
#pragma once

#include "emu/linux/sched/task.h"

/* Flags of clone(2); the low byte is the signal for the parent. */
#define CLONE_G_SIGNAL        0xffu
#define CLONE_G_VM            0x100u
#define CLONE_G_FS            0x200u
#define CLONE_G_FILES         0x400u
#define CLONE_G_SIGHAND       0x800u
#define CLONE_G_PIDFD         0x1000u
#define CLONE_G_PTRACE        0x2000u
#define CLONE_G_VFORK         0x4000u
#define CLONE_G_PARENT        0x8000u
#define CLONE_G_THREAD        0x10000u
#define CLONE_G_SYSVSEM       0x40000u
#define CLONE_G_SETTLS        0x80000u
#define CLONE_G_PARENT_SETTID 0x100000u
#define CLONE_G_CHILD_CLEAR   0x200000u
#define CLONE_G_DETACHED      0x400000u /* ignored, as in the kernel */
#define CLONE_G_UNTRACED      0x800000u
#define CLONE_G_CHILD_SETTID  0x1000000u
#define CLONE_G_IO            0x80000000u

struct clone_args {
    uint64_t flags;
    uint64_t stack; /* 0: the parent's */
    uint64_t parent_tid, child_tid, tls;
};

/*
 * clone_task - the child goes on where the parent is; the call's value for
 *              the parent
 *
 * With CLONE_G_VFORK the parent waits: TASK_WAITS, and when it is called
 * again, the pid.
 */
int64_t clone_task(struct task *t, const struct clone_args *args);
