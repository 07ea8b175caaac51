// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/fork_tree.c - a tree of processes, sums carried up by exit and pipe
 *
 * Catches children that miss data of their parents, answers that come from
 * the wrong child, and pipes that do not end when the last writer is gone.
 */
#include "process.h"

#define DEPTH 4
#define WIDTH 3

static uint64_t path = FOLD_START;

/* The nodes below here, each told to out; returns how many there are. */
static long grow(int depth, struct channel *out)
{
    long nodes = 1;
    struct channel up[WIDTH];
    pid_t child[WIDTH];

    say(out, (long)(path >> 8));
    if (depth == 0)
        return nodes;
    for (int i = 0; i < WIDTH; i++) {
        up[i] = channel_open();
        child[i] = fork_child();
        if (child[i] == 0) {
            close(up[i].r);
            path = fold(path, i + 1);
            nodes = grow(depth - 1, &up[i]);
            _exit(nodes);
        }
        close(up[i].w);
    }
    for (int i = 0; i < WIDTH; i++) {
        long value, n = 0, code;

        while ((value = hear(&up[i])) != -1) {
            say(out, value);
            n++;
        }
        close(up[i].r);
        code = reap(child[i]);
        EXPECT(code == n);
        nodes += code;
    }
    EXPECT(no_children());
    return nodes;
}

/* What the tree must give, in the same order, by one process. */
static uint64_t model(int depth, uint64_t at, uint64_t h)
{
    h = fold(h, at >> 8);
    for (int i = 0; depth > 0 && i < WIDTH; i++)
        h = model(depth - 1, fold(at, i + 1), h);
    return h;
}

int main(void)
{
    alarm(60);
    for (int depth = 0; depth <= DEPTH; depth++) {
        struct channel out = channel_open();
        uint64_t h = FOLD_START;
        long value, told = 0, nodes;

        nodes = grow(depth, &out);
        close(out.w);
        while ((value = hear(&out)) != -1) {
            h = fold(h, value);
            told++;
        }
        close(out.r);
        printf("depth %d: %ld nodes, %ld told, %016llx %s\n", depth, nodes,
               told, (unsigned long long)h,
               h == model(depth, FOLD_START, FOLD_START) ? "ok" : "WRONG");
    }
    return 0;
}
