// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <unistd.h>

#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "mm/folio.h"
#include "mm/vma.h"

/*
 * Source: linux v6.2 fs/proc/task_mmu.c pte_to_pagemap_entry(), and
 *         Documentation/admin-guide/mm/pagemap.rst
 */

#define PM_MMAP_EXCLUSIVE   (UINT64_C(1) << 56)
#define PM_FILE             (UINT64_C(1) << 61)
#define PM_GUARD_REGION     (UINT64_C(1) << 58)
#define PM_SWAP             (UINT64_C(1) << 62)
#define PM_PRESENT          (UINT64_C(1) << 63)
#define MAX_SWAPFILES_SHIFT 5
#define BATCH               512 /* entries written at once */

static uint64_t page_flags(const struct folio *folio, bool migration)
{
    return (folio_test(folio, PG_anon) ? 0 : PM_FILE) |
           (!migration && folio->mapcount == 1 ? PM_MMAP_EXCLUSIVE : 0);
}

static uint64_t entry_of(const struct machine *m, pte_t pte)
{
    const struct phys *ph = memory_phys(m->mem);
    swp_entry_t entry;
    uint64_t offset, flags = 0;

    if (pte_present(pte)) {
        flags = PM_PRESENT | pte_pfn(pte);
        if (pte_special(pte)) /* no struct page: the zero page */
            return flags;
        return flags | page_flags(phys_folio(ph, pte_pfn(pte)), false);
    }
    entry = pte_to_swp_entry(pte);
    if (is_migration_entry(entry)) {
        offset = migration_entry_pfn(entry);
        return PM_SWAP | swp_type(entry) | offset << MAX_SWAPFILES_SHIFT |
               page_flags(phys_folio(ph, (pfn_t)offset), true);
    }
    offset = swp_offset(entry);
    if (is_guard_entry(entry) && memory_policy(m->mem)->guard_files)
        flags |= PM_GUARD_REGION;
    return flags | PM_SWAP | swp_type(entry) | offset << MAX_SWAPFILES_SHIFT;
}

/* Entries of neighbouring pages, until there are enough of them. */
struct batch {
    const struct machine *m;
    int memfd;
    unsigned nr;
    off_t at;
    uint64_t words[BATCH];
};

static int flush(struct batch *b)
{
    size_t len = b->nr * sizeof(b->words[0]);

    b->nr = 0;
    return len == 0 || pwrite(b->memfd, b->words, len, b->at) == (ssize_t)len
               ? 0
               : -EIO;
}

static int add(struct batch *b, gva_t va, uint64_t word)
{
    off_t at = (off_t)(va >> PAGE_SHIFT) * 8;
    int err = 0;

    if (b->nr == BATCH || at != b->at + (off_t)b->nr * 8)
        err = flush(b);
    if (b->nr == 0)
        b->at = at;
    b->words[b->nr++] = htobe64(word);
    return err;
}

static int add_entry(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    struct batch *b = ctx;

    (void)mm;
    return add(b, va, entry_of(b->m, *ptep));
}

int proc_fill_pagemap(struct machine *m, struct task *t, int memfd,
                      uint64_t offset, uint64_t len)
{
    uint64_t first = offset / 8, last = first + len / 8; /* exclusive */
    static const struct pgtable_ops ops = {.present = add_entry,
                                           .swap = add_entry};
    struct batch b = {.m = m, .memfd = memfd};
    const struct vma *vma;
    int err = 0;

    if (!t->process->mm || len == 0 || offset >= PAGEMAP_BYTES)
        return 0;
    vma = vma_find(t->process->mm, first << PAGE_SHIFT);
    for (; !err && vma && vma->start >> PAGE_SHIFT < last;
         vma = vma_next(vma)) {
        gva_t va = first << PAGE_SHIFT, end = vma->end;

        if (va < vma->start)
            va = vma->start;
        if (end >> PAGE_SHIFT > last)
            end = last << PAGE_SHIFT;
        err = pgtable_walk(t->process->mm, va, end, &ops, &b);
    }
    return err ? err : flush(&b);
}
