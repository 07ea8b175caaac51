// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a program does to pages: it sets tags, stores, loads.
 */
#include <errno.h>

#include "adi/adi.h"
#include "adi/match.h"
#include "adi/tags.h"
#include "check/check.h"
#include "mm/mm.h"
#include "mm/populate.h"
#include "mm/vma.h"
#include "report/mismatch.h"
#include "report/report.h"
#include "script/internal.h"

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

int drive_tag(struct drive *d, const struct drive_job *job)
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

int drive_write(struct drive *d, const struct drive_job *job)
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

int drive_read(struct drive *d, const struct drive_job *job)
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
