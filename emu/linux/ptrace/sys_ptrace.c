// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ptrace(2).
 *
 * Source: linux v6.2 kernel/ptrace.c sys_ptrace(), ptrace_check_attach();
 *         arch/sparc/kernel/ptrace_64.c arch_ptrace()
 *
 * SPARC gives numbers of its own to some requests, and the fifth argument to
 * those that move data: %o4.  16 is PTRACE_ATTACH, which comes first, so that
 * PTRACE_READDATA cannot be reached; 17 is PTRACE_WRITEDATA and not
 * PTRACE_DETACH, which is 11.
 */
#include <errno.h>

#include "emu/linux/abi.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/ptrace/regs.h"
#include "emu/linux/ptrace/request.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/signal/stop.h"
#include "emu/linux/syscall.h"

/* looks_like_a_spurious_pid(): the tracer means the leader that was, not this
 * task, which got its number by execve() and has not been waited for. */
static bool is_spurious(const struct task *child)
{
    return child->ptrace.exit_code == (SIG_TRAP | PTRACE_EVENT_G_EXEC << 8) &&
           child->pid != child->ptrace.message;
}

/* ptrace_check_attach() */
static int check_attach(const struct task *t, const struct task *child,
                        bool any_state)
{
    if (child->ptrace.tracer != t)
        return -ESRCH;
    if (any_state)
        return 0;
    if (!(child->jobctl & JOBCTL_TRACED) || child->jobctl & JOBCTL_LISTENING ||
        is_spurious(child) || signal_fatal_pending(child))
        return -ESRCH;
    return 0;
}

/* arch_ptrace() */
static int64_t arch_request(struct task *t, struct task *child,
                            const uint64_t a[6])
{
    uint64_t addr = a[2], data = a[3], addr2 = a[4];

    switch (a[0]) {
    case PTRACE_G_PEEKUSR: return addr != 0 ? -EIO : 0;
    case PTRACE_G_GETREGS64:
        return ptrace_get_regs(t, child, REGSET_GETREGS64, addr, 19);
    case PTRACE_G_SETREGS64:
        return ptrace_set_regs(t, child, REGSET_GETREGS64, addr, 19);
    case PTRACE_G_GETFPREGS64:
        return ptrace_get_regs(t, child, REGSET_FP, addr, 33);
    case PTRACE_G_SETFPREGS64:
        return ptrace_set_regs(t, child, REGSET_FP, addr, 33);
    case PTRACE_G_READTEXT:
        return ptrace_read_data(t, child, addr, addr2, data);
    case PTRACE_G_WRITETEXT:
    case PTRACE_G_WRITEDATA:
        return ptrace_write_data(t, child, addr, addr2, data);
    default: return ptrace_request(t, child, a[0], addr, data);
    }
}

int64_t sys_ptrace(struct task *t, const uint64_t a[6])
{
    struct task *child;
    int err;

    if (a[0] == PTRACE_G_TRACEME)
        return ptrace_traceme(t);
    child = task_find(t->m, (uint32_t)a[1]);
    if (!child)
        return -ESRCH;
    if (a[0] == PTRACE_G_ATTACH || a[0] == PTRACE_G_SEIZE)
        return ptrace_attach(t, child, a[0] == PTRACE_G_SEIZE, a[2], a[3]);
    err = check_attach(t, child,
                       a[0] == PTRACE_G_KILL || a[0] == PTRACE_G_INTERRUPT);
    return err ? err : arch_request(t, child, a);
}
