// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/coroutines.c - makecontext and swapcontext between several stacks
 *
 * Every switch flushes the register windows and moves to another stack.
 * Catches windows that are filled from the wrong stack. No context is left
 * by returning from its function; each one switches back by itself.
 */
#include <ucontext.h>
#include "plain.h"

#define STACK (64 * 1024)
#define TASKS 5

static ucontext_t back, task[TASKS];
static int finished[TASKS], current;
static long passed;

static void yield(long v)
{
    passed = v;
    swapcontext(&task[current], &back);
}

static void leave(void)
{
    finished[current] = 1;
    for (;;)
        swapcontext(&task[current], &back);
}

/* Walks a tree by recursion and gives the nodes one by one. */
static void __attribute__((noinline)) walk(int depth, long id)
{
    if (depth == 0)
        return;
    walk(depth - 1, id * 2);
    yield(id);
    walk(depth - 1, id * 2 + 1);
}

static void tree(int depth, int first)
{
    walk(depth, first);
    leave();
}

static void counter(int from, int to, int by)
{
    for (int i = from; i < to; i += by)
        yield(i);
    leave();
}

/* Values that live in FPU registers across the switches. */
static void floats(void)
{
    double a = 1, b = 0.5, c = 3, d = 0;

    for (int i = 0; i < 25; i++) {
        d += a * b;
        a = a * 1.125 + c;
        b = b * 0.875 - d / 1024;
        yield((long)(d * 1000));
        c = c + b;
    }
    leave();
}

static long __attribute__((noinline)) sink(int depth, long sum)
{
    volatile long keep = sum;

    if (depth == 0) {
        yield(sum);
        return sum;
    }
    sum = sink(depth - 1, sum + depth);
    return sum + keep % 3;
}

static void deep(void)
{
    for (int i = 1; i < 60; i += 7)
        yield(sink(i, i));
    leave();
}

static void start(int n, void (*f)(void), int args, int a, int b, int c)
{
    getcontext(&task[n]);
    task[n].uc_stack.ss_sp = calloc(1, STACK);
    task[n].uc_stack.ss_size = STACK;
    task[n].uc_link = NULL;
    makecontext(&task[n], f, args, a, b, c);
}

static int resume(int n, long *v)
{
    current = n;
    swapcontext(&back, &task[n]);
    *v = passed;
    return !finished[n];
}

int main(void)
{
    static const char *const names[TASKS] = { "tree", "count", "float",
                                              "deep", "other" };
    long got[TASKS] = { 0 }, v;
    uint64_t h[TASKS];
    int left = TASKS, round = 0;

    start(0, (void (*)(void))tree, 2, 6, 1, 0);
    start(1, (void (*)(void))counter, 3, 10, 500, 7);
    start(2, floats, 0, 0, 0, 0);
    start(3, deep, 0, 0, 0, 0);
    start(4, (void (*)(void))tree, 2, 4, 3, 0);
    for (int i = 0; i < TASKS; i++)
        h[i] = FOLD_START;
    for (; left > 0; round++) {
        left = 0;
        for (int i = 0; i < TASKS; i++) {
            if (finished[i] || !resume(i, &v))
                continue;
            left++;
            got[i]++;
            h[i] = fold(h[i], v);
            if (round < 6)
                printf("%s %ld%c", names[i], v, i == TASKS - 1 ? '\n' : ' ');
        }
    }
    for (int i = 0; i < TASKS; i++) {
        printf("%s %ld values %016llx\n", names[i], got[i],
               (unsigned long long)h[i]);
        free(task[i].uc_stack.ss_sp);
    }
    printf("%d rounds\n", round);

    /* a saved context that is entered again by setcontext */
    for (volatile int again = 0;;) {
        getcontext(&back);
        printf("pass %d\n", again);
        if (again++ == 3)
            break;
        setcontext(&back);
    }
    return 0;
}
