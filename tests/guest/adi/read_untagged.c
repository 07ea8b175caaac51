// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/read_untagged.c - read(2) into a page that has lost PROT_ADI
 *
 * The tags stay in the page when mprotect() takes PROT_ADI away.  A copy of
 * the kernel to it initialises lines, as the program's own block-init stores
 * would, and their tags are gone when PROT_ADI comes back.  With PROT_ADI the
 * copy is checked, and leaves them.
 *
 * run: --swap=16M
 * kernels: *
 * stdout: from a file: 0..119 of 128 lost
 * stdout: from an odd offset: none of 128 lost
 * stdout: two pages of a file: 80..103 of 128 lost
 * stdout: from a pipe: 0..119 of 128 lost
 * stdout: little: none of 128 lost
 * stdout: with PROT_ADI: none of 128 lost
 * report: errors == False and totals.lost_pages == 0
 */
#define _GNU_SOURCE

#include "adi/adi.h"

#define RW (PROT_READ | PROT_WRITE)

static char *page;

static void judge(const char *what)
{
    unsigned i = 0, end;

    CHECK(mprotect(page, PAGE, RW | PROT_ADI) == 0);
    while (i < NTAGS && tag_get(page + i * BLOCK) == 5)
        i++;
    for (end = i; end < NTAGS && tag_get(page + end * BLOCK) == 0;)
        end++;
    for (unsigned rest = end; rest < NTAGS; rest++)
        CHECK(tag_get(page + rest * BLOCK) == 5);
    if (end > i)
        printf("%s: %u..%u of 128 lost\n", what, i, end - 1);
    else
        printf("%s: none of 128 lost\n", what);
}

static void begin(void)
{
    tag_range(page, PAGE, 5);
    CHECK(mprotect(page, PAGE, RW) == 0);
}

int main(void)
{
    static char bytes[2 * PAGE];
    int fd = memfd_create("file", 0), fds[2];

    CHECK(fd >= 0 && write(fd, bytes, 2 * PAGE) == 2 * (long)PAGE);
    CHECK(pipe(fds) == 0 && write(fds[1], bytes, PAGE) == (long)PAGE);
    page = page_at(0x70000000ul, RW | PROT_ADI);
    begin();
    CHECK(pread(fd, page, PAGE, 0) == (long)PAGE);
    judge("from a file");
    begin();
    CHECK(pread(fd, page, PAGE, 1) == (long)PAGE);
    judge("from an odd offset");
    begin();
    CHECK(pread(fd, page + PAGE / 2, PAGE / 2, PAGE - 1024) == PAGE / 2);
    judge("two pages of a file");
    begin();
    CHECK(read(fds[0], page, PAGE) == (long)PAGE);
    judge("from a pipe");
    begin();
    CHECK(pread(fd, page, 1500, 0) == 1500);
    judge("little");
    tag_range(page, PAGE, 5);
    CHECK(pread(fd, tagged(page, 5), PAGE, 0) == (long)PAGE);
    judge("with PROT_ADI");
    return 0;
}
