/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/machine.h - a machine: RAM, swap, a CPU, and the Linux that runs on it
 *
 * Owns:    struct machine, which owns everything else
 * Used by: cli/ creates, runs and reports one
 */
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include "adi/adi.h"
#include "check/check.h"
#include "event/log.h"
#include "mm/types.h"
#include "script/script.h"

struct machine;
struct adi_profile;
struct cpu_model;
struct hook_time;
struct judge;
struct triggers;

/* A period of 0 is off. */
struct stress {
    uint64_t period; /* instructions between two events */
    uint64_t seed;
};

/* One --swap. */
struct swap_option {
    uint64_t bytes;
    const char *path; /* NULL: a temporary file */
    int priority;     /* -1: below those before it */
    bool synchronous; /* as zram: SWP_SYNCHRONOUS_IO */
};

enum schedule_order {
    SCHEDULE_RR,
    SCHEDULE_RANDOM,
    SCHEDULE_PCT,
};

#define PCT_DEFAULT_DEPTH 3
#define PCT_MAX_DEPTH     64

/* --schedule and --quantum; see emu/schedule.h */
struct schedule_options {
    enum schedule_order order;
    uint64_t seed;
    unsigned depth;   /* of SCHEDULE_PCT: at least 1 */
    uint64_t quantum; /* instructions of a turn; 0: as many as there are */
};

#define MACHINE_MAX_SWAPS 23

/* One --bind. */
struct bind_option {
    const char *path;
    size_t len; /* of it, without a ":ro" */
    bool read_only;
};

#define MACHINE_MAX_BINDS 64

struct machine_options {
    uint64_t ram_bytes;
    unsigned nr_nodes; /* of NUMA, each with its share of the RAM */
    struct swap_option swaps[MACHINE_MAX_SWAPS];
    unsigned nr_swaps;
    const struct adi_profile *profile;
    const struct cpu_model *cpu;
    unsigned engine_steps; /* for speed: emu/engine/steps.h */
    struct stress stress_swap, stress_migrate;
    uint64_t stress_wait;      /* each so many faults, one waits; 0: none */
    const char *stress_script; /* what they do is written there; NULL */
    uint64_t fail_tagstore, fail_swapwrite, fail_swapread; /* 0: never */
    uint64_t seed; /* AT_RANDOM, getrandom() */
    struct schedule_options schedule;
    bool realtime; /* the host's clock in place of the machine's */
    bool strace;
    const char *strace_path; /* NULL: as in_asm */
    unsigned progress;       /* seconds between two lines; 0: none */
    bool in_asm;             /* print instructions that are translated, */
    const char *log_path;    /* there; NULL: to stderr */
    uint64_t stack_bytes;    /* RLIMIT_STACK; 0: that of Linux */
    bool quiet;              /* say less of what programs do */
    enum check_level check;  /* after each event, fault and system call */
    bool time_hooks;         /* of the tag store, on the host */
    uint64_t max_mismatches; /* records of them; 0: any number */
    bool all_pages;          /* keep each error of a record */
    uint64_t history;        /* events to keep for the report; 0: no history */
    struct log log;
    const char *uname_release; /* NULL: that of the profile */
    const char *core_pattern;  /* of core files; NULL: none is written */
    const char *sysroot;       /* NULL: none; see emu/linux/path/sysroot.h */
    bool sandbox;              /* see emu/sandbox/sandbox.h */
    struct bind_option binds[MACHINE_MAX_BINDS];
    unsigned nr_binds;
    bool host_devices;           /* a guest of root may change device nodes */
    unsigned closed_fds;         /* bit n: 0, 1 or 2 is not the program's */
    const struct script *script; /* of events, borrowed; NULL: none */
    bool debug;                  /* machine_set_debug() will be called */
};

/* machine_script_rules - what a script for such a machine may do */
struct script_rules machine_script_rules(const struct machine_options *o);

/* What is run. */
struct machine_program {
    const char *path;
    char *const *argv; /* argv[0] is what the guest sees */
    char *const *envp;
};

/* Exit codes of our own, as a shell gives them. */
#define EXIT_INTERNAL   70  /* the emulator failed */
#define EXIT_NO_SANDBOX 71  /* the host has none, or not all of it */
#define EXIT_KERNEL_BUG 72  /* the modelled kernel stopped at a BUG() */
#define EXIT_HOST_FILE  74  /* swap, report: cannot be used, or has failed */
#define EXIT_CANNOT_RUN 126 /* found, but not a program that we can run */
#define EXIT_NOT_FOUND  127

#define MACHINE_WHY_BYTES 4608 /* a path and a phrase */

/* With EXIT_INTERNAL such a line begins so where that is no fault of ours. */
#define MACHINE_NO_MEMORY "the host has no memory"

/*
 * machine_create - everything but a program
 *
 * @why: on error, gets a line for the user
 * Returns 0, EXIT_INTERNAL or EXIT_HOST_FILE.
 */
MUST_CHECK int machine_create(const struct machine_options *options,
                              struct machine **out,
                              char why[static MACHINE_WHY_BYTES]);
void machine_destroy(struct machine *m);

/*
 * machine_run - load @program and run it to its end
 *
 * Returns the exit code for a shell: the program's own, 128 + n when signal
 * n ended it, or one of EXIT_* after a line on stderr.  EXIT_HOST_FILE is in
 * place of the program's own.
 */
int machine_run(struct machine *m, const struct machine_program *program);

/* A file that was executed, as it was then. */
struct program_file {
    char *path; /* owned by the machine */
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec mtime;
};

/* Where code is from. */
struct code_place {
    const struct program_file *file;
    uint64_t offset; /* in it */
    bool library;    /* it is not the program itself */
};

/*
 * machine_code_place - of the code at @pc of program @nr
 *
 * Returns false when it is not known, or was not always the same.
 */
bool machine_code_place(const struct machine *m, uint32_t nr, gva_t pc,
                        struct code_place *out);

/* Of the event script; NULL: there is none, or no program ran. */
const struct triggers *machine_triggers(const struct machine *m);

struct judge *machine_judge(const struct machine *m);
/* Of each path; NULL without time_hooks. */
const struct hook_time *machine_hook_times(const struct machine *m);
struct adi_store_use machine_store_peak(const struct machine *m);
/* Bytes of the RAM that were in use at once. */
uint64_t machine_ram_peak(const struct machine *m);
uint64_t machine_insns(const struct machine *m);

/* machine_progress - say how far it is, soon; safe in a signal handler */
void machine_progress(struct machine *m);

/* machine_knows_signal - is this signal of the host one for machine_signal()?
 */
bool machine_knows_signal(int sig);

/*
 * machine_signal - a signal of the host came, in a handler that blocks all
 *
 * @mask: the handler's uc_sigmask
 * If the program does not say what happens then, the run ends as if its
 * first process got the signal, or adiemu stops; after SIGTERM it always ends.
 */
void machine_signal(struct machine *m, const siginfo_t *info, sigset_t *mask);
