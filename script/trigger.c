// SPDX-License-Identifier: GPL-2.0-or-later
#include "script/trigger.h"

#include <stdlib.h>
#include <string.h>

#include "event/hub.h"
#include "mm/memory.h"

struct triggers {
    const struct script *script; /* borrowed */
    struct drive *drive;         /* borrowed */
    struct memory *mem;          /* borrowed */
    triggers_fired_fn fired;
    void *ctx;
    unsigned running; /* actions, one in the middle of another */
    bool deaf;        /* what an action does is not counted */
    bool lines_act;
    const struct drive_at *at; /* borrowed; in whose course it does */
    bool has[WHEN_EXIT + 1];   /* the script has events of this sort */
    struct {
        uint64_t seen;  /* how often what it waits for came */
        uint64_t fired; /* how often it was due */
    } of[];
};

static void fire(struct triggers *t, size_t n, const struct drive_at *at)
{
    const struct script_event *ev = &t->script->events[n];
    struct hub *hub = memory_hub(t->mem);
    unsigned cause = hub_set_line(hub, ev->line);
    const struct drive_at *outer = t->at;
    bool deaf = t->deaf;
    struct drive_result r;

    if (drive_stopped(t->drive))
        return; /* it is never due */
    t->of[n].fired++;
    t->deaf = !t->lines_act || ev->trigger.when != WHEN_START;
    t->running++;
    t->at = at;
    r = drive_do(t->drive, &ev->action, at);
    t->at = outer;
    t->running--;
    t->deaf = deaf;
    (void)hub_set_line(hub, cause);
    if (t->fired)
        t->fired(t->ctx, ev, &r);
}

/* Is this the right process and the right time of many? */
static bool counts(struct triggers *t, size_t n, const struct mm *mm)
{
    const struct script_trigger *tr = &t->script->events[n].trigger;

    if (tr->pid && drive_find_mm(t->drive, tr->pid) != mm)
        return false;
    t->of[n].seen++;
    return tr->nr == 0 || tr->nr == t->of[n].seen;
}

/* The next event of this sort, from *@n on. */
static const struct script_trigger *next(const struct triggers *t,
                                         enum script_when when, size_t *n)
{
    for (; *n < t->script->nr; ++*n)
        if (t->script->events[*n].trigger.when == when)
            return &t->script->events[*n].trigger;
    return NULL;
}

static bool idle(const struct triggers *t, enum script_when when)
{
    return !t || t->deaf || !t->has[when];
}

static void on_fault(struct triggers *t, const struct moment *m)
{
    const struct drive_at at = {
        .mm = m->mm, .va = m->va, .half = moment_holds(m->id) & HOLDS_TABLE};
    const struct script_trigger *tr;

    if (idle(t, WHEN_FAULT))
        return;
    for (size_t n = 0; (tr = next(t, WHEN_FAULT, &n)) != NULL; n++)
        if (tr->moment == m->id && tr->kind == m->kind && counts(t, n, m->mm))
            fire(t, n, &at);
}

/*
 * Not of a process: a page may be that of several.  What an action migrates
 * counts as well, but for what the events of a migration migrate.
 */
static void on_migrate(struct triggers *t, const struct moment *m)
{
    const struct drive_at at = {.mm = m->mm, .migrating = true, .outer = t->at};

    if (!t->has[WHEN_MIGRATE] || drive_at_migrates(t->at))
        return;
    for (size_t n = 0; next(t, WHEN_MIGRATE, &n); n++)
        if (counts(t, n, NULL))
            fire(t, n, &at);
}

static void on_moment(void *ctx, const struct moment *m)
{
    if (m->id == MOMENT_MIGRATE)
        on_migrate(ctx, m);
    else
        on_fault(ctx, m);
}

static const struct moment_ops moment_ops = {.reached = on_moment};

static bool wants_moments(const struct triggers *t)
{
    return t->has[WHEN_FAULT] || t->has[WHEN_MIGRATE];
}

struct triggers *triggers_create(const struct script *script, struct drive *d,
                                 struct memory *mem, triggers_fired_fn fired,
                                 void *ctx)
{
    struct triggers *t = calloc(1, sizeof(*t) + script->nr * sizeof(t->of[0]));

    if (!t)
        return NULL;
    t->script = script;
    t->drive = d;
    t->mem = mem;
    t->fired = fired;
    t->ctx = ctx;
    for (size_t i = 0; i < script->nr; i++)
        t->has[script->events[i].trigger.when] = true;
    if (wants_moments(t))
        memory_attach_moments(mem, &moment_ops, t);
    return t;
}

void triggers_destroy(struct triggers *t)
{
    if (!t)
        return;
    if (wants_moments(t))
        memory_attach_moments(t->mem, NULL, NULL);
    free(t);
}

void triggers_lines_act(struct triggers *t)
{
    t->lines_act = true;
}

bool triggers_busy(const struct triggers *t)
{
    return t->running > 0;
}

void triggers_start(struct triggers *t)
{
    if (idle(t, WHEN_START))
        return;
    for (size_t n = 0; next(t, WHEN_START, &n); n++)
        fire(t, n, NULL);
}

void triggers_syscall(struct triggers *t, const char *name, struct mm *mm)
{
    const struct script_trigger *tr;

    if (idle(t, WHEN_SYSCALL))
        return;
    for (size_t n = 0; (tr = next(t, WHEN_SYSCALL, &n)) != NULL; n++)
        if (strcmp(tr->syscall, name) == 0 && counts(t, n, mm))
            fire(t, n, NULL);
}

void triggers_exit(struct triggers *t, struct mm *mm)
{
    if (idle(t, WHEN_EXIT))
        return;
    for (size_t n = 0; next(t, WHEN_EXIT, &n); n++)
        if (counts(t, n, mm))
            fire(t, n, NULL);
}

void triggers_insns(struct triggers *t, uint64_t now)
{
    const struct script_trigger *tr;

    if (idle(t, WHEN_INSN))
        return;
    for (size_t n = 0; (tr = next(t, WHEN_INSN, &n)) != NULL; n++)
        if (t->of[n].seen == 0 && now >= tr->nr) {
            t->of[n].seen = 1;
            fire(t, n, NULL);
        }
}

size_t triggers_idle(const struct triggers *t, size_t n, uint64_t *came)
{
    while (t && n < t->script->nr && t->of[n].fired)
        n++;
    if (!t || n == t->script->nr)
        return SIZE_MAX;
    *came = t->of[n].seen;
    return n;
}

uint64_t triggers_next_insn(const struct triggers *t)
{
    uint64_t soonest = UINT64_MAX;
    const struct script_trigger *tr;

    if (!t)
        return UINT64_MAX;
    for (size_t n = 0; (tr = next(t, WHEN_INSN, &n)) != NULL; n++)
        if (t->of[n].seen == 0 && tr->nr < soonest)
            soonest = tr->nr;
    return soonest;
}
