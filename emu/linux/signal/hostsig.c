// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/debug.h"
#include "emu/linux/signal/hostsig.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/signal/fasync.h"
#include "emu/linux/signal/jobctl.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/tty/tty.h"
#include "emu/progress.h"

/* Those of the host that can be caught, and their numbers in the guest.
 * Real-time signals have the same in both. */
static const struct {
    int host, guest;
} known[] = {
    {SIGHUP, SIG_HUP},    {SIGINT, SIG_INT},       {SIGQUIT, SIG_QUIT},
    {SIGILL, SIG_ILL},    {SIGTRAP, SIG_TRAP},     {SIGABRT, SIG_ABRT},
    {SIGBUS, SIG_BUS},    {SIGFPE, SIG_FPE},       {SIGSEGV, SIG_SEGV},
    {SIGSYS, SIG_SYS},    {SIGPIPE, SIG_PIPE},     {SIGALRM, SIG_ALRM},
    {SIGTERM, SIG_TERM},  {SIGUSR1, SIG_USR1},     {SIGUSR2, SIG_USR2},
    {SIGCHLD, SIG_CHLD},  {SIGCONT, SIG_CONT},     {SIGTSTP, SIG_TSTP},
    {SIGTTIN, SIG_TTIN},  {SIGTTOU, SIG_TTOU},     {SIGURG, SIG_URG},
    {SIGXCPU, SIG_XCPU},  {SIGXFSZ, SIG_XFSZ},     {SIGPROF, SIG_PROF},
    {SIGIO, SIG_IO},      {SIGVTALRM, SIG_VTALRM}, {SIGWINCH, SIG_WINCH},
    {SIGPWR, SIG_LOST},
#ifdef SIGSTKFLT
    {SIGSTKFLT, SIG_EMT}, /* of x86 and ARM; qemu-sparc64 has it there, too */
#endif
};

#define NR_KNOWN (sizeof(known) / sizeof(known[0]))

/* One of a number at a time; of real-time signals the host has the others. */
struct hostsigs {
    _Atomic uint64_t came; /* bit n for signal n of the host, less one */
    siginfo_t info[NSIG];
};

#define BIT(sig) (UINT64_C(1) << ((sig)-1))

/* At most so many of one number at a time: SIGTERM is to be heard, too. */
#define MAX_QUEUED 1024

struct hostsigs *hostsigs_create(void)
{
    return calloc(1, sizeof(struct hostsigs));
}

void hostsigs_destroy(struct hostsigs *hs)
{
    free(hs);
}

/* What the C library leaves us of those that the kernel has. */
static bool is_real_time(int sig)
{
    return sig >= SIGRTMIN && sig <= SIGRTMAX && sig <= NSIG_GUEST;
}

/* 0: the guest has none */
static int to_guest(int sig)
{
    for (size_t i = 0; i < NR_KNOWN; i++)
        if (known[i].host == sig)
            return known[i].guest;
    return is_real_time(sig) ? sig : 0;
}

bool hostsig_is_known(int sig)
{
    return to_guest(sig) != 0;
}

void hostsig_inherit(struct sighand *sh)
{
    struct sigaction act;

    for (int sig = 1; sig < NSIG; sig++)
        if (hostsig_is_known(sig) && sigaction(sig, NULL, &act) == 0 &&
            act.sa_handler == SIG_IGN)
            sh->action[to_guest(sig)].handler = SIG_IGN_G;
}

void hostsig_came(struct machine *m, const siginfo_t *info, sigset_t *mask)
{
    struct hostsigs *hs = m->hostsigs;
    int sig = info->si_signo;

    /* A child that adiemu's process had before it was adiemu's. */
    if (sig == SIGCHLD && info->si_code > 0)
        return;
    if (is_real_time(sig))
        sigaddset(mask, sig);
    if (atomic_load(&hs->came) & BIT(sig))
        return;
    hs->info[sig] = *info;
    atomic_fetch_or(&hs->came, BIT(sig));
    machine_kick(m);
}

void hostsig_poll(struct machine *m, struct pollfd *fds, unsigned nr,
                  const struct timespec *timeout)
{
    const struct hostsigs *hs = m->hostsigs;
    sigset_t all, old;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    if (hs->came == 0)
        (void)ppoll(fds, nr, timeout, &old);
    /* @mask of hostsig_came() was the one with all. */
    for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
        if (hs->came & BIT(sig))
            sigaddset(&old, sig);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

/* ------------------------------------------------------ what becomes of it */

/* Does the program say what the signal does? */
static bool is_wanted(const struct task *t, int sig)
{
    struct sigaction_g act;

    if (t->blocked & SIGMASK(sig))
        return true;
    return signal_get_action(t, sig, &act) == 0 && act.handler != SIG_DFL_G;
}

static struct task *first_task(const struct machine *m)
{
    const struct process *p = process_find(m, m->first_pid);

    return p && !process_dead(p) ? process_leader(p) : NULL;
}

/* Those that a terminal sends to its foreground process group. */
static bool is_of_terminal(const siginfo_t *info)
{
    switch (info->si_signo) {
    case SIGHUP:
    case SIGINT:
    case SIGQUIT:
    case SIGTSTP:
    case SIGCONT:
    case SIGWINCH: return info->si_code == SI_KERNEL;
    default: return false;
    }
}

/*
 * The sender is outside of the guest's pid namespace: its pid is 0.  -2 would
 * be one of the machine's timers.
 */
static struct siginfo for_guest(const siginfo_t *info, int sig)
{
    if (info->si_code > 0)
        return (struct siginfo){.signo = sig, .code = SI_G_KERNEL};
    return (struct siginfo){
        .signo = sig,
        .code = info->si_code == SI_G_TIMER ? SI_G_QUEUE : info->si_code,
        .uid = info->si_uid,
        .value = info->si_code == SI_USER || info->si_code == SI_TKILL
                     ? 0
                     : (uint64_t)(uintptr_t)info->si_value.sival_ptr};
}

/* Of adiemu: it stops, as a program would, if its process group may. */
static void stop(int host)
{
    struct sigaction ours, dfl = {.sa_handler = SIG_DFL};
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, host);
    sigaction(host, &dfl, &ours);
    raise(host);
    sigprocmask(SIG_UNBLOCK, &set, &old);
    sigprocmask(SIG_SETMASK, &old, NULL);
    sigaction(host, &ours, NULL);
}

/* Nobody but the host wants it. */
static void act_by_default(struct machine *m, int host, int guest)
{
    switch (host) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH: break;
    case SIGUSR1:
        if (progress_takes_usr1(m))
            progress_print(m);
        else
            m->interrupted = guest;
        break;
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU: stop(host); break;
    default: m->interrupted = guest;
    }
}

/* The foreground of a shell is not the group of the first process. */
static uint32_t foreground(const struct process *first)
{
    return first->tty && first->tty->host && first->tty->pgrp ? first->tty->pgrp
                                                              : first->pgid;
}

static void take(struct machine *m, const siginfo_t *host)
{
    int sig = to_guest(host->si_signo);
    const struct siginfo info = for_guest(host, sig);
    struct task *first = first_task(m);
    bool terminal = is_of_terminal(host);

    if (fasync_take(m, host))
        return;
    if (m->debug)
        m->debug->ops->outside(m->debug->ctx);
    if (sig == SIG_TERM || !first)
        act_by_default(m, host->si_signo, sig);
    else if (terminal && foreground(first->process) != first->process->pgid)
        jobctl_signal_group(m, foreground(first->process), sig);
    /* SIGCONT is also for who has stopped itself. */
    else if (sig != SIG_CONT && !is_wanted(first, sig))
        act_by_default(m, host->si_signo, sig);
    else if (terminal)
        jobctl_signal_group(m, first->process->pgid, sig);
    else
        signal_send(first, &info);
}

/* The rest of the queue of @sig. */
static void take_queued(struct machine *m, int sig)
{
    static const struct timespec at_once;
    siginfo_t info;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, sig);
    for (unsigned n = 1; n < MAX_QUEUED; n++) {
        if (sigtimedwait(&set, &info, &at_once) != sig)
            break;
        take(m, &info);
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void hostsig_take(struct machine *m)
{
    struct hostsigs *hs = m->hostsigs;
    siginfo_t info[NSIG];
    sigset_t all, old;
    uint64_t came;

    if (atomic_load_explicit(&hs->came, memory_order_relaxed) == 0)
        return;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    came = atomic_exchange(&hs->came, 0);
    memcpy(info, hs->info, sizeof(info));
    sigprocmask(SIG_SETMASK, &old, NULL);
    for (int sig = 1; sig < NSIG; sig++) {
        if (!(came & BIT(sig)))
            continue;
        take(m, &info[sig]);
        if (is_real_time(sig))
            take_queued(m, sig);
    }
}
