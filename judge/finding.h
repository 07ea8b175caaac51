/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge/finding.h - a page whose tags are not what the program set
 *
 * Owns:    nothing
 * Used by: judge/ (the oracle makes them), print/; check/predict.h, api/;
 *          explore/
 */
#pragma once

#include "event/event.h"

/* What is remembered of an event: enough to tell a page's story. */
struct stamp {
    uint64_t nr;
    uint64_t insn;
    uint64_t pc;
    uint32_t program;
    uint32_t pid;
    unsigned line; /* of the event script; 0: none */
    enum event_kind kind;
    enum mm_path path;
    pfn_t pfn;
    uint64_t entry;
    uint64_t buf;
    uint32_t users; /* as in struct event: plus 1, 0 unknown */
};

static inline struct stamp stamp_of(const struct event *ev)
{
    return (struct stamp){.nr = ev->nr,
                          .insn = ev->insn,
                          .pc = ev->pc,
                          .program = ev->program,
                          .pid = ev->pid,
                          .line = ev->line,
                          .kind = ev->kind,
                          .path = ev->path,
                          .pfn = event_frame(ev),
                          .entry = ev->entry,
                          .buf = ev->buf,
                          .users = ev->users};
}

/* The place in the kernel where tags went wrong; judge/cause.def */
enum cause_id {
#define CAUSE(id, name, fn, missing, wrong) CAUSE_##id,
#include "judge/cause.def"
#undef CAUSE
    CAUSE_NR,
    CAUSE_UNKNOWN = CAUSE_NR
};

/* And the event in which they did. */
struct blame {
    enum cause_id id; /* CAUSE_UNKNOWN: none, and no event */
    struct stamp at;
};

/*
 * lost:  a tag that the program set is gone
 * stale: a block that it never tagged has somebody's tag
 */
enum finding_kind { FINDING_LOST, FINDING_STALE };

struct finding {
    enum finding_kind kind;
    uint32_t mm;
    gva_t va;
    unsigned blocks;    /* that differ, 1..128 */
    unsigned first;     /* the first of them, 0..127 */
    adi_tag_t expected; /* its tags */
    adi_tag_t found;
    struct stamp seen; /* the event that showed it */
    struct blame blame;
    size_t record;         /* that it is counted in, from 0 */
    struct stamp *history; /* owned; oldest first */
    size_t nr_history;
    size_t dropped; /* older events of the page, not kept */
};

const char *finding_kind_name(enum finding_kind kind);
