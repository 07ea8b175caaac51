#include <endian.h>
#include <errno.h>
#include <unistd.h>

#include "emu/linux/abi.h"
#include "emu/linux/clock.h"
#include "emu/linux/siginfo.h"
#include "emu/linux/signal.h"
#include "emu/linux/syscall.h"
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

/* Nothing inside the machine can wake it: only a signal of the host's. */
static void wait_for_host(struct task *t)
{
    while (!t->m->interrupted && !signal_deliverable(t))
        pause();
}

int64_t sys_rt_sigsuspend(struct task *t, const uint64_t a[6])
{
    uint64_t set;

    if (a[1] != SIGSET_BYTES)
        return -EINVAL;
    if (get_user64(t, a[0], &set))
        return -EFAULT;
    t->saved_mask = t->blocked;
    t->restore_mask = true;
    signal_set_blocked(t, set);
    wait_for_host(t);
    return -ERESTARTNOHAND_G;
}

int64_t sys_pause(struct task *t, const uint64_t a[6])
{
    (void)a;
    wait_for_host(t);
    return -ERESTARTNOHAND_G;
}

int64_t sys_rt_sigtimedwait(struct task *t, const uint64_t a[6])
{
    uint8_t raw[SIGINFO_BYTES];
    struct siginfo info;
    uint64_t set, sec, nsec;

    if (a[3] != SIGSET_BYTES)
        return -EINVAL;
    if (get_user64(t, a[0], &set))
        return -EFAULT;
    if (!signal_dequeue(t, set, &info)) {
        if (!a[2]) {
            wait_for_host(t);
            return -EINTR;
        }
        if (get_user64(t, a[2], &sec) || get_user64(t, a[2] + 8, &nsec))
            return -EFAULT;
        if (nsec >= NS_PER_S)
            return -EINVAL;
        return clock_sleep(t->m, sec * NS_PER_S + nsec) ? -EINTR : -EAGAIN;
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
    uint64_t sp = cpu_reg(t->m->engine, REG_SP) + STACK_BIAS_G;
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

static int64_t send(struct task *t, int sig, int code)
{
    struct siginfo info = {
        .signo = sig, .code = code, .pid = t->pid, .uid = getuid()};

    if (sig < 0 || sig > NSIG_GUEST)
        return -EINVAL;
    if (sig > 0)
        signal_send(t, &info);
    return 0;
}

int64_t sys_kill(struct task *t, const uint64_t a[6])
{
    int pid = arg_int(a[0]);

    /* Guest processes only: those of the host are none of its business. */
    if (pid != (int)t->pid && pid != 0 && pid != -(int)t->pid && pid != -1)
        return -ESRCH;
    return send(t, arg_int(a[1]), SI_G_USER);
}

int64_t sys_tkill(struct task *t, const uint64_t a[6])
{
    if (arg_int(a[0]) <= 0)
        return -EINVAL;
    if (arg_int(a[0]) != (int)t->pid)
        return -ESRCH;
    return send(t, arg_int(a[1]), SI_G_TKILL);
}

int64_t sys_tgkill(struct task *t, const uint64_t a[6])
{
    const uint64_t b[6] = {a[1], a[2], 0, 0, 0, 0};

    if (arg_int(a[0]) <= 0)
        return -EINVAL;
    if (arg_int(a[0]) != (int)t->pid)
        return -ESRCH;
    return sys_tkill(t, b);
}

int64_t sys_rt_sigqueueinfo(struct task *t, const uint64_t a[6])
{
    uint8_t raw[SIGINFO_BYTES];
    struct siginfo info;

    if (arg_int(a[1]) < 0 || arg_int(a[1]) > NSIG_GUEST)
        return -EINVAL;
    if (copy_from_user(t, raw, a[2], sizeof(raw)))
        return -EFAULT;
    if (arg_int(a[0]) != (int)t->pid)
        return -ESRCH;
    siginfo_from_guest(&info, raw);
    info.signo = arg_int(a[1]);
    if (info.signo)
        signal_send(t, &info);
    return 0;
}
