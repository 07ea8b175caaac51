// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/munmap_fork.c - pieces unmapped and protected in one of two processes
 *
 * Catches a munmap or mprotect of a child that the parent feels, holes that
 * fork does not copy, and a page that is freed while the other has it.
 */
#include <setjmp.h>
#include <sys/mman.h>
#include "process.h"

#define PAGES 12
#define RW    (PROT_READ | PROT_WRITE)

static sigjmp_buf back;
static volatile int code;
static unsigned char *area;

static void on_segv(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    code = info->si_code;
    siglongjmp(back, 1);
}

/* A page: - none, p no access, r read only, w writable; of any content. */
static char probe(long i)
{
    volatile unsigned char *byte = area + i * PAGE + 17;
    volatile int step = 0;

    if (sigsetjmp(back, 1) == 0) {
        unsigned char c = *byte;

        step = 1;
        *byte = c;
        return 'w';
    }
    return step ? code == SEGV_ACCERR ? 'r' : '?'
           : code == SEGV_MAPERR ? '-' : 'p';
}

static const char *look(void)
{
    static char text[PAGES + 1];

    for (int i = 0; i < PAGES; i++)
        text[i] = probe(i);
    return text;
}

/* The sum of what can be read. */
static unsigned sum(void)
{
    const char *now = look();
    unsigned s = 0;

    for (int i = 0; i < PAGES; i++)
        if (now[i] == 'r' || now[i] == 'w')
            s += area[i * PAGE] << i;
    return s;
}

static void show(const char *who)
{
    unsigned s = sum();

    printf("%-10s %s %u\n", who, look(), s);
    fflush(stdout);
}

static void cut(long from, long pages)
{
    EXPECT(munmap(area + from * PAGE, pages * PAGE) == 0);
}

static void protect(long from, long pages, int prot)
{
    EXPECT(mprotect(area + from * PAGE, pages * PAGE, prot) == 0);
}

static int child(long depth)
{
    show("inherited");
    if (depth == 1) {
        cut(1, 2);
        protect(4, 3, PROT_READ);
        protect(5, 1, PROT_NONE);
        show("changed");
        EXPECT(reap(spawn(child, 0)) == 10);
        show("as before");
        protect(4, 3, RW);
        area[5 * PAGE] = 77;
        show("open");
    } else {
        cut(0, 1);
        protect(6, 2, PROT_NONE);
        protect(4, 1, RW);
        area[4 * PAGE] = 99;
        EXPECT(mmap(area + PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS |
                    MAP_FIXED, -1, 0) == area + PAGE);
        area[PAGE] = 1;
        show("grandchild");
    }
    return 10 + depth;
}

static void run(const char *name, int kind)
{
    printf("%s\n", name);
    area = mmap(NULL, PAGES * PAGE, RW, kind | MAP_ANONYMOUS, -1, 0);
    EXPECT(area != MAP_FAILED);
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE] = i + 1;
    cut(8, 1);
    protect(9, 1, PROT_READ);
    show("parent");
    EXPECT(reap(spawn(child, 1)) == 11);
    show("parent");
    cut(0, PAGES);
}

int main(void)
{
    struct sigaction sa = { .sa_flags = SA_SIGINFO };

    alarm(60);
    sa.sa_sigaction = on_segv;
    sigaction(SIGSEGV, &sa, NULL);
    run("private", MAP_PRIVATE);
    run("shared", MAP_SHARED);
    return 0;
}
