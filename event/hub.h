/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event/hub.h - where events are told, and passed on to who listens
 *
 * Owns:    event numbers, counters, and the list of listeners
 * Used by: every layer above
 *
 * It knows none of its listeners: who is above registers itself.
 */
#pragma once

#include "event/event.h"

struct hub;
struct log;

enum counter {
#define COUNTER(id, name, one, many, what) COUNT_##id,
#include "event/counters.def"
#undef COUNTER
    COUNT_NR
};

/*
 * hub_create - a hub to which nobody listens yet: it counts
 *
 * Returns NULL when the host has no memory.
 */
struct hub *hub_create(void);
void hub_destroy(struct hub *hub);

/* ------------------------------------------------------------- listeners */

struct listener_ops {
    /* The same event, before any listener has heard it; NULL: does not ask. */
    void (*before)(void *ctx, const struct event *ev);
    void (*event)(void *ctx, const struct event *ev);
    /* Has the program set tags in the page at @va?  NULL: does not know. */
    bool (*has_tags)(void *ctx, uint32_t mm, gva_t va);
};

/* A listener may ask and count, but not emit. */
struct listener {
    const struct listener_ops *ops;
    void *ctx; /* borrowed */
    struct listener *next;
};

/*
 * hub_listen - hear each event from now on, after those who listen already
 *
 * @l: borrowed until hub_unlisten()
 */
void hub_listen(struct hub *hub, struct listener *l);

/* hub_unlisten - nothing happens when it does not listen */
void hub_unlisten(struct hub *hub, struct listener *l);

/* hub_is_heard - does anybody listen? */
bool hub_is_heard(const struct hub *hub);

/* hub_has_tags - does a listener know that the program set tags there? */
bool hub_has_tags(const struct hub *hub, uint32_t mm, gva_t va);

/* ---------------------------------------------------------------- events */

/* Where an event happens, asked of the machine when one is stamped. */
struct hub_where {
    uint64_t insn;
    uint64_t pc;
    uint32_t program; /* that it is a PC of, from 1; 0: none */
    uint32_t pid;
};

struct hub_source {
    void (*where)(void *ctx, struct hub_where *out);
    void *ctx; /* borrowed */
};

/* hub_set_source - who knows instruction count, PC and process */
void hub_set_source(struct hub *hub, struct hub_source src);

/*
 * hub_event - stamp @ev (its stamp is overwritten) and pass it on
 *
 * When nobody listens it gets its number, and nothing else.
 */
void hub_event(struct hub *hub, struct event *ev);

/* hub_events - the number of the last event */
uint64_t hub_events(const struct hub *hub);

/* hub_paths - bit n: path n, enum mm_path, had an event */
uint64_t hub_paths(const struct hub *hub);

/*
 * hub_set_line - events from now on come from this line of a script
 *
 * @line: 0: from the program
 * Returns the one until now.
 */
unsigned hub_set_line(struct hub *hub, unsigned line);
unsigned hub_line(const struct hub *hub);

/* Who does it, when that is not who runs. */
struct hub_actor {
    bool set;
    uint32_t pid; /* 0: nobody; the machine, or the administrator */
};

/* hub_set_actor - of events from now on; returns the one until now */
struct hub_actor hub_set_actor(struct hub *hub, struct hub_actor actor);

/*
 * hub_set_log - tell of events as they come; so do listeners of what they find
 *
 * @log: borrowed; NULL: silent
 */
void hub_set_log(struct hub *hub, const struct log *log);
const struct log *hub_log(const struct hub *hub);

/* -------------------------------------------------------------- counters */

/* hub_count - add one to a counter; cheap enough for every fault */
void hub_count(struct hub *hub, enum counter c);
void hub_count_add(struct hub *hub, enum counter c, uint64_t n);
uint64_t hub_counter(const struct hub *hub, enum counter c);
/* hub_count_place - who counts often adds one there */
uint64_t *hub_count_place(struct hub *hub, enum counter c);
