// SPDX-License-Identifier: GPL-2.0-or-later
/* Operations, drawn at random. */
#include <stdlib.h>
#include <string.h>

#include "mm/madvise.h"
#include "mm/mempolicy.h"
#include "mm/mmap.h"
#include "random.h"

static unsigned below(struct rng *rng, unsigned n)
{
    return (unsigned)(rng_next(rng) % n);
}

static bool one_in(struct rng *rng, unsigned n)
{
    return below(rng, n) == 0;
}

/* ------------------------------------------------------------- drawing */

/* How often, of the sum of all. */
static const unsigned weight[OP_NR] = {
    [OP_MMAP] = 8,     [OP_MUNMAP] = 3,  [OP_MPROTECT] = 6, [OP_MREMAP] = 5,
    [OP_MADVISE] = 8,  [OP_MLOCK] = 1,   [OP_MUNLOCK] = 2,  [OP_TAG] = 16,
    [OP_WRITE] = 14,   [OP_READ] = 14,   [OP_FORK] = 3,     [OP_EXIT] = 2,
    [OP_SWAPOUT] = 20, [OP_RECLAIM] = 2, [OP_MIGRATE] = 6,  [OP_PIN] = 1,
    [OP_UNPIN] = 2,    [OP_SWAPOFF] = 1, [OP_SWAPON] = 2,   [OP_FAIL] = 3,
    [OP_TRUNCATE] = 2, [OP_PUNCH] = 2,   [OP_SYNC] = 1,     [OP_MOVE] = 3,
    [OP_MBIND] = 3,    [OP_COMPACT] = 1, [OP_PWRITE] = 4,
};

static enum verb draw_verb(struct rng *rng)
{
    unsigned sum = 0, at;

    for (unsigned v = 0; v < OP_NR; v++)
        sum += weight[v];
    at = below(rng, sum);
    for (unsigned v = 0;; v++) {
        if (at < weight[v])
            return (enum verb)v;
        at -= weight[v];
    }
}

static const struct plain_proc *draw_proc(struct rng *rng,
                                          const struct plain *p)
{
    for (;;) {
        const struct plain_proc *proc = &p->proc[below(rng, MAX_PROCS)];

        if (proc->pid)
            return proc;
    }
}

static unsigned draw_len(struct rng *rng, const struct plain *p, unsigned i,
                         unsigned max)
{
    unsigned n = one_in(rng, 3) ? 1 : 1 + below(rng, max);

    while (!plain_is_run(p, i, n))
        n--;
    return n;
}

/* A page that is mapped, if a few tries find one. */
static unsigned draw_mapped(struct rng *rng, const struct plain_proc *proc)
{
    unsigned i = below(rng, NR_PAGES);

    for (unsigned tries = 0; tries < 12 && !proc->page[i].mapped; tries++)
        i = below(rng, NR_PAGES);
    return i;
}

static unsigned draw_prot(struct rng *rng)
{
    unsigned prot = PROT_G_READ;

    if (one_in(rng, 16))
        return 0;
    if (!one_in(rng, 5))
        prot |= PROT_G_WRITE;
    if (!one_in(rng, 4))
        prot |= PROT_G_ADI;
    return prot;
}

static void draw_mapping(struct rng *rng, const struct plain *p, struct op *op)
{
    op->prot = draw_prot(rng);
    if (!one_in(rng, 4))
        return;
    op->object = 1 + below(rng, NR_OBJECTS);
    op->shared = !one_in(rng, 3);
    op->pgoff = below(rng, OBJECT_PAGES);
    /* Shared pages have their colour; sometimes a wrong one. */
    if (op->shared && !one_in(rng, 8) &&
        (op->va >> PAGE_SHIFT & 1) != (op->pgoff & 1))
        op->pgoff ^= 1;
    (void)p;
    if (op->pgoff + op->pages > OBJECT_PAGES)
        op->pages = OBJECT_PAGES - op->pgoff;
}

static const int advices[] = {
    MADV_G_DONTNEED,      MADV_G_FREE,         MADV_G_FREE,
    MADV_G_COLD,          MADV_G_PAGEOUT,      MADV_G_PAGEOUT,
    MADV_G_POPULATE_READ, MADV_G_DONTFORK,     MADV_G_DOFORK,
    MADV_G_WIPEONFORK,    MADV_G_KEEPONFORK,   MADV_G_DONTNEED_LOCKED,
    MADV_G_GUARD_INSTALL, MADV_G_GUARD_REMOVE,
};

static void draw_target(struct rng *rng, const struct plain *p, struct op *op)
{
    unsigned i = below(rng, NR_PAGES);

    op->to = plain_va(p, i);
    op->to_pages = draw_len(rng, p, i, 6);
    if (!one_in(rng, 3))
        op->to_pages = op->pages;
    op->dontunmap = op->to_pages == op->pages && one_in(rng, 4);
}

static uint32_t fresh_pid(struct rng *rng, struct plain *p)
{
    uint32_t pid;

    do
        pid = 1 + below(rng, MAX_PID);
    while (plain_find(p, pid));
    return pid;
}

static void draw_on_page(struct rng *rng, struct plain *p, struct op *op)
{
    switch (op->verb) {
    case OP_MMAP: draw_mapping(rng, p, op); break;
    case OP_MPROTECT: op->prot = draw_prot(rng); break;
    case OP_MREMAP: draw_target(rng, p, op); break;
    case OP_MADVISE:
        op->advice = advices[below(rng, sizeof(advices) / sizeof(*advices))];
        break;
    case OP_TAG:
        op->value = (uint8_t)below(rng, 16);
        op->block = one_in(rng, 3) ? below(rng, NR_BLOCKS) : NR_BLOCKS;
        break;
    case OP_WRITE:
        op->value = (uint8_t)(1 + below(rng, 255));
        op->block = below(rng, NR_BLOCKS);
        break;
    case OP_MIGRATE: op->nr = below(rng, 2); break;
    case OP_MOVE:
        op->nr = below(rng, 2);
        op->how = 2 + 2 * below(rng, 2);
        break;
    case OP_MBIND:
        op->nr = below(rng, 4);
        op->mode = below(rng, MPOL_MAX);
        op->how = below(rng, 2) + 2 * below(rng, 3);
        break;
    default: break;
    }
}

/* Nothing that changes what a program sees, nor waits for its fault. */
static const enum verb meanwhile[] = {
    OP_SWAPOUT, OP_SWAPOUT, OP_RECLAIM, OP_MIGRATE,
    OP_COMPACT, OP_READ,    OP_LOOK,    OP_SWAPOFF,
};

/* In the middle of one of the next faults, or of a migration. */
static void draw_moment(struct rng *rng, struct op *op)
{
    static const enum moment_id moments[] = {
        MOMENT_FAULT_BEFORE, MOMENT_FAULT_DURING, MOMENT_FAULT_AFTER};
    static const enum fault_kind kinds[] = {FAULT_KIND_ANON, FAULT_KIND_FILE,
                                            FAULT_KIND_COW, FAULT_KIND_SWAPIN,
                                            FAULT_KIND_SWAPIN};

    op->when = WHEN_FAULT;
    op->moment = moments[below(rng, 3)];
    op->kind = kinds[below(rng, 5)];
    if (op->verb == OP_LOOK) { /* with the lock of the page table held */
        op->moment = one_in(rng, 2) ? MOMENT_FAULT_RESTORE : MOMENT_FAULT_SET;
        op->kind = FAULT_KIND_SWAPIN;
    } else if (op->verb == OP_READ && one_in(rng, 2)) {
        op->moment = MOMENT_FAULT_RESTORE; /* of another page table */
        op->kind = FAULT_KIND_SWAPIN;
    } else if (op->verb != OP_SWAPOFF && one_in(rng, 4)) {
        op->when = WHEN_MIGRATE; /* a swapoff would wait for it */
    }
    op->ahead = 1 + below(rng, 2);
}

void random_op(struct rng *rng, struct run *r, struct op *op)
{
    struct plain *p = run_plain(r);
    const struct plain_proc *proc = draw_proc(rng, p);
    unsigned i;
    bool later;

    memset(op, 0, sizeof(*op));
    later = one_in(rng, 12);
    op->verb =
        later ? meanwhile[below(rng, sizeof(meanwhile) / sizeof(*meanwhile))]
              : draw_verb(rng);
    op->pid = proc->pid;
    i = op->verb == OP_MMAP ? below(rng, NR_PAGES) : draw_mapped(rng, proc);
    op->va = plain_va(p, i);
    op->pages = draw_len(rng, p, i, op->verb == OP_MMAP ? 12 : 5);
    switch (op->verb) {
    case OP_FORK: op->child = fresh_pid(rng, p); break;
    case OP_RECLAIM: op->nr = 1 + below(rng, 32); break;
    case OP_UNPIN:
        if (run_nr_pins(r))
            op->va = run_pin_va(r, below(rng, run_nr_pins(r)), &op->pid);
        break;
    case OP_SWAPOFF:
    case OP_SWAPON: op->device = below(rng, 2); break;
    case OP_FAIL:
        op->fail = (enum script_fail)below(rng, 3);
        op->nr = 1 + below(rng, 6);
        break;
    case OP_TRUNCATE:
        op->object = TMPFS + below(rng, NR_OBJECTS - 1);
        op->size = below(rng, OBJECT_PAGES + 1) * PAGE_SIZE;
        if (one_in(rng, 2))
            op->size = OBJECT_PAGES * PAGE_SIZE;
        else if (op->size && one_in(rng, 3))
            op->size -= (1 + below(rng, NR_BLOCKS - 1)) * ADI_BLKSZ;
        break;
    case OP_PUNCH:
        op->object = TMPFS + below(rng, NR_OBJECTS - 1);
        op->pgoff = below(rng, OBJECT_PAGES);
        op->pages = 1 + below(rng, 4);
        break;
    case OP_PWRITE:
        op->object = TMPFS + below(rng, NR_OBJECTS - 1);
        op->pgoff = below(rng, OBJECT_PAGES);
        op->block = one_in(rng, 3) ? 0 : below(rng, NR_BLOCKS);
        op->size = (1 + below(rng, 3 * NR_BLOCKS)) * ADI_BLKSZ;
        op->from = one_in(rng, 3) ? below(rng, 8) : 0;
        op->value = (uint8_t)(1 + below(rng, 255));
        break;
    case OP_SYNC: op->object = TMPFS + below(rng, NR_OBJECTS - 1); break;
    case OP_WRITE:
    case OP_READ:
    case OP_PIN: op->pages = 1; /* fall through */
    default: draw_on_page(rng, p, op); break;
    }
    if (later)
        draw_moment(rng, op);
}
