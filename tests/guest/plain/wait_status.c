// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/wait_status.c - how a child ended: exit codes and signals
 *
 * Catches wrong bits in the status word, a signal number that is the
 * host's, and a wait that takes the wrong child.
 */
#include "process.h"

static int leave(long code)
{
    exit(code);
}

static int trap(long how)
{
    volatile int *nowhere = NULL;

    if (how == 0)
        *nowhere = 1;
    else if (how == 1)
        raise(SIGILL);
    else
        abort();
    return 1;
}

static int by_signal(long sig)
{
    raise(sig);
    return 77;
}

static int status_of(pid_t pid)
{
    int status = -1;

    EXPECT(waitpid(pid, &status, 0) == pid);
    EXPECT(WIFEXITED(status) + WIFSIGNALED(status) == 1);
    EXPECT(!WIFSTOPPED(status) && !WIFCONTINUED(status));
    return status;
}

int main(void)
{
    static const int codes[] = { 0, 1, 42, 127, 128, 200, 255, 256, 511, -1 };
    static const int sigs[] = {
        SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM,
        SIGPIPE, SIGXCPU, SIGVTALRM, SIGPROF, SIGIO, SIGCHLD, SIGURG, SIGWINCH,
    };
    pid_t pids[10];
    int status;

    alarm(60);
    no_core();
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        status = status_of(spawn(leave, codes[i]));
        printf("exit(%d): %04x, code %d\n", codes[i], status,
               WEXITSTATUS(status));
    }
    for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
        status = status_of(spawn(by_signal, sigs[i]));
        if (WIFSIGNALED(status))
            printf("signal %d: %02x, %s\n", sigs[i], WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
        else
            printf("signal %d: lived, code %d\n", sigs[i],
                   WEXITSTATUS(status));
    }
    for (long i = 0; i < 3; i++) {
        status = status_of(spawn(trap, i));
        printf("trap %ld: %s\n", i, WIFSIGNALED(status)
               ? strsignal(WTERMSIG(status)) : "lived");
    }

    /* each child for itself, in another order than they were made */
    for (int i = 0; i < 10; i++)
        pids[i] = spawn(leave, 50 + i);
    for (int i = 0; i < 10; i++)
        EXPECT(reap(pids[i * 7 % 10]) == 50 + i * 7 % 10);
    /* by wait(): any, but each once */
    for (int i = 0; i < 10; i++)
        pids[i] = spawn(leave, 1 << (i % 7));
    status = 0;
    for (int i = 0; i < 10; i++) {
        int one;

        EXPECT(wait(&one) > 0);
        status += WEXITSTATUS(one);
    }
    printf("sum of ten %d\n", status);
    EXPECT(no_children());
    EXPECT(waitpid(getpid(), NULL, 0) == -1 && errno == ECHILD);
    return 0;
}
