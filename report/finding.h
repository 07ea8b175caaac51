/*
 * report/finding.h - a page whose tags are not what the program set
 *
 * Owns:    nothing
 * Used by: report/ (oracle makes them, summaries print them)
 */
#pragma once

#include "report/event.h"

/* What is remembered of an event: enough to tell a page's story. */
struct stamp {
    uint64_t nr;
    uint64_t insn;
    uint64_t pc;
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
                          .pid = ev->pid,
                          .line = ev->line,
                          .kind = ev->kind,
                          .path = ev->path,
                          .pfn = event_frame(ev),
                          .entry = ev->entry,
                          .buf = ev->buf,
                          .users = ev->users};
}

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
    struct stamp seen;     /* the event that showed it */
    struct stamp forked;   /* the fork that made the mm; nr 0: none, or the
                              parent had no tags then */
    struct stamp *history; /* owned; oldest first */
    size_t nr_history;
    size_t dropped; /* older events of the page, not kept */
};

const char *finding_kind_name(enum finding_kind kind);
