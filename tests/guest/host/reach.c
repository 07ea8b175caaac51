// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host/reach.c - looks for descriptors and processes that are not its own
 *
 * Each name that leads to one is a line on stdout; there shall be none.  The
 * argument is the pid that adiemu has on the host.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FDS 64

static int bad;

static void must_fail(const char *name)
{
    char target[256];
    struct stat st;
    long n;
    int fd = open(name, O_RDONLY | O_NONBLOCK);

    if (fd >= 0 || errno != ENOENT) {
        printf("open %s: %d, errno %d\n", name, fd, errno);
        bad++;
    }
    if (fd >= 0)
        close(fd);
    if (stat(name, &st) == 0 || lstat(name, &st) == 0) {
        printf("stat %s: inode %ld\n", name, (long)st.st_ino);
        bad++;
    }
    n = readlink(name, target, sizeof(target) - 1);
    if (n >= 0) {
        target[n] = '\0';
        printf("readlink %s: %s\n", name, target);
        bad++;
    }
}

/* @form: with one %d */
static void no_descriptors(const char *form)
{
    char name[256];

    for (int fd = 3; fd < FDS; fd++) {
        snprintf(name, sizeof(name), form, fd);
        must_fail(name);
    }
}

static void only_us(const char *self)
{
    char target[64] = "", own[64];

    snprintf(own, sizeof(own), "%d", getpid());
    if (readlink(self, target, sizeof(target) - 1) < 0 ||
        strcmp(target, own) != 0) {
        printf("%s is %s\n", self, target);
        bad++;
    }
}

static void another(const char *form, const char *pid)
{
    char name[256];

    snprintf(name, sizeof(name), form, pid);
    must_fail(name);
}

int main(int argc, char **argv)
{
    static const char *const ways[] = {
        "/proc/self/fd/%d", "/dev/fd/%d",       "/dev//fd/%d",
        "//proc/self/fd/%d", "links/%d",        "root/proc/self/fd/%d",
        "root/dev/fd/%d",   "proc/self/fd/%d",  "proc/self/fd/../fd/%d",
        "dev/../dev/fd/%d", "above/proc/self/fd/%d", "root/../dev/./fd/%d",
    };
    const char *host = argc > 1 ? argv[1] : "1";
    int dir;

    if (symlink("/proc/self/fd", "links") || symlink("/", "root") ||
        symlink("/proc", "proc") || symlink("/dev", "dev") ||
        symlink("../../../../../../../../..", "above"))
        return 99;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        no_descriptors(ways[i]);
    only_us("/proc/self");
    only_us("proc/self");
    only_us("root/proc/self");
    another("/proc/%s", host);
    another("proc/%s/wchan", host);
    another("root/proc/%s/fd/0", host);
    another("/proc/%s/root", "1");
    another("proc/%s", "keys");
    another("/proc/self/%s", "wchan");
    another("root/sys/%s", "class");

    dir = open("proc/self", O_RDONLY | O_DIRECTORY);
    if (dir != 3 || openat(dir, "fd/4", O_PATH) >= 0 ||
        openat(dir, "../self/fd/5", O_PATH) >= 0 || close(dir))
        return 98;
    if (chdir("proc/self/fd"))
        return 97;
    no_descriptors("%d");
    no_descriptors("./%d");
    no_descriptors("../fd/%d");
    another("../../%s/maps", host);
    return bad != 0;
}
