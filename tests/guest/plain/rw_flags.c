// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/rw_flags.c - preadv2, pwritev2, and calls that move a file's pages
 *
 * Catches flags that are ignored, a position that moves or stays wrongly, and
 * mappings that do not see what was appended.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "process.h"
#include "try.h"

/* The compiler knows of these. */
static void *volatile nowhere = (void *)8;
static volatile int too_many = 1025;

int main(void)
{
    char scratch[32], a[3], b[5], *p;
    struct iovec w[2] = {{ "one ", 4 }, { "two ", 4 }};
    struct iovec r[2] = {{ a, sizeof(a) }, { b, sizeof(b) }};
    int fd, null, fds[2];

    alarm(60);
    enter_scratch(scratch);
    fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    null = open("/dev/null", O_RDWR);
    EXPECT(fd >= 0 && null >= 0 && pipe(fds) == 0);

    puts("position");
    TRY(pwritev2(fd, w, 2, -1, 0));
    TRY(pwritev2(fd, w, 2, 100, 0));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(preadv2(fd, r, 2, 0, 0));
    printf("  %.3s|%.5s\n", a, b);
    TRY(preadv2(fd, r, 2, -1, 0));
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(preadv2(fd, r, 2, -2, 0));
    TRY(pwritev2(fd, w, 2, -2, 0));

    puts("flags");
    p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    EXPECT(p != MAP_FAILED);
    p[50] = 'x';
    TRY(pwritev2(fd, w, 1, 0, RWF_APPEND));
    printf("  %.4s\n", p + 108);
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(pwritev2(fd, w, 1, -1, RWF_APPEND));
    printf("  %.4s\n", p + 112);
    TRY(lseek(fd, 0, SEEK_CUR));
    TRY(pwritev2(fd, w, 1, 0, RWF_DSYNC));
    TRY(pwritev2(fd, w, 1, 0, RWF_SYNC));
    TRY(preadv2(fd, r, 1, 0, 0x8000));
    TRY(pwritev2(fd, w, 1, 0, 0x8000));
    TRY(preadv2(fd, r, too_many, 0, 0));
    TRY(preadv2(99, r, 1, 0, 0));
    TRY(preadv2(fd, nowhere, 1, 0, 0));
    TRY(preadv2(fds[0], r, 1, 0, 0));
    TRY(pwritev2(fds[1], w, 1, -1, 0));
    TRY(preadv2(fds[0], r, 2, -1, 0));
    TRY(preadv2(fd, r, 0, 0, 0));
    munmap(p, PAGE);

    puts("pages");
    TRY(sync_file_range(fd, 0, 10, SYNC_FILE_RANGE_WRITE));
    TRY(sync_file_range(fd, 0, 10, 8));
    TRY(sync_file_range(fd, -1, 10, SYNC_FILE_RANGE_WRITE));
    TRY(sync_file_range(fds[0], 0, 10, SYNC_FILE_RANGE_WRITE));
    TRY(sync_file_range(99, 0, 10, SYNC_FILE_RANGE_WRITE));
    TRY(readahead(fd, 0, 100));
    TRY(readahead(fds[0], 0, 100));
    TRY(readahead(99, 0, 100));
    TRY(syncfs(fd));
    TRY(syncfs(99));

    close(fd);
    unlink("f");
    leave_scratch(scratch);
    return 0;
}
