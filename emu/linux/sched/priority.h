/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/priority.h - nice values, scheduling policies, classes of I/O
 *
 * Owns:    struct priority of a task
 * Used by: emu/linux/
 * Source:  linux v6.2 include/linux/sched/prio.h, kernel/sched/core.c
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct task;

#define MIN_NICE (-20)
#define MAX_NICE 19

#define SCHED_G_NORMAL   0
#define SCHED_G_FIFO     1
#define SCHED_G_RR       2
#define SCHED_G_BATCH    3
#define SCHED_G_IDLE     5
#define SCHED_G_DEADLINE 6

struct priority {
    int nice;
    int policy;           /* SCHED_G_* */
    unsigned rt_priority; /* of FIFO and RR, 1..99 */
    bool reset_on_fork;
    uint64_t dl_flags, dl_runtime, dl_deadline, dl_period; /* ns */
    unsigned ioprio; /* class << 13 | level; 0: it follows from the rest */
};

/* priority_same_owner - check_same_owner(): is @of a process of @t's user? */
bool priority_same_owner(const struct task *t, const struct task *of);

/* priority_fork - sched_fork(): what a child of the process begins with */
struct priority priority_fork(const struct priority *of);

/* priority_number - task_prio(): -101 deadline, below 0 real-time, 0..39 */
int priority_number(const struct priority *p);
