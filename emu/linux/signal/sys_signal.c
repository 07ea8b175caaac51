// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/call.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/clock.h"
#include "emu/linux/uaccess.h"

#define SIG_G_BLOCK   1
#define SIG_G_UNBLOCK 2
#define SIG_G_SETMASK 4
#define SIGSET_BYTES  8

#define SS_G_ONSTACK    1u
#define SS_G_DISABLE    2u
#define SS_G_AUTODISARM (1u << 31)
#define MINSIGSTKSZ_G   4096

struct sigaction_raw {
    uint64_t handler, flags, restorer, mask;
};

struct stack_raw {
    uint64_t sp;
    uint32_t flags, pad;
    uint64_t size;
};

int64_t sys_rt_sigaction(struct task *t, const uint64_t a[6])
{
    struct sigaction_g old, new;
    struct sigaction_raw raw;
    int sig = arg_int(a[0]), err;

    if (a[4] != SIGSET_BYTES)
        return -EINVAL;
    err = signal_get_action(t, sig, &old);
    if (err)
        return err;
    if (a[1]) {
        if (copy_from_user(t, &raw, a[1], sizeof(raw)))
            return -EFAULT;
        new = (struct sigaction_g){.handler = be64toh(raw.handler),
                                   .flags = be64toh(raw.flags),
                                   .restorer = a[3],
                                   .mask = be64toh(raw.mask)};
        err = signal_set_action(t, sig, &new);
        if (err)
            return err;
    }
    if (a[2]) {
        raw = (struct sigaction_raw){.handler = htobe64(old.handler),
                                     .flags = htobe64(old.flags),
                                     .mask = htobe64(old.mask)};
        if (copy_to_user(t, a[2], &raw, sizeof(raw)))
            return -EFAULT;
    }
    return 0;
}

/* A handler that runs once, and may be interrupted by its own signal. */
int64_t sys_signal(struct task *t, const uint64_t a[6])
{
    struct sigaction_g old,
        new = {.handler = a[1], .flags = SA_G_RESETHAND | SA_G_NODEFER};
    int sig = arg_int(a[0]), err;

    err = signal_get_action(t, sig, &old);
    if (!err)
        err = signal_set_action(t, sig, &new);
    return err ? err : (int64_t)old.handler;
}

/* restart_block.fn: a call to go on with is made again by us, not by this */
int64_t sys_restart_syscall(struct task *t, const uint64_t a[6])
{
    (void)t, (void)a;
    return -EINTR;
}

int64_t sys_sgetmask(struct task *t, const uint64_t a[6])
{
    (void)a;
    return (int64_t)t->blocked;
}

int64_t sys_ssetmask(struct task *t, const uint64_t a[6])
{
    int32_t old = (int32_t)t->blocked;

    signal_set_blocked(t, (uint64_t)(int64_t)arg_int(a[0]));
    return old;
}

int64_t sys_rt_sigprocmask(struct task *t, const uint64_t a[6])
{
    uint64_t old = t->blocked, set;

    if (a[3] != SIGSET_BYTES)
        return -EINVAL;
    if (a[1]) {
        if (get_user64(t, a[1], &set))
            return -EFAULT;
        switch (arg_int(a[0])) {
        case SIG_G_BLOCK: signal_set_blocked(t, old | set); break;
        case SIG_G_UNBLOCK: signal_set_blocked(t, old & ~set); break;
        case SIG_G_SETMASK: signal_set_blocked(t, set); break;
        default: return -EINVAL;
        }
    }
    return a[2] ? put_user64(t, a[2], old) : 0;
}

int64_t sys_rt_sigpending(struct task *t, const uint64_t a[6])
{
    if (a[1] > SIGSET_BYTES)
        return -EINVAL;
    return put_user64(t, a[0], signal_pending(t) & t->blocked);
}

int64_t sys_pause(struct task *t, const uint64_t a[6])
{
    static const struct wait_results results = {.on_signal = -ERESTARTNOHAND_G};

    (void)a;
    return sched_wait(t, WAIT_SIGNAL, FOREVER, results);
}

int64_t sys_rt_sigsuspend(struct task *t, const uint64_t a[6])
{
    uint64_t set;

    if (t->wait.again)
        return sys_pause(t, a);
    if (a[1] != SIGSET_BYTES)
        return -EINVAL;
    if (get_user64(t, a[0], &set))
        return -EFAULT;
    t->saved_mask = t->blocked;
    t->restore_mask = true;
    signal_set_blocked(t, set);
    return sys_pause(t, a);
}

int64_t sys_rt_sigtimedwait(struct task *t, const uint64_t a[6])
{
    static const struct wait_results results = {.on_signal = -EINTR,
                                                .on_timeout = -EAGAIN};
    uint64_t set, sec, nsec, ns = FOREVER, timeout[2];
    uint8_t raw[SIGINFO_BYTES];
    struct siginfo info;
    int err;

    if (a[3] != SIGSET_BYTES)
        return -EINVAL;
    err = call_import64(t, a[0], &set);
    if (!err && a[2])
        err = call_import(t, timeout, a[2], sizeof(timeout));
    if (err)
        return err;
    if (a[2]) {
        sec = be64toh(timeout[0]);
        nsec = be64toh(timeout[1]);
        if ((int64_t)sec < 0 || nsec >= NS_PER_S)
            return -EINVAL;
        if (sec < FOREVER / NS_PER_S - 1)
            ns = sec * NS_PER_S + nsec;
    }
    if (!signal_dequeue(t, set, &info)) {
        t->wait.signals = set;
        return sched_wait(t, WAIT_SIGNAL, ns, results);
    }
    siginfo_to_guest(&info, true, raw);
    if (a[1] && copy_to_user(t, a[1], raw, sizeof(raw)))
        return -EFAULT;
    return info.signo;
}

int64_t sys_rt_sigreturn(struct task *t, const uint64_t a[6])
{
    (void)a;
    t->no_return = true;
    sigframe_return(t);
    return 0;
}

int64_t sys_sigaltstack(struct task *t, const uint64_t a[6])
{
    uint64_t sp = cpu_reg(task_engine(t), REG_SP) + STACK_BIAS_G;
    const struct sigaltstack *old = &t->altstack;
    bool on = sp > old->sp && sp - old->sp <= old->size;
    struct stack_raw raw = {.sp = htobe64(old->sp),
                            .flags = htobe32(old->size == 0 ? SS_G_DISABLE
                                             : on           ? SS_G_ONSTACK
                                                            : 0),
                            .size = htobe64(old->size)};
    struct stack_raw new;
    uint32_t flags;

    if (a[0]) {
        if (copy_from_user(t, &new, a[0], sizeof(new)))
            return -EFAULT;
        if (on)
            return -EPERM;
        flags = be32toh(new.flags) & ~SS_G_AUTODISARM;
        if (flags != 0 && flags != SS_G_ONSTACK && flags != SS_G_DISABLE)
            return -EINVAL;
        if (flags != SS_G_DISABLE && be64toh(new.size) < MINSIGSTKSZ_G)
            return -ENOMEM;
        t->altstack.sp = flags == SS_G_DISABLE ? 0 : be64toh(new.sp);
        t->altstack.size = flags == SS_G_DISABLE ? 0 : be64toh(new.size);
    }
    if (a[1] && copy_to_user(t, a[1], &raw, sizeof(raw)))
        return -EFAULT;
    return 0;
}

static struct siginfo from_user(const struct task *t, int sig, int code)
{
    return (struct siginfo){.signo = sig,
                            .code = code,
                            .pid = t->process->pid,
                            .uid = t->cred.uid.real};
}

/* Guest processes only: those of the host are none of its business. */
static int64_t send(struct task *t, int pid, const struct siginfo *info,
                    int (*how)(struct task *, const struct siginfo *))
{
    struct task *to = pid > 0 ? task_find(t->m, (uint32_t)pid) : NULL;

    if (info->signo < 0 || info->signo > NSIG_GUEST)
        return -EINVAL;
    if (!to)
        return -ESRCH;
    if (cred_may_kill(t, to, info->signo) != 0)
        return -EPERM;
    return info->signo > 0 ? how(to, info) : 0;
}

/* @pgid 0: everybody but the sender */
static int64_t send_group(struct task *t, uint32_t pgid,
                          const struct siginfo *info)
{
    int64_t value = -ESRCH;
    const struct process *to;

    DL_FOREACH(t->m->processes, to) {
        if (pgid ? to->pgid != pgid : to == t->process)
            continue;
        value = send(t, (int)to->pid, info, signal_queue);
    }
    return value;
}

int64_t sys_kill(struct task *t, const uint64_t a[6])
{
    struct siginfo info = from_user(t, arg_int(a[1]), SI_G_USER);
    int pid = arg_int(a[0]);

    if (pid > 0)
        return send(t, pid, &info, signal_queue);
    if (pid == 0)
        return send_group(t, t->process->pgid, &info);
    if (pid == -1)
        return send_group(t, 0, &info);
    return pid == INT32_MIN ? -ESRCH : send_group(t, (uint32_t)-pid, &info);
}

int64_t sys_tkill(struct task *t, const uint64_t a[6])
{
    struct siginfo info = from_user(t, arg_int(a[1]), SI_G_TKILL);

    if (arg_int(a[0]) <= 0)
        return -EINVAL;
    return send(t, arg_int(a[0]), &info, signal_queue_task);
}

/* Is @tid the number of a thread of @tgid? */
static bool is_thread_of(const struct task *t, int tid, int tgid)
{
    const struct task *of = task_find(t->m, (uint32_t)tid);

    return of && of->process->pid == (uint32_t)tgid;
}

int64_t sys_tgkill(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[1], a[2], 0, 0, 0, 0};

    if (arg_int(a[0]) <= 0 || arg_int(a[1]) <= 0)
        return -EINVAL;
    return is_thread_of(t, arg_int(a[1]), arg_int(a[0])) ? sys_tkill(t, b)
                                                         : -ESRCH;
}

/* The signal that a caller has written for @pid; not as if the kernel, or
 * kill(), had sent it. */
static int get_info(struct task *t, int pid, int sig, uint64_t va,
                    struct siginfo *info)
{
    uint8_t raw[SIGINFO_BYTES];

    if (copy_from_user(t, raw, va, sizeof(raw)))
        return -EFAULT;
    siginfo_from_guest(info, raw);
    info->signo = sig;
    return (info->code >= 0 || info->code == SI_G_TKILL) && pid != (int)t->pid
               ? -EPERM
               : 0;
}

int64_t sys_rt_sigqueueinfo(struct task *t, const uint64_t a[6])
{
    struct siginfo info;
    int err = get_info(t, arg_int(a[0]), arg_int(a[1]), a[2], &info);

    return err ? err : send(t, arg_int(a[0]), &info, signal_queue);
}

int64_t sys_rt_tgsigqueueinfo(struct task *t, const uint64_t a[6])
{
    struct siginfo info;
    int err = get_info(t, arg_int(a[1]), arg_int(a[2]), a[3], &info);

    if (err)
        return err;
    if (arg_int(a[0]) <= 0 || arg_int(a[1]) <= 0)
        return -EINVAL;
    if (!is_thread_of(t, arg_int(a[1]), arg_int(a[0])))
        return -ESRCH;
    return send(t, arg_int(a[1]), &info, signal_queue_task);
}
