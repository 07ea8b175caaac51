// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sigpipe.c - writing to a pipe that nobody reads
 *
 * Catches a missing SIGPIPE or EPIPE, one that comes too early because a
 * copy of the read end is still open, and what was written before.
 */
#include "process.h"

static volatile int pipes;

static void on_pipe(int sig)
{
    (void)sig;
    pipes++;
}

static struct channel c, go;

/* Writes until it cannot; how says what SIGPIPE does. */
static int writer(long how)
{
    long value = 1, n;

    close(c.r);
    if (how == 1)
        signal(SIGPIPE, SIG_IGN);
    if (how == 2)
        set_handler(SIGPIPE, on_pipe, 0);
    say(&c, value);
    hear(&go);
    n = write(c.w, &value, sizeof(value));
    if (n == -1 && errno == EPIPE)
        return 10 + pipes;
    return n > 0 ? 50 : 60;
}

static void broken(int how)
{
    pid_t pid;

    c = channel_open();
    pid = spawn(writer, how);
    close(c.w);
    EXPECT(hear(&c) == 1);
    close(c.r);
    say(&go, 1);
    printf("how %d: %d\n", how, reap(pid));
}

/* The first of three that is left alone ends by SIGPIPE. */
static void chain(void)
{
    struct channel a = channel_open(), b = channel_open();
    long value, sum = 0;
    pid_t first, second;

    first = fork_child();
    if (first == 0) {
        close(a.r);
        channel_close(&b);
        for (long i = 0;; i++)
            say(&a, i);
    }
    second = fork_child();
    if (second == 0) {
        close(a.w);
        close(b.r);
        while ((value = hear(&a)) != -1)
            say(&b, value * 2);
    }
    channel_close(&a);
    close(b.w);
    for (int i = 0; i < 100; i++)
        sum += hear(&b);
    close(b.r);
    printf("chain: %ld,", sum);
    printf(" second %d,", reap(second));
    printf(" first %d\n", reap(first));
}

int main(void)
{
    pid_t pid;

    alarm(60);
    go = channel_open();
    for (int how = 0; how < 3; how++)
        broken(how);
    chain();

    /* a child that still has the read end keeps the pipe alive */
    c = channel_open();
    set_handler(SIGPIPE, on_pipe, 0);
    pid = fork_child();
    if (pid == 0) {
        close(c.w);
        hear(&go);
        _exit(hear(&c) == 5 ? 0 : 1);
    }
    close(c.r);
    say(&c, 5);
    say(&go, 1);
    EXPECT(reap(pid) == 0 && pipes == 0);
    pid = write(c.w, "x", 1);
    printf("then %d, %s, %d signal\n", (int)pid, strerror(errno), pipes);
    return 0;
}
