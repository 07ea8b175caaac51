// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mmap_truncate.c - a file is cut, grown and punched under its maps
 *
 * Catches pages that outlive the end of the file, a missing SIGBUS, old bytes
 * that come back when the file grows again, private copies that survive
 * truncation or do not survive a hole.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "plain.h"

#define PAGE  8192L
#define PAGES 8
#define SIZE  (PAGES * PAGE)
#define RW    (PROT_READ | PROT_WRITE)

static sigjmp_buf back;
static volatile int code;

static void on_bus(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    code = info->si_code;
    siglongjmp(back, 1);
}

/* The byte at @p, or -1: SIGBUS. */
static int look(const char *p)
{
    if (sigsetjmp(back, 1))
        return code == BUS_ADRERR ? -1 : -2;
    return *(volatile const char *)p;
}

static int poke(char *p, int byte)
{
    if (sigsetjmp(back, 1))
        return code == BUS_ADRERR ? -1 : -2;
    return *(volatile char *)p = (char)byte;
}

static void show(const char *what, const char *p)
{
    printf("%-18s", what);
    for (int i = 0; i < PAGES; i++)
        printf(" %3d/%-3d", look(p + i * PAGE), look(p + i * PAGE + 1000));
    putchar('\n');
}

static char *map(int fd, int type)
{
    char *p = mmap(NULL, SIZE, RW, type, fd, 0);

    if (p == MAP_FAILED)
        exit(1);
    return p;
}

static void fill(char *p, int base)
{
    for (int i = 0; i < PAGES; i++)
        memset(p + i * PAGE, base + i, PAGE);
}

static void cut(int fd)
{
    char *a = map(fd, MAP_SHARED), *b = map(fd, MAP_SHARED);
    char *mine = map(fd, MAP_PRIVATE);

    fill(a, 10);
    show("all", b);
    for (int i = 1; i < PAGES; i += 2)
        mine[i * PAGE] = (char)(50 + i);
    show("private", mine);
    printf("cut %d\n", ftruncate(fd, 3 * PAGE + 500));
    show("shared", a);
    show("private", mine);
    printf("poke %d %d\n", poke(b + 6 * PAGE, 1), poke(mine + 7 * PAGE, 1));
    printf("grow %d\n", ftruncate(fd, SIZE));
    show("shared", b);
    show("private", mine);
    printf("poke %d %d\n", poke(b + 6 * PAGE, 77), poke(mine + 7 * PAGE, 78));
    show("shared", a);
    show("private", mine);
    printf("nothing %d\n", ftruncate(fd, 0));
    show("shared", a);
    printf("read %d %s\n", (int)pread(fd, a, 1, 0), "at end");
    ftruncate(fd, SIZE);
    /* Into a page that is not there: no signal, but an error. */
    ftruncate(fd, PAGE);
    printf("write %d %s\n", (int)pwrite(fd, a + PAGE, 1, 0), strerror(errno));
    ftruncate(fd, SIZE);
    show("shared", a);
    munmap(a, SIZE);
    munmap(b, SIZE);
    munmap(mine, SIZE);
}

static void hole(int fd)
{
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    char *a = map(fd, MAP_SHARED), *mine = map(fd, MAP_PRIVATE);

    fill(a, 30);
    mine[2 * PAGE] = 92;
    mine[3 * PAGE] = 93;
    printf("punch %d\n", fallocate(fd, mode, PAGE + 500, 3 * PAGE));
    show("shared", a);
    show("private", mine);
    printf("punch %d\n", fallocate(fd, mode, 6 * PAGE + 100, 1000));
    show("shared", a);
    printf("bytes %d %d %d %d\n", a[6 * PAGE + 99], a[6 * PAGE + 100],
           a[6 * PAGE + 1099], a[6 * PAGE + 1100]);
    printf("past the end %d\n", fallocate(fd, mode, 7 * PAGE, 1LL << 50));
    show("shared", a);
    printf("grow %d\n", fallocate(fd, 0, SIZE, PAGE));
    printf("byte %d\n", look(a + SIZE - PAGE));
    munmap(a, SIZE);
    munmap(mine, SIZE);
}

/* O_TRUNC cuts as well, and so does the name. */
static void open_trunc(int fd, const char *name)
{
    char *a = map(fd, MAP_SHARED);
    int other;

    fill(a, 60);
    other = open(name, O_RDWR | O_TRUNC);
    show("O_TRUNC", a);
    printf("grow %d\n", ftruncate(other, SIZE));
    show("grown", a);
    fill(a, 70);
    printf("cut %d\n", truncate(name, 2 * PAGE));
    show("cut by name", a);
    close(other);
    munmap(a, SIZE);
}

int main(void)
{
    struct sigaction act = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
    char dir[32];
    int fd;

    sigaction(SIGBUS, &act, NULL);
    enter_scratch(dir);
    fd = open("data", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, SIZE);
    cut(fd);
    hole(fd);
    ftruncate(fd, SIZE);
    open_trunc(fd, "data");
    close(fd);
    unlink("data");
    leave_scratch(dir);
    return 0;
}
