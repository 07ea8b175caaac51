// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/ptrace_events.c - fork, vfork, clone, exec, exit, and system calls
 *
 * Catches an event that is not told, or with the wrong message; a child that
 * is not traced, or does not stop; a stop at a call that is missing, or comes
 * before the call is done; and a call that the tracer has changed, and that is
 * made all the same.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "tracing.h"

#define ALL_EVENTS                                                       \
    (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |    \
     PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT)

/* A child that is traced and stopped, before it does @what. */
static pid_t traced(void (*what)(void), long options)
{
    pid_t pid = fork_child();
    int status;

    if (pid == 0) {
        EXPECT(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0);
        raise(SIGSTOP);
        what();
        _exit(5);
    }
    EXPECT(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
    EXPECT(ptrace(PTRACE_SETOPTIONS, pid, 0, options) == 0);
    return pid;
}

static long message(pid_t pid)
{
    unsigned long m = ~0ul;

    EXPECT(ptrace(PTRACE_GETEVENTMSG, pid, 0, &m) == 0);
    return (long)m;
}

/* To its next stop; whether SIGCHLD still comes is a matter of luck. */
static int next_stop(pid_t pid)
{
    int status;

    do {
        EXPECT(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
        EXPECT(waitpid(pid, &status, __WALL) == pid);
    } while (WIFSTOPPED(status) && status >> 8 == SIGCHLD);
    say_status("parent", status);
    return status;
}

/* Lets @pid go on from event to event; its child has none. */
static void follow(pid_t pid)
{
    pid_t child = 0;
    int status;

    for (;;) {
        status = next_stop(pid);
        if (!WIFSTOPPED(status))
            break;
        switch (status >> 16) {
        case PTRACE_EVENT_FORK:
        case PTRACE_EVENT_VFORK:
        case PTRACE_EVENT_CLONE:
            child = (pid_t)message(pid);
            await("child", child, 0);
            printf("  traced %d\n", is_traced(child));
            EXPECT(ptrace(PTRACE_SETOPTIONS, child, 0, 0) == 0);
            EXPECT(ptrace(PTRACE_CONT, child, 0, 0) == 0);
            break;
        case PTRACE_EVENT_VFORK_DONE:
            printf("  of the child: %d\n", message(pid) == child);
            break;
        case PTRACE_EVENT_EXIT:
            printf("  status %#lx\n", (unsigned long)message(pid));
            break;
        case PTRACE_EVENT_EXEC:
            printf("  was itself: %d\n", message(pid) == pid);
            break;
        }
    }
    if (child)
        await("child", child, 0);
}

static void forks(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(6);
}

static void vforks(void)
{
    pid_t pid = vfork();

    if (pid == 0)
        _exit(7);
}

static int child_of_clone(void *code)
{
    _exit(*(int *)code);
}

static pid_t make_clone(int flags, int code)
{
    static char stack[65536] __attribute__((aligned(16)));
    pid_t pid = clone(child_of_clone, stack + sizeof(stack), flags, &code);

    EXPECT(pid > 0);
    return pid;
}

/* Another signal than SIGCHLD makes it a clone. */
static void clones(void)
{
    make_clone(0, 8);
}

static void forks_untraced(void)
{
    pid_t pid = make_clone(CLONE_UNTRACED | SIGCHLD, 9);

    EXPECT(waitpid(pid, NULL, 0) == pid);
}

static void forks_for_tracer(void)
{
    make_clone(CLONE_PTRACE | SIGCHLD, 10);
}

static void execs(void)
{
    execl("/proc/self/exe", "again", "done", (char *)NULL);
}

static void dies(void)
{
    raise(SIGTERM);
}

static void events(void)
{
    puts("fork");
    follow(traced(forks, ALL_EVENTS));
    puts("vfork");
    follow(traced(vforks, ALL_EVENTS));
    puts("vfork, done only");
    follow(traced(vforks, PTRACE_O_TRACEVFORKDONE));
    puts("clone");
    follow(traced(clones, ALL_EVENTS));
    puts("untraced");
    follow(traced(forks_untraced, ALL_EVENTS));
    puts("exec");
    follow(traced(execs, ALL_EVENTS));
    puts("exec without options");
    follow(traced(execs, 0));
}

/* With CLONE_PTRACE the child is traced, and no event tells of it. */
static void clone_ptrace(void)
{
    pid_t pid = traced(forks_for_tracer, 0);
    int status;
    pid_t child;

    puts("for the tracer");
    next_stop(pid);
    child = waitpid(-1, &status, __WALL);
    EXPECT(child > 0 && child != pid);
    say_status("child", status);
    PTRACE(PTRACE_CONT, child, 0, 0);
    await("child", child, 0);
}

static void death(void)
{
    pid_t pid = traced(dies, PTRACE_O_TRACEEXIT);

    puts("death");
    EXPECT(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    await("its signal", pid, 0);
    EXPECT(ptrace(PTRACE_CONT, pid, 0, SIGTERM) == 0);
    await("exit", pid, 0);
    printf("  by %s\n", signal_word((int)message(pid) & 0x7f));
    EXPECT(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    await("end", pid, 0);
}

/* --------------------------------------------------------- system calls */

static const struct {
    long nr;
    const char *name;
} names[] = { { SYS_getppid, "getppid" }, { SYS_getuid, "getuid" },
              { SYS_exit_group, "exit_group" }, { SYS_close, "close" },
              { SYS_pause, "pause" }, { SYS_rt_sigreturn, "rt_sigreturn" },
              { SYS_rt_sigsuspend, "rt_sigsuspend" },
              { SYS_kill, "kill" } };

static const char *name_of(unsigned long nr)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if ((unsigned long)names[i].nr == nr)
            return names[i].name;
    return "?";
}

/* What the kernel says of the call at which @pid is. */
static unsigned char say_call_info(pid_t pid)
{
    struct __ptrace_syscall_info info;
    long n;

    memset(&info, 0xff, sizeof(info));
    n = ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info);
    printf("  %ld bytes: ", n);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
        printf("enters %s\n", name_of(info.entry.nr));
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.is_error)
        printf("error %s\n", info.exit.rval > -134
                                 ? strerrorname_np((int)-info.exit.rval)
                                 : "of the kernel");
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
        printf("leaves\n");
    else
        printf("nothing\n");
    fflush(stdout);
    return info.op;
}

/* From stop to stop until its end. */
static void trace_calls(pid_t pid)
{
    int status;

    for (;;) {
        EXPECT(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
        EXPECT(waitpid(pid, &status, __WALL) == pid);
        if (!WIFSTOPPED(status))
            break;
        EXPECT(WSTOPSIG(status) == (SIGTRAP | 0x80));
        printf("  message %ld,", message(pid));
        say_call_info(pid);
    }
    say_status("end", status);
}

static void makes_calls(void)
{
    syscall(SYS_getppid);
    syscall(SYS_close, -1);
    syscall(SYS_getuid);
    syscall(SYS_exit_group, 11);
}

static void calls(void)
{
    pid_t pid = traced(makes_calls, PTRACE_O_TRACESYSGOOD);

    puts("calls");
    say_call_info(pid);
    trace_calls(pid);
    puts("calls without TRACESYSGOOD");
    pid = traced(makes_calls, 0);
    EXPECT(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
    await("enters", pid, 0);
    say_call_info(pid);
    EXPECT(ptrace(PTRACE_CONT, pid, 0, 0) == 0);
    await("end", pid, 0);
}

static void handler(int sig)
{
    (void)sig;
}

/* A handler that runs in the middle of a call, once with SA_RESTART. */
static void waits(void)
{
    struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART };
    sigset_t none;

    sigaction(SIGUSR1, &act, NULL);
    sigemptyset(&none);
    syscall(SYS_rt_sigsuspend, &none, 8);
    syscall(SYS_exit_group, 12);
}

static void interrupted(void)
{
    pid_t pid = traced(waits, PTRACE_O_TRACESYSGOOD);
    int status;

    puts("interrupted");
    do { /* to the call that waits */
        EXPECT(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
        EXPECT(waitpid(pid, &status, __WALL) == pid);
    } while (say_call_info(pid) != PTRACE_SYSCALL_INFO_ENTRY ||
             state_of(pid) != 't');
    for (int i = 0; i < 2; i++) { /* rt_sigaction */
        EXPECT(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
        EXPECT(waitpid(pid, &status, __WALL) == pid);
        say_call_info(pid);
    }
    EXPECT(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
    until(pid, 'S');
    kill(pid, SIGUSR1);
    await("the call ends", pid, 0);
    say_call_info(pid);
    EXPECT(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0);
    await("its signal", pid, 0);
    EXPECT(ptrace(PTRACE_SYSCALL, pid, 0, SIGUSR1) == 0);
    await("the handler returns", pid, 0);
    say_call_info(pid);
    trace_calls(pid);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 13;
    events();
    clone_ptrace();
    death();
    calls();
    interrupted();
    return 0;
}
