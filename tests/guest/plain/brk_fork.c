// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/brk_fork.c - the break of parent and child
 *
 * Catches a break that both share, heap pages that are not copied, and a
 * page that comes back with what it had before it was given up.
 */
#define _GNU_SOURCE
#include "process.h"

static struct channel go, done;

/* Grow by bytes, fill the new part with c. */
static char *grow(long bytes, int c)
{
    char *p = sbrk(bytes);

    EXPECT(p != (void *)-1);
    for (long i = 0; i < bytes; i++)
        EXPECT(p[i] == 0);
    memset(p, c, bytes);
    return p;
}

static uint64_t sum(const char *from)
{
    return fold_bytes(FOLD_START, from, (char *)sbrk(0) - from) >> 8;
}

static int child(long start)
{
    char *p = (char *)start, *top = sbrk(0), *mine;

    say(&done, sum(p));
    hear(&go);
    EXPECT(sbrk(0) == top);             /* the parent's has moved */
    say(&done, sum(p));
    mine = grow(5 * PAGE + 100, 'c');
    EXPECT(mine == top);
    mine[10] = 'x';
    say(&done, (char *)sbrk(0) - top);
    say(&done, sum(p));
    hear(&go);
    EXPECT(brk(p + PAGE) == 0);
    say(&done, sum(p));
    grow(PAGE, 'd');                    /* zero again */
    say(&done, sum(p));
    return 0;
}

int main(void)
{
    char *p, *top;
    uint64_t mine;
    pid_t pid;

    alarm(60);
    go = channel_open();
    done = channel_open();
    printf("brk\n");                    /* stdio has its buffer now */
    p = sbrk(0);
    p = sbrk(-(long)p & (PAGE - 1));
    p = grow(4 * PAGE, 'p');
    top = sbrk(0);
    for (int round = 0; round < 2; round++) {
        pid = spawn(child, (long)p);
        mine = sum(p);
        EXPECT((uint64_t)hear(&done) == mine);
        EXPECT(grow(3 * PAGE, 'q') == top);
        p[100] = 'P';
        say(&go, 1);
        EXPECT((uint64_t)hear(&done) == mine);
        printf("child grew %ld", hear(&done));
        printf(" to %014lx, own %014llx\n", hear(&done),
               (unsigned long long)sum(p));
        EXPECT(brk(top) == 0);
        mine = sum(p);
        say(&go, 2);
        printf("child cut %014lx", hear(&done));
        printf(" %014lx\n", hear(&done));
        EXPECT(reap(pid) == 0 && sum(p) == mine && sbrk(0) == top);
        memset(p, 'r', PAGE);
    }

    /* a chain of ten, each with more than the one before */
    pid = fork_child();
    for (int i = 0; pid == 0 && i < 10; i++) {
        p = grow(PAGE * (i + 1), 'a' + i);
        pid = fork_child();
        if (pid > 0) {
            int code = reap(pid);

            EXPECT(sbrk(0) == p + PAGE * (i + 1) && p[PAGE - 1] == 'a' + i);
            _exit(code + 1);
        }
        EXPECT(p[0] == 'a' + i);
    }
    if (pid == 0)
        _exit(20);
    printf("chain %d\n", reap(pid));
    EXPECT(sbrk(0) == top);
    return 0;
}
