// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/eventfd_epoll.c - counters, and sets of descriptors to wait for
 *
 * Catches a counter in the wrong byte order, data of an event that comes back
 * changed, edges and one-shots that are forgotten, and waits that never end or
 * keep others from running.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include "process.h"
#include "try.h"

/* The compiler knows of these. */
static void *volatile nowhere = (void *)8;
static volatile int minus = -1;

static uint64_t value;

static int ready(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

    return poll(&p, 1, 0) > 0 ? p.revents : 0;
}

static void counters(void)
{
    int fd = eventfd(3, EFD_NONBLOCK), sem = eventfd(2, EFD_SEMAPHORE);
    uint64_t two[2] = { 5, 9 };

    puts("counters");
    printf("  ready %d\n", ready(fd));
    TRY(read(fd, &value, 8));
    printf("  value %lu, ready %d\n", (unsigned long)value, ready(fd));
    TRY(read(fd, &value, 8));
    TRY(read(fd, &value, 7));
    TRY(write(fd, &value, 7));
    TRY(write(fd, two, 8));
    TRY(read(fd, two, 16));
    printf("  value %lu %lu\n", (unsigned long)two[0], (unsigned long)two[1]);
    value = UINT64_MAX - 1;
    TRY(write(fd, &value, 8));
    printf("  ready %d\n", ready(fd));
    value = 1;
    TRY(write(fd, &value, 8));
    value = UINT64_MAX;
    TRY(write(fd, &value, 8));
    TRY(pread(fd, &value, 8, 0));
    TRY(lseek(fd, 0, SEEK_SET));
    TRY(read(fd, nowhere, 8));
    TRY(write(fd, nowhere, 8));
    TRY(read(sem, &value, 8));
    printf("  value %lu, ready %d\n", (unsigned long)value, ready(sem));
    TRY(eventfd(0, 8));
    printf("  nonblock %d %d\n", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0,
           (fcntl(sem, F_GETFL) & O_NONBLOCK) != 0);
    close(fd);
    close(sem);
}

static int adder(long fd)
{
    value = 40;
    usleep(5000);
    EXPECT(write(fd, &value, 8) == 8);
    value = 2;
    EXPECT(write(fd, &value, 8) == 8);
    return 0;
}

static void shared(void)
{
    int fd = eventfd(0, 0);
    uint64_t sum = 0;
    pid_t pid = spawn(adder, fd);

    puts("shared");
    while (sum < 42) {
        EXPECT(read(fd, &value, 8) == 8);
        sum += value;
    }
    EXPECT(reap(pid) == 0);
    printf("  sum %lu\n", (unsigned long)sum);
    close(fd);
}

static struct epoll_event ev[4];

static void got(int set, int timeout)
{
    int n = epoll_wait(set, ev, 4, timeout);

    printf("  got %d:", n);
    for (int i = 0; i < n; i++)
        printf(" %x/%lx", ev[i].events, (long)ev[i].data.u64);
    puts("");
}

static void change(const char *what, int set, int op, int fd, unsigned events,
                   uint64_t data)
{
    struct epoll_event e = { .events = events, .data.u64 = data };

    say_call(what, epoll_ctl(set, op, fd, &e));
}

static void sets(void)
{
    int set = epoll_create1(EPOLL_CLOEXEC), fd[2], other;

    puts("sets");
    EXPECT(pipe(fd) == 0);
    printf("  close-on-exec %d\n", fcntl(set, F_GETFD));
    got(set, 0);
    change("add", set, EPOLL_CTL_ADD, fd[0], EPOLLIN, 0x123456789abcdef0);
    change("again", set, EPOLL_CTL_ADD, fd[0], EPOLLIN, 1);
    change("modify", set, EPOLL_CTL_MOD, fd[1], EPOLLOUT, 1);
    got(set, 0);
    EXPECT(write(fd[1], "x", 1) == 1);
    printf("  ready %d\n", ready(set));
    got(set, -1);
    got(set, -1);
    change("edge", set, EPOLL_CTL_MOD, fd[0], EPOLLIN | EPOLLET, 2);
    got(set, 0);
    got(set, 0);
    EXPECT(write(fd[1], "x", 1) == 1);
    got(set, 0);
    change("once", set, EPOLL_CTL_MOD, fd[0], EPOLLIN | EPOLLONESHOT, 3);
    got(set, 0);
    got(set, 0);
    change("out", set, EPOLL_CTL_ADD, fd[1], EPOLLOUT, 4);
    change("in", set, EPOLL_CTL_MOD, fd[0], EPOLLIN, 5);
    printf("  got %d\n", epoll_wait(set, ev, 1, 0));
    other = epoll_create(1);
    change("nested", other, EPOLL_CTL_ADD, set, EPOLLIN, 6);
    got(other, 0);
    close(fd[0]);
    got(set, 0);
    TRY(epoll_ctl(set, EPOLL_CTL_DEL, fd[1], NULL));
    TRY(epoll_ctl(set, EPOLL_CTL_DEL, fd[1], NULL));
    got(set, 10);
    close(fd[1]);
    close(other);
    close(set);
}

static void errors(void)
{
    int set = epoll_create(1), fd[2], dir = open(".", O_RDONLY);
    struct epoll_event e = { .events = EPOLLIN };
    struct timespec bad = { 0, 1000000000 };
    sigset_t mask;

    puts("errors");
    EXPECT(pipe(fd) == 0);
    sigemptyset(&mask);
    TRY(epoll_create(0));
    TRY(epoll_create1(1));
    TRY(epoll_ctl(99, EPOLL_CTL_ADD, fd[0], &e));
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, 99, &e));
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, dir, &e));
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, set, &e));
    TRY(epoll_ctl(fd[0], EPOLL_CTL_ADD, fd[1], &e));
    TRY(epoll_ctl(set, 9, fd[0], &e));
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, fd[0], nowhere));
    TRY(epoll_wait(set, ev, 0, 0));
    TRY(epoll_wait(set, ev, minus, 0));
    TRY(epoll_wait(99, ev, 1, 0));
    TRY(epoll_wait(fd[0], ev, 1, 0));
    TRY(epoll_ctl(set, EPOLL_CTL_ADD, fd[1],
                  &(struct epoll_event){ .events = EPOLLOUT }));
    TRY(epoll_wait(set, nowhere, 1, 0));
    TRY(syscall(SYS_epoll_pwait, set, ev, 1, 0, &mask, 3));
    TRY(syscall(SYS_epoll_pwait, set, ev, 1, 0, nowhere, 8));
    TRY(syscall(SYS_epoll_pwait2, set, ev, 1, &bad, NULL, 0));
    TRY(read(set, ev, 1));
    TRY(write(set, ev, 1));
    close(fd[0]);
    close(fd[1]);
    close(dir);
    close(set);
}

static void on_signal(int sig)
{
    (void)sig;
}

static int sleeper(long unused)
{
    (void)unused;
    usleep(5000);
    kill(getppid(), SIGUSR1);
    return 0;
}

/* A signal ends a wait, also one that has come under the mask before. */
static void signals(void)
{
    int set = epoll_create(1);
    sigset_t mask, empty;
    pid_t pid;

    puts("signals");
    set_handler(SIGUSR1, on_signal, SA_RESTART);
    pid = spawn(sleeper, 0);
    TRY(epoll_wait(set, ev, 1, -1));
    EXPECT(reap(pid) == 0);
    sigemptyset(&empty);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGUSR1);
    TRY(epoll_wait(set, ev, 1, 1));
    TRY(epoll_pwait(set, ev, 1, -1, &empty));
    TRY(epoll_pwait(set, ev, 1, 1, &empty));
    TRY(syscall(SYS_epoll_pwait2, set, ev, 1,
                &(struct timespec){ 0, 1000000 }, NULL, 0));
    sigprocmask(SIG_SETMASK, NULL, &mask);
    printf("  still blocked %d\n", sigismember(&mask, SIGUSR1));
    close(set);
}

int main(void)
{
    alarm(60);
    counters();
    shared();
    sets();
    errors();
    signals();
    return 0;
}
