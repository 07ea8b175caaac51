// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/threads_signals.c - signals of processes with several threads
 *
 * Catches a signal for a process that a thread takes which blocks it, or that
 * two take, one for a thread that another takes, masks and alternate stacks
 * that are not each thread's own, faults that the wrong thread handles, and
 * timers that tell the wrong one.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include "process.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static pthread_t first;
static sem_t ready, taken;
static atomic_int by_first, by_other, values;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)context, (void)sig;
    if (pthread_equal(pthread_self(), first))
        by_first++;
    else
        by_other++;
    if (info->si_code == SI_QUEUE)
        values += info->si_value.sival_int;
    sem_post(&taken);
}

static void say_takers(const char *what)
{
    printf("%s: first %d, other %d\n", what, by_first, by_other);
    by_first = by_other = 0;
}

static void block(int how, int sig)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, sig);
    EXPECT(pthread_sigmask(how, &set, NULL) == 0);
}

static void *wait_to_end(void *arg)
{
    block(SIG_UNBLOCK, SIGUSR1);
    sem_post(&ready);
    for (;;)
        pause();
    return arg;
}

static void end(pthread_t t)
{
    pthread_cancel(t);
    pthread_join(t, NULL);
}

static void directed(void)
{
    union sigval value = { .sival_int = 42 };
    pthread_t t;

    pthread_create(&t, NULL, wait_to_end, NULL);
    sem_wait(&ready);
    EXPECT(pthread_kill(t, SIGUSR1) == 0);
    sem_wait(&taken);
    say_takers("to the other");
    EXPECT(pthread_kill(first, SIGUSR1) == 0);
    sem_wait(&taken);
    say_takers("to the first");
    EXPECT(kill(getpid(), SIGUSR1) == 0);
    sem_wait(&taken);
    say_takers("to the process");
    block(SIG_BLOCK, SIGUSR1);
    EXPECT(kill(getpid(), SIGUSR1) == 0);
    sem_wait(&taken);
    say_takers("to the process, the first blocks it");
    EXPECT(pthread_sigqueue(t, SIGUSR1, value) == 0);
    sem_wait(&taken);
    say_takers("queued for the other");
    printf("value %d\n", values);
    EXPECT(syscall(SYS_tgkill, getpid() + 1, getpid(), SIGUSR1) == -1);
    printf("of another group: %s\n", strerrorname_np(errno));
    end(t);
    printf("ended: %s\n", strerrorname_np(pthread_kill(first, 65)));
    block(SIG_UNBLOCK, SIGUSR1);
}

/* ---------------------------------------------- whoever does not block it */

static void *blocks_first(void *arg)
{
    sigset_t pending;

    block(SIG_BLOCK, SIGUSR1);
    sem_post(&ready);
    for (;;) {
        sigpending(&pending);
        if (sigismember(&pending, SIGUSR1))
            break;
        sched_yield();
    }
    block(SIG_UNBLOCK, SIGUSR1); /* it was left for who unblocks it */
    return arg;
}

static void left_over(void)
{
    pthread_t t;

    block(SIG_BLOCK, SIGUSR1);
    pthread_create(&t, NULL, blocks_first, NULL);
    sem_wait(&ready);
    kill(getpid(), SIGUSR1);
    pthread_join(t, NULL);
    say_takers("left over");
    block(SIG_UNBLOCK, SIGUSR1);
}

static void *waits_for_it(void *arg)
{
    sigset_t set;
    int sig = 0;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sem_post(&ready);
    EXPECT(sigwait(&set, &sig) == 0);
    (void)arg;
    return (void *)(long)(sig == SIGUSR2);
}

static void waited_for(void)
{
    void *value;
    pthread_t t;

    block(SIG_BLOCK, SIGUSR2);
    pthread_create(&t, NULL, waits_for_it, NULL);
    sem_wait(&ready);
    kill(getpid(), SIGUSR2);
    pthread_join(t, &value);
    printf("sigwait: %ld\n", (long)value);
    block(SIG_UNBLOCK, SIGUSR2);
}

/* ------------------------------------------------------------------ faults */

static __thread sigjmp_buf *back;
static __thread char *stack;
static char *nothing; /* a page that cannot be touched */

static void on_fault(int sig, siginfo_t *info, void *context)
{
    char here;

    (void)context;
    EXPECT(&here >= stack && &here < stack + SIGSTKSZ);
    EXPECT(info->si_addr == nothing && sig == SIGSEGV);
    siglongjmp(*back, 1);
}

static void *faults(void *arg)
{
    sigjmp_buf env;
    stack_t alt = { .ss_size = (size_t)SIGSTKSZ };
    volatile long nr = 0;

    stack = malloc((size_t)SIGSTKSZ);
    alt.ss_sp = stack;
    EXPECT(stack && sigaltstack(&alt, NULL) == 0);
    back = &env;
    for (volatile int i = 0; i < 20; i++) {
        if (sigsetjmp(env, 1) == 0)
            *(volatile char *)nothing = 1;
        nr++;
    }
    alt.ss_flags = SS_DISABLE;
    sigaltstack(&alt, NULL);
    free(stack);
    (void)arg;
    return (void *)nr;
}

static void own_faults(void)
{
    struct sigaction act = { .sa_sigaction = on_fault,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK };
    pthread_t t[3];
    long sum = 0;
    void *value;

    nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaction(SIGSEGV, &act, NULL);
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, faults, NULL);
    sum = (long)faults(NULL);
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], &value);
        sum += (long)value;
    }
    printf("faults: %ld\n", sum);
    signal(SIGSEGV, SIG_DFL);
}

/* ------------------------------------------------------------------ timers */

static atomic_int told;

static void on_timer(union sigval value)
{
    EXPECT(!pthread_equal(pthread_self(), first));
    told += value.sival_int;
    sem_post(&taken);
}

static void *has_timer(void *arg)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
                              .sigev_signo = SIGUSR1 };
    struct itimerspec when = { .it_value = { .tv_nsec = 1000000 } };
    timer_t timer;

    event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
    EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
    while (by_other == 0)
        sched_yield();
    timer_delete(timer);
    return arg;
}

static void timers(void)
{
    struct sigevent event = { .sigev_notify = SIGEV_THREAD,
                              .sigev_notify_function = on_timer,
                              .sigev_value.sival_int = 3 };
    struct itimerspec when = { .it_value = { .tv_nsec = 1000000 } };
    timer_t timer;
    pthread_t t;

    pthread_create(&t, NULL, has_timer, NULL);
    pthread_join(t, NULL);
    sem_wait(&taken);
    say_takers("timer of a thread");
    EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    EXPECT(timer_settime(timer, 0, &when, NULL) == 0);
    sem_wait(&taken);
    printf("SIGEV_THREAD: %d\n", told);
    timer_delete(timer);
}

/* What a thread leaves when it ends. */
struct left {
    timer_t timer;
    clockid_t clock;
};

/* A timer that tells a thread which has ended tells nobody, and is over. */
static void *leaves_timer(void *arg)
{
    struct left *left = arg;
    struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
                              .sigev_signo = SIGUSR1 };
    struct itimerspec when = { .it_value = { .tv_nsec = 2000000 },
                               .it_interval = { .tv_nsec = 2000000 } };

    event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
    EXPECT(timer_create(CLOCK_MONOTONIC, &event, &left->timer) == 0);
    EXPECT(timer_settime(left->timer, 0, &when, NULL) == 0);
    EXPECT(pthread_getcpuclockid(pthread_self(), &left->clock) == 0);
    return NULL;
}

static void left_timers(void)
{
    struct timespec a_while = { 0, 20000000 };
    struct itimerspec when;
    struct left left;
    pthread_t t;

    pthread_create(&t, NULL, leaves_timer, &left);
    pthread_join(t, NULL);
    by_first = by_other = 0;
    while (nanosleep(&a_while, &a_while) != 0)
        ;
    say_takers("timer of one that ended");
    EXPECT(timer_gettime(left.timer, &when) == 0 && when.it_interval.tv_nsec);
    timer_delete(left.timer);
    printf("its clock: %s\n",
           strerrorname_np(clock_gettime(left.clock, &a_while) ? errno : 0));
}

static void *works(void *arg)
{
    struct timespec ts, whole;
    clockid_t id;

    for (volatile int i = 0; i < 200000; i++)
        ;
    EXPECT(pthread_getcpuclockid(pthread_self(), &id) == 0);
    EXPECT(clock_gettime(id, &ts) == 0);
    EXPECT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &whole) == 0);
    EXPECT(ts.tv_sec * 1000000000L + ts.tv_nsec <=
           whole.tv_sec * 1000000000L + whole.tv_nsec);
    (void)arg;
    return (void *)(ts.tv_sec * 1000000000L + ts.tv_nsec);
}

static void clocks(void)
{
    struct timespec ts, after;
    pthread_t t;
    void *used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    pthread_create(&t, NULL, works, NULL);
    pthread_join(t, &used);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    /* What it used is still its process's. */
    EXPECT((after.tv_sec - ts.tv_sec) * 1000000000L + after.tv_nsec -
               ts.tv_nsec >= (long)used);
    puts("clocks");
}

/* -------------------------------------------------------------------- stops */

static void *busy(void *arg)
{
    sem_post(&ready);
    for (;;)
        sched_yield();
    return arg;
}

static void stops(void)
{
    pid_t pid = fork_child();
    int status;

    if (pid == 0) {
        pthread_t t[2];

        pthread_create(&t[0], NULL, busy, NULL);
        pthread_create(&t[1], NULL, wait_to_end, NULL);
        sem_wait(&ready);
        sem_wait(&ready);
        kill(getpid(), SIGSTOP);
        pthread_exit(NULL); /* the others stay */
    }
    EXPECT(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
    printf("stopped by %d\n", WSTOPSIG(status) == SIGSTOP);
    kill(pid, SIGCONT);
    EXPECT(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
    kill(pid, SIGTERM);
    EXPECT(waitpid(pid, &status, 0) == pid);
    printf("killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : -1);
}

int main(void)
{
    struct sigaction act = { .sa_sigaction = on_signal,
                             .sa_flags = SA_SIGINFO | SA_RESTART };

    first = pthread_self();
    sem_init(&ready, 0, 0);
    sem_init(&taken, 0, 0);
    sigaction(SIGUSR1, &act, NULL);
    directed();
    left_over();
    sem_wait(&taken);
    waited_for();
    own_faults();
    timers();
    left_timers();
    clocks();
    stops();
    return 0;
}
