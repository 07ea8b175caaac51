// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/adi_threads.c - version tags in several threads
 *
 * %mcdper is each thread's own, and begins as its maker's; that tags are
 * checked at all is a matter of the address space, also for a thread that was
 * there before. A mismatch is the signal of the thread that made it.
 *
 * run: --swap=64M
 * report: all_kept
 * run: --kernel=linux-6.2
 * run: --swap=64M --stress=swap:3000:1
 * also: --kernel=swap-keyed
 * report: all_kept
 * run: --stress=migrate:3000:1 --schedule=random:7 --quantum=300
 * report: all_kept
 * run: --stress=wait:1 --schedule=pct:3:5
 * report: all_kept
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sys/syscall.h>

#include "adi/adi.h"

#define THREADS 4
#define ROUNDS  20

static char *page;
static sem_t started, enabled;
static __thread volatile int code;
static __thread sigjmp_buf out;

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)context;
    CHECK(sig == SIGSEGV);
    code = info->si_code;
    siglongjmp(out, 1);
}

/* What a store through a wrong tag ends in. */
static int wrong_store(char *at)
{
    code = 0;
    if (sigsetjmp(out, 1) == 0) {
        *(volatile char *)tagged(at, 9) = 1;
        for (volatile int n = 0; n < 10000 && !code; n++)
            ;
    }
    return code;
}

/* Each has a block of its own, which it colours anew. */
static void *work(void *arg)
{
    long n = (long)arg;
    char *mine = page + (1 + n) * 2 * BLOCK;

    CHECK(mcdper_get() == 1); /* its maker's */
    mcdper_set((uint64_t)n & 1);
    sem_post(&started);
    while (sem_wait(&enabled) != 0)
        ;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned tag = 1 + (i + (unsigned)n) % 8;

        tag_set(mine, tag);
        tag_sync();
        *(volatile char *)tagged(mine, tag) = (char)tag;
        sched_yield();
        CHECK(*(volatile char *)tagged(mine, tag) == (char)tag);
        CHECK(tag_get(mine) == tag);
        CHECK(wrong_store(mine) ==
              (n & 1 ? SEGV_ADIPERR_N : SEGV_ADIDERR_N));
        CHECK(mcdper_get() == ((uint64_t)n & 1));
    }
    return NULL;
}

/* The new thread's stack cannot be written: nobody has seen it. */
static void no_stack(void)
{
    const long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                       CLONE_THREAD | CLONE_SYSVSEM;
    char status[4096];
    const char *line;
    ssize_t n;
    int fd;

    CHECK(syscall(SYS_clone, flags, 0x7000, NULL, NULL, NULL) == -1);
    CHECK(errno == EFAULT);
    fd = open("/proc/self/status", O_RDONLY);
    n = read(fd, status, sizeof(status) - 1);
    CHECK(n > 0);
    status[n] = '\0';
    close(fd);
    line = strstr(status, "Threads:");
    CHECK(line && atoi(line + 8) == 1);
}

int main(void)
{
    struct sigaction act = {.sa_sigaction = on_fault,
                            .sa_flags = SA_SIGINFO | SA_NODEFER};
    pthread_t t[THREADS];

    no_stack();
    page = map_pages(1, PROT_READ | PROT_WRITE);
    sem_init(&started, 0, 0);
    sem_init(&enabled, 0, 0);
    sigaction(SIGSEGV, &act, NULL);
    mcdper_set(1);
    for (long i = 0; i < THREADS; i++)
        CHECK(pthread_create(&t[i], NULL, work, (void *)i) == 0);
    for (int i = 0; i < THREADS; i++)
        while (sem_wait(&started) != 0)
            ;
    /* They are there already. */
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_ADI) == 0);
    tag_range(page, PAGE, 5);
    for (int i = 0; i < THREADS; i++)
        sem_post(&enabled);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
    CHECK(mcdper_get() == 1);
    CHECK(tag_get(page) == 5);
    return 0;
}
