// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/memfd_map.c - files in memory, mapped shared and private
 *
 * Catches a memfd whose maps and read() differ, bytes that are lost with the
 * last map of the file, and a size that the maps do not follow.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "plain.h"

#define PAGE  8192L
#define PAGES 64
#define SIZE  (PAGES * PAGE)
#define RW    (PROT_READ | PROT_WRITE)

static char *map(int fd, int type)
{
    char *p = mmap(NULL, SIZE, RW, type, fd, 0);

    if (p == MAP_FAILED) {
        printf("mmap: %s\n", strerror(errno));
        exit(1);
    }
    return p;
}

static uint64_t sum(int fd)
{
    static char buf[SIZE];
    long n = pread(fd, buf, SIZE, 0);

    return fold(fold_bytes(FOLD_START, buf, n > 0 ? n : 0), n);
}

static void one(int round)
{
    uint64_t seed = 77 + round;
    int fd = memfd_create("test", 0), dup_fd;
    char *a, *b, *mine;
    struct stat st;

    printf("open %d, cut %d\n", fd >= 0, ftruncate(fd, SIZE));
    pwrite(fd, "from write", 11, 3 * PAGE + 5);
    a = map(fd, MAP_SHARED);
    b = map(fd, MAP_SHARED);
    mine = map(fd, MAP_PRIVATE);
    printf("%s, %s\n", a + 3 * PAGE + 5, mine + 3 * PAGE + 5);
    for (int i = 0; i < 4000; i++) {
        long at = next_random(&seed) % SIZE;

        a[at] = (char)i;
        if (i % 16 == 0)
            mine[at] = (char)~i;
        if (i % 64 == 0)
            pwrite(fd, "w", 1, (at + 5000) % SIZE);
    }
    printf("same %d, sum %016llx\n", memcmp(a, b, SIZE) == 0,
           (unsigned long long)sum(fd));
    munmap(a, SIZE);
    munmap(b, SIZE);
    munmap(mine, SIZE);

    /* Nothing maps it now. */
    printf("sum %016llx\n", (unsigned long long)sum(fd));
    a = map(fd, MAP_SHARED);
    printf("map %016llx\n", (unsigned long long)fold_bytes(FOLD_START, a, SIZE));
    dup_fd = dup(fd);
    close(fd);
    strcpy(a + 9 * PAGE, "after close");
    munmap(a, SIZE);
    a = map(dup_fd, MAP_SHARED);
    printf("%s\n", a + 9 * PAGE);
    ftruncate(dup_fd, 9 * PAGE + 5);
    ftruncate(dup_fd, SIZE);
    printf("%s\n", a + 9 * PAGE);
    fallocate(dup_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE);
    printf("sum %016llx, map %d\n", (unsigned long long)sum(dup_fd), a[5]);
    fstat(dup_fd, &st);
    printf("size %ld\n", (long)st.st_size);
    close(dup_fd);
    printf("byte %d\n", a[PAGE + 17]); /* the map alone holds it */
    munmap(a, SIZE);
}

int main(void)
{
    for (int i = 0; i < 5; i++)
        one(i);
    return 0;
}
