/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/pte.h - one page-table entry: present, none, swap, migration or marker
 *
 * Owns:    the bit layout of pte_t and swp_entry_t
 * Used by: mm/, swap/, migrate/, adi/, check/, script/, emu/linux/
 * Source:  linux v6.2 arch/sparc/include/asm/pgtable_64.h (sun4v TTE),
 *          include/linux/swapops.h
 */
#pragma once

#include "mm/types.h"

#define PTE_VALID    (UINT64_C(1) << 63)
#define PTE_MODIFIED (UINT64_C(1) << 61)
#define PTE_ACCESSED (UINT64_C(1) << 60)
#define PTE_READ     (UINT64_C(1) << 59)
#define PTE_WRITE    (UINT64_C(1) << 58) /* software: writes are allowed */
#define PTE_SPECIAL  (UINT64_C(1) << 57) /* no struct page: the zero page */
#define PTE_MCD      UINT64_C(0x200)     /* version tags are checked */
#define PTE_EXEC     UINT64_C(0x080)
#define PTE_W        UINT64_C(0x040) /* hardware: a store needs no trap */
#define PTE_PRESENT  UINT64_C(0x010)
#define PTE_PADDR    UINT64_C(0x00ffffffffffe000)

/* Bits of a present entry that come from the area's protection. */
#define PTE_PROT_BITS                                                          \
    (PTE_VALID | PTE_PRESENT | PTE_READ | PTE_WRITE | PTE_EXEC | PTE_MCD)

static inline bool pte_none(pte_t p)
{
    return p.v == 0;
}

static inline bool pte_present(pte_t p)
{
    return (p.v & PTE_PRESENT) != 0;
}

/* Present, and not PROT_NONE: the hardware may use it. */
static inline bool pte_accessible(pte_t p)
{
    return pte_present(p) && (p.v & PTE_VALID) != 0;
}

static inline bool pte_same(pte_t a, pte_t b)
{
    return a.v == b.v;
}

static inline bool pte_write(pte_t p)
{
    return (p.v & PTE_WRITE) != 0;
}

static inline bool pte_dirty(pte_t p)
{
    return (p.v & PTE_MODIFIED) != 0;
}

static inline bool pte_young(pte_t p)
{
    return (p.v & PTE_ACCESSED) != 0;
}

static inline bool pte_exec(pte_t p)
{
    return (p.v & PTE_EXEC) != 0;
}

static inline bool pte_mcd(pte_t p)
{
    return (p.v & PTE_MCD) != 0;
}

static inline bool pte_special(pte_t p)
{
    return (p.v & PTE_SPECIAL) != 0;
}

/* May the hardware store through this entry without a trap? */
static inline bool pte_hw_write(pte_t p)
{
    return (p.v & PTE_W) != 0;
}

static inline pfn_t pte_pfn(pte_t p)
{
    return (pfn_t)((p.v & PTE_PADDR) >> PAGE_SHIFT);
}

static inline pte_t pte_mkyoung(pte_t p)
{
    return (pte_t){p.v | PTE_ACCESSED};
}

static inline pte_t pte_mkold(pte_t p)
{
    return (pte_t){p.v & ~PTE_ACCESSED};
}

/* The hardware bit follows write and dirty, as since the fix of 2023. */
static inline pte_t pte_sync_w(pte_t p)
{
    uint64_t both = PTE_WRITE | PTE_MODIFIED;

    return (pte_t){(p.v & both) == both ? p.v | PTE_W : p.v & ~PTE_W};
}

static inline pte_t pte_mkdirty(pte_t p)
{
    return pte_sync_w((pte_t){p.v | PTE_MODIFIED});
}

static inline pte_t pte_mkclean(pte_t p)
{
    return pte_sync_w((pte_t){p.v & ~PTE_MODIFIED});
}

static inline pte_t pte_mkwrite(pte_t p)
{
    return pte_sync_w((pte_t){p.v | PTE_WRITE});
}

static inline pte_t pte_wrprotect(pte_t p)
{
    return pte_sync_w((pte_t){p.v & ~PTE_WRITE});
}

static inline pte_t pte_mkspecial(pte_t p)
{
    return (pte_t){p.v | PTE_SPECIAL};
}

/* mk_pte - an entry for frame @pfn with the protection bits of @prot */
static inline pte_t mk_pte(pfn_t pfn, pte_t prot)
{
    return pte_sync_w((pte_t){((uint64_t)pfn << PAGE_SHIFT) | prot.v});
}

/*
 * pte_modify - give @p the protection of @prot, keep frame, young, dirty
 *
 * The MCD bit is part of the protection: mprotect() switches it at once.
 * Source: arch/sparc/include/asm/pgtable_64.h pte_modify()
 */
static inline pte_t pte_modify(pte_t p, pte_t prot)
{
    uint64_t keep = PTE_PADDR | PTE_MODIFIED | PTE_ACCESSED | PTE_SPECIAL;

    return pte_sync_w((pte_t){(p.v & keep) | (prot.v & PTE_PROT_BITS)});
}

/* ------------------------------------------------------------------ swap */

#define SWP_TYPE_SHIFT   PAGE_SHIFT
#define SWP_TYPE_BITS    8
#define SWP_OFFSET_SHIFT (SWP_TYPE_SHIFT + SWP_TYPE_BITS)

#define SWP_MAX_FILES           23 /* types 0..22 are swap devices */
#define SWP_MIGRATION_READ      28
#define SWP_MIGRATION_READ_EXCL 29
#define SWP_MIGRATION_WRITE     30
#define SWP_MARKER              31

#define MARKER_SWAPIN_ERROR 1 /* a read from the device failed: SIGBUS */
#define MARKER_GUARD        2 /* MADV_GUARD_INSTALL: SIGSEGV */

/* Software bit of a swap PTE: the page was AnonExclusive when it left. */
#define PTE_SWP_EXCLUSIVE (UINT64_C(1) << 0)

static inline swp_entry_t swp_entry(unsigned type, uint64_t offset)
{
    return (swp_entry_t){((uint64_t)type << SWP_TYPE_SHIFT) |
                         (offset << SWP_OFFSET_SHIFT)};
}

static inline unsigned swp_type(swp_entry_t e)
{
    return (e.v >> SWP_TYPE_SHIFT) & ((1u << SWP_TYPE_BITS) - 1);
}

static inline uint64_t swp_offset(swp_entry_t e)
{
    return e.v >> SWP_OFFSET_SHIFT;
}

/* Offset 0 of every device is its header, so no entry is all zero. */
static inline bool swp_valid(swp_entry_t e)
{
    return e.v != 0;
}

static inline pte_t swp_entry_to_pte(swp_entry_t e)
{
    return (pte_t){e.v};
}

static inline swp_entry_t pte_to_swp_entry(pte_t p)
{
    return (swp_entry_t){p.v & ~PTE_SWP_EXCLUSIVE};
}

static inline bool pte_swp_exclusive(pte_t p)
{
    return (p.v & PTE_SWP_EXCLUSIVE) != 0;
}

static inline pte_t pte_swp_mkexclusive(pte_t p)
{
    return (pte_t){p.v | PTE_SWP_EXCLUSIVE};
}

static inline pte_t pte_swp_clear_exclusive(pte_t p)
{
    return (pte_t){p.v & ~PTE_SWP_EXCLUSIVE};
}

static inline bool is_swap_pte(pte_t p)
{
    return !pte_none(p) && !pte_present(p);
}

/* A slot of a swap device, as against a migration entry or a marker. */
static inline bool non_swap_entry(swp_entry_t e)
{
    return swp_type(e) >= SWP_MAX_FILES;
}

static inline bool is_migration_entry(swp_entry_t e)
{
    return swp_type(e) >= SWP_MIGRATION_READ &&
           swp_type(e) <= SWP_MIGRATION_WRITE;
}

static inline bool is_writable_migration_entry(swp_entry_t e)
{
    return swp_type(e) == SWP_MIGRATION_WRITE;
}

static inline bool is_readable_migration_entry(swp_entry_t e)
{
    return swp_type(e) == SWP_MIGRATION_READ;
}

/*
 * Offset of a migration entry: the frame, plus one so that it is never 0,
 * and above the bits of a frame number those of the PTE (SWP_MIG_*_BIT).
 */
#define SWP_PFN_BITS  40
#define SWP_MIG_YOUNG (UINT64_C(1) << SWP_PFN_BITS)
#define SWP_MIG_DIRTY (UINT64_C(1) << (SWP_PFN_BITS + 1))

static inline swp_entry_t make_migration_entry(unsigned type, pfn_t pfn)
{
    return swp_entry(type, (uint64_t)pfn + 1);
}

/* The same entry with other rights. */
static inline swp_entry_t migration_entry_to(unsigned type, swp_entry_t e)
{
    return swp_entry(type, swp_offset(e));
}

static inline pfn_t migration_entry_pfn(swp_entry_t e)
{
    return (pfn_t)((swp_offset(e) & (SWP_MIG_YOUNG - 1)) - 1);
}

static inline swp_entry_t make_migration_entry_young(swp_entry_t e)
{
    return swp_entry(swp_type(e), swp_offset(e) | SWP_MIG_YOUNG);
}

static inline swp_entry_t make_migration_entry_dirty(swp_entry_t e)
{
    return swp_entry(swp_type(e), swp_offset(e) | SWP_MIG_DIRTY);
}

static inline bool is_migration_entry_young(swp_entry_t e)
{
    return (swp_offset(e) & SWP_MIG_YOUNG) != 0;
}

static inline bool is_migration_entry_dirty(swp_entry_t e)
{
    return (swp_offset(e) & SWP_MIG_DIRTY) != 0;
}

static inline bool is_marker_entry(swp_entry_t e)
{
    return swp_type(e) == SWP_MARKER;
}

/* handle_pte_marker(): PTE_MARKER_POISONED, a page that could not be read */
static inline bool is_poison_entry(swp_entry_t e)
{
    return is_marker_entry(e) && swp_offset(e) == MARKER_SWAPIN_ERROR;
}

static inline bool is_guard_entry(swp_entry_t e)
{
    return is_marker_entry(e) && swp_offset(e) == MARKER_GUARD;
}

static inline bool is_guard_pte(pte_t pte)
{
    return is_swap_pte(pte) && is_guard_entry(pte_to_swp_entry(pte));
}

static inline bool is_poison_pte(pte_t pte)
{
    return is_swap_pte(pte) && is_poison_entry(pte_to_swp_entry(pte));
}
