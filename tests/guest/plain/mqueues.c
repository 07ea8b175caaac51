// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/mqueues.c - message queues of POSIX
 *
 * Catches messages in the wrong order, waits that do not end or that stop the
 * others, times that are not kept, flags that the host's own are shown for, and
 * errors that are others.  The same program on this machine is the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include "process.h"
#include "try.h"

static char name[40], other[60];
static mqd_t queue;

static void show(mqd_t q)
{
    struct mq_attr attr = { 0 };

    if (mq_getattr(q, &attr))
        printf("  no attributes: %s\n", strerrorname_np(errno));
    else
        printf("  nonblock %d maxmsg %ld msgsize %ld curmsgs %ld\n",
               !!(attr.mq_flags & O_NONBLOCK), attr.mq_maxmsg, attr.mq_msgsize,
               attr.mq_curmsgs);
}

static void get(mqd_t q)
{
    char text[100] = "";
    unsigned prio = 99;
    ssize_t n = mq_receive(q, text, sizeof(text) - 1, &prio);

    if (n < 0)
        printf("  received %s\n", strerrorname_np(errno));
    else
        printf("  received %zd \"%.*s\" priority %u\n", n, (int)n, text, prio);
}

static void order(void)
{
    puts("order");
    TRY_DONE(mq_send(queue, "low", 3, 1));
    TRY_DONE(mq_send(queue, "high", 4, 30));
    TRY_DONE(mq_send(queue, "low too", 7, 1));
    show(queue);
    get(queue);
    get(queue);
    get(queue);
    TRY_DONE(mq_send(queue, "", 0, 0));
    get(queue);
}

static void refused(void)
{
    struct mq_attr attr = { .mq_maxmsg = 0, .mq_msgsize = 10 };
    struct timespec wrong = { 0, -1 };
    mqd_t reader = mq_open(name, O_RDONLY), writer = mq_open(name, O_WRONLY);
    int file = open("f", O_RDWR | O_CREAT, 0600);
    char text[40];

    puts("refused");
    TRY_DONE(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
    TRY_DONE(mq_open(other, O_RDWR));
    TRY_DONE(mq_open("no slash", O_RDWR));
    TRY_DONE(mq_open(other, O_RDWR | O_CREAT, 0600, &attr));
    TRY_DONE(mq_unlink(other));
    TRY_DONE(mq_send(queue, "x", 1, 40000));
    TRY_DONE(mq_send(queue, text, 33, 1));
    TRY_DONE(mq_send(reader, "x", 1, 1));
    TRY_DONE(mq_receive(writer, text, 40, NULL));
    TRY_DONE(mq_receive(queue, text, 31, NULL));
    TRY_DONE(mq_send(file, "x", 1, 1));
    TRY_DONE(mq_getattr(file, &attr));
    TRY_DONE(mq_timedsend(queue, "x", 1, 1, &wrong));
    TRY_DONE(mq_close(reader));
    TRY_DONE(mq_close(writer));
    close(file);
    unlink("f");
}

static void without_waiting(void)
{
    struct mq_attr attr = { .mq_flags = O_NONBLOCK }, old;
    struct pollfd p = { .fd = queue, .events = POLLIN | POLLOUT };

    puts("without waiting");
    TRY_DONE(mq_setattr(queue, &attr, NULL));
    show(queue);
    get(queue);
    TRY(poll(&p, 1, 0));
    printf("  events %x\n", p.revents);
    for (int i = 0; i < 4; i++)
        TRY_DONE(mq_send(queue, "fill", 4, 2));
    TRY(poll(&p, 1, 0));
    printf("  events %x\n", p.revents);
    for (int i = 0; i < 4; i++)
        get(queue);
    attr.mq_flags = 0;
    TRY_DONE(mq_setattr(queue, &attr, &old));
    printf("  was %d\n", old.mq_flags == O_NONBLOCK);
    attr.mq_flags = O_APPEND;
    TRY_DONE(mq_setattr(queue, &attr, NULL));
}

static void on_alarm(int sig)
{
    (void)sig;
}

static int sender(long unused)
{
    (void)unused;
    mq_send(queue, "from a child", 12, 5);
    for (int i = 0; i < 4; i++)
        mq_send(queue, "one of four", 11, 1);
    return 0;
}

static void waiting(void)
{
    struct timespec at;
    char text[40];
    pid_t child;

    puts("waiting");
    child = spawn(sender, 0);
    get(queue);
    TRY(reap(child));
    child = spawn(sender, 0); /* the queue is full */
    for (int i = 0; i < 9; i++)
        get(queue);
    TRY(reap(child));
    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += 20000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    TRY_DONE(mq_timedreceive(queue, text, 40, NULL, &at));
    at.tv_sec = 5;
    TRY_DONE(mq_timedreceive(queue, text, 40, NULL, &at));
    set_handler(SIGALRM, on_alarm, 0);
    ualarm(20000, 0);
    TRY_DONE(mq_receive(queue, text, 40, NULL));
}

int main(void)
{
    struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 32 };

    /* Queues have no folder: other runs have others. */
    snprintf(name, sizeof(name), "/adiemu.%llx",
             (unsigned long long)fold_bytes(FOLD_START, getcwd(NULL, 0),
                                            strlen(getcwd(NULL, 0))));
    snprintf(other, sizeof(other), "%s.none", name);
    umask(022);
    mq_unlink(name);
    queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
    TRY_DONE(queue);
    show(queue);
    order();
    refused();
    without_waiting();
    waiting();
    TRY_DONE(mq_unlink(name));
    TRY_DONE(mq_close(queue));
    TRY_DONE(mq_close(queue));
    return 0;
}
