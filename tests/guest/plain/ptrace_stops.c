// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * plain/ptrace_stops.c - stops of a traced process: signals and job control
 *
 * Catches a signal that the tracer does not see, or that arrives though it was
 * taken away; a group stop that is told twice or not at all; LISTEN and
 * INTERRUPT that lose a trap; and a tracer's end that leaves a process stopped.
 */
#define _GNU_SOURCE
#include "tracing.h"

static void on_signal(int sig)
{
    char line[64];
    int n = snprintf(line, sizeof(line), "  handler of %s\n", signal_word(sig));

    if (write(1, line, (size_t)n) != n)
        _exit(91);
}

/* Sleeps until a signal comes, again and again. */
static pid_t sleeper(void)
{
    pid_t pid = fork_child();

    if (pid == 0) {
        signal(SIGUSR1, on_signal);
        signal(SIGUSR2, on_signal);
        for (;;)
            pause();
    }
    until(pid, 'S');
    return pid;
}

static void say_info(pid_t pid)
{
    siginfo_t info;

    memset(&info, 0, sizeof(info));
    if (ptrace(PTRACE_GETSIGINFO, pid, 0, &info) != 0) {
        printf("  info: %s\n", strerrorname_np(errno));
        return;
    }
    printf("  info: %s code %d event %d%s\n", signal_word(info.si_signo),
           info.si_code > 255 ? 0 : info.si_code, info.si_code >> 8,
           info.si_code <= 0 && info.si_pid == getpid() ? " of ours" : "");
}

static void signals(void)
{
    pid_t pid = sleeper();
    siginfo_t info;

    puts("signals");
    PTRACE(PTRACE_ATTACH, pid, 0, 0);
    await("attached", pid, 0);
    printf("  traced %d, state %c\n", is_traced(pid), state_of(pid));
    say_info(pid);
    PTRACE(PTRACE_ATTACH, pid, 0, 0);
    PTRACE(PTRACE_CONT, pid, 0, 999);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    until(pid, 'S');
    await("goes on", pid, WNOHANG);
    puts("  taken away");
    kill(pid, SIGUSR1);
    await("sees it", pid, 0);
    await("is told once", pid, WNOHANG);
    say_info(pid);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    until(pid, 'S');
    puts("  passed on");
    kill(pid, SIGUSR1);
    await("sees it", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGUSR1);
    until(pid, 'S');
    puts("  another in its place");
    kill(pid, SIGUSR1);
    await("sees it", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGUSR2);
    until(pid, 'S');
    puts("  ignored ones, too");
    kill(pid, SIGWINCH);
    await("sees it", pid, 0);
    EXPECT(ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == 0);
    info.si_code = -42;
    info.si_signo = SIGUSR1;
    PTRACE(PTRACE_SETSIGINFO, pid, 0, &info);
    say_info(pid);
    PTRACE(PTRACE_CONT, pid, 0, SIGUSR1);
    until(pid, 'S');
    PTRACE(PTRACE_GETSIGINFO, pid, 0, &info);
    puts("  detach with one");
    kill(pid, SIGUSR1);
    await("sees it", pid, 0);
    PTRACE(PTRACE_DETACH, pid, 0, 999);
    PTRACE(PTRACE_DETACH, pid, 0, SIGUSR2);
    until(pid, 'S');
    printf("  traced %d\n", is_traced(pid));
    PTRACE(PTRACE_DETACH, pid, 0, 0);
    kill(pid, SIGKILL);
    await("at last", pid, 0);
}

static void group_stop(void)
{
    pid_t pid = sleeper();

    puts("group stop");
    PTRACE(PTRACE_ATTACH, pid, 0, 0);
    await("attached", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGSTOP);
    await("stops", pid, 0);
    say_info(pid);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    until(pid, 'S');
    await("runs all the same", pid, WNOHANG | WUNTRACED | WCONTINUED);
    kill(pid, SIGCONT);
    await("sees it", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGCONT);
    until(pid, 'S');
    await("no longer stopped", pid, WNOHANG | WCONTINUED);
    kill(pid, SIGTSTP);
    await("sees it", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGSTOP);
    await("stops", pid, 0);
    PTRACE(PTRACE_DETACH, pid, 0, 0);
    until(pid, 'T');
    await("stays stopped", pid, WNOHANG | WUNTRACED);
    PTRACE(PTRACE_ATTACH, pid, 0, 0);
    await("attached while stopped", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    await("and by the signal", pid, 0);
    PTRACE(PTRACE_DETACH, pid, 0, 0);
    kill(pid, SIGCONT);
    until(pid, 'S');
    kill(pid, SIGKILL);
    await("at last", pid, 0);
}

static void seized(void)
{
    pid_t pid = sleeper();

    puts("seize");
    PTRACE(PTRACE_SEIZE, pid, 1, 0);
    PTRACE(PTRACE_SEIZE, pid, 0, 1 << 22);
    PTRACE(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT);
    await("does not stop", pid, WNOHANG);
    printf("  traced %d\n", is_traced(pid));
    PTRACE(PTRACE_CONT, pid, 0, 0);
    PTRACE(PTRACE_LISTEN, pid, 0, 0);
    PTRACE(PTRACE_INTERRUPT, pid, 0, 0);
    await("interrupted", pid, 0);
    say_info(pid);
    PTRACE(PTRACE_INTERRUPT, pid, 0, 0);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    await("once more", pid, 0);
    PTRACE(PTRACE_LISTEN, pid, 0, 0);
    await("listens", pid, WNOHANG);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    PTRACE(PTRACE_INTERRUPT, pid, 0, 0);
    await("interrupted", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    until(pid, 'S');
    kill(pid, SIGSTOP);
    await("sees it", pid, 0);
    PTRACE(PTRACE_LISTEN, pid, 0, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGSTOP);
    await("stops", pid, 0);
    say_info(pid);
    PTRACE(PTRACE_LISTEN, pid, 0, 0);
    await("listens", pid, WNOHANG);
    kill(pid, SIGCONT);
    await("hears of it", pid, 0);
    say_info(pid);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    await("sees it", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGCONT);
    until(pid, 'S');
    kill(pid, SIGTERM);
    await("sees it", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, SIGTERM);
    await("ends", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    await("at last", pid, 0);
    await("nobody is left", pid, 0);
}

/* The tracer is the parent; what it does not look at comes when it asks. */
static void trace_me(void)
{
    pid_t pid = fork_child();

    puts("trace me");
    if (pid == 0) {
        EXPECT(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0);
        EXPECT(ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 && errno == EPERM);
        raise(SIGUSR1);
        _exit(3);
    }
    await("its own signal", pid, 0);
    PTRACE(PTRACE_CONT, pid, 0, 0);
    await("ends", pid, 0);
    pid = fork_child();
    if (pid == 0) {
        EXPECT(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0);
        raise(SIGTRAP);
        for (;;)
            pause();
    }
    await("its own signal", pid, 0);
    PTRACE(PTRACE_KILL, pid, 0, 0);
    await("is killed", pid, 0);
}

/* A middle process traces; what becomes of the last one when it ends. */
static void tracer_ends(const char *what, long options, int stopped)
{
    struct channel c = channel_open();
    pid_t pid = sleeper(), tracer = fork_child();
    int status;

    printf("the tracer ends: %s\n", what);
    if (tracer == 0) {
        EXPECT(ptrace(PTRACE_SEIZE, pid, 0, options) == 0);
        if (stopped) {
            EXPECT(ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0);
            EXPECT(waitpid(pid, &status, __WALL) == pid);
            EXPECT(WIFSTOPPED(status));
        }
        say(&c, 1);
        _exit(0);
    }
    hear(&c);
    await("tracer", tracer, 0);
    if (options) {
        await("ends with it", pid, 0);
    } else {
        until(pid, 'S');
        printf("  traced %d\n", is_traced(pid));
        kill(pid, SIGKILL);
        await("ends by itself", pid, 0);
    }
    channel_close(&c);
}

/* The parent hears of the end when the tracer has waited for it. */
static void two_who_wait(void)
{
    struct channel c = channel_open(), go = channel_open();
    pid_t pid = sleeper(), tracer = fork_child();
    int status;

    puts("parent and tracer");
    if (tracer == 0) {
        EXPECT(ptrace(PTRACE_SEIZE, pid, 0, 0) == 0);
        say(&c, 1);
        hear(&go);
        EXPECT(waitpid(pid, &status, __WALL) == pid);
        EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        say(&c, 2);
        hear(&go);
        _exit(0);
    }
    hear(&c);
    kill(pid, SIGKILL);
    until(pid, 'Z');
    await("not yet", pid, WNOHANG);
    say(&go, 1);
    hear(&c);
    await("now", pid, WNOHANG);
    say(&go, 1);
    await("tracer", tracer, 0);
    channel_close(&c);
    channel_close(&go);
}

static void errors(void)
{
    volatile int nobody = 0x3ffffff;

    puts("errors");
    PTRACE(PTRACE_ATTACH, getpid(), 0, 0);
    PTRACE(PTRACE_ATTACH, nobody, 0, 0);
    PTRACE(PTRACE_CONT, nobody, 0, 0);
    PTRACE(PTRACE_CONT, getpid(), 0, 0);
    PTRACE(PTRACE_INTERRUPT, getppid(), 0, 0);
    PTRACE(PTRACE_KILL, getpid(), 0, 0);
}

int main(void)
{
    signals();
    group_stop();
    seized();
    trace_me();
    tracer_ends("the other runs", 0, 0);
    tracer_ends("the other is stopped", 0, 1);
    tracer_ends("EXITKILL, it runs", PTRACE_O_EXITKILL, 0);
    tracer_ends("EXITKILL, it is stopped", PTRACE_O_EXITKILL, 1);
    two_who_wait();
    errors();
    return 0;
}
