// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/old_calls.c - calls that only old programs make
 *
 * Catches signal(2) with a handler that stays, masks of one word that are not
 * the process's, and a child's state while a signal is on its way.  Other
 * machines do not have these calls, and say what newer ones do.
 */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/syscall.h>
#include "process.h"
#include "try.h"

static int caught;

static void on_signal(int sig)
{
    (void)sig;
    caught++;
}

#ifdef __sparc__
static long old_mask(void)
{
    return syscall(SYS_sgetmask);
}

static long set_mask(int mask)
{
    return syscall(SYS_ssetmask, mask);
}

static long old_signal(int sig, void (*handler)(int))
{
    return syscall(SYS_signal, sig, handler);
}

static long old_wait(pid_t pid, int *status, int options)
{
    return syscall(SYS_waitpid, pid, status, options);
}
#else
static long old_mask(void)
{
    unsigned long set = 0;

    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &set, 8);
    return (long)set;
}

static long set_mask(int mask)
{
    unsigned long set = (unsigned long)(long)mask, old;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, &old, 8);
    return (int)old;
}

static long old_signal(int sig, void (*handler)(int))
{
    struct sigaction act = { .sa_handler = handler,
                             .sa_flags = SA_RESETHAND | SA_NODEFER };
    struct sigaction old;

    return sigaction(sig, &act, &old) ? -1 : (long)old.sa_handler;
}

static long old_wait(pid_t pid, int *status, int options)
{
    return waitpid(pid, status, options);
}
#endif

/* The letter in /proc/PID/stat. */
static char state_of(pid_t pid)
{
    char name[40], line[256] = "", *end;
    FILE *f;

    snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
    f = fopen(name, "r");
    EXPECT(f && fgets(line, sizeof(line), f));
    fclose(f);
    end = strrchr(line, ')');
    return end ? end[2] : '?';
}

static void wait_until(pid_t pid, char state)
{
    while (state_of(pid) != state)
        usleep(1000);
}

int main(void)
{
    int status = 0;
    pid_t pid;

    printf("mask %#lx", old_mask());
    printf(", was %#lx", set_mask(1 << (SIGTERM - 1)));
    printf(", now %#lx", old_mask());
    kill(getpid(), SIGTERM);
    /* SIGKILL and SIGSTOP are not to be had; bit 31 is all above it. */
    printf(", was %#lx", set_mask(-1));
    printf(", now %d\n", old_mask() == (long)~((1ul << (SIGKILL - 1)) |
                                               (1ul << (SIGSTOP - 1))));
    TRY(old_signal(SIGTERM, SIG_IGN));
    TRY(set_mask(0) != 0);
    TRY(old_signal(SIGKILL, on_signal));
    TRY(old_signal(0, on_signal));
    TRY(old_signal(SIGTERM, SIG_DFL));

    TRY(old_wait(-1, &status, 0));
    pid = fork_child();
    if (pid == 0) {
        struct sigaction act = { .sa_handler = on_signal };

        sigaction(SIGUSR1, &act, NULL);
        pause();
        pause();
        return 7;
    }
    /* A signal wakes a sleeper at once: it sleeps again after the handler. */
    wait_until(pid, 'S');
    kill(pid, SIGUSR1);
    wait_until(pid, 'S');
    TRY(old_wait(pid, &status, WNOHANG));
    kill(pid, SIGUSR1);
    wait_until(pid, 'Z');
    EXPECT(old_wait(pid, &status, 0) == pid);
    printf("exit %d\n", WEXITSTATUS(status));
    return 0;
}
