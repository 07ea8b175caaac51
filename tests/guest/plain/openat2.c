// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/openat2.c - openat2(2): where a name may not lead
 *
 * Catches links, "..", absolute names and /proc that lead out of the directory
 * or the mount that RESOLVE_* say, and arguments that must be refused.  The
 * same program on this machine is the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "plain.h"
#include "try.h"

static int dir;

static long open2(int at, const char *name, const struct open_how *how,
                  size_t size)
{
    return syscall(SYS_openat2, at, name, how, size);
}

/* What the name leads to: the first bytes of it, or an error. */
static void try(const char *name, uint64_t flags, uint64_t resolve)
{
    struct open_how how = { .flags = flags, .resolve = resolve };
    long fd = open2(dir, name, &how, sizeof(how));
    char text[20] = "";

    if (fd < 0) {
        printf("  %-16s %2x: %s\n", name, (unsigned)resolve,
               strerrorname_np(errno));
        return;
    }
    if (read((int)fd, text, sizeof(text) - 1) < 0)
        strcpy(text, errno == EISDIR ? "(a directory)" : "(no read)");
    printf("  %-16s %2x: %s\n", name, (unsigned)resolve, text);
    close((int)fd);
}

static void make(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT, 0600);

    if (write(fd, text, strlen(text)) < 0)
        puts("cannot write");
    close(fd);
}

static void ways(void)
{
    static const char *const names[] = {
        "file", "sub/file", "sub/../file", ".", "..", "../out", "sub/../../out",
        "link", "loop", "up", "absolute", "sub/link", "missing", "sub/missing",
        "file/", "file/x", "/file", "/", "/out", "links/file", "links",
    };
    static const uint64_t how[] = { 0, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH,
                                    RESOLVE_IN_ROOT, RESOLVE_NO_XDEV,
                                    RESOLVE_NO_MAGICLINKS,
                                    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (size_t k = 0; k < sizeof(how) / sizeof(how[0]); k++)
            if (names[i][0] != '/' || how[k] & (RESOLVE_BENEATH |
                                                RESOLVE_IN_ROOT))
                try(names[i], O_RDONLY, how[k]);
    try("link", O_RDONLY | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
    try("/proc/self/stat", O_PATH, RESOLVE_NO_XDEV);
    try("/proc/self/stat", O_PATH, RESOLVE_NO_SYMLINKS);
    try("/proc/self/exe", O_PATH, RESOLVE_NO_MAGICLINKS);
    try("/proc/self/exe", O_PATH, RESOLVE_NO_SYMLINKS);
    try("/proc/self/cwd", O_PATH, RESOLVE_NO_MAGICLINKS);
    try("/proc/self/cwd", O_PATH, 0);
    try("/proc/self", O_PATH, RESOLVE_NO_MAGICLINKS);
}

static void creating(void)
{
    struct open_how how = { .flags = O_CREAT | O_WRONLY, .mode = 0640,
                            .resolve = RESOLVE_BENEATH };
    struct stat st;
    long fd;

    umask(022);
    fd = open2(dir, "sub/new", &how, sizeof(how));
    TRY_DONE(fd);
    TRY_DONE(fstat((int)fd, &st));
    printf("  mode %o\n", st.st_mode);
    TRY_DONE(open2(dir, "../new", &how, sizeof(how)));
    TRY_DONE(unlink("d/sub/new"));
    close((int)fd);
}

static void refused(void)
{
    struct {
        struct open_how how;
        uint64_t more[2];
    } big = { { .flags = O_RDONLY }, { 0, 0 } };
    struct open_how how = { .flags = O_RDONLY };

    TRY_DONE(open2(dir, "file", &how, sizeof(how) - 1));
    TRY_DONE(open2(dir, "file", &how, 0));
    TRY_DONE(open2(dir, "file", &big.how, sizeof(big)));
    big.more[1] = 1;
    TRY_DONE(open2(dir, "file", &big.how, sizeof(big)));
    TRY_DONE(open2(dir, "file", (void *)8, sizeof(how)));
    TRY_DONE(open2(dir, (void *)8, &how, sizeof(how)));
    TRY_DONE(open2(999, "file", &how, sizeof(how)));
    how.mode = 0600;
    TRY_DONE(open2(dir, "file", &how, sizeof(how)));
    how = (struct open_how){ .flags = O_CREAT, .mode = 010000 };
    TRY_DONE(open2(dir, "file", &how, sizeof(how)));
    how = (struct open_how){ .flags = UINT64_C(1) << 40 };
    TRY_DONE(open2(dir, "file", &how, sizeof(how)));
    how = (struct open_how){ .flags = O_PATH | O_WRONLY };
    TRY_DONE(open2(dir, "file", &how, sizeof(how)));
    how = (struct open_how){ .resolve = 0x4000 };
    TRY_DONE(open2(dir, "file", &how, sizeof(how)));
    how.resolve = RESOLVE_BENEATH | RESOLVE_IN_ROOT;
    TRY_DONE(open2(dir, "file", &how, sizeof(how)));
    how = (struct open_how){ .flags = O_TRUNC, .resolve = 0x20 };
    TRY_DONE(open2(dir, "file", &how, sizeof(how)));
}

int main(void)
{
    char here[4096], target[5000];

    mkdir("d", 0700);
    mkdir("d/sub", 0700);
    make("d/file", "in d");
    make("d/sub/file", "in sub");
    make("out", "outside");
    snprintf(target, sizeof(target), "%s/d/file", getcwd(here, sizeof(here)));
    if (symlink("sub/file", "d/link") || symlink("loop", "d/loop") ||
        symlink("../out", "d/up") || symlink(target, "d/absolute") ||
        symlink("../file", "d/sub/link") || symlink("sub", "d/links"))
        return 1;
    dir = open("d", O_RDONLY | O_DIRECTORY);
    ways();
    creating();
    refused();
    unlink("d/file"), unlink("d/sub/file"), unlink("out"), unlink("d/link");
    unlink("d/loop"), unlink("d/up"), unlink("d/absolute");
    unlink("d/sub/link"), unlink("d/links");
    rmdir("d/sub"), rmdir("d");
    return 0;
}
