// SPDX-License-Identifier: GPL-2.0-or-later
/* What others do in the middle of a fault, or of a migration. */
#include "mm/vma.h"
#include "random_run.h"

uint64_t run_nr_seen(const struct run *r, const struct op *op)
{
    return op->when == WHEN_MIGRATE ? r->armed.migrations
                                    : r->armed.faults[op->moment][op->kind];
}

/* Would it wait for the page table that the fault in hand has locked? */
static bool would_wait(struct run *r, const struct op *op, const struct op *now)
{
    const struct plain_proc *proc = plain_find(&r->plain, op->pid);

    return op->verb == OP_READ && now->when == WHEN_FAULT &&
           moment_holds(now->moment) & HOLDS_TABLE && proc &&
           r->mm[proc - r->plain.proc] == r->armed.mm &&
           op->va >> PMD_SHIFT == r->armed.va >> PMD_SHIFT;
}

static bool is_due(const struct run *r, const struct op *op,
                   const struct op *now)
{
    return op->when == now->when && op->nth == run_nr_seen(r, op) &&
           (op->when == WHEN_MIGRATE ||
            (op->moment == now->moment && op->kind == now->kind));
}

/* Those that are due, in the order in which they were armed. */
static void pass(struct run *r, const struct op *now, struct mm *mm, gva_t va)
{
    struct armed *a = &r->armed;

    if (a->busy)
        return;
    if (now->when == WHEN_MIGRATE)
        a->migrations++;
    else
        a->faults[now->moment][now->kind]++;
    a->busy = true;
    a->mm = mm;
    a->va = va;
    for (unsigned i = 0; i < a->nr;) {
        struct op op = a->op[i];

        if (!is_due(r, &op, now)) {
            i++;
            continue;
        }
        a->nr--;
        for (unsigned k = i; k < a->nr; k++)
            a->op[k] = a->op[k + 1];
        if (!would_wait(r, &op, now))
            run_now(r, &op);
    }
    a->busy = false;
}

static void on_moment(void *ctx, const struct moment *m)
{
    struct op now = {.when = WHEN_MIGRATE};

    if (m->id == MOMENT_MIGRATE) {
        pass(ctx, &now, NULL, 0);
    } else if (m->kind != FAULT_KIND_NONE) {
        now = (struct op){.when = WHEN_FAULT, .moment = m->id, .kind = m->kind};
        pass(ctx, &now, m->mm, m->va);
    }
}

void yield_look(struct run *r)
{
    struct mm *mm = r->armed.busy ? r->armed.mm : NULL;
    const pte_t *ptep = mm ? mm_pte(mm, r->armed.va) : NULL;

    if (ptep && pte_present(*ptep) && pte_mcd(*ptep))
        mm_event_glimpse(vma_lookup(mm, r->armed.va), r->armed.va, *ptep,
                         PATH_CHECK);
}

void yield_attach(struct run *r)
{
    static const struct moment_ops ops = {.reached = on_moment};

    memory_attach_moments(r->mem, &ops, r);
}

void yield_arm(struct run *r, const struct op *op)
{
    struct armed *a = &r->armed;

    if (a->nr == MAX_ARMED) {
        a->nr--;
        for (unsigned k = 0; k < a->nr; k++)
            a->op[k] = a->op[k + 1];
    }
    a->op[a->nr++] = *op;
}
