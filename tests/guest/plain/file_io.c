// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/file_io.c - open, read, write, seek, dup, fcntl, pipes and errors
 *
 * Catches wrong flag values, file positions that are not shared between
 * duplicated descriptors, holes that are not zero, and vectors in the wrong
 * order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include "plain.h"

static void result(const char *what, long r)
{
    if (r < 0)
        printf("%-16s %ld %d %s\n", what, r, errno, strerror(errno));
    else
        printf("%-16s %ld\n", what, r);
}

static void content(const char *name)
{
    unsigned char buf[5000];
    uint64_t h = FOLD_START;
    long n, total = 0, zero = 0;
    int fd = open(name, O_RDONLY);

    while ((n = read(fd, buf, sizeof(buf))) > 0) {
        h = fold_bytes(h, buf, n);
        total += n;
        for (long i = 0; i < n; i++)
            zero += buf[i] == 0;
    }
    printf("  %s: %ld bytes, %ld zero, %016llx\n", name, total, zero,
           (unsigned long long)h);
    close(fd);
}

static void positions(void)
{
    char buf[64] = "";
    int fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0600), other;

    result("write", write(fd, "0123456789", 10));
    result("pwrite", pwrite(fd, "abc", 3, 4));
    result("position", lseek(fd, 0, SEEK_CUR));
    result("far", lseek(fd, 100000, SEEK_SET));
    result("write", write(fd, "end", 3));
    content("data");
    result("pread", pread(fd, buf, 12, 0));
    printf("  %.10s\n", buf);
    result("pread behind", pread(fd, buf, 10, 200000));
    other = dup(fd);
    lseek(other, 2, SEEK_SET);
    result("shared", read(fd, buf, 4));
    printf("  %.4s, then at %ld\n", buf, (long)lseek(other, 0, SEEK_CUR));
    result("ftruncate", ftruncate(fd, 9));
    result("ftruncate", ftruncate(fd, 50));
    content("data");
    result("seek end", lseek(fd, -7, SEEK_END));
    result("seek negative", lseek(fd, -1, SEEK_SET));
    result("seek odd", lseek(fd, 0, 77));
    close(fd);
    result("read closed", read(fd, buf, 1));
    result("other is open", read(other, buf, 1));
    close(other);
}

static void flags(void)
{
    char buf[16] = "";
    int fd = open("data", O_WRONLY | O_APPEND), two, fl;

    lseek(fd, 0, SEEK_SET);
    result("append", write(fd, "tail", 4));
    result("at", lseek(fd, 0, SEEK_CUR));
    result("read", read(fd, buf, 1));
    fl = fcntl(fd, F_GETFL);
    printf("  mode %d append %d nonblock %d\n", fl & O_ACCMODE,
           (fl & O_APPEND) != 0, (fl & O_NONBLOCK) != 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fl = fcntl(fd, F_GETFL);
    printf("  mode %d append %d nonblock %d\n", fl & O_ACCMODE,
           (fl & O_APPEND) != 0, (fl & O_NONBLOCK) != 0);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    two = fcntl(fd, F_DUPFD, 50);
    printf("  at least 50: %d flag %d %d\n", two >= 50,
           fcntl(two, F_GETFD), fcntl(fd, F_GETFD));
    result("dup2", dup2(fd, 60));
    result("dup2 bad", dup2(59, 61));
    close(two);
    close(60);
    close(fd);
    content("data");
    result("exclusive", open("data", O_CREAT | O_EXCL | O_RDWR, 0600));
    result("missing", open("missing", O_RDWR));
    result("not a dir", open("data/x", O_RDONLY));
    result("want a dir", open("data", O_RDONLY | O_DIRECTORY));
    result("empty name", open("", O_RDONLY));
    result("bad address", open((char *)8, O_RDONLY));
    fd = open("data", O_RDWR | O_TRUNC);
    result("truncated", lseek(fd, 0, SEEK_END));
    close(fd);
}

static void vectors(void)
{
    static char big[70000], a[10], b[70000], c[5];
    struct iovec out[4] = { { "one ", 4 }, { "", 0 }, { big, sizeof(big) },
                            { "end", 3 } };
    struct iovec in[3] = { { a, 7 }, { b, sizeof(b) - 5 }, { c, 5 } };
    int fd = open("data", O_RDWR | O_TRUNC), p[2];
    volatile int bad = -1;

    for (size_t i = 0; i < sizeof(big); i++)
        big[i] = i * 31 + i / 256;
    result("writev", writev(fd, out, 4));
    lseek(fd, 0, SEEK_SET);
    result("readv", readv(fd, in, 3));
    printf("  %.4s %d %.3s\n", a, memcmp(b, big + 3, sizeof(b) - 5), c + 2);
    result("bad count", writev(fd, out, bad));
    close(fd);
    content("data");
    result("pipe", pipe(p));
    result("pipe", write(p[1], big, 5000));
    result("pipe", writev(p[1], out, 1));
    result("part", read(p[0], b, 3000));
    result("rest", read(p[0], b, sizeof(b)));
    printf("  %d %.4s\n", memcmp(b, big + 3000, 2000), b + 2000);
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    result("empty pipe", read(p[0], b, 1));
    result("seek pipe", lseek(p[0], 0, SEEK_SET));
    close(p[1]);
    result("end of pipe", read(p[0], b, 1));
    close(p[0]);
}

int main(void)
{
    char dir[32];

    enter_scratch(dir);
    positions();
    flags();
    vectors();
    result("unlink", unlink("data"));
    leave_scratch(dir);
    return 0;
}
