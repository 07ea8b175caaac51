// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/process_control.c - prctl(2), membarrier(2), and what a core leaves
 *
 * Catches a parent's end that nobody is told of, orphans that come to the
 * wrong one, settings that are lost or kept over fork and execve, and a wait
 * status without the bit of a core.  The same program on this machine is the
 * reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "process.h"
#include "try.h"

#define NOBODY 65534

static long control(int option, long a, long b, long c, long d)
{
    return syscall(SYS_prctl, option, a, b, c, d);
}

/* 1 and 2 for the two that are in use, whose numbers differ. */
static int death_signal(void)
{
    int sig = -1;

    prctl(PR_GET_PDEATHSIG, &sig);
    return sig == SIGUSR1 ? 1 : sig == SIGUSR2 ? 2 : sig;
}

static void show(void)
{
    char name[16] = "";
    int reaper = -1;

    prctl(PR_GET_NAME, name);
    prctl(PR_GET_CHILD_SUBREAPER, &reaper);
    printf("  %s: death %d dumpable %ld slack %ld reaper %d thp %ld mce %ld "
           "privs %ld bits %ld barrier %s\n", name,
           death_signal(), control(PR_GET_DUMPABLE, 0, 0, 0, 0),
           control(PR_GET_TIMERSLACK, 0, 0, 0, 0), reaper,
           control(PR_GET_THP_DISABLE, 0, 0, 0, 0),
           control(PR_MCE_KILL_GET, 0, 0, 0, 0),
           control(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
           control(PR_GET_SECUREBITS, 0, 0, 0, 0),
           syscall(SYS_membarrier, 8, 0) ? strerrorname_np(errno) : "ok");
}

static void wrong_arguments(void)
{
    volatile int big = 1 << 20;

    TRY(control(PR_SET_PDEATHSIG, 65, 0, 0, 0));
    TRY(control(PR_SET_PDEATHSIG, -1, 0, 0, 0));
    TRY(control(PR_GET_PDEATHSIG, 8, 0, 0, 0));
    TRY(control(PR_SET_DUMPABLE, 2, 0, 0, 0));
    TRY(control(PR_SET_KEEPCAPS, 2, 0, 0, 0));
    TRY(control(PR_SET_TIMING, 1, 0, 0, 0));
    TRY(control(PR_SET_NAME, 8, 0, 0, 0));
    TRY(control(PR_GET_NAME, 8, 0, 0, 0));
    TRY(control(PR_CAPBSET_READ, 64, 0, 0, 0));
    TRY(control(PR_CAPBSET_DROP, 64, 0, 0, 0));
    TRY(control(PR_SET_SECUREBITS, 1 << 20, 0, 0, 0));
    TRY(control(PR_MCE_KILL, 2, 0, 0, 0));
    TRY(control(PR_MCE_KILL, 1, 3, 0, 0));
    TRY(control(PR_MCE_KILL, 0, 1, 0, 0));
    TRY(control(PR_MCE_KILL_GET, 1, 0, 0, 0));
    TRY(control(PR_GET_CHILD_SUBREAPER, 8, 0, 0, 0));
    TRY(control(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    TRY(control(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
    TRY(control(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(control(PR_SET_THP_DISABLE, 1, 0, 0, 1));
    TRY(control(PR_GET_THP_DISABLE, 1, 0, 0, 0));
    TRY(control(PR_CAP_AMBIENT, 9, 0, 0, 0));
    TRY(control(PR_CAP_AMBIENT, 1, 64, 0, 0));
    TRY(control(PR_CAP_AMBIENT, 1, 1, 1, 0));
    TRY(control(PR_CAP_AMBIENT, 4, 1, 0, 0));
    TRY(control(big, 0, 0, 0, 0));
    TRY(syscall(SYS_membarrier, 0, 1));
    TRY(syscall(SYS_membarrier, 3, 0));
    TRY(syscall(SYS_membarrier, 1 << 20, 0));
    TRY(syscall(SYS_membarrier, 0, 0) & 31);
}

static void set_all(void)
{
    TRY(control(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
    TRY(control(PR_SET_DUMPABLE, 0, 0, 0, 0));
    TRY(control(PR_SET_TIMERSLACK, 12345, 0, 0, 0));
    TRY(control(PR_SET_CHILD_SUBREAPER, 7, 0, 0, 0));
    TRY(control(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    TRY(control(PR_MCE_KILL, 1, 1, 0, 0));
    TRY(control(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TRY(control(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    TRY(control(PR_SET_NAME, (long)"a name that is too long", 0, 0, 0));
    TRY(control(PR_GET_TIMING, 0, 0, 0, 0));
    TRY(control(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0));
    TRY(syscall(SYS_membarrier, 8, 0));
    TRY(syscall(SYS_membarrier, 16, 0));
    TRY(syscall(SYS_membarrier, 1, 0));
    TRY(syscall(SYS_membarrier, 4, 0));
    TRY(syscall(SYS_membarrier, 2, 0));
}

static int settings(long again)
{
    char *argv[] = { "process_control", "show", NULL };

    show();
    set_all();
    show();
    fflush(stdout);
    if (fork() == 0) {
        puts(" in a child");
        show();
        TRY(control(PR_SET_TIMERSLACK, 777, 0, 0, 0));
        TRY(control(PR_SET_TIMERSLACK, 0, 0, 0, 0));
        show();
        fflush(stdout);
        _exit(0);
    }
    wait(NULL);
    if (again) {
        puts(" after execve");
        fflush(stdout);
        execv("/proc/self/exe", argv);
    }
    return 0;
}

static volatile sig_atomic_t got, from;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)context;
    got = sig;
    from = info->si_pid;
}

/* A grandchild hears that its parent has ended, and whose it is then. */
static int parent_ends(long reaper)
{
    struct channel c = channel_open(), pids = channel_open();
    struct sigaction sa = { .sa_sigaction = on_signal,
                            .sa_flags = SA_SIGINFO };
    pid_t middle, self = getpid();

    if (reaper)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    middle = fork_child();
    if (middle == 0) {
        if (fork_child() == 0) {
            sigset_t none, usr2;

            sigemptyset(&none);
            sigemptyset(&usr2);
            sigaddset(&usr2, SIGUSR2);
            sigprocmask(SIG_BLOCK, &usr2, NULL);
            sigaction(SIGUSR2, &sa, NULL);
            printf("  death signal of a child %d\n", death_signal());
            prctl(PR_SET_PDEATHSIG, SIGUSR2);
            say(&pids, getppid());
            sigsuspend(&none);
            printf("  signal is SIGUSR2 %d from the parent %d\n",
                   got == SIGUSR2, from == hear(&c));
            printf("  its parent is now the first %d\n", getppid() == self);
            fflush(stdout);
            say(&pids, 0);
            _exit(3);
        }
        prctl(PR_SET_PDEATHSIG, SIGUSR1);
        hear(&pids);
        _exit(0);
    }
    reap(middle);
    say(&c, middle);
    hear(&pids);
    if (reaper) {
        int status, pid = wait(&status);

        printf("  reaped another %d exit %d\n", pid > 0 && pid != middle,
               WEXITSTATUS(status));
    }
    printf("  no children %d\n", no_children());
    return 0;
}

/* The signal goes with the ids. */
static int other_ids(long unused)
{
    (void)unused;
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    TRY_DONE(setgroups(0, NULL));
    printf("  death %d dumpable %d\n", death_signal(),
           prctl(PR_GET_DUMPABLE));
    TRY_DONE(setuid(NOBODY));
    printf("  death %d dumpable %d\n", death_signal(),
           prctl(PR_GET_DUMPABLE));
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    return 0;
}

struct core {
    const char *what;
    int sig;
    rlim_t limit;
    int undumpable;
};

static int die(long at)
{
    const struct core *c = (const struct core *)at;
    struct rlimit limit = { c->limit, RLIM_INFINITY };

    setrlimit(RLIMIT_CORE, &limit);
    prctl(PR_SET_DUMPABLE, !c->undumpable);
    signal(c->sig, SIG_DFL);
    raise(c->sig);
    return 0;
}

/* By this machine; adiemu writes none. */
static void remove_core(pid_t pid)
{
    char name[40];

    snprintf(name, sizeof(name), "core.%d", (int)pid);
    unlink(name);
    unlink("core");
}

static void cores(void)
{
    static const struct core all[] = {
        { "abort", SIGABRT, RLIM_INFINITY, 0 },
        { "abort, no limit left", SIGABRT, 0, 0 },
        { "abort, not dumpable", SIGABRT, RLIM_INFINITY, 1 },
        { "segv", SIGSEGV, RLIM_INFINITY, 0 },
        { "sys", SIGSYS, RLIM_INFINITY, 0 },
        { "xfsz", SIGXFSZ, RLIM_INFINITY, 0 },
        { "term", SIGTERM, RLIM_INFINITY, 0 },
        { "kill", SIGKILL, RLIM_INFINITY, 0 },
        { "usr1", SIGUSR1, RLIM_INFINITY, 0 },
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        pid_t pid = spawn(die, (long)&all[i]);
        siginfo_t info;
        int status = 0;

        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
        waitpid(pid, &status, 0);
        printf("  %-22s signal %d core %d dumped %d\n", all[i].what,
               WTERMSIG(status) == all[i].sig, !!WCOREDUMP(status),
               info.si_code == CLD_DUMPED);
        remove_core(pid);
    }
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        show();
        return 0;
    }
    /* Whoever runs this may have set some of it. */
    prctl(PR_SET_TIMERSLACK, 50000);
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0);
    wrong_arguments();
    printf("  exit %d\n", reap(spawn(settings, 1)));
    puts("a parent ends");
    printf("  exit %d\n", reap(spawn(parent_ends, 0)));
    puts("and there is a reaper");
    printf("  exit %d\n", reap(spawn(parent_ends, 1)));
    puts("other ids");
    printf("  exit %d\n", reap(spawn(other_ids, 0)));
    puts("cores");
    cores();
    return 0;
}
