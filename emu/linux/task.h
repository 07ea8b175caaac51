/*
 * emu/linux/task.h - a process: what the kernel keeps of it
 *
 * Owns:    struct task
 * Used by: emu/linux/
 */
#pragma once

#include "emu/internal.h"
#include "mm/mempolicy.h"

struct files;
struct sighand;

#define TASK_COMM_LEN 16
#define NSIG_GUEST    64
#define MAX_WSAVED    7

/* A fault that the engine was told of, until its trap arrives. */
struct fault_info {
    int sig; /* 0: none */
    int code;
    uint64_t addr;
    bool oom;  /* the process is killed instead */
    bool page; /* si_addr is computed from the instruction */
    bool exec; /* of an instruction: si_addr is its PC */
};

/* siginfo in host order; see emu/linux/signal.h */
struct siginfo {
    int signo, errno_, code;
    uint64_t addr;     /* faults */
    int trapno;        /* SIGILL of a bad trap */
    uint32_t pid, uid; /* kill, SIGCHLD */
    int status;        /* SIGCHLD */
    uint64_t value;    /* rt_sigqueueinfo */
};

/* A register window that has no place in memory. */
struct saved_window {
    uint64_t sp; /* biased */
    uint64_t regs[16];
};

struct sigaltstack {
    uint64_t sp;
    uint32_t flags;
    uint64_t size;
};

struct task {
    struct machine *m; /* borrowed */
    uint32_t pid, ppid;
    struct mm *mm;           /* counted */
    struct mpol_task mpol;   /* set_mempolicy(): a child has its parent's */
    struct files *files;     /* owned */
    struct sighand *sighand; /* owned */
    char comm[TASK_COMM_LEN];
    char *exe; /* owned; absolute path on the host */
    int cwd;   /* owned; directory of the host */

    struct fault_info fault;
    struct fault_info disrupted; /* a store that took effect all the same */
    uint64_t blocked;            /* signals, bit n-1 */
    uint64_t saved_mask;         /* of sigsuspend */
    bool restore_mask;
    struct sigaltstack altstack;
    struct saved_window wsaved[MAX_WSAVED];
    unsigned nr_wsaved;

    /* The system call being done, for restarts and strace. */
    bool in_syscall;
    bool no_return; /* the call set the registers itself: sigreturn */
    uint64_t orig_o0;

    uint64_t start_code, start_data, end_data, arg_start, env_start;
    uint64_t rlim_stack;
    uint64_t rlim[16][2]; /* soft and hard, where rlim_set has the bit */
    unsigned rlim_set;
    int exit_code; /* wait status when dead */
    bool dead;
    struct task *prev, *next;
};

/* task_create - process @pid without an image; NULL: no host memory */
struct task *task_create(struct machine *m);
void task_destroy(struct task *t);

/* task_exit - the process ends with this wait status; never runs again */
void task_exit(struct task *t, int wait_status);
