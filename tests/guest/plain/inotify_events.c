// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/inotify_events.c - what a program is told of files it watches
 *
 * Catches records in the wrong byte order, and a lookup by the emulator that
 * shows up as the program's.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include "process.h"
#include "try.h"

/* The compiler knows of it. */
static void *volatile nowhere = (void *)8;

static int fd;

static void show(void)
{
    static char buf[4096] __attribute__((aligned(8)));
    long n = read(fd, buf, sizeof(buf));

    if (n < 0)
        printf("  %s\n", strerrorname_np(errno));
    for (char *at = buf; at < buf + n;) {
        struct inotify_event *e = (struct inotify_event *)at;

        printf("  watch %d, mask %x, cookie %d, %s\n", e->wd, e->mask,
               e->cookie != 0, e->len ? e->name : "-");
        at += sizeof(*e) + e->len;
    }
}

static int writer(long unused)
{
    int f;

    (void)unused;
    usleep(5000);
    f = open("child", O_CREAT | O_WRONLY, 0600);
    close(f);
    return 0;
}

int main(void)
{
    struct pollfd p = { .events = POLLIN };
    char scratch[32], small[16];
    struct stat st;
    pid_t pid;
    int f;

    alarm(60);
    enter_scratch(scratch);
    fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    p.fd = fd;
    puts("errors");
    TRY(inotify_init1(1));
    TRY(inotify_add_watch(fd, "none", IN_ALL_EVENTS));
    TRY(inotify_add_watch(fd, ".", 0));
    TRY(inotify_add_watch(fd, ".", IN_MASK_ADD | IN_MASK_CREATE | IN_OPEN));
    TRY(inotify_add_watch(99, ".", IN_ALL_EVENTS));
    TRY(inotify_add_watch(0, ".", IN_ALL_EVENTS));
    TRY(inotify_add_watch(fd, nowhere, IN_ALL_EVENTS));
    TRY(inotify_rm_watch(fd, 7));
    TRY(inotify_rm_watch(99, 1));
    TRY(write(fd, "x", 1));
    show();

    puts("directory");
    TRY(inotify_add_watch(fd, ".", IN_ALL_EVENTS));
    f = open("f", O_CREAT | O_RDWR | O_TRUNC, 0600);
    EXPECT(write(f, "12345", 5) == 5 && pread(f, small, 5, 0) == 5);
    EXPECT(fchmod(f, 0400) == 0 && stat("f", &st) == 0);
    close(f);
    TRY(poll(&p, 1, -1));
    TRY(read(fd, small, sizeof(small)));
    show();
    EXPECT(rename("f", "g") == 0 && symlink("g", "link") == 0);
    show();

    puts("file");
    TRY(inotify_add_watch(fd, "link", IN_MODIFY | IN_OPEN | IN_ONESHOT));
    TRY(inotify_add_watch(fd, "link", IN_DONT_FOLLOW | IN_DELETE_SELF));
    TRY(inotify_add_watch(fd, "g", IN_ONLYDIR | IN_OPEN));
    show();
    EXPECT(access("g", R_OK) == 0);
    close(open("g", O_RDONLY));
    show();
    EXPECT(unlink("link") == 0 && unlink("g") == 0);
    show();

    puts("waiting");
    fcntl(fd, F_SETFL, 0);
    pid = spawn(writer, 0);
    show();
    EXPECT(reap(pid) == 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (poll(&p, 1, 0) > 0)
        show();
    TRY(inotify_rm_watch(fd, 1));
    show();
    unlink("child");
    close(fd);
    leave_scratch(scratch);
    return 0;
}
