// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/signals.h"

#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

/* For the handler only. */
static struct machine *running;

/* What was there: of faults, for example, a sanitizer's. */
static struct sigaction before[NSIG];

/* Of a signal that comes with one of our instructions. */
static bool is_fault(const siginfo_t *info)
{
    switch (info->si_signo) {
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGFPE:
    case SIGTRAP:
    case SIGSYS: return info->si_code > 0;
    default: return false;
    }
}

/* It comes again, with the instruction that is repeated, to whom it would have
 * come without us.  These two may not. */
static void pass_on(int sig)
{
    (void)sigaction(sig, &before[sig], NULL);
    if (sig == SIGTRAP || sig == SIGSYS)
        (void)raise(sig);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    if (is_fault(info))
        pass_on(sig);
    /* Of a write to a broken pipe, or beyond RLIMIT_FSIZE: it has an error,
     * too.  abort() goes on, and ends us. */
    else if (info->si_code > 0 || info->si_pid != getpid())
        machine_signal(running, info, &uc->uc_sigmask);
}

void signals_catch(struct machine *m)
{
    struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

    running = m;
    sigfillset(&act.sa_mask);
    for (int sig = 1; sig < NSIG; sig++)
        if (machine_knows_signal(sig) &&
            sigaction(sig, NULL, &before[sig]) == 0 &&
            before[sig].sa_handler != SIG_IGN)
            (void)sigaction(sig, &act, NULL);
}

void signals_release(void)
{
    struct sigaction now;

    for (int sig = 1; sig < NSIG; sig++)
        if (machine_knows_signal(sig) && sigaction(sig, NULL, &now) == 0 &&
            now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_signal)
            (void)sigaction(sig, &before[sig], NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a report has an error then */
}
