/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.h - what the plain guests with several processes share
 *
 * Order comes from pipes and from wait, never from the scheduler.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "plain.h"

#define PAGE 8192L

/* The same place in a table of System V IPC, at another time: an id that no
 * other program of this machine can have. */
#define OTHER_TIME 0x40000000

/* In any process: say which fact is wrong, and end. */
#define EXPECT(fact)                                                    \
    do {                                                                \
        if (!(fact)) {                                                  \
            printf("line %d: not true: %s\n", __LINE__, #fact);         \
            fflush(stdout);                                             \
            _exit(90);                                                  \
        }                                                               \
    } while (0)

/* A pipe that carries whole numbers. */
struct channel {
    int r, w;
};

static inline struct channel channel_open(void)
{
    int fd[2] = { -1, -1 };

    EXPECT(pipe(fd) == 0);
    return (struct channel){ fd[0], fd[1] };
}

static inline void channel_close(struct channel *c)
{
    close(c->r);
    close(c->w);
}

static inline void say(struct channel *c, long value)
{
    EXPECT(write(c->w, &value, sizeof(value)) == sizeof(value));
}

/* The next number, -1 when no process can write any more. */
static inline long hear(struct channel *c)
{
    long value, n;

    do
        n = read(c->r, &value, sizeof(value));
    while (n < 0 && errno == EINTR);
    EXPECT(n == 0 || n == sizeof(value));
    return n ? value : -1;
}

/* The next two, of processes that go on at the same time, in order. */
static inline void say_two(struct channel *c)
{
    long a = hear(c), b = hear(c);

    printf("  got %ld %ld\n", a < b ? a : b, a < b ? b : a);
}

/* fork() that does not copy pending output and that cannot hang. */
static inline pid_t fork_child(void)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0)
        alarm(60);
    return pid;
}

/* A child that runs fn(arg) and exits with what it returns. */
static inline pid_t spawn(int (*fn)(long), long arg)
{
    pid_t pid = fork_child();

    if (pid == 0) {
        int code = fn(arg);

        fflush(stdout);
        _exit(code);
    }
    return pid;
}

/* Wait for this child: its exit code, 128 + n after signal n. */
static inline int reap(pid_t pid)
{
    int status;
    pid_t got;

    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    EXPECT(got == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* No child is left. */
static inline int no_children(void)
{
    return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

/* Signals that dump core leave no file. */
static inline void no_core(void)
{
    struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
}

static inline void set_handler(int sig, void (*handler)(int), int flags)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = handler;
    sa.sa_flags = flags;
    sigaction(sig, &sa, NULL);
}

#endif
