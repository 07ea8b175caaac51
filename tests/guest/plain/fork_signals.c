// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_signals.c - what fork does to handlers, masks, pending signals
 *
 * Handlers, ignored signals, the mask and the alternate stack are copied;
 * pending signals and timers are not.  What the child changes stays there.
 */
#include <sys/time.h>
#include "process.h"

static volatile int count, on_stack;
static char stack[65536];

static void on_signal(int sig)
{
    char here;

    (void)sig;
    count++;
    on_stack = &here >= stack && &here < stack + sizeof(stack);
}

static int member(int sig)
{
    sigset_t now;

    sigprocmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, sig);
}

static int is_pending(int sig)
{
    sigset_t now;

    sigpending(&now);
    return sigismember(&now, sig);
}

static void change(int sig, int how)
{
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, sig);
    sigprocmask(how, &one, NULL);
}

/* Lines for this process. */
static void show(const char *who)
{
    struct sigaction usr1, usr2, hup;
    struct itimerval timer;
    stack_t ss;

    sigaction(SIGUSR1, NULL, &usr1);
    sigaction(SIGUSR2, NULL, &usr2);
    sigaction(SIGHUP, NULL, &hup);
    sigaltstack(NULL, &ss);
    getitimer(ITIMER_VIRTUAL, &timer);
    printf("%s: handler %d, ignored %d, default %d, restart %d\n", who,
           usr1.sa_handler == on_signal, usr2.sa_handler == SIG_IGN,
           hup.sa_handler == SIG_DFL, !!(usr1.sa_flags & SA_RESTART));
    printf("  blocked %d %d, pending %d %d, altstack %d, timer %d\n",
           member(SIGTERM), member(SIGUSR1), is_pending(SIGTERM),
           is_pending(SIGHUP), ss.ss_sp == stack && !(ss.ss_flags &
           SS_DISABLE), timer.it_value.tv_sec > 0);
    count = on_stack = 0;
    raise(SIGUSR1);
    raise(SIGUSR2);
    printf("  count %d, on its stack %d\n", count, on_stack);
}

/* After all of it is changed here, in two generations. */
static int child(long depth)
{
    show(depth ? "child" : "grandchild");
    change(SIGTERM, SIG_UNBLOCK);       /* its own is not pending */
    change(SIGUSR1, SIG_BLOCK);
    raise(SIGUSR1);
    signal(SIGUSR2, SIG_DFL);
    if (depth) {
        EXPECT(is_pending(SIGUSR1));
        change(SIGTERM, SIG_BLOCK);
        change(SIGUSR1, SIG_UNBLOCK);
        signal(SIGUSR2, SIG_IGN);
        set_handler(SIGUSR1, on_signal, SA_RESETHAND);
        EXPECT(reap(spawn(child, 0)) == 4);
        signal(SIGUSR1, SIG_IGN);
    }
    return 3 + !depth;
}

int main(void)
{
    stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
    struct itimerval timer = { .it_value = { 55, 0 } };
    pid_t pid;

    alarm(60);
    sigaltstack(&ss, NULL);
    set_handler(SIGUSR1, on_signal, SA_ONSTACK | SA_RESTART);
    signal(SIGUSR2, SIG_IGN);
    change(SIGTERM, SIG_BLOCK);
    raise(SIGTERM);
    setitimer(ITIMER_VIRTUAL, &timer, NULL);
    show("parent");
    printf("child %d\n", reap(spawn(child, 1)));
    show("parent");

    /* a blocked signal of the parent's does not end the child; its own may */
    pid = fork_child();
    if (pid == 0) {
        change(SIGTERM, SIG_UNBLOCK);
        raise(SIGTERM);
        _exit(1);
    }
    printf("by its own: %d\n", reap(pid));
    EXPECT(is_pending(SIGTERM));
    return 0;
}
