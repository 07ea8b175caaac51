// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/b22_kcopy.c - B22: the kernel stores to a page that is mapped with tags
 *
 * write(2) to a memfd goes through the kernel's own mapping of the page, which
 * has no MCD.  Of a large copy whose source is aligned as its target is, chunks
 * of 24 lines are initialised as a whole, and lose their tags; the rest, and
 * all of a small or a crooked copy, keep them.  So do 512 bytes and more that
 * become 0 because the file is cut.  It is the copy, and not swap, so that no
 * profile is without.
 *
 * run: --swap=16M
 * kernels: *
 * stdout: write 8192: 0..119 of 128 lost
 * stdout: write 4096: 0..47 of 128 lost
 * stdout: write 1500: none of 128 lost
 * stdout: write 8000 at 100: 2..121 of 128 lost
 * stdout: write 8192 from an odd address: none of 128 lost
 * stdout: writev 4096, 4096: 0..47 and 64..111 of 128 lost
 * stdout: sendfile 8192: 0..119 of 128 lost
 * stdout: truncate at 4096: 64..127 of 128 lost
 * stdout: truncate at 7700: none of 128 lost
 * stdout: hole of 2048 at 32: 1..31 of 128 lost
 * report: errors == True and totals.lost_pages == 8 and len(leaks) == 0
 * report: pages[0].expected_tag == 5 and pages[0].found_tag == 0
 * report: pages[0].seen.function == "copy_page_from_iter_atomic"
 * report: pages[0].cause.function == "copy_page_from_iter_atomic"
 * report: pages[0].cause.hook == "missing"
 * report: pages[-1].cause.function == "folio_zero_range"
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "adi/adi.h"

static char buf[2 * PAGE] __attribute__((aligned(PAGE)));
static char *page;
static int fd;

static void begin(void)
{
    CHECK(ftruncate(fd, PAGE) == 0);
    tag_range(page, PAGE, 5);
}

/* The runs of blocks that have lost their tag. */
static void judge(const char *what)
{
    const char *and = "";
    unsigned i = 0, end;

    printf("%s: ", what);
    while (i < NTAGS) {
        for (end = i; end < NTAGS && tag_get(page + end * BLOCK) == 0;)
            end++;
        if (end > i) {
            printf("%s%u..%u", and, i, end - 1);
            and = " and ";
        }
        i = end + 1;
    }
    printf("%s of 128 lost\n", *and ? "" : "none");
}

static void write_at(const char *what, const char *from, size_t len, off_t at)
{
    begin();
    CHECK(pwrite(fd, from, len, at) == (ssize_t)len);
    judge(what);
}

static void write_two(void)
{
    struct iovec two[2] = {{buf, PAGE / 2}, {buf + PAGE, PAGE / 2}};

    begin();
    CHECK(pwritev(fd, two, 2, 0) == (ssize_t)PAGE);
    judge("writev 4096, 4096");
}

static void send_page(void)
{
    int in = memfd_create("in", 0);

    CHECK(in >= 0 && write(in, buf, PAGE) == (ssize_t)PAGE);
    CHECK(lseek(in, 0, SEEK_SET) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    begin();
    CHECK(sendfile(fd, in, NULL, PAGE) == (ssize_t)PAGE);
    judge("sendfile 8192");
    close(in);
}

static void cut(const char *what, off_t size)
{
    begin();
    CHECK(ftruncate(fd, size) == 0);
    judge(what);
}

static void hole(void)
{
    begin();
    CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 32,
                    2048) == 0);
    judge("hole of 2048 at 32");
}

int main(void)
{
    fd = memfd_create("b22", 0);
    CHECK(fd >= 0 && ftruncate(fd, PAGE) == 0);
    page = mmap((void *)0x70000000ul, PAGE, PROT_READ | PROT_WRITE | PROT_ADI,
                MAP_SHARED | MAP_FIXED, fd, 0);
    CHECK(page != MAP_FAILED);
    write_at("write 8192", buf, PAGE, 0);
    write_at("write 4096", buf, 4096, 0);
    write_at("write 1500", buf, 1500, 0);
    write_at("write 8000 at 100", buf + 4, 8000, 100);
    write_at("write 8192 from an odd address", buf + 1, PAGE, 0);
    write_two();
    send_page();
    cut("truncate at 4096", 4096);
    cut("truncate at 7700", 7700);
    hole();
    return 0;
}
