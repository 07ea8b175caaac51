// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Going back: the run is done again from its start, by another process, with
 * the same words of gdb at the same moments, and without a word to anybody.
 */
#include "emu/gdb/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

#include "emu/engine/debug.h"
#include "emu/gdb/internal.h"
#include "emu/linux/abi.h"

#define FAR (UINT64_MAX >> 2)

void history_lose(struct gdb *g, const char *why)
{
    if (!g->history.lost)
        g->history.lost = why;
}

void history_lose_by(struct gdb *g, const char *name)
{
    struct history *h = &g->history;

    if (h->lost)
        return;
    snprintf(h->lost_text, sizeof(h->lost_text), "the program has called %s",
             name);
    h->lost = h->lost_text;
}

/* ------------------------------------------------------------- what is kept */

static void add(struct gdb *g, const char *text, size_t len, uint32_t pid,
                uint32_t tid)
{
    struct history *h = &g->history;
    struct history_entry *more,
        e = {.insn = machine_insns(g->m), .pid = pid, .tid = tid};

    if (!h->kept || h->mode != HISTORY_LIVE)
        return;
    more = realloc(h->log, (h->nr_log + 1) * sizeof(*more));
    if (more)
        h->log = more;
    if (text && more) {
        e.text = malloc(len + 1);
        if (e.text)
            memcpy(e.text, text, len);
        e.len = len;
    }
    if (!more || (text && !e.text)) {
        free(e.text);
        history_lose(g, "the host has no memory");
        return;
    }
    h->log[h->nr_log++] = e;
    h->at_log = h->nr_log;
}

void history_packet(struct gdb *g, const char *text, size_t len)
{
    add(g, text, len, 0, 0);
}

void history_stopped(struct gdb *g, uint32_t pid, uint32_t tid)
{
    add(g, NULL, 0, pid, tid);
}

void history_add_call(struct gdb *g, const struct task *t, int64_t value,
                      const uint8_t *data, size_t len)
{
    struct history *h = &g->history;
    struct history_call *more =
        realloc(h->calls, (h->nr_calls + 1) * sizeof(*more));
    struct history_call c = {
        .insn = machine_insns(g->m), .tid = t->pid, .value = value, .len = len};

    if (more)
        h->calls = more;
    c.data = malloc(len + 1);
    if (!more || !c.data) {
        free(c.data);
        history_lose(g, "the host has no memory");
        return;
    }
    if (len)
        memcpy(c.data, data, len);
    h->calls[h->nr_calls++] = c;
    h->at_call = h->nr_calls;
}

void history_leave(struct gdb *g)
{
    struct history *h = &g->history;

    for (size_t i = 0; i < h->nr_log; i++)
        free(h->log[i].text);
    h->nr_log = h->at_log = 0;
    if (h->kept) {
        close(h->keeper.memory);
        for (int i = 0; i < 2; i++) {
            close(h->keeper.to_keeper[i]);
            close(h->keeper.to_live[i]);
        }
    }
    h->kept = false;
    h->lost = "gdb has gone and come again";
}

void history_free(struct gdb *g)
{
    struct history *h = &g->history;

    history_leave(g);
    for (size_t i = 0; i < h->nr_calls; i++)
        free(h->calls[i].data);
    free(h->log);
    free(h->calls);
    free(h->breaks);
    free(h->watches);
    *h = (struct history){0};
}

/* ------------------------------------------------- from one to the next one */

static void put(FILE *f, const void *bytes, size_t len)
{
    fwrite(bytes, 1, len, f);
}

static void write_kept(const struct history *h, FILE *f)
{
    put(f, h, sizeof(*h));
    for (size_t i = 0; i < h->nr_log; i++) {
        put(f, &h->log[i], sizeof(h->log[i]));
        if (h->log[i].text)
            put(f, h->log[i].text, h->log[i].len);
    }
    for (size_t i = 0; i < h->nr_calls; i++) {
        put(f, &h->calls[i], sizeof(h->calls[i]));
        put(f, h->calls[i].data, h->calls[i].len);
    }
    put(f, h->breaks, h->nr_breaks * sizeof(*h->breaks));
    put(f, h->watches, h->nr_watches * sizeof(*h->watches));
}

static int hand_over(struct gdb *g)
{
    const struct history *h = &g->history;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    ssize_t n = -1;

    if (!f)
        return -ENOMEM;
    write_kept(h, f);
    if (fclose(f) == 0 && ftruncate(h->keeper.memory, 0) == 0)
        n = pwrite(h->keeper.memory, text, len, 0);
    free(text);
    return n == (ssize_t)len ? 0 : -EIO;
}

static void *get(FILE *f, size_t len)
{
    void *p = malloc(len + 1);

    if (!p || fread(p, 1, len, f) != len)
        history_failed();
    return p;
}

static void read_kept(struct history *h, FILE *f)
{
    struct keeper keeper = h->keeper;
    struct history *other = get(f, sizeof(*other));

    *h = *other;
    free(other);
    h->keeper = keeper;
    h->log = calloc(h->nr_log + 1, sizeof(*h->log));
    h->calls = calloc(h->nr_calls + 1, sizeof(*h->calls));
    if (!h->log || !h->calls)
        history_failed();
    for (size_t i = 0; i < h->nr_log; i++) {
        if (fread(&h->log[i], sizeof(h->log[i]), 1, f) != 1)
            history_failed();
        if (h->log[i].text)
            h->log[i].text = get(f, h->log[i].len);
    }
    for (size_t i = 0; i < h->nr_calls; i++) {
        if (fread(&h->calls[i], sizeof(h->calls[i]), 1, f) != 1)
            history_failed();
        h->calls[i].data = get(f, h->calls[i].len);
    }
    h->breaks = get(f, h->nr_breaks * sizeof(*h->breaks));
    h->watches = get(f, h->nr_watches * sizeof(*h->watches));
    h->at_log = h->at_call = 0;
}

static void inherit(struct gdb *g)
{
    int fd = dup(g->history.keeper.memory);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;

    if (!f) {
        history_failed();
        return;
    }
    rewind(f);
    read_kept(&g->history, f);
    fclose(f);
}

/* Those of gdb are asked as well, but do not stop anything. */
static void look_out(struct gdb *g)
{
    struct history *h = &g->history;

    for (size_t i = 0; i < h->nr_breaks; i++)
        for (unsigned c = 0; c < g->m->nr_cpus; c++)
            if (engine_add_break(g->m->cpus[c].engine, h->breaks[i].va) != 0)
                history_failed();
    for (unsigned c = 0; c < g->m->nr_cpus; c++)
        if (h->nr_watches > 0)
            engine_watch(g->m->cpus[c].engine, true);
}

void history_start(struct gdb *g)
{
    struct history *h = &g->history;
    bool again;

    *h = (struct history){0};
    if (g->m->options.sandbox)
        h->lost = "in the sandbox adiemu cannot keep a copy of itself";
    else if (g->m->options.realtime)
        h->lost = "with --realtime runs differ";
    if (h->lost)
        return;
    if (keeper_start(&h->keeper, &again) != 0) {
        h->lost = "the host could not keep a copy of adiemu";
        return;
    }
    h->kept = true;
    if (!again)
        return;
    inherit(g);
    h->kept = true;
    history_quiet(g, true);
    if (h->mode == HISTORY_LOOKS)
        look_out(g);
}

void history_failed(void)
{
    _exit(1);
}

/* ----------------------------------------------------------------- the way */

int history_next(struct gdb *g)
{
    struct history *h = &g->history;
    const struct history_entry *e = &h->log[h->at_log];

    if (h->at_log >= h->nr_log || !e->text)
        return -1;
    if (e->insn != machine_insns(g->m))
        history_failed(); /* it is not the same run */
    memcpy(g->packet, e->text, e->len);
    g->packet[e->len] = '\0';
    h->at_log++;
    return (int)e->len;
}

bool history_at_stop(struct gdb *g)
{
    struct history *h = &g->history;

    if (h->at_log >= h->nr_log || h->log[h->at_log].text ||
        machine_insns(g->m) < h->log[h->at_log].insn)
        return false;
    g->stop = (struct gdb_stop){.why = GDB_WHY_SIGNAL,
                                .pid = h->log[h->at_log].pid,
                                .tid = h->log[h->at_log].tid,
                                .sig = SIG_TRAP};
    h->at_log++;
    return true;
}

uint64_t history_deadline(const struct gdb *g)
{
    const struct history *h = &g->history;
    uint64_t now = machine_insns(g->m), at = h->target;

    if (h->at_log < h->nr_log && !h->log[h->at_log].text &&
        h->log[h->at_log].insn < at)
        at = h->log[h->at_log].insn;
    return at > now ? at - now : 1;
}

static void note(struct gdb *g, const struct task *t, unsigned type,
                 uint64_t va, uint64_t now)
{
    struct history *h = &g->history;

    if (now >= h->target)
        return;
    h->found = true;
    h->found_insn = now;
    h->found_tid = t->pid;
    h->found_type = type;
    h->found_va = va;
}

void history_note(struct gdb *g, const struct task *t, unsigned type,
                  uint64_t va)
{
    note(g, t, type, va, machine_insns(g->m));
}

void history_note_before(struct gdb *g, const struct task *t, unsigned type,
                         uint64_t va)
{
    note(g, t, type, va, machine_insns(g->m) - 1);
}

/* It has come where bc began: where was the last one? */
static _Noreturn void look_further(struct gdb *g)
{
    struct history *h = &g->history;

    h->mode = HISTORY_GOES;
    h->at_begin = !h->found;
    h->target = h->found ? h->found_insn : 0;
    if (h->found)
        h->target_tid = h->found_tid;
    if (hand_over(g) != 0)
        history_failed();
    keeper_go_on(&h->keeper);
}

/* What it stops by, in the eyes of gdb. */
static void set_stop(struct gdb *g)
{
    const struct history *h = &g->history;
    const struct task *t = gdb_task(g, h->target_tid);

    if (g->nr_stops > 0) { /* of the program itself */
        g->stop = g->stops[0];
        g->nr_stops = 0;
        return;
    }
    if (!t)
        t = gdb_general(g);
    if (!t) {
        history_failed();
        return;
    }
    g->stop = (struct gdb_stop){.why = GDB_WHY_SIGNAL,
                                .pid = t->process->pid,
                                .tid = t->pid,
                                .sig = SIG_TRAP};
    if (h->at_begin) {
        g->stop.why = GDB_WHY_BEGIN;
    } else if (h->found) {
        g->stop.why = h->found_type >= 2 ? GDB_WHY_WATCH : GDB_WHY_BREAK;
        g->stop.type = h->found_type;
        g->stop.va = h->found_va;
        g->stop.hardware = h->found_type == 1;
    }
}

void history_arrive(struct gdb *g)
{
    struct history *h = &g->history;

    if (h->mode == HISTORY_LOOKS)
        look_further(g);
    for (size_t i = h->at_log; i < h->nr_log; i++)
        free(h->log[i].text);
    h->nr_log = h->at_log;
    set_stop(g);
    gdb_hold_still(g);
    gdb_take_points(g, h->breaks, h->nr_breaks, h->watches, h->nr_watches);
    h->mode = HISTORY_LIVE;
    h->found = h->at_begin = false;
    history_quiet(g, false);
    history_stopped(g, g->stop.pid, g->stop.tid);
    keeper_take(&h->keeper);
}

/* ---------------------------------------------------------------- packets */

static void *copy(const void *from, size_t bytes)
{
    void *p = malloc(bytes + 1);

    if (p && bytes)
        memcpy(p, from, bytes);
    return p;
}

/* Where @t began its last instruction; FAR: it has done none. */
static uint64_t step_target(struct gdb *g, const struct task *t)
{
    const struct gdb_thread *thread = gdb_find_thread(g, t->pid);

    return thread && thread->ran ? thread->ran - 1 : FAR;
}

/* There is no way back: gdb stops as at the beginning, and the user reads why.
 */
static void stay(struct gdb *g, const struct task *t, const char *why)
{
    char line[200];
    int len = snprintf(line, sizeof(line), "adiemu: no way back: %s\n", why);

    gdb_clear(&g->out);
    gdb_puts(&g->out, "O");
    gdb_put_hex(&g->out, line, (size_t)len);
    if (why[0])
        gdb_send(g);
    g->stop = (struct gdb_stop){.why = GDB_WHY_BEGIN,
                                .pid = t->process->pid,
                                .tid = t->pid,
                                .sig = SIG_TRAP};
    gdb_put_stop(g);
}

void history_back(struct gdb *g, bool step)
{
    struct history *h = &g->history;
    struct task *t = gdb_task(g, g->continue_tid);
    uint64_t now = machine_insns(g->m), target;

    if (!t)
        t = gdb_general(g);
    if (!t) {
        gdb_error(g, ESRCH);
        return;
    }
    target = step ? step_target(g, t) : now;
    if (h->lost || target == FAR || now == 0) {
        stay(g, t, h->lost ? h->lost : "");
        return;
    }
    h->mode = step ? HISTORY_GOES : HISTORY_LOOKS;
    h->target = target;
    h->target_tid = t->pid;
    h->found = h->at_begin = false;
    free(h->breaks);
    free(h->watches);
    h->nr_breaks = g->nr_breaks;
    h->nr_watches = g->nr_watches;
    h->breaks = copy(g->breaks, g->nr_breaks * sizeof(*g->breaks));
    h->watches = copy(g->watches, g->nr_watches * sizeof(*g->watches));
    if (h->breaks && h->watches && hand_over(g) == 0)
        keeper_go(&h->keeper);
    h->mode = HISTORY_LIVE;
    stay(g, t, "the run could not be done again as it was");
}
