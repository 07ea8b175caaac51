// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/compact.c - /proc/sys/vm/compact_memory
 *
 * Every other of 128 tagged pages is given back; then the machine is told to
 * compact: the rest moves up, tags and bytes as they were.  Linux saves the
 * tags of each page that moves.
 *
 * run: --ram=8M --nodes=2
 * kernels: remap mte-*
 * stdout: compacted, 64 right
 * report: errors == False and counters.pages_migrated >= 64
 * run: --ram=8M
 * kernels: linux-*
 * stdout: compacted, 64 right
 * report: totals.lost_pages == 0 and len(leaks) == 1
 * report: leaks[0].users == 64 and leaks[0].leaked_users == 64
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "adi/adi.h"

#define PAGES 128
#define NAME  "/proc/sys/vm/compact_memory"

static int put(const char *text)
{
    int fd = open(NAME, O_WRONLY);
    long n;

    CHECK(fd >= 0);
    n = write(fd, text, strlen(text));
    close(fd);
    return n < 0 ? -errno : (int)n;
}

int main(void)
{
    char *p = map_pages(PAGES, PROT_READ | PROT_WRITE | PROT_ADI);
    struct iovec v[2] = {{"1", 1}, {"\n", 1}};
    unsigned right = 0;
    struct stat st;
    int fd;

    CHECK(stat(NAME, &st) == 0 && st.st_mode == (S_IFREG | 0200));
    CHECK(open(NAME, O_RDONLY) < 0 && errno == EACCES);
    CHECK(open(NAME, O_RDWR) < 0 && errno == EACCES);
    CHECK(put("") == 0);
    CHECK(put("one\n") == -EINVAL && put("1x\n") == -EINVAL);
    for (size_t i = 0; i < PAGES; i++) {
        tag_range(p + i * PAGE, PAGE, 1 + i % 13);
        *(size_t *)tagged(p + i * PAGE, 1 + i % 13) = i;
    }
    for (size_t i = 0; i < PAGES; i += 2)
        CHECK(madvise(p + i * PAGE, PAGE, MADV_DONTNEED) == 0);
    CHECK(put("1\n") == 2);
    for (size_t i = 1; i < PAGES; i += 2)
        right += tag_get(p + i * PAGE) == 1 + i % 13 &&
                 *(size_t *)tagged(p + i * PAGE, 1 + i % 13) == i;
    printf("compacted, %u right\n", right);
    fd = open(NAME, O_WRONLY);
    CHECK(writev(fd, v, 2) == 2 && lseek(fd, 0, SEEK_SET) == 0);
    v[0].iov_base = (void *)8;
    CHECK(writev(fd, v, 2) < 0 && errno == EFAULT);
    close(fd);
    return 0;
}
