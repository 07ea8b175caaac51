// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/process_vm.c - process_vm_readv(2), process_vm_writev(2)
 *
 * Catches bytes that come from or go to the wrong process or place, pages
 * that a write changes for others too, sums that are wrong when one side is
 * shorter or a page is missing, and errors in the wrong order.  The same
 * program on this machine is the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include "process.h"
#include "try.h"

#define NOBODY 65534
#define LEN    (4 * PAGE)

static char *area; /* four pages; the third can be taken away */
static char local[LEN];
static pid_t child;

static void fill(char *p, int seed)
{
    for (long i = 0; i < LEN; i++)
        p[i] = (char)(i * 7 + i / 256 + seed);
}

static unsigned sum(const void *p, size_t len)
{
    return (unsigned)fold_bytes(FOLD_START, p, len);
}

static long get(void *to, void *from, size_t len)
{
    struct iovec l = { to, len }, r = { from, len };

    return process_vm_readv(child, &l, 1, &r, 1, 0);
}

static long put(void *to, void *from, size_t len)
{
    struct iovec l = { from, len }, r = { to, len };

    return process_vm_writev(child, &l, 1, &r, 1, 0);
}

/* Tell the child to say what it has. */
static void ask(struct channel *to, struct channel *from)
{
    say(to, 1);
    printf("  the child has %08lx\n", hear(from));
}

static void whole_and_parts(struct channel *to, struct channel *from)
{
    struct iovec l[3] = { { local, 100 }, { local + 500, 0 },
                          { local + 1000, PAGE } };
    struct iovec r[4] = { { area + PAGE - 50, 100 }, { area, 7 },
                          { area + 3, 0 }, { area + PAGE, 2 * PAGE } };

    memset(local, 0, LEN);
    TRY(get(local, area, LEN));
    printf("  read %08x\n", sum(local, LEN));
    memset(local, 0, LEN);
    TRY(process_vm_readv(child, l, 3, r, 4, 0));
    printf("  read %08x\n", sum(local, LEN));
    TRY(process_vm_readv(child, l, 1, r, 4, 0));
    TRY(process_vm_readv(child, l, 3, r, 1, 0));
    fill(local, 77);
    TRY(put(area + 9, local + 3, 2 * PAGE));
    ask(to, from);
    TRY(process_vm_writev(child, l, 3, r, 4, 0));
    ask(to, from);
    printf("  ours is %08x\n", sum(area, LEN));
}

static void wrong(void)
{
    struct iovec l = { local, 10 }, r = { area, 10 };
    struct iovec minus = { local, (size_t)-1 }, none = { NULL, 0 };
    volatile int nobody = 0x7ffffff0;

    TRY(process_vm_readv(child, &l, 1, &r, 1, 1));
    TRY(process_vm_readv(nobody, &l, 1, &r, 1, 0));
    TRY(process_vm_readv(nobody, &none, 1, &r, 1, 0));
    TRY(process_vm_readv(nobody, &l, 0, &r, 1, 0));
    TRY(process_vm_readv(nobody, &l, 1, &none, 1, 0));
    TRY(process_vm_readv(child, &minus, 1, &r, 1, 0));
    TRY(process_vm_readv(child, &l, 1, &minus, 1, 0));
    TRY(process_vm_readv(child, &l, 2000, &r, 1, 0));
    TRY(process_vm_readv(child, &l, 1, &r, 2000, 0));
    TRY(process_vm_readv(child, (void *)8, 1, &r, 1, 0));
    TRY(process_vm_readv(child, &l, 1, (void *)8, 1, 0));
    TRY(get((void *)8, area, 10));
    TRY(get(local, (void *)8, 10));
    TRY(put((void *)8, local, 10));
    TRY(get(area + 2 * PAGE - 10, area, 20));
    printf("  hole in the child:\n");
    TRY(get(local, area + 2 * PAGE - 10, 20));
    TRY(put(area + 2 * PAGE - 10, local, 20));
    TRY(get(local, area + 2 * PAGE, 20));
    printf("  read only in the child:\n");
    TRY(get(local, area + 3 * PAGE, 20));
    TRY(put(area + 3 * PAGE, local, 20));
}

static int serve(struct channel *to, struct channel *from)
{
    fill(area, 5);
    say(from, 0);
    while (hear(to) == 1)
        say(from, sum(area, LEN));
    munmap(area + 2 * PAGE, PAGE);
    mprotect(area + 3 * PAGE, PAGE, PROT_READ);
    say(from, 0);
    hear(to);
    return 0;
}

static int as_nobody(long unused)
{
    (void)unused;
    if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY))
        return 0;
    TRY(get(local, area, 10));
    TRY(put(area, local, 10));
    return 0;
}

int main(void)
{
    struct channel to, from;

    area = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fill(area, 1);
    to = channel_open();
    from = channel_open();
    child = fork_child();
    if (child == 0)
        _exit(serve(&to, &from));
    hear(&from);
    whole_and_parts(&to, &from);
    if (getuid() == 0)
        reap(spawn(as_nobody, 0));
    say(&to, 2);
    hear(&from);
    munmap(area + 2 * PAGE, PAGE);
    wrong();
    say(&to, 3);
    waitid(P_PID, (id_t)child, NULL, WEXITED | WNOWAIT);
    puts("a zombie");
    TRY(get(local, area, 10));
    reap(child);
    child = getpid();
    puts("itself");
    TRY(get(local, area, PAGE));
    printf("  read %08x\n", sum(local, PAGE));
    return 0;
}
