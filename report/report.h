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

enum counter {
#define COUNTER(id, name, text) COUNT_##id,
#include "report/counters.def"
#undef COUNTER
    COUNT_NR
};

/* Where an event happens, asked of the machine when one is stamped. */
struct report_where {
    uint64_t insn;
    uint64_t pc;
    uint32_t pid;
};

struct report_source {
    void (*where)(void *ctx, struct report_where *out);
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

/* report_set_source - who knows instruction count, PC and process */
void report_set_source(struct report *r, struct report_source src);

/* report_event - stamp @ev (its stamp is overwritten) and pass it on */
void report_event(struct report *r, struct event *ev);

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
 * Called for each store to an MCD ASI: no event is stamped.
 */
void report_tag_store(struct report *r, uint32_t mm, gva_t va, adi_tag_t tag);
