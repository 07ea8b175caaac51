// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls of a run that may be done again.  Most do the same again.  What
 * the program writes to what it was started with is not written again, and what
 * it reads from there is kept.  A call that changes the host, or listens to it,
 * is the end of all ways back.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/gdb/history.h"
#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/uaccess.h"

#define MAX_DATA (UINT64_C(1) << 20) /* bytes that a call reads */

/* Calls that do the same again, whatever their arguments. */
static const char *const repeat[] = {"access",
                                     "brk",
                                     "capget",
                                     "clock_getres",
                                     "clock_gettime",
                                     "clock_nanosleep",
                                     "clone",
                                     "clone3",
                                     "close",
                                     "close_range",
                                     "dup",
                                     "dup2",
                                     "dup3",
                                     "execve",
                                     "exit",
                                     "exit_group",
                                     "faccessat",
                                     "faccessat2",
                                     "fcntl",
                                     "fork",
                                     "fstat",
                                     "fstat64",
                                     "fstatat64",
                                     "futex",
                                     "get_robust_list",
                                     "getcwd",
                                     "getdents",
                                     "getdents64",
                                     "getegid",
                                     "getegid32",
                                     "geteuid",
                                     "geteuid32",
                                     "getgid",
                                     "getgid32",
                                     "getgroups",
                                     "getitimer",
                                     "getpagesize",
                                     "getpgid",
                                     "getpgrp",
                                     "getpid",
                                     "getppid",
                                     "getpriority",
                                     "getrandom",
                                     "getresgid",
                                     "getresuid",
                                     "getrlimit",
                                     "getrusage",
                                     "getsid",
                                     "gettid",
                                     "gettimeofday",
                                     "getuid",
                                     "getuid32",
                                     "ioctl",
                                     "kill",
                                     "lstat",
                                     "lstat64",
                                     "madvise",
                                     "memory_ordering",
                                     "mincore",
                                     "mlock",
                                     "mlock2",
                                     "mlockall",
                                     "mmap",
                                     "mprotect",
                                     "mremap",
                                     "munlock",
                                     "munlockall",
                                     "munmap",
                                     "nanosleep",
                                     "newfstatat",
                                     "pause",
                                     "personality",
                                     "pipe",
                                     "pipe2",
                                     "prctl",
                                     "prlimit64",
                                     "readlink",
                                     "readlinkat",
                                     "rt_sigaction",
                                     "rt_sigpending",
                                     "rt_sigprocmask",
                                     "rt_sigqueueinfo",
                                     "rt_sigreturn",
                                     "rt_sigsuspend",
                                     "rt_sigtimedwait",
                                     "rt_tgsigqueueinfo",
                                     "sched_get_priority_max",
                                     "sched_get_priority_min",
                                     "sched_getaffinity",
                                     "sched_getparam",
                                     "sched_getscheduler",
                                     "sched_setaffinity",
                                     "sched_yield",
                                     "set_robust_list",
                                     "set_tid_address",
                                     "setitimer",
                                     "setpgid",
                                     "setrlimit",
                                     "setsid",
                                     "sigaltstack",
                                     "stat",
                                     "stat64",
                                     "statx",
                                     "sysinfo",
                                     "tgkill",
                                     "time",
                                     "times",
                                     "tkill",
                                     "umask",
                                     "uname",
                                     "utrap_install",
                                     "vfork",
                                     "wait4",
                                     "waitid",
                                     "waitpid"};

static bool is_one_of(const char *name, const char *const *words, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

#define IS_ONE_OF(name, words)                                                 \
    is_one_of(name, words, sizeof(words) / sizeof(words[0]))

/* What is behind a descriptor of the program. */
enum behind { BEHIND_GIVEN, BEHIND_FILE, BEHIND_PIPE, BEHIND_OTHER };

static enum behind behind(const struct task *t, uint64_t fd)
{
    int host = files_host(t->files, (int)fd);
    struct stat st, given;

    if (host < 0 || fstat(host, &st) != 0)
        return BEHIND_FILE; /* an error, each time */
    for (int i = 0; i < 3; i++)
        if (fstat(i, &given) == 0 && given.st_dev == st.st_dev &&
            given.st_ino == st.st_ino)
            return BEHIND_GIVEN;
    if (S_ISREG(st.st_mode))
        return BEHIND_FILE;
    return S_ISFIFO(st.st_mode) ? BEHIND_PIPE : BEHIND_OTHER;
}

static bool writes(const char *name)
{
    static const char *const calls[] = {"write", "writev"};

    return IS_ONE_OF(name, calls);
}

/* Is it one whose result is kept, and which is not made again? */
static bool is_kept(const struct task *t, const char *name, uint64_t fd)
{
    bool moves =
        writes(name) || strcmp(name, "read") == 0 || strcmp(name, "lseek") == 0;

    return moves && behind(t, fd) == BEHIND_GIVEN;
}

/* NULL: the call, which is not kept, does the same again; "": no such call
 * does. */
static const char *why_not(const struct task *t, const char *name,
                           const uint64_t a[6])
{
    static const char *const reads[] = {"read",  "readv",   "pread64", "preadv",
                                        "lseek", "_llseek", "preadv2"};
    const unsigned changes = 3 | O_G_CREAT | O_G_TRUNC; /* and O_ACCMODE */
    enum behind what;

    if (IS_ONE_OF(name, repeat))
        return NULL;
    if (strcmp(name, "open") == 0)
        return a[1] & changes ? "the program has opened a file to write" : NULL;
    if (strcmp(name, "openat") == 0)
        return a[2] & changes ? "the program has opened a file to write" : NULL;
    if (!IS_ONE_OF(name, reads) && !writes(name))
        return "";
    what = behind(t, a[0]);
    if (what == BEHIND_GIVEN || what == BEHIND_OTHER)
        return "the program has read from outside";
    return what == BEHIND_FILE && writes(name)
               ? "the program has written to a file"
               : NULL;
}

static bool is_input(const char *name, int64_t value)
{
    return strcmp(name, "read") == 0 && value > 0;
}

/* The next of those that were kept is this one. */
static bool is_next(const struct gdb *g, const struct task *t)
{
    const struct history *h = &g->history;

    return h->at_call < h->nr_calls &&
           h->calls[h->at_call].insn == machine_insns(g->m) &&
           h->calls[h->at_call].tid == t->pid;
}

bool history_call(struct gdb *g, struct task *t, const char *name,
                  const uint64_t a[6], int64_t *value)
{
    struct history *h = &g->history;
    const struct history_call *c;

    if (h->at_call == h->nr_calls && (!h->kept || h->lost))
        return false;
    if (!is_kept(t, name, a[0]))
        return false;
    if (!is_next(g, t)) {
        if (h->mode != HISTORY_LIVE)
            history_failed();
        /* Behind what was done again gdb has made it another run. */
        while (h->nr_calls > h->at_call)
            free(h->calls[--h->nr_calls].data);
        return false;
    }
    c = &h->calls[h->at_call++];
    *value = c->value;
    if (is_input(name, c->value) && copy_to_user(t, a[1], c->data, c->len) != 0)
        history_lose(g, "what the program has read has no place any more");
    return true;
}

void history_called(struct gdb *g, struct task *t, const char *name,
                    const uint64_t a[6], int64_t value)
{
    struct history *h = &g->history;
    static uint8_t data[MAX_DATA];
    const char *why;
    size_t len = 0;

    if (!h->kept || h->lost)
        return;
    if (!is_kept(t, name, a[0])) {
        why = why_not(t, name, a);
        if (why && value > -4096 && value < 0 && h->mode == HISTORY_LIVE &&
            strncmp(name, "open", 4) == 0)
            why = NULL; /* it has not */
        if (why && *why)
            history_lose(g, why);
        else if (why)
            history_lose_by(g, name);
        return;
    }
    if (h->mode != HISTORY_LIVE)
        return;
    if (is_input(name, value)) {
        len = (size_t)value;
        if (len > MAX_DATA || copy_data_from_user(t, data, a[1], len) != 0 ||
            (t->wait.again && t->m->tasks->next)) {
            history_lose(g, "the program has waited for what it read");
            return;
        }
    }
    history_add_call(g, t, value, data, len);
}
