// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/ptrace/request.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/ptrace/regs.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/siginfo.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/sigpending.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/uaccess.h"

#define SIGSET_BYTES       8
#define PEEKSIGINFO_SHARED 1u

/* ptrace_resume() */
static int resume(struct task *child, uint64_t request, uint64_t signo)
{
    if (signo > NSIG_GUEST)
        return -EIO;
    child->ptrace.syscalls = request == PTRACE_G_SYSCALL;
    if (request == PTRACE_G_SINGLESTEP)
        return -EIO; /* arch_has_single_step() is 0 */
    child->ptrace.exit_code = (int)signo;
    task_wake_stopped(child, JOBCTL_TRACED);
    return 0;
}

static int interrupt(struct task *child)
{
    if (!(child->ptrace.flags & PT_SEIZED))
        return -EIO;
    /* A trap that there is already is not disturbed, but for LISTEN. */
    if (task_set_jobctl_pending(child, JOBCTL_TRAP_STOP) &&
        child->jobctl & JOBCTL_LISTENING)
        task_wake_stopped(child, JOBCTL_TRACED);
    return 0;
}

static int listen_on(struct task *child)
{
    if (!(child->ptrace.flags & PT_SEIZED) || !child->ptrace.has_info ||
        child->ptrace.info.code >> 8 != PTRACE_EVENT_G_STOP)
        return -EIO;
    child->jobctl |= JOBCTL_LISTENING;
    if (child->jobctl & JOBCTL_TRAP_NOTIFY)
        task_wake_stopped(child, JOBCTL_TRACED);
    return 0;
}

static int set_options(struct task *child, uint64_t options)
{
    int err = ptrace_check_options(options);

    if (err)
        return err;
    child->ptrace.flags &= ~(PTRACE_O_G_MASK << PT_OPT_SHIFT);
    child->ptrace.flags |= (unsigned)options << PT_OPT_SHIFT;
    return 0;
}

static int put_info(struct task *t, const struct siginfo *info, uint64_t va)
{
    uint8_t raw[SIGINFO_BYTES];

    siginfo_to_guest(info, true, raw);
    return copy_to_user(t, va, raw, sizeof(raw)) ? -EFAULT : 0;
}

static int get_siginfo(struct task *t, const struct task *child, uint64_t va)
{
    return child->ptrace.has_info ? put_info(t, &child->ptrace.info, va)
                                  : -EINVAL;
}

static int set_siginfo(struct task *t, struct task *child, uint64_t va)
{
    uint8_t raw[SIGINFO_BYTES];

    if (copy_from_user(t, raw, va, sizeof(raw)))
        return -EFAULT;
    if (!child->ptrace.has_info)
        return -EINVAL;
    siginfo_from_guest(&child->ptrace.info, raw);
    return 0;
}

/* ptrace_peek_siginfo() */
static int64_t peek_siginfo(struct task *t, const struct task *child,
                            uint64_t args, uint64_t to)
{
    uint8_t raw[16];
    uint32_t flags, nr;
    uint64_t off;
    int32_t i;

    if (copy_from_user(t, raw, args, sizeof(raw)))
        return -EFAULT;
    memcpy(&off, raw, sizeof(off));
    memcpy(&flags, raw + 8, sizeof(flags));
    memcpy(&nr, raw + 12, sizeof(nr));
    off = be64toh(off);
    flags = be32toh(flags);
    if (flags & ~PEEKSIGINFO_SHARED || (int32_t)be32toh(nr) < 0)
        return -EINVAL;
    for (i = 0; i < (int32_t)be32toh(nr); i++) {
        struct siginfo info;

        if (!sigpending_peek(flags & PEEKSIGINFO_SHARED
                                 ? &child->process->pending
                                 : &child->pending,
                             off + (uint64_t)i, &info))
            break;
        if (put_info(t, &info, to + (uint64_t)i * SIGINFO_BYTES))
            return i ? i : -EFAULT;
        if (signal_deliverable(t))
            return i + 1;
    }
    return i;
}

static int get_sigmask(struct task *t, const struct task *child, uint64_t size,
                       uint64_t va)
{
    if (size != SIGSET_BYTES)
        return -EINVAL;
    return put_user64(t, va,
                      child->restore_mask ? child->saved_mask : child->blocked);
}

static int set_sigmask(struct task *t, struct task *child, uint64_t size,
                       uint64_t va)
{
    uint64_t set;

    if (size != SIGSET_BYTES)
        return -EINVAL;
    if (get_user64(t, va, &set))
        return -EFAULT;
    signal_set_blocked(child, set);
    child->restore_mask = false;
    return 0;
}

int64_t ptrace_request(struct task *t, struct task *child, uint64_t request,
                       uint64_t addr, uint64_t data)
{
    switch (request) {
    case PTRACE_G_PEEKTEXT:
    case PTRACE_G_PEEKDATA: return ptrace_peek(t, child, addr, data);
    case PTRACE_G_POKETEXT:
    case PTRACE_G_POKEDATA: return ptrace_poke(t, child, addr, data);
    case PTRACE_G_SETOPTIONS: return set_options(child, data);
    case PTRACE_G_GETEVENTMSG:
        return put_user64(t, data, child->ptrace.message);
    case PTRACE_G_PEEKSIGINFO: return peek_siginfo(t, child, addr, data);
    case PTRACE_G_GETSIGINFO: return get_siginfo(t, child, data);
    case PTRACE_G_SETSIGINFO: return set_siginfo(t, child, data);
    case PTRACE_G_GETSIGMASK: return get_sigmask(t, child, addr, data);
    case PTRACE_G_SETSIGMASK: return set_sigmask(t, child, addr, data);
    case PTRACE_G_INTERRUPT: return interrupt(child);
    case PTRACE_G_LISTEN: return listen_on(child);
    case PTRACE_G_DETACH: return ptrace_detach(t, child, data);
    case PTRACE_G_SINGLESTEP:
    case PTRACE_G_SYSCALL:
    case PTRACE_G_CONT: return resume(child, request, data);
    case PTRACE_G_KILL:
        signal_send_task(child, &(struct siginfo){.signo = SIG_KILL});
        return 0;
    case PTRACE_G_GETREGSET:
    case PTRACE_G_SETREGSET:
        return ptrace_regset(t, child, request == PTRACE_G_SETREGSET, addr,
                             data);
    case PTRACE_G_GET_SYSCALL_INFO:
        return ptrace_syscall_info(t, child, addr, data);
    /* Without CONFIG_SECCOMP_FILTER, which sparc64 does not have. */
    case PTRACE_G_SECCOMP_GET_FILTER:
    case PTRACE_G_SECCOMP_GET_METADATA: return -EINVAL;
    default: return -EIO;
    }
}
