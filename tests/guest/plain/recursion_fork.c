// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/recursion_fork.c - deep stacks and register windows across fork
 *
 * A fork far down: both sides return through all frames. Catches windows
 * that are not spilled for the child, and stacks that grow in one only.
 */
#include "process.h"

static pid_t last;
static int is_child;

/* Down to 0, fork there, and add up on the way back. */
static __attribute__((noinline)) uint64_t down(int depth, uint64_t a, int size)
{
    volatile unsigned char room[size];
    uint64_t b = fold(a, depth), c = fold(b, a), r;

    for (int i = 0; i < size; i += 16)
        room[i] = depth + i;
    if (depth == 0) {
        last = fork_child();
        is_child = last == 0;
        return is_child ? c ^ 1 : c;
    }
    r = down(depth - 1, b, size);
    for (int i = 0; i < size; i += 16)
        EXPECT(room[i] == (unsigned char)(depth + i));
    return fold(r, b + c);
}

/* The same without memory in between, far below what there was at fork. */
static __attribute__((noinline)) uint64_t deep(int depth, uint64_t h)
{
    volatile char room[200];

    room[depth % 200] = depth;
    if (depth == 0)
        return h;
    h = deep(depth - 1, fold(h, depth));
    EXPECT(room[depth % 200] == (char)depth);
    return fold(h, depth);
}

/* Forks on the way down, too: a tree of stacks. */
static __attribute__((noinline)) int tree(int depth, int forks)
{
    int left, right = 0;

    if (depth == 0)
        return 1;
    if (forks > 0 && depth % 3 == 0) {
        pid_t pid = fork_child();

        if (pid == 0)
            _exit(tree(depth - 1, forks - 1));
        right = tree(depth - 1, forks - 1);
        left = reap(pid);
        EXPECT(left == right);
        return left + right;
    }
    left = tree(depth - 1, forks);
    EXPECT(left > 0);
    return left;
}

int main(void)
{
    static const struct {
        int depth, size;
    } sets[] = { { 1, 64 }, { 5, 64 }, { 7, 100 }, { 9, 16 }, { 50, 3000 },
                 { 2000, 100 }, { 300, 9000 } };

    alarm(60);
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        struct channel c = channel_open();
        uint64_t h = down(sets[i].depth, i, sets[i].size);
        uint64_t theirs;

        if (is_child) {
            say(&c, h >> 8);
            _exit(h % 250);
        }
        theirs = hear(&c);
        printf("depth %4d: own %014llx, child %014llx %d\n", sets[i].depth,
               (unsigned long long)h >> 8, (unsigned long long)theirs,
               reap(last));
        channel_close(&c);
    }
    last = fork_child();
    if (last == 0)
        _exit(deep(10000, 3) % 250);
    printf("deep: child %d", reap(last));
    printf(", own %llu\n", (unsigned long long)deep(10000, 3) % 250);
    printf("tree %d\n", tree(30, 5));
    return 0;
}
