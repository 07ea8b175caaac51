// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What gdb is told when the machine stands still: stop replies.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"

/* Numbers of gdb's include/gdb/signals.def; up to 31 they are those of BSD,
 * and so of SPARC. */
#define GDB_SIGNAL_REALTIME_33 45
#define GDB_SIGNAL_REALTIME_32 77
#define GDB_SIGNAL_REALTIME_64 78
#define GDB_SIGNAL_PWR         32

static int signal_out(int sig)
{
    if (sig < SIG_RTMIN)
        return sig;
    if (sig == 32)
        return GDB_SIGNAL_REALTIME_32;
    return sig == 64 ? GDB_SIGNAL_REALTIME_64
                     : sig - 33 + GDB_SIGNAL_REALTIME_33;
}

int gdb_signal_in(uint64_t sig)
{
    if (sig == GDB_SIGNAL_PWR)
        return SIG_LOST;
    for (int i = 1; i <= NSIG_GUEST; i++)
        if ((uint64_t)signal_out(i) == sig)
            return i;
    return 0;
}

/* One stop of a thread is enough, and the first is the most telling. */
static bool is_told(const struct gdb *g, const struct gdb_stop *stop)
{
    for (size_t i = 0; i < g->nr_stops; i++)
        if (g->stops[i].tid == stop->tid && g->stops[i].why != GDB_WHY_EXITED &&
            stop->why != GDB_WHY_EXITED)
            return true;
    return false;
}

void gdb_add_stop(struct gdb *g, const struct gdb_stop *stop)
{
    struct gdb_stop *more;

    if (is_told(g, stop))
        return;
    more = realloc(g->stops, (g->nr_stops + 1) * sizeof(*more));
    if (!more)
        return; /* it runs on: gdb can interrupt */
    g->stops = more;
    g->stops[g->nr_stops++] = *stop;
}

static void put_exit(struct gdb *g)
{
    int status = g->stop.status;

    if (status & 0x7f)
        gdb_printf(&g->out, "X%02x", signal_out(status & 0x7f));
    else
        gdb_printf(&g->out, "W%02x", status >> 8 & 0xff);
    if (g->multiprocess)
        gdb_printf(&g->out, ";process:%x", g->stop.pid);
}

static void put_path(struct gdb *g)
{
    const struct process *p = gdb_process(g, g->stop.pid);
    char path[4096];
    ssize_t len = p ? gdb_exe_name(g, p, path, sizeof(path)) : -1;

    gdb_puts(&g->out, "exec:");
    gdb_put_hex(&g->out, path, len > 0 ? (size_t)len : 0);
    gdb_puts(&g->out, ";");
}

static void put_why(struct gdb *g)
{
    static const char *const watch[] = {"watch", "rwatch", "awatch"};
    const struct gdb_stop *s = &g->stop;

    switch (s->why) {
    case GDB_WHY_BREAK:
        if (s->hardware && g->hwbreak)
            gdb_puts(&g->out, "hwbreak:;");
        else if (!s->hardware && g->swbreak)
            gdb_puts(&g->out, "swbreak:;");
        break;
    case GDB_WHY_WATCH:
        gdb_printf(&g->out, "%s:%" PRIx64 ";", watch[s->type - 2], s->va);
        break;
    case GDB_WHY_FORK:
    case GDB_WHY_VFORK:
        gdb_puts(&g->out, s->why == GDB_WHY_FORK ? "fork:" : "vfork:");
        gdb_put_id(g, &g->out, s->child_pid, s->child_tid);
        gdb_puts(&g->out, ";");
        break;
    case GDB_WHY_BEGIN: gdb_puts(&g->out, "replaylog:begin;"); break;
    case GDB_WHY_VFORK_DONE: gdb_puts(&g->out, "vforkdone:;"); break;
    case GDB_WHY_EXEC: put_path(g); break;
    default: break;
    }
}

void gdb_put_stop(struct gdb *g)
{
    static const unsigned regs[] = {GDB_REG_SP, GDB_REG_FP, GDB_REG_PC,
                                    GDB_REG_NPC};
    struct task *t = gdb_task(g, g->stop.tid);
    int sig = g->stop.sig;

    gdb_clear(&g->out);
    if (g->stop.why == GDB_WHY_EXITED) {
        put_exit(g);
        return;
    }
    if (g->stop.why == GDB_WHY_NO_RESUMED) {
        /* Who does not know "N" would wait for ever. */
        gdb_puts(&g->out,
                 g->no_resumed ? "N" : "E.No unwaited-for children left.");
        return;
    }
    if (g->stop.why != GDB_WHY_SIGNAL)
        sig = SIG_TRAP;
    else if (sig == 0)
        sig = SIG_INT;
    gdb_printf(&g->out, "T%02x", signal_out(sig));
    gdb_puts(&g->out, "thread:");
    gdb_put_id(g, &g->out, g->stop.pid, g->stop.tid);
    gdb_puts(&g->out, ";");
    put_why(g);
    for (size_t i = 0; t && i < sizeof(regs) / sizeof(regs[0]); i++)
        gdb_put_reg(&g->out, t, regs[i]);
    g->general_pid = g->stop.pid;
    g->general_tid = g->stop.tid;
}
