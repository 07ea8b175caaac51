// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/shared_files.c - processes that share their descriptors, and part
 *
 * Catches a close_range() or an execve() of one that closes those of the
 * other, and ioctls on a descriptor that only stands for a path.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include "process.h"
#include "try.h"

#define UNSHARE 2u /* CLOSE_RANGE_UNSHARE */
#define CLOEXEC 4u /* CLOSE_RANGE_CLOEXEC */

static int fd;

static int close_it(void *flags)
{
    return (int)syscall(SYS_close_range, fd, fd, *(unsigned *)flags);
}

static int exec(void *flags)
{
    (void)flags;
    execl("/proc/self/exe", "x", NULL);
    return 1;
}

static int fail_to_exec(void *flags)
{
    (void)flags;
    execl("/nowhere", "x", NULL);
    return close(fd);
}

/* What is left of @fd once a child that shares it has done @what. */
static void share(const char *name, int (*what)(void *), unsigned flags)
{
    static char stack[65536] __attribute__((aligned(16)));
    int status = 0;
    pid_t pid;

    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT(fd >= 0);
    fflush(stdout);
    pid = clone(what, stack + sizeof(stack) - 1024, CLONE_FILES | SIGCHLD,
                &flags);
    EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid);
    printf("%s: exit %d, then %s\n", name, WEXITSTATUS(status),
           fcntl(fd, F_GETFD) < 0               ? "closed"
           : fcntl(fd, F_GETFD) & FD_CLOEXEC ? "open, close-on-exec"
                                                : "open");
    close(fd);
}

static void path_only(void)
{
    struct termios settings;
    int path = open("/", O_PATH), number = 0;

    EXPECT(path >= 0);
    TRY(ioctl(path, FIOCLEX));
    TRY(ioctl(path, FIONBIO, &number));
    TRY(ioctl(path, FIGETBSZ, &number));
    TRY(ioctl(path, FIONREAD, &number));
    TRY(ioctl(path, TCGETS, &settings));
    TRY(ioctl(path, TIOCGWINSZ, &settings));
    TRY(ioctl(path, 0x1234));
    TRY(fcntl(path, F_GETFD));
}

int main(int argc, char **argv)
{
    (void)argc;
    if (argv[0][0] == 'x')
        return 0;
    share("close", close_it, 0);
    share("close its own", close_it, UNSHARE);
    share("mark its own", close_it, UNSHARE | CLOEXEC);
    share("execve", exec, 0);
    share("no execve", fail_to_exec, 0);
    path_only();
    return 0;
}
