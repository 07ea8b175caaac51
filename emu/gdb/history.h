/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu/gdb/history.h - what it takes to do a run again, up to a moment
 *
 * Owns:    struct history
 * Used by: emu/gdb/
 * Source:  ours
 *
 * A run repeats, so only what came from outside is kept: the packets by which
 * gdb has changed something, and what system calls have brought in or out.
 */
#pragma once

#include "emu/gdb/keeper.h"
#include "emu/gdb/packet.h"

struct gdb;
struct gdb_break;
struct gdb_watch;
struct task;
struct cpu;

/* What gdb has said while the machine stood still at @insn. */
struct history_entry {
    uint64_t insn;
    char *text; /* owned; NULL: it stood still there, for gdb wanted it */
    size_t len;
    uint32_t pid, tid; /* of a NULL: whom gdb then looked at */
};

/* What a system call has brought. */
struct history_call {
    uint64_t insn;
    uint32_t tid;
    int64_t value;
    uint8_t *data; /* owned; that the program has read */
    size_t len;
};

enum history_mode {
    HISTORY_LIVE,
    HISTORY_GOES, /* to the target, silently */
    HISTORY_LOOKS /* for the last point that gdb would stop at before it */
};

struct history {
    bool kept; /* there is a keeper */
    struct keeper keeper;
    const char *lost; /* why there is no way back; NULL: there is */
    char lost_text[64];
    enum history_mode mode;
    struct history_entry *log; /* owned */
    size_t nr_log, at_log;
    struct history_call *calls; /* owned; in order */
    size_t nr_calls, at_call;
    uint64_t target;
    uint32_t target_tid;
    /* Of HISTORY_LOOKS: the last; of HISTORY_GOES: what is there. */
    bool found, at_begin;
    unsigned found_type; /* as of Z */
    uint64_t found_insn, found_va;
    uint32_t found_tid;
    /* Breakpoints and watchpoints that gdb has now. */
    struct gdb_break *breaks; /* owned */
    struct gdb_watch *watches;
    size_t nr_breaks, nr_watches;
    uint64_t before_talk; /* insns of the log entry to come */
};

/* history_start - before the first instruction; gdb is there */
void history_start(struct gdb *g);
void history_free(struct gdb *g);

/* history_leave - gdb is gone: there is no way back, but what was written
 * before gdb went back is still not written again */
void history_leave(struct gdb *g);

/* history_packet - gdb has said that, and it has changed something */
void history_packet(struct gdb *g, const char *text, size_t len);

/* history_stopped - gdb wanted the machine to stand still here, and looks at
 * this thread */
void history_stopped(struct gdb *g, uint32_t pid, uint32_t tid);

/* history_next - the next packet of those, into g->packet; -1: none here */
int history_next(struct gdb *g);

/* history_at_stop - is it here that gdb wanted it to stand still?  Then g->stop
 * says so. */
bool history_at_stop(struct gdb *g);

/* history_deadline - instructions until that, or the target */
uint64_t history_deadline(const struct gdb *g);

/* history_back - packets bs and bc */
void history_back(struct gdb *g, bool step);

/* history_failed - it does not get to the target: another goes on */
_Noreturn void history_failed(void);

/* history_arrive - it is at the target: gdb gets a live machine */
void history_arrive(struct gdb *g);

/* history_note - of HISTORY_LOOKS: gdb would stop here */
void history_note(struct gdb *g, const struct task *t, unsigned type,
                  uint64_t va);

/* history_note_before - the same, in front of the instruction that is done */
void history_note_before(struct gdb *g, const struct task *t, unsigned type,
                         uint64_t va);

/* ---- calls.c: debug_ops.call, debug_ops.called */
bool history_call(struct gdb *g, struct task *t, const char *name,
                  const uint64_t a[6], int64_t *value);
void history_called(struct gdb *g, struct task *t, const char *name,
                    const uint64_t a[6], int64_t value);
/* history_lose - there is no way back any more */
void history_lose(struct gdb *g, const char *why);
/* history_lose_by - the same, by a system call */
void history_lose_by(struct gdb *g, const char *name);
/* history_add_call - it has brought that */
void history_add_call(struct gdb *g, const struct task *t, int64_t value,
                      const uint8_t *data, size_t len);
