// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/timerfd_ticks.c - timers that are read from a descriptor
 *
 * Catches a timer that never fires, ticks that are lost or counted twice, and
 * one that keeps others from running, or the clock from jumping.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <fcntl.h>
#include "process.h"
#include "try.h"

/* The compiler knows of it. */
static void *volatile nowhere = (void *)8;

static struct itimerspec old;
static uint64_t ticks;

static int set(int fd, int flags, long first_ms, long interval_ms)
{
    struct itimerspec its = {
        .it_value = { first_ms / 1000, first_ms % 1000 * 1000000 },
        .it_interval = { interval_ms / 1000, interval_ms % 1000 * 1000000 },
    };

    return timerfd_settime(fd, flags, &its, &old);
}

static int ready(int fd, int timeout)
{
    struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

    return poll(&p, 1, timeout) > 0 ? p.revents : 0;
}

static void errors(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct itimerspec bad = { .it_value.tv_nsec = 1000000000 };
    struct itimerspec its = { .it_value.tv_sec = 1 };

    puts("errors");
    printf("  close-on-exec %d\n", fcntl(fd, F_GETFD));
    TRY(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    TRY(timerfd_create(CLOCK_MONOTONIC, 1));
    TRY(timerfd_settime(fd, 8, &its, NULL));
    TRY(timerfd_settime(fd, 0, &bad, NULL));
    TRY(timerfd_settime(fd, 0, nowhere, NULL));
    TRY(timerfd_settime(fd, 0, &its, nowhere));
    TRY(timerfd_settime(0, 0, &its, NULL));
    TRY(timerfd_settime(99, 0, &its, NULL));
    TRY(timerfd_gettime(0, &old));
    TRY(timerfd_gettime(99, &old));
    TRY(timerfd_gettime(fd, nowhere));
    TRY(read(fd, &ticks, 7));
    TRY(read(fd, &ticks, 8));
    TRY(write(fd, &ticks, 8));
    TRY(pread(fd, &ticks, 8, 0));
    close(fd);
}

static void once(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);

    puts("once");
    TRY(set(fd, 0, 500, 0));
    printf("  ready %d\n", ready(fd, 0));
    EXPECT(timerfd_gettime(fd, &old) == 0);
    printf("  left %d, interval %ld\n",
           old.it_value.tv_sec == 0 && old.it_value.tv_nsec > 0 &&
               old.it_value.tv_nsec <= 500000000,
           old.it_interval.tv_nsec);
    printf("  ready %d\n", ready(fd, -1));
    TRY(read(fd, &ticks, 8));
    printf("  ticks %d, ready %d\n", (int)ticks, ready(fd, 0));
    EXPECT(timerfd_gettime(fd, &old) == 0);
    printf("  left %ld\n", old.it_value.tv_nsec);
    TRY(set(fd, 0, 10, 0));
    TRY(read(fd, &ticks, 8)); /* waits */
    TRY(set(fd, 0, 900, 0));
    TRY(set(fd, 0, 0, 0));
    printf("  was set %d, ready %d\n", old.it_value.tv_nsec > 0, ready(fd, 20));
    close(fd);
}

static void interval(void)
{
    int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK);
    int poll_set = epoll_create(1);
    struct epoll_event ev = { .events = EPOLLIN };
    uint64_t sum = 0;

    puts("interval");
    EXPECT(epoll_ctl(poll_set, EPOLL_CTL_ADD, fd, &ev) == 0);
    TRY(epoll_wait(poll_set, &ev, 1, 0));
    TRY(set(fd, 0, 5, 20));
    while (sum < 4) {
        EXPECT(epoll_wait(poll_set, &ev, 1, -1) == 1);
        EXPECT(read(fd, &ticks, 8) == 8);
        sum += ticks;
    }
    TRY(set(fd, 0, 20, 20));
    printf("  interval was %ld\n", old.it_interval.tv_nsec);
    usleep(70000);
    TRY(read(fd, &ticks, 8));
    printf("  several %d\n", ticks >= 3);
    TRY(set(fd, 0, 1, 0));
    usleep(5000);
    TRY(set(fd, 0, 50000, 0)); /* what nobody has read is forgotten */
    printf("  ready %d\n", ready(fd, 0));
    close(fd);
    close(poll_set);
}

static void absolute(void)
{
    int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
    struct itimerspec its = { 0 };

    puts("absolute");
    clock_gettime(CLOCK_REALTIME, &its.it_value);
    its.it_value.tv_sec += 100;
    TRY(timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL));
    EXPECT(timerfd_gettime(fd, &old) == 0);
    printf("  left %d\n",
           old.it_value.tv_sec <= 100 && old.it_value.tv_sec > 50);
    TRY(read(fd, &ticks, 8));
    its.it_value.tv_sec -= 200;
    TRY(timerfd_settime(fd, TFD_TIMER_ABSTIME, &its, NULL));
    TRY(read(fd, &ticks, 8));
    printf("  ticks %d\n", (int)ticks);
    close(fd);
}

static int reader(long fd)
{
    return read((int)fd, &ticks, 8) == 8 ? 3 : 1;
}

/* The timer is the parent's, and the child waits for it. */
static void shared(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    pid_t pid = spawn(reader, fd);

    puts("shared");
    TRY(set(fd, 0, 10, 0));
    EXPECT(reap(pid) == 3);
    printf("  ready %d\n", ready(fd, 0));
    close(fd);
}

int main(void)
{
    alarm(60);
    errors();
    once();
    interval();
    absolute();
    shared();
    return 0;
}
