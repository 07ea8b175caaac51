// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/internal.h"

#include "check/check.h"
#include "emu/debug.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/record.h"
#include "migrate/migrate.h"
#include "mm/lru.h"
#include "script/trigger.h"

/* Far enough not to matter, near enough not to overflow. */
#define NEVER (UINT64_MAX >> 2)

bool machine_needs_clock(const struct machine_options *o)
{
    return o->debug || o->progress || o->stress_swap.period ||
           o->stress_migrate.period || o->stress_script ||
           o->check != CHECK_OFF || /* to say when it was */
           (o->script && script_needs_clock(o->script));
}

static void stressor_init(struct stressor *s, const struct stress *options)
{
    s->period = options->period;
    s->next = options->period ? options->period : NEVER;
    s->rng.state = options->seed;
}

/* Let the clock run until something is due, or a debugger wants to look. */
static void run_clock(struct cpu *cpu)
{
    const struct debug *d = cpu->m->debug;
    uint64_t now = machine_insns(cpu->m);
    uint64_t next = cpu->clock_due > now ? cpu->clock_due - now : 1;

    if (d && d->ops->next(d->ctx) < next)
        next = d->ops->next(d->ctx);
    engine_set_deadline(cpu->engine, next);
}

/* The next event decides how long the clock may run. */
static void set_deadline(struct cpu *cpu)
{
    struct machine *m = cpu->m;
    uint64_t now = machine_insns(m);
    uint64_t next = m->stress_swap.next;

    if (m->stress_migrate.next < next)
        next = m->stress_migrate.next;
    if (triggers_next_insn(m->triggers) < next)
        next = triggers_next_insn(m->triggers);
    next = next > now ? next - now : 1;
    if (sched_next_event(cpu) < next)
        next = sched_next_event(cpu);
    cpu->clock_due = now + next;
    run_clock(cpu);
}

void machine_events_init(struct machine *m)
{
    stressor_init(&m->stress_swap, &m->options.stress_swap);
    stressor_init(&m->stress_migrate, &m->options.stress_migrate);
    m->wait_period = m->options.stress_wait;
    for (unsigned i = 0; i < m->nr_cpus; i++)
        if (machine_needs_clock(&m->options))
            set_deadline(&m->cpus[i]);
}

void machine_start_clock(struct machine *m)
{
    for (unsigned i = 0; i < m->nr_cpus; i++) {
        engine_start_clock(m->cpus[i].engine);
        set_deadline(&m->cpus[i]);
    }
}

void machine_attention(struct machine *m)
{
    for (unsigned i = 0; i < m->nr_cpus; i++)
        run_clock(&m->cpus[i]);
}

/* So many of the oldest folios of a list may be picked. */
#define PICK_DEPTH 256

/*
 * A mapped folio that reclaim or migration could take, from a random place
 * near the old end of a random list; NULL when there is none.
 */
static struct folio *pick_folio(struct machine *m, struct rng *rng)
{
    static const enum lru_list lists[] = {LRU_INACTIVE_ANON, LRU_ACTIVE_ANON,
                                          LRU_INACTIVE_FILE, LRU_ACTIVE_FILE};
    const struct lru *lru = memory_lru(m->mem);
    const size_t nr_lists = sizeof(lists) / sizeof(lists[0]);
    size_t first = rng_next(rng) % nr_lists;
    uint64_t depth = rng_next(rng);

    for (size_t i = 0; i < nr_lists; i++) {
        enum lru_list l = lists[(first + i) % nr_lists];
        size_t nr = lru->nr[l] < PICK_DEPTH ? lru->nr[l] : PICK_DEPTH;
        struct folio *folio = lru_oldest(lru, l);

        if (nr == 0)
            continue;
        for (size_t skip = depth % nr; skip > 0; skip--)
            folio = folio->next;
        while (folio && !folio_mapped(folio))
            folio = folio->next;
        if (folio)
            return folio;
    }
    return NULL;
}

static void log_fired(const struct machine *m, const char *what, bool done)
{
    log_print(&m->options.log, LOG_EVENT, LOG_DEBUG,
              "insn=%" PRIu64 " %s done=%d", machine_insns(m), what, done);
}

static void fire_swap(struct machine *m)
{
    struct folio *folio = pick_folio(m, &m->stress_swap.rng);

    if (!folio)
        return;
    record_stress(m, VERB_SWAPOUT, folio);
    log_fired(m, "swapout", swap_out_folio(m->swap, folio));
}

static void fire_migrate(struct machine *m)
{
    struct folio *folio = pick_folio(m, &m->stress_migrate.rng);

    if (!folio)
        return;
    record_stress(m, VERB_MIGRATE, folio);
    log_fired(m, "migrate", migrate_folio(m->mem, folio, folio->node) == 0);
}

static void fire(struct machine *m, struct stressor *s,
                 void (*what)(struct machine *m))
{
    uint64_t now = machine_insns(m);

    if (s->period == 0 || now < s->next)
        return;
    what(m);
    s->next = now + s->period;
}

/*
 * A call may go on after an access that failed, and fail again elsewhere: up
 * to three pages for each of the 1,024 messages of recvmmsg().
 */
#define MAX_WAITED 4096u

/* @t->nr_waited: @va is not there. */
static unsigned find_waited(const struct task *t, gva_t va)
{
    unsigned i = 0;

    while (i < t->nr_waited && t->waited[i] != va)
        i++;
    return i;
}

static void forget_waited(struct task *t, unsigned i)
{
    t->nr_waited--;
    memmove(&t->waited[i], &t->waited[i + 1],
            (t->nr_waited - i) * sizeof(t->waited[0]));
}

/* False: the host has no memory. */
static bool remember_waited(struct task *t, gva_t va)
{
    if (t->nr_waited == MAX_WAITED)
        forget_waited(t, 0);
    if (t->nr_waited == t->room_waited) {
        unsigned room = t->room_waited ? 2 * t->room_waited : 4;
        gva_t *grown = realloc(t->waited, room * sizeof(grown[0]));

        if (!grown)
            return false;
        t->waited = grown;
        t->room_waited = room;
    }
    t->waited[t->nr_waited++] = va;
    return true;
}

/*
 * As if the page came from a slow device.  It does not wait twice, however it
 * is asked for, until it has come: so every program gets on.
 */
bool machine_fault_waits(struct task *t, gva_t va, enum access access)
{
    struct machine *m = t->m;

    if (m->wait_period == 0 || !mm_may_fault(t->process->mm, va, access))
        return false;
    va = page_align_down(va);
    if (find_waited(t, va) < t->nr_waited)
        return false;
    if (++m->wait_faults % m->wait_period != 0 || !remember_waited(t, va))
        return false;
    log_print(&m->options.log, LOG_EVENT, LOG_DEBUG,
              "insn=%" PRIu64 " wait pid=%" PRIu32 " va=0x%" PRIx64,
              machine_insns(m), t->pid, va);
    return true;
}

void machine_fault_settled(struct task *t, gva_t va)
{
    unsigned i = find_waited(t, page_align_down(va));

    if (i < t->nr_waited)
        forget_waited(t, i);
}

void machine_on_clock(struct cpu *cpu)
{
    struct machine *m = cpu->m;

    /* A debugger looks: to the program it is as if nothing had been. */
    if (m->debug && machine_insns(m) < cpu->clock_due) {
        run_clock(cpu);
        return;
    }
    triggers_insns(m->triggers, machine_insns(m));
    fire(m, &m->stress_swap, fire_swap);
    fire(m, &m->stress_migrate, fire_migrate);
    machine_check(m);
    sched_on_clock(cpu);
    set_deadline(cpu);
}
