/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/debug.h - what a machine tells a debugger
 *
 * Owns:    nothing
 * Used by: emu/, emu/linux/ tell; emu/gdb/ hears
 * Source:  the role of ptrace events in linux kernel/ptrace.c
 *
 * m->debug is NULL when nobody debugs, and nothing of this is asked then.
 * A task that is held (task->held) does not run until the debugger lets it.
 */
#pragma once

#include "emu/internal.h"

struct siginfo;

enum debug_fork { DEBUG_FORK, DEBUG_VFORK };

struct debug_ops {
    /* The program is loaded; its first instruction is next. */
    void (*start)(void *ctx);
    /*
     * In sched_settle(), where nothing is half-way: whatever there is to be
     * said to the user is said, and tasks may be held or released.
     * Returns true when there was something: look at everything again.
     */
    bool (*attend)(void *ctx, struct cpu *cpu);
    /* Nobody can run: does the debugger want attend() to be called? */
    bool (*wants)(void *ctx);
    /* Instructions until the clock is to ask for attend(); at least 1. */
    uint64_t (*next)(void *ctx);
    /* A signal is about to act on @t.  True: not now; the debugger keeps it,
     * and holds @t. */
    bool (*signal)(void *ctx, struct task *t, const struct siginfo *info);
    /* @t has made @child, which is ready to run: a process or a thread. */
    void (*cloned)(void *ctx, struct task *t, struct task *child,
                   enum debug_fork how);
    void (*vfork_done)(void *ctx, struct task *t);
    /* @t executes another program, and is the only thread. */
    void (*execed)(void *ctx, struct task *t);
    /* All tasks of @p are dead; it still has its address space. */
    void (*exited)(void *ctx, struct process *p);
    /* A system call begins.  True: it was made before, and brings @value. */
    bool (*call)(void *ctx, struct task *t, const char *name,
                 const uint64_t a[6], int64_t *value);
    /* It is over. */
    void (*called)(void *ctx, struct task *t, const char *name,
                   const uint64_t a[6], int64_t value);
    /* A signal of the host is about to be sent to the program. */
    void (*outside)(void *ctx);
    /* What a CPU asks: emu/engine/engine.h. */
    bool (*breakpoint)(void *ctx, struct task *t, gva_t pc);
    bool (*watched)(void *ctx, struct task *t, uint64_t va);
    void (*accessed)(void *ctx, struct task *t, uint64_t va, unsigned bytes,
                     enum access access);
};

struct debug {
    const struct debug_ops *ops;
    void *ctx;
    int fd; /* readable when the user says something; -1: none */
};

/* machine_set_debug - @d hears from now on, before the program is loaded;
 * borrowed; the instruction clock runs from the start */
void machine_set_debug(struct machine *m, const struct debug *d);

/* machine_attention - how long the clock may run has changed: emu/event.c */
void machine_attention(struct machine *m);
