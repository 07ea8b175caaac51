// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/exec_state.c - what a process keeps over exec, and what not
 *
 * Kept: descriptors without FD_CLOEXEC and their offsets, the mask, ignored
 * and pending signals, timers, directory, umask, ids. Not kept: handlers,
 * the alternate stack, memory, locks on it, atexit.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include "process.h"

#define PLACE ((void *)0x7000000000)

static void on_any(int sig)
{
    _exit(100 + sig);
}

static void never(void)
{
    puts("atexit ran");
}

static int is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

static const char *action(int sig)
{
    struct sigaction sa;

    sigaction(sig, NULL, &sa);
    return sa.sa_handler == SIG_DFL ? "default"
           : sa.sa_handler == SIG_IGN ? "ignored" : "handled";
}

/* Lines about this process; the same before and after exec. */
static void show(const char *when)
{
    sigset_t mask, waiting;
    struct itimerval t;
    stack_t ss;
    mode_t bits = umask(0);
    char cwd[500];

    umask(bits);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    sigpending(&waiting);
    sigaltstack(NULL, &ss);
    getitimer(ITIMER_REAL, &t);
    EXPECT(getcwd(cwd, sizeof(cwd)));
    printf("%s: fds %d%d%d%d offset %ld, usr1 %s, usr2 %s, hup %s\n", when,
           is_open(20), is_open(21), is_open(22), is_open(23),
           (long)lseek(20, 0, SEEK_CUR), action(SIGUSR1), action(SIGUSR2),
           action(SIGHUP));
    printf("  blocked %d%d, pending %d%d, altstack %d, timer %d\n",
           sigismember(&mask, SIGTERM), sigismember(&mask, SIGHUP),
           sigismember(&waiting, SIGTERM), sigismember(&waiting, SIGHUP),
           !(ss.ss_flags & SS_DISABLE), t.it_value.tv_sec > 0);
    printf("  umask %03o, in scratch %d, mapped %d, group %d\n",
           (unsigned)bits, strstr(cwd, "adiemu-test-") != NULL,
           msync(PLACE, PAGE, MS_ASYNC) == 0, getpgrp() == getpid());
    fflush(stdout);
}

/* Another state, as much of it as there is. */
static void prepare(void)
{
    static char stack[65536];
    stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
    sigset_t set;
    int fd = open("file", O_RDWR | O_CREAT, 0600);

    EXPECT(write(fd, "content", 7) == 7);
    EXPECT(dup2(fd, 20) == 20 && dup2(fd, 21) == 21 && dup2(fd, 22) == 22);
    EXPECT(dup3(fd, 23, O_CLOEXEC) == 23);
    fcntl(21, F_SETFD, FD_CLOEXEC);
    fcntl(22, F_SETFD, FD_CLOEXEC);
    fcntl(22, F_SETFD, 0);
    sigaltstack(&ss, NULL);
    set_handler(SIGUSR1, on_any, SA_ONSTACK);
    set_handler(SIGHUP, on_any, 0);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    umask(027);
    setpgid(0, 0);
    EXPECT(mmap(PLACE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                -1, 0) == PLACE);
    atexit(never);
}

int main(int argc, char **argv)
{
    char *args[] = { argv[0], "after", NULL }, dir[32];
    pid_t pid;
    sigset_t none;

    alarm(60);
    if (argc > 1) {
        show("after");
        alarm(0);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);  /* the pending one ends us */
        return 1;
    }
    enter_scratch(dir);
    pid = fork_child();
    if (pid == 0) {
        prepare();
        show("before");
        execv(argv[0], args);
        _exit(99);
    }
    printf("end %d\n", reap(pid));
    EXPECT(!is_open(20));
    unlink("file");
    leave_scratch(dir);
    return 0;
}
