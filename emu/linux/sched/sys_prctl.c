// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prctl(2).
 *
 * Source: linux v6.2 kernel/sys.c, security/commoncap.c cap_task_prctl()
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "emu/linux/abi.h"
#include "emu/linux/cred/cred.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/syscall.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

enum prctl_option {
    PR_G_SET_PDEATHSIG = 1,
    PR_G_GET_PDEATHSIG = 2,
    PR_G_GET_DUMPABLE = 3,
    PR_G_SET_DUMPABLE = 4,
    PR_G_GET_KEEPCAPS = 7,
    PR_G_SET_KEEPCAPS = 8,
    PR_G_GET_TIMING = 13,
    PR_G_SET_TIMING = 14,
    PR_G_SET_NAME = 15,
    PR_G_GET_NAME = 16,
    PR_G_GET_SECCOMP = 21,
    PR_G_SET_SECCOMP = 22,
    PR_G_CAPBSET_READ = 23,
    PR_G_CAPBSET_DROP = 24,
    PR_G_GET_SECUREBITS = 27,
    PR_G_SET_SECUREBITS = 28,
    PR_G_SET_TIMERSLACK = 29,
    PR_G_GET_TIMERSLACK = 30,
    PR_G_PERF_DISABLE = 31,
    PR_G_PERF_ENABLE = 32,
    PR_G_MCE_KILL = 33,
    PR_G_MCE_KILL_GET = 34,
    PR_G_SET_MM = 35,
    PR_G_SET_CHILD_SUBREAPER = 36,
    PR_G_GET_CHILD_SUBREAPER = 37,
    PR_G_SET_NO_NEW_PRIVS = 38,
    PR_G_GET_NO_NEW_PRIVS = 39,
    PR_G_SET_THP_DISABLE = 41,
    PR_G_GET_THP_DISABLE = 42,
    PR_G_CAP_AMBIENT = 47,
    PR_G_SET_IO_FLUSHER = 57,
    PR_G_GET_IO_FLUSHER = 58,
    PR_G_SCHED_CORE = 62,
};

static bool all_zero(const uint64_t *a, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++)
        if (a[i])
            return false;
    return true;
}

static int64_t put_int(struct task *t, uint64_t va, unsigned value)
{
    return put_user32(t, va, value) ? -EFAULT : 0;
}

/* ----------------------------------------------------------- the process */

static int64_t set_name(struct task *t, uint64_t va)
{
    char name[TASK_COMM_LEN] = {0};

    if (strncpy_from_user(t, name, va, sizeof(name)) == -EFAULT)
        return -EFAULT;
    name[sizeof(name) - 1] = '\0';
    memcpy(t->comm, name, sizeof(t->comm));
    return 0;
}

static int64_t set_timer_slack(struct task *t, uint64_t ns)
{
    t->timer_slack = (int64_t)ns <= 0 ? t->default_timer_slack : ns;
    return 0;
}

enum { MCE_KILL_CLEAR, MCE_KILL_SET };
enum { MCE_KILL_LATE, MCE_KILL_EARLY, MCE_KILL_DEFAULT };

/* t->mce_kill: no memory of ours goes bad, so it is only told. */
#define MCE_OF_PROCESS 1u
#define MCE_IS_EARLY   2u

/* PR_MCE_KILL; what is wrong has set the first flag, too. */
static int64_t set_mce_kill(struct task *t, const uint64_t a[6])
{
    if (a[3] || a[4] || a[1] > MCE_KILL_SET || (a[1] == MCE_KILL_CLEAR && a[2]))
        return -EINVAL;
    if (a[1] == MCE_KILL_CLEAR) {
        t->mce_kill &= (uint8_t)~MCE_OF_PROCESS;
        return 0;
    }
    t->mce_kill |= MCE_OF_PROCESS;
    switch (a[2]) {
    case MCE_KILL_EARLY: t->mce_kill |= MCE_IS_EARLY; return 0;
    case MCE_KILL_LATE: t->mce_kill &= (uint8_t)~MCE_IS_EARLY; return 0;
    case MCE_KILL_DEFAULT: t->mce_kill = 0; return 0;
    default: return -EINVAL;
    }
}

static int64_t get_mce_kill(const struct task *t)
{
    if (!(t->mce_kill & MCE_OF_PROCESS))
        return MCE_KILL_DEFAULT;
    return t->mce_kill & MCE_IS_EARLY ? MCE_KILL_EARLY : MCE_KILL_LATE;
}

/* -------------------------------------------------------- capabilities */

static bool is_cap(uint64_t cap)
{
    return cap <= CAP_G_LAST;
}

static int64_t drop_bset(struct task *t, uint64_t cap)
{
    struct cred new;

    if (!cred_capable(t, CAP_G_SETPCAP))
        return -EPERM;
    if (!is_cap(cap))
        return -EINVAL;
    new = cred_get(&t->cred);
    new.bset &= ~(UINT64_C(1) << cap);
    return cred_commit(t, &new);
}

static int64_t commit_securebits(struct task *t, uint32_t bits)
{
    struct cred new = cred_get(&t->cred);

    new.securebits = bits;
    return cred_commit(t, &new);
}

/* Each bit has a lock beside it, which stays. */
static int64_t set_securebits(struct task *t, uint64_t bits)
{
    uint32_t old = t->cred.securebits, locks = old & SECURE_G_ALL_LOCKS;

    if ((locks >> 1) & (old ^ bits) || locks & ~bits ||
        bits & ~(uint64_t)(SECURE_G_ALL_BITS | SECURE_G_ALL_LOCKS) ||
        !cred_capable(t, CAP_G_SETPCAP))
        return -EPERM;
    return commit_securebits(t, (uint32_t)bits);
}

static int64_t set_keepcaps(struct task *t, uint64_t on)
{
    uint32_t bits = t->cred.securebits;

    if (on > 1)
        return -EINVAL;
    if (bits & SECURE_G_KEEP_CAPS << 1)
        return -EPERM;
    return commit_securebits(t, on ? bits | SECURE_G_KEEP_CAPS
                                   : bits & ~SECURE_G_KEEP_CAPS);
}

enum { AMBIENT_IS_SET = 1, AMBIENT_RAISE, AMBIENT_LOWER, AMBIENT_CLEAR_ALL };

static int64_t cap_ambient(struct task *t, const uint64_t a[6])
{
    const struct cred *old = &t->cred;
    struct cred new;
    uint64_t bit;

    if (a[1] == AMBIENT_CLEAR_ALL && !all_zero(a + 2, 3))
        return -EINVAL;
    if (a[1] != AMBIENT_CLEAR_ALL && (!is_cap(a[2]) || !all_zero(a + 3, 2)))
        return -EINVAL;
    bit = a[1] == AMBIENT_CLEAR_ALL ? CAP_G_ALL : UINT64_C(1) << a[2];
    if (a[1] == AMBIENT_IS_SET)
        return (old->ambient & bit) != 0;
    if (a[1] < AMBIENT_RAISE || a[1] > AMBIENT_CLEAR_ALL)
        return -EINVAL;
    if (a[1] == AMBIENT_RAISE &&
        (!(old->permitted & old->inheritable & bit) ||
         old->securebits & SECURE_G_NO_CAP_AMBIENT_RAISE))
        return -EPERM;
    new = cred_get(old);
    new.ambient =
        a[1] == AMBIENT_RAISE ? new.ambient | bit : new.ambient & ~bit;
    return cred_commit(t, &new);
}

static int64_t set_no_new_privs(struct task *t, const uint64_t a[6])
{
    if (a[1] != 1 || !all_zero(a + 2, 3))
        return -EINVAL;
    t->cred.no_new_privs = true;
    return 0;
}

/* ------------------------------------------------------------- the call */

/* What this kernel would do and we do not; it has no others. */
static int64_t unsupported(struct task *t, int option)
{
    switch (option) {
    case PR_G_SET_SECCOMP:
    case PR_G_SET_MM:
    case PR_G_SET_IO_FLUSHER:
    case PR_G_GET_IO_FLUSHER:
    case PR_G_SCHED_CORE:
        warn_once(t, LOG_SYSCALL, "unsupported: prctl %d", option);
        break;
    default: break;
    }
    return -EINVAL;
}

int64_t sys_prctl(struct task *t, const uint64_t a[6])
{
    int option = arg_int(a[0]);

    switch (option) {
    case PR_G_SET_PDEATHSIG:
        if (a[1] > NSIG_GUEST)
            return -EINVAL;
        t->pdeath_signal = (int)a[1];
        return 0;
    case PR_G_GET_PDEATHSIG:
        return put_int(t, a[1], (unsigned)t->pdeath_signal);
    case PR_G_GET_DUMPABLE: return t->process->dumpable;
    case PR_G_SET_DUMPABLE:
        if (a[1] > 1)
            return -EINVAL;
        t->process->dumpable = a[1] != 0;
        return 0;
    case PR_G_GET_KEEPCAPS:
        return (t->cred.securebits & SECURE_G_KEEP_CAPS) != 0;
    case PR_G_SET_KEEPCAPS: return set_keepcaps(t, a[1]);
    case PR_G_GET_TIMING: return 0; /* statistical */
    case PR_G_SET_TIMING: return a[1] ? -EINVAL : 0;
    case PR_G_SET_NAME: return set_name(t, a[1]);
    case PR_G_GET_NAME:
        return copy_to_user(t, a[1], t->comm, sizeof(t->comm)) ? -EFAULT : 0;
    case PR_G_GET_SECCOMP: return 0; /* disabled */
    case PR_G_CAPBSET_READ:
        return is_cap(a[1]) ? (int64_t)(t->cred.bset >> a[1] & 1) : -EINVAL;
    case PR_G_CAPBSET_DROP: return drop_bset(t, a[1]);
    case PR_G_GET_SECUREBITS: return t->cred.securebits;
    case PR_G_SET_SECUREBITS: return set_securebits(t, a[1]);
    case PR_G_SET_TIMERSLACK: return set_timer_slack(t, a[1]);
    case PR_G_GET_TIMERSLACK: return (int64_t)t->timer_slack;
    case PR_G_PERF_DISABLE:
    case PR_G_PERF_ENABLE: return 0; /* of no counter */
    case PR_G_MCE_KILL: return set_mce_kill(t, a);
    case PR_G_MCE_KILL_GET:
        return all_zero(a + 1, 4) ? get_mce_kill(t) : -EINVAL;
    case PR_G_SET_CHILD_SUBREAPER:
        t->process->child_subreaper = a[1] != 0;
        return 0;
    case PR_G_GET_CHILD_SUBREAPER:
        return put_int(t, a[1], t->process->child_subreaper);
    case PR_G_SET_NO_NEW_PRIVS: return set_no_new_privs(t, a);
    case PR_G_GET_NO_NEW_PRIVS:
        return all_zero(a + 1, 4) ? t->cred.no_new_privs : -EINVAL;
    case PR_G_SET_THP_DISABLE:
        if (!all_zero(a + 2, 3))
            return -EINVAL;
        t->process->thp_disable = a[1] != 0;
        return 0;
    case PR_G_GET_THP_DISABLE:
        return all_zero(a + 1, 4) ? t->process->thp_disable : -EINVAL;
    case PR_G_CAP_AMBIENT: return cap_ambient(t, a);
    default: return unsupported(t, option);
    }
}
