// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/pipe_order.c - sleeping processes, put in order by pipes
 *
 * Children that sleep for different times pass a token; the output is theirs,
 * in the token's order. Catches a sleep that stops everyone, and a wake-up
 * of the wrong process.
 */
#include <sched.h>
#include <time.h>
#include "process.h"

#define CHILDREN 6

static struct channel turn[CHILDREN + 1];

static void nap(long usec)
{
    struct timespec t = { 0, usec * 1000 };

    EXPECT(nanosleep(&t, NULL) == 0);
}

static long now_usec(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Writes its line when it has the token, whoever slept least. */
static int child(long n)
{
    static const long naps[] = { 9000, 100, 5000, 0, 7000, 2000 };

    for (int round = 0; round < 3; round++) {
        long token;

        nap(naps[(n + round) % CHILDREN]);
        token = hear(&turn[n]);
        printf("child %ld round %d token %ld\n", n, round, token);
        fflush(stdout);
        for (int i = 0; i < 5; i++)
            sched_yield();
        say(&turn[n + 1], token + n);
    }
    return n;
}

/* All sleep at the same time: not one after the other. */
static void together(void)
{
    long start = now_usec(), took;
    pid_t pids[20];

    for (int i = 0; i < 20; i++) {
        pids[i] = fork_child();
        if (pids[i] == 0) {
            nap(250000);
            _exit(now_usec() - start >= 250000 ? i : 99);
        }
    }
    for (int i = 0; i < 20; i++)
        EXPECT(reap(pids[i]) == i);
    took = now_usec() - start;
    printf("together %s\n", took >= 250000 && took < 4000000 ? "ok" : "WRONG");
}

/* A child that never sleeps does not keep the others from their turn. */
static void busy(void)
{
    struct channel c = channel_open();
    pid_t pid = fork_child();

    if (pid == 0)
        for (volatile unsigned long i = 0;; i++)
            ;
    for (int i = 0; i < 5; i++) {
        nap(1000);
        say(&c, i);
        EXPECT(hear(&c) == i);
    }
    EXPECT(waitpid(pid, NULL, WNOHANG) == 0 && kill(pid, SIGTERM) == 0);
    printf("busy %d\n", reap(pid));
}

int main(void)
{
    pid_t pids[CHILDREN];
    long token = 1;

    alarm(60);
    for (int i = 0; i <= CHILDREN; i++)
        turn[i] = channel_open();
    for (int i = 0; i < CHILDREN; i++)
        pids[i] = spawn(child, i);
    for (int round = 0; round < 3; round++) {
        say(&turn[0], token);
        token = hear(&turn[CHILDREN]);
    }
    for (int i = 0; i < CHILDREN; i++)
        EXPECT(reap(pids[i]) == i);
    printf("token %ld\n", token);
    together();
    busy();
    return 0;
}
