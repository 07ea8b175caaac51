// SPDX-License-Identifier: GPL-2.0-or-later
/* execve(2): a program in the place of another. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu/debug.h"
#include "emu/linux/abi.h"
#include "emu/linux/exec/exec.h"
#include "emu/linux/exec/stack.h"
#include "emu/linux/fs/files.h"
#include "emu/linux/path/path.h"
#include "emu/linux/ptrace/ptrace.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/rlimit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/sched/task.h"
#include "emu/linux/signal/signal.h"
#include "emu/linux/syscall.h"
#include "emu/linux/time/posix_timer.h"
#include "emu/linux/uaccess.h"
#include "emu/linux/warn.h"

#define MAX_ARG_STRLEN   (32 * PAGE_SIZE)
#define MAX_ARG_STRINGS  0x7fffffffu
#define MAX_INTERPRETERS 5
#define BINPRM_BUF       256
#define AT_EMPTY_PATH_G  0x1000u
#define AT_NOFOLLOW_G    0x100u
#define NAME_BYTES       (PATH_BYTES + 32)

/* A list of strings that ends with NULL; both owned. */
struct strings {
    char **at;
    size_t nr;
};

static void strings_free(struct strings *s)
{
    for (size_t i = 0; i < s->nr; i++)
        free(s->at[i]);
    free(s->at);
    *s = (struct strings){0};
}

/* Takes @string, also on error. */
static int strings_insert(struct strings *s, size_t where, char *string)
{
    char **at = realloc(s->at, (s->nr + 2) * sizeof(*at));

    if (at)
        s->at = at;
    if (!at || !string) {
        free(string);
        return -ENOMEM;
    }
    memmove(at + where + 1, at + where, (s->nr - where) * sizeof(*at));
    at[where] = string;
    at[++s->nr] = NULL;
    return 0;
}

static void strings_remove(struct strings *s, size_t where)
{
    free(s->at[where]);
    memmove(s->at + where, s->at + where + 1, (s->nr - where) * sizeof(*s->at));
    s->nr--;
}

/* count(): strings of a list that ends with NULL; a NULL list is empty. */
static int count_strings(struct task *t, uint64_t va, uint64_t *nr)
{
    uint64_t at;

    for (*nr = 0; va != 0; va += 8, ++*nr) {
        if (get_user64(t, va, &at))
            return -EFAULT;
        if (at == 0)
            break;
        if (*nr >= MAX_ARG_STRINGS)
            return -E2BIG;
        if (memory_fatal_signal(t->m->mem))
            return -ERESTARTNOHAND_G;
    }
    return 0;
}

/* One string of copy_strings(), through @buf; *@room bytes are left. */
static int get_string(struct task *t, uint64_t va, char *buf, uint64_t *room,
                      char **out)
{
    int64_t len;

    if (memory_fatal_signal(t->m->mem))
        return -ERESTARTNOHAND_G;
    len = strncpy_from_user(t, buf, va, MAX_ARG_STRLEN);
    if (len == -ENAMETOOLONG || (len >= 0 && (uint64_t)len >= *room))
        return -E2BIG;
    if (len < 0)
        return (int)len;
    *room -= (uint64_t)len + 1;
    *out = strdup(buf);
    return *out ? 0 : -ENOMEM;
}

/* copy_strings(): @nr of them, the last one first. */
static int get_strings(struct task *t, uint64_t va, uint64_t nr, uint64_t *room,
                       struct strings *out)
{
    char *buf = malloc(MAX_ARG_STRLEN);
    int err = 0;

    out->at = calloc(nr + 1, sizeof(*out->at));
    if (!buf || !out->at)
        err = -ENOMEM;
    else
        out->nr = nr;
    for (uint64_t i = nr, at; !err && i-- > 0;) {
        err = get_user64(t, va + 8 * i, &at);
        if (!err)
            err = get_string(t, at, buf, room, &out->at[i]);
    }
    free(buf);
    return err;
}

/* What do_execveat_common() takes from the program, within its limits. */
static int get_arguments(struct task *t, uint64_t argv_va, uint64_t envp_va,
                         struct strings *argv, struct strings *envp)
{
    uint64_t argc, envc, room = stack_arg_limit(t), pointers;
    int err = count_strings(t, argv_va, &argc);

    if (!err)
        err = count_strings(t, envp_va, &envc);
    if (err)
        return err;
    pointers = 8 * ((argc ? argc : 1) + envc);
    if (room <= pointers)
        return -E2BIG;
    room -= pointers;
    err = get_strings(t, envp_va, envc, &room, envp);
    if (!err)
        err = get_strings(t, argv_va, argc, &room, argv);
    if (!err && argc == 0) /* v5.18: programs count on argv[0] */
        err = strings_insert(argv, 0, strdup(""));
    return err;
}

static uint64_t string_bytes(const struct strings *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < s->nr; i++)
        sum += strlen(s->at[i]) + 1;
    return sum;
}

/* get_arg_page(): the strings, below a pointer, are on a stack that grows. */
static int check_stack(const struct task *t, const char *name,
                       const struct strings *argv, const struct strings *envp)
{
    uint64_t bytes = page_align_up(strlen(name) + 1 + string_bytes(argv) +
                                   string_bytes(envp) + 8);

    return bytes > PAGE_SIZE && bytes > rlimit(t, RLIMIT_G_STACK) ? -E2BIG : 0;
}

/* ------------------------------------------------------------- scripts */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* next_non_spacetab(), but with @last where there is none */
static const char *skip_blanks(const char *p, const char *last)
{
    while (p < last && is_blank(*p))
        p++;
    return p;
}

/* next_terminator(): of a name, in [@p, @last]; NULL: none */
static const char *name_end(const char *p, const char *last)
{
    for (; p <= last; p++)
        if (is_blank(*p) || *p == '\0')
            return p;
    return NULL;
}

/* What a first line says: [name, name_end) and [argument, end), if any. */
struct shebang {
    const char *name, *name_end, *argument, *end;
};

/*
 * load_script(): @buf is what a file begins with, and zeros.  A name that the
 * buffer may have cut off is none; an argument may be cut.
 */
static bool parse_script(const char buf[static BINPRM_BUF], struct shebang *out)
{
    const char *last = &buf[BINPRM_BUF - 1], *first, *sep;

    out->argument = NULL;
    out->end = memchr(buf, '\n', BINPRM_BUF);
    if (!out->end) {
        first = skip_blanks(buf + 2, last);
        if (is_blank(*first) || !name_end(first, last))
            return false;
        out->end = last;
    }
    while (is_blank(out->end[-1]))
        out->end--;
    out->name = skip_blanks(buf + 2, out->end);
    if (out->name >= out->end)
        return false;
    sep = name_end(out->name, out->end);
    out->name_end = sep ? sep : out->end;
    if (sep && *sep != '\0' && skip_blanks(sep, out->end) < out->end)
        out->argument = skip_blanks(sep, out->end);
    return true;
}

/*
 * "#! INTERPRETER [ARGUMENT]" in front of the arguments
 *
 * Returns 1 and the open interpreter; 0: it is no script; -errno.
 */
static int open_interpreter(struct task *t, int fd, const char *path,
                            struct strings *argv, int *out)
{
    char buf[BINPRM_BUF] = {0};
    ssize_t n = pread(fd, buf, sizeof(buf), 0);
    struct shebang line;
    int err;

    if (n < 2 || memcmp(buf, "#!", 2) != 0)
        return 0;
    if (!parse_script(buf, &line))
        return -ENOEXEC;
    err = strings_insert(argv, 0, strdup(path)); /* it may be argv[0] */
    if (!err && argv->nr > 1)
        strings_remove(argv, 1);
    if (!err && line.argument)
        err = strings_insert(
            argv, 0,
            strndup(line.argument, (size_t)(line.end - line.argument)));
    if (!err)
        err = strings_insert(
            argv, 0, strndup(line.name, (size_t)(line.name_end - line.name)));
    if (!err) {
        *out = exec_open(t, AT_G_FDCWD, argv->at[0], PATH_FOLLOW);
        err = *out < 0 ? *out : 1;
    }
    return err;
}

/* ------------------------------------------------------------- the call */

/* begin_new_exec() and what follows it: the old program is gone. */
static void forget_old(struct task *t, struct mm *old)
{
    struct mm *new = t->process->mm;

    t->exec_pid = t->pid;
    t->process->mm = old;
    task_kill_others(t);
    task_keep_max_rss(t);
    task_mm_release(t);
    t->process->mm = new;
    mm_put(old);
    if (files_unshare(&t->files) == 0)
        files_close_on_exec(t->files);
    else
        process_exit(t->process, SIG_SEGV); /* begin_new_exec(): too late */
    if (sighand_unshare(&t->process->sighand) == 0)
        sighand_flush(t->process->sighand);
    else
        process_exit(t->process, SIG_SEGV);
    posix_timers_free(t->process);
    t->altstack = (struct sigaltstack){0};
    t->nr_wsaved = 0;
    t->disrupted.sig = 0;
    t->process->exit_signal = SIG_CHLD;
    t->process->membarrier_private = false;
    if (t->cred.secure)
        t->pdeath_signal = 0;
    t->process->execed = true;
    engine_enter_space(task_engine(t), mm_id(t->process->mm));
    machine_check_flush(t->m);
}

static int load(struct task *t, int fd, const struct machine_program *program)
{
    struct mm_layout layout = t->process->layout;
    struct mm *old = t->process->mm, *new = mm_create(t->m->mem);
    struct cred cred = t->cred; /* not counted: until it is over */
    const char *why;
    int err;

    if (!new)
        return -ENOMEM;
    t->process->mm = new;
    cred_exec(&t->cred);
    t->no_wait = true; /* there is no way back to the beginning */
    err = exec_fd(t, fd, program, &why);
    if (!err)
        forget_old(t, old);
    t->no_wait = false;
    if (!err) {
        cred_host_follow(t->m);
        return 0;
    }
    t->process->mm = old;
    t->cred = cred;
    t->process->layout = layout;
    mm_put(new);
    /* What was flushed of the old one meanwhile was not that of this CPU. */
    engine_enter_space(task_engine(t), mm_id(old));
    machine_check_flush(t->m);
    if (why)
        warn_once(t, LOG_SYSCALL, "execve: %s: %s", program->path, why);
    return err == -EISDIR ? -EACCES : err;
}

static int load_through(struct task *t, int fd, const char *path,
                        struct strings *argv, const struct strings *envp)
{
    /* The name of the program stays that of the script. */
    struct machine_program program = {.path = path, .envp = envp->at};
    const char *name = path;
    int err = 1;

    for (unsigned i = 0; err > 0; i++) {
        int interpreter = -1;

        if (i > MAX_INTERPRETERS) {
            err = -ELOOP;
            break;
        }
        err = open_interpreter(t, fd, name, argv, &interpreter);
        if (err > 0) {
            close(fd);
            fd = interpreter;
            name = argv->at[0];
        }
    }
    program.argv = argv->at;
    if (!err)
        err = load(t, fd, &program);
    close(fd);
    return err;
}

/* bprm->filename: where a program that is a script is found again */
static void name_program(int dir, const char *name, char out[static NAME_BYTES])
{
    if (dir == AT_G_FDCWD || *name == '/')
        snprintf(out, NAME_BYTES, "%s", name);
    else
        snprintf(out, NAME_BYTES, "/dev/fd/%d%s%s", dir, *name ? "/" : "",
                 name);
}

/* start_thread(): the way back from the call steps over an instruction. */
static void start_before(struct engine *e)
{
    gva_t pc = cpu_pc(e);

    cpu_set_pc(e, pc - 4, pc);
}

/*
 * The rest of the call, in the new program: de_thread() waits until those that
 * trace the other threads have seen their end; then its own tracer hears of it.
 */
static int64_t finish_exec(struct task *t)
{
    static const struct wait_results killed = {.on_signal = -EINTR};
    uint32_t old = t->exec_pid;

    if (!task_is_alone(t))
        return sched_wait(t, WAIT_REAP, FOREVER, killed);
    t->exec_pid = 0;
    start_before(task_engine(t));
    if (t->m->debug)
        t->m->debug->ops->execed(t->m->debug->ctx, t);
    return ptrace_event(t, PTRACE_EVENT_G_EXEC, old) ? TASK_WAITS : 0;
}

int64_t exec_user(struct task *t, int dir, uint64_t path_va, uint64_t argv_va,
                  uint64_t envp_va, unsigned flags)
{
    unsigned lookup = (flags & AT_EMPTY_PATH_G ? PATH_EMPTY : 0) |
                      (flags & AT_NOFOLLOW_G ? 0 : PATH_FOLLOW);
    char name[PATH_BYTES], shown[NAME_BYTES];
    struct strings argv = {0}, envp = {0};
    int err, fd = -1;

    if (t->wait.again)
        return t->exec_pid ? finish_exec(t) : 0;
    if (flags & ~(AT_EMPTY_PATH_G | AT_NOFOLLOW_G))
        return -EINVAL;
    err = path_name(t, path_va, lookup, name);
    if (err)
        return err;
    name_program(dir, name, shown);
    err = get_arguments(t, argv_va, envp_va, &argv, &envp);
    if (!err)
        err = check_stack(t, shown, &argv, &envp);
    if (!err) {
        fd = exec_open(t, dir, name, lookup);
        err = fd < 0 ? fd : 0;
    }
    if (!err)
        err = load_through(t, fd, shown, &argv, &envp);
    strings_free(&argv);
    strings_free(&envp);
    return err ? err : finish_exec(t);
}
