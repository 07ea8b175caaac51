// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/threads_exit.c - how processes with several threads begin and end
 *
 * Catches a process that ends with its first thread, or does not with
 * exit_group(), a wait status of the wrong thread, threads that live on after
 * exec or fork, an exec that changes the process's number, locks that a dead
 * thread keeps, and flags of clone() that are taken for others.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "process.h"

static sem_t ready;

static void *forever(void *arg)
{
    sem_post(&ready);
    for (;;)
        pause();
    return arg;
}

static void say_status(const char *what, pid_t pid)
{
    int status;

    EXPECT(waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status))
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
    else
        printf("%s: signal %d\n", what, WTERMSIG(status));
}

static void *exit_late(void *arg)
{
    while (syscall(SYS_tgkill, getpid(), getpid(), 0) == 0) {
        char path[64], line[512] = "";
        int fd;

        snprintf(path, sizeof(path), "/proc/%d/stat", getpid());
        fd = open(path, O_RDONLY);
        EXPECT(fd >= 0 && read(fd, line, sizeof(line) - 1) > 0);
        close(fd);
        if (strstr(line, ") Z "))
            break; /* the first one is gone */
        sched_yield();
    }
    syscall(SYS_exit, (int)(long)arg);
    return NULL;
}

static void *exit_all(void *arg)
{
    sem_wait(&ready);
    _exit((int)(long)arg);
}

static void *die(void *arg)
{
    char *page = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    signal(SIGSEGV, SIG_DFL);
    *(volatile char *)page = 1;
    return arg;
}

static void *raise_abort(void *arg)
{
    abort();
    return arg;
}

static pthread_t start(void *(*fn)(void *), long arg)
{
    pthread_t t;

    EXPECT(pthread_create(&t, NULL, fn, (void *)arg) == 0);
    return t;
}

static void statuses(void)
{
    pid_t pid = fork_child();

    if (pid == 0) {
        start(exit_late, 5);
        syscall(SYS_exit, 3);
    }
    say_status("the first thread's status", pid);
    pid = fork_child();
    if (pid == 0) {
        start(forever, 0);
        start(exit_all, 9);
        for (;;)
            pause();
    }
    say_status("exit_group", pid);
    pid = fork_child();
    if (pid == 0) {
        start(forever, 0);
        start(die, 0);
        for (;;)
            pause();
    }
    say_status("a fault", pid);
    pid = fork_child();
    if (pid == 0) {
        start(raise_abort, 0);
        for (;;)
            pause();
    }
    say_status("abort", pid);
    pid = fork_child();
    if (pid == 0) {
        start(exit_all, 11);
        sem_post(&ready);
        pthread_exit(NULL);
    }
    say_status("after pthread_exit of the first", pid);
}

/* --------------------------------------------------------------- exec, fork */

static int in_exec(int argc, char **argv)
{
    char path[64], line[256];
    FILE *in;

    printf("after exec: same pid %d, leads %d", atoi(argv[2]) == getpid(),
           syscall(SYS_gettid) == getpid());
    snprintf(path, sizeof(path), "/proc/self/status");
    in = fopen(path, "r");
    EXPECT(in);
    while (fgets(line, sizeof(line), in))
        if (strncmp(line, "Threads:", 8) == 0)
            printf(", %s", line);
    fclose(in);
    return argc;
}

static char *self;

static void *exec_self(void *arg)
{
    char pid[16];

    sem_wait(&ready);
    snprintf(pid, sizeof(pid), "%d", getpid());
    if (arg)
        execl("/no/such/file", "x", NULL); /* nobody notices */
    execl(self, self, "exec", pid, NULL);
    _exit(90);
}

static void *fork_here(void *arg)
{
    pid_t pid;

    pthread_setname_np(pthread_self(), "forker");
    pid = fork_child();
    if (pid == 0) {
        char name[16];
        int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY);

        EXPECT(fd >= 0);
        close(fd);
        pthread_getname_np(pthread_self(), name, sizeof(name));
        printf("forked by %s, leads %d\n", name,
               syscall(SYS_gettid) == getpid());
        fflush(stdout);
        _exit(4);
    }
    (void)arg;
    return (void *)(long)pid;
}

static void exec_and_fork(void)
{
    pid_t pid = fork_child();
    void *value;


    if (pid == 0) {
        start(forever, 0);
        start(exec_self, 1);
        for (;;)
            pause();
    }
    say_status("exec by a thread", pid);
    pid = fork_child();
    if (pid == 0) {
        start(forever, 0);
        sem_wait(&ready);
        sem_post(&ready);
        exec_self(NULL);
    }
    say_status("exec by the first", pid);
    pthread_join(start(fork_here, 0), &value);
    say_status("fork by a thread", (pid_t)(long)value);
}

/* ------------------------------------------------------------- robust locks */

static pthread_mutex_t robust;

static void *keep(void *arg)
{
    EXPECT(pthread_mutex_lock(&robust) == 0);
    return arg;
}

static void dead_owner(void)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attr);
    pthread_join(start(keep, 0), NULL);
    printf("lock of a dead thread: %s\n",
           strerrorname_np(pthread_mutex_lock(&robust)));
    pthread_mutex_consistent(&robust);
    printf("unlock: %d\n", pthread_mutex_unlock(&robust));
}

/* ------------------------------------------------------- parents of children */

static struct channel told;

static void *fork_and_end(void *arg)
{
    pid_t pid = fork_child();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        say(&told, 1);
        for (;;)
            pause();
    }
    EXPECT(hear(&told) == 1);
    (void)arg;
    return (void *)(long)pid;
}

/* wait4() for the children of the calling thread alone. */
static void *waits_for_its_own(void *arg)
{
    int status;

    (void)arg;
    EXPECT(waitpid(-1, &status, __WNOTHREAD | WNOHANG) == -1);
    printf("no child of this thread: %s\n", strerrorname_np(errno));
    return NULL;
}

static void parents(void)
{
    void *pid;
    pid_t child = fork_child();

    if (child == 0)
        _exit(0);
    pthread_join(start(waits_for_its_own, 0), NULL);
    EXPECT(waitpid(child, NULL, __WNOTHREAD) == child);

    told = channel_open();
    pthread_join(start(fork_and_end, 0), &pid);
    say_status("its thread has ended", (pid_t)(long)pid);
}

/* -------------------------------------------------------------- clone flags */

static char stack[65536] __attribute__((aligned(16)));
static volatile int seen;

static int child(void *arg)
{
    switch ((int)(long)arg) {
    case CLONE_FS: EXPECT(chdir("/proc") == 0); break;
    case CLONE_SIGHAND: signal(SIGUSR2, SIG_IGN); break;
    case CLONE_VM: seen = 1; break;
    default: break;
    }
    return 0;
}

static pid_t clone_child(int flags, int what)
{
    pid_t pid = clone(child, stack + sizeof(stack) - 512, flags | SIGCHLD,
                      (void *)(long)what);

    EXPECT(pid > 0);
    return pid;
}

/* Its number goes when the thread does; but nobody is left to see that. */
static void tid_of_the_last(void)
{
    int *word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid;

    *word = 7;
    pid = fork_child();
    if (pid == 0) {
        syscall(SYS_set_tid_address, word);
        _exit(0);
    }
    EXPECT(waitpid(pid, NULL, 0) == pid);
    printf("word %d\n", *word);
}

static void flags(void)
{
    char dir[64];
    void (*old)(int);

    say_status("CLONE_FS", clone_child(CLONE_FS, CLONE_FS));
    EXPECT(getcwd(dir, sizeof(dir)));
    printf("directory %s\n", dir);
    EXPECT(chdir("/") == 0);
    say_status("no CLONE_FS", clone_child(0, CLONE_FS));
    EXPECT(getcwd(dir, sizeof(dir)));
    printf("directory %s\n", dir);
    say_status("CLONE_SIGHAND",
               clone_child(CLONE_VM | CLONE_SIGHAND, CLONE_SIGHAND));
    old = signal(SIGUSR2, SIG_DFL);
    printf("ignored: %d\n", old == SIG_IGN);
    say_status("CLONE_VM", clone_child(CLONE_VM, CLONE_VM));
    /* The highest bit of an int. */
    say_status("CLONE_IO", clone_child(CLONE_VM | (int)CLONE_IO, CLONE_VM));
    printf("seen: %d\n", seen);
    EXPECT(clone(child, stack + sizeof(stack) - 512,
                 CLONE_SIGHAND | SIGCHLD, NULL) == -1);
    printf("handlers without memory: %s\n", strerrorname_np(errno));
    EXPECT(clone(child, stack + sizeof(stack) - 512, CLONE_THREAD | CLONE_VM,
                 NULL) == -1);
    printf("a thread without handlers: %s\n", strerrorname_np(errno));
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 2)
        return in_exec(argc, argv);
    sem_init(&ready, 0, 0);
    statuses();
    exec_and_fork();
    dead_owner();
    parents();
    tid_of_the_last();
    flags();
    return 0;
}
