#include "mm/vma.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mm/internal.h"
#include "mm/mapping.h"
#include "mm/rmap.h"

/* Position of the first area that ends after @addr; nr_vmas when none. */
static size_t find_pos(const struct mm *mm, gva_t addr)
{
    size_t low = 0, high = mm->nr_vmas;

    if (mm->vma_cache < mm->nr_vmas) {
        const struct vma *vma = mm->vmas[mm->vma_cache];

        if (vma->start <= addr && addr < vma->end)
            return mm->vma_cache;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (mm->vmas[mid]->end > addr)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

struct vma *vma_find(struct mm *mm, gva_t addr)
{
    size_t pos = find_pos(mm, addr);

    if (pos == mm->nr_vmas)
        return NULL;
    mm->vma_cache = pos;
    return mm->vmas[pos];
}

struct vma *vma_lookup(struct mm *mm, gva_t addr)
{
    struct vma *vma = vma_find(mm, addr);

    return vma && vma->start <= addr ? vma : NULL;
}

struct vma *vma_next(const struct vma *vma)
{
    return vma_find(vma->mm, vma->end);
}

struct vma *vma_prev(const struct vma *vma)
{
    size_t pos = find_pos(vma->mm, vma->start);

    return pos > 0 ? vma->mm->vmas[pos - 1] : NULL;
}

size_t vma_count(const struct mm *mm)
{
    return mm->nr_vmas;
}

struct vma *vma_first(struct mm *mm)
{
    return mm->nr_vmas ? mm->vmas[0] : NULL;
}

pte_t vm_get_page_prot(vm_flags_t flags)
{
    pte_t prot = {PTE_PRESENT}; /* PROT_NONE: there, but not valid */

    if (flags & VM_ACCESS_FLAGS)
        prot.v |= PTE_VALID | PTE_READ;
    /* A private page starts read-only: the first store copies it. */
    if ((flags & (VM_WRITE | VM_SHARED)) == (VM_WRITE | VM_SHARED))
        prot.v |= PTE_WRITE;
    if (flags & VM_EXEC)
        prot.v |= PTE_EXEC;
    if (flags & VM_SPARC_ADI)
        prot.v |= PTE_MCD;
    return prot;
}

void vma_set_flags(struct vma *vma, vm_flags_t flags)
{
    vma->flags = flags;
    vma->mm->mem->changes++;
    /* vma_wants_writenotify(): the first store to a page is to be seen. */
    if (vma->mapping && mapping_can_writeback(vma->mapping))
        flags &= ~VM_SHARED;
    vma->page_prot = vm_get_page_prot(flags);
}

struct vma *vma_create(struct mm *mm, gva_t start, gva_t end, vm_flags_t flags,
                       struct mapping *mapping, uint64_t pgoff)
{
    struct vma *vma = calloc(1, sizeof(*vma));

    if (!vma)
        return NULL;
    vma->mm = mm;
    vma->start = start;
    vma->end = end;
    vma->pgoff = pgoff;
    vma->mapping = mapping;
    if (mapping) {
        mapping_get(mapping);
        mapping_link_vma(mapping, vma);
    }
    vma_set_flags(vma, flags);
    return vma;
}

void vma_destroy(struct vma *vma)
{
    unlink_anon_vmas(vma);
    if (vma->mapping) {
        mapping_unlink_vma(vma->mapping, vma);
        mapping_put(vma->mapping);
    }
    free(vma);
}

/* Tell the oracle what a shared area shows; private ones need no word. */
static void event_shared(const struct vma *vma, enum event_kind kind)
{
    if (vma->flags & VM_MAYSHARE)
        mm_event(vma->mm, &(struct event){.kind = kind,
                                          .va = vma->start,
                                          .end = vma->end,
                                          .to = vma->pgoff,
                                          .buf = mapping_id(vma->mapping)});
}

int vma_insert(struct vma *vma)
{
    struct mm *mm = vma->mm;
    size_t pos = find_pos(mm, vma->start);

    if (mm->nr_vmas == mm->cap_vmas) {
        size_t cap = mm->cap_vmas ? mm->cap_vmas * 2 : 16;
        struct vma **vmas = realloc(mm->vmas, cap * sizeof(*vmas));

        if (!vmas)
            return -ENOMEM;
        mm->vmas = vmas;
        mm->cap_vmas = cap;
    }
    INVARIANT(pos == mm->nr_vmas || mm->vmas[pos]->start >= vma->end);
    memmove(&mm->vmas[pos + 1], &mm->vmas[pos],
            (mm->nr_vmas - pos) * sizeof(*mm->vmas));
    mm->vmas[pos] = vma;
    mm->nr_vmas++;
    mm->total_vm += vma_pages(vma);
    if (vma->flags & VM_LOCKED)
        mm->locked_vm += vma_pages(vma);
    event_shared(vma, EV_SHARE);
    return 0;
}

void vma_remove(struct vma *vma)
{
    struct mm *mm = vma->mm;
    size_t pos = find_pos(mm, vma->start);

    INVARIANT(pos < mm->nr_vmas && mm->vmas[pos] == vma);
    mm_update_hiwater_vm(mm);
    event_shared(vma, EV_UNSHARE);
    mm->mem->changes++;
    memmove(&mm->vmas[pos], &mm->vmas[pos + 1],
            (mm->nr_vmas - pos - 1) * sizeof(*mm->vmas));
    mm->nr_vmas--;
    mm->total_vm -= vma_pages(vma);
    if (vma->flags & VM_LOCKED)
        mm->locked_vm -= vma_pages(vma);
}

void vma_resize(struct vma *vma, gva_t start, gva_t end, uint64_t pgoff)
{
    struct mm *mm = vma->mm;
    uint64_t pages = vma_pages(vma);

    mm_update_hiwater_vm(mm);
    event_shared(vma, EV_UNSHARE);
    mm->mem->changes++;
    vma->start = start;
    vma->end = end;
    vma->pgoff = pgoff;
    mm->total_vm += vma_pages(vma) - pages;
    if (vma->flags & VM_LOCKED)
        mm->locked_vm += vma_pages(vma) - pages;
    event_shared(vma, EV_SHARE);
}

int vma_split_to_unmap(struct vma *vma, gva_t addr, bool new_below)
{
    uint64_t below = (addr - vma->start) >> PAGE_SHIFT;
    gva_t start = vma->start, end = vma->end;
    uint64_t pgoff = vma->pgoff;
    struct vma *made;
    int err;

    INVARIANT(addr > start && addr < end);
    made = new_below ? vma_create(vma->mm, start, addr, vma->flags,
                                  vma->mapping, pgoff)
                     : vma_create(vma->mm, addr, end, vma->flags, vma->mapping,
                                  pgoff + below);
    if (!made)
        return -ENOMEM;
    made->policy = vma->policy;
    err = anon_vma_clone(made, vma);
    if (err)
        goto destroy;
    if (new_below)
        vma_resize(vma, addr, end, pgoff + below);
    else
        vma_resize(vma, start, addr, pgoff);
    err = vma_insert(made);
    if (err)
        goto grow_back;
    return 0;

grow_back:
    vma_resize(vma, start, end, pgoff);
destroy:
    vma_destroy(made);
    return err;
}

int vma_split(struct vma *vma, gva_t addr, bool new_below)
{
    if (vma_count(vma->mm) >= MAX_MAP_COUNT)
        return -ENOMEM;
    return vma_split_to_unmap(vma, addr, new_below);
}

/* can_vma_merge_after(): may @b, which follows @a, be joined to it? */
static bool can_merge(const struct vma *a, const struct vma *b)
{
    return a && b && a->end == b->start && a->flags == b->flags &&
           a->mapping == b->mapping && b->pgoff == a->pgoff + vma_pages(a) &&
           mpol_equal(&a->policy, &b->policy) && anon_vma_compatible(a, b);
}

/* Join @b to @a, which precedes it.  Host memory short: leave them be. */
static struct vma *merge(struct vma *a, struct vma *b)
{
    gva_t end = b->end;

    if (!a->anon_vma && b->anon_vma && anon_vma_clone(a, b) != 0)
        return NULL;
    vma_remove(b);
    vma_destroy(b);
    vma_resize(a, a->start, end, a->pgoff);
    return a;
}

struct vma *vma_merge_neighbours(struct vma *vma)
{
    struct vma *prev = vma_prev(vma);
    struct vma *next, *joined;

    if (can_merge(prev, vma)) {
        joined = merge(prev, vma);
        if (joined)
            vma = joined;
    }
    next = vma_next(vma);
    if (can_merge(vma, next))
        (void)merge(vma, next);
    return vma;
}
