// SPDX-License-Identifier: GPL-2.0-or-later
#include "emu/linux/futex/waiter.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "emu/linux/fault.h"
#include "emu/linux/sched/process.h"
#include "emu/linux/sched/sched.h"
#include "emu/linux/uaccess.h"
#include "mm/folio.h"
#include "mm/mapping.h"

/* ------------------------------------------------------------------ keys */

/* get_user_pages_fast() of a page to write to, or at least to read. */
static const struct folio *get_folio(struct task *t, uint64_t va,
                                     enum access access, bool *read_only)
{
    struct engine_page page;
    struct fault_info fault;
    enum access_end end =
        task_get_user_page(t, va, ACCESS_WRITE, &page, &fault);

    *read_only = end == ACCESS_FAULT;
    if (end == ACCESS_FAULT) {
        if (fault.fatal)
            t->fault = fault; /* the process will be killed */
        if (fault.fatal || access == ACCESS_WRITE)
            return NULL;
        end = task_get_user_page(t, va, ACCESS_READ, &page, &fault);
    }
    if (end == ACCESS_WAIT)
        user_must_wait(t);
    if (end != ACCESS_DONE)
        return NULL;
    return phys_folio(memory_phys(t->m->mem), page.pfn);
}

int futex_get_key(struct task *t, uint64_t va, bool shared, enum access access,
                  struct futex_key *key)
{
    const struct folio *folio;
    bool read_only;

    if (va & 3)
        return -EINVAL;
    *key = (struct futex_key){
        .kind = FUTEX_PRIVATE, .id = mm_id(t->process->mm), .at = va};
    if (!shared)
        return 0;
    folio = get_folio(t, va, access, &read_only);
    if (!folio || folio_test(folio, PG_reserved))
        return -EFAULT;
    if (folio_test(folio, PG_anon)) {
        /* Nobody will ever change this page. */
        if (read_only)
            return -EFAULT;
        key->kind = FUTEX_MM_SHARED;
        return 0;
    }
    *key = (struct futex_key){.kind = FUTEX_OBJECT,
                              .id = mapping_id(folio->mapping),
                              .at = (folio->index << PAGE_SHIFT) +
                                    page_offset(va)};
    return 0;
}

bool futex_same_key(const struct futex_key *a, const struct futex_key *b)
{
    return a->kind == b->kind && a->id == b->id && a->at == b->at;
}

/* ------------------------------------------------------------- the queue */

int futex_queue(struct task *t, const struct futex_key *key, uint32_t bitset)
{
    struct futex_waiter *w = calloc(1, sizeof(*w));

    if (!w)
        return -ENOMEM;
    *w = (struct futex_waiter){.task = t, .key = *key, .bitset = bitset};
    DL_APPEND(t->m->futexes, w);
    INVARIANT(!t->wait.futex);
    t->wait.futex = w;
    return 0;
}

bool futex_is_woken(const struct futex_waiter *w)
{
    return w->woken;
}

void futex_forget(struct futex_waiter *w)
{
    if (!w)
        return;
    if (!w->woken)
        DL_DELETE(w->task->m->futexes, w);
    free(w);
}

struct futex_waiter *futex_first(const struct machine *m,
                                 const struct futex_key *key)
{
    struct futex_waiter *w;

    DL_FOREACH(m->futexes, w) {
        if (futex_same_key(&w->key, key))
            return w;
    }
    return NULL;
}

void futex_wake_one(struct machine *m, struct futex_waiter *w)
{
    DL_DELETE(m->futexes, w);
    w->woken = true;
    sched_wake(w->task, WAIT_FUTEX);
}

int futex_wake(struct machine *m, const struct futex_key *key, int most,
               uint32_t bitset)
{
    struct futex_waiter *w, *next;
    int nr = 0;

    DL_FOREACH_SAFE(m->futexes, w, next) {
        if (!futex_same_key(&w->key, key))
            continue;
        if (w->pi || w->moves)
            return -EINVAL;
        if (!(w->bitset & bitset))
            continue;
        futex_wake_one(m, w);
        if (++nr >= most)
            break;
    }
    return nr;
}

int futex_requeue(struct machine *m, const struct futex_key *from,
                  const struct futex_key *to, int most, int move)
{
    struct futex_waiter *w, *next, *moved = NULL;
    int nr = 0;

    DL_FOREACH_SAFE(m->futexes, w, next) {
        if (nr - most >= move)
            break;
        if (!futex_same_key(&w->key, from))
            continue;
        if (w->pi || w->moves) {
            nr = -EINVAL;
            break;
        }
        if (++nr <= most) {
            futex_wake_one(m, w);
            continue;
        }
        DL_DELETE(m->futexes, w);
        w->key = *to;
        DL_APPEND(moved, w);
    }
    /* Behind those who wait for it already. */
    DL_CONCAT(m->futexes, moved);
    return nr;
}

void futex_wake_address(struct task *t, uint64_t va)
{
    struct futex_key key;

    if (futex_get_key(t, va, true, ACCESS_READ, &key) == 0)
        (void)futex_wake(t->m, &key, 1, FUTEX_ANY);
}
