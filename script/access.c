// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a program does to pages: it sets tags, stores, loads.  First as an
 * action of a script, then as instructions of a process.
 */
#include <errno.h>
#include <string.h>

#include "adi/adi.h"
#include "adi/match.h"
#include "adi/tags.h"
#include "check/check.h"
#include "event/hub.h"
#include "judge/judge.h"
#include "judge/mismatch.h"
#include "mm/mm.h"
#include "mm/populate.h"
#include "mm/vma.h"
#include "script/internal.h"

/* As the stores of tags to one page, or to one block of it. */
static int tag_page(struct drive *d, struct mm *mm, gva_t va,
                    const struct script_action *a)
{
    unsigned first = a->has_block ? a->block : 0;
    unsigned end = a->has_block ? first + 1 : ADI_TAGS_PER_PAGE;
    struct memory *mem = d->config.mem;
    struct judge *judge = d->config.judge;
    struct folio *folio;
    adi_tag_t *tags;
    uint32_t by;
    pfn_t pfn;
    int err = drive_access(mm, va, ACCESS_WRITE, &folio);

    if (err)
        return err;
    if (!pte_mcd(*mm_pte(mm, va)))
        return -EOPNOTSUPP; /* SIGILL */
    pfn = memory_folio_pfn(mem, folio);
    tags = tagmem_page(adi_tagmem(d->config.adi), pfn);
    by = judge_save_stack(judge, &(struct call_stack){0});
    for (unsigned i = first; i < end; i++) {
        tags[i] = a->value;
        judge_tag_store(judge, mm_id(mm), va + i * ADI_BLKSZ, a->value, by);
    }
    folio_clear(folio, PG_pristine);
    memory_tags_written(mem, pfn);
    return 0;
}

int drive_tag(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    uint64_t apart = a->every ? a->every : 1;
    int err = 0;

    job->result->found = (a->pages - 1) / apart + 1;
    for (uint64_t i = 0; i < a->pages && !err; i += apart) {
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
    int err = drive_access(job->mm, va, ACCESS_WRITE, &folio);

    if (err)
        return err;
    memory_folio_bytes(mem, folio)[page_offset(va)] = job->action->value;
    folio_clear(folio, PG_pristine);
    memory_page_written(mem, memory_folio_pfn(mem, folio));
    return 0;
}

/* Where, only the line of the script says. */
static void tell_mismatch(const struct drive *d, struct mm *mm,
                          struct mismatch_access *a)
{
    a->mm = mm_id(mm);
    a->precise = true;
    mismatch_look_around(d->config.adi, mm, a);
    judge_mismatch(d->config.judge, a, &(struct call_stack){0});
    if (d->config.check)
        (void)check_mismatch(d->config.check, mm, a->va);
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
    tell_mismatch(d, mm, &(struct mismatch_access){.va = pointer, .bytes = 1});
    return -EFAULT; /* SEGV_ADIPERR */
}

/*
 * Would a load fault, and wait for the lock of the page table that a path
 * holds in the middle of which this is?  Where the hardware finds an entry it
 * asks for no lock; nor does who may not load there.
 */
static bool waits_for_table(const struct drive_job *job)
{
    gva_t va = job->action->va;
    const pte_t *ptep = mm_pte(job->mm, va);

    return !(ptep && pte_accessible(*ptep)) &&
           mm_may_fault(job->mm, va, ACCESS_READ) &&
           drive_at_half(job->at, job->mm, va, PMD_SHIFT);
}

int drive_read(struct drive *d, const struct drive_job *job)
{
    const struct script_action *a = job->action;
    struct folio *folio;
    int err = waits_for_table(job)
                  ? -EAGAIN
                  : drive_access(job->mm, a->va, ACCESS_READ, &folio);

    if (!err && a->flag)
        err =
            load_tagged(d, job->mm, a, memory_folio_pfn(d->config.mem, folio));
    if (err)
        return err;
    job->result->byte =
        memory_folio_bytes(d->config.mem, folio)[page_offset(a->va)];
    return a->expect && job->result->byte != a->value ? -EBADMSG : 0;
}

/* ---------------------------------------------------------- instructions */

/* An access within one block. */
struct block_access {
    struct mm *mm;
    uint64_t pointer;
    enum access kind;
};

/* The frame behind it. */
static int find_frame(const struct block_access *a, gva_t *va,
                      struct folio **folio)
{
    *va = adi_mm_enabled(a->mm) ? untagged_addr(a->pointer) : a->pointer;
    if (va_in_hole(*va))
        return -EFAULT;
    return drive_access(a->mm, *va, a->kind, folio);
}

static adi_tag_t *find_tag(const struct drive *d, gva_t va,
                           const struct folio *folio)
{
    pfn_t pfn = memory_folio_pfn(d->config.mem, folio);

    return &tagmem_page(adi_tagmem(d->config.adi),
                        pfn)[page_offset(va) / ADI_BLKSZ];
}

static int move_block(struct drive *d, const struct block_access *a, void *buf,
                      const void *from, size_t len)
{
    struct memory *mem = d->config.mem;
    struct folio *folio;
    uint8_t *bytes;
    gva_t va;
    int err = find_frame(a, &va, &folio);

    if (err)
        return err;
    if (pte_mcd(*mm_pte(a->mm, va)) &&
        !adi_match(*find_tag(d, va, folio), va_tag(a->pointer))) {
        tell_mismatch(d, a->mm,
                      &(struct mismatch_access){.va = a->pointer,
                                                .bytes = (unsigned)len,
                                                .store = from != NULL});
        return -EFAULT; /* SEGV_ADIPERR */
    }
    bytes = memory_folio_bytes(mem, folio) + page_offset(va);
    if (!from) {
        memcpy(buf, bytes, len);
        return 0;
    }
    memcpy(bytes, from, len);
    folio_clear(folio, PG_pristine);
    memory_page_written(mem, memory_folio_pfn(mem, folio));
    return 0;
}

/* The process at hand from here on; what others do meanwhile is theirs. */
static struct mm *enter(struct drive *d, uint32_t pid, struct hub_actor *was)
{
    struct hub_actor actor = {.set = true, .pid = pid};
    struct mm *mm = drive_find_mm(d, pid);

    if (!mm)
        return NULL;
    mm_get(mm); /* an event may end the process */
    *was = hub_set_actor(memory_hub(d->config.mem), actor);
    return mm;
}

static int leave(struct drive *d, struct mm *mm, struct hub_actor was,
                 int result)
{
    (void)hub_set_actor(memory_hub(d->config.mem), was);
    mm_put(mm);
    return result;
}

/* One of @buf and @from is NULL. */
static int move(struct drive *d, uint32_t pid, uint64_t pointer, uint8_t *buf,
                const uint8_t *from, size_t len)
{
    enum access kind = from ? ACCESS_WRITE : ACCESS_READ;
    struct hub_actor was;
    struct mm *mm = enter(d, pid, &was);
    size_t done = 0;
    int err = 0;

    if (!mm)
        return -ESRCH;
    err = drive_stopped(d) ? -EHOSTDOWN : 0;
    while (!err && done < len) {
        struct block_access a = {mm, pointer + done, kind};
        size_t piece = ADI_BLKSZ - a.pointer % ADI_BLKSZ;

        if (piece > len - done)
            piece = len - done;
        err = move_block(d, &a, buf ? buf + done : NULL,
                         from ? from + done : NULL, piece);
        done += piece;
    }
    return leave(d, mm, was, err);
}

int drive_load(struct drive *d, uint32_t pid, uint64_t pointer, void *buf,
               size_t len)
{
    return move(d, pid, pointer, buf, NULL, len);
}

int drive_store(struct drive *d, uint32_t pid, uint64_t pointer,
                const void *buf, size_t len)
{
    return move(d, pid, pointer, NULL, buf, len);
}

int drive_get_tag(struct drive *d, uint32_t pid, uint64_t pointer)
{
    struct hub_actor was;
    struct mm *mm = enter(d, pid, &was);
    struct block_access a = {mm, pointer, ACCESS_READ};
    struct folio *folio;
    gva_t va;
    int result;

    if (!mm)
        return -ESRCH;
    result = drive_stopped(d) ? -EHOSTDOWN : find_frame(&a, &va, &folio);
    if (!result)
        result = pte_mcd(*mm_pte(mm, va)) ? *find_tag(d, va, folio)
                                          : -EOPNOTSUPP; /* SIGILL */
    return leave(d, mm, was, result);
}
