// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/signalfd_read.c - signals that are read from a descriptor
 *
 * Catches one that is delivered as well, that stays, or whose sender is lost,
 * and a poll that a new signal does not end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include "process.h"
#include "try.h"

/* The compiler knows of it. */
static void *volatile nowhere = (void *)8;

static struct signalfd_siginfo got[3];
static sigset_t mask;

static void show(int n)
{
    for (int i = 0; i < n; i++)
        printf("  %s, code %d, pid %d, status %d, int %d\n",
               sigabbrev_np(got[i].ssi_signo), got[i].ssi_code,
               got[i].ssi_pid == (unsigned)getpid(), got[i].ssi_status,
               got[i].ssi_int);
}

static int ready(int fd, int timeout)
{
    struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

    return poll(&p, 1, timeout) > 0 ? p.revents : 0;
}

static void reading(int fd)
{
    puts("reading");
    printf("  ready %d\n", ready(fd, 0));
    TRY(read(fd, got, sizeof(got)));
    raise(SIGUSR1);
    sigqueue(getpid(), SIGUSR2, (union sigval){ .sival_int = 77 });
    printf("  ready %d\n", ready(fd, 0));
    TRY(read(fd, got, sizeof(got[0]) - 1));
    TRY(read(fd, got, sizeof(got[0])));
    show(1);
    TRY(read(fd, got, sizeof(got)));
    show(1);
    TRY(read(fd, got, sizeof(got)));
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR1);
    TRY(read(fd, got, sizeof(got)));
    show(2);
    TRY(write(fd, got, sizeof(got)));
}

static void errors(int fd)
{
    puts("errors");
    TRY(signalfd(0, &mask, 0));
    TRY(signalfd(99, &mask, 0));
    TRY(signalfd(-1, &mask, 1));
    TRY(syscall(SYS_signalfd4, -1, &mask, 7, 0));
    TRY(syscall(SYS_signalfd4, -1, nowhere, 8, 0));
    printf("  close-on-exec %d\n", fcntl(fd, F_GETFD));
}

static int sender(long sig)
{
    usleep(5000);
    kill(getppid(), (int)sig);
    return 4;
}

static void waiting(int fd)
{
    struct epoll_event ev = { .events = EPOLLIN };
    int set = epoll_create(1);
    pid_t pid;

    puts("waiting");
    EXPECT(epoll_ctl(set, EPOLL_CTL_ADD, fd, &ev) == 0);
    fcntl(fd, F_SETFL, 0);
    pid = spawn(sender, SIGUSR1);
    TRY(read(fd, got, sizeof(got)));
    printf("  from the child %d\n", got[0].ssi_pid == (unsigned)pid);
    EXPECT(reap(pid) == 4);
    pid = spawn(sender, SIGUSR2);
    printf("  ready %d\n", ready(fd, -1));
    TRY(read(fd, got, sizeof(got)));
    EXPECT(reap(pid) == 4);
    pid = spawn(sender, SIGUSR1);
    EXPECT(epoll_wait(set, &ev, 1, -1) == 1);
    TRY(read(fd, got, sizeof(got)));
    EXPECT(reap(pid) == 4);
    /* It waits for something else, and the signal stays. */
    pid = spawn(sender, SIGUSR2);
    EXPECT(select(0, NULL, NULL, NULL, &(struct timeval){ .tv_usec = 20000 }) == 0);
    EXPECT(poll(NULL, 0, 20) == 0);
    TRY(read(fd, got, sizeof(got)));
    EXPECT(reap(pid) == 4);
    /* With another mask. */
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    EXPECT(signalfd(fd, &mask, 0) == fd);
    TRY(read(fd, got, sizeof(got)));
    printf("  %s, code %d, status %d\n", sigabbrev_np(got[0].ssi_signo),
           got[0].ssi_code, got[0].ssi_status);
    raise(SIGUSR1);
    printf("  ready %d\n", ready(fd, 10));
    close(set);
}

int main(void)
{
    int fd;

    alarm(60);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGUSR2);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    sigdelset(&mask, SIGCHLD);
    fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    reading(fd);
    errors(fd);
    waiting(fd);
    return 0;
}
