// SPDX-License-Identifier: GPL-2.0-or-later
#include "event/hub.h"

#include <stdlib.h>

#include "event/hosterr.h"
#include "event/internal.h"
#include "event/log.h"

struct hub *hub_create(void)
{
    return calloc(1, sizeof(struct hub));
}

void hub_destroy(struct hub *hub)
{
    if (!hub)
        return;
    host_errors_fini(&hub->host_errors);
    free(hub);
}

/* ------------------------------------------------------------- listeners */

void hub_listen(struct hub *hub, struct listener *l)
{
    struct listener **end = &hub->listeners;

    while (*end)
        end = &(*end)->next;
    l->next = NULL;
    *end = l;
}

void hub_unlisten(struct hub *hub, struct listener *l)
{
    struct listener **at = &hub->listeners;

    while (*at && *at != l)
        at = &(*at)->next;
    if (*at)
        *at = l->next;
}

bool hub_is_heard(const struct hub *hub)
{
    return hub->listeners != NULL;
}

bool hub_has_tags(const struct hub *hub, uint32_t mm, gva_t va)
{
    for (const struct listener *l = hub->listeners; l; l = l->next)
        if (l->ops->has_tags && l->ops->has_tags(l->ctx, mm, va))
            return true;
    return false;
}

/* ---------------------------------------------------------------- events */

void hub_set_source(struct hub *hub, struct hub_source src)
{
    hub->source = src;
}

static void stamp(const struct hub *hub, struct event *ev)
{
    struct hub_where where = {0};

    if (hub->source.where)
        hub->source.where(hub->source.ctx, &where);
    if (hub->actor.set && hub->actor.pid != where.pid) {
        where.pid = hub->actor.pid;
        where.pc = 0; /* that of somebody else */
    }
    ev->insn = where.insn;
    ev->pc = where.pc;
    ev->program = where.program;
    ev->pid = where.pid;
    ev->line = hub->line;
}

void hub_event(struct hub *hub, struct event *ev)
{
    const struct listener *l;

    ev->nr = ++hub->nr_events;
    hub->paths |= UINT64_C(1) << ev->path;
    if (!hub->listeners)
        return;
    stamp(hub, ev);
    for (l = hub->listeners; l; l = l->next)
        if (l->ops->before)
            l->ops->before(l->ctx, ev);
    if (hub->log)
        log_event(hub->log, ev);
    for (l = hub->listeners; l; l = l->next)
        l->ops->event(l->ctx, ev);
}

uint64_t hub_events(const struct hub *hub)
{
    return hub->nr_events;
}

uint64_t hub_paths(const struct hub *hub)
{
    return hub->paths;
}

unsigned hub_set_line(struct hub *hub, unsigned line)
{
    unsigned was = hub->line;

    hub->line = line;
    return was;
}

unsigned hub_line(const struct hub *hub)
{
    return hub->line;
}

struct hub_actor hub_set_actor(struct hub *hub, struct hub_actor actor)
{
    struct hub_actor was = hub->actor;

    hub->actor = actor;
    return was;
}

void hub_set_log(struct hub *hub, const struct log *log)
{
    hub->log = log;
}

const struct log *hub_log(const struct hub *hub)
{
    return hub->log;
}

/* -------------------------------------------------------------- counters */

void hub_count(struct hub *hub, enum counter c)
{
    hub->counters[c]++;
}

void hub_count_add(struct hub *hub, enum counter c, uint64_t n)
{
    hub->counters[c] += n;
}

uint64_t *hub_count_place(struct hub *hub, enum counter c)
{
    return &hub->counters[c];
}

uint64_t hub_counter(const struct hub *hub, enum counter c)
{
    return hub->counters[c];
}
