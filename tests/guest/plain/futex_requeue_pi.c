// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/futex_requeue_pi.c - a condition whose waiters get its lock in turn
 *
 * Catches a waiter that goes on without the lock, is lost, or is moved to
 * another lock than it named; a lock whose word does not say so; and errors
 * that are taken for others.  The same program on this machine is the
 * reference.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include "process.h"

#define WAITERS 5

static atomic_uint word, lock, other;

static long futex(atomic_uint *at, int op, unsigned value, const void *four,
                  atomic_uint *to, unsigned six)
{
    return syscall(SYS_futex, at, op | FUTEX_PRIVATE_FLAG, value, four, to,
                   six);
}

static const char *result(long r)
{
    static char text[32];

    if (r < 0)
        return strerrorname_np(errno);
    snprintf(text, sizeof(text), "%ld", r);
    return text;
}

static long requeue(unsigned wake, long move, atomic_uint *to, unsigned value)
{
    return futex(&word, FUTEX_CMP_REQUEUE_PI, wake, (void *)move, to, value);
}

static void take(atomic_uint *at)
{
    unsigned none = 0, self = (unsigned)syscall(SYS_gettid);

    if (!atomic_compare_exchange_strong(at, &none, self))
        EXPECT(futex(at, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == 0);
}

static void give(atomic_uint *at)
{
    unsigned self = (unsigned)syscall(SYS_gettid), mine = self;

    EXPECT((*at & FUTEX_TID_MASK) == self);
    if (!atomic_compare_exchange_strong(at, &mine, 0))
        EXPECT(futex(at, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == 0);
}

/* As many wait in futex(2), by what /proc says of this process. */
static void until_asleep(pid_t tid)
{
    char path[64], line[256];

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
    for (;;) {
        FILE *f = fopen(path, "r");
        char *end = f && fgets(line, sizeof(line), f) ? strrchr(line, ')')
                                                      : NULL;

        if (f)
            fclose(f);
        if (!end || end[2] == 'S')
            return;
        sched_yield();
    }
}

struct waiter {
    pthread_t thread;
    _Atomic pid_t tid;
    atomic_uint *lock;
    const struct timespec *until;
    long result;
    int error;
    int has_it; /* the lock, when it went on */
};

static atomic_int nr_done;

static void *waits(void *arg)
{
    struct waiter *w = arg;
    unsigned self = (unsigned)syscall(SYS_gettid);

    w->tid = (pid_t)self;
    w->result = futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, w->until, w->lock, 0);
    w->error = errno;
    w->has_it = (*w->lock & FUTEX_TID_MASK) == self;
    if (w->has_it) {
        nr_done++;
        give(w->lock);
    }
    return NULL;
}

static void start(struct waiter *w, atomic_uint *at,
                  const struct timespec *until)
{
    *w = (struct waiter){ .lock = at, .until = until };
    EXPECT(pthread_create(&w->thread, NULL, waits, w) == 0);
    while (w->tid == 0)
        sched_yield();
    until_asleep(w->tid);
}

static void finish(const char *what, struct waiter *w)
{
    EXPECT(pthread_join(w->thread, NULL) == 0);
    errno = w->error;
    printf("  %s: %s, %s\n", what, result(w->result),
           w->has_it ? "with the lock" : "without");
}

static void errors(void)
{
    struct timespec past = { 1, 0 }, bad = { 0, 2000000000 };

    puts("errors");
    printf("  wait for itself: %s\n",
           result(futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &word, 0)));
    printf("  another value: %s\n",
           result(futex(&word, FUTEX_WAIT_REQUEUE_PI, 7, NULL, &lock, 0)));
    printf("  a time that was: %s\n",
           result(futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, &past, &lock, 0)));
    printf("  no time: %s\n",
           result(futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, &bad, &lock, 0)));
    printf("  a date that was: %s\n",
           result(futex(&word, FUTEX_WAIT_REQUEUE_PI | FUTEX_CLOCK_REALTIME, 0,
                        &past, &lock, 0)));
    printf("  not aligned: %s\n",
           result(futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, NULL,
                        (void *)((char *)&lock + 1), 0)));
    printf("  move to itself: %s\n", result(requeue(1, 0, &word, 0)));
    printf("  wake two: %s\n", result(requeue(2, 0, &lock, 0)));
    printf("  wake none: %s\n", result(requeue(0, 1, &lock, 0)));
    printf("  move less than none: %s\n", result(requeue(1, -1, &lock, 0)));
    printf("  another value: %s\n", result(requeue(1, 0, &lock, 7)));
    printf("  nobody waits: %s\n", result(requeue(1, INT_MAX, &lock, 0)));
    printf("  a lock where nothing is: %s\n",
           result(requeue(1, 0, (void *)PAGE, 0)));
    printf("  with a date: %s\n",
           result(futex(&word, FUTEX_CMP_REQUEUE_PI | FUTEX_CLOCK_REALTIME, 1,
                        NULL, &lock, 0)));
    printf("  the lock is %s\n", lock == 0 ? "nobody's" : "taken");
}

static void one(void)
{
    struct waiter w;

    puts("one who waits");
    start(&w, &lock, NULL);
    printf("  woken as of an ordinary word: %s\n",
           result(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0)));
    printf("  moved as of an ordinary word: %s\n",
           result(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1L, &other, 0)));
    printf("  moved to another lock: %s\n", result(requeue(1, 0, &other, 0)));
    printf("  the lock is free: %s\n", result(requeue(1, 0, &lock, 0)));
    finish("it", &w);
    take(&lock);
    start(&w, &lock, NULL);
    printf("  the lock is ours: %s\n", result(requeue(1, 0, &lock, 0)));
    printf("  its word says that one waits: %d\n",
           (lock & FUTEX_WAITERS) != 0);
    printf("  and again: %s\n", result(requeue(1, 0, &lock, 0)));
    give(&lock);
    finish("it", &w);
    printf("  the lock is %s\n", lock == 0 ? "nobody's" : "taken");
}

static void all(int ours)
{
    struct waiter w[WAITERS];
    long r;

    printf("%d who wait, the lock is %s\n", WAITERS, ours ? "ours" : "free");
    nr_done = 0;
    if (ours)
        take(&lock);
    for (int i = 0; i < WAITERS; i++)
        start(&w[i], &lock, NULL);
    r = requeue(1, 1, &lock, 0);
    printf("  one, and one more: %s\n", result(r));
    r = requeue(1, INT_MAX, &lock, 0);
    /* Whether the lock is free again depends on who is faster. */
    printf("  the others: %s\n", result(r));
    if (ours)
        give(&lock);
    for (int i = 0; i < WAITERS; i++)
        finish("one", &w[i]);
    printf("  %d had it; the lock is %s\n", nr_done,
           lock == 0 ? "nobody's" : "taken");
}

/* A free lock, and a word without a waiter of its kind. */
static void *waits_plainly(void *arg)
{
    *(_Atomic pid_t *)arg = (pid_t)syscall(SYS_gettid);
    EXPECT(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0) == 0);
    return NULL;
}

static void mixed(void)
{
    _Atomic pid_t tid = 0;
    pthread_t t;

    puts("one who waits for the word alone");
    EXPECT(pthread_create(&t, NULL, waits_plainly, (void *)&tid) == 0);
    while (tid == 0)
        sched_yield();
    until_asleep(tid);
    printf("  moved to a lock: %s\n", result(requeue(1, 1, &lock, 0)));
    printf("  woken: %s\n", result(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0)));
    EXPECT(pthread_join(t, NULL) == 0);
}

static void times(void)
{
    struct timespec soon;
    struct waiter w;

    puts("until a time");
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_sec += soon.tv_nsec / 950000000;
    soon.tv_nsec = (soon.tv_nsec + 50000000) % 1000000000;
    start(&w, &lock, &soon);
    finish("never moved", &w);
    take(&lock);
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_sec += 1;
    start(&w, &lock, &soon);
    printf("  moved: %s\n", result(requeue(1, 0, &lock, 0)));
    finish("moved", &w);
    give(&lock);
    printf("  the lock is %s\n", lock == 0 ? "nobody's" : "taken");
}

static atomic_int handled;

static void handler(int sig)
{
    (void)sig;
    handled++;
}

static void signals(void)
{
    struct waiter w;

    puts("signals");
    set_handler(SIGUSR1, handler, 0);
    start(&w, &lock, NULL);
    pthread_kill(w.thread, SIGUSR1);
    while (handled == 0)
        sched_yield();
    until_asleep(w.tid); /* as before */
    printf("  moved: %s\n", result(requeue(1, 0, &lock, 0)));
    finish("it was woken once more", &w);

    start(&w, &lock, NULL);
    word = 1; /* made again, it does not wait */
    pthread_kill(w.thread, SIGUSR1);
    finish("of another value by then", &w);
    word = 0;

    take(&lock);
    start(&w, &lock, NULL);
    printf("  moved: %s\n", result(requeue(1, 0, &lock, 0)));
    pthread_kill(w.thread, SIGUSR1);
    finish("when it waited for the lock", &w);
    give(&lock);
    printf("  handled %d\n", handled);
}

static atomic_int state;

static void *ends_with_it(void *arg)
{
    take(arg);
    state = 1;
    while (state == 1)
        sched_yield();
    syscall(SYS_exit, 0);
    return NULL;
}

static void dead_owner(void)
{
    pthread_attr_t attr;
    struct waiter w;
    pthread_t t;

    puts("an owner who ends");
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    EXPECT(pthread_create(&t, &attr, ends_with_it, &lock) == 0);
    while (state == 0)
        sched_yield();
    start(&w, &lock, NULL);
    printf("  moved: %s\n", result(requeue(1, 0, &lock, 0)));
    state = 2;
    finish("it", &w);
    printf("  the lock is %s\n", lock == 0 ? "nobody's" : "taken");
    lock = 0x3ffffff0; /* a thread that there is not */
    start(&w, &lock, NULL);
    printf("  an owner that is not: %s\n", result(requeue(1, 0, &lock, 0)));
    lock = 0;
    printf("  then of nobody: %s\n", result(requeue(1, 0, &lock, 0)));
    finish("it", &w);
}

/* The waiter has what the caller waits for, in the end. */
static void *waits_with_it(void *arg)
{
    take(&other);
    state = 1;
    waits(arg);
    give(&other);
    return NULL;
}

static void *wants_it(void *arg)
{
    take(&lock);
    *(_Atomic pid_t *)arg = (pid_t)syscall(SYS_gettid);
    take(&other); /* of who waits */
    give(&other);
    give(&lock);
    return NULL;
}

static void circle(void)
{
    struct waiter w = { .lock = &lock };
    _Atomic pid_t tid = 0;
    pthread_t t;

    puts("a circle");
    state = 0;
    EXPECT(pthread_create(&w.thread, NULL, waits_with_it, &w) == 0);
    while (w.tid == 0)
        sched_yield();
    until_asleep(w.tid);
    EXPECT(pthread_create(&t, NULL, wants_it, (void *)&tid) == 0);
    while (tid == 0)
        sched_yield();
    until_asleep(tid);
    printf("  moved: %s\n", result(requeue(1, 0, &lock, 0)));
    word = 1;
    pthread_kill(w.thread, SIGUSR1);
    finish("it", &w);
    EXPECT(pthread_join(t, NULL) == 0);
    word = 0;
}

/* Between processes, at other addresses. */
static void shared(void)
{
    atomic_uint *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;
    long r;

    puts("between processes");
    EXPECT(at != MAP_FAILED);
    pid = fork_child();
    if (pid == 0) {
        atomic_uint *here = mremap(at, PAGE, PAGE,
                                   MREMAP_MAYMOVE | MREMAP_FIXED,
                                   (char *)at + 64 * PAGE);

        EXPECT(here != MAP_FAILED);
        EXPECT(syscall(SYS_futex, here, FUTEX_WAIT_REQUEUE_PI, 0, NULL,
                       here + 1, 0) == 0);
        _exit((here[1] & FUTEX_TID_MASK) == (unsigned)getpid());
    }
    do {
        r = syscall(SYS_futex, at, FUTEX_CMP_REQUEUE_PI, 1, 0L, at + 1, 0);
        sched_yield();
    } while (r == 0);
    printf("  moved: %s\n", result(r));
    printf("  it has it: %d\n", reap(pid));
}

int main(void)
{
    errors();
    one();
    all(1);
    mixed();
    times();
    signals();
    dead_owner();
    circle();
    shared();
    return 0;
}
