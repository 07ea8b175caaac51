/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * adi/processes.h - parent and child in turns
 */
#pragma once

#include <sys/wait.h>

#include "adi/adi.h"

/* A pipe; each byte in it lets one turn_wait() go on. */
struct turn {
    int fd[2];
};

static inline struct turn turn_make(void)
{
    struct turn t = {{-1, -1}};

    CHECK(pipe(t.fd) == 0);
    return t;
}

static inline void turn_give(struct turn *t)
{
    CHECK(write(t->fd[1], "", 1) == 1);
}

static inline void turn_wait(struct turn *t)
{
    char byte;

    CHECK(read(t->fd[0], &byte, 1) == 1);
}

/* What was printed so far is not printed twice. */
static inline pid_t fork_flushed(void)
{
    pid_t pid;

    fflush(stdout);
    pid = fork();
    CHECK(pid >= 0);
    return pid;
}

/* End a child: with what it printed, without handlers of its parent. */
static inline void leave(int code)
{
    fflush(stdout);
    _exit(code);
}

/* Its exit code, 128 + n after signal n. */
static inline int reap(pid_t pid)
{
    int status;

    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Frames that are free now, the last used ones first, get @tag. */
static inline void soil_some(unsigned tag)
{
    const size_t len = 24 * PAGE;
    char *p = map_pages(len / PAGE, PROT_READ | PROT_WRITE | PROT_ADI);

    tag_range(p, len, tag);
    CHECK(munmap(p, len) == 0);
}
