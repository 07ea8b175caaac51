// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which processes gdb debugs, and their threads.  A thread's number is unique
 * among all, as that of Linux.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/gdb/internal.h"
#include "emu/linux/signal/signal.h"

bool gdb_is_attached(const struct gdb *g, uint32_t pid)
{
    for (size_t i = 0; i < g->nr_pids; i++)
        if (g->pids[i] == pid)
            return true;
    return false;
}

int gdb_attach(struct gdb *g, uint32_t pid)
{
    uint32_t *more;

    if (gdb_is_attached(g, pid))
        return 0;
    more = realloc(g->pids, (g->nr_pids + 1) * sizeof(*more));
    if (!more)
        return -ENOMEM;
    g->pids = more;
    g->pids[g->nr_pids++] = pid;
    return 0;
}

/* What is left of a thread: it runs, and gets the signal that gdb kept. */
static void release(struct gdb *g, struct task *t)
{
    struct gdb_thread *thread = gdb_find_thread(g, t->pid);

    t->held = false;
    if (!thread)
        return;
    if (!t->dead && thread->kept.signo)
        signal_force_debugged(t, &thread->kept);
    *thread = g->threads[--g->nr_threads];
}

static bool is_of(uint32_t pid, uint32_t which)
{
    return which == GDB_ALL || pid == which;
}

void gdb_detach(struct gdb *g, uint32_t pid)
{
    size_t to = 0;
    struct task *t;

    DL_FOREACH(g->m->tasks, t) {
        if (gdb_is_attached(g, t->process->pid) && is_of(t->process->pid, pid))
            release(g, t);
    }
    gdb_drop_points(g, pid);
    for (size_t i = 0; i < g->nr_pids; i++)
        if (!is_of(g->pids[i], pid))
            g->pids[to++] = g->pids[i];
    g->nr_pids = to;
    if (is_of(g->general_pid, pid))
        g->general_pid = g->general_tid = 0;
}

struct task *gdb_task(const struct gdb *g, uint32_t tid)
{
    struct task *t = task_find(g->m, tid);

    return t && !t->dead && gdb_is_attached(g, t->process->pid) ? t : NULL;
}

struct process *gdb_process(const struct gdb *g, uint32_t pid)
{
    struct process *p =
        gdb_is_attached(g, pid) ? process_find(g->m, pid) : NULL;

    return p && !process_dead(p) && p->mm ? p : NULL;
}

static struct task *any_task(const struct gdb *g, uint32_t pid)
{
    struct task *t;

    DL_FOREACH(g->m->tasks, t) {
        if (!t->dead && is_of(t->process->pid, pid) &&
            gdb_is_attached(g, t->process->pid))
            return t;
    }
    return NULL;
}

struct task *gdb_general(struct gdb *g)
{
    struct task *t = gdb_task(g, g->general_tid);

    if (!t)
        t = gdb_task(g, g->stop.tid);
    return t ? t : any_task(g, GDB_ALL);
}

struct gdb_thread *gdb_find_thread(struct gdb *g, uint32_t tid)
{
    for (size_t i = 0; i < g->nr_threads; i++)
        if (g->threads[i].tid == tid)
            return &g->threads[i];
    return NULL;
}

struct gdb_thread *gdb_make_thread(struct gdb *g, uint32_t tid)
{
    struct gdb_thread *found = gdb_find_thread(g, tid), *more;

    if (found)
        return found;
    /* One that is gone has room. */
    for (size_t i = 0; i < g->nr_threads && !found; i++)
        if (!gdb_task(g, g->threads[i].tid))
            found = &g->threads[i];
    if (!found) {
        more = realloc(g->threads, (g->nr_threads + 1) * sizeof(*more));
        if (!more)
            return NULL;
        g->threads = more;
        found = &g->threads[g->nr_threads++];
    }
    *found = (struct gdb_thread){.tid = tid};
    return found;
}

void gdb_put_id(const struct gdb *g, struct gdb_out *out, uint32_t pid,
                uint32_t tid)
{
    if (g->multiprocess)
        gdb_printf(out, "p%x.%x", pid, tid);
    else
        gdb_printf(out, "%x", tid);
}

/* ---------------------------------------------------------------- packets */

/* Hg, Hc */
void gdb_set_thread(struct gdb *g, struct gdb_in in)
{
    bool general = gdb_skip(&in, "g");
    uint32_t pid, tid;
    struct task *t;

    if ((!general && !gdb_skip(&in, "c")) || !gdb_thread_id(&in, &pid, &tid) ||
        !gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    if (!general) {
        g->continue_tid = tid == GDB_ALL ? 0 : tid;
        gdb_ok(g);
        return;
    }
    if (tid == 0 || tid == GDB_ALL)
        t = pid == 0 || pid == GDB_ALL ? gdb_general(g) : any_task(g, pid);
    else
        t = gdb_task(g, tid);
    if (!t) {
        gdb_error(g, ESRCH);
        return;
    }
    g->general_pid = t->process->pid;
    g->general_tid = t->pid;
    gdb_ok(g);
}

void gdb_thread_alive(struct gdb *g, struct gdb_in in)
{
    uint32_t pid, tid;

    if (gdb_thread_id(&in, &pid, &tid) && gdb_at_end(&in) && gdb_task(g, tid))
        gdb_ok(g);
    else
        gdb_error(g, ESRCH);
}

void gdb_list_threads(struct gdb *g)
{
    const struct task *t;
    char sign = 'm';

    DL_FOREACH(g->m->tasks, t) {
        if (t->dead || !gdb_is_attached(g, t->process->pid))
            continue;
        gdb_printf(&g->out, "%c", sign);
        gdb_put_id(g, &g->out, t->process->pid, t->pid);
        sign = ',';
    }
    if (sign == 'm')
        gdb_puts(&g->out, "l");
}

void gdb_thread_extra(struct gdb *g, struct gdb_in in)
{
    uint32_t pid, tid;
    const struct task *t;

    if (!gdb_thread_id(&in, &pid, &tid) || !gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    t = gdb_task(g, tid);
    if (t)
        gdb_put_hex(&g->out, t->comm, strnlen(t->comm, sizeof(t->comm)));
    else
        gdb_error(g, ESRCH);
}
