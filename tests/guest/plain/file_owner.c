// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/file_owner.c - fcntl() calls about an open file, kcmp, and what a
 * process says of itself in /proc
 *
 * Catches a group's number that is taken for an error, a setting that is the
 * descriptor's instead of the file's, and numbers that cannot be set.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include "process.h"
#include "try.h"

/* The compiler knows of it. */
static void *volatile nowhere = (void *)8;

/* A SPARC has another sign for an error than the value; elsewhere a group of
 * a small number looks like one, and libc asks in another way. */
static int group_owner(int fd)
{
#ifdef __sparc__
    return (int)syscall(SYS_fcntl, fd, F_GETOWN);
#else
    return fcntl(fd, F_GETOWN);
#endif
}

static void owners(void)
{
    struct f_owner_ex own = { F_OWNER_PGRP, getpgrp() };
    int fd = open("f", O_RDWR | O_CREAT, 0600), two = dup(fd);
    int path = open("f", O_PATH);

    puts("owners");
    TRY(fcntl(fd, F_GETOWN));
    TRY(fcntl(fd, F_SETOWN, getpid()));
    printf("  mine %d\n", fcntl(two, F_GETOWN) == getpid());
    TRY(fcntl(fd, F_SETOWN, -getpgrp()));
    printf("  my group's %d\n", group_owner(two) == -getpgrp());
    TRY(fcntl(fd, F_SETOWN, 0x3ffffff));
    TRY(fcntl(fd, F_SETOWN, INT_MIN));
    TRY(fcntl(fd, F_SETOWN_EX, &own));
    own.type = 9;
    TRY(fcntl(fd, F_GETOWN_EX, &own));
    printf("  type %d, my group's %d\n", own.type, own.pid == getpgrp());
    own.type = 9;
    TRY(fcntl(fd, F_SETOWN_EX, &own));
    TRY(fcntl(fd, F_SETOWN_EX, nowhere));
    TRY(fcntl(fd, F_GETOWN_EX, nowhere));
    TRY(fcntl(fd, F_GETSIG));
    TRY(fcntl(fd, F_SETSIG, 65));
    TRY(fcntl(fd, F_SETSIG, SIGRTMIN));
    TRY(fcntl(two, F_GETSIG));
    TRY(fcntl(path, F_GETOWN));
    TRY(fcntl(path, F_SETFL, 0));
    TRY(fcntl(path, F_GETFD));
    TRY(fcntl(fd, 999));
    close(path);
    close(two);
    close(fd);
}

static void leases(void)
{
    int fd = open("f", O_RDWR), two = open("f", O_RDONLY), fds[2];
    uint64_t hint = 9;

    puts("leases and hints");
    EXPECT(pipe(fds) == 0);
    printf("  none %d\n", fcntl(fd, F_GETLEASE) == F_UNLCK);
    TRY(fcntl(fd, F_SETLEASE, F_WRLCK));
    TRY(fcntl(two, F_SETLEASE, F_RDLCK));
    TRY(fcntl(fd, F_SETLEASE, F_UNLCK));
    TRY(fcntl(fd, F_SETLEASE, 77));
    TRY(fcntl(fds[0], F_SETLEASE, F_RDLCK));
    TRY(fcntl(fd, F_GET_RW_HINT, &hint));
    printf("  hint %d\n", (int)hint);
    hint = RWH_WRITE_LIFE_LONG;
    TRY(fcntl(fd, F_SET_RW_HINT, &hint));
    hint = 77;
    TRY(fcntl(fd, F_SET_RW_HINT, &hint));
    TRY(fcntl(fd, F_GET_RW_HINT, &hint));
    printf("  hint %d\n", (int)hint);
    close(fd);
    close(two);
    close(fds[0]);
    close(fds[1]);
}

static long compare(pid_t a, pid_t b, int type, long x, long y)
{
    return syscall(SYS_kcmp, a, b, type, x, y);
}

static void same(void)
{
    int fd = open("f", O_RDWR), two = dup(fd), other = open("f", O_RDWR);
    pid_t me = getpid(), child = fork_child();

    if (child == 0) {
        pause();
        _exit(1);
    }
    puts("the same");
    TRY(compare(me, me, KCMP_FILE, fd, two));
    TRY(compare(me, child, KCMP_FILE, fd, two));
    printf("  differ %d\n", compare(me, me, KCMP_FILE, fd, other) ==
                                3 - compare(me, me, KCMP_FILE, other, fd));
    TRY(compare(me, me, KCMP_FILE, fd, 99));
    TRY(compare(me, me, KCMP_VM, 0, 0));
    printf("  differ %d %d\n", compare(me, child, KCMP_VM, 0, 0) > 0,
           compare(me, child, KCMP_FILES, 0, 0) > 0);
    TRY(compare(me, me, KCMP_SIGHAND, 0, 0));
    TRY(compare(me, 0x3ffffff, KCMP_VM, 0, 0));
    TRY(compare(me, me, 99, 0, 0));
    kill(child, SIGKILL);
    reap(child);
    close(fd);
    close(two);
    close(other);
}

static void put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY);
    long n = fd < 0 ? fd : write(fd, text, strlen(text));

    printf("  %s to %s: %s\n", text, name,
           n < 0 ? strerrorname_np(errno) : "ok");
    close(fd);
}

static void show(const char *name)
{
    FILE *f = fopen(name, "r");
    char line[64] = "";

    printf("  %s: %s", name, f && fgets(line, sizeof(line), f) ? line : "\n");
    if (f)
        fclose(f);
}

static void scores(void)
{
    const char *new = "/proc/self/oom_score_adj", *old = "/proc/self/oom_adj";
    pid_t pid;

    puts("scores");
    put(new, "500");
    show(new);
    show(old);
    put(new, "1001");
    put(new, "x");
    put(new, "1 2");
    put(old, "15");
    show(new);
    put(old, "16");
    pid = fork_child();
    if (pid == 0) {
        show(new);
        fflush(stdout);
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
    show("/proc/sys/fs/inotify/max_queued_events");
}

int main(void)
{
    char scratch[32];

    alarm(60);
    enter_scratch(scratch);
    owners();
    leases();
    same();
    scores();
    unlink("f");
    leave_scratch(scratch);
    return 0;
}
