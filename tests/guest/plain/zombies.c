// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/zombies.c - ended children that nobody has waited for yet
 *
 * Catches a zombie that vanishes, one that can still be hurt by signals,
 * and children that stay although SIGCHLD is ignored.
 */
#include "process.h"

#define CHILDREN 12

static struct channel gate;

static int leave(long code)
{
    return code;
}

static int held(long code)
{
    close(gate.w);
    hear(&gate);
    return code;
}

/* With the end of gate, all children of this round are gone. */
static void make(pid_t *pids, int base)
{
    gate = channel_open();
    for (int i = 0; i < CHILDREN; i++)
        pids[i] = spawn(held, base + i);
    channel_close(&gate);
}

int main(void)
{
    pid_t pids[CHILDREN], pid;
    siginfo_t info;
    int sum = 0, status;

    alarm(60);
    for (int i = 0; i < CHILDREN; i++)
        pids[i] = spawn(leave, 10 + i);
    for (int i = 0; i < CHILDREN; i++)
        EXPECT(waitid(P_PID, pids[i], &info, WEXITED | WNOWAIT) == 0 &&
               info.si_status == 10 + i);
    /* all are zombies now: signals are taken, and change nothing */
    for (int i = 0; i < CHILDREN; i++)
        EXPECT(kill(pids[i], i & 1 ? SIGKILL : 0) == 0);
    for (int i = CHILDREN - 1; i >= 0; i--) {
        EXPECT(waitpid(pids[i], &status, WNOHANG) == pids[i]);
        EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 10 + i);
        EXPECT(kill(pids[i], 0) == -1 && errno == ESRCH);
        sum += WEXITSTATUS(status);
    }
    printf("zombies: %d\n", sum);

    /* a zombie does not keep its descriptors */
    gate = channel_open();
    pid = spawn(leave, 3);
    close(gate.w);
    EXPECT(hear(&gate) == -1);
    close(gate.r);
    EXPECT(reap(pid) == 3);

    /* nobody cares for them: wait blocks until all are gone */
    signal(SIGCHLD, SIG_IGN);
    make(pids, 0);
    EXPECT(wait(&status) == -1 && errno == ECHILD);
    for (int i = 0; i < CHILDREN; i++)
        EXPECT(kill(pids[i], 0) == -1 && errno == ESRCH);
    puts("ignored: none left");

    signal(SIGCHLD, SIG_DFL);
    make(pids, 100);
    sum = 0;
    while ((pid = wait(&status)) > 0)
        sum += WEXITSTATUS(status);
    printf("again zombies: %d\n", sum);
    EXPECT(errno == ECHILD);
    return 0;
}
