// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Breakpoints and watchpoints: addresses of a process.
 *
 * None is in the program's memory.  A breakpoint is known to the translator
 * (emu/engine/debug.h); the page of a watchpoint is kept out of the TLB, so
 * that emu/engine/access.c sees each access to it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "emu/engine/debug.h"
#include "emu/gdb/internal.h"
#include "mm/pgtable.h"

enum point_type { SOFTWARE, HARDWARE, WATCH_WRITE, WATCH_READ, WATCH_ACCESS };

/* Do both have the same address space?  A child of vfork() has its parent's. */
static bool same_mm(const struct gdb *g, uint32_t pid, const struct task *t)
{
    const struct process *p;

    if (pid == t->process->pid)
        return true;
    p = process_find(g->m, pid);
    return p && p->mm && p->mm == t->process->mm;
}

/* ------------------------------------------------------------ breakpoints */

/* The code at @va is translated again: where the page is, or, as other pages
 * may come there, everywhere. */
static void translate_again(struct gdb *g, uint32_t pid, gva_t va)
{
    const struct process *p = process_find(g->m, pid);
    const pte_t *ptep = p && p->mm ? mm_pte(p->mm, va) : NULL;

    for (unsigned i = 0; i < g->m->nr_cpus; i++) {
        struct engine *e = g->m->cpus[i].engine;

        if (ptep && pte_present(*ptep))
            engine_code_changed(e, pte_pfn(*ptep), page_offset(va), 4);
        else
            engine_forget_code(e);
    }
}

static bool any_break_at(const struct gdb *g, gva_t va)
{
    const struct history *h = &g->history;

    for (size_t i = 0; h->mode == HISTORY_LOOKS && i < h->nr_breaks; i++)
        if (h->breaks[i].va == va)
            return true;
    for (size_t i = 0; i < g->nr_breaks; i++)
        if (g->breaks[i].va == va)
            return true;
    return false;
}

static struct gdb_break *find_break(const struct gdb *g, uint32_t pid, gva_t va)
{
    for (size_t i = 0; i < g->nr_breaks; i++)
        if (g->breaks[i].pid == pid && g->breaks[i].va == va)
            return &g->breaks[i];
    return NULL;
}

static struct gdb_break *add_break(struct gdb *g, uint32_t pid, gva_t va)
{
    struct gdb_break *found = find_break(g, pid, va), *more;

    if (found)
        return found;
    more = realloc(g->breaks, (g->nr_breaks + 1) * sizeof(*more));
    if (!more)
        return NULL;
    g->breaks = more;
    for (unsigned i = 0; i < g->m->nr_cpus; i++)
        if (engine_add_break(g->m->cpus[i].engine, va) != 0)
            return NULL;
    found = &g->breaks[g->nr_breaks++];
    *found = (struct gdb_break){.pid = pid, .va = va};
    translate_again(g, pid, va);
    return found;
}

static void drop_break(struct gdb *g, struct gdb_break *b)
{
    struct gdb_break gone = *b;

    *b = g->breaks[--g->nr_breaks];
    if (any_break_at(g, gone.va))
        return;
    for (unsigned i = 0; i < g->m->nr_cpus; i++)
        engine_remove_break(g->m->cpus[i].engine, gone.va);
    translate_again(g, gone.pid, gone.va);
}

static int set_break(struct gdb *g, uint32_t pid, gva_t va, bool hardware,
                     bool on)
{
    struct gdb_break *b = on ? add_break(g, pid, va) : find_break(g, pid, va);

    if (!b)
        return on ? ENOMEM : 0;
    if (hardware)
        b->hardware = on;
    else
        b->software = on;
    if (!b->hardware && !b->software)
        drop_break(g, b);
    return 0;
}

/* On the way to a moment of before: gdb would stop at the points that it has
 * now. */
static void note_break(struct gdb *g, const struct task *t, gva_t pc)
{
    const struct history *h = &g->history;

    for (size_t i = 0; i < h->nr_breaks; i++)
        if (h->breaks[i].va == pc && same_mm(g, h->breaks[i].pid, t))
            history_note(g, t, h->breaks[i].software ? SOFTWARE : HARDWARE, pc);
}

bool gdb_break_hit(struct gdb *g, struct task *t, gva_t pc)
{
    if (g->history.mode == HISTORY_LOOKS)
        note_break(g, t, pc);
    for (size_t i = 0; i < g->nr_breaks; i++) {
        const struct gdb_break *b = &g->breaks[i];

        if (b->va != pc || !same_mm(g, b->pid, t) ||
            !gdb_is_attached(g, t->process->pid))
            continue;
        gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_BREAK,
                                           .pid = t->process->pid,
                                           .tid = t->pid,
                                           .hardware = !b->software});
        return true;
    }
    return false;
}

/* ------------------------------------------------------------ watchpoints */

static void watches_changed(struct gdb *g)
{
    const struct history *h = &g->history;
    bool on =
        g->nr_watches > 0 || (h->mode == HISTORY_LOOKS && h->nr_watches > 0);

    for (unsigned i = 0; i < g->m->nr_cpus; i++)
        engine_watch(g->m->cpus[i].engine, on);
}

static bool same_watch(const struct gdb_watch *a, const struct gdb_watch *b)
{
    return a->pid == b->pid && a->type == b->type && a->va == b->va &&
           a->len == b->len;
}

static int set_watch(struct gdb *g, const struct gdb_watch *w, bool on)
{
    struct gdb_watch *more;
    size_t i = 0;

    while (i < g->nr_watches && !same_watch(&g->watches[i], w))
        i++;
    if (on == (i < g->nr_watches))
        return 0;
    if (on) {
        more = realloc(g->watches, (g->nr_watches + 1) * sizeof(*more));
        if (!more)
            return ENOMEM;
        g->watches = more;
        g->watches[g->nr_watches++] = *w;
    } else {
        g->watches[i] = g->watches[--g->nr_watches];
    }
    watches_changed(g);
    return 0;
}

static bool meets(const struct gdb_watch *w, gva_t va, uint64_t len)
{
    return va < w->va + w->len && w->va < va + len;
}

static bool any_meets(const struct gdb *g, const struct gdb_watch *w, size_t nr,
                      const struct task *t, gva_t page)
{
    for (size_t i = 0; i < nr; i++)
        if (meets(&w[i], page, PAGE_SIZE) && same_mm(g, w[i].pid, t))
            return true;
    return false;
}

bool gdb_is_watched(const struct gdb *g, const struct task *t, uint64_t va)
{
    const struct history *h = &g->history;
    gva_t page = page_align_down(untagged_addr(va));

    return any_meets(g, g->watches, g->nr_watches, t, page) ||
           (h->mode == HISTORY_LOOKS &&
            any_meets(g, h->watches, h->nr_watches, t, page));
}

static bool is_hit(const struct gdb *g, const struct gdb_watch *w,
                   const struct task *t, gva_t at, unsigned bytes, bool store)
{
    return meets(w, at, bytes) && same_mm(g, w->pid, t) &&
           (w->type != WATCH_WRITE || store) &&
           (w->type != WATCH_READ || !store);
}

static void note_watch(struct gdb *g, const struct task *t, gva_t at,
                       unsigned bytes, bool store)
{
    const struct history *h = &g->history;

    for (size_t i = 0; i < h->nr_watches; i++)
        if (is_hit(g, &h->watches[i], t, at, bytes, store))
            history_note(g, t, h->watches[i].type,
                         at > h->watches[i].va ? at : h->watches[i].va);
}

void gdb_accessed(struct gdb *g, struct task *t, uint64_t va, unsigned bytes,
                  enum access access)
{
    gva_t at = untagged_addr(va);
    bool store = access == ACCESS_WRITE;

    if (g->history.mode == HISTORY_LOOKS)
        note_watch(g, t, at, bytes, store);
    for (size_t i = 0; i < g->nr_watches; i++) {
        const struct gdb_watch *w = &g->watches[i];

        if (!is_hit(g, w, t, at, bytes, store) ||
            !gdb_is_attached(g, t->process->pid))
            continue;
        gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_WATCH,
                                           .pid = t->process->pid,
                                           .tid = t->pid,
                                           .type = w->type,
                                           .va = at > w->va ? at : w->va});
        /* gdb hears of it when the instruction is done. */
        engine_kick(task_engine(t));
    }
}

static bool peek(struct gdb *g, const struct gdb_watch *w, uint8_t *buf)
{
    const struct process *p = process_find(g->m, w->pid);

    return w->len <= GDB_WATCH_CALLS && p && p->mm &&
           gdb_peek(g, p, w->va, buf, w->len);
}

static void remember(struct gdb *g, struct gdb_watch *w, size_t nr)
{
    for (size_t i = 0; i < nr; i++)
        if (!peek(g, &w[i], w[i].was))
            memset(w[i].was, 0, sizeof(w[i].was));
}

void gdb_watch_start(struct gdb *g)
{
    remember(g, g->watches, g->nr_watches);
    if (g->history.mode == HISTORY_LOOKS)
        remember(g, g->history.watches, g->history.nr_watches);
}

/* The kernel's copies are not seen as accesses are, so bytes are compared. */
static bool was_changed(struct gdb *g, const struct gdb_watch *w,
                        const struct task *t)
{
    uint8_t now[GDB_WATCH_CALLS];

    return w->type != WATCH_READ && same_mm(g, w->pid, t) && peek(g, w, now) &&
           memcmp(now, w->was, w->len) != 0;
}

void gdb_watch_call(struct gdb *g, struct task *t)
{
    struct history *h = &g->history;

    if (h->mode == HISTORY_LOOKS) {
        for (size_t i = 0; i < h->nr_watches; i++)
            if (was_changed(g, &h->watches[i], t))
                history_note_before(g, t, h->watches[i].type, h->watches[i].va);
    }
    for (size_t i = 0; i < g->nr_watches; i++)
        if (was_changed(g, &g->watches[i], t))
            gdb_add_stop(g, &(struct gdb_stop){.why = GDB_WHY_WATCH,
                                               .pid = t->process->pid,
                                               .tid = t->pid,
                                               .type = g->watches[i].type,
                                               .va = g->watches[i].va});
}

/* -------------------------------------------------------------------- all */

void gdb_drop_points(struct gdb *g, uint32_t pid)
{
    for (size_t i = g->nr_breaks; i-- > 0;)
        if (pid == GDB_ALL || g->breaks[i].pid == pid)
            drop_break(g, &g->breaks[i]);
    for (size_t i = g->nr_watches; i-- > 0;)
        if (pid == GDB_ALL || g->watches[i].pid == pid)
            g->watches[i] = g->watches[--g->nr_watches];
    watches_changed(g);
}

void gdb_take_points(struct gdb *g, const struct gdb_break *breaks,
                     size_t nr_breaks, const struct gdb_watch *watches,
                     size_t nr_watches)
{
    gdb_drop_points(g, GDB_ALL);
    for (size_t i = 0; i < nr_breaks; i++) {
        struct gdb_break *b = add_break(g, breaks[i].pid, breaks[i].va);

        if (b)
            *b = breaks[i];
    }
    for (size_t i = 0; i < nr_watches; i++)
        (void)set_watch(g, &watches[i], true);
}

void gdb_copy_points(struct gdb *g, uint32_t from, uint32_t to)
{
    for (size_t i = 0, nr = g->nr_breaks; i < nr; i++) {
        struct gdb_break b = g->breaks[i], *copy;

        if (b.pid != from)
            continue;
        copy = add_break(g, to, b.va);
        if (!copy)
            return;
        copy->software = b.software;
        copy->hardware = b.hardware;
    }
    for (size_t i = 0, nr = g->nr_watches; i < nr; i++) {
        struct gdb_watch w = g->watches[i];

        if (w.pid == from) {
            w.pid = to;
            (void)set_watch(g, &w, true);
        }
    }
}

/* Z TYPE,ADDR,KIND and z: KIND is the length of a watchpoint.  gdb evaluates
 * conditions itself, as it is not told that we do. */
void gdb_set_point(struct gdb *g, struct gdb_in in, bool on)
{
    const struct task *t = gdb_general(g);
    uint64_t type, va, len;
    int err = 0;

    if (!gdb_hex(&in, &type) || !gdb_skip(&in, ",") ||
        !gdb_two_hex(&in, &va, &len) || !t) {
        gdb_error(g, EINVAL);
        return;
    }
    if (!gdb_at_end(&in) || type > WATCH_ACCESS)
        return; /* nothing of that kind */
    if (type <= HARDWARE && va & 3)
        err = EINVAL;
    else if (type <= HARDWARE)
        err = set_break(g, t->process->pid, va, type == HARDWARE, on);
    else if (len == 0 || untagged_addr(va) + len < len)
        err = EINVAL;
    else
        err = set_watch(g,
                        &(struct gdb_watch){.pid = t->process->pid,
                                            .type = (unsigned)type,
                                            .va = untagged_addr(va),
                                            .len = len},
                        on);
    if (err)
        gdb_error(g, err);
    else
        gdb_ok(g);
}
