// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * adi/long_calls.c - calls that take long, and signals from outside
 *
 * tests/e2e/test_signals.py runs it, once for each word, and sends it signals
 * when it has said "ready".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "adi/adi.h"

#define HUGE_BYTES (1ul << 40)
#define BIG_BYTES  0x7fff0000ul /* near MAX_RW_COUNT */

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

static void ready(void)
{
    printf("ready\n");
    fflush(stdout);
}

static char *map(size_t bytes, int prot, int flags)
{
    char *p = mmap(NULL, bytes, prot,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);

    CHECK(p != MAP_FAILED);
    return p;
}

static void do_spin(void)
{
    ready();
    for (;;)
        ;
}

static void do_pause(void)
{
    ready();
    for (;;)
        pause();
}

static void do_populate(void)
{
    char *p = map(HUGE_BYTES, PROT_READ, 0);

    ready();
    (void)madvise(p, HUGE_BYTES, MADV_POPULATE_READ);
}

static void do_mlock(void)
{
    char *p = map(HUGE_BYTES, PROT_READ, 0);

    ready();
    (void)mlock(p, HUGE_BYTES);
}

static void do_mlockall(void)
{
    (void)map(HUGE_BYTES, PROT_READ, 0);
    ready();
    (void)mlockall(MCL_CURRENT);
}

static void do_map(void)
{
    ready();
    (void)map(HUGE_BYTES, PROT_READ, MAP_POPULATE);
}

static void do_mincore(void)
{
    char *p = map(HUGE_BYTES, PROT_READ, 0);
    unsigned char *in =
        (unsigned char *)map(HUGE_BYTES / PAGE, PROT_READ | PROT_WRITE, 0);

    ready();
    (void)mincore(p, HUGE_BYTES, in);
    for (;;) /* quick enough once, so often */
        (void)mincore(p, HUGE_BYTES, in);
}

static void do_read(void)
{
    char *p = map(BIG_BYTES, PROT_READ | PROT_WRITE, 0);
    int fd = open("/dev/urandom", O_RDONLY);

    ready();
    (void)!read(fd, p, BIG_BYTES);
}

static void do_write(void)
{
    char *p = map(BIG_BYTES, PROT_READ | PROT_WRITE, 0);
    int fd = open("/dev/null", O_WRONLY);

    ready();
    for (;;)
        (void)!write(fd, p, BIG_BYTES);
}

static void do_sendfile(void)
{
    int in = open("/dev/zero", O_RDONLY), out = open("/dev/null", O_WRONLY);

    ready();
    for (;;)
        (void)sendfile(out, in, NULL, BIG_BYTES);
}

static void do_getrandom(void)
{
    char *p = map(BIG_BYTES, PROT_READ | PROT_WRITE, 0);

    ready();
    (void)!getrandom(p, BIG_BYTES, 0);
}

/* 60 million arguments: one page of pointers, seen again and again. */
static void do_exec(void)
{
    const size_t two = 2 * PAGE, times = 30000;
    int fd = (int)syscall(SYS_memfd_create, "arguments", 0);
    char *list = map(two * (times + 2), PROT_NONE, 0);
    char *page[2 * 8192 / sizeof(char *)];

    list = (char *)(((uintptr_t)list + two - 1) & ~(two - 1));
    for (size_t i = 0; i < sizeof(page) / sizeof(*page); i++)
        page[i] = (char *)"argument";
    CHECK(write(fd, page, sizeof(page)) == sizeof(page));
    for (size_t i = 0; i < times; i++)
        CHECK(mmap(list + i * two, two, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
                   0) == list + i * two);
    ready();
    (void)execve("/proc/self/exe", (char **)list, NULL);
}

/* ---------------------------------------------------- signals from outside */

static volatile sig_atomic_t got;

static void on_signal(int sig)
{
    got = sig;
}

static void do_handle(void)
{
    static const int sigs[] = {SIGUSR1, SIGINT, SIGQUIT, SIGXFSZ, SIGTERM};
    struct sigaction act = {.sa_handler = on_signal};

    for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
        CHECK(sigaction(sigs[i], &act, NULL) == 0);
    ready();
    while (!got)
        ; /* in the middle of a block */
    printf("got %s\n", strsignal(got));
}

static void do_ignore(void)
{
    CHECK(signal(SIGINT, SIG_IGN) != SIG_ERR);
    do_spin();
}

/* What a caller of ours ignored */
static void do_ignored(void)
{
    struct sigaction act;

    printf("ignored");
    for (int sig = 1; sig < NSIG; sig++)
        if (sigaction(sig, NULL, &act) == 0 && act.sa_handler == SIG_IGN)
            printf(" %d", sig);
    printf("\n");
}

static void do_wait(void)
{
    sigset_t set;
    int sig;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    ready();
    CHECK(sigwait(&set, &sig) == 0);
    printf("got %s\n", strsignal(sig));
}

static siginfo_t got_info;

static void on_info(int sig, siginfo_t *info, void *context)
{
    (void)context;
    got_info = *info;
    got = sig;
}

static void do_handle_all(void)
{
    struct sigaction act = {.sa_sigaction = on_info, .sa_flags = SA_SIGINFO};

    for (int sig = 1; sig < NSIG; sig++)
        (void)sigaction(sig, &act, NULL);
    ready();
    while (!got)
        ;
    printf("got %d code %d pid %d uid %d value %p\n", (int)got,
           got_info.si_code, (int)got_info.si_pid, (int)got_info.si_uid,
           got_info.si_value.sival_ptr);
}

static volatile sig_atomic_t counted;

static void count(int sig)
{
    (void)sig;
    counted++;
}

/* How often SIGRTMIN came before SIGRTMAX. */
static void do_count(void)
{
    CHECK(signal(SIGRTMIN, count) != SIG_ERR);
    CHECK(signal(SIGRTMAX, on_signal) != SIG_ERR);
    ready();
    while (!got)
        ;
    printf("%d\n", (int)counted);
}

static void do_stop(void)
{
    ready();
    CHECK(raise(SIGSTOP) == 0);
    printf("goes on\n");
}

static void take_it(int sig)
{
    (void)sig;
}

/* A read of what the caller has as standard input. */
static void read_input(int flags)
{
    struct sigaction act = {.sa_handler = take_it, .sa_flags = flags};
    char byte;
    ssize_t n;

    CHECK(sigaction(SIGUSR1, &act, NULL) == 0);
    CHECK(sigaction(SIGRTMIN, &act, NULL) == 0);
    ready();
    n = read(0, &byte, 1);
    printf("read %zd, %s\n", n, n < 0 ? strerror(errno) : "no error");
}

static void do_interrupt(void)
{
    read_input(0);
}

static void do_restart(void)
{
    read_input(SA_RESTART);
}

/* It is in the foreground of its terminal, and its child is then. */
static void do_job(void)
{
    pid_t pid;
    int status;

    CHECK(signal(SIGINT, SIG_IGN) != SIG_ERR);
    CHECK(signal(SIGTTOU, SIG_IGN) != SIG_ERR);
    pid = fork();
    if (pid == 0) {
        CHECK(setpgid(0, 0) == 0 && tcsetpgrp(0, getpid()) == 0);
        CHECK(signal(SIGINT, SIG_DFL) != SIG_ERR);
        do_pause();
    }
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
    printf("child stopped by %d\n", WSTOPSIG(status));
    fflush(stdout);
    CHECK(kill(pid, SIGCONT) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
    printf("child ended by %d\n", WTERMSIG(status));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *word;
        void (*run)(void);
    } modes[] = {{"spin", do_spin},         {"pause", do_pause},
                 {"populate", do_populate}, {"mlock", do_mlock},
                 {"mlockall", do_mlockall}, {"map", do_map},
                 {"mincore", do_mincore},   {"read", do_read},
                 {"write", do_write},       {"sendfile", do_sendfile},
                 {"exec", do_exec},         {"getrandom", do_getrandom},
                 {"handle", do_handle},     {"ignore", do_ignore},
                 {"wait", do_wait},         {"handle_all", do_handle_all},
                 {"count", do_count},       {"stop", do_stop},
                 {"job", do_job},           {"interrupt", do_interrupt},
                 {"restart", do_restart},   {"ignored", do_ignored}};

    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        if (argc == 2 && strcmp(argv[1], modes[i].word) == 0) {
            modes[i].run();
            return 0;
        }
    }
    return 99;
}
