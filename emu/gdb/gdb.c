// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/gdb/gdb.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"

/* Instructions between two looks at the line: gdb's interrupt, or a gdb. */
#define LOOK_INSNS 200000

static bool is_connected(const struct gdb *g)
{
    return g->fd >= 0;
}

void history_quiet(struct gdb *g, bool quiet)
{
    struct log *log = &g->m->options.log;

    if (quiet) {
        memcpy(g->log_was, log->level, sizeof(g->log_was));
        g->strace_was = g->m->strace;
        memset(log->level, 0, sizeof(log->level));
        g->m->strace = NULL;
    } else {
        memcpy(log->level, g->log_was, sizeof(g->log_was));
        g->m->strace = g->strace_was;
    }
}

/* gdb is gone: the program runs on, as under qemu-user. */
static void let_all_go(struct gdb *g)
{
    gdb_detach(g, GDB_ALL);
    g->nr_stops = 0;
    gdb_close_files(g);
    history_leave(g);
    gdb_hang_up(g);
}

/* Tell it of g->stop, if it waits for that, and do what it says. */
static void converse(struct gdb *g, bool tell)
{
    if (tell) {
        gdb_put_stop(g);
        gdb_send(g);
    }
    if (g->nr_pids > 0 || !tell)
        gdb_talk(g);
    if (!is_connected(g))
        return;
    /* The last one has ended, or was let go. */
    if (g->hung_up || g->m->interrupted || g->nr_pids == 0)
        let_all_go(g);
}

/* A gdb has come: it gets all processes, which stand still. */
static void welcome(struct gdb *g)
{
    const struct task *t = current_task(g->m);
    const struct process *p;

    DL_FOREACH(g->m->processes, p) {
        if (!process_dead(p) && gdb_attach(g, p->pid) != 0)
            break;
    }
    if (!t || t->dead)
        t = gdb_general(g);
    if (!t) {
        let_all_go(g);
        return;
    }
    g->stop = (struct gdb_stop){.why = GDB_WHY_SIGNAL,
                                .pid = t->process->pid,
                                .tid = t->pid,
                                .sig = SIG_TRAP};
    g->seen_insns = machine_insns(g->m);
    converse(g, false);
}

/* Of a run that is done again: nobody attends before something is executed. */
static void begin_again(struct gdb *g)
{
    while (g->history.mode != HISTORY_LIVE) {
        if (g->history.target == 0) {
            history_arrive(g);
            converse(g, true);
            return;
        }
        if (!history_at_stop(g))
            return;
        gdb_put_stop(g);
        gdb_talk(g);
        if (!g->resumed)
            history_failed();
    }
}

static void op_start(void *ctx)
{
    struct gdb *g = ctx;

    g->history.lost = "gdb was not there when the program began";
    if (g->suspend && gdb_accept(g, true)) {
        history_start(g);
        welcome(g);
        begin_again(g);
    }
    machine_attention(g->m);
}

static void look(struct gdb *g)
{
    g->next_look = machine_insns(g->m) + LOOK_INSNS;
    gdb_look(g);
}

static void interrupted(struct gdb *g)
{
    struct task *t = current_task(g->m);

    g->interrupt = false;
    if (!t || t->dead || !gdb_is_attached(g, t->process->pid))
        t = gdb_general(g);
    if (!t)
        return;
    history_stopped(g, t->process->pid, t->pid);
    gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_SIGNAL,
                                       .pid = t->process->pid,
                                       .tid = t->pid});
}

/* The oldest stop, or that there is nobody left to stop; false: neither. */
static bool take_stop(struct gdb *g)
{
    if (g->nr_stops == 0 && gdb_nobody_runs(g))
        gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_NO_RESUMED});
    if (g->nr_stops == 0)
        return false;
    g->stop = g->stops[0];
    memmove(g->stops, g->stops + 1, --g->nr_stops * sizeof(*g->stops));
    return true;
}

/* Of a run that is done again: what gdb has said then is said again. */
static bool attend_again(struct gdb *g, const struct cpu *cpu)
{
    gdb_note_steps(g, cpu);
    if (machine_insns(g->m) >= g->history.target) {
        history_arrive(g);
        converse(g, true);
        machine_attention(g->m);
        return true;
    }
    if (!history_at_stop(g) && !take_stop(g))
        return false;
    gdb_put_stop(g);
    gdb_talk(g);
    if (!g->resumed)
        history_failed();
    machine_attention(g->m);
    return true;
}

static bool op_attend(void *ctx, struct cpu *cpu)
{
    struct gdb *g = ctx;

    if (!is_connected(g)) {
        if (machine_insns(g->m) < g->next_look && !cpu->idle)
            return false;
        g->next_look = machine_insns(g->m) + LOOK_INSNS;
        if (!gdb_accept(g, false))
            return false;
        welcome(g);
        machine_attention(g->m);
        return true;
    }
    if (g->history.mode != HISTORY_LIVE)
        return attend_again(g, cpu);
    gdb_note_steps(g, cpu);
    if (machine_insns(g->m) >= g->next_look || cpu->idle)
        look(g);
    if (g->hung_up) {
        let_all_go(g);
        return true;
    }
    if (g->interrupt)
        interrupted(g);
    if (!take_stop(g))
        return false;
    converse(g, true);
    machine_attention(g->m);
    return true;
}

static bool op_wants(void *ctx)
{
    struct gdb *g = ctx;
    struct pollfd poll1 = {.fd = g->debug.fd, .events = POLLIN};

    return g->nr_stops > 0 ||
           (g->history.mode == HISTORY_LIVE && poll(&poll1, 1, 0) > 0);
}

static uint64_t op_next(void *ctx)
{
    struct gdb *g = ctx;
    uint64_t now = machine_insns(g->m);

    if (is_connected(g) && gdb_any_steps(g))
        return 1;
    if (g->history.mode != HISTORY_LIVE)
        return history_deadline(g);
    return g->next_look > now ? g->next_look - now : LOOK_INSNS;
}

static bool op_signal(void *ctx, struct task *t, const struct siginfo *info)
{
    struct gdb *g = ctx;
    struct gdb_thread *thread;

    if (!gdb_is_attached(g, t->process->pid) ||
        g->pass_signals & SIGMASK(info->signo))
        return false;
    thread = gdb_make_thread(g, t->pid);
    if (!thread)
        return false;
    thread->kept = *info;
    t->held = true;
    gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_SIGNAL,
                                       .pid = t->process->pid,
                                       .tid = t->pid,
                                       .sig = info->signo});
    return true;
}

static void op_cloned(void *ctx, struct task *t, struct task *child,
                      enum debug_fork how)
{
    struct gdb *g = ctx;
    bool wanted = how == DEBUG_VFORK ? g->vfork_events : g->fork_events;
    uint32_t pid = child->process->pid;

    if (!gdb_is_attached(g, t->process->pid))
        return;
    if (child->process == t->process) {
        gdb_adopt(g, child);
        return;
    }
    /* Without the event gdb does not know of it: it runs free. */
    if (!wanted || gdb_attach(g, pid) != 0)
        return;
    child->held = true;
    if (how == DEBUG_FORK)
        gdb_copy_points(g, t->process->pid, pid);
    gdb_add_stop(g, &(struct gdb_stop){.why = how == DEBUG_VFORK ? GDB_WHY_VFORK
                                                                 : GDB_WHY_FORK,
                                       .pid = t->process->pid,
                                       .tid = t->pid,
                                       .child_pid = pid,
                                       .child_tid = child->pid});
}

static void op_vfork_done(void *ctx, struct task *t)
{
    struct gdb *g = ctx;

    if (g->vfork_events && gdb_is_attached(g, t->process->pid))
        gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_VFORK_DONE,
                                           .pid = t->process->pid,
                                           .tid = t->pid});
}

static void op_execed(void *ctx, struct task *t)
{
    struct gdb *g = ctx;

    if (!gdb_is_attached(g, t->process->pid))
        return;
    gdb_drop_points(g, t->process->pid);
    /* As a SIGTRAP, when gdb does not know the event: ptrace(2) */
    gdb_add_stop(g, &(struct gdb_stop){.why = g->exec_events ? GDB_WHY_EXEC
                                                             : GDB_WHY_SIGNAL,
                                       .pid = t->process->pid,
                                       .tid = t->pid,
                                       .sig = SIG_TRAP});
}

static void op_exited(void *ctx, struct process *p)
{
    struct gdb *g = ctx;

    if (!gdb_is_attached(g, p->pid))
        return;
    gdb_detach(g, p->pid);
    for (size_t i = g->nr_stops; i-- > 0;)
        if (g->stops[i].pid == p->pid)
            g->stops[i] = g->stops[--g->nr_stops];
    gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_EXITED,
                                       .pid = p->pid,
                                       .tid = p->pid,
                                       .status = p->exit_code});
}

static bool op_call(void *ctx, struct task *t, const char *name,
                    const uint64_t a[6], int64_t *value)
{
    struct gdb *g = ctx;

    gdb_watch_start(g);
    if (!history_call(g, t, name, a, value))
        return false;
    gdb_watch_call(g, t);
    return true;
}

static void op_called(void *ctx, struct task *t, const char *name,
                      const uint64_t a[6], int64_t value)
{
    struct gdb *g = ctx;

    history_called(g, t, name, a, value);
    gdb_watch_call(g, t);
}

static void op_outside(void *ctx)
{
    history_lose(ctx, "a signal of the host has come");
}

static bool op_breakpoint(void *ctx, struct task *t, gva_t pc)
{
    return gdb_break_hit(ctx, t, pc);
}

static bool op_watched(void *ctx, struct task *t, uint64_t va)
{
    return gdb_is_watched(ctx, t, va);
}

static void op_accessed(void *ctx, struct task *t, uint64_t va, unsigned bytes,
                        enum access access)
{
    gdb_accessed(ctx, t, va, bytes, access);
}

static const struct debug_ops gdb_ops = {
    .start = op_start,
    .attend = op_attend,
    .wants = op_wants,
    .next = op_next,
    .signal = op_signal,
    .cloned = op_cloned,
    .vfork_done = op_vfork_done,
    .execed = op_execed,
    .exited = op_exited,
    .call = op_call,
    .called = op_called,
    .outside = op_outside,
    .breakpoint = op_breakpoint,
    .watched = op_watched,
    .accessed = op_accessed,
};

int gdb_create(struct machine *m, const struct gdb_config *config,
               struct gdb **out, char why[static MACHINE_WHY_BYTES])
{
    struct gdb *g = calloc(1, sizeof(*g));
    const char *what = "the host has no memory";
    int err;

    if (!g) {
        snprintf(why, MACHINE_WHY_BYTES, "%s", what);
        return EXIT_INTERNAL;
    }
    g->config = *config;
    g->m = m;
    g->fd = g->listener = -1;
    g->debug = (struct debug){.ops = &gdb_ops, .ctx = g, .fd = -1};
    for (int i = 0; i < GDB_MAX_FILES; i++)
        g->files[i].fd = -1;
    err = gdb_listen(g, config->where, &what);
    if (err) {
        snprintf(why, MACHINE_WHY_BYTES, "gdb at %.*s: %s: %s",
                 (int)strcspn(config->where, ","), config->where, what,
                 strerror(-err));
        gdb_destroy(g);
        return EXIT_HOST_FILE;
    }
    machine_set_debug(m, &g->debug);
    *out = g;
    return 0;
}

void gdb_destroy(struct gdb *g)
{
    if (!g)
        return;
    if (g->m->debug == &g->debug)
        machine_set_debug(g->m, NULL);
    gdb_hang_up(g);
    if (g->listener >= 0)
        close(g->listener);
    if (g->socket_path)
        unlink(g->socket_path);
    gdb_close_files(g);
    history_free(g);
    free(g->socket_path);
    free(g->pids);
    free(g->breaks);
    free(g->watches);
    free(g->threads);
    free(g->stops);
    free(g);
}
