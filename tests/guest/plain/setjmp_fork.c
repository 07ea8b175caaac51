// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/setjmp_fork.c - jumps to before the fork, coroutines on both sides
 *
 * Catches a jump in the child that lands in the parent's frame content, and
 * contexts on own stacks that fork does not copy.
 */
#include <setjmp.h>
#include <ucontext.h>
#include "process.h"

static jmp_buf before;
static sigjmp_buf from_handler;

/* Child and parent jump back here, each for itself. */
static void twice(void)
{
    volatile int rounds = 0, who = 0;
    volatile pid_t pid = -1;
    int value = setjmp(before);

    rounds++;
    if (value == 0) {
        pid = fork_child();
        who = pid == 0 ? 7 : 8;
        longjmp(before, who);
    }
    EXPECT(value >= who);
    if (value < 100)
        longjmp(before, value * 20);
    if (who == 7)
        _exit(value / 20 + rounds * 10);
    printf("jumps: child %d, own %d %d\n", reap(pid), value, rounds);
}

static __attribute__((noinline)) int dive(int depth)
{
    volatile char room[500];

    room[depth] = depth;
    if (depth == 0)
        longjmp(before, 5);
    return depth < 0 ? 0 : dive(depth - 1) + room[depth];
}

static void from_below(void)
{
    volatile uint64_t kept = 0x1234567890abcdefULL;
    double x = 1.5;
    volatile double y = x * 3;
    pid_t pid = fork_child();

    if (pid == 0) {
        if (setjmp(before) == 0)
            _exit(dive(200));
        EXPECT(kept == 0x1234567890abcdefULL && y == 4.5);
        _exit(17);
    }
    kept = 0;
    y = 0;
    printf("from below: %d\n", reap(pid));
}

static void on_usr1(int sig)
{
    siglongjmp(from_handler, sig);
}

/* Fork in the handler's frame; both leave it by a jump. */
static void on_usr2(int sig)
{
    pid_t pid = fork_child();

    (void)sig;
    siglongjmp(from_handler, pid == 0 ? 1 : reap(pid));
}

static void handlers(void)
{
    volatile int n;
    sigset_t now;

    set_handler(SIGUSR1, on_usr1, 0);
    set_handler(SIGUSR2, on_usr2, 0);
    n = sigsetjmp(from_handler, 1);
    if (n == 0)
        raise(SIGUSR2);
    sigprocmask(SIG_BLOCK, NULL, &now);
    EXPECT(!sigismember(&now, SIGUSR2));
    if (n == 1) {
        if (sigsetjmp(from_handler, 1) == 0)
            raise(SIGUSR1);
        _exit(33);
    }
    printf("handler: %d\n", n);
}

static ucontext_t main_context, co;
static int made;

static void generator(void)
{
    for (int i = 1;; i++) {
        made = made * 10 + i;
        swapcontext(&co, &main_context);
    }
}

/* A coroutine half way through goes on in both. */
static void coroutine(void)
{
    static char stack[65536];
    pid_t pid;

    getcontext(&co);
    co.uc_stack.ss_sp = stack;
    co.uc_stack.ss_size = sizeof(stack);
    makecontext(&co, generator, 0);
    for (int i = 0; i < 3; i++)
        swapcontext(&main_context, &co);
    pid = fork_child();
    made = pid == 0 ? 0 : 9;
    for (int i = 0; i < 2; i++)
        swapcontext(&main_context, &co);
    if (pid == 0)
        _exit(made);
    printf("coroutine: child %d, own %d\n", reap(pid), made);
}

int main(void)
{
    alarm(60);
    twice();
    from_below();
    handlers();
    coroutine();
    return 0;
}
