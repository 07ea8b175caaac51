// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/vfork_exec.c - vfork, then exec or _exit
 *
 * The parent sleeps until then, and the child has its memory. Catches a
 * parent that goes on too early and a child with a copy.
 */
#include "process.h"

static volatile int shared_word;

static int callee(char **argv)
{
    struct channel c = { -1, atoi(argv[2]) };

    say(&c, atoi(argv[3]) * 11);
    return atoi(argv[3]);
}

/* In the parent's memory: only what vfork allows. */
static pid_t start(char **args)
{
    pid_t pid;

    shared_word = 0;
    pid = vfork();
    if (pid == 0) {
        shared_word = 1;
        execv("/proc/self/exe", args);
        shared_word = 2;
        _exit(90);
    }
    return pid;
}

int main(int argc, char **argv)
{
    char fd[12], number[12];
    char *args[] = { argv[0], "callee", fd, number, NULL };
    struct channel c;
    volatile int local = 0;
    volatile pid_t pid;
    int sum = 0;

    alarm(60);
    if (argc > 1)
        return callee(argv);
    c = channel_open();
    sprintf(fd, "%d", c.w);
    fflush(stdout);
    for (int i = 0; i < 10; i++) {
        sprintf(number, "%d", i + 3);
        pid = start(args);
        EXPECT(shared_word == 1);
        strcpy(number, "99");           /* the child has its own by now */
        EXPECT(hear(&c) == (i + 3) * 11);
        EXPECT(reap(pid) == i + 3);
        sum += i + 3;
    }
    printf("exec: sum %d\n", sum);

    /* without exec */
    for (int i = 0; i < 5; i++) {
        pid = vfork();
        if (pid == 0) {
            local += i;
            shared_word = i * 10;
            _exit(i);
        }
        EXPECT(shared_word == i * 10 && reap(pid) == i);
    }
    printf("exit: local %d\n", local);

    /* exec fails: the child goes on in our memory */
    pid = vfork();
    if (pid == 0) {
        execv("/nowhere/at/all", args);
        shared_word = errno;
        _exit(7);
    }
    printf("failed: %s", strerror(shared_word));
    printf(", %d\n", reap(pid));

    /* ended by a signal */
    pid = vfork();
    if (pid == 0) {
        local = 1234;
        kill(getpid(), SIGKILL);
        _exit(1);
    }
    printf("killed: %d", reap(pid));
    printf(", local %d\n", local);
    EXPECT(no_children());
    return 0;
}
