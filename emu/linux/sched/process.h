/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/process.h - a process: what its threads have in common
 *
 * Owns:    struct process
 * Used by: emu/
 * Source:  linux v6.2 include/linux/sched/signal.h struct signal_struct, and
 *          what else a thread group has once
 */
#pragma once

#include "emu/linux/sched/task.h"

struct pidfd;
struct posix_timer;
struct sighand;
struct tty;

/* setitimer(2), in ns; next 0: off */
struct itimer {
    uint64_t next, interval;
};

#define NR_ITIMERS 3

/* emu/linux/sched/rlimit.h */
struct rlimit_g {
    uint64_t soft, hard;
};

#define NR_RLIMITS 16

#define AT_VECTOR_WORDS 48

/* Where in its mm the program and its arguments are: of mm_struct, too. */
struct mm_layout {
    uint64_t start_code, end_code, start_data, end_data, start_stack;
    uint64_t arg_start, arg_end, env_start, env_end;
    uint64_t auxv[AT_VECTOR_WORDS]; /* saved_auxv: pairs, ends with AT_NULL */
};

struct process {
    struct machine *m;       /* borrowed */
    struct task *threads;    /* owned; the first is the leader */
    unsigned live;           /* of them can run again; the leader may not */
    uint32_t pid, pgid, sid; /* the first is the leader's too */
    struct tty *tty;         /* borrowed; controlling terminal, or NULL */
    struct process *parent;  /* NULL: init */
    struct task *maker;      /* borrowed; thread of it that forked us */
    struct pidfd *pidfds;    /* borrowed; those that stand for it */

    struct mm *mm;       /* counted; NULL once it has left */
    struct mapping *exe; /* counted; mm->exe_file; NULL: no program */
    uint32_t program;    /* number of it in reports, from 1 */
    struct mm_layout layout;
    bool dumpable;            /* of mm_struct: by its user, as a core too */
    unsigned coredump_filter; /* the same: CORE_FILTER_* */
    bool thp_disable, membarrier_private; /* the same */

    struct sighand *sighand;   /* counted; what is done about signals */
    struct sigpending pending; /* shared_pending: any thread may take it */

    struct rlimit_g rlim[NR_RLIMITS]; /* by RLIMIT_G_* */
    struct itimer timer[NR_ITIMERS];
    struct posix_timer *timers; /* owned; timer_create(2) */
    int next_timer_id;
    int oom_score_adj, oom_score_adj_min; /* of /proc/PID */

    bool child_subreaper; /* children of its children come to it */
    bool execed;          /* since its fork */
    struct usage child_usage;
    struct usage gone_usage; /* of its threads that have ended */

    int exit_signal;           /* for the parent; 0: none */
    int exit_code;             /* wait status when dead */
    bool zombie;               /* has left everything but what wait4() wants */
    unsigned signal_flags;     /* SIGNAL_* of emu/linux/signal/stop.h */
    unsigned group_stop_count; /* threads that have yet to stop */
    int group_stop_code;       /* signal; 0: wait4() has seen it */
    struct process *prev, *next;
};

/* process_leader - the thread that has its pid */
static inline struct task *process_leader(const struct process *p)
{
    return p->threads;
}

/* process_dead - none of its threads ever runs again */
static inline bool process_dead(const struct process *p)
{
    return p->live == 0;
}

/* process_create - without an image, and its task; NULL: no host memory */
struct process *process_create(struct machine *m);

/* process_destroy - forget it; what it still has is released first */
void process_destroy(struct process *p);

/*
 * process_add_thread - copy_process() with CLONE_THREAD: of that of @parent
 *
 * @flags: CLONE_G_*
 * Returns 0, -ENOMEM, -EAGAIN as process_copy().
 */
MUST_CHECK int process_add_thread(struct task *parent, uint64_t flags,
                                  struct task **out);

/*
 * process_copy - copy_process(): a child of @parent's, not yet able to run
 *
 * @flags: CLONE_G_*
 * Returns 0, -ENOMEM, -EAGAIN: no pid is left, or there are enough tasks.
 */
MUST_CHECK int process_copy(struct task *parent, uint64_t flags,
                            struct process **out);

/* process_set_max - set_max_threads(): kernel.threads-max is @wanted, or what
 * the RAM permits */
void process_set_max(struct machine *m, uint64_t wanted);

/* process_find - NULL: no such process, or a zombie that was waited for */
struct process *process_find(const struct machine *m, uint32_t pid);

uint32_t process_ppid(const struct process *p);

/* process_usage - of all its threads, ended ones too */
struct usage process_usage(const struct process *p);

/* process_remove_thread - free one that is not the only one; what it used is
 * the process's */
void process_remove_thread(struct task *t);

/* process_lead - de_thread(): @t has the number of the leader, which goes */
void process_lead(struct task *t);
