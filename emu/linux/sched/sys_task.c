// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/exec/exec.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/sched/clone.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"

#define WNOHANG_G    1u
#define WUNTRACED_G  2u /* WSTOPPED of waitid() */
#define WEXITED_G    4u
#define WCONTINUED_G 8u
#define WNOWAIT_G    0x1000000u
#define WNOTHREAD_G  0x20000000u
#define WALL_G       0x40000000u
#define WCLONE_G     0x80000000u

#define P_G_ALL   0
#define P_G_PID   1
#define P_G_PGID  2
#define P_G_PIDFD 3

/* -------------------------------------------------------- new processes */

int64_t sys_clone(struct task *t, const uint64_t a[6])
{
    /* sparc_clone(): an int of a program may come with its sign */
    return clone_task(t, &(struct clone_args){.flags = (uint32_t)a[0],
                                              .stack = a[1],
                                              .parent_tid = a[2],
                                              .tls = a[3],
                                              .child_tid = a[4]});
}

int64_t sys_fork(struct task *t, const uint64_t a[6])
{
    (void)a;
    return clone_task(t, &(struct clone_args){.flags = SIG_CHLD});
}

int64_t sys_vfork(struct task *t, const uint64_t a[6])
{
    (void)a;
    return clone_task(t, &(struct clone_args){.flags = CLONE_G_VFORK |
                                                       CLONE_G_VM | SIG_CHLD});
}

int64_t sys_execve(struct task *t, const uint64_t a[6])
{
    return exec_user(t, AT_G_FDCWD, a[0], a[1], a[2], 0);
}

int64_t sys_execveat(struct task *t, const uint64_t a[6])
{
    return exec_user(t, arg_int(a[0]), a[1], a[2], a[3], (unsigned)a[4]);
}

/* ------------------------------------------------------- groups, sessions */

int64_t sys_getppid(struct task *t, const uint64_t a[6])
{
    (void)a;
    return process_ppid(t->process);
}

/* Of the caller, for 0, or of any thread of it; NULL: there is none */
static struct process *by_pid(struct task *t, uint64_t pid)
{
    const struct task *of =
        arg_int(pid) == 0 ? t : task_find(t->m, (uint32_t)pid);

    return of ? of->process : NULL;
}

int64_t sys_getpgrp(struct task *t, const uint64_t a[6])
{
    (void)a;
    return t->process->pgid;
}

int64_t sys_getpgid(struct task *t, const uint64_t a[6])
{
    const struct process *of = by_pid(t, a[0]);

    return of ? (int64_t)of->pgid : -ESRCH;
}

int64_t sys_getsid(struct task *t, const uint64_t a[6])
{
    const struct process *of = by_pid(t, a[0]);

    return of ? (int64_t)of->sid : -ESRCH;
}

static bool group_in_session(const struct machine *m, uint32_t pgid,
                             uint32_t sid)
{
    const struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p->pgid == pgid && p->sid == sid)
            return true;
    }
    return false;
}

int64_t sys_setpgid(struct task *t, const uint64_t a[6])
{
    struct process *p = t->process, *of = by_pid(t, a[0]);
    uint32_t pgid = (uint32_t)a[1];

    if (arg_int(a[1]) < 0)
        return -EINVAL;
    if (!of || (of != p && of->parent != p))
        return -ESRCH;
    if (arg_int(a[0]) != 0 && (uint32_t)a[0] != of->pid)
        return -EINVAL; /* a thread, not the leader */
    if (of != p && of->sid != p->sid)
        return -EPERM;
    if (of != p && of->execed)
        return -EACCES;
    if (of->sid == of->pid)
        return -EPERM; /* a session leader stays */
    if (pgid == 0)
        pgid = of->pid;
    if (pgid != of->pid && !group_in_session(p->m, pgid, p->sid))
        return -EPERM;
    of->pgid = pgid;
    return 0;
}

int64_t sys_setsid(struct task *t, const uint64_t a[6])
{
    struct process *p = t->process;
    const struct process *i;

    (void)a;
    DL_FOREACH(t->m->processes, i) {
        if (i->pgid == p->pid)
            return -EPERM;
    }
    p->sid = p->pgid = p->pid;
    p->tty = NULL;
    return p->pid;
}

/* ------------------------------------------------------------------ wait */

struct wait_opts {
    int type; /* P_G_*, but for P_G_PIDFD */
    uint32_t id;
    unsigned flags;
    bool nonblock; /* the descriptor does not wait */
};

/* eligible_child() */
static bool is_eligible(const struct task *t, const struct process *c,
                        const struct wait_opts *o)
{
    bool clone = c->exit_signal != SIG_CHLD;

    if (c->parent != t->process || (o->flags & WNOTHREAD_G && c->maker != t))
        return false;
    if ((o->type == P_G_PID && c->pid != o->id) ||
        (o->type == P_G_PGID && c->pgid != o->id))
        return false;
    return o->flags & WALL_G || clone == ((o->flags & WCLONE_G) != 0);
}

/* What @c has to tell under @o: a CLD_G_* code; 0: nothing */
static int news_of(const struct process *c, const struct wait_opts *o)
{
    if (c->zombie)
        return o->flags & WEXITED_G ? process_exit_code(c) : 0;
    if (c->stop_unwaited && o->flags & WUNTRACED_G)
        return CLD_G_STOPPED;
    if (c->cont_unwaited && o->flags & WCONTINUED_G)
        return CLD_G_CONTINUED;
    return 0;
}

/* The first child with news, which *@code names; NULL with -ECHILD, 0 when
 * there is nobody to wait for, or nobody has any. */
static struct process *find_child(const struct task *t,
                                  const struct wait_opts *o, int *code)
{
    struct process *c;

    *code = -ECHILD;
    DL_FOREACH(t->m->processes, c) {
        if (!is_eligible(t, c, o))
            continue;
        *code = news_of(c, o);
        if (*code)
            return c;
    }
    /* The last one seen said 0; one before it may have been eligible. */
    DL_FOREACH(t->m->processes, c) {
        if (is_eligible(t, c, o))
            *code = 0;
    }
    return NULL;
}

static uint32_t wait_status(const struct process *c, int code)
{
    switch (code) {
    case CLD_G_STOPPED: return (uint32_t)c->stop_signal << 8 | 0x7f;
    case CLD_G_CONTINUED: return 0xffff;
    default: return (uint32_t)c->exit_code;
    }
}

/* The news has been told. */
static void consume(struct process *p, struct process *c, int code)
{
    if (code == CLD_G_STOPPED) {
        c->stop_unwaited = false;
    } else if (code == CLD_G_CONTINUED) {
        c->cont_unwaited = false;
    } else {
        const struct usage own = process_usage(c);

        usage_add(&p->child_usage, &own);
        usage_add(&p->child_usage, &c->child_usage);
        process_destroy(c);
    }
}

static int64_t wait_more(struct task *t, const struct wait_opts *o)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};

    return o->flags & WNOHANG_G ? 0
                                : sched_wait(t, WAIT_CHILD, FOREVER, results);
}

int64_t sys_wait4(struct task *t, const uint64_t a[6])
{
    struct wait_opts o = {.flags = (uint32_t)a[2]};
    int pid = arg_int(a[0]), code;
    struct process *c;
    uint32_t of;

    if (o.flags & ~(WNOHANG_G | WUNTRACED_G | WCONTINUED_G | WNOTHREAD_G |
                    WCLONE_G | WALL_G))
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    o.flags |= WEXITED_G;
    o.type = pid == -1 ? P_G_ALL : pid > 0 ? P_G_PID : P_G_PGID;
    o.id = pid > 0    ? (uint32_t)pid
           : pid < -1 ? (uint32_t)-pid
                      : t->process->pgid;
    c = find_child(t, &o, &code);
    if (!c)
        return code < 0 ? code : wait_more(t, &o);
    of = c->pid;
    if (a[1] && put_user32(t, a[1], wait_status(c, code)))
        of = 0;
    if (of && a[3]) {
        struct usage sum = process_usage(c);

        usage_add(&sum, &c->child_usage);
        if (usage_to_user(t, a[3], &sum))
            of = 0;
    }
    consume(t->process, c, code);
    return of ? (int64_t)of : -EFAULT;
}

int64_t sys_waitpid(struct task *t, const uint64_t a[6])
{
    return sys_wait4(t, (const uint64_t[6]){a[0], a[1], a[2]});
}

static int put_siginfo(struct task *t, uint64_t va, const struct process *c,
                       int code)
{
    struct siginfo info = {0};
    uint8_t raw[SIGINFO_BYTES] = {0};

    if (c) {
        info = process_child_info(c, code);
        info.signo = SIG_CHLD;
        siginfo_to_guest(&info, true, raw);
    }
    return copy_to_user(t, va, raw, SIGINFO_BYTES) ? -EFAULT : 0;
}

/* P_PIDFD: one process, that of descriptor @fd */
static int set_pidfd(const struct task *t, int fd, struct wait_opts *o)
{
    struct process *of;
    int err = fd < 0 ? -EINVAL : pidfd_get_process(t, fd, &of);

    if (err && err != -ESRCH)
        return err;
    o->type = P_G_PID;
    o->id = err ? 0 : of->pid; /* nobody: it was waited for */
    o->nonblock =
        files_nonblock(t->process->files, fd) && !(o->flags & WNOHANG_G);
    if (o->nonblock)
        o->flags |= WNOHANG_G;
    return 0;
}

int64_t sys_waitid(struct task *t, const uint64_t a[6])
{
    struct wait_opts o = {
        .type = arg_int(a[0]), .id = (uint32_t)a[1], .flags = (uint32_t)a[3]};
    int code, err = 0;
    struct process *c;
    int64_t value;

    if (o.flags & ~(WNOHANG_G | WNOWAIT_G | WEXITED_G | WUNTRACED_G |
                    WCONTINUED_G | WNOTHREAD_G | WCLONE_G | WALL_G) ||
        !(o.flags & (WEXITED_G | WUNTRACED_G | WCONTINUED_G)))
        return -EINVAL;
    if (o.type < P_G_ALL || o.type > P_G_PIDFD)
        return -EINVAL;
    if (o.type == P_G_PIDFD) {
        err = set_pidfd(t, arg_int(a[1]), &o);
        if (err)
            return err;
    } else if (o.type == P_G_PID && arg_int(a[1]) <= 0) {
        return -EINVAL;
    }
    if (o.type == P_G_PGID && o.id == 0)
        o.id = t->process->pgid;
    c = find_child(t, &o, &code);
    if (!c) {
        value = code < 0 ? code : wait_more(t, &o);
        if (value == 0 && o.nonblock)
            return -EAGAIN;
        if (value == 0 && a[2])
            value = put_siginfo(t, a[2], NULL, 0);
        return value;
    }
    if (a[4]) {
        const struct usage own = process_usage(c);

        err = usage_to_user(t, a[4], &own);
    }
    if (!err && a[2])
        err = put_siginfo(t, a[2], c, code);
    if (!(o.flags & WNOWAIT_G))
        consume(t->process, c, code);
    return err;
}
