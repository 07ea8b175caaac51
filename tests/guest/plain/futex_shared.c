// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/futex_shared.c - futexes between processes
 *
 * Catches a shared word that is looked for by its address instead of by its
 * object, a private one that is not, a wrong order of waking, operations
 * that wake or move too many, a wait for a page that never comes, timeouts of the wrong clock or too long after
 * a stop, wrong errors, and a lock that its dead owner keeps.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include "process.h"

#define ANY UINT_MAX
#define SHM (PROT_READ | PROT_WRITE)

static int *word;               /* shared with every child */
static struct channel done;

static long futex(volatile int *at, int op, unsigned val, const void *timeout,
                  volatile int *at2, unsigned val3)
{
    /* As on x86, everywhere. */
    static const struct {
        int err, value;
    } errs[] = { { EFAULT, 14 }, { EINVAL, 22 }, { EAGAIN, 11 },
                 { ENOSYS, 38 }, { ETIMEDOUT, 110 }, { EINTR, 4 } };
    long r = syscall(SYS_futex, at, op, val, timeout, at2, val3);

    for (unsigned i = 0; r < 0 && i < sizeof(errs) / sizeof(errs[0]); i++)
        if (errs[i].err == errno)
            return -errs[i].value;
    return r;
}

static void *map(int fd, int flags)
{
    void *p = mmap(NULL, PAGE, SHM, flags, fd, 0);

    EXPECT(p != MAP_FAILED);
    return p;
}

/* A child that waits on its own, says its number, and what it got. */
static pid_t waiter(volatile int *at, int op, unsigned bits, long number)
{
    pid_t pid = fork_child();

    if (pid == 0) {
        long r = futex(at, op, (unsigned)*at, NULL, NULL, bits);

        say(&done, r ? r : number);
        _exit(0);
    }
    return pid;
}

/* How many have come to wait cannot be seen: move them on the spot. */
static void settle(volatile int *at, int flags, long nr)
{
    while (futex(at, FUTEX_CMP_REQUEUE | flags, 0, (void *)(long)INT_MAX, at,
                 (unsigned)*at) != nr)
        usleep(1000);
}

static void wake_one(volatile int *at)
{
    long r;

    while ((r = futex(at, FUTEX_WAKE, 1, NULL, NULL, 0)) == 0)
        usleep(1000);
    EXPECT(r == 1);
}

static void by_object(void)
{
    int fd = memfd_create("futex", 0);
    char name[] = "/tmp/adiemu-futex-XXXXXX";
    int file = mkstemp(name);
    int *a, *b;
    pid_t pid;

    EXPECT(fd >= 0 && file >= 0 && unlink(name) == 0);
    EXPECT(ftruncate(fd, PAGE) == 0 && ftruncate(file, PAGE) == 0);
    pid = waiter(word, FUTEX_WAIT, 0, 1);
    wake_one(word);
    printf("anonymous %ld\n", hear(&done));
    reap(pid);

    a = map(fd, MAP_SHARED);
    b = map(fd, MAP_SHARED);
    pid = waiter(a + 1, FUTEX_WAIT, 0, 2);
    EXPECT(futex(b, FUTEX_WAKE, 1, NULL, NULL, 0) == 0);
    wake_one(b + 1);
    printf("memfd by another address %ld\n", hear(&done));
    reap(pid);

    a = map(file, MAP_SHARED);
    b = map(file, MAP_SHARED);
    pid = waiter(a, FUTEX_WAIT, 0, 3);
    wake_one(b);
    printf("file by another address %ld\n", hear(&done));
    reap(pid);
    a = mmap(NULL, 2 * PAGE, SHM, MAP_SHARED, fd, 0);
    EXPECT(a != MAP_FAILED);
    printf("past the end %ld\n",
           futex(a + PAGE / sizeof(*a), FUTEX_WAKE, 1, NULL, NULL, 0));
    close(fd);
    close(file);

    /* Private: of one address space, and not the same as shared. */
    pid = waiter(word, FUTEX_WAIT, 0, 4);
    settle(word, 0, 1);
    printf("private does not find it: %ld\n",
           futex(word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
    wake_one(word);
    EXPECT(hear(&done) == 4);
    reap(pid);
}

static void order_and_bits(void)
{
    pid_t pid[4];

    for (int i = 0; i < 4; i++) {
        pid[i] = waiter(word, FUTEX_WAIT_BITSET, 1u << i, i);
        settle(word, 0, i + 1);
    }
    printf("no bit: %ld\n", futex(word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 16));
    printf("bit 2: %ld,", futex(word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4));
    printf(" %ld\n", hear(&done));
    printf("at most 0: %ld,", futex(word, FUTEX_WAKE, 0, NULL, NULL, 0));
    printf(" %ld\n", hear(&done));
    printf("the oldest: %ld,", futex(word, FUTEX_WAKE, 1, NULL, NULL, 0));
    printf(" %ld\n", hear(&done));
    printf("the rest: %ld,", futex(word, FUTEX_WAKE_BITSET, 9, NULL, NULL, ANY));
    printf(" %ld\n", hear(&done));
    for (int i = 0; i < 4; i++)
        reap(pid[i]);
}

static void requeue(void)
{
    pid_t pid[4];

    for (int i = 0; i < 4; i++) {
        pid[i] = waiter(word, FUTEX_WAIT, 0, i);
        settle(word, 0, i + 1);
    }
    word[0] = 7;
    printf("other value: %ld\n", futex(word, FUTEX_CMP_REQUEUE, 1, (void *)2L,
                                       word + 1, 8));
    printf("requeue: %ld\n", futex(word, FUTEX_CMP_REQUEUE, 1, (void *)2L,
                                   word + 1, 7));
    printf("woken %ld\n", hear(&done));
    printf("moved: %ld,", futex(word + 1, FUTEX_WAKE, 1, NULL, NULL, 0));
    printf(" %ld\n", hear(&done));
    printf("left behind: %ld,", futex(word, FUTEX_WAKE, 9, NULL, NULL, 0));
    printf(" %ld\n", hear(&done));
    printf("moved: %ld,", futex(word + 1, FUTEX_WAKE, 9, NULL, NULL, 0));
    printf(" %ld\n", hear(&done));
    for (int i = 0; i < 4; i++)
        reap(pid[i]);
    printf("negative %ld %ld\n",
           futex(word, FUTEX_REQUEUE, UINT_MAX, (void *)1L, word + 1, 0),
           futex(word, FUTEX_REQUEUE, 1, (void *)(long)UINT_MAX, word + 1, 0));
    word[0] = 0;
}

static void wake_op(void)
{
    static const struct {
        unsigned op, arg, cmp, with;
    } t[] = {
        { FUTEX_OP_SET, 5, FUTEX_OP_CMP_EQ, 12 },
        { FUTEX_OP_ADD, 5, FUTEX_OP_CMP_NE, 12 },
        { FUTEX_OP_ADD, 0xfff, FUTEX_OP_CMP_LT, 13 },
        { FUTEX_OP_OR, 3, FUTEX_OP_CMP_GE, 12 },
        { FUTEX_OP_ANDN, 4, FUTEX_OP_CMP_LE, 0xfff },
        { FUTEX_OP_XOR, 0xff, FUTEX_OP_CMP_GT, 11 },
        { FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 31, FUTEX_OP_CMP_EQ, 12 },
        { 5, 1, FUTEX_OP_CMP_EQ, 12 },
        { FUTEX_OP_SET, 1, 6, 12 },
    };

    for (unsigned i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        pid_t pid = waiter(word + 1, FUTEX_WAIT, 0, 1);
        long r;

        settle(word + 1, 0, 1);
        word[2] = 12;
        r = futex(word, FUTEX_WAKE_OP, 1, (void *)1L, word + 2,
                  t[i].op << 28 | t[i].cmp << 24 | t[i].arg << 12 | t[i].with);
        printf("op %u cmp %u: %ld, word %x\n", t[i].op, t[i].cmp, r, word[2]);
        /* The same for the word that is waited for. */
        word[1] = 12;
        r = futex(word, FUTEX_WAKE_OP, 1, (void *)1L, word + 1,
                  t[i].op << 28 | t[i].cmp << 24 | t[i].arg << 12 | t[i].with);
        printf("  woke %ld\n", r);
        if (r != 1)
            wake_one(word + 1);
        EXPECT(hear(&done) == 1);
        reap(pid);
        word[1] = word[2] = 0;
    }
}

static double now(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct timespec in(clockid_t id, long ms)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    ts.tv_nsec += ms * 1000000;
    ts.tv_sec += ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;
    return ts;
}

static void timed(const char *what, int op, struct timespec ts)
{
    double t0 = now(CLOCK_MONOTONIC), passed;
    long r = futex(word, op, 0, &ts, NULL, ANY);

    passed = now(CLOCK_MONOTONIC) - t0;
    printf("%s: %ld, %s\n", what, r,
           passed < 0.019 ? "too early" : passed > 10 ? "too late" : "in time");
}

static void on_alarm(int sig)
{
    (void)sig;
}

/* A stop does not make the time longer; a handler ends the call. */
static int stopped(long arg)
{
    struct timespec ts = { 2, 0 };
    long r;

    (void)arg;
    say(&done, 1);
    r = futex(word, FUTEX_WAIT, 0, &ts, NULL, 0);
    return r == -110 ? 1 : 2;
}

static int caught(long restart)
{
    struct sigaction sa = { .sa_handler = on_alarm,
                            .sa_flags = restart ? SA_RESTART : 0 };
    struct timespec ts = { 20, 0 };

    EXPECT(sigaction(SIGUSR1, &sa, NULL) == 0);
    say(&done, 1);
    return futex(word, FUTEX_WAIT, 0, &ts, NULL, 0) == -4 ? 3 : 4;
}

static void timeouts(void)
{
    struct timespec bad = { 0, 1000000000 };
    double t0;
    pid_t pid;

    timed("relative", FUTEX_WAIT, (struct timespec){ 0, 20000000 });
    timed("monotonic", FUTEX_WAIT_BITSET, in(CLOCK_MONOTONIC, 20));
    timed("realtime", FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME,
          in(CLOCK_REALTIME, 20));
    printf("invalid %ld\n", futex(word, FUTEX_WAIT, 0, &bad, NULL, 0));
    printf("no such place %ld\n", futex(word, FUTEX_WAIT, 0, (void *)8, NULL,
                                        0));
    printf("realtime and relative %ld\n",
           futex(word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));

    t0 = now(CLOCK_MONOTONIC);
    pid = spawn(stopped, 0);
    EXPECT(hear(&done) == 1);
    usleep(200000);
    kill(pid, SIGSTOP);
    usleep(1300000);
    kill(pid, SIGCONT);
    printf("stopped: %d", reap(pid));
    printf(", %s\n", now(CLOCK_MONOTONIC) - t0 < 3.2 ? "in time" : "late");
    for (int restart = 0; restart < 2; restart++) {
        pid = spawn(caught, restart);
        EXPECT(hear(&done) == 1);
        usleep(100000);
        kill(pid, SIGUSR1);
        printf("interrupted: %d\n", reap(pid));
    }
}

static void errors(void)
{
    int fd = memfd_create("ro", 0);
    int *none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int *ro = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int *file, local = 0;

    EXPECT(fd >= 0 && ftruncate(fd, PAGE) == 0);
    file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    EXPECT(none != MAP_FAILED && ro != MAP_FAILED && file != MAP_FAILED);
    printf("no access %ld %ld, private %ld\n",
           futex(none, FUTEX_WAKE, 1, NULL, NULL, 0),
           futex(none, FUTEX_WAIT, 0, NULL, NULL, 0),
           futex(none, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    printf("read only, wait %ld, wake %ld\n",
           futex(ro, FUTEX_WAIT, 1, NULL, NULL, 0),
           futex(ro, FUTEX_WAKE, 1, NULL, NULL, 0));
    printf("a file read only, wait %ld, wake %ld\n",
           futex(file, FUTEX_WAIT, 1, NULL, NULL, 0),
           futex(file, FUTEX_WAKE, 1, NULL, NULL, 0));
    munmap(none, PAGE);
    printf("unmapped %ld %ld\n", futex(none, FUTEX_WAKE, 1, NULL, NULL, 0),
           futex(none, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
    printf("not aligned %ld\n",
           futex((int *)((char *)word + 2), FUTEX_WAKE, 1, NULL, NULL, 0));
    printf("no bits %ld %ld\n",
           futex(&local, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0),
           futex(&local, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
    printf("other value %ld\n", futex(&local, FUTEX_WAIT, 1, NULL, NULL, 0));
    printf("no command %ld\n", futex(&local, 99, 1, NULL, NULL, 0));
}

static int die_with_lock(long at)
{
    EXPECT(pthread_mutex_lock((pthread_mutex_t *)at) == 0);
    say(&done, 1);
    usleep(20000);
    return 0; /* without unlock */
}

static void of_libc(void)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t *lock = map(-1, MAP_SHARED | MAP_ANONYMOUS);
    sem_t *sem = map(-1, MAP_SHARED | MAP_ANONYMOUS);
    pid_t pid;

    EXPECT(sem_init(sem, 1, 0) == 0);
    pid = fork_child();
    if (pid == 0) {
        usleep(20000);
        _exit(sem_post(sem));
    }
    printf("semaphore %d %d\n", sem_wait(sem), reap(pid));

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    EXPECT(pthread_mutex_init(lock, &attr) == 0);
    pid = spawn(die_with_lock, (long)lock);
    EXPECT(hear(&done) == 1);
    printf("owner died: %d\n", pthread_mutex_lock(lock) == EOWNERDEAD);
    EXPECT(pthread_mutex_consistent(lock) == 0);
    printf("unlock %d\n", pthread_mutex_unlock(lock));
    reap(pid);
}

int main(void)
{
    done = channel_open();
    word = map(-1, MAP_SHARED | MAP_ANONYMOUS);
    alarm(100);
    by_object();
    order_and_bits();
    requeue();
    wake_op();
    timeouts();
    errors();
    of_libc();
    return 0;
}
