// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages that are in memory: out to swap, to another frame; frames, devices.
 */
#include <string.h>

#include "adi/adi.h"
#include "adi/tags.h"
#include "migrate/migrate.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/vma.h"
#include "script/internal.h"
#include "swap/cache.h"
#include "swap/reclaim.h"
#include "swap/swap.h"

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

int drive_swapout(struct drive *d, const struct drive_job *job)
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

int drive_migrate(struct drive *d, const struct drive_job *job)
{
    for_each_folio(d, job, migrate_one);
    return 0;
}

int drive_reclaim(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    nodemask_t nodes = a->has_node ? (nodemask_t)1 << a->node : NODES_ALL;

    job->result->found = a->nr;
    job->result->done = swap_reclaim(d->config.swap, (unsigned)a->nr, nodes);
    return 0;
}

/* As a process that has all that is free, sets its tags, stores, and ends. */
int drive_churn(struct drive *d, const struct drive_job *job)
{
    struct phys *ph = memory_phys(d->config.mem);
    uint8_t left = job->action->value;

    phys_churn(ph, left);
    for (pfn_t pfn = 1; pfn < phys_nr_frames(ph); pfn++) {
        if (phys_folio(ph, pfn)->refcount > 0)
            continue;
        memset(tagmem_page(adi_tagmem(d->config.adi), pfn), left,
               ADI_TAGS_PER_PAGE);
        job->result->done++;
    }
    job->result->found = job->result->done;
    return 0;
}

/* ----------------------------------------------------- devices, failures */

int drive_swapoff(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->swap_off(d->config.ctx, job->action->device);
}

int drive_swapon(struct drive *d, const struct drive_job *job)
{
    return d->config.ops->swap_on(d->config.ctx, job->action->device,
                                  job->action->priority);
}

int drive_fail(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;

    if (a->fail == FAIL_TAGSTORE)
        adi_fail_alloc(d->config.adi, a->nr);
    else
        d->config.ops->fail_swap(d->config.ctx, a->fail == FAIL_SWAPWRITE,
                                 a->nr);
    return 0;
}
