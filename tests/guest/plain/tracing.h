/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracing.h - what the plain guests that trace others share
 *
 * The program defines _GNU_SOURCE.  Numbers of signals differ from machine to
 * machine, so that they are shown by name.
 */
#ifndef TRACING_H
#define TRACING_H

#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include "process.h"
#include "try.h"

#define PTRACE(request, pid, addr, data)                                 \
    say_call(#request, ptrace(request, pid, (void *)(uintptr_t)(addr),   \
                              (void *)(uintptr_t)(data)))

static inline const char *signal_word(int sig)
{
    const char *name = sigabbrev_np(sig);

    return name ? name : "?";
}

static inline const char *event_word(int event)
{
    static const char *const words[] = {
        "", " FORK", " VFORK", " CLONE", " EXEC", " VFORK_DONE", " EXIT",
    };

    if (event == 128)
        return " STOP";
    return event >= 0 && event <= 6 ? words[event] : " ?";
}

static inline void say_status(const char *what, int status)
{
    printf("  %-40s ", what);
    if (WIFSTOPPED(status))
        printf("stopped by %s%s%s\n", signal_word(WSTOPSIG(status) & 0x7f),
               WSTOPSIG(status) & 0x80 ? " at a call" : "",
               event_word((int)((unsigned)status >> 16)));
    else if (WIFEXITED(status))
        printf("exit %d\n", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("killed by %s\n", signal_word(WTERMSIG(status)));
    else
        printf("continued\n");
    fflush(stdout);
}

/* wait4() for one, with its status in a line */
static inline int await(const char *what, pid_t pid, int flags)
{
    int status = 0;
    pid_t r;

    do
        r = waitpid(pid, &status, flags | __WALL);
    while (r < 0 && errno == EINTR);
    if (r > 0) {
        EXPECT(pid == -1 || r == pid);
        say_status(what, status);
    } else {
        printf("  %-40s %s\n", what, r ? strerrorname_np(errno) : "nothing");
        fflush(stdout);
    }
    return status;
}

/* The state of a task in /proc; 'x': it is gone. */
static inline char state_of(pid_t pid)
{
    char path[64], line[256], *p;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "r");
    if (!f)
        return 'x';
    p = fgets(line, sizeof(line), f);
    fclose(f);
    p = p ? strrchr(line, ')') : NULL;
    return p ? p[2] : 'x';
}

/* Until the task is in @state: asleep, stopped, dead. */
static inline void until(pid_t pid, char state)
{
    for (int i = 0; i < 100000 && state_of(pid) != state; i++)
        usleep(100);
    EXPECT(state_of(pid) == state);
}

/* TracerPid of it is that of the caller. */
static inline int is_traced(pid_t pid)
{
    char path[64], line[256];
    int tracer = -1;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    f = fopen(path, "r");
    EXPECT(f);
    while (fgets(line, sizeof(line), f))
        sscanf(line, "TracerPid: %d", &tracer);
    fclose(f);
    EXPECT(tracer == 0 || tracer == (int)getpid());
    return tracer != 0;
}

#endif
