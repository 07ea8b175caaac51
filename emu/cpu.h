/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/cpu.h - a CPU of the machine: an engine, and the task on it
 *
 * Owns:    struct cpu
 * Used by: emu/
 * Source:  the role of struct rq in linux kernel/sched/
 *
 * Who has a task asks task_cpu() and task_engine() of emu/linux/sched/task.h.
 * Who has none, but is called on behalf of one, asks current_task().
 */
#pragma once

#include "emu/engine/cpu.h"
#include "emu/engine/engine.h"

struct machine;
struct task;

#define MACHINE_MAX_CPUS 8 /* room for so many */

struct cpu {
    struct machine *m;     /* borrowed */
    struct engine *engine; /* owned, and with it the TLB */
    struct task *current;  /* NULL: nobody */
    uint64_t slice_end;    /* instruction count */
    uint64_t clock_due;    /* the same, of the clock's next event */
    bool resched;          /* the turn of current is over */
    bool idle;             /* current does not run, nor does anybody else */
};

/* emu/cpu.c: what an engine asks; ctx is the struct cpu */
extern const struct engine_ops cpu_engine_ops;
