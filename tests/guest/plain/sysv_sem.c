// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/sysv_sem.c - System V semaphores
 *
 * Catches operations that are done by halves, waiters that are not woken,
 * woken too early or in another order than they came, an undo that is lost
 * or counts twice, and results that differ from the kernel's.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>
#include "process.h"
#include "try.h"

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
};

static int val(int id, int num)
{
    return semctl(id, num, GETVAL);
}

static void set(int id, int num, int v)
{
    EXPECT(semctl(id, num, SETVAL, (union semun){ .val = v }) == 0);
}

static int op1(int id, int num, int op, int flags)
{
    struct sembuf s = { num, op, flags };

    return semop(id, &s, 1);
}

/* Until this many wait for it, so that order is known. */
static void wait_for(int id, int num, int cmd, int many)
{
    while (semctl(id, num, cmd) < many)
        usleep(1000);
}

static int make(int nsems)
{
    int id = semget(IPC_PRIVATE, nsems, 0600 | IPC_CREAT);

    EXPECT(id >= 0);
    return id;
}

static void gone(int id)
{
    EXPECT(semctl(id, 0, IPC_RMID) == 0);
}

static void results(void)
{
    struct sembuf many[501], two[2] = { { 0, -1, 0 }, { 5, 1, 0 } };
    struct timespec bad = { 0, 1000000000 }, none = { 0, 0 };
    unsigned short all[3] = { 1, 2, 3 };
    key_t key = 0x5eaf0000 | (getpid() & 0xffff);
    volatile int minus = -1;
    struct semid_ds ds;
    int id = make(3), nobodys = id ^ OTHER_TIME;

    puts("results");
    memset(many, 0, sizeof(many));
    TRY_DONE(semget(IPC_PRIVATE, 0, 0600));
    TRY_DONE(semget(IPC_PRIVATE, minus, 0600));
    TRY_DONE(semget(IPC_PRIVATE, 1000000, 0600));
    TRY_DONE(semget(key, 2, 0600));
    TRY_DONE(semop(id, many, 501));
    TRY_DONE(semop(id, many, 0));
    TRY_DONE(semop(id, (void *)8, 1));
    TRY_DONE(semop(minus, two, 2));
    TRY_DONE(semop(id, two, 2));
    TRY_DONE(semop(nobodys, two, 1));
    TRY_DONE(semtimedop(id, many, 1, &bad));
    TRY_DONE(semtimedop(id, two, 1, &none));
    TRY_DONE(op1(id, 0, -1, IPC_NOWAIT));
    TRY_DONE(op1(id, 0, 32767, 0));
    TRY_DONE(op1(id, 0, 1, 0));
    TRY_DONE(op1(id, 0, 0, IPC_NOWAIT));
    TRY_DONE(semctl(id, 3, GETVAL));
    TRY_DONE(semctl(id, minus, GETVAL));
    TRY_DONE(semctl(minus, 0, GETVAL));
    TRY_DONE(semctl(id, 0, 99));
    TRY_DONE(semctl(id, 0, SETVAL, (union semun){ .val = 32768 }));
    TRY_DONE(semctl(id, 0, SETVAL, (union semun){ .val = -1 }));
    TRY_DONE(semctl(id, 0, SETALL, (union semun){ .array = all }));
    all[1] = 40000;
    TRY_DONE(semctl(id, 0, SETALL, (union semun){ .array = all }));
    TRY_DONE(semctl(id, 0, GETALL, (union semun){ .array = all }));
    printf("  %d %d %d\n", all[0], all[1], all[2]);
    TRY_DONE(semctl(id, 0, GETALL, (union semun){ .array = (void *)8 }));
    TRY_DONE(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
    printf("  nsems %ld mode %o cuid %d mine %d otime %d ctime %d\n",
           (long)ds.sem_nsems, ds.sem_perm.mode, ds.sem_perm.cuid == geteuid(),
           ds.sem_perm.uid == geteuid(), ds.sem_otime != 0, ds.sem_ctime != 0);
    ds.sem_perm.mode = 0400;
    TRY_DONE(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }));
    TRY_DONE(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
    printf("  mode %o\n", ds.sem_perm.mode);
    TRY_DONE(semctl(id, 0, IPC_RMID));
    TRY_DONE(semctl(id, 0, IPC_RMID));
    TRY_DONE(semop(id, two, 1));
    id = semget(key, 2, 0600 | IPC_CREAT | IPC_EXCL);
    TRY_DONE(id);
    TRY_DONE(semget(key, 2, 0600 | IPC_CREAT | IPC_EXCL));
    TRY_DONE(semget(key, 3, 0600));
    printf("  the same %d\n", semget(key, 1, 0) == id);
    gone(id);
    TRY_DONE(semget(key, 0, 0));
}

/* All or nothing, and one semaphore more than once. */
static void atomic(void)
{
    struct sembuf take[3] = { { 0, -1, 0 }, { 1, -2, 0 }, { 2, 0, IPC_NOWAIT } };
    struct sembuf twice[3] = { { 0, 3, 0 }, { 0, -2, 0 }, { 0, -2, IPC_NOWAIT } };
    int id = make(3);

    puts("atomic");
    set(id, 0, 1);
    set(id, 1, 2);
    set(id, 2, 1);
    TRY_DONE(semop(id, take, 3));
    printf("  %d %d %d\n", val(id, 0), val(id, 1), val(id, 2));
    set(id, 2, 0);
    TRY_DONE(semop(id, take, 3));
    printf("  %d %d %d\n", val(id, 0), val(id, 1), val(id, 2));
    TRY_DONE(semop(id, twice, 3));
    printf("  %d\n", val(id, 0));
    set(id, 0, 1);
    TRY_DONE(semop(id, twice, 3));
    printf("  %d\n", val(id, 0));
    printf("  last by me %d\n", semctl(id, 0, GETPID) == getpid());
    gone(id);
}

static int ids;
static struct channel out;

static int waits(long op)
{
    int r = op1(ids, 0, (int)op, 0);

    say(&out, r == 0 ? op : -errno);
    return 0;
}

static void order(void)
{
    pid_t pid[4];

    puts("order");
    ids = make(1);
    out = channel_open();
    for (int i = 0; i < 4; i++) {
        pid[i] = spawn(waits, -(i + 1));
        wait_for(ids, 0, GETNCNT, i + 1);
    }
    printf("  wait %d zero %d\n", semctl(ids, 0, GETNCNT),
           semctl(ids, 0, GETZCNT));
    EXPECT(op1(ids, 0, 2, 0) == 0); /* the first, and one is left over */
    printf("  got %ld, %d left, %d wait\n", hear(&out), val(ids, 0),
           semctl(ids, 0, GETNCNT));
    EXPECT(op1(ids, 0, 2, 0) == 0); /* three: the second, then not the third */
    printf("  got %ld, %d left\n", hear(&out), val(ids, 0));
    EXPECT(op1(ids, 0, 6, 0) == 0);
    say_two(&out);
    printf("  %d left\n", val(ids, 0));
    for (int i = 0; i < 4; i++)
        EXPECT(reap(pid[i]) == 0);
    printf("  last by the last %d\n", semctl(ids, 0, GETPID) == pid[3]);
    gone(ids);
}

static void zero(void)
{
    pid_t a, b;

    puts("zero");
    ids = make(1);
    set(ids, 0, 2);
    a = spawn(waits, 0);
    b = spawn(waits, 0);
    wait_for(ids, 0, GETZCNT, 2);
    EXPECT(op1(ids, 0, -1, 0) == 0);
    printf("  %d wait\n", semctl(ids, 0, GETZCNT));
    EXPECT(op1(ids, 0, -1, 0) == 0);
    say_two(&out);
    printf("  %d wait\n", semctl(ids, 0, GETZCNT));
    EXPECT(reap(a) == 0 && reap(b) == 0);
    gone(ids);
}

static void removed(void)
{
    pid_t a, b;

    puts("removed");
    ids = make(1);
    a = spawn(waits, -1);
    wait_for(ids, 0, GETNCNT, 1);
    gone(ids);
    printf("  %s\n", strerrorname_np(-hear(&out)));
    EXPECT(reap(a) == 0);
    ids = make(1);
    a = spawn(waits, -1);
    wait_for(ids, 0, GETNCNT, 1);
    b = spawn(waits, -3);
    wait_for(ids, 0, GETNCNT, 2);
    set(ids, 0, 3); /* who comes first takes one, the other waits */
    printf("  got %ld, %d left\n", hear(&out), val(ids, 0));
    kill(val(ids, 0) == 2 ? b : a, SIGKILL);
    EXPECT(reap(a) + reap(b) == 128 + SIGKILL);
    printf("  %d wait\n", semctl(ids, 0, GETNCNT));
    gone(ids);
}

static void on_alarm(int sig)
{
    (void)sig;
}

static void ends_of_a_wait(void)
{
    struct timespec soon = { 0, 20000000 };
    struct sembuf s = { 0, -1, 0 };
    int id = make(1);

    puts("ends of a wait");
    TRY_DONE(semtimedop(id, &s, 1, &soon));
    set_handler(SIGALRM, on_alarm, SA_RESTART); /* never restarted */
    ualarm(20000, 0);
    TRY_DONE(semop(id, &s, 1));
    printf("  %d wait\n", semctl(id, 0, GETNCNT));
    gone(id);
}

static int with_undo(long unused)
{
    (void)unused;
    EXPECT(op1(ids, 0, -3, SEM_UNDO) == 0);
    EXPECT(op1(ids, 1, 5, SEM_UNDO) == 0);
    EXPECT(op1(ids, 1, -1, 0) == 0);
    return 0;
}

static int set_after_undo(long unused)
{
    (void)unused;
    EXPECT(op1(ids, 0, -3, SEM_UNDO) == 0);
    set(ids, 0, 1);
    return 0;
}

static int killed_with_undo(long unused)
{
    (void)unused;
    EXPECT(op1(ids, 0, -1, SEM_UNDO) == 0);
    say(&out, 1);
    pause();
    return 0;
}

static void *takes_one_more(void *unused)
{
    op1(ids, 0, -1, SEM_UNDO);
    return unused;
}

static int takes_two(long unused)
{
    pthread_t other;

    (void)unused;
    EXPECT(op1(ids, 0, -1, SEM_UNDO) == 0);
    EXPECT(pthread_create(&other, NULL, takes_one_more, NULL) == 0);
    wait_for(ids, 0, GETNCNT, 1);
    _exit(0);
}

/* What it gives back is not what it waits for: nobody of it waits any more. */
static void undo_while_it_waits(void)
{
    puts("undo while it waits");
    ids = make(1);
    set(ids, 0, 1);
    EXPECT(reap(spawn(takes_two, 0)) == 0);
    printf("  %d left, %d wait\n", val(ids, 0), semctl(ids, 0, GETNCNT));
    gone(ids);
}

static void undo(void)
{
    pid_t a, b;

    puts("undo");
    ids = make(2);
    set(ids, 0, 3);
    EXPECT(reap(spawn(with_undo, 0)) == 0);
    printf("  %d %d\n", val(ids, 0), val(ids, 1));
    EXPECT(reap(spawn(set_after_undo, 0)) == 0);
    printf("  %d\n", val(ids, 0));
    a = spawn(killed_with_undo, 0);
    hear(&out);
    b = spawn(waits, -1); /* until the other's undo */
    wait_for(ids, 0, GETNCNT, 1);
    kill(a, SIGKILL);
    printf("  got %ld, %d left\n", hear(&out), val(ids, 0));
    EXPECT(reap(a) == 128 + SIGKILL && reap(b) == 0);
    TRY_DONE(op1(ids, 0, 32767, SEM_UNDO));
    set(ids, 0, 0);
    TRY_DONE(op1(ids, 0, 32767, SEM_UNDO));
    set(ids, 1, 0);
    EXPECT(op1(ids, 1, 32767, SEM_UNDO) == 0);
    EXPECT(op1(ids, 1, -32767, 0) == 0);
    TRY_DONE(op1(ids, 1, 2, SEM_UNDO)); /* more than can be undone */
    printf("  %d\n", val(ids, 1));
    gone(ids);
}

static int complex_wait(long unused)
{
    struct sembuf s[2] = { { 0, -1, 0 }, { 1, -1, SEM_UNDO } };

    (void)unused;
    say(&out, semop(ids, s, 2) == 0 ? 77 : -errno);
    return 0;
}

static void complex(void)
{
    pid_t a;

    puts("complex");
    ids = make(2);
    set(ids, 1, 1);
    a = spawn(complex_wait, 0);
    wait_for(ids, 0, GETNCNT, 1); /* stopped by the first, not the second */
    printf("  %d %d\n", semctl(ids, 0, GETNCNT), semctl(ids, 1, GETNCNT));
    EXPECT(op1(ids, 1, -1, IPC_NOWAIT) == 0);
    EXPECT(op1(ids, 0, 1, 0) == 0);
    printf("  %d %d\n", semctl(ids, 0, GETNCNT), semctl(ids, 1, GETNCNT));
    printf("  %d %d\n", val(ids, 0), val(ids, 1));
    EXPECT(op1(ids, 1, 1, 0) == 0);
    printf("  got %ld\n", hear(&out));
    EXPECT(reap(a) == 0);
    printf("  %d %d\n", val(ids, 0), val(ids, 1));
    gone(ids);
}

int main(void)
{
    results();
    atomic();
    order();
    zero();
    removed();
    ends_of_a_wait();
    undo();
    undo_while_it_waits();
    complex();
    return 0;
}
