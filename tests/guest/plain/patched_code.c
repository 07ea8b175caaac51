// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/patched_code.c - another process changes a program's code
 *
 * Catches a CPU that still executes what was there: of a page that was copied
 * for the change, or moved or shared since, while the process did not run.  The
 * same program on this machine is the reference.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include "process.h"

#define FUNCTIONS 8
#define ROUNDS    20

typedef int (*function)(void);

/* A function that returns @n, below 128. */
struct code {
    uint8_t bytes[16];
};

static struct code returns(int n)
{
#ifdef __sparc__
    return (struct code){ { 0x81, 0xc3, 0xe0, 0x08,            /* retl */
                            0x90, 0x10, 0x20, (uint8_t)n } };  /* mov n, %o0 */
#elif defined(__x86_64__)
    return (struct code){ { 0xb8, (uint8_t)n, 0, 0, 0, 0xc3 } };
#elif defined(__aarch64__)
    uint32_t word[2] = { 0x52800000u | (uint32_t)n << 5, 0xd65f03c0u };
    struct code c = { { 0 } };

    memcpy(c.bytes, word, sizeof(word));
    return c;
#endif
}

/* Each in a page of its own. */
static uint8_t *area;

static uint8_t *place(int i)
{
    return area + i * PAGE + i * (long)sizeof(struct code);
}

static int call_all(void)
{
    int sum = 0;

    for (int i = 0; i < FUNCTIONS; i++)
        sum = sum * 2 + ((function)(uintptr_t)place(i))();
    return sum;
}

static int child(struct channel *from, struct channel *to)
{
    for (;;) {
        int first = call_all();

        EXPECT(call_all() == first);
        say(to, first);
        if (hear(from) < 0)
            return 0;
    }
}

int main(void)
{
    struct channel there = channel_open(), back = channel_open();
    pid_t pid;

    area = mmap(NULL, FUNCTIONS * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(area != MAP_FAILED);
    for (int i = 0; i < FUNCTIONS; i++) {
        struct code c = returns(1);

        memcpy(place(i), &c, sizeof(c));
        __builtin___clear_cache((char *)place(i), (char *)place(i) + sizeof(c));
    }
    pid = fork_child();
    if (pid == 0) {
        close(there.w);
        _exit(child(&there, &back));
    }
    close(there.r);
    printf("%ld of the child\n", hear(&back));
    for (int i = 0; i < ROUNDS; i++) {
        struct code c = returns(2 + i);
        struct iovec l = { &c, sizeof(c) };
        struct iovec r = { place(i * 3 % FUNCTIONS), sizeof(c) };

        EXPECT(process_vm_writev(pid, &l, 1, &r, 1, 0) == sizeof(c));
        EXPECT(call_all() == (1 << FUNCTIONS) - 1);
        say(&there, 1);
        printf("%ld of the child\n", hear(&back));
    }
    close(there.w);
    printf("exit %d\n", reap(pid));
    return 0;
}
