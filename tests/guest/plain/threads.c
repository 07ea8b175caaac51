// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/threads.c - threads, and what they have in common
 *
 * Catches a thread that does not start, or on a wrong stack, thread-local
 * data that is shared, a lock that two have or that nobody wakes for, a join
 * that never ends, a loop that waits for another thread and is not
 * interrupted, and numbers and names that are not each thread's own.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include "process.h"

#define MANY 40

static void start(pthread_t *t, void *(*fn)(void *), long arg)
{
    EXPECT(pthread_create(t, NULL, fn, (void *)arg) == 0);
}

static long join(pthread_t t)
{
    void *value;

    EXPECT(pthread_join(t, &value) == 0);
    return (long)value;
}

/* ------------------------------------------------------------- own things */

static __thread long own = 7;
static __thread char zeros[4096];

/* Deep enough that windows go to its stack and come back. */
static long deep(long n)
{
    return n == 0 ? own : deep(n - 1) + 1;
}

static void *with_own(void *arg)
{
    for (size_t i = 0; i < sizeof(zeros); i++)
        EXPECT(zeros[i] == 0);
    memset(zeros, (int)(long)arg, sizeof(zeros));
    own += (long)arg;
    sched_yield();
    EXPECT(zeros[17] == (char)(long)arg);
    return (void *)deep(100);
}

static void own_data(void)
{
    pthread_t t[MANY];
    long sum = 0;

    for (long i = 0; i < MANY; i++)
        start(&t[i], with_own, i);
    for (int i = 0; i < MANY; i++)
        sum += join(t[i]);
    printf("own data: %ld, ours %ld\n", sum, own);
}

/* ------------------------------------------------------------------- locks */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static long counter, turn;
static atomic_long added;

static void *count(void *arg)
{
    for (int i = 0; i < 3000; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        if (i % 100 == 0)
            sched_yield(); /* while others want it */
        pthread_mutex_unlock(&lock);
        atomic_fetch_add(&added, 1);
    }
    return arg;
}

/* In turns: 0, 1, 2, 0, ... */
static void *in_turn(void *arg)
{
    for (int i = 0; i < 50; i++) {
        pthread_mutex_lock(&lock);
        while (turn % 3 != (long)arg)
            pthread_cond_wait(&changed, &lock);
        turn++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void *read_or_write(void *arg)
{
    static long a, b;
    long seen = 0;

    for (int i = 0; i < 300; i++) {
        if ((long)arg == 0) {
            pthread_rwlock_wrlock(&rw);
            a++;
            sched_yield();
            b++;
            pthread_rwlock_unlock(&rw);
        } else {
            pthread_rwlock_rdlock(&rw);
            EXPECT(a == b);
            seen = a;
            pthread_rwlock_unlock(&rw);
        }
    }
    return (void *)(long)(seen <= 300);
}

static void locks(void)
{
    pthread_t t[6];
    long ok = 0;

    for (long i = 0; i < 6; i++)
        start(&t[i], count, i);
    for (int i = 0; i < 6; i++)
        EXPECT(join(t[i]) == i);
    printf("mutex: %ld, atomic: %ld\n", counter, (long)added);
    for (long i = 0; i < 3; i++)
        start(&t[i], in_turn, i);
    for (int i = 0; i < 3; i++)
        join(t[i]);
    printf("condition: %ld turns\n", turn);
    for (long i = 0; i < 4; i++)
        start(&t[i], read_or_write, i);
    for (int i = 0; i < 4; i++)
        ok += join(t[i]);
    printf("rwlock: %ld\n", ok);
}

static pthread_barrier_t barrier;
static sem_t sem;
static atomic_int phase[4];

static void *phases(void *arg)
{
    int serial = 0;

    for (int i = 0; i < 4; i++) {
        atomic_fetch_add(&phase[i], 1);
        serial +=
            pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
        EXPECT(atomic_load(&phase[i]) == 5);
    }
    sem_post(&sem);
    (void)arg;
    return (void *)(long)serial;
}

static void barriers(void)
{
    pthread_t t[5];
    long serial = 0;

    pthread_barrier_init(&barrier, NULL, 5);
    sem_init(&sem, 0, 0);
    for (long i = 0; i < 5; i++)
        start(&t[i], phases, i);
    for (int i = 0; i < 5; i++)
        EXPECT(sem_wait(&sem) == 0);
    for (int i = 0; i < 5; i++)
        serial += join(t[i]);
    printf("barrier: %ld of 4 told\n", serial);
}

static void timeouts(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_nsec += 2000000;
    if (at.tv_nsec >= 1000000000)
        at.tv_sec++, at.tv_nsec -= 1000000000;
    EXPECT(sem_timedwait(&sem, &at) == -1);
    printf("sem_timedwait: %s\n", strerrorname_np(errno));
    pthread_mutex_lock(&lock);
    printf("cond_timedwait: %s\n",
           strerrorname_np(pthread_cond_timedwait(&changed, &lock, &at)));
    pthread_mutex_unlock(&lock);
    pthread_mutex_lock(&lock);
    printf("trylock of ours: %s\n",
           strerrorname_np(pthread_mutex_trylock(&lock)));
    pthread_mutex_unlock(&lock);
}

/* --------------------------------------------------------------- preemption */

static volatile int go;

static void *spin(void *arg)
{
    while (!go)
        ;
    return arg;
}

static void *spin_on_cas(void *arg)
{
    static atomic_int taken;
    int free_ = 0;

    for (int i = 0; i < 2000; i++) {
        while (!atomic_compare_exchange_weak(&taken, &free_, 1))
            free_ = 0;
        counter++;
        atomic_store(&taken, 0);
    }
    return arg;
}

static void preempted(void)
{
    pthread_t t[4];

    start(&t[0], spin, 5);
    for (volatile int i = 0; i < 300000; i++)
        ;
    go = 1;
    printf("spun: %ld\n", join(t[0]));
    counter = 0;
    for (long i = 0; i < 4; i++)
        start(&t[i], spin_on_cas, i);
    for (int i = 0; i < 4; i++)
        join(t[i]);
    printf("spin lock: %ld\n", counter);
}

/* ------------------------------------------------------- numbers and names */

static int nr_tasks(void)
{
    DIR *dir = opendir("/proc/self/task");
    int nr = 0;

    EXPECT(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        nr += e->d_name[0] != '.';
    closedir(dir);
    return nr;
}

static void read_line(const char *path, char *line, size_t size)
{
    FILE *in = fopen(path, "r");

    EXPECT(in && fgets(line, (int)size, in));
    fclose(in);
}

static void *named(void *arg)
{
    char name[32], path[64];
    struct stat st;

    EXPECT(syscall(SYS_gettid) != getpid());
    EXPECT(pthread_setname_np(pthread_self(), "worker") == 0);
    snprintf(path, sizeof(path), "/proc/self/task/%ld/comm",
             syscall(SYS_gettid));
    read_line(path, name, sizeof(name));
    printf("a thread is %s", name);
    EXPECT(pthread_getname_np((pthread_t)arg, name, sizeof(name)) == 0);
    printf("the first one is not: %d\n", strcmp(name, "worker") != 0);
    printf("tasks: %d\n", nr_tasks());
    EXPECT(pthread_setname_np((pthread_t)arg, "boss") == 0);
    read_line("/proc/thread-self/comm", name, sizeof(name));
    printf("itself: %s", name);
    EXPECT(stat("/proc/self/task", &st) == 0);
    printf("links: %d\n", (int)st.st_nlink);
    return NULL;
}

static void names(void)
{
    char line[128] = "";
    pthread_t t;
    FILE *in;

    EXPECT(syscall(SYS_gettid) == getpid());
    printf("tasks: %d\n", nr_tasks());
    start(&t, named, (long)pthread_self());
    join(t);
    read_line("/proc/self/comm", line, sizeof(line));
    printf("the first one is %s", line);
    in = fopen("/proc/self/status", "r");
    EXPECT(in);
    while (fgets(line, sizeof(line), in) && strncmp(line, "Threads", 7) != 0)
        ;
    fclose(in);
    printf("%s", line);
}

/* ------------------------------------------------------- ends of a thread */

static pthread_key_t key;
static atomic_int destroyed;

static void destroy(void *value)
{
    atomic_fetch_add(&destroyed, (int)(long)value);
}

static void *with_key(void *arg)
{
    pthread_setspecific(key, arg);
    if ((long)arg == 3)
        pthread_exit((void *)33L);
    return arg;
}

static void *sleeper(void *arg)
{
    pthread_setspecific(key, arg);
    for (;;)
        pause();
    return NULL;
}

static void *detached(void *arg)
{
    pthread_detach(pthread_self());
    sem_post(&sem);
    return arg;
}

static void ends(void)
{
    pthread_t t[4];

    pthread_key_create(&key, destroy);
    for (long i = 1; i < 4; i++)
        start(&t[i], with_key, i);
    for (int i = 1; i < 4; i++)
        printf("value %ld\n", join(t[i]));
    start(&t[0], sleeper, 100);
    sched_yield();
    EXPECT(pthread_cancel(t[0]) == 0);
    printf("canceled: %d\n", join(t[0]) == (long)PTHREAD_CANCELED);
    printf("destroyed: %d\n", destroyed);
    for (int i = 0; i < MANY; i++) {
        start(&t[0], detached, 0);
        sem_wait(&sem);
    }
    puts("detached");
}

/* ----------------------------------------------------------- common things */

static void *change(void *arg)
{
    int *fd = arg;

    fd[0] = open("/dev/zero", O_RDONLY);
    EXPECT(chdir("/") == 0);
    umask(027);
    return NULL;
}

static void common(void)
{
    char dir[256], byte = 1;
    int fd = -1;
    pthread_t t;

    start(&t, change, (long)&fd);
    join(t);
    EXPECT(read(fd, &byte, 1) == 1 && byte == 0);
    EXPECT(getcwd(dir, sizeof(dir)));
    printf("directory %s, umask %o\n", dir, (unsigned)umask(022));
}

int main(void)
{
    own_data();
    locks();
    barriers();
    timeouts();
    preempted();
    names();
    ends();
    common();
    return 0;
}
