// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/signal_basic.c - handlers, masks, pending and nested signals
 *
 * Catches wrong siginfo fields, a mask that is not applied or not restored,
 * wrong delivery order, and registers lost across a handler. Ends by an
 * uncaught SIGTERM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include "plain.h"

static volatile int count, depth, deepest, rounds;
static char events[256];

static void event(const char *what)
{
    strcat(events, what);
}

static void show(const char *name)
{
    printf("%-8s %s\n", name, events);
    events[0] = 0;
}

static const char *tell(int sig)
{
    return sig == SIGUSR1 ? "usr1" : sig == SIGUSR2 ? "usr2" : "hup";
}

static void on_info(int sig, siginfo_t *info, void *context)
{
    volatile double x = sig;

    for (int i = 0; i < 40; i++)        /* soil the FPU registers */
        x = x * 1.5 - 1;
    event(tell(sig));
    event(info->si_signo == sig ? "=" : "!");
    event(info->si_code == SI_USER ? "user" : info->si_code == SI_TKILL
          ? "tkill" : "code?");
    event(info->si_pid == getpid() ? " self " : " stranger ");
    event(context ? "" : "no context ");
    count++;
}

static void on_nest(int sig)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    event("<");
    event(tell(sig));
    if (sig == SIGUSR1)
        raise(SIGUSR2);
    if (sig == SIGHUP && ++rounds < 5)
        raise(SIGHUP);
    event(">");
    depth--;
}

static void set(int sig, void *handler, int flags, int block_all)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_flags = flags;
    if (flags & SA_SIGINFO)
        sa.sa_sigaction = handler;
    else
        sa.sa_handler = handler;
    if (block_all)
        sigfillset(&sa.sa_mask);
    sigaction(sig, &sa, NULL);
}

static void pending(void)
{
    sigset_t both, old, now;

    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    sigprocmask(SIG_BLOCK, &both, &old);
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    sigpending(&now);
    printf("pending %d %d %d\n", sigismember(&now, SIGUSR1),
           sigismember(&now, SIGUSR2), sigismember(&now, SIGTERM));
    event("opened ");
    sigprocmask(SIG_SETMASK, &old, NULL);
    show("blocked");
    sigprocmask(SIG_BLOCK, &both, &old);
    kill(getpid(), SIGUSR2);
    now = both;
    sigdelset(&now, SIGUSR2);
    errno = 0;
    printf("sigsuspend %d", sigsuspend(&now));
    printf(" %s\n", strerror(errno));
    show("woken");
    raise(SIGUSR1);
    set(SIGUSR1, SIG_IGN, 0, 0);
    sigpending(&now);
    printf("ignored now pending %d\n", sigismember(&now, SIGUSR1));
    sigprocmask(SIG_SETMASK, &old, NULL);
    show("ignored");
}

int main(void)
{
    double a = 0.5, b = 3.25;
    long i = 7;

    set(SIGUSR1, on_info, SA_SIGINFO, 1);
    set(SIGUSR2, on_info, SA_SIGINFO, 1);
    raise(SIGUSR1);
    show("raise");
    kill(getpid(), SIGUSR1);
    show("kill");
    for (int k = 0; k < 200; k++) {
        a = a * 1.0625 + b;
        i = i * 31 + count;
        events[0] = 0;
        raise(k & 1 ? SIGUSR1 : SIGUSR2);
    }
    events[0] = 0;
    printf("after %d signals: %.17g %ld\n", count, a, i);
    pending();

    set(SIGUSR1, on_nest, 0, 0);
    set(SIGUSR2, on_nest, 0, 0);
    set(SIGHUP, on_nest, SA_NODEFER, 0);
    raise(SIGUSR1);
    show("nested");
    raise(SIGHUP);
    printf("deepest %d\n", deepest);
    show("nodefer");
    set(SIGHUP, on_nest, 0, 0);
    rounds = 0;
    raise(SIGHUP);
    show("defer");
    set(SIGUSR2, on_nest, SA_RESETHAND, 0);
    raise(SIGUSR2);
    show("once");
    printf("default again %d\n", signal(SIGUSR2, SIG_IGN) == SIG_DFL);
    fflush(stdout);
    raise(SIGTERM);
    return 1;
}
