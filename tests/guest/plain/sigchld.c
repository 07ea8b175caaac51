// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sigchld.c - the signal that tells of a child's end
 *
 * Catches a SIGCHLD that does not come or comes without its facts, one
 * that is lost while it is blocked, and ends that are told but not seen.
 */
#include "process.h"

static volatile int count, last_code, last_status, last_pid, last_other;
static volatile int reaped;

static void on_child(int sig, siginfo_t *info, void *context)
{
    (void)context;
    count++;
    last_code = info->si_code;
    last_status = info->si_status;
    last_pid = info->si_pid;
    last_other = sig != SIGCHLD || info->si_signo != sig;
}

/* Takes all that have ended: one signal may stand for several. */
static void on_many(int sig)
{
    int save = errno, status;

    (void)sig;
    count++;
    while (waitpid(-1, &status, WNOHANG) > 0)
        reaped += WEXITSTATUS(status);
    errno = save;
}

static int leave(long code)
{
    return code;
}

static int killed(long sig)
{
    raise(sig);
    return 0;
}

static sigset_t only_chld, none;

/* Sleep until the handler has run once more. */
static void pause_for(int n)
{
    while (count < n)
        sigsuspend(&none);
}

int main(void)
{
    struct sigaction sa = { .sa_flags = SA_SIGINFO };
    sigset_t now;
    pid_t pid;

    alarm(60);
    sigemptyset(&none);
    sigemptyset(&only_chld);
    sigaddset(&only_chld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &only_chld, NULL);
    sa.sa_sigaction = on_child;
    sigaction(SIGCHLD, &sa, NULL);

    for (int i = 0; i < 6; i++) {
        count = 0;
        pid = i < 3 ? spawn(leave, i * 50)
              : spawn(killed, i == 3 ? SIGTERM : i == 4 ? SIGUSR1 : SIGKILL);
        pause_for(1);
        EXPECT(count == 1 && last_pid == pid && !last_other);
        printf("%s %d, wait says %d\n",
               last_code == CLD_EXITED ? "exited" : last_code == CLD_KILLED
               ? "killed" : "?", last_status, reap(pid));
    }

    /* blocked: it waits */
    count = 0;
    pid = spawn(leave, 9);
    EXPECT(reap(pid) == 9);
    sigpending(&now);
    printf("pending %d, count %d\n", sigismember(&now, SIGCHLD), count);
    sigprocmask(SIG_UNBLOCK, &only_chld, NULL);
    printf("then %d\n", count);
    sigprocmask(SIG_BLOCK, &only_chld, NULL);

    /* ten at any time: all are found */
    set_handler(SIGCHLD, on_many, 0);
    count = 0;
    for (int i = 1; i <= 10; i++)
        spawn(leave, i);
    while (reaped < 55)
        sigsuspend(&none);
    printf("ten: sum %d, %s\n", reaped, count <= 10 ? "signals ok" : "WRONG");
    EXPECT(no_children());
    return 0;
}
