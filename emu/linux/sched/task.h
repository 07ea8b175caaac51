/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/linux/sched/task.h - a thread: what the kernel keeps of it
 *
 * Owns:    struct task
 * Used by: emu/
 */
#pragma once

#include "emu/engine/cpu.h"
#include "emu/internal.h"
#include "emu/linux/sched/priority.h"
#include "mm/mempolicy.h"

struct call_argument;
struct call_held;
struct fifo_wait;
struct files;
struct fs_struct;
struct futex_waiter;
struct late_copy;
struct lock;
struct mapping;
struct msg_waiter;
struct net_call;
struct pollfd;
struct process;
struct queued;
struct sem_queue;
struct sem_undo_list;

#define TASK_COMM_LEN 16
#define NSIG_GUEST    64
#define MAX_WSAVED    7

/* A fault that the engine was told of, until its trap arrives. */
struct fault_info {
    int sig; /* 0: none */
    int code;
    uint64_t addr;
    bool fatal; /* no memory, or no kernel: the process is killed instead */
    bool page;  /* si_addr is computed from the instruction */
    bool exec;  /* of an instruction: si_addr is its PC */
};

/* What a task waits for before its system call is made again. */
enum wait_kind {
    WAIT_NONE,
    WAIT_SIGNAL, /* nothing else: pause() */
    WAIT_CHILD,  /* one of them ended, stopped or went on */
    WAIT_VFORK,  /* the child is done with our address space */
    WAIT_FDS,
    WAIT_LOCK, /* of a range of a file */
    WAIT_FUTEX,
    WAIT_FIFO,   /* the other end of it */
    WAIT_IPC,    /* semaphores and messages of System V */
    WAIT_FAULT,  /* a page of the program's memory: docs/faults.md */
    WAIT_PTRACE, /* its tracer lets it go on; or, of a tracer, it has stopped */
    WAIT_REAP,   /* the other threads are gone: of execve() */
};

/* emu/linux/call.h */
struct call_state {
    struct call_argument *arguments; /* owned; what user memory said */
    struct call_held *held;          /* owned; what descriptors were */
    struct fifo_wait *fifo;          /* owned; of open(2) */
    struct late_copy *late;          /* owned; see emu/linux/late.h */
    struct net_call *net;            /* owned; of emu/linux/net/ */
    bool late_failed;                /* one of them: -EFAULT */
    bool over;                       /* but for these: it returns @value */
    int64_t value;
};

/* emu/linux/sched/sched.h */
struct wait {
    enum wait_kind kind; /* WAIT_NONE: the task can run */
    bool again;          /* the call has waited before */
    bool in_call;        /* ... and is made again; or else it just goes on */
    bool fault;          /* an access must wait: this try does not count */
    bool woken;          /* what it waits for has happened */
    uint64_t deadline;   /* machine time, ns; FOREVER: none */
    uint64_t signals;    /* blocked ones that it waits for */
    uint64_t done;       /* progress of a call that moves bytes */
    struct lock *lock;   /* owned; of WAIT_LOCK */
    struct pollfd *fds;  /* owned; of the host */
    unsigned nr_fds;
    struct call_state call;
    bool outside;    /* one of them can become ready by no task of ours */
    bool look_again; /* somebody outside may end it, and tells nobody */

    struct futex_waiter *futex; /* owned; of WAIT_FUTEX */

    /* Of WAIT_IPC; owned. */
    struct sem_queue *sem;
    struct msg_waiter *msg;
};

/* What wait4() and getrusage() say of a process. */
struct usage {
    uint64_t cpu_ns, system_ns; /* the second is part of the first */
    uint64_t max_rss;           /* pages */
};

/* task_io_accounting: bytes, and calls, that read and wrote */
struct io_account {
    uint64_t rchar, wchar, syscr, syscw;
};

/* siginfo in host order; see emu/linux/signal/signal.h */
struct siginfo {
    int signo, errno_, code;
    uint64_t addr;     /* faults */
    int trapno;        /* SIGILL of a bad trap */
    uint32_t pid, uid; /* kill, SIGCHLD */
    int status;        /* SIGCHLD: exit code or signal */
    uint64_t value;    /* rt_sigqueueinfo */
    uint32_t band;     /* SIGIO: of poll(2) */
    int fd;
};

/* The same; all fields in host order. */
struct sigaction_g {
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

/* emu/linux/signal/sigpending.h */
struct sigpending {
    struct queued *list; /* owned; in order of arrival */
    uint64_t set;        /* those in it, bit n-1 */
};

#define WINDOW_REGS 16 /* locals and ins */

/* What clone() still has to do when its child runs. */
enum clone_stage {
    CLONE_DONE,
    CLONE_VFORKS, /* wait for it */
};

/* A register window that has no place in memory. */
struct saved_window {
    uint64_t sp; /* biased */
    uint64_t regs[WINDOW_REGS];
};

struct sigaltstack {
    uint64_t sp;
    uint32_t flags;
    uint64_t size;
};

/* The registers of a task that is in the kernel: struct pt_regs, and those of
 * the FPU in struct thread_info.  Locals and ins are in the user's memory. */
struct trap_frame {
    uint64_t u_regs[16]; /* %g0 to %g7, %o0 to %o7 */
    uint64_t tstate, tpc, tnpc;
    uint32_t y;
    bool fp_set; /* the FPU's were changed */
    uint64_t fpregs[CPU_NR_FPR];
    uint64_t fsr, gsr, fprs;
};

/* Where a traced task has stopped: what it goes on with. */
enum ptrace_place {
    STOP_NOWHERE,
    STOP_SIGNAL,  /* before it is delivered */
    STOP_JOBCTL,  /* JOBCTL_TRAP_MASK */
    STOP_ENTRY,   /* of a system call */
    STOP_EXIT,    /* the same */
    STOP_EVENT,   /* in a call, which goes on */
    STOP_EXITING, /* PTRACE_EVENT_EXIT */
};

/* emu/linux/ptrace/ptrace.h */
struct ptrace {
    unsigned flags;       /* PT_*; 0: nobody traces it */
    bool syscalls;        /* TIF_SYSCALL_TRACE */
    bool entry_seen;      /* that, when the call began */
    bool capable;         /* ptracer_cred: the tracer has CAP_SYS_PTRACE */
    struct task *tracer;  /* borrowed */
    struct task *tracees; /* borrowed; the last one first */
    struct task *prev, *next;
    enum ptrace_place at;
    int exit_code; /* for wait4(); then the signal that it goes on with */
    uint64_t message;
    bool has_info;       /* last_siginfo */
    struct siginfo info; /* of a signal, or of the stop */
    bool shared;         /* the signal was the process's */
    struct trap_frame regs;
    gva_t next_pc; /* of STOP_EXIT: where it goes on; 0: as regs say */
};

struct task {
    struct machine *m;          /* borrowed */
    struct process *process;    /* that it is a thread of */
    uint32_t pid;               /* its own; gettid(2) */
    struct mpol_task mpol;      /* set_mempolicy(2) */
    struct cred cred;           /* owned */
    struct files *files;        /* counted; NULL once it has left */
    struct fs_struct *fs;       /* the same */
    struct sem_undo_list *undo; /* the same; NULL: it has none yet */
    char comm[TASK_COMM_LEN];
    struct priority prio;
    uint32_t personality; /* emu/linux/exec/personality.h */

    /* prctl(2) */
    int pdeath_signal; /* when the parent ends; 0: none */
    uint8_t mce_kill;
    uint64_t timer_slack, default_timer_slack; /* ns */

    struct cpu *cpu; /* borrowed; where it runs, or ran last */
    void *regs;      /* owned; its registers while it does not run */
    bool mcdper;     /* and its %mcdper */
    struct wait wait;
    uint32_t vfork_child; /* pid, of the call that made it */
    enum clone_stage clone_stage;
    uint32_t exec_pid; /* that it had before execve(), while that ends; or 0 */
    struct task *vforker;     /* who waits for us to leave its address space */
    uint64_t clear_child_tid; /* address, 0: none */
    uint64_t robust_list;     /* address of its head, 0: none */
    uint64_t cpu_since;       /* machine time when it began to run */
    uint64_t turn_priority;   /* emu/schedule.h; 0: none yet */
    struct usage usage;
    struct io_account io;

    bool no_wait;  /* as PF_EXITING: none of its faults waits */
    gva_t *waited; /* owned; pages whose next fault does not wait */
    unsigned nr_waited, room_waited;
    struct fault_info fault;
    struct fault_info disrupted; /* a store that took effect all the same */
    struct sigpending pending;   /* sent to this task, not to the process */
    uint64_t blocked;            /* signals, bit n-1 */
    uint64_t saved_mask;         /* of sigsuspend */
    bool restore_mask;
    struct siginfo handled; /* taken; no frame for it yet.  signo 0: none */
    struct sigaction_g handled_by;
    struct sigaltstack altstack;
    struct saved_window wsaved[MAX_WSAVED];
    unsigned nr_wsaved;

    /* The system call being done, for restarts and strace. */
    bool in_syscall;     /* it has failed, and no signal has seen that yet */
    bool syscall_trap;   /* TSTATE_SYSCALL */
    bool noerror;        /* force_successful_syscall_return() */
    const char *call;    /* name of the one whose handler runs; NULL: none */
    unsigned call_nr;    /* its number, whatever becomes of %g1 */
    uint32_t strace_len; /* bytes of room for a name, before the call */
    uint8_t strace_arg;  /* the first that is not printed yet */
    bool call32;         /* by the trap of 32-bit programs */
    bool no_return;      /* the call set the registers itself: sigreturn */
    uint64_t orig_o0;
    unsigned open_flags;       /* O_G_* of an openat2() that waits */
    uint64_t restart_deadline; /* of a call to be made again; 0: none */

    unsigned jobctl;      /* emu/linux/signal/stop.h */
    struct ptrace ptrace; /* emu/linux/ptrace/ptrace.h */

    uint64_t min_flt, maj_flt; /* faults without and with a swap read */
    int exit_code;             /* of this thread */
    bool told;                 /* ... and who waits for it was told */
    bool held;                 /* by the debugger: emu/debug.h */
    struct siginfo forced;     /* of JOBCTL_FORCED */
    bool dead;                 /* never runs again */
    bool left;                 /* ... and has let go of what it had */
    struct task *prev, *next;  /* of all */
    struct task *thread_prev, *thread_next;
};

/* task_cpu - where it runs, or ran last */
static inline struct cpu *task_cpu(const struct task *t)
{
    return t->cpu;
}

/* task_engine - its registers and its TLB, while it runs */
static inline struct engine *task_engine(const struct task *t)
{
    return t->cpu->engine;
}

/* task_curr - does a CPU hold its registers? */
static inline bool task_curr(const struct task *t)
{
    return t->cpu->current == t;
}

/* task_alloc - a task of @p; NULL: no host memory */
struct task *task_alloc(struct process *p);

/* task_free - with what it still has; NULL is fine */
void task_free(struct task *t);

/* task_inherit - what a task that @parent makes has of it from the start */
void task_inherit(struct task *t, const struct task *parent);

/* task_find - find_task_by_vpid(); NULL: there is none, or it was waited for */
struct task *task_find(const struct machine *m, uint32_t pid);

/* usage_add - @of has ended, or is counted together with @to */
void usage_add(struct usage *to, const struct usage *of);

/* task_keep_max_rss - what it has now may be the most it had */
void task_keep_max_rss(struct task *t);

/* task_mm_release - exec_mm_release(): a vfork() parent may go on */
void task_mm_release(struct task *t);

/* A look at the registers of a task that may be on no CPU: an engine shows
 * those of one by name (emu/engine/cpu.h). */
struct task_visit {
    struct task *t;
    void *own; /* owned; of the task on the CPU; NULL: that is @t */
};

/* task_visit - task_engine(@t) has the registers of @t until task_visit_end();
 * false: no host memory */
MUST_CHECK bool task_visit(struct task_visit *v, struct task *t);

/* task_visit_end - @changed: @t has them as they are now */
void task_visit_end(struct task_visit *v, bool changed);
