// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sigwait_child.c - sigwaitinfo, sigtimedwait, queued signals
 *
 * Catches queued values that are lost or out of order between processes,
 * ordinary signals that queue, and waits that run the handler.  SIGHUP comes
 * before SIGCHLD on every machine.
 */
#include <time.h>
#include "process.h"

static volatile int handled;
static sigset_t set;
static struct channel go;

static void on_any(int sig)
{
    (void)sig;
    handled++;
}

/* A name that does not depend on the machine's numbers. */
static const char *tell(int sig)
{
    return sig == SIGHUP ? "hup" : sig == SIGCHLD ? "chld"
           : sig == SIGRTMIN ? "rt0" : sig == SIGRTMIN + 1 ? "rt1"
           : sig == SIGRTMIN + 2 ? "rt2" : "?";
}

static void send(pid_t to, int sig, int value)
{
    union sigval v = { .sival_int = value };

    EXPECT(sigqueue(to, sig, v) == 0);
}

/* Send to the parent, all before it looks. */
static int sender(long rounds)
{
    pid_t to = getppid();

    for (int i = 0; i < rounds; i++) {
        send(to, SIGRTMIN + 2 - i % 3, 100 + i);
        kill(to, SIGHUP);
    }
    return 3;
}

static int receiver(long n)
{
    siginfo_t info;
    long sum = 0;

    for (long i = 0; i < n; i++) {
        EXPECT(sigwaitinfo(&set, &info) == SIGRTMIN);
        EXPECT(info.si_code == SI_QUEUE && info.si_pid == getppid());
        EXPECT(info.si_value.sival_int == i * i);
        sum += info.si_value.sival_int;
        say(&go, sum);
    }
    return handled ? 1 : 0;
}

int main(void)
{
    struct timespec none = { 0, 0 }, little = { 0, 5000000 };
    siginfo_t info;
    sigset_t now;
    long sum = 0;
    pid_t pid;
    int sig;

    alarm(60);
    go = channel_open();
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    for (int i = 0; i < 3; i++) {
        sigaddset(&set, SIGRTMIN + i);
        set_handler(SIGRTMIN + i, on_any, 0);
    }
    set_handler(SIGHUP, on_any, 0);
    set_handler(SIGCHLD, on_any, 0);
    sigprocmask(SIG_BLOCK, &set, NULL);
    EXPECT(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN);
    EXPECT(sigtimedwait(&set, &info, &little) == -1 && errno == EAGAIN);

    pid = spawn(sender, 7);
    EXPECT(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0);
    sigpending(&now);
    for (int i = 0; i < 3; i++)
        EXPECT(sigismember(&now, SIGRTMIN + i));
    while ((sig = sigtimedwait(&set, &info, &none)) > 0) {
        EXPECT(info.si_pid == pid && info.si_signo == sig);
        printf("%s ", tell(sig));
        if (info.si_code == SI_QUEUE)
            printf("queued %d\n", info.si_value.sival_int);
        else
            printf("%s\n", info.si_code == SI_USER ? "user"
                   : info.si_code == CLD_EXITED ? "exited" : "?");
    }
    EXPECT(errno == EAGAIN && reap(pid) == 3);

    /* one by one, each is answered */
    pid = spawn(receiver, 50);
    for (int i = 0; i < 50; i++) {
        send(pid, SIGRTMIN, i * i);
        sum += i * i;
        EXPECT(hear(&go) == sum);
    }
    EXPECT(sigwait(&set, &sig) == 0 && sig == SIGCHLD);
    printf("answered %ld, child %d\n", sum, reap(pid));

    /* many at once wait in order */
    pid = spawn(receiver, 50);
    for (int i = 0; i < 50; i++)
        send(pid, SIGRTMIN, i * i);
    printf("in a row: child %d, handled %d\n", reap(pid), handled);
    EXPECT(sigwait(&set, &sig) == 0 && sig == SIGCHLD);

    /* what is left is for the handler */
    kill(getpid(), SIGHUP);
    send(getpid(), SIGRTMIN + 1, 1);
    send(getpid(), SIGRTMIN + 1, 2);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("handled %d\n", handled);
    return 0;
}
