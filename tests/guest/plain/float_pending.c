// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/float_pending.c - FSR after an operation, whoever looks at it
 *
 * An emulator may leave the exceptions of the last operation to be computed
 * when they are wanted.  Catches a place that looks without that: a handler,
 * of a fault or of raise(), the way back from it, fork(), another thread,
 * getcontext(), an instruction that has none, a compare.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "plain.h"

#define EXCEPTIONS 0x3fful
#define NXA        0x20ul

static unsigned long in_handler;
static char *page;

static unsigned long fsr(void)
{
    unsigned long v;

    __asm__ volatile("stx %%fsr, %0" : "=m"(v));
    return v & EXCEPTIONS;
}

static void set_fsr(unsigned long v)
{
    __asm__ volatile("ldx %0, %%fsr" : : "m"(v));
}

/* Another FSR than the program's, when it goes on. */
static void on_signal(int sig)
{
    in_handler = fsr();
    if (sig == SIGSEGV)
        mprotect(page, 8192, PROT_READ | PROT_WRITE);
    set_fsr(0x3ff);
}

/* The last operation is inexact, or not; the ones before were. */
static inline void inexact(void)
{
    double third;

    __asm__ volatile("fdivd %1, %2, %0\n\tfdivd %1, %2, %0"
                     : "=&e"(third) : "e"(1.0), "e"(3.0));
}

static inline void exact(void)
{
    double x;

    __asm__ volatile("fdivd %1, %2, %0\n\tfmuld %1, %2, %0"
                     : "=&e"(x) : "e"(1.0), "e"(3.0));
}

#define OPERATE(is_inexact) do {                                        \
        if (is_inexact) inexact(); else exact();                        \
    } while (0)

static void faults_and_signals(int nx)
{
    unsigned long after;

    mprotect(page, 8192, PROT_NONE);
    OPERATE(nx);
    *(volatile char *)page = 1;
    after = fsr();
    printf("fault %03lx %03lx", in_handler, after);
    OPERATE(nx);
    raise(SIGUSR1);
    after = fsr();
    printf(" raise %03lx %03lx\n", in_handler, after);
}

static void forks(int nx)
{
    int status;
    pid_t pid;

    OPERATE(nx);
    pid = fork();
    if (pid == 0)
        _exit((int)(fsr() >> 5 << 1 | (fsr() & 1)));
    printf("fork %03lx", fsr());
    waitpid(pid, &status, 0);
    printf(" child %03x\n", WEXITSTATUS(status));
}

static void contexts(int nx)
{
    volatile int again = 0;
    ucontext_t context;

    OPERATE(nx);
    getcontext(&context);
    printf("context %d %03lx\n", again, fsr());
    if (again++ == 0) {
        set_fsr(0x3ff);
        setcontext(&context);
    }
}

static void others(int nx)
{
    double d = 1;

    OPERATE(nx);
    __asm__ volatile("fcmpd %%fcc1, %0, %0" : : "e"(d));
    printf("compare %03lx", fsr());
    OPERATE(nx);
    __asm__ volatile("fnegd %0, %0" : "+e"(d));
    printf(" negate %03lx", fsr());
    OPERATE(nx);
    set_fsr(fsr() & ~NXA);
    printf(" aexc taken away %03lx", fsr());
    OPERATE(nx);
    printf(" again %03lx\n", fsr());
}

static void *one_thread(void *arg)
{
    long nx = (long)arg;
    unsigned long bad = 0;

    set_fsr(0);
    inexact();
    for (int i = 0; i < 200; i++) {
        OPERATE(nx);
        sched_yield();
        bad += fsr() != (NXA | (unsigned long)nx);
    }
    return (void *)bad;
}

static void threads(void)
{
    pthread_t t[2];
    void *bad;

    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, one_thread, (void *)i);
    for (int i = 0; i < 2; i++) {
        pthread_join(t[i], &bad);
        printf("thread %d: %lu wrong\n", i, (unsigned long)bad);
    }
}

int main(void)
{
    struct sigaction sa = { .sa_handler = on_signal };

    page = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGUSR1, &sa, NULL);
    for (int nx = 0; nx < 2; nx++) {
        set_fsr(0);
        faults_and_signals(nx);
        forks(nx);
        contexts(nx);
        others(nx);
    }
    set_fsr(0);
    threads();
    return 0;
}
