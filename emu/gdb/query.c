// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What gdb asks and sets: packets that begin with q and Q.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "emu/gdb/internal.h"

/* What gdb says of itself: words with + behind them. */
static void take_features(struct gdb *g, struct gdb_in in)
{
    const struct {
        const char *word;
        bool *has;
    } features[] = {{"multiprocess+", &g->multiprocess},
                    {"fork-events+", &g->fork_events},
                    {"vfork-events+", &g->vfork_events},
                    {"exec-events+", &g->exec_events},
                    {"no-resumed+", &g->no_resumed},
                    {"swbreak+", &g->swbreak},
                    {"hwbreak+", &g->hwbreak}};

    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        size_t len = strlen(features[i].word);

        *features[i].has = false;
        for (const char *at = in.at; (size_t)(in.end - at) >= len; at++) {
            bool begins = at == in.at || at[-1] == ';' || at[-1] == ':';
            bool ends = at + len == in.end || at[len] == ';';

            if (begins && ends && memcmp(at, features[i].word, len) == 0)
                *features[i].has = true;
        }
    }
}

static void supported(struct gdb *g, struct gdb_in in)
{
    take_features(g, in);
    gdb_printf(&g->out, "PacketSize=%x", GDB_PACKET_BYTES);
    gdb_puts(&g->out,
             ";QStartNoAckMode+;QPassSignals+;vContSupported+"
             ";multiprocess+;fork-events+;vfork-events+;exec-events+"
             ";no-resumed+;swbreak+;hwbreak+"
             ";qXfer:features:read+;qXfer:threads:read+;qXfer:auxv:read+"
             ";qXfer:exec-file:read+;qXfer:siginfo:read+;memory-tagging+"
             ";ReverseStep+;ReverseContinue+");
}

static void current_thread(struct gdb *g)
{
    const struct task *t = gdb_general(g);

    if (!t) {
        gdb_error(g, ESRCH);
        return;
    }
    gdb_puts(&g->out, "QC");
    gdb_put_id(g, &g->out, t->process->pid, t->pid);
}

void gdb_query(struct gdb *g, struct gdb_in in)
{
    if (gdb_skip(&in, "Supported"))
        supported(g, in);
    else if (gdb_is(&in, "C"))
        current_thread(g);
    else if (gdb_is(&in, "fThreadInfo"))
        gdb_list_threads(g);
    else if (gdb_is(&in, "sThreadInfo"))
        gdb_puts(&g->out, "l");
    else if (gdb_skip(&in, "ThreadExtraInfo,"))
        gdb_thread_extra(g, in);
    else if (gdb_skip(&in, "Attached"))
        gdb_puts(&g->out, "0"); /* gdb ends it when the user leaves */
    else if (gdb_skip(&in, "Symbol:"))
        gdb_ok(g);
    else if (gdb_skip(&in, "Rcmd,"))
        gdb_monitor(g, in);
    else if (gdb_skip(&in, "MemTags:"))
        gdb_read_tags(g, in);
    else if (gdb_skip(&in, "Xfer:"))
        gdb_xfer(g, in);
}

void gdb_set(struct gdb *g, struct gdb_in in)
{
    if (gdb_is(&in, "StartNoAckMode")) {
        gdb_ok(g);
        g->no_ack = true;
    } else if (gdb_skip(&in, "PassSignals:")) {
        gdb_pass_signals(g, in);
    } else if (gdb_skip(&in, "MemTags:")) {
        gdb_write_tags(g, in);
    }
}
