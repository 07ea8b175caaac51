// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/signal_queue.c - real-time signals and waits in one process
 *
 * Catches queued values that are lost or out of order, ordinary signals
 * that queue, and masks that are wrong while a handler runs.
 */
#include <time.h>
#include "process.h"

static char events[400];
static sigset_t set;

static void on_value(int sig, siginfo_t *info, void *context)
{
    char text[40];
    sigset_t now;

    (void)context;
    sigprocmask(SIG_BLOCK, NULL, &now);
    sprintf(text, " %d:%d%s", sig - SIGRTMIN, info->si_value.sival_int,
            sigismember(&now, sig) ? "" : "!");
    strcat(events, text);
}

static void send(int sig, int value)
{
    union sigval v = { .sival_int = value };

    EXPECT(sigqueue(getpid(), sig, v) == 0);
}

static void show(const char *name)
{
    printf("%-8s%s\n", name, events);
    events[0] = 0;
}

static void change(int how)
{
    sigprocmask(how, &set, NULL);
}

int main(void)
{
    struct sigaction sa = { .sa_flags = SA_SIGINFO };
    struct timespec none = { 0, 0 }, little = { 0, 3000000 };
    siginfo_t info;
    sigset_t now, one;
    int sig, sum = 0, n = 0;

    sa.sa_sigaction = on_value;
    sigemptyset(&set);
    for (int i = 0; i < 5; i++) {
        sigaddset(&set, SIGRTMIN + i);
        sigaction(SIGRTMIN + i, &sa, NULL);
    }
    sigaddset(&set, SIGUSR1);
    for (int i = 0; i < 3; i++)
        send(SIGRTMIN + i, i * 10);
    show("at once");

    /* the values of one signal keep their order */
    change(SIG_BLOCK);
    for (int i = 0; i < 6; i++)
        send(SIGRTMIN + 3, i * i);
    change(SIG_UNBLOCK);
    show("blocked");

    /* taken without a handler: lower numbers first */
    change(SIG_BLOCK);
    for (int i = 0; i < 40; i++)
        send(SIGRTMIN + i * 3 % 5, i);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    sigpending(&now);
    EXPECT(sigismember(&now, SIGUSR1) && sigismember(&now, SIGRTMIN + 4));
    for (int last = 0; (sig = sigtimedwait(&set, &info, &none)) > 0; n++) {
        EXPECT(sig >= last && info.si_signo == sig);
        if (sig == SIGUSR1) {
            EXPECT(n == 0 && info.si_code == SI_USER);
            continue;
        }
        EXPECT(info.si_code == SI_QUEUE && info.si_pid == getpid());
        EXPECT(info.si_value.sival_int * 3 % 5 == sig - SIGRTMIN);
        sum = sum * 31 % 10007 + info.si_value.sival_int;
        last = sig;
    }
    EXPECT(errno == EAGAIN);
    printf("waited  %d signals, %d\n", n, sum);
    EXPECT(sigtimedwait(&set, &info, &little) == -1 && errno == EAGAIN);

    /* only what is asked for is taken */
    send(SIGRTMIN + 1, 71);
    send(SIGRTMIN + 2, 72);
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN + 2);
    EXPECT(sigwaitinfo(&one, &info) == SIGRTMIN + 2);
    printf("asked   %d\n", info.si_value.sival_int);
    sigfillset(&now);
    sigdelset(&now, SIGRTMIN + 1);
    errno = 0;
    EXPECT(sigsuspend(&now) == -1 && errno == EINTR);
    show("suspend");
    sigpending(&now);
    for (int i = 0; i < 5; i++)
        EXPECT(!sigismember(&now, SIGRTMIN + i));
    signal(SIGUSR1, SIG_IGN);
    kill(getpid(), SIGUSR1);
    sigpending(&now);
    printf("ignored %d\n", sigismember(&now, SIGUSR1));
    return 0;
}
