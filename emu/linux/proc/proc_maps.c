// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "emu/linux/ipc/shm.h"
#include "emu/linux/mm/mapfile.h"
#include "emu/linux/proc/procfs.h"
#include "emu/linux/sched/process.h"
#include "mm/folio.h"
#include "mm/mapping.h"
#include "mm/vma.h"

/*
 * Source: linux v6.2 fs/proc/task_mmu.c: show_map_vma(), show_smap(),
 *         smaps_pte_entry(), smaps_account(), show_smap_vma_flags()
 */

#define NAME_COLUMN 72 /* 25 + 6 * sizeof(void *) - 1, and a blank */
#define PSS_SHIFT   12
#define KIB(bytes)  ((uint64_t)(bytes) >> 10)

/* ---------------------------------------------------------------- maps */

/* What is behind an area: device, inode and a name; "" when it has none. */
struct behind {
    unsigned major, minor;
    uint64_t ino, offset;
    char name[4096];
};

static void behind_mapping(const struct machine *m,
                           const struct mapping *mapping, struct behind *b)
{
    const struct shm_segment *seg = shm_by_mapping(m->ipc, mapping);
    struct file_map_info info;

    if (file_maps_info(m->file_maps, mapping, &info)) {
        b->major = major(info.dev);
        b->minor = minor(info.dev);
        b->ino = info.ino;
        snprintf(b->name, sizeof(b->name), "%s", info.path);
        return;
    }
    /* shmem of the kernel's own mount. */
    b->minor = 1;
    b->ino = seg ? (uint64_t)seg->perm.id : mapping_id(mapping);
    if (seg)
        snprintf(b->name, sizeof(b->name), "/SYSV%08" PRIx32 " (deleted)",
                 seg->name);
    else
        strcpy(b->name, "/dev/zero (deleted)");
}

void proc_mapping_name(const struct machine *m, const struct mapping *mapping,
                       FILE *out)
{
    struct behind b = {0};

    behind_mapping(m, mapping, &b);
    fputs(b.name, out);
}

static const char *special_name(const struct task *t, const struct vma *vma)
{
    gva_t start_brk, brk;

    mm_get_brk(vma->mm, &start_brk, &brk);
    if (vma->start <= brk && vma->end >= start_brk)
        return "[heap]";
    if (vma->start <= t->process->layout.start_stack &&
        vma->end >= t->process->layout.start_stack)
        return "[stack]";
    return "";
}

static void show_map_vma(const struct machine *m, const struct task *t,
                         const struct vma *vma, FILE *out)
{
    struct behind b = {.offset = vma->mapping ? vma->pgoff << PAGE_SHIFT : 0};
    int width;

    if (vma->mapping)
        behind_mapping(m, vma->mapping, &b);
    else
        strcpy(b.name, special_name(t, vma));
    width = fprintf(out,
                    "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64
                    " %02x:%02x %" PRIu64 " ",
                    vma->start, vma->end, vma->flags & VM_READ ? 'r' : '-',
                    vma->flags & VM_WRITE ? 'w' : '-',
                    vma->flags & VM_EXEC ? 'x' : '-',
                    vma->flags & VM_MAYSHARE ? 's' : 'p', b.offset, b.major,
                    b.minor, b.ino);
    if (b.name[0]) {
        fprintf(out, "%*s", width < NAME_COLUMN ? NAME_COLUMN - width : 0, "");
        fputc(' ', out);
        for (const char *p = b.name; *p; p++)
            if (*p == '\n')
                fputs("\\012", out);
            else
                fputc(*p, out);
    }
    fputc('\n', out);
}

PROC_SHOW(proc_show_maps)
{
    const struct vma *vma = t->process->mm ? vma_first(t->process->mm) : NULL;

    for (; vma; vma = vma_next(vma))
        show_map_vma(m, t, vma, out);
    return 0;
}

/* --------------------------------------------------------------- smaps */

/* struct mem_size_stats, in bytes; the shares in 1/4096 of one */
struct sizes {
    const struct machine *m;
    const struct vma *vma;
    uint64_t resident, anonymous, lazyfree, referenced, swap;
    uint64_t shared_clean, shared_dirty, private_clean, private_dirty;
    uint64_t pss, pss_dirty, pss_locked, swap_pss;
};

static void account_page(struct sizes *s, const struct folio *folio, bool young,
                         bool dirty, bool locked, bool migration)
{
    bool shared = !migration && folio->mapcount >= 2;
    uint64_t share = PAGE_SIZE << PSS_SHIFT;

    dirty = dirty || folio_test(folio, PG_dirty);
    if (folio_test(folio, PG_anon)) {
        s->anonymous += PAGE_SIZE;
        if (!folio_test(folio, PG_swapbacked) && !dirty)
            s->lazyfree += PAGE_SIZE;
    }
    s->resident += PAGE_SIZE;
    if (young || folio_test(folio, PG_referenced))
        s->referenced += PAGE_SIZE;
    if (shared)
        share /= (unsigned)folio->mapcount;
    s->pss += share;
    s->pss_locked += locked ? share : 0;
    s->pss_dirty += dirty ? share : 0;
    if (dirty)
        *(shared ? &s->shared_dirty : &s->private_dirty) += PAGE_SIZE;
    else
        *(shared ? &s->shared_clean : &s->private_clean) += PAGE_SIZE;
}

static int account_present(void *ctx, struct mm *mm, gva_t va,
                           const pte_t *ptep)
{
    struct sizes *s = ctx;
    const struct phys *ph = memory_phys(s->m->mem);
    bool locked = (s->vma->flags & VM_LOCKED) != 0;

    (void)mm, (void)va;
    if (!pte_special(*ptep))
        account_page(s, phys_folio(ph, pte_pfn(*ptep)), pte_young(*ptep),
                     pte_dirty(*ptep), locked, false);
    return 0;
}

static int account_swap(void *ctx, struct mm *mm, gva_t va, const pte_t *ptep)
{
    struct sizes *s = ctx;
    const struct phys *ph = memory_phys(s->m->mem);
    bool locked = (s->vma->flags & VM_LOCKED) != 0;
    swp_entry_t entry = pte_to_swp_entry(*ptep);

    (void)mm, (void)va;
    if (is_migration_entry(entry)) {
        account_page(s, phys_folio(ph, migration_entry_pfn(entry)), false,
                     false, locked, true);
    } else if (!non_swap_entry(entry)) {
        unsigned count = swap_entry_count(s->m->swap, entry);

        s->swap += PAGE_SIZE;
        s->swap_pss += (PAGE_SIZE << PSS_SHIFT) / (count >= 2 ? count : 1);
    }
    return 0;
}

/*
 * shmem_swap_usage(): pages of the object that are in swap.  A private area
 * has pages of its own in their place, where its entry is not none.
 */
static uint64_t shmem_swapped(const struct vma *vma)
{
    bool own = !(vma->flags & VM_SHARED) && vma->flags & VM_WRITE;
    uint64_t index = vma->pgoff, sum = 0;
    swp_entry_t entry;

    for (; mapping_next_entry(vma->mapping, &index, &entry); index++) {
        gva_t va = vma->start + ((index - vma->pgoff) << PAGE_SHIFT);
        const pte_t *ptep;

        if (index - vma->pgoff >= vma_pages(vma))
            break;
        ptep = own ? mm_pte(vma->mm, va) : NULL;
        if (!ptep || pte_none(*ptep))
            sum += PAGE_SIZE;
    }
    return sum;
}

static void show_sizes(const struct sizes *s, FILE *out)
{
    const struct {
        const char *name;
        uint64_t kib;
    } lines[] = {
        {"Rss:            ", KIB(s->resident)},
        {"Pss:            ", KIB(s->pss >> PSS_SHIFT)},
        {"Pss_Dirty:      ", KIB(s->pss_dirty >> PSS_SHIFT)},
        {"Shared_Clean:   ", KIB(s->shared_clean)},
        {"Shared_Dirty:   ", KIB(s->shared_dirty)},
        {"Private_Clean:  ", KIB(s->private_clean)},
        {"Private_Dirty:  ", KIB(s->private_dirty)},
        {"Referenced:     ", KIB(s->referenced)},
        {"Anonymous:      ", KIB(s->anonymous)},
        {"LazyFree:       ", KIB(s->lazyfree)},
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        fprintf(out, "%s%8" PRIu64 " kB\n", lines[i].name, lines[i].kib);
    /* There are no huge pages of any kind. */
    fputs("AnonHugePages:         0 kB\n"
          "ShmemPmdMapped:        0 kB\n"
          "FilePmdMapped:         0 kB\n"
          "Shared_Hugetlb:        0 kB\n"
          "Private_Hugetlb:       0 kB\n",
          out);
    fprintf(out,
            "Swap:           %8" PRIu64 " kB\n"
            "SwapPss:        %8" PRIu64 " kB\n"
            "Locked:         %8" PRIu64 " kB\n",
            KIB(s->swap), KIB(s->swap_pss >> PSS_SHIFT),
            KIB(s->pss_locked >> PSS_SHIFT));
}

static void show_vma_flags(vm_flags_t flags, FILE *out)
{
    /* In order of their bits. */
    static const struct {
        vm_flags_t bit;
        const char *name;
    } names[] = {
        {VM_READ, "rd"},       {VM_WRITE, "wr"},       {VM_EXEC, "ex"},
        {VM_SHARED, "sh"},     {VM_MAYREAD, "mr"},     {VM_MAYWRITE, "mw"},
        {VM_MAYEXEC, "me"},    {VM_MAYSHARE, "ms"},    {VM_GROWSDOWN, "gd"},
        {VM_PFNMAP, "pf"},     {VM_LOCKED, "lo"},      {VM_DONTCOPY, "dc"},
        {VM_DONTEXPAND, "de"}, {VM_LOCKONFAULT, "lf"}, {VM_NORESERVE, "nr"},
        {VM_SPARC_ADI, "ar"},  {VM_WIPEONFORK, "wf"},  {VM_DONTDUMP, "dd"},
        {VM_MIXEDMAP, "mm"},   {VM_MERGEABLE, "mg"},
    };

    fputs("VmFlags: ", out);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (flags & names[i].bit)
            fprintf(out, "%s ", names[i].name);
    fputc('\n', out);
}

PROC_SHOW(proc_show_smaps)
{
    static const struct pgtable_ops ops = {.present = account_present,
                                           .swap = account_swap};
    const struct vma *vma = t->process->mm ? vma_first(t->process->mm) : NULL;

    for (; vma; vma = vma_next(vma)) {
        struct sizes s = {.m = m, .vma = vma};

        (void)pgtable_walk(t->process->mm, vma->start, vma->end, &ops, &s);
        if (vma->mapping && mapping_is_shmem(vma->mapping))
            s.swap += shmem_swapped(vma);
        show_map_vma(m, t, vma, out);
        fprintf(out,
                "Size:           %8" PRIu64 " kB\n"
                "KernelPageSize: %8" PRIu64 " kB\n"
                "MMUPageSize:    %8" PRIu64 " kB\n",
                KIB(vma->end - vma->start), KIB(PAGE_SIZE), KIB(PAGE_SIZE));
        show_sizes(&s, out);
        fputs("THPeligible:    0\n", out);
        show_vma_flags(vma->flags, out);
    }
    return 0;
}
