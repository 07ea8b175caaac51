// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/ptrace_threads.c - tracing the threads of a process
 *
 * Catches a thread that stops with another's, or does not stop with its
 * process; an end that is told too early, twice, or under the wrong number; an
 * execve() that does not become the first thread, or forgets who traces it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "tracing.h"

#define NR 3 /* threads, the first one among them */

/* Shared with the tracer. */
struct shared {
    volatile pid_t tid[NR];
    volatile int go[NR];    /* what the thread does next, once */
    volatile int got[NR];   /* signals that it has handled */
    volatile int nr_ready;
};

enum { WAIT, EXIT, EXIT_GROUP, EXEC, SPAWN };

static struct shared *sh;

static __thread int number;

static void on_signal(int sig)
{
    (void)sig;
    sh->got[number]++;
}

static void *nothing(void *arg)
{
    return arg;
}

static void *thread(void *arg)
{
    pthread_t t;

    number = (int)(intptr_t)arg;
    sh->tid[number] = (pid_t)syscall(SYS_gettid);
    __atomic_add_fetch(&sh->nr_ready, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        int what = sh->go[number];

        sh->go[number] = WAIT;
        switch (what) {
        case EXIT: syscall(SYS_exit, 20 + number); break;
        case EXIT_GROUP: syscall(SYS_exit_group, 30 + number); break;
        case EXEC:
            execl("/proc/self/exe", "again", "done", (char *)NULL);
            break;
        case SPAWN:
            pthread_create(&t, NULL, nothing, NULL);
            pthread_join(t, NULL);
            break;
        default: usleep(200); break;
        }
    }
    return NULL;
}

/* A child of NR threads; nobody traces it yet. */
static pid_t start(void)
{
    pid_t pid;

    memset(sh, 0, sizeof(*sh));
    pid = fork_child();
    if (pid == 0) {
        signal(SIGUSR1, on_signal);
        for (intptr_t i = 1; i < NR; i++) {
            pthread_t t;

            EXPECT(pthread_create(&t, NULL, thread, (void *)i) == 0);
        }
        thread((void *)0);
    }
    while (sh->nr_ready < NR)
        usleep(100);
    EXPECT(sh->tid[0] == pid);
    return pid;
}

static void seize(pid_t tid, long options)
{
    EXPECT(ptrace(PTRACE_SEIZE, tid, 0, options) == 0);
}

static void let_go(pid_t tid, long sig)
{
    EXPECT(ptrace(PTRACE_CONT, tid, 0, sig) == 0);
}

/* The number of thread @tid; -1: of none of them. */
static int index_of(pid_t tid)
{
    for (int i = 0; i < NR; i++)
        if (sh->tid[i] == tid)
            return i;
    return -1;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(-1, NULL, __WALL) > 0)
        ;
}

static void one_by_one(void)
{
    pid_t pid = start();

    puts("one thread");
    seize(sh->tid[1], 0);
    EXPECT(ptrace(PTRACE_INTERRUPT, sh->tid[1], 0, 0) == 0);
    await("it stops", sh->tid[1], 0);
    printf("  states: %c", state_of(sh->tid[1]));
    printf(" others run %d %d\n", state_of(pid) != 't',
           state_of(sh->tid[2]) != 't');
    /* What is sent to the process another one takes. */
    kill(pid, SIGUSR1);
    while (sh->got[0] + sh->got[2] == 0)
        usleep(100);
    printf("  it took %d\n", sh->got[1]);
    syscall(SYS_tgkill, pid, sh->tid[1], SIGUSR1);
    let_go(sh->tid[1], 0);
    await("its own", sh->tid[1], 0);
    let_go(sh->tid[1], SIGUSR1);
    while (sh->got[1] == 0)
        usleep(100);
    EXPECT(ptrace(PTRACE_DETACH, sh->tid[1], 0, 0) == -1 && errno == ESRCH);
    end(pid);
}

static void group_stop(void)
{
    pid_t pid = start(), tid;
    int status, seen = 0;

    puts("group stop");
    seize(sh->tid[0], 0);
    seize(sh->tid[1], 0);
    kill(pid, SIGSTOP);
    tid = waitpid(-1, &status, __WALL);
    say_status("one sees the signal", status);
    let_go(tid, SIGSTOP);
    for (int i = 0; i < 2; i++) {
        tid = waitpid(-1, &status, __WALL);
        EXPECT(index_of(tid) >= 0);
        seen |= 1 << index_of(tid);
        say_status("one stops", status);
    }
    printf("  those traced: %d\n", seen);
    until(sh->tid[2], 'T');
    printf("  states: %c %c %c\n", state_of(sh->tid[0]), state_of(sh->tid[1]),
           state_of(sh->tid[2]));
    EXPECT(ptrace(PTRACE_LISTEN, sh->tid[0], 0, 0) == 0);
    EXPECT(ptrace(PTRACE_LISTEN, sh->tid[1], 0, 0) == 0);
    await("nothing more", -1, WNOHANG);
    seize(sh->tid[2], 0);
    await("seized while stopped", sh->tid[2], 0);
    EXPECT(ptrace(PTRACE_LISTEN, sh->tid[2], 0, 0) == 0);
    kill(pid, SIGCONT);
    for (int i = 0; i < NR; i++) {
        await("hears of it", sh->tid[i], 0);
        let_go(sh->tid[i], 0);
    }
    tid = waitpid(-1, &status, __WALL);
    say_status("one sees the signal", status);
    let_go(tid, SIGCONT);
    end(pid);
}

static void clones(void)
{
    unsigned long tid = 0;
    pid_t pid = start();

    puts("clone");
    seize(sh->tid[1], PTRACE_O_TRACECLONE);
    sh->go[1] = SPAWN;
    await("makes one", sh->tid[1], 0);
    EXPECT(ptrace(PTRACE_GETEVENTMSG, sh->tid[1], 0, &tid) == 0);
    await("the new one", (pid_t)tid, 0);
    printf("  traced %d, a child %d\n", is_traced((pid_t)tid),
           waitpid((pid_t)tid, NULL, WNOHANG) >= 0);
    let_go(sh->tid[1], 0);
    let_go((pid_t)tid, 0);
    await("ends", (pid_t)tid, 0);
    await("not twice", (pid_t)tid, 0);
    end(pid);
}

static void exits(void)
{
    pid_t pid = start();

    puts("exit");
    for (int i = 0; i < NR; i++)
        seize(sh->tid[i], 0);
    sh->go[1] = EXIT;
    await("a thread", sh->tid[1], 0);
    sh->go[0] = EXIT;
    until(pid, 'Z');
    await("the first one is not told yet", pid, WNOHANG);
    sh->go[2] = EXIT;
    await("the last one", sh->tid[2], 0);
    await("the first one", pid, 0);
    await("nobody is left", -1, 0);
}

static void exit_group_events(void)
{
    unsigned long code;

    start();
    puts("exit_group");
    for (int i = 0; i < NR; i++)
        seize(sh->tid[i], PTRACE_O_TRACEEXIT);
    sh->go[2] = EXIT_GROUP;
    for (int i = 0; i < NR; i++) {
        await("exit event", sh->tid[i], 0);
        EXPECT(ptrace(PTRACE_GETEVENTMSG, sh->tid[i], 0, &code) == 0);
        printf("  code %#lx\n", code);
    }
    for (int i = NR; i-- > 0;)
        let_go(sh->tid[i], 0);
    for (int i = NR; i-- > 0;)
        await("end", sh->tid[i], 0);
    await("nobody is left", -1, 0);
}

/* A thread becomes the first one; those that are traced are waited for. */
static void execs(int traced)
{
    pid_t pid = start(), old = sh->tid[2], other = sh->tid[1];
    unsigned long was = 0;

    printf("exec, %s\n", traced ? "all are traced" : "the one is traced");
    seize(old, PTRACE_O_TRACEEXEC);
    if (traced) {
        seize(pid, PTRACE_O_TRACEEXEC);
        seize(other, PTRACE_O_TRACEEXEC);
    }
    sh->go[2] = EXEC;
    if (traced)
        await("another one ends", other, 0);
    await("exec", pid, 0);
    EXPECT(ptrace(PTRACE_GETEVENTMSG, pid, 0, &was) == 0);
    printf("  was the thread: %d\n", was == (unsigned long)old);
    await("its number is gone", old, 0);
    printf("  traced %d\n", is_traced(pid));
    let_go(pid, 0);
    await("end", pid, 0);
    await("nobody is left", -1, 0);
}

static void killed(void)
{
    pid_t pid = start();

    puts("killed");
    for (int i = 0; i < NR; i++)
        seize(sh->tid[i], 0);
    EXPECT(ptrace(PTRACE_INTERRUPT, sh->tid[1], 0, 0) == 0);
    await("stopped", sh->tid[1], 0);
    syscall(SYS_tgkill, pid, sh->tid[2], SIGKILL);
    for (int i = NR; i-- > 0;)
        await("end", sh->tid[i], 0);
    await("nobody is left", -1, 0);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 13;
    sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(sh != MAP_FAILED);
    one_by_one();
    group_stop();
    clones();
    exits();
    exit_group_events();
    execs(0);
    execs(1);
    killed();
    return 0;
}
