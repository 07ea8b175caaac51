// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/futex_pi.c - locks whose word names their owner
 *
 * Catches a lock that two have, that is not handed to who waits, or is lost
 * with its owner, a word that says too little, a circle of owners that nobody
 * sees, and errors that are taken for others.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include "process.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static atomic_uint word, other;
static sem_t ready, go_on;

static long futex(atomic_uint *at, int op, const struct timespec *timeout)
{
    return syscall(SYS_futex, at, op | FUTEX_PRIVATE_FLAG, 1, timeout, NULL, 0);
}

static void say_result(const char *what, long r)
{
    printf("%s: %s\n", what, r < 0 ? strerrorname_np(errno) : "ok");
}

static unsigned self(void)
{
    return (unsigned)syscall(SYS_gettid);
}

static const char *whose(unsigned value)
{
    static char text[64];

    snprintf(text, sizeof(text), "%s%s%s",
             value & FUTEX_WAITERS ? "waiters " : "",
             value & FUTEX_OWNER_DIED ? "died " : "",
             (value & FUTEX_TID_MASK) == 0      ? "nobody's"
             : (value & FUTEX_TID_MASK) == self() ? "ours"
                                                : "another's");
    return text;
}

static pthread_t start(void *(*fn)(void *), void *arg)
{
    pthread_t t;

    EXPECT(pthread_create(&t, NULL, fn, arg) == 0);
    return t;
}

static long join(pthread_t t)
{
    void *value;

    EXPECT(pthread_join(t, &value) == 0);
    return (long)value;
}

/* Until somebody sleeps for it. */
static void until_waited_for(atomic_uint *at)
{
    while (!(atomic_load(at) & FUTEX_WAITERS))
        sched_yield();
}

/* ------------------------------------------------------------ one thread */

static void alone(void)
{
    struct timespec past = { 1, 0 }, bad = { 0, 2000000000 };

    say_result("lock", futex(&word, FUTEX_LOCK_PI, NULL));
    printf("it is %s\n", whose(word));
    say_result("lock it again", futex(&word, FUTEX_LOCK_PI, NULL));
    say_result("try it again", futex(&word, FUTEX_TRYLOCK_PI, NULL));
    say_result("unlock", futex(&word, FUTEX_UNLOCK_PI, NULL));
    printf("it is %s\n", whose(word));
    say_result("unlock what is nobody's", futex(&word, FUTEX_UNLOCK_PI, NULL));
    word = FUTEX_OWNER_DIED;
    say_result("lock a dead one's", futex(&word, FUTEX_TRYLOCK_PI, NULL));
    printf("it is %s\n", whose(word));
    word = 0x3ffffff0; /* a thread that there is not */
    say_result("lock nobody's", futex(&word, FUTEX_LOCK_PI, NULL));
    word = 0;
    say_result("a date that was", futex(&word, FUTEX_LOCK_PI, &past));
    word = 0;
    say_result("no date", futex(&word, FUTEX_LOCK_PI, &bad));
    say_result("no such operation", futex(&word, FUTEX_WAKE | 0x400, NULL));
    say_result("not aligned",
               syscall(SYS_futex, (char *)&word + 1, FUTEX_LOCK_PI, 0, NULL,
                       NULL, 0));
    word = 0;
}

/* ----------------------------------------------------------- two of them */

static void *keep(void *arg)
{
    EXPECT(futex(arg, FUTEX_LOCK_PI, NULL) == 0);
    sem_post(&ready);
    sem_wait(&go_on);
    EXPECT(futex(arg, FUTEX_UNLOCK_PI, NULL) == 0);
    return NULL;
}

static void *take(void *arg)
{
    long r = futex(arg, FUTEX_LOCK_PI, NULL);

    EXPECT(r == 0 && (word & FUTEX_TID_MASK) == self());
    EXPECT(futex(arg, FUTEX_UNLOCK_PI, NULL) == 0);
    return NULL;
}

static void handed(void)
{
    struct timespec soon;
    pthread_t t = start(keep, &word), u;

    sem_wait(&ready);
    printf("it is %s\n", whose(word));
    say_result("try another's", futex(&word, FUTEX_TRYLOCK_PI, NULL));
    say_result("unlock another's", futex(&word, FUTEX_UNLOCK_PI, NULL));
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 1000000;
    soon.tv_sec += soon.tv_nsec / 1000000000;
    soon.tv_nsec %= 1000000000;
    say_result("until a date", futex(&word, FUTEX_LOCK_PI, &soon));
    clock_gettime(CLOCK_MONOTONIC, &soon);
    say_result("until a time", futex(&word, FUTEX_LOCK_PI2, &soon));
    say_result("wake one who waits for a lock",
               syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    u = start(take, &word);
    until_waited_for(&word);
    sem_post(&go_on);
    join(t);
    join(u);
    printf("it is %s\n", whose(word));
}

static void *end_with_it(void *arg)
{
    EXPECT(futex(arg, FUTEX_LOCK_PI, NULL) == 0);
    sem_post(&ready);
    until_waited_for(arg);
    for (int i = 0; i < 3; i++) {
        struct timespec a_while = { 0, 3000000 };

        nanosleep(&a_while, NULL); /* it sleeps by now */
    }
    syscall(SYS_exit, 0); /* not robust: the kernel knows all the same */
    return NULL;
}

static void dead_owner(void)
{
    pthread_attr_t attr;
    pthread_t t;

    word = 0;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    EXPECT(pthread_create(&t, &attr, end_with_it, &word) == 0);
    sem_wait(&ready);
    say_result("lock of one that ends", futex(&word, FUTEX_LOCK_PI, NULL));
    printf("it is %s\n", whose(word));
    word = 0;
}

/* We have one, and wait for another, whose owner waits for ours. */
static void *circle(void *arg)
{
    (void)arg;
    EXPECT(futex(&other, FUTEX_LOCK_PI, NULL) == 0);
    sem_post(&ready);
    EXPECT(futex(&word, FUTEX_LOCK_PI, NULL) == 0);
    EXPECT(futex(&word, FUTEX_UNLOCK_PI, NULL) == 0);
    EXPECT(futex(&other, FUTEX_UNLOCK_PI, NULL) == 0);
    return NULL;
}

static void circles(void)
{
    struct timespec a_while = { 0, 10000000 };
    pthread_t t;

    word = other = 0;
    EXPECT(futex(&word, FUTEX_LOCK_PI, NULL) == 0);
    t = start(circle, NULL);
    sem_wait(&ready);
    until_waited_for(&word);
    nanosleep(&a_while, NULL);
    say_result("a circle", futex(&other, FUTEX_LOCK_PI, NULL));
    EXPECT(futex(&word, FUTEX_UNLOCK_PI, NULL) == 0);
    join(t);
    word = other = 0;
}

/* ------------------------------------------------------------------- libc's */

static pthread_mutex_t mutex;
static long counter;

static void *count(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        if (i % 50 == 0)
            sched_yield();
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

static void *lock_and_end(void *arg)
{
    EXPECT(pthread_mutex_lock(&mutex) == 0);
    return arg;
}

static void of_libc(void)
{
    pthread_mutexattr_t attr;
    pthread_t t[5];

    pthread_mutexattr_init(&attr);
    EXPECT(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT) == 0);
    EXPECT(pthread_mutex_init(&mutex, &attr) == 0);
    for (int i = 0; i < 5; i++)
        t[i] = start(count, NULL);
    for (int i = 0; i < 5; i++)
        join(t[i]);
    printf("counted %ld\n", counter);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    EXPECT(pthread_mutex_init(&mutex, &attr) == 0);
    join(start(lock_and_end, NULL));
    printf("of a dead one: %s\n",
           strerrorname_np(pthread_mutex_lock(&mutex)));
    pthread_mutex_consistent(&mutex);
    printf("unlock: %d\n", pthread_mutex_unlock(&mutex));
}

/* Between processes. */
static void shared(void)
{
    atomic_uint *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct channel c = channel_open();
    pid_t pid;

    EXPECT(at != MAP_FAILED);
    EXPECT(syscall(SYS_futex, at, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
    pid = fork_child();
    if (pid == 0) {
        EXPECT(syscall(SYS_futex, at, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
        say(&c, (*at & FUTEX_TID_MASK) == self());
        _exit(0); /* with it */
    }
    until_waited_for(at);
    EXPECT(syscall(SYS_futex, at, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
    printf("the child has it: %ld\n", hear(&c));
    EXPECT(waitpid(pid, NULL, 0) == pid);
    say_result("lock of a dead process",
               syscall(SYS_futex, at, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
}

static char *self_name;

/* exec gives a thread the number of the first: it is the same one. */
static void *exec_with_it(void *arg)
{
    EXPECT(syscall(SYS_futex, arg, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
    until_waited_for(arg);
    for (int i = 0; i < 3; i++) {
        struct timespec a_while = { 0, 3000000 };

        nanosleep(&a_while, NULL); /* it sleeps by now */
    }
    execl(self_name, self_name, "end", NULL);
    _exit(90);
}

static void lost_by_exec(void)
{
    atomic_uint *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;

    EXPECT(at != MAP_FAILED);
    pid = fork_child();
    if (pid == 0) {
        start(exec_with_it, at);
        for (;;)
            pause();
    }
    while (atomic_load(at) == 0)
        sched_yield();
    say_result("lock of one that executes",
               syscall(SYS_futex, at, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    printf("it is %s\n", whose(*at));
    EXPECT(waitpid(pid, NULL, 0) == pid);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return 0;
    self_name = argv[0];
    sem_init(&ready, 0, 0);
    sem_init(&go_on, 0, 0);
    alone();
    handed();
    dead_owner();
    circles();
    of_libc();
    shared();
    lost_by_exec();
    return 0;
}
