// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/xattrs.c - extended attributes, and the old calls that set times
 *
 * Catches a call that follows a link it should not, or the other way round,
 * lengths that are off by one, and errors in another order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>
#include "process.h"
#include "try.h"

/* The compiler knows of these. */
static void *volatile nowhere = (void *)8;
static volatile int too_many = 65537;

static char buf[70000], name_255[256], name_256[257];

/* The names of a file, in the order of the alphabet: a host may add some. */
static void show_ours(const char *path)
{
    long n = listxattr(path, buf, sizeof(buf));

    for (char c = 'a'; c <= 'c'; c++)
        for (char *s = buf; s < buf + n; s += strlen(s) + 1)
            if (!strncmp(s, "user.", 5) && s[5] == c)
                printf("  %s\n", s);
}

static void values(int fd)
{
    puts("values");
    TRY(setxattr("f", "user.a", "value", 5, 0));
    TRY(getxattr("f", "user.a", NULL, 0));
    TRY(getxattr("f", "user.a", buf, 4));
    TRY(getxattr("link", "user.a", buf, 5));
    printf("  %.5s\n", buf);
    TRY(setxattr("f", "user.a", "x", 1, XATTR_CREATE));
    TRY(setxattr("f", "user.b", "x", 1, XATTR_REPLACE));
    TRY(fsetxattr(fd, "user.b", "", 0, XATTR_CREATE));
    TRY(fgetxattr(fd, "user.b", buf, 100));
    TRY(lsetxattr("f", "user.c", "c", 1, 0));
    show_ours("link");
    TRY(lgetxattr("link", "user.a", buf, 100));
    TRY(lsetxattr("link", "user.a", "x", 1, 0));
    TRY(llistxattr("link", buf, sizeof(buf)) < 0);
    TRY(flistxattr(fd, NULL, 0) > 0);
    TRY(flistxattr(fd, buf, 3));
    TRY(lremovexattr("f", "user.c"));
    TRY(fremovexattr(fd, "user.b"));
    TRY(removexattr("link", "user.b"));
    TRY(removexattr("link", "user.a"));
    show_ours("f");
}

static void errors(int fd)
{
    int path = open("f", O_PATH);

    puts("errors");
    memset(name_255, 'n', 255);
    memcpy(name_255, "user.", 5);
    memset(name_256, 'n', 256);
    memcpy(name_256, "user.", 5);
    TRY(setxattr("none", "user.a", "x", 1, 0));
    TRY(setxattr("f", "", "x", 1, 0));
    TRY(setxattr("f", name_256, "x", 1, 0));
    TRY(getxattr("f", name_256, buf, 1));
    TRY(getxattr("f", name_255, buf, 1));
    TRY(setxattr("f", "nothing.a", "x", 1, 0));
    TRY(setxattr("f", "user.a", "x", 1, 4));
    TRY(setxattr("f", "user.a", buf, too_many, 0));
    TRY(setxattr("f", nowhere, "x", 1, 0));
    TRY(setxattr("f", "user.a", nowhere, 1, 0));
    TRY(setxattr(nowhere, "user.a", "x", 1, 0));
    TRY(fsetxattr(99, "user.a", "x", 1, 0));
    TRY(fsetxattr(path, "user.a", "x", 1, 0));
    TRY(fgetxattr(path, "user.a", "x", 1));
    TRY(removexattr("f", "user.none"));
    TRY(fremovexattr(99, "user.a"));
    TRY(getxattr("f", "user.none", buf, 1));
    TRY(setxattr("/proc/self/stat", "user.a", "x", 1, 0));
    EXPECT(setxattr("f", "user.a", "value", 5, 0) == 0);
    TRY(fgetxattr(fd, "user.a", nowhere, 5));
    close(path);
}

static void show_times(const char *path)
{
    struct stat st;

    EXPECT(lstat(path, &st) == 0);
    printf("  %s: %ld.%09ld %ld.%09ld\n", path, (long)st.st_atim.tv_sec,
           st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void times(int fd)
{
    struct utimbuf u = { .actime = 1000, .modtime = 2000 };
    struct timeval tv[2] = {{ 3000, 5 }, { 4000, 999999 }};
    struct timeval bad[2] = {{ 1, 0 }, { 1, 1000000 }};

    puts("times");
    TRY(syscall(SYS_utime, "link", &u));
    show_times("f");
    TRY(syscall(SYS_futimesat, AT_FDCWD, "f", tv));
    show_times("f");
    TRY(syscall(SYS_futimesat, fd, NULL, tv));
    TRY(syscall(SYS_futimesat, fd, "f", tv));
    TRY(syscall(SYS_futimesat, AT_FDCWD, "f", bad));
    TRY(syscall(SYS_futimesat, 99, "f", tv));
    TRY(syscall(SYS_utime, "none", &u));
    TRY(syscall(SYS_utime, "f", 8));
    TRY(syscall(SYS_utime, "f", NULL));
}

int main(void)
{
    char scratch[32];
    int fd;

    enter_scratch(scratch);
    fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
    EXPECT(fd >= 0 && symlink("f", "link") == 0);
    values(fd);
    errors(fd);
    times(fd);
    close(fd);
    unlink("link");
    unlink("f");
    leave_scratch(scratch);
    return 0;
}
