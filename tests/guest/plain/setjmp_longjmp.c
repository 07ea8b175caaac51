// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/setjmp_longjmp.c - jumps out of deep calls, signal masks kept
 *
 * Catches register windows that are not flushed or not reloaded when the
 * stack pointer jumps up by many frames at once. Ends with code 5.
 */
#include <setjmp.h>
#include <signal.h>
#include "plain.h"

static jmp_buf top, inner;
static int calls;

static int __attribute__((noinline)) dive(int depth, int code)
{
    volatile int pad[6] = { depth, code, depth + code };
    int r;

    calls++;
    if (depth == 0)
        longjmp(top, code);
    if (depth < 0)
        return code;
    r = dive(depth - 1, code);
    return r + pad[2];
}

static void depths(void)
{
    static const int list[] = { 0, 1, 3, 5, 6, 7, 8, 9, 16, 100, 1500 };
    volatile uint64_t sum = 0;

    for (volatile size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        volatile int marker = list[i] * 3 + 1;
        int v = setjmp(top);

        if (v == 0)
            sum += dive(list[i], (int)i + 10);
        sum = fold(sum, v);
        printf("depth %d came back with %d, marker %d, calls %d\n", list[i],
               v, marker, calls);
    }
    printf("sum %016llx\n", (unsigned long long)sum);
}

static void zero(void)
{
    volatile int tries = 0;
    int v = setjmp(top);

    if (tries++ == 0)
        longjmp(top, 0);
    printf("longjmp 0 gives %d\n", v);
}

/* Jumps back and forth between two levels that are both still active. */
static int __attribute__((noinline)) level(int n)
{
    volatile int rounds = 0;

    if (n > 0)
        return level(n - 1) + 1;
    if (setjmp(inner) < 9)
        rounds++;
    if (rounds < 9)
        longjmp(inner, rounds);
    return rounds;
}

/* Try and throw with a stack of handlers. */
struct handler {
    jmp_buf env;
    struct handler *up;
};
static struct handler *handlers;

static void throw(int what)
{
    struct handler *h = handlers;

    handlers = h->up;
    longjmp(h->env, what);
}

static int __attribute__((noinline)) nested(int n)
{
    struct handler h;
    int v;

    h.up = handlers;
    handlers = &h;
    v = setjmp(h.env);
    if (v == 0) {
        if (n == 40)
            throw(1);
        v = nested(n + 1);
        handlers = h.up;
        return v;
    }
    if (n % 7 == 0)
        return v * 1000 + n;
    throw(v + n);
    return -1;
}

static void masks(void)
{
    static sigjmp_buf keep;
    volatile int round;
    sigset_t one, now;

    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    for (round = 0; round < 2; round++) {
        sigset_t none;

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (sigsetjmp(keep, round) == 0) {
            sigprocmask(SIG_BLOCK, &one, NULL);
            siglongjmp(keep, 1);
        }
        sigprocmask(SIG_SETMASK, NULL, &now);
        printf("saved mask %d: blocked %d\n", round,
               sigismember(&now, SIGUSR1));
    }
}

int main(void)
{
    int v;

    depths();
    zero();
    printf("level %d\n", level(30));
    printf("nested %d\n", nested(1));
    masks();
    if ((v = setjmp(top)) != 0)
        return v;
    return dive(200, 5);
}
