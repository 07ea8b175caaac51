// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mmap_shared_file.c - MAP_SHARED of a file, in one process
 *
 * Catches a map and read/write that do not agree, writes that are lost by
 * msync or munmap, and a private map that shows too much or too little.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "process.h"

#define PAGES 6
#define SIZE  (PAGES * PAGE - 3000)

static int fd;

static unsigned char *map(int prot, int kind, long pages, long offset)
{
    void *p = mmap(NULL, pages * PAGE, prot, kind, fd, offset);

    EXPECT(p != MAP_FAILED);
    return p;
}

static uint64_t file_sum(void)
{
    unsigned char buf[1000];
    uint64_t h = FOLD_START;
    long at = 0, n;

    while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
        h = fold_bytes(h, buf, n);
        at += n;
    }
    EXPECT(at == lseek(fd, 0, SEEK_END));
    return h;
}

static void show(const char *name, const unsigned char *p)
{
    uint64_t h = file_sum();
    int same = fold_bytes(FOLD_START, p, lseek(fd, 0, SEEK_END)) == h;

    printf("%-12s %016llx %s\n", name, (unsigned long long)h,
           same ? "same" : "differs");
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    unsigned char *p, *q, *priv, *ro;
    char dir[32], text[20];

    alarm(60);
    enter_scratch(dir);
    fd = open("data", O_RDWR | O_CREAT, 0600);
    EXPECT(ftruncate(fd, SIZE) == 0);
    p = map(rw, MAP_SHARED, PAGES, 0);
    priv = map(rw, MAP_PRIVATE, PAGES, 0);
    show("empty", p);
    for (long i = 0; i < SIZE; i++)
        p[i] = i * 7 + i / PAGE;
    show("by map", p);
    EXPECT(memcmp(p, priv, SIZE) == 0);

    /* the file, the map, a second map: one thing */
    EXPECT(pwrite(fd, "written", 7, PAGE - 3) == 7);
    EXPECT(memcmp(p + PAGE - 3, "written", 7) == 0);
    q = map(rw, MAP_SHARED, 3, 2 * PAGE);
    memcpy(q + 100, "through q", 9);
    EXPECT(memcmp(p + 2 * PAGE + 100, "through q", 9) == 0);
    EXPECT(pread(fd, text, 9, 2 * PAGE + 100) == 9);
    EXPECT(memcmp(text, "through q", 9) == 0);
    show("three ways", p);

    /* private: shares a page until it writes to it */
    priv[3 * PAGE] = 1;
    p[3 * PAGE + 1] = 2;
    p[4 * PAGE] = 3;
    EXPECT(priv[3 * PAGE] == 1 && p[3 * PAGE] != 1);
    EXPECT(priv[3 * PAGE + 1] != 2 && priv[4 * PAGE] == 3);
    show("private", priv);
    EXPECT(madvise(priv + 3 * PAGE, PAGE, MADV_DONTNEED) == 0);
    show("dropped", priv);

    EXPECT(msync(p, PAGES * PAGE, MS_SYNC) == 0);
    EXPECT(msync(p, PAGE, MS_ASYNC) == 0);
    errno = 0;
    EXPECT(msync(p + 1, PAGE, MS_SYNC) == -1 && errno == EINVAL);
    EXPECT(msync(p, PAGE, MS_SYNC | MS_ASYNC) == -1 && errno == EINVAL);
    EXPECT(munmap(p, 2 * PAGE) == 0);
    EXPECT(msync(p, 3 * PAGE, MS_SYNC) == -1 && errno == ENOMEM);
    p[2 * PAGE + 7] ^= 0x55;
    EXPECT(madvise(p + 2 * PAGE, 4 * PAGE, MADV_DONTNEED) == 0);
    show("after cut", priv);
    EXPECT(munmap(p + 2 * PAGE, 4 * PAGE) == 0);

    /* read only, made writable; the file itself decides what may be */
    ro = map(PROT_READ, MAP_SHARED, PAGES, 0);
    EXPECT(mprotect(ro, PAGES * PAGE, rw) == 0);
    memset(ro + PAGE, 'm', 50);
    show("mprotect", ro);
    munmap(ro, PAGES * PAGE);
    close(fd);
    fd = open("data", O_RDONLY);
    errno = 0;
    EXPECT(mmap(NULL, PAGE, rw, MAP_SHARED, fd, 0) == MAP_FAILED &&
           errno == EACCES);
    ro = map(PROT_READ, MAP_SHARED, PAGES, 0);
    EXPECT(mprotect(ro, PAGE, rw) == -1 && errno == EACCES);
    show("read only", ro);
    unlink("data");
    q[5] ^= 1;                          /* still writable by the first */
    show("no name", ro);
    munmap(q, 3 * PAGE);
    leave_scratch(dir);
    return 0;
}
