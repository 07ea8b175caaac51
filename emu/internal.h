/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/internal.h - struct machine, for emu/ and emu/linux/
 */
#pragma once

#include <stdatomic.h>
#include <stdio.h>

#include "adi/adi.h"
#include "adi/profile.h"
#include "adi/tags.h"
#include "base/invariant.h"
#include "base/rng.h"
#include "emu/cpu.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/kmem.h"
#include "emu/machine.h"
#include "emu/schedule.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "mm/memory.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "swap/swap.h"

struct process;
struct task;
struct tty;
struct ipc_namespace;
struct file_maps;
struct swap_files;
struct check;
struct debug;
struct drive;
struct triggers;
struct lock_table;
struct warnings;
struct file_times;
struct sysroot;
struct confine;
struct strace;
struct disas;
struct programs;
struct futex_waiter;
struct sock;
struct flight;

/* Does the program get on, whatever events do to it? */
struct progress {
    uint64_t insns;  /* when it had its last fault, */
    uint32_t pid;    /* this process, */
    unsigned faults; /* and so many since */
    unsigned line;   /* of the events, carried out last; 0: none */
    bool stuck;      /* no: the run ends */
};

/* Who set the last tag; see emu/linux/backtrace.h. */
#define SETTER_CALLERS 4

struct setter {
    uint32_t pid, program;
    gva_t pc, o7, caller[SETTER_CALLERS];
    uint64_t stack; /* as judge_save_stack() has numbered it */
};

/* Periodic events on the instruction clock. */
struct stressor {
    uint64_t period;
    uint64_t next; /* instruction count of the next event */
    struct rng rng;
};

#define FIRST_PID               1000 /* of the program; those that it makes follow */
#define PID_MAX                 32768
#define PID_MAX_MIN             301
#define PID_MAX_LIMIT           (4 << 20)
#define MACHINE_FIRMWARE_FRAMES 40 /* as above "System RAM" of an M7 */
#define BOUNCE_BYTES            (UINT64_C(1) << 20)

struct machine {
    struct machine_options options;
    struct hub *hub;
    struct judge *judge;
    struct memory *mem;
    struct adi *adi;
    struct swap *swap;
    struct cpu cpus[MACHINE_MAX_CPUS];
    struct schedule schedule;
    unsigned nr_cpus;     /* one so far */
    struct cpu *this_cpu; /* that has asked us last */

    /* All of them, the dead until they are waited for. */
    struct process *processes;
    struct task *tasks;
    uint32_t next_pid, first_pid;
    bool deaths;            /* since those who died have left */
    uint64_t nr_forks;      /* total_forks: processes that there have been */
    int pid_max;            /* kernel.pid_max: the first that nobody gets */
    uint64_t max_threads;   /* kernel.threads-max */
    unsigned pipe_max_size; /* fs.pipe-max-size, bytes */
    struct cred first_cred; /* who runs adiemu */
    struct cred host_cred;  /* what the host sees now */
    int exit_code;          /* of the first task, for the shell */
    unsigned host_umask;    /* while the host's is 0 */
    bool told_descriptors;  /* that the host has no more, */
    bool told_bug;          /* that the kernel has stopped */
    uint64_t pgfault, pgmajfault; /* of all tasks; those that read swap */

    struct stressor stress_swap, stress_migrate;
    uint64_t wait_period; /* each so many of these faults wait; 0: none does */
    uint64_t wait_faults;
    const struct debug *debug; /* borrowed; emu/debug.h; NULL: nobody */
    struct drive *drive;       /* of the event script; NULL: none */
    struct triggers *triggers; /* NULL: no script, or no program yet */
    struct rng random;
    struct setter setter;
    struct programs *programs; /* owned; NULL: none yet */
    uint64_t vtime_ns;         /* machine time; see emu/linux/time/clock.h */
    bool clock_asked, clock_wanted;
    uint64_t clock_base;           /* instruction count when somebody asked */
    uint64_t timer_due;            /* machine time, ns; at the latest */
    uint64_t host_start_ns;        /* the date of the host then */
    struct file_times *file_times; /* owned */
    struct sysroot *sysroot;       /* owned; NULL: none */
    struct confine *bounds;        /* owned; of --sandbox; NULL: none */
    struct confine *confine;       /* @bounds once they are closed; or NULL */
    uint64_t host_since_ns;
    struct kmem kmem;          /* what the program has of the kernel's */
    struct ipc_namespace *ipc; /* owned */
    struct file_maps *file_maps;
    struct swap_files *swap_files;
    int ready_fd;     /* owned; of the host, always readable; -1: none yet */
    struct tty *ttys; /* owned; see emu/linux/tty/tty.h */
    struct lock_table *locks;       /* fcntl(2) */
    struct timerfd *timerfds;       /* of open files, which own them */
    struct open_file *polled_files; /* borrowed; those with a poll() */
    struct fasync *fasyncs;         /* owned; see emu/linux/signal/fasync.h */
    uint64_t files_opened;
    struct sock *socks;     /* of open files, which own them */
    struct flight *flights; /* owned; see emu/linux/net/flight.h */
    bool reaping_flights;
    char exec_why[MACHINE_WHY_BYTES]; /* about a file not executed */
    uint8_t *bounce;           /* owned; for copies between guest and host */
    struct hostsigs *hostsigs; /* owned; see emu/linux/signal/hostsig.h */
    int interrupted; /* the guest's number of one that ends the run, or 0 */
    /* Of the memory above the RAM, which is the firmware's. */
    adi_tag_t firmware_tags[MACHINE_FIRMWARE_FRAMES][ADI_TAGS_PER_PAGE];
    struct check *check; /* owned; of --check, or of a script's "check" */
    struct progress progress;
    atomic_bool progress_due; /* somebody wants a line of emu/progress.c */
    bool progress_shown;      /* it is on the terminal */
    uint64_t checked_changes; /* memory_changes() then */
    uint64_t checked_events;  /* hub_events() then */

    struct futex_waiter *futexes; /* borrowed; in the order of arrival */
    FILE *log_file;               /* of -D; owned, if it is not stderr */
    FILE *stress_file;            /* owned; of --stress-script; NULL */
    struct disas *disas;          /* owned; of -d in_asm; NULL */
    struct strace *strace;        /* owned; NULL: nobody wants it */
    struct warnings *warnings;    /* owned; said once, see emu/linux/warn.h */
    bool partial_line;            /* of stderr; see event/log.h */
};

/* current_task - whom the machine does something for; NULL: nobody */
static inline struct task *current_task(const struct machine *m)
{
    return m->this_cpu->current;
}

/*
 * emu/smp.c: the engines of all CPUs, which hear of the memory from now on
 *
 * @ops: what they ask, with their struct cpu
 * @why: on error, gets a sentence for the user
 * Returns 0 or -EIO; machine_cpus_destroy() is called then, too.
 */
int machine_cpus_create(struct machine *m, const struct engine_ops *ops,
                        const char **why);
void machine_cpus_destroy(struct machine *m);

/* What one CPU begins to rely on, told to all.  Changes go through the memory,
 * as the kernel's do: memory_tags_written(), memory_code_written(). */
void machine_tags_trusted(struct machine *m, pfn_t pfn);
void machine_code_read(struct machine *m, pfn_t pfn);

/* machine_kick - each CPU looks up soon; safe in a signal handler */
void machine_kick(struct machine *m);

/* machine_set_mcde - PSTATE.mcde of each CPU that runs in @mm, after mprotect()
 */
void machine_set_mcde(struct machine *m, const struct mm *mm);

/* machine_count_accesses - what the engines have counted, for the report */
void machine_count_accesses(const struct machine *m);

/* emu/programs.c: the number of the file behind @fd, for reports; 0: too many
 */
uint32_t programs_add(struct machine *m, int fd);

/* programs_note - what can be executed in [@start, @end) has changed */
void programs_note(const struct task *t, gva_t start, gva_t end);
void programs_free(struct machine *m);

/* emu/event.c */
void machine_events_init(struct machine *m);
void machine_on_clock(struct cpu *cpu);
void machine_start_clock(struct machine *m);

/* machine_fault_waits - must this fault of @t wait for a turn? */
bool machine_fault_waits(struct task *t, gva_t va, enum access access);

/* machine_fault_settled - the page of @va has come: the next time it waits */
void machine_fault_settled(struct task *t, gva_t va);

bool machine_needs_clock(const struct machine_options *o);

/*
 * emu/stuck.c: the CPU needed a fault at @va, which did what it could
 *
 * The same instruction again and again: an event undoes it.
 */
void machine_faulted(struct machine *m, gva_t va);

/* The page at @va is never there, however often it is faulted in: the run
 * ends with EXIT_INTERNAL, and a line that names the event. */
void machine_stuck(struct machine *m, gva_t va);

/*
 * emu/kernel_bug.c: the modelled kernel has met a BUG() of its own
 *
 * Says so, once; nobody gets on, and the run ends with EXIT_KERNEL_BUG.
 * machine_stop_at_bug() is for actions, which may have met one, or not.
 */
void machine_kernel_bug(struct task *t);
void machine_stop_at_bug(struct machine *m);

/*
 * emu/check.c: no path is half way, so every invariant holds.
 *
 * If one does not, says so and ends adiemu with EXIT_INTERNAL.
 */
int machine_check_init(struct machine *m);
void machine_check(struct machine *m);

/* The TLB of a CPU gets an entry; it loses all of them. */
void machine_check_fill(struct machine *m, struct mm *mm, gva_t va, pte_t pte);
void machine_check_flush(struct machine *m);

/* The same when every process is gone. */
void machine_check_end(struct machine *m);

/*
 * emu/cpu.c: tell the report of an access whose tags do not match
 *
 * @va:      with the pointer's tag
 * @precise: nothing was done
 * @kernel:  not an instruction of the program: a copy by the kernel
 */
void machine_mismatch(struct task *t, uint64_t va, unsigned bytes,
                      enum access access, bool precise, bool kernel);

/* A mismatch was seen at @va, with its tag: is it one? */
void machine_check_mismatch(struct machine *m, uint64_t va);
