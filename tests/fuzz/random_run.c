// SPDX-License-Identifier: GPL-2.0-or-later
/* One operation on the memory under test and on the plain model of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adi/tags.h"
#include "check/check.h"
#include "judge/kernel_bug.h"
#include "migrate/compact.h"
#include "migrate/migrate.h"
#include "migrate/node.h"
#include "mm/mmap.h"
#include "swap/reclaim.h"
#include "swap/swapoff.h"
#include "random_run.h"

void run_expect(const struct run *r, const struct op *op, int err, int want)
{
    if (err != want)
        run_fail(r, "errno", "operation %d gives %d, not %d", op->verb, err,
                 want);
}

bool run_find_range(struct run *r, const struct op *op, struct range *out)
{
    int i = plain_index(&r->plain, op->va);

    out->proc = plain_find(&r->plain, op->pid);
    if (!out->proc || i < 0)
        return false;
    out->i = (unsigned)i;
    out->n = op->pages;
    out->page = &out->proc->page[i];
    out->mm = r->mm[out->proc - r->plain.proc];
    return plain_is_run(&r->plain, out->i, out->n);
}

enum fault run_expected_fault(const struct run *r,
                              const struct plain_page *page, enum access access)
{
    const struct plain_object *object = &r->plain.object[page->object];

    if (!page->mapped)
        return FAULT_MAPERR;
    if (access == ACCESS_WRITE ? !(page->prot & PROT_G_WRITE)
                               : !(page->prot & (PROT_G_READ | PROT_G_EXEC)))
        return FAULT_ACCERR;
    if (page->guard)
        return FAULT_GUARD;
    if (page->dead)
        return r->profile->policy.marker_hwpoison ? FAULT_HWPOISON : FAULT_BUS;
    if (!page->object || page->own)
        return FAULT_OK;
    return page->pgoff >= plain_object_pages(&r->plain, page->object) ||
                   object->dead[page->pgoff]
               ? FAULT_BUS
               : FAULT_OK;
}

static bool may_end(const struct run *r, const struct plain_page *page,
                    enum access access, enum fault fault)
{
    struct plain_page next;

    if (fault == run_expected_fault(r, page, access))
        return true;
    if (page->moving && (fault == FAULT_OK || fault == FAULT_MAPERR))
        return true;
    if (!page->changing)
        return false;
    next = *page;
    next.prot = page->next_prot;
    return fault == run_expected_fault(r, &next, access);
}

/*
 * The frame of page @i, or NULL when it is refused, as expected; as
 * get_user_pages() gets it.
 */
static struct folio *get_page(struct run *r, const struct range *at, unsigned i,
                              enum access access, enum fault *how)
{
    struct plain_page *page = &at->proc->page[i];
    gva_t va = plain_va(&r->plain, i);
    struct folio *folio;
    enum fault want = run_expected_fault(r, page, access);
    enum fault fault = *how = mm_get_page(at->mm, va, access, &folio);

    /* Its page is on its way: others wait for the end of that. */
    if (fault == FAULT_OOM || (fault == FAULT_RETRY && r->armed.busy))
        return NULL;
    /* The device did not give it; swapoff may have asked once more, since. */
    if (fault == FAULT_BUS && r->unreadable &&
        (want == FAULT_OK || may_end(r, page, access, FAULT_OK)))
        return NULL;
    /* What others do meanwhile may come too late for it. */
    if (fault != want && !may_end(r, page, access, fault))
        run_fail(r, "fault", "pid %u 0x%llx access %d gives %d, not %d",
                 at->proc->pid, (unsigned long long)va, access, fault,
                 run_expected_fault(r, page, access));
    if (fault != FAULT_OK || page->moving)
        return NULL;
    check_tlb_fill(r->check, at->mm, va, *mm_pte(at->mm, va));
    /* Advised away and perhaps gone, before the access that we do now. */
    if (page->may_vanish)
        view_resolve_free(
            page, memory_folio_bytes(r->mem, folio),
            tagmem_page(adi_tagmem(r->adi), memory_folio_pfn(r->mem, folio)));
    if (access == ACCESS_WRITE) {
        page->may_vanish = false;
        plain_own(&r->plain, page);
    }
    return folio;
}

/* The same of an instruction: the kernel may end there. */
static struct folio *access_page(struct run *r, const struct range *at,
                                 unsigned i, enum access access)
{
    enum fault how;
    struct folio *folio = get_page(r, at, i, access, &how);

    if (r->stopped)
        return NULL; /* by another CPU, in the middle of this one's fault */
    /* An operation in the course of the fault has ended it already? */
    if (r->stopped)
        return NULL;
    r->stopped = mm_fault_is_bug(at->mm, plain_va(&r->plain, i), access, how);
    if (r->stopped != (judge_kernel_bug(r->judge) != NULL))
        run_fail(r, "stop", "pid %u 0x%llx: the kernel %s", at->proc->pid,
                 (unsigned long long)plain_va(&r->plain, i),
                 r->stopped ? "goes on" : "has stopped");
    return folio;
}

static void do_write(struct run *r, const struct range *at, const struct op *op)
{
    struct folio *folio = access_page(r, at, at->i, ACCESS_WRITE);
    struct content *c;

    if (!folio)
        return;
    memset(memory_folio_bytes(r->mem, folio) + op->block * ADI_BLKSZ, op->value,
           ADI_BLKSZ);
    c = plain_content(&r->plain, at->page);
    c->byte[op->block] = op->value;
    c->any[op->block] = at->page->object >= FIRST_FILE && !at->page->own &&
                        at->page->pgoff * PAGE_SIZE + op->block * ADI_BLKSZ >=
                            r->plain.object[at->page->object].size;
}

static void do_read(struct run *r, const struct range *at)
{
    (void)access_page(r, at, at->i, ACCESS_READ);
}

static void set_tag(struct run *r, const struct range *at, unsigned i,
                    const struct folio *folio, unsigned block, adi_tag_t tag)
{
    struct content *c = plain_content(&r->plain, &at->proc->page[i]);
    pfn_t pfn = memory_folio_pfn(r->mem, folio);

    tagmem_page(adi_tagmem(r->adi), pfn)[block] = tag;
    judge_tag_store(r->judge, mm_id(at->mm),
                    plain_va(&r->plain, i) + block * ADI_BLKSZ, tag, 0);
    c->tag[block] = tag;
    /* A file's page may leave the cache at any time, and come back. */
    c->known[block] =
        at->proc->page[i].own || at->proc->page[i].object < FIRST_FILE;
}

static void do_tag(struct run *r, const struct range *at, const struct op *op)
{
    for (unsigned i = at->i; i < at->i + at->n; i++) {
        struct folio *folio;

        if (!(at->proc->page[i].prot & PROT_G_ADI))
            continue; /* SIGILL */
        folio = access_page(r, at, i, ACCESS_WRITE);
        if (r->stopped)
            return;
        if (!folio)
            continue;
        if (op->block < NR_BLOCKS) {
            set_tag(r, at, i, folio, op->block, op->value);
            continue;
        }
        for (unsigned b = 0; b < NR_BLOCKS; b++)
            set_tag(r, at, i, folio, b, op->value);
    }
}

/* ------------------------------------------------------------ from outside */

static void do_exit(struct run *r, const struct op *op)
{
    struct plain_proc *proc = plain_find(&r->plain, op->pid);
    unsigned alive = 0;

    for (unsigned i = 0; i < MAX_PROCS; i++)
        alive += r->plain.proc[i].pid != 0;
    if (proc && alive > 1)
        call_exit(r, proc);
}

static struct folio *present_folio(const struct run *r, const struct range *at,
                                   unsigned i)
{
    const pte_t *ptep = mm_pte(at->mm, plain_va(&r->plain, i));

    if (!ptep || !pte_present(*ptep) || pte_special(*ptep))
        return NULL;
    return phys_folio(memory_phys(r->mem), pte_pfn(*ptep));
}

static void do_swapout(struct run *r, const struct range *at)
{
    for (unsigned i = at->i; i < at->i + at->n; i++) {
        struct folio *folio = present_folio(r, at, i);

        if (folio)
            (void)swap_out_folio(r->swap, folio);
    }
}

static void do_migrate(struct run *r, const struct range *at,
                       const struct op *op)
{
    for (unsigned i = at->i; i < at->i + at->n; i++) {
        struct folio *folio = present_folio(r, at, i);
        int err = folio ? migrate_folio(r->mem, folio, op->nr % 2) : 0;

        if (err && err != -EBUSY && err != -EAGAIN && err != -ENOMEM)
            run_expect(r, op, err, -EAGAIN);
    }
}

static int move_get(void *ctx, uint64_t i, gva_t *page, int *node)
{
    const struct op *op = ctx;

    *page = op->va + i * PAGE_SIZE;
    *node = (int)op->nr;
    return 0;
}

static int move_put(void *ctx, uint64_t i, int status)
{
    (void)ctx, (void)i, (void)status;
    return 0;
}

static void do_move(struct run *r, const struct range *at, struct op op)
{
    struct move_pages_io io = {.get = move_get, .put = move_put, .ctx = &op};
    int64_t err = mm_move_pages(at->mm, at->n, &io, op.how & MPOL_MF_MOVE_ALL);

    if (err < 0 ? err != -ENOMEM : err > at->n)
        run_fail(r, "errno", "move gives %lld", (long long)err);
}

static void do_mbind(struct run *r, const struct range *at, const struct op *op)
{
    struct mbind_args args = {.start = op->va,
                              .len = at->n * PAGE_SIZE,
                              .mode = (enum mpol_mode)op->mode,
                              .nodes = op->nr,
                              .flags = op->how};
    struct mempolicy pol;
    int want = mpol_new(args.mode, 0, op->nr, 3, &pol);
    int err = mm_mbind(at->mm, &args);

    /* Pages that are elsewhere, and holes that not every policy minds. */
    if (!want && args.flags && err == -EIO)
        return;
    for (unsigned i = 0; i < at->n && !want; i++)
        if (!at->page[i].mapped && err == -EFAULT)
            return;
    run_expect(r, op, err, want);
}

/* GUP with FOLL_PIN | FOLL_WRITE. */
static void do_pin(struct run *r, const struct range *at)
{
    struct folio *folio;
    enum fault how;

    if (r->nr_pins == MAX_PINS)
        return;
    folio = get_page(r, at, at->i, ACCESS_WRITE, &how);
    if (!folio)
        return;
    folio_get(folio);
    folio->pins++;
    r->pin[r->nr_pins++] = (struct pin){.pid = at->proc->pid,
                                        .page = at->i,
                                        .folio = folio,
                                        .attached = folio_test(folio, PG_anon)};
}

static void drop_pin(struct run *r, unsigned p)
{
    r->pin[p].folio->pins--;
    memory_folio_put(r->mem, r->pin[p].folio);
    r->pin[p] = r->pin[--r->nr_pins];
}

static void do_unpin(struct run *r, const struct op *op)
{
    for (unsigned p = 0; p < r->nr_pins; p++)
        if (r->pin[p].pid == op->pid &&
            plain_va(&r->plain, r->pin[p].page) == op->va) {
            drop_pin(r, p);
            return;
        }
}

static bool never_stop(void *ctx)
{
    (void)ctx;
    return false;
}

static pfn_t free_of_fullest_node(const struct run *r)
{
    const struct phys *ph = memory_phys(r->mem);
    pfn_t least = phys_node_free(ph, 0);

    for (unsigned n = 1; n < phys_nr_nodes(ph); n++)
        if (phys_node_free(ph, n) < least)
            least = phys_node_free(ph, n);
    return least;
}

static void do_swapoff(struct run *r, const struct op *op)
{
    struct device *d = &r->device[op->device % NR_DEVICES];
    uint64_t stuck;
    int err;

    if (d->type < 0)
        return;
    err = swap_off(r->swap, (unsigned)d->type, never_stop, NULL, &stuck);
    /* In the course of a fault that has the slot for itself. */
    if (err == -EDEADLK && r->config.sync && op->when == WHEN_FAULT &&
        r->profile->policy.bypass_guard)
        return;
    if (err == 0 && d->type >= 0)
        run_fail(r, "swapoff", "the device was not closed");
    /* No frame, or counts that v5.17 has lost. */
    if (err && err != -ENOMEM && !(err == -EINTR && stuck > 0))
        run_expect(r, op, err, -ENOMEM);
    /* Without room for them, each page that comes in drives one out to the
     * slot that it still has; Linux goes on until a signal comes.  A policy
     * may bind them all to one node. */
    if (err == -EINTR && r->profile->policy.unmap_undo_swap &&
        stuck < free_of_fullest_node(r))
        run_fail(r, "swapoff", "%llu slots stuck", (unsigned long long)stuck);
    view_after_swapoff(r);
}

static void do_swapon(struct run *r, const struct op *op)
{
    if (r->device[op->device % NR_DEVICES].type < 0)
        run_device_on(r, op->device % NR_DEVICES);
}

static void do_fail(struct run *r, const struct op *op)
{
    switch (op->fail) {
    case FAIL_TAGSTORE: adi_fail_alloc(r->adi, op->nr); break;
    case FAIL_SWAPREAD: r->read_in = op->nr; break;
    case FAIL_SWAPWRITE: r->write_in = op->nr; break;
    }
}

static void on_range(struct run *r, const struct op *op)
{
    struct range at;

    if (!run_find_range(r, op, &at))
        return;
    switch (op->verb) {
    case OP_TAG: do_tag(r, &at, op); break;
    case OP_WRITE: do_write(r, &at, op); break;
    case OP_READ: do_read(r, &at); break;
    case OP_SWAPOUT: do_swapout(r, &at); break;
    case OP_MIGRATE: do_migrate(r, &at, op); break;
    case OP_MOVE: do_move(r, &at, *op); break;
    case OP_MBIND: do_mbind(r, &at, op); break;
    case OP_PIN: do_pin(r, &at); break;
    default: call_on_range(r, &at, op); break;
    }
}

static void judge(struct run *r)
{
    if (!check_now(r->check) || !check_everything(r->check)) {
        const struct check_failure *f = check_failure(r->check);

        fprintf(stderr, "FAIL %s: after %u operations, ", f->name, r->nr_ops);
        check_print(r->check, stderr);
        _exit(1);
    }
    view_dead_objects(r);
    view_compare(r);
}

void run_now(struct run *r, const struct op *op)
{
    if (r->stopped)
        return;
    switch (op->verb) {
    case OP_FORK: call_fork(r, op); break;
    case OP_EXIT: do_exit(r, op); break;
    case OP_RECLAIM: (void)swap_reclaim(r->swap, op->nr, NODES_ALL); break;
    case OP_UNPIN: do_unpin(r, op); break;
    case OP_COMPACT: (void)compact_memory(r->mem); break;
    case OP_SWAPOFF: do_swapoff(r, op); break;
    case OP_SWAPON: do_swapon(r, op); break;
    case OP_FAIL: do_fail(r, op); break;
    case OP_LOOK: yield_look(r); break;
    case OP_TRUNCATE:
    case OP_PUNCH:
    case OP_PWRITE:
    case OP_SYNC: call_on_object(r, op); break;
    default: on_range(r, op); break;
    }
}

void run_op(struct run *r, struct op *op)
{
    r->nr_ops++;
    if (op->ahead)
        op->nth = run_nr_seen(r, op) + op->ahead;
    else if (op->nth > run_nr_seen(r, op))
        op->ahead = (unsigned)(op->nth - run_nr_seen(r, op));
    if (r->stopped)
        return;
    if (op->when == WHEN_START)
        run_now(r, op);
    else
        yield_arm(r, op);
    if (r->nr_ops % r->config.check_every == 0)
        judge(r);
}

bool run_stopped(const struct run *r)
{
    return r->stopped;
}

void run_finish(struct run *r)
{
    pfn_t frames = phys_nr_frames(memory_phys(r->mem));

    judge(r);
    for (unsigned i = 0; i < MAX_PROCS; i++)
        if (r->plain.proc[i].pid)
            call_exit(r, &r->plain.proc[i]);
    judge(r);
    while (r->nr_pins)
        drop_pin(r, 0);
    for (unsigned o = 1; o <= NR_OBJECTS; o++) {
        mapping_put(r->object[o]);
        free(r->file[o].bytes);
    }
    swap_destroy(r->swap);
    if (phys_nr_free(memory_phys(r->mem)) != frames - 1)
        run_fail(r, "frames", "%u of %u frames came free",
                 (unsigned)phys_nr_free(memory_phys(r->mem)),
                 (unsigned)frames - 1);
    check_destroy(r->check);
    memory_destroy(r->mem);
    judge_destroy(r->judge);
    adi_destroy(r->adi);
    hub_destroy(r->hub);
    for (unsigned n = 0; n < NR_DEVICES; n++)
        free(r->device[n].pages);
    free(r);
}
