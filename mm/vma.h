/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/vma.h - areas of an address space
 *
 * Owns:    the areas of one mm, in order; finding, merging, splitting
 * Used by: mm/ changes areas; all others only read struct vma
 * Source:  linux v6.2 mm/mmap.c, include/linux/mm.h (VM_* values)
 *
 * A call that merges may free any area next to the one it is given.  Who goes
 * on afterwards does so from an address, or from the area that the call
 * returns, never from one it had before.
 */
#pragma once

#include "mm/itree.h"
#include "mm/mempolicy.h"
#include "mm/pte.h"

struct mm;
struct anon_vma;
struct anon_vma_chain;
struct mapping;

#define VM_READ        UINT64_C(0x00000001)
#define VM_WRITE       UINT64_C(0x00000002)
#define VM_EXEC        UINT64_C(0x00000004)
#define VM_SHARED      UINT64_C(0x00000008)
#define VM_MAYREAD     UINT64_C(0x00000010)
#define VM_MAYWRITE    UINT64_C(0x00000020)
#define VM_MAYEXEC     UINT64_C(0x00000040)
#define VM_MAYSHARE    UINT64_C(0x00000080)
#define VM_GROWSDOWN   UINT64_C(0x00000100)
#define VM_PFNMAP      UINT64_C(0x00000400)
#define VM_LOCKED      UINT64_C(0x00002000)
#define VM_DONTCOPY    UINT64_C(0x00020000)
#define VM_DONTEXPAND  UINT64_C(0x00040000)
#define VM_LOCKONFAULT UINT64_C(0x00080000)
#define VM_NORESERVE   UINT64_C(0x00200000)
#define VM_SPARC_ADI   UINT64_C(0x01000000) /* VM_ARCH_1, VM_ARCH_CLEAR */
#define VM_WIPEONFORK  UINT64_C(0x02000000)
#define VM_DONTDUMP    UINT64_C(0x04000000)
#define VM_MIXEDMAP    UINT64_C(0x10000000)
#define VM_MERGEABLE   UINT64_C(0x80000000)

#define VM_LOCKED_MASK  (VM_LOCKED | VM_LOCKONFAULT)
#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)

/*
 * Written by mm/ only.  [start, end) is page aligned; @pgoff counts pages
 * in the mapping, or is start >> PAGE_SHIFT for a private anonymous area
 * when it was made, as rmap needs it.
 */
struct vma {
    gva_t start, end;
    vm_flags_t flags;
    uint64_t pgoff;
    struct mm *mm;                /* borrowed */
    struct mapping *mapping;      /* counted; NULL for private anonymous */
    struct anon_vma *anon_vma;    /* NULL until the first anonymous page */
    struct anon_vma_chain *chain; /* owned */
    struct itree_node by_page;    /* among the areas of @mapping */
    pte_t page_prot;
    struct mempolicy policy;

    /* Among the areas of @mm. */
    struct avl_node by_addr;
    struct vma *prev, *next;
    uint64_t gap_below; /* the largest free gap below it and its subtree */
};

static inline bool vma_is_cow(const struct vma *vma)
{
    return (vma->flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

static inline bool vma_is_anonymous(const struct vma *vma)
{
    return vma->mapping == NULL;
}

static inline uint64_t vma_pages(const struct vma *vma)
{
    return (vma->end - vma->start) >> PAGE_SHIFT;
}

/* linear_page_index() */
static inline uint64_t vma_index(const struct vma *vma, gva_t addr)
{
    return vma->pgoff + ((addr - vma->start) >> PAGE_SHIFT);
}

/* The first area that ends after @addr, or NULL. */
struct vma *vma_find(struct mm *mm, gva_t addr);

/* The area that contains @addr, or NULL. */
struct vma *vma_lookup(struct mm *mm, gva_t addr);

/* The area after @vma, or NULL. */
static inline struct vma *vma_next(const struct vma *vma)
{
    return vma->next;
}

static inline struct vma *vma_prev(const struct vma *vma)
{
    return vma->prev;
}

/* First and last area of @mm, or NULL. */
struct vma *vma_first(struct mm *mm);
struct vma *vma_last(struct mm *mm);

#define STACK_GUARD (UINT64_C(256) << PAGE_SHIFT) /* stack_guard_gap */

/* vm_start_gap - where it begins, with the gap that a stack keeps below it */
gva_t vm_start_gap(const struct vma *vma);

/*
 * vma_next_gap - the next area after @vma that has @bytes free below it
 *
 * Below it means down to the area before, less vm_start_gap().  NULL: none.
 */
struct vma *vma_next_gap(struct vma *vma, uint64_t bytes);

/*
 * vma_create - a new area, not yet part of its mm
 *
 * @mapping gains a reference.  Returns NULL when the host has no memory.
 */
struct vma *vma_create(struct mm *mm, gva_t start, gva_t end, vm_flags_t flags,
                       struct mapping *mapping, uint64_t pgoff);

/* vma_destroy - drop an area that is not part of its mm any more */
void vma_destroy(struct vma *vma);

/* vma_insert - make it part of its mm, where nothing is mapped */
void vma_insert(struct vma *vma);

/* sysctl_max_map_count: areas; munmap() may pass it for a moment */
#define MAX_MAP_COUNT 65530 /* unless memory_set_max_map_count() changed it */

/* mm->map_count */
size_t vma_count(const struct mm *mm);

/* vma_remove - take the area out of its mm; it is owned by the caller */
void vma_remove(struct vma *vma);

/*
 * vma_split - cut @vma at @addr
 *
 * @new_below: the new area is the lower part and @vma keeps the upper
 * Returns 0 or -ENOMEM with @vma unchanged: too many areas, or the host has
 * no memory.
 * Source: mm/mmap.c split_vma()
 */
MUST_CHECK int vma_split(struct vma *vma, gva_t addr, bool new_below);

/* vma_split_to_unmap - __split_vma(): the same, however many areas there are */
MUST_CHECK int vma_split_to_unmap(struct vma *vma, gva_t addr, bool new_below);

/* What an area is, or is to be. */
struct vma_range {
    gva_t start, end;
    vm_flags_t flags;
    struct mapping *mapping;
    uint64_t pgoff;
    const struct anon_vma *anon_vma;
    const struct mempolicy *policy;
};

/*
 * vma_merge - have neighbours cover [@r->start, @r->end), if they can
 *
 * The range is free, or part of one area that is about to become @r.
 * @prev: the area that begins before the range, or NULL
 * Returns the area that covers it now, or NULL with nothing changed.
 * Source: mm/mmap.c vma_merge()
 */
struct vma *vma_merge(struct mm *mm, struct vma *prev,
                      const struct vma_range *r);

/*
 * vma_merge_new - the same for a new range, which has no page yet
 *
 * Source: v6.1 mm/mmap.c mmap_region(); before that, vma_merge()
 */
struct vma *vma_merge_new(struct mm *mm, const struct vma_range *r);

/*
 * vma_modify - [start, end) of @vma is about to have @flags and @policy
 *
 * It is joined with neighbours that have them already, or else cut out.
 * @out: the area that covers it; the caller sets what is to change
 * Returns 0, or -ENOMEM with @vma perhaps cut, but nothing changed.
 * Source: what mprotect_fixup(), mlock_fixup(), madvise_update_vma() and
 *         mbind_range() have in common; v6.8 vma_modify()
 */
MUST_CHECK int vma_modify(struct vma *vma, gva_t start, gva_t end,
                          vm_flags_t flags, const struct mempolicy *policy,
                          struct vma **out);

/* vma_set_flags - with what follows: page_prot, and what is locked */
void vma_set_flags(struct vma *vma, vm_flags_t flags);

/* vma_resize - move the ends of an area in place; keeps order */
void vma_resize(struct vma *vma, gva_t start, gva_t end, uint64_t pgoff);
