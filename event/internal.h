/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event/internal.h - struct hub, for this folder
 */
#pragma once

#include "event/hub.h"

struct host_error;

/* hosterr.c */
struct host_errors {
    struct host_error *at; /* owned */
    size_t nr;
    bool quiet;
};

void host_errors_fini(struct host_errors *list);

struct hub {
    uint64_t counters[COUNT_NR];
    uint64_t nr_events;
    uint64_t paths; /* bit n: enum mm_path: it had an event */
    struct hub_source source;
    unsigned line; /* of the event script being carried out, 0: none */
    struct hub_actor actor;
    const struct log *log;      /* borrowed; NULL: silent */
    struct listener *listeners; /* borrowed */
    struct host_errors host_errors;
};
