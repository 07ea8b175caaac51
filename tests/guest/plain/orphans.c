// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/orphans.c - children whose parent goes first
 *
 * Catches a getppid that still names the dead, a dead parent that takes
 * its children along, and a wait that takes grandchildren.
 */
#include "process.h"

#define PARENTS 4
#define EACH    3

static struct channel news, gate, leave;

/* Lives until the gate is closed, whatever its parent does. */
static void orphan(int n, pid_t parent)
{
    channel_close(&leave);
    close(gate.w);
    EXPECT(getppid() == parent);
    say(&news, n);
    EXPECT(hear(&gate) == -1);
    say(&news, getppid() != parent ? n + 100 : n + 900);
    _exit(7);
}

/* Leaves its children behind, as told. */
static int parent(long i)
{
    pid_t self = getpid();

    for (int k = 0; k < EACH; k++)
        if (fork_child() == 0)
            orphan(i * EACH + k, self);
    return hear(&leave);
}

int main(void)
{
    long alive = 0, value, mask = 0, count = 0;
    struct channel last;
    pid_t pid;

    alarm(60);
    news = channel_open();
    gate = channel_open();
    leave = channel_open();
    for (int i = 0; i < PARENTS; i++) {
        pid = spawn(parent, i);
        for (int k = 0; k < EACH; k++) {
            value = hear(&news);
            EXPECT(value / EACH == i);
            alive |= 1L << value;
        }
        if (i == 1)
            kill(pid, SIGKILL);
        else
            say(&leave, 40 + i);
        value = reap(pid);
        printf("parent %d: %ld\n", i, value);
        /* the grandchildren are not ours */
        EXPECT(no_children());
    }
    printf("alive %lx\n", alive);

    channel_close(&leave);
    channel_close(&gate);
    close(news.w);
    while ((value = hear(&news)) != -1) {
        EXPECT(value >= 100 && value < 100 + PARENTS * EACH);
        mask |= 1L << (value - 100);
        count++;
    }
    printf("adopted %ld: %lx\n", count, mask);
    EXPECT(no_children());

    /* the last of a chain sees the others go, one after the other */
    last = channel_open();
    pid = fork_child();
    if (pid == 0) {
        for (int depth = 0; depth < 10; depth++) {
            struct channel next = channel_open();

            pid = fork_child();
            if (pid > 0)
                _exit(depth);
            close(next.w);
            EXPECT(hear(&next) == -1);  /* its parent has gone */
            close(next.r);
        }
        say(&last, 10);
        _exit(0);
    }
    close(last.w);
    printf("chain: first %d", reap(pid));
    printf(", last %ld\n", hear(&last));
    EXPECT(hear(&last) == -1 && no_children());
    return 0;
}
