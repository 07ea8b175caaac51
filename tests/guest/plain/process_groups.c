// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/process_groups.c - groups and sessions: getpgid, setpgid, setsid
 *
 * Catches groups that fork does not inherit, a signal or a wait for a group
 * that takes others, and wrong errors.
 */
#define _GNU_SOURCE
#include "process.h"

#define MEMBERS 5

static struct channel ready, gate;

static int member(long code)
{
    close(gate.w);
    say(&ready, code);
    hear(&gate);
    return code;
}

/* n processes in the group of the first; they wait at the gate. */
static void make(pid_t *pids, int n, int base)
{
    for (int i = 0; i < n; i++) {
        pids[i] = spawn(member, base + i);
        EXPECT(setpgid(pids[i], pids[0]) == 0);
        EXPECT(hear(&ready) == base + i);
        EXPECT(getpgid(pids[i]) == pids[0]);
    }
}

static int relations(long unused)
{
    pid_t parent = getppid(), pid;

    (void)unused;
    EXPECT(getpgrp() == getpgid(parent) && getpgid(0) == getpgrp());
    EXPECT(getsid(0) == getsid(parent));
    EXPECT(setpgid(0, 0) == 0 && getpgrp() == getpid());
    EXPECT(getpgid(parent) != getpgrp());
    errno = 0;
    EXPECT(setsid() == -1 && errno == EPERM);   /* leads a group */
    pid = fork_child();
    if (pid == 0) {
        EXPECT(getpgrp() == getppid() && setsid() == getpid());
        EXPECT(getpgrp() == getpid() && getsid(0) == getpid());
        errno = 0;
        EXPECT(setpgid(0, 0) == -1 && errno == EPERM);
        pid = fork_child();
        if (pid == 0) {
            EXPECT(getsid(0) == getppid() && getpgrp() == getppid());
            _exit(2);
        }
        _exit(reap(pid) + 1);
    }
    return reap(pid) + 1;
}

int main(void)
{
    pid_t a[MEMBERS], b[MEMBERS];
    int status, sum = 0;

    alarm(60);
    ready = channel_open();
    gate = channel_open();
    printf("relations %d\n", reap(spawn(relations, 0)));

    make(a, MEMBERS, 10);
    make(b, MEMBERS, 20);
    EXPECT(waitpid(-a[0], &status, WNOHANG) == 0);
    EXPECT(kill(-a[0], 0) == 0);
    EXPECT(kill(-b[0], SIGTERM) == 0);
    for (int i = 0; i < MEMBERS; i++)
        EXPECT(reap(b[i]) == 128 + SIGTERM);
    errno = 0;
    EXPECT(waitpid(-b[0], &status, 0) == -1 && errno == ECHILD);
    EXPECT(kill(-b[0], 0) == -1 && errno == ESRCH);
    EXPECT(waitpid(-a[0], &status, WNOHANG) == 0);
    puts("only the one group");

    /* moved from group to group; its leader may be gone */
    EXPECT(killpg(a[0], 0) == 0 && kill(a[0], SIGKILL) == 0);
    EXPECT(reap(a[0]) == 137);
    EXPECT(getpgid(a[1]) == a[0] && killpg(a[0], 0) == 0);
    EXPECT(setpgid(a[1], a[1]) == 0 && setpgid(a[2], a[1]) == 0);
    EXPECT(getpgid(a[2]) == a[1] && getpgid(a[3]) == a[0]);
    errno = 0;
    EXPECT(setpgid(a[3], b[0]) == -1 && errno == EPERM);
    EXPECT(setpgid(a[3], -1) == -1 && errno == EINVAL);
    EXPECT(setpgid(a[0], a[0]) == -1 && errno == ESRCH);
    EXPECT(getpgid(a[0]) == -1 && errno == ESRCH);
    channel_close(&gate);
    for (int i = 0; i < 2; i++) {
        EXPECT(waitpid(-a[1], &status, 0) > 0);
        sum += WEXITSTATUS(status);
    }
    printf("group of two: %d", sum);
    for (sum = 0; waitpid(-a[0], &status, 0) > 0;)
        sum += WEXITSTATUS(status);
    printf(", the rest: %d\n", sum);
    EXPECT(no_children());
    return 0;
}
