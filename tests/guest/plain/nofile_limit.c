// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/nofile_limit.c - RLIMIT_NOFILE bites in every call that makes
 * descriptors, and only there
 *
 * Catches a limit that is only stored, a file that is made although there is
 * no descriptor for it, a pipe that keeps one of its ends.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include "process.h"

#define LIMIT 10

static const char *word(int err)
{
    switch (err) {
    case 0: return "ok";
    case EMFILE: return "EMFILE";
    case EBADF: return "EBADF";
    case EINVAL: return "EINVAL";
    case EPERM: return "EPERM";
    default: return "another error";
    }
}

static void show(const char *what, int value)
{
    printf("%s: %s\n", what, word(value < 0 ? errno : 0));
}

static void set_limit(long soft)
{
    struct rlimit r;

    EXPECT(getrlimit(RLIMIT_NOFILE, &r) == 0);
    r.rlim_cur = (rlim_t)soft;
    EXPECT(setrlimit(RLIMIT_NOFILE, &r) == 0);
}

static int child(long unused)
{
    (void)unused;
    show("in a child", dup(0));
    return 0;
}

int main(void)
{
    char name[32];
    struct pollfd p[LIMIT + 1];
    int fd, n = 0, two[2];

    alarm(60);
    for (fd = 3; fd < 64; fd++)
        close(fd);
    enter_scratch(name);
    EXPECT(fcntl(0, F_DUPFD, 40) == 40);
    set_limit(LIMIT);
    while ((fd = dup(0)) >= 0)
        n++;
    printf("%d more, then %s\n", n, word(errno));

    show("open", open("made", O_CREAT | O_WRONLY, 0600));
    printf("made: %s\n", access("made", F_OK) == 0 ? "yes" : "no");
    show("open of what is not there", open("nowhere", O_RDONLY));
    show("pipe", pipe(two));
    show("pipe2", pipe2(two, O_CLOEXEC));
    show("memfd_create", memfd_create("m", 0));
    show("F_DUPFD 0", fcntl(0, F_DUPFD, 0));
    show("F_DUPFD at the limit", fcntl(0, F_DUPFD, LIMIT));
    show("F_DUPFD_CLOEXEC below", fcntl(0, F_DUPFD_CLOEXEC, LIMIT - 1));
    show("dup2 below", dup2(0, LIMIT - 1));
    show("dup2 at the limit", dup2(0, LIMIT));
    show("dup2 far above", dup2(0, 50));
    show("dup2 onto itself", dup2(40, 40));
    show("dup3 at the limit", dup3(0, LIMIT, O_CLOEXEC));
    for (int i = 0; i <= LIMIT; i++)
        p[i] = (struct pollfd){ .fd = -1 };
    show("poll of as many", poll(p, LIMIT, 0));
    show("poll of one more", poll(p, LIMIT + 1, 0));
    EXPECT(reap(spawn(child, 0)) == 0);

    /* one free: no pipe, and nothing of it is left */
    EXPECT(close(5) == 0);
    show("pipe with one free", pipe(two));
    fd = open("made", O_CREAT | O_WRONLY, 0600);
    printf("open: %d\n", fd);
    EXPECT(close(4) == 0 && close(fd) == 0);
    show("pipe with two free", pipe(two));
    printf("pipe: %d %d\n", two[0], two[1]);

    /* what is above the limit can be used, and closed for good */
    show("fcntl above", fcntl(40, F_GETFD));
    show("close above", close(40));
    set_limit(0);
    show("dup with a limit of 0", dup(0));
    show("F_DUPFD with a limit of 0", fcntl(0, F_DUPFD, 0));
    set_limit(20);
    show("dup with a limit of 20", fd = dup(0));
    printf("dup: %d\n", fd);
    EXPECT(unlink("made") == 0);
    leave_scratch(name);
    return 0;
}
