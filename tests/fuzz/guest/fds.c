// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz/guest/fds.c - an open file of each kind, where its calls look for it */
#define _GNU_SOURCE
#include "calls.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FIRST_FD 24 /* behind those that calls open by themselves */

static int slot_of(enum fd_kind kind)
{
    return FIRST_FD + (int)kind;
}

static void put(enum fd_kind kind, int fd)
{
    if (fd < 0 || fd == slot_of(kind))
        return;
    dup2(fd, slot_of(kind));
    close(fd);
}

static void put_two(enum fd_kind kind, enum fd_kind other, const int fd[2])
{
    put(kind, fd[0]);
    put(other, fd[1]);
}

static void open_pipe(enum fd_kind out, enum fd_kind in)
{
    int p[2];

    if (pipe2(p, one_in(2) ? O_NONBLOCK : 0) != 0)
        return;
    if (one_in(2))
        (void)!write(p[1], (void *)arena_page(), 100);
    put_two(out, in, p);
}

static void open_pair(enum fd_kind one, enum fd_kind other, int type)
{
    int s[2];

    if (socketpair(AF_UNIX, type | (one_in(2) ? SOCK_NONBLOCK : 0), 0, s) != 0)
        return;
    if (one_in(2))
        (void)!write(s[0], (void *)arena_page(), 1 + below(200));
    put_two(one, other, s);
}

static int fresh(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

/* With somebody who waits there, or not. */
static int listening(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "s"};
    int l = socket(AF_UNIX, SOCK_STREAM | (one_in(2) ? SOCK_NONBLOCK : 0), 0);

    unlink("s");
    if (l < 0 || bind(l, (void *)&a, sizeof(a)) != 0 || listen(l, 3) != 0)
        return l;
    if (one_in(2)) {
        int client = fresh();

        connect(client, (void *)&a, sizeof(a));
        put(FD_STREAM2, client);
    }
    return l;
}

static int with_attribute(int fd)
{
    fsetxattr(fd, "user.a", "b", 1, 0);
    return fd;
}

static int with_time(int fd)
{
    struct itimerspec soon = {.it_interval.tv_nsec = (long)below(2) * 300000,
                              .it_value.tv_nsec = 100000};

    timerfd_settime(fd, 0, &soon, NULL);
    return fd;
}

static int with_members(int fd)
{
    for (unsigned i = 0; i < 4; i++) {
        int member = slot_of((enum fd_kind)below(FD_KINDS));
        struct epoll_event e = {.events = (uint32_t)below(64),
                                .data.fd = member};

        epoll_ctl(fd, EPOLL_CTL_ADD, member, &e);
    }
    return fd;
}

static int memory_of(pid_t pid)
{
    char name[40];

    snprintf(name, sizeof(name), "/proc/%d/mem", (int)pid);
    return open(name, one_in(2) ? O_RDWR : O_RDONLY);
}

static int with_watches(int fd)
{
    inotify_add_watch(fd, ".", IN_ALL_EVENTS);
    inotify_add_watch(fd, "dir", IN_ALL_EVENTS | IN_ONESHOT);
    return fd;
}

static int with_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, 34);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK);
}

/* Needs no name that starts with a slash: the kernel's call. */
static int queue(void)
{
    return (int)syscall(SYS_mq_open, "a",
                        O_RDWR | O_CREAT | (one_in(2) ? O_NONBLOCK : 0), 0600,
                        NULL);
}

static void open_kind(enum fd_kind kind)
{
    switch (kind) {
    case FD_FILE:
        put(kind, with_attribute(open("data", O_RDWR | O_CREAT, 0600)));
        break;
    case FD_APPEND:
        put(kind, open("b", O_RDWR | O_CREAT | O_APPEND, 0600));
        break;
    case FD_DIR:
        put(kind, open(one_in(2) ? "." : "dir", O_RDONLY | O_DIRECTORY));
        break;
    case FD_PATH: put(kind, open("a", O_PATH)); break;
    case FD_FIFO: put(kind, open("fifo", O_RDWR | O_NONBLOCK)); break;
    case FD_MEMFD: put(kind, memfd_create("m", MFD_ALLOW_SEALING)); break;
    case FD_PIPE_OUT:
    case FD_PIPE_IN: open_pipe(FD_PIPE_OUT, FD_PIPE_IN); break;
    case FD_PIPE2_OUT:
    case FD_PIPE2_IN: open_pipe(FD_PIPE2_OUT, FD_PIPE2_IN); break;
    case FD_STREAM:
    case FD_STREAM2: open_pair(FD_STREAM, FD_STREAM2, SOCK_STREAM); break;
    case FD_DGRAM:
    case FD_DGRAM2: open_pair(FD_DGRAM, FD_DGRAM2, SOCK_DGRAM); break;
    case FD_LISTEN: put(kind, listening()); break;
    case FD_FRESH: put(kind, fresh()); break;
    case FD_EPOLL: put(kind, with_members(epoll_create1(0))); break;
    case FD_EVENT:
        put(kind, eventfd((unsigned)below(3), one_in(2) ? EFD_NONBLOCK : 0));
        break;
    case FD_TIMER:
        put(kind, with_time(timerfd_create(one_in(2), TFD_NONBLOCK)));
        break;
    case FD_SIGNAL: put(kind, with_signals()); break;
    case FD_INOTIFY:
        put(kind, with_watches(inotify_init1(one_in(2) ? IN_NONBLOCK : 0)));
        break;
    case FD_PID: put(kind, (int)syscall(SYS_pidfd_open, draw_pid(), 0)); break;
    case FD_QUEUE: put(kind, queue()); break;
    case FD_MEM: put(kind, memory_of(draw_pid())); break;
    case FD_PAGEMAP: put(kind, open("/proc/self/pagemap", O_RDONLY)); break;
    case FD_ADI: put(kind, open("/dev/adi", O_RDWR)); break;
    case FD_TTY: put(kind, open("/dev/ptmx", O_RDWR | O_NOCTTY)); break;
    case FD_ZERO: put(kind, open("/dev/zero", O_RDWR)); break;
    case FD_KINDS: break;
    }
}

int fd_of(enum fd_kind kind)
{
    int fd = slot_of(kind);

    if (one_in(8) || fcntl(fd, F_GETFD) < 0)
        open_kind(kind);
    return fd;
}

int draw_fd(void)
{
    return fd_of((enum fd_kind)below(FD_KINDS));
}
