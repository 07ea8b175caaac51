// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mremap_fork.c - maps that grow, shrink and move, on both sides of fork
 *
 * Catches pages that stay behind, a move in one process that is seen in the
 * other, and shared pages that a move turns into private ones.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "process.h"

#define PAGES 10
#define RW    (PROT_READ | PROT_WRITE)

static unsigned char *map(long pages, int kind)
{
    void *p = mmap(NULL, pages * PAGE, RW, kind | MAP_ANONYMOUS, -1, 0);

    EXPECT(p != MAP_FAILED);
    return p;
}

/* The first byte of each page. */
static const char *look(const unsigned char *p, long pages)
{
    static char text[2 * PAGES + 1];

    for (long i = 0; i < pages; i++)
        text[i] = p[i * PAGE] ? p[i * PAGE] : '.';
    text[pages] = 0;
    return text;
}

static unsigned char *move(unsigned char *p, long from, long to)
{
    void *want = mmap(NULL, to * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
                      -1, 0);

    p = mremap(p, from * PAGE, to * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, want);
    EXPECT(p == want);
    return p;
}

static void fill(unsigned char *p, int c)
{
    for (int i = 0; i < PAGES; i++)
        p[i * PAGE] = c + i;
}

static void both(const char *name, int kind)
{
    unsigned char *p = map(PAGES, kind), *q;
    struct channel go = channel_open(), moved = channel_open();
    pid_t pid;

    fill(p, 'a');
    pid = fork_child();
    if (pid == 0) {
        q = move(p, PAGES, kind == MAP_PRIVATE ? PAGES + 3 : PAGES);
        printf("%s child   %s\n", name, look(q, PAGES));
        say(&moved, 1);
        hear(&go);
        q[0] = 'X';
        q = move(q, 4, 4);              /* cuts it in two */
        printf("%s child   %s\n", name, look(q, 4));
        q[PAGE] = 'Y';
        fflush(stdout);
        _exit(0);
    }
    EXPECT(hear(&moved) == 1);
    p[2 * PAGE] = 'P';
    say(&go, 1);
    EXPECT(reap(pid) == 0);
    printf("%s parent  %s\n", name, look(p, PAGES));
    q = move(p, PAGES, PAGES);
    q[3 * PAGE] = 'Q';
    pid = fork_child();
    if (pid == 0) {
        q = mremap(q, PAGES * PAGE, 5 * PAGE, 0);
        printf("%s shrunk  %s\n", name, look(q, 5));
        q[PAGE] = 'Z';
        fflush(stdout);
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
    printf("%s parent  %s\n", name, look(q, PAGES));
    munmap(q, PAGES * PAGE);
    channel_close(&go);
    channel_close(&moved);
}

int main(void)
{
    unsigned char *p, *q;
    pid_t pid;

    alarm(60);
    both("private", MAP_PRIVATE);
    both("shared ", MAP_SHARED);

    /* grown in place, where there is room, by the child only */
    p = map(2 * PAGES, MAP_PRIVATE);
    munmap(p + PAGES * PAGE, PAGES * PAGE);
    fill(p, 'k');
    pid = fork_child();
    if (pid == 0) {
        q = mremap(p, PAGES * PAGE, 2 * PAGES * PAGE, 0);
        EXPECT(q == p);
        fill(q + PAGES * PAGE, 'A');
        printf("grown   %s\n", look(q, 2 * PAGES));
        fflush(stdout);
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
    q = mremap(p, PAGES * PAGE, 2 * PAGES * PAGE, 0);
    EXPECT(q == p);
    printf("parent  %s\n", look(q, 2 * PAGES));

    /* what is moved away is gone, here only */
    pid = fork_child();
    if (pid == 0) {
        no_core();
        move(q, 4, 4);
        _exit(q[PAGE]);
    }
    EXPECT(reap(pid) == 128 + SIGSEGV && q[PAGE] == 'l');
    puts("gone in the child only");
    return 0;
}
