// SPDX-License-Identifier: GPL-2.0-or-later
#include "mm/protect.h"

#include <errno.h>

#include "mm/internal.h"
#include "mm/mmap.h"
#include "mm/populate.h"

/* can_change_pte_writable(): spare the program a write fault. */
static bool can_change_writable(const struct vma *vma, pte_t pte)
{
    if (!(vma->flags & VM_WRITE))
        return false;
    if (vma->flags & VM_SHARED)
        return pte_dirty(pte);
    if (pte_special(pte))
        return false;
    return folio_test(pte_folio(vma->mm, pte), PG_anon_exclusive);
}

/* change_pte_range(), one entry. */
static int change_present(void *ctx, struct mm *mm, gva_t addr,
                          const pte_t *ptep)
{
    struct vma *vma = ctx;
    pte_t old = mm_clear_pte(mm, addr, ptep);
    pte_t pte = pte_modify(old, vma->page_prot);

    if (!pte_write(pte) && can_change_writable(vma, pte))
        pte = pte_mkwrite(pte);
    mm_set_pte(mm, addr, ptep, pte);
    if (pte_mcd(pte) && !pte_mcd(old))
        mm_event_visible(vma, addr, pte, PATH_MPROTECT);
    return 0;
}

/* A page that comes back from migration must not come back writable. */
static int change_migration(void *ctx, struct mm *mm, gva_t addr,
                            const pte_t *ptep)
{
    swp_entry_t entry = pte_to_swp_entry(*ptep);
    const struct folio *folio;

    (void)ctx;
    if (!is_migration_entry(entry) || !is_writable_migration_entry(entry))
        return 0;
    folio = phys_folio(mm->mem->phys, migration_entry_pfn(entry));
    entry =
        migration_entry_to(folio_test(folio, PG_anon) ? SWP_MIGRATION_READ_EXCL
                                                      : SWP_MIGRATION_READ,
                           entry);
    mm_set_pte(mm, addr, ptep, swp_entry_to_pte(entry));
    return 0;
}

/* change_protection() */
static void change_range(struct vma *vma, gva_t start, gva_t end)
{
    static const struct pgtable_ops ops = {.present = change_present,
                                           .swap = change_migration};

    (void)pgtable_walk(vma->mm, start, end, &ops, vma);
}

/* mprotect_fixup() for the part [start, end) of @vma. */
static int protect_part(struct vma *vma, gva_t start, gva_t end,
                        vm_flags_t flags)
{
    vm_flags_t old = vma->flags;
    uint64_t pages = (end - start) >> PAGE_SHIFT;
    int err;

    if (old == flags)
        return 0;
    /* What becomes data counts as such. */
    if (flags & VM_WRITE && !mm_may_expand(vma->mm, flags, pages) &&
        mm_may_expand(vma->mm, old, pages))
        return -ENOMEM;
    err = vma_modify(vma, start, end, flags, &vma->policy, &vma);
    if (err)
        return err;
    vma_set_flags(vma, flags);
    change_range(vma, start, end);
    /* Copied now, the program is spared the faults. */
    if ((old & (VM_WRITE | VM_SHARED | VM_LOCKED)) == VM_LOCKED &&
        flags & VM_WRITE)
        mm_populate(vma->mm, start, end);
    return 0;
}

static vm_flags_t new_flags(const struct vma *vma, vm_flags_t arch_bits,
                            unsigned prot)
{
    vm_flags_t flags = vma->flags & ~(VM_ACCESS_FLAGS | VM_SPARC_ADI);

    return flags | arch_bits | (prot & PROT_G_READ ? VM_READ : 0) |
           (prot & PROT_G_WRITE ? VM_WRITE : 0) |
           (prot & PROT_G_EXEC ? VM_EXEC : 0);
}

unsigned mm_implied_prot(const struct mm *mm, unsigned prot)
{
    const struct memory *mem = mm->mem;

    if (!(prot & PROT_G_READ) || !mem->current->read_implies_exec ||
        !mem->current->read_implies_exec(mem->current_ctx))
        return prot;
    return prot | PROT_G_EXEC;
}

int mm_mprotect(struct mm *mm, gva_t addr, uint64_t len, unsigned prot)
{
    const struct arch_ops *arch = mm->mem->arch;
    void *ctx = mm->mem->arch_ctx;
    gva_t end = addr + page_align_up(len);
    struct vma *vma;

    /* sparc_validate_prot() */
    if (prot &
        ~(PROT_G_READ | PROT_G_WRITE | PROT_G_EXEC | PROT_G_SEM | PROT_G_ADI))
        return -EINVAL;
    if (addr & ~PAGE_MASK)
        return -EINVAL;
    if (len == 0)
        return 0;
    if (end <= addr)
        return -ENOMEM;
    prot = mm_implied_prot(mm, prot);
    vma = vma_find(mm, addr);
    if (!vma || vma->start > addr)
        return -ENOMEM;
    while (addr < end) {
        gva_t part_end;
        vm_flags_t flags;
        int err;

        if (!vma || vma->start > addr)
            return -ENOMEM;
        part_end = vma->end < end ? vma->end : end;
        /* Turns checks on for the process before anything can fail. */
        flags = new_flags(vma, arch->calc_vm_prot_bits(ctx, mm, prot), prot);
        if ((flags & ~(flags >> 4)) & VM_ACCESS_FLAGS)
            return -EACCES;
        if (!arch->validate_flags(ctx, flags))
            return -EINVAL;
        err = protect_part(vma, addr, part_end, flags);
        if (err)
            return err;
        addr = part_end;
        vma = vma_find(mm, addr);
    }
    return 0;
}
