/*
 * mm/vma.h - areas of an address space
 *
 * Owns:    the sorted list of areas of one mm; finding, merging, splitting
 * Used by: mm/ changes areas; other layers only read struct vma
 * Source:  linux v6.2 mm/mmap.c, include/linux/mm.h (VM_* values)
 */
#pragma once

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
#define VM_MIXEDMAP    UINT64_C(0x10000000)
#define VM_MERGEABLE   UINT64_C(0x80000000)

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
    struct mm *mm;                   /* borrowed */
    struct mapping *mapping;         /* counted; NULL for private anonymous */
    struct anon_vma *anon_vma;       /* NULL until the first anonymous page */
    struct anon_vma_chain *chain;    /* owned */
    struct vma *map_prev, *map_next; /* areas of @mapping */
    pte_t page_prot;
    struct mempolicy policy;
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
struct vma *vma_next(const struct vma *vma);
struct vma *vma_prev(const struct vma *vma);

/* First area of @mm, or NULL. */
struct vma *vma_first(struct mm *mm);

/*
 * vma_create - a new area, not yet part of its mm
 *
 * @mapping gains a reference.  Returns NULL when the host has no memory.
 */
struct vma *vma_create(struct mm *mm, gva_t start, gva_t end, vm_flags_t flags,
                       struct mapping *mapping, uint64_t pgoff);

/* vma_destroy - drop an area that is not part of its mm any more */
void vma_destroy(struct vma *vma);

/* vma_insert - 0, or -ENOMEM: the host has no memory */
MUST_CHECK int vma_insert(struct vma *vma);

/* sysctl_max_map_count: areas; munmap() may pass it for a moment */
#define MAX_MAP_COUNT 65530

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

/*
 * vma_merge_neighbours - join @vma with equal areas on either side
 *
 * Returns the area that now covers what @vma covered.
 * Source: mm/mmap.c vma_merge(), can_vma_merge_after/before()
 */
struct vma *vma_merge_neighbours(struct vma *vma);

/* vma_set_flags - and the page_prot that follows from them */
void vma_set_flags(struct vma *vma, vm_flags_t flags);

/* vma_resize - move the ends of an area in place; keeps order */
void vma_resize(struct vma *vma, gva_t start, gva_t end, uint64_t pgoff);

/*
 * vm_get_page_prot - protection bits of a PTE in an area
 *
 * Source: arch/sparc/mm/init_64.c vm_get_page_prot(), protection_map:
 *         private writable areas start without write permission
 */
pte_t vm_get_page_prot(vm_flags_t flags);
