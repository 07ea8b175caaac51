// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/socket_waits.c - calls on sockets that wait, and what ends them
 *
 * Catches a wait that never ends or ends too early, one that stops others, a
 * call that begins anew where it must not, and one that does not where it must.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include "process.h"
#include "try.h"

static volatile int alarms;

static void on_alarm(int sig)
{
    (void)sig;
    alarms++;
}

/* Again and again: one may come before the call that it is to end. */
static void alarms_on(int flags)
{
    struct itimerval often = { .it_interval.tv_usec = 10000,
                               .it_value.tv_usec = 10000 };

    alarms = 0;
    set_handler(SIGALRM, on_alarm, flags);
    setitimer(ITIMER_REAL, &often, NULL);
}

static void alarms_off(void)
{
    struct itimerval off = { .it_value.tv_usec = 0 };

    setitimer(ITIMER_REAL, &off, NULL);
    signal(SIGALRM, SIG_DFL);
    printf("  alarms: %d\n", alarms > 0);
}

static void set_timeout(int s, int option, long usec)
{
    struct timeval tv = { usec / 1000000, usec % 1000000 };

    EXPECT(setsockopt(s, SOL_SOCKET, option, &tv, sizeof(tv)) == 0);
}

static struct sockaddr_un addr = { .sun_family = AF_UNIX,
                                   .sun_path = "waits.tmp" };

static void timeouts(void)
{
    int s[2], l = socket(AF_UNIX, SOCK_STREAM, 0);
    struct timeval tv;
    socklen_t len = sizeof(tv);
    static char big[1000000];
    struct iovec part = { big, 10 };
    struct mmsghdr in[2] = { { .msg_hdr = { .msg_iov = &part,
                                            .msg_iovlen = 1 } } };

    puts("timeouts");
    in[1] = in[0];
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    set_timeout(s[0], SO_RCVTIMEO, 20000);
    set_timeout(s[0], SO_SNDTIMEO, 2020000);
    EXPECT(getsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, &len) == 0);
    printf("  %ld %ld, %d bytes\n", (long)tv.tv_sec, (long)tv.tv_usec,
           (int)len);
    set_timeout(s[0], SO_SNDTIMEO, 20000);
    TRY(read(s[0], big, 10));
    TRY(recv(s[0], big, 10, MSG_WAITALL));
    EXPECT(write(s[1], "abc", 3) == 3);
    TRY(recv(s[0], big, 10, MSG_WAITALL));
    TRY(recvmmsg(s[0], in, 2, 0, NULL));
    EXPECT(write(s[1], "abc", 3) == 3);
    TRY(recvmmsg(s[0], in, 2, 0, NULL));
    long n = write(s[0], big, sizeof(big));
    printf("  a part: %d\n", n > 0 && n < (long)sizeof(big));
    TRY(write(s[0], big, sizeof(big)));
    EXPECT(bind(l, (void *)&addr, sizeof(addr)) == 0 && listen(l, 0) == 0);
    set_timeout(l, SO_RCVTIMEO, 20000);
    TRY(accept(l, NULL, NULL));
    EXPECT(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&addr,
                   sizeof(addr)) == 0);
    int c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    TRY(connect(c, (void *)&addr, sizeof(addr)));
    close(c);
    c = socket(AF_UNIX, SOCK_STREAM, 0);
    set_timeout(c, SO_SNDTIMEO, 20000);
    TRY(connect(c, (void *)&addr, sizeof(addr)));
    set_timeout(c, SO_SNDTIMEO, 0);
    EXPECT(getsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, &len) == 0);
    printf("  %ld %ld\n", (long)tv.tv_sec, (long)tv.tv_usec);
    tv.tv_usec = 1000000;
    TRY(setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
    TRY(setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &tv, 4));
    close(c);
    close(l);
    unlink("waits.tmp");
}

static int late_writer(long s)
{
    usleep(200000);
    return write(s, "late", 4);
}

static void signals(void)
{
    int s[2], u = socket(AF_INET, SOCK_DGRAM, 0);
    char buf[10];
    struct pollfd p;
    pid_t pid;

    puts("signals");
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    alarms_on(0);
    TRY(read(s[0], buf, 10));
    TRY(recv(s[0], buf, 10, 0));
    TRY(recv(u, buf, 10, 0));
    alarms_off();
    EXPECT(write(s[1], "abc", 3) == 3);
    alarms_on(SA_RESTART);
    TRY(recv(s[0], buf, 10, MSG_WAITALL));
    alarms_off();
    pid = spawn(late_writer, s[1]);
    alarms_on(SA_RESTART);
    TRY(recv(s[0], buf, 10, 0));
    alarms_off();
    printf("  child %d\n", reap(pid));
    /* With a timeout it does not begin anew. */
    set_timeout(s[0], SO_RCVTIMEO, 10000000);
    alarms_on(SA_RESTART);
    TRY(recv(s[0], buf, 10, 0));
    p = (struct pollfd){ s[0], POLLIN, 0 };
    TRY(poll(&p, 1, 10000));
    alarms_off();
    close(s[0]);
    close(s[1]);
    close(u);
}

static int slow_writer(long s)
{
    for (int i = 0; i < 5; i++) {
        usleep(5000);
        EXPECT(write(s, "0123456789", 10) == 10);
    }
    return 4;
}

static void all_of_it(void)
{
    char buf[100];
    int s[2], low = 15;
    pid_t pid;

    puts("all of it");
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    pid = spawn(slow_writer, s[1]);
    close(s[1]);
    TRY(recv(s[0], buf, 25, MSG_WAITALL));
    printf("  %.25s\n", buf);
    TRY(setsockopt(s[0], SOL_SOCKET, SO_RCVLOWAT, &low, sizeof(low)));
    long n = read(s[0], buf, 20);
    printf("  at least %d\n", n >= 15);
    TRY(recv(s[0], buf, 100, MSG_WAITALL) + n);
    printf("  child %d\n", reap(pid));
    close(s[0]);
}

static int other_end; /* which a child has, too */

/* Reads slowly what the parent writes at once. */
static int slow_reader(long s)
{
    static char buf[50000];
    long n, all = 0;

    close(other_end);
    while ((n = read(s, buf, sizeof(buf))) > 0) {
        all += n;
        usleep(1000);
    }
    return all == 1500000 ? 3 : 9;
}

static void big_writes(void)
{
    static char big[1500000];
    int s[2];
    pid_t pid;

    puts("big writes");
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    other_end = s[0];
    pid = spawn(slow_reader, s[1]);
    close(s[1]);
    TRY(write(s[0], big, sizeof(big)));
    close(s[0]);
    printf("  child %d\n", reap(pid));
}

/* Both directions of a pair in one set, with a child at the other end. */
static int echo(long s)
{
    char buf[10];
    long n;

    while ((n = read(s, buf, sizeof(buf))) > 0)
        EXPECT(write(s, buf, n) == n);
    return n == 0 ? 2 : 9;
}

static void sets(void)
{
    struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP }, got[4];
    int set = epoll_create1(0), s[3][2];
    fd_set in;
    char buf[10];
    pid_t pids[3];

    puts("sets");
    for (int i = 0; i < 3; i++) {
        EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, s[i]) == 0);
        ev.data.u32 = i;
        EXPECT(epoll_ctl(set, EPOLL_CTL_ADD, s[i][0], &ev) == 0);
        pids[i] = spawn(echo, s[i][1]);
        close(s[i][1]);
    }
    TRY(epoll_wait(set, got, 4, 10));
    for (int i = 0; i < 6; i++) {
        EXPECT(write(s[i % 3][0], "ping", 4) == 4);
        EXPECT(epoll_wait(set, got, 4, -1) == 1);
        EXPECT((int)got[0].data.u32 == i % 3 && got[0].events == EPOLLIN);
        EXPECT(read(s[i % 3][0], buf, 10) == 4);
    }
    FD_ZERO(&in);
    FD_SET(s[1][0], &in);
    EXPECT(write(s[1][0], "x", 1) == 1);
    TRY(select(s[1][0] + 1, &in, NULL, NULL, NULL) > 0);
    EXPECT(read(s[1][0], buf, 10) == 1);
    for (int i = 0; i < 3; i++) {
        EXPECT(shutdown(s[i][0], SHUT_WR) == 0);
        EXPECT(epoll_wait(set, got, 4, -1) == 1);
        printf("  %u: %x, child", got[0].data.u32, got[0].events);
        printf(" %d\n", reap(pids[i]));
        EXPECT(epoll_wait(set, got, 4, 0) == 1);
        printf("  %u: %x\n", got[0].data.u32, got[0].events);
        EXPECT(epoll_ctl(set, EPOLL_CTL_DEL, s[i][0], NULL) == 0);
        close(s[i][0]);
    }
    close(set);
}

/* A listener whose queue is full, and who waits for it. */
static int one_client(long unused)
{
    int c = socket(AF_UNIX, SOCK_STREAM, 0);
    char buf;

    (void)unused;
    EXPECT(connect(c, (void *)&addr, sizeof(addr)) == 0);
    EXPECT(write(c, "c", 1) == 1 && read(c, &buf, 1) == 0);
    return 1;
}

static void full_queue(void)
{
    int l = socket(AF_UNIX, SOCK_STREAM, 0), all = 0;
    pid_t pids[6];
    char buf;

    puts("full queue");
    EXPECT(bind(l, (void *)&addr, sizeof(addr)) == 0 && listen(l, 1) == 0);
    for (int i = 0; i < 6; i++)
        pids[i] = spawn(one_client, i);
    usleep(20000);
    for (int i = 0; i < 6; i++) {
        int c = accept(l, NULL, NULL);

        EXPECT(c >= 0 && read(c, &buf, 1) == 1);
        close(c);
    }
    for (int i = 0; i < 6; i++)
        all += reap(pids[i]);
    printf("  %d clients\n", all);
    close(l);
    unlink("waits.tmp");
}

int main(void)
{
    alarm(60);
    timeouts();
    signals();
    alarm(60);
    all_of_it();
    big_writes();
    sets();
    full_queue();
    return 0;
}
