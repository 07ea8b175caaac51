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
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/spool.h"
#include "emu/machine.h"

#define CHUNK   65536
#define LOOK_MS 20 /* how often what they write is measured */

struct child {
    size_t n;
    pid_t pid;               /* 0: gone */
    int out, report, script; /* memory files */
    int err;                 /* a pipe; -1: nothing more comes */
    struct spool_reader in;
    FILE *held;     /* owned; of its stderr, until it is its turn */
    bool mid_line;  /* its last line is not complete */
    bool timed_out; /* we ended it */
    bool too_much;  /* we ended it for what it wrote */
    size_t held_bytes;
    uint64_t late_ms; /* it may run until then; 0: for ever */
    struct child *next;
};

struct children {
    const struct children_plan *plan;
    struct child *child; /* owned; in order, without those that were shown */
    size_t started, done;
    size_t limit; /* those from here on need not run */
    int signals;  /* those of @caught */
    sigset_t caught, before;
    struct sigaction pipe_before;
    int ended_by;
};

/* ------------------------------------------------------------------ words */

static bool tells(const struct children *c)
{
    return c->plan->tell && isatty(STDERR_FILENO);
}

static void show_progress(const struct children *c)
{
    if (!tells(c))
        return;
    fputc('\r', stderr);
    c->plan->tell(c->plan->ctx, c->done);
}

static void clear_progress(const struct children *c)
{
    if (tells(c))
        fputs("\r\033[K", stderr);
}

/* The name of @child in front of each line. */
static void say(const struct children *c, struct child *child, const char *text,
                size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t part = end ? (size_t)(end - text) + 1 : len;

        if (!child->mid_line)
            fprintf(stderr, "%s: ", c->plan->names[child->n]);
        fwrite(text, 1, part, stderr);
        child->mid_line = !end;
        text += part;
        len -= part;
    }
}

static void say_held(const struct children *c, struct child *child)
{
    char chunk[CHUNK];
    size_t n;

    if (!child->held || !c->plan->names)
        return;
    rewind(child->held);
    while ((n = fread(chunk, 1, sizeof(chunk), child->held)) > 0)
        say(c, child, chunk, n);
    fclose(child->held);
    child->held = NULL;
}

static void forget(struct child *child)
{
    if (child->held)
        fclose(child->held);
    free(child);
}

/* What the next ones wrote comes when those before them are done. */
static void show_next(struct children *c)
{
    struct child *child;

    while ((child = c->child) != NULL) {
        say_held(c, child);
        if (child->pid > 0 || child->err >= 0)
            return;
        if (child->mid_line)
            fputc('\n', stderr);
        c->child = child->next;
        forget(child);
    }
}

/* Some of what it wrote; false when there is nothing more for now. */
static bool listen_to(struct children *c, struct child *child)
{
    char chunk[CHUNK];
    ssize_t n = child->err < 0 ? -1 : read(child->err, chunk, sizeof(chunk));

    if (n > 0 && c->plan->names && child == c->child) {
        clear_progress(c);
        say(c, child, chunk, (size_t)n);
        show_progress(c);
    } else if (n > 0) {
        if (!child->held)
            child->held = spool_file();
        if (child->held)
            child->held_bytes += fwrite(chunk, 1, (size_t)n, child->held);
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
    char report[64], script[64];
    const struct child_files files = {report, script};
    char **argv;

    /* Not even when the parent is killed does it go on. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_INTERNAL);
    snprintf(report, sizeof(report), "/proc/%d/fd/%d", (int)parent,
             child->report);
    snprintf(script, sizeof(script), "/proc/%d/fd/%d", (int)parent,
             child->script);
    argv = c->plan->command(c->plan->ctx, child->n, &files);
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
    int failed = spool_open(c->plan->input, &child->in, in);

    if (failed)
        return failed;
    child->out = memfd_create("stdout", MFD_CLOEXEC);
    child->report = memfd_create("report", MFD_CLOEXEC);
    child->script = memfd_create("script", MFD_CLOEXEC);
    if (child->out < 0 || child->report < 0 || child->script < 0 ||
        pipe2(err, O_CLOEXEC) != 0)
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

static int start_next(struct children *c)
{
    struct child *child = calloc(1, sizeof(*child)), **last = &c->child;

    if (!child)
        return -ENOMEM;
    *child = (struct child){.n = c->started++,
                            .out = -1,
                            .report = -1,
                            .script = -1,
                            .err = -1,
                            .in = {.fd = -1}};
    if (c->plan->child_ms)
        child->late_ms = children_now_ms() + c->plan->child_ms;
    while (*last)
        last = &(*last)->next;
    *last = child;
    return start(c, child);
}

/* The first @most bytes. */
static void read_most(int fd, size_t most, char **out, size_t *len)
{
    off_t size = lseek(fd, 0, SEEK_END);

    if (size > 0 && (size_t)size > most)
        size = (off_t)most;
    *len = 0;
    *out = malloc(size > 0 ? (size_t)size : 1);
    if (*out && size > 0 && pread(fd, *out, (size_t)size, 0) == size)
        *len = (size_t)size;
}

static void read_all(int fd, char **out, size_t *len)
{
    read_most(fd, SIZE_MAX, out, len);
}

static void close_files(struct child *child)
{
    const int fds[] = {child->out, child->report, child->script, child->err};

    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    child->out = child->report = child->script = child->err = -1;
    spool_close(&child->in);
}

/* Where; or NULL. */
static const char *wrote_too_much(const struct child *child)
{
    struct stat st;

    if (fstat(child->out, &st) == 0 &&
        (uint64_t)st.st_size > CHILDREN_OUTPUT_MAX)
        return "standard output";
    return child->held_bytes > CHILDREN_OUTPUT_MAX ? "standard error" : NULL;
}

static void collect(struct children *c, struct child *child, int status)
{
    struct child_result r = {.timed_out = child->timed_out};

    while (listen_to(c, child))
        ;
    /* However fast it was: no luck is in it. */
    r.too_much = wrote_too_much(child);
    child->pid = 0;
    r.exit_code =
        WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_most(child->out, CHILDREN_OUTPUT_MAX + 1, &r.out, &r.out_len);
    read_all(child->report, &r.report, &r.report_len);
    read_all(child->script, &r.script, &r.script_len);
    if (child->held && !c->plan->names && fflush(child->held) == 0)
        read_all(fileno(child->held), &r.err, &r.err_len);
    close_files(child);
    c->done++;
    if (c->ended_by || child->n >= c->limit)
        child_result_free(&r);
    else if (c->plan->ended(c->plan->ctx, child->n, &r))
        c->limit = child->n + 1;
}

static void reap(struct children *c)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (struct child *child = c->child; child; child = child->next)
            if (child->pid == pid) {
                collect(c, child, status);
                break;
            }
}

/* Those from the @from-th on. */
static void end_all(const struct children *c, size_t from, int sig)
{
    for (const struct child *child = c->child; child; child = child->next)
        if (child->pid > 0 && child->n >= from)
            kill(child->pid, sig);
}

/* Those that write without an end. */
static void end_wasteful(struct children *c)
{
    for (struct child *child = c->child; child; child = child->next)
        if (child->pid > 0 && !child->too_much && wrote_too_much(child)) {
            child->too_much = true;
            kill(child->pid, SIGKILL);
        }
}

/* Those that take too long.  Returns when the next one does, from now on, in
 * milliseconds; -1: none will. */
static int end_late(struct children *c)
{
    uint64_t now = children_now_ms();
    int next = -1;

    for (struct child *child = c->child; child; child = child->next) {
        if (child->pid <= 0 || child->late_ms == 0 || child->timed_out)
            continue;
        if (child->late_ms <= now) {
            child->timed_out = true;
            kill(child->pid, SIGKILL);
        } else if (next < 0 || child->late_ms - now < (uint64_t)next) {
            next = (int)(child->late_ms - now);
        }
    }
    return next;
}

/* --------------------------------------------------------------- the loop */

/* Asked once they end with a report; asked again they just end. */
static void take_signals(struct children *c)
{
    struct signalfd_siginfo info;

    while (read(c->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            continue;
        end_all(c, 0, c->ended_by ? SIGKILL : SIGTERM);
        c->ended_by = (int)info.ssi_signo;
    }
    reap(c);
}

/* Poll for two descriptors of each child, for signals, and for the input;
 * returns for how many in all. */
static size_t what_to_poll(const struct children *c, struct pollfd *fds)
{
    bool wants = false;
    size_t nr = 0;

    for (const struct child *child = c->child; child; child = child->next) {
        if (child->pid <= 0)
            continue;
        fds[nr++] = (struct pollfd){.fd = child->err, .events = POLLIN};
        fds[nr] = (struct pollfd){.fd = child->in.fd};
        if (spool_wants(c->plan->input, &child->in))
            wants = true;
        else
            fds[nr].events = POLLOUT;
        nr++;
    }
    fds[nr++] = (struct pollfd){.fd = c->signals, .events = POLLIN};
    fds[nr++] =
        (struct pollfd){.fd = wants ? STDIN_FILENO : -1, .events = POLLIN};
    return nr;
}

/* As poll(2): something has come.  Who is ended comes as a signal. */
static int poll_all(struct children *c, struct pollfd *fds, size_t nr)
{
    int ready;

    do {
        int late = end_late(c);

        end_wasteful(c);
        ready = poll(fds, nr, late < 0 || late > LOOK_MS ? LOOK_MS : late);
    } while (ready == 0);
    return ready;
}

static int wait_for_news(struct children *c, struct pollfd *fds)
{
    size_t nr = what_to_poll(c, fds), at = 0;
    int err = 0;

    if (poll_all(c, fds, nr) < 0)
        return errno == EINTR ? 0 : -errno;
    for (struct child *child = c->child; child; child = child->next) {
        if (child->pid <= 0)
            continue;
        if (fds[at++].revents)
            (void)listen_to(c, child);
        if (fds[at].revents & POLLERR)
            spool_close(&child->in);
        else if (fds[at].revents)
            spool_feed(c->plan->input, &child->in);
        at++;
    }
    if (fds[nr - 1].revents)
        err = spool_fill(c->plan->input);
    take_signals(c);
    return err;
}

/* May another begin? */
static bool starts(const struct children *c)
{
    return !c->ended_by && c->started < c->limit &&
           (!c->plan->until_ms || children_now_ms() < c->plan->until_ms);
}

static int run_all(struct children *c, struct pollfd *fds)
{
    int err = 0;

    while (!err && (c->done < c->started || starts(c))) {
        show_progress(c);
        while (!err && starts(c) && c->started - c->done < c->plan->jobs)
            err = start_next(c);
        if (!err)
            err = wait_for_news(c, fds);
        end_all(c, c->limit, SIGKILL);
        clear_progress(c);
        show_next(c);
    }
    end_all(c, 0, SIGKILL);
    return err;
}

static int prepare(struct children *c)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    const int caught[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};

    sigemptyset(&c->caught);
    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
        sigaddset(&c->caught, caught[i]);
    sigprocmask(SIG_BLOCK, &c->caught, &c->before);
    signal(SIGCHLD, SIG_DFL); /* ignored, there would be nothing to wait for */
    sigaction(SIGPIPE, &ignore, &c->pipe_before);
    c->signals = signalfd(-1, &c->caught, SFD_CLOEXEC | SFD_NONBLOCK);
    return c->signals < 0 ? -errno : 0;
}

static void clean_up(struct children *c)
{
    while (c->child) {
        struct child *child = c->child;

        if (child->pid > 0)
            waitpid(child->pid, NULL, 0);
        close_files(child);
        c->child = child->next;
        forget(child);
    }
    if (c->signals >= 0)
        close(c->signals);
    sigprocmask(SIG_SETMASK, &c->before, NULL);
    sigaction(SIGPIPE, &c->pipe_before, NULL);
}

uint64_t children_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void child_result_free(struct child_result *r)
{
    free(r->out);
    free(r->report);
    free(r->script);
    free(r->err);
    *r = (struct child_result){0};
}

int children_run(const struct children_plan *plan, size_t *started)
{
    struct pollfd *fds = calloc(2 * plan->jobs + 2, sizeof(*fds));
    struct children c = {.plan = plan, .limit = plan->nr, .signals = -1};
    int err = prepare(&c);

    if (!fds)
        err = -ENOMEM;
    if (!err)
        err = run_all(&c, fds);
    *started = c.started;
    clean_up(&c);
    free(fds);
    return err ? err : c.ended_by;
}
