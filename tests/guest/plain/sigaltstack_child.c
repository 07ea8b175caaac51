// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sigaltstack_child.c - a stack overflow that a child survives
 *
 * Catches alternate stacks that fork loses or shares, SIGSEGV that cannot
 * be delivered, and a parent that feels it.
 */
#include <setjmp.h>
#include <sys/mman.h>
#include "process.h"

#define ALT 65536

static sigjmp_buf back;
static char *alt;
static volatile int caught;

static void on_segv(int sig)
{
    char here;

    (void)sig;
    caught += &here >= alt && &here < alt + ALT ? 1 : 100;
    siglongjmp(back, 1);
}

/* Until the stack is full. */
static __attribute__((noinline)) int overflow(int depth)
{
    volatile char room[2000];

    room[depth % 2000] = depth;
    return depth < 0 ? 0 : overflow(depth + 1) + room[depth % 2000];
}

static int dive(void)
{
    if (sigsetjmp(back, 1) == 0)
        return overflow(1);
    return -1;
}

static void small_stack(void)
{
    struct rlimit limit = { 1 << 20, 1 << 20 };

    setrlimit(RLIMIT_STACK, &limit);
}

static void set_alt(void)
{
    stack_t ss = { .ss_sp = alt, .ss_size = ALT }, old;

    EXPECT(sigaltstack(&ss, NULL) == 0);
    EXPECT(sigaltstack(NULL, &old) == 0 && old.ss_sp == alt);
}

/* As it was inherited: several overflows. */
static int survivor(long rounds)
{
    stack_t ss;

    for (long i = 0; i < rounds; i++)
        EXPECT(dive() == -1);
    EXPECT(sigaltstack(NULL, &ss) == 0 && ss.ss_flags == 0);
    return caught;
}

/* Without an alternate stack there is no way on. */
static int victim(long unused)
{
    stack_t off = { .ss_flags = SS_DISABLE };

    (void)unused;
    EXPECT(sigaltstack(&off, NULL) == 0);
    dive();
    return 1;
}

/* Its own stack, at another place; the child of it inherits that one. */
static int other(long depth)
{
    int code;

    alt = mmap(NULL, ALT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
               -1, 0);
    set_alt();
    EXPECT(dive() == -1);
    code = depth ? reap(spawn(other, depth - 1)) : reap(spawn(survivor, 2));
    return code + caught;
}

int main(void)
{
    alarm(60);
    no_core();
    small_stack();
    alt = malloc(ALT);
    set_handler(SIGSEGV, on_segv, SA_ONSTACK);
    set_alt();
    printf("survivor %d\n", reap(spawn(survivor, 3)));
    printf("victim %s\n", strsignal(reap(spawn(victim, 0)) - 128));
    printf("other %d\n", reap(spawn(other, 2)));
    EXPECT(caught == 0);
    printf("parent %d", dive());
    printf(" %d\n", caught);
    printf("survivor %d\n", reap(spawn(survivor, 1)));
    return 0;
}
