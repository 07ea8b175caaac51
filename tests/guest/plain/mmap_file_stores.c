// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mmap_file_stores.c - shared writable file maps against read and write
 *
 * Catches stores that do not reach the file, a read() or a map that shows
 * old bytes, a write-back that appends or grows the file, and rights that
 * the descriptor does not give.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "plain.h"

#define PAGE  8192L
#define PAGES 6
#define SIZE  (PAGES * PAGE)

static const char name[] = "data";

static long size_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) ? -1 : (long)st.st_size;
}

static char *map(int fd, long pages, int prot, int type, long page)
{
    char *p = mmap(NULL, pages * PAGE, prot, type, fd, page * PAGE);

    if (p == MAP_FAILED) {
        printf("mmap: %s\n", strerror(errno));
        exit(1);
    }
    return p;
}

/* What read() sees, as a number. */
static uint64_t file_sum(int fd)
{
    unsigned char buf[3000];
    uint64_t h = FOLD_START;
    long at = 0, n;

    while ((n = pread(fd, buf, sizeof(buf), at)) > 0) {
        h = fold_bytes(h, buf, n);
        at += n;
    }
    return fold(h, at);
}

static void both_ways(int fd)
{
    char *a = map(fd, PAGES, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
    char *b = map(fd, 2, PROT_READ | PROT_WRITE, MAP_SHARED, 3);
    char *ro = map(fd, PAGES, PROT_READ, MAP_SHARED, 0);
    char *mine = map(fd, PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0);
    char buf[64];

    strcpy(a + 3 * PAGE + 100, "through a");
    printf("b %s, ro %s, private %s\n", b + 100, ro + 3 * PAGE + 100,
           mine + 3 * PAGE + 100);
    strcpy(b + PAGE + 7, "through b");
    pread(fd, buf, sizeof(buf), 4 * PAGE + 7);
    printf("read %s, a %s\n", buf, a + 4 * PAGE + 7);
    strcpy(mine + 4 * PAGE + 7, "my own");
    strcpy(a + 4 * PAGE + 7, "not mine");
    printf("private %s, b %s\n", mine + 4 * PAGE + 7, b + PAGE + 7);

    /* Half of a page by write(), the other half by a store. */
    for (int i = 0; i < 200; i++) {
        long at = (i * 37 % 96) * 512;

        snprintf(buf, sizeof(buf), "%d by write", i);
        pwrite(fd, buf, strlen(buf) + 1, at);
        snprintf(a + at + 256, 64, "%d by store", i);
        if (strcmp(ro + at, buf))
            printf("%d: map shows %s\n", i, ro + at);
        pread(fd, buf, sizeof(buf), at + 256);
        if (strcmp(buf, a + at + 256))
            printf("%d: read shows %s\n", i, buf);
    }
    printf("sum %016llx\n", (unsigned long long)file_sum(fd));
    printf("same %d\n", memcmp(a, ro, SIZE) == 0);

    /* The file, read into a map of itself. */
    pread(fd, a + 3 * PAGE, 2 * PAGE, 100);
    printf("shifted %d, sum %016llx\n", memcmp(a + 100, a + 3 * PAGE, 3000) == 0,
           (unsigned long long)file_sum(fd));
    munmap(a, SIZE);
    strcpy(b, "after munmap");
    printf("msync %d, ro %s\n", msync(b, 2 * PAGE, MS_SYNC), ro + 3 * PAGE);
    munmap(b, 2 * PAGE);
    munmap(mine, SIZE);
    munmap(ro, SIZE);
    printf("size %ld, sum %016llx\n", size_of(fd),
           (unsigned long long)file_sum(fd));
}

/* Bytes past the end do not reach the file; O_APPEND moves nothing. */
static void tail(void)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
    char *p, buf[200];

    memset(buf, 'x', 100);
    write(fd, buf, 100);
    p = map(fd, 1, PROT_READ | PROT_WRITE, MAP_SHARED, 0);
    printf("tail %d %d\n", p[99], p[100]);
    strcpy(p + 90, "a store over the end");
    msync(p, PAGE, MS_SYNC);
    munmap(p, PAGE);
    printf("size %ld\n", size_of(fd));
    ftruncate(fd, 200);
    memset(buf, 1, sizeof(buf));
    printf("read %ld: %.10s %d\n", (long)pread(fd, buf, 200, 0), buf + 90,
           buf[101]);
    write(fd, "end", 4);
    printf("size %ld\n", size_of(fd));
    close(fd);
}

static const char *result(const void *p)
{
    return p == MAP_FAILED ? strerror(errno) : "mapped";
}

static void rights(void)
{
    static const int modes[] = {O_RDONLY, O_WRONLY, O_RDWR};

    for (int i = 0; i < 3; i++) {
        int fd = open(name, modes[i]);
        char *p;

        printf("%d: shared rw %s, ", i,
               result(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                           0)));
        printf("private rw %s, ",
               result(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
                           0)));
        p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
        printf("shared r %s", result(p));
        close(fd);
        if (p != MAP_FAILED) {
            int err = mprotect(p, PAGE, PROT_READ | PROT_WRITE);

            printf(", mprotect %s", err ? strerror(errno) : "ok");
            if (!err) /* the descriptor is gone, the map is not */
                p[1] = '!';
        }
        putchar('\n');
    }
}

int main(void)
{
    char dir[32], buf[8] = "";
    int fd;

    enter_scratch(dir);
    fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    ftruncate(fd, SIZE);
    both_ways(fd);
    close(fd);
    tail();
    rights();
    fd = open(name, O_RDONLY);
    read(fd, buf, 4);
    printf("at last %s\n", buf);
    close(fd);
    unlink(name);
    leave_scratch(dir);
    return 0;
}
