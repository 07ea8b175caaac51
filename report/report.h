/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report/report.h - the hub: stamps each event and passes it to the listeners
 *
 * Owns:    event numbers, counters, and the listeners (ledger, oracle,
 *          history)
 * Used by: every layer above, to emit; cli/, to print
 */
#pragma once

#include <stdio.h>

#include "report/event.h"

struct report;
struct finding;
struct leak;
struct misrelease;
struct area_image;
struct log;
struct page_image;

enum counter {
#define COUNTER(id, name, one, many, what) COUNT_##id,
#include "report/counters.def"
#undef COUNTER
    COUNT_NR
};

/* Where an event happens, asked of the machine when one is stamped. */
struct report_where {
    uint64_t insn;
    uint64_t pc;
    uint32_t program; /* that it is a PC of, from 1; 0: none */
    uint32_t pid;
};

struct report_source {
    void (*where)(void *ctx, struct report_where *out);
    /* The last process leaves @mm: tell report_area() and report_page(). */
    void (*left)(void *ctx, uint32_t mm);
    void *ctx; /* borrowed */
};

/*
 * report_create - a hub with its listeners
 *
 * Returns NULL when the host has no memory.
 */
struct report *report_create(void);

/*
 * report_create_deaf - a hub without listeners: it counts, and judges nothing
 *
 * For measurements of what others would listen to; it cannot be printed.
 */
struct report *report_create_deaf(void);
void report_destroy(struct report *r);

/* report_listens - is anybody told of events? */
bool report_listens(const struct report *r);

/*
 * Somebody who sees every event, before and after the listeners of the
 * report do.  It may ask the report, but not emit.
 */
struct report_watch {
    void (*before)(void *ctx, const struct event *ev);
    void (*after)(void *ctx, const struct event *ev);
    void *ctx; /* borrowed */
};

/* report_set_watch - one at most; all NULL: nobody */
void report_set_watch(struct report *r, struct report_watch watch);

/*
 * report_set_log - tell of events as they come, and of what is found
 *
 * @log: borrowed
 */
void report_set_log(struct report *r, const struct log *log);

/* report_set_source - who knows instruction count, PC and process */
void report_set_source(struct report *r, struct report_source src);

/*
 * report_keep_timeline - keep the last @limit events, and those of any page
 * that turns out to be wrong; see timeline_create()
 *
 * Returns 0, or -ENOMEM.
 */
MUST_CHECK int report_keep_timeline(struct report *r, size_t limit);

/* The image of an address space; from report_source.left() only. */
void report_area(struct report *r, const struct area_image *area);
void report_page(struct report *r, const struct page_image *page);

/* report_event - stamp @ev (its stamp is overwritten) and pass it on */
void report_event(struct report *r, struct event *ev);

/*
 * report_set_cause - events from now on come from this line of a script
 *
 * @line: 0: from the program
 * Returns the one until now.
 */
unsigned report_set_cause(struct report *r, unsigned line);

/* Who does it, when that is not who runs. */
struct report_actor {
    bool set;
    uint32_t pid; /* 0: nobody; the machine, or the administrator */
};

/* report_set_actor - of events from now on; returns the one until now */
struct report_actor report_set_actor(struct report *r,
                                     struct report_actor actor);

/* report_count - add one to a counter; cheap enough for every fault */
void report_count(struct report *r, enum counter c);
void report_count_add(struct report *r, enum counter c, uint64_t n);
uint64_t report_counter(const struct report *r, enum counter c);

/* Number of the last event. */
uint64_t report_events(const struct report *r);

/*
 * report_tag_store - the guest set one tag
 *
 * @mm:    number of the address space
 * @va:    address of the block, tag bits stripped
 * @by:    report_save_stack() of who did it, or 0
 * Called for each store to an MCD ASI: no event is stamped.
 */
void report_tag_store(struct report *r, uint32_t mm, gva_t va, adi_tag_t tag,
                      uint32_t by);

/*
 * report_keep_few - of errors with one cause, keep only the first ones
 *
 * RECORD_FIRST of them; the others are counted, and their pages are noted
 * down in up to RECORD_RANGES ranges.  Without it all are kept.
 */
void report_keep_few(struct report *r);

/* Errors so far, kept or not; and the newest.  A finding has no history. */
uint64_t report_found(const struct report *r);
uint64_t report_misreleased(const struct report *r);
uint64_t report_refused(const struct report *r);
const struct finding *report_last_finding(const struct report *r);

/* Those that are kept; in order, and never taken back. */
size_t report_nr_findings(const struct report *r);
const struct finding *report_finding(const struct report *r, size_t n);
size_t report_nr_leaks(const struct report *r);
const struct leak *report_leak(const struct report *r, size_t n);
size_t report_nr_misreleases(const struct report *r);
const struct misrelease *report_misrelease(const struct report *r, size_t n);

/* report_expects - the oracle's word on a page; see oracle_page() */
const adi_tag_t *report_expects(const struct report *r, uint32_t mm, gva_t va,
                                const uint8_t **known);
