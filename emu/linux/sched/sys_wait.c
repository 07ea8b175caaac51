// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wait4(2), waitid(2): children, and tasks that the caller traces.
 *
 * Source: linux v6.2 kernel/exit.c wait_consider_task() and what is around it
 */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/pidfd.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/signal/stop.h"
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

struct wait_opts {
    int type; /* P_G_*, but for P_G_PIDFD */
    uint32_t id;
    unsigned flags;
    bool nonblock; /* the descriptor does not wait */
};

/* What a task has to tell. */
struct news {
    struct task *of; /* NULL: nobody has any */
    bool any;        /* ... but somebody may have, later */
    int code;        /* CLD_G_* */
    int status;      /* as that wants it: exit code, or signal and event */
    bool traced;     /* told to a tracer */
};

/* eligible_child() */
static bool is_eligible(const struct wait_opts *o, bool traced,
                        const struct task *c)
{
    const struct process *p = c->process;
    bool clone = c != process_leader(p) || p->exit_signal != SIG_CHLD;

    if ((o->type == P_G_PID && c->pid != o->id) ||
        (o->type == P_G_PGID && p->pgid != o->id))
        return false;
    return traced || o->flags & WALL_G || clone == ((o->flags & WCLONE_G) != 0);
}

/* wait_task_stopped() */
static int news_of_stop(const struct wait_opts *o, bool traced,
                        const struct task *c, int *status)
{
    const struct process *p = c->process;

    if (traced) {
        *status = c->ptrace.exit_code;
        return c->jobctl & JOBCTL_TRACED && !(c->jobctl & JOBCTL_LISTENING) &&
                       *status
                   ? CLD_G_TRAPPED
                   : 0;
    }
    *status = p->group_stop_code;
    return o->flags & WUNTRACED_G && p->signal_flags & SIGNAL_STOP_STOPPED &&
                   *status
               ? CLD_G_STOPPED
               : 0;
}

/* wait_consider_task(): true: it has news, and the search is over */
static bool consider(const struct wait_opts *o, bool traced, struct task *c,
                     struct news *n)
{
    const struct process *p = c->process;
    bool leads = c == process_leader(p);

    if (!is_eligible(o, traced, c))
        return false;
    /* Its own parent traces it: a stop is told once. */
    if (!traced && c->ptrace.flags && !ptrace_reparented(c))
        traced = true;
    n->of = c;
    n->traced = traced;
    n->status = 0;
    if (c->left && (!leads || task_is_alone(c)) &&
        (traced || !c->ptrace.flags)) {
        n->any = n->any || o->flags & WEXITED_G || !traced;
        n->status = task_exit_status(c);
        n->code = o->flags & WEXITED_G ? exit_code_cld(n->status) : 0;
        return n->code != 0;
    }
    if (!c->left || !traced || o->flags & (WCONTINUED_G | WEXITED_G))
        n->any = true;
    n->code = news_of_stop(o, traced, c, &n->status);
    if (!n->code && o->flags & WCONTINUED_G &&
        p->signal_flags & SIGNAL_STOP_CONTINUED) {
        n->code = CLD_G_CONTINUED;
        n->status = SIG_CONT;
    }
    return n->code != 0;
}

/* do_wait_pid() */
static bool look_at_pid(const struct task *t, const struct wait_opts *o,
                        struct news *n)
{
    struct process *p = process_find(t->m, o->id);
    struct task *c;

    if (p && p->parent == t->process &&
        (!(o->flags & WNOTHREAD_G) || p->maker == t) &&
        consider(o, false, process_leader(p), n))
        return true;
    c = task_find(t->m, o->id);
    if (!c || !c->ptrace.tracer ||
        (o->flags & WNOTHREAD_G ? c->ptrace.tracer != t
                                : c->ptrace.tracer->process != t->process))
        return false;
    return consider(o, true, c, n);
}

/* do_wait_thread(), ptrace_do_wait(): of all threads of the caller */
static bool look_at_all(const struct task *t, const struct wait_opts *o,
                        struct news *n)
{
    const struct task *tracer;
    struct process *p;
    struct task *c;

    DL_FOREACH(t->m->processes, p) {
        if (p->parent == t->process &&
            (!(o->flags & WNOTHREAD_G) || p->maker == t) &&
            consider(o, false, process_leader(p), n))
            return true;
    }
    DL_FOREACH2(t->process->threads, tracer, thread_next) {
        if (o->flags & WNOTHREAD_G && tracer != t)
            continue;
        DL_FOREACH2(tracer->ptrace.tracees, c, ptrace.next) {
            if (consider(o, true, c, n))
                return true;
        }
    }
    return false;
}

/* The first one with news; without any, news.of is NULL. */
static struct news look(const struct task *t, const struct wait_opts *o)
{
    struct news n = {0};

    if (!(o->type == P_G_PID ? look_at_pid(t, o, &n) : look_at_all(t, o, &n)))
        n.of = NULL;
    return n;
}

/* wait_task_zombie(): its tracer has seen it, or its parent */
static void consume_zombie(struct process *p, const struct news *n)
{
    struct task *c = n->of;
    struct process *child = c->process;
    bool leads = c == process_leader(child);

    if (leads && c->ptrace.flags && ptrace_reparented(c)) {
        ptrace_unlink(c);
        if (task_tell_exit(c, child->exit_signal))
            task_reap(c);
        return;
    }
    if (leads) {
        const struct usage own = process_usage(child);

        usage_add(&p->child_usage, &own);
        usage_add(&p->child_usage, &child->child_usage);
    }
    task_reap(c);
}

/* The news has been told. */
static void consume(struct process *p, const struct news *n)
{
    switch (n->code) {
    case CLD_G_TRAPPED: n->of->ptrace.exit_code = 0; break;
    case CLD_G_STOPPED: n->of->process->group_stop_code = 0; break;
    case CLD_G_CONTINUED:
        n->of->process->signal_flags &= ~SIGNAL_STOP_CONTINUED;
        break;
    default: consume_zombie(p, n); break;
    }
}

static uint32_t wait_status(const struct news *n)
{
    switch (n->code) {
    case CLD_G_TRAPPED:
    case CLD_G_STOPPED: return (uint32_t)n->status << 8 | 0x7f;
    case CLD_G_CONTINUED: return 0xffff;
    default: return (uint32_t)n->status;
    }
}

/* There are no news. */
static int64_t wait_more(struct task *t, const struct wait_opts *o,
                         const struct news *n)
{
    static const struct wait_results results = {.on_signal = -ERESTARTSYS_G};

    if (!n->any)
        return -ECHILD;
    return o->flags & WNOHANG_G ? 0
                                : sched_wait(t, WAIT_CHILD, FOREVER, results);
}

int64_t sys_wait4(struct task *t, const uint64_t a[6])
{
    struct wait_opts o = {.flags = (uint32_t)a[2]};
    int pid = arg_int(a[0]);
    struct news n;
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
    n = look(t, &o);
    if (!n.of)
        return wait_more(t, &o, &n);
    of = n.of->pid;
    if (a[1] && put_user32(t, a[1], wait_status(&n)))
        of = 0;
    if (of && a[3]) {
        struct usage sum = process_usage(n.of->process);

        usage_add(&sum, &n.of->process->child_usage);
        if (usage_to_user(t, a[3], &sum))
            of = 0;
    }
    consume(t->process, &n);
    return of ? (int64_t)of : -EFAULT;
}

int64_t sys_waitpid(struct task *t, const uint64_t a[6])
{
    return sys_wait4(t, (const uint64_t[6]){a[0], a[1], a[2]});
}

/* @n NULL: nobody's */
static int put_siginfo(struct task *t, uint64_t va, const struct news *n)
{
    uint8_t raw[SIGINFO_BYTES] = {0};
    struct siginfo info;

    if (n) {
        info = (struct siginfo){.signo = SIG_CHLD,
                                .code = n->code,
                                .pid = n->of->pid,
                                .uid = n->of->cred.uid.real,
                                .status = n->status};
        if (n->code < CLD_G_TRAPPED)
            info.status = exit_code_value(n->status);
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
    o->nonblock = files_nonblock(t->files, fd) && !(o->flags & WNOHANG_G);
    if (o->nonblock)
        o->flags |= WNOHANG_G;
    return 0;
}

int64_t sys_waitid(struct task *t, const uint64_t a[6])
{
    struct wait_opts o = {
        .type = arg_int(a[0]), .id = (uint32_t)a[1], .flags = (uint32_t)a[3]};
    struct news n;
    int64_t value;
    int err = 0;

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
    n = look(t, &o);
    if (!n.of) {
        value = wait_more(t, &o, &n);
        if (value == 0 && o.nonblock)
            return -EAGAIN;
        if (value == 0 && a[2])
            value = put_siginfo(t, a[2], NULL);
        return value;
    }
    if (a[4]) {
        const struct usage own = process_usage(n.of->process);

        err = usage_to_user(t, a[4], &own);
    }
    if (!err && a[2])
        err = put_siginfo(t, a[2], &n);
    if (!(o.flags & WNOWAIT_G))
        consume(t->process, &n);
    return err;
}
