// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/children.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/spool.h"
#include "emu/machine.h"

#define CHUNK 65536

struct child {
    const char *name;
    pid_t pid;       /* 0: not started, or gone */
    int out, report; /* memory files */
    int err;         /* a pipe; -1: nothing more comes */
    struct spool_reader in;
    FILE *held;    /* owned; of its stderr, until it is its turn */
    bool mid_line; /* its last line is not complete */
};

struct children {
    const struct children_plan *plan;
    struct child_result *results;
    struct child *child;
    size_t started, done, shown;
    struct spool spool;
    int signals; /* those of @caught */
    sigset_t caught, before;
    struct sigaction pipe_before;
    int ended_by;
};

/* ------------------------------------------------------------------ words */

static void show_progress(const struct children *c)
{
    if (!c->plan->quiet && isatty(STDERR_FILENO))
        fprintf(stderr, "\radiemu compare: %zu of %zu profiles", c->done,
                c->plan->nr);
}

static void clear_progress(const struct children *c)
{
    if (!c->plan->quiet && isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* The name of @child in front of each line. */
static void say(struct child *child, const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t part = end ? (size_t)(end - text) + 1 : len;

        if (!child->mid_line)
            fprintf(stderr, "%s: ", child->name);
        fwrite(text, 1, part, stderr);
        child->mid_line = !end;
        text += part;
        len -= part;
    }
}

static void say_held(struct child *child)
{
    char chunk[CHUNK];
    size_t n;

    if (!child->held)
        return;
    rewind(child->held);
    while ((n = fread(chunk, 1, sizeof(chunk), child->held)) > 0)
        say(child, chunk, n);
    fclose(child->held);
    child->held = NULL;
}

/* What the next ones wrote comes when those before them are done. */
static void show_next(struct children *c)
{
    while (c->shown < c->started) {
        struct child *child = &c->child[c->shown];

        say_held(child);
        if (child->pid > 0 || child->err >= 0)
            return;
        if (child->mid_line)
            fputc('\n', stderr);
        c->shown++;
    }
}

/* Some of what it wrote; false when there is nothing more for now. */
static bool listen_to(struct children *c, struct child *child)
{
    char chunk[CHUNK];
    ssize_t n = child->err < 0 ? -1 : read(child->err, chunk, sizeof(chunk));

    if (n > 0 && child == &c->child[c->shown]) {
        clear_progress(c);
        say(child, chunk, (size_t)n);
        show_progress(c);
    } else if (n > 0) {
        if (!child->held)
            child->held = spool_file();
        if (child->held)
            fwrite(chunk, 1, (size_t)n, child->held);
    }
    if (n == 0 && child->err >= 0) {
        close(child->err);
        child->err = -1;
    }
    return n > 0;
}

/* ------------------------------------------------------- begin and end one */

/* In the child: become adiemu. */
static _Noreturn void become(const struct children *c,
                             const struct child *child, pid_t parent, int in,
                             int err)
{
    char report[64];
    char **argv;

    /* Not even when the parent is killed does it go on. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_INTERNAL);
    snprintf(report, sizeof(report), "/proc/%d/fd/%d", (int)parent,
             child->report);
    argv = c->plan->command(c->plan->ctx, child->name, report);
    if (in >= 0)
        dup2(in, STDIN_FILENO);
    else
        close(STDIN_FILENO);
    dup2(child->out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    sigaction(SIGPIPE, &c->pipe_before, NULL);
    sigprocmask(SIG_SETMASK, &c->before, NULL);
    if (argv)
        execv("/proc/self/exe", argv);
    _exit(EXIT_INTERNAL);
}

static int open_files(const struct children *c, struct child *child, int *in,
                      int err[2])
{
    int failed = spool_open(&c->spool, &child->in, in);

    if (failed)
        return failed;
    child->out = memfd_create("stdout", MFD_CLOEXEC);
    child->report = memfd_create("report", MFD_CLOEXEC);
    if (child->out < 0 || child->report < 0 || pipe2(err, O_CLOEXEC) != 0)
        return -errno;
    child->err = err[0];
    (void)fcntl(child->err, F_SETFL, O_NONBLOCK);
    return 0;
}

static int start(struct children *c, struct child *child)
{
    int in = -1, err[2] = {-1, -1};
    int failed = open_files(c, child, &in, err);
    pid_t parent = getpid();

    if (!failed) {
        child->pid = fork();
        if (child->pid == 0)
            become(c, child, parent, in, err[1]);
        if (child->pid < 0)
            failed = -errno;
    }
    if (in >= 0)
        close(in);
    if (err[1] >= 0)
        close(err[1]);
    return failed;
}

static void read_all(int fd, char **out, size_t *len)
{
    off_t size = lseek(fd, 0, SEEK_END);

    *len = 0;
    *out = malloc(size > 0 ? (size_t)size : 1);
    if (*out && size > 0 && pread(fd, *out, (size_t)size, 0) == size)
        *len = (size_t)size;
}

static void collect(struct children *c, size_t n, int status)
{
    struct child *child = &c->child[n];
    struct child_result *r = &c->results[n];

    while (listen_to(c, child))
        ;
    if (child->err >= 0)
        close(child->err);
    child->err = -1;
    child->pid = 0;
    spool_close(&child->in);
    r->exit_code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_all(child->out, &r->out, &r->out_len);
    read_all(child->report, &r->report, &r->report_len);
    close(child->out);
    close(child->report);
    c->done++;
}

static void reap(struct children *c)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t n = 0; n < c->started; n++)
            if (c->child[n].pid == pid)
                collect(c, n, status);
}

static void end_all(const struct children *c, int sig)
{
    for (size_t n = 0; n < c->started; n++)
        if (c->child[n].pid > 0)
            kill(c->child[n].pid, sig);
}

/* --------------------------------------------------------------- the loop */

/* Asked once they end with a report; asked again they just end. */
static void take_signals(struct children *c)
{
    struct signalfd_siginfo info;

    while (read(c->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            continue;
        end_all(c, c->ended_by ? SIGKILL : SIGTERM);
        c->ended_by = (int)info.ssi_signo;
    }
    reap(c);
}

/* Poll for two descriptors of each child, for signals, and for the input. */
static int wait_for_news(struct children *c, struct pollfd *fds)
{
    bool wants = false;
    int err = 0;

    for (size_t n = 0; n < c->started; n++) {
        const struct child *child = &c->child[n];

        fds[2 * n] = (struct pollfd){.fd = child->err, .events = POLLIN};
        fds[2 * n + 1] = (struct pollfd){.fd = child->in.fd};
        if (spool_wants(&c->spool, &child->in))
            wants = true;
        else
            fds[2 * n + 1].events = POLLOUT;
    }
    fds[2 * c->started] = (struct pollfd){.fd = c->signals, .events = POLLIN};
    fds[2 * c->started + 1] =
        (struct pollfd){.fd = wants ? STDIN_FILENO : -1, .events = POLLIN};
    if (poll(fds, 2 * c->started + 2, -1) < 0)
        return errno == EINTR ? 0 : -errno;
    for (size_t n = 0; n < c->started; n++) {
        if (fds[2 * n].revents)
            (void)listen_to(c, &c->child[n]);
        if (fds[2 * n + 1].revents & POLLERR)
            spool_close(&c->child[n].in);
        else if (fds[2 * n + 1].revents)
            spool_feed(&c->spool, &c->child[n].in);
    }
    if (fds[2 * c->started + 1].revents)
        err = spool_fill(&c->spool);
    take_signals(c);
    return err;
}

static int run_all(struct children *c, struct pollfd *fds)
{
    size_t nr = c->plan->nr;
    int err = 0;

    while (!err && (c->done < c->started || (c->done < nr && !c->ended_by))) {
        show_progress(c);
        while (!err && !c->ended_by && c->started < nr &&
               c->started - c->done < c->plan->jobs)
            err = start(c, &c->child[c->started++]);
        if (!err)
            err = wait_for_news(c, fds);
        clear_progress(c);
        show_next(c);
    }
    end_all(c, SIGKILL);
    return err;
}

static int prepare(struct children *c)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    const int caught[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    int err = spool_init(&c->spool);

    sigemptyset(&c->caught);
    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
        sigaddset(&c->caught, caught[i]);
    sigprocmask(SIG_BLOCK, &c->caught, &c->before);
    signal(SIGCHLD, SIG_DFL); /* ignored, there would be nothing to wait for */
    sigaction(SIGPIPE, &ignore, &c->pipe_before);
    c->signals = signalfd(-1, &c->caught, SFD_CLOEXEC | SFD_NONBLOCK);
    return err ? err : c->signals < 0 ? -errno : 0;
}

static void clean_up(struct children *c)
{
    for (size_t n = 0; n < c->started; n++) {
        struct child *child = &c->child[n];

        if (child->pid > 0)
            waitpid(child->pid, NULL, 0);
        if (child->held)
            fclose(child->held);
    }
    spool_fini(&c->spool);
    if (c->signals >= 0)
        close(c->signals);
    sigprocmask(SIG_SETMASK, &c->before, NULL);
    sigaction(SIGPIPE, &c->pipe_before, NULL);
    free(c->child);
}

int children_run(const struct children_plan *plan, struct child_result *results)
{
    struct pollfd *fds = calloc(2 * plan->nr + 2, sizeof(*fds));
    struct children c = {.plan = plan,
                         .results = results,
                         .child = calloc(plan->nr, sizeof(*c.child)),
                         .signals = -1};
    int err = prepare(&c);

    memset(results, 0, plan->nr * sizeof(*results));
    if (!fds || !c.child)
        err = -ENOMEM;
    for (size_t n = 0; c.child && n < plan->nr; n++)
        c.child[n] =
            (struct child){.name = plan->names[n], .err = -1, .in = {.fd = -1}};
    if (!err)
        err = run_all(&c, fds);
    clean_up(&c);
    free(fds);
    return err ? err : c.ended_by;
}
