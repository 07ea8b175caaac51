// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What threads and processes do with each other: threads WHAT
 *
 *      create  threads made and joined, 10,000
 *      mutex   a turn that goes round, mutex and condition, 50,000 times
 *      futex   the same by futexes alone
 *      signal  to a thread, and back by a flag, 10,000 times
 *      fork    children made and waited for, 2,000
 *      pipe    a byte that goes round between two processes, 50,000 times
 *      socket  the same through a pair of sockets
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 10000
#define ROUNDS  50000
#define SIGNALS 10000
#define FORKS   2000

static pthread_t start(void *(*fn)(void *), void *arg)
{
    pthread_t t;

    if (pthread_create(&t, NULL, fn, arg) != 0)
        exit(1);
    return t;
}

static void *same(void *arg)
{
    return arg;
}

static long create(void)
{
    long sum = 0;

    for (long i = 0; i < THREADS; i++) {
        void *value;

        pthread_join(start(same, (void *)i), &value);
        sum += (long)value;
    }
    return sum;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long turn;

static void *in_turn(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        while (turn % 2 != (long)arg)
            pthread_cond_wait(&changed, &lock);
        turn++;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static long mutex(void)
{
    pthread_t t = start(in_turn, (void *)0L);

    in_turn((void *)1L);
    pthread_join(t, NULL);
    return turn;
}

static atomic_int ping, pong;

static void wait_while(atomic_int *at, int value)
{
    while (atomic_load(at) == value)
        syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void count_up(atomic_int *at)
{
    atomic_fetch_add(at, 1);
    syscall(SYS_futex, at, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *answers(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        wait_while(&ping, i);
        count_up(&pong);
    }
    return arg;
}

static long futex(void)
{
    pthread_t t = start(answers, NULL);

    for (int i = 0; i < ROUNDS; i++) {
        count_up(&ping);
        wait_while(&pong, i);
    }
    pthread_join(t, NULL);
    return pong;
}

static atomic_int handled;

static void handler(int sig)
{
    (void)sig;
    handled++;
}

static void *paused(void *arg)
{
    for (;;)
        pause();
    return arg;
}

static long signals(void)
{
    pthread_t t;

    signal(SIGUSR1, handler);
    t = start(paused, NULL);
    for (int i = 0; i < SIGNALS; i++) {
        pthread_kill(t, SIGUSR1);
        while (atomic_load(&handled) == i)
            sched_yield();
    }
    return handled;
}

static long forks(void)
{
    long sum = 0;

    for (int i = 0; i < FORKS; i++) {
        pid_t pid = fork();
        int status;

        if (pid == 0)
            _exit(i & 1);
        if (waitpid(pid, &status, 0) != pid)
            return -1;
        sum += WEXITSTATUS(status);
    }
    return sum;
}

/* @in, @out: of this process; the other has the ends of both. */
static long go_round(int in, int out, int other_in, int other_out)
{
    char byte = 1;
    long n = 0;

    if (fork() == 0) {
        for (int i = 0; i < ROUNDS; i++)
            if (read(other_in, &byte, 1) != 1 ||
                write(other_out, &byte, 1) != 1)
                _exit(1);
        _exit(0);
    }
    for (int i = 0; i < ROUNDS; i++)
        n += write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1;
    wait(NULL);
    return n;
}

static long pipes(void)
{
    int there[2], back[2];

    if (pipe(there) != 0 || pipe(back) != 0)
        return -1;
    return go_round(back[0], there[1], there[0], back[1]);
}

static long sockets(void)
{
    int s[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) != 0)
        return -1;
    return go_round(s[0], s[0], s[1], s[1]);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        long (*run)(void);
    } kinds[] = {{"create", create}, {"mutex", mutex},   {"futex", futex},
                 {"signal", signals}, {"fork", forks},   {"pipe", pipes},
                 {"socket", sockets}};

    for (size_t i = 0; argc > 1 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(argv[1], kinds[i].name) == 0) {
            printf("%ld\n", kinds[i].run());
            fflush(stdout);
            _exit(0); /* a thread may still wait */
        }
    return 2;
}
