// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/signal/hostsig.h"

#include <signal.h>
#include <utlist.h>

#include "emu/linux/abi.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/signal/signal.h"

/* The signals that end a process, or are for a program at a terminal, by
 * their numbers on the host and in the guest. */
static const struct {
    int host, guest;
} known[] = {
    {SIGHUP, SIG_HUP},   {SIGINT, SIG_INT},     {SIGQUIT, SIG_QUIT},
    {SIGTERM, SIG_TERM}, {SIGUSR1, SIG_USR1},   {SIGUSR2, SIG_USR2},
    {SIGALRM, SIG_ALRM}, {SIGXCPU, SIG_XCPU},   {SIGXFSZ, SIG_XFSZ},
    {SIGPROF, SIG_PROF}, {SIGIO, SIG_IO},       {SIGVTALRM, SIG_VTALRM},
    {SIGPWR, SIG_LOST},  {SIGWINCH, SIG_WINCH},
};

#define NR_KNOWN (sizeof(known) / sizeof(known[0]))

bool hostsig_is_known(int sig)
{
    for (size_t i = 0; i < NR_KNOWN; i++)
        if (known[i].host == sig)
            return true;
    return false;
}

void hostsig_came(struct machine *m, int sig, bool terminal)
{
    uint64_t bit = UINT64_C(1) << sig;

    if (terminal)
        atomic_fetch_or(&m->host_terminal, bit);
    atomic_fetch_or(&m->host_signals, bit);
    machine_kick(m);
}

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

/* Of a terminal's, all of the group hear. */
static void send(struct machine *m, struct task *first, int sig, bool terminal)
{
    const struct siginfo info = {.signo = sig,
                                 .code = terminal ? SI_G_KERNEL : SI_G_USER};
    const struct process *p;

    DL_FOREACH(m->processes, p) {
        if (p == first->process ||
            (terminal && !process_dead(p) && p->pgid == first->process->pgid))
            signal_send(process_leader(p), &info);
    }
}

static void take(struct machine *m, int sig, bool terminal)
{
    struct task *first = first_task(m);

    if (sig != SIG_TERM && first && is_wanted(first, sig))
        send(m, first, sig, terminal);
    else if (sig != SIG_WINCH) /* which ends nobody */
        m->interrupted = sig;
}

void hostsig_take(struct machine *m)
{
    uint64_t came, terminal;

    if (atomic_load_explicit(&m->host_signals, memory_order_relaxed) == 0)
        return;
    terminal = atomic_exchange(&m->host_terminal, 0);
    came = atomic_exchange(&m->host_signals, 0);
    for (size_t i = 0; i < NR_KNOWN; i++)
        if (came >> known[i].host & 1)
            take(m, known[i].guest, terminal >> known[i].host & 1);
}
