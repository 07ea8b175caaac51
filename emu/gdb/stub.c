// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The conversation: one packet after the other, until one of them lets the
 * program go on.
 */
#include <errno.h>
#include <string.h>

#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"
#include "emu/linux/sched/exit.h"

void gdb_error(struct gdb *g, int err)
{
    gdb_clear(&g->out);
    gdb_printf(&g->out, "E%02x", err & 0xff);
}

static void refuse(struct gdb *g, const char *text)
{
    gdb_clear(&g->out);
    gdb_printf(&g->out, "E.%s", text);
}

void gdb_ok(struct gdb *g)
{
    gdb_clear(&g->out);
    gdb_puts(&g->out, "OK");
}

/* D, D;PID */
static void detach(struct gdb *g, struct gdb_in in)
{
    uint64_t pid = GDB_ALL;

    if (gdb_skip(&in, ";") && (!gdb_hex(&in, &pid) || pid >= GDB_ALL ||
                               !gdb_is_attached(g, (uint32_t)pid))) {
        gdb_error(g, ESRCH);
        return;
    }
    gdb_detach(g, (uint32_t)pid);
    gdb_ok(g);
}

/* Of k: all of them, and so the run. */
static void kill_all(struct gdb *g)
{
    gdb_detach(g, GDB_ALL);
    g->m->interrupted = SIG_KILL;
}

static void kill_one(struct gdb *g, struct gdb_in in)
{
    struct process *p;
    uint64_t pid;

    p = gdb_hex(&in, &pid) && gdb_at_end(&in) && pid < GDB_ALL
            ? gdb_process(g, (uint32_t)pid)
            : NULL;
    if (!p) {
        gdb_error(g, ESRCH);
        return;
    }
    gdb_detach(g, p->pid); /* gdb needs no other word of it */
    process_exit(p, SIG_KILL);
    gdb_ok(g);
}

/* Packets with a name that begins with v. */
static void verbose(struct gdb *g, struct gdb_in in)
{
    if (gdb_is(&in, "Cont?"))
        gdb_puts(&g->out, "vCont;c;C;s;S");
    else if (gdb_skip(&in, "Cont"))
        gdb_vcont(g, in);
    else if (gdb_skip(&in, "File:"))
        gdb_host_io(g, in);
    else if (gdb_skip(&in, "Kill;"))
        kill_one(g, in);
    else if (gdb_skip(&in, "Run"))
        refuse(g, "adiemu runs its program once: start it again");
    else if (gdb_skip(&in, "Attach"))
        refuse(g, "adiemu has no other processes than those of the run");
}

static void memory_packet(struct gdb *g, char what, struct gdb_in in)
{
    if (what == 'm')
        gdb_read_memory(g, in);
    else
        gdb_write_memory(g, in, what == 'X');
}

static void register_packet(struct gdb *g, char what, struct gdb_in in)
{
    switch (what) {
    case 'g': gdb_read_regs(g); break;
    case 'G': gdb_write_regs(g, in); break;
    case 'p': gdb_read_reg(g, in); break;
    default: gdb_write_reg(g, in); break;
    }
}

/* What has no place here is answered by nothing: it is not supported. */
static void handle(struct gdb *g, size_t len)
{
    struct gdb_in in = gdb_in(g->packet, len);
    char what = '\0';

    gdb_clear(&g->out);
    if (len > 0)
        what = *in.at++;
    switch (what) {
    case '?': gdb_put_stop(g); break;
    case '!': gdb_ok(g); break;
    case 'g':
    case 'G':
    case 'p':
    case 'P': register_packet(g, what, in); break;
    case 'm':
    case 'M':
    case 'X': memory_packet(g, what, in); break;
    case 'H': gdb_set_thread(g, in); break;
    case 'T': gdb_thread_alive(g, in); break;
    case 'Z':
    case 'z': gdb_set_point(g, in, what == 'Z'); break;
    case 'c':
    case 'C':
    case 's':
    case 'S': gdb_old_resume(g, what, in); break;
    case 'b':
        if (gdb_is(&in, "s") || gdb_is(&in, "c"))
            history_back(g, *in.at == 's');
        break;
    case 'v': verbose(g, in); break;
    case 'q': gdb_query(g, in); break;
    case 'Q': gdb_set(g, in); break;
    case 'D': detach(g, in); break;
    case 'k': kill_all(g); break;
    default: break;
    }
}

/* Does it change what the machine does from now on? */
static bool changes(const char *packet)
{
    static const char *const begin[] = {
        "H",     "Z",     "z",          "M",       "X",       "G",      "P",
        "c",     "C",     "s",          "S",       "vCont;",  "D",      "Q",
        "vKill", "qRcmd", "qSupported", "vFile:p", "vFile:o", "vFile:c"};

    for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
        if (strncmp(packet, begin[i], strlen(begin[i])) == 0)
            return true;
    return false;
}

static int next_packet(struct gdb *g)
{
    return g->history.mode == HISTORY_LIVE ? gdb_receive(g) : history_next(g);
}

void gdb_talk(struct gdb *g)
{
    g->resumed = false;
    while (!g->resumed) {
        int len = next_packet(g);
        bool kept;

        if (len < 0)
            return;
        kept = changes(g->packet);
        if (kept)
            history_packet(g, g->packet, (size_t)len);
        g->perturbs = false;
        handle(g, (size_t)len);
        if (g->perturbs && !kept)
            history_packet(g, g->packet, (size_t)len);
        /* A stop reply answers when the time comes. */
        if (g->resumed || g->m->interrupted)
            return;
        gdb_send(g);
        if (g->nr_pids == 0)
            return;
    }
}
