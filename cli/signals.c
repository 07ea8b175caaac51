// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/signals.h"

#include <signal.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* For the handler only. */
static struct machine *running;

/* Of --progress. */
static bool ticking;
static timer_t timer;

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

    if (info->si_code == SI_TIMER && info->si_value.sival_ptr == &ticking)
        machine_progress(running);
    else if (is_fault(info))
        pass_on(sig);
    /* Of a write to a broken pipe, or beyond RLIMIT_FSIZE: it has an error,
     * too.  abort() goes on, and ends us. */
    else if (info->si_code > 0 || info->si_pid != getpid())
        machine_signal(running, info, &uc->uc_sigmask);
}

/* One that we catch: what is ignored stays so. */
static int tick_signal(void)
{
    static const int candidates[] = {SIGURG, SIGVTALRM, SIGPROF, SIGALRM};
    struct sigaction now;

    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
        if (sigaction(candidates[i], NULL, &now) == 0 &&
            now.sa_handler != SIG_IGN)
            return candidates[i];
    return 0;
}

static void start_ticking(unsigned seconds)
{
    const struct itimerspec each = {.it_value = {.tv_sec = seconds},
                                    .it_interval = {.tv_sec = seconds}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = tick_signal(),
                             .sigev_value = {.sival_ptr = &ticking}};

    ticking = seconds && event.sigev_signo &&
              timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
    if (ticking)
        (void)timer_settime(timer, 0, &each, NULL);
}

void signals_catch(struct machine *m, unsigned seconds)
{
    struct sigaction act = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

    running = m;
    sigfillset(&act.sa_mask);
    for (int sig = 1; sig < NSIG; sig++)
        if (machine_knows_signal(sig) &&
            sigaction(sig, NULL, &before[sig]) == 0 &&
            before[sig].sa_handler != SIG_IGN)
            (void)sigaction(sig, &act, NULL);
    start_ticking(seconds);
}

void signals_release(void)
{
    struct sigaction now;

    if (ticking)
        (void)timer_delete(timer);
    ticking = false;
    for (int sig = 1; sig < NSIG; sig++)
        if (machine_knows_signal(sig) && sigaction(sig, NULL, &now) == 0 &&
            now.sa_flags & SA_SIGINFO && now.sa_sigaction == on_signal)
            (void)sigaction(sig, &before[sig], NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a report has an error then */
}
