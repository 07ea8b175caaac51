// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/kill_pair.c - two processes that signal each other in turn
 *
 * Catches signals that are lost between a check and a pause, a wrong sender
 * in siginfo, and a kill of what is not there.
 */
#include "process.h"

#define ROUNDS 200

static volatile sig_atomic_t got, sender;

static void on_turn(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    got++;
    sender = info->si_code == SI_USER ? info->si_pid : -1;
}

static sigset_t open_set;

/* Answer each SIGUSR1 of the other with one. */
static int answer(long rounds)
{
    pid_t parent = getppid();

    for (long i = 0; i < rounds; i++) {
        while (got <= i)
            sigsuspend(&open_set);
        EXPECT(sender == parent);
        EXPECT(kill(parent, SIGUSR1) == 0);
    }
    return got == rounds ? 11 : 12;
}

static void ping_pong(void)
{
    pid_t pid = spawn(answer, ROUNDS);

    for (int i = 0; i < ROUNDS; i++) {
        EXPECT(kill(pid, SIGUSR1) == 0);
        while (got <= i)
            sigsuspend(&open_set);
        EXPECT(sender == pid);
    }
    printf("%d rounds, child %d\n", got, reap(pid));
}

/* A child that cannot be stopped by what it blocks or ignores. */
static int stubborn(long how)
{
    sigset_t all;
    struct channel never = channel_open();

    sigfillset(&all);
    if (how == 1)
        signal(SIGTERM, SIG_IGN);
    else
        sigprocmask(SIG_BLOCK, &all, NULL);
    kill(getppid(), SIGUSR1);
    hear(&never);
    return 1;
}

int main(void)
{
    struct sigaction sa = { .sa_flags = SA_SIGINFO };
    sigset_t usr1;
    pid_t pid;

    alarm(60);
    sa.sa_sigaction = on_turn;
    sigaction(SIGUSR1, &sa, NULL);
    sigemptyset(&open_set);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    ping_pong();
    for (int how = 1; how < 3; how++) {
        got = 0;
        pid = spawn(stubborn, how);
        while (!got)
            sigsuspend(&open_set);
        EXPECT(kill(pid, SIGTERM) == 0 && waitpid(pid, NULL, WNOHANG) == 0);
        EXPECT(kill(pid, SIGKILL) == 0);
        printf("stubborn %d: %d\n", how, reap(pid));
        errno = 0;
        EXPECT(kill(pid, SIGTERM) == -1 && errno == ESRCH);
    }
    errno = 0;
    EXPECT(kill(getpid(), 100) == -1 && errno == EINVAL);
    EXPECT(kill(getpid(), 0) == 0);
    return 0;
}
