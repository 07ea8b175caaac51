// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mmap_file.c - private file maps: content, copy on write, tail
 *
 * Catches stale or shifted file pages, writes that reach the file, a last
 * page that is not zero behind the end of the file, and a wrong offset.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "plain.h"

#define PAGE 8192L
#define SIZE (5 * PAGE + 5000)

static unsigned char byte_at(long i)
{
    return i * 7 + i / PAGE * 13 + (i >> 5);
}

static void make(const char *name)
{
    unsigned char buf[1000];
    FILE *f = fopen(name, "wb");

    for (long i = 0; i < SIZE; i += 1000) {
        long n = SIZE - i < 1000 ? SIZE - i : 1000;

        for (long k = 0; k < n; k++)
            buf[k] = byte_at(i + k);
        fwrite(buf, 1, n, f);
    }
    fclose(f);
}

/* Compare the file, as read() gives it, with what was written. */
static void verify(const char *when, int fd)
{
    unsigned char buf[4096];
    long at = 0, n, bad = 0;

    while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
        for (long k = 0; k < n; k++)
            bad += buf[k] != byte_at(at + k);
        at += n;
    }
    printf("file %-8s %ld bytes, %ld changed\n", when, at, bad);
}

static void compare(const char *name, const unsigned char *p, long from,
                    long len)
{
    uint64_t h = FOLD_START;
    long same = 0, zero = 0;

    for (long i = 0; i < len; i++) {
        same += from + i < SIZE && p[i] == byte_at(from + i);
        zero += from + i >= SIZE && p[i] == 0;
        if (i % 16 < 8)
            h = fold(h, p[i]);
    }
    printf("%-12s %ld same, %ld zero, %016llx\n", name, same, zero,
           (unsigned long long)h);
}

static unsigned char *map(int fd, long pages, int prot, long offset)
{
    void *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE, fd, offset);

    if (p == MAP_FAILED) {
        printf("mmap failed: %s\n", strerror(errno));
        exit(97);
    }
    return p;
}

int main(void)
{
    unsigned char *p, *q, *r;
    char dir[32];
    int fd;

    enter_scratch(dir);
    make("data");
    fd = open("data", O_RDWR);

    p = map(fd, 6, PROT_READ | PROT_WRITE, 0);
    q = map(fd, 6, PROT_READ, 0);
    r = map(fd, 3, PROT_READ | PROT_WRITE, 3 * PAGE);
    compare("whole", p, 0, 6 * PAGE);
    compare("offset", r, 3 * PAGE, 3 * PAGE);

    /* writes stay in the one map, also those behind the end of the file */
    for (long i = 0; i < 6 * PAGE; i += 64)
        p[i] ^= 0xff;
    memset(r + 2 * PAGE + 4990, 'x', 20);
    compare("changed", p, 0, 6 * PAGE);
    compare("untouched", q, 0, 6 * PAGE);
    compare("overrun", r, 3 * PAGE, 3 * PAGE);
    verify("first", fd);

    /* pages that were given back show the file again */
    madvise(p + PAGE, 2 * PAGE, MADV_DONTNEED);
    compare("dropped", p, 0, 6 * PAGE);

    munmap(q + 2 * PAGE, PAGE);
    compare("cut left", q, 0, 2 * PAGE);
    compare("cut right", q + 3 * PAGE, 3 * PAGE, 3 * PAGE);
    munmap(q, 6 * PAGE);

    /* the map outlives the descriptor and the name */
    q = map(fd, 6, PROT_READ, 0);
    verify("second", fd);
    close(fd);
    unlink("data");
    compare("orphan", q, 0, 6 * PAGE);
    mprotect(q, 6 * PAGE, PROT_READ | PROT_WRITE);
    for (long i = 0; i < 6 * PAGE; i++)
        q[i] += 1;
    for (long i = 0; i < 6 * PAGE; i++)
        q[i] -= 1;
    compare("and back", q, 0, 6 * PAGE);

    munmap(p, 6 * PAGE);
    munmap(q, 6 * PAGE);
    munmap(r, 3 * PAGE);
    p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    printf("closed %d %s\n", p == MAP_FAILED, strerror(errno));
    leave_scratch(dir);
    return 0;
}
