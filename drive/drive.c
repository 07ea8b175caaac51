#include "drive/drive.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adi/match.h"
#include "adi/adi.h"
#include "adi/tags.h"
#include "check/check.h"
#include "drive/internal.h"
#include "migrate/migrate.h"
#include "mm/madvise.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/phys.h"
#include "mm/populate.h"
#include "mm/protect.h"
#include "mm/vma.h"
#include "report/invariant.h"
#include "report/mismatch.h"
#include "report/report.h"
#include "swap/cache.h"
#include "swap/reclaim.h"
#include "swap/swap.h"

struct drive *drive_create(const struct drive_config *config)
{
    struct drive *d = calloc(1, sizeof(*d));

    if (d)
        d->config = *config;
    return d;
}

void drive_destroy(struct drive *d)
{
    if (!d)
        return;
    drive_unpin_all(d);
    drive_drop_objects(d);
    INVARIANT(!d->objects); /* no process maps one any more */
    free(d);
}

struct mm *drive_find_mm(const struct drive *d, uint32_t pid)
{
    return d->config.ops->find_mm(d->config.ctx, pid);
}

int drive_fault_error(enum fault fault)
{
    switch (fault) {
    case FAULT_OK: return 0;
    case FAULT_MAPERR:
    case FAULT_ACCERR: return -EFAULT;
    case FAULT_BUS: return -EIO;
    case FAULT_OOM: return -ENOMEM;
    case FAULT_RETRY: break;
    }
    return -EAGAIN;
}

static uint64_t action_bytes(const struct script_action *a)
{
    return a->pages << PAGE_SHIFT;
}

/* ------------------------------------------------ pages that are there */

/* The folio that stands for a page, in memory or in the swap cache. */
static struct folio *folio_of(const struct drive *d, pte_t pte)
{
    swp_entry_t entry;

    if (pte_present(pte))
        return pte_special(pte)
                   ? NULL
                   : phys_folio(memory_phys(d->config.mem), pte_pfn(pte));
    entry = pte_to_swp_entry(pte);
    return non_swap_entry(entry) ? NULL : cache_find(d->config.swap, entry);
}

/* What an action does with each page. */
struct folios {
    struct drive *d;
    const struct drive_job *job;
    bool (*one)(struct drive *d, struct folio *folio, gva_t va,
                const struct drive_job *job);
};

static int act_on(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    const struct folios *f = ctx;
    struct folio *folio = folio_of(f->d, *ptep);

    (void)mm;
    if (!folio)
        return 0;
    f->job->result->found++;
    if (f->one(f->d, folio, va, f->job))
        f->job->result->done++;
    return 0;
}

/*
 * Each page of the action's range that is in memory
 *
 * Area by area: most of a range may be mapped by nothing.  What runs in the
 * course of the action may change the areas.
 */
static void for_each_folio(struct drive *d, const struct drive_job *job,
                           bool (*one)(struct drive *d, struct folio *folio,
                                       gva_t va, const struct drive_job *job))
{
    static const struct pgtable_ops ops = {.present = act_on, .swap = act_on};
    const struct script_action *a = job->action;
    struct folios f = {d, job, one};
    gva_t va = a->va, end = a->va + action_bytes(a);
    const struct vma *vma;

    if (a->pages == UINT64_MAX) {
        va = 0;
        end = UINT64_MAX;
    } else if (a->pages == 0) {
        va = job->at ? page_align_down(job->at->va) : 0;
        end = va + PAGE_SIZE;
    }
    while (va < end && (vma = vma_find(job->mm, va)) != NULL &&
           vma->start < end) {
        gva_t from = va < vma->start ? vma->start : va;

        va = vma->end < end ? vma->end : end;
        (void)pgtable_walk(job->mm, from, va, &ops, &f);
    }
    if (job->result->found == 0)
        job->result->why = "no page of it is in memory";
}

static void stays(const struct drive_job *job, const char *why)
{
    if (!job->result->why)
        job->result->why = why;
}

static bool swap_out_one(struct drive *d, struct folio *folio, gva_t va,
                         const struct drive_job *job)
{
    uint64_t refused = drive_refused_saves(d);
    const struct vma *vma;

    if (folio_test(folio, PG_lru) && swap_out_folio(d->config.swap, folio))
        return true;
    vma = vma_lookup(job->mm, va);
    stays(job, vma && vma->flags & VM_LOCKED
                   ? "the page is locked in memory"
                   : why_not_swapped(d, folio, refused));
    return false;
}

static int do_swapout(struct drive *d, const struct drive_job *job)
{
    for_each_folio(d, job, swap_out_one);
    return 0;
}

static bool migrate_one(struct drive *d, struct folio *folio, gva_t va,
                        const struct drive_job *job)
{
    const struct script_action *a = job->action;
    unsigned node = a->has_node ? a->node : folio->node;
    int err = migrate_folio(d->config.mem, folio, node);

    (void)va;
    if (err)
        stays(job, why_not_migrated(folio, err));
    return !err;
}

static int do_migrate(struct drive *d, const struct drive_job *job)
{
    for_each_folio(d, job, migrate_one);
    return 0;
}

static int do_reclaim(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    nodemask_t nodes = a->has_node ? (nodemask_t)1 << a->node : NODES_ALL;

    job->result->found = a->nr;
    job->result->done = swap_reclaim(d->config.swap, (unsigned)a->nr, nodes);
    return 0;
}

/* ----------------------------------------------------- devices, failures */

static int do_swapoff(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->swap_off(d->config.ctx, job->action->device);
}

static int do_swapon(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->swap_on(d->config.ctx, job->action->device,
                                  job->action->priority);
}

static int do_fail(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;

    if (a->fail == FAIL_TAGSTORE)
        adi_fail_alloc(d->config.adi, a->nr);
    else
        d->config.ops->fail_swap(d->config.ctx, a->fail == FAIL_SWAPWRITE,
                                 a->nr);
    return 0;
}

/* ---------------------------------------------------------------- check */

/*
 * The counts of the model.  In the course of a fault they need not be right,
 * nor can more be said after a failure.
 */
static int check_model(struct drive *d, const struct drive_job *job)
{
    if (!d->config.check || job->at || check_failure(d->config.check))
        return 0;
    return check_everything(d->config.check) ? 0 : -ENOTRECOVERABLE;
}

/* Does the kernel go on with this page? */
static bool is_half_way(const struct drive_at *at, const struct mm *mm,
                        gva_t va)
{
    while (at && !(at->half && at->mm == mm && page_align_down(at->va) == va))
        at = at->outer;
    return at != NULL;
}

struct show {
    struct vma *vma;
    const struct drive_job *job;
};

static int show_page(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    const struct show *s = ctx;

    if (!pte_mcd(*ptep))
        return 0;
    s->job->result->found++;
    s->job->result->done++;
    if (is_half_way(s->job->at, mm, va))
        mm_event_glimpse(s->vma, va, *ptep, PATH_CHECK);
    else
        mm_event_visible(s->vma, va, *ptep, PATH_CHECK);
    return 0;
}

/* The oracle compares each page that becomes visible: show it all. */
static void check_area(struct vma *vma, const struct drive_job *job)
{
    static const struct pgtable_ops ops = {.present = show_page};
    struct show s = {vma, job};

    (void)pgtable_walk(vma->mm, vma->start, vma->end, &ops, &s);
}

static int do_check(struct drive *d, const struct drive_job *job)
{
    struct mm *mm = memory_first_mm(d->config.mem);

    for (; mm; mm = memory_next_mm(mm))
        for (struct vma *vma = vma_first(mm); vma; vma = vma_next(vma))
            if (vma->flags & VM_SPARC_ADI)
                check_area(vma, job);
    return check_model(d, job);
}

/* ------------------------------------------------------- areas of a process */

static int do_munmap(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_munmap(job->mm, job->action->va, action_bytes(job->action));
}

static int do_mprotect(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_mprotect(job->mm, job->action->va, action_bytes(job->action),
                       job->action->prot);
}

static int do_mremap(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    unsigned flags = MREMAP_G_MAYMOVE | MREMAP_G_FIXED;
    gva_t at;

    (void)d;
    if (a->to == a->va)
        flags = 0; /* grow or shrink where it is */
    if (a->flag)
        flags |= MREMAP_G_DONTUNMAP;
    return mm_mremap(job->mm, a->va, action_bytes(a), a->to_pages << PAGE_SHIFT,
                     flags, a->to, &at);
}

static int do_mlock(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_mlock(job->mm, job->action->va, action_bytes(job->action),
                    job->action->flag);
}

static int do_munlock(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_munlock(job->mm, job->action->va, action_bytes(job->action));
}

static int do_madvise(struct drive *d, const struct drive_job *job)
{
    (void)d;
    return mm_madvise(job->mm, job->action->va, action_bytes(job->action),
                      job->action->advice);
}

/* ----------------------------------------------- what a program does to pages
 */

/* As the stores of tags to one page, or to one block of it. */
static int tag_page(struct drive *d, struct mm *mm, gva_t va,
                    const struct script_action *a)
{
    unsigned first = a->has_block ? a->block : 0;
    unsigned end = a->has_block ? first + 1 : ADI_TAGS_PER_PAGE;
    struct memory *mem = d->config.mem;
    struct report *report = memory_report(mem);
    struct folio *folio;
    adi_tag_t *tags;
    uint32_t by;
    pfn_t pfn;
    int err = drive_fault_error(mm_get_page(mm, va, ACCESS_WRITE, &folio));

    if (err)
        return err;
    if (!pte_mcd(*mm_pte(mm, va)))
        return -EOPNOTSUPP; /* SIGILL */
    pfn = memory_folio_pfn(mem, folio);
    tags = tagmem_page(adi_tagmem(d->config.adi), pfn);
    by = report_save_stack(report, &(struct call_stack){0});
    for (unsigned i = first; i < end; i++) {
        tags[i] = a->value;
        report_tag_store(report, mm_id(mm), va + i * ADI_BLKSZ, a->value, by);
    }
    folio_clear(folio, PG_pristine);
    memory_tags_written(mem, pfn);
    return 0;
}

static int do_tag(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    int err = 0;

    job->result->found = a->pages;
    for (uint64_t i = 0; i < a->pages && !err; i++) {
        err = tag_page(d, job->mm, a->va + i * PAGE_SIZE, a);
        if (!err)
            job->result->done++;
    }
    return err;
}

static int do_write(struct drive *d, const struct drive_job *job)
{
    struct memory *mem = d->config.mem;
    gva_t va = job->action->va;
    struct folio *folio;
    int err = drive_fault_error(mm_get_page(job->mm, va, ACCESS_WRITE, &folio));

    if (err)
        return err;
    memory_folio_bytes(mem, folio)[page_offset(va)] = job->action->value;
    folio_clear(folio, PG_pristine);
    memory_page_written(mem, memory_folio_pfn(mem, folio));
    return 0;
}

/* Where, only the line of the script says. */
static void tell_mismatch(const struct drive *d, struct mm *mm, gva_t pointer)
{
    struct mismatch_access a = {
        .mm = mm_id(mm), .va = pointer, .bytes = 1, .precise = true};

    adi_look_around(d->config.adi, mm, &a);
    report_mismatch(memory_report(d->config.mem), &a, &(struct call_stack){0});
}

/* A load through a pointer with this tag, by another CPU than the one that
 * has the fault: what the oracle sees is what that CPU saw. */
static int load_tagged(struct drive *d, struct mm *mm,
                       const struct script_action *a, pfn_t pfn)
{
    gva_t pointer = a->va | (gva_t)a->tag << (64 - ADI_NBITS);
    const adi_tag_t *tags = tagmem_page(adi_tagmem(d->config.adi), pfn);
    struct vma *vma = vma_lookup(mm, a->va);
    pte_t pte = *mm_pte(mm, a->va);

    if (!pte_mcd(pte))
        return -EOPNOTSUPP;
    mm_event_glimpse(vma, page_align_down(a->va), pte, PATH_FAULT);
    if (adi_match(tags[page_offset(a->va) / ADI_BLKSZ], a->tag))
        return 0;
    tell_mismatch(d, mm, pointer);
    if (d->config.check)
        (void)check_mismatch(d->config.check, mm, pointer);
    return -EFAULT; /* SEGV_ADIPERR */
}

static int do_read(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    struct folio *folio;
    int err =
        drive_fault_error(mm_get_page(job->mm, a->va, ACCESS_READ, &folio));

    if (!err && a->flag)
        err =
            load_tagged(d, job->mm, a, memory_folio_pfn(d->config.mem, folio));
    if (err)
        return err;
    job->result->byte =
        memory_folio_bytes(d->config.mem, folio)[page_offset(a->va)];
    return a->expect && job->result->byte != a->value ? -EBADMSG : 0;
}

/* -------------------------------------------------------------- processes */

static int do_fork(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->fork(d->config.ctx, job->mm, job->action->child);
}

static int do_exit(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->exit(d->config.ctx, job->mm);
}

static int (*const table[VERB_NR])(struct drive *d,
                                   const struct drive_job *job) = {
    [VERB_SWAPOUT] = do_swapout,
    [VERB_MIGRATE] = do_migrate,
    [VERB_COMPACT] = drive_compact,
    [VERB_SWAPOFF] = do_swapoff,
    [VERB_SWAPON] = do_swapon,
    [VERB_FAIL] = do_fail,
    [VERB_CHECK] = do_check,
    [VERB_MMAP] = drive_mmap,
    [VERB_MUNMAP] = do_munmap,
    [VERB_MPROTECT] = do_mprotect,
    [VERB_MREMAP] = do_mremap,
    [VERB_MADVISE] = do_madvise,
    [VERB_TAG] = do_tag,
    [VERB_WRITE] = do_write,
    [VERB_READ] = do_read,
    [VERB_FORK] = do_fork,
    [VERB_EXIT] = do_exit,
    [VERB_SYNC] = drive_sync,
    [VERB_MLOCK] = do_mlock,
    [VERB_MUNLOCK] = do_munlock,
    [VERB_RECLAIM] = do_reclaim,
    [VERB_TRUNCATE] = drive_truncate,
    [VERB_PUNCH] = drive_punch,
    [VERB_PIN] = drive_pin,
    [VERB_UNPIN] = drive_unpin,
    [VERB_MOVE] = drive_move,
    [VERB_MBIND] = drive_mbind,
};

/* Actions on the machine, not on a process. */
static bool needs_process(const struct script_action *a)
{
    if (a->object && a->verb != VERB_MMAP)
        return false;
    switch (a->verb) {
    case VERB_RECLAIM:
    case VERB_SWAPOFF:
    case VERB_SWAPON:
    case VERB_FAIL:
    case VERB_COMPACT:
    case VERB_CHECK: return false;
    default: return true;
    }
}

/* The process at hand; NULL: the course of @at has none. */
static struct mm *at_mm(const struct drive_at *at)
{
    while (at && !at->mm)
        at = at->outer;
    return at ? at->mm : NULL;
}

bool drive_at_migrates(const struct drive_at *at)
{
    while (at && !at->migrating)
        at = at->outer;
    return at != NULL;
}

/* Are the areas of @mm locked by what the action runs in the course of? */
static bool holds_areas(const struct drive_at *at, const struct mm *mm)
{
    while (at && at->mm != mm)
        at = at->outer;
    return at != NULL;
}

static int start(struct drive *d, struct drive_job *job)
{
    const struct script_action *a = job->action;
    int err;

    if (!table[a->verb])
        return -ENOSYS;
    if (script_verb_locks_pages(a->verb) && drive_at_migrates(job->at))
        return -EDEADLK;
    if (!needs_process(a))
        return table[a->verb](d, job);
    job->mm = a->pid == 0 ? at_mm(job->at) : NULL;
    if (!job->mm)
        job->mm = drive_find_mm(d, a->pid);
    if (!job->mm)
        return -ESRCH;
    if (script_verb_locks(a->verb) && holds_areas(job->at, job->mm))
        return -EDEADLK;
    /* What runs in the course of it may end the process. */
    mm_get(job->mm);
    err = table[a->verb](d, job);
    mm_put(job->mm);
    return err;
}

/* Who it is that does this: that is said, or nobody, or who is at hand. */
static struct report_actor actor_of(const struct drive *d,
                                    const struct script_action *a,
                                    struct report_actor at_hand)
{
    uint32_t (*real)(uint32_t pid) = d->config.ops->real_pid;

    if (a->pid)
        return (struct report_actor){true, real ? real(a->pid) : a->pid};
    return needs_process(a) ? at_hand : (struct report_actor){.set = true};
}

struct drive_result drive_do(struct drive *d,
                             const struct script_action *action,
                             const struct drive_at *at)
{
    struct drive_result result = {0};
    struct drive_job job = {.action = action, .at = at, .result = &result};
    struct report *report = memory_report(d->config.mem);
    struct report_actor was;

    was = report_set_actor(report, (struct report_actor){0});
    (void)report_set_actor(report, actor_of(d, action, was));
    result.err = start(d, &job);
    (void)report_set_actor(report, was);
    return result;
}
