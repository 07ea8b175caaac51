// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/wait_shared_args.c - the arguments of a call that waits are in shared
 * memory, and another process changes them meanwhile
 *
 * Catches a call that reads them again when it goes on: a vector made
 * shorter, a set of descriptors emptied, a lock moved, a descriptor closed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <time.h>
#include "process.h"

#define TURNS  4 /* until the other one surely waits */
#define VECTOR 1024
#define BYTES  (256 * 1024)

static struct shared {
    struct iovec vec[VECTOR];
    struct pollfd poll[2];
    fd_set in;
    struct timeval tv;
    struct timespec ts;
    sigset_t set;
    struct flock lock;
} *s;

static char buf[BYTES];

static void let_it_wait(void)
{
    for (int i = 0; i < TURNS; i++)
        usleep(50000);
}

/* Drains a pipe slowly, after the vector that fills it is gone. */
static int shorten(long fd)
{
    static char in[BYTES];
    long sum = 0, n;

    let_it_wait();
    memset(s->vec, 0, sizeof(s->vec));
    s->vec[0].iov_base = (void *)8;
    s->vec[1].iov_len = -1;
    while (sum < BYTES && (n = read(fd, in, sizeof(in))) > 0)
        sum += n;
    return sum == BYTES;
}

static void write_vector(void)
{
    struct channel c = channel_open();
    pid_t pid;

    memset(s->vec, 0, sizeof(s->vec));
    s->vec[0] = (struct iovec){ buf, BYTES / 2 };
    s->vec[7] = (struct iovec){ buf + BYTES / 2, BYTES / 2 };
    pid = spawn(shorten, c.r);
    printf("writev %ld\n", (long)writev(c.w, s->vec, VECTOR));
    EXPECT(reap(pid) == 1);
    channel_close(&c);
}

static int send_late(long fd)
{
    let_it_wait();
    memset(s, 0xff, sizeof(*s));
    return write(fd, "hello", 5) != 5;
}

static void read_vector(void)
{
    struct channel c = channel_open();
    char a[4] = "", b[4] = "";
    pid_t pid;

    memset(s->vec, 0, sizeof(s->vec));
    s->vec[0] = (struct iovec){ a, 3 };
    s->vec[1] = (struct iovec){ b, 3 };
    pid = spawn(send_late, c.w);
    printf("readv %ld", (long)readv(c.r, s->vec, 2));
    printf(" %s %s\n", a, b);
    EXPECT(reap(pid) == 0);
    channel_close(&c);
}

static void poll_sets(void)
{
    struct channel c = channel_open();
    char text[5];
    pid_t pid;
    int n;

    s->poll[0] = (struct pollfd){ .fd = -1, .events = POLLIN };
    s->poll[1] = (struct pollfd){ .fd = c.r, .events = POLLIN };
    pid = spawn(send_late, c.w);
    n = poll(s->poll, 2, 60000);
    printf("poll %d revents %d %d\n", n, s->poll[0].revents,
           s->poll[1].revents == POLLIN);
    EXPECT(reap(pid) == 0 && read(c.r, text, 5) == 5);

    FD_ZERO(&s->in);
    FD_SET(c.r, &s->in);
    s->tv = (struct timeval){ 60, 0 };
    pid = spawn(send_late, c.w);
    n = select(c.r + 1, &s->in, NULL, NULL, &s->tv);
    printf("select %d %d\n", n, FD_ISSET(c.r, &s->in) != 0);
    EXPECT(reap(pid) == 0);
    channel_close(&c);
}

static int usr1_late(long pid)
{
    let_it_wait();
    memset(s, 0, sizeof(*s));
    return kill((pid_t)pid, SIGUSR1);
}

static void wait_signal(void)
{
    pid_t pid;

    sigemptyset(&s->set);
    sigaddset(&s->set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &s->set, NULL);
    s->ts = (struct timespec){ 60, 0 };
    pid = spawn(usr1_late, getpid());
    printf("sigtimedwait %d\n", sigtimedwait(&s->set, NULL, &s->ts) == SIGUSR1);
    EXPECT(reap(pid) == 0);
}

static int no_sleep(long unused)
{
    (void)unused;
    let_it_wait();
    s->ts = (struct timespec){ -1, -1 };
    return 0;
}

static void sleep_long(void)
{
    pid_t pid = spawn(no_sleep, 0);

    s->ts = (struct timespec){ 0, 50000000 };
    printf("nanosleep %d\n", nanosleep(&s->ts, NULL));
    EXPECT(reap(pid) == 0);
}

/* Holds bytes 0 to 9, and moves the lock that the other one waits for. */
static int hold_bytes(long fd)
{
    struct flock l = { .l_type = F_WRLCK, .l_len = 10 };
    char go = 'g';

    EXPECT(fcntl((int)fd, F_SETLK, &l) == 0);
    EXPECT(write(1 + (int)fd, &go, 1) == 1);
    let_it_wait();
    s->lock.l_start = 100;
    s->lock.l_type = F_UNLCK;
    l.l_type = F_UNLCK;
    return fcntl((int)fd, F_SETLK, &l);
}

static void wait_lock(void)
{
    char name[] = "locked-XXXXXX", go;
    struct flock l = { .l_type = F_WRLCK };
    int fd = mkstemp(name), p[2];
    pid_t pid;

    EXPECT(unlink(name) == 0 && pipe(p) == 0);
    EXPECT(dup2(p[1], fd + 10) == fd + 10 && dup2(fd, fd + 9) == fd + 9);
    pid = spawn(hold_bytes, fd + 9);
    EXPECT(read(p[0], &go, 1) == 1);
    s->lock = (struct flock){ .l_type = F_WRLCK, .l_start = 5, .l_len = 1 };
    EXPECT(fcntl(fd, F_SETLKW, &s->lock) == 0);
    EXPECT(reap(pid) == 0);
    pid = fork_child();
    if (pid == 0) {
        EXPECT(fcntl(fd, F_GETLK, &l) == 0);
        printf("locked %d from %ld, %ld bytes\n", l.l_type == F_WRLCK,
               (long)l.l_start, (long)l.l_len);
        fflush(stdout);
        _exit(0);
    }
    EXPECT(reap(pid) == 0);
}

/* ---- processes that share their descriptors */

static int put_other(void *arg)
{
    int *p = arg, other[2];

    let_it_wait();
    EXPECT(pipe(other) == 0 && write(other[1], "WRONG", 5) == 5);
    EXPECT(dup2(other[0], p[0]) == p[0]); /* the one that is read */
    let_it_wait();
    EXPECT(write(p[1], "right", 5) == 5);
    close(other[0]);
    close(other[1]);
    return 0;
}

static void replace_descriptor(int by_poll)
{
    static char stack[65536] __attribute__((aligned(16)));
    char text[8] = "";
    struct pollfd f;
    int p[2];
    pid_t pid;

    EXPECT(pipe(p) == 0);
    fflush(stdout);
    pid = clone(put_other, stack + sizeof(stack) - 1024, CLONE_FILES | SIGCHLD,
                p);
    EXPECT(pid > 0);
    f = (struct pollfd){ .fd = p[0], .events = POLLIN };
    if (by_poll)
        printf("poll %d", poll(&f, 1, 60000));
    printf(" read %ld", (long)read(p[0], text, 5));
    printf(" %s\n", text);
    EXPECT(reap(pid) == 0);
    close(p[0]);
    close(p[1]);
}

int main(void)
{
    alarm(60);
    s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(s != MAP_FAILED);
    write_vector();
    read_vector();
    poll_sets();
    wait_signal();
    sleep_long();
    wait_lock();
    replace_descriptor(0);
    replace_descriptor(1);
    return 0;
}
