// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the program goes on: which threads run, step by step or not, and with
 * which signal.
 */
#include <errno.h>
#include <utlist.h>

#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/sched/exit.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/signal/signal.h"

/* The first action that is for @t; NULL: it stands still. */
static const struct gdb_action *action_for(const struct gdb *g,
                                           const struct task *t)
{
    for (size_t i = 0; i < g->nr_actions; i++) {
        const struct gdb_action *a = &g->actions[i];

        if ((a->pid == GDB_ALL || a->pid == t->process->pid) &&
            (a->tid == GDB_ALL || a->tid == t->pid))
            return a;
    }
    return NULL;
}

/* The signal that gdb sends on: what it kept, or one of its own. */
static void give_signal(struct task *t, struct gdb_thread *thread, int sig)
{
    struct siginfo info = {.signo = sig, .code = SI_G_USER};

    if (thread->kept.signo == sig)
        info = thread->kept;
    thread->kept.signo = 0;
    if (sig == SIG_KILL)
        process_exit(t->process, SIG_KILL);
    else if (sig)
        signal_force_debugged(t, &info);
}

static void let_go(struct gdb *g)
{
    struct gdb_thread *thread;
    struct task *t;

    DL_FOREACH(g->m->tasks, t) {
        const struct gdb_action *a;

        if (t->dead || !gdb_is_attached(g, t->process->pid))
            continue;
        a = action_for(g, t);
        t->held = !a;
        thread = gdb_find_thread(g, t->pid);
        if (thread)
            thread->stepping = thread->stepped = false;
        if (!a || (!a->step && !a->sig && !thread))
            continue;
        thread = gdb_make_thread(g, t->pid);
        if (!thread)
            continue;
        thread->stepping = a->step;
        give_signal(t, thread, a->sig);
    }
    g->resumed = true;
    g->seen_insns = machine_insns(g->m);
}

void gdb_adopt(struct gdb *g, struct task *t)
{
    t->held = !action_for(g, t);
}

void gdb_note_steps(struct gdb *g, const struct cpu *cpu)
{
    uint64_t now = machine_insns(g->m);
    struct gdb_thread *ran =
        cpu->current ? gdb_find_thread(g, cpu->current->pid) : NULL;

    if (now != g->seen_insns && cpu->current && !ran && g->history.kept)
        ran = gdb_make_thread(g, cpu->current->pid);
    if (now != g->seen_insns && ran) {
        ran->ran = now;
        ran->stepped = ran->stepping;
    }
    g->seen_insns = now;
    for (size_t i = 0; i < g->nr_threads; i++) {
        struct gdb_thread *thread = &g->threads[i];
        const struct task *t = gdb_task(g, thread->tid);

        /* In a call that waits the instruction is not over yet. */
        if (!thread->stepped || !t || t->wait.kind != WAIT_NONE)
            continue;
        thread->stepping = thread->stepped = false;
        gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_SIGNAL,
                                           .pid = t->process->pid,
                                           .tid = t->pid,
                                           .sig = SIG_TRAP});
    }
}

void gdb_hold_still(struct gdb *g)
{
    for (size_t i = 0; i < g->nr_threads; i++)
        g->threads[i].stepping = g->threads[i].stepped = false;
}

bool gdb_any_steps(const struct gdb *g)
{
    for (size_t i = 0; i < g->nr_threads; i++)
        if (g->threads[i].stepping)
            return true;
    return false;
}

bool gdb_nobody_runs(const struct gdb *g)
{
    const struct task *t;

    DL_FOREACH(g->m->tasks, t) {
        if (!t->dead && !t->held && gdb_is_attached(g, t->process->pid))
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- packets */

/* Of vCont: one action, without the thread. */
static bool read_action(struct gdb_in *in, struct gdb_action *a)
{
    uint64_t sig = 0;
    bool with_sig;

    *a = (struct gdb_action){.pid = GDB_ALL, .tid = GDB_ALL};
    if (gdb_skip(in, "c"))
        return true;
    if (gdb_skip(in, "s")) {
        a->step = true;
        return true;
    }
    a->step = gdb_skip(in, "S");
    with_sig = a->step || gdb_skip(in, "C");
    if (!with_sig || !gdb_hex(in, &sig))
        return false;
    a->sig = gdb_signal_in(sig);
    return a->sig != 0 || sig == 0;
}

static bool read_thread(struct gdb_in *in, struct gdb_action *a)
{
    uint32_t pid, tid;

    if (!gdb_skip(in, ":"))
        return true;
    if (!gdb_thread_id(in, &pid, &tid) || tid == 0)
        return false;
    a->pid = pid ? pid : GDB_ALL;
    a->tid = tid;
    return true;
}

void gdb_vcont(struct gdb *g, struct gdb_in in)
{
    size_t nr = 0;

    while (gdb_skip(&in, ";")) {
        struct gdb_action *a = &g->actions[nr];

        if (nr + 1 == GDB_MAX_ACTIONS || !read_action(&in, a) ||
            !read_thread(&in, a))
            break;
        nr++;
    }
    if (nr == 0 || !gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    g->nr_actions = nr;
    let_go(g);
}

/* c, s; C, S SIG */
void gdb_old_resume(struct gdb *g, char what, struct gdb_in in)
{
    struct gdb_action a = {.pid = GDB_ALL, .tid = GDB_ALL};
    bool with_sig = what == 'C' || what == 'S';
    uint64_t sig = 0;
    struct task *t = gdb_task(g, g->continue_tid);

    if (!t)
        t = gdb_general(g);
    if (with_sig && !gdb_hex(&in, &sig)) {
        gdb_error(g, EINVAL);
        return;
    }
    a.sig = gdb_signal_in(sig);
    (void)gdb_skip(&in, ";");
    /* With an address gdb writes the PC itself. */
    if (!t || (sig && !a.sig) || !gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    g->nr_actions = 0;
    a.step = what == 's' || what == 'S';
    if (a.step || a.sig) { /* of one thread; the others run */
        a.tid = t->pid;
        g->actions[g->nr_actions++] = a;
        a = (struct gdb_action){.pid = GDB_ALL, .tid = GDB_ALL};
    }
    g->actions[g->nr_actions++] = a;
    let_go(g);
}

void gdb_pass_signals(struct gdb *g, struct gdb_in in)
{
    uint64_t set = 0, sig;

    while (gdb_hex(&in, &sig)) {
        int guest = gdb_signal_in(sig);

        if (guest)
            set |= SIGMASK(guest);
        if (!gdb_skip(&in, ";"))
            break;
    }
    if (!gdb_at_end(&in)) {
        gdb_error(g, EINVAL);
        return;
    }
    g->pass_signals = set;
    gdb_ok(g);
}
